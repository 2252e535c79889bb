"""Who gets what from every page: `tests/access_matrix.yaml` is the law, and a page without a row breaks the build (A17).

One office is prepared: a call that waits for the desk of Milan, a case of Milan with a guest in the house, everybody
logged in. "piero" does the same work as "carla" in another territory.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import core.db
from core import clock
from engine import history, registry
from tests import databases
from tests.conftest import Time
from tests.web.conftest import PEOPLE, Browser, clone, office_config
from tests.web.walk import Walk
from web.app import App, create_app

MATRIX = Path(__file__).parents[1] / "access_matrix.yaml"
ROW = re.compile(r"(?P<method>[A-Z]+) (?P<rule>/\S*): +\{(?P<codes>[^}]*)\}")
LOGINS = ["stranger", *(login for login, *_ in PEOPLE)]
UNTRIED = {"HEAD", "OPTIONS"}  # Flask derives them from the others


def rows() -> dict[tuple[str, str], dict[str, int]]:
    """The matrix: (method, rule) to the code for each login; `else` stands for everybody not named."""
    found = {}
    for line in MATRIX.read_text().splitlines():
        if match := ROW.fullmatch(line.strip()):
            pairs = (pair.split(":") for pair in match["codes"].split(","))
            codes = {name.strip(): int(code) for name, code in pairs}
            found[match["method"], match["rule"]] = {login: codes.get(login, codes.get("else", 0)) for login in LOGINS}
        else:
            assert not line.strip() or line.startswith("#"), f"not a row: {line}"
    return found


@dataclass(frozen=True)
class Prepared:
    """The office, the cookies of its people, and what the places of a rule stand for."""

    url: str
    cookies: dict[str, str]
    places: dict[str, str]


@pytest.fixture(scope="module")
def prepared(
    template: databases.SqliteTemplate | databases.PostgresTemplate, office_template: str, key_folder: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Prepared]:  # fmt: skip
    url = clone(template, office_template)
    app = create_app(office_config(url, tmp_path_factory.mktemp("var"), key_folder))
    core.db.dispose()
    databases.connect(url)
    places = live(app)
    cookies = {login: log_in(app, login) for login, *_ in PEOPLE}
    core.db.dispose()
    clock.thaw()
    yield Prepared(url, cookies, places)
    template.drop(url)


def live(app: App) -> dict[str, str]:
    walk = Walk(app, Time())
    for step in (walk.meet, walk.ring, walk.pick_up, walk.house):
        step()
    waiting = walk.ring()
    task = walk.at("2026-08-11 05:40", "carla").task("Valuta il rischio").rpartition("/")[2]
    with core.db.transaction() as db:
        instance = history.instances(db, walk.case)[0]
        definition = registry.current(db, "contact")
    page = walk.desk("carla").get(f"/cases/{walk.case}").text
    return {
        "task_id": task, "kind": "call", "case": walk.case, "contact": waiting, "process_id": "contact",
        "definition_id": definition.id, "instance_id": instance.id, "shelter": walk.shelter, "filename": "favicon.svg",
        "sheet_id": page.partition(f"/sheets/{walk.case}/")[2].partition('"')[0],
    }  # fmt: skip


def log_in(app: App, login: str) -> str:
    cookie = Browser(app, login).client.get_cookie("approdo")
    assert cookie is not None
    return str(cookie.value)


def address(rule: str, places: dict[str, str]) -> str:
    """The rule with its places filled: what `code` means depends on the page."""
    code = {"/cases": "case", "/sheets": "case", "/contacts": "contact", "/shelters": "shelter"}
    names = {**places, "code": places[code.get("/" + rule.split("/")[1], "case")]}
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda match: names[match[1]], rule)


def test_every_page_has_a_row_and_every_row_a_page(app):
    pages = {
        (method, rule.rule)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - UNTRIED
    }  # fmt: skip

    assert pages == set(rows())


@pytest.fixture(scope="module")
def application(prepared: Prepared, key_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> App:
    """The application without a database of its own: each question is put to a copy of the prepared one."""
    made = create_app(office_config(prepared.url, tmp_path_factory.mktemp("var"), key_folder))
    core.db.dispose()
    return made


@pytest.mark.parametrize(("method", "rule"), sorted(rows()), ids=" ".join)
def test_a_page_answers_each_role_as_written(method, rule, application, prepared, template, keys, time):
    time.at("2026-08-11 05:41")
    found, url = {}, ""
    for login in LOGINS:
        url = url or fresh(template, prepared.url)
        found[login] = answer(application, prepared, login, method, rule)
        if found[login] < 400 and (method != "GET" or rule == "/exit"):  # it changed something: the next asks a new copy
            url = discard(template, url)
    if url:
        discard(template, url)

    assert found == rows()[method, rule]


def fresh(template: Any, source: str) -> str:
    url = clone(template, source)
    databases.connect(url)
    return url


def discard(template: Any, url: str) -> str:
    core.db.dispose()
    template.drop(url)
    return ""


def answer(app: App, prepared: Prepared, login: str, method: str, rule: str) -> int:
    browser = Browser(app)
    if login != "stranger":
        browser.client.set_cookie("approdo", prepared.cookies[login])
    data: dict[str, Any] = {"csrf_token": browser.token()} if method != "GET" else {}
    path = address(rule, prepared.places)
    return browser.client.open(path, method=method, data=data, buffered=True).status_code
