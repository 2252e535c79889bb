"""Minors: the guardian, the age and the day on which a person comes of age.

Whoever may be a minor is one until the doubt is settled (art. 19-bis c. 8 D.lgs. 142/2015). Documents come before any
assessment, the assessment states its margin of error, and while a complaint against the decree is pending its effects
wait. The birth date itself is sealed with the person; here stands only the day that everybody must keep in view.
"""

from datetime import date
from typing import Any

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, Session, mapped_column

from cases import casefile, codes, deadlines, persons, terms
from cases.codes import rights
from core import log
from core.db import Base
from core.errors import N_, InvalidForm, WrongOrder

IDENTIFICATION, RECEPTION, TRACING, ASSESSMENT, COMPLAINT = "T30", "T31", "T33", "T34", "T36"
OF_AGE, PROSIEGUO_ASKED_BY, PERMIT_AT_18, PROSIEGUO = "T37e", "T38p", "T37", "T38e"


class Minor(Base):
    """What is known of the minority of one case; `eighteen_on` is null while nobody knows the birth date."""

    __tablename__ = "minor"
    case_code: Mapped[str] = mapped_column(ForeignKey("case_file.code"), primary_key=True)
    received_on: Mapped[date | None]
    guardian_on: Mapped[date | None]
    age_status: Mapped[str] = mapped_column(Text)
    margin: Mapped[float | None]
    assessed_on: Mapped[date | None]
    decree_on: Mapped[date | None]
    complaint_on: Mapped[date | None]
    suspended: Mapped[bool] = mapped_column(default=False)
    eighteen_on: Mapped[date | None]
    prosieguo_asked_on: Mapped[date | None]
    prosieguo_until: Mapped[date | None]


def get(db: Session, case_code: str) -> Minor | None:
    """What is known of the minority of a case, or None if nobody wrote anything."""
    return db.get(Minor, case_code)


def has_guardian(db: Session, case_code: str, on: date) -> bool:
    """Was a guardian appointed by this day?"""
    minor = get(db, case_code)
    return minor is not None and minor.guardian_on is not None and minor.guardian_on <= on


def receive(db: Session, case_code: str, on: date, age_doubt: bool, *, by: str) -> Minor:
    """A minor, or somebody who may be one, is in reception from this day: T30 and T31 count from it."""
    casefile.check_not_future("received_on", on)
    case = casefile.note(db, case_code, age_doubt=age_doubt, by=by)
    if not age_doubt:
        case = casefile.note(db, case_code, minor=True, by=by)
    minor = get(db, case_code) or Minor(case_code=case_code, age_status="in_dubbio" if age_doubt else "non_in_dubbio")
    minor.received_on = on
    for term_id in (IDENTIFICATION, RECEPTION):
        deadlines.record(db, case_code, term_id, "reception", on, office=case.province, by=by)
    return _keep(db, minor, "minor.received", by=by, on=on, age_doubt=age_doubt)


def identify(db: Session, case_code: str, on: date, *, by: str) -> Minor:
    """The police have identified the minor (art. 19 c. 1 D.lgs. 142/2015)."""
    minor = _known(db, case_code, "identified_on", on)
    deadlines.settle(db, case_code, IDENTIFICATION, on, by=by)
    return _keep(db, minor, "minor.identified", by=by, on=on)


def leave_first_reception(db: Session, case_code: str, on: date, *, by: str) -> Minor:
    """The first reception is over: the minor lives in a place of the second one."""
    minor = _known(db, case_code, "moved_on", on)
    deadlines.settle(db, case_code, RECEPTION, on, by=by)
    return _keep(db, minor, "minor.first_reception_left", by=by, on=on)


def appoint_guardian(db: Session, case_code: str, on: date, *, by: str) -> Minor:
    """The court has appointed a guardian: from this day consents are asked anew."""
    minor = get(db, case_code) or Minor(case_code=case_code, age_status="non_in_dubbio")
    minor.guardian_on = casefile.check_not_future("guardian_on", on)
    return _keep(db, minor, "minor.guardian_appointed", by=by, on=on)


