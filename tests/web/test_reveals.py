"""An address for somebody outside the house: asked for, answered by a second person, seen once a press, and told."""

import re

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

import core.db
from cases import shelters
from core import log
from notifications.notices import Notice
from tests.web.browser import Browser
from tests.web.office import ADDRESS
from tests.web.screen import Screen
from tests.web.walk import complaint

WHY = {"why": "accompagnare", "reason": "La accompagno alla visita di stasera"}
TOKEN = re.compile(r'"[^" ]*\.[\w-]{6}\.[\w-]{27}"')  # it holds the second
PHONE = {"width": 320, "height": 700}


def page_of(placed):
    return f"/cases/{placed.case}/address"


def put(placed, login="carla"):
    """The question, put at this person's desk; returns the desk and the address that answers it."""
    desk = placed.desk(login)
    desk.get(page_of(placed))
    assert desk.send(page_of(placed), **WHY).status_code == 303
    house = placed.desk("elena") if "elena" in placed.desks else Browser(placed.app, "elena")
    answer = "/reveals/" + house.get("/reveals").text.partition('action="/reveals/')[2].partition('"')[0]
    return desk, house, answer


def told(kind):
    with core.db.transaction() as db:
        return {notice.case_code for notice in db.scalars(select(Notice).where(Notice.kind == kind))}


def test_the_address_is_seen_by_agreement_of_two_and_everything_is_told(placed, time):
    desk, house, answer = put(placed)
    assert ADDRESS not in desk.get(page_of(placed)).text
    assert told("address_asked") == {placed.case, None}  # the house, and the coordinators: not which case
    assert WHY["reason"] in house.reply.text
    assert house.send(answer, answer="yes").status_code == 303
    assert told("address_granted") == told("address_was_granted") == {placed.case}

    desk.get(page_of(placed))
    reply = desk.send(f"{page_of(placed)}/show")
    assert ADDRESS in reply.text
    assert reply.headers["Cache-Control"] == "no-store"
    assert '<section class="panel no-print"' in reply.text
    assert desk.client.post(f"{page_of(placed)}/show", data={"csrf_token": desk.token(), "press": "0"}).status_code == 422

    looks = placed.desk("dario").get(f"/cases/{placed.case}/looks").text
    assert "Ha visto l&#39;indirizzo della struttura" in looks
    with core.db.transaction() as db:
        lines = str([(line.verb, line.facts) for line in log.lines(db)])
    assert "Vicolo" not in lines
    assert "stasera" not in lines
    time.forward(minutes=16)
    assert "è finito" in placed.desk("carla").get(page_of(placed)).text


def test_who_must_answer_is_told_on_the_first_page_and_no_more_when_it_is_answered(placed):
    _, house, answer = put(placed)
    waits = "1 richiesta di vedere un indirizzo aspetta la tua risposta."

    assert waits in house.get("/inbox").text
    assert waits not in placed.desk("carla").get("/inbox").text
    house.get("/reveals")
    house.send(answer, answer="yes")
    assert waits not in house.get("/inbox").text


def test_a_no_says_why_to_who_asked(placed):
    desk, house, answer = put(placed)
    assert house.send(answer, answer="no", reason="boh").status_code == 422
    assert "almeno dieci caratteri" in complaint(house.reply.text)
    assert "boh" in house.reply.text
    house.get("/reveals")
    assert house.send(answer, answer="no", reason="Stasera la accompagniamo noi").status_code == 303

    page = desk.get(page_of(placed)).text
    assert "Stasera la accompagniamo noi" in page
    assert desk.client.post(f"{page_of(placed)}/show", data={"csrf_token": desk.token(), "press": "0"}).status_code == 404


def test_a_coordinator_answers_without_learning_whom_it_is_about(placed):
    _, _, answer = put(placed)
    office = Browser(placed.app, "lucia")
    page = office.get("/reveals").text

    assert "Carla Moro" in page
    assert placed.case not in page
    assert WHY["reason"] not in page
    assert office.send(answer, answer="yes").status_code == 303


def test_what_was_typed_stays_when_a_field_is_missing(placed):
    desk = placed.desk("carla")
    desk.get(page_of(placed))
    reply = desk.send(page_of(placed), why="accompagnare", reason="boh")

    assert reply.status_code == 422
    assert "boh" in reply.text
    assert '<option value="accompagnare" selected>' in reply.text


def test_too_many_questions_are_stopped_and_the_coordinators_are_told(placed):
    for _ in range(4):
        _, house, answer = put(placed)
        house.send(answer, answer="no", reason="Non serve, è già partita")
        placed.time.forward(minutes=1)
    desk = placed.desk("carla")
    desk.get(page_of(placed))

    assert desk.send(page_of(placed), **WHY).status_code == 429
    assert told("limit") == {None}


def test_no_page_tells_a_house_without_an_address_from_one_that_has_it(placed):
    """The same pages, byte for byte but for the tokens."""
    desk = placed.desk("carla")
    pages = (page_of(placed), "/shelters", f"/cases/{placed.case}")
    with_it = [TOKEN.sub("token", desk.get(path).text) for path in pages]
    with core.db.transaction() as db:
        shelter = db.get_one(shelters.Shelter, placed.shelter)
        shelter.address = shelters._seal(db, placed.shelter, "")
    assert [TOKEN.sub("token", desk.get(path).text) for path in pages] == with_it


@pytest.mark.browser
def test_two_people_on_two_phones_without_javascript(screen, prepared):
    where = f"/cases/{prepared.places['case']}/address"
    house: Screen = screen("elena", java_script_enabled=False, viewport=PHONE)
    page = house.open("/reveals")
    expect(page.locator("main")).to_contain_text("La accompagno alla visita di stasera")
    page.get_by_role("button", name="Concedi per 15 minuti").click()
    page.wait_for_url("**/reveals?done=answered")

    desk: Screen = screen("carla", java_script_enabled=False, viewport=PHONE)
    page = desk.open(where)
    page.get_by_role("button", name="Mostra l'indirizzo").click()
    expect(page.locator("#address + p")).to_have_text(ADDRESS)
    page.emulate_media(media="print")
    expect(page.locator("#address + p")).to_be_hidden()
    page.emulate_media(media="screen")
    page.go_back()
    assert ADDRESS not in page.content()
    assert "Vicolo" not in page.url
