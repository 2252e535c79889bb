"""Files of other programs: what means the same is ours, the rest is explained at its element, nothing gets lost."""

import re
from collections import Counter
from pathlib import Path

import pytest
from lxml import etree

from engine import foreign, lint, schema
from engine.findings import Finding
from engine.foreign_parts import Names
from engine.xml import XmlError
from tests.engine.draw import call, draw, user
from tests.engine.play import Game

FILES, EVIL = Path(__file__).parent / "files", Path(__file__).parents[1] / "evil"
GROUPS = {"case_manager": "case_manager", "referente del caso": "case_manager", "supervisor": "supervisor"}
NAMES = Names(GROUPS, frozenset({"note"}), frozenset({"risk"}))
KNOWN = lint.Known(
    services=frozenset({"note"}),
    decisions=frozenset({"risk"}),
    forms=frozenset({"risk_assessment", "usertaskform_1"}),
    groups=frozenset(GROUPS.values()),
    calls={"inner": frozenset()},
)
OURS = "{urn:approdo:bpmn:1}"
BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
TOOLS = {
    "camunda7": ("Camunda 7", FILES / "camunda7.bpmn"),
    "camunda8": ("Camunda 8", FILES / "camunda8.bpmn"),
    "flowable": ("Flowable", FILES / "flowable.bpmn"),
    "signavio": ("Signavio", EVIL / "foreign-signavio.bpmn"),
    "bpmn-io": ("bpmn-js (https://demo.bpmn.io)", EVIL / "foreign-bpmn-io.bpmn"),
}


def adopt(tool: str) -> foreign.Adopted:
    return foreign.adopt(TOOLS[tool][1].read_bytes(), NAMES)


def errors(data: bytes) -> list[str]:
    return [f"{each.element}: {each.text}" for each in lint.check(data, KNOWN) if each.level == "error"]


def ours(data: bytes, element: str) -> dict[str, str]:
    found = next(each for each in etree.fromstring(data).iter() if each.get("id") == element)
    return {str(key).removeprefix(OURS): str(value) for key, value in found.attrib.items() if str(key).startswith(OURS)}


def words(found: list[Finding], element: str) -> list[str]:
    return [f"{each.params.get('name')}: {each.text}" for each in found if each.element == element]


def _texts(pair: tuple[object, object]) -> tuple[str, str]:
    return str(pair[0]), str(pair[1])


def foreign_words(data: bytes) -> Counter[object]:
    """Every foreign attribute and element with what it says; not ours, not BPMN's."""
    found: Counter[object] = Counter()
    for each in etree.fromstring(data).iter("*"):
        at = each.get("id") or ""
        mine = [(key, value) for key, value in map(_texts, each.attrib.items()) if key.startswith("{") and not key.startswith(OURS)]
        found.update((at, key, value) for key, value in mine)
        if not str(each.tag).startswith((OURS, BPMN)):
            found.update([(each.tag, tuple(sorted(each.attrib.items())), (each.text or "").strip(), (each.tail or "").strip())])
    return found


@pytest.mark.parametrize("tool", TOOLS)
def test_a_file_says_which_program_wrote_it(tool):
    assert foreign.tool_of(TOOLS[tool][1].read_bytes()) == TOOLS[tool][0]


@pytest.mark.parametrize("tool", TOOLS)
def test_no_foreign_word_gets_lost_and_a_second_time_changes_nothing(tool):
    before, once = TOOLS[tool][1].read_bytes(), adopt(tool)
    again = foreign.adopt(once.data, NAMES)

    assert foreign_words(once.data) == foreign_words(before)
    assert again.data == once.data
    assert again.done == []


@pytest.mark.parametrize("tool", TOOLS)
def test_what_is_written_follows_the_schema_of_bpmn(tool):
    before = schema.check(TOOLS[tool][1].read_bytes())

    assert [each.text for each in schema.check(adopt(tool).data)] == [each.text for each in before]
    assert tool in ("signavio", "bpmn-io") or before == []


@pytest.mark.parametrize("tool", ["signavio", "bpmn-io"])
def test_a_drawing_without_words_to_translate_stays_byte_for_byte(tool):
    found = adopt(tool)

    assert found.data == TOOLS[tool][1].read_bytes()
    assert (found.done, found.left, found.refused) == ([], [], [])


