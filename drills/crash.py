"""Kill -9 of web and clock during random honest work, then a look at what is left.

An era: both processes start some hours later than the era before, one or both with a named point at which they will
die; desks work over HTTP; workers and processes are killed at those points or from outside; when all are dead the rules
are checked. Repeated until enough were killed; at last a clock without failpoints finishes what is due.

The seed fixes what is tried, not how the machine deals out its time: the same seed may kill at another line. So a run
that finds something keeps its database, the processes' words and the journal of all clicks.
"""

import argparse
import json
import os
import secrets
import shutil
import signal
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import text

from core import calendar, clock, db
from core.errors import Unavailable
from drills import crash_mail
from drills.crash_answers import Forms
from drills.crash_desk import PEOPLE, REFUSED, Click, Desk, Journal
from drills.crash_ledger import Ledger
from drills.crash_office import Office, Running, open_office
from drills.crash_rules import RULES, Seen, users_by_login, without_pathway
from engine import incidents
from tasks.news import Planned

# Named points of each process, how many passages to wait at most, and how often to choose it.
WEB_POINTS = (("engine.after_step", 10, 4), ("before_commit", 60, 3), ("after_commit", 60, 3), ("", 1, 1))
CLOCK_POINTS = (
    ("timer.before_load", 5, 2), ("engine.after_step", 4, 2), ("before_commit", 25, 2), ("after_commit", 25, 2),
    ("mail.claimed", 5, 2), ("mail.sent", 5, 3), ("", 1, 1),
)  # fmt: skip
HOURS = (0.2, 1, 3, 8, 16, 24, 24, 72)
DESKS, PEOPLE_AT_A_DESK = 3, 2
# An era lasts as many answers as these, or until so many workers are lost, or (on a slow machine) so many seconds.
ANSWERS, MOST_LOST_WORKERS, LONGEST_ERA = (60, 200), 4, 20.0
LONGEST_START, MOST_NEW_CLOCKS = 60.0, 2
# Of so many answered requests one is followed by a blow from outside.
BLOWS = 80
BLINK = 0.05
KILLED_AT_THE_END = 0.9
QUIET_FOR = 90.0
# What processes call an error and is none: workers that we killed, a database that was busy for five seconds.
EXPECTED = ("Worker (pid", "Unavailable", Unavailable.sentence)
OTHERS = (
    "select count(*) from pg_stat_activity "
    "where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'"
)


@dataclass
class Report:
    """What a drill did and found."""

    seed: int
    db: str
    clocks: int
    kills: Counter[str] = field(default_factory=Counter)
    clicks: Counter[str] = field(default_factory=Counter)
    violations: list[str] = field(default_factory=list)
    eras: int = 0
    days: float = 0
    tasks: Counter[str] = field(default_factory=Counter)
    timers: int = 0
    log_lines: int = 0
    letters: int = 0
    letters_doubled: int = 0
    incidents: int = 0
    seconds: float = 0
    complete: bool = False
    folder: str = ""

    def lines(self) -> Iterator[str]:
        """The report in words."""
        yield f"kills {self.kills.total()}, eras {self.eras}, {self.seconds:.0f} s, {self.days:.0f} days of the office"
        yield from (f"  {times:5} {name}" for name, times in sorted(self.kills.items()) if times)
        for name, counted in (("clicks", self.clicks), ("tasks completed", self.tasks)):
            yield f"{name}: " + ", ".join(f"{what} {times}" for what, times in sorted(counted.items()))
        yield f"timers fired {self.timers}, log lines {self.log_lines}"
        yield f"letters {self.letters}, of which {self.letters_doubled} came twice"
        if not self.complete:
            yield "stopped by the time limit before all kills were done"
        yield f"violations {len(self.violations)}, seed {self.seed}"
        yield from self.violations
        if self.folder:
            yield f"database, logs and journal are kept in {self.folder}"

    def record(self) -> dict[str, Any]:
        """The report for a machine."""
        return {**vars(self), "total": self.kills.total()}


