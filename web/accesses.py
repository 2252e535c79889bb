"""The access review: who still needs to come in? One page per post and quarter, for who answers for it."""

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cases import access, accesses
from core.errors import InvalidForm, Refused
from tasks import accesses as work
from tasks import forms
from web.language import say
from web.sheet import Page

pages = Blueprint("accesses", __name__, url_prefix="/accesses")


@pages.get("")
def show_list() -> str:
    """The rounds that wait for this person's answers."""
    access.require(g.actor, "access.review")
    found = [(row, len(accesses.questions(g.db, g.actor, row.code))) for row in accesses.rounds(g.db, g.actor)]
    return render_template("accesses/list.html", found=found)


@pages.get("/<code>")
def ask(code: str) -> str:
    """Every access of a round that waits for an answer of this person's."""
    return _page(code)


@pages.post("/<code>")
def answer(code: str) -> Response:
    """Keep or take away, each with its reason."""
    accesses.get(g.db, g.actor, code)
    g.again = lambda problem: _page(code, problem)
    work.answer(g.db, g.actor, code, request.form, translate=say)
    left = accesses.questions(g.db, g.actor, code)
    target = url_for("accesses.ask", code=code, done="accesses_answered") if left else url_for(
        "accesses.show_list", done="accesses_answered"
    )
    return redirect(target, 303)


def _page(code: str, problem: Refused | None = None) -> str:
    round_ = accesses.get(g.db, g.actor, code)
    errors = problem.errors if isinstance(problem, InvalidForm) else {}
    asks = work.form(g.db)
    sheet = Page(asks, forms.typed(asks, request.form), errors)
    asked = accesses.questions(g.db, g.actor, code)
    labels = [(f"{name}-{question.id}", user.name) for question, user in asked for name in ("answer", "reason")]
    return render_template(
        "accesses/round.html", round=round_, asked=asked, sheet=sheet, labels=[*labels, *sheet.labels], errors=errors,
        typed=request.form,
    )  # fmt: skip
