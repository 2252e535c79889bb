"""Services of the contact pathway: hand on, close, make a case of it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cases import appointments, casefile, contacts, reports, retention
from cases.contacts import Contact
from core import clock, log
from core.errors import N_, InvalidForm
from engine import handing, instances
from engine.services import Call, service
from tasks import oncall, pathways
from tasks.services.reading import answers_of, day_of, named

# Whoever has said no is kept for the shorter time.
SHORT = frozenset({"porta_aperta", "non_interessata"})
SAID = {"si": True, "no": False}

# Who looks this young and has not said her age may be a minor: the doubt is written down, and counts for her.
MAYBE_MINOR = frozenset({"0-13", "14-17"})


@service("contact_route")
def contact_route(call: Call) -> Mapping[str, Any]:
    """Hand the contact and its tasks to the post that answers, and say who is on call there: what already waits is
    theirs too."""
    post = str(call.facts["post"])
    contacts.route(call.db, call.business_key, post, by=call.by)
    instances.hand_over(call.db, call.business_key, post, by=call.by)
    on_call = oncall.land(call.db, call.business_key, post, str(call.facts["channel"]), by=call.by)
    handing.give_waiting(call.db, call.business_key, oncall.FACT, on_call)
    return {"post": post, oncall.FACT: on_call}


@service("contact_close")
def contact_close(call: Call) -> None:
    """End a contact that becomes no case; from her last encounter it is counted until when its code is kept."""
    _note_pickup(call)
    outcome, last_on = call.facts["outcome"], day_of(call, "met_on") or clock.today()
    contact = contacts.close(call.db, call.business_key, outcome, by=call.by)
    rule = retention.DECLINED if outcome in SHORT else retention.CONTACT
    for met in contacts.encounters_of(call.db, contact):
        scope = contacts.scope_of(met.code)
        if met.status == "closed" and met.case_code is None:
            retention.stop(call.db, scope, by=call.by)
            retention.begin(call.db, scope, rule, last_on, by=call.by)


@service("contact_follow_up_record")
def contact_follow_up_record(call: Call) -> Mapping[str, Any]:
    """Add to a contact what another meeting with her has told: what she wants, her safe way and word, her rights."""
    contact, met_on = contacts.get(call.db, call.business_key), day_of(call, "met_on") or clock.today()
    again, words = day_of(call, "meet_again_on"), answers_of(call, "contact_follow_up")
    if met_on < contact.at.astimezone(clock.ROME).date():
        raise InvalidForm({"met_on": [N_("Questo incontro verrebbe prima del contatto.")]})
    if again is not None and again < met_on:
        raise InvalidForm({"meet_again_on": [N_("Il prossimo incontro viene dopo questo.")]})
    told = {name: words.get(f"follow_{name}") for name in ("danger", "wants_out")}
    if call.facts["follow_up_outcome"] == "wants_help":
        told["wants_out"] = "si"
    known = told | {name: words.get(name) for name in ("rights_explained", "rights_language", "number_given")}
    notes = {name: words.get(name) for name in ("safe_channel", "code_word")}
    with named(danger="follow_danger", wants_out="follow_wants_out"):
        contacts.amend(call.db, contact.code, known, notes, by=call.by)
    if words.get("rights_explained"):
        scope, language = contacts.scope_of(contact.code), words.get("rights_language")
        log.append(call.db, "contact.informed", scope, by=call.by, on=met_on, language=language)
    return {name: SAID.get(str(value)) for name, value in told.items()}


@service("case_open")
def case_open(call: Call) -> Mapping[str, Any]:
    """Make a case of a contact without typing anything twice, and start its protection."""
    contact = _note_pickup(call)
    worker = call.by if call.by.startswith("u_") else None
    case = casefile.open_(call.db, contact.post, contact_code=contact.code, worker=worker, by=call.by)
    contacts.attach_case(call.db, contact.code, case.code, by=call.by)
    doubt = True if contact.minor is None and contact.details.get("apparent_age") in MAYBE_MINOR else None
    known = {"province": contact.province, "minor": contact.minor, "age_doubt": doubt}
    casefile.note(call.db, case.code, **known, by=call.by)
    appointments.bring(call.db, contact.code, case.code, by=call.by)
    reports.bring(call.db, contact.code, case.code, by=call.by)
    for met in contacts.encounters_of(call.db, contact):
        retention.stop(call.db, contacts.scope_of(met.code), by=call.by)
    pathways.start_protection(call.db, case, by=call.by)
    return {"case_code": case.code}


def _note_pickup(call: Call) -> Contact:
    """Record who answered the person and when, if the pathway has come that far."""
    contact = contacts.get(call.db, call.business_key)
    outcome, at = call.facts.get("pickup_outcome"), call.facts.get("pickup_at")
    if not outcome or contact.picked_up_at is not None:
        return contact
    when = datetime.fromisoformat(at) if at else clock.now()
    return contacts.pick_up(call.db, contact.code, outcome, when, by=call.by)
