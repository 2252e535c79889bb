"""Who is at the desk: login, logout, lock screen, own settings. The only module that knows Flask-Login."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import cast
from urllib.parse import urlsplit

from flask import Blueprint, Flask, current_app, g, jsonify, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import LoginManager, UserMixin, current_user
from werkzeug.wrappers import Response

from cases.access import Actor
from core import kept, sessions, users
from core.errors import BadLogin, Forgotten, NotYours, Refused, SomebodyElse
from core.kept import Kept
from web import layout
from web.security import FOR_SCRIPTS, change_visit, csrf, is_from_our_page, visit_token

pages = Blueprint("auth", __name__)
login_manager = LoginManager()

OPEN = frozenset({"auth.show_login", "auth.login", "auth.leave_now", "static", "status.health", "feeds.read"})
WHILE_LOCKED = OPEN | {"auth.show_unlock", "auth.unlock", "auth.logout", "auth.lock"}
WITHOUT_TOUCH = frozenset({"feeds.read", "auth.lock", "auth.leave_now", "status.health"})
DEVICE_COOKIE = "device"
DEVICE_LIFE = timedelta(days=90)
# What a passer-by sees after "Esci subito": the weather.
NEUTRAL_PAGE = "https://www.meteoam.it/"

Keep = Callable[[], None]
_keepers: dict[str, Keep] = {}


@dataclass(frozen=True)
class Person(UserMixin):  # type: ignore[misc]
    """Who is logged in on this visit, as the pages need it; holds no row, so it outlives a rollback."""

    id: str
    name: str
    login: str
    language: str
    theme: str
    text_size: str
    roles: frozenset[tuple[str, str | None]]
    locked: bool

    @property
    def actor(self) -> Actor:
        """The same person as the rest of the house knows it."""
        return Actor(self.id, self.name, self.language, self.roles)


def guard(app: Flask) -> None:
    """Every page is closed unless it says otherwise; a locked session may only unlock or end."""
    login_manager.session_protection = None
    login_manager.init_app(app, add_context_processor=False)
    app.before_request(identify)
    app.register_blueprint(pages)


@login_manager.request_loader  # type: ignore[untyped-decorator]
def _load(_request: object) -> Person | None:
    found = sessions.find_session(g.db, visit_token(), touch=request.endpoint not in WITHOUT_TOUCH)
    return _person(found) if found else None


def _person(found: sessions.Found) -> Person:
    user = found.user
    return Person(
        id=user.id,
        name=user.name,
        login=user.login,
        language=user.language,
        theme=user.theme,
        text_size=user.text_size,
        roles=found.roles,
        locked=found.locked,
    )


def identify() -> Response | None:
    """Know who asks, before any page; strangers are sent to the login, locked screens stay locked."""
    if "db" not in g:
        return None
    g.person = current_user._get_current_object() if current_user.is_authenticated else None
    if g.person is None:
        closed = request.endpoint is not None and request.endpoint not in OPEN
        if closed:
            _keep_for_who_left()
        if closed and request.endpoint in FOR_SCRIPTS:
            return _not_now(_("La sessione è finita: entra di nuovo in un'altra scheda, qui resta tutto."))
        if closed and _would_be_lost():
            return make_response(_login_page(Forgotten()), Forgotten.status)
        return redirect(url_for("auth.show_login", next=_here()), 303) if closed else None
    g.actor = g.person.actor
    if is_locked_out():
        _keep()
        return make_response(_unlock_page(), Forgotten.status) if _would_be_lost() else to_lock_screen()
    _require_writer()
    return None


def _require_writer() -> None:
    """A drawing table says who opened it: whoever logged in meanwhile, in another tab, saves nothing of hers."""
    if request.headers.get("X-Writer", "") not in ("", g.person.id):
        raise SomebodyElse


def is_locked_out() -> bool:
    """Whether this screen is locked and this page is not one that helps out of it."""
    known = "db" in g and g.get("person") is not None and request.endpoint is not None
    return known and g.person.locked and request.endpoint not in WHILE_LOCKED


def to_lock_screen() -> Response:
    """Off to the password, and then back here."""
    if request.endpoint in FOR_SCRIPTS:
        return _not_now(_("Lo schermo è bloccato: sbloccalo in un'altra scheda, qui resta tutto."))
    return redirect(url_for("auth.show_unlock", next=_here()), 303)


def _not_now(text: str) -> Response:
    """What a script is told instead of another page."""
    reply = jsonify(text=text)
    reply.status_code = 401
    return reply


def keeps_draft(endpoint: str, keep: Keep) -> None:
    """What a form posted from a locked screen leaves behind, so that nothing typed is lost."""
    _keepers[endpoint] = keep


def _keep() -> None:
    keep = _keepers.get(request.endpoint or "") if request.method == "POST" else None
    if keep:
        keep()


def _keep_for_who_left() -> None:
    """The session is over, but its cookie still says whose it was: what she typed waits for her next login."""
    left = sessions.left_by(g.db, visit_token()) if request.method == "POST" and request.endpoint in _keepers else None
    if left is not None:
        g.actor = _person(left).actor
        _keep()
        g.pop("actor")


def _would_be_lost() -> bool:
    """Whether this form has no draft to wait in, so that it must wait in the page that asks for the password."""
    scripted = request.endpoint in FOR_SCRIPTS
    return not scripted and request.endpoint not in _keepers and can_send_again() and _kept() is not None


def _here() -> str | None:
    """Where to come back to: the page itself, or the page whose form was posted."""
    if request.method in ("GET", "POST") and request.path != "/":
        return request.full_path.rstrip("?") if request.method == "GET" else request.path
    return None


def safe_next(target: str | None) -> str:
    """A path of this site, or the start page; never another address."""
    parts = urlsplit(target or "")
    inside = target and not parts.scheme and not parts.netloc and target[0] == "/" and target[1:2] not in ("/", "\\")
    return target if target and inside and target.isprintable() else url_for("auth.home")


def _address() -> str:
    return request.remote_addr or "unknown"


def _device_cookie() -> str:
    return f"__Host-{DEVICE_COOKIE}" if current_app.config["HTTPS"] else DEVICE_COOKIE


def _device() -> str | None:
    return request.cookies.get(_device_cookie()) or None


def check_password(login: str) -> users.User:
    """Whose login and password came with this form; BadLogin otherwise, and it counts as at the door."""
    g.on_refusal = lambda problem: _count_failure(login) if isinstance(problem, BadLogin) else None
    return sessions.check_password(
        g.db, login, request.form.get("password", ""), address=_address(), device=_device()
    )  # fmt: skip


def _count_failure(login: str) -> None:
    """A refused login undoes its request; the count of it is written afterwards, on its own."""
    address, device = _address(), _device()
    g.afterwards.append(lambda db: sessions.note_failure(db, login, address=address, device=device))


@pages.get("/")
def home() -> Response:
    """The page where this person's day begins."""
    return redirect(layout.first_place(g.actor), 303)


