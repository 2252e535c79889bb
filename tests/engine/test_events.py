"""Events as BPMN 2.0.2 (10.5, 13.5) says: boundaries, event gateways, event subprocesses, errors, escalations, conditions."""

import pytest

from engine import lint
from tests.engine.draw import boundary, call, catch, draw, end, on, on_event, sub, throw, timer, user, when
from tests.engine.play import Game


def problems(model: bytes) -> list[str]:
    return [each.text for each in lint.check(model) if each.level == "error"]


def play(*pieces: str, **facts: object) -> Game:
    """A model that the lint accepts, started."""
    model = draw(*pieces)
    assert problems(model) == []
    return Game(model, facts=facts)


# -- waiting on the way (13.5.2) ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["P1D", "PT24H", "2026-11-04T08:00:00Z", 'duration("P1D")'])
def test_a_timer_event_waits_for_its_moment(text):
    game = play("s>t>a>e", catch("t", timer(text) if text[0] in "P2" else timer_of(text)))

    assert game.pass_time(hours=23, minutes=59).waiting == []
    assert game.pass_time(minutes=1).waiting == ["a"]


def timer_of(feel: str) -> str:
    return f"<timerEventDefinition><timeDuration>{feel}</timeDuration></timerEventDefinition>"


def test_a_timer_may_depend_on_the_facts():
    game = play("s>u>t>a>e", catch("t", timer_of("wait")))

    assert game.do("u", wait="P2D").pass_time(days=1).waiting == []
    assert game.pass_time(days=1).waiting == ["a"]


def test_a_timer_may_be_a_date_among_the_facts():
    game = play("s>u>t>a>e", catch("t", timer_of("date(day)")))

    assert game.do("u", day="2026-12-01").pass_time(days=27).waiting == []
    assert game.pass_time(days=1).waiting == ["a"]


def test_a_date_that_is_past_is_due_at_once():
    assert play("s>t>a>e", catch("t", timer("2026-01-01T00:00:00Z"))).pass_time(seconds=1).waiting == ["a"]


def test_a_message_event_waits_for_its_message_and_takes_what_it_carries():
    game = play("s>m>a>e", catch("m", on("message", "hello")))

    assert not game.message("goodbye")
    assert game.message("hello", x=1)
    assert (game.waiting, game.facts) == (["a"], {"x": 1})
    assert not game.message("hello")


def test_a_message_goes_to_one_receiver_and_a_signal_to_all():
    two = play("s>and>m>a>e", "and>n>b>e1", catch("m", on("message", "x")), catch("n", on("message", "x")))
    all_ = play("s>and>m>a>e", "and>n>b>e1", catch("m", on("signal", "x")), catch("n", on("signal", "x")))

    two.message("x")
    all_.signal("x")

    assert (two.waiting, all_.waiting) == (["a"], ["a", "b"])
    two.message("x")
    assert two.waiting == ["a", "b"]


def test_a_conditional_event_waits_until_its_condition_becomes_true():
    game = play("s>and>c>a>e", "and>b>d>e1", catch("c", when("x > 2")))

    assert game.do("b", x=1).waiting == ["d"]
    assert game.do("d", x=3).waiting == ["a"]


def test_a_conditional_event_that_is_true_already_does_not_wait():
    assert play("s>u>c>a>e", catch("c", when("x > 2"))).do("u", x=3).waiting == ["a"]


def test_a_throw_event_throws_and_goes_on():
    game = play("s>t>n>v>a>e", throw("t", on("message", "m")), throw("n", on("signal", "n")), throw("v"))

    assert (game.waiting, game.thrown) == (["a"], [("message", "m"), ("signal", "n")])


def test_what_a_message_carries_is_what_its_mappings_name():
    carried = '<extensionElements><approdo:output target="code" expression="number + 1"/></extensionElements>'
    game = play("s>u>t>a>e", throw("t", on("message", "m"), carried)).do("u", number=1, other="x")

    assert game.carried == [{"code": 2}]


def test_a_multiple_event_waits_for_any_of_its_triggers():
    def begun() -> Game:
        return Game(draw("s>c>a>e", catch("c", on("message", "m") + timer("P1D"))))

    game = begun()
    game.message("m")
    assert (game.waiting, game.timers) == (["a"], [])
    assert (begun().pass_time(days=1).waiting, begun().pass_time(days=1).listening) == (["a"], [])


PARALLEL = '<intermediateCatchEvent id="c" parallelMultiple="true">{}</intermediateCatchEvent>'


