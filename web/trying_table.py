"""The draft of a decision table, tried beside what is in force: data typed into fields, answers with their rows."""

from flask import Blueprint, g, render_template, request

from cases import access
from core.errors import InvalidForm, InvalidModel
from engine.drafts import DECISION
from tasks import forms, trying_table, workshop
from tasks.trying_table import Answer
from web.language import say
from web.sheet import Page

pages = Blueprint("trying_table", __name__, url_prefix="/models/tables/<key>/draft/try")


@pages.get("")
def show(key: str) -> str | tuple[str, int]:
    """The data that the table looks at, as empty fields."""
    access.require(g.actor, "model.edit")
    return _page(key)


@pages.post("")
def act(key: str) -> str | tuple[str, int]:
    """What the table says of these data."""
    access.require(g.actor, "model.edit")
    return _page(key, is_sent=True)


def _page(key: str, *, is_sent: bool = False) -> str | tuple[str, int]:
    found: list[Answer] | None = None
    problem: InvalidForm | None = None
    try:
        table = trying_table.asked(g.db, key)
        if is_sent:
            found = trying_table.answers(table, request.form, say)
    except InvalidModel as wrong:
        source = workshop.source(g.db, DECISION, key)
        return render_template("trying/wrong.html", source=source, findings=wrong.findings)
    except InvalidForm as wrong:
        problem = wrong
    sheet = Page(table.form, forms.typed(table.form, request.form), problem.errors if problem else {})
    page = render_template("trying/table.html", table=table, source=table.source, sheet=sheet, found=found)
    return (page, problem.status) if problem else page
