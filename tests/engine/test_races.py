"""Two at the same moment (threats R01, R05, R17, R18): each thing happens once, and the slower is told who was faster.

The threads are real, each with its own connection; the order is forced by holding a transaction open.
"""

import json
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

import core.db
from core import clock
from core.errors import AlreadyDone, NotYours, Refused
from engine import history, instances
from engine.tables import Delivery, Step
from tests import databases
from tests.engine import office
from tests.engine.draw import boundary, end, mapped, on, receive, send, timer
from tests.engine.office import begun, do, get, task_of, tasks, timers, transaction, verbs, waiting
from tests.engine.test_messages import KEYS

pytestmark = pytest.mark.usefixtures("database", "time")
Outcome = Exception | None
ROOT = Path(__file__).parents[2]


class Rival:
    """Somebody else, in a thread of their own, who does one thing in one transaction."""

    def __init__(self, act: Callable[[Session], Any]) -> None:
        self.act = act
        self.outcome: Outcome = None
        self.at_work = threading.Event()
        self.thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        self.at_work.set()
        try:
            with core.db.transaction() as db:
                self.act(db)
        except Exception as problem:  # noqa: BLE001 - the outcome is what the test is about
            self.outcome = problem

    def begin(self) -> "Rival":
        self.thread.start()
        self.at_work.wait(5)
        return self

    def end(self) -> Outcome:
        self.thread.join(20)
        assert not self.thread.is_alive()
        return self.outcome


def meanwhile(first: Callable[[Session], Any], second: Callable[[Session], Any]) -> Outcome:
    """Do the first thing and, before it is committed, begin the second; return what became of the second."""
    with transaction() as db:
        first(db)
        db.flush()
        rival = Rival(second).begin()
        rival.thread.join(0.4)  # it runs into the lock
        assert rival.thread.is_alive() or rival.outcome is not None
    return rival.end()


def at_once(*acts: Callable[[Session], Any]) -> list[Outcome]:
    """Do all of these at the same time."""
    rivals = [Rival(act).begin() for act in acts]
    return [rival.end() for rival in rivals]


LATE = ("s>a>b>e", "t>late>e1", boundary("t", "a", timer("P1D")))


def test_two_people_complete_the_same_task_and_the_slower_is_told_who_was_faster(time):
    begun("s>a>b>e")
    time.at("2026-07-21 10:32")
    with transaction() as db:
        task_id = task_of(db, "a").id

    outcome = meanwhile(
        lambda db: instances.complete(db, task_id, {"n": 1}, by="u_bea"),
        lambda db: instances.complete(db, task_id, {"n": 2}, by="u_anna"),
    )

    assert isinstance(outcome, AlreadyDone), repr(outcome)
    assert str(outcome) == "Già completata da u_bea alle 10:32."
    with transaction() as db:
        assert waiting(db) == ["b"]
        assert verbs(db).count("task.completed") == 1
        assert instances.process_facts(get(db, tasks(db)[0].instance_id)) == {"n": 1}


@pytest.mark.parametrize(
    "second",
    [
        lambda db, task_id: instances.skip(db, task_id, "x", by="u_anna"),
        lambda db, task_id: instances.assign(db, task_id, "u_ida", by="u_anna"),
    ],
    ids=["skip", "assign"],
)
def test_whoever_comes_after_a_completion_is_told_so(second):
    begun("s>a>b>e")
    with transaction() as db:
        task_id = task_of(db, "a").id

    outcome = meanwhile(
        lambda db: instances.complete(db, task_id, {}, by="u_bea"), lambda db: second(db, task_id)
    )

    assert isinstance(outcome, AlreadyDone), repr(outcome)
    with transaction() as db:
        assert waiting(db) == ["b"]


def test_who_completes_a_task_of_an_instance_that_is_being_cancelled_is_told_so():
    name = begun("s>a>b>e")
    with transaction() as db:
        task_id = task_of(db, "a").id

    outcome = meanwhile(
        lambda db: instances.cancel(db, name, "chiusa", by="u_coord"),
        lambda db: instances.complete(db, task_id, {}, by="u_anna"),
    )

    assert isinstance(outcome, AlreadyDone), repr(outcome)
    with transaction() as db:
        assert (get(db, name).status, waiting(db)) == ("cancelled", [])


def test_a_timer_that_comes_while_its_task_is_completed_does_nothing(time):
    begun(*LATE)
    time.forward(days=1)
    with transaction() as db:
        task_id, timer_id = task_of(db, "a").id, timers(db)[0].id

    outcome = meanwhile(
        lambda db: instances.complete(db, task_id, {}, by="u_bea"), lambda db: instances.fire(db, timer_id)
    )

    assert isinstance(outcome, AlreadyDone), repr(outcome)
    with transaction() as db:
        assert waiting(db) == ["b"]
        assert verbs(db) == ["instance.started", "task.completed"]


