"""Published models: check, number, keep for ever, say which is in force, and hand out their program, read once per
process.
"""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import CompoundSelect, Select, bindparam, func, literal, not_, null, or_, select, union_all
from sqlalchemy.orm import Session, defer

from core import clock, log
from core.db import NOW, take_turns
from core.errors import N_, InvalidModel, NotYours, WrongOrder
from core.ids import new_id
from engine import chains, decisions, lint, services, spiff, xml
from engine.drafts import DECISION, FORM
from engine.game.program import Program
from engine.lint_drawing import APPRODO, BPMN, Drawing
from engine.normalize import normalize
from engine.tables import Definition, Draft, Step

# What was published at once is in force whatever the clock says: it may be set back, and an invented office lives in
# the past. Only what was scheduled waits for its moment.
IN_FORCE = or_(Definition.in_force_from <= NOW, Definition.in_force_from <= Definition.published_at)
LATEST = (Definition.in_force_from.desc(), Definition.version.desc())


def publish(
    db: Session,
    data: bytes,
    *,
    forms: frozenset[str] | None = None,
    written_by: str | None = None,
    in_force_from: datetime | None = None,
    by: str,
) -> Definition:
    """Make `data` the next version of its process and return it; running instances keep theirs.

    It is in force for new instances at once, or from a moment on; `written_by` is whose draft `by` confirmed. The very
    same file as the version that is in force then is not published twice. Raises InvalidModel with the findings.
    """
    sha, now = hashlib.sha256(data).hexdigest(), clock.now()
    start = max(in_force_from or now, now)
    same = next((each for each in newest(db, at=start) if each.sha == sha), None)
    if same is not None:
        return same
    findings = [each for each in lint.check(data, known(db, forms)) if each.level == "error"]
    if findings:
        raise InvalidModel(findings)
    process = Drawing(xml.parse(data)).process
    if process is None:
        raise InvalidModel(lint.check(data))
    process_id = process.get("id", "")
    last = db.scalar(select(func.max(Definition.version)).where(Definition.process_id == process_id)) or 0
    definition = Definition(
        id=new_id(),
        process_id=process_id,
        version=last + 1,
        name=process.get("name") or process_id,
        name_en=process.get(f"{APPRODO}nameEn") or "",
        sha=sha,
        xml=data,
        published_by=by,
        published_at=now,
        written_by=written_by,
        in_force_from=start,
    )
    db.add(definition)
    db.flush()
    draft: dict[str, Any] = {"author": written_by, "in_force_from": definition.in_force_from} if written_by else {}
    log.append(db, "model.published", f"model:{process_id}", by=by, version=definition.version, sha=sha, **draft)
    return definition


def alone(db: Session) -> None:
    """Wait until nobody else publishes: what is found from here on to be right beside the others stays so."""
    take_turns(db, "publishing")


def withdraw(db: Session, definition: Definition, *, by: str) -> Definition:
    """Take back a version that is not in force yet: it never will be. Raises WrongOrder."""
    if not is_to_come(definition):
        raise WrongOrder(N_("Questa versione è già in vigore o già ritirata: pubblicane un'altra."))
    definition.in_force_from = None
    db.flush()
    log.append(db, "model.withdrawn", f"model:{definition.process_id}", by=by, version=definition.version)
    return definition


def in_order(files: Iterable[bytes]) -> list[bytes]:
    """Return these models with every called process before the one that calls it; a ring is left to the lint."""
    left = {process.get("id", ""): (data, _calls(root)) for data, root, process in map(_opened, files)}
    ordered: list[bytes] = []
    while left:
        free = [name for name, (_, calls) in left.items() if not calls & left.keys()] or list(left)
        ordered += [left.pop(name)[0] for name in free]
    return ordered


def _opened(data: bytes) -> tuple[bytes, Any, Any]:
    root = xml.parse(data)
    return data, root, next(root.iter(f"{{{BPMN}}}process"))


def _calls(root: Any) -> set[str]:
    return {call.get("calledElement", "") for call in root.iter(f"{{{BPMN}}}callActivity")}


