"""The clock process: what the system does because time passes. Run it with `python -m tasks.schedule`.

APScheduler is only the alarm clock: what is due stands in rows, so a crash, a standstill of days or a second clock
change nothing. Each timer and each message has its own transaction; one that fails waits longer and delays no other.
"""

import logging
import os
import signal
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from threading import Event
from time import monotonic

from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy.orm import Session

from core import clock, passwords, vault
from core.clock import ROME
from core.config import Config
from core.db import clocks_apart, connect, glance, transaction
from core.errors import AlreadyDone, Unavailable
from engine import drafts as model_drafts
from engine import instances, migration
from notifications import bounces, outbox, ways
from tasks import (
    accesses,
    beats,
    birthdays,
    calls,
    chasing,
    dates,
    drafts,
    erasing,
    incidents,
    moves,
    reminders,
    reveals,
    sealing,
    sending,
    services,
    stamping,
)
from tasks.news import MORNING
from tasks.tally import Tally, describe

logger = logging.getLogger(__name__)
MOST_MOVES = 500  # of one instance in one tick; 200 instances of an activity may all be due at once
SETTLING_TIME = timedelta(minutes=10)
LEAST_JUMP, GLANCE = timedelta(minutes=1), 5.0
FURTHEST_APART = timedelta(minutes=5)  # this machine and that of the database


@dataclass(frozen=True, slots=True)
class Job:
    """Something the clock does again and again; `demo_seconds` for the impatient."""

    name: str
    work: Callable[[Config], Tally]
    seconds: int
    demo_seconds: int


def fire_timers() -> Tally:
    """Fire what is due, in due order; after a standstill everything that waited, once.

    An instance that moves by itself more often than any honest one (a loop over a date that is past, two that send
    each other messages for ever) is stopped like one that breaks, so that the tick ends.
    """
    total, moves = Tally(), Counter[str]()
    while True:
        with transaction() as db:
            due = instances.due(db, clock.now())
        done = sum((_fire(timer_id, moves) for timer_id in due), Tally())
        total += done
        if not done.fired:
            return total


def _fire(timer_id: str, moves: Counter[str]) -> Tally:
    try:
        with transaction() as db:
            instance = instances.fire(db, timer_id)
            moves[instance.id] += 1
            if moves[instance.id] > MOST_MOVES:
                raise incidents.Runaway(times=MOST_MOVES)
        return Tally(fired=1)
    except AlreadyDone:
        return Tally()
    except Unavailable:
        raise
    except Exception as problem:  # noqa: BLE001 - the edge of the house: one poisoned case must not stop the others
        logger.error("timer %s: %s", timer_id, describe(problem))
        _count_failure(timer_id, problem)
        return Tally(failed=1)


def _count_failure(timer_id: str, problem: Exception) -> None:
    with transaction() as db:
        incidents.count_failure(db, timer_id, problem)


def move_cases() -> Tally:
    """Make the moves to other versions of a model that were asked for, each case in a transaction of its own."""
    with transaction() as db:
        asked = migration.waiting(db)
    return sum((_alone("move", key, moves.step, moves.failed) for key in asked), Tally())


def remind() -> Tally:
    """What reminds: dates and what is chased at their moment; from half past seven one digest a person.

    Each date and each thing has a transaction of its own: one that breaks delays no other (threats R31).
    """
    with transaction() as db:
        chasing.begin(db)
        due, near = chasing.due(db), dates.due(db)
    total = sum((_alone("chase", key, chasing.step, chasing.failed) for key in due), Tally())
    total += sum((_alone("deadline", id_, dates.plan, dates.failed) for id_ in near), Tally())
    now = clock.now().astimezone(ROME)
    if now.time() >= MORNING:
        with transaction() as db:
            total += Tally(fired=reminders.plan(db, now.date()))
    return total


def _alone(
    what: str, key: str, work: Callable[[Session, str], int], failed: Callable[[Session, str], None] | None = None
) -> Tally:
    try:
        with transaction() as db:
            return Tally(fired=work(db, key))
    except Unavailable:
        raise
    except Exception as problem:  # noqa: BLE001 - the edge of the house: one thing must not stop the others
        logger.error("%s not reminded: %s", what, describe(problem))
    if failed is not None:
        with transaction() as db:
            failed(db, key)
    return Tally(failed=1)


def send_mail(config: Config) -> Tally:
    """Send what was promised, by every way that is open."""
    total = sum((sending.send_by(config, way) for way in ways.open_(config)), Tally())
    with transaction() as db:
        since = outbox.waiting_since(db)
        beats.write(db, beats.SENDER, total, at=since)
    return total


def read_bounces(config: Config) -> Tally:
    """Take the reports of failed delivery out of the mailbox that the office named, if it named one."""
    if config.bounces is None:
        return Tally()
    found = 0
    for report in bounces.collect(config.bounces):
        with transaction() as db:
            found += reminders.bounced(db, config, report)
    return Tally(fired=found)


def keep_birthdays() -> Tally:
    """Whoever turns eighteen is of age on that day, not when somebody comes to the task."""
    with transaction() as db:
        due = birthdays.due(db)
    return sum((_alone("birthday", code, birthdays.keep) for code in due), Tally())


def end_reveals() -> Tally:
    """Write down which questions for an address nobody has answered, and which looks are over."""
    with transaction() as db:
        return Tally(fired=reveals.lapse(db))


def pass_calls_on(config: Config) -> Tally:
    """Ask the next colleague for every call that was offered by voice and not answered in time."""
    with transaction() as db:
        return Tally(fired=calls.pass_on(db, clock.now(), timedelta(minutes=config.call_answer_minutes)))


