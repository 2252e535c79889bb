"""Who may do a task: the group of its lane in the post that has it, a named person, or who stands in for that person.

Some groups are not bound to the post of the case: the national desk, the staff of the house where the person stays, the
mediator of an appointment. For them the visibility of the case or contact decides (cases/access.py).
"""

from collections.abc import Sequence
from functools import lru_cache

from sqlalchemy import ColumnElement, and_, false, or_, select, true, tuple_, union_all
from sqlalchemy.orm import InstrumentedAttribute, Session

from cases.access import ACTORS, Actor, visible_cases, visible_contacts, visible_transfers
from cases.casefile import Case, CaseWorker
from cases.contacts import Contact
from cases.transfers import Transfer
from core import clock, users
from core.db import TODAY
from core.ids import new_id
from core.users import Absence, Membership, User
from engine.tables import UserTask
from tasks import news, rules

ROVING = frozenset({"nv_operator", "nv_supervisor", "shelter_worker", "cultural_mediator"})
OVERSEERS = frozenset({"supervisor"})
GIVEN = frozenset({"task_given", "task_returned"})


@lru_cache(ACTORS)
def visible(actor: Actor) -> ColumnElement[bool]:
    """Tasks on cases, contacts and transfers that the actor may know to exist."""
    return known(actor, UserTask.business_key)


def known(actor: Actor, code: InstrumentedAttribute[str]) -> ColumnElement[bool]:
    """Rows on cases, contacts and transfers that the actor may know to exist; asked of each row by the key of what it
    hangs on, because a list of all that is visible grows with the office.
    """
    doors = (
        visible_cases(actor).where(Case.code == code),
        visible_contacts(actor).where(Contact.code == code),
        visible_transfers(actor).where(Transfer.code == code),
    )
    return or_(*(one.correlate(code.class_).exists() for one in doors))


def candidate(actor: Actor) -> ColumnElement[bool]:
    """Tasks of a group that the actor belongs to, where it belongs to it."""
    return or_(false(), *candidate_doors(actor))


def candidate_doors(actor: Actor) -> list[ColumnElement[bool]]:
    """The same as `candidate`, each condition by itself, so that each can be asked of an index of its own."""
    at_posts = [(post, role) for role, post in actor.roles if post is not None]
    roving = {role for _, role in at_posts if role in ROVING}
    doors: list[ColumnElement[bool]] = [tuple_(UserTask.tenant, UserTask.group).in_(at_posts)] if at_posts else []
    return [*doors, UserTask.group.in_(roving)] if roving else doors


def oversees(actor: Actor) -> ColumnElement[bool]:
    """Tasks of the posts in which the actor is the supervisor."""
    return or_(false(), *overseen_doors(actor))


def overseen_doors(actor: Actor) -> list[ColumnElement[bool]]:
    """The same as `oversees`: none for who supervises nothing."""
    posts = actor.posts(*OVERSEERS)
    return [UserTask.tenant.in_(posts)] if posts else []


def is_candidate(actor: Actor, task: UserTask) -> bool:
    """Is this task for a group of the actor's? The same as `candidate`, for a task already read."""
    roving = task.group in ROVING and bool(actor.posts(task.group))
    return roving or actor.has(task.group, task.tenant)


def reachable(actor: Actor) -> ColumnElement[bool]:
    """Tasks whose page is open to the actor: to do, in the hands of colleagues of the group, or overseen."""
    return or_(own(actor), candidate(actor), oversees(actor))


@lru_cache(ACTORS)
def own(actor: Actor) -> ColumnElement[bool]:
    """Tasks given to the actor by name, or to a colleague for whom the actor stands in today."""
    return or_(*own_doors(actor))


def own_doors(actor: Actor) -> list[ColumnElement[bool]]:
    """The same as `own`."""
    return [UserTask.assignee == actor.user_id, replaced(actor)]


def through(doors: Sequence[ColumnElement[bool]]) -> ColumnElement[bool]:
    """Tasks that come through one of these doors, each by its own index: an OR of them would read all tasks."""
    found = [select(UserTask.id).where(door).correlate(None) for door in doors]
    return UserTask.id.in_(union_all(*found)) if found else false()


@lru_cache(1)
def stranded() -> ColumnElement[bool]:
    """Tasks of somebody who is away today, without a deputy at work who may do them: they would wait unseen."""
    away = select(Absence.user_id).where(Absence.from_on <= TODAY, Absence.to_on >= TODAY)
    masked = select(Case.code).where(Case.code == UserTask.business_key, Case.masked).correlate(UserTask)
    named = (
        select(CaseWorker.case_code)
        .where(CaseWorker.case_code == UserTask.business_key, CaseWorker.user_id == Absence.deputy_id)
        .correlate(UserTask, Absence)
    )
    able = (
        select(Absence.id)
        .join(Membership, Membership.user_id == Absence.deputy_id)
        .where(Absence.user_id == UserTask.assignee, Absence.from_on <= TODAY, Absence.to_on >= TODAY)
        .where(Membership.role == UserTask.group, Absence.deputy_id.not_in(away))
        .where(or_(Membership.post == UserTask.tenant, UserTask.group.in_(ROVING)))
        .where(or_(~masked.exists(), named.exists()))
        .correlate(UserTask)
    )
    return and_(UserTask.assignee.in_(away), ~able.exists())


@lru_cache(ACTORS)
def replaced(actor: Actor) -> ColumnElement[bool]:
    """Tasks given to a colleague for whom the actor stands in today."""
    days = (Absence.from_on <= TODAY, Absence.to_on >= TODAY)
    return UserTask.assignee.in_(select(Absence.user_id).where(Absence.deputy_id == actor.user_id, *days))


def candidates(db: Session, task: UserTask) -> list[User]:
    """The active colleagues to whom the task may be given, by name."""
    where = true() if task.group in ROVING else Membership.post == task.tenant
    member = select(Membership.user_id).where(Membership.role == task.group, where)
    return list(db.scalars(select(User).where(User.active, User.id.in_(member)).order_by(User.name, User.id)))


def has_somebody(db: Session, task: UserTask) -> bool:
    """Is there anybody in the task's group who may see what it hangs on? Without, it would wait unseen."""
    return any(_knows(db, user, task) for user in candidates(db, task))


def _knows(db: Session, user: User, task: UserTask) -> bool:
    """May this user know what the task hangs on?"""
    return db.scalar(select(UserTask.id).where(UserTask.id == task.id, visible(actor_of(db, user)))) is not None


def actor_of(db: Session, user: User) -> Actor:
    """The actor that this user is now, for jobs that look at an inbox on the user's behalf."""
    return Actor(user.id, user.name, user.language, users.roles_of(db, user))


def tell(db: Session, task: UserTask, user_id: str | None, kind: str, *, by: str) -> None:
    """News to whoever got or lost a task by somebody else's hand, and to who stands in for them today; who got it hears
    of it by mail too. Who stands in and may not know the case (a masked one) hears nothing of it.
    """
    deputy_id = users.deputy_of(db, user_id, clock.today()) if user_id else None
    deputy = users.by_id(db, deputy_id) if deputy_id else None
    stands_in = deputy.id if deputy is not None and _knows(db, deputy, task) else None
    case, rule = db.get(Case, task.business_key), rules.in_use(db, "given")
    letter = news.GIVEN if rule.singly and kind in GIVEN else None
    for concerned in {user_id, stands_in} - {None, by}:
        news.tell(
            db, f"{kind}-{task.id}-{new_id()}", str(concerned), kind, case.code if case else None,
            about=f"task:{task.id}", letter=letter, urgent=rule.urgent, by=by,
        )  # fmt: skip
