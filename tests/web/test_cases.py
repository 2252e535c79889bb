"""The case file on one page: dates, people, stay, consents, what happened; and who may not see it."""

import re
from datetime import date

import pytest
from markupsafe import escape

import core.db
from cases import deadlines, persons
from core import log
from engine import registry
from tests.web.browser import Browser
from tests.web.office import ADDRESS
from tests.web.walk import complaint

NAME = "Blessing Osagie"


@pytest.fixture
def walk(placed):
    """A case with a guest in the house whose name is known."""
    with core.db.transaction() as db:
        persons.record(db, placed.case, {"first_name": NAME}, {"channel": "WhatsApp", "hours": "15-17"}, by="cli")
    return placed


def test_the_page_shows_the_steps_and_where_the_case_is(walk):
    page = walk.desk("carla").get(f"/cases/{walk.case}").text

    assert '<li data-state="done">Primo contatto' in page
    assert '<li data-state="current" aria-current="step">Protezione immediata' in page
    assert '<li data-state="next">Uscita' in page


def test_the_task_that_is_due_first_stands_first(walk):
    page = walk.page("carla", f"/cases/{walk.case}")

    assert page.index("Valuta il rischio") < page.index("Spiega i diritti")


def test_a_date_that_is_over_is_folded_behind_those_that_are_open(walk):
    with core.db.transaction() as db:
        over = deadlines.of_case(db, walk.case)[0]
        deadlines.settle(db, walk.case, over.term_id, date(2026, 8, 11), by="cli")

    page = walk.desk("carla").get(f"/cases/{walk.case}").text
    assert "<summary>Scadenze di prima (1)</summary>" in page
    assert page.index("rispettata") > page.index("Scadenze di prima")


def test_a_pathway_that_is_started_leads_to_its_first_task(walk):
    desk = walk.desk("carla")
    desk.get(f"/cases/{walk.case}")
    reply = desk.send(f"/cases/{walk.case}/pathways/referral")

    assert reply.location.startswith("/inbox/")
    assert "questa è la sua prima attività" in desk.follow().text
    assert "Prepara e manda l&#39;invio" in desk.reply.text


def test_each_date_says_its_source_and_whether_it_is_sure(walk):
    page = walk.page("carla", f"/cases/{walk.case}")

    assert "mercoledì 11 novembre 2026 · T06" in page
    assert "art. 13 L. 228/2003" in page
    assert "da verificare" in page


def test_the_name_is_on_no_page_until_it_is_asked_for_and_then_it_is_written_down(walk):
    carla = walk.desk("carla")
    assert NAME not in carla.get(f"/cases/{walk.case}").text
    page = carla.send(f"/cases/{walk.case}/person").text

    assert NAME in page
    assert "WhatsApp" in page
    with core.db.transaction() as db:
        seen = {line.facts["what"] for line in log.lines(db, case=walk.case) if line.verb == "case.viewed"}
        assert seen == {"identity", "safe_ways"}
        assert NAME not in "".join(line.body for line in log.lines(db, case=walk.case, limit=500))


def test_the_house_reads_the_identity_but_not_who_left_it(walk):
    elena = Browser(walk.app, "elena")
    elena.get(f"/cases/{walk.case}")
    assert NAME in elena.send(f"/cases/{walk.case}/person").text
    with core.db.transaction() as db:
        from cases import shelters
        from core import clock

        shelters.leave(db, walk.case, clock.today(), by="cli")

    assert elena.get(f"/cases/{walk.case}").status_code == 404


def test_a_masked_case_is_seen_by_its_workers_and_the_supervisor_alone(walk):
    giulia = Browser(walk.app, "giulia")
    assert giulia.get(f"/cases/{walk.case}").status_code == 200
    walk.weigh("alto")

    giulia = Browser(walk.app, "giulia")
    assert giulia.get(f"/cases/{walk.case}").status_code == 404
    assert walk.case not in giulia.get("/cases").text
    assert "riservato" in walk.page("carla", f"/cases/{walk.case}")
    assert walk.case in walk.page("dario", "/cases")


def test_the_address_is_on_nobodys_case_page(walk):
    for login in ("carla", "dario", "bruno", "elena"):
        assert ADDRESS not in Browser(walk.app, login).get(f"/cases/{walk.case}").text


def test_what_happened_is_told_in_words(walk):
    page = walk.page("carla", f"/cases/{walk.case}")

    assert f"Entrata nella struttura {walk.shelter} Carla Moro" in page
    assert "Dal contatto nasce il caso Bruno Riva" in page


