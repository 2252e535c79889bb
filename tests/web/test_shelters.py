"""Houses: free beds are numbers for everybody, the address is for the house alone."""

import core.db
from cases import reasons
from core import log
from tests.web.browser import Browser
from tests.web.office import ADDRESS
from tests.web.walk import complaint


def house(browser: Browser) -> str:
    return str(browser.get("/shelters").text.partition("/shelters/")[2].partition("/address")[0])


def test_beds_are_codes_and_numbers(carla):
    page = carla.get("/shelters").text

    assert "CS-" in page
    assert '<td class="number">4</td>' in page
    assert ADDRESS not in page
    assert "Casa di prova" not in page


def test_the_house_shows_its_address_after_a_reason_and_both_are_written_down(elena):
    code = house(elena)
    assert ADDRESS not in elena.get(f"/shelters/{code}/address").text
    reply = elena.send(f"/shelters/{code}/address", reason="Accompagno una nuova ospite")

    assert reply.status_code == 200
    assert ADDRESS in reply.text
    assert reply.headers["Cache-Control"] == "no-store"
    with core.db.transaction() as db:
        assert any(line.verb == "shelter.address_viewed" for line in log.lines(db))
        kept = db.query(reasons.Reason).one()
        assert reasons.words(db, kept.id) == "Accompagno una nuova ospite"


def test_without_a_reason_there_is_no_address(elena):
    code = house(elena)
    elena.get(f"/shelters/{code}/address")
    reply = elena.send(f"/shelters/{code}/address", reason="boh")

    assert reply.status_code == 422
    assert "almeno dieci caratteri" in complaint(reply.text)
    assert "boh" in reply.text
    assert ADDRESS not in reply.text


def test_to_everybody_else_the_house_has_no_address_page(app, elena):
    code = house(elena)

    for login in ("carla", "dario", "bruno", "lucia", "nadia", "marco"):
        assert Browser(app, login).get(f"/shelters/{code}/address").status_code == 404
    assert elena.get("/shelters/CS-ZZZZ/address").status_code == 404
