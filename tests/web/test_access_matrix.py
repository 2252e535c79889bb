"""Who gets what from every page: `tests/access_matrix.yaml` is the law; a page without a row breaks the build (A17).

The office is that of `tests/web/office.py`. "piero" does the same work as "carla" in another territory.
"""

import re
from pathlib import Path
from typing import Any

import pytest

from tests import databases
from tests.web.browser import Browser
from tests.web.office import PEOPLE, Prepared, discard, fresh
from web.app import App

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


def address(rule: str, places: dict[str, str]) -> str:
    """The rule with its places filled: what `code` means depends on the page."""
    code = {
        "/cases": "case",
        "/sheets": "case",
        "/contacts": "contact",
        "/shelters": "shelter",
        "/transfers": "transfer",
        "/search": "contact",
        "/directory": "body",
        "/outings": "outing",
    }
    names = {**places, "code": places[code.get("/" + rule.split("/")[1], "case")]}
    names["hold_id"] = names["file_id"] = names["secret"] = names["consent_id"] = names["absence_id"] = names["offer_id"] = "none"
    names["what"], names["copy_id"], names["device_id"] = "task", "none", "none"
    names["element"] = "errands_form"
    drawn = {"/models/tables": "triage", "/models/forms": "extra_step", "/models/<key>": "errands"}
    names["key"] = next((key for start, key in drawn.items() if rule.startswith(start)), names["key"])
    kind = {"/models/tables": "decision", "/models/forms": "form"}.get("/".join(rule.split("/")[:3]), "process")
    names["version_id"] = places[f"{kind}_version"]
    if "/people/" in rule:
        names["kind"] = "identity"
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda match: names[match[1]], rule)


def test_every_page_has_a_row_and_every_row_a_page(app):
    pages = {
        (method, rule.rule)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - UNTRIED
    }  # fmt: skip

    assert pages == set(rows())


@pytest.mark.parametrize(("method", "rule"), sorted(rows()), ids=" ".join)
def test_a_page_answers_each_role_as_written(method, rule, application, prepared, template, keys, time):
    time.at("2026-08-11 05:41")
    law = rows()[method, rule]
    # Who gets what is decided in Python: on SQLite everybody asks, on PostgreSQL the first of each answer.
    asking = LOGINS if databases.KIND == "sqlite" else list({code: login for login, code in reversed(law.items())}.values())
    found, url = {}, ""
    for login in asking:
        url = url or fresh(template, prepared.url)
        found[login] = answer(application, prepared, login, method, rule)
        if found[login] < 400 and (
            method != "GET" or rule == "/exit"
        ):  # it changed something: the next asks a new copy
            discard(template, url)
            url = ""
    if url:
        discard(template, url)

    assert found == {login: law[login] for login in asking}


def answer(app: App, prepared: Prepared, login: str, method: str, rule: str) -> int:
    browser = Browser(app)
    if login != "stranger":
        browser.client.set_cookie("approdo", prepared.cookies[login])
    data: dict[str, Any] = {"csrf_token": browser.token()} if method != "GET" else {}
    path = address(rule, prepared.places)
    return browser.client.open(path, method=method, data=data, buffered=True).status_code
