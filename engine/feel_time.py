"""Dates, times and durations of FEEL: reading, writing, parts and calendar arithmetic (DMN 1.3, 10.3.2.3.4-8).

A date-time or time without offset is a local one; compared with one that has an offset it takes that (table 54).
Years go from 1 to 9999, durations to ten thousand years, seconds to six decimals: what lies beyond is null.
"""

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal
from zoneinfo import ZoneInfo

_ZONE = r"(?P<zone>Z|[+-][0-9]{2}:[0-9]{2}(?::[0-9]{2})?|@[A-Za-z_]{1,30}(?:/[A-Za-z0-9_+-]{1,30}){0,2})?"
_TIME = r"(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:\.(?P<part>[0-9]{1,9}))?)?" + _ZONE
_DATE = r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})"
_date = re.compile(_DATE)
_time = re.compile(_TIME)
_date_time = re.compile(f"{_DATE}T{_TIME}")
_days_time = re.compile(
    r"(-?)P(?=[0-9T])(?:([0-9]{1,9})D)?(?:T(?=[0-9])(?:([0-9]{1,9})H)?(?:([0-9]{1,9})M)?(?:([0-9]{1,9})(?:\.([0-9]{1,9}))?S)?)?"
)
_years_months = re.compile(r"(-?)P(?=[0-9])(?:([0-9]{1,6})Y)?(?:([0-9]{1,6})M)?")

_SECOND = timedelta(seconds=1)
_DAY = timedelta(days=1)
_LONGEST = timedelta(days=3_660_000)
_MOST_MONTHS = 120_000


@dataclass(frozen=True, slots=True, order=True)
class Months:
    """A years and months duration, as its number of months."""

    months: int


Temporal = date | datetime | time | timedelta | Months


def parse_date(text: str) -> date | None:
    """Return the date that `2026-10-04` names, or None."""
    match = _date.fullmatch(text)
    return make_date(int(match[1]), int(match[2]), int(match[3])) if match else None


def make_date(year: int, month: int, day: int) -> date | None:
    """Return that day of the calendar, or None if it does not exist."""
    try:
        return date(year, month, day)
    except (ValueError, OverflowError):
        return None


def parse_time(text: str) -> time | None:
    """Return the time that `09:00:00`, `09:00:00+02:00` or `09:00:00@Europe/Rome` names, or None."""
    match = _time.fullmatch(text)
    return _clock(match) if match else None


def parse_date_time(text: str) -> datetime | None:
    """Return the date-time of a text; a date alone is its first moment. None if it does not exist."""
    match = _date_time.fullmatch(text)
    if match is None:
        day = parse_date(text)
        return datetime.combine(day, time()) if day else None
    day, moment = make_date(int(match["year"]), int(match["month"]), int(match["day"])), _clock(match)
    return datetime.combine(day, moment) if day and moment else None


def _clock(match: re.Match[str]) -> time | None:
    micro = int((match["part"] or "0").ljust(6, "0")[:6])
    try:
        zone = _zone(match["zone"])
        return time(int(match["hour"]), int(match["minute"]), int(match["second"] or 0), micro, zone)
    except (ValueError, KeyError, OSError):
        return None


def _zone(text: str | None) -> tzinfo | None:
    if not text:
        return None
    if text[0] == "@":
        return ZoneInfo(text[1:])
    if text == "Z":
        return UTC
    hours, minutes, seconds = ([int(each) for each in text[1:].split(":")] + [0])[:3]
    if hours > 14 or minutes > 59 or seconds > 59:
        raise ValueError(text)
    return offset_zone(timedelta(hours=hours, minutes=minutes, seconds=seconds) * (-1 if text[0] == "-" else 1))


def offset_zone(offset: timedelta) -> tzinfo:
    """Return the zone of a fixed distance from UTC; ValueError if it is a day or more."""
    return timezone(offset) if offset else UTC


def make_span(microseconds: int) -> timedelta | None:
    """Return a days and time duration, or None if it is too long."""
    try:
        span = timedelta(microseconds=microseconds)
    except OverflowError:
        return None
    return span if -_LONGEST <= span <= _LONGEST else None


