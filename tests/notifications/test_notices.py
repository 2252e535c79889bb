import pytest

from core.db import transaction
from notifications import notices

pytestmark = pytest.mark.usefixtures("database", "time")


def tell(key: str, user: str = "u_1") -> bool:
    with transaction() as db:
        return notices.tell(db, key, user, "mail_failed", by="clock")


def test_a_notice_told_twice_is_shown_once():
    assert (tell("a"), tell("a"), tell("b")) == (True, False, True)

    with transaction() as db:
        assert notices.unseen(db, "u_1") == 2


def test_a_notice_is_for_its_reader_only(time):
    tell("a")
    tell("b", "u_2")

    with transaction() as db:
        assert [notice.key for notice in notices.latest(db, "u_1")] == ["a"]
        assert notices.mark_seen(db, "u_1", by="u_1") == 1
        assert (notices.unseen(db, "u_1"), notices.unseen(db, "u_2")) == (0, 1)


def test_the_newest_notice_comes_first(time):
    tell("a")
    time.forward(minutes=1)
    tell("b")

    with transaction() as db:
        assert [notice.key for notice in notices.latest(db, "u_1")] == ["b", "a"]
