"""Technical faults, parked for a coordinator: nothing is ever stuck in silence."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, exists, func, select, true
from sqlalchemy.orm import Session

from core import clock, log
from core.errors import N_, AlreadyDone, NotYours, WrongOrder
from core.ids import new_id
from engine.tables import Delivery, Incident, Instance, Subscription, Timer, UserTask

TRIES = 3
BACK_OFF = timedelta(minutes=1)
STUCK = N_("il percorso è aperto ma non attende più nulla e nessuno")


class Settled(AlreadyDone):
    """Somebody settled this incident first; `who`, `when` and `status` say who, at what time and how."""

    sentence = N_("Questa anomalia è già stata chiusa da %(who)s alle %(when)s: non serve altro.")


def raise_incident(
    db: Session,
    instance: Instance,
    element: str,
    sentence: str,
    params: Mapping[str, object] | None = None,
    *,
    parked: str | None = None,
    attempts: int = 1,
) -> Incident:
    """Park a fault; one open incident for each thing that failed is enough. `sentence` is an Italian msgid."""
    query = select(Incident).where(
        Incident.instance_id == instance.id, Incident.element == element, Incident.status == "open"
    )
    found = db.scalar(query.where(Incident.parked.is_(None) if parked is None else Incident.parked == parked))
    if found is not None:
        return found
    incident = Incident(
        id=new_id(),
        instance_id=instance.id,
        business_key=instance.business_key,
        tenant=instance.tenant,
        element=element,
        parked=parked,
        attempts=attempts,
        sentence=sentence,
        params={name: value if isinstance(value, int) else str(value) for name, value in (params or {}).items()},
        raised_at=clock.now(),
        status="open",
    )
    db.add(incident)
    log.append(
        db,
        "incident.raised",
        instance.stream,
        by="clock",
        case=instance.business_key,
        element=element,
        incident=incident.id,
        instance=instance.id,
    )
    return incident


def failed(
    db: Session,
    timer_id: str,
    sentence: str,
    element: str = "",
    params: Mapping[str, object] | None = None,
    *,
    hopeless: bool = False,
) -> Incident | None:
    """Count a failed firing: wait longer each time, and after the third, or at once if it is hopeless, park it as an
    incident (returned).

    `element` is where it broke; not known, it is what was to happen: the timer's own element, the message's name.
    """
    row = db.get(Timer, timer_id) or db.get(Delivery, timer_id)
    if row is None or row.instance_id is None:
        return None
    row.attempts = TRIES if hopeless else row.attempts + 1
    row.due_at = clock.now() + BACK_OFF * 4**row.attempts
    instance = db.get_one(Instance, row.instance_id)
    if row.attempts < TRIES:
        return None
    element = element or (row.element if isinstance(row, Timer) else row.name)
    return raise_incident(db, instance, element, sentence, params, parked=row.id, attempts=row.attempts)


def get(db: Session, incident_id: str) -> Incident:
    """Return an incident, open or settled. Raises NotYours if there is none."""
    incident = db.get(Incident, incident_id)
    if incident is None:
        raise NotYours()
    return incident


def hold(db: Session, incident_id: str) -> tuple[Incident, Instance]:
    """An open incident and its instance, both locked. Raises NotYours (none), Settled (who, when) if it is over."""
    query = select(Instance).where(Instance.id == get(db, incident_id).instance_id).with_for_update()
    instance = db.scalars(query.execution_options(populate_existing=True)).one()
    # read again under the lock: of two who act at once the second must see what the first one did
    incident = db.get_one(Incident, incident_id, populate_existing=True)
    if incident.status != "open":
        at = (incident.resolved_at or clock.now()).astimezone(clock.ROME)
        day = "" if at.date() == clock.today() else f" ({at:%d/%m/%Y})"
        raise Settled(who=incident.resolved_by or "", when=f"{at:%H:%M}{day}")
    return incident, instance


def retry(db: Session, incident_id: str, reason: str, *, by: str) -> Incident:
    """Let the clock try again what failed, from now on; the incident is closed. WrongOrder if nothing was given up."""
    incident, instance = hold(db, incident_id)
    if not revive(db, incident):
        raise WrongOrder(N_("Qui non c'è niente da riprovare: nessun passo automatico è in attesa."))
    return _settle(db, incident, instance, "retried", reason, by)


def resolve(db: Session, incident_id: str, reason: str, *, by: str) -> Incident:
    """Take an incident off the list with a reason; what was given up stays given up."""
    incident, instance = hold(db, incident_id)
    return _settle(db, incident, instance, "resolved", reason, by)


def skipped(db: Session, incident_id: str, reason: str, *, by: str) -> Incident:
    """What failed was left out and the instance went on behind it; the incident is closed."""
    incident, instance = hold(db, incident_id)
    return _settle(db, incident, instance, "skipped", reason, by)


def revive(db: Session, incident: Incident) -> bool:
    """Make due now what this incident gave up. Return False if it is not there any more."""
    row = given_up(db, incident)
    if row is None:
        return False
    row.attempts, row.due_at = 0, clock.now()
    db.flush()
    return True


def given_up(db: Session, incident: Incident) -> Timer | Delivery | None:
    """The timer or message that this incident gave up, if it still waits."""
    if incident.parked is None:
        return None
    return db.get(Timer, incident.parked) or db.get(Delivery, incident.parked)


def _settle(db: Session, incident: Incident, instance: Instance, how: str, reason: str, by: str) -> Incident:
    incident.status, incident.resolved_at, incident.resolved_by, incident.reason = how, clock.now(), by, reason
    log.append(
        db,
        f"incident.{how}",
        instance.stream,
        by=by,
        case=instance.business_key,
        reason=reason,
        element=incident.element,
        incident=incident.id,
        instance=instance.id,
    )
    return incident


def open_incidents(db: Session, tenants: frozenset[str] | None = None) -> list[Incident]:
    """Return the open incidents, oldest first; of these tenants only, unless None."""
    return list(db.scalars(select(Incident).where(_open(tenants)).order_by(Incident.raised_at, Incident.id)))


def count_open(db: Session) -> int:
    """How many incidents are open."""
    return db.scalar(select(func.count()).select_from(Incident).where(_open(None))) or 0


def closed_incidents(db: Session, limit: int = 100) -> Sequence[Incident]:
    """Return the incidents that somebody settled, the newest first."""
    query = select(Incident).where(Incident.status != "open")
    return db.scalars(query.order_by(Incident.resolved_at.desc(), Incident.id).limit(limit)).all()


def _open(tenants: frozenset[str] | None) -> ColumnElement[bool]:
    return (Incident.status == "open") & (true() if tenants is None else Incident.tenant.in_(tenants))


def park_stuck(db: Session, before: datetime) -> list[Incident]:
    """Raise an incident for each open instance (started before a moment) with nothing and nobody to wait for.

    A timer or message that was given up is nothing to wait for.
    """
    waits = [
        exists().where(UserTask.instance_id == Instance.id),
        exists().where(Subscription.instance_id == Instance.id),
        exists().where(Timer.instance_id == Instance.id, Timer.attempts < TRIES),
        exists().where(Delivery.instance_id == Instance.id, Delivery.attempts < TRIES),
    ]
    parked = exists().where(Incident.instance_id == Instance.id, Incident.status == "open")
    query = select(Instance).where(
        Instance.status == "open", Instance.started_at < before, ~parked, *(~w for w in waits)
    )
    return [raise_incident(db, instance, "", STUCK) for instance in db.scalars(query.limit(100))]
