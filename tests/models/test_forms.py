"""The forms: clean, in both languages, and asking no more than the law or somebody's safety needs."""

from pathlib import Path

import pytest

from cases import codes
from core.errors import InvalidForm
from tasks import forms, lists
from tasks.components import Component, Form, Option
from tasks.forms import Paper, answers, check, hidden, read, typed, with_lists

FOLDER = Path(__file__).parents[2] / "workflows" / "forms"
NAMES = sorted(path.stem for path in FOLDER.glob("*.json"))
# Words that would tell a reader over the shoulder, or a printer, where a shelter is.
PLACES = ("indirizzo", "via e numero", "address")


def a_form(name: str) -> Form:
    """The form, its named lists filled with an invented entry each."""
    return with_lists(read(name), lambda _: [Option("it", "italiano", "Italian"), Option("X1", "X1", "X1")])


def field(name: str, key: str) -> Component:
    return next(part for part in a_form(name).fields if part.key == key)


def wrong(name: str, **given: object) -> set[str]:
    """The fields that are refused."""
    try:
        answers(a_form(name), Paper(given))
    except InvalidForm as refusal:
        return set(refusal.errors)
    return set()


@pytest.mark.parametrize("name", NAMES)
def test_the_form_has_no_finding_not_even_a_missing_english_text(name: str) -> None:
    assert check((FOLDER / f"{name}.json").read_bytes(), name, lists.known()) == []


@pytest.mark.parametrize("name", NAMES)
def test_what_goes_on_to_the_pathway_is_operational_and_never_text(name: str) -> None:
    facts = [part for part in a_form(name).fields if part.is_fact]

    assert [part.key for part in facts if part.cls != "P1" or part.type in ("textfield", "textarea")] == []


@pytest.mark.parametrize("name", NAMES)
def test_help_texts_are_in_english_too(name: str) -> None:
    assert [p.key for p in read(name).components if p.description and not p.properties.get("description_en")] == []
    assert [p.key for p in read(name).components if p.group and not p.properties.get("group_en")] == []


@pytest.mark.parametrize("name", NAMES)
def test_no_field_asks_where_the_shelter_is(name: str) -> None:
    asked = [part.label.lower() for part in a_form(name).fields]

    assert [label for label in asked if any(word in label for word in PLACES)] == []


@pytest.mark.parametrize(
    ("name", "key", "codelist"),
    [
        ("contact_pickup", "pickup_outcome", codes.PICKUP_OUTCOMES),
        ("risk_assessment", "risk_level", codes.RISK_LEVELS),
        ("questore_communication", "communication_channel", codes.SENDING_CHANNELS),
        ("questore_communication", "consent_way", codes.CONSENT_WAYS),
        ("decision", "decision_by", codes.STATUS_DECIDERS),
    ],
)
def test_choices_speak_the_codes_of_the_register(name: str, key: str, codelist: codes.CodeList) -> None:
    assert {option.value for option in field(name, key).options} == codes.codes_of(codelist)


def test_the_indicators_are_the_34_of_the_annex() -> None:
    assert len(field("indicators", "indicators").options) == 34


def test_a_hurried_pick_up_needs_two_answers() -> None:
    assert wrong("contact_pickup", pickup_at="2026-08-11T04:30", pickup_outcome="case") == set()
    assert wrong("contact_pickup") == {"pickup_at", "pickup_outcome"}


def test_the_shelter_is_asked_only_of_those_who_go_to_one() -> None:
    assert wrong("placement", placement_kind="struttura", placed_on="2026-08-11") == {"shelter"}
    assert wrong("placement", placement_kind="domicilio_proprio", placed_on="2026-08-11") == set()


def test_the_information_duty_is_not_done_until_every_right_was_explained() -> None:
    given: dict[str, object] = {
        "information_on": "2026-08-13",
        "information_language": "it",
        "leaflet_version": "X1",
        "understood": "si",
        "topic_reflection": True,
        "topic_permit": True,
        "topic_protection": True,
        "topic_refusal": True,
    }

    assert wrong("information_duty", **given) == set()
    assert wrong("information_duty", **(given | {"topic_protection": False})) == {"topic_protection"}
    assert wrong("information_duty", **(given | {"information_mediator": True})) == {"information_mediator_code"}


def test_a_mediator_is_a_code_and_not_a_name() -> None:
    assert "information_mediator_code" in wrong(
        "information_duty", information_mediator=True, information_mediator_code="Anna Verdi"
    )


def test_without_an_answer_on_the_consent_nothing_of_the_communication_is_asked() -> None:
    form = a_form("questore_communication")

    gone = hidden(form, typed(form, Paper({"communication_basis": "none"})))

    assert {"consent_on", "legal_reason", "communication_on", "communication_channel", "protocol"} <= gone
    assert "no_communication_reason" not in gone


def test_a_communication_with_consent_needs_its_evidence() -> None:
    needed = {"consent_by", "consent_on", "consent_language", "consent_text_version", "consent_way"}

    assert needed <= wrong("questore_communication", communication_basis="consent")
    assert not needed & wrong("questore_communication", communication_basis="legal_reason")


def test_a_legal_reason_is_a_choice_and_words() -> None:
    missing = wrong("questore_communication", communication_basis="legal_reason")

    assert {"legal_reason", "legal_reason_on", "legal_reason_words"} <= missing


def test_an_attestato_that_was_not_issued_needs_no_number() -> None:
    assert wrong("attestato", attestato_outcome="prints_declined") == set()
    assert {"attestato_on", "cui", "number"} <= wrong("attestato", attestato_outcome="issued")


def test_what_is_hidden_reaches_the_pathway_as_unknown() -> None:
    found = answers(a_form("attestato"), Paper({"attestato_outcome": "not_issued", "attestato_on": "2026-08-20"}))

    assert found.facts == {"attestato_outcome": "not_issued", "attestato_on": None}


def test_saying_no_needs_nothing_but_the_day() -> None:
    assert wrong("person_declined", declined_on="2026-08-11") == set()


def test_every_form_is_found_by_its_name() -> None:
    assert forms.known() == frozenset(NAMES)
