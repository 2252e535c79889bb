"""Notices inside the application: what a mail may not say, for those who may read it after login."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from core import clock, log
from core.db import Base
from notifications.once import insert_once


class Notice(Base):
    """One line in one user's notice centre; `case_code` is followed under the reader's own rights.

    `about` is the row it speaks of ("task:…"), `mail` the key of the message that says outside that there is something.
    """

    __tablename__ = "notice"
    key: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[str] = mapped_column(index=True)
    kind: Mapped[str]
    case_code: Mapped[str | None]
    at: Mapped[datetime]
    seen_at: Mapped[datetime | None]
    about: Mapped[str | None] = mapped_column(index=True)
    mail: Mapped[str | None] = mapped_column(index=True)


def tell(
    db: Session, key: str, user_id: str, kind: str, case_code: str | None = None, *, about: str | None = None, by: str
) -> bool:
    """Leave a notice for one user, in the caller's transaction; False if this key was told before."""
    row = {"key": key, "user_id": user_id, "kind": kind, "case_code": case_code, "at": clock.now(), "about": about}
    if not insert_once(db, Notice, row):
        return False
    log.append(db, "notice.told", f"user:{user_id}", by=by, case=case_code, kind=kind)
    return True


def news(db: Session, user_id: str, kind: str, since: datetime) -> tuple[int, bool]:
    """How many notices this user has not opened yet, and whether one of a kind came after an instant; one statement,
    for every page asks."""
    new, lately = Notice.seen_at.is_(None), and_(Notice.kind == kind, Notice.at > since)
    query = select(func.count().filter(new), func.count().filter(lately))
    count, called = db.execute(query.where(Notice.user_id == user_id, or_(new, lately))).one()
    return count, called > 0


def unseen_of(db: Session, user_id: str, kind: str, limit: int) -> Sequence[Notice]:
    """The notices of one kind that this user has not opened yet, the newest first."""
    mine = select(Notice).where(Notice.user_id == user_id, Notice.seen_at.is_(None), Notice.kind == kind)
    return db.scalars(mine.order_by(Notice.at.desc(), Notice.key).limit(limit)).all()


def latest(db: Session, user_id: str, limit: int = 50) -> Sequence[Notice]:
    """This user's notices, the newest first."""
    mine = select(Notice).where(Notice.user_id == user_id)
    return db.scalars(mine.order_by(Notice.at.desc(), Notice.key).limit(limit)).all()


def board(db: Session, user_id: str, start: int = 0, limit: int = 50) -> list[tuple[Notice, int]]:
    """This user's notices, what was not read first, then the newest; of those that say the same of the same row only
    the last, with how many they are."""
    row = func.coalesce(Notice.about, Notice.key)
    place = func.row_number().over(partition_by=(Notice.kind, row), order_by=(Notice.at.desc(), Notice.key))
    times = func.count().over(partition_by=(Notice.kind, row))
    mine = select(Notice.key, place.label("place"), times.label("times")).where(Notice.user_id == user_id).subquery()
    last = select(Notice, mine.c.times).join(mine, Notice.key == mine.c.key).where(mine.c.place == 1)
    ordered = last.order_by(Notice.seen_at.is_not(None), Notice.at.desc(), Notice.key)
    return [(notice, times) for notice, times in db.execute(ordered.offset(start).limit(limit))]


def mark_seen(db: Session, user_id: str, *which: ColumnElement[bool], by: str) -> int:
    """This user has read the notices (those for which all this holds); how many were new."""
    new = update(Notice).where(Notice.user_id == user_id, Notice.seen_at.is_(None), *which)
    seen = len(db.scalars(new.values(seen_at=clock.now()).returning(Notice.key)).all())
    if seen:
        log.append(db, "notice.seen", f"user:{user_id}", by=by, count=seen)
    return seen


def carried(db: Session, mail: str) -> Sequence[Notice]:
    """The notices that one message speaks for."""
    return db.scalars(select(Notice).where(Notice.mail == mail).order_by(Notice.at, Notice.key)).all()


def hand_on(db: Session, mail: str, other: str) -> None:
    """Let another message speak for the notices of one."""
    db.execute(update(Notice).where(Notice.mail == mail).values(mail=other))


def of_subject(db: Session, about: str) -> Sequence[Notice]:
    """What was told of one row, to whomever; the oldest first."""
    return db.scalars(select(Notice).where(Notice.about == about).order_by(Notice.at, Notice.key)).all()
