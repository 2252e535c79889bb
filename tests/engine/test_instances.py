"""Running instances on a real database: start, complete, skip, assign, hand over, cancel, and what is written of it."""

import pytest
from sqlalchemy import func, select

from core import log
from core.errors import AlreadyDone, InvalidModel, NotYours
from engine import history, instances, registry, runs
from engine.incidents import open_incidents, park_stuck
from engine.tables import Definition, Step, Subscription, Timer, UserTask
from tests.engine import office
from tests.engine.draw import (
    again,
    boundary,
    call,
    draw,
    end,
    on,
    on_event,
    receive,
    service,
    several,
    start,
    sub,
    timer,
    user,
)
from tests.engine.office import at, begin, begun, do, get, task_of, tasks, transaction, verbs, waiting

pytestmark = pytest.mark.usefixtures("database", "time")


# -- starting ----------------------------------------------------------------------------------------------------------


def test_a_started_instance_waits_in_the_inbox_of_its_tenant_and_group(db):
    instance = begin(db, "s>a>e", user("a", group="case_manager", form="sheet", phase="P4", name="Colloquio"), n=1)

    (task,) = tasks(db)
    assert (task.instance_id, task.business_key, task.tenant) == (instance.id, "C-1", "torino")
    assert (task.group, task.form, task.phase, task.name) == ("case_manager", "sheet", "P4", "Colloquio")
    assert (task.assignee, task.due_at, task.created_at) == (None, None, at("2026-07-21T09:00"))
    assert instances.process_facts(instance) == {"n": 1}


def test_a_task_is_due_when_its_model_says(db):
    begin(db, "s>and>a>e", "and>b>e1", "and>c>e2", user("a", due="PT48H"), user("b", due="2026-10-04"), user("c", due="day"), day="2026-08-01")

    assert [task.due_at for task in tasks(db)] == [at("2026-07-23T09:00"), at("2026-10-04T23:59"), at("2026-08-01T23:59")]


def test_a_start_and_its_log_line_go_together():
    begun("s>a>e")

    with transaction() as db:
        assert verbs(db) == ["instance.started"]
        assert log.verify(db) == []


def test_an_instance_may_log_to_another_stream_than_its_business_key(db):
    office.publish(db, "s>a>e")
    instances.start(db, "p", "UM-7Q2K", "torino", {}, stream="contact:UM-7Q2K", by="u_anna")

    assert get(db, tasks(db)[0].instance_id).stream == "contact:UM-7Q2K"


def test_a_process_that_is_not_published_cannot_be_started(db):
    with pytest.raises(NotYours):
        instances.start(db, "nowhere", "C-1", "torino", {}, by="u_anna")


def test_an_instance_may_start_at_a_message(db):
    office.publish(db, "s>a>e", "m>b>e1", start("m", on("message", "come")))

    instances.start(db, "p", "C-1", "torino", {}, event="m", by="u_anna")

    assert waiting(db) == ["b"]


def test_an_instance_that_needs_nobody_ends_at_once(db):
    instance = begin(db, "s>k>e", service("k", service="test_note"), n=7)

    assert (instance.status, instance.ended_at) == ("ended", at("2026-07-21T09:00"))


def test_a_model_with_findings_is_not_published(db):
    with pytest.raises(InvalidModel) as caught:
        registry.publish(db, draw("s>a>e", service("k")), by="u_coord")

    assert caught.value.findings


# -- completing --------------------------------------------------------------------------------------------------------


def test_completing_a_task_goes_on_and_keeps_the_facts():
    name = begun("s>a>b>e")
    with transaction() as db:
        do(db, "a", answer="yes", day="2026-08-01", number=3)

    with transaction() as db:
        assert waiting(db) == ["b"]
        assert instances.process_facts(get(db, name)) == {"answer": "yes", "day": "2026-08-01", "number": 3}
        assert verbs(db) == ["instance.started", "task.completed"]


