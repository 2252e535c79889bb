"""Calls offered by voice (passaggio a voce): whoever took a call offers it to a colleague, who accepts or says no.

Until somebody accepts, the call stays with who took it, "in attesa di ...". Nothing here holds a word of the person: an
offer knows the code of its contact, two colleagues and the hour.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, Text, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from cases import codes, contacts
from cases.contacts import Contact
from core import clock, log
from core.db import Base
from core.errors import N_, AlreadyDone, NotYours, WrongOrder
from core.ids import new_id

UNANSWERED, WITHDRAWN = "unanswered", "withdrawn"


class CallOffer(Base):
    """One offer. `to_user` None: to the whole desk of `post`. `outcome`: accepted, declined, unanswered, withdrawn."""

    __tablename__ = "call_offer"
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    contact_code: Mapped[str] = mapped_column(ForeignKey("contact.code"), index=True)
    post: Mapped[str] = mapped_column(ForeignKey("post.code"), index=True)
    from_user: Mapped[str] = mapped_column(ForeignKey("user.id"))
    to_user: Mapped[str | None] = mapped_column(ForeignKey("user.id"), index=True)
    offered_at: Mapped[datetime]
    answer_by: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[str | None] = mapped_column(Text)
    outcome: Mapped[str | None] = mapped_column(Text, index=True)
    why: Mapped[str | None] = mapped_column(Text)


def offer(
    db: Session, contact_code: str, from_user: str, to_user: str | None, within: timedelta, *, by: str
) -> CallOffer:
    """Offer a call that nobody has picked up to a colleague, or to the desk that has it; one offer at a time."""
    contact = contacts.lock(db, contact_code)
    if contact.status != "open" or contact.is_handed_over:
        raise WrongOrder(N_("Questa chiamata l'ha già presa qualcuno."))
    if waiting(db, contact_code) is not None:
        raise WrongOrder(N_("Questa chiamata è già offerta: aspetta la risposta, o ritira l'offerta."))
    now = clock.now()
    made = CallOffer(id=new_id(), contact_code=contact_code, post=contact.post, from_user=from_user, to_user=to_user)
    made.offered_at, made.answer_by = now, now + within
    db.add(made)
    db.flush()
    verb = "call.offered" if to_user is not None else "call.offered_to_desk"
    log.append(db, verb, contacts.scope_of(contact_code), by=by, offer=made.id, user=to_user)
    return made


def answer(db: Session, offer_id: str, outcome: str, why: str | None = None, *, by: str) -> CallOffer:
    """Accept, decline (with a word of the list `perche_no_chiamata`), take back, or note that nobody answered."""
    made = db.scalar(select(CallOffer).where(CallOffer.id == offer_id).with_for_update())
    if made is None:
        raise NotYours
    if made.outcome is not None:
        raise AlreadyDone(N_("A questa offerta è già stata data una risposta."))
    contact = contacts.lock(db, made.contact_code)
    if outcome == "accepted" and (contact.status != "open" or contact.is_handed_over):
        raise WrongOrder(N_("Questa chiamata l'ha già presa qualcuno."))
    if outcome == "declined":
        codes.check("why", codes.CALL_NOES, why or "")
    made.outcome, made.why = outcome, why if outcome == "declined" else None
    made.answered_at, made.answered_by = clock.now(), by
    log.append(db, f"call.{outcome}", contacts.scope_of(made.contact_code), by=by, offer=made.id, why=made.why)
    return made


def waiting(db: Session, contact_code: str) -> CallOffer | None:
    """The offer of this call that waits for an answer."""
    return db.scalar(select(CallOffer).where(CallOffer.contact_code == contact_code, CallOffer.outcome.is_(None)))


def of_contact(db: Session, contact_code: str) -> list[CallOffer]:
    """Every offer of this call, the newest first."""
    query = select(CallOffer).where(CallOffer.contact_code == contact_code)
    return list(db.scalars(query.order_by(CallOffer.offered_at.desc(), CallOffer.id)))


def waiting_of(db: Session, contact_codes: Sequence[str]) -> dict[str, CallOffer]:
    """The offers that wait for an answer, by the code of the contact."""
    query = select(CallOffer).where(CallOffer.contact_code.in_(contact_codes), CallOffer.outcome.is_(None))
    return {made.contact_code: made for made in db.scalars(query)}


def offered_to(db: Session, user_id: str, posts: frozenset[str]) -> list[CallOffer]:
    """The offers that wait for this person, by name or as one of the desk of these posts; the oldest first."""
    to_desk = CallOffer.to_user.is_(None) & CallOffer.post.in_(posts) & (CallOffer.from_user != user_id)
    query = select(CallOffer).join(Contact, Contact.code == CallOffer.contact_code)
    query = query.where(CallOffer.outcome.is_(None), Contact.status == "open", Contact.picked_up_at.is_(None))
    return list(db.scalars(query.where(or_(CallOffer.to_user == user_id, to_desk)).order_by(CallOffer.offered_at)))


def late(db: Session, at: datetime) -> list[CallOffer]:
    """The offers that should have been answered by now; no two clocks see the same."""
    query = select(CallOffer).where(CallOffer.outcome.is_(None), CallOffer.answer_by <= at)
    return list(db.scalars(query.order_by(CallOffer.answer_by).with_for_update(skip_locked=True)))
