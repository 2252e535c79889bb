"""The contact pathway, walked to every end; a save after every step."""

from collections.abc import Callable

import pytest

from cases import contacts
from core import clock, db
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


def test_these_walks_go_through_every_element_and_every_arrow(contact: Contact, time: Time) -> None:
    walks = [contact("street"), pick_up(contact(**NIGHT_CALL), "police")]
    walks.append(pick_up(chase(contact(**NIGHT_CALL), time, "answered"), "case"))
    walks.append(chase(contact(**NIGHT_CALL), time, "reroute", escalation_post="lombardia-2"))
    walks.append(contact(**NIGHT_CALL).say("person_declined", declined_on="2026-08-11"))

    assert drawn("contact") - set().union(*(walk.been() for walk in walks)) == set()
