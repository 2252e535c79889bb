"""The contact pathway, walked to every end; a save after every step."""

from collections.abc import Callable

import pytest

from cases import contacts, retention
from core import clock, db
from core.errors import InvalidForm
from tests.conftest import Time
from tests.models.walk import Walk, drawn

Contact = Callable[..., Walk]
NIGHT_CALL = {"danger": True, "wants_out": True, "province": "MI"}


def pick_up(walk: Walk, outcome: str) -> Walk:
    return walk.do("contact_pickup", pickup_at=clock.now(), pickup_outcome=outcome)


def chase(walk: Walk, time: Time, outcome: str, **given: object) -> Walk:
    time.forward(minutes=31)
    return walk.tick().do("pickup_escalation", escalation_outcome=outcome, **given)


def row(walk: Walk) -> contacts.Contact:
    with db.transaction() as tx:
        found = contacts.get(tx, walk.key)
        tx.expunge(found)
        return found


@pytest.mark.parametrize(
    ("kind", "facts", "outcome"),
    [
        ("call", {"call_class": "disturbo"}, "non_pertinente"),
        ("call", {"danger": False, "wants_out": False}, "informazioni_date"),
        ("call", {"danger": True, "wants_out": False}, "informazioni_date"),
        ("street", {}, "ascolto"),
        ("online", {"danger": False}, "ascolto"),
    ],
)
def test_who_needs_no_desk_leaves_a_contact_and_nothing_else(
    contact: Contact, kind: str, facts: dict[str, object], outcome: str
) -> None:
    walk = contact(kind, **facts)

    assert walk.ends() == ["end_contact_closed"]
    assert (row(walk).status, row(walk).outcome, row(walk).case_code) == ("closed", outcome, None)


def test_a_call_in_danger_goes_to_the_desk_of_its_province_within_half_an_hour(contact: Contact) -> None:
    walk = contact(**NIGHT_CALL)

    assert walk.waiting() == {"contact_pickup": 1}
    assert (walk.tenant, row(walk).post) == ("lombardia-1", "lombardia-1")
    assert f"{walk.due('contact_pickup')}" == "2026-08-11 02:40:00"


@pytest.mark.parametrize(
    ("facts", "due"),
    [
        ({"minor": True, "danger": False}, "2026-08-11 06:10:00"),
        ({"wants_out": True}, "2026-08-11 06:10:00"),
        ({}, "2026-08-12 02:10:00"),
    ],
)
def test_the_desk_has_the_time_that_the_table_gives(contact: Contact, facts: dict[str, object], due: str) -> None:
    assert f"{contact(province='BG', **facts).due('contact_pickup')}" == due


def test_a_contact_without_a_province_stays_at_the_central_desk(contact: Contact) -> None:
    walk = contact(danger=True)

    assert walk.tenant == "nv-centrale"


def test_a_street_contact_without_a_province_stays_with_those_who_met_her(contact: Contact) -> None:
    walk = contact("street", post="lombardia-2", wants_out=True)

    assert walk.tenant == "lombardia-2"


def test_after_the_pick_up_a_case_opens_without_retyping(contact: Contact) -> None:
    walk = pick_up(contact(**NIGHT_CALL), "case")

    assert walk.ends() == ["end_case_opened"]
    assert walk.status == "ended"
    assert Walk(walk.actor, str(row(walk).case_code), "protection").waiting() == {"placement": 1}


@pytest.mark.parametrize(("pickup", "outcome"), [("contact_only", "ascolto"), ("police", "forze_ordine")])
def test_after_the_pick_up_a_contact_may_stay_a_contact(contact: Contact, pickup: str, outcome: str) -> None:
    walk = pick_up(contact(**NIGHT_CALL), pickup)

    assert walk.ends() == ["end_contact_closed"]
    assert (row(walk).outcome, row(walk).case_code) == (outcome, None)


def test_a_desk_that_does_not_answer_is_chased_and_keeps_its_task(contact: Contact, time: Time) -> None:
    walk = contact(**NIGHT_CALL)
    time.forward(minutes=31)
    walk.tick().tick()

    assert walk.waiting() == {"contact_pickup": 1, "pickup_escalation": 1}
    assert walk.task("pickup_escalation").group == "nv_supervisor"
    walk.do("pickup_escalation", escalation_outcome="answered")
    assert walk.waiting() == {"contact_pickup": 1}


