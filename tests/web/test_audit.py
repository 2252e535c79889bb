"""An auditor's afternoon: draw, read, write a finding, ask for a copy, check it elsewhere; and what stays closed."""

import ast
import io
import json
import re
import zipfile
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest
from playwright.sync_api import expect
from pypdf import PdfReader
from sqlalchemy import select, update

import core.db
from cases import reviews, sheets
from cases.actions import MAY
from core import clock, log, seal
from engine.tables import Step
from notifications.notices import Notice
from tasks import histories, timeline
from tests.core.test_audit import check
from tests.web.browser import Browser
from tests.web.screen import Screen
from verify import approdo_verify
from web import auditwords

ROOT = Path(__file__).parents[2]
REASON = "Serve per il controllo di settembre"


@pytest.fixture
def marco(placed):
    while sealing():
        pass
    return Browser(placed.app, "marco")


def sealing():
    with core.db.transaction() as db:
        return seal.seal(db, by="clock")


def words(page):
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page)))


def told(kind):
    with core.db.transaction() as db:
        return db.scalars(select(Notice).where(Notice.kind == kind)).all()


def verbs(case):
    with core.db.transaction() as db:
        return [line.verb for line in log.lines(db, case=case, limit=200)]


def test_cases_are_found_by_what_happened_who_and_when_and_the_search_is_written_down(placed, marco):
    code = placed.case
    for asked in (f"case={code}", "kind=placement", "user=bruno", "first=2026-08-11&last=2026-08-11"):
        assert code in marco.get(f"/audit?{asked}").text, asked
    for asked in ("case=F-ZZZZZZ", "kind=retention_nothing", "user=piero", "last=2026-08-01", "outcome=rinuncia"):
        assert f"/audit/cases/{code}" not in marco.get(f"/audit?{asked}").text, asked
    assert marco.get("/audit?first=ieri").status_code == 422

    with core.db.transaction() as db:
        lines = db.scalars(select(log.Line).where(log.Line.verb == "audit.searched")).all()
    assert lines[0].facts == {"fields": ["case"], "found": 1}


def test_the_same_seed_draws_the_same_sample():
    codes = [f"F-{number:04}" for number in range(50)]

    assert reviews.draw(codes, 5, "4711") == reviews.draw(codes[::-1], 5, "4711")
    assert reviews.draw(codes, 5, "4711") != reviews.draw(codes, 5, "4712")
    assert reviews.draw(codes[:3], 5, "4711") == sorted(codes[:3], key=reviews.draw(codes[:3], 5, "4711").index)


def test_a_review_is_kept_and_closed_once_its_findings_are(placed, marco):
    marco.get("/audit?kind=case")
    assert marco.send("/audit/reviews", title="x", count="0").status_code == 422
    assert 'value="case"' in marco.reply.text  # what was looked for is still there
    reply = marco.send("/audit/reviews", title="Campione di agosto", count="1", seed="4711")
    assert reply.status_code == 303
    review = reply.location.partition("?")[0]
    assert placed.case in marco.get(review).text
    marco.get(f"/audit/cases/{placed.case}")
    finding = {"kind": "finding", "text": "Manca il visto della supervisione", "owner": "dario", "due_on": "2026-08-20"}
    assert marco.send(f"/audit/cases/{placed.case}/remarks", **finding).status_code == 303
    assert [notice.kind for notice in told("finding")] == ["finding"]
    assert "Manca il visto" in placed.desk("dario").get("/audit/findings").text
    assert "Manca il visto" not in placed.desk("carla").get("/audit/findings").text

    marco.get(review)
    assert marco.send(f"{review}/close").status_code == 422
    page = marco.get(f"/audit/cases/{placed.case}").text
    close = "/audit/remarks/" + page.partition('action="/audit/remarks/')[2].partition('"')[0]
    assert marco.send(close, closing="poco").status_code == 422
    assert marco.send(close, closing="Il visto c'era, sulla carta").status_code == 303
    marco.get(review)
    assert marco.send(f"{review}/close").status_code == 303
    assert "finding.closed" in verbs(placed.case)


@pytest.mark.parametrize(
    ("typed", "field"),
    [({"text": "x"}, "text"), ({"owner": "nessuno"}, "owner"), ({"due_on": "2020-01-01"}, "due_on"), ({"due_on": "x"}, "due_on")],
)
def test_a_finding_with_a_fault_is_shown_again(placed, marco, typed, field):
    whole = {"kind": "finding", "text": "Manca il visto della supervisione", "owner": "dario", "due_on": "2026-08-20"}
    marco.get(f"/audit/cases/{placed.case}")
    reply = marco.send(f"/audit/cases/{placed.case}/remarks", **(whole | typed))

    assert reply.status_code == 422
    assert f'id="f-{field}-error"' in reply.text
    assert field == "text" or "Manca il visto" in reply.text


