"""Offices (sedi): where an authority sits and on which days it is closed, as data that a coordinator keeps.

Two calendars make a date: the legal one (`core/calendar.py`) and the one of an office, which adds the patron's day and
closures. The second bears only on the last working day and on reminders. `workflows/offices.toml` brings what is known;
what people added or ended is never undone by it.
"""

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from cases.territory import check_province
from core import calendar, clock, log
from core.calendar import ClosedDay
from core.db import Base
from core.errors import N_, BadInput, InvalidForm, NotYours, WrongOrder
from core.ids import new_id

KINDS = calendar.CLOSED_KINDS
LONGEST_NOTE = 80
LEAP_YEAR = 2000


class Office(Base):
    """A place where acts are filed: the town names it, the province finds it."""

    __tablename__ = "office"
    code: Mapped[str] = mapped_column(Text, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    province: Mapped[str] = mapped_column(Text, index=True)


class OfficeDay(Base):
    """Days on which an office is closed (see `core.calendar.ClosedDay`). Ended by a last day, never deleted."""

    __tablename__ = "office_day"
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    office: Mapped[str] = mapped_column(ForeignKey("office.code"), index=True)
    kind: Mapped[str] = mapped_column(Text)
    month: Mapped[int | None]
    day: Mapped[int | None]
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    note: Mapped[str | None] = mapped_column(Text)
    added_by: Mapped[str] = mapped_column(Text)
    added_at: Mapped[datetime]
    removed_by: Mapped[str | None] = mapped_column(Text)
    removed_at: Mapped[datetime | None]


def load(db: Session, toml: str, *, by: str) -> list[Office]:
    """Bring in the offices and days of `workflows/offices.toml` that were never here; nothing here is changed by it."""
    return [_bring_in(db, entry, by=by) for entry in tomllib.loads(toml).get("office", [])]


def list_(db: Session) -> list[Office]:
    """All the offices, by name."""
    return list(db.scalars(select(Office).order_by(Office.name)))


def get(db: Session, code: str) -> Office:
    """The office with this code."""
    office = db.get(Office, code)
    if office is None:
        raise NotYours
    return office


def find(db: Session, text: str) -> Office:
    """The office a person means by its code, its name or its province; else a sentence that says how to find one."""
    wanted = slug(text)
    found = [office for office in list_(db) if wanted in (office.code, slug(office.name), office.province.lower())]
    if not wanted or not found:
        raise BadInput(N_("Sede sconosciuta: %(office)s. Scrivi la città, per esempio milano."), office=text[:40])
    return found[0]


def days(db: Session, code: str) -> list[OfficeDay]:
    """The closed days of an office that hold or will hold or have held, removed ones left out."""
    query = select(OfficeDay).where(OfficeDay.office == code, OfficeDay.removed_at.is_(None))
    return list(db.scalars(query.order_by(OfficeDay.kind.desc(), OfficeDay.valid_from, OfficeDay.month, OfficeDay.day)))


def calendar_of(db: Session, code: str | None) -> calendar.Office | str | None:
    """The calendar of an office by its code or province; a province without an office is known by its patron's day."""
    if code is None:
        return None
    office = db.get(Office, code) or db.scalar(select(Office).where(Office.province == code).order_by(Office.code))
    if office is None:
        return code
    return calendar.Office(office.code, tuple(_closed(entry) for entry in days(db, office.code)))


def calendars(db: Session) -> list[calendar.Office]:
    """The calendars of all offices that are closed on any day of their own."""
    found: dict[str, list[ClosedDay]] = {}
    for entry in db.scalars(select(OfficeDay).where(OfficeDay.removed_at.is_(None))):
        found.setdefault(entry.office, []).append(_closed(entry))
    return [calendar.Office(code, tuple(closed)) for code, closed in sorted(found.items())]


def add_day(db: Session, code: str, facts: Mapping[str, Any], *, by: str) -> OfficeDay:
    """Close an office on more days: `kind`, `month` and `day` for a yearly one, `valid_from`, `valid_to`, `note`."""
    get(db, code)
    values = _checked(facts)
    if any(_key(entry) == _key_of(values) for entry in days(db, code)):
        raise InvalidForm({"kind": [N_("Questo giorno c'è già.")]})
    entry = OfficeDay(id=new_id(), office=code, added_by=by, added_at=clock.now(), **values)
    db.add(entry)
    db.flush()
    _say(db, "office.day_added", entry, by=by)
    return entry


def end_day(db: Session, code: str, day_id: str, last: date | None, *, by: str) -> OfficeDay:
    """From the day after `last` the office is open again; without a last day the entry was a mistake and is removed."""
    entry = db.scalar(select(OfficeDay).where(OfficeDay.id == day_id, OfficeDay.office == code).with_for_update())
    if entry is None:
        raise NotYours
    if entry.removed_at is not None:
        raise WrongOrder(N_("Questo giorno è già stato tolto."))
    if last is not None and last < (entry.valid_from or date.min):
        raise InvalidForm({f"last-{day_id}": [N_("La validità finirebbe prima di cominciare.")]})
    if last is None:
        entry.removed_by, entry.removed_at = by, clock.now()
    else:
        entry.valid_to = last
    _say(db, "office.day_ended", entry, by=by, removed=last is None)
    return entry


def slug(text: str) -> str:
    """The town as a code: "L'Aquila" is laquila."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "", plain)


def _bring_in(db: Session, entry: Mapping[str, Any], *, by: str) -> Office:
    office = db.get(Office, entry["code"])
    if office is None:
        province = check_province("province", entry["province"])
        office = Office(code=slug(entry["code"]), name=entry["name"], province=province)
        db.add(office)
        db.flush()
        log.append(db, "office.added", f"office:{office.code}", by=by, province=office.province)
    ever = {_key(known) for known in db.scalars(select(OfficeDay).where(OfficeDay.office == office.code))}
    for facts in entry.get("days", []):
        # The key leaves the last day out: a day that people ended stays ended.
        if _key_of(_checked(facts)) not in ever:
            add_day(db, office.code, facts, by=by)
    return office


def _checked(facts: Mapping[str, Any]) -> dict[str, Any]:
    values = {name: facts.get(name) for name in ("kind", "month", "day", "valid_from", "valid_to", "note")}
    if values["kind"] != "yearly":
        values["month"] = values["day"] = None
    values["note"] = (values["note"] or "").strip() or None
    wrong = _faults(values)
    if wrong:
        raise InvalidForm(wrong)
    return values


def _faults(values: Mapping[str, Any]) -> dict[str, list[str]]:
    start, end = values["valid_from"], values["valid_to"]
    wrong: dict[str, list[str]] = {}
    if values["kind"] not in KINDS:
        wrong["kind"] = [N_("Scegli che giorno è.")]
    if values["kind"] == "yearly" and not _is_day_of_year(values["month"], values["day"]):
        wrong["day"] = [N_("Scrivi giorno e mese di una data che esiste.")]
    if values["kind"] == "closure" and (start is None or end is None):
        wrong["valid_from"] = [N_("Una chiusura ha un primo e un ultimo giorno.")]
    elif start and end and end < start:
        wrong["valid_to"] = [N_("L'ultimo giorno viene prima del primo.")]
    if len(values["note"] or "") > LONGEST_NOTE:
        wrong["note"] = [N_("Al massimo ottanta caratteri.")]
    return wrong


def _is_day_of_year(month: Any, day: Any) -> bool:
    try:
        date(LEAP_YEAR, month, day)
    except (TypeError, ValueError):
        return False
    return True


def _key(entry: OfficeDay) -> tuple[Any, ...]:
    return (entry.kind, entry.month, entry.day, entry.valid_from)


def _key_of(values: Mapping[str, Any]) -> tuple[Any, ...]:
    return (values["kind"], values["month"], values["day"], values["valid_from"])


def _closed(entry: OfficeDay) -> ClosedDay:
    return ClosedDay(entry.kind, entry.month, entry.day, entry.valid_from, entry.valid_to)


def _say(db: Session, verb: str, entry: OfficeDay, *, by: str, **facts: Any) -> None:
    span: dict[str, Any] = {"valid_from": entry.valid_from, "valid_to": entry.valid_to}
    log.append(db, verb, f"office:{entry.office}", by=by, day=entry.id, kind=entry.kind, **span, **facts)
