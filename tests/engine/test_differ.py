"""What changed between two versions: element by element, for the drawing, and as lines of the file."""

import json
from pathlib import Path

from engine import differ
from engine import editing_making as making
from engine.differ import ADDED, CHANGED, REMOVED
from engine.editing import Editor, edit
from engine.editing_making import Timer

WORKFLOWS = Path(__file__).parents[2] / "workflows"
PROTECTION = (WORKFLOWS / "bpmn" / "protection.bpmn").read_bytes()
TRIAGE = (WORKFLOWS / "dmn" / "triage.dmn").read_bytes()
FORM = (WORKFLOWS / "forms" / "extra_step.json").read_bytes()


def compare(new: bytes, old: bytes = PROTECTION) -> differ.Difference:
    return differ.compare("process", old, new)


def test_the_same_file_has_no_difference():
    assert compare(PROTECTION) == differ.Difference(())
    assert differ.lines("process", PROTECTION, PROTECTION) == []


def test_a_changed_field_is_told_with_what_it_was_and_is():
    found = compare(edit(PROTECTION, lambda editor: editor.change("placement", {"due": "PT2H", "documentation": "Presto."})))

    (change,) = found.changes
    assert (change.what, change.element, change.kind, change.name) == (CHANGED, "placement", "userTask", "Trova un posto sicuro")
    by_field = {each.field: each for each in change.details}
    assert (by_field["due"].before, by_field["due"].after, by_field["due"].words) == ("PT6H", "PT2H", "scadenza")
    assert by_field["documentation"].after == "Presto."
    assert found.marks() == {ADDED: [], REMOVED: [], CHANGED: ["placement"]}


def test_an_added_step_is_told_with_the_way_that_now_leads_to_it():
    new = edit(PROTECTION, lambda editor: editor.add("placement__placement_record", "userTask", {"name": "Chiama la casa"}))
    found = compare(new)

    assert [(each.what, each.kind, each.name) for each in found.changes if each.what == ADDED] == [
        (ADDED, "userTask", "Chiama la casa"),
        (ADDED, "sequenceFlow", "Chiama la casa → Registra l'inserimento"),
    ]
    (way,) = [each for each in found.changes if each.what == CHANGED]
    assert [(each.field, each.after) for each in way.details] == [("targetRef", "Chiama la casa")]
    assert found.moved > 10
    assert "step_1" in found.marks()[ADDED]


def test_a_step_that_was_taken_out_and_a_new_pathway_are_told():
    gone = compare(edit(PROTECTION, lambda editor: editor.remove("placement_record")))
    assert ("placement_record", REMOVED) in {(each.element, each.what) for each in gone.changes}
    assert {each.what for each in compare(PROTECTION, b"").changes} == {ADDED}


def test_a_timer_belongs_to_the_event_that_bears_it():
    later = PROTECTION.replace(b'T18:00:00") else duration("P7D")', b'T18:00:00") else duration("P8D")')
    found = compare(later)

    (change,) = [each for each in found.changes if each.kind == "timerEventDefinition" or "Event" in each.kind]
    assert change.shown in found.marks()[CHANGED]
    assert "P8D" in change.details[0].after
    assert not found.marks()[ADDED]


def test_repetitions_times_and_what_is_handed_over_are_told_in_words():
    def all_of_it(editor: Editor) -> None:
        making.set_timer(editor, "placement", Timer("tardi", "P2D"))
        making.repeat(editor, "placement", {"kind": "list", "value": "children", "item": "child", "order": "one", "until": "x"})
        making.add_mapping(editor, "placement", "output", "found", "place")

    changes = {each.element: each for each in compare(edit(PROTECTION, all_of_it)).changes}
    told = {detail.words % detail.params: detail.after for detail in changes["placement"].details}
    assert told == {
        "che cosa torna in «found»": "place",
        "una volta dopo l'altra": "true",
        "una volta per ogni voce di": "children",
        "basta quando": "x",
    }
    assert all(each.words != each.kind for each in changes.values())
    assert all(detail.words != detail.field for each in changes.values() for detail in each.details)


def test_a_changed_rule_of_a_table_is_told_by_its_number():
    text = TRIAGE.decode()
    rule = text.index("<rule")
    cell = text.index("<text>", rule) + len("<text>")
    changed = text[:cell] + "null" + text[text.index("</text>", cell) :]
    found = differ.compare("decision", TRIAGE, changed.encode())

    assert len(found.changes) == 1
    assert "null" in {detail.after for detail in found.changes[0].details}
    assert differ.lines("decision", TRIAGE, changed.encode())


def test_a_form_is_told_field_by_field():
    schema = json.loads(FORM)
    schema["components"][0]["label"] = "Altro"
    schema["components"].append({"type": "textfield", "key": "more", "label": "In più"})
    found = differ.compare("form", FORM, json.dumps(schema).encode())

    assert [each.what for each in found.changes] == [CHANGED, ADDED]
    assert found.changes[1].name == "In più"


def test_a_file_written_by_another_program_differs_in_no_line():
    other = PROTECTION.replace(b'" />', b'"/>').replace(b"\n      ", b"\n")
    assert differ.lines("process", PROTECTION, other) == []


def test_a_huge_file_is_not_compared_line_by_line():
    many = b"<bpmn:message id='m%d'/>"
    filling = b"".join(many % number for number in range(25_000))
    big = PROTECTION.replace(b"<bpmn:collaboration", filling + b"<bpmn:collaboration", 1)
    assert differ.lines("process", PROTECTION, big) is None
