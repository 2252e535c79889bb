"""Nothing that changes what a model does is left out of its difference, and nobody reads a name of the file format."""

import json
import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from functools import partial, reduce
from pathlib import Path
from typing import Any

import SpiffWorkflow
from lxml import etree

from engine import differ
from engine.differ_names import FIELDS, KINDS
from engine.differ_things import DEFAULTS, DRAWN, SILENT, UNSAID, plain
from engine.differ_values import VALUES
from engine.differ_words import ADDED, REMOVED, Difference, value_words
from engine.editing_tree import XSI
from engine.lint_drawing import B

WORKFLOWS = Path(__file__).parents[2] / "workflows"
SHIPPED = sorted([*WORKFLOWS.glob("bpmn/*.bpmn"), *WORKFLOWS.glob("dmn/*.dmn"), *WORKFLOWS.glob("forms/*.json")])
SORTS = {".bpmn": "process", ".dmn": "decision", ".json": "form"}
OTHER = "altro"
FORM_PARTS = ("component", "group", "text")
TRIAGE = (WORKFLOWS / "dmn" / "triage.dmn").read_bytes()
# Sorts of elements that the schema has for others to be made from; none of them stands in a file.
ABSTRACT = {
    *(
        "activity",
        "artifact",
        "baseElement",
        "baseElementWithMixedContent",
        "callableElement",
        "catchEvent",
        "throwEvent",
    ),
    *("dataAssociation", "eventDefinition", "flowElement", "flowNode", "loopCharacteristics", "rootElement"),
}
SPACES = (
    'xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:approdo="urn:approdo:bpmn:1" xmlns:z="urn:z" '
    'xmlns:y="urn:y" xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"'
)
MODEL = f"""<definitions {SPACES} id="file"><process id="p" name="Prova">
<startEvent id="start"/><userTask id="step" name="Parla" approdo:form="NEW"/><subProcess id="sub" name="Dentro"><task id="in"/></subProcess>
<exclusiveGateway id="fork" name="Quale?" default="w0"/>
<sequenceFlow id="w0" sourceRef="fork" targetRef="end"/>
<sequenceFlow id="w1" name="sì" sourceRef="fork" targetRef="step"><conditionExpression>a</conditionExpression></sequenceFlow>
<sequenceFlow id="w2" sourceRef="fork" targetRef="sub"><conditionExpression>b</conditionExpression></sequenceFlow>
<boundaryEvent id="border" name="Bordo" attachedToRef="step"/><endEvent id="end" name="Fine"/>
</process></definitions>"""


def read(old: str | bytes, new: str | bytes, kind: str = "process") -> dict[str, list[tuple[str, str, str]]]:
    """What is told of each element: the words of a field, what it was and what it is; of sorts by their words."""
    was, now = (text.encode() if isinstance(text, str) else text for text in (old, new))

    def say(field: str, text: str) -> str:
        return KINDS.get(text, text) if field == "sort" else text

    return {
        each.element: [
            (
                " di ".join(words % detail.params for words in (detail.words, *detail.within)),
                say(detail.field, detail.before),
                say(detail.field, detail.after),
            )
            for detail in each.details
        ]
        for each in differ.compare(kind, was, now).changes
    }


def told(*changes: tuple[str, str], base: str = MODEL) -> dict[str, list[tuple[str, str, str]]]:
    """What is told after these pieces of the model were replaced."""
    new = base
    for was, now in changes:
        assert was in new
        new = new.replace(was, now)
    return read(base, new)


