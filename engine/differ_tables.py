"""What changed in the rows of decision tables: cell by cell, called by their number and the head of the column."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

from lxml import etree

from core.errors import N_
from engine.differ_order import out_of_order
from engine.differ_things import CELLS, NOTHING, TEXT, Path, Value, collect, details, facts_of, is_home, local
from engine.differ_words import ADDED, CHANGED, MOVED, REMOVED, ROW, Change, Detail, Place

ANY = "-"
LONGEST_NAME = 120
# Whether the order of the rows decides (`dmn_run`: also of a list that DMN 1.3, 8.2.10, leaves without an order).
FIRST = N_("In «%(table)s» vale la prima riga che corrisponde, dall'alto: l'ordine delle righe conta.")
LISTED = N_("In «%(table)s» i risultati si danno nell'ordine delle righe: l'ordine conta.")
TIED = N_("In «%(table)s» l'ordine delle righe conta solo tra risultati ugualmente importanti.")
FREE = N_("In «%(table)s» l'ordine delle righe non cambia i risultati.")


@dataclass(frozen=True)
class _Row:
    number: int
    cells: Mapping[str, str]  # by column
    facts: Mapping[Path, Value]  # what is said of it beside its cells


@dataclass(frozen=True)
class _Table:
    name: str
    order: str  # whether the order of its rows decides, in words
    inputs: Mapping[str, str]  # what the columns are called
    outputs: Mapping[str, str]
    rows: Mapping[str, _Row]

    def label(self, column: str) -> str:
        return self.inputs.get(column) or self.outputs.get(column) or ""


@dataclass(frozen=True)
class Told:
    """The rows that changed, in the order of the table; where columns went that changed places; notes, with facts."""

    rows: tuple[Change, ...]
    columns: Mapping[str, Place]
    notes: tuple[tuple[str, Mapping[str, Any]], ...]


def compare(old: etree._Element | None, new: etree._Element | None) -> Told:
    """What changed in the tables of one file; None has none. Of a table that is gone the rows are not told."""
    before, after = _tables(old), _tables(new)
    rows: list[Change] = []
    columns: dict[str, Place] = {}
    notes: list[tuple[str, Mapping[str, Any]]] = []
    for decision, table in after.items():
        former = before.get(decision) or _Table("", table.order, table.inputs, table.outputs, {})
        owner = f"{table.name}: " if len(after) > 1 else ""
        found = list(_rows(former, table, owner))
        rows += found
        for was, now in ((former.inputs, table.inputs), (former.outputs, table.outputs)):
            columns |= _columns([*was], [*now])
        if former.rows:
            notes += _notes(table, found)
    return Told(tuple(rows), columns, tuple(notes))


def _notes(table: _Table, rows: list[Change]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    is_moved = any(each.place and each.place.is_moved for each in rows)
    if is_moved or (table.order != FREE and any(each.what in (ADDED, REMOVED) for each in rows)):
        yield table.order, {"table": table.name}


def _columns(before: list[str], after: list[str]) -> dict[str, Place]:
    was, now = ({name: number for number, name in enumerate(order, 1)} for order in (before, after))
    return {name: Place(was[name], now[name], is_moved=True) for name in out_of_order(before, after)}


def _rows(old: _Table, new: _Table, owner: str) -> Iterator[Change]:
    """In the order of the new table, what is gone where it stood."""
    former = _partners(old, new)
    kept = set(former.values())
    moved = out_of_order([*old.rows], [former[name] for name in new.rows if name in former])
    gone: dict[int, list[Change]] = {}  # by how many of the rows that stay stand above
    above = 0
    for name, row in old.rows.items():
        if name in kept:
            above += name not in moved
        else:
            gone.setdefault(above, []).append(_one(REMOVED, name, row, old, owner))
    yield from gone.get(0, ())
    above = 0
    for name, row in new.rows.items():
        if name not in former:
            yield _one(ADDED, name, row, new, owner)
            continue
        before = old.rows[former[name]]
        is_moved, details = former[name] in moved, tuple(_details(before, row, new, {**old.inputs, **old.outputs}))
        if is_moved or details:
            place = Place(before.number, row.number, is_moved)
            what = CHANGED if details else MOVED
            yield Change(what, name, "", ROW, owner + _summary(row, new), details, place)
        if not is_moved:
            above += 1
            yield from gone.get(above, ())


def _partners(old: _Table, new: _Table) -> dict[str, str]:
    """Which old row a new one was: by its id, else the first that says the very same: programs write new ids."""
    found = {name: name for name in new.rows if name in old.rows}
    left: dict[Any, list[str]] = {}
    for name, row in old.rows.items():
        if name not in found:
            left.setdefault(_content(row, old), []).append(name)
    for name, row in new.rows.items():
        if name not in found and left.get(_content(row, new)):
            found[name] = left[_content(row, new)].pop(0)
    return found


def _content(row: _Row, table: _Table) -> tuple[str, ...]:
    return tuple(row.cells.get(column, ANY) for column in (*table.inputs, *table.outputs))


def _one(what: str, name: str, row: _Row, table: _Table, owner: str) -> Change:
    """A row that came or went, with all that it says."""
    said = [(row.cells[column], table.label(column)) for column in row.cells if row.cells[column] != ANY]
    sides, heads = ({}, row.facts) if what == ADDED else (row.facts, {}), {**table.inputs, **table.outputs}
    cells = [Detail("cell", *(("", text) if what == ADDED else (text, "")), label) for text, label in said]
    place = Place(0, row.number) if what == ADDED else Place(row.number, 0)
    return Change(what, name, "", ROW, owner.removesuffix(": "), (*cells, *_beside_cells(*sides, heads)), place)


def _details(before: _Row, after: _Row, table: _Table, known: Mapping[str, str]) -> Iterator[Detail]:
    """Cells of a new column are told where they say something; those of a column that is gone went with it."""
    for column, text in after.cells.items():
        was = before.cells.get(column, ANY)
        if was != text:
            yield Detail("cell", was if column in known else "", text, table.label(column))
    yield from _beside_cells(before.facts, after.facts, {**known, **table.inputs, **table.outputs})


def _beside_cells(
    before: Mapping[Path, Value], after: Mapping[Path, Value], heads: Mapping[str, str]
) -> Iterator[Detail]:
    for each in details(before, after):
        yield replace(each, column=heads.get(each.column, each.column))


def _summary(row: _Row, table: _Table) -> str:
    """By what people know a row: its annotation, else what stands in it."""
    notes = (row.facts.get(((name, ""),), NOTHING)[1] for name in ("description", "annotationEntry"))
    if about := next(filter(None, notes), ""):
        return _short(about)
    halves = (
        " · ".join(row.cells[column] for column in columns if row.cells.get(column, ANY) != ANY)
        for columns in (table.inputs, table.outputs)
    )
    return _short(" → ".join(half or ANY for half in halves))


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_NAME else f"{text[: LONGEST_NAME - 1].rstrip()}…"


def _tables(root: etree._Element | None) -> dict[str, _Table]:
    found: dict[str, _Table] = {}
    for table in () if root is None else root.iter("{*}decisionTable"):
        if not is_home(table.tag):
            continue
        owner = table.getparent()
        decision = owner if owner is not None and local(owner.tag) == "decision" else table
        name = decision.get("name") or decision.get("id") or ""
        inputs, outputs = (dict(_heads(table, kind, name)) for kind in ("input", "output"))
        rows = dict(_read_rows(table, [*inputs], [*outputs]))
        found.setdefault(
            decision.get("id") or str(len(found)),
            _Table(name, _order(table), inputs, outputs, rows),
        )
    return found


def _order(table: etree._Element) -> str:
    policy = table.get("hitPolicy")
    if policy in ("PRIORITY", "OUTPUT ORDER"):  # a column without allowed values makes none more important than others
        outputs = table.iterfind(f"{_home(table)}output")
        return FREE if all(each.find(f"{_home(table)}outputValues") is not None for each in outputs) else TIED
    is_list = policy == "RULE ORDER" or (policy == "COLLECT" and not table.get("aggregation"))
    return FIRST if policy == "FIRST" else LISTED if is_list else FREE


def _heads(table: etree._Element, kind: str, decision: str) -> Iterator[tuple[str, str]]:
    home = _home(table)
    for number, column in enumerate(table.iterfind(f"{home}{kind}"), 1):
        asked = (column.findtext(f"{home}inputExpression/{home}text") or "").strip()
        label = column.get("label") or asked or column.get("name") or decision
        yield column.get("id") or f"{kind} {number}", " ".join(label.split())


def _read_rows(table: etree._Element, inputs: list[str], outputs: list[str]) -> Iterator[tuple[str, _Row]]:
    seen: set[str] = set()
    home = _home(table)
    for number, rule in enumerate(table.iterfind(f"{home}rule"), 1):
        tests = zip(inputs, rule.iterfind(f"{home}inputEntry"), strict=False)
        results = zip(outputs, rule.iterfind(f"{home}outputEntry"), strict=False)
        cells: dict[str, str] = {}
        facts: dict[Path, Value] = {}
        for column, entry in chain(tests, results):
            said = collect(facts_of(entry, {}, whole=True))
            cells[column] = said.pop(TEXT, NOTHING)[1] or ANY
            facts |= {((local(entry.tag), column), *path): fact for path, fact in said.items()}
        facts |= collect(_beside(rule))
        name = rule.get("id") or ""
        name = name if name and name not in seen else f"rule {number}"
        seen.add(name)
        yield name, _Row(number, cells, facts)


def _beside(rule: etree._Element) -> Iterator[tuple[Path, Value]]:
    for path, fact in facts_of(rule, {}, whole=True):
        if path[0][0] not in CELLS:
            yield path, fact


def _home(table: etree._Element) -> str:
    """The namespace of the table, which is that of all its rows and cells: what another program put there is none."""
    return str(table.tag).rpartition("}")[0] + "}"
