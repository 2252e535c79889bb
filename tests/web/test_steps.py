"""Out of the ordinary on the pages: skip a step, add one, close early, reopen; each asks why."""

import pytest

import core.db
from core import log
from tests.web.browser import Browser
from tests.web.walk import complaint

WHY = "Lo ha chiesto lei, si sente al sicuro"
NOTE = "Portare i documenti nella busta blu"


@pytest.fixture
def carla(placed):
    return placed.desk("carla")


@pytest.fixture
def dario(placed):
    return placed.desk("dario")


def fill(desk: Browser, path: str, **answers: str):
    desk.get(path)
    return desk.send(path, **{"reason": WHY} | answers)


def add(desk: Browser, case: str, **answers: str):
    typed = {"what": "accompagna", "group": "case_manager", "due_on": "2026-08-12", "note": NOTE}
    return fill(desk, f"/cases/{case}/steps/new", **typed | answers)


def test_the_supervisor_skips_a_step_from_its_page(placed, dario):
    task = dario.task("Valuta il rischio")
    page = dario.get(task).text
    assert f'href="{task}/skip">Salta questo passo' in page
    reply = fill(dario, f"{task}/skip")

    assert (reply.status_code, reply.location) == (303, f"/cases/{placed.case}?done=step_skipped")
    page = placed.page("dario", f"/cases/{placed.case}")
    assert "Saltato con motivo: Valuta il rischio Dario Pace" in page
    assert WHY not in page


def test_a_second_click_on_skip_says_that_it_was_skipped(placed, dario):
    task = dario.task("Valuta il rischio")
    fill(dario, f"{task}/skip")
    data = {"csrf_token": dario.token(), "reason": WHY}
    reply = dario.client.post(f"{task}/skip", data=data)

    assert reply.status_code == 409
    assert "È stata saltata, con un motivo, da Dario Pace" in reply.text


def test_who_may_not_skip_is_not_offered_it(placed, carla):
    task = carla.task("Valuta il rischio")

    assert "Salta questo passo" not in carla.get(task).text
    assert carla.get(f"{task}/skip").status_code == 404


def test_a_skip_without_a_reason_comes_back(placed, dario):
    task = dario.task("Valuta il rischio")
    reply = fill(dario, f"{task}/skip", reason="no")

    assert reply.status_code == 422
    assert "Motivo" in complaint(reply.text)
    assert ">\nno</textarea>" in reply.text


def test_an_added_step_stands_in_the_inbox_and_shows_its_note_to_who_does_it(placed, carla):
    reply = add(carla, placed.case)
    assert reply.location == f"/cases/{placed.case}?done=step_added"
    page = carla.follow().text
    assert "Passo aggiunto: è nelle attività del gruppo." in page
    assert NOTE not in page
    task = carla.task("Accompagna la persona")
    page = carla.get(task).text
    assert NOTE in page
    assert "da un collega" in page
    assert NOTE not in carla.get("/inbox").text

    carla.get(task)
    assert carla.send(task, notes="Fatto insieme").status_code == 303
    assert "Fatto: Accompagna la persona Carla Moro" in placed.page("carla", f"/cases/{placed.case}")
    with core.db.transaction() as db:
        assert NOTE not in "".join(line.body for line in log.lines(db, case=placed.case, limit=500))


def test_an_added_step_speaks_english_to_who_reads_english(placed, carla):
    add(carla, placed.case)
    carla.get("/account")
    carla.send("/account", language="en")

    assert "Accompany the person" in carla.get("/inbox").text
    assert "Step added by hand, with a reason: Accompany the person" in placed.page("carla", f"/cases/{placed.case}")


def test_a_wrong_step_comes_back_with_everything_typed(placed, carla):
    reply = add(carla, placed.case, due_on="2026-08-01")

    assert reply.status_code == 422
    assert "Questa data è già passata." in complaint(reply.text)
    assert NOTE in reply.text
    assert 'value="accompagna" selected' in reply.text


def test_a_case_is_closed_early_and_reopened(placed, carla):
    page = carla.get(f"/cases/{placed.case}").text
    assert "Riapri il caso" not in page
    reply = fill(carla, f"/cases/{placed.case}/close", outcome="altro_servizio", leaves_shelter="true")
    assert reply.location == f"/cases/{placed.case}?done=case_closed"
    page = carla.follow().text
    assert "Chiuso: " in page
    assert f'href="/cases/{placed.case}/reopen"' in page
    assert "Aggiungi un passo" not in page
    assert carla.get(f"/cases/{placed.case}/steps/new").status_code == 422

    reply = fill(carla, f"/cases/{placed.case}/reopen", go_on="by_hand")
    assert reply.location == f"/cases/{placed.case}?done=case_reopened"
    page = placed.page("carla", f"/cases/{placed.case}")
    assert "Caso riaperto, con motivo Carla Moro" in page
    assert "Decidi come riprende il caso" in page
    assert "Scadenza di nuovo attesa: 11/11/2026 (T06)" in page


def test_closing_twice_is_refused_in_words(placed, carla):
    fill(carla, f"/cases/{placed.case}/close", outcome="altro_servizio")
    data = {"csrf_token": carla.token(), "outcome": "altro_servizio", "reason": WHY}
    reply = carla.client.post(f"/cases/{placed.case}/close", data=data)

    assert reply.status_code == 422
    assert "Il caso è chiuso: per lavorarci va prima riaperto." in reply.text


def test_an_open_case_cannot_be_reopened(placed, carla):
    reply = carla.get(f"/cases/{placed.case}/reopen")

    assert reply.status_code == 422
    assert "Il caso non è chiuso." in reply.text


def test_why_is_read_on_the_sheet_by_who_may(placed, carla):
    fill(carla, f"/cases/{placed.case}/close", outcome="altro_servizio")
    page = carla.get(f"/cases/{placed.case}").text
    sheet = page.partition(">Chiuso prima del tempo</a>")[0].rpartition('href="')[2].partition('"')[0]

    assert WHY in carla.get(sheet).text


def test_the_house_is_not_offered_what_it_may_not_do(placed):
    page = Browser(placed.app, "elena").get(f"/cases/{placed.case}").text

    for words in ("Aggiungi un passo", "Chiudi prima del tempo", "Fuori dal percorso"):
        assert words not in page
