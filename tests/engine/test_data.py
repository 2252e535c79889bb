"""Process data: where variables live, mappings, data objects, correlation, and names that a person may choose."""

import pytest

from engine import lint
from engine.game.state import dumps, loads
from tests.engine.draw import (
    boundary,
    call,
    catch,
    draw,
    mapped,
    on,
    on_event,
    receive,
    send,
    service,
    several,
    sub,
    throw,
    user,
)
from tests.engine.play import Game


def problems(model: bytes) -> list[str]:
    return [each.text for each in lint.check(model) if each.level == "error"]


def play(*pieces: str, **facts: object) -> Game:
    """A model that the lint accepts, started."""
    model = draw(*pieces)
    assert problems(model) == []
    return Game(model, facts=facts)


# -- where variables live ----------------------------------------------------------------------------------------------


def test_what_a_task_answers_is_seen_by_the_whole_process():
    game = play("s>and>a>e", "and>c>e1", sub("c", "s1>x>y>e2"))

    assert game.do("x", n=1).do("a", m=2).facts == {"n": 1, "m": 2}
    assert game.seen_by("y") == {"n": 1, "m": 2}


def test_a_data_object_of_a_subprocess_is_local_to_it():
    inner = sub("c", "s1>x>y>e1", '<dataObject id="note" name="note"/>')
    game = play("s>c>z>e", inner)

    assert game.do("x", note="here", other=1).seen_by("y")["note"] == "here"
    assert game.do("y").facts == {"other": 1}


def test_a_data_object_of_a_subprocess_hides_the_variable_of_the_same_name():
    game = play("s>c>z>e", sub("c", "s1>x>y>e1", '<dataObject id="note" name="note"/>'), note="outside")

    game.do("x", note="inside").do("y")

    assert game.facts == {"note": "outside"}


def test_a_data_object_of_the_process_is_empty_until_it_is_written():
    game = play("s>u>xor>a[note = null]>e", "xor>b>e", '<dataObject id="note" name="note"/>')

    assert game.facts == {"note": None}
    assert game.do("u").waiting == ["a"]


def test_a_data_object_keeps_the_facts_that_the_process_is_started_with():
    assert play("s>a>e", '<dataObject id="note" name="note"/>', note=1).facts == {"note": 1}


def test_an_event_subprocess_reads_and_writes_the_data_of_its_scope():
    game = play("s>a>e", on_event("h", on("message", "m"), "help>he", '<endEvent id="he"/>', interrupting=False), n=1)

    game.message("m", m=2)

    assert game.seen_by("help") == {"n": 1, "m": 2}
    assert game.do("help", n=3).facts == {"n": 3, "m": 2}


def test_two_branches_that_write_different_things_lose_nothing_at_the_join():
    game = play("s>and>a>and1>z>e", "and>b>and1", notes=["first"])

    game.do("a", a=["x"], notes=["first", "from a"]).do("b", b={"id": 2})

    assert game.facts == {"notes": ["first", "from a"], "a": ["x"], "b": {"id": 2}}


# -- mappings ----------------------------------------------------------------------------------------------------------


def test_output_mappings_decide_what_an_answer_writes():
    game = play("s>a>z>e", user("a", mapped(("kept", "given + 1"))))

    assert game.do("a", given=1, dropped=2).facts == {"kept": 2}


def test_input_mappings_are_what_a_service_is_told_besides_the_facts():
    told = {}
    model = draw("s>k>z>e", service("k", mapped(inputs=(("double", "n * 2"),)), service="note"))

    Game(model, facts={"n": 2}, note=lambda node, facts: told.update(facts))

    assert told == {"n": 2, "double": 4}


def test_without_mappings_a_call_is_given_everything_and_gives_everything_back():
    game = Game(draw("s>c>z>e", call("c", "q")), draw("s>a>e", process="q"), facts={"n": 1})

    assert game.seen_by("a") == {"n": 1}
    assert game.do("a", m=2).facts == {"n": 1, "m": 2}


def test_with_mappings_a_call_is_given_and_gives_back_what_they_name():
    mapping = mapped(("back", "inner + 1"), inputs=(("inner", "n + 1"),))
    game = Game(draw("s>c>z>e", call("c", "q", mapping)), draw("s>a>e", process="q"), facts={"n": 1, "secret": "x"})

    assert game.seen_by("a") == {"inner": 2}
    assert game.do("a", inner=5, other=9).facts == {"n": 1, "secret": "x", "back": 6}


def test_a_called_process_does_not_touch_the_data_of_its_caller_while_it_runs():
    game = Game(draw("s>and>c>z>e", "and>b>e1", call("c", "q")), draw("s>a>d>e", process="q"), facts={"n": 1})

    assert game.do("a", n=2).seen_by("b") == {"n": 1}
    assert game.do("d").facts == {"n": 2}


MAPPING = mapped(("x", "1"))
GIVEN = mapped(inputs=(("x", "1"),))


@pytest.mark.parametrize(
    ("pieces", "waits"),
    [
        (("s>c>z>e", sub("c", "s1>a>e1", inside=MAPPING)), "a"),
        (("s>w>z>e", receive("w", "m", MAPPING)), "w"),
        (("s>m>z>e", catch("m", MAPPING + on("message", "m"))), "m"),
        (("s>a>e", "b>z>e1", boundary("b", "a", MAPPING + on("message", "m"), interrupting=False)), "b"),
        (("s>evt>w>z>e", "evt>t>y>e1", receive("w", "m", MAPPING), catch("t", on("signal", "t"))), "w"),
    ],
    ids=["subprocess", "receive task", "catch event", "boundary event", "behind an event gateway"],
)
def test_an_output_mapping_is_applied_or_refused_but_never_ignored(pieces, waits):
    model = draw(*pieces)
    if problems(model):
        return
    game = Game(model)

    if waits == "a":
        game.do("a")
    else:
        game.message("m")

    assert game.facts["x"] == 1


