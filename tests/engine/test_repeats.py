"""Doing an activity several times (BPMN 2.0.2, 10.3.8, 13.3.6, 13.3.7), and loops that go on for years."""

import pytest

from engine import lint
from engine.game.env import Fault
from engine.game.state import dumps
from tests.engine.draw import again, boundary, call, draw, end, mapped, on, receive, service, several, sub, timer, user
from tests.engine.play import Game


def problems(model: bytes) -> list[str]:
    return [each.text for each in lint.check(model) if each.level == "error"]


def play(*pieces: str, **facts: object) -> Game:
    """A model that the lint accepts, started."""
    model = draw(*pieces)
    assert problems(model) == []
    return Game(model, facts=facts)


# -- multi-instance (13.3.7) -------------------------------------------------------------------------------------------


def test_a_parallel_multi_instance_task_waits_for_all_of_its_instances():
    game = play("s>a>z>e", user("a", several("3")))

    assert game.waiting == ["a", "a", "a"]
    assert game.do("a").do("a").waiting == ["a"]
    assert game.do("a").waiting == ["z"]


def test_a_sequential_multi_instance_task_comes_one_after_the_other():
    game = play("s>a>z>e", user("a", several("3", one_by_one=True)))

    assert [game.waiting, game.do("a").waiting, game.do("a").waiting, game.do("a").waiting] == [["a"], ["a"], ["a"], ["z"]]


@pytest.mark.parametrize("one_by_one", [True, False])
def test_zero_instances_are_no_instances(one_by_one):
    assert play("s>u>a>z>e", user("a", several("n", one_by_one=one_by_one))).do("u", n=0).waiting == ["z"]


def test_the_number_of_instances_is_taken_when_the_activity_begins():
    game = play("s>u>a>z>e", user("a", several("n + 1", one_by_one=True))).do("u", n=1)

    assert game.do("a", n=5).waiting == ["a"]
    assert game.do("a").waiting == ["z"]


def test_each_instance_sees_its_element_of_the_collection():
    game = play("s>u>a>z>e", user("a", several(of="people", each="who", one_by_one=True))).do("u", people=["anna", "bea"])

    assert game.seen_by("a")["who"] == "anna"
    assert game.do("a").seen_by("a")["who"] == "bea"
    assert "who" not in game.do("a").facts


def test_each_instance_gives_its_output_to_the_collection_in_order_of_the_instances():
    several_ = several(of="people", each="who", into="answers", out="answer")
    game = play("s>u>a>z>e", user("a", several_)).do("u", people=["anna", "bea"])
    first, second = game.people()

    game.complete(second.id, {"answer": 2}).complete(first.id, {"answer": 1})

    assert game.waiting == ["z"]
    assert game.facts["answers"] == [1, 2]


@pytest.mark.parametrize("one_by_one", [True, False])
def test_the_completion_condition_ends_the_instances_that_are_left(one_by_one):
    game = play("s>a>z>e", user("a", several("5", one_by_one=one_by_one, until="found = true")))

    assert set(game.do("a", found=False).waiting) == {"a"}
    assert game.do("a", found=True).waiting == ["z"]


@pytest.mark.parametrize(
    "until",
    [
        "numberOfCompletedInstances >= 2",
        "numberOfCompletedInstances / numberOfInstances >= 0.5",
        "numberOfActiveInstances <= 2",
        "numberOfInstances - numberOfActiveInstances = 2",
        "numberOfTerminatedInstances = 0 and numberOfCompletedInstances = 2",
    ],
)
def test_the_completion_condition_may_use_the_counts_of_the_standard(until):
    game = play("s>a>z>e", user("a", several("4", until=until)))

    assert game.do("a").waiting == ["a", "a", "a"]
    assert game.do("a").waiting == ["z"]


