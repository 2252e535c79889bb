"""kill -9 at named points of the clock process, on a real process, and what is there when it starts again."""

import os
import signal
import subprocess
import sys
import time as stopwatch
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

from core import log
from core.db import transaction
from engine.tables import Instance, UserTask
from notifications.outbox import Message
from tasks import beats, schedule
from tests.postbox import Postbox, Server
from tests.tasks.conftest import Office

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]


class Clock:
    """The clock process of an installation, started at a moment of our choice."""

    def __init__(self, url: str, keys: Path, var: Path, server: Server) -> None:
        host, port = server.address
        self.env = {
            **{name: value for name, value in os.environ.items() if not name.startswith("APPRODO_")},
            "APPRODO_DATABASE_URL": url, "APPRODO_KEYS": str(keys), "APPRODO_VAR": str(var), "APPRODO_SMTP_HOST": host,
            "APPRODO_SMTP_PORT": str(port), "APPRODO_SMTP_TLS": "none", "APPRODO_SENDER": "agenda@example.org",
            "APPRODO_BASE_URL": "https://agenda.example.org",
        }  # fmt: skip

    def start(self, at: datetime, failpoint: str = "") -> "subprocess.Popen[bytes]":
        ahead = (at - datetime.now(UTC)).total_seconds()
        env = self.env | {"APPRODO_CLOCK_OFFSET": str(ahead), "APPRODO_FAILPOINT": failpoint}
        return subprocess.Popen([sys.executable, "-m", "tasks.schedule"], cwd=ROOT, env=env, stderr=subprocess.PIPE)

    def die(self, at: datetime, failpoint: str) -> None:
        """Run until the failpoint kills it."""
        process = self.start(at, failpoint)
        _, words = process.communicate(timeout=60)
        assert process.returncode == -signal.SIGKILL, words.decode()

    def work(self, at: datetime) -> None:
        """Run one round of all jobs, then stop it as a supervisor would."""
        with transaction() as db:
            before = {beat.name: beat.at for beat in beats.list_(db)}
        process = self.start(at)
        deadline = stopwatch.monotonic() + 60
        while stopwatch.monotonic() < deadline and process.poll() is None and not self._has_beaten(before):
            stopwatch.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        _, words = process.communicate(timeout=60)
        assert process.returncode == 0, words.decode()

    def _has_beaten(self, before: dict[str, datetime]) -> bool:
        with transaction() as db:
            now = {beat.name: beat.at for beat in beats.list_(db)}
        return all(job.name in now and now[job.name] != before.get(job.name) for job in schedule.JOBS)


@pytest.fixture
def postbox() -> Postbox:
    return Postbox()


@pytest.fixture
def clock(engine_url: str, keys: Path, tmp_path: Path, postbox: Postbox) -> Iterator[Clock]:
    server = Server(postbox)
    server.start()
    yield Clock(engine_url, keys, tmp_path, server)
    server.stop()


def escalations() -> int:
    with transaction() as db:
        return db.scalar(select(func.count()).where(UserTask.element == "pickup_escalation")) or 0


@pytest.mark.parametrize(
    "failpoint", ["timer.before_load", "engine.after_step", "before_commit:2", "after_commit:2", "after_commit:1"]
)
def test_a_clock_that_dies_while_firing_a_timer_has_fired_it_once_or_not_at_all(
    office: Office, clock: Clock, failpoint
):
    code = office.call()
    due = office.time.forward(minutes=40)

    clock.die(due, failpoint)
    assert escalations() == (1 if failpoint == "after_commit:2" else 0)
    clock.work(office.time.forward(minutes=10))

    assert escalations() == 1
    with transaction() as db:
        fired = db.scalars(select(log.Line).where(log.Line.verb == "timer.fired")).all()
        assert len(fired) == 1
        assert log.verify(db) == []
        assert db.scalars(select(Instance.status).where(Instance.business_key == code)).one() == "open"


def queued() -> int:
    """How many letters have not left yet."""
    with transaction() as db:
        return db.scalar(select(func.count()).where(Message.status == "queued")) or 0


@pytest.mark.parametrize(("failpoint", "arrived"), [("mail.claimed", 1), ("mail.sent", 2)])
def test_a_clock_that_dies_while_sending_sends_again_after_the_lease_with_the_same_message_id(
    office: Office, clock: Clock, postbox: Postbox, failpoint, arrived
):
    office.call()
    office.time.at("2026-08-11 07:30")
    schedule.remind()

    clock.die(office.time.forward(seconds=1), failpoint)
    clock.work(office.time.forward(minutes=1))
    others = len(postbox.letters) - (arrived - 1)
    clock.work(office.time.forward(minutes=6))

    assert len(postbox.letters) == others + arrived
    assert len({letter["Message-ID"] for letter in postbox.letters}) == others + 1
    with transaction() as db:
        assert db.scalars(select(Message.status)).all() == ["sent"] * (others + 1)


def test_two_clock_processes_do_everything_once(office: Office, clock: Clock, postbox: Postbox):
    for minute in range(4):
        office.call(at=f"2026-08-11T02:1{minute}")
    morning = office.time.at("2026-08-11 07:35")
    both = [clock.start(morning), clock.start(morning)]
    until = stopwatch.monotonic() + 60
    while stopwatch.monotonic() < until and (escalations() < 4 or len(postbox.letters) < 2 or queued()):
        stopwatch.sleep(0.05)
    for process in both:
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
        assert process.stderr is not None
        process.stderr.close()

    assert escalations() == 4
    assert {"bruno@example.org", "dario@example.org"} <= {letter["To"] for letter in postbox.letters}
    assert len({letter["Message-ID"] for letter in postbox.letters}) == len(postbox.letters)
    with transaction() as db:
        assert log.verify(db) == []
