"""A head is stamped by an authority outside, if one is named: what is not a stamp of it is not kept, and is found."""

import base64
import json
from dataclasses import replace

import pytest

from core import audit, clock, log, seal, stamps
from core.config import Config
from core.db import transaction
from core.errors import ConfigError
from tasks import schedule, stamping
from tests.authority import Authority
from tests.core.test_audit import behind_triggers, check, found
from tests.core.test_seal import seal_all, write


@pytest.fixture
def authority(tmp_path):
    made = Authority(tmp_path / "tsa")
    yield made
    made.stop()


@pytest.fixture
def config(authority, tmp_path, keys, database):
    """Today, for the authority's clock is the real one."""
    clock.thaw()
    write(3)
    seal_all()
    with transaction() as db:
        assert seal.of_day(db, clock.today())
    return Config(database_url="", var=tmp_path, keys=keys, timestamp_url=authority.url, timestamp_ca=authority.root)


def stamped():
    with transaction() as db:
        return db.query(stamps.Stamp).all()


def verified(config):
    with transaction() as db:
        return [finding.sentence for finding in audit.verify(db, stampers=config.timestamp_ca)]


def test_nobody_is_asked_unless_an_authority_is_named(config, authority):
    assert stamping.work(replace(config, timestamp_url="")) == 0
    assert authority.asked == []


def test_the_head_of_the_day_is_stamped_once_and_the_authority_learns_only_a_hash(config, authority):
    job = next(job for job in schedule.JOBS if job.name == "stamp")
    assert [schedule.tick(job, config).fired for _ in range(2)] == [1, 0]

    (row,) = stamped()
    assert abs((row.at - clock.now()).total_seconds()) < 60
    assert verified(config) == []
    with transaction() as db:
        assert log.lines(db, stream="seal", limit=1)[0].verb == "seal.stamped"
        assert seal.name(db).encode() not in authority.asked[0]
    assert len(authority.asked) == 1
    assert len(authority.asked[0]) < 100


@pytest.mark.parametrize("answer", [b"", b"no stamp", b"elsewhere"])
def test_what_is_no_stamp_is_not_kept_and_is_asked_again(config, authority, answer):
    authority.answer = answer
    job = next(job for job in schedule.JOBS if job.name == "stamp")
    assert schedule.tick(job, config).failed == 1
    assert stamped() == []

    authority.answer = None
    assert schedule.tick(job, config).fired == 1


def test_an_answer_to_another_question_is_refused(config, authority):
    asked, nonce = stamps.request("another text")
    with transaction() as db, pytest.raises(stamps.BadStamp) as refusal:
        stamps.keep(db, seal.newest(db), authority.stamp(asked), nonce, [], by="clock")
    assert "non parla di questa testa" in str(refusal.value.params)
    with transaction() as db, pytest.raises(stamps.BadStamp) as refusal:
        head = seal.newest(db)
        asked, nonce = stamps.request(stamps.text_of(db, head))
        stamps.keep(db, head, authority.stamp(asked), nonce + 1, [], by="clock")
    assert "non risponde" in str(refusal.value.params)


def test_an_authority_that_nobody_knows_is_not_believed(config, authority, tmp_path):
    other = Authority(tmp_path / "other")
    with pytest.raises(stamps.BadStamp):
        stamping.work(replace(config, timestamp_ca=other.root))
    stamping.work(config)

    assert any("autorità che conosciamo" in sentence for sentence in verified(replace(config, timestamp_ca=other.root)))
    other.stop()


def test_a_stamp_that_was_changed_or_moved_is_named(config, authority, database):
    stamping.work(config)
    write(1)
    seal_all()
    size = stamped()[0].size
    with transaction() as db:
        newest = seal.newest(db).size
    behind_triggers(database, f"update log_stamp set size = {newest} where size = {size}")

    assert any("non parla di questa testa" in sentence for sentence in verified(config))


def test_the_database_refuses_to_change_a_stamp(config, database):
    stamping.work(config)
    with pytest.raises(Exception, match="append-only"), database.begin() as connection:
        connection.exec_driver_sql("update log_stamp set size = 1")


def test_certificates_that_cannot_be_read_are_named(config, tmp_path):
    with pytest.raises(ConfigError):
        stamps.read_roots(tmp_path / "none.pem")
    with pytest.raises(ConfigError):
        stamps.read_roots(config.keys / "seal.key")


def test_the_package_carries_the_stamp_and_openssl_believes_it_without_us(config, authority, tmp_path):
    stamping.work(config)
    with transaction() as db:
        audit.export(db, "A", tmp_path / "out", by="u_marco")
    code, said = check(tmp_path / "out", "--tsa", str(authority.root))
    assert code == 0, said
    assert "time stamps: 1, each names its head; signatures by openssl" in said
    assert "not checked" in check(tmp_path / "out")[1]

    other = Authority(tmp_path / "other")
    other.stop()
    code, said = check(tmp_path / "out", "--tsa", str(other.root))
    assert code == 1
    assert "has signed it" in said

    file = tmp_path / "out" / "stamps.jsonl"
    row = json.loads(file.read_text())
    file.write_text(json.dumps(row | {"answer": base64.b64encode(b"nothing").decode()}))
    code, said = check(tmp_path / "out")
    assert code == 1
    assert "speaks of something else than its head" in said


def test_a_log_without_stamps_is_whole(config):
    assert found() == []
