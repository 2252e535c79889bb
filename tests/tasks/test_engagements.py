"""Of an appointment whoever it concerns learns in time: whatever the hours, the offices, the roles and the servers."""

from datetime import date

import pytest
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from cases import appointments, casefile, posts
from core import users
from core.db import transaction
from core.errors import WrongOrder
from notifications import choices, notices
from notifications.outbox import Message
from tasks import accounts, agenda, mailing, news, schedule, sending, subjects
from tests import silence
from tests.tasks.conftest import MILAN, Office
from tests.tasks.test_appointments import close_account, fix, go_away, tick, told


def days_told(office: Office, login: str, *romes: str) -> dict[str, list[str]]:
    """At which of these moments a reader is told of which days."""
    found = {}
    for rome in romes:
        tick(office, rome)
        if days := [on for _, on in told(office, login)]:
            found[rome] = days
    return found


def silent(office: Office, login: str) -> None:
    with transaction() as db:
        silence.allow(db)
        choices.choose(db, office.user_id(login), choices.NEVER, choices.ALL, None, by="cli")


def noticed(office: Office, login: str) -> list[str]:
    with transaction() as db:
        return [notice.kind for notice in notices.latest(db, office.user_id(login))]


def test_who_sleeps_late_is_told_the_day_before_of_what_begins_before_her_digest_leaves(office):
    with transaction() as db:
        mailing.choose(db, office.actor_in(db, "elena"), "daily", "all", "20:00", "09:30")
    days_told(office, "elena", "2026-08-12 09:30")
    office.time.at("2026-08-12 16:00")
    fix(office, "elena", "2026-08-13T09:45", by="giulia")

    assert days_told(office, "elena", "2026-08-12 16:01", "2026-08-13 09:30") == {"2026-08-12 16:01": ["2026-08-13"]}


@pytest.mark.parametrize("down", ["server", "clock"])
def test_what_begins_before_the_digest_of_a_bad_day_may_leave_has_a_letter_that_evening(office, down):
    fix(office, "elena", "2026-08-13T07:15", by="giulia")
    if down == "server":
        tick(office, "2026-08-12 07:30")

    romes = ("2026-08-12 20:10", "2026-08-12 20:11", "2026-08-13 07:14")
    assert days_told(office, "elena", *romes) == {"2026-08-12 20:10": ["2026-08-13"]}


def test_where_who_goes_has_lost_her_role_the_others_of_the_case_are_told_and_find_it_in_their_agenda(office):
    code = office.sheltered()
    with transaction() as db:
        casefile.assign(db, code, office.user_id("giulia"), by="cli")
    fix(office, "fabio", "2026-08-13T15:00", case=code)
    with transaction() as db:
        users.revoke(db, office.user_in(db, "fabio"), "case_manager", MILAN, by="cli")
    tick(office, "2026-08-12 08:00")

    assert told(office, "giulia") == [("digest", "2026-08-13")]
    with transaction() as db:
        assert [each.who for each in agenda.mine(db, office.actor_in(db, "giulia"), date(2026, 8, 13), 1)] == [
            "Fabio Prova"
        ]


def test_after_the_patrons_day_of_a_town_its_people_are_told_on_their_own_working_day_before(office):
    with transaction() as db:
        posts.get_valid(db, MILAN).seat = "milano"
        assert news.office_of(db, office.user_id("elena"))
    office.time.at("2026-12-01 10:00")
    fix(office, "elena", "2026-12-09T15:00")  # Milan is closed on the 7th, all Italy on the 8th

    romes = ("2026-12-03 08:00", "2026-12-04 08:00", "2026-12-07 08:00", "2026-12-09 08:00")
    assert days_told(office, "elena", *romes) == {"2026-12-04 08:00": ["2026-12-09"]}


def test_what_she_wrote_herself_after_her_own_last_working_day_is_known_to_her(office):
    with transaction() as db:
        posts.get_valid(db, MILAN).seat = "milano"
    office.time.at("2026-12-05 10:00")
    fix(office, "elena", "2026-12-09T08:00")

    assert days_told(office, "elena", "2026-12-07 08:00", "2026-12-08 08:00") == {}


def test_what_is_left_to_her_stays_in_her_agenda_after_it_has_begun_until_it_is_written_down(office):
    left = fix(office, "fabio", "2026-08-13T15:00")
    close_account(office, "fabio")
    seen = []
    for rome in ("2026-08-13 14:59", "2026-08-13 15:01"):
        office.time.at(rome)
        with transaction() as db:
            seen.append(len(agenda.mine(db, office.actor_in(db, "giulia"), date(2026, 8, 13), 1)))
    with transaction() as db:
        appointments.settle(db, left, "svolto", None, by=office.user_id("giulia"))
        seen.append(len(agenda.mine(db, office.actor_in(db, "giulia"), date(2026, 8, 13), 1)))

    assert seen == [1, 1, 0]


def test_the_coordination_finds_among_its_notices_what_its_letter_speaks_of(office):
    fix(office, "fabio", "2026-08-13T15:00")
    for login in ("fabio", "giulia"):
        close_account(office, login)
    silent(office, "paola")
    tick(office, "2026-08-12 08:00")

    assert told(office, "paola") == [("appointment", "2026-08-13")]
    assert noticed(office, "paola") == ["appointment_left"]


