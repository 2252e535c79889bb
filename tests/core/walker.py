"""Counting terms a second way, from the words of the law alone: a table of days, walked one by one with a finger.

Nothing here is taken from `core/calendar.py` nor from a library of dates: the table is made by hand (month lengths, the
leap rule, weekdays counted on from one known Monday), Easter by Gauss, holidays from the list of the law. A term is a
walk along that table, crossing off days.
"""

from dataclasses import dataclass

FIRST_YEAR, LAST_YEAR = 1985, 2075
MONDAY, SATURDAY, SUNDAY = 0, 5, 6
LENGTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
Day = tuple[int, int, int]
# (month, day, first year, last year): law 260/1949 with law 54/1977, DPR 792/1985, law 336/2000, law 151/2025.
FESTIVE = (
    (1, 1, 0, 9999), (1, 6, 1986, 9999), (4, 25, 0, 9999), (5, 1, 0, 9999), (6, 2, 2001, 9999), (8, 15, 0, 9999),
    (10, 4, 2026, 9999), (11, 1, 0, 9999), (12, 8, 0, 9999), (12, 25, 0, 9999), (12, 26, 0, 9999),
    (3, 17, 2011, 2011),
)  # fmt: skip


def is_leap(year: int) -> bool:
    """Every fourth year, not every hundredth, but every four hundredth."""
    return (year % 4 == 0) - (year % 100 == 0) + (year % 400 == 0) == 1


def month_length(year: int, month: int) -> int:
    """How many days a month has."""
    return 29 if month == 2 and is_leap(year) else LENGTHS[month - 1]


def gauss_easter(year: int) -> Day:
    """Easter Sunday by the rule of Gauss, with its two exceptions; good for 1900 to 2099."""
    a, b, c = year % 19, year % 4, year % 7
    d = (19 * a + 24) % 30
    e = (2 * b + 4 * c + 6 * d + 5) % 7
    if (d, e) == (29, 6) or ((d, e) == (28, 6) and a > 10):
        d -= 7
    return (year, 3, 22 + d + e) if 22 + d + e <= 31 else (year, 4, d + e - 9)


@dataclass(frozen=True)
class Cell:
    """One day of the table."""

    day: Day
    weekday: int
    festive: bool


def table() -> tuple[list[Cell], dict[Day, int]]:
    """Every day from the first year to the last, and where each stands; 1 January 1985 was a Tuesday."""
    cells: list[Cell] = []
    weekday = 1
    for year in range(FIRST_YEAR, LAST_YEAR + 1):
        easter_monday_next = False
        easter = gauss_easter(year)
        for month in range(1, 13):
            for number in range(1, month_length(year, month) + 1):
                day = (year, month, number)
                named = any((month, number) == (m, d) and a <= year <= z for m, d, a, z in FESTIVE)
                cells.append(Cell(day, weekday, named or weekday == SUNDAY or easter_monday_next))
                easter_monday_next = day == easter
                weekday = 0 if weekday == SUNDAY else weekday + 1
    return cells, {cell.day: place for place, cell in enumerate(cells)}


CELLS, PLACES = table()


@dataclass(frozen=True)
class Rules:
    """What is particular to one term: judicial Saturdays, the suspension of August, 29 June in Rome."""

    saturday: bool = False
    august: bool = False
    rome: bool = False


def ends(kind: str, n: int, unit: str, start: Day, rules: Rules) -> tuple[Day, Day]:
    """The last day of a term and the last working day not after it."""
    way = -1 if kind == "BACK" else 1
    stops = rules.august and kind in ("ACT", "BACK")
    place = PLACES[start]
    if unit in ("day", "working_day"):
        place = _cross_off(place, n, way, stops, working=unit == "working_day")
    else:
        place = _by_calendar(place, n * (12 if unit == "year" else 1), way, stops)
    while kind in ("ACT", "BACK") and _closed(CELLS[place], rules):
        place += way
    last = place
    while CELLS[last].festive or CELLS[last].weekday >= SATURDAY or (rules.rome and CELLS[last].day[1:] == (6, 29)):
        last -= 1
    return CELLS[place].day, CELLS[last].day


def _cross_off(place: int, n: int, way: int, stops: bool, *, working: bool) -> int:
    """The first day is not counted, the last one is: go on a day, cross it off if it counts."""
    crossed: list[Day] = []
    while len(crossed) < n:
        place += way
        cell = CELLS[place]
        if stops and cell.day[1] == 8:
            continue
        if working and (cell.festive or cell.weekday >= SATURDAY):
            continue
        crossed.append(cell.day)
    return place


def _by_calendar(place: int, months: int, way: int, stops: bool) -> int:
    """Month by month on the names of the days; where the month has no such day, its last one."""
    if (
        stops and CELLS[place].day[1] == 8
    ):  # the term begins when August is over: its first day is then the first counted
        while CELLS[place + way].day[1] == 8:
            place += way
    year, month, number = CELLS[place].day
    for _ in range(months):
        month += way
        if month in (0, 13):
            year, month = year + way, 12 if month == 0 else 1
    end = PLACES[year, month, min(number, month_length(year, month))]
    if not stops:
        return end
    between = CELLS[place + 1 : end + 1] if way > 0 else CELLS[end:place]
    lost = [cell for cell in between if cell.day[1] == 8]
    return _cross_off(end, len(lost), way, stops, working=False)


def _closed(cell: Cell, rules: Rules) -> bool:
    return (
        cell.festive
        or (rules.saturday and cell.weekday == SATURDAY)
        or (rules.rome and cell.day[1:] == (6, 29))
    )  # fmt: skip


def hours_end(kind: str, n: int, moment: tuple[int, int, int], offset_minutes: int) -> int:
    """Minutes since 1 January 1985, UTC, at which a term in hours ends: `moment` is place, hour and minute in Rome.

    The hour of the event is not counted (art. 155 c. 1 c.p.c.): an act begins at the next full hour.
    """
    place, hour, minute = moment
    start = place * 1440 + hour * 60 + minute - offset_minutes
    if kind == "ACT":
        start = (start // 60 + 1) * 60
    return start + (-1 if kind == "BACK" else 1) * n * 60
