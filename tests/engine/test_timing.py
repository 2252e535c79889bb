"""When timers are due: ISO 8601 on the calendar of Rome, nights when clocks change, ends of months, standstills.

The rules (threats R10, R12): days, weeks, months and years keep the hour on the wall; hours, minutes and seconds are
elapsed time; a day that a month does not have is its last; every turn of a cycle is counted from the same beginning.
"""

import calendar
import contextlib
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.clock import ROME
from engine import lint, timing
from engine.game.env import Fault
from engine.game.program import Event
from tests.engine.draw import boundary, catch, draw, timer
from tests.engine.play import Game


def rome(text: str, fold: int = 0) -> datetime:
    """An instant by the clocks of Rome; `fold=1` is the second 02:30 of an autumn night."""
    return datetime.fromisoformat(text).replace(tzinfo=ROME, fold=fold).astimezone(UTC)


def due(text: str, now: datetime, shape: str = "duration", **facts: Any) -> datetime:
    moment, _ = timing.due("t", Event("timer", text=text, shape=shape), facts, now)
    return moment


def turns(text: str, start: datetime, number: int) -> list[datetime]:
    """The first moments of a cycle that is fired on time."""
    event = Event("timer", text=text, shape="cycle")
    found, turn = [timing.due("t", event, {}, start)[0]], 1
    while len(found) < number:
        moment, turn = timing.again("t", event, {}, start, turn, found[-1])
        found.append(moment)
    return found


# -- durations ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("PT30M", "2026-08-11T02:40"),
        ("PT48H", "2026-08-13T02:10"),
        ("P10D", "2026-08-21T02:10"),
        ("P2W", "2026-08-25T02:10"),
        ("P3M", "2026-11-11T02:10"),
        ("P1Y", "2027-08-11T02:10"),
        ("P1Y2M3DT4H5M", "2027-10-14T06:15"),
        ("PT90S", "2026-08-11T02:11:30"),
        ('duration("P2D")', "2026-08-13T02:10"),
        ('duration("P2M")', "2026-10-11T02:10"),
        ("wait", "2026-08-14T02:10"),
        ("day", "2026-10-05T00:00"),
        ("date(day)", "2026-10-05T00:00"),
        ('date(day) + duration("P1D")', "2026-10-06T00:00"),
        ('date and time("2026-09-01T10:00:00@Europe/Rome")', "2026-09-01T10:00"),
    ],
)
def test_a_duration_a_date_or_an_expression_gives_an_instant(text, expected):
    assert due(text, rome("2026-08-11T02:10"), wait="P3D", day="2026-10-05") == rome(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-10-04", "2026-10-04T00:00"),
        ("2026-10-04T09:00", "2026-10-04T09:00"),
        ("2026-10-04T09:00:00+02:00", "2026-10-04T09:00"),
        ("2026-10-04T07:00:00Z", "2026-10-04T09:00"),
        ("2026-12-04T09:00", "2026-12-04T09:00"),
    ],
)
def test_a_date_without_a_zone_is_of_rome_in_summer_and_in_winter(text, expected):
    assert due(text, rome("2026-08-11T02:10"), "date") == rome(expected)


@pytest.mark.usefixtures("time")
def test_now_in_a_timer_is_the_clock_of_the_house(time):
    now = time.at("2026-08-11 02:10")

    assert due('now() + duration("PT1H")', now) == now + timedelta(hours=1)
    assert due('today() + duration("P1D")', now) == rome("2026-08-12T00:00")


def test_a_task_due_on_a_day_may_be_done_all_that_day():
    event = Event("timer", text="2026-10-04", shape=timing.DUE)

    assert timing.due("t", event, {}, rome("2026-08-11T02:10"))[0].astimezone(ROME).date() == date(2026, 10, 4)
    assert timing.due("t", event, {}, rome("2026-08-11T02:10"))[0] >= rome("2026-10-04T23:59")


