"""The rota of calls: shifts, who answers at an instant, swaps of colleagues."""

from datetime import timedelta

import pytest

from cases import rota
from core import clock, users
from core.errors import AlreadyDone, InvalidForm, NotYours, WrongOrder

HOURS = timedelta(hours=1)


@pytest.fixture
def people(db, network, time):
    """Anna, Bruna and Carla, who answer for the same post."""
    return {name: users.add(db, name, name.title(), f"{name}@example.org", by="cli").id for name in ("anna", "bruna", "carla")}


def shift(db, user_id, start=1, end=9, post="lombardia-2"):
    return rota.enter(db, post, user_id, clock.now() + start * HOURS, clock.now() + end * HOURS, by="u_silvia")


def answering(db, hours, post="lombardia-2"):
    return [found.user_id for found in rota.on_call(db, post, clock.now() + hours * HOURS)]


def test_who_is_on_call_answers_between_two_instants(db, people):
    shift(db, people["anna"])

    assert [answering(db, hours) for hours in (0, 1, 8, 9)] == [[], [people["anna"]], [people["anna"]], []]
    assert answering(db, 2, "puglia") == []


def test_of_two_on_call_the_one_with_the_longest_to_go_comes_first(db, people):
    shift(db, people["anna"], 1, 4)
    shift(db, people["bruna"], 2, 9)

    assert answering(db, 3) == [people["bruna"], people["anna"]]


def test_hours_that_cannot_be_are_refused(db, people):
    anna = people["anna"]
    shift(db, anna)
    for start, end, field in ((3, 3, "to_at"), (1, 200, "to_at"), (24 * 500, 24 * 500 + 1, "from_at"), (8, 12, "user")):
        with pytest.raises(InvalidForm) as refusal:
            shift(db, anna, start, end)
        assert set(refusal.value.errors) == {field}
    with pytest.raises(InvalidForm):
        shift(db, anna, post="nowhere")
    assert shift(db, anna, 9, 12).user_id == anna, "one ends when the other begins"
    assert shift(db, anna, post="puglia").post == "puglia"


def test_a_shift_is_changed_ended_and_taken_out_and_the_log_keeps_what_it_was(db, people, said, time):
    running, coming = shift(db, people["anna"], 0, 8), shift(db, people["anna"], 10, 12)
    rota.change(db, running.id, people["bruna"], running.from_at, clock.now() + 6 * HOURS, by="u_silvia")
    assert answering(db, 5) == [people["bruna"]]
    assert answering(db, 7) == []

    time.forward(hours=2)
    rota.end(db, running.id, by="u_silvia")
    rota.end(db, coming.id, by="u_silvia")
    assert answering(db, 0) == answering(db, 9) == []
    assert running.to_at == clock.now()
    with pytest.raises(WrongOrder):
        rota.change(db, running.id, people["anna"], clock.now(), clock.now() + HOURS, by="u_silvia")
    with pytest.raises(NotYours):
        rota.get(db, coming.id)
    assert said("post:lombardia-2")[-5:] == [
        "on_call.entered", "on_call.entered", "on_call.changed", "on_call.ended", "on_call.ended",
    ]  # fmt: skip


def test_who_works_here_no_more_is_not_on_call(db, people):
    shift(db, people["anna"])
    anna = users.by_id(db, people["anna"])
    assert anna
    users.disable(db, anna, by="cli")

    assert answering(db, 2) == []


def test_a_colleague_takes_a_shift_for_one_of_her_own(db, people):
    anna, bruna, _ = people.values()
    mine, hers = shift(db, anna, 1, 9), shift(db, bruna, 20, 28)
    swap = rota.ask_swap(db, mine.id, bruna, hers.id, by=anna)
    assert [found.id for found in rota.open_swaps(db, bruna)] == [swap.id]

    rota.answer_swap(db, swap.id, "accepted", by=bruna)
    assert (answering(db, 2), answering(db, 21)) == ([bruna], [anna])
    assert rota.open_swaps(db, anna) == []
    with pytest.raises(AlreadyDone):
        rota.answer_swap(db, swap.id, "declined", by=bruna)


def test_only_the_two_of_them_answer_and_a_no_changes_nothing(db, people):
    anna, bruna, carla = people.values()
    swap = rota.ask_swap(db, shift(db, anna).id, bruna, None, by=anna)
    for who, outcome in ((carla, "accepted"), (anna, "accepted"), (bruna, "withdrawn"), (bruna, "whatever")):
        with pytest.raises(NotYours):
            rota.answer_swap(db, swap.id, outcome, by=who)
    with pytest.raises(WrongOrder):
        rota.ask_swap(db, swap.shift, carla, None, by=anna)

    rota.answer_swap(db, swap.id, "declined", by=bruna)
    assert answering(db, 2) == [anna]
    assert rota.ask_swap(db, swap.shift, carla, None, by=anna).outcome is None


def test_a_swap_that_no_longer_fits_is_refused(db, people):
    anna, bruna, carla = people.values()
    mine = shift(db, anna, 1, 9)
    with pytest.raises(NotYours):
        rota.ask_swap(db, mine.id, carla, None, by=bruna)
    with pytest.raises(InvalidForm):
        rota.ask_swap(db, mine.id, anna, None, by=anna)
    with pytest.raises(InvalidForm):
        rota.ask_swap(db, mine.id, bruna, mine.id, by=anna)
    swap = rota.ask_swap(db, mine.id, bruna, None, by=anna)
    busy = shift(db, bruna, 8, 10)
    with pytest.raises(InvalidForm):
        rota.answer_swap(db, swap.id, "accepted", by=bruna)
    rota.end(db, busy.id, by="u_silvia")
    rota.change(db, mine.id, carla, mine.from_at, mine.to_at, by="u_silvia")
    with pytest.raises(WrongOrder):
        rota.answer_swap(db, swap.id, "accepted", by=bruna)
    assert rota.open_swaps(db, bruna) == [], "the coordinator has given it away"
