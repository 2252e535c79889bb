"""One commit site: all of a block, or none of it; and what a database under stress sounds like."""

import sqlite3
import subprocess
import sys
import threading
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine, event, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError, OperationalError, StatementError

import core.db
from core import log, users
from core.db import Instant, transaction
from core.errors import BadInput, Stale, Unavailable
from core.users import Absence, User

ROOT = Path(__file__).parents[2]
PRAGMAS = {"synchronous": 2, "journal_mode": "wal", "foreign_keys": 1, "busy_timeout": 5000, "secure_delete": 1}


def add(db, login="anna"):
    return users.add(db, login, "Anna Verdi", f"{login}@example.org", by="cli")


def logins():
    with transaction() as db:
        return sorted(db.scalars(select(User.login)))


def is_sqlite(engine):
    return engine.dialect.name == "sqlite"


def test_what_a_transaction_did_is_there_for_the_next_one(database):
    with transaction() as db:
        add(db)

    assert logins() == ["anna"]


def test_an_exception_takes_everything_back(database):
    with pytest.raises(ZeroDivisionError), transaction() as db:
        add(db)
        db.flush()
        _ = 1 / 0

    assert logins() == []


def test_a_transaction_inside_another_is_refused_and_the_outer_one_goes_on(database):
    with transaction() as db:
        add(db)
        with pytest.raises(RuntimeError), transaction():
            pass

    assert logins() == ["anna"]


def test_after_a_failure_a_new_transaction_may_begin(database):
    with pytest.raises(IntegrityError), transaction() as db:
        db.execute(text("insert into membership (user_id, role, post) values ('nobody', 'admin', '')"))

    assert logins() == []


def test_foreign_keys_are_kept(database):
    day = date(2026, 1, 1)
    with pytest.raises(IntegrityError), transaction() as db:
        db.add(Absence(id="a", user_id="x", deputy_id="y", from_on=day, to_on=day))


def test_two_threads_write_one_after_the_other(database):
    def work(number):
        with transaction() as db:
            add(db, f"user{number}")

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(logins()) == 8


# Instants


def test_an_instant_comes_back_as_the_same_moment_in_utc(database):
    said = datetime(2026, 8, 11, 2, 10, 0, 123456, tzinfo=timezone(timedelta(hours=2)))

    with transaction() as db:
        add(db).created_at = said
    with transaction() as db:
        found = db.scalars(select(User.created_at)).one()

    assert found == said
    assert found.utcoffset() == timedelta()


def test_instants_are_compared_as_moments(database):
    with transaction() as db:
        for number, hour in enumerate((10, 8, 9)):
            add(db, f"user{number}").created_at = datetime(2026, 8, 11, hour, tzinfo=UTC)
    with transaction() as db:
        nine = datetime(2026, 8, 11, 11, tzinfo=timezone(timedelta(hours=2)))
        found = db.scalars(select(User.login).where(User.created_at <= nine).order_by(User.created_at))

        assert list(found) == ["user1", "user2"]


def test_a_time_without_zone_is_refused(database):
    with pytest.raises(StatementError), transaction() as db:
        add(db).created_at = datetime(2026, 8, 11)


@given(st.datetimes(timezones=st.just(UTC)), st.datetimes(timezones=st.just(UTC)))
def test_the_text_of_sqlite_sorts_like_the_instants(one, other):
    bind = Instant().process_bind_param

    assert (bind(one, sqlite.dialect()) < bind(other, sqlite.dialect())) == (one < other)
    assert Instant().process_result_value(bind(one, sqlite.dialect()), sqlite.dialect()) == one
    assert bind(one, postgresql.dialect()) == one


# Durability and stress


@pytest.mark.only_on("sqlite")
def test_sqlite_waits_for_the_disk_and_keeps_what_it_promised(engine_url):
    engine = core.db.connect(engine_url)
    with engine.connect() as connection:
        said = {name: connection.exec_driver_sql(f"pragma {name}").scalar() for name in PRAGMAS}
    core.db.dispose()

    assert said == PRAGMAS


def impatient(engine):
    """Wait 50 milliseconds instead of five seconds for a lock."""
    if is_sqlite(engine):
        event.listen(engine, "connect", lambda connection, _: connection.execute("pragma busy_timeout=50"))
        return "select 1"
    return "set local lock_timeout = '50ms'"


