"""Rehearsal: a draft, tried on running instances in a savepoint that is taken back. Nothing is kept, sent or logged.

The draft is published, the chosen instances are moved to it and played on with invented answers, each thing in a
savepoint of its own; then all of it is undone. Services do what they do, in the same savepoint.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.errors import N_, InvalidForm, NotYours, Refused
from engine import incidents, instances, migration, registry, runs
from engine.migration import Move, Question
from engine.tables import Instance, Step, Subscription, Timer, UserTask

MOST_CASES = 10  # the rows stay locked while it plays: others must not wait long
MOST_STEPS = 40
MOST_TIMES = 5  # that a rehearsal goes by the same element: a reminder that comes again and again is seen by then
ENDED, WAITS, STOPPED, REFUSED, GOES_ON = "ended", "waits", "stopped", "refused", "goes_on"
MAPPING = migration.MAPPING
TECHNICAL = N_("qui succede un errore tecnico: con queste risposte il passo non si può fare")
UNCAUGHT = N_("qui succede un errore che nessun evento del modello raccoglie")
MOST_TRIES = 4
Wrong = Mapping[str, Sequence[str]]  # what was said against the answers before, by field
Answers = Callable[[UserTask, Mapping[str, Any], Wrong], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Passed:
    """One thing that would happen: `how` is task or timer."""

    element: str
    name: str
    name_en: str
    how: str


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What would become of one instance. `end`: ended, waits (for a message), stopped (at the last thing, or at once),
    mapping (a step to go on in has to be chosen), refused (it could not be moved), goes_on (seen enough). `sentence` is
    an Italian msgid with its places; `questions` are the steps to choose, also those that were chosen.
    """

    instance_id: str
    business_key: str
    end: str
    passed: tuple[Passed, ...] = ()
    sentence: str = ""
    params: Mapping[str, object] | None = None
    questions: tuple[Question, ...] = ()
    in_queue: bool = False  # it also waits for a move that was asked for, which is not played here


class _TakenBack(Exception):
    """Everything was seen; undo it."""


def rehearse(
    db: Session, content: bytes, instance_ids: Iterable[str], answers: Answers, *, forms: frozenset[str] | None = None,
    mapping: Mapping[str, str] | None = None,
) -> list[Rehearsed]:  # fmt: skip
    """Return what would happen to each of these instances on a draft; nothing of it stays.

    `answers` invents what a person would say to a task, and something else where that was refused. `mapping`: where
    steps go on that the draft does not have; a place that it does not have either is asked for again. Raises
    InvalidModel if the draft cannot be published, NotYours if an instance does not run on its process.
    """
    found: list[Rehearsed] = []
    with taken_back(db):
        draft = registry.publish(db, content, forms=forms, by="rehearsal")
        for instance_id in list(dict.fromkeys(instance_ids))[:MOST_CASES]:
            with taken_back(db):
                found.append(_Play(db, _instance(db, instance_id), answers).rehearse(draft.id, mapping or {}))
    return found


@contextmanager
def taken_back(db: Session) -> Iterator[None]:
    """A savepoint of which nothing stays, whatever is done in it."""
    try:
        with db.begin_nested():
            yield
            raise _TakenBack
    except _TakenBack:
        pass


def _instance(db: Session, instance_id: str) -> Instance:
    # locked before a row of the queue is, as the clock does it: else each would wait for the other
    instance = db.get(Instance, instance_id, with_for_update=True)
    if instance is None or instance.status != "open":
        raise NotYours
    return instance


