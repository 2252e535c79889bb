"""Messages and signals between instances (BPMN 2.0.2, 8.3.2, 10.5.6) on a real database."""

import pytest
from sqlalchemy import select

from core.errors import AlreadyDone, NotYours
from engine import instances, messages
from engine.tables import Delivery
from tests.engine import office
from tests.engine.draw import boundary, catch, draw, end, mapped, on, receive, send, several, sub, throw, timer
from tests.engine.office import begin, begun, do, tick, tick_until_quiet, transaction, waiting

pytestmark = pytest.mark.usefixtures("database", "time")

KEYS = """
<correlationProperty id="number" name="number"><correlationPropertyRetrievalExpression messageRef="message_reply">
<messagePath>number</messagePath></correlationPropertyRetrievalExpression></correlationProperty>
<message id="message_reply" name="reply"/>
<collaboration id="co"><participant id="pa" processRef="p"/><correlationKey id="key" name="key">
<correlationPropertyRef>number</correlationPropertyRef></correlationKey></collaboration>
"""
SENDER = ("s>a>k>e", send("k", "reply", mapped(("said", "answer"))))
RECEIVER = ("s>w>z>e", receive("w", "reply"))


def deliveries(db):
    return list(db.scalars(select(Delivery)))


# -- from outside ------------------------------------------------------------------------------------------------------


def test_a_message_reaches_the_instance_of_its_business_key_only(db):
    one = begin(db, *RECEIVER)
    two = begin(db, *RECEIVER, key="C-2")

    assert [each.id for each in instances.receive(db, "reply", "C-1", {"said": "yes"}, by="u_anna")] == [one.id]

    assert (waiting(db, one.id), waiting(db, two.id)) == (["z"], [])
    assert instances.process_facts(one) == {"said": "yes"}


def test_a_message_that_nobody_waits_for_is_refused():
    begun(*RECEIVER)

    for name, key in (("other", "C-1"), ("reply", "C-9")):
        with transaction() as db, pytest.raises(NotYours):
            instances.receive(db, name, key, {}, by="u_anna")


def test_a_message_is_taken_once(db):
    begin(db, *RECEIVER)
    instances.receive(db, "reply", "C-1", {}, by="u_anna")

    with pytest.raises(NotYours):
        instances.receive(db, "reply", "C-1", {}, by="u_anna")


def test_a_message_left_for_another_business_key_waits_for_the_clock_and_for_a_receiver():
    messages_left = []
    for key in ("C-2", "C-9"):
        with transaction() as db:
            messages_left.append(messages.leave(db, "reply", key, {"said": key}).id)
    two = begun(*RECEIVER, key="C-2")
    tick_until_quiet()

    with transaction() as db:
        assert waiting(db, two) == ["z"]
        assert [each.id for each in deliveries(db)] == messages_left[1:]


def test_a_received_message_is_logged_with_who_brought_it():
    begun(*RECEIVER)
    with transaction() as db:
        instances.receive(db, "reply", "C-1", {}, by="u_anna")

    with transaction() as db:
        assert office.verbs(db) == ["instance.started", "message.received"]


def test_an_interrupting_message_ends_what_ran(db):
    inner = sub("c", "s1>and1>a>e1", "and1>b>e1")
    begin(db, "s>c>e", "m>open_door>e2", inner, boundary("m", "c", on("message", "declined")))

    instances.receive(db, "declined", "C-1", {}, by="u_anna")

    assert waiting(db) == ["open_door"]


# -- from one instance to another --------------------------------------------------------------------------------------


def test_a_thrown_message_reaches_another_instance_of_the_same_business_key(db):
    receiver = begin(db, *RECEIVER)
    begin(db, *SENDER)

    do(db, "a", answer="yes", secret="x")
    db.flush()
    assert waiting(db) == []
    for key in instances.due(db, deliveries(db)[0].due_at):
        instances.fire(db, key)

    assert waiting(db) == ["z"]
    assert instances.process_facts(receiver) == {"said": "yes"}


def test_a_message_does_not_reach_another_business_key():
    begun(*RECEIVER, key="C-2")
    begun(*SENDER)
    with transaction() as db:
        do(db, "a", answer="yes")

    tick_until_quiet()

    with transaction() as db:
        assert waiting(db) == []
        assert office.subscriptions(db) == ["reply"]


