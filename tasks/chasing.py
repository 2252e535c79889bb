"""Chasing: what has a date is told of before it, on its day and, until it is done, up the ladder: assignee, deputy,
group, coordination.

A row for each thing holds the next moment; after a standstill all that was missed is told at once, once. Each row has a
transaction of its own, so that one that breaks delays no other.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Text, literal, select, union_all, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from cases import access, reasons, sheets
from cases.access import Actor
from core import clock, log
from core.db import Base
from core.errors import N_, InvalidForm
from core.users import User
from engine import timing
from engine.tables import UserTask
from notifications.notices import Notice
from notifications.once import insert_once
from tasks import inbox, news, rules, subjects
from tasks.rules import ASSIGNEE, DEPUTY, GROUP, RUNGS, Rule
from tasks.subjects import Subject

SOON, TODAY, LATE, UP = "soon", "today", "late", "up"
HANDS = (ASSIGNEE, DEPUTY)  # whose it is; whoever stands higher is told that it waits
LOOK_AGAIN = timedelta(days=30)
PAUSE, TRIES = timedelta(minutes=10), 3
WHOSE_KEY = {"stay": "deadline"}  # kinds of subjects whose keys begin otherwise
OF_TASKS = ("task:", "access:")  # how the keys of those begin whose moments a model tells
LONGEST_SNOOZE = timedelta(days=60)
MOST = 1000


class Chase(Base):
    """One thing that is chased: when it is looked at next, up to when it was told, until when somebody let it rest."""

    __tablename__ = "chase"
    key: Mapped[str] = mapped_column(Text, primary_key=True)
    next_at: Mapped[datetime] = mapped_column(index=True)
    told_at: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(default=0)
    snoozed_until: Mapped[datetime | None]
    snoozed_by: Mapped[str | None] = mapped_column(Text)
    snooze_reason: Mapped[str | None] = mapped_column(Text)


@dataclass(frozen=True, slots=True)
class Moment:
    """At this moment these rungs are told, before the date (SOON), on its day (TODAY) or after it (LATE)."""

    at: datetime
    stage: str
    rungs: tuple[str, ...]


def begin(db: Session) -> int:
    """Begin to chase what is new since the last look; how many rows that makes."""
    now = clock.now()
    found = subjects.unknown(db, Chase.key, MOST)
    return sum(insert_once(db, Chase, {"key": key, "next_at": now, "failures": 0}) for key in found)


def due(db: Session) -> list[str]:
    """The keys whose moment has come, the earliest first."""
    query = select(Chase.key).where(Chase.next_at <= clock.now())
    return list(db.scalars(query.order_by(Chase.next_at, Chase.key).limit(MOST)))


def step(db: Session, key: str) -> int:
    """Tell what this one has to say by now, and note when to look again; how many people that were."""
    now = clock.now()
    chase = db.scalar(select(Chase).where(Chase.key == key, Chase.next_at <= now).with_for_update(skip_locked=True))
    if chase is None:
        return 0
    subject = subjects.get(db, key)
    if subject is None:
        db.delete(chase)
        return 0
    rule = rules.in_use(db, subject.what)
    told = 0
    if chase.snoozed_until is None or chase.snoozed_until <= now:
        passed = [moment for moment in course(subject, rule, now) if chase.told_at is None or moment.at > chase.told_at]
        if passed:  # else a rule that is approved later can still say what it finds
            told, chase.told_at = _tell(db, subject, rule, passed), now
    chase.next_at, chase.failures = _next(subject, rule, chase, now), 0
    return told


def failed(db: Session, key: str) -> None:
    """This one broke: later again; after the third time once a day, and the coordinators are told."""
    chase = db.scalar(select(Chase).where(Chase.key == key).with_for_update())
    if chase is None:
        return
    chase.failures += 1
    chase.next_at = clock.now() + (PAUSE if chase.failures < TRIES else timedelta(days=1))
    if chase.failures == TRIES:
        for user in subjects.coordinators(db):
            news.tell(db, f"broken-{key}-{clock.today()}-{user.id}", user.id, "reminder_broken", by="clock")


def look_again(db: Session, what: str) -> None:
    """Look at all of this kind at the next tick: its rule is another one now, and with it the next moment of each."""
    kind = WHOSE_KEY.get(what, what)
    db.execute(update(Chase).where(Chase.key.startswith(f"{kind}:")).values(next_at=clock.now()))


def look_at_tasks(db: Session, instance_id: str) -> None:
    """Look at the tasks of one pathway at the next tick: on another version they may be reminded at other moments."""
    here = [select(literal(kind) + UserTask.id).where(UserTask.instance_id == instance_id) for kind in OF_TASKS]
    wake = update(Chase).where(Chase.key.in_(union_all(*here))).values(next_at=clock.now())
    db.execute(wake.execution_options(synchronize_session=False))


def course(subject: Subject, rule: Rule, until: datetime) -> list[Moment]:
    """The moments of a subject up to an instant, in order."""
    found: list[Moment] = []
    for moment in _moments(subject, rule):
        if moment.at > until:
            break
        found.append(moment)
    return found


def ahead(db: Session, subject: Subject, limit: int = 8) -> list[Moment]:
    """The next moments that are promised for a subject; none of them while it rests."""
    chase = db.get(Chase, subject.key)
    start = max(clock.now(), (chase and chase.snoozed_until) or clock.now())
    found: list[Moment] = []
    for moment in _moments(subject, rules.in_use(db, subject.what)):
        if moment.at > start:
            found.append(moment)
        if len(found) == limit:
            break
    return found


def snooze(db: Session, actor: Actor, task_id: str, until: date | None, reason: str) -> Chase:
    """Let a task rest until a morning, for a reason; nobody is reminded of it meanwhile, its date stays."""
    access.require(actor, "task.complete")
    held = inbox.hold(db, actor, task_id)
    inbox.check_free(held.waiting)
    task = held.waiting.task
    if until is None or not clock.today() < until <= clock.today() + LONGEST_SNOOZE:
        raise InvalidForm({"until": [N_("Scegli un giorno da domani a sessanta giorni da oggi.")]})
    try:
        why = reasons.keep(db, sheets.scope_of(db, task.business_key), "task.snoozed", reason, by=actor.user_id)
    except InvalidForm as refusal:  # the page has another field called reason
        raise InvalidForm({"why": refusal.errors["reason"]}) from refusal
    key, rest = f"task:{task_id}", news.morning_of(until)
    insert_once(db, Chase, {"key": key, "next_at": rest, "failures": 0})
    chase = db.get_one(Chase, key, with_for_update=True)
    chase.snoozed_until, chase.snoozed_by, chase.snooze_reason, chase.next_at = rest, actor.user_id, why, rest
    log.append(
        db, "task.snoozed", sheets.scope_of(db, task.business_key), by=actor.user_id, case=task.business_key,
        task=task.id, until=until, reason_id=why,
    )  # fmt: skip
    return chase


def of_task(db: Session, task_id: str) -> Chase | None:
    """How a task is chased, if its clock has begun."""
    return db.get(Chase, f"task:{task_id}")


def rests(db: Session, key: str) -> bool:
    """Has somebody let this rest until later than now?"""
    chase = db.get(Chase, key)
    return chase is not None and chase.snoozed_until is not None and chase.snoozed_until > clock.now()


def holds(db: Session, notice: Notice, user: User) -> bool:
    """Is what a notice says still true, and still this person's concern? Asked when its mail leaves."""
    what, _, stage = notice.kind.rpartition("_")
    if stage not in (SOON, TODAY, LATE, UP) or what not in rules.SHIPPED:
        return notice.about is None and notice.seen_at is None
    subject = _subject_of(db, notice)
    if subject is None or rests(db, subject.key):
        return False
    rungs = [rung for rung in RUNGS if (rung in HANDS) != (stage == UP)]
    if any(subjects.people(db, subject, rung, user) for rung in rungs):
        return True
    rule = rules.in_use(db, subject.what)  # she may have been told in the place of those who should have been
    return stage != UP and user in on_rung(db, subject, rule, rule.rungs[0][0])


