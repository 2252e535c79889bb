"""FEEL functions on numbers, booleans and times (DMN 1.3, 10.3.4.2, 10.3.4.5, 10.3.4.6, 10.3.4.8)."""

from datetime import date, datetime, time, timedelta
from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Decimal,
)
from typing import Any

from engine.feel_arithmetic import negate
from engine.feel_builtins import builtin
from engine.feel_limits import Run
from engine.feel_time import Months
from engine.feel_values import NUMBERS, equal, negation, number

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


@builtin("not(negand: any)")
def logical_not(_run: Run, value: Any) -> bool | None:
    return negation(value)


@builtin("is(value1: any, value2: any)")
def is_same(run: Run, left: Any, right: Any) -> bool:
    zones = [value.utcoffset() if isinstance(value, datetime | time) else None for value in (left, right)]
    return type(left) is type(right) and zones[0] == zones[1] and equal(left, right, run) is True


def _rounded(value: Decimal, scale: Decimal, rounding: str) -> Decimal | None:
    if scale != scale.to_integral_value() or not -6111 <= scale <= 6176:
        return None
    places = int(scale)
    exponent = value.as_tuple().exponent
    if not isinstance(exponent, int) or -exponent <= places:
        return value
    return number(value.quantize(Decimal(1).scaleb(-places), rounding, NUMBERS))


@builtin("decimal(n: number, scale: number)")
def decimal(_run: Run, value: Decimal, scale: Decimal) -> Decimal | None:
    return _rounded(value, scale, ROUND_HALF_EVEN)


@builtin("floor(n: number, scale?: number)")
def floor(_run: Run, value: Decimal, scale: Decimal | None = None) -> Decimal | None:
    return _rounded(value, scale or Decimal(0), ROUND_FLOOR)


@builtin("ceiling(n: number, scale?: number)")
def ceiling(_run: Run, value: Decimal, scale: Decimal | None = None) -> Decimal | None:
    return _rounded(value, scale or Decimal(0), ROUND_CEILING)


@builtin("round up(n: number, scale?: number)")
def round_up(_run: Run, value: Decimal, scale: Decimal | None = None) -> Decimal | None:
    return _rounded(value, scale or Decimal(0), ROUND_UP)


@builtin("round down(n: number, scale?: number)")
def round_down(_run: Run, value: Decimal, scale: Decimal | None = None) -> Decimal | None:
    return _rounded(value, scale or Decimal(0), ROUND_DOWN)


@builtin("round half up(n: number, scale?: number)")
def round_half_up(_run: Run, value: Decimal, scale: Decimal | None = None) -> Decimal | None:
    return _rounded(value, scale or Decimal(0), ROUND_HALF_UP)


@builtin("round half down(n: number, scale?: number)")
def round_half_down(_run: Run, value: Decimal, scale: Decimal | None = None) -> Decimal | None:
    return _rounded(value, scale or Decimal(0), ROUND_HALF_DOWN)


@builtin("abs(n: number | duration)")
def absolute(_run: Run, value: Any) -> Any:
    zero = {Decimal: Decimal(0), timedelta: timedelta(), Months: Months(0)}[type(value)]
    return negate(value) if value < zero else value


@builtin("modulo(dividend: number, divisor: number)")
def modulo(_run: Run, dividend: Decimal, divisor: Decimal) -> Decimal | None:
    if not divisor:
        return None
    rest = NUMBERS.remainder(dividend, divisor)
    if rest and rest.is_signed() != divisor.is_signed():
        rest = NUMBERS.add(rest, divisor)
    return number(rest)


@builtin("sqrt(number: number)")
def square_root(run: Run, value: Decimal) -> Decimal | None:
    run.spend(10)
    return number(NUMBERS.sqrt(value))


@builtin("log(number: number)")
def logarithm(run: Run, value: Decimal) -> Decimal | None:
    run.spend(20)
    return number(NUMBERS.ln(value)) if value > 0 else None


@builtin("exp(number: number)")
def exponential(run: Run, value: Decimal) -> Decimal | None:
    run.spend(20)
    return number(NUMBERS.exp(value))


@builtin("odd(number: number)")
def odd(_run: Run, value: Decimal) -> bool:
    return value == value.to_integral_value() and int(value) % 2 == 1


@builtin("even(number: number)")
def even(_run: Run, value: Decimal) -> bool:
    return value == value.to_integral_value() and int(value) % 2 == 0


# -- time --------------------------------------------------------------------------------------------------------------


@builtin("now()")
def now(run: Run) -> datetime:
    return run.now()


@builtin("today()")
def today(run: Run) -> date:
    return run.now().date()


@builtin("day of year(date: date | moment)")
def day_of_year(_run: Run, day: date) -> Decimal:
    return Decimal(day.timetuple().tm_yday)


@builtin("day of week(date: date | moment)")
def day_of_week(_run: Run, day: date) -> str:
    return DAYS[day.weekday()]


@builtin("month of year(date: date | moment)")
def month_of_year(_run: Run, day: date) -> str:
    return MONTHS[day.month - 1]


@builtin("week of year(date: date | moment)")
def week_of_year(_run: Run, day: date) -> Decimal:
    return Decimal(day.isocalendar().week)
