"""Services of the tracks that a person may take at any time: compensation, a complaint, the way home; and of citizens
of the Union."""

from collections.abc import Mapping
from typing import Any

from cases import casefile, compensations, complaints, returns
from core import clock, log
from engine.services import Call, service
from tasks.services import guardians
from tasks.services.reading import answers_of, day_of, named


@service("compensation_open")
def compensation_open(call: Call) -> Mapping[str, Any]:
    """Open the term that the table `compensation_term` chose for this ground and this day."""
    chosen, on = call.facts["compensation_term"], day_of(call, "event_on") or clock.today()
    claim = compensations.open_(
        call.db, call.business_key, call.facts["ground"], on, chosen["term_id"], int(chosen["most"]), by=call.by
    )
    return {"apply_by": claim.last_day.isoformat()}


@service("compensation_apply")
def compensation_apply(call: Call) -> Mapping[str, Any]:
    """Record the application that a colleague sent, if the person agreed."""
    if not guardians.ask(call, "compensation_apply", compensations.RECEIVER, "applied_on"):
        return {"applied": False}
    with named(sent_on="applied_on", channel="application_channel"):
        compensations.apply(
            call.db,
            call.business_key,
            day_of(call, "applied_on") or clock.today(),
            call.facts["application_channel"],
            call.facts.get("already_received"),
            protocol=answers_of(call, "compensation_apply").get("protocol"),
            by=call.by,
        )
    return {"applied": True}


@service("compensation_decide")
def compensation_decide(call: Call) -> None:
    """Record the answer and the sum."""
    outcome, on = call.facts["compensation_outcome"], day_of(call, "decided_on") or clock.today()
    compensations.decide(call.db, call.business_key, outcome, on, call.facts.get("granted"), by=call.by)


@service("complaint_inform")
def complaint_inform(call: Call) -> None:
    """The consequences were explained."""
    on = day_of(call, "informed_on") or clock.today()
    complaints.inform(call.db, call.business_key, call.facts["crime_role"], on, by=call.by)


@service("complaint_legal_aid")
def complaint_legal_aid(call: Call) -> None:
    """Where the legal aid stands."""
    complaints.note_legal_aid(call.db, call.business_key, call.facts["legal_aid"], by=call.by)


@service("complaint_choose")
def complaint_choose(call: Call) -> None:
    """Her decision."""
    choice, on = call.facts["complaint_choice"], day_of(call, "chosen_on") or clock.today()
    complaints.choose(call.db, call.business_key, choice, on, by=call.by)


@service("complaint_filed")
def complaint_filed(call: Call) -> None:
    """She went, accompanied."""
    complaints.filed(call.db, call.business_key, day_of(call, "filed_on") or clock.today(), by=call.by)


@service("complaint_heard")
def complaint_heard(call: Call) -> None:
    """She was heard, protected."""
    complaints.heard(call.db, call.business_key, day_of(call, "heard_on") or clock.today(), by=call.by)


@service("return_ask")
def return_ask(call: Call) -> None:
    """She would like to go home."""
    returns.ask(call.db, call.business_key, day_of(call, "asked_on") or clock.today(), by=call.by)


@service("return_weigh")
def return_weigh(call: Call) -> None:
    """The risk at home."""
    returns.weigh(call.db, call.business_key, call.facts["home_risk"], by=call.by)


@service("return_apply")
def return_apply(call: Call) -> Mapping[str, Any]:
    """Record the application that a colleague sent to the prefettura, if she agreed."""
    if not guardians.ask(call, "return_apply", returns.RECEIVER, "applied_on"):
        return {"applied": False}
    on = day_of(call, "applied_on") or clock.today()
    words = answers_of(call, "return_apply")
    with named(sent_on="applied_on", channel="application_channel"):
        channel, protocol = call.facts["application_channel"], words.get("protocol")
        returns.apply(call.db, call.business_key, on, channel, protocol=protocol, by=call.by)
    return {"applied": True}


@service("return_settle")
def return_settle(call: Call) -> None:
    """She left, or she stays; the input `outcome` says so where the model already knows."""
    outcome = call.facts["outcome"]
    returns.settle(call.db, call.business_key, outcome, day_of(call, "left_on"), by=call.by)


@service("return_follow_up")
def return_follow_up(call: Call) -> None:
    """Somebody asked how she is."""
    returns.follow_up(call.db, call.business_key, day_of(call, "followed_up_on") or clock.today(), by=call.by)


@service("eu_record")
def eu_record(call: Call) -> None:
    """A citizen of the Union needs no permit: her registration and her health cover are written down instead."""
    code = call.business_key
    casefile.note(call.db, code, eu_citizen=True, by=call.by)
    log.append(
        call.db,
        "eu.registered",
        casefile.scope_of(code),
        by=call.by,
        case=code,
        on=call.facts.get("registered_on"),
        outcome=call.facts["registration"],
    )
