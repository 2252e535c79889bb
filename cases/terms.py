"""Terms: how long the law (or the office) gives, as data with validity. The day of the event decides which one holds.

Versions come from `workflows/terms.toml` or from two coordinators (`cases/proposals.py`) and stay side by side for
ever: a deadline names the version it was computed with. Of a version only the validity ever changes. Certainty C and D
(domain knowledge, custom) must be shown as "da verificare" wherever a date made of them stands. Once two people have
decided on a term, the file changes it no more: what it says otherwise waits for them as an `Entry` (ADR 11).
"""

import hashlib
import tomllib
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from itertools import groupby, pairwise
from operator import itemgetter
from typing import Any

import orjson
from sqlalchemy import Text, func, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from core import calendar, clock, log
from core.calendar import Computed, Length
from core.db import Base
from core.errors import N_, InvalidForm, NotYours, WrongOrder

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
    proposal: Mapped[str | None] = mapped_column(Text)
    proposed_by: Mapped[str | None] = mapped_column(Text)
    approved_by: Mapped[str | None] = mapped_column(Text)

    @property
    def is_unsure(self) -> bool:
        """Must the date be shown as "da verificare"?"""
        return self.certainty in UNSURE

    def reminder_days(self, computed: Computed) -> list[tuple[date, str]]:
        """The days on which to remind of a computed date, each with its kind: "14", "7", "last_working_day"."""
        return [_reminder_day(entry, computed) for entry in self.reminders]


class Entry(Base):
    """What the file said last of one term from one day on; `waits` when two coordinators had decided otherwise."""

    __tablename__ = "term_entry"
    term_id: Mapped[str] = mapped_column(Text, primary_key=True)
    slot: Mapped[str] = mapped_column(Text, primary_key=True)
    digest: Mapped[str] = mapped_column(Text)
    facts: Mapped[dict[str, Any]]
    waits: Mapped[bool] = mapped_column(default=False)
    loaded_at: Mapped[datetime]


def load(db: Session, toml: str, *, by: str) -> list[Term]:
    """Bring in what the text of `workflows/terms.toml` says newly; returns the new versions. Twice changes nothing.

    An entry that differs from what the file said before becomes the next version; the old one stays for the deadlines
    computed with it. Where two coordinators have decided on the term, it only waits for them.
    """
    entries = [_checked(entry) for entry in tomllib.loads(toml).get("term", [])]
    _refuse_overlaps(entries)
    new = [term for facts in entries if (term := _bring_in(db, facts, by=by)) is not None]
    _retire(db, entries, {term.id for term in new}, by=by)
    return new


def on(db: Session, term_id: str, day: date) -> Term:
    """The version that holds for an event of this day, or a refusal that says so."""
    begun = or_(Term.valid_from.is_(None), Term.valid_from <= day)
    not_over = or_(Term.valid_to.is_(None), Term.valid_to >= day)
    query = select(Term).where(Term.id == term_id, Term.current, begun, not_over)
    term = db.scalar(query.order_by(Term.version.desc()).limit(1))
    if term is None:
        raise _not_valid(db, term_id, day)
    return term


def _not_valid(db: Session, term_id: str, day: date) -> WrongOrder:
    known = in_use(db, term_id)
    if not known:
        return WrongOrder(
            N_("La regola %(term)s non esiste: cerca la sigla giusta nell'elenco dei termini."), term=term_id
        )
    return WrongOrder(
        N_(
            "Il termine %(term)s non vale per un fatto del %(day)s: vale per i fatti %(spans)s. Controlla la data del "
            "fatto; se è giusta, il coordinamento può aggiungere la regola di quel tempo nella pagina «Termini»."
        ),
        term=term_id,
        day=f"{day:%d/%m/%Y}",
        spans=", ".join(span(term.valid_from, term.valid_to) for term in known),
    )


def span(start: date | None, end: date | None) -> str:
    """A validity as people write it in any language: 16/07/2026 – …"""
    return " – ".join(f"{day:%d/%m/%Y}" if day else "…" for day in (start, end))


