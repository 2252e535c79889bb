"""Permits: what the authorities are told, and what they answer: the attestato, the permit.

Nothing goes to an authority by itself. A communication is the record of a human act, and it needs the matching consent
of the person on that day or a legal reason in words. The attestato (art. 18 c. 3-ter D.lgs. 286/1998) proves the 45
days of recovery and reflection; its end is computed from the term in force, never from a number in the code. Of a
permit the printed expiry counts; the term is what it should have been.
"""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import ForeignKey, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from cases import casefile, codes, consents, deadlines, reasons
from core import log, vault
from core.db import Base
from core.errors import N_, InvalidForm, MissingConsent, WrongOrder
from core.ids import new_id

# For whom which consent of form F04 must stand; the Sindaco and other bodies fall under the sending to a body.
PURPOSES = {
    "questore": "comunicazione_questura",
    "procura": "comunicazione_procura",
    "commissione_territoriale": "relazione_ct",
}
OTHER_PURPOSE = "invio_ente"
REFLECTION = "T01"
COMMUNICATION = "T03"
INTERRUPTION = "interruption"  # the one thing that is told of a case that stands still
RENEW_BY = "T11"
# The term of a first permit by its kind, and of its renewal; the date of issue decides which version holds.
FIRST = {"art18": "T09", "art18ter": "T16", "art18bis": "T18"}
RENEWED = {"art18": "T10"}
VALIDITY = ("T09", "T10", "T16", "T18")
SUBJECT = re.compile(r"[a-z][a-z0-9_]{0,39}")


class Communication(Base):
    """One message to an authority: to whom, about what, when, how, and why it was allowed."""

    __tablename__ = "communication"
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    case_code: Mapped[str] = mapped_column(ForeignKey("case_file.code"), index=True)
    receiver: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text)
    sent_on: Mapped[date]
    channel: Mapped[str] = mapped_column(Text)
    protocol: Mapped[bytes | None]
    basis: Mapped[str] = mapped_column(Text)
    consent_id: Mapped[str | None] = mapped_column(ForeignKey("consent.id"))
    reason_id: Mapped[str | None] = mapped_column(ForeignKey("reason.id"))
    sent_by: Mapped[str] = mapped_column(Text)


class Attestato(Base):
    """The attestato nominativo issued by the Questore; its numbers are sealed."""

    __tablename__ = "attestato"
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    case_code: Mapped[str] = mapped_column(ForeignKey("case_file.code"), index=True)
    issued_on: Mapped[date]
    expires_on: Mapped[date]
    deadline_id: Mapped[str] = mapped_column(ForeignKey("deadline.id"))
    cui: Mapped[bytes | None]
    number: Mapped[bytes | None]
    recorded_by: Mapped[str] = mapped_column(Text)


class Permit(Base):
    """A title as it was printed; its number is sealed and its reason says nothing of what happened to the person."""

    __tablename__ = "permit"
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    case_code: Mapped[str] = mapped_column(ForeignKey("case_file.code"), index=True)
    kind: Mapped[str] = mapped_column(Text)
    issued_on: Mapped[date]
    expires_on: Mapped[date]
    renew_by: Mapped[date]
    number: Mapped[bytes | None]
    revoked_on: Mapped[date | None]
    recorded_by: Mapped[str] = mapped_column(Text)


def may_communicate(db: Session, case_code: str, receiver: str, on: date) -> bool:
    """Does a consent that holds on this day allow a communication to this receiver?"""
    return consents.allowed(db, case_code, purpose_for(receiver), receiver, on)


def purpose_for(receiver: str) -> str:
    """The purpose of form F04 that a communication to this receiver falls under."""
    return PURPOSES.get(receiver, OTHER_PURPOSE)


