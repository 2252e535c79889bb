"""When a timer is due: ISO 8601 texts and FEEL values become instants (BPMN 2.0, 13.5.3; ISO 8601).

Days, weeks, months and years are counted on the calendar of Rome, hours and minutes on the clock: `P1D` is the same
hour tomorrow also on the night when clocks change, `PT24H` is 24 hours later.
"""

import calendar
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from core.clock import ROME
from core.errors import N_
from engine import feel
from engine.game.env import Fault
from engine.game.program import Event

SHORTEST_CYCLE = timedelta(minutes=1)
LONGEST = timedelta(days=3653)
DUE = "due"  # the shape of a task's due date

_DURATION = re.compile(
    r"P(?:(?P<years>\d{1,3})Y)?(?:(?P<months>\d{1,3})M)?(?:(?P<weeks>\d{1,3})W)?(?:(?P<days>\d{1,4})D)?"
    r"(?:T(?:(?P<hours>\d{1,5})H)?(?:(?P<minutes>\d{1,6})M)?(?:(?P<seconds>\d{1,7})S)?)?"
)
_CYCLE = re.compile(r"R(?P<times>\d{0,3})/(?:(?P<start>\d{4}-\d\d-\d\d(?:T[0-9:+Z.-]+)?)/)?(?P<every>P.+)")


@dataclass(frozen=True, slots=True)
class Span:
    """A length of time in calendar and clock parts."""

    months: int = 0
    days: int = 0
    seconds: int = 0

    def times(self, number: int) -> "Span":
        """Return `number` of these, one after the other."""
        return Span(self.months * number, self.days * number, self.seconds * number)

    def after(self, start: datetime) -> datetime:
        """Return the instant this span after `start`, in UTC; the last day of a month stands in for a missing one."""
        local = start.astimezone(ROME)
        if self.months:
            years, month = divmod(local.month - 1 + self.months, 12)
            year, month = local.year + years, month + 1
            local = local.replace(year=year, month=month, day=min(local.day, calendar.monthrange(year, month)[1]))
        local += timedelta(days=self.days)
        return local.astimezone(UTC) + timedelta(seconds=self.seconds)


def parse_span(text: str) -> Span | None:
    """Return an ISO 8601 duration (`P1Y2M3W4DT5H6M7S`, whole numbers), or None if the text is not one."""
    match = _DURATION.fullmatch(text.strip())
    if match is None or not any(match.groups()):
        return None
    n = {name: int(value or 0) for name, value in match.groupdict().items()}
    return Span(
        months=n["years"] * 12 + n["months"],
        days=n["weeks"] * 7 + n["days"],
        seconds=n["hours"] * 3600 + n["minutes"] * 60 + n["seconds"],
    )


@dataclass(frozen=True, slots=True)
class Cycle:
    """A repetition: `times` firings (None: without end), the first one span after the start, or at `start` if given."""

    times: int | None
    start: str | None
    every: Span


def parse_cycle(text: str) -> Cycle | None:
    """Return an ISO 8601 repeating interval (`R/P1D`, `R3/PT1H`, `R2/2026-10-04/P1W`), or None if the text is not
    one.
    """
    match = _CYCLE.fullmatch(text.strip())
    every = parse_span(match["every"]) if match else None
    if match is None or every is None:
        return None
    return Cycle(int(match["times"]) if match["times"] else None, match["start"], every)


def check(text: str, shape: str) -> str | None:
    """Return what is wrong with a timer's text, as an Italian sentence, or None. Used by the lint when a model is
    saved.
    """
    text = text.strip()
    if not text:
        return N_("il timer non ha né data né durata né ripetizione")
    cycle = parse_cycle(text)
    if shape == "cycle":
        if cycle is None and text.startswith("R"):
            return N_("la ripetizione si scrive come R/P1D (ogni giorno) o R3/PT1H (tre volte, ogni ora)")
        if cycle is not None:
            return _check_cycle(cycle)
    elif cycle is not None:
        return N_("una ripetizione (R/…) va messa in un timer di tipo ciclo")
    span = parse_span(text)
    if span is not None:
        return N_("la durata è più lunga di dieci anni") if _length(span) > LONGEST else None
    if _calendar(text) is not None:
        return None
    if re.match(r"-?P[\dT]", text):
        return N_("la durata si scrive come P10D (dieci giorni) o PT48H (quarantotto ore)")
    try:
        feel.compile(text)
    except feel.FeelError as problem:
        return str(problem)
    return None


