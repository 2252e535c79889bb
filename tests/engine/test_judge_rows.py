"""Random models on a real database: after every step the rows of tasks, timers and subscriptions say what the judge says."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select

from core import clock, log
from core.errors import NotYours
from engine import instances, registry
from engine.game.program import PEOPLE
from engine.game.run import Run
from engine.game.state import Armed, Scope, State, Token, loads
from engine.services import BpmnError, Call, service
from engine.tables import Delivery, Incident, Instance, Step, Subscription, Timer, UserTask
from engine.world import World
from tests.engine import fuzz, generator
from tests.engine.draw import mapped, on, throw
from tests.engine.office import begin, transaction
from tests.engine.pen import Model
from tests.engine.play import START

pytestmark = pytest.mark.usefixtures("database", "time")


@service("count")
def count(call: Call) -> Mapping[str, Any]:
    """Counts how often an element ran."""
    return fuzz.count(call.element, call.facts)


@service("fail")
def fail(call: Call) -> Mapping[str, Any]:
    """Fails when the facts are odd."""
    if call.facts["r"] % 2:
        raise BpmnError("broken")
    return fuzz.count(call.element, call.facts)


class Wall:
    """The clock on the wall."""

    @property
    def time(self) -> datetime:
        return clock.now()

    @time.setter
    def time(self, moment: datetime) -> None:
        clock.freeze(moment)


class Played:
    """One instance on the database, played like a game in memory: every action is a request."""

    def __init__(self, model: Model) -> None:
        self.desk, self.thrown, self.uncaught = Wall(), list[tuple[str, str]](), list[str]()
        clock.freeze(START)
        self.key = f"C-{model.seed}"
        with transaction() as db:
            for xml in (*model.called, model.xml):
                registry.publish(db, xml, by="u_coord")
            self.id = instances.start(db, "main", self.key, "torino", dict(fuzz.FACTS), by="u_anna").id
        self.look()

    def look(self) -> None:
        """Read state and rows anew."""
        with transaction() as db:
            instance = db.get_one(Instance, self.id)
            self.status = instance.status
            self.state: State = loads(instance.state)
            self.run = Run(self.state, World(db, instance, "u_anna"))
            for scope in self.state.scopes.values():  # read now what the run may ask for later
                self.run.program(scope)
            self.tasks = sorted(db.scalars(select(UserTask.element).where(UserTask.instance_id == self.id)))
            rows = db.scalars(select(Timer).where(Timer.instance_id == self.id))
            self.timers = sorted((row.element, row.due_at) for row in rows)
            rows_ = db.scalars(select(Subscription).where(Subscription.instance_id == self.id))
            self.subscriptions = sorted((row.kind, row.name) for row in rows_)
            steps = select(Step.id).where(Step.instance_id == self.id, Step.ended_at.is_(None))
            self.open_steps = sorted(db.scalars(steps))
            self.incidents = list(db.scalars(select(Incident.sentence).where(Incident.instance_id == self.id)))

    def people(self) -> list[Token]:
        return [t for t in self.state.tokens.values() if self.run.node(t).kind in PEOPLE and t.loop is None]

    def armed(self) -> list[tuple[Token | Scope, Armed]]:
        return [(owner, armed) for owner, armed in self.state.listeners() if armed.key is not None]

    def complete(self, token_id: int, facts: Mapping[str, Any]) -> None:
        with transaction() as db:
            instances.complete(db, self.state.tokens[token_id].key, facts, by="u_anna")
        self.look()

    def skip(self, token_id: int) -> None:
        with transaction() as db:
            instances.skip(db, self.state.tokens[token_id].key, "non serve", by="u_anna")
        self.look()

    def fire(self, key: str) -> bool:
        with transaction() as db:
            instances.fire(db, key)
        self.look()
        return True

    def message(self, name: str, **facts: Any) -> bool:
        try:
            with transaction() as db:
                instances.receive(db, name, self.key, facts, by="u_anna")
        except NotYours:
            return False
        self.look()
        return True

    def signal(self, name: str, **facts: Any) -> bool:
        """Another instance throws it."""
        waited = ("signal", name) in self.subscriptions
        with transaction() as db:
            thrower = begin(db, "s>t>u>e", throw("t", on("signal", name), mapped(*((k, str(v)) for k, v in facts.items()))))
            instances.cancel(db, thrower.id, "ha finito", by="u_coord")
            arrived = list(db.scalars(select(Delivery.id).where(Delivery.instance_id == self.id)))
        for key in arrived:
            with transaction() as db:
                instances.fire(db, key)
        self.look()
        return waited

    def leave(self) -> None:
        """Wait for nothing any more, so that the next instance is alone."""
        if self.status == "open":
            with transaction() as db:
                instances.cancel(db, self.id, "fine della prova", by="u_coord")


class RowMatch(fuzz.Match):
    """Compares states as in memory, and the rows with the judge."""

    def difference(self) -> str:
        tasks = sorted(part.work.box.id for part in self.judge.tasks())
        listeners = [alarm for alarm, _ in self.judge.listeners()]
        timers = sorted((alarm.box.id, alarm.due) for alarm in listeners if alarm.due)
        waits = sorted((alarm.trigger.kind, alarm.trigger.what) for alarm in listeners if not alarm.due)
        stuck = self.judge.root is not None and not tasks and not listeners
        status = "failed" if self.judge.uncaught else "open" if self.judge.root else "ended"
        for what, ours, theirs in (
            ("tasks", self.game.tasks, tasks),
            ("timers", self.game.timers, timers),
            ("subscriptions", self.game.subscriptions, waits),
            ("status", self.game.status, status),
            ("incident", any("non attende più nulla" in sentence for sentence in self.game.incidents), stuck),
        ):
            if ours != theirs:
                return f"{what}\n    rows  {ours}\n    judge {theirs}"
        waits_ = sorted(token.key for token in self.game.state.tokens.values())
        if self.game.open_steps != waits_:
            return f"steps that wait\n    rows  {self.game.open_steps}\n    state {waits_}"
        self.game.thrown, self.game.uncaught = self.judge.thrown, self.judge.uncaught
        return super().difference()


def small(seed: int) -> Model:
    return generator.make(seed, depth=3)


@pytest.mark.parametrize("group", range(4))
def test_the_rows_say_what_the_judge_says(group):
    first = generator.fresh_seed() + 1000 * group
    games: list[Played] = []

    def begin(model: Model) -> Played:
        games.append(Played(model))
        return games[-1]

    for seed in range(first, first + 5):
        played = fuzz.play(seed, draw=small, most=20, game=begin, match=RowMatch)
        assert not played.difference, f"APPRODO_FUZZ_SEED={seed}\n{played.difference}"
        games[-1].leave()

    with transaction() as db:
        assert log.verify(db) == []
