"""Search before you open: a form, its answer, and the same for what a contact has said. Words never stand in a URL."""

from functools import partial

from flask import Blueprint, g, render_template, request
from werkzeug.wrappers import Response

from cases import access, codes
from cases.search import FIELDS, Answer
from core.errors import InvalidForm, Refused
from tasks import lookups

pages = Blueprint("search", __name__, url_prefix="/search")


@pages.get("")
def show() -> str:
    """The empty form; the purpose may be chosen by the page one comes from."""
    access.require(g.actor, "search.ask")
    return _page({"purpose": request.args.get("purpose", "")})


@pages.post("")
def ask() -> str | Response:
    """The answer, under the form as it was typed."""
    access.require(g.actor, "search.ask")
    typed = {name: request.form.get(name, "") for name in (*FIELDS, "purpose")}
    g.again = partial(_page, typed)
    return _page(typed, answer=lookups.ask(g.db, g.actor, typed["purpose"], typed))


@pages.post("/contacts/<code>")
def ask_contact(code: str) -> str:
    """Is the person of this contact known already? By its number and code word; without them, the form to ask more."""
    access.require(g.actor, "search.ask")
    typed = {"purpose": "contatto", **lookups.of_contact(g.db, g.actor, code)}
    g.again = partial(_page, typed, contact=code)
    answer = lookups.ask(g.db, g.actor, "contatto", typed) if len(typed) > 1 else None
    return _page(typed, answer=answer, contact=code)


def _page(
    typed: dict[str, str], problem: Refused | None = None, *, answer: Answer | None = None, contact: str = ""
) -> str:
    errors = problem.errors if isinstance(problem, InvalidForm) else {}
    hits = [hit for hit in answer.mine if hit.code != contact] if answer else []
    return render_template(
        "search/show.html", typed=typed, errors=errors, answer=answer, hits=hits, contact=contact,
        purposes=codes.SEARCH_PURPOSES,
    )  # fmt: skip
