"""Models in a few words: `draw("s>a>xor>b[x = 1]>e", "xor>c>e", boundary("t", "b", timer("P1D")), "t>late")`.

A text without "<" is a path. What a path names and nobody drew is drawn by its name: s, s1 … a start event, e, e1 … an
end event, xor, and, or, evt (with a number) a gateway, anything else a person's task. Of the ways out of an exclusive or
inclusive gateway, the one without a condition is the default. Messages, signals, errors and escalations are declared
by being referred to.
"""

import re
from collections.abc import Iterable
from xml.sax.saxutils import escape, quoteattr

from tests.engine.pen import NAMESPACES

GATEWAYS = {"xor": "exclusive", "and": "parallel", "or": "inclusive", "evt": "eventBased"}
REFERENCE = re.compile(r'(message|signal|error|escalation)Ref="(\w+)"')
Path = list[tuple[str, str]]  # names with the condition of the flow that leads to them


def draw(*pieces: str, process: str = "p", definitions: str = "", name: str = "") -> bytes:
    """A whole file."""
    body = REFERENCE.sub(r'\1Ref="\1_\2"', scope(*pieces))
    named = f" name={quoteattr(name)}" if name else ""
    return (
        f'<definitions {NAMESPACES} id="definitions" targetNamespace="urn:test">{_declared(body, definitions)}{definitions}'
        f'<process id="{process}"{named} isExecutable="true">{body}</process></definitions>'
    ).encode()


def scope(*pieces: str) -> str:
    """What is inside a process or subprocess."""
    xml = [piece for piece in pieces if "<" in piece.split("[")[0]]
    paths = [_path(piece) for piece in pieces if piece not in xml]
    drawn = set(re.findall(r'id="([^"]+)"', "".join(xml)))
    flows = [(path[i][0], *path[i + 1]) for path in paths for i in range(len(path) - 1)]
    names = dict.fromkeys(name for path in paths for name, _ in path)
    boxes = [_box(name, flows) for name in names if name not in drawn]
    twice = ["_again" * flows[:place].count(flow) for place, flow in enumerate(flows)]
    return "".join([*boxes, *xml, *(_flow(*flow, suffix) for flow, suffix in zip(flows, twice, strict=True))])


def _path(text: str) -> Path:
    found = re.findall(r"([\w.-]+)((?:\[[^\]]*\])?)(?:>|$)", text)
    return [(name, condition[1:-1]) for name, condition in found]


def _box(name: str, flows: Iterable[tuple[str, str, str]]) -> str:
    kind = GATEWAYS.get(name.rstrip("0123456789"))
    if kind is None and re.fullmatch(r"[se]\d*", name):
        return f'<{"start" if name[0] == "s" else "end"}Event id="{name}"/>'
    if kind is None:
        return user(name)
    out = [flow for flow in flows if flow[0] == name]
    plain = [f"{source}__{target}" for source, target, condition in out if not condition]
    default = f' default="{plain[0]}"' if kind in ("exclusive", "inclusive") and len(out) > 1 and plain else ""
    return f'<{kind}Gateway id="{name}"{default}/>'


def _flow(source: str, target: str, condition: str, suffix: str) -> str:
    inside = f"<conditionExpression>{escape(condition)}</conditionExpression>" if condition else ""
    name = f"{source}__{target}{suffix}"
    return f'<sequenceFlow id="{name}" sourceRef="{source}" targetRef="{target}">{inside}</sequenceFlow>'


def _declared(body: str, definitions: str) -> str:
    codes = {"error": "errorCode", "escalation": "escalationCode"}
    return "".join(
        f'<{kind} id="{kind}_{name}" name="{name}"' + (f' {codes[kind]}="{name}"/>' if kind in codes else "/>")
        for kind, name in dict.fromkeys(re.findall(r'(\w+)Ref="\1_(\w+)"', body))
        if f'id="{kind}_{name}"' not in definitions
    )


# -- activities --------------------------------------------------------------------------------------------------------


def task(kind: str, name: str, inside: str = "", /, **attributes: str) -> str:
    """An activity of any kind; `service="x"` and the like are ours, `messageRef="x"` is BPMN's."""
    ours = ("group", "service", "decision", "result", "form", "due", "phase")
    texts = "".join(f' {"approdo:" * (key in ours)}{key}={quoteattr(text)}' for key, text in attributes.items())
    return f'<{kind} id="{name}"{texts}>{inside}</{kind}>'


