"""How filters, `for`, `some`, `every`, `in` and the cells of decision tables run (DMN 1.3, 10.3.2.14-15)."""

from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from typing import Any

from engine.feel_closures import Closure, Scope, build, builds
from engine.feel_limits import Run
from engine.feel_tree import (
    Each,
    Filter,
    In,
    Interval,
    Literal,
    Name,
    Negate,
    Node,
    OneSided,
    Path,
    Span,
    Unary,
    measure,
    walk,
)
from engine.feel_values import Range, both, compare, either, equal, negation

# -- filters -----------------------------------------------------------------------------------------------------------


@builds(Filter)
def _filter(node: Filter, inside: bool) -> Closure:
    base, fixed = build(node.base, inside), _is_fixed(node.test)
    test, cost = build(node.test, not fixed or inside), measure(node.test)

    def filtered(scope: Scope) -> Any:
        value = base(scope)
        if value is None:
            return None
        items = value if type(value) is list else [value]
        first = test(scope if fixed or not items else _item_scope(scope, items[0]))
        if type(first) is Decimal:
            return _at(items, first)
        if fixed and type(first) is not bool:
            return None
        scope.run.spend(len(items) * cost)
        return [each for each in items if test(_item_scope(scope, each)) is True]

    return filtered


def _is_fixed(test: Node) -> bool:
    return isinstance(test.operand if isinstance(test, Negate) else test, Literal)


def _item_scope(scope: Scope, item: Any) -> Scope:
    inner = scope.inner({"item": item})
    return inner.inner(item) if type(item) is dict else inner


def _at(items: list[Any], position: Decimal) -> Any:
    """Return the item at a position that counts from 1, or from the end if negative (10.3.2.5, table 68)."""
    if position.adjusted() > 9 or position != position.to_integral_value():
        return None
    place = int(position) - 1 if position > 0 else len(items) + int(position)
    return items[place] if position and 0 <= place < len(items) else None


# -- iteration ---------------------------------------------------------------------------------------------------------


@builds(Span)
def _span(node: Span, inside: bool) -> Closure:
    low, high = build(node.low, inside), build(node.high, inside)
    return lambda scope: _numbers(low(scope), high(scope))


def _numbers(low: Any, high: Any) -> Iterable[Decimal] | None:
    """Return the whole numbers from one to the other, up or down; made one by one, so that each can be paid for."""
    if not (isinstance(low, Decimal) and isinstance(high, Decimal)):
        return None
    if low != low.to_integral_value() or high != high.to_integral_value() or max(low.adjusted(), high.adjusted()) > 15:
        return None
    start, end = int(low), int(high)
    return map(Decimal, range(start, end + 1) if start <= end else range(start, end - 1, -1))


def _domain(value: Any) -> Iterable[Any] | None:
    if isinstance(value, Range):
        return _whole_range(value)
    return value if isinstance(value, list | map) else None


def _whole_range(value: Range) -> Iterable[Decimal] | None:
    if not (isinstance(value.low, Decimal) and isinstance(value.high, Decimal)):
        return None
    low = value.low if value.low_closed else value.low + 1
    return _numbers(low, value.high if value.high_closed else value.high - 1)


@builds(Each)
def _each(node: Each, inside: bool) -> Closure:
    first, *others = [(name, build(domain, inside or place > 0)) for place, (name, domain) in enumerate(node.domains)]
    domains, body, cost = [first, *others], build(node.body, True), 1 + measure(node.body)

    def turns(scope: Scope, place: int) -> Iterator[Scope | None]:
        """Yield a scope for each combination of items; None if a domain is not one."""
        name, domain = domains[place]
        items = _domain(domain(scope))
        if items is None:
            yield None
            return
        for item in items:
            scope.run.spend(cost)
            inner = scope.inner({name: item})
            if place + 1 < len(domains):
                yield from turns(inner, place + 1)
            else:
                yield inner

    finish = {"for": _collect, "some": _some, "every": _every}[node.kind]
    partial = any(isinstance(each, Name) and each.name == "partial" for each in walk(node.body))
    return lambda scope: finish(turns(scope, 0), body, scope.run, partial)


