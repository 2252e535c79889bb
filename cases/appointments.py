"""Appointments: on a case, on a contact's code, or of the team alone; who goes, when, and what became of it.

Where exactly is class P4: sealed with the case or contact, shown on request, and the showing is written down. Everybody
else reads "in sede" or "altrove". Who has to go always knows that there is an engagement at that hour; of which case,
only whoever may see the case.
"""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, Text, and_, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from cases import access, casefile, codes, contacts, grants, posts
from cases.access import Actor, visible_cases, visible_contacts
from cases.actions import MAY
from cases.codes.agenda import APPOINTMENT_KINDS, APPOINTMENT_PLACES, APPOINTMENT_REASONS
from core import clock, log, vault
from core.db import Base
from core.errors import N_, InvalidForm, NotYours, WrongOrder
from core.ids import new_id

OPEN = ("fissato", "confermato")
ENDS = ("svolto", "non_venuta", "annullato")
PLACE = "P4"
LONGEST = 12 * 60
LONGEST_PLACE = 500
AHEAD = timedelta(days=730)
MISSED_TWICE = 2


class Appointment(Base):
    """One engagement. `goes` and `mediator` are user ids, `moved_to` is the one that took its place."""

    __tablename__ = "appointment"
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    case_code: Mapped[str | None] = mapped_column(ForeignKey("case_file.code"), index=True)
    contact_code: Mapped[str | None] = mapped_column(ForeignKey("contact.code"), index=True)
    post: Mapped[str] = mapped_column(ForeignKey("post.code"), index=True)
    kind: Mapped[str] = mapped_column(Text)
    from_at: Mapped[datetime] = mapped_column(index=True)
    minutes: Mapped[int]
    place: Mapped[str] = mapped_column(Text)
    place_sealed: Mapped[bytes | None]
    goes: Mapped[str] = mapped_column(Text, index=True)
    mediation: Mapped[bool]
    mediator: Mapped[str | None] = mapped_column(Text, index=True)
    grant_id: Mapped[str | None] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    reason: Mapped[str | None] = mapped_column(Text)
    moved_to: Mapped[str | None] = mapped_column(Text)
    set_by: Mapped[str] = mapped_column(Text)
    set_at: Mapped[datetime | None]  # null of those that are older than this column
    version: Mapped[int] = mapped_column()
    __mapper_args__ = {"version_id_col": version}

    @property
    def to_at(self) -> datetime:
        """When it ends."""
        return self.from_at + timedelta(minutes=self.minutes)

    @property
    def is_open(self) -> bool:
        """It still has to take place."""
        return self.status in OPEN

    @property
    def subject(self) -> str | None:
        """The code of the case or contact it is about."""
        return self.case_code or self.contact_code

    @property
    def scope(self) -> str:
        """The vault scope and the log stream of what it is about."""
        if self.case_code:
            return casefile.scope_of(self.case_code)
        return contacts.scope_of(self.contact_code) if self.contact_code else f"user:{self.set_by}"


def set_(
    db: Session, post: str, facts: Mapping[str, Any], *, case: str | None = None, contact: str | None = None, by: str
) -> Appointment:
    """Fix an appointment. `facts`: kind, from_at, minutes, place, exact_place, goes, mediation, mediator.

    A mediator who is named may see the case during the appointment, and at no other hour. Raises InvalidForm.
    """
    posts.get_valid(db, post)
    made = Appointment(id=new_id(), case_code=case, contact_code=contact, post=post, status="fissato")
    made.set_by, made.set_at = by, clock.now()
    exact = (facts.get("exact_place") or "").strip()
    _set(made, facts, exact)
    made.place_sealed = vault.seal(db, made.scope, _field(made.id), exact) if exact else None
    if made.mediator and case:
        made.grant_id = grants.appoint(db, case, made.mediator, made.from_at, made.to_at, by=by).id
    db.add(made)
    db.flush()
    _say(db, "appointment.set", made, by=by)
    return made


def confirm(db: Session, appointment_id: str, *, by: str) -> Appointment:
    """The person, or the office, has said yes."""
    found = _lock_open(db, appointment_id)
    if found.status != "confermato":
        found.status = "confermato"
        _say(db, "appointment.settled", found, by=by)
    return found


