"""Services of the minors' track: guardian, first interview, age, the joint programme, coming of age (form F16)."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from cases import casefile, codes, consents, deadlines, minors, permits, shelters
from core import clock
from core.errors import N_, InvalidForm
from engine.services import Call, service
from tasks.services import guardians
from tasks.services.reading import answers_of, day_of, due_of, named

RECORD_TO_PROSECUTOR, CHALLENGE, SUSPENSION = "T35", "T35a", "T35b"


@service("minor_receive")
def minor_receive(call: Call) -> Mapping[str, Any]:
    """Presume the minority, count T30 and T31, and say whether the house is one for adults (then she must move)."""
    code, facts = call.business_key, call.facts
    case = casefile.get(call.db, code)
    doubt = facts.get("age_is") == "in_dubbio" or case.age_doubt is True
    minors.receive(call.db, code, day_of(call, "received_on") or clock.today(), doubt, by=call.by)
    born = _born(call, "minor_reception")
    if born is not None:
        minors.born(call.db, code, born, by=call.by)
    return {
        "age_doubt": doubt,
        "minor": case.minor,
        "wrong_house": shelters.misplaced(call.db, code),
        "identify_by": due_of(call, minors.IDENTIFICATION),
        "first_reception_until": due_of(call, minors.RECEPTION),
        **_birthday(call),
    }


@service("minor_move")
def minor_move(call: Call) -> None:
    """Take the minor out of the house for adults into one for minors."""
    on, shelter = day_of(call, "placed_on") or clock.today(), call.facts.get("shelter")
    if shelter:
        shelters.place(call.db, call.business_key, shelter, on, by=call.by)
    elif call.facts.get("placement_kind") == "cas_tratta":
        raise InvalidForm({"placement_kind": [shelters.NO_ADULTS]})
    else:
        shelters.leave(call.db, call.business_key, on, by=call.by)


@service("minor_identify")
def minor_identify(call: Call) -> None:
    """The police have identified her."""
    minors.identify(call.db, call.business_key, day_of(call, "identified_on") or clock.today(), by=call.by)


@service("minor_second_reception")
def minor_second_reception(call: Call) -> None:
    """The first reception is over."""
    minors.leave_first_reception(call.db, call.business_key, day_of(call, "moved_on") or clock.today(), by=call.by)


@service("minor_guardian")
def minor_guardian(call: Call) -> None:
    """The guardian is appointed; who it is stays on the sheet."""
    minors.appoint_guardian(call.db, call.business_key, day_of(call, "guardian_on") or clock.today(), by=call.by)


@service("minor_consents")
def minor_consents(call: Call) -> None:
    """Ask again, now with the guardian: a yes needs both, a no of either is a no."""
    on, told = day_of(call, "consent_on") or clock.today(), guardians.evidence(call.facts)
    asked, agreed = set(call.facts.get("purposes_asked") or ()), set(call.facts.get("purposes_agreed") or ())
    if agreed - asked:
        raise InvalidForm({"purposes_agreed": [N_("Qui c'è un consenso che non è stato chiesto.")]})
    for purpose, receiver in _receivers(asked):
        with named(**guardians.FIELDS):
            yes = purpose in agreed
            consents.record(call.db, call.business_key, purpose, receiver, yes, on, **told, by=call.by)


@service("minor_interview")
def minor_interview(call: Call) -> Mapping[str, Any]:
    """The first interview: the family is traced only with consent and where nobody sees a risk; unknown is a risk."""
    trace = call.facts.get("family_risk") == "no" and call.facts.get("tracing_consent") == "si"
    on = day_of(call, "interview_on") or clock.today()
    minors.interview(call.db, call.business_key, on, trace, by=call.by)
    return {"trace": trace, "tracing_by": due_of(call, minors.TRACING)}


@service("minor_tracing")
def minor_tracing(call: Call) -> None:
    """A colleague sent the report on the family."""
    minors.report_tracing(call.db, call.business_key, day_of(call, "tracing_on") or clock.today(), by=call.by)


@service("minor_order")
def minor_order(call: Call) -> Mapping[str, Any]:
    """The prosecutor's order; T34 counts from it."""
    on = day_of(call, "order_on") or clock.today()
    due = minors.order_assessment(call.db, call.business_key, on, by=call.by)
    return {"assess_by": due.due_on.isoformat()}


@service("minor_assess")
def minor_assess(call: Call) -> None:
    """The report with its margin; the estimate itself stays on the sheet."""
    on, margin = day_of(call, "assessed_on") or clock.today(), float(call.facts["margin"])
    minors.assess(call.db, call.business_key, on, margin, by=call.by)