def test_what_an_element_is_and_where_it_stands_is_told_also_of_parts_without_an_id():
    for sort in ("parallel", "inclusive", "eventBased", "complex"):
        kept = told(("<exclusiveGateway", f"<{sort}Gateway"))
        assert kept == {"fork": [("che cos'è", "snodo", KINDS[f"{sort}Gateway"])]}
    assert told(("<userTask", "<serviceTask"))["step"] == [("che cos'è", "attività", "servizio")]
    assert told(("<userTask", "<manualTask"))["step"] == [("che cos'è", "attività", "attività a mano")]

    assert told(('name="Fine"/>', 'name="Fine"><terminateEventDefinition/></endEvent>')) == {
        "end": [("ferma tutto", "", "c'è")]
    }
    error = MODEL.replace('attachedToRef="step"/>', 'attachedToRef="step"><errorEventDefinition/></boundaryEvent>')
    assert read(MODEL, error) == {"border": [("errore", "", "c'è")]}
    other = error.replace("errorEvent", "escalationEvent")
    assert read(error, other) == {"border": [("avviso", "", "c'è"), ("errore", "c'è", "")]}
    assert read(error, error.replace("Definition/>", 'Definition errorRef="e"/>')) == {"border": [("errore", "", "e")]}
    with_id = error.replace("Definition/>", 'Definition id="d"/>')
    moved = MODEL.replace('name="Fine"/>', 'name="Fine"><errorEventDefinition id="d"/></endEvent>')
    assert read(with_id, moved) == {"d": [("fa parte di", "Bordo", "Fine")]}

    assert told(('form="NEW"', 'form="NEW" sort="userTask"'), ("<userTask", "<task"))["step"][0][0] == "che cos'è"
    step = '<userTask id="step" name="Parla" approdo:form="NEW"/>'
    inside = told((step, ""), ('<task id="in"/>', f'<task id="in"/>{step}'))
    assert inside == {"step": [("sta nel sottopercorso", "", "Dentro")]}
    assert (
        told(('<process id="p"', '<process id="p" isClosed="0"'), ("<startEvent", '<startEvent isInterrupting="1"'))
        == {}
    )
    assert told(("<startEvent", '<startEvent isInterrupting="0"'))["start"] == [
        ("ferma ciò che è in corso", "true", "false")
    ]
    assert told(('id="file"', 'id="file" expressionLanguage="x"')) == {"": [("lingua delle espressioni", "", "x")]}


def test_what_another_program_calls_alike_hides_nothing_and_is_told_with_its_namespace():
    masked = MODEL.replace('form="NEW"', 'form="NEW" z:form="OLD" bpmn:name="Altro"')
    both = read(MODEL.replace('"NEW"', '"OLD"'), masked)["step"]
    assert ("modulo", "OLD", "NEW") in both
    assert ("«form» di un altro programma (urn:z)", "", "OLD") in both
    assert not any(words == "nome" for words, _, _ in both)

    inner = '<z:properties><z:property name="%s" value="1"/>%s</z:properties><z:step id="step" name="x"/>'
    extended = MODEL.replace('"NEW"/>', f'"NEW"><extensionElements>{inner}</extensionElements></userTask>')
    two = extended % ("a", '<z:property name="b" value="2"/><y:property name="b" value="3"/>')
    of_a = "«properties property «a» value» di un altro programma (urn:z)"
    assert read(two, two.replace('value="1"', 'value="9"')) == {"step": [(of_a, "1", "9")]}
    assert read(two, extended % ("b", '<z:property name="a" value="1"/>')) != {}
    assert len(read(two, two.replace('<z:property name="b" value="2"/>', ""))["step"]) == 1
    assert read(two, two.replace('"2"', '"3"').replace('"1"', '"2"')) == {
        "step": [(of_a, "1", "2"), (of_a.replace("«a»", "«b»"), "2", "3")]
    }
    twice = MODEL.replace(
        "<conditionExpression>a", "<z:conditionExpression>a</z:conditionExpression><conditionExpression>c"
    )
    assert ("condizione", "a", "c") in read(MODEL, twice)["w1"]
    assert ("condizione", "a", "ab") in told((">a</cond", "><!-- x -->a<z:q/>b</cond"))["w1"]


def test_what_another_program_wrote_into_a_table_or_a_form_hides_nothing():
    alien = b'<z:text xmlns:z="urn:z">or else</z:text>'
    cell = TRIAGE.replace(b"<text>-</text>", b"<text>true</text>" + alien, 1)
    (cells,) = read(TRIAGE, cell, "decision").values()
    assert [each[1:] for each in cells] == [("-", "true"), ("", "or else")]
    assert cells[1][0] == "«text» di un altro programma (urn:z) di colonna «Vuole uscirne?»"
    asked = TRIAGE.replace(b"<text>if danger = true", alien + b"<text>if danger = false", 1)
    assert "dato che si guarda" in [words for words, _, _ in read(TRIAGE, asked, "decision")["in_danger"]]
    assert read(TRIAGE, TRIAGE.replace(b"<rule ", b"<rule z:x='1' xmlns:z='urn:z' ", 1), "decision")

    def form(**field) -> str:
        return json.dumps({"components": [{"type": "textfield", "key": "x", "label": "X", **field}]})

    masked = form(**{"validate": {"required": False}, "validate required": True})
    assert read(form(validate={"required": True}), masked, "form") == {
        "x": [("obbligatorio", "true", "false"), ('«"validate required"» nel file', "", "true")]
    }
    # To whoever reads the form the text "false" is a yes, and the truth no property.
    assert read(form(validate={"required": False}), form(validate={"required": "false"}), "form") == {
        "x": [("obbligatorio", "false", '"false"')]
    }
    text, truth = (form(properties={"fact": value}) for value in ("true", True))
    assert read(text, truth, "form") == {"x": [("il percorso può decidere in base alla risposta", "true", "True")]}
    options = [{"value": "a", "label": "A"}, {"value": "a", "label": "B"}]
    twice = form(values=[*options[::-1], {"value": "c", "x": 1}])
    assert read(form(values=[*options, {"value": "c"}]), twice, "form") == {
        "x": [("«values.c.x» nel file", "", "1"), ("scelta «a»", "A", "B"), ("scelta «a (2)»", "B", "A")]
    }


