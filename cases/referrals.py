"""Referrals (invii): a person is sent to another body and stays with us; the loop closes only with an answer.

The owner of the case does not change. Each body needs a consent of its own, taken for this referral. Late is what the
calendar says of a referral without an answer; the log keeps when it was told.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from cases import casefile, codes, consents
from cases.access import Actor, visible_cases
from core import clock, log, vault
from core.db import Base
from core.errors import N_, InvalidForm, MissingConsent, NotYours, WrongOrder
from core.ids import new_code

PREFIX = "RF"
PURPOSE = "invio_ente"
# From where a referral may go on to where; "late" is not a place to be in, but may be left for every other.
NEXT: Mapping[str, tuple[str, ...]] = {
    "sent": ("seen", "answered", "late", "done"),
    "seen": ("answered", "late", "done"),
    "late": ("seen", "answered", "done"),
    "answered": ("done",),
    "done": (),
}


class Referral(Base):
    """One person sent to one body. The name of the body and what is asked of it are sealed with the case."""

    __tablename__ = "referral"
    code: Mapped[str] = mapped_column(Text, primary_key=True)
    case_code: Mapped[str] = mapped_column(ForeignKey("case_file.code"), index=True)
    body_kind: Mapped[str] = mapped_column(Text)
    body: Mapped[bytes | None]
    urgency: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text, default="sent")
    outcome: Mapped[str | None] = mapped_column(Text)
    sent_on: Mapped[date]
    answer_by: Mapped[date]
    seen_on: Mapped[date | None]
    answered_on: Mapped[date | None]
    ended_on: Mapped[date | None]
    sent_by: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime]

    @property
    def receiver(self) -> str:
        """The receiver that the consent names: this body, in this referral."""
        return receiver_of(self.body_kind, self.code)

    @property
    def is_late(self) -> bool:
        """Is the answer overdue?"""
        return self.status in ("sent", "seen", "late") and self.answer_by < clock.today()


def receiver_of(body_kind: str, code: str) -> str:
    """One body as the receiver of a consent; the consent to one is no consent to another."""
    return f"ente:{body_kind.replace('_', '-')}-{code.lower()}"


def draw_code(db: Session) -> str:
    """A code for a new referral, so that the consent for it can be recorded first."""
    while True:
        code = new_code(PREFIX, length=6)
        if db.get(Referral, code) is None:
            return code


def send(
    db: Session, case_code: str, code: str, body_kind: str, facts: Mapping[str, Any], *, body: str = "", by: str
) -> Referral:
    """Record that a colleague has sent the person to a body: `facts` urgency, sent_on, answer_by."""
    codes.check("body_kind", codes.BODY_KINDS, body_kind)
    sent_on = casefile.check_not_future("sent_on", facts["sent_on"])
    if facts["answer_by"] < sent_on:
        raise InvalidForm({"answer_by": [N_("La risposta è attesa prima dell'invio.")]})
    casefile.lock(db, case_code)
    if not consents.allowed(db, case_code, PURPOSE, receiver_of(body_kind, code), sent_on):
        raise MissingConsent(N_("Serve il consenso della persona all'invio a questo ente."))
    referral = Referral(code=code, case_code=case_code, body_kind=body_kind, sent_on=sent_on, sent_by=by)
    referral.urgency = codes.check("urgency", codes.URGENCIES, facts["urgency"])
    referral.answer_by, referral.recorded_at = facts["answer_by"], clock.now()
    referral.body = _seal(db, case_code, code, body)
    db.add(referral)
    db.flush()
    _say(db, "referral.sent", referral, by=by, on=sent_on, answer_by=referral.answer_by)
    return referral


def move(db: Session, code: str, status: str, on: date, *, outcome: str | None = None, by: str) -> Referral:
    """The referral goes on: seen, answered, late, done (with an outcome)."""
    referral = _lock(db, code)
    codes.check("status", codes.REFERRAL_STATUSES, status)
    if referral.status == status:
        return referral
    if status not in NEXT[referral.status]:
        raise WrongOrder(N_("L'invio è già più avanti di così."))
    if on < referral.sent_on:
        raise InvalidForm({"on": [N_("Questa data viene prima dell'invio.")]})
    casefile.check_not_future("on", on)
    _note(referral, status, on, outcome)
    _say(db, f"referral.{status}", referral, by=by, on=on, outcome=outcome)
    return referral


def wait_until(db: Session, code: str, answer_by: date, *, by: str) -> Referral:
    """Wait for the answer until another day."""
    referral = _lock(db, code)
    if answer_by < clock.today():
        raise InvalidForm({"answer_by": [N_("Questa data è nel passato.")]})
    referral.answer_by = answer_by
    _say(db, "referral.waiting", referral, by=by, answer_by=answer_by)
    return referral


def close(db: Session, code: str, outcome: str, on: date, *, by: str) -> Referral:
    """The loop is closed; if she no longer wants it, her consent to this body ends with it."""
    referral = move(db, code, "done", on, outcome=outcome, by=by)
    consent = consents.valid(db, referral.case_code, PURPOSE, referral.receiver, clock.today())
    if outcome == "ritirato" and consent is not None:
        consents.withdraw(db, consent.id, clock.today(), by=by)
    return referral


def get(db: Session, code: str) -> Referral:
    """The referral, for services."""
    referral = db.get(Referral, code)
    if referral is None:
        raise NotYours
    return referral


def of_case(db: Session, case_code: str) -> list[Referral]:
    """The referrals of a case, newest first."""
    query = select(Referral).where(Referral.case_code == case_code)
    return list(db.scalars(query.order_by(Referral.recorded_at.desc(), Referral.code)))


def list_(db: Session, actor: Actor, *, only_open: bool = True, start: int = 0, limit: int = 100) -> list[Referral]:
    """The referrals of the cases that the actor may see, the most overdue first."""
    query = select(Referral).where(Referral.case_code.in_(visible_cases(actor)))
    query = query.where(Referral.status != "done") if only_open else query
    return list(db.scalars(query.order_by(Referral.answer_by, Referral.code).offset(start).limit(limit)))


def body_of(db: Session, referral: Referral) -> str:
    """The name of the body. Whoever calls has revealed class P3 of the case (`access.reveal`)."""
    if referral.body is None:
        return ""
    scope = casefile.scope_of(referral.case_code)
    return vault.open_(db, scope, f"referral.{referral.code}", referral.body)


def _note(referral: Referral, status: str, on: date, outcome: str | None) -> None:
    referral.status = status
    if status == "seen":
        referral.seen_on = on
    elif status == "answered":
        referral.answered_on = on
    elif status == "done":
        referral.outcome, referral.ended_on = codes.check("outcome", codes.REFERRAL_OUTCOMES, outcome or ""), on


def _lock(db: Session, code: str) -> Referral:
    query = select(Referral).where(Referral.code == code).with_for_update()
    referral = db.scalar(query.execution_options(populate_existing=True))
    if referral is None:
        raise NotYours
    return referral


def _seal(db: Session, case_code: str, code: str, body: str) -> bytes | None:
    words = body.strip()
    return vault.seal(db, casefile.scope_of(case_code), f"referral.{code}", words) if words else None


def _say(db: Session, verb: str, referral: Referral, *, by: str, **facts: Any) -> None:
    told = {"referral": referral.code, "body_kind": referral.body_kind, **facts}
    log.append(db, verb, casefile.scope_of(referral.case_code), by=by, case=referral.case_code, **told)
