"""Words for the codes that pages show and no other package names: roles, sources of a due date, headlines."""

from core.errors import N_

ROLES = {
    "nv_operator": N_("Operatrice o operatore del Numero Verde"),
    "nv_supervisor": N_("Supervisione del Numero Verde"),
    "street_worker": N_("Unità mobile"),
    "local_desk": N_("Postazione locale"),
    "case_manager": N_("Referente del caso"),
    "shelter_worker": N_("Équipe della struttura"),
    "cultural_mediator": N_("Mediazione culturale"),
    "legal_officer": N_("Ufficio legale"),
    "supervisor": N_("Supervisione"),
    "coordinator": N_("Coordinamento"),
    "auditor": N_("Controllo (audit)"),
    "steering": N_("Gruppo di regia (solo dati aggregati)"),
    "admin": N_("Amministrazione del sistema"),
}
DUE_SOURCES = {
    "model": N_("dal percorso"),
    "colleague": N_("da un collega"),
    "law": N_("termine di legge"),
}
NOTES = {
    "zone": N_("Zona"),
    "caller_number": N_("Numero da richiamare"),
    "summary": N_("Sintesi"),
    "pregnancy_children": N_("Gravidanza, figli"),
    "safe_channel": N_("Modo e ore sicure"),
    "callback": N_("Come richiamare"),
    "code_word": N_("Parola d'ordine"),
}
IDENTITY = {
    "first_name": N_("Nome"),
    "middle_name": N_("Secondo nome"),
    "last_name": N_("Cognome"),
    "aliases": N_("Altri nomi"),
    "birth_date": N_("Data di nascita"),
    "birth_place": N_("Luogo di nascita"),
    "gender": N_("Genere"),
    "citizenships": N_("Cittadinanze"),
    "languages": N_("Lingue"),
    "phone": N_("Telefono"),
    "mail": N_("Posta elettronica"),
    "marital_status": N_("Stato civile"),
    "children": N_("Figli"),
    "identity_document": N_("Documento"),
    "fiscal_code": N_("Codice fiscale"),
}
WAYS = {
    "channel": N_("Come"),
    "number": N_("Numero"),
    "hours": N_("In quali ore"),
    "code_word": N_("Parola d'ordine"),
    "cover_text": N_("Testo di copertura"),
    "never": N_("Mai così"),
    "emergency_person": N_("Persona per le emergenze"),
}
PROFILE = {
    "gender": N_("Genere"),
    "age_band": N_("Età"),
    "place_kind": N_("Che posto serve"),
    "children": N_("Figli con lei"),
    "language": N_("Lingua"),
    "from_on": N_("Da quando"),
}
PLAN = {
    "day": N_("Giorno e ora"),
    "means": N_("Con che mezzo"),
    "companion": N_("Chi l'accompagna"),
    "contacts": N_("Chi chiamare durante il viaggio"),
    "cash": N_("Denaro contante"),
}
SENDER = {
    "sender_office": N_("Ente e ufficio"),
    "sender_name": N_("Nome"),
    "sender_role": N_("Ruolo"),
    "sender_contact": N_("Recapito a cui rispondere"),
}
DEADLINE_STATES = {
    "open": N_("aperta"),
    "met": N_("rispettata"),
    "superseded": N_("sostituita"),
    "dropped": N_("non più attesa"),
}
REVEAL_STATES = {
    "waiting": N_("in attesa"),
    "granted": N_("concesso"),
    "refused": N_("negato"),
    "expired": N_("senza risposta"),
    "over": N_("tempo finito"),
}
STEP_STATES = {
    "active": N_("in corso"),
    "done": N_("fatto"),
    "skipped": N_("saltato"),
    "cancelled": N_("annullato"),
}
NOTICES_TOLD = {
    "mentioned": N_("Un collega ti ha chiamato in un commento"),
    "absence": N_("È scritta o cambiata un'assenza: la tua, o una in cui sostituisci qualcuno"),
    "task_given": N_("Un'attività è passata a te"),
    "task_taken": N_("Un'attività che era in mano a te o a chi sostituisci è passata ad altri"),
    "task_returned": N_("Un'attività che avevi passato è stata restituita"),
    "appointment": N_("È fissato, spostato o annullato un appuntamento a cui vai tu"),
    "deadline": N_("Si avvicina una scadenza del caso"),
    "incident": N_("Un percorso si è fermato e aspetta il coordinamento"),
    "found": N_("Chi non vede il caso l'ha trovato cercando"),
    "glass": N_("Accesso di emergenza a un caso"),
    "limit": N_("Un collega ha guardato molti casi, cercato molto o chiesto molti indirizzi in poco tempo"),
    "mail_failed": N_("Un messaggio di posta non è partito"),
    "leaflet_written": N_("Un testo per la persona aspetta la firma di chi conosce la lingua"),
    "address_asked": N_("Un collega chiede di vedere l'indirizzo di una struttura: serve una risposta"),
    "address_granted": N_("Puoi vedere l'indirizzo che hai chiesto, per pochi minuti"),
    "address_refused": N_("L'indirizzo che hai chiesto non si può vedere"),
    "address_was_granted": N_("L'indirizzo di una struttura è stato concesso per pochi minuti"),
    "address_was_refused": N_("A chi chiedeva l'indirizzo di una struttura è stato detto di no"),
    "term_proposed": N_("Una proposta per un termine aspetta una seconda persona"),
    "call_landed": N_("Una chiamata è arrivata a te: sei di turno"),
    "call_offered": N_("Un collega ti offre una chiamata: rispondi"),
    "call_accepted": N_("Un collega ha preso la chiamata che avevi offerto"),
    "call_refused": N_("La chiamata che avevi offerto non è stata presa"),
    "call_left": N_("Una chiamata offerta a voce è rimasta senza risposta"),
    "nobody_on_call": N_("È arrivata una chiamata e nessuno era di turno"),
    "rota_changed": N_("Un tuo turno è nuovo, o è cambiato"),
    "swap_asked": N_("Un collega ti chiede un cambio di turno"),
    "swap_answered": N_("C'è una risposta al cambio di turno che avevi chiesto"),
    "swap_done": N_("Due colleghi si sono scambiati un turno"),
    "agreement_due": N_("Un accordo va rinnovato tra poco"),
    "agreement_over": N_("Un accordo è arrivato alla fine"),
}
INCIDENT_STATES = {
    "open": N_("aperta"),
    "retried": N_("fatto riprovare"),
    "skipped": N_("saltato il passo"),
    "resolved": N_("chiusa con un motivo"),
}
# The ways on from an incident: what it is called, what happens.
WAYS_ON = {
    "retry": (N_("Riprova"), N_("Il passo automatico riparte entro un minuto. Se fallisce ancora, torna qui.")),
    "skip": (
        N_("Salta"),
        N_("Il percorso va avanti senza il passo che fallisce: quello che doveva scrivere non si scrive."),
    ),
    "resolve": (
        N_("Chiudi"),
        N_("L'anomalia esce dall'elenco e il passo resta com'è. Se poi non attende più nessuno, torna qui."),
    ),
}
JOBS = {
    "timers": N_("Scadenze dei percorsi"),
    "calls": N_("Chiamate offerte a voce"),
    "reminders": N_("Promemoria"),
    "mail": N_("Posta"),
    "reveals": N_("Indirizzi mostrati"),
    "seal": N_("Sigillo del registro"),
    "tidy": N_("Riordino"),
}
# What somebody looked at, by verb of the log or by what was revealed.
LOOKS = {
    "case.looked": N_("Ha aperto la scheda"),
    "sheet.viewed": N_("Ha letto le risposte dei moduli"),
    "contact.viewed": N_("Ha letto le note del contatto"),
    "case.found": N_("Ha trovato il caso cercando, senza poterlo vedere"),
    "case.glass_broken": N_("Accesso di emergenza"),
    "document": N_("Ha letto una lettera"),
    "file": N_("Ha scaricato un documento"),
    "file_preview": N_("Ha guardato un documento"),
    "identity": N_("Ha letto chi è la persona"),
    "safe_ways": N_("Ha letto come raggiungerla"),
    "comments": N_("Ha letto i commenti"),
    "appointment": N_("Ha letto il luogo di un appuntamento"),
    "integration": N_("Ha letto integrazione e uscita"),
    "reason": N_("Ha letto un motivo"),
    "task_returned": N_("Ha letto perché un'attività è tornata"),
    "shelter_address": N_("Ha visto l'indirizzo della struttura"),
}
# By what somebody was found in a search.
MATCHES = {
    "name": N_("stesso nome"),
    "sound": N_("nome che suona simile"),
    "phone": N_("stesso numero"),
    "code_word": N_("stessa parola d'ordine"),
    "birth_date": N_("stessa data di nascita"),
}
OFFERS = {
    "accepted": N_("ha accettato"),
    "declined": N_("non poteva"),
    "unanswered": N_("nessuna risposta"),
    "withdrawn": N_("offerta ritirata"),
}
HEADLINES = {
    400: N_("Richiesta non valida"),
    401: N_("Accesso"),
    404: N_("Non trovato"),
    405: N_("Richiesta non valida"),
    409: N_("Non è più possibile"),
    410: N_("Cancellato"),
    413: N_("Testo troppo lungo"),
    422: N_("Da correggere"),
    429: N_("Un momento"),
    500: N_("Qualcosa non ha funzionato"),
    503: N_("Un momento"),
}
EXPLANATIONS = {
    400: N_("La pagina era aperta da troppo tempo, oppure la richiesta non viene da qui. Torna alla pagina e riprova."),
    405: N_("Questa pagina si apre in un altro modo: torna alle attività."),
    413: N_("Hai inviato più testo di quanto il sistema accetta. Torna indietro e accorcia."),
    500: N_("È un nostro errore: niente è stato salvato a metà. Se si ripete, avvisa chi cura il sistema."),
}
NOTICES = {
    "receipt": N_("Ricevuta scritta."),
    "completed": N_("Attività completata."),
    "feed_revoked": N_("L'indirizzo del calendario non vale più."),
    "file_added": N_("Documento conservato."),
    "claimed": N_("Ora l'attività è assegnata a te."),
    "released": N_("L'attività è tornata al gruppo."),
    "delegated": N_("L'attività è passata al collega."),
    "returned": N_("Attività restituita: il motivo lo legge chi può farla."),
    "absence": N_("Assenza salvata: chi sostituisce è avvisato."),
    "absence_ended": N_("Assenza tolta: le attività tornano a chi le aveva."),
    "follow_up": N_("Promemoria salvato."),
    "follow_up_off": N_("Promemoria tolto."),
    "none_ticked": N_("Prima scegli almeno una riga."),
    "draft": N_("Bozza salvata."),
    "recorded": N_("Contatto registrato."),
    "comment": N_("Commento scritto."),
    "consent": N_("Risposta registrata."),
    "withdrawn": N_("Consenso revocato: da oggi non vale più."),
    "linked": N_("Collegati: è la stessa persona."),
    "kept": N_("Registrato."),
    "person": N_("Registrato. Chi legge questi dati resta scritto."),
    "held": N_("Blocco registrato: di questo caso non si cancella niente."),
    "lifted": N_("Il blocco è tolto."),
    "started": N_("Il percorso è avviato: la prima attività è nell'elenco qui sotto."),
    "declined": N_("Registrato: la persona per ora dice di no. La porta resta aperta."),
    "offered": N_("Offerta mandata: la vede chi segue la persona."),
    "not_leaving": N_("Registrato: non parte. L'altro progetto non vede più nulla."),
    "planned": N_("Piano di viaggio salvato per le persone indicate."),
    "reentered": N_("Il caso è riaperto: la prima attività è nell'elenco qui sotto."),
    "settings": N_("Preferenze salvate."),
    "proposed": N_("Proposta scritta: ora serve una seconda persona del coordinamento."),
    "address_asked": N_("Richiesta mandata: la risposta arriva qui e tra gli avvisi."),
    "answered": N_("Risposta data."),
    "leaflet_written": N_("Nuova versione scritta: ora la firma una mediatrice o un mediatore che non l'ha scritta."),
    "leaflet_signed": N_("Firmata: da adesso è il testo in uso."),
    "term_approved": N_("Approvata: la nuova versione è in uso."),
    "term_rejected": N_("Proposta respinta."),
    "term_withdrawn": N_("Proposta ritirata."),
    "term_kept": N_("Resta la versione decisa qui."),
    "day_added": N_("Giorno aggiunto."),
    "day_ended": N_("Giorno tolto."),
    "date_changed": N_("Data cambiata: quella calcolata resta scritta."),
    "date_recomputed": N_("Data ricalcolata: quella di prima resta scritta."),
    "step_skipped": N_("Passo saltato: il percorso va avanti."),
    "step_added": N_("Passo aggiunto: è nelle attività del gruppo."),
    "case_closed": N_("Caso chiuso. Si può riaprire in ogni momento."),
    "case_reopened": N_("Caso riaperto."),
    "shift_kept": N_("Turno salvato: chi è di turno riceve un avviso."),
    "shift_ended": N_("Turno finito o tolto: chi era di turno riceve un avviso."),
    "week_copied": N_("Settimana copiata qui: i turni che c'erano già sono rimasti."),
    "week_not_copied": N_("Niente da copiare: i turni ci sono già, o la settimana era vuota."),
    "swap_asked": N_("Cambio chiesto: finché non accetta, il turno resta tuo."),
    "swap_accepted": N_("Cambio fatto: il coordinamento lo sa."),
    "swap_declined": N_("Hai detto di no: il turno resta di chi l'aveva."),
    "swap_withdrawn": N_("Richiesta ritirata."),
    "call_offered": N_("Chiamata offerta: resta tua finché qualcuno non accetta."),
    "call_accepted": N_("La chiamata è tua: l'attività è tra le tue."),
    "call_declined": N_("Hai detto di no: si chiede al prossimo di turno."),
    "call_withdrawn": N_("Offerta ritirata: la chiamata resta a te."),
    "incident_retried": N_("Il passo riparte entro un minuto."),
    "incident_skipped": N_("Passo saltato: il percorso va avanti."),
    "incident_resolved": N_("Anomalia chiusa."),
    "appointment_set": N_("Appuntamento fissato: chi ci va è avvisato."),
    "appointment_moved": N_("Appuntamento spostato: chi ci va è avvisato."),
    "arrived": N_("Registrata: aspetta."),
    "outing_begun": N_("Uscita cominciata: buon lavoro."),
    "outing_met": N_("Contatto registrato."),
    "outing_met_before": N_("Questo contatto era già registrato: non è stato scritto due volte."),
    "outing_closed": N_("Uscita chiusa: qui sotto c'è il riepilogo."),
    "reopened": N_("Salvato: il contatto è di nuovo aperto, e chi deve rispondere lo trova tra le attività."),
}


def source_of(due_source: str | None) -> tuple[str, str]:
    """Where a due date comes from: the words (a msgid) and, for a term of law, its number."""
    kind, _, term = (due_source or "").partition(" ")
    return DUE_SOURCES.get(kind, DUE_SOURCES["model"]) if due_source else "", term
