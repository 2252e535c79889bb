"""The coordinators' workshop: what of a model, a table or a form is in force, what is wrong with a draft of it, and the
words that one may use in it. Joins the engine's drafts with forms, groups and terms.
"""

import hashlib
import json
import re
import unicodedata
from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Any

from lxml import etree
from sqlalchemy.orm import Session

from cases import codes, terms
from cases.actions import TASK_ROLES
from core import clock
from core.errors import N_, InvalidForm, NotYours, Refused, Unfit, WrongOrder
from engine import beginning, decisions, dmn, drafts, lint, registry, services
from engine.drafts import DECISION, FORM, PROCESS, RESERVED
from engine.findings import Finding
from engine.game.program import Node, Program
from engine.lint_drawing import PEOPLE, B, Drawing, line_of
from engine.tables import Definition, Draft
from engine.xml import XmlError, parse
from notifications import notices
from tasks import formbook, formneeds, forms, reminders

LONGEST_NAME = 80
NO_NAME = N_("Scrivi un nome con almeno una lettera, al massimo 80, senza segni che non si vedono.")
EMPTY_FORM: dict[str, object] = {"type": "default", "schemaVersion": 19, "components": []}


class Overtaken(Refused):
    """Since the differences were read, another version has come to be the one that the draft takes the place of."""

    status = 409
    sentence = N_(
        "Nel frattempo è cambiata la versione di cui questa bozza prende il posto. Niente è stato fatto: rileggi le"
        " differenze e poi decidi."
    )


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
    id: str = ""

    @property
    def sha(self) -> str:
        """What tells this content from any other: a shipped form and the first version of it are both number 1."""
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True)
class Word:
    """One thing that a model may name: its id, and how people call it in Italian and English."""

    id: str
    name: str
    name_en: str = ""


def source(db: Session, kind: str, key: str) -> Source:
    """The version in force, or an empty one for a model of which only a draft exists. Raises NotYours if neither is."""
    found = _published(db, kind, key)
    if found is None:
        drafts.get(db, kind, key)
        return Source(kind, key, key, "", None, b"")
    return found


def before(db: Session, draft: Draft) -> Source:
    """What the draft takes the place of, on the day for which it is proposed."""
    return before_on(db, draft.kind, draft.key, draft.in_force_from)


def before_on(db: Session, kind: str, key: str, day: datetime | None) -> Source:
    """The version that will be in force on a day (None: now), under the name of today."""
    now = source(db, kind, key)
    due = [each for each in to_come(db, kind, key) if day and each.in_force_from <= day]
    if not due:
        return now
    last = max(due, key=lambda each: (each.in_force_from, each.version))
    data = last.content if kind == FORM else last.xml
    return replace(now, version=last.version, content=data, in_force_from=last.in_force_from, id=last.id)


def content(db: Session, kind: str, key: str) -> bytes:
    """The draft, or what is in force where there is none."""
    current = source(db, kind, key)
    draft = drafts.find(db, kind, key)
    return drafts.content_of(draft) if draft is not None else current.content


def save(db: Session, kind: str, key: str, data: bytes, revision: int, *, by: str) -> Draft:
    """Keep a draft; see `engine.drafts.save`."""
    draft = drafts.go_on(db, kind, key, data, revision, by=by)
    if draft is not None:
        return draft
    version = registry.version_in_force(db, key) if kind == PROCESS else None
    if version is None:
        version = source(db, kind, key).version
    return drafts.save(db, kind, key, data, revision, base_version=version, by=by)


def write_over(db: Session, kind: str, key: str, data: bytes, revision: int, *, by: str) -> Draft:
    """Keep one's own after a conflict; see `engine.drafts.write_over`."""
    base_version = source(db, kind, key).version
    return drafts.write_over(db, kind, key, data, revision, base_version=base_version, by=by)


def propose(
    db: Session, kind: str, key: str, revision: int, reason: str, in_force_on: date | None, *, by: str
) -> Draft:
    """Ask the other coordinators to confirm this revision, in force at once or from the first minute of a day.

    Raises Unfit where the check forbids it, InvalidForm where the proposal itself is wrong, Outdated.
    """
    draft = drafts.lock(db, kind, key, revision)
    start = datetime.combine(in_force_on, time(), clock.ROME) if in_force_on else None
    _require_publishable(db, draft, start)
    made = drafts.propose(db, draft, reason, start, by=by)
    for user_id in confirmers(db, made):
        notices.tell(db, f"draft-{kind}-{key}-{made.revision}-{user_id}", user_id, "draft_proposed", by=by)
    return made


