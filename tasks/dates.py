"""Dates that come nearer: of law and of the agenda. The digest of that morning counts them; what cannot wait for the
next one, or has a reader who wants none, leaves by a letter of its own, one for all the dates of that moment.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from cases import access, casefile, deadlines
from cases.access import visible_cases
from cases.appointments import Appointment
from cases.deadlines import Deadline, Reminder
from core import calendar, clock
from core.users import User
from notifications import choices, notices, outbox
from tasks import assignment, engagements, mailing, news, subjects
from tasks.engagements import AN_HOUR, APPOINTMENT, Told
from tasks.news import DEADLINE, PAGES
from tasks.subjects import coordinators, may_see, once, overseers

AGENDA = "/agenda"
ABOUT = "deadline:"
PAUSE = timedelta(minutes=10)
MOST_AT_ONCE, MOST_COUNTED = 10_000, 1_000


def due(db: Session) -> list[str]:
    """The dates of which somebody has to be reminded now."""
    found = deadlines.due_reminders(db, clock.now(), limit=MOST_AT_ONCE)
    return list(dict.fromkeys(deadline.id for _, deadline in found))


def plan(db: Session, deadline_id: str) -> int:
    """Remind of one date whose time has come; after a standstill once, not once for each day. How many people."""
    found = deadlines.due_reminders(db, clock.now(), limit=MOST_AT_ONCE, of=deadline_id)
    told = _remind_of(db, *found[-1]) if found else 0
    for reminder, _ in found:
        deadlines.reminded(db, reminder.id, by="clock")
    return told


def failed(db: Session, deadline_id: str) -> None:
    """This one broke: again in a while, and the coordinators are told once a day."""
    deadlines.put_off_reminders(db, deadline_id, clock.now() + PAUSE)
    for user in coordinators(db):
        key = f"broken-deadline:{deadline_id}-{clock.today()}-{user.id}"
        news.tell(db, key, user.id, "reminder_broken", by="clock")


def _remind_of(db: Session, reminder: Reminder, deadline: Deadline) -> int:
    people = subjects.people_of(db, deadline.case_code) or overseers(db, casefile.get(db, deadline.case_code).post)
    return sum(_tell(db, user, f"deadline-{reminder.id}-{user.id}", deadline) for user in people)


def _tell(db: Session, user: User, key: str, deadline: Deadline) -> bool:
    code = deadline.case_code if may_see(db, user, deadline.case_code) else None
    if not notices.tell(db, key, user.id, DEADLINE, code, about=ABOUT + deadline.id, by="clock"):
        return False
    morning, choice = news.next_digest(db, user.id), mailing.chosen(db, user.id)
    waits = choice.digest != choices.NEVER and morning < deadline.last_working_day
    passed = deadline.due_on < clock.today()  # then chasing says that it is late, and the letter would say nothing new
    db.get_one(notices.Notice, key).mail = (
        news.digest_key(user.id, morning)
        if waits or passed
        else news.carry(db, user.id, DEADLINE, urgent=True, by="clock")
    )
    db.flush()
    return True


def of_letter(db: Session, message: outbox.Message, user: User) -> dict[str, Any] | None:
    """What a letter about dates may say now: how many, the nearest, how many days are left; None if none is open."""
    carried = [notice.about or "" for notice in notices.carried(db, message.first)]
    found = _open(db, user, [about.removeprefix(ABOUT) for about in carried])
    if not found:
        return None
    left = max((found[0].due_on - clock.today()).days, 0)
    return {"dates": len(found), **_nearest(found[0]), "days": left, "path": PAGES[DEADLINE]}


def of_morning(db: Session, user: User, day: date) -> dict[str, Any]:
    """What the digest of a day says of dates: those she was told of and has not read yet, and the days on which she
    has an appointment and that nothing else tells her of. Nothing at all if there are none."""
    told = notices.unseen_of(db, user.id, DEADLINE, limit=MOST_COUNTED)
    found = _open(db, user, [(notice.about or "").removeprefix(ABOUT) for notice in told])
    days = sorted({engagements.day_of(each) for each in of_digest(db, user.id, day)})
    if not found and not days:
        return {}
    of_law = found[0] if found else None
    nearest = _nearest(of_law) if of_law and (not days or of_law.due_on <= days[0]) else {"on": days[0].isoformat()}
    return {"dates": len(found) + len(days), **nearest}


def of_digest(db: Session, user_id: str, day: date) -> list[Appointment]:
    """The appointments that the digest of a day tells: up to the next working day, and what of that day itself was not
    told before. Once it is promised, those that it was promised for: what comes after is told elsewhere."""
    made = db.get(outbox.Message, news.digest_key(user_id, day))
    if made is not None:
        return said(db, made)
    untold = once(db, (of_digest, day), lambda: _untold(db, day, engagements.told(db)))
    return untold.get(user_id, [])[: engagements.MOST]


def _untold(db: Session, day: date, told: Told) -> dict[str, list[Appointment]]:
    """What each reader has to be told on a day and was not."""
    found: dict[str, list[Appointment]] = {}
    for each in engagements.ahead(db, day):
        for user_id in sorted(engagements.readers(db, each)):
            if not told.in_time(user_id, each) and engagements.day_of(each) <= engagements.until(db, user_id, day):
                found.setdefault(user_id, []).append(each)
    return found


def plan_appointments(db: Session, day: date) -> int:
    """Promise a letter to whoever was not told of an appointment up to the next working day and will be by no digest:
    she wants none, the clock or the mail server missed the morning before, a colleague fixed or moved it since, or it
    is hers since then because somebody is away or gone."""
    told, count = engagements.told(db), 0
    for letter in told.tried.values():
        outbox.hurry(letter, clock.now() + PAUSE)
    for user_id, found in sorted(_untold(db, day, told).items()):
        reader = _Reader(db, user_id, day)
        alone = [each for each in found if (user_id, each.id) not in told.lost and not reader.needs_no_letter(each)]
        for on in sorted({engagements.day_of(each) for each in alone}):
            ids = [each.id for each in alone if engagements.day_of(each) == on]
            count += _promise(db, told, user_id, on, ids)
    return count


def _promise(db: Session, told: Told, user_id: str, on: date, ids: list[str]) -> int:
    key = engagements.letter_key(user_id, on)
    if (letter := told.waiting.get(key)) is not None:
        about = engagements.about([*engagements.ids_of(letter), *ids])
        if about != letter.about:  # what it rests for may be too late for the new one: it is asked anew when to leave
            letter.about, letter.not_before = about, clock.now()
        return 0
    key = engagements.letter_key(user_id, on, told.letters[key])
    facts = _appointment(db, user_id, on)
    if facts["path"] != AGENDA:
        notices.tell(db, key, user_id, "appointment_left", by="clock")
    return int(outbox.put(db, key, user_id, APPOINTMENT, facts, about=engagements.about(ids), by="clock"))


class _Reader:
    """What a reader learns of her appointments without a letter now: by the next morning's message, or of herself."""

    def __init__(self, db: Session, user_id: str, day: date) -> None:
        self.user_id, self.office = user_id, engagements.office_of(db, user_id)
        self.is_free = not calendar.is_working_day(day, self.office)
        self.wants = engagements.reads_digests(db, user_id)
        morning = news.next_digest(db, user_id) if self.wants else calendar.next_working_day(day, self.office)
        self.next = news.may_leave(db, user_id, news.morning_of(morning))

    def needs_no_letter(self, found: Appointment) -> bool:
        """Is there time to tell her of this one next morning, or did she write it herself when others were told?

        What is hers in somebody's place waits over a free day alone: she does not expect it.
        """
        is_hers = self.user_id in (found.goes, found.mediator)
        if (self.is_free or (is_hers and self.wants)) and self.next + AN_HOUR <= found.from_at:
            return True
        return is_hers and found.set_by == self.user_id and self._is_new(found)

    def _is_new(self, found: Appointment) -> bool:
        """Was it fixed after the digest that tells of its day?"""
        before = calendar.previous_working_day(engagements.day_of(found), self.office)
        return found.set_at is not None and found.set_at >= news.morning_of(before)


