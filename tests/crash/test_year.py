"""The drill of a year, its first days: nothing lost, nothing doubled but under one Message-ID, nobody betrayed."""

import pytest

from drills import year, year_mail, year_office
from drills.year_office import CANARY
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
        "a letter", "an event at the hook", "a line of a process",
    ]  # fmt: skip


def test_the_drill_sees_a_letter_that_is_dropped_though_it_is_true(monkeypatch):
    monkeypatch.setattr(outgoing, "parcel", lambda *_: None)
    report = year.play(4, 2, 2)

    assert len(report.lost) > 3
    assert {words.split(":")[0] for words in report.lost} <= {"true, and dropped", "an event that no digest counted"}
