"""A year of reminders with faults: nothing that was promised is lost, what comes twice has one Message-ID, and nothing
that leaves the house says whose life it is about.

Cases come and go under a clock that is moved by hand, in one process: the real clock jobs, a real SMTP server that
refuses, greylists, stalls, drops and is down for days; mailboxes that die, and late reports of it; jobs killed before
and after any commit and between claim, send and settle; a clock that stands still for days; two clocks, one of them
paused beyond its lease; nights that are an hour short or long; poisoned rows. For some weeks a hook listens too.
Canaries stand in every field of every form. The same seed tries the same year. Nothing moves from minute to minute: the
clock jumps to the hours at which something happens.
"""

import argparse
import logging
import re
import secrets
import signal
import sys
import tempfile
import time as stopwatch
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import func, or_, select

from cases.casefile import Case
from core import clock, db, failpoint, log, vault
from core.config import Config, make_keys
from core.db import transaction
from core.users import User
from drills.year_mail import Mailboxes
from drills.year_office import CANARY, PHONE, People, staff
from drills.year_truth import Truth, spoken, strangers, uncounted
from engine.tables import UserTask
from notifications import mail, outbox
from notifications.hook import event_id
from notifications.notices import Notice
from notifications.outbox import Message
from tasks import schedule, services
from tasks.chasing import Chase
from tests import databases
from tests.listener import Listener
from tests.postbox import Postbox, Server

FIRST = date(2026, 10, 5)  # every term that the office counts is in force
HOURS = ("07:31", "08:10", "14:00", "23:10")
POINTS = ("mail.claimed", "mail.sent", "before_commit", "after_commit")
ANSWERS = ("451 greylisted", "421 too busy", "drop", "take and drop", "550 policy", "stall")
STALLS, WAITS = 1.5, 1.0  # seconds that the server stalls, and that the sender waits for it
ODD_NIGHTS = (date(2026, 10, 25), date(2027, 3, 28))  # 02:30 exists twice, and does not exist
PAUSE, PAUSED = "a clock paused beyond its lease", timedelta(minutes=6)  # longer than the lease
HOOK_DAYS = 60  # each event there costs as much as a letter
QUIET_END = 4  # days, and at most a quarter of them
SHOWN = 10


class Killed(BaseException):
    """The process would have died here: no handler of the house catches it, and its transaction is rolled back."""


@dataclass
class Report:
    """What a year promised, sent, doubled and lost."""

    seed: int
    cases: int
    days: int
    promised: int = 0
    sent: int = 0
    unneeded: int = 0
    failed: int = 0
    arrived: int = 0
    doubled: int = 0
    kills: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)
    betrayed: list[str] = field(default_factory=list)
    hooked: int = 0
    opened: int = 0
    closed: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    planted: int = 0
    events: int = 0
    seconds: float = 0

    def lines(self) -> Iterator[str]:
        """The report in words."""
        yield f"seed {self.seed}, {self.days} days, {self.seconds:.0f} s"
        yield f"cases asked for {self.cases}, opened {self.opened}, closed {self.closed}"
        yield f"clicks refused: {_many(self.refused)}"
        yield f"events told {self.events}; messages promised {self.promised}, sent {self.sent}"
        yield f"no longer true when they were to leave {self.unneeded}, given up {self.failed}"
        yield f"letters that arrived {self.arrived}, doubled with the same Message-ID {self.doubled}"
        yield f"events at the hook {self.hooked}; canaries in {self.planted} fields"
        yield f"kills: {_many(self.kills)}"
        yield f"faults: {_many(self.faults)}"
        yield f"lost {len(self.lost)}"
        yield from self.lost[:SHOWN]
        yield f"betrayed {len(self.betrayed)}"
        yield from self.betrayed[:SHOWN]


