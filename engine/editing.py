"""A model as a list of steps: read, changed, a step added or removed, with the drawing kept valid.

Only what is named is touched: extensions that nobody here knows, comments and everything else of the file stay.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from lxml import etree

from core.errors import N_, NotYours, WrongOrder
from engine import editing_parts, flow_order, xml
from engine import editing_tree as tree
from engine.lint_drawing import ACTIVITIES, APPRODO, PEOPLE, B, Drawing, kind
from engine.placing import GAP, HEIGHT, WIDTH, Box, Canvas

# What each kind of step may say, and where it is written.
OWN = {
    **dict.fromkeys(PEOPLE, ("due", "dueSource", "reminders", "phase")),
    "userTask": ("form", "due", "dueSource", "reminders", "phase"),
    "serviceTask": ("service",),
    "businessRuleTask": ("decision", "result"),
}
KINDS = ("userTask", "serviceTask", "businessRuleTask")
REMOVABLE = ACTIVITIES | {"intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent"}


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
    host: str = ""
    interrupts: bool = True


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
        """Every element in the order in which the work goes through them."""
        return [self._step(node) for node in flow_order.of(self.drawing)]

    def step(self, element: str) -> Step:
        """One element. Raises NotYours if it is not there."""
        return self._step(self.node(element))

    def groups(self) -> list[str]:
        """The groups of the lanes, in the order of the file."""
        return list(dict.fromkeys(filter(None, map(_group_of_lane, self._lanes()))))

    def change(self, element: str, said: Mapping[str, str]) -> None:
        """Write what was said of a step: name, name_en, documentation, group, its facts, and of its ways
        `condition-ID`, `way-ID` (its name). What is not in `said` stays as it is.
        """
        node = self.node(element)
        tree.put(node, "name", said)
        tree.put(node, f"{APPRODO}nameEn", said, "name_en")
        if "documentation" in said:
            tree.document(node, said["documentation"])
        for fact in OWN.get(kind(node), ()):
            tree.put(node, f"{APPRODO}{fact}", said, fact)
        if kind(node) == "callActivity":
            tree.put(node, "calledElement", said, "called")
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
        source, made = self.node(flow.get("sourceRef", "")), self.new_id("step")
        node, onward = etree.Element(f"{B}{sort}", {"id": made}), self.new_id(f"{made}__next")
        tree.insert_after(source, node)
        self.join_lane(node, source)
        self.link(onward, made, flow.get("targetRef", ""), after=flow)
        self.lead(flow, made)
        self.draw_between(flow, made)
        self.change(made, said)
        return made

    def link(self, flow_id: str, source: str, target: str, after: etree._Element) -> etree._Element:
        """Write a new flow from one element to another, behind a flow or node of the same scope."""
        flow = etree.Element(f"{B}sequenceFlow", {"id": flow_id, "sourceRef": source, "targetRef": target})
        tree.insert_after(after, flow)
        self.reread()
        tree.refer(self.node(source), "outgoing", flow_id)
        tree.refer(self.node(target), "incoming", flow_id)
        return flow

    def lead(self, flow: etree._Element, target: str) -> None:
        """Let a flow lead to another element; its condition and its source stay."""
        tree.unrefer(self.node(flow.get("targetRef", "")), "incoming", flow.get("id", ""))
        flow.set("targetRef", target)
        tree.refer(self.node(target), "incoming", flow.get("id", ""))
        self.reread()

    def remove(self, element: str) -> None:
        """Take a step out: what led to it leads to what came after it. Raises WrongOrder where that is not clear."""
        node = self.node(element)
        if kind(node) not in REMOVABLE:
            raise WrongOrder(N_("Inizio, fine e snodi si tolgono sul disegno: qui si tolgono i passi."))
        gone = self.goes_with(element)
        after = self.only_way(node)[1] if kind(node) != "boundaryEvent" else ""
        for flow in list(self.drawing.incoming.get(element, ())):
            if after and flow.get("sourceRef") != after:
                self.lead(flow, after)
                self.draw(flow)
        self.take_out([self.node(each) for each in gone])

    def goes_with(self, element: str) -> list[str]:
        """What is taken out with an element: itself first, then what is attached to it and what only that leads to."""
        gone, branch = [element], {element} if self.node(element).get("attachedToRef") else set()
        for each in gone:  # grows while it is read
            found = [event.get("id", "") for event in self.drawing.boundaries.get(each, ())]
            for flow in self.drawing.outgoing.get(each, ()) if each in branch else ():
                target = flow.get("targetRef", "")
                before = {other.get("sourceRef", "") for other in self.drawing.incoming.get(target, ())}
                found += [target] if before <= branch and target != element else []
            gone += [name for name in found if name not in branch]
            branch |= set(found)
        return gone

    def only_way(self, node: etree._Element) -> tuple[etree._Element | None, str]:
        """The one flow that leads on, and to what. Raises WrongOrder if there are several, or it has a condition."""
        outgoing = self.drawing.outgoing.get(node.get("id", ""), [])
        if len(outgoing) > 1 or any(flow.find(f"{B}conditionExpression") is not None for flow in outgoing):
            raise WrongOrder(N_("Da questo passo escono più vie, o una con condizione: cambialo sul disegno."))
        return (outgoing[0], outgoing[0].get("targetRef", "")) if outgoing else (None, "")

    # -- reading ------------------------------------------------------------------------------------------------------

    def node(self, element: str) -> etree._Element:
        node = self.drawing.by_id.get(element)
        if node is None:
            raise NotYours
        return node

    def _step(self, node: etree._Element) -> Step:
        facts = {fact: tree.plain(node.get(f"{APPRODO}{fact}")) for fact in OWN.get(kind(node), ())}
        if kind(node) == "callActivity":
            facts["called"] = tree.plain(node.get("calledElement"))
        facts |= editing_parts.read(node)
        return Step(
            id=node.get("id", ""),
            kind=kind(node),
            name=tree.in_line(node.get("name")),
            name_en=tree.in_line(node.get(f"{APPRODO}nameEn")),
            documentation=tree.said(node.find(f"{B}documentation")),
            group=self._group(node),
            facts=facts,
            ways=tuple(self._way(node, flow) for flow in self.drawing.outgoing.get(node.get("id", ""), ())),
            removable=kind(node) in REMOVABLE,
            trigger=next(iter(self.drawing.definitions(node)), ""),
            host=node.get("attachedToRef", ""),
            interrupts=node.get("cancelActivity") != "false",
        )

    def _way(self, node: etree._Element, flow: etree._Element) -> Way:
        return Way(
            id=flow.get("id", ""),
            target=flow.get("targetRef", ""),
            target_name=self._name_of(flow.get("targetRef", "")),
            name=tree.in_line(flow.get("name")),
            condition=tree.said(flow.find(f"{B}conditionExpression")),
            plain=node.get("default") == flow.get("id"),
        )

    def _name_of(self, element: str) -> str:
        """What an element is called; one without a name like what comes after it: a fork like all that it leads to."""
        passed: set[str] = set()
        while element not in passed:
            passed.add(element)
            node = self.drawing.by_id.get(element)
            onward = self.drawing.outgoing.get(element, [])
            if node is None or node.get("name") or not onward:
                break
            if len(onward) > 1:
                named = (self.drawing.by_id.get(flow.get("targetRef", "")) for flow in onward)
                return " / ".join(dict.fromkeys(self.drawing.label(each) for each in named if each is not None))
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

    # -- changing -----------------------------------------------------------------------------------------------------

    def reread(self) -> None:
        self.drawing, self._homes = Drawing(self.root), None

    def new_id(self, start: str) -> str:
        taken = {element.get("id") for element in self.root.iter() if element.get("id")}
        return next(name for number in range(1, len(taken) + 2) if (name := f"{start}_{number}") not in taken)

    def _change_way(self, flow: etree._Element, said: Mapping[str, str]) -> None:
        flow_id = flow.get("id", "")
        tree.put(flow, "name", said, f"way-{flow_id}")
        found = flow.find(f"{B}conditionExpression")
        text = said.get(f"condition-{flow_id}")
        if text is None or tree.plain(text) == tree.said(found):
            return
        if found is None:
            found = etree.SubElement(flow, f"{B}conditionExpression", tree.formal(flow))
        if text.strip():
            tree.say(found, text)
        else:
            flow.remove(found)

    def _move_to_group(self, node: etree._Element, group: str) -> None:
        """Into the lane of that group, where there is one with room; else the step itself says whose it is."""
        element, scope = node.get("id", ""), node.getparent()
        inside = scope is not None and kind(scope) != "process"
        lane = next((each for each in self._lanes() if _group_of_lane(each) == group and not inside), None)
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
        tree.refer(lane, "flowNodeRef", element)
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

    def join_lane(self, node: etree._Element, source: etree._Element) -> None:
        lane = self._lane_of(source.get("id", ""))
        if lane is None:
            lane = self._lane_of(source.get("attachedToRef", ""))
        if lane is not None:
            tree.refer(lane, "flowNodeRef", node.get("id", ""))

    def draw_between(self, flow: etree._Element, element: str) -> None:
        """Draw a step in the middle of a flow; what stands to the right of the flow's beginning makes room."""
        source = flow.get("sourceRef", "")
        (onward,) = self.drawing.outgoing[element]
        target = onward.get("targetRef", "")
        start, end = self.canvas.box(source), self.canvas.box(target)
        if start is None:
            return
        self.canvas.make_room(start.right + 1, self.ends())
        size = self.canvas.box(element) or Box(0, 0, WIDTH, HEIGHT)
        rows = [start.middle, *([end.middle] if end else [])]
        tries = [Box(start.right + GAP, row - size.height / 2, size.width, size.height) for row in rows]
        others = [node.get("id", "") for node in self.drawing.nodes if node.get("id") not in self.canvas.wide]
        place = next((box for box in tries if self.canvas.is_free(box, others, element)), tries[0])
        old = self.canvas.box(element)
        self.canvas.place(element, place)
        if old is not None:
            for event in self.drawing.boundaries.get(element, ()):
                self.canvas.shift(event.get("id", ""), place.x - old.x, place.y - old.y)
                for each in self.drawing.outgoing.get(event.get("id", ""), ()):
                    self.draw(each)
        self.draw(flow)
        self.draw(onward)

    def draw(self, flow: etree._Element) -> None:
        """Draw a flow anew; from an event on a border it leaves below."""
        flow_id, source, target = (flow.get(name, "") for name in ("id", "sourceRef", "targetRef"))
        event = self.node(source).get("attachedToRef")
        (self.canvas.route_down if event else self.canvas.route)(flow_id, source, target)

    def home(self, element: str) -> Box | None:
        """What an element is drawn inside of: its subprocess, else its lane, else its pool."""
        scope = self.node(element).getparent()
        lane = self._lane_of(element)
        pools = (each for each in self.root.iter(f"{B}participant"))
        inner = [] if scope is None or kind(scope) == "process" else [scope]
        around = [*inner, *([lane] if lane is not None else []), *pools]
        return next((box for each in around if (box := self.canvas.box(each.get("id", ""))) is not None), None)

    def ends(self) -> dict[str, tuple[str, str]]:
        """Every flow by id, with what it leads from and to."""
        flows = self.drawing.flows
        return {flow.get("id", ""): (flow.get("sourceRef", ""), flow.get("targetRef", "")) for flow in flows}

    def take_out(self, gone: Iterable[etree._Element]) -> None:
        """Remove elements with all that leads to or from them, their places in lanes and their shapes."""
        gone = list(gone)
        ids = {each.get("id", "") for top in gone for each in top.iter() if each.get("id")}
        for sort in tree.LEADING:  # in this order: a note may hang on an arrow that goes
            for element in list(self.root.iter(*(f"{B}{name}" for name in sort))):
                if tree.ends(element) & ids:
                    gone.append(element)
                    ids |= {element.get("id", "")} - {""}
        for element in gone:
            tree.take_away(element)
        for reference in list(self.root.iter(*(f"{B}{name}" for name in tree.REFERENCES))):
            if (reference.text or "").strip() in ids:
                tree.take_away(reference)
        for element in self.root.iter(f"{B}*"):
            if element.get("default") in ids:
                del element.attrib["default"]
        self.canvas.drop(ids)
        self.reread()


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
