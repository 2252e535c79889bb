"""Assisted voluntary return (RVA, art. 14-ter D.lgs. 286/1998; form F21): a free choice, after the risk was looked at.

The country is on the sheet: it would say too much here. The prefettura hears of it only with the person's consent.
"""

from datetime import date
from typing import Any

from sqlalchemy import ForeignKey, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from cases import casefile, codes, permits
from cases.codes import rights
from core import log
from core.db import Base
from core.errors import N_, InvalidForm, WrongOrder
from core.ids import new_id

RECEIVER, SUBJECT = "prefettura", "rva"


class VoluntaryReturn(Base):
    """One wish to go home and what came of it."""

    __tablename__ = "voluntary_return"
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    case_code: Mapped[str] = mapped_column(ForeignKey("case_file.code"), index=True)
    asked_on: Mapped[date]
    risk: Mapped[str | None] = mapped_column(Text)
    applied_on: Mapped[date | None]
    communication_id: Mapped[str | None] = mapped_column(ForeignKey("communication.id"))
    outcome: Mapped[str | None] = mapped_column(Text)
    left_on: Mapped[date | None]
    followed_up_on: Mapped[date | None]


def ask(db: Session, case_code: str, on: date, *, by: str) -> VoluntaryReturn:
    """The person says that she would like to go home."""
    casefile.check_not_future("asked_on", on)
    if casefile.lock(db, case_code).presumed_minor:
        raise WrongOrder(N_("Per un minore il rimpatrio lo decide il Tribunale per i minorenni (art. 8 L. 47/2017)."))
    found = VoluntaryReturn(id=new_id(), case_code=case_code, asked_on=on)
    db.add(found)
    return _keep(db, found, "return.asked", by=by, on=on)


def latest(db: Session, case_code: str) -> VoluntaryReturn:
    """The newest wish of a case."""
    query = select(VoluntaryReturn).where(VoluntaryReturn.case_code == case_code)
    found = db.scalar(query.order_by(VoluntaryReturn.asked_on.desc(), VoluntaryReturn.id.desc()).limit(1))
    if found is None:
        raise WrongOrder(N_("Prima registra la richiesta della persona."))
    return found


def weigh(db: Session, case_code: str, level: str, *, by: str) -> VoluntaryReturn:
    """The risk at home, as the team sees it."""
    codes.check("home_risk", codes.RISK_LEVELS, level)
    found = latest(db, case_code)
    found.risk = level
    return _keep(db, found, "return.weighed", by=by, level=level)


def apply(db: Session, case_code: str, on: date, channel: str, *, protocol: str | None, by: str) -> VoluntaryReturn:
    """Record that the application was sent; never without her consent, never before the risk was looked at."""
    found = latest(db, case_code)
    if found.risk is None:
        raise WrongOrder(N_("Prima valuta il rischio nel Paese in cui la persona tornerebbe."))
    _after(found, "applied_on", on, found.asked_on)
    sent = permits.communicate(db, case_code, RECEIVER, SUBJECT, on, channel, protocol=protocol, by=by)
    found.applied_on, found.communication_id = on, sent.id
    return _keep(db, found, "return.applied", by=by, on=on)


def settle(db: Session, case_code: str, outcome: str, left_on: date | None, *, by: str) -> VoluntaryReturn:
    """She left, she stays, or the programme was not granted (list `esito_rientro`)."""
    codes.check("return_outcome", rights.RETURN_OUTCOMES, outcome)
    found = latest(db, case_code)
    if left_on is not None:
        _after(found, "left_on", left_on, found.applied_on or found.asked_on)
    found.outcome, found.left_on = outcome, left_on
    return _keep(db, found, "return.settled", by=by, outcome=outcome)


def follow_up(db: Session, case_code: str, on: date, *, by: str) -> VoluntaryReturn:
    """Somebody asked how she is."""
    found = latest(db, case_code)
    _after(found, "followed_up_on", on, found.left_on or found.asked_on)
    found.followed_up_on = on
    return _keep(db, found, "return.followed_up", by=by, on=on)


def _after(found: VoluntaryReturn, field: str, on: date, earliest: date) -> None:
    casefile.check_not_future(field, on)
    if on < earliest:
        raise InvalidForm({field: [N_("Questa data viene prima del passo precedente.")]})


def _keep(db: Session, found: VoluntaryReturn, verb: str, *, by: str, **facts: Any) -> VoluntaryReturn:
    db.flush()
    log.append(db, verb, casefile.scope_of(found.case_code), by=by, case=found.case_code, wish=found.id, **facts)
    return found
