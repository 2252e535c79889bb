"""Agreements as people write them, and who is told when one comes to its end."""

from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from cases import access, agreements
from cases.access import Actor
from cases.agreements import Agreement
from core import users
from core.errors import N_, InvalidForm
from core.users import User
from tasks import directory, drafts, news
from tasks.fields import Translate
from tasks.forms import Submitted, Typed

FORM = "agreement"
DUE, OVER = "agreement_due", "agreement_over"


def values(db: Session, actor: Actor, agreement_id: str = "", renews: str = "") -> Typed:
    """What is written of an agreement, to be corrected; of one that is renewed everything but its days."""
    access.require(actor, "directory.change")
    asked = directory.form(db, FORM)
    if not agreement_id and not renews:
        return drafts.fill(asked, None)
    agreement = agreements.get(db, agreement_id or renews)
    names = [name for name in agreements.FACTS if agreement_id or name not in ("signed_on", "expires_on", "reference")]
    return drafts.fill(asked, {name: directory.typed(getattr(agreement, name)) for name in names})


def record(
    db: Session, actor: Actor, submitted: Submitted, renews: str = "", *, translate: Translate = str
) -> Agreement:
    """Write an agreement down, or the renewal of one. Raises InvalidForm with sentences by field."""
    access.require(actor, "directory.change")
    found = _answers(db, submitted, translate)
    return agreements.record(db, found, renews=renews or None, by=actor.user_id)


def amend(
    db: Session, actor: Actor, agreement_id: str, submitted: Submitted, *, translate: Translate = str
) -> Agreement:
    """Correct a slip. Raises InvalidForm with sentences by field."""
    access.require(actor, "directory.change")
    agreements.get(db, agreement_id)
    found = _answers(db, submitted, translate)
    return agreements.amend(db, agreement_id, found, by=actor.user_id)


def end(db: Session, actor: Actor, agreement_id: str, day: str) -> Agreement:
    """Somebody withdraws: it ends on this day."""
    access.require(actor, "directory.change")
    agreements.get(db, agreement_id)
    try:
        on = date.fromisoformat(day)
    except ValueError:
        raise InvalidForm({"ended_on": [N_("Scrivi un giorno.")]}) from None
    return agreements.end(db, agreement_id, on, by=actor.user_id)


def plan(db: Session, day: date) -> int:
    """Tell the coordinators of every agreement whose renewal should be thought of, and once more when it is over, in
    the digest of the morning; how many people. Planning twice is planning once."""
    told = 0
    for agreement in agreements.due(db, day):
        assert agreement.expires_on is not None  # noqa: S101 - only those that end are due
        kind = OVER if agreement.expires_on <= day else DUE
        for user in coordinators(db, agreement.post):
            key = f"{kind}-{agreement.id}-{agreement.expires_on}-{user.id}"
            told += news.tell(db, key, user.id, kind, about=f"agreement:{agreement.id}", by="clock")
    return told


def coordinators(db: Session, post: str) -> list[User]:
    """The coordinators of a post and those of the office."""
    return list(dict.fromkeys([*users.holders(db, "coordinator", post), *users.holders(db, "coordinator")]))


def _answers(db: Session, submitted: Submitted, translate: Translate) -> dict[str, Any]:
    found = directory.answers(db, FORM, submitted, translate)
    days = found.get("notice_days")
    return found | {"notice_days": int(days) if days is not None else None}
