"""The values of FEEL and how they are equal, ordered and converted (DMN 1.3, 10.3.2.3, 10.3.2.15, tables 50-54).

Numbers are Decimal with 34 digits, days and time durations timedelta, contexts dict; null is None.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any

from core.errors import N_
from engine import feel_limits as limits
from engine import feel_time
from engine.feel_limits import FeelError, Run
from engine.feel_time import Months

# IEEE 754-2008 Decimal128, as 10.3.2.3.1 asks; `number` sees what is out of range, so nothing is trapped
NUMBERS = Context(prec=limits.DIGITS, rounding=ROUND_HALF_EVEN, Emin=-6143, Emax=6144, capitals=1, clamp=0, traps=[])


@dataclass(frozen=True, slots=True)
class Range:
    """All values between two ends, each end in or out."""

    low: Any
    high: Any
    low_closed: bool
    high_closed: bool

    def contains(self, value: object) -> bool | None:
        """Say whether a value lies in the range; None if they cannot be compared."""
        above = compare(">=" if self.low_closed else ">", value, self.low)
        below = compare("<=" if self.high_closed else "<", value, self.high)
        return both(above, below)


KINDS: dict[type, str] = {
    type(None): "Null",
    bool: "boolean",
    Decimal: "number",
    str: "string",
    date: "date",
    datetime: "date and time",
    time: "time",
    timedelta: "days and time duration",
    Months: "years and months duration",
    list: "list",
    dict: "context",
    Range: "range",
}


def number(value: Decimal) -> Decimal | None:
    """Return the result of a calculation, None if there is none or it is out of range (table 57)."""
    return value if value.is_finite() else None


# -- logic -------------------------------------------------------------------------------------------------------------


def both(left: object, right: object) -> bool | None:
    """Return the conjunction of table 50: what is not a boolean counts as null."""
    if left is False or right is False:
        return False
    return True if left is True and right is True else None


def either(left: object, right: object) -> bool | None:
    """Return the disjunction of table 50."""
    if left is True or right is True:
        return True
    return False if left is False and right is False else None


def negation(value: object) -> bool | None:
    """Return the other boolean, or None."""
    return not value if isinstance(value, bool) else None


# -- equality and order ------------------------------------------------------------------------------------------------

_PLAIN = frozenset({str, Decimal, bool, date, timedelta, Months})


def equal(left: Any, right: Any, run: Run) -> bool | None:
    """Return whether two values are equal (table 53); None if they are of different kinds."""
    if left is None or right is None:
        return left is right
    kind = type(left)
    if kind is not type(right):
        return None
    if kind in _PLAIN:
        return bool(left == right)
    return _EQUAL[kind](left, right, run)


def _equal_moments(left: datetime, right: datetime, _run: Run) -> bool:
    first, second = feel_time.pair(left, right)
    return first == second


def _equal_times(left: time, right: time, _run: Run) -> bool:
    first, second = feel_time.time_pair(left, right)
    return first == second


def _equal_lists(left: list[Any], right: list[Any], run: Run) -> bool | None:
    if len(left) != len(right):
        return False
    return _all_equal(zip(left, right, strict=True), len(left), run)


def _equal_contexts(left: dict[str, Any], right: dict[str, Any], run: Run) -> bool | None:
    if left.keys() != right.keys():
        return False
    return _all_equal(((value, right[key]) for key, value in left.items()), len(left), run)


def _equal_ranges(left: Range, right: Range, run: Run) -> bool | None:
    if (left.low_closed, left.high_closed) != (right.low_closed, right.high_closed):
        return False
    return both(equal(left.low, right.low, run), equal(left.high, right.high, run))


def _all_equal(pairs: Any, count: int, run: Run) -> bool | None:
    run.spend(count)
    result: bool | None = True
    for left, right in pairs:
        same = equal(left, right, run)
        if same is False:
            return False
        result = result if same else None
    return result


_EQUAL: dict[type, Callable[[Any, Any, Run], bool | None]] = {
    datetime: _equal_moments,
    time: _equal_times,
    list: _equal_lists,
    dict: _equal_contexts,
    Range: _equal_ranges,
}
_ORDERED = frozenset({str, Decimal, date, timedelta, Months})


def compare(op: str, left: Any, right: Any) -> bool | None:
    """Return `left op right` for <, <=, > and >= (table 54); None if the two have no common order."""
    kind = type(left)
    if kind is not type(right):
        return None
    if kind is datetime:
        left, right = feel_time.pair(left, right)
    elif kind is time:
        left, right = feel_time.time_pair(left, right)
    elif kind not in _ORDERED:
        return None
    return _ORDERS[op](left, right)


_ORDERS: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
}


# -- to and from Python ------------------------------------------------------------------------------------------------


def to_feel(value: Any) -> Any:
    """Return a Python value as a FEEL value; texts stay texts. Raises FeelError if it is too big or of no FEEL kind."""
    return _Conversion().convert(value, limits.DEPTH)


class _Conversion:
    """One value from outside on its way in, with what it may still hold."""

    __slots__ = ("left",)

    def __init__(self) -> None:
        self.left = limits.RESULT

    def convert(self, value: Any, depth: int) -> Any:
        self.left -= 1
        if self.left < 0:
            raise FeelError(limits.VALUE_TOO_BIG)
        if depth <= 0:
            raise FeelError(limits.TOO_DEEP, limit=limits.DEPTH)
        simple = _SIMPLE.get(type(value))
        return simple(value) if simple else self._other(value, depth)

    def _other(self, value: Any, depth: int) -> Any:
        if isinstance(value, list | tuple | Mapping):
            if len(value) > limits.ITEMS:
                raise FeelError(limits.LIST_TOO_LONG, limit=limits.ITEMS)
            if isinstance(value, Mapping):
                return {str(key): self.convert(each, depth - 1) for key, each in value.items()}
            return [self.convert(each, depth - 1) for each in value]
        for kind, simple in _SIMPLE.items():
            if isinstance(value, kind):
                return simple(value)
        sentence = N_("un valore di tipo «%(kind)s» non si può usare in un'espressione")
        raise FeelError(sentence, kind=type(value).__name__)


def _text(value: str) -> str:
    if len(value) > limits.TEXT:
        raise FeelError(limits.TEXT_TOO_LONG, limit=limits.TEXT)
    return str.__str__(value)


def _integer(value: int) -> Decimal:
    if not -(10**limits.DIGITS) < value < 10**limits.DIGITS:
        raise FeelError(limits.NUMBER_TOO_BIG, limit=limits.DIGITS)
    return Decimal(value)


def _decimal(value: Decimal) -> Decimal | None:
    return number(NUMBERS.plus(value)) if value.is_finite() else None


def _same(value: Any) -> Any:
    return value


_SIMPLE: dict[type, Callable[[Any], Any]] = {
    type(None): _same,
    bool: _same,
    str: _text,
    Decimal: _decimal,
    int: _integer,
    float: lambda value: _decimal(Decimal(repr(float(value)))),
    datetime: _same,
    date: _same,
    time: _same,
    timedelta: lambda value: feel_time.make_span(value // timedelta(microseconds=1)),
    Months: lambda value: feel_time.make_months(value.months),
    Range: _same,
}


def from_feel(value: Any) -> Any:
    """Return a FEEL value as JSON holds it: numbers as int or float, dates, times and durations as ISO 8601 text."""
    kind = type(value)
    if kind is Decimal:
        return _json_number(value)
    if kind is list:
        return [from_feel(each) for each in value]
    if kind is dict:
        return {key: from_feel(each) for key, each in value.items()}
    if kind is datetime:
        return feel_time.date_time_text(value, named=False)
    return value if kind in _JSON else text_of(value)


_JSON = frozenset({type(None), bool, str, int, float})


def _json_number(value: Decimal) -> int | float:
    if value.adjusted() < 18 and value == value.to_integral_value():
        return int(value)
    plain = float(value)
    if math.isinf(plain):
        raise FeelError(limits.NUMBER_TOO_BIG, limit=limits.DIGITS)
    return plain


def bounded(value: Any) -> Any:
    """Return a result. Raises FeelError if it is too big to store: a list that holds itself twice doubles each time."""
    left, waiting = limits.RESULT, [value]
    while waiting:
        each = waiting.pop()
        kind = type(each)
        left -= 1 + (len(each) // 10 if kind is str else 0)
        if left < 0:
            raise FeelError(limits.RESULT_TOO_BIG)
        if kind is list:
            waiting.extend(each)
        elif kind is dict:
            waiting.extend(each.keys())
            waiting.extend(each.values())
    return value


# -- text --------------------------------------------------------------------------------------------------------------


def number_text(value: Decimal) -> str:
    """Return a number in plain notation without needless zeros."""
    if not value:
        return "0"
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def text_of(value: Any) -> str | None:
    """Return what `string(value)` gives for anything but lists and contexts (table 72)."""
    return _TEXTS[type(value)](value)


def _range_text(value: Range) -> str:
    ends = "[" if value.low_closed else "(", "]" if value.high_closed else ")"
    return f"{ends[0]}{text_of(value.low)}..{text_of(value.high)}{ends[1]}"


_TEXTS: dict[type, Callable[[Any], str | None]] = {
    type(None): lambda _: None,
    bool: lambda value: "true" if value else "false",
    str: lambda value: value,
    Decimal: number_text,
    date: lambda value: value.isoformat(),
    datetime: feel_time.date_time_text,
    time: feel_time.time_text,
    timedelta: feel_time.duration_text,
    Months: feel_time.duration_text,
    Range: _range_text,
}