def settle(db: Session, appointment_id: str, status: str, reason: str | None, *, by: str) -> Appointment:
    """What became of it: held, she did not come, or called off (which wants a reason)."""
    found = _lock_open(db, appointment_id)
    if status not in ENDS:
        raise InvalidForm({"status": [N_("Scegli una voce dell'elenco.")]})
    if status != "annullato" and found.from_at > clock.now():
        raise WrongOrder(N_("L'ora dell'appuntamento non è ancora arrivata."))
    found.reason = _reason(reason) if status == "annullato" or reason else None
    found.status = status
    if status == "annullato":
        _shut(db, found, by=by)
    _say(db, "appointment.settled", found, by=by)
    return found


def move(db: Session, appointment_id: str, from_at: datetime, reason: str, *, by: str) -> Appointment:
    """The same at another hour: the old one stays written, as moved and why; returns the new one."""
    old = _lock_open(db, appointment_id)
    old.reason = _reason(reason)
    exact = vault.open_(db, old.scope, _field(old.id), old.place_sealed) if old.place_sealed else ""
    facts = {name: getattr(old, name) for name in ("kind", "minutes", "place", "goes", "mediation", "mediator")}
    facts |= {"from_at": from_at, "exact_place": exact}
    _shut(db, old, by=by)
    new = set_(db, old.post, facts, case=old.case_code, contact=old.contact_code, by=by)
    old.status, old.moved_to = "spostato", new.id
    _say(db, "appointment.settled", old, by=by)
    return new


def drop_all(db: Session, case: str, *, by: str) -> list[Appointment]:
    """The case ends, or is no longer this post's: what was fixed is called off; returns it."""
    query = select(Appointment).where(Appointment.case_code == case, Appointment.status.in_(OPEN))
    dropped = list(db.scalars(query.order_by(Appointment.from_at, Appointment.id)))
    for found in dropped:
        found.status = "annullato"
        _shut(db, found, by=by)
        _say(db, "appointment.settled", found, by=by)
    return dropped


def visible(actor: Actor) -> ColumnElement[bool]:
    """The where-clause of the appointments whose subject the actor may see; those of the team alone, in its posts."""
    without = and_(Appointment.case_code.is_(None), Appointment.contact_code.is_(None))
    mine = actor.posts(*MAY["agenda.use"])
    return or_(
        Appointment.case_code.in_(visible_cases(actor)),
        and_(Appointment.case_code.is_(None), Appointment.contact_code.in_(visible_contacts(actor))),
        and_(without, Appointment.post.in_(mine)),
    )


def within(first: date, days: int) -> ColumnElement[bool]:
    """The where-clause of the appointments that begin on these days, as Rome counts them."""
    start, end = (datetime.combine(first + timedelta(days=more), time(), clock.ROME) for more in (0, days))
    return and_(Appointment.from_at >= start, Appointment.from_at < end)


def goes_to(user_id: str) -> ColumnElement[bool]:
    """The where-clause of the appointments to which this person goes."""
    return or_(Appointment.goes == user_id, Appointment.mediator == user_id)


def get(db: Session, actor: Actor, appointment_id: str) -> Appointment:
    """The appointment, if the actor may see what it is about; else it does not exist."""
    found = db.scalar(select(Appointment).where(Appointment.id == appointment_id, visible(actor)))
    if found is None:
        raise NotYours
    return found


def read_place(db: Session, actor: Actor, found: Appointment) -> str:
    """Where exactly, for who may read class P4 of its case or has its contact in hand; the reading is written down."""
    if found.case_code:
        case = access.get_case(db, actor, found.case_code)
        access.reveal(db, actor, case, PLACE, what="appointment")
    elif found.contact_code:
        contact = access.get_contact(db, actor, found.contact_code)
        access.require_class(access.contact_classes(actor, contact), PLACE)
        log.append(db, "contact.viewed", found.scope, by=actor.user_id, fields=["appointment"])
    return vault.open_(db, found.scope, _field(found.id), found.place_sealed) if found.place_sealed else ""


