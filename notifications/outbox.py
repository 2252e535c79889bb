"""The outbox: a message is promised in the transaction that causes it, and leaves the house afterwards.

A row is claimed with a lease, sent outside any transaction, and settled. Whoever dies in between leaves a row that
comes back when its lease ends, with the same Message-ID: sent at least once, and harmless if it arrives twice.
"""

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Index, Text, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from core import clock, log
from core.db import Base
from core.errors import N_, Refused, WrongOrder
from notifications.once import insert_once
from notifications.parcel import MAIL, SMS

LEASE = timedelta(minutes=5)
GIVE_UP_AFTER = timedelta(hours=72)
GIVE_UP_SMS_AFTER = timedelta(hours=24)  # a person who was to get a text today is not surprised by it in three days
NOT_ARRIVED = ("failed", "held")
FEWEST_TRIES = 12  # with the growing pauses between them some twelve hours
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=2)

COUNTS = frozenset({"open", "today", "late", "days", "news", "given", "dates"})
MOST = 99_999  # no count is as long as a telephone number
DATES = frozenset({"on", "check_on"})
# A head of the sealed log: numbers, hashes and an instant, in which nobody can be read.
HEADS = {
    "root": re.compile(r"[0-9a-f]{64}"), "signature": re.compile(r"[0-9a-f]{128}"), "key": re.compile(r"[0-9a-f]{32}"),
    "log": re.compile(r"[0-9a-f]{32}"), "moment": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z"),
}  # fmt: skip
ONE_READER = "SMTPRecipientsRefused"  # how the error of a message begins when only its address was refused
PATH = re.compile(r"(/[a-z]{1,20}){1,3}")


class ForbiddenFact(Refused):
    """A message may carry counts, dates and the path of a page; nothing that says who, where or what for."""

    status = 500
    sentence = N_("Un messaggio non può portare il dato «%(name)s»: solo conteggi, date e il percorso di una pagina.")


class Message(Base):
    """One promise to tell one user something, and how it went. `about` is for us alone: the row it speaks of."""

    __tablename__ = "message"
    __table_args__ = Index("ix_message_queue", "status", "not_before"), Index("ix_message_kind", "kind", "promised_at")
    key: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[str] = mapped_column(index=True)
    kind: Mapped[str]
    facts: Mapped[dict[str, Any]]
    about: Mapped[str | None] = mapped_column(index=True)
    status: Mapped[str] = mapped_column(default="queued")
    attempts: Mapped[int] = mapped_column(default=0)
    promised_at: Mapped[datetime]
    ready_at: Mapped[datetime | None]  # when it was to leave first; `not_before` moves with every attempt
    not_before: Mapped[datetime]
    rests_until: Mapped[datetime | None]  # the morning of its reader, for which it was put back
    lease_until: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    error: Mapped[str | None]
    way: Mapped[str] = mapped_column(Text, default="mail")
    target: Mapped[str | None] = mapped_column(Text)  # the device of a push; for other ways the reader is enough
    copy_of: Mapped[str | None] = mapped_column(Text)  # the message that this one repeats by another way
    turn: Mapped[int] = mapped_column(default=0)  # how often somebody let it be sent anew after it was given up
    closed_by: Mapped[str | None] = mapped_column(Text)  # who set it aside, when, and why
    closed_at: Mapped[datetime | None]
    reason_id: Mapped[str | None] = mapped_column(Text)

    @property
    def first(self) -> str:
        """The key of the promise: its own, or that of the message it repeats."""
        return self.copy_of or self.key

    @property
    def letter(self) -> str:
        """What its Message-ID is made of, the same at every attempt."""
        return self.letters[-1]

    @property
    def letters(self) -> list[str]:
        """The same of every letter that it was, the present one last: sent anew because somebody said so it is another
        letter, and what is still reported of the one before says nothing of it.
        """
        return [self.key, *(f"{self.key}|{turn}" for turn in range(1, self.turn + 1))]


def put(
    db: Session, key: str, user_id: str, kind: str, facts: Mapping[str, Any], *, about: str | None = None,
    not_before: datetime | None = None, by: str,
) -> bool:  # fmt: skip
    """Promise a message once, in the caller's transaction; False if this key was promised before.

    `not_before`: it stays until then, because the reader sleeps.
    """
    row = {"key": key, "user_id": user_id, "kind": kind, "facts": dict(facts), "about": about}
    return _promise(db, row, not_before, by=by)


