"""Notices: what a mail may not say, told here to whom it concerns."""

from flask import Blueprint, g, redirect, render_template, url_for
from werkzeug.wrappers import Response

from notifications import notices
from web import labels
from web.language import say

pages = Blueprint("notices", __name__, url_prefix="/notices")


@pages.get("")
def show() -> str:
    """This person's notices, the newest first."""
    told = [(notice, say(labels.NOTICES_TOLD.get(notice.kind, notice.kind))) for notice in _latest()]
    return render_template("notices/list.html", told=told, new=any(notice.seen_at is None for notice, _ in told))


@pages.post("/seen")
def mark_seen() -> Response:
    """All of them are read."""
    notices.mark_seen(g.db, g.person.id, by=g.person.id)
    return redirect(url_for("notices.show"), 303)


def _latest() -> list[notices.Notice]:
    return list(notices.latest(g.db, g.person.id))
