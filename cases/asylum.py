"""Asylum: what passes between the team and the Commissione Territoriale (form F15).

The Commissione refers, the person agrees or not, the team meets her and reports, only if she agrees; the Commissione
decides. The numbers of the file are on the sheets.
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

ASSESSMENT, WORK, DOCUMENT, APPEAL = "T39", "T40", "T41", "T39a"
RECEIVER, SUBJECT = "commissione_territoriale", "relazione_ct"


class AsylumReferral(Base):
    """One referral of the Commissione and what became of it."""

    __tablename__ = "asylum_referral"
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    case_code: Mapped[str] = mapped_column(ForeignKey("case_file.code"), index=True)
    referred_on: Mapped[date]
    agreed: Mapped[bool]
    interviews: Mapped[int | None]
    outcome: Mapped[str | None] = mapped_column(Text)
    report_version: Mapped[int | None]
    communication_id: Mapped[str | None] = mapped_column(ForeignKey("communication.id"))
    decision: Mapped[str | None] = mapped_column(Text)
    decided_on: Mapped[date | None]
    appealed_on: Mapped[date | None]


def refer(db: Session, case_code: str, on: date, agreed: bool, *, by: str) -> AsylumReferral:
    """The Commissione has seen indicators and refers the person; if she agrees, T39 counts from this day."""
    casefile.check_not_future("referred_on", on)
    casefile.lock(db, case_code)
    referral = AsylumReferral(id=new_id(), case_code=case_code, referred_on=on, agreed=agreed)
    db.add(referral)
    if agreed:
        deadlines.record(db, case_code, ASSESSMENT, "referral", on, by=by)
    return _keep(db, referral, "asylum.referred", by=by, on=on, agreed=agreed)


def application(
    db: Session, case_code: str, formalised_on: date | None, registered_on: date | None, *, by: str
) -> list[deadlines.Deadline]:
    """The application's own dates: work after T40 from the formalisation, the document for T41 from registration."""
    known = {WORK: ("formalised_on", formalised_on), DOCUMENT: ("registered_on", registered_on)}
    return [
        deadlines.record(db, case_code, term_id, name, casefile.check_not_future(name, day), by=by)
        for term_id, (name, day) in known.items()
        if day is not None
    ]


def latest(db: Session, case_code: str) -> AsylumReferral:
    """The newest referral of a case."""
    query = select(AsylumReferral).where(AsylumReferral.case_code == case_code)
    found = db.scalar(query.order_by(AsylumReferral.referred_on.desc(), AsylumReferral.id.desc()).limit(1))
    if found is None:
        raise WrongOrder(N_("Prima registra la segnalazione della Commissione."))
    return found


def ask_time(db: Session, case_code: str, on: date, *, by: str) -> deadlines.Deadline:
    """A colleague has asked the Commissione for more time: T39 counts anew from this day."""
    referral = latest(db, case_code)
    _after(referral, "asked_on", on)
    _keep(db, referral, "asylum.time_asked", by=by, on=on)
    return deadlines.record(db, case_code, ASSESSMENT, "time_asked", on, by=by)


def assess(db: Session, case_code: str, outcome: str, interviews: int | None, *, by: str) -> AsylumReferral:
    """What the interviews came to (list `esito_valutazione`)."""
    codes.check("assessment_outcome", rights.ASSESSMENT_OUTCOMES, outcome)
    referral = latest(db, case_code)
    referral.outcome, referral.interviews = outcome, interviews
    return _keep(db, referral, "asylum.assessed", by=by, outcome=outcome)


def report(
    db: Session, case_code: str, on: date, version: int, channel: str, *, protocol: str | None = None, by: str
) -> AsylumReferral:
    """Record that a colleague gave the report to the Commissione; never without the person's consent."""
    referral = latest(db, case_code)
    _after(referral, "report_on", on)
    sent = permits.communicate(db, case_code, RECEIVER, SUBJECT, on, channel, protocol=protocol, by=by)
    referral.report_version, referral.communication_id = version, sent.id
    deadlines.settle(db, case_code, ASSESSMENT, on, by=by)
    return _keep(db, referral, "asylum.reported", by=by, on=on, version=version)


def decide(db: Session, case_code: str, decision: str, on: date, *, by: str) -> AsylumReferral:
    """What the Commissione decided (list `decisione_commissione`); a refusal may be appealed within T39a."""
    codes.check("ct_decision", rights.ASYLUM_DECISIONS, decision)
    referral = latest(db, case_code)
    _after(referral, "notified_on", on)
    referral.decision, referral.decided_on = decision, on
    deadlines.settle(db, case_code, ASSESSMENT, on, by=by)
    if decision == "rigetto":
        deadlines.record(db, case_code, APPEAL, "notification", on, office=casefile.get(db, case_code).province, by=by)
    return _keep(db, referral, "asylum.decided", by=by, decision=decision, on=on)


def appeal(db: Session, case_code: str, on: date, *, by: str) -> AsylumReferral:
    """The lawyer has appealed."""
    referral = latest(db, case_code)
    if referral.decided_on is None or on < referral.decided_on:
        raise InvalidForm({"appealed_on": [N_("Il ricorso viene dopo la notifica della decisione.")]})
    referral.appealed_on = casefile.check_not_future("appealed_on", on)
    deadlines.settle(db, case_code, APPEAL, on, by=by)
    return _keep(db, referral, "asylum.appealed", by=by, on=on)


def _after(referral: AsylumReferral, field: str, on: date) -> None:
    casefile.check_not_future(field, on)
    if on < referral.referred_on:
        raise InvalidForm({field: [N_("Questa data viene prima della segnalazione della Commissione.")]})


def _keep(db: Session, referral: AsylumReferral, verb: str, *, by: str, **facts: Any) -> AsylumReferral:
    db.flush()
    scope = casefile.scope_of(referral.case_code)
    log.append(db, verb, scope, by=by, case=referral.case_code, referral=referral.id, **facts)
    return referral
