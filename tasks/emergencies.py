"""Emergencies: a case opened for an hour to somebody who does not follow it, with a reason, in everybody's sight."""

from sqlalchemy.orm import Session

from cases import access, casefile, grants, quotas
from cases.access import Actor
from cases.casefile import Case
from core import clock, log, users
from core.errors import N_, InvalidForm
from core.ids import new_id
from notifications import notices
from tasks import reminders, subjects


def open_(db: Session, actor: Actor, typed_code: str, reason: str) -> Case:
    """Open the case of this code for an hour and tell who follows it, its supervisors and the coordinators.

    A case that is open to the actor anyway stays as it is. Raises InvalidForm with sentences by field, WrongOrder for a
    second emergency on one day, TooMany for who tries code after code.
    """
    access.require(actor, "case.break_glass")
    quotas.spend(db, actor.user_id, quotas.EMERGENCIES, new_id())
    case = db.get(Case, typed_code.strip().upper())
    if case is None:
        raise InvalidForm({"code": [N_("Nessun caso ha questo codice. Anche i tentativi restano scritti.")]})
    if access.ways_into(db, actor, case):
        return case
    grants.break_glass(db, case.code, reason, by=actor.user_id)
    _tell(db, actor, casefile.get(db, case.code))
    return case


def missed(db: Session, actor: Actor) -> None:
    """Write down and count that a try led to no case; called after the refusal's rollback."""
    quotas.spend(db, actor.user_id, quotas.EMERGENCIES, new_id())
    log.append(db, "access.refused", f"user:{actor.user_id}", by=actor.user_id, page="emergencies.open_", method="POST")


def _tell(db: Session, actor: Actor, case: Case) -> None:
    """The coordinators learn that it happened, who may see the case also where."""
    key = f"glass-{case.code}-{clock.now():%Y%m%d%H%M}-{actor.user_id}"
    people = {user.id for user in (*subjects.people_of(db, case.code), *users.holders(db, "supervisor", case.post))}
    for user_id in sorted(people):
        notices.tell(db, f"{key}-{user_id}", user_id, "glass", case.code, by=actor.user_id)
    for user_id in sorted({user.id for user in reminders.coordinators(db)} - people):
        notices.tell(db, f"{key}-{user_id}", user_id, "glass", by=actor.user_id)
