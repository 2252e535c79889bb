"""Where things stand on a drawing (BPMN DI): room for a new step, its shape, the lines that lead to it.

A file without a drawing is left without one.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lxml import etree

from engine import editing_tree as tree
from engine.lint_drawing import B

DI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
DC = "{http://www.omg.org/spec/DD/20100524/DC}"
DD = "{http://www.omg.org/spec/DD/20100524/DI}"
WIDTH, HEIGHT, GAP, ROOM, MARGIN = 100.0, 80.0, 30.0, 140.0, 10.0


@dataclass(frozen=True)
class Box:
    """A rectangle on the drawing."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def bottom(self) -> float:
        return self.y + self.height

    @property
    def middle(self) -> float:
        return self.y + self.height / 2

    @property
    def centre(self) -> float:
        return self.x + self.width / 2

    def meets(self, other: "Box") -> bool:
        """Whether the two overlap, a small margin included."""
        beside = self.right + MARGIN <= other.x or other.right + MARGIN <= self.x
        return not (beside or self.bottom + MARGIN <= other.y or other.bottom + MARGIN <= self.y)


class Canvas:
    """The drawing of one file."""

    def __init__(self, root: etree._Element) -> None:
        self.planes = list(root.iter(f"{DI}BPMNPlane"))
        self.plane = next(iter(self.planes), None)
        parts = [] if self.plane is None else list(self.plane)
        self.shapes = {str(part.get("bpmnElement")): part for part in parts if part.tag == f"{DI}BPMNShape"}
        self.edges = {str(part.get("bpmnElement")): part for part in parts if part.tag == f"{DI}BPMNEdge"}
        # What holds other shapes: it grows where a step is moved.
        self.wide = {name for name, part in self.shapes.items() if part.get("isExpanded") == "true"}
        self.wide |= {str(each.get("id")) for each in root.iter(f"{B}participant", f"{B}lane", f"{B}group")}

    def box(self, element: str) -> Box | None:
        """Where an element stands, if it is drawn."""
        bounds = self._bounds(element)
        return None if bounds is None else Box(*(_number(bounds, name) for name in ("x", "y", "width", "height")))

    def make_room(self, cut: float, ends: Mapping[str, tuple[str, str]], axis: str = "x") -> None:
        """Move what stands right of a line (axis "y": below it) away from it, and grow what holds the line: pools,
        lanes, open subprocesses. What only reaches across the line goes with its larger half; lines follow their ends.
        """
        size = "width" if axis == "x" else "height"
        moved = set()
        for name, shape in self.shapes.items():
            bounds = shape.find(f"{DC}Bounds")
            if bounds is None:
                continue
            start, length = _number(bounds, axis), _number(bounds, size)
            if start >= cut or (name not in self.wide and start + length / 2 >= cut):
                moved.add(name)
                for each in shape.iter(f"{DC}Bounds"):
                    each.set(axis, _text(_number(each, axis) + ROOM))
            elif name in self.wide and start + length > cut:
                bounds.set(size, _text(length + ROOM))
        for name, edge in self.edges.items():
            points = edge.findall(f"{DD}waypoint")
            source, target = ends.get(name, ("", ""))
            for point in points:
                end = source if point is points[0] else target if point is points[-1] else ""
                beyond = end in moved if end in self.shapes and end not in self.wide else _number(point, axis) >= cut
                if beyond:
                    point.set(axis, _text(_number(point, axis) + ROOM))
            for each in edge.iterfind(f"{DI}BPMNLabel/{DC}Bounds"):
                if _number(each, axis) >= cut:
                    each.set(axis, _text(_number(each, axis) + ROOM))

    def shift(self, element: str, right: float, down: float) -> None:
        """Move one shape, with its label."""
        shape = self.shapes.get(element)
        for bounds in () if shape is None else shape.iter(f"{DC}Bounds"):
            bounds.set("x", _text(_number(bounds, "x") + right))
            bounds.set("y", _text(_number(bounds, "y") + down))

    def is_free(self, box: Box, besides: Iterable[str], but: str = "") -> bool:
        """Whether none of these elements stands there."""
        others = (self.box(each) for each in besides if each != but)
        return not any(other is not None and other.meets(box) for other in others)

    def place(self, element: str, box: Box) -> None:
        """Draw an element there, or move it there with its label gone back to where the viewer puts it."""
        if self.plane is None:
            return
        shape = self.shapes.get(element)
        if shape is None:
            attributes = {"id": f"{element}_di", "bpmnElement": element}
            shape = self.shapes[element] = etree.SubElement(self.plane, f"{DI}BPMNShape", attributes)
            etree.SubElement(shape, f"{DC}Bounds")
        for label in shape.findall(f"{DI}BPMNLabel"):
            shape.remove(label)
        bounds = shape.find(f"{DC}Bounds")
        assert bounds is not None  # noqa: S101 - just made, or drawn before
        for name, value in zip(("x", "y", "width", "height"), (box.x, box.y, box.width, box.height), strict=True):
            bounds.set(name, _text(value))

    def route(self, flow: str, source: str, target: str) -> None:
        """Draw a flow between two elements with as few corners as it needs."""
        start, end = self.box(source), self.box(target)
        if self.plane is None or start is None or end is None:
            return
        edge = self.edges.get(flow)
        if edge is None:
            attributes = {"id": f"{flow}_di", "bpmnElement": flow}
            edge = self.edges[flow] = etree.SubElement(self.plane, f"{DI}BPMNEdge", attributes)
        for part in [*edge.findall(f"{DD}waypoint"), *edge.findall(f"{DI}BPMNLabel")]:
            edge.remove(part)
        self._draw(edge, _way(start, end))

    def bend(self, flow: str, x: float) -> None:
        """Let a flow that changes its row do so at x."""
        points = self.edges[flow].findall(f"{DD}waypoint")
        for point in points[1:-1]:
            point.set("x", _text(x))

    def route_down(self, flow: str, source: str, target: str) -> None:
        """Draw a flow that leaves from below, as from an event on a border, with as few corners as it needs."""
        start, end = self.box(source), self.box(target)
        self.route(flow, source, target)
        if start is None or end is None or end.y < start.bottom:
            return
        edge, row = self.edges[flow], start.bottom + GAP / 2
        for part in edge.findall(f"{DD}waypoint"):
            edge.remove(part)
        side = [(start.centre, end.middle), (end.x if end.x > start.centre else end.right, end.middle)]
        below = [(start.centre, row), (end.centre, row), (end.centre, end.y)]
        beside = end.x > start.centre or end.right < start.centre
        self._draw(edge, [(start.centre, start.bottom), *(side if beside else below)])

    def drop(self, elements: Iterable[str]) -> None:
        """Take elements and flows off the drawing, a closed subprocess also with the plane that shows its inside."""
        gone = set(elements)
        for element in gone:
            self.shapes.pop(element, None)
            self.edges.pop(element, None)
        for plane in self.planes:
            for part in [part for part in plane if part.get("bpmnElement") in gone]:
                plane.remove(part)
            diagram = plane.getparent()
            if plane.get("bpmnElement") in gone and diagram is not None:
                tree.take_away(diagram)

    def _draw(self, edge: etree._Element, points: Iterable[tuple[float, float]]) -> None:
        for number, (x, y) in enumerate(points):
            edge.insert(number, etree.Element(f"{DD}waypoint", {"x": _text(x), "y": _text(y)}))

    def _bounds(self, element: str) -> etree._Element | None:
        shape = self.shapes.get(element)
        return None if shape is None else shape.find(f"{DC}Bounds")


def _way(start: Box, end: Box) -> list[tuple[float, float]]:
    if end.x >= start.right:  # onwards: straight, or with one step half-way
        half = (start.right + end.x) / 2
        bend = [] if start.middle == end.middle else [(half, start.middle), (half, end.middle)]
        return [(start.right, start.middle), *bend, (end.x, end.middle)]
    down = end.y >= start.bottom
    leave = (start.centre, start.bottom if down else start.y)
    if down or end.bottom <= start.y:  # in another row: down or up, then sideways
        if end.x <= start.centre <= end.right:
            return [leave, (start.centre, end.y if down else end.bottom)]
        return [leave, (start.centre, end.middle), (end.right, end.middle)]
    below = max(start.bottom, end.bottom) + GAP  # back along the same row: round below
    return [(start.centre, start.bottom), (start.centre, below), (end.centre, below), (end.centre, end.bottom)]


def _number(element: etree._Element, name: str) -> float:
    try:
        value = float(element.get(name, "0"))
    except ValueError:
        return 0.0
    return value if math.isfinite(value) and abs(value) < 1e6 else 0.0


def _text(value: float) -> str:
    return str(int(value)) if value == int(value) else str(round(value, 2))
