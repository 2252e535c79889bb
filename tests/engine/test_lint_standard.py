"""What BPMN 2.0 says, and what is said in other vocabularies: run as written or refused in words, never passed over."""

import pytest

from engine import lint
from tests.engine.draw import (
    boundary,
    call,
    catch,
    draw,
    end,
    on,
    on_event,
    service,
    several,
    sub,
    task,
    throw,
    timer,
    user,
)
from tests.engine.play import Game, failing
from tests.engine.test_lint import LINK, PLAIN_END, errors

TWICE = "attende già la stessa cosa nello stesso posto"
NO_DEFAULT = "tutte le uscite hanno una condizione"
MAPPED = "le associazioni di dati non assegnano nulla"
NOT_YES_OR_NO = "vale solo «true» o «false»"
COMPLEX = '<complexBehaviorDefinition id="cb"><condition>x</condition></complexBehaviorDefinition>'
BOTH = "<timerEventDefinition><timeDuration>P1D</timeDuration><timeCycle>R/P1D</timeCycle></timerEventDefinition>"
SHARED = '<terminateEventDefinition id="stop_all"/>'
BY_REFERENCE = "<eventDefinitionRef>stop_all</eventDefinitionRef>"
ASSOCIATION = '<dataInputAssociation id="da"><sourceRef>d</sourceRef>{}</dataInputAssociation>'
IO = '<ioSpecification><dataInput id="di" name="x"/><inputSet/><outputSet/></ioSpecification>'

