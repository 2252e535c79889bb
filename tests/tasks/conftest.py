"""An office at work: what is shipped is published, people have roles, and each of them has a desk."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

import core.db
from cases import posts, shelters
from cases.access import Actor
from cases.contacts import Contact
from cases.shelters import Shelter
from core import clock, users, vault
from core.db import transaction
from core.users import User
from engine.tables import UserTask
from tasks import assignment, inbox, pathways
from tasks.forms import Paper
from tests import databases
from tests.conftest import Time
from tests.databases import Template
from web.cli import publish_shipped

DESK, MILAN, TUSCANY, HOUSE = "nv-centrale", "lombardia-1", "toscana", "casa-1"
# somebody else's tool, in an environment of its own: `make pm4py` makes it and runs the test
collect_ignore = [] if (Path(__file__).parents[2] / ".tools" / "mining").exists() else ["test_mining.py"]
STAFF: dict[str, list[tuple[str, str | None]]] = {
    "anna": [("nv_operator", DESK)],
    "bruno": [("nv_supervisor", DESK)],
    "carla": [("street_worker", MILAN)],
    "dario": [("local_desk", MILAN)],
    "elena": [("case_manager", MILAN)],
    "fabio": [("case_manager", MILAN)],
    "giulia": [("supervisor", MILAN)],
    "marta": [("shelter_worker", HOUSE)],
    "oscar": [("local_desk", TUSCANY), ("case_manager", TUSCANY)],
    "paola": [("coordinator", None)],
}
IN_DANGER = {"call_class": "pertinente_qualificata", "danger": "si", "wants_out": "si", "province": "MI", "minor": "no"}


class Office:
    """What each person does at the desk, one transaction a click."""

    def __init__(self, time: Time) -> None:
        self.time = time
        self.house = ""
        self.ids: dict[str, str] = {}

    def login_of(self, user_id: str) -> str:
        return next(login for login, found in self.ids.items() if found == user_id)

    def actor(self, login: str) -> Actor:
        with transaction() as db:
            return self.actor_in(db, login)

    def user(self, login: str) -> User:
        with transaction() as db:
            return self.user_in(db, login)

    def user_id(self, login: str) -> str:
        return self.ids[login]

    def meet(self, login: str, kind: str = "call", at: str = "2026-08-11T02:10", **typed: Any) -> Contact:
        with transaction() as db:
            return pathways.receive_contact(db, self.actor_in(db, login), kind, Paper({"at": at, **typed}))

    def call(self, **typed: Any) -> str:
        """A call of somebody in danger in Milan, taken by Anna; returns the contact's code."""
        return self.meet("anna", **IN_DANGER | typed).code

    def case(self, **typed: Any) -> str:
        """The case that Dario opens after such a call."""
        code = self.call(**typed)
        self.do("dario", code, "contact_pickup", pickup_at="2026-08-11T02:40", pickup_outcome="case")
        with transaction() as db:
            return db.get_one(Contact, code).case_code or ""

    def sheltered(self, **typed: Any) -> str:
        """The same, with a bed for the night."""
        code = self.case(**typed)
        self.do("elena", code, "placement", placement_kind="struttura", shelter=self.house, placed_on="2026-08-11")
        return code

    def task(self, code: str, element: str) -> UserTask:
        with transaction() as db:
            return db.scalars(select(UserTask).where(UserTask.business_key == code, UserTask.element == element)).one()

    def task_code(self, task_id: str) -> str:
        """What a waiting task hangs on."""
        with transaction() as db:
            return db.get_one(UserTask, task_id).business_key

    def waiting(self, login: str, view: str = "all") -> list[str]:
        with transaction() as db:
            return [found.task.element for found in inbox.waiting_for(db, self.actor_in(db, login), view=view)]

    def do(self, login: str, code: str, element: str, **typed: Any) -> None:
        task = self.task(code, element)
        with transaction() as db:
            inbox.complete(db, self.actor_in(db, login), task.id, Paper(typed))

    def actor_in(self, db: Session, login: str) -> Actor:
        return assignment.actor_of(db, self.user_in(db, login))

    def user_in(self, db: Session, login: str) -> User:
        found = users.by_login(db, login)
        assert found is not None
        return found


@pytest.fixture(scope="session")
def source(template: Template, key_folder: Path) -> Iterator[str]:
    """A database with everything shipped, a house and the people of STAFF, made once and copied for every test."""
    url = template.copy()
    databases.connect(url)
    vault.load_keys(key_folder)
    Time().at("2026-08-01 09:00")
    with transaction() as db:
        publish_shipped(db)
        posts.record(db, HOUSE, {"name": "Casa 1", "kind": "shelter"}, by="cli")
        shelters.open_shelter(db, HOUSE, "pronta", 4, address="Via Inventata 1", by="cli")
        for login, roles in STAFF.items():
            user = users.add(db, login, f"{login.title()} Prova", f"{login}@example.org", by="cli")
            for role, post in roles:
                users.grant(db, user, role, post, by="cli")
    clock.thaw()
    core.db.dispose()
    yield url
    template.drop(url)


@pytest.fixture
def office(database: Engine, time: Time) -> Office:
    """The night of 11 August, a quarter to three; everybody has an account."""
    made = Office(time)
    with transaction() as db:
        made.house = db.scalars(select(Shelter.code)).one()
        made.ids = {user.login: user.id for user in db.scalars(select(User))}
    time.at("2026-08-11 02:45")
    return made
