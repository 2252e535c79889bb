"""What is noted on a waiting task without moving it: when to look at it again, why it came back, whose it is."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import log
from engine import registry
from engine.instances import Held
from engine.tables import Instance, UserTask


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


def give_waiting(db: Session, business_key: str, fact: str, to: str | None) -> list[UserTask]:
    """Let the waiting tasks that the model gives to whom a fact names be this person's (None: their group's) and return
    them. The verb that learned of the fact writes the log line."""
    query = select(UserTask, Instance.definition_id).join(Instance, Instance.id == UserTask.instance_id)
    rows = db.execute(query.where(UserTask.business_key == business_key)).all()
    nodes = [(task, registry.program(db, definition).nodes.get(task.element)) for task, definition in rows]
    given = [task for task, node in nodes if node is not None and node.assignee == fact]
    for task in given:
        task.assignee, task.given_by = to, None
    return given
