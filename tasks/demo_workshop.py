"""The invented office in the workshop: a coordinator has proposed a change, and a second one has to read it."""

from engine import registry
from engine.drafts import PROCESS
from engine.editing import edit
from tasks import workshop
from tasks.demo_office import Office, Story

CHANGED = {
    "due": "P10D",
    "documentation": "Residenza, conto, tessera sanitaria e ADI si seguono insieme, con un appuntamento fisso ogni"
    " dieci giorni. Prassi del servizio, non termine di legge.",
}
WHY = "Con dieci giorni al posto di quattordici gli appuntamenti in Comune non si perdono."


def proposal(office: Office) -> Story:
    """Paola wants everyday papers to be followed more closely; Piera has not looked yet."""
    yield office.now
    paola = office.actors["paola"].user_id
    drawn = edit(registry.current(office.db, "errands").xml, lambda editor: editor.change("errands_form", CHANGED))
    draft = workshop.save(office.db, PROCESS, "errands", drawn, 0, by=paola)
    workshop.propose(office.db, PROCESS, "errands", draft.revision, WHY, None, by=paola)


STORIES = (proposal,)
