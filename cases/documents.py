"""Documents: letters that a colleague has written and printed, sealed with the case they speak of.

The file name, the title of the page and the address say nothing: a document is a random code. What it is about is the
key of its template; where the person lives is in none of them (domicile is the seat of the body).
"""

from datetime import datetime

from sqlalchemy import ForeignKey, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from cases import casefile
from cases.access import Actor, classes, reveal
from cases.casefile import Case
from core import clock, log, vault
from core.db import Base
from core.errors import N_, InvalidForm, NotYours
from core.ids import new_id

LONGEST = 30_000


class Document(Base):
    """One letter as it was printed. A correction is a new one; the old one stays."""

    __tablename__ = "document"
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    case_code: Mapped[str] = mapped_column(ForeignKey("case_file.code"), index=True)
    letter: Mapped[str] = mapped_column(Text)
    letter_version: Mapped[int]
    cls: Mapped[str] = mapped_column(Text)
    written_by: Mapped[str] = mapped_column(Text)
    written_at: Mapped[datetime]
    sealed: Mapped[bytes]


def write(db: Session, case_code: str, letter: str, version: int, cls: str, text: str, *, by: str) -> Document:
    """Keep a letter under the key of its case. Empty and endless texts are refused beside the field."""
    text = text.replace("\r\n", "\n").strip()
    if not text or len(text) > LONGEST:
        raise InvalidForm({"text": [N_("Scrivi il testo della lettera, fino a 30.000 caratteri.")]})
    casefile.lock(db, case_code)
    document = Document(id=new_id(), case_code=case_code, letter=letter, letter_version=version, cls=cls)
    document.written_by, document.written_at = by, clock.now()
    document.sealed = vault.seal(db, casefile.scope_of(case_code), _field(document.id), text)
    db.add(document)
    db.flush()
    scope = casefile.scope_of(case_code)
    log.append(
        db, "document.written", scope, by=by, case=case_code, document=document.id, letter=letter, version=version
    )
    return document


def list_(db: Session, actor: Actor, case: Case) -> list[Document]:
    """The documents of a case that the actor may read, newest first."""
    allowed = classes(db, actor, case)
    query = select(Document).where(Document.case_code == case.code, Document.cls.in_(allowed))
    return list(db.scalars(query.order_by(Document.written_at.desc(), Document.id)))


def read(db: Session, actor: Actor, case: Case, document_id: str) -> tuple[Document, str]:
    """A document and its text, for who may read its class; the reading is written down."""
    document = db.get(Document, document_id)
    if document is None or document.case_code != case.code:
        raise NotYours
    reveal(db, actor, case, document.cls, what="document")
    return document, vault.open_(db, casefile.scope_of(case.code), _field(document.id), document.sealed)


def _field(document_id: str) -> str:
    return f"document.{document_id}"
