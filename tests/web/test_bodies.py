"""The bodies of the directory on the page: search, what nobody has checked, a change that leaves what was."""

import core.db
from cases import bodies
from core import clock
from tests.web.browser import Browser
from tests.web.test_today import words
from tests.web.walk import Walk, complaint

COURT = {
    "kind": "tribunale", "name": "Tribunale di prova", "role": "Ricorsi", "phone": "035 000 000", "provinces": ["BG"],
    "availability": "Martedì dalle 9 alle 12", "source": "Sito del tribunale", "valid_from": "2026-01-01",
}  # fmt: skip
LIST = "/directory/bodies"


def add(desk: Browser, **more) -> str:
    """Write a body; returns its page."""
    desk.get(f"{LIST}/new")
    reply = desk.send(f"{LIST}/new", **{**COURT, **more})
    assert reply.status_code == 303, complaint(reply.text)
    return str(reply.location.partition("?")[0])


def test_everybody_reads_the_national_offices_and_sees_that_nobody_has_checked_them(placed: Walk):
    page = words(Browser(placed.app, "anna").get(LIST).text)

    assert "Dipartimento della pubblica sicurezza" in page
    assert "1522" in page
    assert "da verificare" in page
    assert "Nuovo ente" not in page
    assert "Enti" in words(Browser(placed.app, "anna").get("/directory").text)


def test_a_body_is_found_by_word_kind_and_province_and_no_word_stands_in_the_address(placed: Walk):
    add(Browser(placed.app, "lucia"))
    anna = Browser(placed.app, "anna")
    anna.get(LIST)
    page = words(anna.send(LIST, words="prova TRIBUNALE").text)
    assert "Tribunale di prova" in page
    assert "Dipartimento" not in page.partition("Cerca")[2]
    assert anna.reply.request.path == LIST
    assert "?" not in anna.reply.request.full_path.rstrip("?")
    assert "Tribunale di prova" in words(anna.send(LIST, words="", province="BG").text)
    assert "Tribunale di prova" not in words(anna.send(LIST, province="PA").text).partition("Cerca")[2]
    assert "Nessun ente con queste parole." in words(anna.send(LIST, words="inesistente", province="").text)


def test_a_check_takes_the_badge_away_until_it_is_a_year_old(placed: Walk):
    lucia = Browser(placed.app, "lucia")
    page = add(lucia)
    assert "Da verificare" in words(lucia.get(page).text)
    lucia.send(f"{page}/verify", source="Telefonata alla cancelleria")
    said = words(lucia.follow().text)

    assert "Verifica registrata" in said
    assert "Da verificare" not in said
    assert "Verificato 11 ago 2026, Lucia Bassi" in said
    placed.time.at("2027-08-12 09:00")
    lucia.log_in("lucia")
    assert "Da verificare" in words(lucia.get(page).text)
    lucia.get(LIST)
    assert "Tribunale di prova" in words(lucia.send(LIST, stale="true").text)


def test_a_change_leaves_what_was_written_before(placed: Walk):
    lucia = Browser(placed.app, "lucia")
    page = add(lucia)
    lucia.get(f"{page}/change")
    assert lucia.send(f"{page}/change", phone="035 111 111", valid_from="2026-08-01").status_code == 303
    said = words(lucia.follow().text)

    assert "Telefono 035 111 111" in said
    assert "035 000 000" in said.partition("Com'era prima")[2]
    with core.db.transaction() as db:
        assert [body.version for body in bodies.history(db, page.rpartition("/")[2])] == [2, 1]


def test_wrong_fields_are_said_beside_them_and_nothing_typed_is_lost(placed: Walk):
    lucia = Browser(placed.app, "lucia")
    for wrong, said in (
        ({"name": ""}, "Ente e ufficio"),
        ({"phone": "il numero di casa di Rosa"}, "Scrivi il numero con cifre e spazi."),
        ({"verified_on": "2030-01-01"}, "La verifica non può essere nel futuro."),
    ):
        lucia.get(f"{LIST}/new")
        reply = lucia.send(f"{LIST}/new", **{**COURT, **wrong})
        assert reply.status_code == 422
        assert said in complaint(reply.text)
        assert "Martedì dalle 9 alle 12" in reply.text
    page = add(lucia)
    lucia.get(page)
    assert lucia.send(f"{page}/verify", source=" ").status_code == 422


def test_the_form_says_that_no_private_number_belongs_here(placed: Walk):
    page = words(Browser(placed.app, "lucia").get(f"{LIST}/new").text)

    assert "non ci stanno numeri di casa o personali di nessuno" in page
    assert f'value="{clock.today()}"' in Browser(placed.app, "lucia").get(f"{LIST}/new").text
