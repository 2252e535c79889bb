"""A person's notices in full: what each speaks of, for who may know of it; what was told again and again stands once.

A coordinator sees the step or the term and the code, as in the list of what is late, and never what is in a case. Who
may know a case no more, or never might (a colleague's masked one), reads no code of it.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, func, select, tuple_
from sqlalchemy.orm import Session

from cases import access
from cases.access import Actor, visible_cases
from cases.casefile import Case
from cases.deadlines import Deadline
from engine.tables import UserTask
from notifications import notices
from notifications.notices import Notice
from tasks import assignment

PAGE = 50
TASK, DATE = "task", "deadline"
_WAITS = exists().where(UserTask.id == func.substr(Notice.about, len(f"{TASK}:") + 1))
IS_OVER = Notice.about.startswith(f"{TASK}:") & ~_WAITS  # of a task that nobody has to do any more


@dataclass(frozen=True, slots=True)
class Shown:
    """A notice, how many times the same was told of the same row, and the case and the row if this reader may know of
    them now."""

    notice: Notice
    times: int
    code: str | None
    task: UserTask | None
    date: Deadline | None


def of(db: Session, actor: Actor, start: int = 0, limit: int = PAGE) -> list[Shown]:
    """This reader's notices, what was not read first; each is the last of those that say the same of the same row."""
    told = notices.board(db, actor.user_id, start, limit)
    tasks = _tasks(db, actor, _ids((notice for notice, _ in told), TASK))
    dates = _dates(db, actor, _ids((notice for notice, _ in told), DATE))
    known = _known(db, actor, {notice.case_code for notice, _ in told if notice.case_code})
    return [
        Shown(
            notice, times, notice.case_code if notice.case_code in known else None, tasks.get(notice.about or ""),
            dates.get(notice.about or ""),
        )
        for notice, times in told
    ]  # fmt: skip


def mark_over(db: Session, actor: Actor) -> int:
    """What was told of tasks that are over is new no more; how many it was."""
    return notices.mark_seen(db, actor.user_id, IS_OVER, by=actor.user_id)


def mark_read(db: Session, actor: Actor, until: datetime, shown: Collection[str] | None = None) -> int:
    """The reader has read what was told until then: all of it, or these lines of a page with what each stands for."""
    which = [Notice.at <= until]
    if shown is not None:
        mine = select(Notice.kind, Notice.about).where(Notice.user_id == actor.user_id, Notice.key.in_(shown))
        same = [(kind, about) for kind, about in db.execute(mine) if about]
        which.append(Notice.key.in_(shown) | tuple_(Notice.kind, Notice.about).in_(same))
    return notices.mark_seen(db, actor.user_id, *which, by=actor.user_id)


def unread(db: Session, user_id: str) -> int:
    """How many notices this user has not opened yet, without those of tasks that are over; one statement."""
    new = select(func.count()).where(Notice.user_id == user_id, Notice.seen_at.is_(None))
    return db.scalar(new.where(Notice.about.is_(None) | ~IS_OVER)) or 0


def _ids(told: Iterable[Notice], what: str) -> list[str]:
    found = ((notice.about or "").partition(":") for notice in told)
    return sorted({id_ for kind, _, id_ in found if kind == what})


def _known(db: Session, actor: Actor, codes: Collection[str]) -> frozenset[str]:
    """Those of these cases that the reader may know to exist now; when it was told it may have been otherwise."""
    return frozenset(db.scalars(visible_cases(actor).where(Case.code.in_(codes)))) if codes else frozenset()


def _tasks(db: Session, actor: Actor, ids: list[str]) -> dict[str, UserTask]:
    query = select(UserTask).where(UserTask.id.in_(ids))
    if not access.may(actor, "reminder.read"):
        query = query.where(assignment.visible(actor))
    return {f"{TASK}:{task.id}": task for task in db.scalars(query)} if ids else {}


def _dates(db: Session, actor: Actor, ids: list[str]) -> dict[str, Deadline]:
    query = select(Deadline).where(Deadline.id.in_(ids))
    if not access.may(actor, "reminder.read"):
        query = query.where(Deadline.case_code.in_(visible_cases(actor)))
    return {f"{DATE}:{found.id}": found for found in db.scalars(query)} if ids else {}
