"""Trying the draft of a form and of a table: asked and judged as in real cases, and nothing is kept."""

import re
from html import unescape

from engine.drafts import FORM
from tests.web.test_trying import ASKED, form_of, keep, rows

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
