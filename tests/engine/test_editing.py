"""A model as a list: changed, a step added or taken out, with the drawing kept valid and the rest untouched."""

from operator import methodcaller
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from lxml import etree

from core.errors import NotYours, WrongOrder
from engine import beginning, editing, lint, schema
from engine import editing_tree as tree
from engine.editing import Editor, edit
from engine.lint_drawing import B
from engine.placing import DI, Box, Canvas
from tests.engine.draw import again, boundary, call, catch, draw, mapped, on, several, sub, task, timer, user

# A text as people write it elsewhere: on lines, with a comment to the end of one, blanks that count, a tab, signs.
ODD = 'x = "a  b" // chi <vuole> & può\n\tand y < 3\u00a0\nand z'
SHIPPED = sorted((Path(__file__).parents[2] / "workflows" / "bpmn").glob("*.bpmn"))
PROTECTION = next(path for path in SHIPPED if path.stem == "protection").read_bytes()
EVERY_MODEL = pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)


def errors(data: bytes) -> list[str]:
    return [finding.text for finding in lint.check(data) if finding.level == "error"]


def box(canvas: Canvas, element: str) -> Box:
    found = canvas.box(element)
    assert found is not None
    return found


def step(data: bytes, element: str) -> editing.Step:
    return Editor(data).step(element)


@EVERY_MODEL
def test_every_shipped_model_reads_as_a_list(path):
    steps = Editor(path.read_bytes()).steps()

    assert len(steps) > 2
    assert all(each.group for each in steps if each.kind == "userTask")


def test_a_change_that_changes_nothing_leaves_every_byte():
    shown = step(PROTECTION, "placement")
    said = {"name": shown.name, "name_en": shown.name_en, "documentation": shown.documentation, "group": shown.group}

    assert edit(PROTECTION, lambda editor: editor.change("placement", said | dict(shown.facts))) == PROTECTION


def test_what_is_said_of_a_step_is_written_where_it_belongs():
    said = {"name": "Trova un letto", "name_en": "Find a bed", "documentation": "Presto.", "due": "PT2H", "phase": ""}
    changed = step(edit(PROTECTION, lambda editor: editor.change("placement", said)), "placement")

    assert (changed.name, changed.name_en, changed.documentation) == ("Trova un letto", "Find a bed", "Presto.")
    assert (changed.facts["due"], changed.facts["phase"], changed.facts["form"]) == ("PT2H", "", "placement")


def test_extensions_and_comments_that_nobody_knows_stay_untouched():
    strange = (
        b'<x:tool xmlns:x="urn:somebody" x:colour="red"><x:deep>uno &amp; due</x:deep></x:tool>',
        b"<!-- una nota di chi disegna -->",
    )
    data = PROTECTION.replace(
        b'<bpmn:userTask id="placement"', b'<bpmn:userTask xmlns:y="urn:other" y:kept="yes" id="placement"'
    )
    inside = b"<bpmn:extensionElements>" + b"".join(strange) + b"</bpmn:extensionElements>"
    data = data.replace(b"<bpmn:outgoing>placement__", inside + b"<bpmn:outgoing>placement__", 1)

    changed = edit(data, lambda editor: editor.change("placement", {"name": "Altro"}))
    for each in (*strange, b'y:kept="yes"'):
        assert each in changed
    wanted = data.replace(b"Trova un posto sicuro", b"Altro", 1)
    plain, given = (etree.tostring(etree.fromstring(each), method="c14n") for each in (changed, wanted))
    assert plain == given


@EVERY_MODEL
def test_a_step_can_be_added_into_every_flow_of_every_model(path):
    data = path.read_bytes()
    said = {"name": "Passo nuovo", "due": "P1D", "dueSource": "model", "group": "case_manager"}
    for flow in [way.id for each in Editor(data).steps() for way in each.ways]:
        changed = edit(data, methodcaller("add", flow, "userTask", said))
        assert errors(changed) == []
        assert schema.check(changed) == []
        canvas = Canvas(etree.fromstring(changed))
        (made,) = [each for each in Editor(changed).steps() if each.name == "Passo nuovo"]
        assert canvas.box(made.id) is not None
        assert {*canvas.edges} >= {flow, made.ways[0].id}


