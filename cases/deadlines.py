"""Deadlines: the dates of one case, each with the rule, the version and the event it was computed from.

A date can be set by hand, with a reason and an author; the computed one stays beside it. A newer version of the rule
never changes a stored date: it is shown beside it, and somebody may ask to compute again. Reminders are rows with a due
instant, planned with the deadline and dead with it.
"""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ForeignKey, Index, Text, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from cases import casefile, offices, reasons, terms
from cases.access import Actor, visible_cases
from cases.terms import Term
from core import calendar, clock, log
from core.calendar import Computed
from core.db import Base
from core.errors import N_, InvalidForm, NotYours, WrongOrder
from core.ids import new_id

REMIND_AT = time(7, 30)


class Deadline(Base):
    """One date of one case. Open until it is met or a newer record of the same term takes its place."""

    __tablename__ = "deadline"
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    case_code: Mapped[str] = mapped_column(ForeignKey("case_file.code"), index=True)
    term_id: Mapped[str] = mapped_column(Text)
    term_version: Mapped[int]
    name: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    certainty: Mapped[str] = mapped_column(Text)
    trigger: Mapped[str] = mapped_column(Text)
    trigger_on: Mapped[date]
    computed_on: Mapped[date]
    due_on: Mapped[date] = mapped_column(index=True)
    last_working_day: Mapped[date]
    office: Mapped[str | None] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text, default="open")
    settled_on: Mapped[date | None]
    override_reason: Mapped[str | None] = mapped_column(Text)
    override_by: Mapped[str | None] = mapped_column(Text)
    override_at: Mapped[datetime | None]
    recorded_by: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime]

    @property
    def is_unsure(self) -> bool:
        """Must the date be shown as "da verificare"? A date set by hand has its author instead."""
        return self.certainty in terms.UNSURE and self.override_by is None


class Reminder(Base):
    """One day on which somebody must be told of a deadline; `status` planned, done or dead."""

    __tablename__ = "reminder"
    __table_args__ = (
        Index(
            "uq_reminder_planned",
            "deadline_id",
            "remind_on",
            unique=True,
            sqlite_where=text("status = 'planned'"),
            postgresql_where=text("status = 'planned'"),
        ),
    )
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    deadline_id: Mapped[str] = mapped_column(ForeignKey("deadline.id"), index=True)
    remind_on: Mapped[date]
    at: Mapped[datetime] = mapped_column(index=True)
    kind: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text, default="planned", index=True)


def record(
    db: Session, case_code: str, term_id: str, trigger: str, trigger_on: date, *, office: str | None = None, by: str
) -> Deadline:
    """Compute a date from a term and the day of its event; it takes the place of an open one of the same term.

    `office` is where the act is filed, by code or province; without one the province of the case says it.
    Recording the same event again returns what is there, also when the rule has a newer version meanwhile.
    """
    case = casefile.lock(db, case_code)
    office = office or case.province
    earlier = _open(db, case_code, term_id)
    for same in earlier:
        if (same.trigger, same.trigger_on) == (trigger, trigger_on):
            return same
    term = terms.on(db, term_id, trigger_on)
    computed = terms.compute_on(term, trigger_on, office=offices.calendar_of(db, office))
    for old in earlier:
        _settle(db, old, "superseded", None)
    deadline = _row(case_code, term, computed, trigger, trigger_on)
    return _put(db, deadline, term, "deadline.recorded", office, by=by)


def newer(db: Session, deadline: Deadline) -> tuple[Term, Computed] | None:
    """The version of the rule that holds now for the same event, when it gives another date than the one computed."""
    if deadline.status != "open":
        return None
    try:
        term = terms.on(db, deadline.term_id, deadline.trigger_on)
        computed = terms.compute_on(term, deadline.trigger_on, office=offices.calendar_of(db, deadline.office))
    except WrongOrder:  # the term no longer holds for that day, or has no figure any more: the stored date stands
        return None
    return None if computed.due == deadline.computed_on else (term, computed)


def recompute(db: Session, deadline_id: str, reason: str, *, by: str) -> Deadline:
    """Count again with the version that holds now, because somebody says so; the old date stays on record."""
    old = _lock(db, deadline_id)
    found = newer(db, old)
    if found is None:
        raise WrongOrder(N_("La regola in vigore dà la stessa data: non c'è niente da ricalcolare."))
    term, computed = found
    why = reasons.keep(db, casefile.scope_of(old.case_code), "deadline.recomputed", reason, by=by)
    _settle(db, old, "superseded", None)
    deadline = _row(old.case_code, term, computed, old.trigger, old.trigger_on)
    return _put(db, deadline, term, "deadline.recomputed", old.office, by=by, old=old.due_on, reason_id=why)


