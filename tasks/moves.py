"""Cases on their way to another version of their pathway: what a move would be, asked in bulk, done by the clock.

A coordinator sees codes, versions, steps and sentences, never what is in a case. Each case is moved in a transaction of
its own: what a crash interrupts is whole, and is done at the next tick.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, case, func, select
from sqlalchemy.orm import Session

from core import clock
from core.errors import N_, AlreadyDone, InvalidForm, NotYours, Refused
from engine import incidents, migration, registry
from engine.migration import KEPT, CannotMove, Move, Outlook, Question
from engine.tables import Definition, Instance
from tasks import chasing, reminders

MOST_SHOWN = 200
NONE_CHOSEN = N_("Scegli almeno un caso.")
TECHNICAL = N_("errore tecnico nello spostamento a un'altra versione: il caso è rimasto com'era")


@dataclass(frozen=True, slots=True)
class Version:
    """A version of a pathway, and how many cases run on it."""

    definition: Definition
    running: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What a move from one version to another would be."""

    source: Definition
    target: Definition
    outlooks: Sequence[Outlook]
    questions: Sequence[Question]
    counted: Mapping[str, int]
    running: int


def versions(db: Session, process_id: str) -> list[Version]:
    """The versions of a pathway that are or were in force, the newest first. Raises NotYours if there are none."""
    counts = migration.counts(db, process_id)
    query = select(Definition).where(Definition.process_id == process_id, Definition.in_force_from <= clock.now())
    query = query.order_by(Definition.version.desc())
    found = [Version(each, counts.get(each.id, 0)) for each in db.scalars(query)]
    if not found:
        raise NotYours
    return found


def ends(db: Session, process_id: str, source: str, target: str) -> tuple[str, str]:
    """The version to leave and the one to go to: as asked, else from the one with most cases to the one in force.

    Both may be the same: then nobody runs on another version.
    """
    known = versions(db, process_id)
    ids = {each.definition.id for each in known}
    target = target if target in ids else registry.current(db, process_id).id
    others = [each for each in known if each.definition.id != target and each.running]
    most = max(others, key=lambda each: each.running, default=None)
    source = source if source in ids else most.definition.id if most is not None else target
    return source, target


def plan(db: Session, source: str, target: str, mapping: Mapping[str, str]) -> Plan:
    """What a move would be for the oldest cases, and what has to be chosen for it. Raises WrongOrder, NotYours."""
    old = registry.program(db, source)
    mapping = {element: place for element, place in mapping.items() if element in old.nodes and place}
    running = migration.counts(db, registry.get(db, source).process_id).get(source, 0)
    outlooks = migration.plan(db, source, target, mapping, most=MOST_SHOWN)
    questions = migration.questions(db, source, target, outlooks, mapping)
    counted = Counter(one.verdict for one in outlooks)
    return Plan(registry.get(db, source), registry.get(db, target), outlooks, questions, counted, running)


def ask(
    db: Session, source: str, target: str, mapping: Mapping[str, str], chosen: Sequence[str] | None, *, by: str
) -> list[Move]:
    """Queue the chosen cases, or (None) all that run on the version, for a move. Raises InvalidForm if none is chosen.

    What cannot be moved is refused row by row when its turn comes; it stops no other.
    """
    if chosen is None:
        chosen = migration.running(db, source)
    if not chosen:
        raise InvalidForm({"case": [NONE_CHOSEN]})
    mapping = {element: place for element, place in mapping.items() if place}
    return migration.ask(db, source, target, mapping, chosen, by=by)


def ask_back(db: Session, process_id: str, move_ids: Sequence[str], *, by: str) -> list[Move]:
    """Queue moves of a pathway to be undone. Raises InvalidForm if none is chosen."""
    return _ask_back(db, _of(process_id).where(Move.id.in_(tuple(move_ids))), by)


def ask_batch_back(db: Session, process_id: str, batch: str, *, by: str) -> list[Move]:
    """Queue all that were asked for together and can be undone, shown or not. Raises InvalidForm if there are none."""
    return _ask_back(db, _of(process_id).where(Move.batch == batch, _can_be_undone()), by)


def _ask_back(db: Session, chosen: Select[Move], by: str) -> list[Move]:
    ids = [move.id for move in db.scalars(chosen)]
    if not ids:
        raise InvalidForm({"move": [NONE_CHOSEN]})
    return migration.ask_back(db, ids, by=by)


