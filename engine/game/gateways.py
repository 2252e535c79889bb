"""Gateways: exclusive, parallel, inclusive and event-based (BPMN 2.0, 13.4)."""

from engine.game.env import Fault
from engine.game.events import arm
from engine.game.program import Node, Program
from engine.game.run import N_, QUIET, Run, enters
from engine.game.state import Token


@enters("exclusiveGateway")
def exclusive(run: Run, token: Token, node: Node) -> None:
    """Pass on by the first path whose condition is true, else by the default path."""
    if len(node.outgoing) <= 1:
        run.leave(token)
        return
    facts = run.facts(token.scope)
    chosen = next((flow for flow in node.outgoing if flow.id != node.default and run.holds(flow, facts)), None)
    if chosen is None:
        chosen = next((flow for flow in node.outgoing if flow.id == node.default), None)
    if chosen is None:
        raise Fault(node.id, N_("nessuna delle uscite è vera e manca un'uscita predefinita"))
    run.record(token, node, "done")
    run.remove(token)
    run.put(token.scope, chosen.target, chosen.id)


@enters("parallelGateway")
def parallel(run: Run, token: Token, node: Node) -> None:
    """Wait for one token on each incoming path, then go on by all outgoing paths; a surplus token waits for the
    next turn.
    """
    if len(node.incoming) <= 1:
        run.leave(token)
        return
    run.waits(token, node)
    waiting = _arrivals(run, token, node)
    if len(waiting) == len(node.incoming):
        _fire(run, node, list(waiting.values()))


def _arrivals(run: Run, token: Token, node: Node) -> dict[str | None, Token]:
    """Return the oldest token that waits on each incoming path of this gateway in this scope."""
    oldest: dict[str | None, Token] = {}
    for other in run.state.in_scope(token.scope):
        if other.node == node.id and other.via not in oldest:
            oldest[other.via] = other
    return oldest


def _fire(run: Run, node: Node, arrived: list[Token]) -> None:
    last = max(arrived, key=lambda token: token.id)
    for token in arrived:
        if token is not last:
            run.record(token, node, "joined")
            run.remove(token)
    run.leave(last)


@enters("inclusiveGateway")
def inclusive(run: Run, token: Token, node: Node) -> None:
    """Split at once; a join is judged when nothing else can move (`_inclusive_joins`)."""
    if len(node.incoming) <= 1:
        run.leave(token)
    else:
        run.waits(token, node)


def _inclusive_joins(run: Run) -> bool:
    """Fire one inclusive join that waits in vain for more (BPMN 2.0, 13.4.3). Return whether one fired."""
    seen: set[tuple[int, str]] = set()
    for token in list(run.state.tokens.values()):
        place = (token.scope, token.node)
        node = run.node(token)
        if node.kind != "inclusiveGateway" or place in seen:
            continue
        seen.add(place)
        waiting = _arrivals(run, token, node)
        if len(waiting) == len(node.incoming) or not _more_may_come(run, token.scope, node, set(waiting)):
            _fire(run, node, list(waiting.values()))
            return True
    return False


QUIET.append(_inclusive_joins)


def _more_may_come(run: Run, scope_id: int, node: Node, arrived: set[str | None]) -> bool:
    """Return whether some other token can reach an empty incoming path and none of the paths that have a token."""
    program = run.program(run.state.scopes[scope_id])
    empty = {flow for flow in node.incoming if flow not in arrived}
    full = {flow for flow in node.incoming if flow in arrived}
    for other in run.state.in_scope(scope_id):
        if other.node == node.id:
            continue
        reached = reachable_flows(program, other.node, node.id)
        if reached & empty and not reached & full:
            return True
    return False


def reachable_flows(program: Program, start: str, gateway: str) -> set[str]:
    """Return the flows that a token at `start` may still take without passing through `gateway`."""
    flows: set[str] = set()
    seen, todo = {start}, [start]
    while todo:
        node = program.nodes[todo.pop()]
        following = [flow.target for flow in node.outgoing]
        flows.update(flow.id for flow in node.outgoing)
        for target in (*following, *node.boundary):
            if target not in seen and target != gateway:
                seen.add(target)
                todo.append(target)
    return flows


@enters("eventBasedGateway")
def event_based(run: Run, token: Token, node: Node) -> None:
    """Wait for the first of the events that follow."""
    program = run.program(run.state.scopes[token.scope])
    for flow in node.outgoing:
        arm(run, token, program.nodes[flow.target])
    run.waits(token, node)