def test_the_last_task_ends_the_instance_and_leaves_no_waits(db):
    instance = begin(db, "s>a>e", "t>b>e1", boundary("t", "a", timer("P1D"), interrupting=False))

    do(db, "a")

    assert (instance.status, instance.ended_at) == ("ended", at("2026-07-21T09:00"))
    for table in (UserTask, Timer, Subscription):
        assert db.scalar(select(func.count()).select_from(table)) == 0


def test_a_second_completion_is_told_who_was_faster_and_when(time):
    begun("s>a>b>e")
    time.at("2026-07-21 10:32")
    with transaction() as db:
        task_id = task_of(db, "a").id
        instances.complete(db, task_id, {}, by="u_bea")

    time.at("2026-07-21 11:00")
    with transaction() as db, pytest.raises(AlreadyDone) as caught:
        instances.complete(db, task_id, {"late": True}, by="u_anna")

    assert str(caught.value) == "Già completata da u_bea alle 10:32."
    with transaction() as db:
        assert waiting(db) == ["b"]
        assert verbs(db).count("task.completed") == 1


@pytest.mark.parametrize("verb", ["complete", "skip", "assign"])
def test_a_task_that_does_not_exist_is_nobodys(db, verb):
    begin(db, "s>a>e")

    with pytest.raises(NotYours):
        {
            "complete": lambda: instances.complete(db, "0" * 32, {}, by="u_anna"),
            "skip": lambda: instances.skip(db, "0" * 32, "x", by="u_anna"),
            "assign": lambda: instances.assign(db, "0" * 32, "u_bea", by="u_anna"),
        }[verb]()


def test_a_service_is_told_where_it_is_called_and_cannot_change_the_facts(db):
    office.seen.clear()
    instance = begin(db, "s>k>m>a>e", service("k", service="test_note"), service("m", service="test_meddle"), n=7)

    (told,) = office.seen
    assert (told.business_key, told.tenant, told.instance_id, told.element, told.by) == ("C-1", "torino", instance.id, "k", "u_anna")
    assert told.db is db
    assert instances.process_facts(instance) == {"n": 7, "noted": 7}


def test_a_fault_in_a_service_leaves_everything_as_it_was():
    name = begun("s>a>k>b>e", service("k", service="test_break"))
    with transaction() as db:
        version = get(db, name).version
    with pytest.raises(RuntimeError), transaction() as db:
        do(db, "a", answer=1)

    with transaction() as db:
        assert waiting(db) == ["a"]
        assert instances.process_facts(get(db, name)) == {}
        assert verbs(db) == ["instance.started"]
        assert get(db, name).version == version
        do(db, "a", broken=False)
        assert waiting(db) == ["b"]


def test_a_situation_that_the_model_has_no_answer_for_is_said_and_nothing_is_changed():
    name = begun("s>a>b>e", user("b", several("n")))
    with pytest.raises(runs.ModelFault) as caught, transaction() as db:
        do(db, "a", n="molti")

    assert (caught.value.instance_id, caught.value.element) == (name, "b")
    assert "non è un numero" in str(caught.value)
    with transaction() as db:
        assert waiting(db) == ["a"]
        assert verbs(db) == ["instance.started"]


def test_a_loop_that_never_waits_is_said_and_nothing_is_changed():
    nobody = user("x", several("0"))  # the lint sees a person's task; that nobody has it shows when it runs
    begun("s>u>c>z>e", sub("c", "s1>x>e1", nobody, inside=again("more = true")))

    with pytest.raises(runs.ModelFault, match="senza mai fermarsi"), transaction() as db:
        do(db, "u", more=True)
    with transaction() as db:
        assert waiting(db) == ["u"]
        assert verbs(db) == ["instance.started"]


def test_a_bpmn_error_that_nobody_catches_fails_the_instance_and_tells_the_coordinator(db):
    instance = begin(db, "s>a>k>e", service("k", service="test_refuse"))

    do(db, "a")

    assert instance.status == "failed"
    (incident,) = open_incidents(db)
    assert (incident.element, incident.business_key, incident.tenant) == ("k", "C-1", "torino")
    assert "«full»" in incident.words


