"""Processes that begin one another by messages (BPMN 2.0, 10.5.2): a ring in which nothing waits would never stop."""

from collections.abc import Iterable, Iterator, Mapping

from engine.game.program import PEOPLE, SUBPROCESSES, Node, Program

Chains = Mapping[str, frozenset[str]]  # message that begins a process -> messages it throws before anything waits
WAITING = PEOPLE | {"receiveTask", "intermediateCatchEvent", "eventBasedGateway", "callActivity"}
THROWING = frozenset({"sendTask", "intermediateThrowEvent", "endEvent"})
AT_ONCE = frozenset({"error", "escalation"})


def of(program: Program) -> Chains:
    """Return what each message that the process begins with makes it throw at once."""
    return {message: _thrown(program, program.nodes[start]) for message, start in program.begins.items()}


def merged(several: Iterable[Chains]) -> Chains:
    """Return what each message makes any of them throw."""
    leads: dict[str, frozenset[str]] = {}
    for each in several:
        for message, thrown in each.items():
            leads[message] = leads.get(message, frozenset()) | thrown
    return leads


def rings(program: Program, others: Iterable[Chains]) -> Iterator[tuple[str, str]]:
    """Yield each start event of the process that comes back to itself at once, with the message that it begins by."""
    own = of(program)
    leads = merged([own, *others])
    for message in own:
        reached: set[str] = set()
        todo = [message]
        while todo:
            new = leads.get(todo.pop(), frozenset()) - reached
            reached |= new
            todo += new
        if message in reached:
            yield program.begins[message], message


def _thrown(program: Program, first: Node) -> frozenset[str]:
    """Return the messages thrown on the ways that lead on from a start event without waiting."""
    reached, todo, thrown = {first.id}, [first, *_handlers(program, first.scope)], set()
    while todo:
        node = todo.pop()
        if node.kind in THROWING:
            thrown |= {event.name or "" for event in node.events if event.kind == "message"}
        for following in _at_once(program, node):
            if following.id not in reached:
                reached.add(following.id)
                todo.append(following)
    return frozenset(thrown)


def _at_once(program: Program, node: Node) -> Iterator[Node]:
    boundary = (program.nodes[name] for name in node.boundary)
    yield from (each for each in boundary if {event.kind for event in each.events} & AT_ONCE)
    if node.kind in SUBPROCESSES:
        yield from program.starts.get(node.id, ())
        yield from _handlers(program, node.id)
    if not _waits(program, node):
        yield from (program.nodes[flow.target] for flow in node.outgoing)


def _handlers(program: Program, scope: str) -> list[Node]:
    """Return the starts of a scope's event subprocesses that an error or escalation in it begins."""
    starts = [start for each in program.event_subprocesses.get(scope, ()) for start in program.starts.get(each.id, ())]
    return [start for start in starts if {event.kind for event in start.events} & AT_ONCE]


def _waits(program: Program, node: Node) -> bool:
    """Return whether a token may rest here; a subprocess in which nothing waits passes like a service."""
    inner = (each for each in program.nodes.values() if node.kind in SUBPROCESSES and each.scope == node.id)
    return node.kind in WAITING or any(_waits(program, each) for each in inner)
