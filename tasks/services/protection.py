"""Services of the immediate protection: stay, rights, the Questore, the attestato."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from cases import casefile, consents, deadlines, permits, shelters
from core import clock, log
from core.errors import InvalidForm, MissingConsent
from engine.services import Call, service
from tasks import pathways
from tasks.services import guardians
from tasks.services.reading import advance, answers_of, day_of, named

TRANSITIONAL = ("T06", "T06p")
ATTESTATO_WAIT = "T04"
WITH_ADULTS = frozenset({"cas_tratta", "temporanea"})


@service("placement_record")
def placement_record(call: Call) -> Mapping[str, Any]:
    """Begin the stay, if a house was found, and the soft dates of the first months (art. 13 L. 228/2003)."""
    placed_on = day_of(call, "placed_on") or clock.today()
    shelter, kind = call.facts.get("shelter"), call.facts.get("placement_kind")
    if kind in WITH_ADULTS and casefile.get(call.db, call.business_key).presumed_minor:
        raise InvalidForm({"placement_kind": [shelters.NO_ADULTS]})
    if shelter:
        shelters.place(call.db, call.business_key, shelter, placed_on, beds=call.facts.get("beds") or 1, by=call.by)
        for term_id in TRANSITIONAL:
            deadlines.record(call.db, call.business_key, term_id, "placement", placed_on, by=call.by)
    advance(call, "P4")
    return {"placed_on": placed_on.isoformat()}


@service("information_record")
def information_record(call: Call) -> None:
    """Keep the evidence that the rights were explained (art. 10 c. 2 D.lgs. 24/2014)."""
    code, facts = call.business_key, call.facts
    if facts.get("information_on") is None:  # skipped: there is no evidence to keep
        return
    log.append(
        call.db,
        "information.given",
        casefile.scope_of(code),
        by=call.by,
        case=code,
        on=facts["information_on"],
        language=facts.get("information_language"),
        mediator=facts.get("information_mediator"),
        leaflet=facts.get("leaflet_version"),
    )


@service("consent_check")
def consent_check(call: Call) -> Mapping[str, Any]:
    """Record what the person answered, and say whether the Questore may be told. What is not sure is a no."""
    basis = call.facts.get("communication_basis")
    if basis == "legal_reason":
        return {"communication_allowed": bool(call.facts.get("legal_reason"))}
    if basis != "consent":
        if call.facts.get("no_communication_reason") == "refuses":
            _record_consent(call, clock.today(), given=False)
        return {"communication_allowed": False}
    day = day_of(call, "communication_on") or clock.today()
    if not permits.may_communicate(call.db, call.business_key, "questore", day):
        _record_consent(call, day_of(call, "consent_on") or day, given=True)
    return {"communication_allowed": permits.may_communicate(call.db, call.business_key, "questore", day)}


def _record_consent(call: Call, on: date, *, given: bool) -> None:
    told = guardians.evidence(call.facts, answers_of(call, "questore_communication"))
    with named(**guardians.FIELDS):
        consents.record(
            call.db,
            call.business_key,
            permits.purpose_for("questore"),
            "questore",
            given,
            on,
            **told,
            by=call.by,
        )


@service("communication_record")
def communication_record(call: Call) -> Mapping[str, Any]:
    """Record what a colleague told the Questore (F07, art. 18 c. 3-ter); never without consent or a legal reason."""
    if call.facts.get("communication_allowed") is not True:
        raise MissingConsent
    on = day_of(call, "communication_on") or clock.today()
    words = answers_of(call, "questore_communication")
    legal = call.facts["communication_basis"] == "legal_reason"
    with named(sent_on="communication_on", channel="communication_channel", reason="legal_reason_words"):
        permits.communicate(
            call.db,
            call.business_key,
            "questore",
            "attestato",
            on,
            call.facts["communication_channel"],
            protocol=words.get("protocol"),
            legal_reason=words.get("legal_reason_words", "") if legal else None,
            by=call.by,
        )
    answer = deadlines.record(call.db, call.business_key, ATTESTATO_WAIT, "communication", on, by=call.by)
    return {"attestato_expected_on": answer.due_on.isoformat()}


@service("attestato_record")
def attestato_record(call: Call) -> Mapping[str, Any]:
    """Record the attestato: its 45 days and their reminders begin; its numbers go from the sheet to the vault."""
    on = day_of(call, "attestato_on") or clock.today()
    words = answers_of(call, "attestato")
    with named(issued_on="attestato_on"):
        made = permits.record_attestato(
            call.db,
            call.business_key,
            on,
            cui=words.get("cui"),
            number=words.get("number"),
            office=call.facts.get("province"),
            by=call.by,
        )
    deadlines.settle(call.db, call.business_key, ATTESTATO_WAIT, on, by=call.by)
    return {"attestato_expires_on": made.expires_on.isoformat()}


@service("case_facts")
def case_facts(call: Call) -> Mapping[str, Any]:
    """What the register knows of the case at this moment."""
    return pathways.case_facts(casefile.get(call.db, call.business_key))


@service("phase_set")
def phase_set(call: Call) -> None:
    """Move the case to the phase that the model names."""
    casefile.set_phase(call.db, call.business_key, call.facts["phase"], by=call.by)


@service("case_close_open_door")
def case_close_open_door(call: Call) -> None:
    """The person says no, for now: the case closes, the way back stays, nobody is told."""
    leaves = call.facts.get("leaves_shelter") is not False
    pathways.end_case(call.db, call.business_key, pathways.OPEN_DOOR, leaves=leaves, spare=call.instance_id, by=call.by)
