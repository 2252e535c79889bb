"""Who is on call now: whose a contact is when it reaches a post, and who is told when nobody is there."""

from datetime import datetime

from sqlalchemy.orm import Session

from cases import access, contacts, rota
from cases.actions import CENTRAL
from cases.rota import OnCall
from core import clock, log, users
from core.users import User
from tasks import assignment, news

# In office hours and surely without danger the whole desk answers its telephone; see `workflows/dmn/routing.dmn`.
DESK = "telefono"
FACT = "on_call"  # the fact of the pathway that holds whose the task of the desk is
KEEPERS = ("coordinator", "supervisor", "nv_supervisor")


def answering(db: Session, post: str, at: datetime) -> list[OnCall]:
    """The shifts at an instant of those who may answer people for the post, the longest to go first."""
    return [shift for shift in rota.on_call(db, post, at) if _may_answer(db, shift)]


def now(db: Session, post: str) -> list[OnCall]:
    """The shifts that go on now, of whoever is on call for the post."""
    return rota.on_call(db, post, clock.now())


def land(db: Session, contact_code: str, post: str, channel: str, *, by: str) -> str | None:
    """Whose a contact is from now on: the colleague on call, who is told; None leaves it to the desk. When nobody is on
    call who should be, the keepers of the rota are told."""
    if channel == DESK:
        return None
    shifts = answering(db, post, clock.now())
    scope = contacts.scope_of(contact_code)
    if not shifts:
        log.append(db, "contact.unattended", scope, by=by, post=post)
        for user in keepers(db, post):
            key = f"unattended-{contact_code}-{post}-{user.id}"
            news.tell(db, key, user.id, "nobody_on_call", letter=news.NEWS, urgent=True, by=by)
        return None
    chosen = shifts[0].user_id
    log.append(db, "contact.landed", scope, by=by, post=post, user=chosen)
    if chosen != by:
        key = f"landed-{contact_code}-{shifts[0].id}"
        news.tell(db, key, chosen, "call_landed", letter=news.NEWS, urgent=True, by=by)
    return chosen


def keepers(db: Session, post: str) -> list[User]:
    """Who looks after the rota and the agreements of a post: its coordinators and supervision, those of the office."""
    found = [user for role in KEEPERS for user in users.holders(db, role, post)]
    return list(dict.fromkeys([*found, *users.holders(db, "coordinator")]))


def _may_answer(db: Session, shift: OnCall) -> bool:
    """Somebody of the desk or of the team; at the central desk its operators too."""
    user = users.by_id(db, shift.user_id)
    if user is None:
        return False
    actor = assignment.actor_of(db, user)
    return access.may(actor, "contact.pick_up", shift.post) or bool(actor.posts(*CENTRAL) & {shift.post})
