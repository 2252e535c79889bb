"""The page of the figures: whose they are, what is hidden and said, files with their hash, receipts."""

import csv
import hashlib
import io

import orjson
import pytest
from sqlalchemy import select

import core.db
from cases import casefile, consents, persons, victims
from cases.access import Actor
from core import clock, users
from core.errors import NotYours
from core.log import Line
from tasks import figures, statistics
from tests.web.browser import PASSWORD, Browser

MILAN, TUSCANY = "lombardia-1", "toscana"
YEAR = "table=victims&from=2025-01&to=2025-12"
SPRING = "table=pathway&from=2026-04&to=2026-06"


@pytest.fixture
def counted(app, time):
    """Twelve registered victims of Milan and one of Tuscany in 2025, six cases of Milan opened in June 2026."""
    with core.db.transaction() as db:
        for number in range(13):
            time.at("2025-09-10 10:00")
            case = casefile.open_(db, TUSCANY if number == 12 else MILAN, by="test").code
            persons.record(db, case, {"gender": "femmina", "citizenships": ["NG" if number < 6 else "RO" if number < 9 else "PK"]}, by="test")
            casefile.set_victim_status(db, case, "identificata", "ente_antitratta", clock.today(), by="test")
            victims.know_forms(db, case, ["lavorativo"])
        time.at("2026-06-10 10:00")
        for _ in range(6):
            casefile.open_(db, MILAN, by="test")
    time.at("2026-07-21 09:00")
    return app


def page(app, login, query):
    return Browser(app, login).get(f"/statistics?{query}").text


def facts(verb):
    with core.db.transaction() as db:
        return [line.facts for line in db.scalars(select(Line).where(Line.verb == verb).order_by(Line.id))]


def test_a_coordinator_of_a_post_sees_its_figures_and_small_ones_are_dashes(counted):
    text = page(counted, "dario", YEAR)

    assert "Nigeria" in text
    assert "Romania" not in text
    assert "altre voci, insieme" in text
    assert "Un trattino vuol dire" in text


def test_all_posts_together_do_not_tell_the_one_of_tuscany(counted):
    text = page(counted, "lucia", YEAR)

    assert "Tutte le postazioni insieme." in text
    assert "<td>13</td>" not in text


def test_who_coordinates_a_post_has_not_the_whole_nor_another_and_who_sees_the_whole_no_post(counted):
    for login, post in (("dario", TUSCANY), ("ines", MILAN), ("lucia", MILAN), ("marco", MILAN)):
        assert Browser(counted, login).get(f"/statistics?{YEAR}&post={post}").status_code == 404
    whole = statistics.asked("victims", "2025-01", "2025-12", None)
    with pytest.raises(NotYours):
        statistics.require(Actor("u", "Dario", "it", frozenset({("supervisor", MILAN)})), whole)


def test_the_steering_group_has_the_figures_and_nothing_else(counted):
    with core.db.transaction() as db:
        user = users.add(db, "stella", "Stella Conti", "stella@example.org", password=PASSWORD, by="demo")
        users.grant(db, user, "steering", None, by="demo")
    desk = Browser(counted, "stella")

    assert desk.get(f"/statistics?{SPRING}").status_code == 200
    for path in ("/cases", "/contacts", "/inbox", "/shelters", "/models", "/status", "/terms", "/search"):
        assert desk.get(path).status_code == 404, path
    assert "Righe pseudonime" not in desk.get("/statistics").text
    export = desk.get("/statistics").text
    assert "Scarica le righe" not in export


def test_half_a_quarter_is_refused_with_what_was_typed_still_there(counted):
    desk = Browser(counted, "dario")
    reply = desk.get("/statistics?table=pathway&from=2026-04&to=2026-05")

    assert reply.status_code == 422
    assert "trimestri interi" in reply.text
    assert 'value="2026-05"' in reply.text


def test_every_look_and_every_print_is_written_down_with_period_and_hash(counted):
    desk = Browser(counted, "dario")
    desk.get(f"/statistics?{YEAR}")
    desk.get(f"/statistics/print?{YEAR}")
    (seen,), (printed,) = facts("statistics.viewed"), facts("statistics.printed")

    assert (seen["table"], seen["first"], seen["last"], seen["post"]) == ("victims", "2025-01", "2025-12", MILAN)
    assert seen["sha256"] == printed["sha256"]


