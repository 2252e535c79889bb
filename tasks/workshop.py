"""The coordinators' workshop: what of a model, a table or a form is in force, what is wrong with a draft of it, and the
words that one may use in it. Joins the engine's drafts with forms, groups and terms.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from cases import codes, terms
from cases.actions import TASK_ROLES
from core.errors import N_
from engine import decisions, drafts, lint, registry, services
from engine.drafts import DECISION, FORM, PROCESS
from engine.findings import Finding
from engine.game.program import Node, Program
from engine.lint_drawing import BPMN
from engine.tables import Definition, Draft
from engine.xml import XmlError, parse
from tasks import forms


@dataclass(frozen=True)
class Source:
    """What a draft begins from: the content in force. `version` None: nothing is published, there is only a draft."""

    kind: str
    key: str
    name: str
    name_en: str
    version: int | None
    content: bytes
    in_force_from: datetime | None = None


def source(db: Session, kind: str, key: str) -> Source:
    """The version in force, or an empty one for a model of which only a draft exists. Raises NotYours if neither is."""
    found = _published(db, kind, key)
    if found is None:
        drafts.get(db, kind, key)
        return Source(kind, key, key, "", None, b"")
    return found


def content(db: Session, kind: str, key: str) -> bytes:
    """The draft, or what is in force where there is none."""
    current = source(db, kind, key)
    draft = drafts.find(db, kind, key)
    return drafts.content_of(draft) if draft is not None else current.content


def save(db: Session, kind: str, key: str, data: bytes, revision: int, *, by: str) -> Draft:
    """Keep a draft; see `engine.drafts.save`."""
    begun_from = source(db, kind, key)
    return drafts.save(db, kind, key, data, revision, base_version=begun_from.version, by=by)


def findings(db: Session, kind: str, key: str, data: bytes) -> list[Finding]:
    """What is wrong with a content, as publishing would say; without an "error" it may be published."""
    if kind == FORM:
        return forms.check(data, key)
    found = decisions.check(data) if kind == DECISION else lint.check(data, known(db))
    return [*_other_id(kind, key, data), *found]


def known(db: Session) -> lint.Known:
    """The names that a draft may use."""
    return replace(registry.known(db, forms.known()), groups=TASK_ROLES)


@dataclass(frozen=True)
class Word:
    """One thing that a model may name: its id, and how people call it in Italian and English."""

    id: str
    name: str
    name_en: str = ""


def vocabulary(db: Session) -> dict[str, list[Word]]:
    """What a model may name, by kind. Forms and services are called like the first step that uses them."""
    programs = {each.process_id: registry.program(db, each.id) for each in registry.newest(db)}
    nodes = [node for program in programs.values() for node in program.nodes.values()]
    return {
        "forms": _used(forms.known(), ((node.form, node) for node in nodes)),
        "services": _used(services.known(), ((node.service, node) for node in nodes)),
        "decisions": [Word(table.decision_id, table.name) for table in decisions.newest(db)],
        "terms": list({term.id: Word(term.id, term.name, term.name_en or "") for term in terms.list_(db)}.values()),
        "phases": [Word(code, words) for code, words in codes.PHASES],
        "calls": [_called(process_id, program) for process_id, program in programs.items()],
        "gates": [Word(code, words) for code, words in codes.CONSENT_PURPOSES],
    }


def _published(db: Session, kind: str, key: str) -> Source | None:
    if kind == PROCESS:
        return next((_of_model(each) for each in registry.newest(db) if each.process_id == key), None)
    if kind == DECISION:
        table = decisions.current(db, key)
        return Source(kind, key, table.name, "", table.version, table.xml, table.in_force_from) if table else None
    if key in forms.known():
        return Source(kind, key, key, "", 1, (forms.FOLDER / f"{key}.json").read_bytes())
    return None


def _of_model(model: Definition) -> Source:
    names = (model.name, model.name_en)
    return Source(PROCESS, model.process_id, *names, model.version, model.xml, model.in_force_from)


def _other_id(kind: str, key: str, data: bytes) -> Iterable[Finding]:
    """A draft of one model is no way to publish another (A51)."""
    try:
        root = parse(data)
    except XmlError:
        return
    tag = f"{{{BPMN}}}process" if kind == PROCESS else "{*}decision"
    ids = [element.get("id", "") for element in root.iter(tag)]
    if ids and key not in ids:
        sentence = N_("l'id è «%(id)s», ma questa è la bozza di «%(key)s»: riscrivi l'id")
        yield Finding(None, ids[0], ids[0], sentence, params={"id": ids[0], "key": key})


def _used(names: Iterable[str], uses: Iterable[tuple[str | None, Node]]) -> list[Word]:
    steps: dict[str | None, Node] = {}
    for name, node in uses:
        steps.setdefault(name, node)
    found = [Word(name, steps[name].name, steps[name].name_en) if name in steps else Word(name, name) for name in names]
    return sorted(found, key=lambda word: (word.name.casefold(), word.id))


def _called(process_id: str, program: Program) -> Word:
    return Word(process_id, program.name, program.name_en)
