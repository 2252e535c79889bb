"""Turns the tree of an expression into Python functions of the scope, once (DMN 1.3, 10.3.2).

Only these functions run: nothing of the text reaches Python's own compiler.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from engine import feel_time
from engine.feel_arithmetic import OPERATORS, negate
from engine.feel_builtins import Ordering
from engine.feel_limits import Run
from engine.feel_tree import (
    Between,
    Call,
    Chain,
    Compare,
    Context,
    If,
    InstanceOf,
    Interval,
    Items,
    Lambda,
    Literal,
    Logic,
    Name,
    Negate,
    Node,
    Path,
    Type,
    measure,
)
from engine.feel_values import KINDS, Range, both, compare, either, equal, negation, to_feel


class Given(dict[str, Any]):
    """The variables from outside, each turned into a FEEL value when it is first asked for."""

    __slots__ = ("raw",)

    def __init__(self, raw: Mapping[str, Any]) -> None:
        self.raw = raw

    def __missing__(self, name: str) -> Any:
        value = self[name] = to_feel(self.raw.get(name))
        return value


class Scope:
    """The variables that an expression sees, innermost first; the outermost are Given."""

    __slots__ = ("run", "up", "values")

    def __init__(self, values: dict[str, Any], up: "Scope | None", run: Run) -> None:
        self.values, self.up, self.run = values, up, run

    def find(self, name: str) -> Any:
        """Return the nearest value of that name, null if there is none."""
        scope = self
        while scope.up is not None:
            if name in scope.values:
                return scope.values[name]
            scope = scope.up
        return scope.values[name]

    def inner(self, values: dict[str, Any]) -> "Scope":
        """Return a scope within this one."""
        return Scope(values, self, self.run)


Closure = Callable[[Scope], Any]
BUILDERS: dict[type[Node], Callable[[Any, bool], Closure]] = {}


def build(node: Node, inside: bool = False) -> Closure:
    """Return the function that evaluates a node; `inside`: there may be scopes between it and the outermost."""
    return BUILDERS[type(node)](node, inside)


def builds(kind: type[Node]) -> Callable[[Callable[[Any, bool], Closure]], Callable[[Any, bool], Closure]]:
    """Register how a kind of node is built."""

    def register(builder: Callable[[Any, bool], Closure]) -> Callable[[Any, bool], Closure]:
        BUILDERS[kind] = builder
        return builder

    return register


@builds(Literal)
def _literal(node: Literal, _inside: bool) -> Closure:
    value = node.value
    return lambda scope: value


@builds(Name)
def _name(node: Name, inside: bool) -> Closure:
    name = node.name
    if inside:
        return lambda scope: scope.find(name)
    return lambda scope: scope.values[name]


@builds(Path)
def _path(node: Path, inside: bool) -> Closure:
    base, name = build(node.base, inside), node.name

    def path(scope: Scope) -> Any:
        value = base(scope)
        return value.get(name) if type(value) is dict else member(value, name, scope.run)

    return path


def member(value: Any, name: str, run: Run) -> Any:
    """Return a property of any value (10.3.2.15, tables 64-67); of a list, the list of its items' properties."""
    kind = type(value)
    if kind is dict:
        return value.get(name)
    if kind is list:
        run.spend(len(value))
        return [member(each, name, run) for each in value]
    if kind is Range:
        return _RANGE_PARTS[name](value) if name in _RANGE_PARTS else None
    return None if value is None or kind in (str, bool, Decimal) else feel_time.member(value, name)


_RANGE_PARTS: dict[str, Callable[[Range], Any]] = {
    "start": lambda value: value.low,
    "end": lambda value: value.high,
    "start included": lambda value: value.low_closed,
    "end included": lambda value: value.high_closed,
}


# -- operators ---------------------------------------------------------------------------------------------------------


@builds(Chain)
def _chain(node: Chain, inside: bool) -> Closure:
    first = build(node.first, inside)
    rest = [(OPERATORS[op], build(operand, inside)) for op, operand in node.rest]

    def chain(scope: Scope) -> Any:
        left = first(scope)
        for operators, operand in rest:
            right = operand(scope)
            operator = operators.get((type(left), type(right)))
            left = operator(left, right, scope.run) if operator else None
        return left

    return chain


@builds(Negate)
def _negate(node: Negate, inside: bool) -> Closure:
    if isinstance(node.operand, Literal):
        value = negate(node.operand.value)
        return lambda scope: value
    operand = build(node.operand, inside)
    return lambda scope: negate(operand(scope))


