"""Services of the asylum track: what passes between the team and the Commissione Territoriale (form F15)."""

from collections.abc import Mapping
from typing import Any

from cases import asylum, permits
from core import clock
from engine.services import Call, service
from tasks.services import guardians
from tasks.services.reading import answers_of, day_of, due_of, named

PROTECTED = frozenset({"asilo", "sussidiaria", "speciale"})


@service("asylum_record")
def asylum_record(call: Call) -> Mapping[str, Any]:
    """Record the referral and the application's dates; say when the team reports and whether the 45 days were had."""
    on, agreed = day_of(call, "referred_on") or clock.today(), call.facts["interviews_agreed"] == "si"
    with named(referred_on="referred_on"):
        asylum.refer(call.db, call.business_key, on, agreed, by=call.by)
        dates = asylum.application(
            call.db, call.business_key, day_of(call, "formalised_on"), day_of(call, "registered_on"), by=call.by
        )
    work = next((each.due_on.isoformat() for each in dates if each.term_id == asylum.WORK), None)
    attestato = permits.latest_attestato(call.db, call.business_key)
    return {
        "work_after": work,
        "attestato_expires_on": attestato.expires_on.isoformat() if attestato else None,
        "report_by": _report_by(call),
    }


@service("asylum_assess")
def asylum_assess(call: Call) -> None:
    """Record what the interviews came to."""
    outcome, interviews = call.facts["assessment_outcome"], call.facts.get("interviews")
    asylum.assess(call.db, call.business_key, outcome, interviews, by=call.by)


@service("asylum_time")
def asylum_time(call: Call) -> Mapping[str, Any]:
    """Record that the Commissione was asked for more time."""
    asylum.ask_time(call.db, call.business_key, day_of(call, "asked_on") or clock.today(), by=call.by)
    return {"report_by": _report_by(call)}


@service("asylum_report")
def asylum_report(call: Call) -> Mapping[str, Any]:
    """Record that the report was given, if the person agrees; without her consent nothing leaves."""
    if not guardians.ask(call, "asylum_report", asylum.RECEIVER, "report_on"):
        return {"report_sent": False}
    words = answers_of(call, "asylum_report")
    with named(sent_on="report_on", channel="report_channel"):
        asylum.report(
            call.db,
            call.business_key,
            day_of(call, "report_on") or clock.today(),
            call.facts.get("report_version") or 1,
            call.facts["report_channel"],
            protocol=words.get("protocol"),
            by=call.by,
        )
    return {"report_sent": True}


@service("asylum_decide")
def asylum_decide(call: Call) -> Mapping[str, Any]:
    """Record the decision of the Commissione; say whether it protects and until when it may be appealed."""
    decision, on = call.facts["ct_decision"], day_of(call, "notified_on") or clock.today()
    asylum.decide(call.db, call.business_key, decision, on, by=call.by)
    appeal = due_of(call, asylum.APPEAL) if decision == "rigetto" else None
    return {"protected": decision in PROTECTED, "appeal_by": appeal}


@service("asylum_appeal")
def asylum_appeal(call: Call) -> None:
    """Record that the lawyer appealed."""
    asylum.appeal(call.db, call.business_key, day_of(call, "appealed_on") or clock.today(), by=call.by)


def _report_by(call: Call) -> str | None:
    return due_of(call, asylum.ASSESSMENT)
