"""FEEL functions that place points and ranges before, within and after each other (DMN 1.3, 10.3.4.7, table 78)."""

from typing import Any

from engine.feel_builtins import builtin
from engine.feel_limits import Run
from engine.feel_values import Range, both, compare, either, equal, negation


def _range(value: Any) -> Range:
    """Return a value as a range: a point is the range that holds it alone."""
    return value if isinstance(value, Range) else Range(value, value, True, True)


@builtin("before(point1: any, point2: any)")
def before(run: Run, first: Any, second: Any) -> bool | None:
    left, right = _range(first), _range(second)
    touching = equal(left.high, right.low, run)
    return either(compare("<", left.high, right.low), both(touching, not (left.high_closed and right.low_closed)))


@builtin("after(point1: any, point2: any)")
def after(run: Run, first: Any, second: Any) -> bool | None:
    return before(run, second, first)


@builtin("meets(range1: range, range2: range)")
def meets(run: Run, first: Range, second: Range) -> bool | None:
    return both(first.high_closed and second.low_closed, equal(first.high, second.low, run))


@builtin("met by(range1: range, range2: range)")
def met_by(run: Run, first: Range, second: Range) -> bool | None:
    return meets(run, second, first)


@builtin("overlaps(range1: range, range2: range)")
def overlaps(run: Run, first: Range, second: Range) -> bool | None:
    return both(negation(before(run, first, second)), negation(after(run, first, second)))


@builtin("overlaps before(range1: range, range2: range)")
def overlaps_before(run: Run, first: Range, second: Range) -> bool | None:
    return both(
        both(_starts_before(first, second, run), negation(before(run, first, second))), _ends_by(first, second, run)
    )


@builtin("overlaps after(range1: range, range2: range)")
def overlaps_after(run: Run, first: Range, second: Range) -> bool | None:
    return overlaps_before(run, second, first)


def _starts_before(first: Range, second: Range, run: Run) -> bool | None:
    same = both(equal(first.low, second.low, run), first.low_closed and not second.low_closed)
    return either(compare("<", first.low, second.low), same)


def _ends_by(first: Range, second: Range, run: Run) -> bool | None:
    same = both(equal(first.high, second.high, run), not first.high_closed or second.high_closed)
    return either(compare("<", first.high, second.high), same)


def _same_start(first: Range, second: Range, run: Run) -> bool | None:
    return both(first.low_closed == second.low_closed, equal(first.low, second.low, run))


def _same_end(first: Range, second: Range, run: Run) -> bool | None:
    return both(first.high_closed == second.high_closed, equal(first.high, second.high, run))


@builtin("finishes(point: any, range: range)")
def finishes(run: Run, first: Any, second: Range) -> bool | None:
    if isinstance(first, Range):
        return both(_same_end(first, second, run), includes(run, second, first))
    return both(second.high_closed, equal(first, second.high, run))


@builtin("finished by(range: range, point: any)")
def finished_by(run: Run, first: Range, second: Any) -> bool | None:
    return finishes(run, second, first)


@builtin("starts(point: any, range: range)")
def starts(run: Run, first: Any, second: Range) -> bool | None:
    if isinstance(first, Range):
        return both(_same_start(first, second, run), includes(run, second, first))
    return both(second.low_closed, equal(first, second.low, run))


@builtin("started by(range: range, point: any)")
def started_by(run: Run, first: Range, second: Any) -> bool | None:
    return starts(run, second, first)


@builtin("includes(range: range, point: any)")
def includes(run: Run, first: Range, second: Any) -> bool | None:
    if not isinstance(second, Range):
        return first.contains(second)
    low = either(_same_low(first, second, run), compare("<", first.low, second.low))
    high = either(_same_high(first, second, run), compare(">", first.high, second.high))
    return both(low, high)


def _same_low(first: Range, second: Range, run: Run) -> bool | None:
    return both(first.low_closed or not second.low_closed, equal(first.low, second.low, run))


def _same_high(first: Range, second: Range, run: Run) -> bool | None:
    return both(first.high_closed or not second.high_closed, equal(first.high, second.high, run))


@builtin("during(point: any, range: range)")
def during(run: Run, first: Any, second: Range) -> bool | None:
    return includes(run, second, first)


@builtin("coincides(point1: any, point2: any)")
def coincides(run: Run, first: Any, second: Any) -> bool | None:
    left, right = _range(first), _range(second)
    return both(_same_start(left, right, run), _same_end(left, right, run))
