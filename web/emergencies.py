"""Emergency access: the code of a case and a reason; then the case, for an hour."""

from functools import partial

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cases import access
from core.errors import InvalidForm, Refused
from tasks import emergencies

pages = Blueprint("emergencies", __name__, url_prefix="/emergency")


@pages.get("")
def ask() -> str:
    """Which case, and why now?"""
    access.require(g.actor, "case.break_glass")
    return _page()


@pages.post("")
def open_() -> Response:
    """Open it, and go there."""
    g.again, g.on_refusal = _page, _count
    case = emergencies.open_(g.db, g.actor, request.form.get("code", ""), request.form.get("reason", ""))
    return redirect(url_for("cases.show", code=case.code), 303)


def _count(problem: Refused) -> None:
    if isinstance(problem, InvalidForm) and "code" in problem.errors:
        g.afterwards.append(partial(emergencies.missed, actor=g.actor))


def _page(problem: Refused | None = None) -> str:
    errors = problem.errors if isinstance(problem, InvalidForm) else {}
    return render_template("cases/emergency.html", typed=request.form, errors=errors)