def said(db: Session, message: outbox.Message) -> list[Appointment]:
    """The appointments of which a digest or a letter tells if it leaves now; of those of a digest that is not of today
    another message has told since."""
    if message.kind != APPOINTMENT and message.first != news.digest_key(message.user_id, clock.today()):
        return []
    return engagements.still(db, message.user_id, engagements.ids_of(message))


def of_appointment(db: Session, message: outbox.Message) -> dict[str, Any] | None:
    """What a letter about appointments may say now; None if none of them is to come for this reader."""
    found = said(db, message)
    return _appointment(db, message.user_id, engagements.day_of(found[0])) if found else None


def _appointment(db: Session, user_id: str, on: date) -> dict[str, Any]:
    """The day, and the agenda; the coordination has none."""
    able = access.may(assignment.actor_of(db, db.get_one(User, user_id)), "agenda.use")
    return {"on": on.isoformat(), "path": AGENDA if able else news.BOARD}


def _open(db: Session, user: User, ids: Iterable[str]) -> list[Deadline]:
    """Those dates that are still to come and waited for, and that this reader may know of; the nearest first.

    The coordination is told of one where nobody else is left, and may know its day, as among its notices.
    """
    actor, waited = assignment.actor_of(db, user), (Deadline.status == "open", Deadline.due_on >= clock.today())
    query = select(Deadline).where(*waited, Deadline.id.in_(set(ids)))
    if not access.may(actor, "reminder.read"):
        query = query.where(Deadline.case_code.in_(visible_cases(actor)))
    return list(db.scalars(query.order_by(Deadline.due_on, Deadline.id)))


def _nearest(deadline: Deadline) -> dict[str, str]:
    """Its day, under the name that says whether somebody still has to verify it."""
    return {"check_on" if deadline.is_unsure else "on": deadline.due_on.isoformat()}
