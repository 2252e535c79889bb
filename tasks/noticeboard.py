"""A person's notices in full: what each speaks of, for who may know of it; what was told again and again stands once.

A coordinator sees the step or the term and the code, as in the list of what is late, and never what is in a case.
"""

from collections.abc import Collection
from dataclasses import dataclass
from itertools import islice

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from cases import access
from cases.access import Actor, visible_cases
from cases.deadlines import Deadline
from engine.tables import UserTask
from notifications import notices
from notifications.notices import Notice
from tasks import assignment

READ_BACK = 200
TASK, DATE = "task", "deadline"
_WAITS = exists().where(UserTask.id == func.substr(Notice.about, len(f"{TASK}:") + 1))
IS_OVER = Notice.about.startswith(f"{TASK}:") & ~_WAITS  # of a task that nobody has to do any more


@dataclass(frozen=True, slots=True)
class Shown:
    """A notice, how many times the same was told of the same row, and the row if this reader may know of it."""

    notice: Notice
    times: int
    task: UserTask | None
    date: Deadline | None


def of(db: Session, actor: Actor, limit: int = 50) -> list[Shown]:
    """This reader's notices, the newest first; each is the last of those that say the same of the same row."""
    newest: dict[tuple[str, str], Notice] = {}
    times: dict[tuple[str, str], int] = {}
    for notice in notices.latest(db, actor.user_id, READ_BACK):
        same = notice.kind, notice.about or notice.key
        newest.setdefault(same, notice)
        times[same] = times.get(same, 0) + 1
    tasks = _tasks(db, actor, _ids(newest.values(), TASK))
    dates = _dates(db, actor, _ids(newest.values(), DATE))
    return [
        Shown(notice, times[same], tasks.get(notice.about or ""), dates.get(notice.about or ""))
        for same, notice in islice(newest.items(), limit)
    ]


def unread(db: Session, user_id: str) -> int:
    """How many notices this user has not opened yet, without those of tasks that are over; one statement."""
    new = select(func.count()).where(Notice.user_id == user_id, Notice.seen_at.is_(None))
    return db.scalar(new.where(Notice.about.is_(None) | ~IS_OVER)) or 0


def _ids(told: Collection[Notice], what: str) -> list[str]:
    found = ((notice.about or "").partition(":") for notice in told)
    return sorted({id_ for kind, _, id_ in found if kind == what})


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
