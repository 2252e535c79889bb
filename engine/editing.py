"""A model as a list of steps: read, changed, a step added or removed, with the drawing kept valid.

Only what is named is touched: extensions that nobody here knows, comments and everything else of the file stay.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from lxml import etree

from core.errors import N_, NotYours, WrongOrder
from engine import editing_parts, xml
from engine.lint_drawing import ACTIVITIES, APPRODO, PEOPLE, B, Drawing, kind
from engine.placing import GAP, HEIGHT, WIDTH, Box, Canvas

TEMPLATE = (Path(__file__).parent / "template.bpmn").read_text(encoding="utf-8")
XSI = "{http://www.w3.org/2001/XMLSchema-instance}type"
# What each kind of step may say, and where it is written.
OWN = {
    **dict.fromkeys(PEOPLE, ("due", "dueSource", "reminders", "phase")),
    "userTask": ("form", "due", "dueSource", "reminders", "phase"),
    "serviceTask": ("service",),
    "businessRuleTask": ("decision", "result"),
}
KINDS = ("userTask", "serviceTask", "businessRuleTask")
REMOVABLE = ACTIVITIES | {"intermediateCatchEvent", "intermediateThrowEvent"}


@dataclass(frozen=True)
class Way:
    """A flow that leads on from a step. `plain`: the way taken when no condition holds."""

    id: str
    target: str
    target_name: str
    name: str
    condition: str
    plain: bool


@dataclass(frozen=True)
class Step:
    """One element of a model, as the list shows it."""

    id: str
    kind: str
    name: str
    name_en: str
    documentation: str
    group: str
    facts: Mapping[str, str]
    ways: tuple[Way, ...] = ()
    removable: bool = False
    trigger: str = ""


class Editor:
    """One file opened for changes; `content()` is the file afterwards."""

    def __init__(self, data: bytes) -> None:
        self.root = xml.parse(data, whole=True)
        self.drawing = Drawing(self.root)
        self.canvas = Canvas(self.root)
        self._homes: dict[str, etree._Element] | None = None

    def content(self) -> bytes:
        """The file as it is now."""
        return etree.tostring(self.root.getroottree(), xml_declaration=True, encoding="UTF-8") + b"\n"

    def steps(self) -> list[Step]:
        """Every element in the order of the file."""
        return [self._step(node) for node in self.drawing.nodes]

    def step(self, element: str) -> Step:
        """One element. Raises NotYours if it is not there."""
        return self._step(self._node(element))

    def groups(self) -> list[str]:
        """The groups of the lanes, in the order of the file."""
        return list(dict.fromkeys(filter(None, map(_group_of_lane, self._lanes()))))

    def change(self, element: str, said: Mapping[str, str]) -> None:
        """Write what was said of a step: name, name_en, documentation, group, its facts, and of its ways
        `condition-ID`, `way-ID` (its name). What is not in `said` stays as it is.
        """
        node = self._node(element)
        _set(node, "name", said)
        _set(node, f"{APPRODO}nameEn", said, "name_en")
        if "documentation" in said:
            _document(node, said["documentation"])
        for fact in OWN.get(kind(node), ()):
            _set(node, f"{APPRODO}{fact}", said, fact)
        if kind(node) == "callActivity":
            _set(node, "calledElement", said, "called")
        if kind(node) in PEOPLE and said.get("group") and said["group"] != self._group(node):
            self._move_to_group(node, said["group"])
        editing_parts.write(node, said)
        for flow in self.drawing.outgoing.get(element, ()):
            self._change_way(flow, said)

    def add(self, flow_id: str, sort: str, said: Mapping[str, str]) -> str:
        """Put a new step into a flow, with room made for it on the drawing; returns its id."""
        flow = next((each for each in self.drawing.flows if each.get("id") == flow_id), None)
        if flow is None or sort not in KINDS:
            raise NotYours
        source, target = (self._node(flow.get(end, "")) for end in ("sourceRef", "targetRef"))
        scope = flow.getparent()
        assert scope is not None  # noqa: S101 - a flow stands in a process
        made = self._new_id("step")
        node = etree.Element(f"{B}{sort}", {"id": made})
        _insert_after(source, node)
        onward = etree.Element(f"{B}sequenceFlow", {"id": self._new_id(f"{made}__next"), "sourceRef": made})
        onward.set("targetRef", target.get("id", ""))
        _insert_after(flow, onward)
        flow.set("targetRef", made)
        _refer(node, "incoming", flow_id)
        _refer(node, "outgoing", onward.get("id", ""))
        _unrefer(target, "incoming", flow_id)
        _refer(target, "incoming", onward.get("id", ""))
        self._join_lane(node, source)
        self._reread()
        self._draw_new(made, source.get("id", ""), target.get("id", ""), (flow_id, onward.get("id", "")))
        self.change(made, said)
        return made

    def remove(self, element: str) -> None:
        """Take a step out: what led to it leads to what came after it. Raises WrongOrder where that is not clear."""
        node = self._node(element)
        incoming, outgoing = self.drawing.incoming.get(element, []), self.drawing.outgoing.get(element, [])
        if kind(node) not in REMOVABLE:
            raise WrongOrder(N_("Inizio, fine e snodi si tolgono sul disegno: qui si tolgono i passi."))
        if len(outgoing) > 1 or any(flow.find(f"{B}conditionExpression") is not None for flow in outgoing):
            raise WrongOrder(N_("Da questo passo escono più vie, o una con condizione: toglilo sul disegno."))
        after = outgoing[0].get("targetRef", "") if outgoing else ""
        gone = [node, *self._attached(element), *outgoing]
        for flow in incoming:
            if after and flow.get("sourceRef") != after:
                flow.set("targetRef", after)
                _refer(self._node(after), "incoming", flow.get("id", ""))
                self.canvas.route(flow.get("id", ""), flow.get("sourceRef", ""), after)
            else:
                gone.append(flow)
        self._take_out(gone)

    # -- reading ------------------------------------------------------------------------------------------------------

    def _node(self, element: str) -> etree._Element:
        node = self.drawing.by_id.get(element)
        if node is None:
            raise NotYours
        return node

    def _step(self, node: etree._Element) -> Step:
        facts = {fact: node.get(f"{APPRODO}{fact}", "") for fact in OWN.get(kind(node), ())}
        if kind(node) == "callActivity":
            facts["called"] = node.get("calledElement", "")
        facts |= editing_parts.read(node)
        return Step(
            id=node.get("id", ""),
            kind=kind(node),
            name=" ".join(node.get("name", "").split()),
            name_en=node.get(f"{APPRODO}nameEn", ""),
            documentation=(node.findtext(f"{B}documentation") or "").strip(),
            group=self._group(node),
            facts=facts,
            ways=tuple(self._way(node, flow) for flow in self.drawing.outgoing.get(node.get("id", ""), ())),
            removable=kind(node) in REMOVABLE,
            trigger=next(iter(self.drawing.definitions(node)), ""),
        )

    def _way(self, node: etree._Element, flow: etree._Element) -> Way:
        condition, name = flow.findtext(f"{B}conditionExpression") or "", self._name_of(flow.get("targetRef", ""))
        return Way(
            flow.get("id", ""), flow.get("targetRef", ""), name, flow.get("name", ""), condition.strip(),
            node.get("default") == flow.get("id"),
        )  # fmt: skip

    def _name_of(self, element: str) -> str:
        """What an element is called; one without a name, such as a join, like what comes after it."""
        passed: set[str] = set()
        while element not in passed:
            passed.add(element)
            node = self.drawing.by_id.get(element)
            onward = self.drawing.outgoing.get(element, [])
            if node is None or node.get("name") or len(onward) != 1:
                break
            element = onward[0].get("targetRef", "")
        node = self.drawing.by_id.get(element)
        return self.drawing.label(node) if node is not None else element

    def _lanes(self) -> list[etree._Element]:
        return list(self.root.iter(f"{B}lane"))

    def _lane_of(self, element: str) -> etree._Element | None:
        """The innermost lane: a nested one stands after the one that holds it."""
        if self._homes is None:
            self._homes = {name: lane for lane in self._lanes() for name in _members(lane)}
        return self._homes.get(element)

    def _group(self, node: etree._Element) -> str:
        lane = self._lane_of(self._top(node))
        return node.get(f"{APPRODO}group") or (_group_of_lane(lane) if lane is not None else "")

    def _top(self, node: etree._Element) -> str:
        """The element that stands in a lane: the node, or the subprocess that it is inside of, unless named itself."""
        for element in [node, *node.iterancestors()]:
            if self._lane_of(element.get("id", "")) is not None:
                return element.get("id", "")
        return node.get("id", "")

    def _attached(self, element: str) -> list[etree._Element]:
        found: list[etree._Element] = []
        for event in self.drawing.boundaries.get(element, ()):
            found += [event, *self.drawing.outgoing.get(event.get("id", ""), ())]
        return found

    # -- changing -----------------------------------------------------------------------------------------------------

    def _reread(self) -> None:
        self.drawing, self._homes = Drawing(self.root), None

    def _new_id(self, start: str) -> str:
        taken = {element.get("id") for element in self.root.iter() if element.get("id")}
        return next(name for number in range(1, len(taken) + 2) if (name := f"{start}_{number}") not in taken)

    def _change_way(self, flow: etree._Element, said: Mapping[str, str]) -> None:
        flow_id = flow.get("id", "")
        _set(flow, "name", said, f"way-{flow_id}")
        if f"condition-{flow_id}" not in said:
            return
        text, found = said[f"condition-{flow_id}"].strip(), flow.find(f"{B}conditionExpression")
        if text and found is None:
            found = etree.SubElement(flow, f"{B}conditionExpression", {XSI: f"{_prefix(flow)}tFormalExpression"})
        if found is not None and text:
            if text != (found.text or "").strip():
                found.text = text
        elif found is not None:
            flow.remove(found)

    def _move_to_group(self, node: etree._Element, group: str) -> None:
        """Into the lane of that group, where there is one with room; else the step itself says whose it is."""
        element = node.get("id", "")
        lane = next((each for each in self._lanes() if _group_of_lane(each) == group), None)
        old, room = self.canvas.box(element), None
        if lane is not None and old is not None:
            room = self._free_place(element, old, self.canvas.box(lane.get("id", "")))
        if lane is None or (old is not None and room is None):
            node.set(f"{APPRODO}group", group)
            return
        for each in self._lanes():
            for reference in each.findall(f"{B}flowNodeRef"):
                if (reference.text or "").strip() == element:
                    each.remove(reference)
        node.attrib.pop(f"{APPRODO}group", "")
        _refer(lane, "flowNodeRef", element)
        self._homes = None
        if room is not None:
            self.canvas.place(element, room)
            for flow in [*self.drawing.incoming.get(element, ()), *self.drawing.outgoing.get(element, ())]:
                self.canvas.route(flow.get("id", ""), flow.get("sourceRef", ""), flow.get("targetRef", ""))

    def _free_place(self, element: str, old: Box, lane: Box | None) -> Box | None:
        if lane is None:
            return None
        others = [node.get("id", "") for node in self.drawing.nodes]
        tries = [lane.middle - old.height / 2, lane.y + GAP / 2, lane.bottom - old.height - GAP / 2]
        boxes = (Box(old.x, y, old.width, old.height) for y in tries if lane.y <= y <= lane.bottom - old.height)
        return next((box for box in boxes if self.canvas.is_free(box, others, element)), None)

    def _join_lane(self, node: etree._Element, source: etree._Element) -> None:
        lane = self._lane_of(source.get("id", ""))
        if lane is None:
            lane = self._lane_of(source.get("attachedToRef", ""))
        if lane is not None:
            _refer(lane, "flowNodeRef", node.get("id", ""))

    def _draw_new(self, element: str, source: str, target: str, flows: tuple[str, str]) -> None:
        start = self.canvas.box(source)
        if start is None:
            return
        self.canvas.make_room(start.right + 1)
        place = Box(start.right + GAP, start.middle - HEIGHT / 2, WIDTH, HEIGHT)
        self.canvas.place(element, place)
        self.canvas.route(flows[0], source, element)
        self.canvas.route(flows[1], element, target)

    def _take_out(self, gone: Iterable[etree._Element]) -> None:
        ids = {each.get("id", "") for top in gone for each in top.iter() if each.get("id")}
        for element in list(self.root.iter(f"{B}association")):
            if {element.get("sourceRef"), element.get("targetRef")} & ids:
                gone = [*gone, element]
                ids.add(element.get("id", ""))
        for element in gone:
            _remove(element)
        for reference in list(self.root.iter(f"{B}flowNodeRef", f"{B}incoming", f"{B}outgoing")):
            if (reference.text or "").strip() in ids:
                _remove(reference)
        for element in self.root.iter(f"{B}*"):
            if element.get("default") in ids:
                del element.attrib["default"]
        self.canvas.drop(ids)
        self._reread()


def begin(key: str, name: str, name_en: str, like: bytes | None = None) -> bytes:
    """A new pathway: a start, one step and an end in one lane, or all of another pathway under a name of its own."""
    data = TEMPLATE.encode() if like is None else like
    editor = Editor(data)
    process = next(editor.root.iter(f"{B}process"))
    old = process.get("id", "")
    for element in editor.root.iter(f"{B}participant"):
        if element.get("processRef") == old:
            element.set("processRef", key)
            _set(element, "name", {"name": name})
            _set(element, f"{APPRODO}nameEn", {"name_en": name_en}, "name_en")
    if editor.canvas.plane is not None and editor.canvas.plane.get("bpmnElement") == old:
        editor.canvas.plane.set("bpmnElement", key)
    process.set("id", key)
    _set(process, "name", {"name": name})
    _set(process, f"{APPRODO}nameEn", {"name_en": name_en}, "name_en")
    return editor.content()


def edit(data: bytes, change: Callable[[Editor], object]) -> bytes:
    """The file after one change; the same bytes where the change changed nothing."""
    editor = Editor(data)
    before = etree.tostring(editor.root)
    change(editor)
    return data if etree.tostring(editor.root) == before else editor.content()


def _members(lane: etree._Element) -> set[str]:
    return {(reference.text or "").strip() for reference in lane.iterfind(f"{B}flowNodeRef")}


def _group_of_lane(lane: etree._Element) -> str:
    return lane.get(f"{APPRODO}group") or lane.get("name") or ""


def _set(element: etree._Element, attribute: str, said: Mapping[str, str], key: str = "") -> None:
    """Write an attribute if something was said of it; nothing said is no attribute."""
    text = said.get(key or attribute)
    if text is None or text.strip() == " ".join(element.get(attribute, "").split()):
        return
    if text.strip():
        element.set(attribute, text.strip())
    else:
        element.attrib.pop(attribute, "")


def _document(node: etree._Element, text: str) -> None:
    found, words = node.find(f"{B}documentation"), text.replace("\r\n", "\n").strip()
    if found is None and words:
        found = etree.Element(f"{B}documentation")
        node.insert(0, found)
    if found is not None and words != (found.text or "").strip():
        if words:
            found.text = words
        else:
            _remove(found)


def _refer(element: etree._Element, name: str, target: str) -> None:
    """Add a reference by id beside those of its kind: after documentation and extensions, before everything else."""
    same = element.findall(f"{B}{name}")
    made = etree.Element(f"{B}{name}")
    made.text = target
    if same:
        _insert_after(same[-1], made)
        return
    before = ("documentation", "extensionElements", *(("incoming",) if name == "outgoing" else ()))
    element.insert(sum(kind(child) in before or not isinstance(child.tag, str) for child in element), made)


def _unrefer(element: etree._Element, name: str, target: str) -> None:
    for reference in element.findall(f"{B}{name}"):
        if (reference.text or "").strip() == target:
            _remove(reference)


def _insert_after(sibling: etree._Element, made: etree._Element) -> None:
    parent = sibling.getparent()
    assert parent is not None  # noqa: S101
    made.tail = sibling.tail
    parent.insert(parent.index(sibling) + 1, made)


def _remove(element: etree._Element) -> None:
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)


def _prefix(element: etree._Element) -> str:
    prefix = next((prefix for prefix, space in element.nsmap.items() if f"{{{space}}}" == B), None)
    return f"{prefix}:" if prefix else ""
