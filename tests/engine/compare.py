"""One picture of a state, drawn from the engine's state and from the judge's, so that the two can be laid side by side.

A picture is a tree of tuples without ids: what cannot be told apart in it is symmetric. With a mark, it also shows
where one task or timer is, so that the same one is found on both sides.
"""

from collections import ChainMap, Counter
from collections.abc import Iterable
from typing import Any

from engine.game.run import Run
from engine.game.state import Armed, State, Token
from engine.game.state import Scope as EngineScope
from tests.engine.judge import Judge
from tests.engine.judge_state import Alarm, Scope, Work

Picture = tuple[Any, ...] | None


def of_judge(one: Judge, mark: object = None) -> Picture:
    """The judge's state."""
    return _judged_scope(one.root, mark) if one.root else None


def _judged_scope(scope: Scope, mark: object) -> Picture:
    return (
        scope.id,
        _facts(scope.facts),
        _all(_judged_work(work, mark) for work in scope.works),
        _all((gateway, flow, count) for (gateway, flow), count in scope.joins.items()),
        _all(_judged_scope(handler, mark) for handler in scope.handlers),
        _judged_alarms(scope.alarms, mark),
    )


def _judged_work(work: Work, mark: object) -> Picture:
    if work.box.several:
        planned = None if work.box.several.kind == "loop" else work.planned
        parts = _all(
            (
                _facts(part.facts),
                _facts(part.facts.maps[0] if isinstance(part.facts, ChainMap) and planned is not None else {}),
                part is mark,
                _judged_alarms(part.alarms, mark),
                _judged_scope(part.inner, mark) if part.inner else None,
            )
            for part in work.parts
        )
        return work.box.id, planned, work.done, _judged_alarms(work.alarms, mark), parts
    part = work.parts[0] if work.parts else None
    alarms = [*work.alarms, *(part.alarms if part else ())]
    inner = _judged_scope(part.inner, mark) if part and part.inner else None
    return work.box.id, part is mark and mark is not None, _judged_alarms(alarms, mark), inner


def _judged_alarms(alarms: Iterable[Alarm], mark: object) -> Picture:
    return _all((each.box.id, each.due.isoformat() if each.due else "", each.left, each is mark) for each in alarms)


def of_engine(state: State, run: Run, mark: object = None) -> Picture:
    """The engine's state; the mark is a token's id or the key of something armed."""
    root = next((scope for scope in state.scopes.values() if scope.parent is None), None)
    return _scope(state, run, root, mark) if root else None


def _scope(state: State, run: Run, scope: EngineScope, mark: object) -> Picture:
    tokens = state.in_scope(scope.id)
    joins = Counter((t.node, t.via) for t in tokens if _joins(run, t))
    return (
        scope.node if scope.node and scope.role != "call" else run.program(scope).process_id,
        _facts(run.facts(scope.id)),
        _all(_token(state, run, token, mark) for token in tokens if not _joins(run, token)),
        _all((gateway, flow, count) for (gateway, flow), count in joins.items()),
        _all(_scope(state, run, each, mark) for each in state.children(scope.id) if each.role == "event"),
        _alarms(scope.armed, mark),
    )


def _joins(run: Run, token: Token) -> bool:
    return run.node(token).kind in ("parallelGateway", "inclusiveGateway")


def _token(state: State, run: Run, token: Token, mark: object) -> Picture:
    hosted = [scope for scope in state.scopes.values() if scope.host == token.id]
    if token.loop is None:
        inner = _scope(state, run, hosted[0], mark) if hosted else None
        return token.node, token.id == mark, _alarms(token.armed, mark), inner
    parts = _all(
        (
            _facts(run.facts(scope.id)),
            _facts(scope.vars),
            one.id == mark,
            _alarms(one.armed, mark),
            next((_scope(state, run, each, mark) for each in state.scopes.values() if each.host == one.id), None),
        )
        for scope in hosted
        for one in state.in_scope(scope.id)
    )
    return token.node, token.loop["n"], token.loop["done"], _alarms(token.armed, mark), parts


def _alarms(armed: Iterable[Armed], mark: object) -> Picture:
    return _all((each.node, each.due or "", each.left, each.key == mark) for each in armed if each.key)


def _facts(facts: Any) -> Picture:
    return tuple(sorted((name, repr(facts[name])) for name in facts if name != "loopCounter"))


def _all(pictures: Iterable[Any]) -> Picture:
    return tuple(sorted(pictures, key=repr))
