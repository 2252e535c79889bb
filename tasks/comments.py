"""Comments at the desk: written on a case or one of its tasks, with colleagues called by name."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from cases import access, comments
from cases.access import Actor
from cases.actions import ASSIGNABLE
from cases.casefile import Case
from cases.comments import Comment
from core.errors import N_, InvalidForm
from core.users import Membership, User
from notifications import notices
from tasks import assignment


def colleagues(db: Session, actor: Actor, case: Case) -> list[User]:
    """Who may be called into a comment: colleagues of the post who may read the case, but oneself; by name."""
    member = select(Membership.user_id).where(Membership.post == case.post, Membership.role.in_(ASSIGNABLE))
    query = select(User).where(User.active, User.id != actor.user_id, User.id.in_(member)).order_by(User.name, User.id)
    return [user for user in db.scalars(query) if _may_read(db, user, case)]


def write(
    db: Session, actor: Actor, code: str, text: str, *, task_id: str | None = None, mentions: Sequence[str] = ()
) -> Comment:
    """Keep a comment and tell whoever is mentioned in it. Raises InvalidForm with sentences by field."""
    case = access.get_case(db, actor, code)
    called = [user for user in colleagues(db, actor, case) if user.id in mentions]
    if len(called) != len(set(mentions)):
        raise InvalidForm({"mentions": [N_("Puoi chiamare solo colleghi che vedono questo caso.")]})
    comment = comments.write(db, actor, case, text, task_id=task_id, mentions=[user.id for user in called])
    for user in called:
        notices.tell(db, f"comment-{comment.id}-{user.id}", user.id, "mentioned", case.code, by=actor.user_id)
    return comment


def _may_read(db: Session, user: User, case: Case) -> bool:
    return access.may_read(db, assignment.actor_of(db, user), case, comments.CLASS)