def confirmers(db: Session, draft: Draft) -> list[str]:
    """The coordinators who may confirm a draft: in a small office there may be none, and then nobody waits for it."""
    return [user.id for user in reminders.coordinators(db) if drafts.may_confirm(draft, user.id)]


def approve(db: Session, kind: str, key: str, revision: int, compared: str, *, by: str) -> Draft:
    """The second person confirms the revision that was read: it becomes the next version. Returns what was confirmed.

    `compared` is the `sha` of what it was compared with (`before`). Raises Overtaken if that is another one by now,
    WrongOrder for whoever wrote any of it or proposed it, Unfit where what it names has gone since.
    """
    registry.alone(db)
    draft = drafts.lock(db, kind, key, revision)
    _require_publishable(db, draft, draft.in_force_from)
    # who may not confirm at all is told that
    if drafts.may_confirm(draft, by) and before(db, draft).sha != compared:
        raise Overtaken
    confirmed = drafts.confirm(db, draft, by=by)
    PUBLISHING[kind](db, confirmed, by)
    return confirmed


def _require_publishable(db: Session, draft: Draft, day: datetime | None) -> None:
    data = drafts.content_of(draft)
    found = [each for each in findings(db, draft.kind, draft.key, data) if each.level == "error"]
    if found:
        raise Unfit(found)
    replaced = before_on(db, draft.kind, draft.key, day)
    if data == replaced.content:
        raise WrongOrder(_SAME if replaced == source(db, draft.kind, draft.key) else _SAME_BY_THEN)


_SAME = N_("Non cambia niente: questa bozza è uguale alla versione in vigore.")
_SAME_BY_THEN = N_("Non cambia niente: quel giorno sarà già in vigore una versione uguale a questa bozza.")


def _publish_model(db: Session, draft: Draft, by: str) -> object:
    data, start = drafts.content_of(draft), draft.in_force_from
    return registry.publish(db, data, forms=formbook.known(db), written_by=draft.author, in_force_from=start, by=by)


def _publish_table(db: Session, draft: Draft, by: str) -> object:
    data, start = drafts.content_of(draft), draft.in_force_from
    return decisions.publish(db, data, written_by=draft.author, in_force_from=start, by=by)


def _publish_form(db: Session, draft: Draft, by: str) -> object:
    data, start = drafts.content_of(draft), draft.in_force_from
    return formbook.publish_form(db, data, draft.key, written_by=draft.author, in_force_from=start, by=by)


# How the confirmed draft of each kind becomes a version.
PUBLISHING: dict[str, Callable[[Session, Draft, str], object]] = {
    PROCESS: _publish_model,
    DECISION: _publish_table,
    FORM: _publish_form,
}


# Where the versions of each kind are kept: all three say which there are, hand one out, and take one back.
BOOKS: dict[str, Any] = {PROCESS: registry, DECISION: decisions, FORM: formbook}


def versions(db: Session, kind: str, key: str) -> list[Any]:
    """Every version of a model, table or form, the youngest first. Raises NotYours if there is none."""
    found: list[Any] = BOOKS[kind].versions(db, key)
    if not found:
        raise NotYours
    return found


def to_come(db: Session, kind: str, key: str) -> list[Any]:
    """The versions that are confirmed and not in force yet: each takes over on its day."""
    return [each for each in BOOKS[kind].versions(db, key) if registry.is_to_come(each)]


def version(db: Session, kind: str, key: str, version_id: str) -> Any:
    """One version of this model, table or form. Raises NotYours."""
    found = BOOKS[kind].get(db, version_id)
    if found not in versions(db, kind, key):
        raise NotYours
    return found


def withdraw(db: Session, kind: str, key: str, version_id: str, *, by: str) -> Any:
    """Take back a version that is not in force yet: it never will be. Raises NotYours, WrongOrder."""
    return BOOKS[kind].withdraw(db, version(db, kind, key, version_id), by=by)