def user(name: str, inside: str = "", /, **attributes: str) -> str:
    return task("userTask", name, inside, **{"group": "g", **attributes})


def service(name: str, inside: str = "", /, **attributes: str) -> str:
    return task("serviceTask", name, inside, **attributes)


def receive(name: str, message: str, inside: str = "") -> str:
    return task("receiveTask", name, inside, messageRef=message)


def send(name: str, message: str, inside: str = "") -> str:
    return task("sendTask", name, inside, messageRef=message)


def call(name: str, process: str, inside: str = "") -> str:
    return task("callActivity", name, inside, calledElement=process)


def sub(name: str, *pieces: str, inside: str = "", kind: str = "subProcess") -> str:
    return f'<{kind} id="{name}">{inside}{scope(*pieces)}</{kind}>'


def on_event(name: str, definition: str, *pieces: str, interrupting: bool = True) -> str:
    """An event subprocess; its start event is `<name>_start`, and the first piece begins behind it."""
    start = f'<startEvent id="{name}_start" isInterrupting="{str(interrupting).lower()}">{definition}</startEvent>'
    first, *rest = pieces
    body = scope(start, f"{name}_start>{first}", *rest)
    return f'<subProcess id="{name}" triggeredByEvent="true">{body}</subProcess>'


def mapped(*outputs: tuple[str, str], inputs: tuple[tuple[str, str], ...] = ()) -> str:
    """Extension elements with mappings."""
    texts = [("input", each) for each in inputs] + [("output", each) for each in outputs]
    inner = "".join(f"<approdo:{way} target={quoteattr(a)} expression={quoteattr(b)}/>" for way, (a, b) in texts)
    return f"<extensionElements>{inner}</extensionElements>"


def several(
    count: str = "", *, one_by_one: bool = False, of: str = "", each: str = "", into: str = "", out: str = "", until: str = ""
) -> str:
    """Multi-instance: `count` times or for each element of the collection `of`."""
    parts = [
        f"<loopCardinality>{escape(count)}</loopCardinality>" if count else "",
        f"<loopDataInputRef>{of}</loopDataInputRef>" if of else "",
        f"<loopDataOutputRef>{into}</loopDataOutputRef>" if into else "",
        f'<inputDataItem id="in_{each}" name="{each}"/>' if each else "",
        f'<outputDataItem id="out_{out}" name="{out}"/>' if out else "",
        f"<completionCondition>{escape(until)}</completionCondition>" if until else "",
    ]
    flag = str(one_by_one).lower()
    return f'<multiInstanceLoopCharacteristics isSequential="{flag}">{"".join(parts)}</multiInstanceLoopCharacteristics>'


def again(condition: str = "", *, most: str = "", before: bool = False) -> str:
    """A standard loop."""
    attributes = f' testBefore="{str(before).lower()}"' + (f' loopMaximum="{most}"' if most else "")
    inner = f"<loopCondition>{escape(condition)}</loopCondition>" if condition else ""
    return f"<standardLoopCharacteristics{attributes}>{inner}</standardLoopCharacteristics>"


# -- events ------------------------------------------------------------------------------------------------------------


def timer(text: str) -> str:
    shape = "Cycle" if text.startswith("R") else "Date" if text[:1].isdigit() else "Duration"
    return f"<timerEventDefinition><time{shape}>{escape(text)}</time{shape}></timerEventDefinition>"


def on(kind: str, name: str = "") -> str:
    """A message, signal, error, escalation … definition."""
    return f'<{kind}EventDefinition {kind}Ref="{name}"/>' if name else f"<{kind}EventDefinition/>"


def when(condition: str) -> str:
    return f"<conditionalEventDefinition><condition>{escape(condition)}</condition></conditionalEventDefinition>"


def boundary(name: str, host: str, definition: str, *, interrupting: bool = True) -> str:
    flag = str(interrupting).lower()
    return f'<boundaryEvent id="{name}" attachedToRef="{host}" cancelActivity="{flag}">{definition}</boundaryEvent>'


def catch(name: str, definition: str) -> str:
    return f'<intermediateCatchEvent id="{name}">{definition}</intermediateCatchEvent>'


def throw(name: str, definition: str = "", inside: str = "") -> str:
    return f'<intermediateThrowEvent id="{name}">{inside}{definition}</intermediateThrowEvent>'


def end(name: str, definition: str) -> str:
    return f'<endEvent id="{name}">{definition}</endEvent>'


def start(name: str, definition: str) -> str:
    return f'<startEvent id="{name}">{definition}</startEvent>'