def override(db: Session, deadline_id: str, due_on: date, reason: str, *, by: str) -> Deadline:
    """Set the date by hand, with a reason; the computed one stays on record and the reminders are planned anew."""
    deadline = _lock(db, deadline_id)
    if deadline.status != "open":
        raise WrongOrder(N_("Questa scadenza non è più aperta."))
    if wrong := _faults(deadline, due_on):
        raise InvalidForm({"due_on": [wrong]})
    scope = casefile.scope_of(deadline.case_code)
    deadline.override_reason = reasons.keep(db, scope, "deadline.overridden", reason, by=by)
    deadline.override_by, old, deadline.due_on = by, deadline.due_on, due_on
    deadline.override_at = clock.now()
    deadline.last_working_day = calendar.last_working_day(due_on, offices.calendar_of(db, deadline.office))
    _kill_reminders(db, deadline)
    _plan(db, deadline, terms.get(db, deadline.term_id, deadline.term_version))
    _say(db, "deadline.overridden", deadline, by=by, old=old, reason_id=deadline.override_reason)
    return deadline


def settle(db: Session, case_code: str, term_id: str, on: date, *, by: str) -> list[Deadline]:
    """What the term asked for was done on a day: its open dates are met and nobody is reminded any more."""
    casefile.lock(db, case_code)
    met = _open(db, case_code, term_id)
    for deadline in met:
        _settle(db, deadline, "met", on)
        _say(db, "deadline.met", deadline, by=by, on=on)
    return met


def drop_all(db: Session, case_code: str, *, by: str) -> list[Deadline]:
    """The case has ended: what was still open is no longer waited for, and nobody is reminded."""
    dropped = of_case(db, case_code, only_open=True)
    for deadline in dropped:
        _settle(db, deadline, "dropped", None)
        _say(db, "deadline.dropped", deadline, by=by)
    return dropped


def get(db: Session, case_code: str, deadline_id: str) -> Deadline:
    """One date of a case; the date of another case does not exist here."""
    deadline = db.get(Deadline, deadline_id)
    if deadline is None or deadline.case_code != case_code:
        raise NotYours
    return deadline


def take_up(db: Session, case_code: str, *, by: str) -> list[Deadline]:
    """The case goes on: what was dropped when it ended and has not passed is waited for again, with its reminders."""
    again = [
        deadline
        for deadline in of_case(db, case_code)
        if deadline.status == "dropped"
        and deadline.due_on >= clock.today()
        and not _open(db, case_code, deadline.term_id)
    ]
    for deadline in again:
        deadline.status = "open"
        _plan(db, deadline, terms.get(db, deadline.term_id, deadline.term_version))
        _say(db, "deadline.taken_up", deadline, by=by)
    return again


def of_case(db: Session, case_code: str, *, only_open: bool = False) -> list[Deadline]:
    """The dates of a case, soonest first."""
    query = select(Deadline).where(Deadline.case_code == case_code).order_by(Deadline.due_on, Deadline.term_id)
    return list(db.scalars(query.where(Deadline.status == "open") if only_open else query))


def upcoming(db: Session, actor: Actor, until: date, *, limit: int = 200) -> list[Deadline]:
    """The open dates up to a day, the past ones too, of the cases the actor may see; soonest first."""
    query = select(Deadline).where(
        Deadline.status == "open", Deadline.due_on <= until, Deadline.case_code.in_(visible_cases(actor))
    )
    return list(db.scalars(query.order_by(Deadline.due_on, Deadline.case_code, Deadline.term_id).limit(limit)))


def reminders_of(db: Session, deadline_id: str) -> list[Reminder]:
    """The planned reminders of a deadline, soonest first."""
    query = select(Reminder).where(Reminder.deadline_id == deadline_id, Reminder.status == "planned")
    return list(db.scalars(query.order_by(Reminder.at)))


def due_reminders(
    db: Session, now: datetime, limit: int = 100, of: str | None = None
) -> list[tuple[Reminder, Deadline]]:
    """The reminders whose time has come (of one deadline), oldest first, each with its deadline."""
    query = select(Reminder, Deadline).join(Deadline, Deadline.id == Reminder.deadline_id)
    query = query.where(Reminder.status == "planned", Reminder.at <= now, Deadline.status == "open")
    query = query if of is None else query.where(Deadline.id == of)
    return [
        (reminder, deadline) for reminder, deadline in db.execute(query.order_by(Reminder.at, Reminder.id).limit(limit))
    ]


