from datetime import timedelta

import pytest

from core import clock
from core.db import transaction
from notifications import notices

pytestmark = pytest.mark.usefixtures("database", "time")
MINUTE = timedelta(minutes=1)


def unseen(db, user: str) -> int:
    return notices.news(db, user, "none", clock.now())[0]


def tell(key: str, user: str = "u_1") -> bool:
    with transaction() as db:
        return notices.tell(db, key, user, "mail_failed", by="clock")


def test_a_notice_told_twice_is_shown_once():
    assert (tell("a"), tell("a"), tell("b")) == (True, False, True)

    with transaction() as db:
        assert unseen(db, "u_1") == 2


def test_a_notice_is_for_its_reader_only(time):
    tell("a")
    tell("b", "u_2")

    with transaction() as db:
        assert [notice.key for notice in notices.latest(db, "u_1")] == ["a"]
        assert notices.mark_seen(db, "u_1", by="u_1") == 1
        assert (unseen(db, "u_1"), unseen(db, "u_2")) == (0, 1)


def test_the_newest_notice_comes_first(time):
    tell("a")
    time.forward(minutes=1)
    tell("b")

    with transaction() as db:
        assert [notice.key for notice in notices.latest(db, "u_1")] == ["b", "a"]


def test_the_count_comes_with_whether_one_of_a_kind_came_lately():
    then = clock.now()
    with transaction() as db:
        notices.tell(db, "a", "u_1", "call_offered", by="u_2")
        notices.tell(db, "b", "u_1", "deadline", by="clock")

        assert notices.news(db, "u_1", "call_offered", then - MINUTE) == (2, True)
        assert notices.news(db, "u_1", "call_offered", then) == (2, False)
        notices.mark_seen(db, "u_1", by="u_1")
        assert notices.news(db, "u_1", "call_offered", then - MINUTE) == (0, True)
        assert notices.news(db, "u_2", "call_offered", then - MINUTE) == (0, False)
