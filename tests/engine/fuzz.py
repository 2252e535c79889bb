"""One random model, played by the engine and by the judge side by side."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any

from engine.game.env import BpmnError, Fault
from engine.game.program import Node
from engine.runs import ModelFault
from tests.engine import compare, generator
from tests.engine.judge import Endless, Failure, Judge
from tests.engine.pen import Model
from tests.engine.play import START, Game
from tests.engine.sheet import Box, Sheet

MOST_STEPS = 40


@dataclass(frozen=True)
class Played:
    """What came of a model: how many actions, and the first difference in words ("" if there is none)."""

    seed: int
    steps: int
    features: frozenset[str]
    difference: str
    xml: bytes


def count(name: str, facts: Mapping[str, Any]) -> dict[str, Any]:
    """What the service "count" answers to both: one variable of its own, so that order does not matter."""
    return {f"k_{name}": (facts.get(f"k_{name}") or 0) + 1}


def _engine_count(node: Node, facts: dict[str, Any]) -> Mapping[str, Any]:
    return count(node.id, facts)


def _engine_fail(node: Node, facts: dict[str, Any]) -> Mapping[str, Any]:
    if facts["r"] % 2:
        raise BpmnError("broken")
    return count(node.id, facts)


def _judged_service(box: Box, facts: Mapping[str, Any]) -> Mapping[str, Any]:
    if box.service == "fail" and facts["r"] % 2:
        raise Failure("broken")
    return count(box.id, facts)


class Stopped(Exception):
    """There is nothing to play on with: the model never rests, or the standard leaves open how it goes on."""


FACTS = {"r": 1, "n": 0}


def game_of(model: Model) -> Game:
    """The engine's side, without a database."""
    return Game(model.xml, *model.called, facts=dict(FACTS), count=_engine_count, fail=_engine_fail)


class Match:
    """A model in play; `game` is a Game, or something that is played like one."""

    def __init__(self, model: Model, dice: Random, game: Any) -> None:
        self.dice, self.game = dice, game
        sheets = {sheet.process: sheet for sheet in map(Sheet, (model.xml, *model.called))}
        self.judge = Judge(sheets, _judged_service, START)
        self.judge.start("main", dict(FACTS))

    def difference(self) -> str:
        """What the two do not agree on, in words."""
        ours, theirs = compare.of_engine(self.game.state, self.game.run), compare.of_judge(self.judge)
        if ours != theirs:
            return f"state\n    engine {ours}\n    judge  {theirs}"
        if sorted(self.game.thrown) != sorted(self.judge.thrown):
            return f"thrown\n    engine {sorted(self.game.thrown)}\n    judge  {sorted(self.judge.thrown)}"
        if self.game.uncaught != self.judge.uncaught:
            return f"uncaught\n    engine {self.game.uncaught}\n    judge  {self.judge.uncaught}"
        return ""

    def act(self) -> str | None:
        """Do one thing on both sides and say what; None if nothing is left to do."""
        tasks, listeners = self.judge.tasks(), self.judge.listeners()
        timers = [each for each in listeners if each[0].due]
        events = [each for each in listeners if not each[0].due]
        if not tasks and not listeners:
            return None
        roll = self.dice.random()
        if timers and (roll < 0.2 or not (tasks or events)):
            return self._fire(timers)
        if events and (roll < 0.4 or not tasks):
            return self._receive(events)
        return self._person(tasks) if tasks else self._fire(timers)

    def _person(self, tasks: list[Any]) -> str:
        pictures = {repr(compare.of_judge(self.judge, part)): part for part in tasks}
        picture = self.dice.choice(sorted(pictures))
        part = pictures[picture]
        here = self.game.run
        token = next(
            token.id
            for token in self.game.people()
            if repr(compare.of_engine(self.game.state, here, token.id)) == picture
        )
        if self.dice.random() < 0.03:
            self._both(lambda: self.judge.skip(part), lambda: self.game.skip(token))
            return f"skip {part.work.box.id}"
        facts = {"r": self.dice.randrange(12), f"v_{part.work.box.id}": self.dice.randrange(3)}
        self._both(lambda: self.judge.complete(part, facts), lambda: self.game.complete(token, facts))
        return f"complete {part.work.box.id} {facts}"

    def _fire(self, timers: list[Any]) -> str:
        """Wait for a timer, perhaps too long, then fire one of those that are due."""
        first = min(alarm.due for alarm, _ in timers)
        now = max(self.judge.now, first) + timedelta(hours=self.dice.choice((0, 0, 0, 5, 30, 80)))
        self.judge.now = self.game.desk.time = now
        pictures = {repr(compare.of_judge(self.judge, each[0])): each for each in timers if each[0].due <= now}
        picture = self.dice.choice(sorted(pictures))
        here = self.game.run
        key = next(
            armed.key
            for _, armed in self.game.armed()
            if repr(compare.of_engine(self.game.state, here, armed.key)) == picture
        )
        self._both(lambda: self.judge.fire(pictures[picture]), lambda: self.game.fire(key or ""))
        return f"fire {pictures[picture][0].box.id} at {now}"

    def _receive(self, events: list[Any]) -> str:
        alarm = self.dice.choice(sorted(events, key=lambda each: each[0].box.id))[0]
        kind, name = alarm.trigger.kind, alarm.trigger.what
        same = [each for each in events if each[0].trigger == alarm.trigger]
        if kind == "message" and len({repr(compare.of_judge(self.judge, each[0])) for each in same}) > 1:
            name = "nobody waits for this"  # which of several receivers gets a message is not said by BPMN
        facts = {"r": self.dice.randrange(12)}
        receive = self.game.message if kind == "message" else self.game.signal
        waited, taken = self._both(lambda: self.judge.receive(kind, name, facts), lambda: receive(name, **facts))
        assert taken == bool(waited), f"{kind} {name}: engine {taken}, judge {waited}"
        return f"{kind} {name} {facts}"

    def _both(self, judged: Callable[[], Any], played: Callable[[], Any]) -> tuple[Any, Any]:
        """Do a thing on both sides. What moves on without end must be stopped by the engine as well."""
        try:
            answer = judged()
        except Endless:
            try:
                played()
            except (Fault, ModelFault):
                raise Stopped from None
            raise AssertionError("the engine came to rest in an endless loop") from None
        found = played()
        if self.judge.open_ended:
            raise Stopped
        return answer, found


def play(
    seed: int,
    *,
    draw: Callable[[int], Model] = generator.make,
    most: int = MOST_STEPS,
    game: Callable[[Model], Any] = game_of,
    match: type[Match] = Match,
) -> Played:
    """Play the model of this seed until it ends, differs, or has had enough."""
    model = draw(seed)
    done: list[str] = []
    difference = ""
    try:
        played = match(model, Random(seed * 7 + 1), game(model))
        difference = played.difference()
        while not difference and len(done) < most:
            what = played.act()
            if what is None:
                break
            done.append(what)
            difference = played.difference()
    except Stopped:
        done.append("stopped")
    except Exception as problem:  # noqa: BLE001 - a crash of either side is a difference like any other
        difference = f"{type(problem).__name__}: {problem}"
    words = f"seed {seed}, after {done}:\n  {difference}" if difference else ""
    return Played(seed, len(done), model.features, words, model.xml)
