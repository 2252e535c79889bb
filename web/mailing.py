"""The mail I get: how often, at which hours, and whether my address works."""

from flask import Blueprint, Response, current_app, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Redirect

from core import users
from core.errors import N_, BadLogin, Refused
from notifications import bounces, push
from tasks import mailboxes, mailing, promises, rules
from web.auth import check_password

WRONG_PASSWORD = N_("La password non è questa, oppure i tentativi sono stati troppi: riprova tra qualche minuto.")

pages = Blueprint("mailing", __name__, url_prefix="/account/mail")


@pages.get("")
def show() -> str:
    """What I chose, and what was sent to me lately."""
    return _page()


@pages.post("")
def choose() -> Redirect:
    """Keep my choice."""
    g.again = _page
    form = request.form
    hours = form.get("quiet_from", "").strip(), form.get("quiet_to", "").strip()
    mailing.choose(g.db, g.actor, form.get("digest", ""), form.get("singly", ""), *hours)
    return redirect(url_for("mailing.show", done="mail_chosen"), 303)


@pages.post("/address")
def move() -> Redirect:
    """Write to me elsewhere from now on. Whoever finds an open screen must not turn the letters away: the password is
    asked again."""
    g.again = _page
    check_password(g.person.login)
    mailboxes.move(g.db, g.actor, request.form.get("mail", ""))
    return redirect(url_for("mailing.show", done="mail_moved"), 303)


@pages.post("/trust")
def trust() -> Redirect:
    """My address works again."""
    mailboxes.trust(g.db, g.actor)
    return redirect(url_for("mailing.show", done="mail_trusted"), 303)


@pages.post("/devices")
def add_device() -> Response:
    """Wake this browser when there is something to read; sent by the page's script, which asks the browser first."""
    mailing.wake(g.db, g.actor, current_app.config["APPRODO"], request.form.get("endpoint", ""))
    return Response(status=204)


@pages.post("/devices/<device_id>/remove")
def remove_device(device_id: str) -> Redirect:
    """Wake it no more."""
    mailing.let_sleep(g.db, g.actor, device_id)
    return redirect(url_for("mailing.show", done="device_removed"), 303)


def _page(problem: Refused | None = None) -> str:
    house = rules.house(g.db)
    digests, letters = mailing.offered(house)
    user, choice = users.by_id(g.db, g.person.id), mailing.chosen(g.db, g.person.id)
    kept = {name: getattr(choice, name) or "" for name in ("digest", "singly", "quiet_from", "quiet_to")}
    errors = {"password": [WRONG_PASSWORD]} if isinstance(problem, BadLogin) else getattr(problem, "errors", {})
    moves, form = "mail" in request.form, request.form if problem else {}
    return render_template(
        "auth/mail.html", house=house, digests=digests, letters=letters, mails=promises.of_user(g.db, g.person.id),
        typed=kept if moves else form or kept, errors=errors, user=user, new=form.get("mail", ""), moves=moves,
        bounced=user is not None and bounces.is_flagged(g.db, user.id, user.mail),
        push_key=mailing.push_key(current_app.config["APPRODO"]), devices=push.devices(g.db, g.person.id),
    )  # fmt: skip
