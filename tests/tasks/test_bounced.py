"""A letter that left and came back: it counts as not sent, is told, and flags an address only if the mailbox is gone."""

import mailbox
from dataclasses import replace
from typing import Any

import pytest

from core.db import transaction
from notifications import bounces, notices, outbox
from tasks import mailboxes, news, schedule
from tests.notifications.test_bounces import OURS, REPORT
from tests.postbox import Postbox
from tests.tasks.test_schedule import config, postbox, promise, states  # noqa: F401 - fixtures


@pytest.mark.parametrize(
    ("code", "went_to", "flagged", "told"),
    [
        ("5.7.1", "dario@example.org", False, ["mail_failed"]), ("4.4.7", "dario@example.org", False, ["mail_failed"]),
        ("5.1.1", "Dario@example.org", True, ["mail_bounced_of"]), ("5.1.1", "elsewhere@example.org", False, ["mail_failed"]),
    ],
)  # fmt: skip
def test_a_letter_that_came_back_counts_as_not_sent(office, config, postbox, code, went_to, flagged, told):  # noqa: F811
    """Where her address passes letters on to a dead one, it is not sent for ever: it is told."""
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
    assert [kind for kind in kinds if kind.startswith("mail_")] == told


def test_what_went_to_an_address_that_is_no_longer_hers_goes_to_the_one_that_is_and_only_once(
    office, config, postbox  # noqa: F811
):  # fmt: skip
    promise(office)
    schedule.send_mail(config)
    with transaction() as db:
        mailboxes.move(db, office.actor_in(db, "dario"), "dario.new@example.org")
    for _ in range(2):  # the new one passes its letters on to the dead one
        office.time.forward(minutes=1)
        words = REPORT.replace(OURS, str(postbox.letters[-1]["Message-ID"])).replace("anna@", "dario@")
        mailbox.Maildir(str(config.var / "back")).add(words)
        schedule.read_bounces(replace(config, bounces=config.var / "back"))
        schedule.send_mail(config)

    assert [letter["To"] for letter in postbox.letters] == ["dario@example.org", "dario.new@example.org"]
    assert states() == ["failed"]


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
        words = REPORT.replace(OURS, letter).replace("5.1.1", "4.4.7").replace("anna@", "dario@")
        mailbox.Maildir(str(config.var / "back")).add(words)
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


def test_what_a_dead_mailbox_could_not_take_is_held_and_goes_to_the_new_one_in_one_letter(
    office, config, postbox  # noqa: F811
):  # fmt: skip
    """It is told when the address is flagged, not each morning; the digest of a day that is over does not come again."""
    promise(office)
    with transaction() as db:
        bounces.flag(db, office.user_id("dario"), "dario@example.org", "5.1.1", by="clock")
    schedule.send_mail(config)
    for number in range(2):
        office.time.forward(minutes=1)
        with transaction() as db:
            news.tell(db, f"x{number}", office.user_id("dario"), "call_landed", letter=news.NEWS, urgent=True, by="clock")
        schedule.send_mail(config)
    office.time.forward(days=1)

    assert states() == ["held"] * 3
    assert postbox.letters == []
    with transaction() as db:
        assert "mail_failed" not in [each.kind for each in notices.latest(db, office.user_id("paola"), 500)]
        mailboxes.move(db, office.actor_in(db, "dario"), "dario.new@example.org")
    schedule.send_mail(config)
    [letter] = postbox.letters
    assert letter["To"] == "dario.new@example.org"
    assert "2" in str(letter.get_body(("plain",)))
    assert sorted(states()) == ["sent", "unneeded", "unneeded"]


def test_a_letter_on_its_way_to_the_old_address_is_tried_at_the_new_one(office, config, postbox):  # noqa: F811
    promise(office)

    async def refuse(*said: Any) -> str:
        with transaction() as db:
            if office.user_in(db, "dario").mail == "dario@example.org":
                mailboxes.move(db, office.actor_in(db, "dario"), "dario.new@example.org")
                return "550 5.1.1 no such mailbox"
        return await Postbox.handle_RCPT(postbox, *said)

    postbox.handle_RCPT = refuse
    schedule.send_mail(config)
    office.time.forward(minutes=2)
    schedule.send_mail(config)

    assert [letter["To"] for letter in postbox.letters] == ["dario.new@example.org"]
    assert states() == ["sent"]