# -- the nights when clocks change -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "text", "expected"),
    [
        ("2026-03-28T10:00", "P1D", "2026-03-29T10:00"),
        ("2026-03-28T10:00", "PT24H", "2026-03-29T11:00"),
        ("2026-03-28T02:30", "P2D", "2026-03-30T02:30"),
        ("2026-03-29T01:30", "PT1H", "2026-03-29T03:30"),
        ("2026-03-29T01:59", "PT1M", "2026-03-29T03:00"),
        ("2026-02-28T02:30", "P1M", "2026-03-28T02:30"),
        ("2026-10-24T10:00", "P1D", "2026-10-25T10:00"),
        ("2026-10-24T10:00", "PT24H", "2026-10-25T09:00"),
        ("2026-10-25T01:30", "PT3H", "2026-10-25T03:30"),
        ("2026-10-24T03:00", "P1D", "2026-10-25T03:00"),
        ("2026-03-01T09:00", "P8M", "2026-11-01T09:00"),
    ],
)
def test_days_keep_the_hour_on_the_wall_and_hours_are_elapsed_time(start, text, expected):
    assert due(text, rome(start)) == rome(expected)


def test_an_hour_that_the_spring_night_skips_comes_right_after_it():
    assert due("P1D", rome("2026-03-28T02:30")) == rome("2026-03-29T03:30")


def test_an_hour_that_comes_twice_in_the_autumn_night_is_the_first_one():
    assert due("P1D", rome("2026-10-24T02:30")) == rome("2026-10-25T02:30", fold=0)


@pytest.mark.parametrize("text", ["PT1H", "PT45M", "P1DT1H"])
def test_a_wait_that_begins_in_the_second_half_of_the_autumn_night_is_not_an_hour_short(text):
    begin = rome("2026-10-25T02:30", fold=1)

    hours = {"PT1H": 1, "PT45M": 0.75, "P1DT1H": 25}[text]
    assert due(text, begin) == begin + timedelta(hours=hours)


def test_an_hourly_cycle_through_the_autumn_night_fires_every_hour_once():
    begin = rome("2026-10-25T00:30")

    assert turns("R/PT1H", begin, 6) == [begin + timedelta(hours=n) for n in range(1, 7)]


def test_an_hourly_cycle_through_the_spring_night_fires_every_hour_once():
    begin = rome("2026-03-29T00:30")

    assert turns("R/PT1H", begin, 6) == [begin + timedelta(hours=n) for n in range(1, 7)]


def test_a_daily_reminder_keeps_its_hour_through_both_nights():
    for begin in ("2026-03-26T07:30", "2026-10-22T07:30"):
        moments = turns("R/P1D", rome(begin), 7)

        assert {moment.astimezone(ROME).strftime("%H:%M") for moment in moments} == {"07:30"}
        assert len({moment.astimezone(ROME).date() for moment in moments}) == 7


@given(
    start=st.datetimes(datetime(2024, 1, 1), datetime(2033, 12, 31), timezones=st.just(UTC)),
    days=st.integers(1, 800),
    hours=st.integers(1, 80_000),
)
def test_days_and_hours_agree_with_a_second_way_of_counting(start, days, hours):
    wall = start.astimezone(ROME).replace(tzinfo=None) + timedelta(days=days)
    there = due(f"P{days}D", start).astimezone(ROME).replace(tzinfo=None)

    assert due(f"PT{hours}H", start) == start + timedelta(hours=hours)
    assert there in (wall, wall + timedelta(hours=1))  # an hour that a spring night skips comes right after it


# -- the ends of months ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "text", "expected"),
    [
        ("2026-01-31T09:00", "P1M", "2026-02-28T09:00"),
        ("2028-01-31T09:00", "P1M", "2028-02-29T09:00"),
        ("2028-02-29T09:00", "P1Y", "2029-02-28T09:00"),
        ("2026-08-31T09:00", "P6M", "2027-02-28T09:00"),
        ("2026-11-30T09:00", "P3M", "2027-02-28T09:00"),
        ("2026-12-31T23:59", "P2M", "2027-02-28T23:59"),
        ("2026-01-31T09:00", "P1M1D", "2026-03-01T09:00"),
    ],
)
def test_a_day_that_a_month_does_not_have_is_its_last(start, text, expected):
    assert due(text, rome(start)) == rome(expected)


def test_a_monthly_cycle_from_the_31st_does_not_drift():
    moments = turns("R/P1M", rome("2026-01-31T09:00"), 12)

    assert [moment.astimezone(ROME).day for moment in moments] == [28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31, 31]
    assert {moment.astimezone(ROME).hour for moment in moments} == {9}


