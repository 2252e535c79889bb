"""Exits (form F19): how and when a person left, how she stands, and what is found three, six and twelve months later.

Whoever did not agree to be contacted is not: then there are no follow-ups. The door stays open: `returned` ends an exit
and keeps it.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Text, UniqueConstraint, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from cases import casefile, codes, consents, deadlines, retention
from core import clock, log
from core.db import Base
from core.errors import N_, InvalidForm, WrongOrder
from core.ids import new_id

FOLLOW_UPS = ("T54f3", "T54f6", "T54f12")
PURPOSE, RECEIVER = "follow_up", "interno"


class Exit(Base):
    """One exit of one case. `returned_on`: she came back, the exit is history."""

    __tablename__ = "case_exit"
    __table_args__ = (
        Index(
            "uq_case_exit_current",
            "case_code",
            unique=True,
            sqlite_where=text("returned_on is null"),
            postgresql_where=text("returned_on is null"),
        ),
    )
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    case_code: Mapped[str] = mapped_column(ForeignKey("case_file.code"), index=True)
    exited_on: Mapped[date]
    outcome: Mapped[str] = mapped_column(Text)
    housing: Mapped[str | None] = mapped_column(Text)
    work: Mapped[str | None] = mapped_column(Text)
    permit: Mapped[str | None] = mapped_column(Text)
    level: Mapped[str | None] = mapped_column(Text)
    risk: Mapped[str | None] = mapped_column(Text)
    papers_on: Mapped[date | None]
    returned_on: Mapped[date | None]
    recorded_by: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime]


class FollowUp(Base):
    """One of the looks back after an exit; `status` planned, done or dropped. What was not asked is null."""

    __tablename__ = "follow_up"
    __table_args__ = (UniqueConstraint("exit_id", "term_id"),)
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    exit_id: Mapped[str] = mapped_column(ForeignKey("case_exit.id"), index=True)
    term_id: Mapped[str] = mapped_column(Text)
    due_on: Mapped[date]
    status: Mapped[str] = mapped_column(Text, default="planned")
    done_on: Mapped[date | None]
    reached: Mapped[bool | None]
    housing: Mapped[str | None] = mapped_column(Text)
    work: Mapped[str | None] = mapped_column(Text)
    safe: Mapped[bool | None]
    exploited_again: Mapped[bool | None]


@dataclass(frozen=True)
class Situation:
    """How a person stands when she leaves; null is not known."""

    housing: str | None = None
    work: str | None = None
    permit: str | None = None
    level: str | None = None
    risk: str | None = None


@dataclass(frozen=True)
class Finding:
    """What was found at a follow-up; null is not known or not asked."""

    reached: bool
    housing: str | None = None
    work: str | None = None
    safe: bool | None = None
    exploited_again: bool | None = None


def leave(
    db: Session,
    case_code: str,
    exited_on: date,
    outcome: str,
    situation: Situation,
    *,
    papers_on: date | None = None,
    by: str,
) -> Exit:
    """Record the exit: the file, the stay and the notes on risk are from now on kept for as long as the rules say."""
    case = casefile.lock(db, case_code)
    if case.status == "closed" or current(db, case_code) is not None:
        raise WrongOrder(N_("L'uscita di questo caso è già registrata."))
    casefile.check_not_future("exited_on", exited_on)
    if exited_on < case.opened_at.astimezone(clock.ROME).date():
        raise InvalidForm({"exited_on": [N_("L'uscita viene prima dell'apertura del caso.")]})
    _check(situation)
    left = Exit(id=new_id(), case_code=case_code, exited_on=exited_on, papers_on=papers_on, **vars(situation))
    left.outcome = codes.check("exit_outcome", codes.EXIT_OUTCOMES, outcome)
    left.recorded_by, left.recorded_at = by, clock.now()
    db.add(left)
    db.flush()
    _say(db, "exit.recorded", left, by=by, on=exited_on, outcome=outcome)
    retention.begin_case(db, case_code, exited_on, outcome, by=by)
    return left


def plan(db: Session, left: Exit, *, by: str) -> list[FollowUp]:
    """Plan the looks back, each counted from the exit, if she agreed to be contacted."""
    if not may_contact(db, left.case_code, clock.today()):
        return []
    planned = []
    for term_id in FOLLOW_UPS:
        due_on = deadlines.record(db, left.case_code, term_id, "exit", left.exited_on, by=by).due_on
        planned.append(FollowUp(id=new_id(), exit_id=left.id, term_id=term_id, due_on=due_on))
    db.add_all(planned)
    db.flush()
    return planned


def may_contact(db: Session, case_code: str, on: date) -> bool:
    """Has she agreed to be contacted after her exit, and does it hold on this day?"""
    return consents.allowed(db, case_code, PURPOSE, RECEIVER, on)


def next_follow_up(db: Session, case_code: str) -> FollowUp | None:
    """The next look back, if one is planned."""
    left = current(db, case_code)
    return next((each for each in follow_ups(db, left.id) if each.status == "planned"), None) if left else None


def follow_up(db: Session, case_code: str, done_on: date, found: Finding, *, by: str) -> FollowUp:
    """Write down what was found at the next look back."""
    casefile.lock(db, case_code)
    look = _must(next_follow_up(db, case_code))
    left = db.get_one(Exit, look.exit_id)
    if casefile.check_not_future("follow_up_on", done_on) < left.exited_on:
        raise InvalidForm({"follow_up_on": [N_("Il follow-up viene prima dell'uscita.")]})
    _check(found)
    look.status, look.done_on = "done", done_on
    for name, value in vars(found).items():
        setattr(look, name, value)
    db.flush()
    deadlines.settle(db, case_code, look.term_id, done_on, by=by)
    _say(db, "follow_up.recorded", left, by=by, term=look.term_id, on=done_on, reached=found.reached)
    return look


def drop(db: Session, case_code: str, *, by: str) -> list[FollowUp]:
    """She does not want to be contacted any more, or is back: what was planned is not waited for."""
    left = current(db, case_code)
    planned = [each for each in follow_ups(db, left.id) if each.status == "planned"] if left else []
    for look in planned:
        look.status = "dropped"
        deadlines.settle(db, case_code, look.term_id, clock.today(), by=by)
    if left and planned:
        _say(db, "follow_up.dropped", left, by=by, count=len(planned))
    return planned


def returned(db: Session, case_code: str, on: date, *, by: str) -> Exit:
    """She is back: the exit is history, its looks back and the counting of retention stop."""
    casefile.lock(db, case_code)
    left = current(db, case_code)
    if left is None:
        raise WrongOrder(N_("Questo caso non ha un'uscita registrata."))
    drop(db, case_code, by=by)
    left.returned_on = on
    db.flush()
    retention.stop(db, casefile.scope_of(case_code), by=by)
    _say(db, "exit.returned", left, by=by, on=on)
    return left


def current(db: Session, case_code: str) -> Exit | None:
    """The exit that holds, if the person has left."""
    return db.scalar(select(Exit).where(Exit.case_code == case_code, Exit.returned_on.is_(None)))


def of_case(db: Session, case_code: str) -> list[Exit]:
    """Every exit of a case, the first one first."""
    return list(db.scalars(select(Exit).where(Exit.case_code == case_code).order_by(Exit.exited_on, Exit.id)))


def follow_ups(db: Session, exit_id: str) -> list[FollowUp]:
    """The looks back of an exit, the first one first."""
    return list(db.scalars(select(FollowUp).where(FollowUp.exit_id == exit_id).order_by(FollowUp.due_on)))


def _check(said: Situation | Finding) -> None:
    lists = {
        "housing": codes.ACCOMMODATION_KINDS,
        "work": codes.WORK_SITUATIONS,
        "permit": codes.PERMIT_KINDS,
        "level": codes.COURSE_LEVELS,
        "risk": codes.RISK_LEVELS,
    }
    for name, codelist in lists.items():
        value = getattr(said, name, None)
        if value is not None:
            codes.check(name, codelist, value)


def _must(look: FollowUp | None) -> FollowUp:
    if look is None:
        raise WrongOrder(N_("Non c'è un follow-up da fare."))
    return look


def _say(db: Session, verb: str, left: Exit, *, by: str, **facts: Any) -> None:
    scope = casefile.scope_of(left.case_code)
    log.append(db, verb, scope, by=by, case=left.case_code, exit=left.id, **facts)
