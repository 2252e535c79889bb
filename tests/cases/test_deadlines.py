"""Deadlines: computed from the law, reminded of in time, set by hand only with a reason."""

from datetime import date

import pytest

from cases import casefile, deadlines, reasons, terms
from core import clock
from core.errors import InvalidForm, NotYours, WrongOrder
from tests.cases.conftest import TERMS

ISSUED = date(2026, 8, 20)


@pytest.fixture
def reflection(db, law, a_case, time):
    """The 45 days of an attestato of 20 August."""
    time.at("2026-08-20 12:00")
    return deadlines.record(db, a_case.code, "T01", "attestato", ISSUED, by="u_anna")


def days(db, deadline):
    return [reminder.remind_on.isoformat() for reminder in deadlines.reminders_of(db, deadline.id)]


def test_an_attestato_of_20_august_holds_until_sunday_4_october_and_does_not_roll(db, reflection):
    assert reflection.due_on == date(2026, 10, 4)
    assert reflection.last_working_day == date(2026, 10, 2)
    assert days(db, reflection) == ["2026-09-20", "2026-09-27", "2026-10-02"]
    assert [r.kind for r in deadlines.reminders_of(db, reflection.id)] == ["14", "7", "last_working_day"]


def test_a_date_carries_rule_version_event_and_certainty(db, reflection):
    assert (reflection.term_id, reflection.term_version, reflection.trigger) == ("T01", 1, "attestato")
    assert (reflection.trigger_on, reflection.computed_on) == (ISSUED, date(2026, 10, 4))
    assert reflection.is_unsure
    assert reflection.source == "art. 18 c. 3-ter D.lgs. 286/1998"


def test_reminders_come_at_half_past_seven_in_rome_and_never_in_the_past(db, law, a_case, time):
    time.at("2026-09-27 07:30")
    late = deadlines.record(db, a_case.code, "T01", "attestato", ISSUED, by="u_anna")

    assert days(db, late) == ["2026-10-02"]
    at = deadlines.reminders_of(db, late.id)[0].at.astimezone(clock.ROME)
    assert at.isoformat() == "2026-10-02T07:30:00+02:00"


def test_a_date_whose_days_have_all_passed_is_told_the_next_morning(db, law, a_case, time):
    time.at("2026-10-02 11:00")
    late = deadlines.record(db, a_case.code, "T01", "attestato", ISSUED, by="u_anna")
    assert days(db, late) == ["2026-10-03"]

    time.at("2026-10-04 11:00")
    over = deadlines.override(db, late.id, date(2026, 10, 4), "Lo dice il documento", by="u_anna")
    assert days(db, over) == []


def test_half_past_seven_stays_half_past_seven_in_winter(db, law, a_case, time):
    winter = deadlines.record(db, a_case.code, "T11", "titolo", date(2027, 4, 15), by="u_anna")

    at = deadlines.reminders_of(db, winter.id)[0].at.astimezone(clock.ROME)
    assert at.isoformat() == "2026-12-16T07:30:00+01:00"


def test_reminders_that_fall_on_one_day_are_one(db, time, network):
    terms.load(db, TERMS.replace("{days_before = 7}", "{days_before = 2}"), by="deploy")
    case = casefile.open_(db, "lombardia-2", by="u_luca")
    deadline = deadlines.record(db, case.code, "T01", "attestato", ISSUED, by="u_anna")

    assert days(db, deadline) == ["2026-09-20", "2026-10-02"]


def test_a_later_record_of_the_same_term_takes_its_place_and_the_old_reminders_die(db, reflection, a_case):
    newer = deadlines.record(db, a_case.code, "T01", "attestato", date(2026, 8, 21), by="u_anna")

    assert (reflection.status, newer.status) == ("superseded", "open")
    assert days(db, reflection) == []
    assert [d.id for d in deadlines.of_case(db, a_case.code, only_open=True)] == [newer.id]


def test_recording_the_same_event_again_changes_nothing(db, reflection, a_case, said):
    assert deadlines.record(db, a_case.code, "T01", "attestato", ISSUED, by="u_carla") is reflection
    assert said(f"case:{a_case.code}").count("deadline.recorded") == 1


def test_a_met_deadline_reminds_nobody(db, reflection, a_case, time):
    deadlines.settle(db, a_case.code, "T01", date(2026, 9, 25), by="u_anna")
    time.at("2026-10-02 08:00")

    assert (reflection.status, reflection.settled_on) == ("met", date(2026, 9, 25))
    assert deadlines.due_reminders(db, clock.now()) == []


def test_the_end_of_a_case_ends_its_dates(db, reflection, a_case):
    assert deadlines.drop_all(db, a_case.code, by="u_anna") == [reflection]
    assert days(db, reflection) == []


def test_due_reminders_come_oldest_first_and_are_given_once(db, reflection, time):
    time.at("2026-09-28 08:00")
    due = deadlines.due_reminders(db, clock.now())
    assert [(r.remind_on.day, d.id) for r, d in due] == [(20, reflection.id), (27, reflection.id)]

    deadlines.reminded(db, due[0][0].id, by="clock")
    assert [r.remind_on.day for r, _ in deadlines.due_reminders(db, clock.now())] == [27]
    with pytest.raises(WrongOrder):
        deadlines.reminded(db, due[0][0].id, by="clock")