@pytest.mark.parametrize("one_by_one", [True, False])
def test_a_multi_instance_subprocess_runs_everything_inside_each_time(one_by_one):
    game = play("s>c>z>e", sub("c", "s1>x>y>e1", inside=several("2", one_by_one=one_by_one)))

    assert game.waiting == (["x"] if one_by_one else ["x", "x"])
    game.do("x").do("y")
    assert game.waiting == ["x"]
    assert game.do("x").do("y").waiting == ["z"]


def test_instances_keep_their_data_to_themselves_until_they_end():
    game = play("s>c>z>e", sub("c", "s1>x>y>e1", inside=several("2")))
    first, second = game.people()

    game.complete(first.id, {"n": 1}).complete(second.id, {"n": 2})

    assert sorted(game.run.facts(token.scope)["n"] for token in game.people()) == [1, 2]
    assert "n" not in game.facts
    game.do("y")
    assert game.facts["n"] == 1


def test_a_terminate_end_in_one_instance_ends_that_instance_only():
    inner = sub("c", "s1>and1>x>t", "and1>y>e1", end("t", on("terminate")), inside=several("2"))
    game = play("s>c>z>e", inner)

    assert game.do("x").waiting == ["x", "y"]
    assert game.do("x").waiting == ["z"]


def test_an_error_in_one_instance_leaves_the_whole_activity():
    inner = sub("c", "s1>x>bad", end("bad", on("error", "b")), inside=several("3"))
    game = play("s>c>z>e", "f>f1>e1", inner, boundary("f", "c", on("error", "b")))

    assert game.do("x").waiting == ["f1"]


@pytest.mark.parametrize("one_by_one", [True, False])
def test_a_boundary_event_of_a_multi_instance_activity_takes_all_instances_away(one_by_one):
    game = play("s>a>z>e", "t>late>e1", user("a", several("3", one_by_one=one_by_one)), boundary("t", "a", timer("P1D")))

    assert game.timers == ["t"]
    assert game.do("a").pass_time(days=1).waiting == ["late"]


def test_a_boundary_event_inside_a_multi_instance_subprocess_belongs_to_one_instance():
    inner = sub("c", "s1>x>e1", "t>late>e1", boundary("t", "x", timer("P1D")), inside=several("2"))
    game = play("s>c>z>e", inner)

    assert game.timers == ["t", "t"]
    assert game.do("x").timers == ["t"]
    assert game.pass_time(days=1).waiting == ["late"]
    assert game.do("late").waiting == ["z"]


def test_a_service_runs_for_each_instance():
    seen = []
    model = draw("s>k>z>e", service("k", several(of="people", each="who"), service="note"))

    game = Game(model, facts={"people": ["anna", "bea"]}, note=lambda node, facts: seen.append(facts["who"]))

    assert (game.waiting, seen) == (["z"], ["anna", "bea"])


def test_a_receive_task_for_several_messages_goes_on_when_all_have_come():
    game = play("s>w>z>e", receive("w", "paper", several("2")))

    assert game.listening == ["w", "w"]
    game.message("paper", x=1)
    assert (game.waiting, game.listening) == ([], ["w"])
    game.message("paper", y=2)
    assert (game.waiting, game.facts) == (["z"], {"x": 1, "y": 2})
    assert game.do("z").over


def test_a_receive_task_may_wait_for_messages_one_after_the_other():
    game = play("s>w>z>e", receive("w", "paper", several("2", one_by_one=True)))

    game.message("paper")
    assert (game.waiting, game.listening) == ([], ["w"])
    game.message("paper")
    assert game.waiting == ["z"]


def test_a_call_activity_may_run_for_each_element():
    outer = draw("s>c>z>e", call("c", "q", several(of="people", each="who", into="out", out="mark")))
    game = Game(outer, draw("s>a>e", process="q"), facts={"people": ["anna", "bea"]})

    assert sorted(game.run.facts(token.scope)["who"] for token in game.people()) == ["anna", "bea"]
    first, second = game.people()
    game.complete(second.id, {"mark": 2}).complete(first.id, {"mark": 1})
    assert (game.waiting, game.facts["out"]) == (["z"], [1, 2])