def test_a_parallel_multiple_event_waits_for_all_of_its_triggers():
    game = Game(draw("s>c>a>e", PARALLEL.format(on("message", "m") + on("message", "n"))))

    game.message("n")
    assert game.waiting == []
    game.message("m")
    assert game.waiting == ["a"]


def test_a_parallel_multiple_event_keeps_what_came_while_it_waits_for_the_rest():
    game = Game(draw("s>c>a>e", PARALLEL.format(on("message", "m") + timer("P1D"))))

    game.pass_time(days=2)
    assert game.waiting == []
    game.message("m")
    assert game.waiting == ["a"]


# -- event gateways (13.4.4) -------------------------------------------------------------------------------------------


def test_several_timers_behind_one_event_gateway_each_keep_their_own_time():
    def begun() -> Game:
        late, soon = catch("late", timer("P10D")), catch("soon", timer("P2D"))
        return play("s>evt>late>a>e", "evt>soon>b>e", "evt>m>c>e", late, soon, catch("m", on("message", "m")))

    game = begun()
    assert game.timers == ["late", "soon"]
    assert game.pass_time(days=1).waiting == []
    assert game.pass_time(days=1).waiting == ["b"]
    assert game.timers == []
    assert begun().pass_time(days=30).waiting == ["b"]


def test_an_event_gateway_in_a_loop_begins_to_count_anew_in_every_pass():
    game = play(
        *("s>xor>evt>t>a>xor1>xor[again = true]", "xor1>e", "evt>m>b>e1"),
        *(catch("t", timer("P2D")), catch("m", on("message", "m"))),
    )

    game.pass_time(days=2).do("a", again=True)
    assert game.pass_time(days=1).waiting == []
    assert game.pass_time(days=1).waiting == ["a"]


@pytest.mark.parametrize("behind", [catch("c", when("x = 1")), catch("c", on("signal", "c"))])
def test_conditions_and_signals_may_follow_an_event_gateway(behind):
    game = play("s>and>evt>c>a>e", "evt>t>b>e1", "and>u>e2", behind, catch("t", timer("P1D")))

    game.do("u", x=1)
    game.signal("c")

    assert (game.waiting, game.timers) == (["a"], [])


def test_a_parallel_multiple_event_behind_an_event_gateway_waits_for_all_or_is_refused():
    model = draw("s>evt>c>a>e", "evt>t>b>e1", PARALLEL.format(on("message", "m") + on("message", "n")), catch("t", timer("P1D")))
    if problems(model):
        return
    game = Game(model)

    game.message("m")

    assert game.waiting == []


# -- boundary events (13.5.3) ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["P1D", "2026-11-04T08:00:00Z"])
def test_an_interrupting_timer_takes_the_task_away(text):
    game = play("s>a>e", "t>late>e1", boundary("t", "a", timer(text)))

    assert game.pass_time(days=1).waiting == ["late"]
    assert game.do("late").over


def test_a_non_interrupting_timer_comes_beside_the_task_once():
    game = play("s>a>e", "t>late>e1", boundary("t", "a", timer("P1D"), interrupting=False))

    assert game.pass_time(days=1).waiting == ["a", "late"]
    assert game.pass_time(days=9).waiting == ["a", "late"]
    assert game.do("a").waiting == ["late"]


def test_a_completed_task_takes_its_timers_with_it():
    game = play("s>a>b>e", "t>late>e1", "r>nag>e2", boundary("t", "a", timer("P1D")), boundary("r", "a", timer("R/P1D"), interrupting=False))

    assert game.do("a").timers == []
    assert game.pass_time(days=9).waiting == ["b"]


def test_an_interrupting_cycle_interrupts_the_first_time_it_fires():
    game = play("s>a>e", "t>late>e1", boundary("t", "a", timer("R/P1D")))

    assert game.pass_time(days=5).waiting == ["late"]
    assert game.timers == []


def test_a_non_interrupting_cycle_fires_again_and_again():
    game = play("s>a>e", "t>nag>e1", boundary("t", "a", timer("R/P1D"), interrupting=False))

    assert game.pass_time(days=3).waiting == ["a", "nag", "nag", "nag"]


def test_a_cycle_with_a_number_fires_that_often():
    game = play("s>a>e", "t>nag>e1", boundary("t", "a", timer("R2/P1D"), interrupting=False))

    assert game.pass_time(days=9).waiting == ["a", "nag", "nag"]
    assert game.timers == []


