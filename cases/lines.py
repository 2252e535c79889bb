"""Pseudonymous case lines for research, in the words of HTCDS 2.0: only of who agreed to it, and only to that receiver.

A line has no name, no place, no citizenship and no day; its pseudonym is another for each receiver, so that two of them
cannot put their lines together. Counts need no consent, lines do (form F04, purpose "statistica").
"""

from typing import Any

from sqlalchemy import literal, select
from sqlalchemy.orm import Session

from cases import codes, consented, htcds, victims
from cases.casefile import Case
from cases.victims import Trait
from core import clock, vault
from core.db import TODAY
from core.errors import N_, InvalidForm

PURPOSE = "statistica"
STANDARD = "HTCDS 2.0"
FIELDS = (
    "pseudonym", "year_opened", "cas_Status", "vic_TraffickingStatus", "vic_TraffickingStatusDecisionMakingOrg",
    "prs_Gender", "minor", "eu_citizen", "vic_TypeOfExploitation",
)  # fmt: skip
GENDER = {"femmina": "Feminine", "maschio": "Masculine"}
TRUTH = {True: "yes", False: "no", None: ""}
SHORT = 16


def of_receiver(db: Session, receiver: str) -> list[dict[str, str]]:
    """A line for each case whose person agrees today that this receiver has it; in an order that says nothing."""
    if receiver not in codes.codes_of(codes.RECEIVERS):
        raise InvalidForm({"receiver": [N_("Scegli il destinatario dall'elenco.")]})
    agreed = consented.holding(Case.code, PURPOSE, literal(receiver), TODAY)
    query = select(Case, Trait).outerjoin(Trait, Trait.case_code == Case.code).where(agreed)
    persons, forms = victims.persons_by_print(), victims.forms_by_print()
    found = []
    for case, trait in db.execute(query):
        sex = persons.get(trait.who or "", ("", ""))[0] if trait else ""
        form = forms.get(trait.form or "", "") if trait else ""
        found.append(_line(case, receiver, sex, form))
    return sorted(found, key=lambda line: line["pseudonym"])


def _line(case: Case, receiver: str, sex: str, form: str) -> dict[str, str]:
    told: dict[str, Any] = {
        "pseudonym": vault.blind(f"line.{receiver}", case.code)[:SHORT],
        "year_opened": case.opened_at.astimezone(clock.ROME).year,
        "cas_Status": htcds.case_status(case.status, case.phase, case.outcome),
        "vic_TraffickingStatus": htcds.VICTIM_STATUS.get(case.victim_status or "", ""),
        "vic_TraffickingStatusDecisionMakingOrg": htcds.STATUS_DECIDER.get(case.status_decider or "", ""),
        "prs_Gender": GENDER.get(sex, ""),
        "minor": TRUTH[True if case.presumed_minor else case.minor],
        "eu_citizen": TRUTH[case.eu_citizen],
        "vic_TypeOfExploitation": " ".join(htcds.EXPLOITATION.get(form, ())),
    }
    return {name: str(told[name]) for name in FIELDS}
