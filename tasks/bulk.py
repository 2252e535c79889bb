"""Many tasks at once: what would happen to each, then what happened to each. A row that is refused stops no other."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from cases import access
from cases.access import Actor
from core import log
from core.errors import BadInput, InvalidForm, NotYours, Refused
from engine.tables import UserTask
from tasks import assignment, inbox

ACTS = ("claim", "release", "give")
MOST = 100


@dataclass(frozen=True, slots=True)
class Row:
    """One ticked row: the task as far as it is the actor's to know, and the refusal if there is one."""

    task_id: str
    task: UserTask | None
    refusal: Refused | None


class _Rehearsed(Exception):
    """Everything went well; take it back."""


def rehearse(db: Session, actor: Actor, act: str, ids: Sequence[str], to: str = "") -> list[Row]:
    """What would happen, row by row: each is done and taken back."""
    return [_try(db, actor, act, task_id, to, keep=False) for task_id in _in_order(db, actor, act, ids)]


def do(db: Session, actor: Actor, act: str, ids: Sequence[str], to: str = "") -> list[Row]:
    """Do it, each row by itself; the log shows what was done and that a foreign row was asked for."""
    return [_try(db, actor, act, task_id, to, keep=True) for task_id in _in_order(db, actor, act, ids)]


def receivers(db: Session, actor: Actor, ids: Sequence[str]) -> list[tuple[str, str]]:
    """The colleagues to whom at least one of these tasks may be given: id and name, by name."""
    found = {
        (user.name, user.id)
        for task_id in _in_order(db, actor, "give", ids)
        for task in _known(db, actor, task_id)
        for user in assignment.candidates(db, task)
    }
    return [(user_id, name) for name, user_id in sorted(found)]


def _in_order(db: Session, actor: Actor, act: str, ids: Sequence[str]) -> list[str]:
    """Each row once, in the order of the locks, so that two who tick the same rows never wait for each other."""
    access.require(actor, "task.list")
    wanted = list(dict.fromkeys(ids))
    if act not in ACTS or len(wanted) > MOST:
        raise BadInput
    rows = db.execute(select(UserTask.id, UserTask.instance_id).where(UserTask.id.in_(wanted)))
    instance_of = {task_id: instance_id for task_id, instance_id in rows}
    return sorted(wanted, key=lambda task_id: (instance_of.get(task_id, ""), task_id))


def _try(db: Session, actor: Actor, act: str, task_id: str, to: str, *, keep: bool) -> Row:
    refusal: Refused | None = None
    try:
        with db.begin_nested():
            _act(db, actor, act, task_id, to)
            if not keep:
                raise _Rehearsed
    except _Rehearsed:
        pass
    except Refused as refused:
        refusal = refused
    if isinstance(refusal, NotYours):
        stream = f"user:{actor.user_id}"
        log.append(db, "access.refused", stream, by=actor.user_id, page="inbox.bulk", method="POST")
    return Row(task_id, next(iter(_known(db, actor, task_id)), None), refusal)


def _act(db: Session, actor: Actor, act: str, task_id: str, to: str) -> None:
    if act == "claim":
        inbox.claim(db, actor, task_id)
    elif act == "release":
        inbox.release(db, actor, task_id)
    else:
        inbox.delegate(db, actor, task_id, to)


def _known(db: Session, actor: Actor, task_id: str) -> list[UserTask]:
    try:
        return [inbox.find(db, actor, task_id).task]
    except Refused:
        return []


def sentence_of(refusal: Refused) -> tuple[str, dict[str, object]]:
    """What to say of a refused row: the sentence of its field if it has one."""
    if isinstance(refusal, InvalidForm):
        return str(next(iter(refusal.errors.values()))[0]), {}
    return refusal.sentence, dict(refusal.params)
