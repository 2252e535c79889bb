"""Trying a draft at the coordinator's desk: by hand with a moved clock, and on copies of real cases."""

import json
import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

import core.db
from core.db import Base
from engine import drafts, migration, registry
from engine.drafts import DECISION, FORM, PROCESS
from tasks import rehearsing
from tests.web.browser import Browser

MODEL = Path(__file__).parents[2] / "workflows" / "bpmn" / "contact.bpmn"
TRY, REHEARSE = "/models/contact/draft/try", "/models/contact/draft/rehearse"


@pytest.fixture
def lucia(picked) -> Browser:
    """The coordinator."""
    return Browser(picked.app, "lucia")


def draft(old: str, new: str) -> None:
    with core.db.transaction() as db:
        text = MODEL.read_text(encoding="utf-8").replace(old, new)
        drafts.save(db, PROCESS, "contact", text.encode(), 0, base_version=1, by="u_coord")


def token(desk: Browser, path: str) -> str:
    return desk.get(path).text.partition('name="csrf_token" value="')[2].partition('"')[0]


def do(desk: Browser, act: str, at: str = TRY, **typed: object) -> str:
    """One button of the trial; what the page says then."""
    page = desk.get(at).text
    key = page.partition('name="_key" value="')[2].partition('"')[0]
    data = {"_act": act, "csrf_token": token(desk, at)} | ({"_key": key} if act in ("complete", "skip") else {}) | typed
    reply = desk.client.post(at, data=data)
    return desk.get(at).text if reply.status_code == 303 else reply.text


def rows(*aside: str) -> dict[str, list[tuple[Any, ...]]]:
    """Every row but those of sessions, and of these tables (forms that are being filled in, if none is named)."""
    left_out = {"session", *(aside or ("form_draft", "vault_key"))}
    with core.db.transaction() as db:
        tables = [each for each in Base.metadata.sorted_tables if each.name not in left_out]
        return {each.name: sorted((tuple(row) for row in db.connection().execute(select(each))), key=repr) for each in tables}


def test_a_draft_is_walked_with_the_forms_that_caseworkers_see(lucia):
    draft("Rispondi e vai incontro", "Rispondi subito")
    before = rows()

    assert "Comincia la prova" in lucia.get(TRY).text
    page = do(lucia, "begin")

    assert "Ricomincia" in page
    assert "Rispondi subito" in page or "Imposta" in page
    assert rows() == before


def test_the_clock_of_a_trial_is_moved_and_that_of_the_office_is_not(lucia):
    first = do(lucia, "begin")
    later = do(lucia, "clock", days="30")

    assert "10/09/2026" in later or "settembre" in later
    assert later != first


def test_a_number_of_days_that_is_none_is_told(lucia):
    do(lucia, "begin")

    for days in ("ieri", "9" * 5000):  # more digits than Python reads
        assert "Scrivi un numero di giorni" in do(lucia, "clock", days=days)


def test_a_datum_can_be_set_as_a_service_would(lucia):
    do(lucia, "begin")

    page = do(lucia, "set", name="esito", value="12")

    assert "<dt class=\"code\">esito</dt><dd>12</dd>" in page


def test_a_task_can_be_left_undone(lucia):
    page = do(lucia, "begin")
    if "Salta" in page:
        assert "saltato" in do(lucia, "skip")


def test_a_message_that_is_awaited_is_called_as_the_drawing_calls_it(lucia):
    at = "/models/protection/draft/try"
    page = do(lucia, "begin", at)
    assert "Fai arrivare: «No, per ora»</button>" in page
    assert ">person_declined<" not in page

    page = do(lucia, "message", at, name="person_declined")
    assert "Il percorso è arrivato alla fine." in page
    assert "«No, per ora»" in page

    with core.db.transaction() as db:
        text = (MODEL.parent / "protection.bpmn").read_text(encoding="utf-8")
        nameless = text.replace(' name="«No, per ora»"', "").replace(' approdo:nameEn="“No, for now”"', "")
        drafts.save(db, PROCESS, "protection", nameless.encode(), 0, base_version=1, by="u_coord")
    assert "Fai arrivare il messaggio che si attende qui" in do(lucia, "begin", at)


