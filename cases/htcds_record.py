"""A case as a record of HTCDS 2.0: only codes, checked against the standard's own field list before it leaves.

Names, contact data, the story, places and consent stay empty: they are sealed, and a record for analysis names nobody.
`FIELDS` holds the types and pick-lists of the fields that we fill.
"""

from collections.abc import Mapping
from typing import Any

from cases import htcds
from cases.casefile import Case
from core.errors import N_, Refused

PICKLIST, USER = "picklist", "lookup"
STATUS = ("PossibleVictimOfTrafficking", "ActualVictimOfTrafficking", "NotAVictimOfTrafficking")
DECIDERS = ("Police", "NGO", "CourtOrProsecution", "NonPoliceGovernmentalOrganization", "Other")
# IOM, HTCDS 2.0, 24 December 2021: name, type, pick-list.
FIELDS: dict[str, tuple[str, tuple[str, ...]]] = {
    "cas_Status": (PICKLIST, ("Active", "FollowUp", "Closed", "ClosedReferred")),
    "cas_CaseOwner": (USER, ()),
    "vic_TraffickingStatus": (PICKLIST, STATUS),
    "vic_TraffickingStatusDecisionMakingOrg": (PICKLIST, DECIDERS),
}


class NotHtcds(Refused):
    """A record that the standard does not know; nothing leaves."""

    status = 500
    sentence = N_("Il campo «%(field)s» non è come lo vuole lo standard HTCDS 2.0.")


def of_case(case: Case, owner: str | None) -> dict[str, Any]:
    """The record of one case; what is not known is left out. A status always has who decided it beside it."""
    given: dict[str, Any] = {
        "cas_Status": htcds.case_status(case.status, case.phase, case.outcome),
        "cas_CaseOwner": owner,
    }
    if case.victim_status and case.status_decider:
        given["vic_TraffickingStatus"] = htcds.VICTIM_STATUS.get(case.victim_status)
        given["vic_TraffickingStatusDecisionMakingOrg"] = htcds.STATUS_DECIDER.get(case.status_decider)
    record = {name: value for name, value in given.items() if value is not None}
    check(record)
    return record


def check(record: Mapping[str, Any]) -> None:
    """Raise NotHtcds unless every field is one of the standard's, of its type and from its pick-list."""
    for name, value in record.items():
        kind, picks = FIELDS.get(name, ("", ()))
        if not _fits(kind, picks, value):
            raise NotHtcds(field=name)


def _fits(kind: str, picks: tuple[str, ...], value: Any) -> bool:
    return value in picks if kind == PICKLIST else kind == USER and isinstance(value, str)
