"""Services of identification: indicators weighed (preliminary), the decision recorded (formal)."""

from collections import Counter
from collections.abc import Mapping
from datetime import date
from typing import Any

from cases import casefile, sheets, victims
from cases.codes.indicators import FIELDS, ITEMS, WEIGHTS
from core import clock
from core.errors import N_, InvalidForm
from engine import decisions
from engine.services import Call, service
from tasks.services.reading import advance, answers_of, day_of, named

ANNEX = "allegato_vi_2026"
DIMENSIONS = "indicator_dimensions"
# What the register knows of a person may grow with new indicators; only a decision takes it back.
STANDING = ("in_valutazione", "presunta", "identificata")
DECIDED = {
    "identificata_tratta": "identificata",
    "identificata_sfruttamento": "identificata",
    "identificata_lavoro": "identificata",
    "presunta": "presunta",
}


@service("indicators_record")
def indicators_record(call: Call) -> Mapping[str, Any]:
    """Several indicators, or one that weighs, make a presumed victim (SOP 2026, Allegato VI); whoever met her decides,
    the table of the dimensions helps. What it found is sealed in a sheet of its own."""
    if call.facts.get("indicators_outcome") is None:  # skipped: nobody has judged
        return {}
    on, words = day_of(call, "indicators_on") or clock.today(), answers_of(call, "indicators")
    catalogue = call.facts.get("indicator_catalogue") or ANNEX
    field = FIELDS.get(catalogue)
    positive = [each for each in ITEMS if field and _is_positive(call, words.get(f"{field}_{each}") or ())]
    told = {"indicator_catalogue": catalogue, "indicators_on": on}
    sheets.file(
        call.db, call.business_key, DIMENSIONS, {"P1": told, "P3": {"dimensions_positive": positive}}, by=call.by
    )
    status = "presunta" if call.facts["indicators_outcome"] == "presunta" else "in_valutazione"
    before = casefile.get(call.db, call.business_key).victim_status
    if before in STANDING and STANDING.index(before) >= STANDING.index(status):
        return {"victim_status": before}
    with named(status_on="indicators_on"):
        casefile.set_victim_status(call.db, call.business_key, status, "ente_antitratta", on, by=call.by)
    return {"victim_status": status}


def _is_positive(call: Call, items: Any) -> bool:
    """What the published table says of the strong, medium and weak indicators of one dimension."""
    found = Counter(WEIGHTS[item.partition("_")[0]] for item in items)
    return decisions.decide(call.db, DIMENSIONS, {weight: found[weight] for weight in WEIGHTS.values()}) is True


@service("identification_record")
def identification_record(call: Call) -> Mapping[str, Any]:
    """Record what was decided, who and when; an outcome that says nothing of the status leaves it as it was."""
    on, again = day_of(call, "decision_on") or clock.today(), day_of(call, "decision_review_on")
    _check_days(on, again, day_of(call, "act_on"))
    status = DECIDED.get(call.facts.get("decision_outcome") or "")
    if status is None:
        return {}
    decider = call.facts.get("decision_by") or "ente_antitratta"
    with named(status_on="decision_on"):
        casefile.set_victim_status(call.db, call.business_key, status, decider, on, by=call.by)
    victims.know_forms(call.db, call.business_key, answers_of(call, "decision").get("forms_of_exploitation") or ())
    advance(call, "P5")
    return {"victim_status": status}


def _check_days(on: date, again: date | None, act_on: date | None) -> None:
    if again is not None and again <= on:
        raise InvalidForm({"decision_review_on": [N_("Il giorno in cui si torna a decidere viene dopo la decisione.")]})
    if act_on is not None and act_on > on:
        raise InvalidForm({"act_on": [N_("L'atto dell'autorità viene prima di quando lo si registra come decisione.")]})
