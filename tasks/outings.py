"""Outings at work: planned, begun, contacts written down one by one, put in order the next morning."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from cases import access, contacts, outings, posts, quotas
from cases.access import Actor
from cases.actions import TERRITORY
from cases.codes.agenda import MATERIALS
from cases.contacts import Contact
from cases.outings import Outing
from core import clock, users
from core.errors import N_, BadInput, InvalidForm, NotYours
from core.users import Membership, User
from tasks import drafts, fields, formbook, forms, lists, pathways
from tasks.components import Form
from tasks.fields import Translate
from tasks.forms import Submitted, Typed

FORM = "contact_outing"
KIND = "street"
TOKEN = re.compile(r"[0-9a-f]{32}")
BESIDE = ("again", "zone_number")
NUMBER = re.compile(r"\d{1,5}")
SAFE_WITHOUT_YES = N_("Hai scritto un modo sicuro: segna anche che accetta di essere ricontattata, oppure cancellalo.")
NOBODY_HAS_IT = N_(
    "Nessun incontro ha questo codice. Controlla il biglietto; se non ce l'ha, registrala come nuova: avrà un codice."
)


@dataclass(frozen=True, slots=True)
class Meeting:
    """An earlier encounter, as far as the reader may know it."""

    at: datetime
    zone: str
    needs: list[str]


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody met before: the code on her card, which encounter this one is, those the reader may look back on."""

    person_code: str
    number: int
    meetings: list[Meeting]

    @property
    def untold(self) -> int:
        """How many encounters were elsewhere."""
        return self.number - 1 - len(self.meetings)


def own_posts(actor: Actor) -> list[str]:
    """The posts from which this person goes out."""
    return sorted(actor.posts(*outings.CREW))


def crew_of(db: Session, post: str) -> list[User]:
    """Who may go out from a post, by name."""
    member = select(Membership.user_id).where(Membership.post == post, Membership.role.in_(TERRITORY))
    return list(db.scalars(select(User).where(User.active, User.id.in_(member)).order_by(User.name, User.id)))


def open_(db: Session, actor: Actor, post: str, typed: Submitted, *, begin: bool) -> Outing:
    """Plan an outing or begin it; raises InvalidForm with sentences by field."""
    if post not in own_posts(actor):
        raise NotYours
    return outings.open_(db, post, _facts(db, post, typed), begin=begin, by=actor.user_id)


def amend(db: Session, actor: Actor, code: str, typed: Submitted) -> Outing:
    """Correct an outing that is not closed."""
    outing = outings.get(db, actor, code)
    return outings.amend(db, code, _facts(db, outing.post, typed), by=actor.user_id)


def begin(db: Session, actor: Actor, code: str) -> Outing:
    """The unit leaves."""
    outings.get(db, actor, code)
    return outings.begin(db, code, by=actor.user_id)


def count(db: Session, actor: Actor, code: str, typed: Submitted) -> Outing:
    """How many were in each zone without a contact."""
    outings.get(db, actor, code)
    found = {zone.number: _number(typed, f"present-{zone.number}") for zone in outings.zones(db, code)}
    return outings.count(db, code, found, by=actor.user_id)


def close(db: Session, actor: Actor, code: str, typed: Submitted) -> Outing:
    """Put it in order and close it."""
    outings.get(db, actor, code)
    to_at = fields.moment(typed.get("to_at") or "")
    if to_at is None:
        raise InvalidForm({"to_at": [N_("Scrivi una data e un'ora.")]})
    given = {name: _number(typed, f"material-{name}") or 0 for name, _ in MATERIALS}
    return outings.close(db, code, to_at, given, by=actor.user_id)


def form(db: Session, *, translate: Translate = str) -> Form:
    """The short form of the street: what matters in twenty seconds."""
    return forms.with_lists(formbook.read(db, FORM), lambda name: lists.options(db, name, translate))


def left(db: Session, actor: Actor, code: str, again: str) -> Typed | None:
    """The draft that this person left here, with the code on the card and the zone beside its fields; None if there is
    none, or if the code says that it is of somebody else."""
    kept = drafts.load(db, _place(code), actor.user_id)
    return kept if kept is not None and again.strip().upper() in ("", kept.get("again")) else None


def values(shown: Form, kept: Typed | None) -> Typed:
    """What an open form shows: the draft, else the present time."""
    found = drafts.fill(shown, kept)
    if kept is None:
        found["at"] = f"{clock.now().astimezone(clock.ROME):%Y-%m-%dT%H:%M}"
    return found


def discard(db: Session, actor: Actor, code: str) -> None:
    """The draft was of somebody else, or nothing: begin anew."""
    drafts.remove(db, _place(code), actor.user_id)


def save_draft(db: Session, actor: Actor, code: str, submitted: Submitted) -> None:
    """Keep what was typed so far, under the writer's own key."""
    pathways.post_for(actor, KIND, outings.get(db, actor, code).post)
    beside = {name: (submitted.get(name) or "").strip().upper()[:20] for name in BESIDE}
    typed = forms.typed(form(db), submitted) | beside
    drafts.save(db, _place(code), f"user:{actor.user_id}", typed, by=actor.user_id)