def known(db: Session, forms: frozenset[str] | None = None) -> lint.Known:
    """Return the names that a model published now may use, and what the versions in force and to come lead to."""
    named: dict[str, dict[str, list[str]]] = {}
    for kind, name, id_ in db.execute(_NAMES):
        named.setdefault(kind, {}).setdefault(name, []).append(id_)
    calls, leads = _reached(db, named.get(_MODEL, {}))
    calls_to_come, leads_to_come = _reached(db, named.get(_TO_COME, {}))
    begun: dict[str, list[str]] = {}
    for process, begins in leads.items():
        for message in begins:
            begun.setdefault(message, []).append(process)
    return lint.Known(
        services=services.known(),
        decisions=frozenset(named.get(_TABLE, ())),
        forms=forms,
        drafts={kind: frozenset(named.get(kind, ())) for kind in (DECISION, FORM)},
        calls=calls,
        chains=leads,
        calls_to_come=calls_to_come,
        chains_to_come=leads_to_come,
        begins={message: _first(db, message, processes) for message, processes in begun.items()},
    )


def _first(db: Session, message: str, processes: list[str]) -> str:
    """Which of the processes that begin with a message is the one that it begins."""
    found = started_by(db, message) if len(processes) > 1 else None
    return found[0].process_id if found is not None else processes[0]


def _reached(
    db: Session, versions: Mapping[str, list[str]]
) -> tuple[dict[str, frozenset[str]], dict[str, chains.Chains]]:
    """What each process calls, and what its messages begin, in any of these versions of it."""
    found = {process: [_reach(db, id_) for id_ in ids] for process, ids in versions.items()}
    calls = {process: frozenset().union(*(called for called, _ in several)) for process, several in found.items()}
    return calls, {process: chains.merged(leads for _, leads in several) for process, several in found.items()}


def _reach(db: Session, definition_id: str) -> tuple[frozenset[str], chains.Chains]:
    """What a definition calls and what its messages begin, found once per process like its program."""
    reached = _reaches.get(definition_id)
    if reached is None:
        if len(_reaches) >= _MOST_PROGRAMS:
            _reaches.clear()
        found = program(db, definition_id)
        called = frozenset(node.called for node in found.nodes.values() if node.called)
        reached = _reaches[definition_id] = called, chains.of(found)
    return reached


def is_to_come(version: Any) -> bool:
    """Whether a published model, table or form waits for the moment that it was scheduled for."""
    start = version.in_force_from
    return start is not None and start > max(clock.now(), version.published_at)


def newest(db: Session, *, at: datetime | None = None) -> list[Definition]:
    """Return the version of every process that is in force now, or will be at a moment to come, by name.

    That is the one that came into force last: what was scheduled takes over on its day, whatever was published since.
    """
    return list(db.scalars(_in_force(Definition, at=at).order_by(Definition.name).options(defer(Definition.xml))))


def to_come(db: Session) -> list[Definition]:
    """Return every version that waits for the moment that it was scheduled for, the next one first."""
    query = select(Definition).where(not_(IN_FORCE)).order_by(Definition.in_force_from)
    return list(db.scalars(query.options(defer(Definition.xml))))


def _in_force(*wanted: Any, at: datetime | None = None) -> Select[Any]:
    """This of the version of every process that is in force now, or will be at a moment to come."""
    place = func.row_number().over(partition_by=Definition.process_id, order_by=LATEST).label("place")
    due = IN_FORCE if at is None else or_(IN_FORCE, Definition.in_force_from <= at)
    ranked = select(Definition.id, place).where(due).subquery()
    return select(*wanted).join(ranked, (Definition.id == ranked.c.id) & (ranked.c.place == 1))


# built once: every save of a draft asks what may be named - models, tables and what is only drawn - in one go
_MODEL, _TO_COME, _TABLE = "model", "to come", "table"
_OPEN = select(Draft.kind, Draft.key, null()).where(Draft.content.is_not(None), Draft.kind.in_((DECISION, FORM)))
_NAMES: CompoundSelect[Any] = union_all(
    _in_force(literal(_MODEL), Definition.process_id, Definition.id),
    select(literal(_TO_COME), Definition.process_id, Definition.id).where(not_(IN_FORCE)),
    decisions.KNOWN.with_only_columns(literal(_TABLE), decisions.DecisionTable.decision_id, null()).distinct(),
    _OPEN,
)
_VERSION = (
    select(Definition.version)
    .where(Definition.process_id == bindparam("process"), IN_FORCE)
    .order_by(*LATEST)
    .limit(1)
)