def test_the_order_in_which_the_ways_of_a_gateway_are_asked_is_told_where_it_changed():
    flows = re.findall(r"<sequenceFlow.*(?:/>|</sequenceFlow>)", MODEL)

    def ordered(*numbers: int, more: str = "", base: str = MODEL) -> dict[str, list[tuple[str, str, str]]]:
        new = base
        for flow in flows:
            new = new.replace(flow, "")
        return read(
            base, new.replace("<boundaryEvent", more + "".join(flows[each] for each in numbers) + "<boundaryEvent")
        )

    assert ordered(0, 2, 1) == {"fork": [("ordine delle vie", "1. sì · 2. → Dentro", "1. → Dentro · 2. sì")]}
    assert ordered(1, 2, 0) == ordered(1, 0, 2) == {}  # the default is asked last wherever it stands
    assert set(ordered(0, 1)) == {"w2"}
    third = '<sequenceFlow id="w3" name="mai" sourceRef="fork" targetRef="end"/>'
    assert ordered(0, 1, 2, more=third)["fork"] == [
        ("ordine delle vie", "1. sì · 2. → Dentro", "1. mai · 2. sì · 3. → Dentro")
    ]
    parallel = MODEL.replace("exclusiveG", "parallelG")
    swapped = parallel.replace(flows[1], "").replace(flows[2], flows[2] + flows[1])
    assert read(parallel, swapped) == {}
    assert read(parallel, MODEL)["fork"] == [
        ("che cos'è", "snodo parallelo", "snodo"),
        ("ordine delle vie", "", "1. sì · 2. → Dentro"),
    ]
    assert ("ordine delle vie", "", "1. sì · 2. → Dentro") in read("", MODEL)["fork"]


def test_no_name_of_the_file_format_is_told_of_a_shipped_model():
    for file in SHIPPED:
        only_words_of_people(SORTS[file.suffix], file.read_bytes())


def only_words_of_people(kind: str, data: bytes) -> None:
    """The same file has no difference; against an empty one and one without attributes all is told by our words."""
    assert differ.compare(kind, data, data).changes == ()
    bare = [b""]
    if kind != "form":
        root = etree.fromstring(data)
        for element in root.iter("*"):
            for name in set(element.attrib) - {"id"}:
                del element.attrib[name]
        bare.append(etree.tostring(root))
    for other in bare:
        for found in (differ.compare(kind, other, data), differ.compare(kind, data, other)):
            assert {each.what for each in found.changes} & {ADDED, REMOVED, "changed"}
            in_words_of_people(found)


def in_words_of_people(found: Difference) -> None:
    words = {*KINDS.values(), *FIELDS.values()}
    for each in found.changes:
        assert each.words in KINDS.values(), each.kind
        assert each.kind in FORM_PARTS or not each.name or each.name != each.element
        for detail in each.details:
            assert {detail.words, *detail.within} <= words, detail.field
            for text in {detail.before, detail.after} - {"", OTHER}:
                assert value_words(detail.field, text) or detail.field.split(" ")[-1] not in VALUES, (detail.field, text)


def test_nothing_is_changed_or_taken_away_in_a_shipped_model_untold():
    """One of each sort, in the smallest file that has it."""
    seen: set[tuple[str, ...]] = set()
    for file in sorted((file for file in SHIPPED if file.suffix != ".json"), key=lambda file: file.stat().st_size):
        data = file.read_bytes()
        root = etree.fromstring(data)
        for number, element in enumerate(root.iter("*")):
            for sort, change in ways_to_change(element):
                if sort not in seen:
                    seen.add(sort)
                    other = deepcopy(root)
                    change(list(other.iter("*"))[number])
                    found = differ.compare(SORTS[file.suffix], data, etree.tostring(other))
                    assert found.changes, (file.name, sort, element.get("id"))
                    in_words_of_people(found)
    assert len(seen) > 200


