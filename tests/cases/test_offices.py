"""Offices: closed days as data, brought by the file, kept by coordinators, and what they do to a date."""

from datetime import date
from pathlib import Path

import pytest

from cases import offices, terms
from core import calendar
from core.errors import BadInput, InvalidForm, NotYours, WrongOrder
from tests.core.test_calendar import OFFICES

TOML = (Path(__file__).parents[2] / "workflows" / "offices.toml").read_text()


@pytest.fixture
def known(db, time):
    """The offices as shipped."""
    return offices.load(db, TOML, by="deploy")


def closes(db, code, day):
    office = offices.calendar_of(db, code)
    assert isinstance(office, calendar.Office)
    return office.is_closed(day if isinstance(day, date) else date.fromisoformat(day))


@pytest.mark.parametrize("province", OFFICES)
def test_every_office_of_the_table_closes_on_its_patrons_day(db, known, province):
    month, day = OFFICES[province]

    assert [on for on in map(date.fromordinal, range(739617, 739982)) if closes(db, province, on)] == [
        date(2026, month, day)
    ]


def test_bolzano_closes_on_whit_monday(db, known):
    assert closes(db, "bolzano", "2026-05-25")
    assert not closes(db, "bolzano", "2027-05-25")


@pytest.mark.parametrize("typed", ["milano", "MILANO", " Milano ", "MI", "mi"])
def test_an_office_is_found_by_town_or_province(db, known, typed):
    assert offices.find(db, typed).code == "milano"


def test_the_apostrophe_of_a_town_does_not_matter(db, known):
    assert {offices.find(db, typed).code for typed in ("L'Aquila", "laquila", "AQ")} == {"laquila"}


@pytest.mark.parametrize("typed", ["Atlantide", "", "ZZ", "' or 1=1"])
def test_an_unknown_office_is_refused_in_one_sentence(db, known, typed):
    with pytest.raises(BadInput, match="Sede sconosciuta"):
        offices.find(db, typed)


def test_a_province_without_an_office_is_known_by_the_library(db, known):
    assert offices.calendar_of(db, "BL") == "BL"
    assert calendar.last_working_day(date(2026, 11, 11), offices.calendar_of(db, "BL")) == date(2026, 11, 10)


def test_loading_twice_changes_nothing_and_never_undoes_what_people_did(db, known, said):
    patron = offices.days(db, "milano")[0]
    offices.end_day(db, "milano", patron.id, None, by="u_paola")
    before = said("office:milano")

    offices.load(db, TOML, by="deploy")
    assert said("office:milano") == before == ["office.added", "office.day_added", "office.day_ended"]
    assert offices.days(db, "milano") == []


def test_a_closure_moves_the_last_working_day_and_never_the_term(db, known):
    days = {"kind": "closure", "valid_from": date(2026, 10, 1), "valid_to": date(2026, 10, 2)}
    offices.add_day(db, "milano", {**days, "note": "trasloco"}, by="u_paola")
    found = calendar.compute(
        "ACT",
        calendar.Length(10, "day"),
        date(2026, 9, 22),
        calendar=calendar.Calendar(office=offices.calendar_of(db, "milano")),
    )

    assert (found.due, found.last_working_day) == (date(2026, 10, 2), date(2026, 9, 30))


def test_in_rome_29_june_moves_a_term_too_and_only_while_the_office_keeps_it(db, known, law):
    rome = offices.days(db, "roma")[0]
    act = calendar.Length(10, "day")

    def due():
        where = calendar.Calendar(office=offices.calendar_of(db, "roma"))
        return calendar.compute("ACT", act, date(2026, 6, 19), calendar=where)

    assert (due().due, due().last_working_day) == (date(2026, 6, 30), date(2026, 6, 30))
    offices.end_day(db, "roma", rome.id, date(2025, 12, 31), by="u_paola")
    assert (due().due, due().last_working_day) == (date(2026, 6, 29), date(2026, 6, 29))
    assert terms.compute(terms.on(db, "T01", date(2026, 5, 15)), date(2026, 5, 15)).due == date(2026, 6, 29)


def test_a_day_is_ended_once_and_only_in_its_own_office(db, known):
    patron = offices.days(db, "milano")[0]

    with pytest.raises(NotYours):
        offices.end_day(db, "torino", patron.id, None, by="u_paola")
    offices.end_day(db, "milano", patron.id, None, by="u_paola")
    with pytest.raises(WrongOrder):
        offices.end_day(db, "milano", patron.id, None, by="u_paola")


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"kind": "party"}, "kind"),
        ({"kind": "yearly", "month": 2, "day": 30}, "day"),
        ({"kind": "yearly"}, "day"),
        ({"kind": "closure", "valid_from": date(2026, 8, 1)}, "valid_from"),
        ({"kind": "closure", "valid_from": date(2026, 8, 2), "valid_to": date(2026, 8, 1)}, "valid_to"),
        ({"kind": "june29", "note": "x" * 81}, "note"),
        ({"kind": "yearly", "month": 12, "day": 7}, "kind"),
    ],
)
def test_a_day_that_makes_no_sense_or_is_there_already_is_refused_beside_its_field(db, known, facts, field):
    with pytest.raises(InvalidForm) as refused:
        offices.add_day(db, "milano", facts, by="u_paola")

    assert list(refused.value.errors) == [field]
