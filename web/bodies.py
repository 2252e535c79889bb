"""The bodies of the directory: search, one body with what it said before, and the forms of the coordinators."""

from flask import Blueprint, current_app, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cases import access, codes, territory
from cases import bodies as known
from core import clock
from core.errors import InvalidForm, Refused
from tasks import bodies, directory, forms
from tasks.bodies import Wanted
from tasks.forms import Typed
from web.language import say
from web.sheet import Page

pages = Blueprint("bodies", __name__, url_prefix="/directory/bodies")


@pages.get("")
def show_list() -> str:
    """Every body."""
    return _list(Wanted())


@pages.post("")
def search() -> str:
    """Those that are looked for; words stand in no address."""
    form = request.form
    words, kind, province = (form.get(name, "").strip() for name in ("words", "kind", "province"))
    return _list(Wanted(words, kind, province, stale=form.get("stale") == "true"))


@pages.get("/new")
@pages.get("/<code>/change")
def ask(code: str = "") -> str:
    """A body, to be added or changed."""
    return _form(code, bodies.values(g.db, g.actor, code))


@pages.post("/new")
@pages.post("/<code>/change")
def write(code: str = "") -> Response:
    """Add it, or write a new version."""
    typed = forms.typed(directory.form(g.db, bodies.FORM, translate=say), request.form)
    g.again = lambda problem: _form(code, typed, problem)
    body = bodies.write(g.db, g.actor, code, request.form, translate=say)
    return redirect(url_for("bodies.show", code=body.code, done="kept"), 303)


@pages.get("/<code>")
def show(code: str) -> str:
    """One body, and what was written before."""
    return _page(code)


@pages.post("/<code>/verify")
def verify(code: str) -> Response:
    """It is as written, asked today."""
    g.again = lambda problem: _page(code, problem)
    bodies.verify(g.db, g.actor, code, request.form.get("source", ""))
    return redirect(url_for("bodies.show", code=code, done="checked"), 303)


def _months() -> int:
    months: int = current_app.config["APPRODO"].directory_check_months
    return months


def _list(wanted: Wanted) -> str:
    found = bodies.search(g.db, g.actor, wanted, _months())
    kinds = [(code, say(words)) for code, words in codes.DIRECTORY_KINDS]
    provinces = sorted(territory.PROVINCES, key=lambda entry: entry[1])
    return render_template(
        "directory/bodies.html", found=found, wanted=wanted, kinds=kinds, provinces=provinces, months=_months(),
        today=clock.today(),
    )  # fmt: skip


def _page(code: str, problem: Refused | None = None) -> str:
    access.require(g.actor, "directory.read")
    return render_template(
        "directory/body.html", body=known.get(g.db, code), history=known.history(g.db, code)[1:], months=_months(),
        today=clock.today(), errors=problem.errors if isinstance(problem, InvalidForm) else {}, typed=request.form,
    )  # fmt: skip


def _form(code: str, values: Typed, problem: Refused | None = None) -> str:
    access.require(g.actor, "directory.change")
    errors = problem.errors if isinstance(problem, InvalidForm) else {}
    sheet = Page(directory.form(g.db, bodies.FORM, translate=say), values, errors)
    action = url_for("bodies.write", code=code) if code else url_for("bodies.write")
    back = url_for("bodies.show", code=code) if code else url_for("bodies.show_list")
    return render_template("directory/form.html", form="body", action=action, sheet=sheet, back=back)
