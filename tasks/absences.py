"""Who is away and who stands in: written by oneself, or by the supervision of the post for a colleague.

The tasks of who is away are in the deputy's inbox (tasks/assignment.py); what the deputy may not do is in the
supervision's.
"""

from datetime import date, timedelta

from sqlalchemy.orm import Session

from cases import access
from cases.access import Actor
from core import clock, users
from core.errors import N_, InvalidForm, NotYours
from core.ids import new_id
from core.users import Absence, User
from notifications import notices

LONGEST = timedelta(days=366)


def people(db: Session, actor: Actor) -> list[User]:
    """Whose absences the actor may write down: the actor's own first, then those of the posts under supervision."""
    access.require(actor, "task.list")
    watched = [post for _, post in actor.roles if post is not None and access.may(actor, "task.assign", post)]
    others = [user for user in users.members(db, watched) if user.id != actor.user_id]
    return [_user(db, actor.user_id), *others]


def deputies(db: Session, actor: Actor) -> list[User]:
    """Who works in the posts of those people, and might stand in."""
    access.require(actor, "task.list")
    return users.members(db, [post for _, post in actor.roles if post is not None])


def current(db: Session, actor: Actor) -> list[Absence]:
    """The absences that the actor has to do with and that are not over."""
    return users.absences(db, [user.id for user in people(db, actor)])


def record(db: Session, actor: Actor, user_id: str, deputy_id: str, days: tuple[date, date]) -> Absence:
    """Write an absence down; the deputy is told, and who is away if somebody else wrote it."""
    user = next((user for user in people(db, actor) if user.id == user_id), None)
    if user is None:
        raise NotYours
    posts = [post for _, post in users.roles_of(db, user) if post is not None]
    deputy = next((found for found in users.members(db, posts) if found.id == deputy_id), None)
    if deputy is None:
        raise InvalidForm({"deputy": [N_("Scegli una persona che lavora nella stessa postazione.")]})
    if days[1] < clock.today() or days[1] - days[0] > LONGEST:
        raise InvalidForm({"to_on": [N_("Scegli un ultimo giorno da oggi in poi, al massimo un anno dopo il primo.")]})
    absence = users.add_absence(db, user, deputy, *days, by=actor.user_id)
    return _tell(db, absence, by=actor.user_id)


def end(db: Session, actor: Actor, absence_id: str) -> Absence:
    """Back at work: from today on nobody stands in."""
    absence = db.get(Absence, absence_id)
    if absence is None or absence.user_id not in {user.id for user in people(db, actor)}:
        raise NotYours
    users.end_absence(db, absence, by=actor.user_id)
    return _tell(db, absence, by=actor.user_id)


def _tell(db: Session, absence: Absence, *, by: str) -> Absence:
    for concerned in sorted({absence.user_id, absence.deputy_id} - {by}):
        notices.tell(db, f"absence-{absence.id}-{new_id()}", concerned, "absence", by=by)
    return absence


def _user(db: Session, user_id: str) -> User:
    user = users.by_id(db, user_id)
    if user is None:
        raise NotYours
    return user
