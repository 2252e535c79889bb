"""What changed between two versions: element by element, for the drawing, and as lines of the file."""

import json
from pathlib import Path

from lxml import etree

from engine import differ, differ_words, dmn, dmn_run
from engine import editing_making as making
from engine.differ_words import ADDED, CHANGED, MOVED, REMOVED, Difference
from engine.editing import Editor, edit
from engine.editing_making import Timer
from tests.engine.draw import draw

WORKFLOWS = Path(__file__).parents[2] / "workflows"
PROTECTION = (WORKFLOWS / "bpmn" / "protection.bpmn").read_bytes()
TRIAGE = (WORKFLOWS / "dmn" / "triage.dmn").read_bytes()
ALL = [*range(1, TRIAGE.count(b"<rule ") + 1)]
FORM = (WORKFLOWS / "forms" / "extra_step.json").read_bytes()


def compare(new: bytes, old: bytes = PROTECTION) -> Difference:
    return differ.compare("process", old, new)


def test_the_same_file_has_no_difference():
    assert compare(PROTECTION) == Difference(())
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


def test_a_step_and_an_arrow_without_an_id_do_not_stop_the_comparison():
    """BPMN allows it; whoever imports such a file gets ids, whoever writes it into a draft may still compare."""
    nameless = draw("s>a>e", '<task name="Nota"/>').replace(b' id="s_a"', b"")

    assert b's_a"' not in nameless
    assert {each.what for each in compare(nameless, b"").changes} == {ADDED}
    assert {each.element for each in compare(draw("s>b>e"), nameless).changes} >= {"a", "b"}


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


def table_of(change) -> bytes:
    """The triage table after this was done to it and its rows."""
    root = etree.fromstring(TRIAGE)
    (table,) = root.iter("{*}decisionTable")
    change(table, table.findall("{*}rule"))
    return etree.tostring(root)


def reordered(*numbers: int, cell: tuple[int, int, str] | None = None) -> bytes:
    """Only these rows, in this order; before that, a cell of a row may get another text."""

    def change(table, rules) -> None:
        if cell:
            rules[cell[0] - 1].findall("{*}inputEntry/{*}text")[cell[1] - 1].text = cell[2]
        for rule in rules:
            table.remove(rule)
        table.extend([rules[number - 1] for number in numbers])

    return table_of(change)


def told(new: bytes, old: bytes = TRIAGE) -> list[tuple[str, str, str, list[tuple[str, str, str]]]]:
    """What a coordinator reads of a table: what happened, which row, that it moved, cell by cell."""
    return [
        (
            each.what,
            (each.title or each.name) % each.numbers,
            each.move % each.numbers,
            [(detail.words % detail.params, detail.before, detail.after) for detail in each.details],
        )
        for each in differ.compare("decision", old, new).changes
    ]


def test_a_changed_cell_is_told_by_the_number_of_its_row_and_the_head_of_its_column():
    changed = reordered(*ALL, cell=(2, 3, '"si"')).replace(b"<text>-</text>", b"<text/>", 1)

    assert told(changed) == [(CHANGED, "Riga 2", "", [("colonna «Vuole uscirne?»", 'not("no")', '"si"')])]
    assert differ.compare("decision", TRIAGE, changed).changes[0].name.startswith("Pericolo, e la persona")
    assert differ.lines("decision", TRIAGE, changed)
    head = TRIAGE.replace(b'hitPolicy="FIRST"', b"").replace(b'"Priorit', b'"La priorit').replace(b'"emergenza","alta"', b'"alta"')
    assert [(name, cells) for _, name, _, cells in told(head)] == [
        ("Filtro del contatto", [("come valgono le righe", "FIRST", "UNIQUE")]),
        ("La priorità", [
            ("etichetta", "Priorità", "La priorità"),
            ("valori ammessi", '"emergenza","alta","media","bassa"', '"alta","media","bassa"'),
        ]),
    ]  # fmt: skip


