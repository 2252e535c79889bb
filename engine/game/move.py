"""Moving a running instance to another version of its process: tokens stay where they are, the drawing under them
changes.

A token is bound again by the id of its element, or by a mapping from old ids to new ones. What has a due time keeps it,
what listens goes on listening, what is new in the drawing listens from now on, what is gone listens no more. A move
never moves a token: where the new drawing would let one go on by itself, it is an obstacle.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC
from functools import cached_property
from typing import Any

from engine.game import joins
from engine.game.env import Fault
from engine.game.events import Owner, armed_at, scope_of
from engine.game.gateways import reachable_flows
from engine.game.program import PEOPLE, Event, Node, Program
from engine.game.run import N_, QUIET, ROOTS, Run
from engine.game.state import Armed, Scope, State, Token

JOINS = frozenset({"parallelGateway", "inclusiveGateway"})
OWN_EVENTS = frozenset({"receiveTask", "intermediateCatchEvent"})
REPETITIONS = frozenset({"instance", "pass"})

GONE = N_("«%(name)s» è in corso e nella nuova versione non c'è più: scegli il passo in cui continua")
LOST = N_("«%(name)s» è in corso, ma nella nuova versione non c'è più e nessun passo dello stesso tipo può continuarlo")
KIND = N_("«%(name)s» è in corso e nella nuova versione è un passo di un altro tipo")
ELSEWHERE = N_("«%(name)s» è in corso e nella nuova versione si trova in un'altra parte del percorso")
REPEATS = N_("«%(name)s» è in corso e nella nuova versione si ripete in modo diverso")
CALLS = N_("«%(name)s» è in corso e nella nuova versione richiama un altro percorso")
ARRIVED = N_("al punto di incontro «%(name)s» una strada è già arrivata, e nella nuova versione non c'è più")
NEVER = N_("il punto di incontro «%(name)s» attenderebbe per sempre una strada che in questo caso nessuno percorre")
TWICE = N_("al punto di incontro «%(name)s» arriverebbero più passi per la stessa strada, e il caso non finirebbe mai")
BY_ITSELF = N_("con la nuova versione il caso andrebbe avanti da solo, senza che nessuno lo abbia deciso")


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why a move cannot be: `element` of the old version ("" for the whole), an Italian msgid with its places, and
    whether choosing another element for it would help.
    """

    element: str
    sentence: str
    params: Mapping[str, object] = field(default_factory=dict)
    can_be_mapped: bool = False


def way_back(mapping: Mapping[str, str], nodes: Mapping[str, Node]) -> dict[str, str]:
    """Where elements of the new version go on in the old one, whose `nodes` these are, when a move is taken back.

    What the old version has itself stays itself; of two old steps that became one nobody can say which it was.
    """
    came = Counter(mapping.values())
    return {new: old for old, new in mapping.items() if new not in nodes and came[new] == 1}


