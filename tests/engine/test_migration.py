"""Moving running instances on a real database: what stays, what is written, what is refused, and back again."""

from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import select

from core import log
from core.errors import AlreadyDone, WrongOrder
from engine import directed, handing, history, incidents, instances, messages, migration
from engine.directed import Wanted
from engine.game.move import Obstacle
from engine.migration import MAPPING, REFUSED, SAFE, CannotMove, Move
from engine.tables import Definition, Instance, Step, UserTask
from tests.engine.draw import boundary, call, receive, service, timer, user
from tests.engine.office import at, do, get, publish, subscriptions, task_of, timers, transaction, verbs, waiting

pytestmark = pytest.mark.usefixtures("database", "time")


def start(db, *pieces: str, key: str = "C-1", **facts: Any) -> Instance:
    publish(db, *pieces)
    return instances.start(db, "p", key, "torino", facts, by="u_anna")


def versions(db) -> list[Definition]:
    return list(db.scalars(select(Definition).where(Definition.process_id == "p").order_by(Definition.version)))


def look(db, mapping: Mapping[str, str] | None = None) -> list[tuple[str, list[str]]]:
    """The plan from the first version to the last, in words."""
    first, *_, last = versions(db)
    plan = migration.plan(db, first.id, last.id, mapping)
    return [(each.verdict, [o.sentence % o.params for o in each.obstacles]) for each in plan]


def move(db, mapping: Mapping[str, str] | None = None, **which: Any) -> list[Move]:
    first, *_, last = versions(db)
    ids = [each.instance_id for each in migration.plan(db, first.id, last.id, mapping)]
    asked = migration.ask(db, first.id, last.id, mapping or {}, ids, by="u_coord")
    return [migration.apply(db, each.id, by="u_coord") for each in asked]


def test_a_plan_says_for_each_instance_what_a_move_would_be(db):
    start(db, "s>a>e")
    instances.start(db, "p", "C-2", "torino", {}, by="u_anna")
    publish(db, "s>a>b>e")
    first, last = versions(db)

    plan = migration.plan(db, first.id, last.id)

    assert sorted((each.business_key, each.verdict) for each in plan) == [("C-1", SAFE), ("C-2", SAFE)]
    assert migration.counts(db, "p") == {first.id: 2}


def test_a_task_keeps_its_id_assignee_and_day_to_look_again_and_takes_the_new_name_group_and_form(db):
    instance = start(db, "s>a>e", user("a", form="sheet", name="Colloquio", due="P5D"))
    task = task_of(db, "a")
    held = instances.hold(db, task.id)
    instances.assign(db, held, "u_bruno", by="u_anna")
    handing.follow_up(db, held, at("2026-08-01T00:00").date(), by="u_anna")
    before = task.id, task.due_at, task.created_at
    publish(db, "s>b>e", user("b", group="local_desk", form="other", name="Primo colloquio", due="P90D"))

    move(db, {"a": "b"})
    db.flush()
    db.refresh(task)

    assert (task.id, task.due_at, task.created_at) == before
    assert (task.assignee, task.given_by, task.follow_up_on) == ("u_bruno", "u_anna", at("2026-08-01T00:00").date())
    assert (task.element, task.name, task.group, task.form) == ("b", "Primo colloquio", "local_desk", "other")
    assert get(db, instance.id).definition_id == versions(db)[1].id
    do(db, "b")
    assert get(db, instance.id).status == "ended"


def test_a_step_added_by_hand_keeps_the_group_the_words_and_the_date_that_a_colleague_chose(db):
    publish(db, "s>a>e", user("a", name="A mano", due="P1D"))
    wanted = Wanted("richiama", "Richiama la persona", "local_desk", "P4", at("2026-08-12T23:59"), "colleague")
    task = directed.add(db, "p", "C-1", "torino", wanted, "0" * 32, {}, stream="C-1", by="u_anna")
    step = db.get_one(Step, task.id)
    publish(db, "s>a>e", user("a", name="Aggiunto", group="shelter", due="P1D", form="other"))

    def told() -> Any:
        db.flush()
        db.expire_all()
        return task.name, task.group, task.phase, task.due_at, task.due_source, step.name, step.due_at

    before = told()
    (moved,) = move(db)

    assert told() == before
    assert (task.form, step.definition_id) == ("other", versions(db)[1].id)
    migration.undo(db, moved.id, by="u_coord")
    assert told() == before
    assert task.form is None


@pytest.mark.parametrize(("due", "law"), [("P9D", None), ("P5D", "law T19")])
def test_a_date_that_stays_does_not_say_that_the_law_of_the_new_version_set_it(db, due, law):
    start(db, "s>a>e", user("a", due="P5D"))
    task = task_of(db, "a")
    before = task.due_at
    publish(db, "s>a>e", user("a", due=due, **{"approdo:dueSource": "law T19"}))
    (moved,) = move(db)

    assert (task.due_at, task.due_source) == (before, law)
    migration.undo(db, moved.id, by="u_coord")
    assert (task.due_at, task.due_source) == (before, None)


