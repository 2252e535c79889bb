"""A person at a real window while the days pass: logs in again when the clock has gone on, finds tasks by their names."""

import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.web.browser import PASSWORD
from tests.web.screen import Screen

WIDTHS = (320, 768, 1440)


class Seat:
    """One person at one window; `script` says whether JavaScript runs in it."""

    def __init__(self, screen: Screen, login: str, *, script: bool) -> None:
        self.screen, self.page, self.login, self.script = screen, screen.page, login, script

    def go(self, path: str) -> Page:
        """Open a page, giving name and password where they are asked for."""
        self.page.goto(path)
        if self.page.locator("#f-password").count():
            if self.page.locator("#f-login").count():
                self.page.locator("#f-login").fill(self.login)
            self.page.locator("#f-password").fill(PASSWORD)
            self.page.locator("#f-password").press("Enter")
            self.page.wait_for_url(re.compile(r"^(?!.*/(login|unlock)).*$"))
            self.page.goto(path)
        return self.page

    def status(self, path: str) -> int:
        """What this person gets from a page."""
        self.go("/account")
        reply = self.page.goto(path)
        assert reply
        return reply.status

    def start(self, case: str, pathway: str) -> None:
        """Start a pathway from the page of the case; the next page is its first task."""
        self.go(f"/cases/{case}")
        self.press(self.page.get_by_role("button", name=pathway, exact=True, include_hidden=True))
        expect(self.page.get_by_text("Il percorso è avviato")).to_be_visible()

    def task(self, name: str) -> Page:
        """Open the first task of the inbox with this name."""
        self.go("/inbox").get_by_role("link", name=name, exact=True).first.click()
        expect(self.page.get_by_role("heading", level=1)).to_have_text(name)
        return self.page

    def do(self, task: str, **answers: Any) -> None:
        """Open a task, fill in its form and complete it."""
        self.task(task)
        self.fill(**answers)
        self.page.get_by_role("button", name="Completa").click()
        expect(self.page.get_by_text("Attività completata.")).to_be_visible()

    def fill(self, **answers: Any) -> None:
        """Type, tick and choose, field by field; a choice is its value, or its place in the list."""
        for name, value in answers.items():
            field = self.page.locator(f'main [name="{name}"]')
            if not self.script and field.count() == 0:
                self.page.get_by_role("button", name="Aggiorna i campi").click()
            for one in value if isinstance(value, list) else [value]:
                self._answer(field, one)

    def press(self, control: Locator) -> None:
        """Press what may lie folded away."""
        unfold(control)
        control.click()

    def whole(self) -> None:
        """Nothing to complain about on this page, at any width; axe itself is a script."""
        before = self.page.viewport_size
        assert not self.script or self.screen.axe() == []
        assert {width: self.screen.overflow(width) for width in WIDTHS} == dict.fromkeys(WIDTHS, 0)
        if before:
            self.page.set_viewport_size(before)

    def _answer(self, field: Locator, value: Any) -> None:
        unfold(field.first)
        kind = field.first.get_attribute("type") or field.first.evaluate("node => node.tagName.toLowerCase()")
        if kind in ("radio", "checkbox"):
            field.and_(self.page.locator(f'[value="{value}"]')).check()
        elif kind == "select":
            field.select_option(**({"index": value} if isinstance(value, int) else {"value": str(value)}))
        else:
            field.fill(str(value))


def unfold(inner: Locator) -> None:
    """Open every fold around it, as a touch on each heading does."""
    inner.evaluate("node => { for (let up = node; up = up.parentElement?.closest('details'); ) up.open = true }")


Sit = Callable[..., Seat]
