"""Reviews: what an auditor looks for, draws, notes and finds in the histories of cases.

The auditor reaches no case by `cases/access.py`: here it sees codes, dates, who and what, as the log has them. The
words of a sheet open only for a while, case by case, with a reason that is sealed and told to those who answer for the
case. What an auditor writes may name somebody, so it is sealed with the case.
"""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ForeignKey, Select, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from cases import access, casefile, codes, quotas, reasons, sheets
from cases.access import Actor
from cases.casefile import Case, CaseWorker
from core import clock, log, users, vault
from core.clock import ROME
from core.db import Base
from core.errors import N_, InvalidForm, NotYours, WrongOrder
from core.ids import new_id
from core.log import Line
from core.users import User

MOST, LARGEST_SAMPLE, LONGEST = 200, 200, 2000
OPEN_FOR = timedelta(hours=1)
OPENED = ("P1", "P3")  # the story; who the person is, how she is kept safe and what the courts know stay closed
NOTE, FINDING = "note", "finding"


@dataclass(frozen=True)
class Filters:
    """What cases are looked for by; empty means any. Days belong to the span; `kind` is the noun of a log verb."""

    case: str = ""
    user: str = ""
    first: str = ""
    last: str = ""
    kind: str = ""
    outcome: str = ""


class Review(Base):
    """A set of cases that somebody looks through: found by filters or drawn from them."""

    __tablename__ = "audit_review"
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    sealed: Mapped[bytes]
    filters: Mapped[dict[str, Any]]
    seed: Mapped[str | None] = mapped_column(Text)
    cases: Mapped[list[str]]
    made_by: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime]
    closed_by: Mapped[str | None] = mapped_column(Text)
    closed_at: Mapped[datetime | None]


class Remark(Base):
    """A note, or a finding that somebody has to see to by a day."""

    __tablename__ = "audit_remark"
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    case_code: Mapped[str] = mapped_column(ForeignKey("case_file.code"), index=True)
    kind: Mapped[str] = mapped_column(Text)
    sealed: Mapped[bytes]
    owner: Mapped[str | None] = mapped_column(Text, index=True)
    due_on: Mapped[date | None]
    made_by: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime]
    closing: Mapped[bytes | None]
    closed_by: Mapped[str | None] = mapped_column(Text)
    closed_at: Mapped[datetime | None]


class Opening(Base):
    """The words of one case, open to one auditor until a moment."""

    __tablename__ = "audit_opening"
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    case_code: Mapped[str] = mapped_column(ForeignKey("case_file.code"), index=True)
    user_id: Mapped[str] = mapped_column(Text)
    reason_id: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
    until: Mapped[datetime]


# Looking and drawing


def search(db: Session, actor: Actor, filters: Filters) -> list[Case]:
    """The cases that fit, the youngest first; the search is written down by its fields. InvalidForm for a bad day."""
    access.require(actor, "audit.read")
    found = list(db.scalars(_matching(filters).limit(MOST)))
    fields = sorted(name for name, value in asdict(filters).items() if value)
    log.append(db, "audit.searched", f"user:{actor.user_id}", by=actor.user_id, fields=fields, found=len(found))
    return found


def draw(candidates: Collection[str], count: int, seed: str) -> list[str]:
    """So many codes, the same for the same seed everywhere: the smallest by SHA-256 of "seed|code"."""
    return sorted(candidates, key=lambda code: hashlib.sha256(f"{seed}|{code}".encode()).hexdigest())[:count]


def keep(db: Session, actor: Actor, title: str, filters: Filters, count: str = "", seed: str = "") -> Review:
    """Keep a search, or a sample of so many cases drawn by a seed, under a name. Raises InvalidForm by field."""
    access.require(actor, "audit.read")
    errors: dict[str, list[str]] = {}
    if not 3 <= len(title.strip()) <= 120:
        errors["title"] = [N_("Dai un nome alla revisione, da 3 a 120 caratteri.")]
    if count and not (count.isascii() and count.isdigit() and 1 <= int(count) <= LARGEST_SAMPLE):
        errors["count"] = [N_("Il campione va da 1 a 200 casi.")]
    if count and not 1 <= len(seed.strip()) <= 60:
        errors["seed"] = [N_("Scrivi il seme del sorteggio, per esempio un numero estratto davanti a un collega.")]
    if errors:
        raise InvalidForm(errors)
    found = [case.code for case in db.scalars(_matching(filters))]
    chosen = draw(found, int(count), seed.strip()) if count else found[:MOST]
    review_id, scope = new_id(), f"user:{actor.user_id}"
    review = Review(
        id=review_id, sealed=vault.seal(db, scope, f"audit_review.{review_id}", title.strip()), filters=asdict(filters),
        seed=seed.strip() if count else None, cases=chosen, made_by=actor.user_id, made_at=clock.now(),
    )  # fmt: skip
    db.add(review)
    db.flush()
    log.append(
        db, "review.begun", f"review:{review_id}", by=actor.user_id, seed=review.seed, of=len(found), cases=len(chosen)
    )
    return review