def test_camunda_7_runs_without_a_finding():
    found = adopt("camunda7")

    assert errors(found.data) == []
    assert ours(found.data, "hear") == {"group": "case_manager", "form": "risk_assessment", "due": "PT48H"}
    assert ours(found.data, "level") == {"decision": "risk", "result": "found_level"}
    assert ours(found.data, "tell") == {"service": "note"}
    assert ours(found.data, "each") == {"group": "case_manager", "assignee": "worker", "due": "deadline"}
    text = found.data.decode()
    assert 'found_level = "alto" and not(told = true)' in text
    assert "numberOfCompletedInstances &gt;= 2" in text
    assert "<!-- scritto a mano" in text


def test_what_camunda_7_says_and_we_do_not_is_explained_at_its_element():
    left = adopt("camunda7").left

    assert [each.split(":")[1] for each in words(left, "Process_c7")] == ["historyTimeToLive", "versionTag", "properties", "nota"]
    assert words(left, "hear") == [
        "camunda:followUpDate: il giorno in cui riguardarla lo sceglie chi lavora, nella sua lista",
        "camunda:priority: le attività stanno in ordine di scadenza: una priorità non c'è",
    ]
    assert words(left, "began") == [
        "camunda:asyncAfter: come e quando riprovare lo decide il sistema",
        "ente:colore: resta nel file, ma qui non ha effetto",
    ]


def test_camunda_8_runs_without_a_finding_and_its_form_comes_out():
    found = adopt("camunda8")

    assert errors(found.data) == []
    assert ours(found.data, "hear") == {
        "group": "case_manager", "assignee": "worker", "form": "risk_assessment", "due": 'now() + duration("P2D")'
    }  # fmt: skip
    assert ours(found.data, "write") == {"group": "case_manager", "form": "usertaskform_1"}
    assert ours(found.data, "level") == {"decision": "risk", "result": "level"}
    assert list(found.forms) == ["usertaskform_1"]
    assert '"key": "words"' in found.forms["usertaskform_1"]
    assert 'calledElement="inner"' in found.data.decode()


def test_a_drawing_of_camunda_8_is_played_to_its_end():
    inner = draw("s>ask>e", user("ask"), process="inner")
    game = Game(adopt("camunda8").data, inner, facts={"items": ["a", "b"]}, note=lambda *_: {})
    game.desk.decisions["risk"] = lambda facts: "alto"

    assert game.do("hear", risk_level="alto", unnamed=1).waiting == ["write"]
    assert game.facts["found_level"] == "alto"
    assert "unnamed" not in game.facts  # what the outputs do not name is not kept, there as here
    assert game.do("write", words_code="x").do("write", words_code="y").waiting == ["ask"]
    assert game.facts["results"] == ["x", "y"]
    assert game.do("ask", outcome="z").facts["inner_outcome"] == "z"
    assert game.pass_time(days=2).over


@pytest.mark.parametrize("which", ["in", "out"])
def test_what_a_call_adds_to_all_the_data_is_left_to_a_person_and_narrows_nothing(which):
    passed = f'<c7:{which} variables="all"/><c7:{which} source="a" target="b"/><c7:{which} sourceExpression="${{a}}" target="d"/>'
    inside = f'<extensionElements xmlns:c7="http://camunda.org/schema/1.0/bpmn">{passed}</extensionElements>'
    outer = draw("s>c>last>e", call("c", "inner", inside), user("last"))
    found = foreign.adopt(outer, NAMES)
    game = Game(found.data, draw("s>ask>e", user("ask"), process="inner"), facts={"a": "1", "z": "2"})

    assert found.done == []
    assert words(found.left, "c") == [
        f"c7:{which}: il caso e tutti i dati passano comunque, se nessuna mappatura li sceglie",
        *(
            f"c7:{which}: là «{name}» si aggiunge a tutti i dati, qui una mappatura passerebbe solo ciò che nomina: mappali tutti"
            for name in "bd"
        ),
    ]
    inner = next(scope for scope in game.state.scopes.values() if scope.role == "call")
    assert inner.vars == {"a": "1", "z": "2"}
    assert game.do("ask", more="3").facts["more"] == "3"


