"""A browser without a screen: it reads the forms of a page before it sends them, so that the tokens are real."""

from html.parser import HTMLParser
from typing import Any

from markupsafe import escape
from werkzeug.test import TestResponse

from web.app import App

PASSWORD = "quattro cani blu in fila"


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
            self._inside = (given.get("action") or "").partition("#")[0] == self.action and given.get(
                "method"
            ) == "post"
            self.found = self.found or self._inside
        elif not self._inside or not (given.get("name") or tag == "option"):
            return
        elif tag == "input" and (given.get("type") not in ("checkbox", "radio") or "checked" in given):
            value = given.get("value") or ""
            whole = given.get("type") == "hidden"  # a field of one line has no line breaks: browsers take them away
            self.fields.append((given["name"], value if whole else value.replace("\r", "").replace("\n", "")))
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
