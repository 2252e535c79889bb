"""The database: one declarative base, one way to open a transaction.

SQLite for one office on one machine, PostgreSQL for the rest; the same code runs on both.
"""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    JSON,
    Date,
    DateTime,
    Engine,
    MetaData,
    String,
    TypeDecorator,
    bindparam,
    create_engine,
    event,
    func,
    make_url,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DataError, DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker
from sqlalchemy.orm.exc import StaleDataError
from sqlalchemy.types import TypeEngine

from core import clock, failpoint
from core.errors import BadInput, Stale, Unavailable

open_session = sessionmaker(expire_on_commit=False)
_in_transaction: ContextVar[bool] = ContextVar("in_transaction", default=False)

# Alembic can only drop what has a name.
NAMES = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
# No statement of ours is slow and no lock is held long: better a sentence after five seconds than a page that hangs.
# A statement that comes again is planned once: the question who may see what took longer to plan than to answer.
# And by one process: among a million tasks the inbox started helpers six times, for ten rows each.
POSTGRES_OPTIONS = (
    "-c timezone=UTC -c lock_timeout=5s -c statement_timeout=20s -c idle_in_transaction_session_timeout=60s "
    "-c plan_cache_mode=force_generic_plan -c max_parallel_workers_per_gather=0"
)
# What SQLite says when the file cannot be had now; any other operational error is a fault of ours and must be seen.
SQLITE_BUSY = ("locked", "unable to open", "disk i/o error", "disk is full", "readonly database")


class Instant(TypeDecorator[datetime]):
    """A moment in time: aware and in UTC in Python, `timestamptz` in PostgreSQL, sortable text in SQLite."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(String(27))
        return dialect.type_descriptor(DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        return clock.iso(value) if dialect.name == "sqlite" else value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        found = datetime.fromisoformat(value) if isinstance(value, str) else value
        return found.astimezone(UTC)


# Asked of the clock when the statement runs: a clause that holds one may be built once and kept.
NOW = bindparam(None, callable_=clock.now, type_=Instant())
TODAY = bindparam(None, callable_=clock.today, type_=Date())
Json = JSON().with_variant(postgresql.JSONB(), "postgresql")


class Base(DeclarativeBase):
    """Every table of the system. `Mapped[datetime]` is an Instant; dictionaries and lists are JSON.

    A change inside a stored dictionary is not noticed: assign a new one.
    """

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {
        datetime: Instant(),
        date: Date(),
        dict[str, Any]: Json,
        list[Any]: Json,
        list[str]: Json,
    }


def connect(url: str) -> Engine:
    """Bind this process to its database; the connections of an earlier call are closed."""
    dispose()
    engine = _sqlite(url) if make_url(url).get_backend_name() == "sqlite" else _postgres(url)
    event.listen(engine, "commit", _reach_before_commit)
    open_session.configure(bind=engine)
    return engine


def dispose() -> None:
    """Close every connection and forget the database."""
    engine = open_session.kw.get("bind")
    open_session.configure(bind=None)
    if isinstance(engine, Engine):
        engine.dispose()


@contextmanager
def transaction() -> Iterator[Session]:
    """The only commit in the system: all of the block, or none of it."""
    if _in_transaction.get():
        raise RuntimeError("a transaction is already open here: pass its session on")
    mark = _in_transaction.set(True)
    try:
        with _plain_sentences(), open_session.begin() as db:
            yield db
        failpoint.reach("after_commit")
    finally:
        _in_transaction.reset(mark)


@contextmanager
def glance() -> Iterator[Session]:
    """A session to look with: what is done in it is undone."""
    with _plain_sentences(), open_session() as db:
        yield db


def clocks_apart(db: Session) -> timedelta:
    """By how much the clock of this machine is ahead of the database's; nothing where that is a file here."""
    if db.get_bind().dialect.name != "postgresql":
        return timedelta()
    there: datetime = db.scalars(select(func.clock_timestamp())).one()
    return clock.machine() - there


def take_turns(db: Session, at: str) -> None:
    """Let one transaction at a time go on from here to its end, of those that name the same thing.

    In SQLite each is alone from its beginning. Raises Unavailable to who would wait longer than `lock_timeout`.
    """
    if db.get_bind().dialect.name == "postgresql":
        db.execute(select(func.pg_advisory_xact_lock(func.hashtext(at))))


def upsert(where: Session | str, table: type[Base]) -> Any:
    """An INSERT that takes `on_conflict_do_nothing` and `on_conflict_do_update`, in the words of the database of this
    session or of this name.
    """
    name = where if isinstance(where, str) else where.get_bind().dialect.name
    return (postgresql if name == "postgresql" else sqlite).insert(table)


@contextmanager
def _plain_sentences() -> Iterator[None]:
    """Turn what a database says under stress into what a person may read."""
    try:
        yield
    except StaleDataError as error:
        raise Stale from error
    except DataError as error:
        raise BadInput from error
    except PoolTimeout as error:
        raise Unavailable from error
    except DBAPIError as error:
        if _is_unavailable(error):
            raise Unavailable from error
        raise


def _is_unavailable(error: DBAPIError) -> bool:
    if error.connection_invalidated:
        return True
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    if type(error.orig).__module__.startswith("sqlite3"):
        return any(words in str(error.orig).lower() for words in SQLITE_BUSY)
    return True


def _reach_before_commit(_connection: object) -> None:
    if _in_transaction.get():
        failpoint.reach("before_commit")


def _postgres(url: str) -> Engine:
    return create_engine(
        make_url(url).set(drivername="postgresql+psycopg"),
        isolation_level="READ COMMITTED",
        pool_size=10,
        max_overflow=10,
        pool_timeout=5,
        pool_pre_ping=True,
        connect_args={"connect_timeout": 5, "options": POSTGRES_OPTIONS},
    )


def _sqlite(url: str) -> Engine:
    engine = create_engine(url, pool_timeout=5)
    event.listen(engine, "connect", _set_pragmas)
    event.listen(engine, "begin", _take_the_write_lock_first)
    return engine


def _set_pragmas(connection: DBAPIConnection, _record: object) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    cursor = connection.cursor()
    cursor.execute("pragma busy_timeout=5000")
    _keep_a_write_ahead_log(cursor)
    # FULL, not NORMAL: with NORMAL a power cut may take back a commit that the user saw acknowledged.
    cursor.execute("pragma synchronous=full")
    cursor.execute("pragma foreign_keys=on")
    # Destroyed keys and erased rows must not stay readable in free pages of the file.
    cursor.execute("pragma secure_delete=on")
    cursor.close()


def _keep_a_write_ahead_log(cursor: Any) -> None:
    # where another process makes the same file at this moment, SQLite refuses at once instead of waiting as elsewhere
    until = time.monotonic() + 5
    while True:
        try:
            cursor.execute("pragma journal_mode=wal")
            return
        except sqlite3.OperationalError:
            if time.monotonic() > until:
                raise
            time.sleep(0.02)


def _take_the_write_lock_first(connection: Any) -> None:
    # A transaction that reads and then writes would otherwise fail at once when another one wrote in between.
    connection.exec_driver_sql("begin immediate")
