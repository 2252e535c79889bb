"""The state of one running instance: tokens and scopes, and the codec that keeps it for years.

Values are JSON values only (dates as ISO text). User data are never interpreted when a state is loaded, so no field
name that a person may choose can break a load.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson

FORMAT = 1


@dataclass(slots=True)
class Armed:
    """An event that something listens for.

    `node` is the catching node and `index` its event definition. Timers, messages and signals have a `key` (32 hex,
    the id of their row), timers an absolute `due` (ISO, UTC) and, for cycles, how many firings are `left` (None: no
    end), counted in `turn`s from `base`, so that "every month from the 31st" does not drift. `was` is the last
    value of a condition, so that it fires when it becomes true and not while it stays true.
    """

    node: str
    index: int
    key: str | None = None
    due: str | None = None
    left: int | None = None
    was: bool | None = None
    base: str | None = None
    turn: int = 0


@dataclass(slots=True)
class Token:
    """A token that waits at a node. `key` is 32 hex: the id of its step and, for people's tasks, of the user task."""

    id: int
    node: str
    scope: int
    via: str | None
    key: str
    armed: list[Armed] = field(default_factory=list)
    inner: bool = False  # one instance of a multi-instance activity
    due: str | None = None
    loop: dict[str, Any] | None = None  # multi-instance host: {"n", "done", "items", "out"}


@dataclass(slots=True)
class Scope:
    """A running (sub)process.

    `role`: process, sub, call, event (event subprocess), instance (of a multi-instance) or pass (of a standard
    loop); the last two have an `index`, counted from 0.
    """

    id: int
    role: str
    node: str | None
    parent: int | None
    host: int | None
    definition: str
    vars: dict[str, Any] = field(default_factory=dict)
    armed: list[Armed] = field(default_factory=list)
    index: int | None = None


@dataclass(slots=True)
class State:
    """Everything an instance needs to go on."""

    last: int = 0
    tokens: dict[int, Token] = field(default_factory=dict)
    scopes: dict[int, Scope] = field(default_factory=dict)

    def new_id(self) -> int:
        """Return the next number for a token or scope of this instance."""
        self.last += 1
        return self.last

    def in_scope(self, scope_id: int) -> list[Token]:
        """Return the tokens that are directly in this scope, oldest first."""
        return [token for token in self.tokens.values() if token.scope == scope_id]

    def children(self, scope_id: int) -> list[Scope]:
        """Return the scopes whose parent is this one, oldest first."""
        return [scope for scope in self.scopes.values() if scope.parent == scope_id]

    def listeners(self) -> Iterator[tuple[Token | Scope, Armed]]:
        """Yield every armed event with the token or scope that owns it."""
        owners: list[Token | Scope] = [*self.tokens.values(), *self.scopes.values()]
        for owner in owners:
            for armed in list(owner.armed):
                yield owner, armed


def dumps(state: State) -> bytes:
    """Return the state as bytes: the format's number, then JSON arrays without names."""
    return orjson.dumps(
        [
            FORMAT,
            state.last,
            [
                [t.id, t.node, t.scope, t.via, t.key, [_armed(a) for a in t.armed], int(t.inner), t.due, t.loop]
                for t in state.tokens.values()
            ],
            [
                [s.id, s.role, s.node, s.parent, s.host, s.definition, s.vars, [_armed(a) for a in s.armed], s.index]
                for s in state.scopes.values()
            ],
        ]
    )


def loads(raw: bytes) -> State:
    """Return the state written by `dumps`, of this or an earlier format.

    Raises ValueError when the bytes are of a later format or damaged: such an instance is parked, never executed.
    """
    try:
        found, last, tokens, scopes = orjson.loads(raw)
        if found != FORMAT:
            raise ValueError("unknown state format")
        return State(
            last=int(last),
            tokens={t[0]: _token(t) for t in tokens},
            scopes={s[0]: _scope(s) for s in scopes},
        )
    except (TypeError, ValueError, IndexError, KeyError, AttributeError) as problem:
        raise ValueError("damaged state") from problem


def _token(row: list[Any]) -> Token:
    id_, node, scope, via, key, armed, inner, due, loop = row
    return Token(id_, node, scope, via, key, [Armed(*each) for each in armed], bool(inner), due, loop)


def _scope(row: list[Any]) -> Scope:
    id_, role, node, parent, host, definition, values, armed, index = row
    return Scope(id_, role, node, parent, host, definition, dict(values), [Armed(*each) for each in armed], index)


def _armed(armed: Armed) -> list[Any]:
    return [armed.node, armed.index, armed.key, armed.due, armed.left, armed.was, armed.base, armed.turn]
