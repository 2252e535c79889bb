"""The drawing tables of the workshop: a pathway, a decision table or a form, drawn in the browser as a draft.

The drawing itself happens in `frontend/src`; what is drawn is read, checked and kept by the pages of the draft
(`web/workshop.py`), whose addresses these pages tell it.
"""

from flask import Blueprint, g, render_template

from cases import access
from core import vault
from engine.drafts import DECISION, FORM, PROCESS
from tasks import lists
from tasks import workshop as work
from tasks.workshop import Source

pages = Blueprint("modeller", __name__, url_prefix="/models")


@pages.get("/<key>/draft/diagram")
def show_diagram(key: str) -> str:
    """The draft of a pathway on the drawing table."""
    return _page("diagram", _source(PROCESS, key), "modeler")


@pages.get("/tables/<key>/draft/diagram")
def show_table(key: str) -> str:
    """The draft of a decision table."""
    return _page("table", _source(DECISION, key), "dmn-modeler")


@pages.get("/forms/<key>/draft/design")
def show_form(key: str) -> str:
    """The draft of a form; its choices may come from a named list."""
    return _page("form", _source(FORM, key), "form-editor", lists=sorted(lists.known()))


def _page(name: str, source: Source, bundle: str, **more: object) -> str:
    """The page of one editor; what it has not saved is kept by the browser, encrypted under this user's key."""
    secret = vault.device_key(g.actor.user_id, f"{source.kind}:{source.key}")
    return render_template(f"modeller/{name}.html", source=source, secret=secret, bundles=[bundle], **more)


def _source(kind: str, key: str) -> Source:
    access.require(g.actor, "model.edit")
    return work.source(g.db, kind, key)
