"""The drawing tables of the workshop: a pathway, a decision table or a form, drawn in the browser as a draft.

The drawing itself happens in `frontend/src`; what is drawn is read, checked and kept by the pages of the draft
(`web/workshop.py`), which this page only names to it.
"""

from flask import Blueprint, g, render_template

from cases import access
from engine import registry

pages = Blueprint("modeller", __name__, url_prefix="/models")


@pages.get("/<process_id>/draft/diagram")
def show_diagram(process_id: str) -> str:
    """The draft of a pathway on the drawing table."""
    access.require(g.actor, "model.edit")
    model = registry.current(g.db, process_id)
    return render_template("modeller/diagram.html", model=model, process_id=process_id, bundles=["modeler"])