def test_a_chased_contact_may_go_to_another_desk(contact: Contact, time: Time) -> None:
    walk = chase(contact(**NIGHT_CALL), time, "reroute", escalation_post="lombardia-2")

    assert walk.ends() == ["end_rerouted"]
    assert walk.task("contact_pickup").tenant == "lombardia-2"
    assert set(pick_up(walk, "case").ends()) == {"end_rerouted", "end_case_opened"}


def test_a_desk_that_answers_in_time_is_not_chased(contact: Contact, time: Time) -> None:
    walk = pick_up(contact(**NIGHT_CALL), "contact_only")
    time.forward(hours=2)

    assert walk.tick().waiting() == {}


def test_the_person_may_say_no_while_the_desk_is_on_its_way(contact: Contact) -> None:
    walk = contact(**NIGHT_CALL).say("person_declined", declined_on="2026-08-11")

    assert walk.waiting() == {}
    assert walk.ends() == ["end_open_door"]
    assert (row(walk).status, row(walk).outcome, row(walk).case_code) == ("closed", "porta_aperta", None)


def meet(walk: Walk, outcome: str, **given: object) -> Walk:
    return walk.do("contact_follow_up", met_on=f"{clock.today()}", follow_up_outcome=outcome, **given)


def test_who_is_met_again_stays_open_until_she_says_what_she_wants(contact: Contact, time: Time) -> None:
    walk = contact("online", post="lombardia-1", meet_again_on="2026-08-15")
    assert walk.task("contact_follow_up").group == "street_worker"
    assert f"{walk.due('contact_follow_up')}" == "2026-08-15 23:59:00"
    time.at("2026-08-15 18:00")
    meet(walk, "again", meet_again_on="2026-08-20")
    time.at("2026-08-20 18:00")
    meet(walk, "not_interested", rights_explained=True, rights_language="zh", code_word="girasole")

    assert (row(walk).status, row(walk).outcome, row(walk).case_code) == ("closed", "non_interessata", None)
    assert row(walk).details["rights_language"] == "zh"
    with db.transaction() as tx:
        assert [found.code for found in contacts.find(tx, "code_word", "GIRASOLE")] == [walk.key]
        [kept] = retention.of(tx, contacts.scope_of(walk.key))
        assert (kept.rule, f"{kept.due_on}") == ("R02", "2027-08-20")


def test_whoever_asks_for_help_at_a_meeting_goes_to_the_desk(contact: Contact) -> None:
    walk = meet(contact("street", post="lombardia-1", meet_again_on="2026-08-15"), "wants_help", follow_danger="si")

    assert walk.waiting() == {"contact_pickup": 1}
    assert row(walk).danger


def test_the_central_desk_has_nobody_to_send(contact: Contact) -> None:
    assert contact("online", meet_again_on="2026-08-15").ends() == ["end_contact_closed"]


def test_days_of_meetings_follow_each_other(contact: Contact, time: Time) -> None:
    walk = contact("street", post="lombardia-1", meet_again_on="2026-08-15")
    with pytest.raises(InvalidForm) as refusal:
        walk.do("contact_follow_up", met_on="2026-08-01", follow_up_outcome="not_found")
    assert set(refusal.value.errors) == {"met_on"}
    with pytest.raises(InvalidForm) as refusal:
        meet(walk, "again", meet_again_on="2026-08-02")
    assert set(refusal.value.errors) == {"meet_again_on"}


def test_an_ordinary_contact_is_kept_two_years(contact: Contact) -> None:
    walk = contact("street")

    with db.transaction() as tx:
        [kept] = retention.of(tx, contacts.scope_of(walk.key))
        assert (kept.rule, f"{kept.due_on}") == ("R01", "2028-08-11")


def test_these_walks_go_through_every_element_and_every_arrow(contact: Contact, time: Time) -> None:
    walks = [contact("street"), pick_up(contact(**NIGHT_CALL), "police")]
    walks.append(pick_up(chase(contact(**NIGHT_CALL), time, "answered"), "case"))
    walks.append(chase(contact(**NIGHT_CALL), time, "reroute", escalation_post="lombardia-2"))
    walks.append(meet(contact("street", post="lombardia-1", meet_again_on="2026-08-15"), "wants_help"))
    again = meet(contact("street", post="lombardia-1", meet_again_on="2026-08-15"), "again", meet_again_on="2026-09-01")
    walks.append(meet(again, "not_found"))
    walks.append(contact(**NIGHT_CALL).say("person_declined", declined_on="2026-08-11"))

    assert drawn("contact") - set().union(*(walk.been() for walk in walks)) == set()
