"""Every shipped model: without findings, drawn so that it can be read, explained in two languages."""

import re
from collections.abc import Iterator
from itertools import combinations, pairwise
from pathlib import Path

import pytest
from lxml import etree

from core import users
from engine import lint, services
from engine.lint import Known
from tasks import forms
from tasks.services import offer

WORKFLOWS = Path(__file__).parents[2] / "workflows"
MODELS = sorted((WORKFLOWS / "bpmn").glob("*.bpmn"))
EVERY_MODEL = pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
DECISIONS = frozenset(path.stem for path in (WORKFLOWS / "dmn").glob("*.dmn"))
B = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
DI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
DC = "{http://www.omg.org/spec/DD/20100524/DC}"
APPRODO = "{urn:approdo:bpmn:1}"
NODES = {"userTask", "serviceTask", "businessRuleTask", "startEvent", "endEvent", "boundaryEvent", "subProcess"}
NODES |= {"exclusiveGateway", "parallelGateway", "intermediateCatchEvent", "callActivity"}
WORKED = {"userTask", "businessRuleTask", "callActivity", "intermediateCatchEvent", "boundaryEvent"}
SOURCE = re.compile(r"[Aa]rtt?\. \d|\bL\. \d|D\.lgs\.|DPR \d|DPCM|Reg\. |[Pp]rassi|[Ll]inee guida|[Pp]rocedure operative|SOP|\b[TF]\d\d|[Tt]abella")
SCREEN = 1440
SMALLEST = 0.85  # of the drawn size, at which its labels can still be read on that screen
Box = tuple[float, float, float, float]
Point = tuple[float, float]
Segment = tuple[Point, Point]


def root_of(path: Path) -> etree._Element:
    return etree.parse(path).getroot()


def elements(path: Path) -> Iterator[etree._Element]:
    """The nodes and lanes of a model."""
    return (e for e in root_of(path).iter() if etree.QName(e).localname in NODES | {"lane"})


def calls_of(path: Path) -> frozenset[str]:
    return frozenset(call.get("calledElement", "") for call in root_of(path).iter(f"{B}callActivity"))


def box(shape: etree._Element) -> Box:
    bounds = shape.find(f"{DC}Bounds")
    assert bounds is not None
    x, y, width, height = (float(bounds.get(name, "nan")) for name in ("x", "y", "width", "height"))
    return x, y, x + width, y + height


def places_of(path: Path) -> dict[str | None, Box]:
    return {shape.get("bpmnElement"): box(shape) for shape in root_of(path).iter(f"{DI}BPMNShape")}


def labels_of(path: Path) -> dict[str | None, Box]:
    owners = [(label, label.getparent()) for label in root_of(path).iter(f"{DI}BPMNLabel")]
    return {f"label of {owner.get('bpmnElement')}": box(label) for label, owner in owners if owner is not None}


def frames_of(path: Path) -> set[str | None]:
    """What holds other things: lanes, the pool, subprocesses."""
    return {e.get("id") for e in root_of(path).iter(f"{B}lane", f"{B}participant", f"{B}subProcess")}


def lines_of(path: Path) -> dict[str | None, list[Segment]]:
    lines = {}
    for edge in root_of(path).iter(f"{DI}BPMNEdge"):
        at = [p for p in edge if etree.QName(p).localname == "waypoint"]
        points = [(float(p.get("x", "nan")), float(p.get("y", "nan"))) for p in at]
        lines[edge.get("bpmnElement")] = list(pairwise(points))
    return lines


def cross(a: Segment, b: Segment) -> bool:
    """Whether two segments, one upright and one level, cross in their middles; meeting at an end is joining."""
    if a[0][0] != a[1][0]:
        a, b = b, a
    if a[0][0] != a[1][0] or b[0][1] != b[1][1]:
        return False
    (x, top), (_, bottom) = sorted(a)
    (left, y), (right, _) = sorted(b)
    return left < x < right and top < y < bottom


def enters(segment: Segment, area: Box) -> bool:
    """Whether a segment goes into an area, not only along its edge."""
    (x1, y1), (x2, y2) = sorted(segment)
    return x1 < area[2] - 1 and x2 > area[0] + 1 and min(y1, y2) < area[3] - 1 and max(y1, y2) > area[1] + 1


