"""Who may see and do what: the actions of `cases/actions.py`, one where-clause per noun, one list of classes per role.

Everything not written there is refused. A case that is not yours and a case that does not exist give the same answer.
What a role may read of a case it reaches follows the field classes: P0 public, P1 operational, P2 identity, P3 special
categories (art. 9 GDPR), P4 safety, P5 judicial (art. 10 GDPR). Addresses of houses are outside all of them: see
`cases/shelters.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, false, literal, or_, select, true
from sqlalchemy.orm import Session

from cases import casefile, consented, contacts, sheets
from cases.actions import ASSIGNABLE, CENTRAL, MAY, OFFICE, RECEIVING, TEAM, TERRITORY
from cases.casefile import Case, CaseWorker
from cases.contacts import Contact
from cases.grants import Grant, current, is_current
from cases.sheets import Sheet
from cases.transfers import OPEN, PURPOSE, Asked, Transfer
from cases.travel import PlanReader
from core import log
from core.db import NOW, TODAY
from core.errors import NotYours
from core.users import Membership

ACTORS = 1024  # how many people's clauses are kept: building them takes longer than asking the database

# Which classes of a case each way of reaching it opens. The judicial class is for the legal officer and the supervisor.
READS: dict[str, frozenset[str]] = {
    "case_manager": frozenset({"P0", "P1", "P2", "P3", "P4"}),
    "legal_officer": frozenset(sheets.CLASSES),
    "supervisor": frozenset(sheets.CLASSES),
    "local_desk": frozenset({"P0", "P1", "P2", "P3", "P4"}),
    "shelter_worker": frozenset({"P0", "P1", "P2", "P3", "P4"}),
    "cultural_mediator": frozenset({"P0", "P1", "P2"}),
    "glass": frozenset({"P0", "P1", "P2", "P3", "P4"}),
    "receiver": frozenset({"P0", "P1", "P2"}),  # both keys turned, not arrived: no story, no health, no route, no house
}
CONTACT_READS = frozenset({"P0", "P1", "P2", "P3", "P4"})
BARE = frozenset({"P0", "P1"})


@dataclass(frozen=True)
class Actor:
    """Who asks: an account and its roles, each in one post or (post None) in the whole office."""

    user_id: str
    name: str
    language: str
    roles: frozenset[tuple[str, str | None]]

    def posts(self, *roles: str) -> frozenset[str]:
        """The posts in which the actor has one of these roles."""
        return frozenset(post for role, post in self.roles if role in roles and post is not None)

    def has(self, role: str, post: str | None = None) -> bool:
        """Does the actor have this role, in this post if one is given?"""
        return any(mine == role and post in (None, where) for mine, where in self.roles)


def may(actor: Actor, action: str, post: str | None = None) -> bool:
    """Does one of the actor's roles allow the action, in this post if one is given?

    Roles of the office (coordinator, auditor, admin) need no post; casework roles without a post allow nothing.
    """
    return any(
        role in MAY[action] and (role in OFFICE or (where is not None and post in (None, where)))
        for role, where in actor.roles
    )


def require(actor: Actor, action: str, post: str | None = None) -> None:
    """Refuse like a missing record unless the actor may do this."""
    if not may(actor, action, post):
        raise NotYours


@lru_cache(ACTORS)
def visible_cases(actor: Actor) -> Select[str]:
    """The codes of the cases the actor may know to exist; use it inside the query that lists anything of a case."""
    return select(Case.code).where(or_(*_ways_to_cases(actor)))


@lru_cache(ACTORS)
def visible_contacts(actor: Actor) -> Select[str]:
    """The codes of the contacts the actor may know to exist: its desk's own, and those now in its post.

    Once a contact has become a masked case, the territory sees it only with the case.
    """
    here = Contact.post.in_(actor.posts(*TERRITORY))
    recorded_here = Contact.origin.in_(actor.posts("street_worker"))
    its_case = Case.code == Contact.case_code
    hidden = select(Case.code).where(its_case, Case.masked).correlate(Contact).exists()
    known_case = visible_cases(actor).where(its_case).correlate(Contact).exists()
    return select(Contact.code).where(
        or_(
            Contact.origin.in_(actor.posts(*CENTRAL)),
            Contact.post.in_(actor.posts(*CENTRAL)),
            and_(or_(here, recorded_here), or_(~hidden, known_case)),
        )
    )


def get_case(db: Session, actor: Actor, code: str) -> Case:
    """The case, if the actor may see it; unknown and foreign codes are refused alike, by one same query."""
    case = db.scalar(_reached(actor), {"case_code": code})
    if case is not None and ways_into(db, actor, case) == {"receiver"}:
        for transfer in db.scalars(_arriving(actor).where(Transfer.case_code == code)):
            consented.hold(db, code, PURPOSE, transfer.receiver)
        # asked again behind the lock: it may have been taken back while this one waited
        case = db.scalar(_reached(actor), {"case_code": code})
    if case is None:
        raise NotYours
    return case


@lru_cache(ACTORS)
def _reached(actor: Actor) -> Select[Case]:
    return select(Case).where(Case.code == bindparam("case_code"), Case.code.in_(visible_cases(actor)))


@lru_cache(ACTORS)
def visible_transfers(actor: Actor) -> Select[str]:
    """The codes of the transfers that the actor may know to exist: those of its cases; for the central desk those under
    way; for a project those it is asked about or chosen for; for the origin, for a while, those that have arrived."""
    asked = select(Asked.transfer_code).where(Asked.post.in_(actor.posts(*RECEIVING)))
    planned = select(PlanReader.transfer_code).where(PlanReader.user_id == actor.user_id)
    under_way = Transfer.status.in_(OPEN)
    return select(Transfer.code).where(
        or_(
            Transfer.case_code.in_(_own_cases(actor)),
            and_(under_way, true() if actor.posts(*CENTRAL) else false()),
            and_(Transfer.status == "searching", Transfer.code.in_(asked)),
            and_(under_way, Transfer.to_post.in_(actor.posts(*RECEIVING)), _consented()),
            and_(Transfer.status == "accepted", Transfer.code.in_(planned)),
            and_(_sent_it(actor), Transfer.status == "arrived", Transfer.summary_until > NOW),
        )
    )


def get_transfer(db: Session, actor: Actor, code: str) -> Transfer:
    """The transfer, if the actor may see it; unknown and foreign codes are refused alike."""
    own = Transfer.code.in_(visible_transfers(actor))
    transfer = db.scalar(select(Transfer).where(Transfer.code == code, own))
    if transfer is None:
        raise NotYours
    return transfer


def list_transfers(db: Session, actor: Actor, *, limit: int = 200) -> list[Transfer]:
    """The transfers that the actor may know to exist, those under way first, the youngest first."""
    query = select(Transfer).where(Transfer.code.in_(visible_transfers(actor)))
    return list(db.scalars(query.order_by(Transfer.ended_at.is_not(None), Transfer.requested_at.desc()).limit(limit)))


def owns_case_of(db: Session, actor: Actor, transfer: Transfer) -> bool:
    """Does the actor reach the case of this transfer otherwise than by the transfer itself?"""
    return db.scalar(_own_cases(actor).where(Case.code == transfer.case_code)) is not None


def get_contact(db: Session, actor: Actor, code: str) -> Contact:
    """The contact, if the actor may see it; unknown and foreign codes are refused alike."""
    contact = db.scalar(select(Contact).where(Contact.code == code, Contact.code.in_(visible_contacts(actor))))
    if contact is None:
        raise NotYours
    return contact


def list_cases(db: Session, actor: Actor, *, status: str = "", start: int = 0, limit: int = 100) -> list[Case]:
    """The cases the actor may know to exist, the youngest first; of one status if it is given."""
    query = select(Case).where(Case.code.in_(visible_cases(actor)), true() if not status else Case.status == status)
    return list(db.scalars(query.order_by(Case.opened_at.desc(), Case.code).offset(start).limit(limit)))


def list_contacts(db: Session, actor: Actor, *, status: str = "", start: int = 0, limit: int = 100) -> list[Contact]:
    """The contacts the actor may know to exist, the youngest first; of one status if it is given."""
    known = Contact.code.in_(visible_contacts(actor))
    query = select(Contact).where(known, true() if not status else Contact.status == status)
    return list(db.scalars(query.order_by(Contact.at.desc(), Contact.code).offset(start).limit(limit)))


def ways_into(db: Session, actor: Actor, case: Case) -> frozenset[str]:
    """The roles by which the actor reaches this case now; empty when it does not."""
    named = db.get(CaseWorker, (case.code, actor.user_id)) is not None
    by_post = {role for role in ASSIGNABLE if actor.has(role, case.post) and _sees(role, case, named=named)}
    granted = {_way(actor, grant) for grant in current(db, case.code)} - {""}
    coming = {"receiver"} if db.scalar(_coming(actor), {"case_code": case.code}) else set()
    return frozenset(by_post | granted | coming)


def classes(db: Session, actor: Actor, case: Case) -> frozenset[str]:
    """The field classes of this case that the actor may read now."""
    return frozenset[str]().union(*(READS[way] for way in ways_into(db, actor, case)))


def readers(db: Session, case: Case, cls: str) -> frozenset[str]:
    """The user ids of those who reach this case by their work at its post and may read this class of it."""
    named = set(db.scalars(select(CaseWorker.user_id).where(CaseWorker.case_code == case.code)))
    query = select(Membership.user_id, Membership.role)
    members = db.execute(query.where(Membership.post == case.post, Membership.role.in_(ASSIGNABLE)))
    return frozenset(who for who, role in members if cls in READS[role] and _sees(role, case, named=who in named))


def may_read(db: Session, actor: Actor, case: Case, cls: str) -> bool:
    """May the actor read this class of this case now?"""
    return cls in classes(db, actor, case)


def require_class(allowed: frozenset[str], *wanted: str) -> None:
    """Refuse like a missing record unless at least one of these classes is among the allowed ones."""
    if not allowed & set(wanted):
        raise NotYours


def case_of(db: Session, actor: Actor, contact: Contact) -> str | None:
    """The code of the case that a contact became, for who may know that case; None to everybody else."""
    return db.scalar(visible_cases(actor).where(Case.code == contact.case_code)) if contact.case_code else None


def contact_classes(actor: Actor, contact: Contact) -> frozenset[str]:
    """The field classes of a contact: all but the judicial for who has it in hand, only codes and dates for the rest.

    Who took the call reads it until the territory has picked it up; the territory until it has become a case, whose
    own rules hold from then on.
    """
    own_call = contact.operator == actor.user_id and actor.has("nv_operator", contact.origin)
    central = own_call or actor.has("nv_supervisor", contact.origin)
    local = bool(actor.posts(*TERRITORY) & {contact.post}) or actor.has("street_worker", contact.origin)
    in_hand = (central and not contact.is_handed_over) or (local and contact.case_code is None)
    return CONTACT_READS if in_hand else BARE


def viewed(db: Session, case: Case, cls: str, *, what: str, by: str) -> Case:
    """Write down that protected data of a case (class P2 to P5) were read."""
    log.append(db, "case.viewed", f"case:{case.code}", by=by, case=case.code, cls=cls, what=what)
    return case


def reveal(db: Session, actor: Actor, case: Case, cls: str, *, what: str) -> None:
    """Let the actor read this class, and write it down; refuse like a missing record."""
    if not may_read(db, actor, case, cls):
        raise NotYours
    viewed(db, case, cls, what=what, by=actor.user_id)


def read_contact(db: Session, actor: Actor, contact: Contact) -> dict[str, str]:
    """The sealed notes of a contact that the actor may read, each reading written down."""
    get_contact(db, actor, contact.code)
    allowed = contact_classes(actor, contact)
    notes = contacts.notes_of(db, contact, allowed)
    if notes:
        scope = contacts.scope_of(contact.code)
        log.append(db, "contact.viewed", scope, by=actor.user_id, case=contact.case_code, fields=sorted(notes))
    return notes


def read_sheets(
    db: Session, actor: Actor, subject: Case | Contact, filed: Sequence[Sheet]
) -> dict[str, dict[str, dict[str, Any]]]:
    """The sealed answers of these sheets of one case or contact, by sheet id and class, as far as the actor may read
    them; one log line for the whole reading."""
    scope = casefile.scope_of(subject.code) if isinstance(subject, Case) else contacts.scope_of(subject.code)
    if any(sheet.scope != scope for sheet in filed):
        raise NotYours
    allowed = _classes_of(db, actor, subject)
    found = sheets.unseal(db, filed, allowed)
    opened = {sheet.form: sorted(found[sheet.id]) for sheet in filed if found[sheet.id]}
    if opened:
        case_code = subject.code if isinstance(subject, Case) else subject.case_code
        log.append(db, "sheet.viewed", scope, by=actor.user_id, case=case_code, opened=opened)
    return found


def _classes_of(db: Session, actor: Actor, subject: Case | Contact) -> frozenset[str]:
    if isinstance(subject, Case):
        return classes(db, actor, subject)
    return contact_classes(actor, get_contact(db, actor, subject.code))


def _ways_to_cases(actor: Actor) -> list[ColumnElement[bool]]:
    """The same doors as `ways_into`, as a where-clause; a test holds the two together."""
    coming = _arriving(actor).with_only_columns(Transfer.case_code)
    return [*_ways_of_work(actor), Case.code.in_(coming)]


@lru_cache(ACTORS)
def _own_cases(actor: Actor) -> Select[str]:
    return select(Case.code).where(or_(*_ways_of_work(actor)))


@lru_cache(ACTORS)
def _arriving(actor: Actor) -> Select[Transfer]:
    """What both posts have accepted and has not arrived, for who turned the key over there and for the supervision;
    only as long as the person consents to it."""
    there = Transfer.to_post.in_(actor.posts(*RECEIVING))
    hers = or_(Transfer.to_post.in_(actor.posts("supervisor")), Transfer.receiver_key == actor.user_id)
    return select(Transfer).where(Transfer.status == "accepted", there, hers, _consented())


@lru_cache(ACTORS)
def _coming(actor: Actor) -> Select[str]:
    """What of this arrives with one case, the statement made once."""
    one = _arriving(actor).where(Transfer.case_code == bindparam("case_code")).limit(1)
    return one.with_only_columns(Transfer.code)


@cache
def _consented() -> ColumnElement[bool]:
    return consented.holding(Transfer.case_code, PURPOSE, literal("ente:") + Transfer.to_post, TODAY)


def _sent_it(actor: Actor) -> ColumnElement[bool]:
    """The supervision of the origin, and who asked for the transfer while still working there."""
    asked_for = and_(Transfer.from_post.in_(actor.posts(*RECEIVING)), Transfer.requested_by == actor.user_id)
    return or_(Transfer.from_post.in_(actor.posts("supervisor")), asked_for)


def _ways_of_work(actor: Actor) -> list[ColumnElement[bool]]:
    named = select(CaseWorker.case_code).where(CaseWorker.user_id == actor.user_id)
    granted = select(Grant.case_code).where(is_current(), or_(false(), *_grants_for(actor)))
    return [
        and_(Case.post.in_(actor.posts(*TEAM)), ~Case.masked),
        Case.post.in_(actor.posts("supervisor")),
        and_(Case.post.in_(actor.posts(*ASSIGNABLE)), Case.code.in_(named)),
        Case.code.in_(granted),
    ]


def _grants_for(actor: Actor) -> list[ColumnElement[bool]]:
    mine = Grant.user_id == actor.user_id
    ways = [and_(Grant.kind == "stay", Grant.post.in_(actor.posts("shelter_worker")))]
    if actor.posts("cultural_mediator"):
        ways.append(and_(Grant.kind == "appointment", mine))
    if may(actor, "case.break_glass"):
        ways.append(and_(Grant.kind == "glass", mine))
    return ways


def _sees(role: str, case: Case, *, named: bool) -> bool:
    """A supervisor always; the team unless the case is masked; whoever is named always."""
    return named or role == "supervisor" or (role in TEAM and not case.masked)


def _way(actor: Actor, grant: Grant) -> str:
    mine = grant.user_id == actor.user_id
    if grant.kind == "stay" and grant.post in actor.posts("shelter_worker"):
        return "shelter_worker"
    if grant.kind == "appointment" and mine and actor.posts("cultural_mediator"):
        return "cultural_mediator"
    return "glass" if grant.kind == "glass" and mine and may(actor, "case.break_glass") else ""
