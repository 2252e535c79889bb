"""Histories for others' tools: XES (IEEE 1849), OCEL 2.0, CSV, JSON Lines, proofs; each with a manifest of hashes.

Only process facts leave: codes, elements, moments, opaque ids of users. What a person said is in none of them.
"""

import csv
import hashlib
import io
import zipfile
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from lxml import etree
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from cases.casefile import Case
from core import audit, clock, seal
from core.log import Line
from engine import history, registry
from engine.tables import Definition, Instance, Step
from engine.waits import MOVED
from tasks import htcds

EXTENSIONS = (("Concept", "concept"), ("Time", "time"), ("Organizational", "org"), ("Lifecycle", "lifecycle"))
COLUMNS = (
    "case", "pathway", "version", "instance", "element", "name", "kind", "started_at", "ended_at", "outcome", "by",
)  # fmt: skip
FIRST_DAY = (1980, 1, 1, 0, 0, 0)  # of every file inside: the same content is the same archive


def archive(db: Session, kind: str, codes: Sequence[str], by: str) -> tuple[bytes, str]:
    """One ZIP with the files and their manifest, and its SHA-256."""
    files = _MAKERS[kind](db, sorted(codes), by)
    manifest = {
        "format": f"approdo-{kind} 1", "cases": sorted(codes), "made_at": clock.iso(clock.now()), "made_by": by,
        "log": seal.name(db), "files": {name: hashlib.sha256(content).hexdigest() for name, content in files.items()},
    }  # fmt: skip
    files["export.json"] = orjson.dumps(manifest, option=orjson.OPT_INDENT_2)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in sorted(files.items()):
            made.writestr(zipfile.ZipInfo(name, FIRST_DAY), content)
    return packed.getvalue(), hashlib.sha256(packed.getvalue()).hexdigest()


def _runs(db: Session, codes: Sequence[str]) -> list[tuple[Instance, Definition, list[tuple[Step, str]]]]:
    """The pathways of these cases, oldest first, with the model that each ran on and its named steps."""
    query = select(Instance, Definition).join(Definition, Definition.id == Instance.definition_id)
    query = query.where(Instance.business_key.in_(codes))
    found = []
    for run, model in db.execute(query.order_by(Instance.business_key, Instance.started_at, Instance.id)):
        steps = history.steps(db, run.id)
        named = [(step, name) for step in steps if step.outcome != MOVED and (name := _name(db, step))]
        found.append((run, model, named))
    return found


def _name(db: Session, step: Step) -> str:
    node = registry.program(db, step.definition_id).nodes.get(step.element)
    return node.name if node is not None else ""