def entrust(
    db: Session, way: str, key: str, user_id: str, about: str, *, not_before: datetime | None = None, by: str
) -> bool:
    """Promise something that leaves by another way than mail and carries no facts: its words are found as it leaves."""
    row = {"key": key, "user_id": user_id, "kind": way, "facts": {}, "about": about, "way": way}
    return _promise(db, row, not_before, by=by)


def copy(db: Session, message: Message, way: str, target: str | None = None, *, by: str) -> bool:
    """Let a message leave by another way too, once for each target; it is settled by itself."""
    key = "|".join(part for part in (way, target, message.key) if part)
    row = {
        "key": key, "user_id": message.user_id, "kind": message.kind, "facts": dict(message.facts),
        "about": message.about, "way": way, "target": target, "copy_of": message.key,
    }  # fmt: skip
    return _promise(db, row, None, by=by)


def _promise(db: Session, row: dict[str, Any], not_before: datetime | None, *, by: str) -> bool:
    check(row["facts"])
    now = clock.now()
    ready = max(now, not_before or now)
    new = {"way": "mail", "status": "queued", "attempts": 0, "turn": 0}
    new |= {"promised_at": now, "ready_at": ready, "not_before": ready}
    if not insert_once(db, Message, new | row):
        return False
    way = {} if "way" not in row else {"way": row["way"]}
    log.append(db, "message.promised", f"user:{row['user_id']}", by=by, kind=row["kind"], **way)
    return True


def check(facts: Mapping[str, Any]) -> None:
    """Raise ForbiddenFact unless every fact is a known count, a known date or the path of a page."""
    for name, value in facts.items():
        if not _harmless(name, value):
            raise ForbiddenFact(name=name)


def counted(number: int) -> int:
    """A number as a message may say it: who has more than that to do needs no greater one."""
    return min(number, MOST)


def _harmless(name: str, value: object) -> bool:
    if name in COUNTS:
        return type(value) is int and 0 <= value <= MOST
    if name == "lines":
        return type(value) is int and 0 <= value < 10**15
    if name in HEADS:
        return isinstance(value, str) and HEADS[name].fullmatch(value) is not None
    if name in DATES:
        return isinstance(value, str) and _is_day(value)
    return name == "path" and isinstance(value, str) and PATH.fullmatch(value) is not None


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def claim(db: Session, way: str = MAIL) -> Message | None:
    """Take the oldest message that may leave now by a way; the lease brings it back if we die before `settle`."""
    now = clock.now()
    ready = select(Message).where(Message.status == "queued", Message.not_before <= now, Message.way == way)
    oldest = ready.order_by(Message.not_before, Message.key).limit(1).with_for_update(skip_locked=True)
    message = db.scalars(oldest).first()
    if message is not None:
        message.attempts += 1
        message.lease_until = message.not_before = now + LEASE
    return message


def settle(db: Session, key: str, attempt: int, *, error: str | None = None, by: str) -> Message | None:
    """Write down how attempt number `attempt` went; None if somebody else has claimed the message since.

    An error is tried again with growing pauses; three days after the promise the message has failed, if it was tried
    often enough meanwhile: days on which the machine stood still are no attempts.
    """
    message = _claimed(db, key, attempt)
    if message is None:
        return None
    message.error = error
    if error is None:
        message.sent_at = clock.now()
        return _close(db, message, "sent", by=by)
    message.not_before = clock.now() + _pause(attempt)
    after, tries = (GIVE_UP_AFTER, FEWEST_TRIES) if message.way != SMS else (GIVE_UP_SMS_AFTER, 1)
    if attempt >= tries and message.not_before >= (message.ready_at or message.promised_at) + after:
        return _close(db, message, "failed", by=by)
    return message


def give_up(db: Session, key: str, attempt: int, error: str, *, by: str) -> Message | None:
    """Settle a claimed message as failed at once: its address is dead, and no later try would be any better."""
    message = _claimed(db, key, attempt)
    if message is None:
        return None
    message.error = error
    return _close(db, message, "failed", by=by)


