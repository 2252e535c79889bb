"""An SMS to the person of a case: what was agreed, and one button that promises it."""

from flask import Blueprint, current_app, g, redirect, render_template, url_for
from werkzeug.wrappers import Response

from core.errors import NotYours
from notifications import ways
from notifications.parcel import SMS
from tasks import texting

pages = Blueprint("texting", __name__, url_prefix="/cases/<code>/sms")


@pages.before_request
def only_where_open() -> None:
    """Where the office has no gateway there is no such page."""
    if not ways.is_open(current_app.config["APPRODO"], SMS):
        raise NotYours


@pages.get("")
def ask(code: str) -> str:
    """The agreed text, number and hours, or what is missing; looking at them is written down."""
    case = texting.find(g.db, g.actor, code)
    return render_template(
        "cases/sms.html", code=code, agreed=texting.look(g.db, g.actor, case), last=texting.last(g.db, code),
        enough=texting.is_enough(texting.last(g.db, code)), is_unclear=texting.is_unclear,
    )  # fmt: skip


@pages.post("")
def promise(code: str) -> Response:
    """Promise it, and go back to the case."""
    texting.promise(g.db, g.actor, code)
    return redirect(url_for("cases.show", code=code, done="sms_promised", _anchor="person"), 303)


@pages.post("/stop")
def stop(code: str) -> Response:
    """Take back what has not left."""
    texting.stop(g.db, g.actor, code)
    return redirect(url_for("texting.ask", code=code, done="sms_stopped"), 303)
