"""Reports (segnalazioni, form F03): what somebody else tells us of a person. A hypothesis until she has been met.

Who reports stands apart from the person: sealed alone, never brought into her case, read only by who has to answer.
The loop is closed by people: received, evaluated, answered; nothing of her whereabouts goes back.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import orjson
from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, Session, mapped_column

from cases import casefile, codes, contacts, persons, sheets
from cases.access import Actor
from cases.contacts import Contact
from core import clock, log, vault
from core.db import Base
from core.errors import N_, InvalidForm, NotYours

FORM = "contact_report"
SENDER = frozenset({"sender_name", "sender_role", "sender_office", "sender_contact"})
# What a form F03 says of her identity, and what the register calls it.
IDENTITY = ("first_name", "last_name", "birth_date", "gender", "citizenships")
READERS = frozenset({"nv_operator", "nv_supervisor", "local_desk", "supervisor"})
TELEPHONE = "telefono"


class Report(Base):
    """The report that a contact began with; the consent is that of the person, null while nobody could ask her."""

    __tablename__ = "report"
    contact_code: Mapped[str] = mapped_column(ForeignKey("contact.code"), primary_key=True)
    channel: Mapped[str] = mapped_column(Text)
    priority: Mapped[str] = mapped_column(Text)
    consent: Mapped[str] = mapped_column(Text)
    reachable: Mapped[bool]
    sender: Mapped[bytes | None]
    received_on: Mapped[date]
    confirmed_on: Mapped[date | None]
    evaluated_on: Mapped[date | None]
    outcome: Mapped[str | None] = mapped_column(Text)
    answered_on: Mapped[date | None]
    answer: Mapped[str | None] = mapped_column(Text)
    recorded_at: Mapped[datetime]

    @property
    def step(self) -> str:
        """Where the loop stands: received, evaluated, answered."""
        return "answered" if self.answered_on else "evaluated" if self.evaluated_on else "received"


@dataclass(frozen=True)
class Told:
    """A human act towards who reported: when and how."""

    on: date
    channel: str


def record(db: Session, contact: Contact, facts: Mapping[str, Any], sender: Mapping[str, str], *, by: str) -> Report:
    """Write down a report beside its contact. `facts`: channel, priority, consent; `sender`: the fields of SENDER."""
    report = Report(contact_code=contact.code, received_on=contact.at.astimezone(clock.ROME).date())
    report.channel = codes.check("report_channel", codes.EMERGENCE_CHANNELS, facts.get("report_channel") or "")
    report.priority = codes.check("report_priority", codes.REPORT_PRIORITIES, facts.get("report_priority") or "")
    report.consent = codes.check("report_consent", codes.REPORT_CONSENTS, facts.get("report_consent") or "")
    known = {name: words.strip() for name, words in sender.items() if name in SENDER and words.strip()}
    report.reachable, report.recorded_at = "sender_contact" in known, clock.now()
    text = orjson.dumps(known).decode()
    report.sender = vault.seal(db, contacts.scope_of(contact.code), "sender", text) if known else None
    db.add(report)
    db.flush()
    _say(db, "report.received", report, by=by, priority=report.priority, channel=report.channel)
    return report


def of(db: Session, code: str) -> Report | None:
    """The report that this contact began with, if it did."""
    return db.get(Report, code)


def get(db: Session, code: str) -> Report:
    """The same, where there must be one."""
    found = of(db, code)
    if found is None:
        raise NotYours
    return found


def confirm(db: Session, code: str, told: Told, *, by: str) -> Report:
    """A colleague has told the sender that the report arrived; what is urgent is told on the telephone."""
    report = get(db, code)
    _check_day("receipt_on", told.on, report.received_on)
    codes.check("receipt_channel", codes.REPLY_CHANNELS, told.channel)
    if report.priority == "alta" and told.channel != TELEPHONE:
        raise InvalidForm({"receipt_channel": [N_("Priorità alta: si conferma per telefono, subito.")]})
    report.confirmed_on = told.on
    _say(db, "report.confirmed", report, by=by, on=told.on, channel=told.channel)
    return report


def evaluate(db: Session, code: str, outcome: str, on: date, *, by: str) -> Report:
    """Say what becomes of a report. Her no to being reported holds, unless she is in danger or a minor."""
    report, contact = get(db, code), contacts.get(db, code)
    codes.check("report_outcome", codes.REPORT_OUTCOMES, outcome)
    _check_day("evaluation_on", on, report.received_on)
    if outcome == "meet" and report.consent == "no" and not (contact.danger or contact.minor):
        sentence = N_("La persona ha detto di no alla segnalazione: resta un'ipotesi, finché non è lei a chiedere.")
        raise InvalidForm({"report_outcome": [sentence]})
    report.outcome, report.evaluated_on = outcome, on
    _say(db, "report.evaluated", report, by=by, on=on, outcome=outcome)
    return report


def answer(db: Session, code: str, what: str, told: Told, *, by: str) -> Report:
    """A colleague has answered the sender; whether news of her may be told has been checked before."""
    report = get(db, code)
    codes.check("answer_what", codes.REPORT_ANSWERS, what)
    codes.check("answer_channel", codes.REPLY_CHANNELS, told.channel)
    _check_day("answer_on", told.on, report.evaluated_on or report.received_on)
    report.answered_on, report.answer = told.on, what
    _say(db, "report.answered", report, by=by, on=told.on, channel=told.channel, answer=what)
    return report


def may_read_sender(actor: Actor, contact: Contact) -> bool:
    """Is the actor of those who took the report or follow it? The team of a case is not."""
    return any(actor.has(role, post) for role in READERS for post in (contact.origin, contact.post))


def read_sender(db: Session, actor: Actor, contact: Contact) -> dict[str, str]:
    """Who reported, for those who must answer; the reading is written down. To others there is no such thing."""
    report = of(db, contact.code)
    if report is None or not may_read_sender(actor, contact):
        raise NotYours
    scope = contacts.scope_of(contact.code)
    log.append(db, "contact.viewed", scope, by=actor.user_id, case=None, fields=["sender"])
    return dict(orjson.loads(vault.open_(db, scope, "sender", report.sender))) if report.sender else {}


def bring(db: Session, code: str, case_code: str, *, by: str) -> None:
    """Bring what was reported of the person into her case, without who reported it; nothing is typed twice."""
    sheet = sheets.latest(db, code, FORM)
    if sheet is None:
        return
    parts = sheets.unseal(db, [sheet], sheets.CLASSES)[sheet.id]
    answers = {"P1": dict(sheet.public)} | {cls: {**parts[cls]} for cls in parts if cls != "P1"}
    answers["P1"] |= parts.get("P1", {})
    sheets.file(db, case_code, FORM, answers, schema_version=sheet.schema_version, by=by)
    identity = {name: value for name in IDENTITY if (value := parts.get("P2", {}).get(name))}
    if "citizenships" in identity:
        identity["citizenships"] = [identity["citizenships"]]
    if identity:
        persons.record(db, case_code, identity, by=by)


def _check_day(field: str, on: date, earliest: date) -> None:
    casefile.check_not_future(field, on)
    if on < earliest:
        raise InvalidForm({field: [N_("Questa data viene prima del passo precedente.")]})


def _say(db: Session, verb: str, report: Report, *, by: str, **facts: Any) -> None:
    log.append(db, verb, contacts.scope_of(report.contact_code), by=by, **facts)
