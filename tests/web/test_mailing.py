"""Other ways than mail, on the page: devices that may be woken, and a text to a person as she agreed to it."""

import re
from dataclasses import replace

import pytest
from sqlalchemy import select, update

import core.db
from cases import consents, persons
from core import clock, log, users
from notifications import bounces, mail, outbox, push, sms
from tasks import alarm, reminders
from tests.web.browser import PASSWORD, Browser
from tests.web.walk import Walk
from web import labels

DEVICE = "https://fcm.googleapis.com/fcm/send/abc"
WAYS = {"number": "333 1234567", "cover_text": "Ciao, ci vediamo domani", "sms_from": "15:00", "sms_to": "17:00"}


@pytest.fixture
def texting(placed: Walk, monkeypatch: pytest.MonkeyPatch) -> Walk:
    """A placed case of an office that has opened the way of texts."""
    opened = replace(placed.app.config["APPRODO"], sms_url="https://sms.example.org")
    monkeypatch.setitem(placed.app.config, "APPRODO", opened)
    return placed


def turn_on(desk: Browser, endpoint: str) -> int:
    """What the script of the page posts once the browser has agreed."""
    given = {"X-CSRFToken": desk.token()}
    return desk.client.post("/account/mail/devices", data={"endpoint": endpoint}, headers=given).status_code


def test_a_device_is_added_listed_and_taken_away(carla: Browser):
    page = carla.get("/account/mail").text
    assert "Nessun dispositivo." in page
    assert 'data-worker="/static/worker.js"' in page
    assert turn_on(carla, DEVICE) == 204
    page = carla.get("/account/mail").text
    assert "Dispositivo aggiunto" in page
    assert DEVICE not in page
    with core.db.transaction() as db:
        user = users.by_login(db, "carla")
        assert user
        [device] = push.devices(db, user.id)
    carla.send(f"/account/mail/devices/{device.id}/remove")

    assert "Nessun dispositivo." in carla.get("/account/mail").text


def test_a_device_elsewhere_is_refused_and_nobody_takes_away_anothers(carla: Browser, dario: Browser):
    assert turn_on(carla, "https://192.0.2.1/x") == 422
    assert turn_on(carla, DEVICE) == 204
    with core.db.transaction() as db:
        user = users.by_login(db, "carla")
        assert user
        [device] = push.devices(db, user.id)
    given = {"X-CSRFToken": dario.token()}
    dario.client.post(f"/account/mail/devices/{device.id}/remove", headers=given)

    assert "Dispositivo aggiunto" in carla.get("/account/mail").text


def test_where_the_office_has_no_gateway_there_is_no_page_of_texts(placed: Walk):
    carla = placed.desk("carla")
    assert carla.get(f"/cases/{placed.case}/sms").status_code == 404
    assert f"/cases/{placed.case}/sms" not in carla.get(f"/cases/{placed.case}").text


def test_the_page_says_what_is_missing(texting: Walk):
    page = texting.desk("carla").get(f"/cases/{texting.case}/sms").text

    assert "Manca il consenso a ricevere SMS" in page
    assert "Manda questo SMS" not in page


def agree(case: str) -> None:
    with core.db.transaction() as db:
        persons.record(db, case, ways=WAYS, by="cli")
        consents.record(db, case, "sms", "interno", True, clock.today(), by="cli")


def test_the_agreed_text_is_shown_and_promised_once(texting: Walk):
    carla, page = texting.desk("carla"), f"/cases/{texting.case}/sms"
    agree(texting.case)
    assert f'href="{page}"' in carla.get(f"/cases/{texting.case}").text
    shown = carla.get(page).text
    assert "Ciao, ci vediamo domani" in shown
    assert "+393331234567" in shown
    assert carla.send(page).status_code == 303
    assert "SMS promesso" in carla.follow().text
    with core.db.transaction() as db:
        waiting = db.scalars(select(outbox.Message).where(outbox.Message.way == "sms")).one()
        assert (waiting.facts, waiting.status) == ({}, "queued")
    again = carla.get(page).text
    assert "Manda questo SMS" not in again
    assert "Aspetta di partire" in again
    assert carla.send(f"{page}/stop").status_code == 303

    stopped = carla.follow().text
    assert "SMS fermato: non parte." in stopped
    assert "Fermato prima di partire" in stopped
    assert "Manda questo SMS" in stopped


