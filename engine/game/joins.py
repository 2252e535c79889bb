"""Which parallel joins would wait in vain: looked at before and after a move to another version.

A join fires when each of its ways in has a token (BPMN 2.0, 13.4.1). Tokens that were set out for the joins of one
drawing may be too few, or too many on one way, for those of another.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from engine.game.gateways import reachable_flows
from engine.game.program import Program
from engine.game.state import Token


@dataclass(frozen=True, slots=True)
class Worry:
    """What is wrong with the tokens for one join: ways that nobody can come by, and how many too many come by one."""

    never: frozenset[str]
    surplus: int


def worries(program: Program, container: str, tokens: Iterable[Token]) -> dict[str, Worry]:
    """Return what is wrong with each parallel join of a (sub)process for the tokens of one of its scopes."""
    here = list(tokens)
    joins = [
        node
        for node in program.nodes.values()
        if node.kind == "parallelGateway" and node.scope == container and len(node.incoming) > 1
    ]
    found = {node.id: _worry(program, node.id, frozenset(node.incoming), here) for node in joins}
    return {join: worry for join, worry in found.items() if worry.never or worry.surplus}


def _worry(program: Program, join: str, ways: frozenset[str], tokens: list[Token]) -> Worry:
    covered: set[str] = set()
    certain: Counter[str] = Counter()
    for token in tokens:
        reached = {token.via or ""} if token.node == join else reachable_flows(program, token.node, join) & ways
        covered |= reached
        if len(reached) == 1:
            certain.update(reached)
    never = ways - covered if covered else frozenset[str]()
    return Worry(never, sum(count - 1 for count in certain.values()))
