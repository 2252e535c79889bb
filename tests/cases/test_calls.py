"""Calls offered by voice: one offer at a time, who answers it, which are late."""

from datetime import timedelta

import pytest

from cases import calls, contacts
from core import clock, users
from core.errors import AlreadyDone, InvalidForm, NotYours, WrongOrder

FIVE = timedelta(minutes=5)


@pytest.fixture
def call(db, network, time):
    return contacts.record(db, "call", "nazionale", {"at": clock.now(), "province": "BG"}, {}, by="u_olga").code


@pytest.fixture
def luca_id(db, time):
    return users.add(db, "luca", "Luca", "luca@example.org", by="cli").id


@pytest.fixture
def olga_id(db, time):
    return users.add(db, "olga", "Olga", "olga@example.org", by="cli").id


def test_a_call_waits_for_one_colleague_at_a_time(db, call, olga_id, luca_id, said):
    made = calls.offer(db, call, olga_id, luca_id, FIVE, by=olga_id)
    assert calls.waiting(db, call) is made
    assert [found.id for found in calls.offered_to(db, luca_id, frozenset())] == [made.id]
    with pytest.raises(WrongOrder):
        calls.offer(db, call, olga_id, None, FIVE, by=olga_id)

    with pytest.raises(InvalidForm):
        calls.answer(db, made.id, "declined", "perché no", by=luca_id)
    calls.answer(db, made.id, "declined", "in_linea", by=luca_id)
    assert calls.waiting(db, call) is None
    with pytest.raises(AlreadyDone):
        calls.answer(db, made.id, "accepted", by=luca_id)
    with pytest.raises(NotYours):
        calls.answer(db, "none", "accepted", by=luca_id)
    assert said(f"contact:{call}") == ["contact.recorded", "call.offered", "call.declined"]


def test_an_offer_to_the_desk_is_seen_by_the_whole_desk_but_not_by_who_offers_it(db, call, olga_id, luca_id):
    contacts.route(db, call, "lombardia-2", by=olga_id)
    made = calls.offer(db, call, olga_id, None, FIVE, by=olga_id)

    assert [found.id for found in calls.offered_to(db, luca_id, frozenset({"lombardia-2"}))] == [made.id]
    assert calls.offered_to(db, olga_id, frozenset({"lombardia-2"})) == []
    assert calls.offered_to(db, luca_id, frozenset({"puglia"})) == []
    assert set(calls.waiting_of(db, [call, "NV-OTHER"])) == {call}


def test_what_nobody_answers_is_late_after_the_minutes_that_were_given(db, call, olga_id, luca_id, time):
    made = calls.offer(db, call, olga_id, luca_id, FIVE, by=olga_id)
    assert calls.late(db, clock.now() + FIVE - timedelta(seconds=1)) == []
    assert [found.id for found in calls.late(db, clock.now() + FIVE)] == [made.id]


def test_a_call_that_was_picked_up_is_offered_no_more(db, call, olga_id, luca_id):
    contacts.pick_up(db, call, "case", clock.now(), by=luca_id)

    with pytest.raises(WrongOrder):
        calls.offer(db, call, olga_id, luca_id, FIVE, by=olga_id)
