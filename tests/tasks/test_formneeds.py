"""A form may not lose a field that something depends on without a warning: of each kind of use one small model."""

import json
import time as stopwatch
from datetime import date, timedelta
from typing import Any

import pytest

from core import clock
from core.db import transaction
from engine import decisions, drafts, instances, registry
from tasks import formbook, formneeds, forms, importing, pathways, workshop
from tests.engine import office as engine_office
from tests.engine.dmn_files import Column, Table, file
from tests.engine.draw import (
    again,
    boundary,
    call,
    catch,
    draw,
    mapped,
    on_event,
    receive,
    send,
    several,
    sub,
    task,
    timer,
    user,
    when,
)

A = user("a", form="f_x")
CHOICE = ("s>a>xor>b[score > 3]>e", "xor>c>e2")
KEYS = """
<correlationProperty id="score" name="score"><correlationPropertyRetrievalExpression messageRef="message_reply">
<messagePath>{}</messagePath></correlationPropertyRetrievalExpression></correlationProperty>
<message id="message_reply" name="reply"/>
<collaboration id="co"><participant id="pa" processRef="px"/><correlationKey id="key" name="key">
<correlationPropertyRef>score</correlationPropertyRef></correlationKey></collaboration>
"""
TABLE = Table([Column("score", "number")], [Column("level")], ["> 3 | 'alto'".replace("'", '"'), '- | "basso"'], policy="FIRST")
INNER = Table(TABLE.inputs, TABLE.outputs, TABLE.rows, policy="FIRST", id="inner", name="Prima")
OUTER = Table([Column("Prima")], [Column("level")], ['"alto" | "alto"', '- | "basso"'], policy="FIRST", needs=["inner"])
DECIDES = task("businessRuleTask", "rule", decision="table", result="level")
# what each kind of use is, and who is said to look at the field
USES = {
    "condition": ([*CHOICE], "xor"),
    "condition of a loop": (["s>a>b>e", user("b", again("score > 3"))], "b"),
    "data handed in": (["s>a>b>e", task("serviceTask", "b", mapped(inputs=(("n", "score + 1"),)), service="test_note")], "b"),
    "data handed on": (["s>a>b>e", user("b", mapped(("n", "score + 1")))], "b"),
    "table": (["s>a>rule>e", DECIDES], "Tabella"),
    "due date": (["s>a>b>e", user("b", due="duration(score)")], "b"),
    "reminders": (["s>a>b>e", user("b", due="P9D", **{"approdo:reminders": "[duration(score)]"})], "b"),
    "assignee": (["s>a>b>e", user("b", **{"approdo:assignee": "score"})], "b"),
    "duration": (["s>a>b>e", user("b"), boundary("t", "b", timer("duration(score)")), "t>e3"], "t"),
    "date": (["s>a>t>e", catch("t", "<timerEventDefinition><timeDate>date(score)</timeDate></timerEventDefinition>")], "t"),
    "cycle": (
        ["s>a>e", on_event("o", "<timerEventDefinition><timeCycle>duration(score)</timeCycle></timerEventDefinition>",
                           "n>e4", interrupting=False)],
        "o_start",
    ),
    "conditional event": (["s>a>b>e", user("b"), boundary("t", "b", when("score > 3")), "t>e3"], "t"),
    "number of repetitions": (["s>a>b>e", user("b", several("score"))], "b"),
    "end of repetitions": (["s>a>b>e", user("b", several("3", until="score > 3"))], "b"),
    "list to repeat for": (["s>a>b>e", user("b", several(of="score", each="one"))], "b"),
    "what repetitions give": (["s>b>e", user("b", several("3", into="all", out="score"), form="f_x")], "b"),
    "of what repetitions collected": (
        ["s>b>f>e", user("b", several("3", into="all"), form="f_x"), user("f", due="duration(all[1].score)")],
        "f",
    ),
    "for each of what they collected": (
        ["s>b>f>e", user("b", several("3", into="all"), form="f_x"),
         user("f", several(of="all", each="one"), due="duration(one.score)")],
        "f",
    ),
    "in a filter": (["s>a>b>e", user("b", several("count(known[n > score])"))], "b"),
    "in a part of its own": (["s>a>part>e", sub("part", "s1>xor>b[score > 3]>e1", "xor>c>e2")], "xor"),
}  # fmt: skip


