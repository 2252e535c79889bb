"""Where what an instance did on other versions of its process is told on the one it runs on now."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import registry
from engine.game.move import way_back
from engine.game.program import Node
from engine.migration import Move
from engine.tables import Step


@dataclass(frozen=True, slots=True)
class Lineage:
    """Where the elements of the versions that an instance has run on are on the one it is told on: a mapping for each
    version.
    """

    nodes: Mapping[str, Node]
    mappings: Mapping[str, Mapping[str, str]]

    def of(self, step: Step) -> str:
        """Return the element at which a step is told; empty if this version has none."""
        mapping = self.mappings.get(step.definition_id)
        element = mapping.get(step.element, step.element) if mapping is not None else ""
        return element if element in self.nodes else ""


def of(db: Session, instance_id: str, definition_id: str) -> Lineage:
    """Return how what an instance did on other versions of a process is told on this one."""
    query = select(Move).where(Move.instance_id == instance_id, Move.moved_at.is_not(None))
    went: list[tuple[datetime, str, str, Mapping[str, str]]] = []
    for move in db.scalars(query):
        went.append((move.moved_at or move.asked_at, move.from_id, move.to_id, move.mapping))
        if move.undone_at is not None:
            back = way_back(move.mapping, registry.program(db, move.from_id).nodes)
            went.append((move.undone_at, move.to_id, move.from_id, back))
    known: dict[str, Mapping[str, str]] = {definition_id: {}}
    for _, old, new, mapping in sorted(went, key=lambda each: each[0], reverse=True):
        if new in known and old not in known:
            onward = known[new]
            known[old] = {**onward, **{a: onward.get(b, b) for a, b in mapping.items()}}
    return Lineage(registry.program(db, definition_id).nodes, known)
