"""The engine's token game without a database: what the judge and the element tests play it through.

Between any two actions the state goes through bytes and back, as it does between two requests.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from engine import feel, normalize, spiff, timing, xml
from engine.game import activities, events
from engine.game.env import BpmnError
from engine.game.program import PEOPLE, Event, Node, Program
from engine.game.run import Run
from engine.game.state import Armed, Scope, State, Token, dumps, loads

# For their sake: gateways register themselves when they are imported.
from engine.game import gateways  # noqa: F401  isort: skip

Service = Callable[[Node, dict[str, Any]], Mapping[str, Any] | None]
START = datetime(2026, 11, 3, 8, 0, tzinfo=UTC)  # far from the nights when clocks change: those have tests of their own


def program_of(model: bytes) -> Program:
    """Read a model as the registry does."""
    root = xml.parse(model)
    process = next(root.iter("{http://www.omg.org/spec/BPMN/20100524/MODEL}process"))
    return spiff.read(normalize.normalize(root), process.get("id", ""))


class Desk:
    """The world around the game: programs, a clock that is moved by hand, services by name, decisions by name."""

    def __init__(self, programs: Iterable[Program]) -> None:
        self.programs = {each.process_id: each for each in programs}
        self.time = START
        self.services: dict[str, Service] = {}
        self.decisions: dict[str, Any] = {}

    def now(self) -> datetime:
        return self.time

    def program(self, definition: str) -> Program:
        return self.programs[definition]

    def callee(self, node: Node) -> tuple[str, Program]:
        return node.called or "", self.programs[node.called or ""]

    def service(self, node: Node, facts: dict[str, Any]) -> Mapping[str, Any] | None:
        return self.services[node.service or ""](node, facts)

    def decide(self, node: Node, facts: dict[str, Any]) -> Any:
        return self.decisions[node.decision or ""](facts)

    def due(self, element: str, event: Event, facts: Mapping[str, Any]) -> tuple[datetime, int | None]:
        return timing.due(element, event, facts, self.time)

    def again(
        self, element: str, event: Event, facts: Mapping[str, Any], base: datetime, turn: int
    ) -> tuple[datetime, int]:
        return timing.again(element, event, facts, base, turn, self.time)

    def plain(self, value: Any) -> Any:
        return feel.from_feel(value)


class Game:
    """One instance, played by hand."""

    def __init__(self, *models: bytes, facts: Mapping[str, Any] | None = None, **services: Service) -> None:
        programs = [program_of(model) for model in models]
        self.desk = Desk(programs)
        self.desk.services.update(services)
        self.process = programs[0].process_id
        self.state = State()
        self.thrown: list[tuple[str, str]] = []
        self.carried: list[dict[str, Any]] = []
        self.correlated: list[dict[str, Any]] = []
        self.uncaught: list[str] = []
        self.history: list[tuple[str, str]] = []
        self._act(lambda run: run.start(self.process, programs[0], facts or {}))

    def _act(self, act: Callable[[Run], Any]) -> Any:
        self.state = loads(dumps(self.state))
        run = Run(self.state, self.desk)
        result = act(run)
        run.settle()
        self.thrown += [(thrown.kind, thrown.name) for thrown in run.thrown]
        self.carried += [thrown.facts for thrown in run.thrown]
        self.correlated += [thrown.correlation for thrown in run.thrown]
        self.uncaught += [code for _, code in run.uncaught]
        self.history += [(step.element, step.outcome or "waits") for step in run.steps]
        self.state = loads(dumps(self.state))
        return result

    # -- looking ------------------------------------------------------------------------------------------------------

    @property
    def run(self) -> Run:
        """A run that only looks."""
        return Run(self.state, self.desk)

    def people(self) -> list[Token]:
        """The tokens that wait for a person."""
        run = self.run
        return [token for token in self.state.tokens.values() if run.node(token).kind in PEOPLE and token.loop is None]

    @property
    def waiting(self) -> list[str]:
        """The tasks that wait for a person, by element, in order of the alphabet."""
        return sorted(token.node for token in self.people())

    def armed(self) -> list[tuple[Token | Scope, Armed]]:
        """What waits for a moment, a message or a signal."""
        return [(owner, armed) for owner, armed in self.state.listeners() if armed.key is not None]

    @property
    def timers(self) -> list[str]:
        """The elements whose timers run, in order of the alphabet."""
        return sorted(armed.node for _, armed in self.armed() if armed.due)

    @property
    def listening(self) -> list[str]:
        """The elements that wait for a message or a signal, in order of the alphabet."""
        return sorted(armed.node for _, armed in self.armed() if not armed.due)

    @property
    def facts(self) -> dict[str, Any]:
        """The variables of the process."""
        return next((scope.vars for scope in self.state.scopes.values() if scope.parent is None), {})

    @property
    def over(self) -> bool:
        return not self.state.scopes

    def seen_by(self, element: str) -> dict[str, Any]:
        """The variables that a waiting task sees."""
        token = next(token for token in self.people() if token.node == element)
        return dict(self.run.facts(token.scope))

    # -- acting -------------------------------------------------------------------------------------------------------

    def do(self, element: str, **facts: Any) -> "Game":
        """Complete the oldest waiting task of this element."""
        token = next(token for token in self.people() if token.node == element)
        return self.complete(token.id, facts)

    def complete(self, token_id: int, facts: Mapping[str, Any]) -> "Game":
        self._act(lambda run: activities.complete(run, run.state.tokens[token_id], facts))
        return self

    def skip(self, token_id: int) -> "Game":
        self._act(lambda run: activities.skip(run, run.state.tokens[token_id]))
        return self

    def fire(self, key: str) -> bool:
        return bool(self._act(lambda run: events.fire_timer(run, key)))

    def pass_time(self, **span: float) -> "Game":
        """Move the clock and fire what becomes due, in order, as often as it does; the clock never stands still."""
        end, fired = self.desk.time + timedelta(**span), 0
        while due := sorted((armed.due, armed.key) for _, armed in self.armed() if armed.due and _at(armed.due) <= end):
            self.desk.time = max(self.desk.time, _at(due[0][0] or ""))
            self.fire(due[0][1] or "")
            fired += 1
            assert fired < 1000, f"{due[0]} fires for ever"
        self.desk.time = end
        return self

    def stand_still(self, **span: float) -> "Game":
        """Move the clock while nobody looks, then fire what is due until nothing is."""
        self.desk.time += timedelta(**span)
        return self.pass_time()

    def message(self, name: str, correlation: Mapping[str, Any] | None = None, **facts: Any) -> bool:
        """A message comes from outside. Returns whether somebody waited for it."""
        return bool(self._act(lambda run: events.receive(run, "message", name, facts, correlation or {})))

    def signal(self, name: str, **facts: Any) -> bool:
        """A signal comes from outside. Returns whether somebody waited for it."""
        return bool(self._act(lambda run: events.receive(run, "signal", name, facts, {})))


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def failing(code: str, **facts: Any) -> Service:
    """A service that answers with a BPMN error."""

    def fail(node: Node, seen: dict[str, Any]) -> Mapping[str, Any] | None:
        raise BpmnError(code, **facts)

    return fail
