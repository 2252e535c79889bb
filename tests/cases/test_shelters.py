"""Houses: beds are numbers, the address is for the staff, a stay opens and closes the case to the house."""

from datetime import date

import pytest
from sqlalchemy import func, select

from cases import casefile, posts, shelters
from core import log
from core.errors import InvalidForm, NotYours, ShelterFull, WrongOrder
from tests.cases.conftest import worker

DAY = date(2026, 7, 21)


def open_case(db):
    return casefile.open_(db, "lombardia-2", by="u_luca").code


def test_the_staff_reads_the_address_and_every_reading_is_written_down(db, a_house, gina, said):
    assert shelters.address(db, gina, a_house.code) == "Via del Roseto 7, Clusone"
    assert shelters.address(db, gina, a_house.code) == "Via del Roseto 7, Clusone"

    assert said(f"shelter:{a_house.code}") == ["shelter.opened", "shelter.address_viewed", "shelter.address_viewed"]
    assert "Roseto" not in str([line.content for line in db.info[log.PENDING]])


@pytest.mark.parametrize("other", ["anna", "silvia", "luca", "leo", "bruno", "olga", "mira", "dario"])
def test_to_everybody_else_the_house_does_not_exist(db, a_house, a_case, other, request):
    actor = request.getfixturevalue(other)
    shelters.place(db, a_case.code, a_house.code, DAY, by="u_anna")

    with pytest.raises(NotYours) as real:
        shelters.address(db, actor, a_house.code)
    with pytest.raises(NotYours) as invented:
        shelters.address(db, actor, "CS-2222")
    assert str(real.value) == str(invented.value)
    assert shelters.houses_of(db, actor) == []


def test_the_staff_of_another_house_cannot_read_it_either(db, a_house):
    with pytest.raises(NotYours):
        shelters.address(db, worker("gino", ("shelter_worker", "casa-b")), a_house.code)


def test_no_size_tells_an_address_from_none(db, network):
    texts = ("", "Via 1", "Vicolo " + "à" * 400)
    for number, text in enumerate(texts):
        posts.record(db, f"casa-{number}", {"name": "C", "kind": "shelter"}, by="cli")
        shelters.open_shelter(db, f"casa-{number}", "pronta", 1, address=text, by="cli")

    assert len(set(db.scalars(select(func.length(shelters.Shelter.address))))) == 1


def test_an_address_that_does_not_fit_its_block_is_refused(db, a_house, gina):
    with pytest.raises(InvalidForm):
        shelters.set_address(db, gina, a_house.code, "x" * 1025)


def test_only_the_staff_changes_the_address(db, a_house, gina, silvia):
    shelters.set_address(db, gina, a_house.code, "Piazza Nuova 1")
    with pytest.raises(NotYours):
        shelters.set_address(db, silvia, a_house.code, "Piazza Falsa 1")

    assert shelters.address(db, gina, a_house.code) == "Piazza Nuova 1"


def test_free_beds_are_codes_and_numbers(db, a_house):
    assert shelters.free_beds(db) == [(a_house.code, "pronta", 2)]
    shelters.place(db, open_case(db), a_house.code, DAY, by="u_anna")
    assert shelters.free_beds(db, "pronta") == [(a_house.code, "pronta", 1)]
    assert shelters.free_beds(db, "prima") == []

    shelters.place(db, open_case(db), a_house.code, DAY, by="u_anna")
    assert shelters.free_beds(db) == []


def test_a_full_house_refuses_and_nothing_changes(db, a_house):
    shelters.place(db, open_case(db), a_house.code, DAY, beds=2, by="u_anna")
    late = open_case(db)

    with pytest.raises(ShelterFull) as refusal:
        shelters.place(db, late, a_house.code, DAY, by="u_anna")
    assert str(refusal.value) == f"Nella struttura {a_house.code} non ci sono posti liberi."
    assert shelters.current(db, late) is None


def test_a_mother_with_two_children_needs_three_beds(db, a_house):
    with pytest.raises(ShelterFull):
        shelters.place(db, open_case(db), a_house.code, DAY, beds=3, by="u_anna")


def test_a_burnt_house_takes_nobody_new_and_keeps_its_guests(db, a_house, a_case, gina):
    shelters.place(db, a_case.code, a_house.code, DAY, by="u_anna")
    shelters.set_capacity(db, a_house.code, 2, accepting=False, by="u_gina")

    assert shelters.free_beds(db) == []
    assert [stay.case_code for stay in shelters.guests(db, gina, a_house.code)] == [a_case.code]
    with pytest.raises(ShelterFull):
        shelters.place(db, open_case(db), a_house.code, DAY, by="u_anna")


def test_a_new_stay_ends_the_one_before(db, a_house, a_case, said):
    other = shelters.open_shelter(db, "casa-b", "prima", 1, by="cli")
    first = shelters.place(db, a_case.code, a_house.code, date(2026, 7, 20), by="u_anna")
    shelters.place(db, a_case.code, other.code, DAY, by="u_anna")

    assert first.to_on == DAY
    assert [stay.shelter for stay in shelters.stays(db, a_case.code)] == [a_house.code, other.code]
    assert shelters.free_beds(db) == [(a_house.code, "pronta", 2)]
    assert said(f"case:{a_case.code}")[-3:] == ["placement.begun", "placement.ended", "placement.begun"]


def test_placing_twice_in_the_same_house_is_placing_once(db, a_house, a_case):
    first = shelters.place(db, a_case.code, a_house.code, DAY, by="u_anna")

    assert shelters.place(db, a_case.code, a_house.code, DAY, by="u_luca") is first


def test_stays_follow_the_calendar(db, a_house, a_case):
    with pytest.raises(WrongOrder):
        shelters.leave(db, a_case.code, DAY, by="u_anna")
    with pytest.raises(InvalidForm):
        shelters.place(db, a_case.code, a_house.code, date(2026, 7, 22), by="u_anna")
    shelters.place(db, a_case.code, a_house.code, DAY, by="u_anna")
    with pytest.raises(WrongOrder):
        shelters.leave(db, a_case.code, date(2026, 7, 20), by="u_anna")


def test_a_house_needs_a_post_of_its_own(db, a_house):
    for post in ("lombardia-2", "casa-a"):
        with pytest.raises(InvalidForm):
            shelters.open_shelter(db, post, "pronta", 2, by="cli")


def test_a_house_that_does_not_exist_is_an_error_of_the_form(db, a_case):
    with pytest.raises(InvalidForm) as refusal:
        shelters.place(db, a_case.code, "CS-2222", DAY, by="u_anna")

    assert set(refusal.value.errors) == {"shelter"}
