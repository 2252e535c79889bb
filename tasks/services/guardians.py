"""What every form that asks for a consent does with the answer: who said yes, and for a minor who agreed with her."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from cases import consents, permits
from cases.consents import Consent
from core import clock
from core.errors import MissingConsent
from engine.services import Call
from tasks.services.reading import answers_of, day_of, named

FIELDS = {
    "on": "consent_on",
    "language": "consent_language",
    "text_version": "consent_text_version",
    "way": "consent_way",
    "mediator": "consent_mediator_code",
    "given_by": "consent_by",
    "assent": "consent_assent",
}


def evidence(facts: Mapping[str, Any], words: Mapping[str, Any] = {}) -> dict[str, Any]:
    """The evidence of form F04 as a sheet says it: language, text, way, mediator, who answered, the child's assent."""
    return {
        "language": facts.get("consent_language"),
        "text_version": facts.get("consent_text_version"),
        "way": facts.get("consent_way"),
        "mediator": words.get("consent_mediator_code"),
        "given_by": facts.get("consent_by") or consents.PERSON,
        "assent": {"si": True, "no": False}.get(str(facts.get("consent_assent"))),
    }


def ask(call: Call, form: str, receiver: str, sent_on: str) -> bool:
    """Record what was answered on a sheet with a `consent` (si, no, valid) and say whether the receiver may be told on
    the day `sent_on` names. `valid`: a consent was given before and must still hold."""
    answer, day = call.facts.get("consent"), day_of(call, sent_on) or clock.today()
    purpose = permits.purpose_for(receiver)
    if answer in ("si", "no"):
        on = day_of(call, "consent_on") or clock.today()
        told = evidence(call.facts, answers_of(call, form))
        with named(**FIELDS):
            consents.record(call.db, call.business_key, purpose, receiver, answer == "si", on, **told, by=call.by)
    return answer != "no" and permits.may_communicate(call.db, call.business_key, receiver, day)


def require(call: Call, form: str, receiver: str, sent_on: str) -> date:
    """The same where nothing else could follow: the day, or MissingConsent."""
    if not ask(call, form, receiver, sent_on):
        raise MissingConsent
    return day_of(call, sent_on) or clock.today()


def record_consent(call: Call, purpose: str, receiver: str) -> Consent:
    """Record a yes for one purpose and one receiver, with the evidence of the sheet."""
    on = day_of(call, "consent_on") or clock.today()
    with named(**FIELDS):
        return consents.record(
            call.db, call.business_key, purpose, receiver, True, on, **evidence(call.facts), by=call.by
        )
