"""What the list makes in a model: times on a border, repetitions, mappings, steps in another place; drawn and valid."""

import itertools
from functools import partial
from operator import methodcaller

import pytest
from lxml import etree

from core.errors import InvalidForm, NotYours, WrongOrder
from engine import editing_making as making
from engine import editing_order, schema, spiff
from engine.editing import Editor, edit
from engine.editing_making import Timer
from engine.lint_drawing import B
from engine.placing import Canvas
from tests.engine.test_editing import EVERY_MODEL, PROTECTION, SHIPPED, box, errors, step

ASYLUM = next(path for path in SHIPPED if path.stem == "asylum").read_bytes()
SOME = 9  # which of the steps of a model: with all of them (1) these tests take two minutes


def overlaps(data: bytes) -> set[tuple[str, str]]:
    """Pairs of nodes drawn upon each other, what holds others and events on borders left aside."""
    root = etree.fromstring(data)
    editor, canvas = Editor(data), Canvas(root)
    shapes = [each.id for each in editor.steps() if not each.host and each.id not in canvas.wide and canvas.box(each.id)]
    return {pair for pair in itertools.combinations(sorted(shapes), 2) if touch(*(box(canvas, each) for each in pair))}


def touch(one, other) -> bool:
    beside = one.right <= other.x or other.right <= one.x
    return not (beside or one.bottom <= other.y or other.bottom <= one.y)


def sound(data: bytes, before: bytes) -> None:
    """No error, valid, every node and flow drawn, nothing upon anything, nothing outside of what holds it."""
    assert errors(data) == []
    assert schema.check(data) == []
    editor = Editor(data)
    canvas = editor.canvas
    assert {*canvas.shapes} >= {each.id for each in editor.steps()}
    assert {*canvas.edges} >= {*editor.ends()}
    assert overlaps(data) <= overlaps(before)
    for each in editor.steps():
        home = editor.home(each.id)
        place = box(canvas, each.id)
        assert home is None or (home.x <= place.x and place.right <= home.right and place.bottom <= home.bottom + 18)


@EVERY_MODEL
def test_a_time_can_be_put_on_every_step_of_every_model_and_is_taken_away_whole(path):
    data = path.read_bytes()
    timer = Timer("passano tre giorni", "P3D", making.NON_INTERRUPTING, "late", "Chiedi notizie", {"group": "case_manager", "due": "P1D"})
    for each in [each for each in Editor(data).steps() if each.removable and not each.kind.endswith("Event")][::SOME]:
        changed = edit(data, partial(making.set_timer, element=each.id, timer=timer))
        sound(changed, data)
        (made,) = [one.id for one in Editor(changed).steps() if one.name == "passano tre giorni" and one.host == each.id]
        taken = edit(changed, methodcaller("remove", made))
        assert {one.id for one in Editor(taken).steps()} == {one.id for one in Editor(data).steps()}
        assert errors(taken) == []


@EVERY_MODEL
def test_a_step_can_be_put_into_every_way_of_its_model(path):
    data = path.read_bytes()
    editor, moved = Editor(data), 0
    for each in editor.steps():
        flows = [name for name, ends in editor.ends().items() if each.id not in ends] if each.kind == "userTask" else []
        for flow in flows[:: SOME]:
            try:
                changed = edit(data, partial(editing_order.move, element=each.id, flow_id=flow))
            except (WrongOrder, NotYours):
                continue
            moved += 1
            assert schema.check(changed) == []
            assert overlaps(changed) <= overlaps(data)
            assert {one.id for one in Editor(changed).steps()} == {one.id for one in editor.steps()}
            assert len(Editor(changed).ends()) == len(editor.ends())
            made = step(changed, each.id)
            assert [one.id for one in made.ways] == [one.id for one in step(data, each.id).ways]
            assert Editor(changed).ends()[flow][1] == each.id
    assert moved or path.stem


@EVERY_MODEL
def test_nothing_is_drawn_upon_a_neighbour_whichever_arrow_a_step_is_put_on(path):
    data = path.read_bytes()
    for flow in [*Editor(data).ends()][::SOME]:
        changed = edit(data, methodcaller("add", flow, "userTask", {"name": "Nuovo", "group": "case_manager"}))
        assert overlaps(changed) <= overlaps(data)


@EVERY_MODEL
def test_the_list_goes_the_way_of_the_work(path):
    steps = [each.id for each in Editor(path.read_bytes()).steps()]
    editor = Editor(path.read_bytes())

    assert sorted(steps) == sorted(node.get("id", "") for node in editor.drawing.nodes)
    assert editor.node(steps[0]).tag == f"{B}startEvent"
    back = [(source, target) for source, target in editor.ends().values() if steps.index(target) < steps.index(source)]
    assert len(back) < len(editor.ends()) / 5
    for each in editor.steps():
        if each.host:
            assert steps.index(each.id) > steps.index(each.host)


