"""What an instance went through: its steps in order, and where it stands in its diagram."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.errors import NotYours
from engine.tables import Definition, Instance, Step

STATES = {"done": "done", "fired": "done", "joined": "done", "skipped": "skipped"}


@dataclass(frozen=True, slots=True)
class Mark:
    """How an element is shown on the diagram. `state`: active, done, skipped, cancelled; `times` it was entered."""

    element: str
    state: str
    times: int
    since: datetime


def steps(db: Session, instance_id: str) -> list[Step]:
    """Return every step of an instance, oldest first."""
    return list(db.scalars(select(Step).where(Step.instance_id == instance_id).order_by(Step.started_at, Step.id)))


def marks(db: Session, instance_id: str, definition_id: str) -> list[Mark]:
    """Return one mark for each element of a definition that the instance entered; the latest step decides its state."""
    found: dict[str, Mark] = {}
    for step in steps(db, instance_id):
        if step.definition_id != definition_id:
            continue
        state = STATES.get(step.outcome or "", "cancelled") if step.ended_at else "active"
        before = found.get(step.element)
        if before is not None and before.state == "active":
            state = "active"
        found[step.element] = Mark(step.element, state, (before.times if before else 0) + 1, step.started_at)
    return list(found.values())


def instance(db: Session, instance_id: str) -> Instance:
    """Return an instance, running or over. Raises NotYours if there is none."""
    found = db.get(Instance, instance_id)
    if found is None:
        raise NotYours()
    return found


class Pathway(NamedTuple):
    """An instance by the name of its model."""

    id: str
    status: str
    name: str
    name_en: str


def pathways(db: Session, business_key: str) -> list[Pathway]:
    """Return all pathways of a business key, those that go on before those that are over, each oldest first."""
    query = (
        select(Instance.id, Instance.status, Definition.name, Definition.name_en)
        .join(Definition, Definition.id == Instance.definition_id)
        .where(Instance.business_key == business_key)
        .order_by(Instance.status != "open", Instance.started_at, Instance.id)
    )
    return [Pathway(*row) for row in db.execute(query)]


def open_counts(db: Session, definition_id: str) -> dict[str, int]:
    """Return how many steps wait at each element of a definition now."""
    query = (
        select(Step.element, func.count())
        .where(Step.definition_id == definition_id, Step.ended_at.is_(None))
        .group_by(Step.element)
    )
    return {element: count for element, count in db.execute(query)}
