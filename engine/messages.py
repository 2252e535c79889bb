"""Messages and signals between instances (BPMN 2.0, 8.3.2 and 10.5.6).

What an instance throws is a row in the same transaction; the clock delivers it at its next tick, so no lock on one
case ever waits for a lock on another. A message that nobody waits for yet is kept until somebody does; a signal is
not.
"""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from itertools import count
from typing import Any

from sqlalchemy import Select, String, bindparam, cast, delete, select
from sqlalchemy.orm import Session

from core import clock
from core.ids import new_id
from engine.game.env import Thrown
from engine.tables import Delivery, Instance, Subscription
from engine.waits import Waits

KEPT_FOR = timedelta(days=366)
FRESH = timedelta(days=1)
_thrown = count()


def receivers(db: Session, thrown: Thrown, sender: Instance) -> list[str]:
    """Return who waits for what an instance threw: for a message one receiver at most, for a signal everyone else."""
    if thrown.kind == "signal":
        listening = _listening(thrown.kind, thrown.name).where(Subscription.instance_id != sender.id)
        return list(dict.fromkeys(db.scalars(listening)))
    found = _next_receiver(db, thrown.name, sender.business_key, thrown.correlation, [sender.id])
    return [] if found is None else [found]


def dispatch(db: Session, thrown: Thrown, sender: Instance, to: Iterable[str | None]) -> None:
    """Put what an instance threw on its way to each of these; to None: kept until somebody waits for it."""
    db.add_all([_delivery(thrown, sender.business_key, receiver, [sender.id]) for receiver in to])


def leave(db: Session, name: str, business_key: str, facts: Mapping[str, Any]) -> Delivery:
    """Address a message to whoever waits for it under another business key; the clock delivers it at its next tick."""
    receiver = _next_receiver(db, name, business_key, {}, [])
    thrown = Thrown("message", name, dict(facts), {})
    row = _delivery(thrown, business_key, receiver, [])
    db.add(row)
    return row


def forget(db: Session, business_key: str, names: Iterable[str]) -> None:
    """Drop the messages of these names that are kept for want of a receiver: what they said belongs to the past."""
    kept = delete(Delivery).where(Delivery.business_key == business_key, Delivery.name.in_(tuple(names)))
    db.execute(kept.where(Delivery.kind == "message", Delivery.instance_id.is_(None)))


def pass_on(db: Session, delivery: Delivery) -> None:
    """Offer a message that its receiver had no use for to the next one, or keep it; a signal is over."""
    if delivery.kind == "signal" or delivery.instance_id is None:
        db.delete(delivery)
        return
    delivery.tried = [*delivery.tried, delivery.instance_id]
    delivery.instance_id = _next_receiver(
        db, delivery.name, delivery.business_key, delivery.correlation, delivery.tried
    )


def pick_up(db: Session, instance: Instance, before: Waits, after: Waits) -> None:
    """Address messages that were kept for want of a receiver to an instance that now waits for them."""
    names = {row["name"] for key, row in after.subscriptions.items() if key not in before.subscriptions}
    if not names:
        return
    kept = select(Delivery).where(
        Delivery.instance_id.is_(None),
        Delivery.kind == "message",
        Delivery.name.in_(names),
        Delivery.due_at > clock.now() - KEPT_FOR,
    )
    for delivery in db.scalars(kept.order_by(Delivery.due_at, Delivery.id)):
        if delivery.correlation or delivery.business_key == instance.business_key:
            delivery.instance_id = instance.id


def look_again(db: Session) -> None:
    """Address the messages that are kept although somebody waits for them by now.

    Whoever throws does not see a subscription that is not committed yet, nor whoever begins to wait the message: when
    both happen at the same moment, only a third who looks afterwards can bring them together.
    """
    now = clock.now()
    for delivery, waiting in db.execute(_MISSED, {"kept": now - KEPT_FOR, "fresh": now - FRESH}):
        delivery.instance_id = delivery.instance_id or waiting


def _missed() -> Select[Delivery, str]:
    """Return the statement, made once: to write it anew at every tick would cost more than to run it."""
    kept, fresh = (bindparam(name, type_=Delivery.due_at.type) for name in ("kept", "fresh"))
    here = Subscription.business_key == Delivery.business_key
    # by its keys a message may be anybody's: all who wait were asked, but for those of the moment it was thrown at
    anywhere = (cast(Delivery.correlation, String) != "{}") & (Delivery.due_at > fresh)
    query = (
        select(Delivery, Subscription.instance_id)
        .join(Subscription, (Subscription.kind == Delivery.kind) & (Subscription.name == Delivery.name))
        .where(
            Delivery.kind == "message",
            Delivery.instance_id.is_(None),
            Delivery.due_at > kept,
            here | anywhere,
            ~cast(Delivery.tried, String).contains(Subscription.instance_id),
        )
        .order_by(Delivery.id, Subscription.id)
    )
    return query.limit(100).with_for_update(of=Delivery, skip_locked=True)


_MISSED = _missed()


def _listening(kind: str, name: str) -> Select[str]:
    query = select(Subscription.instance_id).where(Subscription.kind == kind, Subscription.name == name)
    return query.order_by(Subscription.id)


def _next_receiver(
    db: Session, name: str, business_key: str, correlation: Mapping[str, Any], tried: list[str]
) -> str | None:
    """Return an instance that waits for a message: of the same business key, or of any if the message correlates."""
    query = _listening("message", name).where(Subscription.instance_id.not_in(tried))
    if not correlation:
        query = query.where(Subscription.business_key == business_key)
    return db.scalar(query.limit(1))


def _delivery(thrown: Thrown, business_key: str, receiver: str | None, tried: list[str]) -> Delivery:
    return Delivery(
        id=f"{int(clock.now().timestamp() * 1_000_000):015x}{next(_thrown) % 0x10000:04x}{new_id()[:13]}",  # in order
        instance_id=receiver,
        business_key=business_key,
        kind=thrown.kind,
        name=thrown.name,
        facts=thrown.facts,
        correlation=thrown.correlation,
        tried=tried,
        due_at=clock.now(),
        attempts=0,
    )
