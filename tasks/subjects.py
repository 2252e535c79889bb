"""What reminds, beside the reminders of a law: tasks, follow-ups, passed dates, consents, referrals, absences, faults,
access reviews.

Each has a key with its date in it ("referral:R-23:2026-09-01"): with another date it is another thing to remind of, and
what was planned for the old one says nothing more. What is done, moved or closed has no subject any more.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, Text, and_, cast, exists, literal, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from cases import accesses, casefile, programmes
from cases.access import Actor, visible_cases
from cases.accesses import AccessRound
from cases.casefile import Case
from cases.consented import Consent
from cases.deadlines import Deadline
from cases.referrals import Referral
from core import clock, users
from core.users import Absence, Membership, User
from engine.tables import Incident, UserTask
from tasks import assignment, news
from tasks.rules import ASSIGNEE, COORDINATOR, DEPUTY

KNOWN = "tasks.subjects"
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Subject:
    """One thing with a date: `what` names its rule, `about` the row, `since` when it began to be true."""

    key: str
    what: str
    about: str
    due_at: datetime
    since: datetime
    leads: str | None = None
    case_code: str | None = None
    task: UserTask | None = None
    users: tuple[str, ...] = ()


@dataclass(frozen=True)
class Kind:
    """One kind of subject: the rows that wait (key), and one of them by id and date."""

    rows: Callable[[], Select[str]]
    read: Callable[[Session, str], Subject | None]


def unknown(db: Session, known: InstrumentedAttribute[str], limit: int) -> list[str]:
    """The keys of what waits and is not among the known ones, `limit` of each kind at most."""
    found: list[str] = []
    for kind in KINDS.values():
        query = kind.rows()
        key = next(iter(query.selected_columns))
        found += db.scalars(query.where(~select(known).where(known == key).exists()).limit(limit))
    return found


def get(db: Session, key: str) -> Subject | None:
    """The subject of this key, or None if it is done, moved, closed or has another date now."""
    name, _, rest = key.partition(":")
    kind = KINDS.get(name)
    found = kind.read(db, rest.split(":")[0]) if kind else None
    return found if found is not None and found.key == key else None


def people(db: Session, subject: Subject, rung: str, only: User | None = None) -> list[User]:
    """Who stands on a rung of the ladder for this subject, among those who may know of it.

    `only`: nobody else is of interest, for what others may see costs as much to ask.
    """
    return [user for user in _standing(db, subject, rung, only) if only in (None, user)]


def _standing(db: Session, subject: Subject, rung: str, only: User | None) -> list[User]:
    if subject.task is not None:
        return _of_task(db, subject.task, rung, only)
    if subject.what == "absence":
        return _named(db, subject.users) if rung == ASSIGNEE else []
    if subject.what == "access":
        return _named(db, subject.users) if rung == ASSIGNEE else overseers(db, "") if rung == COORDINATOR else []
    if subject.what == "incident":
        return overseers(db, subject.users[0]) if rung == COORDINATOR else []
    return _of_case(db, subject.case_code or "", rung, only)


def may_see(db: Session, user: User, case_code: str) -> bool:
    """May this person know that the case exists?"""
    return once(db, (may_see, user.id, case_code), lambda: _sees_case(db, user, case_code))


def _sees_case(db: Session, user: User, case_code: str) -> bool:
    allowed = visible_cases(_actor(db, user)).where(Case.code == case_code)
    return user.active and db.scalar(allowed) is not None


def is_for(db: Session, about: str, user: User) -> bool:
    """Is this task still in the hands of this person, or of somebody she stands in for?"""
    task = db.get(UserTask, about.removeprefix("task:"))
    if task is None or not _may_see_task(db, user, task):
        return False
    return task.assignee == user.id or task.assignee in users.stands_in_for(db, user.id, clock.today())


def coordinators(db: Session) -> list[User]:
    """The active coordinators, of the office or of a post."""
    member = select(Membership.user_id).where(Membership.role == "coordinator")
    return list(db.scalars(select(User).where(User.active, User.id.in_(member)).order_by(User.login)))


def _of_task(db: Session, task: UserTask, rung: str, only: User | None) -> list[User]:
    if rung == COORDINATOR:
        return overseers(db, task.tenant)
    if rung == DEPUTY:
        deputy = users.deputy_of(db, task.assignee, clock.today()) if task.assignee else None
        found = _named(db, [deputy] if deputy else [])
    else:
        named = rung == ASSIGNEE and task.assignee
        found = _named(db, [named]) if named else _group(db, task)
    return [user for user in found if only in (None, user) and _may_see_task(db, user, task)]


def _may_see_task(db: Session, user: User, task: UserTask) -> bool:
    return once(db, (_may_see_task, user.id, task.id), lambda: _sees_task(db, user, task))


def _sees_task(db: Session, user: User, task: UserTask) -> bool:
    seen = select(UserTask.id).where(UserTask.id == task.id, assignment.visible(_actor(db, user)))
    return user.active and db.scalar(seen) is not None


def _group(db: Session, task: UserTask) -> list[User]:
    return once(db, (_group, task.group, task.tenant), lambda: assignment.candidates(db, task))


def _actor(db: Session, user: User) -> Actor:
    return once(db, (_actor, user.id), lambda: assignment.actor_of(db, user))


def once(db: Session, question: tuple[object, ...], ask: Callable[[], Answer]) -> Answer:
    """The answer to a question, asked once a transaction: a letter of a hundred events asks the same each time."""
    known: dict[tuple[object, ...], Any] = db.info.setdefault(KNOWN, {})
    if question not in known:
        known[question] = ask()
    answer: Answer = known[question]
    return answer


def _of_case(db: Session, code: str, rung: str, only: User | None) -> list[User]:
    case = casefile.get(db, code)
    workers = casefile.workers(db, code)
    if rung == COORDINATOR:
        return overseers(db, case.post)
    if rung == DEPUTY:
        found = _named(db, [d for each in workers if (d := users.deputy_of(db, each, clock.today()))])
    elif rung == ASSIGNEE and workers:
        found = _named(db, workers)
    else:
        found = [] if case.masked else users.holders(db, "case_manager", case.post)
    return [user for user in found if only in (None, user) and may_see(db, user, code)]


def people_of(db: Session, case_code: str) -> list[User]:
    """Whom a case concerns: its workers and their deputies, else the case team, else the supervisors."""
    return next((circle for circle in circles(db, case_code) if circle), [])


def circles(db: Session, case_code: str) -> list[list[User]]:
    """Whom a case concerns and who may see it: its workers and their deputies; the case team; the supervisors."""
    return once(db, (circles, case_code), lambda: _look_for_circles(db, case_code))


def _look_for_circles(db: Session, case_code: str) -> list[list[User]]:
    case = casefile.get(db, case_code)
    named = [user for user_id in casefile.workers(db, case_code) if (user := users.by_id(db, user_id)) is not None]
    deputies = [users.deputy_of(db, user.id, clock.today()) for user in named]
    named += [user for user_id in deputies if user_id and (user := users.by_id(db, user_id)) is not None]
    team = [] if case.masked else users.holders(db, "case_manager", case.post)
    found = (named, team, users.holders(db, "supervisor", case.post))
    return [[user for user in dict.fromkeys(circle) if may_see(db, user, case_code)] for circle in found]


def overseers(db: Session, post: str) -> list[User]:
    """The supervision of a post and the coordinators of the post and of the office."""
    return once(db, (overseers, post), lambda: _look_for_overseers(db, post))


def _look_for_overseers(db: Session, post: str) -> list[User]:
    here = and_(Membership.role.in_(("supervisor", "coordinator")), Membership.post == post)
    everywhere = and_(Membership.role == "coordinator", Membership.post == "")
    member = select(Membership.user_id).where(or_(here, everywhere))
    return list(db.scalars(select(User).where(User.active, User.id.in_(member)).order_by(User.login)))


def _named(db: Session, ids: Iterable[str]) -> list[User]:
    found = (users.by_id(db, user_id) for user_id in ids)
    return [user for user in dict.fromkeys(found) if user is not None and user.active]


def _key(name: str, *parts: InstrumentedAttribute[Any]) -> ColumnElement[str]:
    key: ColumnElement[str] = literal(name)
    for part in parts:
        key = key + ":" + cast(part, Text)
    return key


def _task(db: Session, id_: str) -> Subject | None:
    task = db.get(UserTask, id_)
    if task is None or task.due_at is None or accesses.is_round(task.business_key):
        return None
    about = f"task:{id_}"
    return Subject(about, "task", about, task.due_at, task.created_at, task.reminders, _case_of(db, task), task)


def _follow_up(db: Session, id_: str) -> Subject | None:
    task = db.get(UserTask, id_)
    if task is None or task.follow_up_on is None:
        return None
    due, key = news.morning_of(task.follow_up_on), f"followup:{id_}:{task.follow_up_on}"
    return Subject(key, "followup", f"task:{id_}", due, task.created_at, None, _case_of(db, task), task)


def _case_of(db: Session, task: UserTask) -> str | None:
    case = db.get(Case, task.business_key)
    return case.code if case else None


def _deadline(db: Session, id_: str) -> Subject | None:
    found = db.get(Deadline, id_)
    if found is None or found.status != "open":
        return None
    what = "stay" if found.term_id in programmes.TRANSITIONAL else "deadline"
    key, about = f"deadline:{id_}:{found.due_on}", f"deadline:{id_}"
    return Subject(key, what, about, news.end_of(found.due_on), found.recorded_at, "", found.case_code)


def _consents(what: Any) -> Select[Any]:
    """Those that can expire: given, not taken back or replaced by a newer one, of cases that are not closed.

    What is listed and what is read by its id come from here, both: a row that is listed and never found would begin
    anew every minute, and where there are many, nothing new would get its turn.
    """
    later = aliased(Consent)
    newer = exists().where(
        later.case_code == Consent.case_code, later.purpose == Consent.purpose, later.receiver == Consent.receiver,
        later.recorded_at > Consent.recorded_at,
    )  # fmt: skip
    valid = (Consent.given, Consent.expires_on.is_not(None), Consent.withdrawn_on.is_(None), ~newer)
    return select(what).select_from(Consent).join(Case).where(Case.status != "closed", *valid)


def _consent(db: Session, id_: str) -> Subject | None:
    found: Consent | None = db.scalar(_consents(Consent).where(Consent.id == id_))
    if found is None or found.expires_on is None:
        return None
    key, about = f"consent:{id_}:{found.expires_on}", f"consent:{id_}"
    return Subject(key, "consent", about, news.end_of(found.expires_on), found.recorded_at, None, found.case_code)


def _referrals(what: Any) -> Select[Any]:
    """Those that wait for an answer, of cases that are not closed; listed and read by their code, as consents are."""
    waits = (Referral.answered_on.is_(None), Referral.ended_on.is_(None))
    return select(what).select_from(Referral).join(Case).where(Case.status != "closed", *waits)


def _referral(db: Session, code: str) -> Subject | None:
    found: Referral | None = db.scalar(_referrals(Referral).where(Referral.code == code))
    if found is None:
        return None
    key, about = f"referral:{code}:{found.answer_by}", f"referral:{code}"
    return Subject(key, "referral", about, news.end_of(found.answer_by), found.recorded_at, None, found.case_code)


def _absence(db: Session, id_: str) -> Subject | None:
    found = db.get(Absence, id_)
    if found is None or found.to_on < clock.today():
        return None
    key, about = f"absence:{id_}:{found.from_on}", f"absence:{id_}"
    whose = (found.user_id, found.deputy_id)
    return Subject(key, "absence", about, news.morning_of(found.from_on), _long_ago(found.from_on), None, users=whose)


def _incident(db: Session, id_: str) -> Subject | None:
    found = db.get(Incident, id_)
    if found is None or found.status != "open":
        return None
    about = f"incident:{id_}"
    return Subject(about, "incident", about, found.raised_at, found.raised_at, "", users=(found.tenant,))


def _access(db: Session, id_: str) -> Subject | None:
    task = db.get(UserTask, id_)
    round_ = db.get(AccessRound, task.business_key) if task is not None else None
    if task is None or task.due_at is None or round_ is None:
        return None
    asked = accesses.answerers(db, round_.post, office=task.group not in accesses.OVERSIGHT)
    waiting = tuple(user.id for user in asked if accesses.questions(db, assignment.actor_of(db, user), round_.code))
    key = about = f"access:{id_}"
    return Subject(key, "access", about, task.due_at, task.created_at, users=waiting)


def _long_ago(day: date) -> datetime:
    return news.morning_of(day.replace(year=day.year - 1, day=min(day.day, 28)))


KINDS: dict[str, Kind] = {
    "task": Kind(
        lambda: select(_key("task", UserTask.id)).where(
            UserTask.due_at.is_not(None), UserTask.business_key.not_in(select(AccessRound.code))
        ),
        _task,
    ),
    "access": Kind(
        lambda: (
            select(_key("access", UserTask.id))
            .join(AccessRound, AccessRound.code == UserTask.business_key)
            .where(UserTask.due_at.is_not(None))
        ),
        _access,
    ),
    "followup": Kind(
        lambda: select(_key("followup", UserTask.id, UserTask.follow_up_on)).where(UserTask.follow_up_on.is_not(None)),
        _follow_up,
    ),
    "deadline": Kind(
        lambda: select(_key("deadline", Deadline.id, Deadline.due_on)).where(Deadline.status == "open"), _deadline
    ),
    "consent": Kind(lambda: _consents(_key("consent", Consent.id, Consent.expires_on)), _consent),
    "referral": Kind(lambda: _referrals(_key("referral", Referral.code, Referral.answer_by)), _referral),
    "absence": Kind(
        lambda: select(_key("absence", Absence.id, Absence.from_on)).where(Absence.to_on >= clock.today()), _absence
    ),
    "incident": Kind(lambda: select(_key("incident", Incident.id)).where(Incident.status == "open"), _incident),
}