def _many(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {times}" for name, times in sorted(counts.items())) or "none"


class Words(logging.Handler):
    """Every line that any part of the house logs, with its traceback."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self.setFormatter(logging.Formatter("%(name)s %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        """Keep it."""
        self.lines.append(self.format(record))


class Year:
    """One run."""

    def __init__(self, report: Report, config: Config, postbox: Postbox, hook: Listener, words: Words) -> None:
        self.report, self.config, self.postbox, self.hook, self.words = report, config, postbox, hook, words
        self.random = Random(report.seed)  # noqa: S311 - chooses what to try, protects nothing
        self.people = People(self.random)
        self.truth = Truth()
        self.mailboxes = Mailboxes(self.random, postbox, config.var / "back", report.faults)
        self.down_until = self.asleep_until = FIRST
        self.point, self.left, self.at_work = "", 0, False
        self.pauses = False
        self.calm = min(QUIET_END, report.days // 4)
        self.ends = float("inf")

    def stop(self, *_: object) -> None:
        """No further day begins."""
        self.ends = 0

    def run(self, tell: Callable[[str], object]) -> None:
        """Every day of the year, then a quiet end in which all that is owed is done."""
        coming = sorted(self.random.randrange(max(self.report.days - self.calm, 1)) for _ in range(self.report.cases))
        came = Counter(coming)
        for number in range(self.report.days):
            if stopwatch.monotonic() > self.ends:
                self.report.days, self.report.cases = number, sum(came[day] for day in range(number))
                break
            day = FIRST + timedelta(days=number)
            if number == HOOK_DAYS:
                self.config = replace(self.config, hook_url=None)
            calm = number >= self.report.days - self.calm
            self._faults(day, calm=calm)
            self.mailboxes.morning(day, calm=calm)
            for hour in ("02:30", *HOURS) if day in ODD_NIGHTS else HOURS:
                at(day, hour)
                if hour == HOURS[1]:
                    self.people.work(came[number])
                if day >= self.asleep_until:
                    self._tick()
            self.report.lost += self.mailboxes.silenced()
            tell(f"{day}: {len(self.postbox.raw)} letters")
        self._quiet()

    def _faults(self, day: date, *, calm: bool) -> None:
        """What goes wrong from this morning on."""
        self.postbox.refuses, self.postbox.answers, self.point, self.pauses = None, [], "", False
        self.hook.answers = []
        if calm:
            self.down_until = self.asleep_until = day
            return
        dice = self.random.random()
        if dice < 0.02:
            self.down_until = day + timedelta(days=self.random.choice((1, 1, 2)))
            self._count("server down")
        elif dice < 0.03:
            self.asleep_until = day + timedelta(days=3)
            self._count("clock down three days")
        elif dice < 0.33:
            self.postbox.answers = self.random.choices(ANSWERS, k=self.random.randrange(1, 6))
            self._count("answers of the server")
        elif dice < 0.5:
            self.point, self.left = self.random.choice(POINTS), self.random.randrange(1, 6)
            self.pauses = self.point.startswith("mail") and self.random.random() < 0.4
        elif dice < 0.54:
            self.hook.answers = [503] * self.random.randrange(1, 8)
            self._count("answers of the hook")
        if day < self.down_until:
            self.postbox.refuses = "451 not now"
        if self.random.random() < 0.02 and self.people.poison():
            self._count("poisoned rows")

    def _count(self, what: str) -> None:
        self.report.faults[what] += 1

    def _tick(self) -> None:
        """All jobs once, sometimes by two clocks; a kill ends the tick, and the next one begins anew."""
        for _ in range(self.random.choice((1, 1, 2))):
            self.at_work = True
            try:
                self._jobs()
            except Killed as killed:
                self.report.kills[str(killed)] += 1
            finally:
                self.at_work = False

    def _jobs(self) -> None:
        schedule.fire_timers()
        schedule.remind()
        schedule.send_mail(self.config)
        schedule.read_bounces(self.config)

    def reach(self, name: str) -> None:
        """Die at the point of the day, once; or stand still there while a second clock does all the work."""
        if name != self.point or not self.at_work:
            return
        self.left -= 1
        if self.left == 0 and self.pauses:
            self._count(PAUSE)
            clock.move(PAUSED)
            self._jobs()
        elif self.left == 0:
            raise Killed(name)

    def _quiet(self) -> None:
        """The server is well and the clock ticks for four days: what is owed must leave now."""
        self._faults(FIRST, calm=True)
        for hour in range(0, 4 * 24, 3):
            if hour % 24 == 0:
                self.mailboxes.morning(clock.today(), calm=True)
            clock.move(timedelta(hours=3))
            self._tick()

    def judge(self) -> None:
        """Compare what was promised, told, sent and what arrived."""
        letters = self.postbox.letters
        ids = Counter(str(letter["Message-ID"]) for letter in letters)
        deaths = sum(self.report.kills.values()) + self.report.faults[PAUSE]
        with transaction() as tx:
            rows = tx.scalars(select(Message)).all()
            mails, hooked = [row for row in rows if row.way == "mail"], [row for row in rows if row.way == "hook"]
            rows_of = {name: each for each in mails for name in each.letters}
            names = {mail.message_id(name, self.config.base_url): name for name in rows_of}
            known = {message_id: rows_of[name] for message_id, name in names.items()}
            counts = Counter(each.status for each in mails)
            last = {mail.message_id(each.letter, self.config.base_url) for each in mails}
            self.report.lost += list(_lost(tx, known, last, ids))
            self.report.lost += list(_lost_at_the_hook(hooked, self.hook))
            self.report.lost += [*self.truth.broken, *uncounted(tx)]
            copies = [(names[found], times) for found, times in ids.items() if found in names]
            self.report.lost += self.truth.unexplained(copies, deaths)
            self.report.betrayed += strangers(tx, letters, known)
            self.report.events = tx.scalar(select(func.count()).select_from(Notice)) or 0
            self.report.opened = tx.scalar(select(func.count()).select_from(Case)) or 0
            self.report.closed = tx.scalar(select(func.count()).where(Case.status == "closed")) or 0
        self.report.promised, self.report.sent = len(mails), counts["sent"]
        self.report.unneeded, self.report.failed = counts["unneeded"], counts["failed"]
        self.report.refused = self.people.refused
        self.report.hooked, self.report.planted = len(self.hook.requests), self.people.planted
        self.report.arrived, self.report.doubled = len(ids), sum(copies > 1 for copies in ids.values())
        self.report.betrayed += self._betrayed(letters)

    def _betrayed(self, letters: list[EmailMessage]) -> list[str]:
        """Canaries in letters (as they travel, as they are read), at the hook, in lines of the processes, in the lines
        of the log, in what the outbox keeps.
        """
        with transaction() as tx:
            codes = set(tx.scalars(select(UserTask.business_key))) | self.people.codes
            facts = [f"{line.verb} {line.facts}" for line in tx.scalars(select(log.Line))]
            kept = [f"{row.key} {row.facts} {row.error}" for row in tx.scalars(select(Message))]
        raw = [raw.decode(errors="replace") for raw in self.postbox.raw]
        posted = [f"{path} {headers} {body.decode(errors='replace')}" for path, headers, body in self.hook.requests]
        outside = {
            "a letter": raw + [spoken(letter) for letter in letters], "an event at the hook": posted,
            "a line of a process": self.words.lines,
        }  # fmt: skip
        # one expression for all: thousands of codes are looked for in as many letters
        code = re.compile("|".join(re.escape(code) for code in codes) or "$^")
        said = {found for texts in outside.values() for text in texts for found in code.findall(text)}
        inside = {"a line of the log": facts, "a row of the outbox": kept}
        speaks = re.compile(f"{CANARY}|{PHONE}")
        found = [
            f"{where}: {text[:80]!r}"
            for where, texts in (outside | inside).items() for text in texts if speaks.search(text)
        ]  # fmt: skip
        return found + [f"a code outside: {each}" for each in sorted(said)]


def _lost(tx: Any, known: dict[str, Message], last: set[str], ids: Counter[str]) -> Iterator[str]:
    """Called sent, never arrived; waiting, held or given up at the end; promised by nobody; late and told to nobody."""
    now = clock.now()
    yield from (f"a letter that nobody promised: {found}" for found in ids.keys() - known.keys())
    for message_id, message in known.items():
        if message.status == "sent" and message_id in last and not ids[message_id]:
            yield f"called sent, never arrived: {message.key}"
        if ids[message_id] > message.attempts:
            yield f"{ids[message_id]} copies after {message.attempts} attempts: {message.key}"
        if message.status in ("failed", "held") or (message.status == "queued" and message.not_before <= now):
            yield f"{message.status} at the end: {message.key}"
    told = select(Notice.key).where(Notice.about == "task:" + UserTask.id, Notice.kind.in_(("task_late", "task_up")))
    rests = select(Chase.key).where(Chase.key == "task:" + UserTask.id, Chase.snoozed_until > now)
    late = select(UserTask.id).where(UserTask.due_at < now - timedelta(hours=2), ~told.exists(), ~rests.exists())
    yield from (f"late and told to nobody: task {task_id}" for task_id in tx.scalars(late))
    carrier = select(Message.key).where(Message.key == Notice.mail)
    carriers = select(Notice.key).where(
        Notice.mail.is_not(None), Notice.mail.not_like("digest-%"), ~carrier.exists()
    )  # fmt: skip
    yield from (f"an event without its letter: {key}" for key in tx.scalars(carriers))
    nobody = select(User.login).where(User.active, or_(User.mail.is_(None), User.mail == ""))
    yield from (f"a reader without an address: {login}" for login in tx.scalars(nobody))


def _lost_at_the_hook(rows: list[Message], hook: Listener) -> Iterator[str]:
    """The same questions for the events of the hook; nobody waits three days for one that was refused."""
    ids = Counter(headers["webhook-id"] for _, headers, _ in hook.requests)
    known = {event_id(row.first): row for row in rows}
    yield from (f"an event that nobody promised: {found}" for found in ids.keys() - known.keys())
    for found, row in known.items():
        if row.status == "sent" and not ids[found]:
            yield f"called sent, never came to the hook: {row.key}"
        if ids[found] > row.attempts:
            yield f"{ids[found]} events after {row.attempts} attempts: {row.key}"


def at(day: date, hour: str) -> None:
    """It is this hour of this day in Rome; an hour that a night in spring leaves out is the one after it."""
    clock.freeze(datetime.fromisoformat(f"{day} {hour}").replace(tzinfo=clock.ROME))


def play(
    seed: int, cases: int, days: int = 365, minutes: float | None = None, tell: Callable[[str], object] = lambda _: None
) -> Report:
    """Play one year (or its first days, as many as `minutes` or a SIGTERM leave) in a database of its own."""
    report, began, words = Report(seed, cases, days), stopwatch.monotonic(), Words()
    with tempfile.TemporaryDirectory(prefix="approdo-year-") as folder:
        template = databases.SqliteTemplate(Path(folder))
        url, postbox, hook = template.copy(), Postbox(), Listener()
        postbox.stalls = STALLS
        databases.connect(url)
        make_keys(Path(folder) / "keys")
        vault.load_keys(Path(folder) / "keys")
        server = Server(postbox)
        server.start()
        host, port = server.address
        config = Config(
            database_url=url, var=Path(folder), keys=Path(folder) / "keys", base_url="https://agenda.example.org",
            smtp_host=host, smtp_port=port, smtp_tls="none", sender="agenda@example.org",
            bounces=Path(folder) / "back", hook_url=hook.url, hook_secret=secrets.token_urlsafe(24),
        )  # fmt: skip
        root, reach, waits = logging.getLogger(), failpoint.reach, mail.TIMEOUT
        drop, settle = outbox.drop, outbox.settle
        mail.TIMEOUT = WAITS
        sys.setswitchinterval(0.0005)  # the server is a thread: else each of its answers waits for its turn
        root.addHandler(words)
        year = Year(report, config, postbox, hook, words)
        year.ends = began + minutes * 60 if minutes is not None else year.ends
        before = signal.signal(signal.SIGTERM, year.stop)
        try:
            at(FIRST, "07:00")
            services.offer()
            staff()
            failpoint.reach, outbox.drop, outbox.settle = year.reach, year.truth.drop, year.truth.settle
            year.run(tell)
            year.judge()
        finally:
            signal.signal(signal.SIGTERM, before)
            failpoint.reach, mail.TIMEOUT, outbox.drop, outbox.settle = reach, waits, drop, settle
            hook.stop()
            root.removeHandler(words)
            server.stop()
            db.dispose()
            clock.thaw()
    report.seconds = stopwatch.monotonic() - began
    return report


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this drill."""
    parser.add_argument("--cases", type=int, default=2000, help="how many cases beside calls without (default 2000)")
    parser.add_argument("--days", type=int, default=365, help="how many days (default 365)")
    parser.add_argument("--seed", type=int, help="what happens and when (default: a fresh one)")
    parser.add_argument("--minutes", type=float, help="begin no day after so long, and judge what was played")


def run(options: argparse.Namespace) -> int:
    """Play; 0 if nothing was lost and nobody betrayed."""
    seed = options.seed if options.seed is not None else secrets.randbelow(10**9)
    began = stopwatch.monotonic()

    def tell(words: str) -> None:
        print(f"{words}, {stopwatch.monotonic() - began:.0f} s", file=sys.stderr, flush=True)

    report = play(seed, options.cases, options.days, options.minutes, tell)
    print("\n".join(report.lines()))
    return 1 if report.lost or report.betrayed else 0