def test_a_timer_keeps_its_row_and_its_due_time(db):
    start(db, "s>a>e", boundary("t", "a", timer("P30D")), "t>late>e1")
    (before,) = [(row.id, row.due_at) for row in timers(db)]
    publish(db, "s>a>b>e", boundary("u", "a", timer("P60D")), "u>late>e1")

    move(db, {"t": "u"})

    db.expire_all()
    assert [(row.id, row.due_at, row.element) for row in timers(db)] == [(*before, "u")]


def test_a_new_boundary_event_gets_a_row_and_one_that_is_gone_loses_it(db, time):
    start(db, "s>a>e", boundary("t", "a", timer("P30D")), "t>late>e1")
    publish(db, "s>a>e", boundary("u", "a", timer("P2D")), "u>soon>e1")

    move(db)

    assert [(row.element, row.due_at) for row in timers(db)] == [("u", at("2026-07-23T09:00"))]


def test_a_message_that_is_kept_reaches_who_waits_for_it_by_a_move(db):
    instance = start(db, "s>x>e", receive("x", "m"))
    messages.leave(db, "k", "C-1", {})
    publish(db, "s>x>e", receive("x", "k"))

    move(db)

    assert subscriptions(db) == ["k"]
    assert instances.due(db, at("2026-07-21T09:00"))
    assert instance.status == "open"


def test_the_log_names_both_versions_and_who_moved_it():
    with transaction() as db:
        start(db, "s>a>e")
        publish(db, "s>a>b>e")
        move(db)

    with transaction() as db:
        line = log.lines(db, stream="C-1")[0]
        assert log.verify(db) == []
    assert (line.verb, line.actor, line.facts["old"], line.facts["new"]) == ("instance.moved", "u_coord", 1, 2)


def test_the_history_keeps_the_steps_and_shows_the_move(db, time):
    instance = start(db, "s>a>b>e")
    do(db, "a")
    publish(db, "s>a>c>e")
    time.forward(days=1)

    move(db, {"b": "c"})

    _, new = versions(db)
    told = {(step.element, step.definition_id == new.id, step.outcome) for step in history.steps(db, instance.id)}
    assert {("a", False, "done"), ("b", False, "moved"), ("c", True, None)} <= told
    open_step = db.get(Step, task_of(db, "c").id)
    assert open_step.started_at == at("2026-07-21T09:00")
    marks = {mark.element: mark.state for mark in history.marks(db, instance.id, new.id)}
    assert (marks["a"], marks["c"]) == ("done", "active")


def test_an_instance_that_called_the_process_moves_in_the_called_part_only(db):
    publish(db, "s>a>e")
    publish(db, "s>and>x>and1>e", "and>own>and1", call("x", "p"), process="outer")
    outer = instances.start(db, "outer", "C-1", "torino", {}, by="u_anna")
    called = get(db, outer.id).definition_id
    publish(db, "s>a>b>e")

    assert look(db) == [(SAFE, [])]
    move(db)

    assert get(db, outer.id).definition_id == called
    do(db, "a")
    assert waiting(db) == ["b", "own"]
    do(db, "b")
    do(db, "own")
    assert get(db, outer.id).status == "ended"


def test_a_gone_step_needs_a_mapping_and_with_it_is_safe(db):
    start(db, "s>a>e", user("a", name="Colloquio"))
    publish(db, "s>b>e")
    first, last = versions(db)

    assert look(db) == [
        (MAPPING, ["«Colloquio» è in corso e nella nuova versione non c'è più: scegli il passo in cui continua"])
    ]
    (question,) = migration.questions(db, first.id, last.id, migration.plan(db, first.id, last.id), {})
    assert [node.id for node in question.choices] == ["b"]
    assert look(db, {"a": "b"}) == [(SAFE, [])]


def test_a_branch_nobody_walks_is_refused_and_the_instance_stays_as_it_was(db):
    instance = start(db, "s>and>a>and1>e", "and>b>and1")
    do(db, "a")
    before = get(db, instance.id).state
    publish(db, "s>and>a>and1>e", "and>b>and1", "and>c>and1")
    first, last = versions(db)

    assert [verdict for verdict, _ in look(db)] == [REFUSED]
    (asked,) = migration.ask(db, first.id, last.id, {}, [instance.id], by="u_coord")
    with pytest.raises(CannotMove):
        migration.apply(db, asked.id, by="u_coord")

    assert get(db, instance.id).state == before


