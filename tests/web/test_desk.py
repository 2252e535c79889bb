"""The desk on a busy morning: who waits, «chiamo io», and on to a contact without typing twice."""

import re

import core.db
from cases import contacts
from tests.web.browser import Browser, Form


def arrive(desk, **answers):
    desk.get("/desk")
    reply = desk.send("/desk", **answers)
    assert reply.status_code == 303
    return desk.follow().text


def visit_of(page, verb="take"):
    return re.findall(rf'action="(/desk/\w+)/{verb}"', page)


def test_who_arrives_is_a_number_and_the_urgent_stand_first(bruno, time):
    arrive(bruno, needs=["salute"], language="en")
    time.forward(minutes=5)
    page = arrive(bruno, urgent="true")

    assert "2 aspettano" in page
    assert page.index("N. 2") < page.index("N. 1")
    assert "salute" in page


def test_the_same_arrival_sent_twice_is_one(bruno):
    bruno.get("/desk")
    data = Form(bruno.reply.text, "/desk").filled({"needs": ["casa"]})
    for _ in range(2):
        bruno.client.post("/desk", data=data)

    assert "1 aspetta" in bruno.get("/desk").text


def test_two_who_call_the_same_person_are_told_who_was_first(bruno, dario):
    page = arrive(bruno)
    (visit,) = visit_of(page)
    dario.get("/desk")
    bruno.send(f"{visit}/take")
    reply = dario.send(f"{visit}/take")

    assert reply.status_code == 409
    assert "Già chiamata da Bruno Riva alle 09:00." in reply.text


def test_a_visit_becomes_a_contact_and_its_form_is_filled_in(bruno):
    page = arrive(bruno, needs=["casa", "legale"], language="fr")
    (visit,) = visit_of(page)
    bruno.send(f"{visit}/take")
    page = bruno.follow().text
    assert "Prima cerca" in page
    bruno.send(f"{visit}/contact")
    code = bruno.reply.location.split("/")[2]
    page = bruno.follow().text

    assert re.search(r'name="needs" value="casa" checked', page)
    assert '<option value="fr" selected>' in page
    with core.db.transaction() as db:
        assert contacts.get(db, code).kind == "desk"
    bruno.get("/desk")
    assert code in bruno.reply.text
    assert bruno.client.post(f"{visit}/contact", data={"csrf_token": bruno.token()}).location.split("/")[2] == code
    bruno.get("/desk")
    bruno.send(f"{visit}/done", outcome="")
    assert bruno.reply.status_code == 422
    assert "Scegli una voce dell&#39;elenco." in bruno.reply.text
    bruno.send(f"{visit}/done", outcome="contatto")
    assert "Registrato un contatto" in bruno.follow().text


def test_who_goes_away_before_is_counted_too(bruno):
    (visit,) = visit_of(arrive(bruno))
    bruno.send(f"{visit}/left")
    page = bruno.follow().text

    assert "Nessuno aspetta." in page
    assert "Andata via" in page


def test_tomorrow_the_list_is_empty_and_the_numbers_begin_again(bruno, time):
    arrive(bruno)
    time.at("2026-07-22 09:00")
    bruno.log_in("bruno")
    assert "Nessuno aspetta." in bruno.get("/desk").text

    assert "N. 1" in arrive(bruno)


def test_the_desk_of_another_territory_sees_nothing(app, bruno):
    (visit,) = visit_of(arrive(bruno))
    piero = Browser(app, "piero")

    assert "Nessuno aspetta." in piero.get("/desk").text
    assert piero.client.post(f"{visit}/take", data={"csrf_token": piero.token()}).status_code == 404


def test_an_arrival_of_yesterday_is_refused_beside_its_field(bruno):
    bruno.get("/desk")
    reply = bruno.send("/desk", arrived_at="2026-07-20T10:00", needs=["casa"])

    assert reply.status_code == 422
    assert "L&#39;arrivo è di oggi" in reply.text
    assert re.search(r'name="needs" value="casa" checked', reply.text)
