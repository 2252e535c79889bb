"""What one step of a case costs, young and old; what the clock costs; what an instance weighs.

Baselines, interleaved in the same run: bare SpiffWorkflow in memory (run one task of the same model), and one bare
durable transaction (one UPDATE, one INSERT, commit) on the same database and settings.
"""

import uuid
from datetime import timedelta
from typing import Any

from lxml import etree
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.util.task import TaskState
from sqlalchemy import Engine, event, func, insert, select, text

from benchmarks import models, office
from benchmarks.times import ms, p95, ratio, timed
from cases.access import Actor
from core import clock, db
from engine import instances, registry
from engine.tables import Instance, Timer


def measure(url: str, *, quick: bool = False) -> dict[str, Any]:
    """Return the figures of the table in benchmarks/README.md."""
    rounds, old, waiting = (60, 500, 20_000) if quick else (300, 5_000, 1_000_000)
    with office.database(url) as engine:
        actor = office.open_office(models.loop(timer=False))
        _bare_tables(engine)
        found: dict[str, Any] = {"db": engine.dialect.name, "rounds": rounds}
        found |= _completion(engine, actor, rounds)
        found |= _age(actor, old, rounds)
        found |= _clock(engine, actor, waiting, min(rounds, 100))
        return found


def _completion(engine: Engine, actor: Actor, rounds: int) -> dict[str, Any]:
    code, spiff = office.open_case(actor, "benchmark"), _Spiff()
    office.walk(actor, code, 10)
    desk, bare, memory = [], [], []
    for _ in range(rounds):
        bare.append(timed(_bare_transaction))
        desk.append(_step(actor, code))
        memory.append(timed(spiff.step))
    task_id, counted = office.next_task(code), _Count(engine)
    office.complete(actor, task_id)
    statements, commits = counted.stop()
    with db.transaction() as tx:
        size = len(tx.scalars(select(Instance.state).where(Instance.business_key == code)).one())
    return {
        "complete_ms": ms(desk),
        "complete_p95_ms": p95(desk),
        "bare_transaction_ms": ms(bare),
        "bare_spiffworkflow_ms": ms(memory),
        "complete_vs_transaction": ratio(desk, bare),
        "complete_vs_engine": ratio(desk, memory),
        "statements": statements,
        "commits": commits,
        "state_bytes": size,
    }


def _age(actor: Actor, old: int, rounds: int) -> dict[str, Any]:
    """The same step after 10 and after `old` steps, measured in turns on two cases."""
    young_code, old_code = (office.open_case(actor, "benchmark") for _ in range(2))
    office.walk(actor, young_code, 10)
    office.walk(actor, old_code, old)
    young, aged = [], []
    for number in range(rounds):
        if number % 50 == 0:  # stay young
            young_code = office.open_case(actor, "benchmark")
            office.walk(actor, young_code, 10)
        young.append(_step(actor, young_code))
        aged.append(_step(actor, old_code))
    return {"age_steps": old, "age_ratio": ratio(aged, young), "loop_passes": old + rounds}


