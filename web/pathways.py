"""Where a case or a contact stands: the diagram of its pathway, coloured by what happened, and the same in words."""

from typing import Any

from flask import Blueprint, Response, g, render_template
from flask_babel import ngettext

from cases import access
from engine import history, registry
from engine.game.program import Node
from engine.tables import Instance, Step
from web.models import file_of

pages = Blueprint("pathways", __name__, url_prefix="/pathways")

# What the drawing can colour.
STATES = {"active": "active", "done": "done", "skipped": "skipped", "cancelled": "skipped"}


@pages.get("/<instance_id>")
def show(instance_id: str) -> str:
    """One pathway: diagram and steps."""
    instance = _visible(instance_id)
    model = registry.get(g.db, instance.definition_id)
    return render_template(
        "models/pathway.html", instance=instance, model=model, steps=_steps(instance),
        of_contact=_is_of_contact(instance), bundles=["viewer"],
    )  # fmt: skip


@pages.get("/<instance_id>/model.bpmn")
def xml(instance_id: str) -> Response:
    """The version of the model that this pathway runs on."""
    return file_of(registry.get(g.db, _visible(instance_id).definition_id))


@pages.get("/<instance_id>/history.json")
def marks(instance_id: str) -> dict[str, Any]:
    """What the diagram colours: state and count by element."""
    instance = _visible(instance_id)
    found = history.marks(g.db, instance.id, instance.definition_id)
    return {mark.element: {"state": STATES[mark.state], "label": _times(mark.times)} for mark in found}


def _times(count: int) -> str:
    return "" if count == 1 else ngettext("%(num)d volta", "%(num)d volte", count)


def _visible(instance_id: str) -> Instance:
    """The instance, if the reader may see what it hangs on."""
    instance = history.instance(g.db, instance_id)
    find = access.get_contact if _is_of_contact(instance) else access.get_case
    find(g.db, g.actor, instance.business_key)
    return instance


def _is_of_contact(instance: Instance) -> bool:
    return instance.stream.startswith("contact:")


def _steps(instance: Instance) -> list[tuple[Step, Node, str]]:
    """Every step that has a name, oldest first, with its node in the model and how it stands."""
    nodes = registry.program(g.db, instance.definition_id).nodes
    known = ((step, nodes.get(step.element)) for step in history.steps(g.db, instance.id))
    return [(step, node, _state(step)) for step, node in known if node is not None and node.name]


def _state(step: Step) -> str:
    return history.STATES.get(step.outcome or "", "cancelled") if step.ended_at else "active"