def test_a_date_set_by_hand_needs_a_reason_and_keeps_the_computed_one(db, reflection):
    with pytest.raises(InvalidForm):
        deadlines.override(db, reflection.id, date(2026, 10, 12), "ok", by="u_leo")
    deadlines.override(db, reflection.id, date(2026, 10, 12), "La Questura indica il 12 ottobre", by="u_leo")

    assert (reflection.due_on, reflection.computed_on) == (date(2026, 10, 12), date(2026, 10, 4))
    assert (reflection.override_by, reflection.is_unsure) == ("u_leo", False)
    assert reasons.words(db, reflection.override_reason) == "La Questura indica il 12 ottobre"
    assert days(db, reflection) == ["2026-09-28", "2026-10-05", "2026-10-12"]


def test_a_date_can_be_set_by_hand_twice(db, reflection):
    for day in (12, 12, 13):
        deadlines.override(db, reflection.id, date(2026, 10, day), "La Questura indica un'altra data", by="u_leo")

    assert days(db, reflection) == ["2026-09-29", "2026-10-06", "2026-10-13"]


@pytest.mark.parametrize("day", [date(2026, 8, 19), date(1900, 1, 1), date(2200, 1, 1)])
def test_a_date_that_its_event_or_the_calendar_excludes_is_refused_beside_the_field(db, reflection, day):
    with pytest.raises(InvalidForm) as refused:
        deadlines.override(db, reflection.id, day, "La Questura indica un'altra data", by="u_leo")

    assert list(refused.value.errors) == ["due_on"]
    assert reflection.due_on == date(2026, 10, 4)


def test_a_term_counted_backwards_ends_before_its_event(db, law, a_case):
    renewal = deadlines.record(db, a_case.code, "T11", "titolo", date(2027, 12, 15), by="u_anna")

    with pytest.raises(InvalidForm):
        deadlines.override(db, renewal.id, date(2027, 12, 16), "La Questura indica un'altra data", by="u_leo")


def test_a_new_version_of_the_rule_never_changes_a_stored_date(db, reflection, a_case, said):
    terms.load(db, TERMS.replace("length = 45", "length = 60"), by="deploy")

    assert deadlines.record(db, a_case.code, "T01", "attestato", ISSUED, by="u_carla") is reflection
    assert (reflection.due_on, reflection.term_version) == (date(2026, 10, 4), 1)
    found = deadlines.newer(db, reflection)
    assert found is not None
    assert (found[0].version, found[1].due) == (2, date(2026, 10, 19))


def test_somebody_may_ask_to_count_again_with_a_reason_and_the_old_date_stays_on_record(db, reflection, a_case, said):
    terms.load(db, TERMS.replace("length = 45", "length = 60"), by="deploy")
    with pytest.raises(InvalidForm):
        deadlines.recompute(db, reflection.id, "ok", by="u_leo")
    again = deadlines.recompute(db, reflection.id, "La legge è cambiata per tutti", by="u_leo")

    assert (again.term_version, again.due_on, again.trigger_on) == (2, date(2026, 10, 19), ISSUED)
    assert (reflection.status, reflection.due_on) == ("superseded", date(2026, 10, 4))
    assert days(db, reflection) == []
    assert said(f"case:{a_case.code}")[-1] == "deadline.recomputed"
    with pytest.raises(WrongOrder):
        deadlines.recompute(db, again.id, "La legge è cambiata per tutti", by="u_leo")


def test_a_rule_that_no_longer_holds_for_the_day_leaves_the_date_alone(db, reflection):
    terms.load(db, TERMS.replace('certainty = "C"', 'certainty = "C"\nvalid_from = 2026-09-01'), by="deploy")

    assert deadlines.newer(db, reflection) is None


def test_the_date_of_another_case_does_not_exist(db, reflection, a_case):
    assert deadlines.get(db, a_case.code, reflection.id) is reflection
    with pytest.raises(NotYours):
        deadlines.get(db, "F-ZZZZZZ", reflection.id)


def test_what_is_over_or_unknown_cannot_be_set_by_hand(db, reflection, a_case):
    deadlines.settle(db, a_case.code, "T01", date(2026, 9, 25), by="u_anna")
    with pytest.raises(WrongOrder):
        deadlines.override(db, reflection.id, date(2026, 10, 12), "La Questura indica il 12 ottobre", by="u_leo")
    with pytest.raises(NotYours):
        deadlines.override(db, "none", date(2026, 10, 12), "La Questura indica il 12 ottobre", by="u_leo")


def test_the_office_that_is_closed_for_its_patron_moves_the_last_working_day_only(db, law, a_case, time):
    milan = deadlines.record(db, a_case.code, "T01", "attestato", date(2026, 10, 23), office="MI", by="u_anna")

    assert (milan.due_on, milan.last_working_day) == (date(2026, 12, 7), date(2026, 12, 4))


def test_each_sees_the_dates_of_its_own_cases(db, reflection, anna, bruno, carla, a_case):
    until = date(2026, 12, 31)
    assert [d.id for d in deadlines.upcoming(db, anna, until)] == [reflection.id]
    assert deadlines.upcoming(db, bruno, until) == []
    assert deadlines.upcoming(db, anna, date(2026, 10, 3)) == []

    casefile.mask(db, a_case.code, by="u_anna")
    assert deadlines.upcoming(db, carla, until) == []


def test_a_term_that_does_not_exist_gives_no_date(db, law, a_case):
    with pytest.raises(WrongOrder):
        deadlines.record(db, a_case.code, "T99", "x", ISSUED, by="u_anna")
