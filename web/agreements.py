"""Agreements: which there are and when each ends; coordinators write, renew and end them."""

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cases import access, bodies
from cases import agreements as known
from core import clock
from core.errors import InvalidForm, NotYours, Refused
from tasks import agreements, directory, forms
from tasks.forms import Typed
from web.language import say
from web.sheet import Page

pages = Blueprint("agreements", __name__, url_prefix="/directory/agreements")


@pages.get("")
def show_list() -> str:
    """Every agreement, what ends first at the head; those that are over or renewed apart."""
    access.require(g.actor, "directory.read")
    found = known.list_(g.db)
    renewed = {each.renews for each in found}
    running = [each for each in found if each.ended_on is None and each.id not in renewed]
    past = [each for each in found if each not in running]
    return render_template(
        "agreements/list.html", running=running, past=past, renewed=renewed, today=clock.today(), with_=_with,
    )  # fmt: skip


@pages.get("/new")
def ask_new() -> str:
    """A new agreement, or the renewal of one."""
    renews = request.args.get("renews", "")
    return _form(agreements.values(g.db, g.actor, renews=renews), renews=renews)


@pages.post("/new")
def record() -> Response:
    """Write it down."""
    renews = request.form.get("renews", "")
    typed = _typed()
    g.again = lambda problem: _form(typed, problem, renews=renews)
    made = agreements.record(g.db, g.actor, request.form, renews, translate=say)
    return redirect(url_for("agreements.show", agreement_id=made.id, done="kept"), 303)


@pages.get("/<agreement_id>")
def show(agreement_id: str) -> str:
    """One agreement, the one it renews and the one that renews it."""
    return _page(agreement_id)


@pages.get("/<agreement_id>/change")
def ask_change(agreement_id: str) -> str:
    """A slip, to be corrected."""
    return _form(agreements.values(g.db, g.actor, agreement_id), agreement_id=agreement_id)


@pages.post("/<agreement_id>/change")
def amend(agreement_id: str) -> Response:
    """Correct it."""
    typed = _typed()
    g.again = lambda problem: _form(typed, problem, agreement_id=agreement_id)
    agreements.amend(g.db, g.actor, agreement_id, request.form, translate=say)
    return redirect(url_for("agreements.show", agreement_id=agreement_id, done="kept"), 303)


@pages.post("/<agreement_id>/end")
def end(agreement_id: str) -> Response:
    """Somebody withdraws."""
    g.again = lambda problem: _page(agreement_id, problem)
    agreements.end(g.db, g.actor, agreement_id, request.form.get("ended_on", ""))
    return redirect(url_for("agreements.show", agreement_id=agreement_id, done="kept"), 303)


def _typed() -> Typed:
    return forms.typed(directory.form(g.db, agreements.FORM, translate=say), request.form)


def _with(agreement: known.Agreement) -> list[str]:
    """The names of the other parties."""
    named = [bodies.get(g.db, code).name for code in agreement.bodies]
    return [*named, *(line.strip() for line in (agreement.others or "").splitlines() if line.strip())]


def _page(agreement_id: str, problem: Refused | None = None) -> str:
    access.require(g.actor, "directory.read")
    agreement = known.get(g.db, agreement_id)
    return render_template(
        "agreements/show.html", agreement=agreement, parties=_with(agreement), today=clock.today(),
        before=known.get(g.db, agreement.renews) if agreement.renews else None,
        after=known.renewal_of(g.db, agreement_id), runs=known.is_running(g.db, agreement),
        errors=problem.errors if isinstance(problem, InvalidForm) else {}, typed=request.form,
    )  # fmt: skip


def _form(values: Typed, problem: Refused | None = None, *, agreement_id: str = "", renews: str = "") -> str:
    access.require(g.actor, "directory.change")
    errors = problem.errors if isinstance(problem, InvalidForm) else {}
    if renews and not known.is_running(g.db, known.get(g.db, renews)):
        raise NotYours
    sheet = Page(directory.form(g.db, agreements.FORM, translate=say), values, errors)
    which = agreement_id or renews
    action = url_for("agreements.amend", agreement_id=agreement_id) if agreement_id else url_for("agreements.record")
    back = url_for("agreements.show", agreement_id=which) if which else url_for("agreements.show_list")
    form = "renewal" if renews else "agreement"
    return render_template("directory/form.html", form=form, action=action, sheet=sheet, back=back, renews=renews)
