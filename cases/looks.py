"""Who has looked at a case: openings of its page, readings of what is protected, emergencies, searches that met it.

All of it is in the log already; here it is told to those who answer for the case.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from cases import access, casefile, grants, quotas, reasons
from cases.access import Actor
from cases.casefile import Case
from core import log
from core.log import Line

PAGE = 50
VERBS = ("case.looked", "case.viewed", "sheet.viewed", "contact.viewed", "case.found", "case.glass_broken")


@dataclass(frozen=True)
class Look:
    """One look: who, when, at what (what was revealed, else the verb of the log), and why if it was an emergency."""

    id: int
    at: datetime
    who: str
    what: str
    reason: str | None


def note(db: Session, actor: Actor, case: Case) -> None:
    """The page of the case was opened; written down once in an hour. TooMany who looks at very many cases."""
    if quotas.spend(db, actor.user_id, quotas.CASES, case.code):
        log.append(db, "case.looked", casefile.scope_of(case.code), by=actor.user_id, case=case.code)


def list_(db: Session, actor: Actor, case: Case, *, before: int | None = None) -> list[Look]:
    """The looks at a case, the newest first; why an emergency, for who may read class P4, which is written down."""
    query = select(Line).where(Line.case_code == case.code, Line.verb.in_(VERBS)).order_by(Line.id.desc()).limit(PAGE)
    lines = list(db.scalars(query.where(Line.id < before) if before is not None else query))
    told = any("reason_id" in line.facts for line in lines) and access.may_read(db, actor, case, "P4")
    if told:
        access.viewed(db, case, "P4", what="reason", by=actor.user_id)
    return [_look(db, line, told=told) for line in lines]


def glass_until(db: Session, actor: Actor, case: Case) -> datetime | None:
    """Until when the actor sees this case only because of an emergency; None if there is another way in."""
    if access.ways_into(db, actor, case) != {"glass"}:
        return None
    broken = (grant for grant in grants.current(db, case.code) if grant.kind == "glass")
    return next((grant.to_at for grant in broken if grant.user_id == actor.user_id), None)


def _look(db: Session, line: Line, *, told: bool) -> Look:
    facts = line.facts
    reason = reasons.words(db, facts["reason_id"]) if told and "reason_id" in facts else None
    return Look(line.id, line.at, line.actor, str(facts.get("what", line.verb)), reason)