def make_months(months: int) -> Months | None:
    """Return a years and months duration, or None if it is too long."""
    return Months(months) if abs(months) <= _MOST_MONTHS else None


def parse_duration(text: str) -> timedelta | Months | None:
    """Return the duration that `P3DT4H` or `P1Y2M` names, or None; the two kinds do not mix."""
    if match := _years_months.fullmatch(text):
        months = int(match[2] or 0) * 12 + int(match[3] or 0)
        return make_months(-months if match[1] else months)
    match = _days_time.fullmatch(text)
    if match is None or not any(match.groups()[1:]):
        return None
    days, hours, minutes, seconds = (int(each or 0) for each in match.groups()[1:5])
    micro = int((match[6] or "0").ljust(6, "0")[:6])
    micro += ((days * 24 + hours) * 60 + minutes) * 60_000_000 + seconds * 1_000_000
    return make_span(-micro if match[1] else micro)


def parse_any(text: str) -> Temporal | None:
    """Return what `@"..."` stands for (DMN 1.3, 10.3.1.2), or None."""
    return parse_date(text) or parse_time(text) or parse_date_time(text) or parse_duration(text)


# -- writing -----------------------------------------------------------------------------------------------------------


def date_time_text(value: datetime, *, named: bool = True) -> str:
    """Return `2026-10-04T09:00:00@Europe/Rome`, or with the offset of that moment if the zone shall not be `named`."""
    return f"{value.date().isoformat()}T{_clock_text(value.time())}{_zone_text(value, named)}"


def time_text(value: time) -> str:
    """Return `09:00:00` with its offset or zone."""
    return _clock_text(value) + _zone_text(value, True)


def _clock_text(value: time) -> str:
    part = f".{value.microsecond:06}".rstrip("0") if value.microsecond else ""
    return f"{value.hour:02}:{value.minute:02}:{value.second:02}{part}"


def _zone_text(value: datetime | time, named: bool) -> str:
    if isinstance(value.tzinfo, ZoneInfo) and named:
        return f"@{value.tzinfo.key}"
    offset = value.utcoffset()
    if offset is None:
        return ""
    seconds = abs(offset) // _SECOND
    text = f"{seconds // 3600:02}:{seconds // 60 % 60:02}" + (f":{seconds % 60:02}" if seconds % 60 else "")
    return "Z" if not offset else ("-" if offset < timedelta() else "+") + text


