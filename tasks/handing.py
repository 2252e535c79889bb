"""What one does with a task short of doing it: look at it again on a day, give it back with a reason."""

from datetime import date, timedelta

from sqlalchemy.orm import Session

from cases import access, reasons, sheets
from cases.access import Actor
from cases.casefile import Case
from core import clock
from core.errors import N_, InvalidForm
from core.users import User
from engine import handing
from engine.tables import UserTask
from tasks import assignment, inbox

FURTHEST = timedelta(days=366)
ABOUT = "task.returned"


def follow_up(db: Session, actor: Actor, task_id: str, on: date | None) -> UserTask:
    """Be reminded of a task on a day, or no more; for whoever may do it."""
    access.require(actor, "task.complete")
    held = inbox.hold(db, actor, task_id)
    inbox.check_free(held.waiting)
    if on is not None and not clock.today() <= on <= clock.today() + FURTHEST:
        raise InvalidForm({"follow_up_on": [N_("Scegli un giorno tra oggi e un anno da oggi.")]})
    return handing.follow_up(db, held.task, on, by=actor.user_id)


def give_back(db: Session, actor: Actor, task_id: str, reason: str) -> UserTask:
    """Return one's own task to the colleague who gave it, or to the group if she may not do it; she is told."""
    held = inbox.hold(db, actor, task_id)
    task = held.waiting.task
    if task.given_by is None or not held.waiting.mine:
        raise InvalidForm({"reason": [N_("Nessun collega ti ha passato questa attività: puoi rilasciarla.")]})
    giver, loser = task.given_by, task.assignee
    kept = reasons.keep(db, sheets.scope_of(db, task.business_key), ABOUT, reason, by=actor.user_id)
    able = {user.id for user in assignment.candidates(db, task)}
    handing.give_back(db, held.task, giver if giver in able else None, kept, by=actor.user_id)
    assignment.tell(db, task, giver, "task_returned", by=actor.user_id)
    assignment.tell(db, task, loser, "task_taken", by=actor.user_id)
    return task


def note_of(db: Session, actor: Actor, task: UserTask) -> tuple[str, str] | None:
    """Who gave the task back and why, for who has it on the desk and may read such words of its case."""
    case = db.get(Case, task.business_key) if task.note else None
    if task.note is None or (case is not None and not access.may_read(db, actor, case, "P4")):
        return None
    reason = db.get_one(reasons.Reason, task.note)
    if case is not None:
        access.reveal(db, actor, case, "P4", what="task_returned")
    user = db.get(User, reason.given_by)
    return (user.name if user else reason.given_by), reasons.words(db, reason.id)