def test_a_draft_with_findings_says_them_instead(lucia):
    draft('targetRef="contact_pickup"', 'targetRef="nowhere"')

    assert "La bozza non si può provare" in lucia.get(TRY).text


def test_the_page_of_the_draft_leads_to_both_trials(lucia):
    page = lucia.get("/models/contact/draft").text

    assert f'href="{TRY}"' in page
    assert f'href="{REHEARSE}"' in page


def test_the_diagram_shows_where_the_trial_is(lucia):
    do(lucia, "begin")

    assert lucia.client.get(f"{TRY}/marks.json").json


def test_a_rehearsal_says_what_would_happen_and_leaves_nothing(lucia, picked):
    waiting = picked.ring()
    draft("Rispondi e vai incontro", "Rispondi subito")
    desk = Browser(picked.app, "lucia")
    page = desk.get(REHEARSE).text
    (chosen,) = [part.split('"')[0] for part in page.split('name="case" value="')[1:]]
    before = rows()

    reply = desk.client.post(REHEARSE, data={"csrf_token": token(desk, REHEARSE), "case": chosen})

    assert reply.status_code == 200
    assert waiting in reply.text
    assert "Rispondi subito" in reply.text
    assert "spostamento già chiesto" not in reply.text
    assert rows() == before
    with core.db.transaction() as db:
        old = registry.current(db, "contact").id
        new = registry.publish(db, MODEL.read_bytes().replace(b"Rispondi e vai incontro", b"Vai incontro"), by="u_coord").id
        migration.ask(db, old, new, {}, [chosen], by="u_coord")
    before = rows()
    page = desk.client.post(REHEARSE, data={"csrf_token": token(desk, REHEARSE), "case": chosen}).text
    assert "Rispondi subito" in page
    assert "Attende anche uno spostamento già chiesto" in page
    assert rows() == before


def test_a_rehearsal_asks_where_a_renamed_step_goes_on_with_the_words_and_the_list_of_the_move(lucia, picked):
    """The draft calls a step otherwise: the same list as on the page of moves, and with a choice what would happen."""
    waiting = picked.ring()
    text = MODEL.read_text(encoding="utf-8")
    for each in ('id="{}"', 'Ref="{}"', 'bpmnElement="{}"', ">{}<"):
        text = text.replace(each.format("contact_pickup"), each.format("meet_her"))
    with core.db.transaction() as db:
        drafts.save(db, PROCESS, "contact", text.encode(), 0, base_version=1, by="u_coord")
        (chosen,) = [each.id for each in rehearsing.cases(db, "contact")]
    desk = Browser(picked.app, "lucia")
    before = rows()

    def rehearse(**typed: str) -> str:
        data = {"csrf_token": token(desk, REHEARSE), "case": chosen} | typed
        return desk.client.post(REHEARSE, data=data).text

    def list_of(page: str) -> str:
        return page.partition('<label for="f-contact_pickup">')[2].partition("</select>")[0]

    page = rehearse()
    assert '<span class="badge" data-kind="warn">da abbinare</span>' in page
    assert "scegli il passo in cui continua" in page
    assert f'value="{chosen}" checked' in page
    asked = list_of(page)
    stale = list_of(rehearse(**{"place.contact_pickup": "not_there"}))
    page = rehearse(**{"place.contact_pickup": "meet_her"})
    assert waiting in page
    assert "da abbinare" not in page
    assert "Rispondi e vai incontro" in page.partition("<tbody")[2].partition("</tbody>")[0]
    assert '<option value="meet_her" selected>' in list_of(page)
    wrong = rehearse(**{"place.contact_pickup": "gw_pickup"})
    assert "è un passo di un altro tipo" in wrong
    assert rows() == before

    with core.db.transaction() as db:
        registry.publish(db, text.encode(), by="u_coord")
    assert asked == stale == list_of(desk.get("/models/contact/moves").text) != ""


def test_a_rehearsal_needs_a_case(lucia, picked):
    picked.ring()
    desk = Browser(picked.app, "lucia")
    reply = desk.client.post(REHEARSE, data={"csrf_token": token(desk, REHEARSE)})

    assert reply.status_code == 422
    assert "Scegli da uno a dieci casi." in reply.text


