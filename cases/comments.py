"""Comments: what colleagues say to each other about a case, at any moment, sealed with it; who is mentioned is told.

A comment may name anything, so it is read by whoever reads class P3 of the case. It is never changed; a second one
corrects it.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from cases import casefile
from cases.access import Actor, may_read, reveal
from cases.casefile import Case
from core import clock, log, vault
from core.db import Base
from core.errors import N_, InvalidForm, NotYours
from core.ids import new_id

CLASS = "P3"
LONGEST = 5_000


class Comment(Base):
    """One comment of one colleague; `task_id` is the task it was written on, if any; `mentions` are user ids."""

    __tablename__ = "comment"
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    case_code: Mapped[str] = mapped_column(ForeignKey("case_file.code"), index=True)
    task_id: Mapped[str | None] = mapped_column(Text)
    written_by: Mapped[str] = mapped_column(Text)
    written_at: Mapped[datetime]
    mentions: Mapped[list[str]]
    sealed: Mapped[bytes]


def write(
    db: Session, actor: Actor, case: Case, text: str, *, task_id: str | None = None, mentions: Sequence[str] = ()
) -> Comment:
    """Keep a comment; who may not read comments of the case may not write one. An empty one is refused."""
    if not may_read(db, actor, case, CLASS):
        raise NotYours
    text = text.replace("\r\n", "\n").strip()
    if not text or len(text) > LONGEST:
        raise InvalidForm({"comment": [N_("Scrivi il commento, fino a 5.000 caratteri.")]})
    comment = Comment(id=new_id(), case_code=case.code, task_id=task_id, written_by=actor.user_id)
    comment.written_at, comment.mentions = clock.now(), list(dict.fromkeys(mentions))
    comment.sealed = vault.seal(db, casefile.scope_of(case.code), _field(comment.id), text)
    db.add(comment)
    db.flush()
    scope, by = casefile.scope_of(case.code), actor.user_id
    log.append(
        db, "comment.written", scope, by=by, case=case.code, comment=comment.id, on=task_id, mentions=comment.mentions
    )
    return comment


def read(db: Session, actor: Actor, case: Case, limit: int = 30) -> list[tuple[Comment, str]]:
    """The newest comments with their words, newest first; nothing for who may not read them. The reading is written
    down if there is something to read."""
    query = select(Comment).where(Comment.case_code == case.code)
    found = list(db.scalars(query.order_by(Comment.written_at.desc(), Comment.id).limit(limit)))
    if not found or not may_read(db, actor, case, CLASS):
        return []
    reveal(db, actor, case, CLASS, what="comments")
    scope = casefile.scope_of(case.code)
    return [(comment, vault.open_(db, scope, _field(comment.id), comment.sealed)) for comment in found]


def _field(comment_id: str) -> str:
    return f"comment.{comment_id}"
