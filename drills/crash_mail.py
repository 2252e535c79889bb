"""I4: every letter that the outbox calls sent has arrived, twice only under one Message-ID, and no other was sent."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from email.parser import BytesHeaderParser
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cases import deadlines
from core import clock
from core.users import User
from engine import instances
from notifications import mail, outbox
from notifications.outbox import Message


class Letters:
    """What the sink has received: how often each Message-ID came, and to whom."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.copies: Counter[str] = Counter()
        self.readers: dict[str, set[str]] = {}
        self._read: set[str] = set()

    def read(self) -> None:
        """Take in the letters that are new."""
        for path in self.folder.glob("*.eml"):
            if path.name not in self._read:
                self._read.add(path.name)
                letter = BytesHeaderParser().parsebytes(path.read_bytes())
                self.copies[letter["Message-ID"]] += 1
                self.readers.setdefault(letter["Message-ID"], set()).add(letter["To"])

    @property
    def doubled(self) -> int:
        """How many letters arrived more than once."""
        return sum(copies > 1 for copies in self.copies.values())


def check(db: Session, letters: Letters, base_url: str) -> Iterator[str]:
    """Compare the sink with the outbox, at any moment."""
    query = select(Message, User.mail).join(User, User.id == Message.user_id)
    promised = {mail.message_id(message.letter, base_url): (message, address) for message, address in db.execute(query)}
    for message_id in letters.copies.keys() - promised.keys():
        yield f"I4 a letter that nobody promised: {message_id}"
    for message_id, (message, address) in promised.items():
        copies = letters.copies[message_id]
        if message.status == "sent" and not copies:
            yield f"I4 called sent, but never arrived: {message.key}"
        if copies > message.attempts:
            yield f"I4 {copies} copies after {message.attempts} attempts: {message.key}"
        if copies and letters.readers[message_id] != {address}:
            yield f"I4 {message.key} went to {sorted(letters.readers[message_id])}"


def left_over(db: Session) -> Iterator[str]:
    """What should have happened by now and has not; for the end, when the clock has had its time."""
    now = clock.now()
    # one may be promised in the very moment in which the clock is stopped
    ready = select(func.count()).where(Message.status == "queued", Message.not_before <= now - timedelta(minutes=1))
    for what, left in (
        ("letters that could leave", db.scalar(ready) or 0),
        ("letters given up", outbox.counts(db).get("failed", 0)),
        ("timers that are due", len(instances.due(db, now))),
        ("reminders that are due", len(deadlines.due_reminders(db, now))),
    ):
        if left:
            yield f"I4 at the end there are still {what}: {left}"
