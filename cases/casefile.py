"""The case file (fascicolo): a code, the post that holds it, where it stands. Nothing here names the person.

The code says nothing: no place, no year, no order. Who may see a case is decided in `cases/access.py`.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from cases import codes, posts, reasons, victims
from cases.territory import check_province
from core import clock, log
from core.db import Base
from core.errors import N_, InvalidForm, NotYours, WrongOrder
from core.ids import new_code

# What the pathway must know to choose, and nobody may guess: null is "non noto".
KNOWN = ("province", "minor", "age_doubt", "eu_citizen")
# At these levels the case is hidden from colleagues who do not work on it (form F06).
MASKING_RISKS = frozenset({"alto", "imminente"})
STANDS_STILL = N_(
    "Il lavoro su questo caso è fermo, perché la persona ha detto di no o ha chiesto una pausa: finché non riprende "
    "non si comunica nulla e nessuna domanda parte. Prima ascoltala."
)


class Case(Base):
    """One pathway of one person."""

    __tablename__ = "case_file"
    code: Mapped[str] = mapped_column(Text, primary_key=True)
    post: Mapped[str] = mapped_column(ForeignKey("post.code"), index=True)
    status: Mapped[str] = mapped_column(Text, default="open")
    phase: Mapped[str] = mapped_column(Text)
    masked: Mapped[bool] = mapped_column(default=False)
    kind: Mapped[str | None] = mapped_column(Text)
    contact_code: Mapped[str | None] = mapped_column(Text, index=True)
    province: Mapped[str | None] = mapped_column(Text)
    minor: Mapped[bool | None]
    age_doubt: Mapped[bool | None]
    eu_citizen: Mapped[bool | None]
    risk: Mapped[str | None] = mapped_column(Text)
    risk_on: Mapped[date | None]
    review_on: Mapped[date | None]
    victim_status: Mapped[str | None] = mapped_column(Text)
    status_decider: Mapped[str | None] = mapped_column(Text)
    status_on: Mapped[date | None]
    outcome: Mapped[str | None] = mapped_column(Text)
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column()
    __mapper_args__ = {"version_id_col": version}

    @property
    def presumed_minor(self) -> bool:
        """A minor, or somebody whose age is in doubt: until the doubt is settled she is one (L. 47/2017 art. 5)."""
        return self.minor is True or self.age_doubt is True


class CaseWorker(Base):
    """A worker assigned to a case by name; the assignment counts only while the worker has a role in its post."""

    __tablename__ = "case_worker"
    case_code: Mapped[str] = mapped_column(ForeignKey("case_file.code"), primary_key=True)
    user_id: Mapped[str] = mapped_column(Text, primary_key=True, index=True)
    since: Mapped[datetime]


def scope_of(code: str) -> str:
    """The vault scope and the log stream of a case."""
    return f"case:{code}"


def open_(
    db: Session,
    post: str,
    *,
    contact_code: str | None = None,
    kind: str | None = None,
    worker: str | None = None,
    by: str,
) -> Case:
    """Open a case in a post, with its first worker if there is one. What the contact knew is brought in by
    `contacts.attach_case`."""
    posts.get_valid(db, post)
    kind = codes.check("kind", codes.CASE_KINDS, kind) if kind else None
    code = _free_code(db)
    case = Case(code=code, post=post, phase="P2", kind=kind, contact_code=contact_code, opened_at=clock.now())
    db.add(case)
    db.flush()
    log.append(db, "case.opened", scope_of(code), by=by, case=code, post=post, contact=contact_code)
    if worker:
        assign(db, code, worker, by=by)
    return case


def get(db: Session, code: str) -> Case:
    """The case, for services and jobs; pages for people ask `access.get_case`."""
    case = db.get(Case, code)
    if case is None:
        raise NotYours
    return case


def note(db: Session, code: str, *, by: str, **known: Any) -> Case:
    """Write down what has become known of the case: one of KNOWN; null says that it is not known.

    Saying the same again changes nothing. Raises InvalidForm for a province that is none.
    """
    if known.get("province") is not None:
        check_province("province", known["province"])
    case = _lock_running(db, code)
    new = {name: value for name, value in known.items() if name in KNOWN and getattr(case, name) != value}
    for name, value in new.items():
        setattr(case, name, value)
    if new:
        log.append(db, "case.noted", scope_of(code), by=by, case=code, **new)
    return case


def lock(db: Session, code: str) -> Case:
    """The case as it is now, locked until the transaction ends."""
    query = select(Case).where(Case.code == code).with_for_update()
    case = db.scalar(query.execution_options(populate_existing=True))
    if case is None:
        raise NotYours
    return case


def assign(db: Session, code: str, user_id: str, *, by: str) -> CaseWorker:
    """Name a worker of the case; naming twice is naming once."""
    found = db.get(CaseWorker, (code, user_id))
    if found:
        return found
    worker = CaseWorker(case_code=get(db, code).code, user_id=user_id, since=clock.now())
    db.add(worker)
    db.flush()
    log.append(db, "case.assigned", scope_of(code), by=by, case=code, user=user_id)
    return worker


def unassign(db: Session, code: str, user_id: str, *, by: str) -> Case:
    """End an assignment; the log keeps that it was."""
    case, found = get(db, code), db.get(CaseWorker, (code, user_id))
    if found:
        db.delete(found)
        db.flush()
        log.append(db, "case.unassigned", scope_of(code), by=by, case=code, user=user_id)
    return case


def workers(db: Session, code: str) -> list[str]:
    """The ids of the assigned workers, first named first."""
    query = select(CaseWorker.user_id).where(CaseWorker.case_code == code)
    return list(db.scalars(query.order_by(CaseWorker.since, CaseWorker.user_id)))


def hand_over(db: Session, code: str, post: str, *, by: str) -> Case:
    """Give the case to another post: from this instant its people have it and those of the old one do not."""
    posts.get_valid(db, post)
    case = _lock_running(db, code)
    for user_id in workers(db, code):
        unassign(db, code, user_id, by=by)
    old, case.post = case.post, post
    db.flush()
    log.append(db, "case.handed_over", scope_of(code), by=by, case=code, old=old, new=post)
    return case


def set_phase(db: Session, code: str, phase: str, *, by: str) -> Case:
    """Move the case to a phase of the pathway (P1 to P10)."""
    codes.check("phase", codes.PHASES, phase)
    case = _lock_running(db, code)
    if case.phase != phase:
        log.append(db, "case.phase_changed", scope_of(code), by=by, case=code, old=case.phase, new=phase)
        case.phase = phase
    return case


def mask(db: Session, code: str, *, by: str) -> Case:
    """Hide the case from everybody but its assigned workers and the supervisor of its post."""
    case = lock(db, code)
    if not case.masked:
        case.masked = True
        log.append(db, "case.masked", scope_of(code), by=by, case=code)
    return case


def unmask(db: Session, code: str, reason: str, *, by: str) -> Case:
    """Show the case to its post again; a lower risk alone never does."""
    case = lock(db, code)
    if case.masked:
        kept = reasons.keep(db, scope_of(code), "case.unmasked", reason, by=by)
        case.masked = False
        log.append(db, "case.unmasked", scope_of(code), by=by, case=code, reason_id=kept)
    return case


def record_risk(db: Session, code: str, level: str, on: date, review_on: date | None = None, *, by: str) -> Case:
    """Note the level of a risk assessment; alto and imminente mask the case (form F06)."""
    codes.check("risk_level", codes.RISK_LEVELS, level)
    _check_risk_days(on, review_on)
    case = _lock_running(db, code)
    case.risk, case.risk_on, case.review_on = level, on, review_on
    log.append(db, "risk.assessed", scope_of(code), by=by, case=code, level=level, on=on, review_on=review_on)
    return mask(db, code, by=by) if level in MASKING_RISKS else case


def set_victim_status(db: Session, code: str, status: str, decider: str, on: date, *, by: str) -> Case:
    """Record presumed or identified, who decided and when (art. 18 c. 3-bis D.lgs. 286/1998)."""
    codes.check("victim_status", codes.VICTIM_STATUSES, status)
    codes.check("status_decider", codes.STATUS_DECIDERS, decider)
    check_not_future("status_on", on)
    case = _lock_running(db, code)
    case.victim_status, case.status_decider, case.status_on = status, decider, on
    minor = True if case.presumed_minor else case.minor
    victims.register(db, code, status, decider, on, minor)
    log.append(db, "victim_status.recorded", scope_of(code), by=by, case=code, status=status, decider=decider, on=on)
    return case


def suspend(db: Session, code: str, reason: str, *, by: str) -> Case:
    """Stop the work for a while: the person is away, or asked for time."""
    case = _lock_running(db, code)
    kept = reasons.keep(db, scope_of(code), "case.suspended", reason, by=by)
    case.status = "suspended"
    log.append(db, "case.suspended", scope_of(code), by=by, case=code, reason_id=kept)
    return case


def close(db: Session, code: str, outcome: str, *, by: str) -> Case:
    """Close with an outcome of the list `esito_uscita`; terms and stays are settled by their own verbs."""
    codes.check("outcome", codes.EXIT_OUTCOMES, outcome)
    case = lock(db, code)
    if case.status == "closed":
        raise WrongOrder(N_("Il caso è già chiuso."))
    case.status, case.outcome, case.closed_at = "closed", outcome, clock.now()
    log.append(db, "case.closed", scope_of(code), by=by, case=code, outcome=outcome)
    return case


def reopen(db: Session, code: str, reason: str, *, by: str) -> Case:
    """Go on with a suspended or closed case: coming back is always possible."""
    case = lock(db, code)
    if case.status == "open":
        raise WrongOrder(N_("Il caso è già aperto."))
    kept = reasons.keep(db, scope_of(code), "case.reopened", reason, by=by)
    log.append(db, "case.reopened", scope_of(code), by=by, case=code, was=case.status, reason_id=kept)
    case.status, case.outcome, case.closed_at = "open", None, None
    return case


def resume(db: Session, code: str, *, by: str) -> Case:
    """Go on with a suspended case: the person has come back."""
    case = lock(db, code)
    if case.status == "suspended":
        log.append(db, "case.resumed", scope_of(code), by=by, case=code)
        case.status = "open"
    return case


def check_not_future(field: str, day: date) -> date:
    """Refuse a day that has not come yet for something that is told as done."""
    if day > clock.today():
        raise InvalidForm({field: [N_("Questa data è nel futuro.")]})
    return day


def _check_risk_days(on: date, review_on: date | None) -> None:
    check_not_future("risk_on", on)
    if review_on is not None and review_on < on:
        raise InvalidForm({"review_on": [N_("La revisione viene prima della valutazione.")]})


def _lock_running(db: Session, code: str) -> Case:
    case = lock(db, code)
    if case.status == "closed":
        raise WrongOrder(N_("Il caso è chiuso: per lavorarci va prima riaperto."))
    return case


def _free_code(db: Session) -> str:
    while True:
        code = new_code("F", length=6)
        if db.get(Case, code) is None:
            return code
