"""Drafts of models, tables and forms: one open draft for each, saved on the revision that was read, proposed by one
person and confirmed by another. Nothing that somebody drew is lost: what comes too late and what is discarded is kept
as a copy.
"""

import json
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, delete, exists, select, update
from sqlalchemy.orm import Session, defer

from core import clock, log, users
from core.db import upsert
from core.errors import N_, InvalidForm, NotYours, Refused, WrongOrder
from core.ids import new_id
from engine import xml
from engine.lint_drawing import BPMN
from engine.tables import Draft, DraftCopy

PROCESS, DECISION, FORM = "process", "decision", "form"
KINDS = (PROCESS, DECISION, FORM)
STREAMS = {PROCESS: "model", DECISION: "decision", FORM: "form"}
LIMIT = xml.LIMIT
KEPT = timedelta(days=90)
RESERVED = frozenset({"new", "import", "tables", "forms"})  # addresses of other pages
_KEY = re.compile(r"[^\W\d][\w.-]{0,99}")
CONFLICT, DISCARDED, REPLACED = "conflict", "discarded", "replaced"
SHORTEST, LONGEST = 10, 500


class Outdated(Refused):
    """Somebody else saved this draft in the meantime; what came too late is kept beside it."""

    status = 409
    sentence = N_(
        "Nel frattempo %(who)s ha salvato questa bozza (%(when)s). La tua versione è conservata accanto alla sua:"
        " nella pagina della bozza trovi tutte e due."
    )

    def __init__(
        self, author: str, name: str, saved_at: datetime, revision: int, sentence: str | None = None
    ) -> None:
        super().__init__(sentence, who=name, when=saved_at)
        self.details = {"author": author, "saved_at": clock.iso(saved_at), "revision": revision}


# of what sends no version along: nothing of it is there to be kept
CHANGED = N_(
    "La bozza è cambiata da quando hai aperto la pagina: l'ultima versione è di %(who)s (%(when)s). Niente è stato"
    " fatto: guardala e poi decidi."
)


class TooLarge(Refused):
    """The file is longer than a draft may be."""

    status = 413
    sentence = N_("Il file è troppo grande: una bozza può avere al massimo %(limit)s kB. Niente è stato salvato.")


class Unusable(Refused):
    """What was sent is no file of this kind, or one that nobody should open."""

    status = 422


def find(db: Session, kind: str, key: str) -> Draft | None:
    """The open draft of a model, or None."""
    draft = db.get(Draft, (kind, key))
    return draft if draft is not None and draft.content is not None else None


def get(db: Session, kind: str, key: str) -> Draft:
    """The open draft of a model. Raises NotYours if there is none."""
    draft = find(db, kind, key)
    if draft is None:
        raise NotYours
    return draft


def open_drafts(db: Session) -> list[Draft]:
    """Every open draft, without its content, the last saved first."""
    query = select(Draft).where(Draft.content.is_not(None)).options(defer(Draft.content))
    return list(db.scalars(query.order_by(Draft.saved_at.desc(), Draft.key)))


def revision_of(db: Session, kind: str, key: str) -> int:
    """The revision that the next save has to name; 0 where there never was a draft."""
    draft = db.get(Draft, (kind, key))
    return draft.revision if draft is not None else 0


def content_of(draft: Draft) -> bytes:
    """What an open draft holds."""
    if draft.content is None:
        raise NotYours
    return draft.content


def save(
    db: Session, kind: str, key: str, content: bytes, revision: int, *, base_version: int | None, by: str
) -> Draft:
    """Keep `content` as the draft, begun now if there is none; a proposal is taken back by it.

    `revision` is the one that was read, `base_version` what a new draft begins from. The same content again changes
    nothing. Raises TooLarge, Unusable, XmlError, and Outdated when another one was saved since.
    """
    require_readable(kind, content)
    draft = _hold(db, kind, key, by)
    if draft.revision != revision:
        raise _outdated(db, draft)
    if draft.content == content:
        return draft
    if draft.content is None:
        require_key(kind, key)
        draft.base_version = base_version
        draft.authors = []
    draft.content, draft.author, draft.saved_at = content, by, clock.now()
    draft.authors = sorted({*draft.authors, by, *_wrote_before(db, kind, key, content)})
    return _note(db, draft, "saved", by=by)


