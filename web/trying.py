"""Trying a draft: walked by hand with invented answers and a moved clock, or rehearsed on copies of real cases."""

from collections import Counter
from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cases import access
from core.errors import BadInput, InvalidForm, InvalidModel, Refused, WrongOrder
from engine.drafts import PROCESS
from tasks import forms, rehearsing, trying, workshop
from web import moves
from web.language import say
from web.sheet import Page

pages = Blueprint("trying", __name__, url_prefix="/models/<process_id>/draft")

STATES = {"waits": "active", "done": "done", "fired": "done", "joined": "done"}


@pages.get("/try")
def show(process_id: str) -> str | tuple[str, int]:
    """Where the trial stands: what waits, with the form of one task, the clock, the path."""
    access.require(g.actor, "model.edit")
    return _page(process_id)


@pages.post("/try")
def act(process_id: str) -> str | tuple[str, int] | Response:
    """Do one thing in the trial."""
    access.require(g.actor, "model.edit")
    said = request.form
    if "_refresh" in said:
        return _page(process_id)
    try:
        walk = trying.open_(g.db, g.actor, process_id)
        what = said.get("_act", "")
        if what in ("begin", "begin_in_force"):
            walk.begin(in_force=what != "begin")
        elif what == "complete":
            walk.complete(said.get("_key", ""), said, say)
        elif what == "skip":
            walk.skip(said.get("_key", ""))
        elif what == "message":
            walk.receive(said.get("name", ""))
        elif what == "clock":
            walk.move_clock(said.get("days", ""))
        elif what == "set":
            walk.set_fact(said.get("name", ""), said.get("value", ""))
        else:
            raise BadInput
    except (InvalidForm, WrongOrder) as problem:
        return _page(process_id, problem)
    return redirect(url_for("trying.show", process_id=process_id), 303)


@pages.get("/try/marks.json")
def marks(process_id: str) -> dict[str, Any]:
    """What the diagram colours: where the trial was and is."""
    access.require(g.actor, "model.edit")
    try:
        walk = trying.open_(g.db, g.actor, process_id)
    except InvalidModel:
        return {}
    path = walk.trial.path if walk.trial else []
    times = Counter(element for _, element, how in path if how != "waits")
    found = {element: {"state": STATES.get(how, "skipped"), "label": ""} for _, element, how in path}
    for element, mark in found.items():
        mark["label"] = str(times[element]) if times[element] > 1 else ""
    return found


@pages.get("/rehearse")
def choose(process_id: str) -> str:
    """The cases on which the draft may be rehearsed."""
    access.require(g.actor, "model.move")
    return _rehearsal(process_id)


@pages.post("/rehearse")
def rehearse(process_id: str) -> str:
    """What would happen to the ticked cases; nothing of it is kept."""
    access.require(g.actor, "model.move")
    g.again = lambda problem: _rehearsal(process_id, problem)
    chosen = request.form.getlist("case")
    keeps = "in_force" in request.form
    try:
        done = rehearsing.rehearse(g.db, process_id, chosen, moves.mapping(), say, in_force=keeps)
    except InvalidModel:
        return _rehearsal(process_id)
    return _rehearsal(process_id, done=done)


def _page(process_id: str, problem: Refused | None = None) -> str | tuple[str, int]:
    source = workshop.source(g.db, PROCESS, process_id)
    try:
        walk = trying.open_(g.db, g.actor, process_id)
    except InvalidModel as wrong:
        return render_template("trying/wrong.html", source=source, findings=wrong.findings)
    errors = problem.errors if isinstance(problem, InvalidForm) else {}
    tasks = walk.tasks() if walk.trial else []
    key = request.values.get("_key", "")
    task = next((each for each in tasks if each.key == key), tasks[0] if tasks else None)
    form = walk.form(task.key, say) if task else None
    values = forms.typed(form, request.form if request.form.get("_key") else forms.Paper({})) if form else {}
    page = render_template(
        "trying/show.html",
        source=source,
        walk=walk,
        tasks=tasks,
        task=task,
        sheet=Page(form, values, errors) if form else None,
        errors=errors,
        refusal=say(problem.sentence, problem.params) if problem and not errors else "",
        bundles=["viewer"],
    )
    return (page, problem.status) if problem else page


def _rehearsal(process_id: str, problem: Refused | None = None, done: rehearsing.Rehearsal | None = None) -> str:
    source = workshop.source(g.db, PROCESS, process_id)
    try:
        _, _, drafted = trying.read(g.db, process_id)
    except InvalidModel as wrong:
        return render_template("trying/wrong.html", source=source, findings=wrong.findings)
    return render_template(
        "trying/rehearse.html",
        source=source,
        drafted=drafted,
        keeps="in_force" in request.form,
        cases=rehearsing.cases(g.db, process_id),
        done=done,
        place=moves.PLACE,
        chosen=request.form.getlist("case"),
        errors=problem.errors if isinstance(problem, InvalidForm) else {},
    )
