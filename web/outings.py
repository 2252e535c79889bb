"""Outings: the list, one page for one thumb while it runs, a contact in twenty seconds, the summary."""

from functools import partial
from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cases import access, outings
from cases.codes.agenda import MATERIALS
from cases.outings import Outing
from cases.posts import get as get_post
from cases.territory import PROVINCES
from core import clock
from core.errors import InvalidForm, NotYours, Refused
from core.ids import new_id
from tasks import drafts, forms, pathways
from tasks import outings as work
from web import auth
from web.language import say
from web.sheet import Page

pages = Blueprint("outings", __name__, url_prefix="/outings")

FIELDS = ("from_at", "to_at", "province", "mediator", "vehicle", "zones")
PLAN = "outing_plan"
LOCAL = "%Y-%m-%dT%H:%M"


@pages.get("")
def show_list() -> str:
    """The outings of this person's posts: under way, planned, past."""
    access.require(g.actor, "outing.record")
    return render_template("outings/list.html", outings=outings.list_(g.db, g.actor), posts=work.own_posts(g.actor))


@pages.get("/new")
def ask() -> str:
    """Who goes out, when, where."""
    access.require(g.actor, "outing.record")
    post = _post()
    now = f"{clock.now().astimezone(clock.ROME):{LOCAL}}"
    kept = drafts.load(g.db, f"{PLAN}:{post}", g.actor.user_id)
    return _plan(post, dict(kept or {"from_at": now, "crew": [g.actor.user_id]}))


@pages.post("/new")
def open_() -> Response:
    """Plan it, or begin at once."""
    access.require(g.actor, "outing.record")
    post = _post()
    g.again = partial(_plan, post, _typed())
    outing = work.open_(g.db, g.actor, post, request.form, begin="_begin" in request.form)
    drafts.remove(g.db, f"{PLAN}:{post}", g.actor.user_id)
    return redirect(url_for("outings.show", code=outing.code, done="kept"), 303)


@pages.get("/<code>")
def show(code: str) -> str:
    """One outing: the next contact, those of tonight, who was there, how it ends."""
    return _page(outings.get(g.db, g.actor, code))


@pages.get("/<code>/edit")
def ask_change(code: str) -> str:
    """The same questions again, as they were answered."""
    outing = outings.get(g.db, g.actor, code)
    return _plan(outing.post, _as_typed(outing), outing=outing)


@pages.post("/<code>/edit")
def change(code: str) -> Response:
    """Correct who goes, when, and with what; add zones."""
    outing = outings.get(g.db, g.actor, code)
    g.again = partial(_plan, outing.post, _typed(), outing=outing)
    work.amend(g.db, g.actor, code, request.form)
    return redirect(url_for("outings.show", code=code, done="kept"), 303)


@pages.post("/<code>/begin")
def begin(code: str) -> Response:
    """The unit leaves."""
    work.begin(g.db, g.actor, code)
    return redirect(url_for("outings.show", code=code, done="outing_begun"), 303)


@pages.post("/<code>/counts")
def count(code: str) -> Response:
    """Who was in each zone without a contact."""
    g.again = lambda problem: _page(outings.get(g.db, g.actor, code), problem)
    work.count(g.db, g.actor, code, request.form)
    return redirect(url_for("outings.show", code=code, done="kept"), 303)


@pages.post("/<code>/close")
def close(code: str) -> Response:
    """It is in order: the summary stays."""
    g.again = lambda problem: _page(outings.get(g.db, g.actor, code), problem)
    work.close(g.db, g.actor, code, request.form)
    return redirect(url_for("outings.show", code=code, done="outing_closed"), 303)


@pages.get("/<code>/contacts/new")
def show_form(code: str) -> str:
    """An empty short form, or the draft that was left; with the code on her card, what may be known of before."""
    outing = _out_now(code)
    again = request.args.get("again", "")
    g.again, g.on_refusal = (lambda problem: _page(outing, problem)), partial(_count_card, again)
    form, kept = work.form(g.db, translate=say), work.left(g.db, g.actor, code, again)
    again, zone = (again or str((kept or {}).get("again", ""))), str((kept or {}).get("zone_number", ""))
    return _form(outing, Page(form, work.values(form, kept)), once=new_id(), again=again, zone=zone, draft=bool(kept))


@pages.post("/<code>/contacts/new")
def meet(code: str) -> str | Response:
    """Write it down at once; sent twice, it is written once."""
    outing = _out_now(code)
    form = work.form(g.db, translate=say)
    typed = forms.typed(form, request.form)
    once, again = request.form.get("once", ""), request.form.get("again", "")
    if "_draft" in request.form:
        work.save_draft(g.db, g.actor, code, request.form)
        return redirect(url_for("outings.show", code=code, done="draft"), 303)
    if "_discard" in request.form:
        work.discard(g.db, g.actor, code)
        return redirect(url_for("outings.show_form", code=code), 303)
    g.again = lambda problem: _form(outing, Page(form, typed, problem.errors), once=once, again=again)
    contact, new = work.meet(g.db, g.actor, code, request.form, translate=say)
    done = "outing_met" if new else "outing_met_before"
    return redirect(url_for("outings.show", code=code, met=contact.code, done=done), 303)


