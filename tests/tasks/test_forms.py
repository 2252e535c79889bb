import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InvalidForm, InvalidModel
from tasks import fields, forms, lists
from tasks.components import Form, Option
from tasks.forms import Paper

PLACE = {"key": "place", "type": "textfield", "label": "Luogo"}


def component(kind: str, key: str, **rest) -> dict[str, Any]:
    properties = {"label_en": "Label", "class": "P1", **rest.pop("properties", {})}
    return {"type": kind, "key": key, "label": "Etichetta", "properties": properties, **rest}


def options(*values: str) -> list[dict[str, Any]]:
    return [{"value": value, "label": value.title()} for value in values]


def schema(*components: dict[str, Any], **rest) -> str:
    return json.dumps({"type": "default", "schemaVersion": 19, "components": list(components), **rest})


def read(*components: dict[str, Any]) -> Form:
    form, findings = forms.parse(schema(*components), "test")
    assert form is not None
    assert [found.text for found in findings if found.level == "error"] == []
    return form


FACT, MUST = {"fact": "true"}, {"required": True}
INTAKE = (
    component("textfield", "code", validate={"required": True, "minLength": 4, "maxLength": 8, "pattern": "[A-Z]{2}"}),
    component("textfield", "mail", validate={"validationType": "email"}, properties={"class": "P2"}),
    component("textfield", "phone", validate={"validationType": "phone"}, properties={"class": "P2"}),
    component("textarea", "notes", properties={"class": "P3"}),
    component("number", "beds", decimalDigits=1, increment="0.5", validate={"min": 1, "max": "12"}, properties=FACT),
    component("datetime", "on", subtype="date", validate=MUST, properties=FACT | {"not_future": "true"}),
    component("datetime", "review_on", subtype="date", disallowPassedDates=True, properties=FACT),
    component("datetime", "at", subtype="datetime", properties=FACT),
    component("datetime", "hour", subtype="time"),
    component("radio", "level", values=options("low", "high"), validate=MUST, properties=FACT),
    component("checklist", "needs", values=options("health", "home"), properties={"class": "P3"}),
    component("checkbox", "told", properties=FACT),
    component("textarea", "plan", conditional={"hide": '=level != "high"'}, validate=MUST, properties={"class": "P4"}),
)  # fmt: skip
GOOD = {"code": "UM-7Q", "on": "2026-07-20", "level": "low"}


@pytest.fixture
def intake(time) -> Form:
    return read(*INTAKE)


def judge(form: Form, **typed) -> forms.Answers:
    return forms.answers(form, Paper(GOOD | typed))


def errors(form: Form, **typed) -> dict[str, list[str]]:
    with pytest.raises(InvalidForm) as refusal:
        judge(form, **typed)
    return refusal.value.errors


def test_answers_are_split_by_class_and_only_facts_go_on_to_the_pathway(intake):
    found = judge(intake, notes="Ha paura", mail="a@example.org", needs=["home"], told="true")

    assert found.by_class == {
        "P1": {"code": "UM-7Q", "on": "2026-07-20", "level": "low", "told": True},
        "P2": {"mail": "a@example.org"},
        "P3": {"notes": "Ha paura", "needs": ["home"]},
    }
    assert found.facts == {
        "beds": None,
        "on": "2026-07-20",
        "review_on": None,
        "at": None,
        "level": "low",
        "told": True,
    }


def test_a_fact_that_was_left_empty_is_null_so_that_a_second_round_forgets_the_first(intake):
    assert judge(intake, beds="2").facts["beds"] == 2
    assert judge(intake, beds="").facts["beds"] is None