@pages.get("/login")
def show_login() -> str | Response:
    """The way in; who is in already goes on."""
    if g.person is not None:
        return redirect(safe_next(request.args.get("next")), 303)
    return _login_page()


def _login_page(problem: Refused | None = None) -> str:
    typed = request.form.get("login", "")[:64] if request.endpoint in OPEN else ""
    target = request.form.get("next") or request.args.get("next") or ""
    waits = {"kept": _waiting(), "without_file": _without_file()}
    return render_template("auth/login.html", problem=problem, typed=typed, next=target, **waits)


def _waiting() -> str | None:
    """The form that the login page carries along, or that has just brought somebody to it; sealed."""
    if request.endpoint in ("auth.login", "auth.unlock"):
        return request.form.get("kept")
    found = _kept()
    return kept.seal(_secret(), found, _writer()) if found is not None else None


def _without_file() -> bool:
    """Whether the form that waits had a file, which nobody keeps."""
    return bool(request.files) or "without_file" in request.form


def _writer() -> str | None:
    """Who typed the form that was just sent: whoever locked this screen, or whose session ended; None if unknown."""
    if g.person is not None:
        return str(g.person.id)
    left = sessions.left_by(g.db, visit_token())
    return left.user.id if left else None


def _secret() -> bytes:
    return cast(bytes, current_app.secret_key)


def _kept() -> Kept | None:
    """The form that has just brought somebody to the login page."""
    if request.method != "POST" or request.endpoint in WHILE_LOCKED:
        return None
    unsaid = ("csrf_token", "password")
    fields = [(name, value) for name, value in request.form.items(multi=True) if name not in unsaid]
    return Kept(request.full_path.rstrip("?"), fields, sorted(request.files))


