"""Complaints in safety (denuncia sicura): what was explained, what the person decided, how she was heard.

Help does not depend on it. Nothing here tells an authority anything: the person goes herself, with whom she wants, when
she wants, or never. Whoever only saw or knows has the same way (witnesses). The words are on the sheets, class P5.
"""

from datetime import date
from typing import Any

from sqlalchemy import ForeignKey, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from cases import casefile, codes
from cases.codes import rights
from core import log
from core.db import Base
from core.errors import N_, InvalidForm, WrongOrder
from core.ids import new_id


class Complaint(Base):
    """One choice about going to the authorities, and what followed."""

    __tablename__ = "complaint"
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    case_code: Mapped[str] = mapped_column(ForeignKey("case_file.code"), index=True)
    role: Mapped[str] = mapped_column(Text)
    informed_on: Mapped[date]
    legal_aid: Mapped[str | None] = mapped_column(Text)
    choice: Mapped[str | None] = mapped_column(Text)
    chosen_on: Mapped[date | None]
    filed_on: Mapped[date | None]
    heard_on: Mapped[date | None]


def inform(db: Session, case_code: str, role: str, on: date, *, by: str) -> Complaint:
    """The consequences were explained, before anybody asked her to choose."""
    codes.check("crime_role", rights.CRIME_ROLES, role)
    casefile.check_not_future("informed_on", on)
    casefile.lock(db, case_code)
    complaint = Complaint(id=new_id(), case_code=case_code, role=role, informed_on=on)
    db.add(complaint)
    return _keep(db, complaint, "complaint.informed", by=by, on=on)


def latest(db: Session, case_code: str) -> Complaint:
    """The newest one of a case."""
    query = select(Complaint).where(Complaint.case_code == case_code)
    found = db.scalar(query.order_by(Complaint.informed_on.desc(), Complaint.id.desc()).limit(1))
    if found is None:
        raise WrongOrder(N_("Prima spiega alla persona che cosa comporta denunciare."))
    return found


def note_legal_aid(db: Session, case_code: str, state: str, *, by: str) -> Complaint:
    """Where the legal aid of the State stands (list `patrocinio`)."""
    codes.check("legal_aid", rights.LEGAL_AID, state)
    complaint = latest(db, case_code)
    complaint.legal_aid = state
    return _keep(db, complaint, "complaint.legal_aid", by=by)


def choose(db: Session, case_code: str, choice: str, on: date, *, by: str) -> Complaint:
    """Yes, no or not yet: her word, whatever the team hoped for."""
    codes.check("complaint_choice", rights.COMPLAINT_CHOICES, choice)
    complaint = latest(db, case_code)
    _after(complaint, "chosen_on", on, complaint.informed_on)
    complaint.choice, complaint.chosen_on = choice, on
    return _keep(db, complaint, "complaint.chosen", by=by, on=on)


def filed(db: Session, case_code: str, on: date, *, by: str) -> Complaint:
    """She went and said it; only after her own yes."""
    complaint = latest(db, case_code)
    if complaint.choice != "si" or complaint.chosen_on is None:
        raise WrongOrder(N_("La persona non ha detto di voler denunciare."))
    _after(complaint, "filed_on", on, complaint.chosen_on)
    complaint.filed_on = on
    return _keep(db, complaint, "complaint.filed", by=by, on=on)


def heard(db: Session, case_code: str, on: date, *, by: str) -> Complaint:
    """She was heard, with the protections of art. 398 c. 5-bis and 5-ter c.p.p."""
    complaint = latest(db, case_code)
    if complaint.filed_on is None:
        raise WrongOrder(N_("L'audizione viene dopo la denuncia."))
    _after(complaint, "heard_on", on, complaint.filed_on)
    complaint.heard_on = on
    return _keep(db, complaint, "complaint.heard", by=by, on=on)


def _after(complaint: Complaint, field: str, on: date, earliest: date) -> None:
    casefile.check_not_future(field, on)
    if on < earliest:
        raise InvalidForm({field: [N_("Questa data viene prima del passo precedente.")]})


def _keep(db: Session, complaint: Complaint, verb: str, *, by: str, **facts: Any) -> Complaint:
    db.flush()
    scope = casefile.scope_of(complaint.case_code)
    log.append(db, verb, scope, by=by, case=complaint.case_code, complaint=complaint.id, **facts)
    return complaint
