"""Cases that go on with another version of their pathway: the plan, the queue, and the way back."""

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cases import access
from core.errors import InvalidForm, Refused
from tasks import moves

pages = Blueprint("moves", __name__, url_prefix="/models/<process_id>/moves")

PLACE = "place."  # how a field of the form is called that says where a step goes on


@pages.get("")
def show(process_id: str) -> str:
    """The versions, what a move from one to the other would be for each case, and what has become of earlier moves."""
    access.require(g.actor, "model.move")
    return _page(process_id)


@pages.post("")
def ask(process_id: str) -> Response:
    """Queue the ticked cases, or all of the version."""
    access.require(g.actor, "model.move")
    g.again = lambda problem: _page(process_id, problem)
    source, target = moves.ends(g.db, process_id, _said("from"), _said("to"))
    chosen = None if request.form.get("all") else request.form.getlist("case")
    moves.ask(g.db, source, target, mapping(), chosen, by=g.actor.user_id)
    return redirect(url_for("moves.show", process_id=process_id, done="moves_asked") + "#moves", 303)


@pages.post("/undo")
def undo(process_id: str) -> Response:
    """Queue the ticked moves, or all of a batch, to be undone."""
    access.require(g.actor, "model.move")
    g.again = lambda problem: _page(process_id, problem)
    batch = request.form.get("batch")
    if batch:
        moves.ask_batch_back(g.db, process_id, batch, by=g.actor.user_id)
    else:
        moves.ask_back(g.db, process_id, request.form.getlist("move"), by=g.actor.user_id)
    return redirect(url_for("moves.show", process_id=process_id, done="moves_back_asked") + "#moves", 303)


def _page(process_id: str, problem: Refused | None = None) -> str:
    source, target = moves.ends(g.db, process_id, _said("from"), _said("to"))
    made = moves.rows(g.db, process_id)
    waiting, together = moves.progress(g.db, process_id)
    return render_template(
        "moves/show.html",
        versions=moves.versions(g.db, process_id),
        plan=moves.plan(g.db, source, target, mapping()) if source != target else None,
        source=source,
        target=target,
        place=PLACE,
        rows=made,
        batches=moves.batches(g.db, process_id),
        waiting=waiting,
        together=together,
        errors=problem.errors if isinstance(problem, InvalidForm) else {},
    )


def _said(name: str) -> str:
    return request.values.get(name, "")


def mapping() -> dict[str, str]:
    """In which step those go on that are called otherwise, as it was chosen on the page."""
    fields = request.values.items()
    return {name.removeprefix(PLACE): value for name, value in fields if name.startswith(PLACE) and value}
