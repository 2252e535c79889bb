"""Is the log what was written? Chains, seal, heads and keys, and the heads that lie outside; and packages for auditors.

Every finding names where and what. The chain finds a changed line, the seal also finds chains that were rewritten as a
whole, and only a head kept outside finds a log whose end was cut off together with its seal, or an older copy.
"""

import base64
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import orjson
from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session

from core import clock, log, seal, signing, stamps
from core.errors import N_, BadInput, NotYours
from core.log import Line
from core.seal import Head, Leaf, Sealed, SealKey
from core.stamps import Stamp
from verify import approdo_verify
from verify.approdo_verify import chain, fingerprint, head_text, leaf_hash, node_hash

AT_ONCE = 300
BUSHEL = 4096  # leaves read at once


class Finding(NamedTuple):
    """What is wrong: kind (line, leaf, head, outside, key, stamp), where, its number there, one sentence."""

    kind: str
    where: str
    number: int
    sentence: str


def verify(
    db: Session, outside: Sequence[Mapping[str, Any]] = (), trusted: Iterable[str] = (), stampers: Path | None = None
) -> list[Finding]:
    """Everything that is wrong with the log, or nothing. `outside`: heads kept elsewhere, as `seal.record` gives them;
    `trusted`: fingerprints of keys that people have vouched for; `stampers`: certificates of believed authorities."""
    chains = [Finding("line", *broken) for broken in log.verify(db)]
    roots: dict[int, str] = {}
    leaves = list(_leaves(db, _sizes(db, outside), roots))
    keys = list(db.scalars(select(SealKey).order_by(SealKey.at, SealKey.id)))
    return [
        *chains, *leaves, *_rewound(db), *_heads(db, roots, keys), *_outside(db, outside, roots, keys),
        *_keys(seal.name(db), keys, set(trusted)),
        *(Finding("stamp", "seal", *fault) for fault in stamps.faults(db, stamps.read_roots(stampers))),
    ]  # fmt: skip


def verify_case(db: Session, case: str) -> list[Finding]:
    """The same for the lines of one case, up to the newest head, without reading any other line."""
    found = [Finding("line", *broken) for broken in log.verify(db, f"case:{case}")]
    known = {(line["stream"], line["seq"]) for line in _records(db, case)}
    sealed = select(Leaf.stream, Leaf.seq).where(Leaf.stream == f"case:{case}").order_by(Leaf.seq)
    for stream, seq in db.execute(sealed):
        if (stream, seq) not in known:
            found.append(Finding("leaf", stream, seq, MISSING))
    return found + list(_package_faults(db, case))


def read_heads(path: Path) -> list[dict[str, Any]]:
    """The heads of a file outside: one JSON object a line. Raises BadInput if it is no such file."""
    rows = []
    try:
        for number, text in enumerate(path.read_bytes().splitlines(), 1):
            if text.strip():
                rows.append(_head_in(text, number))
    except OSError:
        raise BadInput(N_("Il file delle teste non si può leggere.")) from None
    return rows


def _head_in(text: bytes, number: int) -> dict[str, Any]:
    try:
        row: dict[str, Any] = orjson.loads(text)
        head_text(row["log"], int(row["size"]), row["root"], row["at"])
        bytes.fromhex(row["root"] + row["signature"])
    except (ValueError, KeyError, TypeError):
        raise BadInput(N_("Nel file delle teste la riga %(number)s non è una testa."), number=number) from None
    return row


# What the seal says

MISSING = N_("la riga sigillata manca")
CHANGED = N_("la riga non è quella che è stata sigillata")
MOVED = N_("la riga non è al posto che aveva quando è stata sigillata")
GAP = N_("manca una foglia del sigillo")


def _sizes(db: Session, outside: Sequence[Mapping[str, Any]]) -> list[int]:
    return sorted({*db.scalars(select(Head.size)), *(int(head["size"]) for head in outside)}, reverse=True)


