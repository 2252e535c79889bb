"""A case as a record of HTCDS 2.0: only codes and dates, checked against the standard's field list before it leaves.

Names, contact data, the story, places stay empty: they are sealed, and a record for analysis names nobody. What each of
the 84 fields is to us says `cases/htcds_fields.py`, and every copy carries that list.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from cases import htcds
from cases.casefile import Case
from cases.htcds_fields import ABSENT, FIELDS, GIVEN, SEALED
from core.errors import N_, Refused

LANGUAGE, COUNTRY = re.compile(r"[a-z]{3}"), re.compile(r"[A-Z]{2}")
LONGEST = {"text": 255, "longtext": 32_768}
WHY = {
    GIVEN: "in the copy, where the case knows it",
    SEALED: "known, but sealed: it says who somebody is or what was told",
    ABSENT: "not held, or not in this shape",
}
# What a goal of the individual plan is to the standard; a goal that it has no type for is left out.
SUPPORT = {
    "salute": "Health", "psicologica": "Health", "legale": "Legal", "italiano": "Education", "scuola": "Education",
    "formazione": "Education", "lavoro": "Livelihood", "reddito": "Financial", "casa": "SocialCare",
    "famiglia": "SocialCare", "rete": "SocialCare", "autonomia": "SocialCare",
}  # fmt: skip
BODIES = {
    "regione": "LocalGovernmentOrganisation", "provincia": "LocalGovernmentOrganisation",
    "comune": "LocalGovernmentOrganisation", "privato_sociale": "NGO",
}  # fmt: skip


class NotHtcds(Refused):
    """A record that the standard does not know; nothing leaves."""

    status = 500
    sentence = N_("Il campo «%(field)s» non è come lo vuole lo standard HTCDS 2.0.")


@dataclass(frozen=True)
class Around:
    """What other registers know of a case, in codes: owner, consent, post, who sent it, where it was sent."""

    owner: str | None = None
    consent: bool | None = None
    post_name: str | None = None
    lead_kind: str | None = None
    came_from: str | None = None
    came_on: date | None = None
    came_by: str | None = None
    came_because: str | None = None
    sent_to: str | None = None
    sent_on: date | None = None


def of_case(case: Case, around: Around) -> dict[str, Any]:
    """The record of one case; what is not known is left out. A status always has who decided it beside it."""
    given: dict[str, Any] = {
        "org_Name": around.post_name,
        "org_Type": BODIES.get(around.lead_kind or ""),
        "cas_Status": htcds.case_status(case.status, case.phase, case.outcome),
        "cas_ReasonForCaseClosure": case.outcome,
        "cas_CaseOwner": around.owner,
        "cas_ReferringOrganisation": around.came_from,
        "cas_IncomingReferralDate": _day(around.came_on),
        "cas_ReferringPrimaryCaseWorker": around.came_by,
        "cas_ReasonForIncomingReferral": htcds.TRANSFER_REASON.get(around.came_because or ""),
        "cas_ReferredOrganisation": around.sent_to,
        "cas_OutgoingReferralDate": _day(around.sent_on),
        "cas_ReasonForOutgoingReferral": "AdditionalServicesRequired" if around.sent_to else None,
        "con_Consent": around.consent,
    }
    if case.victim_status and case.status_decider:
        given["vic_TraffickingStatus"] = htcds.VICTIM_STATUS.get(case.victim_status)
        given["vic_TraffickingStatusDecisionMakingOrg"] = htcds.STATUS_DECIDER.get(case.status_decider)
    return _checked(given)


def of_goal(area: str, by_on: date | None, reached_on: date | None) -> dict[str, Any]:
    """One goal of the individual plan as a support plan; empty if the standard has no type for it."""
    if area not in SUPPORT:
        return {}
    given = {"spl_Type": SUPPORT[area], "spl_PlannedEndDate": _day(by_on), "spl_ActualEndDate": _day(reached_on)}
    return _checked(given)


def mapping() -> list[dict[str, Any]]:
    """Every field of the standard and what it is to us, in English like the standard."""
    return [
        {"field": field.name, "core": field.core, "deprecated": field.deprecated, "here": WHY[field.ours]}
        for field in FIELDS.values()
    ]


def check(record: Mapping[str, Any]) -> None:
    """Raise NotHtcds unless every field is one of the standard's that may leave, of its type and from its pick-list."""
    for name, value in record.items():
        field = FIELDS.get(name)
        if field is None or field.ours != GIVEN or not fits(field.kind, field.picks, value):
            raise NotHtcds(field=name)


def fits(kind: str, picks: tuple[str, ...], value: Any) -> bool:
    """Is this a value of the standard's type, and from its pick-list?"""
    match kind:
        case "picklist":
            return value in picks
        case "multiselect" | "countries":
            one = "picklist" if kind == "multiselect" else "country"
            return isinstance(value, list) and bool(value) and all(fits(one, picks, each) for each in value)
        case "text" | "longtext":
            return isinstance(value, str) and 0 < len(value) <= LONGEST[kind]
        case "date":
            return isinstance(value, str) and _is_day(value)
        case "checkbox":
            return isinstance(value, bool)
        case "number" | "geolocation":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "language" | "country":
            pattern = LANGUAGE if kind == "language" else COUNTRY
            return isinstance(value, str) and pattern.fullmatch(value) is not None
        case "user" | "person" | "organisation":
            return isinstance(value, str) and bool(value)
    return False


def _checked(given: Mapping[str, Any]) -> dict[str, Any]:
    record = {name: value for name, value in given.items() if value is not None}
    check(record)
    return record


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
