"""The rota of calls (turni di reperibilità): who answers for a post between two instants, and the swaps of colleagues.

A shift is never deleted: one that was taken out before it began keeps its row. Two shifts of a post may overlap; two of
the same person in the same post may not. Hours are those of Rome when people write them, instants when they are kept.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ForeignKey, Text, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from cases import posts
from core import clock, log
from core.db import Base
from core.errors import N_, AlreadyDone, InvalidForm, NotYours, WrongOrder
from core.ids import new_id
from core.users import User

LONGEST = timedelta(days=7, hours=1)  # a week in which the clocks go back
FURTHEST = timedelta(days=400)
ANSWERS = ("accepted", "declined", "withdrawn")


class OnCall(Base):
    """One shift. `removed_at`: it was taken out before it began and counts for nothing."""

    __tablename__ = "on_call"
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    post: Mapped[str] = mapped_column(ForeignKey("post.code"), index=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("user.id"), index=True)
    from_at: Mapped[datetime]
    to_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]


class ShiftSwap(Base):
    """A worker asks a colleague to take a shift, perhaps for one of the colleague's. `outcome`: see ANSWERS."""

    __tablename__ = "shift_swap"
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    shift: Mapped[str] = mapped_column(ForeignKey("on_call.id"), index=True)
    in_return: Mapped[str | None] = mapped_column(ForeignKey("on_call.id"))
    asked_by: Mapped[str] = mapped_column(ForeignKey("user.id"), index=True)
    asked_of: Mapped[str] = mapped_column(ForeignKey("user.id"), index=True)
    asked_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    outcome: Mapped[str | None] = mapped_column(Text)


def get(db: Session, shift_id: str) -> OnCall:
    """The shift with this id; one that was taken out is none."""
    shift = db.get(OnCall, shift_id)
    if shift is None or shift.removed_at is not None:
        raise NotYours
    return shift


def enter(db: Session, post: str, user_id: str, from_at: datetime, to_at: datetime, *, by: str) -> OnCall:
    """Put somebody on call for a post."""
    posts.get_valid(db, post)
    shift = OnCall(id=new_id(), post=post)
    _check(db, shift, user_id, from_at, to_at)
    shift.user_id, shift.from_at, shift.to_at = user_id, from_at, to_at
    db.add(shift)
    db.flush()
    log.append(db, "on_call.entered", _stream(shift), by=by, shift=shift.id, user=user_id, from_at=from_at, to_at=to_at)
    return shift


def change(db: Session, shift_id: str, user_id: str, from_at: datetime, to_at: datetime, *, by: str) -> OnCall:
    """Give a shift that is not over other hours or another person; what it was stays in the log."""
    shift = _waiting(db, shift_id)
    old: dict[str, Any] = {"old_user": shift.user_id, "old_from_at": shift.from_at, "old_to_at": shift.to_at}
    _check(db, shift, user_id, from_at, to_at)
    shift.user_id, shift.from_at, shift.to_at = user_id, from_at, to_at
    now: dict[str, Any] = {"user": user_id, "from_at": from_at, "to_at": to_at}
    log.append(db, "on_call.changed", _stream(shift), by=by, shift=shift.id, **now, **old)
    return shift


def end(db: Session, shift_id: str, *, by: str) -> OnCall:
    """End a shift now, or take it out if it has not begun."""
    shift, now = _waiting(db, shift_id), clock.now()
    begun = shift.from_at < now
    if begun:
        shift.to_at = now
    else:
        shift.removed_at = now
    log.append(db, "on_call.ended", _stream(shift), by=by, shift=shift.id, user=shift.user_id, begun=begun)
    return shift


def between(db: Session, post: str, from_at: datetime, to_at: datetime) -> list[OnCall]:
    """The shifts of a post that touch a span of time, the earliest first."""
    query = select(OnCall).where(OnCall.post == post, OnCall.removed_at.is_(None))
    query = query.where(OnCall.from_at < to_at, OnCall.to_at > from_at)
    return list(db.scalars(query.order_by(OnCall.from_at, OnCall.to_at, OnCall.id)))


def on_call(db: Session, post: str, at: datetime) -> list[OnCall]:
    """Who answers for a post at an instant: the shifts of people who still work here, the longest to go first."""
    query = select(OnCall).join(User, User.id == OnCall.user_id).where(User.active, OnCall.removed_at.is_(None))
    query = query.where(OnCall.post == post, OnCall.from_at <= at, OnCall.to_at > at)
    return list(db.scalars(query.order_by(OnCall.to_at.desc(), OnCall.from_at, OnCall.user_id)))


def of_user(db: Session, user_id: str, since: datetime, *, limit: int = 100) -> list[OnCall]:
    """The shifts of a person that end after an instant, the earliest first."""
    query = select(OnCall).where(OnCall.user_id == user_id, OnCall.to_at > since, OnCall.removed_at.is_(None))
    return list(db.scalars(query.order_by(OnCall.from_at, OnCall.id).limit(limit)))