def go_on(db: Session, kind: str, key: str, content: bytes, revision: int, *, by: str) -> Draft | None:
    """Save a draft in one statement where its last author goes on and nothing stands in the way, as nearly every save
    does; else None, and nothing has changed: `save` then saves, or says why not.
    """
    require_readable(kind, content)
    mine = {"of": kind, "its": key, "read": revision}
    draft: Draft | None = db.scalar(_GO_ON, {**mine, "now": content, "by": by, "at": clock.now()})
    if draft is not None:
        log.append(db, "draft.saved", stream_of(kind, key), by=by, revision=draft.revision)
    return draft


_GO_ON = (
    update(Draft)
    .where(Draft.kind == bindparam("of"), Draft.key == bindparam("its"), Draft.revision == bindparam("read"))
    .where(Draft.content != bindparam("now"), Draft.author == bindparam("by"))
    .where(
        ~exists().where(DraftCopy.kind == Draft.kind, DraftCopy.key == Draft.key, DraftCopy.content == bindparam("now"))
    )
    .values(content=bindparam("now"), saved_at=bindparam("at"), revision=Draft.revision + 1)
    .values(dict.fromkeys(("proposed_by", "proposed_at", "in_force_from", "reason")))
    .returning(Draft)
    .execution_options(synchronize_session=False, populate_existing=True)
)


def propose(db: Session, draft: Draft, reason: str, in_force_from: datetime | None, *, by: str) -> Draft:
    """Ask another person to put this very revision in force, now or from a moment on.

    The caller has seen that nothing in it forbids publishing.
    """
    wrong: dict[str, list[str]] = {}
    if not SHORTEST <= len(reason.strip()) <= LONGEST:
        wrong["reason"] = [N_("Scrivi che cosa cambia e perché, con almeno dieci caratteri.")]
    if in_force_from is not None and in_force_from <= clock.now():
        wrong["in_force_on"] = [N_("Il giorno deve venire: lascialo vuoto perché valga appena confermata.")]
    if wrong:
        raise InvalidForm(wrong)
    draft.proposed_by, draft.proposed_at = by, clock.now()
    draft.reason, draft.in_force_from, draft.refusal = reason.strip(), in_force_from, None
    return _note(db, draft, "proposed", by=by, keep_proposal=True)


def confirm(db: Session, draft: Draft, *, by: str) -> Draft:
    """The second person says yes: the draft is over and the caller publishes what it held.

    Whoever wrote any of it or proposed it cannot (A56). Returns a copy of what was confirmed.
    """
    _require_proposed(draft)
    if not may_confirm(draft, by):
        raise WrongOrder(
            N_(
                "Chi ha scritto una parte della bozza o l'ha proposta non può confermarla: serve un'altra persona del"
                " coordinamento."
            )
        )
    moment = draft.in_force_from if draft.in_force_from and draft.in_force_from > clock.now() else None
    confirmed = Draft(
        kind=draft.kind, key=draft.key, content=draft.content, base_version=draft.base_version,
        revision=draft.revision, author=draft.author, saved_at=draft.saved_at, proposed_by=draft.proposed_by,
        proposed_at=draft.proposed_at, in_force_from=moment, reason=draft.reason, authors=draft.authors,
    )  # fmt: skip
    draft.content = draft.refusal = None
    _note(
        db, draft, "confirmed", by=by, author=confirmed.author, authors=confirmed.authors,
        proposer=confirmed.proposed_by,
    )  # fmt: skip
    return confirmed


def may_confirm(draft: Draft, user_id: str) -> bool:
    """Is this somebody who neither wrote any of it since it began nor proposed it?"""
    return user_id not in (*draft.authors, draft.proposed_by)


def refuse(db: Session, draft: Draft, reason: str, *, by: str) -> Draft:
    """The second person says no and why, or who proposed it takes it back; the draft stays and can be written on."""
    _require_proposed(draft)
    if not SHORTEST <= len(reason.strip()) <= LONGEST:
        raise InvalidForm({"refusal": [N_("Scrivi il motivo, con almeno dieci caratteri.")]})
    verb = "withdrawn" if draft.proposed_by == by else "refused"
    draft.refusal = reason.strip()
    return _note(db, draft, verb, by=by)


def discard(db: Session, draft: Draft, *, by: str) -> DraftCopy:
    """End the draft; what it held stays for ninety days as a copy."""
    copy = _copy_of(db, draft, DISCARDED)
    draft.content = draft.refusal = None
    _note(db, draft, "discarded", by=by)
    return copy