def tidy() -> Tally:
    """Forget old drafts; park instances that wait for nothing and nobody."""
    with transaction() as db:
        drafts.sweep(db)
        model_drafts.sweep(db)
        stuck = incidents.park(db, clock.now() - SETTLING_TIME)
    return Tally(fired=len(stuck))


def seal(config: Config) -> Tally:
    """Put the new lines of the log under the seal; once a day a head leaves the house."""
    return Tally(fired=sealing.work(config))


def stamp(config: Config) -> Tally:
    """Have the day's head stamped by an authority, if the office named one."""
    return Tally(fired=stamping.work(config))


def review_accesses() -> Tally:
    """At the beginning of a quarter, ask for every post who still needs to come in."""
    return Tally(fired=accesses.begin_due())


def erase_again(config: Config) -> Tally:
    """Keep the list of what was erased; erase again what a restored copy brought back."""
    return Tally(fired=erasing.work(config))


SEAL = Job("seal", seal, 60, 10)
JOBS = (
    Job("timers", lambda _: fire_timers(), 30, 2),
    Job("moves", lambda _: move_cases(), 15, 2),
    Job("calls", pass_calls_on, 30, 5),
    Job("reminders", lambda _: remind(), 60, 5),
    Job("mail", send_mail, 20, 2),
    Job("bounces", read_bounces, 300, 60),
    Job("birthdays", lambda _: keep_birthdays(), 60, 10),
    Job("reveals", lambda _: end_reveals(), 60, 5),
    SEAL,
    Job("stamp", stamp, 900, 60),
    Job("accesses", lambda _: review_accesses(), 3600, 60),
    Job("erasures", erase_again, 3600, 60),
    Job("tidy", lambda _: tidy(), 3600, 600),
)


def tick(job: Job, config: Config) -> Tally:
    """Do a job once and write its beat; a fault is logged and tried again at the next tick, and leaves no beat.

    Nothing is done while the clock of this machine and that of the database disagree (threats R11): what is not due
    must not happen, and one of the two is wrong. No beat is written then: the pages, `/health` and the alarm say so.
    """
    try:
        if _is_wrong():
            return Tally(failed=1)
        tally = job.work(config)
    except Exception as problem:  # noqa: BLE001 - the edge of the house: the clock goes on
        logger.error("job %s: %s", job.name, describe(problem))
        return Tally(failed=1)
    try:
        with transaction() as db:
            beats.write(db, job.name, tally)
    except Unavailable as problem:
        logger.error("job %s, beat not written: %s", job.name, problem)
    return tally


def apart(db: Session) -> timedelta | None:
    """How far the clock of this machine and that of the database are apart, if that is too far to do anything."""
    span = abs(clocks_apart(db))
    return span if span > FURTHEST_APART else None


def _is_wrong() -> bool:
    with glance() as db:
        span = apart(db)
    if span is not None:
        logger.error("the clocks of this machine and of the database are %s apart: nothing is done", span)
    return span is not None


class Watch:
    """Sees that the clock of this machine was moved, or that the machine slept, by one that only goes forward."""

    def __init__(self) -> None:
        self.wall, self.steady, self.untold = clock.now(), monotonic(), timedelta()

    def jump(self) -> timedelta:
        """By how much since the last look, if it is more than the clock is ever late; else nothing."""
        wall, steady = clock.now(), monotonic()
        moved = (wall - self.wall) - timedelta(seconds=steady - self.steady)
        self.wall, self.steady = wall, steady
        return moved if abs(moved) > LEAST_JUMP else timedelta()


def wake(scheduler: BackgroundScheduler) -> None:
    """Let every job come now: put back by an hour, the alarm clock would sleep until its old hour comes again."""
    for job in scheduler.get_jobs():
        job.modify(next_run_time=clock.now())


def look(watch: Watch, scheduler: BackgroundScheduler) -> None:
    """If the clock of this machine was moved: every job comes now, and whoever runs the system reads of it for a day
    (threats R11), as soon as the database takes it.
    """
    if jump := watch.jump():
        logger.warning("the clock of this machine was moved by %s s", round(jump.total_seconds()))
        wake(scheduler)
        watch.untold = jump if abs(jump) > FURTHEST_APART else watch.untold
    if not watch.untold:
        return
    try:
        with transaction() as db:
            beats.write(db, beats.JUMP, Tally(fired=round(watch.untold / timedelta(minutes=1))))
        watch.untold = timedelta()
    except Unavailable as problem:
        logger.error("moved clock not written down yet: %s", problem)


def run(config: Config) -> None:
    """Catch up at once, then tick until SIGTERM or Ctrl-C; a job that has begun is finished first."""
    stop, watch = Event(), Watch()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    for job in JOBS:
        if not stop.is_set():
            tick(job, config)
    scheduler = BackgroundScheduler(
        timezone="Europe/Rome", job_defaults={"max_instances": 1, "coalesce": True, "misfire_grace_time": None}
    )
    for job in JOBS:
        scheduler.add_job(tick, "interval", [job, config], seconds=job.demo_seconds if config.demo else job.seconds)
    scheduler.start()
    while not stop.wait(GLANCE):
        look(watch, scheduler)
    scheduler.shutdown(wait=True)
    tick(SEAL, config)  # what was done last is sealed before the night


def main() -> None:
    """The clock of one installation, configured by the environment."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    config = Config.read(os.environ)
    passwords.configure(memory_kib=config.password_memory_kib)
    vault.load_keys(config.keys)
    connect(config.database_url)
    services.offer()
    run(config)


if __name__ == "__main__":
    main()
