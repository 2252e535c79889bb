"""Completing a contact: the rest of form F02, the next morning, without typing the night again."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from cases import access, contacts, retention
from cases.access import Actor
from cases.contacts import Contact
from core import clock
from core.errors import NotYours
from tasks import drafts, forms, pathways
from tasks.components import Form
from tasks.fields import Translate
from tasks.forms import Paper, Submitted, Typed

FORM, KIND = "contact_street", "street"
DECISIVE = ("danger", "wants_out")
SAID = {True: "si", False: "no"}


def may(actor: Actor, contact: Contact) -> bool:
    """Has this person the contact in hand, is it one of form F02, and no case yet?"""
    in_hand = "P4" in access.contact_classes(actor, contact) and access.may(actor, "contact.amend")
    return in_hand and contact.case_code is None and pathways.CONTACT_FORMS.get(contact.kind) == FORM


def may_complete(db: Session, actor: Actor, code: str) -> Contact:
    """The contact, if the actor may complete it; else it does not exist."""
    contact = access.get_contact(db, actor, code)
    if not may(actor, contact):
        raise NotYours
    return contact


def form(db: Session, *, translate: Translate = str) -> Form:
    """The whole of form F02."""
    return pathways.contact_form(db, KIND, translate=translate)


def values(db: Session, actor: Actor, contact: Contact, shown: Form) -> Typed:
    """The draft, else what is known in the clear; the sealed notes are not read for it."""
    kept = drafts.load(db, _place(contact.code), actor.user_id)
    return drafts.fill(shown, kept) if kept is not None else forms.typed(shown, Paper(_known(contact)))


def save_draft(db: Session, actor: Actor, code: str, submitted: Submitted) -> datetime:
    """Keep what was typed so far, under the writer's own key, and say when."""
    may_complete(db, actor, code)
    typed = forms.typed(form(db), submitted)
    return drafts.save(db, _place(code), f"user:{actor.user_id}", typed, by=actor.user_id)


def complete(db: Session, actor: Actor, code: str, submitted: Submitted, *, translate: Translate = str) -> Contact:
    """Add to a contact what there was no time for. If it says now that she is in danger or wants out, it is open again
    and goes to whoever answers."""
    contact = may_complete(db, actor, code)
    facts, notes = pathways.told(forms.answers(form(db, translate=translate), submitted, translate=translate))
    before = {name: getattr(contact, name) for name in DECISIVE}
    with forms.spoken(translate):
        contact = contacts.complete(db, code, facts, notes, by=actor.user_id)
    news = any(getattr(contact, name) is True and before[name] is not True for name in DECISIVE)
    if news and contact.status == "closed":
        contacts.reopen(db, code, by=actor.user_id)
        retention.stop(db, contacts.scope_of(code), by=actor.user_id)
        pathways.start_contact(db, contact, by=actor.user_id)
    drafts.remove(db, _place(code), actor.user_id)
    return contact


def _known(contact: Contact) -> dict[str, Any]:
    facts = contacts.known_facts(contact)
    truths = {name: SAID[facts[name]] for name in (*DECISIVE, "minor") if name in facts}
    return facts | truths | {"at": f"{contact.at.astimezone(clock.ROME):%Y-%m-%dT%H:%M}"}


def _place(code: str) -> str:
    return f"complete:{code}"
