"""Terms in the browser: searched, explained, changed by two coordinators; closed days of offices."""

from datetime import date

import pytest
from flask import g, render_template_string

import core.db
from cases import deadlines, offices, proposals, terms
from core import log, users
from tests.web.browser import PASSWORD, Browser
from tests.web.walk import complaint
from web import cli

WHY = "Lo chiede la circolare del Ministero"


@pytest.fixture
def rosa(app):
    """A second coordinator."""
    with core.db.transaction() as db:
        user = users.add(db, "rosa", "Rosa Lupi", "rosa@example.org", password=PASSWORD, by="demo")
        users.grant(db, user, "coordinator", None, by="demo")
    return Browser(app, "rosa")


def propose(browser, **typed):
    """Two years instead of one, for permits from 2027 on."""
    browser.get("/terms/T09/propose")
    facts = {"length": "2", "valid_from": "2027-01-01", "reason": WHY, "confirm": "true", **typed}
    return browser.send("/terms/T09/propose", **facts)


def test_a_caseworker_finds_a_term_by_words_and_by_certainty(carla):
    page = carla.get("/terms?q=rinnovo+permesso").text
    assert "T11</span>" in page
    assert "T30</span>" not in page

    page = carla.get("/terms?certainty=CD").text
    assert "da verificare" in page
    assert "T24</span>" in page
    assert "T30</span>" not in page
    assert "Nessun termine corrisponde" in carla.get("/terms?q=zzzz").text
    assert "Proponi una nuova versione" not in carla.get("/terms/T09").text


def test_a_term_page_shows_both_regimes_and_counts_a_date(carla):
    page = carla.get("/terms/T09?from=2025-10-03").text

    assert "… – 03/10/2025" in page
    assert "04/10/2025 – …" in page
    assert "venerdì 3 aprile 2026" in page
    assert "martedì 7 dicembre 2027" in carla.get("/terms/T30?from=2027-11-27").text
    assert "lunedì 6 dicembre 2027" in carla.get("/terms/T30?from=2027-11-27&office=milano").text
    assert "Nessuna versione" in carla.get("/terms/T01?from=2026-07-15").text
    assert "Scrivi una data che esiste" in carla.get("/terms/T01?from=31/02/2026").text
    assert carla.get("/terms/T99").status_code == 404


def test_two_coordinators_change_a_term_and_the_log_names_both(lucia, rosa):
    made = propose(lucia)
    page = lucia.follow().text
    assert "La versione 2 resta in uso solo per i fatti 04/10/2025 – 31/12/2026." in page
    assert "Approva" not in page
    assert "serve una seconda persona" in page

    assert "aspetta una seconda persona" in rosa.get("/notices").text
    seen, _, folded = rosa.get("/terms").text.partition("Tutti gli altri")
    assert "proposta aperta" in seen
    assert folded.count('class="row"') > 20
    rosa.get(made.location)
    rosa.send(made.location.partition("?")[0] + "/approve")
    page = rosa.follow().text
    assert "Approvata" in page
    assert "proposta da Lucia Bassi, approvata da Rosa Lupi" in page
    with core.db.transaction() as db:
        ids = {user.login: user.id for user in (users.by_login(db, login) for login in ("lucia", "rosa")) if user}
        line = next(line for line in log.lines(db) if line.verb == "term.approved")
        assert (line.actor, line.facts["proposed_by"]) == (ids["rosa"], ids["lucia"])
        assert [terms.on(db, "T09", date(year, 6, 1)).length for year in (2026, 2027)] == [1, 2]


def test_the_author_cannot_approve_even_without_the_button(lucia, rosa):
    place = propose(lucia).location.partition("?")[0]
    data = {"csrf_token": lucia.token(), "seen": "2"}

    reply = lucia.client.post(f"{place}/approve", data=data)
    assert reply.status_code == 422
    assert "serve una seconda persona" in reply.text
    stale = rosa.client.post(f"{place}/approve", data={"csrf_token": rosa.token(), "seen": "1"})
    assert stale.status_code == 409


