"""The individual plan (PEI, form F12): goals that the person and the team set together, in versions, one a review.

A goal's words are sealed under the case's key; its area, who answers for it, by when and what came of it are codes and
dates. A goal that was neither reached nor let go goes on into the next version unless that area is written anew.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

import orjson
from sqlalchemy import ForeignKey, Index, Text, UniqueConstraint, func, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from cases import casefile, codes, deadlines, terms
from core import clock, log, vault
from core.db import Base
from core.errors import N_, InvalidForm, WrongOrder
from core.ids import new_id

REVIEW = "T54p"
WORDS = ("goal", "actions", "indicator")
LASTING = frozenset({"in_parte", "in_corso"})
AUTONOMY = range(1, 6)


class Pei(Base):
    """One version of the plan of one case; `status` current, past or ended."""

    __tablename__ = "pei"
    __table_args__ = (
        UniqueConstraint("case_code", "version"),
        Index(
            "uq_pei_current",
            "case_code",
            unique=True,
            sqlite_where=text("status = 'current'"),
            postgresql_where=text("status = 'current'"),
        ),
    )
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    case_code: Mapped[str] = mapped_column(ForeignKey("case_file.code"), index=True)
    version: Mapped[int]
    made_on: Mapped[date]
    review_on: Mapped[date]
    autonomy: Mapped[int | None]
    reviewed_on: Mapped[date | None]
    status: Mapped[str] = mapped_column(Text, default="current")
    recorded_by: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime]


class Goal(Base):
    """One goal of one version. `outcome` is null until a review has spoken of it."""

    __tablename__ = "pei_goal"
    __table_args__ = (UniqueConstraint("pei_id", "area"),)
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    pei_id: Mapped[str] = mapped_column(ForeignKey("pei.id"), index=True)
    area: Mapped[str] = mapped_column(Text)
    responsible: Mapped[str | None] = mapped_column(Text)
    by_on: Mapped[date | None]
    outcome: Mapped[str | None] = mapped_column(Text)
    outcome_on: Mapped[date | None]
    sealed: Mapped[bytes]


@dataclass(frozen=True)
class Aim:
    """What is written of a goal: the words (goal, actions, indicator) are the person's and the team's."""

    area: str
    words: Mapping[str, str] = field(default_factory=dict)
    responsible: str | None = None
    by_on: date | None = None


def write(
    db: Session,
    case_code: str,
    made_on: date,
    aims: Sequence[Aim],
    *,
    autonomy: int | None = None,
    review_on: date | None = None,
    by: str,
) -> Pei:
    """Write the first or the next version; the one before is kept. The review is due when the custom says (T54p), or
    sooner if the team chose so."""
    casefile.lock(db, case_code)
    earlier = current(db, case_code)
    _check(earlier, made_on, aims, autonomy)
    kept = _lasting(db, earlier, {aim.area for aim in aims}) if earlier else []
    if not aims and not kept:
        raise InvalidForm({"pei_areas": [N_("Un PEI ha almeno un obiettivo.")]})
    review_on = _review_day(db, case_code, made_on, review_on, by=by)
    if earlier is not None:
        earlier.status = "past"
        db.flush()
    pei = Pei(id=new_id(), case_code=case_code, made_on=made_on, review_on=review_on, autonomy=autonomy)
    pei.version, pei.recorded_by, pei.recorded_at = _next_version(db, case_code), by, clock.now()
    db.add(pei)
    db.flush()
    for aim in [*aims, *kept]:
        _add(db, pei, aim)
    scope = casefile.scope_of(case_code)
    log.append(
        db, "pei.written", scope, by=by, case=case_code, pei=pei.id, version=pei.version, on=made_on,
        review_on=review_on, autonomy=autonomy,
    )  # fmt: skip
    return pei


def review(
    db: Session,
    case_code: str,
    on: date,
    outcomes: Mapping[str, str],
    *,
    autonomy: int | None = None,
    by: str,
) -> Pei:
    """Say what came of the goals, by area; what was not spoken of stays as it is."""
    casefile.lock(db, case_code)
    pei = _must(current(db, case_code))
    if casefile.check_not_future("pei_reviewed_on", on) < pei.made_on:
        raise InvalidForm({"pei_reviewed_on": [N_("La revisione viene prima del PEI.")]})
    known = {goal.area: goal for goal in goals(db, pei.id)}
    for area, outcome in outcomes.items():
        if area not in known:
            raise InvalidForm({f"outcome_{area}": [N_("In quest'area il PEI non ha un obiettivo.")]})
        known[area].outcome = codes.check(f"outcome_{area}", codes.GOAL_OUTCOMES, outcome)
        known[area].outcome_on = on
    pei.reviewed_on, pei.autonomy = on, _autonomy(autonomy) or pei.autonomy
    deadlines.settle(db, case_code, REVIEW, on, by=by)
    scope = casefile.scope_of(case_code)
    log.append(db, "pei.reviewed", scope, by=by, case=case_code, pei=pei.id, on=on, outcomes=dict(outcomes))
    return pei


def end(db: Session, case_code: str, on: date, *, by: str) -> Pei | None:
    """The plan is over; a case without one has nothing to end. Whoever comes back begins with a new one."""
    casefile.lock(db, case_code)
    pei = current(db, case_code)
    if pei is not None:
        pei.status = "ended"
        deadlines.settle(db, case_code, REVIEW, on, by=by)
        log.append(db, "pei.ended", casefile.scope_of(case_code), by=by, case=case_code, pei=pei.id, on=on)
    return pei


def current(db: Session, case_code: str) -> Pei | None:
    """The version that holds now."""
    return db.scalar(select(Pei).where(Pei.case_code == case_code, Pei.status == "current"))


def versions(db: Session, case_code: str) -> list[Pei]:
    """All the versions, the newest first."""
    return list(db.scalars(select(Pei).where(Pei.case_code == case_code).order_by(Pei.version.desc())))


def goals(db: Session, pei_id: str) -> list[Goal]:
    """The goals of a version, in the order of the areas."""
    order = [code for code, _ in codes.PEI_AREAS]
    found = db.scalars(select(Goal).where(Goal.pei_id == pei_id))
    return sorted(found, key=lambda goal: order.index(goal.area))


def words(db: Session, goal: Goal) -> dict[str, str]:
    """The words of a goal. Whoever shows them to a person has revealed class P3 of the case (`access.reveal`)."""
    pei = db.get_one(Pei, goal.pei_id)
    return dict(orjson.loads(vault.open_(db, casefile.scope_of(pei.case_code), f"pei.{goal.id}", goal.sealed)))


def _check(earlier: Pei | None, made_on: date, aims: Sequence[Aim], autonomy: int | None) -> None:
    casefile.check_not_future("pei_on", made_on)
    if earlier is not None and made_on < earlier.made_on:
        raise InvalidForm({"pei_on": [N_("Questo PEI viene prima di quello che c'è già.")]})
    _autonomy(autonomy)
    codes.check_all("pei_areas", codes.PEI_AREAS, [aim.area for aim in aims])
    for aim in aims:
        if not aim.words.get("goal", "").strip():
            raise InvalidForm({f"goal_{aim.area}": [N_("Scrivi l'obiettivo.")]})
        if aim.by_on is not None and aim.by_on < made_on:
            raise InvalidForm({f"by_{aim.area}": [N_("L'obiettivo scadrebbe prima di essere scritto.")]})
        if aim.responsible is not None:
            codes.check(f"responsible_{aim.area}", codes.GOAL_RESPONSIBLES, aim.responsible)


def _autonomy(score: int | None) -> int | None:
    if score is not None and score not in AUTONOMY:
        raise InvalidForm({"autonomy": [N_("L'autonomia si valuta da 1 a 5.")]})
    return score


def _review_day(db: Session, case_code: str, made_on: date, chosen: date | None, *, by: str) -> date:
    if chosen is not None and chosen <= made_on:
        raise InvalidForm({"pei_review_on": [N_("La revisione viene dopo il PEI.")]})
    latest = terms.compute(terms.on(db, REVIEW, made_on), made_on).due
    if chosen is not None and chosen > latest:
        raise InvalidForm({"pei_review_on": [N_("È troppo tardi: la prassi (T54p) chiede di rivedere prima il PEI.")]})
    deadlines.record(db, case_code, REVIEW, "pei", made_on, by=by)
    return chosen or latest


def _lasting(db: Session, earlier: Pei, rewritten: set[str]) -> list[Aim]:
    """The goals that go on: in parte, in corso, or not spoken of."""
    going = [goal for goal in goals(db, earlier.id) if goal.outcome is None or goal.outcome in LASTING]
    return [
        Aim(goal.area, words(db, goal), goal.responsible, goal.by_on) for goal in going if goal.area not in rewritten
    ]


def _add(db: Session, pei: Pei, aim: Aim) -> None:
    goal = Goal(id=new_id(), pei_id=pei.id, area=aim.area, responsible=aim.responsible, by_on=aim.by_on)
    said = {name: aim.words[name].strip() for name in WORDS if aim.words.get(name, "").strip()}
    scope = casefile.scope_of(pei.case_code)
    goal.sealed = vault.seal(db, scope, f"pei.{goal.id}", orjson.dumps(said).decode())
    db.add(goal)
    db.flush()


def _next_version(db: Session, case_code: str) -> int:
    return (db.scalar(select(func.max(Pei.version)).where(Pei.case_code == case_code)) or 0) + 1


def _must(pei: Pei | None) -> Pei:
    if pei is None:
        raise WrongOrder(N_("Questo caso non ha un PEI aperto: prima va scritto."))
    return pei