def _check_cycle(cycle: Cycle) -> str | None:
    if _length(cycle.every) < SHORTEST_CYCLE:
        return N_("un timer non può ripetersi più spesso di una volta al minuto")
    if _length(cycle.every) > LONGEST:
        return N_("la durata è più lunga di dieci anni")
    return N_("un timer che si ripete zero volte non scatta mai") if cycle.times == 0 else None


def _length(span: Span) -> timedelta:
    return timedelta(days=span.months * 31 + span.days, seconds=span.seconds)


def due(element: str, event: Event, facts: Mapping[str, Any], now: datetime) -> tuple[datetime, int | None]:
    """Return the first due instant of a timer and, for a cycle, how often it fires. Raises Fault with a sentence."""
    value = _value(element, event, facts)
    if isinstance(value, Cycle):
        start = _calendar(value.start) if value.start else None
        return _instant(start) if start else value.every.after(now), value.times
    if event.shape == DUE and isinstance(value, date) and not isinstance(value, datetime):
        value = datetime.combine(value, time(23, 59))  # what is due on a day may be done all that day
    return _at(element, value, now), None


def again(
    element: str, event: Event, facts: Mapping[str, Any], base: datetime, turn: int, now: datetime
) -> tuple[datetime, int]:
    """Return the next due instant of a cycle after its `turn`, and the number of that turn; missed turns are
    skipped.
    """
    value = _value(element, event, facts)
    every = value.every if isinstance(value, Cycle) else value
    if not isinstance(every, Span) or _length(every) < SHORTEST_CYCLE:
        raise Fault(element, N_("un timer non può ripetersi più spesso di una volta al minuto"))
    if isinstance(value, Cycle) and value.start and (start := _calendar(value.start)):
        base, offset = _instant(start), -1
    else:
        offset = 0
    turn += 1
    if every.after(base) <= now:
        # a standstill of years must not be counted turn by turn
        turn = max(turn, int((now - base) / _length(every)) - 1)
    while (moment := every.times(turn + offset).after(base)) <= now:
        turn += 1
    return moment, turn


def _value(element: str, event: Event, facts: Mapping[str, Any]) -> Any:
    text = event.text.strip()
    literal = parse_cycle(text) or parse_span(text) or _calendar(text)
    if literal is not None:
        return literal
    try:
        value = feel.compile(text).evaluate(facts)
    except feel.FeelError as problem:
        raise Fault(
            element, N_("il timer «%(text)s» non si può calcolare: %(why)s"), text=text, why=problem
        ) from problem
    if isinstance(value, str):
        value = parse_cycle(value) or parse_span(value) or _calendar(value)
    span = _span_of(value)
    if span is None and not isinstance(value, Cycle | date):
        raise Fault(element, N_("il timer «%(text)s» non dà né una data né una durata"), text=text)
    return span or value


def _span_of(value: Any) -> Span | None:
    if isinstance(value, Span):
        return value
    if isinstance(value, timedelta):
        return Span(days=value.days, seconds=value.seconds)
    months = getattr(value, "months", None)
    return Span(months=int(months)) if isinstance(months, int) else None


def _at(element: str, value: Any, now: datetime) -> datetime:
    moment = value.after(now) if isinstance(value, Span) else _instant(value)
    if moment > now + LONGEST:
        raise Fault(element, N_("la durata è più lunga di dieci anni"))
    if isinstance(value, Span) and moment < now:
        raise Fault(element, N_("la durata è negativa"))
    return moment


def _calendar(text: str) -> date | datetime | None:
    """Return an ISO date or date-time, or None if the text is neither."""
    try:
        return date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text)
    except ValueError:
        return None


def _instant(value: date | datetime) -> datetime:
    """Return the instant of a date (its first moment in Rome) or date-time (of Rome if it names no zone), in UTC."""
    if not isinstance(value, datetime):
        value = datetime.combine(value, time())
    return (value if value.tzinfo else value.replace(tzinfo=ROME)).astimezone(UTC)
