"""The drawing tables of the workshop: a pathway, a decision table or a form, drawn in the browser as a draft.

The drawing itself happens in `frontend/src`; what is drawn is read, checked and kept by the pages of the draft
(`web/workshop.py`), whose addresses these pages tell it.
"""

from flask import Blueprint, g, render_template

from cases import access
from engine.drafts import DECISION, FORM, PROCESS
from tasks import lists
from tasks import workshop as work
from tasks.workshop import Source

pages = Blueprint("modeller", __name__, url_prefix="/models")


@pages.get("/<key>/draft/diagram")
def show_diagram(key: str) -> str:
    """The draft of a pathway on the drawing table."""
    return render_template("modeller/diagram.html", source=_source(PROCESS, key), bundles=["modeler"])


@pages.get("/tables/<key>/draft/diagram")
def show_table(key: str) -> str:
    """The draft of a decision table."""
    return render_template("modeller/table.html", source=_source(DECISION, key), bundles=["dmn-modeler"])


@pages.get("/forms/<key>/draft/design")
def show_form(key: str) -> str:
    """The draft of a form; its choices may come from a named list."""
    page = {"lists": sorted(lists.known()), "bundles": ["form-editor"]}
    return render_template("modeller/form.html", source=_source(FORM, key), **page)


def _source(kind: str, key: str) -> Source:
    access.require(g.actor, "model.edit")
    return work.source(g.db, kind, key)
