"""What makes a person findable again: keyed fingerprints of names, sounds, numbers, code words and birthdays.

No value is stored, only its fingerprint under `index.key`: whoever reads the table learns nothing without the key. A
name is kept in three ways: as it is spelled in Latin letters whatever its script, as it sounds when b and p, d and t,
vowels and doubled letters are not told apart, and with its parts written together. What people of different tongues
read in different ways (x as ks or s, Albanian xh, Ukrainian h for g, Arabic without vowels, Bengali z for j) is kept by
each of its sounds. A text of one sound alone is not kept by its sound: it would find everybody.
"""

import re
import unicodedata
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
    ("ch|kh|ck|c|q", "k"), ("th|d", "t"), ("b", "p"), ("gn", "n"),
)  # fmt: skip
# Letters that some read in another way: each name is kept by both sounds, the other one if it has that many letters at
# least, so that a short name does not find everybody. The order matters: longer letters come first.
READINGS = tuple((re.compile(letters), other, shortest) for letters, other, shortest in (
    ("^m(?:d|od|ohd|hd)$", "mohammad", 3),  # how Mohammad is shortened in Bengali passports
    ("^abd[aeiou]?l(?=[drstznl])", "abd", 3),  # Abd al-Rahman, Abdurrahman
    ("kh", "h", 2), ("xh", "j", 2), ("zh", "j", 2), ("x", "ks", 3),  # Хадиджа, Xhevahire, Жанна, Oxana
    ("^h(?=[^aeiouy])", "ha", 3),  # Arabic names no vowel: hsyn, Husayn
    ("gb", "b", 3), ("kp", "p", 3), ("nm", "m", 3),  # Igbinosa, Okpara, Omowunmi
    ("^h(?=al[iy]|ry)|(?<=^i)h(?=or)|(?<=er)h(?=i)|(?<=le)h$|(?<=bo)h(?=d)|(?<=ev)h(?=en)", "g", 2),  # Halyna, Oleh
    ("^[ei](?=[mn][bcdgkptwz])", "", 2),  # Engozi, Nkechi
    ("w(?=[^aeiouy])|(?<=[^aeiou])w(?=[uo])", "u", 2),  # Chowdhury, Chukwu, nwr
    ("^[yij](?=e)", "", 3), ("(?<=[lnrstv])ij(?=[ae]$)", "i", 2),  # Yevgenia, Ksenija
    ("sch(?=[ei])", "sk", 3), ("nj", "n", 3), ("bh", "v", 3),  # Shqipe as Italians write it, Njomza, Bhuiyan
    ("c(?=[eiy])", "s", 3), ("(?<=i)ch(?=a)", "sh", 2), ("th", "s", 3),  # Precious, Aicha, Othman
    ("^z(?!h)", "j", 3),  # Zahangir, Jahangir
))  # fmt: skip
MOST_READINGS = 64
# Arabic begins a name with a letter that has no sound of its own: the vowel is heard, and the article stands apart.
ARTICLE, SILENT = re.compile(r"(?<!\w)\u0627\u0644(?=\w{2})"), re.compile(r"(?<!\w)[\u0621-\u0627\u0639]")


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
    heard = SILENT.sub("a", ARTICLE.sub("al ", unicodedata.normalize("NFKC", text)))
    return vault.normalise("".join(_latin(letter) for letter in heard)).split()


def _latin(letter: str) -> str:
    """A letter in Latin ones; a soft sign or a glottal stop is no gap in a name."""
    if letter.isascii():
        return letter
    return re.sub("['`\"]", "", anyascii(letter)) if unicodedata.category(letter)[0] in "LM" else anyascii(letter)


def together(text: str) -> str:
    """The parts of a name written as one."""
    return "".join(words(text))


def sound(word: str) -> str:
    """How a word in Latin letters sounds to somebody who writes it down in another language."""
    heard = re.sub(r"([a-z])\1+", r"\1", word)
    heard = re.sub(r"g(?=[ei])", "j", heard)
    for letters, one in ALIKE:
        heard = re.sub(letters, one, heard)
    heard = re.sub(r"([a-z])\1+", r"\1", heard).replace("h", "")
    first = "a" if heard[:1] in ("a", "e", "i", "o", "u", "y") else ""
    return first + re.sub("[aeiouy]", "", heard)


def sounds(word: str) -> set[str]:
    """Every way in which a word may sound; none that would find everybody."""
    read = {word: SHORTEST_SOUND}
    for letters, other, shortest in READINGS:
        for each, least in list(read.items())[:MOST_READINGS]:
            read.setdefault(letters.sub(other, each), max(least, shortest))
    return {heard for each, least in read.items() if len(heard := sound(each)) >= least}


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
    return {(SPELLED, vault.blind(SPELLED, part)), *((SOUND, vault.blind(SOUND, one)) for one in sounds(part))}


def _texts(value: Any) -> Iterable[str]:
    several = value if isinstance(value, list | tuple) else [value]
    return [one.isoformat() if isinstance(one, date) else str(one) for one in several if one not in (None, "")]
