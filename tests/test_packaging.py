"""The set-up: locked with hashes, bound to no registry, and its settings known to the program."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from core.config import Config

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
LOCKS = ("runtime", "dev", "tools")


def lock(name: str) -> str:
    return (ROOT / "requirements" / f"{name}.txt").read_text()


def pinned(name: str) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9._-]+)(?:\[[^]]*\])?==(\S+)", lock(name), re.MULTILINE))


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_names_no_address_and_gives_every_package_a_hash(name: str):
    entries = re.split(r"^(?=[a-z0-9])", lock(name), flags=re.MULTILINE)[1:]

    assert "://" not in lock(name)
    assert entries
    assert not [entry.splitlines()[0] for entry in entries if "--hash=sha256:" not in entry]


def test_what_the_project_depends_on_is_locked():
    names = {re.split(r"[\[=<>!~;]", wanted)[0].lower() for wanted in PROJECT["project"]["dependencies"]}
    build = {re.split(r"[\[=<>!~;]", wanted)[0] for wanted in PROJECT["dependency-groups"]["build"]}

    assert names | build <= pinned("runtime").keys()


def test_work_on_the_code_happens_on_the_versions_that_offices_run():
    development = pinned("dev")

    assert {name: development.get(name) for name in pinned("runtime")} == pinned("runtime")


def test_the_build_asks_for_what_is_locked_for_it():
    assert set(PROJECT["build-system"]["requires"]) <= set(PROJECT["dependency-groups"]["build"])


def test_every_package_of_the_house_is_in_the_wheel():
    packages = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]

    homes = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert homes - {"tests", "drills", "benchmarks"} <= set(packages)
    assert "workflows" in packages


def test_run_sets_only_what_the_configuration_knows():
    names = re.findall(r"\bAPPRODO_([A-Z_]+)=", (ROOT / "run").read_text())

    assert {name.lower() for name in names} <= set(Config.__dataclass_fields__)


def test_the_scripts_are_sound_for_a_plain_shell():
    for script in ("run", "test", "bootstrap.sh", ".ci/run"):
        subprocess.run(["/bin/sh", "-n", str(ROOT / script)], check=True)


def test_a_test_that_skips_itself_fails_under_strict_skips(tmp_path: Path):
    (tmp_path / "test_lazy.py").write_text("import pytest\n\ndef test_it():\n    pytest.skip('no browser')\n")

    assert _pytest(tmp_path).returncode == 0
    strict = _pytest(tmp_path, "--strict-skips")
    assert strict.returncode == 1
    assert "no browser" in strict.stdout


def test_the_second_database_repeats_only_the_tests_that_use_one(tmp_path: Path):
    (tmp_path / "test_two.py").write_text(
        "import pytest\n\n@pytest.fixture\ndef template(): ...\n\n@pytest.fixture\ndef db(template): ...\n\n"
        "def test_pure(): ...\n\ndef test_stored(db): ...\n"
    )

    assert "1 passed, 1 deselected" in _pytest(tmp_path, "--only-database").stdout


def _pytest(folder: Path, *options: str) -> "subprocess.CompletedProcess[str]":
    command: list[Any] = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", ROOT / "pyproject.toml"]
    command += ["--rootdir", folder, *options, folder]
    return subprocess.run(command, check=False, capture_output=True, text=True, cwd=ROOT)
