"""What leaves, as things are at that moment: asked again whether it is true, put into the words of its way.

A reminder that leaves by mail is repeated by the other ways that the office opened and its reader turned on: each copy
is a message of its own, so that a mail server that is down keeps no browser asleep.
"""

from collections.abc import Mapping
from datetime import datetime
from email.message import EmailMessage
from typing import Any

from sqlalchemy.orm import Session

from core import clock, users
from core.config import Config
from core.users import User
from notifications import bounces, mail, outbox, push, ways
from notifications.outbox import Message
from notifications.parcel import HOOK, MAIL, PUSH, SMS, Parcel
from tasks import dates, engagements, news, reminders, sealing, texting
from tasks.engagements import AN_HOUR, APPOINTMENT, TO_GO
from tasks.news import DIGEST, GIVEN, LATE, NEWS


def parcel(db: Session, config: Config, message: Message) -> Parcel | datetime | None:
    """The parcel of a claimed message; an instant if it may not leave before it; None if there is nothing left to say
    or nobody to hear it."""
    if message.way == SMS:
        return texting.parcel(db, message)
    found = _true(db, message)
    if found is None:
        return None
    user, facts = found
    is_shown = config.demo and message.kind == DIGEST  # whoever looks into the demo at night finds it in the sink
    leaves = clock.now() if is_shown else _awake(db, message, user)
    if leaves > clock.now():
        return leaves
    if message.kind in (DIGEST, APPOINTMENT):
        message.about = engagements.about(each.id for each in dates.said(db, message))  # what leaves is what was told
    if message.way == MAIL and message.kind != sealing.HEAD:
        _spread(db, config, message)
    to = user.mail
    if message.way == PUSH:
        device = db.get(push.Device, message.target or "")
        if device is None or device.user_id != user.id:
            return None
        to = device.endpoint
    key = message.letter if message.way == MAIL else message.first  # of other ways no report comes back
    return Parcel(key, message.kind, facts, to, user.language)


def letter(db: Session, config: Config, message: Message) -> EmailMessage | None:
    """The letter of a message as things are now; None if there is none. Raises DeadAddress if it would not arrive."""
    found = parcel(db, config, message)
    if not isinstance(found, Parcel):
        return None
    bounces.check(db, message.user_id, found.to)
    return mail.compose(config, found.key, found.to, found.language, found.kind, found.facts)


def _spread(db: Session, config: Config, message: Message) -> None:
    """What is about to leave by mail leaves by the other ways too, once by each."""
    if ways.is_open(config, PUSH):
        for device in push.devices(db, message.user_id):
            outbox.copy(db, message, PUSH, device.id, by="clock")
    if ways.is_open(config, HOOK):
        outbox.copy(db, message, HOOK, by="clock")


def _awake(db: Session, message: Message, user: User) -> datetime:
    """When this may reach its reader: what could not leave by day does not wake her when the server is back."""
    waits = message.way in (MAIL, PUSH) and message.kind in (GIVEN, LATE, NEWS, DIGEST, APPOINTMENT)
    if not waits or reminders.is_urgent(db, message):
        return clock.now()
    now = clock.now()
    if message.kind != APPOINTMENT:
        return news.may_leave(db, user.id, now)
    begins, morning = dates.said(db, message)[0].from_at, news.may_leave(db, user.id, now)
    if morning + AN_HOUR <= begins:
        return morning
    until = news.night_until(db, user.id, now)
    return until if until + TO_GO <= begins else now


def _true(db: Session, message: Message) -> tuple[User, Mapping[str, Any]] | None:
    user = users.by_id(db, message.user_id)
    now_true = reminders.facts(db, message, user) if user is not None and user.active else None
    return None if user is None or now_true is None else (user, now_true)