def form(*keys: str) -> bytes:
    asked = [
        {"type": "number", "id": f"f_{key}", "key": key, "label": key, "properties": {"label_en": key, "class": "P1", "fact": "true"}}
        for key in keys
    ]
    return json.dumps({"type": "default", "id": "f_x", "schemaVersion": 19, "components": asked}).encode()


def drawn(pieces, name: str, box: str) -> list[str]:
    """The box, if a path names it and nobody drew it yet."""
    is_named = any(f">{name}>" in each for each in pieces if "Gateway" not in each)
    return [box] if is_named and not any(f'id="{name}"' in each for each in pieces) else []


def publish(db, *pieces, process="px", definitions="", **more):
    data = draw(*pieces, *drawn(pieces, "a", A), process=process, definitions=definitions, name=f"Percorso {process}")
    return registry.publish(db, data, forms=formbook.known(db), by="u_lucia", **more)


def table(db, made=TABLE, *others, **more):
    return decisions.publish(db, file(made, *others), by="u_lucia", **more)


def lost(db, *left: str) -> list[str]:
    """What the draft of the form with only these fields is told."""
    found = workshop.findings(db, drafts.FORM, "f_x", form(*left, "other"))
    assert {each.level for each in found} <= {"warning"}
    assert [each for each in workshop.findings(db, drafts.FORM, "f_x", form("score", "other"))] == []
    return [each.text for each in found]


def sentence(who: str, process: str = "px", field: str = "score") -> str:
    return f"al percorso «Percorso {process}» serve il campo «{field}», che qui non c'è più: lo guarda {who}"


@pytest.fixture
def asked(office):
    with transaction() as db:
        formbook.publish_form(db, form("score", "other"), "f_x", by="u_lucia")
        formbook.publish_form(db, form("score"), "f_y", by="u_lucia")
        table(db)
    return office


@pytest.mark.parametrize("kind", USES)
def test_a_form_may_not_lose_what_a_pathway_depends_on_without_a_warning(asked, kind):
    pieces, who = USES[kind]
    with transaction() as db:
        publish(db, *pieces)

        assert lost(db) == [sentence(f"la tabella «{who}»" if kind == "table" else f"«{who}»")]


@pytest.mark.parametrize(("path", "node"), [("score", send("k", "reply")), ("number", receive("k", "reply"))])
def test_nor_what_a_message_is_known_by(asked, path, node):
    with transaction() as db:
        publish(db, "s>a>k>e", node, definitions=KEYS.format(path))

        assert lost(db) == [sentence("«k»")]


def test_nor_what_a_table_needs_of_another_decision(asked):
    with transaction() as db:
        table(db, OUTER, INNER)
        publish(db, "s>a>rule>e", DECIDES)

        assert lost(db) == [sentence("la tabella «Tabella»")]


def test_one_warning_is_enough_for_a_field_and_a_pathway(asked):
    with transaction() as db:
        publish(db, "s>a>rule>xor>b[score > 3]>e", "xor>c[score < 1]>e2", "xor>d>e3", DECIDES, user("b", due="duration(score)"))
        publish(db, *CHOICE, process="py")

        assert lost(db) == [sentence("la tabella «Tabella»"), sentence("«xor»", "py")]


@pytest.mark.parametrize(
    "pieces",
    [
        ["s>a>b>e"],
        ["s>xor>b[score > 3]>e", "xor>c>e2"],  # it never asks the form
        ["s>a>b>e", user("b", due="P3D", **{"approdo:reminders": "P2D,P1D"})],
        ["s>a>rule>e", task("businessRuleTask", "rule", mapped(inputs=(("score", "other"),)), decision="table")],
        ["s>a>xor>b[level.score > 3]>e", "xor>c[some score in known satisfies score > 3]>e2", "xor>d>e3"],
        ["s>a>xor>b[other > 3]>e", "xor>c[score > 3]>e2", '<exclusiveGateway id="xor" default="xor__c"/>'],
    ],
)  # fmt: skip
def test_what_nothing_depends_on_may_go(asked, pieces):
    with transaction() as db:
        publish(db, *pieces)

        assert lost(db) == []


# -- calls -------------------------------------------------------------------------------------------------------------