def list_(db: Session, actor: Actor) -> list[Review]:
    """All reviews, those that go on first, the youngest first."""
    access.require(actor, "audit.read")
    return list(db.scalars(select(Review).order_by(Review.closed_at.is_not(None), Review.made_at.desc()).limit(MOST)))


def get(db: Session, actor: Actor, review_id: str) -> Review:
    """One review."""
    access.require(actor, "audit.read")
    review = db.get(Review, review_id)
    if review is None:
        raise NotYours
    return review


def title(db: Session, review: Review) -> str:
    """What its maker called it."""
    return vault.open_(db, f"user:{review.made_by}", f"audit_review.{review.id}", review.sealed)


def close(db: Session, actor: Actor, review_id: str) -> Review:
    """End a review; WrongOrder while a finding of one of its cases is open."""
    review = get(db, actor, review_id)
    if review.closed_at is not None:
        raise WrongOrder(N_("Questa revisione è già chiusa."))
    still = select(Remark.id).where(Remark.case_code.in_(review.cases), Remark.kind == FINDING)
    if db.scalar(still.where(Remark.closed_at.is_(None), Remark.made_at >= review.made_at).limit(1)) is not None:
        raise WrongOrder(N_("Prima chiudi i rilievi aperti dei casi di questa revisione."))
    review.closed_by, review.closed_at = actor.user_id, clock.now()
    log.append(db, "review.closed", f"review:{review.id}", by=actor.user_id)
    return review


def look(db: Session, actor: Actor, code: str) -> Case:
    """The case whose history the auditor opens; written down once in an hour. TooMany for very many of them."""
    access.require(actor, "audit.read")
    case = casefile.get(db, code)
    if quotas.spend(db, actor.user_id, quotas.HISTORIES, code):
        log.append(db, "audit.looked", casefile.scope_of(code), by=actor.user_id, case=code)
    return case


# Notes and findings


def remark(db: Session, actor: Actor, code: str, given: Mapping[str, str]) -> Remark:
    """Write a note, or a finding with an owner (a login) and a day, about a case. Raises InvalidForm by field."""
    access.require(actor, "audit.read")
    case, kind = casefile.get(db, code), given.get("kind", NOTE)
    owner = users.by_login(db, given.get("owner", "")) if kind == FINDING else None
    errors, due_on = _faults(given, owner)
    if errors:
        raise InvalidForm(errors)
    remark_id, scope = new_id(), casefile.scope_of(case.code)
    row = Remark(
        id=remark_id, case_code=code, kind=kind, owner=owner.id if owner else None, due_on=due_on, made_at=clock.now(),
        sealed=vault.seal(db, scope, f"audit_remark.{remark_id}", given["text"].strip()), made_by=actor.user_id,
    )  # fmt: skip
    db.add(row)
    db.flush()
    verb = "finding.made" if kind == FINDING else "audit_note.written"
    log.append(db, verb, scope, by=actor.user_id, case=code, remark=row.id, user=row.owner, due_on=due_on)
    return row


def settle(db: Session, actor: Actor, remark_id: str, words: str) -> Remark:
    """Close a finding and say how it ended. Raises InvalidForm, WrongOrder."""
    access.require(actor, "audit.read")
    row = db.get(Remark, remark_id, with_for_update=True)
    if row is None or row.kind != FINDING:
        raise NotYours
    if row.closed_at is not None:
        raise WrongOrder(N_("Questo rilievo è già chiuso."))
    if not 10 <= len(words.strip()) <= LONGEST:
        raise InvalidForm({"closing": [N_("Scrivi com'è finita, con almeno dieci caratteri.")]})
    scope = casefile.scope_of(row.case_code)
    row.closing = vault.seal(db, scope, f"audit_remark.{row.id}.closing", words.strip())
    row.closed_by, row.closed_at = actor.user_id, clock.now()
    log.append(db, "finding.closed", scope, by=actor.user_id, case=row.case_code, remark=row.id, user=row.owner)
    return row


def remarks(db: Session, actor: Actor, code: str) -> list[tuple[Remark, str, str]]:
    """The notes and findings of a case, the oldest first, with their words and how they ended."""
    access.require(actor, "audit.read")
    rows = db.scalars(select(Remark).where(Remark.case_code == code).order_by(Remark.made_at, Remark.id))
    return [_words(db, row) for row in rows]


def open_findings(db: Session, actor: Actor) -> list[Remark]:
    """Findings that wait, the earliest due first."""
    access.require(actor, "audit.read")
    query = select(Remark).where(Remark.kind == FINDING, Remark.closed_at.is_(None))
    return list(db.scalars(query.order_by(Remark.due_on, Remark.id).limit(MOST)))


