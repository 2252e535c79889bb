"""The letters of the house: what a template may ask, and what the register fills in."""

import json
from datetime import date
from string import Template

import pytest

from cases import casefile, documents, persons, posts, sheets
from core import log
from core.db import transaction
from core.errors import InvalidForm, NotYours
from tasks import formbook, forms, letters
from tests.tasks.conftest import Office

EVERY_LETTER = pytest.mark.parametrize("letter", letters.known().values(), ids=lambda letter: letter.key)


@EVERY_LETTER
def test_a_template_asks_only_for_what_can_be_told_and_never_where_the_person_lives(letter):
    asked = set(Template(letter.text).get_identifiers())

    assert asked <= letters.PLACES
    assert letter.name_en
    assert letter.source
    assert letter.cls in {"P2", "P3", "P5"}
    assert letter.asked_in in forms.known()
    assert "struttura di accoglienza" not in letter.text.lower()


@pytest.fixture
def sheltered(office: Office) -> str:
    code = office.sheltered()
    with transaction() as db:
        posts.name_referent(
            db, "MI", {"office": "Ufficio Immigrazione", "name": "Ufficio referente", "valid_from": date(2026, 1, 1)}, by="cli"
        )
        persons.record(db, code, {"first_name": "Blessing", "last_name": "Osagie", "birth_date": "1999-05-12"}, by="cli")
    return code


def draft(office: Office, code: str, key: str = "questore_attestato", login: str = "elena") -> str:
    with transaction() as db:
        actor = office.actor_in(db, login)
        case, letter = letters.find(db, actor, code, key)
        return letters.draft(db, actor, case, letter)


def test_what_the_register_knows_is_filled_in_and_the_rest_stays_a_line(office, sheltered):
    text = draft(office, sheltered)

    assert "Blessing Osagie" in text
    assert "12/05/1999" in text
    assert "Al Questore di Milano" in text
    assert "Ufficio Immigrazione: Ufficio referente" in text
    assert "dal 11/08/2026" in text
    assert "cittadinanza: ________" in text
    assert "presso la sede legale" in text
    assert "$" not in text


def test_a_form_that_no_longer_asks_for_indicators_leaves_their_line_empty(office, sheltered):
    schema = json.loads((forms.FOLDER / "indicators.json").read_bytes())
    gone = {"indicators", "indicators_other"}
    schema["components"] = [part for part in schema["components"] if part.get("key") not in gone]
    with transaction() as db:
        version = formbook.publish_form(db, json.dumps(schema).encode(), "indicators", by="u_lucia").sha
        answers = {"P3": {"indicators_notes": "x"}}
        sheets.file(db, sheltered, "indicators", answers, schema_version=version, by=office.actor_in(db, "elena").user_id)

    written = [key for key, letter in letters.known().items() if "indicatori" in Template(letter.text).get_identifiers()]
    assert written
    assert all(draft(office, sheltered, key) for key in written)


def test_preparing_a_letter_is_a_reading_and_leaves_a_line(office, sheltered):
    draft(office, sheltered)

    with transaction() as db:
        assert "case.viewed" in {line.verb for line in log.lines(db, case=sheltered)}


def test_a_letter_is_kept_sealed_and_read_only_by_who_may(office, sheltered):
    with transaction() as db:
        letters.write(db, office.actor_in(db, "elena"), sheltered, "questore_attestato", "Cara Questura, Blessing")
    with transaction() as db:
        elena, case = office.actor_in(db, "elena"), casefile.get(db, sheltered)
        (kept,) = documents.list_(db, elena, case)
        assert b"Blessing" not in kept.sealed
        assert documents.read(db, elena, case, kept.id)[1] == "Cara Questura, Blessing"
        assert "Blessing" not in "".join(line.body for line in log.lines(db, case=sheltered, limit=500))
        with pytest.raises(NotYours):
            letters.find(db, office.actor_in(db, "oscar"), sheltered, "questore_attestato")
        with pytest.raises(NotYours):
            letters.find(db, office.actor_in(db, "marta"), sheltered, "questore_attestato")


@pytest.mark.parametrize("text", ["", "  \n ", "x" * 30_001])
def test_an_empty_or_endless_letter_is_refused_beside_the_field(office, sheltered, text):
    with transaction() as db, pytest.raises(InvalidForm) as refusal:
        letters.write(db, office.actor_in(db, "elena"), sheltered, "questore_attestato", text)

    assert set(refusal.value.errors) == {"text"}
