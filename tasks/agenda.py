"""The agenda: appointments of one day or week, set with a look at who is free, told the day before."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session

from cases import access, appointments, casefile, contacts, grants
from cases.access import Actor
from cases.actions import MAY
from cases.appointments import Appointment, goes_to, visible
from cases.casefile import Case
from cases.contacts import Contact
from core import clock, users
from core.errors import N_, InvalidForm, NotYours, WrongOrder
from core.users import User
from notifications import notices
from tasks import assignment, drafts, engagements, fields
from tasks.fields import Translate
from tasks.forms import Submitted

FIELDS = ("kind", "from_at", "minutes", "place", "exact_place", "goes", "mediation", "mediator", "post")
WRITES = "P3"  # whoever reads the story of a case fixes its appointments; a mediator or a receiver does not
MOST = 300
BUSY = N_("%(who)s alle %(when)s ha già un impegno.")
AWAY = N_("%(who)s quel giorno è assente.")

Row = tuple[Appointment, str, bool]  # with the name of who goes, and whether its reader may see what it is about


@dataclass(frozen=True, slots=True)
class Entry:
    """One engagement as its reader may know it: `appointment` is null when only the hour is theirs to know."""

    at: datetime
    to_at: datetime
    place: str
    who: str
    appointment: Appointment | None
    clash: bool


@dataclass(frozen=True, slots=True)
class Subject:
    """What an appointment is about: a case, a contact, or (both null) the team's own work in a post."""

    post: str
    case: Case | None = None
    contact: Contact | None = None

    @property
    def code(self) -> str:
        """Its code, if it has one."""
        return self.case.code if self.case else self.contact.code if self.contact else ""


def subject(db: Session, actor: Actor, *, case: str = "", contact: str = "", post: str = "") -> Subject:
    """What this person may fix an appointment about; anything else does not exist."""
    access.require(actor, "agenda.use")
    if case:
        found = access.get_case(db, actor, case)
        access.require_class(access.classes(db, actor, found), WRITES)
        if found.status == "closed":
            raise WrongOrder(N_("Il caso è chiuso: per lavorarci va prima riaperto."))
        return Subject(found.post, case=found)
    if contact:
        met = access.get_contact(db, actor, contact)
        if met.case_code is not None or WRITES not in access.contact_classes(actor, met):
            raise NotYours
        return Subject(met.post, contact=met)
    own = own_posts(actor)
    if post and post not in own:
        raise NotYours
    return Subject(post or own[0])


def subject_of(db: Session, actor: Actor, appointment_id: str) -> tuple[Appointment, Subject]:
    """An appointment that this person may change, and what it is about."""
    found = appointments.get(db, actor, appointment_id)
    return found, subject(
        db, actor, case=found.case_code or "", contact=found.contact_code or "",
        post="" if found.subject else found.post,
    )  # fmt: skip


def may_change(db: Session, actor: Actor, found: Appointment) -> bool:
    """May this person write down what became of it?"""
    if found.case_code:
        case = casefile.get(db, found.case_code)
        return case.status != "closed" and WRITES in access.classes(db, actor, case)
    if found.contact_code:
        return WRITES in access.contact_classes(actor, contacts.get(db, found.contact_code))
    return found.post in own_posts(actor)


def may_read_place(db: Session, actor: Actor, found: Appointment) -> bool:
    """May this person ask where exactly?"""
    if found.case_code:
        return access.may_read(db, actor, casefile.get(db, found.case_code), appointments.PLACE)
    met = contacts.get(db, found.contact_code) if found.contact_code else None
    return met is not None and appointments.PLACE in access.contact_classes(actor, met)


def own_posts(actor: Actor) -> list[str]:
    """The posts in which this person has an agenda."""
    return sorted(actor.posts(*MAY["agenda.use"]))


def colleagues(db: Session, about: Subject) -> list[User]:
    """Who may go: the post's people, and those of the house, who may see what it is about; by name."""
    where = {about.post}
    if about.case:
        where |= {grant.post for grant in grants.current(db, about.case.code) if grant.kind == "stay" and grant.post}
    return [user for user in users.members(db, where) if _may_see(db, user, about)]


