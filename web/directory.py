"""The directory: posts and projects, and the officers whom the Questure have named; coordinators keep it."""

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cases import access, posts
from core import clock
from core.errors import InvalidForm, Refused
from tasks import directory, drafts, forms
from tasks.forms import Typed
from web.language import say
from web.sheet import Page

pages = Blueprint("directory", __name__, url_prefix="/directory")


@pages.get("")
def show() -> str:
    """Who answers where, and where nobody has been named."""
    access.require(g.actor, "directory.read")
    today = clock.today()
    return render_template(
        "directory/list.html", posts=posts.list_all(g.db), today=today, referents=posts.list_referents(g.db),
        missing=directory.without_referent(g.db, today), may_change=access.may(g.actor, "directory.change"),
    )  # fmt: skip


@pages.get("/posts/new")
@pages.get("/posts/<post>")
def ask_post(post: str = "") -> str:
    """A post, to be added or changed."""
    return _post_page(post, directory.post_values(g.db, g.actor, post))


@pages.post("/posts/new")
@pages.post("/posts/<post>")
def record_post(post: str = "") -> str | Response:
    """Add or change it."""
    typed = forms.typed(directory.form(g.db, "post", translate=say), request.form)
    g.again = lambda problem: _post_page(post, typed, problem)
    directory.record_post(g.db, g.actor, post, request.form, translate=say)
    return redirect(url_for("directory.show", done="kept"), 303)


@pages.get("/referents/new")
def ask_referent() -> str:
    """Whom has a Questura named?"""
    access.require(g.actor, "directory.change")
    return _referent_page(drafts.fill(directory.form(g.db, "referent"), {"province": request.args.get("province", "")}))


@pages.post("/referents/new")
def name_referent() -> str | Response:
    """Write it down."""
    typed = forms.typed(directory.form(g.db, "referent", translate=say), request.form)
    g.again = lambda problem: _referent_page(typed, problem)
    directory.name_referent(g.db, g.actor, request.form, translate=say)
    return redirect(url_for("directory.show", done="kept", _anchor="referents"), 303)


def _post_page(post: str, values: Typed, problem: Refused | None = None) -> str:
    action = url_for("directory.record_post", post=post) if post else url_for("directory.record_post")
    return _page("post", action, values, problem)


def _referent_page(values: Typed, problem: Refused | None = None) -> str:
    return _page("referent", url_for("directory.name_referent"), values, problem)


def _page(form: str, action: str, values: Typed, problem: Refused | None) -> str:
    errors = problem.errors if isinstance(problem, InvalidForm) else {}
    sheet = Page(directory.form(g.db, form, translate=say), values, errors)
    return render_template("directory/form.html", form=form, action=action, sheet=sheet)
