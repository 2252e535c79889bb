"""The office as its users meet it: real accounts, a real login, forms read from the page before they are sent."""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask.testing import FlaskClient
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from playwright.sync_api import Browser as Chromium

import core.db
from cases import posts, shelters
from core import clock, users
from tests import databases
from tests.conftest import Time
from tests.databases import Template
from tests.web import office
from tests.web.browser import PASSWORD, Browser
from tests.web.office import ADDRESS, HOUSE, PEOPLE, Prepared, Stage
from tests.web.screen import Screen, Server
from tests.web.seat import Seat, Sit
from tests.web.walk import Walk
from web import cli
from web.app import App, create_app

ROOT = Path(__file__).parents[2]
OPENED = datetime.fromisoformat("2026-07-21T09:00+02:00")


@pytest.fixture(scope="session", autouse=True)
def compiled_catalogues() -> None:
    """English as the build would compile it, also when no build has run since the catalogue changed."""
    for source in (ROOT / "web" / "translations").glob("*/LC_MESSAGES/*.po"):
        target = source.with_suffix(".mo")
        if not target.exists() or target.stat().st_mtime_ns < source.stat().st_mtime_ns:
            with source.open("rb") as file:
                catalogue = read_po(file, locale=source.parts[-3])
            with target.open("wb") as file:
                write_mo(file, catalogue)