@pytest.mark.parametrize(
    ("key", "typed", "sentence"),
    [
        ("code", "UM", "Almeno 4 caratteri"), ("code", "UM-7Q2K9X", "Al massimo 8 caratteri"),
        ("code", "um-7q", "Formato non valido"), ("mail", "anna", "posta"), ("mail", "a@b", "posta"),
        ("phone", "3401234567", "+39"), ("beds", "molti", "Numero"), ("beds", "NaN", "Numero"),
        ("beds", "1e9", "Numero"),
        ("beds", "0,5", "minimo è 1"), ("beds", "13", "massimo è 12"), ("beds", "1.3", "multiplo"),
        ("beds", "1,25", "decimali"), ("on", "2026-07-22", "futuro"), ("on", "ieri", "Data"),
        ("on", "2026-02-30", "Data"),
        ("on", "0206-01-01", "Data"), ("review_on", "2026-07-20", "passata"), ("level", "medium", "Scelta"),
        ("needs", ["health", "a\x0b"], "caratteri"),
        ("needs", ["health", "money"], "Scelta"), ("at", "2026-03-29T02:30", "Data o ora"), ("hour", "25:00", "Ora"),
        ("notes", "a\x00b", "caratteri"), ("notes", "\ud800", "caratteri"), ("notes", "x" * 10_001, "10000"),
    ],
)  # fmt: skip
def test_each_wrong_answer_has_a_sentence_of_its_own(intake, key, typed, sentence):
    wrong = errors(intake, **{key: typed})

    assert list(wrong) == [key]
    assert sentence in " ".join(wrong[key])


@pytest.mark.parametrize("key", ["code", "on", "level"])
def test_what_is_required_is_asked_for(intake, key):
    assert errors(intake, **{key: ""}) == {key: ["Campo obbligatorio"]}


def test_all_wrong_fields_are_named_at_once(intake):
    assert set(errors(intake, code="", on="x", beds="y")) == {"code", "on", "beds"}


def test_a_condition_shows_a_field_and_then_asks_for_it(intake):
    assert errors(intake, level="high") == {"plan": ["Campo obbligatorio"]}
    assert judge(intake, level="high", plan="Cambia telefono").by_class["P4"] == {"plan": "Cambia telefono"}


def test_what_was_typed_in_a_field_that_is_hidden_now_is_dropped(intake):
    assert "P4" not in judge(intake, plan="scritto prima").by_class


def test_hidden_fields_hide_in_turn_what_depends_on_them():
    form = read(
        component("checkbox", "a"),
        component("checkbox", "b", conditional={"hide": "=a != true"}),
        component("checkbox", "c", conditional={"hide": "=b != true"}),
    )

    assert forms.hidden(form, {"a": "", "b": "true", "c": "true"}) == {"b", "c"}
    assert forms.hidden(form, {"a": "true", "b": "true", "c": "true"}) == set()


def test_conditions_that_run_in_a_circle_hide_nothing():
    form = read(
        component("checkbox", "a", conditional={"hide": "=b = true"}),
        component("checkbox", "b", conditional={"hide": "=a != true"}),
    )

    assert forms.hidden(form, {"a": "true", "b": "true"}) == set()


def test_a_group_hides_everything_in_it():
    group = {
        "type": "group",
        "id": "g",
        "label": "Casa",
        "conditional": {"hide": "=home != true"},
        "properties": {"label_en": "Home"},
    }
    form = read(component("checkbox", "home"), group | {"components": [component("textfield", "street")]})

    assert forms.hidden(form, {"home": ""}) == {"street"}
    assert (form.components[1].group, form.components[1].group_in("en")) == ("Casa", "Home")


def test_a_limit_may_depend_on_another_answer():
    form = read(component("number", "beds"), component("number", "children", validate={"max": "=beds - 1"}))

    assert forms.answers(form, Paper({"beds": "3", "children": "2"})).by_class["P1"] == {"beds": 3, "children": 2}
    with pytest.raises(InvalidForm):
        forms.answers(form, Paper({"beds": "3", "children": "3"}))


def test_keys_that_are_not_in_the_form_are_ignored(intake):
    assert "role" not in json.dumps(judge(intake, role="admin", case_id="x").by_class)