def test_room_is_made_for_a_new_step_and_nothing_is_drawn_upon_another():
    before = Canvas(etree.fromstring(PROTECTION))
    changed = edit(PROTECTION, lambda editor: editor.add("placement__placement_record", "userTask", {"name": "Nuovo"}))
    canvas = Canvas(etree.fromstring(changed))

    (made,) = [each.id for each in Editor(changed).steps() if each.name == "Nuovo"]
    others = [each.id for each in Editor(changed).steps() if each.id != made]
    assert canvas.is_free(box(canvas, made), others, made)
    assert box(canvas, "placement") == box(before, "placement")
    assert box(canvas, "placement_record").x == box(before, "placement_record").x + 140
    assert box(canvas, "protection_pool").width == box(before, "protection_pool").width + 140


def test_a_group_of_another_lane_moves_the_step_there_or_is_said_by_the_step():
    moved = edit(PROTECTION, lambda editor: editor.change("placement", {"group": "legal_officer"}))

    assert step(moved, "placement").group == "legal_officer"
    assert errors(moved) == []
    alone = edit(PROTECTION, lambda editor: editor.change("placement", {"group": "nv_supervisor"}))
    assert step(alone, "placement").group == "nv_supervisor"
    assert b'approdo:group="nv_supervisor"' in alone


@EVERY_MODEL
def test_a_step_that_is_taken_out_leaves_no_end_loose(path):
    data = path.read_bytes()
    for each in Editor(data).steps():
        if not each.removable:
            continue
        try:
            changed = edit(data, methodcaller("remove", each.id))
        except WrongOrder:
            assert len(each.ways) > 1 or each.ways[0].condition
            continue
        root = etree.fromstring(changed)
        ids = {element.get("id") for element in root.iter() if element.get("id")}
        texts = {(one.text or "").strip() for one in root.iter(f"{B}incoming", f"{B}outgoing", f"{B}flowNodeRef")}
        assert each.id not in ids
        assert texts <= ids
        assert {flow.get("targetRef") for flow in root.iter(f"{B}sequenceFlow")} <= ids
        assert schema.check(changed) == []
        canvas = Canvas(root)
        assert {*canvas.shapes, *canvas.edges} <= ids


def test_gateways_and_ends_are_taken_out_on_the_drawing():
    for element in ("gw_protect", "case_opened"):
        with pytest.raises(WrongOrder):
            edit(PROTECTION, methodcaller("remove", element))


def test_conditions_are_changed_and_taken_away():
    gateway = next(each for each in Editor(PROTECTION).steps() if any(way.condition for way in each.ways))
    way = next(way for way in gateway.ways if way.condition)
    changed = edit(PROTECTION, lambda editor: editor.change(gateway.id, {f"condition-{way.id}": "x = 1"}))
    assert next(each for each in step(changed, gateway.id).ways if each.id == way.id).condition == "x = 1"

    bare = edit(changed, lambda editor: editor.change(gateway.id, {f"condition-{way.id}": ""}))
    assert next(each for each in step(bare, gateway.id).ways if each.id == way.id).condition == ""
    again = edit(bare, lambda editor: editor.change(gateway.id, {f"condition-{way.id}": "x = 2"}))
    assert b'xsi:type="bpmn:tFormalExpression"' in again
    assert errors(again) == []


def test_a_new_pathway_is_clean_and_bears_its_name():
    data = beginning.begin("visite", "Visite in carcere", "Prison visits")

    assert errors(data) == []
    assert schema.check(data) == []
    assert b'<bpmn:process id="visite"' in data
    assert data.count(b"Visite in carcere") == 2
    assert data.count(b"Prison visits") == 2


@EVERY_MODEL
def test_a_pathway_may_begin_as_a_copy_of_any_other(path):
    data = beginning.begin("copia", "Copia", "Copy", path.read_bytes())

    assert errors(data) == []
    assert schema.check(data) == []
    assert b'processRef="copia"' in data


