"""`+ - * / **` and the sign, on numbers, texts, dates and durations (DMN 1.3, 10.3.2.15, tables 56-62)."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from engine import feel_time
from engine.feel_limits import Run
from engine.feel_time import Months
from engine.feel_values import NUMBERS, number

Operator = Callable[[Any, Any, Run], Any]

_MICRO = timedelta(microseconds=1)
_LARGEST_POWER = 999_999_999


def _span(microseconds: Decimal) -> timedelta | None:
    return feel_time.make_span(round(microseconds))


def _micros(value: timedelta) -> Decimal:
    """Return the length of a duration in microseconds."""
    return Decimal(value // _MICRO)


def _months(value: Decimal) -> Months | None:
    return feel_time.make_months(int(value))


def _add_numbers(left: Decimal, right: Decimal, _run: Run) -> Decimal | None:
    return number(NUMBERS.add(left, right))


def _subtract_numbers(left: Decimal, right: Decimal, _run: Run) -> Decimal | None:
    return number(NUMBERS.subtract(left, right))


def _multiply_numbers(left: Decimal, right: Decimal, _run: Run) -> Decimal | None:
    return number(NUMBERS.multiply(left, right))


def _divide_numbers(left: Decimal, right: Decimal, _run: Run) -> Decimal | None:
    return number(NUMBERS.divide(left, right)) if right else None


def _power(left: Decimal, right: Decimal, run: Run) -> Decimal | None:
    run.spend(20)
    if (not left and right < 0) or abs(right) > _LARGEST_POWER:
        return None
    return number(NUMBERS.power(left, right)) if left or right else Decimal(1)


def _add_spans(left: timedelta, right: timedelta, _run: Run) -> timedelta | None:
    return _span(_micros(left) + _micros(right))


def _subtract_times(left: time, right: time, _run: Run) -> timedelta | None:
    first, second = feel_time.time_pair(left, right)
    return first - second if (left.utcoffset() is None) == (right.utcoffset() is None) else None


def _midnight(value: date) -> datetime:
    return datetime.combine(value, time(tzinfo=UTC))


def _scale(left: timedelta, right: Decimal, run: Run) -> timedelta | None:
    product = _multiply_numbers(_micros(left), right, run)
    return None if product is None else _span(product)


def _share(left: timedelta, right: Decimal, run: Run) -> timedelta | None:
    quotient = _divide_numbers(_micros(left), right, run)
    return None if quotient is None else _span(quotient)


def _scale_months(left: Months, right: Decimal, run: Run) -> Months | None:
    product = _multiply_numbers(Decimal(left.months), right, run)
    return None if product is None else _months(product)


def _share_months(left: Months, right: Decimal, run: Run) -> Months | None:
    quotient = _divide_numbers(Decimal(left.months), right, run)
    return None if quotient is None else _months(quotient)


def _minus(value: Months) -> Months:
    return Months(-value.months)


OPERATORS: dict[str, dict[tuple[type, type], Operator]] = {
    "+": {
        (Decimal, Decimal): _add_numbers,
        (str, str): lambda left, right, run: run.text(left + right),
        (timedelta, timedelta): _add_spans,
        (Months, Months): lambda left, right, _: _months(Decimal(left.months + right.months)),
        (date, timedelta): lambda left, right, _: feel_time.day_later(left, right),
        (timedelta, date): lambda left, right, _: feel_time.day_later(right, left),
        (datetime, timedelta): lambda left, right, _: feel_time.later(left, right),
        (timedelta, datetime): lambda left, right, _: feel_time.later(right, left),
        (time, timedelta): lambda left, right, _: feel_time.time_later(left, right),
        (timedelta, time): lambda left, right, _: feel_time.time_later(right, left),
        (date, Months): lambda left, right, _: feel_time.months_later(left, right),
        (Months, date): lambda left, right, _: feel_time.months_later(right, left),
        (datetime, Months): lambda left, right, _: feel_time.months_later(left, right),
        (Months, datetime): lambda left, right, _: feel_time.months_later(right, left),
    },
    "-": {
        (Decimal, Decimal): _subtract_numbers,
        (timedelta, timedelta): lambda left, right, _: _span(_micros(left) - _micros(right)),
        (Months, Months): lambda left, right, _: _months(Decimal(left.months - right.months)),
        (date, date): lambda left, right, _: left - right,
        (datetime, datetime): lambda left, right, _: feel_time.between(right, left),
        (datetime, date): lambda left, right, _: feel_time.between(_midnight(right), left),
        (date, datetime): lambda left, right, _: feel_time.between(right, _midnight(left)),
        (time, time): _subtract_times,
        (date, timedelta): lambda left, right, _: feel_time.day_later(left, -right),
        (datetime, timedelta): lambda left, right, _: feel_time.later(left, -right),
        (time, timedelta): lambda left, right, _: feel_time.time_later(left, -right),
        (date, Months): lambda left, right, _: feel_time.months_later(left, _minus(right)),
        (datetime, Months): lambda left, right, _: feel_time.months_later(left, _minus(right)),
    },
    "*": {
        (Decimal, Decimal): _multiply_numbers,
        (timedelta, Decimal): _scale,
        (Decimal, timedelta): lambda left, right, run: _scale(right, left, run),
        (Months, Decimal): _scale_months,
        (Decimal, Months): lambda left, right, run: _scale_months(right, left, run),
    },
    "/": {
        (Decimal, Decimal): _divide_numbers,
        (timedelta, Decimal): _share,
        (Months, Decimal): _share_months,
        (timedelta, timedelta): lambda left, right, run: _divide_numbers(_micros(left), _micros(right), run),
        (Months, Months): lambda left, right, run: _divide_numbers(Decimal(left.months), Decimal(right.months), run),
    },
    "**": {(Decimal, Decimal): _power},
}


def negate(value: Any) -> Any:
    """Return the number or duration with the other sign, or None."""
    kind = type(value)
    if kind is Decimal:
        return NUMBERS.minus(value)
    if kind is Months:
        return _minus(value)
    return _span(-_micros(value)) if kind is timedelta else None
