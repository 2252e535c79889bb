"""Searches and their limits: who is told when a hidden case was met, or when somebody looks at very much."""

from collections.abc import Mapping

from sqlalchemy.orm import Session

from cases import access, casefile, search
from cases.access import Actor
from cases.search import Answer
from core import clock, log, users
from core.errors import TooMany
from notifications import notices
from tasks import reminders, subjects

# What the notes of a contact are called in a search.
NOTES = {"caller_number": "phone", "code_word": "code_word"}


def ask(db: Session, actor: Actor, purpose: str, typed: Mapping[str, str]) -> Answer:
    """Search; of a hidden case that a stranger has met, its people are told, once a day and stranger."""
    answer = search.ask(db, actor, purpose, typed)
    for code in answer.hidden:
        case = casefile.get(db, code)
        if case.masked:
            key = f"found-{code}-{actor.user_id}-{clock.today()}"
            _tell_its_people(db, case.code, case.post, key, by=actor.user_id)
    return answer


def of_contact(db: Session, actor: Actor, code: str) -> dict[str, str]:
    """What a contact has said that can be searched by, as far as the actor may read it; the reading is written down."""
    notes = access.read_contact(db, actor, access.get_contact(db, actor, code))
    return {field: notes[note] for note, field in NOTES.items() if note in notes}


def report(db: Session, actor: Actor, problem: TooMany) -> None:
    """Write down that a limit was met and tell the coordinators, once an hour; called after the refusal's rollback."""
    hour = clock.now().strftime("%Y%m%d%H")
    log.append(db, "access.limited", f"user:{actor.user_id}", by=actor.user_id, kind=problem.kind)
    for user in reminders.coordinators(db):
        notices.tell(db, f"limit-{problem.kind}-{actor.user_id}-{hour}-{user.id}", user.id, "limit", by=actor.user_id)


def _tell_its_people(db: Session, code: str, post: str, key: str, *, by: str) -> None:
    people = {user.id for user in (*subjects.people_of(db, code), *users.holders(db, "supervisor", post))}
    for user_id in sorted(people):
        notices.tell(db, f"{key}-{user_id}", user_id, "found", code, by=by)
