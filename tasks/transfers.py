"""What people do on the pages of a transfer (messa in rete), beside their tasks: offer, withdraw, write the plan."""

from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from cases import access, sheets, transfers, travel
from cases.access import Actor
from cases.transfers import Offer, Transfer
from cases.travel import TravelPlan
from core.errors import N_, NotYours, WrongOrder
from engine import instances
from tasks import formbook, forms, lists
from tasks.components import Form
from tasks.fields import Translate
from tasks.forms import Submitted

OFFER, WITHDRAWAL, PLAN = "transfer_offer", "transfer_withdrawal", "travel_plan"
WITHDRAWN = "transfer_withdrawn"


def form_of(db: Session, name: str, *, about: str = "", translate: Translate = str) -> Form:
    """One of the forms of these pages, with today's options."""
    return forms.with_lists(formbook.read(db, name), lambda which: lists.options(db, which, translate, about=about))


def may_offer(db: Session, actor: Actor, transfer: Transfer) -> str | None:
    """The project in whose name the actor may offer a place now; None if there is none."""
    if transfer.status != "searching":
        return None
    asked = set(transfers.asked(db, transfer.code))
    own = sorted(post for post in asked if access.may(actor, "transfer.offer", post))
    return own[0] if own else None


def offer(db: Session, actor: Actor, code: str, submitted: Submitted, *, translate: Translate = str) -> Offer:
    """Offer a place for a person of whom only the profile is known."""
    transfer = access.get_transfer(db, actor, code)
    post = may_offer(db, actor, transfer)
    if post is None:
        raise NotYours
    found = forms.answers(form_of(db, OFFER, translate=translate), submitted, translate=translate)
    values = _values(found)
    from_on, said = date.fromisoformat(str(values["from_on"])), str(values.get("conditions") or "")
    with forms.spoken(translate):
        return transfers.offer(db, code, post, str(values["place_kind"]), from_on, said, by=actor.user_id)


def may_withdraw(db: Session, actor: Actor, transfer: Transfer) -> bool:
    """May the actor call the transfer off: does she work on the case, and is it under way?"""
    mine = access.owns_case_of(db, actor, transfer) and access.may(actor, "transfer.withdraw", transfer.from_post)
    return mine and transfer.ended_at is None


def withdraw(db: Session, actor: Actor, code: str, submitted: Submitted, *, translate: Translate = str) -> Transfer:
    """The person does not want to leave any more: the transfer is called off at once, also at the station."""
    transfer = access.get_transfer(db, actor, code)
    if not may_withdraw(db, actor, transfer):
        raise NotYours
    found = forms.answers(form_of(db, WITHDRAWAL, translate=translate), submitted, translate=translate)
    try:
        instances.receive(db, WITHDRAWN, transfer.case_code, found.facts, by=actor.user_id)
    except NotYours:
        raise WrongOrder(N_("Questo percorso è già finito.")) from None
    filed, version = found.by_class, found.form.version
    sheets.file(db, transfer.case_code, WITHDRAWAL, filed, schema_version=version, by=actor.user_id)
    return transfer


def may_plan(db: Session, actor: Actor, transfer: Transfer) -> bool:
    """May the actor write the travel plan?"""
    mine = access.owns_case_of(db, actor, transfer) and access.may(actor, "transfer.plan", transfer.from_post)
    return mine and transfer.status == "accepted"


def plan(db: Session, actor: Actor, code: str, submitted: Submitted, *, translate: Translate = str) -> TravelPlan:
    """Write the travel plan and who may read it."""
    transfer = access.get_transfer(db, actor, code)
    if not may_plan(db, actor, transfer):
        raise NotYours
    found = forms.answers(form_of(db, PLAN, about=code, translate=translate), submitted, translate=translate)
    values = _values(found)
    readers = values.pop("readers", None) or []
    with forms.spoken(translate):
        return travel.write(db, code, values, readers, by=actor.user_id)


def read_plan(db: Session, actor: Actor, code: str) -> dict[str, str]:
    """The travel plan, for who is named in it; the reading is written down."""
    transfer = access.get_transfer(db, actor, code)
    return travel.read(db, transfer.code, by=actor.user_id)


def _values(found: forms.Answers) -> dict[str, Any]:
    return {key: value for answers in found.by_class.values() for key, value in answers.items()}