def test_a_deputy_who_was_told_finds_among_her_notices_that_it_was_moved_or_called_off(office):
    go_away(office, "elena", "fabio", date(2026, 8, 13))
    moved, off = fix(office, "elena", "2026-08-13T15:00"), fix(office, "elena", "2026-08-13T17:00")
    assert noticed(office, "fabio") == []
    with transaction() as db:
        giulia = office.actor_in(db, "giulia")
        agenda.move(db, giulia, moved, MultiDict({"from_at": "2026-08-20T15:00", "reason": "persona"}))
        agenda.settle(db, giulia, off, MultiDict({"status": "annullato", "reason": "persona"}))

    assert noticed(office, "fabio") == ["appointment", "appointment"]


def test_where_the_supervision_is_away_who_stands_in_for_it_is_told(office):
    fix(office, "fabio", "2026-08-13T15:00")
    close_account(office, "fabio")
    go_away(office, "giulia", "dario", date(2026, 8, 13))
    tick(office, "2026-08-12 08:00")

    assert told(office, "dario") == [("digest", "2026-08-13")]


@pytest.mark.parametrize("aside", [True, False])
def test_a_letter_that_did_not_arrive_is_not_written_again_and_the_next_digest_says_it(office, aside):
    silent(office, "elena")
    fix(office, "elena", "2026-08-13T15:00", by="giulia")
    tick(office, "2026-08-12 08:00")
    with transaction() as db:
        letter = db.scalars(select(Message).where(Message.kind == "appointment")).one()
        letter.status = "held"
        key = letter.key
    if aside:
        with transaction() as db:
            sending.set_aside(db, key, "gliel'ho detto io", by=office.user_id("paola"))
    tick(office, "2026-08-12 08:01")
    assert told(office, "elena") == []
    with transaction() as db:
        choices.choose(db, office.user_id("elena"), choices.DAILY, choices.ALL, None, by="cli")

    assert days_told(office, "elena", "2026-08-13 07:30") == {"2026-08-13 07:30": ["2026-08-13"]}


def test_what_becomes_hers_on_a_free_day_waits_for_the_morning_where_it_can(office):
    for hour in ("08:00", "15:00"):
        fix(office, "elena", f"2026-08-24T{hour}")
    days_told(office, "elena", "2026-08-21 08:00")
    office.time.at("2026-08-22 10:00")  # Saturday
    go_away(office, "elena", "fabio", date(2026, 8, 24))
    schedule.remind()
    with transaction() as db:
        letters = db.scalars(select(Message).where(Message.kind == "appointment")).all()
        assert [each.about and each.about.count(",") for each in letters] == [0]
    assert told(office, "fabio") == [("appointment", "2026-08-24")]

    romes = ("2026-08-23 10:00", "2026-08-24 07:30", "2026-08-24 07:31")
    assert days_told(office, "fabio", *romes) == {"2026-08-24 07:30": ["2026-08-24"]}


def test_what_becomes_hers_on_friday_night_leaves_her_the_weekend_where_it_can(office):
    fix(office, "elena", "2026-08-24T15:00")
    days_told(office, "fabio", "2026-08-21 08:00")
    office.time.at("2026-08-21 20:30")
    go_away(office, "elena", "fabio", date(2026, 8, 24))

    romes = ("2026-08-21 20:31", "2026-08-22 09:00", "2026-08-24 07:30", "2026-08-24 07:31")
    assert days_told(office, "fabio", *romes) == {"2026-08-24 07:30": ["2026-08-24"]}


def test_a_digest_that_comes_days_later_says_nothing_that_a_letter_has_said_since(office):
    fix(office, "elena", "2026-08-24T07:45", by="giulia")
    tick(office, "2026-08-21 08:00")  # Friday, without a mail server

    romes = ("2026-08-22 08:00", "2026-08-24 07:30", "2026-08-24 07:31")
    assert days_told(office, "elena", *romes) == {"2026-08-22 08:00": ["2026-08-24"]}


def test_six_that_are_fixed_in_one_evening_are_one_letter(office):
    days_told(office, "elena", "2026-08-12 08:00")
    for minute in range(6):
        office.time.at(f"2026-08-12 20:3{minute}")
        fix(office, "elena", f"2026-08-13T08:0{minute}", by="giulia")
        schedule.remind()
        assert told(office, "elena") == []

    assert days_told(office, "elena", "2026-08-13 07:30", "2026-08-13 07:31") == {"2026-08-13 07:30": ["2026-08-13"]}


def test_a_letter_that_rests_is_not_too_late_for_what_is_added_to_it(office):
    days_told(office, "elena", "2026-08-12 08:00")
    office.time.at("2026-08-12 20:30")
    fix(office, "elena", "2026-08-13T08:15", by="giulia")
    tick(office, "2026-08-12 20:30")
    assert told(office, "elena") == []
    fix(office, "elena", "2026-08-13T07:15", by="giulia")

    assert days_told(office, "elena", "2026-08-12 20:36", "2026-08-13 07:30") == {"2026-08-12 20:36": ["2026-08-13"]}


def test_a_digest_that_left_without_it_has_not_told_of_it(office):
    office.sheltered()
    fix(office, "elena", "2026-08-13T15:00")
    go_away(office, "elena", "fabio", date(2026, 8, 13))
    tick(office, "2026-08-12 08:00")
    with transaction() as db:
        [absence] = users.absences(db, [office.user_id("elena")])
        users.end_absence(db, absence, by="cli")
    assert told(office, "fabio") == []
    go_away(office, "elena", "fabio", date(2026, 8, 13))

    assert days_told(office, "fabio", "2026-08-12 09:00") == {"2026-08-12 09:00": ["2026-08-13"]}


def test_the_last_account_of_the_coordination_is_not_closed(office):
    with transaction() as db:
        first, *others = subjects.coordinators(db)
        for user in others:
            accounts.close(db, user, by="cli")
        with pytest.raises(WrongOrder):
            accounts.close(db, first, by="cli")
