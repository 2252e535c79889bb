"""What a reader chose of the mail she gets: how often the digest, which single letters, at which hours none."""

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, Session, mapped_column

from core import log
from core.db import Base

DAILY, WHEN_DUE, NEVER = "daily", "when_due", "never"
DIGESTS = (DAILY, WHEN_DUE, NEVER)
ALL, URGENT = "all", "urgent"
SINGLY = (ALL, URGENT)


class MailChoice(Base):
    """One reader's choice; without hours of her own those of the office hold."""

    __tablename__ = "mail_choice"
    user_id: Mapped[str] = mapped_column(Text, primary_key=True)
    digest: Mapped[str] = mapped_column(Text)
    singly: Mapped[str] = mapped_column(Text)
    quiet_from: Mapped[str | None] = mapped_column(Text)
    quiet_to: Mapped[str | None] = mapped_column(Text)


def of(db: Session, user_id: str) -> MailChoice:
    """What this reader chose, else everything at the hours of the office (a row that is not kept)."""
    return db.get(MailChoice, user_id) or MailChoice(user_id=user_id, digest=DAILY, singly=ALL)


def choose(
    db: Session, user_id: str, digest: str, singly: str, hours: tuple[str, str] | None, *, by: str
) -> MailChoice:
    """Keep a choice; the caller has asked what the office allows."""
    choice = of(db, user_id)
    choice.digest, choice.singly = digest, singly
    choice.quiet_from, choice.quiet_to = hours or (None, None)
    db.add(choice)
    db.flush()
    log.append(db, "mail.chosen", f"user:{user_id}", by=by, digest=digest, singly=singly)
    return choice
