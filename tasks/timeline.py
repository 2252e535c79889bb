"""The timeline: log lines of a case or contact as sentences for those who work on it.

The log keeps codes; here they get words. Readings of protected data are for the auditor, not for the timeline; ids and
technical lines stay in the log too.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from cases import codes
from cases.access import Actor, get_case, get_contact
from cases.casefile import Case
from core import clock
from core.errors import N_
from core.log import Line
from tasks import spelling
from tasks.fields import Translate

# What is told, and from which code list a fact takes its words.
SENTENCES: Mapping[str, str] = {
    "sms.promised": N_("Promesso un SMS con il testo concordato"),
    "sms.stopped": N_("Fermato un SMS che non era ancora partito"),
    "sms.sent": N_("Partito un SMS con il testo concordato"),
    "task.snoozed": N_("Promemoria di un'attività rimandati al %(until)s, con motivo"),
    "appointment.set": N_("Appuntamento fissato: %(kind)s, %(on)s"),
    "appointment.settled": N_("Appuntamento del %(on)s (%(kind)s): %(status)s"),
    "asylum.appealed": N_("Ricorso presentato, il %(on)s"),
    "asylum.assessed": N_("Esito dei colloqui per la Commissione: %(outcome)s"),
    "asylum.decided": N_("Decisione della Commissione, il %(on)s: %(decision)s"),
    "asylum.referred": N_("Segnalazione della Commissione Territoriale, il %(on)s"),
    "asylum.reported": N_("Relazione consegnata alla Commissione, il %(on)s (versione %(version)s)"),
    "asylum.time_asked": N_("Chiesto altro tempo alla Commissione, il %(on)s"),
    "application.lodged": N_("Domanda presentata il %(on)s: %(permit_kind)s"),
    "application.noticed": N_("Preavviso di rigetto ricevuto il %(on)s"),
    "application.observed": N_("Osservazioni inviate il %(on)s"),
    "application.settled": N_("La domanda non è più in attesa dal %(on)s"),
    "attestato.recorded": N_("Attestato rilasciato il %(issued_on)s, valido fino al %(expires_on)s"),
    "audit.exported": N_("Fatto il pacchetto delle prove"),
    "audit.opened": N_("Il controllo ha aperto le schede, con motivo, fino a %(until)s"),
    "case.assigned": N_("Caso affidato a %(user)s"),
    "case.closed": N_("Caso chiuso: %(outcome)s"),
    "case.found": N_("Una ricerca di chi non vede il caso l'ha trovato"),
    "case.glass_broken": N_("Accesso di emergenza, con motivo, fino a %(until)s"),
    "case.handed_over": N_("Il caso passa a un'altra postazione"),
    "case.masked": N_("Caso riservato a chi ci lavora"),
    "case.noted": N_("Aggiornato ciò che si sa del caso"),
    "case.opened": N_("Caso aperto"),
    "case.phase_changed": N_("Fase: %(new)s"),
    "case.reopened": N_("Caso riaperto, con motivo"),
    "case.resumed": N_("La persona è tornata: si riprende"),
    "case.suspended": N_("Caso sospeso"),
    "case.unassigned": N_("Affidamento finito: %(user)s"),
    "case.unmasked": N_("Caso di nuovo visibile alla postazione"),
    "comment.written": N_("Scritto un commento"),
    "communication.recorded": N_("Comunicazione a: %(receiver)s, il %(on)s"),
    "compensation.applied": N_("Domanda di indennizzo inviata, il %(on)s"),
    "compensation.decided": N_("Risposta sull'indennizzo: %(outcome)s"),
    "compensation.opened": N_("Termine per l'indennizzo: fino al %(last_day)s"),
    "complaint.chosen": N_("La persona ha detto che cosa vuole fare, il %(on)s"),
    "complaint.informed": N_("Spiegato che cosa comporta andare dalle autorità, il %(on)s"),
    "complaint.legal_aid": N_("Aggiornato il patrocinio a spese dello Stato"),
    "consent.ended": N_("Con i 18 anni finisce il consenso del tutore: %(purpose)s"),
    "consent.given": N_("Consenso dato: %(purpose)s"),
    "consent.refused": N_("Consenso negato: %(purpose)s"),
    "consent.withdrawn": N_("Consenso revocato: %(purpose)s"),
    "contact.amended": N_("Contatto completato"),
    "contact.became_case": N_("Dal contatto nasce il caso"),
    "contact.closed": N_("Contatto chiuso: %(outcome)s"),
    "contact.informed": N_("Spiegati i diritti, il %(on)s"),
    "call.accepted": N_("Ha accettato la chiamata"),
    "call.declined": N_("Non può prendere la chiamata: %(why)s"),
    "call.offered": N_("Chiamata offerta a %(user)s"),
    "call.offered_to_desk": N_("Chiamata offerta a tutto lo sportello"),
    "call.unanswered": N_("Nessuna risposta alla chiamata offerta"),
    "call.withdrawn": N_("Offerta della chiamata ritirata"),
    "contact.landed": N_("Di turno: %(user)s"),
    "contact.linked": N_("Contatto collegato a %(earlier)s"),
    "contact.picked_up": N_("La postazione ha risposto: %(outcome)s"),
    "contact.unattended": N_("Nessuno di turno: avvisato il coordinamento"),
    "contact.recorded": N_("Contatto registrato"),
    "contact.reopened": N_("Contatto riaperto: c'è qualcosa a cui rispondere"),
    "contact.routed": N_("Contatto passato alla postazione %(new)s"),
    "course.begun": N_("Comincia il corso: %(level)s"),
    "course.ended": N_("Corso finito: %(level)s, %(outcome)s"),
    "critical_event.recorded": N_("Evento critico: %(kind)s, %(at)s"),
    "deadline.dropped": N_("Scadenza non più attesa: %(due_on)s"),
    "deadline.met": N_("Termine rispettato (%(term)s)"),
    "deadline.overridden": N_("Scadenza cambiata a mano: %(due_on)s, prima %(old)s (%(term)s)"),
    "deadline.recomputed": N_("Scadenza ricalcolata con la nuova regola: %(due_on)s, prima %(old)s (%(term)s)"),
    "deadline.taken_up": N_("Scadenza di nuovo attesa: %(due_on)s (%(term)s)"),
    "deadline.recorded": N_("Nuova scadenza: %(due_on)s (%(term)s)"),
    "document.written": N_("Preparata una lettera"),
    "file.added": N_("Aggiunto un documento: %(what)s"),
    "eu.registered": N_("Iscrizione da cittadina o cittadino dell'Unione aggiornata"),
    "exit.recorded": N_("Uscita il %(on)s: %(outcome)s"),
    "exit.returned": N_("La persona è tornata"),
    "finding.closed": N_("Rilievo del controllo chiuso (%(user)s)"),
    "finding.made": N_("Rilievo del controllo a %(user)s, entro il %(due_on)s"),
    "follow_up.dropped": N_("I follow-up non si fanno più"),
    "follow_up.recorded": N_("Follow-up del %(on)s (%(term)s)"),
    "episode.linked": N_("Collegato al fatto %(episode)s del %(on)s"),
    "incident.raised": N_("Il percorso si è fermato: avvisato il coordinamento"),
    "incident.resolved": N_("Il coordinamento ha chiuso l'anomalia, con motivo"),
    "incident.retried": N_("Il coordinamento fa riprovare il percorso, con motivo"),
    "incident.skipped": N_("Il coordinamento fa proseguire il percorso senza il passo che falliva, con motivo"),
    "information.given": N_("Spiegati i diritti, il %(on)s"),
    "instance.cancelled": N_("Percorso annullato"),
    "instance.ended": N_("Percorso finito"),
    "instance.started": N_("Percorso avviato: %(process)s"),
    "instance.moved": N_("Percorso «%(process)s» passato dalla versione %(old)s alla versione %(new)s"),
    "instance.moved_back": N_("Percorso «%(process)s» tornato dalla versione %(old)s alla versione %(new)s"),
    "instance.failed": N_("Percorso interrotto da un errore"),
    "internship.begun": N_("Comincia: %(kind)s, dal %(from_on)s"),
    "internship.ended": N_("Lavoro o tirocinio finito il %(on)s: %(outcome)s"),
    "internship.month": N_("Presenze del mese: %(hours)s ore"),
    "labour.reported": N_("Rapporto sullo sfruttamento lavorativo registrato"),
    "interruption.decided": N_("Decisione sul programma: %(interruption)s"),
    "interview.held": N_("Colloquio n. %(number)s, il %(on)s"),
    "mediator.appointed": N_("Appuntamento con la mediazione"),
    "mediator.dismissed": N_("Appuntamento con la mediazione annullato"),
    "message.received": N_("Arrivata notizia: %(name)s"),
    "minor.age_settled": N_("Età: %(status)s"),
    "minor.assessed": N_("Relazione sull'età, il %(on)s, con margine di errore di %(margin)s anni"),
    "minor.assessment_ordered": N_("La Procura minorile dispone l'accertamento dell'età, il %(on)s"),
    "minor.came_of_age": N_("Compie 18 anni il %(on)s"),
    "minor.complaint": N_("Reclamo contro il decreto sull'età, il %(on)s: gli effetti sono sospesi"),
    "minor.decree": N_("Decreto sull'età, il %(on)s"),
    "minor.eighteen_known": N_("Compirà 18 anni il %(eighteen_on)s"),
    "minor.first_reception_left": N_("Finita la prima accoglienza, il %(on)s"),
    "minor.guardian_appointed": N_("Tutore nominato il %(on)s: i consensi si chiedono di nuovo"),
    "minor.identified": N_("Identificazione della polizia, il %(on)s"),
    "minor.interviewed": N_("Colloquio con il minore, il %(on)s"),
    "minor.prosieguo": N_("Prosieguo amministrativo fino al %(until)s"),
    "minor.prosieguo_asked": N_("Chiesto il prosieguo amministrativo, il %(on)s"),
    "minor.received": N_("Accoglienza come minore dal %(on)s"),
    "minor.tracing_reported": N_("Inviata la relazione sulla famiglia, il %(on)s"),
    "pei.ended": N_("Il PEI si conclude il %(on)s"),
    "pei.reviewed": N_("PEI rivisto il %(on)s"),
    "pei.written": N_("PEI scritto il %(on)s, da rivedere entro il %(review_on)s"),
    "permit.issued": N_("Titolo rilasciato: %(kind)s, scade il %(expires_on)s, rinnovo entro il %(renew_by)s"),
    "permit.ministry_told": N_("La Questura ha avvisato il Ministero del lavoro il %(on)s"),
    "permit.revoked": N_("Titolo revocato il %(on)s"),
    "person.recorded": N_("Dati della persona aggiornati"),
    "placement.begun": N_("Entrata nella struttura %(shelter)s"),
    "placement.ended": N_("Uscita dalla struttura %(shelter)s"),
    "programme.begun": N_("Adesione al programma unico, il %(on)s"),
    "programme.ended": N_("Programma finito il %(on)s"),
    "programme.reported": N_("Relazione semestrale del %(on)s"),
    "refusal.accepted": N_("Nessun ricorso: scelta della persona"),
    "refusal.appealed": N_("Ricorso depositato il %(on)s"),
    "refusal.decided": N_("Ricorso finito: %(outcome)s"),
    "refusal.recorded": N_("%(kind)s, notifica del %(on)s: ricorso entro il %(appeal_by)s, da verificare"),
    "referral.answered": N_("Invio %(referral)s: risposta arrivata il %(on)s"),
    "referral.done": N_("Invio %(referral)s concluso: %(outcome)s"),
    "referral.late": N_("Invio %(referral)s in ritardo"),
    "referral.seen": N_("Invio %(referral)s ricevuto dall'ente il %(on)s"),
    "referral.sent": N_("Invio %(referral)s mandato il %(on)s: %(body_kind)s"),
    "referral.waiting": N_("Invio %(referral)s: risposta attesa entro il %(answer_by)s"),
    "reminder.given": N_("Promemoria inviato: «%(called)s», %(due_on)s"),
    "erasure.asked": N_("Chiesta la cancellazione secondo la regola %(rule)s"),
    "erasure.refused": N_("Non si cancella, per ora (regola %(rule)s)"),
    "retention.begun": N_("Da conservare secondo la regola %(rule)s"),
    "retention.erased": N_("Cancellato secondo la regola %(rule)s"),
    "retention.held": N_("Blocco: per ora non si cancella niente"),
    "retention.released": N_("Blocco tolto: la cancellazione riprende il suo corso"),
    "retention.shortened": N_("Conservazione accorciata su richiesta (%(rule)s)"),
    "retention.stopped": N_("La conservazione non decorre più"),
    "return.applied": N_("Domanda di rimpatrio volontario inviata, il %(on)s"),
    "return.asked": N_("La persona pensa al rimpatrio volontario, il %(on)s"),
    "return.followed_up": N_("Sentita dopo il ritorno, il %(on)s"),
    "return.settled": N_("Rimpatrio volontario: %(outcome)s"),
    "return.weighed": N_("Rischio al ritorno: %(level)s"),
    "report.answered": N_("Risposto a chi ha segnalato, il %(on)s: %(answer)s"),
    "report.confirmed": N_("Confermata a chi ha segnalato, il %(on)s"),
    "report.evaluated": N_("Segnalazione valutata, il %(on)s: %(outcome)s"),
    "report.received": N_("Segnalazione ricevuta, priorità: %(priority)s"),
    "reveal.asked": N_("Chiesto l'indirizzo della struttura, con motivo: %(why)s"),
    "reveal.expired": N_("Alla richiesta dell'indirizzo non ha risposto nessuno"),
    "reveal.granted": N_("Indirizzo concesso a %(user)s fino a %(until)s"),
    "reveal.over": N_("Finito il tempo per vedere l'indirizzo: %(user)s"),
    "reveal.refused": N_("Indirizzo negato a %(user)s, con motivo"),
    "risk.assessed": N_("Rischio: %(level)s"),
    "task.added": N_("Passo aggiunto a mano, con motivo: %(what)s"),
    "task.assigned": N_("«%(element)s» affidata a %(to)s"),
    "task.completed": N_("Fatto: %(element)s"),
    "task.follow_up_set": N_("Cambiato il promemoria per «%(element)s»"),
    "task.released": N_("«%(element)s» torna al gruppo"),
    "task.returned": N_("«%(element)s» restituita a chi l'aveva passata, con motivo"),
    "task.skipped": N_("Saltato con motivo: %(element)s"),
    "track.changed": N_("Il percorso verso il titolo cambia: %(new)s"),
    "track.chosen": N_("Percorso verso il titolo: %(new)s"),
    "timer.fired": N_("Scatta un tempo del percorso: %(element)s"),
    "transfer.accepted": N_("Trasferimento accettato da entrambe le postazioni"),
    "transfer.arrived": N_("Arrivo confermato: %(at)s"),
    "transfer.chosen": N_("La persona ha scelto un posto"),
    "transfer.departed": N_("Partenza: consegnati i documenti"),
    "transfer.ended": N_("Ricerca di un posto conclusa: %(outcome)s"),
    "transfer.escalated": N_("Nessuna offerta: si cerca un luogo per intanto"),
    "transfer.key_turned": N_("Una postazione ha confermato il trasferimento"),
    "transfer.notice_given": N_("Avviso del trasferimento: %(receiver)s, il %(on)s"),
    "transfer.offered": N_("Un progetto offre un posto dal %(on)s"),
    "transfer.released": N_("Il posto scelto non va: si cerca ancora"),
    "transfer.requested": N_("Chiesto un altro posto: %(why)s"),
    "travel_plan.written": N_("Piano di viaggio scritto"),
    "victim_status.recorded": N_("Stato: %(status)s (%(decider)s)"),
}
UNTOLD = frozenset(
    {
        "case.looked", "case.viewed", "contact.viewed", "sheet.viewed", "sheet.filed", "instance.handed_over",
        "signal.received", "notice.told", "audit.looked", "audit.printed", "audit_note.written", "handout.asked",
        "handout.granted", "handout.refused", "handout.taken", "complaint.filed", "complaint.heard",
        "travel_plan.viewed", "instance.move_refused", "decision.taken",
    }
)  # fmt: skip
LISTS = {
    ("appointment.set", "kind"): "tipo_appuntamento",
    ("appointment.settled", "kind"): "tipo_appuntamento",
    ("appointment.settled", "status"): "stato_appuntamento",
    ("asylum.assessed", "outcome"): "esito_valutazione",
    ("asylum.decided", "decision"): "decisione_commissione",
    ("application.lodged", "permit_kind"): "tipo_permesso",
    ("case.closed", "outcome"): "esito_uscita",
    ("case.phase_changed", "new"): "fase",
    ("communication.recorded", "receiver"): "destinatario",
    ("compensation.decided", "outcome"): "esito_indennizzo",
    ("consent.ended", "purpose"): "finalita_consenso",
    ("consent.given", "purpose"): "finalita_consenso",
    ("consent.refused", "purpose"): "finalita_consenso",
    ("consent.withdrawn", "purpose"): "finalita_consenso",
    ("call.declined", "why"): "perche_no_chiamata",
    ("contact.closed", "outcome"): "esito_contatto",
    ("contact.picked_up", "outcome"): "esito_presa",
    ("file.added", "what"): "tipo_file",
    ("minor.age_settled", "status"): "stato_eta",
    ("return.settled", "outcome"): "esito_rientro",
    ("return.weighed", "level"): "rischio",
    ("course.begun", "level"): "livello_corso",
    ("course.ended", "level"): "livello_corso",
    ("course.ended", "outcome"): "esito_corso",
    ("exit.recorded", "outcome"): "esito_uscita",
    ("internship.begun", "kind"): "tipo_lavoro",
    ("internship.ended", "outcome"): "esito_lavoro",
    ("permit.issued", "kind"): "tipo_permesso",
    ("refusal.decided", "outcome"): "esito_ricorso",
    ("refusal.recorded", "kind"): "tipo_rifiuto",
    ("report.answered", "answer"): "risposta_segnalazione",
    ("report.evaluated", "outcome"): "esito_segnalazione",
    ("report.received", "priority"): "priorita_segnalazione",
    ("reveal.asked", "why"): "motivo_indirizzo",
    ("risk.assessed", "level"): "rischio",
    ("task.added", "what"): "passo_aggiunto",
    ("track.changed", "new"): "percorso_titolo",
    ("track.chosen", "new"): "percorso_titolo",
    ("critical_event.recorded", "kind"): "tipo_evento",
    ("interruption.decided", "interruption"): "interruzione",
    ("referral.done", "outcome"): "esito_invio",
    ("referral.sent", "body_kind"): "tipo_ente",
    ("transfer.ended", "outcome"): "esito_trasferimento",
    ("transfer.notice_given", "receiver"): "avviso_trasferimento",
    ("transfer.requested", "why"): "motivo_trasferimento",
    ("victim_status.recorded", "status"): "stato_vittima",
    ("victim_status.recorded", "decider"): "ente_decisione",
}
UNSURE = N_("da verificare")
BEHALF = N_("%(who)s per conto di %(whom)s")
MESSAGES = {
    "person_declined": N_("la persona per ora dice di no"),
    "permit_settled": N_("l'esito del titolo"),
    "integration_done": N_("l'integrazione è conclusa"),
    "exit_done": N_("l'uscita è conclusa"),
    "interruption_begins": N_("si valuta un'interruzione"),
    "transfer_answered": N_("il progetto ha risposto"),
    "transfer_arrived": N_("arrivo confermato"),
    "transfer_temporary": N_("serve un luogo sicuro per intanto"),
    "transfer_withdrawn": N_("la persona non parte"),
}
NOBODY = {
    "clock": N_("orologio"),
    "deploy": N_("sistema"),
    "cli": N_("sistema"),
    "demo": N_("dimostrazione"),
    "house_alarm": N_("allarme della casa"),
}


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened: when, by whom, in words. `id` is where the next page begins."""

    id: int
    at: datetime
    who: str
    what: str
    verb: str


