"""Check a package of `approdo audit export` without Approdo: `python approdo_verify.py DIR [--heads FILE] [--key ID]`.

Needs Python 3.11 and nothing else. What it checks, in this order:

1. every file of the package is the one that `manifest.json` names (SHA-256);
2. every line: its hash is SHA-256(hash of the line before || text), and the text speaks of this case;
3. the lines of the case's own stream are numbered 1, 2, 3 ... and each holds the hash of the one before;
4. every line is a leaf of the sealed tree (RFC 9162 inclusion proof up to the newest head);
5. every head is signed (Ed25519) by a key of the package, and each head's tree begins with the tree before it
   (RFC 9162 consistency proof); with `--heads`, the heads you kept yourself are among them or agree with them;
   with `--key`, the newest head is signed by the key whose fingerprint you were given;
6. every time stamp (RFC 3161) names the hash of a head of the package; with `--tsa`, `openssl ts -verify` says whether
   an authority of these certificates has signed it.

What it cannot know: whether lines were added after the newest head, or which heads you never received.
"""

import argparse
import base64
import hashlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

# The tree of RFC 9162, section 2.1: a leaf is hashed with 00 in front, two nodes with 01.


def leaf_hash(entry: bytes) -> bytes:
    """The hash of an entry as a leaf."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of two nodes as their parent."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def is_included(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """RFC 9162, 2.1.3.2: does the proof lead from leaf number `index` to the root of a tree of `size` leaves?"""
    if not 0 <= index < size:
        return False
    at, last, found = index, size - 1, leaf
    for step in proof:
        if last == 0:
            return False
        if at & 1 or at == last:
            found = node_hash(step, found)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            found = node_hash(found, step)
        at, last = at >> 1, last >> 1
    return last == 0 and found == root


def is_consistent(old: int, new: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes) -> bool:
    """RFC 9162, 2.1.4.2: does the tree of `new` leaves begin with the tree of `old` leaves?"""
    if not 0 < old <= new:
        return old == 0
    if old == new:
        return not proof and old_root == new_root
    path = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    if not path:
        return False
    at, last = old - 1, new - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    first = second = path[0]
    for step in path[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            first, second = node_hash(step, first), node_hash(step, second)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            second = node_hash(second, step)
        at, last = at >> 1, last >> 1
    return last == 0 and first == old_root and second == new_root


# Ed25519, RFC 8032, section 5.1.7: slow and short, made to be read. Points are (X, Y, Z, T).

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
Point = tuple[int, int, int, int]


def _add(p: Point, q: Point) -> Point:
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def _times(scalar: int, p: Point) -> Point:
    found: Point = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            found = _add(found, p)
        p, scalar = _add(p, p), scalar >> 1
    return found


def _point(text: bytes) -> Point | None:
    y = int.from_bytes(text, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


BASE = _point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def is_signed(public: bytes, text: bytes, signature: bytes) -> bool:
    """Did the owner of this Ed25519 key sign this text?"""
    if len(public) != 32 or len(signature) != 64 or BASE is None:
        return False
    key, point, scalar = _point(public), _point(signature[:32]), int.from_bytes(signature[32:], "little")
    if key is None or point is None or scalar >= L:
        return False
    digest = hashlib.sha512(signature[:32] + public + text).digest()
    left = _times(scalar, BASE)
    right = _add(point, _times(int.from_bytes(digest, "little") % L, key))
    return (left[0] * right[2] - right[0] * left[2]) % P == 0 and (left[1] * right[2] - right[1] * left[2]) % P == 0


# The texts of the house: a line's hash, a head, a key's fingerprint.


def chain(previous: str, body: str) -> str:
    """The hash of a line after the line with hash `previous` (empty for the first)."""
    return hashlib.sha256((previous + body).encode()).hexdigest()


def head_text(log: str, size: int, root: str, at: str) -> str:
    """What is signed: which log, how many lines, the root of the tree, when."""
    return f"approdo tree head v1\n{log}\n{size}\n{root}\n{at}\n"


def fingerprint(public: bytes) -> str:
    """By what a public key is called."""
    return hashlib.sha256(public).hexdigest()[:32]


def is_head_signed(head: dict[str, Any], keys: dict[str, bytes]) -> bool:
    """Is this head signed by one of these keys?"""
    text = head_text(head["log"], head["size"], head["root"], head["at"])
    public = keys.get(head["key"], b"")
    return fingerprint(public) == head["key"] and is_signed(public, text.encode(), bytes.fromhex(head["signature"]))


# The package.


class Package:
    """The files of one export, read once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.manifest: dict[str, Any] = json.loads(self._text("manifest.json"))
        self.lines: list[dict[str, Any]] = [json.loads(row) for row in self._text("lines.jsonl").splitlines()]
        self.heads: list[dict[str, Any]] = [json.loads(row) for row in self._text("heads.jsonl").splitlines()]
        has_stamps = "stamps.jsonl" in self.manifest["files"]
        self.stamps = [json.loads(row) for row in self._text("stamps.jsonl").splitlines()] if has_stamps else []
        self.keys = {key["id"]: base64.b64decode(key["public"]) for key in json.loads(self._text("keys.json"))}

    def _text(self, name: str) -> str:
        return (self.folder / name).read_text(encoding="utf-8")

    def faults(self, own: Sequence[dict[str, Any]] = (), key: str = "", tsa: Path | None = None) -> Iterator[str]:
        """Everything that is wrong, in words; nothing if the package is whole."""
        yield from self._files()
        yield from self._chains()
        yield from self._inclusion()
        yield from self._heads(key)
        yield from self._own_heads(own)
        yield from self._stamps(tsa)

    def _files(self) -> Iterator[str]:
        for name in {"lines.jsonl", "heads.jsonl", "keys.json", *self.manifest["files"]}:
            if hashlib.sha256((self.folder / name).read_bytes()).hexdigest() != self.manifest["files"].get(name):
                yield f"{name} is not the file that the manifest names"
        if len(self.lines) != self.manifest["lines"]:
            yield f"the manifest counts {self.manifest['lines']} lines, the package has {len(self.lines)}"

    def _chains(self) -> Iterator[str]:
        case = self.manifest["case"]
        last: dict[str, tuple[int, str]] = {}
        for number, line in enumerate(self.lines, 1):
            said = json.loads(line["body"])
            here, seq = said["stream"], said["seq"]
            name = f"line {number} ({here}, {seq})"
            if chain(line["previous"], line["body"]) != line["hash"]:
                yield f"{name}: the text does not fit its hash"
            if said["case"] != case and here != f"case:{case}":
                yield f"{name}: speaks of something else"
            before = last.get(here, (0, ""))
            if here == f"case:{case}" and seq != before[0] + 1:
                yield f"{name}: a line before it is missing, or it is in the wrong place"
            elif seq == before[0] + 1 and line["previous"] != before[1]:
                yield f"{name}: does not follow the line before it"
            elif seq <= before[0]:
                yield f"{name}: is in the wrong place"
            last[here] = (seq, line["hash"])

    def _inclusion(self) -> Iterator[str]:
        if not self.heads:
            yield "there is no head"
            return
        size, root = self.heads[-1]["size"], bytes.fromhex(self.heads[-1]["root"])
        for number, line in enumerate(self.lines, 1):
            proof = [bytes.fromhex(step) for step in line["proof"]]
            if not is_included(leaf_hash(bytes.fromhex(line["hash"])), line["leaf"], size, proof, root):
                yield f"line {number}: is not in the sealed tree"

    def _heads(self, key: str) -> Iterator[str]:
        before: dict[str, Any] = {"size": 0, "root": ""}
        for head in self.heads:
            name = f"head of {head['at']} ({head['size']} lines)"
            if head["log"] != self.manifest["log"] or not is_head_signed(head, self.keys):
                yield f"{name}: not signed by a key of this package"
            proof = [bytes.fromhex(step) for step in head["consistency"]]
            roots = bytes.fromhex(before["root"]), bytes.fromhex(head["root"])
            if not is_consistent(before["size"], head["size"], proof, *roots):
                yield f"{name}: its tree does not begin with the tree before it"
            before = head
        if key and before.get("key") != key:
            yield f"the newest head is signed by {before.get('key')}, not by {key}"

    def _own_heads(self, own: Sequence[dict[str, Any]]) -> Iterator[str]:
        known = {head["size"]: head["root"] for head in self.heads}
        for head in own:
            name = f"your head of {head['at']} ({head['size']} lines)"
            if head["log"] != self.manifest["log"]:
                yield f"{name}: belongs to another log"
            elif not is_head_signed(head, self.keys):
                yield f"{name}: not signed by a key of this package"
            elif self.heads and head["size"] > self.heads[-1]["size"]:
                yield f"{name}: is longer than the log of this package, whose end was cut off or is older"
            elif known.get(head["size"]) != head["root"]:
                yield f"{name}: the package has {'another root for it' if head['size'] in known else 'no proof for it'}"


    def _stamps(self, tsa: Path | None) -> Iterator[str]:
        heads = {head["size"]: head for head in self.heads}
        for stamp in self.stamps:
            name, head = f"time stamp of {stamp['size']} lines", heads.get(stamp["size"])
            if head is None:
                yield f"{name}: its head is not in the package"
                continue
            text = head_text(head["log"], head["size"], head["root"], head["at"]).encode()
            answer = base64.b64decode(stamp["answer"])
            # MessageImprint ends in an OCTET STRING (04) of 32 bytes (20): the hash that was stamped
            if b"\x04\x20" + hashlib.sha256(text).digest() not in answer:
                yield f"{name}: speaks of something else than its head"
            elif tsa is not None and not is_stamped(text, answer, tsa, stamp["at"]):
                yield f"{name}: openssl does not find that an authority of {tsa} has signed it"


