"""Consents: what a person has agreed to, for one purpose and one receiver, until when; she can take each back.

The newest word counts: a later refusal overrules an earlier yes. Consent to the measures (art. 18 c. 3-bis D.lgs.
286/1998) is not consent to the processing of data (art. 9 GDPR): they are two purposes here.
"""

import re
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ForeignKey, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from cases import casefile, codes, minors
from cases.casefile import Case
from core import clock, log
from core.db import Base
from core.errors import N_, InvalidForm, NotYours, WrongOrder
from core.ids import new_id

# A kind of receiver of the code list, or one body by its code: "ente:oltre-la-strada".
RECEIVER = re.compile(r"[a-z_]+(:[a-z0-9-]{1,40})?")
TEXT_VERSION = re.compile(r"[A-Za-z0-9.-]{1,20}")
LANGUAGE = re.compile(r"[a-z]{2,3}")
PERSON, GUARDIAN = "person", "guardian"
NEEDS_GUARDIAN = N_(
    "Per un minore, o per chi forse lo è, acconsente il tutore insieme con lui (art. 357 c.c.; L. 47/2017): prima "
    "registra la nomina, con una data non successiva a questa risposta."
)
NEEDS_ASSENT = N_(
    "Il consenso del tutore da solo non basta: serve anche l'assenso del minore. Se non è d'accordo, scrivi che non "
    "acconsente."
)


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


def record(
    db: Session,
    case_code: str,
    purpose: str,
    receiver: str,
    given: bool,
    on: date,
    *,
    expires_on: date | None = None,
    language: str | None = None,
    mediator: str | None = None,
    text_version: str | int | None = None,
    way: str | None = None,
    given_by: str = PERSON,
    assent: bool | None = None,
    by: str,
) -> Consent:
    """Record a yes or a no of form F04. `mediator` is the code of a mediator, never a name.

    For a minor, or whoever may be one, the guardian (`given_by`) says yes together with the child (`assent`).
    """
    text_version = None if text_version is None else str(text_version)
    codes.check("purpose", codes.CONSENT_PURPOSES, purpose)
    _check_days(on, expires_on)
    _check_evidence(receiver, language, mediator, text_version, way)
    case = casefile.lock(db, case_code)
    if given:
        _check_who(db, case, given_by, assent, on)
    consent = Consent(
        id=new_id(),
        case_code=case_code,
        purpose=purpose,
        receiver=receiver,
        given=given,
        on=on,
        expires_on=expires_on,
        language=language,
        mediator=mediator,
        text_version=text_version,
        way=way,
        given_by=given_by,
        assent=assent,
        recorded_by=by,
        recorded_at=clock.now(),
    )
    db.add(consent)
    db.flush()
    verb = "consent.given" if given else "consent.refused"
    _say(db, verb, consent, by=by, on=on, expires_on=expires_on)
    return consent


def withdraw(db: Session, consent_id: str, on: date, *, by: str) -> Consent:
    """Take a consent back: it does not count from that day on, nor any longer."""
    consent = db.scalar(select(Consent).where(Consent.id == consent_id).with_for_update())
    if consent is None:
        raise NotYours
    if not consent.given or consent.withdrawn_on is not None:
        raise WrongOrder(N_("Questo consenso non è dato, oppure è già stato revocato."))
    if on < consent.on:
        raise InvalidForm({"on": [N_("La revoca viene prima del consenso.")]})
    consent.withdrawn_on = casefile.check_not_future("on", on)
    _say(db, "consent.withdrawn", consent, by=by, on=on)
    return consent


def valid(db: Session, case_code: str, purpose: str, receiver: str, on: date) -> Consent | None:
    """The consent that allows this use on a day: the newest word for this purpose and receiver, if it is a yes."""
    query = select(Consent).where(
        Consent.case_code == case_code, Consent.purpose == purpose, Consent.receiver == receiver, Consent.on <= on
    )
    newest = db.scalar(query.order_by(Consent.on.desc(), Consent.recorded_at.desc(), Consent.id.desc()).limit(1))
    holds = newest is not None and _holds(newest, on) and _is_enough(casefile.get(db, case_code), newest)
    return newest if holds else None


