"""Who is away and who stands in: one's own days, and for the supervision those of the post."""

from datetime import date

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from core.errors import N_, InvalidForm, Refused
from tasks import absences

pages = Blueprint("absences", __name__, url_prefix="/account/absences")


@pages.get("")
def show() -> str:
    """Absences that are not over, and the form for a new one."""
    return _page()


@pages.post("")
def record() -> Response:
    """Write an absence down."""
    people = {user.id for user in absences.people(g.db, g.actor)}
    g.again = _page
    days = _day("from_on"), _day("to_on")
    user_id = request.form.get("user", "") if len(people) > 1 else g.actor.user_id
    absences.record(g.db, g.actor, user_id, request.form.get("deputy", ""), days)
    return redirect(url_for("absences.show", done="absence"), 303)


@pages.post("/<absence_id>/end")
def end(absence_id: str) -> Response:
    """Back at work, or not going after all."""
    absences.end(g.db, g.actor, absence_id)
    return redirect(url_for("absences.show", done="absence_ended"), 303)


def _day(name: str) -> date:
    try:
        return date.fromisoformat(request.form.get(name, ""))
    except ValueError:
        raise InvalidForm({name: [N_("Scrivi un giorno.")]}) from None


def _page(problem: Refused | None = None) -> str:
    errors = problem.errors if isinstance(problem, InvalidForm) else {}
    people = absences.people(g.db, g.actor)
    return render_template(
        "auth/absences.html", people=people, deputies=absences.deputies(g.db, g.actor), errors=errors,
        absences=absences.current(g.db, g.actor), typed=request.form, writable={user.id for user in people},
    )  # fmt: skip
