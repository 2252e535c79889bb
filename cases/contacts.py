"""Contacts: calls to the helpline, encounters in the street, at a desk, online. They may stay anonymous for ever.

A contact has no name. A person met again is known by an anonymous code: that of the first encounter, written on the
card she was given. What was said is sealed under the contact's own key; what is unknown is null, never a default.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Text, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from cases import codes, findable, posts, sheets, victims
from cases.casefile import Case
from cases.contact_facts import check_facts, check_notes
from core import clock, log, vault
from core.db import Base
from core.errors import N_, AlreadyDone, InvalidForm, NotYours, WrongOrder
from core.ids import new_code

PREFIXES = {"call": "NV", "street": "UM", "desk": "SP", "online": "OL", "report": "SG"}
# Class of each sealed note (form F01, F02). Every text that somebody types is one of these.
NOTES = {
    "zone": "P1",
    "caller_number": "P2",
    "summary": "P3",
    "pregnancy_children": "P3",
    "safe_channel": "P4",
    "callback": "P4",
    "code_word": "P4",
}
FOUND_AGAIN = frozenset({"code_word", "caller_number"})
# Kinds in which somebody else may speak of the person.
BY_OTHERS = frozenset({"call", "report"})


class Contact(Base):
    """One encounter. `origin` is the post that recorded it, `post` the one that has it now."""

    __tablename__ = "contact"
    code: Mapped[str] = mapped_column(Text, primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    origin: Mapped[str] = mapped_column(ForeignKey("post.code"), index=True)
    post: Mapped[str] = mapped_column(ForeignKey("post.code"), index=True)
    operator: Mapped[str] = mapped_column(Text, index=True)
    at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    person_code: Mapped[str | None] = mapped_column(Text, index=True)
    linked_code: Mapped[str | None] = mapped_column(Text)
    channel: Mapped[str | None] = mapped_column(Text)
    call_class: Mapped[str | None] = mapped_column(Text)
    activator: Mapped[str | None] = mapped_column(Text)
    reason: Mapped[str | None] = mapped_column(Text)
    urgency: Mapped[str | None] = mapped_column(Text)
    danger: Mapped[bool | None]
    wants_out: Mapped[bool | None]
    can_speak: Mapped[bool | None]
    minor: Mapped[bool | None]
    province: Mapped[str | None] = mapped_column(Text)
    language: Mapped[str | None] = mapped_column(Text)
    forms_of_exploitation: Mapped[list[str]]
    details: Mapped[dict[str, Any]]
    status: Mapped[str] = mapped_column(Text, default="open")
    outcome: Mapped[str | None] = mapped_column(Text)
    routed_at: Mapped[datetime | None]
    picked_up_at: Mapped[datetime | None]
    picked_up_by: Mapped[str | None] = mapped_column(Text)
    pickup_outcome: Mapped[str | None] = mapped_column(Text)
    case_code: Mapped[str | None] = mapped_column(ForeignKey("case_file.code"), index=True)
    version: Mapped[int] = mapped_column()
    __mapper_args__ = {"version_id_col": version}

    @property
    def is_handed_over(self) -> bool:
        """The desk on the territory has it: whoever took the call reads it no more."""
        return self.picked_up_at is not None


class ContactNote(Base):
    """One sealed note of a contact; `blind` finds a code word or a number again without storing it."""

    __tablename__ = "contact_note"
    contact_code: Mapped[str] = mapped_column(ForeignKey("contact.code"), primary_key=True)
    field: Mapped[str] = mapped_column(Text, primary_key=True)
    sealed: Mapped[bytes]
    blind: Mapped[str | None] = mapped_column(Text, index=True)


def scope_of(code: str) -> str:
    """The vault scope and the log stream of a contact."""
    return f"contact:{code}"


def record(
    db: Session, kind: str, post: str, facts: Mapping[str, Any], notes: Mapping[str, str | None], *, by: str
) -> Contact:
    """Save a contact as it was typed: nothing is required but its kind, its post and when it happened.

    `facts` are columns of Contact or details of form F02 (see `contact_facts`), `notes` the fields of NOTES.
    """
    codes.check("kind", codes.CONTACT_KINDS, kind)
    posts.get_valid(db, post)
    columns, details = check_facts(facts)
    if "at" not in columns:
        raise InvalidForm({"at": [N_("Indica quando è avvenuto il contatto.")]})
    contact = Contact(code=_free_code(db, kind), kind=kind, origin=post, post=post, operator=by, details=details)
    contact.forms_of_exploitation = []
    _set(contact, columns)
    contact.person_code = _person_code(db, contact)
    db.add(contact)
    db.flush()
    _seal_notes(db, contact.code, check_notes(notes, NOTES))
    log.append(db, "contact.recorded", scope_of(contact.code), by=by, kind=kind, post=post, at=contact.at)
    return contact


def amend(db: Session, code: str, facts: Mapping[str, Any], notes: Mapping[str, str | None], *, by: str) -> Contact:
    """Add to or correct an open contact; a note given as empty is kept as it was."""
    return _amend(db, _lock_open(db, code), facts, notes, by=by)


def complete(db: Session, code: str, facts: Mapping[str, Any], notes: Mapping[str, str | None], *, by: str) -> Contact:
    """Add what there was no time for when it was recorded, also to a contact that is closed; one that has become a case
    is completed there."""
    contact = lock(db, code)
    if contact.case_code is not None:
        raise WrongOrder(N_("Da questo contatto è già nato un caso: scrivilo lì."))
    return _amend(db, contact, facts, notes, by=by)


def reopen(db: Session, code: str, *, by: str) -> Contact:
    """What was added asks for an answer: the contact is open again."""
    contact = lock(db, code)
    contact.status, contact.outcome = "open", None
    log.append(db, "contact.reopened", scope_of(code), by=by)
    return contact


def known_by(db: Session, code: str) -> Contact | None:
    """The first contact with the person who has this code on her card; None if nobody has it."""
    first = _by_any_code(db, code.strip().upper())
    return (db.get(Contact, first.person_code) or first) if first is not None and first.person_code else first


def get(db: Session, code: str) -> Contact:
    """The contact, for services and jobs; pages for people ask `access.get_contact`."""
    contact = db.get(Contact, code)
    if contact is None:
        raise NotYours
    return contact


def route(db: Session, code: str, post: str, *, by: str) -> Contact:
    """Give the contact to the post that will answer; to itself is allowed and changes nothing."""
    contact = _lock_open(db, code)
    posts.get_valid(db, post)
    if contact.post != post:
        log.append(db, "contact.routed", scope_of(code), by=by, old=contact.post, new=post)
        contact.post, contact.routed_at = post, clock.now()
    return contact


def pick_up(db: Session, code: str, outcome: str, at: datetime, *, by: str) -> Contact:
    """Record that somebody of the desk has the person in hand, when and with what outcome."""
    codes.check("pickup_outcome", codes.PICKUP_OUTCOMES, outcome)
    contact = _lock_open(db, code)
    if contact.picked_up_at is not None:
        raise AlreadyDone(who=contact.picked_up_by, when=contact.picked_up_at.astimezone(clock.ROME).strftime("%H:%M"))
    # People give hours and minutes, the contact may have been saved to the second.
    if not contact.at.replace(second=0, microsecond=0) <= at <= clock.now():
        raise InvalidForm({"pickup_at": [N_("L'ora della presa in carico sta tra il contatto e adesso.")]})
    contact.picked_up_at, contact.picked_up_by, contact.pickup_outcome = at, by, outcome
    log.append(db, "contact.picked_up", scope_of(code), by=by, outcome=outcome, at=at)
    return contact


def close(db: Session, code: str, outcome: str, *, by: str) -> Contact:
    """End a contact that becomes no case. Nobody is told, nothing is asked."""
    codes.check("outcome", codes.CONTACT_OUTCOMES, outcome)
    contact = _lock_open(db, code)
    contact.status, contact.outcome = "closed", outcome
    log.append(db, "contact.closed", scope_of(code), by=by, outcome=outcome)
    return contact


def link(db: Session, code: str, earlier: str, *, by: str) -> Contact:
    """Say that this is a person met before, by the code on her card or of that contact; no identity is involved."""
    contact, first = lock(db, code), _by_any_code(db, earlier.strip().upper())
    if first is None or first.code == code:
        raise InvalidForm({"linked_code": [N_("Nessun contatto ha questo codice.")]})
    contact.linked_code, contact.person_code = first.code, first.person_code or first.code
    first.person_code = contact.person_code
    log.append(db, "contact.linked", scope_of(code), by=by, earlier=first.code, person=contact.person_code)
    return contact


def attach_case(db: Session, code: str, case_code: str, *, by: str) -> Contact:
    """Close the contact into a case and bring what it knew into the case's own vault: nothing is typed twice."""
    contact = _lock_open(db, code)
    if contact.case_code is not None or db.get(Case, case_code) is None:
        raise WrongOrder(N_("Da questo contatto è già nato un caso."))
    contact.case_code, contact.status, contact.outcome = case_code, "closed", "presa_in_carico"
    answers: dict[str, dict[str, Any]] = {"P1": known_facts(contact)}
    for field, text in notes_of(db, contact, frozenset(NOTES.values())).items():
        answers.setdefault(NOTES[field], {})[field] = text
    sheets.file(db, case_code, "contact", answers, by=by)
    victims.know_forms(db, case_code, contact.forms_of_exploitation)
    log.append(db, "contact.became_case", scope_of(code), by=by, case=case_code)
    return contact


