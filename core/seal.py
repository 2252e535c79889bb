"""The seal: every line of the log becomes a leaf of one RFC 9162 tree, whose heads are signed and go outside.

The clock seals every minute. The order of the leaves is the order of sealing; within a stream it is that of the lines.
Complete subtrees are kept, so that a proof reads some forty rows however long the log is. A head says how many lines
there are and what their root is, signed by a key outside the database (`core.signing`). Whoever rewrites lines, chain
and tree alike cannot make the heads agree that already lie elsewhere: on paper, in the auditors' mail, in a file.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import DDL, BigInteger, Integer, LargeBinary, Text, UniqueConstraint, event, func, insert, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from core import clock, failpoint, log, signing
from core.db import Base, upsert
from core.errors import N_, WrongOrder
from core.ids import new_id
from core.log import Line, Stream
from verify.approdo_verify import head_text, leaf_hash, node_hash

BATCH = 5000
STREAMS_AT_ONCE = 500
LEVELS = 6  # bits of a node's number that say its level
AT_ONCE = 900  # nodes asked for in one statement
Number = BigInteger().with_variant(Integer, "sqlite")
Place = tuple[int, int]
NO_HEAD = N_("Il registro non è ancora sigillato: l'orologio lo fa ogni minuto.")


class Tree(Base):
    """The one row whose lock orders those who seal; its name tells this log from every other."""

    __tablename__ = "log_tree"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Text)


class Sealed(Base):
    """How many lines of a stream are in the tree."""

    __tablename__ = "log_sealed"
    stream: Mapped[str] = mapped_column(Text, primary_key=True)
    seq: Mapped[int]


class Leaf(Base):
    """Which line is which leaf, and the hash that it had when it was sealed."""

    __tablename__ = "log_leaf"
    __table_args__ = (UniqueConstraint("stream", "seq"),)
    number: Mapped[int] = mapped_column(Number, primary_key=True, autoincrement=False)
    stream: Mapped[str] = mapped_column(Text)
    seq: Mapped[int]
    hash: Mapped[bytes] = mapped_column(LargeBinary)


class Node(Base):
    """The hash of a complete subtree above the leaves, by `place_number`."""

    __tablename__ = "log_node"
    place: Mapped[int] = mapped_column(Number, primary_key=True, autoincrement=False)
    hash: Mapped[bytes] = mapped_column(LargeBinary)


class Head(Base):
    """A signed tree head."""

    __tablename__ = "log_head"
    size: Mapped[int] = mapped_column(Number, primary_key=True, autoincrement=False)
    root: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
    key: Mapped[str] = mapped_column(Text)
    signature: Mapped[str] = mapped_column(Text)


class DayHead(Base):
    """The head that went outside on a day."""

    __tablename__ = "log_head_day"
    day: Mapped[date] = mapped_column(primary_key=True)
    size: Mapped[int] = mapped_column(Number)


class SealKey(Base):
    """The public half of every key that ever signed; a new one is vouched for by the one before."""

    __tablename__ = "log_key"
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    public: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[datetime]
    endorsed_by: Mapped[str | None] = mapped_column(Text)
    endorsement: Mapped[str | None] = mapped_column(Text)


# Sealing


def seal(db: Session, *, by: str) -> Head | None:
    """Put lines that wait into the tree, some thousands at most, and sign its new head; None if none waited."""
    tree = _lock(db)
    _enrol(db, tree, by=by)
    lines = list(db.execute(_waiting()))
    if not lines:
        return None
    start = size(db)
    leaves = [{"number": start + i, "stream": row[0], "seq": row[1], "hash": bytes.fromhex(row[2])}
              for i, row in enumerate(lines)]  # fmt: skip
    db.execute(insert(Leaf), leaves)
    failpoint.reach("seal.leaves")
    nodes = _grow(db, start, [leaf_hash(leaf["hash"]) for leaf in leaves])
    if nodes:
        db.execute(insert(Node), [{"place": place_number(*place), "hash": hashed} for place, hashed in nodes])
    ends = {row[0]: row[1] for row in lines}
    step = upsert(db, Sealed)
    step = step.on_conflict_do_update(index_elements=["stream"], set_={"seq": step.excluded.seq})
    db.execute(step, [{"stream": name, "seq": ends[name]} for name in sorted(ends)])
    head = _sign(db, tree, start + len(leaves))
    failpoint.reach("seal.head")
    return head


def size(db: Session) -> int:
    """How many lines are in the tree."""
    last = db.scalar(select(func.max(Leaf.number)))
    return 0 if last is None else last + 1


def newest(db: Session) -> Head:
    """The newest head; WrongOrder while nothing is sealed."""
    head = db.scalar(select(Head).order_by(Head.size.desc()).limit(1))
    if head is None:
        raise WrongOrder(NO_HEAD)
    return head


def name(db: Session) -> str:
    """What this log is called in its heads; empty before the first seal."""
    return db.scalar(select(Tree.name)) or ""


def record(db: Session, head: Head) -> dict[str, Any]:
    """A head as it stands in files: keys log, size, root, at, key, signature."""
    return {
        "log": name(db), "size": head.size, "root": head.root, "at": clock.iso(head.at), "key": head.key,
        "signature": head.signature,
    }  # fmt: skip


def of_day(db: Session, day: date) -> Head | None:
    """The head that goes outside on this day: the newest when it was first asked for; None while nothing is sealed."""
    row = db.get(DayHead, day)
    if row is None:
        head = db.scalar(select(Head).order_by(Head.size.desc()).limit(1))
        if head is None:
            return None
        db.execute(upsert(db, DayHead).values(day=day, size=head.size).on_conflict_do_nothing())
        row = db.get_one(DayHead, day, populate_existing=True)
    return db.get_one(Head, row.size)


def _lock(db: Session) -> Tree:
    db.execute(upsert(db, Tree).values(id=1, name=new_id()).on_conflict_do_nothing())
    return db.scalars(select(Tree).with_for_update()).one()


def _waiting() -> Any:
    """Lines beyond what is sealed of their stream, in the order in which they were written."""
    done = func.coalesce(Sealed.seq, 0)
    behind = select(Stream.stream, done.label("done")).outerjoin(Sealed, Sealed.stream == Stream.stream)
    first = behind.where(Stream.seq > done).order_by(Stream.stream).limit(STREAMS_AT_ONCE).subquery()
    lines = select(Line.stream, Line.seq, Line.hash).join(first, Line.stream == first.c.stream)
    return lines.where(Line.seq > first.c.done).order_by(Line.id).limit(BATCH)


def _sign(db: Session, tree: Tree, leaves: int) -> Head:
    read = reader(db, peaks(leaves))
    root, at, signer = root_of(leaves, read).hex(), clock.now(), signing.current()
    text = head_text(tree.name, leaves, root, clock.iso(at))
    head = Head(size=leaves, root=root, at=at, key=signer.id, signature=signer.sign(text).hex())
    db.add(head)
    db.flush()
    return head


def key_text(tree: str, public: bytes) -> str:
    """What the old key signs about the new one."""
    return f"approdo seal key v1\n{tree}\n{public.hex()}\n"


def _enrol(db: Session, tree: Tree, *, by: str) -> None:
    """Keep the public half of a key that signs here for the first time, vouched for by the old one if it is there."""
    signer, older = signing.current(), signing.older()
    if db.get(SealKey, signer.id) is not None:
        return
    row = SealKey(id=signer.id, public=signer.public, at=clock.now())
    if older is not None and db.get(SealKey, older.id) is not None:
        row.endorsed_by = older.id
        row.endorsement = older.sign(key_text(tree.name, signer.public)).hex()
    db.add(row)
    db.flush()
    log.append(db, "seal.key_begun", "seal", by=by, key=signer.id, endorsed_by=row.endorsed_by)


# The tree


def place_number(level: int, index: int) -> int:
    """Level and index of a node as one number."""
    return index << LEVELS | level


def peaks(leaves: int) -> list[Place]:
    """The complete subtrees of which a tree of so many leaves consists, from the right."""
    return [(level, (leaves >> level) - 1) for level in range(leaves.bit_length()) if leaves >> level & 1]


def root_of(leaves: int, read: Callable[[Place], bytes]) -> bytes:
    """The root of a tree of so many leaves, more than none."""
    right, *rest = (read(place) for place in peaks(leaves))
    for left in rest:
        right = node_hash(left, right)
    return right


def inclusion(index: int, leaves: int) -> list[list[Place]]:
    """RFC 9162, 2.1.3.1: for each step of the proof of a leaf the complete subtrees of which its hash is made."""
    return _path(index, 0, leaves)


def consistency(old: int, new: int) -> list[list[Place]]:
    """RFC 9162, 2.1.4.1: the same for the proof that a tree begins with a smaller one."""
    return _subproof(old, 0, new, whole=True) if 0 < old < new else []


def proof(steps: Sequence[Sequence[Place]], read: Callable[[Place], bytes]) -> list[bytes]:
    """The hashes of a proof."""
    return [_join([read(place) for place in step]) for step in steps]


def reader(db: Session, places: Iterable[Place]) -> Callable[[Place], bytes]:
    """Read these nodes, whatever they are, in as few statements as may be; then give each."""
    wanted = sorted(set(places))
    found: dict[Place, bytes] = {}
    leaves = [index for level, index in wanted if level == 0]
    nodes = {place_number(*place): place for place in wanted if place[0]}
    for some in _chunks(leaves):
        rows = db.execute(select(Leaf.number, Leaf.hash).where(Leaf.number.in_(some)))
        found.update({(0, number): leaf_hash(hashed) for number, hashed in rows})
    for some in _chunks(list(nodes)):
        rows = db.execute(select(Node.place, Node.hash).where(Node.place.in_(some)))
        found.update({nodes[at]: hashed for at, hashed in rows})
    return found.__getitem__


def _chunks(items: list[int]) -> Iterator[list[int]]:
    return (items[start : start + AT_ONCE] for start in range(0, len(items), AT_ONCE))


def _join(parts: list[bytes]) -> bytes:
    """The hash over neighbouring complete subtrees, given from the left, each smaller than the one before."""
    *rest, right = parts
    for left in reversed(rest):
        right = node_hash(left, right)
    return right


def _cover(low: int, high: int) -> list[Place]:
    """The complete subtrees over the leaves low to high - 1, from the left; low is where a subtree begins."""
    found = []
    while low < high:
        level = (high - low).bit_length() - 1
        found.append((level, low >> level))
        low += 1 << level
    return found


def _split(low: int, high: int) -> int:
    """Where the left subtree ends: the greatest power of two that is smaller than the number of leaves."""
    return low + (1 << (high - low - 1).bit_length() - 1)


def _path(index: int, low: int, high: int) -> list[list[Place]]:
    found = []
    while high - low > 1:
        middle = _split(low, high)
        if index < middle:
            found.append(_cover(middle, high))
            high = middle
        else:
            found.append(_cover(low, middle))
            low = middle
    return found[::-1]


def _subproof(old: int, low: int, high: int, *, whole: bool) -> list[list[Place]]:
    if old == high - low:
        return [] if whole else [_cover(low, high)]
    middle = _split(low, high)
    left = middle - low
    if old <= left:
        return [*_subproof(old, low, middle, whole=whole), _cover(middle, high)]
    return [*_subproof(old - left, middle, high, whole=False), _cover(low, middle)]


def _grow(db: Session, start: int, leaves: list[bytes]) -> list[tuple[Place, bytes]]:
    """The complete subtrees that come into being when these leaves are added behind the first `start`."""
    old = reader(db, peaks(start))
    made: list[tuple[Place, bytes]] = []
    below, first, level = leaves, start, 0
    while below:
        if first & 1:  # the left half was complete before
            below, first = [old((level, first - 1)), *below], first - 1
        pairs = zip(below[::2], below[1::2], strict=False)
        below, first, level = [node_hash(left, right) for left, right in pairs], first >> 1, level + 1
        made += [((level, first + i), hashed) for i, hashed in enumerate(below)]
    return made


# Append-only, kept by the database too, like the log itself.

KEPT = ("log_leaf", "log_node", "log_head", "log_head_day", "log_key")


def triggers(dialect: str, tables: Sequence[str] = KEPT) -> list[str]:
    """What makes tables append-only, those of the seal at first, for the migrations and for `create_all`."""
    if dialect == "postgresql":
        return [f"create trigger {table}_append_only before update or delete or truncate on {table} "
                "for each statement execute function refuse_change()" for table in tables]  # fmt: skip
    return [f"create trigger {table}_no_{verb} before {verb} on {table} "
            f"begin select raise(abort, '{table} is append-only'); end"
            for table in tables for verb in ("update", "delete")]  # fmt: skip


def drop_triggers(dialect: str, tables: Sequence[str] = KEPT) -> list[str]:
    """The opposite, for a downgrade."""
    if dialect == "postgresql":
        return [f"drop trigger {table}_append_only on {table}" for table in tables]
    return [f"drop trigger {table}_no_{verb}" for table in tables for verb in ("update", "delete")]


for _dialect in ("sqlite", "postgresql"):
    for _statement in triggers(_dialect):
        event.listen(Base.metadata, "after_create", DDL(_statement).execute_if(dialect=_dialect))  # type: ignore[no-untyped-call]