def meet(
    db: Session, actor: Actor, code: str, submitted: Submitted, *, translate: Translate = str
) -> tuple[Contact, bool]:
    """Write down one contact of a running outing and start its pathway, exactly as from the desk.

    The same form sent twice (no network, an impatient thumb) is one contact: the second answer is (it, False).
    """
    outing = outings.get(db, actor, code)
    post, once = pathways.post_for(actor, KIND, outing.post), submitted.get("once") or ""
    if not TOKEN.fullmatch(once):
        raise BadInput
    earlier = outings.recorded(db, code, once)
    if earlier is not None:
        return contacts.get(db, earlier), False
    found = forms.answers(form(db, translate=translate), submitted, translate=translate)
    facts, notes = pathways.told(found)
    if "safe_channel" in notes and not facts.get("recontact_consent"):
        raise InvalidForm({"recontact_consent": [SAFE_WITHOUT_YES]})
    zone = _zone(db, code, submitted)
    facts |= {"outing": code, "operators": len(outing.crew), "mediator_code": outing.mediator}
    facts |= {"province": outing.province, "person_code": (submitted.get("again") or "").strip() or None}
    with forms.spoken(translate, person_code="again"):
        contact = contacts.record(db, KIND, post, facts, notes | {"zone": zone.name}, by=actor.user_id)
    outings.attach(db, code, contact.code, zone.number, once, by=actor.user_id)
    pathways.start_contact(db, contact, by=actor.user_id)
    drafts.remove(db, _place(code), actor.user_id)
    return contact, True


def known(db: Session, actor: Actor, typed: str) -> Known:
    """Who has this code on her card: how often she was met, and of the encounters that the reader may see when, where
    roughly, and what she needed. No identity is involved. Raises InvalidForm if nobody has the code, TooMany for who
    tries card after card."""
    quotas.spend(db, actor.user_id, quotas.CARDS, _card(typed))
    first = contacts.known_by(db, typed) if typed.strip() else None
    if first is None:
        raise InvalidForm({"again": [NOBODY_HAS_IT]})
    met = contacts.encounters_of(db, first)
    seen = {contact.code for contact in met if _may_see(db, actor, contact)}
    told = [
        Meeting(contact.at, _zone_of(db, contact), list(contact.details.get("needs") or []))
        for contact in met
        if contact.code in seen
    ]
    return Known(first.person_code or first.code, len(met) + 1, told[::-1])


def missed(db: Session, actor: Actor, typed: str) -> None:
    """Count that a code was tried that nobody has; called after the refusal's rollback."""
    quotas.spend(db, actor.user_id, quotas.CARDS, _card(typed))


def number_of(db: Session, contact: Contact) -> int:
    """Which encounter with its person a contact was: 1 is the first."""
    met = contacts.encounters_of(db, contact)
    # In one and the same minute the first is the one whose code is on the card.
    order = sorted(met, key=lambda found: (found.at, found.code != found.person_code))
    return [found.code for found in order].index(contact.code) + 1


def last_zone(db: Session, code: str) -> int:
    """The zone of the last contact, else the first: most often it is the same again."""
    found = outings.met(db, code)
    return found[0][0].zone if found else 1


def names_of(db: Session, outing: Outing) -> list[str]:
    """The names of the crew, for the crew's own post."""
    return [user.name for user_id in outing.crew if (user := users.by_id(db, user_id)) is not None]


def _facts(db: Session, post: str, typed: Submitted) -> dict[str, Any]:
    able = {user.id for user in crew_of(db, post)}
    crew = [user_id for user_id in typed.getlist("crew") if user_id in able]
    provinces = posts.get(db, post).provinces
    only = provinces[0] if len(provinces) == 1 else None
    words = {name: (typed.get(name) or "").strip() for name in ("province", "mediator", "vehicle", "zones")}
    times = {name: fields.moment(typed.get(name) or "") for name in ("from_at", "to_at")}
    return words | times | {"crew": crew, "province": words["province"] or only, "zones": words["zones"].splitlines()}


def _number(typed: Submitted, name: str) -> int | None:
    text = (typed.get(name) or "").strip()
    if text and not NUMBER.fullmatch(text):
        raise InvalidForm({name: [N_("Scrivi un numero intero.")]})
    return int(text) if text else None


def _zone(db: Session, code: str, submitted: Submitted) -> outings.Zone:
    wanted = submitted.get("zone_number") or ""
    found = next((zone for zone in outings.zones(db, code) if str(zone.number) == wanted), None)
    if found is None:
        raise InvalidForm({"zone_number": [N_("Scegli la zona.")]})
    return found


def _zone_of(db: Session, contact: Contact) -> str:
    return contacts.notes_of(db, contact, frozenset({"P1"})).get("zone", "")


def _may_see(db: Session, actor: Actor, contact: Contact) -> bool:
    return db.scalar(access.visible_contacts(actor).where(Contact.code == contact.code)) is not None


def _card(typed: str) -> str:
    return typed.strip().upper()[:20]


def _place(code: str) -> str:
    return f"outing:{code}"
