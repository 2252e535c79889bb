"""Outings at the phone: begun, contacts in twenty seconds, met again by code, put in order the next morning."""

import re

import pytest

import core.db
from cases import contacts, outings
from core import log
from tests.web.browser import Browser, Form
from tests.web.walk import complaint


@pytest.fixture
def ugo(app):
    """The street unit of Milan."""
    return Browser(app, "ugo")


def later(time, desk, rome):
    """It is this hour in Rome; whoever was logged in long ago logs in again."""
    time.at(rome)
    desk.client.delete_cookie("approdo")
    desk.log_in("ugo")


def go_out(desk, zones="Stazione\nLungofiume nord", **more):
    """Begin an outing now; returns its address."""
    desk.get("/outings/new")
    answers = {"zones": zones, "province": "MI", "_begin": "1", **more}
    reply = desk.send("/outings/new", **answers)
    assert reply.status_code == 303, complaint(reply.text)
    return reply.location.partition("?")[0]


def meet(desk, outing, again="", **answers):
    """Write down a contact of the outing; returns its code."""
    page = f"{outing}/contacts/new"
    desk.get(page, query_string={"again": again} if again else {})
    reply = desk.send(page, **answers)
    assert reply.status_code == 303, complaint(reply.text)
    return re.findall(r"met=([A-Z0-9-]+)", reply.location)[0]


def test_an_outing_is_begun_in_one_press_and_a_contact_gets_a_code_for_the_card(ugo):
    outing = go_out(ugo)
    code = meet(ugo, outing, apparent_gender="femmina", apparent_age="18-24", language="en", needs=["salute"])
    page = ugo.follow().text

    assert code.startswith("UM-")
    assert "Sul biglietto scrivi il codice:" in page
    assert "1 contatto" in page
    with core.db.transaction() as db:
        kept = contacts.get(db, code)
        assert (kept.province, kept.language, kept.details["outing"]) == ("MI", "en", outing.rpartition("/")[2])
        assert contacts.notes_of(db, kept, frozenset({"P1"})) == {"zone": "Stazione"}
        assert kept.outcome == "ascolto" or kept.status == "closed"


def test_the_same_form_sent_twice_is_one_contact(ugo):
    outing = go_out(ugo)
    ugo.get(f"{outing}/contacts/new")
    form = ugo.reply.text
    for _ in range(2):
        ugo.client.post(f"{outing}/contacts/new", data=filled(form, f"{outing}/contacts/new"))
    page = ugo.get(outing).text

    assert "1 contatto" in page
    reply = ugo.client.post(f"{outing}/contacts/new", data=filled(form, f"{outing}/contacts/new"), follow_redirects=True)
    assert "non è stato scritto due volte" in reply.text


def filled(page, action):
    return Form(page, action).filled({})


def test_a_form_without_its_token_is_no_form_of_ours(ugo):
    outing = go_out(ugo)
    ugo.get(f"{outing}/contacts/new")

    assert ugo.send(f"{outing}/contacts/new", once="x").status_code == 400


def test_who_is_met_again_is_known_by_her_code_and_nothing_else(ugo, time):
    first = meet(ugo, go_out(ugo), needs=["salute", "casa"], recontact_consent="true", safe_channel="Zia Rosa 15-17")
    later(time, ugo, "2026-07-24 22:00")
    outing = go_out(ugo, zones="Viale dei tigli")
    page = ugo.get(f"{outing}/contacts/new", query_string={"again": first.lower()}).text
    again = meet(ugo, outing, again=first)

    assert "Incontro n. 2" in page
    assert "Stazione" in page
    assert "salute, casa" in page
    assert "Zia Rosa" not in page
    assert "Incontro n. 2 con la persona" in ugo.follow().text
    with core.db.transaction() as db:
        assert contacts.get(db, again).person_code == first
    assert "nuovi: 0, già incontrati: 1" in ugo.get(outing).text


def test_a_code_that_nobody_has_is_told_in_a_sentence(ugo):
    outing = go_out(ugo)
    reply = ugo.get(f"{outing}/contacts/new", query_string={"again": "UM-ZZZZ"})

    assert reply.status_code == 422
    assert "Nessun incontro ha questo codice" in reply.text
    assert 'value="UM-ZZZZ"' in reply.text


