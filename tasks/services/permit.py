"""Services of the titles: application, permit, notice of refusal, refusal, appeal. Numbers go from vault to vault."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from cases import applications, deadlines, permits, refusals
from core import clock, log
from core.errors import N_, WrongOrder
from engine.services import Call, service
from tasks.services.reading import advance, answers_of, day_of, named

FIRST_REMINDER = "T11"
# What a renewal form's choice asks for; "renewal" asks for the same kind again.
CONVERTED = {"employed": "lavoro_subordinato", "self_employed": "lavoro_autonomo", "study": "studio"}


@service("application_record")
def application_record(call: Call) -> Mapping[str, Any]:
    """Record the application and its receipt: when an answer is due, from which day one may work."""
    facts = call.facts
    with named(application_kind="application_kind"):
        made = applications.lodge(
            call.db,
            call.business_key,
            facts.get("application_kind") or "primo_rilascio",
            facts["permit_kind"],
            day_of(call, "lodged_on") or clock.today(),
            receipt=answers_of(call, facts["form"]).get("receipt"),
            prints_on=day_of(call, "prints_on"),
            proposed_on=day_of(call, "proposed_on"),
            by=call.by,
        )
    due = {each.term_id: each.due_on for each in deadlines.of_case(call.db, call.business_key, only_open=True)}
    return {
        "decision_due_on": due[applications.DECISION].isoformat(),
        "work_from": made.work_from.isoformat() if made.work_from else None,
        "application_late": made.late,
    }


@service("permit_record")
def permit_record(call: Call) -> Mapping[str, Any]:
    """Record the permit as printed; give back from when to think of the renewal (the first reminder of T11)."""
    facts, code = call.facts, call.business_key
    issued_on = day_of(call, "permit_issued_on") or clock.today()
    expires_on = day_of(call, "permit_expires_on")
    if expires_on is None:
        raise WrongOrder(N_("Manca la scadenza stampata sul titolo."))
    permit = permits.issue(
        call.db,
        code,
        facts["permit_kind"],
        issued_on,
        expires_on,
        renewed=facts.get("application_kind") == "rinnovo",
        number=answers_of(call, facts["form"]).get("permit_number"),
        by=call.by,
    )
    with named(on="permit_issued_on"):
        applications.settle(call.db, code, "issued", issued_on, by=call.by)
    advance(call, "P8")
    return {"permit_outcome": "issued", "renewal_begins_on": _renewal_begins(call, permit).isoformat()}


def _renewal_begins(call: Call, permit: permits.Permit) -> date:
    """The day of the first reminder of the renewal, as the term in force has them; the day itself if there is none."""
    open_ = deadlines.of_case(call.db, call.business_key, only_open=True)
    reminders = [
        reminder.remind_on
        for each in open_
        if each.term_id == FIRST_REMINDER
        for reminder in deadlines.reminders_of(call.db, each.id)
    ]
    return max(min(reminders, default=permit.renew_by), clock.today() + timedelta(days=1))


@service("application_withdraw")
def application_withdraw(call: Call) -> Mapping[str, Any]:
    """The person does not go on with the application: nothing is waited for."""
    applications.settle(call.db, call.business_key, "withdrawn", clock.today(), by=call.by)
    return {"permit_outcome": "withdrawn"}


@service("renewal_facts")
def renewal_facts(call: Call) -> Mapping[str, Any]:
    """Which permit is asked for: the same one again, or what it turns into. Whoever has none has nothing to renew."""
    permit = permits.latest_permit(call.db, call.business_key)
    if permit is None or permit.revoked_on is not None:
        raise WrongOrder(N_("Non c'è un titolo da rinnovare: prima va registrato quello che c'è."))
    choice = call.facts["renewal_kind"]
    kind = {"application_kind": "rinnovo" if choice == "renewal" else "conversione"}
    return {**kind, "permit_kind": CONVERTED.get(choice, permit.kind)}


@service("preavviso_record")
def preavviso_record(call: Call) -> Mapping[str, Any]:
    """Record the notice of refusal (art. 10-bis L. 241/1990) and until when one may answer."""
    applications.notice(call.db, call.business_key, day_of(call, "noticed_on") or clock.today(), by=call.by)
    due = {each.term_id: each.due_on for each in deadlines.of_case(call.db, call.business_key, only_open=True)}
    return {"observations_due_on": due[applications.OBSERVATIONS].isoformat()}


@service("observations_record")
def observations_record(call: Call) -> None:
    """Record that the observations went to the Questura; without them there is nothing to record."""
    on = day_of(call, "observed_on")
    if on is not None:
        applications.observe(call.db, call.business_key, on, by=call.by)


@service("refusal_record")
def refusal_record(call: Call) -> Mapping[str, Any]:
    """Record the refusal or the revocation with its notification: the days to appeal begin."""
    with named(refusal_kind="refusal_kind"):
        made = refusals.record(
            call.db,
            call.business_key,
            call.facts.get("refusal_kind") or "diniego",
            day_of(call, "notified_on") or clock.today(),
            by=call.by,
        )
    return {"appeal_by": made.appeal_by.isoformat(), "permit_outcome": "refused"}


@service("appeal_record")
def appeal_record(call: Call) -> None:
    """Record the appeal, or that the person, informed, does not want one."""
    facts, code = call.facts, call.business_key
    if facts.get("appeal_choice") != "appeal":
        refusals.accept(call.db, code, clock.today(), by=call.by)
        return
    refusals.appeal(
        call.db,
        code,
        day_of(call, "appealed_on") or clock.today(),
        facts.get("court") or "",
        register=answers_of(call, "appeal").get("register"),
        suspension_on=day_of(call, "suspension_on"),
        legal_aid={"si": True, "no": False}.get(facts.get("legal_aid") or ""),
        by=call.by,
    )


@service("appeal_decide")
def appeal_decide(call: Call) -> None:
    """Record how the appeal ended."""
    on = day_of(call, "appeal_outcome_on") or clock.today()
    with named(outcome_on="appeal_outcome_on"):
        refusals.decide(call.db, call.business_key, call.facts["appeal_outcome"], on, by=call.by)


@service("labour_record")
def labour_record(call: Call) -> Mapping[str, Any]:
    """Record the report of the inspectorate or the police and its opinion (art. 18-ter c. 2); say if one is missing."""
    facts = call.facts
    reported, opinion = day_of(call, "labour_report_on"), day_of(call, "opinion_on")
    if reported is not None and opinion is not None and opinion < reported:
        raise WrongOrder(N_("Il parere dell'Ispettorato viene insieme al rapporto (art. 18-ter c. 2), non prima."))
    needs_opinion = facts.get("labour_source") == "inl"
    complete = reported is not None and (opinion is not None or not needs_opinion)
    _say(
        call, "labour.reported", source=facts.get("labour_source"), on=reported, opinion_on=opinion,
        useful=facts.get("useful_contribution"),
    )  # fmt: skip
    return {"labour_complete": complete}


@service("mlps_record")
def mlps_record(call: Call) -> None:
    """Record that the Questura has told the Ministry of Labour of the permit (art. 18-ter c. 3, term T52)."""
    on = day_of(call, "mlps_on")
    if on is not None:
        _say(call, "permit.ministry_told", on=on)


def _say(call: Call, verb: str, **facts: Any) -> None:
    log.append(call.db, verb, f"case:{call.business_key}", by=call.by, case=call.business_key, **facts)