def ways_to_change(element: etree._Element) -> Iterator[tuple[tuple[str, ...], Callable[[etree._Element], object]]]:
    """To take it away, to say something else in it, and each of its attributes, with the sort of that change."""
    above, usual = element.getparent(), DEFAULTS.get(plain(element.tag), {})
    if above is None or element.tag in SILENT - {f"{B}flowNodeRef"} or DRAWN.match(element.tag):
        return
    sort = (plain(above.tag), plain(element.tag))
    if sort != ("rule", "inputEntry") and sort != ("rule", "outputEntry"):  # a row with too few cells is refused
        yield (*sort, "gone"), take_away
    if (element.text or "").strip():
        yield (*sort, "text"), lambda each: setattr(each, "text", OTHER)
    for name in set(map(str, element.attrib)) - {"id", XSI}:
        yield (*sort, name, "other"), partial(etree._Element.set, key=name, value=OTHER)
        if element.get(name) != usual.get(name):
            yield (*sort, name, "gone"), lambda each, name=name: each.attrib.pop(name)  # type: ignore[misc]


def take_away(element: etree._Element) -> None:
    above = element.getparent()
    assert above is not None
    above.remove(element)


def test_nothing_is_changed_or_taken_away_in_a_shipped_form_untold():
    seen: set[tuple[str, ...]] = set()
    for file in (file for file in SHIPPED if file.suffix == ".json"):
        data = file.read_bytes()
        for way in ways_into(json.loads(data)["components"]):
            sort = tuple("*" if isinstance(step, int) else step.partition(".")[0] for step in way)
            if sort in seen or sort[-1] == "id":
                continue
            seen.add(sort)
            for other in (None, OTHER):
                schema = json.loads(data)
                above = reduce(lambda held, step: held[step], way[:-1], schema["components"])
                if above[way[-1]] == []:  # choices that come from a list of the office
                    continue
                above[way[-1]] = other
                assert differ.compare("form", data, json.dumps(schema).encode()).changes, (file.name, way)
    assert len(seen) > 60


