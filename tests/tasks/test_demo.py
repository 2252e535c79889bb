import time as stopwatch

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cases.casefile import Case
from cases.contacts import Contact
from core import clock, log, sessions, users
from core.db import Base, transaction
from engine.tables import Incident, Instance, UserTask
from tasks import demo
from web.cli import publish_shipped


def fill() -> list[tuple[str, str]]:
    with transaction() as db:
        publish_shipped(db)
        return demo.fill(db)


def count(db: Session, table: type[Base]) -> int:
    return db.scalar(select(func.count()).select_from(table)) or 0


def test_the_demo_office_has_people_of_every_role_and_cases_in_every_phase(database):
    logins = fill()

    with transaction() as db:
        people = [user for login, _ in logins if (user := users.by_login(db, login))]
        roles = {role for user in people for role, _ in users.roles_of(db, user)}
        phases = set(db.scalars(select(Case.phase)))
        assert roles == users.ROLES
        assert {"P2", "P4", "P6", "P8", "P10"} <= phases
        assert count(db, Contact) >= 12
        assert count(db, Case) >= 7
        assert count(db, Incident) == 0
        assert count(db, UserTask) >= 8
        assert log.verify(db) == []


def test_the_demo_is_quick_and_leaves_the_clock_alone(database, time):
    before, start = time.at("2026-11-02 10:00"), stopwatch.process_time()  # our own work, not what neighbours take
    fill()

    assert stopwatch.process_time() - start < 10
    assert clock.now() == before


def test_filling_twice_changes_nothing(database):
    first = fill()
    with transaction() as db:
        lines = count(db, log.Line)

    assert fill() == first
    with transaction() as db:
        assert count(db, log.Line) == lines
        assert count(db, Instance) > 0


def test_nothing_in_the_demo_happens_in_the_future(database, time):
    time.at("2026-11-02 00:05")
    fill()

    with transaction() as db:
        assert max(db.scalars(select(log.Line.at))) <= clock.now()


def test_everybody_can_log_in_with_the_printed_password(database):
    logins = fill()

    with transaction() as db:
        for login, _ in logins:
            assert sessions.check_password(db, login, demo.PASSWORD, address="127.0.0.1").login == login
