"""Contacts at the desk: a call in a hurry, an encounter in the street, what each may read of it."""

import pytest
from markupsafe import escape

import core.db
from cases import contacts, posts
from core import log
from tests.web.browser import Browser
from tests.web.walk import Walk, complaint


def record(browser, kind="call", **answers):
    browser.get(f"/contacts/new/{kind}")
    reply = browser.send(f"/contacts/new/{kind}", **answers)
    assert reply.status_code == 303, complaint(reply.text)
    return reply.location.partition("?")[0].rpartition("/")[2]


def test_a_call_needs_nothing_but_one_press(anna):
    code = record(anna)

    assert code.startswith("NV-")
    assert "Contatto registrato." in anna.follow().text
    with core.db.transaction() as db:
        kept = contacts.get(db, code)
        assert (kept.danger, kept.province, kept.person_code) == (None, None, None)
        assert kept.at.isoformat() == "2026-07-21T07:00:00+00:00"


def test_a_call_that_is_not_relevant_is_closed_in_two_clicks(anna):
    code = record(anna, call_class="non_pertinente")

    assert "Non pertinente" in anna.get(f"/contacts/{code}").text
    assert code not in anna.get("/contacts").text
    assert code in anna.get("/contacts?status=closed").text


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({}, ["Priorità: media.", "Numero Verde", "Risposta entro 24 ore."]),
        ({"danger": "si", "province": "MI"}, ["Priorità: emergenza.", "Derive e Approdi", "Risposta entro 30 minuti."]),
        ({"wants_out": "si", "province": "MI"}, ["Priorità: alta.", "Risposta entro 4 ore."]),
        ({"wants_out": "no"}, ["Priorità: bassa.", "Si danno le informazioni e si chiude"]),
        ({"reason": "consulenza"}, ["Priorità: bassa.", "Si danno le informazioni e si chiude"]),
        ({"reason": "consulenza", "wants_out": "si", "province": "MI"}, ["Priorità: alta.", "Risposta entro 4 ore."]),
        ({"reason": "consulenza", "minor": "si", "province": "MI"}, ["Priorità: alta.", "Risposta entro 4 ore."]),
        ({"reason": "consulenza", "danger": "si", "province": "MI"}, ["Priorità: emergenza."]),
        ({"call_class": "non_pertinente", "danger": "si"}, ["Si chiude come non pertinente."]),
    ],
)
def test_while_a_call_is_typed_it_says_what_becomes_of_it_and_that_is_what_becomes_of_it(anna, typed, said):
    anna.get("/contacts/new/call")
    page = anna.send("/contacts/new/call", _refresh="1", **typed).text.partition("data-told")[2].partition("</div>")[0]
    code = record(anna, **typed)

    for words in said:
        assert words in page
    with core.db.transaction() as db:
        assert (contacts.get(db, code).status == "closed") == ("si chiude" in page.lower())
        if "Va a" in page:
            assert escape(posts.get(db, contacts.get(db, code).post).name) in page


def test_the_urgent_stands_in_the_head_and_in_the_list(anna):
    code = record(anna, danger="si", can_speak="no", minor="si", province="MI")

    head = anna.get(f"/contacts/{code}").text.partition('class="page-head"')[2].partition('class="two-columns"')[0]
    line = anna.get("/contacts").text.partition(f">{code}<")[2].partition("</li>")[0]
    for place in (head, line):
        assert "pericolo immediato</span>" in place
        assert "non può parlare</span>" in place
        assert "minorenne</span>" in place


def test_after_a_call_the_next_one_is_one_press_away(anna):
    code = record(anna, call_class="disturbo")

    assert 'href="/contacts/new/call"' in anna.follow().text
    assert 'href="/contacts/new/call"' not in anna.get(f"/contacts/{code}").text


def test_who_may_be_known_already_is_told_before_anything_else(anna):
    record(anna, province="MI", code_word="limone verde")
    code = record(anna, province="MI", code_word="Limone Verde")

    page = anna.get(f"/contacts/{code}").text
    assert page.index('id="alike"') < page.index('id="said"')


def test_what_is_not_relevant_hides_the_rest_of_the_form(anna):
    anna.get("/contacts/new/call")
    page = anna.send("/contacts/new/call", call_class="disturbo", _refresh="1").text

    assert 'name="danger"' not in page
    assert 'name="at"' in page


