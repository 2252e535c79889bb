"""Appointments are told the working day before, or as soon as a clock that missed it comes back, to whoever goes."""

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from cases import appointments, casefile
from cases.appointments import Appointment
from core import clock, users
from core.config import Config
from core.db import transaction
from notifications import choices, outbox
from notifications.outbox import Message
from tasks import agenda, engagements, outgoing, reminders, schedule
from tests import silence
from tests.tasks.conftest import MILAN, Office

CONFIG = Config(database_url="", var=Path(), keys=Path())


def fix(office: Office, login: str, rome: str, case: str | None = None, *, by: str | None = None) -> str:
    facts: dict[str, Any] = {
        "kind": "accompagnamento", "from_at": datetime.fromisoformat(rome).replace(tzinfo=clock.ROME), "minutes": 60,
        "place": "altrove", "goes": office.user_id(login), "mediation": False,
    }  # fmt: skip
    with transaction() as db:
        return appointments.set_(db, MILAN, facts, case=case, by=office.user_id(by or login)).id


def told(office: Office, login: str) -> list[tuple[str, str]]:
    """What leaves now to somebody, from a mail server that works, and tells of an appointment; and of which day."""
    with transaction() as db:
        mine = select(Message).where(Message.user_id == office.user_id(login), Message.not_before <= clock.now())
        found = []
        for message in db.scalars(mine.where(Message.status == "queued").order_by(Message.key)).all():
            message.lease_until = message.not_before = clock.now() + outbox.LEASE
            parcel = outgoing.parcel(db, CONFIG, message)
            if isinstance(parcel, datetime):
                message.not_before = parcel
                continue
            message.status = "sent" if parcel else "unneeded"
            if parcel and "on" in parcel.facts:
                found.append((message.kind, str(parcel.facts["on"])))
        return found


def tick(office: Office, rome: str) -> None:
    office.time.at(rome)
    schedule.remind()


def go_away(office: Office, login: str, deputy: str, day: date) -> None:
    with transaction() as db:
        users.add_absence(db, office.user_in(db, login), office.user_in(db, deputy), day, day, by="cli")


def close_account(office: Office, login: str) -> None:
    with transaction() as db:
        users.disable(db, office.user_in(db, login), by="cli")


@pytest.mark.parametrize("missed", ["", "2026-08-12"])
def test_an_appointment_is_told_once_also_when_the_clock_missed_the_morning_before(office, missed):
    office.sheltered()
    fix(office, "elena", "2026-08-13T15:00")
    said = {}
    for rome in ("2026-08-11 08:00", "2026-08-12 08:00", "2026-08-12 16:00", "2026-08-13 08:00", "2026-08-13 14:00"):
        if not missed or not rome.startswith(missed):
            tick(office, rome)
            said[rome] = told(office, "elena")

    when = "2026-08-13 08:00" if missed else "2026-08-12 08:00"
    assert {rome: found for rome, found in said.items() if found} == {when: [("digest", "2026-08-13")]}


def test_who_wants_no_digest_gets_the_letter_that_the_clock_missed(office):
    with transaction() as db:
        silence.allow(db)
        choices.choose(db, office.user_id("elena"), choices.NEVER, choices.ALL, None, by="cli")
    fix(office, "elena", "2026-08-13T15:00")
    tick(office, "2026-08-13 08:00")
    tick(office, "2026-08-13 09:00")

    assert told(office, "elena") == [("appointment", "2026-08-13")]


def test_a_clock_that_was_down_on_friday_tells_at_the_weekend_of_sunday_and_monday_and_on_monday_no_more(office):
    fix(office, "elena", "2026-08-23T10:00")
    fix(office, "elena", "2026-08-24T07:00")
    tick(office, "2026-08-20 08:00")
    assert told(office, "elena") == []
    tick(office, "2026-08-22 09:00")  # Saturday
    tick(office, "2026-08-22 09:01")

    assert told(office, "elena") == [("appointment", "2026-08-23"), ("appointment", "2026-08-24")]
    for rome in ("2026-08-23 08:00", "2026-08-24 07:30"):
        tick(office, rome)
        assert told(office, "elena") == []


