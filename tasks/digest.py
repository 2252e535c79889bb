"""The morning digest: one letter a person, at half past seven of the days on which her office works. Only numbers."""

import logging
from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import calendar, clock
from core.users import Membership, User
from notifications import choices, outbox
from notifications.once import insert_once
from tasks import assignment, dates, engagements, inbox, mailing, news, noticeboard
from tasks.news import DIGEST, Planned
from tasks.subjects import coordinators
from tasks.tally import describe

logger = logging.getLogger(__name__)


def plan(db: Session, day: date) -> int:
    """Promise one digest to everybody who has something to do or to read; a second plan of the day does nothing."""
    if not insert_once(db, Planned, {"what": f"{DIGEST}-{day}", "at": clock.now()}):
        return 0
    return sum(_alone(db, user, day) for user in _readers(db))


def is_planned(db: Session, day: date) -> bool:
    """Was the digest of this day made already?"""
    return db.get(Planned, f"{DIGEST}-{day}") is not None


def facts(db: Session, user: User, day: date) -> dict[str, Any] | None:
    """The numbers of one person now, as far as she wants to hear of them; None if there are none."""
    actor = assignment.actor_of(db, user)
    open_, today, late = inbox.counts(db, actor)
    unread, choice = noticeboard.unread(db, user.id), mailing.chosen(db, user.id)
    near = dates.of_morning(db, user, day)
    if choice.digest == choices.NEVER or not (open_ or unread or near):
        return None
    if choice.digest == choices.WHEN_DUE and not (today or late or unread or near):
        return None
    numbers = {"open": open_, "today": today, "late": late, "news": unread}
    counted = {name: outbox.counted(number) for name, number in numbers.items()}
    return {**counted, **near, "path": news.page_of(actor, DIGEST)}


def still(db: Session, message: outbox.Message, user: User) -> dict[str, Any] | None:
    """What a digest may say when it leaves: counted again; None if a newer one has taken its place."""
    newest = outbox.newest(db, user.id, DIGEST) == message.first
    return facts(db, user, date.fromisoformat(message.first[-len("2026-01-01") :])) if newest else None


def _readers(db: Session) -> Iterable[User]:
    member = select(Membership.user_id)
    return db.scalars(select(User).where(User.active, User.id.in_(member)).order_by(User.id)).all()


def _alone(db: Session, user: User, day: date) -> bool:
    """Promise one reader's digest; where it breaks, the coordinators are told and nobody else waits (threats R31)."""
    try:
        with db.begin_nested():
            return _promise(db, user, day)
    except Exception as problem:  # noqa: BLE001 - the others' digests must not be lost with this one
        logger.error("digest not promised: %s", describe(problem))
    for each in coordinators(db):
        news.tell(db, f"broken-digest:{user.id}-{day}-{each.id}", each.id, "reminder_broken", by="clock")
    return False


def _promise(db: Session, user: User, day: date) -> bool:
    if not calendar.is_working_day(day, news.office_of(db, user.id)):
        return False
    found = facts(db, user, day)
    if found is None:
        return False
    told = dates.of_digest(db, user.id, day)  # kept, so that no other message tells of them
    about = engagements.about(each.id for each in told)
    return outbox.put(db, news.digest_key(user.id, day), user.id, DIGEST, found, about=about, by="clock")
