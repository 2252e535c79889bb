"""Is the house alive: a word for machines, a page for those who run it."""

from flask import Blueprint, g, render_template

from cases import access
from engine import incidents
from tasks import schedule

pages = Blueprint("status", __name__)


@pages.get("/health")
def health() -> tuple[str, int, dict[str, str]]:
    """`ok`, or `late` when the clock has not ticked for three minutes; says nothing else to nobody."""
    late = schedule.late_by(g.db)
    return ("late\n", 503, _PLAIN) if late else ("ok\n", 200, _PLAIN)


@pages.get("/status")
def show() -> str:
    """The clock's beats, what is parked, what mail is waiting."""
    access.require(g.actor, "status.read")
    return render_template("status/show.html", beats=schedule.beats(g.db), incidents=incidents.open_incidents(g.db))


_PLAIN = {"Content-Type": "text/plain; charset=utf-8"}