def on_rung(db: Session, subject: Subject, rule: Rule, rung: str) -> list[User]:
    """The people of a rung; where the first has nobody, those of the next that has somebody: nothing is lost."""
    found = subjects.people(db, subject, rung)
    if found or rung != rule.rungs[0][0]:
        return found
    return next((others for other in RUNGS if (others := subjects.people(db, subject, other))), [])


def _subject_of(db: Session, notice: Notice) -> Subject | None:
    """The subject that a notice was told of, if it still is one; its key begins its notice's key."""
    return subjects.get(db, notice.key.split("|")[0])


def _moments(subject: Subject, rule: Rule) -> Iterator[Moment]:
    """Every moment of a subject, without end where it is repeated."""
    leads = rule.leads if subject.leads is None else tuple(each for each in subject.leads.split(",") if each)
    before = [Moment(_lead(subject.due_at, lead), SOON, (ASSIGNEE,)) for lead in leads]
    morning = news.morning_of(subject.due_at.astimezone(clock.ROME).date())
    before += [Moment(morning, TODAY, (ASSIGNEE, DEPUTY))] if subject.leads != "" else []
    late = [Moment(subject.due_at + timedelta(hours=hours), LATE, (who,)) for who, hours in rule.rungs]
    early = sorted((each for each in before if each.at < subject.due_at), key=lambda each: each.at)
    yield from (each for each in (*early, *late) if each.at > subject.since)
    if not rule.repeat or not late:
        return
    turn, everybody = late[-1].at, tuple(who for who, _ in rule.rungs if who != GROUP)
    while True:
        turn += timedelta(hours=rule.repeat)
        if turn > subject.since:
            yield Moment(turn, LATE, everybody)


