"""The inbox: the user tasks a person may see, open, take and complete.

What is somebody else's and what was never there give the same answer; what is done says by whom and when.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import lru_cache

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, select
from sqlalchemy.orm import Session

from cases import access, casefile, sheets
from cases.access import Actor
from cases.casefile import Case, CaseWorker
from core import clock
from core.errors import N_, AlreadyDone, InvalidForm, NotYours, Refused, ShelterFull
from core.users import User
from engine import instances
from engine.tables import Instance, Step, UserTask
from tasks import assignment, drafts, formbook, forms, lists
from tasks.components import Form, Option
from tasks.fields import Translate
from tasks.forms import Submitted, Typed

PAGE = 100
# What is said of a task that ended otherwise than by being done.
OVER = {
    "skipped": N_("È stata saltata, con un motivo, da %(who)s alle %(when)s."),
    "cancelled": N_("Non serve più: ritirata da %(who)s alle %(when)s."),
}
# Whoever works on a case as one of these is named in it, so that masking it does not shut its own workers out.
NAMED_BY_WORKING = frozenset({"case_manager", "local_desk", "legal_officer"})


class Taken(Refused):
    """The task is in a colleague's hands."""

    status = 409
    sentence = N_("È assegnata a %(who)s: per farla tu, chiedi prima di passartela.")


@dataclass(frozen=True, slots=True)
class Waiting:
    """A task in the inbox, the name of who has it, and whether that is the reader (or somebody the reader replaces).

    `read_along` keeps what was read in the same statement, so that whoever asks for it needs no statement of their own.
    """

    task: UserTask
    assignee: str | None
    mine: bool
    read_along: tuple[Case | None, CaseWorker | None] = (None, None)


@dataclass(frozen=True, slots=True)
class Held:
    """A task that nobody else can change until this transaction ends."""

    waiting: Waiting
    task: instances.Held


@dataclass(frozen=True, slots=True)
class Opened:
    """A task on its page: the form with today's options (None: nothing to fill in), what was typed before."""

    task: UserTask
    assignee: str | None
    form: Form | None
    values: Typed


def waiting_for(db: Session, actor: Actor, *, view: str = "all", start: int = 0, limit: int = PAGE) -> list[Waiting]:
    """What this person could do now, the earliest due first, in one statement.

    `view`: "mine" (given to me, or to whom I stand in for), "group" (nobody has it yet), "all" (both, what colleagues
    of my groups have in hand and, for a supervisor, everything of the post).
    """
    access.require(actor, "task.list")
    query = _tasks(assignment.through(_doors(actor)[view]), actor).order_by(
        UserTask.due_at.is_(None), UserTask.due_at, UserTask.created_at, UserTask.id
    )
    return [Waiting(task, name, mine) for task, name, mine in db.execute(query.offset(start).limit(limit))]


def counts(db: Session, actor: Actor) -> tuple[int, int, int]:
    """How many tasks wait for this person, how many of them are due by today, how many are late; one statement."""
    now, doors = clock.now(), _doors(actor)
    query = select(
        func.count(),
        func.count().filter(UserTask.due_at >= now, UserTask.due_at < _midnight()),
        func.count().filter(UserTask.due_at < now),
    ).where(assignment.through([*doors["mine"], *doors["group"]]), assignment.visible(actor))
    open_, today, late = db.execute(query).one()
    return open_, today, late


def of_subject(db: Session, actor: Actor, code: str) -> list[Waiting]:
    """The tasks that wait on a case or contact, also those of other groups, the earliest due first; for the page of who
    may see it."""
    query = _tasks(UserTask.business_key == code, actor).order_by(
        UserTask.due_at.is_(None), UserTask.due_at, UserTask.created_at, UserTask.id
    )
    return [Waiting(task, name, mine) for task, name, mine in db.execute(query)]


def find(db: Session, actor: Actor, task_id: str) -> Waiting:
    """This task, if the actor may do or oversee it; AlreadyDone with who and when if it is over, else NotYours."""
    access.require(actor, "task.list")
    found = db.execute(_finding(actor), {"task_id": task_id}).one_or_none()
    if found is None:
        raise _done(db, actor, task_id)
    task, name, mine, case, worker = found
    return Waiting(task, name, mine, (case, worker))


def hold(db: Session, actor: Actor, task_id: str) -> Held:
    """The same, with its instance locked before anything is looked at: of two who click at once, the second waits and
    then sees what the first one did."""
    instance = instances.lock(db, task_id)
    waiting = find(db, actor, task_id)
    if instance is None:
        raise NotYours()
    return Held(waiting, instances.Held(waiting.task, instance))


