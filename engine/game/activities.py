"""Activities: people's tasks, services, decisions, subprocesses, calls, and doing them several times (BPMN 2.0,
13.3).
"""

from collections.abc import Mapping
from typing import Any

from engine.game.env import BpmnError, Fault
from engine.game.events import arm, arm_boundary, catch_at, raise_error, throw
from engine.game.program import Event, Loop, Node
from engine.game.run import N_, Run, closes, enters
from engine.game.state import Scope, Token

MAX_INSTANCES = 200


@enters(
    "userTask",
    "manualTask",
    "task",
    "receiveTask",
    "serviceTask",
    "sendTask",
    "businessRuleTask",
    "callActivity",
    "subProcess",
    "transaction",
)
def activity(run: Run, token: Token, node: Node) -> None:
    """Open the activity: once, or as a loop or multi-instance; its boundary events listen from now on."""
    if node.id in run.omit:
        run.finish(token, "skipped")
    elif token.inner:
        _once(run, token, node)
    elif node.loop is not None:
        arm_boundary(run, token, node)
        _open_loop(run, token, node, node.loop)
    else:
        arm_boundary(run, token, node)
        _once(run, token, node)


def _once(run: Run, token: Token, node: Node) -> None:
    ONCE[node.kind](run, token, node)


def _wait_for_person(run: Run, token: Token, node: Node) -> None:
    if node.due:
        due, _ = run.env.due(node.id, _due_event(node), run.facts(token.scope))
        token.due = due.isoformat()
    run.waits(token, node)


def _due_event(node: Node) -> Event:
    return Event("timer", text=node.due or "", shape="due")


def _wait_for_message(run: Run, token: Token, node: Node) -> None:
    arm(run, token, node)
    run.waits(token, node)


def _service(run: Run, token: Token, node: Node) -> None:
    try:
        answer = run.env.service(node, _told(run, token, node)) or {}
    except BpmnError as error:
        _error_at(run, token, node, error)
        return
    run.take(token.scope, node, answer)
    run.finish(token)


def _error_at(run: Run, token: Token, node: Node, error: BpmnError) -> None:
    """Offer a service's error to its own boundary events first, then outwards."""
    run.assign(token.scope, run.kept(node.id, error.facts))
    if catch_at(run, token, "error", error.code, {}):
        return
    scope = token.scope
    run.cancel_token(token, "error")
    raise_error(run, scope, node.id, error.code, {})


def _decide(run: Run, token: Token, node: Node) -> None:
    answer = run.env.decide(node, _told(run, token, node))
    run.take(token.scope, node, {node.result or node.decision or node.id: answer})
    run.finish(token)


def _send(run: Run, token: Token, node: Node) -> None:
    for event in node.events:
        throw(run, token.scope, node, event)
    run.finish(token)


def _told(run: Run, token: Token, node: Node) -> dict[str, Any]:
    """Return what a service or decision is told: a copy of all variables, and what the input mappings add."""
    return run.kept(node.id, {**run.facts(token.scope), **run.given(token.scope, node)})


def _subprocess(run: Run, token: Token, node: Node) -> None:
    outer = run.state.scopes[token.scope]
    scope = run.open_scope("sub", node.id, token.scope, token.id, outer.definition, run.given(token.scope, node))
    run.waits(token, node)
    run.begin(scope, node.id)


def _call(run: Run, token: Token, node: Node) -> None:
    depth, scope = 0, run.state.scopes[token.scope]
    while scope.parent is not None:
        depth, scope = depth + 1, run.state.scopes[scope.parent]
    if depth > 30:
        raise Fault(node.id, N_("i percorsi si richiamano l'uno dentro l'altro senza fine"))
    definition, program = run.env.callee(node)
    given = run.given(token.scope, node) or dict(run.facts(token.scope))
    called = run.open_scope("call", node.id, token.scope, token.id, definition, given)
    run.waits(token, node)
    run.begin(called, program.process_id)


ONCE = {
    **dict.fromkeys(("userTask", "manualTask", "task"), _wait_for_person),
    "receiveTask": _wait_for_message,
    "serviceTask": _service,
    "businessRuleTask": _decide,
    "sendTask": _send,
    "callActivity": _call,
    **dict.fromkeys(("subProcess", "transaction"), _subprocess),
}


# -- ending ------------------------------------------------------------------------------------------------------------


def complete(run: Run, token: Token, facts: Mapping[str, Any]) -> None:
    """A person finished this task with these facts."""
    run.take(token.scope, run.node(token), facts)
    run.finish(token)


def skip(run: Run, token: Token, facts: Mapping[str, Any] | None = None) -> None:
    """Leave an activity undone and go on behind it with these facts; what runs inside it is cancelled."""
    for scope in [scope for scope in run.state.scopes.values() if scope.host == token.id]:
        run.cancel_scope(scope.id)
    run.assign(token.scope, facts or {})
    run.finish(token, "skipped")


@closes("sub", "call")
def inner_done(run: Run, scope: Scope) -> None:
    """A subprocess or called process ended: its activity ends.

    A call hands back all its variables, or what its output mappings name; a subprocess's own variables end with it,
    unless an output mapping names them.
    """
    host = run.state.tokens.get(scope.host or 0)
    if host is None:
        return
    node = run.node(host)
    if scope.role == "call" or node.outputs:
        run.take(host.scope, node, scope.vars)
    run.finish(host)


