"""The desk: who has come today, «chiamo io», and on to a contact."""

from functools import partial

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cases import access, codes, visits
from cases.codes.agenda import VISIT_OUTCOMES
from core.errors import InvalidForm, Refused
from core.ids import new_id
from tasks import desk, lists
from web.language import say

pages = Blueprint("desk", __name__, url_prefix="/desk")


@pages.get("")
def show() -> str:
    """Today: who waits, who is at talk, who is through."""
    access.require(g.actor, "desk.use")
    return _page()


@pages.post("")
def arrive() -> Response:
    """Somebody has come."""
    access.require(g.actor, "desk.use")
    g.again = partial(_page)
    post = request.form.get("post") or desk.own_posts(g.actor)[0]
    visit = desk.arrive(g.db, g.actor, post, request.form)
    return redirect(url_for("desk.show", done="arrived", _anchor=f"n{visit.number}"), 303)


@pages.post("/<visit_id>/take")
def take(visit_id: str) -> Response:
    """«Chiamo io»."""
    visit = visits.take(g.db, g.actor, visit_id)
    return redirect(url_for("desk.show", _anchor=f"n{visit.number}"), 303)


@pages.post("/<visit_id>/contact")
def to_contact(visit_id: str) -> Response:
    """It becomes a contact; the rest of the form is open at once."""
    contact = desk.to_contact(g.db, g.actor, visit_id)
    return redirect(url_for("contacts.ask_more", code=contact.code, done="recorded"), 303)


@pages.post("/<visit_id>/done")
def finish(visit_id: str) -> Response:
    """The talk is over."""
    g.again = partial(_page, at=visit_id)
    visits.finish(g.db, g.actor, visit_id, request.form.get("outcome", ""))
    return redirect(url_for("desk.show", done="kept"), 303)


@pages.post("/<visit_id>/left")
def leave(visit_id: str) -> Response:
    """She went away before anybody had time."""
    visits.leave(g.db, g.actor, visit_id)
    return redirect(url_for("desk.show", done="kept"), 303)


def _page(problem: Refused | None = None, *, at: str = "") -> str:
    errors = problem.errors if isinstance(problem, InvalidForm) else {}
    found = visits.today(g.db, g.actor)
    spoken = [(each.value, each.label_in(g.person.language)) for each in lists.options(g.db, "languages", say)]
    return render_template(
        "desk/list.html", errors=errors, at=at, typed=request.form, once=request.form.get("once") or new_id(),
        waiting=[visit for visit in found if visit.status == "waiting"],
        taken=[visit for visit in found if visit.status == "taken"],
        through=[visit for visit in found if visit.status in ("done", "left")],
        posts=desk.own_posts(g.actor), needs=codes.NEEDS, languages=spoken, outcomes=VISIT_OUTCOMES,
    )  # fmt: skip
