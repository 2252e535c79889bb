"""Terms: how long the law (or the office) gives, as data with validity. The day of the event decides which one holds.

Versions come from `workflows/terms.toml` and stay side by side for ever: a deadline names the version it was computed
with. Certainty C and D (domain knowledge, custom) must be shown as "da verificare" wherever a date made of them stands.
"""

import tomllib
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import orjson
from sqlalchemy import Text, func, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from core import calendar, clock, log
from core.calendar import Computed, Length
from core.db import Base
from core.errors import N_, InvalidForm, WrongOrder

UNSURE = frozenset({"C", "D"})
CERTAINTIES = frozenset({"A", "B", "C", "D"})
LAST_WORKING_DAY = "last_working_day"
FIELDS = (
    "name", "name_en", "note", "source", "length", "unit", "kind", "starts", "who", "on_expiry", "extendable",
    "certainty", "valid_from", "valid_to", "reminders",
)  # fmt: skip


class Term(Base):
    """One version of one term. `length` is null for terms that have no figure ("senza ritardo")."""

    __tablename__ = "term"
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    name_en: Mapped[str | None] = mapped_column(Text)
    note: Mapped[str | None] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)
    length: Mapped[int | None]
    unit: Mapped[str | None] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    starts: Mapped[str | None] = mapped_column(Text)
    who: Mapped[str | None] = mapped_column(Text)
    on_expiry: Mapped[str | None] = mapped_column(Text)
    extendable: Mapped[str | None] = mapped_column(Text)
    certainty: Mapped[str] = mapped_column(Text)
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    reminders: Mapped[list[Any]]
    current: Mapped[bool] = mapped_column(default=True)
    loaded_at: Mapped[datetime]

    @property
    def is_unsure(self) -> bool:
        """Must the date be shown as "da verificare"?"""
        return self.certainty in UNSURE

    def reminder_days(self, computed: Computed) -> list[tuple[date, str]]:
        """The days on which to remind of a computed date, each with its kind: "14", "7", "last_working_day"."""
        return [_reminder_day(entry, computed) for entry in self.reminders]


def load(db: Session, toml: str, *, by: str) -> list[Term]:
    """Bring the terms up to date with the text of `workflows/terms.toml`; loading twice changes nothing.

    An entry that differs from the version with the same id and validity becomes the next version; the old one stays for
    the deadlines computed with it.
    """
    return [_bring_in(db, _checked(entry), by=by) for entry in tomllib.loads(toml).get("term", [])]


def on(db: Session, term_id: str, day: date) -> Term:
    """The version that holds for an event of this day, or a refusal that says so."""
    begun = or_(Term.valid_from.is_(None), Term.valid_from <= day)
    not_over = or_(Term.valid_to.is_(None), Term.valid_to >= day)
    query = select(Term).where(Term.id == term_id, Term.current, begun, not_over)
    term = db.scalar(query.order_by(Term.version.desc()).limit(1))
    if term is None:
        raise WrongOrder(
            N_("Il termine %(term)s non vale per un fatto del %(day)s: controlla la data o la tabella dei termini."),
            term=term_id,
            day=day.strftime("%d/%m/%Y"),
        )
    return term


def get(db: Session, term_id: str, version: int) -> Term:
    """One version, as it was when a deadline was computed with it."""
    return db.get_one(Term, (term_id, version))


def list_(db: Session) -> list[Term]:
    """All the versions in use, by id and validity."""
    return list(db.scalars(select(Term).where(Term.current).order_by(Term.id, Term.valid_from, Term.version)))


def compute(term: Term, start: date, *, office: str | None = None) -> Computed:
    """When this version ends, counted from (BACK: back from) a day; `office` is a province, for its patron's day."""
    if term.length is None or term.unit is None:
        raise WrongOrder(N_("Il termine %(term)s non ha una durata: non c'è una data da calcolare."), term=term.id)
    options = calendar.Calendar(office=office)
    return calendar.compute(term.kind, Length(term.length, term.unit), start, calendar=options)


def _bring_in(db: Session, facts: dict[str, Any], *, by: str) -> Term:
    term_id = facts.pop("id")
    same = select(Term).where(Term.id == term_id, Term.current)
    same = same.where(
        Term.valid_from.is_(None) if facts["valid_from"] is None else Term.valid_from == facts["valid_from"]
    )
    old = db.scalar(same)
    if old is not None and _print(vars(old)) == _print(facts):
        return old
    if old is not None:
        old.current = False
    newest = db.scalar(select(func.max(Term.version)).where(Term.id == term_id)) or 0
    term = Term(id=term_id, version=newest + 1, loaded_at=clock.now(), **facts)
    db.add(term)
    db.flush()
    log.append(db, "term.loaded", f"term:{term_id}", by=by, version=term.version, valid_from=term.valid_from)
    return term


def _print(facts: Mapping[str, Any]) -> bytes:
    return orjson.dumps({name: facts.get(name) for name in FIELDS}, option=orjson.OPT_SORT_KEYS)


def _checked(entry: Mapping[str, Any]) -> dict[str, Any]:
    """One entry of the file with all its fields; what cannot be counted is refused now, not when it is used."""
    facts = {name: entry.get(name) for name in FIELDS} | {"id": entry.get("id")}
    facts["reminders"] = list(entry.get("reminders", []))
    wrong = _faults(facts, set(entry) - set(facts))
    if wrong:
        raise InvalidForm({str(entry.get("id")): wrong})
    if isinstance(facts["extendable"], bool):
        facts["extendable"] = "si" if facts["extendable"] else None
    return facts


def _faults(facts: Mapping[str, Any], unknown: set[str]) -> list[str]:
    wrong = [N_("Questo campo non esiste.")] if unknown else []
    if not facts["id"] or not facts["name"] or not facts["source"]:
        wrong.append(N_("Ogni termine ha una sigla, un nome e una fonte."))
    if facts["kind"] not in calendar.KINDS or facts["certainty"] not in CERTAINTIES:
        wrong.append(N_("Il tipo è ACT, VAL, BACK o SLA; la certezza è A, B, C o D."))
    if (facts["length"] is None) != (facts["unit"] is None) or not _is_length(facts["length"], facts["unit"]):
        wrong.append(N_("Durata e unità non vanno d'accordo."))
    if facts["valid_from"] and facts["valid_to"] and facts["valid_to"] < facts["valid_from"]:
        wrong.append(N_("La validità finisce prima di cominciare."))
    if not all(_is_reminder(entry) for entry in facts["reminders"]):
        wrong.append(N_('Un promemoria è {days_before = n} oppure "last_working_day".'))
    return wrong


def _is_length(length: Any, unit: Any) -> bool:
    if length is None:
        return True
    return isinstance(length, int) and unit in calendar.UNITS and 0 <= length <= calendar.LONGEST[unit]


def _is_reminder(entry: Any) -> bool:
    if entry == LAST_WORKING_DAY:
        return True
    days = entry.get("days_before") if isinstance(entry, dict) and len(entry) == 1 else None
    return isinstance(days, int) and 0 <= days <= 3660


def _reminder_day(entry: Any, computed: Computed) -> tuple[date, str]:
    if entry == LAST_WORKING_DAY:
        return computed.last_working_day, LAST_WORKING_DAY
    days: int = entry["days_before"]
    return date.fromordinal(computed.due.toordinal() - days), str(days)