def test_a_wrong_time_comes_back_beside_its_field(anna):
    anna.get("/contacts/new/call")
    reply = anna.send("/contacts/new/call", at="2027-01-01T00:00", summary="Chiama domani")

    assert reply.status_code == 422
    assert "La data non può essere nel futuro" in reply.text
    assert "Chiama domani" in reply.text
    assert 'value="2027-01-01T00:00"' in reply.text


def test_a_code_that_nobody_has_is_told_beside_its_field(anna):
    anna.get("/contacts/new/call")
    reply = anna.send("/contacts/new/call", person_code="UM-ZZZZ")

    assert reply.status_code == 422
    assert "Nessun contatto ha questo codice." in complaint(reply.text)
    assert "#f-person_code" in reply.text


def test_a_draft_of_a_call_waits_for_its_writer(app, anna):
    anna.get("/contacts/new/call")
    anna.send("/contacts/new/call", summary="Sta piangendo", danger="si", _draft="1")

    assert "Bozza salvata." in anna.follow().text
    page = Browser(app, "anna").get("/contacts/new/call").text
    assert "Sta piangendo" in page
    assert 'value="si" checked' in page
    assert "Sta piangendo" not in Browser(app, "ines").get("/contacts/new/call").text


def test_the_draft_goes_when_the_call_is_recorded(app, anna):
    anna.get("/contacts/new/call")
    anna.send("/contacts/new/call", summary="Sta piangendo", _draft="1")
    record(anna)

    assert "Sta piangendo" not in anna.get("/contacts/new/call").text


@pytest.mark.parametrize(
    ("login", "kind"), [("carla", "call"), ("anna", "street"), ("elena", "desk"), ("anna", "letter")]
)
def test_each_records_what_is_hers_to_record(app, login, kind):
    assert Browser(app, login).get(f"/contacts/new/{kind}").status_code == 404


def test_what_was_said_is_read_by_who_has_it_in_hand_and_the_reading_is_written_down(app, anna, bruno, carla):
    code = record(anna, danger="si", wants_out="si", province="MI", summary="È in stazione", safe_channel="WhatsApp")

    assert "È in stazione" in bruno.get(f"/contacts/{code}").text
    with core.db.transaction() as db:
        line = next(line for line in log.lines(db) if line.verb == "contact.viewed")
        assert line.facts == {"fields": ["safe_channel", "summary"]}


def test_after_the_pick_up_the_operator_reads_no_more(app, time):
    walk = Walk(app, time)
    walk.meet()
    walk.ring()
    assert "Vuole uscire adesso" in walk.page("anna", f"/contacts/{walk.call}")
    walk.pick_up()

    page = walk.page("anna", f"/contacts/{walk.call}")
    assert "Vuole uscire adesso" not in page
    assert "Presa in carico" in page


def test_encounters_with_the_same_person_stand_side_by_side(app, time):
    walk = Walk(app, time)
    walk.meet()
    walk.meet_again()
    walk.ring()

    page = walk.page("anna", f"/contacts/{walk.call}")
    assert walk.contact in page
    assert "Altri incontri con la stessa persona" in page


def test_who_says_no_leaves_an_open_door(app, anna, bruno):
    code = record(anna, wants_out="si", province="MI")
    bruno.get(f"/contacts/{code}")
    bruno.send(f"/contacts/{code}/decline")

    page = bruno.follow().text
    assert "La porta resta aperta." in page
    assert "Porta aperta: la persona per ora dice di no" in page
    assert "Nessuna attività in attesa." in bruno.get("/inbox").text


def test_saying_no_twice_is_told(app, anna, bruno):
    code = record(anna, wants_out="si", province="MI")
    bruno.get(f"/contacts/{code}")
    bruno.send(f"/contacts/{code}/decline")
    token = bruno.token()

    assert bruno.client.post(f"/contacts/{code}/decline", data={"csrf_token": token}).status_code == 422


def test_no_name_is_asked_anywhere(anna):
    page = anna.get("/contacts/new/call").text

    assert "first_name" not in page
    assert "Anonimo: niente nomi." in page
    assert 'autocomplete="off"' in page
