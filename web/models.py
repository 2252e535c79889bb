"""Models: the published pathways as diagrams, for those who keep them."""

from typing import Any

from flask import Blueprint, Response, g, render_template
from flask_babel import gettext

from cases import access
from core import log
from core.errors import NotYours
from engine import decisions, drafts, registry
from engine.game.program import Node
from engine.tables import Definition
from tasks import whereabouts
from tasks import workshop as work
from tasks.whereabouts import Map, Row
from web.spans import lasted

pages = Blueprint("models", __name__, url_prefix="/models")


@pages.get("")
def show_list() -> str:
    """The version in force of every model and table, and the drafts that are open."""
    access.require(g.actor, "model.read")
    models = registry.newest(g.db)
    begun = {(draft.kind, draft.key): draft for draft in drafts.open_drafts(g.db)}
    return render_template(
        "models/list.html",
        models=models,
        new=[draft for draft in begun.values() if draft.base_version is None],
        begun=begun,
        tables=decisions.newest(g.db),
        forms=work.form_words(g.db),
    )


@pages.get("/<process_id>")
def show(process_id: str) -> str:
    """One model: its diagram, and the same as a list."""
    access.require(g.actor, "model.read")
    model = registry.current(g.db, process_id)
    about = registry.program(g.db, model.id).documentation
    return render_template("models/show.html", model=model, about=about, parts=parts(model), bundles=["viewer"])


@pages.get("/<process_id>/people")
def people(process_id: str) -> str:
    """Where people stand now, on the drawing and as a list; small numbers are hidden."""
    model, found = _where(process_id)
    log.append(g.db, "model.counted", f"model:{process_id}", by=g.actor.user_id)
    return render_template("models/people.html", model=model, found=found, bundles=["viewer"])


@pages.get("/<process_id>/people.json")
def heat(process_id: str) -> dict[str, Any]:
    """What the drawing colours: the more people, the darker, with the number."""
    _, found = _where(process_id)
    return {row.element: {"state": f"heat{found.level(row)}", "label": _badge(row)} for row in found.rows if row.drawn}


def _where(process_id: str) -> tuple[Definition, Map]:
    access.require(g.actor, "model.people")
    model = registry.current(g.db, process_id)
    return model, whereabouts.of(g.db, model)


def _badge(row: Row) -> str:
    if not row.cell.shown or row.waited is None:
        return str(gettext("pochi"))
    words = [str(row.cell.total), lasted(row.waited), *([gettext("lento")] if row.slow else [])]
    return " · ".join(words)


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
