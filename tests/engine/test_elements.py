"""Each element of BPMN runs as the standard says: tasks, gateways, flows, subprocesses, calls, starts and ends, lanes.

Sections are those of BPMN 2.0.2. Events have test_events.py, repetition test_repeats.py, data test_data.py; what is
refused instead is in test_lint.py.
"""

import itertools

import pytest

from engine import lint
from tests.engine.draw import (
    boundary,
    call,
    catch,
    draw,
    end,
    on,
    receive,
    send,
    service,
    start,
    sub,
    task,
    throw,
    user,
)
from tests.engine.play import Game, failing, program_of


def problems(model: bytes) -> list[str]:
    return [each.text for each in lint.check(model) if each.level == "error"]


def echo(node, facts):
    return {"done_by": node.id}


# -- tasks (13.3.3) ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["userTask", "manualTask", "task"])
def test_a_task_waits_for_a_person(kind):
    game = Game(draw("s>a>b>e", task(kind, "a", group="g")))

    assert game.waiting == ["a"]
    assert game.do("a", x=1).waiting == ["b"]
    assert game.facts == {"x": 1}


def test_a_service_task_runs_its_service_and_keeps_the_answer():
    game = Game(draw("s>k>a>e", service("k", service="echo")), echo=echo)

    assert (game.waiting, game.facts) == (["a"], {"done_by": "k"})


def test_an_error_of_a_service_goes_to_the_boundary_that_catches_its_code():
    model = draw(
        *("s>k>a>e", "any>b>e1", "exact>c>e2", service("k", service="fail")),
        *(boundary("any", "k", on("error")), boundary("exact", "k", on("error", "full"))),
    )

    assert Game(model, fail=failing("full")).waiting == ["c"]
    assert Game(model, fail=failing("other")).waiting == ["b"]


def test_an_error_of_a_service_that_nobody_catches_fails_the_instance():
    game = Game(draw("s>and>k>e", "and>a>e1", service("k", service="fail")), fail=failing("full"))

    assert (game.over, game.uncaught) == (True, ["full"])


def test_a_business_rule_task_keeps_the_result_of_its_decision():
    model = draw("s>d>xor>a[way = 2]>e", "xor>b>e1", task("businessRuleTask", "d", decision="route", result="way"))
    assert problems(model) == []

    game = Game(draw("s>u>d>a>e", task("businessRuleTask", "d", decision="route", result="way")))
    game.desk.decisions["route"] = lambda facts: facts["r"] + 1

    assert game.do("u", r=1).facts == {"r": 1, "way": 2}


def test_a_send_task_throws_its_message_and_goes_on():
    game = Game(draw("s>k>a>e", send("k", "hello")))

    assert (game.waiting, game.thrown) == (["a"], [("message", "hello")])


def test_a_receive_task_waits_for_its_message_only():
    game = Game(draw("s>w>a>e", receive("w", "answer")))

    assert game.listening == ["w"]
    assert not game.message("something else")
    assert game.message("answer", said="yes")
    assert (game.waiting, game.facts) == (["a"], {"said": "yes"})


# -- flows (13.2, 13.3.2) ----------------------------------------------------------------------------------------------


def test_two_flows_out_of_a_task_are_both_taken():
    assert Game(draw("s>a>b>e", "a>c>e1")).do("a").waiting == ["b", "c"]


def test_two_flows_into_a_task_run_it_once_for_each_token():
    game = Game(draw("s>and>a>c>e", "and>b>c"))

    assert game.do("a").do("b").waiting == ["c", "c"]


@pytest.mark.parametrize(("x", "expected"), [(1, ["b"]), (2, ["c"]), (3, ["b", "c"]), (0, ["d"])])
def test_conditional_flows_out_of_a_task_are_taken_when_true_and_the_default_when_none_is(x, expected):
    both = user("a", default="a__d")
    model = draw("s>a>b[x = 1 or x = 3]>e", "a>c[x >= 2]>e1", "a>d>e2", both)

    assert problems(model) == []
    assert Game(model).do("a", x=x).waiting == expected


def test_an_unconditional_flow_beside_a_conditional_one_is_always_taken():
    model = draw("s>a>b[x = 1]>e", "a>c>e1")

    assert Game(model).do("a", x=2).waiting == ["c"]
    assert Game(model).do("a", x=1).waiting == ["b", "c"]


@pytest.mark.parametrize("element", [catch("m", on("message", "m")), receive("m", "m")])
def test_two_flows_out_of_a_catching_element_are_both_taken(element):
    game = Game(draw("s>m>b>e", "m>c>e1", element))

    game.message("m")

    assert game.waiting == ["b", "c"]


