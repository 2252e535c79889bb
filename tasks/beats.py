"""The beats of the clock process: when each of its jobs last came to its end, and what that says of clock and mail."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Mapped, Session, mapped_column

from core import clock
from core.db import Base
from notifications.once import insert_once
from tasks.sending import LATE_AFTER
from tasks.tally import Tally

CLOCKS = ("timers", "reminders", "mail")  # the jobs whose beats say that the clock ticks
SENDER = "sender"  # the beat of a mail job whose letters leave
JUMP, JUMP_TOLD = "jump", timedelta(days=1)  # the beat of a clock that was moved, in `fired` by how many minutes


class Beat(Base):
    """When a job last came to its end, and what it did then."""

    __tablename__ = "beat"
    name: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    fired: Mapped[int]
    failed: Mapped[int]


@dataclass(frozen=True, slots=True)
class Pulse:
    """How long the clock has not ticked, and how long mail that should leave has not, each if over three minutes; and
    the move of the machine's clock that is not a day ago.
    """

    clock: timedelta | None
    mail: timedelta | None
    jump: Beat | None


def write(db: Session, name: str, tally: Tally, *, at: datetime | None = None) -> None:
    """A job came to its end now, or something of it stands since `at`."""
    now = at or clock.now()
    if not insert_once(db, Beat, {"name": name, "at": now, "fired": tally.fired, "failed": tally.failed}):
        beat = db.get_one(Beat, name)
        beat.at, beat.fired, beat.failed = now, tally.fired, tally.failed


def list_(db: Session) -> list[Beat]:
    """The last beat of each job."""
    return list(db.scalars(select(Beat).where(Beat.name != JUMP).order_by(Beat.name)))


def pulse(db: Session) -> Pulse:
    """How clock and sender are, in one statement, for every page asks."""
    found = {beat.name: beat for beat in db.scalars(select(Beat))}
    last, now = {name: beat.at for name, beat in found.items()}, clock.now()
    # a beat from the future: the clock of the machine was put back, and nobody has ticked since
    clocks = max(abs(now - last[name]) if name in last else timedelta.max for name in CLOCKS)
    sender = now - last.get(SENDER, last.get("mail", now))
    jump = found.get(JUMP)
    return Pulse(
        clocks if clocks > LATE_AFTER else None,
        sender if sender > LATE_AFTER else None,
        jump if jump and abs(now - jump.at) < JUMP_TOLD else None,
    )


def standing_since(db: Session) -> datetime | None:
    """The last beat of the job that has not come for longest; None if the clock has never ticked here."""
    last = {beat.name: beat.at for beat in list_(db)}
    return min((last[name] for name in CLOCKS), default=None) if last.keys() >= set(CLOCKS) else None
