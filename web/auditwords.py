"""Words of the auditor's room for templates."""

from flask import Flask

from cases.handouts import Handout
from core.errors import N_
from web import labels
from web.language import say

HANDOUTS = {
    "waiting": N_("aspetta una seconda persona"), "granted": N_("autorizzata"), "refused": N_("non autorizzata"),
    "over": N_("scaduta"),
}  # fmt: skip
RUNS = {"open": N_("in corso"), "ended": N_("finito"), "cancelled": N_("annullato"), "failed": N_("interrotto")}
READERS = {"glass": N_("accesso di emergenza"), "receiver": N_("chi riceve un trasferimento, prima dell'arrivo")}

FORMATS = {
    "proofs": N_("Prove: righe, sigilli e chiavi, da controllare con approdo-verify"),
    "xes": N_("XES (IEEE 1849), per l'analisi dei processi"), "ocel": N_("OCEL 2.0 (JSON)"),
    "htcds": N_("HTCDS 2.0: stato del caso e della persona, solo codici"),
    "csv": N_("Tabella dei passi (CSV)"), "jsonl": N_("Righe del registro (JSON Lines)"),
}  # fmt: skip

ACTIONS = {
    "task.list": N_("vedere le attività"),
    "task.complete": N_("prendere, completare e restituire attività"),
    "task.assign": N_("affidare attività ad altri"),
    "task.skip": N_("saltare un'attività, con il motivo"),
    "contact.list": N_("vedere i contatti"),
    "contact.record": N_("registrare un contatto"),
    "contact.amend": N_("completare un contatto registrato"),
    "contact.link": N_("collegare un contatto a uno precedente"),
    "contact.route": N_("passare un contatto a uno sportello"),
    "contact.pick_up": N_("prendere in carico un contatto ricevuto"),
    "contact.close": N_("chiudere un contatto"),
    "outing.record": N_("registrare un'uscita dell'unità di strada"),
    "desk.use": N_("tenere lo sportello: accessi e appuntamenti"),
    "agenda.use": N_("usare l'agenda"),
    "search.ask": N_("cercare se una persona è già conosciuta"),
    "case.list": N_("vedere l'elenco dei casi"),
    "case.open": N_("aprire un caso"),
    "case.assign": N_("affidare un caso a un referente"),
    "case.mask": N_("nascondere un caso ai colleghi della postazione"),
    "case.unmask": N_("far vedere di nuovo un caso nascosto"),
    "case.suspend": N_("sospendere e riprendere un caso"),
    "pathway.start": N_("avviare un percorso in un caso"),
    "case.close": N_("chiudere un caso"),
    "case.reopen": N_("riaprire un caso"),
    "step.add": N_("aggiungere un passo a un caso"),
    "case.break_glass": N_("accedere a un caso in emergenza, con il motivo"),
    "case.looks": N_("vedere chi ha guardato un caso"),
    "mediator.appoint": N_("incaricare un mediatore per un caso"),
    "person.record": N_("scrivere i dati di una persona"),
    "consent.record": N_("registrare e ritirare consensi"),
    "retention.erase": N_("chiedere e confermare cancellazioni"),
    "retention.hold": N_("fermare la cancellazione di un caso"),
    "document.write": N_("caricare e scrivere documenti"),
    "permit.record": N_("registrare titoli di soggiorno"),
    "episode.record": N_("registrare gli episodi di sfruttamento"),
    "communication.record": N_("registrare comunicazioni con le autorità"),
    "deadline.list": N_("vedere le scadenze"),
    "deadline.override": N_("correggere una scadenza, con il motivo"),
    "shelter.list": N_("vedere le strutture, senza indirizzo"),
    "shelter.open": N_("aprire e chiudere strutture, contare i posti"),
    "shelter.address": N_("leggere l'indirizzo della propria struttura"),
    "shelter.ask": N_("chiedere l'indirizzo di una struttura"),
    "shelter.reveal": N_("autorizzare chi chiede un indirizzo"),
    "placement.record": N_("registrare ingressi e uscite dalle strutture"),
    "transfer.list": N_("vedere i trasferimenti"),
    "transfer.offer": N_("proporre un trasferimento"),
    "transfer.plan": N_("organizzare il viaggio di un trasferimento"),
    "transfer.withdraw": N_("ritirare un trasferimento"),
    "referral.list": N_("vedere e fare invii ad altri enti"),
    "rota.read": N_("vedere i turni di reperibilità"),
    "directory.read": N_("leggere la rubrica di enti e referenti"),
    "directory.change": N_("cambiare la rubrica"),
    "model.read": N_("vedere i modelli dei percorsi"),
    "model.people": N_("vedere a che punto sono le persone, in numeri"),
    "model.edit": N_("cambiare le bozze dei modelli"),
    "model.publish": N_("pubblicare il modello scritto da un'altra persona"),
    "model.move": N_("portare i casi in corso a un'altra versione"),
    "term.read": N_("vedere i termini di legge"),
    "term.change": N_("proporre e approvare termini di legge"),
    "leaflet.read": N_("vedere i testi per la persona"),
    "leaflet.write": N_("scrivere i testi per la persona"),
    "leaflet.sign": N_("convalidare una traduzione"),
    "audit.read": N_("usare le pagine del controllo"),
    "audit.verify": N_("verificare il registro"),
    "audit.second": N_("autorizzare la copia chiesta da un'altra persona"),
    "access.review": N_("rispondere alla revisione degli accessi"),
    "access.office": N_("rispondere alla revisione per tutto l'ufficio"),
    "user.manage": N_("aprire e chiudere utenze, dare ruoli"),
    "incident.settle": N_("vedere e risolvere le anomalie"),
    "statistics.read": N_("leggere le statistiche"),
    "statistics.lines": N_("scaricare le righe pseudonime"),
    "receipt.record": N_("registrare le ricevute degli invii statistici"),
    "reminder.read": N_("vedere le regole e la storia dei promemoria"),
    "reminder.change": N_("cambiare le regole dei promemoria"),
    "status.read": N_("vedere lo stato del sistema"),
}


def teach(app: Flask) -> None:
    """Let every template say them."""
    app.jinja_env.globals.update(
        handout_state=handout_state, run_state=run_state, reader_name=reader_name,
        action_name=action_name,
    )


def handout_state(row: Handout) -> str:
    """Where a file that was asked for stands."""
    over = row.status == "granted" and not row.is_ready
    return say(HANDOUTS["over" if over else row.status])


def run_state(status: str) -> str:
    """How a pathway stands."""
    return say(RUNS.get(status, status))


def reader_name(role: str) -> str:
    """A role, or another way into a case."""
    return say(READERS[role]) if role in READERS else say(labels.ROLES.get(role, role))


def action_name(action: str) -> str:
    """What an action of `cases/actions.py` lets people do."""
    return say(ACTIONS[action])