def test_a_lock_that_does_not_come_free_is_told_in_a_sentence(database, engine_url):
    with transaction() as db:
        add(db)
    hurry = impatient(database)
    database.dispose()
    other = create_engine(engine_url) if is_sqlite(database) else database

    with other.connect() as holder:
        holder.exec_driver_sql("begin immediate" if is_sqlite(database) else 'select * from "user" for update')
        with pytest.raises(Unavailable) as refused, transaction() as db:
            db.execute(text(hurry))
            db.execute(text("update \"user\" set name = 'B'"))
        holder.rollback()
    other.dispose()

    assert "nulla è stato salvato" in str(refused.value)


def test_a_database_that_is_not_there_is_told_in_a_sentence(tmp_path):
    for url in (f"sqlite:///{tmp_path}/none/here.db", "postgresql://nobody@127.0.0.1:1/nowhere"):
        core.db.connect(url)
        with pytest.raises(Unavailable), transaction() as db:
            db.execute(text("select 1"))
        core.db.dispose()


def test_who_opens_a_file_that_another_process_makes_at_this_moment_waits_for_it(tmp_path):
    other = sqlite3.connect(tmp_path / "new.db", isolation_level=None, check_same_thread=False)
    other.execute("create table made (id)")
    other.execute("begin immediate")
    done = threading.Timer(0.3, other.commit)
    done.start()
    core.db.connect(f"sqlite:///{tmp_path}/new.db")

    with transaction() as db:
        assert db.execute(text("pragma journal_mode")).scalar() == "wal"
    core.db.dispose()
    done.join()
    other.close()


@pytest.mark.only_on("postgres")
def test_a_connection_that_breaks_is_told_in_a_sentence_and_the_next_one_works(database):
    with pytest.raises(Unavailable), transaction() as db:
        add(db)
        db.flush()
        pid = db.execute(text("select pg_backend_pid()")).scalar()
        with database.connect() as killer:
            killer.execute(text(f"select pg_terminate_backend({pid})"))
        db.execute(text("select 1"))

    assert logins() == []


@pytest.mark.only_on("postgres")
@pytest.mark.parametrize("name", ["Anna\x00Verdi", "\ud800"])
def test_a_text_that_the_database_cannot_hold_is_bad_input(database, name):
    with pytest.raises((BadInput, UnicodeEncodeError)), transaction() as db:
        add(db).name = name


def test_a_fault_of_ours_is_not_dressed_up_as_a_full_disk(database):
    with pytest.raises(Exception, match="no_such_table") as fault, transaction() as db:
        db.execute(text("select * from no_such_table"))

    assert not isinstance(fault.value, Unavailable)


def test_sqlite_messages_are_told_apart():
    def said(words):
        return core.db._is_unavailable(OperationalError("select 1", {}, sqlite3.OperationalError(words)))

    assert said("database is locked")
    assert said("database or disk is full")
    assert not said("no such column: x")


def test_a_row_that_changed_meanwhile_is_stale(database):
    with transaction() as db:
        anna = add(db)
    with pytest.raises(Stale), transaction() as db:
        loaded = db.get_one(User, anna.id)
        db.execute(text('delete from "user"'))
        loaded.name = "B"


# kill -9


CHILD = """
import sys
from pathlib import Path
from core import users, sessions, vault
from core.db import connect, transaction
connect(sys.argv[1])
vault.load_keys(Path(sys.argv[2]))
with transaction() as db:
    users.add(db, "anna", "Anna Verdi", "anna@example.org", by="cli")
print("acknowledged", flush=True)
"""


def run_child(engine_url, keys, failpoint):
    command = [sys.executable, "-c", CHILD, engine_url, str(keys)]
    return subprocess.run(
        command, cwd=ROOT, env={"APPRODO_FAILPOINT": failpoint, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True
    )


@pytest.mark.parametrize(("point", "left"), [("before_commit", []), ("after_commit", ["anna"])])
def test_a_killed_process_leaves_all_or_nothing(database, engine_url, keys, point, left):
    died = run_child(engine_url, keys, point)

    assert (died.returncode, died.stdout) == (-9, "")
    assert logins() == left
    with transaction() as db:
        assert log.verify(db) == []
        assert len(log.lines(db)) == len(left)


def test_a_failpoint_may_wait_for_its_turn(database, engine_url, keys):
    lived = run_child(engine_url, keys, "before_commit:2")

    assert (lived.returncode, lived.stdout) == (0, "acknowledged\n")
    assert logins() == ["anna"]