def reminded(db: Session, reminder_id: str, *, by: str) -> Reminder:
    """The people concerned have been told, or their message waits in the outbox of the same transaction."""
    reminder = db.scalar(select(Reminder).where(Reminder.id == reminder_id).with_for_update())
    if reminder is None or reminder.status != "planned":
        raise WrongOrder(N_("Questo promemoria è già stato dato o non serve più."))
    reminder.status = "done"
    deadline = db.get_one(Deadline, reminder.deadline_id)
    _say(db, "reminder.given", deadline, by=by, kind=reminder.kind, day=reminder.remind_on)
    return reminder


def _put(
    db: Session, deadline: Deadline, term: Term, verb: str, office: str | None, *, by: str, **facts: Any
) -> Deadline:
    deadline.office, deadline.recorded_by = office, by
    db.add(deadline)
    db.flush()
    _plan(db, deadline, term)
    event = {"trigger": deadline.trigger, "trigger_on": deadline.trigger_on}
    _say(db, verb, deadline, by=by, version=term.version, **event, **facts)
    return deadline


def _faults(deadline: Deadline, due_on: date) -> str | None:
    """What is wrong with a date set by hand: one that no calendar of ours reaches, or one that its event excludes."""
    if not calendar.FIRST_YEAR <= due_on.year <= calendar.LAST_YEAR:
        return N_("La data esce dal calendario.")
    if deadline.kind == "BACK" and due_on > deadline.trigger_on:
        return N_("Il termine si conta all'indietro: la data viene prima del fatto.")
    if deadline.kind != "BACK" and due_on < deadline.trigger_on:
        return N_("La data viene prima del fatto da cui si conta.")
    return None


def _row(case_code: str, term: Term, computed: Computed, trigger: str, trigger_on: date) -> Deadline:
    return Deadline(
        id=new_id(),
        case_code=case_code,
        term_id=term.id,
        term_version=term.version,
        name=term.name,
        source=term.source,
        kind=term.kind,
        certainty=term.certainty,
        trigger=trigger,
        trigger_on=trigger_on,
        computed_on=computed.due,
        due_on=computed.due,
        last_working_day=computed.last_working_day,
        recorded_at=clock.now(),
    )


def _plan(db: Session, deadline: Deadline, term: Term) -> None:
    """One reminder a day at most, at half past seven in Rome, and none in the past.

    A date that was written down when all its days had passed is told the next morning: else it would be heard of first
    when it is over.
    """
    days = sorted(dict(term.reminder_days(Computed(deadline.due_on, deadline.last_working_day))).items())
    ahead = [(day, kind) for day, kind in days if _morning(day) > clock.now()]
    today = clock.today()
    next_ = today if _morning(today) > clock.now() else today + timedelta(days=1)
    if days and not ahead and next_ <= deadline.due_on:
        ahead = [(next_, days[-1][1])]
    for day, kind in ahead:
        db.add(Reminder(id=new_id(), deadline_id=deadline.id, remind_on=day, at=_morning(day), kind=kind))
    db.flush()


def _morning(day: date) -> datetime:
    return datetime.combine(day, REMIND_AT, tzinfo=clock.ROME)


def put_off_reminders(db: Session, deadline_id: str, until: datetime) -> None:
    """What should be told of a date now and cannot be is tried again at an instant."""
    for reminder in _planned(db, deadline_id):
        if reminder.at <= clock.now():
            reminder.at = until
    db.flush()


def _open(db: Session, case_code: str, term_id: str) -> list[Deadline]:
    query = select(Deadline).where(Deadline.case_code == case_code, Deadline.term_id == term_id)
    return list(db.scalars(query.where(Deadline.status == "open").order_by(Deadline.recorded_at)))


def _settle(db: Session, deadline: Deadline, status: str, on: date | None) -> None:
    deadline.status, deadline.settled_on = status, on
    _kill_reminders(db, deadline)


def _kill_reminders(db: Session, deadline: Deadline) -> None:
    for reminder in _planned(db, deadline.id):
        reminder.status = "dead"
    db.flush()


def _planned(db: Session, deadline_id: str) -> Iterable[Reminder]:
    return db.scalars(select(Reminder).where(Reminder.deadline_id == deadline_id, Reminder.status == "planned"))


def _lock(db: Session, deadline_id: str) -> Deadline:
    query = select(Deadline).where(Deadline.id == deadline_id).with_for_update()
    deadline = db.scalar(query.execution_options(populate_existing=True))
    if deadline is None:
        raise NotYours
    return deadline


def _say(db: Session, verb: str, deadline: Deadline, *, by: str, **facts: Any) -> None:
    log.append(
        db,
        verb,
        casefile.scope_of(deadline.case_code),
        by=by,
        case=deadline.case_code,
        deadline=deadline.id,
        term=deadline.term_id,
        due_on=deadline.due_on,
        unsure=deadline.is_unsure,
        **facts,
    )
