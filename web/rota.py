"""The rota of calls: the week of a post, shifts written by who keeps it, one's own shifts and swaps with colleagues."""

from datetime import date, datetime, timedelta

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response

from core import clock
from core.errors import N_, InvalidForm, NotYours, Refused
from tasks import oncall, rota
from tasks import week as weeks
from tasks.week import Span
from web.language import say

pages = Blueprint("rota", __name__, url_prefix="/rota")
WEEK = timedelta(days=7)
EARLIEST, LATEST = date(2000, 1, 1), date(2100, 1, 1)


@pages.get("")
def show() -> str:
    """The week of one post: who answers, when nobody does, who is on call now."""
    found = rota.readable(g.db, g.actor)
    chosen = request.args.get("post", found[0].code)
    post = next((post for post in found if post.code == chosen), None)
    if post is None:
        raise NotYours
    day = _week_asked()
    return render_template(
        "rota/show.html", posts=found, post=post, week=weeks.week(g.db, post.code, day), WEEK=WEEK, today=clock.today(),
        now=oncall.now(g.db, post.code), keeps=rota.keeps(g.actor, post.code), me=g.actor.user_id, at=clock.now(),
    )  # fmt: skip


@pages.get("/mine")
def show_mine() -> str:
    """My shifts from now on, and the swaps that wait for an answer."""
    return render_template("rota/mine.html", shifts=rota.mine(g.db, g.actor), asked=rota.asked(g.db, g.actor))


@pages.get("/<post>/new")
def ask_new(post: str) -> str:
    """A new shift."""
    day = request.args.get("day", clock.today().isoformat())
    return _new_page(post, rota.Typed("", day, "22:00", "06:00"))


@pages.post("/<post>/new")
def enter(post: str) -> Response:
    """Put somebody on call."""
    typed = _typed()
    g.again = lambda problem: _new_page(post, typed, problem)
    made = rota.enter(g.db, g.actor, post, typed)
    return _back(post, weeks.day_of(made[0].from_at), "shift_kept")


@pages.post("/<post>/copy")
def copy(post: str) -> Response:
    """The same week again, the week after."""
    day = _week_asked()
    made = rota.copy(g.db, g.actor, post, day)
    return _back(post, day + WEEK, "week_copied" if made else "week_not_copied")


@pages.get("/shifts/<shift_id>")
def ask_change(shift_id: str) -> str:
    """A shift, to be changed or ended."""
    return _change_page(shift_id, rota.typed_of(rota.get(g.db, g.actor, shift_id)))


@pages.post("/shifts/<shift_id>")
def change(shift_id: str) -> Response:
    """Other hours, or another person."""
    typed = _typed()
    g.again = lambda problem: _change_page(shift_id, typed, problem)
    shift = rota.change(g.db, g.actor, shift_id, typed)
    return _back(shift.post, weeks.day_of(shift.from_at), "shift_kept")


@pages.post("/shifts/<shift_id>/end")
def end(shift_id: str) -> Response:
    """It ends now, or does not begin."""
    shift = rota.end(g.db, g.actor, shift_id)
    return _back(shift.post, weeks.day_of(shift.from_at), "shift_ended")


@pages.get("/shifts/<shift_id>/swap")
def ask_swap(shift_id: str) -> str:
    """Whom shall I ask to take my shift?"""
    return _swap_page(shift_id)


@pages.post("/shifts/<shift_id>/swap")
def swap(shift_id: str) -> Response:
    """Ask a colleague."""
    g.again = lambda problem: _swap_page(shift_id, problem)
    rota.ask_swap(g.db, g.actor, shift_id, request.form.get("asked_of", ""), request.form.get("in_return", ""))
    return redirect(url_for("rota.show_mine", done="swap_asked"), 303)


@pages.post("/swaps/<swap_id>")
def answer_swap(swap_id: str) -> Response:
    """Yes, no, or never mind."""
    outcome = request.form.get("answer", "")
    rota.answer_swap(g.db, g.actor, swap_id, outcome)
    return redirect(url_for("rota.show_mine", done=f"swap_{outcome}"), 303)


# Words


