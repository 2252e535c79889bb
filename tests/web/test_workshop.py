"""The workshop: drafts over the wire, as the modeller speaks, with everything that may go wrong there."""

from pathlib import Path

import pytest

import core.db
from core import users
from engine import decisions, drafts
from tasks import importing
from tests.watch import within
from tests.web.browser import PASSWORD, Browser

EVIL = sorted((Path(__file__).parents[1] / "evil").glob("*.bpmn"))
DRAFT = "/models/protection/draft.bpmn"
EMPTY = b'<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"/>'


@pytest.fixture
def olga(app) -> Browser:
    """A second coordinator."""
    with core.db.transaction() as db:
        user = users.add(db, "olga", "Olga Serra", "olga@example.org", password=PASSWORD, by="test")
        users.grant(db, user, "coordinator", None, by="test")
    return Browser(app, "olga")


def writer(browser):
    """Who opened this drawing table, as the page says it."""
    return browser.client.get("/models/health_path/draft/diagram").text.partition('data-writer="')[2].partition('"')[0]


def put(browser, content, revision, path=DRAFT, **headers):
    given = {"X-CSRFToken": browser.token(), "X-Writer": writer(browser), "If-Match": f'"{revision}"', **headers}
    return browser.client.put(path, data=content, headers=given, content_type="application/xml")


def check(browser, content, path="/models/protection/draft/check"):
    headers = {"X-CSRFToken": browser.token(), "X-Writer": writer(browser)}
    return browser.client.post(path, data=content, headers=headers, content_type="text/xml")


def shipped(browser, path=DRAFT):
    reply = browser.get(path)
    return reply.data, int(reply.headers["ETag"].strip('"'))


def renamed(content: bytes, by: str) -> bytes:
    return content.replace(b"Trova un posto sicuro", f"Trova un posto sicuro, {by}".encode())


def test_without_a_draft_the_file_in_force_is_what_one_begins_from(lucia):
    content, revision = shipped(lucia)
    assert revision == 0
    assert b"Trova un posto sicuro" in content

    reply = put(lucia, renamed(content, "di nuovo"), 0)
    assert reply.json["revision"] == 1
    assert reply.headers["ETag"] == '"1"'
    assert not [each for each in reply.json["findings"] if each["level"] == "error"]
    assert shipped(lucia) == (renamed(content, "di nuovo"), 1)
    squeezed = lucia.get(DRAFT, headers={"Accept-Encoding": "gzip", "Sec-Fetch-Site": "same-origin"})
    assert (squeezed.headers["Content-Encoding"], squeezed.headers["ETag"]) == ("gzip", 'W/"1"')
    page = lucia.get("/models/protection/draft").text
    assert "in lavorazione" in page
    assert "Lucia Bassi" in page


def test_two_who_save_the_same_draft_both_keep_their_work(lucia, olga):
    content, revision = shipped(lucia)
    assert put(lucia, renamed(content, "Lucia"), revision).status_code == 200

    reply = put(olga, renamed(content, "Olga"), revision)
    assert reply.status_code == 409
    assert "Lucia Bassi" in reply.json["text"]
    assert set(reply.json) == {"text", "author", "saved_at", "revision"}
    assert reply.json["revision"] == 1
    page = olga.get("/models/protection/draft").text
    kept = page.partition('href="/models/protection/draft/copies/')[2].partition("/")[0]
    assert olga.get(f"/models/protection/draft/copies/{kept}.bpmn").data == renamed(content, "Olga")
    assert shipped(lucia)[0] == renamed(content, "Lucia")


def test_who_keeps_her_own_after_a_conflict_leaves_the_other_version_beside_it(lucia):
    content, revision = shipped(lucia)
    put(lucia, renamed(content, "la prima"), revision)
    assert put(lucia, renamed(content, "la seconda"), revision).status_code == 409
    assert put(lucia, renamed(content, "la seconda"), revision, f"{DRAFT}?over").status_code == 409
    assert put(lucia, renamed(content, "la seconda"), revision + 1, f"{DRAFT}?over").status_code == 200

    assert b"la seconda" in shipped(lucia)[0]
    with core.db.transaction() as db:
        [copy] = drafts.copies(db, "process", "protection")
        assert (b"la prima" in copy.content, copy.why) == (True, "replaced")


def test_a_draft_is_saved_with_its_findings_beside_the_element(lucia):
    content, revision = shipped(lucia)
    broken = content.replace(b'approdo:form="placement"', b'approdo:form="nowhere"')

    reply = put(lucia, broken, revision)
    (found,) = [each for each in reply.json["findings"] if each["level"] == "error"]
    assert found["text"] == "Il modulo «nowhere» non esiste"
    assert found["element"]
    assert found in check(lucia, broken).json["findings"]
    assert found["text"] in lucia.get("/models/protection/draft").text
    lucia.get("/account")
    lucia.send("/account", language="en")
    assert "nowhere" in check(lucia, broken).json["findings"][0]["text"]


