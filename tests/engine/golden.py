"""States that must load for ever: which instances, how they are written, and what their bytes must mean.

`python -m tests.engine.golden tests/golden/<release>` writes the files of a release, once. They are never rewritten.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from engine.game.events import event_of
from engine.game.program import Event, Node
from engine.game.run import Run
from engine.game.state import Armed, Scope, State, Token, dumps, loads
from tests.engine.draw import (
    again,
    boundary,
    call,
    catch,
    draw,
    end,
    on,
    on_event,
    receive,
    service,
    several,
    sub,
    timer,
    user,
    when,
)
from tests.engine.play import Desk, Game, program_of

_NAG = boundary("nag", "a", timer("R/P2D"), interrupting=False)
_HELP = on_event("h", on("message", "help"), "b>he", end("he", ""), interrupting=False)
_WHERE = ("s>and>a>and1>z>e", "and>b>and1")

# name -> (models, the process first; the tasks done before the state is kept)
MODELS: dict[str, tuple[str, ...]] = {
    name: tuple(model.decode() for model in models)
    for name, models in {
        "task": (draw("s>a>z>e"),),
        "join": (draw(*_WHERE),),
        "inclusive": (draw("s>a>or>b[r > 1]>or1>z>e", "or>c[r > 2]>or1", "or>d>or1"),),
        "loop": (draw("s>xor>a>xor1>xor[r = 1]", "xor1>z>e"),),
        "timers": (draw("s>a>z>e", "nag>b>e1", "t>c>e2", _NAG, boundary("t", "a", timer("P30D"))),),
        "event-gateway": (
            draw("s>evt>t>a>e", "evt>m>b>e1", catch("t", timer("P3D")), catch("m", on("message", "go"))),
        ),
        "subprocess": (draw("s>c>z>e", "m>late>e2", sub("c", "s1>a>b>e1"), boundary("m", "c", on("signal", "stop"))),),
        "event-subprocess": (draw("s>a>z>e", _HELP),),
        "instances": (draw("s>a>z>e", user("a", several(of="people", each="who", into="all", out="r"))),),
        "sequence": (draw("s>c>z>e", sub("c", "s1>a>b>e1", inside=several("3", one_by_one=True))),),
        "standard-loop": (draw("s>a>z>e", user("a", again("r = 1", most="9"))),),
        "receive": (draw("s>w>z>e", receive("w", "paper")),),
        "condition": (draw("s>and>c>z>e", "and>a>b>e1", catch("c", when("r = 3"))),),
        "call": (draw("s>c>z>e", call("c", "q")), draw("s>a>b>e", process="q")),
        "service": (draw("s>k>a>z>e", service("k", service="ok")),),
    }.items()
}
_FACTS = {"r": 3, "people": ["p1", "p2"], "typename": "x", "note": None, "day": "2026-08-11", "è": [1, {"n": 1.5}]}
_DONE = {"join": ["a"], "inclusive": ["a", "b"], "loop": ["a"], "instances": ["a"], "sequence": ["a"], "call": ["a"]}


def _ok(node: Node, facts: dict[str, Any]) -> None:
    """A service that has nothing to say."""


def desk(models: Sequence[str]) -> Desk:
    """The world of a kept instance."""
    found = Desk(program_of(model.encode()) for model in models)
    found.services["ok"] = _ok
    return found


def view(state: State, world: Desk) -> Any:
    """What a state means, as JSON: where its tokens are, what each sees, what is listened to. Never change its form."""
    run = Run(state, world)
    tokens = [
        [token.node, run.node(token).kind, run.facts(token.scope), token.due, token.loop and token.loop["done"]]
        for token in state.tokens.values()
    ]
    armed = [[armed.node, armed.due, armed.left] for _, armed in state.listeners()]
    scopes = [[scope.role, scope.node] for scope in state.scopes.values()]
    shown = {"tokens": tokens, "armed": armed, "scopes": scopes}
    return {name: sorted(json.loads(json.dumps(rows)), key=json.dumps) for name, rows in shown.items()}


def resume(raw: bytes, models: Sequence[str]) -> Game:
    """A game that goes on from kept bytes."""
    game = Game(*(model.encode() for model in models), facts=dict(_FACTS), ok=_ok)
    game.state = loads(raw)
    return game


def awaited(game: Game, owner: Token | Scope, armed: Armed) -> tuple[Node, Event]:
    """What an armed event waits for."""
    return event_of(game.run, owner, armed)


def write(folder: Path) -> None:
    """Write one file for each kind of instance."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, models in MODELS.items():
        game = Game(*(model.encode() for model in models), facts=dict(_FACTS), ok=_ok)
        if name == "timers":
            game.pass_time(days=4)
        if name == "event-subprocess":
            game.message("help")
        for element in _DONE.get(name, []):
            game.do(element, r=1 if name == "loop" else 3)
        kept = {"models": models, "state": dumps(game.state).hex(), "view": view(game.state, game.desk)}
        (folder / f"state-{name}.json").write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