def test_a_locked_field_is_not_read_from_the_browser():
    form = read(component("textfield", "code", readonly=True), component("textfield", "note"))

    assert forms.answers(form, Paper({"code": "forged", "note": "x"})).by_class == {"P1": {"note": "x"}}


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("12,5", "12.5"), ("12.5", "12.5"), ("1.234,5", "1234.5"), ("1 234", "1234"), ("-3", "-3"), ("٣", None),
        ("", None), ("1,2,3", None),
    ],
)  # fmt: skip
def test_numbers_are_read_as_italians_write_them(typed, found):
    assert fields.number(typed) == (None if found is None else Decimal(found))


@pytest.mark.parametrize("typed", ["2026-08-11", "11/08/2026", "11.8.2026", " 2026-08-11 "])
def test_days_are_read_as_browsers_send_them_and_as_people_write_them(typed):
    assert fields.day(typed) == date(2026, 8, 11)


def test_an_instant_is_read_on_the_clocks_of_rome(intake):
    assert judge(intake, at="2026-07-20T02:10").facts["at"] == "2026-07-20T02:10+02:00"
    assert judge(intake, at="20/07/2026 02:10").facts["at"] == "2026-07-20T02:10+02:00"


def test_an_hour_that_comes_twice_is_the_first_of_them(intake):
    assert str(fields.moment("2026-10-25T02:30")) == "2026-10-25 02:30:00+02:00"


@given(st.text(max_size=60))
def test_no_text_breaks_a_reader_of_numbers_days_or_hours(text):
    for parse in fields.PARSERS.values():
        parse(text)


def test_named_lists_give_the_options_of_today():
    form = read(component("select", "shelter", properties={"list": "free_shelters", "fact": "true"}))
    filled = forms.with_lists(form, lambda name: [Option("CS-7Q2K", f"{name}: CS-7Q2K")])

    assert forms.answers(filled, Paper({"shelter": "CS-7Q2K"})).facts == {"shelter": "CS-7Q2K"}
    with pytest.raises(InvalidForm):
        forms.answers(filled, Paper({"shelter": "CS-0000"}))


def test_sentences_come_in_the_language_of_the_reader(intake):
    with pytest.raises(InvalidForm) as refusal:
        forms.answers(intake, Paper({"code": "UM"}), translate=lambda words: f"en:{words}")

    assert refusal.value.errors["code"] == ["en:Almeno 4 caratteri"]
    assert refusal.value.errors["on"] == ["en:Campo obbligatorio"]


def test_answers_are_shown_again_with_labels_and_dates(intake):
    values = {
        "code": "UM-7Q",
        "on": "2026-07-20",
        "level": "low",
        "told": True,
        "at": "2026-07-20T02:10+02:00",
        "beds": 2.5,
    }
    shown = dict(zip(values, [words for _, words in forms.display(intake, values, "it")], strict=False))

    assert [words for _, words in forms.display(intake, values, "it")] == [
        "UM-7Q", "2,5", "20/07/2026", "20/07/2026 02:10", "Low", "Sì",
    ]  # fmt: skip
    assert len(shown) == 6


def test_what_was_typed_survives_a_round_trip_as_a_draft(intake):
    typed = forms.typed(intake, Paper(GOOD | {"needs": ["home"], "told": "true", "notes": " ciao "}))

    assert (typed["needs"], typed["told"], typed["notes"]) == (["home"], "true", "ciao")
    assert forms.typed(intake, Paper(typed)) == typed


# What a form may not contain


def found_in(*components: dict[str, Any], **rest) -> list[str]:
    return [
        found.text
        for found in forms.check(schema(*components, **rest), "test", lists={"posts"})
        if found.level == "error"
    ]


