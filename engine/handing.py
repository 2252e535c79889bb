"""What is noted on a waiting task without moving it: when to look at it again, why it came back."""

from datetime import date

from sqlalchemy.orm import Session

from core import log
from engine.instances import Held
from engine.tables import UserTask


def follow_up(db: Session, held: Held, on: date | None, *, by: str) -> UserTask:
    """Look at the task again on this day (None: no more) and return it; when it is due does not change."""
    task, instance = held
    task.follow_up_on = on
    log.append(
        db, "task.follow_up_set", instance.stream, by=by, case=instance.business_key, element=task.element,
        task=task.id, on=on,
    )  # fmt: skip
    return task


def give_back(db: Session, held: Held, to: str | None, reason: str, *, by: str) -> UserTask:
    """Return a task to whoever gave it (None: to its group), for a reason (the id of a sealed text)."""
    task, instance = held
    task.assignee, task.given_by, task.note = to, None, reason
    log.append(
        db, "task.returned", instance.stream, by=by, case=instance.business_key, reason=reason, element=task.element,
        task=task.id, to=to,
    )  # fmt: skip
    return task
