"""One run of an instance: its state is loaded, played until everything waits, and written back with its rows."""

import zlib
from collections.abc import Callable

from sqlalchemy.orm import Session

from core import failpoint, log
from core.errors import N_, Refused
from engine import messages, waits
from engine.game import state
from engine.game.env import Fault, Thrown
from engine.game.run import Run
from engine.game.state import State
from engine.incidents import STUCK, raise_incident
from engine.tables import Instance
from engine.world import World

Act = Callable[[Run], None]


class ModelFault(Refused):
    """The model has no answer for this situation; nothing was changed. `instance_id` and `element` say where."""

    status = 409
    sentence = N_("Il percorso si è fermato qui: %(why)s. Nulla è andato perso; avvisa il coordinamento.")

    def __init__(self, instance_id: str, fault: Fault) -> None:
        super().__init__(None, why=fault.sentence % fault.params if fault.params else fault.sentence)
        self.instance_id, self.element, self.fault = instance_id, fault.element, fault


class Damaged(Refused):
    """The stored state is not what was written: it is parked, never executed."""

    status = 409
    sentence = N_("Lo stato salvato di questo percorso è danneggiato: avvisa il coordinamento.")


def play(db: Session, instance: Instance, loaded: State, act: Act, by: str, outcome: str = "ended") -> list[Thrown]:
    """Act on the state, settle, save; return what was thrown to other instances. Raises ModelFault."""
    world = World(db, instance, by)
    run = Run(loaded, world)
    before = waits.of(run, instance)
    try:
        act(run)
        run.settle()
    except Fault as fault:
        raise ModelFault(instance.id, fault) from fault
    except Exception as problem:
        vars(problem)["element"] = world.at
        raise
    failpoint.reach("engine.after_step")
    _save(db, instance, run, before, by, outcome)
    return run.thrown


def _save(db: Session, instance: Instance, run: Run, before: waits.Waits, by: str, outcome: str) -> None:
    instance.state = state.dumps(run.state)
    instance.check = _checksum(instance.state)
    after = waits.of(run, instance)
    if not run.state.scopes:
        instance.status = "failed" if run.uncaught else outcome
        instance.ended_at = run.env.now()
        if instance.status != "cancelled":  # whoever cancelled has said so, with the reason
            log.append(
                db,
                f"instance.{instance.status}",
                instance.stream,
                by=by,
                case=instance.business_key,
                instance=instance.id,
            )
    for element, code in run.uncaught:
        raise_incident(
            db, instance, element, N_("errore «%(code)s» che nessun evento del modello raccoglie"), {"code": code}
        )
    if run.state.scopes and not after:
        raise_incident(db, instance, "", STUCK)
    db.flush()
    waits.save(db, instance, before, after, run.env.now())
    waits.record(db, instance, run, after, by)
    messages.pick_up(db, instance, before, after)


def place_of(problem: BaseException) -> str:
    """The element at which a run broke; empty if it was not at one."""
    return str(getattr(problem, "element", ""))


def load(instance: Instance) -> State:
    """Return the stored state. Raises Damaged when it is not what was written."""
    if _checksum(instance.state) != instance.check:
        raise Damaged()
    try:
        return state.loads(instance.state)
    except ValueError:
        raise Damaged() from None


def _checksum(raw: bytes) -> str:
    return f"{zlib.crc32(raw):08x}"
