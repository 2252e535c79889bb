"""The address of a house, for who follows the case: asked for with a reason, answered by a second person, seen once."""

from flask import Blueprint, current_app, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cases import access, codes, reveals
from core.errors import N_, InvalidForm, Refused
from tasks import reveals as work
from web.language import say

pages = Blueprint("reveals", __name__)


@pages.get("/cases/<code>/address")
def ask(code: str) -> str:
    """Why do you need it? Or: where the question stands."""
    return _page(code)


@pages.post("/cases/<code>/address")
def put(code: str) -> Response:
    """Put the question, and wait on the same page."""
    reveals.find_case(g.db, g.actor, code)
    g.again = lambda problem: _page(code, problem)
    work.ask(g.db, g.actor, code, request.form.get("why", ""), request.form.get("reason", ""))
    return redirect(url_for("reveals.ask", code=code, done="address_asked"), 303)


@pages.post("/cases/<code>/address/show")
def show(code: str) -> str:
    """The address, once for this press; the look is written down."""
    case = reveals.find_case(g.db, g.actor, code)
    address = reveals.look(g.db, g.actor, case, request.form.get("press", ""))
    return render_template(
        "reveals/address.html", code=code, address=address, reveal=reveals.newest(g.db, g.actor, case)
    )


@pages.get("/reveals")
def show_list() -> str:
    """What waits for this person's answer, and what was answered lately."""
    return _list()


@pages.post("/reveals/<reveal_id>")
def decide(reveal_id: str) -> Response:
    """Yes, for some minutes; or no, with a reason."""
    access.require(g.actor, "shelter.reveal")
    g.again = lambda problem: _list(reveal_id, problem)
    answer = request.form.get("answer", "")
    if answer not in ("yes", "no"):
        raise InvalidForm({"answer": [N_("Scegli una voce dell'elenco.")]})
    minutes = current_app.config["APPRODO"].reveal_minutes
    words = request.form.get("reason", "")
    work.decide(g.db, g.actor, reveal_id, yes=answer == "yes", words=words, minutes=minutes)
    return redirect(url_for("reveals.show_list", done="answered"), 303)


def _page(code: str, problem: Refused | None = None) -> str:
    case = reveals.find_case(g.db, g.actor, code)
    errors = problem.errors if isinstance(problem, InvalidForm) else {}
    reveal = reveals.newest(g.db, g.actor, case)
    whys = [(why, say(words)) for why, words in codes.LISTS["motivo_indirizzo"]]
    refusal = reveals.why_not(g.db, reveal) if reveal is not None else ""
    return render_template(
        "reveals/ask.html", code=code, reveal=reveal, refusal=refusal, whys=whys, typed=request.form, errors=errors,
        minutes=current_app.config["APPRODO"].reveal_minutes,
    )  # fmt: skip


def _list(wrong: str = "", problem: Refused | None = None) -> str:
    waiting = [(each, _words(each)) for each in reveals.to_answer(g.db, g.actor)]
    errors = problem.errors if isinstance(problem, InvalidForm) else {}
    return render_template(
        "reveals/list.html", waiting=waiting, answered=reveals.answered(g.db, g.actor), wrong=wrong, errors=errors,
        typed=request.form, minutes=current_app.config["APPRODO"].reveal_minutes,
    )  # fmt: skip


def _words(reveal: reveals.Reveal) -> str | None:
    """Why, in the asker's words, for who may read the case; None for a coordinator, who may not."""
    return reveals.read_words(g.db, g.actor, reveal) if reveals.may_read_words(g.db, g.actor, reveal) else None
