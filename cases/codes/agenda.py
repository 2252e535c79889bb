"""Code lists of outings, of the desk's waiting list and of appointments."""

from cases.codes.base import CodeList
from core.errors import N_

OUTING_STATUSES: CodeList = (
    ("planned", N_("In programma")),
    ("running", N_("In corso")),
    ("closed", N_("Chiusa")),
)
MATERIALS: CodeList = (
    ("preservativi", N_("Preservativi")),
    ("lubrificante", N_("Lubrificante")),
    ("kit_igiene", N_("Kit per l'igiene")),
    ("biglietti", N_("Biglietti con il Numero Verde")),
    ("bevande", N_("Bevande calde")),
    ("vestiario", N_("Vestiario")),
    ("altro", N_("Altro")),
)
VISIT_STATUSES: CodeList = (
    ("waiting", N_("Aspetta")),
    ("taken", N_("A colloquio")),
    ("done", N_("Finito")),
    ("left", N_("Andata via")),
)
VISIT_OUTCOMES: CodeList = (
    ("informazioni", N_("Informazioni date")),
    ("contatto", N_("Registrato un contatto")),
    ("appuntamento", N_("Fissato un appuntamento")),
    ("altro_servizio", N_("Indicato un altro servizio")),
    ("niente", N_("Nessun altro passo")),
)
APPOINTMENT_KINDS: CodeList = (
    ("colloquio", N_("Colloquio")),
    ("accompagnamento", N_("Accompagnamento")),
    ("questura", N_("Questura")),
    ("medico", N_("Medico")),
    ("avvocato", N_("Avvocato")),
    ("altro", N_("Altro")),
)
APPOINTMENT_PLACES: CodeList = (
    ("sede", N_("In sede")),
    ("altrove", N_("Altrove: chiedi a chi ci va")),
    ("telefono", N_("Per telefono o a distanza")),
)
APPOINTMENT_STATUSES: CodeList = (
    ("fissato", N_("Fissato")),
    ("confermato", N_("Confermato")),
    ("svolto", N_("Svolto")),
    ("non_venuta", N_("Non venuta")),
    ("spostato", N_("Spostato")),
    ("annullato", N_("Annullato")),
)
APPOINTMENT_REASONS: CodeList = (
    ("persona", N_("Lo chiede la persona")),
    ("ufficio", N_("Lo chiede l'ufficio o lo studio")),
    ("sicurezza", N_("Per sicurezza")),
    ("salute", N_("Per salute")),
    ("equipe", N_("Manca chi accompagna")),
    ("non_raggiunta", N_("Non è stata raggiunta")),
    ("altro", N_("Altro")),
)

LISTS: dict[str, CodeList] = {
    "stato_uscita": OUTING_STATUSES,
    "materiale_uscita": MATERIALS,
    "stato_accesso": VISIT_STATUSES,
    "esito_accesso": VISIT_OUTCOMES,
    "tipo_appuntamento": APPOINTMENT_KINDS,
    "luogo_appuntamento": APPOINTMENT_PLACES,
    "stato_appuntamento": APPOINTMENT_STATUSES,
    "motivo_appuntamento": APPOINTMENT_REASONS,
}
