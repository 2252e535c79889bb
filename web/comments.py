"""Comments: written from the page of a case or of a task, and shown on both."""

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cases import access
from core.errors import InvalidForm
from tasks import comments, inbox

pages = Blueprint("comments", __name__, url_prefix="/cases/<code>/comments")


@pages.post("")
def write(code: str) -> str | Response:
    """Keep it, tell whoever is called, and go back to where it was written."""
    task_id = request.form.get("task_id") or None
    if task_id is not None:
        inbox.find(g.db, g.actor, task_id)
    g.again = lambda problem: _page(code, task_id, problem)
    comments.write(
        g.db, g.actor, code, request.form.get("comment", ""), task_id=task_id, mentions=request.form.getlist("mentions")
    )
    if task_id is None:
        return redirect(url_for("cases.show", code=code, done="comment", _anchor="comments"), 303)
    return redirect(url_for("inbox.show_task", task_id=task_id, done="comment", _anchor="comments"), 303)


def _page(code: str, task_id: str | None, problem: InvalidForm) -> str:
    case = access.get_case(g.db, g.actor, code)
    return render_template(
        "cases/comment.html", code=code, task_id=task_id, colleagues=comments.colleagues(g.db, g.actor, case),
        typed=request.form.get("comment", ""), called=request.form.getlist("mentions"), errors=problem.errors,
    )  # fmt: skip