def interview(db: Session, case_code: str, on: date, trace: bool, *, by: str) -> Minor:
    """The first interview (art. 19-bis c. 1). The family is traced only if there is no risk and the minor agrees."""
    minor = _known(db, case_code, "interview_on", on)
    if trace:
        deadlines.record(db, case_code, TRACING, "interview", on, office=_office(db, case_code), by=by)
    return _keep(db, minor, "minor.interviewed", by=by, on=on, trace=trace)


def report_tracing(db: Session, case_code: str, on: date, *, by: str) -> Minor:
    """A colleague has sent the report on the family."""
    minor = _known(db, case_code, "tracing_on", on)
    deadlines.settle(db, case_code, TRACING, on, by=by)
    return _keep(db, minor, "minor.tracing_reported", by=by, on=on)


def order_assessment(db: Session, case_code: str, on: date, *, by: str) -> deadlines.Deadline:
    """The juvenile prosecutor has ordered the assessment of the age: T34 counts from the order."""
    minor = _known(db, case_code, "order_on", on)
    due = deadlines.record(db, case_code, ASSESSMENT, "order", on, office=_office(db, case_code), by=by)
    _keep(db, minor, "minor.assessment_ordered", by=by, on=on)
    return due


def assess(db: Session, case_code: str, on: date, margin: float, *, by: str) -> Minor:
    """The team's report, with the margin of error that the law asks for (art. 19-bis c. 7)."""
    minor = _known(db, case_code, "assessed_on", on)
    if not 0 < margin <= 10:
        raise InvalidForm({"margin": [N_("Scrivi il margine di errore in anni: la relazione lo deve dire.")]})
    minor.assessed_on, minor.margin = on, margin
    deadlines.settle(db, case_code, ASSESSMENT, on, by=by)
    return _keep(db, minor, "minor.assessed", by=by, on=on, margin=margin)


def decree(db: Session, case_code: str, on: date, *, by: str) -> Minor:
    """The court has spoken on the age. Until the decree is final the person stays presumed a minor."""
    minor = _known(db, case_code, "decree_on", on)
    if minor.assessed_on is not None and on < minor.assessed_on:
        raise InvalidForm({"decree_on": [N_("Il decreto viene dopo la relazione sull'età.")]})
    minor.decree_on = on
    return _keep(db, minor, "minor.decree", by=by, on=on)


def complain(db: Session, case_code: str, on: date, *, by: str) -> deadlines.Deadline:
    """Somebody appeals against the decree: its effects are suspended, the court decides by T36."""
    minor = _known(db, case_code, "complaint_on", on)
    if minor.decree_on is None or on < minor.decree_on:
        raise InvalidForm({"complaint_on": [N_("Il reclamo viene dopo il decreto sull'età.")]})
    minor.complaint_on, minor.suspended = on, True
    due = deadlines.record(db, case_code, COMPLAINT, "complaint", on, office=_office(db, case_code), by=by)
    _keep(db, minor, "minor.complaint", by=by, on=on)
    return due


def settle_age(db: Session, case_code: str, status: str, on: date, *, by: str) -> Minor:
    """The doubt is over: `minore` or `adulto` (list `stato_eta`)."""
    codes.check("age_outcome", rights.AGE_STATUSES, status)
    minor = _known(db, case_code, "settled_on", on)
    minor.age_status, minor.suspended = status, False
    deadlines.settle(db, case_code, COMPLAINT, on, by=by)
    casefile.note(db, case_code, minor=status == "minore", age_doubt=False, by=by)
    return _keep(db, minor, "minor.age_settled", by=by, status=status)