def test_two_flows_out_of_a_start_event_are_both_taken():
    assert Game(draw("s>b>e", "s>c>e1")).waiting == ["b", "c"]


# -- starts and ends (10.5.2, 10.5.3, 13.5.1) --------------------------------------------------------------------------


def test_without_a_start_event_everything_that_nothing_leads_to_begins():
    model = draw("a>e", "b>e")

    assert problems(model) == []
    assert Game(model).waiting == ["a", "b"]


def test_without_an_end_event_a_path_ends_with_its_last_task():
    game = Game(draw("s>a>b"))

    assert game.do("a").do("b").over


def test_a_path_may_stop_without_an_end_event_beside_one_that_has_one():
    model = draw("s>a>e", "s>b")

    assert problems(model) == []
    assert Game(model).do("b").waiting == ["a"]


def test_an_instance_ends_when_its_last_token_does_and_not_before():
    game = Game(draw("s>and>a>e", "and>b>e1"))

    assert not game.do("a").over
    assert game.do("b").over


def test_a_terminate_end_ends_everything_at_once():
    game = Game(draw("s>and>a>t", "and>b>e", sub("c", "s1>d>e1"), "and>c>e", end("t", on("terminate"))))

    assert game.waiting == ["a", "b", "d"]
    assert game.do("a").over


def test_a_terminate_end_in_a_subprocess_ends_only_the_subprocess():
    inner = sub("c", "s1>and1>x>t", "and1>y>e1", end("t", on("terminate")))
    game = Game(draw("s>and>a>e", "and>c>z>e2", inner))

    assert game.do("x").waiting == ["a", "z"]


def test_a_message_end_throws_its_message():
    game = Game(draw("s>a>m", end("m", on("message", "bye"))))

    assert game.do("a").over
    assert game.thrown == [("message", "bye")]


def test_a_signal_end_throws_its_signal_to_the_rest_of_the_instance_too():
    game = Game(draw("s>and>a>n", "and>c>b>e", end("n", on("signal", "now")), catch("c", on("signal", "now"))))

    assert game.do("a").waiting == ["b"]
    assert game.thrown == [("signal", "now")]


def test_a_process_begins_at_the_start_event_without_a_trigger():
    model = draw("s>a>e", "m>b>e", start("m", on("message", "come")))

    assert problems(model) == []
    assert Game(model).waiting == ["a"]


# -- gateways (13.4) ---------------------------------------------------------------------------------------------------


def test_an_exclusive_gateway_takes_the_first_true_way_and_only_that():
    model = draw("s>u>xor>a[x > 1]>e", "xor>b[x > 0]>e", "xor>c>e")

    assert [Game(model).do("u", x=x).waiting for x in (2, 1, 0)] == [["a"], ["b"], ["c"]]


def test_a_condition_that_is_null_or_no_truth_value_counts_as_false():
    model = draw("s>u>xor>a[x]>e", "xor>b>e")

    assert [Game(model).do("u", x=x).waiting for x in (True, None, 1, "true", "yes")] == [["a"], *[["b"]] * 4]
    assert Game(model).do("u").waiting == ["b"]


def test_an_exclusive_gateway_may_merge_and_split_at_once():
    game = Game(draw("s>xor>a[r > 0]>xor", "xor>b>e"), facts={"r": 2})

    assert game.do("a", r=1).waiting == ["a"]
    assert game.do("a", r=0).waiting == ["b"]


def test_a_parallel_join_waits_for_one_token_from_each_side():
    game = Game(draw("s>and>a>and1>z>e", "and>b>and1", "and>c>and1"))

    assert game.do("b").do("a").waiting == ["c"]
    assert game.do("c").waiting == ["z"]


def test_a_parallel_gateway_may_join_and_split_at_once():
    game = Game(draw("s>and>a>and1>x>e", "and>b>and1>y>e"))

    assert game.do("a").do("b").waiting == ["x", "y"]


def test_a_parallel_join_does_not_take_two_tokens_of_one_side_for_two_sides():
    game = Game(draw("s>and>a>and1>z>e", "and>b>and1", "s>a"))

    assert game.waiting == ["a", "a", "b"]
    assert game.do("a").do("a").waiting == ["b"]
    assert game.do("b").waiting == ["z"]
    assert not game.do("z").over  # the second token of that side still waits


@pytest.mark.parametrize("first", ["".join(p) for p in itertools.permutations("abc")])
def test_a_parallel_join_in_a_loop_waits_in_every_pass(first):
    game = Game(draw("s>xor>and>a>and1>z>xor1>xor[again = true]", "and>b>and1", "and>c>and1", "xor1>e"))
    for step in first:
        game.do(step)
    game.do("z", again=True)

    assert game.do("c").waiting == ["a", "b"]
    assert game.do("b").waiting == ["a"]
    assert game.do("a").waiting == ["z"]
    assert game.do("z", again=False).over


