"""Programmes: the adhesion to the programma unico (form F09) and the reports that it owes while it lasts.

Art. 26 and 27 DPR 394/1999: the person joins informed of what follows from an interruption or from conduct that does
not fit the programme; whoever heads the house (or the service, if she lives on her own) accepts the duties.
"""

from datetime import date
from typing import Any

from sqlalchemy import ForeignKey, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from cases import casefile, deadlines, terms
from cases.deadlines import Deadline
from core import calendar, log
from core.db import Base
from core.errors import N_, InvalidForm, WrongOrder
from core.ids import new_id

REPORT, CHECK = "T21", "T22"
TRANSITIONAL = ("T06", "T06p")


class Programme(Base):
    """One adhesion. Whoever comes back joins anew; the earlier one stays."""

    __tablename__ = "programme"
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    case_code: Mapped[str] = mapped_column(ForeignKey("case_file.code"), index=True)
    adhered_on: Mapped[date]
    accepted_on: Mapped[date]
    residential: Mapped[bool | None]
    guardian: Mapped[bool]
    language: Mapped[str | None] = mapped_column(Text)
    reported_on: Mapped[date | None]
    checked_on: Mapped[date | None]
    ended_on: Mapped[date | None]
    recorded_by: Mapped[str] = mapped_column(Text)


def adhere(
    db: Session,
    case_code: str,
    adhered_on: date,
    accepted_on: date,
    *,
    residential: bool | None = None,
    guardian: bool = False,
    language: str | None = None,
    by: str,
) -> Programme:
    """Record the adhesion and plan the first report and check. A minor joins with her guardian."""
    case = casefile.lock(db, case_code)
    casefile.check_not_future("adhesion_on", adhered_on)
    casefile.check_not_future("accepted_on", accepted_on)
    if case.victim_status == "non_vittima":
        raise WrongOrder(N_("Il programma unico è per chi ha lo stato di presunta o identificata (art. 18 c. 3-bis)."))
    if case.minor and not guardian:
        raise InvalidForm({"guardian_signed": [N_("Per una persona minorenne firma anche il tutore.")]})
    earlier = current(db, case_code)
    if earlier is not None:
        earlier.ended_on = adhered_on
    programme = Programme(id=new_id(), case_code=case_code, adhered_on=adhered_on, accepted_on=accepted_on)
    programme.residential, programme.guardian, programme.language = residential, guardian, language
    programme.recorded_by = by
    db.add(programme)
    db.flush()
    facts: dict[str, Any] = {"on": adhered_on, "residential": residential, "guardian": guardian, "language": language}
    log.append(db, "programme.begun", casefile.scope_of(case_code), by=by, case=case_code, **facts)
    for term in (REPORT, CHECK):
        deadlines.record(db, case_code, term, "adhesion", adhered_on, by=by)
    return programme


def report(db: Session, case_code: str, reported_on: date, checked_on: date | None, *, by: str) -> Deadline:
    """Record the six-monthly report (and the check of the local authority, if it took place) and plan the next one.

    Six months count again from the day on which the report was due, so that a late report does not shift the next.
    """
    casefile.check_not_future("report_on", reported_on)
    programme = current(db, case_code)
    if programme is None or reported_on < programme.adhered_on:
        raise InvalidForm({"report_on": [N_("La relazione viene dopo l'adesione al programma.")]})
    due = {each.term_id: each for each in deadlines.of_case(db, case_code, only_open=True)}
    programme.reported_on, programme.checked_on = reported_on, checked_on or programme.checked_on
    facts: dict[str, Any] = {"on": reported_on, "checked": checked_on}
    log.append(db, "programme.reported", casefile.scope_of(case_code), by=by, case=case_code, **facts)
    if checked_on is not None:
        _again(db, case_code, CHECK, due.get(CHECK), checked_on, by=by)
    return _again(db, case_code, REPORT, due.get(REPORT), reported_on, by=by)


def go_on(db: Session, case_code: str, on: date, *, by: str) -> list[Deadline]:
    """The soft date of the transitional programme has come for somebody who has joined: nothing ends, it is settled."""
    reached = [each for each in deadlines.of_case(db, case_code, only_open=True) if each.term_id in TRANSITIONAL]
    reached = [each for each in reached if each.due_on <= on]
    for each in reached:
        deadlines.settle(db, case_code, each.term_id, on, by=by)
    return reached


def end(db: Session, case_code: str, on: date, *, by: str) -> Programme | None:
    """The programme is over; what it owed is settled."""
    programme = current(db, case_code)
    if programme is None:
        return None
    programme.ended_on = on
    for term in (REPORT, CHECK):
        deadlines.settle(db, case_code, term, on, by=by)
    log.append(db, "programme.ended", casefile.scope_of(case_code), by=by, case=case_code, on=on)
    return programme


def current(db: Session, case_code: str) -> Programme | None:
    """The programme of a case that is running."""
    return db.scalar(select(Programme).where(Programme.case_code == case_code, Programme.ended_on.is_(None)).limit(1))


def _again(db: Session, case_code: str, term_id: str, due: Deadline | None, on: date, *, by: str) -> Deadline:
    deadlines.settle(db, case_code, term_id, on, by=by)
    return deadlines.record(db, case_code, term_id, "previous", _reached(db, due) if due is not None else on, by=by)


def _reached(db: Session, due: Deadline) -> date:
    """The day to count the next one from: the one that the calendar gives, before it is moved off a holiday."""
    term = terms.get(db, due.term_id, due.term_version)
    if term.length is None or term.unit is None:
        return due.trigger_on
    return calendar.compute("VAL", calendar.Length(term.length, term.unit), due.trigger_on).due
