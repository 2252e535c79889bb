"""The book of forms: versions published, numbered, kept for ever; which is in force, and which a sheet was filed with.

Pages ask for a form without asking the database: which versions there are is read once per process and again when it
is older than `FRESH`; a process that publishes sees its own at once. What a version says never changes.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from weakref import WeakKeyDictionary

from sqlalchemy import LargeBinary, Text, UniqueConstraint, event, func, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from core import clock, log
from core.db import NOW, Base
from core.errors import N_, InvalidModel, NotYours, WrongOrder
from core.ids import new_id
from engine import registry
from engine.findings import Finding
from tasks import forms, lists
from tasks.components import Form
from tasks.formjs import KEY

FRESH: Final = timedelta(seconds=10)
LIMIT: Final = 2_000_000
_KEPT: Final = 1_000
_MINE: Final = "formbook"
_SHORTEST: Final = 12  # of a fingerprint that a sheet names


class FormVersion(Base):
    """One version of one form; rows never change. From `in_force_from` on people are asked its questions."""

    __tablename__ = "form_version"
    __table_args__ = (UniqueConstraint("name", "version"),)
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    version: Mapped[int]
    sha: Mapped[str] = mapped_column(Text)
    # only read when this process meets the version for the first time
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    in_force_from: Mapped[datetime | None]  # None: taken back before it came into force
    published_by: Mapped[str] = mapped_column(Text)
    published_at: Mapped[datetime]
    written_by: Mapped[str | None] = mapped_column(Text)  # whose draft it was; None: it came from the command line


# What was published at once is in force whatever the clock says; only what was scheduled waits for its moment. One rule
# for models, tables and forms: the version whose moment came last (docs/adr/0017).
IN_FORCE = or_(FormVersion.in_force_from <= NOW, FormVersion.in_force_from <= FormVersion.published_at)
LATEST = (FormVersion.in_force_from.desc(), FormVersion.version.desc())


@dataclass(frozen=True, slots=True)
class _Entry:
    id: str
    name: str
    version: int
    sha: str
    since: datetime | None
    published_at: datetime


_Index = Mapping[str, Sequence[_Entry]]  # what came into force last, or will, first
_indexes: WeakKeyDictionary[Any, tuple[datetime, _Index]] = WeakKeyDictionary()
_forms: dict[tuple[str, str], Form] = {}


# -- publishing --------------------------------------------------------------------------------------------------------


def publish_form(
    db: Session,
    content: bytes,
    name: str,
    *,
    written_by: str | None = None,
    in_force_from: datetime | None = None,
    by: str,
) -> FormVersion:
    """Make `content` (form-js JSON) the next version of a form and return it; it is in force at once or from a moment.

    `written_by` is whose draft `by` confirmed. The very same content as the version that is in force then is not
    published twice. Raises InvalidModel with the findings.
    """
    now = clock.now()
    start = max(in_force_from or now, now)
    same, sha = current(db, name, at=start), hashlib.sha256(content).hexdigest()
    if same is not None and same.sha == sha:
        return same
    findings = [each for each in check(content, name) if each.level == "error"]
    if findings:
        raise InvalidModel(findings)
    last = db.scalar(select(func.max(FormVersion.version)).where(FormVersion.name == name)) or 0
    made = FormVersion(
        id=new_id(),
        name=name,
        version=last + 1,
        sha=sha,
        content=content,
        in_force_from=start,
        published_by=by,
        published_at=now,
        written_by=written_by,
    )
    db.add(made)
    db.flush()
    _forget(db)
    draft: dict[str, Any] = {"author": written_by, "in_force_from": made.in_force_from} if written_by else {}
    log.append(db, "form.published", f"form:{name}", by=by, version=made.version, sha=sha, **draft)
    return made


def withdraw(db: Session, version: FormVersion, *, by: str) -> FormVersion:
    """Take back a version that is not in force yet: it never will be. Raises WrongOrder."""
    if not registry.is_to_come(version):
        raise WrongOrder(N_("Questa versione è già in vigore o già ritirata: pubblicane un'altra."))
    version.in_force_from = None
    db.flush()
    _forget(db)
    log.append(db, "form.withdrawn", f"form:{version.name}", by=by, version=version.version)
    return version


def check(content: bytes, name: str) -> list[Finding]:
    """Return what this form may not contain; an error forbids publishing it."""
    if not KEY.fullmatch(name):
        sentence = N_("il nome del modulo «%(name)s» deve essere una sola parola minuscola")
        return [Finding(None, "", name, sentence, params={"name": name[:60]})]
    if len(content) > LIMIT:
        return [Finding(None, "", name, N_("il modulo è troppo grande"))]
    return forms.check(content, name, lists.known())


# -- which there are ---------------------------------------------------------------------------------------------------


def current(db: Session, name: str, *, at: datetime | None = None) -> FormVersion | None:
    """Return the version of a form that is in force now, or will be at a moment to come; None if there is none."""
    query = select(FormVersion).where(FormVersion.name == name)
    query = query.where(IN_FORCE if at is None else or_(IN_FORCE, FormVersion.in_force_from <= at))
    return db.scalars(query.order_by(*LATEST).limit(1)).first()


def versions(db: Session, name: str) -> list[FormVersion]:
    """Return every version of a form, those to come and those of the past too, the youngest first."""
    query = select(FormVersion).where(FormVersion.name == name).order_by(FormVersion.version.desc())
    return list(db.scalars(query))


def get(db: Session, version_id: str) -> FormVersion:
    """Return a version. Raises NotYours if there is none."""
    found = db.get(FormVersion, version_id)
    if found is None:
        raise NotYours
    return found


def known(db: Session) -> frozenset[str]:
    """Return the names that a model may give to a task: what is in force, and what is shipped."""
    index = _index(db)
    return frozenset(name for name in index if _in_force(index, name)) | forms.known()


# -- reading -----------------------------------------------------------------------------------------------------------


def read(db: Session, name: str) -> Form:
    """Return the form in force; a form that was never published here is the shipped one. Raises InvalidModel."""
    entry = _in_force(_index(db), name)
    if entry is None and name not in forms.known():
        entry = _in_force(_index(db, again=True), name)  # perhaps another process has published it a moment ago
    return forms.read(name) if entry is None else _form(db, entry)


def as_filed(db: Session, name: str, schema_version: str) -> Form:
    """Return the form with the questions that a sheet answered, by the version it names; the form in force if unknown.

    What was filed before forms had versions names the shipped file of its time.
    """
    found = (entry for entry in _index(db).get(name, ()) if entry.sha.startswith(schema_version))
    entry = next(found, None) if len(schema_version) >= _SHORTEST else None
    if entry is not None:
        return _form(db, entry)
    shipped = forms.read(name) if name in forms.known() else None
    return shipped if shipped is not None and shipped.version == schema_version else read(db, name)


def _in_force(index: _Index, name: str) -> _Entry | None:
    now = clock.now()
    found = (entry for entry in index.get(name, ()) if entry.since and entry.since <= max(now, entry.published_at))
    return next(found, None)


def _form(db: Session, entry: _Entry) -> Form:
    key = entry.name, entry.sha
    found = _forms.get(key)
    if found is None:
        if len(_forms) >= _KEPT:
            _forms.clear()
        found = _forms[key] = _shipped(entry) or _opened(db, entry)
    return found


def _shipped(entry: _Entry) -> Form | None:
    """The shipped file, if it is this very version: then its content need not be fetched."""
    if entry.name not in forms.known():
        return None
    form = forms.read(entry.name)
    return form if entry.sha == forms.sha_of(entry.name) else None


def _opened(db: Session, entry: _Entry) -> Form:
    content = db.scalars(select(FormVersion.content).where(FormVersion.id == entry.id)).one()
    form, findings = forms.parse(content, entry.name)
    if form is None:
        raise InvalidModel(findings)
    return form


# -- once per process --------------------------------------------------------------------------------------------------


def _index(db: Session, *, again: bool = False) -> _Index:
    """What is published; a transaction that has published looks for itself, and nobody sees it before it is over."""
    if db.info.get(_MINE):
        return _look(db)
    bind = db.get_bind()
    at, found = _indexes.get(bind, (None, {}))
    if again or at is None or not timedelta() <= clock.now() - at < FRESH:
        found = _look(db)
        _indexes[bind] = clock.now(), found
    return found


def _look(db: Session) -> _Index:
    found: dict[str, list[_Entry]] = {}
    columns = (FormVersion.id, FormVersion.name, FormVersion.version, FormVersion.sha)
    rows = select(*columns, FormVersion.in_force_from, FormVersion.published_at).order_by(*LATEST)
    for entry in (_Entry(*row) for row in db.execute(rows)):
        found.setdefault(entry.name, []).append(entry)
    return found


def _forget(db: Session) -> None:
    """Look anew in this transaction, and after its commit in this process."""
    if not db.info.get(_MINE):
        db.info[_MINE] = True
        bind = db.get_bind()
        event.listen(db, "after_commit", lambda _: _indexes.pop(bind, None), once=True)