def owned(db: Session, actor: Actor) -> list[tuple[Remark, str, str]]:
    """The open findings that this person has to see to, with their words; the reading is written down."""
    query = select(Remark).where(Remark.owner == actor.user_id, Remark.closed_at.is_(None))
    rows = list(db.scalars(query.order_by(Remark.due_on, Remark.id)))
    for row in rows:
        access.viewed(db, casefile.get(db, row.case_code), "P3", what="finding", by=actor.user_id)
    return [_words(db, row) for row in rows]


# Opening a case


def open_(db: Session, actor: Actor, code: str, words: str) -> Opening:
    """Open the words of a case to the auditor for an hour, with a reason. Raises InvalidForm."""
    access.require(actor, "audit.read")
    scope = casefile.scope_of(casefile.get(db, code).code)
    reason_id = reasons.keep(db, scope, "audit.opened", words, by=actor.user_id)
    now = clock.now()
    row = Opening(
        id=new_id(), case_code=code, user_id=actor.user_id, reason_id=reason_id, at=now, until=now + OPEN_FOR
    )
    db.add(row)
    db.flush()
    log.append(db, "audit.opened", scope, by=actor.user_id, case=code, reason_id=reason_id, until=row.until)
    return row


def open_until(db: Session, actor: Actor, code: str) -> datetime | None:
    """Until when the words of this case are open to the actor; None if they are closed."""
    mine = select(Opening.until).where(Opening.case_code == code, Opening.user_id == actor.user_id)
    return db.scalar(mine.where(Opening.until > clock.now()).order_by(Opening.until.desc()).limit(1))


def read(db: Session, actor: Actor, code: str) -> list[tuple[sheets.Sheet, dict[str, Any]]]:
    """The sheets of an opened case with the answers of the classes that open, newest first; written down."""
    access.require(actor, "audit.read")
    if open_until(db, actor, code) is None:
        raise NotYours
    case, filed = casefile.get(db, code), sheets.list_(db, code)
    parts = sheets.unseal(db, filed, OPENED)
    for cls in OPENED:
        access.viewed(db, case, cls, what="audit", by=actor.user_id)
    return [(sheet, sheets.answers(sheet, parts[sheet.id])) for sheet in filed]


def _matching(filters: Filters) -> Select[Case]:
    query = select(Case).order_by(Case.opened_at.desc(), Case.code)
    if filters.case:
        query = query.where(Case.code == filters.case.strip().upper())
    if filters.user:
        mine = select(CaseWorker.case_code).join(User, User.id == CaseWorker.user_id)
        query = query.where(Case.code.in_(mine.where(User.login == users.normalise_login(filters.user))))
    if filters.outcome:
        codes.check("outcome", codes.LISTS["esito_uscita"], filters.outcome)
        query = query.where(Case.outcome == filters.outcome)
    first, last = _day("first", filters.first), _day("last", filters.last)
    if first or last or filters.kind:
        lines = select(Line.case_code).where(Line.case_code == Case.code)
        if first:
            lines = lines.where(Line.at >= datetime.combine(first, time(), ROME))
        if last:
            lines = lines.where(Line.at < datetime.combine(last + timedelta(days=1), time(), ROME))
        if filters.kind:
            lines = lines.where(Line.verb.startswith(f"{filters.kind}.", autoescape=True))
        query = query.where(lines.exists())
    return query


def _day(name: str, text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise InvalidForm({name: [N_("Scrivi una data valida.")]}) from None


def _faults(given: Mapping[str, str], owner: User | None) -> tuple[dict[str, list[str]], date | None]:
    errors: dict[str, list[str]] = {}
    kind, due_on = given.get("kind", NOTE), None
    if kind not in (NOTE, FINDING):
        errors["kind"] = [N_("Scegli una voce dell'elenco.")]
    if not 10 <= len(given.get("text", "").strip()) <= LONGEST:
        errors["text"] = [N_("Scrivi che cosa hai visto, con almeno dieci caratteri.")]
    if kind == FINDING:
        due_on = _day("due_on", given.get("due_on", ""))
        if owner is None or not owner.active:
            errors["owner"] = [N_("Scrivi il nome utente di chi deve occuparsene.")]
        if due_on is None or due_on < clock.today():
            errors["due_on"] = [N_("Scrivi entro quando: oggi o un giorno che deve ancora venire.")]
    return errors, due_on


def _words(db: Session, row: Remark) -> tuple[Remark, str, str]:
    scope = casefile.scope_of(row.case_code)
    if vault.is_destroyed(db, scope):
        return row, "", ""
    closing = vault.open_(db, scope, f"audit_remark.{row.id}.closing", row.closing) if row.closing else ""
    return row, vault.open_(db, scope, f"audit_remark.{row.id}", row.sealed), closing
