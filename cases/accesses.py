"""Accesses: who has which role where, asked every quarter: is it still needed? Kept, or taken away with a reason.

A round is one post (or the whole office, ""), one quarter; the pathway `access_review` carries it. Nobody answers about
oneself; the supervision of a post is asked about everybody else there, the coordination about the rest. The reason is
sealed under the key of the person whose access it was; the log line carries its id.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, ForeignKey, Text, and_, func, literal, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from cases import access, periods, reasons
from cases.access import Actor
from cases.periods import Period
from core import clock, log, users
from core.db import Base
from core.errors import NotYours
from core.ids import new_id
from core.users import Membership, User

PREFIX = "A"
OVERSIGHT = ("supervisor", "nv_supervisor")
KEPT, TAKEN = "kept", "taken"
GONE = "gone"  # taken away in another way before anybody answered


class AccessRound(Base):
    """One quarter's questions about one post, or about the office (post "")."""

    __tablename__ = "access_round"
    code: Mapped[str] = mapped_column(Text, primary_key=True)
    quarter: Mapped[str] = mapped_column(Text)
    post: Mapped[str] = mapped_column(Text)
    begun_at: Mapped[datetime]


class AccessQuestion(Base):
    """One role of one person there, and the answer: kept, taken, or gone by itself."""

    __tablename__ = "access_question"
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    round: Mapped[str] = mapped_column(ForeignKey("access_round.code"), index=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("user.id"))
    role: Mapped[str] = mapped_column(Text)
    answer: Mapped[str | None] = mapped_column(Text)
    reason_id: Mapped[str | None] = mapped_column(Text)
    by: Mapped[str | None] = mapped_column(Text)
    at: Mapped[datetime | None]


def is_round(code: str) -> bool:
    """Is this the code of a round, and not of a case or a contact?"""
    return code.startswith(f"{PREFIX}-")


def current() -> Period:
    """The quarter of today."""
    _, last = periods.latest(periods.QUARTER)
    begin = periods.after(periods.day("from", f"{last}-01"), 1)
    return Period(f"{begin.year}-Q{(begin.month + 2) // 3}", begin, periods.after(begin, 3))


def due(db: Session, quarter: Period) -> list[str]:
    """The posts (and "" for the office) not asked about yet in this quarter; who came since is left out."""
    asked = select(AccessRound.post).where(AccessRound.quarter == quarter.code)
    query = select(Membership.post).join(User, User.id == Membership.user_id).distinct().order_by(Membership.post)
    before = periods.instant(quarter.since)
    return list(db.scalars(query.where(User.active, User.created_at < before, Membership.post.not_in(asked))))


def begin(db: Session, quarter: Period, post: str, *, by: str) -> AccessRound:
    """Open a round; its questions are written when its pathway asks for them."""
    code = f"{PREFIX}-{quarter.code}-{post or 'office'}"
    row = AccessRound(code=code, quarter=quarter.code, post=post, begun_at=clock.now())
    db.add(row)
    db.flush()
    log.append(db, "access_review.begun", stream_of(code), by=by, quarter=quarter.code, post=post)
    return row


def ask(db: Session, code: str, *, by: str) -> list[AccessQuestion]:
    """Write one question for every role that an active person has there."""
    post = db.get_one(AccessRound, code).post
    query = select(Membership).join(User, User.id == Membership.user_id).where(User.active, Membership.post == post)
    rows = [
        AccessQuestion(id=new_id(), round=code, user_id=held.user_id, role=held.role)
        for held in db.scalars(query.order_by(Membership.user_id, Membership.role))
    ]
    db.add_all(rows)
    db.flush()
    log.append(db, "access_review.asked", stream_of(code), by=by, questions=len(rows))
    return rows


def count_open(db: Session, code: str, *, unit: bool = False) -> int:
    """How many questions of a round wait; with `unit` only those that the supervision of the post may answer."""
    query = select(func.count()).select_from(AccessQuestion)
    query = query.where(AccessQuestion.round == code, AccessQuestion.answer.is_(None))
    return db.scalar(query.where(AccessQuestion.role.not_in(OVERSIGHT)) if unit else query) or 0


def answerers(db: Session, post: str, *, office: bool) -> list[User]:
    """Who is asked: the supervision of the post, or for the office coordination and administration."""
    roles, where = (("coordinator", "admin"), None) if office else (OVERSIGHT, post)
    return list(dict.fromkeys(user for role in roles for user in users.holders(db, role, where)))


