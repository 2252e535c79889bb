"""A published model in the form the token game runs: immutable nodes, flows and events, shared by all instances."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol


class Expression(Protocol):
    """A compiled FEEL expression."""

    def evaluate(self, context: Mapping[str, Any]) -> Any:
        """Return the value in this context; never runs code of the model's author."""


@dataclass(frozen=True, slots=True)
class Flow:
    """A sequence flow; `condition` is None where the path is unconditional."""

    id: str
    source: str
    target: str
    condition: Expression | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """One event definition. `kind`: none, timer, message, signal, error, escalation, conditional, cancel, terminate.

    `name` is the message's or signal's name, the error's or escalation's code (None catches all).
    `text` is the timer's or condition's source; `shape` says how a timer was drawn: date, duration or cycle.
    """

    kind: str
    name: str | None = None
    text: str = ""
    shape: str = ""
    condition: Expression | None = None
    correlation: tuple[tuple[str, Expression], ...] = ()


@dataclass(frozen=True, slots=True)
class Loop:
    """Loop characteristics of an activity. `kind`: parallel, sequential (multi-instance) or standard."""

    kind: str
    cardinality: Expression | None = None
    collection: str | None = None
    item: str | None = None
    output: str | None = None
    output_item: str | None = None
    condition: Expression | None = None
    maximum: int | None = None
    test_before: bool = False


@dataclass(frozen=True, slots=True)
class Node:
    """A flow node. `scope` is the id of the (sub)process that holds it; `incoming` are flow ids."""

    id: str
    kind: str
    scope: str
    name: str = ""
    name_en: str = ""
    documentation: str = ""
    group: str | None = None
    outgoing: tuple[Flow, ...] = ()
    incoming: tuple[str, ...] = ()
    default: str | None = None
    events: tuple[Event, ...] = ()
    all_events: bool = False
    boundary: tuple[str, ...] = ()
    attached_to: str | None = None
    interrupting: bool = True
    loop: Loop | None = None
    called: str | None = None
    by_event: bool = False
    form: str | None = None
    due: str | None = None
    due_source: str | None = None
    reminders: str | None = None
    assignee: str | None = None
    phase: str | None = None
    service: str | None = None
    decision: str | None = None
    result: str | None = None
    inputs: tuple[tuple[str, Expression], ...] = ()
    outputs: tuple[tuple[str, Expression], ...] = ()


PEOPLE = frozenset({"userTask", "manualTask", "task"})
SUBPROCESSES = frozenset({"subProcess", "transaction"})


@dataclass(frozen=True)
class Program:
    """One executable process: its nodes by id and the order in which things start. `startable` says on whose page a
    person may start it (a word of the caller); "" means that only a message or another process does."""

    process_id: str
    name: str
    name_en: str
    nodes: Mapping[str, Node]
    documentation: str = ""
    startable: str = ""
    variables: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # data objects declared in each scope

    @cached_property
    def starts(self) -> Mapping[str, tuple[Node, ...]]:
        """Start events by scope id."""
        found: dict[str, list[Node]] = {}
        for node in self.nodes.values():
            if node.kind == "startEvent":
                found.setdefault(node.scope, []).append(node)
        return {scope: tuple(nodes) for scope, nodes in found.items()}

    @cached_property
    def begins(self) -> Mapping[str, str]:
        """The messages that begin the process, each with its start event."""
        found = [(event, node) for node in self.starts.get(self.process_id, ()) for event in node.events]
        return {event.name or "": node.id for event, node in reversed(found) if event.kind == "message"}

    @property
    def starter(self) -> str | None:
        """The group of the lane in which the process begins: who may start it by hand."""
        plain = (node.group for node in self.starts.get(self.process_id, ()) if not node.events)
        return next(plain, None)

    @cached_property
    def event_subprocesses(self) -> Mapping[str, tuple[Node, ...]]:
        """Event subprocesses by the scope that they listen in."""
        found: dict[str, list[Node]] = {}
        for node in self.nodes.values():
            if node.by_event:
                found.setdefault(node.scope, []).append(node)
        return {scope: tuple(nodes) for scope, nodes in found.items()}

    @cached_property
    def flows(self) -> Mapping[str, Flow]:
        """Sequence flows by id."""
        return {flow.id: flow for node in self.nodes.values() for flow in node.outgoing}

    def successors(self, node_id: str) -> list[str]:
        """Nodes that a token at `node_id` may go to next, exception flows included."""
        node = self.nodes[node_id]
        following = [flow.target for flow in node.outgoing]
        for event in node.boundary:
            following.append(event)
        return following
