"""Technical faults, parked for a coordinator: nothing is ever stuck in silence."""

from datetime import datetime, timedelta

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from core import clock, log
from core.errors import N_, NotYours
from core.ids import new_id
from engine.tables import Delivery, Incident, Instance, Subscription, Timer, UserTask

TRIES = 3
BACK_OFF = timedelta(minutes=1)


def raise_incident(db: Session, instance: Instance, element: str, sentence: str, **params: object) -> Incident:
    """Park a fault; one open incident an instance and element is enough. `sentence` is an Italian msgid."""
    query = select(Incident).where(
        Incident.instance_id == instance.id, Incident.element == element, Incident.status == "open"
    )
    found = db.scalar(query)
    if found is not None:
        return found
    incident = Incident(
        id=new_id(),
        instance_id=instance.id,
        business_key=instance.business_key,
        tenant=instance.tenant,
        element=element,
        sentence=sentence % params if params else sentence,
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


def failed(db: Session, timer_id: str, sentence: str) -> Incident | None:
    """Count a failed firing: wait longer each time, and after the third park it as an incident (returned)."""
    row = db.get(Timer, timer_id) or db.get(Delivery, timer_id)
    if row is None or row.instance_id is None:
        return None
    row.attempts += 1
    row.due_at = clock.now() + BACK_OFF * 4**row.attempts
    instance = db.get_one(Instance, row.instance_id)
    if row.attempts < TRIES:
        return None
    element = row.element if isinstance(row, Timer) else row.name
    return raise_incident(db, instance, element, sentence)


def retry(db: Session, incident_id: str, reason: str, *, by: str) -> Incident:
    """Try again what failed: its timers and deliveries become due now; the incident is closed."""
    incident = resolve(db, incident_id, reason, by=by)
    for table in (Timer, Delivery):
        given_up = update(table).where(table.instance_id == incident.instance_id, table.attempts >= TRIES)
        db.execute(given_up.values(attempts=0, due_at=clock.now()))
    return incident


def resolve(db: Session, incident_id: str, reason: str, *, by: str) -> Incident:
    """Close an incident with a reason. Raises NotYours if it is not open."""
    incident = db.get(Incident, incident_id)
    if incident is None or incident.status != "open":
        raise NotYours()
    incident.status, incident.resolved_at, incident.resolved_by, incident.reason = "resolved", clock.now(), by, reason
    instance = db.get_one(Instance, incident.instance_id)
    log.append(
        db, "incident.resolved", instance.stream, by=by, case=instance.business_key, reason=reason, incident=incident.id
    )
    return incident


def open_incidents(db: Session, tenants: frozenset[str] | None = None) -> list[Incident]:
    """Return the open incidents, oldest first; of these tenants only, unless None."""
    query = select(Incident).where(Incident.status == "open").order_by(Incident.raised_at)
    return list(db.scalars(query if tenants is None else query.where(Incident.tenant.in_(tenants))))


def park_stuck(db: Session, before: datetime) -> list[Incident]:
    """Raise an incident for each open instance (started before a moment) with nothing and nobody to wait for."""
    waits = [exists().where(table.instance_id == Instance.id) for table in (UserTask, Timer, Subscription, Delivery)]
    parked = exists().where(Incident.instance_id == Instance.id, Incident.status == "open")
    query = select(Instance).where(
        Instance.status == "open", Instance.started_at < before, ~parked, *(~w for w in waits)
    )
    sentence = N_("il percorso è aperto ma non attende più nulla e nessuno")
    return [raise_incident(db, instance, "", sentence) for instance in db.scalars(query.limit(100))]
