"""The clock seals: once a day a head goes to the auditors and to a file that is not ours to rewrite."""

import json
from dataclasses import replace

import pytest

from core import audit, clock, log, seal, users
from core.config import Config
from core.db import transaction
from notifications import outbox
from tasks import schedule, sealing
from tests.core.test_audit import found
from tests.core.test_seal import write
from tests.postbox import Postbox, Server


@pytest.fixture
def postbox():
    return Postbox()


@pytest.fixture
def config(postbox, tmp_path, keys):


    server = Server(postbox)
    server.start()
    host, port = server.address
    yield Config(
        database_url="", var=tmp_path / "var", keys=keys, base_url="https://agenda.example.org", smtp_host=host,
        smtp_port=port, smtp_tls="none", sender="agenda@example.org", heads_file=tmp_path / "outside" / "heads.jsonl",
    )  # fmt: skip
    server.stop()


@pytest.fixture
def auditor(database, time):
    with transaction() as db:
        user = users.add(db, "marco", "Marco Villa", "marco@example.org", by="cli")
        users.grant(db, user, "auditor", by="cli")
    return user


def kept(config):
    return audit.read_heads(config.heads_file) if config.heads_file.exists() else []


def test_a_tick_seals_and_lets_one_head_a_day_leave_the_house(auditor, config, postbox, time):
    write(3)
    assert schedule.tick(schedule.SEAL, config).fired > 0
    write(3)
    schedule.tick(schedule.SEAL, config)
    schedule.send_mail(config)

    assert len(kept(config)) == len(postbox.letters) == 1
    time.forward(days=1)
    schedule.tick(schedule.SEAL, config)
    schedule.send_mail(config)
    assert len(kept(config)) == len(postbox.letters) == 2
    assert found(kept(config)) == []


def test_the_letter_holds_a_line_for_the_auditors_own_file_and_no_word_of_what_we_do(auditor, config, postbox, tmp_path):
    write(3)
    schedule.tick(schedule.SEAL, config)
    schedule.send_mail(config)

    body = postbox.letters[0].get_body(("plain",)).get_content()
    line = next(row for row in body.splitlines() if row.startswith("{"))
    assert json.loads(line) == kept(config)[0]
    assert found([json.loads(line)]) == []
    for word in ("approdo", "tratta", "antitratta", "caso", "case:"):
        assert word not in body.replace(config.base_url, "").casefold()


def test_a_clock_that_died_before_the_file_was_written_writes_it_at_the_next_tick(auditor, config):
    write(1)
    schedule.tick(schedule.SEAL, replace(config, heads_file=None))
    assert kept(config) == []
    schedule.tick(schedule.SEAL, config)
    schedule.tick(schedule.SEAL, config)

    assert len(kept(config)) == 1


def test_half_a_line_of_a_power_cut_hides_no_later_head(auditor, config):
    config.heads_file.parent.mkdir()
    config.heads_file.write_text('{"log": "abc')
    write(1)
    schedule.tick(schedule.SEAL, config)

    rows = config.heads_file.read_text().splitlines()
    assert json.loads(rows[-1])["size"] > 0


def test_before_the_first_line_there_is_nothing_to_tell(database, config, time):
    assert not sealing.publish(config, clock.today())
    assert kept(config) == []


def test_a_head_carries_numbers_and_hashes_only(auditor, config):
    write(1)
    schedule.tick(schedule.SEAL, config)
    with transaction() as db:
        facts = sealing.facts(seal.record(db, seal.newest(db)))
        assert log.count(db) > 0

    outbox.check(facts)
    with pytest.raises(outbox.ForbiddenFact):
        outbox.check(facts | {"root": "Grace"})
