"""Pathways that stopped, for the coordinator: what broke, where, and the three ways on: retry, skip, resolve.

A coordinator sees codes, elements and sentences, never what is in a case. Why somebody did what is sealed with the case
or contact; the log line carries the id of the words.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session, aliased

from cases import access, reasons
from cases.access import Actor
from cases.casefile import Case
from core.errors import N_, InvalidForm, Refused, WrongOrder
from core.users import User
from engine import history, incidents, instances, registry, runs
from engine.game.program import Node
from engine.runs import ModelFault
from engine.tables import Definition, Incident, Instance
from tasks import reminders

RETRY, SKIP, RESOLVE = "retry", "skip", "resolve"
WAYS = (RETRY, SKIP, RESOLVE)
TECHNICAL = N_("Errore tecnico: avvisa chi cura il sistema.")
FIELDS = N_("Un dato del percorso non è quello che il passo si aspetta.")
NO_PATHWAY = N_("il caso è aperto ma nessun percorso e nessuna persona lo porta avanti")


@dataclass(frozen=True, slots=True)
class Stopped:
    """An incident with its place in words: the pathway, the element (None: the pathway as a whole), the ways on."""

    incident: Incident
    instance: Instance
    model: Definition
    node: Node | None
    ways: tuple[str, ...]
    open_to_reader: bool


def list_open(db: Session, actor: Actor) -> list[Stopped]:
    """What waits for a coordinator, oldest first."""
    return [_place(db, actor, incident) for incident in incidents.open_incidents(db)]


def list_settled(db: Session, actor: Actor) -> list[Stopped]:
    """What somebody took care of, the newest first."""
    return [_place(db, actor, incident) for incident in incidents.closed_incidents(db)]


def find(db: Session, actor: Actor, incident_id: str) -> Stopped:
    """One incident. Raises NotYours if there is none."""
    return _place(db, actor, incidents.get(db, incident_id))


def settle(db: Session, incident_id: str, way: str, reason: str, *, by: str) -> Incident:
    """Go one of the ways, for a reason. Raises InvalidForm, Settled (who, when), or WrongOrder if it leads nowhere."""
    if way not in WAYS:
        raise InvalidForm({"way": [N_("Scegli che cosa fare.")]})
    with _named(db):
        incident, instance = incidents.hold(db, incident_id)
        if way not in ways(db, incident):
            raise WrongOrder(NO_WAY[way])
        kept = reasons.keep(db, instance.stream, f"incident.{way}", reason, by=by)
        if way == RETRY:
            return incidents.retry(db, incident_id, kept, by=by)
        if way == SKIP:
            _go_round(db, incident, by)
            return incidents.skipped(db, incident_id, kept, by=by)
        return incidents.resolve(db, incident_id, kept, by=by)


NO_WAY = {
    RETRY: N_("Qui non c'è niente da riprovare: nessun passo automatico è in attesa."),
    SKIP: N_("Questo passo non si può saltare da qui."),
    RESOLVE: N_("Questa anomalia è già chiusa."),
}


def ways(db: Session, incident: Incident) -> tuple[str, ...]:
    """The ways that lead somewhere now."""
    if incident.status != "open":
        return ()
    if incidents.given_up(db, incident) is None:
        return (RESOLVE,)
    return WAYS if incident.element else (RETRY, RESOLVE)


def words_of(db: Session, incident: Incident) -> str:
    """Why it was settled like that: what one coordinator left for the others."""
    return reasons.words(db, incident.reason) if incident.reason else ""


def _go_round(db: Session, incident: Incident, by: str) -> None:
    """Let what was given up happen now, without the element that broke."""
    incidents.revive(db, incident)
    with going_on():
        instances.fire(db, str(incident.parked), omit=frozenset({incident.element}), by=by)


@contextmanager
def going_on() -> Iterator[None]:
    """Say in words that what comes behind a left-out step cannot do without it; nothing was changed then."""
    try:
        yield
    except (InvalidForm, ModelFault) as problem:
        raise WrongOrder(CANNOT_GO_ON) from problem
    except Refused:
        raise
    except (LookupError, TypeError, ValueError, AttributeError) as problem:
        raise WrongOrder(CANNOT_GO_ON) from problem


CANNOT_GO_ON = N_("Questo passo non si può saltare: quello che viene dopo ha bisogno delle sue risposte.")


# -- raising -----------------------------------------------------------------------------------------------------------


class Runaway(Refused):
    """An instance that never comes to rest: trying again would only turn it further."""

    sentence = N_("Il percorso gira senza fermarsi: si è mosso da solo più di %(times)s volte in un momento.")


def count_failure(db: Session, timer_id: str, problem: Exception) -> Incident | None:
    """Count a firing that broke; the third time it is parked and told, with the place and a sentence without anybody's
    words."""
    incident = incidents.failed(db, timer_id, *_said_of(problem), hopeless=isinstance(problem, Runaway))
    if incident is not None:
        reminders.tell_of_incident(db, incident)
    return incident


def _said_of(problem: Exception) -> tuple[str, str, Mapping[str, object]]:
    """The sentence of a fault, the element where it broke ("" if that is not known), and what the sentence names."""
    if isinstance(problem, ModelFault):
        return problem.fault.sentence, problem.fault.element, problem.fault.params
    if isinstance(problem, InvalidForm):
        return FIELDS, runs.place_of(problem), {}
    if isinstance(problem, Refused):
        return problem.sentence, runs.place_of(problem), problem.params
    return TECHNICAL, runs.place_of(problem), {}


def report(db: Session, problem: ModelFault) -> Incident | None:
    """A person met a fault: she was told and lost nothing, and the coordinators learn it without her doing.

    A pathway that could not even start left no instance, and nothing to look after.
    """
    instance = db.get(Instance, problem.instance_id)
    if instance is None:
        return None
    fault = problem.fault
    incident = incidents.raise_incident(db, instance, fault.element, fault.sentence, fault.params)
    reminders.tell_of_incident(db, incident)
    return incident


def park(db: Session, before: datetime) -> list[Incident]:
    """Raise an incident for everything that nobody and nothing carries on: instances, and cases without one.

    A case is told once for each of its pathways that ended; after that, whoever resolved it knows.
    """
    found = [*incidents.park_stuck(db, before), *_cases_at_rest(db, before)]
    for incident in found:
        reminders.tell_of_incident(db, incident)
    return found


def _cases_at_rest(db: Session, before: datetime) -> list[Incident]:
    of_case = aliased(Instance)
    here = select(of_case.id).where(of_case.business_key == Case.code).correlate(Case)
    running = here.where(of_case.status == "open").exists()
    last = here.order_by(of_case.ended_at.desc(), of_case.id).limit(1).scalar_subquery()
    told = exists().where(Incident.instance_id == Instance.id, Incident.element == "", Incident.sentence == NO_PATHWAY)
    query = select(Instance).join(Case, Instance.id == last)
    parked = exists().where(Incident.instance_id == Instance.id, Incident.status == "open")
    query = query.where(Case.status == "open", ~running, ~told, ~parked, Instance.ended_at < before)
    return [incidents.raise_incident(db, instance, "", NO_PATHWAY) for instance in db.scalars(query.limit(100))]


# -- words -------------------------------------------------------------------------------------------------------------


def _place(db: Session, actor: Actor, incident: Incident) -> Stopped:
    instance = history.instance(db, incident.instance_id)
    model = registry.get(db, instance.definition_id)
    node = registry.program(db, model.id).nodes.get(incident.element)
    return Stopped(incident, instance, model, node, ways(db, incident), _may_see(db, actor, incident.business_key))


def _may_see(db: Session, actor: Actor, code: str) -> bool:
    known = access.visible_cases(actor).union_all(access.visible_contacts(actor)).subquery()
    return db.scalar(select(func.count()).select_from(known).where(known.c[0] == code)) != 0


@contextmanager
def _named(db: Session) -> Iterator[None]:
    """Who was faster, by name."""
    try:
        yield
    except incidents.Settled as refusal:
        who = str(refusal.params.get("who", ""))
        user = db.get(User, who)
        raise incidents.Settled(who=user.name if user else who, when=refusal.params.get("when", "")) from refusal
