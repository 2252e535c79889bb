"""The week of a post on call: its shifts in hours of Rome, when nobody answers, when several do.

The clocks change twice a year in the night: a shift from 22 to 6 then really lasts seven hours, or nine.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

from sqlalchemy.orm import Session

from cases import rota
from cases.rota import OnCall
from core import users
from core.clock import ROME
from core.errors import N_, InvalidForm
from core.users import Absence, User

DAY, WEEK = timedelta(days=1), timedelta(days=7)
MORNING_AFTER = timedelta(hours=12)  # a hole of one night is told once, on the evening on which it begins


@dataclass(frozen=True, slots=True)
class Span:
    """Some time, in instants."""

    from_at: datetime
    to_at: datetime

    @property
    def length(self) -> timedelta:
        """How long it really lasts: on the night on which the clocks change an hour more or less than they say."""
        return self.to_at - self.from_at


@dataclass(frozen=True, slots=True)
class Shown:
    """A shift in a week. `away`: absent on one of its days; `gone`: works here no more; `before`: began the day before
    the week; `clocks`: the clocks change in it."""

    shift: OnCall
    name: str
    length: timedelta
    away: bool
    gone: bool
    before: bool
    clocks: bool


@dataclass(frozen=True, slots=True)
class Double:
    """Some time in which several are on call."""

    span: Span
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the week: the shifts that begin on it, when nobody is on call, when several are."""

    on: date
    shifts: list[Shown]
    holes: list[Span]
    doubles: list[Double]


@dataclass(frozen=True, slots=True)
class Week:
    """Seven days of a post, from a Monday."""

    first: date
    days: list[Day]
    uncovered: timedelta


def monday(day: date) -> date:
    """The Monday of the week of a day."""
    return day - timedelta(days=day.weekday())


def week(db: Session, post: str, day: date) -> Week:
    """The week of a day: every shift, and in words of time where there is nobody and where there are several."""
    first = monday(day)
    whole = Span(midnight(first), midnight(first + WEEK))
    shifts = rota.between(db, post, whole.from_at, whole.to_at)
    known = {user_id: users.by_id(db, user_id) for user_id in {shift.user_id for shift in shifts}}
    absences = users.absences(db, known)
    shown = [_shown(shift, known[shift.user_id], absences, whole) for shift in shifts]
    holes, doubles = _weighed(shown, whole)
    days = [_day(first + timedelta(days=n), first, shown, holes, doubles) for n in range(7)]
    return Week(first, days, sum((hole.length for hole in holes), timedelta()))


def _shown(shift: OnCall, user: User | None, absences: Iterable[Absence], whole: Span) -> Shown:
    first, last = shift.from_at.astimezone(ROME), shift.to_at.astimezone(ROME)
    hers = [each for each in absences if each.user_id == shift.user_id]
    away = any(each.from_on <= last.date() and each.to_on >= first.date() for each in hers)
    return Shown(
        shift=shift,
        name=user.name if user else shift.user_id,
        length=shift.to_at - shift.from_at,
        away=away,
        gone=user is None or not user.active,
        before=shift.from_at < whole.from_at,
        clocks=first.utcoffset() != last.utcoffset(),
    )


def _weighed(shown: list[Shown], whole: Span) -> tuple[list[Span], list[Double]]:
    """When nobody is on call in this time, and when several are."""
    there = [each for each in shown if not each.gone]
    edges = {whole.from_at, whole.to_at, *(at for each in there for at in (each.shift.from_at, each.shift.to_at))}
    points = sorted(at for at in edges if whole.from_at <= at <= whole.to_at)
    holes: list[Span] = []
    doubles: list[Double] = []
    for start, end in pairwise(points):
        names = tuple(each.name for each in there if each.shift.from_at <= start and each.shift.to_at >= end)
        if not names:
            holes = _joined(holes, Span(start, end))
        elif len(names) > 1:
            doubles.append(Double(Span(start, end), names))
    return holes, doubles


def _joined(holes: list[Span], hole: Span) -> list[Span]:
    if holes and holes[-1].to_at == hole.from_at:
        return [*holes[:-1], Span(holes[-1].from_at, hole.to_at)]
    return [*holes, hole]


def _day(on: date, first: date, shown: list[Shown], holes: list[Span], doubles: list[Double]) -> Day:
    starts = [each for each in shown if day_of(each.shift.from_at) == on or (each.before and on == first)]
    told = [piece for hole in holes if (piece := _piece(hole, on)) is not None]
    return Day(on, starts, told, [double for double in doubles if day_of(double.span.from_at) == on])


def _piece(hole: Span, on: date) -> Span | None:
    """What of a hole is told on a day: a night as a whole on its evening, longer ones day by day."""
    start, end = midnight(on), midnight(on + DAY)
    if hole.from_at >= end or hole.to_at <= start:
        return None
    if hole.from_at >= start:
        return hole if _is_one_night(hole, end) else Span(hole.from_at, min(hole.to_at, end))
    told_yesterday = hole.from_at >= midnight(on - DAY) and _is_one_night(hole, start)
    return None if told_yesterday else Span(start, min(hole.to_at, end))


def _is_one_night(hole: Span, at_midnight: datetime) -> bool:
    """Does it end on the morning after this midnight, less than a day after it began?"""
    return hole.to_at <= at_midnight + MORNING_AFTER and hole.length < DAY


# Hours of the clock


def shift_span(day: date, start: time, stop: time) -> Span:
    """From an hour of a day to the next time the clock says the other. Where an hour comes twice a shift begins with
    the first and ends with the second, so that no shift leaves a hole; one that never comes is refused."""
    from_at, to_at = _instant(day, start), _instant(day + DAY if stop <= start else day, stop, last=True)
    wrong = {
        name: [N_("Quella notte cambia l'ora, e quest'ora non c'è: scrivine un'altra.")]
        for name, at, said in (("from_time", from_at, start), ("to_time", to_at, stop))
        if at.astimezone(ROME).time() != said
    }
    if wrong:
        raise InvalidForm(wrong)
    return Span(from_at, to_at)


def _instant(day: date, at: time, *, last: bool = False) -> datetime:
    return datetime.combine(day, at.replace(fold=int(last)), ROME).astimezone(UTC)


def later(at: datetime) -> datetime:
    """The same hour of the clock a week later."""
    local = at.astimezone(ROME)
    return _instant(local.date() + WEEK, local.time().replace(fold=0), last=bool(local.fold))


def midnight(day: date) -> datetime:
    """When a day begins in Rome."""
    return _instant(day, time())


def day_of(at: datetime) -> date:
    """The day in Rome of an instant."""
    return at.astimezone(ROME).date()
