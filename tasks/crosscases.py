"""Across cases, for who checks: terms kept and missed, time per phase, what is repeated and skipped; by whole quarters.

What is small is not told, also not by difference (`cases/smallcells.py`): a part is shown beside others only where
nobody can work out a hidden one from them. A median is shown where its count is. A case counts for the post that has
it now, a pathway for the post in whose inbox it runs.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

from sqlalchemy import select
from sqlalchemy.orm import Session

from cases import periods, smallcells
from cases.casefile import Case
from cases.deadlines import Deadline
from cases.periods import Period
from cases.smallcells import Cell
from core.errors import N_
from core.log import Line
from engine import registry
from engine.tables import Definition, Instance, Step
from engine.waits import MOVED

KEPT, LATE, MISSED, DROPPED = "kept", "late", "missed", "dropped"
OUTCOMES = (KEPT, LATE, MISSED, DROPPED)
ONCE, AGAIN, SKIPPED = "once", "again", "skipped"
IN_TIME = "in_time"
DEVIATIONS = {
    "task.skipped": N_("Passi saltati a mano, con un motivo"),
    "task.added": N_("Passi aggiunti a mano, con un motivo"),
    "instance.cancelled": N_("Percorsi interrotti prima della fine"),
    "instance.failed": N_("Percorsi fermati da un caso che il modello non prevede"),
    "incident.skipped": N_("Passi saltati dal coordinamento dopo un guasto"),
    "instance.moved": N_("Percorsi passati a un'altra versione del modello"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table: what, how often, in parts, and how long it took on the median (None: not to be told)."""

    name: str
    name_en: str
    cell: Cell
    took: timedelta | None = None

    def part(self, key: str) -> Cell | None:
        """The part with this key, if the row has parts."""
        return next((part for parts in self.cell.parts.values() for part in parts if part.key == key), None)


def quarter(text: str) -> Period:
    """The quarter that begins in this month ("2026-07"), else the last that is over. Raises InvalidForm."""
    if text:
        month = f"{text[:5]}{int(text[5:7]) + 2:02}" if text[5:7].isascii() and text[5:7].isdigit() else text
        return periods.between(periods.QUARTER, text, month)[0]
    return periods.between(periods.QUARTER, *periods.latest(periods.QUARTER))[0]


def terms(db: Session, period: Period) -> list[Row]:
    """For every term that came due in the quarter: kept, settled too late, missed, no longer expected."""
    query = select(Deadline, Case.post).join(Case, Case.code == Deadline.case_code)
    query = query.where(Deadline.due_on >= period.since, Deadline.due_on < period.until)
    found: dict[str, dict[str, Counter[str]]] = defaultdict(lambda: {name: Counter() for name in OUTCOMES})
    names: dict[str, str] = {}
    for row, post in db.execute(query):
        found[row.term_id][_outcome(row)][post] += 1
        names[row.term_id] = f"{row.term_id} {row.name}"
    return [_row(names[term], "", parts) for term, parts in sorted(found.items())]


def phases(db: Session, period: Period) -> list[Row]:
    """For every phase that cases left in the quarter: how many, and how long they were in it."""
    query = select(Line.case_code, Line.at, Line, Case.post).join(Case, Case.code == Line.case_code)
    query = query.where(Line.verb.in_(("case.opened", "case.phase_changed"))).order_by(Line.case_code, Line.id)
    by_phase: dict[str, list[tuple[str, timedelta]]] = defaultdict(list)
    for (code, began, line, post), (after, ended, _, _) in pairwise(db.execute(query)):
        if code == after and _within(ended, period):
            by_phase[str(line.facts.get("new", "P2"))].append((post, ended - began))
    return [_timed(phase, "", spans) for phase, spans in sorted(by_phase.items())]


