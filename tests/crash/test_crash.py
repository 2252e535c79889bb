"""The crash drill itself, a short one: real processes, real kills, and nothing wrong afterwards."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests import databases

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]


def drill(*options: str) -> tuple[int, dict[str, Any]]:
    """Run `python -m drills crash` on the kind of database that is tested."""
    command = [sys.executable, "-m", "drills", "crash", "--db", databases.KIND, "--json", *options]
    done = subprocess.run(command, cwd=ROOT, env=dict(os.environ), capture_output=True, text=True, timeout=600)
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


def test_after_twenty_kills_nothing_is_lost_doubled_or_stuck():
    code, report = drill("--kills", "20", "--seed", "20", "--seconds", "240")

    assert report["violations"] == []
    assert (code, report["complete"]) == (0, True)
    assert report["total"] >= 20
    assert report["clicks"]["complete done"] > 0
    assert report["clicks"]["record done"] > 0
    assert report["letters"] > 0
