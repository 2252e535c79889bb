"""A call passed on by voice: offered, taken or not, passed on by the clock, and nobody left waiting unseen."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from cases import calls as offers
from cases import rota
from cases.calls import CallOffer
from core import clock
from core.db import transaction
from core.errors import InvalidForm, NotYours, WrongOrder
from notifications.notices import Notice
from tasks import calls
from tests.tasks.conftest import MILAN, Office

FIVE = timedelta(minutes=5)


@pytest.fixture
def call(office: Office) -> str:
    """Dario and Fabio are on call in Milan, Fabio for longer; the call has landed with Fabio."""
    for login, hours in (("dario", 4), ("fabio", 6)):
        with transaction() as db:
            rota.enter(db, MILAN, office.user_id(login), clock.now(), clock.now() + timedelta(hours=hours), by="cli")
    return office.call()


def offer(office: Office, call: str, to: str, by: str = "anna") -> str:
    with transaction() as db:
        return calls.offer(db, office.actor_in(db, by), call, office.user_id(to) if to else "", FIVE).id


def answer(office: Office, call: str, made: str, who: str, outcome: str, why: str = "") -> None:
    with transaction() as db:
        calls.answer(db, office.actor_in(db, who), call, made, outcome, why, FIVE)


def told(office: Office, kind: str) -> set[str]:
    with transaction() as db:
        return {office.login_of(user) for user in db.scalars(select(Notice.user_id).where(Notice.kind == kind))}


def waiting(office: Office, call: str) -> str | None:
    """The login of whoever is asked now; "" for the desk, None for nobody."""
    with transaction() as db:
        made = offers.waiting(db, call)
        return None if made is None else office.login_of(made.to_user) if made.to_user else ""


def asked(office: Office, login: str) -> int:
    with transaction() as db:
        return len(calls.offered_to(db, office.actor_in(db, login)))


def test_a_colleague_says_yes_and_the_task_is_hers(office: Office, call: str) -> None:
    made = offer(office, call, "dario")
    assert (waiting(office, call), told(office, "call_offered"), asked(office, "dario")) == ("dario", {"dario"}, 1)
    assert "contact_pickup" not in office.waiting("dario", "mine")

    answer(office, call, made, "dario", "accepted")
    assert waiting(office, call) is None
    assert office.login_of(office.task(call, "contact_pickup").assignee or "") == "dario"
    assert told(office, "call_accepted") == {"anna"}
    assert told(office, "task_taken") == {"fabio"}


def test_after_a_no_the_next_one_on_call_is_asked_and_then_those_in_charge_are_told(office: Office, call: str) -> None:
    answer(office, call, offer(office, call, "dario"), "dario", "declined", "in_linea")
    assert waiting(office, call) == "fabio"
    assert told(office, "call_refused") == {"anna"}

    with transaction() as db:
        made = db.scalars(select(CallOffer.id).where(CallOffer.outcome.is_(None))).one()
    answer(office, call, made, "fabio", "declined", "non_posso")
    assert waiting(office, call) is None
    assert told(office, "call_left") == {"giulia", "paola", "bruno"}


def test_without_an_answer_in_five_minutes_the_clock_asks_the_next_one(office: Office, call: str) -> None:
    offer(office, call, "fabio")
    office.time.forward(minutes=4)
    with transaction() as db:
        assert calls.pass_on(db, clock.now(), FIVE) == 0
    office.time.forward(minutes=1)
    with transaction() as db:
        assert calls.pass_on(db, clock.now(), FIVE) == 1
    assert waiting(office, call) == "dario"

    office.time.forward(minutes=5)
    with transaction() as db:
        calls.pass_on(db, clock.now(), FIVE)
    assert waiting(office, call) is None
    assert told(office, "call_left") == {"giulia", "paola", "bruno"}


def test_an_offer_to_the_desk_is_taken_by_whoever_is_quicker(office: Office, call: str) -> None:
    made = offer(office, call, "")
    assert [asked(office, login) for login in ("dario", "elena", "giulia", "oscar", "anna")] == [1, 1, 1, 0, 0]
    answer(office, call, made, "elena", "accepted")

    assert office.login_of(office.task(call, "contact_pickup").assignee or "") == "elena"
    assert asked(office, "dario") == 0


def test_only_who_took_the_call_offers_it_and_only_who_is_asked_answers(office: Office, call: str) -> None:
    for who, to in (("dario", "fabio"), ("carla", "dario")):
        with pytest.raises(NotYours):
            offer(office, call, to, by=who)
    with pytest.raises(InvalidForm):
        offer(office, call, "elena")
    made = offer(office, call, "dario", by="bruno")
    for who, outcome in (("fabio", "accepted"), ("oscar", "accepted"), ("dario", "withdrawn"), ("dario", "")):
        with pytest.raises(NotYours):
            answer(office, call, made, who, outcome)
    with transaction() as db:
        with pytest.raises(NotYours):
            calls.withdraw(db, office.actor_in(db, "dario"), call, made)
        calls.withdraw(db, office.actor_in(db, "anna"), call, made)
    assert waiting(office, call) is None


def test_a_call_that_somebody_has_picked_up_meanwhile_asks_nobody_any_more(office: Office, call: str) -> None:
    made = offer(office, call, "dario")
    office.do("fabio", call, "contact_pickup", pickup_at="2026-08-11T02:40", pickup_outcome="police")
    assert asked(office, "dario") == 0
    with pytest.raises(WrongOrder):
        answer(office, call, made, "dario", "accepted")

    office.time.forward(minutes=6)
    with transaction() as db:
        calls.pass_on(db, clock.now(), FIVE)
        assert db.get_one(CallOffer, made).outcome == "withdrawn"
    assert told(office, "call_left") == set()
