"""The page "Cerca prima di aprire": who may ask, what is told, that no word stands in an address or in the log."""

import pytest
from sqlalchemy import select

import core.db
from cases import casefile, persons, quotas
from core import log
from notifications.notices import Notice
from tests.web.browser import Browser

NAME, OTHER = "Blessing Osagie", "Osaghie Blesing"


@pytest.fixture
def known(placed):
    with core.db.transaction() as db:
        persons.record(db, placed.case, {"first_name": "Blessing", "last_name": "Osagie"}, by="cli")
    return placed


def ask(desk, **typed):
    desk.get("/search")
    return desk.send("/search", **{"purpose": "apertura", **typed})


def told(kind):
    with core.db.transaction() as db:
        return list(db.scalars(select(Notice).where(Notice.kind == kind)))


def test_who_may_see_the_case_is_led_to_it(known):
    page = ask(known.desk("carla"), name=OTHER).text

    assert f'href="/cases/{known.case}"' in page
    assert "nome che suona simile" in page


def test_a_stranger_is_told_whom_to_ask_and_nothing_else(known):
    page = ask(Browser(known.app, "piero"), name=OTHER).text

    assert "Esiste: chiedi a" in page
    assert known.case not in page
    assert "suona simile" not in page


def test_the_answer_to_nobody_has_the_shape_of_the_answer_about_somebody(known):
    desk = Browser(known.app, "piero")
    some, none = ask(desk, name=OTHER), ask(desk, name="Adaeze Okonkwo")

    assert (some.status_code, none.status_code) == (200, 200)
    assert dict(some.headers).keys() == dict(none.headers).keys()
    assert "Nessuno con questi dati" in none.text


def test_a_refused_search_keeps_what_was_typed(known):
    reply = ask(known.desk("carla"), name=NAME, birth_date="mai", purpose="")

    assert reply.status_code == 422
    assert NAME in reply.text
    assert "Scegli perché cerchi." in reply.text


def test_no_word_reaches_an_address_or_the_log(known):
    desk = known.desk("carla")
    ask(desk, name=NAME)
    with core.db.transaction() as db:
        lines = db.scalars(select(log.Line).where(log.Line.verb == "search.done")).all()

    assert len(lines) == 1
    assert "osagie" not in lines[0].body.lower()
    assert 'method="get"' not in desk.reply.text


def test_the_people_of_a_hidden_case_learn_that_it_was_met(known):
    with core.db.transaction() as db:
        casefile.mask(db, known.case, by="cli")
    desk = Browser(known.app, "piero")
    page = ask(desk, name=NAME).text

    assert "Milano" not in page.partition("<main")[2]
    assert {notice.case_code for notice in told("found")} == {known.case}


def test_a_call_asks_with_its_own_number_and_word(known):
    desk = known.desk("anna")
    desk.get("/contacts/new/call")
    desk.send("/contacts/new/call", danger="no", caller_number="333 7654321", summary="Richiama")
    desk.get("/contacts/new/call")
    desk.send("/contacts/new/call", danger="no", caller_number="+39 3337654321", summary="Richiama")
    code = desk.reply.location.partition("?")[0].rpartition("/")[2]
    desk.get(f"/contacts/{code}")
    page = desk.send(f"/search/contacts/{code}").text

    assert "stesso numero" in page
    assert page.count('class="code">NV-') == 2  # the way back, and the earlier call


def test_a_contact_without_number_or_word_leads_to_the_form(placed):
    desk = placed.desk("ugo")
    desk.get(f"/contacts/{placed.contact}")

    assert "scrivi quello che sai" in desk.send(f"/search/contacts/{placed.contact}").text


@pytest.mark.parametrize(("kind", "path"), [(quotas.SEARCHES, "/search"), (quotas.CASES, "/cases")])
def test_beyond_the_limit_of_an_hour_the_coordinator_is_told(known, monkeypatch, kind, path):
    monkeypatch.setitem(quotas.LIMITS, kind, 0)
    desk = known.desk("carla")
    reply = ask(desk, name=NAME) if kind == quotas.SEARCHES else desk.get(f"/cases/{known.case}")

    assert reply.status_code == 429
    assert len(told("limit")) == 1
    (ask(desk, name=NAME) if kind == quotas.SEARCHES else desk.get(f"/cases/{known.case}"))
    assert len(told("limit")) == 1
