"""FEEL functions on lists and contexts (DMN 1.3, 10.3.4.4, 10.3.4.9, 10.3.4.10)."""

from decimal import Decimal
from functools import cmp_to_key
from typing import Any

from engine.feel_arithmetic import OPERATORS
from engine.feel_builtins import Ordering, builtin
from engine.feel_limits import Run
from engine.feel_values import NUMBERS, both, compare, either, equal, number

Items = list[Any]


def _same(left: Any, right: Any, run: Run) -> bool:
    return equal(left, right, run) is True


# -- looking at lists --------------------------------------------------------------------------------------------------


@builtin("list contains(list: list, element: any)")
def list_contains(run: Run, items: Items, element: Any) -> bool:
    run.spend(len(items))
    return any(_same(each, element, run) for each in items)


@builtin("count(list: list)")
def count(_run: Run, items: Items) -> Decimal:
    return Decimal(len(items))


@builtin("min(list...: any)")
def minimum(run: Run, items: Items) -> Any:
    return _extreme("<", items, run)


@builtin("max(list...: any)")
def maximum(run: Run, items: Items) -> Any:
    return _extreme(">", items, run)


def _extreme(op: str, items: Items, run: Run) -> Any:
    run.spend(len(items))
    best = items[0] if items else None
    for each in items:
        better = compare(op, each, best)
        if better is None:
            return None
        best = each if better else best
    return best


@builtin("sum(list...: any)")
def total(run: Run, items: Items) -> Any:
    return _fold("+", items, run)


@builtin("product(list...: any)")
def product(run: Run, items: Items) -> Any:
    return _fold("*", items, run)


def _fold(op: str, items: Items, run: Run) -> Any:
    run.spend(len(items))
    if not items or isinstance(items[0], str):
        return None
    result = items[0]
    if len(items) == 1:
        return result if (type(result), type(result)) in OPERATORS[op] else None
    for each in items[1:]:
        operator = OPERATORS[op].get((type(result), type(each))) if type(result) is type(each) else None
        result = operator(result, each, run) if operator else None
        if result is None:
            return None
    return result


@builtin("mean(list...: any)")
def mean(run: Run, items: Items) -> Any:
    result = _fold("+", items, run)
    divide = OPERATORS["/"].get((type(result), Decimal))
    return divide(result, Decimal(len(items)), run) if divide else None


def _numbers(items: Items, run: Run) -> list[Decimal] | None:
    run.spend(len(items))
    return items if items and all(isinstance(each, Decimal) for each in items) else None


@builtin("median(list...: any)")
def median(run: Run, items: Items) -> Decimal | None:
    numbers = _numbers(items, run)
    if numbers is None:
        return None
    ordered, middle = sorted(numbers), len(numbers) // 2
    if len(ordered) % 2:
        return ordered[middle]
    return number(NUMBERS.divide(NUMBERS.add(ordered[middle - 1], ordered[middle]), Decimal(2)))


@builtin("stddev(list...: any)")
def standard_deviation(run: Run, items: Items) -> Decimal | None:
    numbers = _numbers(items, run)
    if numbers is None or len(numbers) < 2:
        return None
    middle = NUMBERS.divide(_fold("+", items, run), Decimal(len(numbers)))
    squares = [NUMBERS.power(NUMBERS.subtract(each, middle), Decimal(2)) for each in numbers]
    return number(NUMBERS.sqrt(NUMBERS.divide(_fold("+", squares, run) or Decimal(0), Decimal(len(numbers) - 1))))


@builtin("mode(list...: any)")
def mode(run: Run, items: Items) -> list[Decimal] | None:
    if not items:
        return []
    numbers = _numbers(items, run)
    if numbers is None:
        return None
    often: dict[Decimal, int] = {}
    for each in numbers:
        often[each] = often.get(each, 0) + 1
    most = max(often.values())
    return sorted(each for each, times in often.items() if times == most)


@builtin("all(list...: any)")
def every(run: Run, items: Items) -> bool | None:
    run.spend(len(items))
    result: bool | None = True
    for each in items:
        result = both(result, each)
    return result


@builtin("any(list...: any)")
def some(run: Run, items: Items) -> bool | None:
    run.spend(len(items))
    result: bool | None = False
    for each in items:
        result = either(result, each)
    return result


# -- making lists ------------------------------------------------------------------------------------------------------


def _place(position: Decimal, length: int) -> int | None:
    """Return the index of a position that counts from 1, or from the end if negative; None outside of the list."""
    if position.adjusted() > 9 or position != position.to_integral_value() or not position:
        return None
    index = int(position) - 1 if position > 0 else length + int(position)
    return index if 0 <= index < length else None


