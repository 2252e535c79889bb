"""Models: the published pathways as diagrams, for those who keep them."""

from flask import Blueprint, Response, g, render_template

from cases import access
from core.errors import NotYours
from engine import registry
from engine.game.program import Node
from engine.tables import Definition

pages = Blueprint("models", __name__, url_prefix="/models")


@pages.get("")
def show_list() -> str:
    """The newest version of every model."""
    access.require(g.actor, "model.read")
    return render_template("models/list.html", models=registry.newest(g.db))


@pages.get("/<process_id>")
def show(process_id: str) -> str:
    """One model: its diagram, and the same as a list."""
    access.require(g.actor, "model.read")
    model = registry.current(g.db, process_id)
    return render_template("models/show.html", model=model, parts=parts(model), bundles=["viewer"])


@pages.get("/<process_id>/<definition_id>.bpmn")
def xml(process_id: str, definition_id: str) -> Response:
    """The file as it was published."""
    access.require(g.actor, "model.read")
    model = registry.get(g.db, definition_id)
    if model.process_id != process_id:
        raise NotYours
    return file_of(model)


def file_of(model: Definition) -> Response:
    """A published file for the viewer, never to be shown as a page of its own."""
    headers = {"Content-Disposition": f'attachment; filename="model-{model.version}.bpmn"'}
    return Response(model.xml, mimetype="application/xml", headers=headers)


def parts(model: Definition) -> list[Node]:
    """What people and the system do in a model, in the order of the file."""
    nodes = registry.program(g.db, model.id).nodes.values()
    return [node for node in nodes if node.name and node.kind.endswith("Task")]
