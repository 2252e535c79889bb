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
    "sms_from": N_("SMS concordati: dalle ore"),
    "sms_to": N_("SMS concordati: fino alle ore"),
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
MOVE_STATES = {
    "queued": N_("in coda"),
    "done": N_("spostato"),
    "refused": N_("non spostato"),
    "undoing": N_("annullamento in coda"),
    "undone": N_("annullato"),
}
VERDICTS = {"safe": N_("si può spostare"), "mapping": N_("da abbinare"), "refused": N_("non si può")}
STEP_STATES = {
    "active": N_("in corso"),
    "late": N_("in corso, in ritardo"),
    "done": N_("fatto"),
    "donelate": N_("fatto in ritardo"),
    "skipped": N_("saltato"),
    "cancelled": N_("annullato"),
    "moved": N_("continua su un'altra versione"),
}
NOTICES_TOLD = {
    "mentioned": N_("Un collega ti ha chiamato in un commento"),
    "absence": N_("È scritta o cambiata un'assenza: la tua, o una in cui sostituisci qualcuno"),
    "task_given": N_("Un'attività è passata a te"),
    "task_taken": N_("Un'attività che era in mano a te o a chi sostituisci è passata ad altri"),
    "task_returned": N_("Un'attività che avevi passato è stata restituita"),
    "appointment": N_("È fissato, spostato o annullato un appuntamento a cui vai tu, o che tocca a te per altri"),
    "appointment_left": N_("A un appuntamento non va nessuno: né chi doveva andarci, né altri che seguono il caso"),
    "deadline": N_("Si avvicina una scadenza del caso"),
    "incident": N_("Un percorso si è fermato e aspetta il coordinamento"),
    "found": N_("Chi non vede il caso l'ha trovato cercando"),
    "glass": N_("Accesso di emergenza a un caso"),
    "limit": N_("Un collega ha guardato molti casi, cercato molto o chiesto molti indirizzi in poco tempo"),
    "mail_failed": N_("Un messaggio di posta non è partito"),
    "way_failed": N_("Per tre giorni la coda dell'ufficio o gli avvisi del browser non hanno funzionato"),
    "sms_failed": N_("Un SMS concordato non è partito"),
    "sms_unclear": N_("Non si sa se un SMS concordato è partito: il fornitore non ha risposto, e non si riprova"),
    "sms_dropped": N_("Un SMS concordato non è stato mandato: il consenso o l'accordo non vale più"),
    "leaflet_written": N_("Un testo per la persona aspetta la firma di chi conosce la lingua"),
    "address_asked": N_("Un collega chiede di vedere l'indirizzo di una struttura: serve una risposta"),
    "address_granted": N_("Puoi vedere l'indirizzo che hai chiesto, per pochi minuti"),
    "address_refused": N_("L'indirizzo che hai chiesto non si può vedere"),
    "address_was_granted": N_("L'indirizzo di una struttura è stato concesso per pochi minuti"),
    "address_was_refused": N_("A chi chiedeva l'indirizzo di una struttura è stato detto di no"),
    "draft_proposed": N_("La bozza di un modello aspetta la conferma di una seconda persona"),
    "draft_in_your_name": N_("Una bozza è proposta a tuo nome da riga di comando: se non lo sapevi, ritirala"),
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
    "finding": N_("Chi controlla ha scritto un rilievo per te"),
    "access_review": N_("È ora di rivedere gli accessi: chi ha ancora bisogno di entrare?"),
    "audit_opened": N_("Il controllo ha aperto le schede di un caso, con un motivo"),
    "handout_asked": N_("Una copia della storia aspetta la tua autorizzazione"),
    "handout_granted": N_("La copia che hai chiesto è autorizzata: si scarica per un giorno"),
    "handout_refused": N_("La copia che hai chiesto non è autorizzata"),
    "agreement_due": N_("Un accordo va rinnovato tra poco"),
    "agreement_over": N_("Un accordo è arrivato alla fine"),
    "task_soon": N_("Un'attività scade tra poco"),
    "task_today": N_("Un'attività scade oggi"),
    "task_late": N_("Un'attività è in ritardo"),
    "task_up": N_("Un'attività è in ritardo e nessuno l'ha fatta: sale fino a te"),
    "followup_today": N_("Un'attività che volevi rivedere oggi"),
    "followup_late": N_("Un'attività che volevi rivedere oggi"),
    "deadline_late": N_("Una scadenza del caso è passata"),
    "deadline_up": N_("Una scadenza di un caso è passata e nessuno l'ha chiusa: sale fino a te"),
    "stay_late": N_("Un'accoglienza ha superato il suo termine"),
    "stay_up": N_("Un'accoglienza ha superato il suo termine: sale fino a te"),
    "consent_soon": N_("Un consenso scade tra poco"),
    "consent_today": N_("Un consenso scade oggi"),
    "consent_late": N_("Un consenso è scaduto"),
    "consent_up": N_("Un consenso è scaduto e nessuno l'ha chiesto di nuovo"),
    "referral_today": N_("Oggi è atteso l'esito di un invio"),
    "referral_late": N_("Un invio è rimasto senza risposta"),
    "referral_up": N_("Un invio è rimasto senza risposta: sale fino a te"),
    "access_soon": N_("La revisione degli accessi va finita tra poco"),
    "access_today": N_("La revisione degli accessi va finita oggi"),
    "access_late": N_("La revisione degli accessi aspetta ancora le tue risposte"),
    "access_up": N_("Una revisione degli accessi aspetta ancora risposte: sale fino a te"),
    "absence_soon": N_("Sta per cominciare un'assenza: la tua, o una in cui sostituisci qualcuno"),
    "absence_today": N_("Comincia un'assenza: la tua, o una in cui sostituisci qualcuno"),
    "absence_late": N_("Comincia un'assenza: la tua, o una in cui sostituisci qualcuno"),
    "incident_up": N_("Un percorso è ancora fermo e aspetta il coordinamento"),
    "reminder_broken": N_("Un promemoria non si riesce a dare: avvisa chi cura il sistema"),
    "rule_proposed": N_("Una proposta per i promemoria aspetta una seconda persona"),
    "mail_bounced": N_("La posta al tuo indirizzo torna indietro: guardalo nelle impostazioni"),
    "mail_bounced_of": N_("La posta a un collega torna indietro: chiedigli di guardare l'indirizzo"),
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
    "moves": N_("Casi che passano a un'altra versione"),
    "calls": N_("Chiamate offerte a voce"),
    "reminders": N_("Promemoria"),
    "mail": N_("Posta"),
    "sender": N_("Posta: l'ultima volta che non aspettava niente"),
    "bounces": N_("Posta tornata indietro"),
    "birthdays": N_("Diciottesimi compleanni"),
    "erasures": N_("Elenco delle cancellazioni"),
    "reveals": N_("Indirizzi mostrati"),
    "seal": N_("Sigillo del registro"),
    "stamp": N_("Marca temporale del sigillo"),
    "accesses": N_("Revisione degli accessi"),
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
    "audit": N_("Controllo: ha letto le schede, con motivo"),
    "finding": N_("Ha letto un rilievo del controllo"),
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
# The rules of reminders: what each is about, and its rungs.
REMINDED = {
    "task": N_("Attività con una scadenza"),
    "given": N_("Attività passate da un collega"),
    "followup": N_("Attività da rivedere"),
    "deadline": N_("Termini di legge passati"),
    "stay": N_("Accoglienze oltre il termine"),
    "consent": N_("Consensi che scadono"),
    "referral": N_("Invii senza risposta"),
    "absence": N_("Assenze che cominciano"),
    "access": N_("Revisioni degli accessi"),
    "incident": N_("Percorsi fermi"),
    "office": N_("Ore di silenzio e scelte di ciascuno"),
}
RUNGS = {
    "assignee": N_("chi ce l'ha in mano"),
    "deputy": N_("chi sostituisce"),
    "group": N_("il gruppo"),
    "coordinator": N_("supervisione e coordinamento"),
}
RULE_STATES = {
    "open": N_("aspetta una seconda persona"),
    "approved": N_("approvata"),
    "rejected": N_("respinta"),
    "withdrawn": N_("ritirata"),
}
STAGES = {
    "soon": N_("prima della scadenza"),
    "today": N_("il giorno della scadenza"),
    "late": N_("dopo la scadenza"),
}
SENT = {
    "queued": N_("aspetta di partire"),
    "sent": N_("partita"),
    "held": N_("aspetta una casella che funzioni"),
    "unneeded": N_("non serviva più"),
    "failed": N_("non è partita"),
}
# What a notice says to whoever asks what others were told; else the words of the notice.
TOLD_OF = {
    "soon": N_("scade tra poco"),
    "today": N_("scade oggi"),
    "late": N_("è in ritardo"),
    "up": N_("è in ritardo, e sale di un gradino"),
    "given": N_("è passata a questa persona"),
    "taken": N_("è passata ad altri"),
    "returned": N_("è stata restituita a questa persona"),
}
# What a mail is about, and by which ways things leave.
LETTERS = {
    "digest": N_("Riepilogo del mattino"),
    "given": N_("Attività passate a te"),
    "late": N_("Attività oltre la data"),
    "news": N_("Avvisi urgenti"),
    "deadline": N_("Date vicine"),
    "appointment": N_("Impegni in agenda"),
    "head": N_("Impronta del registro"),
}
TEXTS = {
    "queued": N_("aspetta di partire"),
    "sent": N_("partito"),
    "unneeded": N_("fermato prima di partire"),
    "failed": N_("non è partito: il fornitore non l'ha preso"),
}
OUTWAYS = {
    "mail": N_("posta"),
    "push": N_("avvisi del browser"),
    "hook": N_("coda dell'ufficio"),
    "sms": N_("SMS concordati"),
}


def source_of(due_source: str | None) -> tuple[str, str]:
    """Where a due date comes from: the words (a msgid) and, for a term of law, its number."""
    kind, _, term = (due_source or "").partition(" ")
    return DUE_SOURCES.get(kind, DUE_SOURCES["model"]) if due_source else "", term
