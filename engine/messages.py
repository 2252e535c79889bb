"""Messages and signals between instances (BPMN 2.0, 8.3.2 and 10.5.6).

What an instance throws is a row in the same transaction; the clock delivers it at its next tick, so no lock on one
case ever waits for a lock on another. A message that nobody waits for yet is kept until somebody does; a signal is
not.
"""

from datetime import timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from core import clock
from core.ids import new_id
from engine.game.env import Thrown
from engine.tables import Delivery, Instance, Subscription
from engine.waits import Waits

KEPT_FOR = timedelta(days=366)


def dispatch(db: Session, thrown: Thrown, sender: Instance) -> list[Delivery]:
    """Address what an instance threw: a message to one receiver of the same business key (or, correlated, of any), a
    signal to everyone else who listens."""
    query = select(Subscription.instance_id).where(
        Subscription.kind == thrown.kind, Subscription.name == thrown.name, Subscription.instance_id != sender.id
    )
    if thrown.kind == "message" and not thrown.correlation:
        query = query.where(Subscription.business_key == sender.business_key)
    receivers: list[str | None] = list(dict.fromkeys(db.scalars(query.order_by(Subscription.id))))
    if thrown.kind == "message" and not thrown.correlation:
        receivers = receivers[:1] or [None]
    rows = [_delivery(thrown, sender, receiver) for receiver in receivers]
    db.add_all(rows)
    return rows


def _delivery(thrown: Thrown, sender: Instance, receiver: str | None) -> Delivery:
    return Delivery(
        id=new_id(),
        instance_id=receiver,
        business_key=sender.business_key,
        kind=thrown.kind,
        name=thrown.name,
        facts=thrown.facts,
        correlation=thrown.correlation,
        due_at=clock.now(),
        attempts=0,
    )


def pick_up(db: Session, instance: Instance, before: Waits, after: Waits) -> None:
    """Address messages that were kept for want of a receiver to an instance that now waits for them."""
    names = {row["name"] for key, row in after.subscriptions.items() if key not in before.subscriptions}
    if not names:
        return
    kept = or_(Delivery.business_key == instance.business_key, Delivery.correlation != {})
    waiting = select(Delivery.id).where(
        Delivery.instance_id.is_(None),
        Delivery.kind == "message",
        Delivery.name.in_(names),
        kept,
        Delivery.due_at > clock.now() - KEPT_FOR,
    )
    found = list(db.scalars(waiting))
    if found:
        db.execute(update(Delivery).where(Delivery.id.in_(found)).values(instance_id=instance.id, due_at=clock.now()))