def communicate(
    db: Session,
    case_code: str,
    receiver: str,
    subject: str,
    sent_on: date,
    channel: str,
    *,
    protocol: str | None = None,
    legal_reason: str | None = None,
    by: str,
) -> Communication:
    """Record that a colleague has told an authority something (F07 and the like).

    Without a consent that holds on `sent_on` it needs a legal reason in words; else MissingConsent. While a case stands
    still, because she said no or asked for time, nothing leaves but the notice of the interruption.
    """
    _check(receiver, subject, channel, sent_on)
    if casefile.lock(db, case_code).status == "suspended" and subject != INTERRUPTION:
        raise WrongOrder(casefile.STANDS_STILL)
    message = Communication(id=new_id(), case_code=case_code, receiver=receiver, subject=subject, sent_by=by)
    message.sent_on, message.channel = sent_on, channel
    _justify(db, message, legal_reason, by=by)
    message.protocol = _seal(db, case_code, f"communication.{message.id}", protocol)
    db.add(message)
    db.flush()
    facts = {"receiver": receiver, "subject": subject, "on": sent_on, "basis": message.basis, "channel": channel}
    _say(db, "communication.recorded", case_code, facts | {"communication": message.id}, by=by)
    if receiver == "questore":
        deadlines.settle(db, case_code, COMMUNICATION, sent_on, by=by)
    return message


def record_attestato(
    db: Session,
    case_code: str,
    issued_on: date,
    *,
    cui: str | None = None,
    number: str | None = None,
    office: str | None = None,
    by: str,
) -> Attestato:
    """Record the attestato and the end of its validity, with reminders (term T01). The same day twice is once.

    `office` is the province of the Questura: its patron's day is no working day.
    """
    _check_issue(db, case_code, issued_on)
    known = latest_attestato(db, case_code)
    if known is not None and known.issued_on == issued_on:
        return known
    deadline = deadlines.record(db, case_code, REFLECTION, "attestato", issued_on, office=office, by=by)
    attestato = Attestato(id=new_id(), case_code=case_code, issued_on=issued_on, recorded_by=by)
    attestato.deadline_id, attestato.expires_on = deadline.id, deadline.due_on
    attestato.cui = _seal(db, case_code, f"attestato.{attestato.id}.cui", cui)
    attestato.number = _seal(db, case_code, f"attestato.{attestato.id}.number", number)
    db.add(attestato)
    db.flush()
    facts = {"attestato": attestato.id, "issued_on": issued_on, "expires_on": attestato.expires_on}
    _say(db, "attestato.recorded", case_code, facts, by=by)
    return attestato


def latest_attestato(db: Session, case_code: str) -> Attestato | None:
    """The newest attestato of a case."""
    query = select(Attestato).where(Attestato.case_code == case_code).order_by(Attestato.issued_on.desc())
    return db.scalar(query.limit(1))


def numbers(db: Session, attestato: Attestato) -> dict[str, str]:
    """The CUI and the number. Whoever calls has revealed class P2 of the case (`access.reveal`)."""
    sealed = {"cui": attestato.cui, "number": attestato.number}
    scope = casefile.scope_of(attestato.case_code)
    return {
        name: vault.open_(db, scope, f"attestato.{attestato.id}.{name}", blob)
        for name, blob in sealed.items()
        if blob is not None
    }


def issue(
    db: Session,
    case_code: str,
    kind: str,
    issued_on: date,
    expires_on: date,
    *,
    renewed: bool = False,
    number: str | None = None,
    by: str,
) -> Permit:
    """Record a permit with the expiry printed on it, until when it should last, and by when to ask for the next one.

    Where the printed day is not the one the law gives, the printed one stands and both are kept.
    """
    codes.check("permit_kind", codes.PERMIT_KINDS, kind)
    casefile.check_not_future("permit_issued_on", issued_on)
    if expires_on <= issued_on:
        raise InvalidForm({"permit_expires_on": [N_("La scadenza stampata viene prima del rilascio.")]})
    casefile.lock(db, case_code)
    known = latest_permit(db, case_code)
    if known is not None and (known.kind, known.issued_on, known.expires_on) == (kind, issued_on, expires_on):
        return known
    _lasting(db, case_code, kind, issued_on, expires_on, renewed=renewed, by=by)
    renew = deadlines.record(db, case_code, RENEW_BY, "permit_expiry", expires_on, by=by)
    permit = Permit(id=new_id(), case_code=case_code, kind=kind, issued_on=issued_on, expires_on=expires_on)
    permit.renew_by, permit.recorded_by = renew.due_on, by
    permit.number = _seal(db, case_code, f"permit.{permit.id}.number", number)
    db.add(permit)
    db.flush()
    facts = {"permit": permit.id, "kind": kind, "issued_on": issued_on, "expires_on": expires_on}
    _say(db, "permit.issued", case_code, facts | {"renew_by": permit.renew_by}, by=by)
    return permit


