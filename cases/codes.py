"""Code lists of the register: what is stored is the code, what is read is the Italian label.

Every list is a tuple of (code, label). Unknown is never a code of convenience: it is null, shown as "non noto".
The HTCDS 2.0 names (IOM, Human Trafficking Case Data Standard) stand beside the lists that are exported.
"""

from collections.abc import Iterable

from core.errors import N_, InvalidForm

CodeList = tuple[tuple[str, str], ...]

CONTACT_KINDS: CodeList = (
    ("call", N_("Chiamata")),
    ("street", N_("Unità mobile")),
    ("desk", N_("Sportello")),
    ("online", N_("Contatto online")),
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
    ("cittadino", N_("Privato cittadino")),
    ("cliente_amico_collega", N_("Cliente, amico o collega")),
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
CONTACT_OUTCOMES: CodeList = (
    ("ascolto", N_("Ascolto, consulenza o interpretariato")),
    ("informazioni_date", N_("Informazioni date")),
    ("colloquio_fissato", N_("Colloquio di valutazione fissato")),
    ("inviata_territorio", N_("Inviata alla postazione del territorio")),
    ("pronta_accoglienza", N_("Pronta accoglienza")),
    ("presa_in_carico", N_("Presa in carico")),
    ("porta_aperta", N_("Porta aperta: la persona per ora dice di no")),
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
GENDERS: CodeList = (
    ("femmina", N_("Femmina")),
    ("maschio", N_("Maschio")),
    ("donna_trans", N_("Donna trans")),
    ("uomo_trans", N_("Uomo trans")),
    ("non_binario", N_("Non binario")),
    ("non_dichiarato", N_("Non dichiarato")),
)
EXPLOITATION_FORMS: CodeList = (
    ("sessuale", N_("Sessuale (luogo non noto)")),
    ("sessuale_strada", N_("Sessuale, in strada")),
    ("sessuale_indoor", N_("Sessuale, al chiuso")),
    ("sessuale_online", N_("Sessuale, online o webcam")),
    ("lavorativo", N_("Lavorativo")),
    ("servitu_domestica", N_("Servitù domestica")),
    ("accattonaggio", N_("Accattonaggio")),
    ("economie_illegali", N_("Economie illegali, attività illecite")),
    ("matrimonio_forzato", N_("Matrimonio forzato o combinato")),
    ("espianto_organi", N_("Espianto di organi")),
    ("adozione_illegale", N_("Adozione illegale")),
    ("maternita_surrogata", N_("Maternità surrogata")),
    ("materiale_sessuale", N_("Materiale sessuale (immagini o video)")),
    ("sfruttamento_minorile", N_("Sfruttamento minorile")),
    ("arruolamento", N_("Arruolamento")),
    ("non_nota", N_("Non ancora nota")),
    ("altro", N_("Altro")),
)
EMERGENCE_CHANNELS: CodeList = (
    ("autosegnalazione", N_("Autosegnalazione")),
    ("numero_verde", N_("Numero Verde")),
    ("numero_regionale", N_("Numero regionale")),
    ("unita_mobile", N_("Unità mobile")),
    ("indoor_online", N_("Indoor o online")),
    ("sportello", N_("Sportello o drop-in")),
    ("forze_ordine", N_("Forze dell'ordine")),
    ("procura", N_("Procura o DDA")),
    ("commissione_territoriale", N_("Commissione Territoriale")),
    ("tribunale", N_("Tribunale")),
    ("cas_sai_hotspot", N_("CAS, SAI o hotspot")),
    ("oim", N_("OIM")),
    ("euaa_unhcr", N_("EUAA o UNHCR")),
    ("inl", N_("Ispettorato del lavoro")),
    ("sindacato", N_("Sindacato")),
    ("servizi_sociali", N_("Servizi sociali")),
    ("servizi_sanitari", N_("Servizi sanitari")),
    ("scuola", N_("Scuola")),
    ("carcere", N_("Carcere")),
    ("altro_progetto", N_("Altro progetto antitratta")),
    ("privato_sociale", N_("Privato sociale")),
    ("cittadino", N_("Cittadino")),
    ("cliente", N_("Cliente")),
    ("connazionale", N_("Connazionale o amico")),
    ("parrocchia", N_("Parrocchia")),
    ("altro", N_("Altro")),
)
VICTIM_STATUSES: CodeList = (
    ("in_valutazione", N_("In valutazione")),
    ("presunta", N_("Presunta")),
    ("identificata", N_("Identificata")),
    ("non_vittima", N_("Non vittima")),
)
STATUS_DECIDERS: CodeList = (
    ("ente_antitratta", N_("Ente antitratta")),
    ("polizia_giudiziaria", N_("Polizia giudiziaria")),
    ("magistratura", N_("Magistratura")),
    ("commissione_o_inl", N_("Commissione Territoriale o Ispettorato")),
    ("altro", N_("Altro")),
)
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
    ("cittadino_ue", N_("Cittadino dell'Unione europea")),
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
    ("ue", N_("Cittadino dell'Unione europea")),
    ("non_residenziale", N_("Sostegno non residenziale")),
)
ACCOMMODATION_KINDS: CodeList = (
    ("pronta", N_("Casa di fuga o pronta accoglienza")),
    ("prima", N_("Prima accoglienza")),
    ("seconda", N_("Seconda accoglienza")),
    ("semiautonomia", N_("Semi-autonomia")),
    ("autonomia", N_("Autonomia")),
    ("famiglia", N_("Famiglia")),
    ("comunita_minori", N_("Comunità per minori")),
    ("cas_tratta", N_("CAS tratta")),
    ("sai", N_("SAI")),
    ("domicilio_proprio", N_("Domicilio proprio")),
)
EXIT_OUTCOMES: CodeList = (
    ("conclusione_positiva", N_("Conclusione positiva")),
    ("autonomia_anticipata", N_("Autonomia anticipata")),
    ("trasferimento", N_("Trasferimento")),
    ("rinuncia", N_("Rinuncia volontaria")),
    ("allontanamento", N_("Allontanamento")),
    ("abbandono", N_("Abbandono, irreperibile")),
    ("dimissione", N_("Dimissione per violazione delle regole")),
    ("non_idoneita", N_("Non idoneità")),
    ("rva", N_("Rimpatrio volontario assistito")),
    ("altro_servizio", N_("Ingresso in un altro servizio")),
    ("detenzione", N_("Detenzione")),
    ("decesso", N_("Decesso")),
    ("diniego", N_("Diniego del titolo")),
    ("maggiore_eta", N_("Maggiore età e passaggio")),
    ("porta_aperta", N_("Porta aperta: la persona per ora dice di no")),
    ("non_elementi", N_("Elementi non sufficienti")),
    ("altro", N_("Altro")),
)
RISK_LEVELS: CodeList = (
    ("basso", N_("Basso")),
    ("medio", N_("Medio")),
    ("alto", N_("Alto")),
    ("imminente", N_("Imminente")),
)
TRANSFER_REASONS: CodeList = (
    ("sicurezza", N_("Sicurezza")),
    ("rete_ostile", N_("Rete ostile vicina")),
    ("salute", N_("Salute")),
    ("ricongiungimento", N_("Ricongiungimento")),
    ("lavoro", N_("Lavoro")),
    ("mancanza_posti", N_("Mancanza di posti")),
    ("conflitto", N_("Conflitto")),
    ("asilo_competenza", N_("Asilo o competenza")),
    ("altro", N_("Altro")),
)
CONTROL_MEANS: CodeList = (
    ("minacce", N_("Minacce fisiche")),
    ("minacce_autorita", N_("Minaccia di denuncia alle autorità")),
    ("minacce_famiglia", N_("Minacce a figli o familiari")),
    ("debito", N_("Servitù per debito")),
    ("false_promesse", N_("False promesse")),
    ("violenza_fisica", N_("Violenza fisica")),
    ("violenza_sessuale", N_("Violenza sessuale")),
    ("guadagni_sottratti", N_("Guadagni sottratti")),
    ("controllo_denaro", N_("Controllo del denaro")),
    ("cure_negate", N_("Cure negate")),
    ("beni_negati", N_("Cibo o beni necessari negati")),
    ("violenza_psicologica", N_("Violenza psicologica")),
    ("sostanze", N_("Sostanze psicoattive")),
    ("orari_eccessivi", N_("Orari eccessivi")),
    ("documenti_trattenuti", N_("Documenti trattenuti")),
    ("rito_giuramento", N_("Rito o giuramento")),
    ("violenza_familiari", N_("Violenza sui familiari")),
    ("movimento_limitato", N_("Movimento limitato")),
    ("uso_figli", N_("Uso dei figli")),
    ("altro", N_("Altro")),
)
RECRUITMENT_WAYS: CodeList = (
    ("luogo_affari", N_("In un esercizio commerciale")),
    ("scuola", N_("In una scuola")),
    ("lavoro", N_("Sul lavoro")),
    ("reti_sociali", N_("Sulle reti sociali online")),
    ("annuncio_online", N_("Con un annuncio online")),
    ("televisione", N_("Con un annuncio in televisione")),
    ("giornale", N_("Con un annuncio sul giornale")),
    ("famiglia", N_("Attraverso la famiglia")),
    ("amici", N_("Attraverso amici")),
    ("altro", N_("Altro")),
)
CASE_KINDS: CodeList = (
    ("tratta", N_("Tratta")),
    ("sfruttamento", N_("Grave sfruttamento senza tratta")),
)
CASE_STATUSES: CodeList = (
    ("open", N_("Aperto")),
    ("suspended", N_("Sospeso")),
    ("closed", N_("Chiuso")),
)
PHASES: CodeList = (
    ("P1", N_("Primo contatto")),
    ("P2", N_("Segnalazione e filtro")),
    ("P3", N_("Emersione e valutazione")),
    ("P4", N_("Protezione immediata")),
    ("P5", N_("Identificazione formale")),
    ("P6", N_("Programma unico")),
    ("P7", N_("Regolarizzazione")),
    ("P8", N_("Integrazione")),
    ("P9", N_("Uscita")),
    ("P10", N_("Dopo l'uscita")),
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
    ("ente", N_("Altro ente")),
)
SENDING_CHANNELS: CodeList = (
    ("pec", N_("PEC")),
    ("portale", N_("Portale")),
    ("consegna", N_("Consegna a mano")),
)

LISTS: dict[str, CodeList] = {
    "tipo_contatto": CONTACT_KINDS,
    "canale_chiamata": CALL_CHANNELS,
    "classe_chiamata": CALL_CLASSES,
    "attivatore": ACTIVATORS,
    "motivo_contatto": CONTACT_REASONS,
    "esito_contatto": CONTACT_OUTCOMES,
    "esito_presa": PICKUP_OUTCOMES,
    "urgenza": URGENCIES,
    "fascia_eta": AGE_BANDS,
    "bisogni": NEEDS,
    "genere": GENDERS,
    "forma_sfruttamento": EXPLOITATION_FORMS,
    "canale_emersione": EMERGENCE_CHANNELS,
    "stato_vittima": VICTIM_STATUSES,
    "ente_decisione": STATUS_DECIDERS,
    "tipo_permesso": PERMIT_KINDS,
    "percorso": TRACKS,
    "tipo_accoglienza": ACCOMMODATION_KINDS,
    "esito_uscita": EXIT_OUTCOMES,
    "rischio": RISK_LEVELS,
    "motivo_trasferimento": TRANSFER_REASONS,
    "mezzi_controllo": CONTROL_MEANS,
    "reclutamento": RECRUITMENT_WAYS,
    "tipo_caso": CASE_KINDS,
    "stato_caso": CASE_STATUSES,
    "fase": PHASES,
    "finalita_consenso": CONSENT_PURPOSES,
    "modo_consenso": CONSENT_WAYS,
    "destinatario": RECEIVERS,
    "canale_invio": SENDING_CHANNELS,
}


def codes_of(codelist: CodeList) -> frozenset[str]:
    """The codes a list admits."""
    return frozenset(code for code, _label in codelist)


def label(name: str, code: str | None) -> str:
    """The Italian label (a msgid) of a code; "non noto" for null, the code itself when a list lost it."""
    if code is None:
        return N_("non noto")
    return dict(LISTS[name]).get(code, code)


def check(field: str, codelist: CodeList, value: str) -> str:
    """Return the code, or refuse with the sentence that stands beside the field."""
    if value not in codes_of(codelist):
        raise InvalidForm({field: [N_("Scegli una voce dell'elenco.")]})
    return value


def check_all(field: str, codelist: CodeList, values: Iterable[str]) -> list[str]:
    """The same for fields that take several codes; order kept, doubles dropped."""
    return list(dict.fromkeys(check(field, codelist, value) for value in values))
