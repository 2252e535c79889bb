"""Agreements (convenzioni, protocolli) between a post and other bodies: parties, what for, since when, until when.

A renewal is a new agreement that names the one it renews; the old one stays. An agreement without an end has none.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ForeignKey, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from cases import codes, posts
from cases.bodies import Body
from core import clock, log
from core.db import Base
from core.errors import N_, InvalidForm, NotYours, WrongOrder
from core.ids import new_id

TEXTS = ("subject", "others", "reference")
FACTS = ("kind", "post", *TEXTS, "bodies", "signed_on", "expires_on", "notice_days")
MOST_DAYS = 730
LONGEST = 1000


class Agreement(Base):
    """One agreement. `bodies` are codes of the directory, `others` the names of who is not in it; `ended_on`: somebody
    withdrew before its end."""

    __tablename__ = "agreement"
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    post: Mapped[str] = mapped_column(ForeignKey("post.code"), index=True)
    subject: Mapped[str] = mapped_column(Text)
    bodies: Mapped[list[str]]
    others: Mapped[str | None] = mapped_column(Text)
    reference: Mapped[str | None] = mapped_column(Text)
    signed_on: Mapped[date]
    expires_on: Mapped[date | None] = mapped_column(index=True)
    notice_days: Mapped[int]
    renews: Mapped[str | None] = mapped_column(ForeignKey("agreement.id"), unique=True)
    ended_on: Mapped[date | None]
    written_by: Mapped[str] = mapped_column(Text)
    written_at: Mapped[datetime]

    @property
    def notice_on(self) -> date | None:
        """The day from which its renewal should be thought of."""
        return self.expires_on - timedelta(days=self.notice_days) if self.expires_on else None


def get(db: Session, agreement_id: str) -> Agreement:
    """The agreement with this id."""
    agreement = db.get(Agreement, agreement_id)
    if agreement is None:
        raise NotYours
    return agreement


def list_(db: Session) -> list[Agreement]:
    """Every agreement, what ends first at the head, what has no end last."""
    query = select(Agreement).order_by(Agreement.expires_on.is_(None), Agreement.expires_on, Agreement.subject)
    return list(db.scalars(query))


def renewal_of(db: Session, agreement_id: str) -> Agreement | None:
    """The agreement that renews this one."""
    return db.scalar(select(Agreement).where(Agreement.renews == agreement_id))


def is_running(db: Session, agreement: Agreement) -> bool:
    """Does it still need somebody's attention: not ended early and not renewed?"""
    return agreement.ended_on is None and renewal_of(db, agreement.id) is None


def due(db: Session, on: date) -> list[Agreement]:
    """The running agreements whose renewal should be thought of on a day, or that are over."""
    query = select(Agreement).where(Agreement.expires_on.is_not(None), Agreement.ended_on.is_(None))
    query = query.where(Agreement.expires_on <= on + timedelta(days=MOST_DAYS)).order_by(Agreement.expires_on)
    known = [each for each in db.scalars(query) if each.notice_on is not None and each.notice_on <= on]
    return [each for each in known if renewal_of(db, each.id) is None]


def record(db: Session, facts: Mapping[str, Any], *, renews: str | None = None, by: str) -> Agreement:
    """Write an agreement down, as the renewal of another one if that is given; each is renewed once."""
    values = _checked(db, facts)
    if renews is not None and not is_running(db, get(db, renews)):
        raise WrongOrder(N_("Questo accordo è già stato rinnovato, o è finito prima.")) from None
    agreement = Agreement(id=new_id(), renews=renews, written_by=by, written_at=clock.now(), **values)
    db.add(agreement)
    db.flush()
    _say(db, "agreement.recorded", agreement, by=by, renews=renews)
    return agreement


def amend(db: Session, agreement_id: str, facts: Mapping[str, Any], *, by: str) -> Agreement:
    """Correct what was written of an agreement; a new end agreed upon is a renewal, not a correction."""
    agreement, values = get(db, agreement_id), _checked(db, facts)
    changed = sorted(name for name, value in values.items() if getattr(agreement, name) != value)
    old = {"old_signed_on": agreement.signed_on, "old_expires_on": agreement.expires_on}
    for name in changed:
        setattr(agreement, name, values[name])
    if changed:
        _say(db, "agreement.amended", agreement, by=by, fields=changed, **old)
    return agreement


def end(db: Session, agreement_id: str, on: date, *, by: str) -> Agreement:
    """One of the parties withdraws: the agreement ends on this day and is waited for no more."""
    agreement = get(db, agreement_id)
    if not is_running(db, agreement):
        raise WrongOrder(N_("Questo accordo è già stato rinnovato, o è finito prima."))
    if on < agreement.signed_on:
        raise InvalidForm({"ended_on": [N_("La fine viene prima della firma.")]})
    agreement.ended_on = on
    _say(db, "agreement.ended", agreement, by=by, on=on)
    return agreement


def _checked(db: Session, facts: Mapping[str, Any]) -> dict[str, Any]:
    values = {name: (facts.get(name) or "").strip() or None for name in TEXTS}
    values |= {name: facts.get(name) for name in ("kind", "post", "signed_on", "expires_on", "notice_days")}
    values["bodies"] = list(dict.fromkeys(facts.get("bodies") or []))
    if wrong := _faults(db, values):
        raise InvalidForm(wrong)
    return values


def _faults(db: Session, values: Mapping[str, Any]) -> dict[str, list[str]]:
    wrong: dict[str, list[str]] = {}
    if values["kind"] not in codes.codes_of(codes.AGREEMENT_KINDS):
        wrong["kind"] = [N_("Scegli una voce dell'elenco.")]
    if not values["post"] or db.get(posts.Post, values["post"]) is None:
        wrong["post"] = [N_("Questa postazione non esiste o non è più attiva.")]
    if not values["subject"]:
        wrong["subject"] = [N_("Scrivi di che cosa tratta.")]
    known = set(db.scalars(select(Body.code).where(Body.code.in_(values["bodies"]))))
    if not (values["bodies"] or values["others"]) or set(values["bodies"]) - known:
        wrong["bodies"] = [N_("Scegli con chi è fatto l'accordo, oppure scrivilo qui sotto.")]
    if values["signed_on"] is None:
        wrong["signed_on"] = [N_("Scrivi il giorno della firma.")]
    elif values["expires_on"] is not None and values["expires_on"] < values["signed_on"]:
        wrong["expires_on"] = [N_("La fine viene prima della firma.")]
    days = values["notice_days"]
    if type(days) is not int or not 0 <= days <= MOST_DAYS:
        wrong["notice_days"] = [N_("Scrivi un numero di giorni tra 0 e 730.")]
    if any(len(values[name] or "") > LONGEST for name in TEXTS):
        wrong["subject"] = [N_("Al massimo mille caratteri.")]
    return wrong


def _say(db: Session, verb: str, agreement: Agreement, *, by: str, **facts: Any) -> None:
    span: dict[str, Any] = {"signed_on": agreement.signed_on, "expires_on": agreement.expires_on}
    log.append(db, verb, f"agreement:{agreement.id}", by=by, post=agreement.post, **span, **facts)
