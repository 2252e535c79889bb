"""What a caseworker waits for: the inbox among few and among many tasks of others, a case page young and old.

Whole requests through the application as it is shipped (session, rights, page), on a durable database.
"""

import tempfile
import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

from flask.testing import FlaskClient
from sqlalchemy import Engine, event, func, insert, select, text, update

from benchmarks import models, office, screen
from benchmarks.times import ms, ratio, timed
from cases import posts
from cases.access import Actor
from cases.casefile import Case
from core import clock, config, db, log, sessions, users
from engine.tables import Instance, UserTask
from web import cli
from web.app import App, create_app

OWN, FEW, POSTS, PER_CASE, LOT = 20, 1_000, 100, 10, 20_000
Rows = dict[str, Any]


def measure(url: str, *, quick: bool = False) -> dict[str, Any]:
    """Return the figures of the desk: ratios of medians, statements, milliseconds."""
    rounds, many, lines = (40, 50_000, 2_000) if quick else (200, 1_000_000, 10_000)
    with office.database(url) as engine, tempfile.TemporaryDirectory(prefix="approdo-bench-") as folder:
        desk, actor = _sit_down(engine, Path(folder))
        own = _own_tasks(actor)
        found: dict[str, Any] = {"db": engine.dialect.name, "rounds": rounds, "own_tasks": OWN}
        _fill(engine, own, FEW - OWN)
        _log_in(desk, actor)
        among_few = _times(lambda: _inbox(desk), rounds)
        _fill(engine, own, many - FEW)
        _log_in(desk, actor)
        among_many = _times(lambda: _inbox(desk), rounds)
        found |= {
            "tasks": many,
            f"inbox_among_{FEW}_ms": ms(among_few),
            f"inbox_among_{many}_ms": ms(among_many),
            "inbox_ratio": ratio(among_many, among_few),
            "inbox_statements": _statements(lambda: _inbox(desk)),
        }
        return found | _pages(desk, actor, lines, rounds)


def _sit_down(engine: Engine, folder: Path) -> tuple[FlaskClient, Actor]:
    """The application with all that is shipped, a browser, and the caseworker of the office."""
    config.make_keys(folder / "keys")
    address = engine.url.render_as_string(hide_password=False)
    app = create_app(config.Config(database_url=address, var=folder, keys=folder / "keys", base_url="http://localhost"))
    actor = office.open_office(models.loop(timer=False))
    with db.transaction() as tx:
        cli.publish_shipped(tx)
    return app.test_client(), actor


def _log_in(desk: FlaskClient, actor: Actor) -> str:
    """A new visit, whose cookie is returned: filling the tables may take longer than a screen stays open."""
    with db.transaction() as tx:
        user = users.by_id(tx, actor.user_id)
        assert user is not None  # noqa: S101 - made with the office
        token = sessions.open_session(tx, user)
    desk.set_cookie("approdo", token)
    return token


