"""Today: the inbox as a list. What waits for me and why, what others have in hand, what to see again, what was done.

Each view is one statement on an index; the counts stop at MOST, so that a million tasks of others cost nothing. What
somebody filters by may be words of a case, so it is kept sealed, like a draft.
"""

from dataclasses import asdict, dataclass, fields
from datetime import datetime, time, timedelta
from functools import lru_cache, partial
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Integer,
    Row,
    Select,
    and_,
    bindparam,
    false,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.orm import Session, aliased

from cases import access
from cases.access import ACTORS, Actor
from cases.casefile import CaseWorker
from cases.posts import Post
from core import clock
from core.db import NOW, TODAY, Instant
from core.errors import BadInput
from core.users import Membership, User
from engine import registry
from engine.tables import Instance, Step, UserTask
from tasks import assignment, drafts

PAGE = 100
MOST = 100
LATELY = 14  # days
PLACE = "inbox"
LISTS = ("today", "mine", "group", "others", "review")
VIEWS = (*LISTS, "done")
DUES = ("late", "today", "week", "later")
LONGEST = 100
Giver = aliased(User)


@dataclass(frozen=True, slots=True)
class Filters:
    """What this person wants to see of a view; empty means all of it. `words`: a case code or words of the name."""

    phase: str = ""
    group: str = ""
    due: str = ""
    words: str = ""

    @property
    def are_set(self) -> bool:
        """Is anything left out?"""
        return any(asdict(self).values())


@dataclass(frozen=True, slots=True)
class Line:
    """One waiting task: who has it, who gave it to them, at which post, why it is the reader's, whether its page opens.

    `why`: me, behalf (of `assignee`), away (with nobody to stand in), group, oversee, or other.
    """

    task: UserTask
    assignee: str | None
    giver: str | None
    post: str
    why: str
    opens: bool


@dataclass(frozen=True, slots=True)
class Done:
    """One task that was done: its names, where, by whom, when."""

    name: str
    name_en: str
    code: str
    who: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Counts:
    """How many there are in each view (at most MOST + 1 of each), and of those to do how many are late or due today."""

    views: dict[str, int]
    late: int
    today: int


def filters_of(db: Session, user_id: str) -> Filters:
    """The filters this person left."""
    kept = drafts.load(db, PLACE, user_id) or {}
    return Filters(**{part.name: str(kept.get(part.name, "")) for part in fields(Filters)})


def keep_filters(db: Session, chosen: Filters, *, by: str) -> Filters:
    """Filter by these from now on, on every device; without any, forget them."""
    if chosen.due not in ("", *DUES) or max(len(value) for value in asdict(chosen).values()) > LONGEST:
        raise BadInput
    if chosen.are_set:
        drafts.save(db, PLACE, f"user:{by}", asdict(chosen), by=by)
    else:
        drafts.remove(db, PLACE, by)
    return chosen


def listed(db: Session, actor: Actor, view: str, chosen: Filters, *, start: int = 0, limit: int = PAGE) -> list[Line]:
    """The waiting tasks of a view, the earliest due first, in one statement."""
    access.require(actor, "task.list")
    make = _listing.__wrapped__ if chosen.words else _listing  # words of a case are not kept in memory
    return [_line(actor, row) for row in db.execute(make(actor, view, chosen), {"start": start, "most": limit})]


@lru_cache(ACTORS)
def _listing(actor: Actor, view: str, chosen: Filters) -> Select[*tuple[Any, ...]]:
    """The statement behind `listed`, made once: to write it anew for every page would cost more than to run it."""
    mine, opens = func.coalesce(assignment.own(actor), False), func.coalesce(assignment.reachable(actor), False)
    query = select(UserTask, User.name, Giver.name, Post.name, mine, opens, assignment.stranded())
    query = query.outerjoin(User, User.id == UserTask.assignee).outerjoin(Giver, Giver.id == UserTask.given_by)
    query = query.outerjoin(Post, Post.code == UserTask.tenant).where(*_of(actor, view), *_matching(chosen))
    query = query.order_by(UserTask.due_at.is_(None), UserTask.due_at, UserTask.created_at, UserTask.id)
    return query.offset(bindparam("start", type_=Integer)).limit(bindparam("most", type_=Integer))


def counts(db: Session, actor: Actor, chosen: Filters) -> Counts:
    """How full each view is under these filters, in one statement."""
    make = _counting.__wrapped__ if chosen.words else _counting
    *views, late, today = db.execute(make(actor, chosen)).one()
    return Counts(dict(zip(VIEWS, views, strict=True)), late, today)


@lru_cache(ACTORS)
def _counting(actor: Actor, chosen: Filters) -> Select[*tuple[Any, ...]]:
    late, today = UserTask.due_at < NOW, and_(UserTask.due_at >= NOW, UserTask.due_at < _midnight(0))
    asked = [*_of(actor, "today"), *_matching(chosen)]
    numbers = [_number(_waiting(*_of(actor, view), *_matching(chosen))) for view in LISTS]
    done = _number(_done(actor, chosen).with_only_columns(literal(1)))
    return select(*numbers, done, _number(_waiting(late, *asked)), _number(_waiting(today, *asked)))