def test_of_a_row_that_moved_only_this_row_is_told_and_whether_the_order_counts():
    order = [1, 3, 4, 5, 2, *ALL[5:]]
    moved = reordered(*order, cell=(2, 3, '"si"'))

    assert told(reordered(*order)) == [(MOVED, "Riga 5", "La riga 2 è ora la riga 5.", [])]
    assert [each[:3] for each in told(moved)] == [(CHANGED, "Riga 5", "La riga 2 è ora la riga 5.")]
    assert len(told(reordered(*ALL[::-1]))) == len(ALL) - 1
    notes = [
        differ.compare("decision", TRIAGE.replace(b'"FIRST"', policy), moved.replace(b'"FIRST"', policy)).notes
        for policy in (b'"FIRST"', b'"RULE ORDER"', b'"COLLECT"', b'"COLLECT" aggregation="COUNT"', b'"UNIQUE"', b'"PRIORITY"')
    ]
    assert [sentence % facts for ((sentence, facts),) in notes] == [
        "In «Filtro del contatto» vale la prima riga che corrisponde, dall'alto: l'ordine delle righe conta.",
        *["In «Filtro del contatto» i risultati si danno nell'ordine delle righe: l'ordine conta."] * 2,
        *["In «Filtro del contatto» l'ordine delle righe non cambia i risultati."] * 2,
        "In «Filtro del contatto» l'ordine delle righe conta solo tra risultati ugualmente importanti.",
    ]


def test_the_measures_are_read_in_the_order_of_their_rows_and_that_it_changed_is_said():
    measures = (WORKFLOWS / "dmn" / "measures.dmn").read_bytes()
    root = etree.fromstring(measures)
    (table,) = root.iter("{*}decisionTable")
    table.append(next(table.iter("{*}rule")))
    turned = etree.tostring(root)

    def due(data: bytes) -> list[str]:
        return list(dmn_run.run(dmn.read(data)[0], "measures", {"victim_status": "presunta", "minor": True}))

    assert sorted(due(turned)) == sorted(due(measures))
    assert due(turned) != due(measures)
    ((sentence, _),) = differ.compare("decision", measures, turned).notes
    assert sentence == "In «%(table)s» i risultati si danno nell'ordine delle righe: l'ordine conta."


def test_rows_that_came_or_went_are_told_with_all_they_say_and_who_made_room_by_both_numbers():
    fewer = reordered(1, *ALL[2:])
    gone, changed = told(reordered(1, *ALL[2:], cell=(4, 1, '"no"')))
    assert gone[:3] == (REMOVED, "Riga 2", "")
    assert ("colonna «Vuole uscirne?»", 'not("no")', "") in gone[3]
    assert len(gone[3]) == 6  # five cells that say something, and the annotation
    assert changed[:3] == (CHANGED, "Riga 3 (prima era la 4)", "")

    (came,) = told(TRIAGE, fewer)
    assert came[:3] == (ADDED, "Riga 2", "")
    assert [(words, now) for words, _, now in came[3]] == [(words, was) for words, was, _ in gone[3]]
    assert sum(each[1].startswith("Riga") for each in told(TRIAGE, b"")) == len(ALL)
    assert told(b"", TRIAGE)[0][:2] == (REMOVED, "Filtro del contatto")


def test_new_ids_of_rows_and_columns_that_changed_places_make_no_flood():
    def swap(table, rules) -> None:
        table.insert(0, table.findall("{*}input")[1])
        for rule in rules:
            rule.insert(1, rule.findall("{*}inputEntry")[1])

    assert told(TRIAGE.replace(b'<rule id="', b'<rule id="x_')) == []
    (found,) = told(table_of(swap))
    assert found[0] == MOVED
    assert found[2] in ("Era la colonna 2, ora è la 1.", "Era la colonna 1, ora è la 2.")

    def without(table, rules) -> None:
        table.remove(table.findall("{*}input")[2])
        for rule in rules:
            rule.remove(rule.findall("{*}inputEntry")[2])

    assert [each[:2] for each in told(table_of(without))] == [(REMOVED, "Vuole uscirne?")]
    back = told(TRIAGE, table_of(without))
    assert back[0][:2] == (ADDED, "Vuole uscirne?")
    assert {(words, was) for _, _, _, cells in back[1:] for words, was, _ in cells} == {("colonna «Vuole uscirne?»", "")}