@pages.post("/<code>/contacts/new/draft")
def save_draft(code: str) -> tuple[str, int]:
    """Keep what was typed; the page calls this by itself."""
    work.save_draft(g.db, g.actor, code, request.form)
    return "", 204


def _keep() -> None:
    assert request.view_args  # noqa: S101 - both pages below carry a code
    work.save_draft(g.db, g.actor, request.view_args["code"], request.form)


def _keep_plan() -> None:
    access.require(g.actor, "outing.record")
    by = g.actor.user_id
    drafts.save(g.db, f"{PLAN}:{_post()}", f"user:{by}", _typed(), by=by)


for endpoint in ("outings.meet", "outings.save_draft"):
    auth.keeps_draft(endpoint, _keep)
auth.keeps_draft("outings.open_", _keep_plan)


def _count_card(typed: str, problem: Refused) -> None:
    """Who tries card after card is stopped: a code that nobody has counts, too."""
    if isinstance(problem, InvalidForm) and "again" in problem.errors:
        g.afterwards.append(partial(work.missed, actor=g.actor, typed=typed))


def _out_now(code: str) -> Outing:
    """The outing, for who may write down its contacts."""
    outing = outings.get(g.db, g.actor, code)
    pathways.post_for(g.actor, work.KIND, outing.post)
    return outing


def _page(outing: Outing, problem: Refused | None = None) -> str:
    """`met` in the address is the contact just written down, told with its code if it is one of tonight's."""
    met = outings.met(g.db, outing.code)
    new = {contact.code for _, contact in met if contact.person_code == contact.code}
    just = next((contact for _, contact in met if contact.code == request.args.get("met")), None)
    errors = problem.errors if isinstance(problem, InvalidForm) else {}
    return render_template(
        "outings/show.html", outing=outing, zones=outings.zones(g.db, outing.code), met=met, new=new, just=just,
        numbers=_numbers(met), crew=work.names_of(g.db, outing), summary=outings.summary(g.db, outing.code),
        materials=MATERIALS, typed=request.form, errors=errors, again=request.args.get("again", ""),
        may_meet="street" in pathways.kinds_for(g.actor) and g.actor.has("street_worker", outing.post),
        now=f"{clock.now().astimezone(clock.ROME):{LOCAL}}",
    )  # fmt: skip


def _numbers(met: list[Any]) -> dict[str, int]:
    """Which encounter each contact of tonight was with its person."""
    return {contact.code: work.number_of(g.db, contact) for _, contact in met}


def _form(outing: Outing, sheet: Page, *, once: str, again: str, zone: str = "", draft: bool = False) -> str:
    known = work.known(g.db, g.actor, again) if again.strip() else None
    return render_template(
        "outings/contact.html", outing=outing, sheet=sheet, once=once, known=known, draft=draft,
        zones=outings.zones(g.db, outing.code),
        zone=request.form.get("zone_number") or zone or str(work.last_zone(g.db, outing.code)),
    )  # fmt: skip


def _plan(post: str, typed: dict[str, Any], problem: Refused | None = None, *, outing: Outing | None = None) -> str:
    errors = problem.errors if isinstance(problem, InvalidForm) else {}
    own = get_post(g.db, post).provinces
    return render_template(
        "outings/plan.html", post=post, posts=work.own_posts(g.actor), typed=typed, errors=errors, outing=outing,
        crew=work.crew_of(g.db, post), provinces=[pair for pair in PROVINCES if not own or pair[0] in own],
        zones=outings.zones(g.db, outing.code) if outing else [],
    )  # fmt: skip


def _post() -> str:
    """The post from which one goes out: the chosen one, else the first."""
    own, asked = work.own_posts(g.actor), request.values.get("post")
    if asked is not None and asked not in own:
        raise NotYours
    return asked or own[0]


def _typed() -> dict[str, Any]:
    return {name: request.form.get(name, "") for name in FIELDS} | {"crew": request.form.getlist("crew")}


def _as_typed(outing: Outing) -> dict[str, Any]:
    times = {name: _local(getattr(outing, name)) for name in ("from_at", "to_at")}
    words = {name: getattr(outing, name) or "" for name in ("province", "mediator", "vehicle")}
    names = "\n".join(zone.name for zone in outings.zones(g.db, outing.code))
    return times | words | {"crew": outing.crew, "zones": names}


def _local(at: Any) -> str:
    return f"{at.astimezone(clock.ROME):{LOCAL}}" if at else ""
