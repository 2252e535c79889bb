"""What is sealed opens in its place with the keys, and nowhere else, and never again once its key is destroyed."""

import base64
import os
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

import core.db
from core import config, log, vault
from core.db import transaction
from core.errors import BadInput, ConfigError, Destroyed, Unreadable
from core.vault import VaultKey

NAME = "Grace Osagiede di Benin City"


def new_key_file(folder: Path, name: str) -> None:
    path = folder / name
    path.write_bytes(base64.b64encode(os.urandom(32)))
    path.chmod(0o600)


@pytest.fixture
def own_keys(database, tmp_path):
    """Key files of this test alone, loaded."""
    folder = tmp_path / "own keys"
    config.make_keys(folder)
    vault.load_keys(folder)
    return folder


def test_a_sealed_value_opens_in_its_place(database):
    with transaction() as db:
        blob = vault.seal(db, "case:A", "first_name", NAME)
    with transaction() as db:
        assert vault.open_(db, "case:A", "first_name", blob) == NAME


@given(words=st.text())
def test_any_text_comes_back_as_it_was(words):
    key = bytes(32)

    assert vault._decrypt(key, "case:A", "f", vault._encrypt(key, "case:A", "f", words.encode())).decode() == words


def test_half_a_character_is_replaced_and_does_no_harm(db):
    assert vault.open_(db, "case:A", "name", vault.seal(db, "case:A", "name", "a\ud800b")) == "a?b"


def test_the_same_text_never_looks_the_same(db):
    assert vault.seal(db, "case:A", "name", NAME) != vault.seal(db, "case:A", "name", NAME)


@pytest.mark.parametrize(
    ("scope", "field"), [("case:A", "last_name"), ("case:B", "first_name"), ("shelter:A", "first_name")]
)
def test_a_value_moved_to_another_place_does_not_open(db, scope, field):
    blob = vault.seal(db, "case:A", "first_name", NAME)
    vault.seal(db, scope, field, "so that the scope exists")

    with pytest.raises(Unreadable):
        vault.open_(db, scope, field, blob)


@pytest.mark.parametrize("position", [0, 1, 13, -1])
def test_a_flipped_bit_does_not_open(db, position):
    blob = bytearray(vault.seal(db, "case:A", "name", NAME))
    blob[position] ^= 1

    with pytest.raises(Unreadable):
        vault.open_(db, "case:A", "name", bytes(blob))


@pytest.mark.parametrize("blob", [b"", b"\x01", b"\x01" + bytes(12), bytes(40), b"plain text"])
def test_what_was_never_sealed_does_not_open(db, blob):
    vault.seal(db, "case:A", "name", NAME)

    with pytest.raises(Unreadable):
        vault.open_(db, "case:A", "name", blob)


def test_a_scope_that_nobody_sealed_in_does_not_open(db):
    with pytest.raises(Unreadable):
        vault.open_(db, "case:never", "name", b"\x01" + bytes(40))


@pytest.mark.parametrize("scope", ["", "case:", "person:A", "A", "case:A|first_name"])
def test_a_scope_of_another_kind_is_refused(db, scope):
    with pytest.raises(BadInput):
        vault.seal(db, scope, "name", NAME)


# Destroying


def test_a_destroyed_scope_never_opens_again_and_says_so(database):
    with transaction() as db:
        blob = vault.seal(db, "case:A", "name", NAME)
        kept = vault.seal(db, "case:B", "name", NAME)
        vault.destroy(db, "case:A", by="u_lea")
        with pytest.raises(Destroyed):
            vault.open_(db, "case:A", "name", blob)
    with transaction() as db:
        with pytest.raises(Destroyed) as refused:
            vault.open_(db, "case:A", "name", blob)
        with pytest.raises(Destroyed):
            vault.seal(db, "case:A", "name", "again")
        with pytest.raises(Destroyed):
            vault.destroy(db, "case:A", by="u_lea")
        assert vault.open_(db, "case:B", "name", kept) == NAME
        assert log.lines(db)[0].verb == "vault_key.destroyed"

    assert "cancellati in modo definitivo" in str(refused.value)


