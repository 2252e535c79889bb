"""What may be told of a contact in the clear: choices, dates and yes-no-unknown (forms F01, F02), checked one by one.

Anything that is not one of these is refused, not dropped: a field that nobody checks would be a hole in the vault.
"""

import re
from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from cases import codes
from cases.territory import check_province
from core import clock
from core.errors import N_, InvalidForm

CODE = re.compile(r"[A-Z]{2}-[2-9A-Z]{3,8}")
LANGUAGE = re.compile(r"[a-z]{2,3}")
COUNTRY = re.compile(r"[A-Z]{2}|XXA|XXX")  # ISO 3166-1 and ours: XXA stateless, XXX unknown to the person
INDICATOR = re.compile(r"[a-z0-9_.]{1,60}")
STAFF = re.compile(r"[A-Za-z0-9_-]{1,40}")
LONGEST_NOTE = 5000
MANY = 10_000
# A laptop's clock may be a little ahead of the server's.
TOLERANCE = timedelta(minutes=5)
TRUTHS: dict[Any, bool | None] = {True: True, False: False, "si": True, "no": False, "non_noto": None}


def _instant(field: str, value: Any) -> datetime:
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise InvalidForm({field: [N_("Scrivi una data e un'ora.")]})
    if value > clock.now() + TOLERANCE:
        raise InvalidForm({field: [N_("Questo momento è nel futuro.")]})
    return value


def _count(field: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MANY:
        raise InvalidForm({field: [N_("Scrivi un numero intero.")]})
    return value


def _day(field: str, value: Any) -> str:
    try:
        return date.fromisoformat(str(value)).isoformat()
    except ValueError:
        raise InvalidForm({field: [N_("Scrivi una data.")]}) from None


def _truth(field: str, value: Any) -> bool | None:
    if value not in TRUTHS:
        raise InvalidForm({field: [N_("Rispondi sì, no o non noto.")]})
    return TRUTHS[value]


def _one_of(codelist: codes.CodeList) -> Callable[[str, Any], str]:
    return lambda field, value: codes.check(field, codelist, value)


def _some_of(codelist: codes.CodeList) -> Callable[[str, Any], list[str]]:
    return lambda field, values: codes.check_all(field, codelist, values)


def _like(pattern: re.Pattern[str], sentence: str) -> Callable[[str, Any], str]:
    def check(field: str, value: Any) -> str:
        if not isinstance(value, str) or not pattern.fullmatch(value):
            raise InvalidForm({field: [sentence]})
        return value

    return check


def _card(field: str, value: Any) -> str:
    return _like(CODE, N_("Scrivi il codice com'è sul biglietto, per esempio UM-7Q2K."))(
        field, str(value).strip().upper()
    )


def _indicators(field: str, values: Any) -> list[str]:
    check = _like(INDICATOR, N_("Scegli gli indicatori dall'elenco."))
    return [check(field, value) for value in values]


COLUMNS: dict[str, Callable[[str, Any], Any]] = {
    "at": _instant,
    "ended_at": _instant,
    "person_code": _card,
    "linked_code": _card,
    "channel": _one_of(codes.CALL_CHANNELS),
    "call_class": _one_of(codes.CALL_CLASSES),
    "activator": _one_of(codes.ACTIVATORS),
    "reason": _one_of(codes.CONTACT_REASONS),
    "urgency": _one_of(codes.URGENCIES),
    "danger": _truth,
    "wants_out": _truth,
    "can_speak": _truth,
    "minor": _truth,
    "province": check_province,
    "language": _like(LANGUAGE, N_("Scegli la lingua dall'elenco.")),
    "forms_of_exploitation": _some_of(codes.EXPLOITATION_FORMS),
}
DETAILS: dict[str, Callable[[str, Any], Any]] = {
    "apparent_gender": _one_of(codes.GENDERS),
    "apparent_age": _one_of(codes.AGE_BANDS),
    "reported_nationality": _like(COUNTRY, N_("Scegli il paese dall'elenco.")),
    "needs": _some_of(codes.NEEDS),
    "indicators": _indicators,
    "material_given": _truth,
    "oriented": _truth,
    "number_given": _truth,
    "recontact_consent": _truth,
    "rights_explained": _truth,
    "rights_language": _like(LANGUAGE, N_("Scegli la lingua dall'elenco.")),
    "mediator_code": _like(STAFF, N_("Scrivi il codice, non il nome.")),
    "outing": _like(STAFF, N_("Scrivi il codice dell'uscita, senza nomi.")),
    "operators": _count,
    "people_seen": _count,
    "people_new": _count,
    "meet_again_on": _day,
}


def check_facts(facts: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The facts as columns and as details, all checked; every wrong field is named at once. Null is left out."""
    wrong: dict[str, list[str]] = {}
    columns = _checked(facts, COLUMNS, wrong)
    details = _checked(facts, DETAILS, wrong)
    for field in set(facts) - set(COLUMNS) - set(DETAILS):
        wrong[field] = [N_("Questo campo non esiste.")]
    if wrong:
        raise InvalidForm(wrong)
    return columns, details


def check_notes(notes: Mapping[str, str | None], known: Collection[str]) -> dict[str, str]:
    """The notes that say something, without blanks around."""
    wrong = {field: [N_("Questo campo non esiste.")] for field in set(notes) - set(known)}
    kept = {field: text.strip() for field, text in notes.items() if text and text.strip()}
    for field, text in kept.items():
        if len(text) > LONGEST_NOTE:
            wrong[field] = [N_("Il testo è troppo lungo: al massimo 5.000 caratteri.")]
    if wrong:
        raise InvalidForm(wrong)
    return kept


def _checked(
    facts: Mapping[str, Any], spec: Mapping[str, Callable[[str, Any], Any]], wrong: dict[str, list[str]]
) -> dict[str, Any]:
    good = {}
    for field in facts.keys() & spec.keys():
        if facts[field] is None or facts[field] == "":
            continue
        try:
            good[field] = spec[field](field, facts[field])
        except InvalidForm as refusal:
            wrong |= refusal.errors
    return good
