"""The agenda: my day and week, my post's; an appointment fixed, moved, written down."""

from datetime import date, timedelta
from functools import partial
from itertools import groupby
from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cases import access, appointments
from cases.appointments import Appointment
from cases.casefile import Case
from cases.codes.agenda import APPOINTMENT_KINDS, APPOINTMENT_PLACES, APPOINTMENT_REASONS
from cases.contacts import Contact
from core import clock
from core.errors import InvalidForm, Refused
from tasks import agenda, drafts
from tasks.agenda import Subject
from web import auth
from web.language import say

pages = Blueprint("agenda", __name__, url_prefix="/agenda")

SPANS = {"day": 1, "week": 7}
USUAL = 60
FAR = timedelta(days=3650)


@pages.get("")
def show() -> str:
    """A day or a week, mine or my post's."""
    access.require(g.actor, "agenda.use")
    whose = "post" if request.args.get("whose") == "post" else "me"
    span = request.args.get("span", "week")
    span = span if span in SPANS else "week"
    first, days = _first_day(), SPANS[span]
    read = agenda.of_posts if whose == "post" else agenda.mine
    found = read(g.db, g.actor, first, days)
    by_day = [(day, list(entries)) for day, entries in groupby(found, key=_day_of)]
    return render_template(
        "agenda/list.html", by_day=by_day, whose=whose, span=span, first=first, last=first + timedelta(days=days - 1),
        before=first - timedelta(days=days), after=first + timedelta(days=days), today=clock.today(),
    )  # fmt: skip


@pages.get("/new")
def ask() -> str:
    """What, when, where, who."""
    about = _subject(request.args)
    kept = drafts.load(g.db, agenda.place_of(about), g.actor.user_id)
    return _form(about, dict(kept or {"minutes": str(USUAL), "goes": g.actor.user_id, "place": "sede"}))


@pages.post("/new")
def set_() -> Response:
    """Fix it; who goes is told."""
    about = _subject(request.form)
    g.again = partial(_form, about, request.form)
    made = agenda.set_(g.db, g.actor, about, request.form, translate=say)
    return redirect(url_for("agenda.show_one", appointment_id=made.id, done="appointment_set"), 303)


@pages.get("/<appointment_id>")
def show_one(appointment_id: str) -> str:
    """One appointment, and what may be written down about it."""
    return _page(appointments.get(g.db, g.actor, appointment_id))


@pages.post("/<appointment_id>/place")
def show_place(appointment_id: str) -> str:
    """The same page with where exactly; the reading is written down."""
    found = appointments.get(g.db, g.actor, appointment_id)
    return _page(found, exact=appointments.read_place(g.db, g.actor, found))


@pages.post("/<appointment_id>/confirm")
def confirm(appointment_id: str) -> Response:
    """It has been confirmed."""
    agenda.confirm(g.db, g.actor, appointment_id)
    return redirect(url_for("agenda.show_one", appointment_id=appointment_id, done="kept"), 303)


@pages.post("/<appointment_id>/settle")
def settle(appointment_id: str) -> Response:
    """Held, missed, called off."""
    found, _ = agenda.subject_of(g.db, g.actor, appointment_id)
    g.again = lambda problem: _page(found, problem)
    agenda.settle(g.db, g.actor, appointment_id, request.form)
    return redirect(url_for("agenda.show_one", appointment_id=appointment_id, done="kept"), 303)


@pages.post("/<appointment_id>/move")
def move(appointment_id: str) -> Response:
    """The same at another hour."""
    found, _ = agenda.subject_of(g.db, g.actor, appointment_id)
    g.again = lambda problem: _page(found, problem)
    made = agenda.move(g.db, g.actor, appointment_id, request.form, translate=say)
    return redirect(url_for("agenda.show_one", appointment_id=made.id, done="appointment_moved"), 303)


def planned_of(owner: Case | Contact, *, may_set: bool) -> dict[str, Any]:
    """The appointments of a case or contact, for its page."""
    missed = isinstance(owner, Case) and appointments.missed_twice(g.db, owner.code)
    return {"planned_ahead": appointments.of_subject(g.db, owner.code), "may_set": may_set, "missed": missed}


def _keep() -> None:
    about = _subject(request.form)
    kept = agenda.typed_of(request.form)
    drafts.save(g.db, agenda.place_of(about), f"user:{g.actor.user_id}", kept, by=g.actor.user_id)


auth.keeps_draft("agenda.set_", _keep)


def _subject(given: Any) -> Subject:
    asked = {name: given.get(name, "") for name in ("case", "contact", "post")}
    return agenda.subject(g.db, g.actor, **asked)


def _form(about: Subject, typed: Any, problem: Refused | None = None) -> str:
    errors = problem.errors if isinstance(problem, InvalidForm) else {}
    return render_template(
        "agenda/form.html", about=about, typed=typed, errors=errors, kinds=_spoken(APPOINTMENT_KINDS),
        wheres=_spoken(APPOINTMENT_PLACES), colleagues=_named(agenda.colleagues(g.db, about)),
        mediators=_named(agenda.mediators(g.db, g.actor, about)), posts=agenda.own_posts(g.actor),
    )  # fmt: skip


def _page(found: Appointment, problem: Refused | None = None, *, exact: str | None = None) -> str:
    errors = problem.errors if isinstance(problem, InvalidForm) else {}
    return render_template(
        "agenda/show.html", it=found, errors=errors, exact=exact, typed=request.form,
        may_change=found.is_open and agenda.may_change(g.db, g.actor, found), reasons=_spoken(APPOINTMENT_REASONS),
        may_read_place=found.place_sealed is not None and agenda.may_read_place(g.db, g.actor, found),
        at=request.endpoint or "", begun=found.from_at <= clock.now(),
    )  # fmt: skip


def _first_day() -> date:
    try:
        day = date.fromisoformat(request.args.get("from", ""))
    except ValueError:
        return clock.today()
    return day if abs(day - clock.today()) < FAR else clock.today()


def _day_of(entry: agenda.Entry) -> date:
    return entry.at.astimezone(clock.ROME).date()


def _spoken(codelist: Any) -> list[tuple[str, str]]:
    return [(code, say(words)) for code, words in codelist]


def _named(people: Any) -> list[tuple[str, str]]:
    return [(user.id, user.name) for user in people]
