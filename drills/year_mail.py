"""The mailboxes of a simulated year: they die at the door or afterwards, reports come late and say too little, people
get new addresses, and whoever looks after the house lets what failed try again.
"""

import mailbox
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random

from sqlalchemy import select

from core import users
from core.db import transaction
from core.users import User
from drills.year_office import STAFF
from notifications import bounces, outbox
from tasks import assignment, mailboxes
from tests.postbox import Postbox

DIES, RETURNS = 0.03, 0.05  # how often a day: a mailbox; a letter for another reason
OTHER_REASONS = ("4.4.7", "5.7.1", "5.2.2")
UNNAMED = 0.3  # of the reports say not of which mailbox they speak
REPORT = """From: MAILER-DAEMON@example.org
Subject: Undelivered Mail
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.org

{whom}Action: failed
Status: {code}

--b
Content-Type: text/rfc822-headers

Message-ID: {letter}
--b--
"""


@dataclass(frozen=True, slots=True)
class Due:
    """A report on its way."""

    on: date
    letter: str
    code: str
    address: str


class Mailboxes:
    """Which of them are dead, and what happens to them in a morning."""

    def __init__(self, random: Random, postbox: Postbox, folder: Path, faults: Counter[str]) -> None:
        self.random, self.postbox, self.folder, self.faults = random, postbox, folder, faults
        self.dead: dict[str, str] = {}  # address: login
        self.moves: dict[str, date] = {}  # login: when she has a new address
        self.due: list[Due] = []
        self.read = self.moved = 0

    def morning(self, day: date, *, calm: bool) -> None:
        """What came of yesterday's letters, who gets a new address today, and whose mailbox dies."""
        self._returns(day, calm=calm)
        for login in [login for login, on in self.moves.items() if calm or on <= day]:
            self._move(login)
        for report in [each for each in self.due if calm or each.on <= day]:
            self._report(report)
        if not calm and self.random.random() < DIES:
            self._die(day)
        self._try_again()

    def silenced(self) -> Iterator[str]:
        """Whoever gets no letters although her mailbox is open."""
        with transaction() as db:
            for user in db.scalars(select(User)):
                if bounces.is_flagged(db, user.id, user.mail) and user.mail not in self.dead:
                    yield f"a mailbox that is open gets no letters: {user.login}"

    def _returns(self, day: date, *, calm: bool) -> None:
        """Letters to a mailbox that died behind the door come back, days later; some others for another reason."""
        for raw in self.postbox.raw[self.read :]:
            heads = dict(re.findall(rb"(?m)^(Message-ID|To):\s*(\S+)", raw))
            letter, address = heads[b"Message-ID"].decode(), heads[b"To"].decode()
            on = day + timedelta(days=self.random.randrange(4))
            if address in self.dead:
                self.due.append(Due(on, letter, "5.1.1", address))
            elif not calm and self.random.random() < RETURNS:
                self.due.append(Due(on, letter, self.random.choice(OTHER_REASONS), address))
        self.read = len(self.postbox.raw)

    def _report(self, report: Due) -> None:
        self.due.remove(report)
        named = self.random.random() > UNNAMED
        self.faults["reports of failed delivery" if named else "reports that name no mailbox"] += 1
        whom = f"Final-Recipient: rfc822; {report.address}\n" if named else ""
        box = mailbox.Maildir(self.folder)
        box.add(REPORT.format(whom=whom, code=report.code, letter=report.letter))
        box.close()

    def _die(self, day: date) -> None:
        login = self.random.choice([login for login, _, _ in STAFF])
        if login in self.moves:
            return
        with transaction() as db:
            user = users.by_login(db, login)
            assert user is not None  # noqa: S101
            self.dead[user.mail] = login
            if self.random.random() < 0.5:
                self.postbox.dead.add(user.mail)
        self.moves[login] = day + timedelta(days=self.random.randrange(1, 7))
        self.faults["mailboxes that died"] += 1

    def _move(self, login: str) -> None:
        del self.moves[login]
        self.moved += 1
        with transaction() as db:
            user = users.by_login(db, login)
            assert user is not None  # noqa: S101
            mailboxes.move(db, assignment.actor_of(db, user), f"{login}.{self.moved}@example.org")

    def _try_again(self) -> None:
        """Whoever looks after the house lets try again what did not arrive, where the mailbox is open."""
        with transaction() as db:
            paola = users.by_login(db, "paola")
            assert paola is not None  # noqa: S101
            for message in outbox.failed(db, 10_000):
                user = users.by_id(db, message.user_id)
                if user is not None and not bounces.is_flagged(db, user.id, user.mail):
                    outbox.again(db, message.key, by=paola.id)
