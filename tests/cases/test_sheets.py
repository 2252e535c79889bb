"""Sheets: every answer in its class, every version kept."""

from datetime import date

import pytest

from cases import sheets
from core import vault
from core.errors import BadInput, Unreadable

CLASSES = frozenset(sheets.CLASSES)


def test_choices_and_dates_stay_readable_and_words_are_sealed_whatever_their_class(db, a_case):
    answers = {
        "P1": {"level": "alto", "on": date(2026, 7, 21), "needs": ["casa", "salute"], "where": "Via del Roseto"},
        "P3": {"story": "debito di 30.000 euro", "oath": True},
    }
    sheet = sheets.file(db, a_case.code, "risk_assessment", answers, by="u_anna")

    assert sheet.public == {"level": "alto", "on": "2026-07-21", "needs": ["casa", "salute"]}
    opened = sheets.unseal(db, [sheet], CLASSES)[sheet.id]
    assert opened == {"P1": {"where": "Via del Roseto"}, "P3": {"story": "debito di 30.000 euro", "oath": True}}


@pytest.mark.parametrize("words", ["Fatima", "3331234567", "Bergamo", "fatima osei", "via Roma, 3", "a" * 60, "+39333"])
def test_what_a_person_wrote_is_not_taken_for_a_code(db, a_case, words):
    sheet = sheets.file(db, a_case.code, "any", {"P1": {"field": words}}, by="u_anna")

    assert sheet.public == {}
    assert sheets.unseal(db, [sheet], CLASSES)[sheet.id] == {"P1": {"field": words}}


@pytest.mark.parametrize("code", ["alto", "25-34", "35+", "UM-7Q2K", "BG", "2026-08-20", "2026-08-11T04:30:00+02:00"])
def test_codes_are_readable_for_lists_and_filters(db, a_case, code):
    assert sheets.file(db, a_case.code, "any", {"P1": {"field": code}}, by="u_anna").public == {"field": code}


def test_a_correction_is_a_new_version_and_the_old_one_stays(db, a_case):
    for level in ("alto", "medio"):
        sheets.file(db, a_case.code, "risk_assessment", {"P1": {"level": level}}, by="u_anna")

    assert [sheet.version for sheet in sheets.list_(db, a_case.code)] == [2, 1]
    newest = sheets.latest(db, a_case.code, "risk_assessment")
    assert newest
    assert newest.public == {"level": "medio"}
    assert sheets.latest(db, a_case.code, "placement") is None


def test_a_part_moved_to_another_sheet_does_not_open(db, a_case):
    one, two = (sheets.file(db, a_case.code, "any", {"P3": {"x": n}}, by="u_anna") for n in (1, 2))
    db.get_one(sheets.SheetPart, (two.id, "P3")).sealed = db.get_one(sheets.SheetPart, (one.id, "P3")).sealed

    with pytest.raises(Unreadable):
        sheets.unseal(db, [two], CLASSES)


def test_a_sheet_of_a_contact_is_sealed_with_the_contact(db, a_call):
    sheet = sheets.file(db, a_call.code, "contact_pickup", {"P3": {"note": "Arrivata alle 4"}}, by="u_luca")

    assert sheet.scope == f"contact:{a_call.code}"
    assert sheet.code == a_call.code
    vault.destroy(db, sheet.scope, by="cli")
    with pytest.raises(Exception, match="cancellati"):
        sheets.unseal(db, [sheet], CLASSES)


def test_a_class_that_does_not_exist_is_refused(db, a_case):
    with pytest.raises(BadInput):
        sheets.file(db, a_case.code, "any", {"P9": {"x": 1}}, by="u_anna")