def came_back(db: Session, key: str, error: str, *, by: str) -> Message | None:
    """A letter that left was not delivered after all; None if that was known, or nothing of it waits any more."""
    message = db.scalar(select(Message).where(Message.key == key).with_for_update())
    if message is None or message.status != "sent":
        return None
    message.error = error
    return _close(db, message, "failed", by=by)


def again(db: Session, key: str, *, by: str) -> Message:
    """Promise a message anew that did not arrive, because the cause was seen to; it says only what is true then.

    Raises WrongOrder if there is nothing to try, and for a text to a person: whoever follows the case decides on that.
    """
    message, now = given_up(db, key), clock.now()
    if message.way == SMS:
        raise WrongOrder(
            N_("Un messaggio a una persona non riparte da qui: se serve ancora, lo scrive di nuovo chi segue il caso.")
        )
    message.turn += 1
    message.status, message.ready_at, message.not_before, message.promised_at = "queued", now, now, now
    log.append(db, "message.again", f"user:{message.user_id}", by=by, kind=message.kind)
    return message


def all_again(db: Session, *, by: str) -> int:
    """Promise anew every message that was given up, but for texts to a person, as after a server that was long down."""
    lost = select(Message.key).where(Message.status == "failed", Message.way != SMS).order_by(Message.key)
    return len([again(db, key, by=by) for key in db.scalars(lost).all()])


def given_up(db: Session, key: str) -> Message:
    """A message that was given up, locked. Raises WrongOrder if somebody has seen to it meanwhile."""
    message = db.scalar(select(Message).where(Message.key == key).with_for_update())
    if message is None or message.status not in NOT_ARRIVED:
        raise WrongOrder(N_("Questo messaggio non è più tra quelli che non sono partiti."))
    return message


def hold(db: Session, key: str, attempt: int, *, by: str) -> Message | None:
    """Settle a claimed message as held: its reader has no mailbox now, and gets it when she has one again."""
    message = _claimed(db, key, attempt)
    return message and _close(db, message, "held", by=by)


def supersede(db: Session, key: str, *, by: str) -> Message:
    """Settle a message that did not arrive as unneeded: another one says what it was to say."""
    return _close(db, given_up(db, key), "unneeded", by=by)


def carrier(db: Session, user_id: str, kind: str) -> Message | None:
    """A message of this kind to this user that nobody has tried to send yet, locked: it can carry one more event."""
    mine = select(Message).where(Message.user_id == user_id, Message.kind == kind, Message.status == "queued")
    untried = mine.where(Message.attempts == 0, Message.way == MAIL).order_by(Message.not_before).limit(1)
    return db.scalars(untried.with_for_update()).first()


def hurry(message: Message, at: datetime) -> None:
    """Let a message leave, or be tried again, earlier than it was to, unless it rests until its hour."""
    if at < message.not_before and message.rests_until != message.not_before:
        message.ready_at = at if message.error is None else message.ready_at
        message.not_before = at


def failed(db: Session, limit: int = 50) -> list[Message]:
    """The messages that were given up, the newest first."""
    given_up = select(Message).where(Message.status == "failed")
    return list(db.scalars(given_up.order_by(Message.promised_at.desc(), Message.key).limit(limit)))


def not_arrived(db: Session, user_id: str) -> list[Message]:
    """The letters to this user that were given up or held, the newest first."""
    mine = select(Message).where(Message.user_id == user_id, Message.status.in_(NOT_ARRIVED), Message.way == MAIL)
    return list(db.scalars(mine.order_by(Message.promised_at.desc(), Message.key)))


def sent_since(db: Session, since: datetime) -> list[Message]:
    """The messages that left after an instant."""
    left = select(Message).where(Message.status == "sent", Message.sent_at >= since, Message.way == MAIL)
    return list(db.scalars(left))


def waiting_since(db: Session, way: str = MAIL) -> datetime | None:
    """Since when what should be on its way is not: nothing has left since, and no single reader is to blame.

    A server that refuses each reader for himself (a blocked sender, no relaying) refuses everybody.
    """
    ready_at: ColumnElement[datetime | None] = func.coalesce(Message.rests_until, Message.ready_at)
    due = (Message.status == "queued", Message.way == way, ready_at <= clock.now())
    refused = func.coalesce(Message.error, "").like(f"{ONE_READER}%")
    readers = func.count(Message.user_id.distinct()).filter(refused)
    first, others, count = db.execute(
        select(func.min(ready_at), func.min(ready_at).filter(~refused), readers).where(*due)
    ).one()
    since = first if count > 1 else others
    if since is None:
        return None
    left = select(Message.key).where(Message.status == "sent", Message.way == way, Message.sent_at > since).limit(1)
    return None if db.scalar(left) else since