@closes("process")
def process_done(run: Run, scope: Scope) -> None:
    """The instance ended: nothing is left to do."""


# -- several times -----------------------------------------------------------------------------------------------------


def _open_loop(run: Run, token: Token, node: Node, loop: Loop) -> None:
    facts = run.facts(token.scope)
    run.waits(token, node)
    if loop.kind == "standard":
        token.loop = {"n": None, "done": 0, "out": []}
        if loop.test_before and not _again(run, token, loop):
            run.leave(token)
            return
        _instance(run, token, node, loop, 0)
        return
    items = _items(node, loop, facts)
    token.loop = {"n": len(items), "done": 0, "out": [None] * len(items), "items": items}
    if not items:
        _close_loop(run, token, loop)
    elif loop.kind == "sequential":
        _instance(run, token, node, loop, 0)
    else:
        for index in range(len(items)):
            _instance(run, token, node, loop, index)


def _items(node: Node, loop: Loop, facts: Mapping[str, Any]) -> list[Any]:
    if loop.collection is not None:
        items = facts.get(loop.collection)
        if not isinstance(items, list):
            raise Fault(node.id, N_("la raccolta «%(name)s» su cui ripetere non è un elenco"), name=loop.collection)
    else:
        number = loop.cardinality.evaluate(facts) if loop.cardinality else None
        try:
            count = int(number)  # type: ignore[arg-type]
        except (TypeError, ValueError):
            raise Fault(node.id, N_("il numero di ripetizioni non è un numero")) from None
        if count != number or count < 0 or count > MAX_INSTANCES:
            raise Fault(node.id, N_("il numero di ripetizioni deve stare tra 0 e %(most)s"), most=MAX_INSTANCES)
        items = list(range(count))
    if len(items) > MAX_INSTANCES:
        raise Fault(node.id, N_("il numero di ripetizioni deve stare tra 0 e %(most)s"), most=MAX_INSTANCES)
    return items


def _instance(run: Run, host: Token, node: Node, loop: Loop, index: int) -> None:
    outer = run.state.scopes[host.scope]
    values: dict[str, Any] = {}
    if loop.item is not None and "items" in _progress(host):
        values[loop.item] = _progress(host)["items"][index]
    role = "pass" if loop.kind == "standard" else "instance"
    scope = run.open_scope(role, node.id, host.scope, host.id, outer.definition, values)
    scope.index = index
    run.put(scope.id, node.id, None, inner=True)


@closes("pass")
def pass_done(run: Run, scope: Scope) -> None:
    """One pass of a standard loop ended: begin the next while the condition holds."""
    host = run.state.tokens.get(scope.host or 0)
    if host is None:
        return
    node = run.node(host)
    _progress(host)["done"] += 1
    if node.loop is not None and _again(run, host, node.loop):
        _instance(run, host, node, node.loop, _progress(host)["done"])
    else:
        run.leave(host)


@closes("instance")
def instance_done(run: Run, scope: Scope) -> None:
    """One instance ended: keep its output; open the next, or end the activity when all are done or it is enough."""
    host = run.state.tokens.get(scope.host or 0)
    node = run.node(host) if host is not None else None
    if host is None or node is None or node.loop is None:
        return
    _progress(host)["done"] += 1
    _collect(run, host, node.loop, scope)
    if _enough(run, host, node.loop):
        for other in [other for other in run.state.scopes.values() if other.host == host.id]:
            run.cancel_scope(other.id)
        _close_loop(run, host, node.loop)
    elif node.loop.kind == "sequential":
        _instance(run, host, node, node.loop, _progress(host)["done"])


def _collect(run: Run, host: Token, loop: Loop, scope: Scope) -> None:
    own = {name: value for name, value in scope.vars.items() if name != loop.item}
    if loop.output is None:
        run.assign(host.scope, own)
    elif scope.index is not None:
        _progress(host)["out"][scope.index] = scope.vars.get(loop.output_item) if loop.output_item else own


def _progress(host: Token) -> dict[str, Any]:
    """Return how far the loop of a host token is."""
    return host.loop if host.loop is not None else {"n": 0, "done": 0, "out": []}


def _again(run: Run, host: Token, loop: Loop) -> bool:
    """A standard loop goes on while its condition is true and its maximum is not reached (BPMN 2.0, table 10.27)."""
    passes = _progress(host)["done"]
    if loop.maximum is not None and passes >= loop.maximum:
        return False
    facts = {**run.facts(host.scope), "loopCounter": passes}
    return loop.condition is None or loop.condition.evaluate(facts) is True


def _enough(run: Run, host: Token, loop: Loop) -> bool:
    """All instances are done, or the completion condition holds (BPMN 2.0, table 10.30)."""
    total, done = _progress(host)["n"], _progress(host)["done"]
    if done >= total:
        return True
    counts = {
        "numberOfInstances": total,
        "numberOfCompletedInstances": done,
        "numberOfActiveInstances": sum(1 for scope in run.state.scopes.values() if scope.host == host.id),
        "numberOfTerminatedInstances": 0,
    }
    return loop.condition is not None and loop.condition.evaluate({**run.facts(host.scope), **counts}) is True


def _close_loop(run: Run, host: Token, loop: Loop) -> None:
    if loop.output is not None:
        run.assign(host.scope, run.kept(host.node, {loop.output: _progress(host)["out"]}))
    run.leave(host)
