"""Files of the log that wait for a second person: yes or no."""

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cases import access, handouts
from core.errors import BadInput
from tasks import reviews as work
from web.auditwords import FORMATS

pages = Blueprint("handouts", __name__, url_prefix="/handouts")


@pages.get("")
def show_list() -> str:
    """What waits for this person's answer."""
    waiting = [(row, handouts.reason(g.db, row)) for row in handouts.waiting(g.db, g.actor)]
    return render_template("audit/exports.html", waiting=waiting, formats=FORMATS)


@pages.post("/<handout_id>")
def decide(handout_id: str) -> Response:
    """Yes or no."""
    access.require(g.actor, "audit.second")
    answer = request.form.get("answer", "")
    if answer not in ("yes", "no"):
        raise BadInput
    work.decide(g.db, g.actor, handout_id, yes=answer == "yes")
    return redirect(url_for("handouts.show_list", done="answered"), 303)
