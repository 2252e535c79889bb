"""Every term counted twice, 1990 to 2060: by `core/calendar.py` and by a finger on a table of days (`walker.py`)."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from core import calendar
from core.calendar import Calendar, ClosedDay, Length, Office, compute
from core.clock import ROME
from tests.core import walker
from tests.core.walker import Rules

DAY = timedelta(days=1)
BEGIN, END = date(1990, 1, 1), date(2060, 12, 31)
STARTS = st.dates(BEGIN, END)
# The days on which counting goes wrong, when it does: ends of months, leap days, the eves of chains of holidays.
SHARP = st.builds(
    date,
    st.integers(1990, 2060),
    st.sampled_from([1, 2, 3, 4, 7, 8, 9, 10, 12]),
    st.sampled_from([1, 2, 3, 4, 5, 24, 25, 26, 27, 28]),
) | st.builds(lambda year, month: date(year, month, walker.month_length(year, month)), st.integers(1990, 2060), st.integers(1, 12))  # fmt: skip
LENGTHS = st.one_of(
    st.tuples(st.integers(0, 730), st.just("day")),
    st.tuples(st.integers(0, 130), st.just("working_day")),
    st.tuples(st.integers(0, 48), st.just("month")),
    st.tuples(st.integers(0, 4), st.just("year")),
)
RULES = st.builds(Rules, saturday=st.booleans(), august=st.booleans(), rome=st.booleans())


def triple(day: date) -> walker.Day:
    return day.year, day.month, day.day


def both(kind: str, n: int, unit: str, start: date, rules: Rules) -> tuple[object, object]:
    """The answer of the house and the answer of the finger."""
    options = Calendar(saturday=rules.saturday, august=rules.august, rome=rules.rome)
    found = compute(kind, Length(n, unit), start, calendar=options)
    return (triple(found.due), triple(found.last_working_day)), walker.ends(kind, n, unit, triple(start), rules)


@settings(max_examples=4000)
@given(kind=st.sampled_from(calendar.KINDS), length=LENGTHS, start=STARTS | SHARP, rules=RULES)
@example("ACT", (6, "month"), date(2026, 8, 31), Rules())
@example("VAL", (1, "year"), date(2028, 2, 29), Rules())
@example("BACK", (90, "day"), date(2027, 12, 15), Rules())
@example("ACT", (20, "day"), date(2027, 9, 14), Rules())
@example("ACT", (30, "day"), date(2027, 2, 26), Rules(saturday=True))
@example("ACT", (1, "year"), date(2027, 8, 10), Rules(august=True))
@example("BACK", (1, "month"), date(2026, 9, 30), Rules(august=True, saturday=True, rome=True))
def test_any_term_ends_on_the_same_day_both_ways(kind: str, length: tuple[int, str], start: date, rules: Rules) -> None:
    ours, theirs = both(kind, *length, start, rules)

    assert ours == theirs


@pytest.mark.parametrize(("n", "unit"), [(10, "day"), (30, "day"), (45, "day"), (90, "day"), (6, "month"), (1, "year")])
@pytest.mark.parametrize("kind", ["ACT", "VAL", "BACK"])
def test_the_lengths_of_the_law_agree_from_every_single_day(kind: str, n: int, unit: str) -> None:
    day = BEGIN
    while day <= END:
        ours, theirs = both(kind, n, unit, day, Rules())
        assert ours == theirs, day
        day += DAY


def test_both_know_the_same_holidays_and_weekdays() -> None:
    day = BEGIN
    while day <= END:
        cell = walker.CELLS[walker.PLACES[triple(day)]]
        assert (cell.festive, cell.weekday) == (calendar.is_holiday(day), day.weekday()), day
        day += DAY


@pytest.mark.parametrize(
    ("year", "easter"), [(1990, (4, 15)), (2000, (4, 23)), (2026, (4, 5)), (2027, (3, 28)), (2038, (4, 25)), (2049, (4, 18))]
)  # fmt: skip
def test_the_finger_knows_easter_from_the_almanac(year: int, easter: tuple[int, int]) -> None:
    assert walker.gauss_easter(year) == (year, *easter)


@settings(max_examples=1000)
@given(
    kind=st.sampled_from(calendar.KINDS),
    n=st.integers(0, 500),
    start=st.datetimes(datetime(1990, 1, 1), datetime(2060, 12, 1)),
)
def test_hours_end_at_the_same_instant_both_ways(kind: str, n: int, start: datetime) -> None:
    here = start.replace(tzinfo=ROME, second=0, microsecond=0)
    here = here.astimezone(UTC).astimezone(ROME)  # an hour that a change of clocks leaves out is the one after it
    offset = here.utcoffset()
    assert offset is not None
    moment = (walker.PLACES[triple(here.date())], here.hour, here.minute)
    theirs = walker.hours_end(kind, n, moment, int(offset.total_seconds()) // 60)

    at = compute(kind, Length(n, "hour"), here).at

    assert at == datetime(walker.FIRST_YEAR, 1, 1, tzinfo=UTC) + timedelta(minutes=theirs)


@settings(max_examples=500)
@given(
    length=LENGTHS, start=STARTS, closed=st.sets(st.tuples(st.integers(1, 12), st.integers(1, 28)), max_size=4),
    closure=st.integers(0, 20),
)  # fmt: skip
def test_what_an_office_is_closed_on_never_moves_a_term_but_its_last_working_day(
    length: tuple[int, str], start: date, closed: set[tuple[int, int]], closure: int
) -> None:
    plain = compute("ACT", Length(*length), start)
    days = [ClosedDay("yearly", month, day) for month, day in closed]
    days.append(ClosedDay("closure", valid_from=plain.due - closure * DAY, valid_to=plain.due))
    found = compute("ACT", Length(*length), start, calendar=Calendar(office=Office("prova", tuple(days))))

    place = walker.PLACES[triple(plain.due - closure * DAY)] - 1
    while walker.CELLS[place].festive or walker.CELLS[place].weekday >= 5 or walker.CELLS[place].day[1:] in closed:
        place -= 1
    assert found.due == plain.due
    assert triple(found.last_working_day) == walker.CELLS[place].day