def test_a_proposal_is_rejected_with_a_reason_and_cannot_be_decided_again(lucia, rosa):
    place = propose(lucia).location.partition("?")[0]
    rosa.get(place)
    assert rosa.send(f"{place}/reject", reason="no").status_code == 422
    assert "almeno dieci caratteri" in complaint(rosa.reply.text)
    rosa.send(f"{place}/reject", reason="La circolare non è ancora uscita")

    assert "La circolare non è ancora uscita" in lucia.get(place).text
    reply = lucia.client.post(f"{place}/withdraw", data={"csrf_token": lucia.token(), "reason": "Mi ero sbagliata"})
    assert reply.status_code == 409
    assert "Rosa Lupi" in reply.text


def test_a_second_proposal_waits_for_the_first(lucia, rosa):
    propose(lucia)

    assert propose(rosa).status_code == 409
    assert "Lucia Bassi" in rosa.reply.text


def test_trying_shows_three_dates_and_writes_nothing(lucia):
    reply = propose(lucia, _preview="1", example1="2026-12-31", example2="2027-01-01", example3="2028-02-29")

    assert reply.status_code == 200
    for words in ("Che cosa cambierebbe", "non cambia", "lunedì 1 gennaio 2029", "mercoledì 28 febbraio 2029"):
        assert words in reply.text, words
    with core.db.transaction() as db:
        assert proposals.list_(db) == []


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"length": "molti"}, "Scrivi un numero intero"),
        ({"length": "-1"}, "Scrivi un numero intero"),
        ({"length": "5000"}, "vanno d'accordo"),
        ({"valid_from": "2027-02-30"}, "Scrivi una data che esiste"),
        ({"valid_from": "0001-01-01"}, "esce dal calendario"),
        ({"valid_to": "2026-01-01"}, "finisce prima di cominciare"),
        ({"source": " "}, "una fonte"),
        ({"unit": "hour"}, "Una validità si conta"),
        ({"kind": "FOREVER"}, "ACT, VAL, BACK o SLA"),
        ({"reminders": "presto"}, "separati da virgole"),
        ({"note": "x" * 601}, "seicento"),
        ({"reason": "boh"}, "Scrivi il motivo"),
        ({"confirm": ""}, "leggi che cosa succede"),
    ],
)
def test_what_makes_no_sense_is_told_beside_its_field_and_nothing_typed_is_lost(lucia, typed, sentence):
    reply = propose(lucia, who="Questore di prova", **typed)

    assert reply.status_code == 422
    assert sentence.replace("'", "&#39;") in complaint(reply.text)
    assert "Questore di prova" in reply.text


def test_a_new_edition_of_the_file_waits_for_the_coordinators(lucia, rosa):
    place = propose(lucia).location.partition("?")[0]
    rosa.get(place)
    rosa.send(f"{place}/approve")
    text = (cli.WORKFLOWS / "terms.toml").read_text().replace('source = "art. 18 c. 4 D.lgs. 286/1998 (D.L. 146/2025, art. 4)"', 'source = "art. 18 c. 4, testo nuovo"')  # fmt: skip
    with core.db.transaction() as db:
        terms.load(db, text, by="deploy")

    assert "il file dice altro" in lucia.get("/terms").text
    page = lucia.get("/terms/T09").text
    assert "Il file dei termini dice altro" in page
    assert "art. 18 c. 4, testo nuovo" in page
    assert "testo nuovo" in lucia.get("/terms/T09/propose?slot=2025-10-04").text
    lucia.get("/terms/T09")
    lucia.send("/terms/T09/keep")
    assert "Il file dei termini dice altro" not in lucia.follow().text


