"""Service of the risk assessment: record the level that worker and table come to."""

from collections.abc import Mapping
from typing import Any

from cases import casefile
from core import clock
from core.errors import N_, InvalidForm
from engine.services import Call, service
from tasks.services.reading import day_of

HIGH_RISK_DAYS = 2
TOO_LATE = N_("A questo livello il rischio si rivaluta entro due giorni.")
RAISED = N_("La tabella del rischio porta il livello più in alto: così si rivaluta entro due giorni.")


@service("risk_record")
def risk_record(call: Call) -> Mapping[str, Any]:
    """Record the level; alto and imminente mask the case and must be looked at again within two days (form F06).

    The table `risk` may have raised what the worker said; it never lowers it.
    """
    said = call.facts.get("risk_level")
    if said is None:  # the assessment was skipped
        return {}
    on, review_on = day_of(call, "risk_on") or clock.today(), day_of(call, "review_on")
    level = call.facts.get("risk_suggested") or said
    if level in casefile.MASKING_RISKS and review_on is not None and (review_on - on).days > HIGH_RISK_DAYS:
        raise InvalidForm({"review_on": [TOO_LATE if level == said else RAISED]})
    casefile.record_risk(call.db, call.business_key, level, on, review_on, by=call.by)
    return {"risk_level": level}
