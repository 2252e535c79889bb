"""The feed for a calendar program: made and revoked on a page of one's own, read by the program without a login."""

from flask import Blueprint, Response, current_app, g, redirect, render_template, url_for
from werkzeug.wrappers import Response as Redirect

from cases import access
from tasks import feeds

pages = Blueprint("feeds", __name__)


@pages.get("/calendar")
def show() -> str:
    """Is there a feed, and when was it last asked for?"""
    access.require(g.actor, "agenda.use")
    return _page()


@pages.post("/calendar")
def make() -> str:
    """A new address, shown this once."""
    path = url_for("feeds.read", secret=feeds.make(g.db, g.actor))
    return _page(current_app.config["APPRODO"].base_url.rstrip("/") + path)


@pages.post("/calendar/revoke")
def revoke() -> Redirect:
    """The address ends now."""
    access.require(g.actor, "agenda.use")
    feeds.end(g.db, g.actor.user_id, by=g.actor.user_id)
    return redirect(url_for("feeds.show", done="feed_revoked"), 303)


@pages.get("/feed/<secret>.ics")
def read(secret: str) -> Response:
    """Days on which something is due, for a calendar program; at most once a minute."""
    calendar = feeds.read(g.db, secret)
    if calendar is None:
        return Response("", 429, {"Retry-After": str(int(feeds.PAUSE.total_seconds()))}, mimetype="text/plain")
    return Response(calendar, mimetype="text/calendar")


def _page(address: str = "") -> str:
    return render_template("auth/calendar.html", feed=feeds.get(g.db, g.actor), address=address)