def _leaves(db: Session, sizes: list[int], roots: dict[int, str]) -> Iterator[Finding]:
    """Compare every leaf with its line, and note the root at each of these sizes (given from the greatest down).

    The database compares the hashes, which it holds in two spellings; the tree is built here, a bushel at a time.
    """
    connection, starts = db.connection(), set(db.scalars(select(Head.size)))
    for number, stream, seq, hashed, same in connection.execute(_odd_leaves(db)):
        if not same:
            yield Finding("leaf", stream, seq, CHANGED if hashed else MISSING)
        elif number not in starts:
            yield Finding("leaf", stream, seq, MOVED)
    query = select(Leaf.number, Leaf.hash).order_by(Leaf.number).execution_options(yield_per=BUSHEL)
    peaks: list[tuple[int, bytes]] = []
    expected = 0
    for rows in connection.execute(query).partitions(BUSHEL):
        if rows[0][0] != expected or rows[-1][0] != expected + len(rows) - 1:
            yield from _gaps(rows, expected)
        expected = rows[-1][0] + 1 - len(rows)
        _grow(peaks, [row[1] for row in rows], expected, sizes, roots)
        expected += len(rows)


def _odd_leaves(db: Session) -> Select[Any]:
    """Leaves whose line is gone, has another hash, or an id below that of the leaf before it.

    Pages list lines by their ids, which are in no hash. Each sealing took its lines in that order, so only the first
    leaf of a sealing may go back.
    """
    before = func.lag(Line.id).over(order_by=Leaf.number)
    line = (Line.stream == Leaf.stream) & (Line.seq == Leaf.seq)
    asked = select(Leaf.number, Leaf.stream, Leaf.seq, Line.hash, _same_hash(db).label("same"), Line.id)
    all_ = asked.add_columns(before.label("before")).outerjoin(Line, line).subquery().c
    odd = or_(all_.hash.is_(None), ~all_.same, all_.id < all_.before)
    return select(all_.number, all_.stream, all_.seq, all_.hash, all_.same).where(odd).order_by(all_.number)


def _same_hash(db: Session) -> ColumnElement[bool]:
    """Is the hash of the leaf (bytes) that of the line (hexadecimal)?"""
    if db.get_bind().dialect.name == "postgresql":
        return func.encode(Leaf.hash, "hex") == Line.hash
    return func.lower(func.hex(Leaf.hash)) == Line.hash


def _gaps(rows: Sequence[Any], expected: int) -> Iterator[Finding]:
    for row in rows:
        if row[0] != expected:
            yield Finding("leaf", "seal", expected, GAP)
        expected = row[0] + 1


def _grow(
    peaks: list[tuple[int, bytes]], hashes: Sequence[bytes], first: int, sizes: list[int], roots: dict[int, str]
) -> None:
    """Add leaves, of which the first has this number, to the peaks of a tree; note roots on the way."""
    at = 0
    while at < len(hashes):
        # up to the next size that is asked for; else as many as make one complete subtree
        stop = min(len(hashes), sizes[-1] - first if sizes else len(hashes))
        span = _span(first + at, max(stop, at + 1) - at)
        peaks.append((span, _subtree(hashes[at : at + (1 << span)])))
        while len(peaks) > 1 and peaks[-2][0] == peaks[-1][0]:
            level, right = peaks.pop()
            peaks[-1] = (level + 1, node_hash(peaks[-1][1], right))
        at += 1 << span
        while sizes and sizes[-1] <= first + at:
            roots[sizes.pop()] = _fold(peaks).hex()


def _span(at: int, left: int) -> int:
    """The level of the greatest complete subtree that begins at this leaf and has no more than so many."""
    most = left.bit_length() - 1
    return min(most, (at & -at).bit_length() - 1) if at else most


def _subtree(hashes: Sequence[bytes]) -> bytes:
    """The root over a power of two of leaves."""
    level = [sha256(b"\x00" + hashed).digest() for hashed in hashes]
    while len(level) > 1:
        level = [sha256(b"\x01" + left + right).digest() for left, right in zip(level[::2], level[1::2], strict=True)]
    return level[0]


def _fold(peaks: list[tuple[int, bytes]]) -> bytes:
    right = peaks[-1][1]
    for _, left in reversed(peaks[:-1]):
        right = node_hash(left, right)
    return right


def _rewound(db: Session) -> Iterator[Finding]:
    """Streams of which more lines are sealed than there are."""
    query = select(Sealed.stream, Sealed.seq).outerjoin(log.Stream, log.Stream.stream == Sealed.stream)
    for stream, seq in db.execute(query.where(or_(log.Stream.seq.is_(None), log.Stream.seq < Sealed.seq))):
        yield Finding("leaf", stream, seq, N_("il flusso è più corto di quando è stato sigillato"))


