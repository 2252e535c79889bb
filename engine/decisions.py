"""Published decision tables: check, number, keep for ever, say which is in force, decide. The rules themselves are in
`dmn` and `dmn_run`.
"""

import hashlib
from collections.abc import Container, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import LargeBinary, UniqueConstraint, func, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from core import clock, log
from core.db import NOW, Base
from core.errors import N_, InvalidModel, NotYours, Refused, WrongOrder
from core.ids import new_id
from engine import dmn, dmn_check, dmn_inputs, dmn_run
from engine.feel_values import from_feel
from engine.findings import Finding

_KEPT = 256
_models: dict[str, dmn.Model] = {}


class UnknownDecision(Refused):
    """No version of this decision is published, or none was on that day."""

    status = 404
    sentence = N_("La tabella di decisione «%(decision)s» non è pubblicata.")


class DecisionTable(Base):
    """One version of one decision. A file with several decisions makes a row for each; rows never change."""

    __tablename__ = "decision_table"
    __table_args__ = (UniqueConstraint("decision_id", "version"),)
    id: Mapped[str] = mapped_column(primary_key=True)
    decision_id: Mapped[str]
    version: Mapped[int]
    name: Mapped[str]
    sha: Mapped[str]
    # only read when this process meets the file for the first time
    xml: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    published_by: Mapped[str]
    published_at: Mapped[datetime]
    written_by: Mapped[str | None]  # whose draft it was; None: it came from the command line
    in_force_from: Mapped[datetime | None]  # None: taken back before it came into force


# What was published at once is in force whatever the clock says; only what was scheduled waits for its moment.
IN_FORCE = or_(DecisionTable.in_force_from <= NOW, DecisionTable.in_force_from <= DecisionTable.published_at)
KNOWN = select(DecisionTable.decision_id).where(IN_FORCE).distinct()


def check(data: bytes) -> list[Finding]:
    """Return all that is wrong with a DMN file; an error forbids publishing it."""
    return dmn_check.check(data)


def publish(
    db: Session,
    data: bytes,
    *,
    written_by: str | None = None,
    in_force_from: datetime | None = None,
    beside: Container[str] = (),
    by: str,
) -> list[DecisionTable]:
    """Make the file the next version of each of its decisions and return them, in the order of the file; those that
    come with a file of their own `beside` this one are left to that.

    It is in force at once, or from a moment on; `written_by` is whose draft `by` confirmed. A decision whose version in
    force by then comes from the very same file is not published twice. Raises InvalidModel.
    """
    findings = [each for each in check(data) if each.level == "error"]
    if findings:
        raise InvalidModel(findings)
    model, _ = dmn.read(data)
    facts = {"sha": hashlib.sha256(data).hexdigest(), "written_by": written_by, "published_by": by}
    start = max(in_force_from or clock.now(), clock.now())
    mine = [each for each in model.decisions.values() if each.element not in beside]
    return [_publish(db, decision, data, facts, start) for decision in mine]


def _publish(
    db: Session, decision: dmn.Decision, data: bytes, facts: Mapping[str, Any], start: datetime
) -> DecisionTable:
    same = current(db, decision.element, at=start)
    if same is not None and same.sha == facts["sha"]:
        return same
    of_it = DecisionTable.decision_id == decision.element
    last = db.scalar(select(func.max(DecisionTable.version)).where(of_it)) or 0
    table = DecisionTable(
        id=new_id(),
        decision_id=decision.element,
        version=last + 1,
        name=decision.name,
        xml=data,
        published_at=clock.now(),
        in_force_from=start,
        **facts,
    )
    db.add(table)
    db.flush()
    told: dict[str, Any] = {"version": table.version, "sha": table.sha}
    told |= {"author": table.written_by, "in_force_from": start} if table.written_by else {}
    log.append(db, "decision.published", f"decision:{decision.element}", by=table.published_by, **told)
    return table


def withdraw(db: Session, table: DecisionTable, *, by: str) -> DecisionTable:
    """Take back a version that is not in force yet, and with it what else came with its file: none of it ever will be.

    Raises WrongOrder.
    """
    if table.in_force_from is None or table.in_force_from <= max(clock.now(), table.published_at):
        raise WrongOrder(N_("Questa versione è già in vigore o già ritirata: pubblicane un'altra."))
    for each in [table, *companions(db, table)]:
        each.in_force_from = None
        db.flush()
        log.append(db, "decision.withdrawn", f"decision:{each.decision_id}", by=by, version=each.version)
    return table