def test_at_a_weekend_before_which_the_clock_ran_nobody_who_goes_herself_is_written_to(office):
    tick(office, "2026-08-21 08:00")  # Friday
    told(office, "elena")
    office.time.at("2026-08-22 09:00")
    fix(office, "elena", "2026-08-22T15:00")
    fix(office, "elena", "2026-08-24T15:00")
    tick(office, "2026-08-22 09:01")
    assert told(office, "elena") == []
    tick(office, "2026-08-24 07:30")

    assert told(office, "elena") == [("digest", "2026-08-24")]


def test_what_has_begun_was_called_off_or_moved_is_not_told_by_a_clock_that_comes_back(office):
    fix(office, "elena", "2026-08-13T09:00")
    off, moved = fix(office, "fabio", "2026-08-13T15:00"), fix(office, "giulia", "2026-08-13T15:00")
    tick(office, "2026-08-11 08:00")
    with transaction() as db:
        appointments.settle(db, off, "annullato", "persona", by="cli")
        to = datetime(2026, 8, 20, 15, tzinfo=clock.ROME)
        appointments.move(db, moved, to, "persona", by="cli")
    tick(office, "2026-08-13 10:00")

    assert [told(office, login) for login in ("elena", "fabio", "giulia")] == [[], [], []]


def test_a_digest_that_waits_no_longer_speaks_of_an_appointment_that_has_begun(office):
    office.sheltered()
    fix(office, "elena", "2026-08-13T09:00")
    tick(office, "2026-08-12 08:00")
    office.time.at("2026-08-13 09:30")

    assert told(office, "elena") == []


def test_a_digest_that_never_left_told_nothing_and_the_next_says_it(office):
    office.sheltered()
    fix(office, "elena", "2026-08-13T15:00")
    tick(office, "2026-08-12 08:00")
    tick(office, "2026-08-13 08:00")

    assert told(office, "elena") == [("digest", "2026-08-13")]


@pytest.mark.parametrize("named", ["2026-08-12 17:00", "2026-08-13 09:00"])
def test_a_deputy_who_is_named_after_the_digest_is_told_at_once_and_only_once(office, named):
    office.sheltered()
    fix(office, "elena", "2026-08-13T15:00")
    tick(office, "2026-08-12 08:00")
    assert (told(office, "elena"), told(office, "fabio")) == ([("digest", "2026-08-13")], [])
    if named > "2026-08-13":
        tick(office, "2026-08-13 08:00")
        assert told(office, "fabio") == []
    office.time.at(named)
    go_away(office, "elena", "fabio", date(2026, 8, 13))
    schedule.remind()
    assert told(office, "fabio") == [("appointment", "2026-08-13")]
    tick(office, "2026-08-13 10:00")

    assert (told(office, "elena"), told(office, "fabio")) == ([], [])


def test_where_who_goes_has_no_account_any_more_the_other_workers_of_the_case_are_told(office):
    code = office.sheltered()
    with transaction() as db:
        casefile.assign(db, code, office.user_id("giulia"), by="cli")
    fix(office, "fabio", "2026-08-13T15:00", case=code)
    tick(office, "2026-08-11 08:00")
    close_account(office, "fabio")
    tick(office, "2026-08-12 08:00")

    said = {login: told(office, login) for login in office.ids}
    with transaction() as db:
        workers = {office.login_of(id_) for id_ in casefile.workers(db, code)} - {"fabio"}
        mine = agenda.mine(db, office.actor_in(db, "giulia"), date(2026, 8, 13), 1)
    assert workers
    assert {login for login, found in said.items() if found == [("digest", "2026-08-13")]} == workers
    assert {login for login, found in said.items() if found} == workers
    assert [entry.who for entry in mine] == ["Fabio Prova"]