def keep_copy(db: Session, kind: str, key: str, content: bytes, revision: int, *, by: str) -> DraftCopy:
    """Keep what came too late, once for each person and revision: the last of it."""
    require_readable(kind, content)
    mine = (DraftCopy.kind == kind, DraftCopy.key == key, DraftCopy.author == by, DraftCopy.revision == revision)
    db.execute(delete(DraftCopy).where(*mine, DraftCopy.why == CONFLICT))
    authors = {by, *_wrote_at(db, kind, key, revision)}
    copy = _copy(db, kind, key, content, revision, CONFLICT, authors, by=by)
    log.append(db, "draft.kept", stream_of(kind, key), by=by, revision=revision, copy=copy.id)
    return copy


def copies(db: Session, kind: str, key: str) -> list[DraftCopy]:
    """The versions that were kept beside the draft, without their content, the youngest first."""
    query = select(DraftCopy).where(DraftCopy.kind == kind, DraftCopy.key == key).options(defer(DraftCopy.content))
    return list(db.scalars(query.order_by(DraftCopy.kept_at.desc(), DraftCopy.id)))


def get_copy(db: Session, kind: str, key: str, copy_id: str) -> DraftCopy:
    """One kept version. Raises NotYours if there is none."""
    copy = db.get(DraftCopy, copy_id)
    if copy is None or (copy.kind, copy.key) != (kind, key):
        raise NotYours
    return copy


def take_up(db: Session, draft: Draft | None, copy: DraftCopy, *, base_version: int | None, by: str) -> Draft:
    """Go on from a kept version: it becomes the draft, and what the draft held is kept in its place."""
    revision = revision_of(db, copy.kind, copy.key)
    if draft is not None and draft.content != copy.content:
        _copy_of(db, draft, REPLACED)
    made = save(db, copy.kind, copy.key, copy.content, revision, base_version=base_version, by=by)
    made.authors = sorted({*made.authors, *copy.authors})
    remove_copy(db, copy, by=by)
    return made


def write_over(
    db: Session, kind: str, key: str, content: bytes, revision: int, *, base_version: int | None, by: str
) -> Draft:
    """Save over what a colleague saved meanwhile and the writer was shown: hers stays as a copy, and the same content
    that came too late before is no copy any more. Raises as `save` does; then nothing has changed.
    """
    draft = find(db, kind, key)
    if draft is not None and draft.revision == revision and draft.content != content:
        _copy_of(db, draft, REPLACED)
    made = save(db, kind, key, content, revision, base_version=base_version, by=by)
    for copy in copies(db, kind, key):
        if (copy.author, copy.why, copy.content) == (by, CONFLICT, content):
            remove_copy(db, copy, by=by)
    return made


def remove_copy(db: Session, copy: DraftCopy, *, by: str) -> DraftCopy:
    """Forget a kept version that was merged or is no longer wanted."""
    db.delete(copy)
    db.flush()
    log.append(db, "draft.copy_removed", stream_of(copy.kind, copy.key), by=by, copy=copy.id)
    return copy


def sweep(db: Session) -> int:
    """Forget the copies that nobody took up for ninety days; how many there were."""
    old = delete(DraftCopy).where(DraftCopy.kept_at < clock.now() - KEPT)
    return len(db.scalars(old.returning(DraftCopy.id)).all())


