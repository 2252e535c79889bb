"""A folder beside the published files, as a git repository keeps one: out with their versions, in again as proposals.

`manifest.json` in the folder says of each file which version it was written from. What was changed there becomes a
draft, proposed by one coordinator and confirmed by another with the difference before her, like any draft (A56); a file
whose version is no longer the one in force is refused, so that nothing that was decided meanwhile is undone unread.
"""

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

import orjson
from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from cases import access
from core import clock, log, users
from core.errors import N_, BadInput, InvalidForm, InvalidModel, Refused
from core.users import Membership, User
from engine import drafts, registry
from engine.drafts import DECISION, FORM, PROCESS
from engine.tables import Draft
from notifications import notices
from tasks import assignment, exchange, workshop
from tasks.exchange import DEPLOY, MANIFEST, Part

PUBLISHED, PROPOSED, WAITS, BEHIND, SAME = "published", "proposed", "waits", "behind", "same"
NOT_CONFIRMED: Final = "not_confirmed"
Made = TypeVar("Made")
CLI: Final = "cli"
PREFIX: Final = "Dalla cartella: "  # before the reason that the second person reads
PLACES: Final = {"bpmn": PROCESS, "dmn": DECISION, "forms": FORM}


class NotAll(Refused):
    """Some files cannot be taken, or written, as they are: then none was. `problems`: which, and why."""

    status = 409
    sentence = N_("Niente è stato fatto: prima va risolto ciò che segue.")

    def __init__(self, problems: Iterable[tuple[str, Refused]]) -> None:
        super().__init__()
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class Base:
    """What a file in a folder was written from."""

    version: int
    sha: str


@dataclass(frozen=True, slots=True)
class Brought:
    """What became of one file: `version` is the one in force that it was compared with, None if there is none."""

    path: str
    state: str
    version: int | None = None


@dataclass(frozen=True, slots=True)
class _Work:
    """One file that says something new: whose draft it becomes, and what is in force under its names."""

    path: str
    data: bytes
    kind: str
    key: str
    held: tuple[Part, ...]


# -- out ---------------------------------------------------------------------------------------------------------------


def write(parts: Iterable[Part], folder: Path, *, over: bool = False) -> list[str]:
    """Write these files and their manifest into a folder and return the paths that changed; the rest is left alone.

    Raises NotAll where a file was changed there since it was written last, unless `over`: then nothing is written.
    """
    parts, told = list(parts), bases([folder])
    changed = [part for part in parts if not _is(_read(folder / part.path), part.sha)]
    lost = [part.path for part in changed if not over and _is_changed(folder / part.path, told.get(part.path))]
    if lost:
        raise NotAll((path, Refused(_LOST)) for path in lost)
    manifest = exchange.manifest(parts)
    files = {part.path: part.data for part in changed}
    if _read(folder / MANIFEST) != manifest:  # the last: what stopped before it is written again
        files[MANIFEST] = manifest
    for path, data in files.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
    return list(files)


_LOST: Final = N_(
    "è stato cambiato nella cartella dopo l'ultima esportazione, e così andrebbe perso. Mettilo al sicuro (per esempio"
    " con git commit) ed esporta con --over, oppure esporta in un'altra cartella."
)


def _read(place: Path) -> bytes | None:
    return place.read_bytes() if place.is_file() else None


def _is_changed(place: Path, base: Base | None) -> bool:
    data = _read(place)
    return data is not None and (base is None or not _is(data, base.sha))


def _is(data: bytes | None, sha: str) -> bool:
    """Is it the file of this fingerprint? Where git checks out with the line ends of Windows it still is."""
    return data is not None and sha in {hashlib.sha256(each).hexdigest() for each in (data, *_ends(data))}


def _ends(data: bytes) -> tuple[bytes, bytes]:
    """The same text with the line ends of Unix and with those of Windows; XML and JSON read them alike."""
    unix = data.replace(b"\r\n", b"\n")
    return unix, unix.replace(b"\n", b"\r\n")