def _collect(turns: Iterator[Scope | None], body: Closure, run: Run, partial: bool) -> list[Any] | None:
    result: list[Any] = []
    for scope in turns:
        if scope is None:
            return None
        if partial:
            # a copy: a list that could hold itself would never end
            scope.values["partial"] = run.items(result[:])
        result.append(body(scope))
    return run.items(result)


def _some(turns: Iterator[Scope | None], body: Closure, _run: Run, _partial: bool) -> bool | None:
    result: bool | None = False
    for scope in turns:
        result = either(result, None if scope is None else body(scope))
        if result is True:
            return True
    return result


def _every(turns: Iterator[Scope | None], body: Closure, _run: Run, _partial: bool) -> bool | None:
    result: bool | None = True
    for scope in turns:
        result = both(result, None if scope is None else body(scope))
        if result is False:
            return False
    return result


# -- tests -------------------------------------------------------------------------------------------------------------

Test = Callable[[Scope, Any], Any]


@builds(In)
def _in(node: In, inside: bool) -> Closure:
    operand, tests = build(node.operand, inside), [_test(each, inside) for each in node.tests]
    return lambda scope: _any_test(tests, scope, operand(scope))


@builds(Unary)
def _unary(node: Unary, inside: bool) -> Closure:
    tests = [_test(each, inside, cell=True) for each in node.tests]
    if not tests:
        return lambda scope: True
    if node.negated:
        return lambda scope: negation(_any_test(tests, scope, scope.values["?"]))
    return lambda scope: _any_test(tests, scope, scope.values["?"])


def _any_test(tests: list[Test], scope: Scope, value: Any) -> bool | None:
    result: bool | None = False
    for test in tests:
        result = either(result, test(scope, value))
        if result is True:
            return True
    return result


def _test(node: Node, inside: bool, *, cell: bool = False) -> Test:
    if isinstance(node, OneSided):
        return _one_sided(node, inside)
    if isinstance(node, Interval):
        return _interval_test(node, inside)
    if any(isinstance(each, Name) and each.name == "?" for each in walk(node)):
        own = build(node, True)
        return lambda scope, value: own(scope.inner({"?": value}))
    other, decides = build(node, inside), cell and not isinstance(node, Literal | Name | Path)
    return lambda scope, value: matches(value, other(scope), scope.run, decides)


def _one_sided(node: OneSided, inside: bool) -> Test:
    op, operand = node.op, build(node.operand, inside)
    if op == "=":
        return lambda scope, value: equal(value, operand(scope), scope.run)
    if op == "!=":
        return lambda scope, value: negation(equal(value, operand(scope), scope.run))
    return lambda scope, value: compare(op, value, operand(scope))


def _interval_test(node: Interval, inside: bool) -> Test:
    low, high = build(node.low, inside), build(node.high, inside)
    above, below = ">=" if node.low_closed else ">", "<=" if node.high_closed else "<"
    return lambda scope, value: both(compare(above, value, low(scope)), compare(below, value, high(scope)))


def matches(value: Any, test: Any, run: Run, decides: bool) -> bool | None:
    """Say whether a value passes a test that is itself a value (table 55): equal to it, in its range, one of its items.

    A condition in a cell, one that is calculated and true or false, `decides` by itself unless the value is a boolean.
    """
    kind = type(test)
    if kind is list:
        run.spend(len(test))
        whole = type(value) is list and equal(value, test, run) is True
        return whole or any(_passes(value, each, run) is True for each in test)
    if decides and kind is bool and type(value) is not bool:
        return bool(test)
    return _passes(value, test, run)


def _passes(value: Any, test: Any, run: Run) -> bool | None:
    return test.contains(value) if isinstance(test, Range) else equal(value, test, run)