def test_of_an_account_that_is_closed_in_the_evening_the_supervision_is_told_at_once(office):
    office.sheltered()
    fix(office, "fabio", "2026-08-13T15:00")
    tick(office, "2026-08-12 08:00")
    assert [told(office, login) for login in ("fabio", "giulia")] == [[("digest", "2026-08-13")], []]
    office.time.at("2026-08-12 18:00")
    close_account(office, "fabio")
    schedule.remind()
    assert [told(office, login) for login in ("giulia", "paola")] == [[("appointment", "2026-08-13")], []]
    tick(office, "2026-08-13 08:00")

    assert [told(office, login) for login in ("giulia", "paola")] == [[], []]


def test_where_nobody_of_a_post_is_left_the_letter_leads_the_coordination_to_a_page_that_it_has(office):
    fix(office, "fabio", "2026-08-13T15:00")
    tick(office, "2026-08-12 08:00")
    for login in ("fabio", "giulia"):
        close_account(office, login)
    schedule.remind()

    with transaction() as db:
        letter = db.get_one(outbox.Message, f"appointment-{office.user_id('paola')}-2026-08-13")
        facts = reminders.facts(db, letter, office.user_in(db, "paola"))
    assert facts == {"on": "2026-08-13", "path": "/notices"}


def test_a_digest_that_a_dead_server_kept_all_friday_is_made_up_for_on_saturday(office):
    office.time.at("2026-08-17 10:00")
    fix(office, "elena", "2026-08-22T15:00")
    tick(office, "2026-08-21 08:00")  # Friday: promised, and never left
    tick(office, "2026-08-22 09:00")
    assert told(office, "elena") == [("appointment", "2026-08-22")]
    tick(office, "2026-08-22 10:00")

    assert told(office, "elena") == []


def test_a_deputy_who_has_an_appointment_of_her_own_that_day_hears_of_the_other_one_too(office):
    office.sheltered()
    fix(office, "elena", "2026-08-13T15:00")
    fix(office, "fabio", "2026-08-13T11:00")
    tick(office, "2026-08-12 08:00")
    assert told(office, "fabio") == [("digest", "2026-08-13")]
    office.time.at("2026-08-12 17:00")
    go_away(office, "elena", "fabio", date(2026, 8, 13))
    schedule.remind()

    assert told(office, "fabio") == [("appointment", "2026-08-13")]


@pytest.mark.parametrize(("hour", "when"), [("08:00", "2026-08-12 16:00"), ("15:00", "2026-08-13 07:30")])
def test_what_a_colleague_fixes_after_the_digest_is_told_in_time(office, hour, when):
    office.sheltered()
    tick(office, "2026-08-12 08:00")
    assert told(office, "elena") == []
    office.time.at("2026-08-12 15:59")
    fix(office, "elena", f"2026-08-13T{hour}", by="giulia")
    said = {}
    for rome in ("2026-08-12 16:00", "2026-08-12 16:01", "2026-08-13 07:30", "2026-08-13 07:31"):
        tick(office, rome)
        said[rome] = [on for _, on in told(office, "elena")]

    assert {rome: days for rome, days in said.items() if days} == {when: ["2026-08-13"]}


def test_what_a_colleague_moves_is_told_again_and_of_its_new_day_only(office):
    office.sheltered()
    moved = fix(office, "elena", "2026-08-13T15:00")
    tick(office, "2026-08-12 08:00")
    assert told(office, "elena") == [("digest", "2026-08-13")]
    with transaction() as db:
        new = datetime(2026, 8, 13, 8, tzinfo=clock.ROME)
        appointments.move(db, moved, new, "persona", by=office.user_id("giulia"))
    tick(office, "2026-08-12 16:00")
    assert told(office, "elena") == [("appointment", "2026-08-13")]
    with transaction() as db:
        [again] = db.scalars(select(Appointment.id).where(Appointment.status == "fissato"))
        new = datetime(2026, 8, 18, 8, tzinfo=clock.ROME)
        appointments.move(db, again, new, "persona", by=office.user_id("giulia"))
    said = {}
    for rome in ("2026-08-12 17:00", "2026-08-13 08:00", "2026-08-14 08:00", "2026-08-17 08:00", "2026-08-18 07:30"):
        tick(office, rome)
        said[rome] = [on for _, on in told(office, "elena")]

    assert {rome: days for rome, days in said.items() if days} == {"2026-08-17 08:00": ["2026-08-18"]}