def test_encounters_of_another_project_are_counted_and_not_shown(app, ugo, time):
    with core.db.transaction() as db:
        facts, notes = {"at": time.at("2026-07-21 09:00"), "needs": ["lavoro"]}, {"zone": "Porto"}
        there = contacts.record(db, "street", "toscana", facts, notes, by="cli").code
    page = ugo.get(f"{go_out(ugo)}/contacts/new", query_string={"again": there}).text

    assert "Incontro n. 2" in page
    assert "1 incontro è altrove." in page
    assert "Porto" not in page
    assert "lavoro" not in page.partition("<form class")[0]


def test_a_safe_way_wants_her_yes(ugo):
    outing = go_out(ugo)
    ugo.get(f"{outing}/contacts/new")
    reply = ugo.send(f"{outing}/contacts/new", safe_channel="Messaggi la mattina")

    assert reply.status_code == 422
    assert "Hai scritto un modo sicuro" in complaint(reply.text)
    assert 'value="Messaggi la mattina"' in reply.text


def test_who_wants_out_waits_for_an_answer_like_any_contact(ugo, bruno):
    code = meet(ugo, go_out(ugo), wants_out="si")

    assert "aspetta risposta" in ugo.follow().text
    bruno.get(bruno.task("Rispondi e vai incontro"))
    assert code in bruno.reply.text


def test_a_draft_is_kept_and_filled_in_again(ugo):
    outing = go_out(ugo)
    ugo.get(f"{outing}/contacts/new")
    ugo.send(f"{outing}/contacts/new", safe_channel="Dopo le 15", _draft="1")

    assert "Dopo le 15" in ugo.get(f"{outing}/contacts/new").text


def test_a_locked_screen_keeps_what_was_typed(ugo):
    outing = go_out(ugo)
    page = ugo.get(f"{outing}/contacts/new").text
    ugo.send("/lock")
    data = filled(page, f"{outing}/contacts/new") | {"safe_channel": ["Solo la sera"]}
    reply = ugo.client.post(f"{outing}/contacts/new", data=data)
    assert reply.location.startswith("/unlock")
    ugo.get(reply.location)
    ugo.send("/unlock", password="quattro cani blu in fila")

    assert "Solo la sera" in ugo.get(f"{outing}/contacts/new").text


def test_an_outing_is_put_in_order_the_next_morning(ugo, time):
    later(time, ugo, "2026-07-21 22:00")
    outing = go_out(ugo)
    meet(ugo, outing)
    meet(ugo, outing, zone_number="2")
    again = meet(ugo, outing, zone_number="2")
    meet(ugo, outing, again=again, zone_number="2")
    later(time, ugo, "2026-07-22 09:30")
    ugo.get(outing)
    ugo.send(f"{outing}/counts", **{"present-1": "4", "present-2": "11"})
    ugo.follow()
    reply = ugo.send(f"{outing}/close", to_at="2026-07-22T02:15", **{"material-preservativi": "30"})
    page = re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", ugo.follow().text))

    assert reply.status_code == 303
    assert "Stazione 4 1 1 0" in page
    assert "Lungofiume nord 11 3 2 1" in page
    assert "In tutto 15 4 3 1" in page
    assert "Preservativi 30" in page
    data = {"csrf_token": ugo.token(), "to_at": "2026-07-22T02:15"}
    assert ugo.client.post(f"{outing}/close", data=data).status_code == 422


def test_an_end_before_the_beginning_keeps_what_was_typed(ugo, time):
    later(time, ugo, "2026-07-21 22:00")
    outing = go_out(ugo)
    later(time, ugo, "2026-07-22 09:30")
    ugo.get(outing)
    reply = ugo.send(f"{outing}/close", to_at="2026-07-21T20:00", **{"material-altro": "7"})

    assert reply.status_code == 422
    assert "La fine sta tra" in reply.text
    assert 'value="7"' in reply.text


def test_a_zone_is_no_address(ugo):
    ugo.get("/outings/new")
    reply = ugo.send("/outings/new", zones="Via Garibaldi 12", province="MI")

    assert reply.status_code == 422
    assert "non l&#39;indirizzo" in reply.text
    assert "Via Garibaldi 12" in reply.text