def _heads(db: Session, roots: Mapping[int, str], keys: Sequence[SealKey]) -> Iterator[Finding]:
    public, name = {key.id: key.public for key in keys}, seal.name(db)
    for head in db.scalars(select(Head).order_by(Head.size)):
        if not _is_signed(seal.record(db, head) | {"log": name}, public):
            yield Finding("head", "seal", head.size, N_("la testa non porta una firma valida"))
        elif head.size not in roots:
            yield Finding("head", "seal", head.size, N_("la testa conta più righe di quante sono sigillate"))
        elif roots[head.size] != head.root:
            yield Finding("head", "seal", head.size, N_("le righe sigillate non sono quelle della testa"))


def _outside(
    db: Session, outside: Sequence[Mapping[str, Any]], roots: Mapping[int, str], keys: Sequence[SealKey]
) -> Iterator[Finding]:
    public, name = {key.id: key.public for key in keys}, seal.name(db)
    for head in outside:
        size = int(head["size"])
        if head["log"] != name:
            yield Finding("outside", str(head["at"]), size, N_("la testa tenuta fuori è di un altro registro"))
        elif not _is_signed(head, public):
            yield Finding("outside", str(head["at"]), size, N_("la testa tenuta fuori non porta una firma valida"))
        elif size not in roots:
            yield Finding("outside", str(head["at"]), size, N_(
                "la testa tenuta fuori conta più righe di quante ce ne sono: la fine è stata tagliata, oppure è "
                "tornato un archivio più vecchio"
            ))  # fmt: skip
        elif roots[size] != head["root"]:
            yield Finding("outside", str(head["at"]), size, N_(
                "le righe non sono quelle della testa tenuta fuori: la storia è stata riscritta, oppure un archivio "
                "più vecchio è andato avanti per conto suo"
            ))  # fmt: skip


def _is_signed(head: Mapping[str, Any], public: Mapping[str, bytes]) -> bool:
    key = public.get(head["key"], b"")
    text = head_text(head["log"], head["size"], head["root"], head["at"])
    return fingerprint(key) == head["key"] and signing.is_signed(key, text, bytes.fromhex(head["signature"]))


def _keys(name: str, keys: Sequence[SealKey], trusted: set[str]) -> Iterator[Finding]:
    """Every key but the first must be vouched for by an older one, or by people."""
    public: dict[str, bytes] = {}
    for number, key in enumerate(keys, 1):
        by, text = public.get(key.endorsed_by or "", b""), seal.key_text(name, key.public)
        vouched = signing.is_signed(by, text, bytes.fromhex(key.endorsement or ""))
        if fingerprint(key.public) != key.id:
            yield Finding("key", key.id, number, N_("la chiave non è quella che dice il suo nome"))
        elif public and not vouched and key.id not in trusted:
            yield Finding("key", key.id, number, N_(
                "la chiave del sigillo è cambiata senza la conferma di quella di prima: chiedi se è andata persa, "
                "confronta l'impronta, poi ripeti con --trust"
            ))  # fmt: skip
        public[key.id] = key.public


# Packages


def export(db: Session, case: str, folder: Path, *, by: str) -> dict[str, Any]:
    """Write the sealed lines of a case with their proofs, the heads and the keys; returns the manifest.

    Raises NotYours if the log knows no such case, WrongOrder while nothing is sealed.
    """
    files, manifest = package(db, case, by=by)
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    log.append(db, "audit.exported", f"case:{case}", by=by, case=case, kind="proofs", sha256=manifest["sha256"])
    return manifest


def package(db: Session, case: str, *, by: str) -> tuple[dict[str, bytes], dict[str, Any]]:
    """The files of a package by name, and what its manifest says (with `sha256`, the hash of the manifest itself)."""
    newest = seal.newest(db)
    records = _records(db, case, newest.size)
    if not records:
        raise NotYours
    lines = [{name: record[name] for name in ("leaf", "previous", "body", "hash", "proof")} for record in records]
    content = {
        "lines.jsonl": b"".join(orjson.dumps(line) + b"\n" for line in lines),
        "heads.jsonl": b"".join(orjson.dumps(head) + b"\n" for head in _chain_of_heads(db, newest)),
        "keys.json": orjson.dumps([_key(key) for key in db.scalars(select(SealKey).order_by(SealKey.at))]),
    }
    if stamped := _stamps(db, newest):
        content["stamps.jsonl"] = b"".join(orjson.dumps(stamp) + b"\n" for stamp in stamped)
    manifest = {
        "format": "approdo-audit 1", "log": seal.name(db), "case": case, "lines": len(lines), "size": newest.size,
        "made_at": clock.iso(clock.now()), "made_by": by,
        "files": {name: sha256(bytes_).hexdigest() for name, bytes_ in content.items()},
    }  # fmt: skip
    content["manifest.json"] = orjson.dumps(manifest, option=orjson.OPT_INDENT_2)
    return content, manifest | {"sha256": sha256(content["manifest.json"]).hexdigest()}


