"""Where a case or a contact stands: the diagram of its pathway, coloured by what happened, and the same in words."""

from typing import Any

from flask import Blueprint, Response, g, render_template
from flask_babel import get_locale, ngettext

from cases import access
from engine import history, registry
from engine.tables import Instance
from engine.waits import MOVED
from tasks import histories, reviews
from web.models import file_of
from web.names import user_name

pages = Blueprint("pathways", __name__, url_prefix="/pathways")

# What the drawing can colour.
STATES = {
    "active": "active", "late": "late", "done": "done", "donelate": "donelate", "skipped": "skipped",
    "cancelled": "skipped",
}  # fmt: skip


@pages.get("/<instance_id>")
def show(instance_id: str) -> str:
    """One pathway: diagram and steps."""
    instance = _visible(instance_id)
    model = registry.get(g.db, instance.definition_id)
    return render_template(
        "models/pathway.html", instance=instance, model=model, steps=histories.passages(g.db, instance),
        of_contact=_is_of_contact(instance), of_audit=_is_auditor(), bundles=["viewer"],
    )  # fmt: skip


@pages.get("/<instance_id>/replay.json")
def replay(instance_id: str) -> list[dict[str, Any]]:
    """The pathway as pictures of a film, for stepping back and forth on the diagram that it really ran."""
    instance = _visible(instance_id)
    own = [each for each in histories.passages(g.db, instance) if each.element and each.state != MOVED]
    names = {each.step.by: user_name(each.step.by) for each in own if each.step.by}
    return histories.frames(own, names, str(get_locale()))


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
    if _is_auditor():
        return reviews.pathway(g.db, g.actor, instance_id)
    instance = history.instance(g.db, instance_id)
    find = access.get_contact if _is_of_contact(instance) else access.get_case
    find(g.db, g.actor, instance.business_key)
    return instance


def _is_of_contact(instance: Instance) -> bool:
    return instance.stream.startswith("contact:")


def _is_auditor() -> bool:
    """Who checks sees what was done on any case, and never what a sheet says."""
    return access.may(g.actor, "audit.read")
