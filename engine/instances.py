"""Running instances: start, complete, fire, receive, skip, cancel. Nothing else changes their state.

Each verb locks the instance's row first, moves the tokens until all of them wait, and writes state, tasks, timers,
steps and log line in the caller's transaction. A fault leaves everything as it was.
"""

from collections import deque
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from core import clock, failpoint, log
from core.errors import N_, AlreadyDone, NotYours, Refused
from core.ids import new_id
from engine import messages, registry, runs, waits
from engine.game import activities, events, state
from engine.game.env import Fault, Thrown
from engine.game.run import Run
from engine.game.state import State
from engine.tables import Definition, Delivery, Instance, Step, Subscription, Timer, UserTask

MOST_BEGUN = 20  # processes that one step may begin by messages, one after the other or side by side
ENDLESS = N_("il messaggio «%(name)s» avvia ancora un percorso, dopo i %(most)s avviati da questo solo passo")


class Held(NamedTuple):
    """A waiting task whose instance this transaction has locked: nobody else can change either until it ends."""

    task: UserTask
    instance: Instance


class Opened(NamedTuple):
    """What a new instance hangs on, whose inbox its tasks appear in, the stream it logs to, and who begins it."""

    business_key: str
    tenant: str
    stream: str
    by: str


def start(
    db: Session,
    process_id: str,
    business_key: str,
    tenant: str,
    facts: Mapping[str, Any],
    *,
    stream: str | None = None,
    event: str | None = None,
    by: str,
) -> Instance:
    """Start the newest version of a process and return the instance.

    `business_key` is what it hangs on, `tenant` whose inbox its tasks appear in, `stream` the log stream (default: the
    business key), `event` the start event (default: the one without a trigger).
    """
    opened = Opened(business_key, tenant, stream or business_key, by)
    instance, act = _open(db, registry.current(db, process_id), opened, facts, event)
    _run(db, instance, State(), act, by)
    return instance


def _open(
    db: Session, definition: Definition, opened: Opened, facts: Mapping[str, Any], event: str | None
) -> tuple[Instance, runs.Act]:
    """Return a new instance and what makes its first token move."""
    instance = Instance(
        id=new_id(),
        definition_id=definition.id,
        business_key=opened.business_key,
        stream=opened.stream,
        tenant=opened.tenant,
        status="open",
        state=b"",
        check="",
        started_at=clock.now(),
    )
    db.add(instance)
    db.flush()
    log.append(
        db,
        "instance.started",
        instance.stream,
        by=opened.by,
        case=instance.business_key,
        process=definition.process_id,
        version=definition.version,
        instance=instance.id,
    )
    program = registry.program(db, definition.id)
    return instance, lambda run: run.start(definition.id, program, facts, event)


def hold(db: Session, task_id: str) -> Held:
    """Lock a waiting task, so that what is looked up about it stays true until the transaction ends.

    Raises AlreadyDone (who, when) if it was completed before, NotYours if there is no such task.
    """
    instance = lock(db, task_id)
    # read after the lock was had: the statement that waited for it may have seen an older task
    query = select(UserTask).where(UserTask.id == task_id).execution_options(populate_existing=True)
    task = db.scalar(query) if instance is not None else None
    if instance is None or task is None:
        raise _gone(db, task_id)
    return Held(task, instance)


_LOCK = select(Instance).join(UserTask, UserTask.instance_id == Instance.id).where(UserTask.id == bindparam("task_id"))
_LOCK = _LOCK.with_for_update(of=Instance).execution_options(populate_existing=True)


def lock(db: Session, task_id: str) -> Instance | None:
    """Lock the instance that a task waits in, and return it; None if nothing waits under this id."""
    return db.scalar(_LOCK, {"task_id": task_id})


def complete(
    db: Session, what: str | Held, facts: Mapping[str, Any], *, behalf: str | None = None, by: str
) -> Instance:
    """Complete a person's task (its id, or held already) with these facts, for oneself or on somebody's behalf.

    Raises AlreadyDone (who, when) if it was completed before, NotYours if there is no such task.
    """
    task, instance = what if isinstance(what, Held) else hold(db, what)
    loaded = runs.load(instance)
    _say_end(db, "task.completed", task, instance, loaded, by=by, behalf=behalf)

    def act(run: Run) -> None:
        activities.complete(run, _token(run.state, task.id), facts)

    _run(db, instance, loaded, act, by)
    return instance


def skip(
    db: Session, what: str | Held, reason: str, facts: Mapping[str, Any] | None = None, *, by: str
) -> Instance:
    """Leave a person's task undone, for a reason, and go on behind it; `facts` are what is not known for want of it."""
    task, instance = what if isinstance(what, Held) else hold(db, what)
    loaded = runs.load(instance)
    _say_end(db, "task.skipped", task, instance, loaded, by=by, reason=reason)

    def act(run: Run) -> None:
        activities.skip(run, _token(run.state, task.id), facts)

    _run(db, instance, loaded, act, by)
    return instance


