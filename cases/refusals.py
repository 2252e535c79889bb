"""Refusals: a title refused, revoked or shelved, until when one may appeal, and how the appeal ended.

The appeal has a peremptory term (T24) whose length, judge and summer suspension still have to be verified by a lawyer:
wherever the date stands, "da verificare" stands with it.
"""

from datetime import date
from typing import Any

from sqlalchemy import ForeignKey, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from cases import applications, casefile, codes, deadlines, permits
from core import log, vault
from core.db import Base
from core.errors import N_, InvalidForm, WrongOrder
from core.ids import new_id

APPEAL = "T24"


class Refusal(Base):
    """One decision against the person, and what was done about it."""

    __tablename__ = "refusal"
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    case_code: Mapped[str] = mapped_column(ForeignKey("case_file.code"), index=True)
    kind: Mapped[str] = mapped_column(Text)
    notified_on: Mapped[date]
    appeal_by: Mapped[date]
    appealed_on: Mapped[date | None]
    court: Mapped[str | None] = mapped_column(Text)
    register: Mapped[bytes | None]
    suspension_on: Mapped[date | None]
    legal_aid: Mapped[bool | None]
    outcome: Mapped[str | None] = mapped_column(Text)
    outcome_on: Mapped[date | None]
    recorded_by: Mapped[str] = mapped_column(Text)


def record(db: Session, case_code: str, kind: str, notified_on: date, *, by: str) -> Refusal:
    """Record the decision on the day of its notification: the application is answered, the days to appeal begin."""
    codes.check("refusal_kind", codes.REFUSAL_KINDS, kind)
    casefile.check_not_future("notified_on", notified_on)
    casefile.lock(db, case_code)
    known = open_(db, case_code)
    if known is not None and (known.kind, known.notified_on) == (kind, notified_on):
        return known
    if kind == "revoca":
        permits.revoke(db, case_code, notified_on, by=by)
    else:
        applications.settle(db, case_code, "refused", notified_on, by=by)
    deadline = deadlines.record(db, case_code, APPEAL, "notification", notified_on, by=by)
    made = Refusal(id=new_id(), case_code=case_code, kind=kind, notified_on=notified_on, recorded_by=by)
    made.appeal_by = deadline.due_on
    db.add(made)
    db.flush()
    _say(db, "refusal.recorded", made, by=by, on=notified_on, appeal_by=made.appeal_by)
    return made


def appeal(
    db: Session,
    case_code: str,
    appealed_on: date,
    court: str,
    *,
    register: str | None = None,
    suspension_on: date | None = None,
    legal_aid: bool | None = None,
    by: str,
) -> Refusal:
    """Record the appeal. An appeal after the term is recorded too: whether it is heard, the judge says."""
    codes.check("court", codes.COURTS, court)
    casefile.check_not_future("appealed_on", appealed_on)
    made = _open(db, case_code)
    if appealed_on < made.notified_on:
        raise InvalidForm({"appealed_on": [N_("Il ricorso viene prima della notifica.")]})
    if suspension_on is not None and suspension_on < made.notified_on:
        raise InvalidForm({"suspension_on": [N_("L'istanza di sospensione viene prima della notifica.")]})
    made.appealed_on, made.court, made.suspension_on, made.legal_aid = appealed_on, court, suspension_on, legal_aid
    words = (register or "").strip()
    scope = casefile.scope_of(case_code)
    made.register = vault.seal(db, scope, f"refusal.{made.id}.register", words) if words else None
    deadlines.settle(db, case_code, APPEAL, appealed_on, by=by)
    late = appealed_on > made.appeal_by
    _say(db, "refusal.appealed", made, by=by, on=appealed_on, court=court, suspension_on=suspension_on, late=late)
    return made


def accept(db: Session, case_code: str, on: date, *, by: str) -> Refusal:
    """The person, informed, does not appeal; the term is no longer waited for."""
    return _end(db, case_code, None, on, by=by)


def decide(db: Session, case_code: str, outcome: str, on: date, *, by: str) -> Refusal:
    """Record how the appeal ended."""
    codes.check("appeal_outcome", codes.APPEAL_OUTCOMES, outcome)
    return _end(db, case_code, outcome, on, by=by)


def open_(db: Session, case_code: str) -> Refusal | None:
    """The refusal about which something is still to be done."""
    query = select(Refusal).where(Refusal.case_code == case_code, Refusal.outcome_on.is_(None))
    return db.scalar(query.order_by(Refusal.notified_on.desc()).limit(1))


def list_(db: Session, case_code: str) -> list[Refusal]:
    """The refusals of a case, newest first."""
    query = select(Refusal).where(Refusal.case_code == case_code)
    return list(db.scalars(query.order_by(Refusal.notified_on.desc(), Refusal.id)))


def _end(db: Session, case_code: str, outcome: str | None, on: date, *, by: str) -> Refusal:
    casefile.check_not_future("outcome_on", on)
    made = _open(db, case_code)
    if on < (made.appealed_on or made.notified_on):
        raise InvalidForm({"outcome_on": [N_("L'esito viene prima del provvedimento.")]})
    made.outcome, made.outcome_on = outcome, on
    deadlines.settle(db, case_code, APPEAL, on, by=by)
    _say(db, "refusal.decided" if outcome else "refusal.accepted", made, by=by, outcome=outcome, on=on)
    return made


def _open(db: Session, case_code: str) -> Refusal:
    casefile.lock(db, case_code)
    found = open_(db, case_code)
    if found is None:
        raise WrongOrder(N_("Non c'è nessun diniego o revoca da seguire."))
    return found


def _say(db: Session, verb: str, made: Refusal, *, by: str, **facts: Any) -> None:
    facts |= {"refusal": made.id, "kind": made.kind}
    log.append(db, verb, casefile.scope_of(made.case_code), by=by, case=made.case_code, **facts)