def test_what_a_service_says_with_its_error_is_kept(db):
    instance = begin(db, "s>a>k>e", "x>b>e1", service("k", service="test_refuse"), boundary("x", "k", on("error", "full")))

    do(db, "a")

    assert waiting(db) == ["b"]
    assert instances.process_facts(instance) == {"free": 0}


@pytest.mark.parametrize("name", ["typename", "__class__", "Start", "id", "state", "%(x)s"])
def test_a_field_of_any_name_is_harmless(name):
    begun("s>a>b>e")
    with transaction() as db:
        instances.complete(db, task_of(db, "a").id, {name: {"typename": "x"}}, by="u_anna")

    with transaction() as db:
        assert do(db, "b").status == "ended"


# -- the other verbs ---------------------------------------------------------------------------------------------------


def test_a_skipped_task_is_left_with_its_reason_in_the_log(db):
    begin(db, "s>a>b>e")

    instances.skip(db, task_of(db, "a").id, "la persona non è venuta", by="u_coord")

    assert waiting(db) == ["b"]
    db.flush()
    step = db.scalar(select(Step).where(Step.element == "a"))
    assert (step.outcome, step.by) == ("skipped", "u_coord")


def test_the_reason_of_a_skip_is_logged():
    begun("s>a>b>e")
    with transaction() as db:
        instances.skip(db, task_of(db, "a").id, "non serve più", by="u_coord")

    with transaction() as db:
        line = db.scalars(select(log.Line).where(log.Line.verb == "task.skipped")).one()
        assert (line.reason, line.actor) == ("non serve più", "u_coord")


def test_a_task_is_assigned_and_released(db):
    begin(db, "s>a>e")

    assert instances.assign(db, task_of(db, "a").id, "u_bea", by="u_coord").assignee == "u_bea"
    assert instances.assign(db, task_of(db, "a").id, None, by="u_bea").assignee is None
    with pytest.raises(NotYours):
        instances.assign(db, "nothing", "u_bea", by="u_coord")


def test_handing_over_moves_open_instances_and_their_tasks_and_releases_them(db):
    one = begin(db, "s>a>b>e")
    other = begin(db, "s>a>b>e", key="C-2")
    instances.assign(db, tasks(db, one.id)[0].id, "u_bea", by="u_coord")

    assert [each.id for each in instances.hand_over(db, "C-1", "milano", by="u_coord")] == [one.id]

    (task,) = tasks(db, one.id)
    db.refresh(task)
    assert (task.tenant, task.assignee) == ("milano", None)
    assert tasks(db, other.id)[0].tenant == "torino"
    instances.complete(db, task.id, {}, by="u_anna")
    assert [each.tenant for each in tasks(db, one.id)] == ["milano"]


def test_a_cancelled_instance_is_over_with_a_reason_and_waits_for_nothing():
    pieces = ("s>c>z>e", "m>y>e1", sub("c", "s1>and1>a>e2", "and1>b>e2"), boundary("m", "c", on("message", "m")))
    name = begun(*pieces)
    with transaction() as db:
        instances.cancel(db, name, "aperto per errore", by="u_coord")

    with transaction() as db:
        assert get(db, name).status == "cancelled"
        assert waiting(db) == []
        assert office.subscriptions(db) == []
        assert verbs(db) == ["instance.started", "instance.cancelled"]
        assert {step.outcome for step in history.steps(db, name) if step.element in "ab"} == {"cancelled"}
        assert open_incidents(db) == []
        with pytest.raises(NotYours):
            instances.cancel(db, name, "again", by="u_coord")


def test_a_task_of_a_cancelled_instance_says_who_ended_it(time):
    name = begun("s>a>e")
    with transaction() as db:
        task_id = task_of(db, "a").id
    time.at("2026-07-21 12:05")
    with transaction() as db:
        instances.cancel(db, name, "aperto per errore", by="u_coord")

    with transaction() as db, pytest.raises(AlreadyDone, match="u_coord alle 12:05"):
        instances.complete(db, task_id, {}, by="u_anna")