def is_stamped(text: bytes, answer: bytes, tsa: Path, at: str) -> bool:
    """Does `openssl ts -verify` believe this answer about this text? A stamp outlives the certificate of its signer."""
    with tempfile.TemporaryDirectory() as folder:
        data, reply = Path(folder, "head"), Path(folder, "answer.tsr")
        data.write_bytes(text)
        reply.write_bytes(answer)
        command = ["openssl", "ts", "-verify", "-data", str(data), "-in", str(reply), "-CAfile", str(tsa)]
        command += ["-attime", str(int(datetime.fromisoformat(at).timestamp()))]
        done = subprocess.run(command, capture_output=True, check=False)  # noqa: S603
    return done.returncode == 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Print what is wrong and return 1, or say that all is well and return 0."""
    parser = argparse.ArgumentParser(prog="approdo-verify", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--heads", type=Path, help="the file of heads that you kept: one JSON object a line")
    parser.add_argument("--key", default="", help="the fingerprint of the key that you were given")
    parser.add_argument("--tsa", type=Path, help="certificates (PEM) of authorities of time stamps; needs openssl")
    given = parser.parse_args(arguments)
    try:
        package = Package(given.folder)
        rows = given.heads.read_text(encoding="utf-8").splitlines() if given.heads else []
        faults = list(package.faults([json.loads(row) for row in rows if row.strip()], given.key, given.tsa))
    except (OSError, ValueError, KeyError, TypeError) as problem:
        print(f"the package cannot be read: {type(problem).__name__} {problem}")
        return 1
    for fault in faults:
        print(fault)
    if faults:
        return 1
    newest = package.heads[-1]
    print(f"case {package.manifest['case']}: {len(package.lines)} lines are whole, in order and sealed")
    print(f"newest head: {newest['size']} lines, {newest['at']}, key {newest['key']}, root {newest['root']}")
    if package.stamps:
        checked = "by openssl" if given.tsa else "not checked, use --tsa"
        print(f"time stamps: {len(package.stamps)}, each names its head; signatures {checked}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
