"""A browser for one person: pages, cookies, the token of the last page. It knows the difference between two silences:
a request that never left (`NotSent`), and one that may have been done although no answer came (`NoAnswer`)."""

import html
import http.client
import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple
from urllib.parse import urlencode

PATIENCE = 20.0
TOKEN = re.compile(r'name="csrf_token" value="([^"]*)"')
TITLE = re.compile(r"<h1[^>]*>(.*?)</h1>", re.DOTALL)
ROW = re.compile(r'<li class="row"[^>]*>(.*?)</li>', re.DOTALL)
TASK = re.compile(r'href="/inbox/([0-9a-f]{32})"')
CODE = re.compile(r'<span class="code">([^<]+)</span>')
CHOICE_OF_COLLEAGUE = re.compile(r'name="to"[^>]*>(.*?)</select>', re.DOTALL)
VALUE = re.compile(r'<option value="([^"]+)"')


class NotSent(Exception):
    """Nobody listens: the request was certainly not done."""


class NoAnswer(Exception):
    """The request left and nothing came back: it was done, or it was not."""


class Reply(NamedTuple):
    """What came back."""

    status: int
    text: str
    location: str

    @property
    def title(self) -> str:
        """The heading of the page."""
        found = TITLE.search(self.text)
        return html.unescape(found[1]).strip() if found else ""

    @property
    def colleagues(self) -> list[str]:
        """To whom the task of this page may be given."""
        found = CHOICE_OF_COLLEAGUE.search(self.text)
        return VALUE.findall(found[1]) if found else []


class Row(NamedTuple):
    """One line of the inbox, and what its buttons offer."""

    task: str
    code: str
    claimable: bool
    releasable: bool


class Browser:
    """One person at one desk, on one visit."""

    def __init__(self, port: int, login: str) -> None:
        self.port, self.login = port, login
        self.cookies: dict[str, str] = {}
        self.token = ""

    def get(self, path: str) -> Reply:
        """Open a page."""
        return self._ask("GET", path, None)

    def post(self, path: str, values: Mapping[str, str | Sequence[str]]) -> Reply:
        """Send a form, with the token of the last page."""
        return self._ask("POST", path, urlencode({**values, "csrf_token": self.token}, doseq=True))

    def _ask(self, method: str, path: str, body: str | None) -> Reply:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            try:
                connection.connect()
            except OSError as problem:
                raise NotSent from problem
            try:
                return self._talk(connection, method, path, body)
            except (OSError, http.client.HTTPException) as problem:
                raise NoAnswer from problem
        finally:
            connection.close()

    def _talk(self, connection: http.client.HTTPConnection, method: str, path: str, body: str | None) -> Reply:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if body is not None:
            headers |= {"Content-Type": "application/x-www-form-urlencoded", "Origin": f"http://127.0.0.1:{self.port}"}
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        text = answer.read().decode("utf-8", "replace")
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        if found := TOKEN.search(text):
            self.token = html.unescape(found[1])
        return Reply(answer.status, text, answer.headers.get("Location") or "")


def rows(page: str) -> list[Row]:
    """The lines of an inbox page."""
    found = []
    for chunk in ROW.findall(page):
        task, code = TASK.search(chunk), CODE.search(chunk)
        if task and code:
            buttons = f"/inbox/{task[1]}/claim" in chunk, f"/inbox/{task[1]}/release" in chunk
            found.append(Row(task[1], html.unescape(code[1]), *buttons))
    return found
