"""Addresses that are dead: from a report of failed delivery, or from the server's own words."""

import mailbox
import smtplib
from email import message_from_string
from pathlib import Path
from time import process_time

import pytest

from core.db import transaction
from notifications import bounces

OURS = "<0123456789abcdef0123456789abcdef@agenda.example.org>"
REPORT = f"""From: MAILER-DAEMON@example.org
To: agenda@example.org
Subject: Undelivered Mail
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

It came back.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.org

Final-Recipient: rfc822; anna@example.org
Action: failed
Status: 5.1.1

--b
Content-Type: message/rfc822

Message-ID: {OURS}
Subject: Agenda

x
--b--
"""

# the parser of the standard library raises LookupError
UNREADABLE = REPORT.encode().replace(
    b"Reporting-MTA: dns; mx.example.org\n", b'Content-Type: text/plain; charset="x-none"\nno field: \xe8\nnone \xe8\n'
)

DEAD = bounces.Report(OURS, "5.1.1", frozenset({"anna@example.org"}))


def test_a_report_names_the_letter_that_came_back_and_why():
    assert list(bounces.report(message_from_string(REPORT))) == [DEAD]
    assert DEAD.says_dead("Anna@example.org")
    assert not DEAD.says_dead("anna.new@example.org")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Final-Recipient: rfc822; anna@example.org\n", ""), ("rfc822; anna", "utf-8; anna"),
        ("Final-Recipient: rfc822; anna", "Original-Recipient: rfc822; old@example.org\nFinal-Recipient: rfc822; anna"),
    ],
)  # fmt: skip
def test_a_report_that_does_not_name_the_address_in_use_says_nothing_of_it(old, new):
    [found] = bounces.report(message_from_string(REPORT.replace(old, new)))

    assert (found.message_id, found.says_dead("anna@example.org")) == (OURS, False)


@pytest.mark.parametrize("code", ["5.7.1", "4.4.7", "5.2.2"])
def test_a_letter_that_failed_for_another_reason_is_told_and_says_nothing_of_the_mailbox(code):
    [found] = bounces.report(message_from_string(REPORT.replace("5.1.1", code)))

    assert found.code == code
    assert not found.says_dead("anna@example.org")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Action: failed", "Action: delayed"),
        ("multipart/report", "multipart/mixed"), (OURS, "<somebody-else@example.org>"),
    ],
)  # fmt: skip
def test_what_says_nothing_of_the_mailbox_flags_nobody(old, new):
    assert list(bounces.report(message_from_string(REPORT.replace(old, new)))) == []


@pytest.mark.parametrize("kind", [mailbox.Maildir, mailbox.mbox])
def test_reports_are_taken_out_of_a_mailbox_and_other_mail_stays(tmp_path: Path, kind, monkeypatch):
    monkeypatch.setattr(bounces, "MOST", 1)
    box = kind(str(tmp_path / "back"))
    box.add("From: a@b.it\nSubject: Ferie\n\nsono in ferie\n")
    box.add(UNREADABLE)
    box.add(REPORT)
    box.close()

    assert list(bounces.collect(tmp_path / "back")) == [DEAD]
    assert list(bounces.collect(tmp_path / "back")) == []
    box = kind(str(tmp_path / "back"))
    assert len(box) == 2
    box.close()
    assert list(bounces.collect(tmp_path / "nothing")) == []


REPEATED = {
    "ids without an end": f"Content-Type: text/rfc822-headers\n\n{OURS[:34] * 3500}",
    "parts in parts": "".join(
        f'Content-Type: multipart/mixed; boundary="{number}"\n\n--{number}\n' for number in range(300)
    ) + "a\n" * 50_000,
    "quotes in quotes": 'Content-Type: multipart/mixed; a="' + '\\";' * 39_000,
}  # fmt: skip


@pytest.mark.parametrize("part", REPEATED.values(), ids=REPEATED.keys())
def test_a_report_that_is_made_to_be_read_for_minutes_holds_neither_the_clock_nor_the_next_report(tmp_path: Path, part):
    """Anybody may write to that mailbox, and the clock looks into it every five minutes."""
    box = mailbox.Maildir(str(tmp_path / "back"))
    box.add(REPORT.replace(f"Message-ID: {OURS}\n", "").replace("--b--", f"--b\n{part}\n--b--"))
    box.add(REPORT)
    box.close()
    began = process_time()

    assert list(bounces.collect(tmp_path / "back")) == [DEAD]
    assert process_time() - began < 1


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ((550, b"5.1.1 no such user"), "5.1.1"), ((550, b"no such mailbox"), ""), ((550, b"5.7.1 relay denied"), ""),
        ((451, b"4.1.1 later"), ""), ((550, b"5.2.1 disabled"), "5.2.1"),
        ((550, b"5.1.10 no such\n5.1.10 user"), "5.1.10"), ((550, b"#5.1.1 no such user"), "5.1.1"),
        ((554, b"5.7.1 client host [185.1.1.7] is on a list"), ""), ((550, b"5.1.12 new"), ""),
    ],
)  # fmt: skip
def test_only_a_server_that_says_that_the_mailbox_is_gone_flags_it(answer, code):
    assert bounces.is_dead(smtplib.SMTPRecipientsRefused({"anna@example.org": answer})) == code
    assert bounces.is_dead(OSError("x")) == ""


def test_an_address_is_flagged_once_and_another_one_is_not(database):
    with transaction() as db:
        assert bounces.flag(db, "u1", "a@example.org", "5.1.1", by="clock")
        assert not bounces.flag(db, "u1", "a@example.org", "5.1.1", by="clock")
        with pytest.raises(bounces.DeadAddress):
            bounces.check(db, "u1", "a@example.org")
        bounces.check(db, "u1", "b@example.org")
        bounces.unflag(db, "u1", by="u1")
        bounces.check(db, "u1", "a@example.org")
