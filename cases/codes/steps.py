"""Code lists of steps that people add by hand: what is to be done, by which group. They stand where everyone of the
case's list of tasks reads them, so they say nothing of the person.
"""

from cases.codes.base import CodeList
from core.errors import N_

RESUME = "riprendi"
EXTRA_STEPS: CodeList = (
    ("colloquio", N_("Fai un colloquio")),
    ("richiama", N_("Richiama la persona")),
    ("accompagna", N_("Accompagna la persona")),
    ("visita", N_("Organizza una visita sanitaria")),
    ("mediazione", N_("Fissa la mediazione")),
    ("documento", N_("Procura un documento")),
    ("relazione", N_("Scrivi una relazione")),
    ("servizio", N_("Senti un altro servizio")),
    ("alloggio", N_("Controlla l'alloggio")),
    ("scadenza", N_("Controlla una scadenza")),
    (RESUME, N_("Decidi come riprende il caso")),
    ("altro", N_("Altro passo, spiegato nella nota")),
)
STEP_GROUPS: CodeList = (
    ("case_manager", N_("Referente del caso")),
    ("supervisor", N_("Supervisione")),
    ("legal_officer", N_("Ufficio legale")),
    ("local_desk", N_("Postazione locale")),
    ("shelter_worker", N_("Équipe della struttura")),
    ("cultural_mediator", N_("Mediazione culturale")),
)

LISTS: dict[str, CodeList] = {"passo_aggiunto": EXTRA_STEPS, "gruppo_del_passo": STEP_GROUPS}