def drop(db: Session, key: str, attempt: int, *, by: str) -> Message | None:
    """Settle a claimed message as unneeded: what it would have said is no longer true."""
    message = _claimed(db, key, attempt)
    return message and _close(db, message, "unneeded", by=by)


def postpone(db: Session, key: str, attempt: int, until: datetime) -> Message | None:
    """Put a claimed message back until its hour: nobody tried to send it, and so the way is not late with it."""
    message = _claimed(db, key, attempt)
    if message is not None:
        message.not_before = message.rests_until = until
        message.ready_at = until if message.error is None else message.ready_at
    return message


def withdraw(db: Session, key: str, *, by: str) -> Message:
    """Take back a message that has not left and that nobody is sending at this moment."""
    waiting = select(Message).where(Message.key == key, Message.status == "queued").with_for_update()
    message = db.scalar(waiting.execution_options(populate_existing=True))
    if message is None or (message.lease_until is not None and message.lease_until > clock.now()):
        raise WrongOrder(N_("È già partito, o sta partendo in questo momento: non si può più fermare."))
    message.lease_until = None
    return _close(db, message, "unneeded", by=by)


def set_aside(db: Session, key: str, reason_id: str, *, by: str) -> Message:
    """Somebody has seen that a message failed, and says why what it said needs no mail any more."""
    message = given_up(db, key)
    message.closed_by, message.closed_at, message.reason_id = by, clock.now(), reason_id
    return _close(db, message, "unneeded", by=by, reason_id=reason_id)


def put_aside(db: Session, limit: int = 50) -> list[Message]:
    """The messages that somebody set aside, the last one first."""
    closed = select(Message).where(Message.closed_at.is_not(None))
    return list(db.scalars(closed.order_by(Message.closed_at.desc(), Message.key).limit(limit)))


def count_failed(db: Session) -> int:
    """How many messages were given up and wait for somebody."""
    return db.scalar(select(func.count()).where(Message.status == "failed")) or 0


def newest(db: Session, user_id: str, kind: str) -> str | None:
    """The key of the last promise of this kind to this user, by the day in it; one that is tried again stays old."""
    mine = select(func.max(Message.key)).where(Message.user_id == user_id, Message.kind == kind, Message.way == MAIL)
    return db.scalar(mine)


def last_error(db: Session, way: str) -> str:
    """How the last attempt went that failed among what waits for a way, as a kind and a code; "" if none did."""
    waiting = select(Message.error).where(Message.way == way, Message.status == "queued", Message.error.is_not(None))
    return db.scalar(waiting.order_by(Message.not_before.desc(), Message.key).limit(1)) or ""


def counts(db: Session) -> dict[str, int]:
    """How many mails there are in each state."""
    return by_way(db)[MAIL]


def by_way(db: Session) -> dict[str, dict[str, int]]:
    """How many messages there are of each way in each state."""
    found: dict[str, dict[str, int]] = {MAIL: {}}
    for way, status, count in db.execute(
        select(Message.way, Message.status, func.count()).group_by(Message.way, Message.status)
    ):
        found.setdefault(way, {})[status] = count
    return found


def _claimed(db: Session, key: str, attempt: int) -> Message | None:
    """The message, locked, if this attempt is still the last one (the number is the fence)."""
    mine = select(Message).where(Message.key == key, Message.status == "queued", Message.attempts == attempt)
    message = db.scalars(mine.with_for_update()).first()
    if message is not None:
        message.lease_until = None
    return message


def _close(db: Session, message: Message, status: str, *, by: str, **why: str) -> Message:
    message.status = status
    log.append(
        db, f"message.{status}", f"user:{message.user_id}", by=by, kind=message.kind, attempts=message.attempts, **why
    )
    return message


def _pause(attempt: int) -> timedelta:
    doubled: int = 2 ** min(attempt - 1, 10)
    return min(FIRST_WAIT * doubled, LONGEST_WAIT)
