"""A task added by hand: a process of one task, whose group, words and date are told instead of drawn."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import log
from engine import instances
from engine.tables import Instance, Step, UserTask


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be done, by which group, until when. `name` is an Italian msgid without personal data, `what` its
    code."""

    what: str
    name: str
    group: str
    phase: str | None
    due_at: datetime
    due_source: str


def add(
    db: Session,
    process_id: str,
    business_key: str,
    tenant: str,
    wanted: Wanted,
    reason: str,
    facts: Mapping[str, Any],
    *,
    stream: str,
    by: str,
) -> UserTask:
    """Start a process of one task with these facts and give the task its group, words and date; returns the task."""
    instance = instances.start(db, process_id, business_key, tenant, facts, stream=stream, by=by)
    task = db.scalars(select(UserTask).where(UserTask.instance_id == instance.id)).one()
    task.group, task.phase, task.name, task.name_en = wanted.group, wanted.phase, wanted.name, ""
    task.due_at, task.due_source = wanted.due_at, wanted.due_source
    step = db.get_one(Step, task.id)
    step.name, step.due_at = wanted.name, wanted.due_at
    db.flush()
    _say(db, instance, task, wanted, reason, by)
    return task


def _say(db: Session, instance: Instance, task: UserTask, wanted: Wanted, reason: str, by: str) -> None:
    log.append(
        db,
        "task.added",
        instance.stream,
        by=by,
        case=instance.business_key,
        reason=reason,
        what=wanted.what,
        group=wanted.group,
        due=wanted.due_at,
        element=task.element,
        task=task.id,
        instance=instance.id,
    )
