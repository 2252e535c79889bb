import re
import time as stopwatch
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

import core.db
from cases import access
from cases.casefile import Case
from cases.contacts import Contact
from core import clock, log, sessions, users, vault
from core.config import Config
from core.db import Base, transaction
from engine import instances
from engine.tables import Incident, Instance, UserTask
from notifications import sink
from tasks import assignment, demo, moves, rehearsing, schedule, timeline, trying, trying_table
from tasks.forms import Paper
from tests import databases
from tests.conftest import Time
from tests.databases import Template
from tests.postbox import free_port
from web.cli import publish_shipped


@pytest.fixture(scope="session")
def filled(template: Template, key_folder: Path) -> Iterator[tuple[str, float, datetime]]:
    """An office filled five minutes after midnight: its address, the seconds it took, and the clock after it."""
    url = template.copy()
    databases.connect(url)
    vault.load_keys(key_folder)
    Time().at("2026-11-02 00:05")
    start = stopwatch.process_time()  # our own work, not what neighbours take
    fill()
    took, after = stopwatch.process_time() - start, clock.now()
    clock.thaw()
    core.db.dispose()
    yield url, took, after
    template.drop(url)


@pytest.fixture
def engine_url(template: Template, filled: tuple[str, float, datetime]) -> Iterator[str]:
    """The address of a copy of the filled office."""
    url = template.copy(filled[0])
    yield url
    template.drop(url)


@pytest.fixture
def config(tmp_path: Path, keys: Path) -> Config:
    """An office whose mail goes to the sink, on a port of its own."""
    return Config(
        database_url="", var=tmp_path, keys=keys, base_url="https://agenda.example.org", smtp_host="127.0.0.1",
        smtp_port=free_port(), smtp_tls="none", sender="agenda@example.org",
    )  # fmt: skip


def fill() -> list[tuple[str, str]]:
    with transaction() as db:
        publish_shipped(db)
        return demo.fill(db)


def count(db: Session, table: type[Base]) -> int:
    return db.scalar(select(func.count()).select_from(table)) or 0


def test_the_demo_office_has_people_of_every_role_and_cases_in_every_phase(database):
    with transaction() as db:
        people = [user for login, *_ in demo.PEOPLE if (user := users.by_login(db, login))]
        roles = {role for user in people for role, _ in users.roles_of(db, user)}
        phases = set(db.scalars(select(Case.phase)))
        assert roles == users.ROLES
        assert {"P2", "P4", "P6", "P8", "P10"} <= phases
        assert count(db, Contact) >= 12
        assert count(db, Case) >= 7
        assert count(db, Incident) == 0
        assert count(db, UserTask) >= 8
        assert log.verify(db) == []


def test_the_demo_is_quick_and_leaves_the_clock_alone(filled):
    _, took, after = filled

    assert took < 30  # three times what it takes on a slow machine
    assert after == datetime(2026, 11, 2, 0, 5, tzinfo=clock.ROME)


def test_also_at_night_the_sink_gets_the_digest_of_the_last_working_morning(database, time, config):
    time.at("2026-11-02 00:06")  # five minutes after midnight the office was filled
    server = sink.serve(config)
    try:
        schedule.send_mail(replace(config, demo=True))
    finally:
        server.stop()

    letters = [message_from_bytes(file.read_bytes(), policy=default) for file in (config.var / "mail").iterdir()]
    assert len({letter["To"] for letter in letters}) == len(letters) >= 8
    assert {letter["Subject"] for letter in letters} == {"Attività in agenda"}


def test_a_newcomer_finds_running_cases_to_move_to_a_new_version(database):
    with transaction() as db:
        plan = moves.plan(db, *moves.ends(db, "programme", "", ""), {})
        assert (plan.source.version, plan.target.version) == (1, 2)
        assert dict(plan.counted) == {"safe": 2, "mapping": 1}
        (question,) = plan.questions
        assert "Proponi il programma, con il tempo per pensarci" in [node.name for node in question.choices]


def test_a_newcomer_finds_a_table_and_a_form_that_are_being_changed_and_can_be_tried(database):
    with transaction() as db:
        _, _, drafted = trying.read(db, "risk")
        table = trying_table.asked(db, "risk")
        told = trying_table.answers(table, Paper({"datum_2": 3, "datum_3": 3}), str)

        assert [(each.place, each.broken) for each in drafted] == [
            (("decision", "risk"), False),
            (("form", "risk_measures"), False),
        ]
        assert [one.results[0][0][1] for one in told] == ["alto", "medio"]


@pytest.mark.parametrize("pathway", ["protection", "programme"])
def test_no_running_case_would_get_stuck_in_a_rehearsal_of_what_is_in_force(database, pathway):
    with transaction() as db:
        chosen = [each.id for each in rehearsing.cases(db, pathway)]
        told = rehearsing.rehearse(db, pathway, chosen[:10], {}, str, in_force=True).found
        assert len(told) >= 2
        assert [(one.business_key, one.sentence, one.params) for one in told if one.end == "stopped"] == []


def test_filling_twice_changes_nothing(database):
    with transaction() as db:
        lines = count(db, log.Line)

    fill()
    with transaction() as db:
        assert count(db, log.Line) == lines
        assert count(db, Instance) > 0


def test_nothing_in_the_demo_happens_in_the_future(database, filled):
    with transaction() as db:
        assert max(db.scalars(select(log.Line.at))) <= filled[2]


def test_everybody_can_log_in_with_the_printed_password(database):
    with transaction() as db:
        for login, *_ in demo.PEOPLE:
            assert sessions.check_password(db, login, demo.PASSWORD, address="127.0.0.1").login == login


@pytest.mark.parametrize("language", ["it", "en"])
def test_no_history_shows_the_name_of_an_element_instead_of_its_words(database, time, language):
    time.at("2026-11-02 00:05")
    with transaction() as db:
        due = instances.due(db, clock.now())
    for timer in due:
        with transaction() as db:
            instances.fire(db, timer)

    with transaction() as db:
        elena = users.by_login(db, "elena")
        assert elena is not None
        actor = replace(assignment.actor_of(db, elena), language=language)
        cases = access.list_cases(db, actor)
        told = [event.what for case in cases for event in timeline.of(db, actor, case.code, limit=500)]
        assert len(due) > 3
        assert [what for what in told if re.search(r"[a-z]_[a-z]", what)] == []