def assign(db: Session, what: str | Held, assignee: str | None, *, by: str) -> UserTask:
    """Give a task to a person (or, with None, back to its group) and return it."""
    task, instance = what if isinstance(what, Held) else hold(db, what)
    task.assignee, task.given_by = assignee, by if by != assignee and assignee else None
    verb = "task.assigned" if assignee else "task.released"
    facts = {"element": task.element, "task": task.id, "to": assignee}
    log.append(db, verb, instance.stream, by=by, case=instance.business_key, **facts)
    return task


def hand_over(db: Session, business_key: str, tenant: str, *, by: str) -> list[Instance]:
    """Move the open instances of a business key, and their tasks, to another tenant; assignees are released."""
    query = (
        select(Instance).where(Instance.business_key == business_key, Instance.status == "open").order_by(Instance.id)
    )
    moved = list(db.scalars(query.with_for_update()))
    for instance in moved:
        instance.tenant = tenant
        log.append(
            db, "instance.handed_over", instance.stream, by=by, case=business_key, instance=instance.id, to=tenant
        )
    whose = update(UserTask).where(UserTask.business_key == business_key)
    db.execute(whose.values(tenant=tenant, assignee=None, given_by=None))
    return moved


def cancel(db: Session, instance_id: str, reason: str, *, by: str) -> Instance:
    """End an instance early, for a reason."""
    instance = _locked(db, instance_id)
    if instance is None or instance.status != "open":
        raise NotYours()
    log.append(
        db,
        "instance.cancelled",
        instance.stream,
        by=by,
        case=instance.business_key,
        reason=reason,
        instance=instance.id,
    )

    def act(run: Run) -> None:
        for scope in [scope for scope in run.state.scopes.values() if scope.parent is None]:
            run.cancel_scope(scope.id)

    _run(db, instance, runs.load(instance), act, by, outcome="cancelled")
    return instance


# -- the clock ---------------------------------------------------------------------------------------------------------


def due(db: Session, now: datetime, limit: int = 100) -> list[str]:
    """Return the ids of the timers and deliveries to handle now, oldest first; kept messages are looked at again."""
    messages.look_again(db)
    return waits.due(db, now, limit)


def fire(db: Session, timer_id: str, *, omit: frozenset[str] = frozenset(), by: str = "clock") -> Instance:
    """Let one due timer or delivery happen, leaving the activities of `omit` undone.

    Raises AlreadyDone if somebody else did or is doing it.
    """
    failpoint.reach("timer.before_load")
    timer = db.get(Timer, timer_id)
    if timer is None:
        return _deliver(db, timer_id, omit, by)
    instance = _locked(db, timer.instance_id, skip=True)
    # read again under the lock: a person or another clock may have been faster
    timer = db.scalar(select(Timer).where(Timer.id == timer_id).execution_options(populate_existing=True))
    if instance is None or timer is None or timer.due_at > clock.now():
        raise AlreadyDone(who=by, when="")
    log.append(
        db,
        "timer.fired",
        instance.stream,
        by=by,
        case=instance.business_key,
        element=timer.element,
        due=timer.due_at,
        instance=instance.id,
    )
    _run(db, instance, runs.load(instance), lambda run: _fire(run, timer_id, omit), by)
    return instance


def _fire(run: Run, key: str, omit: frozenset[str]) -> None:
    run.omit = omit
    if not events.fire_timer(run, key):
        raise AlreadyDone(who="clock", when="")


def _deliver(db: Session, delivery_id: str, omit: frozenset[str], by: str) -> Instance:
    delivery = db.get(Delivery, delivery_id)
    target = delivery.instance_id if delivery is not None else None
    instance = _locked(db, target, skip=True) if target else None
    # read again under the lock: another clock may have been faster
    delivery = db.get(Delivery, delivery_id, populate_existing=True)
    if delivery is None or instance is None or delivery.instance_id != instance.id:
        raise AlreadyDone(who=by, when="")
    taken = instance.status == "open" and _receive(
        db, instance, delivery.kind, delivery.name, delivery.facts, delivery.correlation, by, omit
    )
    if taken:
        db.delete(delivery)
    else:
        messages.pass_on(db, delivery)
    return instance


# -- messages ----------------------------------------------------------------------------------------------------------