def test_a_multi_instance_activity_may_be_reached_by_two_tokens():
    game = play("s>and>a>z>e", "and>a", user("a", several("2")))

    assert game.waiting == ["a"] * 4
    first = game.people()
    game.complete(first[0].id, {}).complete(first[1].id, {})
    assert game.waiting == ["a", "a", "z"]


def test_a_skipped_instance_counts_as_done():
    game = play("s>a>z>e", user("a", several("2")))

    game.skip(game.people()[0].id)

    assert game.do("a").waiting == ["z"]


@pytest.mark.parametrize("number", [-1, 201, 10_000_000, 1.5, "x", None])
def test_a_number_of_instances_that_makes_no_sense_stops_the_step_with_a_sentence(number):
    game = play("s>u>a>z>e", user("a", several("n")))

    with pytest.raises(Fault, match="ripetizioni"):
        game.do("u", n=number)


def test_two_hundred_instances_of_a_small_subprocess_are_not_too_many():
    model = draw("s>u>c>z>e", sub("c", "s1>k1>k2>e1", service("k1", service="ok"), service("k2", service="ok"), inside=several("n")))
    assert problems(model) == []
    game = Game(model, ok=lambda node, facts: None)

    assert game.do("u", n=200).waiting == ["z"]


# -- standard loops (13.3.6) -------------------------------------------------------------------------------------------


def test_a_standard_loop_goes_on_while_its_condition_is_true():
    game = play("s>a>z>e", user("a", again("more = true")))

    assert game.do("a", more=True).waiting == ["a"]
    assert game.do("a", more=True).waiting == ["a"]
    assert game.do("a", more=False).waiting == ["z"]


def test_a_loop_that_tests_before_may_run_no_time_at_all():
    model = ("s>u>a>z>e", user("a", again("more = true", before=True)))

    assert play(*model).do("u", more=False).waiting == ["z"]
    assert play(*model).do("u", more=True).waiting == ["a"]
    assert play(*model).do("u", more=True).do("a", more=True).do("a", more=False).waiting == ["z"]


def test_a_loop_ends_at_its_maximum():
    game = play("s>a>z>e", user("a", again("true", most="3")))

    assert game.do("a").do("a").waiting == ["a"]
    assert game.do("a").waiting == ["z"]


def test_a_loop_with_a_maximum_only_runs_that_often():
    assert play("s>a>z>e", user("a", again(most="2"))).do("a").do("a").waiting == ["z"]


def test_the_loop_counter_counts_the_passes_from_one():
    game = play("s>a>z>e", user("a", again("loopCounter < 3")))

    assert game.seen_by("a")["loopCounter"] == 1
    assert game.do("a").seen_by("a")["loopCounter"] == 2
    assert game.do("a").do("a").waiting == ["z"]
    assert "loopCounter" not in game.facts


def test_a_loop_over_a_subprocess_runs_everything_inside_again():
    game = play("s>c>z>e", sub("c", "s1>x>y>e1", inside=again("more = true")))

    assert game.do("x").do("y", more=True).waiting == ["x"]
    assert game.do("x").do("y", more=False).waiting == ["z"]


def test_what_a_standard_loop_writes_is_seen_at_once():
    game = play("s>and>c>e", "and>b>xor>right[n = 1]>e1", "xor>wrong>e1", sub("c", "s1>x>y>e2", inside=again("more = true")))

    assert game.do("x", n=1).do("b").waiting == ["right", "y"]


def test_what_a_standard_loop_wrote_is_kept_when_it_is_interrupted():
    inner = sub("c", "s1>x>y>e1", inside=again("more = true"))
    game = play("s>c>z>e", "m>late>e2", inner, boundary("m", "c", on("message", "stop")))

    game.do("x", n=1).message("stop")

    assert game.seen_by("late") == {"n": 1}


