"""Reminders for the coordination: the rules, what is late, and for one task what was promised, told and sent."""

import re
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cases import access
from core.errors import Refused
from tasks import promises, rules, ruling
from tasks.rules import RUNGS, House, Rule

pages = Blueprint("reminders", __name__, url_prefix="/reminders")

TICKS = ("singly", "urgent", "may_thin", "may_silence")
LONGEST_CODE = 40
HOURS = ("quiet_from", "quiet_to")
DAYS, BEFORE = re.compile(r"P\d+D"), re.compile(r"PT\d+H")


@pages.get("")
def show_list() -> str:
    """Every rule, what waits for a second person, what is late; by its code, every task of a case."""
    access.require(g.actor, "reminder.read")
    code = request.args.get("code", "").strip().upper()[:LONGEST_CODE]
    return render_template(
        "reminders/list.html", rules=rules.every(g.db), waiting=rules.open_proposals(g.db), late=promises.late(g.db),
        overdue=promises.overdue(g.db), me=g.actor.user_id, code=code,
        found=promises.tasks_of(g.db, code) if code else [],
    )  # fmt: skip


@pages.get("/rules/<what>")
def show(what: str) -> str:
    """One rule: what holds, who decided what before, and the form for a new version."""
    access.require(g.actor, "reminder.read")
    return _page(what)


@pages.post("/rules/<what>")
def propose(what: str) -> Response:
    """Write down a new version; a second person decides."""
    access.require(g.actor, "reminder.change")
    rules.versions(g.db, what)
    g.again = lambda problem: _page(what, problem)
    ruling.propose(g.db, g.actor, what, _facts(what, request.form), request.form.get("reason", ""))
    return redirect(url_for("reminders.show", what=what, done="rule_proposed"), 303)


@pages.post("/proposals/<proposal_id>/approve")
def approve(proposal_id: str) -> Response:
    """The second person says yes."""
    access.require(g.actor, "reminder.change")
    done = ruling.approve(g.db, proposal_id, by=g.actor.user_id)
    return redirect(url_for("reminders.show", what=done.what, done="rule_approved"), 303)


@pages.post("/proposals/<proposal_id>/refuse")
def refuse(proposal_id: str) -> Response:
    """The second person says no, or the author takes it back."""
    access.require(g.actor, "reminder.change")
    done = rules.refuse(g.db, proposal_id, by=g.actor.user_id)
    return redirect(url_for("reminders.show", what=done.what, done="rule_refused"), 303)


@pages.get("/tasks/<task_id>")
def show_task(task_id: str) -> str:
    """What was promised, told and sent about one task."""
    return render_template("reminders/task.html", account=promises.of_task(g.db, g.actor, task_id))


def _page(what: str, problem: Refused | None = None) -> str:
    told = rules.versions(g.db, what)
    rule = rules.every(g.db)[what]
    return render_template(
        "reminders/rule.html", what=what, rule=rule, told=told, me=g.actor.user_id,
        typed=request.form if problem else _typed(rule), errors=getattr(problem, "errors", {}),
        waiting=[each for each in told if each.status == "open"],
    )  # fmt: skip


def _typed(rule: Rule | House) -> dict[str, str]:
    """A rule as its form shows it."""
    ticks = {name: "true" for name in TICKS if getattr(rule, name, False)}
    if isinstance(rule, House):
        return {**ticks, "quiet_from": rule.quiet_from, "quiet_to": rule.quiet_to}
    hours = {who: str(each) for who, each in rule.rungs}
    days = [lead[1:-1] for lead in rule.leads if DAYS.fullmatch(lead)]
    before = [lead[2:-1] for lead in rule.leads if BEFORE.fullmatch(lead)]
    return {**ticks, **hours, "days": ", ".join(days), "before": ", ".join(before), "repeat": str(rule.repeat)}


def _facts(what: str, typed: Mapping[str, str]) -> dict[str, Any]:
    """A form as the facts of a rule; what is no number stays a word, which the rule refuses with a sentence."""
    flags = {name: typed.get(name) == "true" for name in TICKS}
    if what == rules.OFFICE:
        return {**{name: typed.get(name, "").strip() for name in HOURS}, **{name: flags[name] for name in TICKS[2:]}}
    rungs = [[who, _number(typed.get(who, ""))] for who in RUNGS if typed.get(who, "").strip()]
    leads = [f"P{each}D" for each in _parts(typed, "days")] + [f"PT{each}H" for each in _parts(typed, "before")]
    kept = {name: flags[name] for name in TICKS[:2]}
    return {"leads": leads, "rungs": rungs, "repeat": _number(typed.get("repeat", "") or "0"), **kept}


def _parts(typed: Mapping[str, str], name: str) -> list[str]:
    return [each.strip() for each in typed.get(name, "").split(",") if each.strip()]


def _number(text: str) -> int:
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else -1


