"""Internships and work: how long the rules allow, month by month, and a host who never learns of the programme."""

from datetime import date
from pathlib import Path

import pytest

from cases import deadlines, internships, terms
from cases.internships import Agreement
from core.errors import InvalidForm, NotYours, WrongOrder

TEXT = (Path(__file__).parents[2] / "workflows" / "terms.toml").read_text()
TIS = Agreement("tis", date(2027, 3, 1), date(2027, 8, 31), weekly_hours=25, allowance=600, payer="ente", insured=True)
WORDS = {"promoter": "Agenzia Ponte Formazione", "host": "Forno Rosa", "tutor": "Rita", "profile": "Aiuto fornaia"}


@pytest.fixture
def law(db, time):
    time.at("2027-02-20 12:00")
    return terms.load(db, TEXT, by="cli")


@pytest.fixture
def tis(db, a_case, law):
    return internships.begin(db, a_case.code, TIS, WORDS, by="u_anna")


def open_terms(db, case):
    return {d.term_id: d.due_on for d in deadlines.of_case(db, case.code, only_open=True)}


def test_an_inclusion_internship_may_last_two_years_and_the_limit_is_watched(db, a_case, tis):
    assert open_terms(db, a_case) == {"T50": date(2029, 3, 1)}


@pytest.mark.parametrize(
    ("kind", "last", "beyond"),
    [
        ("extracurricolare", date(2028, 3, 1), date(2028, 3, 2)),
        ("tis", date(2029, 3, 1), date(2029, 3, 2)),
    ],
)
def test_longer_than_the_rule_of_its_kind_is_refused_with_the_rule(db, a_case, law, kind, last, beyond):
    with pytest.raises(InvalidForm) as refused:
        internships.begin(db, a_case.code, Agreement(kind, date(2027, 3, 1), beyond), WORDS, by="u_anna")
    assert "T50" in str(refused.value.errors["work_to"])

    assert internships.begin(db, a_case.code, Agreement(kind, date(2027, 3, 1), last), WORDS, by="u_anna").to_on == last


@pytest.mark.parametrize(
    ("agreed", "words", "field"),
    [
        (Agreement("tis", date(2027, 3, 1)), WORDS, "work_to"),
        (Agreement("tis", date(2027, 3, 1), date(2027, 2, 28)), WORDS, "work_to"),
        (Agreement("tis", date(2027, 3, 1), date(2027, 8, 31), weekly_hours=61), WORDS, "weekly_hours"),
        (Agreement("tis", date(2027, 3, 1), date(2027, 8, 31), payer="zio"), WORDS, "allowance_payer"),
        (Agreement("tis", date(2027, 3, 1), date(2027, 8, 31)), {}, "promoter"),
        (Agreement("volontariato", date(2027, 3, 1)), WORDS, "work_kind"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field(db, a_case, law, agreed, words, field):
    with pytest.raises(InvalidForm) as refused:
        internships.begin(db, a_case.code, agreed, words, by="u_anna")

    assert field in refused.value.errors


@pytest.mark.parametrize(
    "name",
    [
        "Progetto Antitratta",
        "Rete anti-tratta",
        "Ufficio tratta",
        "Sportello vittime",
        "Programma art. 18",
        "Centro antiviolenza",
    ],
)
def test_a_promoter_whose_name_tells_the_programme_is_refused(db, a_case, law, name):
    with pytest.raises(InvalidForm) as refused:
        internships.begin(db, a_case.code, TIS, WORDS | {"promoter": name}, by="u_anna")

    assert "promoter" in refused.value.errors


def test_an_open_ended_contract_needs_no_end_and_no_promoter(db, a_case, law):
    made = internships.begin(
        db, a_case.code, Agreement("contratto", date(2027, 9, 6)), {"host": "Forno Rosa"}, by="u_anna"
    )

    assert (made.to_on, open_terms(db, a_case)) == (None, {})


def test_the_host_is_given_the_neutral_name_and_nothing_of_the_case(db, a_case, tis):
    given = internships.for_the_host(db, tis)

    assert given["promoter"] == "Agenzia Ponte Formazione"
    assert not {a_case.code, a_case.post, tis.id} & {str(value) for value in given.values()}
    assert "case_code" not in given


def test_names_of_host_and_tutors_are_sealed(db, tis):
    assert b"Forno" not in tis.sealed
    assert internships.words(db, tis)["host"] == "Forno Rosa"


def test_months_are_written_once_and_corrected_in_place(db, a_case, tis, time):
    time.at("2027-04-30 12:00")
    for day, hours in ((date(2027, 3, 31), 100), (date(2027, 4, 30), 90), (date(2027, 3, 15), 104)):
        internships.month(db, a_case.code, tis.id, day, hours, by="u_anna")

    assert [(m.month, m.hours) for m in internships.months(db, tis.id)] == [
        (date(2027, 3, 1), 104),
        (date(2027, 4, 1), 90),
    ]


@pytest.mark.parametrize("day", [date(2027, 2, 28), date(2027, 6, 1)])
def test_a_month_before_the_beginning_or_to_come_is_refused(db, a_case, tis, time, day):
    time.at("2027-05-02 12:00")

    with pytest.raises(InvalidForm):
        internships.month(db, a_case.code, tis.id, day, 10, by="u_anna")


def test_an_end_meets_the_limit_and_makes_room_for_the_next(db, a_case, tis, time):
    with pytest.raises(WrongOrder):
        internships.begin(db, a_case.code, TIS, WORDS, by="u_anna")
    time.at("2027-08-31 12:00")
    internships.end(db, a_case.code, tis.id, date(2027, 8, 31), "assunzione", by="u_anna")

    assert open_terms(db, a_case) == {}
    with pytest.raises(WrongOrder):
        internships.month(db, a_case.code, tis.id, date(2027, 8, 31), 10, by="u_anna")
    assert internships.begin(db, a_case.code, Agreement("contratto", date(2027, 9, 6)), {}, by="u_anna").outcome is None


def test_an_internship_of_another_case_does_not_exist(db, tis):
    with pytest.raises(NotYours):
        internships.find(db, "F-222222", tis.id)
