"""A clock that stands still cannot say so: the web process writes to whoever looks after the system (threats R30)."""

import logging
from datetime import datetime, timedelta
from threading import Thread
from time import sleep

from sqlalchemy.orm import Session

from core import clock
from core.config import Config
from core.db import transaction
from notifications import mail, outbox
from notifications.once import insert_once
from tasks import beats
from tasks.news import Planned
from tasks.tally import describe

PATIENCE = timedelta(minutes=10)  # a restart is no standstill
AGAIN = timedelta(minutes=10)  # a letter that was not taken is tried again
EVERY = 60  # seconds
STANDSTILL = "standstill"
PAGE = "/status"

logger = logging.getLogger(__name__)


def watch(config: Config) -> None:
    """Look once a minute, in a thread of its own that no page waits for; nothing where no address is configured."""
    if config.alarm_to is not None:
        Thread(target=_look_on, args=(config,), name="alarm", daemon=True).start()


def _look_on(config: Config) -> None:
    while True:
        sleep(EVERY)
        try:
            look(config)
        except Exception as problem:  # noqa: BLE001 - the next look may find the database again
            logger.error("alarm: %s", describe(problem))


def look(config: Config) -> bool:
    """Write one letter of each standstill, not by the outbox, which the clock empties; True if this call wrote it.

    Of several processes the first that claims the turn writes. The Message-ID is that of the standstill: who gets two
    letters, because a server took one and did not say so, sees that they are the same. Raises OSError if it was not
    taken; it is tried again after ten minutes.
    """
    if config.alarm_to is None:
        return False
    with transaction() as db:
        since = beats.standing_since(db)
        if since is None or not _claim(db, since):
            return False
    late = abs(clock.now() - since) // timedelta(minutes=1)
    facts = {"late": outbox.counted(late), "path": PAGE}
    mail.send(config, mail.compose(config, _key(since), config.alarm_to, "it", STANDSTILL, facts))
    logger.error("alarm: the clock has stood still for %s minutes, whoever looks after the system was written to", late)
    with transaction() as db:
        insert_once(db, Planned, {"what": _key(since), "at": clock.now()})
    return True


def _claim(db: Session, since: datetime) -> bool:
    late = abs(clock.now() - since)
    if late < PATIENCE or db.get(Planned, _key(since)) is not None:
        return False
    return insert_once(db, Planned, {"what": f"{_key(since)}-{late // AGAIN}", "at": clock.now()})


def _key(since: datetime) -> str:
    return f"{STANDSTILL}-{clock.iso(since)}"
