"""What holds of what a person has agreed to: the table of consents, and the questions put to it.

Here and not in `consents`, whose verbs stand on the register of minors and so on everything that asks who may see a
case: who may see a case depends on her consents too.
"""

from datetime import date, datetime

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    ForeignKey,
    SQLColumnExpression,
    Text,
    and_,
    exists,
    or_,
    select,
    tuple_,
)
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from cases import casefile
from cases.casefile import Case
from core.db import Base

PERSON, GUARDIAN = "person", "guardian"


class Consent(Base):
    """One answer to one question, with its evidence: the text's version, the language, the mediator."""

    __tablename__ = "consent"
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    case_code: Mapped[str] = mapped_column(ForeignKey("case_file.code"), index=True)
    purpose: Mapped[str] = mapped_column(Text)
    receiver: Mapped[str] = mapped_column(Text)
    given: Mapped[bool]
    on: Mapped[date]
    expires_on: Mapped[date | None]
    withdrawn_on: Mapped[date | None]
    language: Mapped[str | None] = mapped_column(Text)
    mediator: Mapped[str | None] = mapped_column(Text)
    text_version: Mapped[str | None] = mapped_column(Text)
    way: Mapped[str | None] = mapped_column(Text)
    given_by: Mapped[str] = mapped_column(Text, default="person")
    assent: Mapped[bool | None]
    recorded_by: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime]


def valid(db: Session, case_code: str, purpose: str, receiver: str, on: date) -> Consent | None:
    """The consent that allows this use on a day: the newest word for this purpose and receiver, if it is a yes."""
    newest = _newest(db, case_code, purpose, receiver, on)
    if newest is None or not holds(newest, on):
        return None
    return newest if _is_enough(casefile.get(db, case_code), newest) else None


def stands(db: Session, case_code: str, purpose: str, receiver: str, on: date) -> bool:
    """Nothing was said against this use: there is no answer yet, or the newest one is a yes that holds on this day."""
    newest = _newest(db, case_code, purpose, receiver, on)
    return newest is None or holds(newest, on)


def _newest(db: Session, case_code: str, purpose: str, receiver: str, on: date) -> Consent | None:
    query = select(Consent).where(
        Consent.case_code == case_code, Consent.purpose == purpose, Consent.receiver == receiver, Consent.on <= on
    )
    return db.scalar(query.order_by(Consent.on.desc(), Consent.recorded_at.desc(), Consent.id.desc()).limit(1))


def allowed(db: Session, case_code: str, purpose: str, receiver: str, on: date) -> bool:
    """May this receiver have data of the case for this purpose on a day?"""
    return valid(db, case_code, purpose, receiver, on) is not None


def holding(
    case_code: SQLColumnExpression[str],
    purpose: str,
    receiver: SQLColumnExpression[str],
    on: date | BindParameter[date],
) -> ColumnElement[bool]:
    """The same question as a where-clause, for lists of what a receiver may see; a test holds the two together."""
    later = aliased(Consent)
    newer = exists().where(
        later.case_code == Consent.case_code,
        later.purpose == Consent.purpose,
        later.receiver == Consent.receiver,
        later.on <= on,
        tuple_(later.on, later.recorded_at, later.id) > tuple_(Consent.on, Consent.recorded_at, Consent.id),
    )
    return exists().where(
        Consent.case_code == case_code,
        Consent.purpose == purpose,
        Consent.receiver == receiver,
        Consent.on <= on,
        Consent.given,
        or_(Consent.withdrawn_on.is_(None), Consent.withdrawn_on > on),
        or_(Consent.expires_on.is_(None), Consent.expires_on >= on),
        ~newer,
        or_(~_presumed_minor(case_code), and_(Consent.given_by == GUARDIAN, Consent.assent.is_(True))),
    )


def _presumed_minor(case_code: SQLColumnExpression[str]) -> ColumnElement[bool]:
    young = aliased(Case)
    return exists().where(young.code == case_code, or_(young.minor.is_(True), young.age_doubt.is_(True)))


def hold(db: Session, case_code: str, purpose: str, receiver: str) -> None:
    """Keep the consents for this use as they are until the transaction ends: whoever takes one back waits for who
    reads by it, and nobody reads by it afterwards."""
    query = select(Consent.id).where(
        Consent.case_code == case_code, Consent.purpose == purpose, Consent.receiver == receiver
    )
    db.execute(query.with_for_update(read=True)).all()


def list_(db: Session, case_code: str) -> list[Consent]:
    """All the answers of a person, newest first."""
    query = select(Consent).where(Consent.case_code == case_code)
    return list(db.scalars(query.order_by(Consent.on.desc(), Consent.recorded_at.desc())))


def holds(consent: Consent, on: date) -> bool:
    """Is this a yes that has neither been taken back nor expired on a day?"""
    withdrawn = consent.withdrawn_on is not None and consent.withdrawn_on <= on
    expired = consent.expires_on is not None and consent.expires_on < on
    return consent.given and not withdrawn and not expired


def _is_enough(case: Case, consent: Consent) -> bool:
    """A minor's own yes, or her guardian's without hers, opens nothing: both are needed."""
    return not case.presumed_minor or (consent.given_by == GUARDIAN and consent.assent is True)