def known_facts(contact: Contact) -> dict[str, Any]:
    """The codes, dates and choices of a contact that are known; what is not known is absent."""
    skipped = {"case_code", "details", "status", "version", "operator"}
    columns = {column.key: getattr(contact, column.key) for column in Contact.__table__.columns}
    facts = {name: value for name, value in columns.items() if name not in skipped and value not in (None, [])}
    return {**facts, **{name: value for name, value in contact.details.items() if value not in (None, [])}}


def notes_of(db: Session, contact: Contact, classes: frozenset[str]) -> dict[str, str]:
    """The sealed notes of these classes. People go through `access.read_contact`, which checks and logs."""
    query = select(ContactNote).where(ContactNote.contact_code == contact.code).order_by(ContactNote.field)
    rows = [note for note in db.scalars(query) if NOTES[note.field] in classes]
    return {note.field: vault.open_(db, scope_of(contact.code), note.field, note.sealed) for note in rows}


def encounters(db: Session, person_code: str) -> list[Contact]:
    """Every contact with the person of this anonymous code, oldest first; show codes, kinds and dates only."""
    query = select(Contact).where(Contact.person_code == person_code.strip().upper())
    return list(db.scalars(query.order_by(Contact.at, Contact.code)))


def find(db: Session, field: str, text: str) -> list[Contact]:
    """Contacts with exactly this code word or number, found through a keyed fingerprint."""
    if field not in FOUND_AGAIN or not text.strip():
        return []
    query = select(Contact).join(ContactNote, ContactNote.contact_code == Contact.code)
    matching = ContactNote.field == field, ContactNote.blind == vault.blind(field, text)
    return list(db.scalars(query.where(*matching).order_by(Contact.at)))


