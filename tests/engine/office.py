"""Instances on a real database, in the words of the tests: publish, begin, what waits, who did it."""

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

import core.db
from core import clock, log
from engine import instances, registry
from engine.services import BpmnError, Call, service
from engine.tables import Definition, Instance, Subscription, Timer, UserTask
from tests.engine.draw import draw

seen: list[Call] = []  # what the services of the tests were told


@service("test_note")
def note(call: Call) -> dict[str, Any]:
    """Answers with what it was told."""
    seen.append(call)
    return {"noted": call.facts.get("n")}


@service("test_break")
def break_(call: Call) -> None:
    """Fails while the facts say so, as a service with a fault in it does."""
    if call.facts.get("broken", True):
        raise RuntimeError("a fault in a service")


@service("test_refuse")
def refuse(call: Call) -> None:
    """Answers with a BPMN error."""
    raise BpmnError("full", free=0)


@service("test_meddle")
def meddle(call: Call) -> None:
    """Writes into what it was told."""
    call.facts["n"] = 99
    call.facts.setdefault("list", []).append("more")


@contextmanager
def transaction() -> Iterator[Session]:
    """One request."""
    with core.db.transaction() as db:
        yield db


def publish(db: Session, *pieces: str, process: str = "p", definitions: str = "") -> Definition:
    return registry.publish(db, draw(*pieces, process=process, definitions=definitions), by="u_coord")


def begin(
    db: Session, *pieces: str, key: str = "C-1", tenant: str = "torino", definitions: str = "", **facts: Any
) -> Instance:
    """Publish a model under a name of its own and start it."""
    process = f"p{zlib.crc32(repr(pieces).encode())}"
    publish(db, *pieces, process=process, definitions=definitions.replace('"p"', f'"{process}"'))
    return instances.start(db, process, key, tenant, facts, by="u_anna")


def begun(*pieces: str, **facts: Any) -> str:
    """The same in a transaction of its own; returns the instance's id."""
    with transaction() as db:
        return begin(db, *pieces, **facts).id


def tasks(db: Session, instance_id: str | None = None) -> list[UserTask]:
    """What waits for people, by element and age."""
    query = select(UserTask).order_by(UserTask.element, UserTask.created_at, UserTask.id)
    return list(db.scalars(query if instance_id is None else query.where(UserTask.instance_id == instance_id)))


def waiting(db: Session, instance_id: str | None = None) -> list[str]:
    return [task.element for task in tasks(db, instance_id)]


def task_of(db: Session, element: str) -> UserTask:
    """The oldest task of this element."""
    return next(task for task in tasks(db) if task.element == element)


def do(db: Session, element: str, *, by: str = "u_anna", **facts: Any) -> Instance:
    """Complete the oldest task of this element."""
    return instances.complete(db, task_of(db, element).id, facts, by=by)


def timers(db: Session) -> list[Timer]:
    return list(db.scalars(select(Timer).order_by(Timer.due_at, Timer.element)))


def subscriptions(db: Session) -> list[str]:
    return sorted(db.scalars(select(Subscription.name)))


def get(db: Session, instance_id: str) -> Instance:
    found = db.get(Instance, instance_id, populate_existing=True)
    assert found is not None
    return found


def verbs(db: Session, stream: str = "C-1") -> list[str]:
    """The log of a stream, oldest first."""
    return list(db.scalars(select(log.Line.verb).where(log.Line.stream == stream).order_by(log.Line.seq)))


def tick() -> list[str]:
    """What one pass of the clock fires, each in its own transaction; faults are not caught here."""
    with transaction() as db:
        keys = instances.due(db, clock.now())
    for key in keys:
        with transaction() as db:
            instances.fire(db, key)
    return keys


def tick_until_quiet() -> int:
    """Let the clock tick until nothing is due."""
    count = 0
    while keys := tick():
        count += len(keys)
        assert count < 1000, "something is due for ever"
    return count


def at(rome: str) -> datetime:
    """An instant by the clocks of Rome."""
    return datetime.fromisoformat(rome).replace(tzinfo=clock.ROME)
