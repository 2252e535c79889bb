"""Services of what is told to an authority: each is the record of a human act, with consent or a reason of law.

One way for all receivers (Sindaco, ente locale, Questore, Procura): the form asks whether, why and how; without consent
and without a recorded reason nothing is written, and the person at the desk reads why.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from cases import consents, permits
from core import clock
from core.errors import MissingConsent
from engine.services import Call, service
from tasks.services import guardians
from tasks.services.reading import answers_of, day_of, named

SENT, REFUSED, NOT_YET = "sent", "refused", "not_yet"


@service("notice_record")
def notice_record(call: Call) -> Mapping[str, Any]:
    """Record that a colleague told an authority something, or that the person does not want it, or not yet."""
    facts, basis = call.facts, call.facts.get("communication_basis")
    receiver, form = facts["receiver"], facts["form"]
    if basis not in ("consent", "legal_reason"):
        refuses = facts.get("no_communication_reason") == "refuses"
        if refuses:
            _consent(call, receiver, form, clock.today(), given=False)
        return {"notice_outcome": REFUSED if refuses else NOT_YET}
    on = day_of(call, "communication_on") or clock.today()
    if basis == "consent" and not permits.may_communicate(call.db, call.business_key, receiver, on):
        _consent(call, receiver, form, day_of(call, "consent_on") or on, given=True)
    _send(call, receiver, form, on, legal=basis == "legal_reason")
    return {"notice_outcome": SENT}


def _send(call: Call, receiver: str, form: str, on: date, *, legal: bool) -> None:
    words = answers_of(call, form)
    if not legal and not permits.may_communicate(call.db, call.business_key, receiver, on):
        raise MissingConsent
    with named(sent_on="communication_on", channel="communication_channel", reason="legal_reason_words"):
        permits.communicate(
            call.db,
            call.business_key,
            receiver,
            call.facts["subject"],
            on,
            call.facts.get("communication_channel") or "",
            protocol=words.get("protocol"),
            legal_reason=words.get("legal_reason_words", "") if legal else None,
            by=call.by,
        )


def _consent(call: Call, receiver: str, form: str, on: date, *, given: bool) -> None:
    told = guardians.evidence(call.facts, answers_of(call, form))
    with named(**guardians.FIELDS):
        consents.record(
            call.db, call.business_key, permits.purpose_for(receiver), receiver, given, on, **told, by=call.by
        )
