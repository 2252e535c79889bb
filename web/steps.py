"""Out of the ordinary, each with its page and its reason: skip a step, add one, close a case early, reopen it."""

from collections.abc import Callable
from typing import NamedTuple

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cases import access
from cases.casefile import Case
from core.errors import N_, InvalidForm, Refused, WrongOrder
from tasks import drafts, forms, inbox, steps
from web.language import named, say
from web.sheet import Page

pages = Blueprint("steps", __name__)


class Act(NamedTuple):
    """What may be done to a case: its form, its right, its words, what must not be so before, and what does it."""

    form: str
    action: str
    title: str
    button: str
    done: str
    run: Callable[..., object]


ADD = Act(steps.ADD, "step.add", N_("Aggiungi un passo"), N_("Aggiungi"), "step_added", steps.add)
CLOSE = Act(steps.CLOSE, "case.close", N_("Chiudi prima del tempo"), N_("Chiudi il caso"), "case_closed", steps.close)
REOPEN = Act(steps.REOPEN, "case.reopen", N_("Riapri il caso"), N_("Riapri"), "case_reopened", steps.reopen)


@pages.get("/cases/<code>/steps/new")
def ask_step(code: str) -> str:
    """What is to be done, by whom, until when, and why."""
    return _ask(code, ADD, closed=False)


@pages.post("/cases/<code>/steps/new")
def add_step(code: str) -> Response:
    """Add a step to the case: it waits in the inbox of its group."""
    return _do(code, ADD)


@pages.get("/cases/<code>/close")
def ask_close(code: str) -> str:
    """With what outcome, and why?"""
    return _ask(code, CLOSE, closed=False)


@pages.post("/cases/<code>/close")
def close(code: str) -> Response:
    """Close the case before its pathway ends."""
    return _do(code, CLOSE)


@pages.get("/cases/<code>/reopen")
def ask_reopen(code: str) -> str:
    """How does it go on, and why?"""
    return _ask(code, REOPEN, closed=True)


@pages.post("/cases/<code>/reopen")
def reopen(code: str) -> Response:
    """Take the case up again."""
    return _do(code, REOPEN)


@pages.get("/inbox/<task_id>/skip")
def ask_skip(task_id: str) -> str:
    """Why is this step left out?"""
    task = inbox.find(g.db, g.actor, task_id).task
    access.require(g.actor, "task.skip", task.tenant)
    return _skipping(task_id)


@pages.post("/inbox/<task_id>/skip")
def skip(task_id: str) -> Response:
    """Leave the task undone and let the pathway go on behind it."""
    g.again = lambda problem: _skipping(task_id, problem)
    task = steps.skip(g.db, g.actor, task_id, request.form, translate=say)
    here = access.may(g.actor, "case.list") and not task.business_key.startswith(CONTACTS)
    back = url_for("cases.show", code=task.business_key, done="step_skipped") if here else ""
    return redirect(back or url_for("inbox.show", done="step_skipped"), 303)


CONTACTS = ("NV-", "UM-", "SP-", "OL-")


def _ask(code: str, act: Act, *, closed: bool) -> str:
    case = _case(code, act)
    if (case.status == "closed") != closed:
        raise WrongOrder(N_("Il caso non è chiuso.") if closed else steps.CLOSED)
    return _of_case(code, act)


def _do(code: str, act: Act) -> Response:
    _case(code, act)
    g.again = lambda problem: _of_case(code, act, problem)
    act.run(g.db, g.actor, code, request.form, translate=say)
    return redirect(url_for("cases.show", code=code, done=act.done), 303)


def _case(code: str, act: Act) -> Case:
    case = access.get_case(g.db, g.actor, code)
    access.require(g.actor, act.action, case.post)
    return case


def _of_case(code: str, act: Act, problem: Refused | None = None) -> str:
    return render_template(
        "steps/form.html", title=say(act.title), button=say(act.button), about="", code=code,
        back=url_for("cases.show", code=code), sheet=_sheet(act.form, problem), action=request.path,
    )  # fmt: skip


def _skipping(task_id: str, problem: Refused | None = None) -> str:
    task = inbox.find(g.db, g.actor, task_id).task
    return render_template(
        "steps/form.html", title=say(N_("Salta questo passo")), button=say(N_("Salta il passo")), about=named(task),
        code=task.business_key, back=url_for("inbox.show_task", task_id=task_id), sheet=_sheet(steps.SKIP, problem),
        action=request.path,
    )  # fmt: skip


def _sheet(name: str, problem: Refused | None) -> Page:
    form = steps.form(g.db, name, translate=say)
    typed = forms.typed(form, request.form) if request.method == "POST" else drafts.fill(form, None)
    return Page(form, typed, problem.errors if isinstance(problem, InvalidForm) else {})
