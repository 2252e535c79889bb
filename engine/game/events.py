"""Events: what listens, what is thrown, who catches (BPMN 2.0, 13.5)."""

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from engine.game.env import Thrown
from engine.game.program import Event, Node
from engine.game.run import ARM_SCOPE, QUIET, Run, closes, enters
from engine.game.state import Armed, Scope, Token

Owner = Token | Scope


def scope_of(owner: Owner) -> int:
    """Return the scope whose variables an owner of events sees."""
    return owner.scope if isinstance(owner, Token) else owner.id


def arm(run: Run, owner: Owner, node: Node) -> None:
    """Let `owner` listen to the events of a catching node."""
    facts = run.facts(scope_of(owner))
    owner.armed.extend(armed_at(run, node, index, facts) for index in range(len(node.events)))


def armed_at(run: Run, node: Node, index: int, facts: Mapping[str, Any]) -> Armed:
    """Return what listens to one event of a catching node from now on."""
    event, armed = node.events[index], Armed(node.id, index)
    if event.kind == "timer":
        due, left = run.env.due(node.id, event, facts)
        armed.key, armed.due, armed.left = uuid.uuid4().hex, due.astimezone(UTC).isoformat(), left
        armed.base, armed.turn = run.env.now().isoformat(), 1
    elif event.kind in ("message", "signal"):
        armed.key = uuid.uuid4().hex
    elif event.kind == "conditional":
        armed.was = False
    return armed


def arm_boundary(run: Run, token: Token, node: Node) -> None:
    """Let an activity listen to its boundary events."""
    program = run.program(run.state.scopes[token.scope])
    for boundary in node.boundary:
        arm(run, token, program.nodes[boundary])


def arm_scope(run: Run, scope: Scope, container: str) -> None:
    """Let a scope listen to the start events of its event subprocesses."""
    program = run.program(scope)
    for subprocess in program.event_subprocesses.get(container, ()):
        for start in program.starts.get(subprocess.id, ()):
            arm(run, scope, start)


ARM_SCOPE.append(arm_scope)


def event_of(run: Run, owner: Owner, armed: Armed) -> tuple[Node, Event]:
    """Return the catching node and event definition behind an armed event."""
    scope = run.state.scopes[scope_of(owner)]
    node = run.program(scope).nodes[armed.node]
    return node, node.events[armed.index]


# -- catching ----------------------------------------------------------------------------------------------------------


def trigger(run: Run, owner: Owner, armed: Armed, facts: Mapping[str, Any] | None = None) -> None:
    """Let one armed event happen: at a catching event, event gateway, boundary or event subprocess."""
    node, event = event_of(run, owner, armed)
    if isinstance(owner, Scope):
        _start_event_subprocess(run, owner, armed, node, event, facts or {})
    elif node.attached_to:
        _boundary(run, owner, armed, node, event, facts or {})
    else:
        _catch(run, owner, armed, node, facts or {})


def _catch(run: Run, token: Token, armed: Armed, node: Node, facts: Mapping[str, Any]) -> None:
    run.take(token.scope, node, facts)
    here = run.node(token)
    if here.kind == "eventBasedGateway":
        flow = next(flow for flow in here.outgoing if flow.target == node.id)
        run.record(token, here, "done")
        run.remove(token)
        caught = run.put(token.scope, node.id, flow.id)
        run.queue.remove(caught.id)
        run.leave(caught)
        return
    token.armed.remove(armed)
    waiting = [other for other in token.armed if other.node == node.id]
    if not node.all_events or not waiting:
        run.finish(token)


def _boundary(run: Run, token: Token, armed: Armed, node: Node, event: Event, facts: Mapping[str, Any]) -> None:
    scope = token.scope
    if node.interrupting:
        run.cancel_token(token, "interrupted")
    else:
        _rearm(run, token, armed, event)
    run.take(scope, node, facts)
    fired = run.put(scope, node.id, None)
    run.queue.remove(fired.id)
    run.leave(fired, "fired")