@dataclass(frozen=True, slots=True)
class _Known:
    """What the codes of some lines stand for."""

    names: Mapping[str, str]
    posts: Mapping[str, str]
    elements: Mapping[tuple[str, str], str]
    terms: Mapping[str, str]
    sentences: Mapping[str, str]
    translate: Translate


def of(
    db: Session,
    actor: Actor,
    code: str,
    *,
    limit: int = 50,
    before: int | None = None,
    translate: Translate = str,
) -> list[Event]:
    """What happened to a case or contact, the newest first; NotYours unless the actor may see it."""
    is_case = db.get(Case, code) is not None
    (get_case if is_case else get_contact)(db, actor, code)
    return tell(db, _lines(db, code, is_case, limit, before), actor.language, translate)


def tell(
    db: Session,
    lines: list[Line],
    language: str,
    translate: Translate,
    others: Mapping[str, str] = MappingProxyType({}),
) -> list[Event]:
    """These lines in words; `others` has sentences for verbs that workers are not told of."""
    elements = spelling.elements(db, lines, language) | spelling.added(db, lines, translate)
    named = (spelling.names(db, lines), spelling.posts(db, lines), elements, spelling.terms(db, lines, language))
    known = _Known(*named, {**others, **SENTENCES}, translate)
    return [_event(line, known) for line in lines]