def test_a_model_without_a_drawing_can_be_edited_too():
    tree = etree.fromstring(PROTECTION)
    for diagram in tree.findall("{http://www.omg.org/spec/BPMN/20100524/DI}BPMNDiagram"):
        tree.remove(diagram)
    changed = edit(etree.tostring(tree), lambda editor: editor.add("placement__placement_record", "userTask", {"name": "Nuovo"}))

    assert errors(changed) == []


def test_what_is_not_there_is_not_found():
    editor = Editor(PROTECTION)
    for wrong in (lambda: editor.step("none"), lambda: editor.add("none", "userTask", {}), lambda: editor.remove("none")):
        with pytest.raises(NotYours):
            wrong()
    with pytest.raises(NotYours):
        editor.add("placement__placement_record", "scriptTask", {})


def test_a_repetition_is_rewritten_in_place_and_what_others_wrote_in_it_stays():
    loop = (
        f'<multiInstanceLoopCharacteristics xmlns="{B[1:-1]}" xmlns:z="urn:z" isSequential="true"><extensionElements><z:own kept="1"/>'
        "</extensionElements><loopCardinality>3</loopCardinality><completionCondition>enough</completionCondition>"
        "</multiInstanceLoopCharacteristics>"
    )
    editor = Editor(PROTECTION)
    editor.drawing.by_id["placement"].append(etree.fromstring(loop))
    drawn = editor.content()
    assert {"loop_number": "3", "loop_until": "enough"}.items() <= step(drawn, "placement").facts.items()

    made = edit(drawn, methodcaller("change", "placement", {"loop_number": "5", "loop_until": " "}))
    assert made == drawn.replace(b"loopCardinality>3<", b"loopCardinality>5<")


def test_what_is_taken_out_takes_all_that_leads_to_it_and_its_other_drawings_along():
    """Messages to other pools with their notes, what is on its border, data handed over, the plane of its inside."""
    around = (
        '<collaboration id="col"><participant id="ours" processRef="p"/><participant id="office" name="Questura"/>'
        '<messageFlow id="asked" sourceRef="a" targetRef="office"/><messageFlow id="told" sourceRef="office" targetRef="a_rings"/>'
        '<messageFlow id="inner" sourceRef="a_in" targetRef="office"/><messageFlow id="kept" sourceRef="b" targetRef="office"/>'
        '<textAnnotation id="note"><text>per posta</text></textAnnotation><association sourceRef="note" targetRef="asked"/>'
        '<association id="stays" sourceRef="note" targetRef="kept"/></collaboration>'
    )
    read = "<sourceRef>{0}</sourceRef><targetRef>b_input</targetRef>"
    inputs = "".join(f'<dataInputAssociation id="{each}">{read.format(each[6:])}</dataInputAssociation>' for each in ("reads_a_list", "reads_list"))
    held = '<ioSpecification><dataInput id="b_input"/><inputSet/><outputSet/></ioSpecification>'
    written = '<dataOutputAssociation id="writes"><sourceRef>a_output</sourceRef><targetRef>list</targetRef></dataOutputAssociation>'
    data = draw(
        "s>a>b>e", sub("a", "a_s>a_in>a_e", '<dataObject id="a_list"/>', inside=written), user("b", held + inputs), '<dataObject id="list"/>',
        boundary("a_rings", "a", on("message", "m")), "a_rings>late>e1", definitions=around,
    )  # fmt: skip
    flows = ("asked", "told", "inner", "kept", "reads_a_list", "reads_list", "writes", "a_rings__late", "stays")
    edges = "".join(f'<bpmndi:BPMNEdge bpmnElement="{each}"/>' for each in flows)
    inside = '<bpmndi:BPMNDiagram><bpmndi:BPMNPlane bpmnElement="a"><bpmndi:BPMNShape bpmnElement="a_in"/></bpmndi:BPMNPlane></bpmndi:BPMNDiagram>'
    drawn = f'<bpmndi:BPMNDiagram><bpmndi:BPMNPlane bpmnElement="col">{edges}</bpmndi:BPMNPlane></bpmndi:BPMNDiagram>{inside}'
    drawn = drawn.replace("<bpmndi:BPMNDiagram>", f'<bpmndi:BPMNDiagram xmlns:bpmndi="{DI[1:-1]}">')
    data = data.replace(b"</definitions>", drawn.encode() + b"</definitions>")

    root = etree.fromstring(edit(data, methodcaller("remove", "a")))
    ids = {each.get("id") for each in root.iter("{*}*") if each.get("id")}
    kept = {"kept", "stays", "reads_list"}
    assert ids & {*flows, "a", "a_in", "a_rings", "late"} == kept
    assert [each.get("bpmnElement") for each in root.iter(f"{DI}BPMNPlane", f"{DI}BPMNShape", f"{DI}BPMNEdge")] == ["col", "kept", "reads_list", "stays"]
    assert len(root.findall(f"{{*}}collaboration/{B}association")) == 1
    assert tree.ends(next(root.iter(f"{B}association"))) <= ids