def ask_swap(db: Session, shift_id: str, asked_of: str, in_return: str | None, *, by: str) -> ShiftSwap:
    """Ask a colleague to take one's own shift, perhaps for one of the colleague's."""
    shift = _waiting(db, shift_id)
    if shift.user_id != by:
        raise NotYours
    if asked_of == by:
        raise InvalidForm({"asked_of": [N_("Scegli un'altra persona.")]})
    if in_return is not None and _waiting(db, in_return).user_id != asked_of:
        raise InvalidForm({"in_return": [N_("Scegli un turno di questa persona.")]})
    if any(swap.shift == shift_id for swap in open_swaps(db, by)):
        raise WrongOrder(N_("Per questo turno hai già chiesto un cambio: aspetta la risposta, o ritira la richiesta."))
    swap = ShiftSwap(id=new_id(), shift=shift_id, in_return=in_return, asked_by=by, asked_of=asked_of)
    swap.asked_at = clock.now()
    db.add(swap)
    db.flush()
    log.append(db, "shift_swap.asked", _stream(shift), by=by, swap=swap.id, shift=shift_id, of=asked_of)
    return swap


def answer_swap(db: Session, swap_id: str, outcome: str, *, by: str) -> ShiftSwap:
    """Say yes or no to a colleague, or take back what one asked; a yes changes the rota at once."""
    swap = db.scalar(select(ShiftSwap).where(ShiftSwap.id == swap_id).with_for_update())
    if swap is None or outcome not in ANSWERS or by != (swap.asked_by if outcome == "withdrawn" else swap.asked_of):
        raise NotYours
    if swap.outcome is not None:
        raise AlreadyDone(N_("A questa richiesta è già stata data una risposta."))
    shift = get(db, swap.shift)
    if outcome == "accepted":
        _swap(db, swap, by=by)
    swap.outcome, swap.answered_at = outcome, clock.now()
    log.append(db, f"shift_swap.{outcome}", _stream(shift), by=by, swap=swap.id, shift=shift.id, of=swap.asked_of)
    return swap


def open_swaps(db: Session, user_id: str) -> list[ShiftSwap]:
    """What this person asked or is asked and that nobody has answered, while the shift is still to come."""
    query = select(ShiftSwap).join(OnCall, OnCall.id == ShiftSwap.shift)
    query = query.where(or_(ShiftSwap.asked_by == user_id, ShiftSwap.asked_of == user_id))
    query = query.where(ShiftSwap.outcome.is_(None), OnCall.removed_at.is_(None), OnCall.to_at > clock.now())
    return list(db.scalars(query.where(OnCall.user_id == ShiftSwap.asked_by).order_by(ShiftSwap.asked_at)))


def _swap(db: Session, swap: ShiftSwap, *, by: str) -> None:
    """Both shifts change hands, if they are still whose they were."""
    pairs = [(swap.shift, swap.asked_by, swap.asked_of), (swap.in_return, swap.asked_of, swap.asked_by)]
    moved = [(_waiting(db, shift), before, after) for shift, before, after in pairs if shift is not None]
    if any(shift.user_id != before for shift, before, _ in moved):
        raise WrongOrder(N_("Nel frattempo il turno è cambiato: chi l'ha chiesto può chiedere di nuovo."))
    for shift, _, after in moved:
        _check(db, shift, after, shift.from_at, shift.to_at, apart=[each.id for each, _, _ in moved])
    for shift, before, after in moved:
        shift.user_id = after
        span: dict[str, Any] = {"from_at": shift.from_at, "to_at": shift.to_at}
        log.append(db, "on_call.changed", _stream(shift), by=by, shift=shift.id, user=after, old_user=before, **span)


def _waiting(db: Session, shift_id: str) -> OnCall:
    shift = db.scalar(select(OnCall).where(OnCall.id == shift_id).with_for_update())
    if shift is None or shift.removed_at is not None:
        raise NotYours
    if shift.to_at <= clock.now():
        raise WrongOrder(N_("Questo turno è già finito: non si cambia più."))
    return shift


def _check(
    db: Session, shift: OnCall, user_id: str, from_at: datetime, to_at: datetime, apart: list[str] | None = None
) -> None:
    wrong: dict[str, list[str]] = {}
    if to_at <= from_at:
        wrong["to_at"] = [N_("Il turno finisce prima di cominciare.")]
    elif to_at - from_at > LONGEST:
        wrong["to_at"] = [N_("Un turno dura al massimo una settimana: scrivine più d'uno.")]
    elif from_at > clock.now() + FURTHEST:
        wrong["from_at"] = [N_("Scegli un giorno entro un anno da oggi.")]
    elif _is_taken(db, shift, user_id, from_at, to_at, apart or []):
        wrong["user"] = [N_("Questa persona è già di turno in queste ore.")]
    if wrong:
        raise InvalidForm(wrong)


def _is_taken(db: Session, shift: OnCall, user_id: str, from_at: datetime, to_at: datetime, apart: list[str]) -> bool:
    others = (each for each in between(db, shift.post, from_at, to_at) if each.id not in (shift.id, *apart))
    return any(each.user_id == user_id for each in others)


def _stream(shift: OnCall) -> str:
    return f"post:{shift.post}"
