"""What an instance went through: its steps in order, and where it stands in its diagram."""

from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from core import clock
from core.errors import NotYours
from engine import lineage, registry
from engine.tables import Definition, Instance, Step
from engine.waits import MOVED

STATES = {"done": "done", "fired": "done", "joined": "done", "skipped": "skipped"}


@dataclass(frozen=True, slots=True)
class Mark:
    """How an element is shown on the diagram. `state`: as `state_of` says; `times` it was entered."""

    element: str
    state: str
    times: int
    since: datetime


def steps(db: Session, instance_id: str) -> list[Step]:
    """Return every step of an instance, oldest first; what one run began at one moment, in the order of the model."""
    found = db.scalars(select(Step).where(Step.instance_id == instance_id).order_by(Step.started_at, Step.id))
    return [step for _, run in groupby(found, key=attrgetter("started_at")) for step in _in_order(db, list(run))]


def _in_order(db: Session, left: list[Step]) -> list[Step]:
    """Put steps of one moment behind those from which their flows come."""
    sources = {step.id: _source(db, step) for step in left} if len(left) > 1 else {}
    told: list[Step] = []
    while len(left) > 1:
        waiting, been = {step.element for step in left}, {step.element for step in told}
        first = next((step for step in left if sources[step.id] not in waiting - {step.element}), None)
        # in a ring: whoever comes from what was told already
        first = first or next((step for step in left if sources[step.id] in been), left[0])
        told.append(first)
        left.remove(first)
    return told + left


def _source(db: Session, step: Step) -> str | None:
    nodes = registry.program(db, step.definition_id).nodes.values()
    return next((flow.source for node in nodes for flow in node.outgoing if flow.id == step.via), None)


def marks(db: Session, instance_id: str, definition_id: str) -> list[Mark]:
    """Return one mark for each element of a definition that the instance entered; the latest step decides its state.

    What was done on a version that the instance has left since is told at its element on this one, where it has it.
    """
    found: dict[str, Mark] = {}
    places = lineage.of(db, instance_id, definition_id)
    for step in steps(db, instance_id):
        element = places.of(step)
        if not element or step.outcome == MOVED:
            continue
        state, before = state_of(step), found.get(element)
        if before is not None and before.state in ("active", "late"):
            state = before.state
        found[element] = Mark(element, state, (before.times if before else 0) + 1, step.started_at)
    return list(found.values())


def state_of(step: Step) -> str:
    """How a step stands: active, or late beyond its date; done, or donelate; skipped, cancelled, moved (it waits on
    another version of the model).
    """
    if step.outcome == MOVED:
        return MOVED
    late = step.due_at is not None and (step.ended_at or clock.now()) > step.due_at
    if step.ended_at is None:
        return "late" if late else "active"
    state = STATES.get(step.outcome or "", "cancelled")
    return "donelate" if late and state == "done" else state


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


class Place(NamedTuple):
    """A step that waits now, or ended: where, in whose inbox, since when, by when it was due, until when."""

    element: str
    tenant: str
    started_at: datetime
    due_at: datetime | None
    ended_at: datetime | None


def waiting(db: Session, process_id: str) -> list[Place]:
    """Return every step of a process at which somebody waits now, whatever version it runs on, called ones too."""
    query = _places(process_id).where(Step.ended_at.is_(None), Instance.status == "open")
    return [Place(*row) for row in db.execute(query)]


def ended(db: Session, process_id: str, since: datetime) -> list[Place]:
    """Return the steps of a process that were done since an instant."""
    query = _places(process_id).where(Step.ended_at >= since, Step.outcome.in_([*STATES]), Step.outcome != "skipped")
    return [Place(*row) for row in db.execute(query)]


def _places(process_id: str) -> Select[str, str, datetime, datetime | None, datetime | None]:
    query = select(Step.element, Instance.tenant, Step.started_at, Step.due_at, Step.ended_at)
    query = query.join(Instance, Instance.id == Step.instance_id)
    # a called process runs inside the instance of its caller, and its steps belong to its own drawing
    return query.join(Definition, Definition.id == Step.definition_id).where(Definition.process_id == process_id)