def test_a_scope_may_be_destroyed_before_anything_is_sealed_in_it(database):
    with transaction() as db:
        vault.destroy(db, "contact:UM-7Q2K", by="u_lea")
    with transaction() as db, pytest.raises(Destroyed):
        vault.seal(db, "contact:UM-7Q2K", "notes", "late")


def test_the_bytes_of_a_destroyed_key_are_gone_from_the_file(database, engine_url):
    with transaction() as db:
        vault.seal(db, "case:A", "name", NAME)
        wrapped = db.get_one(VaultKey, "case:A").wrapped
    with transaction() as db:
        vault.destroy(db, "case:A", by="u_lea")
        still = db.execute(text("select count(*) from vault_key where wrapped is not null")).scalar()

    assert wrapped
    assert still == 0
    if engine_url.startswith("sqlite"):
        core.db.dispose()
        assert wrapped not in Path(engine_url.removeprefix("sqlite:///")).read_bytes()


# Without the keys


@pytest.mark.only_on("sqlite")
def test_no_planted_name_is_in_the_database_file_nor_in_its_journal(database, engine_url):
    with transaction() as db:
        db.execute(text("create table note (body blob)"))
        for number in range(50):
            body = vault.seal(db, f"case:{number % 5}", "notes", f"{NAME} {number}")
            db.execute(text("insert into note values (:body)"), {"body": body})
            log.append(db, "note.written", f"case:{number % 5}", by="u_anna", fingerprint=vault.blind("name", NAME))

    file = Path(engine_url.removeprefix("sqlite:///"))
    found = {path.name: path.read_bytes() for path in file.parent.glob(f"{file.name}*")}
    assert f"{file.name}-wal" in found
    for encoding in ("utf-8", "utf-16-le", "utf-16-be"):
        for word in ("Grace", "Osagiede", "Benin City"):  # "di" alone stands in the names of our own tables
            assert not [name for name, content in found.items() if word.encode(encoding) in content]
    assert b"note.written" in b"".join(found.values())


def test_a_stranger_with_the_database_and_other_keys_reads_nothing(own_keys, tmp_path):
    with transaction() as db:
        blob = vault.seal(db, "case:A", "name", NAME)
    config.make_keys(tmp_path / "stranger")
    vault.load_keys(tmp_path / "stranger")

    with transaction() as db, pytest.raises(Unreadable):
        vault.open_(db, "case:A", "name", blob)


def test_the_keys_of_shelters_and_cases_are_not_the_same(own_keys):
    with transaction() as db:
        address = vault.seal(db, "shelter:S1", "address", "via Roma 1")
        name = vault.seal(db, "case:A", "name", NAME)
    (own_keys / "shelters.key").unlink()
    new_key_file(own_keys, "shelters.key")
    vault.load_keys(own_keys)

    with transaction() as db:
        assert vault.open_(db, "case:A", "name", name) == NAME
        with pytest.raises(Unreadable):
            vault.open_(db, "shelter:S1", "address", address)


def test_a_missing_key_file_stops_the_start(tmp_path):
    config.make_keys(tmp_path)
    (tmp_path / "index.key").unlink()

    with pytest.raises(ConfigError, match=r"index\.key"):
        vault.load_keys(tmp_path)


# Changing the keys


