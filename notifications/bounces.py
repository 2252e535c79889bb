"""Addresses that are dead: refused by the server for good, or named by a report of failed delivery (RFC 3464).

Only what says that this mailbox does not exist or is closed counts (RFC 3463: 5.1.x of the recipient, 5.2.1): a server
that refuses everybody for a day must not silence a whole office.
"""

import mailbox
import re
import smtplib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email.message import Message as Parsed
from pathlib import Path

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, Session, mapped_column

from core import clock, log
from core.db import Base
from core.errors import N_, Refused

DEAD = re.compile(r"5\.(1\.(1|2|3|6|10)|2\.1)(?!\d)")
LARGEST, HEAD, MOST = 128 * 1024, 16 * 1024, 200
# What makes the parser slow: parts in parts (a report has three), and quotes in a quoted parameter (it has none).
DEAR, MOST_DEAR = re.compile(rb"(?i)boundary[*0-9]*\s*=|\\\""), 20


class DeadAddress(Refused):
    """No letter is made for an address that was refused for good."""

    status = 500
    sentence = N_("A questo indirizzo la posta non arriva più.")


class BouncedAddress(Base):
    """The address of one user that is dead; another address of hers is not."""

    __tablename__ = "dead_address"
    user_id: Mapped[str] = mapped_column(Text, primary_key=True)
    mail: Mapped[str] = mapped_column(Text)
    code: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]


def flag(db: Session, user_id: str, address: str, code: str, *, by: str) -> bool:
    """Note that this address is dead; False if that was known."""
    row = db.get(BouncedAddress, user_id)
    if row is not None and row.mail == address:
        return False
    row = row or BouncedAddress(user_id=user_id)
    row.mail, row.code, row.at = address, code, clock.now()
    db.add(row)
    db.flush()
    log.append(db, "address.bounced", f"user:{user_id}", by=by, code=code)
    return True


def unflag(db: Session, user_id: str, *, by: str) -> None:
    """The mailbox is open again: letters go there from now on."""
    row = db.get(BouncedAddress, user_id)
    if row is not None:
        db.delete(row)
        db.flush()
        log.append(db, "address.trusted", f"user:{user_id}", by=by)


def is_flagged(db: Session, user_id: str, address: str) -> bool:
    """Is the present address of this user dead?"""
    row = db.get(BouncedAddress, user_id)
    return row is not None and row.mail == address


def check(db: Session, user_id: str, address: str) -> None:
    """Raise DeadAddress if no letter would arrive there."""
    if is_flagged(db, user_id, address):
        raise DeadAddress


def is_dead(problem: Exception) -> str:
    """The status code by which a server refused the one recipient for good, or "" for any other fault."""
    refused = getattr(problem, "recipients", None) if isinstance(problem, smtplib.SMTPRecipientsRefused) else None
    code, words = next(iter(refused.values())) if refused else (0, b"")
    said = words.decode("ascii", "replace") if isinstance(words, bytes) else str(words)
    found = DEAD.match(said.lstrip("# "))  # RFC 2034: it comes first; further on an address may look like it (5.1.1.7)
    return found[0] if 500 <= code < 600 and found else ""


@dataclass(frozen=True, slots=True)
class Report:
    """A letter that was not delivered: its Message-ID, the status, and to which addresses, in small letters."""

    message_id: str
    code: str
    addresses: frozenset[str]

    def says_dead(self, address: str) -> bool:
        """Does it say that this very mailbox is gone? One that changed since the letter left is another, and a report
        that names none may speak of either.
        """
        return DEAD.fullmatch(self.code) is not None and self.addresses == {address.lower()}

    def names_another(self, address: str) -> bool:
        """Does it say to which mailbox the letter went, and is that another one?"""
        return bool(self.addresses) and address.lower() not in self.addresses


def collect(path: Path) -> Iterator[Report]:
    """Read the reports that have come into a Maildir (or a mailbox file) and take them out, so many at a time.

    What is no report of a failed delivery is left where it is, and hides none behind it; a mailbox that grows is the
    office's to look after.
    """
    if not path.exists():
        return
    box: mailbox.Mailbox[mailbox.Message] = mailbox.Maildir(path, create=False) if path.is_dir() else mailbox.mbox(path)
    box.lock()
    try:
        taken = 0
        keys = list(box.keys())
        for key in keys:
            if taken == MOST:
                break
            raw = _beginning(box, key)
            found = _read(raw) if b"multipart/report" in raw[:HEAD].lower() else []
            if found:
                yield from found
                box.remove(key)
                taken += 1
        box.flush()
    finally:
        box.unlock()
        box.close()


def _read(raw: bytes) -> list[Report]:
    """The reports of a letter; none of one that cannot be read, or not in a moment: whoever writes to us must not stop
    the others, and one long search would stop the whole clock."""
    if len(raw) > LARGEST or len(DEAR.findall(raw)) > MOST_DEAR:
        return []
    try:
        return list(report(mailbox.Message(raw)))
    except Exception:  # noqa: BLE001 - the parser of the standard library raises what it likes
        return []


def _beginning(box: mailbox.Mailbox[mailbox.Message], key: str) -> bytes:
    file = box.get_file(key)
    try:
        return bytes(file.read(LARGEST + 1))
    finally:
        file.close()


def report(letter: Parsed) -> Iterator[Report]:
    """What a delivery report (multipart/report, RFC 3464) says of a letter of ours that failed for good.

    Anybody can write a report: the Message-ID is one that only its reader knows, and an address in it is only compared
    with the one that we have.
    """
    if letter.get_content_type() != "multipart/report" or letter.get_param("report-type") != "delivery-status":
        return
    parts = list(letter.walk())
    of_status = [part for part in parts if part.get_content_type() == "message/delivery-status"]
    text = "\n".join(str(field) for part in of_status for field in part.walk() if not field.is_multipart())
    action = re.search(r"(?im)^Action:[ \t]*failed", text)
    status = re.search(r"(?im)^Status:[ \t]*([45]\.[0-9]{1,3}\.[0-9]{1,3})", text)
    whom = re.findall(r"(?im)^(?:Original|Final)-Recipient:[ \t]*rfc822[ \t]*;[ \t]*<?([^\s<>]+)>?", text)
    whose = [str(part.get("Message-ID")) for part in parts if part is not letter and part.get("Message-ID")]
    whose += [str(part.get_payload()) for part in parts if part.get_content_type() == "text/rfc822-headers"]
    named = re.search(r"<[0-9a-f]{32}@[^<>\s]{1,255}>", "\n".join(whose))
    if action and status and named:
        yield Report(named[0], status[1], frozenset(each.lower() for each in whom))
