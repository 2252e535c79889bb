"""Who the person is and how to reach her safely: written on a page of its own, read only when asked for."""

import core.db
from core import log
from tests.web.walk import complaint

NAME = "Blessing Osagie"


def test_what_is_written_down_is_found_again_and_an_emptied_field_is_taken_away(placed):
    carla, page = placed.desk("carla"), f"/cases/{placed.case}/people/identity"
    carla.get(page)
    assert carla.send(page, first_name=NAME, aliases="Blessy, Bee", birth_date="1999-05-12").status_code == 303
    assert NAME in carla.get(page).text
    carla.send(page, first_name=NAME, aliases="Bee", birth_date="")

    carla.get(f"/cases/{placed.case}")
    told = carla.send(f"/cases/{placed.case}/person").text
    assert NAME in told
    assert "Bee" in told
    assert "1999" not in told


def test_a_wrong_date_is_said_beside_the_field_and_nothing_typed_is_lost(placed):
    carla, page = placed.desk("carla"), f"/cases/{placed.case}/people/identity"
    carla.get(page)
    reply = carla.send(page, first_name=NAME, birth_date="2099-01-01")

    assert reply.status_code == 422
    assert "Data di nascita" in complaint(reply.text)
    assert NAME in reply.text


def test_looking_and_writing_leave_a_line_without_a_name(placed):
    carla, page = placed.desk("carla"), f"/cases/{placed.case}/people/ways"
    carla.get(page)
    carla.send(page, channel="WhatsApp", hours="15-17", code_word="girasole")

    with core.db.transaction() as db:
        lines = log.lines(db, case=placed.case, limit=200)
        assert {"case.viewed", "person.recorded"} <= {line.verb for line in lines}
        assert "girasole" not in "".join(line.body for line in lines)


def test_there_is_no_third_kind(placed):
    assert placed.desk("carla").get(f"/cases/{placed.case}/people/diary").status_code == 404
