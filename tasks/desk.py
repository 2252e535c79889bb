"""The desk on a busy morning: who has come, who waits, and how a visit becomes a contact without typing twice."""

import re

from sqlalchemy.orm import Session

from cases import contacts, visits
from cases.access import Actor
from cases.contacts import Contact
from cases.visits import Visit
from core.errors import N_, BadInput, NotYours, WrongOrder
from tasks import fields, pathways
from tasks.forms import Submitted

KIND = "desk"
TOKEN = re.compile(r"[0-9a-f]{32}")


def own_posts(actor: Actor) -> list[str]:
    """The desks at which this person sits."""
    return sorted(actor.posts(*visits.DESK))


def arrive(db: Session, actor: Actor, post: str, typed: Submitted) -> Visit:
    """Somebody has come; raises InvalidForm with sentences by field."""
    once = typed.get("once") or ""
    if post not in own_posts(actor):
        raise NotYours
    if not TOKEN.fullmatch(once):
        raise BadInput
    facts = {
        "needs": typed.getlist("needs"),
        "language": typed.get("language"),
        "urgent": typed.get("urgent") == "true",
        "arrived_at": fields.moment(typed.get("arrived_at") or ""),
    }
    return visits.arrive(db, post, facts, once, by=actor.user_id)


def to_contact(db: Session, actor: Actor, visit_id: str) -> Contact:
    """What the slip says becomes a contact of the desk, with its pathway; a second press finds the same contact."""
    visit = visits.lock(db, actor, visit_id)
    if visit.contact_code is not None:
        return contacts.get(db, visit.contact_code)
    if visit.status not in ("taken", "done"):
        raise WrongOrder(N_("Prima va chiamata."))
    post = pathways.post_for(actor, KIND, visit.post)
    facts = {"at": visit.arrived_at, "needs": visit.needs, "language": visit.language}
    contact = contacts.record(db, KIND, post, facts, {}, by=actor.user_id)
    visits.attach(db, visit, contact.code, by=actor.user_id)
    pathways.start_contact(db, contact, by=actor.user_id)
    return contact
