"""A drawing for a file that came without one: from left to right in the order of the work, lane under lane. What has no
id gets one before: a drawing names by its id what it shows."""

from itertools import count

from lxml import etree

from engine import flow_order, xml
from engine.editing import Editor
from engine.lint_drawing import GATEWAYS, NODES, SCOPES, B, kind
from engine.placing import DC, DD, DI, GAP, HEIGHT, WIDTH, Box

EDGE, TITLE, EVENT, GATE = 50.0, 30.0, 36.0, 50.0
MOST, DEEPEST = 1_000, 12  # nodes, and subprocesses inside of each other: more than that nobody reads on a drawing
_SHOWN = NODES | {"sequenceFlow", "lane", "participant", "collaboration"}
BETWEEN = 60.0  # columns; rows stand GAP apart


def identified(data: bytes) -> bytes:
    """The file with an id for all that is drawn and has none, as BPMN allows; the same bytes where all have one."""
    root = xml.parse(data, whole=True)
    without = [each for each in root.iter() if kind(each) in _SHOWN and not each.get("id")]
    taken = {each.get("id") for each in root.iter("*")}
    free = (name for number in count(1) if (name := f"element_{number}") not in taken)
    for each, name in zip(without, free, strict=False):
        each.set("id", name)
    return etree.tostring(root.getroottree(), xml_declaration=True, encoding="UTF-8") + b"\n" if without else data


def drawn(data: bytes) -> bytes:
    """The file with a drawing of its process; the same bytes where it has one, or nothing that one could read."""
    root = xml.parse(data, whole=True)
    if next(root.iter(f"{DI}BPMNPlane"), None) is not None:
        return data
    drawing = Editor(data).drawing
    process = drawing.process
    deepest = max((sum(1 for _ in node.iterancestors()) for node in drawing.nodes), default=0)
    if process is None or len(drawing.nodes) > MOST or deepest > DEEPEST:
        return data
    pool = next((each for each in root.iter(f"{B}participant") if each.get("processRef") == process.get("id")), None)
    around = None if pool is None else pool.getparent()
    owner = process if around is None else around
    spaces = {"bpmndi": DI[1:-1], "dc": DC[1:-1], "di": DD[1:-1]}
    diagram = etree.SubElement(root, f"{DI}BPMNDiagram", {"id": "drawing"}, nsmap=spaces)
    etree.SubElement(diagram, f"{DI}BPMNPlane", {"id": "drawing_plane", "bpmnElement": owner.get("id", "")})
    editor = Editor(etree.tostring(root.getroottree()))
    _Sheet(editor, process.get("id", ""), "" if pool is None else pool.get("id", "")).draw()
    return editor.content()