def overlap(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def within(point: Point, area: Box) -> bool:
    return area[0] <= point[0] <= area[2] and area[1] <= point[1] <= area[3]


def middle(area: Box) -> Point:
    return (area[0] + area[2]) / 2, (area[1] + area[3]) / 2


@EVERY_MODEL
def test_the_lint_finds_nothing_and_every_name_it_uses_exists(path: Path) -> None:
    offer()
    called = {each.stem: calls_of(each) for each in MODELS}
    known = Known(services.known(), DECISIONS, forms.known(), frozenset(users.ROLES), called)

    assert lint.check(path.read_bytes(), known) == []


@EVERY_MODEL
def test_every_element_is_explained_and_has_an_english_name(path: Path) -> None:
    explained = {e.get("id") for e in elements(path) if (e.findtext(f"{B}documentation") or "").strip()}
    named = [e.get("id") for e in elements(path) if e.get("name") and not e.get(f"{APPRODO}nameEn")]

    assert explained == {e.get("id") for e in elements(path)}
    assert named == []


@EVERY_MODEL
def test_a_model_and_all_that_is_done_or_waited_for_in_it_names_its_law_or_says_that_it_is_practice(path: Path) -> None:
    process = root_of(path).find(f"{B}process")
    assert process is not None
    worked = [e for e in elements(path) if etree.QName(e).localname in WORKED and e.get("name")]

    assert "Base: " in (process.findtext(f"{B}documentation") or "")
    assert [e.get("id") for e in worked if not SOURCE.search(e.findtext(f"{B}documentation") or "")] == []


@EVERY_MODEL
def test_every_choice_says_when_it_is_taken(path: Path) -> None:
    arrows = list(root_of(path).iter(f"{B}sequenceFlow"))
    chosen = [f for f in arrows if f.find(f"{B}conditionExpression") is not None]
    chosen += [f for f in arrows if any(n.get("default") == f.get("id") for n in elements(path))]

    assert [f.get("id") for f in chosen if not (f.get("name") and f.get(f"{APPRODO}nameEn"))] == []
    assert [f.get("id") for f in chosen if not f.findtext(f"{B}documentation")] == []


@EVERY_MODEL
def test_a_persons_task_has_a_form_a_group_a_phase_and_a_due_time_with_its_source(path: Path) -> None:
    in_lanes = {ref.text: lane.get(f"{APPRODO}group") for lane in root_of(path).iter(f"{B}lane") for ref in lane}

    for task in root_of(path).iter(f"{B}userTask"):
        said = [task.get(f"{APPRODO}{name}") for name in ("form", "phase", "due", "dueSource")]
        assert all(said), task.get("id")
        assert in_lanes[task.get("id")] in users.ROLES


@EVERY_MODEL
def test_the_model_can_be_read_on_a_screen_of_1440(path: Path) -> None:
    pool = next(shape for shape in root_of(path).iter(f"{DI}BPMNShape") if "_pool" in shape.get("bpmnElement", ""))
    left, _, right, _ = box(pool)

    assert SCREEN / (right - left) >= SMALLEST


@EVERY_MODEL
def test_shapes_and_labels_do_not_lie_on_each_other(path: Path) -> None:
    outside = frames_of(path) | {event.get("id") for event in root_of(path).iter(f"{B}boundaryEvent")}
    areas = {name: area for name, area in places_of(path).items() if name not in outside} | labels_of(path)

    assert [(a, b) for a, b in combinations(areas, 2) if overlap(areas[a], areas[b])] == []


@EVERY_MODEL
def test_every_element_stands_in_the_band_of_its_lane(path: Path) -> None:
    places = places_of(path)

    for lane in root_of(path).iter(f"{B}lane"):
        band = places[lane.get("id")]
        for ref in lane.iter(f"{B}flowNodeRef"):
            assert within(middle(places[ref.text]), band), ref.text


@EVERY_MODEL
def test_arrows_go_straight_and_end_at_what_they_join(path: Path) -> None:
    places = places_of(path)
    flows = {flow.get("id"): flow for flow in root_of(path).iter(f"{B}sequenceFlow")}

    for name, line in lines_of(path).items():
        assert all(x1 == x2 or y1 == y2 for (x1, y1), (x2, y2) in line), name
        assert within(line[0][0], places[flows[name].get("sourceRef")]), name
        assert within(line[-1][1], places[flows[name].get("targetRef")]), name


@EVERY_MODEL
def test_arrows_neither_cross_nor_run_through_anything(path: Path) -> None:
    lines = lines_of(path)
    frames = frames_of(path)
    areas = {name: area for name, area in places_of(path).items() if name not in frames} | labels_of(path)

    crossing = [(a, b) for a, b in combinations(lines, 2) if any(cross(s, t) for s in lines[a] for t in lines[b])]
    through = [
        (a, name) for a, line in lines.items() for name, area in areas.items() if any(enters(s, area) for s in line)
    ]

    assert crossing == []
    assert through == []
