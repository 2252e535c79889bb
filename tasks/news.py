"""News for one person: in full in the notice centre, and outside as a number in a mail of its own or in the digest.

What happens while a mail waits to leave goes into that mail, so that fifty tasks given at once are one letter.
"""

from datetime import date, datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Mapped, Session, mapped_column

from cases import access, offices, posts
from cases.access import Actor
from core import calendar, clock
from core.calendar import Office, Offices
from core.db import Base
from core.users import Membership
from notifications import choices, notices, outbox
from notifications.choices import MailChoice
from notifications.notices import Notice
from tasks import mailing, rules
from tasks.rules import House

GIVEN, LATE, NEWS, DEADLINE = "given", "late", "news", "deadline"
DIGEST = "digest"
INBOX, BOARD = "/inbox", "/notices"
PAGES = {GIVEN: INBOX, LATE: INBOX, DIGEST: INBOX, NEWS: BOARD, DEADLINE: BOARD}
COUNTED = {GIVEN: "given", LATE: "late", NEWS: "news", DEADLINE: "dates"}  # what the letter counts
MORNING = time(7, 30)


class Planned(Base):
    """A plan of the day that was made, once, by whichever clock came first."""

    __tablename__ = "planned"
    what: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]


def tell(
    db: Session, key: str, user_id: str, kind: str, case_code: str | None = None, *, about: str | None = None,
    letter: str | None = None, urgent: bool = False, by: str,
) -> bool:  # fmt: skip
    """Tell one person of one event, once for its key; with `letter` (GIVEN, LATE, NEWS) by a mail of its own too.

    Without one, or where she wants fewer mails, the digest of her next working morning counts it.
    """
    if not notices.tell(db, key, user_id, kind, case_code, about=about, by=by):
        return False
    notice, choice = db.get_one(Notice, key), mailing.chosen(db, user_id)
    if letter is not None and (urgent or choice.singly == choices.ALL):
        notice.mail = carry(db, user_id, letter, urgent=urgent, by=by)
    elif choice.digest != choices.NEVER:
        notice.mail = digest_key(user_id, next_digest(db, user_id))
    db.flush()
    return True


def carry(db: Session, user_id: str, letter: str, *, urgent: bool, by: str) -> str:
    """The key of the mail that speaks for an event: one of its kind that has not left yet, else a new one."""
    now = clock.now()
    waiting = outbox.carrier(db, user_id, letter)
    if waiting is not None:
        if urgent:
            outbox.hurry(waiting, now)
        return waiting.key
    leaves = now if urgent else may_leave(db, user_id, now)
    key = f"{letter}-{user_id}-{clock.iso(now)}"
    outbox.put(db, key, user_id, letter, {COUNTED[letter]: 1, "path": PAGES[letter]}, not_before=leaves, by=by)
    return key


def page_of(actor: Actor, kind: str) -> str:
    """Where a letter leads: to the notices, whoever has no tasks and so no page of them, as the coordination."""
    return PAGES[kind] if access.may(actor, "task.list") else BOARD


def digest_key(user_id: str, day: date) -> str:
    """The key of one person's digest of a day."""
    return f"{DIGEST}-{user_id}-{day}"


def next_digest(db: Session, user_id: str) -> date:
    """The day of this person's next digest: today if it was not made yet, else her next working day."""
    today, office = clock.today(), office_of(db, user_id)
    made = db.get(Planned, f"{DIGEST}-{today}") is not None
    return calendar.next_working_day(today, office) if made or not calendar.is_working_day(today, office) else today


def quiet_until(house: House, choice: MailChoice, now: datetime, office: Office | str | None) -> datetime:
    """When a mail that is not urgent may leave: now, or when the night or the days off of its reader are over."""
    local = now.astimezone(clock.ROME)
    begins, ends = rules.at(choice.quiet_from or house.quiet_from), rules.at(choice.quiet_to or house.quiet_to)
    day = local.date()
    if calendar.is_working_day(day, office) and not _is_quiet(local.time(), begins, ends):
        return now
    if not calendar.is_working_day(day, office) or local.time() >= max(begins, ends):
        day = calendar.next_working_day(day, office)
    return max(now, datetime.combine(day, ends, clock.ROME))


def may_leave(db: Session, user_id: str, at: datetime) -> datetime:
    """When a mail to this reader that is not urgent may leave, from a moment on."""
    return quiet_until(rules.house(db), mailing.chosen(db, user_id), at, office_of(db, user_id))


def night_until(db: Session, user_id: str, now: datetime) -> datetime:
    """When what concerns one day may leave, also a day off: now, or when the night of its reader is over."""
    house, choice, local = rules.house(db), mailing.chosen(db, user_id), now.astimezone(clock.ROME)
    begins, ends = rules.at(choice.quiet_from or house.quiet_from), rules.at(choice.quiet_to or house.quiet_to)
    if not _is_quiet(local.time(), begins, ends):
        return now
    day = local.date() + timedelta(days=begins > ends and local.time() >= begins)
    return datetime.combine(day, ends, clock.ROME)


def _is_quiet(hour: time, begins: time, ends: time) -> bool:
    return begins <= hour < ends if begins <= ends else hour >= begins or hour < ends


def office_of(db: Session, user_id: str) -> Office | str | None:
    """The calendar of the office in which somebody works: that of the seat of her post, else of its only province.

    Whoever works in several is at work while one of them is; one whose seat nobody knows keeps the national holidays.
    """
    query = select(posts.Post.seat, posts.Post.provinces).join(Membership, Membership.post == posts.Post.code)
    found = db.execute(query.where(Membership.user_id == user_id))
    seats = {seat or (provinces[0] if len(provinces) == 1 else "") for seat, provinces in found}
    if not seats or "" in seats:
        return None
    kept = [each for seat in sorted(seats) if (each := offices.calendar_of(db, seat)) is not None]
    return kept[0] if len(kept) == 1 else Offices("", all=tuple(kept))


def morning_of(day: date) -> datetime:
    """Half past seven of a day in Rome."""
    return datetime.combine(day, MORNING, clock.ROME)


def end_of(day: date) -> datetime:
    """The last moment of a day in Rome: what is due on it may be done all that day."""
    return datetime.combine(day + timedelta(days=1), time(), clock.ROME) - timedelta(minutes=1)
