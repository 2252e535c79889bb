"""A real screen on a real server: Chromium on the prepared office, watched for every breach of the policy."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Page, Route
from werkzeug.serving import WSGIRequestHandler, make_server

from tests.web.office import Prepared
from web.app import App

AXE = Path(__file__).parents[2] / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


class Quiet(WSGIRequestHandler):
    """Says nothing on the terminal."""

    def log(self, *_: Any) -> None:
        """Tests look at pages instead."""


def tidy(app: App) -> Any:
    """The application, closing each reply also when the browser has gone: Werkzeug's server (3.1) forgets to when the
    connection breaks twice, and an open file is then found by whichever test runs next."""

    def serve(environ: Any, start_response: Any) -> Iterator[bytes]:
        reply = app(environ, start_response)
        try:
            yield from reply
        finally:
            reply.close()  # type: ignore[attr-defined]

    return serve


class Server:
    """The application on a free port of this machine, one thread a request."""

    def __init__(self, app: App) -> None:
        self.server = make_server("127.0.0.1", 0, tidy(app), threaded=True, request_handler=Quiet)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,))
        self.thread.start()

    def stop(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


class Screen:
    """What one person has in front of them; `complaints` is what the browser refused, `strangers` whom it called."""

    def __init__(self, chromium: Browser, url: str, prepared: Prepared | None, login: str, **options: Any) -> None:
        self.url, self.complaints, self.strangers = url, list[str](), list[str]()
        self.context: BrowserContext = chromium.new_context(base_url=url, locale="it-IT", **options)
        if login and prepared:
            self.context.add_cookies([{"name": "approdo", "value": prepared.cookies[login], "url": url}])
        self.context.route("**/*", self._watch)
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(10_000)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", lambda line: self._listen(line.text))

    def _watch(self, route: Route) -> None:
        if route.request.url.startswith(self.url) or urlsplit(route.request.url).scheme in ("data", "blob"):
            route.continue_()
        else:
            self.strangers.append(route.request.url)
            route.abort()

    def _listen(self, text: str) -> None:
        if "Content Security" in text or "Refused to" in text:
            self.complaints.append(text)

    def open(self, path: str) -> Page:
        """Go to a page of the site and wait until it is drawn."""
        self.page.goto(path)
        if self.page.locator("[data-viewer]").count():
            self.page.wait_for_selector("[data-ready]")
        return self.page

    def warm(self) -> None:
        """Have style and fonts here, as all day long: where the fonts come late a page is drawn in wider letters."""
        self.context.unroute_all()  # whoever listens to the network switches the cache off
        self.open("/account")

    def axe(self) -> list[str]:
        """What axe finds wrong on this page, one line each, once its style sheet is there."""
        self.page.wait_for_load_state("load")
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE.read_text())
        run = "rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']}).then(found => found.violations)"
        found = self.page.evaluate(run, RULES)
        return [
            f"{violation['id']}: {node['html'][:120]} {node.get('failureSummary', '')[:200]}"
            for violation in found
            for node in violation["nodes"]
        ]

    def overflow(self, width: int) -> int:
        """How many pixels the page is wider than a window of this width, once its style sheet is there."""
        self.page.wait_for_load_state("load")
        self.page.set_viewport_size({"width": width, "height": 800})
        return int(self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))

    def close(self) -> None:
        self.context.close()
        assert self.complaints == []
        assert self.strangers == []