def can_send_again() -> bool:
    """Whether a form with a token of another visit may be shown again: a page of ours sent it."""
    return "db" in g and request.method == "POST" and is_from_our_page()


def ask_again() -> str:
    """The cookie of the form is gone or another one: nothing is done, and all that was typed waits for one press more.

    Who is not known any more, or has a locked screen, gives the password first; see `login`.
    """
    g.person = current_user._get_current_object() if current_user.is_authenticated else None
    found = _kept()
    if g.person is None or g.person.locked or found is None:
        g.person = None
        return _login_page(Forgotten())
    g.actor = g.person.actor
    return _again_page(found)


def _again_page(found: Kept) -> str:
    return render_template("auth/again.html", kept=found)


@pages.post("/login")
def login() -> Response:
    """Open a session; the answer to every failure is the same. The other language shows the page again as it stands."""
    if "speak" in request.form:
        return make_response(_login_page())
    name = request.form.get("login", "")
    g.again = _login_page
    user = check_password(name)
    device = _device() or secrets.token_urlsafe(32)
    if g.person is not None:
        sessions.close_session(g.db, visit_token(), by=g.person.id)
    change_visit(sessions.open_session(g.db, user, device=device))
    return _remember_device(_go_on(user.id), device)


def _go_on(user_id: str) -> Response:
    """Where she was going; a form that waited for the password is shown, and sent by its own button only."""
    waited = kept.unseal(_secret(), request.form.get("kept", ""), user_id)
    found = sessions.find_session(g.db, visit_token(), touch=False)
    if waited is None or found is None or found.user.id != user_id:
        return redirect(safe_next(request.form.get("next")), 303)
    g.person = _person(found)
    g.actor = g.person.actor
    return make_response(_again_page(waited))


def _remember_device(reply: Response, device: str) -> Response:
    https = current_app.config["HTTPS"]
    reply.set_cookie(_device_cookie(), device, max_age=DEVICE_LIFE, secure=https, httponly=True, samesite="Strict")
    return reply


@pages.post("/logout")
def logout() -> Response:
    """End the session; its cookie is worth nothing from now on. Like the lock, it works from a page of an old visit."""
    sessions.close_session(g.db, visit_token(), by=g.person.id)
    change_visit(secrets.token_urlsafe(32))
    return redirect(url_for("auth.show_login"), 303)


@pages.post("/lock")
def lock() -> Response:
    """Lock the screen now."""
    sessions.lock_session(g.db, visit_token())
    return redirect(url_for("auth.show_unlock", next=safe_next(request.form.get("next"))), 303)


for way_out in (logout, lock):
    csrf.exempt(way_out)


@pages.get("/exit")
def leave_now() -> Response:
    """Esci subito: lock, and show a page that says nothing. A link, so that it works without JavaScript too."""
    if g.person is not None:
        sessions.lock_session(g.db, visit_token())
    return redirect(NEUTRAL_PAGE, 303)


@pages.get("/unlock")
def show_unlock() -> str | Response:
    """The lock screen."""
    if not g.person.locked:
        return redirect(safe_next(request.args.get("next")), 303)
    return _unlock_page()


def _unlock_page(problem: Refused | None = None) -> str:
    target = request.form.get("next") or request.args.get("next") or ""
    waits = {"kept": _waiting(), "without_file": _without_file()}
    return render_template("auth/unlock.html", problem=problem, next=target, **waits)


@pages.post("/unlock")
def unlock() -> Response:
    """Go on where the screen was locked. The visit stays the same, so that forms in other tabs still belong to it."""
    person = g.person
    g.again = _unlock_page
    g.on_refusal = lambda problem: _count_failure(person.login) if isinstance(problem, BadLogin) else None
    sessions.unlock_session(g.db, visit_token(), request.form.get("password", ""), address=_address(), device=_device())
    return _go_on(person.id)


@pages.get("/account")
def show_account() -> str:
    """Who I am here, and how I like to read."""
    return render_template("auth/account.html", roles=sorted(g.person.roles, key=str))


@pages.post("/account")
def change_account() -> Response:
    """Keep language, colours and size of text for this user, on every device."""
    user = users.by_id(g.db, g.person.id)
    if user is None:
        raise NotYours
    form = request.form
    users.set_preferences(
        g.db, user, language=form.get("language"), theme=form.get("theme"), text_size=form.get("text_size"), by=user.id
    )
    return redirect(safe_next(form.get("next")), 303)