def test_a_damaged_state_is_refused(db):
    instance = start(db, "s>a>e")
    instance.check = "00000000"
    publish(db, "s>a>b>e")

    assert look(db) == [(REFUSED, ["il suo stato salvato è danneggiato"])]


def parked(db, *pieces: str) -> Instance:
    instance = start(db, *pieces)
    (row,) = timers(db)
    for _ in range(3):
        incidents.failed(db, row.id, "guasto di prova")
    db.flush()
    return instance


def test_what_an_incident_gave_up_can_be_tried_again_on_the_new_version(db, time):
    parked(db, "s>a>e", boundary("t", "a", timer("PT1H")), "t>x>late>e1", service("x", service="test_break"))
    publish(db, "s>a>e", boundary("t", "a", timer("PT1H")), "t>late>e1")

    move(db)
    (incident,) = incidents.open_incidents(db)
    time.forward(hours=2)
    incidents.retry(db, incident.id, "il modello è corretto", by="u_coord")
    instances.fire(db, str(incident.parked))

    assert waiting(db) == ["late"]


def test_a_move_that_would_lose_what_an_incident_gave_up_is_refused(db):
    parked(db, "s>a>e", boundary("t", "a", timer("PT1H")), "t>late>e1")
    publish(db, "s>a>b>e")

    ((verdict, sentences),) = look(db)

    assert verdict == REFUSED
    assert "prima va chiusa" in sentences[0]


def test_only_versions_of_one_process_can_follow_each_other(db):
    start(db, "s>a>e")
    other = publish(db, "s>a>b>e", process="q")
    (first,) = versions(db)

    for target in (other.id, first.id):
        with pytest.raises(WrongOrder):
            migration.plan(db, first.id, target)


def test_a_mapping_to_what_is_not_there_is_refused(db):
    start(db, "s>a>e")
    publish(db, "s>b>e")
    first, last = versions(db)

    with pytest.raises(WrongOrder):
        migration.plan(db, first.id, last.id, {"a": "nowhere"})


def test_a_row_is_applied_once(db):
    start(db, "s>a>e")
    publish(db, "s>a>b>e")
    (moved,) = move(db)

    with pytest.raises(AlreadyDone):
        migration.apply(db, moved.id, by="u_coord")


def test_an_instance_that_waits_in_the_queue_is_not_queued_twice(db):
    instance = start(db, "s>a>e")
    publish(db, "s>a>b>e")
    first, last = versions(db)

    assert len(migration.ask(db, first.id, last.id, {}, [instance.id], by="u_coord")) == 1
    assert migration.ask(db, first.id, last.id, {}, [instance.id], by="u_dora") == []


def test_who_ended_meanwhile_is_not_moved(db):
    instance = start(db, "s>a>e")
    publish(db, "s>a>b>e")
    first, last = versions(db)
    (asked,) = migration.ask(db, first.id, last.id, {}, [instance.id], by="u_coord")
    do(db, "a")

    with pytest.raises(CannotMove, match="finito"):
        migration.apply(db, asked.id, by="u_coord")


# -- back --------------------------------------------------------------------------------------------------------------


def test_an_undone_move_leaves_rows_and_state_as_they_were(db):
    instance = start(db, "s>and>a>and1>e", "and>b>and1", boundary("t", "a", timer("P5D")), "t>late>e1")
    first = versions(db)[0]

    def rows() -> Any:
        db.expire_all()
        of_tasks = [{c.name: getattr(row, c.key) for c in UserTask.__table__.columns} for row in db.scalars(select(UserTask).order_by(UserTask.id))]
        of_timers = [(row.id, row.due_at, row.element) for row in timers(db)]
        return get(db, instance.id).state, get(db, instance.id).definition_id, of_tasks, of_timers

    before = rows()
    publish(db, "s>and>a>x>and1>e", "and>c>and1")
    (moved,) = move(db, {"b": "c"})
    assert rows() != before

    migration.undo(db, moved.id, by="u_dora")

    assert rows() == before
    assert (moved.status, moved.undone_by) == ("undone", "u_dora")
    assert db.get(Step, task_of(db, "b").id).definition_id == first.id


def test_a_move_and_its_undoing_are_told():
    with transaction() as db:
        start(db, "s>a>e")
        publish(db, "s>a>b>e")
        (moved,) = move(db)
        migration.undo(db, moved.id, by="u_dora")

    with transaction() as db:
        assert verbs(db)[-2:] == ["instance.moved", "instance.moved_back"]


def test_an_undo_is_refused_when_the_case_stands_where_the_old_version_has_nothing(db):
    start(db, "s>a>e")
    publish(db, "s>a>b>e", user("b", name="Nuovo passo"))
    (moved,) = move(db)
    do(db, "a")

    with pytest.raises(CannotMove, match="Nuovo passo"):
        migration.undo(db, moved.id, by="u_coord")