def test_open_reminders_outlive_the_task_that_they_remind_of():
    game = play("s>a>b>e", "t>nag>e1", boundary("t", "a", timer("R/P1D"), interrupting=False)).pass_time(days=1)

    assert game.do("a").waiting == ["b", "nag"]


@pytest.mark.parametrize("kind", ["message", "signal"])
def test_a_non_interrupting_message_or_signal_is_taken_every_time_it_comes(kind):
    game = play("s>a>e", "m>note>e1", boundary("m", "a", on(kind, "m"), interrupting=False))
    send = game.message if kind == "message" else game.signal

    assert send("m")
    assert send("m")
    assert game.waiting == ["a", "note", "note"]
    assert not game.do("a").message("m")


@pytest.mark.parametrize("kind", ["message", "signal"])
def test_an_interrupting_message_or_signal_takes_the_task_away(kind):
    game = play("s>a>e", "m>note>e1", boundary("m", "a", on(kind, "m")))

    (game.message if kind == "message" else game.signal)("m", why=1)

    assert (game.waiting, game.listening, game.facts) == (["note"], [], {"why": 1})


def test_an_interrupting_condition_takes_the_task_away_when_it_becomes_true():
    game = play("s>and>a>e", "c>late>e1", "and>b>d>e2", boundary("c", "a", when("x > 2")))

    assert game.do("b", x=1).waiting == ["a", "d"]
    assert game.do("d", x=3).waiting == ["late"]


def test_a_non_interrupting_condition_comes_each_time_it_becomes_true_and_not_while_it_stays_true():
    game = play("s>and>a>e", "c>note>e1", "and>xor>b>xor1>xor[more = true]", "xor1>e2", boundary("c", "a", when("x > 2"), interrupting=False))

    seen = [game.do("b", x=x, more=True).waiting.count("note") for x in (1, 3, 4, 1, 5)]

    assert seen == [0, 1, 1, 1, 2]


def test_boundary_events_of_a_subprocess_watch_over_everything_inside():
    inner = sub("c", "s1>and1>x>e1", "and1>y>e1")
    game = play("s>c>z>e", "t>late>e2", inner, boundary("t", "c", timer("P1D")))

    assert game.do("x").pass_time(days=1).waiting == ["late"]


def test_several_boundary_events_on_one_task_each_do_their_own():
    game = play(
        *("s>a>e", "t>nag>e1", "m>stop>e2", "n>note>e3"),
        *(boundary("t", "a", timer("P1D"), interrupting=False), boundary("m", "a", on("message", "m"))),
        boundary("n", "a", on("signal", "n"), interrupting=False),
    )

    game.pass_time(days=1).signal("n")
    game.message("m")

    assert (game.waiting, game.timers, game.listening) == (["nag", "note", "stop"], [], [])


def test_a_multiple_boundary_event_is_triggered_by_any_of_its_triggers():
    game = Game(draw("s>a>e", "m>stop>e2", boundary("m", "a", on("message", "m") + timer("P1D"))))

    assert game.pass_time(days=1).waiting == ["stop"]
    assert game.listening == []


def test_a_parallel_multiple_boundary_event_waits_for_all_of_its_triggers_or_is_refused():
    event = boundary("m", "a", on("message", "m") + on("message", "n")).replace(">", ' parallelMultiple="true">', 1)
    model = draw("s>a>e", "m>stop>e2", event)
    if problems(model):
        return
    game = Game(model)

    game.message("m")
    assert game.waiting == ["a"]
    game.message("n")
    assert game.waiting == ["stop"]


# -- errors and escalations (10.5.6) -----------------------------------------------------------------------------------


def test_an_error_end_leaves_the_subprocess_by_the_boundary_of_its_code():
    inner = sub("c", "s1>and1>x>bad", "and1>y>e1", end("bad", on("error", "b")))
    game = play("s>c>z>e", "f>f1>e2", "g>g1>e3", inner, boundary("f", "c", on("error", "a")), boundary("g", "c", on("error", "b")))

    assert game.do("x").waiting == ["g1"]


def test_an_error_goes_out_until_somebody_catches_it():
    inner = sub("c", "s1>d>x1>e1", sub("d", "s2>x>bad", end("bad", on("error", "b"))), "f>f1>e2", boundary("f", "d", on("error", "other")))
    game = play("s>c>z>e", "g>g1>e3", inner, boundary("g", "c", on("error")))

    assert game.do("x").waiting == ["g1"]