ALL, NONE = "il caso e tutti i dati passano comunque", "là passano solo i dati nominati, qui tutti"
ADDED, LATEST, SAME = "si aggiunge a tutti i dati", "qui vale sempre la versione in vigore", "è sempre dello stesso caso"
NAMED, COMPUTED = '<f:in source="a" target="b"/>', '<f:in sourceExpression="${a}" target="b"/>'
BACK = '<f:out source="more" target="found"/>'


@pytest.mark.parametrize("space", ["http://flowable.org/bpmn", "http://activiti.org/bpmn"])
@pytest.mark.parametrize(
    ("said", "parts", "seen", "left"),
    [
        ('f:inheritVariables="true"', "", {"a": "1", "z": "2"}, [ALL]),
        ('f:inheritVariables="TRUE"', NAMED, {"a": "1", "z": "2"}, [ALL, ADDED]),
        ('f:inheritVariables="true"', COMPUTED, {"a": "1", "z": "2"}, [ALL, ADDED]),
        ('f:inheritVariables="true"', BACK, {"a": "1", "z": "2"}, [ALL]),
        ('f:inheritVariables="false"', NAMED, {"b": "1"}, []),
        ('f:inheritVariables="false"', COMPUTED, {"a": "1", "z": "2"}, [NONE, "non si può tradurre"]),
        ('f:inheritVariables="false"', "", {"a": "1", "z": "2"}, [NONE]),
        ("", NAMED, {"b": "1"}, []),
        ('f:sameDeployment="true" f:inheritBusinessKey="true"', NAMED, {"b": "1"}, [LATEST, SAME]),
        ('f:sameDeployment="false" f:inheritBusinessKey="false"', NAMED, {"b": "1"}, [SAME]),
    ],
)
def test_a_call_of_flowable_passes_on_what_it_passes_there_or_says_what_differs(space, said, parts, seen, left):
    inside = f"<extensionElements>{parts}</extensionElements>" if parts else ""
    outer = draw("s>c>last>e", call("c", "inner", inside), user("last"))
    outer = outer.replace(b'<callActivity id="c"', f'<callActivity xmlns:f="{space}" {said} id="c"'.encode())
    found = foreign.adopt(outer, NAMES)
    game = Game(found.data, draw("s>ask>e", user("ask"), process="inner"), facts={"a": "1", "z": "2"})

    texts = words(found.left, "c")
    assert len(texts) == len(left)
    assert all(why in text for why, text in zip(left, texts, strict=True)), texts
    assert next(scope for scope in game.state.scopes.values() if scope.role == "call").vars == seen
    assert game.do("ask", more="3").facts.get("found") == ("3" if parts == BACK else None)
    assert foreign_words(found.data) == foreign_words(outer)


def test_flowable_gets_its_list():
    found = adopt("flowable")

    assert ours(found.data, "hear") == {"group": "case_manager", "form": "risk_assessment", "due": "P2D"}
    assert "days &gt; 5" in found.data.decode()
    assert words(found.left, "several") == [
        "flowable:candidateGroups: qui un'attività è di un solo gruppo: scegli tra «case_manager,supervisor»",
        "flowable:candidateUsers: una persona non si scrive nel modello: scegli un gruppo, l'attività si assegna quando c'è",
        "flowable:dueDate: la scadenza «${dueBean.next(x)}» non si può tradurre: scrivila come P3D, come data o in FEEL",
    ]
    assert words(found.left, "f_odd") == ["conditionExpression: «${days % 2 == 1}» non si può tradurre: scrivilo in FEEL"]
    assert any("una persona non si scrive" in each for each in words(found.left, "hear"))  # who began is no variable here
    assert [each.partition(":")[0] for each in errors(found.data)] == ["several", "mail", "f_odd"]


