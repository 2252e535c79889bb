"""Finds the cases that no rule of a table covers, and those that several do (DMN 1.3, 8.2.11: complete, consistent).

Each column is cut where its cells mention a value: below, at, between and above numbers and dates, or one text after
the other and any further text. Within such a piece every cell says the same, so that one sample stands for all of it.
The table is then walked column by column, keeping the set of rules that still hold.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from core.errors import N_
from engine.dmn import LISTS, Cell, Column, Decision, Table
from engine.feel_constants import NOT_FIXED, constant
from engine.feel_limits import FeelError
from engine.feel_time import Months
from engine.feel_tree import Between, Call, Compare, In, Interval, Items, Logic, Name, Node, OneSided, Unary
from engine.feel_values import KINDS, text_of
from engine.findings import Finding

BUDGET: Final = 200_000
SHOWN: Final = 5
WHOLE: Final = frozenset({"integer", "long"})


class _NotAnalysable(Exception):
    """A column depends on more than the value under test."""


class _TooMany(Exception):
    """There are too many combinations to look at them all."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Values of a column that no cell tells apart: one of them, how to name them, and the rules that hold for them."""

    sample: Any
    label: str
    rules: int


@dataclass(frozen=True, slots=True)
class Axis:
    """A column, or several that look at the same thing, cut into pieces."""

    label: str
    pieces: tuple[Piece, ...]


def cover(decision: Decision, table: Table) -> Iterator[Finding]:
    """Yield what the table leaves open, and where it contradicts itself."""
    axes: list[Axis] = []
    for name, places in _by_expression(table).items():
        try:
            axes.append(_axis(table, places))
        except _NotAnalysable:
            column = table.inputs[places[0]]
            sentence = N_("non si può dire se la tabella copre tutti i casi: la colonna «%(name)s» fa un calcolo")
            yield Finding(
                column.line, column.element, decision.name, sentence, "warning", {"name": column.label or name}
            )
            return
    try:
        yield from _Walk(decision, table, axes).findings()
    except _TooMany:
        sentence = N_("la tabella ha troppe combinazioni per dire se copre tutti i casi")
        yield Finding(decision.line, decision.element, decision.name, sentence, "warning")


def _by_expression(table: Table) -> dict[str, list[int]]:
    places: dict[str, list[int]] = {}
    for place, column in enumerate(table.inputs):
        places.setdefault(column.name, []).append(place)
    return places


# -- cutting a column --------------------------------------------------------------------------------------------------


def _axis(table: Table, places: list[int]) -> Axis:
    column = table.inputs[places[0]]
    cells = [rule.tests[place] for rule in table.rules for place in places]
    allowed = [each.allowed for place in places if (each := table.inputs[place]).allowed]
    values = [value for cell in [*cells, *allowed] if cell for value in _mentioned(cell)]
    pieces = []
    for sample, label in _samples(column, values):
        if all(_holds(cell, sample) for cell in allowed if cell and sample is not None):
            pieces.append(Piece(sample, label, _rules(table, places, sample)))
    return Axis(column.label, tuple(pieces))


def _rules(table: Table, places: list[int], sample: Any) -> int:
    """Return the rules that hold for a sample, one bit each."""
    bits = 0
    for number, rule in enumerate(table.rules):
        if all(_holds(rule.tests[place], sample) for place in places):
            bits |= 1 << number
    return bits


def _holds(cell: Cell, sample: Any) -> bool:
    if cell.text == "-" or cell.expression is None:
        return True
    try:
        return cell.expression.evaluate({"?": sample}) is True
    except FeelError:
        raise _NotAnalysable from None


def _mentioned(cell: Cell) -> Iterator[Any]:
    """Yield the fixed values that a cell compares with."""
    tree = cell.expression.tree if cell.expression else None
    if isinstance(tree, Unary):
        for test in tree.tests:
            yield from _of_test(test)


def _of_test(node: Node) -> Iterator[Any]:
    if isinstance(node, OneSided):
        yield from _fixed(node.operand, ordered=node.op not in ("=", "!="))
    elif isinstance(node, Interval):
        yield from _fixed(node.low, ordered=True)
        yield from _fixed(node.high, ordered=True)
    elif isinstance(node, Items):
        for each in node.items:
            yield from _of_test(each)
    elif _is_input(node):
        yield from ()
    elif isinstance(node, Compare | Between | In | Logic) or (isinstance(node, Call) and node.function.name == "not"):
        yield from _of_operation(node)
    else:
        yield from _fixed(node, ordered=False)


