"""The inbox: what waits for me, the page of one task, and the way to the next."""

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from core.errors import InvalidForm, Refused
from tasks import assignment, forms, inbox, steps
from tasks.inbox import Opened, Waiting
from web import auth, subject
from web.cases import said_of
from web.language import say
from web.sheet import Page

pages = Blueprint("inbox", __name__, url_prefix="/inbox")

VIEWS = ("all", "mine", "group")


@pages.get("")
def show() -> str:
    """What this person could do now, due soonest first."""
    view = request.args.get("show", "all")
    view = view if view in VIEWS else "all"
    start = min(max(request.args.get("start", 0, int), 0), 1_000_000)
    tasks = inbox.waiting_for(g.db, g.actor, view=view, start=start, limit=inbox.PAGE + 1)
    return render_template(
        "inbox/list.html", tasks=tasks[: inbox.PAGE], view=view, start=start, page=inbox.PAGE,
        more=len(tasks) > inbox.PAGE, counts=inbox.counts(g.db, g.actor),
    )  # fmt: skip


@pages.get("/<task_id>")
def show_task(task_id: str) -> str:
    """One task: its form on one side, what one must know on the other."""
    return _page(inbox.open_(g.db, g.actor, task_id, translate=say))


@pages.post("/<task_id>")
def complete(task_id: str) -> str | Response:
    """Complete the task and go on to the next; or, by the other buttons, look at the fields again or keep a draft."""
    if "_refresh" in request.form:
        return _page(_as_typed(task_id))
    if "_draft" in request.form:
        inbox.save_draft(g.db, g.actor, task_id, request.form)
        return redirect(url_for("inbox.show_task", task_id=task_id, done="draft"), 303)
    g.again = lambda problem: _page(_as_typed(task_id), problem)
    done = inbox.complete(g.db, g.actor, task_id, request.form, translate=say)
    return redirect(_next_after(done.business_key), 303)


@pages.post("/<task_id>/draft")
def save_draft(task_id: str) -> tuple[str, int]:
    """Keep what was typed; the page calls this by itself."""
    inbox.save_draft(g.db, g.actor, task_id, request.form)
    return "", 204


@pages.post("/<task_id>/claim")
def claim(task_id: str) -> Response:
    """Assign it to me."""
    inbox.claim(g.db, g.actor, task_id)
    return redirect(_back(task_id, "claimed"), 303)


@pages.post("/<task_id>/release")
def release(task_id: str) -> Response:
    """Give it back to the group."""
    inbox.release(g.db, g.actor, task_id)
    return redirect(url_for("inbox.show", done="released"), 303)


@pages.post("/<task_id>/delegate")
def delegate(task_id: str) -> Response:
    """Give it to a colleague of the group."""
    g.again = lambda problem: _page(inbox.open_(g.db, g.actor, task_id, translate=say), problem)
    inbox.delegate(g.db, g.actor, task_id, request.form.get("to", ""))
    return redirect(url_for("inbox.show", done="delegated"), 303)


def _keep() -> None:
    assert request.view_args  # noqa: S101 - both pages below carry a task
    inbox.save_draft(g.db, g.actor, request.view_args["task_id"], request.form)


for endpoint in ("inbox.complete", "inbox.save_draft"):
    auth.keeps_draft(endpoint, _keep)


def _as_typed(task_id: str) -> Opened:
    """The task with what is in the browser now, which is newer than the draft."""
    opened = inbox.open_(g.db, g.actor, task_id, translate=say)
    values = forms.typed(opened.form, request.form) if opened.form else {}
    return Opened(opened.task, opened.assignee, opened.form, values)


def _page(opened: Opened, problem: Refused | None = None) -> str:
    errors = problem.errors if isinstance(problem, InvalidForm) else {}
    task = opened.task
    return render_template(
        "inbox/task.html",
        task=task,
        mine=task.assignee in (None, g.actor.user_id),
        assignee=opened.assignee,
        sheet=Page(opened.form, opened.values, errors) if opened.form else None,
        errors=errors,
        colleagues=assignment.candidates(g.db, task),
        about=(about := subject.of(g.db, g.actor, task.business_key)),
        note=steps.note_of(g.db, g.actor, task) if request.method == "GET" else "",
        notes=subject.notes(g.db, g.actor, about) if request.method == "GET" else [],
        **(said_of(about.case) if about.case and request.method == "GET" else {}),
    )


def _back(task_id: str, done: str) -> str:
    if request.form.get("next") == "inbox":
        return url_for("inbox.show", done=done)
    return url_for("inbox.show_task", task_id=task_id, done=done)


def _next_after(code: str) -> str:
    """The next task of the same case if there is one for me, else the most urgent; else the empty inbox."""
    free = [waiting for waiting in inbox.waiting_for(g.db, g.actor) if _is_for_me(waiting)]
    following = next((waiting for waiting in free if waiting.task.business_key == code), next(iter(free), None))
    if following is None:
        return url_for("inbox.show", done="completed")
    return url_for("inbox.show_task", task_id=following.task.id, done="completed")


def _is_for_me(waiting: Waiting) -> bool:
    return waiting.mine or waiting.assignee is None