def test_a_task_that_is_completed_while_its_timer_fires_is_gone(time):
    begun(*LATE)
    time.forward(days=1)
    with transaction() as db:
        task_id, timer_id = task_of(db, "a").id, timers(db)[0].id

    outcome = meanwhile(
        lambda db: instances.fire(db, timer_id), lambda db: instances.complete(db, task_id, {}, by="u_bea")
    )

    assert isinstance(outcome, AlreadyDone), repr(outcome)
    with transaction() as db:
        assert waiting(db) == ["late"]
        assert verbs(db) == ["instance.started", "timer.fired"]


def test_two_clocks_fire_each_timer_once(time):
    names = [begun("s>a>e", "t>nag>e1", boundary("t", "a", timer("P1D"), interrupting=False), key=f"C-{n}") for n in range(6)]
    time.forward(days=1)

    def clock_pass() -> None:
        with transaction() as db:
            keys = instances.due(db, clock.now())
        for key in keys:
            try:
                with transaction() as db:
                    instances.fire(db, key)
            except Refused:
                continue

    threads = [threading.Thread(target=clock_pass) for _ in range(3)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(30)
    clock_pass()

    with transaction() as db:
        assert [waiting(db, name) for name in names] == [["a", "nag"]] * 6
        assert timers(db) == []


def test_two_clocks_deliver_a_message_once():
    """The second clock has seen the delivery before the first one makes it, and gets the lock after."""
    name = begun("s>w>v>z>e", receive("w", "reply"), receive("v", "reply"))
    begun("s>a>k>e", send("k", "reply", mapped(("said", "1"))))
    with transaction() as db:
        do(db, "a")
    with transaction() as db:
        key = db.scalars(select(Delivery.id)).one()
    if databases.KIND == "sqlite":  # its transactions begin with the write lock: nobody reads before the other is done
        outcomes = at_once(lambda db: instances.fire(db, key), lambda db: instances.fire(db, key))
    else:
        outcomes = [overtaken(lambda db: instances.fire(db, key))]

    with transaction() as db:
        assert waiting(db, name) == []
        assert office.subscriptions(db) == ["reply"]  # the second receive task waits for a second message
    assert [type(each) for each in outcomes if each is not None] == [AlreadyDone]


def overtaken(act: Callable[[Session], Any]) -> Outcome:
    """Do something in a transaction that is overtaken: just before it takes its lock, another does the same wholly."""
    with pytest.raises(AlreadyDone) as caught, transaction() as db:
        passed: list[bool] = []

        def overtake(state: Any) -> None:
            if not passed and "FOR UPDATE" in str(state.statement.compile(dialect=db.get_bind().dialect)):
                passed.append(True)
                assert Rival(act).begin().end() is None

        event.listen(db, "do_orm_execute", overtake)
        act(db)
        assert passed
    return caught.value


PERSON = """
import json, sys
from core import db
from core.errors import AlreadyDone, Refused
from engine import instances
db.connect(sys.argv[1])
told = []
for task_id in sys.argv[3:]:
    for _ in range(50):
        try:
            with db.transaction() as tx:
                instances.complete(tx, task_id, {}, by=sys.argv[2])
        except AlreadyDone as late:
            told.append(str(late))
        except Refused as busy:
            if busy.status in (409, 503):
                continue
            raise
        break
print(json.dumps(told))
"""


def test_forty_parallel_tasks_by_eight_processes_are_each_done_once_and_joined_once(engine_url):
    branches = [path for n in range(40) for path in (f"and>t{n}>and1",)]
    name = begun("s>and", *branches, "and1>z>e")
    with transaction() as db:
        ids = [task.id for task in tasks(db)]
    people = [
        subprocess.Popen(
            [sys.executable, "-c", PERSON, engine_url, f"u_{n}", *ids[n * 5 :], *ids[: n * 5]],
            cwd=ROOT, stdout=subprocess.PIPE, text=True,
        )
        for n in range(8)
    ]  # fmt: skip
    told = [sentence for person in people for sentence in json.loads(person.communicate(timeout=120)[0])]

    with transaction() as db:
        assert waiting(db) == ["z"]
        steps = history.steps(db, name)
        assert [step.outcome for step in steps if step.element.startswith("t")] == ["done"] * 40
        assert verbs(db).count("task.completed") == 40
        assert db.scalar(select(func.count()).select_from(Step).where(Step.element == "z")) == 1
    assert [person.returncode for person in people] == [0] * 8
    assert len(told) == 8 * 40 - 40
    assert all(sentence.startswith("Già completata da u_") for sentence in told)


def test_two_cancellations_at_once_are_one():
    name = begun("s>a>e")

    outcome = meanwhile(
        lambda db: instances.cancel(db, name, "x", by="u_coord"), lambda db: instances.cancel(db, name, "y", by="u_bea")
    )

    assert isinstance(outcome, NotYours | AlreadyDone)
    with transaction() as db:
        assert verbs(db).count("instance.cancelled") == 1


def test_a_case_handed_over_while_a_task_is_completed_ends_up_with_the_new_post():
    begun("s>a>b>e")
    with transaction() as db:
        task_id = task_of(db, "a").id

    outcome = meanwhile(
        lambda db: instances.complete(db, task_id, {}, by="u_anna"),
        lambda db: instances.hand_over(db, "C-1", "milano", by="u_coord"),
    )

    assert outcome is None
    with transaction() as db:
        assert [(task.element, task.tenant) for task in tasks(db)] == [("b", "milano")]


def test_a_task_completed_while_the_case_is_handed_over_opens_the_next_one_at_the_new_post():
    begun("s>a>b>e")
    with transaction() as db:
        task_id = task_of(db, "a").id

    outcome = meanwhile(
        lambda db: instances.hand_over(db, "C-1", "milano", by="u_coord"),
        lambda db: instances.complete(db, task_id, {}, by="u_anna"),
    )

    assert outcome is None
    with transaction() as db:
        assert [(task.element, task.tenant) for task in tasks(db)] == [("b", "milano")]


def test_work_on_one_case_does_not_wait_for_another_case():
    if databases.KIND == "sqlite":  # one writer at a time, whatever the case
        return
    begun("s>a>e")
    begun("s>a>e", key="C-2")

    with transaction() as db:
        do(db, "a")
        db.flush()
        mine = tasks(db)[0].id
        rival = Rival(lambda other: instances.complete(other, mine, {}, by="u_bea")).begin()
        assert rival.end() is None


# -- a message at the very moment that somebody begins to wait ---------------------------------------------------------

RECEIVES = ("s>a>w>z>e", receive("w", "reply"))
THROWS = ("s>b>k>e", send("k", "reply", mapped(("said", "1"))))


def crossed(first: str, second: str) -> None:
    """Do both tasks so that neither sees the other: the second wholly while the first is not committed yet."""
    with transaction() as db:
        mine, other = task_of(db, first).id, task_of(db, second).id
    with transaction() as db:
        instances.complete(db, mine, {}, by="u_anna")
        db.flush()
        if databases.KIND == "sqlite":  # one writer at a time: the other begins when this one is done
            rival = Rival(lambda tx: instances.complete(tx, other, {}, by="u_bea")).begin()
        else:
            rival = Rival(lambda tx: instances.complete(tx, other, {}, by="u_bea"))
            assert rival.begin().end() is None
    assert rival.end() is None


@pytest.mark.parametrize("order", ["ab", "ba"], ids=["waits first", "throws first"])
def test_a_message_thrown_at_the_moment_that_somebody_begins_to_wait_arrives(order):
    name = begun(*RECEIVES)
    begun(*THROWS)

    crossed(*order)
    office.tick_until_quiet()

    with transaction() as db:
        assert waiting(db, name) == ["z"]
        assert db.scalars(select(Delivery.id)).all() == []


@pytest.mark.parametrize("order", ["ab", "ba"], ids=["waits first", "throws first"])
def test_a_correlated_message_thrown_at_that_moment_arrives_with_whom_it_is_for(order):
    name = begun(*RECEIVES, definitions=KEYS, key="C-2", number=2)
    begun(*THROWS, definitions=KEYS, key="C-9", number=2)

    crossed(*order)
    office.tick_until_quiet()

    with transaction() as db:
        assert waiting(db, name) == ["z"]


def test_a_message_of_that_moment_is_not_for_another_case():
    name = begun(*RECEIVES, key="C-2")
    begun(*THROWS, key="C-1")

    crossed("a", "b")
    office.tick_until_quiet()

    with transaction() as db:
        assert waiting(db, name) == []
        assert db.scalars(select(Delivery.instance_id)).all() == [None]


def test_a_message_given_back_at_the_moment_that_somebody_begins_to_wait_arrives():
    """The clock offers it to an instance that waits no more, while another one begins to wait."""
    gone = begun("s>and>w>z>e", "and>stop>e1", receive("w", "reply"), end("e1", on("terminate")))
    begun(*THROWS)
    name = begun(*RECEIVES)
    with transaction() as db:
        do(db, "b")
    with transaction() as db:
        (key,) = instances.due(db, clock.now())
        do(db, "stop")
        mine = task_of(db, "a").id

    with transaction() as db:
        instances.complete(db, mine, {}, by="u_anna")
        db.flush()
        rival = Rival(lambda tx: instances.fire(tx, key)).begin()
        rival.thread.join(0.4)
    assert rival.end() is None
    office.tick_until_quiet()

    with transaction() as db:
        assert get(db, gone).status == "ended"
        assert waiting(db, name) == ["z"]
