"""What is published, out as files, and the shipped files in; of a folder that git keeps in step see `folders`.

In a folder and in a zip the files lie as in `workflows/`: bpmn/<process>.bpmn, dmn/<decision>.dmn, forms/<form>.json.
They are the published bytes, so that writing them and publishing them again changes nothing.
"""

import hashlib
import io
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

import orjson
from sqlalchemy.orm import Session

from core.errors import InvalidModel, NotYours
from engine import decisions, dmn, lint, registry, xml
from engine.decisions import DecisionTable
from engine.drafts import DECISION, FORM
from engine.lint_drawing import Drawing
from engine.tables import Definition
from tasks import formbook, forms

DEPLOY: Final = "deploy"
MANIFEST: Final = "manifest.json"
KINDS: Final = {"forms": ".json", "dmn": ".dmn", "bpmn": ".bpmn"}  # in the order in which they are published
_LONG_AGO: Final = (1980, 1, 1, 0, 0, 0)  # the first day that a zip knows: the same parts make the same bytes


@dataclass(frozen=True, slots=True)
class Part:
    """One published file: where it lies, which version it is (0: shipped and not yet published here), what it says."""

    path: str
    version: int
    data: bytes

    @property
    def sha(self) -> str:
        """Its fingerprint."""
        return hashlib.sha256(self.data).hexdigest()


# -- out ---------------------------------------------------------------------------------------------------------------


def everything(db: Session) -> list[Part]:
    """Return all that is in force: models, tables, forms."""
    models = [_model(each) for each in registry.newest(db)]
    return sorted([*models, *_tables(decisions.newest(db)), *_forms(db, formbook.known(db))], key=_path)


def pathway(db: Session, process_id: str) -> list[Part]:
    """Return one model, those it calls and so on, and the tables and forms that they use. Raises NotYours."""
    models, todo = {}, [process_id]
    while todo:
        name = todo.pop()
        if name not in models:
            models[name] = registry.current(db, name)
            todo += [node.called for node in registry.program(db, models[name].id).nodes.values() if node.called]
    nodes = [node for each in models.values() for node in registry.program(db, each.id).nodes.values()]
    wanted = {node.decision for node in nodes}
    tables = _tables(each for each in decisions.newest(db) if each.decision_id in wanted)
    asked = _forms(db, {node.form for node in nodes if node.form})
    return sorted([*map(_model, models.values()), *tables, *asked], key=_path)


def table_file(db: Session, decision_id: str) -> Part:
    """Return the file of a decision in force. Raises decisions.UnknownDecision."""
    found = decisions.current(db, decision_id)
    if found is None:
        raise decisions.UnknownDecision(decision=decision_id)
    return _tables([found])[0]


def form_file(db: Session, name: str) -> Part:
    """Return the file of a form in force. Raises NotYours if there is none."""
    if name not in formbook.known(db):
        raise NotYours
    return _forms(db, [name])[0]


def zipped(parts: Iterable[Part]) -> bytes:
    """Return a zip of these files and a manifest of their versions and fingerprints; the same parts, the same bytes."""
    parts = list(parts)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in [(MANIFEST, manifest(parts)), *((part.path, part.data) for part in parts)]:
            archive.writestr(zipfile.ZipInfo(path, _LONG_AGO), data, zipfile.ZIP_DEFLATED)
    return made.getvalue()


