"""An invented office in a folder of its own, and its real processes: started, stopped, frozen, killed."""

import os
import signal
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from sqlalchemy import create_engine, make_url, text

from core import clock, db, vault
from core.config import Config
from tasks import services
from tests import databases
from tests.postbox import free_port

ROOT = Path(__file__).parents[1]
COMMAND = [sys.executable, "-c", "from web.cli import main; main()"]
LONGEST_START, LONGEST_STOP = 120, 30
WORKER_LOST = "was sent SIGKILL"


@dataclass(eq=False)
class Running:
    """A process that we started. It leads a process group of its own, so that what it starts dies with it."""

    name: str
    process: subprocess.Popen[bytes]
    failpoint: str
    log: Path
    by_hand: int = field(default=0)

    @property
    def alive(self) -> bool:
        """Whether it still runs (also when it is frozen)."""
        return self.process.poll() is None

    @property
    def lost_workers(self) -> int:
        """How many of its workers died of a SIGKILL, as it says itself."""
        return self.log.read_text(encoding="utf-8", errors="replace").count(WORKER_LOST)

    def workers(self) -> list[int]:
        """Its children, by process id."""
        pid = self.process.pid
        try:
            return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
        except FileNotFoundError:
            return []

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the process and all that it started."""
        if self.alive:
            os.killpg(self.process.pid, number)

    def kill(self) -> None:
        """End it as a power cut would."""
        self.signal(signal.SIGKILL)
        self.process.wait(LONGEST_STOP)

    def stop(self) -> None:
        """End it as an administrator would, and for certain."""
        if self.alive:
            self.signal(signal.SIGCONT)
            self.process.terminate()
            try:
                self.process.wait(LONGEST_STOP)
            except subprocess.TimeoutExpired:
                self.kill()


class Office:
    """Where the drill happens: settings, database, clock, processes."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder, self.url, self.offset = folder, url, timedelta()
        self.port, self.smtp_port = free_port(), free_port()
        self.base_url = f"http://127.0.0.1:{self.port}"
        self.started: list[Running] = []

    @property
    def environment(self) -> dict[str, str]:
        """What every process of the office is told."""
        own = {
            "DEMO": "1",
            "VAR": str(self.folder),
            "DATABASE_URL": self.url,
            "BASE_URL": self.base_url,
            "HOST": "127.0.0.1",
            "PORT": str(self.port),
            "SMTP_HOST": "127.0.0.1",
            "SMTP_PORT": str(self.smtp_port),
            "SMTP_TLS": "none",
            "PASSWORD_MEMORY_KIB": "8",
            "CLOCK_OFFSET": str(self.offset.total_seconds()),
        }
        plain = {"PATH": os.environ.get("PATH", ""), "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
        return plain | {f"APPRODO_{name}": value for name, value in own.items()}

    @property
    def letters(self) -> Path:
        """Where the mail sink puts what it receives."""
        return self.folder / "mail"

    def fill(self) -> None:
        """Make keys, schema, models and people as `approdo demo` does, and connect to the result."""
        command = [*COMMAND, "demo"]
        done = subprocess.run(  # noqa: S603 - our own command line
            command, cwd=ROOT, env=self.environment, capture_output=True, text=True, timeout=LONGEST_START, check=False
        )
        if done.returncode:
            raise RuntimeError(f"approdo demo: {done.stderr[-2000:]}")
        vault.load_keys(Config.read(self.environment).keys)
        db.connect(self.url)
        services.offer()

    def start(self, command: str, failpoint: str = "") -> Running:
        """Start one of the house's processes, perhaps with a point at which it will die."""
        log = self.folder / f"{len(self.started):04}-{command}.log"
        extra = {"APPRODO_FAILPOINT": failpoint} if failpoint else {}
        with log.open("wb") as out:
            process = subprocess.Popen(  # noqa: S603 - as above
                [*COMMAND, command],
                cwd=ROOT,
                env=self.environment | extra,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        running = Running(command, process, failpoint, log)
        self.started.append(running)
        return running

    def move(self, span: timedelta) -> None:
        """Let time pass, here and for every process that starts from now on."""
        self.offset += span
        clock.move(span)

    def close(self) -> None:
        """End whatever still runs, and put the clock back."""
        for running in self.started:
            running.kill()
        clock.move(-self.offset)
        db.dispose()


@contextmanager
def open_office(database: str) -> Iterator[Office]:
    """A filled office on a new database: `sqlite`, `postgres`, or the address of a server."""
    folder = Path(tempfile.mkdtemp(prefix="approdo-crash-"))
    with _database(database, folder) as url:
        office = Office(folder, url)
        try:
            office.fill()
            yield office
        finally:
            office.close()


@contextmanager
def _database(database: str, folder: Path) -> Iterator[str]:
    if database == "sqlite":
        yield f"sqlite:///{folder / 'approdo.db'}"
    elif database != "postgres":
        with _new_database(database) as url:
            yield url
    elif server := os.environ.get("TEST_DATABASE_URL"):
        with _new_database(server) as url:
            yield url
    else:
        stop = databases.start_postgres()
        try:
            with _new_database(os.environ.pop("TEST_DATABASE_URL")) as url:
                yield url
        finally:
            stop()


@contextmanager
def _new_database(server: str) -> Iterator[str]:
    """A database of our own on a PostgreSQL server, gone afterwards; what else is there is never touched."""
    address = make_url(server).set(drivername="postgresql+psycopg")
    name = f"approdo_crash_{uuid.uuid4().hex[:12]}"
    admin = create_engine(address, isolation_level="AUTOCOMMIT", pool_size=1)
    with admin.connect() as connection:
        connection.execute(text(f'create database "{name}"'))
    try:
        yield address.set(database=name).render_as_string(hide_password=False)
    finally:
        with admin.connect() as connection:
            connection.execute(text(f'drop database if exists "{name}" with (force)'))
        admin.dispose()
