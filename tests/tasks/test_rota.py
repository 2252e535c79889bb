"""The week of a post: holes and overlaps, the nights on which the clocks change, weeks copied, who may write."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from cases import rota as shifts
from core import clock, users
from core.db import transaction
from core.errors import InvalidForm, NotYours
from notifications.notices import Notice
from tasks import rota, week
from tasks.rota import Typed
from tests.tasks.conftest import DESK, MILAN, TUSCANY, Office

MONDAY = date(2026, 8, 10)
FIVE = 5


def enter(office: Office, login: str, day: str, hours: str, *, days: int = 1, by: str = "paola", post: str = MILAN) -> None:
    start, _, stop = hours.partition("-")
    with transaction() as db:
        typed = Typed(office.user_id(login), day, f"{start}:00", f"{stop}:00", str(days))
        rota.enter(db, office.actor_in(db, by), post, typed)


def told(office: Office, day: date = MONDAY, post: str = MILAN) -> list[list[str]]:
    """What the week says of each day: shifts, holes as -, overlaps as =."""
    with transaction() as db:
        found = week.week(db, post, day).days
    return [
        [
            *(f"{hour(each.shift.from_at)}-{hour(each.shift.to_at)} {each.name.split()[0]}" for each in one.shifts),
            *(f"-{hour(hole.from_at)}-{hour(hole.to_at)}" for hole in one.holes),
            *(f"={hour(double.span.from_at)}-{hour(double.span.to_at)}" for double in one.doubles),
        ]
        for one in found
    ]


def hour(at) -> str:
    return f"{at.astimezone(clock.ROME):%H}"


def notices(office: Office, kind: str) -> list[str]:
    with transaction() as db:
        return sorted(office.login_of(user) for user in db.scalars(select(Notice.user_id).where(Notice.kind == kind)))


def test_a_week_without_shifts_says_so_day_by_day(office: Office) -> None:
    assert told(office) == [["-00-00"]] * 7
    with transaction() as db:
        assert week.week(db, MILAN, MONDAY).uncovered == timedelta(days=7)


def test_a_hole_of_a_night_is_told_once_on_its_evening(office: Office) -> None:
    enter(office, "dario", "2026-08-10", "6-22", days=7)

    assert told(office)[:2] == [["06-22 Dario", "-00-06", "-22-06"], ["06-22 Dario", "-22-06"]]
    assert told(office)[6] == ["06-22 Dario", "-22-00"]


def test_a_longer_hole_is_told_on_each_of_its_days(office: Office) -> None:
    enter(office, "dario", "2026-08-10", "0-22")
    enter(office, "dario", "2026-08-12", "18-0")

    assert told(office)[:4] == [["00-22 Dario", "-22-00"], ["-00-00"], ["18-00 Dario", "-00-18"], ["-00-00"]]


def test_a_hole_of_more_than_a_day_is_never_told_as_one_night(office: Office) -> None:
    enter(office, "dario", "2026-08-11", "6-22")

    assert told(office)[:3] == [["-00-00"], ["06-22 Dario", "-00-06", "-22-00"], ["-00-00"]]


def test_shifts_that_overlap_are_allowed_and_shown(office: Office) -> None:
    enter(office, "dario", "2026-08-10", "8-16")
    enter(office, "elena", "2026-08-10", "14-20")

    assert told(office)[0] == ["08-16 Dario", "14-20 Elena", "-00-08", "-20-00", "=14-16"]


@pytest.mark.parametrize(
    ("evening", "hours"), [("2026-03-28", 7), ("2026-10-24", 9), ("2026-08-10", 8)], ids=["spring", "autumn", "summer"]
)
def test_a_night_shift_lasts_as_long_as_it_really_does(office: Office, evening: str, hours: int) -> None:
    office.time.at("2026-03-01 09:00")
    enter(office, "dario", evening, "22-6")
    with transaction() as db:
        day = date.fromisoformat(evening)
        shown = next(each for one in week.week(db, MILAN, day).days for each in one.shifts)

    assert shown.length == timedelta(hours=hours)
    assert shown.clocks is (hours != 8)
    assert (hour(shown.shift.from_at), hour(shown.shift.to_at)) == ("22", "06")


def test_on_the_night_of_the_long_hour_two_shifts_leave_no_hole(office: Office) -> None:
    for who, hours in (("dario", "22-2"), ("elena", "2-6")):
        enter(office, who, "2026-10-24" if who == "dario" else "2026-10-25", hours)
    with transaction() as db:
        first, second = (shifts.of_user(db, office.user_id(who), clock.now())[0] for who in ("dario", "elena"))

    assert first.to_at - second.from_at == timedelta(hours=1), "the hour that comes twice is everybody's"


def test_an_hour_that_never_comes_is_refused_beside_its_field(office: Office) -> None:
    office.time.at("2026-03-01 09:00")
    with pytest.raises(InvalidForm) as refusal, transaction() as db:
        typed = Typed(office.user_id("dario"), "2026-03-29", "02:30", "06:00")
        rota.enter(db, office.actor_in(db, "paola"), MILAN, typed)

    assert set(refusal.value.errors) == {"from_time"}


def test_a_week_is_copied_by_the_hours_of_the_clock_and_what_is_there_stays(office: Office) -> None:
    enter(office, "dario", "2026-10-22", "22-6", days=2)
    enter(office, "elena", "2026-10-29", "20-23")
    enter(office, "dario", "2026-10-30", "23-1")
    with transaction() as db:
        made = rota.copy(db, office.actor_in(db, "giulia"), MILAN, date(2026, 10, 22))
        lengths = [shift.to_at - shift.from_at for shift in made]
    assert lengths == [timedelta(hours=8)]
    assert told(office, date(2026, 10, 29))[3][:2] == ["20-23 Elena", "22-06 Dario"]

    with transaction() as db:
        assert rota.copy(db, office.actor_in(db, "giulia"), MILAN, date(2026, 10, 22)) == []


def test_who_left_is_not_copied_and_covers_nothing_and_who_is_away_is_marked(office: Office) -> None:
    enter(office, "dario", "2026-08-12", "0-0")
    enter(office, "elena", "2026-08-13", "0-0")
    with transaction() as db:
        dario, elena, fabio = (office.user_in(db, who) for who in ("dario", "elena", "fabio"))
        users.disable(db, dario, by="cli")
        users.add_absence(db, elena, fabio, date(2026, 8, 13), date(2026, 8, 14), by="cli")
    with transaction() as db:
        found = week.week(db, MILAN, MONDAY).days
        marks = [(each.gone, each.away) for one in found for each in one.shifts]
        assert marks == [(True, False), (False, True)]
        assert len(found[2].holes) == 1
        assert [shift.user_id for shift in rota.copy(db, office.actor_in(db, "paola"), MILAN, MONDAY)] == [elena.id]


def test_the_rota_is_written_by_coordination_and_supervision_and_read_by_who_works_there(office: Office) -> None:
    with transaction() as db:
        actors = {login: office.actor_in(db, login) for login in ("anna", "bruno", "dario", "giulia", "paola", "oscar", "marta")}
        keep = {login for login, actor in actors.items() if rota.keeps(actor, MILAN)}
        read = {login: {post.code for post in rota.readable(db, actor)} for login, actor in actors.items()}
        users.grant(db, office.user_in(db, "oscar"), "coordinator", TUSCANY, by="cli")
        oscar = office.actor_in(db, "oscar")
        assert (rota.keeps(oscar, TUSCANY), rota.keeps(oscar, MILAN)) == (True, False)

    assert keep == {"giulia", "paola"}
    assert read["dario"] == {MILAN}
    assert {DESK, MILAN, TUSCANY} <= read["anna"] & read["paola"]
    for who in ("dario", "bruno", "oscar"):
        with pytest.raises(NotYours):
            enter(office, "dario", "2026-08-12", "8-16", by=who)


def test_everybody_concerned_is_told_once(office: Office) -> None:
    enter(office, "dario", "2026-08-12", "8-16", days=FIVE)
    assert notices(office, "rota_changed") == ["dario"]
    with transaction() as db:
        giulia, shift = office.actor_in(db, "giulia"), shifts.of_user(db, office.user_id("dario"), clock.now())[0]
        rota.change(db, giulia, shift.id, Typed(office.user_id("elena"), "2026-08-12", "09:00", "16:00"))
    assert notices(office, "rota_changed") == ["dario", "dario", "elena"]
    with transaction() as db:
        rota.end(db, office.actor_in(db, "giulia"), shift.id)
    assert notices(office, "rota_changed").count("elena") == 2


def test_a_swap_is_asked_and_accepted_and_who_keeps_the_rota_is_told(office: Office) -> None:
    enter(office, "dario", "2026-08-12", "8-16")
    enter(office, "elena", "2026-08-13", "8-16")
    with transaction() as db:
        dario, elena = office.actor_in(db, "dario"), office.actor_in(db, "elena")
        mine, hers = (rota.mine(db, actor)[0] for actor in (dario, elena))
        with pytest.raises(InvalidForm):
            rota.ask_swap(db, dario, mine.id, office.user_id("oscar"), "")
        with pytest.raises(NotYours):
            rota.ask_swap(db, elena, mine.id, office.user_id("fabio"), "")
        rota.ask_swap(db, dario, mine.id, elena.user_id, hers.id)
    assert notices(office, "swap_asked") == ["elena"]
    with transaction() as db:
        elena = office.actor_in(db, "elena")
        waiting = rota.asked(db, elena)[0]
        assert waiting.to_me
        rota.answer_swap(db, elena, waiting.swap.id, "accepted")
        assert [shift.id for shift in rota.mine(db, elena)] == [mine.id]
    assert notices(office, "swap_answered") == ["dario"]
    assert notices(office, "swap_done") == ["giulia", "paola"]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"user": "u_nobody"}, "user"),
        ({"day": "domani"}, "day"),
        ({"from_time": "25:00"}, "from_time"),
        ({"to_time": ""}, "to_time"),
        ({"days": "0"}, "days"),
        ({"days": "32"}, "days"),
        ({"days": "²"}, "days"),
        ({"day": "2028-01-01"}, "day"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field(office: Office, wrong: dict[str, str], field: str) -> None:
    typed = {"user": office.user_id("dario"), "day": "2026-08-12", "from_time": "8:00", "to_time": "16.30", "days": "1"}
    with transaction() as db:
        paola = office.actor_in(db, "paola")
        with pytest.raises(InvalidForm) as refusal:
            rota.enter(db, paola, MILAN, Typed(**typed | wrong))
        assert set(refusal.value.errors) == {field}
        assert rota.enter(db, paola, MILAN, Typed(**typed))[0].to_at.minute == 30
