"""Courses: Italian by level, school, training; from the enrolment to the certificate."""

from datetime import date

from sqlalchemy import ForeignKey, Index, Text, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from cases import casefile, codes
from core import log
from core.db import Base
from core.errors import N_, InvalidForm, WrongOrder
from core.ids import new_id


class Course(Base):
    """One course of one person; it goes on until it has an outcome."""

    __tablename__ = "course"
    __table_args__ = (
        Index(
            "uq_course_running",
            "case_code",
            "level",
            unique=True,
            sqlite_where=text("ended_on is null"),
            postgresql_where=text("ended_on is null"),
        ),
    )
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    case_code: Mapped[str] = mapped_column(ForeignKey("case_file.code"), index=True)
    level: Mapped[str] = mapped_column(Text)
    provider: Mapped[str] = mapped_column(Text)
    from_on: Mapped[date]
    to_on: Mapped[date | None]
    ended_on: Mapped[date | None]
    attendance: Mapped[int | None]
    outcome: Mapped[str | None] = mapped_column(Text)
    recorded_by: Mapped[str] = mapped_column(Text)


def enrol(
    db: Session, case_code: str, level: str, provider: str, from_on: date, to_on: date | None = None, *, by: str
) -> Course:
    """Begin a course; the same level is attended once at a time."""
    codes.check("course_level", codes.COURSE_LEVELS, level)
    codes.check("course_provider", codes.COURSE_PROVIDERS, provider)
    if to_on is not None and to_on < from_on:
        raise InvalidForm({"course_to": [N_("Il corso finirebbe prima di cominciare.")]})
    casefile.lock(db, case_code)
    if any(each.level == level for each in of_case(db, case_code) if each.ended_on is None):
        raise WrongOrder(N_("Un corso di questo livello è già in corso: prima va chiuso."))
    course = Course(id=new_id(), case_code=case_code, level=level, provider=provider, from_on=from_on, to_on=to_on)
    course.recorded_by = by
    db.add(course)
    db.flush()
    scope = casefile.scope_of(case_code)
    log.append(db, "course.begun", scope, by=by, case=case_code, course=course.id, level=level, on=from_on)
    return course


def end(
    db: Session, case_code: str, course_id: str, on: date, outcome: str, attendance: int | None = None, *, by: str
) -> Course:
    """The course is over: what came of it, and how much of it was attended (per cent, null if not known)."""
    casefile.lock(db, case_code)
    course = db.scalar(select(Course).where(Course.id == course_id, Course.case_code == case_code))
    if course is None or course.ended_on is not None:
        raise WrongOrder(N_("Questo corso è già chiuso."))
    if casefile.check_not_future("course_ended", on) < course.from_on:
        raise InvalidForm({"course_ended": [N_("Il corso finirebbe prima di cominciare.")]})
    if attendance is not None and not 0 <= attendance <= 100:
        raise InvalidForm({"course_attendance": [N_("Scrivi una percentuale tra 0 e 100.")]})
    course.outcome = codes.check("course_outcome", codes.COURSE_OUTCOMES, outcome)
    course.ended_on, course.attendance = on, attendance
    scope = casefile.scope_of(case_code)
    log.append(
        db, "course.ended", scope, by=by, case=case_code, course=course.id, level=course.level, on=on, outcome=outcome
    )
    return course


def of_case(db: Session, case_code: str) -> list[Course]:
    """The courses of a case, the first one first."""
    return list(db.scalars(select(Course).where(Course.case_code == case_code).order_by(Course.from_on, Course.id)))
