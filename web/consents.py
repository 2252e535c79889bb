"""Consents of a case: the page on which an answer is written down, and the button that takes one back."""

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from core.errors import InvalidForm, Refused
from tasks import consenting, forms
from tasks.forms import Typed
from web.language import say
from web.sheet import Page

pages = Blueprint("consents", __name__, url_prefix="/cases/<code>/consents")


@pages.get("")
def ask(code: str) -> str:
    """One purpose, one receiver, one answer."""
    consenting.find(g.db, g.actor, code)
    return _page(code, consenting.blank(g.db))


@pages.post("")
def record(code: str) -> str | Response:
    """Write the answer down, or look at the fields again."""
    consenting.find(g.db, g.actor, code)
    typed = forms.typed(consenting.form(g.db, translate=say), request.form)
    if "_refresh" in request.form:
        return _page(code, typed)
    g.again = lambda problem: _page(code, typed, problem)
    consenting.record(g.db, g.actor, code, request.form, translate=say)
    return redirect(url_for("cases.show", code=code, done="consent", _anchor="consents"), 303)


@pages.post("/<consent_id>/withdraw")
def withdraw(code: str, consent_id: str) -> Response:
    """She takes it back: from today it counts no more."""
    consenting.withdraw(g.db, g.actor, code, consent_id)
    return redirect(url_for("cases.show", code=code, done="withdrawn", _anchor="consents"), 303)


def _page(code: str, values: Typed, problem: Refused | None = None) -> str:
    errors = problem.errors if isinstance(problem, InvalidForm) else {}
    sheet = Page(consenting.form(g.db, translate=say), values, errors)
    return render_template("cases/consent.html", code=code, sheet=sheet)
