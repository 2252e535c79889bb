"""Who still needs to come in? The supervision answers on a page, and what was typed is not lost."""

import re

import pytest

import core.db
from core import users
from tasks import accesses
from tests.web.browser import Browser
from tests.web.office import MILAN
from tests.web.screen import Screen

CODE = re.compile(r'href="(/accesses/[^"?]+)"')


def begin():
    with core.db.transaction() as db:
        return accesses.begin(db, MILAN, by="clock").code


def fields(page, name):
    """The field names of the accesses of one person."""
    block = page.partition(f"<legend>{name}")[2].partition("</fieldset>")[0]
    return re.findall(r'name="((?:answer|reason)-\w+)"', block)


def test_the_supervision_keeps_and_takes_away_and_the_auditor_sees_how_many(placed):
    begin()
    dario = placed.desk("dario")
    page = CODE.findall(dario.get("/accesses").text)[0]
    shown = dario.get(page).text
    assert "<legend>Dario Pace" not in shown
    carla_answer, _, carla_reason = fields(shown, "Carla Moro")
    reply = dario.send(page, **{carla_answer: "taken", carla_reason: "poco"}, access_seen="team")
    assert reply.status_code == 422
    assert 'value="poco"' in reply.text
    assert 'value="taken" checked' in reply.text
    reply = dario.send(page, **{carla_answer: "taken", carla_reason: "Da luglio lavora altrove"}, access_seen="team")
    assert reply.status_code == 303

    assert "Carla Moro" not in dario.get(page).text
    with core.db.transaction() as db:
        carla = users.by_login(db, "carla")
        assert carla
        assert users.roles_of(db, carla) == frozenset()
    assert Browser(placed.app, "carla").get("/inbox").status_code == 404
    marco = Browser(placed.app, "marco").get("/audit/accesses").text
    assert "º trimestre 20" in marco
    assert re.search(r"<td class=\"number\">0</td><td class=\"number\">1</td>", marco)
    assert dario.get("/audit/accesses").status_code == 404


def test_a_round_of_another_post_does_not_exist(placed):
    code = begin()
    for login in ("ines", "carla", "marco"):
        assert Browser(placed.app, login).get(f"/accesses/{code}").status_code == 404
    assert Browser(placed.app, "lucia").get(f"/accesses/{code}").status_code == 200


@pytest.mark.browser
def test_it_is_answered_on_a_phone(screen, prepared):
    begin()
    desk: Screen = screen("dario", viewport={"width": 320, "height": 700})
    page = desk.open("/accesses")
    page.locator("a.row-title").click()
    page.get_by_role("radio", name="Serve ancora").first.check()
    page.get_by_role("radio", name="Con l'équipe").check()
    assert desk.axe() == []
    assert desk.overflow(320) == 0
    page.get_by_role("button", name="Registra").click()
    page.wait_for_url("**/accesses/*done=accesses_answered")