def test_a_key_may_be_changed_while_everything_stays_readable(own_keys):
    with transaction() as db:
        old = vault.seal(db, "case:A", "name", NAME)
        other = vault.seal(db, "shelter:S1", "address", "via Roma 1")
    (own_keys / "cases.key").rename(own_keys / "cases.key.old")
    new_key_file(own_keys, "cases.key")
    vault.load_keys(own_keys)

    with transaction() as db:
        assert vault.open_(db, "case:A", "name", old) == NAME
        new = vault.seal(db, "case:B", "name", NAME)
    with transaction() as db:
        assert vault.rewrap(db, by="cli") == 1
        assert vault.rewrap(db, by="cli") == 0
    (own_keys / "cases.key.old").unlink()
    vault.load_keys(own_keys)
    with transaction() as db:
        assert [vault.open_(db, f"case:{code}", "name", blob) for code, blob in (("A", old), ("B", new))] == [NAME] * 2
        assert vault.open_(db, "shelter:S1", "address", other) == "via Roma 1"
        assert log.lines(db, stream="vault")[-1].facts == {"keys": 1}


# Sessions, savepoints, threads


def test_a_key_made_in_an_undone_savepoint_seals_nothing_afterwards(database):
    with transaction() as db:
        with pytest.raises(ZeroDivisionError), db.begin_nested():
            vault.seal(db, "case:A", "name", "lost with the savepoint")
            _ = 1 / 0
        blob = vault.seal(db, "case:A", "name", NAME)
    with transaction() as db:
        assert vault.open_(db, "case:A", "name", blob) == NAME


def test_two_writers_of_a_new_scope_use_one_key(database):
    blobs: list[bytes] = []

    def work():
        with transaction() as db:
            blobs.append(vault.seal(db, "case:A", "name", NAME))

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with transaction() as db:
        assert [vault.open_(db, "case:A", "name", blob) for blob in blobs] == [NAME] * 6


def test_keys_fetched_ahead_are_the_right_ones_and_skip_destroyed_scopes(database):
    with transaction() as db:
        blobs = {scope: vault.seal(db, scope, "name", scope) for scope in ("case:A", "case:B", "shelter:S")}
        vault.destroy(db, "case:B", by="u_lea")
    with transaction() as db:
        vault.prefetch(db, [*blobs, "case:never"])

        assert vault.open_(db, "case:A", "name", blobs["case:A"]) == "case:A"
        assert vault.open_(db, "shelter:S", "name", blobs["shelter:S"]) == "shelter:S"
        with pytest.raises(Destroyed):
            vault.open_(db, "case:B", "name", blobs["case:B"])


# The blind index


@pytest.mark.parametrize(
    "same", ["grace osagiede", "  GRACE   Osagiede ", "Gráce Osagiéde", "Grace\u200b Osa\u00adgiede", "Grace-Osagiede"]
)
def test_a_name_is_found_again_however_it_is_spelled(keys, same):
    assert vault.blind("name", same) == vault.blind("name", "Grace Osagiede")


def test_a_fingerprint_says_nothing_without_the_key(own_keys, tmp_path):
    here = vault.blind("name", NAME)
    config.make_keys(tmp_path / "elsewhere")
    vault.load_keys(tmp_path / "elsewhere")

    assert here != vault.blind("name", NAME)
    assert vault.blind("phone", "1") != vault.blind("name", "1")


# Commitments


def test_a_commitment_tells_equal_from_changed_and_nothing_else(db, keys):
    first = vault.commit_to(db, "case:A", "person", {"first_name": "Grace", "phone": "1"})
    again = vault.commit_to(db, "case:A", "person", {"first_name": "Grace", "phone": "2"})
    other = vault.commit_to(db, "case:B", "person", {"first_name": "Grace"})

    assert first["first_name"] == again["first_name"]
    assert first["phone"] != again["phone"]
    assert other["first_name"] != first["first_name"]
    assert "Grace" not in str(first)


def test_no_commitment_is_made_once_the_key_is_destroyed(db, keys):
    vault.seal(db, "case:A", "name", "Grace")
    vault.destroy(db, "case:A", by="u_anna")

    with pytest.raises(Destroyed):
        vault.commit_to(db, "case:A", "person", {"first_name": "Grace"})
