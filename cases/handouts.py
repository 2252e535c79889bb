"""Handouts: files of the log and of the histories that leave the house, because a second person agreed (four eyes)."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Text, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from cases import access, casefile, reasons
from cases.access import Actor
from core import clock, log, users
from core.db import Base
from core.errors import N_, InvalidForm, NotYours, WrongOrder
from core.ids import new_id

KINDS = ("proofs", "xes", "ocel", "csv", "jsonl", "htcds")
PATIENCE = timedelta(days=7)
DAY = timedelta(days=1)
WAITING, GRANTED, REFUSED = "waiting", "granted", "refused"


class Handout(Base):
    """One file that somebody asked for, and the answer. The reason is sealed with the first of its cases."""

    __tablename__ = "audit_handout"
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    cases: Mapped[list[str]]
    reason_id: Mapped[str] = mapped_column(Text)
    asked_by: Mapped[str] = mapped_column(Text, index=True)
    asked_at: Mapped[datetime]
    status: Mapped[str] = mapped_column(Text, default=WAITING)
    decided_by: Mapped[str | None] = mapped_column(Text)
    decided_at: Mapped[datetime | None]
    sha256: Mapped[str | None] = mapped_column(Text)

    @property
    def is_ready(self) -> bool:
        """May the asker fetch it now? A day long."""
        return self.status == GRANTED and self.decided_at is not None and clock.now() < self.decided_at + DAY


def ask(db: Session, actor: Actor, kind: str, codes: Sequence[str], words: str) -> Handout:
    """Ask for a file of these cases. Raises InvalidForm by field, NotYours for a case that is not there."""
    access.require(actor, "audit.read")
    if kind not in KINDS or not codes:
        raise InvalidForm({"export": [N_("Scegli una voce dell'elenco.")]})
    known = [casefile.get(db, code).code for code in codes]
    reason_id = reasons.keep(db, casefile.scope_of(known[0]), "handout.asked", words, by=actor.user_id)
    row = Handout(
        id=new_id(), kind=kind, cases=known, reason_id=reason_id, asked_by=actor.user_id, asked_at=clock.now(),
        status=WAITING,
    )  # fmt: skip
    db.add(row)
    db.flush()
    _say(db, "handout.asked", row, by=actor.user_id)
    return row


def waiting(db: Session, actor: Actor) -> list[Handout]:
    """What waits for a second person, of others, the oldest first."""
    access.require(actor, "audit.second")
    query = select(Handout).where(Handout.status == WAITING, Handout.asked_by != actor.user_id)
    return list(db.scalars(query.where(Handout.asked_at > clock.now() - PATIENCE).order_by(Handout.asked_at)))


def mine(db: Session, actor: Actor) -> list[Handout]:
    """What this person asked for lately, the newest first."""
    lately = or_(Handout.asked_at > clock.now() - PATIENCE, Handout.decided_at > clock.now() - PATIENCE)
    query = select(Handout).where(Handout.asked_by == actor.user_id, lately)
    return list(db.scalars(query.order_by(Handout.asked_at.desc())))


def decide(db: Session, actor: Actor, handout_id: str, *, yes: bool) -> Handout:
    """Agree or not. Nobody answers oneself, nor for whom one stands in. Raises NotYours, WrongOrder."""
    access.require(actor, "audit.second")
    row = db.get(Handout, handout_id, with_for_update=True)
    if row is None or row.asked_by == actor.user_id:
        raise NotYours
    if row.status != WAITING or clock.now() >= row.asked_at + PATIENCE:
        raise WrongOrder(N_("A questa richiesta è già stata data una risposta, oppure è passato troppo tempo."))
    if row.asked_by in users.stands_in_for(db, actor.user_id, clock.today()):
        raise WrongOrder(N_("Sostituisci chi lo chiede: deve rispondere un'altra persona."))
    row.status = GRANTED if yes else REFUSED
    row.decided_by, row.decided_at = actor.user_id, clock.now()
    _say(db, "handout.granted" if yes else "handout.refused", row, by=actor.user_id)
    return row


def reason(db: Session, row: Handout) -> str:
    """Why, in the asker's words, for the second person."""
    return reasons.words(db, row.reason_id)


def ready(db: Session, actor: Actor, handout_id: str) -> Handout:
    """The file that its asker may fetch now; else it does not exist."""
    access.require(actor, "audit.read")
    row = db.get(Handout, handout_id)
    if row is None or row.asked_by != actor.user_id or not row.is_ready:
        raise NotYours
    return row


def taken(db: Session, row: Handout, sha256: str, *, by: str) -> Handout:
    """The file was fetched; its hash is kept."""
    row.sha256 = sha256
    _say(db, "handout.taken", row, by=by, sha256=sha256)
    return row


def _say(db: Session, verb: str, row: Handout, *, by: str, sha256: str | None = None) -> None:
    """One line in the history of every case of which something leaves the house."""
    for code in row.cases:
        log.append(db, verb, casefile.scope_of(code), by=by, case=code, handout=row.id, kind=row.kind, sha256=sha256)