def _lines(db: Session, code: str, is_case: bool, limit: int, before: int | None) -> list[Line]:
    of_contact = Line.stream == f"contact:{code}"
    here: ColumnElement[bool] = Line.case_code == code if is_case else or_(of_contact, Line.case_code == code)
    query = select(Line).where(here, Line.verb.in_(SENTENCES)).order_by(Line.id.desc()).limit(limit)
    return list(db.scalars(query if before is None else query.where(Line.id < before)))


def _event(line: Line, known: _Known) -> Event:
    words = {name: _word(line, name, value, known) for name, value in line.facts.items()}
    words["called"] = known.terms.get(str(line.facts.get("term")), words.get("term", ""))
    who = known.names.get(line.actor) or known.translate(NOBODY.get(line.actor, line.actor))
    if line.behalf:
        who = known.translate(BEHALF) % {"who": who, "whom": known.names.get(line.behalf, line.behalf)}
    sentence = known.sentences.get(line.verb, "")
    what = spelling.elided(known.translate(sentence) % words) if sentence else line.verb
    if line.facts.get("unsure") and "%(due_on)s" in sentence:
        what = f"{what} ({known.translate(UNSURE)})"
    return Event(line.id, line.at, who, what, line.verb)


def _word(line: Line, name: str, value: Any, known: _Known) -> str:
    """One fact in words: a label, a name, a date as people write it, else the code itself."""
    if (line.verb, name) in LISTS:
        return known.translate(codes.label(LISTS[line.verb, name], value))
    if name in ("user", "to"):
        return known.names.get(str(value), "?")
    if line.verb == "contact.routed" and name == "new":
        return known.posts.get(str(value), str(value))
    if name in ("element", "process"):
        return known.elements.get((spelling.owner(line), str(value)), str(value))
    if line.verb == "message.received" and name == "name":
        return known.translate(MESSAGES.get(str(value), str(value)))
    return _date(value) if isinstance(value, str) else str(value)


def _date(text: str) -> str:
    try:
        if len(text) == 10:
            return f"{date.fromisoformat(text):%d/%m/%Y}"
        return f"{datetime.fromisoformat(text).astimezone(clock.ROME):%d/%m/%Y %H:%M}"
    except ValueError:
        return text