def test_a_group_without_members_to_be_is_a_finding(lucia):
    content, _ = shipped(lucia)
    texts = [each["text"] for each in check(lucia, content.replace(b'group="case_manager"', b'group="nobody"')).json["findings"]]
    assert "Il gruppo della corsia non esiste" in texts


def test_a_draft_is_no_way_to_publish_another_model(lucia):
    content, _ = shipped(lucia, "/models/contact/draft.bpmn")
    found = check(lucia, content).json["findings"]
    assert found[0] | {"line": 0} == {
        "element": "contact",
        "line": 0,
        "level": "error",
        "text": "L'id è «contact», ma questa è la bozza di «protection»: riscrivi l'id",
    }


def test_nor_is_it_where_the_other_stands_beside_it_in_the_file(lucia):
    """An empty process with the right id, or a second table: what is in force is replaced from its own draft only."""
    content, _ = shipped(lucia)
    for mark in (b"<bpmn:collaboration", b"<bpmn:process", b"<bpmndi:BPMNDiagram"):
        both = content.replace(mark, b'<bpmn:process id="contact" isExecutable="false"/>' + mark, 1)
        texts = [each["text"] for each in check(lucia, both, "/models/contact/draft/check").json["findings"]]
        assert "L'id è «protection», ma questa è la bozza di «contact»: riscrivi l'id" in texts

    path, words = "/models/tables/compensation_term/draft", "«risk» è già in vigore con un altro file"
    term, risk = (shipped(lucia, f"/models/tables/{key}/draft.dmn")[0] for key in ("compensation_term", "risk"))
    decision = risk[risk.index(b"<decision ") : risk.index(b"</decision>") + len(b"</decision>")]
    both = term.replace(b"<decision ", decision.replace(b'"alto"', b'"basso"') + b"<decision ", 1)
    assert put(lucia, both, 0, f"{path}.dmn").status_code == 200
    page = lucia.get(path).text
    assert words in page
    assert "Proponi la bozza" not in page
    data = {"csrf_token": lucia.token(), "revision": "1", "reason": "Due tabelle in un file"}
    assert lucia.client.post(f"{path}/propose", data=data).status_code == 422
    with core.db.transaction() as db:
        (found,) = importing.read(db, [("x.dmn", both)], {})
        assert [each.params for each in found.found if "con un altro file" in each.sentence] == [{"id": "compensation_term"}]
        decisions.publish(db, both, by="deploy")  # from the command line, as what is shipped: now it is one file
    for key in ("compensation_term", "risk"):
        found = check(lucia, both.replace(b'"basso"', b'"medio"'), f"/models/tables/{key}/draft/check").json["findings"]
        assert [each for each in found if each["level"] == "error"] == []


def test_a_check_keeps_nothing(lucia):
    content, _ = shipped(lucia)
    assert check(lucia, renamed(content, "prova")).json["findings"] is not None
    assert shipped(lucia) == (content, 0)


@pytest.mark.parametrize("file", EVIL, ids=lambda file: file.stem)
def test_a_hostile_or_foreign_file_is_answered_with_sentences_within_a_second(lucia, file):
    content = file.read_bytes()
    given = {"X-CSRFToken": lucia.token(), "X-Writer": writer(lucia)}

    def save():
        _, revision = shipped(lucia)
        headers = {**given, "If-Match": f'"{revision}"'}
        return lucia.client.put(DRAFT, data=content, headers=headers, content_type="application/xml")

    reply = within(1, save)

    assert reply.status_code in (200, 422)
    said = [reply.json["text"]] if reply.status_code == 422 else [each["text"] for each in reply.json["findings"]]
    assert said
    assert all(text[0].isupper() or not text[0].isalpha() for text in said)


def test_two_megabytes_are_kept_and_more_is_refused(lucia):
    content, revision = shipped(lucia)
    filling = b"<!--" + b"x" * (2_000_000 - len(content) - 7) + b"-->"

    reply = put(lucia, content.replace(b"</bpmn:definitions>", filling + b"</bpmn:definitions>"), revision)
    assert reply.status_code == 200
    assert len(shipped(lucia)[0]) == 2_000_000
    reply = put(lucia, b"<a>" + b"x" * 2_000_000 + b"</a>", 1)
    assert reply.status_code == 413
    assert "troppo grande" in reply.json["text"]


def test_an_editor_left_open_overnight_is_told_and_keeps_its_drawing(lucia, time):
    content, revision = shipped(lucia)
    headers = {"X-CSRFToken": lucia.token(), "X-Writer": writer(lucia), "If-Match": f'"{revision}"'}
    time.forward(hours=14)

    reply = lucia.client.put(DRAFT, data=content, headers=headers, content_type="application/xml")
    assert reply.status_code == 401
    assert "resta tutto" in reply.json["text"]
    assert lucia.client.post("/models/protection/draft/check", data=content, headers=headers).status_code == 401
    lucia.log_in("lucia")
    headers["X-CSRFToken"] = lucia.get(DRAFT).headers["X-CSRFToken"]
    reply = lucia.client.put(DRAFT, data=content, headers=headers, content_type="application/xml")
    assert reply.status_code == 200


