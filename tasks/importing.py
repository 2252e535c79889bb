"""Files from outside become drafts: a model, a table, a form, or a zip of them. Nothing that arrives is published.

What a file is, its content says, never its name; a name only helps to call a form and is kept nowhere. A zip
is read in memory, entry by entry, each and all together within bounds (threats A41); nothing of it is unpacked to disk.
"""

import codecs
import io
import json
import re
import stat
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import Any, Final

from sqlalchemy.orm import Session

from cases.actions import TASK_ROLES
from core.errors import N_, BadInput, InvalidForm, Refused
from engine import decisions, dmn, drafts, foreign, layout, lint, registry, schema, services, xml
from engine.drafts import DECISION, FORM, PROCESS
from engine.findings import Finding
from engine.foreign_parts import Names
from engine.lint_drawing import BPMN, Drawing
from tasks import exchange, formbook, formneeds, workshop
from tasks.formjs import KEY

LONGEST_FILE: Final = xml.LIMIT
LONGEST_ALL: Final = 20_000_000
MOST_FILES: Final = 300
ENCODED: Final = N_("il file era scritto in un'altra codifica: è lo stesso, in UTF-8")
SAVED, SAME, BUSY, REFUSED = "saved", "same", "busy", "refused"
EMPTY: Final = N_("Nello zip non c'è nessun file.")
# Exactly the same in DMN 1.2 and 1.3, as far as tables go.
_DMN_12: Final = {
    b"http://www.omg.org/spec/DMN/20180521/MODEL/": b"https://www.omg.org/spec/DMN/20191111/MODEL/",
    b"http://www.omg.org/spec/DMN/20180521/DMNDI/": b"https://www.omg.org/spec/DMN/20191111/DMNDI/",
}
_LITTER: Final = ("__MACOSX/", ".git/")


@dataclass(frozen=True)
class Incoming:
    """One file as it came in. `problem` and `params`: why it cannot be a draft; `state`: what became of it."""

    name: str
    kind: str = ""
    key: str = ""
    title: str = ""
    tool: str = ""
    data: bytes = b""
    done: list[Finding] = field(default_factory=list)
    left: list[Finding] = field(default_factory=list)
    found: list[Finding] = field(default_factory=list)
    problem: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)
    version: int | None = None
    state: str = REFUSED


# -- reading -----------------------------------------------------------------------------------------------------------


def unpack(name: str, data: bytes) -> list[tuple[str, bytes]]:
    """Return the files of a zip, or the file itself, each with its name. Raises InvalidForm for what is hostile."""
    if not data:
        raise _no(N_("Scegli un file."))
    if not data.startswith(b"PK"):
        return [(name, data)]
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _entries(archive)
    except _BROKEN as problem:
        raise _no(BROKEN) from problem


BROKEN: Final = N_("Lo zip è rovinato o protetto e non si può aprire.")
_BROKEN = (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, OSError, ValueError, RuntimeError)


def _no(sentence: str) -> InvalidForm:
    return InvalidForm({"file": [sentence]})


def _entries(archive: zipfile.ZipFile) -> list[tuple[str, bytes]]:
    infos = [each for each in archive.infolist() if not each.is_dir() and not each.filename.startswith(_LITTER)]
    if len(infos) > MOST_FILES:
        raise _no(N_("Lo zip contiene troppi file: al massimo 300."))
    if len({each.filename for each in infos}) < len(infos):
        raise _no(N_("Lo zip contiene due volte lo stesso file."))
    found, left = [], LONGEST_ALL
    for info in infos:
        _require_plain(info)
        with archive.open(info) as file:
            content = file.read(min(LONGEST_FILE, left) + 1)  # what the zip says of its sizes is not believed
        left -= len(content)
        if left < 0 or len(content) > LONGEST_FILE:
            raise _no(N_("Lo zip contiene troppo: ogni file al massimo 2 MB, tutti insieme 20 MB."))
        found.append((info.filename, content))
    return [(name, content) for name, content in found if name != exchange.MANIFEST]


