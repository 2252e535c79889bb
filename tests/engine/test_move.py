"""Moving a game in memory to another version of its model: what stays, what is new, what stands against it."""

from collections.abc import Mapping

from engine.game.move import Mover, Obstacle
from engine.game.run import Run
from engine.game.state import dumps, loads
from tests.engine.draw import (
    boundary,
    call,
    draw,
    on,
    on_event,
    receive,
    several,
    sub,
    timer,
    user,
    when,
)
from tests.engine.play import Game, program_of


class Moved(Game):
    """A game that can go on with another drawing."""

    def look(self, *pieces: str, mapping: Mapping[str, str] | None = None) -> list[Obstacle]:
        """What stands against a move to this drawing; the move is made where nothing does."""
        self.desk.programs["new"] = program_of(draw(*pieces))
        run = Run(loads(dumps(self.state)), self.desk)
        mover = Mover(run, "p", "new", mapping or {})
        found = mover.obstacles() or mover.move()
        if not found:
            self.earlier, self.state = self.state, run.state
        return found

    def back(self, mapping: Mapping[str, str] | None = None) -> list[Obstacle]:
        run = Run(loads(dumps(self.state)), self.desk)
        mover = Mover(run, "new", "p", {new: old for old, new in (mapping or {}).items()}, self.earlier)
        found = mover.obstacles() or mover.move()
        if not found:
            self.state = run.state
        return found


def game(*pieces: str, **facts) -> Moved:
    return Moved(draw(*pieces), facts=facts)


def said(obstacles: list[Obstacle]) -> list[str]:
    return [each.sentence % each.params for each in obstacles]


def test_a_step_added_behind_the_present_one_is_done_after_it():
    played = game("s>a>e")

    assert played.look("s>a>b>e") == []
    assert played.do("a").waiting == ["b"]


def test_a_task_keeps_its_key_whatever_it_is_called_now():
    played = game("s>a>e")
    key = played.people()[0].key

    assert played.look("s>b>e", mapping={"a": "b"}) == []
    assert [(token.node, token.key) for token in played.people()] == [("b", key)]


def test_a_step_that_is_gone_asks_for_another_one_of_its_kind():
    played = game("s>a>e")

    (obstacle,) = played.look("s>b>e")

    assert (obstacle.element, obstacle.can_be_mapped) == ("a", True)
    assert said([obstacle]) == ["«a» è in corso e nella nuova versione non c'è più: scegli il passo in cui continua"]


def test_a_step_that_is_gone_without_another_of_its_kind_is_refused():
    played = game("s>x>e", receive("x", "m"))

    (obstacle,) = played.look("s>a>e")

    assert not obstacle.can_be_mapped


def test_a_timer_keeps_its_due_time_though_its_text_changed():
    old = ("s>a>e", boundary("t", "a", timer("P30D")), "t>late>e1")
    played = game(*old)
    due = [armed.due for _, armed in played.armed()]
    played.pass_time(days=20)

    assert played.look("s>a>e", boundary("t", "a", timer("P60D")), "t>late>e1") == []
    assert [armed.due for _, armed in played.armed()] == due
    assert played.pass_time(days=10).waiting == ["late"]


def test_a_new_boundary_event_on_the_present_step_listens_from_now_on():
    played = game("s>a>e")
    played.pass_time(days=3)

    assert played.look("s>a>e", boundary("t", "a", timer("P2D")), "t>late>e1") == []
    assert played.pass_time(days=1).waiting == ["a"]
    assert played.pass_time(days=1).waiting == ["late"]


def test_a_boundary_event_that_is_gone_listens_no_more_and_a_move_back_takes_it_up_with_its_due_time():
    played = game("s>a>e", boundary("t", "a", timer("P5D")), "t>late>e1")
    played.pass_time(days=1)

    assert played.look("s>a>e") == []
    assert played.timers == []
    played.pass_time(days=1)
    assert played.back() == []
    assert played.pass_time(days=2, hours=23).waiting == ["a"]
    assert played.pass_time(hours=1).waiting == ["late"]


def test_a_reminder_that_has_come_does_not_come_again_by_a_move():
    reminder = boundary("t", "a", timer("P5D"), interrupting=False)
    played = game("s>a>e", reminder, "t>late>e1")
    played.pass_time(days=6)

    assert played.look("s>a>b>e", reminder, "t>late>e1") == []
    assert (played.timers, played.waiting) == ([], ["a", "late"])


def test_a_message_that_is_awaited_is_still_awaited():
    played = game("s>x>e", receive("x", "m"))

    assert played.look("s>x>b>e", receive("x", "m")) == []
    assert played.message("m")
    assert played.waiting == ["b"]


def test_a_message_of_another_name_is_awaited_instead():
    played = game("s>x>e", receive("x", "m"))

    assert played.look("s>x>e", receive("x", "other")) == []
    assert not played.message("m")
    assert played.message("other")


def test_an_event_gateway_awaits_what_the_new_drawing_names():
    played = game("s>evt>x>e", "evt>y>e1", receive("x", "m"), receive("y", "n"))

    assert played.look("s>evt>x>e", "evt>z>late>e1", receive("x", "m"), receive("z", "k")) == []
    assert played.listening == ["x", "z"]
    assert played.message("k")
    assert played.waiting == ["late"]


def test_a_subprocess_goes_on_inside_and_behind():
    played = game("s>x>e", sub("x", "s1>a>e1"))

    assert played.look("s>x>after>e", sub("x", "s1>a>b>e1")) == []
    assert played.do("a").waiting == ["b"]
    assert played.do("b").waiting == ["after"]


def test_a_step_that_moved_into_a_subprocess_is_refused():
    played = game("s>a>e")

    assert said(played.look("s>x>e", sub("x", "s1>a>e1"))) == [
        "«a» è in corso e nella nuova versione si trova in un'altra parte del percorso"
    ]


