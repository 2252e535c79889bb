"""Consents: what a person has agreed to, for one purpose and one receiver, until when; she can take each back.

The newest word counts: a later refusal overrules an earlier yes. Consent to the measures (art. 18 c. 3-bis D.lgs.
286/1998) is not consent to the processing of data (art. 9 GDPR): they are two purposes here.
"""

import re
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cases import casefile, codes, minors
from cases.casefile import Case
from cases.consented import GUARDIAN, PERSON, Consent, allowed, hold, holding, holds, list_, valid
from core import clock, log
from core.errors import N_, InvalidForm, NotYours, WrongOrder
from core.ids import new_id

__all__ = [
    "GUARDIAN",
    "PERSON",
    "Consent",
    "allowed",
    "end_guardians",
    "hold",
    "holding",
    "list_",
    "record",
    "valid",
    "withdraw",
    "withdraw_all",
]
# A kind of receiver of the code list, or one body by its code: "ente:oltre-la-strada".
RECEIVER = re.compile(r"[a-z_]+(:[a-z0-9-]{1,40})?")
TEXT_VERSION = re.compile(r"[A-Za-z0-9.-]{1,20}")
LANGUAGE = re.compile(r"[a-z]{2,3}")
NEEDS_GUARDIAN = N_(
    "Per un minore, o per chi forse lo è, acconsente il tutore insieme con lui (art. 357 c.c.; L. 47/2017): prima "
    "registra la nomina, con una data non successiva a questa risposta."
)
NEEDS_ASSENT = N_(
    "Il consenso del tutore da solo non basta: serve anche l'assenso del minore. Se non è d'accordo, scrivi che non "
    "acconsente."
)

TAKEN_BACK = N_(
    "Dopo quel giorno la persona ha revocato questo consenso: vale solo un nuovo sì. Chiedilo di nuovo e scrivi il "
    "giorno in cui lo dice."
)


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
    """Record a yes or a no of form F04. `mediator` is the code of a mediator, never a name; `text_version` that of a
    leaflet ("informativa-it-2"), or a number typed before there were any.

    For a minor, or whoever may be one, the guardian (`given_by`) says yes together with the child (`assent`).
    """
    codes.check("purpose", codes.CONSENT_PURPOSES, purpose)
    _check_days(on, expires_on)
    _check_evidence(receiver, language, mediator, str(text_version or ""), way)
    case = casefile.lock(db, case_code)
    if given:
        _check_who(db, case, given_by, assent, on)
        _check_not_taken_back(db, case_code, purpose, receiver, on)
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
        text_version=f"v{text_version}" if isinstance(text_version, int) else text_version,
        way=way,
        given_by=given_by,
        assent=assent,
        recorded_by=by,
        recorded_at=clock.now(),
    )
    db.add(consent)
    db.flush()
    _say(db, "consent.given" if given else "consent.refused", consent, by=by, on=on, expires_on=expires_on)
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


def withdraw_all(db: Session, case_code: str, on: date, *, purpose: str = "", by: str) -> list[Consent]:
    """Take back every consent that holds on a day, or those of one purpose."""
    own = [consent for consent in list_(db, case_code) if purpose in ("", consent.purpose)]
    return [
        withdraw(db, consent.id, on, by=by) for consent in own if consent.withdrawn_on is None and holds(consent, on)
    ]


def end_guardians(db: Session, case_code: str, on: date, *, by: str) -> list[Consent]:
    """From the day on which she is of age nobody answers in her place: what the guardian agreed to ends the day
    before, and she is asked herself."""
    query = select(Consent).where(Consent.case_code == case_code, Consent.given_by == GUARDIAN, Consent.given)
    ended = [each for each in db.scalars(query.with_for_update()) if each.withdrawn_on is None and holds(each, on)]
    for consent in ended:
        consent.expires_on = max(consent.on, on - timedelta(days=1))
        _say(db, "consent.ended", consent, by=by, on=on)
    return ended


def _check_who(db: Session, case: Case, given_by: str, assent: bool | None, on: date) -> None:
    if given_by not in (PERSON, GUARDIAN):
        raise InvalidForm({"given_by": [N_("Scegli una voce dell'elenco.")]})
    if not case.presumed_minor:
        return
    if given_by != GUARDIAN or not minors.has_guardian(db, case.code, on):
        raise InvalidForm({"given_by": [NEEDS_GUARDIAN]})
    if assent is not True:
        raise InvalidForm({"assent": [NEEDS_ASSENT]})


def _check_not_taken_back(db: Session, case_code: str, purpose: str, receiver: str, on: date) -> None:
    """What she took back stands until she says yes again: a yes of before does not come back by being written anew."""
    query = select(func.max(Consent.withdrawn_on)).where(
        Consent.case_code == case_code, Consent.purpose == purpose, Consent.receiver == receiver
    )
    taken_back = db.scalar(query)
    if taken_back is not None and on < taken_back:
        raise InvalidForm({"on": [TAKEN_BACK]})


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
        raise InvalidForm({"text_version": [N_("Scegli dall'elenco il testo che è stato letto.")]})
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
