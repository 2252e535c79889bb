"""Periods of the figures: whole calendar quarters and years that are over, in Rome; never a day, never "so far".

Each table has one unit, so that two periods of a table never overlap and none can be taken away from another.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, time

from core import clock
from core.errors import N_, InvalidForm

MONTH, QUARTER, YEAR = "month", "quarter", "year"
LENGTH = {MONTH: 1, QUARTER: 3, YEAR: 12}
MOST = 12
TYPED = re.compile(r"(\d{4})-(\d{2})")
NOT_BEGUN = {
    QUARTER: N_("Questa tabella va per trimestri interi: comincia da gennaio, aprile, luglio o ottobre."),
    YEAR: N_("Questa tabella va per anni interi: comincia da gennaio."),
}
NOT_ENDED = {
    QUARTER: N_("Questa tabella va per trimestri interi: finisci con marzo, giugno, settembre o dicembre."),
    YEAR: N_("Questa tabella va per anni interi: finisci con dicembre."),
}


@dataclass(frozen=True)
class Period:
    """From a day on and before another; the code is 2026, 2026-Q3 or 2026-07."""

    code: str
    since: date
    until: date

    @property
    def months(self) -> list["Period"]:
        """The months that it is made of."""
        found, at = [], self.since
        while at < self.until:
            found.append(_period(at, MONTH))
            at = found[-1].until
        return found


def between(unit: str, first: str, last: str) -> list[Period]:
    """The periods from one typed month to another ("2026-01"). InvalidForm if they are not whole, over, or too many."""
    start, end = _month("from", first), _month("to", last)
    if end < start:
        raise InvalidForm({"to": [N_("L'ultimo mese viene prima del primo.")]})
    if (start.month - 1) % LENGTH[unit]:
        raise InvalidForm({"from": [NOT_BEGUN[unit]]})
    until = after(end, 1)
    if (until.month - 1) % LENGTH[unit]:
        raise InvalidForm({"to": [NOT_ENDED[unit]]})
    if until > clock.today():
        raise InvalidForm({"to": [N_("Si contano solo periodi già finiti: l'ultimo mese non lo è ancora.")]})
    found = []
    while start < until:
        found.append(_period(start, unit))
        start = found[-1].until
    if len(found) > MOST:
        raise InvalidForm({"to": [N_("Al massimo dodici periodi alla volta.")]})
    return found


def latest(unit: str) -> tuple[str, str]:
    """The first and the last month of the last period that is over, as typed."""
    this = clock.today().replace(day=1)
    until = after(this, -((this.month - 1) % LENGTH[unit]))
    return f"{after(until, -LENGTH[unit]):%Y-%m}", f"{after(until, -1):%Y-%m}"


def after(day: date, months: int) -> date:
    """The first of a month so many months later, or earlier."""
    count = day.year * 12 + day.month - 1 + months
    return date(count // 12, count % 12 + 1, 1)


def instant(day: date) -> datetime:
    """The first moment of a day in Rome."""
    return datetime.combine(day, time(), clock.ROME)


def day(field: str, typed: str) -> date:
    """A typed day, or a sentence beside the field."""
    try:
        return date.fromisoformat(typed.strip())
    except ValueError:
        raise InvalidForm({field: [N_("Scrivi una data.")]}) from None


def _period(start: date, unit: str) -> Period:
    quarter = (start.month + 2) // 3
    code = {MONTH: f"{start:%Y-%m}", QUARTER: f"{start.year}-Q{quarter}", YEAR: f"{start.year}"}[unit]
    return Period(code, start, after(start, LENGTH[unit]))


def _month(field: str, typed: str) -> date:
    found = TYPED.fullmatch(typed.strip())
    if not found or not 1 <= int(found[2]) <= 12 or not 1990 <= int(found[1]) <= 9990:
        raise InvalidForm({field: [N_("Scrivi l'anno e il mese così: 2026-01.")]})
    return date(int(found[1]), int(found[2]), 1)
