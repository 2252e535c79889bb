"""Where people stand in a process now: how many at each step, since when, what is slower than it usually is.

Small numbers are hidden, also by difference (`cases/smallcells.py`): the steps together are the whole, so a hidden one
is never alone. How long they have waited is told only where their number is, and the usual time only where that many
have passed. Who runs on an older version is counted at the step with the same id; a step that the newest version does
not have any more stands in the list, called as the youngest version calls it that had it, and not on the drawing.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Set
from dataclasses import dataclass
from datetime import timedelta
from statistics import median

from sqlalchemy.orm import Session

from cases import smallcells
from cases.smallcells import Cell
from core import clock
from core.errors import N_
from engine import history, registry
from engine.game.program import Node
from engine.history import Place
from engine.tables import Definition

LATE, IN_TIME = "late", "in_time"
USUAL = timedelta(days=365)  # how far back the usual time is looked for
SLOW = 1.5  # so many times the usual is slow
WAITS = ("Task", "CatchEvent", "callActivity")
LEVELS = 3
NAMELESS = N_("un passo senza nome")


@dataclass(frozen=True, slots=True)
class Row:
    """One step: how many wait there, of them late; how long on the median, and how long it usually takes."""

    element: str
    name: str
    name_en: str
    cell: Cell
    waited: timedelta | None
    usual: timedelta | None
    drawn: bool

    @property
    def late(self) -> Cell | None:
        """Those beyond their date."""
        return next((part for parts in self.cell.parts.values() for part in parts if part.key == LATE), None)

    @property
    def slow(self) -> bool:
        """Do they wait longer here than people usually do?"""
        return self.waited is not None and self.usual is not None and self.waited > self.usual * SLOW


@dataclass(frozen=True, slots=True)
class Map:
    """All steps of a process: the whole, and each in the order of the file, those with people only."""

    whole: Cell
    rows: list[Row]

    def level(self, row: Row) -> int:
        """How dark a step is drawn: 1 for few, 3 for those near the most."""
        most = max((each.cell.total for each in self.rows if each.cell.shown), default=0)
        if not row.cell.shown or most == 0:
            return 1
        return max(1, -(-row.cell.total * LEVELS // most))


def of(db: Session, model: Definition) -> Map:
    """Where the open pathways of this process stand now."""
    program, now = registry.program(db, model.id), clock.now()
    waiting = _by_element(history.waiting(db, model.process_id))
    passed = _by_element(history.ended(db, model.process_id, now - USUAL))
    nodes = {node.id: node for node in program.nodes.values() if node.name and node.kind.endswith(WAITS)}
    order = [*nodes, *(element for element in waiting if element not in nodes)]
    before = _before(db, model.process_id, waiting.keys() - program.nodes.keys())
    cells = [_cell(element, waiting.get(element, [])) for element in order]
    together = sum((cell.by for cell in cells), Counter[str]())
    whole = smallcells.guard(Cell(model.process_id, together, {"where": cells}))
    rows = [
        _row(
            cell, program.nodes.get(cell.key), before.get(cell.key), waiting[cell.key], passed.get(cell.key, [])
        )
        for cell in cells
        if cell.key in waiting
    ]
    return Map(whole, rows)


def _before(db: Session, process_id: str, missing: Set[str]) -> dict[str, Node]:
    """The steps that a version has not any more, as the youngest one has them that does."""
    found: dict[str, Node] = {}
    for version in registry.versions(db, process_id) if missing else ():
        nodes = registry.program(db, version.id).nodes
        found = {element: nodes[element] for element in missing & nodes.keys()} | found
    return found


def _by_element(places: Iterable[Place]) -> dict[str, list[Place]]:
    found: dict[str, list[Place]] = defaultdict(list)
    for place in places:
        found[place.element].append(place)
    return found


def _cell(element: str, there: list[Place]) -> Cell:
    now = clock.now()
    parts: dict[str, Counter[str]] = {LATE: Counter(), IN_TIME: Counter()}
    for place in there:
        parts[LATE if place.due_at is not None and place.due_at < now else IN_TIME][place.tenant] += 1
    when = [Cell(key, by) for key, by in parts.items()]
    return Cell(element, Counter(place.tenant for place in there), {"when": when})


def _row(cell: Cell, node: Node | None, before: Node | None, there: list[Place], passed: list[Place]) -> Row:
    now = clock.now()
    waited = _median(now - place.started_at for place in there) if cell.shown else None
    known = smallcells.guard(Cell(cell.key, Counter(place.tenant for place in passed)))
    usual = _median((place.ended_at or now) - place.started_at for place in passed) if known.shown and passed else None
    named = node or before
    name = (named.name, named.name_en) if named and named.name else (NAMELESS, "")
    return Row(cell.key, *name, cell, waited, usual, node is not None)


def _median(spans: Iterable[timedelta]) -> timedelta:
    return timedelta(seconds=median(span.total_seconds() for span in spans))
