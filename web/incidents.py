"""Incidents: pathways that stopped, for the coordinator. Codes, elements and sentences, never what is in a case."""

from flask import Blueprint, current_app, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cases import access
from core.errors import InvalidForm, Refused
from notifications import outbox
from tasks import incidents, sending
from web import labels
from web.language import say

pages = Blueprint("incidents", __name__, url_prefix="/incidents")

VIEWS = ("open", "settled")


@pages.get("")
def show_list() -> str:
    """What stopped and waits, or what was taken care of."""
    access.require(g.actor, "incident.settle")
    return list_again()


def list_again(problem: Refused | None = None) -> str:
    """The list, also where a message of it could not be set aside: with what was typed, and why not."""
    view = request.args.get("show", "open")
    view = view if view in VIEWS else "open"
    found = (incidents.list_open if view == "open" else incidents.list_settled)(g.db, g.actor)
    looks = access.may(g.actor, "status.read")
    failed = outbox.failed(g.db) if looks and view == "open" else []
    stuck = sending.stuck(g.db, current_app.config["APPRODO"]) if looks and view == "open" else []
    return render_template(
        "incidents/list.html",
        found=found,
        view=view,
        failed=failed,
        unsent=outbox.count_failed(g.db) if failed else 0,
        stuck=stuck,
        aside=sending.put_aside(g.db) if looks and view == "settled" else [],
        problem=problem,
    )


@pages.get("/<incident_id>")
def show(incident_id: str) -> str:
    """One incident: what, where, since when, and what can be done about it."""
    access.require(g.actor, "incident.settle")
    return _page(incident_id)


@pages.post("/<incident_id>")
def settle(incident_id: str) -> Response:
    """Retry, skip or resolve, with a reason; of two who do it the second is told who was faster."""
    access.require(g.actor, "incident.settle")
    g.again = lambda problem: _page(incident_id, problem)
    typed = request.form
    done = incidents.settle(
        g.db, incident_id, typed.get("way", ""), typed.get("reason", ""), by=g.actor.user_id
    ).status  # fmt: skip
    return redirect(url_for("incidents.show_list", done=f"incident_{done}"), 303)


def _page(incident_id: str, problem: Refused | None = None) -> str:
    found = incidents.find(g.db, g.actor, incident_id)
    offered = [(way, say(labels.WAYS_ON[way][0]), say(labels.WAYS_ON[way][1])) for way in found.ways]
    return render_template(
        "incidents/show.html",
        found=found,
        ways=offered,
        errors=problem.errors if isinstance(problem, InvalidForm) else {},
        typed={"way": request.form.get("way", ""), "reason": request.form.get("reason", "")},
        reason=incidents.words_of(g.db, found.incident),
    )
