"""FEEL functions on texts, and the ones that make values of texts (DMN 1.3, 10.3.4.1, 10.3.4.3)."""

import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from engine import feel_regex, feel_time
from engine.feel_builtins import builtin
from engine.feel_limits import DIGITS, TEXT, TEXT_TOO_LONG, FeelError, Run
from engine.feel_pattern import compiled
from engine.feel_time import Months
from engine.feel_values import NUMBERS, number, text_of

_NUMERAL = re.compile(r"-?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?")


# -- conversion --------------------------------------------------------------------------------------------------------


@builtin("date(from: string | date | moment)")
def to_date(_run: Run, value: str | date | datetime) -> date | None:
    if isinstance(value, str):
        return feel_time.parse_date(value)
    return value.date() if isinstance(value, datetime) else value


@builtin("date(year: number, month: number, day: number)")
def date_of(_run: Run, year: Decimal, month: Decimal, day: Decimal) -> date | None:
    whole = [_whole(each) for each in (year, month, day)]
    return None if None in whole else feel_time.make_date(*[each or 0 for each in whole])


def _whole(value: Decimal) -> int | None:
    return int(value) if value.adjusted() < 9 and value == value.to_integral_value() else None


@builtin("date and time(from: string | date | moment)")
def to_date_time(_run: Run, value: str | date | datetime) -> datetime | None:
    if isinstance(value, str):
        return feel_time.parse_date_time(value)
    return value if isinstance(value, datetime) else datetime.combine(value, time())


@builtin("date and time(date: date | moment, time: time)")
def date_time_of(_run: Run, day: date, moment: time) -> datetime:
    return datetime.combine(day.date() if isinstance(day, datetime) else day, moment)


@builtin("time(from: string | time | moment | date)")
def to_time(_run: Run, value: Any) -> time | None:
    if isinstance(value, str):
        return feel_time.parse_time(value)
    if isinstance(value, datetime):
        return value.timetz()
    return value if isinstance(value, time) else time(tzinfo=feel_time.offset_zone(timedelta()))


@builtin("time(hour: number, minute: number, second: number, offset?: days)")
def time_of(_run: Run, hour: Decimal, minute: Decimal, second: Decimal, offset: timedelta | None = None) -> time | None:
    hours, minutes = _whole(hour), _whole(minute)
    if hours is None or minutes is None or not 0 <= second < 60:
        return None
    micro = int(second % 1 * 1_000_000)
    try:
        return time(hours, minutes, int(second), micro, None if offset is None else feel_time.offset_zone(offset))
    except ValueError:
        return None


@builtin("number(from: string, grouping separator?: string, decimal separator?: string)")
def to_number(_run: Run, value: str, grouping: str | None = None, point: str | None = None) -> Decimal | None:
    if grouping not in (None, " ", ",", ".") or point not in (None, ",", ".") or grouping == (point or ""):
        return None
    text = value.replace(grouping, "") if grouping else value
    text = text.replace(point, ".") if point and point != "." else text
    if len(text) > 4 * DIGITS or not _NUMERAL.fullmatch(text):
        return None
    return number(NUMBERS.create_decimal(text))


@builtin("string(from: any)")
def to_string(run: Run, value: Any) -> str | None:
    if not isinstance(value, list | dict):
        return text_of(value)
    pieces: list[str] = []
    _write(run, value, pieces)
    return run.text("".join(pieces))


def _write(run: Run, value: Any, pieces: list[str]) -> None:
    """Add the text of a value inside a list or context, where texts wear quotes."""
    if isinstance(value, list):
        for place, each in enumerate(value):
            pieces.append(", " if place else "[")
            _write(run, each, pieces)
        pieces.append("]" if value else "[]")
    elif isinstance(value, dict):
        for place, (key, each) in enumerate(value.items()):
            pieces.append(f"{', ' if place else '{'}{key}: ")
            _write(run, each, pieces)
        pieces.append("}" if value else "{}")
    elif isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        pieces.append(f'"{escaped}"')
    else:
        pieces.append(text_of(value) or "null")
    run.spend(1 + len(pieces[-1]) // 100)


@builtin("duration(from: string | duration)")
def to_duration(_run: Run, value: str | timedelta | Months) -> timedelta | Months | None:
    return feel_time.parse_duration(value) if isinstance(value, str) else value


@builtin("years and months duration(from: date | moment, to: date | moment)")
def years_and_months(_run: Run, start: date, end: date) -> Months:
    return feel_time.months_between(start, end)


# -- texts -------------------------------------------------------------------------------------------------------------


@builtin("substring(string: string, start position: number, length?: number)")
def substring(run: Run, text: str, start: Decimal, length: Decimal | None = None) -> str | None:
    first = _whole(start)
    if not first or -first > len(text) or (length is not None and length < 0):
        return None
    begin = first - 1 if first > 0 else len(text) + first
    end = len(text) if length is None or length >= len(text) else begin + int(length)
    return run.text(text[begin:end])


@builtin("string length(string: string)")
def string_length(_run: Run, text: str) -> Decimal:
    return Decimal(len(text))


@builtin("upper case(string: string)")
def upper_case(run: Run, text: str) -> str:
    return run.text(text.upper())


@builtin("lower case(string: string)")
def lower_case(run: Run, text: str) -> str:
    return run.text(text.lower())


@builtin("substring before(string: string, match: string)")
def substring_before(run: Run, text: str, match: str) -> str:
    before, found, _ = text.partition(match) if match else ("", "", "")
    return run.text(before if found else "")


@builtin("substring after(string: string, match: string)")
def substring_after(run: Run, text: str, match: str) -> str:
    return run.text(text.partition(match)[2] if match else text)


@builtin("contains(string: string, match: string)")
def contains(_run: Run, text: str, match: str) -> bool:
    return match in text


@builtin("starts with(string: string, match: string)")
def starts_with(_run: Run, text: str, match: str) -> bool:
    return text.startswith(match)


@builtin("ends with(string: string, match: string)")
def ends_with(_run: Run, text: str, match: str) -> bool:
    return text.endswith(match)


@builtin("matches(input: string, pattern: string, flags?: string)")
def matches(run: Run, text: str, pattern: str, flags: str | None = None) -> bool | None:
    program = compiled(pattern, flags or "")
    return None if program is None else feel_regex.find(program, text, 0, run) is not None


@builtin("replace(input: string, pattern: string, replacement: string, flags?: string)")
def replace(run: Run, text: str, pattern: str, replacement: str, flags: str | None = None) -> str | None:
    program = compiled(pattern, flags or "")
    return None if program is None else feel_regex.replace(program, text, replacement, run)


@builtin("split(string: string, delimiter: string)")
def split(run: Run, text: str, delimiter: str) -> list[object] | None:
    program = compiled(delimiter, "")
    if program is None:
        return None
    pieces = feel_regex.split(program, text, run)
    return None if pieces is None else run.items(pieces)


@builtin("string join(list: list, delimiter?: string)")
def string_join(run: Run, items: list[Any], delimiter: str | None = None) -> str | None:
    run.spend(len(items))
    words = [each for each in items if each is not None]
    if not all(isinstance(each, str) for each in words):
        return None
    glue = delimiter or ""
    if sum(map(len, words)) + len(glue) * len(words) > TEXT + len(glue):
        raise FeelError(TEXT_TOO_LONG, limit=TEXT)
    return run.text(glue.join(words))
