"""The office of the tasks' tests, and clicks in processes of their own, which may die."""

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core import clock
from tests.tasks.conftest import Office, office, source  # noqa: F401 - fixtures

ROOT = Path(__file__).parents[2]
CLICK = """
import os, sys
from core import clock, db, vault
from core.config import Config
from tasks import assignment, inbox, services
from tasks.forms import Paper
from core.users import by_login
config = Config.read(os.environ)
vault.load_keys(config.keys)
db.connect(config.database_url)
services.offer()
login, task, *typed = sys.argv[1:]
with db.transaction() as tx:
    actor = assignment.actor_of(tx, by_login(tx, login))
    inbox.complete(tx, actor, task, Paper(dict(each.split("=", 1) for each in typed)))
print("acknowledged", flush=True)
"""


class Clicker:
    """Presses "Completa" in a process of its own, at the time the test has."""

    def __init__(self, url: str, keys: Path, var: Path) -> None:
        plain = {name: value for name, value in os.environ.items() if not name.startswith("APPRODO_")}
        self.env = plain | {"APPRODO_DATABASE_URL": url, "APPRODO_KEYS": str(keys), "APPRODO_VAR": str(var)}

    def begin(self, login: str, task: str, failpoint: str = "", **typed: str) -> "subprocess.Popen[str]":
        """Start, and do not wait."""
        ahead = (clock.now() - datetime.now(UTC)).total_seconds()
        env = self.env | {"APPRODO_CLOCK_OFFSET": str(ahead), "APPRODO_FAILPOINT": failpoint}
        command = [sys.executable, "-c", CLICK, login, task, *(f"{name}={value}" for name, value in typed.items())]
        return subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def die(self, login: str, task: str, failpoint: str, **typed: str) -> None:
        """Click, and be killed at the failpoint before a reply leaves."""
        process = self.begin(login, task, failpoint, **typed)
        out, err = process.communicate(timeout=60)
        assert (process.returncode, out) == (-9, ""), err


@pytest.fixture
def clicker(engine_url: str, keys: Path, tmp_path: Path) -> Clicker:
    return Clicker(engine_url, keys, tmp_path)
