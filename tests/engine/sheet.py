"""A BPMN drawing as the judge reads it: the plain tags of the standard, by id. Shares nothing with the engine."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

B = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
X = "{urn:approdo:bpmn:1}"
PEOPLE = ("userTask", "manualTask", "task")
SCOPES = ("process", "subProcess", "transaction")
NODES = (
    *PEOPLE,
    *("serviceTask", "sendTask", "receiveTask", "subProcess", "transaction", "callActivity"),
    *("exclusiveGateway", "parallelGateway", "inclusiveGateway", "eventBasedGateway"),
    *("startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent"),
)


@dataclass(frozen=True)
class Flow:
    """A sequence flow; a link (10.5.5) is one as well."""

    id: str
    source: str
    target: str
    condition: str | None = None


@dataclass(frozen=True)
class Trigger:
    """What an event waits for or throws: kind, and the name, code, condition or time that goes with it."""

    kind: str
    what: str = ""


@dataclass(frozen=True)
class Several:
    """Loop characteristics (10.3.8)."""

    kind: str  # "parallel", "sequential" or "loop"
    count: str = ""
    condition: str = ""
    most: int | None = None
    before: bool = False


@dataclass
class Box:
    """A node of the drawing."""

    id: str
    kind: str
    scope: str
    trigger: Trigger | None
    interrupting: bool
    host: str | None
    default: str | None
    several: Several | None
    service: str
    called: str
    handler: bool  # an event subprocess
    inputs: list[tuple[str, str]]
    outputs: list[tuple[str, str]]
    out: list[Flow] = field(default_factory=list)
    into: list[Flow] = field(default_factory=list)
    bounds: list["Box"] = field(default_factory=list)


class Sheet:
    """One drawing."""

    def __init__(self, xml: bytes) -> None:
        root = etree.fromstring(xml)
        self._names = {e.get("id"): _name(e) for e in root if isinstance(e.tag, str)}
        process = root.find(f"{B}process")
        assert process is not None
        self.process = process.get("id", "")
        self.box: dict[str, Box] = {}
        self.inside: dict[str, list[Box]] = defaultdict(list)
        for element in process.iter():
            if element.tag in {B + kind for kind in NODES}:
                self._add(element)
        for element in process.iter(f"{B}sequenceFlow"):
            condition = element.findtext(f"{B}conditionExpression")
            self._join(Flow(element.get("id", ""), element.get("sourceRef", ""), element.get("targetRef", ""), condition))
        self._links()
        for box in self.box.values():
            if box.host:
                self.box[box.host].bounds.append(box)

    def _add(self, element: etree._Element) -> None:
        parent = element.getparent()
        assert parent is not None
        box = Box(
            id=element.get("id", ""),
            kind=str(element.tag)[len(B) :],
            scope=parent.get("id", ""),
            trigger=self._trigger(element),
            interrupting="false" not in (element.get("cancelActivity"), element.get("isInterrupting")),
            host=element.get("attachedToRef"),
            default=element.get("default"),
            several=_several(element),
            service=element.get(f"{X}service", ""),
            called=element.get("calledElement", ""),
            handler=element.get("triggeredByEvent") == "true",
            inputs=_mappings(element, "input"),
            outputs=_mappings(element, "output"),
        )
        self.box[box.id] = box
        self.inside[box.scope].append(box)

    def _trigger(self, element: etree._Element) -> Trigger | None:
        reference = element.get("messageRef")
        if reference:
            return Trigger("message", self._names[reference])
        for child in element:
            kind = str(child.tag)[len(B) :].removesuffix("EventDefinition")
            if kind == "timer":
                return Trigger("timer", (child[0].text or "").strip())
            if kind == "conditional":
                return Trigger("conditional", child.findtext(f"{B}condition") or "")
            if kind == "link":
                return Trigger("link", child.get("name", ""))
            if str(child.tag).endswith("EventDefinition"):
                return Trigger(kind, self._names.get(child.get(f"{kind}Ref"), ""))
        return None

    def _join(self, flow: Flow) -> None:
        self.box[flow.source].out.append(flow)
        self.box[flow.target].into.append(flow)

    def _links(self) -> None:
        links = [box for box in self.box.values() if box.trigger and box.trigger.kind == "link"]
        for throw in (box for box in links if box.kind == "intermediateThrowEvent"):
            for catch in links:
                if catch.kind == "intermediateCatchEvent" and (catch.scope, catch.trigger) == (throw.scope, throw.trigger):
                    self._join(Flow(f"link {throw.id}", throw.id, catch.id))

    def starts(self, scope: str) -> list[Box]:
        """Where a scope begins: its start event, or (10.5.2) everything that nothing leads to."""
        boxes = self.inside[scope]
        drawn = [box for box in boxes if box.kind == "startEvent"]
        return drawn or [box for box in boxes if not box.into and not box.host and not box.handler]

    def handlers(self, scope: str) -> Iterator[tuple[Box, Box]]:
        """The event subprocesses of a scope with their start events."""
        for box in self.inside[scope]:
            if box.handler:
                yield box, self.starts(box.id)[0]

    def reach(self, box: Box, around: str) -> set[str]:
        """The flows that a token in `box` may come to pass without visiting the gateway `around`."""
        return self.onward([flow for each in (box, *box.bounds) for flow in each.out], around)

    def onward(self, flows: list[Flow], around: str) -> set[str]:
        """The flows that a token on one of `flows` may come to pass without visiting the gateway `around`."""
        found: set[str] = set()
        while flows:
            flow = flows.pop()
            if flow.id in found:
                continue
            found.add(flow.id)
            if flow.target != around:
                box = self.box[flow.target]
                flows += [each for leaving in (box, *box.bounds) for each in leaving.out]
        return found


def _name(element: etree._Element) -> str:
    return element.get("errorCode") or element.get("escalationCode") or element.get("name") or ""


def _mappings(element: etree._Element, way: str) -> list[tuple[str, str]]:
    found = element.findall(f"{B}extensionElements/{X}{way}")
    return [(each.get("target", ""), each.get("expression", "")) for each in found]


def _several(element: etree._Element) -> Several | None:
    many = element.find(f"{B}multiInstanceLoopCharacteristics")
    if many is not None:
        kind = "sequential" if many.get("isSequential") == "true" else "parallel"
        return Several(kind, many.findtext(f"{B}loopCardinality", ""), many.findtext(f"{B}completionCondition", ""))
    loop = element.find(f"{B}standardLoopCharacteristics")
    if loop is None:
        return None
    most = int(loop.get("loopMaximum", "0")) or None
    condition = loop.findtext(f"{B}loopCondition", "")
    return Several("loop", condition=condition, most=most, before=loop.get("testBefore") == "true")


_TERM = r"(?:modulo\((\w+), (\d+)\)|(\w+))"
_FORM = re.compile(rf"{_TERM}(?: (=|!=|<|<=|>|>=|\+) (\w+))?")


def value(text: str, facts: Mapping[str, Any]) -> Any:
    """The value of one of the few forms of expression that the generator writes. A comparison with null is null."""
    match = _FORM.fullmatch(text.strip())
    assert match, text
    name, modulus, plain, operator, other = match.groups()
    left = _atom(name or plain, facts)
    if modulus and left is not None:
        left %= int(modulus)
    if operator is None:
        return left
    right = _atom(other, facts)
    if operator in ("=", "!="):
        return (left == right) == (operator == "=")
    if left is None or right is None:
        return None
    compare = {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}
    return left + right if operator == "+" else compare[operator]


def _atom(text: str, facts: Mapping[str, Any]) -> Any:
    if text in ("true", "false", "null"):
        return {"true": True, "false": False, "null": None}[text]
    return int(text) if text.isdigit() else facts.get(text)