def test_what_a_called_pathway_looks_at_is_needed_too(asked):
    with transaction() as db:
        publish(db, "s>xor>b[score > 3]>e", "xor>c>e2", process="py")
        publish(db, "s>a>k>e", call("k", "py"))

        assert lost(db) == [sentence("«xor»", "py")]


def test_of_a_call_that_hands_over_what_it_names_the_name_here_counts(asked):
    with transaction() as db:
        publish(db, "s>xor>b[score > 3]>e", "xor>c>e2", process="py")
        publish(db, "s>a>k>e", call("k", "py", mapped(inputs=(("score", "other"),))))
        assert lost(db) == []

        publish(db, "s>a>k>e", call("k", "py", mapped(inputs=(("points", "score"),))))
        assert lost(db) == [sentence("«k»")]


def test_what_a_pathway_looks_at_that_calls_the_one_with_the_form_is_needed_too(asked):
    with transaction() as db:
        publish(db, "s>a>e", process="py")
        publish(db, "s>k>xor>b[score > 3]>e", "xor>c>e2", call("k", "py"))

        assert lost(db) == [sentence("«xor»")]


def test_of_a_call_that_takes_back_what_it_names_only_that_counts(asked):
    with transaction() as db:
        publish(db, "s>a>e", process="py")
        publish(db, "s>k>xor>b[score > 3]>e", "xor>c>e2", call("k", "py", mapped(("points", "other"))))
        assert lost(db) == []

        publish(db, "s>k>xor>b[score > 3]>e", "xor>c>e2", call("k", "py", mapped(("points", "score"))))
        assert lost(db) == [sentence("«k»")]


@pytest.mark.parametrize(
    ("pieces", "warned"),
    [
        (["s>y>xor>b[score > 3]>e", "xor>c>e2"], False),
        (["s>xor1>y[other > 1]>xor>b[score > 3]>e", "xor1>xor", "xor>c>e2"], True),
        (["s>part>xor>b[score > 3]>e", "xor>c>e2", sub("part", "s1>y>e3", user("y", form="f_y"))], True),
        (["s>y>e", user("y", form="f_y", due="duration(score)")], True),
        (["s>y>z>e", user("z", due="duration(score)")], False),
        (["s>y>e", boundary("t", "y", timer("duration(score)")), "t>e3"], True),
        (["s>y>e", on_event("o", when("score > 3"), "n>e4")], True),
        (["s>b>xor>d[score > 3]>e", "xor>c>e2", user("b", mapped(("score", "1")))], False),
        (["s>rule>xor>d[score > 3]>e", "xor>c>e2", task("businessRuleTask", "rule", decision="inner", result="score")], False),
    ],
)  # fmt: skip
def test_a_called_pathway_that_says_it_anew_before_it_looks_needs_nothing(asked, pieces, warned):
    with transaction() as db:
        table(db, Table([Column("other", "number")], [Column("n", "number")], ["- | 1"], id="inner"))
        publish(db, *pieces, *drawn(pieces, "y", user("y", form="f_y")), process="py")
        publish(db, "s>a>k>e", call("k", "py"))

        assert bool(lost(db)) == warned


@pytest.mark.parametrize(
    ("pieces", "warned"),
    [
        (["s>k>y>xor>b[score > 3]>e", "xor>c>e2"], False),
        (["s>y>k>xor>b[score > 3]>e", "xor>c>e2"], True),
        (["s>xor>k>e", "xor>b[score > 3]>e2"], False),  # it was asked before
        (["s>and>k>e", "and>xor>b[score > 3]>e2", "xor>c>e3"], True),  # nobody knows what is first
        (["s>k>e", on_event("o", when("score > 3"), "n>e4")], True),
        (["s>part>xor>b[score > 3]>e", "xor>c>e2", sub("part", "s1>k>e3", call("k", "py"))], True),
        (["s>part>y>xor>b[score > 3]>e", "xor>c>e2", sub("part", "s1>k>e3", call("k", "py"))], False),
        (["s>part>e", sub("part", "s1>k>e3", call("k", "py")), boundary("t", "part", when("score > 3")), "t>e4"], True),
    ],
)  # fmt: skip
def test_a_calling_pathway_needs_it_where_it_looks_after_the_call(asked, pieces, warned):
    with transaction() as db:
        publish(db, "s>a>e", process="py")
        publish(db, *pieces, *drawn(pieces, "y", user("y", form="f_y")), *drawn(pieces, "k", call("k", "py")))

        assert bool(lost(db)) == warned