def done_lately(db: Session, actor: Actor, chosen: Filters, *, start: int = 0, limit: int = PAGE) -> list[Done]:
    """What the actor and the colleagues of the same groups did in the last two weeks, the newest first."""
    access.require(actor, "task.list")
    query = _done(actor, chosen).order_by(Step.ended_at.desc(), Step.id).offset(start).limit(limit)
    return [
        Done(step.name, registry.name_en(db, step), code, name or step.by or "", step.ended_at)
        for step, code, name in db.execute(query)
        if step.ended_at is not None
    ]


def _of(actor: Actor, view: str) -> list[ColumnElement[bool]]:
    """What makes a waiting task part of a view."""
    candidate, overseen = assignment.candidate_doors(actor), assignment.overseen_doors(actor)
    free = UserTask.assignee.is_(None)
    mine = assignment.own_doors(actor)
    left = [and_(door, assignment.stranded()) for door in overseen]
    to_do = [*mine, *(and_(free, door) for door in (*candidate, *overseen)), *left]
    named = UserTask.business_key.in_(select(CaseWorker.case_code).where(CaseWorker.user_id == actor.user_id))
    taken = [and_(~free, door) for door in (named, *candidate, *overseen)]
    found = {
        "today": assignment.through(to_do),
        "mine": assignment.through(mine),
        "group": assignment.through([and_(free, door) for door in candidate]),
        "others": and_(assignment.through([*taken, and_(free, named)]), ~assignment.through(to_do)),
        "review": and_(UserTask.follow_up_on <= TODAY, assignment.through([*to_do, *overseen])),
    }
    return [found[view], assignment.visible(actor)]


def _matching(chosen: Filters) -> list[ColumnElement[bool]]:
    """The filters as conditions on waiting tasks."""
    named = [(UserTask.phase, chosen.phase), (UserTask.group, chosen.group)]
    found = [column == wanted for column, wanted in named if wanted]
    if chosen.words:
        columns = (UserTask.business_key, UserTask.name, UserTask.name_en)
        found.append(or_(*(column.icontains(chosen.words, autoescape=True) for column in columns)))
    if chosen.due:
        found.append(_due(chosen.due))
    return found


def _due(which: str) -> ColumnElement[bool]:
    now, tonight, in_a_week = NOW, _midnight(0), _midnight(7)
    return {
        "late": UserTask.due_at < now,
        "today": and_(UserTask.due_at >= now, UserTask.due_at < tonight),
        "week": and_(UserTask.due_at >= tonight, UserTask.due_at < in_a_week),
        "later": or_(UserTask.due_at >= in_a_week, UserTask.due_at.is_(None)),
    }[which]


def _done(actor: Actor, chosen: Filters) -> Select[Step, str, str | None]:
    """Steps that end with somebody's act; a filter by phase, group or due date leaves none: what waits has those."""
    seats = [and_(Membership.post == post, Membership.role == role) for role, post in actor.roles if post is not None]
    colleagues = select(Membership.user_id).where(or_(false(), *seats))
    query = select(Step, Instance.business_key, User.name).join(Instance, Instance.id == Step.instance_id)
    query = query.outerjoin(User, User.id == Step.by).where(
        Step.ended_at >= _midnight(-LATELY),
        or_(Step.by == actor.user_id, Step.by.in_(colleagues)),
        Step.kind.in_(("userTask", "manualTask", "task")),
        Step.outcome == "done",
        assignment.known(actor, Instance.business_key),
    )
    if chosen.words:
        columns = (Instance.business_key, Step.name)
        query = query.where(or_(*(column.icontains(chosen.words, autoescape=True) for column in columns)))
    return query.where(false()) if chosen.phase or chosen.group or chosen.due else query


def _waiting(*where: ColumnElement[bool]) -> Select[int]:
    return select(literal(1)).select_from(UserTask).where(*where)


def _number(query: Select[int]) -> ColumnElement[int]:
    """How many rows a query has, without reading on behind the first hundred."""
    return select(func.count()).select_from(query.limit(MOST + 1).subquery()).scalar_subquery()


def _line(actor: Actor, row: Row[UserTask, str | None, str | None, str | None, bool, bool, bool]) -> Line:
    task, assignee, giver, post, mine, opens, stranded = row
    return Line(task, assignee, giver, post or task.tenant, _why(actor, task, mine=mine, stranded=stranded), opens)


def _why(actor: Actor, task: UserTask, *, mine: bool, stranded: bool) -> str:
    if mine:
        return "me" if task.assignee == actor.user_id else "behalf"
    if task.assignee is not None:
        return "away" if stranded else "other"
    if assignment.is_candidate(actor, task):
        return "group"
    return "oversee" if task.tenant in actor.posts(*assignment.OVERSEERS) else "other"


def _midnight(days: int) -> BindParameter[datetime]:
    """The end of today in Rome, or of so many days later, asked of the clock when the statement runs."""
    return bindparam(None, callable_=partial(_end_of_day, days), type_=Instant())


def _end_of_day(days: int) -> datetime:
    return datetime.combine(clock.today() + timedelta(days=days + 1), time(), clock.ROME)
