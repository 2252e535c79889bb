"""Code lists of titles, tracks, consents and communications."""

from cases.codes.base import CodeList
from core.errors import N_

PERMIT_KINDS: CodeList = (
    ("nessuno", N_("Nessuno")),
    ("richiesta_asilo", N_("Richiesta di asilo")),
    ("asilo", N_("Asilo")),
    ("sussidiaria", N_("Protezione sussidiaria")),
    ("protezione_speciale", N_("Protezione speciale")),
    ("art18", N_("Casi speciali, art. 18")),
    ("art18bis", N_("Casi speciali, art. 18-bis")),
    ("art18ter", N_("Casi speciali, art. 18-ter")),
    ("minore_eta", N_("Minore età")),
    ("affidamento", N_("Affidamento")),
    ("prosieguo_art32", N_("Prosieguo amministrativo o art. 32")),
    ("lavoro_subordinato", N_("Lavoro subordinato")),
    ("lavoro_autonomo", N_("Lavoro autonomo")),
    ("attesa_occupazione", N_("Attesa occupazione")),
    ("studio", N_("Studio")),
    ("famiglia", N_("Famiglia")),
    ("cure_mediche", N_("Cure mediche")),
    ("cittadino_ue", N_("Cittadinanza dell'Unione europea")),
    ("carta_ue", N_("Carta UE di lungo periodo")),
    ("cittadinanza_italiana", N_("Cittadinanza italiana")),
    ("altro_stato_ue", N_("Titolo di un altro Stato UE")),
    ("scaduto", N_("Titolo scaduto")),
    ("ignoto", N_("Titolo ignoto")),
)
TRACKS: CodeList = (
    ("art13", N_("Art. 13 L. 228/2003")),
    ("unico_sociale", N_("Programma unico, percorso sociale")),
    ("unico_giudiziario", N_("Programma unico, percorso giudiziario")),
    ("art18ter", N_("Art. 18-ter")),
    ("asilo", N_("Asilo")),
    ("minore", N_("Minore")),
    ("ue", N_("Cittadinanza dell'Unione europea")),
    ("non_residenziale", N_("Sostegno non residenziale")),
)
CONSENT_PURPOSES: CodeList = (
    ("colloquio", N_("Colloquio")),
    ("trattamento_dati", N_("Trattamento dei dati e dei dati particolari")),
    ("invio_ente", N_("Invio a un altro ente")),
    ("comunicazione_questura", N_("Comunicazione alla Questura")),
    ("comunicazione_procura", N_("Comunicazione alla Procura")),
    ("relazione_ct", N_("Relazione alla Commissione Territoriale")),
    ("trasferimento", N_("Trasferimento")),
    ("foto", N_("Fotografia")),
    ("contatto_famiglia", N_("Contatto con la famiglia")),
    ("statistica", N_("Statistica e ricerca")),
    ("follow_up", N_("Un contatto dopo l'uscita")),
    ("sms", N_("Ricevere SMS con il testo concordato")),
    ("minore_assenso", N_("Assenso del minore, con il tutore")),
)
CONSENT_WAYS: CodeList = (
    ("scritto", N_("Scritto")),
    ("orale_testimone", N_("Orale, con un testimone")),
)
RECEIVERS: CodeList = (
    ("interno", N_("Nessuno fuori dall'équipe")),
    ("questore", N_("Questore")),
    ("procura", N_("Procura della Repubblica")),
    ("commissione_territoriale", N_("Commissione Territoriale")),
    ("sindaco", N_("Sindaco")),
    ("prefettura", N_("Prefettura")),
    ("inl", N_("Ispettorato nazionale del lavoro")),
    ("dpo", N_("Dipartimento per le pari opportunità")),
    ("oim", N_("Organizzazione internazionale per le migrazioni")),
    ("ente", N_("Altro ente")),
)
SENDING_CHANNELS: CodeList = (
    ("pec", N_("PEC")),
    ("portale", N_("Portale")),
    ("consegna", N_("Consegna a mano")),
)
APPLICATION_KINDS: CodeList = (
    ("primo_rilascio", N_("Primo rilascio")),
    ("rinnovo", N_("Rinnovo")),
    ("conversione", N_("Conversione")),
)
PERMIT_OUTCOMES: CodeList = (
    ("issued", N_("Titolo rilasciato")),
    ("refused", N_("Titolo rifiutato")),
    ("withdrawn", N_("La persona non prosegue")),
    ("requalified", N_("Percorso da rivalutare")),
    ("none", N_("Nessun titolo")),
)
PERMIT_TRACKS: CodeList = (
    ("art18_sociale", N_("Art. 18, percorso sociale")),
    ("art18_giudiziario", N_("Art. 18, percorso giudiziario")),
    ("art18ter", N_("Art. 18-ter, sfruttamento lavorativo")),
    ("art18bis", N_("Art. 18-bis, violenza domestica")),
    ("asylum", N_("Protezione internazionale")),
    ("minor", N_("Persona minorenne")),
    ("eu", N_("Cittadinanza dell'Unione europea")),
    ("none", N_("Nessun titolo per ora: orientamento")),
)
REFUSAL_KINDS: CodeList = (
    ("diniego", N_("Diniego")),
    ("revoca", N_("Revoca")),
    ("archiviazione", N_("Archiviazione della domanda")),
)
COURTS: CodeList = (
    ("tribunale_sezione", N_("Tribunale ordinario, sezione specializzata")),
    ("tar", N_("TAR")),
    ("altro", N_("Altro giudice")),
)
APPEAL_OUTCOMES: CodeList = (
    ("accolto", N_("Accolto")),
    ("respinto", N_("Respinto")),
    ("rinunciato", N_("La persona rinuncia al ricorso")),
)
EPISODE_KINDS: CodeList = (
    ("ispezione", N_("Ispezione sul lavoro")),
    ("polizia", N_("Operazione di polizia")),
    ("arrivo", N_("Arrivo o frontiera")),
    ("segnalazione", N_("Segnalazione")),
    ("altro", N_("Altro fatto")),
)

LISTS: dict[str, CodeList] = {
    "tipo_permesso": PERMIT_KINDS,
    "percorso": TRACKS,
    "finalita_consenso": CONSENT_PURPOSES,
    "modo_consenso": CONSENT_WAYS,
    "destinatario": RECEIVERS,
    "canale_invio": SENDING_CHANNELS,
    "tipo_domanda": APPLICATION_KINDS,
    "esito_titolo": PERMIT_OUTCOMES,
    "percorso_titolo": PERMIT_TRACKS,
    "tipo_rifiuto": REFUSAL_KINDS,
    "giudice": COURTS,
    "esito_ricorso": APPEAL_OUTCOMES,
    "tipo_fatto": EPISODE_KINDS,
}
