"""Reveals: a sealed address shown for some minutes to one worker of the case, because a second person agreed.

Who follows the case asks with a reason; the house's own staff or a coordinator answers. Nobody answers oneself, nor for
whom one stands in, nor while asking for the same house. The address itself stays in `cases/shelters.py`: it is read
anew at every look, once for each press of the button, and never copied. Whether a house has an address plays no part
in any of this, so nothing here can tell it.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ForeignKey, Text, func, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from cases import access, casefile, codes, quotas, reasons, shelters
from cases.access import Actor
from cases.actions import ASSIGNABLE
from cases.casefile import Case
from cases.shelters import Placement, Shelter
from core import clock, log, users
from core.db import Base
from core.errors import N_, NotYours, TooMany, WrongOrder
from core.ids import new_id

# How long a question waits for an answer, and how many one person may put in a day.
PATIENCE = timedelta(hours=12)
DAY = timedelta(days=1)
MOST_A_DAY = 4
WAITING, GRANTED, REFUSED, EXPIRED, OVER = "waiting", "granted", "refused", "expired", "over"
TOO_MANY = N_(
    "In un giorno hai chiesto troppi indirizzi: parlane con la supervisione. Il coordinamento è stato avvisato."
)
ANSWERED = N_("A questa richiesta è già stata data una risposta, oppure è passato troppo tempo.")
NOT_YOU = N_("Hai chiesto anche tu questo indirizzo, o sostituisci chi lo chiede: deve rispondere un'altra persona.")


class Reveal(Base):
    """One question for an address, its answer, and how often it was looked at."""

    __tablename__ = "address_reveal"
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    case_code: Mapped[str] = mapped_column(ForeignKey("case_file.code"), index=True)
    shelter: Mapped[str | None] = mapped_column(ForeignKey("shelter.code"), index=True)  # null once it is forgotten
    why: Mapped[str] = mapped_column(Text)
    reason_id: Mapped[str] = mapped_column(Text)
    asked_by: Mapped[str] = mapped_column(Text, index=True)
    asked_at: Mapped[datetime]
    status: Mapped[str] = mapped_column(Text, default=WAITING)
    decided_by: Mapped[str | None] = mapped_column(Text)
    decided_at: Mapped[datetime | None]
    refusal_id: Mapped[str | None] = mapped_column(Text)
    until: Mapped[datetime | None]
    looks: Mapped[int] = mapped_column(default=0)

    @property
    def state(self) -> str:
        """The status as the clock stands, also before the clock process has written it down."""
        now = clock.now()
        if self.status == WAITING and now >= self.asked_at + PATIENCE:
            return EXPIRED
        return OVER if self.status == GRANTED and self.until is not None and now >= self.until else self.status


def may_ask(db: Session, actor: Actor, case: Case) -> bool:
    """Works on the case, which has somebody in a house, and is not that house's staff. An emergency is no such way in:
    it opens the case and not the house."""
    if case.status == "closed" or not access.may(actor, "shelter.ask", case.post):
        return False
    stay = shelters.current(db, case.code)
    own = {house.code for house in shelters.houses_of(db, actor)}
    return stay is not None and stay.shelter not in own and bool(access.ways_into(db, actor, case) & ASSIGNABLE)


def find_case(db: Session, actor: Actor, code: str) -> Case:
    """The case about whose house the actor may ask; else it does not exist."""
    case = access.get_case(db, actor, code)
    if not may_ask(db, actor, case):
        raise NotYours
    return case


def ask(db: Session, actor: Actor, case: Case, why: str, words: str) -> Reveal:
    """Ask for the address of the house of a case. Raises InvalidForm by field, WrongOrder while an answer stands,
    TooMany beyond some a day."""
    codes.check("why", codes.LISTS["motivo_indirizzo"], why)
    casefile.lock(db, case.code)
    stay = _stay(db, case)
    standing = newest(db, actor, case)
    if standing is not None and standing.shelter == stay.shelter and standing.state in (WAITING, GRANTED):
        raise WrongOrder(N_("Hai già chiesto questo indirizzo: la risposta arriva in questa pagina e tra gli avvisi."))
    mine = select(func.count()).where(Reveal.asked_by == actor.user_id, Reveal.asked_at > clock.now() - DAY)
    if (db.scalar(mine) or 0) >= MOST_A_DAY:
        raise TooMany(quotas.REVEALS, TOO_MANY)
    scope = casefile.scope_of(case.code)
    kept = reasons.keep(db, scope, "reveal.asked", words, by=actor.user_id)
    asked: dict[str, Any] = {"asked_by": actor.user_id, "asked_at": clock.now(), "status": WAITING, "looks": 0}
    reveal = Reveal(id=new_id(), case_code=case.code, shelter=stay.shelter, why=why, reason_id=kept, **asked)
    db.add(reveal)
    db.flush()
    _say(db, "reveal.asked", reveal, by=actor.user_id, why=why, reason_id=kept)
    return reveal


def newest(db: Session, actor: Actor, case: Case) -> Reveal | None:
    """What the actor asked last about the house of this case."""
    mine = select(Reveal).where(Reveal.case_code == case.code, Reveal.asked_by == actor.user_id)
    return db.scalar(mine.order_by(Reveal.asked_at.desc(), Reveal.id).limit(1))


def to_answer(db: Session, actor: Actor) -> list[Reveal]:
    """The questions that wait for an answer which the actor may give, the oldest first."""
    access.require(actor, "shelter.reveal")
    query = _answerable(actor).where(Reveal.status == WAITING, Reveal.asked_at > clock.now() - PATIENCE)
    return list(db.scalars(query.order_by(Reveal.asked_at, Reveal.id)))


def answered(db: Session, actor: Actor, *, limit: int = 20) -> list[Reveal]:
    """The questions of the houses that the actor answers for which wait no longer, the newest first."""
    access.require(actor, "shelter.reveal")
    over = or_(Reveal.status != WAITING, Reveal.asked_at <= clock.now() - PATIENCE)
    return list(db.scalars(_answerable(actor).where(over).order_by(Reveal.asked_at.desc(), Reveal.id).limit(limit)))


def may_read_words(db: Session, actor: Actor, reveal: Reveal) -> bool:
    """Does the actor, who may answer, also reach the case and its class P3?"""
    return access.may_read(db, actor, casefile.get(db, reveal.case_code), "P3")


def read_words(db: Session, actor: Actor, reveal: Reveal) -> str:
    """Why somebody asks, in their words; the reading is written down."""
    access.reveal(db, actor, casefile.get(db, reveal.case_code), "P3", what="reason")
    return reasons.words(db, reveal.reason_id)


def why_not(db: Session, reveal: Reveal) -> str:
    """The words of a refusal, for who asked."""
    return reasons.words(db, reveal.refusal_id) if reveal.refusal_id else ""


def grant(db: Session, actor: Actor, reveal_id: str, minutes: int) -> Reveal:
    """Let the asker see the address for some minutes from now on."""
    reveal = _to_decide(db, actor, reveal_id)
    stay = shelters.current(db, reveal.case_code)
    if stay is None or stay.shelter != reveal.shelter:
        raise WrongOrder(N_("La persona non è più in questa struttura: la richiesta non serve più."))
    reveal.status, reveal.until = GRANTED, clock.now() + timedelta(minutes=minutes)
    reveal.decided_by, reveal.decided_at = actor.user_id, clock.now()
    _say(db, "reveal.granted", reveal, by=actor.user_id, user=reveal.asked_by, until=reveal.until)
    return reveal


def refuse(db: Session, actor: Actor, reveal_id: str, words: str) -> Reveal:
    """Say no, and why."""
    reveal = _to_decide(db, actor, reveal_id)
    scope = casefile.scope_of(reveal.case_code)
    reveal.refusal_id = reasons.keep(db, scope, "reveal.refused", words, by=actor.user_id)
    reveal.status, reveal.decided_by, reveal.decided_at = REFUSED, actor.user_id, clock.now()
    _say(db, "reveal.refused", reveal, by=actor.user_id, user=reveal.asked_by, reason_id=reveal.refusal_id)
    return reveal


def look(db: Session, actor: Actor, case: Case, press: str) -> str:
    """The address, once for each press: `press` is the number of looks that the page with the button has shown.

    Raises NotYours without an answer, WrongOrder when the time is over or the same press is sent again.
    """
    mine = newest(db, actor, case)
    if mine is None or mine.status not in (GRANTED, OVER):
        raise NotYours
    reveal = _lock(db, mine.id)
    if reveal.state != GRANTED or reveal.shelter is None or _stay(db, case).shelter != reveal.shelter:
        raise WrongOrder(N_("Il tempo per vedere l'indirizzo è finito."))
    if press != str(reveal.looks):
        raise WrongOrder(
            N_("L'indirizzo compare una volta sola per ogni volta che premi: torna indietro e premi di nuovo.")
        )
    reveal.looks += 1
    access.viewed(db, case, "P4", what="shelter_address", by=actor.user_id)
    return shelters.revealed(db, reveal.shelter, reveal=reveal.id, by=actor.user_id)


def expire(db: Session) -> list[Reveal]:
    """Write down what time has ended: questions without an answer, looks that are over."""
    now = clock.now()
    unanswered = (Reveal.status == WAITING) & (Reveal.asked_at <= now - PATIENCE)
    gone = (Reveal.status == GRANTED) & (Reveal.until <= now)
    ended = list(db.scalars(select(Reveal).where(or_(unanswered, gone)).with_for_update()))
    for reveal in ended:
        reveal.status = reveal.state
        _say(db, f"reveal.{reveal.status}", reveal, by="clock", user=reveal.asked_by)
    return ended


def _answerable(actor: Actor) -> Any:
    """Of the own house, or any for a coordinator; never one's own."""
    house = select(Shelter.code).where(Shelter.post.in_(actor.posts("shelter_worker")))
    query = select(Reveal).where(Reveal.asked_by != actor.user_id)
    return query if actor.has("coordinator") else query.where(Reveal.shelter.in_(house))