@pytest.mark.parametrize("draft", ["protection/draft.bpmn", "tables/triage/draft.dmn", "forms/extra_step/draft.json"])
def test_of_an_editor_that_another_person_opened_or_nobody_says_who_nothing_is_saved(lucia, olga, draft):
    content, revision = shipped(lucia, f"/models/{draft}")
    was = writer(lucia)
    for path in (f"/models/{draft}", f"/models/{draft}?over"):
        reply = put(olga, content + b" ", revision, path, **{"X-Writer": was})
        assert (reply.status_code, reply.mimetype) == (412, "application/json")
        assert "un'altra persona" in reply.json["text"]
        assert put(olga, content + b" ", revision, path, **{"X-Writer": ""}).status_code == 400
    headers = {"X-CSRFToken": olga.token(), "If-Match": f'"{revision}"'}
    assert olga.client.put(f"/models/{draft}", data=content, headers=headers).status_code == 400
    check_url = f"/models/{draft.rpartition('.')[0]}/check"
    assert olga.client.post(check_url, data=content, headers={**headers, "X-Writer": was}).status_code == 412
    assert olga.client.get(f"/models/{draft}", headers={"X-Writer": was}).status_code == 412
    assert shipped(lucia, f"/models/{draft}") == (content, revision)
    assert put(lucia, content + b" ", revision, f"/models/{draft}").status_code == 200


def test_a_locked_screen_and_a_token_of_another_visit_are_told_to_the_script(lucia):
    content, revision = shipped(lucia)
    token = lucia.token()
    reply = lucia.client.put(DRAFT, data=content, headers={"X-CSRFToken": "no", "If-Match": '"0"'})
    assert (reply.status_code, reply.mimetype) == (400, "application/json")
    lucia.get("/inbox")
    lucia.send("/lock")
    reply = lucia.client.put(DRAFT, data=content, headers={"X-CSRFToken": token, "If-Match": f'"{revision}"'})
    assert (reply.status_code, reply.mimetype) == (401, "application/json")


@pytest.mark.parametrize("match", ["", "x", '"-1"', '"99999999999"'])
def test_a_save_names_the_revision_it_began_from(lucia, match):
    content, _ = shipped(lucia)
    headers = {"X-CSRFToken": lucia.token(), "X-Writer": writer(lucia), "If-Match": match}
    assert lucia.client.put(DRAFT, data=content, headers=headers).status_code == 400


def test_tables_and_forms_have_drafts_alike(lucia):
    table, revision = shipped(lucia, "/models/tables/triage/draft.dmn")
    changed = table.replace(b'name="Filtro del contatto"', b'name="Filtro"')
    assert put(lucia, changed, revision, "/models/tables/triage/draft.dmn").json == {"revision": 1, "findings": []}
    form, revision = shipped(lucia, "/models/forms/extra_step/draft.json")
    reply = put(lucia, form + b" ", revision, "/models/forms/extra_step/draft.json")
    assert reply.json == {"revision": 1, "findings": []}
    half = form.replace(b'"id"', b'"half": "\\ud800", "id"', 1)  # half a sign: written and never shown again
    assert put(lucia, half, "1", "/models/forms/extra_step/draft.json").status_code == 422
    assert "triage" in lucia.get("/models/tables/triage/draft").text
    assert lucia.get("/models/forms/extra_step/draft").status_code == 200


def test_the_vocabulary_names_what_a_model_may_use(lucia):
    found = lucia.get("/models/vocabulary.json").json
    assert set(found) == {"groups", "forms", "services", "decisions", "terms", "phases", "calls", "gates"}
    assert {"id": "case_manager", "name": "Referente del caso"} in found["groups"]
    assert {"id": "contact_follow_up", "name": "Incontrala di nuovo"} in found["forms"]
    assert {"id": "triage", "name": "Filtro del contatto"} in found["decisions"]
    alike = [word["name"] for word in found["services"] if word["name"].startswith("Registra la decisione")]
    assert len(alike) > 1
    assert "Registra la decisione (asylum_decide)" in alike
    for words in found.values():
        assert len({word["name"] for word in words}) == len(words)
    lucia.get("/account")
    lucia.send("/account", language="en")
    assert {"id": "case_manager", "name": "Case manager"} in lucia.get("/models/vocabulary.json").json["groups"]


def test_what_is_not_there_has_no_draft(lucia):
    for path in ("/models/none/draft", "/models/none/draft.bpmn", "/models/forms/none/draft.json"):
        assert lucia.get(path).status_code == 404
    assert put(lucia, EMPTY, 0, "/models/none/draft.bpmn").status_code == 404


def test_a_task_without_a_name_is_told_and_may_be_published_all_the_same(lucia):
    content, revision = shipped(lucia)
    nameless = content.replace(b'name="Trova un posto sicuro" ', b"", 1)
    assert nameless != content
    told = {"element": "placement", "level": "warning", "text": "Manca il nome: chi lavora vedrebbe un'attività senza titolo"}
    found = [{**each, "line": None} for each in put(lucia, nameless, revision).json["findings"]]
    assert found == [{**told, "line": None}]
    assert "Proponi la bozza" in lucia.get("/models/protection/draft").text
