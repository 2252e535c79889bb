"""Terms are counted as the civil codes say; a second, slow implementation checks the first over seventy years."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core import calendar
from core.calendar import Calendar, Length, compute
from core.clock import ROME
from core.errors import BadInput

DAY = timedelta(days=1)


def due(kind: str, n: int, unit: str, start: str, **options) -> str:
    return compute(kind, Length(n, unit), date.fromisoformat(start), calendar=Calendar(**options)).due.isoformat()


# The dates of the rules


def test_the_attestato_lasts_forty_five_days_and_its_end_never_moves():
    found = compute("VAL", Length(45, "day"), date(2026, 8, 20))

    assert (found.due, found.last_working_day) == (date(2026, 10, 4), date(2026, 10, 2))


@pytest.mark.parametrize(
    ("kind", "n", "unit", "start", "expected"),
    [
        ("ACT", 6, "month", "2026-08-31", "2027-03-01"),  # 28 February 2027 is a Sunday
        ("VAL", 6, "month", "2026-08-31", "2027-02-28"),
        ("ACT", 45, "day", "2026-11-10", "2026-12-28"),  # Christmas, Saint Stephen, Sunday
        ("ACT", 30, "day", "2027-02-26", "2027-03-30"),  # Easter, Easter Monday
        ("ACT", 20, "day", "2026-09-14", "2026-10-05"),  # 4 October is a holiday, and a Sunday
        ("ACT", 20, "day", "2027-09-14", "2027-10-05"),  # 4 October 2027 is a Monday
        ("ACT", 20, "day", "2024-09-14", "2024-10-04"),  # not yet a holiday, a Friday
        ("BACK", 90, "day", "2027-12-15", "2027-09-16"),
        ("BACK", 10, "day", "2027-04-08", "2027-03-27"),  # Easter Monday, Easter, then Saturday is no holiday
        ("SLA", 3, "month", "2026-08-11", "2026-11-11"),
        ("SLA", 6, "month", "2026-08-11", "2027-02-11"),
        ("SLA", 5, "working_day", "2026-08-14", "2026-08-21"),
        ("SLA", 2, "working_day", "2026-12-24", "2026-12-29"),
        ("ACT", 90, "day", "2026-10-02", "2026-12-31"),
        ("VAL", 45, "day", "2026-10-02", "2026-11-16"),
        ("VAL", 1, "year", "2028-02-29", "2029-02-28"),
        ("VAL", 1, "year", "2026-12-15", "2027-12-15"),
        ("ACT", 2, "year", "2026-05-31", "2028-05-31"),
        ("ACT", 0, "day", "2026-10-04", "2026-10-05"),
        ("BACK", 1, "month", "2027-03-31", "2027-02-27"),  # 28 February is a Sunday
    ],
)
def test_a_term_ends_on_the_day_the_law_says(kind, n, unit, start, expected):
    assert due(kind, n, unit, start) == expected


def test_a_judicial_act_moves_off_saturday_and_another_does_not():
    assert due("ACT", 10, "day", "2026-09-09") == "2026-09-19"
    assert due("ACT", 10, "day", "2026-09-09", saturday=True) == "2026-09-21"
    assert due("BACK", 10, "day", "2026-09-29", saturday=True) == "2026-09-18"
    assert due("VAL", 10, "day", "2026-09-09", saturday=True) == "2026-09-19"


@pytest.mark.parametrize(
    ("n", "unit", "start", "expected"),
    [
        (30, "day", "2026-07-20", "2026-09-21"),  # 11 days of July, 19 of September is a Saturday; 19 + Sunday 20
        (30, "day", "2026-08-10", "2026-09-30"),  # begins on 1 September
        (5, "month", "2027-03-15", "2027-09-15"),
        (1, "year", "2027-07-10", "2028-09-11"),  # 10 September 2028 is a Sunday
        (1, "month", "2027-09-01", "2027-10-01"),
    ],
)
def test_a_judicial_term_does_not_run_in_august(n, unit, start, expected):
    assert due("ACT", n, unit, start, august=True, saturday=True) == expected


def test_august_is_counted_unless_the_term_is_judicial():
    assert due("ACT", 30, "day", "2026-07-20") == "2026-08-19"
    assert due("VAL", 30, "day", "2026-07-20", august=True) == "2026-08-19"


def test_hours_are_elapsed_hours_and_an_act_does_not_count_the_first():
    found_out = datetime(2026, 8, 11, 2, 10, tzinfo=ROME)

    review = compute("SLA", Length(48, "hour"), found_out)
    notice = compute("ACT", Length(72, "hour"), found_out)

    assert review.at == datetime(2026, 8, 13, 2, 10, tzinfo=ROME)
    assert (notice.at, notice.due) == (datetime(2026, 8, 14, 3, 0, tzinfo=ROME), date(2026, 8, 14))


def test_a_day_of_twenty_five_hours_does_not_stretch_a_term_in_hours():
    before = datetime(2026, 10, 24, 12, tzinfo=ROME)

    assert compute("SLA", Length(24, "hour"), before).at == datetime(2026, 10, 25, 11, tzinfo=ROME)


def test_a_term_in_hours_that_ends_at_midnight_ends_with_the_day_before():
    assert compute("SLA", Length(24, "hour"), datetime(2026, 9, 1, 0, 0, tzinfo=ROME)).due == date(2026, 9, 1)


def test_an_instant_counts_as_the_civil_day_in_rome():
    late = datetime(2026, 8, 19, 22, 30, tzinfo=UTC)  # already the 20th in Rome

    assert compute("VAL", Length(45, "day"), late).due == date(2026, 10, 4)


# Holidays


@pytest.mark.parametrize("day", ["2026-04-06", "2027-03-29", "2028-04-17", "2026-10-04", "2027-10-04", "2026-11-01"])
def test_the_days_of_the_law_are_holidays(day):
    assert calendar.is_holiday(date.fromisoformat(day))


@pytest.mark.parametrize("day", ["2026-03-19", "2026-11-04", "2025-10-04", "2026-06-29", "2026-12-07", "1995-06-02"])
def test_abolished_days_and_patrons_are_not(day):
    assert not calendar.is_holiday(date.fromisoformat(day))


OFFICES = {
    "MI": (12, 7), "RM": (6, 29), "TO": (6, 24), "GE": (6, 24), "FI": (6, 24), "NA": (9, 19), "VE": (4, 25),
    "BO": (10, 4), "PA": (7, 15), "BA": (12, 6), "CA": (10, 30), "TS": (11, 3), "AN": (5, 4), "PG": (1, 29),
    "AQ": (6, 10), "CB": (4, 23), "PZ": (5, 30), "CZ": (7, 16), "AO": (9, 7), "TN": (6, 26), "CT": (2, 5),
    "ME": (6, 3), "BS": (2, 15), "BG": (8, 26), "PD": (6, 13), "VR": (5, 21), "PR": (1, 13), "MO": (1, 31),
    "SR": (12, 13), "RG": (8, 29), "PE": (10, 10), "LE": (8, 26), "FG": (3, 22), "SA": (9, 21),
}  # fmt: skip


@pytest.mark.parametrize("office", OFFICES)
def test_an_office_closes_on_its_patrons_day(office):
    for year in (2025, 2026, 2031):
        assert calendar.is_holiday(date(year, *OFFICES[office]), office)


def test_bolzano_closes_on_whit_monday():
    assert calendar.is_holiday(date(2026, 5, 25), "BZ")
    assert not calendar.is_holiday(date(2026, 5, 25))


def test_a_patrons_day_moves_the_reminder_and_never_the_term():
    in_milan = compute("ACT", Length(30, "day"), date(2027, 11, 7), calendar=Calendar(office="MI"))

    assert in_milan.due == date(2027, 12, 7)
    assert in_milan.last_working_day == date(2027, 12, 6)


def test_in_rome_the_twenty_ninth_of_june_may_move_a_term():
    assert due("ACT", 10, "day", "2026-06-19") == "2026-06-29"
    assert due("ACT", 10, "day", "2026-06-19", rome=True) == "2026-06-30"


def test_the_neighbouring_working_days_skip_saturdays_and_holidays():
    assert calendar.next_working_day(date(2026, 10, 2)) == date(2026, 10, 5)
    assert calendar.previous_working_day(date(2026, 10, 5)) == date(2026, 10, 2)
    assert calendar.last_working_day(date(2026, 10, 2)) == date(2026, 10, 2)
    assert calendar.next_working_day(date(2026, 12, 4), "MI") == date(2026, 12, 9)


# What is refused


@pytest.mark.parametrize(("n", "unit"), [(-1, "day"), (101, "year"), (10**9, "day"), (1, "week"), (1, "")])
def test_a_length_nobody_would_write_is_refused(n, unit):
    with pytest.raises(BadInput):
        Length(n, unit)


@pytest.mark.parametrize(
    ("kind", "length", "start", "options"),
    [
        ("XXX", Length(1, "day"), date(2026, 1, 1), {}),
        ("ACT", Length(1, "hour"), date(2026, 1, 1), {}),
        ("ACT", Length(1, "hour"), datetime(2026, 1, 1), {}),
        ("ACT", Length(100, "year"), date(9990, 1, 1), {}),
        ("BACK", Length(100, "year"), date(50, 1, 1), {}),
        ("ACT", Length(1, "day"), date(2026, 1, 1), {"office": "ZZ"}),
    ],
)
def test_a_term_that_cannot_be_counted_is_refused_in_words(kind, length, start, options):
    with pytest.raises(BadInput) as refused:
        compute(kind, length, start, calendar=Calendar(**options))

    assert str(refused.value).endswith(".")


# The second implementation: one day at a time, its own Easter, its own list, no library


def easter(year: int) -> date:
    """Oudin's method, by golden number, epact and the Sunday after the moon."""
    century, golden = year // 100, year % 19
    epact = (century - century // 4 - (8 * century + 13) // 25 + 19 * golden + 15) % 30
    epact -= (epact // 28) * (1 - (epact // 28) * (29 // (epact + 1)) * ((21 - golden) // 11))
    weekday = (year + year // 4 + epact + 2 - century + century // 4) % 7
    offset = epact - weekday
    month = 3 + (offset + 40) // 44
    return date(year, month, offset + 28 - 31 * (month // 4))


def slow_holiday(day: date) -> bool:
    fixed = {(1, 1), (1, 6), (4, 25), (5, 1), (8, 15), (11, 1), (12, 8), (12, 25), (12, 26)}
    fixed |= {(6, 2)} if day.year >= 2001 else set()
    fixed |= {(10, 4)} if day.year >= 2026 else set()
    once = date(2011, 3, 17)
    return day.weekday() == 6 or (day.month, day.day) in fixed or day in (once, easter(day.year) + DAY)


def slow_months(start: date, n: int, step: int) -> date:
    """Walk to the n-th month from here, then to the wanted day or the last one there is."""
    day, passed = start, 0
    while passed < n:
        month = day.month
        day += step * DAY
        passed += day.month != month
    while step > 0 and day.day < start.day and (day + DAY).month == day.month:
        day += DAY
    while step < 0 and day.day > start.day:
        day -= DAY
    return day


def slow(kind: str, length: tuple[int, str], start: date, saturday: bool, august: bool) -> date:
    n, unit = length
    step = -1 if kind == "BACK" else 1
    stops = august and kind in ("ACT", "BACK")
    if unit in ("month", "year"):
        while stops and start.month == 8 and (start + step * DAY).month == 8:
            start += step * DAY
        day = slow_months(start, n * (12 if unit == "year" else 1), step)
        low, high = sorted((start, day))
        inside = range(low.toordinal(), high.toordinal() + 1)
        n = sum(o != start.toordinal() and date.fromordinal(o).month == 8 for o in inside) if stops else 0
    else:
        day = start
    while n:
        day += step * DAY
        counts = not (stops and day.month == 8)
        counts = counts and (unit != "working_day" or (day.weekday() < 5 and not slow_holiday(day)))
        n -= counts
    while kind in ("ACT", "BACK") and (slow_holiday(day) or (saturday and day.weekday() == 5)):
        day += step * DAY
    return day


LENGTHS = st.one_of(
    st.tuples(st.integers(0, 400), st.just("day")),
    st.tuples(st.integers(0, 100), st.just("working_day")),
    st.tuples(st.integers(0, 30), st.just("month")),
    st.tuples(st.integers(0, 5), st.just("year")),
)


@settings(max_examples=400)
@given(
    kind=st.sampled_from(calendar.KINDS),
    length=LENGTHS,
    start=st.dates(date(1990, 1, 1), date(2060, 12, 31)),
    saturday=st.booleans(),
    august=st.booleans(),
)
def test_two_ways_of_counting_agree(kind, length, start, saturday, august):
    found = compute(kind, Length(*length), start, calendar=Calendar(saturday=saturday, august=august))
    last = found.due
    while last.weekday() >= 5 or slow_holiday(last):
        last -= DAY

    assert found.due == slow(kind, length, start, saturday, august)
    assert found.last_working_day == last


def test_every_day_of_seventy_years_is_the_same_in_both_calendars():
    day = date(1990, 1, 1)
    while day.year <= 2060:
        assert calendar.is_holiday(day) == slow_holiday(day), day
        day += DAY


@given(start=st.dates(date(1990, 1, 1), date(2060, 12, 31)), n=st.integers(0, 400))
def test_an_act_never_ends_on_a_holiday_nor_before_its_days_are_over(start, n):
    end = compute("ACT", Length(n, "day"), start).due

    assert not calendar.is_holiday(end)
    assert start + n * DAY <= end <= start + (n + 4) * DAY