def require_readable(kind: str, content: bytes) -> None:
    """Refuse what is too long, hostile or no file of this kind; anything else may be kept as a draft."""
    if len(content) > LIMIT:
        raise TooLarge(limit=LIMIT // 1000)
    if kind == FORM:
        _require_form(content)
        return
    root = xml.parse(content, limit=LIMIT)
    if kind == PROCESS and root.tag != f"{{{BPMN}}}definitions":
        raise Unusable(N_("Il file non è un modello BPMN 2.0."))
    if kind == DECISION and not (str(root.tag).endswith("}definitions") and "DMN" in str(root.tag)):
        raise Unusable(N_("Il file non è una tabella di decisione DMN."))


def require_key(kind: str, key: str) -> None:
    """Refuse an id under which no page could be opened."""
    if not _KEY.fullmatch(key) or (kind == PROCESS and key in RESERVED):
        sentence = N_(
            "L'id «%(id)s» non può stare in un indirizzo: comincia con una lettera, poi solo lettere, cifre e i segni"
            " _ - . (al massimo 100 in tutto); new, import, tables e forms sono già presi. Riscrivilo nel file e"
            " ripeti."
        )
        raise Unusable(sentence, id=" ".join(key.split())[:80])


def stream_of(kind: str, key: str) -> str:
    """The stream of the log that a model's drafts and versions are written to."""
    return f"{STREAMS[kind]}:{key}"


def _require_form(content: bytes) -> None:
    try:
        schema: object = json.loads(content)
        json.dumps(schema, ensure_ascii=False).encode()  # half a sign, written as \ud800, is no text
    except (ValueError, RecursionError):
        schema = None
    if not isinstance(schema, Mapping):
        raise Unusable(N_("Il file non è un modulo form-js (JSON)."))


def _require_proposed(draft: Draft) -> None:
    if draft.content is None or draft.proposed_by is None:
        raise WrongOrder(N_("Questa bozza non è proposta: chi l'ha scritta la propone quando è pronta."))


def _hold(db: Session, kind: str, key: str, by: str) -> Draft:
    """The row of this model's drafts under its lock, made if there never was one."""
    query = select(Draft).where(Draft.kind == kind, Draft.key == key).with_for_update()
    query = query.execution_options(populate_existing=True)
    found = db.scalar(query)
    if found is None:
        row = {"kind": kind, "key": key, "revision": 0, "author": by, "authors": [], "saved_at": clock.now()}
        db.execute(upsert(db, Draft).values(row).on_conflict_do_nothing())
        found = db.scalars(query).one()
    return found


def lock(db: Session, kind: str, key: str, revision: int) -> Draft:
    """The open draft under its lock, at the revision that the page showed. Raises NotYours, Outdated."""
    query = select(Draft).where(Draft.kind == kind, Draft.key == key).with_for_update()
    draft = db.scalar(query.execution_options(populate_existing=True))
    if draft is None or draft.content is None:
        raise NotYours
    if draft.revision != revision:
        raise _outdated(db, draft, CHANGED)
    return draft


def _outdated(db: Session, draft: Draft, sentence: str | None = None) -> Outdated:
    user = users.by_id(db, draft.author)
    return Outdated(draft.author, user.name if user else draft.author, draft.saved_at, draft.revision, sentence)


def _copy_of(db: Session, draft: Draft, why: str) -> DraftCopy:
    content, authors = content_of(draft), set(draft.authors)
    return _copy(db, draft.kind, draft.key, content, draft.revision, why, authors, by=draft.author)


def _copy(
    db: Session, kind: str, key: str, content: bytes, revision: int, why: str, authors: set[str], *, by: str
) -> DraftCopy:
    copy = DraftCopy(
        id=new_id(), kind=kind, key=key, content=content, revision=revision, author=by, authors=sorted(authors),
        kept_at=clock.now(), why=why,
    )  # fmt: skip
    db.add(copy)
    db.flush()
    return copy


def _wrote_before(db: Session, kind: str, key: str, content: bytes) -> set[str]:
    """Who wrote a kept version that says the very same: whoever brings it again did not write it."""
    same = (DraftCopy.kind == kind, DraftCopy.key == key, DraftCopy.content == content)
    return {author for authors in db.scalars(select(DraftCopy.authors).where(*same)) for author in authors}


def _wrote_at(db: Session, kind: str, key: str, revision: int) -> set[str]:
    """Who may have written what somebody read at a revision: the draft's authors, also of those discarded since."""
    since = (DraftCopy.kind == kind, DraftCopy.key == key, DraftCopy.why == DISCARDED, DraftCopy.revision >= revision)
    found = {author for authors in db.scalars(select(DraftCopy.authors).where(*since)) for author in authors}
    draft = db.get(Draft, (kind, key))
    return found | set(draft.authors if draft is not None else ())


def _note(db: Session, draft: Draft, verb: str, *, by: str, keep_proposal: bool = False, **facts: Any) -> Draft:
    """Count the change and write it down; a proposal stands only for the revision that it was made for."""
    draft.revision += 1
    if not keep_proposal:
        draft.proposed_by = draft.proposed_at = draft.in_force_from = draft.reason = None
    db.flush()
    log.append(db, f"draft.{verb}", stream_of(draft.kind, draft.key), by=by, revision=draft.revision, **facts)
    return draft
