"""Services of the report pathway: what people told the sender, what became of the report."""

from collections.abc import Mapping
from typing import Any

from cases import contacts, permits, reports
from cases.reports import Told
from core import clock
from core.errors import N_, InvalidForm
from engine.services import Call, service
from tasks.services.reading import day_of

# Who asks, as a receiver of form F04; every other sender is a body like others.
RECEIVERS = {"commissione_territoriale": "commissione_territoriale", "procura": "procura", "inl": "inl"}


@service("report_receipt_record")
def report_receipt_record(call: Call) -> None:
    """Record that a colleague has told the sender: it has arrived."""
    reports.confirm(call.db, call.business_key, _told(call, "receipt"), by=call.by)


@service("report_evaluation_record")
def report_evaluation_record(call: Call) -> Mapping[str, Any]:
    """Record what becomes of the report; what is known of danger and age goes on to the triage."""
    outcome, on = call.facts["report_outcome"], day_of(call, "evaluation_on") or clock.today()
    reports.evaluate(call.db, call.business_key, outcome, on, by=call.by)
    contact = contacts.get(call.db, call.business_key)
    return {"danger": contact.danger, "minor": contact.minor}


@service("report_answer_record")
def report_answer_record(call: Call) -> None:
    """Record what a colleague has answered. News of the person need her consent; where she is, is never said."""
    told, what = _told(call, "answer"), call.facts["answer_what"]
    report, contact = reports.get(call.db, call.business_key), contacts.get(call.db, call.business_key)
    receiver = RECEIVERS.get(report.channel, "ente")
    if what == "news" and not (
        contact.case_code and permits.may_communicate(call.db, contact.case_code, receiver, told.on)
    ):
        sentence = N_(
            "Manca il consenso della persona (scheda F04): si può dire solo che la segnalazione è stata seguita."
        )
        raise InvalidForm({"answer_what": [sentence]})
    reports.answer(call.db, call.business_key, what, told, by=call.by)


def _told(call: Call, what: str) -> Told:
    return Told(day_of(call, f"{what}_on") or clock.today(), call.facts[f"{what}_channel"])