def test_a_question_that_changed_places_is_told_by_its_label_and_the_others_are_not():
    names = ("a", "b", "c", "d")
    fields = {name: {"type": "textfield", "key": name, "label": f"Domanda {name}", "properties": {"label_en": f"Question {name}"}} for name in names}
    group = {"type": "group", "id": "g", "label": "Gruppo", "components": [fields["d"]]}
    before = {"components": [fields["a"], fields["b"], fields["c"], group]}

    def read(*order, language="it"):
        found = differ.compare("form", json.dumps(before).encode(), json.dumps({"components": [*order]}).encode(), language)
        return [(each.what, each.name, each.move % each.numbers, [(d.words % d.params, d.before, d.after) for d in each.details]) for each in found.changes]

    a, b, c, d = fields.values()
    assert read(b, c, a, group) == [(MOVED, "Domanda a", "Era al posto 1, ora è al posto 3.", [("viene dopo", differ_words.FOREMOST, "Domanda c")])]
    assert read(b, c, group, a, language="en")[0][3] == [("viene dopo", differ_words.FOREMOST, "Gruppo")]
    assert read(b, c, a, group, language="en")[0][1] == "Question a"
    assert read(group, a, b, c)[0][:3] == (MOVED, "Gruppo", "Era al posto 4, ora è al posto 1.")
    assert len(read(group, a, b, c)) == 1
    assert read(b, c, {**group, "components": [d, a]}) == [
        (CHANGED, "Domanda a", "", [("sta nel gruppo", differ_words.OUTSIDE, "Gruppo"), ("viene dopo", differ_words.FOREMOST, "Domanda d")])
    ]
    assert read(a, b, {"type": "number", "key": "n", "label": "Quanti"}, c, group)[0][3] == [("viene dopo", "", "Domanda b"), ("tipo", "", "number")]


def test_choices_are_told_by_their_words_and_one_that_moved_alone():
    def form(*values: str, label: str = "") -> bytes:
        options = [{"value": each, "label": label or each.upper()} for each in values]
        return json.dumps({"components": [{"type": "select", "key": "x", "label": "X", "values": options}]}).encode()

    def read(new: bytes) -> list[tuple[str, str, str]]:
        (change,) = differ.compare("form", form("a", "b", "c", "d"), new).changes
        return [(each.words % each.params, each.before, each.after) for each in change.details]

    assert read(form("d", "a", "b", "c")) == [("posto della scelta «D»", "4", "1")]
    assert read(form("new", "a", "b", "d")) == [("scelta «new»", "", "NEW"), ("scelta «c»", "C", "")]
    assert read(form("a", "b", "c", "d", label="Z"))[0] == ("scelta «a»", "A", "Z")


def test_what_is_hostile_is_compared_within_a_moment():
    many = [{"key": f"k{number}"} for number in range(10_000)]
    deep = json.loads("[" * 500 + "]" * 500)
    old, new = (json.dumps({"components": [*order, {"key": "deep", "x": deep}]}).encode() for order in (many, many[::-1]))
    assert len(differ.compare("form", old, new).changes) == 9_999


def test_a_file_written_by_another_program_differs_in_no_line():
    other = PROTECTION.replace(b'" />', b'"/>').replace(b"\n      ", b"\n")
    assert differ.lines("process", PROTECTION, other) == []


def test_a_huge_file_is_not_compared_line_by_line():
    many = b"<bpmn:message id='m%d'/>"
    filling = b"".join(many % number for number in range(25_000))
    big = PROTECTION.replace(b"<bpmn:collaboration", filling + b"<bpmn:collaboration", 1)
    assert differ.lines("process", PROTECTION, big) is None
