"""Services of the contact pathway: hand on, close, make a case of it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cases import casefile, contacts
from cases.contacts import Contact
from core import clock
from engine import instances
from engine.services import Call, service
from tasks import pathways


@service("contact_route")
def contact_route(call: Call) -> Mapping[str, Any]:
    """Hand the contact and its tasks to the post that answers."""
    post = str(call.facts["post"])
    contacts.route(call.db, call.business_key, post, by=call.by)
    instances.hand_over(call.db, call.business_key, post, by=call.by)
    return {"post": post}


@service("contact_close")
def contact_close(call: Call) -> None:
    """End a contact that becomes no case."""
    _note_pickup(call)
    contacts.close(call.db, call.business_key, call.facts["outcome"], by=call.by)


@service("case_open")
def case_open(call: Call) -> Mapping[str, Any]:
    """Make a case of a contact without typing anything twice, and start its protection."""
    contact = _note_pickup(call)
    worker = call.by if call.by.startswith("u_") else None
    case = casefile.open_(call.db, contact.post, contact_code=contact.code, worker=worker, by=call.by)
    contacts.attach_case(call.db, contact.code, case.code, by=call.by)
    casefile.note(call.db, case.code, province=contact.province, minor=contact.minor, by=call.by)
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
