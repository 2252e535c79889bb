"""Services of critical events, interruption and re-entry (F18)."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from cases import casefile, consents, critical_events, deadlines, permits, shelters
from core import clock
from core.errors import N_, InvalidForm, WrongOrder
from engine import instances
from engine.services import Call, service
from tasks import pathways
from tasks.services.reading import answers_of, day_of, named
from tasks.services.risk import risk_record

NOTICE = "T19"
HOUSE_ALERT = "house_alert"
ALARM = "house_alarm"  # who starts it, for the log: no guest's file says in whose case the alarm began
TELL_TOO = N_(
    "Il programma era stato comunicato, al Sindaco o al Questore: va comunicata anche la sua interruzione (art. 26 "
    "c. 4 lett. e DPR 394/1999)."
)
SAID_NO = "rinuncia"
PROTECTION, PROGRAMME, INTEGRATION = "protection", "programme", "integration"
REENTRY = "reentry"  # why an instance was cancelled, for the log
OFFERED = "protection_identified"  # starts the programme
KNOWN = {"yes": True, "no": False}


@service("critical_event_record")
def critical_event_record(call: Call) -> Mapping[str, Any]:
    """Write event and risk down; a house that may be known outside takes nobody any more."""
    facts = call.facts
    known = KNOWN.get(str(facts.get("house_known")))
    at = datetime.fromisoformat(str(facts["event_at"]))
    event = critical_events.record(call.db, call.business_key, str(facts["event_kind"]), at, known, by=call.by)
    risk_record(call)
    if known:
        _alarm_house(call)
    return {"event": event.id, "risk_level": facts["risk_level"]}


def _alarm_house(call: Call) -> None:
    """ "Casa bruciata": nobody comes in, and every guest's risk is weighed anew, each case on its own."""
    stay = shelters.current(call.db, call.business_key)
    if stay is None or stay.shelter is None:
        return
    shelters.stop_intake(call.db, stay.shelter, by=call.by)
    for code in critical_events.guests_of(call.db, stay.shelter):
        running = {definition.process_id for _, definition in instances.open_instances(call.db, code)}
        if code != call.business_key and HOUSE_ALERT not in running:
            pathways.start_on(call.db, casefile.get(call.db, code), HOUSE_ALERT, by=ALARM)


@service("interruption_open")
def interruption_open(call: Call) -> Mapping[str, Any]:
    """She has said no to the programme: written down as what it is, before anybody asks her anything."""
    event = critical_events.record(call.db, call.business_key, SAID_NO, clock.now(), by=call.by)
    return {"event": event.id}


@service("interruption_record")
def interruption_record(call: Call) -> Mapping[str, Any]:
    """Record the decision: a suspension stops the work, an interruption begins the term of the notice, and whoever
    goes on finds everything as it was."""
    facts, code = call.facts, call.business_key
    decision, on = str(facts["interruption"]), day_of(call, "interruption_on") or clock.today()
    casefile.check_not_future("interruption_on", on)
    critical_events.decide(call.db, str(facts["event"]), decision, facts.get("interrupted_by"), by=call.by)
    reason = str(answers_of(call, "interruption_decision").get("interruption_reason") or "")
    if decision == "sospesa" and casefile.get(call.db, code).status == "open":
        with named(reason="interruption_reason"):
            casefile.suspend(call.db, code, reason, by=call.by)
    if decision == "no":
        casefile.resume(call.db, code, by=call.by)
    if decision != "definitiva":
        return {"notice_due_on": None}
    notice = deadlines.record(call.db, code, NOTICE, "interruption", on, by=call.by)
    return {"notice_due_on": notice.due_on.isoformat()}


@service("interruption_notice_record")
def interruption_notice_record(call: Call) -> None:
    """Record what a colleague told the Sindaco and the Questore (art. 26 c. 4 lett. e DPR 394/1999): the bare fact."""
    if call.facts["interruption_notice"] != "sent":
        if _was_told(call):
            raise InvalidForm({"interruption_notice": [TELL_TOO]})
        deadlines.settle(call.db, call.business_key, NOTICE, clock.today(), by=call.by)
        return
    on, words = day_of(call, "interruption_notice_on") or clock.today(), answers_of(call, "interruption_notice")
    decided = day_of(call, "interruption_on")
    if decided is not None and on < decided:
        raise InvalidForm({"interruption_notice_on": [N_("L'avviso viene prima della decisione.")]})
    for receiver, protocol in (("sindaco", "protocol_mayor"), ("questore", "protocol_questore")):
        _tell(call, receiver, on, words.get(protocol), str(words.get("legal_reason_words") or ""))
    deadlines.settle(call.db, call.business_key, NOTICE, on, by=call.by)


def _was_told(call: Call) -> bool:
    """Do the Sindaco or the Questore know of the programme, from its notice or from the proposal?"""
    told = permits.communications(call.db, call.business_key)
    return any(each.subject in ("programme_start", "art18_proposal") for each in told)


def _tell(call: Call, receiver: str, on: date, protocol: str | None, legal_reason: str) -> None:
    fields = {"sent_on": "interruption_notice_on", "channel": "interruption_notice_channel"}
    with named(**fields, reason="legal_reason_words"):
        permits.communicate(
            call.db,
            call.business_key,
            receiver,
            "interruption",
            on,
            str(call.facts["interruption_notice_channel"]),
            protocol=protocol,
            legal_reason=legal_reason,
            by=call.by,
        )


@service("interruption_close")
def interruption_close(call: Call) -> None:
    """The case closes with the outcome that was decided; the way back stays."""
    leaves = call.facts.get("leaves_house") == "yes"
    outcome = str(call.facts["exit_outcome"])
    pathways.end_case(call.db, call.business_key, outcome, leaves=leaves, spare=call.instance_id, by=call.by)


@service("interruption_resume")
def interruption_resume(call: Call) -> None:
    """The suspended case goes on: she has come back."""
    if casefile.get(call.db, call.business_key).status == "closed":
        raise WrongOrder(N_("Il caso è chiuso: per lavorarci va prima riaperto."))
    casefile.resume(call.db, call.business_key, by=call.by)


@service("reentry_reset")
def reentry_reset(call: Call) -> None:
    """What she agreed to before counts no longer until she says it again; the history stays."""
    consents.withdraw_all(call.db, call.business_key, clock.today(), by=call.by)


@service("protection_restart")
def protection_restart(call: Call) -> None:
    """Begin again with a safe place, the risk, the rights; the programme and its plan, if any, are over."""
    running = _running(call)
    _end(call, running, PROGRAMME, INTEGRATION)
    if PROTECTION not in running:
        pathways.start_protection(call.db, casefile.get(call.db, call.business_key), by=call.by)


@service("programme_restart")
def programme_restart(call: Call) -> None:
    """Go on with the programme that only stood still, or offer it again to whoever comes back after its end."""
    running = _running(call)
    if PROGRAMME not in running:
        _end(call, running, PROTECTION, INTEGRATION)
        pathways.begin(call.db, casefile.get(call.db, call.business_key), OFFERED, by=call.by)


def _running(call: Call) -> dict[str, str]:
    """The pathways of the case that run, with their instances."""
    found = instances.open_instances(call.db, call.business_key)
    return {definition.process_id: instance.id for instance, definition in found}


def _end(call: Call, running: Mapping[str, str], *processes: str) -> None:
    for process in processes:
        if process in running:
            instances.cancel(call.db, running[process], REENTRY, by=call.by)
