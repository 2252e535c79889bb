"""Critical events (F18): what happened, when, and how it ended for the programme. The words are in the sheet.

A house whose address is known outside ("casa bruciata") takes nobody any more, and every guest's risk is weighed anew:
`guests_of` says for whom, and nobody learns from whose case the alarm came.
"""

from datetime import datetime

from sqlalchemy import ForeignKey, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from cases import casefile, codes
from cases.shelters import Placement
from core import clock, log
from core.db import Base
from core.errors import N_, InvalidForm, NotYours
from core.ids import new_id


class CriticalEvent(Base):
    """One event of one case, and what was decided."""

    __tablename__ = "critical_event"
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    case_code: Mapped[str] = mapped_column(ForeignKey("case_file.code"), index=True)
    kind: Mapped[str] = mapped_column(Text)
    happened_at: Mapped[datetime]
    house_known: Mapped[bool | None]
    interruption: Mapped[str | None] = mapped_column(Text)
    interrupted_by: Mapped[str | None] = mapped_column(Text)
    decided_at: Mapped[datetime | None]
    recorded_by: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime]


def record(
    db: Session, case_code: str, kind: str, happened_at: datetime, house_known: bool | None = None, *, by: str
) -> CriticalEvent:
    """Write an event down; whether the house is known outside may be unknown (null)."""
    codes.check("event_kind", codes.EVENT_KINDS, kind)
    if happened_at > clock.now():
        raise InvalidForm({"event_at": [N_("Questa data è nel futuro.")]})
    casefile.lock(db, case_code)
    event = CriticalEvent(id=new_id(), case_code=case_code, kind=kind, happened_at=happened_at, recorded_by=by)
    event.house_known, event.recorded_at = house_known, clock.now()
    db.add(event)
    db.flush()
    scope = casefile.scope_of(case_code)
    log.append(db, "critical_event.recorded", scope, by=by, case=case_code, event=event.id, kind=kind, at=happened_at)
    return event


def decide(db: Session, event_id: str, interruption: str, interrupted_by: str | None, *, by: str) -> CriticalEvent:
    """Record what was decided for the programme after the person was heard, and by whom."""
    codes.check("interruption", codes.INTERRUPTIONS, interruption)
    event = db.scalar(select(CriticalEvent).where(CriticalEvent.id == event_id).with_for_update())
    if event is None:
        raise NotYours
    if interruption != "no":
        codes.check("interrupted_by", codes.INTERRUPTERS, interrupted_by or "")
    event.interruption, event.interrupted_by, event.decided_at = interruption, interrupted_by, clock.now()
    scope = casefile.scope_of(event.case_code)
    facts = {"event": event.id, "interruption": interruption, "interrupted_by": interrupted_by}
    log.append(db, "interruption.decided", scope, by=by, case=event.case_code, **facts)
    return event


def of_case(db: Session, case_code: str) -> list[CriticalEvent]:
    """The events of a case, newest first."""
    query = select(CriticalEvent).where(CriticalEvent.case_code == case_code)
    return list(db.scalars(query.order_by(CriticalEvent.happened_at.desc(), CriticalEvent.id)))


def guests_of(db: Session, shelter: str) -> list[str]:
    """The codes of the cases of everybody who lives in a house now, in an order that says nothing."""
    query = select(Placement.case_code).where(Placement.shelter == shelter, Placement.to_on.is_(None))
    return list(db.scalars(query.order_by(Placement.case_code)))