def test_the_boundary_timer_of_a_loop_runs_over_all_passes():
    game = play("s>a>z>e", "t>late>e1", user("a", again("true")), boundary("t", "a", timer("P2D")))

    game.pass_time(days=1)
    assert game.do("a").pass_time(days=1).waiting == ["late"]


def test_a_transaction_that_repeats_can_be_cancelled():
    inner = sub("t", "s1>a>xor1>no[x = 1]", "xor1>e1", end("no", on("cancel")), kind="transaction", inside=several("2"))
    model = draw("s>t>z>e", "c>undo>e2", inner, boundary("c", "t", on("cancel")))
    if problems(model):
        return

    assert Game(model).do("a", x=1).waiting == ["undo"]
    assert Game(model).do("a", x=2).do("a", x=2).waiting == ["z"]


# -- years (threats R21) -----------------------------------------------------------------------------------------------


def test_ten_thousand_passes_of_a_loop_leave_the_state_as_small_as_it_was():
    game = play("s>xor>a>xor1>xor[again = true]", "xor1>e")
    sizes = set()

    for _ in range(10_000):
        game.do("a", again=True)
        sizes.add(len(dumps(game.state)) - len(str(game.state.last)) - 3 * len(str(game.people()[0].id)))

    assert game.waiting == ["a"]
    assert max(sizes) - min(sizes) < 10
    assert max(sizes) < 400
    assert game.do("a", again=False).over


def test_ten_thousand_passes_in_one_branch_of_a_parallel_block_still_meet_the_other():
    game = play("s>and>xor>a>xor1>xor[again = true]", "xor1>and1>z>e", "and>b>and1")

    for _ in range(10_000):
        game.do("a", again=True)

    assert len(dumps(game.state)) < 600
    assert game.waiting == ["a", "b"]
    assert game.do("a", again=False).do("b").waiting == ["z"]


def test_a_thousand_passes_with_joins_and_timers_inside_leave_nothing_behind():
    pieces = (
        *("s>xor>or>a[x > 0]>or1>z>xor1>xor[again = true]", "or>b[x > 1]>or1", "or>c>or1", "xor1>e", "t>nag>e1"),
        boundary("t", "a", timer("R/PT24H"), interrupting=False),
    )
    game = play(*pieces, x=2)

    for _ in range(1000):
        game.pass_time(days=1).do("nag").do("a").do("b").do("z", again=True)

    assert game.waiting == ["a", "b"]
    assert game.timers == ["t"]
    assert len(dumps(game.state)) < 900


def test_twelve_parallel_blocks_in_a_row_simply_run():
    blocks = [path for n in range(12) for path in (f"g{n}>and{2 * n}>a{n}>and{2 * n + 1}>g{n + 1}", f"and{2 * n}>b{n}>and{2 * n + 1}")]
    game = play("s>g0", *blocks, "g12>e")

    for n in range(12):
        game.do(f"g{n}").do(f"a{n}").do(f"b{n}")

    assert game.do("g12").over


def test_a_row_of_automatic_steps_as_long_as_a_model_may_be_simply_runs():
    path = ">".join(f"k{n}" for n in range(390))
    model = draw(f"s>{path}>z>e", *(service(f"k{n}", service="ok") for n in range(390)))
    assert problems(model) == []

    assert Game(model, ok=lambda node, facts: None).waiting == ["z"]


def test_a_loop_that_never_waits_is_stopped_with_a_sentence():
    model = draw("s>u>c>xor>c[again = true]", "xor>z>e", sub("c", "s1>k>e1", service("k", service="ok")))
    game = Game(model, ok=lambda node, facts: None)

    with pytest.raises(Fault, match="gira su sé stesso senza mai fermarsi"):
        game.do("u", again=True)


def test_output_mappings_apply_in_every_instance():
    game = play("s>a>z>e", user("a", several("2", one_by_one=True) + mapped(("total", "total + given"))), total=1)

    assert game.do("a", given=2).do("a", given=3).facts["total"] == 6