def _own_tasks(actor: Actor) -> Rows:
    """Twenty open tasks for the caseworker, half by name, half of the group; returns one case, instance and task."""
    codes = [office.open_case(actor, "benchmark") for _ in range(OWN)]
    with db.transaction() as tx:
        half = update(UserTask).where(UserTask.business_key.in_(codes[: OWN // 2]))
        tx.execute(half.values(assignee=actor.user_id))
        for number in range(POSTS):
            posts.record(tx, f"posto-{number}", {"name": f"Posto {number}", "kind": "project"}, by="benchmark")
        return {
            "case": _columns(tx.get_one(Case, codes[-1])),
            "instance": _columns(tx.scalars(select(Instance).where(Instance.business_key == codes[-1])).one()),
            "task": _columns(tx.scalars(select(UserTask).where(UserTask.business_key == codes[-1])).one()),
        }


def _columns(row: Any) -> Rows:
    return {column.name: getattr(row, column.key) for column in row.__table__.columns}


def _fill(engine: Engine, like: Rows, count: int) -> None:
    """So many tasks of other posts, in hand and free, with and without a date, ten on each case: a lot made here, and
    copies of it made by the database, which is twenty times as quick.
    """
    rest = count % LOT
    if rest:
        _make(like, rest)
    if count >= LOT:
        mark = _make(like, LOT)
        for number in range(1, count // LOT):
            with db.transaction() as tx:
                for table, column in ((Case, Case.code), (Instance, Instance.id), (UserTask, UserTask.id)):
                    tx.execute(_again(table, column, mark, f"{mark}.{number}"))
    if engine.dialect.name == "postgresql":  # what its autovacuum does by itself within the minute
        with engine.begin() as connection:
            connection.execute(text("analyze"))


def _make(like: Rows, count: int) -> str:
    """So many tasks with their cases; returns the mark with which their codes and ids begin."""
    mark, now = uuid.uuid4().hex[:8], clock.now()
    cases = list(_others(like, (count + PER_CASE - 1) // PER_CASE, mark))
    with db.transaction() as tx:
        tx.execute(insert(Case), [case for case, _ in cases])
        tx.execute(insert(Instance), [instance for _, instance in cases])
        tx.execute(insert(UserTask), [_task(like, cases[n // PER_CASE][1], n, now, mark) for n in range(count)])
    return mark


def _again(table: Any, key: Any, mark: str, other: str) -> Any:
    """The rows that begin with a mark once more, under another mark wherever it stands."""
    columns = table.__table__.columns
    marked = {"code", "id", "business_key", "stream", "instance_id"}
    taken = [func.replace(column, f"{mark}-", f"{other}-") if column.name in marked else column for column in columns]
    return insert(table.__table__).from_select(list(columns), select(*taken).where(key.startswith(f"{mark}-")))


def _lots(count: int, size: int) -> Iterator[range]:
    return (range(first, min(first + size, count)) for first in range(0, count, size))


def _others(like: Rows, count: int, mark: str) -> Iterator[tuple[Rows, Rows]]:
    for number in range(count):
        code, post = f"{mark}-{uuid.uuid4().hex}", f"posto-{number % POSTS}"
        instance = {"id": f"{mark}-{uuid.uuid4().hex}", "business_key": code, "stream": f"case:{code}", "tenant": post}
        yield like["case"] | {"code": code, "post": post}, like["instance"] | instance


def _task(like: Rows, instance: Rows, number: int, now: Any, mark: str) -> Rows:
    place = {"business_key": instance["business_key"], "tenant": instance["tenant"], "instance_id": instance["id"]}
    due = now + timedelta(minutes=number - 5_000) if number % 3 else None
    assignee = f"u_{number % 500}" if number % 2 else None
    own: Rows = {"id": f"{mark}-{uuid.uuid4().hex}", "due_at": due, "assignee": assignee}
    return {**like["task"], **place, **own}


def _pages(desk: FlaskClient, actor: Actor, lines: int, rounds: int) -> dict[str, Any]:
    """The page of a case with a short log and of one with a long one, in turns."""
    young, old = office.open_case(actor, "benchmark"), office.open_case(actor, "benchmark")
    _write(actor, young, 100)
    _write(actor, old, lines)
    _log_in(desk, actor)
    short, long = list[float](), list[float]()
    for _ in range(rounds):
        short.append(timed(lambda: _open(desk, f"/cases/{young}")))
        long.append(timed(lambda: _open(desk, f"/cases/{old}")))
    found = {"log_lines": lines, "case_100_ms": ms(short), "case_old_ms": ms(long), "case_ratio": ratio(long, short)}
    pages = {"inbox": "/inbox", "case": f"/cases/{old}"}
    return found | screen.measure(cast(App, desk.application), _log_in(desk, actor), pages)


def _write(actor: Actor, code: str, lines: int) -> None:
    facts = {"element": "step", "task": "t", "to": actor.user_id}
    for numbers in _lots(lines, 500):
        with db.transaction() as tx:
            for _ in numbers:
                log.append(tx, "task.assigned", f"case:{code}", by=actor.user_id, case=code, **facts)


def _inbox(desk: FlaskClient) -> None:
    page = _open(desk, "/inbox")
    if page.count('class="row"') != OWN:
        raise RuntimeError("the inbox does not show the caseworker's own tasks")


def _open(desk: FlaskClient, path: str) -> str:
    reply = desk.get(path)
    if reply.status_code != 200:
        raise RuntimeError(f"{path}: {reply.status_code}")
    return reply.text


def _statements(work: Callable[[], object]) -> int:
    """Statements of one request; BEGIN is none."""
    seen: list[str] = []

    def note(*args: Any) -> None:
        seen.append(args[2])

    used = db.open_session.kw["bind"]
    event.listen(used, "before_cursor_execute", note)
    work()
    event.remove(used, "before_cursor_execute", note)
    return len([one for one in seen if not one.lstrip().upper().startswith("BEGIN")])


def _times(work: Callable[[], object], rounds: int) -> list[float]:
    work()
    return [timed(work) for _ in range(rounds)]
