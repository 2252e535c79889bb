"""What every reply and every form carries for safety: headers, the visit's cookie, the token against forged posts."""

import hashlib
import hmac
import re
import secrets
from io import BytesIO
from typing import Any, cast
from urllib.parse import urlsplit

from flask import Flask, Request, Response, abort, g, request, session
from flask.sessions import SessionInterface, SessionMixin
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from core.config import Config, read_key

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CSP,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
LONGEST_BODY = 512 * 1024
# The pages that take a file: a little more than the file itself (`cases/files.py`).
WITH_FILE = frozenset({"files.add", "exchange.bring"})
LONGEST_UPLOAD = 5 * 1024 * 1024 + 64 * 1024
# The pages that take a draft of a model (`engine/drafts.py` says how long it may be).
WITH_DRAFT = frozenset({"workshop.save", "workshop.check"})
LONGEST_DRAFT = 2_000_000
# What scripts of ours call: refusals are JSON and never another page, so what was drawn stays on the screen.
FOR_SCRIPTS = WITH_DRAFT | {"workshop.vocabulary"}
REVISIONED = frozenset({"workshop.raw", "workshop.save"})
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
_UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}
_LOOPBACK = ["127.0.0.1", "localhost", "[::1]"]

csrf = CSRFProtect()


class Reader(Request):
    """A request whose files stay in memory: what is uploaded is never written to a disk in the clear."""

    def _get_file_stream(self, *_: Any, **__: Any) -> BytesIO:
        return BytesIO()


class Visit(dict[str, Any], SessionMixin):
    """One browser at one desk: a random token in a cookie. Nothing else is ever kept in the browser.

    The CSRF secret is derived from the token, so a form belongs to one visit and dies with it (also before the login).
    """

    def __init__(self, token: str, *, secret: bytes, changed: bool) -> None:
        super().__init__()
        self._secret = secret
        self.carry(token, changed=changed)

    def carry(self, token: str, *, changed: bool) -> None:
        """From now on this visit is known by that token, and so are the forms that this reply still draws."""
        self.token, self.changed = token, changed
        self["csrf_token"] = hmac.new(self._secret, b"csrf|" + token.encode(), hashlib.sha256).hexdigest()


# Replies that belong to no visit.
WITHOUT_VISIT = frozenset({"static", "status.health", "feeds.read"})


class Visits(SessionInterface):
    """Reads and writes the visit's cookie: host-bound and secure under https, plain only for a demo on loopback."""

    def __init__(self, secret: bytes, *, https: bool) -> None:
        self.secret, self.https = secret, https
        self.cookie = "__Host-approdo" if https else "approdo"

    def open_session(self, app: Flask, request: Request) -> Visit:
        """The visit of this browser; a missing or malformed cookie begins a new one."""
        token = request.cookies.get(self.cookie, "")
        known = _TOKEN.fullmatch(token) is not None
        return Visit(token if known else secrets.token_urlsafe(32), secret=self.secret, changed=not known)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Send the cookie when it is new; it ends with the browser."""
        if isinstance(session, Visit) and session.changed and request.endpoint not in WITHOUT_VISIT:
            response.set_cookie(
                self.cookie, session.token, path="/", secure=self.https, httponly=True, samesite="Lax"
            )  # fmt: skip


def visit_token() -> str:
    """The token of this browser's visit."""
    return cast(Visit, session).token


def change_visit(token: str) -> None:
    """From this reply on the browser carries another token: at login and logout, against fixation."""
    cast(Visit, session).carry(token, changed=True)
    g.pop("csrf_token", None)


def harden(app: Flask, config: Config) -> None:
    """Put every guard of this module round the application."""
    https = config.base_url.startswith("https://")
    secret = read_key(config.keys, "session")
    app.secret_key = secret
    app.request_class = Reader
    app.session_interface = Visits(secret, https=https)
    app.config.update(
        HTTPS=https,
        MAX_CONTENT_LENGTH=LONGEST_BODY,
        MAX_FORM_MEMORY_SIZE=LONGEST_BODY,
        MAX_FORM_PARTS=1000,
        TRUSTED_HOSTS=[urlsplit(config.base_url).hostname or "localhost", *_LOOPBACK],
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,  # it reads the Referer, which our own policy removes: see refuse_other_origins()
    )
    app.before_request(refuse_odd_paths)
    app.before_request(refuse_other_origins)
    app.before_request(allow_files)
    csrf.init_app(app)
    app.after_request(add_headers)
    if https:
        app.after_request(_only_https)
        # TLS ends at a proxy in front of us, so the address of the browser is the last one that the proxy adds.
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=0)  # type: ignore[method-assign]


def refuse_odd_paths() -> None:
    """No page of ours has a control character in its address, and PostgreSQL has no word for NUL."""
    if not request.path.isprintable():
        abort(404)


def refuse_other_origins() -> None:
    """A change may only come from our own pages; the browser says so itself (Sec-Fetch-Site, Origin)."""
    if request.method not in _UNSAFE:
        return
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site is not None:
        if site not in ("same-origin", "none"):
            abort(400)
    elif origin is not None and urlsplit(origin).netloc != request.host:
        abort(400)


def is_from_our_page() -> bool:
    """Whether the browser itself says that a page of ours sent this (no script and no other site can say so)."""
    return request.headers.get("Sec-Fetch-Site") == "same-origin"


def allow_files() -> None:
    """Only the pages that take a file or a draft read a body as long as one."""
    if request.endpoint in WITH_FILE:
        request.max_content_length = LONGEST_UPLOAD
    if request.endpoint in WITH_DRAFT:
        request.max_content_length = LONGEST_DRAFT


def add_headers(response: Response) -> Response:
    """The same headers on every reply; only files whose name carries a hash may be kept by the browser."""
    response.headers.update(HEADERS)
    if response.headers.get("Content-Disposition", "").startswith("attachment"):
        # A file that somebody brought may do nothing, wherever it is opened.
        response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox; frame-ancestors 'none'"
    hashed = "/dist/" in request.path and not request.path.endswith((".json", ".txt"))
    kept = request.endpoint == "static" and response.status_code < 400 and hashed
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if kept else "no-store"
    if not kept and request.endpoint not in REVISIONED:
        response.headers.pop("ETag", None)
    return response


def _only_https(response: Response) -> Response:
    response.headers["Strict-Transport-Security"] = "max-age=63072000"
    return response