def allowed(db: Session, case_code: str, purpose: str, receiver: str, on: date) -> bool:
    """May this receiver have data of the case for this purpose on a day?"""
    return valid(db, case_code, purpose, receiver, on) is not None


def list_(db: Session, case_code: str) -> list[Consent]:
    """All the answers of a person, newest first."""
    query = select(Consent).where(Consent.case_code == case_code)
    return list(db.scalars(query.order_by(Consent.on.desc(), Consent.recorded_at.desc())))


def end_guardians(db: Session, case_code: str, on: date, *, by: str) -> list[Consent]:
    """From the day on which she is of age nobody answers in her place: what the guardian agreed to ends the day
    before, and she is asked herself."""
    query = select(Consent).where(Consent.case_code == case_code, Consent.given_by == GUARDIAN, Consent.given)
    ended = [each for each in db.scalars(query.with_for_update()) if each.withdrawn_on is None and _holds(each, on)]
    for consent in ended:
        consent.expires_on = max(consent.on, on - timedelta(days=1))
        _say(db, "consent.ended", consent, by=by, on=on)
    return ended


def _is_enough(case: Case, consent: Consent) -> bool:
    """A minor's own yes, or her guardian's without hers, opens nothing: both are needed."""
    return not case.presumed_minor or (consent.given_by == GUARDIAN and consent.assent is True)


def _check_who(db: Session, case: Case, given_by: str, assent: bool | None, on: date) -> None:
    if given_by not in (PERSON, GUARDIAN):
        raise InvalidForm({"given_by": [N_("Scegli una voce dell'elenco.")]})
    if not case.presumed_minor:
        return
    if given_by != GUARDIAN or not minors.has_guardian(db, case.code, on):
        raise InvalidForm({"given_by": [NEEDS_GUARDIAN]})
    if assent is not True:
        raise InvalidForm({"assent": [NEEDS_ASSENT]})


def _holds(consent: Consent, on: date) -> bool:
    withdrawn = consent.withdrawn_on is not None and consent.withdrawn_on <= on
    expired = consent.expires_on is not None and consent.expires_on < on
    return consent.given and not withdrawn and not expired


def _check_days(on: date, expires_on: date | None) -> None:
    casefile.check_not_future("on", on)
    if expires_on is not None and expires_on < on:
        raise InvalidForm({"expires_on": [N_("Il consenso scadrebbe prima di essere dato.")]})


def _check_evidence(
    receiver: str, language: str | None, mediator: str | None, text_version: str | None, way: str | None
) -> None:
    if not RECEIVER.fullmatch(receiver) or receiver.partition(":")[0] not in codes.codes_of(codes.RECEIVERS):
        raise InvalidForm({"receiver": [N_("Scegli il destinatario dall'elenco.")]})
    if language and not LANGUAGE.fullmatch(language):
        raise InvalidForm({"language": [N_("Scegli la lingua dall'elenco.")]})
    if text_version and not TEXT_VERSION.fullmatch(text_version):
        raise InvalidForm({"text_version": [N_("Scrivi la versione del testo, per esempio v3.")]})
    if mediator and not re.fullmatch(r"[A-Za-z0-9_-]{1,40}", mediator):
        raise InvalidForm({"mediator": [N_("Indica il mediatore con il suo codice, non con il nome.")]})
    if way:
        codes.check("way", codes.CONSENT_WAYS, way)


def _say(db: Session, verb: str, consent: Consent, *, by: str, **facts: Any) -> None:
    log.append(
        db,
        verb,
        casefile.scope_of(consent.case_code),
        by=by,
        case=consent.case_code,
        consent=consent.id,
        purpose=consent.purpose,
        receiver=consent.receiver,
        **facts,
    )
