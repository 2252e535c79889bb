"""What every test may ask for: a database of its own, a clock to move, keys."""

import os
import shutil
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import settings
from playwright.sync_api import Browser, sync_playwright
from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session

import core.db
from core import clock, config, passwords, sessions, vault  # noqa: F401 - its tables must be known
from tests import databases

# A slow machine is no defect; what a property found once is kept as an ordinary test, not in a cache.
settings.register_profile("house", deadline=None, database=None)
settings.load_profile("house")

# Quiet: a browser of the tests speaks to nobody but the server of its test.
CHROMIUM = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)  # fmt: skip
STOP = pytest.StashKey[Callable[[], None]]()


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "only_on(kind): runs on one database, sqlite or postgres")
    is_controller = not hasattr(config, "workerinput")
    if databases.KIND == "postgres" and is_controller and not os.environ.get("TEST_DATABASE_URL"):
        config.stash[STOP] = databases.start_postgres()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """`only_on("postgres")`: a test of what one database does is left out, not skipped, on the other."""
    marked = {item: mark.args[0] for item in items if (mark := item.get_closest_marker("only_on"))}
    foreign = [item for item, kind in marked.items() if kind != databases.KIND]
    items[:] = [item for item in items if item not in foreign]
    config.hook.pytest_deselected(items=foreign)


def pytest_unconfigure(config: pytest.Config) -> None:
    if STOP in config.stash:
        config.stash[STOP]()
        os.environ.pop("TEST_DATABASE_URL", None)


@pytest.fixture(autouse=True, scope="session")
def warm_statements() -> Iterator[None]:
    """Statements compiled once: each test has a database of its own, and a third of its time went into the same SQL."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("core.db.create_engine", databases.warm(create_engine))
        yield


@pytest.fixture(scope="session")
def template(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[databases.Template]:
    made = databases.make_template(tmp_path_factory.mktemp("db"), os.environ.get("PYTEST_XDIST_WORKER", "main"))
    yield made
    made.close()


@pytest.fixture(scope="session")
def source() -> str:
    """The database of which every test gets a copy: migrated and empty, unless a folder of tests has its own."""
    return ""


@pytest.fixture
def engine_url(template: databases.Template, source: str) -> Iterator[str]:
    """The address of a database that belongs to this test."""
    url = template.copy(source)
    yield url
    template.drop(url)


@pytest.fixture
def database(engine_url: str, keys: Path) -> Iterator[Engine]:
    """A database of this test, connected; the vault has its keys."""
    yield databases.connect(engine_url)
    core.db.dispose()


@pytest.fixture
def db(database: Engine) -> Iterator[Session]:
    """An open transaction that is committed at the end of the test."""
    with core.db.transaction() as session:
        yield session


@pytest.fixture(scope="session")
def key_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("keys")
    config.make_keys(folder)
    return folder


@pytest.fixture
def keys(key_folder: Path) -> Path:
    """The folder of the key files, loaded into the vault."""
    vault.load_keys(key_folder)
    return key_folder


@pytest.fixture(autouse=True, scope="session")
def cheap_passwords() -> None:
    """Argon2 with little memory: the tests log in thousands of times."""
    passwords.configure(memory_kib=8)


class Time:
    """A clock that tests move by hand; it says Rome time, as people do."""

    def at(self, rome: str) -> datetime:
        """Stop the clock at "2026-08-11 02:10" (Rome) and return that instant."""
        clock.freeze(datetime.fromisoformat(rome).replace(tzinfo=clock.ROME))
        return clock.now()

    def forward(self, **span: float) -> datetime:
        """Move on by days=1, hours=2 ... of elapsed time."""
        clock.move(timedelta(**span))
        return clock.now()


@pytest.fixture
def time() -> Iterator[Time]:
    """The clock, stopped on 21 July 2026 at nine in the morning until it is moved."""
    moved = Time()
    moved.at("2026-07-21 09:00")
    yield moved
    clock.thaw()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser for all the tests of a process: Playwright allows no second one beside it."""
    found = shutil.which("chromium")
    if not found:
        pytest.skip("chromium is not installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=CHROMIUM)
        yield browser
        browser.close()
