"""Retention: until when what is known of a person may be kept, and what stops its erasure.

How long is data (`R01` ... in `workflows/terms.toml`, a proposal until the impact assessment has fixed it); here are
the dates of one case or contact, each with the rule, the version and the day it was counted from. A legal hold stops
erasure, never the counting. Subjects are scopes: "case:F-..." or "contact:...".
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Text, literal, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from cases import casefile, contacts, findable, persons, reasons, terms, transfers
from cases.casefile import Case
from cases.contacts import Contact
from cases.transfers import Transfer
from core import clock, log, vault
from core.db import Base
from core.errors import N_, InvalidForm, NotYours, WrongOrder
from core.ids import new_id

CONTACT, DECLINED, FILE, FILE_OF_MINOR, STAY, RISK = "R01", "R02", "R03", "R03m", "R04", "R05"
# Outcomes after which there was no path to keep the memory of, unless she had been identified.
NO_PATH = frozenset({"porta_aperta", "non_elementi"})
OF_AGE = 18


class Retention(Base):
    """One date of one subject: running until what it speaks of is erased ("done"), or it is counted anew ("dead").

    `due_on` is null while it cannot be counted: nothing is erased on a guess.
    """

    __tablename__ = "retention"
    __table_args__ = (
        Index(
            "uq_retention_running",
            "scope",
            "rule",
            unique=True,
            sqlite_where=text("status = 'running'"),
            postgresql_where=text("status = 'running'"),
        ),
    )
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    scope: Mapped[str] = mapped_column(Text, index=True)
    rule: Mapped[str] = mapped_column(Text)
    rule_version: Mapped[int]
    counted_from: Mapped[date | None]
    due_on: Mapped[date | None] = mapped_column(index=True)
    status: Mapped[str] = mapped_column(Text, default="running")
    settled_on: Mapped[date | None]
    recorded_by: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime]


class LegalHold(Base):
    """Why nothing of a subject may be erased for now: a trial, an appeal, a request of the person."""

    __tablename__ = "legal_hold"
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    scope: Mapped[str] = mapped_column(Text, index=True)
    reason_id: Mapped[str] = mapped_column(ForeignKey("reason.id"))
    from_on: Mapped[date]
    placed_by: Mapped[str] = mapped_column(Text)
    lifted_on: Mapped[date | None]
    lifted_by: Mapped[str | None] = mapped_column(Text)


def begin(db: Session, scope: str, rule: str, counted_from: date | None, *, by: str) -> Retention:
    """Count a rule from a day, in place of what ran of the same rule; the same day again changes nothing."""
    earlier = _running(db, scope, rule)
    if earlier is not None and earlier.counted_from == counted_from:
        return earlier
    if earlier is not None:
        _settle(db, earlier, "dead")
    term = terms.on(db, rule, counted_from or clock.today())
    row = Retention(id=new_id(), scope=scope, rule=rule, rule_version=term.version, counted_from=counted_from)
    row.due_on = terms.compute(term, counted_from).due if counted_from else None
    row.recorded_by, row.recorded_at = by, clock.now()
    db.add(row)
    db.flush()
    _say(db, "retention.begun", scope, by=by, rule=rule, version=term.version)
    return row


def begin_contact(db: Session, scope: str, last_on: date, *, by: str) -> Retention:
    """A contact without a name: counted anew from every encounter."""
    return begin(db, scope, CONTACT, last_on, by=by)


def begin_case(db: Session, code: str, exited_on: date, outcome: str, *, by: str) -> list[Retention]:
    """The dates of a case that its person has left: the file, the link to the house, the notes on risk.

    Whoever said no before she was identified is kept for the shorter time. The file of somebody who was a minor is kept
    to her 28th birthday; without a day of birth its date stays open.
    """
    case, scope = casefile.lock(db, code), casefile.scope_of(code)
    if outcome in NO_PATH and case.victim_status != "identificata":
        rules: list[tuple[str, date | None]] = [(DECLINED, exited_on)]
    else:
        rules = [_file_rule(db, case, exited_on), (RISK, exited_on)]
    rules.append((STAY, exited_on))
    _stop(db, scope, keep={rule for rule, _ in rules}, by=by)
    return [begin(db, scope, rule, day, by=by) for rule, day in rules]


def stop(db: Session, scope: str, *, by: str) -> list[Retention]:
    """The person is back, or the contact has become a case: what ran does not count any more."""
    return _stop(db, scope, keep=set(), by=by)


def shorten(db: Session, retention_id: str, due_on: date, *, by: str) -> Retention:
    """The person asked to be forgotten sooner; later than the rule says is never possible."""
    row = db.scalar(select(Retention).where(Retention.id == retention_id).with_for_update())
    if row is None or row.status != "running":
        raise NotYours
    if row.due_on is not None and due_on > row.due_on:
        raise InvalidForm({"due_on": [N_("Si può solo accorciare: la regola non permette di tenere più a lungo.")]})
    row.due_on = due_on
    _say(db, "retention.shortened", row.scope, by=by, rule=row.rule)
    return row


def erased(db: Session, retention_id: str, *, by: str) -> Retention:
    """Erase what the rule speaks of; refused while a hold stands or the date has not passed.

    Of a file or a contact the keys are destroyed, wherever its words are sealed, and it is found no more; of the stay
    and the notes on risk whoever calls has erased what there was.
    """
    row = db.scalar(select(Retention).where(Retention.id == retention_id).with_for_update())
    if row is None or row.status != "running":
        raise NotYours
    if row.due_on is None or row.due_on >= clock.today() or holds(db, row.scope):
        raise WrongOrder(N_("La data non è passata, oppure c'è un blocco: per ora non si cancella niente."))
    _settle(db, row, "done")
    for scope in vaults_of(db, row.scope) if row.rule not in (STAY, RISK) else ():
        findable.forget(db, scope)
        if not vault.is_destroyed(db, scope):
            vault.destroy(db, scope, by=by)
    _say(db, "retention.erased", row.scope, by=by, rule=row.rule)
    return row


def vaults_of(db: Session, scope: str) -> list[str]:
    """The scopes in which the words about a subject are sealed: of a case also those of the contacts that it came from
    and of the searches for another place."""
    kind, _, code = scope.partition(":")
    if kind != "case":
        return [scope]
    met = db.scalars(select(Contact.code).where(Contact.case_code == code).order_by(Contact.code))
    moved = db.scalars(select(Transfer.code).where(Transfer.case_code == code).order_by(Transfer.code))
    return [scope, *map(contacts.scope_of, met), *map(transfers.scope_of, moved)]


def hold(db: Session, scope: str, reason: str, *, by: str) -> LegalHold:
    """Stop every erasure of a subject, with a reason in words."""
    kept = reasons.keep(db, scope, "retention.held", reason, by=by)
    held = LegalHold(id=new_id(), scope=scope, reason_id=kept, from_on=clock.today(), placed_by=by)
    db.add(held)
    db.flush()
    _say(db, "retention.held", scope, by=by, hold=held.id, reason_id=kept)
    return held


def lift(db: Session, scope: str, hold_id: str, *, by: str) -> LegalHold:
    """The reason is gone: erasure takes its course again, on the dates that ran all the time."""
    query = select(LegalHold).where(LegalHold.id == hold_id, LegalHold.scope == scope).with_for_update()
    held = db.scalar(query)
    if held is None:
        raise NotYours
    if held.lifted_on is not None:
        raise WrongOrder(N_("Questo blocco è già stato tolto."))
    held.lifted_on, held.lifted_by = clock.today(), by
    _say(db, "retention.released", scope, by=by, hold=held.id)
    return held


def of(db: Session, scope: str) -> list[Retention]:
    """The dates of a subject, running ones first."""
    query = select(Retention).where(Retention.scope == scope)
    return list(db.scalars(query.order_by(Retention.status.desc(), Retention.due_on, Retention.rule)))


def holds(db: Session, scope: str) -> list[LegalHold]:
    """The holds that stand now."""
    query = select(LegalHold).where(LegalHold.scope == scope, LegalHold.lifted_on.is_(None))
    return list(db.scalars(query.order_by(LegalHold.from_on, LegalHold.id)))


def due(db: Session, today: date, limit: int = 100) -> list[Retention]:
    """What may be erased today: the date has passed, no hold stands, and the case (if it is one) is closed."""
    held = select(LegalHold.scope).where(LegalHold.lifted_on.is_(None))
    at_work = select(literal("case:") + Case.code).where(Case.status != "closed")
    query = select(Retention).where(
        Retention.status == "running",
        Retention.due_on < today,
        Retention.scope.not_in(held),
        Retention.scope.not_in(at_work),
    )
    return list(db.scalars(query.order_by(Retention.due_on, Retention.id).limit(limit)))


def _file_rule(db: Session, case: Case, exited_on: date) -> tuple[str, date | None]:
    """The rule of the file and the day it counts from: of the two that may hold, the one that ends later."""
    born = persons.birth_date(db, case.code)
    was_minor = case.minor is True or (born is not None and _birthday(born, OF_AGE) > exited_on)
    if not was_minor:
        return FILE, exited_on
    if born is None:
        return FILE_OF_MINOR, None
    ends = {
        rule: terms.compute(terms.on(db, rule, day), day).due
        for rule, day in ((FILE, exited_on), (FILE_OF_MINOR, born))
    }
    return (FILE_OF_MINOR, born) if ends[FILE_OF_MINOR] >= ends[FILE] else (FILE, exited_on)


def _birthday(born: date, years: int) -> date:
    month, day = (3, 1) if (born.month, born.day) == (2, 29) else (born.month, born.day)
    return date(born.year + years, month, day)


def _stop(db: Session, scope: str, *, keep: set[str], by: str) -> list[Retention]:
    stopped = [row for row in of(db, scope) if row.status == "running" and row.rule not in keep]
    for row in stopped:
        _settle(db, row, "dead")
    if stopped:
        _say(db, "retention.stopped", scope, by=by, rules=[row.rule for row in stopped])
    return stopped


def _running(db: Session, scope: str, rule: str) -> Retention | None:
    query = select(Retention).where(Retention.scope == scope, Retention.rule == rule, Retention.status == "running")
    return db.scalar(query.with_for_update())


def _settle(db: Session, row: Retention, status: str) -> None:
    row.status, row.settled_on = status, clock.today()
    db.flush()


def _say(db: Session, verb: str, scope: str, *, by: str, **facts: Any) -> None:
    """Rules and ids only: the end of a minor's file would tell her birthday."""
    kind, _, code = scope.partition(":")
    log.append(db, verb, scope, by=by, case=code if kind == "case" else None, **facts)
