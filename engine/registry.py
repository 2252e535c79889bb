"""Published models: check, number, keep for ever, and hand out their program, read once per process."""

import hashlib
from collections.abc import Iterable
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, defer

from core import clock, log
from core.errors import N_, InvalidModel, NotYours
from core.ids import new_id
from engine import chains, decisions, lint, services, spiff, xml
from engine.game.program import Program
from engine.lint_drawing import APPRODO, BPMN
from engine.normalize import normalize
from engine.tables import Definition


def publish(db: Session, data: bytes, *, forms: frozenset[str] | None = None, by: str) -> Definition:
    """Make `data` the newest version of its process and return it; running instances keep theirs.

    The very same file as the newest version is not published twice. Raises InvalidModel with the findings.
    """
    sha = hashlib.sha256(data).hexdigest()
    same = next((each for each in newest(db) if each.sha == sha), None)
    if same is not None:
        return same
    findings = [each for each in lint.check(data, known(db, forms)) if each.level == "error"]
    if findings:
        raise InvalidModel(findings)
    process = next(xml.parse(data).iter(f"{{{BPMN}}}process"))
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
        published_at=clock.now(),
        written_by=None,
        in_force_from=clock.now(),
    )
    db.add(definition)
    db.flush()
    log.append(db, "model.published", f"model:{process_id}", by=by, version=definition.version, sha=sha)
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
    """Return the names that a model published now may use."""
    programs = {each.process_id: program(db, each.id) for each in newest(db)}
    return lint.Known(
        services=services.known(),
        decisions=decisions.known(db),
        forms=forms,
        calls={process: _called(found) for process, found in programs.items()},
        chains={process: chains.of(found) for process, found in programs.items()},
    )


def _called(found: Program) -> frozenset[str]:
    return frozenset(node.called for node in found.nodes.values() if node.called)


def newest(db: Session) -> list[Definition]:
    """Return the newest version of every process, by name."""
    top = select(Definition.process_id, func.max(Definition.version).label("version")).group_by(Definition.process_id)
    last = top.subquery()
    query = select(Definition).join(
        last, (Definition.process_id == last.c.process_id) & (Definition.version == last.c.version)
    )
    return list(db.scalars(query.order_by(Definition.name).options(defer(Definition.xml))))


def started_by(db: Session, message: str) -> tuple[Definition, str] | None:
    """Return the process that begins with this message and the id of its start event, or None.

    One statement, whatever is published: the programs are in memory.
    """
    found = ((each, program(db, each.id).begins.get(message)) for each in newest(db))
    return next(((each, start) for each, start in found if start is not None), None)


def startable(db: Session, where: str) -> list[tuple[Definition, Program]]:
    """Return the newest processes that a person may start on this kind of page, by name."""
    found = ((definition, program(db, definition.id)) for definition in newest(db))
    return [(definition, read) for definition, read in found if read.startable == where]


def current(db: Session, process_id: str) -> Definition:
    """Return the newest version of a process. Raises NotYours if there is none."""
    query = select(Definition).where(Definition.process_id == process_id).order_by(Definition.version.desc()).limit(1)
    found = db.scalar(query)
    if found is None:
        raise NotYours(N_("Il percorso «%(process)s» non è pubblicato."), process=process_id)
    return found


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
    return found


_programs: dict[str, Program] = {}
_MOST_PROGRAMS = 500


def _read(process_id: str, data: bytes) -> Program:
    if len(_programs) >= _MOST_PROGRAMS:
        _programs.pop(next(iter(_programs)))
    return spiff.read(normalize(xml.parse(data)), process_id)
