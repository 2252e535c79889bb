"""Is the house alive: a word for machines, a page for those who run it."""

from datetime import timedelta

from flask import Blueprint, current_app, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cases import access
from core.errors import Refused
from engine import incidents
from notifications import outbox
from tasks import beats, schedule, sending
from web import incidents as incidents_page

pages = Blueprint("status", __name__)


@pages.get("/health")
def health() -> tuple[str, int, dict[str, str]]:
    """`ok`, or `late` and how many minutes: the clock has not ticked, or mail has not left, for three of them."""
    pulse = beats.pulse(g.db)
    spans = {"clock": pulse.clock, "mail": pulse.mail}
    late = [f"{name} {_minutes(span)}" for name, span in spans.items() if span is not None]
    apart = schedule.apart(g.db) if pulse.clock is not None else None
    if apart is not None:
        late.append(f"clocks {_minutes(apart)} apart")
    return (f"late {', '.join(late)}\n", 503, _PLAIN) if late else ("ok\n", 200, _PLAIN)


def _minutes(late: timedelta) -> str:
    return "never" if late > timedelta(days=365) else f"{int(late.total_seconds() // 60)} min"


@pages.get("/status")
def show() -> str:
    """The clock's beats, what is parked, what mail is waiting."""
    access.require(g.actor, "status.read")
    return _page()


def _page(problem: Refused | None = None) -> str:
    return render_template(
        "status/show.html", beats=beats.list_(g.db), incidents=incidents.open_incidents(g.db),
        failed=outbox.failed(g.db), counts=outbox.by_way(g.db),
        stuck=sending.stuck(g.db, current_app.config["APPRODO"]), apart=schedule.apart(g.db),
        jump=g.get("jump"), problem=problem,
    )  # fmt: skip


@pages.post("/status/mail")
def send_again() -> Response:
    """What did not leave may try again, alone or all of it, if it is still true and the cause was seen to; or it is set
    aside, and why."""
    access.require(g.actor, "status.read")
    key, way = request.form.get("key", ""), request.form.get("way", "again")
    among_incidents = request.form.get("back") == "incidents" and access.may(g.actor, "incident.settle")
    g.again = incidents_page.list_again if among_incidents else _page
    if way == "aside":
        sending.set_aside(g.db, key, request.form.get("reason", ""), by=g.actor.user_id)
    elif way == "all":
        outbox.all_again(g.db, by=g.actor.user_id)
    else:
        outbox.again(g.db, key, by=g.actor.user_id)
    page = "incidents.show_list" if among_incidents else "status.show"
    return redirect(url_for(page, done={"aside": "mail_aside", "all": "mail_all_again"}.get(way, "mail_again")), 303)


_PLAIN = {"Content-Type": "text/plain; charset=utf-8"}
