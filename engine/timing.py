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
FARTHEST = timedelta(days=9132)  # a date may be as far as the twenty-first birthday of a newborn child, and some
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
        if not (self.months or self.days):
            return start.astimezone(UTC) + timedelta(seconds=self.seconds)
        local = start.astimezone(ROME)
        if self.months:
            years, month = divmod(local.month - 1 + self.months, 12)
            year, month = local.year + years, month + 1
            local = local.replace(year=year, month=month, day=min(local.day, calendar.monthrange(year, month)[1]))
        local += timedelta(days=self.days)
        return local.astimezone(UTC) + timedelta(seconds=self.seconds)

    def before(self, end: datetime) -> datetime:
        """Return the instant this span before `end`, in UTC."""
        return self.times(-1).after(end)

    def iso(self) -> str:
        """Return the span as ISO 8601 writes it."""
        clock = f"T{self.seconds}S" if self.seconds else ""
        days = f"{self.days}D" if self.days or not (self.months or self.seconds) else ""
        return f"P{f'{self.months}M' if self.months else ''}{days}{clock}"

    def at_most(self) -> timedelta:
        """Return a length that this span never exceeds."""
        return timedelta(days=self.months * 31 + self.days, seconds=self.seconds)

    def is_positive(self) -> bool:
        """Return whether time passes at all."""
        return min(self.months, self.days, self.seconds) >= 0 and self.at_most() > timedelta()

    def is_too_long(self) -> bool:
        """Return whether this is more than ten years, which no wait of ours is."""
        return timedelta(days=self.months * 30 + self.days, seconds=self.seconds) > LONGEST


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
    """Return what is wrong with a timer's text, as an Italian sentence, or None. Used when a model is saved."""
    text = text.strip()
    if not text:
        return N_("il timer non ha né data né durata né ripetizione")
    value: Any = _literal(text)
    if value is None and re.match(r"-?P[\dT]", text):
        return N_("la durata si scrive come P10D (dieci giorni) o PT48H (quarantotto ore)")
    if value is None and re.match(r"R\d*/", text):
        return N_("la ripetizione si scrive come R/P1D (ogni giorno) o R3/PT1H (tre volte, ogni ora)")
    if value is None:
        try:
            expression = feel.compile(text)
            if expression.names:
                return None  # what it gives is only known when a token arrives
            value = _meaning(expression.evaluate({}))
        except feel.FeelError as problem:
            return str(problem)
    return _wrong(value, shape)


def check_leads(text: str) -> str | None:
    """Return what is wrong with the reminders of a task (`P3D,P1D`, or FEEL for a duration or a list of them), or None.
    Used when a model is saved.
    """
    sentence = N_("i promemoria si scrivono come P3D,P1D (tre giorni e un giorno prima) o PT4H (quattro ore prima)")
    if all(parse_span(part) for part in text.split(",")):
        return None if leads(text, {}) else sentence
    try:
        expression = feel.compile(text)
    except feel.FeelError as problem:
        return sentence if re.match(r"\s*P", text) else str(problem)
    return None if expression.names or leads(text, {}) else sentence


def calculated(text: str) -> feel.Expression | None:
    """Return what the text of a timer, of a due date or of reminders is calculated by, or None if it is fixed."""
    text = text.strip()
    if not text or _literal(text) is not None or all(parse_span(part) for part in text.split(",")):
        return None
    try:
        return feel.compile(text)
    except feel.FeelError:
        return None


def leads(text: str, facts: Mapping[str, Any]) -> str | None:
    """Return how long before its due date a task is reminded of, as `P3D,P1D`.

    None, and the rule of the office holds, where the text gives nothing: a reminder must never stop a pathway.
    """
    found = [parse_span(part) for part in text.split(",")]
    if all(found):
        return text.replace(" ", "") if all(span and _is_lead(span) for span in found) else None
    try:
        value = feel.compile(text).evaluate(facts)
    except feel.FeelError:
        return None
    spans = [_meaning(each) for each in (value if isinstance(value, list) else [value])]
    good = spans and all(isinstance(span, Span) and _is_lead(span) for span in spans)
    return ",".join(span.iso() for span in spans) if good else None


