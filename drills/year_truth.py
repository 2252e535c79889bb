"""What a simulated year asks of every message that does not leave: was it really no longer true?"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core import clock, users
from engine.tables import UserTask
from notifications import outbox
from notifications.notices import Notice
from notifications.outbox import Message
from notifications.parcel import MAIL
from tasks import reminders
from tasks.chasing import Chase
from tasks.news import DIGEST

SETTLED = timedelta(days=6)  # longer than a weekend, a patron's day and a holiday in a row


class Truth:
    """Stands where the product drops a message; `broken` is what it dropped all the same."""

    def __init__(self) -> None:
        self.broken: list[str] = []
        self._drop = outbox.drop

    def drop(self, db: Session, key: str, attempt: int, *, by: str) -> Message | None:
        """Look at the message as the product does, and by the plain rows; then let it go."""
        message = db.get_one(Message, key)
        user = users.by_id(db, message.user_id)
        if message.way == MAIL and user is not None and user.active:
            if reminders.facts(db, message, user) is not None:
                self.broken.append(f"true, and dropped: {key}")
            elif _is_late_work_of_hers(db, message):
                self.broken.append(f"work that she has and is late with, and dropped: {key}")
        return self._drop(db, key, attempt, by=by)


def _is_late_work_of_hers(db: Session, message: Message) -> bool:
    now = clock.now()
    rests = select(Chase.key).where(Chase.key == Notice.about, Chase.snoozed_until > now)
    late = (Notice.kind == "task_late", UserTask.assignee == message.user_id, UserTask.due_at < now, ~rests.exists())
    hers = select(Notice.key).join(UserTask, Notice.about == "task:" + UserTask.id)
    return db.scalar(hers.where(Notice.mail == message.first, *late).limit(1)) is not None


def uncounted(db: Session) -> Iterator[str]:
    """Readers with an event of some days ago that was to stand in a digest, is unread, and after which none left."""
    waits = select(Notice.user_id, func.max(Notice.at)).where(
        Notice.mail.like(f"{DIGEST}-%"), Notice.seen_at.is_(None), Notice.at < clock.now() - SETTLED
    )  # fmt: skip
    last: dict[str, Any] = dict(
        db.execute(
            select(Message.user_id, func.max(Message.sent_at))
            .where(Message.kind == DIGEST, Message.status == "sent", Message.way == MAIL)
            .group_by(Message.user_id)
        ).all()
    )
    for user_id, at in db.execute(waits.group_by(Notice.user_id)):
        if user_id not in last or last[user_id] < at:
            yield f"an event that no digest counted: {user_id}"