@pytest.mark.parametrize(
    ("pieces", "task"),
    [
        (("s>a>z>e", user("a", GIVEN)), "a"),
        (("s>c>z>e", sub("c", "s1>a>e1", inside=GIVEN)), "a"),
    ],
    ids=["user task", "subprocess"],
)
def test_an_input_mapping_is_applied_or_refused_but_never_ignored(pieces, task):
    model = draw(*pieces)

    assert problems(model) or Game(model).seen_by(task)["x"] == 1


@pytest.mark.parametrize("piece", ["xor", "and", "startEvent", "endEvent"])
def test_a_mapping_where_nothing_happens_is_refused(piece):
    element = {
        "xor": f'<exclusiveGateway id="x">{MAPPING}</exclusiveGateway>',
        "and": f'<parallelGateway id="x">{MAPPING}</parallelGateway>',
        "startEvent": f'<startEvent id="x">{MAPPING}</startEvent>',
        "endEvent": f'<endEvent id="x">{MAPPING}</endEvent>',
    }[piece]
    path = {"startEvent": "x>a>e", "endEvent": "s>a>x"}.get(piece, "s>x>a>e")

    assert problems(draw(path, element))


# -- correlation (8.3.2) -----------------------------------------------------------------------------------------------

KEYS = """
<correlationProperty id="case" name="case"><correlationPropertyRetrievalExpression messageRef="message_done">
<messagePath>case</messagePath></correlationPropertyRetrievalExpression></correlationProperty>
<message id="message_done" name="done"/>
<collaboration id="co"><participant id="pa" processRef="p"/><correlationKey id="key" name="key">
<correlationPropertyRef>case</correlationPropertyRef></correlationKey></collaboration>
"""


def test_a_message_carries_the_keys_that_it_is_correlated_by():
    model = draw("s>a>k>e", send("k", "done"), definitions=KEYS)
    assert problems(model) == []
    game = Game(model, facts={"case": "C-1"})

    game.do("a")

    assert game.thrown == [("message", "done")]
    assert game.correlated == [{"case": "C-1"}]


def test_a_message_goes_only_to_the_receiver_with_the_same_key():
    model = draw("s>w>z>e", receive("w", "done"), definitions=KEYS)
    game = Game(model, facts={"case": "C-1"})

    assert not game.message("done", {"case": "C-2"})
    assert game.message("done", {"case": "C-1"})
    assert game.waiting == ["z"]


def test_instances_of_one_activity_are_told_apart_by_their_key():
    inner = sub("c", "s1>w>x>e1", receive("w", "done"), inside=several(of="cases", each="case"))
    game = Game(draw("s>c>z>e", inner, definitions=KEYS), facts={"cases": ["C-1", "C-2"]})

    assert game.message("done", {"case": "C-2"})
    assert game.seen_by("x")["case"] == "C-2"
    assert not game.message("done", {"case": "C-2"})


# -- names that a person may choose ------------------------------------------------------------------------------------

HOSTILE = [
    *("typename", "__class__", "__init__", "Start", "End", "Root", "id", "self", "data", "loopCounter", "items", "done"),
    *("a b", "", "0", "__proto__", "constructor", "é", "n" * 500, "{}", "%(x)s", "\u0000", "'; drop table x"),
]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_field_of_any_name_is_harmless(name):
    game = play("s>a>b>c>e", sub("c", "s1>x>e1"))
    value = {"typename": "SpiffWorkflow.task.Task", "__class__": {"a": [None, True, 1.5, "x"]}, name: name}

    game.do("a", plain=1).complete(game.people()[0].id, {name: value})

    assert game.facts[name] == value
    assert loads(dumps(game.state)) == game.state
    assert game.do("x").over


@pytest.mark.parametrize("name", ["loopCounter", "who", "items", "n", "done", "out", "numberOfInstances"])
def test_a_field_named_like_the_machinery_of_a_loop_breaks_no_loop(name):
    game = play("s>a>z>e", user("a", several(of="people", each="who", one_by_one=True)), people=["anna", "bea", "ida"])

    for _ in range(3):
        game.complete(game.people()[0].id, {name: 77})

    assert game.waiting == ["z"]


@pytest.mark.parametrize("name", ["loopCounter", "who"])
def test_a_field_named_like_the_machinery_does_not_shift_the_output_of_parallel_instances(name):
    loop = several(of="people", each="who", into="answers", out="answer")
    game = play("s>a>z>e", user("a", loop), people=["anna", "bea"])
    first, second = game.people()

    game.complete(second.id, {"answer": 2, name: 1}).complete(first.id, {"answer": 1, name: 9})

    assert (game.waiting, game.facts["answers"]) == (["z"], [1, 2])


@pytest.mark.parametrize("value", [None, True, 0, -1.5, "", "x" * 10_000, [], {}, [[1], {"a": None}], 2**53])
def test_any_json_value_comes_back_as_it_was(value):
    game = play("s>a>b>e").do("a", x=value)

    assert game.facts["x"] == value
    assert type(game.facts["x"]) is type(value)


def test_a_thrown_message_carries_nothing_that_it_was_not_told_to():
    game = play("s>a>t>z>e", throw("t", on("message", "m"))).do("a", secret="x")

    assert game.carried == [{}]