def odd_model(process: str) -> bytes:
    """Every text of a step that the list shows, with breaks, blanks around, comments, and what the list would say else."""
    names = {"name": " Due\nrighe  & ", "approdo:nameEn": "Two\n lines"}
    words = f"<documentation>\n  {escape(ODD)}&#13;|<!-- nota -->  fine\n</documentation>"
    handed = mapped(("y", f" {ODD}\n"), inputs=(("x", ODD), ("x", f"{ODD} ")))
    data = draw(
        f"s>a>rule>c>wait>late>xor>b[{ODD}]>e", "xor>blank[-]>e1", "xor>noted[-]>e2", "xor>cdata[-]>e3", "xor>e4",
        user("a", words, due=ODD, form=" placement ", phase="x\ny", **names),
        user("b", several(of="people", until=ODD), due="P03D", **names, **{"approdo:reminders": "P03D, PT6H"}),
        user("blank", several("2", one_by_one=True).replace("true", "1"), due="PT048H", **names),
        user("noted", again(ODD, most="5"), due=" P3D ", **names, **{"approdo:dueSource": " law  T01"}),
        user("cdata", **names, **{"approdo:dueSource": "law T01", "approdo:reminders": "3 giorni"}),
        task("businessRuleTask", "rule", decision="x", result=f" {ODD}", **names), call("c", "\nasylum ", handed),
        catch("wait", timer(f"P3D\n{ODD}\n")), catch("late", on("message", "gone")), process=process,
    ).decode()  # fmt: skip
    for way, text in (("blank", ""), ("noted", "p<!-- perché --> and q\n"), ("cdata", f"<![CDATA[\n{ODD}]]>")):
        data = data.replace(f'targetRef="{way}"><conditionExpression>-<', f'name=" sì&#10;,  {way}" targetRef="{way}"><conditionExpression>{text}<')
    data = data.replace('messageRef="message_gone"', 'messageRef="nowhere"')
    return data.replace('targetRef="e4"', 'name="no&#10;" targetRef="e4"').encode()


def test_a_change_that_says_what_is_shown_leaves_every_byte_whatever_the_texts_are():
    data = odd_model("p")
    for each in Editor(data).steps():
        said = {"name": each.name, "name_en": each.name_en, "documentation": each.documentation, **each.facts}
        for way in each.ways:
            said |= {f"way-{way.id}": way.name, f"condition-{way.id}": way.condition}
        said = {name: text.replace("\n", "\r\n") for name, text in said.items() if name != "input-x"}  # which is there twice
        assert edit(data, methodcaller("change", each.id, said)) == data, each.id

    ways = {way.target: way.condition for way in step(data, "xor").ways}
    assert (ways["b"], ways["noted"]) == (ODD, "p and q")
    changed = edit(data, methodcaller("change", "xor", {"condition-xor__noted": "r\r\nand s"}))
    assert {way.target: way.condition for way in step(changed, "xor").ways}["noted"] == "r\nand s"
    assert b"<conditionExpression>r\nand s<!-- perch" in changed