def alike(db: Session, code: str) -> list[Contact]:
    """Contacts with another code that left the same word or number: perhaps the same person. Nothing is stored."""
    mine = select(ContactNote.blind).where(ContactNote.contact_code == code, ContactNote.blind.is_not(None))
    known = encounters_of(db, get(db, code))
    query = select(Contact).join(ContactNote, ContactNote.contact_code == Contact.code).distinct()
    query = query.where(ContactNote.blind.in_(mine), Contact.code.not_in([code, *(met.code for met in known)]))
    return list(db.scalars(query.order_by(Contact.at, Contact.code)))


def encounters_of(db: Session, contact: Contact) -> list[Contact]:
    """Every contact with the person of this one, itself too."""
    return encounters(db, contact.person_code) if contact.person_code else [contact]


def tally(db: Session, since: datetime, until: datetime) -> tuple[int, int]:
    """How many contacts there were from `since` on and before `until`, and with how many persons known by a code.

    Reports by others are not contacts with a person; they are counted apart.
    """
    query = select(func.count(Contact.code), func.count(Contact.person_code.distinct()))
    met, persons = db.execute(query.where(Contact.kind != "report", Contact.at >= since, Contact.at < until)).one()
    return met, persons


def make_findable(db: Session, code: str) -> None:
    """Let the contact be found by its code word and its number, as they are known now (`cases/search.py`)."""
    query = select(ContactNote).where(ContactNote.contact_code == code, ContactNote.field.in_(FOUND_AGAIN))
    values = {note.field: vault.open_(db, scope_of(code), note.field, note.sealed) for note in db.scalars(query)}
    findable.write(db, scope_of(code), "notes", values)


