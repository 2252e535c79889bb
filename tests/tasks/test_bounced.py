"""A letter that left and came back: it counts as not sent, is told, and flags an address only if the mailbox is gone."""

import mailbox
from dataclasses import replace

import pytest

from core.db import transaction
from notifications import bounces, notices, outbox
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


def test_what_is_reported_late_of_a_letter_says_nothing_of_the_one_that_somebody_let_be_sent_instead(
    office, config, postbox  # noqa: F811
):  # fmt: skip
    """The second letter has an id of its own, the same at each attempt; its own report fails it, and is told anew."""
    promise(office)
    schedule.send_mail(config)
    [first] = [str(letter["Message-ID"]) for letter in postbox.letters]
    bounces_of = replace(config, bounces=config.var / "back")

    def report(letter: str) -> list[str]:
        """A report of it comes; the states, and how often the coordination was told."""
        mailbox.Maildir(str(config.var / "back")).add(REPORT.replace(OURS, letter).replace("5.1.1", "4.4.7"))
        schedule.read_bounces(bounces_of)
        with transaction() as db:
            kinds = [notice.kind for notice in notices.latest(db, office.user_id("paola"), 500)]
        return [*states(), str(kinds.count("mail_failed"))]

    assert report(first) == ["failed", "1"]
    with transaction() as db:
        [given_up] = outbox.failed(db)
        outbox.again(db, given_up.key, by="u_paola")
    postbox.answers = ["take and drop"]
    schedule.send_mail(config)
    office.time.forward(minutes=10)
    schedule.send_mail(config)
    [_, *anew] = [str(letter["Message-ID"]) for letter in postbox.letters]

    assert (len(anew), len({first, *anew})) == (2, 2)
    assert report(first) == ["sent", "1"]
    assert report(anew[0]) == ["failed", "2"]


def test_a_dead_address_is_told_of_once_and_not_each_morning(office, config, postbox):  # noqa: F811
    promise(office)
    with transaction() as db:
        bounces.flag(db, office.user_id("dario"), "dario@example.org", "5.1.1", by="clock")
    schedule.send_mail(config)

    assert states() == ["unneeded"]
    assert postbox.letters == []
    with transaction() as db:
        assert "mail_failed" not in [each.kind for each in notices.latest(db, office.user_id("paola"), 500)]