def test_the_story_stays_closed_until_a_reason_opens_it_and_then_names_stay_closed(placed, marco, time):
    with core.db.transaction() as db:
        answers = {"P2": {"debt_amount": "Grazia"}, "P3": {"will": "frase tre"}}
        sheets.file(db, placed.case, "evaluation", answers, by="u_test")
    closed = words(marco.get(f"/audit/cases/{placed.case}").text)
    assert "frase" not in closed
    assert marco.get(f"/audit/cases/{placed.case}/answers").status_code == 404
    marco.get(f"/audit/cases/{placed.case}")
    assert marco.send(f"/audit/cases/{placed.case}/open", reason="perché").status_code == 422
    assert marco.send(f"/audit/cases/{placed.case}/open", reason=REASON).status_code == 303

    page = marco.get(f"/audit/cases/{placed.case}/answers")
    assert page.status_code == 200
    assert "frase tre" in page.text
    assert "Grazia" not in page.text
    assert len(told("audit_opened")) == 2  # the supervision of the post, the coordination
    assert {"audit.opened", "case.viewed"} <= set(verbs(placed.case))
    time.forward(hours=2)
    marco.log_in("marco")
    assert marco.get(f"/audit/cases/{placed.case}/answers").status_code == 404


def test_a_copy_leaves_only_if_a_second_person_agrees_and_is_checked_without_us(placed, marco, tmp_path):
    page = f"/audit/cases/{placed.case}"
    marco.get(page)
    assert marco.send("/audit/exports", case=placed.case, export="proofs", reason="x").status_code == 422
    assert marco.send("/audit/exports", case=placed.case, export="proofs", reason=REASON).status_code == 303
    assert "aspetta una seconda persona" in marco.get("/audit").text
    assert marco.get("/handouts").text.count("<form") == 2 or REASON not in marco.reply.text  # nobody answers oneself
    lucia = Browser(placed.app, "lucia")
    answer = "/handouts/" + lucia.get("/handouts").text.partition('action="/handouts/')[2].partition('"')[0]
    assert REASON in lucia.reply.text
    assert marco.client.post(answer, data={"csrf_token": marco.token(), "answer": "yes"}).status_code == 404
    assert lucia.send(answer, answer="yes").status_code == 303
    assert lucia.client.post(answer, data={"csrf_token": lucia.token(), "answer": "no"}).status_code == 422

    room = marco.get("/audit").text
    file = "/audit/exports/" + room.partition('action="/audit/exports/')[2].partition('"')[0]
    packed = zipfile.ZipFile(io.BytesIO(marco.send(file).data))
    packed.extractall(tmp_path)
    assert approdo_verify.main([str(tmp_path / placed.case)]) == 0
    assert json.loads(packed.read("export.json"))["cases"] == [placed.case]
    assert {"handout.asked", "handout.granted", "handout.taken"} <= set(verbs(placed.case))


def test_the_history_is_told_in_words_with_its_place_in_the_seal_and_printed(placed, marco):
    page = words(marco.get(f"/audit/cases/{placed.case}").text)
    assert "Caso aperto" in page
    assert "riga sigillata" in page
    assert "audit.looked" not in page
    printed = marco.get(f"/audit/cases/{placed.case}/report.pdf")
    text = "".join(each.extract_text() for each in PdfReader(io.BytesIO(printed.data)).pages)

    assert "Caso aperto" in text
    with core.db.transaction() as db:
        assert seal.newest(db).root in text.replace("\n", "")
    assert "audit.printed" in verbs(placed.case)
    assert "versione 1 del modello" in text.replace("\n", " ")
    on_screen = words(marco.get(f"/audit/cases/{placed.case}/report").text)
    with core.db.transaction() as db:
        assert seal.newest(db).root in on_screen
    assert "Caso aperto" in on_screen
    assert "versione 1 del modello" in on_screen
    assert verbs(placed.case).count("audit.printed") == 2


def test_the_whole_log_is_checked_from_the_room(marco):
    marco.get("/audit")

    assert "Il registro è integro" in marco.send("/audit/verify").text


def test_an_auditor_reads_the_steps_of_a_pathway_and_not_the_page_of_the_case(placed, marco):
    page = marco.get(f"/audit/cases/{placed.case}").text
    run = "/pathways/" + page.partition('href="/pathways/')[2].partition('"')[0]
    frames = marco.get(f"{run}/replay.json").json

    assert marco.get(run).status_code == 200
    assert frames
    assert next(frame["state"] for frame in frames) == "active"
    assert marco.get(f"/cases/{placed.case}").status_code == 404


@pytest.mark.browser
def test_the_past_is_stepped_through_on_the_drawing(screen, prepared):
    desk: Screen = screen("marco")
    page = desk.open(f"/pathways/{prepared.places['instance_id']}")
    now = page.locator(".state-active, .state-done").count()
    page.get_by_role("button", name="Dall'inizio").click()
    expect(page.locator(".state-active, .state-done")).to_have_count(0)
    page.get_by_role("button", name="Passo avanti").click()
    expect(page.locator("[data-step-words]")).to_contain_text("1/")
    page.get_by_role("button", name="Com'è ora").click()

    assert page.locator(".state-active, .state-done").count() == now
    assert desk.axe() == []

    with core.db.transaction() as db:  # as if the days had passed
        db.execute(update(Step).values(due_at=clock.now() - timedelta(hours=1)))
    page = desk.open(f"/pathways/{prepared.places['instance_id']}")
    expect(page.locator(".diagram .state-late").first).to_be_visible()
    expect(page.locator("main")).to_contain_text("in ritardo")