def _clock(engine: Engine, actor: Actor, waiting: int, rounds: int) -> dict[str, Any]:
    """An idle tick among many waiting timers, and the firing of one, against completing one task."""
    with db.transaction() as tx:
        registry.publish(tx, models.loop(timer=True), by="benchmark")
    code = office.open_case(actor, "benchmark")
    with db.transaction() as tx:
        instance_id = tx.scalars(select(Instance.id).where(Instance.business_key == code)).one()
        far = clock.now() + timedelta(days=400)
        for first in range(0, waiting, 10_000):
            rows = [
                {
                    "id": uuid.uuid4().hex,
                    "instance_id": instance_id,
                    "element": "late",
                    "due_at": far + timedelta(seconds=n),
                    "attempts": 0,
                }
                for n in range(first, first + 10_000)
            ]
            tx.execute(insert(Timer), rows)
    tick, indexed, fired, completed = [], [], [], []
    for _ in range(rounds):
        tick.append(timed(_idle_tick))
        indexed.append(timed(_indexed_select))
    for _ in range(rounds):
        with db.transaction() as tx:
            timer_id = tx.scalars(select(Timer.id).order_by(Timer.due_at).limit(1)).one()
            tx.execute(text("update timer set due_at = :now where id = :id"), {"now": _stored(engine), "id": timer_id})
        clock.move(timedelta(seconds=1))
        fired.append(timed(lambda key=timer_id: _fire(key)))  # type: ignore[misc]
        completed.append(_step(actor, code))
    clock.thaw()
    return {
        "timers_waiting": waiting,
        "idle_tick_ms": ms(tick),
        "indexed_select_ms": ms(indexed),
        "idle_tick_ratio": ratio(tick, indexed),
        "fire_ms": ms(fired),
        "fire_ratio": ratio(fired, completed),
    }


def _idle_tick() -> None:
    with db.transaction() as tx:
        instances.due(tx, clock.now())


def _indexed_select() -> None:
    with db.transaction() as tx:
        tx.execute(select(func.count()).select_from(Timer).where(Timer.due_at <= clock.now())).scalar()


def _fire(timer_id: str) -> None:
    with db.transaction() as tx:
        instances.fire(tx, timer_id)


def _stored(engine: Engine) -> Any:
    now = clock.now()
    return now.strftime("%Y-%m-%dT%H:%M:%S.%fZ") if engine.dialect.name == "sqlite" else now


# -- baselines ---------------------------------------------------------------------------------------------------------


class _Spiff:
    """Bare SpiffWorkflow, in memory, young: run the looping task, start anew every hundred passes."""

    def __init__(self) -> None:
        parser = BpmnParser()
        parser.add_bpmn_xml(etree.fromstring(models.loop(20).replace(b'approval_outcome = "transfer"', b"leave")))
        self.spec, self.subs = parser.get_spec("benchmark"), parser.get_subprocess_specs("benchmark")
        self.renew()

    def renew(self) -> None:
        self.workflow, self.passes = BpmnWorkflow(self.spec, self.subs), 0
        self.workflow.do_engine_steps()

    def step(self) -> None:
        task = self.workflow.get_next_task(state=TaskState.READY, manual=True)
        task.data["leave"] = False
        task.run()
        self.workflow.do_engine_steps()
        self.passes += 1
        if self.passes == 100:
            self.renew()


def _bare_tables(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("create table bare_state (id integer primary key, body text)"))
        connection.execute(text("create table bare_history (id varchar primary key, body text)"))
        connection.execute(text("insert into bare_state values (1, 'x')"))


def _bare_transaction() -> None:
    with db.transaction() as tx:
        tx.execute(text("update bare_state set body = :body where id = 1"), {"body": "x" * 500})
        tx.execute(text("insert into bare_history values (:id, :body)"), {"id": uuid.uuid4().hex, "body": "x" * 200})


class _Count:
    """Counts statements and commits until stopped."""

    def __init__(self, engine: Engine) -> None:
        self.engine, self.statements, self.commits = engine, 0, 0
        event.listen(engine, "before_cursor_execute", self._statement)
        event.listen(engine, "commit", self._commit)

    def _statement(self, *_: object) -> None:
        self.statements += 1

    def _commit(self, *_: object) -> None:
        self.commits += 1

    def stop(self) -> tuple[int, int]:
        """Return statements (BEGIN is not one) and commits since the start."""
        event.remove(self.engine, "before_cursor_execute", self._statement)
        event.remove(self.engine, "commit", self._commit)
        begins = 1 if self.engine.dialect.name == "sqlite" else 0
        return self.statements - begins, self.commits


def _step(actor: Actor, code: str) -> float:
    task_id = office.next_task(code)
    return timed(lambda: office.complete(actor, task_id))
