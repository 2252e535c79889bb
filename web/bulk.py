"""Many rows of the inbox at once: who gets them, what would happen to each, what happened to each."""

from collections.abc import Callable

from flask import Blueprint, g, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from cases.access import Actor
from core.errors import N_
from tasks import bulk
from web.language import say

pages = Blueprint("bulk", __name__, url_prefix="/inbox/bulk")

TITLES = {
    "claim": N_("Assegna a me"),
    "release": N_("Rilascia"),
    "give": N_("Passa a un collega"),
}
DONE = {
    "claim": N_("ora è assegnata a te"),
    "release": N_("è tornata al gruppo"),
    "give": N_("è passata a %(name)s"),
}
WOULD = {
    "claim": N_("verrà assegnata a te"),
    "release": N_("tornerà al gruppo"),
    "give": N_("passerà a %(name)s"),
}


@pages.post("")
def preview() -> str | Response:
    """What would happen, row by row; nothing has happened yet."""
    return _answer("ask", bulk.rehearse)


@pages.post("/do")
def do() -> str | Response:
    """Do it, and say of each row what became of it."""
    return _answer("done", bulk.do)


def _answer(stage: str, work: Callable[[Session, Actor, str, list[str], str], list[bulk.Row]]) -> str | Response:
    act, ids, to = request.form.get("act", "claim"), request.form.getlist("task"), request.form.get("to", "")
    names = dict(bulk.receivers(g.db, g.actor, ids)) if act == "give" else {}
    rows = work(g.db, g.actor, act, ids, to)
    if not ids:
        return redirect(url_for("inbox.show", done="none_ticked"), 303)
    return _page(stage, act, rows, names, to)


def _page(stage: str, act: str, rows: list[bulk.Row], names: dict[str, str], to: str) -> str:
    words = say((DONE if stage == "done" else WOULD)[act], {"name": names.get(to, "?")})
    refused = {row.task_id: say(*bulk.sentence_of(row.refusal)) for row in rows if row.refusal is not None}
    return render_template(
        "inbox/bulk.html", stage=stage, act=act, title=say(TITLES[act]), rows=rows, refused=refused, words=words,
        names=names, to=to if to in names else "",
    )  # fmt: skip
