"""Walking a pathway as people do: one task at a time through its form, each step saved before the next."""

from collections import Counter
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from cases.access import Actor
from core import clock, db
from engine import instances, registry
from engine.tables import Definition, Instance, Step, UserTask
from tasks import inbox
from tasks.forms import Paper


class Walk:
    """One running pathway, followed from outside; every verb is a transaction of its own."""

    def __init__(self, actor: Actor, key: str, process: str) -> None:
        self.actor, self.key, self.process = actor, key, process

    def do(self, element: str, **given: object) -> "Walk":
        """Complete the oldest task of this element with these answers."""
        with db.transaction() as tx:
            tasks = tx.scalars(self._tasks().where(UserTask.element == element).order_by(UserTask.created_at))
            task = next(iter(tasks), None)
            assert task is not None, f"{element} does not wait"
            inbox.complete(tx, self.actor, task.id, Paper(given))
        return self

    def say(self, message: str, **facts: object) -> "Walk":
        """Let a message reach the pathway."""
        with db.transaction() as tx:
            instances.receive(tx, message, self.key, facts, by=self.actor.user_id)
        return self

    def tick(self) -> "Walk":
        """Let every timer that is due fire, as the clock process does."""
        with db.transaction() as tx:
            due = instances.due(tx, clock.now())
        for timer in due:
            with db.transaction() as tx:
                instances.fire(tx, timer)
        return self

    def waiting(self) -> Counter[str]:
        """The elements at which somebody has something to do."""
        with db.transaction() as tx:
            return Counter(task.element for task in tx.scalars(self._tasks()))

    def task(self, element: str) -> UserTask:
        """The only task of this element."""
        with db.transaction() as tx:
            found = tx.scalars(self._tasks().where(UserTask.element == element)).one()
            tx.expunge(found)
            return found

    def due(self, element: str) -> datetime | None:
        """When the only task of this element is due, on a clock in Rome."""
        at = self.task(element).due_at
        return at.astimezone(clock.ROME).replace(tzinfo=None) if at else None

    def ends(self) -> list[str]:
        """The end events that were reached, in order."""
        with db.transaction() as tx:
            steps = tx.scalars(self._steps(tx).where(Step.kind == "endEvent").order_by(Step.started_at, Step.element))
            return [step.element for step in steps]

    def facts(self) -> dict[str, Any]:
        """What the pathway remembers, while it is open."""
        with db.transaction() as tx:
            return instances.process_facts(self._instance(tx))

    @property
    def status(self) -> str:
        """Whether the instance is open or ended."""
        with db.transaction() as tx:
            return self._instance(tx).status

    @property
    def tenant(self) -> str:
        """The post in whose inbox it is."""
        with db.transaction() as tx:
            return self._instance(tx).tenant

    def _instance(self, tx: Session) -> Instance:
        mine = select(Instance).join(Definition, Definition.id == Instance.definition_id)
        return tx.scalars(mine.where(Instance.business_key == self.key, Definition.process_id == self.process)).one()

    def _tasks(self) -> Select[UserTask]:
        return select(UserTask).where(UserTask.business_key == self.key)

    def _steps(self, tx: Session) -> Select[Step]:
        return select(Step).where(Step.instance_id == self._instance(tx).id)

    def been(self) -> set[str]:
        """The elements and arrows that this walk went through."""
        with db.transaction() as tx:
            return {name for step in tx.scalars(self._steps(tx)) for name in (step.element, step.via) if name}


def drawn(process: str) -> set[str]:
    """Every element and every arrow of the published model; what starts by itself is seen by what is in it."""
    with db.transaction() as tx:
        program = registry.program(tx, registry.current(tx, process).id)
    nodes = {node.id for node in program.nodes.values() if not node.by_event}
    return {*nodes, *program.flows}
