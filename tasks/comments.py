"""Comments at the desk: written on a case or one of its tasks, with colleagues called by name."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from cases import access, comments
from cases.access import Actor
from cases.casefile import Case
from cases.comments import Comment
from core.errors import N_, InvalidForm
from core.users import User
from notifications import notices


def colleagues(db: Session, actor: Actor, case: Case) -> list[User]:
    """Who may be called into a comment: colleagues of the post who may read the case, but oneself; by name."""
    others = access.readers(db, case, comments.CLASS) - {actor.user_id}
    return list(db.scalars(select(User).where(User.active, User.id.in_(others)).order_by(User.name, User.id)))


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
