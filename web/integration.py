"""The integration of a case: plan and goals, courses, work, exits and follow-ups; until when all of it is kept."""

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cases import access, casefile, courses, exits, internships, pei, retention
from cases.casefile import Case
from core.errors import NotYours

pages = Blueprint("integration", __name__, url_prefix="/cases/<code>")

HOLD = "retention.hold"


@pages.get("/integration")
def show(code: str) -> str:
    """Codes, dates and outcomes. The words of the goals are asked for, and the asking is written down."""
    return _page(access.get_case(g.db, g.actor, code))


@pages.post("/integration")
def show_words(code: str) -> str:
    """The same page with goals, hosts and tutors, for who may read classes P3 and P4; the reading is written down."""
    case = access.get_case(g.db, g.actor, code)
    for cls in ("P3", "P4"):
        access.reveal(g.db, g.actor, case, cls, what="integration")
    goals = {goal.id: pei.words(g.db, goal) for plan in pei.versions(g.db, code) for goal in pei.goals(g.db, plan.id)}
    hosts = {made.id: internships.words(g.db, made) for made in internships.of_case(g.db, code)}
    return _page(case, words=goals | hosts)


@pages.post("/hold")
def hold(code: str) -> str | Response:
    """Stop the erasure of a case, with a reason."""
    case = _for_hold(code)
    reason = request.form.get("reason", "")
    g.again = lambda problem: _page(case, errors=problem.errors, reason=reason)
    retention.hold(g.db, casefile.scope_of(code), reason, by=g.actor.user_id)
    return redirect(url_for("integration.show", code=code, done="held", _anchor="kept"), 303)


@pages.post("/hold/<hold_id>/lift")
def lift(code: str, hold_id: str) -> Response:
    """Let erasure take its course again."""
    _for_hold(code)
    retention.lift(g.db, casefile.scope_of(code), hold_id, by=g.actor.user_id)
    return redirect(url_for("integration.show", code=code, done="lifted", _anchor="kept"), 303)


def _for_hold(code: str) -> Case:
    case = access.get_case(g.db, g.actor, code)
    if not access.may(g.actor, HOLD, case.post):
        raise NotYours
    return case


def _page(case: Case, **more: object) -> str:
    plans = [(plan, pei.goals(g.db, plan.id)) for plan in pei.versions(g.db, case.code)]
    work = [(made, internships.months(g.db, made.id)) for made in internships.of_case(g.db, case.code)]
    left = [(each, exits.follow_ups(g.db, each.id)) for each in exits.of_case(g.db, case.code)]
    scope = casefile.scope_of(case.code)
    return render_template(
        "cases/integration.html",
        case=case,
        plans=plans,
        courses=courses.of_case(g.db, case.code),
        work=work,
        exits=left,
        kept=[row for row in retention.of(g.db, scope) if row.status != "dead"],
        holds=retention.holds(g.db, scope),
        may_hold=access.may(g.actor, HOLD, case.post),
        may_read={"P3", "P4"} <= access.classes(g.db, g.actor, case),
        **{"words": None, "errors": {}, "reason": "", **more},
    )