def duration_text(value: timedelta | Months) -> str:
    """Return the shortest ISO 8601 text of a duration: `P3DT4H`, `P1Y2M`, `PT0S`, `P0M`."""
    if isinstance(value, Months):
        years, months = divmod(abs(value.months), 12)
        text = (f"{years}Y" if years else "") + (f"{months}M" if months or not years else "")
        return ("-P" if value.months < 0 else "P") + text
    seconds = abs(value) // _SECOND
    part = f".{abs(value).microseconds:06}".rstrip("0") if value.microseconds else ""
    parts = [(seconds // 86400, "D"), (seconds // 3600 % 24, "H"), (seconds // 60 % 60, "M")]
    days, hours, minutes = (f"{number}{sign}" if number else "" for number, sign in parts)
    clock = hours + minutes + (f"{seconds % 60}{part}S" if seconds % 60 or part or not value else "")
    return ("-P" if value < timedelta() else "P") + days + (f"T{clock}" if clock else "")


# -- parts -------------------------------------------------------------------------------------------------------------


def member(value: Temporal, name: str) -> object:
    """Return a property such as `.year` or `.time offset` (DMN 1.3, table 65), or None if the value has none."""
    if isinstance(value, Months):
        return _month_part(value, name)
    if isinstance(value, timedelta):
        return _span_part(value, name)
    found: object = None
    if isinstance(value, date):
        found = _day_part(value, name)
    if found is None and isinstance(value, datetime | time):
        found = _clock_part(value, name)
    return found


def _month_part(value: Months, name: str) -> Decimal | None:
    years, months = divmod(abs(value.months), 12)
    return _signed({"years": years, "months": months}.get(name), value.months < 0)


def _span_part(value: timedelta, name: str) -> Decimal | None:
    seconds = abs(value) // _SECOND
    if name == "seconds":
        whole = Decimal(seconds % 60) + Decimal(abs(value).microseconds).scaleb(-6)
        return -whole if value < timedelta() else whole
    parts = {"days": seconds // 86400, "hours": seconds // 3600 % 24, "minutes": seconds // 60 % 60}
    return _signed(parts.get(name), value < timedelta())


def _signed(number: int | None, negative: bool) -> Decimal | None:
    return None if number is None else Decimal(-number if negative else number)


def _day_part(value: date, name: str) -> Decimal | None:
    if name == "weekday":
        return Decimal(value.isoweekday())
    return Decimal(getattr(value, name)) if name in ("year", "month", "day") else None


def _clock_part(value: datetime | time, name: str) -> object:
    if name == "second":
        return Decimal(value.second) + Decimal(value.microsecond).scaleb(-6).normalize()
    if name in ("hour", "minute"):
        return Decimal(getattr(value, name))
    if name == "time offset":
        return value.utcoffset()
    return value.tzinfo.key if name == "timezone" and isinstance(value.tzinfo, ZoneInfo) else None


# -- order and arithmetic ----------------------------------------------------------------------------------------------


def pair(left: datetime, right: datetime) -> tuple[datetime, datetime]:
    """Return two date-times so that Python may compare them."""
    first, second = _zoned(left, right), _zoned(right, left)
    try:
        return (first, second) if first.tzinfo is None else (first.astimezone(UTC), second.astimezone(UTC))
    except OverflowError:
        return first.replace(tzinfo=UTC), second.replace(tzinfo=UTC)


def _zoned(value: datetime, other: datetime) -> datetime:
    return value if value.tzinfo else value.replace(tzinfo=other.tzinfo)


def between(start: datetime, end: datetime) -> timedelta | None:
    """Return the time from one to the other; None if only one of them has an offset (table 57)."""
    if (start.tzinfo is None) != (end.tzinfo is None):
        return None
    first, second = pair(start, end)
    return second - first


def time_pair(left: time, right: time) -> tuple[timedelta, timedelta]:
    """Return two times of day so that Python may compare them."""
    first, second = left.utcoffset(), right.utcoffset()
    if first is None or second is None:
        return _since_midnight(left), _since_midnight(right)
    return _since_midnight(left) - first, _since_midnight(right) - second


def _since_midnight(value: time) -> timedelta:
    return timedelta(hours=value.hour, minutes=value.minute, seconds=value.second, microseconds=value.microsecond)


def later(value: datetime, span: timedelta) -> datetime | None:
    """Return the date-time a span of seconds after `value`: on the night when clocks change too."""
    try:
        if isinstance(value.tzinfo, ZoneInfo):
            return (value.astimezone(UTC) + span).astimezone(value.tzinfo)
        return value + span
    except OverflowError:
        return None


def day_later(value: date, span: timedelta) -> date | None:
    """Return the date of the moment a span after the first of `value`."""
    moment = later(datetime.combine(value, time()), span)
    return moment.date() if moment else None


def time_later(value: time, span: timedelta) -> time:
    """Return the time of day a span later, round the clock."""
    moment = (_since_midnight(value) + span) % _DAY
    return (datetime.combine(date(2000, 1, 1), time()) + moment).time().replace(tzinfo=value.tzinfo)


def months_later(value: date, span: Months) -> date | None:
    """Return the same day `span` later; the last day of a shorter month stands in for a missing one."""
    years, month = divmod(value.year * 12 + value.month - 1 + span.months, 12)
    if not 1 <= years <= 9999:
        return None
    day = min(value.day, calendar.monthrange(years, month + 1)[1])
    return value.replace(year=years, month=month + 1, day=day)


def months_between(start: date, end: date) -> Months:
    """Return the whole months from `start` to `end` (DMN 1.3, table 72: years and months duration)."""
    months = (end.year - start.year) * 12 + end.month - start.month
    if months > 0 and _within(end) < _within(start):
        months -= 1
    elif months < 0 and _within(end) > _within(start):
        months += 1
    return Months(months)


def _within(value: date) -> tuple[int, time]:
    return value.day, value.time() if isinstance(value, datetime) else time()