class Drill:
    """One run, from the first era to the last look."""

    def __init__(self, office: Office, report: Report, kills: int, seconds: float) -> None:
        self.office, self.report, self.kills = office, report, kills
        self.random = Random(report.seed)  # noqa: S311 - chooses what to try, protects nothing
        self.ends = time.monotonic() + seconds
        self.journal = Journal()
        self.letters = crash_mail.Letters(office.letters)
        with db.transaction() as tx:
            self.on_server = tx.get_bind().dialect.name == "postgresql"
            ledger = Ledger()
            ledger.read(tx)
            before, bare = ledger.counts.copy(), without_pathway(tx)
            self.seen = Seen(tx, self.journal, ledger, users_by_login(tx), before, {}, bare)

    def run(self) -> None:
        """Eras until enough was killed or the time is over, then the end."""
        self.office.start("sink")
        while self.report.kills.total() < self.kills and time.monotonic() < self.ends:
            self._live()
            self._inspect(f"era {self.report.eras}")
        self.report.complete = self.report.kills.total() >= self.kills
        self._settle()
        self._inspect("end", last=True)
        self._sum_up()

    # -- an era --------------------------------------------------------------------------------------------------------

    def _live(self) -> None:
        self.report.eras += 1
        self.office.move(timedelta(hours=self.random.choice(HOURS) * self.random.uniform(0.7, 1.3)))
        web = self.office.start("serve", self._point(WEB_POINTS))
        points = [self._point(CLOCK_POINTS)] + [""] * (self.report.clocks - 1)
        clocks = [self.office.start("clock", point) for point in points]
        desks = self._open_desks()
        try:
            self._watch(web, clocks, desks)
        finally:
            for desk in desks:
                desk.closing.set()
            self._end(web, clocks)
        for desk in desks:
            desk.join()
            if desk.problem is not None:
                raise desk.problem

    def _open_desks(self) -> list[Desk]:
        """Everybody sits at one desk of this era, so that nobody races with herself."""
        with db.transaction() as tx:
            forms = Forms(tx)
        people = self.random.sample(sorted(PEOPLE), DESKS * PEOPLE_AT_A_DESK)
        desks = [
            Desk(self.report.eras, self.office.port, people[n::DESKS], self._child(), forms, self.journal)
            for n in range(DESKS)
        ]
        for desk in desks:
            desk.start()
        return desks

    def _child(self) -> Random:
        return Random(self.random.getrandbits(64))  # noqa: S311 - as above

    def _point(self, points: tuple[tuple[str, int, int], ...]) -> str:
        name, most, _ = self.random.choices(points, [weight for _, _, weight in points])[0]
        return f"{name}:{self.random.randint(1, most)}" if name else ""

    def _watch(self, web: Running, clocks: list[Running], desks: list[Desk]) -> None:
        """Let them work, kill and freeze now and then, until the era has lasted long enough."""
        until, enough = time.monotonic() + LONGEST_START, self.random.randint(*ANSWERS)
        left = self.kills - self.report.kills.total()
        frozen: dict[Running, float] = {}
        answers = 0
        while time.monotonic() < until and web.alive and all(desk.is_alive() for desk in desks):
            dead = web.lost_workers + sum(not each.alive for each in clocks)
            if web.lost_workers >= MOST_LOST_WORKERS or dead >= left or answers >= enough:
                return
            before, answers = answers, sum(desk.answers for desk in desks)
            if answers and not before:
                until = time.monotonic() + LONGEST_ERA
            self._strike(web, (answers - before) / BLOWS)
            self._replace(clocks)
            self._freeze(clocks, frozen)
            time.sleep(BLINK)

    def _strike(self, web: Running, chance: float) -> None:
        """Now and then a worker dies at no named point."""
        workers = web.workers()
        if workers and self.random.random() < chance:
            web.by_hand += _killed(self.random.choice(workers))

    def _replace(self, clocks: list[Running]) -> None:
        """A clock that died is started again, once or twice in an era."""
        alive, most = sum(each.alive for each in clocks), self.report.clocks + MOST_NEW_CLOCKS
        if alive < self.report.clocks and len(clocks) < most:
            clocks.append(self.office.start("clock", self._point(CLOCK_POINTS)))

    def _freeze(self, clocks: list[Running], frozen: dict[Running, float]) -> None:
        """With several clocks, each stands still for a while now and then, as a paused machine would."""
        for each in [each for each, until in frozen.items() if time.monotonic() > until]:
            each.signal(signal.SIGCONT)
            del frozen[each]
        if self.report.clocks > 1 and self.random.random() < BLINK * 2:
            chosen = self.random.choice(clocks)
            chosen.signal(signal.SIGSTOP)
            frozen[chosen] = time.monotonic() + self.random.uniform(0.05, 2.0)

    def _end(self, web: Running, clocks: list[Running]) -> None:
        """Count what died by itself; end the rest, mostly by force."""
        kills = self.report.kills
        by_hand = min(web.by_hand, web.lost_workers)
        kills["web worker, from outside"] += by_hand
        kills[f"web {_name(web)}"] += web.lost_workers - by_hand
        for each in clocks:
            kills[f"clock {_name(each)}"] += each.process.poll() == -signal.SIGKILL
        for each in (web, *clocks):
            if not each.alive:
                continue
            if self.random.random() < KILLED_AT_THE_END:
                each.kill()
                kills[f"{each.name}, from outside".replace("serve", "web, whole")] += 1
            else:
                each.stop()

    # -- the look ------------------------------------------------------------------------------------------------------

    def _inspect(self, when: str, *, last: bool = False) -> None:
        """Check every rule while nothing runs but the sink; what was found before is not said again."""
        self.letters.read()
        self._wait_for_the_dead()
        with db.transaction() as tx:
            if self.on_server:
                tx.execute(text("set transaction isolation level repeatable read"))
            self.seen.db = tx
            self.seen.ledger.read(tx)
            found = [sentence for rule in RULES for sentence in rule(self.seen)]
            found += crash_mail.check(tx, self.letters, self.office.base_url)
            found += crash_mail.left_over(tx) if last else []
            parked = incidents.open_incidents(tx)
            found += [f"F1 parked: {row.sentence} ({row.id} of {row.business_key})" for row in parked]
        found += [f"F2 status {fault.status}: {fault.verb} {fault.subject} by {fault.login} (era {fault.era})"
                  for fault in self.journal.faults]  # fmt: skip
        found += self._complaints()
        self._keep(when, found)

    def _wait_for_the_dead(self) -> None:
        """A database server still finishes what a killed client had asked for."""
        until = time.monotonic() + QUIET_FOR
        while self.on_server and time.monotonic() < until:
            with db.transaction() as tx:
                if not tx.scalar(text(OTHERS)):
                    return
            time.sleep(BLINK)

    def _keep(self, when: str, found: list[str]) -> None:
        """Remember what is new, with when it was found and what had been told to die."""
        known = {sentence.partition("] ")[2] for sentence in self.report.violations}
        armed = ", ".join(f"{each.name} {each.failpoint}" for each in self.office.started[-3:] if each.failpoint)
        self.report.violations += [f"[{when}; {armed}] {sentence}" for sentence in found if sentence not in known]

    def _complaints(self) -> list[str]:
        """What the processes themselves called an error, except a busy database and the workers we killed."""
        found = []
        for running in self.office.started:
            lines = running.log.read_text(encoding="utf-8", errors="replace").splitlines()
            wrong = [line for line in lines if "ERROR" in line and not any(words in line for words in EXPECTED)]
            found += [f"F3 {running.log.name}: {line}" for line in wrong]
            # -SIGTERM: stopped by us before it had set up its own way to stop
            if running.process.poll() not in (None, 0, -signal.SIGKILL, -signal.SIGTERM):
                found.append(f"F3 {running.log.name}: ended by itself with code {running.process.returncode}")
        return found

    def _settle(self) -> None:
        """The next morning a clock without failpoints does what is due."""
        now = clock.now().astimezone(clock.ROME)
        morning = datetime.combine(now.date() + timedelta(days=1), datetime.min.time(), clock.ROME) + timedelta(hours=9)
        self.office.move(morning - now)
        running = self.office.start("clock")
        until = time.monotonic() + QUIET_FOR
        while time.monotonic() < until and not self._is_quiet():
            time.sleep(0.3)
        running.stop()

    def _is_quiet(self) -> bool:
        with db.transaction() as tx:
            planned = tx.get(Planned, f"digest-{clock.today()}") or not calendar.is_working_day(clock.today())
            return bool(planned) and not any(crash_mail.left_over(tx))

    def _sum_up(self) -> None:
        report, ledger = self.report, self.seen.ledger
        report.days = self.office.offset.total_seconds() / 86400
        report.log_lines = ledger.lines
        report.letters, report.letters_doubled = len(self.letters.copies), self.letters.doubled
        report.clicks.update(_sort_of(click) for click in self.journal.clicks)
        report.timers = len(ledger.by_verb["timer.fired"])
        report.tasks.update(entry.facts["element"] for entry in ledger.by_verb["task.completed"])
        with db.transaction() as tx:
            report.incidents = len(incidents.open_incidents(tx))


