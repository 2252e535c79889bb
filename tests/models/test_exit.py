"""The exit and what comes after it, walked to every end; a save after every step. The dates are those of story A."""

from collections.abc import Callable
from datetime import date

import pytest

from cases import casefile, consents, deadlines, exits, pei, permits, persons, retention, shelters
from cases.pei import Aim
from core import clock, db
from core.errors import InvalidForm
from engine import instances
from engine.tables import Delivery
from tasks import pathways
from tests.conftest import Time
from tests.models.conftest import EVERYBODY
from tests.models.walk import Walk, drawn

LEFT = {"exited_on": "2028-01-15", "exit_outcome": "conclusione_positiva", "leaves_house": "non_in_struttura"}
YES = {"follow_up_agreed": "si", "consent_language": "en", "consent_way": "scritto", "way_channel": "WhatsApp"}
WELL = {"follow_up_reached": "si", "follow_up_safe": "si", "exploited_again": "no", "reentry": "no"}


@pytest.fixture
def leaving(shelter: str, time: Time) -> Callable[..., Walk]:
    """Start the exit of a case that has been open since August 2026, on 15 January 2028."""

    def started(event: str | None = None) -> Walk:
        time.at("2026-08-11 04:35")
        with db.transaction() as tx:
            case = casefile.open_(tx, "lombardia-1", worker=EVERYBODY.user_id, by=EVERYBODY.user_id)
            time.at("2028-01-15 10:00")
            facts, stream = pathways.case_facts(case), casefile.scope_of(case.code)
            instances.start(tx, "exit", case.code, case.post, facts, stream=stream, event=event, by=EVERYBODY.user_id)
            return Walk(EVERYBODY, case.code, "exit")

    return started


@pytest.fixture
def case(leaving: Callable[..., Walk]) -> Walk:
    return leaving()


def file_of(walk: Walk) -> casefile.Case:
    with db.transaction() as tx:
        found = casefile.get(tx, walk.key)
        tx.expunge(found)
        return found


def dates(walk: Walk) -> dict[str, date]:
    with db.transaction() as tx:
        return {each.term_id: each.due_on for each in deadlines.of_case(tx, walk.key, only_open=True)}


def kept(walk: Walk) -> dict[str, date | None]:
    with db.transaction() as tx:
        rows = retention.of(tx, casefile.scope_of(walk.key))
        return {row.rule: row.due_on for row in rows if row.status == "running"}


def look(walk: Walk, time: Time, day: str, **found: object) -> Walk:
    """Follow up on this day, which the pathway has been waiting for."""
    time.at(f"{day} 10:00")
    return walk.tick().do("follow_up", follow_up_on=day, **found)


def test_after_the_exit_she_is_looked_for_three_times_and_then_the_case_closes(case: Walk, time: Time) -> None:
    assert file_of(case).phase == "P9"
    case.do("exit_form", **LEFT, **YES, exit_work="stabile", papers_on="2028-01-15")
    assert file_of(case).phase == "P10"
    assert dates(case) == {"T54f3": date(2028, 4, 15), "T54f6": date(2028, 7, 15), "T54f12": date(2029, 1, 15)}
    assert case.waiting() == {}

    time.at("2028-04-08 10:00")
    case.tick()
    assert f"{case.due('follow_up'):%Y-%m-%d}" == "2028-04-15"
    look(case, time, "2028-04-15", **WELL)
    look(case, time, "2028-07-15", follow_up_reached="no")
    assert (file_of(case).status, case.waiting()) == ("open", {})
    look(case, time, "2029-01-15", **WELL)

    closed = file_of(case)
    assert (closed.status, closed.outcome, case.status) == ("closed", "conclusione_positiva", "ended")
    assert closed.closed_at is not None
    assert closed.closed_at.astimezone(clock.ROME).date() == date(2029, 1, 15)
    assert kept(case) == {"R03": date(2038, 1, 15), "R04": date(2030, 1, 15), "R05": date(2030, 1, 15)}


def test_her_safe_ways_go_into_the_vault_and_her_yes_into_the_consents(case: Walk) -> None:
    case.do("exit_form", **LEFT, **YES)

    with db.transaction() as tx:
        found = casefile.get(tx, case.key)
        assert persons.read_ways(tx, EVERYBODY, found) == {"channel": "WhatsApp"}
        assert consents.allowed(tx, case.key, "follow_up", "interno", date(2028, 1, 15))
        assert not permits.may_communicate(tx, case.key, "questore", date(2028, 1, 15))
    assert "WhatsApp" not in str(case.facts())


@pytest.mark.parametrize("answer", ["no", "non_chiesto"])
def test_without_her_yes_the_case_closes_at_once_and_nobody_looks_for_her(case: Walk, answer: str) -> None:
    case.do("exit_form", **LEFT, follow_up_agreed=answer)

    assert case.ends() == ["end_closed"]
    assert (file_of(case).status, dates(case)) == ("closed", {})
    with db.transaction() as tx:
        assert [consent.given for consent in consents.list_(tx, case.key)] == [False] * (answer == "no")


def test_the_programme_hears_of_the_exit_when_it_is_written_and_not_a_year_later(case: Walk) -> None:
    case.do("exit_form", **LEFT, **YES)

    with db.transaction() as tx:
        assert [each.name for each in tx.query(Delivery)] == ["exit_done"]


