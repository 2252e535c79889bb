"""The page of integration and exit: codes for who knows the case, words on request and on record, holds."""

from datetime import date

import pytest
from sqlalchemy import select

import core.db
from cases import internships, pei, retention
from cases.casefile import scope_of
from cases.internships import Agreement
from cases.pei import Aim
from core import log
from core.log import Line
from tests.web.office import HOUSE

WORDS = {"promoter": "Agenzia Ponte", "host": "Forno Rosa", "profile": "Aiuto fornaia"}


@pytest.fixture
def case(placed):
    """A case with a plan and an internship."""
    placed.time.at("2027-01-20 10:00")
    with core.db.transaction() as db:
        pei.write(db, placed.case, date(2027, 1, 20), [Aim("casa", {"goal": "Una stanza mia"}, "persona")], by="u_carla")
        agreed = Agreement("tis", date(2027, 3, 1), date(2027, 8, 31), 25, 600, "ente")
        internships.begin(db, placed.case, agreed, WORDS, by="u_carla")
    return placed


def readings(code):
    with core.db.transaction() as db:
        return len(list(db.scalars(select(Line).where(Line.case_code == code, Line.verb == "case.viewed"))))


def test_the_page_shows_codes_and_dates_and_no_words(case):
    page = case.page("carla", f"/cases/{case.case}/integration")

    assert "Casa" in page
    assert "Da rivedere entro: martedì 20 luglio 2027" in page
    assert "Tirocinio di inclusione (TIS)" in page
    assert "Una stanza mia" not in page
    assert "Forno Rosa" not in page


def test_the_words_are_shown_on_request_and_the_reading_is_on_record(case):
    before = readings(case.case)
    desk = case.desk("carla")
    desk.get(f"/cases/{case.case}/integration")
    page = desk.send(f"/cases/{case.case}/integration").text

    assert "Una stanza mia" in page
    assert "Forno Rosa" in page
    assert readings(case.case) == before + 2


def test_the_paper_for_the_host_names_the_promoter_and_nothing_of_us(case):
    text = case.desk("carla").get(f"/cases/{case.case}/letters/progetto_formativo").text
    paper = text.partition("<textarea")[2].partition("</textarea>")[0]

    assert "Promotore: Agenzia Ponte" in paper
    assert "Dal 01/03/2027 al 31/08/2027, 25 ore alla settimana." in paper
    for told in ("tratta", "vittim", "programma", "protezione", "antitratta", case.case, HOUSE, "lombardia"):
        assert told not in paper.lower()


def test_a_hold_stands_until_it_is_lifted(case):
    desk = case.desk("dario")
    page = f"/cases/{case.case}/integration"
    desk.get(page)
    desk.send(f"/cases/{case.case}/hold", reason="boh")
    assert desk.reply.status_code == 422
    assert "Scrivi il motivo" in desk.reply.text
    assert "boh" in desk.reply.text
    desk.send(f"/cases/{case.case}/hold", reason="Ricorso pendente, chiede l'avvocata")
    assert desk.reply.status_code == 303
    with core.db.transaction() as db:
        (held,) = retention.holds(db, scope_of(case.case))
    desk.get(page)
    desk.send(f"/cases/{case.case}/hold/{held.id}/lift")

    with core.db.transaction() as db:
        assert retention.holds(db, scope_of(case.case)) == []
        assert log.verify(db) == []
    assert "Il blocco è tolto." in case.page("dario", desk.reply.location)


def test_the_page_in_english_names_the_rules_in_english(case):
    desk = case.desk("carla")
    desk.get("/account")
    desk.send("/account", language="en")
    with core.db.transaction() as db:
        retention.begin_case(db, case.case, date(2027, 1, 20), "conclusione_positiva", by="u_carla")

    page = case.page("carla", f"/cases/{case.case}/integration")
    assert "Retention: case file" in page
    assert "20 January 2037" in page