def mediators(db: Session, actor: Actor, about: Subject) -> list[User]:
    """Who may be let into the case for the hours of the appointment, if this person may let them."""
    able = about.case is not None and access.may(actor, "mediator.appoint", about.post)
    return users.holders(db, "cultural_mediator", about.post) if able else []


def set_(db: Session, actor: Actor, about: Subject, typed: Submitted, *, translate: Translate = str) -> Appointment:
    """Fix an appointment and tell the colleague who goes. A clash is told first, and fixed all the same if asked."""
    facts = _facts(typed)
    able = {user.id for user in colleagues(db, about)}
    mediating = {user.id for user in mediators(db, actor, about)}
    if facts["goes"] and facts["goes"] not in able:
        raise InvalidForm({"goes": [N_("Può andarci solo chi vede il caso.")]})
    if facts["mediator"] and facts["mediator"] not in mediating:
        raise InvalidForm({"mediator": [N_("Scegli una voce dell'elenco.")]})
    _warn(db, facts, typed, translate)
    made = appointments.set_(
        db, about.post, facts, case=about.case.code if about.case else None,
        contact=about.contact.code if about.contact else None, by=actor.user_id,
    )  # fmt: skip
    drafts.remove(db, place_of(about), actor.user_id)
    _tell(db, made, by=actor.user_id)
    return made


def move(
    db: Session, actor: Actor, appointment_id: str, typed: Submitted, *, translate: Translate = str
) -> Appointment:
    """The same at another hour, with a reason."""
    found, _ = subject_of(db, actor, appointment_id)
    at = fields.moment(typed.get("from_at") or "")
    if at is None:
        raise InvalidForm({"from_at": [N_("Scrivi una data e un'ora.")]})
    facts = {"goes": found.goes, "mediator": found.mediator, "from_at": at, "minutes": found.minutes}
    _warn(db, facts, typed, translate, but=found.id)
    knew = engagements.readers(db, found)
    made = appointments.move(db, appointment_id, at, typed.get("reason") or "", by=actor.user_id)
    _tell(db, made, by=actor.user_id, besides=knew)
    return made


def confirm(db: Session, actor: Actor, appointment_id: str) -> Appointment:
    """It has been confirmed."""
    subject_of(db, actor, appointment_id)
    return appointments.confirm(db, appointment_id, by=actor.user_id)


def settle(db: Session, actor: Actor, appointment_id: str, typed: Submitted) -> Appointment:
    """What became of it; who was to go is told when it is called off."""
    subject_of(db, actor, appointment_id)
    status, reason = typed.get("status") or "", typed.get("reason") or None
    found = appointments.settle(db, appointment_id, status, reason, by=actor.user_id)
    if found.status == "annullato":
        _tell(db, found, by=actor.user_id)
    return found


def call_off(db: Session, case: str, *, by: str) -> None:
    """The case ends or goes to another post: what was fixed is called off, and who was to go is told."""
    for found in appointments.drop_all(db, case, by=by):
        _tell(db, found, by=by)


def mine(db: Session, actor: Actor, first: date, days: int) -> list[Entry]:
    """Where this person goes on these days, also in the place of who is away then, and what is left to her of who is
    gone; hours alone of what she may not see."""
    perhaps = or_(goes_to(actor.user_id), engagements.of_the_absent(first, days))
    found = _rows(db, actor, _standing(first, days, perhaps))
    return _entries([row for row in found if engagements.concerns(db, row[0], actor.user_id)][:MOST])


def today(db: Session, actor: Actor) -> list[Entry]:
    """Where this person still has to go today."""
    if not access.may(actor, "agenda.use"):
        return []
    found = mine(db, actor, clock.today(), 1)
    return [entry for entry in found if entry.appointment is None or entry.appointment.is_open]


def of_posts(db: Session, actor: Actor, first: date, days: int) -> list[Entry]:
    """What stands in the agenda of this person's posts on these days, as far as she may see it."""
    query = _standing(first, days, Appointment.post.in_(own_posts(actor)), visible(actor))
    return _entries(_rows(db, actor, query.limit(MOST)))


