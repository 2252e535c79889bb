"""A BPMN drawing as the lint sees it: its elements by id, its flows, its scopes."""

from collections.abc import Iterator
from functools import cached_property, lru_cache

from lxml import etree

from engine.findings import Finding

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
B = f"{{{BPMN}}}"
APPRODO = "{urn:approdo:bpmn:1}"

PEOPLE = frozenset({"userTask", "manualTask", "task"})
ACTIVITIES = PEOPLE | {
    "serviceTask",
    "sendTask",
    "receiveTask",
    "businessRuleTask",
    "scriptTask",
    "callActivity",
    "subProcess",
    "transaction",
    "adHocSubProcess",
}
GATEWAYS = frozenset({"exclusiveGateway", "inclusiveGateway", "parallelGateway", "eventBasedGateway", "complexGateway"})
EVENTS = frozenset({"startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent"})
NODES = ACTIVITIES | GATEWAYS | EVENTS
SCOPES = frozenset({"process", "subProcess", "transaction", "adHocSubProcess"})


def kind(element: etree._Element) -> str:
    """Return an element's BPMN name, or "" for an element of another vocabulary."""
    return _kind(element.tag)


@lru_cache(1_000)
def _kind(tag: object) -> str:
    return tag.removeprefix(B) if isinstance(tag, str) and tag.startswith(B) else ""


def line_of(element: etree._Element) -> int | None:
    """Return the line of the file that an element begins at."""
    return element.sourceline  # type: ignore[return-value]


def owner_of(element: etree._Element) -> etree._Element:
    """Return the element with an id that something without one, such as an extension, belongs to."""
    if element.get("id") and kind(element):
        return element
    for parent in element.iterancestors():
        if parent.get("id") and kind(parent) not in ("", "extensionElements"):
            return parent
    return element


class Drawing:
    """The parsed file. Only the first executable process is judged as the model; others are refused by a rule."""

    def __init__(self, root: etree._Element) -> None:
        self.root = root

    @cached_property
    def processes(self) -> list[etree._Element]:
        """Processes that something is drawn in."""
        return [process for process in self.root.iter(f"{B}process") if any(kind(child) in NODES for child in process)]

    @property
    def process(self) -> etree._Element | None:
        """The process that the file models."""
        return self.processes[0] if self.processes else None

    @cached_property
    def nodes(self) -> list[etree._Element]:
        """Every flow node, subprocesses' inner ones included."""
        return [element for element in self.root.iter() if kind(element) in NODES]

    @cached_property
    def by_id(self) -> dict[str, etree._Element]:
        """Flow nodes by id."""
        return {node.get("id", ""): node for node in self.nodes}

    @cached_property
    def flows(self) -> list[etree._Element]:
        """Every sequence flow."""
        return list(self.root.iter(f"{B}sequenceFlow"))

    @cached_property
    def outgoing(self) -> dict[str, list[etree._Element]]:
        """Sequence flows by source."""
        return self._by("sourceRef")

    @cached_property
    def incoming(self) -> dict[str, list[etree._Element]]:
        """Sequence flows by target."""
        return self._by("targetRef")

    @cached_property
    def boundaries(self) -> dict[str, list[etree._Element]]:
        """Boundary events by the activity they are attached to."""
        found: dict[str, list[etree._Element]] = {}
        for node in self.nodes:
            if kind(node) == "boundaryEvent":
                found.setdefault(node.get("attachedToRef", ""), []).append(node)
        return found

    def _by(self, attribute: str) -> dict[str, list[etree._Element]]:
        found: dict[str, list[etree._Element]] = {}
        for flow in self.flows:
            found.setdefault(flow.get(attribute, ""), []).append(flow)
        return found

    def of(self, *kinds: str) -> Iterator[etree._Element]:
        """Yield the nodes of these kinds."""
        return (node for node in self.nodes if kind(node) in kinds)

    def definitions(self, node: etree._Element) -> list[str]:
        """Return the kinds of a node's event definitions: timer, message, signal …"""
        return [
            kind(child).removesuffix("EventDefinition") for child in node if kind(child).endswith("EventDefinition")
        ]

    def is_link(self, node: etree._Element) -> bool:
        """Return whether a node is one end of a link."""
        return "link" in self.definitions(node)

    def label(self, element: etree._Element) -> str:
        """Return the name to call an element by."""
        return " ".join((element.get("name") or element.get("id") or kind(element)).split())

    def finding(self, element: etree._Element, sentence: str, level: str = "error", **params: object) -> Finding:
        """Return a finding at this element."""
        return Finding(line_of(element), element.get("id") or "", self.label(element), sentence, level, params)
