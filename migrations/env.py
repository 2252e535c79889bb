"""What Alembic runs: one transaction for all revisions, on the connection that `migrations` hands over."""

from typing import Any, Literal

from alembic import context
from sqlalchemy import JSON, text

import migrations
from core.db import Base, Instant


def render_item(kind: str, item: Any, autogen: Any) -> str | Literal[False]:
    """Write our own column types by their names, with their import."""
    own = {Instant: "core.db.Instant()", JSON: "core.db.Json"}.get(type(item)) if kind == "type" else None
    if own is None:
        return False
    autogen.imports.add("import core.db")
    return own


def run() -> None:
    connection = context.config.attributes["connection"]
    migrations.import_tables()
    if connection.dialect.name == "postgresql":
        connection.execute(text("set local statement_timeout = 0"))
        connection.execute(text("set local lock_timeout = '60s'"))
        # Two starts at once: the second waits and then finds nothing to do. SQLite's write lock does the same.
        connection.execute(text("select pg_advisory_xact_lock(20260716)"))
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_item=render_item,
        render_as_batch=True,
        compare_type=True,
        transactional_ddl=True,
    )
    with context.begin_transaction():
        context.run_migrations()


run()
