"""Visits to a desk (accessi allo sportello): who came today, who waits, who is being listened to. No names, ever.

A visit is a number on a slip of paper. What is said goes into a contact or a case, where it is sealed.
"""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import ForeignKey, Index, Text, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from cases import codes, posts
from cases.access import Actor
from cases.actions import MAY
from cases.codes.agenda import VISIT_OUTCOMES
from cases.contact_facts import LANGUAGE
from core import clock, log, users
from core.db import Base
from core.errors import N_, AlreadyDone, InvalidForm, NotYours, WrongOrder
from core.ids import new_id

DESK = MAY["desk.use"]
GONE = N_("Non è più in attesa.")


class Visit(Base):
    """One person at one desk on one day: waiting, taken, done, or left before anybody had time."""

    __tablename__ = "visit"
    __table_args__ = (UniqueConstraint("once"), Index("ix_visit_post_arrived_at", "post", "arrived_at"))
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    post: Mapped[str] = mapped_column(ForeignKey("post.code"))
    number: Mapped[int]
    arrived_at: Mapped[datetime]
    needs: Mapped[list[str]]
    language: Mapped[str | None] = mapped_column(Text)
    urgent: Mapped[bool]
    status: Mapped[str] = mapped_column(Text)
    taken_by: Mapped[str | None] = mapped_column(Text)
    taken_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    outcome: Mapped[str | None] = mapped_column(Text)
    contact_code: Mapped[str | None] = mapped_column(ForeignKey("contact.code"))
    once: Mapped[str] = mapped_column(Text)


def arrive(db: Session, post: str, facts: Mapping[str, Any], once: str, *, by: str) -> Visit:
    """Write down that somebody has come; the same form sent twice is one visit.

    `facts`: needs (codes), language, urgent, arrived_at (today, not in the future).
    """
    posts.get_valid(db, post)
    known = db.scalar(select(Visit).where(Visit.once == once, Visit.post == post))
    if known is not None:
        return known
    at, language = facts.get("arrived_at") or clock.now(), facts.get("language") or None
    if not _midnight() <= at <= clock.now() + timedelta(minutes=5):
        raise InvalidForm({"arrived_at": [N_("L'arrivo è di oggi, e non è nel futuro.")]})
    if language is not None and not LANGUAGE.fullmatch(language):
        raise InvalidForm({"language": [N_("Scegli la lingua dall'elenco.")]})
    visit = Visit(id=new_id(), post=post, number=_next_number(db, post), arrived_at=at, status="waiting", once=once)
    visit.needs = codes.check_all("needs", codes.NEEDS, facts.get("needs") or [])
    visit.language, visit.urgent = language, bool(facts.get("urgent"))
    db.add(visit)
    db.flush()
    log.append(db, "visit.arrived", f"post:{post}", by=by, visit=visit.id, urgent=visit.urgent)
    return visit


def take(db: Session, actor: Actor, visit_id: str) -> Visit:
    """«Chiamo io»: one colleague takes the person; who comes second is told who was first."""
    visit = lock(db, actor, visit_id)
    if visit.taken_by is not None and visit.taken_at is not None:
        user = users.by_id(db, visit.taken_by)
        who, when = user.name if user else visit.taken_by, visit.taken_at.astimezone(clock.ROME)
        raise AlreadyDone(N_("Già chiamata da %(who)s alle %(when)s."), who=who, when=f"{when:%H:%M}")
    if visit.status != "waiting":
        raise WrongOrder(GONE)
    visit.status, visit.taken_by, visit.taken_at = "taken", actor.user_id, clock.now()
    _say(db, "visit.taken", visit, by=actor.user_id)
    return visit


def finish(db: Session, actor: Actor, visit_id: str, outcome: str) -> Visit:
    """The talk is over, with an outcome."""
    visit = lock(db, actor, visit_id)
    codes.check("outcome", VISIT_OUTCOMES, outcome)
    if visit.status != "taken":
        raise WrongOrder(N_("Prima va chiamata."))
    visit.status, visit.outcome, visit.ended_at = "done", outcome, clock.now()
    _say(db, "visit.done", visit, by=actor.user_id, outcome=outcome)
    return visit


def leave(db: Session, actor: Actor, visit_id: str) -> Visit:
    """She went away before anybody had time for her; that is counted too."""
    visit = lock(db, actor, visit_id)
    if visit.status != "waiting":
        raise WrongOrder(GONE)
    visit.status, visit.ended_at = "left", clock.now()
    _say(db, "visit.left", visit, by=actor.user_id)
    return visit


def attach(db: Session, visit: Visit, contact: str, *, by: str) -> Visit:
    """What was said is in this contact."""
    visit.contact_code = contact
    _say(db, "visit.contact", visit, by=by, contact=contact)
    return visit


def get(db: Session, actor: Actor, visit_id: str) -> Visit:
    """A visit of the actor's desks; others are refused like one that is not there."""
    visit = db.scalar(select(Visit).where(Visit.id == visit_id, Visit.post.in_(actor.posts(*DESK))))
    if visit is None:
        raise NotYours
    return visit


def lock(db: Session, actor: Actor, visit_id: str) -> Visit:
    """The same, locked until the transaction ends."""
    get(db, actor, visit_id)
    query = select(Visit).where(Visit.id == visit_id).with_for_update()
    return db.scalars(query.execution_options(populate_existing=True)).one()


def today(db: Session, actor: Actor) -> list[Visit]:
    """Who came today to the actor's desks: who waits (the urgent first), who is at talk, who is through."""
    query = select(Visit).where(Visit.post.in_(actor.posts(*DESK)), Visit.arrived_at >= _midnight())
    order = {"waiting": 0, "taken": 1, "done": 2, "left": 2}
    found = list(db.scalars(query.order_by(Visit.arrived_at, Visit.number)))
    return sorted(found, key=lambda visit: (order[visit.status], visit.status == "waiting" and not visit.urgent))


def _next_number(db: Session, post: str) -> int:
    # The row of the post orders those who write numbers at the same moment.
    db.execute(select(posts.Post.code).where(posts.Post.code == post).with_for_update())
    last = select(func.max(Visit.number)).where(Visit.post == post, Visit.arrived_at >= _midnight())
    return (db.scalar(last) or 0) + 1


def _midnight() -> datetime:
    return datetime.combine(clock.today(), time(), clock.ROME)


def _say(db: Session, verb: str, visit: Visit, *, by: str, **facts: Any) -> None:
    log.append(db, verb, f"post:{visit.post}", by=by, visit=visit.id, **facts)