class _Sheet:
    """One process being drawn."""

    def __init__(self, editor: Editor, process: str, pool: str) -> None:
        self.editor, self.drawing, self.canvas, self.pool = editor, editor.drawing, editor.canvas, pool
        self.process = next(each for each in editor.root.iter(f"{B}process") if each.get("id") == process)
        self.order = [node for node in flow_order.of(self.drawing) if not node.get("attachedToRef")]
        self.boxes: dict[str, Box] = {}
        self.sizes: dict[etree._Element, tuple[float, float]] = {}

    def draw(self) -> None:
        """Boxes first, from the outside in; then what is on their borders; then every flow."""
        nested = next(self.process.iter(f"{B}childLaneSet"), None) is not None
        lanes = [] if nested or not self.pool else list(self.process.iter(f"{B}lane"))
        left = EDGE + (TITLE * 2 if lanes else TITLE)
        size, rows = self._lay(self.process, left, EDGE, [lane.get("id", "") for lane in lanes])
        if self.pool:
            self._shape(self.pool, Box(EDGE, EDGE, left - EDGE + size.width, size.height), isHorizontal="true")
        for lane, (top, height) in zip(lanes, rows, strict=False):
            box = Box(EDGE + TITLE, EDGE + top, left - EDGE - TITLE + size.width, height)
            self._shape(lane.get("id", ""), box, isHorizontal="true")
        for node in self.order:
            name = node.get("id", "")
            if name in self.boxes:
                self._shape(name, self.boxes[name], **({"isExpanded": "true"} if kind(node) in SCOPES else {}))
        for host, events in self.drawing.boundaries.items():
            place = self.boxes.get(host)
            for number, event in enumerate(events if place else ()):
                assert place is not None  # noqa: S101 - else there are none
                left = place.right - EVENT - 8 - number * (EVENT + 8)
                self._shape(event.get("id", ""), Box(left, place.bottom - EVENT / 2, EVENT, EVENT))
        for flow in self.drawing.flows:
            self.editor.draw(flow)
            self._bend(flow.get("id", ""), flow.get("sourceRef", ""), flow.get("targetRef", ""))

    def _shape(self, name: str, box: Box, **attributes: str) -> None:
        self.canvas.place(name, box)
        for key, value in attributes.items():
            self.canvas.shapes[name].set(key, value)

    def _bend(self, flow: str, source: str, target: str) -> None:
        """A long flow into another row does so where it meets the fewest others: right at its beginning or end."""
        start, end = self.boxes.get(source), self.boxes.get(target)
        if start is None or end is None or end.x < start.right + BETWEEN or start.middle == end.middle:
            return
        others = [box for name, box in self.boxes.items() if name not in (source, target, *self.canvas.wide)]

        def met(x: float) -> int:
            ways = ((start.right, x, start.middle), (x, end.x, end.middle))
            return sum(a < o.right and b > o.x and o.y < y < o.bottom for o in others for a, b, y in ways)

        self.canvas.bend(flow, min((end.x - BETWEEN / 4, start.right + BETWEEN / 4), key=met))

    def _lay(
        self, scope: etree._Element, x: float, y: float, lanes: list[str]
    ) -> tuple[Box, list[tuple[float, float]]]:
        """Put the nodes of a scope on a grid from x, y; returns what it covers, and top and height of each lane."""
        nodes = [node for node in self.order if node.getparent() is scope]
        cells = self._cells(nodes, lanes)
        sizes = {node.get("id", ""): self._size(node) for node in nodes}
        wide, high = dict[int, float](), dict[tuple[int, int], float]()
        for name, (column, lane, row) in cells.items():
            wide[column] = max(wide.get(column, 0), sizes[name][0])
            high[lane, row] = max(high.get((lane, row), HEIGHT), sizes[name][1])
        lefts, tops, blocks = dict[int, float](), dict[tuple[int, int], float](), list[tuple[float, float]]()
        at = GAP
        for column in sorted(wide):
            lefts[column], at = at, at + wide[column] + BETWEEN
        width, at = at - BETWEEN + GAP, 0.0
        for lane in range(max(len(lanes), 1)):
            top, at = at, at + GAP
            for row in range(max((r for n, r in high if n == lane), default=0) + 1):
                tops[lane, row], at = at, at + high.get((lane, row), HEIGHT) + GAP
            blocks.append((top, at - top))
        for node in nodes:
            name = node.get("id", "")
            column, lane, row = cells[name]
            own = sizes[name]
            left = x + lefts[column] + (wide[column] - own[0]) / 2
            self.boxes[name] = Box(left, y + tops[lane, row] + (high[lane, row] - own[1]) / 2, *own)
            if kind(node) in SCOPES:
                self._lay(node, left, self.boxes[name].y, [])
        return Box(x, y, max(width, WIDTH + 2 * GAP), at), blocks

    def _size(self, node: etree._Element) -> tuple[float, float]:
        if kind(node) in SCOPES:
            if node not in self.sizes:
                inside, _ = self._lay(node, 0, 0, [])
                self.sizes[node] = inside.width, inside.height
            return self.sizes[node]
        if kind(node) in GATEWAYS:
            return GATE, GATE
        return (EVENT, EVENT) if kind(node).endswith("Event") else (WIDTH, HEIGHT)

    def _cells(self, nodes: list[etree._Element], lanes: list[str]) -> dict[str, tuple[int, int, int]]:
        """Column, lane and row of each node: behind what leads to it, in its row if the way there is free."""
        shown = [lane for lane in self.process.iter(f"{B}lane") if lane.get("id") in lanes]
        inside = ((number, each) for number, lane in enumerate(shown) for each in lane.iterfind(f"{B}flowNodeRef"))
        homes = {(reference.text or "").strip(): number for number, reference in inside}
        found: dict[str, tuple[int, int, int]] = {}
        taken: set[tuple[int, int, int]] = set()
        for node in nodes:
            name = node.get("id", "")
            before = [place for each in self._before(name) if (place := found.get(each)) is not None]
            column = max((place[0] + 1 for place in before), default=0)
            lane = homes.get(name, 0)
            beside = [place for place in before if place[1] == lane]
            first, start = (beside[0][0] + 1, beside[0][2]) if beside else (column, 0)
            row = start
            while any((each, lane, row) in taken for each in range(first if row == start else column, column + 1)):
                row += 1
            taken |= {(each, lane, row) for each in range(first if row == start else column, column + 1)}
            found[name] = column, lane, row
        return found

    def _before(self, name: str) -> list[str]:
        """What leads to a node; what leaves a border counts as its step."""
        sources = [flow.get("sourceRef", "") for flow in self.drawing.incoming.get(name, ())]
        hosts = (self.drawing.by_id.get(each) for each in sources)
        return [
            each if host is None else host.get("attachedToRef", each)
            for each, host in zip(sources, hosts, strict=True)
        ]
