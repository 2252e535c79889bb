"""Bodies of the directory: versions, the check of who and when, search, what is shipped."""

from datetime import date
from pathlib import Path

import pytest

from cases import bodies
from core import clock
from core.errors import InvalidForm, NotYours

TEXT = (Path(__file__).parents[2] / "workflows" / "bodies.toml").read_text()
COURT = {
    "kind": "tribunale", "name": "Tribunale di prova, sezione immigrazione", "role": "Ricorsi", "provinces": ["BG", "BS"],
    "phone": "035 000 000", "mail": "ricorsi@tribunale.example", "pec": "ricorsi@pec.tribunale.example",
    "availability": "Lunedì e giovedì, dalle 9 alle 12", "source": "Sito del tribunale", "valid_from": date(2026, 1, 1),
}  # fmt: skip


def test_a_change_is_a_new_version_and_the_old_one_stays(db, time, said):
    first = bodies.write(db, None, COURT, by="u_c")
    assert bodies.write(db, first.code, COURT, by="u_c") is first
    bodies.write(db, first.code, {**COURT, "phone": "035 111 111", "valid_from": date(2026, 8, 1)}, by="u_d")

    assert [(old.version, old.phone, old.written_by) for old in bodies.history(db, first.code)] == [
        (2, "035 111 111", "u_d"), (1, "035 000 000", "u_c"),
    ]  # fmt: skip
    assert [body.version for body in bodies.list_(db)] == [2]
    assert said(f"body:{first.code}") == ["body.written", "body.written"]
    with pytest.raises(NotYours):
        bodies.get(db, "none")


def test_a_check_says_who_when_and_by_what_and_is_stale_after_the_months_of_the_office(db, time):
    body = bodies.write(db, None, COURT, by="u_c")
    assert body.is_stale(clock.today(), 12)
    checked = bodies.verify(db, body.code, "Telefonata alla cancelleria", by="u_d")

    assert (checked.verified_on, checked.verified_by, checked.source) == (
        date(2026, 7, 21), "u_d", "Telefonata alla cancelleria",
    )  # fmt: skip
    assert [checked.is_stale(day, 12) for day in (date(2027, 7, 21), date(2027, 7, 22))] == [False, True]
    moved = bodies.write(db, body.code, {**COURT, "source": checked.source, "verified_on": checked.verified_on, "phone": "035 2"}, by="u_e")
    assert moved.verified_by == "u_d", "whoever changes the number has not checked anew"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"kind": "ditta"}, "kind"),
        ({"name": " "}, "name"),
        ({"source": ""}, "source"),
        ({"mail": "senza chiocciola"}, "mail"),
        ({"pec": "a@b@c"}, "pec"),
        ({"phone": "chiedere a Rosa"}, "phone"),
        ({"provinces": ["QQ"]}, "provinces"),
        ({"valid_from": None}, "valid_from"),
        ({"valid_to": date(2025, 1, 1)}, "valid_to"),
        ({"verified_on": date(2027, 1, 1)}, "verified_on"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field(db, time, wrong, field):
    with pytest.raises(InvalidForm) as refusal:
        bodies.write(db, None, {**COURT, **wrong}, by="u_c")

    assert set(refusal.value.errors) == {field}


def test_a_body_is_found_by_words_kind_and_province(db, time):
    bodies.write(db, None, COURT, by="u_c")
    bodies.write(db, None, {**COURT, "kind": "autorita", "name": "Dipartimento per le libertà civili", "provinces": []}, by="u_c")

    assert [body.kind for body in bodies.search(db, words="LIBERTA dipartimento")] == ["autorita"]
    assert [body.kind for body in bodies.search(db, kind="tribunale")] == ["tribunale"]
    assert {body.kind for body in bodies.search(db, province="BG")} == {"autorita", "tribunale"}
    assert {body.kind for body in bodies.search(db, province="PA")} == {"autorita"}
    assert bodies.search(db, words="questura") == []


def test_what_is_shipped_are_national_offices_with_a_source_that_nobody_here_has_checked(db, time):
    shipped = bodies.load(db, TEXT, by="deploy")

    assert {"dps", "dpo", "cnda", "inl"} <= {body.code for body in shipped}
    assert all(body.kind == "autorita" or body.phone for body in shipped)
    assert all(body.source and body.verified_on is None and not body.provinces for body in shipped)
    assert not any(body.mail for body in shipped)


def test_loading_again_changes_nothing_and_what_people_wrote_stays(db, time):
    bodies.load(db, TEXT, by="deploy")
    bodies.load(db, TEXT, by="deploy")
    assert {body.version for body in bodies.list_(db)} == {1}

    body = bodies.get(db, "inl")
    facts = {name: getattr(body, name) for name in bodies.FACTS} | {"phone": "06 000 000"}
    bodies.write(db, "inl", facts, by="u_c")
    bodies.load(db, TEXT.replace("Ispettorato nazionale", "Altro ispettorato"), by="deploy")
    assert (bodies.get(db, "inl").phone, bodies.get(db, "inl").version) == ("06 000 000", 2)
    bodies.load(db, TEXT.replace("Dipartimento della pubblica", "Dipartimento di pubblica"), by="deploy")
    assert bodies.get(db, "dps").version == 2