def _rearm(run: Run, owner: Owner, armed: Armed, event: Event) -> None:
    """A message, signal, escalation or condition may come again; a date or duration comes once; a cycle goes on."""
    if event.kind != "timer":
        return
    if event.shape == "cycle" and armed.due is not None and (armed.left is None or armed.left > 1):
        armed.left = None if armed.left is None else armed.left - 1
        base = datetime.fromisoformat(armed.base or armed.due)
        due, armed.turn = run.env.again(armed.node, event, run.facts(scope_of(owner)), base, armed.turn)
        armed.key, armed.due = uuid.uuid4().hex, due.astimezone(UTC).isoformat()
    else:
        owner.armed.remove(armed)


def _start_event_subprocess(
    run: Run, scope: Scope, armed: Armed, start: Node, event: Event, facts: Mapping[str, Any]
) -> None:
    child = run.open_scope("event", start.scope, scope.id, None, scope.definition, {})
    if start.interrupting:
        run.empty_scope(scope.id, "interrupted", but=child.id)
        scope.armed.clear()
    else:
        _rearm(run, scope, armed, event)
    run.take(child.id, start, facts)
    run.begin(child, start.scope, start.id)


@closes("event")
def event_subprocess_done(run: Run, scope: Scope) -> None:
    """An event subprocess ends; with it, the scope it interrupted or outlived."""
    if scope.parent is not None:
        run.close_if_empty(scope.parent)


def fire_timer(run: Run, key: str) -> bool:
    """Let the timer with this key happen. Return False if nothing waits for it any more."""
    for owner, armed in run.state.listeners():
        if armed.key == key:
            trigger(run, owner, armed)
            return True
    return False


def receive(run: Run, kind: str, name: str, facts: Mapping[str, Any], correlation: Mapping[str, Any]) -> bool:
    """Deliver a message (to the oldest receiver that correlates) or a signal (to all). Return whether anyone took
    it.
    """
    taken = False
    for owner, armed in run.state.listeners():
        if not _still_there(run, owner, armed):
            continue
        _, event = event_of(run, owner, armed)
        if event.kind == kind and event.name == name and correlates(run, owner, event, correlation):
            trigger(run, owner, armed, facts)
            taken = True
            if kind == "message":
                break
    return taken


def _still_there(run: Run, owner: Owner, armed: Armed) -> bool:
    alive = run.state.tokens if isinstance(owner, Token) else run.state.scopes
    return owner.id in alive and armed in owner.armed


def correlates(run: Run, owner: Owner, event: Event, correlation: Mapping[str, Any]) -> bool:
    """Return whether the receiver has the same value for every key that the message correlates by (BPMN 2.0, 8.3.2)."""
    own = run.facts(scope_of(owner))
    return all(own.get(key) == value for key, value in correlation.items())


def conditions(run: Run) -> bool:
    """Let one conditional event happen whose condition has become true. Return whether one did."""
    for owner, armed in run.state.listeners():
        if armed.was is None:
            continue
        _, event = event_of(run, owner, armed)
        holds = event.condition is not None and event.condition.evaluate(run.facts(scope_of(owner))) is True
        became, armed.was = holds and not armed.was, holds
        if became:
            trigger(run, owner, armed)
            return True
    return False


QUIET.append(conditions)

# -- throwing ----------------------------------------------------------------------------------------------------------


def throw(run: Run, scope_id: int, node: Node, event: Event) -> None:
    """Throw a message, signal or escalation from a node of this scope; it carries what the output mappings name."""
    facts = dict(run.facts(scope_id))
    sent = run.mapped(node.id, node.outputs, facts)
    if event.kind == "message":
        correlation = run.mapped(node.id, event.correlation, {**facts, **sent})
        if not receive(run, "message", event.name or "", sent, correlation):
            run.thrown.append(Thrown("message", event.name or "", sent, correlation))
    elif event.kind == "signal":
        receive(run, "signal", event.name or "", sent, {})
        run.thrown.append(Thrown("signal", event.name or "", sent, {}))
    elif event.kind == "escalation":
        _propagate(run, scope_id, "escalation", event.name, facts)


