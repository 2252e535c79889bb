"""Who must be told what today, and what a message may still say when it leaves. Decides; never sends.

A mail says how many and when. The same events stand in full in the notice centre, after login, for who is entitled.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from email.message import EmailMessage
from itertools import groupby
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Mapped, Session, mapped_column

from cases import casefile, deadlines
from cases.access import visible_cases
from cases.actions import TASK_ROLES
from cases.casefile import Case
from cases.deadlines import Deadline, Reminder
from core import calendar, clock, users
from core.config import Config
from core.db import Base
from core.users import Membership, User
from engine.tables import Incident
from notifications import mail, notices, outbox
from notifications.once import insert_once
from tasks import agenda, agreements, assignment, inbox, sealing

DIGEST, DEADLINE, UNSURE_DEADLINE = "digest", "deadline", "deadline_unsure"
APPOINTMENT = "appointment"
INBOX, AGENDA = "/inbox", "/agenda"
MOST_AT_ONCE = 10_000


class Planned(Base):
    """A plan of the day that was made, once, by whichever clock came first."""

    __tablename__ = "planned"
    what: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]


def plan(db: Session, day: date) -> int:
    """Promise what has to be said from half past seven on; how many messages that makes."""
    always = plan_deadlines(db) + plan_agreements(db, day)
    if not calendar.is_working_day(day):
        return always
    return always + plan_digests(db, day) + plan_appointments(db, day)


def plan_agreements(db: Session, day: date) -> int:
    """Promise what coordinators should know of agreements that end; a second plan of the same day does nothing."""
    if not insert_once(db, Planned, {"what": f"agreements-{day}", "at": clock.now()}):
        return 0
    return agreements.plan(db, day)


def plan_digests(db: Session, day: date) -> int:
    """Promise one digest to everybody who has something to do; a second plan of the same day does nothing."""
    if not insert_once(db, Planned, {"what": f"digest-{day}", "at": clock.now()}):
        return 0
    return sum(_promise_digest(db, user, day) for user in _workers(db))


def _workers(db: Session) -> Iterable[User]:
    member = select(Membership.user_id).where(Membership.role.in_(TASK_ROLES))
    return db.scalars(select(User).where(User.active, User.id.in_(member)).order_by(User.id)).all()


def _promise_digest(db: Session, user: User, day: date) -> bool:
    facts = _digest(db, user)
    if facts is None:
        return False
    return outbox.put(db, f"digest-{user.id}-{day}", user.id, DIGEST, facts, by="clock")


def _digest(db: Session, user: User) -> dict[str, Any] | None:
    open_, today, late = inbox.counts(db, assignment.actor_of(db, user))
    return {"open": open_, "today": today, "late": late, "path": INBOX} if open_ else None


def plan_deadlines(db: Session) -> int:
    """Promise the reminders whose time has come; after a standstill one message for each date, not one for each day."""
    promised = 0
    due = sorted(
        deadlines.due_reminders(db, clock.now(), limit=MOST_AT_ONCE), key=lambda pair: (pair[1].id, pair[0].at)
    )
    for _, group in groupby(due, key=lambda pair: pair[1].id):
        found = list(group)
        promised += _remind_of(db, *found[-1])
        for reminder, _deadline in found:
            deadlines.reminded(db, reminder.id, by="clock")
    return promised


def _remind_of(db: Session, reminder: Reminder, deadline: Deadline) -> int:
    promised = 0
    for user in people_of(db, deadline.case_code):
        key = f"deadline-{reminder.id}-{user.id}"
        notices.tell(db, key, user.id, DEADLINE, deadline.case_code, by="clock")
        promised += outbox.put(db, key, user.id, DEADLINE, _deadline(deadline), about=deadline.id, by="clock")
    return promised


def plan_appointments(db: Session, day: date) -> int:
    """Promise to remind, on the working day before, whoever has an appointment: a day, and not a word more."""
    return sum(
        outbox.put(db, f"appointment-{user_id}-{on}", user_id, APPOINTMENT, _appointment(on), by="clock")
        for user_id, on in agenda.reminders(db, day)
    )


def _appointment(on: date) -> dict[str, Any]:
    return {"on": on.isoformat(), "path": AGENDA}


def _deadline(deadline: Deadline) -> dict[str, Any]:
    left = max((deadline.due_on - clock.today()).days, 0)
    return {"on": deadline.due_on.isoformat(), "days": left, "path": INBOX}


def people_of(db: Session, case_code: str) -> list[User]:
    """Whom a date of this case concerns: its workers and their deputies, else the case team, else the supervisors."""
    case = casefile.get(db, case_code)
    named = [user for user_id in casefile.workers(db, case_code) if (user := users.by_id(db, user_id)) is not None]
    deputies = [users.deputy_of(db, user.id, clock.today()) for user in named]
    named += [user for user_id in deputies if user_id and (user := users.by_id(db, user_id)) is not None]
    team = [] if case.masked else users.holders(db, "case_manager", case.post)
    for group in (named, team, users.holders(db, "supervisor", case.post)):
        if able := [user for user in dict.fromkeys(group) if _may_see(db, user, case_code)]:
            return able
    return []


def _may_see(db: Session, user: User, case_code: str) -> bool:
    allowed = visible_cases(assignment.actor_of(db, user)).where(Case.code == case_code)
    return user.active and db.scalar(allowed) is not None


def letter(db: Session, config: Config, message: outbox.Message) -> EmailMessage | None:
    """The letter of a claimed message as things are now; None if there is nothing left to say or nobody to hear it."""
    user = users.by_id(db, message.user_id)
    now_true = facts(db, message, user) if user is not None and user.active else None
    if user is None or now_true is None:
        return None
    return mail.compose(config, message.key, user.mail, user.language, _words(db, message), now_true)


def _words(db: Session, message: outbox.Message) -> str:
    """Which text: that of a date to be verified says so; the end of an agreement is a date like others."""
    if message.kind == agreements.KIND:
        return DEADLINE
    deadline = db.get(Deadline, message.about or "") if message.kind == DEADLINE else None
    return UNSURE_DEADLINE if deadline is not None and deadline.is_unsure else message.kind


def facts(db: Session, message: outbox.Message, user: User) -> Mapping[str, Any] | None:
    """What the message may say now: counted again, the date looked up again; None if it is not true any more."""
    if message.kind == DIGEST:
        return _digest(db, user) if outbox.newest(db, user.id, DIGEST) == message.key else None
    if message.kind == sealing.HEAD:  # it never stops being true
        return message.facts
    if message.kind == APPOINTMENT:
        on = date.fromisoformat(message.facts["on"])
        return _appointment(on) if on >= clock.today() and agenda.has_any(db, user.id, on) else None
    if message.kind == agreements.KIND:
        return agreements.facts(db, message.about or "", user)
    deadline = db.get(Deadline, message.about or "")
    if deadline is None or deadline.status != "open" or not _may_see(db, user, deadline.case_code):
        return None
    return _deadline(deadline)


def tell_of_incident(db: Session, incident: Incident) -> None:
    """A parked fault is told to the coordinators and to the supervisors of the post, inside the application."""
    concerned = [*coordinators(db), *users.holders(db, "supervisor", incident.tenant)]
    for user in dict.fromkeys(concerned):
        notices.tell(db, f"incident-{incident.id}-{user.id}", user.id, "incident", by="clock")


def tell_of_failure(db: Session, message: outbox.Message) -> None:
    """A message that could not be sent for three days is told to the coordinators, inside the application."""
    for user in coordinators(db):
        notices.tell(db, f"mail-{message.key}-{user.id}", user.id, "mail_failed", by="clock")


def coordinators(db: Session) -> list[User]:
    """The active coordinators, of the office or of a post."""
    member = select(Membership.user_id).where(Membership.role == "coordinator")
    return list(db.scalars(select(User).where(User.active, User.id.in_(member)).order_by(User.login)))