def test_of_a_text_that_may_have_been_taken_the_page_claims_neither(texting: Walk):
    carla, page = texting.desk("carla"), f"/cases/{texting.case}/sms"
    agree(texting.case)
    carla.get(page)
    carla.send(page)
    with core.db.transaction() as db:
        of_texts = update(outbox.Message).where(outbox.Message.way == "sms")
        db.execute(of_texts.values(status="failed", error=sms.UNCLEAR))
    shown = carla.get(page).text

    assert "Non si sa se è partito" in shown
    assert "non l&#39;ha preso" not in shown
    assert "Manda questo SMS" not in shown


def claimed(db):
    """Lucia's digest, promised and about to be sent."""
    user = users.by_login(db, "lucia")
    assert user
    outbox.put(db, "digest-x", user.id, "digest", {"open": 1, "path": "/inbox"}, by="clock")
    message = outbox.claim(db)
    assert message
    return message


def test_what_did_not_leave_stands_among_the_incidents_and_can_be_set_aside_there(lucia: Browser):
    with core.db.transaction() as db:
        message = claimed(db)
        outbox.give_up(db, message.key, message.attempts, "dead address", by="clock")
    assert "1 messaggio non è partito" in lucia.get("/inbox").text
    assert "Riepilogo del mattino" in lucia.get("/status").text
    page = lucia.get("/incidents").text
    assert "1 messaggio non è partito, e non si riprova più da solo" in page
    assert "Riepilogo del mattino" in page
    for back, heading in (("status", "Stato del sistema"), ("incidents", "Anomalie")):
        reply = lucia.send("/status/mail", key="digest-x", way="aside", back=back, reason="inutile")
        assert (reply.status_code, f"<h1>{heading}</h1>" in reply.text) == (422, True)
        assert "Motivo: Scrivi il motivo, con almeno dieci caratteri." in reply.text
        assert re.search(r'id="f-reason" [^>]* aria-invalid="true" required>\ninutile</textarea>', reply.text)
    why = "Detto a voce stamattina"
    lucia.send("/status/mail", key="digest-x", way="aside", back="incidents", reason=why)
    assert "/incidents" in lucia.reply.location
    lucia.follow()

    assert "messo da parte" in lucia.reply.text
    assert "non è partito" not in lucia.get("/incidents").text
    assert "non è partito" not in lucia.get("/inbox").text
    closed = lucia.get("/incidents?show=settled").text
    assert "Messaggi messi da parte" in closed
    assert f"Lucia Bassi: <span class=\"said\">{why}</span>" in closed
    assert "Finora nessuna anomalia è stata chiusa." not in closed
    with core.db.transaction() as db:
        lines = [line for line in db.scalars(select(log.Line)) if line.verb == "message.unneeded"]
        assert [set(line.facts) for line in lines] == [{"kind", "attempts", "reason_id"}]
        assert why not in str([line.facts for line in lines])


def test_what_did_not_leave_can_be_tried_again_all_at_once_but_for_texts_to_a_person(lucia: Browser):
    with core.db.transaction() as db:
        user = users.by_login(db, "lucia")
        assert user
        for number in range(60):
            outbox.put(db, f"digest-{number}", user.id, "digest", {"open": 1, "path": "/inbox"}, by="clock")
        outbox.entrust(db, "sms", "text", user.id, "sms:x", by="cli")
        db.execute(update(outbox.Message).values(status="failed"))
    assert "Riprova tutti" in lucia.get("/status").text
    assert "Riprova tutti" in lucia.get("/incidents").text
    lucia.send("/status/mail", way="all", back="incidents")
    assert "I messaggi tornano in partenza" in lucia.follow().text
    assert "Riprova tutti" not in lucia.reply.text
    with core.db.transaction() as db:
        counts = outbox.by_way(db)
    assert (counts["mail"], counts["sms"]) == ({"queued": 60}, {"failed": 1})


