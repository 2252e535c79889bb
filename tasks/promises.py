"""Which reminders of a task were promised, told and sent, to whom and when; for coordinators and who works on it."""

from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from cases import access, casefile
from cases.access import Actor
from cases.deadlines import Deadline
from core import clock, users
from core.errors import NotYours
from core.users import User
from engine import registry
from engine.game.program import PEOPLE
from engine.tables import Instance, Step, UserTask
from notifications import notices
from notifications.notices import Notice
from notifications.outbox import Message
from notifications.parcel import MAIL
from tasks import chasing, inbox, rules, subjects
from tasks.chasing import Chase
from tasks.news import DIGEST
from tasks.subjects import Subject

MOST = 200
SENT = "sent"
DATED = ("deadline", "consent", "referral")


@dataclass(frozen=True, slots=True)
class Told:
    """One event that somebody was told of; `mail` is what carries it outside, null until it is promised or never.

    If the digest of its day did not leave, it is the first one after it that left while this was still news.
    """

    notice: Notice
    who: str
    mail: Message | None


@dataclass(frozen=True, slots=True)
class Ahead:
    """One moment to come: when, at which stage, and who would be told if it were now."""

    at: datetime
    stage: str
    who: list[str]


@dataclass(frozen=True, slots=True)
class Overdue:
    """A date of a case that has passed: which (its term, of a date of law), at which post, who works on the case."""

    subject: Subject
    date: Deadline | None
    post: str
    who: list[str]


@dataclass(frozen=True, slots=True)
class Found:
    """A task that was found by the code of its case. `task` is null when it is over."""

    id: str
    name: str
    name_en: str
    ended_at: datetime | None
    task: UserTask | None


@dataclass(frozen=True, slots=True)
class Account:
    """All that there is to say of one task's reminders. `task` is null when it is over."""

    name: str
    name_en: str
    code: str
    task: UserTask | None
    chase: Chase | None
    ahead: list[Ahead]
    told: list[Told]


def of_task(db: Session, actor: Actor, task_id: str) -> Account:
    """The account of one task, also after it is over; for coordinators, and for who may open it."""
    if not access.may(actor, "reminder.read"):
        inbox.find(db, actor, task_id)
    task, step = db.get(UserTask, task_id), db.get(Step, task_id)
    instance = db.get(Instance, step.instance_id) if step else None
    if step is None or instance is None:
        raise NotYours
    about = f"task:{task_id}"
    chase = db.get(Chase, about) if task is not None else None
    name_en = registry.name_en(db, step)
    return Account(step.name, name_en, instance.business_key, task, chase, _ahead(db, about), told(db, about))


def tasks_of(db: Session, code: str) -> list[Found]:
    """The tasks of a case, contact or transfer, those that wait first, then the newest."""
    query = select(Step, UserTask).join(Instance, Instance.id == Step.instance_id)
    mine = query.outerjoin(UserTask, UserTask.id == Step.id).where(Instance.business_key == code, Step.kind.in_(PEOPLE))
    newest = mine.order_by(UserTask.id.is_(None), Step.started_at.desc(), Step.id).limit(MOST)
    return [
        Found(step.id, step.name, registry.name_en(db, step), step.ended_at, task)
        for step, task in db.execute(newest)
    ]


def late(db: Session, limit: int = 50) -> list[tuple[UserTask, str | None]]:
    """The tasks that are past their date, the oldest first, with who has them: codes and steps only."""
    query = select(UserTask, User.name).outerjoin(User, User.id == UserTask.assignee)
    return [
        (task, name)
        for task, name in db.execute(
            query.where(UserTask.due_at < clock.now()).order_by(UserTask.due_at, UserTask.id).limit(limit)
        )
    ]


def overdue(db: Session, limit: int = 30) -> list[Overdue]:
    """The dates of cases that have passed (of law, stays, consents, referrals), the oldest first: codes and kinds."""
    today = clock.today().isoformat()
    keys = [key for kind in DATED for key in db.scalars(subjects.KINDS[kind].rows()) if _day(key) < today]
    waiting = (subjects.get(db, key) for key in sorted(keys, key=_day))
    return [_overdue(db, subject) for subject in islice((each for each in waiting if each), limit)]


def _day(key: str) -> str:
    return key.rpartition(":")[2]


def _overdue(db: Session, subject: Subject) -> Overdue:
    code, id_ = str(subject.case_code), subject.about.partition(":")[2]
    date = db.get(Deadline, id_) if subject.about.startswith(f"{DATED[0]}:") else None
    workers = (users.by_id(db, user_id) for user_id in casefile.workers(db, code))
    return Overdue(subject, date, casefile.get(db, code).post, [user.name for user in workers if user is not None])


def of_user(db: Session, user_id: str, limit: int = 50) -> list[Message]:
    """The mail promised to one person, the newest first."""
    mine = select(Message).where(Message.user_id == user_id, Message.way == MAIL)
    return list(db.scalars(mine.order_by(Message.promised_at.desc(), Message.key).limit(limit)))


def _ahead(db: Session, about: str) -> list[Ahead]:
    subject = subjects.get(db, about)
    if subject is None:
        return []
    found, rule = [], rules.in_use(db, subject.what)
    for moment in chasing.ahead(db, subject, limit=6):
        who = {user.name for rung in moment.rungs for user in chasing.on_rung(db, subject, rule, rung)}
        found.append(Ahead(moment.at, moment.stage, sorted(who)))
    return found


def told(db: Session, about: str) -> list[Told]:
    """What was told of a row, to whom and when, with the mail that carried it; the oldest first."""
    found = notices.of_subject(db, about)[-MOST:]
    later = _later(db, about, [notice.key for notice in found if (notice.mail or "").startswith(f"{DIGEST}-")])
    readers, letters = {notice.user_id for notice in found}, {notice.mail for notice in found if notice.mail}
    names = {user.id: user.name for user in db.scalars(select(User).where(User.id.in_(readers)))}
    wanted = select(Message).where(Message.key.in_(letters.union(later.values())))
    mails = {each.key: each for each in db.scalars(wanted)}

    def letter(notice: Notice) -> Message | None:
        own = mails.get(notice.mail or "")
        return own if own is not None and own.status == SENT else mails.get(later.get(notice.key, ""), own)

    return [Told(notice, names.get(notice.user_id, ""), letter(notice)) for notice in found]


def _later(db: Session, about: str, keys: list[str]) -> dict[str, str]:
    """The first digest that left to the reader of each notice while it was news: not read, and its task not over."""
    news = [Message.sent_at >= Notice.at, or_(Notice.seen_at.is_(None), Notice.seen_at > Message.sent_at)]
    step = db.get(Step, about.removeprefix("task:"))
    if step is not None and step.ended_at is not None:
        news.append(Message.sent_at < step.ended_at)
    left = select(Message.key).where(Message.user_id == Notice.user_id, Message.kind == DIGEST, Message.way == MAIL)
    first = left.where(Message.status == SENT, *news).order_by(Message.sent_at).limit(1).scalar_subquery()
    found = db.execute(select(Notice.key, first).where(Notice.key.in_(keys)))
    return {key: mail for key, mail in found if mail is not None}