def in_use(db: Session, term_id: str) -> list[Term]:
    """The versions of one term that hold for some day, by validity."""
    found = db.scalars(select(Term).where(Term.id == term_id, Term.current))
    return sorted(found, key=lambda term: (term.valid_from or date.min, term.version))


def versions(db: Session, term_id: str) -> list[Term]:
    """Every version a term ever had, the newest first; a term without any does not exist."""
    found = list(db.scalars(select(Term).where(Term.id == term_id).order_by(Term.version.desc())))
    if not found:
        raise NotYours
    return found


def is_decided_here(db: Session, term_id: str) -> bool:
    """Have two coordinators ever decided on this term?"""
    decided = select(Term.version).where(Term.id == term_id, Term.proposal.is_not(None))
    return db.scalar(decided.limit(1)) is not None


def waiting_entries(db: Session, term_id: str | None = None) -> list[Entry]:
    """What the file says otherwise than the coordinators, of one term or of all."""
    query = select(Entry).where(Entry.waits).order_by(Entry.term_id, Entry.slot)
    return list(db.scalars(query if term_id is None else query.where(Entry.term_id == term_id)))


def keep_ours(db: Session, term_id: str, *, by: str) -> list[Entry]:
    """What stands here stays: what the file says otherwise no longer waits."""
    waiting = waiting_entries(db, term_id)
    if not waiting:
        raise WrongOrder(N_("Il file non dice niente di diverso da quello che vale qui."))
    for entry in waiting:
        entry.waits = False
        log.append(db, "term.file_declined", f"term:{term_id}", by=by, slot=entry.slot)
    return waiting


def unsure_ids(db: Session) -> frozenset[str]:
    """The terms of which a version in use is to be verified."""
    return frozenset(db.scalars(select(Term.id).where(Term.current, Term.certainty.in_(UNSURE))))


def get(db: Session, term_id: str, version: int) -> Term:
    """One version, as it was when a deadline was computed with it."""
    return db.get_one(Term, (term_id, version))


def list_(db: Session) -> list[Term]:
    """All the versions in use, by id and validity."""
    return list(db.scalars(select(Term).where(Term.current).order_by(Term.id, Term.valid_from, Term.version)))


def compute(
    term: Term,
    start: date,
    *,
    office: calendar.Office | str | None = None,
    august: bool = False,
    saturday: bool = False,
) -> Computed:
    """When this version ends, counted from (BACK: back from) a day; a term in hours needs an instant.

    `office` is the calendar of an office, or a province for its patron's day. `august` and `saturday` are for terms of
    court only: the summer suspension (law 742/1969) and the Saturday that moves on (art. 155 c. 5 c.p.c.). Whether they
    hold for a term is for the lawyer to say, so no date of a case is counted with them: without them it is earlier.
    """
    if term.length is None or term.unit is None:
        raise WrongOrder(N_("Il termine %(term)s non ha una durata: non c'è una data da calcolare."), term=term.id)
    options = calendar.Calendar(office=office, august=august, saturday=saturday)
    return calendar.compute(term.kind, Length(term.length, term.unit), start, calendar=options)


def compute_on(term: Term, day: date, **options: Any) -> Computed:
    """The same for a civil day, also for a term in hours: counted from its first moment, the earliest it can be."""
    start = datetime.combine(day, time.min, clock.ROME) if term.unit == "hour" else day
    return compute(term, start, **options)


def _bring_in(db: Session, facts: dict[str, Any], *, by: str) -> Term | None:
    term_id, slot = facts["id"], str(facts["valid_from"] or "")
    entry, digest = db.get(Entry, (term_id, slot)), hashlib.sha256(_print(facts)).hexdigest()
    if entry is not None and entry.digest == digest:
        return None
    written = orjson.loads(_print(facts))
    entry = entry or Entry(term_id=term_id, slot=slot)
    entry.digest, entry.facts, entry.loaded_at = digest, written, clock.now()
    db.add(entry)
    same = [term for term in in_use(db, term_id) if term.valid_from == facts["valid_from"]]
    if same and _print(vars(same[-1])) == _print(facts):
        entry.waits = False
        return None
    if is_decided_here(db, term_id):
        entry.waits = True
        log.append(db, "term.file_differs", f"term:{term_id}", by=by, slot=slot)
        return None
    for old in same:
        old.current = False
    term = add(db, facts)
    log.append(db, "term.loaded", f"term:{term_id}", by=by, version=term.version, valid_from=term.valid_from)
    return term


