"""Code lists of the tracks beside art. 18: asylum, minors, compensation, complaints, the way home."""

from cases.codes.base import CodeList
from core.errors import N_

ASSESSMENT_OUTCOMES: CodeList = (
    ("sufficienti", N_("Elementi sufficienti")),
    ("insufficienti", N_("Elementi non sufficienti")),
    ("in_corso", N_("Serve altro tempo")),
    ("non_presentata", N_("Non si è presentata")),
    ("rinuncia", N_("La persona rinuncia ai colloqui")),
)
ASYLUM_DECISIONS: CodeList = (
    ("asilo", N_("Status di rifugiato")),
    ("sussidiaria", N_("Protezione sussidiaria")),
    ("speciale", N_("Protezione speciale")),
    ("art32_3bis", N_("Atti al Questore per l'art. 18 (art. 32 c. 3-bis)")),
    ("rigetto", N_("Rigetto")),
)
AGE_STATUSES: CodeList = (
    ("non_in_dubbio", N_("Età non in dubbio")),
    ("in_dubbio", N_("Età in dubbio: si presume minore")),
    ("minore", N_("Minore età accertata")),
    ("adulto", N_("Maggiore età accertata")),
)
COMPENSATION_GROUNDS: CodeList = (
    ("autore_noto", N_("Autore noto: condanna al risarcimento o provvisionale")),
    ("autore_patrocinio", N_("Autore ammesso al patrocinio a spese dello Stato")),
    ("autore_ignoto", N_("Autore ignoto: archiviazione")),
    ("assoluzione", N_("Assoluzione definitiva")),
)
COMPENSATION_OUTCOMES: CodeList = (
    ("accolta", N_("Accolta")),
    ("accolta_in_parte", N_("Accolta in parte")),
    ("respinta", N_("Respinta")),
)
CRIME_ROLES: CodeList = (
    ("persona_offesa", N_("Ha subito il reato")),
    ("testimone", N_("Ha visto o sa: testimone")),
)
COMPLAINT_CHOICES: CodeList = (
    ("si", N_("Vuole denunciare")),
    ("no", N_("Non vuole denunciare")),
    ("piu_avanti", N_("Ci pensa ancora")),
)
LEGAL_AID: CodeList = (
    ("chiesto", N_("Patrocinio chiesto")),
    ("ammessa", N_("Patrocinio ammesso")),
    ("non_ammessa", N_("Patrocinio non ammesso")),
    ("non_serve", N_("Non serve o non lo vuole")),
)
RETURN_OUTCOMES: CodeList = (
    ("partita", N_("È partita")),
    ("resta", N_("Ha scelto di restare")),
    ("non_ammessa", N_("Programma di rimpatrio non concesso")),
)

LISTS: dict[str, CodeList] = {
    "esito_valutazione": ASSESSMENT_OUTCOMES,
    "decisione_commissione": ASYLUM_DECISIONS,
    "stato_eta": AGE_STATUSES,
    "titolo_indennizzo": COMPENSATION_GROUNDS,
    "esito_indennizzo": COMPENSATION_OUTCOMES,
    "ruolo_reato": CRIME_ROLES,
    "scelta_denuncia": COMPLAINT_CHOICES,
    "patrocinio": LEGAL_AID,
    "esito_rientro": RETURN_OUTCOMES,
}