def test_a_planned_outing_begins_when_the_unit_leaves_and_gets_another_zone(ugo, time):
    ugo.get("/outings/new")
    reply = ugo.send("/outings/new", zones="Stazione", province="MI", from_at="2026-07-22T22:00", vehicle="2")
    outing = reply.location.partition("?")[0]
    assert "Nuovo contatto" not in ugo.get(outing).text
    assert ugo.get(f"{outing}/contacts/new").status_code == 200
    assert ugo.send(f"{outing}/contacts/new").status_code == 422
    later(time, ugo, "2026-07-22 22:10")
    ugo.get(outing)
    ugo.send(f"{outing}/begin")
    ugo.get(f"{outing}/edit")
    ugo.send(f"{outing}/edit", zones="Stazione\nRotonda")
    page = ugo.get(f"{outing}/contacts/new").text

    assert "Rotonda" in page
    assert page.count('name="zone_number"') == 2


def test_a_contact_is_completed_the_next_morning_and_grows_into_a_task(ugo, bruno):
    code = meet(ugo, go_out(ugo), apparent_age="18-24", recontact_consent="true", safe_channel="Zia Rosa")
    page = ugo.get(f"/contacts/{code}/complete").text
    assert "Zia Rosa" not in page
    reply = ugo.send(f"/contacts/{code}/complete", summary="Vorrebbe smettere", wants_out="si")

    assert reply.status_code == 303
    assert "di nuovo aperto" in ugo.follow().text
    assert "Vorrebbe smettere" in ugo.reply.text
    assert "Zia Rosa" in ugo.reply.text
    bruno.get(bruno.task("Rispondi e vai incontro"))
    assert code in bruno.reply.text


def test_the_names_of_zones_are_in_no_log_line_and_sealed(ugo):
    outing = go_out(ugo, zones="Stazione")
    meet(ugo, outing)
    with core.db.transaction() as db:
        lines = log.lines(db, stream=f"outing:{outing.rpartition('/')[2]}")
        assert [line.verb for line in lines] == ["outing.met", "outing.opened"]
        assert not any("Stazione" in line.body for line in lines)
        assert b"Stazione" not in db.get_one(outings.OutingZone, (outing.rpartition("/")[2], 1)).sealed


def test_another_project_cannot_tell_that_there_is_an_outing(app, ugo):
    outing = go_out(ugo)
    piero = Browser(app, "piero")

    assert piero.get(outing).status_code == piero.get("/outings/US-ZZZZ").status_code == 404


def test_the_code_on_the_card_survives_a_locked_screen(ugo):
    outing = go_out(ugo)
    first = meet(ugo, outing)
    page = ugo.get(f"{outing}/contacts/new", query_string={"again": first}).text
    ugo.send("/lock")
    data = filled(page, f"{outing}/contacts/new") | {"zone_number": ["2"], "language": ["en"]}
    ugo.client.post(f"{outing}/contacts/new", data=data)
    ugo.get("/unlock")
    ugo.send("/unlock", password="quattro cani blu in fila")
    page = ugo.get(f"{outing}/contacts/new").text

    assert "Incontro n. 2" in page
    assert re.search(r'name="zone_number" value="2" checked', page)
    assert '<option value="en" selected>' in page


def test_a_draft_is_not_taken_for_somebody_else(ugo):
    outing = go_out(ugo)
    first = meet(ugo, outing)
    ugo.get(f"{outing}/contacts/new")
    ugo.send(f"{outing}/contacts/new", safe_channel="Zia Rosa", _draft="1")

    assert "Zia Rosa" not in ugo.get(f"{outing}/contacts/new", query_string={"again": first}).text
    assert "Questa bozza non è ancora registrata." in ugo.get(f"{outing}/contacts/new").text
    ugo.client.post(f"{outing}/contacts/new", data={"csrf_token": ugo.token(), "_discard": "1"})
    page = ugo.get(f"{outing}/contacts/new").text
    assert "Zia Rosa" not in page
    assert "Questa bozza" not in page


def test_who_tries_card_after_card_is_stopped(ugo):
    outing = go_out(ugo)
    found = [
        ugo.get(f"{outing}/contacts/new", query_string={"again": f"UM-22{number}"}).status_code
        for number in range(200, 262)
    ]

    assert found == [422] * 60 + [429] * 2


def test_a_plan_survives_a_locked_screen(ugo):
    page = ugo.get("/outings/new").text
    ugo.send("/lock")
    data = filled(page, "/outings/new") | {"zones": ["Parcheggio grande"]}
    ugo.client.post("/outings/new", data=data)
    ugo.get("/unlock")
    ugo.send("/unlock", password="quattro cani blu in fila")

    assert "Parcheggio grande" in ugo.get("/outings/new").text
    ugo.send("/outings/new", province="MI", _begin="1")
    assert "Parcheggio grande" not in ugo.get("/outings/new").text