# -- versions ----------------------------------------------------------------------------------------------------------


def test_what_a_version_to_come_looks_at_is_needed_from_its_day(asked):
    with transaction() as db:
        publish(db, "s>a>b>e")
        publish(db, *CHOICE, in_force_from=clock.now() + timedelta(days=3))

        assert lost(db) == [sentence("«xor», in una versione che varrà da 2026-08-14")]


def test_a_form_proposed_for_a_day_is_compared_with_what_will_be_in_force_then(asked):
    soon, paola = clock.now() + timedelta(days=3), asked.user_id("paola")
    with transaction() as db:
        formbook.publish_form(db, form("score", "more", "other"), "f_x", in_force_from=soon, by="u_lucia")
        publish(db, "s>a>b>e")
        publish(db, "s>a>b>e", user("b", due="duration(more)"), in_force_from=soon)
        draft = workshop.save(db, drafts.FORM, "f_x", form("score"), 0, by=paola)
        assert workshop.findings(db, drafts.FORM, "f_x", form("score")) == []

        for day, told in (("2026-08-13", []), ("2026-08-16", ["«b», in una versione che varrà da 2026-08-14"])):
            draft = workshop.propose(db, drafts.FORM, "f_x", draft.revision, "prova di un giorno", date.fromisoformat(day), by=paola)
            found = workshop.findings(db, drafts.FORM, "f_x", form("score"))
            assert [each.text for each in found] == [sentence(each, field="more") for each in told]
            draft = drafts.refuse(db, draft, "un altro giorno", by=paola)


def test_a_version_that_was_taken_back_needs_nothing(asked):
    with transaction() as db:
        publish(db, "s>a>b>e")
        registry.withdraw(db, publish(db, *CHOICE, in_force_from=clock.now() + timedelta(days=3)), by="u_lucia")

        assert lost(db) == []


def test_what_a_table_looks_at_from_a_day_on_is_needed_from_then(asked):
    with transaction() as db:
        table(db, Table([Column("other", "number")], TABLE.outputs, TABLE.rows, policy="FIRST"))
        publish(db, "s>a>rule>e", DECIDES)
        assert lost(db) == []

        table(db, in_force_from=clock.now() + timedelta(days=3))
        assert lost(db) == [sentence("la tabella «Tabella», in una versione che varrà da 2026-08-14")]


def test_an_older_version_needs_it_as_long_as_cases_run_on_it(asked):
    with transaction() as db:
        publish(db, *CHOICE)
        instances.start(db, "px", "C-1", "torino", {}, by="u_anna")
        publish(db, "s>a>b>e")
        assert lost(db) == [sentence("«xor», in una versione con casi in corso")]

        engine_office.do(db, "a", score=1)
        engine_office.do(db, "c")
        assert lost(db) == []


def test_a_called_pathway_keeps_its_older_version_too(asked):
    with transaction() as db:
        publish(db, *CHOICE, process="py")
        publish(db, "s>k>e", call("k", "py"))
        instances.start(db, "px", "C-1", "torino", {}, by="u_anna")
        publish(db, "s>a>b>e", process="py")

        assert lost(db) == [sentence("«xor», in una versione con casi in corso", "py")]


def test_what_is_in_force_is_named_before_what_was_and_will_be(asked):
    with transaction() as db:
        publish(db, *CHOICE)
        instances.start(db, "px", "C-1", "torino", {}, by="u_anna")
        publish(db, "s>a>b>e", user("b", due="duration(score)"))
        publish(db, *CHOICE, in_force_from=clock.now() + timedelta(days=3))

        assert lost(db) == [sentence("«b»")]


# -- what is shipped ---------------------------------------------------------------------------------------------------


def without(name: str, *keys: str) -> bytes:
    """A shipped form without some of its fields, and without the conditions that name them."""
    schema = json.loads((forms.FOLDER / f"{name}.json").read_bytes())
    return json.dumps(_kept(schema, keys)).encode()


