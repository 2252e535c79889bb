"""The drill of a year, its first days: nothing lost, nothing doubled but under one Message-ID, nobody betrayed."""

from dataclasses import replace

import pytest

from drills import year, year_mail, year_office
from drills.year_office import CANARY
from notifications import mail, outbox
from notifications.parcel import MAIL, Parcel
from tasks import outgoing

pytestmark = pytest.mark.only_on("sqlite")


def test_the_first_days_of_a_year_with_faults_lose_nothing_and_betray_nobody(monkeypatch):
    monkeypatch.setattr(year_mail, "DIES", 0.9)
    monkeypatch.setattr(year_office, "CLOSES", 0.5)
    report = year.play(11, 14, 4)

    assert (report.lost, report.betrayed) == ([], [])
    assert report.sent > 40
    assert report.events > 100
    assert report.hooked > 40
    assert report.opened > 0
    assert report.closed > 0
    assert set(report.refused) <= {"InvalidForm", "Taken"}  # a task passed to somebody who may not have it, or held
    assert report.planted > 100
    assert report.faults["mailboxes that died"] > 0
    assert report.faults["reports of failed delivery"] > 0


def test_a_year_that_is_cut_short_says_how_far_it_came():
    report = year.play(5, 14, 30, minutes=0)

    assert (report.days, report.cases, report.lost) == (0, 0, [])


def test_the_drill_sees_a_letter_that_speaks_and_one_that_nobody_promised(monkeypatch):
    judge = year.Year.judge

    def spoiled(self: year.Year) -> None:
        self.postbox.raw.append(f"Message-ID: <x@y>\nSubject: {CANARY}\n\nx".encode())
        self.words.lines.append(f"error {CANARY}")
        self.hook.requests.append(("/", {"webhook-id": "x"}, CANARY.encode()))
        judge(self)

    monkeypatch.setattr(year.Year, "judge", spoiled)
    report = year.play(4, 1, 2)

    assert [words.split(":")[0] for words in report.lost] == [
        "a letter that nobody promised", "an event that nobody promised",
    ]  # fmt: skip
    assert [words.split(":")[0] for words in report.betrayed] == [
        "a letter", "a letter", "an event at the hook", "a line of a process",  # as it travels and as it is read
    ]  # fmt: skip


def test_the_drill_sees_what_is_hidden_by_its_encoding_a_wrong_reader_and_a_letter_that_comes_for_ever(monkeypatch):
    """The subject travels in base64; every letter is bruno's; what was taken is not written down, so it comes again."""
    parcel, compose, settle = outgoing.parcel, mail.compose, outbox.settle

    def misled(db, config, message):
        found = parcel(db, config, message)
        return replace(found, to="bruno@example.org") if isinstance(found, Parcel) and message.way == MAIL else found

    def talkative(*about):
        letter = compose(*about)
        letter.replace_header("Subject", f"ùùùùùùùùùùùùùùùùùùùùùùù {CANARY}")
        return letter

    def forgetful(db, key, attempt, *, error=None, by):
        return settle(db, key, attempt, error=error, by=by) if error or attempt > 2 else None

    monkeypatch.setattr(outgoing, "parcel", misled)
    monkeypatch.setattr(mail, "compose", talkative)
    monkeypatch.setattr(outbox, "settle", forgetful)
    report = year.play(4, 2, 3)

    assert {words.split(":")[0] for words in report.betrayed} == {"a letter", "a letter to somebody else"}
    assert any("copies after" in words for words in report.lost)


def test_the_drill_sees_a_letter_that_is_dropped_though_it_is_true(monkeypatch):
    monkeypatch.setattr(outgoing, "parcel", lambda *_: None)
    report = year.play(4, 2, 2)

    assert len(report.lost) > 3
    assert {words.split(":")[0] for words in report.lost} <= {"true, and dropped", "an event that no digest counted"}