def _require_plain(info: zipfile.ZipInfo) -> None:
    """A file with an ordinary name, packed in the ordinary way: no link, no way out of the folder, no password."""
    path = PurePosixPath(info.filename)
    odd = not info.filename.isprintable() or re.search(r"[\\:]", info.filename)
    if odd or path.is_absolute() or ".." in path.parts or stat.S_ISLNK(info.external_attr >> 16):
        raise _no(N_("Lo zip contiene un file che vuole uscire dalla sua cartella."))
    if info.flag_bits & 0x1 or info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise _no(BROKEN)


def read(db: Session, files: Iterable[tuple[str, bytes]], groups: Mapping[str, str]) -> list[Incoming]:
    """Return what each file is, what of it could be said in our words and what is wrong with it; keeps nothing.

    `groups`: by what names people call our groups, small letters, and the group's id.
    """
    ours = {name: group for name, group in groups.items() if group in TASK_ROLES}
    names = Names(ours, services.known(), decisions.known(db))
    found: list[Incoming] = []
    for name, data in files:
        try:
            found += _one(db, name, data, names)
        except Refused as problem:
            found.append(Incoming(name, problem=problem.sentence, params=problem.params))
    return sorted(found, key=lambda each: (each.kind != PROCESS, each.kind, each.key))


def _one(db: Session, name: str, data: bytes, names: Names) -> list[Incoming]:
    if len(data) > LONGEST_FILE:
        raise BadInput(N_("Il file è troppo grande: al massimo %(limit)s kB."), limit=LONGEST_FILE // 1000)
    text = data.removeprefix(codecs.BOM_UTF8)  # as some programs begin a file; JSON does not know it
    if text.lstrip()[:1] in (b"{", b"["):
        return [_form(db, name, text)]
    made = xml.in_utf8(data)
    found = _of_space(db, name, made, names)
    if made == data:
        return found
    return [replace(each, done=[Finding(None, "", "", ENCODED, "done"), *each.done]) for each in found]


def _of_space(db: Session, name: str, data: bytes, names: Names) -> list[Incoming]:
    space = str(xml.parse(data).tag).rpartition("}")[0].removeprefix("{")
    if space == BPMN:
        return _model(db, name, data, names)
    if "/DMN/" in space:
        return [_table(db, name, data)]
    raise BadInput(N_("Non è un modello BPMN 2.0, una tabella DMN né un modulo form-js."))


def _model(db: Session, name: str, data: bytes, names: Names) -> list[Incoming]:
    made = _drawn(db, foreign.adopt(data, names))
    drawing = Drawing(xml.parse(made.data))
    process = drawing.process
    if process is None or not process.get("id"):
        raise BadInput(N_("Nel file non c'è un percorso disegnato."))
    key, title = process.get("id") or "", process.get("name") or process.get("id") or ""
    drafts.require_key(PROCESS, key)
    known = replace(registry.known(db, formbook.known(db)), groups=TASK_ROLES)
    # that a foreign word does nothing here was said at its element already, or it became one of ours
    found = [each for each in [*lint.check(made.data, known), *schema.check(made.data)] if "lines" not in each.params]
    incoming = Incoming(
        name, PROCESS, key, title, foreign.tool_of(data), made.data, made.done, made.left, found,
        version=_model_version(db, key),
    )  # fmt: skip
    if made.refused:
        sentence = N_("Contiene codice di un altro programma, che qui non si esegue mai: toglilo e importa di nuovo.")
        incoming = replace(incoming, problem=sentence, found=made.refused)
    drawn = [_form(db, f"forms/{form}.json", text.encode()) for form, text in made.forms.items()]
    return [incoming, *drawn]


def _drawn(db: Session, made: foreign.Adopted) -> foreign.Adopted:
    """With ids and a drawing, if the file came without: the drawing table cannot open it else."""
    named = made.data if made.refused else layout.identified(made.data)
    data = named if made.refused else layout.drawn(named)
    if data == made.data or any(each.xml == made.data for each in registry.newest(db)):
        return made
    done = list(made.done)
    if named != made.data:
        done.append(Finding(None, "", "", N_("ciò che nel file non aveva un id ne ha ricevuto uno"), "done"))
    if data != named:
        sentence = N_("il file non aveva un disegno: eccone uno, da sinistra a destra nell'ordine del lavoro")
        done.append(Finding(None, "", "", sentence, "done"))
    return replace(made, data=data, done=done)


def _table(db: Session, name: str, data: bytes) -> Incoming:
    made = data
    for old, new in _DMN_12.items():
        made = made.replace(old, new)
    newer = Finding(1, "", "", N_("da DMN 1.2 a DMN 1.3, che per le tabelle è lo stesso"), "done")
    done = [newer] if made != data else []
    read_, _ = dmn.read(made)
    first = next(iter(read_.decisions.values()), None)
    if first is None or not first.element:
        raise BadInput(N_("Nel file non c'è una decisione che si possa leggere: serve DMN 1.2 o più recente."))
    drafts.require_key(DECISION, first.element)
    current = decisions.current(db, first.element)
    found = [*workshop.other_tables(db, first.element, made), *decisions.check(made), *schema.check(made)]
    return Incoming(
        name, DECISION, first.element, first.name, "", made, done, [], found,
        version=current.version if current else None,
    )  # fmt: skip


def _form(db: Session, name: str, data: bytes) -> Incoming:
    try:
        content = json.loads(data)
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict) or not isinstance(content.get("components"), list):
        raise BadInput(N_("Il file è JSON, ma non è un modulo form-js."))
    key = _form_key(name, str(content.get("id") or ""))
    current = formbook.current(db, key)
    found = [*formbook.check(data, key), *formneeds.missed(db, data, key)]
    return Incoming(name, FORM, key, key, "", data, found=found, version=current.version if current else None)


