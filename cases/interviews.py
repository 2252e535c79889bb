"""Interviews (colloqui): when, how long, with which mediation, about what. What was said is in the sheet, sealed.

One worker leads them: somebody else needs a reason. What has been told in full is not asked again, unless the person
comes back to it herself. She may stop at any time and need not say why.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Text, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from cases import casefile, codes
from core import clock, log
from core.db import Base
from core.errors import N_, InvalidForm
from core.ids import new_id


class Interview(Base):
    """One interview of a case; `done` are the themes that were told in full by its end."""

    __tablename__ = "interview"
    __table_args__ = (UniqueConstraint("case_code", "number"),)
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    case_code: Mapped[str] = mapped_column(ForeignKey("case_file.code"), index=True)
    number: Mapped[int]
    on: Mapped[date]
    minutes: Mapped[int | None]
    operator: Mapped[str] = mapped_column(Text)
    operator_change: Mapped[str | None] = mapped_column(Text)
    mediator: Mapped[str | None] = mapped_column(Text)
    themes: Mapped[list[str]]
    done: Mapped[list[str]]
    outcome: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime]


@dataclass(frozen=True)
class Circumstances:
    """What else may be known of an interview. `mediator` is the code of a mediator, never a name."""

    minutes: int | None = None
    mediator: str | None = None
    done: Collection[str] = ()
    reopened: bool = False
    operator_change: str | None = None


def record(
    db: Session,
    case_code: str,
    on: date,
    themes: Collection[str],
    outcome: str,
    *,
    known: Circumstances | None = None,
    by: str,
) -> Interview:
    """Record an interview that `by` has held; its number follows from those before it."""
    known = known or Circumstances()
    casefile.check_not_future("on", on)
    codes.check("outcome", codes.INTERVIEW_OUTCOMES, outcome)
    casefile.lock(db, case_code)
    before = list_(db, case_code)
    told = codes.check_all("themes", codes.INTERVIEW_THEMES, themes)
    _check(before, on, told, known, by)
    interview = Interview(id=new_id(), case_code=case_code, number=len(before) + 1, on=on, themes=told, outcome=outcome)
    interview.done = codes.check_all("done", codes.INTERVIEW_THEMES, known.done)
    interview.minutes, interview.mediator, interview.operator = known.minutes, known.mediator, by
    interview.operator_change, interview.recorded_at = known.operator_change, clock.now()
    db.add(interview)
    db.flush()
    facts: dict[str, Any] = {"number": interview.number, "on": on, "minutes": known.minutes, "mediator": known.mediator}
    scope = casefile.scope_of(case_code)
    log.append(db, "interview.held", scope, by=by, case=case_code, outcome=outcome, interview=interview.id, **facts)
    return interview


def list_(db: Session, case_code: str) -> list[Interview]:
    """The interviews of a case, first to last."""
    return list(db.scalars(select(Interview).where(Interview.case_code == case_code).order_by(Interview.number)))


def _check(before: list[Interview], on: date, themes: list[str], known: Circumstances, by: str) -> None:
    if not before:
        return
    if on < before[-1].on:
        raise InvalidForm({"on": [N_("Questo colloquio verrebbe prima di quello già registrato.")]})
    if by != before[-1].operator and not known.operator_change:
        raise InvalidForm({"operator_change": [N_("I colloqui li conduce un solo operatore: scrivi perché cambia.")]})
    if known.operator_change:
        codes.check("operator_change", codes.OPERATOR_CHANGES, known.operator_change)
    closed = {theme for interview in before for theme in interview.done}
    if closed & set(themes) and not known.reopened:
        raise InvalidForm(
            {"themes": [N_("Di un tema già concluso non si chiede di nuovo, se non ci torna la persona.")]}
        )