def long_words(length: timedelta) -> str:
    """How long: `8 ore`, `7 ore e 30 minuti`."""
    hours, minutes = divmod(int(length.total_seconds()) // 60, 60)
    of_hours = ngettext("%(num)d ora", "%(num)d ore", hours)
    of_minutes = ngettext("%(num)d minuto", "%(num)d minuti", minutes)
    if not minutes:
        return str(of_hours)
    return str(gettext("%(hours)s e %(minutes)s", hours=of_hours, minutes=of_minutes)) if hours else str(of_minutes)


def hole_words(hole: Span, day: date) -> str:
    """When nobody is on call, as told on a day: `nessuno dalle 22 alle 6`."""
    from_start, to_end = hole.from_at == weeks.midnight(day), hole.to_at == weeks.midnight(day + timedelta(days=1))
    if from_start and to_end:
        return str(gettext("nessuno tutto il giorno"))
    words = until_words(hole.to_at) if from_start else _since(hole.from_at) if to_end else span_words(hole)
    return str(gettext("nessuno %(when)s", when=words))


def span_words(span: Span) -> str:
    """Some time of a day: `dalle 14 alle 16`."""
    to = _hour(span.to_at, N_("a mezzanotte"), N_("all'1%(minutes)s"), N_("alle %(hour)s"))
    return f"{_since(span.from_at)} {to}"


def until_words(at: datetime) -> str:
    """`fino alle 6`."""
    return _hour(at, N_("fino a mezzanotte"), N_("fino all'1%(minutes)s"), N_("fino alle %(hour)s"))


def _since(at: datetime) -> str:
    return _hour(at, N_("da mezzanotte"), N_("dall'1%(minutes)s"), N_("dalle %(hour)s"))


def _hour(at: datetime, at_midnight: str, at_one: str, otherwise: str) -> str:
    """An hour in a sentence; one o'clock has an apostrophe, midnight a name."""
    local = at.astimezone(clock.ROME)
    minutes = f":{local:%M}" if local.minute else ""
    if local.hour == local.minute == 0:
        return say(at_midnight)
    return say(at_one if local.hour == 1 else otherwise, {"hour": f"{local.hour}{minutes}", "minutes": minutes})


# Pages


def _week_asked() -> date:
    """The day whose week is meant; today if it is none."""
    try:
        day = date.fromisoformat(request.values.get("week", ""))
    except ValueError:
        return clock.today()
    return weeks.monday(day) if EARLIEST < day < LATEST else clock.today()


def _typed() -> rota.Typed:
    names = ("user", "day", "from_time", "to_time")
    user, day, from_time, to_time = (request.form.get(name, "") for name in names)
    return rota.Typed(user, day, from_time, to_time, request.form.get("days", "1"))


def _back(post: str, day: date, done: str) -> Response:
    return redirect(url_for("rota.show", post=post, week=weeks.monday(day).isoformat(), done=done), 303)


def _new_page(post: str, typed: rota.Typed, problem: Refused | None = None) -> str:
    if not rota.keeps(g.actor, post):
        raise NotYours
    return _form(post, typed, problem)


def _change_page(shift_id: str, typed: rota.Typed, problem: Refused | None = None) -> str:
    shift = rota.get(g.db, g.actor, shift_id)
    return _form(shift.post, typed, problem, shift=shift)


def _form(post: str, typed: rota.Typed, problem: Refused | None, **more: object) -> str:
    people = [(user.id, user.name) for user in rota.people(g.db, post)]
    errors = problem.errors if isinstance(problem, InvalidForm) else {}
    at = clock.now()
    return render_template("rota/form.html", post=post, people=people, typed=typed, errors=errors, at=at, **more)


def _swap_page(shift_id: str, problem: Refused | None = None) -> str:
    shift = rota.own(g.db, g.actor, shift_id)
    people = rota.colleagues(g.db, g.actor, shift)
    return render_template(
        "rota/swap.html", shift=shift, people=people, theirs=rota.theirs(g.db, shift, [user.id for user in people]),
        typed=request.form, errors=problem.errors if isinstance(problem, InvalidForm) else {},
    )  # fmt: skip


@pages.app_context_processor
def words() -> dict[str, object]:
    """Let templates say hours."""
    told = (long_words, hole_words, span_words, until_words)
    return {function.__name__: function for function in told}
