"""Checks the meaning of decision tables when they are saved: types of cells, allowed values (DMN 1.3, 8.2)."""

from collections.abc import Iterator
from typing import Any, Final

from core.errors import N_
from engine import dmn, feel
from engine.dmn import Cell, Column, Decision, Table
from engine.dmn_cover import cover
from engine.feel_constants import NOT_FIXED, constant, listed
from engine.feel_limits import Run
from engine.feel_tree import Interval, Items, Node, OneSided, Unary
from engine.feel_values import KINDS, Range, equal
from engine.findings import Finding

# the names that editors write for FEEL's types
TYPES: Final = {
    "string": "string", "number": "number", "integer": "number", "long": "number", "double": "number",
    "boolean": "boolean", "date": "date", "time": "time", "dateTime": "date and time", "date and time": "date and time",
    "dayTimeDuration": "days and time duration", "days and time duration": "days and time duration",
    "yearMonthDuration": "years and months duration", "years and months duration": "years and months duration",
}  # fmt: skip
WORDS: Final = {
    "string": N_("testo"), "number": N_("numero"), "boolean": N_("sì o no"), "date": N_("data"), "time": N_("ora"),
    "date and time": N_("data e ora"), "days and time duration": N_("durata"), "list": N_("elenco"),
    "years and months duration": N_("durata in mesi o anni"), "context": N_("insieme di valori"),
    "range": N_("intervallo"),
}  # fmt: skip


def check(data: bytes) -> list[Finding]:
    """Return all that is wrong with a DMN file, in the order of its lines; an error forbids publishing it."""
    model, findings = dmn.read(data)
    if not findings:
        # what a table covers can only be said of cells that can be read
        findings = [each for decision in model.decisions.values() for each in _decision(decision)]
    return sorted(findings, key=lambda each: each.line or 0)


def _decision(decision: Decision) -> Iterator[Finding]:
    table = decision.logic
    if not isinstance(table, Table):
        return
    for place, column in enumerate(table.inputs):
        for rule in table.rules:
            yield from _test(decision, column, rule.tests[place])
    for place, column in enumerate(table.outputs):
        for rule in table.rules:
            yield from _result(decision, table, column, rule.results[place])
    yield from cover(decision, table)


def _finding(decision: Decision, cell: Cell, level: str, sentence: str, **params: object) -> Finding:
    return Finding(cell.line, cell.element, decision.name, sentence, level, params)


# -- conditions --------------------------------------------------------------------------------------------------------


def _test(decision: Decision, column: Column, cell: Cell) -> Iterator[Finding]:
    for value in _values(cell):
        if _is_foreign(column, value):
            sentence = N_("la colonna «%(column)s» è di tipo %(type)s, ma «%(text)s» è di tipo %(kind)s")
            yield _finding(decision, cell, "error", sentence, **_types(column, cell, value))
        elif _is_unknown(column, value):
            sentence = N_("«%(text)s» non è tra i valori ammessi della colonna «%(column)s»")
            yield _finding(decision, cell, "error", sentence, text=cell.text, column=column.label)


def _values(cell: Cell) -> list[Any]:
    """Return the fixed values a condition compares with; of an interval its ends."""
    tree = cell.expression.tree if cell.expression else None
    nodes = [each for test in tree.tests for each in _ends(test)] if isinstance(tree, Unary) else []
    values = [constant(each) for each in nodes]
    return [each for each in values if each is not NOT_FIXED and each is not None]


def _ends(test: Node) -> list[Node]:
    if isinstance(test, OneSided):
        return [test.operand]
    if isinstance(test, Interval):
        return [test.low, test.high]
    return [each for item in test.items for each in _ends(item)] if isinstance(test, Items) else [test]


def _is_foreign(column: Column, value: Any) -> bool:
    wanted = TYPES.get(column.type)
    if wanted is None or isinstance(value, Range):
        return False
    return KINDS[type(value)] != wanted


def _is_unknown(column: Column, value: Any) -> bool:
    expression = column.allowed.expression if column.allowed else None
    if expression is None or isinstance(value, Range):
        return False
    return expression.evaluate({"?": value}) is False


def _types(column: Column, cell: Cell, value: Any) -> dict[str, object]:
    kind = KINDS[type(value)]
    return {
        "column": column.label,
        "type": WORDS[TYPES[column.type]],
        "text": cell.text,
        "kind": WORDS.get(kind, kind),
    }


# -- results -----------------------------------------------------------------------------------------------------------


def _result(decision: Decision, table: Table, column: Column, cell: Cell) -> Iterator[Finding]:
    if cell.text == "null":
        yield _finding(decision, cell, "warning", N_("il risultato «%(column)s» è vuoto"), column=column.label)
        return
    value = constant(cell.expression.tree) if cell.expression else NOT_FIXED
    if value is NOT_FIXED:
        return
    if value is None:
        yield _finding(decision, cell, "error", N_("«%(text)s» non dà nessun valore"), text=cell.text)
    elif _is_foreign(column, value):
        sentence = N_("il risultato «%(column)s» è di tipo %(type)s, ma «%(text)s» è di tipo %(kind)s")
        yield _finding(decision, cell, "error", sentence, **_types(column, cell, value))
    elif column.allowed and not _is_listed(table, column, value):
        sentence = N_("«%(text)s» non è tra i valori ammessi del risultato «%(column)s»")
        yield _finding(decision, cell, "error", sentence, text=cell.text, column=column.label)


def _is_listed(table: Table, column: Column, value: Any) -> bool:
    expression: feel.Expression | None = column.allowed.expression if column.allowed else None
    if expression is None:
        return True
    if table.policy in ("PRIORITY", "OUTPUT ORDER"):
        return any(equal(each, value, Run()) is True for each in listed(expression.tree))
    return expression.evaluate({"?": value}) is not False