def _to_decide(db: Session, actor: Actor, reveal_id: str) -> Reveal:
    access.require(actor, "shelter.reveal")
    if db.scalar(_answerable(actor).where(Reveal.id == reveal_id)) is None:
        raise NotYours
    reveal = _lock(db, reveal_id)
    if reveal.state != WAITING:
        raise WrongOrder(ANSWERED)
    also = select(Reveal.id).where(Reveal.asked_by == actor.user_id, Reveal.shelter == reveal.shelter)
    if db.scalar(also.where(Reveal.asked_at > clock.now() - DAY).limit(1)) is not None:
        raise WrongOrder(NOT_YOU)
    if reveal.asked_by in users.stands_in_for(db, actor.user_id, clock.today()):
        raise WrongOrder(NOT_YOU)
    return reveal


def _lock(db: Session, reveal_id: str) -> Reveal:
    query = select(Reveal).where(Reveal.id == reveal_id).with_for_update()
    return db.scalars(query.execution_options(populate_existing=True)).one()


def _stay(db: Session, case: Case) -> Placement:
    stay = shelters.current(db, case.code)
    if stay is None:
        raise NotYours
    return stay


def forget(db: Session, case_code: str) -> None:
    """Of which house the address was asked is known no more; who asked and why stays."""
    db.execute(update(Reveal).where(Reveal.case_code == case_code).values(shelter=None))


def _say(db: Session, verb: str, reveal: Reveal, *, by: str, **facts: Any) -> None:
    scope = casefile.scope_of(reveal.case_code)
    log.append(db, verb, scope, by=by, case=reveal.case_code, shelter=reveal.shelter, reveal=reveal.id, **facts)