@builds(Compare)
def _compare(node: Compare, inside: bool) -> Closure:
    op, left, right = node.op, build(node.left, inside), build(node.right, inside)
    if op == "=":
        return lambda scope: equal(left(scope), right(scope), scope.run)
    if op == "!=":
        return lambda scope: negation(equal(left(scope), right(scope), scope.run))
    return lambda scope: compare(op, left(scope), right(scope))


@builds(Logic)
def _logic(node: Logic, inside: bool) -> Closure:
    items = [build(each, inside) for each in node.items]
    join, decisive = (both, False) if node.op == "and" else (either, True)

    def logic(scope: Scope) -> bool | None:
        result: bool | None = not decisive
        for item in items:
            result = join(result, item(scope))
            if result is decisive:
                return result
        return result

    return logic


@builds(Between)
def _between(node: Between, inside: bool) -> Closure:
    operand, low, high = build(node.operand, inside), build(node.low, inside), build(node.high, inside)

    def between(scope: Scope) -> bool | None:
        value = operand(scope)
        return both(compare(">=", value, low(scope)), compare("<=", value, high(scope)))

    return between


@builds(If)
def _if(node: If, inside: bool) -> Closure:
    test, yes, no = build(node.test, inside), build(node.yes, inside), build(node.no, inside)
    return lambda scope: yes(scope) if test(scope) is True else no(scope)


# -- lists, contexts, ranges -------------------------------------------------------------------------------------------


@builds(Items)
def _items(node: Items, inside: bool) -> Closure:
    items = [build(each, inside) for each in node.items]
    return lambda scope: [item(scope) for item in items]


@builds(Context)
def _context(node: Context, _inside: bool) -> Closure:
    entries = [(key, build(value, True)) for key, value in node.entries]

    def context(scope: Scope) -> dict[str, Any]:
        result: dict[str, Any] = {}
        inner = scope.inner(result)
        for key, value in entries:
            result[key] = value(inner)
        return result

    return context


@builds(Interval)
def _interval(node: Interval, inside: bool) -> Closure:
    low, high = build(node.low, inside), build(node.high, inside)

    def interval(scope: Scope) -> Range | None:
        start, end = low(scope), high(scope)
        if compare("<=", start, end) is None:
            return None
        return Range(start, end, node.low_closed, node.high_closed)

    return interval


# -- calls and types ---------------------------------------------------------------------------------------------------

# calls of these with fixed texts are made once, when the expression is read
_FIXED = frozenset({"date", "time", "date and time", "duration"})


@builds(Call)
def _call(node: Call, inside: bool) -> Closure:
    invoke, name = node.function.invoke, node.function.name
    arguments = [build(each, inside) if each else _nothing for each in node.arguments]
    if name in _FIXED and all(isinstance(each, Literal) for each in node.arguments):
        value = invoke(Run(), [each.value for each in node.arguments if isinstance(each, Literal)])
        return lambda scope: value

    def call(scope: Scope) -> Any:
        scope.run.spend(1)
        return invoke(scope.run, [argument(scope) for argument in arguments])

    return call


def _nothing(_scope: Scope) -> None:
    """Stand for an argument left out."""


@builds(Lambda)
def _lambda(node: Lambda, _inside: bool) -> Closure:
    (first, second), body, cost = node.parameters, build(node.body, True), measure(node.body)

    def ordering(scope: Scope) -> Ordering:
        def precedes(left: Any, right: Any) -> Any:
            scope.run.spend(cost)
            return body(scope.inner({first: left, second: right}))

        return Ordering(precedes)

    return ordering


@builds(InstanceOf)
def _instance_of(node: InstanceOf, inside: bool) -> Closure:
    operand, kind = build(node.operand, inside), node.type
    return lambda scope: is_instance(operand(scope), kind, scope.run)


def is_instance(value: Any, kind: Type, run: Run) -> bool:
    """Say whether a value is of a type (10.3.2.15, table 61); null is only of type Null."""
    run.spend(1)
    if value is None or kind.name == "Null":
        return value is None and kind.name == "Null"
    if kind.name == "Any":
        return True
    if KINDS.get(type(value)) != kind.name:
        return False
    if type(value) is list:
        return all(is_instance(each, part, run) for _, part in kind.parts for each in value)
    if type(value) is dict:
        return all(name in value and is_instance(value[name], part, run) for name, part in kind.parts)
    return all(is_instance(end, part, run) for _, part in kind.parts for end in _ends(value))


def _ends(value: Any) -> tuple[Any, ...]:
    return (value.low, value.high) if isinstance(value, Range) else ()
