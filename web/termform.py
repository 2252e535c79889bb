"""The form of a new version of a term: what was typed as facts, and facts as one would type them."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from cases import proposals, terms
from core import calendar
from core.errors import N_, InvalidForm

WORDS = ("name", "name_en", "source", "starts", "who", "on_expiry", "extendable", "note")
CODES = ("kind", "unit", "certainty")
DAYS = ("valid_from", "valid_to")
LONGEST = 600
MOST_REMINDERS = 12


def read(typed: Mapping[str, str]) -> dict[str, Any]:
    """The facts that were typed; what is no number or no date is refused beside its field."""
    wrong: dict[str, list[str]] = {}
    facts: dict[str, Any] = {name: _words(typed.get(name)) for name in (*WORDS, *CODES)}
    for name in WORDS:
        if len(facts[name] or "") > LONGEST:
            wrong[name] = [N_("Al massimo seicento caratteri.")]
    for name in DAYS:
        facts[name] = _day(name, typed.get(name), wrong)
    facts["length"] = _number("length", typed.get("length"), wrong)
    facts["reminders"] = _reminders(typed, wrong)
    if wrong:
        raise InvalidForm(wrong)
    return facts


def as_typed(facts: Mapping[str, Any]) -> dict[str, str]:
    """The same facts as somebody would type them."""
    typed = {name: str(facts.get(name) or "") for name in (*WORDS, *CODES, *DAYS)}
    typed["length"] = "" if facts.get("length") is None else str(facts["length"])
    days = [entry for entry in facts.get("reminders") or [] if entry != terms.LAST_WORKING_DAY]
    typed["reminders"] = ", ".join(str(entry["days_before"]) for entry in days)
    if terms.LAST_WORKING_DAY in (facts.get("reminders") or []):
        typed["last_working_day"] = "true"
    return typed


def example_days(typed: Mapping[str, str], values: Mapping[str, Any] | None) -> list[date]:
    """The days on which to try a version: those that were typed, as far as they are days, else three worth trying."""
    tried = []
    for number, usual in enumerate(proposals.example_days(values or {}), 1):
        asked = _day("example", typed.get(f"example{number}"), {})
        reachable = asked is not None and calendar.FIRST_YEAR < asked.year < calendar.LAST_YEAR
        tried.append(asked if asked is not None and reachable else usual)
    return tried


def _words(text: str | None) -> str | None:
    return (text or "").replace("\0", "").strip() or None


def _day(name: str, text: str | None, wrong: dict[str, list[str]]) -> date | None:
    try:
        found = date.fromisoformat(text.strip()) if text and text.strip() else None
    except ValueError:
        wrong[name] = [N_("Scrivi una data che esiste.")]
        return None
    if found is not None and not calendar.FIRST_YEAR < found.year < calendar.LAST_YEAR:
        wrong[name] = [N_("La data esce dal calendario.")]
    return found


def _number(name: str, text: str | None, wrong: dict[str, list[str]]) -> int | None:
    words = _words(text)
    if words is None:
        return None
    if not words.isascii() or not words.isdigit() or len(words) > 6:
        wrong[name] = [N_("Scrivi un numero intero.")]
        return None
    return int(words)


def _reminders(typed: Mapping[str, str], wrong: dict[str, list[str]]) -> list[Any]:
    words = [word.strip() for word in (typed.get("reminders") or "").split(",") if word.strip()]
    if len(words) > MOST_REMINDERS or not all(w.isascii() and w.isdigit() and len(w) <= 4 for w in words):
        wrong["reminders"] = [N_("Scrivi i giorni separati da virgole, per esempio 30, 14, 7.")]
        return []
    found: list[Any] = [{"days_before": int(word)} for word in words]
    return found + ([terms.LAST_WORKING_DAY] if typed.get("last_working_day") == "true" else [])
