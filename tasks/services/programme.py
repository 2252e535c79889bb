"""Services of the programma unico: adhesion, reports, the soft dates, the way to a title and its changes."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from cases import casefile, deadlines, programmes, tracks
from core import clock
from core.errors import N_, InvalidForm
from engine import messages
from engine.services import Call, service
from tasks.services.reading import advance, day_of, named

SAID_NO = "La persona ha detto di no."  # sealed with the case as the reason
BEFORE = ("integration_done", "exit_done")  # kept from a time when no programme waited for them
KNOWN = {"si": True, "no": False}


@service("adhesion_record")
def adhesion_record(call: Call) -> Mapping[str, Any]:
    """Record the adhesion (F09) and give back when the first report and the soft dates are due."""
    code, facts = call.business_key, call.facts
    on = day_of(call, "adhesion_on") or clock.today()
    messages.forget(call.db, code, BEFORE)
    programmes.adhere(
        call.db,
        code,
        on,
        day_of(call, "accepted_on") or on,
        residential={"residential": True, "non_residential": False}.get(facts.get("programme_form") or ""),
        guardian=facts.get("guardian_signed") is True,
        language=facts.get("rules_language"),
        by=call.by,
    )
    advance(call, "P6")
    return _open_dates(call, report_due_on="T21", transition_on="T06", transition_extended_on="T06p")


@service("report_record")
def report_record(call: Call) -> Mapping[str, Any]:
    """Record the six-monthly report and, if it took place, the check; give back when the next one is due."""
    on, checked = day_of(call, "report_on") or clock.today(), day_of(call, "check_on")
    if checked is not None and checked > clock.today():
        raise InvalidForm({"check_on": [N_("Questa data è nel futuro.")]})
    programmes.report(call.db, call.business_key, on, checked, by=call.by)
    return _open_dates(call, report_due_on="T21")


@service("transition_check")
def transition_check(call: Call) -> None:
    """A soft date of the first months has come: she has joined the programme, so nothing ends."""
    programmes.go_on(call.db, call.business_key, clock.today(), by=call.by)


@service("programme_pause")
def programme_pause(call: Call) -> None:
    """She says no: the work stands still until somebody has listened to her. Nothing is lost, nothing leaves."""
    if casefile.get(call.db, call.business_key).status == "open":
        casefile.suspend(call.db, call.business_key, SAID_NO, by=call.by)


@service("programme_end")
def programme_end(call: Call) -> None:
    """The programme is over: nothing is owed for it any more."""
    programmes.end(call.db, call.business_key, clock.today(), by=call.by)


@service("track_facts_record")
def track_facts_record(call: Call) -> Mapping[str, Any]:
    """Note what has become known of age and citizenship; what nobody knows stays unknown."""
    code = call.business_key
    told = {"minor": call.facts.get("minor_answer"), "eu_citizen": call.facts.get("eu_answer")}
    known = {name: KNOWN[answer] for name, answer in told.items() if answer in KNOWN}
    case = casefile.note(call.db, code, by=call.by, **known) if known else casefile.get(call.db, code)
    return {"minor": case.minor, "eu_citizen": case.eu_citizen}


@service("track_record")
def track_record(call: Call) -> Mapping[str, Any]:
    """Write down the track that the table gave, beside those before it; the case goes on to P7."""
    with named(track_on="assessed_on"):
        chosen = tracks.choose(
            call.db, call.business_key, call.facts["track"], day_of(call, "assessed_on") or clock.today(), by=call.by
        )
    advance(call, "P7")
    return {"track": chosen.track}


@service("track_facts")
def track_facts(call: Call) -> Mapping[str, Any]:
    """Which track the case is on now, as the register knows it."""
    chosen = tracks.current(call.db, call.business_key)
    return {"track": chosen.track if chosen is not None else None}


def _open_dates(call: Call, **terms: str) -> dict[str, Any]:
    """The days on which these terms end, null where there is none open."""
    due: dict[str, date] = {each.term_id: each.due_on for each in _open(call)}
    return {name: due[term].isoformat() if term in due else None for name, term in terms.items()}


def _open(call: Call) -> list[deadlines.Deadline]:
    return deadlines.of_case(call.db, call.business_key, only_open=True)
