"""The draft of a form as people at work will see it, in both languages: to be filled in and sent, and forgotten."""

from flask import Blueprint, g, render_template, request
from flask_babel import force_locale, get_locale

from cases import access
from core.errors import InvalidForm, InvalidModel
from engine import drafts
from engine.drafts import FORM
from tasks import drafts as typed_drafts
from tasks import forms, trying_form, workshop
from tasks.components import Form
from tasks.forms import Typed
from tasks.trying_form import Recorded
from web.language import LANGUAGES, chosen, say
from web.sheet import Page

pages = Blueprint("trying_form", __name__, url_prefix="/models/forms/<key>/draft/try")


@pages.get("")
def show(key: str) -> str | tuple[str, int]:
    """The open form."""
    access.require(g.actor, "model.edit")
    return _page(key)


@pages.post("")
def act(key: str) -> str | tuple[str, int]:
    """What a task would say to these answers, and what it would record; or the same form again, in another language."""
    access.require(g.actor, "model.edit")
    said = request.form
    language = said.get("_in") or said.get("_language") or ""
    with force_locale(language if language in LANGUAGES else chosen()):
        return _page(key, is_sent="_refresh" not in said and "_in" not in said)


def _page(key: str, *, is_sent: bool = False) -> str | tuple[str, int]:
    source = workshop.source(g.db, FORM, key)
    found: list[Recorded] | None = None
    problem: InvalidForm | None = None
    try:
        form = trying_form.asked(g.db, key, say)
        if is_sent:
            found = trying_form.recorded(form, request.form, str(get_locale()), say)
    except InvalidModel as wrong:
        return render_template("trying/wrong.html", source=source, findings=wrong.findings)
    except InvalidForm as wrong:
        problem = wrong
    page = render_template(
        "trying/form.html",
        source=source,
        is_draft=drafts.find(g.db, FORM, key) is not None,
        sheet=Page(form, _values(form), problem.errors if problem else {}),
        of_cases=trying_form.of_cases(form),
        found=found,
        other=next(each for each in LANGUAGES if each != str(get_locale())),
    )
    return (page, problem.status) if problem else page


def _values(form: Form) -> Typed:
    """What was typed, else what a form that nobody has touched yet begins with."""
    return forms.typed(form, request.form) if request.form else typed_drafts.fill(form, None)