@pytest.mark.parametrize(
    ("role", "group", "why"),
    [
        ("<potentialOwner>{case_manager}</potentialOwner>", "case_manager", ""),
        ("<potentialOwner>{ group(Referente del caso) }</potentialOwner>", "case_manager", ""),
        ("<potentialOwner><resourceRef>desk</resourceRef></potentialOwner>", "supervisor", ""),
        ("<potentialOwner>{case_manager, supervisor}</potentialOwner>", None, "un solo gruppo"),
        ("<potentialOwner>{management}</potentialOwner>", None, "qui non esiste"),
        ("<potentialOwner>{user(kermit), group(case_manager)}</potentialOwner>", None, "una persona non si scrive"),
        ("<humanPerformer>{kermit}</humanPerformer>", None, "una persona non si scrive"),
        ("<potentialOwner/>", None, ""),
    ],
)
def test_whose_task_it_is_in_the_words_of_bpmn_is_ours_or_explained(role, group, why):
    inside = re.sub(
        r"\{(.*)\}", r"<resourceAssignmentExpression><formalExpression>\1</formalExpression></resourceAssignmentExpression>", role
    )
    task = f'<userTask id="a">{inside}</userTask>'
    found = foreign.adopt(draw("s>a>e", task, definitions='<resource id="desk" name="supervisor"/>'), NAMES)

    assert ours(found.data, "a").get("group") == group
    assert inside in found.data.decode()
    assert [why in each for each in words(found.left, "a")] == ([True] if why else [])
    assert schema.check(found.data) == []


def test_a_performer_who_is_a_variable_is_the_assignee():
    inside = "<humanPerformer><resourceAssignmentExpression><formalExpression>${worker}</formalExpression></resourceAssignmentExpression></humanPerformer>"
    found = foreign.adopt(draw("s>a>e", user("a", inside)), NAMES)

    assert ours(found.data, "a")["assignee"] == "worker"
    assert found.left == []


def test_a_word_of_ours_that_is_there_already_wins():
    once = adopt("camunda7").data.replace(b'approdo:group="case_manager"', b'approdo:group="supervisor"')

    assert ours(foreign.adopt(once, NAMES).data, "hear")["group"] == "supervisor"


def test_a_prefix_that_means_something_else_is_not_taken():
    data = TOOLS["camunda7"][1].read_bytes().replace(b"xmlns:ente=", b'xmlns:approdo="urn:altro" xmlns:ente=')
    found = foreign.adopt(data, NAMES).data

    assert ours(found, "hear")["group"] == "case_manager"
    assert b'xmlns:approdo="urn:altro"' in found


def test_a_lane_called_like_a_group_is_that_group():
    data = (EVIL / "foreign-signavio.bpmn").read_bytes().replace(b'name="case_manager"', b'name="Referente  del caso"')
    found = foreign.adopt(data, NAMES)

    assert ours(found.data, "sid-lane-1") == {"group": "case_manager"}
    assert [each.text for each in found.done] == ["la corsia «Referente del caso» è del gruppo «case_manager»"]


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("camunda-class", "class"),
        ("camunda-connector", "connector"),
        ("camunda-execution-listener", "executionListener"),
        ("camunda-task-listener", "taskListener"),
        ("flowable-expression", "delegateExpression"),
        ("zeebe-script", "script"),
        ("spiff-prescript", "preScript"),
    ],
)
def test_what_would_run_code_is_refused_by_name(name, word):
    found = foreign.adopt((EVIL / f"{name}.bpmn").read_bytes(), NAMES)

    assert word in {each.params["name"] for each in found.refused}
    assert {each.element for each in found.refused} == {"a"}


def test_a_subscription_is_no_script():
    data = TOOLS["camunda8"][1].read_bytes().replace(
        b"<bpmn:process ",
        b'<bpmn:message id="m" name="m"><bpmn:extensionElements><zeebe:subscription correlationKey="=x" />'
        b"</bpmn:extensionElements></bpmn:message><bpmn:process ",
    )

    assert foreign.adopt(data, NAMES).refused == []


@pytest.mark.parametrize("name", ["xxe-file", "billion-laughs", "xinclude", "not-xml", "stylesheet", "xxe-utf16"])
def test_a_hostile_file_is_not_opened(name):
    with pytest.raises(XmlError):
        foreign.adopt((EVIL / f"{name}.bpmn").read_bytes(), NAMES)


@pytest.mark.parametrize("path", sorted(EVIL.glob("*.bpmn")), ids=lambda path: path.stem)
def test_no_evil_file_breaks_the_translation(path):
    try:
        found = foreign.adopt(path.read_bytes(), NAMES)
    except XmlError:
        return
    assert foreign_words(found.data) == foreign_words(path.read_bytes())
