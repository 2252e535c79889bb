"""The travel plan of a transfer (class P4): day, means, who goes along, whom to call, the cash.

Only the people named in it can read it, each reading is written down, and nobody can once she has arrived. It is no
sheet: what a team may read of its case, the plan is not part of.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import ForeignKey, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from cases import casefile, transfers
from cases.transfers import Transfer
from core import clock, log, vault
from core.db import Base
from core.errors import N_, InvalidForm, NotYours, WrongOrder

FIELDS = ("day", "means", "companion", "contacts", "cash")
LONGEST = 1000
MOST_READERS = 4


class TravelPlan(Base):
    """The sealed plan of one transfer, as it was written last."""

    __tablename__ = "travel_plan"
    transfer_code: Mapped[str] = mapped_column(ForeignKey("transfer.code"), primary_key=True)
    sealed: Mapped[bytes]
    written_by: Mapped[str] = mapped_column(Text)
    written_at: Mapped[datetime]


class PlanReader(Base):
    """One person who must know the plan."""

    __tablename__ = "travel_plan_reader"
    transfer_code: Mapped[str] = mapped_column(ForeignKey("transfer.code"), primary_key=True)
    user_id: Mapped[str] = mapped_column(Text, primary_key=True, index=True)


def write(db: Session, code: str, plan: Mapping[str, str], readers: Collection[str], *, by: str) -> TravelPlan:
    """Write the plan, or write it anew; `readers` are all who may read it, at most four."""
    transfer = transfers.get(db, code)
    if transfer.status != "accepted":
        raise WrongOrder(N_("Il piano di viaggio si scrive quando entrambe le postazioni hanno accettato."))
    words = _checked(plan)
    if not 1 <= len(set(readers)) <= MOST_READERS:
        raise InvalidForm({"readers": [N_("Indica chi deve conoscere il piano: da una a quattro persone.")]})
    found = db.get(TravelPlan, code) or TravelPlan(transfer_code=code)
    found.sealed = vault.seal(db, casefile.scope_of(transfer.case_code), "travel_plan", orjson.dumps(words).decode())
    found.written_by, found.written_at = by, clock.now()
    db.add(found)
    db.flush()
    _name_readers(db, code, frozenset(readers))
    _say(db, "travel_plan.written", transfer, by=by, readers=sorted(readers))
    return found


def read(db: Session, code: str, *, by: str) -> dict[str, str]:
    """The plan, for the people named in it and until the arrival; to the rest there is none."""
    transfer, plan = transfers.get(db, code), db.get(TravelPlan, code)
    if plan is None or transfer.status != "accepted" or by not in readers(db, code):
        raise NotYours
    _say(db, "travel_plan.viewed", transfer, by=by)
    scope = casefile.scope_of(transfer.case_code)
    return dict(orjson.loads(vault.open_(db, scope, "travel_plan", plan.sealed)))


def readers(db: Session, code: str) -> list[str]:
    """The ids of who may read the plan; empty while there is none."""
    query = select(PlanReader.user_id).where(PlanReader.transfer_code == code)
    return list(db.scalars(query.order_by(PlanReader.user_id)))


def _name_readers(db: Session, code: str, wanted: frozenset[str]) -> None:
    for row in db.scalars(select(PlanReader).where(PlanReader.transfer_code == code)).all():
        db.delete(row)
    db.flush()
    db.add_all(PlanReader(transfer_code=code, user_id=user_id) for user_id in sorted(wanted))
    db.flush()


def _checked(plan: Mapping[str, str]) -> dict[str, str]:
    words = {name: str(plan.get(name) or "").strip() for name in FIELDS}
    errors = {name: [N_("Il testo è troppo lungo.")] for name, said in words.items() if len(said) > LONGEST}
    for name in ("day", "means"):
        if not words[name]:
            errors[name] = [N_("Questo campo serve.")]
    if errors:
        raise InvalidForm(errors)
    return words


def _say(db: Session, verb: str, transfer: Transfer, *, by: str, **facts: Any) -> None:
    scope = casefile.scope_of(transfer.case_code)
    log.append(db, verb, scope, by=by, case=transfer.case_code, transfer=transfer.code, **facts)