def add(db: Session, facts: Mapping[str, Any], **decided: str) -> Term:
    """The next version of a term, in use from now on; its validity must fit the others already."""
    newest = db.scalar(select(func.max(Term.version)).where(Term.id == facts["id"])) or 0
    values = {name: facts.get(name) for name in ("id", *FIELDS)}
    term = Term(version=newest + 1, loaded_at=clock.now(), current=True, **values, **decided)
    db.add(term)
    db.flush()
    return term


def _retire(db: Session, entries: Iterable[Mapping[str, Any]], ids: set[str], *, by: str) -> None:
    """What the file no longer says of a term that it has just changed is no longer in use: two would hold at once."""
    said = {(facts["id"], facts["valid_from"]) for facts in entries}
    for old in (term for term_id in sorted(ids) for term in in_use(db, term_id)):
        if (old.id, old.valid_from) not in said:
            old.current = False
            log.append(db, "term.retired", f"term:{old.id}", by=by, version=old.version)
    db.flush()


def _refuse_overlaps(entries: Iterable[dict[str, Any]]) -> None:
    by_id = sorted(entries, key=lambda facts: (facts["id"], facts["valid_from"] or date.min))
    for term_id, group in groupby(by_id, key=itemgetter("id")):
        for earlier, later in pairwise(group):
            if (later["valid_from"] or date.min) <= (earlier["valid_to"] or date.max):
                raise InvalidForm({term_id: [N_("Due versioni dello stesso termine valgono lo stesso giorno.")]})


def _print(facts: Mapping[str, Any]) -> bytes:
    return orjson.dumps({name: facts.get(name) for name in FIELDS}, option=orjson.OPT_SORT_KEYS)


def _checked(entry: Mapping[str, Any]) -> dict[str, Any]:
    """One entry of the file with all its fields; what cannot be counted is refused now, not when it is used."""
    facts = {name: entry.get(name) for name in FIELDS} | {"id": entry.get("id")}
    facts["reminders"] = list(entry.get("reminders", []))
    wrong = [words for found in faults(facts).values() for words in found]
    if set(entry) - set(facts):
        wrong.append(N_("Questo campo non esiste."))
    if wrong:
        raise InvalidForm({str(entry.get("id")): wrong})
    if isinstance(facts["extendable"], bool):
        facts["extendable"] = "si" if facts["extendable"] else None
    return facts


def faults(facts: Mapping[str, Any]) -> dict[str, list[str]]:
    """What is wrong with the facts of a version, as sentences by field."""
    length, unit, kind = facts["length"], facts["unit"], facts["kind"]
    wrong: dict[str, list[str]] = {}
    for field in ("id", "name", "source"):
        if not facts[field]:
            wrong[field] = [N_("Ogni termine ha una sigla, un nome e una fonte.")]
    if kind not in calendar.KINDS:
        wrong["kind"] = [N_("Il tipo è ACT, VAL, BACK o SLA.")]
    if facts["certainty"] not in CERTAINTIES:
        wrong["certainty"] = [N_("La certezza è A, B, C o D.")]
    if (length is None) != (unit is None) or not _is_length(length, unit):
        wrong["length"] = [N_("Durata e unità non vanno d'accordo.")]
    elif length is None and kind == "BACK":
        wrong["length"] = [N_("Un termine all'indietro ha bisogno di una durata.")]
    elif kind == "VAL" and unit in ("hour", "working_day"):
        wrong["unit"] = [N_("Una validità si conta in giorni, mesi o anni: non salta le feste.")]
    if facts["valid_from"] and facts["valid_to"] and facts["valid_to"] < facts["valid_from"]:
        wrong["valid_to"] = [N_("La validità finisce prima di cominciare.")]
    if not all(_is_reminder(entry) for entry in facts["reminders"]):
        wrong["reminders"] = [N_('Un promemoria è {days_before = n} oppure "last_working_day".')]
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
