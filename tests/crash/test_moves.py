"""kill -9 of the clock while it moves cases: each case is whole, on one version or the other, and the rest goes on."""

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from core import clock, log
from core.db import transaction
from engine import migration, registry
from engine.migration import Move
from engine.tables import Definition, Instance, Step, UserTask
from tasks import schedule
from tests.crash.conftest import ROOT
from tests.tasks.conftest import Office

TICK = """
import os
from core import db, vault
from core.config import Config
from tasks import schedule, services
config = Config.read(os.environ)
vault.load_keys(config.keys)
db.connect(config.database_url)
services.offer()
schedule.move_cases()
"""


def tick(engine_url: str, keys: Path, var: Path, failpoint: str) -> int:
    """The clock in a process of its own, which dies at the failpoint."""
    ahead = (clock.now() - datetime.now(UTC)).total_seconds()
    plain = {name: value for name, value in os.environ.items() if not name.startswith("APPRODO_")}
    env = plain | {
        "APPRODO_DATABASE_URL": engine_url, "APPRODO_KEYS": str(keys), "APPRODO_VAR": str(var),
        "APPRODO_CLOCK_OFFSET": str(ahead), "APPRODO_FAILPOINT": failpoint,
    }  # fmt: skip
    return subprocess.run([sys.executable, "-c", TICK], cwd=ROOT, env=env, check=False, timeout=60).returncode


def what_there_is() -> tuple[list[str], list[tuple[str, str]]]:
    """The states of the queue; version and open step of each case must agree with its task."""
    with transaction() as db:
        rows = sorted(db.scalars(select(Move.status)))
        found = []
        for instance, definition in db.execute(
            select(Instance, Definition).join(Definition, Definition.id == Instance.definition_id)
        ):
            task = db.scalars(select(UserTask).where(UserTask.instance_id == instance.id)).one()
            assert db.get_one(Step, task.id).definition_id == definition.id
            found.append((f"v{definition.version}", task.name))
        assert log.verify(db) == []
        return rows, sorted(found)


@pytest.mark.parametrize("failpoint", ["move.half:2", "before_commit:3"])
def test_a_clock_that_dies_between_two_cases_leaves_each_of_them_whole(
    office: Office, engine_url: str, keys: Path, tmp_path: Path, failpoint: str
):
    for _ in range(3):
        office.call()
    text = (ROOT / "workflows" / "bpmn" / "contact.bpmn").read_bytes()
    with transaction() as db:
        old = registry.current(db, "contact")
        new = registry.publish(db, text.replace(b"Rispondi e vai incontro", b"Rispondi subito"), by="u_coord")
        migration.ask(db, old.id, new.id, {}, migration.running(db, old.id), by="u_coord")

    assert tick(engine_url, keys, tmp_path, failpoint) == -9

    before = ("v1", "Rispondi e vai incontro")
    after = ("v2", "Rispondi subito")
    assert what_there_is() == (["done", "queued", "queued"], [before, before, after])
    schedule.move_cases()
    assert what_there_is() == (["done", "done", "done"], [after, after, after])
