"""Published decision tables: check, number, keep for ever, decide. The rules themselves are in `dmn` and `dmn_run`."""

import hashlib
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import LargeBinary, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from core import clock, log
from core.db import Base
from core.errors import N_, InvalidModel, Refused
from core.ids import new_id
from engine import dmn, dmn_check, dmn_run
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


def check(data: bytes) -> list[Finding]:
    """Return all that is wrong with a DMN file; an error forbids publishing it."""
    return dmn_check.check(data)


def publish(db: Session, data: bytes, *, by: str) -> list[DecisionTable]:
    """Make the file the newest version of each of its decisions and return them, in the order of the file.

    A decision whose newest version comes from the very same file is not published twice. Raises InvalidModel.
    """
    findings = [each for each in check(data) if each.level == "error"]
    if findings:
        raise InvalidModel(findings)
    model, _ = dmn.read(data)
    sha = hashlib.sha256(data).hexdigest()
    return [_publish(db, decision, data, sha, by=by) for decision in model.decisions.values()]


def _publish(db: Session, decision: dmn.Decision, data: bytes, sha: str, *, by: str) -> DecisionTable:
    last = current(db, decision.element)
    if last is not None and last.sha == sha:
        return last
    table = DecisionTable(
        id=new_id(),
        decision_id=decision.element,
        version=last.version + 1 if last else 1,
        name=decision.name,
        sha=sha,
        xml=data,
        published_by=by,
        published_at=clock.now(),
        written_by=None,
        in_force_from=clock.now(),
    )
    db.add(table)
    db.flush()
    log.append(db, "decision.published", f"decision:{decision.element}", by=by, version=table.version, sha=sha)
    return table


def current(db: Session, decision_id: str, *, on: date | None = None) -> DecisionTable | None:
    """Return the newest version of a decision, or the newest on that day in Rome; None if there is none."""
    query = select(DecisionTable).where(DecisionTable.decision_id == decision_id)
    if on is not None:
        query = query.where(DecisionTable.published_at < _end_of(on))
    return db.scalars(query.order_by(DecisionTable.version.desc()).limit(1)).first()


def _end_of(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), clock.ROME)


def known(db: Session) -> frozenset[str]:
    """Return the ids of all published decisions."""
    return frozenset(db.scalars(select(DecisionTable.decision_id).distinct()))


def newest(db: Session) -> list[DecisionTable]:
    """Return the newest version of every decision, by id."""
    last = (
        select(DecisionTable.decision_id, func.max(DecisionTable.version).label("version"))
        .group_by(DecisionTable.decision_id)
        .subquery()
    )
    query = select(DecisionTable).join(
        last,
        (DecisionTable.decision_id == last.c.decision_id) & (DecisionTable.version == last.c.version),
    )
    return list(db.scalars(query.order_by(DecisionTable.decision_id)))


def decide(db: Session, decision_id: str, facts: Mapping[str, Any], *, on: date | None = None) -> Any:
    """Return what a decision says of these facts, as JSON values: numbers, texts, ISO dates.

    One output gives its value, several give a context, a table that collects gives a list. Changes nothing and depends
    on nothing but the facts and, where a cell asks for it, the clock. Raises UnknownDecision, dmn_run.DecisionError.
    """
    table = current(db, decision_id, on=on)
    if table is None:
        raise UnknownDecision(decision=decision_id)
    return from_feel(dmn_run.run(_model(table), decision_id, facts))


def _model(table: DecisionTable) -> dmn.Model:
    """Return the model of a version, read once per process: what is published never changes."""
    model = _models.get(table.sha)
    if model is None:
        model, _ = dmn.read(table.xml)
        if len(_models) >= _KEPT:
            _models.clear()
        _models[table.sha] = model
    return model
