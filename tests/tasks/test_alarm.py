"""The clock stands still: whoever looks after the system is written to by the web process, once (threats R30)."""

from collections.abc import Callable
from dataclasses import replace
from threading import Barrier, Thread

import pytest

from core.config import Config
from tasks import alarm, beats, schedule
from tests.tasks.conftest import Office
from tests.tasks.test_schedule import config, postbox  # noqa: F401 - fixtures

CLOCKS = [job for job in schedule.JOBS if job.name in beats.CLOCKS]


@pytest.fixture
def guarded(config: Config) -> Config:  # noqa: F811
    return replace(config, alarm_to="macchine@example.org")


@pytest.fixture
def tick(office: Office, guarded: Config) -> Callable[[], None]:
    def once() -> None:
        for job in CLOCKS:
            schedule.tick(job, guarded)

    return once


def test_of_a_standstill_one_letter_is_written_whoever_sees_it_first(office, guarded, postbox, tick):  # noqa: F811
    assert not alarm.look(guarded)  # it never ticked: then it is being installed
    tick()
    office.time.forward(minutes=9)
    assert not alarm.look(guarded)
    office.time.forward(minutes=2)
    together, wrote = Barrier(2), []

    def look() -> None:
        together.wait()
        wrote.append(alarm.look(guarded))

    two = [Thread(target=look), Thread(target=look)]
    for each in two:
        each.start()
    for each in two:
        each.join()
    office.time.forward(minutes=30)
    assert not alarm.look(guarded)

    assert sorted(wrote) == [False, True]
    [letter] = postbox.letters
    assert letter["To"] == "macchine@example.org"
    assert "Da 11 minuti" in letter.get_body(("plain",)).get_content()
    tick()
    office.time.forward(minutes=11)
    assert alarm.look(guarded)
    assert len({letter["Message-ID"] for letter in postbox.letters}) == 2


def test_a_letter_that_the_server_refused_is_tried_again_with_its_message_id(office, guarded, postbox, tick):  # noqa: F811
    tick()
    office.time.forward(minutes=11)
    postbox.answers = ["take and drop"]
    with pytest.raises(OSError):
        alarm.look(guarded)
    assert not alarm.look(guarded)
    office.time.forward(minutes=10)
    assert alarm.look(guarded)

    assert [letter["Message-ID"] for letter in postbox.letters] == 2 * [postbox.letters[0]["Message-ID"]]


def test_without_an_address_nobody_is_written_to(office, config, postbox, tick):  # noqa: F811
    tick()
    office.time.forward(minutes=11)

    assert not alarm.look(config)
    assert postbox.letters == []