def test_the_catcher_of_the_code_goes_before_the_catcher_of_all():
    inner = sub("c", "s1>x>bad", end("bad", on("error", "b")))
    game = play("s>c>z>e", "f>f1>e2", "g>g1>e3", inner, boundary("f", "c", on("error")), boundary("g", "c", on("error", "b")))

    assert game.do("x").waiting == ["g1"]


def test_an_error_that_nobody_catches_fails_the_instance():
    game = play("s>and>x>bad", "and>y>e", end("bad", on("error", "b")))

    assert (game.do("x").over, game.uncaught) == (True, ["b"])


def test_a_non_interrupting_escalation_comes_beside_what_goes_on():
    inner = sub("c", "s1>x>up>y>e1", throw("up", on("escalation", "u")))
    game = play("s>c>z>e", "f>f1>e2", inner, boundary("f", "c", on("escalation", "u"), interrupting=False))

    assert game.do("x").waiting == ["f1", "y"]
    assert game.do("y").waiting == ["f1", "z"]


def test_an_interrupting_escalation_takes_the_subprocess_away():
    inner = sub("c", "s1>and1>x>up>y>e1", "and1>w>e1", throw("up", on("escalation", "u")))
    game = play("s>c>z>e", "f>f1>e2", inner, boundary("f", "c", on("escalation", "u")))

    assert game.do("x").waiting == ["f1"]


def test_an_escalation_that_nobody_catches_changes_nothing():
    game = play("s>x>up>y>e", throw("up", on("escalation", "u")))

    assert (game.do("x").waiting, game.uncaught) == (["y"], [])


def test_an_escalation_end_throws_and_ends_its_own_path_only():
    inner = sub("c", "s1>and1>x>up", "and1>y>e1", end("up", on("escalation", "u")))
    game = play("s>c>z>e", "f>f1>e2", inner, boundary("f", "c", on("escalation", "u"), interrupting=False))

    assert game.do("x").waiting == ["f1", "y"]
    assert game.do("y").waiting == ["f1", "z"]


def test_an_escalation_is_taken_once_by_the_nearest_catcher():
    middle = boundary("f", "d", on("escalation", "u"), interrupting=False)
    inner = sub("c", "s1>d>e1", sub("d", "s2>x>up>y>e2", throw("up", on("escalation", "u"))), "f>f1>e3", middle)
    game = play("s>c>z>e", "g>g1>e4", inner, boundary("g", "c", on("escalation", "u"), interrupting=False))

    assert game.do("x").waiting == ["f1", "y"]


# -- event subprocesses (10.3.5, 13.5.4) -------------------------------------------------------------------------------


def handler(definition: str, *, interrupting: bool) -> str:
    return on_event("h", definition, "help>he", end("he", ""), interrupting=interrupting)


OUTSIDE = {
    "message": (on("message", "m"), lambda game: game.message("m")),
    "signal": (on("signal", "m"), lambda game: game.signal("m")),
    "timer": (timer("P1D"), lambda game: game.pass_time(days=1)),
    "cycle": (timer("R/P1D"), lambda game: game.pass_time(days=1)),
    "condition": (when("x = 1"), lambda game: game.do("b", x=1)),
}


@pytest.mark.parametrize("kind", OUTSIDE)
def test_an_interrupting_event_subprocess_takes_over_the_process(kind):
    definition, happens = OUTSIDE[kind]
    game = play("s>and>a>e", "and>b>d>e1", handler(definition, interrupting=True))

    assert game.waiting == ["a", "b"]
    happens(game)
    assert game.waiting == ["help"]
    assert (game.timers, game.listening) == ([], [])
    assert game.do("help").over


@pytest.mark.parametrize("kind", OUTSIDE)
def test_a_non_interrupting_event_subprocess_comes_beside_the_process(kind):
    definition, happens = OUTSIDE[kind]
    game = play("s>and>a>e", "and>b>d>e1", handler(definition, interrupting=False))

    happens(game)
    assert game.waiting == ["a", *(["d"] if kind == "condition" else ["b"]), "help"]
    assert not game.do("a").do("d" if kind == "condition" else "b").over


@pytest.mark.parametrize("kind", OUTSIDE)
def test_an_event_subprocess_inside_a_subprocess_takes_over_that_subprocess_only(kind):
    definition, happens = OUTSIDE[kind]
    inner = sub("c", "s1>a>e1", handler(definition, interrupting=True))
    game = play("s>and>c>z>e", "and>b>e2", inner)

    assert game.waiting == ["a", "b"]
    happens(game)
    assert game.waiting == [*([] if kind == "condition" else ["b"]), "help"]
    assert game.do("help").waiting == [*([] if kind == "condition" else ["b"]), "z"]