def ways_into(value: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, each in pairs:
        yield (*way, step)
        yield from ways_into(each, (*way, step))


def test_what_has_no_name_is_called_by_where_it_leads_and_two_of_the_same_name_by_their_ids_too():
    nameless = MODEL.replace('name="Quale?" ', "")
    names = {each.element: each.name for each in differ.compare("process", b"", nameless.encode()).changes}
    assert names["fork"] == "→ Fine / Parla / Dentro"
    assert names["w0"] == "(→ Fine / Parla / Dentro) → Fine"
    assert names["w1"] == "sì: (→ Fine / Parla / Dentro) → Parla"
    assert names["start"] == ""
    note = '<textAnnotation id="n"><text>Da rivedere\n con %s</text></textAnnotation><association id="a" sourceRef="step" targetRef="n"/><boundary'
    noted = MODEL.replace("<boundary", note % "calma")
    names = {each.element: each.name for each in differ.compare("process", MODEL.encode(), noted.encode()).changes}
    assert names == {"n": "Da rivedere con calma", "a": "Parla → Da rivedere con calma"}
    many = "".join(f'<sequenceFlow id="m{each}" sourceRef="fork" targetRef="e{each}"/><endEvent id="e{each}" name="Uscita {each}"/>' for each in range(900))
    crowded = nameless.replace("<boundary", many + "<boundary").encode()
    assert max(len(each.name) for each in differ.compare("process", b"", crowded).changes) < 200

    two = MODEL.replace("<endEvent", '<endEvent id="end2" name="Fine"/><endEvent')
    assert told(('id="w0" sourceRef="fork" targetRef="end"', 'id="w0" sourceRef="fork" targetRef="end2"'), base=two) == {
        "w0": [("a", "Fine (end)", "Fine (end2)")]
    }
    again = MODEL.replace('"end"', '"last"').encode()
    changes = {each.element: (each.what, each.name) for each in differ.compare("process", MODEL.encode(), again).changes}
    assert (changes["last"], changes["end"]) == ((ADDED, "Fine (last)"), (REMOVED, "Fine (end)"))
    was, now = (json.dumps({"components": [{"type": "number", "key": key, "label": "Quanti"}]}).encode() for key in "ab")
    assert [each.name for each in differ.compare("form", was, now).changes] == ["Quanti (b)", "Quanti (a)"]
    ways = MODEL.replace('id="w2"', 'id="w2" name="sì"')
    flows = re.findall(r'<sequenceFlow id="w[12]".*</sequenceFlow>', ways)
    turned = ways.replace("\n".join(flows), "\n".join(flows[::-1]))
    assert read(ways, turned) == {"fork": [("ordine delle vie", "1. sì · 2. sì (1. w1 · 2. w2)", "1. sì · 2. sì (1. w2 · 2. w1)")]}


def test_two_bags_of_extensions_are_one_and_a_text_inside_an_expression_keeps_its_spaces():
    given = '<extensionElements><approdo:input target="who" expression="&quot;%s&quot;"/></extensionElements>'
    one = MODEL.replace('"NEW"/>', f'"NEW">{given % "a b"}</userTask>')
    assert read(one, one.replace("a b", "a  b")) == {"step": [("che cosa passa a «who»", '"a b"', '"a  b"')]}
    twice = one.replace(given % "a b", given % "a b" + given % "c")
    assert read(one, twice) == {"step": [("che cosa passa a «who 2»", "", '"c"')]}
    assert read(MODEL, MODEL.replace('name="Parla"', 'name="  Parla "')) == {}


def test_a_word_of_the_file_format_is_told_in_words_and_a_cell_by_its_column():
    assert value_words("inputExpression typeRef", "string") == "testo"
    assert value_words("gatewayDirection", "Diverging") == "divide"
    assert value_words("{urn:z}gatewayDirection", "Diverging") == ""
    assert value_words("name", "string") == ""
    note = TRIAGE.replace(b"<text>-</text>", b"<description>sempre</description><text>-</text>", 1)
    assert [*read(TRIAGE, note, "decision").values()] == [[("spiegazione di colonna «Vuole uscirne?»", "", "sempre")]]
    field = '{"components": [{"type": "number", "key": "x"%s}]}'
    assert read(field % "", field % ', "source": "a"', "form") == {"x": [("«source» nel file", "", "a")]}
    assert read(field % ', "source": null', field % ', "validate": null', "form") == {}


def test_everything_that_bpmn_has_is_called_something():
    schema = Path(SpiffWorkflow.__file__).parent / "bpmn" / "parser" / "schema" / "Semantic.xsd"
    root, xs = etree.parse(schema).getroot(), "{http://www.w3.org/2001/XMLSchema}"
    elements = {
        each.get("name", "")
        for each in root.iter(f"{xs}element")
        if each.get("name") and each.get("abstract") != "true"
    }
    attributes = {each.get("name", "") for each in root.iter(f"{xs}attribute") if each.get("name")} - {"id"}
    silent = {"incoming", "outgoing", "flowNodeRef", "extensionElements"} | ABSTRACT
    assert [each for each in sorted(attributes) if each not in FIELDS] == []
    assert [each for each in sorted(elements - silent) if each not in {*FIELDS, *KINDS}] == []
    allowed = {each.get("name"): [*each.iter(f"{xs}enumeration")] for each in root.iter(f"{xs}simpleType")}
    for each in root.iter(f"{xs}attribute"):
        for value in allowed.get(each.get("type", "").removeprefix("tns:"), ()):
            assert value_words(each.get("name", ""), value.get("value", "")), (each.get("name"), value.get("value"))
    nodes = [
        name
        for name in KINDS
        if name.endswith(("Task", "Gateway", "Event", "EventDefinition", "Process")) or name in ("task", "transaction")
    ]
    assert len({KINDS[name] for name in nodes}) == len(nodes)


def test_everything_that_dmn_has_is_called_something():
    schema = Path(SpiffWorkflow.__file__).parent / "dmn" / "parser" / "schema" / "DMN13.xsd"
    root, xs = etree.parse(schema).getroot(), "{http://www.w3.org/2001/XMLSchema}"
    named = (each for each in root.iter(f"{xs}element", f"{xs}attribute") if each.get("abstract") != "true")
    names = {each.get("name", "") for each in named if each.get("name")}
    unsaid = {"id", "extensionElements", "extensionAttribute", *UNSAID, *ABSTRACT}
    assert [each for each in sorted(names - unsaid) if each not in {*FIELDS, *KINDS}] == []
    allowed = {each.get("name"): [*each.iter(f"{xs}enumeration")] for each in root.iter(f"{xs}simpleType")}
    for each in root.iter(f"{xs}attribute"):
        for value in allowed.get(each.get("type", ""), ()):
            assert value_words(each.get("name", ""), value.get("value", "")), (each.get("name"), value.get("value"))
