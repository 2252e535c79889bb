"""Import receipts: which file of figures was made, by its hash, and what SIRIT or ISTAT answered when it was sent.

A file is sent by hand; the system connects to nobody's database. What is kept here is what proves it afterwards.
"""

import re
from collections.abc import Collection
from datetime import date, datetime

from sqlalchemy import ForeignKey, Text, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from cases import casefile, codes
from core import clock, log
from core.db import Base
from core.errors import N_, InvalidForm, NotYours
from core.ids import new_id

NUMBER = re.compile(r"[\w./-]{1,40}")
STREAM = "statistics"


class Export(Base):
    """One file that left: what it holds, of which period and post (null: all), by which mapping, and its hash."""

    __tablename__ = "statistics_export"
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    sha256: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text)
    format: Mapped[str] = mapped_column(Text)
    post: Mapped[str | None] = mapped_column(ForeignKey("post.code"), index=True)
    first: Mapped[str | None] = mapped_column(Text)
    last: Mapped[str | None] = mapped_column(Text)
    mapping: Mapped[str] = mapped_column(Text)
    made_by: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime]


class Receipt(Base):
    """What the receiver said of a file: its number and day."""

    __tablename__ = "import_receipt"
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    export_id: Mapped[str] = mapped_column(ForeignKey("statistics_export.id"), index=True)
    receiver: Mapped[str] = mapped_column(Text)
    number: Mapped[str] = mapped_column(Text)
    received_on: Mapped[date]
    recorded_by: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime]


def keep(db: Session, export: Export, *, by: str) -> Export:
    """Keep that this file was made; its id, maker and moment are filled in."""
    export.id, export.made_by, export.made_at = new_id(), by, clock.now()
    db.add(export)
    db.flush()
    log.append(
        db, "statistics.exported", STREAM, by=by, export=export.id, subject=export.subject, format=export.format,
        post=export.post, first=export.first, last=export.last, mapping=export.mapping, sha256=export.sha256,
    )  # fmt: skip
    return export


def record(db: Session, export_id: str, receiver: str, number: str, received_on: date, *, by: str) -> Receipt:
    """Write down what the receiver answered to a file. InvalidForm with sentences by field."""
    export = get(db, export_id)
    number, wrong = number.strip(), {}
    if receiver not in codes.codes_of(codes.FIGURE_RECEIVERS):
        wrong["receiver"] = [N_("Scegli chi ha ricevuto il file.")]
    if not NUMBER.fullmatch(number):
        wrong["number"] = [N_("Scrivi il numero della ricevuta: lettere, cifre, punti, barre e trattini.")]
    if wrong:
        raise InvalidForm(wrong)
    casefile.check_not_future("received_on", received_on)
    if received_on < export.made_at.astimezone(clock.ROME).date():
        raise InvalidForm({"received_on": [N_("La ricevuta viene dopo il file.")]})
    receipt = Receipt(id=new_id(), export_id=export_id, receiver=receiver, number=number, received_on=received_on)
    receipt.recorded_by, receipt.recorded_at = by, clock.now()
    db.add(receipt)
    db.flush()
    log.append(
        db, "receipt.recorded", STREAM, by=by, export=export_id, sha256=export.sha256, receiver=receiver,
        number=number, on=received_on,
    )  # fmt: skip
    return receipt


def get(db: Session, export_id: str) -> Export:
    """The file with this id."""
    found = db.get(Export, export_id)
    if found is None:
        raise NotYours
    return found


def list_(db: Session, posts: Collection[str], *, of_all: bool, limit: int = 20) -> list[Export]:
    """The files of these posts, and those of all posts together if `of_all`; the newest first."""
    mine = Export.post.in_(posts)
    query = select(Export).where(or_(mine, Export.post.is_(None)) if of_all else mine)
    return list(db.scalars(query.order_by(Export.made_at.desc(), Export.id).limit(limit)))


def of(db: Session, export_id: str) -> list[Receipt]:
    """The receipts of a file, the first one first."""
    query = select(Receipt).where(Receipt.export_id == export_id)
    return list(db.scalars(query.order_by(Receipt.received_on, Receipt.recorded_at)))