def bases(paths: Iterable[Path]) -> dict[str, Base]:
    """Return from which version each file was written, as the manifests of these folders, or of those of these files,
    say. Raises BadInput for a manifest that cannot be read.
    """
    folders = dict.fromkeys(path if path.is_dir() else path.resolve().parent.parent for path in paths)
    found: dict[str, Base] = {}
    for folder in folders:
        data = _read(folder / MANIFEST)
        found |= {} if data is None else dict(_told(data))
    return found


def _told(data: bytes) -> Iterator[tuple[str, Base]]:
    try:
        for each in orjson.loads(data)["files"]:
            yield str(each["path"]), Base(int(each["version"]), str(each["sha256"]))
    except (ValueError, KeyError, TypeError):
        raise BadInput(
            N_("manifest.json non si legge, e dice da quale versione viene ogni file: rimetti quello che fu esportato.")
        ) from None


# -- in ----------------------------------------------------------------------------------------------------------------


def bring(
    db: Session, files: Mapping[str, bytes], told: Mapping[str, Base], *, reason: str = "", by: str | None
) -> list[Brought]:
    """Make of each file that says something new a draft proposed by the coordinator with the login `by`.

    `told`: what each file was written from. While the office has no coordinator who could confirm, what is not in
    force under any version is published at once: somebody sets it up. What names a form or table of which there is only
    a draft stays a draft until that is confirmed.
    Raises InvalidForm for the reason, BadInput for `by`, else NotAll with a sentence for each file; then nothing may be
    kept.
    """
    if not files:
        raise BadInput(
            N_("Qui non c'è nessun modello (.bpmn), tabella (.dmn) o modulo (.json): indica la cartella esportata.")
        )
    is_new = not db.scalar(select(exists().where(Membership.role == "coordinator")))
    judged = _each(sorted(files), lambda path: _judged(db, path, files[path], told.get(path), is_new=is_new))
    work = [each for each in judged if isinstance(each, _Work)]
    _require_once(work)
    at_once = {each.path: each.data for each in work if is_new and not each.held}
    rest = {each.path: each for each in work if each.path not in at_once}
    made = [Brought(path, PUBLISHED) for path in exchange.publish(db, at_once, by=DEPLOY)]
    if rest:
        author = _author(db, by)
        made += _each(_in_order(rest.values()), lambda path: _propose(db, rest[path], reason, author))
    found = [*made, *(each for each in judged if isinstance(each, Brought))]
    return sorted((each for each in found if each.state != SAME), key=lambda each: each.path)


def _each(paths: Iterable[str], do: Callable[[str], Made]) -> list[Made]:
    """Do this with each file. Raises NotAll with all that were refused: who repairs them wants to know of every one."""
    made: list[Made] = []
    problems: list[tuple[str, Refused]] = []
    for path in paths:
        try:
            made.append(do(path))
        except InvalidForm:
            raise
        except Refused as problem:
            problems.append((path, problem))
    if problems:
        raise NotAll(problems)
    return made


def _judged(db: Session, path: str, data: bytes, base: Base | None, *, is_new: bool) -> _Work | Brought:
    """What there is to do with one file. Raises a refusal where it cannot be compared with what is in force."""
    kind = PLACES[path.partition("/")[0]]
    drafts.require_readable(kind, data)
    names = exchange.names_of(path, data)
    held = tuple(part for part in exchange.held(db, kind, names) if part.version or not is_new)
    if any(_is(data, part.sha) for part in held):
        return Brought(path, SAME)
    newer = [part for part in held if base is None or part.sha != base.sha]
    if not newer:
        return _Work(path, _ends(data)[0], kind, names[0], held)
    if base is not None and _is(data, base.sha):
        return Brought(path, BEHIND, newer[0].version)
    raise Refused(_BEHIND if base else _UNKNOWN, base=base.version if base else 0, now=newer[0].version)


_BEHIND: Final = N_(
    "viene dalla versione %(base)d, ma nel frattempo è in vigore la versione %(now)d. Metti al sicuro la modifica (git"
    " commit), esporta di nuovo (approdo models export --over), riportala lì e ripeti."
)
_UNKNOWN: Final = N_(
    "la cartella non dice da quale versione viene, e in vigore c'è la versione %(now)d. Metti al sicuro la modifica"
    " (git commit), esporta di nuovo (approdo models export --over), riportala lì e ripeti."
)


