"""Exits: follow-ups counted from the exit and only with a yes, the way back, how long all of it is kept."""

from datetime import date
from pathlib import Path

import pytest

from cases import casefile, consents, deadlines, exits, htcds, retention, terms
from cases.exits import Finding, Situation
from core.errors import InvalidForm, WrongOrder

TEXT = (Path(__file__).parents[2] / "workflows" / "terms.toml").read_text()
EXIT = date(2028, 1, 15)
STANDS = Situation(housing="autonomia", work="stabile", permit="lavoro_subordinato", level="a2", risk="basso")


@pytest.fixture
def case(db, a_case, time):
    terms.load(db, TEXT, by="cli")
    a_case.opened_at = time.at("2026-08-11 04:35")
    time.at("2028-01-15 12:00")
    return a_case


@pytest.fixture
def agreed(db, case):
    return consents.record(db, case.code, "follow_up", "interno", True, EXIT, language="en", way="scritto", by="u_anna")


@pytest.fixture
def left(db, case):
    return exits.leave(db, case.code, EXIT, "conclusione_positiva", STANDS, papers_on=EXIT, by="u_anna")


@pytest.fixture
def planned(db, agreed, left):
    return exits.plan(db, left, by="u_anna")


def open_terms(db, case):
    return {d.term_id: d.due_on for d in deadlines.of_case(db, case.code, only_open=True)}


def test_the_looks_back_are_counted_from_the_exit(db, case, planned):
    assert open_terms(db, case) == {
        "T54f3": date(2028, 4, 15),
        "T54f6": date(2028, 7, 15),
        "T54f12": date(2029, 1, 15),
    }


def test_without_her_yes_nobody_looks_for_her(db, case, left):
    assert exits.plan(db, left, by="u_anna") == []
    assert (open_terms(db, case), exits.next_follow_up(db, case.code)) == ({}, None)


def test_the_exit_begins_the_time_of_keeping(db, case, left):
    kept = {row.rule: row.due_on for row in retention.of(db, casefile.scope_of(case.code))}

    assert kept == {"R03": date(2038, 1, 15), "R04": date(2030, 1, 15), "R05": date(2030, 1, 15)}


def test_one_look_back_after_the_other_is_written_down(db, case, planned, time):
    time.at("2028-04-15 12:00")
    found = Finding(reached=True, housing="autonomia", work="stabile", safe=True, exploited_again=False)
    exits.follow_up(db, case.code, date(2028, 4, 15), found, by="u_anna")
    time.at("2028-07-15 12:00")
    exits.follow_up(db, case.code, date(2028, 7, 15), Finding(reached=False), by="u_anna")

    looks = exits.follow_ups(db, planned[0].exit_id)
    assert [(look.status, look.reached, look.safe) for look in looks] == [
        ("done", True, True),
        ("done", False, None),
        ("planned", None, None),
    ]
    assert open_terms(db, case) == {"T54f12": date(2029, 1, 15)}


def test_a_look_back_is_not_before_the_exit_nor_to_come(db, case, planned):
    for day in (date(2028, 1, 14), date(2028, 1, 16)):
        with pytest.raises(InvalidForm):
            exits.follow_up(db, case.code, day, Finding(reached=False), by="u_anna")


def test_who_comes_back_has_no_exit_any_more_and_nothing_of_hers_is_counted(db, case, planned):
    exits.returned(db, case.code, EXIT, by="u_anna")

    assert exits.current(db, case.code) is None
    assert open_terms(db, case) == {}
    assert {row.status for row in retention.of(db, casefile.scope_of(case.code))} == {"dead"}
    assert exits.leave(db, case.code, EXIT, "rinuncia", Situation(), by="u_anna").outcome == "rinuncia"
    assert len(exits.of_case(db, case.code)) == 2


def test_a_yes_that_was_taken_back_holds_no_longer(db, case, agreed, planned):
    consents.withdraw(db, agreed.id, EXIT, by="u_anna")

    assert not exits.may_contact(db, case.code, EXIT)
    exits.drop(db, case.code, by="u_anna")
    assert exits.next_follow_up(db, case.code) is None


def test_an_exit_is_recorded_once(db, case, left):
    with pytest.raises(WrongOrder):
        exits.leave(db, case.code, EXIT, "rinuncia", Situation(), by="u_anna")


@pytest.mark.parametrize(
    ("on", "outcome", "stands", "field"),
    [
        (date(2028, 1, 16), "rinuncia", Situation(), "exited_on"),
        (date(2026, 8, 10), "rinuncia", Situation(), "exited_on"),
        (EXIT, "felice", Situation(), "exit_outcome"),
        (EXIT, "rinuncia", Situation(work="boh"), "work"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field(db, case, on, outcome, stands, field):
    with pytest.raises(InvalidForm) as refused:
        exits.leave(db, case.code, on, outcome, stands, by="u_anna")

    assert field in refused.value.errors


def test_the_standard_calls_it_follow_up_and_then_closed():
    assert htcds.case_status("open", "P8", None) == "Active"
    assert htcds.case_status("open", "P10", None) == "FollowUp"
    assert htcds.case_status("closed", "P10", "conclusione_positiva") == "Closed"
    assert htcds.case_status("closed", "P10", "trasferimento") == "ClosedReferred"