def receive(db: Session, message: str, business_key: str, facts: Mapping[str, Any], *, by: str) -> list[Instance]:
    """Deliver a message to the instances of a business key that wait for it. Raises NotYours if none does."""
    query = (
        select(Instance)
        .join(Subscription, Subscription.instance_id == Instance.id)
        .where(Subscription.kind == "message", Subscription.name == message, Subscription.business_key == business_key)
        .order_by(Instance.id)
    )
    waiting = list(db.scalars(query.with_for_update(of=Instance).execution_options(populate_existing=True)).unique())
    taken = [each for each in waiting if _receive(db, each, "message", message, facts, {}, by)]
    if not taken:
        raise NotYours()
    return taken


def _receive(
    db: Session,
    instance: Instance,
    kind: str,
    name: str,
    facts: Mapping[str, Any],
    correlation: Mapping[str, Any],
    by: str,
    omit: frozenset[str] = frozenset(),
) -> bool:
    taken: list[bool] = []

    def act(run: Run) -> None:
        run.omit = omit
        taken.append(events.receive(run, kind, name, facts, correlation))
        if taken[0]:
            log.append(
                db,
                f"{kind}.received",
                instance.stream,
                by=by,
                case=instance.business_key,
                name=name,
                instance=instance.id,
            )

    _run(db, instance, runs.load(instance), act, by)
    return taken[0]


# -- one run -----------------------------------------------------------------------------------------------------------


def _run(db: Session, instance: Instance, loaded: State, act: runs.Act, by: str, outcome: str = "ended") -> None:
    """Play, send what was thrown, and play what that begins: one after the other, in this transaction."""
    todo = deque((thrown, instance) for thrown in runs.play(db, instance, loaded, act, by, outcome))
    begun = 0
    while todo:
        thrown, sender = todo.popleft()
        opened = _send(db, thrown, sender, by)
        if opened is None:
            continue
        begun += 1
        if begun > MOST_BEGUN:
            raise runs.ModelFault(instance.id, Fault("", ENDLESS, name=thrown.name, most=MOST_BEGUN))
        new, first = opened
        todo.extend((each, new) for each in runs.play(db, new, State(), first, by))


def _send(db: Session, thrown: Thrown, sender: Instance, by: str) -> tuple[Instance, runs.Act] | None:
    """Send what an instance threw; return what it begins: a message that nobody waits for may (BPMN 2.0, 10.5.2)."""
    to = messages.receivers(db, thrown, sender)
    is_message = thrown.kind == "message"
    begins = registry.started_by(db, thrown.name) if is_message and not to else None
    if begins is None:
        messages.dispatch(db, thrown, sender, to or [None] * is_message)
        return None
    definition, event = begins
    opened = Opened(sender.business_key, sender.tenant, sender.stream, by)
    return _open(db, definition, opened, thrown.facts, event)


def _gone(db: Session, task_id: str) -> Refused:
    step = step_of(db, task_id)
    if step is None or step.ended_at is None:
        return NotYours()
    return AlreadyDone(who=step.by or "", when=step.ended_at.astimezone(clock.ROME).strftime("%H:%M"))


def step_of(db: Session, task_id: str) -> Step | None:
    """Return the step behind a task, also after it ended: who ended it, when and how."""
    return db.get(Step, task_id)


def _token(loaded: state.State, key: str) -> state.Token:
    token = next((token for token in loaded.tokens.values() if token.key == key), None)
    if token is None:
        raise NotYours()
    return token


def _say_end(
    db: Session, verb: str, task: UserTask, instance: Instance, loaded: state.State, *, by: str, **told: str | None
) -> None:
    """Say that a task ended, on which version of which model it stood."""
    scope = loaded.scopes[_token(loaded, task.id).scope]
    model = registry.edition(db, scope.definition)
    about = {"element": task.element, "task": task.id, "instance": instance.id, **model}
    log.append(db, verb, instance.stream, by=by, case=instance.business_key, **told, **about)


def _locked(db: Session, instance_id: str, *, skip: bool = False) -> Instance | None:
    query = select(Instance).where(Instance.id == instance_id).with_for_update(skip_locked=skip)
    return db.scalar(query.execution_options(populate_existing=True))


def open_instances(db: Session, business_key: str) -> list[tuple[Instance, Definition]]:
    """Return the running instances of a business key with their definitions, oldest first."""
    query = (
        select(Instance, Definition)
        .join(Definition, Definition.id == Instance.definition_id)
        .where(Instance.business_key == business_key, Instance.status == "open")
        .order_by(Instance.started_at)
    )
    return [(instance, definition) for instance, definition in db.execute(query)]


def process_facts(instance: Instance) -> dict[str, Any]:
    """Return the process data of an instance: codes, dates, choices, numbers and ids."""
    loaded = runs.load(instance)
    return next((dict(scope.vars) for scope in loaded.scopes.values() if scope.parent is None), {})
