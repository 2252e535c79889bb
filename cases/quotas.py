"""How much one person looks at in an hour: a soft limit against looking around and mass copying.

Only codes and ids are counted, never what was looked for. Work goes on when the hour has passed; the coordinator is
told at once (see `tasks/lookups.py`).
"""

from datetime import datetime, timedelta

from sqlalchemy import Text, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from core import clock
from core.db import Base, upsert
from core.errors import TooMany

HOUR = timedelta(hours=1)
CASES, SEARCHES, EMERGENCIES, REVEALS, CARDS = "case", "search", "emergency", "reveal", "card"
HISTORIES = "history"  # opened by who checks
LIMITS = {CASES: 200, SEARCHES: 60, EMERGENCIES: 5, CARDS: 60, HISTORIES: 200}


class Use(Base):
    """One thing that a user opened or asked for, and when."""

    __tablename__ = "recent_use"
    user_id: Mapped[str] = mapped_column(Text, primary_key=True)
    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    subject: Mapped[str] = mapped_column(Text, primary_key=True)
    at: Mapped[datetime]


def spend(db: Session, user_id: str, kind: str, subject: str) -> bool:
    """Count one more thing of this kind; TooMany beyond the limit of the last hour. The same thing counts once: False
    if it was counted before."""
    mine, since = (Use.user_id == user_id, Use.kind == kind), clock.now() - HOUR
    if db.scalar(select(Use.at).where(*mine, Use.subject == subject, Use.at > since)) is not None:
        return False
    if (db.scalar(select(func.count()).where(*mine, Use.at > since)) or 0) >= LIMITS[kind]:
        raise TooMany(kind)
    db.execute(delete(Use).where(*mine, Use.at <= since))
    row = {"user_id": user_id, "kind": kind, "subject": subject, "at": clock.now()}
    db.execute(upsert(db, Use).values(row).on_conflict_do_nothing())
    return True