@pytest.mark.parametrize(
    ("part", "sentence"),
    [
        ({"type": "iframe", "id": "x", "url": "https://evil.example"}, "iframe"),
        ({"type": "html", "id": "x", "content": "<script>"}, "html"),
        ({"type": "dynamiclist", "id": "x", "path": "p", "components": []}, "dynamiclist"),
        ({"type": "group", "id": "x", "path": "p", "components": []}, "group"),
        (component("textfield", "a.b"), "una sola parola"),
        (component("textfield", "Nome"), "una sola parola"),
        (component("textfield", "a", conditional={"hide": "=other = 1"}), "non c'è"),
        (component("textfield", "a", conditional={"hide": "true"}), "cominciare con ="),
        (component("textfield", "a", conditional={"hide": "=1 +"}), "non è valida"),
        (component("textfield", "a", conditional={"hide": '=__import__("os")'}), "non è valida"),
        (component("select", "a", valuesKey="x"), "scelte"),
        (component("select", "a", values=[]), "scelte"),
        (component("select", "a", properties={"list": "nomi"}), "non esiste"),
        (component("textfield", "a", validate={"pattern": "("}), "regolare"),
        (component("textfield", "a", validate={"pattern": "(a+)+$"}), "complessa"),
        (component("textfield", "a", validate={"pattern": "(x(a|b)y)*"}), "complessa"),
        (component("textfield", "a", validate={"pattern": "a*a*a*b"}), "complessa"),
        (component("number", "a", validate={"min": "tre"}), "non è un numero"),
        (component("textfield", "a", properties={"class": "P9"}), "P9"),
        (component("textfield", "a", properties=FACT), "percorso"),
        (component("radio", "a", values=options("x"), properties={"fact": "true", "class": "P3"}), "percorso"),
        (component("datetime", "a", subtype="week"), "week"),
        ({"type": "text", "id": "t", "text": "Ciao {{name}}"}, "{{"),
        ({"type": "textfield", "key": "a", "label": ""}, "etichetta"),
        ("text", "componente"),
    ],
)  # fmt: skip
def test_what_a_form_may_not_contain_is_said_in_words(part, sentence):
    assert sentence in " ".join(found_in(part))


def test_a_key_used_twice_is_found():
    assert "due volte" in " ".join(found_in(component("textfield", "a"), component("textarea", "a")))


@pytest.mark.parametrize(
    "text", ["", "[]", "{", "null", '{"type":"other"}', '{"type":"default","components":{}}', "[" * 100_000]
)
def test_what_is_no_form_at_all_is_told_so(text):
    assert forms.check(text, "test") != []


def test_a_form_of_a_newer_editor_is_refused():
    content = json.dumps({"type": "default", "schemaVersion": 20, "components": []})

    assert "più recente" in forms.check(content, "test")[0].text


def test_a_label_without_english_is_a_warning():
    found = forms.check(schema({"type": "textfield", "key": "a", "label": "Nome"}), "test")

    assert [each.level for each in found] == ["warning"]


@pytest.mark.parametrize("name", ["no_such_form", "../secrets", "Placement", ""])
def test_a_form_that_is_not_there_is_refused(name):
    with pytest.raises(InvalidModel):
        forms.read(name)


NAMES = "type key components values validate properties conditional label hide pattern id min path".split()
LEAVES = st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from(["group", "radio", "=x"])


def nested(inner: st.SearchStrategy) -> st.SearchStrategy:
    return st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=6)


@given(st.recursive(LEAVES, nested, max_leaves=30))
def test_no_json_makes_the_check_fall_over(value):
    forms.check(json.dumps({"type": "default", "components": [value]}), "test")


# The forms that are shipped


@pytest.mark.parametrize("name", sorted(forms.known()))
def test_every_shipped_form_is_clean_and_bilingual(name):
    findings = forms.check((forms.FOLDER / f"{name}.json").read_bytes(), name, lists=lists.known())

    assert [(found.element, found.text) for found in findings] == []