def _is_lead(span: Span) -> bool:
    return span.is_positive() and not span.is_too_long()


def _wrong(value: Any, shape: str) -> str | None:
    """Return why a value makes no sense for a timer of this shape, or None."""
    if isinstance(value, Cycle):
        if shape != "cycle":
            return N_("una ripetizione (R/…) va messa in un timer di tipo ciclo")
        return (
            N_("un timer che si ripete zero volte non scatta mai") if value.times == 0 else _wrong_rhythm(value.every)
        )
    if isinstance(value, Span):
        if shape == "cycle":
            return _wrong_rhythm(value)
        if not value.is_positive():
            return N_("la durata è nulla o negativa")
        return N_("la durata è più lunga di dieci anni") if value.is_too_long() else None
    if not isinstance(value, date):
        return N_("il timer non dà né una data né una durata")
    return N_("una data non si ripete: usa una durata o una ripetizione (R/…)") if shape == "cycle" else None


def _wrong_rhythm(every: Span) -> str | None:
    if every.is_too_long():
        return N_("la durata è più lunga di dieci anni")
    if every.at_most() < SHORTEST_CYCLE:
        return N_("un timer non può ripetersi più spesso di una volta al minuto")
    return None


def due(element: str, event: Event, facts: Mapping[str, Any], now: datetime) -> tuple[datetime, int | None]:
    """Return the first due instant of a timer and, for a cycle, how often it fires. Raises Fault with a sentence."""
    value = _value(element, event, facts)
    if isinstance(value, Cycle):
        start = _calendar(value.start) if value.start else None
        return _instant(start) if start else value.every.after(now), value.times
    if isinstance(value, Span):
        return value.after(now), None
    if event.shape == DUE and not isinstance(value, datetime):
        value = datetime.combine(value, time(23, 59))  # what is due on a day may be done all that day
    moment = _instant(value)
    if moment > now + FARTHEST:
        raise Fault(element, N_("la data è lontana più di venticinque anni"))
    return moment, None


def again(
    element: str, event: Event, facts: Mapping[str, Any], base: datetime, turn: int, now: datetime
) -> tuple[datetime, int]:
    """Return the next due instant of a cycle after its `turn`, and the number of that turn; missed turns are
    skipped.
    """
    value = _value(element, event, facts)
    every: Span = value.every if isinstance(value, Cycle) else value
    offset = 0
    if isinstance(value, Cycle) and value.start and (start := _calendar(value.start)):
        base, offset = _instant(start), -1
    # a standstill of years must not be counted turn by turn
    turn = max(turn + 1, int((now - base) / every.at_most()) - 1)
    while (moment := every.times(turn + offset).after(base)) <= now:
        turn += 1
    return moment, turn


def _value(element: str, event: Event, facts: Mapping[str, Any]) -> Any:
    """Return the Cycle, Span, date or date-time of a timer, checked again: what it is made of may have changed."""
    text = event.text.strip()
    value = _literal(text)
    if value is None:
        try:
            value = _meaning(feel.compile(text).evaluate(facts))
        except feel.FeelError as problem:
            raise Fault(
                element, N_("il timer «%(text)s» non si può calcolare: %(why)s"), text=text, why=problem
            ) from problem
    wrong = _wrong(value, event.shape)
    if wrong:
        raise Fault(element, N_("il timer «%(text)s» non va bene: %(why)s"), text=text, why=wrong)
    return value


def _literal(text: str) -> Any:
    return parse_cycle(text) or parse_span(text) or _calendar(text)


def _meaning(value: Any) -> Any:
    """Return a FEEL value as a Span, Cycle, date or date-time where it is one."""
    if isinstance(value, str):
        return _literal(value)
    if isinstance(value, timedelta):
        return Span(days=value.days, seconds=value.seconds)
    return Span(months=value.months) if isinstance(value, feel.Months) else value


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