def _is_input(node: Node) -> bool:
    return isinstance(node, Name) and node.name == "?"


def _of_operation(node: Node) -> Iterator[Any]:
    match node:
        case Compare(op, left, right) if _is_input(left) != _is_input(right):
            yield from _fixed(right if _is_input(left) else left, ordered=op not in ("=", "!="))
        case Between(operand, low, high) if _is_input(operand):
            yield from _fixed(low, ordered=True)
            yield from _fixed(high, ordered=True)
        case In(operand, tests) if _is_input(operand):
            for each in tests:
                yield from _of_test(each)
        case Logic(_, items) | Call(_, items):
            for item in items:
                yield from _of_test(item) if item else ()
        case _:
            raise _NotAnalysable


def _fixed(node: Node, *, ordered: bool) -> Iterator[Any]:
    value = constant(node)
    if value is NOT_FIXED or KINDS.get(type(value)) in ("list", "context", "range"):
        raise _NotAnalysable
    if ordered and isinstance(value, str):
        # between two texts there are always more: nobody means that when writing a table
        raise _NotAnalysable
    yield value


# -- samples -----------------------------------------------------------------------------------------------------------


def _samples(column: Column, values: list[Any]) -> Iterator[tuple[Any, str]]:
    """Yield a value for each piece of a column, and what to call the piece."""
    plain = [each for each in values if each is not None]
    kinds = {type(each) for each in plain}
    if len(kinds) > 1:
        raise _NotAnalysable
    if None in values:
        yield None, N_("nessun valore")
    if column.type == "boolean" or kinds == {bool}:
        yield True, "true"
        yield False, "false"
    elif kinds == {str}:
        yield from _texts(plain)
    elif plain:
        yield from _ordered(_sorted(plain), whole=column.type in WHOLE)
    else:
        yield "\0", N_("qualsiasi valore")


def _sorted(values: list[Any]) -> list[Any]:
    try:
        return sorted(set(values))
    except TypeError:
        # date-times with and without a time zone have no order of their own
        raise _NotAnalysable from None


def _texts(values: Iterable[str]) -> Iterator[tuple[Any, str]]:
    known = list(dict.fromkeys(values))
    yield from ((each, f'"{each}"') for each in known)
    yield "\0", N_("ogni altro testo")


def _ordered(values: list[Any], *, whole: bool) -> Iterator[tuple[Any, str]]:
    step = _STEPS.get(type(values[0]))
    if step is None:
        raise _NotAnalysable
    yield step(None, values[0], whole), f"< {text_of(values[0])}"
    for value, following in zip(values, [*values[1:], None], strict=True):
        yield value, f"{text_of(value)}"
        sample = step(value, following, whole)
        if sample is not None:
            label = f"> {text_of(value)}" if following is None else f"({text_of(value)}..{text_of(following)})"
            yield sample, label


def _number(low: Decimal | None, high: Decimal | None, whole: bool) -> Decimal | None:
    if low is None or high is None:
        return low + 1 if low is not None else high - 1 if high is not None else None
    if whole:
        return low + 1 if low + 1 < high else None
    return (low + high) / 2


def _day(low: Any, high: Any, _whole: bool) -> Any:
    return _stepped(low, high, timedelta(days=1))


def _moment(low: Any, high: Any, _whole: bool) -> Any:
    if low is not None and high is not None:
        return low + (high - low) / 2
    return _stepped(low, high, timedelta(days=1))


def _months(low: Months | None, high: Months | None, _whole: bool) -> Months | None:
    if low is None or high is None:
        return Months(low.months + 1) if low is not None else Months(high.months - 1) if high is not None else None
    return Months(low.months + 1) if low.months + 1 < high.months else None


def _stepped(low: Any, high: Any, step: timedelta) -> Any:
    try:
        if low is None:
            return high - step
        return low + step if high is None or low + step < high else None
    except OverflowError:
        return None


_STEPS: Final[dict[type, Callable[[Any, Any, bool], Any]]] = {
    Decimal: _number,
    date: _day,
    datetime: _moment,
    timedelta: _moment,
    Months: _months,
}


# -- walking the table -------------------------------------------------------------------------------------------------