def open_(db: Session, actor: Actor, task_id: str, *, translate: Translate = str) -> Opened:
    """The task with its form, and this person's draft of it."""
    waiting = find(db, actor, task_id)
    form = form_of(db, waiting.task, translate=translate)
    values = drafts.fill(form, drafts.load(db, _place(task_id), actor.user_id)) if form else {}
    return Opened(waiting.task, waiting.assignee, form, values)


def over(db: Session, task_ids: Iterable[str]) -> set[str]:
    """Which of these tasks wait no longer."""
    asked = set(task_ids)
    return asked - set(db.scalars(select(UserTask.id).where(UserTask.id.in_(sorted(asked))))) if asked else set()


def form_of(db: Session, task: UserTask, *, translate: Translate = str) -> Form | None:
    """The form of a task with today's options, or None if it has none."""
    if not task.form:
        return None
    about, case = task.business_key, _case(db, task)

    def listed(name: str) -> Sequence[Option]:
        return lists.options(db, name, translate, case=case, about=about)

    return forms.with_lists(forms.about(formbook.read(db, task.form), listed), listed)


def claim(db: Session, actor: Actor, task_id: str) -> UserTask:
    """Take a task that nobody has; a second click changes nothing."""
    access.require(actor, "task.complete")
    held = hold(db, actor, task_id)
    waiting = held.waiting
    if waiting.task.assignee == actor.user_id:
        return waiting.task
    check_free(waiting)
    return _give(db, held, actor.user_id, by=actor.user_id)


def release(db: Session, actor: Actor, task_id: str) -> UserTask:
    """Give a task back to its group: one's own, or (as supervisor) anybody's."""
    held = hold(db, actor, task_id)
    waiting = held.waiting
    if waiting.task.assignee is None:
        return waiting.task
    if waiting.task.assignee != actor.user_id:
        access.require(actor, "task.assign", waiting.task.tenant)
    return _give(db, held, None, by=actor.user_id)


def delegate(db: Session, actor: Actor, task_id: str, to: str) -> UserTask:
    """Give a task to a colleague of its group: one's own, or (as supervisor) anybody's. The case names her."""
    held = hold(db, actor, task_id)
    waiting = held.waiting
    if waiting.task.assignee != actor.user_id:
        access.require(actor, "task.assign", waiting.task.tenant)
    if to not in {user.id for user in assignment.candidates(db, waiting.task)}:
        raise InvalidForm({"to": [N_("Scegli una persona del gruppo che può fare questa attività.")]})
    _name_worker(db, waiting.task, _case(db, waiting.task), to, by=actor.user_id)
    return _give(db, held, to, by=actor.user_id)


def save_draft(db: Session, actor: Actor, task_id: str, submitted: Submitted) -> datetime:
    """Keep what was typed so far, and say when."""
    task = find(db, actor, task_id).task
    if not task.form:
        raise NotYours
    typed = forms.typed(formbook.read(db, task.form), submitted)
    return drafts.save(db, _place(task_id), sheets.scope_of(db, task.business_key), typed, by=actor.user_id)


def complete(db: Session, actor: Actor, task_id: str, submitted: Submitted, *, translate: Translate = str) -> UserTask:
    """Check the right, judge the answers, file them, move the pathway on; returns the task that is done.

    Raises InvalidForm (sentences by field), Taken, AlreadyDone (who, when) or NotYours; then nothing was changed.
    """
    access.require(actor, "task.complete")
    held = hold(db, actor, task_id)
    waiting = held.waiting
    task, form = waiting.task, form_of(db, waiting.task, translate=translate)
    check_free(waiting)
    case = _case(db, task)
    found = forms.answers(form, submitted, translate=translate) if form else None
    with _said(db, translate):
        if found:
            filed, version = found.form.name, found.form.version
            sheets.file(db, task.business_key, filed, found.by_class, schema_version=version, by=actor.user_id)
        _name_worker(db, task, case, actor.user_id, by=actor.user_id)
        behalf = task.assignee if task.assignee != actor.user_id else None
        instances.complete(db, held.task, found.facts if found else {}, behalf=behalf, by=actor.user_id)
    drafts.remove(db, _place(task_id), actor.user_id)
    return task


