"""A form that two filled in: what the other filed meanwhile, for who has typed the same and comes too late."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from cases import access, contacts, sheets
from cases.access import Actor
from cases.sheets import Sheet
from core.errors import NotYours
from engine import registry
from engine.tables import Instance, Step
from tasks import formbook, forms, lists
from tasks.components import Form
from tasks.fields import Translate


@dataclass(frozen=True, slots=True)
class Meanwhile:
    """The case or contact, the form, and what was filed in it, as far as the reader may read that."""

    code: str
    of_contact: bool
    form: Form
    filed: Mapping[str, Any]


def meanwhile(db: Session, actor: Actor, task_id: str, *, translate: Translate = str) -> Meanwhile | None:
    """What became of a task with a form that is over; None if it had none. The reading is written down."""
    step = db.get(Step, task_id)
    if step is None or step.ended_at is None:
        raise NotYours
    code = db.get_one(Instance, step.instance_id).business_key
    node = registry.program(db, step.definition_id).nodes.get(step.element)
    if node is None or not node.form:
        return None
    is_contact = code.partition("-")[0] in contacts.PREFIXES.values()
    owner = access.get_contact(db, actor, code) if is_contact else access.get_case(db, actor, code)
    form = forms.with_lists(formbook.read(db, node.form), lambda name: lists.options(db, name, translate, about=code))
    sheet = _filed(db, code, node.form, step)
    if sheet is None:
        return Meanwhile(code, is_contact, form, {})
    sealed = access.read_sheets(db, actor, owner, [sheet])[sheet.id]
    return Meanwhile(code, is_contact, form, sheets.answers(sheet, sealed))


def _filed(db: Session, code: str, form: str, step: Step) -> Sheet | None:
    """The sheet that was filed by completing this step: the last one of that person before it ended."""
    ended = step.ended_at
    found = (one for one in sheets.list_(db, code, form) if one.filed_by == step.by and ended and one.at <= ended)
    return next(found, None) if step.outcome == "done" else None
