"""Grants: who may reach a case beyond its team, from when to when, and why.

A stay in a house opens the case to the staff of that house; an appointment opens it to one mediator for its hours;
"breaking the glass" opens it to one worker for an hour, with a reason, in the supervisor's sight. Nothing else does.
"""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, ForeignKey, Text, and_, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from cases import casefile, reasons
from core import clock, log
from core.db import NOW, Base
from core.errors import N_, InvalidForm, NotYours, WrongOrder
from core.ids import new_id

GLASS_TIME = timedelta(minutes=60)
GLASS_PAUSE = timedelta(days=1)
LONGEST_APPOINTMENT = timedelta(hours=12)


class Grant(Base):
    """One door into one case: for a post (a stay) or for one user (an appointment, a broken glass)."""

    __tablename__ = "case_grant"
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    case_code: Mapped[str] = mapped_column(ForeignKey("case_file.code"), index=True)
    kind: Mapped[str] = mapped_column(Text)
    post: Mapped[str | None] = mapped_column(ForeignKey("post.code"), index=True)
    user_id: Mapped[str | None] = mapped_column(Text, index=True)
    from_at: Mapped[datetime]
    to_at: Mapped[datetime | None]
    reason_id: Mapped[str | None] = mapped_column(Text)


def open_house(db: Session, case_code: str, post: str) -> Grant:
    """Let the staff of a house know its guest; `shelters.place` writes the log line."""
    grant = Grant(id=new_id(), case_code=case_code, kind="stay", post=post, from_at=clock.now())
    db.add(grant)
    db.flush()
    return grant


def close_house(db: Session, case_code: str, post: str) -> None:
    """The guest has left: from now on the staff does not see the case any more."""
    for grant in db.scalars(select(Grant).where(_is("stay", case_code), Grant.post == post, is_current())):
        grant.to_at = clock.now()
    db.flush()


def appoint(db: Session, case_code: str, user_id: str, from_at: datetime, to_at: datetime, *, by: str) -> Grant:
    """Let a mediator see who comes to an appointment, during that appointment."""
    if not from_at < to_at <= from_at + LONGEST_APPOINTMENT:
        raise InvalidForm({"to_at": [N_("Un appuntamento dura al massimo dodici ore.")]})
    casefile.get(db, case_code)
    grant = Grant(id=new_id(), case_code=case_code, kind="appointment", user_id=user_id, from_at=from_at, to_at=to_at)
    db.add(grant)
    log.append(
        db,
        "mediator.appointed",
        casefile.scope_of(case_code),
        by=by,
        case=case_code,
        user=user_id,
        from_at=from_at,
        to_at=to_at,
    )
    return grant


def cancel_appointment(db: Session, grant_id: str, *, by: str) -> Grant:
    """End an appointment that will not take place."""
    grant = db.get(Grant, grant_id)
    if grant is None or grant.kind != "appointment":
        raise NotYours
    grant.to_at = min(clock.now(), grant.to_at or clock.now())
    log.append(
        db,
        "mediator.dismissed",
        casefile.scope_of(grant.case_code),
        by=by,
        case=grant.case_code,
        user=grant.user_id,
    )
    return grant


def break_glass(db: Session, case_code: str, reason: str, *, by: str) -> Grant:
    """Open a case to `by` for sixty minutes, once a day: after that the supervisor has to name a worker."""
    since = clock.now() - GLASS_PAUSE
    earlier = select(Grant.id).where(Grant.kind == "glass", Grant.user_id == by, Grant.from_at > since).limit(1)
    if db.scalar(earlier) is not None:
        raise WrongOrder(
            N_("L'accesso di emergenza è già stato usato oggi: chiedi alla supervisione di assegnarti il caso.")
        )
    case = casefile.get(db, case_code)
    kept = reasons.keep(db, casefile.scope_of(case.code), "case.glass_broken", reason, by=by)
    now = clock.now()
    grant = Grant(
        id=new_id(),
        case_code=case.code,
        kind="glass",
        user_id=by,
        from_at=now,
        to_at=now + GLASS_TIME,
        reason_id=kept,
    )
    db.add(grant)
    db.flush()
    log.append(
        db,
        "case.glass_broken",
        casefile.scope_of(case.code),
        by=by,
        case=case.code,
        grant=grant.id,
        until=grant.to_at,
        reason_id=kept,
    )
    return grant


def close_all(db: Session, case_code: str) -> None:
    """The case goes to another post, whose verb writes the log line: every door that the old one opened is shut."""
    now = clock.now()
    still = or_(Grant.to_at.is_(None), Grant.to_at > now)
    for grant in db.scalars(select(Grant).where(Grant.case_code == case_code, still)):
        grant.from_at, grant.to_at = min(grant.from_at, now), now
    db.flush()


def current(db: Session, case_code: str) -> list[Grant]:
    """The doors into a case that are open now."""
    return list(db.scalars(select(Grant).where(Grant.case_code == case_code, is_current())))


def is_current() -> ColumnElement[bool]:
    """The where-clause of a door that is open at this instant."""
    return and_(Grant.from_at <= NOW, or_(Grant.to_at.is_(None), Grant.to_at > NOW))


def _is(kind: str, case_code: str) -> ColumnElement[bool]:
    return and_(Grant.kind == kind, Grant.case_code == case_code)