@service("minor_border")
def minor_border(call: Call) -> None:
    """The fast track at the border (art. 19-bis c. 6-ter): record to the prosecutor, challenge, suspension."""
    days = (
        (RECORD_TO_PROSECUTOR, "border_at", "prosecutor_told_at"),
        (CHALLENGE, "border_notified_on", "challenged_on"),
        (SUSPENSION, "suspension_asked_on", None),
    )
    for term_id, begins, met in days:
        on, done = day_of(call, begins), day_of(call, met) if met else None
        if on is not None:
            deadlines.record(call.db, call.business_key, term_id, begins, on, office=_office(call), by=call.by)
        if done is not None:
            deadlines.settle(call.db, call.business_key, term_id, done, by=call.by)


@service("minor_decree")
def minor_decree(call: Call) -> None:
    """The court's decree on the age; its words and the birth date stay on the sheet."""
    minors.decree(call.db, call.business_key, day_of(call, "decree_on") or clock.today(), by=call.by)
    deadlines.settle(call.db, call.business_key, SUSPENSION, day_of(call, "decree_on") or clock.today(), by=call.by)


@service("minor_complaint")
def minor_complaint(call: Call) -> Mapping[str, Any]:
    """The complaint: effects suspended, ten days for the court."""
    on = day_of(call, "complaint_on") or clock.today()
    due = minors.complain(call.db, call.business_key, on, by=call.by)
    return {"complaint_by": due.due_on.isoformat()}


@service("minor_age")
def minor_age(call: Call) -> Mapping[str, Any]:
    """The age is settled, by documents, decree or complaint: the input `sheet` names where it was written."""
    code, status, form = call.business_key, call.facts["status"], call.facts["sheet"]
    on = day_of(call, "settled_on") or clock.today()
    with named(settled_on=str(call.facts.get("field") or "settled_on")):
        minors.settle_age(call.db, code, status, on, by=call.by)
    born = _born(call, form)
    if status == "minore" and born is not None:
        minors.born(call.db, code, born, by=call.by)
    return {"minor": status == "minore", "age_doubt": False, **_birthday(call)}


@service("minor_born")
def minor_born(call: Call) -> Mapping[str, Any]:
    """The birth date has become known."""
    born = _born(call, "minor_birth")
    if born is None:
        raise InvalidForm({"born_on": [N_("Scrivi la data di nascita.")]})
    minors.born(call.db, call.business_key, born, by=call.by)
    return _birthday(call)


@service("minor_prosieguo")
def minor_prosieguo(call: Call) -> None:
    """The continued care was asked for."""
    minors.ask_prosieguo(call.db, call.business_key, day_of(call, "asked_on") or clock.today(), by=call.by)


@service("minor_prosieguo_decree")
def minor_prosieguo_decree(call: Call) -> Mapping[str, Any]:
    """The court ordered the continued care: until 21."""
    on = day_of(call, "prosieguo_decree_on") or clock.today()
    minor = minors.grant_prosieguo(call.db, call.business_key, on, by=call.by)
    return {"prosieguo_until": minor.prosieguo_until.isoformat() if minor.prosieguo_until else None}


@service("minor_of_age")
def minor_of_age(call: Call) -> Mapping[str, Any]:
    """Eighteen: an adult who answers for herself; the guardian's consents end, the permit at eighteen may begin."""
    code, on = call.business_key, day_of(call, "passage_on") or clock.today()
    minor = minors.come_of_age(call.db, code, on, by=call.by)
    consents.end_guardians(call.db, code, minor.eighteen_on or on, by=call.by)
    until = None
    if call.facts.get("permit_at_18") == "art32":
        until = minors.permit_at_18(call.db, code, by=call.by).due_on.isoformat()
    return {"minor": False, "permit_at_18_until": until, "wrong_house": shelters.misplaced(call.db, code)}


def _receivers(purposes: set[str]) -> list[tuple[str, str]]:
    """To whom each purpose sends: the authority it names, else nobody outside the team."""
    known = {purpose: receiver for receiver, purpose in permits.PURPOSES.items()}
    listed = [purpose for purpose in codes.codes_of(codes.CONSENT_PURPOSES) if purpose in purposes]
    return [(purpose, known.get(purpose, "interno")) for purpose in sorted(listed)]


def _born(call: Call, form: str) -> date | None:
    words = answers_of(call, form).get("born_on")
    return date.fromisoformat(str(words)) if words else None


def _birthday(call: Call) -> dict[str, Any]:
    minor = minors.get(call.db, call.business_key)
    eighteen = minor.eighteen_on if minor else None
    return {
        "eighteen_on": eighteen.isoformat() if eighteen else None,
        "prosieguo_by": due_of(call, minors.PROSIEGUO_ASKED_BY),
    }


def _office(call: Call) -> str | None:
    return casefile.get(call.db, call.business_key).province