def _sort_of(click: Click) -> str:
    return f"{click.verb} {click.outcome}" + (f" ({click.status})" if click.outcome == REFUSED else "")


def _name(running: Running) -> str:
    return running.failpoint.partition(":")[0] or "without a point"


def _killed(pid: int) -> int:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return 0
    return 1


def drill(database: str, kills: int, seed: int, clocks: int = 1, seconds: float | None = None) -> Report:
    """Run one drill on a new office and return its report; the office is kept if something was found."""
    began = time.monotonic()
    report = Report(seed, database, clocks)
    with open_office(database) as office:
        run = Drill(office, report, kills, seconds or kills * 8 + 180)
        run.run()
    report.seconds = time.monotonic() - began
    if report.violations:
        report.folder = str(office.folder)
        journal = [json.dumps(asdict(click), ensure_ascii=False) for click in run.journal.clicks]
        Path(office.folder, "journal.jsonl").write_text("\n".join(journal), encoding="utf-8")
    else:
        shutil.rmtree(office.folder)
    return report


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this drill."""
    parser.add_argument("--kills", type=int, default=100, help="how many kills (default 100)")
    parser.add_argument("--seed", type=int, help="what is tried and when (default: a fresh one)")
    parser.add_argument("--db", default="sqlite", help="sqlite, postgres, or the address of a PostgreSQL server")
    parser.add_argument("--clocks", type=int, default=1, choices=range(1, 6), help="so many side by side, also frozen")
    parser.add_argument("--seconds", type=float, help="stop after so long (default: 180, and 8 for each kill)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(options: argparse.Namespace) -> int:
    """Drill; 0 if every kill was done and no rule was broken."""
    seed = options.seed if options.seed is not None else secrets.randbelow(10**9)
    report = drill(options.db, options.kills, seed, options.clocks, options.seconds)
    if options.json:
        print(json.dumps(report.record(), ensure_ascii=False))
    else:
        print("\n".join(report.lines()))
    return int(bool(report.violations) or not report.complete)
