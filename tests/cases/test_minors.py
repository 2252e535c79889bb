"""Minors in the register: houses, guardian and child, the age, the birthday."""

from datetime import date

import pytest

from cases import casefile, consents, minors, persons, shelters, terms
from core import log
from core.errors import InvalidForm, WrongOrder

DAY = date(2026, 7, 10)
LAW = """
[[term]]
id = "T30"
name = "Identificazione"
source = "art. 19 c. 1 D.lgs. 142/2015"
length = 10
unit = "day"
kind = "ACT"
certainty = "A"

[[term]]
id = "T31"
name = "Prima accoglienza"
source = "art. 19 c. 1 D.lgs. 142/2015"
length = 45
unit = "day"
kind = "VAL"
certainty = "A"

[[term]]
id = "T37e"
name = "Maggiore età"
source = "art. 2 c.c."
length = 18
unit = "year"
kind = "VAL"
certainty = "A"

[[term]]
id = "T38p"
name = "Diciotto anni meno sei mesi"
source = "prassi"
length = 6
unit = "month"
kind = "BACK"
certainty = "D"
"""


@pytest.fixture(autouse=True)
def law_of_minors(db):
    terms.load(db, LAW, by="cli")


@pytest.fixture
def home(db, network):
    """A home for minors."""
    return shelters.open_shelter(db, "casa-b", "comunita_minori", 2, by="cli")


@pytest.fixture
def child(db, a_case):
    """A case of somebody whose age is in doubt."""
    minors.receive(db, a_case.code, DAY, True, by="u_anna")
    return a_case


def agree(db, case, **who):
    return consents.record(db, case.code, "colloquio", "interno", True, DAY, **who, by="u_anna")


def allowed(db, case):
    return consents.allowed(db, case.code, "colloquio", "interno", DAY)


@pytest.mark.parametrize("known", [{"minor": True}, {"age_doubt": True}, {"minor": False, "age_doubt": True}])
def test_whoever_may_be_a_minor_lives_with_minors_only(db, a_case, a_house, home, known):
    casefile.note(db, a_case.code, **known, by="u_anna")

    with pytest.raises(InvalidForm) as refusal:
        shelters.place(db, a_case.code, a_house.code, DAY, by="u_anna")
    assert refusal.value.errors["shelter"] == [shelters.NO_ADULTS]
    assert shelters.place(db, a_case.code, home.code, DAY, by="u_anna").shelter == home.code


@pytest.mark.parametrize("minor", [False, None])
def test_an_adult_or_somebody_of_whom_nothing_is_known_does_not_live_with_minors(db, a_case, home, minor):
    casefile.note(db, a_case.code, minor=minor, by="u_anna")

    with pytest.raises(InvalidForm) as refusal:
        shelters.place(db, a_case.code, home.code, DAY, by="u_anna")
    assert refusal.value.errors["shelter"] == [shelters.NO_MINORS]


def test_a_doubt_that_comes_later_shows_who_must_be_moved(db, a_case, a_house):
    shelters.place(db, a_case.code, a_house.code, DAY, by="u_anna")
    assert not shelters.misplaced(db, a_case.code)

    minors.receive(db, a_case.code, DAY, True, by="u_anna")
    assert shelters.misplaced(db, a_case.code)


@pytest.mark.parametrize(
    ("who", "field"),
    [
        ({}, "given_by"),
        ({"given_by": "person"}, "given_by"),
        ({"given_by": "guardian"}, "assent"),
        ({"given_by": "guardian", "assent": False}, "assent"),
        ({"given_by": "somebody"}, "given_by"),
    ],
)
def test_for_a_minor_a_yes_needs_guardian_and_child(db, child, who, field):
    minors.appoint_guardian(db, child.code, DAY, by="u_anna")

    with pytest.raises(InvalidForm) as refusal:
        agree(db, child, **who)
    assert set(refusal.value.errors) == {field}
    assert not allowed(db, child)


def test_both_together_are_enough(db, child):
    minors.appoint_guardian(db, child.code, DAY, by="u_anna")
    agree(db, child, given_by="guardian", assent=True)

    assert allowed(db, child)


def test_a_guardian_who_is_not_appointed_yet_cannot_say_yes(db, child, time):
    minors.appoint_guardian(db, child.code, date(2026, 7, 11), by="u_anna")

    with pytest.raises(InvalidForm):
        agree(db, child, given_by="guardian", assent=True)


def test_a_no_needs_nobody_else(db, child):
    consents.record(db, child.code, "colloquio", "interno", False, DAY, by="u_anna")

    assert not allowed(db, child)


def test_what_she_agreed_to_alone_opens_nothing_once_she_may_be_a_minor(db, a_case):
    agree(db, a_case)
    assert allowed(db, a_case)

    casefile.note(db, a_case.code, age_doubt=True, by="u_anna")
    assert not allowed(db, a_case)


def test_the_birth_date_goes_to_the_person_and_only_the_birthday_stays(db, child, anna):
    minor = minors.born(db, child.code, date(2010, 5, 12), by="u_anna")

    assert minor.eighteen_on == date(2028, 5, 12)
    assert persons.read(db, anna, child)["birth_date"] == "2010-05-12"
    assert "2010-05-12" not in str([line.content for line in db.info[log.PENDING]])


def test_born_on_the_29th_of_february_she_is_of_age_on_the_last_of_the_month(db, child):
    assert minors.born(db, child.code, date(2012, 2, 29), by="u_anna").eighteen_on == date(2030, 2, 28)


def test_nobody_comes_of_age_before_the_birthday(db, child, time):
    minors.born(db, child.code, date(2010, 5, 12), by="u_anna")

    with pytest.raises(WrongOrder):
        minors.come_of_age(db, child.code, DAY, by="u_anna")


def test_a_decree_before_the_report_and_a_complaint_before_the_decree_are_refused(db, child):
    minors.assess(db, child.code, date(2026, 7, 15), 1.5, by="u_anna")
    with pytest.raises(InvalidForm):
        minors.decree(db, child.code, date(2026, 7, 14), by="u_anna")
    with pytest.raises(InvalidForm):
        minors.complain(db, child.code, date(2026, 7, 15), by="u_anna")


def test_a_report_without_its_margin_is_none(db, child):
    with pytest.raises(InvalidForm):
        minors.assess(db, child.code, date(2026, 7, 15), 0, by="u_anna")


def test_nothing_of_a_minor_comes_before_her_reception(db, child):
    with pytest.raises(InvalidForm):
        minors.interview(db, child.code, date(2026, 7, 9), False, by="u_anna")


def test_without_a_reception_there_is_no_interview(db, a_case):
    with pytest.raises(WrongOrder):
        minors.interview(db, a_case.code, DAY, False, by="u_anna")