def test_a_queue_that_takes_nothing_is_told_where_one_looks_for_what_stopped(lucia: Browser, time, monkeypatch):
    opened = replace(lucia.app.config["APPRODO"], hook_url="https://queue.example.org", hook_secret="x" * 24)
    monkeypatch.setitem(lucia.app.config, "APPRODO", opened)
    said = "non parte niente per questa via: coda dell&#39;ufficio"
    with core.db.transaction() as db:
        message = claimed(db)
        outbox.copy(db, message, "hook", by="clock")
        event = outbox.claim(db, "hook")
        assert event
        outbox.settle(db, event.key, event.attempts, error="NotTaken 503", by="clock")
    time.forward(minutes=2)
    assert said not in lucia.get("/status").text
    time.forward(minutes=3)
    page = lucia.get("/status").text
    assert f"Da 5 minuti {said}" in page
    assert "NotTaken 503" in page
    assert said in lucia.get("/incidents").text

    time.forward(days=3)
    with core.db.transaction() as db:
        for _ in range(outbox.FEWEST_TRIES - 1):
            time.forward(hours=2)
            event = outbox.claim(db, "hook")
            assert event
            settled = outbox.settle(db, event.key, event.attempts, error="NotTaken 503", by="clock")
        assert settled
        reminders.tell_of_failure(db, settled)
    lucia.log_in("lucia")
    assert "1 messaggio non è partito" in lucia.get("/incidents").text
    assert said not in lucia.reply.text
    assert re.search(r"coda dell&#39;ufficio · 12 tentativi", lucia.get("/status").text)
    assert "la coda dell&#39;ufficio o gli avvisi del browser non hanno funzionato" in lucia.get("/notices").text


def test_the_list_of_my_letters_says_what_each_was_about(lucia: Browser):
    with core.db.transaction() as db:
        user = users.by_login(db, "lucia")
        assert user
        for kind in sorted(labels.LETTERS):
            outbox.put(db, f"{kind}-x", user.id, kind, {"open": 1, "path": "/inbox"}, by="clock")
    page = lucia.get("/account/mail").text

    written = {folder.name for folder in mail.TEXTS.iterdir()}
    assert written - {alarm.STANDSTILL} == set(labels.LETTERS)  # of a standstill no reader is told by the outbox
    assert [words for words in labels.LETTERS.values() if words not in page] == []
    assert "aspetta di partire" in page


def test_whoever_changes_her_address_with_the_password_gets_there_what_did_not_arrive(carla: Browser):
    with core.db.transaction() as db:
        user = users.by_login(db, "carla")
        assert user
        bounces.flag(db, user.id, user.mail, "5.1.1", by="clock")
        outbox.put(db, "news-x", user.id, "news", {"news": 1, "path": "/notices"}, by="clock")
        claimed = outbox.claim(db)
        assert claimed
        outbox.give_up(db, claimed.key, claimed.attempts, "dead address 5.1.1", by="clock")
    assert "se è cambiata, scrivi più sotto quella nuova" in carla.get("/account/mail").text

    refused = carla.send("/account/mail/address", mail="carla.nuova@example.org", password="guessed")
    assert refused.status_code == 401
    assert "La password non è questa" in refused.text
    assert 'value="carla.nuova@example.org"' in refused.text
    assert carla.send("/account/mail/address", mail="carla", password=PASSWORD).status_code == 422
    carla.send("/account/mail/address", mail=" carla.nuova@example.org ", password=PASSWORD)

    page = carla.get("/account/mail").text
    assert "Ti scriviamo a carla.nuova@example.org." in page
    assert "Il tuo indirizzo non risponde" not in page
    with core.db.transaction() as db:
        assert [each.status for each in db.scalars(select(outbox.Message).filter_by(key="news-x"))] == ["queued"]
        lines = [line for line in db.scalars(select(log.Line)) if line.verb in {"user.mail_set", "login.refused"}]
    assert [line.verb for line in lines] == ["login.refused", "user.mail_set"]
    assert "nuova" not in str([line.facts for line in lines])
