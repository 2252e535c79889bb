"""How Italian law counts terms, and which days are working days. Pure: dates in, dates out.

The general rules are articles 2963 c.c. and 155 c.p.c.: the first day is not counted and the last one is; holidays
inside count; months and years run by the calendar, *ex nominatione dierum*. Four kinds of term end differently:

ACT   a deadline for an act: when it ends on a holiday it moves to the next day that is none (art. 155 c. 4 c.p.c.)
VAL   the validity of a status or a document: never moves
BACK  counted backwards from an event: when it lands on a holiday the safe day is the one before
SLA   a target of the organisation: never moves

Holidays: all Sundays and the days of law 260/1949 as in force in that year (4 October again from 2026, law 151/2025).
Patron saints' days are not in that law and move no term; offices close, so they only bear on the last working day. That
makes two calendars: the legal one, and the one of an office, which adds its closed days (`Office`, or a province as the
holidays library knows it).
"""

import calendar as months
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

from holidays.countries.italy import Italy

from core.clock import ROME
from core.errors import N_, BadInput

KINDS = ("ACT", "VAL", "BACK", "SLA")
UNITS = ("hour", "day", "working_day", "month", "year")
LONGEST = {"hour": 24 * 366, "day": 40000, "working_day": 30000, "month": 1200, "year": 100}
DAY = timedelta(days=1)
SATURDAY, SUNDAY, AUGUST = 5, 6, 8
FIRST_YEAR, LAST_YEAR = 1949, 2100  # law 260/1949; the end of the tables of Easter
SAINTS_PETER_AND_PAUL = (6, 29)
# Where the holidays library and what the offices do differ: (month, day), or none.
PATRONS: dict[str, tuple[int, int] | None] = {"PG": (1, 29), "RG": (8, 29), "VE": None}
WHIT_MONDAY_PROVINCE = "BZ"
CLOSED_KINDS = ("yearly", "whit_monday", "closure", "june29")


@dataclass(frozen=True)
class Length:
    """How long: a number of hours, days, working days (Monday to Friday, no holidays), months or years."""

    n: int
    unit: str

    def __post_init__(self) -> None:
        if self.unit not in UNITS:
            raise BadInput(N_("Unità di tempo sconosciuta: %(unit)s."), unit=self.unit)
        if not 0 <= self.n <= LONGEST[self.unit]:
            raise BadInput(N_("Durata fuori dai limiti: %(n)s."), n=self.n)


@dataclass(frozen=True)
class ClosedDay:
    """A day on which one office is closed, between two dates (none: no limit).

    `yearly` is the patron's day, `whit_monday` the patron's day of Bolzano, `closure` every day from the first date to
    the second, `june29` the feast of Rome, which is also a holiday of the law there (DPR 792/1985, Cass. 17079/2007).
    """

    kind: str
    month: int | None = None
    day: int | None = None
    valid_from: date | None = None
    valid_to: date | None = None

    def covers(self, day: date) -> bool:
        """Is the office closed on this day because of this entry?"""
        if not (self.valid_from or date.min) <= day <= (self.valid_to or date.max):
            return False
        if self.kind == "june29":
            return (day.month, day.day) == SAINTS_PETER_AND_PAUL
        if self.kind == "whit_monday":
            return day in _closed(WHIT_MONDAY_PROVINCE, day.year)
        return self.kind == "closure" or (day.month, day.day) == (self.month, self.day)


@dataclass(frozen=True)
class Office:
    """The calendar of one office: the days it is closed besides the holidays of the law."""

    code: str
    days: tuple[ClosedDay, ...] = ()

    def is_closed(self, day: date) -> bool:
        """Is the office closed on this day, holidays of the law apart?"""
        return any(entry.covers(day) for entry in self.days)

    def is_legal_holiday(self, day: date) -> bool:
        """Does the law count this day as a holiday here, and only here?"""
        return any(entry.kind == "june29" and entry.covers(day) for entry in self.days)


@dataclass(frozen=True)
class Offices(Office):
    """The offices of somebody who works in several: closed on a day on which all of them are."""

    all: tuple[Office | str, ...] = ()

    def is_closed(self, day: date) -> bool:
        """Are all of them closed on this day, holidays of the law apart?"""
        return all(is_holiday(day, office) for office in self.all)


@dataclass(frozen=True)
class Calendar:
    """The options of one term.

    `office` (an office, or a province such as "MI" for its patron's day) bears on the last working day, never on the
    term, but for 29 June where the office keeps it. `saturday` also moves acts off Saturdays (art. 155 c. 5 c.p.c.,
    judicial acts outside hearings). `august` stops the counting from 1 to 31 August (law 742/1969, judicial terms).
    `rome` makes 29 June a holiday (Cass. 17079/2007).
    """

    office: Office | str | None = None
    saturday: bool = False
    august: bool = False
    rome: bool = False


@dataclass(frozen=True)
class Computed:
    """The last day of a term, the last working day to use it, and the instant for terms in hours."""

    due: date
    last_working_day: date
    at: datetime | None = None


PLAIN = Calendar()


def compute(kind: str, length: Length, start: date, *, calendar: Calendar = PLAIN) -> Computed:
    """When a term of this kind and length ends, counted from (or for BACK: back from) `start`.

    Terms in hours need an aware datetime; any other unit takes the civil day in Rome of a datetime.
    """
    if kind not in KINDS:
        raise BadInput(N_("Tipo di termine sconosciuto: %(kind)s."), kind=kind)
    try:
        if length.unit == "hour":
            return _in_hours(kind, length.n, start, calendar)
        if isinstance(start, datetime):
            start = start.astimezone(ROME).date()
        return _ending(_settled(kind, _counted(kind, length, start, calendar), calendar), calendar)
    except (OverflowError, ValueError):
        raise BadInput(N_("La data esce dal calendario.")) from None


