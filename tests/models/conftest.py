"""An office that runs the shipped models: posts, terms, tables, pathways, and people who do the tasks."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from cases import contacts, posts, shelters
from cases.access import Actor
from cases.shelters import Shelter
from core import clock, db, vault
from engine import instances, registry
from engine.tables import Delivery
from tasks import pathways
from tests import databases
from tests.conftest import Time
from tests.databases import Template
from tests.models.walk import Walk
from web import cli

EVERYBODY = Actor(
    "u_anna",
    "Anna",
    "it",
    frozenset(
        {
            ("nv_operator", "nv-centrale"),
            ("nv_supervisor", "nv-centrale"),
            ("local_desk", "nv-centrale"),
            ("local_desk", "lombardia-1"),
            ("local_desk", "lombardia-2"),
            ("street_worker", "lombardia-1"),
            ("case_manager", "lombardia-1"),
            ("legal_officer", "lombardia-1"),
            ("supervisor", "lombardia-1"),
        }
    ),
)


@pytest.fixture
def time() -> Iterator[Time]:
    """The night of 11 August 2026, ten past two."""
    moved = Time()
    moved.at("2026-08-11 02:10")
    yield moved
    clock.thaw()


@pytest.fixture(scope="session")
def source(template: Template, key_folder: Path) -> Iterator[str]:
    """A database with the shipped models and a house with four beds, made once and copied for every test."""
    url = template.copy()
    databases.connect(url)
    vault.load_keys(key_folder)
    Time().at("2026-08-11 02:10")
    with db.transaction() as tx:
        cli.publish_shipped(tx)
        posts.record(tx, "casa-tiglio", {"name": "Casa Tiglio", "kind": "shelter"}, by="deploy")
        shelters.open_shelter(tx, "casa-tiglio", "pronta", 4, by="deploy")
    clock.thaw()
    db.dispose()
    yield url
    template.drop(url)


@pytest.fixture
def shelter(database: Engine, time: Time) -> str:
    """The shipped models, published; returns the code of a house with four beds."""
    with db.transaction() as tx:
        return tx.scalars(select(Shelter.code)).one()


@pytest.fixture
def contact(shelter: str) -> Callable[..., Walk]:
    """Record a contact with these facts and walk its pathway."""

    def record(kind: str = "call", *, post: str = "nv-centrale", **facts: object) -> Walk:
        with db.transaction() as tx:
            known = {"at": clock.now(), "call_class": "pertinente", **facts}
            made = contacts.record(tx, kind, post, known, {}, by=EVERYBODY.user_id)
            pathways.start_contact(tx, made, by=EVERYBODY.user_id)
            return Walk(EVERYBODY, made.code, "contact")

    return record


@pytest.fixture
def open_case(contact: Callable[..., Walk]) -> Callable[[], Walk]:
    """Open a case from a call in danger and walk its protection."""

    def opened() -> Walk:
        call = contact(danger=True, wants_out=True, province="MI")
        call.do("contact_pickup", pickup_at=clock.now(), pickup_outcome="case")
        with db.transaction() as tx:
            return Walk(EVERYBODY, str(contacts.get(tx, call.key).case_code), "protection")

    return opened


@pytest.fixture
def follow(open_case: Callable[[], Walk]) -> Callable[..., Walk]:
    """Begin the pathway that this message begins, on a case of its own or on that of another walk."""

    def begin(message: str, case: Walk | None = None) -> Walk:
        key = (case or open_case()).key
        with db.transaction() as tx:
            found = registry.started_by(tx, message)
            assert found is not None
            process, event, stream = found[0].process_id, found[1], f"case:{key}"
            instances.start(tx, process, key, "lombardia-1", {}, stream=stream, event=event, by=EVERYBODY.user_id)
        return Walk(EVERYBODY, key, process)

    return begin


@pytest.fixture
def begin(open_case: Callable[[], Walk]) -> Callable[..., Walk]:
    """Start a pathway by hand on the page of a case, of its own or that of another walk."""

    def started(process: str, case: Walk | None = None) -> Walk:
        key = (case or open_case()).key
        with db.transaction() as tx:
            pathways.start(tx, EVERYBODY, key, process)
        return Walk(EVERYBODY, key, process)

    return started


@pytest.fixture
def told() -> Callable[[Walk], list[tuple[str, dict[str, object]]]]:
    """The messages of a case that nobody has waited for yet, oldest first: name and facts."""

    def kept(walk: Walk) -> list[tuple[str, dict[str, object]]]:
        with db.transaction() as tx:
            query = select(Delivery).where(Delivery.business_key == walk.key).order_by(Delivery.due_at, Delivery.id)
            return [(each.name, each.facts) for each in tx.scalars(query)]

    return kept


@pytest.fixture
def case(open_case: Callable[[], Walk]) -> Walk:
    """A case whose protection has just started."""
    return open_case()
