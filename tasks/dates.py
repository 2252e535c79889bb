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
from cases.deadlines import Deadline, Reminder
from core import calendar, clock, users
from core.users import User
from notifications import choices, notices, outbox
from tasks import agenda, assignment, mailing, news
from tasks.news import DEADLINE, PAGES
from tasks.subjects import coordinators, may_see, overseers

APPOINTMENT = "appointment"
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
    people = people_of(db, deadline.case_code) or overseers(db, casefile.get(db, deadline.case_code).post)
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


def people_of(db: Session, case_code: str) -> list[User]:
    """Whom a case concerns: its workers and their deputies, else the case team, else the supervisors."""
    case = casefile.get(db, case_code)
    named = [user for user_id in casefile.workers(db, case_code) if (user := users.by_id(db, user_id)) is not None]
    deputies = [users.deputy_of(db, user.id, clock.today()) for user in named]
    named += [user for user_id in deputies if user_id and (user := users.by_id(db, user_id)) is not None]
    team = [] if case.masked else users.holders(db, "case_manager", case.post)
    for group in (named, team, users.holders(db, "supervisor", case.post)):
        if able := [user for user in dict.fromkeys(group) if may_see(db, user, case_code)]:
            return able
    return []


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
    has an appointment, up to her next working day. Nothing at all if there are none."""
    told = notices.unseen_of(db, user.id, DEADLINE, limit=MOST_COUNTED)
    found = _open(db, user, [(notice.about or "").removeprefix(ABOUT) for notice in told])
    days = [on for on in agenda.days_before_work(day) if on >= clock.today() and agenda.has_any(db, user.id, on)]
    if not found and not days:
        return {}
    of_law = found[0] if found else None
    nearest = _nearest(of_law) if of_law and (not days or of_law.due_on <= days[0]) else {"on": days[0].isoformat()}
    return {"dates": len(found) + len(days), **nearest}


def plan_appointments(db: Session, day: date) -> int:
    """Promise to remind, on the working day before, whoever has an appointment and no digest that would say so."""
    return sum(
        outbox.put(db, f"appointment-{user_id}-{on}", user_id, APPOINTMENT, _appointment(on), by="clock")
        for user_id, on in agenda.reminders(db, day)
        if not gets_digest(db, user_id, day)
    )


def gets_digest(db: Session, user_id: str, day: date) -> bool:
    """Does this reader get a digest on this day, if there is anything to say?"""
    works = calendar.is_working_day(day, news.office_of(db, user_id))
    return works and mailing.chosen(db, user_id).digest != choices.NEVER


def of_appointment(db: Session, message: outbox.Message, user: User) -> dict[str, Any] | None:
    """What a letter about an appointment may say now; None if there is none any more on that day."""
    on = date.fromisoformat(message.facts["on"])
    return _appointment(on) if on >= clock.today() and agenda.has_any(db, user.id, on) else None


def _appointment(on: date) -> dict[str, Any]:
    return {"on": on.isoformat(), "path": AGENDA}


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