def test_a_coordinator_closes_an_office_and_opens_it_again(lucia, carla):
    assert "07/12 di ogni anno" in carla.get("/offices/milano").text
    assert "Aggiungi un giorno" not in carla.reply.text
    lucia.get("/offices/milano")
    assert lucia.send("/offices/milano", kind="closure", valid_from="2026-10-02").status_code == 422
    assert "un primo e un ultimo giorno" in complaint(lucia.reply.text)
    lucia.send(
        "/offices/milano",
        kind="closure",
        day="",
        month="",
        valid_from="2026-10-02",
        valid_to="2026-10-02",
        note="Trasloco",
    )
    assert "Trasloco" in lucia.follow().text

    with core.db.transaction() as db:
        day = next(entry.id for entry in offices.days(db, "milano") if entry.kind == "closure")
    lucia.send(f"/offices/milano/days/{day}")
    assert "Trasloco" not in lucia.follow().text


def test_a_date_is_changed_by_hand_with_a_reason_and_the_old_one_stays(placed, time):
    place = _date(placed)
    carla = placed.desk("carla")
    assert "Cambia la data" in carla.get(place).text
    assert carla.send(place, due_on="2026-08-01", reason="x").status_code == 422
    carla.send(place, due_on="2026-12-01", reason="La équipe ha bisogno di più tempo")
    page = carla.follow().text

    assert "martedì 1 dicembre 2026" in page
    assert "mercoledì 11 novembre 2026" in page
    assert "La équipe ha bisogno di più tempo" in page
    assert "cambiata a mano" in carla.get(f"/cases/{placed.case}").text
    assert "Scadenza cambiata a mano: 01/12/2026, prima 11/11/2026" in carla.reply.text


def test_a_new_rule_shows_beside_a_stored_date_and_is_taken_over_only_when_asked(placed):
    place = _date(placed)
    text = (cli.WORKFLOWS / "terms.toml").read_text()
    head, found, tail = text.partition('id = "T06"')
    with core.db.transaction() as db:
        terms.load(db, head + found + tail.replace("length = 3", "length = 4", 1), by="deploy")
    carla = placed.desk("carla")
    assert "venerdì 11 dicembre 2026" in carla.get(place).text
    assert "mercoledì 11 novembre 2026" in carla.reply.text
    assert carla.send(f"{place}/recompute", why="x").status_code == 422
    carla.send(f"{place}/recompute", why="La durata è cambiata con la nuova norma")

    assert "venerdì 11 dicembre 2026" in carla.follow().text
    assert "La regola ha una nuova versione" not in carla.reply.text


def test_a_date_to_be_verified_says_so_wherever_it_stands(placed):
    carla = placed.desk("carla")
    task = carla.task("Valuta il rischio")

    case = carla.get(f"/cases/{placed.case}").text
    assert "(da verificare)" in case
    for page in (case, carla.get(task).text, carla.get(_date(placed)).text):
        assert 'data-kind="warn">da verificare</span>' in page


@pytest.mark.parametrize(
    ("source", "unsure"),
    [("model T04", True), ("law T24", True), ("model T01", False), ("model", False), (None, False)],
)
def test_the_due_date_of_a_task_says_when_its_term_is_to_be_verified(app, source, unsure):
    with app.test_request_context("/"), core.db.transaction() as g.db:
        macro = "{% from 'pieces.html' import due with context %}{{ due(at, told) }}"
        page = render_template_string(macro, at=date(2026, 8, 21), told=source)

    assert ("da verificare" in page) is unsure


def test_the_date_of_another_case_and_another_persons_button_do_not_exist(placed):
    place = _date(placed)

    assert placed.desk("bruno").get(place).status_code == 200
    assert "Nuova data" not in placed.desk("bruno").reply.text
    assert placed.desk("anna").get(place).status_code == 404
    assert placed.desk("carla").get(f"/cases/{placed.case}/deadlines/none").status_code == 404


def _date(walk):
    """The address of the three months of the first case."""
    with core.db.transaction() as db:
        found = next(item.id for item in deadlines.of_case(db, walk.case) if item.term_id == "T06")
    return f"/cases/{walk.case}/deadlines/{found}"
