"""Erasures: what was kept long enough goes, because two people agreed; and goes again if an old copy brought it back.

What is due stands in `cases/retention.py`. One person asks, another confirms. Of a file or a contact every key is
destroyed, and it is found no more; of a stay the house is forgotten; of the notes on risk all answers of class P4 and
the safe ways, also in the contacts that the case came from and in its searches for another place. Choices, dates and
numbers stay for the statistics, the lines of the log for the proofs.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ForeignKey, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from cases import access, contacts, persons, retention, reveals, sheets, shelters
from cases.access import Actor
from cases.casefile import Case
from cases.contacts import Contact
from cases.retention import Retention
from core import clock, log, users
from core.db import Base
from core.errors import N_, InvalidForm, NotYours, WrongOrder

MAY = "retention.erase"
MOST = 1000
SAFETY = "P4"  # what puts in danger: risk, relatives, ways to reach somebody


class Erasure(Base):
    """One date that is over, and who asked that what it speaks of go; gone once somebody has answered."""

    __tablename__ = "erasure"
    retention_id: Mapped[str] = mapped_column(ForeignKey("retention.id"), primary_key=True)
    asked_by: Mapped[str] = mapped_column(Text)
    asked_at: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class Due:
    """What may be erased, and who has asked for it, if somebody has."""

    row: Retention
    asked: Erasure | None

    @property
    def code(self) -> str:
        """The code of the case or contact."""
        return self.row.scope.partition(":")[2]


def due(db: Session, actor: Actor) -> list[Due]:
    """What may be erased today in the posts that the actor answers for, the oldest date first."""
    access.require(actor, MAY)
    rows = retention.due(db, clock.today(), MOST)
    posts = _posts(db, [row.scope for row in rows])
    mine = [row for row in rows if access.may(actor, MAY, posts.get(row.scope))]
    asked = {each.retention_id: each for each in db.scalars(select(Erasure))}
    return [Due(row, asked.get(row.id)) for row in mine]


def ask(db: Session, actor: Actor, chosen: Collection[str]) -> int:
    """Ask that these go; another person has to agree. Raises InvalidForm, NotYours for one that is not due here."""
    found = _chosen(db, actor, chosen)
    new = [each for each in found if each.asked is None]
    for each in new:
        db.add(Erasure(retention_id=each.row.id, asked_by=actor.user_id, asked_at=clock.now()))
        _say(db, "erasure.asked", each.row, by=actor.user_id)
    return len(new)


def confirm(db: Session, actor: Actor, chosen: Collection[str]) -> int:
    """Erase what another person asked for. Raises InvalidForm, NotYours, WrongOrder for one's own."""
    found = _of_others(db, actor, chosen)
    for each in found:
        erase(db, each.row, by=actor.user_id)
    return len(found)


def refuse(db: Session, actor: Actor, chosen: Collection[str]) -> int:
    """Let it be kept for now; whoever asked may take the own request back like this."""
    found = [each for each in _chosen(db, actor, chosen) if each.asked is not None]
    for each in found:
        db.delete(each.asked)
        _say(db, "erasure.refused", each.row, by=actor.user_id)
    return len(found)


def erase(db: Session, row: Retention, *, by: str) -> Retention:
    """Erase what one rule speaks of. Raises WrongOrder while a hold stands or the date has not passed."""
    code, asked = row.scope.partition(":")[2], db.get(Erasure, row.id)
    erased = retention.erased(db, row.id, by=by)
    if row.rule == retention.STAY:
        shelters.forget(db, code)
        reveals.forget(db, code)
    elif row.rule == retention.RISK:
        for scope in retention.vaults_of(db, row.scope):
            sheets.forget(db, scope, SAFETY)
        persons.forget_ways(db, code)
        contacts.forget(db, code, SAFETY)
    if asked is not None:
        db.delete(asked)
    db.flush()
    return erased


def _posts(db: Session, scopes: Sequence[str]) -> dict[str, str]:
    """Who answers for a case or a contact, by scope."""
    codes = [scope.partition(":")[2] for scope in scopes]
    of_cases = db.execute(select(Case.code, Case.post).where(Case.code.in_(codes)))
    of_contacts = db.execute(select(Contact.code, Contact.post).where(Contact.code.in_(codes)))
    return {f"case:{code}": post for code, post in of_cases} | {f"contact:{code}": post for code, post in of_contacts}


def _chosen(db: Session, actor: Actor, chosen: Collection[str]) -> list[Due]:
    if not chosen:
        raise InvalidForm({"chosen": [N_("Scegli almeno una voce.")]})
    found = {each.row.id: each for each in due(db, actor)}
    if not set(chosen) <= found.keys():
        raise NotYours
    return [found[id_] for id_ in sorted(chosen)]


def _of_others(db: Session, actor: Actor, chosen: Collection[str]) -> list[Due]:
    found, deputies = _chosen(db, actor, chosen), users.stands_in_for(db, actor.user_id, clock.today())
    for each in found:
        if each.asked is None:
            raise WrongOrder(N_("Prima qualcuno deve chiederlo: la cancellazione vuole due persone."))
        if each.asked.asked_by in {actor.user_id, *deputies}:
            raise WrongOrder(N_("L'hai chiesta tu, o chi sostituisci: deve confermarla un'altra persona."))
    return found


def _say(db: Session, verb: str, row: Retention, *, by: str) -> None:
    kind, _, code = row.scope.partition(":")
    log.append(db, verb, row.scope, by=by, case=code if kind == "case" else None, rule=row.rule)