def test_a_file_carries_its_manifest_and_is_known_by_its_hash(counted):
    desk = Browser(counted, "dario")
    desk.get(f"/statistics?{YEAR}")
    reply = desk.send("/statistics/export", format="json")
    told = orjson.loads(reply.data)
    manifest, rows = told["manifest"], told["rows"]
    (made,) = facts("statistics.exported")

    assert hashlib.sha256(reply.data).hexdigest() == made["sha256"]
    assert manifest["rows_sha256"] == figures.digest(rows)
    assert manifest["suppression"]["threshold"] == 5
    assert manifest["mapping"]["version"] == figures.mapping()["version"]
    assert {row["by"].get("sex") for row in rows} >= {"F", "M", "UNK"}
    assert all(row["hidden"] == (row["number"] is None) for row in rows)
    assert all(row["number"] is None or row["number"] == 0 or row["number"] >= 5 for row in rows)


def test_the_same_figures_as_csv_open_in_a_spreadsheet_of_an_italian_office(counted):
    desk = Browser(counted, "dario")
    desk.get(f"/statistics?{SPRING}")
    reply = desk.send("/statistics/export", format="csv")
    lines = list(csv.DictReader(io.StringIO(reply.data.decode("utf-8-sig")), delimiter=";"))

    assert reply.data.startswith(b"\xef\xbb\xbf")
    assert {"period": "2026-Q2", "measure": "caso", "number": "6", "hidden": "0"}.items() <= lines[1].items()
    assert "tratta" not in reply.headers["Content-Disposition"]


def test_a_receipt_is_written_beside_the_file_it_is_for(counted):
    desk = Browser(counted, "dario")
    desk.get(f"/statistics?{SPRING}")
    desk.send("/statistics/export", format="csv")
    path = "/statistics/exports/" + desk.get("/statistics").text.partition("/statistics/exports/")[2].partition('"')[0]
    desk.get(path)
    wrong = desk.send(path, receiver="sirit", number="Prot. 1", received_on="2026-07-21")
    assert wrong.status_code == 422
    assert 'value="Prot. 1"' in wrong.text
    desk.send(path, receiver="sirit", number="2026/114", received_on="2026-07-21")

    assert "2026/114" in desk.get(path).text
    assert Browser(counted, "marco").get(path).status_code == 404  # a file of a post is that post's
    (written,) = facts("receipt.recorded")
    assert written["sha256"] == facts("statistics.exported")[0]["sha256"]


def test_pseudonymous_lines_are_only_of_who_agrees(counted):
    with core.db.transaction() as db:
        codes = list(db.scalars(select(casefile.Case.code).order_by(casefile.Case.opened_at).limit(2)))
        consents.record(db, codes[0], "statistica", "dpo", True, clock.today(), by="test")
    desk = Browser(counted, "lucia")
    desk.get("/statistics")
    reply = desk.send("/statistics/lines", receiver="dpo")
    lines = list(csv.DictReader(io.StringIO(reply.data.decode("utf-8-sig")), delimiter=";"))

    assert len(lines) == 1
    assert lines[0]["vic_TypeOfExploitation"] == "ForcedLabour"
    assert codes[0] not in reply.text
    assert facts("statistics.exported")[0]["subject"] == "lines"


def test_the_mapping_is_data_with_source_certainty_and_validity(monkeypatch):
    later = {"measure": "cases", "code": "nuovo", "name": "x", "name_en": "x", "valid_from": clock.today()}
    monkeypatch.setattr(figures, "mapping", lambda: {"column": [later], "code": []})

    assert figures.theirs("measure", "cases", clock.today()) == "nuovo"
    assert figures.theirs("measure", "cases", clock.today().replace(year=2020)) == "cases"


def test_nothing_in_a_file_is_taken_for_a_formula():
    assert figures.write_csv(["a"], [["=1+1"]]).decode("utf-8-sig").splitlines()[1] == "'=1+1"