def test_a_reminder_says_of_what_and_what_the_clock_did_by_itself_is_folded(walk):
    with core.db.transaction() as db:
        term = deadlines.of_case(db, walk.case)[0]
        about = {"term": term.term_id, "due_on": term.due_on, "case": walk.case, "by": "clock"}
        log.append(db, "reminder.given", f"case:{walk.case}", **about)
        log.append(db, "timer.fired", f"case:{walk.case}", by="clock", case=walk.case, element="wait", instance="i")
    page = walk.desk("carla").get(f"/cases/{walk.case}").text.partition('id="events"')[2]

    assert f"Promemoria inviato: «{escape(term.name)}», {term.due_on:%d/%m/%Y}" in page
    assert "Scatta un tempo" not in page.partition("Tempi scattati da soli (")[0]
    assert "Scatta un tempo" in page


def test_a_filed_sheet_can_be_read_again_by_who_may(walk):
    walk.weigh("medio")
    carla = walk.desk("carla")
    page = carla.get(f"/cases/{walk.case}").text
    sheet = page.partition(f'href="/sheets/{walk.case}/')[2].partition('"')[0]

    read = carla.get(f"/sheets/{walk.case}/{sheet}").text
    assert "Nessuna uscita da sola" in read
    assert "Medio" in read
    with core.db.transaction() as db:
        assert any(line.verb == "sheet.viewed" for line in log.lines(db, case=walk.case, limit=10))


def test_a_sheet_keeps_the_name_of_its_form_when_no_pathway_asks_that_form_any_more(walk):
    walk.weigh("medio")
    with core.db.transaction() as db:
        for model in registry.newest(db):
            if (text := model.xml.replace(b'approdo:form="risk_assessment"', b'approdo:form="identity"')) != model.xml:
                registry.publish(db, text, by="u_coord")
    page = walk.desk("carla").get(f"/cases/{walk.case}").text
    sheet = page.partition(f'href="/sheets/{walk.case}/')[2].partition('"')[0]

    assert "risk_assessment" not in page
    assert re.search("<h1>(Val|Rival)uta il rischio", walk.desk("carla").get(f"/sheets/{walk.case}/{sheet}").text)


def test_the_mediator_of_an_appointment_reads_no_story(walk):
    walk.weigh("medio")
    with core.db.transaction() as db:
        from datetime import timedelta

        from cases import grants
        from core import clock, users

        fatou = users.by_login(db, "fatou")
        assert fatou
        grants.appoint(db, walk.case, fatou.id, clock.now(), clock.now() + timedelta(hours=2), by="cli")
    page = walk.desk("carla").get(f"/cases/{walk.case}").text
    sheet = page.partition(f'href="/sheets/{walk.case}/')[2].partition('"')[0]
    read = Browser(walk.app, "fatou").get(f"/sheets/{walk.case}/{sheet}").text

    assert "Medio" in read
    assert "Nessuna uscita da sola" not in read


def test_the_sheet_of_another_case_is_not_there(walk):
    assert walk.desk("carla").get(f"/sheets/{walk.case}/0123456789abcdef").status_code == 404


def test_who_says_no_leaves_with_an_open_door(walk):
    carla = walk.desk("carla")
    carla.get(f"/cases/{walk.case}/decline")
    carla.send(f"/cases/{walk.case}/decline", declined_on="2026-08-11", leaves_shelter="true")

    page = walk.page("carla", f"/cases/{walk.case}")
    assert "Chiuso: Porta aperta" in page
    assert "Nessuna attività in attesa." in page
    assert "Nessun inserimento." in page


def test_saying_no_without_a_day_comes_back(walk):
    carla = walk.desk("carla")
    carla.get(f"/cases/{walk.case}/decline")
    reply = carla.send(f"/cases/{walk.case}/decline", declined_on="", notes="Ci pensa")

    assert reply.status_code == 422
    assert "Campo obbligatorio" in complaint(reply.text)
    assert "Ci pensa" in reply.text


def test_a_link_leads_only_where_one_may_go(walk):
    for login in ("carla", "dario", "bruno"):
        desk = walk.desk(login)
        page = desk.get(f"/cases/{walk.case}").text
        assert "Valuta il rischio" in page
        for link in re.findall(r'href="(/inbox/\w+|/sheets/[^"]+|/pathways/[^"]+)"', page):
            assert desk.get(link).status_code == 200, (login, link)


def test_the_list_shows_codes_and_no_names(walk):
    page = walk.page("carla", "/cases")

    assert walk.case in page
    assert NAME not in page
    assert walk.case not in walk.page("carla", "/cases?status=closed")
    assert walk.case in walk.page("carla", "/cases?status=all")
