"""One run: tokens move until all of them wait. Holds the queue, the scopes' variables and the record of steps.

What happens at each kind of node is in `gateways`, `activities` and `events`; they register themselves in ENTER.
"""

import uuid
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from engine.game.env import Env, Fault, Thrown
from engine.game.program import Expression, Flow, Node, Program
from engine.game.state import Scope, State, Token
from engine.game.values import Keeper

N_ = str
MAX_VISITS = 500  # of one node in one scope, without anything waiting in between
MAX_MOVES = 20_000


ROOTS = frozenset({"process", "call"})  # where variables live that nobody declared further in
KEEPERS = ROOTS | {"instance"}


@dataclass(slots=True)
class StepRecord:
    """One execution of an element: a row of the history. `ended_at` None: it still waits."""

    key: str
    definition: str
    element: str
    kind: str
    name: str
    via: str | None
    started_at: datetime
    ended_at: datetime | None = None
    outcome: str | None = None


@dataclass
class Run:
    """The working set of one transaction on one instance."""

    state: State
    env: Env
    steps: list[StepRecord] = field(default_factory=list)
    ended: list[tuple[str, str]] = field(default_factory=list)  # (step key, outcome) of steps started in earlier runs
    thrown: list[Thrown] = field(default_factory=list)
    uncaught: list[tuple[str, str]] = field(default_factory=list)  # (element, code) of errors that nothing caught
    queue: deque[int] = field(default_factory=deque)
    moved: int = 0
    visits: dict[tuple[int, str], int] = field(default_factory=dict)
    omit: frozenset[str] = frozenset()  # activities that this run leaves undone, going on behind them

    def __post_init__(self) -> None:
        self.loaded = frozenset(self.state.tokens)

    def start(self, definition: str, program: Program, facts: Mapping[str, Any], start: str | None = None) -> None:
        """Open the process scope and put a token on its start event (`start`, else the none start event)."""
        kept = self.kept(program.process_id, facts)
        scope = self.open_scope("process", None, None, None, definition, kept)
        self.begin(scope, program.process_id, start)

    def open_scope(
        self, role: str, node: str | None, parent: int | None, host: int | None, definition: str, values: dict[str, Any]
    ) -> Scope:
        """Return a new scope; its event subprocesses listen from now on."""
        scope = Scope(self.state.new_id(), role, node, parent, host, definition, values)
        self.state.scopes[scope.id] = scope
        return scope

    def begin(self, scope: Scope, container: str, start: str | None = None) -> None:
        """Declare the container's data objects, arm its event subprocesses and enter its start event."""
        program = self.program(scope)
        for name in program.variables.get(container, ()):
            scope.vars.setdefault(name, None)
        ARM_SCOPE[0](self, scope, container)
        starts = program.starts.get(container, ())
        chosen = (
            [node for node in starts if node.id == start] if start else [node for node in starts if not node.events]
        )
        for node in chosen[:1] or starts[:1]:
            self.put(scope.id, node.id, None)

    def program(self, scope: Scope) -> Program:
        """Return the program that this scope runs."""
        return self.env.program(scope.definition)

    def node(self, token: Token) -> Node:
        """Return the node where a token is."""
        return self.program(self.state.scopes[token.scope]).nodes[token.node]

    # -- tokens ------------------------------------------------------------------------------------------------------

    def put(self, scope_id: int, node_id: str, via: str | None, *, inner: bool = False) -> Token:
        """Return a new token at this node, queued to be entered."""
        token = Token(self.state.new_id(), node_id, scope_id, via, uuid.uuid4().hex, inner=inner)
        self.state.tokens[token.id] = token
        self.queue.append(token.id)
        return token

    def settle(self) -> None:
        """Move every token until all wait. Raises Fault when the model runs on and on without waiting."""
        while True:
            while self.queue:
                token = self.state.tokens.get(self.queue.popleft())
                if token is not None:
                    self._enter(token)
            if not any(check(self) for check in QUIET):
                return

    def _enter(self, token: Token) -> None:
        node, place = self.node(token), (token.scope, token.node)
        self.moved += 1
        self.visits[place] = self.visits.get(place, 0) + 1
        if self.visits[place] > MAX_VISITS or self.moved > MAX_MOVES:
            raise Fault(node.id, N_("il percorso gira su sé stesso senza mai fermarsi"))
        ENTER[node.kind](self, token, node)

    def finish(self, token: Token, outcome: str = "done") -> None:
        """An activity or event is over: go on behind it, or close this instance of a multi-instance."""
        if not token.inner:
            self.leave(token, outcome)
            return
        self.record(token, self.node(token), outcome)
        self.remove(token)
        self.close_if_empty(token.scope)

    def leave(self, token: Token, outcome: str = "done") -> None:
        """Take the token away and put one on each path that it leaves by (BPMN 13.2.1: a split without a gateway)."""
        node = self.node(token)
        facts = self.facts(token.scope)
        flows = self._paths(node, facts)
        self.record(token, node, outcome)
        self.remove(token)
        for flow in flows:
            self.put(token.scope, flow.target, flow.id)
        if not flows:
            self.close_if_empty(token.scope)

    def _paths(self, node: Node, facts: Mapping[str, Any]) -> list[Flow]:
        if len(node.outgoing) == 1 and node.outgoing[0].condition is None:
            return list(node.outgoing)
        taken = [f for f in node.outgoing if f.id != node.default and (f.condition is None or self.holds(f, facts))]
        conditional = any(flow.condition is not None for flow in node.outgoing)
        if conditional and not taken:
            taken = [flow for flow in node.outgoing if flow.id == node.default]
            if not taken:
                raise Fault(node.id, N_("nessuna delle uscite è vera e manca un'uscita predefinita"))
        return taken

    def holds(self, flow: Flow, facts: Mapping[str, Any]) -> bool:
        """Return whether a flow's condition is true (null and anything else is not)."""
        return flow.condition is not None and flow.condition.evaluate(facts) is True

    def remove(self, token: Token) -> None:
        """Take a token out of the game without leaving its node."""
        self.state.tokens.pop(token.id, None)

    # -- scopes ------------------------------------------------------------------------------------------------------

    def close_if_empty(self, scope_id: int) -> None:
        """Complete a scope in which no token and no scope is left."""
        scope = self.state.scopes.get(scope_id)
        if scope is None or self.state.in_scope(scope_id) or self.state.children(scope_id):
            return
        del self.state.scopes[scope_id]
        CLOSED[scope.role](self, scope)

    def cancel_scope(self, scope_id: int, outcome: str = "cancelled") -> None:
        """Take a scope away with all that is in it."""
        self.empty_scope(scope_id, outcome)
        self.state.scopes.pop(scope_id, None)

    def empty_scope(self, scope_id: int, outcome: str = "cancelled", *, but: int | None = None) -> None:
        """Take away all tokens and child scopes of a scope, except the child scope `but`."""
        for child in self.state.children(scope_id):
            if child.id != but:
                self.cancel_scope(child.id, outcome)
        for token in self.state.in_scope(scope_id):
            self.cancel_token(token, outcome)

    def cancel_token(self, token: Token, outcome: str = "cancelled") -> None:
        """Take a token away together with the scopes that it hosts."""
        for scope in [scope for scope in self.state.scopes.values() if scope.host == token.id]:
            self.cancel_scope(scope.id, outcome)
        if token.id in self.state.tokens:
            self.record(token, self.node(token), outcome)
            self.remove(token)

    # -- variables ---------------------------------------------------------------------------------------------------

    def facts(self, scope_id: int) -> dict[str, Any]:
        """Return the variables seen from a scope: its own, and its parents' up to the process or called process."""
        chain: list[Scope] = []
        scope: Scope | None = self.state.scopes[scope_id]
        while scope is not None:
            chain.append(scope)
            scope = None if scope.role in ROOTS or scope.parent is None else self.state.scopes[scope.parent]
        if len(chain) == 1:
            return chain[0].vars
        seen: dict[str, Any] = {}
        for scope in reversed(chain):
            seen.update(scope.vars)
            if scope.index is not None:
                seen["loopCounter"] = scope.index + 1
        return seen

    def assign(self, scope_id: int, values: Mapping[str, Any]) -> None:
        """Write variables where they are declared: the nearest scope that has the name, else the process.

        The instances of a multi-instance activity keep what they are given to themselves until they end.
        """
        for name, value in values.items():
            scope = self.state.scopes[scope_id]
            while (
                scope.role not in ("process", "call", "instance")
                and name not in scope.vars
                and scope.parent is not None
            ):
                scope = self.state.scopes[scope.parent]
            scope.vars[name] = value

    def take(self, scope_id: int, node: Node, answer: Mapping[str, Any]) -> None:
        """Write what a node was answered: through its output mappings where it has any, else as it is."""
        answer = self.kept(node.id, answer)
        if node.outputs:
            answer = self.mapped(node.id, node.outputs, {**self.facts(scope_id), **answer})
        self.assign(scope_id, answer)

    def mapped(
        self, element: str, mappings: Iterable[tuple[str, Expression]], facts: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Return what mappings compute from these facts, in values that can be kept."""
        return self.kept(element, {name: self.env.plain(expression.evaluate(facts)) for name, expression in mappings})

    def kept(self, element: str, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return a copy of values in the form that a save keeps. Raises Fault where one cannot be kept."""
        return Keeper(element, self.env.plain).keep(values)

    def given(self, scope_id: int, node: Node) -> dict[str, Any]:
        """Return what the input mappings of a node compute from the variables of a scope."""
        return self.mapped(node.id, node.inputs, self.facts(scope_id)) if node.inputs else {}

    # -- the record --------------------------------------------------------------------------------------------------

    def waits(self, token: Token, node: Node) -> None:
        """Record that a step began and waits."""
        self.steps.append(self._step(token, node))

    def _step(self, token: Token, node: Node) -> StepRecord:
        definition = self.state.scopes[token.scope].definition
        return StepRecord(token.key, definition, node.id, node.kind, node.name, token.via, self.env.now())

    def record(self, token: Token, node: Node, outcome: str) -> None:
        """Record that a step ended: its open record if there is one, else a step that took no time."""
        for step in self.steps:
            if step.key == token.key:
                step.ended_at, step.outcome = self.env.now(), outcome
                return
        if self.known(token):
            self.ended.append((token.key, outcome))
            return
        step = self._step(token, node)
        step.ended_at, step.outcome = step.started_at, outcome
        self.steps.append(step)

    def known(self, token: Token) -> bool:
        """Return whether the token already waited when this run began."""
        return token.id in self.loaded


Enter = Callable[[Run, Token, Node], None]
ENTER: dict[str, Enter] = {}
CLOSED: dict[str, Callable[[Run, Scope], None]] = {}
QUIET: list[Callable[[Run], bool]] = []
ARM_SCOPE: list[Callable[[Run, Scope, str], None]] = []


def enters(*kinds: str) -> Callable[[Enter], Enter]:
    """Register what happens when a token enters a node of these kinds."""

    def register(function: Enter) -> Enter:
        ENTER.update(dict.fromkeys(kinds, function))
        return function

    return register


def closes(*roles: str) -> Callable[[Callable[[Run, Scope], None]], Callable[[Run, Scope], None]]:
    """Register what happens when a scope of these roles completes."""

    def register(function: Callable[[Run, Scope], None]) -> Callable[[Run, Scope], None]:
        CLOSED.update(dict.fromkeys(roles, function))
        return function

    return register
