"""The draft as a list: steps changed, added and removed without a drawing, and nothing typed is lost."""

import pytest
from lxml import etree

import core.db
from engine import drafts
from engine.drafts import PROCESS
from engine.editing import Editor
from tests.engine.test_editing import ODD, odd_model
from tests.web.browser import Browser, Form
from tests.web.test_workshop import put, renamed, shipped

STEPS = "/models/protection/draft/steps"
PLACE = f"{STEPS}/placement"


def findings(browser: Browser) -> str:
    return browser.get("/models/protection/draft").text


def test_the_list_says_what_the_drawing_says(lucia):
    page = lucia.get(STEPS).text
    assert "Trova un posto sicuro" in page
    assert "6 ore" in page
    assert "Équipe della struttura" in page or "Referente del caso" in page
    assert "altrimenti" in page


def test_a_step_is_changed_and_the_draft_has_it(lucia):
    lucia.get(PLACE)
    reply = lucia.send(PLACE, name="Trova un letto", due_number="2", due_unit="hour", documentation="Subito.\nAnche di notte.")
    assert reply.status_code == 303
    assert reply.location.endswith("done=draft_saved#placement")

    drawn = shipped(lucia)[0]
    assert b'id="placement" name="Trova un letto"' in drawn
    assert b'approdo:due="PT2H"' in drawn
    assert "Subito.\nAnche di notte." in drawn.decode()
    assert "2 ore" in lucia.get(STEPS).text
    assert "Niente da correggere" in findings(lucia)


def test_sending_the_form_untouched_changes_nothing(lucia):
    content, _ = shipped(lucia)
    lucia.get(PLACE)
    lucia.send(PLACE)
    assert shipped(lucia) == (content, 1)


def test_every_step_of_a_model_can_be_opened_and_sent_untouched(lucia):
    content, _ = shipped(lucia, "/models/contact/draft.bpmn")
    page = lucia.get("/models/contact/draft/steps").text
    for link in [part.partition('"')[0] for part in page.split('href="/models/contact/draft/steps/')[1:]]:
        if "/" not in link:
            lucia.get(f"/models/contact/draft/steps/{link}")
            assert lucia.send(f"/models/contact/draft/steps/{link}").status_code == 303
    assert shipped(lucia, "/models/contact/draft.bpmn")[0] == content


def test_a_step_is_added_into_a_way_with_its_shape(lucia):
    lucia.get(f"{PLACE}/add")
    answers = {"name": "Chiama la casa", "group": "case_manager", "form": "extra_step", "due_number": "1", "reminders": "2 giorni, 6 ore"}
    assert lucia.send(f"{PLACE}/add", **answers).status_code == 303

    drawn = shipped(lucia)[0].decode()
    assert 'name="Chiama la casa"' in drawn
    assert 'approdo:due="P1D" approdo:dueSource="model" approdo:reminders="P2D,PT6H"' in drawn
    assert 'bpmnElement="step_1"' in drawn
    assert "Niente da correggere" in findings(lucia)
    page = lucia.get(STEPS).text
    assert page.index("Trova un posto sicuro") < page.index("Chiama la casa")


def test_a_due_date_says_its_term_of_law_and_its_reminders_in_words(lucia):
    lucia.get(PLACE)
    lucia.send(PLACE, due_number="45", due_unit="day", source="law", term="T01", reminders="1 day")

    drawn = shipped(lucia)[0]
    for written in (b'approdo:due="P45D"', b'approdo:dueSource="law T01"', b'approdo:reminders="P1D"'):
        assert written in drawn
    page = lucia.get(PLACE).text
    assert '<option value="law" selected>' in page
    assert '<option value="T01" selected>' in page
    assert 'value="1 giorno"' in page


def test_a_step_is_taken_out_after_a_question(lucia):
    page = lucia.get(f"{STEPS}/placement_record/remove").text
    assert "Chi arrivava qui va direttamente a" in page
    lucia.send(f"{STEPS}/placement_record/remove")
    assert b'"placement_record"' not in shipped(lucia)[0]


def test_what_cannot_be_taken_out_is_told(lucia):
    lucia.get(f"{STEPS}/gw_protect/remove")
    reply = lucia.send(f"{STEPS}/gw_protect/remove")
    assert reply.status_code == 422
    assert "sul disegno" in reply.text


