"""Compensation of the State (art. 12 L. 228/2003; form F17): the day of the event decides the term and the amounts.

The terms are peremptory: after the last day the right is lost. The application goes to the Dipartimento per le pari
opportunità, by a human act and with the person's consent. Names of courts and lawyers are on the sheet.
"""

from datetime import date
from typing import Any

from sqlalchemy import ForeignKey, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from cases import casefile, codes, deadlines, permits
from cases.codes import rights
from core import log
from core.db import Base
from core.errors import N_, InvalidForm, WrongOrder
from core.ids import new_id

RECEIVER, SUBJECT = "dpo", "indennizzo"


class Compensation(Base):
    """One claim: the event it rests on, the term it had, what came of it. Amounts are whole euros."""

    __tablename__ = "compensation"
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    case_code: Mapped[str] = mapped_column(ForeignKey("case_file.code"), index=True)
    ground: Mapped[str] = mapped_column(Text)
    event_on: Mapped[date]
    term_id: Mapped[str] = mapped_column(Text)
    last_day: Mapped[date]
    most: Mapped[int]
    already_received: Mapped[int | None]
    applied_on: Mapped[date | None]
    communication_id: Mapped[str | None] = mapped_column(ForeignKey("communication.id"))
    outcome: Mapped[str | None] = mapped_column(Text)
    decided_on: Mapped[date | None]
    granted: Mapped[int | None]


def open_(
    db: Session, case_code: str, ground: str, event_on: date, term_id: str, most: int, *, by: str
) -> Compensation:
    """An event opens the term: `term_id` and the highest amount come from the table `compensation_term`."""
    codes.check("ground", rights.COMPENSATION_GROUNDS, ground)
    casefile.check_not_future("event_on", event_on)
    office = casefile.lock(db, case_code).province
    due = deadlines.record(db, case_code, term_id, "compensation", event_on, office=office, by=by)
    claim = Compensation(id=new_id(), case_code=case_code, ground=ground, event_on=event_on, term_id=term_id)
    claim.last_day, claim.most = due.due_on, most
    db.add(claim)
    return _keep(db, claim, "compensation.opened", by=by, ground=ground, on=event_on, last_day=due.due_on)


def latest(db: Session, case_code: str) -> Compensation:
    """The newest claim of a case."""
    query = select(Compensation).where(Compensation.case_code == case_code)
    found = db.scalar(query.order_by(Compensation.event_on.desc(), Compensation.id.desc()).limit(1))
    if found is None:
        raise WrongOrder(N_("Prima registra il fatto che apre il termine dell'indennizzo."))
    return found


def apply(
    db: Session, case_code: str, on: date, channel: str, already_received: int | None, *, protocol: str | None, by: str
) -> Compensation:
    """Record that the application was sent, in time and with the person's consent."""
    claim = latest(db, case_code)
    casefile.check_not_future("applied_on", on)
    if on < claim.event_on:
        raise InvalidForm({"applied_on": [N_("La domanda viene dopo il fatto che apre il termine.")]})
    if on > claim.last_day:
        raise InvalidForm({"applied_on": [LATE]})
    sent = permits.communicate(db, case_code, RECEIVER, SUBJECT, on, channel, protocol=protocol, by=by)
    claim.applied_on, claim.communication_id, claim.already_received = on, sent.id, already_received
    deadlines.settle(db, case_code, claim.term_id, on, by=by)
    return _keep(db, claim, "compensation.applied", by=by, on=on)


LATE = N_(
    "Il termine per la domanda è perentorio ed era già finito (art. 12 L. 228/2003): controlla la data; se è giusta, "
    "parlane con l'avvocato prima di scrivere altro."
)


def decide(db: Session, case_code: str, outcome: str, on: date, granted: int | None, *, by: str) -> Compensation:
    """What the Dipartimento answered; no more than the law gives on the day of the event (art. 12 c. 2-ter)."""
    codes.check("compensation_outcome", rights.COMPENSATION_OUTCOMES, outcome)
    claim = latest(db, case_code)
    casefile.check_not_future("decided_on", on)
    if claim.applied_on is None or on < claim.applied_on:
        raise InvalidForm({"decided_on": [N_("La risposta viene dopo la domanda.")]})
    if granted is not None and granted > claim.most:
        raise InvalidForm({"granted": [N_("La legge non dà tanto per un fatto di questo giorno (art. 12 c. 2-ter).")]})
    claim.outcome, claim.decided_on, claim.granted = outcome, on, granted
    return _keep(db, claim, "compensation.decided", by=by, outcome=outcome, on=on)


def _keep(db: Session, claim: Compensation, verb: str, *, by: str, **facts: Any) -> Compensation:
    db.flush()
    log.append(db, verb, casefile.scope_of(claim.case_code), by=by, case=claim.case_code, claim=claim.id, **facts)
    return claim