def companions(db: Session, table: DecisionTable) -> list[DecisionTable]:
    """Return the versions of other decisions that the same file brings from the same moment on."""
    query = select(DecisionTable).where(DecisionTable.sha == table.sha, DecisionTable.id != table.id)
    query = query.where(DecisionTable.in_force_from == table.in_force_from)
    return list(db.scalars(query.order_by(DecisionTable.decision_id)))


def current(
    db: Session, decision_id: str, *, on: date | None = None, at: datetime | None = None
) -> DecisionTable | None:
    """Return the version of a decision in force now, at the end of that day in Rome or at a moment to come, if any."""
    query = select(DecisionTable).where(DecisionTable.decision_id == decision_id)
    due = IN_FORCE if at is None else or_(IN_FORCE, DecisionTable.in_force_from <= at)
    query = query.where(DecisionTable.in_force_from < _end_of(on) if on else due)
    return db.scalars(query.order_by(DecisionTable.in_force_from.desc(), DecisionTable.version.desc()).limit(1)).first()


def get(db: Session, table_id: str) -> DecisionTable:
    """Return a version. Raises NotYours if there is none."""
    found = db.get(DecisionTable, table_id)
    if found is None:
        raise NotYours
    return found


def versions(db: Session, decision_id: str) -> list[DecisionTable]:
    """Return every version of a decision, those to come and those of the past too, the youngest first."""
    query = select(DecisionTable).where(DecisionTable.decision_id == decision_id)
    return list(db.scalars(query.order_by(DecisionTable.version.desc())))


def _end_of(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), clock.ROME)


def known(db: Session) -> frozenset[str]:
    """Return the ids of all decisions of which a version is in force."""
    return frozenset(db.scalars(KNOWN))


def newest(db: Session) -> list[DecisionTable]:
    """Return the version of every decision that is in force now, by id."""
    latest = (DecisionTable.in_force_from.desc(), DecisionTable.version.desc())
    place = func.row_number().over(partition_by=DecisionTable.decision_id, order_by=latest).label("place")
    ranked = select(DecisionTable.id, place).where(IN_FORCE).subquery()
    query = select(DecisionTable).join(ranked, (DecisionTable.id == ranked.c.id) & (ranked.c.place == 1))
    return list(db.scalars(query.order_by(DecisionTable.decision_id)))


def to_come(db: Session) -> list[DecisionTable]:
    """Return every version that waits for the moment that it was scheduled for, the next one first."""
    query = select(DecisionTable).where(~IN_FORCE)
    return list(db.scalars(query.order_by(DecisionTable.in_force_from)))


def looks_at(table: DecisionTable) -> frozenset[str]:
    """Return the data that a version needs, those of the decisions that it requires too."""
    return frozenset(each.name for each in dmn_inputs.inputs([_model(table)], table.decision_id))


def decide(db: Session, decision_id: str, facts: Mapping[str, Any], *, on: date | None = None) -> Any:
    """Return what a decision says of these facts, as JSON values: numbers, texts, ISO dates.

    One output gives its value, several give a context, a table that collects gives a list. Changes nothing and depends
    on nothing but the facts and, where a cell asks for it, the clock. Raises UnknownDecision, dmn_run.DecisionError.
    """
    return answer(required(db, decision_id, on=on), facts)


def required(db: Session, decision_id: str, *, on: date | None = None) -> DecisionTable:
    """Return the version in force, as `current` does. Raises UnknownDecision if there is none."""
    table = current(db, decision_id, on=on)
    if table is None:
        raise UnknownDecision(decision=decision_id)
    return table


def answer(table: DecisionTable, facts: Mapping[str, Any]) -> Any:
    """Return what this version says, as `decide` does."""
    return from_feel(dmn_run.run(_model(table), table.decision_id, facts))


@dataclass(frozen=True, slots=True)
class Tried:
    """What a table says of some facts, and the numbers of the rows that hold for them, from 1."""

    value: Any
    rows: tuple[int, ...]


def try_out(model: dmn.Model, decision_id: str, facts: Mapping[str, Any]) -> Tried:
    """Return what this model would say, in force or not, as `decide` does. Raises dmn_run.DecisionError."""
    rows: dmn_run.Rows = {}
    value = from_feel(dmn_run.run(model, decision_id, facts, rows=rows))
    return Tried(value, rows.get(decision_id, ()))


def _model(table: DecisionTable) -> dmn.Model:
    """Return the model of a version, read once per process: what is published never changes."""
    model = _models.get(table.sha)
    if model is None:
        model, _ = dmn.read(table.xml)
        if len(_models) >= _KEPT:
            _models.clear()
        _models[table.sha] = model
    return model
