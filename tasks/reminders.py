"""What has to be said once a day, and what any message may still say when it leaves. Never sends.

A mail says how many and when. The same events stand in full in the notice centre, after login, for who is entitled.
"""

import logging
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

from sqlalchemy.orm import Session

from core import calendar, clock, users
from core.config import Config
from core.users import User
from engine.tables import Incident
from notifications import bounces, mail, notices, outbox
from notifications.once import insert_once
from tasks import agreements, assignment, chasing, dates, digest, news, rules, sealing, subjects
from tasks.engagements import APPOINTMENT
from tasks.news import DEADLINE, DIGEST, GIVEN, LATE, NEWS, Planned
from tasks.rules import COORDINATOR
from tasks.subjects import coordinators
from tasks.tally import describe

__all__ = ["coordinators"]  # asked for here by those who tell of other things
logger = logging.getLogger(__name__)
OF_HANDS = ("task_given", "task_returned")
OF_CALLS = frozenset({"call_landed", "nobody_on_call"})  # somebody waits on the telephone, at night too
REPORTS = timedelta(days=10)  # for as long a report of failed delivery may follow its letter


def plan(db: Session, day: date) -> int:
    """Promise what has to be said once a day, from half past seven on; how many messages that makes."""
    of_work = (digest.plan,) if calendar.is_working_day(day) else ()
    return sum(_alone(db, day, part) for part in (plan_agreements, *of_work, dates.plan_appointments))


def _alone(db: Session, day: date, part: Callable[[Session, date], int]) -> int:
    """One part of what is said once a day; where it breaks, the others are said all the same (threats R31)."""
    try:
        with db.begin_nested():
            return part(db, day)
    except Exception as problem:  # noqa: BLE001 - one broken agreement must not cost everybody's digest
        logger.error("%s not reminded: %s", part.__name__, describe(problem))
    for each in coordinators(db):
        news.tell(db, f"broken-{part.__name__}-{day}-{each.id}", each.id, "reminder_broken", by="clock")
    return 0


def plan_agreements(db: Session, day: date) -> int:
    """Promise what coordinators should know of agreements that end; a second plan of the same day does nothing."""
    if not insert_once(db, Planned, {"what": f"agreements-{day}", "at": clock.now()}):
        return 0
    return agreements.plan(db, day)


def facts(db: Session, message: outbox.Message, user: User) -> Mapping[str, Any] | None:
    """What the message may say now: counted again, the date looked up again; None if it is not true any more."""
    if message.kind == DIGEST:
        return digest.still(db, message, user)
    if message.kind == sealing.HEAD:  # it never stops being true
        return message.facts
    if message.kind in (GIVEN, LATE, NEWS):
        true = set[str]()
        for notice in notices.carried(db, message.first):
            what = notice.about or notice.key
            if what not in true and holds(db, notice, user):
                true.add(what)
        page = news.page_of(assignment.actor_of(db, user), message.kind)
        return {message.kind: outbox.counted(len(true)), "path": page} if true else None
    if message.kind == DEADLINE:
        return dates.of_letter(db, message, user)
    return dates.of_appointment(db, message) if message.kind == APPOINTMENT else None


def holds(db: Session, notice: notices.Notice, user: User) -> bool:
    """Is an event still true, and still this person's? What has no row to look at is true until it is read."""
    if notice.kind in OF_HANDS:
        return subjects.is_for(db, notice.about or "", user)
    if notice.kind == "incident":
        waiting = subjects.get(db, notice.about or "")
        return waiting is not None and user in subjects.people(db, waiting, COORDINATOR)
    return chasing.holds(db, notice, user)


def is_urgent(db: Session, message: outbox.Message) -> bool:
    """Does a letter speak of something that may wake its reader?"""
    kinds = {notice.kind for notice in notices.carried(db, message.first)}
    whats = {"given" if kind in OF_HANDS else kind.rpartition("_")[0] or kind for kind in kinds}
    ruled = whats & rules.SHIPPED.keys() - {rules.OFFICE}
    return not kinds.isdisjoint(OF_CALLS) or any(rules.in_use(db, what).urgent for what in ruled)


def tell_of_incident(db: Session, incident: Incident) -> None:
    """A parked fault is told to coordinators and supervisors of the post; again until somebody settles it."""
    rule = rules.in_use(db, "incident")
    concerned = [*coordinators(db), *users.holders(db, "supervisor", incident.tenant)]
    for user in dict.fromkeys(concerned):
        key, about = f"incident-{incident.id}-{user.id}", f"incident:{incident.id}"
        singly = NEWS if rule.singly else None
        news.tell(db, key, user.id, "incident", about=about, letter=singly, urgent=rule.urgent, by="clock")


def tell_of_failure(db: Session, message: outbox.Message) -> None:
    """A message that could not be sent for three days is told to its reader and to the coordinators, in the app."""
    if message.copy_of:  # the mail beside it says the same: who looks after the house hears of it once a day
        for user in coordinators(db):
            notices.tell(db, f"way-{message.way}-{clock.today()}-{user.id}", user.id, "way_failed", by="clock")
        return
    for user_id in sorted({user.id for user in coordinators(db)} | {message.user_id}):
        key, about = f"mail-{message.letter}-{user_id}", f"mail:{message.key}"
        notices.tell(db, key, user_id, "mail_failed", about=about, by="clock")


def tell_of_dead_address(db: Session, user_id: str, address: str, code: str) -> bool:
    """An address that was refused for good: flagged, told once to its owner and to the coordinators, in the app."""
    if not bounces.flag(db, user_id, address, code, by="clock"):
        return False
    for each in sorted({user.id for user in coordinators(db)} | {user_id}):
        key = f"bounced-{user_id}-{clock.iso(clock.now())}-{each}"
        notices.tell(db, key, each, "mail_bounced" if each == user_id else "mail_bounced_of", by="clock")
    return True


def bounced(db: Session, config: Config, report: bounces.Report) -> bool:
    """A report says that a letter of ours came back: it counts as not sent, and whoever looks after it is told; where
    it says that the mailbox is gone, the address is flagged. What went to an address that is no longer hers goes to
    the one that is; where hers passes letters on to one that is dead, sending anew would never end. False if it is
    none of ours."""
    left = outbox.sent_since(db, clock.now() - REPORTS)
    sent = {mail.message_id(each.letter, config.base_url): each for each in left}
    message = sent.get(report.message_id)
    user = users.by_id(db, message.user_id) if message is not None else None
    if message is None or user is None:
        return False
    failed = outbox.came_back(db, message.key, f"came back {report.code}", by="clock")
    if report.says_dead(user.mail):
        return tell_of_dead_address(db, user.id, user.mail, report.code)
    if failed is not None and report.names_another(user.mail) and users.has_moved(db, user, failed.promised_at):
        outbox.again(db, failed.key, by="clock")
    elif failed is not None:
        tell_of_failure(db, failed)
    return failed is not None