def test_a_time_leads_to_a_step_that_is_there_and_stops_the_one_it_is_on():
    target = making.targets(Editor(PROTECTION), "placement")[-1]
    made = partial(making.set_timer, element="placement", timer=Timer("tardi", "P2D", making.INTERRUPTING, target=target))
    changed = edit(PROTECTION, made)

    (event,) = [each for each in Editor(changed).steps() if each.name == "tardi"]
    assert (event.host, event.interrupts, event.facts["timer"], event.ways[0].target) == ("placement", True, "P2D", target)
    again = edit(PROTECTION, partial(making.set_timer, element="placement", timer=Timer("tardi", "R/P2D", making.CYCLE)))
    assert b"timeCycle" in again
    sound(again, PROTECTION)
    for wrong in ("none", "placement", Editor(PROTECTION).steps()[0].id):
        with pytest.raises(NotYours):
            edit(PROTECTION, partial(making.set_timer, element="placement", timer=Timer("x", "P1D", target=wrong)))


def test_two_neighbours_change_places_on_the_drawing_and_back():
    event = methodcaller("add", "placement__placement_record", "userTask", {"name": "Nuovo", "group": "case_manager"})
    data = edit(PROTECTION, event)
    (made,) = [each.id for each in Editor(data).steps() if each.name == "Nuovo"]
    data = edit(data, partial(making.set_timer, element=made, timer=Timer("tardi", "P2D", step="Chiedi")))
    up, _ = editing_order.neighbours(Editor(data), made)
    moved = edit(data, partial(editing_order.move, element=made, flow_id=up))

    sound(moved, data)
    assert box(Editor(moved).canvas, made).x == box(Editor(data).canvas, "placement").x
    assert Editor(moved).canvas.box("protection_pool") == Editor(data).canvas.box("protection_pool")
    _, down = editing_order.neighbours(Editor(moved), made)
    again = Editor(edit(moved, partial(editing_order.move, element=made, flow_id=down))).canvas
    assert {name: again.box(name) for name in again.shapes} == {name: Editor(data).canvas.box(name) for name in again.shapes}


@pytest.mark.parametrize(
    "said",
    [
        {"kind": "number", "value": "3", "order": "one", "until": "done = true"},
        {"kind": "number", "value": "count(children)", "order": "all", "until": ""},
        {"kind": "list", "value": "children", "item": "child", "order": "all", "until": ""},
        {"kind": "list", "value": "children", "item": "", "order": "one", "until": "enough"},
        {"kind": "while", "value": "answer != true", "most": "5"},
    ],
)
def test_a_repetition_is_made_changed_and_taken_away(said):
    made = edit(PROTECTION, partial(making.repeat, element="placement", said=said))
    sound(made, PROTECTION)
    assert making.repetition(Editor(made), "placement") == said
    assert spiff.read(etree.fromstring(made), "protection").nodes["placement"].loop
    for other in ({"kind": "number", "value": "2", "order": "one", "until": ""}, {"kind": "while", "value": "x", "most": ""}):
        changed = edit(made, partial(making.repeat, element="placement", said=other))
        assert making.repetition(Editor(changed), "placement") == other
        sound(changed, PROTECTION)
    assert making.repetition(Editor(edit(made, partial(making.repeat, element="placement", said={}))), "placement") == {"kind": ""}


def test_what_is_handed_to_a_called_pathway_is_added_and_taken_away():
    called = next(each.id for each in Editor(ASYLUM).steps() if each.kind in ("callActivity", "serviceTask"))
    made = edit(ASYLUM, lambda editor: making.add_mapping(editor, called, "input", "reason_new", '"asylum"'))
    assert step(made, called).facts["input-reason_new"] == '"asylum"'
    sound(made, ASYLUM)
    for target, expression in (("reason_new", "1"), ("no good", "1"), ("good", " ")):
        with pytest.raises(InvalidForm):
            edit(made, partial(making.add_mapping, element=called, way="input", target=target, expression=expression))
    again = edit(made, lambda editor: making.remove_mapping(editor, called, "input", "reason_new"))
    assert etree.tostring(etree.fromstring(again), method="c14n") == etree.tostring(etree.fromstring(ASYLUM), method="c14n")
    with pytest.raises(NotYours):
        edit(again, lambda editor: making.remove_mapping(editor, called, "input", "reason_new"))


def test_what_nobody_here_knows_survives_all_that_the_list_makes():
    data = PROTECTION.replace(b"<bpmn:outgoing>placement__", b"<!-- una nota --><bpmn:outgoing>placement__", 1)
    data = data.replace(b'<bpmn:userTask id="placement"', b'<bpmn:userTask xmlns:y="urn:other" y:kept="yes" id="placement"')
    flow = next(each.ways[0].id for each in Editor(data).steps() if each.id == "placement_record")

    def all_of_it(editor: Editor) -> None:
        made = making.set_timer(editor, "placement", Timer("tardi", "P2D", step="Chiedi", facts={"group": "case_manager"}))
        making.repeat(editor, "placement", {"kind": "list", "value": "children", "item": "child"})
        making.add_mapping(editor, "placement", "output", "found", "place")
        editing_order.move(editor, "placement", flow)
        editor.remove(made)
        making.remove_mapping(editor, "placement", "output", "found")
        making.repeat(editor, "placement", {})

    changed = edit(data, all_of_it)
    assert b"<!-- una nota -->" in changed
    assert b'y:kept="yes"' in changed
    assert errors(changed) == []
