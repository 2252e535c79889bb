"""Internships and work (form F13): from a stage to an open-ended contract, with hours, allowance and outcome.

Whoever hosts the person learns the name of the promoter and nothing of the programme: a promoter's name that would tell
it is refused. Names of hosts and tutors are sealed under the case's key. How long an internship may last is data
(`T50`, `T51`).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson
from sqlalchemy import ForeignKey, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from cases import casefile, codes, deadlines, terms
from core import log, vault
from core.db import Base
from core.errors import N_, InvalidForm, NotYours, WrongOrder
from core.ids import new_id

LONGEST = {"extracurricolare": "T51", "tis": "T50"}
# What has an end from the start and is counted month by month; work by contract goes on without us.
WITH_MONTHS = frozenset({"extracurricolare", "tis", "borsa_lavoro"})
WORDS = ("promoter", "host", "host_vat", "host_seat", "tutor", "host_tutor", "profile")
FOR_THE_HOST = ("promoter", "host", "host_vat", "host_seat", "tutor", "host_tutor", "profile")
TELLTALE = re.compile(
    r"\b(anti-?)?tratta\b|antitratta|vittim|sfruttament|schiav|prostitu|protezione|emersione|violenza|art\.?\s*1[38]\b",
    re.IGNORECASE,
)
MOST_HOURS = 60


class Internship(Base):
    """One internship, grant or contract of one person; it goes on until it has an outcome."""

    __tablename__ = "internship"
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    case_code: Mapped[str] = mapped_column(ForeignKey("case_file.code"), index=True)
    kind: Mapped[str] = mapped_column(Text)
    from_on: Mapped[date]
    to_on: Mapped[date | None]
    weekly_hours: Mapped[int | None]
    allowance: Mapped[int | None]
    payer: Mapped[str | None] = mapped_column(Text)
    insured: Mapped[bool | None]
    announced_on: Mapped[date | None]
    ended_on: Mapped[date | None]
    outcome: Mapped[str | None] = mapped_column(Text)
    sealed: Mapped[bytes]
    recorded_by: Mapped[str] = mapped_column(Text)


class InternshipMonth(Base):
    """What was done in one month: hours, days of absence, whether the allowance was paid."""

    __tablename__ = "internship_month"
    internship_id: Mapped[str] = mapped_column(ForeignKey("internship.id"), primary_key=True)
    month: Mapped[date] = mapped_column(primary_key=True)
    hours: Mapped[int]
    absences: Mapped[int | None]
    paid_on: Mapped[date | None]
    recorded_by: Mapped[str] = mapped_column(Text)


@dataclass(frozen=True)
class Agreement:
    """What is agreed with whoever hosts; null is not known. `allowance` is in euros a month."""

    kind: str
    from_on: date
    to_on: date | None = None
    weekly_hours: int | None = None
    allowance: int | None = None
    payer: str | None = None
    insured: bool | None = None
    announced_on: date | None = None


def begin(db: Session, case_code: str, agreed: Agreement, words: Mapping[str, str], *, by: str) -> Internship:
    """Begin an internship or a job. One of each kind at a time, and no longer than the rule of its kind allows."""
    casefile.lock(db, case_code)
    _check(agreed, words)
    if any(each.kind == agreed.kind for each in of_case(db, case_code) if each.ended_on is None):
        raise WrongOrder(N_("Un'attività di questo tipo è già in corso: prima va chiusa."))
    _check_length(db, agreed)
    made = Internship(id=new_id(), case_code=case_code, recorded_by=by, **vars(agreed))
    scope = casefile.scope_of(case_code)
    said = {name: words[name].strip() for name in WORDS if words.get(name, "").strip()}
    made.sealed = vault.seal(db, scope, f"internship.{made.id}", orjson.dumps(said).decode())
    db.add(made)
    db.flush()
    if term_id := LONGEST.get(agreed.kind):
        deadlines.record(db, case_code, term_id, "internship", agreed.from_on, by=by)
    _say(db, "internship.begun", made, by=by, kind=agreed.kind, from_on=agreed.from_on, to_on=agreed.to_on)
    return made


def month(
    db: Session,
    case_code: str,
    internship_id: str,
    day: date,
    hours: int,
    *,
    absences: int | None = None,
    paid_on: date | None = None,
    by: str,
) -> InternshipMonth:
    """Write down one month; writing it again corrects it."""
    made = _running(db, case_code, internship_id)
    first = day.replace(day=1)
    if not made.from_on.replace(day=1) <= casefile.check_not_future("month_on", first):
        raise InvalidForm({"month_on": [N_("In quel mese il tirocinio non c'era ancora.")]})
    found = db.get(InternshipMonth, (made.id, first)) or InternshipMonth(internship_id=made.id, month=first)
    found.hours, found.absences, found.paid_on, found.recorded_by = hours, absences, paid_on, by
    db.add(found)
    db.flush()
    _say(db, "internship.month", made, by=by, month=first, hours=hours, paid_on=paid_on)
    return found


def end(db: Session, case_code: str, internship_id: str, on: date, outcome: str, *, by: str) -> Internship:
    """It is over: hired, prolonged, done or broken off."""
    made = _running(db, case_code, internship_id)
    if casefile.check_not_future("internship_ended", on) < made.from_on:
        raise InvalidForm({"internship_ended": [N_("Finirebbe prima di cominciare.")]})
    made.outcome = codes.check("internship_outcome", codes.WORK_OUTCOMES, outcome)
    made.ended_on = on
    if term_id := LONGEST.get(made.kind):
        deadlines.settle(db, case_code, term_id, on, by=by)
    _say(db, "internship.ended", made, by=by, on=on, outcome=outcome)
    return made


def of_case(db: Session, case_code: str) -> list[Internship]:
    """Internships and jobs of a case, the first one first."""
    query = select(Internship).where(Internship.case_code == case_code)
    return list(db.scalars(query.order_by(Internship.from_on, Internship.id)))


def find(db: Session, case_code: str, internship_id: str) -> Internship:
    """One of a case; NotYours if it has no such one."""
    query = select(Internship).where(Internship.id == internship_id, Internship.case_code == case_code)
    made = db.scalar(query)
    if made is None:
        raise NotYours
    return made


def months(db: Session, internship_id: str) -> list[InternshipMonth]:
    """The months of one internship, the first one first."""
    query = select(InternshipMonth).where(InternshipMonth.internship_id == internship_id)
    return list(db.scalars(query.order_by(InternshipMonth.month)))


def words(db: Session, made: Internship) -> dict[str, str]:
    """Host, tutors, profile. Whoever shows them has revealed class P3 of the case (`access.reveal`)."""
    scope = casefile.scope_of(made.case_code)
    return dict(orjson.loads(vault.open_(db, scope, f"internship.{made.id}", made.sealed)))


def for_the_host(db: Session, made: Internship) -> dict[str, Any]:
    """All that a host may be given: the promoter's neutral name, the agreement. No case, programme, post or person."""
    said = words(db, made)
    return {name: said.get(name) for name in FOR_THE_HOST} | {
        "kind": made.kind,
        "from_on": made.from_on,
        "to_on": made.to_on,
        "weekly_hours": made.weekly_hours,
    }