RISK = "/models/risk/draft/try"
ASKED = {
    "type": "select", "id": "f_level", "key": "risk_level", "label": "Quanto pericolo c'è?",
    "values": [{"label": each, "value": each} for each in ("basso", "alto")],
    "validate": {"required": True}, "properties": {"label_en": "How much danger is there?", "class": "P1", "fact": "true"},
}  # fmt: skip


def form_of(*components: dict[str, Any], key: str) -> bytes:
    return json.dumps({"type": "default", "id": key, "schemaVersion": 19, "components": components}).encode()


def keep(kind: str, key: str, content: bytes) -> None:
    with core.db.transaction() as db:
        drafts.save(db, kind, key, content, drafts.revision_of(db, kind, key), base_version=None, by="u_coord")


def milder(table: bytes) -> bytes:
    """The table of risk, its row of a high danger with the answer "medio"."""
    cell = b'<text>"alto"</text>'
    before, asked, after = table.split(cell, 2)
    return before + cell + asked + cell.replace(b"alto", b"medio") + after


def test_a_trial_asks_the_drafts_of_forms_and_tables_or_keeps_to_what_is_in_force_and_says_which(lucia):
    folder, draft = MODEL.parents[1], "/models/risk/draft"
    risk = (folder / "bpmn" / "risk.bpmn").read_bytes()
    keep(FORM, "risk_assessment", form_of(ASKED, key="risk_assessment"))
    keep(DECISION, "risk", milder((folder / "dmn" / "risk.dmn").read_bytes()))
    keep(FORM, "extra_step", form_of(ASKED, key="extra_step"))  # nobody asks it on this pathway
    keep(FORM, "misure_nuove", b"{}")
    keep(PROCESS, "risk", risk.replace(b'approdo:form="risk_measures"', b'approdo:form="misure_nuove"'))
    page = lucia.get(draft).text
    proposal = {"csrf_token": lucia.token(), "revision": 1, "reason": "Misure più chiare"}
    reply = lucia.client.post(f"{draft}/propose", data=proposal)

    assert "Il modulo «misure_nuove» è ancora una bozza: mettilo in vigore, poi proponi il percorso" in page
    assert reply.status_code == 422
    for page in (RISK, f"{draft}/rehearse"):
        assert "La bozza del modulo «misure_nuove» ha punti da correggere" in lucia.get(page).text

    keep(FORM, "misure_nuove", form_of(ASKED, key="misure_nuove"))
    before, page = rows(), unescape(lucia.get(RISK).text)
    told = re.findall(r'<li>(\w+) <a href="/models/(\w+/\w+)/draft">[^<]*</a>: ([^<]*)</li>', page)
    assert told == [
        ("Tabella", "tables/risk", "qui vale la bozza"),
        ("Modulo", "forms/misure_nuove", "qui vale la bozza, in vigore non c'è ancora niente"),
        ("Modulo", "forms/risk_assessment", "qui vale la bozza"),
    ]
    page = unescape(do(lucia, "begin", RISK))
    assert "Quanto pericolo c'è?" in page
    assert "modulo in bozza" in page
    assert "Campo obbligatorio" in do(lucia, "complete", RISK, risk_level="")
    page = do(lucia, "complete", RISK, risk_level="alto")
    assert '<dt class="code">risk_suggested</dt><dd>medio</dd>' in page

    page = do(lucia, "begin_in_force", RISK)
    assert "In quale occasione?" in page
    assert "modulo in bozza" not in page
    assert "Ricomincia con le bozze" in page
    do(lucia, "set", RISK, name="risk_level", value="alto")
    assert '<dt class="code">risk_suggested</dt><dd>alto</dd>' in do(lucia, "skip", RISK)
    assert rows() == before


def test_what_is_only_a_draft_is_offered_to_a_pathway_and_called_so(lucia):
    keep(FORM, "misure_nuove", form_of(ASKED, key="misure_nuove"))

    words = lucia.get("/models/vocabulary.json").json["forms"]
    assert {"id": "misure_nuove", "name": "misure_nuove (bozza)"} in words
    assert "misure_nuove" not in lucia.get("/models/forms/new").text
