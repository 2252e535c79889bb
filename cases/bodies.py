"""Bodies (enti): the offices outside the network that a case may need, with source and day of the last check.

Public data of offices, never of a person in care and never somebody's home. A change is a new version with a validity
of its own; what an entry said before is still there. `workflows/bodies.toml` brings the national offices; what people
wrote here is never undone by it.
"""

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import Text, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from cases import codes
from cases.territory import check_province
from core import calendar, clock, log
from core.db import Base
from core.errors import N_, InvalidForm, NotYours
from core.ids import new_id

SHIPPED = "deploy"
TEXTS = ("name", "role", "phone", "mail", "pec", "availability", "source", "protocol")
FACTS = ("kind", *TEXTS, "provinces", "valid_from", "valid_to", "verified_on")
MAIL = re.compile(r"[^\s@<>,;:\"()]+@[^\s@<>,;:\"()]+")
PHONE = re.compile(r"[+\d][\d ./-]{2,40}")


class Body(Base):
    """One version of what is known of a body. `code` is the same in all its versions; the newest that holds counts."""

    __tablename__ = "body"
    __table_args__ = (UniqueConstraint("code", "version"),)
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    code: Mapped[str] = mapped_column(Text, index=True)
    version: Mapped[int]
    kind: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    role: Mapped[str | None] = mapped_column(Text)
    provinces: Mapped[list[str]]
    phone: Mapped[str | None] = mapped_column(Text)
    mail: Mapped[str | None] = mapped_column(Text)
    pec: Mapped[str | None] = mapped_column(Text)
    availability: Mapped[str | None] = mapped_column(Text)
    protocol: Mapped[str | None] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)
    verified_on: Mapped[date | None]
    verified_by: Mapped[str | None] = mapped_column(Text)
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    written_by: Mapped[str] = mapped_column(Text)
    written_at: Mapped[datetime]

    def holds_on(self, day: date) -> bool:
        """Does this version say that the body is there on a day?"""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)

    def is_stale(self, day: date, months: int) -> bool:
        """Has nobody checked it for so many months?"""
        return self.verified_on is None or calendar.add_months(self.verified_on, months) < day


def get(db: Session, code: str) -> Body:
    """The newest version of a body, also when it holds no longer."""
    body = db.scalar(select(Body).where(Body.code == code).order_by(Body.version.desc()).limit(1))
    if body is None:
        raise NotYours
    return body


def history(db: Session, code: str) -> list[Body]:
    """Every version of a body, the newest first."""
    return list(db.scalars(select(Body).where(Body.code == code).order_by(Body.version.desc())))


def list_(db: Session) -> list[Body]:
    """Of every body the newest version, by name."""
    newest = select(Body.code, func.max(Body.version).label("version")).group_by(Body.code).subquery()
    query = select(Body).join(newest, (newest.c.code == Body.code) & (newest.c.version == Body.version))
    return list(db.scalars(query.order_by(Body.name, Body.code)))


def search(db: Session, *, words: str = "", kind: str = "", province: str = "") -> list[Body]:
    """The newest versions that carry all the words (in any case, with or without accents), of a kind, for a province;
    a body without provinces answers everywhere."""
    wanted = _plain(words).split()
    return [
        body
        for body in list_(db)
        if (not kind or body.kind == kind)
        and (not province or not body.provinces or province in body.provinces)
        and all(word in _plain(f"{body.name} {body.role or ''} {body.availability or ''}") for word in wanted)
    ]


def write(db: Session, code: str | None, facts: Mapping[str, Any], *, by: str) -> Body:
    """Add a body (no code) or write a new version of it; the same facts as in the newest version change nothing."""
    values = _checked(facts)
    last = get(db, code) if code else None
    if last is not None and all(getattr(last, name) == value for name, value in values.items()):
        return last
    return _add(db, code or new_id(), last, values, by=by)


def verify(db: Session, code: str, source: str, *, by: str) -> Body:
    """Somebody has asked the body today and it is as written: a new version that says so, with the source."""
    last = get(db, code)
    values = {name: getattr(last, name) for name in FACTS} | {"source": source, "verified_on": clock.today()}
    return _add(db, code, last, _checked(values), by=by)


def load(db: Session, toml: str, *, by: str) -> list[Body]:
    """Bring the directory up to date with the text of `workflows/bodies.toml`; loading twice changes nothing, and a
    body that people have written about stays as they left it."""
    found = []
    for entry in tomllib.loads(toml).get("body", []):
        code, values = entry["code"], _checked(entry)
        known = history(db, code)
        if not known:
            found.append(_add(db, code, None, values, by=by))
        elif known[0].written_by == by:
            found.append(write(db, code, values, by=by))
    return found


def _add(db: Session, code: str, last: Body | None, values: Mapping[str, Any], *, by: str) -> Body:
    version = last.version + 1 if last is not None else 1
    body = Body(id=new_id(), code=code, version=version, written_by=by, written_at=clock.now(), **values)
    same_check = last is not None and last.verified_on == body.verified_on
    if last is not None and same_check:
        body.verified_by = last.verified_by
    else:
        body.verified_by = by if body.verified_on is not None else None
    db.add(body)
    db.flush()
    span: dict[str, Any] = {"valid_from": body.valid_from, "valid_to": body.valid_to, "verified_on": body.verified_on}
    log.append(db, "body.written", f"body:{code}", by=by, kind=body.kind, version=version, **span)
    return body


def _checked(facts: Mapping[str, Any]) -> dict[str, Any]:
    values = {name: (facts.get(name) or "").strip() or None for name in TEXTS}
    days = {name: facts.get(name) for name in ("valid_from", "valid_to", "verified_on")}
    wrong = _faults(values, days)
    if facts.get("kind") not in codes.codes_of(codes.DIRECTORY_KINDS):
        wrong["kind"] = [N_("Scegli una voce dell'elenco.")]
    if wrong:
        raise InvalidForm(wrong)
    provinces = [check_province("provinces", code) for code in facts.get("provinces") or []]
    return {"kind": facts["kind"], **values, **days, "provinces": provinces}


def _faults(values: Mapping[str, str | None], days: Mapping[str, date | None]) -> dict[str, list[str]]:
    wrong: dict[str, list[str]] = {}
    for name, words in (("name", N_("Scrivi ente e ufficio.")), ("source", N_("Scrivi da dove viene questo dato."))):
        if not values[name]:
            wrong[name] = [words]
    for name in ("mail", "pec"):
        if values[name] and not MAIL.fullmatch(values[name] or ""):
            wrong[name] = [N_("Scrivi un indirizzo di posta elettronica valido.")]
    if values["phone"] and not PHONE.fullmatch(values["phone"]):
        wrong["phone"] = [N_("Scrivi il numero con cifre e spazi.")]
    start, end, checked = days["valid_from"], days["valid_to"], days["verified_on"]
    if start is None:
        wrong["valid_from"] = [N_("Scrivi da quando vale.")]
    elif end is not None and end < start:
        wrong["valid_to"] = [N_("La fine viene prima dell'inizio.")]
    if checked is not None and checked > clock.today():
        wrong["verified_on"] = [N_("La verifica non può essere nel futuro.")]
    return wrong


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().casefold()