def _give(db: Session, held: Held, to: str | None, *, by: str) -> UserTask:
    """Put a task in other hands; who had it and who has it now are told, unless they did it themselves."""
    before = held.waiting.task.assignee
    with _said(db):
        task = instances.assign(db, held.task, to, by=by)
    if before != to:
        assignment.tell(db, task, before, "task_taken", by=by)
        assignment.tell(db, task, to, "task_given", by=by)
    return task


def _tasks(where: ColumnElement[bool], actor: Actor) -> Select[UserTask, str | None, bool]:
    mine = func.coalesce(assignment.own(actor), False)
    named = select(UserTask, User.name, mine).outerjoin(User, User.id == UserTask.assignee)
    return named.where(where, assignment.visible(actor))


@lru_cache(access.ACTORS)
def _finding(actor: Actor) -> Select[UserTask, str | None, bool, Case, CaseWorker]:
    """The statement behind `find`, made once: to write it anew for every task would cost more than to run it."""
    working = and_(CaseWorker.case_code == Case.code, CaseWorker.user_id == actor.user_id)
    query = (
        _tasks(UserTask.id == bindparam("task_id"), actor)
        .where(assignment.reachable(actor))
        .outerjoin(Case, Case.code == UserTask.business_key)
        .outerjoin(CaseWorker, working)
        .add_columns(Case, CaseWorker)
    )
    return query.execution_options(populate_existing=True)


def _doors(actor: Actor) -> dict[str, list[ColumnElement[bool]]]:
    mine, candidate = assignment.own_doors(actor), assignment.candidate_doors(actor)
    return {
        "mine": mine,
        "group": [and_(UserTask.assignee.is_(None), door) for door in candidate],
        "all": [*mine, *candidate, *assignment.overseen_doors(actor)],
    }


def check_free(waiting: Waiting) -> None:
    """A task in a colleague's hands stays there, unless the actor stands in for that colleague."""
    if waiting.task.assignee is not None and not waiting.mine:
        raise Taken(who=waiting.assignee or "?")


def _case(db: Session, task: UserTask) -> Case | None:
    """The case of a task, or None if it hangs on a contact. Whoever holds it spares the register a second look."""
    return db.get(Case, task.business_key)


def _name_worker(db: Session, task: UserTask, case: Case | None, user_id: str, *, by: str) -> None:
    if case is not None and task.group in NAMED_BY_WORKING:
        casefile.assign(db, case.code, user_id, by=by)


def _done(db: Session, actor: Actor, task_id: str) -> Refused:
    """Who did it and when, for those who might have done it; the rest learn nothing."""
    query = select(Step, Instance.business_key, User.name).join(Instance, Instance.id == Step.instance_id)
    query = query.outerjoin(User, User.id == Step.by).where(Step.id == task_id, Step.ended_at.is_not(None))
    found = db.execute(query).one_or_none()
    if found is None or not _may_know(db, actor, found[1]):
        return NotYours()
    step, _, name = found
    return _already(name or step.by or "", step.ended_at, OVER.get(step.outcome or ""))


def _may_know(db: Session, actor: Actor, code: str) -> bool:
    known = (
        access.visible_cases(actor)
        .union_all(access.visible_contacts(actor), access.visible_transfers(actor))
        .subquery()
    )
    return db.scalar(select(func.count()).select_from(known).where(known.c[0] == code)) != 0


def _already(who: str, at: datetime | None, sentence: str | None = None) -> AlreadyDone:
    local = at.astimezone(clock.ROME) if at else clock.now().astimezone(clock.ROME)
    when = f"{local:%H:%M}" if local.date() == clock.today() else f"{local:%H:%M (%d/%m/%Y)}"
    return AlreadyDone(sentence, who=who, when=when)


@contextmanager
def _said(db: Session, translate: Translate = str) -> Iterator[None]:
    """Refusals from below in the reader's words: names for ids, sentences in the reader's language."""
    try:
        yield
    except AlreadyDone as refusal:
        who = str(refusal.params.get("who", ""))
        user = db.get(User, who)
        raise AlreadyDone(who=user.name if user else who, when=refusal.params.get("when", "")) from refusal
    except ShelterFull as refusal:
        raise InvalidForm({"shelter": [translate(refusal.sentence) % refusal.params]}) from refusal
    except InvalidForm as refusal:
        spoken = {field: [str(translate(words)) for words in found] for field, found in refusal.errors.items()}
        raise InvalidForm(spoken) from refusal


def _place(task_id: str) -> str:
    return f"task:{task_id}"


def _midnight() -> datetime:
    """The end of today in Rome."""
    return datetime.combine(clock.today() + timedelta(days=1), time(), clock.ROME)
