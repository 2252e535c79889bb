"""Coming back after a suspension or an interruption: the case opens again and its re-entry starts."""

from sqlalchemy.orm import Session

from cases import access, casefile, sheets
from cases.access import Actor
from cases.casefile import Case
from core.errors import NotYours
from engine import instances
from tasks import formbook, forms, pathways
from tasks.fields import Translate
from tasks.forms import Submitted

REQUEST, PROCESS, INTERRUPTION = "reentry_request", "reentry", "interruption"


def may_reenter(actor: Actor, case: Case) -> bool:
    """Is the case one that somebody may come back to, and may the actor open it again?"""
    return case.status != "open" and access.may(actor, "case.reopen", case.post)


def reenter(db: Session, actor: Actor, code: str, submitted: Submitted, *, translate: Translate = str) -> Case:
    """Open a closed or suspended case again; what waited for a decision on her programme is over."""
    case = access.get_case(db, actor, code)
    if not may_reenter(actor, case):
        raise NotYours
    found = forms.answers(formbook.read(db, REQUEST), submitted, translate=translate)
    for instance, definition in instances.open_instances(db, code):
        if definition.process_id == INTERRUPTION:
            instances.cancel(db, instance.id, PROCESS, by=actor.user_id)
    words = str(found.by_class.get("P3", {}).get("reentry_reason") or "")
    with forms.spoken(translate, reason="reentry_reason"):
        casefile.reopen(db, code, words, by=actor.user_id)
    sheets.file(db, code, REQUEST, found.by_class, schema_version=found.form.version, by=actor.user_id)
    pathways.start_on(db, case, PROCESS, by=actor.user_id)
    return case