@pytest.mark.parametrize(
    ("answers", "sentence"),
    [
        ({"name": " "}, "Scrivi come si chiama il passo"),
        ({"name": "a\u0007b"}, "un carattere che un modello non può avere"),
        ({"name": "x" * 200}, "Troppo lungo"),
        ({"due_number": "0"}, "da 1 a 999"),
        ({"due_number": "2", "due": "P1D"}, "O un numero o una regola"),
    ],
)
def test_what_cannot_be_is_told_beside_the_field_and_nothing_typed_is_lost(lucia, answers, sentence):
    lucia.get(PLACE)
    reply = lucia.send(PLACE, documentation="Parole nuove", **answers)

    assert reply.status_code == 422
    assert sentence in reply.text
    assert "Parole nuove" in reply.text
    assert shipped(lucia)[1] == 0


def test_who_saves_after_a_colleague_sees_the_own_words_again_and_then_saves(lucia):
    lucia.get(PLACE)
    form = lucia.reply
    content, revision = shipped(lucia)
    put(lucia, renamed(content, "intanto"), revision)
    lucia.reply = form
    reply = lucia.send(PLACE, documentation="Parole mie")

    assert reply.status_code == 409
    assert "Lucia Bassi" in reply.text
    assert "Parole mie" in reply.text
    assert f'href="{PLACE}" target="_blank"' in reply.text
    lucia.reply = reply
    assert lucia.send(PLACE, due_number="0").status_code == 422, "a second mistake forgets nothing"
    assert lucia.send(PLACE, due_number="").status_code == 303
    assert "Parole mie" in shipped(lucia)[0].decode()
    with core.db.transaction() as db:
        (copy,) = drafts.copies(db, PROCESS, "protection")
        assert (copy.why, b"intanto" in copy.content) == ("replaced", True)


def test_who_takes_a_step_out_after_a_colleague_saved_is_told_and_nothing_was_taken_out(lucia):
    lucia.get(f"{PLACE}/remove")
    form = lucia.reply
    content, revision = shipped(lucia)
    put(lucia, renamed(content, "intanto"), revision)
    lucia.reply = form
    reply = lucia.send(f"{PLACE}/remove")

    assert reply.status_code == 409
    assert "Nel frattempo Lucia Bassi ha salvato questa bozza e niente è stato tolto" in reply.text
    assert b'id="placement"' in shipped(lucia)[0]
    lucia.reply = reply
    assert lucia.send(f"{PLACE}/remove").status_code == 303
    assert b'id="placement"' not in shipped(lucia)[0]


def test_who_discards_what_a_colleague_changed_meanwhile_reads_that_nothing_was_done(lucia):
    content, revision = shipped(lucia)
    put(lucia, renamed(content, "prima"), revision)
    lucia.get("/models/protection/draft/discard")
    form = lucia.reply
    put(lucia, renamed(content, "intanto"), revision + 1)
    lucia.reply = form
    reply = lucia.send("/models/protection/draft/discard")

    assert reply.status_code == 409
    assert "Niente è stato fatto" in reply.text
    assert "conservata" not in reply.text
    assert b"intanto" in shipped(lucia)[0]


def test_a_condition_is_changed_and_a_bad_one_is_a_finding(lucia):
    page = lucia.get(f"{STEPS}/gw_protect").text
    field = 'name="condition-' + page.partition('name="condition-')[2].partition('"')[0]
    name = field.partition('"')[2]
    lucia.send(f"{STEPS}/gw_protect", **{name: "se piove"})

    assert "se piove" in shipped(lucia)[0].decode()
    assert "da correggere" in findings(lucia)


def test_the_way_taken_when_no_condition_holds_asks_for_none_and_one_that_it_has_is_told_and_taken_away(lucia):
    way = "gw_consent__gw_decide"
    page = lucia.get(f"{STEPS}/gw_consent").text
    assert f'name="way-{way}"' in page
    assert f'name="condition-{way}"' not in page

    lucia.send(f"{STEPS}/gw_consent", **{f"condition-{way}": "x = true"})
    assert "la sua condizione non viene mai guardata" in findings(lucia)
    assert f'name="condition-{way}"' in lucia.get(f"{STEPS}/gw_consent").text
    lucia.send(f"{STEPS}/gw_consent", **{f"condition-{way}": ""})
    assert "non viene mai guardata" not in findings(lucia)
    assert f'name="condition-{way}"' not in lucia.get(f"{STEPS}/gw_consent").text


