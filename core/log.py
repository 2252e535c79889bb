"""The log: append-only, hash-chained per stream, written in the transaction it describes.

Timeline, audit, statistics and XES export read this one table. It holds ids, codes, dates and choices, never personal
values. A stream is a case, a contact, a model, a user ...; within it line n carries
`hash_n = SHA-256(hash_(n-1) || body_n)`, where the body is the canonical JSON of the line. `append` only collects; at
commit the lines are numbered, chained and inserted under the lock of their stream's row, so a rollback leaves nothing
and unrelated cases never wait for each other. A chain alone does not stop an administrator who rewrites all of it:
only heads kept outside the database do.
"""

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from hashlib import sha256
from itertools import chain as one_after_another
from typing import Any, NamedTuple

import orjson
from sqlalchemy import (
    DDL,
    BigInteger,
    Integer,
    Text,
    UniqueConstraint,
    and_,
    event,
    func,
    insert,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.orm import Mapped, Session, SessionTransaction, mapped_column
from sqlalchemy.schema import ExecutableDDLElement
from sqlalchemy.types import NullType

from core import clock
from core.db import Base, upsert
from core.errors import N_

VERB = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*")
LONGEST_FACT = 500
PENDING = "core.log"
AT_ONCE = 5000  # lines read at once while verifying


class Stream(Base):
    """One row per stream: how many lines it has and the hash of the last. Its lock orders the writers."""

    __tablename__ = "log_stream"
    stream: Mapped[str] = mapped_column(Text, primary_key=True)
    seq: Mapped[int]
    head: Mapped[str] = mapped_column(Text)


class Line(Base):
    """One thing that happened. Never updated, never deleted."""

    __tablename__ = "log_line"
    __table_args__ = (UniqueConstraint("stream", "seq"),)
    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    stream: Mapped[str] = mapped_column(Text)
    seq: Mapped[int]
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(Text)
    behalf: Mapped[str | None] = mapped_column(Text)
    verb: Mapped[str] = mapped_column(Text)
    case_code: Mapped[str | None] = mapped_column(Text, index=True)
    body: Mapped[str] = mapped_column(Text)
    hash: Mapped[str] = mapped_column(Text)

    @property
    def content(self) -> dict[str, Any]:
        """The parsed body: keys stream, seq, at, actor, behalf, verb, case, reason, facts."""
        return dict(orjson.loads(self.body))

    @property
    def facts(self) -> dict[str, Any]:
        """What `append` was told besides the columns."""
        return dict(self.content["facts"])

    @property
    def reason(self) -> str | None:
        """Why, where a reason is asked for."""
        reason: str | None = self.content["reason"]
        return reason


class Broken(NamedTuple):
    """The first line of a stream that is not what was written."""

    stream: str
    seq: int
    sentence: str


@dataclass(frozen=True, slots=True)
class _Pending:
    stream: str
    content: dict[str, Any]
    at: datetime
    within: SessionTransaction | None


def append(
    db: Session,
    verb: str,
    stream: str,
    *,
    by: str,
    case: str | None = None,
    behalf: str | None = None,
    reason: str | None = None,
    **facts: object,
) -> None:
    """Say that `by` did `verb` to `stream`; numbered and chained when the transaction commits."""
    if not VERB.fullmatch(verb) or not stream or not by:
        raise ValueError(f"a log line needs a verb like 'permit.recorded', a stream and an actor, not {verb!r}")
    at = clock.now()
    content = {
        "at": clock.iso(at),
        "actor": by,
        "behalf": behalf,
        "verb": verb,
        "case": case,
        "reason": _plain(reason),
        "facts": _plain(facts),
    }
    canonical(content)  # what JSON cannot hold is refused here, not at commit
    within = db.get_nested_transaction() or db.get_transaction()
    db.info.setdefault(PENDING, []).append(_Pending(stream, content, at, within))


def lines(
    db: Session, *, case: str | None = None, stream: str | None = None, limit: int = 50, before: int | None = None
) -> list[Line]:
    """The newest lines of a case or a stream, newest first; `before` is the id where the last page ended."""
    query = select(Line).order_by(Line.id.desc()).limit(limit)
    if case is not None:
        query = query.where(Line.case_code == case)
    if stream is not None:
        query = query.where(Line.stream == stream)
    if before is not None:
        query = query.where(Line.id < before)
    return list(db.scalars(query))


def count(db: Session) -> int:
    """How many lines there are."""
    return db.scalar(select(func.count()).select_from(Line)) or 0


def chain(previous: str, body: str) -> str:
    """The hash of a line after the line with hash `previous` (empty for the first)."""
    return sha256((previous + body).encode()).hexdigest()


def _plain(value: Any) -> Any:
    """Facts as JSON can hold them for ever; refuses what only looks like a fact."""
    match value:
        case None | bool() | int():
            return value
        case float() if math.isfinite(value):
            return value
        case str() if len(value) <= LONGEST_FACT:
            return str(value)
        case datetime():
            return clock.iso(value)
        case date():
            return value.isoformat()
        case Decimal():
            return str(value)
        case dict():
            return {str(key): _plain(inner) for key, inner in value.items()}
        case list() | tuple() | set() | frozenset():
            items = sorted(value) if isinstance(value, set | frozenset) else value
            return [_plain(inner) for inner in items]
    raise TypeError(f"a log line holds ids, codes, dates and choices, not a {type(value).__name__} like this")


# Writing: two upserts and one insert, however many lines; made once, because every transaction needs them.

_INSERT = insert(Line.__table__)  # type: ignore[arg-type]


@cache
def _steps(dialect: str) -> tuple[Any, Any]:
    """The upsert that counts new lines in and says where a stream stood, and the one that moves its head."""
    grow, move = upsert(dialect, Stream), upsert(dialect, Stream)
    grow = grow.on_conflict_do_update(index_elements=["stream"], set_={"seq": Stream.seq + grow.excluded.seq})
    move = move.on_conflict_do_update(index_elements=["stream"], set_={"head": move.excluded.head})
    return grow.returning(Stream.stream, Stream.seq, Stream.head), move


@event.listens_for(Session, "before_commit")
def _write(db: Session) -> None:
    """Number, chain and insert what was said, under the locks of the streams, taken in sorted order."""
    if db.get_nested_transaction():
        return
    db.flush()
    pending: list[_Pending] = db.info.pop(PENDING, [])
    if not pending:
        return
    heads = _advance(db, pending)
    rows = [_row(heads, line) for line in pending]
    connection, (_, move) = db.connection(), _steps(db.get_bind().dialect.name)
    connection.execute(_INSERT, rows)
    connection.execute(
        move, [{"stream": name, "seq": seq, "head": head} for name, (seq, head) in sorted(heads.items())]
    )


def _advance(db: Session, pending: Iterable[_Pending]) -> dict[str, tuple[int, str]]:
    """Lock the streams and count the new lines in; returns the last old number and the old head of each."""
    count: dict[str, int] = {}
    for line in pending:
        count[line.stream] = count.get(line.stream, 0) + 1
    grow, _ = _steps(db.get_bind().dialect.name)
    found = db.connection().execute(grow, [{"stream": name, "seq": count[name], "head": ""} for name in sorted(count)])
    return {name: (seq - count[name], head) for name, seq, head in found}


def _row(heads: dict[str, tuple[int, str]], line: _Pending) -> dict[str, Any]:
    seq, head = heads[line.stream]
    body = canonical({"stream": line.stream, "seq": seq + 1, **line.content})
    heads[line.stream] = (seq + 1, chain(head, body))
    return {
        "stream": line.stream,
        "seq": seq + 1,
        "at": line.at,
        "actor": line.content["actor"],
        "behalf": line.content["behalf"],
        "verb": line.content["verb"],
        "case_code": line.content["case"],
        "body": body,
        "hash": heads[line.stream][1],
    }


def canonical(content: dict[str, Any]) -> str:
    """JSON with sorted keys, no spaces, UTF-8: the same content is always the same text."""
    return orjson.dumps(content, option=orjson.OPT_SORT_KEYS).decode()


@event.listens_for(Session, "after_soft_rollback")
def _forget(db: Session, undone: SessionTransaction) -> None:
    """What was said inside an undone transaction or savepoint was not done."""
    pending: list[_Pending] = db.info.get(PENDING, [])
    if pending:
        db.info[PENDING] = [line for line in pending if not _inside(line.within, undone)]


def _inside(inner: SessionTransaction | None, outer: SessionTransaction) -> bool:
    while inner is not None and inner is not outer:
        inner = inner.parent
    return inner is outer


# Verifying


def verify(db: Session, stream: str | None = None) -> list[Broken]:
    """The first broken line of every stream (or of one); an empty list means that the log is as it was written."""
    broken: dict[str, Broken] = {}
    for found in (*_broken_chains(db, stream), *_cut_tails(db, stream), *_unknown_tails(db, stream)):
        if found.stream not in broken or found.seq < broken[found.stream].seq:
            broken[found.stream] = found
    return sorted(broken.values())


def _broken_chains(db: Session, stream: str | None) -> Iterator[Broken]:
    """Walk every line once, in the order of writing; after a break the rest of its stream is not looked at.

    Within a stream that is the order of its lines, for each was numbered under the lock of the stream. The order of the
    streams would jump to and fro in a great file; for this one the last hash of every stream is kept in memory.
    """
    line = Line.__table__.c
    # The instant as the driver gives it: making a million datetimes would take longer than all the hashing.
    at = type_coerce(line.at, NullType())
    query = select(line.stream, line.seq, at, line.actor, line.behalf, line.verb, line.case_code, line.body, line.hash)
    query = query.order_by(line.seq if stream else line.id).execution_options(yield_per=AT_ONCE)
    ends: dict[str, tuple[int, str]] = {}
    given_up: set[str] = set()
    # The plain connection: for a million lines the Session's own loading takes longer than the hashing.
    found = db.connection().execute(query.where(line.stream == stream) if stream else query)
    for row in one_after_another.from_iterable(found.partitions(AT_ONCE)):
        name, number, _, _, _, _, _, body, digest = row
        seq, head = ends.get(name, (0, ""))
        if given_up and name in given_up:
            continue
        seq += 1
        if number != seq or sha256((head + body).encode()).hexdigest() != digest or not _is_same(row):
            given_up.add(name)
            yield Broken(name, seq, _fault(row, seq, head))
        ends[name] = seq, digest


def _is_same(row: Any) -> bool:
    """Do the columns say what the text says?"""
    name, number, at, actor, behalf, verb, case, body, _ = row
    try:
        said = orjson.loads(body)
        return bool(
            said["seq"] == number and said["verb"] == verb and said["actor"] == actor and said["case"] == case
            and said["stream"] == name and said["behalf"] == behalf
            and (said["at"] == at if at.__class__ is str else datetime.fromisoformat(said["at"]) == at)
        )  # fmt: skip
    except (ValueError, KeyError, TypeError):
        return False


def _fault(row: Any, seq: int, previous: str) -> str:
    """What is wrong with a line of which something is."""
    number, body, digest = row[1], row[7], row[8]
    if number != seq:
        return N_("la riga manca")
    if sha256((previous + body).encode()).hexdigest() != digest:
        return N_("il testo non corrisponde all'impronta, oppure è cambiata la riga precedente")
    try:
        said = orjson.loads(body)
        _ = [said[key] for key in ("stream", "seq", "at", "actor", "behalf", "verb", "case")]
        datetime.fromisoformat(said["at"])
    except (ValueError, KeyError, TypeError):
        return N_("il testo della riga non è leggibile")
    return N_("le colonne non corrispondono al testo della riga")


def _cut_tails(db: Session, stream: str | None) -> Iterator[Broken]:
    """Streams whose last line is not there, or is not the one the stream row remembers."""
    last = and_(Line.stream == Stream.stream, Line.seq == Stream.seq)
    query = select(Stream.stream, Stream.seq).outerjoin(Line, last)
    query = query.where(or_(Line.hash.is_(None), Line.hash != Stream.head))
    for name, seq in db.execute(query.where(Stream.stream == stream) if stream else query):
        yield Broken(name, seq, N_("l'ultima riga manca o non è quella scritta per ultima"))


def _unknown_tails(db: Session, stream: str | None) -> Iterator[Broken]:
    """Lines beyond the end that the stream row remembers."""
    query = select(Line.stream, func.min(Line.seq)).outerjoin(Stream, Stream.stream == Line.stream)
    query = query.where(or_(Stream.seq.is_(None), Line.seq > Stream.seq)).group_by(Line.stream)
    for name, seq in db.execute(query.where(Line.stream == stream) if stream else query):
        yield Broken(name, seq, N_("la riga è stata aggiunta senza passare dal registro"))


# Append-only, kept by the database too: the first migration runs these statements, as `create_all` does in tests.

TRIGGERS: dict[str, tuple[str, ...]] = {
    "sqlite": (
        "create trigger log_line_no_update before update on log_line "
        "begin select raise(abort, 'log_line is append-only'); end",
        "create trigger log_line_no_delete before delete on log_line "
        "begin select raise(abort, 'log_line is append-only'); end",
        # INSERT OR REPLACE deletes without calling the trigger above.
        "create trigger log_line_no_replace before insert on log_line when exists "
        "(select 1 from log_line where id = new.id or (stream = new.stream and seq = new.seq)) "
        "begin select raise(abort, 'log_line is append-only'); end",
        "create trigger log_stream_no_delete before delete on log_stream "
        "begin select raise(abort, 'log_stream is append-only'); end",
    ),
    "postgresql": (
        "create function refuse_change() returns trigger language plpgsql as "
        "$$ begin raise exception 'this table is append-only'; end $$",
        "create trigger log_line_append_only before update or delete or truncate on log_line "
        "for each statement execute function refuse_change()",
        "create trigger log_stream_no_delete before delete or truncate on log_stream "
        "for each statement execute function refuse_change()",
    ),
}
DROP_TRIGGERS: dict[str, tuple[str, ...]] = {
    "sqlite": (
        "drop trigger log_line_no_update",
        "drop trigger log_line_no_delete",
        "drop trigger log_line_no_replace",
        "drop trigger log_stream_no_delete",
    ),
    "postgresql": (
        "drop trigger log_line_append_only on log_line",
        "drop trigger log_stream_no_delete on log_stream",
        "drop function refuse_change()",
    ),
}
for _dialect, _statements in TRIGGERS.items():
    for _statement in _statements:
        _ddl: ExecutableDDLElement = DDL(_statement)  # type: ignore[no-untyped-call]
        event.listen(Base.metadata, "after_create", _ddl.execute_if(dialect=_dialect))