class Kept(BytecodeCache):
    """Templates compiled once for all the applications of a run."""

    def __init__(self) -> None:
        self.found: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self.found:
            bucket.bytecode_from_string(self.found[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.found[bucket.key] = bucket.bytecode_to_string()


@pytest.fixture(scope="session", autouse=True)
def warm_pages() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(App, "jinja_options", {**App.jinja_options, "bytecode_cache": Kept()})
        yield


@pytest.fixture(scope="session")
def office_template(template: Template, key_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A database with everything shipped and the people of PEOPLE, made once and copied for every test."""
    url = template.copy()
    create_app(office.config(url, tmp_path_factory.mktemp("var"), key_folder))
    core.db.dispose()
    databases.connect(url)
    clock.freeze(OPENED)
    _fill()
    clock.thaw()
    core.db.dispose()
    yield url
    template.drop(url)


def _fill() -> None:
    with core.db.transaction() as db:
        cli.publish_shipped(db)
        posts.record(db, HOUSE, {"name": "Casa di prova", "kind": "shelter"}, by="demo")
        for login, name, role, post in PEOPLE:
            user = users.add(db, login, name, f"{login}@example.org", password=PASSWORD, by="demo")
            users.grant(db, user, role, post, by="demo")
        shelters.open_shelter(db, HOUSE, "pronta", 4, address=ADDRESS, by="demo")


@pytest.fixture
def office_url(template: Template, office_template: str) -> Iterator[str]:
    """A copy of the office for this test."""
    url = template.copy(office_template)
    yield url
    template.drop(url)


@pytest.fixture
def app(office_url: str, keys: Path, tmp_path: Path, time: Time) -> Iterator[App]:
    """The application on an office of its own; the clock stands at nine in the morning of 21 July 2026."""
    made = create_app(office.config(office_url, tmp_path, keys))
    core.db.dispose()
    databases.connect(office_url)
    yield made
    core.db.dispose()


@pytest.fixture(scope="session")
def stages(
    template: Template, office_template: str, key_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Stage]]:
    """The first case after the pick-up ("picked") and with a bed ("placed"), walked once through the pages."""
    url = template.copy(office_template)
    walk = Walk(create_app(office.config(url, tmp_path_factory.mktemp("var"), key_folder)), Time())
    found = {}
    for name, at, steps in (
        ("picked", "2026-08-11 04:35", (walk.meet, walk.ring, walk.pick_up)),
        ("placed", "2026-08-11 05:30", (walk.house,)),
    ):
        core.db.dispose()
        databases.connect(url)
        for step in steps:
            step()
        core.db.dispose()
        codes = {key: getattr(walk, key) for key in ("contact", "call", "case", "shelter")}
        found[name] = Stage(template.copy(url), at, codes)
    clock.thaw()
    yield found
    for left in (url, *(stage.url for stage in found.values())):
        template.drop(left)


@pytest.fixture(scope="session")
def prepared(template: Template, stages: dict[str, Stage], application: App) -> Iterator[Prepared]:
    """The office of `tests/web/office.py`, in the night of 11 August."""
    url = office.fresh(template, stages["placed"].url)
    places = office.live(office.resume(application, Time(), stages["placed"]))
    cookies = {login: office.log_in(application, login) for login, *_ in PEOPLE}
    core.db.dispose()
    clock.thaw()
    yield Prepared(url, cookies, places)
    template.drop(url)


@pytest.fixture(scope="session")
def application(office_template: str, key_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> App:
    """The application without a database of its own: each question is put to a copy of a prepared one."""
    made = create_app(office.config(office_template, tmp_path_factory.mktemp("var"), key_folder))
    core.db.dispose()
    return made


@pytest.fixture
def picked(template: Template, stages: dict[str, Stage], application: App, keys: Path, time: Time) -> Iterator[Walk]:
    """A case that waits for a bed, on 11 August after half past four in the morning."""
    yield from _at(template, stages["picked"], application, time)


@pytest.fixture
def placed(template: Template, stages: dict[str, Stage], application: App, keys: Path, time: Time) -> Iterator[Walk]:
    """A case with a guest in the house, on 11 August at half past five in the morning."""
    yield from _at(template, stages["placed"], application, time)


def _at(template: Template, stage: Stage, application: App, time: Time) -> Iterator[Walk]:
    url = office.fresh(template, stage.url)
    yield office.resume(application, time, stage)
    office.discard(template, url)


@pytest.fixture
def at_desk(app: App) -> Callable[[str], Browser]:
    """A logged-in browser for a login of PEOPLE."""
    return lambda login: Browser(app, login)


@pytest.fixture
def stranger(app: App) -> Browser:
    """A browser of nobody."""
    return Browser(app)


@pytest.fixture
def anna(app: App) -> Browser:
    """An operator of the helpline."""
    return Browser(app, "anna")


@pytest.fixture
def bruno(app: App) -> Browser:
    """The local desk of Milan."""
    return Browser(app, "bruno")


@pytest.fixture
def carla(app: App) -> Browser:
    """A case manager of Milan."""
    return Browser(app, "carla")


@pytest.fixture
def dario(app: App) -> Browser:
    """The supervisor of Milan."""
    return Browser(app, "dario")


@pytest.fixture
def elena(app: App) -> Browser:
    """The staff of the house."""
    return Browser(app, "elena")


@pytest.fixture
def piero(app: App) -> Browser:
    """A case manager of another territory."""
    return Browser(app, "piero")


@pytest.fixture
def lucia(app: App) -> Browser:
    """The coordinator."""
    return Browser(app, "lucia")


@pytest.fixture
def client(app: App) -> FlaskClient:
    """A bare client, for what no page offers."""
    return app.test_client()


@pytest.fixture
def site(template: Template, prepared: Prepared, application: App, keys: Path, time: Time) -> Iterator[str]:
    """The prepared office on a server of its own; the address."""
    time.at(office.NIGHT)
    url = office.fresh(template, prepared.url)
    server = Server(application)
    yield server.url
    server.stop()
    office.discard(template, url)


@pytest.fixture
def screen(chromium: Chromium, site: str, prepared: Prepared) -> Iterator[Callable[..., Screen]]:
    """A window for a login ("" for nobody); what the browser refused or whom it called fails the test."""
    opened: list[Screen] = []

    def open_(login: str, **options: Any) -> Screen:
        opened.append(Screen(chromium, site, prepared, login, **options))
        return opened[-1]

    yield open_
    for each in opened:
        each.close()


@pytest.fixture
def sit(chromium: Chromium) -> Iterator[Sit]:
    """A seat for a login at the pages of an application, on a server of its own."""
    servers, opened = list[Server](), list[Screen]()

    def take(app: App, login: str, *, script: bool = True, **options: Any) -> Seat:
        if not servers:
            servers.append(Server(app))
        opened.append(Screen(chromium, servers[0].url, None, "", java_script_enabled=script, **options))
        return Seat(opened[-1], login, script=script)

    yield take
    for each in opened:
        each.close()
    for server in servers:
        server.stop()
