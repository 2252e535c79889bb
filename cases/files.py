"""Files: documents that somebody brought, kept with the case under its key, under a code and never under their name.

What a file is, its first bytes say, not its name. Pictures are drawn anew: the place and the device that a telephone
writes into them are not kept. A PDF that carries programs or other files is refused. No virus scanner looks at them:
they are sent back to be saved, or shown as pictures drawn anew (`cases/previews.py`), never opened inside our pages.
"""

import re
from datetime import datetime

from sqlalchemy import ForeignKey, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from cases import casefile, codes, pictures
from cases.access import Actor, classes, reveal
from cases.casefile import Case
from core import clock, log, vault
from core.db import Base
from core.errors import N_, InvalidForm, NotYours
from core.ids import new_id

LARGEST = 5 * 1024 * 1024
MOST = 200
# What a document is decides who may read it.
CLASSES = {
    "identita": "P2", "titolo": "P2", "salute": "P3", "giustizia": "P5", "studio_lavoro": "P2", "altro_documento": "P3",
}  # fmt: skip
TYPES = {"pdf": "application/pdf", "jpg": "image/jpeg", "png": "image/png"}
STARTS = {b"%PDF-": "pdf", b"\xff\xd8\xff": "jpg", b"\x89PNG\r\n\x1a\n": "png"}
# Names of PDF objects that act or carry something, and words that make a PDF be two things at once.
HARMFUL = re.compile(rb"/(?:JavaScript|Launch|EmbeddedFiles?|RichMedia|XFA)(?![A-Za-z])|<(?i:script|html)")
SPELLED = re.compile(rb"#([0-9A-Fa-f]{2})")
NO_TYPE = N_("Si possono aggiungere solo PDF e immagini JPEG o PNG; questo file è di un altro tipo, o è rovinato.")

ACTS = N_("Questo PDF contiene programmi o altri file: stampalo di nuovo in PDF.")


class File(Base):
    """One file as it was kept. `size` is that of what is kept."""

    __tablename__ = "file"
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    case_code: Mapped[str] = mapped_column(ForeignKey("case_file.code"), index=True)
    what: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    cls: Mapped[str] = mapped_column(Text)
    size: Mapped[int]
    added_by: Mapped[str] = mapped_column(Text)
    added_at: Mapped[datetime]
    sealed: Mapped[bytes] = mapped_column(deferred=True)

    @property
    def name(self) -> str:
        """What the file is called when somebody saves it: it says nothing."""
        return f"documento-{self.id[:8]}.{self.kind}"


def add(db: Session, actor: Actor, case: Case, what: str, content: bytes) -> File:
    """Keep a file. Raises InvalidForm with sentences by field."""
    errors: dict[str, list[str]] = {}
    if what not in codes.codes_of(codes.LISTS["tipo_file"]):
        errors["what"] = [N_("Scegli una voce dell'elenco.")]
    elif CLASSES[what] not in classes(db, actor, case):
        errors["what"] = [N_("Chi ha il tuo ruolo non può leggere documenti di questo tipo: dallo a chi può.")]
    kind, kept, sentence = _checked(content)
    if sentence:
        errors["file"] = [sentence]
    if errors:
        raise InvalidForm(errors)
    scope = casefile.scope_of(casefile.lock(db, case.code).code)
    file = File(id=new_id(), case_code=case.code, what=what, kind=kind, cls=CLASSES[what], size=len(kept))
    file.added_by, file.added_at = actor.user_id, clock.now()
    file.sealed = vault.seal_bytes(db, scope, _field(file.id), kept)
    db.add(file)
    db.flush()
    log.append(db, "file.added", scope, by=actor.user_id, case=case.code, file=file.id, what=what, kind=kind)
    return file


def list_(db: Session, actor: Actor, case: Case) -> list[File]:
    """The files of a case that the actor may read, newest first, without what is in them."""
    allowed = classes(db, actor, case)
    query = select(File).where(File.case_code == case.code, File.cls.in_(allowed))
    return list(db.scalars(query.order_by(File.added_at.desc(), File.id).limit(MOST)))


def read(db: Session, actor: Actor, case: Case, file_id: str, *, what: str = "file") -> tuple[File, bytes]:
    """A file and what is in it, for who may read its class; the reading is written down as what it is."""
    file = db.get(File, file_id)
    if file is None or file.case_code != case.code:
        raise NotYours
    reveal(db, actor, case, file.cls, what=what)
    return file, vault.open_bytes(db, casefile.scope_of(case.code), _field(file.id), file.sealed)


def _checked(content: bytes) -> tuple[str, bytes, str]:
    """The type, what is to be kept of it, and the sentence if nothing is."""
    if not content:
        return "", b"", N_("Scegli un file che non sia vuoto.")
    if len(content) > LARGEST:
        return "", b"", N_("Il file è troppo grande: al massimo 5 MB.")
    kind = next((kind for start, kind in STARTS.items() if content.startswith(start)), "")
    if kind == "pdf":
        return kind, content, ACTS if _acts(content) else ""
    kept = pictures.redraw(content, kind) if kind else None
    return (kind, kept, "") if kept is not None and len(kept) <= 2 * LARGEST else ("", b"", NO_TYPE)


def _acts(content: bytes) -> bool:
    """Does the readable part of a PDF name programs or other files? A name may be spelled in hexadecimal."""
    plain = SPELLED.sub(lambda match: bytes([int(match[1], 16)]), content)
    return HARMFUL.search(plain) is not None


def _field(file_id: str) -> str:
    return f"file.{file_id}"
