"""Code lists of the register: what is stored is the code, what is read is the Italian label.

Every list is a tuple of (code, label); a new one stands in the file of its subject and in the `LISTS` at its end.
Unknown is never a code of convenience: it is null, shown as "non noto". The HTCDS 2.0 names (IOM, Human Trafficking
Case Data Standard) stand beside the lists that are exported.
"""

from collections.abc import Iterable

from cases.codes import (
    agenda,
    contact,
    directory,
    figures,
    indicators,
    integration,
    law,
    network,
    person,
    rights,
    steps,
)
from cases.codes.base import CodeList
from cases.codes.contact import (
    ACTIVATORS,
    AGE_BANDS,
    CALL_CHANNELS,
    CALL_CLASSES,
    CALL_NOES,
    CONTACT_KINDS,
    CONTACT_OUTCOMES,
    CONTACT_REASONS,
    NEEDS,
    PICKUP_OUTCOMES,
    REPLY_CHANNELS,
    REPORT_ANSWERS,
    REPORT_CONSENTS,
    REPORT_OUTCOMES,
    REPORT_PRIORITIES,
    SEARCH_PURPOSES,
    URGENCIES,
)
from cases.codes.directory import AGREEMENT_KINDS, DIRECTORY_KINDS, LEAD_KINDS, REGISTER_SECTIONS
from cases.codes.figures import FIGURE_RECEIVERS
from cases.codes.integration import (
    ALLOWANCE_PAYERS,
    COURSE_LEVELS,
    COURSE_OUTCOMES,
    COURSE_PROVIDERS,
    GOAL_OUTCOMES,
    GOAL_RESPONSIBLES,
    PEI_AREAS,
    WORK_KINDS,
    WORK_OUTCOMES,
    WORK_SITUATIONS,
    YES_NO,
)
from cases.codes.law import (
    APPEAL_OUTCOMES,
    APPLICATION_KINDS,
    CONSENT_PURPOSES,
    CONSENT_WAYS,
    COURTS,
    EPISODE_KINDS,
    PERMIT_KINDS,
    PERMIT_OUTCOMES,
    PERMIT_TRACKS,
    RECEIVERS,
    REFUSAL_KINDS,
    SENDING_CHANNELS,
    TRACKS,
)
from cases.codes.network import (
    BODY_KINDS,
    EVENT_KINDS,
    HANDED_OVER,
    INTERRUPTERS,
    INTERRUPTIONS,
    OFFER_STATUSES,
    REFERRAL_OUTCOMES,
    REFERRAL_STATUSES,
    TRANSFER_NEEDS,
    TRANSFER_OUTCOMES,
    TRANSFER_STATUSES,
)
from cases.codes.person import (
    ACCOMMODATION_KINDS,
    CASE_KINDS,
    CASE_STATUSES,
    CONTROL_MEANS,
    EMERGENCE_CHANNELS,
    EXIT_OUTCOMES,
    EXPLOITATION_FORMS,
    GENDERS,
    INTERVIEW_OUTCOMES,
    INTERVIEW_THEMES,
    OPERATOR_CHANGES,
    PHASES,
    RECRUITMENT_WAYS,
    RISK_LEVELS,
    STATUS_DECIDERS,
    TRANSFER_REASONS,
    VICTIM_STATUSES,
)
from cases.codes.steps import EXTRA_STEPS, RESUME, STEP_GROUPS
from core.errors import N_, InvalidForm

__all__ = [
    "ACCOMMODATION_KINDS",
    "ACTIVATORS",
    "AGE_BANDS",
    "AGREEMENT_KINDS",
    "ALLOWANCE_PAYERS",
    "APPEAL_OUTCOMES",
    "APPLICATION_KINDS",
    "BODY_KINDS",
    "CALL_CHANNELS",
    "CALL_CLASSES",
    "CALL_NOES",
    "CASE_KINDS",
    "CASE_STATUSES",
    "CONSENT_PURPOSES",
    "CONSENT_WAYS",
    "CONTACT_KINDS",
    "CONTACT_OUTCOMES",
    "CONTACT_REASONS",
    "CONTROL_MEANS",
    "COURSE_LEVELS",
    "COURSE_OUTCOMES",
    "COURSE_PROVIDERS",
    "COURTS",
    "DIRECTORY_KINDS",
    "EMERGENCE_CHANNELS",
    "EPISODE_KINDS",
    "EVENT_KINDS",
    "EXIT_OUTCOMES",
    "EXPLOITATION_FORMS",
    "EXTRA_STEPS",
    "FIGURE_RECEIVERS",
    "GENDERS",
    "GOAL_OUTCOMES",
    "GOAL_RESPONSIBLES",
    "HANDED_OVER",
    "INTERRUPTERS",
    "INTERRUPTIONS",
    "INTERVIEW_OUTCOMES",
    "INTERVIEW_THEMES",
    "LEAD_KINDS",
    "LISTS",
    "NEEDS",
    "OFFER_STATUSES",
    "OPERATOR_CHANGES",
    "PEI_AREAS",
    "PERMIT_KINDS",
    "PERMIT_OUTCOMES",
    "PERMIT_TRACKS",
    "PHASES",
    "PICKUP_OUTCOMES",
    "RECEIVERS",
    "RECRUITMENT_WAYS",
    "REFERRAL_OUTCOMES",
    "REFERRAL_STATUSES",
    "REFUSAL_KINDS",
    "REGISTER_SECTIONS",
    "REPLY_CHANNELS",
    "REPORT_ANSWERS",
    "REPORT_CONSENTS",
    "REPORT_OUTCOMES",
    "REPORT_PRIORITIES",
    "RESUME",
    "RISK_LEVELS",
    "SEARCH_PURPOSES",
    "SENDING_CHANNELS",
    "STATUS_DECIDERS",
    "STEP_GROUPS",
    "TRACKS",
    "TRANSFER_NEEDS",
    "TRANSFER_OUTCOMES",
    "TRANSFER_REASONS",
    "TRANSFER_STATUSES",
    "URGENCIES",
    "VICTIM_STATUSES",
    "WORK_KINDS",
    "WORK_OUTCOMES",
    "WORK_SITUATIONS",
    "YES_NO",
    "CodeList",
    "check",
    "check_all",
    "codes_of",
    "label",
]

LISTS: dict[str, CodeList] = {
    **agenda.LISTS,
    **contact.LISTS,
    **directory.LISTS,
    **figures.LISTS,
    **indicators.LISTS,
    **integration.LISTS,
    **law.LISTS,
    **network.LISTS,
    **person.LISTS,
    **rights.LISTS,
    **steps.LISTS,
}


def codes_of(codelist: CodeList) -> frozenset[str]:
    """The codes a list admits."""
    return frozenset(code for code, _label in codelist)


def label(name: str, code: str | None) -> str:
    """The Italian label (a msgid) of a code; "non noto" for null, the code itself when a list lost it."""
    if code is None:
        return N_("non noto")
    return dict(LISTS[name]).get(code, code)


def check(field: str, codelist: CodeList, value: str) -> str:
    """Return the code, or refuse with the sentence that stands beside the field."""
    if value not in codes_of(codelist):
        raise InvalidForm({field: [N_("Scegli una voce dell'elenco.")]})
    return value


def check_all(field: str, codelist: CodeList, values: Iterable[str]) -> list[str]:
    """The same for fields that take several codes; order kept, doubles dropped."""
    return list(dict.fromkeys(check(field, codelist, value) for value in values))
