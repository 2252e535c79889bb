"""Code lists of a first contact (forms F01, F02)."""

from cases.codes.base import CodeList
from core.errors import N_

CONTACT_KINDS: CodeList = (
    ("call", N_("Chiamata")),
    ("street", N_("Unità mobile")),
    ("desk", N_("Sportello")),
    ("online", N_("Contatto online")),
    ("report", N_("Segnalazione")),
)
CALL_CHANNELS: CodeList = (
    ("telefono", N_("Telefono")),
    ("lyca", N_("Telefono Lyca")),
    ("email", N_("Posta elettronica")),
    ("chat", N_("Chat")),
    ("web", N_("Modulo web")),
)
CALL_CLASSES: CodeList = (
    ("pertinente_qualificata", N_("Pertinente qualificata")),
    ("pertinente", N_("Pertinente")),
    ("non_pertinente", N_("Non pertinente")),
    ("disturbo", N_("Disturbo")),
)
ACTIVATORS: CodeList = (
    ("vittima", N_("La persona stessa (autosegnalazione)")),
    ("cittadino", N_("Una cittadina o un cittadino")),
    ("cliente_amico_collega", N_("Cliente, persona amica o collega")),
    ("servizi_sociosanitari", N_("Servizi socio-sanitari")),
    ("progetto_antitratta", N_("Progetto antitratta")),
    ("privato_sociale", N_("Ente del privato sociale")),
    ("forze_ordine", N_("Forze dell'ordine")),
    ("autorita_giudiziaria", N_("Autorità giudiziaria")),
    ("protezione_internazionale", N_("Sistema di protezione internazionale")),
    ("categoria_lavoro", N_("Associazione di categoria del lavoro")),
    ("altro", N_("Altro")),
)
CONTACT_REASONS: CodeList = (
    ("richiesta_aiuto", N_("Richiesta di aiuto o di uscita")),
    ("informazioni", N_("Informazioni sul servizio")),
    ("segnalazione", N_("Segnalazione di tratta o sfruttamento")),
    ("consulenza", N_("Consulenza e assistenza tecnica")),
    ("messa_in_rete", N_("Messa in rete")),
)
SEARCH_PURPOSES: CodeList = (
    ("contatto", N_("Capire se chi è in contatto con noi è già conosciuto")),
    ("apertura", N_("Prima di aprire un caso")),
    ("trasferimento", N_("Un trasferimento o un invio tra postazioni")),
    ("sicurezza", N_("Un pericolo per la persona")),
)
CONTACT_OUTCOMES: CodeList = (
    ("ascolto", N_("Ascolto, consulenza o interpretariato")),
    ("informazioni_date", N_("Informazioni date")),
    ("colloquio_fissato", N_("Colloquio di valutazione fissato")),
    ("inviata_territorio", N_("Inviata alla postazione del territorio")),
    ("pronta_accoglienza", N_("Pronta accoglienza")),
    ("presa_in_carico", N_("Presa in carico")),
    ("porta_aperta", N_("Porta aperta: la persona per ora dice di no")),
    ("non_interessata", N_("Non interessata, per ora: resta il codice")),
    ("ipotesi", N_("Ipotesi: si conserva senza identità")),
    ("forze_ordine", N_("Richiesto l'intervento delle forze dell'ordine (112)")),
    ("non_pertinente", N_("Non pertinente")),
    ("disturbo", N_("Disturbo")),
)
PICKUP_OUTCOMES: CodeList = (
    ("case", N_("Si apre un caso")),
    ("contact_only", N_("Resta un contatto")),
    ("police", N_("Intervento delle forze dell'ordine")),
)
URGENCIES: CodeList = (
    ("emergenza", N_("Emergenza")),
    ("alta", N_("Alta")),
    ("media", N_("Media")),
    ("bassa", N_("Bassa")),
)
REPORT_PRIORITIES: CodeList = (
    ("alta", N_("Alta: si telefona")),
    ("ordinaria", N_("Ordinaria")),
)
REPORT_CONSENTS: CodeList = (
    ("si", N_("Sì, la persona acconsente")),
    ("no", N_("No, la persona non vuole")),
    ("non_acquisibile", N_("Non è stato possibile chiederlo")),
)
REPORT_OUTCOMES: CodeList = (
    ("meet", N_("Si cerca di incontrare la persona")),
    ("hypothesis", N_("Resta un'ipotesi")),
    ("more_info", N_("Servono altri elementi")),
    ("not_pertinent", N_("Non riguarda tratta o sfruttamento")),
)
REPORT_ANSWERS: CodeList = (
    ("followed", N_("La segnalazione è stata valutata e seguita")),
    ("kept", N_("La segnalazione è stata valutata; per ora non si può fare altro")),
    ("elsewhere", N_("Riguarda un altro servizio")),
    ("news", N_("Notizie sulla persona, con il suo consenso")),
)
REPLY_CHANNELS: CodeList = (
    ("telefono", N_("Telefono")),
    ("pec", N_("PEC")),
    ("email_cifrata", N_("Posta elettronica cifrata")),
    ("di_persona", N_("Di persona")),
)
AGE_BANDS: CodeList = (
    ("0-13", N_("Meno di 14 anni")),
    ("14-17", N_("Da 14 a 17 anni")),
    ("18-24", N_("Da 18 a 24 anni")),
    ("25-34", N_("Da 25 a 34 anni")),
    ("35+", N_("35 anni o più")),
)
NEEDS: CodeList = (
    ("salute", N_("Salute")),
    ("legale", N_("Assistenza legale")),
    ("casa", N_("Casa")),
    ("lavoro", N_("Lavoro")),
    ("documenti", N_("Documenti")),
    ("ascolto", N_("Ascolto")),
)

CALL_NOES: CodeList = (
    ("in_linea", N_("Sono in un'altra chiamata")),
    ("in_intervento", N_("Sono già in un intervento")),
    ("non_raggiungo", N_("Non posso arrivarci in tempo")),
    ("altro_territorio", N_("Tocca a un'altra postazione")),
    ("non_posso", N_("Adesso non posso")),
)

LISTS: dict[str, CodeList] = {
    "scopo_ricerca": SEARCH_PURPOSES,
    "tipo_contatto": CONTACT_KINDS,
    "canale_chiamata": CALL_CHANNELS,
    "classe_chiamata": CALL_CLASSES,
    "attivatore": ACTIVATORS,
    "motivo_contatto": CONTACT_REASONS,
    "esito_contatto": CONTACT_OUTCOMES,
    "esito_presa": PICKUP_OUTCOMES,
    "priorita_segnalazione": REPORT_PRIORITIES,
    "consenso_segnalazione": REPORT_CONSENTS,
    "esito_segnalazione": REPORT_OUTCOMES,
    "risposta_segnalazione": REPORT_ANSWERS,
    "canale_risposta": REPLY_CHANNELS,
    "urgenza": URGENCIES,
    "fascia_eta": AGE_BANDS,
    "bisogni": NEEDS,
    "perche_no_chiamata": CALL_NOES,
}
