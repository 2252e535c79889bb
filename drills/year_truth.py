"""What a simulated year asks of every message that does not leave: was it really no longer true? And of every one that
does: is it its reader's, does it come once, or was there a reason to send it again?
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core import clock, users
from core.users import User
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
    """Stands where the product drops a message and where it writes down how an attempt went; `broken` is what it
    dropped all the same, `failures` how often it was told that a letter had not left.
    """

    def __init__(self) -> None:
        self.broken: list[str] = []
        self.failures = Counter[str]()
        self._drop, self._settle = outbox.drop, outbox.settle

    def settle(self, db: Session, key: str, attempt: int, *, error: str | None = None, by: str) -> Message | None:
        """Count the attempts after which a letter has to come again."""
        if error is not None:
            self.failures[db.get_one(Message, key).letter] += 1
        return self._settle(db, key, attempt, error=error, by=by)

    def unexplained(self, copies: Iterable[tuple[str, int]], deaths: int) -> Iterator[str]:
        """Letters that came again although the server took them: each death of a clock may cost one, and no more."""
        again = sum(max(times - 1 - self.failures[letter], 0) for letter, times in copies)
        if again > deaths:
            yield f"{again} copies after {deaths} deaths and pauses of a clock"

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


def strangers(db: Session, letters: Iterable[EmailMessage], known: dict[str, Message]) -> Iterator[str]:
    """Letters that went to somebody else than the reader of their promise (her addresses all begin with her login)."""
    logins: dict[str, str] = {user.id: user.login for user in db.scalars(select(User))}
    for letter in letters:
        message = known.get(str(letter["Message-ID"]))
        if message is not None and str(letter["To"]).split("@")[0].split(".")[0] != logins[message.user_id]:
            yield f"a letter to somebody else: {message.key}"


def spoken(letter: EmailMessage) -> str:
    """All that a mail program shows of a letter, however it was encoded on its way."""
    texts = [str(part.get_content()) for part in letter.walk() if part.get_content_maintype() == "text"]
    return "\n".join([*(str(value) for value in letter.values()), *texts])