def press(browser: Browser, path: str, **answers: str) -> int:
    """Send the form of a page as a browser does: with the line ends of Windows."""
    shown = Form(browser.get(path).text, path).filled(answers)
    return browser.client.post(path, data={name: [text.replace("\n", "\r\n") for text in texts] for name, texts in shown.items()}).status_code


def test_breaks_blanks_and_signs_in_the_texts_of_a_step_stay_when_something_else_of_it_is_saved(lucia):
    content = odd_model("protection")
    assert put(lucia, content, 0).status_code == 200
    for step in Editor(content).steps():
        assert press(lucia, f"{STEPS}/{step.id}") == 303
        assert shipped(lucia)[0] == content, step.id
        assert press(lucia, f"{STEPS}/{step.id}", name="Altro") == 303
        wanted, changed = (etree.fromstring(each) for each in (content, shipped(lucia)[0]))
        next(each for each in wanted.iter("{*}*") if each.get("id") == step.id).set("name", "Altro")
        assert etree.tostring(changed, method="c14n") == etree.tostring(wanted, method="c14n"), step.id
        put(lucia, content, shipped(lucia)[1])
        if step.kind == "userTask":
            assert press(lucia, f"{STEPS}/{step.id}/repeat") == 303
            assert shipped(lucia)[0] == content, step.id


def test_what_is_typed_on_several_lines_is_kept_on_them_and_one_blank_less_is_a_change(lucia):
    put(lucia, odd_model("protection"), 0)
    more = f"{ODD}\nor late"
    one_blank = more.replace("  ", " ")
    assert press(lucia, f"{STEPS}/xor", **{"condition-xor__b": more}) == 303
    assert press(lucia, f"{STEPS}/a", due=one_blank) == 303
    assert press(lucia, f"{STEPS}/c", **{"input-x": one_blank}) == 303

    drawn = Editor(shipped(lucia)[0])
    assert {way.id: way.condition for way in drawn.step("xor").ways}["xor__b"] == more
    assert (drawn.step("a").facts["due"], drawn.step("c").facts["input-x"]) == (one_blank, one_blank)
    assert b"&#13;" not in shipped(lucia)[0].replace(b"&#13;|", b"")


@pytest.mark.parametrize(
    ("process", "step", "field", "before", "after"),
    [
        ("compensation", "wait_event", "timer", b">P90D<", b">P80D<"),
        ("asylum", "end_refused", "message", b'id="end_refused_message" messageRef="message_permit_settled"',
         b'id="end_refused_message" messageRef="message_track_art18"'),
        ("age_assessment", "age_by_documents", "input-status", b'target="status" expression="documents"',
         b'target="status" expression="papers"'),
    ],
)  # fmt: skip
def test_a_time_a_message_and_what_is_handed_over_are_changed_and_nothing_else(lucia, process, step, field, before, after):
    content, _ = shipped(lucia, f"/models/{process}/draft.bpmn")
    place = f"/models/{process}/draft/steps/{step}"
    lucia.get(place)
    said = {"timer": "P80D", "message": "message_track_art18", "input-status": "papers"}[field]
    assert lucia.send(place, **{field: ""} if field != "message" else {field: "nowhere"}).status_code in (303, 422)
    assert shipped(lucia, f"/models/{process}/draft.bpmn")[0] == content
    lucia.get(place)
    assert lucia.send(place, **{field: said}).status_code == 303

    drawn = shipped(lucia, f"/models/{process}/draft.bpmn")[0]
    assert drawn.count(after) == 1
    assert drawn.count(before) == content.count(before) - 1


def test_what_is_not_there_is_not_found(lucia, at_desk):
    for path in (f"{STEPS}/none", f"{STEPS}/none/add", "/models/none/draft/steps"):
        assert lucia.get(path).status_code == 404
    assert at_desk("marco").get(STEPS).status_code == 200
    assert at_desk("marco").get(PLACE).status_code == 404


def test_all_that_is_missing_of_a_time_is_said_at_once(lucia):
    lucia.get(f"{PLACE}/timer")
    page = lucia.send(f"{PLACE}/timer").text

    assert "Scrivi che cosa è successo" in page
    assert "Scrivi dopo quanto tempo" in page