def _lead(due_at: datetime, lead: str) -> datetime:
    span = timing.parse_span(lead) or timing.Span(days=1)
    before = span.before(due_at)
    return before if span.seconds else news.morning_of(before.astimezone(clock.ROME).date())


def _next(subject: Subject, rule: Rule, chase: Chase, now: datetime) -> datetime:
    """The next moment after now; a look at least once a month, so that rows of what is over go away."""
    if chase.snoozed_until is not None and chase.snoozed_until > now:
        return chase.snoozed_until
    for moment in _moments(subject, rule):
        if moment.at > now:
            return min(moment.at, now + LOOK_AGAIN)
    return now + LOOK_AGAIN


def _tell(db: Session, subject: Subject, rule: Rule, passed: list[Moment]) -> int:
    """One notice for each person, for the last of the moments that have passed; a rung without anybody is skipped."""
    last = passed[-1]
    rungs = {rung for moment in passed if moment.stage == last.stage for rung in moment.rungs}
    told: dict[str, tuple[User, str]] = {}
    for rung in sorted(rungs, key=RUNGS.index):
        stage = UP if last.stage == LATE and rung not in HANDS else last.stage
        for user in on_rung(db, subject, rule, rung):
            told.setdefault(user.id, (user, stage))
    return sum(_notice(db, subject, rule, user, stage, last.at) for user, stage in told.values())


def _notice(db: Session, subject: Subject, rule: Rule, user: User, stage: str, at: datetime) -> bool:
    sees = subject.case_code is not None and subjects.may_see(db, user, subject.case_code)
    letter = news.LATE if rule.singly and stage in (LATE, UP) else None
    return news.tell(
        db, f"{subject.key}|{clock.iso(at)}|{user.id}", user.id, f"{subject.what}_{stage}",
        subject.case_code if sees else None, about=subject.about, letter=letter, urgent=rule.urgent, by="clock",
    )  # fmt: skip