def test_a_yearly_cycle_from_the_29th_of_february_comes_back_to_it():
    moments = [moment.astimezone(ROME).date() for moment in turns("R/P1Y", rome("2028-02-29T09:00"), 4)]

    assert moments == [date(2029, 2, 28), date(2030, 2, 28), date(2031, 2, 28), date(2032, 2, 29)]


@given(
    start=st.datetimes(datetime(2024, 1, 1), datetime(2032, 12, 31), timezones=st.just(UTC)), months=st.integers(1, 119)
)
def test_months_agree_with_a_second_way_of_counting(start, months):
    here = start.astimezone(ROME)
    year, month = here.year, here.month
    for _ in range(months):
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    there = due(f"P{months}M", start).astimezone(ROME)

    assert (there.year, there.month) == (year, month)
    assert there.day == min(here.day, calendar.monthrange(year, month)[1])


# -- cycles and standstills (threats R04) ------------------------------------------------------------------------------


def test_a_cycle_may_begin_at_a_moment_of_its_own():
    event = Event("timer", text="R3/2026-10-04T09:00/P1W", shape="cycle")
    now = rome("2026-08-11T02:10")

    first, times = timing.due("t", event, {}, now)
    second, _ = timing.again("t", event, {}, now, 1, first)

    assert (first, times, second) == (rome("2026-10-04T09:00"), 3, rome("2026-10-11T09:00"))


@pytest.mark.parametrize("every", ["P1D", "PT1H", "P1W", "P1M", "PT1M", "P1Y"])
@pytest.mark.parametrize("days", [0, 0.5, 3, 40, 400, 3000])
def test_after_a_standstill_the_next_turn_is_the_first_one_still_to_come(every, days):
    event, begin = Event("timer", text=f"R/{every}", shape="cycle"), rome("2026-01-31T09:00")
    first, _ = timing.due("t", event, {}, begin)
    now = first + timedelta(days=days)

    moment, turn = timing.again("t", event, {}, begin, 1, now)
    following, _ = timing.again("t", event, {}, begin, turn, moment)

    assert now < moment < following
    assert moment - now <= first - begin + timedelta(days=3, hours=1)  # months and years differ by three days at most
    assert abs((following - moment) - (first - begin)) <= timedelta(days=3, hours=1)


def test_a_standstill_of_days_gives_one_reminder_and_not_one_a_day():
    game = Game(draw("s>a>e", "t>nag>e1", boundary("t", "a", timer("R/PT1H"), interrupting=False)))

    assert game.stand_still(days=3).waiting == ["a", "nag"]
    assert game.pass_time(hours=1).waiting == ["a", "nag", "nag"]


def test_after_a_standstill_reminders_keep_their_hour():
    game = Game(draw("s>a>e", "t>nag>e1", boundary("t", "a", timer("R/PT24H"), interrupting=False)))
    began = game.desk.time

    game.stand_still(days=3, hours=7)

    _, armed = game.armed()[0]
    assert datetime.fromisoformat(armed.due or "") == began + timedelta(days=4)


def test_late_timers_fire_in_the_order_of_their_dates():
    pieces = ("s>and>t2>b>e", "and>t1>a>e1", "and>t3>c>e2")
    game = Game(draw(*pieces, *(catch(f"t{n}", timer(f"P{n}D")) for n in (1, 2, 3))))

    game.stand_still(days=9)

    assert [element for element, outcome in game.history if element in "abc" and outcome == "waits"] == ["a", "b", "c"]


# -- what is refused (threats A46) -------------------------------------------------------------------------------------


def refusals(text: str, shape: str = "Duration") -> list[str]:
    definition = f"<timerEventDefinition><time{shape}>{text}</time{shape}></timerEventDefinition>"
    model = draw("s>a>e", "t>z>e1", boundary("t", "a", definition, interrupting=False))
    return [each.text for each in lint.check(model) if each.level == "error"]


