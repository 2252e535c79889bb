"""What a FEEL text says, as immutable parts (DMN 1.3, 10.3.1.2). Reading it makes them, `feel_closures` runs them."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any

from engine.feel_limits import DEPTH, NODES, TOO_DEEP, TOO_MANY, FeelError


@dataclass(frozen=True, slots=True)
class Node:
    """Any part of an expression."""


@dataclass(frozen=True, slots=True)
class Literal(Node):
    """A number, text, true, false, null or `@"..."`."""

    value: Any


@dataclass(frozen=True, slots=True)
class Name(Node):
    """A variable; `?` is the value under test."""

    name: str


@dataclass(frozen=True, slots=True)
class Path(Node):
    """`base.name`"""

    base: Node
    name: str


@dataclass(frozen=True, slots=True)
class Filter(Node):
    """`base[test]`: the items that pass, or the item at a position."""

    base: Node
    test: Node


@dataclass(frozen=True, slots=True)
class Chain(Node):
    """`first + a - b ...`: operators of one rank, from left to right."""

    first: Node
    rest: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, slots=True)
class Negate(Node):
    """`-operand`"""

    operand: Node


@dataclass(frozen=True, slots=True)
class Compare(Node):
    """`left = right` and the like."""

    op: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Logic(Node):
    """`a and b and ...`, or the same with `or`."""

    op: str
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Between(Node):
    """`operand between low and high`"""

    operand: Node
    low: Node
    high: Node


@dataclass(frozen=True, slots=True)
class In(Node):
    """`operand in tests`"""

    operand: Node
    tests: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class OneSided(Node):
    """The unary test `< operand`."""

    op: str
    operand: Node


@dataclass(frozen=True, slots=True)
class Interval(Node):
    """`[low..high)`"""

    low: Node
    high: Node
    low_closed: bool
    high_closed: bool


@dataclass(frozen=True, slots=True)
class Unary(Node):
    """A cell of a decision table: any of `tests`, or none of them if `negated`; no tests at all is `-`."""

    tests: tuple[Node, ...]
    negated: bool


@dataclass(frozen=True, slots=True)
class If(Node):
    """`if test then yes else no`"""

    test: Node
    yes: Node
    no: Node


@dataclass(frozen=True, slots=True)
class Span(Node):
    """`low..high` to iterate over."""

    low: Node
    high: Node


@dataclass(frozen=True, slots=True)
class Each(Node):
    """`for`, `some` or `every` (in `kind`) name in domain ... body."""

    kind: str
    domains: tuple[tuple[str, Node], ...]
    body: Node


@dataclass(frozen=True, slots=True)
class Items(Node):
    """`[a, b]`"""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Context(Node):
    """`{key: value}`; later entries see earlier ones."""

    entries: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, slots=True)
class Call(Node):
    """A built-in function; an argument left out is None."""

    function: Any
    arguments: tuple[Node | None, ...]


@dataclass(frozen=True, slots=True)
class Lambda(Node):
    """`function(a, b) body`, only as the ordering of `sort`."""

    parameters: tuple[str, ...]
    body: Node


@dataclass(frozen=True, slots=True)
class Type(Node):
    """A type after `instance of`: its name, and the types of its items or entries."""

    name: str
    parts: tuple[tuple[str, "Type"], ...] = ()


@dataclass(frozen=True, slots=True)
class InstanceOf(Node):
    """`operand instance of type`"""

    operand: Node
    type: Type


def children(node: Node) -> Iterator[Node]:
    """Yield the direct parts of a node."""
    for field in fields(node):
        yield from _nodes(getattr(node, field.name))


def _nodes(value: Any) -> Iterator[Node]:
    if isinstance(value, Node):
        yield value
    elif isinstance(value, tuple):
        for each in value:
            yield from _nodes(each)


def measure(root: Node) -> int:
    """Return the number of nodes. Raises FeelError if there are too many or they are nested too deeply."""
    count, level, depth = 0, [root], 0
    while level:
        count, depth = count + len(level), depth + 1
        if count > NODES:
            raise FeelError(TOO_MANY, limit=NODES)
        if depth > DEPTH:
            raise FeelError(TOO_DEEP, limit=DEPTH)
        level = [child for node in level for child in children(node)]
    return count


def walk(root: Node) -> Iterator[Node]:
    """Yield every node, parents first."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(children(node))
