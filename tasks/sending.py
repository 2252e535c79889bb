"""Sending what was promised: each message is claimed, asked whether it is still true, handed over, settled alone."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from cases import reasons
from core import clock, failpoint, users
from core.config import Config
from core.db import transaction
from core.errors import Unavailable
from notifications import bounces, mail, outbox, push, ways
from notifications.parcel import MAIL, PUSH, SMS, Parcel
from notifications.ways import Way
from tasks import outgoing, reminders, texting
from tasks.tally import Tally, describe

logger = logging.getLogger(__name__)
FAILURES_IN_A_ROW = 3
LATE_AFTER = timedelta(minutes=3)
LONGEST = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Stuck:
    """A way beside mail by which nothing leaves: since when, and how the last attempt went."""

    way: str
    late: timedelta
    error: str


def stuck(db: Session, config: Config) -> list[Stuck]:
    """The ways beside mail that the office opened and by which nothing has left for three minutes (of mail the bar
    on every page tells)."""
    found = []
    for way in ways.open_(config):
        since = outbox.waiting_since(db, way.name) if way.name != MAIL else None
        if since is not None and clock.now() - since > LATE_AFTER:
            found.append(Stuck(way.name, clock.now() - since, outbox.last_error(db, way.name)))
    return found


def set_aside(db: Session, key: str, words: str, *, by: str) -> outbox.Message:
    """Close a message that was given up; why is sealed with its reader. Raises InvalidForm, WrongOrder."""
    reader = outbox.given_up(db, key).user_id
    return outbox.set_aside(db, key, reasons.keep(db, f"user:{reader}", "message.set_aside", words, by=by), by=by)


def put_aside(db: Session) -> list[tuple[outbox.Message, str]]:
    """What somebody set aside and why, the last one first."""
    return [(each, reasons.words(db, each.reason_id)) for each in outbox.put_aside(db) if each.reason_id]


def send_by(config: Config, way: Way) -> Tally:
    """One way; a server that refuses three in a row is left alone until the next tick, and so is what a slow one has
    not taken by then: the beat of the clock would look late."""
    total, refused, ends = Tally(), 0, clock.now() + LONGEST
    while refused < FAILURES_IN_A_ROW and clock.now() < ends:
        with transaction() as db:
            message = outbox.claim(db, way.name)
        if message is None:
            break
        failpoint.reach("mail.claimed")
        done = _send(config, way, message)
        refused = refused + 1 if done.failed else 0
        total += done
    return total


def _send(config: Config, way: Way, message: outbox.Message) -> Tally:
    """One message: is it still true, off it goes, and how did it go."""
    address = ""
    try:
        with transaction() as db:
            parcel = outgoing.parcel(db, config, message)
            if not isinstance(parcel, Parcel):
                _keep_back(db, message, parcel)
                return Tally()
            address = parcel.to
            if way.name == MAIL and bounces.is_flagged(db, message.user_id, address):
                outbox.hold(db, message.key, message.attempts, by="clock")  # told when it was flagged, not each morning
                return Tally()
        way.send(config, parcel)
        failpoint.reach("mail.sent")
    except Unavailable:
        raise
    except OSError as problem:  # faults of SMTP, TLS and HTTP are among them
        if code := way.is_dead(problem):
            return _give_up(message, address, code)
        return _settle(message, mail.describe(problem))
    except Exception as problem:  # noqa: BLE001 - the edge of the house: one bad message must not stop the others
        return _settle(message, describe(problem))
    return _settle(message, None)


def _keep_back(db: Session, message: outbox.Message, until: datetime | None) -> None:
    if until is None:
        outbox.drop(db, message.key, message.attempts, by="clock")
    else:
        outbox.postpone(db, message.key, message.attempts, until)


def _give_up(message: outbox.Message, address: str, code: str) -> Tally:
    """No later try would be better. A dead address is flagged; the readers learn of it in the app."""
    with transaction() as db:
        if message.way == SMS:
            if (given_up := outbox.give_up(db, message.key, message.attempts, code, by="clock")) is not None:
                texting.settled(db, given_up)
            return Tally(failed=1)
        if message.way == PUSH:
            push.remove(db, message.user_id, message.target or "", by="clock")
            outbox.drop(db, message.key, message.attempts, by="clock")
            return Tally()
        user, words = users.by_id(db, message.user_id), f"dead address {code}"
        if user is not None and user.mail != address:  # she has changed it meanwhile
            outbox.settle(db, message.key, message.attempts, error=words, by="clock")
        elif outbox.give_up(db, message.key, message.attempts, words, by="clock") and user is not None:
            reminders.tell_of_dead_address(db, user.id, address, code)
    return Tally(failed=1)


def _settle(message: outbox.Message, error: str | None) -> Tally:
    if error:
        logger.warning("message not sent, attempt %s: %s", message.attempts, error)
    with transaction() as db:
        settled = outbox.settle(db, message.key, message.attempts, error=error, by="clock")
        if settled is not None and settled.way == SMS:
            texting.settled(db, settled)
        elif settled is not None and settled.status == "failed":
            reminders.tell_of_failure(db, settled)
    return Tally(failed=1) if error else Tally(fired=1)