def test_a_yes_taken_back_stops_the_looking(case: Walk, time: Time) -> None:
    case.do("exit_form", **LEFT, **YES)
    time.at("2028-03-01 10:00")
    with db.transaction() as tx:
        consents.withdraw(tx, consents.list_(tx, case.key)[0].id, date(2028, 3, 1), by="u_anna")
    time.at("2028-04-08 10:00")
    case.tick()

    assert case.ends() == ["end_closed"]
    assert file_of(case).outcome == "conclusione_positiva"


def test_who_is_exploited_again_finds_the_door_open(case: Walk, time: Time) -> None:
    case.do("exit_form", **LEFT, **YES)
    look(case, time, "2028-04-15", **(WELL | {"exploited_again": "si", "reentry": "si"}))

    assert case.ends() == ["end_reentry"]
    assert (file_of(case).status, file_of(case).phase) == ("open", "P4")
    assert (dates(case), kept(case)) == ({}, {})
    with db.transaction() as tx:
        assert exits.current(tx, case.key) is None
        assert exits.of_case(tx, case.key)[0].outcome == "conclusione_positiva"


def test_a_late_follow_up_is_told_to_the_supervision_and_stays_open(case: Walk, time: Time) -> None:
    case.do("exit_form", **LEFT, **YES)
    time.at("2028-04-08 10:00")
    case.tick()
    time.at("2028-04-29 10:01")
    case.tick()

    assert case.waiting() == {"follow_up": 1, "follow_up_late_form": 1}
    assert case.task("follow_up_late_form").group == "supervisor"
    case.do("follow_up_late_form", follow_up_late_on="2028-04-29", follow_up_late_outcome="si_cerca")
    assert case.waiting() == {"follow_up": 1}


def test_the_exit_ends_the_plan_and_the_stay_if_she_leaves(leaving: Callable[..., Walk], shelter: str) -> None:
    case = leaving()
    with db.transaction() as tx:
        shelters.place(tx, case.key, shelter, date(2027, 4, 1), by="u_anna")
        pei.write(tx, case.key, date(2027, 12, 1), [Aim("casa", {"goal": "Una casa mia"})], by="u_anna")
    case.do("exit_form", **(LEFT | {"leaves_house": "si"}), **YES)

    with db.transaction() as tx:
        assert shelters.current(tx, case.key) is None
        assert pei.current(tx, case.key) is None
    assert "T54p" not in dates(case)


def test_the_exit_ends_the_integration_and_leaves_her_rights_alone(case: Walk) -> None:
    with db.transaction() as tx:
        found = casefile.get(tx, case.key)
        for process in ("integration", "errands", "protection"):
            instances.start(tx, process, found.code, found.post, {}, stream=f"case:{found.code}", by="u_anna")
    case.do("exit_form", **LEFT, **YES)

    with db.transaction() as tx:
        assert [definition.process_id for _, definition in instances.open_instances(tx, case.key)] == ["exit", "protection"]


def test_an_exit_before_the_case_began_is_refused_beside_its_field(case: Walk) -> None:
    with pytest.raises(InvalidForm) as refused:
        case.do("exit_form", **(LEFT | {"exited_on": "2026-08-10"}), **YES)

    assert "exited_on" in refused.value.errors
    assert case.waiting() == {"exit_form": 1}


def test_who_says_no_before_the_exit_is_written_finds_the_door_open(case: Walk) -> None:
    case.say("person_declined", declined_on="2028-01-15", leaves_shelter=True)

    assert (file_of(case).status, file_of(case).outcome) == ("closed", "porta_aperta")
    assert case.waiting() == {}


def test_who_says_no_after_it_is_not_looked_for_any_more(case: Walk, time: Time) -> None:
    case.do("exit_form", **LEFT, **YES)
    time.at("2028-02-01 10:00")
    case.say("person_declined", declined_on="2028-02-01")

    assert (file_of(case).status, file_of(case).outcome) == ("closed", "conclusione_positiva")
    assert kept(case)["R03"] == date(2038, 1, 15)
    with db.transaction() as tx:
        assert not exits.may_contact(tx, case.key, date(2028, 2, 1))


def test_closing_ends_every_other_pathway_of_the_case(case: Walk) -> None:
    with db.transaction() as tx:
        found = casefile.get(tx, case.key)
        instances.start(tx, "mediation", found.code, found.post, {}, stream=f"case:{found.code}", by="u_anna")
    case.do("exit_form", **LEFT, follow_up_agreed="no")

    assert case.waiting() == {}
    with db.transaction() as tx:
        assert instances.open_instances(tx, case.key) == []


def test_these_walks_go_through_every_element_and_every_arrow(leaving: Callable[..., Walk], time: Time) -> None:
    walks = [leaving(event) for event in ("exit_begins", None, None, None)]
    faithful, back, withdrawn, unwilling = walks
    for walk in (faithful, back, withdrawn):
        walk.do("exit_form", **LEFT, **YES)
    unwilling.say("person_declined", declined_on="2028-01-15")
    with db.transaction() as tx:
        consents.withdraw(tx, consents.list_(tx, withdrawn.key)[0].id, date(2028, 1, 15), by="u_anna")
    time.at("2028-04-08 10:00")
    faithful.tick()
    time.at("2028-04-29 10:01")
    faithful.tick().do("follow_up_late_form", follow_up_late_on="2028-04-29", follow_up_late_outcome="si_lascia")
    back.do("follow_up", follow_up_on="2028-04-29", **(WELL | {"reentry": "si"}))
    faithful.do("follow_up", follow_up_on="2028-04-29", **WELL)

    assert drawn("exit") - set().union(*(walk.been() for walk in walks)) == set()
