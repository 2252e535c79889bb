"""Code lists of the person and the case: exploitation, status, stay, risk, exit. HTCDS 2.0 names stand beside them."""

from cases.codes.base import CodeList
from core.errors import N_

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
    ("non_vittima", N_("Né tratta né sfruttamento")),
)
STATUS_DECIDERS: CodeList = (
    ("ente_antitratta", N_("Ente antitratta")),
    ("polizia_giudiziaria", N_("Polizia giudiziaria")),
    ("magistratura", N_("Magistratura")),
    ("commissione_o_inl", N_("Commissione Territoriale o Ispettorato")),
    ("altro", N_("Altro")),
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
    ("abbandono", N_("Non più raggiungibile")),
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
INTERVIEW_THEMES: CodeList = (
    ("luogo_bisogni", N_("Luogo, sicurezza, bisogni, diritto di fermarsi")),
    ("fiducia", N_("Accoglienza e fiducia, aiuti pratici")),
    ("famiglia_partenza", N_("Famiglia e partenza")),
    ("reclutamento", N_("Reclutamento, debito, rito, documenti")),
    ("viaggio", N_("Viaggio e transito")),
    ("sfruttamento", N_("Arrivo, sfruttamento, controllo")),
    ("uscita_pericolo", N_("Uscita, pericolo di oggi, parenti a rischio")),
    ("diritti_scelta", N_("Diritti, possibilità, restituzione e scelta")),
)
INTERVIEW_OUTCOMES: CodeList = (
    ("continue", N_("Un altro colloquio")),
    ("suspended", N_("Sospeso: si riprende")),
    ("enough", N_("Bastano: si valuta")),
    ("stopped", N_("La persona non vuole continuare")),
)
OPERATOR_CHANGES: CodeList = (
    ("scelta_persona", N_("Lo ha chiesto la persona")),
    ("assenza", N_("Assenza di chi li faceva")),
    ("sicurezza", N_("Sicurezza")),
    ("altro", N_("Altro")),
)
MEASURES: CodeList = (
    ("informativa", N_("Informativa sui diritti, in una lingua che capisce")),
    ("ascolto", N_("Ascolto e orientamento")),
    ("vitto", N_("Vitto")),
    ("alloggio", N_("Alloggio sicuro e riservato")),
    ("cure", N_("Cure e assistenza sanitaria")),
    ("protezione", N_("Protezione: rischio e piano di sicurezza")),
    ("continuazione", N_("Continuazione dell'assistenza")),
    ("integrazione", N_("Integrazione sociale: programma unico")),
    ("tutore", N_("Tutore e ascolto, nel suo superiore interesse")),
    ("comunita_minori", N_("Comunità per minori, mai una struttura per adulti")),
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

# What a file kept with a case is; the code decides who may read it (`cases/files.py`).
FILE_KINDS: CodeList = (
    ("identita", N_("Documento di identità")),
    ("titolo", N_("Permesso, ricevuta o altro titolo")),
    ("salute", N_("Documento sanitario")),
    ("giustizia", N_("Atto giudiziario o denuncia")),
    ("studio_lavoro", N_("Studio, lavoro, casa")),
    ("altro_documento", N_("Altro documento")),
)

ADDRESS_REASONS: CodeList = (
    ("accompagnare", N_("Accompagnare la persona")),
    ("urgenza", N_("Urgenza di salute o di sicurezza")),
    ("consegna", N_("Portare documenti o cose necessarie")),
    ("autorita", N_("Un'autorità deve raggiungerla subito")),
    ("altro_motivo", N_("Altro, spiegato sotto")),
)

LISTS: dict[str, CodeList] = {
    "motivo_indirizzo": ADDRESS_REASONS,
    "tipo_file": FILE_KINDS,
    "genere": GENDERS,
    "forma_sfruttamento": EXPLOITATION_FORMS,
    "canale_emersione": EMERGENCE_CHANNELS,
    "stato_vittima": VICTIM_STATUSES,
    "ente_decisione": STATUS_DECIDERS,
    "tipo_accoglienza": ACCOMMODATION_KINDS,
    "esito_uscita": EXIT_OUTCOMES,
    "rischio": RISK_LEVELS,
    "motivo_trasferimento": TRANSFER_REASONS,
    "mezzi_controllo": CONTROL_MEANS,
    "reclutamento": RECRUITMENT_WAYS,
    "misura": MEASURES,
    "tema_colloquio": INTERVIEW_THEMES,
    "esito_colloquio": INTERVIEW_OUTCOMES,
    "motivo_cambio_operatore": OPERATOR_CHANGES,
    "tipo_caso": CASE_KINDS,
    "stato_caso": CASE_STATUSES,
    "fase": PHASES,
}