def _check(agreed: Agreement, words: Mapping[str, str]) -> None:
    codes.check("work_kind", codes.WORK_KINDS, agreed.kind)
    if agreed.payer is not None:
        codes.check("allowance_payer", codes.ALLOWANCE_PAYERS, agreed.payer)
    if agreed.to_on is not None and agreed.to_on < agreed.from_on:
        raise InvalidForm({"work_to": [N_("Finirebbe prima di cominciare.")]})
    if agreed.weekly_hours is not None and not 1 <= agreed.weekly_hours <= MOST_HOURS:
        raise InvalidForm({"weekly_hours": [N_("Scrivi le ore alla settimana, da 1 a 60.")]})
    if TELLTALE.search(words.get("promoter", "")):
        raise InvalidForm(
            {"promoter": [N_("Questo nome direbbe a chi ospita da dove viene la persona: usa un nome neutro.")]}
        )
    if agreed.kind in WITH_MONTHS and not words.get("promoter", "").strip():
        raise InvalidForm({"promoter": [N_("Scrivi il nome neutro del promotore: è quello che vede chi ospita.")]})


def _check_length(db: Session, agreed: Agreement) -> None:
    if agreed.kind in WITH_MONTHS and agreed.to_on is None:
        raise InvalidForm({"work_to": [N_("Scrivi quando finisce.")]})
    term_id = LONGEST.get(agreed.kind)
    if term_id is None or agreed.to_on is None:
        return
    latest = terms.compute(terms.on(db, term_id, agreed.from_on), agreed.from_on).due
    if agreed.to_on > latest:
        raise InvalidForm(
            {"work_to": [N_("Supera la durata massima (T50, T51): accorcialo, poi si chiede la proroga.")]}
        )


def _running(db: Session, case_code: str, internship_id: str) -> Internship:
    casefile.lock(db, case_code)
    made = find(db, case_code, internship_id)
    if made.ended_on is not None:
        raise WrongOrder(N_("Quest'attività è già chiusa."))
    return made


def _say(db: Session, verb: str, made: Internship, *, by: str, **facts: Any) -> None:
    scope = casefile.scope_of(made.case_code)
    log.append(db, verb, scope, by=by, case=made.case_code, internship=made.id, **facts)