def is_holiday(day: date, office: Office | str | None = None) -> bool:
    """A Sunday or a national holiday; with an office, also a day on which it is closed."""
    if day.weekday() == SUNDAY or day in _national(day.year):
        return True
    if isinstance(office, Office):
        return office.is_closed(day)
    return office is not None and day in _closed(office, day.year)


def is_working_day(day: date, office: Office | str | None = None) -> bool:
    """Monday to Friday and no holiday; with an office, none of its closed days either."""
    return day.weekday() < SATURDAY and not is_holiday(day, office)


def next_working_day(day: date, office: Office | str | None = None) -> date:
    """The first working day after this day."""
    day += DAY
    while not is_working_day(day, office):
        day += DAY
    return day


def previous_working_day(day: date, office: Office | str | None = None) -> date:
    """The last working day before this day."""
    day -= DAY
    while not is_working_day(day, office):
        day -= DAY
    return day


def last_working_day(day: date, office: Office | str | None = None) -> date:
    """This day if it is a working day, else the last one before it."""
    return day if is_working_day(day, office) else previous_working_day(day, office)


def add_months(day: date, n: int) -> date:
    """The same day-number n months later (or earlier), else the last day of that month (art. 2963 c. 5 c.c.)."""
    year, month = divmod(day.year * 12 + day.month - 1 + n, 12)
    if not date.min.year <= year <= date.max.year:
        raise OverflowError
    return date(year, month + 1, min(day.day, months.monthrange(year, month + 1)[1]))


def _in_hours(kind: str, n: int, start: date, calendar: Calendar) -> Computed:
    """Hours are elapsed hours; for acts the hour of the event is not counted (art. 155 c. 1 c.p.c.)."""
    if not isinstance(start, datetime) or start.tzinfo is None:
        raise BadInput(N_("Un termine in ore si conta da un orario preciso."))
    at = start.astimezone(UTC)
    if kind == "ACT":
        at = at.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    at += timedelta(hours=-n if kind == "BACK" else n)
    # A term that ends at midnight ends with the day before.
    last_moment = at - timedelta(microseconds=1) if kind != "BACK" else at
    return _ending(last_moment.astimezone(ROME).date(), calendar, at)


def _counted(kind: str, length: Length, start: date, calendar: Calendar) -> date:
    """The last day, before it is moved off a holiday."""
    step = -DAY if kind == "BACK" else DAY
    suspended = calendar.august and kind in ("ACT", "BACK")
    if length.unit == "day" and not suspended:
        return start + length.n * step
    if length.unit in ("day", "working_day"):
        return _walk(start, length.n, step, skip_august=suspended, working=length.unit == "working_day")
    n = length.n * (12 if length.unit == "year" else 1)
    return _months(start, n, step, suspended)


def _walk(start: date, n: int, step: timedelta, *, skip_august: bool, working: bool = False) -> date:
    day, left = start, n
    while left:
        day += step
        if not (skip_august and day.month == AUGUST) and (not working or is_working_day(day)):
            left -= 1
    return day


def _months(start: date, n: int, step: timedelta, suspended: bool) -> date:
    if not suspended:
        return add_months(start, n * step.days)
    # A term that would begin in the suspension begins when it is over (law 742/1969 art. 1). The days of August that
    # fall inside are then added at the end as days, and those that would fall in a later August are not counted.
    while start.month == AUGUST and (start + step).month == AUGUST:
        start += step
    end = add_months(start, n * step.days)
    inside = sum(1 for day in _days(start, end, step) if day.month == AUGUST)
    return _walk(end, inside, step, skip_august=True)


def _days(start: date, end: date, step: timedelta) -> list[date]:
    """The days after `start` up to and with `end`."""
    return [start + i * step for i in range(1, abs((end - start).days) + 1)]


def _settled(kind: str, day: date, calendar: Calendar) -> date:
    """The day moved off a holiday, forwards for acts and backwards for terms counted backwards."""
    if kind in ("VAL", "SLA"):
        return day
    step = -DAY if kind == "BACK" else DAY
    while _is_legally_closed(day, calendar):
        day += step
    return day


def _is_legally_closed(day: date, calendar: Calendar) -> bool:
    saturday = calendar.saturday and day.weekday() == SATURDAY
    rome = calendar.rome and (day.month, day.day) == SAINTS_PETER_AND_PAUL
    here = isinstance(calendar.office, Office) and calendar.office.is_legal_holiday(day)
    return is_holiday(day) or saturday or rome or here


def _ending(due: date, calendar: Calendar, at: datetime | None = None) -> Computed:
    last = last_working_day(due, calendar.office)
    while calendar.rome and (last.month, last.day) == SAINTS_PETER_AND_PAUL:
        last = previous_working_day(last, calendar.office)
    return Computed(due, last, at)


def _italy(**options: Any) -> Iterable[date]:
    found: Iterable[date] = Italy(**options)  # type: ignore[no-untyped-call]
    return found


@cache
def _national(year: int) -> frozenset[date]:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise BadInput(N_("La data esce dal calendario."))
    return frozenset(_italy(years=year))


@cache
def _closed(office: str, year: int) -> frozenset[date]:
    if office in PATRONS:
        patron = PATRONS[office]
        return frozenset({date(year, *patron)}) if patron else frozenset()
    if office not in Italy.subdivisions:
        raise BadInput(N_("Provincia sconosciuta: %(office)s."), office=office)
    return frozenset(_italy(subdiv=office, years=year)) - _national(year)
