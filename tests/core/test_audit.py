"""An administrator changes the database behind the application's back, in every way we know: the verifier names it."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import orjson
import pytest
from sqlalchemy import select

import core.db
from core import audit, clock, log, seal, vault
from core.db import transaction
from core.errors import BadInput, NotYours
from tests import databases
from tests.core.test_seal import rotate, seal_all, write

ROOT = Path(__file__).parents[2]
COPY = "stream, seq, at, actor, verb, case_code, body, hash"


@pytest.fixture
def yesterday(database, time, keys):
    """Two cases and the head that went outside yesterday; then a day of work."""
    write(3)
    write(2, "case:B")
    seal_all()
    with transaction() as db:
        head = seal.of_day(db, clock.today())
        assert head
        outside = [seal.record(db, head)]
    time.forward(days=1)
    write(2)
    write(1, "case:B")
    seal_all()
    with transaction() as db:
        head = seal.of_day(db, clock.today())
        assert head
        outside.append(seal.record(db, head))
    yield outside
    vault.load_keys(keys)


@pytest.fixture
def behind(database, yesterday):
    """Somebody with all rights on the database, the triggers off."""

    def run(*statements):
        behind_triggers(database, *statements)
        return found(yesterday)

    return run


def behind_triggers(database, *statements):
    """Run statements as an administrator does who has switched off every trigger of the log."""
    kind = database.dialect.name
    off = [words for words in log.DROP_TRIGGERS[kind] if words.startswith("drop trigger")]  # the function serves others
    with database.connect() as connection:
        for statement in (*off, *seal.drop_triggers(kind), *seal.drop_triggers(kind, ("log_stamp",)), *statements):
            connection.exec_driver_sql(statement)
        connection.commit()


def found(outside=(), trusted=()):
    with transaction() as db:
        return audit.verify(db, outside, trusted)


def named(findings):
    return {(finding.kind, finding.where, finding.number) for finding in findings}


def rewrite(number, old, new):
    """The whole chain of case A from one line on, made to agree with itself again."""
    with transaction() as db:
        lines = db.scalars(select(log.Line).where(log.Line.stream == "case:A").order_by(log.Line.seq)).all()
    statements, head = [], ""
    for line in lines:
        body = line.body.replace(old, new) if line.seq == number else line.body
        actor = new if line.seq == number else line.actor
        head = log.chain(head, body)
        statements.append(f"update log_line set body = '{body}', actor = '{actor}', hash = '{head}' where id = {line.id}")
    return [*statements, f"update log_stream set head = '{head}' where stream = 'case:A'"]


def cut(size):
    """The end cut off together with everything that the database itself remembers of it."""
    with transaction() as db:
        leaves = db.execute(select(seal.Leaf.stream, seal.Leaf.seq).where(seal.Leaf.number >= size)).all()
        statements = [f"delete from log_line where stream = '{stream}' and seq = {seq}" for stream, seq in leaves]
        for stream in {stream for stream, _ in leaves}:
            first = min(seq for name, seq in leaves if name == stream)
            last = db.scalar(select(log.Line.hash).where(log.Line.stream == stream, log.Line.seq == first - 1))
            for table in ("log_stream", "log_sealed"):
                statements.append(f"update {table} set seq = {first - 1} where stream = '{stream}'")
                if last is None:
                    statements.append(f"delete from {table} where stream = '{stream}'")
            statements.append(f"update log_stream set head = '{last}' where stream = '{stream}'")
    places = [seal.place_number(level, at) for level in range(1, 6) for at in range(64) if (at + 1) << level > size]
    gone = f"delete from log_leaf where number >= {size}", f"delete from log_head where size > {size}"
    nodes = ", ".join(map(str, places))
    days = f"delete from log_head_day where size > {size}"
    return [*statements, *gone, f"delete from log_node where place in ({nodes})", days]


def test_a_log_that_nobody_touched_is_whole(yesterday):
    assert found(yesterday) == []
    assert found() == []


def test_one_changed_byte_is_named(behind):
    findings = behind("update log_line set body = replace(body, 'u_anna', 'u_anni') where stream = 'case:A' and seq = 2")

    assert named(findings) == {("line", "case:A", 2)}


def test_a_changed_byte_of_a_hash_is_named_by_chain_and_seal(behind):
    findings = behind("update log_line set hash = replace(hash, substr(hash, 1, 1), 'x') where stream = 'case:A' and seq = 2")

    assert named(findings) == {("line", "case:A", 2), ("leaf", "case:A", 2)}


def test_a_deleted_line_is_named(behind):
    assert named(behind("delete from log_line where stream = 'case:A' and seq = 2")) == {
        ("line", "case:A", 2),
        ("leaf", "case:A", 2),
    }


def test_lines_in_another_order_are_named(behind):
    findings = behind(
        "update log_line set seq = 99 where stream = 'case:A' and seq = 1",
        "update log_line set seq = 1 where stream = 'case:A' and seq = 2",
        "update log_line set seq = 2 where stream = 'case:A' and seq = 99",
    )

    assert named(findings) == {("line", "case:A", 1), ("leaf", "case:A", 1), ("leaf", "case:A", 2)}


def test_lines_of_two_cases_that_changed_places_are_named_by_the_seal(behind):
    with transaction() as db:  # the last of the one and the first of the other: within each the order stays
        mine = db.scalar(select(log.Line.id).where(log.Line.stream == "case:A", log.Line.seq == 3))
        other = db.scalar(select(log.Line.id).where(log.Line.stream == "case:B", log.Line.seq == 1))
    findings = behind(*(f"update log_line set id = {new} where id = {old}" for old, new in ((mine, 0), (other, mine), (0, other))))

    assert findings == [audit.Finding("leaf", "case:B", 1, audit.MOVED)]


def test_an_inserted_line_is_named(behind):
    findings = behind(
        f"insert into log_line ({COPY}) select stream, 6, at, actor, verb, case_code, body, hash "
        "from log_line where stream = 'case:A' and seq = 5"
    )

    assert named(findings) == {("line", "case:A", 6)}


def test_a_chain_rewritten_as_a_whole_is_named_by_the_seal(yesterday, behind):
    findings = behind(*rewrite(2, "u_anna", "u_carl"))

    assert named(findings) == {("leaf", "case:A", seq) for seq in (2, 3, 4, 5)}


def test_a_chain_and_its_leaves_rewritten_together_do_not_agree_with_the_heads(yesterday, behind):
    statements = rewrite(2, "u_anna", "u_carl")
    with transaction() as db:
        leaves = db.execute(select(seal.Leaf.number, seal.Leaf.seq).where(seal.Leaf.stream == "case:A")).all()
    hashes = {seq: statement.split("hash = '")[1][:64] for seq, statement in enumerate(statements[:-1], 1)}
    changes = [(number, hashes[seq]) for number, seq in leaves]
    findings = behind(*statements, *(f"update log_leaf set hash = {blob(value)} where number = {number}" for number, value in changes))

    assert {finding.kind for finding in findings} == {"head", "outside"}


def blob(value):
    return f"'\\x{value}'" if databases.KIND == "postgres" else f"x'{value}'"


def test_the_last_day_cut_off_with_its_seal_is_seen_only_from_outside(yesterday, behind):
    findings = behind(*cut(yesterday[0]["size"]))

    assert {(finding.kind, finding.number) for finding in findings} == {("outside", yesterday[1]["size"])}
    assert found() == []


def test_a_cut_end_of_which_the_head_was_left_is_seen_from_inside(yesterday, behind):
    statements = [words for words in cut(yesterday[0]["size"]) if "log_head" not in words]

    assert ("head", "seal", yesterday[1]["size"]) in named(behind(*statements))


def test_an_older_database_that_goes_on_is_seen_from_outside(template, engine_url, yesterday, behind, time):
    behind(*cut(yesterday[0]["size"]))
    for number in range(9):
        write(1, f"case:C{number}")
    seal_all()
    findings = found(yesterday)

    assert {(finding.kind, finding.number) for finding in findings} == {("outside", yesterday[1]["size"])}
    assert "riscritta" in findings[0].sentence


def test_yesterdays_backup_put_in_the_place_of_the_database_is_seen_from_outside(template, engine_url, time, keys, database):
    write(3)
    seal_all()
    core.db.dispose()
    backup = template.copy(engine_url)  # the whole database, as a backup holds it
    databases.connect(engine_url)
    time.forward(days=1)
    write(4)
    seal_all()
    with transaction() as db:
        head = seal.of_day(db, clock.today())
        assert head
        outside = [seal.record(db, head)]
    assert found(outside) == []
    core.db.dispose()
    databases.connect(backup)

    assert found() == []  # by itself it is whole
    assert [(finding.kind, finding.number) for finding in found(outside)] == [("outside", outside[0]["size"])]
    write(9, "case:B")
    seal_all()
    assert "riscritta" in found(outside)[0].sentence
    core.db.dispose()
    template.drop(backup)


def test_a_forged_signature_is_named(yesterday, behind):
    size = yesterday[0]["size"]
    findings = behind(f"update log_head set signature = '{'0' * 128}' where size = {size}")

    assert named(findings) == {("head", "seal", size)}


def test_a_head_with_another_root_is_named(yesterday, behind):
    findings = behind(f"update log_head set root = '{'0' * 64}' where size = {yesterday[0]['size']}")

    assert named(findings) == {("head", "seal", yesterday[0]["size"])}


def test_a_missing_leaf_is_named(behind):
    assert ("leaf", "seal", 1) in named(behind("delete from log_leaf where number = 1"))


def test_a_stream_set_back_is_named(behind):
    findings = behind("update log_stream set seq = 4 where stream = 'case:A'")

    assert ("leaf", "case:A", 5) in named(findings)


def test_a_head_of_another_log_is_named(yesterday):
    foreign = yesterday[0] | {"log": "0" * 32}

    assert {finding.kind for finding in found([foreign])} == {"outside"}


def test_a_rotated_key_is_believed_because_the_old_one_vouches_for_it(yesterday, keys, tmp_path):
    rotate(keys, tmp_path)
    write(1)
    seal_all()

    assert found(yesterday) == []


def test_a_lost_key_is_named_until_people_vouch_for_the_new_one(yesterday, keys, tmp_path):
    rotate(keys, tmp_path, lost=True)
    write(1)
    seal_all()
    findings = found(yesterday)

    assert [finding.kind for finding in findings] == ["key"]
    assert found(yesterday, [findings[0].where]) == []


def test_destroying_the_key_of_a_case_leaves_every_proof_valid(yesterday):
    with transaction() as db:
        vault.seal(db, "case:A", "name", "Grace")
        vault.destroy(db, "case:A", by="u_anna")
    seal_all()

    assert found(yesterday) == []
    with transaction() as db:
        assert audit.verify_case(db, "A") == []


# One case


def test_a_case_is_verified_alone(yesterday, behind):
    behind("update log_line set actor = 'x', body = replace(body, 'u_anna', 'x') where stream = 'case:B' and seq = 1")

    with transaction() as db:
        assert audit.verify_case(db, "A") == []
        assert ("line", "case:B", 1) in named(audit.verify_case(db, "B"))


def test_a_deleted_line_of_a_case_is_named(behind):
    behind("delete from log_line where stream = 'case:A' and seq = 5", "update log_stream set seq = 4 where stream = 'case:A'")

    with transaction() as db:
        assert ("leaf", "case:A", 5) in named(audit.verify_case(db, "A"))


# Packages


@pytest.fixture
def package(yesterday, tmp_path):
    with transaction() as db:
        log.append(db, "notice.told", "user:u_anna", by="clock", kind="deadline")
        log.append(db, "notice.told", "user:u_anna", by="clock", case="A", kind="deadline")
    seal_all()
    with transaction() as db:
        audit.export(db, "A", tmp_path / "out", by="u_marco")
    return tmp_path / "out"


def check(folder, *more):
    """As an auditor does it: one file, another Python process, no package of ours on its path."""
    alone = folder.parent / "alone.py"
    shutil.copy(ROOT / "verify" / "approdo_verify.py", alone)
    command = [sys.executable, "-I", str(alone), str(folder), *more]
    done = subprocess.run(command, cwd=folder.parent, capture_output=True, text=True, check=False)
    assert not done.stderr
    return done.returncode, done.stdout


def test_a_package_is_checked_offline_and_shows_no_other_case(package, yesterday, tmp_path):
    own = tmp_path / "heads.jsonl"
    own.write_text("".join(json.dumps(head) + "\n" for head in yesterday))
    code, said = check(package, "--heads", str(own), "--key", yesterday[0]["key"])

    assert code == 0, said
    assert "6 lines are whole" in said
    assert "case:B" not in "".join(path.read_text() for path in package.iterdir())


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda rows: rows[1].update(body=rows[1]["body"].replace("u_anna", "u_anni")), "does not fit its hash"),
        (lambda rows: rows.pop(1), "is missing"),
        (lambda rows: rows.reverse(), "wrong place"),
        (lambda rows: rows.insert(1, rows[0]), "wrong place"),
        (lambda rows: rows[0].update(leaf=rows[1]["leaf"]), "not in the sealed tree"),
        (lambda rows: rows[0].update(proof=rows[0]["proof"][1:]), "not in the sealed tree"),
    ],
    ids=["byte", "missing", "order", "twice", "leaf", "proof"],
)
def test_a_changed_package_is_refused(package, change, words):
    file = package / "lines.jsonl"
    rows = [json.loads(row) for row in file.read_text().splitlines()]
    change(rows)
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    code, said = check(package)

    assert code == 1
    assert words in said
    assert "not the file that the manifest names" in said


def test_heads_that_do_not_agree_are_refused(package, yesterday, tmp_path):
    own = tmp_path / "heads.jsonl"
    longer = yesterday[1] | {"size": 99}
    other = yesterday[0] | {"root": "0" * 64}
    own.write_text("".join(json.dumps(head) + "\n" for head in (longer, other)))
    code, said = check(package, "--heads", str(own), "--key", "0" * 32)

    assert code == 1
    assert said.count("not signed by a key of this package") == 2
    assert "the newest head is signed by" in said


def test_a_package_that_is_none_is_refused_in_one_sentence(tmp_path):
    code, said = check(tmp_path / "nothing")

    assert code == 1
    assert said.startswith("the package cannot be read")


def test_the_export_is_in_the_log_and_an_unknown_case_is_refused(package, tmp_path):
    with transaction() as db:
        assert log.lines(db, case="A", limit=1)[0].verb == "audit.exported"
        with pytest.raises(NotYours):
            audit.export(db, "Z", tmp_path / "z", by="u_marco")


def test_heads_outside_are_read_and_nonsense_is_refused(yesterday, tmp_path):
    kept, broken = tmp_path / "heads.jsonl", tmp_path / "broken.jsonl"
    kept.write_bytes(b"\n".join(orjson.dumps(head) for head in yesterday))
    broken.write_text('{"size": 3}')

    assert audit.read_heads(kept) == yesterday
    with pytest.raises(BadInput):
        audit.read_heads(broken)
    with pytest.raises(BadInput):
        audit.read_heads(tmp_path / "none")
