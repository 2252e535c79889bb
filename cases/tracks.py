"""Tracks: the way to a title that a case takes now, and the ones it took before. A change never erases the history.

What decides between them is the table `permit_track`; here stands what was decided, from which day.
"""

from datetime import date

from sqlalchemy import ForeignKey, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from cases import casefile, codes
from core import log
from core.db import Base
from core.errors import N_, InvalidForm
from core.ids import new_id


class Track(Base):
    """One way to a title, from a day until the next one begins."""

    __tablename__ = "track"
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    case_code: Mapped[str] = mapped_column(ForeignKey("case_file.code"), index=True)
    track: Mapped[str] = mapped_column(Text)
    from_on: Mapped[date]
    until_on: Mapped[date | None]
    recorded_by: Mapped[str] = mapped_column(Text)


def choose(db: Session, case_code: str, track: str, on: date, *, by: str) -> Track:
    """Take a track from a day on; the one before ends that day and stays on record. The same again is what is there."""
    codes.check("track", codes.PERMIT_TRACKS, track)
    casefile.check_not_future("track_on", on)
    casefile.lock(db, case_code)
    earlier = current(db, case_code)
    if earlier is not None and earlier.track == track:
        return earlier
    if earlier is not None and on < earlier.from_on:
        raise InvalidForm({"track_on": [N_("Il nuovo percorso comincia prima di quello che sostituisce.")]})
    if earlier is not None:
        earlier.until_on = on
    chosen = Track(id=new_id(), case_code=case_code, track=track, from_on=on, recorded_by=by)
    db.add(chosen)
    db.flush()
    old = earlier.track if earlier is not None else None
    verb = "track.changed" if earlier is not None else "track.chosen"
    log.append(db, verb, casefile.scope_of(case_code), by=by, case=case_code, new=track, old=old, on=on)
    return chosen


def current(db: Session, case_code: str) -> Track | None:
    """The track of a case now."""
    return db.scalar(select(Track).where(Track.case_code == case_code, Track.until_on.is_(None)).limit(1))


def history(db: Session, case_code: str) -> list[Track]:
    """Every track of a case, the first one first."""
    query = select(Track).where(Track.case_code == case_code)
    return list(db.scalars(query.order_by(Track.from_on, Track.until_on.is_(None), Track.id)))