@dataclass
class Mover:
    """One move of what runs on `old` in a state to `new`. `before` is the state as it was on `new`, if it ever was: a
    move back takes up again what the first move had put down.
    """

    run: Run
    old: str
    new: str
    mapping: Mapping[str, str]
    before: State | None = None

    # -- names --------------------------------------------------------------------------------------------------------

    @cached_property
    def source(self) -> Program:
        """The program that the tokens leave."""
        return self.run.env.program(self.old)

    @cached_property
    def target(self) -> Program:
        """The program that they go on with."""
        return self.run.env.program(self.new)

    @cached_property
    def scopes(self) -> list[Scope]:
        """What runs on the old version, as it is before the move; of a move back only what the move had moved, and what
        has begun inside it: a process that was called later has never run on another version.
        """
        here = [scope for scope in self.run.state.scopes.values() if scope.definition == self.old]
        return here if self.before is None else [scope for scope in here if self._was_moved(scope)]

    def _was_moved(self, scope: Scope) -> bool:
        while scope.role not in ROOTS and scope.parent is not None:
            scope = self.run.state.scopes[scope.parent]
        earlier = self._scopes_before.get(scope.id)
        return earlier is not None and earlier.definition == self.new

    @cached_property
    def tokens(self) -> list[Token]:
        """The tokens that run on the old version, as they are before the move."""
        inside = {scope.id for scope in self.scopes}
        return [token for token in self.run.state.tokens.values() if token.scope in inside]

    @cached_property
    def _owners(self) -> list[Owner]:
        return [*self.scopes, *self.tokens]

    @cached_property
    def _origin(self) -> Mapping[str, str]:
        return {new: old for old, new in self.mapping.items()}

    @cached_property
    def _tokens_before(self) -> Mapping[str, Token]:
        return {token.key: token for token in self.before.tokens.values()} if self.before else {}

    @cached_property
    def _scopes_before(self) -> Mapping[int, Scope]:
        return self.before.scopes if self.before else {}

    def place(self, owner: Owner) -> str:
        """Return where a token or scope of the old version is in the new one; one that was there before goes back."""
        if isinstance(owner, Token):
            was = self._tokens_before.get(owner.key)
            return was.node if was is not None else self.name(owner.node)
        earlier = self._scopes_before.get(owner.id)
        return earlier.node or "" if earlier is not None else self.name(owner.node or "")

    def name(self, element: str) -> str:
        """Return the id in the new version of an element of the old one."""
        return self.mapping.get(element, element)

    def _called_before(self, element: str) -> str:
        """Return the id in the old version of an element of the new one."""
        return self._origin.get(element, "" if element in self.mapping else element)

    def container(self, scope: Scope, program: Program, place: Callable[[Scope], str]) -> str:
        """Return the (sub)process whose elements the tokens of a scope stand at."""
        while scope.role in REPETITIONS and scope.parent is not None:
            scope = self.run.state.scopes[scope.parent]
        return program.process_id if scope.role in ROOTS else place(scope)

    # -- may it be? ---------------------------------------------------------------------------------------------------

    def obstacles(self) -> list[Obstacle]:
        """Return what stands against the move, without changing anything; each element once."""
        found: dict[str, Obstacle] = {}
        for owner in self._owners:
            obstacle = self._of_scope(owner) if isinstance(owner, Scope) else self._of_token(owner)
            if obstacle is not None:
                found.setdefault(obstacle.element, obstacle)
        return list(found.values())

    def _of_scope(self, scope: Scope) -> Obstacle | None:
        if scope.role != "event":  # the others are as good as the token that hosts them
            return None
        old, new = self.source.nodes[scope.node or ""], self.target.nodes.get(self.place(scope))
        if new is None:
            return self._gone(old)
        if not new.by_event:
            return self._because(KIND, old)
        return None if self._is_inside(scope.parent, new) else self._because(ELSEWHERE, old)

    def _of_token(self, token: Token) -> Obstacle | None:
        old, new = self.source.nodes[token.node], self.target.nodes.get(self.place(token))
        if new is None:
            return self._gone(old)
        if not same_kind(old, new):
            return self._because(KIND, old, can_be_mapped=bool(self.candidates(old)))
        if not self._is_inside(token.scope, new):
            return self._because(ELSEWHERE, old)
        if not (token.inner or _repeats_alike(token, old, new)):
            return self._because(REPEATS, old)
        if old.called != new.called:
            return self._because(CALLS, old)
        if new.kind in JOINS and self._way(token, new) is None:
            return self._because(ARRIVED, old)
        return None

    def _is_inside(self, scope_id: int | None, new: Node) -> bool:
        around = self.container(self.run.state.scopes[scope_id or 0], self.target, self.place)
        return (around not in self.target.nodes and around != self.target.process_id) or new.scope == around

    def _gone(self, old: Node) -> Obstacle:
        possible = bool(self.candidates(old))
        return self._because(GONE if possible else LOST, old, can_be_mapped=possible)

    def candidates(self, old: Node) -> list[Node]:
        """Return the elements of the new version in which a token of an old element may go on."""
        return [
            node
            for node in self.target.nodes.values()
            if same_kind(old, node) and node.scope == self.name(old.scope)
        ]

    def _because(self, sentence: str, node: Node, *, can_be_mapped: bool = False) -> Obstacle:
        return Obstacle(node.id, sentence, {"name": node.name or node.id}, can_be_mapped)

    def _way(self, token: Token, new: Node) -> str | None:
        """Return the way in of the new join for a token that waits at the old one; None if nobody can tell."""
        was = self._tokens_before.get(token.key)
        if was is not None:
            return was.via
        if token.via in new.incoming:
            return token.via
        known = self.source.nodes[token.node].incoming
        lost = [flow for flow in known if flow not in new.incoming]
        fresh = [flow for flow in new.incoming if flow not in known]
        if len(lost) == len(fresh) == 1:
            return fresh[0]
        source = self.name(self.source.flows[token.via or ""].source)
        reached = reachable_flows(self.target, source, new.id) if source in self.target.nodes else set[str]()
        near = reached.intersection(fresh)
        return near.pop() if len(near) == 1 else None

    # -- moving -------------------------------------------------------------------------------------------------------

    def move(self) -> list[Obstacle]:
        """Change the state, and return what is wrong with what it has become: then it must not be kept.

        To be called where `obstacles` finds none. A fault of the new drawing is an obstacle like any other.
        """
        earlier = self._worries(self.source, lambda scope: scope.node or "")
        listened = {id(owner): set(self._events(owner, self.source)) for owner in self._owners}
        try:
            self._rebind()
            for owner in self._owners:
                self._listen(owner, listened[id(owner)])
            wrong = self._stuck(earlier)
            if not wrong and any(check(self.run) for check in QUIET):
                wrong = [Obstacle("", BY_ITSELF)]
        except Fault as fault:
            wrong = [Obstacle(self._called_before(fault.element), fault.sentence, fault.params)]
        return wrong

    def _rebind(self) -> None:
        hosts = {token.id for token in self.tokens}
        for scope in self.run.state.scopes.values():
            if scope.role == "call" and scope.host in hosts:
                scope.node = self.name(scope.node or "")
        for scope in self.scopes:
            if scope.role not in ROOTS:
                scope.node = self.place(scope)
            scope.definition = self.new
        for token in self.tokens:
            new = self.target.nodes[self.place(token)]
            if new.kind in JOINS:
                token.via = self._way(token, new)
            token.node = new.id
        for scope in self.scopes:
            if scope.role not in REPETITIONS:
                for name in self.target.variables.get(self._here(scope), ()):
                    scope.vars.setdefault(name, None)

    def _here(self, scope: Scope) -> str:
        return self.container(scope, self.run.program(scope), lambda each: each.node or "")

    # -- what listens -------------------------------------------------------------------------------------------------

    def _events(self, owner: Owner, program: Program) -> Iterator[tuple[str, int]]:
        """Yield the events that an owner listens to when it begins: catching node and number."""
        nodes: list[Node] = []
        if isinstance(owner, Scope):
            if owner.role not in REPETITIONS:
                subprocesses = program.event_subprocesses.get(self._here(owner), ())
                nodes = [start for each in subprocesses for start in program.starts.get(each.id, ())]
        else:
            here = program.nodes[owner.node]
            nodes = [] if owner.inner else [program.nodes[each] for each in here.boundary]
            if here.kind in OWN_EVENTS and (owner.inner or here.loop is None):
                nodes.append(here)
            elif here.kind == "eventBasedGateway":
                nodes += [program.nodes[flow.target] for flow in here.outgoing]
        for node in nodes:
            yield from ((node.id, index) for index in range(len(node.events)))

    def _listen(self, owner: Owner, listened: set[tuple[str, int]]) -> None:
        """Keep what still listens, put down what is gone, take up what is new; what has happened is not new."""
        if isinstance(owner, Token):
            self._due(owner)
        heard, facts = {(armed.node, armed.index): armed for armed in owner.armed}, None
        armed_now: list[Armed] = []
        for node_id, index in self._events(owner, self.target):
            node = self.target.nodes[node_id]
            place = self._called_before(node_id), index
            kept = heard.get(place)
            if kept is not None and same_event(self.source.nodes[place[0]].events[index], node.events[index]):
                armed_now.append(self._kept(owner, kept, node))
            elif kept is not None or place not in listened:
                facts = self.run.facts(scope_of(owner)) if facts is None else facts
                armed_now += self._taken_up(owner, node, index, facts)
        owner.armed[:] = armed_now

    def _kept(self, owner: Owner, armed: Armed, node: Node) -> Armed:
        before, now = self.source.nodes[armed.node].events[armed.index], node.events[armed.index]
        armed.node = node.id
        if now.shape == "cycle" and now.text != before.text:  # the next turn is counted by the new text
            _, armed.left = self.run.env.due(node.id, now, self.run.facts(scope_of(owner)))
        return armed

    def _taken_up(self, owner: Owner, node: Node, index: int, facts: Mapping[str, Any]) -> list[Armed]:
        was = self._tokens_before.get(owner.key) if isinstance(owner, Token) else self._scopes_before.get(owner.id)
        if was is not None:
            return [armed for armed in was.armed if (armed.node, armed.index) == (node.id, index)]
        if isinstance(owner, Scope) and self._is_deaf(owner):
            return []
        return [armed_at(self.run, node, index, facts)]

    def _is_deaf(self, scope: Scope) -> bool:
        """Return whether an event subprocess has interrupted this scope: it listens no more."""
        inside = [child.node or "" for child in self.run.state.children(scope.id) if child.role == "event"]
        return any(start.interrupting for name in inside for start in self.target.starts.get(name, ()))

    def _due(self, token: Token) -> None:
        """A person's task keeps its due time; one that had none gets the new version's, counted from now."""
        was, node = self._tokens_before.get(token.key), self.target.nodes[token.node]
        if was is not None:
            token.due = was.due
        elif not node.due or node.kind not in PEOPLE or token.loop is not None:
            token.due = None
        elif token.due is None:
            due, _ = self.run.env.due(node.id, Event("timer", text=node.due, shape="due"), self.run.facts(token.scope))
            token.due = due.astimezone(UTC).isoformat()

    # -- what would get stuck -----------------------------------------------------------------------------------------

    def _worries(self, program: Program, place: Callable[[Scope], str]) -> dict[int, dict[str, joins.Worry]]:
        return {
            scope.id: joins.worries(program, self.container(scope, program, place), self.run.state.in_scope(scope.id))
            for scope in self.scopes
            if scope.role not in REPETITIONS
        }

    def _stuck(self, earlier: Mapping[int, Mapping[str, joins.Worry]]) -> list[Obstacle]:
        found: dict[str, Obstacle] = {}
        for scope_id, worries in self._worries(self.target, lambda scope: scope.node or "").items():
            for join, worry in worries.items():
                before = earlier[scope_id].get(self._called_before(join), joins.Worry(frozenset(), 0))
                if worry.never and not before.never:
                    found[join] = self._because(NEVER, self.target.nodes[join])
                elif worry.surplus > before.surplus:
                    found[join] = self._because(TWICE, self.target.nodes[join])
        for token in self.tokens:
            if token.node not in found and self._is_complete(token):
                found[token.node] = Obstacle(self._called_before(token.node), BY_ITSELF)
        return list(found.values())

    def _is_complete(self, token: Token) -> bool:
        """Return whether the join where a token waits has all it waits for, and would have to fire by the move."""
        node = self.target.nodes[token.node]
        if node.kind not in JOINS:
            return False
        arrived = {each.via for each in self.run.state.in_scope(token.scope) if each.node == node.id}
        return len(node.incoming) <= 1 or (node.kind == "parallelGateway" and arrived >= set(node.incoming))


def same_kind(old: Node, new: Node) -> bool:
    """Return whether a token at one element may go on at the other."""
    alike = old.kind == new.kind or (old.kind in PEOPLE and new.kind in PEOPLE)
    return alike and old.by_event == new.by_event


def same_event(old: Event, new: Event) -> bool:
    """Return whether who listens to one event listens to the other: timers by their kind of rhythm, so that a changed
    length does not reset what runs; messages and signals by name.
    """
    if old.kind != new.kind:
        return False
    if old.kind == "timer":
        return (old.shape == "cycle") == (new.shape == "cycle")
    return old.kind not in ("message", "signal") or old.name == new.name


def _repeats_alike(token: Token, old: Node, new: Node) -> bool:
    """Return whether a repetition in progress may go on as the new version draws it."""
    if token.loop is None:
        return new.loop is None or old.loop is not None
    if old.loop is None or new.loop is None:
        return False
    shape = ("kind", "collection", "item", "output", "output_item")
    return all(getattr(old.loop, name) == getattr(new.loop, name) for name in shape)