@pytest.mark.parametrize("order", ["ab", "ba"])
def test_an_inclusive_join_in_a_loop_waits_for_the_chosen_branches_in_every_pass(order):
    model = draw("s>q>xor>or>a[x > 0]>or1>z>xor1>xor[again = true]", "or>b[x > 1]>or1", "or>c>or1", "xor1>e")
    game = Game(model).do("q", x=2)
    for step in order:
        game.do(step)

    assert game.waiting == ["z"]
    assert game.do("z", again=True, x=2).waiting == ["a", "b"]
    assert game.do(order[1]).waiting == [order[0]]
    assert game.do(order[0]).waiting == ["z"]
    assert game.do("z", again=True, x=0).waiting == ["c"]
    assert game.do("c").waiting == ["z"]
    assert game.do("z", again=False).over


def test_an_inclusive_join_does_not_wait_for_a_token_that_can_no_longer_come():
    game = Game(draw("s>u>or>a[x = 1]>or1>z>e", "or>b[x > 0]>xor>or1", "or>d>or1", "xor>e1[out = true]"))
    game.do("u", x=1).do("a")

    assert game.waiting == ["b"]
    assert game.do("b", out=True).waiting == ["z"]


def test_an_inclusive_join_waits_for_a_branch_that_may_come_in_by_a_boundary_event():
    game = Game(
        draw("s>and>a>or1>z>e", "and>b>e1", "m>or1", boundary("m", "b", on("message", "m"), interrupting=False))
    )

    assert game.do("a").waiting == ["b"]
    assert game.do("b").waiting == ["z"]


def test_an_inclusive_join_looks_at_its_own_subprocess_only():
    inner = sub("c", "s1>u>or1>x[r = 1]>or2>y>e1", "or1>w>or2")
    game = Game(draw("s>and>a>and1>e", "and>c>and1", inner))

    assert game.do("u", r=1).do("x").waiting == ["a", "y"]


def test_an_event_gateway_goes_the_way_of_the_first_event_and_forgets_the_others():
    game = Game(
        draw(
            *("s>evt>yes>a>e", "evt>no>b>e", "evt>w>c>e", catch("yes", on("message", "yes"))),
            *(catch("no", on("signal", "no")), receive("w", "word")),
        )
    )

    assert game.listening == ["no", "w", "yes"]
    game.signal("no", why="x")
    assert (game.waiting, game.listening, game.facts) == (["b"], [], {"why": "x"})
    assert not game.message("yes")


def test_an_event_gateway_may_be_left_by_a_receive_task():
    game = Game(draw("s>evt>no>b>e", "evt>w>c>e", catch("no", on("signal", "no")), receive("w", "word")))

    game.message("word", said=1)

    assert (game.waiting, game.facts) == (["c"], {"said": 1})


# -- subprocesses (13.3.4) ---------------------------------------------------------------------------------------------


def test_a_subprocess_is_done_when_everything_inside_is():
    game = Game(draw("s>c>z>e", sub("c", "s1>and1>a>e1", "and1>b>e1")))

    assert game.do("a").waiting == ["b"]
    assert game.do("b").waiting == ["z"]


def test_a_subprocess_without_start_and_end_events_runs_everything_inside():
    model = draw("s>c>z>e", '<subProcess id="c"><task id="a" approdo:group="g"/><task id="b" approdo:group="g"/></subProcess>')

    assert problems(model) == []
    assert Game(model).waiting == ["a", "b"]
    assert Game(model).do("a").do("b").waiting == ["z"]


def test_subprocesses_nest():
    game = Game(draw("s>c>z>e", sub("c", "s1>d>y>e1", sub("d", "s2>f>x>e2", sub("f", "s3>w>e3")))))

    assert [game.do(step).waiting for step in "wxy"] == [["x"], ["y"], ["z"]]


def test_two_tokens_run_a_subprocess_twice_side_by_side():
    game = Game(draw("s>and>c>z>e", "and>c", sub("c", "s1>a>b>e1")))

    assert game.waiting == ["a", "a"]
    assert game.do("a").do("b").waiting == ["a", "z"]


def test_a_cancel_end_leaves_the_transaction_by_its_cancel_boundary():
    inner = sub("t", "s1>and1>a>no", "and1>b>e1", end("no", on("cancel")), kind="transaction")
    game = Game(draw("s>t>z>e", "c>undo>e2", inner, boundary("c", "t", on("cancel"))))

    assert game.do("a").waiting == ["undo"]