def forget(db: Session, case_code: str, cls: str) -> None:
    """What was noted in one class goes from the contacts that a case came from, and they are found by it no more."""
    fields = sorted(field for field, its in NOTES.items() if its == cls)
    for code in db.scalars(select(Contact.code).where(Contact.case_code == case_code)).all():
        db.execute(delete(ContactNote).where(ContactNote.contact_code == code, ContactNote.field.in_(fields)))
        if not vault.is_destroyed(db, scope_of(code)):
            make_findable(db, code)


def _amend(
    db: Session, contact: Contact, facts: Mapping[str, Any], notes: Mapping[str, str | None], *, by: str
) -> Contact:
    columns, details = check_facts(facts)
    _set(contact, columns)
    contact.details = {**contact.details, **details}
    contact.person_code = contact.person_code or _person_code(db, contact)
    db.flush()
    kept = check_notes(notes, NOTES)
    _seal_notes(db, contact.code, kept)
    log.append(db, "contact.amended", scope_of(contact.code), by=by, fields=sorted({*columns, *details, *kept}))
    return contact


def _set(contact: Contact, columns: Mapping[str, Any]) -> None:
    for name, value in columns.items():
        setattr(contact, name, value)
    if contact.ended_at is not None and contact.ended_at < contact.at:
        raise InvalidForm({"ended_at": [N_("La fine viene prima dell'inizio.")]})


def _person_code(db: Session, contact: Contact) -> str | None:
    """The code on the card. Only who is met in person, or calls for herself, gets one of her own."""
    given = contact.person_code or contact.linked_code
    if given is not None:
        first = _by_any_code(db, given)
        if first is None:
            raise InvalidForm({"person_code": [N_("Nessun contatto ha questo codice.")]})
        return first.person_code or first.code
    speaks_herself = contact.kind not in BY_OTHERS or contact.activator == "vittima"
    return contact.code if speaks_herself else None


def _by_any_code(db: Session, code: str) -> Contact | None:
    same_person = select(Contact).where(Contact.person_code == code).order_by(Contact.at).limit(1)
    return db.get(Contact, code) or db.scalar(same_person)


def _seal_notes(db: Session, code: str, notes: Mapping[str, str]) -> None:
    for field, text in notes.items():
        note = db.get(ContactNote, (code, field)) or ContactNote(contact_code=code, field=field)
        note.sealed = vault.seal(db, scope_of(code), field, text)
        note.blind = vault.blind(field, text) if field in FOUND_AGAIN else None
        db.add(note)
    db.flush()
    if FOUND_AGAIN & set(notes):
        make_findable(db, code)


def lock(db: Session, code: str) -> Contact:
    """The contact as it is now, held until this transaction ends."""
    query = select(Contact).where(Contact.code == code).with_for_update()
    contact = db.scalar(query.execution_options(populate_existing=True))
    if contact is None:
        raise NotYours
    return contact


def _lock_open(db: Session, code: str) -> Contact:
    contact = lock(db, code)
    if contact.status != "open":
        raise WrongOrder(N_("Il contatto è chiuso."))
    return contact


def _free_code(db: Session, kind: str) -> str:
    while True:
        code = new_code(PREFIXES[kind])
        if db.get(Contact, code) is None:
            return code
