"""Moving running instances to another version of their process: plan, apply, and undo within thirty days.

An instance is moved in one transaction, under its lock, or not at all. What it waits for keeps its identity: a task its
id, assignee, draft, comments and day to look again, a timer its due time. The steps behind it stay in the history as
they were; those that wait are written down twice, closed on the old version and open on the new one.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from core import clock, failpoint, log
from core.db import Base
from core.errors import N_, AlreadyDone, NotYours, Refused, WrongOrder
from core.ids import new_id
from engine import registry, runs, waits
from engine.game import state
from engine.game.move import Mover, Obstacle, way_back
from engine.game.program import Node
from engine.game.run import Run
from engine.tables import Definition, Incident, Instance, Step
from engine.world import World

KEPT = timedelta(days=30)
WAITING = ("queued", "undoing")
SAFE, MAPPING, REFUSED = "safe", "mapping", "refused"
OVER = N_("il percorso è finito o è già su un'altra versione")
LATER = N_("è stato spostato ancora dopo: prima si annulla quello spostamento")
DAMAGED = N_("il suo stato salvato è danneggiato")
PARKED = N_("è fermo per un'anomalia su «%(name)s», che con lo spostamento andrebbe persa: prima va chiusa")


class Move(Base):
    """One instance on its way to another version, and back. `status`: queued, done, refused, undoing, undone.

    `before` is the state as it was: what a move back takes up again. `sentence` (an Italian msgid with the places of
    `params`) says why a move, or a move back, was refused.
    """

    __tablename__ = "move"
    __table_args__ = (Index("ix_move_status_asked", "status", "asked_at"),)
    id: Mapped[str] = mapped_column(primary_key=True)
    batch: Mapped[str] = mapped_column(index=True)
    instance_id: Mapped[str] = mapped_column(ForeignKey("instance.id"), index=True)
    business_key: Mapped[str]
    from_id: Mapped[str] = mapped_column(ForeignKey("definition.id"))
    to_id: Mapped[str] = mapped_column(ForeignKey("definition.id"))
    mapping: Mapped[dict[str, Any]]
    status: Mapped[str]
    before: Mapped[bytes | None] = mapped_column(LargeBinary)
    sentence: Mapped[str]
    params: Mapped[dict[str, Any]]
    asked_by: Mapped[str]
    asked_at: Mapped[datetime]
    moved_at: Mapped[datetime | None]
    undone_by: Mapped[str | None]
    undone_at: Mapped[datetime | None]


class CannotMove(Refused):
    """The instance stays where it is, whole; `obstacle` says why."""

    status = 409
    sentence = N_("Il caso resta sulla sua versione: %(why)s.")

    def __init__(self, obstacle: Obstacle) -> None:
        self.obstacle = obstacle
        super().__init__(None, why=obstacle.sentence % obstacle.params if obstacle.params else obstacle.sentence)


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a move would be for one instance: `verdict` safe, mapping or refused, and what stands against it."""

    instance_id: str
    business_key: str
    verdict: str
    obstacles: tuple[Obstacle, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """A step in progress that the new version does not have, and the steps in which it may go on."""

    node: Node
    choices: Sequence[Node]
    chosen: str


# -- looking ahead -----------------------------------------------------------------------------------------------------


def plan(
    db: Session,
    from_definition: str,
    to_definition: str,
    mapping: Mapping[str, str] | None = None,
    instance_ids: Iterable[str] | None = None,
    *,
    most: int | None = None,
) -> list[Outlook]:
    """Return what a move would be for each open instance that runs on a version (or for these), oldest first.

    Nothing is changed. Raises WrongOrder where the two are not versions of one process, NotYours if one is missing.
    """
    check(db, from_definition, to_definition, mapping or {})
    query = _running(from_definition)
    if instance_ids is not None:
        query = query.where(Instance.id.in_(tuple(instance_ids)))
    found = db.scalars(query.order_by(Instance.started_at, Instance.id).limit(most)).all()
    return [_outlook(db, each, from_definition, to_definition, mapping or {}) for each in found]


def check(db: Session, from_definition: str, to_definition: str, mapping: Mapping[str, str]) -> None:
    """Raise WrongOrder unless these are two versions of one process and the mapping leads to elements of the second."""
    source, target = registry.get(db, from_definition), registry.get(db, to_definition)
    if source.process_id != target.process_id or source.id == target.id:
        raise WrongOrder(N_("Si può passare solo da una versione a un'altra dello stesso percorso."))
    nodes = registry.program(db, to_definition).nodes
    if any(element not in nodes for element in mapping.values()):
        raise WrongOrder(N_("Uno dei passi scelti non è nella nuova versione: ricarica la pagina e scegli di nuovo."))


def _running(definition_id: str) -> Any:
    """Open instances in which something waits on this version, be it as a called process."""
    here = select(Step.instance_id).where(Step.definition_id == definition_id, Step.ended_at.is_(None))
    return select(Instance).where(Instance.status == "open", Instance.id.in_(here))


def running(db: Session, definition_id: str) -> list[str]:
    """Return the ids of the open instances that run on a version, oldest first."""
    query = _running(definition_id).with_only_columns(Instance.id)
    return list(db.scalars(query.order_by(Instance.started_at, Instance.id)))


def in_use(db: Session) -> list[str]:
    """Return the ids of the versions, of whatever process, in which a step of an open instance waits."""
    query = select(Step.definition_id).join(Instance, Instance.id == Step.instance_id).distinct()
    return sorted(db.scalars(query.where(Step.ended_at.is_(None), Instance.status == "open")))


def counts(db: Session, process_id: str) -> dict[str, int]:
    """Return how many open instances run on each version of a process, by the version's id."""
    query = (
        select(Step.definition_id, func.count(Step.instance_id.distinct()))
        .join(Definition, Definition.id == Step.definition_id)
        .join(Instance, Instance.id == Step.instance_id)
        .where(Definition.process_id == process_id, Step.ended_at.is_(None), Instance.status == "open")
        .group_by(Step.definition_id)
    )
    return {definition: count for definition, count in db.execute(query)}


def questions(
    db: Session, from_definition: str, to_definition: str, outlooks: Iterable[Outlook], mapping: Mapping[str, str]
) -> list[Question]:
    """Return what has to be chosen for a move, and what was chosen for it already."""
    nodes = registry.program(db, from_definition).nodes
    nobody = Instance(id="", definition_id=from_definition, business_key="", tenant="")
    mover = Mover(Run(state.State(), World(db, nobody, "clock")), from_definition, to_definition, mapping)
    gone = [each.element for one in outlooks for each in one.obstacles if each.can_be_mapped]
    return [
        Question(nodes[element], choices, mapping.get(element, ""))
        for element in dict.fromkeys((*mapping, *gone))
        if element in nodes and (choices := mover.candidates(nodes[element]))
    ]


def _outlook(db: Session, instance: Instance, old: str, new: str, mapping: Mapping[str, str]) -> Outlook:
    obstacles = _obstacles(db, instance, old, new, mapping)
    mappable = all(each.can_be_mapped for each in obstacles)
    verdict = SAFE if not obstacles else MAPPING if mappable else REFUSED
    return Outlook(instance.id, instance.business_key, verdict, tuple(obstacles))


def _obstacles(
    db: Session, instance: Instance, old: str, new: str, mapping: Mapping[str, str], before: bytes | None = None
) -> list[Obstacle]:
    """Move a copy of the state, and say what stands against it."""
    try:
        loaded = runs.load(instance)
    except runs.Damaged:
        return [Obstacle("", DAMAGED)]
    run = Run(loaded, World(db, instance, "clock"))
    waited = set(waits.of(run, instance).timers)
    mover = _mover(run, old, new, mapping, before)
    if not mover.scopes:
        return [Obstacle("", OVER)]
    found = mover.obstacles() or mover.move()
    if found:
        return found
    return _parked(db, instance, waited - set(waits.of(run, instance).timers), old)


def _mover(run: Run, old: str, new: str, mapping: Mapping[str, str], before: bytes | None) -> Mover:
    return Mover(run, old, new, mapping, state.loads(before) if before is not None else None)


def _parked(db: Session, instance: Instance, lost: set[str], old: str) -> list[Obstacle]:
    """What an open incident gave up must still be there afterwards: else nobody could try it again."""
    if not lost:
        return []
    query = select(Incident.element).where(Incident.instance_id == instance.id, Incident.status == "open")
    nodes = registry.program(db, old).nodes
    elements = db.scalars(query.where(Incident.parked.in_(sorted(lost)))).all()
    return [
        Obstacle(element, PARKED, {"name": nodes[element].name or element if element in nodes else element})
        for element in elements
    ]


# -- moving ------------------------------------------------------------------------------------------------------------


def ask(
    db: Session, from_definition: str, to_definition: str, mapping: Mapping[str, str], instance_ids: Iterable[str],
    *, by: str,
) -> list[Move]:  # fmt: skip
    """Put these instances in the queue for a move, as one batch, and return it; who waits there already is left out.

    Raises WrongOrder if the versions do not fit.
    """
    check(db, from_definition, to_definition, mapping)
    waiting = set(db.scalars(select(Move.instance_id).where(Move.status.in_(("queued", "undoing")))))
    chosen = [each for each in dict.fromkeys(instance_ids) if each not in waiting]
    query = _running(from_definition).where(Instance.id.in_(chosen)).order_by(Instance.started_at, Instance.id)
    batch, now = new_id(), clock.now()
    made = [
        Move(
            id=new_id(), batch=batch, instance_id=each.id, business_key=each.business_key, from_id=from_definition,
            to_id=to_definition, mapping=dict(mapping), status="queued", sentence="", params={}, asked_by=by,
            asked_at=now,
        )
        for each in db.scalars(query)
    ]  # fmt: skip
    db.add_all(made)
    db.flush()
    source, target = registry.get(db, from_definition), registry.get(db, to_definition)
    log.append(
        db, "model.move_asked", f"model:{target.process_id}", by=by, old=source.version, new=target.version,
        batch=batch, count=len(made),
    )  # fmt: skip
    return made


def apply(db: Session, move_id: str, *, by: str) -> Move:
    """Move one instance as its row in the queue says, and return the row.

    Raises CannotMove (why; the instance is as it was), AlreadyDone if the row is not waiting, NotYours if it is gone.
    """
    move, instance = _hold(db, move_id, "queued", by)
    if instance.status != "open":
        raise CannotMove(Obstacle("", OVER))
    wrong = _obstacles(db, instance, move.from_id, move.to_id, move.mapping)
    if wrong:
        raise CannotMove(wrong[0])
    move.before = instance.state
    _carry_over(db, instance, move.from_id, move.to_id, move.mapping, None, by)
    move.status, move.moved_at, move.sentence, move.params = "done", clock.now(), "", {}
    _say(db, "instance.moved", instance, move.from_id, move.to_id, by)
    return move


def undo(db: Session, move_id: str, *, by: str) -> Move:
    """Move an instance back to the version it came from, within thirty days, and return the row.

    Raises CannotMove if the old version cannot carry what has happened since, WrongOrder if it is too late or was never
    moved, NotYours if there is no such row.
    """
    status = _get(db, move_id).status
    if status not in ("done", "undoing"):
        raise WrongOrder(N_("Questo spostamento non è stato fatto, o è già stato annullato."))
    move, instance = _hold(db, move_id, status, by)
    if move.moved_at is None or move.moved_at + KEPT < clock.now():
        raise WrongOrder(N_("Sono passati più di trenta giorni: lo spostamento non si annulla più."))
    if instance.status != "open":
        raise CannotMove(Obstacle("", OVER))
    if _moved_later(db, move):
        raise CannotMove(Obstacle("", LATER))
    back = way_back(move.mapping, registry.program(db, move.from_id).nodes)
    wrong = _obstacles(db, instance, move.to_id, move.from_id, back, move.before)
    if wrong:
        raise CannotMove(wrong[0])
    _carry_over(db, instance, move.to_id, move.from_id, back, move.before, by)
    move.status, move.undone_at, move.undone_by, move.sentence, move.params = "undone", clock.now(), by, "", {}
    _say(db, "instance.moved_back", instance, move.to_id, move.from_id, by)
    return move


def _moved_later(db: Session, move: Move) -> bool:
    """Has a later move of the same process not been taken back? What was before this one says nothing of that."""
    process = registry.get(db, move.to_id).process_id
    query = select(Move.id).join(Definition, Definition.id == Move.to_id).where(Definition.process_id == process)
    query = query.where(Move.instance_id == move.instance_id, Move.status.in_(("done", "undoing")))
    return db.scalar(query.where(Move.moved_at > move.moved_at).limit(1)) is not None


def ask_back(db: Session, move_ids: Iterable[str], *, by: str) -> list[Move]:
    """Put moves that were made in the queue to be undone, and return them; others are left out."""
    query = select(Move).where(Move.id.in_(tuple(move_ids)), Move.status == "done").order_by(Move.id).with_for_update()
    found = list(db.scalars(query))
    for move in found:
        move.status, move.undone_by, move.sentence, move.params = "undoing", by, "", {}
    if found:
        process = registry.get(db, found[0].to_id).process_id
        log.append(db, "model.move_back_asked", f"model:{process}", by=by, count=len(found))
    return found


def refuse(db: Session, move_id: str, sentence: str, params: Mapping[str, object], *, by: str) -> Move:
    """Write down that a move, or a move back, was not made, and why; the instance is as it was."""
    move = _get(db, move_id)
    move.status = "done" if move.status == "undoing" else "refused"
    move.undone_by = None
    move.sentence, move.params = sentence, {name: str(value) for name, value in params.items()}
    instance = db.get_one(Instance, move.instance_id)
    log.append(
        db, "instance.move_refused", instance.stream, by=by, case=instance.business_key, instance=instance.id,
        move=move.id,
    )  # fmt: skip
    return move


def waiting(db: Session, limit: int = 1000) -> list[str]:
    """Return the ids of the moves and moves back that wait for the clock, oldest first."""
    query = select(Move.id).where(Move.status.in_(WAITING)).order_by(Move.asked_at, Move.id)
    return list(db.scalars(query.limit(limit)))


def _get(db: Session, move_id: str) -> Move:
    move = db.get(Move, move_id)
    if move is None:
        raise NotYours
    return move


def _hold(db: Session, move_id: str, status: str, by: str) -> tuple[Move, Instance]:
    query = select(Instance).where(Instance.id == _get(db, move_id).instance_id).with_for_update()
    instance = db.scalars(query.execution_options(populate_existing=True)).one()
    # read again under the lock: another clock may have been faster
    move = db.get_one(Move, move_id, populate_existing=True)
    if move.status != status:
        raise AlreadyDone(who=by, when="")
    return move, instance


def _carry_over(
    db: Session, instance: Instance, old: str, new: str, mapping: Mapping[str, str], before: bytes | None, by: str
) -> None:
    """Bind the state to the new version and write its rows: those that stay are changed, never made anew."""
    moved: dict[str, str] = {}
    rows: list[waits.Waits] = []

    def act(run: Run) -> None:
        mover = _mover(run, old, new, mapping, before)
        rows.append(waits.of(run, instance))
        wrong = mover.move()
        if wrong:
            raise CannotMove(wrong[0])
        rows.append(waits.of(run, instance))
        if any(scope.role == "process" for scope in mover.scopes):
            instance.definition_id = new
        moved.update({token.key: token.node for token in mover.tokens})

    runs.play(db, instance, runs.load(instance), act, by)
    failpoint.reach("move.half")
    waits.keep_sources(db, (old, new), rows[0].tasks, rows[1].tasks, moved)
    waits.change(db, *rows)
    waits.rebind_steps(db, instance, (old, new), moved, (rows[0].tasks, rows[1].tasks), by)


def _say(db: Session, verb: str, instance: Instance, old: str, new: str, by: str) -> None:
    db.flush()
    source, target = registry.get(db, old), registry.get(db, new)
    log.append(
        db, verb, instance.stream, by=by, case=instance.business_key, process=target.process_id, old=source.version,
        new=target.version, instance=instance.id,
    )  # fmt: skip