def bring(db: Session, contact: str, case: str, *, by: str) -> None:
    """The contact has become a case: its appointments are the case's, and where they are is sealed with it."""
    for found in db.scalars(select(Appointment).where(Appointment.contact_code == contact)):
        exact = vault.open_(db, found.scope, _field(found.id), found.place_sealed) if found.place_sealed else None
        found.case_code, found.contact_code = case, None
        found.place_sealed = vault.seal(db, found.scope, _field(found.id), exact) if exact else None
        _say(db, "appointment.set", found, by=by)


def of_subject(db: Session, code: str, *, limit: int = 30) -> list[Appointment]:
    """The appointments of a case or contact whose page is open: those to come first, then the last ones."""
    about = or_(Appointment.case_code == code, Appointment.contact_code == code)
    found = list(db.scalars(select(Appointment).where(about).order_by(Appointment.from_at.desc()).limit(limit)))
    to_come = [each for each in found if each.is_open]
    return to_come[::-1] + [each for each in found if not each.is_open]


def clashes(db: Session, user_id: str, from_at: datetime, minutes: int, *, but: str = "") -> list[Appointment]:
    """What else this colleague has at that time."""
    to_at = from_at + timedelta(minutes=minutes)
    near = Appointment.from_at > from_at - timedelta(minutes=LONGEST), Appointment.from_at < to_at
    query = select(Appointment).where(goes_to(user_id), Appointment.status.in_(OPEN), Appointment.id != but, *near)
    return [each for each in db.scalars(query.order_by(Appointment.from_at)) if each.to_at > from_at]


def missed_twice(db: Session, case: str) -> bool:
    """Did she miss the last two appointments that were not called off?"""
    query = select(Appointment.status).where(Appointment.case_code == case)
    query = query.where(Appointment.status.in_(("svolto", "non_venuta"))).order_by(Appointment.from_at.desc())
    last = list(db.scalars(query.limit(MISSED_TWICE)))
    return last == ["non_venuta"] * MISSED_TWICE


def _set(made: Appointment, facts: Mapping[str, Any], exact: str) -> None:
    wrong: dict[str, list[str]] = {}
    for name, codelist in (("kind", APPOINTMENT_KINDS), ("place", APPOINTMENT_PLACES)):
        if facts.get(name) not in codes.codes_of(codelist):
            wrong[name] = [N_("Scegli una voce dell'elenco.")]
    now, at, minutes = clock.now(), facts.get("from_at"), facts.get("minutes")
    if at is None or not now - timedelta(minutes=5) <= at <= now + AHEAD:
        wrong["from_at"] = [N_("Scegli un giorno e un'ora da adesso a due anni.")]
    if minutes is None or not 0 < minutes <= LONGEST:
        wrong["minutes"] = [N_("Scrivi quanti minuti dura, fino a dodici ore.")]
    if not facts.get("goes"):
        wrong["goes"] = [N_("Scegli chi ci va.")]
    if len(exact) > LONGEST_PLACE or (exact and made.subject is None):
        wrong["exact_place"] = [N_("Il luogo esatto si scrive solo su un caso o un contatto, fino a 500 caratteri.")]
    if wrong:
        raise InvalidForm(wrong)
    for name in ("kind", "place", "goes", "from_at", "minutes"):
        setattr(made, name, facts[name])
    made.mediator = facts.get("mediator") or None
    made.mediation = bool(facts.get("mediation") or made.mediator)


def _reason(reason: str | None) -> str:
    return codes.check("reason", APPOINTMENT_REASONS, reason or "")


def _shut(db: Session, found: Appointment, *, by: str) -> None:
    """The door that was opened to the mediator for this hour is shut."""
    if found.grant_id:
        grants.cancel_appointment(db, found.grant_id, by=by)


def _lock_open(db: Session, appointment_id: str) -> Appointment:
    query = select(Appointment).where(Appointment.id == appointment_id).with_for_update()
    found = db.scalar(query.execution_options(populate_existing=True))
    if found is None:
        raise NotYours
    if not found.is_open:
        raise WrongOrder(N_("Di questo appuntamento è già scritto com'è andata."))
    return found


def _field(appointment_id: str) -> str:
    return f"appointment.{appointment_id}"


def _say(db: Session, verb: str, found: Appointment, *, by: str) -> None:
    log.append(
        db, verb, found.scope, by=by, case=found.case_code, appointment=found.id, kind=found.kind, on=found.from_at,
        status=found.status, goes=found.goes, why=found.reason,
    )  # fmt: skip