def test_a_message_that_comes_too_early_is_kept_until_somebody_waits():
    begun(*SENDER)
    with transaction() as db:
        do(db, "a", answer="yes")
    assert tick() == []

    name = begun(*RECEIVER)
    tick_until_quiet()

    with transaction() as db:
        assert waiting(db, name) == ["z"]
        assert deliveries(db) == []


def test_a_kept_message_is_for_one_receiver():
    begun(*SENDER)
    with transaction() as db:
        do(db, "a", answer="yes")

    first, second = begun(*RECEIVER), begun(*RECEIVER)
    tick_until_quiet()

    with transaction() as db:
        assert sorted([waiting(db, first), waiting(db, second)]) == [[], ["z"]]


def test_a_message_is_not_kept_for_ever(time):
    begun(*SENDER)
    with transaction() as db:
        do(db, "a", answer="yes")
    time.forward(days=messages.KEPT_FOR.days + 1)

    name = begun(*RECEIVER)
    tick_until_quiet()

    with transaction() as db:
        assert waiting(db, name) == []


def test_two_messages_wait_for_their_receiver_in_the_order_they_were_thrown(time):
    begun("s>a>k>b>l>e", send("k", "reply", mapped(("said", "1"))), send("l", "reply", mapped(("said", "2"))))
    for step in "ab":
        time.forward(minutes=1)
        with transaction() as db:
            do(db, step)

    name = begun("s>w>v>z>e", receive("w", "reply", mapped(("first", "said"))), receive("v", "reply", mapped(("second", "said"))))
    tick_until_quiet()

    with transaction() as db:
        facts = instances.process_facts(office.get(db, name))
        assert waiting(db, name) == ["z"]
        assert (facts["first"], facts["second"]) == (1, 2)


def test_a_message_to_an_instance_that_ended_meanwhile_is_kept_for_the_next():
    name = begun("s>evt>w>z>e", "evt>t>y>e1", receive("w", "reply"), catch("t", timer("P9D")))
    begun(*SENDER)
    with transaction() as db:
        do(db, "a", answer="yes")
        instances.cancel(db, name, "chiusa", by="u_coord")

    assert tick_until_quiet() == 1
    following = begun(*RECEIVER)
    assert tick_until_quiet() == 1
    with transaction() as db:
        assert waiting(db, following) == ["z"]
        assert deliveries(db) == []


def test_a_signal_to_an_instance_that_ended_meanwhile_is_over():
    name = begun("s>m>z>e", catch("m", on("signal", "alarm")))
    begun("s>a>t>e", throw("t", on("signal", "alarm")))
    with transaction() as db:
        do(db, "a")
        instances.cancel(db, name, "chiusa", by="u_coord")

    assert tick_until_quiet() == 1
    with transaction() as db:
        assert deliveries(db) == []


def test_a_delivery_that_nobody_waits_for_any_more_is_not_lost_for_the_next_who_does():
    """A receiver that stopped waiting between throw and delivery gives the message back (8.3.2)."""
    first = begun("s>and>w>z>e", "and>stop>e1", receive("w", "reply"), end("e1", on("terminate")))
    begun(*SENDER)
    with transaction() as db:
        do(db, "a", answer="yes")
        do(db, "stop")
    second = begun(*RECEIVER)
    tick_until_quiet()

    with transaction() as db:
        assert office.get(db, first).status == "ended"
        assert waiting(db, second) == ["z"]


# -- correlation (8.3.2) -----------------------------------------------------------------------------------------------


def begun_with(pieces, **facts):
    return begun(*pieces, definitions=KEYS, **facts)


def test_a_correlated_message_finds_its_instance_whatever_the_business_key():
    one = begun_with(RECEIVER, key="C-1", number=1)
    two = begun_with(RECEIVER, key="C-2", number=2)
    begun_with(("s>a>k>e", send("k", "reply")), key="C-9", number=2)
    with transaction() as db:
        do(db, "a")

    tick_until_quiet()

    with transaction() as db:
        assert (waiting(db, one), waiting(db, two)) == ([], ["z"])


def test_a_correlated_message_that_comes_too_early_is_kept_for_its_receiver():
    begun_with(("s>a>k>e", send("k", "reply")), key="C-9", number=2)
    with transaction() as db:
        do(db, "a")
    tick_until_quiet()

    other = begun_with(RECEIVER, key="C-1", number=1)
    tick_until_quiet()
    right = begun_with(RECEIVER, key="C-2", number=2)
    tick_until_quiet()

    with transaction() as db:
        assert (waiting(db, other), waiting(db, right)) == ([], ["z"])


