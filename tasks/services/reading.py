"""What every service does with its call: read a day, open the sheet that was filed just now, move the case on."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from cases import casefile, codes, deadlines, sheets
from core.errors import InvalidForm
from engine.services import Call

PHASES = tuple(code for code, _ in codes.PHASES)


@contextmanager
def named(**fields: str) -> Iterator[None]:
    """Let a refusal of the register stand beside the field of the form that the person sees."""
    try:
        yield
    except InvalidForm as refusal:
        raise InvalidForm({fields.get(name, name): words for name, words in refusal.errors.items()}) from refusal


def advance(call: Call, phase: str) -> None:
    """Move the case on to a phase, never back."""
    case = casefile.get(call.db, call.business_key)
    if PHASES.index(case.phase) < PHASES.index(phase):
        casefile.set_phase(call.db, case.code, phase, by=call.by)


def day_of(call: Call, name: str) -> date | None:
    """The day that a fact says, or None where it is not known."""
    value = call.facts.get(name)
    return date.fromisoformat(str(value)[:10]) if value else None


def due_of(call: Call, term_id: str) -> str | None:
    """The open date of a term of the case, for a model that waits for it; None if there is none."""
    open_dates = deadlines.of_case(call.db, call.business_key, only_open=True)
    return next((each.due_on.isoformat() for each in open_dates if each.term_id == term_id), None)


def answers_of(call: Call, form: str) -> dict[str, Any]:
    """What the sheet filed just now says beyond the facts: it goes from vault to vault and nowhere else."""
    sheet = sheets.latest(call.db, call.business_key, form)
    if sheet is None:
        return {}
    return sheets.answers(sheet, sheets.unseal(call.db, [sheet], sheets.CLASSES)[sheet.id])
