"""What makes a person findable again: keyed fingerprints of names, sounds, numbers, code words and birthdays.

No value is stored, only its fingerprint under `index.key`: whoever reads the table learns nothing without the key. A
name is kept in three ways: as it is spelled in Latin letters whatever its script, as it sounds when b and p, d and t,
vowels and doubled letters are not told apart, and with its parts written together. A text of one sound alone is not
kept by its sound: it would find everybody.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import phonenumbers
from anyascii import anyascii
from sqlalchemy import Text, delete, insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from core import vault
from core.db import Base

NAMES = ("first_name", "middle_name", "last_name", "aliases")
PHONES = ("phone", "number", "caller_number")
SPELLED, SOUND, PHONE, WORD, BORN = "name", "sound", "phone", "code_word", "birth_date"
HOME = "IT"
SHORTEST_SOUND = 2
# Letters that people of different tongues write for one sound; the order matters.
ALIKE = (
    ("sch|sh|sc(?=[ei])|ts|tz|z|x|ss", "s"), ("ph|v|w", "f"), ("^[iy](?=[aeou])|dj|gi(?=[aou])|gh|g", "j"),
    ("ch|kh|ck|c|q", "k"), ("th|d", "t"), ("b", "p"), ("gn", "n"), ("h", ""),
)  # fmt: skip


class SearchKey(Base):
    """One fingerprint of one subject ("case:..." or "contact:..."); `part` is what it came from."""

    __tablename__ = "search_key"
    subject: Mapped[str] = mapped_column(Text, primary_key=True)
    part: Mapped[str] = mapped_column(Text, primary_key=True)
    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    key: Mapped[str] = mapped_column(Text, primary_key=True, index=True)


def write(db: Session, subject: str, part: str, values: Mapping[str, Any]) -> None:
    """Let a subject be found by these values, and no longer by what this part of it said before."""
    db.execute(delete(SearchKey).where(SearchKey.subject == subject, SearchKey.part == part))
    rows = [{"subject": subject, "part": part, "kind": kind, "key": key} for kind, key in sorted(keys_of(values))]
    if rows:
        db.execute(insert(SearchKey), rows)


def forget(db: Session, subject: str) -> None:
    """A subject that was erased is found no more."""
    db.execute(delete(SearchKey).where(SearchKey.subject == subject))


def keys_of(values: Mapping[str, Any]) -> set[tuple[str, str]]:
    """The fingerprints, by kind, of the fields that people are searched by; other fields are left alone."""
    found: set[tuple[str, str]] = set()
    for field, value in values.items():
        for text in _texts(value):
            found |= _keys(field, text)
    whole = together(" ".join(str(values[field]) for field in NAMES[:3] if values.get(field)))
    return found | _name_keys(whole) if whole else found


def words(text: str) -> list[str]:
    """The parts of a name in small Latin letters, whatever its script."""
    return vault.normalise(anyascii(vault.normalise(text))).split()


def together(text: str) -> str:
    """The parts of a name written as one."""
    return "".join(words(text))


def sound(word: str) -> str:
    """How a word in Latin letters sounds to somebody who writes it down in another language."""
    heard = re.sub(r"([a-z])\1+", r"\1", word)
    heard = re.sub(r"g(?=[ei])", "j", heard)
    for letters, one in ALIKE:
        heard = re.sub(letters, one, heard)
    first = "a" if heard[:1] in ("a", "e", "i", "o", "u", "y") else ""
    return first + re.sub("[aeiouy]", "", heard)


def telephone(text: str) -> str | None:
    """A number in its international form; one without a country is Italian. None if it is no number."""
    try:
        number = phonenumbers.parse(anyascii(text), HOME)
    except phonenumbers.NumberParseException:
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def by_name(text: str) -> dict[str, set[tuple[str, str]]]:
    """For each part of a typed name, and for the whole, the fingerprints that would find it."""
    parts = dict.fromkeys([*words(text), together(text)])
    return {part: _name_keys(part) for part in parts if part}


def _keys(field: str, text: str) -> set[tuple[str, str]]:
    if field in NAMES:
        parts = {*words(text), together(text)} - {""}
        return {key for part in parts for key in _name_keys(part)}
    if field in PHONES:
        number = telephone(text)
        return {(PHONE, vault.blind(PHONE, number))} if number else set()
    if field == "code_word":
        return {(WORD, vault.blind(WORD, together(text)))} if together(text) else set()
    if field == "birth_date":
        return {(BORN, vault.blind(BORN, text))}
    return set()


def _name_keys(part: str) -> set[tuple[str, str]]:
    # The Cyrillic х and the Arabic خ are written kh: some hear a k, some an h.
    heard = {sound(part), sound(part.replace("kh", "h"))}
    sounds = {(SOUND, vault.blind(SOUND, one)) for one in heard if len(one) >= SHORTEST_SOUND}
    return {(SPELLED, vault.blind(SPELLED, part)), *sounds}


def _texts(value: Any) -> Iterable[str]:
    several = value if isinstance(value, list | tuple) else [value]
    return [one.isoformat() if isinstance(one, date) else str(one) for one in several if one not in (None, "")]
