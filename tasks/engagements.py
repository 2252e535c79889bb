"""Whom an appointment concerns, and which ones a reader was told of by mail: by a digest or by a letter of its own."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from cases import appointments, offices
from cases.actions import MAY
from cases.appointments import Appointment
from core import calendar, clock, users
from core.calendar import Office
from core.users import Absence, Membership, User
from notifications import choices
from notifications.outbox import NOT_ARRIVED, Message
from notifications.parcel import MAIL
from tasks import mailing, news, subjects
from tasks.news import DIGEST
from tasks.subjects import once

APPOINTMENT = "appointment"
LONG_AGO = timedelta(days=45)  # no message comes so long before its day: no office is closed for longer
MOST = 40  # what one message tells of; who has more gets another one
AT_ONCE = datetime.min.replace(tzinfo=UTC)
AN_HOUR = timedelta(hours=1)  # before it, whoever is told in the morning knows in time
TO_GO = timedelta(minutes=30)  # who learns of an appointment later than that before it does not get there


@dataclass(frozen=True, slots=True)
class Told:
    """What messages said of appointments: `at`, when a reader learns of one; `lost`, of which a message did not arrive
    and no letter is to follow; `letters`, how many there were of a key; the one `waiting` that takes more along; the
    one that was `tried` and did not leave."""

    at: dict[tuple[str, str], datetime] = field(default_factory=dict)
    lost: set[tuple[str, str]] = field(default_factory=set)
    letters: Counter[str] = field(default_factory=Counter)
    waiting: dict[str, Message] = field(default_factory=dict)
    tried: dict[str, Message] = field(default_factory=dict)

    def in_time(self, user_id: str, found: Appointment) -> bool:
        """Was this reader told of it, or will she be while it is some use?"""
        at = self.at.get((user_id, found.id))
        return at is not None and at + TO_GO <= found.from_at


def readers(db: Session, found: Appointment) -> frozenset[str]:
    """The ids of the users who have to know of an appointment: who goes, and who stands in for who is away that day.

    Where nobody goes (an account or a role is gone, or who is away has no deputy who is there), the nearest of those
    whom its case concerns and who are there, else the supervision and the coordination.
    """
    return once(db, (readers, found.id, found.from_at), lambda: _look_for_readers(db, found))


def of_the_absent(first: date, days: int) -> ColumnElement[bool]:
    """The where-clause of what may be somebody else's, because who was to go is away on one of these days or gone."""
    last = first + timedelta(days=days - 1)
    away = select(Absence.user_id).where(Absence.from_on <= last, Absence.to_on >= first)
    return or_(Appointment.goes.in_(away), Appointment.mediator.in_(away), Appointment.goes.not_in(_AT_WORK))


def concerns(db: Session, found: Appointment, user_id: str) -> bool:
    """Does an appointment stand in this reader's agenda: hers, or somebody's in whose place she is then?"""
    if user_id in (found.goes, found.mediator):
        return True
    return user_id in (readers(db, found) if found.is_open else _deputies(db, found))


def ahead(db: Session, day: date) -> list[Appointment]:
    """What has not begun of the days of which anybody is told on this one: it, and those up to the next working day of
    whatever office."""
    last = calendar.next_working_day(calendar.next_working_day(day))  # a patron's day may close an office on the next
    last = max(last, *(calendar.next_working_day(day, office) for office in (None, *offices.calendars(db))))
    query = select(Appointment).where(appointments.within(day, min((last - day).days + 1, LONG_AGO.days)))
    query = query.where(Appointment.status.in_(appointments.OPEN)).order_by(Appointment.from_at, Appointment.id)
    return [each for each in db.scalars(query) if is_ahead(each)]


def until(db: Session, user_id: str, day: date) -> date:
    """The last day of whose appointments a reader is told on this one: the next on which her office works."""
    return calendar.next_working_day(day, office_of(db, user_id))


def reads_digests(db: Session, user_id: str) -> bool:
    """Does this reader get digests, if she wants any? Whoever has no role left gets none."""
    found = once(db, (reads_digests,), lambda: frozenset(db.scalars(select(Membership.user_id))))
    return user_id in found and mailing.chosen(db, user_id).digest != choices.NEVER


def office_of(db: Session, user_id: str) -> Office | str | None:
    """The calendar of a reader's office."""
    return once(db, (office_of, user_id), lambda: news.office_of(db, user_id))


def still(db: Session, user_id: str, ids: Iterable[str]) -> list[Appointment]:
    """Those of these appointments that are still to come and concern this reader, the next one first."""
    query = select(Appointment).where(Appointment.id.in_(set(ids))).order_by(Appointment.from_at, Appointment.id)
    return [each for each in db.scalars(query) if is_ahead(each) and user_id in readers(db, each)]