class _Walk:
    """One walk through all the combinations of pieces; combinations that keep the same rules are walked once."""

    def __init__(self, decision: Decision, table: Table, axes: list[Axis]) -> None:
        self.decision, self.table, self.axes = decision, table, axes
        self.seen: set[tuple[int, int]] = set()
        self.gaps: list[str] = []
        self.pairs: dict[tuple[int, int], str] = {}
        self.first: set[int] = set()
        self.steps = 0

    def findings(self) -> Iterator[Finding]:
        self._walk(0, (1 << len(self.table.rules)) - 1, ())
        yield from self._gaps()
        yield from self._overlaps()
        if self.table.policy == "FIRST":
            yield from self._idle()

    def _walk(self, place: int, rules: int, path: tuple[str, ...]) -> None:
        if not rules:
            self.gaps.append(self._named(path))
        elif place == len(self.axes):
            self._reached(rules, path)
        elif (place, rules) not in self.seen:
            self.seen.add((place, rules))
            for label, kept in self._ways(place, rules):
                self._walk(place + 1, kept, (*path, label))

    def _ways(self, place: int, rules: int) -> Iterator[tuple[str, int]]:
        """Yield the sets of rules that the pieces of an axis leave, each once, with the pieces that do."""
        ways: dict[int, list[str]] = {}
        self.steps += len(self.axes[place].pieces)
        if self.steps > BUDGET:
            raise _TooMany
        for piece in self.axes[place].pieces:
            ways.setdefault(rules & piece.rules, []).append(piece.label)
        every = len(ways) == 1
        for kept, labels in ways.items():
            yield "" if every else ", ".join(labels[:SHOWN]) + ("…" if len(labels) > SHOWN else ""), kept

    def _reached(self, rules: int, path: tuple[str, ...]) -> None:
        held = [number for number in range(len(self.table.rules)) if rules >> number & 1]
        self.first.add(held[0])
        for place, low in enumerate(held[:SHOWN]):
            for high in held[place + 1 : place + 1 + SHOWN]:
                self.pairs.setdefault((low, high), self._named(path))

    def _named(self, path: tuple[str, ...]) -> str:
        named = [f"{axis.label}: {label}" for axis, label in zip(self.axes, path, strict=False) if label]
        return "; ".join(named) or N_("qualsiasi valore")

    def _gaps(self) -> Iterator[Finding]:
        if self.table.policy in LISTS or any(each.default for each in self.table.outputs):
            return
        for gap in self.gaps[:SHOWN]:
            yield self._finding("warning", N_("nessuna riga vale per: %(case)s"), case=gap)
        if len(self.gaps) > SHOWN:
            more = len(self.gaps) - SHOWN
            yield self._finding("warning", N_("e per altri %(more)s casi non vale nessuna riga"), more=more)

    def _overlaps(self) -> Iterator[Finding]:
        if self.table.policy not in ("UNIQUE", "ANY"):
            return
        clashes = [(pair, case) for pair, case in self.pairs.items() if not self._agree(*pair)]
        for (low, high), case in clashes[:SHOWN]:
            rule = self.table.rules[high]
            sentence = N_("le righe %(low)s e %(high)s valgono insieme per: %(case)s")
            params = {"low": low + 1, "high": high + 1, "case": case}
            yield Finding(rule.line, rule.element, self.decision.name, sentence, "error", params)

    def _agree(self, low: int, high: int) -> bool:
        if self.table.policy == "UNIQUE":
            return False
        first, second = self.table.rules[low].results, self.table.rules[high].results
        return [_known(each) for each in first] == [_known(each) for each in second]

    def _idle(self) -> Iterator[Finding]:
        for number, rule in enumerate(self.table.rules):
            if number not in self.first:
                sentence = N_("la riga %(row)s non vale mai: le righe prima coprono già tutti i suoi casi")
                yield Finding(rule.line, rule.element, self.decision.name, sentence, "warning", {"row": number + 1})

    def _finding(self, level: str, sentence: str, **params: object) -> Finding:
        decision = self.decision
        return Finding(decision.line, decision.element, decision.name, sentence, level, params)


def _known(cell: Cell) -> Any:
    """Return what two results must share to be surely the same: their value if it is fixed, else their text."""
    value = constant(cell.expression.tree) if cell.expression else NOT_FIXED
    return cell.text if value is NOT_FIXED else (type(value), value)
