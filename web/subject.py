"""What one must know about a case or contact while working on it: risk, next dates, last events, where it stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.orm import Session

from cases import access, contacts, deadlines, transfers
from cases.access import Actor
from cases.casefile import Case
from cases.contacts import Contact
from cases.deadlines import Deadline
from cases.transfers import Transfer
from core import clock
from engine import history
from engine.history import Pathway
from tasks import assignment, timeline
from tasks.inbox import Waiting
from tasks.timeline import Event
from web.language import say

NEXT, LAST, ALL = 4, 6, 20
# What is due within so many days is always in sight.
NEAR = timedelta(days=30)


@dataclass(frozen=True)
class Subject:
    """A case, a contact that has not become one, or a transfer, as its reader may know it."""

    code: str
    case: Case | None
    contact: Contact | None
    transfer: Transfer | None
    dates: Sequence[Deadline]
    events: Sequence[Event]
    pathways: Sequence[Pathway]
    looks_back: bool = False

    @property
    def next_dates(self) -> Sequence[Deadline]:
        """The open dates that come first."""
        return [date for date in self.dates if date.status == "open"][:NEXT]

    @property
    def near_dates(self) -> Sequence[Deadline]:
        """The open dates that are late or come within the month, and in any case the first."""
        open_dates = [date for date in self.dates if date.status == "open"]
        return [date for date in open_dates if date.due_on <= clock.today() + NEAR] or open_dates[:1]

    @property
    def far_dates(self) -> Sequence[Deadline]:
        """The open dates after those."""
        return [date for date in self.dates if date.status == "open" and date not in self.near_dates]


def owner(db: Session, actor: Actor, code: str) -> Case | Contact:
    """The case or contact with this code; to whom it is not, it does not exist."""
    if code.partition("-")[0] in contacts.PREFIXES.values():
        return access.get_contact(db, actor, code)
    return access.get_case(db, actor, code)


def of(db: Session, actor: Actor, code: str, *, events: int = LAST, before: int | None = None) -> Subject:
    """Everything about the case, contact or transfer with this code; to whom it is not, it does not exist."""
    if code.startswith(f"{transfers.PREFIX}-"):
        return Subject(code, None, None, access.get_transfer(db, actor, code), [], [], [])
    found = owner(db, actor, code)
    case = found if isinstance(found, Case) else None
    return Subject(
        code=code,
        case=case,
        contact=found if isinstance(found, Contact) else None,
        transfer=None,
        dates=deadlines.of_case(db, code) if case else [],
        events=timeline.of(db, actor, code, limit=events, before=before, translate=say),
        pathways=history.pathways(db, code),
        looks_back=before is not None,
    )


def may_open(actor: Actor, waiting: Waiting) -> bool:
    """Whether the page of a task is open to this person: hers, of a group of hers, or of a post she supervises."""
    task = waiting.task
    roving = task.group in assignment.ROVING and bool(actor.posts(task.group))
    oversees = task.tenant in actor.posts(*assignment.OVERSEERS)
    candidate = waiting.assignee is None and (roving or actor.has(task.group, task.tenant))
    return waiting.mine or oversees or candidate


def notes(db: Session, actor: Actor, about: Subject) -> list[tuple[str, str]]:
    """What was said in a contact, in the order of the form, for who has it in hand; the reading is written down."""
    found = access.read_contact(db, actor, about.contact) if about.contact else {}
    return [(field, found[field]) for field in contacts.NOTES if field in found]


def earlier_contacts(db: Session, contact: Contact) -> list[Contact]:
    """Other encounters with the same person, by her anonymous code: codes, kinds and dates only."""
    found = contacts.encounters(db, contact.person_code) if contact.person_code else []
    return [met for met in found if met.code != contact.code]