def test_a_correlated_message_is_kept_while_only_others_wait():
    other = begun_with(RECEIVER, key="C-1", number=1)
    begun_with(("s>a>k>e", send("k", "reply")), key="C-9", number=2)
    with transaction() as db:
        do(db, "a")
    tick_until_quiet()

    right = begun_with(RECEIVER, key="C-2", number=2)
    tick_until_quiet()

    with transaction() as db:
        assert (waiting(db, other), waiting(db, right)) == ([], ["z"])


def test_a_correlated_message_is_taken_once():
    first = begun_with(RECEIVER, key="C-1", number=2)
    second = begun_with(RECEIVER, key="C-2", number=2)
    begun_with(("s>a>k>e", send("k", "reply")), key="C-9", number=2)
    with transaction() as db:
        do(db, "a")

    tick_until_quiet()

    with transaction() as db:
        assert sorted([waiting(db, first), waiting(db, second)]) == [[], ["z"]]


def test_instances_of_one_activity_each_get_their_own_answer():
    inner = sub("c", "s1>w>x>e1", receive("w", "reply"), inside=several(of="numbers", each="number"))
    name = begun("s>c>z>e", inner, definitions=KEYS, numbers=[1, 2, 3])
    begun_with(("s>a>k>e", send("k", "reply")), key="C-9", number=2)
    with transaction() as db:
        do(db, "a")

    tick_until_quiet()

    with transaction() as db:
        assert waiting(db, name) == ["x"]
        do(db, "x", got=True)
        assert office.subscriptions(db) == ["reply", "reply"]


# -- signals (10.5.6) --------------------------------------------------------------------------------------------------


def test_a_signal_reaches_everybody_who_listens_whatever_the_business_key():
    names = [begun("s>m>z>e", catch("m", on("signal", "alarm")), key=f"C-{n}") for n in (1, 2)]
    thrower = begun("s>a>t>b>e", throw("t", on("signal", "alarm")), key="C-3")
    with transaction() as db:
        do(db, "a")

    assert tick_until_quiet() == 2

    with transaction() as db:
        assert [waiting(db, name) for name in (*names, thrower)] == [["z"], ["z"], ["b"]]


def test_a_signal_is_not_kept():
    begun("s>t>a>e", throw("t", on("signal", "alarm")))

    name = begun("s>m>z>e", catch("m", on("signal", "alarm")))
    tick_until_quiet()

    with transaction() as db:
        assert waiting(db, name) == []
        assert deliveries(db) == []


def test_a_signal_in_the_own_instance_is_taken_at_once(db):
    begin(db, "s>and>a>t>e", "and>m>z>e1", throw("t", on("signal", "alarm")), catch("m", on("signal", "alarm")))

    do(db, "a")

    assert waiting(db) == ["z"]
    assert deliveries(db) == []


def test_a_signal_is_not_delivered_to_its_thrower_a_second_time():
    watch = boundary("m", "b", on("signal", "alarm"), interrupting=False)
    begun("s>and>a>t>e", "and>b>e1", "m>note>e2", throw("t", on("signal", "alarm")), watch)
    with transaction() as db:
        do(db, "a")

    assert tick_until_quiet() == 0
    with transaction() as db:
        assert waiting(db) == ["b", "note"]


def test_a_delivery_is_made_once_by_two_clocks():
    begun(*RECEIVER)
    begun(*SENDER)
    with transaction() as db:
        do(db, "a", answer="yes")
    with transaction() as db:
        (row,) = deliveries(db)
        key = row.id

    with transaction() as db:
        instances.fire(db, key)
    with transaction() as db, pytest.raises(AlreadyDone):
        instances.fire(db, key)


def test_a_model_may_begin_when_its_message_comes_or_is_refused():
    """A message start event: the message starts an instance (10.5.2), or the lint says that it does not."""
    from engine import lint, registry

    model = draw("m>b>e", '<startEvent id="m"><messageEventDefinition messageRef="come"/></startEvent>')
    if [each for each in lint.check(model) if each.level == "error"]:
        return
    with transaction() as db:
        registry.publish(db, model, by="u_coord")
    begun("s>a>k>e", send("k", "come"), key="C-1")
    with transaction() as db:
        do(db, "a")
    tick_until_quiet()

    with transaction() as db:
        assert waiting(db) == ["b"]
