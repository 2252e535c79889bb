"""Code lists of what passes between bodies and of what goes wrong: referrals, transfers, critical events."""

from cases.codes.base import CodeList
from core.errors import N_

TRANSFER_STATUSES: CodeList = (
    ("searching", N_("Si cerca un posto")),
    ("chosen", N_("Posto scelto dalla persona")),
    ("accepted", N_("Accettato da entrambe le postazioni")),
    ("arrived", N_("Arrivo confermato")),
    ("ended", N_("Concluso")),
)
TRANSFER_OUTCOMES: CodeList = (
    ("positivo", N_("Positivo")),
    ("nessun_posto", N_("Nessun posto")),
    ("rifiuto", N_("Rifiuto")),
    ("annullato", N_("Annullato")),
)
OFFER_STATUSES: CodeList = (
    ("open", N_("Aperta")),
    ("chosen", N_("Scelta")),
    ("declined", N_("Non scelta")),
    ("withdrawn", N_("Ritirata")),
)
TRANSFER_NEEDS: CodeList = (
    ("presenza_continua", N_("Operatori presenti giorno e notte")),
    ("solo_donne", N_("Casa di sole donne")),
    ("nucleo", N_("Posto per genitore con figli")),
    ("cure_vicine", N_("Cure mediche vicine")),
    ("sostegno_psicologico", N_("Sostegno psicologico")),
    ("accessibilita", N_("Casa accessibile")),
    ("lgbti", N_("Ambiente accogliente per persone LGBTI")),
    ("dieta", N_("Dieta particolare")),
    ("mediazione", N_("Mediazione nella sua lingua")),
    ("scuola", N_("Scuola o corsi")),
    ("lavoro", N_("Possibilità di lavoro")),
    ("animale", N_("Con un animale")),
)
HANDED_OVER: CodeList = (
    ("documenti", N_("Documenti della persona")),
    ("attestato", N_("Attestato o ricevute della Questura")),
    ("relazione", N_("Relazione di passaggio")),
    ("consensi", N_("Informativa e consensi")),
    ("legale", N_("Atti legali")),
    ("salute", N_("Documenti sanitari e farmaci")),
    ("pei", N_("Progetto individuale")),
    ("scuola", N_("Documenti della scuola")),
    ("effetti", N_("Effetti personali")),
)
TRANSFER_NOTICES: CodeList = (
    ("questura_origin", N_("Questura di partenza")),
    ("questura_destination", N_("Questura di arrivo")),
    ("lawyer", N_("Avvocata o avvocato")),
    ("ct", N_("Commissione Territoriale")),
    ("asl", N_("Azienda sanitaria o ospedale")),
    ("school", N_("Scuola")),
)
BODY_KINDS: CodeList = (
    ("asl", N_("Azienda sanitaria o ospedale")),
    ("consultorio", N_("Consultorio")),
    ("salute_mentale", N_("Salute mentale o dipendenze")),
    ("avvocato", N_("Avvocata o avvocato")),
    ("servizi_sociali", N_("Servizi sociali")),
    ("centro_antiviolenza", N_("Centro antiviolenza")),
    ("accoglienza", N_("Altra accoglienza (SAI, CAS, comunità)")),
    ("progetto_antitratta", N_("Altro progetto antitratta")),
    ("scuola", N_("Scuola o CPIA")),
    ("lavoro", N_("Centro per l'impiego, ente di formazione, sindacato")),
    ("oim", N_("OIM o UNHCR")),
    ("altro", N_("Altro ente")),
)
REFERRAL_STATUSES: CodeList = (
    ("sent", N_("Inviato")),
    ("seen", N_("Ricevuto dall'ente")),
    ("answered", N_("Risposta arrivata")),
    ("late", N_("In ritardo")),
    ("done", N_("Concluso")),
)
REFERRAL_OUTCOMES: CodeList = (
    ("accolto", N_("L'ente ha accolto la persona")),
    ("non_accolto", N_("L'ente non può accogliere")),
    ("senza_risposta", N_("Nessuna risposta")),
    ("ritirato", N_("La persona non vuole più")),
)
EVENT_KINDS: CodeList = (
    ("minaccia", N_("Minaccia")),
    ("aggressione", N_("Aggressione")),
    ("ricovero", N_("Ricovero")),
    ("allontanamento", N_("Allontanamento o irreperibilità")),
    ("contatto_rete", N_("Contatto con la rete")),
    ("rinuncia", N_("La persona non vuole proseguire")),
    ("violazione_regole", N_("Violazione delle regole")),
    ("violazione_dati", N_("Violazione dei dati")),
    ("altro", N_("Altro")),
)
INTERRUPTIONS: CodeList = (
    ("no", N_("Nessuna interruzione")),
    ("sospesa", N_("Programma sospeso")),
    ("definitiva", N_("Programma interrotto")),
)
INTERRUPTERS: CodeList = (
    ("persona", N_("La persona")),
    ("equipe", N_("L'équipe")),
    ("ente", N_("L'ente")),
    ("autorita", N_("Un'autorità")),
)

LISTS: dict[str, CodeList] = {
    "stato_trasferimento": TRANSFER_STATUSES,
    "esito_trasferimento": TRANSFER_OUTCOMES,
    "stato_offerta": OFFER_STATUSES,
    "esigenze_trasferimento": TRANSFER_NEEDS,
    "dossier_consegnato": HANDED_OVER,
    "avviso_trasferimento": TRANSFER_NOTICES,
    "tipo_ente": BODY_KINDS,
    "stato_invio": REFERRAL_STATUSES,
    "esito_invio": REFERRAL_OUTCOMES,
    "tipo_evento": EVENT_KINDS,
    "interruzione": INTERRUPTIONS,
    "chi_interrompe": INTERRUPTERS,
}