def test_an_undo_is_refused_after_thirty_days(db, time):
    start(db, "s>a>e")
    publish(db, "s>a>b>e")
    (moved,) = move(db)
    time.forward(days=31)

    with pytest.raises(WrongOrder, match="trenta giorni"):
        migration.undo(db, moved.id, by="u_coord")


def test_an_undo_works_when_what_happened_since_is_known_to_the_old_version(db):
    start(db, "s>a>c>e")
    publish(db, "s>a>b>c>e")
    (moved,) = move(db)
    do(db, "a")
    do(db, "b")

    migration.undo(db, moved.id, by="u_coord")

    assert waiting(db) == ["c"]
    instance = do(db, "c")
    assert instance.status == "ended"


def test_an_undo_leaves_a_step_that_both_versions_have_where_it_is(db):
    """The old step a goes on in c, which the old version has too; the case has come to c by itself since."""
    start(db, "s>f>a>c>e")
    publish(db, "s>f>c>e")
    (moved,) = move(db, {"a": "c"})
    do(db, "f")
    migration.undo(db, moved.id, by="u_coord")

    assert waiting(db) == ["c"]


def test_an_undo_does_not_guess_which_of_two_steps_that_became_one_it_was(db):
    start(db, "s>f>a>b>e")
    publish(db, "s>f>ab>e", user("ab", name="Insieme"))
    (moved,) = move(db, {"a": "ab", "b": "ab"})
    do(db, "f")

    with pytest.raises(CannotMove, match="Insieme"):
        migration.undo(db, moved.id, by="u_coord")


def test_a_move_after_a_move_can_only_be_undone_from_the_last(db):
    start(db, "s>a>e")
    publish(db, "s>a>b>e")
    (one,) = move(db)
    second = versions(db)[1]
    publish(db, "s>a>b>c>e")
    third = versions(db)[2]
    (asked,) = migration.ask(db, second.id, third.id, {}, [one.instance_id], by="u_coord")
    two = migration.apply(db, asked.id, by="u_coord")

    with pytest.raises(CannotMove):
        migration.undo(db, one.id, by="u_coord")
    migration.undo(db, two.id, by="u_coord")
    migration.undo(db, one.id, by="u_coord")

    assert get(db, one.instance_id).definition_id == versions(db)[0].id


def test_a_first_move_is_not_undone_while_a_later_one_stands(db, time):
    """There, back and there again: what was before the first move is not what a move back should take up."""
    start(db, "s>a>c>e")
    publish(db, "s>x>y>e")
    (first, last), done = versions(db), list[Move]()
    for old, new, mapping in ((first, last, {"a": "x"}), (last, first, {"x": "c"}), (first, last, {"c": "y"})):
        time.forward(days=1)
        (asked,) = migration.ask(db, old.id, new.id, mapping, migration.running(db, old.id), by="u_coord")
        done.append(migration.apply(db, asked.id, by="u_coord"))

    with pytest.raises(CannotMove, match="prima si annulla quello"):
        migration.undo(db, done[0].id, by="u_coord")
    assert waiting(db) == ["y"]
    for each in reversed(done):
        migration.undo(db, each.id, by="u_coord")
    assert waiting(db) == ["a"]


def called_twice(db, *outer: str) -> Move:
    """A case that calls p at x and at y; what waits at x is moved to a version with one step and one timer more."""
    publish(db, "s>a>e")
    publish(db, *outer, call("x", "p"), call("y", "p"), process="outer")
    instances.start(db, "outer", "C-1", "torino", {}, by="u_anna")
    nag = boundary("late", "a", timer("P1D"), interrupting=False)
    publish(db, "s>a>safety>e", nag, "late>nag>e2", user("safety"))
    (moved,) = move(db)
    return moved


def test_an_undo_leaves_a_process_that_was_called_later_on_its_version(db):
    moved = called_twice(db, "s>x>y>e")
    do(db, "a")
    do(db, "safety")
    assert waiting(db) == ["a"]

    with pytest.raises(CannotMove, match="già su un'altra versione"):
        migration.undo(db, moved.id, by="u_coord")
    assert [each.element for each in timers(db)] == ["late"]
    do(db, "a")
    assert waiting(db) == ["safety"]


def test_an_undo_takes_back_what_was_moved_and_nothing_beside_it(db):
    moved = called_twice(db, "s>and>x>e", "and>w>y>e2")
    do(db, "w")
    assert waiting(db) == ["a", "a"]

    migration.undo(db, moved.id, by="u_coord")

    first, last = versions(db)
    assert sorted(migration.counts(db, "p").items()) == sorted([(first.id, 1), (last.id, 1)])
    assert [each.element for each in timers(db)] == ["late"]


def test_an_obstacle_without_a_place_is_said_too():
    assert "finito" in str(CannotMove(Obstacle("", migration.OVER)))