def steps(db: Session, period: Period) -> dict[str, list[Row]]:
    """By pathway, for every step that ended in the quarter: once or again in its pathway, skipped, how long it took."""
    query = select(Step, Definition.process_id, Instance.tenant).join(Instance, Instance.id == Step.instance_id)
    query = query.join(Definition, Definition.id == Instance.definition_id)
    since, until = periods.instant(period.since), periods.instant(period.until)
    query = query.where(Step.ended_at >= since, Step.ended_at < until).order_by(Step.started_at, Step.id)
    seen: Counter[tuple[str, str]] = Counter()
    parts: dict[tuple[str, str], dict[str, Counter[str]]] = {}
    dates: dict[tuple[str, str], dict[str, Counter[str]]] = {}
    spans: dict[tuple[str, str], list[timedelta]] = defaultdict(list)
    names: dict[tuple[str, str], tuple[str, str]] = {}
    for step, process, post in db.execute(query):
        node = registry.program(db, step.definition_id).nodes.get(step.element)
        if node is None or not node.kind.endswith("Task") or step.outcome == MOVED:
            continue
        place, run = (process, step.element), (step.instance_id, step.element)
        seen[run] += 1
        how = SKIPPED if step.outcome == "skipped" else AGAIN if seen[run] > 1 else ONCE
        parts.setdefault(place, {name: Counter() for name in (ONCE, AGAIN, SKIPPED)})[how][post] += 1
        late = step.due_at is not None and step.ended_at is not None and step.ended_at > step.due_at
        dates.setdefault(place, {name: Counter() for name in (LATE, IN_TIME)})[LATE if late else IN_TIME][post] += 1
        spans[place].append((step.ended_at or step.started_at) - step.started_at)
        names[place] = node.name or step.element, node.name_en
    found: dict[str, list[Row]] = defaultdict(list)
    for (process, element), counted in sorted(parts.items()):
        found[process].append(_row(*names[process, element], counted, spans[process, element], dates[process, element]))
    return dict(found)


def deviations(db: Session, period: Period) -> tuple[Cell, list[Row]]:
    """How people left the model in the quarter: all of it, and by how. The engine follows the model, so nothing else
    can differ: an order of steps that the model does not know is impossible."""
    since, until = periods.instant(period.since), periods.instant(period.until)
    query = select(Line).where(Line.verb.in_(DEVIATIONS), Line.at >= since, Line.at < until)
    lines = list(db.scalars(query))
    runs = {str(line.facts.get("instance")) for line in lines}
    whose = select(Instance.id, Instance.tenant).where(Instance.id.in_(runs))
    posts = {run: post for run, post in db.execute(whose)}
    counted = {verb: Counter[str]() for verb in DEVIATIONS}
    for line in lines:
        counted[line.verb][posts.get(str(line.facts.get("instance")), "")] += 1
    cells = [Cell(verb, by) for verb, by in counted.items()]
    whole = smallcells.guard(Cell("all", sum(counted.values(), Counter[str]()), {"how": cells}))
    return whole, [Row(DEVIATIONS[cell.key], "", cell) for cell in cells]


def _outcome(row: Deadline) -> str:
    if row.status == "met":
        return KEPT if row.settled_on is None or row.settled_on <= row.due_on else LATE
    return MISSED if row.status == "open" else DROPPED


def _row(
    name: str,
    name_en: str,
    parts: dict[str, Counter[str]],
    spans: Iterable[timedelta] = (),
    dates: dict[str, Counter[str]] | None = None,
) -> Row:
    whole: Counter[str] = Counter()
    for counted in parts.values():
        whole.update(counted)
    ways = {"how": parts, "when": dates or {}}
    cells = {way: [Cell(key, by) for key, by in counted.items()] for way, counted in ways.items() if counted}
    cell = smallcells.guard(Cell(name, whole, cells))
    return Row(name, name_en, cell, _median(spans) if cell.shown else None)


def _timed(name: str, name_en: str, spans: list[tuple[str, timedelta]]) -> Row:
    cell = smallcells.guard(Cell(name, Counter(post for post, _ in spans)))
    return Row(name, name_en, cell, _median(span for _, span in spans) if cell.shown else None)


def _median(spans: Iterable[timedelta]) -> timedelta | None:
    seconds = [span.total_seconds() for span in spans]
    return timedelta(seconds=median(seconds)) if seconds else None


def _within(at: datetime, period: Period) -> bool:
    return periods.instant(period.since) <= at < periods.instant(period.until)