def _form_key(name: str, own: str) -> str:
    """A form is called as its place in a zip of ours says, else as it calls itself, else like its file."""
    path = PurePosixPath(name.replace("\\", "/"))
    stem = path.stem
    for wished in ([stem, own] if "forms" in path.parts[:-1] else [own, stem]):
        made = re.sub(r"[^a-z0-9]+", "_", wished.lower()).strip("_")[:60]
        if KEY.fullmatch(made):
            return made
    raise BadInput(N_("Il modulo non ha un nome: dai al file un nome di una sola parola minuscola."))


def _model_version(db: Session, key: str) -> int | None:
    return next((each.version for each in registry.newest(db) if each.process_id == key), None)


# -- keeping -----------------------------------------------------------------------------------------------------------


def keep(db: Session, incoming: Iterable[Incoming], *, by: str) -> list[Incoming]:
    """Make a draft of each file that can be one and say what became of each; an open draft is never written over."""
    return [each if each.problem else _keep(db, each, by) for each in incoming]


def _keep(db: Session, each: Incoming, by: str) -> Incoming:
    if drafts.find(db, each.kind, each.key) is not None:
        return replace(each, state=BUSY)
    if each.data == _in_force(db, each):
        return replace(each, state=SAME)
    revision = drafts.revision_of(db, each.kind, each.key)
    drafts.save(db, each.kind, each.key, each.data, revision, base_version=each.version, by=by)
    return replace(each, state=SAVED)


def _in_force(db: Session, each: Incoming) -> bytes | None:
    if each.kind == FORM:
        return exchange.form_file(db, each.key).data if each.key in formbook.known(db) else None
    if each.version is None:
        return None
    if each.kind == PROCESS:
        return registry.current(db, each.key).xml
    return exchange.table_file(db, each.key).data