@pytest.mark.parametrize(
    ("shape", "text"),
    [
        ("Cycle", "R/PT0S"),
        ("Cycle", "R/PT59S"),
        ("Cycle", "R999999/PT1S"),
        ("Cycle", "R0/P1D"),
        ("Cycle", "R/P20Y"),
        ("Cycle", "R/"),
        ("Cycle", "R/-P1D"),
        ("Cycle", "0 9 * * 1-5"),
        ("Cycle", "2026-10-04"),
        ("Duration", "PT0S"),
        ("Duration", "P0D"),
        ("Duration", "-P1D"),
        ("Duration", "P9999999Y"),
        ("Duration", "P11Y"),
        ("Duration", "PT"),
        ("Duration", "P1H"),
        ("Duration", "P0.5M"),
        ("Duration", ""),
        ("Duration", "  "),
        ("Duration", "R/P1D"),
        ("Duration", "domani mattina"),
        ("Date", "2026-02-30"),
        ("Date", "2026-13-01T10:00"),
        ("Date", "04/10/2026"),
        ("Date", "9" * 400),
        ("Duration", 'duration("P1D"'),
        ("Duration", "__import__(1)"),
    ],
)
def test_a_timer_that_makes_no_sense_is_refused_with_a_sentence(shape, text):
    found = refusals(text, shape)

    assert len(found) == 1
    assert len(found[0].split()) >= 4


@pytest.mark.parametrize(
    ("shape", "text"),
    [
        *(("Duration", text) for text in ("PT1M", "PT48H", "P10D", "P2W", "P3M", "P10Y", 'duration("P1D")', "wait")),
        *(("Cycle", text) for text in ("R/P1D", "R3/PT1H", "R/PT1M", "R2/2026-10-04/P1W", "R/P1M")),
        *(("Date", text) for text in ("2026-10-04", "2026-10-04T09:00", "2026-10-04T09:00:00+02:00", "day")),
    ],
)
def test_a_timer_that_makes_sense_is_accepted(shape, text):
    assert refusals(text, shape) == []


@pytest.mark.parametrize(
    "value", ["-P1D", "P20Y", "R/PT1S", "R/PT0S", "domani", "", 7, True, [], {}, None, "9999-12-31", "PT9999999H"]
)
def test_a_moment_that_makes_no_sense_stops_the_step_with_a_sentence(value):
    game = Game(draw("s>u>a>e", "t>z>e1", boundary("t", "a", timer_of("wait"), interrupting=False)))

    with pytest.raises(Fault) as caught:
        game.do("u", wait=value)
    assert caught.value.element == "t"
    assert len(str(caught.value).split()) > 4


def timer_of(text: str) -> str:
    return f"<timerEventDefinition><timeDuration>{text}</timeDuration></timerEventDefinition>"


def test_a_loop_around_a_timer_of_no_length_does_not_run_hot():
    game = Game(draw("s>u>xor>t>xor", catch("t", timer_of("wait"))))
    try:
        game.do("u", wait="PT0S")
    except Fault:
        return

    _, armed = game.armed()[0]
    assert datetime.fromisoformat(armed.due or "") >= game.desk.time + timedelta(minutes=1)


@pytest.mark.parametrize("value", ["R/PT1S", "R/PT0S", "R/P20Y", "2026-10-04"])
def test_a_rhythm_that_makes_no_sense_stops_the_step_that_sets_it_and_not_a_later_one(value):
    definition = "<timerEventDefinition><timeCycle>rhythm</timeCycle></timerEventDefinition>"
    game = Game(draw("s>u>a>e", "t>nag>e1", boundary("t", "a", definition, interrupting=False)))

    with pytest.raises(Fault):
        game.do("u", rhythm=value)


def test_a_cycle_out_of_the_facts_fires_like_one_that_is_drawn():
    definition = "<timerEventDefinition><timeCycle>rhythm</timeCycle></timerEventDefinition>"
    game = Game(draw("s>u>a>e", "t>nag>e1", boundary("t", "a", definition, interrupting=False)))

    game.do("u", rhythm="R2/PT12H").pass_time(days=3)

    assert game.waiting == ["a", "nag", "nag"]


def test_a_cycle_whose_rhythm_is_gone_from_the_facts_goes_on_or_stops_with_a_sentence():
    definition = "<timerEventDefinition><timeCycle>rhythm</timeCycle></timerEventDefinition>"
    game = Game(draw("s>u>and>a>e", "and>b>e2", "t>nag>e1", boundary("t", "a", definition, interrupting=False)))

    game.do("u", rhythm="R/PT12H").do("b", rhythm=None)

    with contextlib.suppress(Fault):
        assert game.pass_time(days=1).waiting == ["a", "nag", "nag"]
