"""Chromium, and a desk of its own: pages made for one test, served with the real bundles under the real policy."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import Browser, Page

DIST = Path(__file__).parents[2] / "web" / "static" / "dist"
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
KINDS = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".woff2": "font/woff2"}


@pytest.fixture(scope="session")
def manifest() -> dict[str, Any]:
    """What the build made; without it every test here fails, and says what to do."""
    assert (DIST / "manifest.json").exists(), "the browser assets are missing: python hatch_build.py"
    return dict(json.loads((DIST / "manifest.json").read_text()))


class Desk:
    """Serves `pages` (path to body of a page, or to (kind, content)) and remembers in `posts` what was sent."""

    def __init__(self, manifest: dict[str, Any]) -> None:
        self.manifest = manifest
        self.pages: dict[str, Any] = {}
        self.posts: list[tuple[str, dict[str, list[str]]]] = []
        self.refuse: set[str] = set()
        desk = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                self.reply(200, *desk.find(self.path))

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
                desk.posts.append((self.path, parse_qs(body, keep_blank_values=True)))
                self.reply(503 if self.path in desk.refuse else 200, *desk.find(f"POST {self.path}"))

            def reply(self, status: int, kind: str, content: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(content)))
                self.send_header("Content-Security-Policy", CSP)
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                """Tests read `posts` instead."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def find(self, path: str) -> tuple[str, bytes]:
        if path.startswith("/dist/"):
            file = DIST / path.removeprefix("/dist/")
            return KINDS[file.suffix], file.read_bytes()
        page = self.pages.get(path, "<p>…</p>")
        return page if isinstance(page, tuple) else ("text/html; charset=utf-8", self.page(page).encode())

    def page(self, body: str) -> str:
        links = "".join(
            f'<link rel="stylesheet" href="/dist/{self.manifest[name]["css"]}">'
            f'<script type="module" src="/dist/{self.manifest[name]["js"]}"></script>'
            for name in ("site", "viewer")
        )
        return (
            f'<!doctype html><html lang="it"><head><title>Prova</title><link rel="icon" href="data:,">'
            f'<meta name="csrf-token" content="token">{links}</head><body data-idle-seconds="">{body}</body></html>'
        )

    def sent(self, path: str) -> list[dict[str, list[str]]]:
        return [fields for where, fields in self.posts if where == path]


@pytest.fixture
def desk(manifest: dict[str, Any]) -> Iterator[Desk]:
    made = Desk(manifest)
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def page(chromium: Browser, desk: Desk) -> Iterator[Page]:
    """A fresh window; an error or a breach of the policy in its console fails the test."""
    context = chromium.new_context(base_url=desk.url)
    window = context.new_page()
    window.set_default_timeout(5000)
    complaints: list[str] = []
    window.on("pageerror", lambda error: complaints.append(str(error)))
    window.on("console", lambda line: complaints.append(line.text) if "Content Security" in line.text else None)
    yield window
    context.close()
    assert complaints == []