def xes(db: Session, codes: Sequence[str]) -> bytes:
    """IEEE 1849: one trace for each pathway, an event where a step begins and one where it ends."""
    log = etree.Element("log", {"xes.version": "1849.2016", "xes.features": ""})
    for name, prefix in EXTENSIONS:
        uri = f"http://www.xes-standard.org/{name.lower() if name != 'Organizational' else 'org'}.xesext"
        etree.SubElement(log, "extension", name=name, prefix=prefix, uri=uri)
    trace_defaults = etree.SubElement(log, "global", scope="trace")
    _put(trace_defaults, "string", "concept:name", "?")
    event_defaults = etree.SubElement(log, "global", scope="event")
    _put(event_defaults, "string", "concept:name", "?")
    _put(event_defaults, "date", "time:timestamp", "1970-01-01T00:00:00.000+00:00")
    _put(event_defaults, "string", "lifecycle:transition", "complete")
    etree.SubElement(log, "classifier", name="Activity", keys="concept:name")
    for run, model, steps in _runs(db, codes):
        trace = etree.SubElement(log, "trace")
        _put(trace, "string", "concept:name", run.id)
        _put(trace, "string", "approdo:case", run.business_key)
        _put(trace, "string", "approdo:process", model.process_id)
        _put(trace, "int", "approdo:version", str(model.version))
        last = datetime.min.replace(tzinfo=UTC)
        for at, transition, step, name in sorted(_moments(steps), key=lambda moment: moment[0]):
            # one run has one moment: a microsecond apart, so that every tool keeps the order of the model
            last = max(at.astimezone(UTC), last + timedelta(microseconds=1))
            event = etree.SubElement(trace, "event")
            _put(event, "string", "concept:name", name)
            _put(event, "date", "time:timestamp", last.isoformat(timespec="microseconds"))
            _put(event, "string", "lifecycle:transition", transition)
            _put(event, "string", "org:resource", step.by or "system")
            _put(event, "string", "approdo:element", step.element)
    return etree.tostring(log, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _put(parent: Any, kind: str, key: str, value: str) -> None:
    etree.SubElement(parent, kind, key=key, value=value)


def _moments(steps: Iterable[tuple[Step, str]]) -> Iterable[tuple[datetime, str, Step, str]]:
    for step, name in steps:
        yield step.started_at, "start", step, name
        if step.ended_at is not None:
            done = step.outcome in (None, "done", "fired", "joined")
            yield step.ended_at, "complete" if done else "ate_abort", step, name


def ocel(db: Session, codes: Sequence[str]) -> bytes:
    """OCEL 2.0 as JSON: cases, pathways and workers as objects; the end of each step as an event of its element."""
    runs = _runs(db, codes)
    objects: dict[str, dict[str, Any]] = {
        case.code: _object(case.code, "case", case.opened_at, {"post": case.post, "status": case.status})
        for case in db.scalars(select(Case).where(Case.code.in_(codes)).order_by(Case.code))
    }
    events: list[dict[str, Any]] = []
    for run, model, steps in runs:
        facts = {"process": model.process_id, "version": str(model.version), "status": run.status}
        objects[run.id] = _object(run.id, "pathway", run.started_at, facts)
        objects[run.id]["relationships"].append({"objectId": run.business_key, "qualifier": "of"})
        for step, _ in steps:
            links = [{"objectId": run.business_key, "qualifier": "case"}, {"objectId": run.id, "qualifier": "pathway"}]
            if step.by and step.by.startswith("u_"):
                objects.setdefault(step.by, _object(step.by, "worker", run.started_at, {}))
                links.append({"objectId": step.by, "qualifier": "by"})
            moment = _iso(step.ended_at or step.started_at)
            events.append({
                "id": step.id, "type": f"{model.process_id}.{step.element}", "time": moment,
                "attributes": [{"name": "outcome", "value": step.outcome or "waiting"}], "relationships": links,
            })  # fmt: skip
    kinds = {"case": ("post", "status"), "pathway": ("process", "version", "status"), "worker": ()}
    said = [{"name": "outcome", "type": "string"}]
    return orjson.dumps({
        "objectTypes": [
            {"name": name, "attributes": [{"name": fact, "type": "string"} for fact in facts]}
            for name, facts in kinds.items()
        ],
        "eventTypes": [{"name": name, "attributes": said} for name in sorted({event["type"] for event in events})],
        "objects": list(objects.values()),
        "events": sorted(events, key=lambda event: (event["time"], event["id"])),
    }, option=orjson.OPT_INDENT_2)  # fmt: skip


def _object(id_: str, kind: str, at: datetime, facts: dict[str, str]) -> dict[str, Any]:
    attributes = [{"name": name, "time": _iso(at), "value": value} for name, value in facts.items()]
    return {"id": id_, "type": kind, "attributes": attributes, "relationships": []}


def steps_csv(db: Session, codes: Sequence[str]) -> bytes:
    """One row for each step. Nothing in it begins like a formula of a spreadsheet: codes, names of models, moments."""
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(COLUMNS)
    for run, model, steps in _runs(db, codes):
        for step, name in steps:
            end = _iso(step.ended_at) if step.ended_at else ""
            rows.writerow((
                run.business_key, model.process_id, model.version, run.id, step.element, _harmless(name), step.kind,
                _iso(step.started_at), end, step.outcome or "", step.by or "",
            ))  # fmt: skip
    return text.getvalue().encode()


def _harmless(text: str) -> str:
    return f"'{text}" if text[:1] in "=+-@\t\r" else text


def lines(db: Session, codes: Sequence[str]) -> bytes:
    """The lines of the log as they were written, one JSON object each."""
    streams = [f"case:{code}" for code in codes]
    query = select(Line.body).where(or_(Line.case_code.in_(codes), Line.stream.in_(streams))).order_by(Line.id)
    return b"".join(body.encode() + b"\n" for body in db.scalars(query))


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _proofs(db: Session, codes: Sequence[str], by: str) -> dict[str, bytes]:
    return {
        f"{code}/{name}": content
        for code in codes
        for name, content in audit.package(db, code, by=by)[0].items()
    }  # fmt: skip


_MAKERS: dict[str, Callable[[Session, Sequence[str], str], dict[str, bytes]]] = {
    "proofs": _proofs,
    "xes": lambda db, codes, _: {"log.xes": xes(db, codes)},
    "ocel": lambda db, codes, _: {"log.jsonocel": ocel(db, codes)},
    "csv": lambda db, codes, _: {"steps.csv": steps_csv(db, codes)},
    "jsonl": lambda db, codes, _: {"lines.jsonl": lines(db, codes)},
    "htcds": lambda db, codes, _: {"htcds.json": htcds.export(db, codes)},
}