def may_answer(actor: Actor, round_: AccessRound) -> bool:
    """Is this round a matter of the actor's: the supervision of its post, or the office?"""
    return access.may(actor, "access.office") or (
        round_.post != "" and access.may(actor, "access.review", round_.post)
    )


def rounds(db: Session, actor: Actor) -> list[AccessRound]:
    """The rounds of the actor with open questions that it may answer, the oldest first."""
    mine = select(AccessQuestion.id).where(AccessQuestion.round == AccessRound.code, _for(actor)).correlate(AccessRound)
    query = select(AccessRound).where(mine.exists()).order_by(AccessRound.begun_at, AccessRound.code)
    return [row for row in db.scalars(query) if may_answer(actor, row)]


def get(db: Session, actor: Actor, code: str, *, lock: bool = False) -> AccessRound:
    """A round of the actor's; else it does not exist. With `lock` one answers after the other."""
    row = db.get(AccessRound, code, with_for_update=True if lock else None)
    if row is None or not may_answer(actor, row):
        raise NotYours
    return row


def questions(db: Session, actor: Actor, code: str) -> list[tuple[AccessQuestion, User]]:
    """The open questions of a round that the actor may answer, by name."""
    query = select(AccessQuestion, User).join(User, User.id == AccessQuestion.user_id)
    query = query.where(AccessQuestion.round == code, _for(actor)).order_by(User.name, User.id, AccessQuestion.role)
    return [(question, user) for question, user in db.execute(query)]


def answer(db: Session, actor: Actor, question_id: str, *, keep: bool, words: str = "") -> AccessQuestion:
    """Keep an access, or take it away now, with a reason. Raises NotYours, InvalidForm (`reason`)."""
    row = db.get(AccessQuestion, question_id, with_for_update=True, populate_existing=True)
    if row is None or db.scalar(select(AccessQuestion.id).where(AccessQuestion.id == question_id, _for(actor))) is None:
        raise NotYours
    round_ = get(db, actor, row.round)
    row.answer, row.by, row.at = KEPT if keep else TAKEN, actor.user_id, clock.now()
    user = db.get_one(User, row.user_id)
    if not keep:
        row.reason_id = reasons.keep(db, users.stream_of(user), "access.taken", words, by=actor.user_id)
    _say(db, row, round_, by=actor.user_id)
    if not keep:
        users.revoke(db, user, row.role, round_.post or None, by=actor.user_id)
    return row


def settle(db: Session, code: str, *, by: str) -> int:
    """Close the questions about roles that are not there any more; how many are still open."""
    round_ = db.get_one(AccessRound, code)
    held = select(Membership.user_id).join(User, User.id == Membership.user_id).where(
        User.active, Membership.post == round_.post, Membership.user_id == AccessQuestion.user_id,
        Membership.role == AccessQuestion.role,
    )  # fmt: skip
    left = select(AccessQuestion).where(AccessQuestion.round == code, AccessQuestion.answer.is_(None), ~held.exists())
    for row in db.scalars(left):
        row.answer, row.at = GONE, clock.now()
        _say(db, row, round_, by=by)
    db.flush()
    return count_open(db, code)


def tallies(db: Session, actor: Actor) -> list[tuple[AccessRound, dict[str | None, int]]]:
    """For who checks: every round with how many answers of each kind it has (None: open), the newest first."""
    access.require(actor, "audit.read")
    counted: dict[str, dict[str | None, int]] = {}
    query = select(AccessQuestion.round, AccessQuestion.answer, func.count())
    for code, said, count in db.execute(query.group_by(AccessQuestion.round, AccessQuestion.answer)):
        counted.setdefault(code, {})[said] = count
    rows: Sequence[AccessRound] = db.scalars(
        select(AccessRound).order_by(AccessRound.begun_at.desc(), AccessRound.code).limit(400)
    ).all()
    return [(row, counted.get(row.code, {})) for row in rows]


def stream_of(code: str) -> str:
    """The log stream of a round."""
    return f"access:{code}"


def _for(actor: Actor) -> ColumnElement[bool]:
    """Open questions that are not about the actor; about the supervision only for the office."""
    mine = and_(AccessQuestion.answer.is_(None), AccessQuestion.user_id != actor.user_id)
    return and_(mine, or_(AccessQuestion.role.not_in(OVERSIGHT), literal(access.may(actor, "access.office"))))


def _say(db: Session, row: AccessQuestion, round_: AccessRound, *, by: str) -> None:
    log.append(
        db, f"access.{row.answer}", f"user:{row.user_id}", by=by, round=round_.code, role=row.role, post=round_.post,
        reason_id=row.reason_id,
    )  # fmt: skip
