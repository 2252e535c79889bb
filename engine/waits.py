"""What an instance waits for, as rows: tasks for people, timers, subscriptions, and the steps of its history.

The rows are written from the difference between the state that was loaded and the state after the run, so completing a
task reads nothing that it does not change.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, Select, Table, bindparam, delete, insert, select, union_all, update
from sqlalchemy.orm import Session

from core import clock
from core.db import Base
from core.ids import new_id
from engine import registry, timing
from engine.game.events import event_of
from engine.game.program import PEOPLE
from engine.game.run import Run
from engine.game.state import Token
from engine.tables import Delivery, Instance, Step, Subscription, Timer, UserTask


def _table(mapped: type[Base]) -> Table:
    """Return the plain table: an ORM insert would send rows with and without nulls as several statements."""
    return Base.metadata.tables[mapped.__tablename__]


_STEP = _table(Step)
# Made once, because every step needs them: to write a statement anew would cost more than to run it.
_INSERT = {mapped: insert(_table(mapped)) for mapped in (UserTask, Timer, Subscription, Step)}
_DELETE = {
    mapped: delete(_table(mapped)).where(_table(mapped).c.id == bindparam("gone"))
    for mapped in (UserTask, Timer, Subscription)
}
_END = update(_STEP).where(_STEP.c.id == bindparam("key"))
_END = _END.values(ended_at=bindparam("now"), outcome=bindparam("how"), by=bindparam("who"))
MOVED = "moved"  # how a step ends on a version that its instance leaves
Rows = dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Waits:
    """Row values by id."""

    tasks: Rows
    timers: Rows
    subscriptions: Rows

    def __bool__(self) -> bool:
        return bool(self.tasks or self.timers or self.subscriptions)


def of(run: Run, instance: Instance) -> Waits:
    """Return what the instance waits for now."""
    tasks, timers, subscriptions = {}, {}, {}
    for token in run.state.tokens.values():
        node = run.node(token)
        if node.kind in PEOPLE and token.loop is None:
            tasks[token.key] = _task(instance, run, token)
    for owner, armed in run.state.listeners():
        if armed.due is not None and armed.key is not None:
            timers[armed.key] = {"element": armed.node, "due_at": datetime.fromisoformat(armed.due)}
        elif armed.key is not None:
            _, event = event_of(run, owner, armed)
            subscriptions[armed.key] = {"business_key": instance.business_key, "kind": event.kind, "name": event.name}
    return Waits(tasks, timers, subscriptions)


def _task(instance: Instance, run: Run, token: Token) -> dict[str, Any]:
    """The row of a task; the model may name the fact that holds whose it is from the start."""
    node = run.node(token)
    whose = run.facts(token.scope).get(node.assignee) if node.assignee else None
    return {
        "business_key": instance.business_key,
        "tenant": instance.tenant,
        "group": node.group or "",
        "element": node.id,
        "name": node.name or node.id,
        "name_en": node.name_en,
        "form": node.form,
        "phase": node.phase,
        "assignee": whose if isinstance(whose, str) else None,
        "due_at": datetime.fromisoformat(token.due) if token.due else None,
        "due_source": node.due_source,
        "reminders": timing.leads(node.reminders, run.facts(token.scope)) if node.reminders else None,
    }


def save(db: Session, instance: Instance, before: Waits, after: Waits, now: datetime) -> None:
    """Write the difference between two moments."""
    _difference(db, instance, UserTask, before.tasks, after.tasks, {"created_at": now, "follow_up_on": None})
    _difference(db, instance, Timer, before.timers, after.timers, {"attempts": 0})
    _difference(db, instance, Subscription, before.subscriptions, after.subscriptions, {})


def _difference(
    db: Session, instance: Instance, table: type[Any], before: Rows, after: Rows, extra: Mapping[str, Any]
) -> None:
    gone = before.keys() - after.keys()
    new = [{"id": key, "instance_id": instance.id, **extra, **row} for key, row in after.items() if key not in before]
    if gone:
        db.connection().execute(_DELETE[table], [{"gone": key} for key in sorted(gone)])
    if new:
        db.connection().execute(_INSERT[table], new)


def keep_sources(db: Session, ends: tuple[str, str], before: Rows, after: Rows, moved: Mapping[str, str]) -> None:
    """Where a date stays though the new version (`ends`: from, to) counts it otherwise, who set it stays too: the law
    that this one names did not.
    """
    old, new = (registry.program(db, each).nodes for each in ends)
    for key in moved.keys() & before.keys() & after.keys():
        was, row = before[key], after[key]
        if row["due_at"] == was["due_at"] and old[was["element"]].due != new[row["element"]].due:
            row["due_source"] = was["due_source"]


def change(db: Session, before: Waits, after: Waits) -> None:
    """Write what is different of rows that stay: the same task or timer under another version of its model.

    Whose task it is, since when, and when to look at it again are not the model's to change.
    """
    _follow_all(db, UserTask, before.tasks, after.tasks)
    _follow_all(db, Timer, before.timers, after.timers)
    db.flush()


def _follow_all(db: Session, table: type[Any], old: Rows, new: Rows) -> None:
    changed = [key for key in old.keys() & new.keys() if old[key] != new[key]]
    if changed:
        query = select(table).where(table.id.in_(changed)).execution_options(populate_existing=True)
        for row in db.scalars(query):
            _follow(row, old[row.id], new[row.id])


def _follow(row: Any, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
    """Let a row say what the new version says otherwise; what the old one did not say was told by hand, and stays."""
    for name, value in new.items():
        if name != "assignee" and value != old[name] and getattr(row, name) == old[name]:
            setattr(row, name, value)


def rebind_steps(
    db: Session, instance: Instance, ends: tuple[str, str], moved: Mapping[str, str], tasks: tuple[Rows, Rows], by: str
) -> None:
    """Write the waiting steps down on another version (`ends`: from, to), each at its element (`moved`, by step).

    Each is closed as "moved" on the old version, and open on the new one since it really began. `tasks`: what waits for
    people, before and after.
    """
    old, new = ends
    waiting = select(Step).where(Step.instance_id == instance.id, Step.definition_id == old, Step.ended_at.is_(None))
    steps = [step for step in db.scalars(waiting) if step.id in moved]
    earlier, nodes, now = registry.program(db, old).nodes, registry.program(db, new).nodes, clock.now()
    closed = [
        {
            "id": new_id(), "instance_id": instance.id, "definition_id": old, "element": step.element,
            "kind": step.kind, "name": step.name, "via": step.via, "started_at": step.started_at, "due_at": step.due_at,
            "ended_at": now, "outcome": MOVED, "by": by,
        }
        for step in steps
    ]  # fmt: skip
    for step in steps:
        was, node = earlier[step.element], nodes[moved[step.id]]
        due = [each[step.id]["due_at"] if step.id in each else None for each in tasks]
        _follow(step, {"name": was.name, "due_at": due[0]}, {"name": node.name, "due_at": due[1]})
        step.definition_id, step.element, step.kind = new, node.id, node.kind
    db.flush()
    if closed:
        db.connection().execute(_INSERT[Step], closed)


def record(db: Session, instance: Instance, run: Run, after: Waits, by: str) -> None:
    """Write the steps of this run: new ones with the date of what now waits, and the end of those that were waiting."""
    if run.steps:
        db.connection().execute(
            _INSERT[Step],
            [
                {
                    "id": step.key,
                    "instance_id": instance.id,
                    "definition_id": step.definition,
                    "element": step.element,
                    "kind": step.kind,
                    "name": step.name,
                    "via": step.via,
                    "started_at": step.started_at,
                    "ended_at": step.ended_at,
                    "outcome": step.outcome,
                    "by": by if step.outcome else None,
                    "due_at": after.tasks[step.key]["due_at"] if step.key in after.tasks else None,
                }
                for step in run.steps
            ],
        )
    if run.ended:
        now = run.env.now()
        ended = [{"key": key, "how": outcome, "now": now, "who": by} for key, outcome in run.ended]
        db.connection().execute(_END, ended)


def due(db: Session, now: datetime, limit: int) -> list[str]:
    """Return the ids of the timers and deliveries that are due and not given up, oldest first."""
    return list(db.scalars(_DUE, {"now": now, "most": limit}))


def _due() -> Select[str]:
    """Return the statement, made once: to write it anew at every tick would cost more than to run it."""
    now, most = bindparam("now", type_=Timer.due_at.type), bindparam("most", type_=Integer)
    waiting = (
        select(Timer.due_at, Timer.id).where(Timer.due_at <= now, Timer.attempts < 3),
        select(Delivery.due_at, Delivery.id).where(
            Delivery.due_at <= now, Delivery.attempts < 3, Delivery.instance_id.is_not(None)
        ),
    )
    of_each = (select(each.order_by(each.selected_columns.due_at).limit(most).subquery()) for each in waiting)
    oldest = union_all(*of_each).subquery()
    return select(oldest.c.id).order_by(oldest.c.due_at, oldest.c.id).limit(most)


_DUE = _due()