@pytest.mark.parametrize("gone", ["closed", "away"])
def test_where_the_deputy_is_not_there_either_the_other_workers_of_the_case_are_told(office, gone):
    code = office.sheltered()
    with transaction() as db:
        for login in ("fabio", "giulia"):
            casefile.assign(db, code, office.user_id(login), by="cli")
    fix(office, "elena", "2026-08-13T15:00", case=code)
    go_away(office, "elena", "fabio", date(2026, 8, 13))
    if gone == "closed":
        close_account(office, "fabio")
    else:
        go_away(office, "fabio", "paola", date(2026, 8, 13))
    tick(office, "2026-08-12 08:00")

    assert told(office, "giulia") == [("digest", "2026-08-13")]
    with transaction() as db:
        mine = agenda.mine(db, office.actor_in(db, "giulia"), date(2026, 8, 13), 1)
    assert [entry.who for entry in mine] == ["Elena Prova"]


def test_a_deputy_finds_in_her_agenda_what_she_was_told_of_before_the_absence_begins_and_not_what_is_outside(office):
    for day in ("2026-08-13", "2026-08-14"):
        fix(office, "elena", f"{day}T15:00")
    go_away(office, "elena", "fabio", date(2026, 8, 13))
    tick(office, "2026-08-12 08:00")

    assert told(office, "fabio") == [("digest", "2026-08-13")]
    with transaction() as db:
        mine = agenda.mine(db, office.actor_in(db, "fabio"), date(2026, 8, 12), 5)
    assert [entry.at.astimezone(clock.ROME).day for entry in mine] == [13]


def test_a_letter_that_was_taken_back_is_written_anew_when_it_is_true_again(office):
    fix(office, "elena", "2026-08-13T15:00")
    tick(office, "2026-08-12 08:00")
    office.time.at("2026-08-12 20:30")
    go_away(office, "elena", "fabio", date(2026, 8, 13))
    schedule.remind()
    assert told(office, "fabio") == []
    office.time.at("2026-08-12 21:00")
    with transaction() as db:
        [absence] = users.absences(db, [office.user_id("elena")])
        users.end_absence(db, absence, by="cli")
    tick(office, "2026-08-13 07:30")
    assert told(office, "fabio") == []
    office.time.at("2026-08-13 09:00")
    go_away(office, "elena", "fabio", date(2026, 8, 13))
    schedule.remind()
    assert told(office, "fabio") == [("appointment", "2026-08-13")]
    tick(office, "2026-08-13 09:01")

    assert told(office, "fabio") == []


@pytest.mark.parametrize(
    ("begins", "when"), [("07:15", "2026-08-12 20:31"), ("08:00", "2026-08-13 07:30"), ("06:00", "2026-08-12 20:31")]
)
def test_a_letter_keeps_the_night_unless_it_would_come_too_late(office, begins, when):
    fix(office, "elena", f"2026-08-13T{begins}")
    tick(office, "2026-08-12 08:00")
    office.time.at("2026-08-12 20:30")
    go_away(office, "elena", "fabio", date(2026, 8, 13))
    said = {}
    for rome in ("2026-08-12 20:31", "2026-08-13 02:00", "2026-08-13 07:00", "2026-08-13 07:30"):
        tick(office, rome)
        said[rome] = told(office, "fabio")

    assert [rome for rome, found in said.items() if found] == [when]


def test_a_message_that_tells_of_very_many_appointments_leaves_none_out(office):
    for minute in range(60):
        fix(office, "elena", f"2026-08-13T15:{minute:02}", by="giulia")
    tick(office, "2026-08-12 08:00")
    assert told(office, "elena") == [("digest", "2026-08-13")]
    tick(office, "2026-08-13 07:30")

    with transaction() as db:
        messages = db.scalars(select(Message).where(Message.user_id == office.user_id("elena"))).all()
        assert len({id_ for each in messages for id_ in engagements.ids_of(each)}) == 60