def in_force(db: Session, kind: str, key: str) -> str | None:
    """The id of the version in force now, or None."""
    if kind == PROCESS:
        return next((each.id for each in registry.newest(db) if each.process_id == key), None)
    found = decisions.current(db, key) if kind == DECISION else formbook.current(db, key)
    return found.id if found is not None else None


def title(db: Session, kind: str, key: str) -> Word:
    """What people call a model, table or form of which there is a version. Raises NotYours if there is none."""
    newest = versions(db, kind, key)[0]
    if kind == FORM:
        return next((word for word in form_words(db) if word.id == key), Word(key, key))
    return Word(key, newest.name, newest.name_en if kind == PROCESS else "")


def begin(db: Session, name: str, name_en: str, like: str | None, *, by: str) -> Draft:
    """Begin a new pathway, from the template or as a copy of another, under an id made from its name."""
    key = _slug(name)
    if not key or not _is_name(name) or not _is_name(name_en):
        raise InvalidForm({"name": [NO_NAME]})
    if key in RESERVED or registry.versions(db, key) or drafts.find(db, PROCESS, key) is not None:
        raise InvalidForm({"name": [N_("Un percorso con questo nome c'è già: scegline un altro.")]})
    data = beginning.begin(key, name.strip(), name_en.strip(), registry.current(db, like).xml if like else None)
    return drafts.save(db, PROCESS, key, data, drafts.revision_of(db, PROCESS, key), base_version=None, by=by)


def begin_form(db: Session, name: str, like: str | None, *, by: str) -> Draft:
    """Begin a new form, empty or with the questions of another, under a key made from its name."""
    key = _slug(name)
    if not key or not _is_name(name):
        raise InvalidForm({"name": [NO_NAME]})
    if key in RESERVED or key in formbook.known(db) or drafts.find(db, FORM, key) is not None:
        raise InvalidForm({"name": [N_("Un modulo con questo nome c'è già: scegline un altro.")]})
    if like and like not in formbook.known(db):
        raise InvalidForm({"like": [N_("Scegli una voce dell'elenco.")]})
    schema = json.loads(source(db, FORM, like).content) if like else EMPTY_FORM
    data = json.dumps({**schema, "id": key}, indent=2, ensure_ascii=False).encode() + b"\n"
    return drafts.save(db, FORM, key, data, drafts.revision_of(db, FORM, key), base_version=None, by=by)


def _is_name(text: str) -> bool:
    return len(text) <= LONGEST_NAME and text.strip().isprintable()


def _slug(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    words = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:40].strip("_")
    return words if not words or words[0].isalpha() else f"p_{words}"


def findings(db: Session, kind: str, key: str, data: bytes, *, to_try: bool = False) -> list[Finding]:
    """What is wrong with a content, as publishing would say; without an "error" it may be published.

    Only `to_try` it, a pathway may also name tables and forms of which there is no more than a draft.
    """
    if kind == FORM:
        draft = drafts.find(db, FORM, key)
        return [*formbook.check(data, key), *formneeds.missed(db, data, key, at=draft.in_force_from if draft else None)]
    try:
        root = parse(data)
    except XmlError:
        return decisions.check(data) if kind == DECISION else lint.check(data)
    if kind == DECISION:
        return [*other_tables(db, key, data), *decisions.check(data)]
    return [*_other_model(key, root), *lint.check_tree(root, known(db, to_try=to_try)), *_nameless(root)]


def known(db: Session, *, to_try: bool = False) -> lint.Known:
    """The names that a draft may use; `to_try` it, also those that are only drafts."""
    forms_, found = formbook.known(db), registry.known(db, None)
    tables = found.decisions or frozenset()
    if to_try:
        forms_, tables = forms_ | found.drafts[FORM], tables | found.drafts[DECISION]
    return replace(found, forms=forms_, decisions=tables, groups=TASK_ROLES)


def vocabulary(db: Session) -> dict[str, list[Word]]:
    """What a model may name, by kind. Forms and services are called like the first step that uses them."""
    programs = {each.process_id: registry.program(db, each.id) for each in registry.newest(db)}
    nodes = [node for program in programs.values() for node in program.nodes.values()]
    tables = decisions.newest(db)
    named = {table.decision_id for table in tables}
    return {
        "forms": [*form_words(db), *_only_drafts(db, FORM, formbook.known(db))],
        "services": _used(services.known(), ((node.service, node) for node in nodes)),
        "decisions": [*(Word(table.decision_id, table.name) for table in tables), *_only_drafts(db, DECISION, named)],
        "terms": list({term.id: Word(term.id, term.name, term.name_en or "") for term in terms.list_(db)}.values()),
        "phases": [Word(code, words) for code, words in codes.PHASES],
        "calls": [_called(process_id, program) for process_id, program in programs.items()],
        "gates": [Word(code, words) for code, words in codes.CONSENT_PURPOSES],
    }