@dataclass(frozen=True, slots=True)
class Row:
    """One move, from which version to which, and whether it can still be undone; `over`: the case has ended."""

    move: Move
    old: int
    new: int
    can_be_undone: bool
    over: bool


@dataclass(frozen=True, slots=True)
class Batch:
    """Moves that were asked for together and can still be undone: how many, between which versions, since when."""

    id: str
    count: int
    asked_at: datetime
    old: int
    new: int


def rows(db: Session, process_id: str) -> list[Row]:
    """The moves of a pathway, as many as a page shows: those that wait, those that can be undone, the rest; the newest
    first."""
    numbers = _numbers(db, process_id)
    turn = case((Move.status.in_(migration.WAITING), 0), (_can_be_undone(), 1), else_=2)
    found = db.scalars(_of(process_id).order_by(turn, Move.asked_at.desc(), Move.id).limit(MOST_SHOWN)).all()
    ended = select(Instance.id).where(Instance.id.in_({each.instance_id for each in found}), Instance.status != "open")
    over = set(db.scalars(ended))
    return [_row(move, numbers, move.instance_id in over) for move in found]


def batches(db: Session, process_id: str) -> list[Batch]:
    """What can be undone together, the newest first, however many moves it is."""
    numbers, which = _numbers(db, process_id), (Move.batch, Move.from_id, Move.to_id)
    found = _of(process_id).where(_can_be_undone()).with_only_columns(*which, func.count(), func.max(Move.asked_at))
    return [
        Batch(batch, count, at, numbers[old], numbers[new])
        for batch, old, new, count, at in db.execute(found.group_by(*which).order_by(func.max(Move.asked_at).desc()))
    ]


def progress(db: Session, process_id: str) -> tuple[int, int]:
    """How many moves of a pathway wait for the clock, and of how many that go the same way in the same batch."""
    counted = _of(process_id).with_only_columns(Move.batch, Move.status, func.count()).group_by(Move.batch, Move.status)
    found: dict[str, Counter[str]] = {}
    for batch, status, count in db.execute(counted):
        found.setdefault(batch, Counter())[status] = count
    waiting = together = 0
    for states in found.values():
        there, back = states["queued"], states["undoing"]
        waiting += there + back
        together += states.total() if there else back + states["undone"] if back else 0
    return waiting, together


def _of(process_id: str) -> Select[Move]:
    return select(Move).join(Definition, Definition.id == Move.to_id).where(Definition.process_id == process_id)


def _can_be_undone() -> ColumnElement[bool]:
    """As `_row` says it of a move that was read."""
    runs = select(Instance.id).where(Instance.id == Move.instance_id, Instance.status == "open").exists()
    return and_(Move.status == "done", Move.moved_at > clock.now() - KEPT, runs)


def _numbers(db: Session, process_id: str) -> dict[str, int]:
    return {each.definition.id: each.definition.version for each in versions(db, process_id)}


def _row(move: Move, numbers: Mapping[str, int], over: bool) -> Row:
    done = move.status == "done" and move.moved_at is not None and move.moved_at + KEPT > clock.now()
    return Row(move, numbers[move.from_id], numbers[move.to_id], done and not over, done and over)


# -- the clock ---------------------------------------------------------------------------------------------------------


def step(db: Session, move_id: str) -> int:
    """Make one move or move back that was asked for, or write down why not. Returns whether there was one to make."""
    move = db.get(Move, move_id)
    if move is None or move.status not in ("queued", "undoing"):
        return 0
    try:
        with db.begin_nested():
            if move.status == "queued":
                migration.apply(db, move_id, by=move.asked_by)
            else:
                migration.undo(db, move_id, by=move.undone_by or move.asked_by)
            chasing.look_at_tasks(db, move.instance_id)
    except AlreadyDone:
        return 0
    except CannotMove as refusal:
        migration.refuse(db, move_id, refusal.obstacle.sentence, refusal.obstacle.params, by="clock")
    except Refused as refusal:
        migration.refuse(db, move_id, refusal.sentence, refusal.params, by="clock")
    return 1


def failed(db: Session, move_id: str) -> None:
    """A move broke in a way nobody foresaw: the case is as it was, the row says so, and the coordinators are told."""
    move = migration.refuse(db, move_id, TECHNICAL, {}, by="clock")
    instance = db.get_one(Instance, move.instance_id)
    reminders.tell_of_incident(db, incidents.raise_incident(db, instance, "", TECHNICAL))