def test_a_transaction_without_cancel_is_a_subprocess():
    inner = sub("t", "s1>a>xor1>no[x = 1]", "xor1>e1", end("no", on("cancel")), kind="transaction")
    model = draw("s>t>z>e", "c>undo>e2", inner, boundary("c", "t", on("cancel")))

    assert Game(model).do("a", x=2).waiting == ["z"]
    assert Game(model).do("a", x=1).waiting == ["undo"]


# -- call activities (13.3.4) ------------------------------------------------------------------------------------------


def test_a_call_activity_runs_the_called_process_and_comes_back():
    game = Game(draw("s>c>z>e", call("c", "q")), draw("s>a>e", process="q"))

    assert game.waiting == ["a"]
    assert game.do("a").waiting == ["z"]


def test_an_error_of_a_called_process_goes_to_the_boundary_of_the_call():
    called = draw("s>a>bad", "s>b>e", end("bad", on("error", "full")), process="q")
    game = Game(draw("s>c>z>e", "f>y>e1", call("c", "q"), boundary("f", "c", on("error", "full"))), called)

    assert game.do("a").waiting == ["y"]


def test_an_escalation_of_a_called_process_goes_to_the_boundary_of_the_call():
    called = draw("s>a>up>b>e", throw("up", on("escalation", "look")), process="q")
    outer = draw(
        *("s>c>z>e", "f>y>e1", call("c", "q")),
        boundary("f", "c", on("escalation", "look"), interrupting=False),
    )

    assert Game(outer, called).do("a").waiting == ["b", "y"]


def test_a_terminate_end_of_a_called_process_ends_the_call_only():
    called = draw("s>a>t", "s>b>e", end("t", on("terminate")), process="q")
    game = Game(draw("s>and>c>z>e", "and>x>e1", call("c", "q")), called)

    assert game.do("a").waiting == ["x", "z"]


def test_a_boundary_event_of_a_call_takes_the_called_process_away():
    outer = draw("s>c>z>e", "m>y>e1", call("c", "q"), boundary("m", "c", on("message", "stop")))
    game = Game(outer, draw("s>a>e", process="q"))

    game.message("stop")

    assert game.waiting == ["y"]


# -- links (10.5.5) ----------------------------------------------------------------------------------------------------


def test_a_link_goes_on_where_its_name_is_caught():
    model = draw(
        *("s>a>l1", "s>b>l2", "l3>z>e", throw("l1", '<linkEventDefinition name="there"/>')),
        *(throw("l2", '<linkEventDefinition name="there"/>'), catch("l3", '<linkEventDefinition name="there"/>')),
    )

    assert problems(model) == []
    assert Game(model).do("a").waiting == ["b", "z"]
    assert Game(model).do("a").do("b").waiting == ["z", "z"]


def test_links_of_the_same_name_in_two_subprocesses_do_not_meet():
    def inner(name: str, n: int) -> str:
        link = '<linkEventDefinition name="there"/>'
        return sub(name, f"s{n}>a{n}>t{n}", f"l{n}>z{n}>e{n}", throw(f"t{n}", link), catch(f"l{n}", link))

    model = draw("s>and>c>e", "and>d>e", inner("c", 1), inner("d", 2))

    assert problems(model) == []
    assert Game(model).do("a1").waiting == ["a2", "z1"]


# -- lanes -------------------------------------------------------------------------------------------------------------


def lanes(inner: str) -> str:
    return (
        '<laneSet id="ls"><lane id="l1" name="Operatrici" approdo:group="workers"><flowNodeRef>a</flowNodeRef>'
        f"<flowNodeRef>b</flowNodeRef><flowNodeRef>c</flowNodeRef>{inner}</lane></laneSet>"
    )


def test_a_task_belongs_to_the_group_of_its_innermost_lane():
    inner = (
        '<childLaneSet id="cl"><lane id="l2" approdo:group="seniors"><flowNodeRef>b</flowNodeRef></lane></childLaneSet>'
    )
    bare = [f'<userTask id="{name}"/>' for name in "ab"]

    nodes = program_of(draw("s>a>b>e", *bare, lanes(inner))).nodes

    assert (nodes["a"].group, nodes["b"].group) == ("workers", "seniors")


def test_a_task_in_a_subprocess_belongs_to_the_lane_of_the_subprocess():
    inner = '<subProcess id="c"><userTask id="x"/></subProcess>'

    assert program_of(draw("s>c>e", inner, lanes(""))).nodes["x"].group == "workers"


def test_a_group_of_its_own_goes_before_the_lane():
    assert program_of(draw("s>a>e", user("a", group="own"), lanes(""))).nodes["a"].group == "own"
