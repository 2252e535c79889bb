"""The schema's history: every revision goes up and down, keeps what is there, and ends equal to the models."""

import ast
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, MetaData, create_engine, event, func, insert, inspect, select, table, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.schema import Column, Table

import core.db
import migrations
from core import log
from tests.databases import PostgresTemplate, SqliteTemplate

ROOT = Path(__file__).parents[1]


@pytest.fixture
def empty(template: SqliteTemplate | PostgresTemplate, tmp_path: Path):
    """A database in which nothing was ever made, connected."""
    url = f"sqlite:///{tmp_path}/empty.db" if isinstance(template, SqliteTemplate) else template.make_empty()
    yield core.db.connect(url)
    core.db.dispose()
    template.drop(url)


def revisions() -> list[str]:
    """Every revision, oldest first."""
    with create_engine("sqlite://").connect() as connection:
        script = ScriptDirectory.from_config(migrations.config(connection))
    return [revision.revision for revision in reversed(list(script.walk_revisions()))]


def tables(engine: Engine) -> set[str]:
    return set(inspect(engine).get_table_names()) - {"alembic_version"}


def example(column: Column[Any], number: int) -> object:
    """Some value that fits a column."""
    kind = column.type.python_type
    values: dict[type, object] = {
        bool: True, int: number, date: date(2026, 8, 20), datetime: datetime(2026, 8, 20, tzinfo=UTC), bytes: b"x",
        dict: {}, list: [], float: 1.0,
    }  # fmt: skip
    return values.get(kind, f"x{number}")


def fill(engine: Engine) -> dict[str, int]:
    """Put a row into every empty table as the database knows it; returns how many rows each has."""
    known = MetaData()
    known.reflect(engine)
    with engine.connect() as connection:
        for each in known.sorted_tables:
            if each.name != "alembic_version" and not connection.scalar(select(func.count()).select_from(each)):
                connection.execute(insert(each).values(row(connection, each)))
        connection.commit()
    return count(engine)


def row(connection: Any, into: Table) -> dict[str, object]:
    values = {column.name: example(column, 1) for column in into.columns if not column.nullable}
    for key in into.foreign_keys:
        values[key.parent.name] = connection.scalar(select(key.column).limit(1))
    return values


def count(engine: Engine) -> dict[str, int]:
    names = tables(engine)
    with engine.connect() as connection:
        return {name: connection.scalar(select(func.count()).select_from(table(name))) or 0 for name in names}


def test_the_newest_revision_equals_the_models(empty):
    migrations.upgrade(empty)

    migrations.check(empty)


def test_every_revision_goes_up_down_and_up_again(empty):
    for revision in revisions():
        before = tables(empty)
        migrations.upgrade(empty, revision)
        migrations.downgrade(empty, "-1")
        assert tables(empty) == before
        migrations.upgrade(empty, revision)

    migrations.downgrade(empty, "base")
    assert tables(empty) == set()


def test_every_revision_keeps_the_rows_that_are_there(empty):
    for revision in revisions():
        before = fill(empty) if tables(empty) else {}
        migrations.upgrade(empty, revision)
        after = count(empty)
        assert {name: after.get(name) for name in before} == before
        with empty.connect() as connection:
            if empty.dialect.name == "sqlite":
                assert connection.exec_driver_sql("pragma foreign_key_check").all() == []

    assert set(fill(empty).values()) >= {1}


def test_a_migration_that_breaks_in_the_middle_leaves_nothing_behind(empty):
    made = []

    @event.listens_for(empty, "before_cursor_execute")
    def break_at_the_tenth_table(_connection, _cursor, statement, *_):
        if statement.strip().lower().startswith("create table"):
            made.append(statement)
            if len(made) == 10:
                raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        migrations.upgrade(empty)

    assert inspect(empty).get_table_names() == []


START = "import sys, core.db, migrations; migrations.upgrade(core.db.connect(sys.argv[1]))"


def test_two_starts_at_once_migrate_once(empty):
    url = empty.url.render_as_string(hide_password=False)
    starts = [
        subprocess.Popen([sys.executable, "-c", START, url], cwd=ROOT, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]

    assert [start.communicate()[1] for start in starts] == ["", ""]
    migrations.check(empty)


def test_a_migrated_log_is_append_only(empty):
    migrations.upgrade(empty)
    with core.db.transaction() as db:
        log.append(db, "case.opened", "case:A", by="u_anna")

    with pytest.raises(DBAPIError, match="append-only"), core.db.transaction() as db:
        db.execute(text("delete from log_line"))


def test_every_module_with_a_table_is_known_to_the_migrations():
    found = set()
    for package in ("core", "engine", "cases", "notifications", "tasks", "web"):
        for path in (ROOT / package).rglob("*.py"):
            classes = (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.ClassDef))
            if any(isinstance(base, ast.Name) and base.id == "Base" for node in classes for base in node.bases):
                found.add(path.relative_to(ROOT).as_posix().removesuffix(".py").replace("/", "."))

    assert found == set(migrations.TABLES)