class _Play:
    """One instance on the draft."""

    def __init__(self, db: Session, instance: Instance, answers: Answers) -> None:
        self.db, self.instance, self.answers = db, instance, answers
        self.passed: list[Passed] = []
        self.questions: list[Question] = []
        self.seen: Counter[str] = Counter()
        self.in_queue = False

    def rehearse(self, draft: str, mapping: Mapping[str, str]) -> Rehearsed:
        """Move it, then play on."""
        process = registry.get(self.db, draft).process_id
        here = select(Step.definition_id).where(Step.instance_id == self.instance.id, Step.ended_at.is_(None))
        versions = [each for each in set(self.db.scalars(here)) if registry.get(self.db, each).process_id == process]
        if not versions:
            raise NotYours
        self._leave_queue()
        for old in sorted(set(versions) - {draft}):
            refused = self._move(old, draft, mapping)
            if refused is not None:
                return refused
        return self._play_on()

    def _leave_queue(self) -> None:
        """The draft is what is asked: a move elsewhere or back that waits for the clock does not happen here."""
        waiting = select(Move.id).where(Move.instance_id == self.instance.id, Move.status.in_(migration.WAITING))
        for move_id in self.db.scalars(waiting).all():
            migration.refuse(self.db, move_id, "", {}, by="rehearsal")
            self.in_queue = True
        self.db.flush()

    def _move(self, old: str, draft: str, mapping: Mapping[str, str]) -> Rehearsed | None:
        source, target = registry.program(self.db, old).nodes, registry.program(self.db, draft).nodes
        mapping = {element: place for element, place in mapping.items() if element in source and place in target}
        (outlook,) = migration.plan(self.db, old, draft, mapping, [self.instance.id])
        self.questions += migration.questions(self.db, old, draft, [outlook], mapping)
        if outlook.obstacles:
            worst = min(outlook.obstacles, key=lambda each: each.can_be_mapped)
            return self._so(MAPPING if worst.can_be_mapped else REFUSED, worst.sentence, worst.params)
        (asked,) = migration.ask(self.db, old, draft, mapping, [self.instance.id], by="rehearsal")
        migration.apply(self.db, asked.id, by="rehearsal")
        return None

    def _play_on(self) -> Rehearsed:
        for _ in range(MOST_STEPS):
            if self.instance.status != "open":
                return self._so(STOPPED, UNCAUGHT) if self.instance.status == "failed" else self._so(ENDED)
            act = self._next()
            if act is None:
                return self._rest()
            problem = self._try(act)
            if problem is not None:
                return problem
        return self._so(GOES_ON)

    def _next(self) -> UserTask | Timer | None:
        """The oldest task, else the next timer that was not seen too often; of several the same one each time."""
        tasks = select(UserTask).where(UserTask.instance_id == self.instance.id)
        timers = select(Timer).where(Timer.instance_id == self.instance.id, Timer.attempts < incidents.TRIES)
        waiting: list[UserTask | Timer] = []
        waiting += self.db.scalars(tasks.order_by(UserTask.created_at, UserTask.element, UserTask.id))
        waiting += self.db.scalars(timers.order_by(Timer.due_at, Timer.element, Timer.id))
        return next((each for each in waiting if self.seen[each.element] < MOST_TIMES), None)

    def _try(self, act: UserTask | Timer) -> Rehearsed | None:
        """Do one thing; what cannot be done is undone and said."""
        how = "task" if isinstance(act, UserTask) else "timer"
        self.seen[act.element] += 1
        self.passed.append(Passed(act.element, *self._names(act), how))
        wrong: Wrong = {}
        for _ in range(MOST_TRIES):
            try:
                with self.db.begin_nested():
                    self._do(act, wrong)
            except InvalidForm as problem:
                wrong = problem.errors
            except runs.ModelFault as problem:
                return self._so(STOPPED, problem.fault.sentence, problem.fault.params)
            except Refused as problem:
                return self._so(STOPPED, problem.sentence, problem.params)
            except Exception:  # noqa: BLE001 - the edge of the house: a draft that breaks is what one wanted to know
                return self._so(STOPPED, TECHNICAL)
            else:
                return None
        return self._so(STOPPED, next((each[0] for each in wrong.values() if each), InvalidForm.sentence))

    def _do(self, act: UserTask | Timer, wrong: Wrong) -> None:
        if isinstance(act, UserTask):
            facts = self.answers(act, instances.process_facts(self.instance), wrong)
            instances.complete(self.db, act.id, facts, by="rehearsal")
        else:
            act.due_at = clock.now()
            self.db.flush()
            instances.fire(self.db, act.id, by="rehearsal")

    def _names(self, act: UserTask | Timer) -> tuple[str, str]:
        if isinstance(act, UserTask):
            return act.name, act.name_en
        versions = select(Step.definition_id).where(Step.instance_id == self.instance.id, Step.ended_at.is_(None))
        for version in self.db.scalars(versions.distinct()):
            node = registry.program(self.db, version).nodes.get(act.element)
            if node is not None:
                return node.name or act.element, node.name_en
        return act.element, ""

    def _rest(self) -> Rehearsed:
        """Nothing is left to do: it goes round and round, waits for a message, or is stuck."""
        if any(count >= MOST_TIMES for count in self.seen.values()):
            return self._so(GOES_ON)
        messages = select(Subscription.name).where(Subscription.instance_id == self.instance.id)
        name = self.db.scalar(messages.order_by(Subscription.name).limit(1))
        if name is not None:
            return self._so(WAITS, N_("attende il messaggio «%(name)s»"), {"name": name})
        return self._so(STOPPED, incidents.STUCK)

    def _so(self, end: str, sentence: str = "", params: Mapping[str, object] | None = None) -> Rehearsed:
        return Rehearsed(
            self.instance.id, self.instance.business_key, end, tuple(self.passed), sentence, dict(params or {}),
            tuple(self.questions), self.in_queue,
        )  # fmt: skip
