"""What the steps of a pathway look at: the names in their conditions, times, repetitions, people and data handed on.

Which tables a step asks is not said here: what those look at has versions of its own (`decisions.looks_at`).
"""

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass

from engine import feel, spiff, timing
from engine.feel_tree import Context, Each, Filter, Lambda, Name, Path, walk
from engine.game.program import Event, Expression, Node, Program

_THROWS = frozenset({"sendTask", "intermediateThrowEvent", "endEvent"})


@dataclass(frozen=True, slots=True)
class Use:
    """One step that looks at one datum; `after`: when it is done, so that it may have given the datum itself."""

    name: str
    node: Node
    after: bool = False


def uses(program: Program) -> Iterator[Use]:
    """Give every use of a datum in a program, step by step; the same one may come twice."""
    loops = [node.loop for node in program.nodes.values() if node.loop is not None]
    collected = frozenset(name for loop in loops for name in (loop.output, loop.item) if name)
    for node in program.nodes.values():
        yield from (Use(name, node, after=False) for part in _before(node) for name in _names(part, collected))
        yield from (Use(name, node, after=True) for part in _after(node) for name in _names(part, collected))


_Part = str | feel.Expression | Expression | None  # of a step: an expression, or the name of a datum


def _before(node: Node) -> Iterator[_Part]:
    yield timing.calculated(node.due or "")
    yield timing.calculated(node.reminders or "")
    yield node.assignee
    yield from (expression for _, expression in node.inputs)
    for event in node.events:
        yield from _of_event(node, event)
    if node.loop is not None:
        yield from (node.loop.cardinality, node.loop.collection)


def _of_event(node: Node, event: Event) -> Iterator[_Part]:
    if event.kind == "timer":
        yield timing.calculated(event.text)
    yield event.condition
    for key, expression in event.correlation:
        # who throws calculates the keys, who waits is known by data of the same names
        yield expression if node.kind in _THROWS else key


def _after(node: Node) -> Iterator[_Part]:
    # what stands on the default way is never asked
    yield from (flow.condition for flow in node.outgoing if flow.id != node.default)
    yield from (expression for _, expression in node.outputs)
    if node.loop is not None:
        yield from (node.loop.condition, node.loop.output_item)


def _names(part: _Part, collected: frozenset[str]) -> Iterator[str]:
    """The data that a part names. Of what repetitions collected each item holds data, by the names of their fields."""
    if isinstance(part, str):
        yield part
        return
    expression = part.inner if isinstance(part, spiff.Bound) else part
    if not isinstance(expression, feel.Expression):
        return
    yield from expression.names
    nodes = list(walk(expression.tree))
    own = {name for node in nodes for name in _declared(node)}
    for test in (node.test for node in nodes if isinstance(node, Filter)):
        # a name in a filter is a key of its items, or else a datum
        yield from (node.name for node in walk(test) if isinstance(node, Name) and node.name not in own)
    if expression.names & collected:
        yield from (node.name for node in nodes if isinstance(node, Path))


def _declared(node: object) -> Iterable[str]:
    if isinstance(node, Each):
        return [name for name, _ in node.domains]
    if isinstance(node, Lambda):
        return node.parameters
    return [name for name, _ in node.entries] if isinstance(node, Context) else ()


# -- the order of steps ------------------------------------------------------------------------------------------------


def entries(program: Program) -> list[str]:
    """Return where a program begins: its start events, and those of what listens all the while."""
    listening = (node.id for node in program.event_subprocesses.get(program.process_id, ()))
    return [start.id for start in program.starts.get(program.process_id, ())] + list(listening)


def reached(program: Program, begin: Iterable[str], closed: Container[str] = ()) -> set[str]:
    """Return the steps that a token may come to from these, they themselves included; it gets into those that are
    `closed`, but not past them.
    """
    found, waiting = set[str](), list(begin)
    while waiting:
        here = waiting.pop()
        if here not in found:
            found.add(here)
            waiting += inside(program, here)
            waiting += behind(program, here) if here not in closed else []
    return found


def inside(program: Program, here: str) -> Iterator[str]:
    """Give what begins with a step while it is not done: its border, and what is in it if it is a part of its own."""
    yield from program.nodes[here].boundary
    yield from (node.id for node in program.starts.get(here, ()))
    yield from (node.id for node in program.event_subprocesses.get(here, ()))


def behind(program: Program, here: str) -> Iterator[str]:
    """Give what may come when a step is done: where it ends the part that it stands in, what comes after that."""
    node: Node | None = program.nodes[here]
    goes_on = False
    while node is not None:
        if not goes_on:
            yield from (flow.target for flow in node.outgoing)
        goes_on = goes_on or bool(node.outgoing)
        node = program.nodes.get(node.scope)
        yield from node.boundary if node is not None else ()
