"""One date of a case: its rule, event and version; set by hand or counted again, with a reason."""

from datetime import date
from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cases import access, deadlines, reasons, terms
from cases.casefile import Case
from core.errors import N_, InvalidForm, Refused
from tasks import promises

pages = Blueprint("deadlines", __name__, url_prefix="/cases/<code>/deadlines")


@pages.get("/<deadline_id>")
def show(code: str, deadline_id: str) -> str:
    """Where the date comes from, and who changed it and why."""
    return _page(access.get_case(g.db, g.actor, code), deadline_id)


@pages.post("/<deadline_id>")
def change(code: str, deadline_id: str) -> Response:
    """Set the date by hand."""
    case = _mine(code, deadline_id)
    g.again = lambda problem: _page(case, deadline_id, problem)
    due_on = _day(request.form.get("due_on", ""))
    deadlines.override(g.db, deadline_id, due_on, request.form.get("reason", ""), by=g.actor.user_id)
    return redirect(url_for("deadlines.show", code=code, deadline_id=deadline_id, done="date_changed"), 303)


@pages.post("/<deadline_id>/recompute")
def recompute(code: str, deadline_id: str) -> Response:
    """Count again with the version of the rule that holds now."""
    case = _mine(code, deadline_id)
    g.again = lambda problem: _page(case, deadline_id, problem)
    again = deadlines.recompute(g.db, deadline_id, request.form.get("why", ""), by=g.actor.user_id)
    return redirect(url_for("deadlines.show", code=code, deadline_id=again.id, done="date_recomputed"), 303)


def _mine(code: str, deadline_id: str) -> Case:
    """The case, if its reader may also change its dates, and this is one of them."""
    case = access.get_case(g.db, g.actor, code)
    access.require(g.actor, "deadline.override", case.post)
    deadlines.get(g.db, code, deadline_id)
    return case


def _page(case: Case, deadline_id: str, problem: Refused | None = None) -> str:
    deadline = deadlines.get(g.db, case.code, deadline_id)
    errors: dict[str, Any] = getattr(problem, "errors", {})
    if request.endpoint == "deadlines.recompute":
        errors = {"why" if field == "reason" else field: words for field, words in errors.items()}
    return render_template(
        "deadlines/show.html",
        case=case,
        item=deadline,
        term=terms.get(g.db, deadline.term_id, deadline.term_version),
        newer=deadlines.newer(g.db, deadline),
        reminders=deadlines.reminders_of(g.db, deadline.id),
        told=promises.told(g.db, f"deadline:{deadline.id}"),
        reason=_reason(case, deadline.override_reason),
        may_change=deadline.status == "open" and access.may(g.actor, "deadline.override", case.post),
        typed=request.form,
        errors=errors,
    )


def _reason(case: Case, reason_id: str | None) -> str | None:
    """Why a date was changed, for who may read class P4 of the case; the reading is written down."""
    if reason_id is None or not access.may_read(g.db, g.actor, case, "P4"):
        return None
    access.viewed(g.db, case, "P4", what="reason", by=g.actor.user_id)
    return reasons.words(g.db, reason_id)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidForm({"due_on": [N_("Scrivi una data che esiste.")]}) from None
