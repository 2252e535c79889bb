"""Time stamps (RFC 3161): an authority outside says that a day's head was there at a moment.

Off unless the installation names an authority (`APPRODO_TIMESTAMP_URL`). What is asked for is the SHA-256 of the head's
text: nobody outside learns a word of what we do. The whole answer is kept as it came, so that `openssl ts -verify`
checks it without us; `APPRODO_TIMESTAMP_CA` holds the certificates (PEM) of authorities that are believed.
"""

import hashlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from rfc3161_client import (
    HashAlgorithm,
    PKIStatus,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)
from sqlalchemy import DDL, LargeBinary, event, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from core import clock, log, seal
from core.db import Base
from core.errors import N_, BadInput, ConfigError
from core.seal import DayHead, Head
from verify.approdo_verify import head_text

TABLE = "log_stamp"
SKEW = timedelta(minutes=10)  # by which our clock and the authority's may differ


class Stamp(Base):
    """The answer of an authority about the head of so many lines, and the moment that it names."""

    __tablename__ = TABLE
    size: Mapped[int] = mapped_column(seal.Number, primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    answer: Mapped[bytes] = mapped_column(LargeBinary)


class BadStamp(BadInput):
    """An answer that is no time stamp of this head; nothing is kept."""

    sentence = N_("La risposta dell'autorità di marcatura temporale non vale: %(why)s.")


def read_roots(path: Path | None) -> list[x509.Certificate]:
    """The certificates that are believed; none without a file. Raises ConfigError if it cannot be read."""
    if path is None:
        return []
    try:
        return x509.load_pem_x509_certificates(path.read_bytes())
    except (OSError, ValueError):
        raise ConfigError(f"I certificati di APPRODO_TIMESTAMP_CA non si possono leggere: {path}") from None


def missing(db: Session) -> Head | None:
    """The newest head that went outside, if nobody has stamped it yet."""
    size = db.scalar(select(DayHead.size).order_by(DayHead.day.desc()).limit(1))
    if size is None or db.get(Stamp, size) is not None:
        return None
    return db.get_one(Head, size)


def request(text: str) -> tuple[bytes, int]:
    """What is sent to the authority about a head's text, and the nonce that must come back."""
    builder = TimestampRequestBuilder().data(text.encode()).hash_algorithm(HashAlgorithm.SHA256)
    asked = builder.cert_request(cert_request=True).nonce(nonce=True).build()
    return asked.as_bytes(), asked.nonce or 0


def keep(
    db: Session, head: Head, answer: bytes, nonce: int, roots: list[x509.Certificate], *, by: str
) -> Stamp:
    """Keep the answer to a request about this head. Raises BadStamp if it is not one, or nobody believes its signer."""
    read = _read(answer)
    fault = _fault(read, text_of(db, head), head, roots)
    if fault is None and read.tst_info.nonce != nonce:
        fault = N_("non risponde alla nostra domanda")
    if fault is not None:
        raise BadStamp(why=fault)
    row = Stamp(size=head.size, at=read.tst_info.gen_time, answer=answer)
    db.add(row)
    db.flush()
    log.append(db, "seal.stamped", "seal", by=by, size=row.size, stamped_at=row.at)
    return row


def text_of(db: Session, head: Head) -> str:
    """The text of a head, as it was signed."""
    return head_text(seal.name(db), head.size, head.root, clock.iso(head.at))


def faults(db: Session, roots: list[x509.Certificate]) -> Iterator[tuple[int, str]]:
    """Every kept stamp that does not speak of its head: of how many lines, one sentence."""
    for row in db.scalars(select(Stamp).order_by(Stamp.size)):
        head = db.get(Head, row.size)
        if head is None:
            yield row.size, N_("la marca temporale è di una testa che non c'è")
            continue
        try:
            read = _read(row.answer)
        except BadStamp:
            yield row.size, N_("la marca temporale non si può leggere")
            continue
        fault = _fault(read, text_of(db, head), head, roots)
        if fault is None and read.tst_info.gen_time != row.at:
            fault = N_("il momento scritto accanto alla marca temporale non è il suo")
        if fault is not None:
            yield row.size, fault


def _read(answer: bytes) -> TimeStampResponse:
    try:
        read = decode_timestamp_response(answer)
        if PKIStatus(read.status) not in (PKIStatus.GRANTED, PKIStatus.GRANTED_WITH_MODS):
            raise BadStamp(why=N_("l'autorità ha detto di no"))
        _ = read.tst_info
    except ValueError:
        raise BadStamp(why=N_("la risposta non è una marca temporale")) from None
    return read


def _fault(read: TimeStampResponse, text: str, head: Head, roots: list[x509.Certificate]) -> str | None:
    said = read.tst_info
    if said.message_imprint.message != hashlib.sha256(text.encode()).digest():
        return N_("la marca temporale non parla di questa testa")
    if said.gen_time < head.at - SKEW:
        return N_("la marca temporale è di prima della testa")
    if not roots:
        return None
    try:
        VerifierBuilder(roots=list(roots)).build().verify_message(read, text.encode())
    except VerificationError:
        return N_("la marca temporale non è firmata da un'autorità che conosciamo")
    return None


for _dialect in ("sqlite", "postgresql"):
    for _statement in seal.triggers(_dialect, (TABLE,)):
        event.listen(Base.metadata, "after_create", DDL(_statement).execute_if(dialect=_dialect))  # type: ignore[no-untyped-call]
