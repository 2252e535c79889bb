"""Reminder rules: how long before a date somebody is reminded, who hears of it next and after how many hours.

What the office uses is the newest version that two coordinators decided (as for terms, ADR 11), else the one that is
shipped here. A model may say for one of its steps how long before (`approdo:reminders`); dates of law take their days
from the term. The rule "office" holds the quiet hours and what each reader may choose.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Index, Text, UniqueConstraint, func, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from core import clock, log
from core.db import Base
from core.errors import N_, InvalidForm, NotYours, Stale, WrongOrder
from core.ids import new_id
from engine import timing

ASSIGNEE, DEPUTY, GROUP, COORDINATOR = "assignee", "deputy", "group", "coordinator"
RUNGS = (ASSIGNEE, DEPUTY, GROUP, COORDINATOR)
OFFICE = "office"
MOST_HOURS = 24 * 60
SHORTEST, LONGEST = 10, 500
HOUR = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


@dataclass(frozen=True)
class Rule:
    """How one kind of date is reminded. `rungs`: who, and how many hours after the date; `repeat`: hours, 0 for never.

    `singly`: a mail of its own once the date is past, else the digest of the next morning; `urgent`: also at night.
    """

    leads: tuple[str, ...] = ()
    rungs: tuple[tuple[str, int], ...] = ((ASSIGNEE, 0),)
    repeat: int = 0
    singly: bool = False
    urgent: bool = False


@dataclass(frozen=True)
class House:
    """What holds for every mail of the office, and what a reader may choose for herself."""

    quiet_from: str = "20:00"
    quiet_to: str = "07:30"
    may_thin: bool = True
    may_silence: bool = False


LONGEST_QUIET = timedelta(hours=14)
LADDER = ((ASSIGNEE, 0), (DEPUTY, 4), (GROUP, 24), (COORDINATOR, 48))
SHIPPED: dict[str, Rule | House] = {
    "task": Rule(("P2D",), LADDER, 24, singly=True),
    "given": Rule(singly=True),
    "followup": Rule(rungs=((ASSIGNEE, 0), (DEPUTY, 0))),  # a day that passes: nobody is told later
    "deadline": Rule((), ((ASSIGNEE, 0), (DEPUTY, 0), (COORDINATOR, 24)), 24, singly=True, urgent=True),
    "stay": Rule((), ((ASSIGNEE, 0), (COORDINATOR, 72)), 168),
    "consent": Rule(("P30D", "P7D"), ((ASSIGNEE, 0), (COORDINATOR, 72)), 168),
    "referral": Rule((), ((ASSIGNEE, 0), (GROUP, 48), (COORDINATOR, 120)), 72),
    "absence": Rule(("P1D",), ((ASSIGNEE, 0),)),
    "access": Rule(("P3D",), ((ASSIGNEE, 0), (COORDINATOR, 72)), 168),
    "incident": Rule((), ((COORDINATOR, 0),), 24, singly=True, urgent=True),
    OFFICE: House(),
}


class ReminderRule(Base):
    """One version, or the proposal of one: `status` open, approved, rejected or withdrawn. Never deleted."""

    __tablename__ = "reminder_rule"
    __table_args__ = (
        UniqueConstraint("what", "version"),
        Index(
            "uq_reminder_rule_open",
            "what",
            unique=True,
            sqlite_where=text("status = 'open'"),
            postgresql_where=text("status = 'open'"),
        ),
    )
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    what: Mapped[str] = mapped_column(Text, index=True)
    version: Mapped[int | None]
    facts: Mapped[dict[str, Any]]
    status: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    proposed_by: Mapped[str] = mapped_column(Text)
    proposed_at: Mapped[datetime]
    decided_by: Mapped[str | None] = mapped_column(Text)
    decided_at: Mapped[datetime | None]


def in_use(db: Session, what: str) -> Rule:
    """The rule of one kind of date."""
    rule = _current(db, what)
    assert isinstance(rule, Rule)  # noqa: S101 - only "office" is another
    return rule


def house(db: Session) -> House:
    """The quiet hours and what readers may choose."""
    found = _current(db, OFFICE)
    assert isinstance(found, House)  # noqa: S101
    return found


def every(db: Session) -> dict[str, Rule | House]:
    """All the rules in use."""
    return {what: _current(db, what) for what in SHIPPED}


def versions(db: Session, what: str) -> list[ReminderRule]:
    """What was proposed and decided on one rule, the newest first."""
    if what not in SHIPPED:
        raise NotYours
    query = select(ReminderRule).where(ReminderRule.what == what)
    return list(db.scalars(query.order_by(ReminderRule.proposed_at.desc(), ReminderRule.id)))


def open_proposals(db: Session) -> list[ReminderRule]:
    """The proposals that wait for a second person."""
    return list(db.scalars(select(ReminderRule).where(ReminderRule.status == "open").order_by(ReminderRule.what)))


def propose(db: Session, what: str, facts: Mapping[str, Any], reason: str, *, by: str) -> ReminderRule:
    """Write down a version for another coordinator to approve; one at a time for each rule."""
    versions(db, what)
    wrong = _faults(what, facts)
    if not SHORTEST <= len(reason.strip()) <= LONGEST:
        wrong["reason"] = [N_("Scrivi il motivo, con almeno dieci caratteri.")]
    if wrong:
        raise InvalidForm(wrong)
    if _read(what, facts) == _current(db, what):
        raise InvalidForm({"reason": [N_("Non cambia niente: questa regola è già in uso.")]})
    if any(each.what == what for each in open_proposals(db)):
        raise WrongOrder(N_("Per questa regola c'è già una proposta aperta: va decisa o ritirata prima."))
    made = ReminderRule(
        id=new_id(), what=what, facts=dict(facts), status="open", reason=reason.strip(), proposed_by=by,
        proposed_at=clock.now(),
    )  # fmt: skip
    db.add(made)
    db.flush()
    log.append(db, "reminder_rule.proposed", _stream(what), by=by, proposal=made.id)
    return made


def approve(db: Session, proposal_id: str, *, by: str) -> ReminderRule:
    """The second person says yes: the version is in use from now on, also for what is chased already."""
    proposal = _hold(db, proposal_id)
    if proposal.proposed_by == by:
        raise WrongOrder(
            N_("Chi ha scritto la proposta non può approvarla: serve una seconda persona del coordinamento.")
        )
    newest = db.scalar(select(func.max(ReminderRule.version)).where(ReminderRule.what == proposal.what))
    proposal.version = (newest or 0) + 1
    return _decide(db, proposal, "approved", by=by)


def refuse(db: Session, proposal_id: str, *, by: str) -> ReminderRule:
    """The second person says no, or the author takes it back."""
    proposal = _hold(db, proposal_id)
    return _decide(db, proposal, "withdrawn" if proposal.proposed_by == by else "rejected", by=by)


def at(hour: str) -> time:
    """An hour of a rule or a choice."""
    return time.fromisoformat(hour)


def quiet_faults(begins: str, ends: str) -> list[str]:
    """What is wrong with quiet hours, of a reader or of the office, in words."""
    span = datetime.combine(date.min, at(ends)) - datetime.combine(date.min, at(begins))
    if span % timedelta(days=1) > LONGEST_QUIET:
        return [N_("Al massimo quattordici ore: nel resto del giorno la posta deve poter partire.")]
    return []


def _current(db: Session, what: str) -> Rule | House:
    query = select(ReminderRule.facts).where(ReminderRule.what == what, ReminderRule.status == "approved")
    facts = db.scalar(query.order_by(ReminderRule.version.desc()).limit(1))
    return SHIPPED[what] if facts is None else _read(what, facts)


def _read(what: str, facts: Mapping[str, Any]) -> Rule | House:
    if what == OFFICE:
        return House(**facts)
    tuples = {"leads": tuple(facts["leads"]), "rungs": tuple((who, hours) for who, hours in facts["rungs"])}
    return Rule(**{**facts, **tuples})


def _faults(what: str, facts: Mapping[str, Any]) -> dict[str, list[str]]:
    if what == OFFICE:
        quiet = {name: str(facts.get(name)) for name in ("quiet_from", "quiet_to")}
        wrong = {name: [N_("Scrivi un'ora come 20:00.")] for name, hour in quiet.items() if not HOUR.fullmatch(hour)}
        too_long = [] if wrong else quiet_faults(*quiet.values())
        return {"quiet_from": too_long} if too_long else wrong
    wrong = {}
    if any(timing.parse_span(lead) is None or timing.leads(lead, {}) is None for lead in facts["leads"]):
        wrong["days"] = [N_("Scrivi numeri di giorni o di ore, separati da virgole, per esempio 7, 2.")]
    hours = [each for _, each in facts["rungs"]]
    if not facts["rungs"]:
        wrong["assignee"] = [N_("Qualcuno deve essere avvisato: scrivi le ore di almeno un gradino.")]
    elif any(type(each) is not int or not 0 <= each <= MOST_HOURS for each in (*hours, facts["repeat"])):
        wrong["repeat"] = [N_("Le ore sono numeri da 0 a 1440.")]
    elif hours != sorted(hours):
        wrong["assignee"] = [N_("Ogni gradino viene dopo quello prima: le ore non possono diminuire.")]
    return wrong


def _hold(db: Session, proposal_id: str) -> ReminderRule:
    query = select(ReminderRule).where(ReminderRule.id == proposal_id).with_for_update()
    proposal = db.scalar(query.execution_options(populate_existing=True))
    if proposal is None:
        raise NotYours
    if proposal.status != "open":
        raise Stale
    return proposal


def _decide(db: Session, proposal: ReminderRule, status: str, *, by: str) -> ReminderRule:
    proposal.status, proposal.decided_by, proposal.decided_at = status, by, clock.now()
    db.flush()
    log.append(
        db, f"reminder_rule.{status}", _stream(proposal.what), by=by, proposal=proposal.id, version=proposal.version,
        author=proposal.proposed_by,
    )  # fmt: skip
    return proposal


def _stream(what: str) -> str:
    return f"reminder_rule:{what}"
