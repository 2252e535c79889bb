"""Service of the emergence: an interview that was held goes into the register, its account stays in the sheet."""

from collections.abc import Mapping
from typing import Any

from cases import consented, interviews
from cases.interviews import Circumstances
from core import clock
from core.errors import N_, InvalidForm, WrongOrder
from engine.services import Call, service
from tasks.services.reading import advance, answers_of, day_of, named


@service("interview_record")
def interview_record(call: Call) -> Mapping[str, Any]:
    """Record an interview with its number; refuses a second leading worker without a reason and themes told in full."""
    facts, on = call.facts, day_of(call, "interview_on") or clock.today()
    if facts.get("interview_outcome") is None:  # skipped: none was held
        return {}
    again = day_of(call, "next_interview_on")
    if again is not None and again < on:
        raise InvalidForm({"next_interview_on": [N_("Il prossimo colloquio viene dopo questo.")]})
    if not consented.stands(call.db, call.business_key, "colloquio", "interno", on):
        raise WrongOrder(N_("La persona ha detto di no ai colloqui: si riprende solo se lo vuole lei."))
    known = Circumstances(
        minutes=facts.get("interview_minutes"),
        mediator=answers_of(call, "interview").get("interview_mediator_code"),
        done=facts.get("interview_themes_done") or (),
        reopened=facts.get("reopened_by_person") is True,
        operator_change=facts.get("operator_change"),
    )
    with named(on="interview_on", themes="interview_themes", done="interview_themes_done"):
        held = interviews.record(
            call.db,
            call.business_key,
            on,
            facts.get("interview_themes") or (),
            facts["interview_outcome"],
            known=known,
            by=call.by,
        )
    advance(call, "P3")
    return {"interviews": held.number}
