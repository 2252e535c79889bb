"""Persons: who somebody is, apart from the case, sealed under the case's key. Nothing here is needed to help her.

Identity (names, birth, citizenship, documents) is class P2; the ways in which it is safe to reach her are class P4.
What is not known is absent.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import orjson
from sqlalchemy import ForeignKey, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from cases import casefile, findable, victims
from cases.access import Actor, reveal
from cases.casefile import Case
from core import clock, log, vault
from core.db import Base
from core.errors import N_, InvalidForm
from core.ids import new_code

IDENTITY = frozenset(
    {
        "first_name", "middle_name", "last_name", "aliases", "birth_date", "birth_place", "gender", "citizenships",
        "languages", "phone", "mail", "marital_status", "children", "identity_document", "fiscal_code",
    }
)  # fmt: skip
SAFE_WAYS = frozenset(
    {
        "channel", "number", "hours", "code_word", "cover_text", "never", "emergency_person", "sms_from", "sms_to",
    }
)  # fmt: skip
TEXTED = ("number", "cover_text", "sms_from", "sms_to")


class Person(Base):
    """The identity behind one case; the code is the anonymous one she had before, or a new one."""

    __tablename__ = "person"
    code: Mapped[str] = mapped_column(Text, primary_key=True)
    case_code: Mapped[str] = mapped_column(ForeignKey("case_file.code"), unique=True)
    identity: Mapped[bytes | None]
    ways: Mapped[bytes | None]
    changed_at: Mapped[datetime]


def record(
    db: Session,
    case_code: str,
    identity: Mapping[str, Any] | None = None,
    ways: Mapping[str, Any] | None = None,
    *,
    by: str,
) -> Person:
    """Add what has become known to the identity and the safe ways of a person; null takes a field away."""
    _check(identity or {}, IDENTITY)
    _check(ways or {}, SAFE_WAYS)
    casefile.lock(db, case_code)
    person = of_case(db, case_code) or _new_person(db, case_code)
    before = _committed(db, person, identity, ways)
    person.identity = _merged(db, person, "identity", identity)
    person.ways = _merged(db, person, "ways", ways)
    person.changed_at = clock.now()
    db.add(person)
    db.flush()
    make_findable(db, person)
    fields, after = sorted({*(identity or {}), *(ways or {})}), _committed(db, person, identity, ways)
    scope = casefile.scope_of(case_code)
    log.append(db, "person.recorded", scope, by=by, case=case_code, fields=fields, before=before, after=after)
    return person


def make_findable(db: Session, person: Person) -> None:
    """Let the person be found by names, birthday, numbers and code word as they are known now (`cases/search.py`), and
    be counted by sex and citizenship (`cases/victims.py`)."""
    values = {**_opened(db, person, "identity"), **_opened(db, person, "ways")}
    findable.write(db, casefile.scope_of(person.case_code), "person", values)
    victims.know_person(db, person.case_code, values.get("gender"), values.get("citizenships") or ())


def forget_ways(db: Session, case_code: str) -> None:
    """How to reach the person goes, and she is found by it no more."""
    person = of_case(db, case_code)
    if person is not None and person.ways is not None:
        person.ways = None
        db.flush()
        if not vault.is_destroyed(db, casefile.scope_of(case_code)):
            make_findable(db, person)


def of_case(db: Session, case_code: str) -> Person | None:
    """The person of a case, still sealed; None while nobody has said who she is."""
    return db.scalar(select(Person).where(Person.case_code == case_code))


def read(db: Session, actor: Actor, case: Case) -> dict[str, Any]:
    """The identity, for who may read class P2; the reading is written down."""
    reveal(db, actor, case, "P2", what="identity")
    person = of_case(db, case.code)
    return _opened(db, person, "identity") if person else {}


def read_ways(db: Session, actor: Actor, case: Case) -> dict[str, Any]:
    """The safe ways to reach the person, for who may read class P4; the reading is written down."""
    reveal(db, actor, case, "P4", what="safe_ways")
    person = of_case(db, case.code)
    return _opened(db, person, "ways") if person else {}


def agreed_text(db: Session, case_code: str) -> dict[str, str]:
    """The number, the words and the hours that she agreed to for an SMS; whoever shows them asks `read_ways`."""
    person = of_case(db, case_code)
    known = _opened(db, person, "ways") if person else {}
    return {name: str(known[name]) for name in TEXTED if known.get(name)}


def birth_date(db: Session, case_code: str) -> date | None:
    """The day of birth, for dates that are counted from it; whoever shows it to a person asks `read`."""
    person = of_case(db, case_code)
    born = _opened(db, person, "identity").get("birth_date") if person else None
    return date.fromisoformat(str(born)) if born else None


def _new_person(db: Session, case_code: str) -> Person:
    code = new_code("P", length=8)
    while db.get(Person, code) is not None:
        code = new_code("P", length=8)
    return Person(code=code, case_code=case_code)


def _committed(
    db: Session, person: Person, identity: Mapping[str, Any] | None, ways: Mapping[str, Any] | None
) -> dict[str, str]:
    """What the log may say of the fields that are touched, as they are now; a field that is not known is not there."""
    scope = casefile.scope_of(person.case_code)
    found: dict[str, str] = {}
    for column, touched in (("identity", identity), ("ways", ways)):
        if touched:
            known = _opened(db, person, column)
            found |= vault.commit_to(db, scope, "person", {name: known[name] for name in touched if name in known})
    return found


def _merged(db: Session, person: Person, field: str, news: Mapping[str, Any] | None) -> bytes | None:
    if not news:
        sealed: bytes | None = getattr(person, field)
        return sealed
    known = {**_opened(db, person, field), **news}
    text = orjson.dumps({name: value for name, value in known.items() if value not in (None, "")}).decode()
    return vault.seal(db, casefile.scope_of(person.case_code), f"person.{field}", text)


def _opened(db: Session, person: Person, field: str) -> dict[str, Any]:
    sealed: bytes | None = getattr(person, field)
    if sealed is None:
        return {}
    return dict(orjson.loads(vault.open_(db, casefile.scope_of(person.case_code), f"person.{field}", sealed)))


def _check(fields: Mapping[str, Any], known: frozenset[str]) -> None:
    unknown = set(fields) - known
    if unknown:
        raise InvalidForm({field: [N_("Questo campo non esiste.")] for field in sorted(unknown)})
