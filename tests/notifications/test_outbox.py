from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from threading import Barrier, Thread
from typing import Any

import pytest
from sqlalchemy import select

from core import clock, log
from core.db import transaction
from core.errors import NotYours
from notifications import outbox
from notifications.outbox import Message

pytestmark = pytest.mark.usefixtures("database", "time")
FACTS = {"open": 3, "today": 1, "late": 0, "news": 0, "path": "/inbox"}


def put(key: str = "digest-1", **facts: Any) -> bool:
    with transaction() as db:
        return outbox.put(db, key, "u_1", "digest", FACTS | facts, by="clock")


def promise_and_fail() -> None:
    with transaction() as db:
        outbox.put(db, "digest-1", "u_1", "digest", FACTS, by="clock")
        raise NotYours


def claim() -> tuple[str, int] | None:
    with transaction() as db:
        message = outbox.claim(db)
        return (message.key, message.attempts) if message else None


def settle(key: str, attempt: int, error: str | None = None) -> str | None:
    with transaction() as db:
        message = outbox.settle(db, key, attempt, error=error, by="clock")
        return message.status if message else None


def status(key: str = "digest-1") -> str:
    with transaction() as db:
        return db.get_one(Message, key).status


def together(*works: Callable[[], Any]) -> list[Any]:
    """Do it all at the same moment, each in its own thread."""
    start, results = Barrier(len(works)), []

    def go(work: Callable[[], Any]) -> None:
        start.wait()
        results.append(work())

    threads = [Thread(target=go, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_a_message_promised_twice_is_one_message():
    assert put() is True
    assert put() is False

    assert claim() == ("digest-1", 1)
    assert claim() is None


def test_two_clocks_that_promise_at_the_same_moment_make_one_message():
    assert sorted(together(put, put, put)) == [False, False, True]


def test_a_promise_is_undone_with_the_transaction_that_caused_it():
    with pytest.raises(NotYours):
        promise_and_fail()

    assert claim() is None


def test_whoever_dies_after_claiming_leaves_the_message_for_the_next_one(time):
    put()
    claim()

    time.forward(minutes=4)
    assert claim() is None
    time.forward(minutes=1)
    assert claim() == ("digest-1", 2)


def test_two_clocks_never_claim_the_same_message():
    keys = [f"digest-{number}" for number in range(4)]
    for key in keys:
        put(key)

    claimed = together(claim, claim, claim, claim)
    claimed += [claim() for _ in range(4)]

    assert sorted(found[0] for found in claimed if found) == keys


def test_a_sender_that_woke_up_too_late_cannot_settle_what_another_has_claimed(time):
    put()
    claim()
    time.forward(minutes=6)
    claim()

    assert settle("digest-1", 1, error="SMTPServerDisconnected") is None
    assert settle("digest-1", 2) == "sent"
    assert settle("digest-1", 2) is None


def test_a_refused_message_waits_longer_each_time_and_fails_after_three_days(time):
    put()
    start, waits = clock.now(), []
    while (found := claim()) or status() == "queued":
        if found:
            waits.append(clock.now() - start)
            settle(*found, error="SMTPDataError 451")
        time.forward(minutes=1)

    pauses = [later - earlier for earlier, later in pairwise(waits)]
    assert pauses[:4] == [timedelta(minutes=1), timedelta(minutes=2), timedelta(minutes=4), timedelta(minutes=8)]
    assert max(pauses) == timedelta(hours=2)
    assert timedelta(hours=69) < waits[-1] < timedelta(hours=72)
    assert status() == "failed"
    assert claim() is None


def test_days_on_which_the_machine_stood_still_are_no_attempts(time):
    put()
    key, attempt = claim() or ("", 0)
    settle(key, attempt, error="SMTPDataError 451")
    time.forward(days=4)
    key, attempt = claim() or ("", 0)

    assert settle(key, attempt, error="SMTPDataError 451") == "queued"
    time.forward(hours=1)
    assert settle(*(claim() or ("", 0))) == "sent"


def test_an_unneeded_message_is_never_claimed_again(time):
    put()
    key, attempt = claim() or ("", 0)
    with transaction() as db:
        dropped = outbox.drop(db, key, attempt, by="clock")
        assert dropped is not None

    time.forward(hours=1)
    assert claim() is None
    assert status() == "unneeded"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("name", "Grace"), ("open", "3"), ("open", -1), ("open", True), ("open", 3.5), ("on", "domani"),
        ("on", "2026-8-1"), ("on", 20260801), ("path", "https://evil.example/x"), ("path", "//evil.example"),
        ("path", "/cases/7Q2K"), ("path", "/inbox?case=a"), ("path", "/inbox\r\nBcc: a@b.c"), ("case", "UM"),
        ("path", "/inbox/"), ("late", None), ("today", {"a": 1}),
    ],
)  # fmt: skip
def test_a_message_carries_only_counts_dates_and_the_path_of_a_page(name, value):
    with pytest.raises(outbox.ForbiddenFact) as refusal:
        put(**{name: value})

    assert str(name) in str(refusal.value)
    assert claim() is None


def test_each_message_leaves_one_line_when_promised_and_one_when_settled():
    put()
    put()
    settle(*(claim() or ("", 0)))

    with transaction() as db:
        lines = db.scalars(select(log.Line).order_by(log.Line.seq)).all()
        assert [line.verb for line in lines] == ["message.promised", "message.sent"]
        assert log.verify(db) == []
