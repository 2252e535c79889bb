"""Incidents at the coordinator's desk: a sentence, a place, three ways on; never what is in a case."""

import pytest

import core.db
from core import log
from engine import incidents
from engine.tables import Incident, Timer
from tests.web.browser import Browser
from tests.web.office import park

WHY = "Il servizio è stato riparato ieri"


@pytest.fixture
def parked(picked):
    """A call that waits for the desk, whose timer was given up; returns the walk."""
    picked.waiting = picked.ring()
    with core.db.transaction() as db:
        picked.incident = park(db, picked.waiting)
    return picked


@pytest.fixture
def lucia(parked) -> Browser:
    """The coordinator."""
    return Browser(parked.app, "lucia")


def incident(parked) -> Incident:
    with core.db.transaction() as db:
        return incidents.get(db, parked.incident)


def send(desk: Browser, parked, **answers: str):
    desk.get(f"/incidents/{parked.incident}")
    return desk.send(f"/incidents/{parked.incident}", **{"reason": WHY} | answers)


def test_the_list_says_what_stopped_where_and_since_when(parked, lucia):
    page = lucia.get("/incidents").text

    assert "Errore tecnico: avvisa chi cura il sistema." in page
    assert "Contatto e filtro: Sollecita la postazione" in page
    assert parked.waiting in page
    assert 'datetime="2026-08-11T02:10+02:00"' in page


def test_the_page_of_one_counts_the_attempts_and_leads_to_the_model_not_to_the_case(parked, lucia):
    page = lucia.get(f"/incidents/{parked.incident}").text

    assert "<dt>Tentativi</dt><dd>3</dd>" in page
    assert 'href="/models/contact"' in page
    for way_in in ("/cases/", "/contacts/", "/pathways/"):
        assert f'href="{way_in}' not in page


def test_the_coordinator_reads_nothing_that_was_said(parked, lucia):
    for path in ("/incidents", f"/incidents/{parked.incident}"):
        assert "Vuole uscire adesso" not in lucia.get(path).text


def test_with_nothing_to_do_it_says_so(anna, app):
    desk = Browser(app, "lucia")

    assert "Nessun percorso è fermo." in desk.get("/incidents").text
    assert "Finora nessuna anomalia è stata chiusa." in desk.get("/incidents?show=settled").text
    assert "si è fermato" not in desk.get("/incidents").text


def test_the_number_is_told_to_coordinators_on_every_page_and_to_nobody_else(parked, lucia):
    page = lucia.get("/models").text
    assert "1 percorso si è fermato." in page
    assert '<span class="count">1' in page

    for login in ("bruno", "dario", "nadia"):
        assert "si è fermato." not in Browser(parked.app, login).get("/account").text


def test_retrying_makes_the_timer_due_and_takes_it_off_the_list(parked, lucia):
    reply = send(lucia, parked, way="retry")
    assert (reply.status_code, reply.location) == (303, "/incidents?done=incident_retried")
    page = lucia.follow().text

    assert "Nessun percorso è fermo." in page
    assert "Il passo riparte entro un minuto." in page
    timer = incident(parked).parked
    with core.db.transaction() as db:
        assert db.get_one(Timer, timer).attempts == 0


def test_skipping_lets_the_pathway_go_on(parked, lucia):
    assert send(lucia, parked, way="skip").status_code == 303

    page = lucia.get("/incidents?show=settled").text
    assert "saltato il passo" in page
    ines = Browser(parked.app, "ines")
    assert "Sollecita la postazione" not in ines.get("/inbox").text


def test_what_was_done_stays_readable_with_who_and_why(parked, lucia):
    send(lucia, parked, way="resolve")
    page = lucia.get(f"/incidents/{parked.incident}").text

    assert "chiusa con un motivo: Lucia Bassi" in page
    assert WHY in page
    assert "<form" not in page.partition("<main")[2].partition("</main>")[0]
    with core.db.transaction() as db:
        [line] = [line for line in log.lines(db, limit=10) if line.verb == "incident.resolved"]
        assert WHY not in line.body


def test_a_missing_reason_comes_back_beside_the_field_with_the_choice_kept(parked, lucia):
    reply = send(lucia, parked, way="resolve", reason="boh")

    assert reply.status_code == 422
    assert "Scrivi il motivo, con almeno dieci caratteri." in reply.text
    assert 'value="resolve" checked' in reply.text
    assert ">\nboh</textarea>" in reply.text
    assert incident(parked).status == "open"


def test_a_missing_choice_comes_back_with_the_reason_kept(parked, lucia):
    reply = send(lucia, parked)

    assert reply.status_code == 422
    assert "Scegli che cosa fare." in reply.text
    assert WHY in reply.text


def test_of_two_coordinators_the_second_is_told_who_was_faster(parked, lucia):
    page = lucia.get(f"/incidents/{parked.incident}")
    token = lucia.token()
    assert send(Browser(parked.app, "lucia"), parked, way="retry").status_code == 303

    assert page.status_code == 200
    data = {"csrf_token": token, "way": "resolve", "reason": WHY}
    reply = lucia.client.post(f"/incidents/{parked.incident}", data=data)
    assert reply.status_code == 409
    assert "Questa anomalia è già stata chiusa da Lucia Bassi alle 02:10" in reply.text
    assert incident(parked).status == "retried"


def test_a_way_that_leads_nowhere_is_not_offered(parked, lucia):
    timer = incident(parked).parked
    with core.db.transaction() as db:
        db.delete(db.get_one(Timer, timer))
    page = lucia.get(f"/incidents/{parked.incident}").text

    assert 'value="resolve"' in page
    assert 'value="retry"' not in page
    assert send(lucia, parked, way="retry").status_code == 422
    assert "niente da riprovare" in lucia.reply.text


def test_the_notice_leads_the_coordinator_to_the_list(parked, lucia):
    from tasks import reminders

    with core.db.transaction() as db:
        reminders.tell_of_incident(db, incidents.get(db, parked.incident))

    assert 'href="/incidents">Un percorso si è fermato' in lucia.get("/notices").text


def test_it_is_all_said_in_english_too(parked, lucia):
    lucia.get("/account")
    lucia.send("/account", language="en")
    page = lucia.get(f"/incidents/{parked.incident}").text

    assert "Technical fault" in page or "Technical error" in page
    assert "Contact and triage" in page
    assert "The pathway goes on without the step that fails" in page