def raise_error(run: Run, scope_id: int, element: str, code: str | None, facts: Mapping[str, Any]) -> bool:
    """Let the nearest enclosing catcher take a BPMN error; uncaught, the outermost scope ends and the error is
    reported.
    """
    if _propagate(run, scope_id, "error", code, facts):
        return True
    scope = run.state.scopes[scope_id]
    while scope.parent is not None:
        scope = run.state.scopes[scope.parent]
    run.uncaught.append((element, code or ""))
    run.cancel_scope(scope.id, "error")
    return False


def _propagate(run: Run, scope_id: int, kind: str, code: str | None, facts: Mapping[str, Any]) -> bool:
    """Offer an error or escalation to each enclosing scope's event subprocesses, then to its host's boundary events."""
    scope: Scope | None = run.state.scopes[scope_id]
    while scope is not None:
        parent = run.state.scopes[scope.parent] if scope.parent is not None else None
        if catch_at(run, scope, kind, code, facts):
            return True
        host = run.state.tokens.get(scope.host) if scope.host is not None else None
        if host is not None and catch_at(run, host, kind, code, facts):
            return True
        scope = parent
    return False


def catch_at(run: Run, owner: Owner, kind: str, code: str | None, facts: Mapping[str, Any]) -> bool:
    """Let this owner catch an error or escalation; a catcher with the same code goes before one that catches all."""
    catchers = []
    for armed in owner.armed:
        _, event = event_of(run, owner, armed)
        if event.kind == kind and event.name in (None, code):
            catchers.append((event.name is None, armed))
    if not catchers:
        return False
    trigger(run, owner, min(catchers, key=lambda pair: pair[0])[1], {})
    return True


# -- nodes -------------------------------------------------------------------------------------------------------------


@enters("startEvent")
def start_event(run: Run, token: Token, node: Node) -> None:
    """Pass on: what started it has already happened."""
    run.leave(token)


@enters("intermediateCatchEvent")
def catch_event(run: Run, token: Token, node: Node) -> None:
    """Wait for the event."""
    arm(run, token, node)
    run.waits(token, node)


@enters("intermediateThrowEvent")
def throw_event(run: Run, token: Token, node: Node) -> None:
    """Throw, then pass on (unless an interrupting catcher took the token away)."""
    for event in node.events:
        throw(run, token.scope, node, event)
    if token.id in run.state.tokens:
        run.leave(token)


@enters("endEvent")
def end_event(run: Run, token: Token, node: Node) -> None:
    """Throw what the end event throws, then take the token out of the game."""
    for event in node.events:
        if event.kind == "terminate":
            _terminate(run, token, node)
            return
        if event.kind == "cancel":
            _cancel_transaction(run, token, node)
            return
        if event.kind == "error":
            run.record(token, node, "error")
            run.remove(token)
            raise_error(run, token.scope, node.id, event.name, run.facts(token.scope))
            return
        throw(run, token.scope, node, event)
    if token.id in run.state.tokens:
        run.record(token, node, "done")
        run.remove(token)
        run.close_if_empty(token.scope)


def _terminate(run: Run, token: Token, node: Node) -> None:
    run.record(token, node, "done")
    run.remove(token)
    run.empty_scope(token.scope, "terminated")
    run.close_if_empty(token.scope)


def _cancel_transaction(run: Run, token: Token, node: Node) -> None:
    run.record(token, node, "done")
    run.remove(token)
    host = _outermost_host(run, token)
    if host is None or not catch_at(run, host, "cancel", None, {}):
        raise_error(run, token.scope, node.id, None, {})


def _outermost_host(run: Run, token: Token) -> Token | None:
    """Return the activity that a transaction's boundary events are on: of a repeated one the whole, not one
    instance.
    """
    host: Token | None = token
    while host is not None and (host is token or host.inner):
        scope = run.state.scopes[host.scope]
        host = run.state.tokens.get(scope.host) if scope.host is not None else None
    return host
