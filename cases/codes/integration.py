"""Code lists of the integration: the individual plan, work, courses, what is found after the exit."""

from cases.codes.base import CodeList
from core.errors import N_

PEI_AREAS: CodeList = (
    ("casa", N_("Casa")),
    ("salute", N_("Salute")),
    ("psicologica", N_("Benessere psicologico")),
    ("legale", N_("Legale e documenti")),
    ("italiano", N_("Italiano")),
    ("scuola", N_("Scuola")),
    ("formazione", N_("Formazione")),
    ("lavoro", N_("Lavoro")),
    ("reddito", N_("Reddito")),
    ("famiglia", N_("Famiglia")),
    ("rete", N_("Amicizie e rete")),
    ("tempo_libero", N_("Tempo libero")),
    ("autonomia", N_("Autonomia")),
)
GOAL_RESPONSIBLES: CodeList = (
    ("persona", N_("La persona")),
    ("referente", N_("Referente del caso")),
    ("struttura", N_("Équipe della struttura")),
    ("legale", N_("Ufficio legale")),
    ("mediazione", N_("Mediazione culturale")),
    ("servizio", N_("Un servizio del territorio")),
)
GOAL_OUTCOMES: CodeList = (
    ("raggiunto", N_("Raggiunto")),
    ("in_parte", N_("Raggiunto in parte")),
    ("in_corso", N_("Ci stiamo lavorando")),
    ("lasciato", N_("Lasciato: non è più importante per lei")),
)
WORK_KINDS: CodeList = (
    ("extracurricolare", N_("Tirocinio extracurricolare")),
    ("tis", N_("Tirocinio di inclusione (TIS)")),
    ("borsa_lavoro", N_("Borsa lavoro")),
    ("apprendistato", N_("Apprendistato")),
    ("contratto", N_("Contratto di lavoro")),
)
WORK_OUTCOMES: CodeList = (
    ("assunzione", N_("Assunzione")),
    ("proroga", N_("Proroga")),
    ("concluso", N_("Concluso")),
    ("interrotto", N_("Interrotto")),
)
ALLOWANCE_PAYERS: CodeList = (
    ("ente", N_("Il nostro ente")),
    ("ospitante", N_("Chi ospita")),
    ("comune", N_("Il Comune")),
    ("regione", N_("La Regione")),
    ("altro", N_("Altri")),
)
COURSE_LEVELS: CodeList = (
    ("alfa", N_("Alfabetizzazione")),
    ("a1", N_("Italiano A1")),
    ("a2", N_("Italiano A2")),
    ("b1", N_("Italiano B1")),
    ("b2", N_("Italiano B2")),
    ("licenza_media", N_("Licenza media")),
    ("professionale", N_("Corso professionale")),
)
COURSE_PROVIDERS: CodeList = (
    ("cpia", N_("CPIA")),
    ("ente", N_("Il nostro ente")),
    ("volontariato", N_("Scuola di volontariato")),
    ("formazione", N_("Ente di formazione")),
    ("altro", N_("Altro")),
)
COURSE_OUTCOMES: CodeList = (
    ("certificato", N_("Certificato o esame superato")),
    ("frequenza", N_("Attestato di frequenza")),
    ("non_superato", N_("Esame non superato")),
    ("interrotto", N_("Interrotto")),
)
WORK_SITUATIONS: CodeList = (
    ("stabile", N_("Lavoro stabile")),
    ("a_termine", N_("Lavoro a termine")),
    ("tirocinio", N_("Tirocinio o formazione")),
    ("irregolare", N_("Lavoro senza contratto")),
    ("cerca", N_("Cerca lavoro")),
    ("non_cerca", N_("Per ora non cerca")),
)
YES_NO: CodeList = (("si", N_("Sì")), ("no", N_("No")))

LISTS: dict[str, CodeList] = {
    "area_pei": PEI_AREAS,
    "responsabile": GOAL_RESPONSIBLES,
    "esito_obiettivo": GOAL_OUTCOMES,
    "tipo_lavoro": WORK_KINDS,
    "esito_lavoro": WORK_OUTCOMES,
    "chi_paga": ALLOWANCE_PAYERS,
    "livello_corso": COURSE_LEVELS,
    "scuola": COURSE_PROVIDERS,
    "esito_corso": COURSE_OUTCOMES,
    "situazione_lavoro": WORK_SITUATIONS,
    "si_no": YES_NO,
}