def manifest(parts: Iterable[Part]) -> bytes:
    """Return which version and fingerprint each of these files has; the same parts, the same bytes."""
    told = [{"path": part.path, "version": part.version, "sha256": part.sha} for part in parts]
    return orjson.dumps({"approdo": 1, "files": told}, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def held(db: Session, kind: str, names: Iterable[str]) -> list[Part]:
    """Return what is in force under these names of one kind, a shipped form that was never published here too."""
    if kind == FORM:
        return [_form(db, name) for name in names if name in formbook.known(db)]
    if kind == DECISION:
        return [Part("", table.version, table.xml) for name in names if (table := decisions.current(db, name))]
    return [_model(each) for each in registry.newest(db) if each.process_id in set(names)]


def _path(part: Part) -> str:
    return part.path


def _model(definition: Definition) -> Part:
    return Part(f"bpmn/{definition.process_id}.bpmn", definition.version, definition.xml)


def _tables(tables: Iterable[DecisionTable]) -> list[Part]:
    """Each file once, called after the first of its decisions that is still in force."""
    found: dict[str, DecisionTable] = {}
    for table in tables:
        found.setdefault(table.sha, table)
    return [Part(f"dmn/{table.decision_id}.dmn", table.version, table.xml) for table in found.values()]


def _forms(db: Session, names: Iterable[str]) -> list[Part]:
    return [_form(db, name) for name in sorted(names)]


def _form(db: Session, name: str) -> Part:
    found = formbook.current(db, name)
    shipped = b"" if found else (forms.FOLDER / f"{name}.json").read_bytes()
    return Part(f"forms/{name}.json", found.version if found else 0, found.content if found else shipped)


# -- in ----------------------------------------------------------------------------------------------------------------


def files_of(paths: Iterable[Path]) -> dict[str, bytes]:
    """Return what lies at these paths by its place in `workflows/`; of a folder, what it has in bpmn, dmn and forms."""
    found = {}
    for path in paths:
        files = path.glob("*/*") if path.is_dir() else [path]
        for file in sorted(files):
            kind = next((kind for kind, ending in KINDS.items() if file.suffix == ending), "")
            if kind and file.is_file() and (not path.is_dir() or file.parent.name == kind):
                found[f"{kind}/{file.name}"] = file.read_bytes()
    return found


def publish(db: Session, files: Mapping[str, bytes], *, by: str) -> list[str]:
    """Publish these files, forms before tables before models, the called before the calling; return what was new.

    For what is shipped, and where somebody sets an office up: a file that is in force already is left alone, and so is
    what the office has changed itself: an upgrade never undoes what two coordinators decided. Raises InvalidModel; then
    nothing may be kept.
    """
    before = {
        path: data for path, data in files.items() if not _is_in_force(db, path, data) and not _is_own(db, path, data)
    }
    # an older file may still hold a decision that has a file of its own since
    own = {path: names_of(path, data)[0] for path, data in files.items() if path.startswith("dmn/")}
    for path, data in sorted(before.items()):
        if path.startswith("forms/"):
            formbook.publish_form(db, data, PurePosixPath(path).stem, by=by)
        elif path.startswith("dmn/"):
            decisions.publish(db, data, beside={*own.values()} - {own[path]}, by=by)
    models = [data for path, data in before.items() if path.startswith("bpmn/")]
    for data in registry.in_order(models):
        registry.publish(db, data, forms=formbook.known(db), by=by)
    return sorted(before)


def names_of(path: str, data: bytes) -> list[str]:
    """Return under which names a file would be published, the one that it is called by first. Raises InvalidModel."""
    stem = PurePosixPath(path).stem
    if path.startswith("forms/"):
        return [stem]
    if path.startswith("dmn/"):
        names = list(dmn.read(data)[0].decisions)
        if not names:
            raise InvalidModel(decisions.check(data))
        return sorted(names, key=lambda name: name != stem)
    return [process_of(data)]


def process_of(data: bytes) -> str:
    """Return the id of the process in a BPMN file. Raises InvalidModel with all that is wrong if there is none."""
    try:
        process = Drawing(xml.parse(data)).process
    except xml.XmlError:
        process = None
    if process is None:
        raise InvalidModel(lint.check(data))
    return process.get("id") or ""


def _is_in_force(db: Session, path: str, data: bytes) -> bool:
    sha = hashlib.sha256(data).hexdigest()
    return any(each.sha == sha for each in _published(db, path, data))


def _is_own(db: Session, path: str, data: bytes) -> bool:
    return any(each.published_by != DEPLOY for each in _published(db, path, data))


def _published(
    db: Session, path: str, data: bytes
) -> list[Definition] | list[DecisionTable] | list[formbook.FormVersion]:
    """What is in force under the names that a file has for it."""
    if path.startswith("forms/"):
        form = formbook.current(db, PurePosixPath(path).stem)
        return [form] if form else []
    if path.startswith("dmn/"):
        tables = (decisions.current(db, each) for each in dmn.read(data)[0].decisions)
        return [table for table in tables if table]
    process = process_of(data)
    return [each for each in registry.newest(db) if each.process_id == process]
