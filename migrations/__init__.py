"""The schema and its history. Alembic runs from here, without an ini file: `upgrade(engine)` is all a start needs."""

from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine

HERE = Path(__file__).parent
# Every module that declares a table. A table that is missing here would be missing from the next revision.
TABLES = (
    "core.log",
    "core.seal",
    "core.stamps",
    "core.sessions",
    "core.users",
    "core.vault",
    "engine.decisions",
    "engine.migration",
    "engine.tables",
    "cases.accesses",
    "cases.agreements",
    "cases.appointments",
    "cases.applications",
    "cases.asylum",
    "cases.bodies",
    "cases.calls",
    "cases.casefile",
    "cases.comments",
    "cases.compensations",
    "cases.complaints",
    "cases.consented",
    "cases.contacts",
    "cases.courses",
    "cases.critical_events",
    "cases.deadlines",
    "cases.documents",
    "cases.episodes",
    "cases.erasures",
    "cases.exits",
    "cases.files",
    "cases.findable",
    "cases.grants",
    "cases.handouts",
    "cases.internships",
    "cases.interviews",
    "cases.leaflets",
    "cases.minors",
    "cases.offices",
    "cases.outings",
    "cases.pei",
    "cases.permits",
    "cases.persons",
    "cases.posts",
    "cases.programmes",
    "cases.proposals",
    "cases.quotas",
    "cases.receipts",
    "cases.victims",
    "cases.reasons",
    "cases.refusals",
    "cases.referrals",
    "cases.reports",
    "cases.retention",
    "cases.returns",
    "cases.reveals",
    "cases.reviews",
    "cases.rota",
    "cases.sheets",
    "cases.shelters",
    "cases.terms",
    "cases.tracks",
    "cases.transfers",
    "cases.travel",
    "cases.visits",
    "notifications.bounces",
    "notifications.choices",
    "notifications.notices",
    "notifications.outbox",
    "notifications.push",
    "tasks.beats",
    "tasks.chasing",
    "tasks.drafts",
    "tasks.feeds",
    "tasks.formbook",
    "tasks.news",
    "tasks.rules",
)


def import_tables() -> None:
    """Make `core.db.Base.metadata` complete."""
    for name in TABLES:
        if find_spec(name.partition(".")[0]) and find_spec(name):
            import_module(name)


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Bring the database to a revision, all of the way or not at all."""
    _run(engine, command.upgrade, revision)


def downgrade(engine: Engine, revision: str) -> None:
    """Take the database back to an older revision, all of the way or not at all."""
    _run(engine, command.downgrade, revision)


def check(engine: Engine) -> None:
    """Refuse (alembic.util.CommandError) when the models and the newest revision differ."""
    _run(engine, command.check)


def write_revision(engine: Engine, message: str, number: str) -> None:
    """Write the next revision file from the difference between models and database; to be read before it is kept."""
    _run(engine, command.revision, message, autogenerate=True, rev_id=number)


def _run(engine: Engine, what: Any, *arguments: str, **options: Any) -> None:
    with engine.connect() as connection:
        _let_batches_rebuild(connection, "off")
        with connection.begin():
            what(config(connection), *arguments, **options)
        _let_batches_rebuild(connection, "on")


def config(connection: Connection) -> Config:
    """Alembic's settings for one open connection."""
    settings = Config()
    settings.set_main_option("script_location", str(HERE).replace("%", "%%"))
    settings.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    settings.attributes["connection"] = connection
    return settings


def _let_batches_rebuild(connection: Connection, foreign_keys: str) -> None:
    # SQLite changes a table by building a new one; with foreign keys on, dropping the old one would delete children.
    # The pragma does nothing inside a transaction, so it goes to the driver before ours begins. And of two processes
    # that start together the second waits until the first has migrated, longer than a page would.
    if connection.dialect.name == "sqlite":
        driver: Any = connection.connection.driver_connection
        driver.execute("pragma busy_timeout=60000")
        driver.execute(f"pragma foreign_keys={foreign_keys}")
