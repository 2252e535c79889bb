"""Reasons: why somebody did something out of the ordinary, in their own words.

Words may name a person, so they are sealed with the case or contact they speak of; the log line carries only the id.
"""

from datetime import datetime

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, Session, mapped_column

from core import clock, vault
from core.db import Base
from core.errors import N_, InvalidForm
from core.ids import new_id

SHORTEST, LONGEST = 10, 2000
TOO_SHORT = N_("Scrivi il motivo, con almeno dieci caratteri.")


class Reason(Base):
    """One reason given by one person."""

    __tablename__ = "reason"
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    scope: Mapped[str] = mapped_column(Text, index=True)
    about: Mapped[str] = mapped_column(Text)
    given_by: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
    sealed: Mapped[bytes]


def keep(db: Session, scope: str, about: str, text: str, *, by: str) -> str:
    """Seal a reason and return its id; the verb that asked for it writes the log line. Empty words are refused."""
    text = text.strip()
    if not SHORTEST <= len(text) <= LONGEST:
        raise InvalidForm({"reason": [TOO_SHORT]})
    sealed = vault.seal(db, scope, f"reason.{about}", text)
    reason = Reason(id=new_id(), scope=scope, about=about, given_by=by, at=clock.now(), sealed=sealed)
    db.add(reason)
    db.flush()
    return reason.id


def words(db: Session, reason_id: str) -> str:
    """The text of a reason. Whoever calls has already checked that the reader may see class P4 of its case."""
    reason = db.get_one(Reason, reason_id)
    return vault.open_(db, reason.scope, f"reason.{reason.about}", reason.sealed)
