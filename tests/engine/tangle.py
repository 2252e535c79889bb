"""Random models without any structure: gateways and tasks joined as chance will have it, splits that never meet, joins
that wait in vain, loops into the middle of a block. BPMN says what happens in all of them.
"""

from collections import defaultdict
from random import Random

from tests.engine.pen import CONDITIONS, Model, Pen

KINDS = ("exclusive", "parallel", "inclusive")


def make(seed: int, depth: int = 10) -> Model:
    """Draw the tangle of this seed, of at most `depth` nodes besides the first and the last. Not all pass the lint."""
    dice = Random(seed)
    pen = Pen(dice, "")
    start, first, last = pen.box("startEvent"), pen.person(), pen.box("endEvent")
    nodes = {first: "person"}
    for _ in range(dice.randint(5, depth)):
        gateway = pen.chance(0.45)
        nodes[pen.name("g") if gateway else pen.person()] = dice.choice(KINDS) if gateway else "person"
    pen.flow(start, first)
    for name, ways in _ways(dice, list(nodes), last).items():
        _draw(pen, name, nodes[name], ways)
        if nodes[name] == "person" and pen.chance(0.2):
            flag = pen.any("true", "false")
            event = pen.box("boundaryEvent", pen.timer("Duration"), attachedToRef=name, cancelActivity=flag)
            pen.flow(event, dice.choice(list(nodes)[1:]))
    return Model(seed, pen.file("main"), (), frozenset({"tangle", *nodes.values()}))


def _ways(dice: Random, names: list[str], last: str) -> dict[str, list[str]]:
    """Where each node leads to: each is reached from one drawn shortly before it, the rest is chance."""
    ways: dict[str, list[str]] = defaultdict(list)
    for place, name in enumerate(names[1:]):
        ways[names[dice.randrange(max(0, place - 2), place + 1)]].append(name)
    for name in names:
        wanted = dice.choice((1, 1, 2))
        for target in dice.sample([*names[1:], last], 3):
            if len(ways[name]) < wanted and target != name and target not in ways[name]:
                ways[name].append(target)
        ways[name] = ways[name] or [last]
    return ways


def _draw(pen: Pen, name: str, kind: str, ways: list[str]) -> None:
    conditional = len(ways) > 1 and (kind in ("exclusive", "inclusive") or (kind == "person" and pen.chance(0.3)))
    default = pen.name("f")
    attribute = f' default="{default}"' if conditional else ""
    if kind != "person":
        pen.put(f'<{kind}Gateway id="{name}"{attribute}/>')
    elif conditional:
        drawn = f'<userTask id="{name}"'
        pen.boxes[-1] = [text.replace(drawn, drawn + attribute) for text in pen.boxes[-1]]
    pen.flow(name, ways[0], name=default)
    for target in ways[1:]:
        pen.flow(name, target, pen.any(*CONDITIONS) if conditional else "")