@builtin("sublist(list: list, start position: number, length?: number)")
def sublist(run: Run, items: Items, start: Decimal, length: Decimal | None = None) -> Items | None:
    first = _place(start, len(items))
    if first is None or (length is not None and not 0 <= length <= len(items) - first):
        return None
    return run.items(items[first:] if length is None else items[first : first + int(length)])


@builtin("append(list: list, item...: any)")
def append(run: Run, items: Items, more: Items) -> Items:
    return run.items([*items, *more])


@builtin("concatenate(list...: any)")
def concatenate(run: Run, lists: Items) -> Items | None:
    return _joined(run, lists)


def _joined(run: Run, lists: Items) -> Items:
    result: Items = []
    for each in lists:
        result = run.items([*result, *each] if isinstance(each, list) else [*result, each])
    return result


@builtin("insert before(list: list, position: number, newItem: any)")
def insert_before(run: Run, items: Items, position: Decimal, item: Any) -> Items | None:
    place = _place(position, len(items))
    return None if place is None else run.items([*items[:place], item, *items[place:]])


@builtin("remove(list: list, position: number)")
def remove(run: Run, items: Items, position: Decimal) -> Items | None:
    place = _place(position, len(items))
    return None if place is None else run.items([*items[:place], *items[place + 1 :]])


@builtin("reverse(list: list)")
def reverse(run: Run, items: Items) -> Items:
    return run.items(items[::-1])


@builtin("index of(list: list, match: any)")
def index_of(run: Run, items: Items, match: Any) -> Items:
    run.spend(len(items))
    return [Decimal(place) for place, each in enumerate(items, 1) if _same(each, match, run)]


@builtin("union(list...: any)")
def union(run: Run, lists: Items) -> Items:
    return distinct_values(run, _joined(run, lists))


@builtin("distinct values(list: list)")
def distinct_values(run: Run, items: Items) -> Items:
    result: Items = []
    for each in items:
        run.spend(1 + len(result) // 10)
        if not any(_same(each, known, run) for known in result):
            result.append(each)
    return result


@builtin("flatten(list: list)")
def flatten(run: Run, items: Items) -> Items:
    result: Items = []
    waiting = items[::-1]
    while waiting:
        run.spend(1)
        each = waiting.pop()
        if isinstance(each, list):
            waiting.extend(reversed(each))
        else:
            result.append(each)
    return run.items(result)


@builtin("sort(list: list, precedes: ordering)")
def sort(run: Run, items: Items, ordering: Ordering) -> Items:
    def order(left: Any, right: Any) -> int:
        if ordering.precedes(left, right) is True:
            return -1
        return 1 if ordering.precedes(right, left) is True else 0

    return run.items(sorted(items, key=cmp_to_key(order)))


# -- contexts ----------------------------------------------------------------------------------------------------------


@builtin("get value(m: context, key: string)")
def get_value(_run: Run, context: dict[str, Any], key: str) -> Any:
    return context.get(key)


@builtin("get entries(m: context)")
def get_entries(run: Run, context: dict[str, Any]) -> Items:
    return run.items([{"key": key, "value": value} for key, value in context.items()])


@builtin("context put(context: context, key: string | list, value: any)")
@builtin("context put(context: context, keys: list, value: any)")
def context_put(run: Run, context: dict[str, Any], key: str | Items, value: Any) -> dict[str, Any] | None:
    first, *rest = key if isinstance(key, list) and key else [key]
    if not isinstance(first, str):
        return None
    if rest:
        inner = context.get(first)
        value = context_put(run, inner, rest, value) if isinstance(inner, dict) else None
        if value is None:
            return None
    run.spend(len(context))
    return {**context, first: value}


@builtin("context merge(contexts: list)")
def context_merge(run: Run, contexts: Items) -> dict[str, Any] | None:
    result: dict[str, Any] = {}
    for each in contexts:
        if not isinstance(each, dict):
            return None
        run.spend(len(each))
        result |= each
    return result


@builtin("context(entries: list)")
def context(run: Run, entries: Items) -> dict[str, Any] | None:
    run.spend(len(entries))
    result: dict[str, Any] = {}
    for each in entries:
        if not isinstance(each, dict) or "value" not in each or not isinstance(each.get("key"), str):
            return None
        result[each["key"]] = each["value"]
    return result


@builtin("is defined(value: any)")
def is_defined(_run: Run, value: Any) -> bool:
    return value is not None
