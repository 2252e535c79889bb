"""One event, several people: the link opens nobody's file to those who may not see it."""

from datetime import date

import pytest

from cases import casefile, episodes
from cases.access import Actor
from core.errors import InvalidForm

RAID = date(2026, 9, 8)
AWAY = Actor("u_away", "Aldo", "it", frozenset({("case_manager", "toscana")}))


@pytest.fixture
def two(db, time, a_case):
    time.at("2026-09-09 10:00")
    return a_case, casefile.open_(db, a_case.post, worker="u_anna", by="u_anna")


def actor_of(case):
    return Actor("u_anna", "Anna", "it", frozenset({("case_manager", case.post)}))


def test_the_cases_of_one_event_know_of_each_other_for_whoever_sees_both(db, two):
    first, second = two
    event = episodes.record(db, first.code, "ispezione", RAID, 6, by="u_anna")
    episodes.link(db, actor_of(first), second.code, event.code, by="u_anna")

    found = episodes.of_case(db, second.code)
    assert found is not None
    assert found.persons == 6
    assert episodes.others(db, actor_of(first), first.code) == [second.code]


def test_a_masked_case_of_the_same_event_is_as_if_it_were_not_there(db, two):
    first, second = two
    event = episodes.record(db, first.code, "ispezione", RAID, by="u_anna")
    episodes.link(db, actor_of(first), second.code, event.code, by="u_anna")
    casefile.mask(db, second.code, by="u_anna")
    other = Actor("u_other", "Olga", "it", frozenset({("case_manager", first.post)}))

    assert episodes.others(db, other, first.code) == []
    assert episodes.others(db, AWAY, first.code) == []


def test_the_code_of_somebody_elses_event_is_refused_like_none(db, two):
    first, second = two
    event = episodes.record(db, first.code, "ispezione", RAID, by="u_anna")

    for code in (event.code, "FE-AAAAAA"):
        with pytest.raises(InvalidForm):
            episodes.link(db, AWAY, second.code, code, by="u_away")


def test_a_case_comes_from_one_event_only(db, two):
    first, _ = two
    episodes.record(db, first.code, "ispezione", RAID, by="u_anna")

    with pytest.raises(InvalidForm):
        episodes.record(db, first.code, "polizia", RAID, by="u_anna")


@pytest.mark.parametrize("wrong", [{"on": date(2026, 9, 10)}, {"persons": 0}, {"kind": "festa"}])
def test_an_event_of_tomorrow_of_nobody_or_of_no_kind_is_refused(db, two, wrong):
    kind, on, persons = wrong.get("kind", "ispezione"), wrong.get("on", RAID), wrong.get("persons")
    with pytest.raises(InvalidForm):
        episodes.record(db, two[0].code, kind, on, persons, by="u_anna")