@pytest.mark.parametrize("kind", ["message", "signal"])
def test_a_non_interrupting_event_subprocess_starts_each_time(kind):
    game = play("s>a>e", handler(on(kind, "m"), interrupting=False))
    send = game.message if kind == "message" else game.signal

    send("m", n=1)
    send("m", n=2)

    assert (game.waiting, game.facts) == (["a", "help", "help"], {"n": 2})


def test_a_process_is_not_over_while_its_event_subprocess_runs():
    game = play("s>a>e", handler(on("message", "m"), interrupting=False))
    game.message("m")

    assert not game.do("a").over
    assert game.do("help").over


def test_a_process_does_not_wait_for_an_event_subprocess_that_never_began():
    game = play("s>a>e", handler(timer("P30D"), interrupting=False))

    assert game.do("a").over


def test_an_error_event_subprocess_does_not_run_by_itself():
    assert play("s>a>e", handler(on("error", "b"), interrupting=True)).waiting == ["a"]
    assert play("s>a>e", handler(on("escalation", "b"), interrupting=False)).waiting == ["a"]


def test_an_error_event_subprocess_takes_over_its_scope_and_the_flow_goes_on_behind_it():
    inner = sub("c", "s1>and1>x>bad", "and1>y>e1", end("bad", on("error", "b")), handler(on("error", "b"), interrupting=True))
    game = play("s>c>z>e", inner)

    assert game.do("x").waiting == ["help"]
    assert game.do("help").waiting == ["z"]


def test_the_error_event_subprocess_goes_before_the_boundary_event():
    inner = sub("c", "s1>x>bad", end("bad", on("error", "b")), handler(on("error", "b"), interrupting=True))
    game = play("s>c>z>e", "f>f1>e2", inner, boundary("f", "c", on("error", "b")))

    assert game.do("x").waiting == ["help"]


def test_an_error_inside_an_error_event_subprocess_goes_further_out():
    bad = end("worse", on("error", "b"))
    inner = sub("c", "s1>x>bad", end("bad", on("error", "b")), on_event("h", on("error", "b"), "help>worse", bad))
    game = play("s>c>z>e", "f>f1>e2", inner, boundary("f", "c", on("error", "b")))

    assert game.do("x").do("help").waiting == ["f1"]


@pytest.mark.parametrize("interrupting", [True, False])
def test_an_escalation_event_subprocess_catches_what_its_scope_throws(interrupting):
    inner = sub("c", "s1>x>up>y>e1", throw("up", on("escalation", "u")), handler(on("escalation", "u"), interrupting=interrupting))
    game = play("s>c>z>e", inner)

    assert game.do("x").waiting == (["help"] if interrupting else ["help", "y"])


def test_event_subprocesses_nest():
    inner = on_event("h", on("message", "m"), "help>he", end("he", ""), on_event("h2", on("message", "n"), "more>he2", end("he2", "")))
    game = play("s>a>e", inner)

    assert not game.message("n")
    game.message("m")
    game.message("n")
    assert game.waiting == ["more"]
    assert game.do("more").over


def test_a_second_event_subprocess_does_not_listen_any_more_once_one_has_interrupted():
    other = on_event("h2", on("message", "n"), "more>he2", end("he2", ""), interrupting=False)
    game = play("s>a>e", handler(on("message", "m"), interrupting=True), other)

    game.message("m")

    assert not game.message("n")
    assert game.waiting == ["help"]


def test_an_event_subprocess_of_the_process_also_interrupts_called_processes():
    game = Game(draw("s>c>e", call("c", "q"), handler(on("message", "m"), interrupting=True)), draw("s>a>e", process="q"))

    game.message("m")

    assert game.waiting == ["help"]


def test_an_event_subprocess_of_a_called_process_listens_while_the_call_runs():
    called = draw("s>a>e", handler(on("message", "m"), interrupting=False), process="q")
    game = Game(draw("s>c>z>e", call("c", "q")), called)

    assert game.message("m")
    assert game.do("a").do("help").waiting == ["z"]
    assert not game.message("m")


def test_a_user_task_named_twice_in_event_subprocess_and_process_is_two_tasks():
    game = play("s>a>e", on_event("h", on("message", "m"), "b>he", end("he", ""), user("b"), interrupting=False))

    game.message("m")

    assert game.waiting == ["a", "b"]
