"""A letter that left and came back: it counts as not sent, is told, and flags an address only if the mailbox is gone."""

import mailbox
from dataclasses import replace

import pytest

from core.db import transaction
from notifications import bounces, notices
from tasks import schedule
from tests.notifications.test_bounces import OURS, REPORT
from tests.tasks.test_schedule import config, postbox, promise, states  # noqa: F401 - fixtures


@pytest.mark.parametrize(
    ("code", "went_to", "flagged", "told"),
    [
        ("5.7.1", "dario@example.org", False, "mail_failed"), ("4.4.7", "dario@example.org", False, "mail_failed"),
        ("5.1.1", "Dario@example.org", True, "mail_bounced_of"), ("5.1.1", "old@example.org", False, "mail_failed"),
    ],
)  # fmt: skip
def test_a_letter_that_came_back_counts_as_not_sent(office, config, postbox, code, went_to, flagged, told):  # noqa: F811
    promise(office)
    schedule.send_mail(config)
    [letter] = postbox.letters
    back = mailbox.Maildir(str(config.var / "back"))
    report = REPORT.replace(OURS, str(letter["Message-ID"])).replace("5.1.1", code)
    for _ in range(2):
        back.add(report.replace("anna@example.org", went_to))
    schedule.read_bounces(replace(config, bounces=config.var / "back"))

    assert states() == ["failed"]
    with transaction() as db:
        kinds = [notice.kind for notice in notices.latest(db, office.user_id("paola"), 500)]
        assert bounces.is_flagged(db, office.user_id("dario"), "dario@example.org") == flagged
    assert [kind for kind in kinds if kind.startswith("mail_")] == [told]


def test_a_dead_address_is_told_of_once_and_not_each_morning(office, config, postbox):  # noqa: F811
    promise(office)
    with transaction() as db:
        bounces.flag(db, office.user_id("dario"), "dario@example.org", "5.1.1", by="clock")
    schedule.send_mail(config)

    assert states() == ["unneeded"]
    assert postbox.letters == []
    with transaction() as db:
        assert "mail_failed" not in [each.kind for each in notices.latest(db, office.user_id("paola"), 500)]