def born(db: Session, case_code: str, on: date, *, by: str) -> Minor:
    """Seal the birth date with the person; keep the day of the eighteenth birthday and the one six months before."""
    casefile.check_not_future("born_on", on)
    minor = get(db, case_code) or Minor(case_code=case_code, age_status="non_in_dubbio")
    eighteen = terms.compute(terms.on(db, OF_AGE, on), on).due
    if eighteen <= (minor.decree_on or minor.received_on or casefile.get(db, case_code).opened_at.date()):
        raise InvalidForm({"born_on": [N_("Con questa data di nascita la persona era già maggiorenne: controllala.")]})
    minor.eighteen_on = eighteen
    persons.record(db, case_code, {"birth_date": on.isoformat()}, by=by)
    deadlines.record(db, case_code, PROSIEGUO_ASKED_BY, "eighteenth", eighteen, by=by)
    return _keep(db, minor, "minor.eighteen_known", by=by, eighteen_on=eighteen)


def ask_prosieguo(db: Session, case_code: str, on: date, *, by: str) -> Minor:
    """The continued care was asked for; after the eighteenth birthday it is too late (art. 13 L. 47/2017)."""
    minor = _known(db, case_code, "asked_on", on)
    if minor.eighteen_on is None or on >= minor.eighteen_on:
        raise InvalidForm({"asked_on": [N_("Il prosieguo si chiede prima dei 18 anni (art. 13 L. 47/2017).")]})
    minor.prosieguo_asked_on = on
    deadlines.settle(db, case_code, PROSIEGUO_ASKED_BY, on, by=by)
    return _keep(db, minor, "minor.prosieguo_asked", by=by, on=on)


def grant_prosieguo(db: Session, case_code: str, on: date, *, by: str) -> Minor:
    """The court has ordered the continued care: it lasts until the twenty-first birthday at most."""
    minor = _known(db, case_code, "prosieguo_decree_on", on)
    if minor.prosieguo_asked_on is None or on < minor.prosieguo_asked_on:
        raise InvalidForm({"prosieguo_decree_on": [N_("Il decreto viene dopo la richiesta di prosieguo.")]})
    minor.prosieguo_until = deadlines.record(db, case_code, PROSIEGUO, "eighteenth", _birthday(minor), by=by).due_on
    return _keep(db, minor, "minor.prosieguo", by=by, until=minor.prosieguo_until)


def come_of_age(db: Session, case_code: str, on: date, *, by: str) -> Minor:
    """Eighteen years: she is an adult, and answers for herself from now on. Twice changes nothing."""
    minor = _known(db, case_code, "passage_on", on)
    if minor.eighteen_on is None or on < minor.eighteen_on:
        raise WrongOrder(N_("La persona non ha ancora compiuto 18 anni."))
    if not casefile.get(db, case_code).presumed_minor:  # the clock has seen the birthday before
        return minor
    casefile.note(db, case_code, minor=False, age_doubt=False, by=by)
    deadlines.settle(db, case_code, PROSIEGUO_ASKED_BY, on, by=by)
    return _keep(db, minor, "minor.came_of_age", by=by, on=minor.eighteen_on)


def permit_at_18(db: Session, case_code: str, *, by: str) -> deadlines.Deadline:
    """The permit at eighteen (art. 32 c. 1-bis D.lgs. 286/1998) lasts as long as T37 says, from the birthday."""
    return deadlines.record(db, case_code, PERMIT_AT_18, "eighteenth", _birthday(get(db, case_code)), by=by)


def _known(db: Session, case_code: str, field: str, on: date) -> Minor:
    """The minor of a case for something that was done on a day, not before she was received."""
    casefile.check_not_future(field, on)
    minor = get(db, case_code)
    if minor is None:
        raise WrongOrder(N_("Prima registra l'accoglienza del minore."))
    if minor.received_on is not None and on < minor.received_on:
        raise InvalidForm({field: [N_("Questa data viene prima dell'accoglienza del minore.")]})
    return minor


def _birthday(minor: Minor | None) -> date:
    if minor is None or minor.eighteen_on is None:
        raise WrongOrder(N_("Prima scrivi la data di nascita."))
    return minor.eighteen_on


def _office(db: Session, case_code: str) -> str | None:
    return casefile.get(db, case_code).province


def _keep(db: Session, minor: Minor, verb: str, *, by: str, **facts: Any) -> Minor:
    db.add(minor)
    db.flush()
    log.append(db, verb, casefile.scope_of(minor.case_code), by=by, case=minor.case_code, **facts)
    return minor