def is_ahead(found: Appointment) -> bool:
    """It still has to take place, and has not begun."""
    return found.is_open and found.from_at > clock.now()


def told(db: Session) -> Told:
    """What the messages of late said of appointments, or will.

    A digest that waits counts on its own day alone, for it gives way to the next, and from when its reader is awake.
    What was taken back as no longer true has told nothing; what did not arrive, or was set aside, no letter repeats.
    """
    kinds = Message.kind.in_((DIGEST, APPOINTMENT)), Message.way == MAIL, Message.copy_of.is_(None)
    recent = select(Message).where(*kinds, Message.promised_at > clock.now() - LONG_AGO, Message.about.is_not(None))
    found = Told()
    for each in db.scalars(recent.order_by(Message.key)):
        if each.kind == APPOINTMENT:
            key = letter_key(each.user_id, date.fromisoformat(each.facts["on"]))
            found.letters[key] += 1
            if each.status == "queued" and each.not_before != each.lease_until:  # nobody is sending it now
                (found.tried if each.error else found.waiting)[key] = each
        pairs = {(each.user_id, id_) for id_ in ids_of(each)}
        if each.status in NOT_ARRIVED or each.closed_at is not None:
            found.lost.update(pairs)
        elif (at := _when(db, each)) is not None:
            found.at.update({pair: min(at, found.at.get(pair, at)) for pair in pairs})
    return found


def _when(db: Session, message: Message) -> datetime | None:
    """When a message tells what it was promised for; None if it will not."""
    if message.status == "unneeded":
        return None
    if message.status != "queued" or message.kind == APPOINTMENT:
        return AT_ONCE
    is_of_today = message.key == news.digest_key(message.user_id, clock.today())
    return news.may_leave(db, message.user_id, clock.now()) if is_of_today else None


def letter_key(user_id: str, on: date, number: int = 0) -> str:
    """The key of a letter to a reader about her appointments of a day; `number` letters came before it."""
    return f"{APPOINTMENT}-{user_id}-{on}" + (f"-{number}" if number else "")


def ids_of(message: Message) -> list[str]:
    """The ids of the appointments that a message was promised for."""
    return [each for each in (message.about or "").split(",") if each]


def about(ids: Iterable[str]) -> str | None:
    """The same, as a message keeps them."""
    return ",".join(list(ids)[:MOST]) or None


def day_of(found: Appointment) -> date:
    """The day of an appointment in Rome."""
    return found.from_at.astimezone(clock.ROME).date()


def _look_for_readers(db: Session, found: Appointment) -> frozenset[str]:
    on = day_of(found)
    named = {user_id for user_id in (found.goes, found.mediator) if user_id in _active(db)}
    somebody_goes = found.goes in _at_work(db) and (found.goes not in _away(db, on) or _deputy(db, found.goes, on))
    return frozenset(named | _deputies(db, found) | (set() if somebody_goes else _left(db, found)))


def _deputies(db: Session, found: Appointment) -> set[str]:
    deputies = (_deputy(db, user_id, day_of(found)) for user_id in (found.goes, found.mediator) if user_id)
    return {user_id for user_id in deputies if user_id is not None}


def _left(db: Session, found: Appointment) -> set[str]:
    away = _away(db, day_of(found))
    for circle in _circles(db, found):
        there = {user.id if user.id not in away else _deputy(db, user.id, day_of(found)) for user in circle}
        if able := {user_id for user_id in there if user_id in _active(db)}:
            return able
    return set()


def _circles(db: Session, found: Appointment) -> Iterator[list[User]]:
    if found.case_code:
        yield from subjects.circles(db, found.case_code)
    yield users.holders(db, "supervisor", found.post)
    yield subjects.overseers(db, found.post)


def _deputy(db: Session, user_id: str, on: date) -> str | None:
    """Who stands in for somebody on a day, and is there herself."""
    deputy = _away(db, on).get(user_id)
    return deputy if deputy in _active(db) and deputy not in _away(db, on) else None


def _active(db: Session) -> frozenset[str]:
    return once(db, (_active,), lambda: frozenset(db.scalars(select(User.id).where(User.active))))


_AT_WORK = (
    select(User.id)
    .join(Membership, Membership.user_id == User.id)
    .where(User.active, Membership.role.in_(MAY["agenda.use"]))
)


def _at_work(db: Session) -> frozenset[str]:
    """Who may still go: of whoever has neither an account nor a role with an agenda, the appointments are left."""
    return once(db, (_at_work,), lambda: frozenset(db.scalars(_AT_WORK)))


def _away(db: Session, on: date) -> dict[str, str]:
    """Who is away on a day, and her deputy."""
    return once(db, (_away, on), lambda: users.away_on(db, on))