# -- versions ----------------------------------------------------------------------------------------------------------


def test_running_instances_keep_their_version_and_new_ones_take_the_newest(db):
    first = office.publish(db, "s>a>b>e")
    old = instances.start(db, "p", "C-1", "torino", {}, by="u_anna")
    second = office.publish(db, "s>a>c>e")
    new = instances.start(db, "p", "C-2", "torino", {}, by="u_anna")

    for each in tasks(db):
        instances.complete(db, each.id, {}, by="u_anna")

    assert (waiting(db, old.id), waiting(db, new.id)) == (["b"], ["c"])
    assert [(first.version, old.definition_id), (second.version, new.definition_id)] == [(1, first.id), (2, second.id)]


def test_the_same_file_is_not_published_twice(db):
    assert office.publish(db, "s>a>e").id == office.publish(db, "s>a>e").id


def test_going_back_to_an_earlier_file_makes_it_the_newest_again(db):
    first = office.publish(db, "s>a>e")
    office.publish(db, "s>b>e")

    again = office.publish(db, "s>a>e")

    assert registry.current(db, "p").xml == first.xml
    assert again.version == 3


def test_a_call_takes_the_newest_version_when_it_begins_and_keeps_it(db):
    office.publish(db, "s>x>e", process="q")
    one = begin(db, "s>a>c>z>e", call("c", "q"))
    two = begin(db, "s>a>c>z>e", call("c", "q"), key="C-2")
    instances.complete(db, tasks(db, one.id)[0].id, {}, by="u_anna")
    office.publish(db, "s>y>e", process="q")
    instances.complete(db, tasks(db, two.id)[0].id, {}, by="u_anna")

    assert (waiting(db, one.id), waiting(db, two.id)) == (["x"], ["y"])
    for each in tasks(db):
        instances.complete(db, each.id, {}, by="u_anna")
    assert waiting(db) == ["z", "z"]


def test_a_model_that_calls_an_unknown_process_is_not_published(db):
    with pytest.raises(InvalidModel):
        office.publish(db, "s>c>e", call("c", "gone"))


# -- history -----------------------------------------------------------------------------------------------------------


def test_every_step_is_kept_with_its_times_its_outcome_and_who_did_it(time):
    name = begun("s>a>xor>b[x = 1]>e", "xor>c>e", "t>d>e1", boundary("t", "b", timer("P1D")))
    time.at("2026-07-21 10:00")
    with transaction() as db:
        do(db, "a", x=1)
    time.at("2026-07-23 10:00")
    office.tick()

    with transaction() as db:
        steps = {step.element: step for step in history.steps(db, name)}
        assert [(key, steps[key].outcome, steps[key].by) for key in ("a", "xor", "b", "t", "d")] == [
            ("a", "done", "u_anna"),
            ("xor", "done", "u_anna"),
            ("b", "interrupted", "clock"),
            ("t", "fired", "clock"),
            ("d", None, None),
        ]
        assert (steps["b"].started_at, steps["b"].ended_at) == (at("2026-07-21T10:00"), at("2026-07-23T10:00"))
        assert (steps["d"].started_at, steps["d"].ended_at) == (at("2026-07-23T10:00"), None)


def test_the_diagram_shows_where_an_instance_stands_and_has_been(db):
    instance = begin(db, "s>xor>a>xor1>xor[again = true]", "xor1>b>e")
    do(db, "a", again=True)
    do(db, "a", again=True)

    marks = {mark.element: mark for mark in history.marks(db, instance.id, instance.definition_id)}

    assert (marks["a"].state, marks["a"].times, marks["xor"].state) == ("active", 3, "done")
    assert "b" not in marks
    process = db.get(Definition, instance.definition_id).process_id
    assert [(place.element, place.due_at) for place in history.waiting(db, process)] == [("a", None)]


