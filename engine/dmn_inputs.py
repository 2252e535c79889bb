"""What a decision looks at: the data that one must give it, what kind each of them is, which values its table names.

Real cases hand a decision whatever they know; who tries a table by hand needs a question for each datum. What cannot be
told from the file (a datum of which only a calculation is used) has no kind.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

from engine.dmn import Cell, Column, Decision, Model, Table
from engine.dmn_check import TYPES
from engine.feel_constants import NOT_FIXED, constant, listed
from engine.feel_tree import Call, Compare, If, Literal, Name, Node, walk
from engine.feel_values import KINDS

LIST: Final = "list"
_MADE_OF_TEXT: Final = {"date": "date", "time": "time", "date and time": "date and time"}


@dataclass(frozen=True, slots=True)
class Input:
    """One datum: its name in the file, what its column is called, its kind in FEEL ("" if unknown), the texts that it
    may be (`closed`) or that the table names among others.
    """

    name: str
    label: str
    kind: str = ""
    values: tuple[str, ...] = ()
    closed: bool = False

    def joined(self, other: "Input") -> "Input":
        """The same datum as two places of a file, or two versions of it, speak of it."""
        kind = self.kind or other.kind if not (self.kind and other.kind) or self.kind == other.kind else ""
        label = self.label if self.label != self.name else other.label
        values = tuple(dict.fromkeys((*self.values, *other.values)))
        return replace(self, label=label, kind=kind, values=values, closed=self.closed and other.closed)


def inputs(models: Iterable[Model], decision_id: str) -> list[Input]:
    """Return the data that a decision needs in any of these versions, in the order of the file."""
    found: dict[str, Input] = {}
    for model in models:
        made: set[str] = set()
        for decision in model.in_order(decision_id):
            mine: dict[str, Input] = {}
            for each in _of_decision(decision):
                if each.name not in made:
                    mine[each.name] = mine[each.name].joined(each) if each.name in mine else each
            made |= {decision.element, decision.name, decision.variable}
            found |= {name: found[name].joined(each) if name in found else each for name, each in mine.items()}
    return list(found.values())


def _of_decision(decision: Decision) -> Iterator[Input]:
    if not isinstance(decision.logic, Table):
        yield from _compared(decision.logic, "")
        return
    table = decision.logic
    for place, column in enumerate(table.inputs):
        yield from _of_column(column, [rule.tests[place] for rule in table.rules])
    for rule in table.rules:
        for cell in (*rule.tests, *rule.results):
            yield from _compared(cell, "")
    for column in table.outputs:
        yield from _compared(column.default, "")


def _of_column(column: Column, cells: list[Cell]) -> Iterator[Input]:
    expression = column.test.expression if column.test else None
    if expression is None:
        return
    handed_on = set(_handed_on(expression.tree))
    kind = TYPES.get(column.type, "")
    said = {node.value for node in walk(expression.tree) if isinstance(node, Literal)}
    for each in _compared(column.test, column.label):
        if each.name not in handed_on:
            yield each
            continue
        values = [value for cell in (column.allowed, *cells) for value in _named(cell)]
        kinds = {KINDS.get(type(value), "") for value in values}
        texts = tuple(dict.fromkeys(value for value in _allowed(column) or values if isinstance(value, str)))
        yield Input(
            each.name,
            each.label,
            kind or (kinds.pop() if len(kinds) == 1 else ""),
            tuple(text for text in texts if text not in said),
            closed=bool(_allowed(column)),
        )


def _handed_on(node: Node) -> Iterator[str]:
    """The names whose value is the value of this expression, in one of its branches."""
    if isinstance(node, Name):
        yield node.name
    elif isinstance(node, If):
        yield from _handed_on(node.yes)
        yield from _handed_on(node.no)


def _allowed(column: Column) -> list[Any]:
    return listed(column.allowed.expression.tree) if column.allowed and column.allowed.expression else []


def _named(cell: Cell | None) -> list[Any]:
    """The fixed values that a condition is written with."""
    if cell is None or cell.expression is None:
        return []
    values = [node.value for node in walk(cell.expression.tree) if isinstance(node, Literal)]
    return sorted((each for each in values if each is not None), key=lambda each: cell.text.find(str(each)))


def _compared(cell: Cell | None, label: str) -> Iterator[Input]:
    """Each name of an expression, with what the expression does with it."""
    expression = cell.expression if cell is not None else None
    if expression is None:
        return
    several = len(expression.names) > 1
    nodes = list(walk(expression.tree))
    for name in sorted(expression.names, key=expression.text.find):
        found = Input(name, f"{label} ({name})" if label and several else label or name)
        for kind, value in (use for node in nodes for use in _uses(node, name)):
            text = (value,) if isinstance(value, str) else ()
            found = found.joined(Input(name, name, kind, text))
        yield replace(found, values=tuple(sorted(found.values, key=expression.text.find)))


def _uses(node: Node, name: str) -> Iterator[tuple[str, Any]]:
    if isinstance(node, Compare):
        for one, other in ((node.left, node.right), (node.right, node.left)):
            value = constant(other) if isinstance(one, Name) and one.name == name else NOT_FIXED
            if value is not NOT_FIXED and value is not None:
                yield KINDS.get(type(value), ""), value
    elif isinstance(node, Call) and node.arguments and node.arguments[0] == Name(name):
        if node.function.name in _MADE_OF_TEXT:
            yield _MADE_OF_TEXT[node.function.name], None
        elif node.function.name == "list contains" and isinstance(node.arguments[1], Literal):
            yield LIST, node.arguments[1].value
