"""What the engine keeps: drafts and published definitions, running instances, and what they wait for.

`business_key` (what an instance hangs on) and `tenant` (whose inbox its tasks appear in) are words of the caller;
the engine never looks behind them.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base


class Definition(Base):
    """A published model: immutable, numbered."""

    __tablename__ = "definition"
    __table_args__ = (UniqueConstraint("process_id", "version"),)
    id: Mapped[str] = mapped_column(primary_key=True)
    process_id: Mapped[str]
    version: Mapped[int]
    name: Mapped[str]
    name_en: Mapped[str]
    sha: Mapped[str]
    xml: Mapped[bytes] = mapped_column(LargeBinary)
    published_by: Mapped[str]
    published_at: Mapped[datetime]
    written_by: Mapped[str | None]  # whose draft it was; None: it came from the command line
    in_force_from: Mapped[datetime | None]  # None: taken back before it came into force


class Draft(Base):
    """What is being written: one for each model (`kind`: process, decision, form), `content` None while there is none.

    `revision` counts every change and never starts again, so a page left open for days cannot mistake another draft for
    its own. `base_version`: the published version it began from. A proposal waits for a second person.
    """

    __tablename__ = "model_draft"
    kind: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    content: Mapped[bytes | None] = mapped_column(LargeBinary)
    base_version: Mapped[int | None]
    revision: Mapped[int]
    author: Mapped[str]  # of the last save
    authors: Mapped[list[str]]  # who saved since it began, and who wrote what was taken up again
    saved_at: Mapped[datetime]
    proposed_by: Mapped[str | None]
    proposed_at: Mapped[datetime | None]
    in_force_from: Mapped[datetime | None]
    reason: Mapped[str | None]  # why it is proposed
    refusal: Mapped[str | None]  # why the last proposal came to nothing


class DraftCopy(Base):
    """A version of a draft that lost: saved on a revision that was no longer the last one, or discarded."""

    __tablename__ = "model_draft_copy"
    id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    key: Mapped[str] = mapped_column(index=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    revision: Mapped[int]
    author: Mapped[str]  # whose version it is
    authors: Mapped[list[str]]  # everybody who wrote a part of it
    kept_at: Mapped[datetime]
    why: Mapped[str]  # conflict, discarded, replaced


class Instance(Base):
    """A running definition. `status`: open, ended, cancelled, failed (a BPMN error that nothing caught)."""

    __tablename__ = "instance"
    id: Mapped[str] = mapped_column(primary_key=True)
    definition_id: Mapped[str] = mapped_column(ForeignKey("definition.id"), index=True)
    business_key: Mapped[str] = mapped_column(index=True)
    stream: Mapped[str]
    tenant: Mapped[str]
    status: Mapped[str] = mapped_column(index=True)
    state: Mapped[bytes] = mapped_column(LargeBinary)
    check: Mapped[str]  # a checksum of `state`: damaged bytes are parked, never executed
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=0)
    __mapper_args__ = {"version_id_col": version}


class Step(Base):
    """One execution of an element. `ended_at` None: it still waits. `outcome`: done, cancelled, interrupted,
    skipped …; `due_at`: by when a person had to have done it.
    """

    __tablename__ = "step"
    __table_args__ = (
        Index("ix_step_instance_started", "instance_id", "started_at"),
        Index("ix_step_by_ended", "by", "ended_at"),
    )
    id: Mapped[str] = mapped_column(primary_key=True)
    instance_id: Mapped[str] = mapped_column(ForeignKey("instance.id"))
    definition_id: Mapped[str]
    element: Mapped[str]
    kind: Mapped[str]
    name: Mapped[str]
    via: Mapped[str | None]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    outcome: Mapped[str | None]
    by: Mapped[str | None]
    due_at: Mapped[datetime | None]


class UserTask(Base):
    """A step that waits for a person. `given_by`: the colleague who gave it to the assignee, if one did; `note`: the id
    of a sealed text of whoever gave it back. The engine looks behind neither.
    """

    __tablename__ = "user_task"
    __table_args__ = (
        Index("ix_user_task_candidates", "tenant", "group", "assignee"),
        Index("ix_user_task_group", "group", "assignee"),
        # without the free ones, or a search for them in one group would be made by this index and read them all
        Index(
            "ix_user_task_assignee_due",
            "assignee",
            "due_at",
            sqlite_where=text("assignee is not null"),
            postgresql_where=text("assignee is not null"),
        ),
    )
    id: Mapped[str] = mapped_column(primary_key=True)
    instance_id: Mapped[str] = mapped_column(ForeignKey("instance.id"), index=True)
    business_key: Mapped[str] = mapped_column(index=True)
    tenant: Mapped[str]
    group: Mapped[str]
    assignee: Mapped[str | None]
    element: Mapped[str]
    name: Mapped[str]
    name_en: Mapped[str]
    form: Mapped[str | None]
    phase: Mapped[str | None]
    created_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    due_source: Mapped[str | None]
    reminders: Mapped[str | None]
    follow_up_on: Mapped[date | None]
    given_by: Mapped[str | None]
    note: Mapped[str | None]


class Timer(Base):
    """A step that waits for a moment. `attempts` counts failed firings."""

    __tablename__ = "timer"
    id: Mapped[str] = mapped_column(primary_key=True)
    instance_id: Mapped[str] = mapped_column(ForeignKey("instance.id"), index=True)
    element: Mapped[str]
    due_at: Mapped[datetime] = mapped_column(index=True)
    attempts: Mapped[int] = mapped_column(default=0)


class Subscription(Base):
    """A step that waits for a message or signal."""

    __tablename__ = "subscription"
    __table_args__ = (Index("ix_subscription_what", "kind", "name", "business_key"),)
    id: Mapped[str] = mapped_column(primary_key=True)
    instance_id: Mapped[str] = mapped_column(ForeignKey("instance.id"), index=True)
    business_key: Mapped[str]
    kind: Mapped[str]
    name: Mapped[str]


class Delivery(Base):
    """A message or signal on its way to an instance, or (no instance) kept until somebody waits for it.

    `tried` are the instances that had no use for it: they do not correlate, or wait no longer.
    """

    __tablename__ = "delivery"
    __table_args__ = (Index("ix_delivery_waiting", "kind", "name", "instance_id"),)
    id: Mapped[str] = mapped_column(primary_key=True)
    instance_id: Mapped[str | None] = mapped_column(ForeignKey("instance.id"), index=True)
    business_key: Mapped[str]
    kind: Mapped[str]
    name: Mapped[str]
    facts: Mapped[dict[str, Any]]
    correlation: Mapped[dict[str, Any]]
    tried: Mapped[list[str]]
    due_at: Mapped[datetime] = mapped_column(index=True)
    attempts: Mapped[int] = mapped_column(default=0)


class Incident(Base):
    """A technical fault, parked for a coordinator. `status`: open, retried, skipped, resolved.

    `element` is where it stopped, `parked` the timer or delivery that was given up there (None: nothing was),
    `attempts` how often it was tried. `sentence` is an Italian msgid with the places of `params`; `reason` is what who
    settled it gave (the id of a sealed text, where words may name a person).
    """

    __tablename__ = "incident"
    id: Mapped[str] = mapped_column(primary_key=True)
    instance_id: Mapped[str] = mapped_column(ForeignKey("instance.id"), index=True)
    business_key: Mapped[str]
    tenant: Mapped[str]
    element: Mapped[str]
    parked: Mapped[str | None]
    attempts: Mapped[int] = mapped_column(default=1)
    sentence: Mapped[str]
    params: Mapped[dict[str, Any]]
    raised_at: Mapped[datetime]
    status: Mapped[str] = mapped_column(index=True)
    resolved_at: Mapped[datetime | None]
    resolved_by: Mapped[str | None]
    reason: Mapped[str | None]

    @property
    def words(self) -> str:
        """The sentence in Italian, complete."""
        return self.sentence % self.params if self.params else self.sentence