def revoke(db: Session, case_code: str, on: date, *, by: str) -> Permit:
    """The permit is taken back: it ends that day, and nothing is to be renewed."""
    permit = latest_permit(db, case_code)
    if permit is None or permit.revoked_on is not None:
        raise WrongOrder(N_("Non c'è un titolo da revocare."))
    permit.revoked_on = on
    for term_id in (*VALIDITY, RENEW_BY):
        deadlines.settle(db, case_code, term_id, on, by=by)
    _say(db, "permit.revoked", case_code, {"permit": permit.id, "kind": permit.kind, "on": on}, by=by)
    return permit


def permits_of(db: Session, case_code: str) -> list[Permit]:
    """The permits of a case, newest first."""
    query = select(Permit).where(Permit.case_code == case_code)
    return list(db.scalars(query.order_by(Permit.issued_on.desc(), Permit.id)))


def latest_permit(db: Session, case_code: str) -> Permit | None:
    """The newest permit of a case."""
    return next(iter(permits_of(db, case_code)), None)


def permit_number(db: Session, permit: Permit) -> str | None:
    """The number of a permit. Whoever calls has revealed class P2 of the case (`access.reveal`)."""
    scope = casefile.scope_of(permit.case_code)
    return vault.open_(db, scope, f"permit.{permit.id}.number", permit.number) if permit.number else None


def communications(db: Session, case_code: str) -> list[Communication]:
    """What was told to authorities about a case, newest first."""
    query = select(Communication).where(Communication.case_code == case_code)
    return list(db.scalars(query.order_by(Communication.sent_on.desc(), Communication.id)))


def _lasting(
    db: Session, case_code: str, kind: str, issued_on: date, expires_on: date, *, renewed: bool, by: str
) -> None:
    """The length that the law of the day of issue gives; the printed day overrides it, the permit before is over."""
    for term_id in VALIDITY:
        deadlines.settle(db, case_code, term_id, issued_on, by=by)
    term_id = (RENEWED if renewed else FIRST).get(kind, FIRST.get(kind, ""))
    if not term_id:
        return
    lasts = deadlines.record(db, case_code, term_id, "permit", issued_on, by=by)
    if lasts.due_on != expires_on:
        deadlines.override(db, lasts.id, expires_on, N_("Scadenza stampata sul titolo."), by=by)


def _justify(db: Session, message: Communication, legal_reason: str | None, *, by: str) -> None:
    purpose = purpose_for(message.receiver)
    consent = consents.valid(db, message.case_code, purpose, message.receiver, message.sent_on)
    if consent is None and not legal_reason:
        raise MissingConsent
    if consent is not None:
        message.basis, message.consent_id = "consent", consent.id
    if legal_reason:
        scope = casefile.scope_of(message.case_code)
        message.reason_id = reasons.keep(db, scope, "communication.legal_reason", legal_reason, by=by)
        message.basis = "consent" if consent is not None else "legal_reason"


def _check(receiver: str, subject: str, channel: str, sent_on: date) -> None:
    codes.check("receiver", codes.RECEIVERS, receiver)
    codes.check("channel", codes.SENDING_CHANNELS, channel)
    casefile.check_not_future("sent_on", sent_on)
    if receiver == "interno" or not SUBJECT.fullmatch(subject):
        raise InvalidForm({"receiver": [N_("Scegli una voce dell'elenco.")]})


def _check_issue(db: Session, case_code: str, issued_on: date) -> None:
    casefile.check_not_future("issued_on", issued_on)
    asked = select(Communication.sent_on).where(
        Communication.case_code == case_code, Communication.receiver == "questore", Communication.subject == "attestato"
    )
    first = db.scalar(asked.order_by(Communication.sent_on).limit(1))
    if first is not None and issued_on < first:
        raise InvalidForm({"issued_on": [N_("L'attestato è rilasciato dopo la comunicazione al Questore.")]})


def _seal(db: Session, case_code: str, field: str, text: str | None) -> bytes | None:
    words = (text or "").strip()
    return vault.seal(db, casefile.scope_of(case_code), field, words) if words else None


def _say(db: Session, verb: str, case_code: str, facts: Mapping[str, Any], *, by: str) -> None:
    log.append(db, verb, casefile.scope_of(case_code), by=by, case=case_code, **facts)
