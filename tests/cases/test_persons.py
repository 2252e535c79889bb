"""Persons: the identity, apart and sealed."""

from datetime import timedelta

import pytest

from cases import grants, persons
from core import clock, log
from core.errors import InvalidForm, NotYours


def test_a_case_needs_nobody_s_name(db, a_case, anna):
    assert persons.of_case(db, a_case.code) is None
    assert persons.read(db, anna, a_case) == {}


def test_what_becomes_known_is_added_and_can_be_taken_away(db, a_case, anna):
    persons.record(db, a_case.code, {"first_name": "Fatima", "citizenships": ["NG"]}, by="u_anna")
    persons.record(db, a_case.code, {"last_name": "Osei", "citizenships": None}, {"hours": "15-17"}, by="u_anna")

    assert persons.read(db, anna, a_case) == {"first_name": "Fatima", "last_name": "Osei"}
    assert persons.read_ways(db, anna, a_case) == {"hours": "15-17"}


def test_a_mediator_at_the_appointment_reads_who_she_is_and_not_how_to_reach_her(db, a_case, mira, time):
    persons.record(db, a_case.code, {"first_name": "Fatima"}, {"number": "333 1234567"}, by="u_anna")
    grants.appoint(db, a_case.code, "u_mira", clock.now(), clock.now() + timedelta(hours=1), by="u_anna")

    assert persons.read(db, mira, a_case) == {"first_name": "Fatima"}
    with pytest.raises(NotYours):
        persons.read_ways(db, mira, a_case)


def test_the_log_says_which_fields_and_never_what_they_hold(db, a_case, anna):
    persons.record(db, a_case.code, {"first_name": "Fatima"}, by="u_anna")
    persons.read(db, anna, a_case)

    recorded, viewed = (line.content for line in db.info[log.PENDING][-2:])
    assert recorded["facts"] ["fields"] == ["first_name"]
    assert (viewed["verb"], viewed["facts"]) == ("case.viewed", {"cls": "P2", "what": "identity"})


def test_a_field_that_nobody_knows_is_refused(db, a_case):
    with pytest.raises(InvalidForm):
        persons.record(db, a_case.code, {"shoe_size": "38"}, by="u_anna")
    with pytest.raises(InvalidForm):
        persons.record(db, a_case.code, None, {"first_name": "Fatima"}, by="u_anna")


def test_the_log_commits_to_what_a_field_was_and_is(db, a_case):
    persons.record(db, a_case.code, {"first_name": "Grace"}, by="u_anna")
    persons.record(db, a_case.code, {"first_name": "Joy"}, by="u_anna")
    first, second = (line.content["facts"] for line in db.info[log.PENDING] if line.content["verb"] == "person.recorded")

    assert first["before"] == {}
    assert second["before"] == first["after"]
    assert second["after"] != first["after"]