def hours(db: Session, user_id: str, until: date) -> list[Appointment]:
    """The appointments to come of one user, for a calendar program: it gets hours and not a word."""
    query = _standing(clock.today(), (until - clock.today()).days + 1, goes_to(user_id))
    return list(db.scalars(query.limit(MOST)))


def typed_of(submitted: Submitted) -> dict[str, str | list[str]]:
    """What was typed, as a draft keeps it."""
    return {name: (submitted.get(name) or "").strip() for name in FIELDS}


def place_of(about: Subject) -> str:
    """Where the draft of a new appointment lies."""
    return f"appointment:{about.code}"


def _facts(typed: Submitted) -> dict[str, Any]:
    words = {name: (typed.get(name) or "").strip() for name in FIELDS}
    minutes = words["minutes"]
    return words | {
        "from_at": fields.moment(words["from_at"]),
        "minutes": int(minutes) if minutes.isdecimal() and len(minutes) < 5 else None,
        "mediation": words["mediation"] == "true",
    }


def _warn(db: Session, facts: dict[str, Any], typed: Submitted, translate: Translate, but: str = "") -> None:
    """Say who has something else then, or is away, unless it was said and is wanted all the same."""
    at, minutes = facts.get("from_at"), facts.get("minutes")
    if typed.get("anyway") == "true" or at is None or not minutes:
        return
    said = []
    for user_id in filter(None, (facts.get("goes"), facts.get("mediator"))):
        user = users.by_id(db, user_id)
        who = user.name if user else "?"
        for clash in appointments.clashes(db, user_id, at, minutes, but=but):
            said.append(translate(BUSY) % {"who": who, "when": f"{clash.from_at.astimezone(clock.ROME):%H:%M}"})
        if users.deputy_of(db, user_id, at.astimezone(clock.ROME).date()) is not None:
            said.append(translate(AWAY) % {"who": who})
    if said:
        raise InvalidForm({"anyway": said})


def _standing(first: date, days: int, *where: ColumnElement[bool]) -> Select[Appointment]:
    status = Appointment.status.in_((*appointments.OPEN, "svolto", "non_venuta"))
    query = select(Appointment).where(appointments.within(first, days), status, *where)
    return query.order_by(Appointment.from_at, Appointment.id)


def _rows(db: Session, actor: Actor, query: Select[Appointment]) -> list[Row]:
    named = query.outerjoin(User, User.id == Appointment.goes)
    found = db.execute(named.add_columns(User.name, func.coalesce(visible(actor), False)))
    return [(each, name or "?", bool(seen)) for each, name, seen in found]


def _entries(found: list[Row]) -> list[Entry]:
    return [
        Entry(
            each.from_at, each.to_at, each.place, name, each if seen else None,
            any(_clash(each, other) for other, *_ in found),
        )
        for each, name, seen in found
    ]  # fmt: skip


def _clash(one: Appointment, other: Appointment) -> bool:
    same = one.goes == other.goes and one.id != other.id and one.is_open and other.is_open
    return same and one.from_at < other.to_at and other.from_at < one.to_at


def _may_see(db: Session, user: User, about: Subject) -> bool:
    actor = assignment.actor_of(db, user)
    if not access.may(actor, "agenda.use"):
        return False
    if about.case:
        return db.scalar(access.visible_cases(actor).where(Case.code == about.case.code)) is not None
    if about.contact:
        return db.scalar(access.visible_contacts(actor).where(Contact.code == about.contact.code)) is not None
    return True


def _tell(db: Session, found: Appointment, *, by: str, besides: Iterable[str] = ()) -> None:
    """Whom it concerns finds it among her notices, unless she wrote it herself."""
    for user_id in {found.goes, *engagements.readers(db, found), *besides} - {by}:
        key = f"appointment-{found.id}-{found.status}-{user_id}"
        case = found.case_code if found.mediator != user_id else None
        notices.tell(db, key, user_id, "appointment", case, by=by)