def versions(db: Session, process_id: str) -> list[Definition]:
    """Return every version of a process, those to come and those of the past too, the youngest first."""
    query = select(Definition).where(Definition.process_id == process_id).options(defer(Definition.xml))
    return list(db.scalars(query.order_by(Definition.version.desc())))


def past(db: Session) -> list[str]:
    """Return the ids of all that is or was in force, what came into force last first."""
    return list(db.scalars(select(Definition.id).where(IN_FORCE).order_by(Definition.in_force_from.desc())))


def started_by(db: Session, message: str) -> tuple[Definition, str] | None:
    """Return the process that begins with this message and the id of its start event, or None.

    Of several, the one that has begun with it for longest: a copy takes nothing over. One statement, whatever is
    published, unless there are several: the programs are in memory.
    """
    found = [(each, start) for each in newest(db) if (start := program(db, each.id).begins.get(message)) is not None]
    if len(found) > 1:
        since = _since(db, message, [each.process_id for each, _ in found])
        found.sort(key=lambda each: since[each[0].process_id])  # of the same moment the first by name
    return found[0] if found else None


def _since(db: Session, message: str, processes: list[str]) -> dict[str, datetime]:
    """From which moment on each of these processes, which all do so now, has begun with a message without a break."""
    query = select(Definition.process_id, Definition.id, Definition.in_force_from)
    query = query.where(Definition.process_id.in_(processes), IN_FORCE).order_by(*LATEST)
    since = dict.fromkeys(processes, clock.now())  # for one whose next version took over a moment ago, without it
    over: set[str] = set()
    for process, id_, start in db.execute(query).all():
        if process in over or message not in program(db, id_).begins:
            over.add(process)
        elif start is not None:
            since[process] = start
    return since


def startable(db: Session, where: str) -> list[tuple[Definition, Program]]:
    """Return the processes in force that a person may start on this kind of page, by name."""
    found = ((definition, program(db, definition.id)) for definition in newest(db))
    return [(definition, read) for definition, read in found if read.startable == where]


def current(db: Session, process_id: str) -> Definition:
    """Return the version of a process that is in force now. Raises NotYours if there is none."""
    query = select(Definition).where(Definition.process_id == process_id, IN_FORCE)
    found = db.scalar(query.order_by(*LATEST).limit(1))
    if found is None:
        raise NotYours(N_("Il percorso «%(process)s» non è pubblicato."), process=process_id)
    return found


def version_in_force(db: Session, process_id: str) -> int | None:
    """Return the number of the version that is in force now, or None."""
    return db.scalar(_VERSION, {"process": process_id})


def get(db: Session, definition_id: str) -> Definition:
    """Return a definition. Raises NotYours if there is none."""
    found = db.get(Definition, definition_id)
    if found is None:
        raise NotYours()
    return found


def program(db: Session, definition_id: str) -> Program:
    """Return the program of a definition. Definitions never change, so each is read once per process."""
    found = _programs.get(definition_id)
    if found is None:
        definition = get(db, definition_id)
        found = _programs[definition_id] = _read(definition.process_id, definition.xml)
        _versions[definition_id] = definition.version
    return found


def name_en(db: Session, step: Step) -> str:
    """The English name of a step, from the version in which it ran, or an empty string; itself it keeps the Italian."""
    node = program(db, step.definition_id).nodes.get(step.element)
    return node.name_en if node is not None else ""


def edition(db: Session, definition_id: str) -> dict[str, Any]:
    """Which model a definition is, for the log: its process and version."""
    return {"process": program(db, definition_id).process_id, "version": _versions[definition_id]}


_programs: dict[str, Program] = {}
_versions: dict[str, int] = {}
_reaches: dict[str, tuple[frozenset[str], chains.Chains]] = {}
_MOST_PROGRAMS = 500


def _read(process_id: str, data: bytes) -> Program:
    if len(_programs) >= _MOST_PROGRAMS:
        _programs.pop(next(iter(_programs)))
    return spiff.read(normalize(xml.parse(data)), process_id)
