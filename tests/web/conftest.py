"""The office as its users meet it: real accounts, a real login, forms read from the page before they are sent."""

import shutil
from collections.abc import Callable, Iterator
from datetime import datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask.testing import FlaskClient
from markupsafe import escape
from sqlalchemy import make_url
from werkzeug.test import TestResponse

import core.db
from cases import posts, shelters
from core import clock, users
from core.config import Config
from tests import databases
from web import cli
from web.app import App, create_app

ROOT = Path(__file__).parents[2]
PASSWORD = "quattro cani blu in fila"
OPENED = datetime.fromisoformat("2026-07-21T09:00+02:00")
CENTRAL, MILAN, HOUSE = "nv-centrale", "lombardia-1", "casa-prova"
# Who works here: login, name, role, post (None: the whole office).
PEOPLE = (
    ("anna", "Anna Conti", "nv_operator", CENTRAL),
    ("ines", "Ines Ferri", "nv_supervisor", CENTRAL),
    ("ugo", "Ugo Sala", "street_worker", MILAN),
    ("bruno", "Bruno Riva", "local_desk", MILAN),
    ("carla", "Carla Moro", "case_manager", MILAN),
    ("dario", "Dario Pace", "supervisor", MILAN),
    ("giulia", "Giulia Neri", "legal_officer", MILAN),
    ("elena", "Elena Costa", "shelter_worker", HOUSE),
    ("fatou", "Fatou Diop", "cultural_mediator", MILAN),
    ("piero", "Piero Leone", "case_manager", "toscana"),
    ("lucia", "Lucia Bassi", "coordinator", None),
    ("marco", "Marco Villa", "auditor", None),
    ("nadia", "Nadia Greco", "admin", None),
)
ADDRESS = "Vicolo della Prova 7"


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


def office_config(url: str, folder: Path, keys: Path, **more: Any) -> Config:
    return Config(database_url=url, var=folder, keys=keys, base_url="http://localhost", password_memory_kib=8, **more)


@pytest.fixture(scope="session")
def office_template(
    template: databases.SqliteTemplate | databases.PostgresTemplate, key_folder: Path, tmp_path_factory: Any
) -> Iterator[str]:
    """A database with everything shipped and the people of PEOPLE, made once and copied for every test."""
    url = template.copy()
    create_app(office_config(url, tmp_path_factory.mktemp("var"), key_folder))
    core.db.dispose()
    databases.connect(url)
    clock.freeze(OPENED)
    fill()
    clock.thaw()
    core.db.dispose()
    yield url
    template.drop(url)


def fill() -> None:
    with core.db.transaction() as db:
        cli.publish_shipped(db)
        posts.record(db, HOUSE, {"name": "Casa di prova", "kind": "shelter"}, by="demo")
        for login, name, role, post in PEOPLE:
            user = users.add(db, login, name, f"{login}@example.org", password=PASSWORD, by="demo")
            users.grant(db, user, role, post, by="demo")
        shelters.open_shelter(db, HOUSE, "pronta", 4, address=ADDRESS, by="demo")


@pytest.fixture
def office_url(
    template: databases.SqliteTemplate | databases.PostgresTemplate, office_template: str
) -> Iterator[str]:
    """A copy of the office for this test."""
    url = clone(template, office_template)
    yield url
    template.drop(url)


def clone(template: databases.SqliteTemplate | databases.PostgresTemplate, url: str) -> str:
    if isinstance(template, databases.SqliteTemplate):
        template.count += 1
        source = url.removeprefix("sqlite:///")
        return f"sqlite:///{shutil.copy(source, template.folder / f'{template.count}.db')}"
    template.count += 1
    name = f"{template.name}_{template.count}"
    template._say(f'create database "{name}" template "{make_url(url).database}"')
    return template._url_of(name)


@pytest.fixture
def app(office_url: str, keys: Path, tmp_path: Path, time: Any) -> Iterator[App]:
    """The application on an office of its own; the clock stands at nine in the morning of 21 July 2026."""
    made = create_app(office_config(office_url, tmp_path, keys))
    core.db.dispose()
    databases.connect(office_url)
    yield made
    core.db.dispose()


class Form(HTMLParser):
    """What one form of a page would send, as a browser would: hidden fields, values, ticks, the chosen options."""

    def __init__(self, page: str, action: str) -> None:
        super().__init__()
        self.action, self.found = action, False
        self.fields: list[tuple[str, str]] = []
        self._inside, self._select, self._text = False, "", ""
        self.feed(page)
        assert self.found, f"no form posts to {action}"

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        given = dict(attrs)
        if tag == "form":
            self._inside = (given.get("action") or "").partition("#")[0] == self.action and given.get("method") == "post"
            self.found = self.found or self._inside
        elif not self._inside or not (given.get("name") or tag == "option"):
            return
        elif tag == "input" and (given.get("type") not in ("checkbox", "radio") or "checked" in given):
            self.fields.append((given["name"], given.get("value") or ""))
        elif tag == "select":
            self._select = given["name"]
        elif tag == "option" and "selected" in given:
            self.fields.append((self._select, given.get("value") or ""))
        elif tag == "textarea":
            self._text = given["name"]
            self.fields.append((self._text, ""))

    def handle_data(self, data: str) -> None:
        if self._inside and self._text:
            name, kept = self.fields[-1]
            self.fields[-1] = (name, kept + data.removeprefix("\n"))

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._text = ""
        elif tag == "form":
            self._inside = False

    def filled(self, answers: dict[str, Any]) -> dict[str, list[str]]:
        """What is sent when these answers are typed over what the form shows."""
        sent: dict[str, list[str]] = {}
        for name, value in self.fields:
            sent.setdefault(name, []).append(value)
        for name, value in answers.items():
            sent[name] = [str(one) for one in value] if isinstance(value, list) else [str(value)]
        return sent


class Browser:
    """What one person does at one desk."""

    def __init__(self, app: App, login: str = "") -> None:
        self.app, self.client = app, app.test_client()
        if login:
            self.log_in(login)

    def log_in(self, login: str, password: str = PASSWORD) -> TestResponse:
        """Open the login page, type, press the button."""
        self.get("/login")
        return self.send("/login", login=login, password=password)

    def get(self, path: str, **more: Any) -> TestResponse:
        """Open a page; it is then the page whose forms can be sent."""
        self.reply = self.client.get(path, buffered=True, **more)
        return self.reply

    def send(self, action: str, **answers: Any) -> TestResponse:
        """Fill in and send the form of the open page that goes to this address."""
        form = Form(self.reply.text, action)
        self.reply = self.client.post(action, data=form.filled(answers))
        return self.reply

    def token(self) -> str:
        """A valid token of this visit, for posts that no form makes."""
        page = self.client.get("/login" if not self.client.get_cookie("approdo") else "/account").text
        return page.partition('name="csrf_token" value="')[2].partition('"')[0]

    def follow(self) -> TestResponse:
        """Go where the last reply sends."""
        assert self.reply.status_code == 303, self.reply.text
        return self.get(self.reply.location)

    def task(self, name: str) -> str:
        """The address of the first task of the inbox with this name."""
        page = self.get("/inbox").text
        before, found, _ = page.partition(f">{escape(name)}</a>")
        assert found, f"«{name}» is not in the inbox"
        return before.rpartition('href="')[2].partition('"')[0]


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
