"""The inbox: what waits for me, the page of one task, and the way to the next."""

from dataclasses import fields
from datetime import date
from functools import partial

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask_babel import get_locale
from werkzeug.wrappers import Response

from cases import access, codes, reveals
from core import clock
from core.errors import N_, AlreadyDone, InvalidForm, Refused
from tasks import agenda, assignment, chasing, forms, handing, inbox, letters, pathways, stale, steps, today
from tasks.inbox import Opened, Waiting
from web import auth, labels, subject
from web.cases import said_of
from web.language import say
from web.sheet import Page

pages = Blueprint("inbox", __name__, url_prefix="/inbox")

DUES = {
    "late": N_("in ritardo"),
    "today": N_("oggi"),
    "week": N_("nei prossimi sette giorni"),
    "later": N_("più avanti o senza scadenza"),
}
GROUPS = [role for role in labels.ROLES if role not in ("coordinator", "auditor", "steering", "admin")]


@pages.get("")
def show() -> str:
    """What this person must do, due soonest first; the other views and the filters stand above it."""
    view = request.args.get("show", "today")
    view = view if view in today.VIEWS else "today"
    start = min(max(request.args.get("start", 0, int), 0), 1_000_000)
    chosen = today.filters_of(g.db, g.actor.user_id)
    read = today.done_lately if view == "done" else partial(today.listed, view=view)
    found = read(g.db, g.actor, chosen=chosen, start=start, limit=today.PAGE + 1)  # one more: is there another page?
    return render_template(
        "inbox/list.html", lines=found[: today.PAGE], view=view, start=start, page=today.PAGE, chosen=chosen,
        more=len(found) > today.PAGE, counts=today.counts(g.db, g.actor, chosen), most=today.MOST, dues=DUES,
        engagements=agenda.today(g.db, g.actor) if view == "today" and not start else [],
        asked=_addresses_asked(), first_act=_first_act(), groups=GROUPS,
        phases=[code for code, _ in codes.LISTS["fase"]],
    )  # fmt: skip


def _addresses_asked() -> int:
    """How many ask to see an address and wait for this person's answer: somebody stands at a door meanwhile."""
    return len(reveals.to_answer(g.db, g.actor)) if access.may(g.actor, "shelter.reveal") else 0


def _first_act() -> str:
    """What this person does before any task exists, one touch away: a call to write down, an outing; or nothing."""
    return next((kind for kind in ("call", "street") if kind in pathways.kinds_for(g.actor)), "")


@pages.post("/filters")
def keep_filters() -> Response:
    """Filter by what was chosen, until it is taken off; kept in the database, so that no address says it."""
    access.require(g.actor, "task.list")
    asked = {part.name: request.form.get(part.name, "").strip() for part in fields(today.Filters)}
    chosen = today.Filters() if "_off" in request.form else today.Filters(**asked)
    today.keep_filters(g.db, chosen, by=g.actor.user_id)
    view = request.form.get("show", "today")
    return redirect(url_for("inbox.show", show=view if view in today.VIEWS else "today"), 303)


@pages.get("/<task_id>")
def show_task(task_id: str) -> str:
    """One task: its form on one side, what one must know on the other."""
    return _page(inbox.open_(g.db, g.actor, task_id, translate=say))


@pages.post("/<task_id>")
def complete(task_id: str) -> str | Response | tuple[str, int]:
    """Complete the task and go on to the next; or, by the other buttons, look at the fields again or keep a draft."""
    if "_refresh" in request.form:
        return _page(_as_typed(task_id))
    if "_draft" in request.form:
        inbox.save_draft(g.db, g.actor, task_id, request.form)
        return redirect(url_for("inbox.show_task", task_id=task_id, done="draft"), 303)
    g.again = lambda problem: _page(_as_typed(task_id), problem)
    try:
        done = inbox.complete(g.db, g.actor, task_id, request.form, translate=say)
    except inbox.Taken as refusal:  # before anything was changed: what was typed stays in the form
        return _page(_as_typed(task_id), refusal), refusal.status
    except AlreadyDone as refusal:
        return _beside(task_id, refusal), refusal.status
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
    return redirect(url_for("inbox.show", done="released", _anchor=f"t{task_id}"), 303)


@pages.post("/<task_id>/delegate")
def delegate(task_id: str) -> Response:
    """Give it to a colleague of the group."""
    g.again = lambda problem: _page(inbox.open_(g.db, g.actor, task_id, translate=say), problem)
    inbox.delegate(g.db, g.actor, task_id, request.form.get("to", ""))
    return redirect(url_for("inbox.show", done="delegated"), 303)