def test_an_event_subprocess_that_is_new_listens_from_now_on():
    played = game("s>a>e")

    assert played.look("s>a>e", on_event("h", on("message", "m"), "b>e2", interrupting=False)) == []
    assert played.message("m")
    assert "b" in played.waiting


def test_a_repetition_goes_on_with_what_is_left():
    played = game("s>a>e", user("a", several("3")))
    played.do("a")

    assert played.look("s>a>b>e", user("a", several("3"))) == []
    assert played.do("a").do("a").waiting == ["b"]


def test_a_repetition_that_became_a_single_step_is_refused():
    played = game("s>a>e", user("a", several("3")))

    assert said(played.look("s>a>e")) == ["«a» è in corso e nella nuova versione si ripete in modo diverso"]


def test_a_single_step_that_became_a_repetition_is_refused():
    played = game("s>a>e")

    assert said(played.look("s>a>e", user("a", several("3")))) == [
        "«a» è in corso e nella nuova versione si ripete in modo diverso"
    ]


def test_a_branch_added_while_another_waits_at_the_join_is_refused():
    played = game("s>and>a>and1>e", "and>b>and1")
    played.do("a")

    (obstacle,) = played.look("s>and>a>and1>e", "and>b>and1", "and>c>and1")

    assert "attenderebbe per sempre" in obstacle.sentence


def test_a_branch_added_while_the_others_are_still_on_their_way_is_refused_too():
    played = game("s>and>a>and1>e", "and>b>and1")

    assert "attenderebbe per sempre" in played.look("s>and>a>and1>e", "and>b>and1", "and>c>and1")[0].sentence


def test_a_branch_added_before_anybody_set_out_is_walked():
    played = game("s>first>and>a>and1>e", "and>b>and1")

    assert played.look("s>first>and>a>and1>e", "and>b>and1", "and>c>and1") == []
    assert played.do("first").waiting == ["a", "b", "c"]


def test_a_step_put_before_a_join_at_which_somebody_waits_changes_nothing_for_him():
    played = game("s>and>a>and1>e", "and>b>and1")
    played.do("a")

    assert played.look("s>and>a>x>and1>after>e", "and>b>and1") == []
    assert played.do("b").waiting == ["after"]


def test_a_branch_that_is_gone_and_goes_on_in_the_one_beside_it_would_meet_itself():
    played = game("s>and>a>and1>e", "and>b>and1", "and>c>and1")

    (obstacle,) = played.look("s>and>a>and1>e", "and>b>x>and1", mapping={"c": "x"})

    assert "per la stessa strada" in obstacle.sentence


def test_a_join_that_would_be_complete_by_the_move_is_refused():
    played = game("s>and>a>and1>e", "and>b>and1", "and>c>and1")
    played.do("a").do("b")

    (obstacle,) = played.look("s>and>a>and1>x>e", "and>b>and1", mapping={"c": "x"})

    assert "andrebbe avanti da solo" in obstacle.sentence


def test_a_condition_that_is_true_already_is_not_set_free_by_the_move():
    played = game("s>a>e", n=1)

    (obstacle,) = played.look("s>a>e", boundary("t", "a", when("n = 1")), "t>late>e1")

    assert "andrebbe avanti da solo" in obstacle.sentence


def test_a_new_timer_that_cannot_be_counted_is_an_obstacle():
    played = game("s>a>e")

    (obstacle,) = played.look("s>a>e", boundary("t", "a", timer("nobody knows")), "t>late>e1")

    assert obstacle.sentence


def test_a_task_keeps_its_due_time_and_one_without_gets_the_new_one():
    played = game("s>and>a>e", "and>b>e1", user("a", due="P10D"))
    due = {token.node: token.due for token in played.people()}

    assert played.look("s>and>a>e", "and>b>e1", user("a", due="P90D"), user("b", due="P1D")) == []
    now = {token.node: token.due for token in played.people()}
    assert (due["b"], now["a"]) == (None, due["a"])
    assert now["b"]


def test_a_called_process_goes_on_when_its_caller_moves():
    inner = draw("s>inside>e", process="q")
    played = Moved(draw("s>x>e", call("x", "q")), inner)

    assert played.look("s>x>after>e", call("x", "q")) == []
    assert played.do("inside").waiting == ["after"]


def test_a_call_that_calls_another_process_is_refused():
    played = Moved(draw("s>x>e", call("x", "q")), draw("s>inside>e", process="q"))
    played.desk.programs["other"] = program_of(draw("s>inside>e", process="other"))

    assert said(played.look("s>x>e", call("x", "other"))) == [
        "«x» è in corso e nella nuova versione richiama un altro percorso"
    ]


def test_a_loop_that_is_drawn_longer_goes_round_by_the_new_way():
    played = game("s>xor>a>xor1>e", "xor1>xor[r = 1]")
    played.do("a", r=1)

    assert played.look("s>xor>a>b>xor1>e", "xor1>xor[r = 1]") == []
    assert played.do("a", r=1).do("b").waiting == ["a"]


def test_a_move_there_and_back_leaves_the_state_as_it_was():
    played = game("s>and>a>and1>e", "and>b>and1", boundary("t", "a", timer("P5D")), "t>late>e1", user("b", due="P1D"))
    before = dumps(played.state)

    assert played.look("s>and>a>x>and1>e", "and>c>and1", mapping={"b": "c"}) == []
    assert played.back({"b": "c"}) == []
    assert dumps(played.state) == before


def test_what_only_the_new_version_has_cannot_go_back():
    played = game("s>a>e")
    played.look("s>a>b>e")
    played.do("a")

    (obstacle,) = played.back()

    assert obstacle.element == "b"
