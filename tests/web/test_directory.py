"""The directory: who answers where, and which Questure have named nobody; a coordinator keeps it."""

from pathlib import Path

import core.db
from cases import posts
from core import clock, log
from tests.web.browser import Browser
from tests.web.walk import complaint

DIRECTORY = Path(__file__).parents[2] / "workflows" / "directory.toml"
DESK = {
    "code": "sportello-bergamo", "name": "Sportello di Bergamo", "kind": "local", "lead": "Provincia di Bergamo",
    "provinces": ["BG"], "valid_from": "2026-01-01",
}  # fmt: skip
OFFICER = {"province": "BG", "office": "Ufficio Immigrazione", "name": "Funzionario referente", "valid_from": "2026-01-01"}


def test_everyone_reads_the_directory_and_only_a_coordinator_changes_it(placed):
    page = Browser(placed.app, "anna").get("/directory").text

    assert "Derive e Approdi" in page
    assert "Regione Veneto" in page or "Regione del Veneto" in page
    assert "Nuova postazione" not in page
    assert "Nuova postazione" in Browser(placed.app, "lucia").get("/directory").text


def test_a_historic_desk_is_added_and_answers_before_the_project_of_its_territory(placed):
    lucia = Browser(placed.app, "lucia")
    lucia.get("/directory/posts/new")
    assert lucia.send("/directory/posts/new", **DESK).status_code == 303

    with core.db.transaction() as db:
        found = posts.route(db, "BG", clock.today())
        assert found is not None
        assert found.code == "sportello-bergamo"
    assert "Sportello di Bergamo" in Browser(placed.app, "anna").get("/directory").text


def test_what_a_coordinator_changed_stays_when_the_shipped_directory_is_loaded_again(placed):
    lucia, page = Browser(placed.app, "lucia"), "/directory/posts/lombardia-1"
    lucia.get(page)
    assert lucia.send(page, phone="02 000 000").status_code == 303

    with core.db.transaction() as db:
        posts.load(db, DIRECTORY.read_text(), by="deploy")
        assert posts.get(db, "lombardia-1").phone == "02 000 000"
        assert "post.changed" in {line.verb for line in log.lines(db, stream="post:lombardia-1")}


def test_wrong_fields_are_said_beside_them_and_nothing_typed_is_lost(placed):
    lucia = Browser(placed.app, "lucia")
    lucia.get("/directory/posts/new")
    for wrong, said in (
        ({"code": "Sportello Bergamo"}, "Solo lettere minuscole"),
        ({"code": "lombardia-1"}, "C'è già una postazione"),
        ({"valid_to": "2025-01-01"}, "La fine viene prima"),
    ):
        reply = lucia.send("/directory/posts/new", **{**DESK, **wrong})
        assert reply.status_code == 422
        assert said in complaint(reply.text).replace("&#39;", "'")
        assert "Sportello di Bergamo" in reply.text
        lucia.get("/directory/posts/new")


def test_a_province_leaves_the_report_when_its_questura_names_somebody_and_returns_when_the_term_is_over(placed):
    lucia = Browser(placed.app, "lucia")
    assert missing(placed) >= {"Bergamo", "Milano"}
    lucia.get("/directory/referents/new?province=BG")
    assert lucia.send("/directory/referents/new", **OFFICER, valid_to="2026-09-30").status_code == 303
    assert "Bergamo" not in missing(placed)

    placed.time.at("2026-10-01 09:00")
    assert "Bergamo" in missing(placed)


def missing(placed) -> set[str]:
    report = Browser(placed.app, "anna").get("/directory").text.partition('id="missing"')[2].partition("<p>")[2].partition("</p>")[0]
    return {name.strip() for name in report.split(",")}
