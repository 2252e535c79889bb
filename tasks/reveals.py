"""Reveals of an address, and who learns of them: whoever may answer, whoever asked, the staff of the house."""

from sqlalchemy.orm import Session

from cases import access, casefile, reveals
from cases.access import Actor
from cases.reveals import GRANTED, Reveal
from cases.shelters import Shelter
from core import users
from notifications import notices
from tasks import assignment, reminders


def ask(db: Session, actor: Actor, code: str, why: str, words: str) -> Reveal:
    """Ask, and tell the house and the coordinators that somebody waits."""
    reveal = reveals.ask(db, actor, reveals.find_case(db, actor, code), why, words)
    house, office = _staff(db, reveal), {user.id for user in reminders.coordinators(db)}
    _tell(db, reveal, "address_asked", (house | office) - {actor.user_id}, by=actor.user_id)
    return reveal


def decide(db: Session, actor: Actor, reveal_id: str, *, yes: bool, words: str, minutes: int) -> Reveal:
    """Answer, and tell both and the house."""
    found = reveals.grant(db, actor, reveal_id, minutes) if yes else reveals.refuse(db, actor, reveal_id, words)
    kind = "address_granted" if found.status == GRANTED else "address_refused"
    _tell(db, found, kind, {found.asked_by}, by=actor.user_id)
    told = kind.replace("address_", "address_was_")
    _tell(db, found, told, (_staff(db, found) | {actor.user_id}) - {found.asked_by}, by=actor.user_id)
    return found


def _staff(db: Session, reveal: Reveal) -> set[str]:
    post = db.get_one(Shelter, reveal.shelter).post
    return {user.id for user in users.holders(db, "shelter_worker", post)}


def _tell(db: Session, reveal: Reveal, kind: str, user_ids: set[str], *, by: str) -> None:
    """Which case it is, only those learn who may see it."""
    for user_id in sorted(user_ids):
        user = users.by_id(db, user_id)
        sees = user is not None and _sees(db, assignment.actor_of(db, user), reveal)
        notices.tell(db, f"{kind}-{reveal.id}-{user_id}", user_id, kind, reveal.case_code if sees else None, by=by)


def _sees(db: Session, actor: Actor, reveal: Reveal) -> bool:
    return bool(access.ways_into(db, actor, casefile.get(db, reveal.case_code)))


def lapse(db: Session) -> int:
    """What the clock ends; how many."""
    return len(reveals.expire(db))