# what -> (pieces, words of the sentence, element)
REFUSED: dict[str, tuple[tuple[str, ...], str, str]] = {
    "a task that needs two tokens": (("s>a>e", user("a", startQuantity="2")), "«startQuantity» diverso da 1", "a"),
    "a task that gives two tokens": (("s>a>e", user("a", completionQuantity="2")), "«completionQuantity» diverso da 1", "a"),
    "a subprocess that needs two tokens": (
        ("s>c>e", sub("c", "s1>a>e1").replace("<subProcess", '<subProcess startQuantity="0"')),
        "«startQuantity» diverso da 1",
        "c",
    ),
    "an event gateway that waits for all": (
        (
            "s>evt>m>e", "evt>n>e", catch("m", on("message", "m")), catch("n", on("message", "n")),
            '<eventBasedGateway id="evt" eventGatewayType="Parallel"/>',
        ),
        "aspetta il primo, non tutti",
        "evt",
    ),
    "an event gateway that begins the process": (
        (
            "s>evt>m>e", "evt>n>e", catch("m", on("message", "m")), catch("n", on("message", "n")),
            '<eventBasedGateway id="evt" instantiate="true"/>',
        ),
        "usa un evento di inizio con un messaggio",
        "evt",
    ),
    "a receive task that begins the process": (
        ("s>w>e", task("receiveTask", "w", messageRef="m", instantiate="1")),
        "usa un evento di inizio con un messaggio",
        "w",
    ),
    "instances that throw an event": (
        ("s>a>e", user("a", several("2").replace("isSequential", 'behavior="One" isSequential'))),
        "le ripetizioni non lanciano eventi da sole",
        "a",
    ),
    "instances of complex behaviour": (
        ("s>a>e", user("a", several("2").replace("</multi", f"{COMPLEX}</multi"))),
        "le ripetizioni non lanciano eventi da sole",
        "a",
    ),
    "a link thrown that goes on": (
        ("s>a>l>x>e", "m>b>e1", throw("l", LINK("k")), catch("m", LINK("k"))),
        "da un collegamento in partenza non escono frecce",
        "l",
    ),
    "a link caught that is come to": (
        ("s>a>l", "s>y>m>b>e", throw("l", LINK("k")), catch("m", LINK("k"))),
        "a un collegamento in arrivo non arrivano frecce",
        "m",
    ),
    "a timer that says two things": (("s>t>e", catch("t", BOTH)), "non più d'una", "t"),
    "an end by reference": (("s>a>e", end("e", BY_REFERENCE)), "disegna il simbolo nell'evento stesso", "e"),
    "a start by reference": (
        ('<startEvent id="s"><eventDefinitionRef>stop_all</eventDefinitionRef></startEvent>', "s>a>e"),
        "disegna il simbolo nell'evento stesso",
        "s",
    ),
    "a throw by reference": (("s>t>e", throw("t", BY_REFERENCE)), "disegna il simbolo nell'evento stesso", "t"),
    "the inputs of a call": (("s>c>e", call("c", "other", ASSOCIATION.format(""))), MAPPED, "c"),
    "the outputs of a call": (
        ("s>c>e", call("c", "other", ASSOCIATION.format("").replace("Input", "Output"))), MAPPED, "c",
    ),
    "the specification of a call": (("s>c>e", call("c", "other", IO)), MAPPED, "c"),
    "the specification of a process": (("s>a>e", IO), MAPPED, "p"),
    "an assignment": (
        ("s>a>e", user("a", ASSOCIATION.format("<assignment><from>1</from><to>x</to></assignment>"))), MAPPED, "a",
    ),
    "a transformation": (
        ("s>a>e", user("a", ASSOCIATION.format("<transformation>upper case(d)</transformation>"))), MAPPED, "a",
    ),
    "two boundary events of one error": (
        ("s>k>e", "x>e1", "y>e2", service("k", service="note"), boundary("x", "k", on("error", "E")), boundary("y", "k", on("error", "E"))),
        TWICE,
        "y",
    ),
    "two boundary events of any error": (
        ("s>k>e", "x>e1", "y>e2", service("k", service="note"), boundary("x", "k", on("error")), boundary("y", "k", on("error"))),
        TWICE,
        "y",
    ),
    "two boundary events of one escalation": (
        (
            "s>c>e", "x>e1", "y>e2", sub("c", "s1>a>e3"), boundary("x", "c", on("escalation", "E")),
            boundary("y", "c", on("escalation", "E"), interrupting=False),
        ),
        TWICE,
        "y",
    ),
    "two boundary events of one message": (
        ("s>a>e", "x>e1", "y>e2", boundary("x", "a", on("message", "M")), boundary("y", "a", on("message", "M"))),
        TWICE,
        "y",
    ),
    "two event subprocesses of one error": (
        (
            "s>a>e", on_event("h", on("error", "E"), "b>he", PLAIN_END),
            on_event("i", on("error", "E"), "c>ie", end("ie", "")),
        ),
        TWICE,
        "i_start",
    ),
    "a task with conditions only": (("s>u>a[x]>e", "u>b[y]>e"), NO_DEFAULT, "u"),
    "a task with one way out that has a condition": (("s>u>a[x]>e",), NO_DEFAULT, "u"),
    "an event with conditions only": (("s>m>a[x]>e", catch("m", on("message", "m"))), NO_DEFAULT, "m"),
    "a gateway with one way out that has a condition": (("s>u>xor>a[x]>e",), NO_DEFAULT, "xor"),
    "a merge with one way out that has a condition": (("s>or>a>or1>b[x]>e", "or>c[x]>or1"), NO_DEFAULT, "or1"),
    "a default that is no way out": (("s>u>a>e", user("u", default="gone")), "non è una delle sue frecce", "u"),
    **{
        f"{text!r} as {where}": ((f"s>{host}>e", xml, *more), NOT_YES_OR_NO, element)
        for text in ("FALSE", "yes", "2", "")
        for where, host, xml, element, more in (
            ("cancelActivity", "a", boundary("t", "a", timer("P1D")).replace('"true"', f'"{text}"'), "t", ("t>e1",)),
            ("isInterrupting", "a", on_event("h", on("message", "m"), "b>he", PLAIN_END).replace('="true">', f'="{text}">', 2).replace(f'triggeredByEvent="{text}"', 'triggeredByEvent="true"'), "h_start", ()),
            ("triggeredByEvent", "c", sub("c", "s1>a>e1").replace("<subProcess", f'<subProcess triggeredByEvent="{text}"'), "c", ()),
            ("isForCompensation", "a", user("a", isForCompensation=text), "a", ()),
        )
    },
    # our own words
    "an attribute that we do not have": (("s>a>e", '<userTask id="a" approdo:group="g" approdo:dueDate="P1D"/>'), "approdo:dueDate non esiste", "a"),
    "an attribute of another element": (("s>a>e", '<userTask id="a" approdo:group="g" approdo:service="note"/>'), "approdo:service qui non ha effetto", "a"),
    "an attribute without our prefix": (("s>a>e", '<userTask id="a" approdo:group="g" due="P1D"/>'), "scrivi approdo:due", "a"),
    "a group on a subprocess": (("s>c>e", sub("c", "s1>a>e1").replace("<subProcess", '<subProcess approdo:group="g"')), "approdo:group qui non ha effetto", "c"),
    "an element that we do not have": (
        ("s>k>e", service("k", '<extensionElements><approdo:outputs target="x" expression="1"/></extensionElements>', service="note")),
        "approdo:outputs non esiste",
        "k",
    ),
    "a mapping outside the extensions": (
        ("s>k>e", service("k", '<approdo:output target="x" expression="1"/>', service="note")),
        "va direttamente dentro extensionElements",
        "k",
    ),
    "a mapping with a slip": (
        ("s>k>e", service("k", '<extensionElements><approdo:output target="x" expression="1" source="y"/></extensionElements>', service="note")),
        "non «source»",
        "k",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_the_lint_refuses(what):
    pieces, words, element = REFUSED[what]

    found = [each for each in lint.check(draw(*pieces, definitions=SHARED).replace(b"><", b">\n<")) if each.level == "error"]

    assert [each for each in found if words in each.text and each.element == element and each.line], found


ACCEPTED: dict[str, tuple[str, ...]] = {
    "quantities of one": ("s>a>e", user("a", startQuantity="1", completionQuantity="1")),
    "the first of several events": (
        "s>evt>m>e", "evt>n>e", catch("m", on("message", "m")), catch("n", on("message", "n")),
        '<eventBasedGateway id="evt" eventGatewayType="Exclusive" instantiate="0"/>',
    ),
    "all instances": ("s>a>e", user("a", several("2").replace("isSequential", 'behavior="All" isSequential'))),
    "an arrow from a data object to a task": ("s>a>e", '<dataObject id="d"/>', user("a", ASSOCIATION.format(""))),
    "two errors and all others": (
        "s>k>e", "x>e1", "y>e2", "z>e3", service("k", service="note"), boundary("x", "k", on("error", "E")),
        boundary("y", "k", on("error", "F")), boundary("z", "k", on("error")),
    ),
    "the same error in two places": (
        "s>k>l>e", "x>e1", "y>e2", service("k", service="note"), service("l", service="note"),
        boundary("x", "k", on("error", "E")), boundary("y", "l", on("error", "E")),
    ),
    "an error and an escalation of one code": (
        "s>c>e", "x>e1", "y>e2", sub("c", "s1>a>e3"), boundary("x", "c", on("error", "E")), boundary("y", "c", on("escalation", "E")),
    ),
    "conditions with a default": ("s>u>a[x]>e", "u>b>e", user("u", default="u__b")),
    "a condition beside a way without": ("s>u>a[x]>e", "u>b>e"),
    "a mapping and a due date": (
        "s>a>e", user("a", '<extensionElements><approdo:output target="x" expression="1"/></extensionElements>', due="P1D"),
    ),
    "names in English anywhere": ("s>a>e", '<userTask id="a" approdo:group="g" approdo:nameEn="A"/>', '<startEvent id="s" approdo:nameEn="S"/>'),
}  # fmt: skip


@pytest.mark.parametrize("what", ACCEPTED)
def test_the_lint_has_nothing_against(what):
    assert lint.check(draw(*ACCEPTED[what])) == []


# -- yes and no (XML Schema 1.0, 3.2.2) --------------------------------------------------------------------------------


def swapped(model: bytes, **texts: str) -> bytes:
    for name, text in texts.items():
        for old in (b"true", b"false"):
            model = model.replace(f'{name}="'.encode() + old + b'"', f'{name}="{text}"'.encode())
    return model


@pytest.mark.parametrize(("text", "waits"), [("0", ["a", "b"]), ("1", ["b"]), (" 0 ", ["a", "b"])])
def test_cancel_activity_may_be_a_number(text, waits):
    model = swapped(draw("s>a>e", "t>b>e1", boundary("t", "a", timer("P1D"))), cancelActivity=text)

    assert errors(model) == []
    assert Game(model).pass_time(days=1).waiting == waits


@pytest.mark.parametrize(("text", "waits"), [("0", ["a", "b"]), ("1", ["b"])])
def test_is_interrupting_and_triggered_by_event_may_be_numbers(text, waits):
    model = draw("s>a>e", on_event("h", on("message", "m"), "b>he", PLAIN_END))
    model = swapped(model, isInterrupting=text, triggeredByEvent="1")
    game = Game(model)

    assert errors(model) == []
    assert game.message("m")
    assert game.waiting == waits


@pytest.mark.parametrize(("text", "waits"), [("1", ["a"]), ("0", ["a", "a"])])
def test_is_sequential_may_be_a_number(text, waits):
    model = swapped(draw("s>a>e", user("a", several("2"))), isSequential=text)

    assert errors(model) == []
    assert Game(model).waiting == waits


@pytest.mark.parametrize(("text", "waits"), [("1", ["z"]), ("0", ["a"])])
def test_test_before_may_be_a_number(text, waits):
    loop = f'<standardLoopCharacteristics testBefore="{text}"><loopCondition>false</loopCondition></standardLoopCharacteristics>'
    model = draw("s>a>z>e", user("a", loop))

    assert errors(model) == []
    assert Game(model).waiting == waits


@pytest.mark.parametrize(("text", "waits"), [("1", []), ("0", ["z"])])
def test_parallel_multiple_may_be_a_number(text, waits):
    both = on("message", "m") + on("message", "n")
    model = draw("s>w>z>e", f'<intermediateCatchEvent id="w" parallelMultiple="{text}">{both}</intermediateCatchEvent>')
    game = Game(model)

    assert errors(model) == []
    assert game.message("m")
    assert game.waiting == waits


def test_compensation_is_refused_however_it_is_written():
    assert "la compensazione non è ammessa" in errors(draw("s>a>e", user("a", isForCompensation="1")))[0]
    assert errors(draw("s>a>e", user("a", isForCompensation="0"))) == []


# -- repeating over a data object, as bpmn-js writes it ----------------------------------------------------------------

NEEDS = '<dataObject id="needs"/><dataObjectReference id="ref_1" name="Bisogni" dataObjectRef="needs"/>'


def test_a_collection_may_be_named_by_the_reference_that_is_drawn():
    model = draw("s>u>a>e", NEEDS, user("a", several(of="ref_1", each="need", into="ref_1", out="answer")))

    assert errors(model) == []
    game = Game(model).do("u", needs=["casa", "lingua"])
    assert game.waiting == ["a", "a"]
    assert game.seen_by("a")["need"] == "casa"
    assert game.do("a", answer=1).do("a", answer=2).over


@pytest.mark.parametrize("name", ["a", "ref_2", "ref_3"])
def test_a_collection_that_is_no_data_is_refused(name):
    more = '<dataObjectReference id="ref_2"/><dataObjectReference id="ref_3" dataObjectRef="gone"/>'
    model = draw("s>u>a>e", NEEDS, more, user("a", several(of=name)))

    assert [text for text in errors(model) if f"la raccolta «{name}» non è un dato" in text]


def test_a_collection_may_be_a_variable_that_nobody_declared():
    model = draw("s>u>a>e", user("a", several(of="people")))

    assert errors(model) == []
    assert Game(model).do("u", people=[1, 2, 3]).waiting == ["a", "a", "a"]


# -- other tools -------------------------------------------------------------------------------------------------------

TOOLS = {"zeebe": "http://camunda.org/schema/zeebe/1.0", "camunda": "http://camunda.org/schema/1.0/bpmn", "flowable": "http://flowable.org/bpmn"}


def of_other_tools(*pieces: str) -> bytes:
    spaces = "".join(f' xmlns:{prefix}="{uri}"' for prefix, uri in TOOLS.items())
    return draw(*pieces).replace(b"<definitions ", f"<definitions {spaces} ".encode()).replace(b"><", b">\n<")


@pytest.mark.parametrize(
    ("name", "attributes", "inside"),
    [
        ("zeebe:ioMapping", "", '<zeebe:ioMapping><zeebe:input source="=a" target="b"/></zeebe:ioMapping>'),
        ("camunda:formData", "", '<camunda:formData><camunda:formField id="x"/></camunda:formData>'),
        ("camunda:dueDate", 'camunda:dueDate="P3D"', ""),
        ("flowable:formKey", 'flowable:formKey="sheet"', ""),
    ],
)
def test_an_import_says_what_it_leaves_aside(name, attributes, inside):
    box = f'<userTask id="{{}}" approdo:group="g" {attributes}><extensionElements>{inside}</extensionElements></userTask>'
    model = of_other_tools("s>a>b>e", box.format("a"), box.format("b"))

    found = lint.check(model)

    assert [(each.level, each.element) for each in found] == [("warning", "a")]
    assert f"«{name}» di un altro programma qui non ha effetto" in found[0].text
    assert found[0].line


def test_colours_are_no_behaviour():
    model = draw("s>a>e", '<userTask id="a" approdo:group="g" xmlns:bioc="http://bpmn.io/schema/bpmn/biocolor/1.0" bioc:stroke="red"/>')

    assert lint.check(model) == []


def test_what_is_accepted_after_all_this_still_catches_its_errors():
    """Two codes and a catch-all on one task: each error finds its own way."""
    model = draw(*ACCEPTED["two errors and all others"][:4], "x>a>e1", *ACCEPTED["two errors and all others"][4:])

    assert Game(model, note=failing("E")).waiting == ["a"]


@pytest.mark.parametrize(
    ("fork", "default"),
    [
        ('<exclusiveGateway id="f" default="f__b"/>', "b"),
        ('<inclusiveGateway id="f" default="f__b"/>', "b"),
        ('<userTask id="f" approdo:group="g" default="f__b"/>', "b"),
        ('<exclusiveGateway id="f" default="f__c"/>', ""),
    ],
)
def test_a_condition_on_the_way_taken_when_none_holds_is_told_for_nobody_asks_it(fork, default):
    model = draw("s>u>f", fork, "f>a[x = 1]>e", "f>b[x = 2]>e1", "f>c[x = 3]>e2" if default else "f>c>e2")
    game = Game(model).do("u", x=7)
    if "userTask" in fork:
        game.do("f")

    assert errors(model) == []
    assert [(each.element, each.level) for each in lint.check(model)] == ([(f"f__{default}", "warning")] if default else [])
    assert game.waiting == [default or "c"]
