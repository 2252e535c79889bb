"""Leaflets: what a person is given to read, in versions per language; each is a draft until a mediator has signed it.

A version never changes. It comes from the files that are shipped or from somebody who writes here, and is signed by a
mediator who did not write it and says to know the language. A consent names the version read ("informativa-it-2").
"""

import hashlib
import re
from datetime import datetime

from sqlalchemy import Text, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from cases import access
from cases.access import Actor
from core import clock, log
from core.db import Base
from core.errors import N_, InvalidForm, NotYours, WrongOrder

LONGEST = 12_000
KEY, LANGUAGE = re.compile(r"[a-z]+(-[a-z]+)?"), re.compile(r"[a-z]{2,3}")
NO_TITLE = N_("La prima riga è il titolo: comincia con «# ».")
NO_TEXT = N_("Scrivi il testo, fino a 12.000 caratteri.")
SAME = N_("Il testo è uguale a quello dell'ultima versione.")
FILE, PAGE = "file", "page"


class Leaflet(Base):
    """One version of one text in one language."""

    __tablename__ = "leaflet"
    key: Mapped[str] = mapped_column(Text, primary_key=True)
    language: Mapped[str] = mapped_column(Text, primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(Text)
    origin: Mapped[str] = mapped_column(Text)
    written_by: Mapped[str] = mapped_column(Text)
    written_at: Mapped[datetime]
    signed_by: Mapped[str | None] = mapped_column(Text)
    signed_at: Mapped[datetime | None]

    @property
    def name(self) -> str:
        """How a consent names it."""
        return f"{self.key}-{self.language}-{self.version}"


def bring_in(db: Session, key: str, language: str, text: str, *, by: str) -> Leaflet | None:
    """The next version, if the shipped file says something that no version of it has said before; else None."""
    text = _checked(text)
    known = {leaflet.digest for leaflet in versions(db, key, language)}
    return None if _digest(text) in known else _add(db, key, language, text, FILE, by=by)


def write(db: Session, actor: Actor, key: str, language: str, text: str) -> Leaflet:
    """Write the next version here; somebody else must sign it. Raises InvalidForm beside the field."""
    access.require(actor, "leaflet.write")
    text = _checked(text)
    known = versions(db, key, language)
    if known and known[0].digest == _digest(text):
        raise InvalidForm({"text": [SAME]})
    return _add(db, key, language, text, PAGE, by=actor.user_id)


def sign(db: Session, actor: Actor, key: str, language: str, version: int, *, declared: bool) -> Leaflet:
    """A mediator declares to know the language and to have read it all: from now on it is the text in use."""
    access.require(actor, "leaflet.sign")
    query = select(Leaflet).where(Leaflet.key == key, Leaflet.language == language).with_for_update()
    known = sorted(db.scalars(query.execution_options(populate_existing=True)), key=lambda each: -each.version)
    leaflet = next((each for each in known if each.version == version), None)
    if leaflet is None:
        raise NotYours
    if leaflet.written_by == actor.user_id:
        raise WrongOrder(N_("Questo testo l'hai scritto tu: lo firma un'altra persona."))
    if leaflet.signed_by is not None or known[0] is not leaflet:
        raise WrongOrder(N_("Questa versione è già firmata, oppure ce n'è una più nuova: torna alla pagina del testo."))
    if not declared:
        raise InvalidForm({"declared": [N_("Si firma solo un testo letto tutto, in una lingua che conosci bene.")]})
    leaflet.signed_by, leaflet.signed_at = actor.user_id, clock.now()
    log.append(db, "leaflet.signed", _stream(key, language), by=actor.user_id, version=version)
    return leaflet


def versions(db: Session, key: str, language: str) -> list[Leaflet]:
    """Every version in one language, the newest first; none if nobody has translated it yet."""
    query = select(Leaflet).where(Leaflet.key == key, Leaflet.language == language)
    return list(db.scalars(query.order_by(Leaflet.version.desc())))


def in_use(known: list[Leaflet]) -> Leaflet | None:
    """Of these versions (the newest first), the one to give: the newest that is signed, else the newest."""
    return next((each for each in known if each.signed_by), known[0] if known else None)


def all_of(db: Session, keys: list[str]) -> list[Leaflet]:
    """Every version of these texts, by text, language and age, the newest first."""
    query = select(Leaflet).where(Leaflet.key.in_(keys))
    return list(db.scalars(query.order_by(Leaflet.key, Leaflet.language, Leaflet.version.desc())))


def _checked(text: str) -> str:
    text = "\n".join(line.rstrip() for line in text.replace("\r\n", "\n").strip().split("\n"))
    if not text or len(text) > LONGEST:
        raise InvalidForm({"text": [NO_TEXT]})
    if not text.startswith("# "):
        raise InvalidForm({"text": [NO_TITLE]})
    return text


def _add(db: Session, key: str, language: str, text: str, origin: str, *, by: str) -> Leaflet:
    if not KEY.fullmatch(key) or not LANGUAGE.fullmatch(language):
        raise NotYours
    newest = select(func.max(Leaflet.version)).where(Leaflet.key == key, Leaflet.language == language)
    leaflet = Leaflet(key=key, language=language, version=(db.scalar(newest) or 0) + 1, text=text, origin=origin)
    leaflet.digest, leaflet.written_by, leaflet.written_at = _digest(text), by, clock.now()
    db.add(leaflet)
    db.flush()
    log.append(db, "leaflet.written", _stream(key, language), by=by, version=leaflet.version, origin=origin)
    return leaflet


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _stream(key: str, language: str) -> str:
    return f"leaflet:{key}-{language}"
