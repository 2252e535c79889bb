"""The seal: a tree that an independent judge agrees with, heads that a stranger can check, two who seal at once."""

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from pymerkle import InmemoryTree
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from core import clock, config, log, seal, signing, vault
from core.db import transaction
from core.errors import WrongOrder
from verify import approdo_verify
from verify.approdo_verify import is_consistent, is_included, is_signed, leaf_hash

ROOT = Path(__file__).parents[2]


def write(count, stream="case:A"):
    with transaction() as db:
        for _ in range(count):
            log.append(db, "case.noted", stream, by="u_anna", case=stream.removeprefix("case:"))


def seal_all():
    while True:
        with transaction() as db:
            if seal.seal(db, by="clock") is None:
                return


def sealed():
    with transaction() as db:
        return [(leaf.stream, leaf.seq) for leaf in db.scalars(select(seal.Leaf).order_by(seal.Leaf.number))]


class Grown:
    """A tree in memory, grown with our own functions."""

    def __init__(self, entries):
        self.nodes = {(0, at): leaf_hash(entry) for at, entry in enumerate(entries)}
        level, width = 0, len(entries)
        while width > 1:
            for at in range(width // 2):
                left, right = self.nodes[level, 2 * at], self.nodes[level, 2 * at + 1]
                self.nodes[level + 1, at] = approdo_verify.node_hash(left, right)
            level, width = level + 1, width // 2

    def root(self, size):
        return seal.root_of(size, self.nodes.__getitem__)

    def proof(self, steps):
        return seal.proof(steps, self.nodes.__getitem__)


def judge(entries):
    tree = InmemoryTree(algorithm="sha256")
    for entry in entries:
        tree.append_entry(entry)
    return tree


SIZES = st.integers(1, 140)


@given(SIZES, st.data())
def test_roots_and_inclusion_proofs_are_those_of_pymerkle(size, data):
    entries = [bytes([number % 251]) * 3 + bytes([number // 251]) for number in range(size)]
    index = data.draw(st.integers(0, size - 1))
    ours, theirs = Grown(entries), judge(entries)
    proof = ours.proof(seal.inclusion(index, size))

    assert ours.root(size) == theirs.get_state(size)
    assert proof == [bytes.fromhex(step) for step in theirs.prove_inclusion(index + 1, size).serialize()["path"]][1:]
    assert is_included(leaf_hash(entries[index]), index, size, proof, ours.root(size))


@given(SIZES, SIZES)
def test_consistency_proofs_convince_and_those_of_another_tree_do_not(one, other):
    old, new = sorted((one, other))
    entries = [number.to_bytes(2, "big") for number in range(new)]
    tree, changed = Grown(entries), Grown([b"x", *entries[1:]])
    proof = tree.proof(seal.consistency(old, new))

    assert judge(entries).get_state(old) == tree.root(old)
    assert is_consistent(old, new, proof, tree.root(old), tree.root(new))
    assert not is_consistent(old, new, proof, changed.root(old), tree.root(new))
    assert not is_consistent(old, new, proof, tree.root(old), changed.root(new))


@given(SIZES, st.data())
def test_a_changed_proof_convinces_nobody(size, data):
    entries = [number.to_bytes(2, "big") for number in range(size)]
    index = data.draw(st.integers(0, size - 1))
    tree = Grown(entries)
    proof = tree.proof(seal.inclusion(index, size))
    leaf, root = leaf_hash(entries[index]), tree.root(size)

    assert not is_included(leaf_hash(b"other"), index, size, proof, root)
    assert not is_included(leaf, index, size, [*proof, leaf], root)
    assert not is_included(leaf, size, size, proof, root)
    if proof:
        assert not is_included(leaf, index, size, proof[:-1], root)
        assert not is_included(leaf, index, size, [bytes(32), *proof[1:]], root)


@given(st.binary(max_size=200))
def test_the_readable_signature_check_agrees_with_the_library(message):
    signer = signing.Signer(Ed25519PrivateKey.generate())
    signature = signer.private.sign(message)
    bent = bytes([signature[0] ^ 1]) + signature[1:]

    assert is_signed(signer.public, message, signature)
    assert not is_signed(signer.public, message + b"x", signature)
    assert not is_signed(signer.public, message, bent)
    assert not is_signed(bytes(32)[:31] + b"\xff", message, signature)


def test_the_published_example_of_ed25519_is_accepted():
    """RFC 8032, 7.1, test 2."""
    public = bytes.fromhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
    signature = bytes.fromhex(
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    )

    assert is_signed(public, b"\x72", signature)


def test_new_lines_are_sealed_in_the_order_of_their_streams(database):
    write(3)
    write(2, "case:B")
    seal_all()
    write(1)
    write(1, "case:B")
    seal_all()

    places = sealed()
    assert [seq for stream, seq in places if stream == "case:A"] == [1, 2, 3, 4]
    assert [seq for stream, seq in places if stream == "case:B"] == [1, 2, 3]
    assert len(places) == len(set(places)) == 8  # and the line that says which key signs


def test_nothing_new_makes_no_new_head(database):
    write(1)
    seal_all()
    with transaction() as db:
        before = seal.newest(db).size
    seal_all()

    with transaction() as db:
        assert seal.newest(db).size == before
        assert len(db.scalars(select(seal.Head)).all()) == 2


def test_there_is_no_head_before_the_first_seal(db):
    with pytest.raises(WrongOrder):
        seal.newest(db)


def test_every_line_is_proved_against_the_newest_head_however_it_was_batched(database, monkeypatch):
    monkeypatch.setattr(seal, "BATCH", 3)
    write(10)
    seal_all()
    monkeypatch.setattr(seal, "BATCH", 5)
    write(13, "case:B")
    seal_all()

    with transaction() as db:
        newest = seal.newest(db)
        leaves = db.scalars(select(seal.Leaf).order_by(seal.Leaf.number)).all()
        tree = judge([leaf.hash for leaf in leaves])
        assert bytes.fromhex(newest.root) == tree.get_state(newest.size)
        for leaf in leaves:
            steps = seal.inclusion(leaf.number, newest.size)
            proof = seal.proof(steps, seal.reader(db, (place for step in steps for place in step)))
            assert is_included(leaf_hash(leaf.hash), leaf.number, newest.size, proof, bytes.fromhex(newest.root))


def test_every_head_is_signed_and_goes_on_where_the_one_before_it_ended(database, monkeypatch):
    monkeypatch.setattr(seal, "BATCH", 2)
    write(9)
    seal_all()

    with transaction() as db:
        keys = {key.id: key.public for key in db.scalars(select(seal.SealKey))}
        heads = db.scalars(select(seal.Head).order_by(seal.Head.size)).all()
        assert len(heads) >= 5
        for old, new in pairwise(heads):
            assert approdo_verify.is_head_signed(seal.record(db, new), keys)
            steps = seal.consistency(old.size, new.size)
            proof = seal.proof(steps, seal.reader(db, (place for step in steps for place in step)))
            assert is_consistent(old.size, new.size, proof, bytes.fromhex(old.root), bytes.fromhex(new.root))


def test_two_who_seal_at_once_make_one_tree(database):
    for number in range(20):
        write(3, f"case:{number}")

    def work(_):
        seal_all()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    seal_all()

    assert len(sealed()) == len(set(sealed())) == 61
    with transaction() as db:
        assert [leaf for leaf in db.scalars(select(seal.Leaf.number).order_by(seal.Leaf.number))] == list(range(61))


@pytest.mark.parametrize("point", ["seal.leaves", "seal.head", "before_commit", "after_commit"])
def test_who_is_killed_while_sealing_leaves_all_or_nothing(database, engine_url, key_folder, point):
    write(5)
    program = (
        "import sys; from pathlib import Path\n"
        "from core import db, seal, vault\n"
        "vault.load_keys(Path(sys.argv[2])); db.connect(sys.argv[1])\n"
        "with db.transaction() as tx: seal.seal(tx, by='clock')\n"
    )
    env = os.environ | {"APPRODO_FAILPOINT": point, "PYTHONPATH": str(ROOT)}
    killed = subprocess.run([sys.executable, "-c", program, engine_url, str(key_folder)], env=env, cwd=ROOT)

    assert killed.returncode == -signal.SIGKILL
    assert len(sealed()) in (0, 5)
    seal_all()
    assert len(sealed()) == len(set(sealed())) == 6


@pytest.mark.parametrize("table", seal.KEPT)
@pytest.mark.parametrize("act", ["delete from {}", "update {} set {} = {}"])
def test_the_database_refuses_to_change_what_is_sealed(database, table, act):
    write(3)
    seal_all()
    with transaction() as db:
        seal.of_day(db, clock.today())
    column = {"log_leaf": "hash", "log_node": "hash", "log_head": "root", "log_head_day": "size", "log_key": "public"}[table]

    with pytest.raises(DBAPIError, match="append-only"), transaction() as db:
        db.execute(text(act.format(table, column, column)))


def test_a_day_has_one_head_outside_whoever_asks(database, time):
    write(3)
    seal_all()
    with transaction() as db:
        first = seal.of_day(db, clock.today())
    write(3)
    seal_all()

    with transaction() as db:
        again = seal.of_day(db, clock.today())
        assert first
        assert again
        assert again.size == first.size < seal.newest(db).size


def test_a_new_key_is_vouched_for_by_the_old_one(database, tmp_path, keys):
    write(1)
    seal_all()
    rotate(keys, tmp_path)
    write(1)
    seal_all()

    with transaction() as db:
        old, new = db.scalars(select(seal.SealKey).order_by(seal.SealKey.at)).all()
        assert (old.endorsed_by, new.endorsed_by) == (None, old.id)
        assert seal.newest(db).key == new.id
        assert is_signed(old.public, seal.key_text(seal.name(db), new.public).encode(), bytes.fromhex(new.endorsement or ""))
    vault.load_keys(keys)


def rotate(keys, folder, *, lost=False):
    """A key folder with a new key of the seal, and the old one beside it unless it was lost."""
    for path in keys.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
        (folder / path.name).chmod(0o600)
    (folder / "seal.key").rename(folder / "seal.key.old")
    if lost:
        (folder / "seal.key.old").unlink()
    config.make_keys(folder)
    signing.load_key(folder)
