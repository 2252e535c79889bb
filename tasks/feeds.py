"""The feed of one's dates for a calendar program: days with a date, hours with an engagement, not a word more.

Its address holds a secret of which only the digest is kept; whoever has it learns that somebody has a date on a day.
A new address or a revocation ends the old one at the next look, and so does the end of the account or of its roles.
"""

import hashlib
import secrets
from datetime import date, datetime, time, timedelta

from sqlalchemy import Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from cases import access, deadlines
from cases.access import Actor
from core import clock, log, users
from core.db import Base
from core.errors import NotYours
from engine.tables import UserTask
from tasks import agenda, assignment

AHEAD = timedelta(days=400)
MOST = 1000
PAUSE = timedelta(minutes=1)
SUMMARY, ENGAGEMENT = "Scadenza", "Impegno"


class Feed(Base):
    """The one address of one user, while it holds; `seen_at` is the last time that a program asked."""

    __tablename__ = "feed"
    user_id: Mapped[str] = mapped_column(Text, primary_key=True)
    digest: Mapped[str] = mapped_column(Text, unique=True)
    made_at: Mapped[datetime]
    seen_at: Mapped[datetime | None]


def get(db: Session, actor: Actor) -> Feed | None:
    """The actor's feed, if there is one."""
    return db.get(Feed, actor.user_id)


def make(db: Session, actor: Actor) -> str:
    """A new secret for the actor's feed, to be shown once; the old one is worth nothing from now on."""
    access.require(actor, "agenda.use")
    secret = secrets.token_urlsafe(32)
    feed = db.get(Feed, actor.user_id) or Feed(user_id=actor.user_id)
    feed.digest, feed.made_at, feed.seen_at = _digest(secret), clock.now(), None
    db.add(feed)
    log.append(db, "feed.made", f"user:{actor.user_id}", by=actor.user_id)
    return secret


def end(db: Session, user_id: str, *, by: str) -> None:
    """This user's feed is worth nothing from now on."""
    feed = db.get(Feed, user_id)
    if feed is not None:
        db.delete(feed)
        log.append(db, "feed.revoked", f"user:{user_id}", by=by)


def read(db: Session, secret: str) -> str | None:
    """The calendar behind a secret; None if it was asked for less than a minute ago. NotYours if it is unknown."""
    feed = db.scalar(select(Feed).where(Feed.digest == _digest(secret)).with_for_update())
    user = users.by_id(db, feed.user_id) if feed is not None else None
    actor = assignment.actor_of(db, user) if user is not None and user.active else None
    if feed is None or actor is None or not access.may(actor, "agenda.use"):
        raise NotYours
    now = clock.now()
    if feed.seen_at is not None and now - feed.seen_at < PAUSE:
        return None
    feed.seen_at = now
    dated = access.may(actor, "deadline.list")
    due = deadlines.upcoming(db, actor, clock.today() + AHEAD, limit=MOST) if dated else []
    days = {deadline.due_on for deadline in due if deadline.due_on >= clock.today()} | _days_of_tasks(db, actor.user_id)
    hours = {(each.from_at, each.to_at) for each in agenda.hours(db, actor.user_id, clock.today() + AHEAD)}
    return _calendar(sorted(days), sorted(hours), feed.digest, now)


def _days_of_tasks(db: Session, user_id: str) -> set[date]:
    """The days on which something is due that she has taken or was given; of what nobody has taken there is none."""
    midnight = datetime.combine(clock.today(), time(), clock.ROME)
    mine = select(UserTask.due_at).where(UserTask.assignee == user_id, UserTask.due_at >= midnight)
    found = db.scalars(mine.order_by(UserTask.due_at).limit(MOST))
    return {due.astimezone(clock.ROME).date() for due in found if due is not None}


def _calendar(days: list[date], hours: list[tuple[datetime, datetime]], digest: str, now: datetime) -> str:
    """One event a day, however many dates fall on it, and one for each hour that is taken."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//calendar//IT", "METHOD:PUBLISH"]
    for day in days:
        uid = hashlib.sha256(f"{digest}|{day}".encode()).hexdigest()[:32]
        lines += ["BEGIN:VEVENT", f"UID:{uid}", f"DTSTAMP:{now:%Y%m%dT%H%M%SZ}", f"DTSTART;VALUE=DATE:{day:%Y%m%d}"]
        lines += [f"SUMMARY:{SUMMARY}", "CLASS:PRIVATE", "TRANSP:TRANSPARENT", "END:VEVENT"]
    for start, end in hours:
        uid = hashlib.sha256(f"{digest}|{start.isoformat()}|{end.isoformat()}".encode()).hexdigest()[:32]
        lines += ["BEGIN:VEVENT", f"UID:{uid}", f"DTSTAMP:{now:%Y%m%dT%H%M%SZ}", f"DTSTART:{start:%Y%m%dT%H%M%SZ}"]
        lines += [f"DTEND:{end:%Y%m%dT%H%M%SZ}", f"SUMMARY:{ENGAGEMENT}", "CLASS:PRIVATE", "END:VEVENT"]
    return "\r\n".join([*lines, "END:VCALENDAR", ""])


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()
