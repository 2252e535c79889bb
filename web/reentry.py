"""Re-entry: a closed or suspended case opens again, because coming back is always possible."""

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cases import access
from core.errors import NotYours
from tasks import drafts, formbook, forms, reentry
from web.language import say
from web.sheet import Page

pages = Blueprint("reentry", __name__, url_prefix="/cases")


@pages.get("/<code>/reentry")
def ask(code: str) -> str:
    """What to write down when a person comes back."""
    case = access.get_case(g.db, g.actor, code)
    if not reentry.may_reenter(g.actor, case):
        raise NotYours
    form = formbook.read(g.db, reentry.REQUEST)
    return render_template("cases/reentry.html", code=code, sheet=Page(form, drafts.fill(form, None)))


@pages.post("/<code>/reentry")
def record(code: str) -> Response:
    """She is back: the case is open, what she had agreed to before has to be asked again."""
    form = formbook.read(g.db, reentry.REQUEST)
    typed = forms.typed(form, request.form)
    g.again = lambda problem: render_template("cases/reentry.html", code=code, sheet=Page(form, typed, problem.errors))
    reentry.reenter(g.db, g.actor, code, request.form, translate=say)
    return redirect(url_for("cases.show", code=code, done="reentered"), 303)
