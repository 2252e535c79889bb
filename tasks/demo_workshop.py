"""The invented office in the workshop: a coordinator has proposed a change, and a second one has to read it; another
change is in force, and the cases that were running have not been moved yet. A table and a form are being changed: both
can be tried, and neither is proposed.
"""

import json

from engine import registry
from engine.drafts import DECISION, FORM, PROCESS
from engine.editing import Editor, edit
from tasks import workshop
from tasks.demo_office import Office, Story

CHANGED = {
    "due": "P10D",
    "documentation": "Residenza, conto, tessera sanitaria e ADI si seguono insieme, con un appuntamento fisso ogni"
    " dieci giorni. Prassi del servizio, non termine di legge.",
}
WHY = "Con dieci giorni al posto di quattordici gli appuntamenti in Comune non si perdono."

TIME_TO_THINK = {
    "name": "Proponi il programma, con il tempo per pensarci",
    "name_en": "Offer the programme, with time to think",
    "form": "adhesion",
    "due": 'if adhesion_review_on != null then date(adhesion_review_on) else duration("P5D")',
    "dueSource": "model",
    "phase": "P6",
    "documentation": "Adesione e patto (scheda F09): regole lette nella lingua della persona, effetti di"
    " un'interruzione, obblighi dell'ente, firma anche del tutore se è minorenne. Art. 26 e 27 c. 2 DPR 394/1999. I"
    " cinque giorni sono prassi: chi decide in fretta spesso torna indietro.",
}
WHY_TIME = "Tre giorni per decidere sono pochi: chi aderisce in fretta spesso si ritira."


LOOK_AGAIN = {
    "type": "datetime",
    "subtype": "date",
    "id": "f_look_again_on",
    "key": "look_again_on",
    "label": "Quando si guarda se bastano",
    "dateLabel": "Quando si guarda se bastano",
    "properties": {"label_en": "When to see whether they are enough", "class": "P4"},
}


def proposal(office: Office) -> Story:
    """Paola wants everyday papers to be followed more closely; Piera has not looked yet."""
    yield office.now
    paola = office.actors["paola"].user_id
    drawn = edit(registry.current(office.db, "errands").xml, lambda editor: editor.change("errands_form", CHANGED))
    draft = workshop.save(office.db, PROCESS, "errands", drawn, 0, by=paola)
    workshop.propose(office.db, PROCESS, "errands", draft.revision, WHY, None, by=paola)


def new_version(office: Office) -> Story:
    """Piera has confirmed a new version of the programme: who waits in the step that was replaced has to be mapped."""
    yield office.now  # what is shipped came into force a moment ago: an earlier version would not be the one in force
    paola, piera = (office.actors[login].user_id for login in ("paola", "piera"))
    drawn = edit(registry.current(office.db, "programme").xml, _replace_a_step)
    draft = workshop.save(office.db, PROCESS, "programme", drawn, 0, by=paola)
    workshop.propose(office.db, PROCESS, "programme", draft.revision, WHY_TIME, None, by=paola)
    compared = workshop.before(office.db, draft).sha
    workshop.approve(office.db, PROCESS, "programme", draft.revision, compared, by=piera)


def _replace_a_step(editor: Editor) -> None:
    editor.remove("adhesion")
    editor.add("gw_offer__adhesion", "userTask", TIME_TO_THINK)


def in_the_making(office: Office) -> Story:
    """Paola is still at work on the risk: a stricter row of its table, and a question about the measures."""
    yield office.now
    paola = office.actors["paola"].user_id
    before, row, after = workshop.content(office.db, DECISION, "risk").partition(b'<rule id="serious">')
    stricter = after.replace(b"almeno medio", b"alto", 1).replace(b'"medio"', b'"alto"', 1)
    workshop.save(office.db, DECISION, "risk", before + row + stricter, 0, by=paola)
    form = json.loads(workshop.content(office.db, FORM, "risk_measures"))
    form["components"].append(LOOK_AGAIN)
    content = json.dumps(form, indent=2, ensure_ascii=False).encode() + b"\n"
    workshop.save(office.db, FORM, "risk_measures", content, 0, by=paola)


STORIES = (proposal, new_version, in_the_making)
