"""What becomes of a contact still being typed: how urgent it is, which desk has to answer, who is on call there.

It asks the two tables that the pathway asks (`workflows/dmn/triage.dmn`, `routing.dmn`) and writes nothing down.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from cases.access import Actor
from core import clock
from core.errors import Refused
from engine import decisions
from tasks import fields, forms, oncall, pathways
from tasks.components import Form
from tasks.forms import Typed

TO_A_DESK = frozenset({"emergenza", "instrada"})
CONTACT = "contact_"  # forms of the pathway "contact"; a report by others goes another way
SAID = {"si": True, "no": False}


@dataclass(frozen=True, slots=True)
class Ahead:
    """What would happen now. `post` is None where no desk is called; `on_call` is who would be rung there, if somebody
    is, and `desk_answers` that the whole desk would be."""

    priority: str
    path: str
    within: str
    post: str | None = None
    desk_answers: bool = False
    on_call: str | None = None


def ahead(db: Session, actor: Actor, kind: str, form: Form, typed: Typed) -> Ahead | None:
    """What becomes of it if it is recorded as it stands; None where the tables cannot say."""
    if not form.name.startswith(CONTACT):
        return None
    facts = _facts(actor, kind, form, typed)
    try:
        found = decisions.decide(db, "triage", facts)
        routed = decisions.decide(db, "routing", facts) if found["path"] in TO_A_DESK else None
    except (Refused, TypeError, KeyError):  # a table of the office that says something else: recording will tell
        return None
    told = Ahead(str(found["priority"]), str(found["path"]), str(found["pickup_within"]))
    return told if routed is None else _at_desk(db, told, facts, routed)


def _at_desk(db: Session, told: Ahead, facts: dict[str, Any], routed: dict[str, Any]) -> Ahead:
    post = facts["post"] if facts["province"] is None else str(routed["post"])
    desk = routed["channel"] == oncall.DESK
    shifts = [] if desk else oncall.answering(db, post, clock.now())
    on_call = shifts[0].user_id if shifts else None
    return Ahead(told.priority, told.path, told.within, post, desk, on_call)


def _facts(actor: Actor, kind: str, form: Form, typed: Typed) -> dict[str, Any]:
    """What the pathway would know of it; what cannot be read, or is hidden, is not known."""
    gone = forms.hidden(form, typed)
    seen = {key: value for key, value in typed.items() if key not in gone and isinstance(value, str)}
    at = fields.moment(seen.get("at", "")) or clock.now()
    return {
        "kind": kind,
        "at": at.astimezone(clock.ROME).isoformat(timespec="minutes"),
        "hour": at.astimezone(clock.ROME).hour,
        **{name: SAID.get(seen.get(name, "")) for name in ("danger", "wants_out", "minor")},
        "pertinent": pathways.PERTINENT.get(seen.get("call_class", "")),
        "reason": seen.get("reason") or None,
        "province": seen.get("province") or None,
        "post": pathways.post_for(actor, kind, None),
    }
