"""Who the person of a case is and how to reach her: the pages on which it is written down."""

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from core.errors import InvalidForm, Refused
from tasks import forms, people
from tasks.forms import Typed
from web.language import say
from web.sheet import Page

pages = Blueprint("people", __name__, url_prefix="/cases/<code>/people")


@pages.get("/<kind>")
def ask(code: str, kind: str) -> str:
    """What is known so far, to be completed; looking at it is written down."""
    case = people.find(g.db, g.actor, code, kind)
    return _page(code, kind, people.values(g.db, g.actor, case, kind))


@pages.post("/<kind>")
def record(code: str, kind: str) -> str | Response:
    """Write it down and go back to the case."""
    people.find(g.db, g.actor, code, kind)
    typed = forms.typed(people.form(g.db, kind, translate=say), request.form)
    g.again = lambda problem: _page(code, kind, typed, problem)
    people.record(g.db, g.actor, code, kind, request.form, translate=say)
    return redirect(url_for("cases.show", code=code, done="person", _anchor="person"), 303)


def _page(code: str, kind: str, values: Typed, problem: Refused | None = None) -> str:
    errors = problem.errors if isinstance(problem, InvalidForm) else {}
    sheet = Page(people.form(g.db, kind, translate=say), values, errors)
    return render_template("cases/person.html", code=code, kind=kind, sheet=sheet)