def _require_once(work: Iterable[_Work]) -> None:
    seen: dict[tuple[str, str], str] = {}
    twice = [(each.path, seen.setdefault((each.kind, each.key), each.path), each.key) for each in work]
    if problems := [(path, Refused(_TWICE, key=key, other=first)) for path, first, key in twice if path != first]:
        raise NotAll(problems)


_TWICE: Final = N_("è «%(key)s» come %(other)s: nella cartella ne resti uno solo.")


def _author(db: Session, login: str | None) -> User:
    """The coordinator in whose name it is proposed."""
    if not login:
        raise BadInput(N_("Di' chi propone: --by e il nome utente di una persona del coordinamento."))
    user = users.by_login(db, login)
    if user is None or not user.active or not access.may(assignment.actor_of(db, user), "model.edit"):
        raise BadInput(N_("«%(login)s» non è una persona del coordinamento: di' con --by chi propone."), login=login)
    return user


def _in_order(work: Collection[_Work]) -> list[str]:
    """The paths: forms, tables, then models, the called before the calling: each names what stands before it."""
    kinds = (FORM, DECISION)
    models = {each.data: each.path for each in work if each.kind == PROCESS}
    rest = [each.path for kind in kinds for each in work if each.kind == kind]
    return [*rest, *(models[data] for data in registry.in_order(models))]


def _propose(db: Session, each: _Work, reason: str, author: User) -> Brought:
    draft, version = drafts.find(db, each.kind, each.key), each.held[0].version if each.held else None
    if draft is not None and {*draft.authors, draft.proposed_by or author.id} != {author.id}:
        raise _taken(db, draft)
    if draft is None or draft.content != each.data:
        draft = _keep(db, each, draft, author)
    elif draft.proposed_by:
        return Brought(each.path, SAME)
    elif draft.refusal:  # whoever wrote it reads why before it is proposed again
        return Brought(each.path, NOT_CONFIRMED, version)
    why = f"{PREFIX}{reason or each.path}"
    try:
        made = workshop.propose(db, each.kind, each.key, draft.revision, why, None, by=author.id)
    except InvalidModel:
        if _is_wrong(db, each):
            raise
        return Brought(each.path, WAITS, version)
    stream = drafts.stream_of(each.kind, each.key)
    log.append(db, "draft.brought", stream, by=CLI, revision=made.revision, author=author.id)
    # nobody logged in to say so: who is named must be able to contradict
    notices.tell(db, f"brought-{each.kind}-{each.key}-{made.revision}", author.id, "draft_in_your_name", by=CLI)
    return Brought(each.path, PROPOSED, version)


def _keep(db: Session, each: _Work, draft: Draft | None, author: User) -> Draft:
    """Save the draft; what she herself had there before stays beside it."""
    revision, by = drafts.revision_of(db, each.kind, each.key), author.id
    if draft is not None:
        return workshop.write_over(db, each.kind, each.key, each.data, revision, by=by)
    base = workshop.source(db, each.kind, each.key).version if each.held else None
    return drafts.save(db, each.kind, each.key, each.data, revision, base_version=base, by=by)


def _is_wrong(db: Session, each: _Work) -> bool:
    """Whether something forbids it besides that a form or table which it names is only a draft."""
    found = workshop.findings(db, each.kind, each.key, each.data, to_try=True)
    return any(finding.level == "error" for finding in found)


def _taken(db: Session, draft: Draft) -> Refused:
    others: dict[str, Any] = {}
    for user_id in (draft.author, *draft.authors):
        user = users.by_id(db, user_id)
        others[user.name if user else user_id] = None
    sentence = N_(
        "c'è già una bozza di %(who)s, salvata il %(when)s: resta com'è. Confermatela o scartatela nel browser, poi"
        " ripeti."
    )
    return Refused(sentence, who=", ".join(others), when=f"{draft.saved_at.astimezone(clock.ROME):%d/%m/%Y alle %H:%M}")