def form_words(db: Session) -> list[Word]:
    """The forms there are, each called like the first step that asks its questions."""
    programs = (registry.program(db, each.id) for each in registry.newest(db))
    return _used(formbook.known(db), ((node.form, node) for program in programs for node in program.nodes.values()))


def _only_drafts(db: Session, kind: str, in_force: Container[str]) -> list[Word]:
    """What is not in force yet and may be drawn and tried all the same."""
    keys = sorted(draft.key for draft in drafts.open_drafts(db) if draft.kind == kind and draft.key not in in_force)
    return [Word(key, f"{key} (bozza)", f"{key} (draft)") for key in keys]


def _published(db: Session, kind: str, key: str) -> Source | None:
    if kind == PROCESS:
        return next((_of_model(each) for each in registry.newest(db) if each.process_id == key), None)
    if kind == DECISION:
        table = decisions.current(db, key)
        return Source(kind, key, table.name, "", table.version, table.xml, table.in_force_from) if table else None
    return _of_form(db, key) if key in formbook.known(db) else None


def _of_form(db: Session, key: str) -> Source:
    word, version = next(each for each in form_words(db) if each.id == key), formbook.current(db, key)
    names = (word.name, word.name_en)
    if version is None:
        return Source(FORM, key, *names, 1, (forms.FOLDER / f"{key}.json").read_bytes())
    return Source(FORM, key, *names, version.version, version.content, version.in_force_from)


def _of_model(model: Definition) -> Source:
    names = (model.name, model.name_en)
    return Source(PROCESS, model.process_id, *names, model.version, model.xml, model.in_force_from, model.id)


_OTHER = N_("l'id è «%(id)s», ma questa è la bozza di «%(key)s»: riscrivi l'id")
_NAMELESS = N_("manca il nome: chi lavora vedrebbe un'attività senza titolo")
_TAKEN = N_(
    "la decisione «%(id)s» è già in vigore con un altro file, e da questa bozza non si cambia: toglila di qui, o dalle"
    " un altro id"
)


def _other_model(key: str, root: etree._Element) -> Iterable[Finding]:
    """A draft of one model is no way to publish another (A51)."""
    process = Drawing(root).process
    id_ = key if process is None else process.get("id", "")
    if id_ != key:
        yield Finding(None, id_, id_, _OTHER, params={"id": id_, "key": key})


def _nameless(root: etree._Element) -> Iterable[Finding]:
    """The engine does without the name of a task; whoever finds it in her inbox does not."""
    for node in root.iter(*(f"{B}{each}" for each in PEOPLE)):
        if not (node.get("name") or "").strip():
            yield Finding(line_of(node), node.get("id", ""), "", _NAMELESS, "warning")


def other_tables(db: Session, key: str, data: bytes) -> Iterable[Finding]:
    """Nor is that of a table: what else is in its file comes from there already, or from nowhere."""
    found = dmn.read(data)[0].decisions
    if found and key not in found:
        id_ = next(iter(found))
        yield Finding(None, id_, id_, _OTHER, params={"id": id_, "key": key})
    held = {table.decision_id: table.sha for table in decisions.newest(db)} if len(found) > 1 else {}
    for id_, decision in found.items():
        if id_ != key and held.get(id_, held.get(key)) != held.get(key):
            yield Finding(None, id_, decision.name, _TAKEN, params={"id": id_})


def _used(names: Iterable[str], uses: Iterable[tuple[str | None, Node]]) -> list[Word]:
    steps: dict[str | None, Node] = {}
    for name, node in uses:
        steps.setdefault(name, node)
    found = [Word(name, steps[name].name, steps[name].name_en) if name in steps else Word(name, name) for name in names]
    return sorted(found, key=lambda word: (word.name.casefold(), word.id))


def _called(process_id: str, program: Program) -> Word:
    return Word(process_id, program.name, program.name_en)
