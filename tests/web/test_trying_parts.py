"""Trying the draft of a form and of a table: asked and judged as in real cases, and nothing is kept."""

import json
import re
from html import unescape

import core.db
from core.errors import Refused
from engine import decisions, dmn
from engine.drafts import DECISION, FORM
from tasks.trying_table import Answer, Side
from tests.engine import dmn_files
from tests.engine.dmn_files import Column, Table
from tests.web.browser import Browser
from tests.web.test_trying import ASKED, MODEL, form_of, keep, milder, rows

SEEN = "/models/forms/misure_nuove/draft/try"
WHY = {
    "type": "textarea", "id": "f_why", "key": "why", "label": "Perché?", "validate": {"required": True},
    "conditional": {"hide": '=risk_level != "alto"'}, "properties": {"label_en": "Why?", "class": "P4"},
}  # fmt: skip


def plain(page: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page)))


def test_the_draft_of_a_form_is_seen_judged_and_read_back_in_both_languages_and_nothing_is_kept(lucia):
    keep(FORM, "misure_nuove", form_of(ASKED, WHY, key="misure_nuove"))
    for page in ("/models/forms/misure_nuove/draft", "/models/forms/misure_nuove/draft/design"):
        assert f'href="{SEEN}"' in lucia.get(page).text
    before, token = rows("session"), lucia.token()

    def send(**typed: str) -> str:
        reply = lucia.client.post(SEEN, data={"csrf_token": token, **typed})
        return f"{reply.status_code} {plain(reply.text)}"

    first = plain(lucia.get(SEEN).text)
    assert "Quanto pericolo c'è?" in first
    assert "Perché?" not in first
    english = send(risk_level="alto", _in="en")
    assert english.startswith("200")
    assert "How much danger is there? required" in english
    assert "Why? required" in english
    assert "What would be recorded" not in english
    assert "422" in (refused := send(risk_level="alto", _language="en"))[:3]
    assert "Why?: Please fill this in" in refused
    assert "Perché?: Campo obbligatorio" in send(risk_level="alto")
    told = send(risk_level="alto", why="Chi la cerca sa dove dorme")
    assert "Quanto pericolo c'è? alto P1, lavoro il percorso lo viene a sapere" in told
    assert "Perché? Chi la cerca sa dove dorme P4, sicurezza il percorso non lo sa" in told
    assert rows("session") == before

    keep(FORM, "misure_nuove", form_of(ASKED, ASKED, key="misure_nuove"))
    assert "La bozza non si può provare" in lucia.get(SEEN).text
    shipped = plain(lucia.get("/models/forms/risk_assessment/draft/try").text)
    assert "Data della valutazione" in shipped


TABLE = "/models/tables/risk/draft"


def test_the_draft_of_a_table_is_tried_beside_what_is_in_force_and_says_which_rows_hold_and_nothing_is_kept(lucia):
    shipped = (MODEL.parents[1] / "dmn" / "risk.dmn").read_bytes()
    keep(DECISION, "risk", milder(shipped))
    for page in (TABLE, f"{TABLE}/diagram"):
        assert f'href="{TABLE}/try"' in lucia.get(page).text
    assert "Da allora vale anche per i casi in corso." in lucia.get(TABLE).text
    before, token = rows("session"), lucia.token()

    def send(at: str = TABLE, **typed: str) -> tuple[int, str]:
        reply = lucia.client.post(f"{at}/try", data={"csrf_token": token, **typed})
        return reply.status_code, plain(reply.text)

    asked = lucia.get(f"{TABLE}/try").text
    assert re.findall(r'<option value="(\w+)">', asked)[:4] == ["basso", "medio", "alto", "imminente"]
    status, told = send(datum_1="alto", datum_2="1,5")
    assert status == 200
    assert "La bozza decide in un altro modo." in told
    assert re.search(r'Bozza Livello[^:]*: medio Riga 3: [^;]* "alto" In vigore, versione 1 Livello[^:]*: alto', told)
    assert "La bozza decide come la versione in vigore." in send(datum_1="imminente")[1]
    status, told = send(datum_2="molto")
    assert status == 422
    assert "Numero non valido" in told
    assert 'value="molto"' in lucia.client.post(f"{TABLE}/try", data={"csrf_token": token, "datum_2": "molto"}).text
    _, told = send("/models/tables/measures/draft", datum_1="presunta", datum_2="true")
    assert "Bozza" not in told.partition("Che cosa decide")[2].partition("In vigore, versione 1")[0]
    assert "Riga 1: vale sempre Riga 2: vale sempre Riga 3: Stato della persona" in told
    assert rows("session") == before

    keep(DECISION, "risk", shipped.replace(b'<text>"alto"</text>', b'<text>"altissimo"</text>'))
    assert "La bozza non si può provare" in lucia.get(f"{TABLE}/try").text


def test_yes_is_not_one_and_two_tables_that_say_nothing_for_different_reasons_are_not_alike(lucia):
    def table(answer: str, kind: str) -> bytes:
        return dmn_files.file(Table([Column("n", "number")], [Column("r", kind)], [f"1|{answer}"], id="t"))

    with core.db.transaction() as db:
        decisions.publish(db, table("true", "boolean"), by="deploy")
    at, alike = "/models/tables/t/draft/try", "La bozza decide come la versione in vigore."
    for content, same in ((table("1", "number"), False), (table("not(false)", "boolean"), True)):
        keep(DECISION, "t", content)
        page = lucia.client.post(at, data={"csrf_token": lucia.token(), "datum_1": "1"}).text
        assert (alike in page, "La bozza decide in un altro modo." in page) == (same, not same)
    plain_, other = (Answer(Side(1, dmn.Model({})), problem=Refused(text)) for text in ("una ragione", "un'altra"))
    assert not plain_.says_like(other)
    assert plain_.says_like(plain_)


def test_a_rehearsal_takes_the_drafts_of_forms_too_or_keeps_to_what_is_in_force(placed):
    """The case waits for its assessment of the risk; the invented answer is the first level that the form offers."""
    at, desk = "/models/protection/draft/rehearse", Browser(placed.app, "lucia")
    form = json.loads((MODEL.parents[1] / "forms" / "risk_assessment.json").read_bytes())
    parts = [each for part in form["components"] for each in part.get("components", [part])]
    (level,) = [each for each in parts if each.get("key") == "risk_level"]
    level["values"].reverse()
    keep(FORM, "risk_assessment", json.dumps(form).encode())
    (chosen,) = re.findall(r'name="case" value="(\w+)"', desk.get(at).text)
    before, token = rows("session"), desk.token()

    def rehearse(**typed: str) -> str:
        return plain(desk.client.post(at, data={"csrf_token": token, "case": chosen, **typed}).text)

    with_draft, in_force = rehearse(), rehearse(in_force="true")
    high = "Valuta il rischio › Visto della supervisione › Rivaluta il rischio"
    assert (high in with_draft, high in in_force) == (True, False)
    assert "Modulo Valuta il rischio : qui vale la bozza Prova con" in with_draft
    assert "Modulo Valuta il rischio : qui vale la versione in vigore Prova con" in in_force
    assert rows("session") == before