def _records(db: Session, case: str, size: int | None = None) -> list[dict[str, Any]]:
    """The lines of a case in the order of the seal, those that the newest head knows; with proofs if it is given."""
    mine = or_(Line.case_code == case, Line.stream == f"case:{case}")
    query = select(Leaf.number, Line.stream, Line.seq, Line.body, Line.hash).join(
        Leaf, (Leaf.stream == Line.stream) & (Leaf.seq == Line.seq)
    )
    rows = db.execute(query.where(mine).order_by(Leaf.number)).all()
    names = ("leaf", "stream", "seq", "body", "hash")
    records: list[dict[str, Any]] = [dict(zip(names, row, strict=True)) for row in rows]
    if size is not None:
        records = [record for record in records if record["leaf"] < size]
        _add_previous(db, records)
        for start in range(0, len(records), AT_ONCE):
            _add_proofs(db, records[start : start + AT_ONCE], size)
    return records


def _add_previous(db: Session, records: list[dict[str, Any]]) -> None:
    known = {(record["stream"], record["seq"]): record["hash"] for record in records}
    for record in records:
        before = record["stream"], record["seq"] - 1
        if record["seq"] > 1 and before not in known:
            query = select(Line.hash).where(Line.stream == before[0], Line.seq == before[1])
            known[before] = db.scalar(query) or ""
        record["previous"] = known.get(before, "")


def _add_proofs(db: Session, records: list[dict[str, Any]], size: int) -> None:
    steps = {record["leaf"]: seal.inclusion(record["leaf"], size) for record in records}
    read = seal.reader(db, (place for proof in steps.values() for step in proof for place in step))
    for record in records:
        record["proof"] = [hashed.hex() for hashed in seal.proof(steps[record["leaf"]], read)]


def _chain_of_heads(db: Session, newest: Head) -> list[dict[str, Any]]:
    """The heads that went outside and the newest, each with the proof that it goes on where the one before it ended."""
    days = select(seal.DayHead.size)
    heads = [*db.scalars(select(Head).where(Head.size.in_(days), Head.size < newest.size).order_by(Head.size)), newest]
    steps = [seal.consistency(old.size, new.size) for old, new in pairwise(heads)]
    read = seal.reader(db, (place for proof in steps for step in proof for place in step))
    proofs = [[], *([hashed.hex() for hashed in seal.proof(step, read)] for step in steps)]
    return [seal.record(db, head) | {"consistency": proof} for head, proof in zip(heads, proofs, strict=True)]


def _stamps(db: Session, newest: Head) -> list[dict[str, Any]]:
    """The time stamps of the heads of a package: of how many lines, when, the authority's answer as it came."""
    rows = db.scalars(select(Stamp).where(Stamp.size <= newest.size).order_by(Stamp.size))
    return [
        {"size": row.size, "at": clock.iso(row.at), "answer": base64.b64encode(row.answer).decode()} for row in rows
    ]


def _key(key: SealKey) -> dict[str, Any]:
    return {
        "id": key.id, "public": base64.b64encode(key.public).decode(), "at": clock.iso(key.at),
        "endorsed_by": key.endorsed_by, "endorsement": key.endorsement,
    }  # fmt: skip


def _package_faults(db: Session, case: str) -> Iterator[Finding]:
    """Check the lines of a case against the newest head, as an auditor would offline."""
    newest = seal.newest(db)
    public = {key.id: key.public for key in db.scalars(select(SealKey))}
    if not _is_signed(seal.record(db, newest), public):
        yield Finding("head", "seal", newest.size, N_("la testa non porta una firma valida"))
    for record in _records(db, case, newest.size):
        entry = leaf_hash(bytes.fromhex(record["hash"]))
        proof = [bytes.fromhex(step) for step in record["proof"]]
        sealed = approdo_verify.is_included(entry, record["leaf"], newest.size, proof, bytes.fromhex(newest.root))
        if not sealed or chain(record["previous"], record["body"]) != record["hash"]:
            yield Finding("leaf", record["stream"], record["seq"], CHANGED)