@pytest.mark.parametrize("which", [0, 1])
def test_an_element_where_somebody_still_waits_is_active_whoever_else_has_passed(db, which):
    instance = begin(db, "s>and>a>b>e", "and>a")
    instances.complete(db, tasks(db)[which].id, {}, by="u_anna")

    (mark,) = [mark for mark in history.marks(db, instance.id, instance.definition_id) if mark.element == "a"]

    assert (mark.state, mark.times) == ("active", 2)


def test_every_instance_of_an_activity_is_a_step(db):
    instance = begin(db, "s>a>z>e", user("a", several("3")))
    for each in tasks(db):
        instances.complete(db, each.id, {}, by="u_anna")

    steps = [step for step in history.steps(db, instance.id) if step.element == "a"]

    assert [step.outcome for step in steps] == ["done"] * len(steps)
    assert len(steps) == 4  # three instances and the activity that holds them


# -- what waits is what the state says ---------------------------------------------------------------------------------


def test_tasks_timers_and_subscriptions_come_and_go_with_the_tokens(db):
    begin(
        db,
        *("s>a>b>e", "t>late>e1", "m>note>e2", boundary("t", "a", timer("P1D"), interrupting=False)),
        boundary("m", "a", on("message", "m"), interrupting=False),
        on_event("h", on("signal", "stop"), "help>he", end("he", "")),
    )
    before = {task.id for task in tasks(db)} | {each.id for each in office.timers(db)}

    assert (waiting(db), [each.element for each in office.timers(db)]) == (["a"], ["t"])
    assert office.subscriptions(db) == ["m", "stop"]
    do(db, "a")
    assert (waiting(db), office.timers(db), office.subscriptions(db)) == (["b"], [], ["stop"])
    assert not before & {row.id for row in tasks(db)}


def test_a_task_keeps_its_row_while_other_things_happen(db):
    begin(db, "s>and>a>e", "and>b>c>e1")
    task = task_of(db, "a")
    instances.assign(db, task.id, "u_bea", by="u_coord")

    do(db, "b")

    db.refresh(task)
    assert (task.assignee, waiting(db)) == ("u_bea", ["a", "c"])


# -- nothing is ever stuck in silence ----------------------------------------------------------------------------------


def test_an_instance_with_nothing_to_wait_for_is_an_incident_at_once(db):
    instance = begin(db, "s>a>xor>b[x = 1]>and1>e", "xor>c>e1", "s>d>and1")
    do(db, "d")
    do(db, "a", x=2)

    do(db, "c")

    assert instance.status == "open"
    (incident,) = open_incidents(db)
    assert (incident.instance_id, "non attende più nulla" in incident.sentence) == (instance.id, True)


def test_the_detector_finds_an_instance_whose_waits_got_lost(db, time):
    lost = begin(db, "s>a>e")
    fine = begin(db, "s>a>e", key="C-2")
    db.delete(tasks(db, lost.id)[0])
    db.flush()

    assert park_stuck(db, at("2026-07-21T08:00")) == []
    found = park_stuck(db, at("2026-07-21T10:00"))

    assert [each.instance_id for each in found] == [lost.id]
    assert park_stuck(db, at("2026-07-21T10:00")) == []
    assert fine.status == "open"


def test_an_instance_that_only_waits_for_a_message_is_not_stuck(db):
    begin(db, "s>w>e", receive("w", "paper"))

    assert park_stuck(db, at("2027-01-01T00:00")) == []


def test_models_are_put_in_order_the_called_before_the_calling():
    def model(name: str, calls: str = "") -> bytes:
        call = f'<callActivity id="c" calledElement="{calls}"/>' if calls else ""
        return (
            f'<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"><process id="{name}">{call}</process>'
            "</definitions>"
        ).encode()

    first, middle, last = model("z"), model("m", "z"), model("a", "m")
    assert registry.in_order([last, middle, first]) == [first, middle, last]
    ring = [model("x", "y"), model("y", "x")]
    assert sorted(registry.in_order(ring)) == sorted(ring)