def test_every_line_about_a_case_has_a_sentence_for_the_auditor():
    said, files = set(), [path for place in ("core", "cases", "engine", "tasks", "web") for path in (ROOT / place).rglob("*.py")]
    for node in (node for path in files for node in ast.walk(ast.parse(path.read_text()))):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "append" and len(node.args) > 1:
            verb = node.args[1]
            if isinstance(verb, ast.Constant) and any(word.arg == "case" for word in node.keywords):
                said.add(str(verb.value))

    assert len(said) > 50
    assert said <= timeline.SENTENCES.keys() | histories.OTHERS.keys()


def test_every_action_of_the_table_is_told_in_words(marco):
    page = words(marco.get("/audit/access").text)

    assert auditwords.ACTIONS.keys() == MAY.keys()
    assert "portare i casi in corso a un'altra versione" in page


@pytest.mark.browser
def test_an_afternoon_of_an_auditor(screen, prepared, tmp_path):
    """Draw, replay, find, ask for a copy, check it without us, close: in a browser, as it is done."""
    case = prepared.places["case"]
    desk: Screen = screen("marco")
    page = desk.open("/audit?kind=case")
    page.get_by_label("Nome della revisione").fill("Campione di agosto")
    page.get_by_label("Quanti casi sorteggiare").fill("1")
    page.get_by_label("Seme del sorteggio").fill("4711")
    page.get_by_role("button", name="Tieni la revisione").click()
    review = page.url.partition("?")[0]
    page.get_by_role("link", name=case).click()

    page.locator("a[href^='/pathways/']").first.click()
    page.wait_for_selector("[data-ready]")
    page.get_by_role("button", name="Dall'inizio").click()
    for _ in range(3):
        page.get_by_role("button", name="Passo avanti").click()
    expect(page.locator("[data-step-words]")).to_contain_text("3/")
    expect(page.locator(".state-active, .state-done").first).to_be_visible()
    page.get_by_role("button", name="Passo indietro").click()
    expect(page.locator("[data-step-words]")).to_contain_text("2/")

    desk.open(f"/audit/cases/{case}")
    page.get_by_label("Tipo").select_option("finding")
    page.get_by_label("Che cosa hai visto").fill("Manca il visto della supervisione")
    page.get_by_label("Chi se ne occupa").fill("dario")
    page.locator("#f-due_on").fill("2026-08-20")
    page.get_by_role("button", name="Scrivi").click()
    expect(page.locator("#remarks").locator("..")).to_contain_text("Se ne occupa Dario Pace")
    copy = page.locator("form[action='/audit/exports']")
    copy.get_by_label("Formato").select_option("proofs")
    copy.get_by_label("Motivo").fill(REASON)
    copy.get_by_role("button", name="Chiedi").click()
    page.wait_for_url("**/audit?done=handout_asked*")

    owner: Screen = screen("dario")
    expect(owner.open("/audit/findings").locator("main")).to_contain_text("Manca il visto")
    second: Screen = screen("lucia")
    answers = second.open("/handouts").locator("section", has_text=REASON)
    answers.get_by_role("button", name="Autorizza").click()
    page = desk.open("/audit")
    with page.expect_download() as saved:
        page.get_by_role("button", name="Scarica").first.click()
    with zipfile.ZipFile(saved.value.path()) as packed:
        packed.extractall(tmp_path)
    code, said = check(tmp_path / case)
    assert code == 0, said
    assert f"case {case}" in said
    lines = tmp_path / case / "lines.jsonl"
    lines.write_text(lines.read_text().replace("2026-08", "2026-07", 1))
    assert check(tmp_path / case)[0] == 1  # and a changed copy is refused

    page = desk.open(f"/audit/cases/{case}")
    page.get_by_label("Com'è finita").first.fill("Il visto c'era, sulla carta")
    page.get_by_role("button", name="Chiudi il rilievo").first.click()
    page.wait_for_url("**done=finding_closed*")
    page = desk.open(review)
    page.get_by_role("button", name="Chiudi la revisione").click()
    page.wait_for_url("**done=review_closed*")


def test_an_opened_history_is_written_down_once_an_hour(placed, marco, time):
    for _ in range(3):
        marco.get(f"/audit/cases/{placed.case}")
    assert verbs(placed.case).count("audit.looked") == 1
    time.forward(hours=1, minutes=1)
    Browser(placed.app, "marco").get(f"/audit/cases/{placed.case}")

    assert verbs(placed.case).count("audit.looked") == 2