def _kept(part: dict[str, Any], keys: tuple[str, ...]) -> dict[str, Any]:
    inner = [_kept(each, keys) for each in part.get("components", ()) if each.get("key") not in keys]
    kept = {name: value for name, value in part.items() if name != "conditional" or not any(key in str(value) for key in keys)}
    return kept | ({"components": inner} if "components" in part else {})


def test_a_field_without_which_the_risk_would_be_called_low_is_missed_by_name(office):
    danger = {"risk_level": "basso", "risk_severity": 5, "risk_likelihood": 5}
    with transaction() as db:
        assert (decisions.decide(db, "risk", danger), decisions.decide(db, "risk", {"risk_level": "basso"})) == ("imminente", "basso")

        found = formneeds.missed(db, without("risk_assessment", "risk_severity"), "risk_assessment")
        [brought] = importing.read(db, [("risk_assessment.json", without("risk_assessment", "risk_severity"))], {})
    assert [(each.element, each.level) for each in found] == [("risk_severity", "warning")]
    assert "«Livello di rischio»" in found[0].text
    assert [each for each in brought.found if each.element == "risk_severity"] == found


def test_a_field_that_a_pathway_decides_by_is_missed_by_name(office):
    with transaction() as db:
        found = formneeds.missed(db, without("contact_pickup", "pickup_outcome"), "contact_pickup")

    assert {(each.element, each.level) for each in found} == {("pickup_outcome", "warning")}


def test_what_triage_must_know_of_a_contact_is_missed_by_the_name_of_its_field(office):
    with transaction() as db:
        found = formneeds.missed(db, without("contact_call", "danger", "call_class", "note"), "contact_call")
        report = formneeds.missed(db, without("contact_report", "danger", "sender_contact"), "contact_report")

    told = {(each.params["model"], each.element, each.params["who"]) for each in found}
    assert told == {("Contatto e filtro", field, "Filtro del contatto") for field in ("danger", "call_class")}
    assert {(each.params["model"], each.element) for each in report} == {
        ("Segnalazione", "danger"), ("Segnalazione", "sender_contact"), ("Contatto e filtro", "danger")
    }  # fmt: skip


def test_what_is_said_beside_a_pathway_that_hears_of_it_is_missed_too(office):
    with transaction() as db:
        found = formneeds.missed(db, without("person_declined", "declined_on"), "person_declined")

    assert [(each.params["model"], each.element) for each in found] == [("Programma unico", "declined_on")]


def test_what_a_pathway_is_told_of_a_contact_is_called_as_it_is_said(office):
    given = {"danger": "si", "wants_out": "si", "minor": "si", "call_class": "pertinente", "reason": "consulenza", "province": "MI"}
    with transaction() as db:
        known = {part.key for part in formbook.read(db, "contact_call").fields} & pathways.CALLED.keys()
    assert known == given.keys()
    for field in given:
        with transaction() as db:
            formbook.publish_form(db, without("contact_call", field), "contact_call", by="u_lucia")
        code = office.meet("anna", **given).code
        with transaction() as db:
            [(instance, _)] = instances.open_instances(db, code)
            facts = instances.process_facts(instance)
        assert {name for name in known if facts[pathways.CALLED[name]] is None} == {field}


def test_every_datum_of_a_table_that_a_form_of_its_pathway_gives_is_missed(office):
    with transaction() as db:
        tables = {each.decision_id: decisions.looks_at(each) for each in decisions.newest(db)}
        for program in [registry.program(db, each.id) for each in registry.newest(db)]:
            needed = {name for node in program.nodes.values() for name in tables.get(node.decision or "", ())}
            for name in {node.form for node in program.nodes.values() if node.form}:
                gone = needed & {part.key for part in formbook.read(db, name).fields if part.is_fact}
                found = formneeds.missed(db, without(name, *gone), name)
                assert gone <= {each.element for each in found if each.params["model"] == program.name}, name


def test_no_shipped_form_is_warned_of_and_the_answer_comes_at_once(office):
    with transaction() as db:
        assert [each for name in forms.known() for each in formneeds.missed(db, without(name), name)] == []
        formneeds.missed(db, b'{"type": "default", "components": []}', "risk_assessment")

        begun = stopwatch.perf_counter()
        assert formneeds.missed(db, b'{"type": "default", "components": []}', "decision")
        assert stopwatch.perf_counter() - begun < 1  # some 40 ms