@pages.post("/<task_id>/follow-up")
def follow_up(task_id: str) -> Response:
    """Look at it again on this day, or no more."""
    g.again = lambda problem: _page(inbox.open_(g.db, g.actor, task_id, translate=say), problem)
    on = _day(request.form.get("follow_up_on", "")) if "_off" not in request.form else None
    handing.follow_up(g.db, g.actor, task_id, on)
    done = "follow_up" if on else "follow_up_off"
    return redirect(url_for("inbox.show_task", task_id=task_id, done=done), 303)


@pages.post("/<task_id>/snooze")
def snooze(task_id: str) -> Response:
    """Nobody is reminded of it until this morning, and here is why."""
    g.again = lambda problem: _page(inbox.open_(g.db, g.actor, task_id, translate=say), problem)
    until = _day(request.form.get("until", ""), "until")
    chasing.snooze(g.db, g.actor, task_id, until, request.form.get("why", ""))
    return redirect(url_for("inbox.show_task", task_id=task_id, done="snoozed"), 303)


@pages.post("/<task_id>/return")
def give_back(task_id: str) -> Response:
    """Return it to the colleague who gave it, and say why."""
    g.again = lambda problem: _page(inbox.open_(g.db, g.actor, task_id, translate=say), problem)
    handing.give_back(g.db, g.actor, task_id, request.form.get("reason", ""))
    return redirect(url_for("inbox.show", done="returned"), 303)


def _day(typed: str, field: str = "follow_up_on") -> date:
    try:
        return date.fromisoformat(typed)
    except ValueError:
        sentence = N_("Scegli un giorno.") if field == "until" else N_("Scegli un giorno tra oggi e un anno da oggi.")
        raise InvalidForm({field: [sentence]}) from None


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
    found = problem.errors if isinstance(problem, InvalidForm) else {}
    # the small forms beside it have names that a form of the office may have too
    in_form = request.endpoint == "inbox.complete"
    errors, beside = (found, {}) if in_form else ({}, {f"own-{key}": words for key, words in found.items()})
    task = opened.task
    return render_template(
        "inbox/task.html",
        task=task,
        mine=task.assignee in (None, g.actor.user_id),
        assignee=opened.assignee,
        sheet=Page(opened.form, opened.values, errors) if opened.form else None,
        errors=errors,
        beside=beside,
        refusal=say(problem.sentence, problem.params) if problem and not found else "",
        typed_reason=request.form.get("reason", "") if request.endpoint == "inbox.give_back" else "",
        typed_snooze=request.form if request.endpoint == "inbox.snooze" else {},
        moment_now=clock.now(),
        chase=chasing.of_task(g.db, task.id) if request.method == "GET" else None,
        colleagues=assignment.candidates(g.db, task),
        about=(about := subject.of(g.db, g.actor, task.business_key)),
        note=steps.note_of(g.db, g.actor, task) if request.method == "GET" else "",
        returned=handing.note_of(g.db, g.actor, task) if request.method == "GET" else None,
        letter=letters.for_task(g.db, g.actor, about.case, task.form) if about.case else None,
        notes=subject.notes(g.db, g.actor, about) if request.method == "GET" else [],
        **(said_of(about.case) if about.case and request.method == "GET" else {}),
    )


def _beside(task_id: str, refusal: Refused) -> str:
    """What this person typed beside what the other filed, field by field, so that nothing is typed in vain."""
    found = stale.meanwhile(g.db, g.actor, task_id, translate=say)
    if found is None:
        raise refusal
    language = str(get_locale())
    mine = forms.words_of(found.form, forms.typed(found.form, request.form), language, say)
    theirs = forms.words_of(found.form, found.filed, language, say)
    rows = [
        (part.label_in(language), mine.get(part.key, ""), theirs.get(part.key, ""))
        for part in found.form.fields
        if part.key in mine or part.key in theirs
    ]
    sentence = say(refusal.sentence, refusal.params)
    return render_template("inbox/stale.html", rows=rows, sentence=sentence, found=found)


def _back(task_id: str, done: str) -> str:
    if request.form.get("next") == "inbox":
        return url_for("inbox.show", done=done, _anchor=f"t{task_id}")  # and not to the top of a long list
    return url_for("inbox.show_task", task_id=task_id, done=done)


def _next_after(code: str) -> str:
    """The next task of the same case if there is one for me, else the most urgent; else the empty inbox."""
    free = [waiting for waiting in inbox.waiting_for(g.db, g.actor) if _is_for_me(waiting)]
    following = next((waiting for waiting in free if waiting.task.business_key == code), next(iter(free), None))
    if following is None:
        return url_for("inbox.show", done="completed")
    done = "completed" if following.task.business_key == code else "completed_other"
    return url_for("inbox.show_task", task_id=following.task.id, done=done)


def _is_for_me(waiting: Waiting) -> bool:
    return waiting.mine or waiting.assignee is None
