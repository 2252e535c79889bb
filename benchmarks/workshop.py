"""What the coordinators' workshop costs: moving cases to another version, saving a draft, opening the drawing table.

Baselines, interleaved in the same run: completing one task of the same case at the desk, and SpiffWorkflow's bare parse
of the same file.
"""

from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from lxml import etree
from SpiffWorkflow.bpmn.parser import BpmnParser
from sqlalchemy import Engine, select

from benchmarks import models, office, screen
from benchmarks.times import ms, ratio, timed
from cases.access import Actor
from core import clock, config, db, sessions, users
from engine import lint, migration, registry
from engine.drafts import PROCESS
from engine.editing import Editor, edit
from engine.tables import Instance
from notifications.once import insert_once
from tasks import moves, workshop
from tasks.chasing import Chase
from web import cli
from web.app import create_app

NODES = 65


def measure(url: str, *, quick: bool = False) -> dict[str, Any]:
    """Return the figures of the table in benchmarks/README.md."""
    cases, rounds = (40, 10) if quick else (1_000, 40)
    with office.database(url) as engine:
        actor = office.open_office(models.loop(timer=False))
        found: dict[str, Any] = {"db": engine.dialect.name, "cases": cases}
        found |= _moving(actor, cases)
        found |= _saving(rounds)
        return found | _drawing(engine)


def _moving(actor: Actor, cases: int) -> dict[str, Any]:
    """Complete a task of each case, and move each case: by turns, so that the machine is the same for both."""
    codes = [office.open_case(actor, "benchmark") for _ in range(cases)]
    with db.transaction() as tx:
        old = registry.current(tx, "benchmark")
        new = registry.publish(tx, models.loop(nodes=66), by="benchmark")
        ids = {key: id_ for id_, key in tx.execute(select(Instance.id, Instance.business_key))}
        asked = migration.ask(tx, old.id, new.id, {}, ids.values(), by="benchmark")
        rows = {each.instance_id: each.id for each in asked}
    completed, moved = [], []
    for code in codes:
        task = office.next_task(code)
        completed.append(timed(partial(office.complete, actor, task)))
        _chased(office.next_task(code))
        moved.append(timed(partial(_move, rows[ids[code]])))
    return {"complete_ms": ms(completed), "move_ms": ms(moved), "move_vs_complete": ratio(moved, completed)}


def _chased(task: str) -> None:
    """The reminders of a task have begun, as they have a minute after it came: the move has to look at them again."""
    with db.transaction() as tx:
        insert_once(tx, Chase, {"key": f"task:{task}", "next_at": clock.now(), "failures": 0})


def _move(row: str) -> None:
    with db.transaction() as tx:
        moves.step(tx, row)


def _saving(rounds: int) -> dict[str, Any]:
    """Save a draft of 65 nodes with its findings (lint and parse), beside SpiffWorkflow's bare parse of the same."""
    data = models.loop(nodes=NODES)
    with db.transaction() as tx:
        known = workshop.known(tx)
    bare, checked, saved = [], [], []
    for number in range(rounds):
        bare.append(timed(lambda: _bare(data)))
        checked.append(timed(partial(lint.check, data + b"<!-- %d read -->" % number, known)))
        saved.append(timed(partial(_save, data + b"<!-- %d -->" % number, number)))
    return {
        "bare_parse_ms": ms(bare),
        "check_ms": ms(checked),
        "save_ms": ms(saved),
        "check_vs_parse": ratio(checked, bare),
        "save_vs_parse": ratio(saved, bare),
    }


def _save(data: bytes, revision: int) -> None:
    with db.transaction() as tx:
        workshop.save(tx, PROCESS, "benchmark", data, revision, by="benchmark")
        workshop.findings(tx, PROCESS, "benchmark", data)


def _drawing(engine: Engine) -> dict[str, Any]:
    """Open a shipped pathway that has grown to 65 nodes on the drawing table."""
    with TemporaryDirectory(prefix="approdo-bench-") as folder:
        keys = Path(folder) / "keys"
        config.make_keys(keys)
        address = engine.url.render_as_string(hide_password=False)
        app = create_app(config.Config(database_url=address, var=Path(folder), keys=keys, base_url="http://localhost"))
        with db.transaction() as tx:
            cli.publish_shipped(tx)
            user = users.add(tx, "disegno", "Coordinatrice di prova", "disegno@example.org", by="benchmark")
            users.grant(tx, user, "coordinator", None, by="benchmark")
            workshop.save(tx, PROCESS, "programme", _grown(registry.current(tx, "programme").xml), 0, by=user.id)
            token = sessions.open_session(tx, user)
        return screen.ready(app, token, "/models/programme/draft/diagram")


def _grown(data: bytes) -> bytes:
    """The pathway with steps added until it has 65 nodes."""

    def grow(editor: Editor) -> None:
        while len(editor.drawing.nodes) < NODES:
            editor.add("gw_offer__adhesion", "userTask", {"name": "Passo in più", "form": "adhesion"})

    return edit(data, grow)


def _bare(data: bytes) -> None:
    parser = BpmnParser()
    parser.add_bpmn_xml(etree.fromstring(data))
    parser.get_spec("benchmark")
