"""Sheets (schede): the answers to forms, kept for ever in versions, sealed by field class.

Most forms (F01-F22) need no other table. P0 and P1 answers that are choices, dates or numbers stay readable for lists
and filters; everything else, and every free text whatever its class, is sealed under the key of its case or contact.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import orjson
from sqlalchemy import Executable, ForeignKey, Text, UniqueConstraint, bindparam, delete, func, insert, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from cases import transfers
from cases.casefile import Case
from core import clock, log, vault
from core.db import Base
from core.errors import BadInput
from core.ids import new_id

CLASSES = ("P0", "P1", "P2", "P3", "P4", "P5")
READABLE = frozenset({"P0", "P1"})
# What a choice, a date, a date-time or a code of ours looks like. Words and numbers that a person wrote do not.
CODE = re.compile(
    r"[a-z][a-z0-9_]{0,39}|\d{1,2}(-\d{1,2}|\+)?|[A-Z]{1,3}(-[2-9A-Z]{2,8})?"
    r"|\d{4}-\d{2}-\d{2}(T[\d:.]+(Z|[+-]\d\d:\d\d))?"
)


class Sheet(Base):
    """One filed form. A correction is a new version; the old one stays."""

    __tablename__ = "sheet"
    __table_args__ = (UniqueConstraint("scope", "form", "version"),)
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    scope: Mapped[str] = mapped_column(Text, index=True)
    form: Mapped[str] = mapped_column(Text)
    version: Mapped[int]
    schema_version: Mapped[str] = mapped_column(Text)
    filed_by: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
    public: Mapped[dict[str, Any]]

    @property
    def code(self) -> str:
        """The code of the case or contact it belongs to."""
        return self.scope.partition(":")[2]


class SheetPart(Base):
    """The answers of one class of one sheet, sealed together."""

    __tablename__ = "sheet_part"
    sheet_id: Mapped[str] = mapped_column(ForeignKey("sheet.id"), primary_key=True)
    cls: Mapped[str] = mapped_column(Text, primary_key=True)
    sealed: Mapped[bytes]


def _filing() -> Executable:
    """The statement that files a sheet under its next version, made once."""
    given = [name for name in Sheet.__mapper__.columns.keys() if name != "version"]  # noqa: SIM118
    row: dict[str, Any] = {name: bindparam(name) for name in given}
    newest = select(func.coalesce(func.max(Sheet.version), 0) + 1)
    newest = newest.where(Sheet.scope == row["scope"], Sheet.form == row["form"])
    filed = insert(Sheet).values(**row, version=newest.scalar_subquery()).returning(Sheet)
    return select(Sheet).from_statement(filed)


_FILE = _filing()


def file(
    db: Session,
    code: str,
    form: str,
    answers: Mapping[str, Mapping[str, Any]],
    *,
    schema_version: str = "1",
    by: str,
) -> Sheet:
    """File the answers of a form, given by class ("P1" ... "P5"), for a case or a contact."""
    if not set(answers) <= set(CLASSES):
        raise BadInput
    scope = scope_of(db, code)
    public: dict[str, Any] = {}
    closed: dict[str, dict[str, Any]] = {}
    for cls, fields in answers.items():
        public |= {name: _plain(value) for name, value in fields.items() if _is_readable(cls, value)}
        closed[cls] = {name: value for name, value in fields.items() if not _is_readable(cls, value)}
    row = {
        "id": new_id(),
        "scope": scope,
        "form": form,
        "schema_version": schema_version,
        "filed_by": by,
        "at": clock.now(),
        "public": public,
    }
    sheet: Sheet = db.scalars(_FILE, row).one()
    _seal_parts(db, sheet, closed)
    # Choices and dates alone stand in the row as anybody of the case reads them: no key is fetched for them.
    said = {name: _plain(value) for fields in answers.values() for name, value in fields.items()}
    sealed = any(closed.values())
    log.append(
        db, "sheet.filed", scope, by=by, case=_case_of(scope), form=form, version=sheet.version, sheet=sheet.id,
        commitments=vault.commit_to(db, scope, f"sheet.{form}", said) if sealed else {},
    )  # fmt: skip
    return sheet


def latest(db: Session, code: str, form: str) -> Sheet | None:
    """The newest version of a form of a case or contact."""
    query = select(Sheet).where(Sheet.scope == scope_of(db, code), Sheet.form == form)
    return db.scalar(query.order_by(Sheet.version.desc()).limit(1))


def list_(db: Session, code: str, form: str | None = None) -> list[Sheet]:
    """The sheets of a case or contact, newest first; only what is readable by everyone who may know the case."""
    query = select(Sheet).where(Sheet.scope == scope_of(db, code)).order_by(Sheet.at.desc(), Sheet.version.desc())
    return list(db.scalars(query if form is None else query.where(Sheet.form == form)))


def forget(db: Session, scope: str, cls: str) -> None:
    """The sealed answers of one class go, in every sheet of a case or contact; choices and dates stay."""
    of_it = select(Sheet.id).where(Sheet.scope == scope)
    db.execute(delete(SheetPart).where(SheetPart.sheet_id.in_(of_it), SheetPart.cls == cls))


def unseal(db: Session, sheets: Sequence[Sheet], classes: Collection[str]) -> dict[str, dict[str, dict[str, Any]]]:
    """The sealed answers by sheet id and class. People go through `access.read_sheets`, which checks and logs."""
    scopes = {sheet.id: sheet.scope for sheet in sheets}
    vault.prefetch(db, scopes.values())
    query = select(SheetPart).where(SheetPart.sheet_id.in_(scopes), SheetPart.cls.in_(classes))
    found: dict[str, dict[str, dict[str, Any]]] = {sheet_id: {} for sheet_id in scopes}
    for part in db.scalars(query.order_by(SheetPart.cls)):
        text = vault.open_(db, scopes[part.sheet_id], _field(part.sheet_id, part.cls), part.sealed)
        found[part.sheet_id][part.cls] = orjson.loads(text)
    return found


def answers(sheet: Sheet, parts: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Everything that a sheet says, its readable answers and these opened ones, by field."""
    return {**sheet.public, **{name: value for part in parts.values() for name, value in part.items()}}


def _seal_parts(db: Session, sheet: Sheet, closed: Mapping[str, Mapping[str, Any]]) -> None:
    for cls, fields in closed.items():
        if fields:
            text = orjson.dumps({name: _plain(value) for name, value in fields.items()}).decode()
            sealed = vault.seal(db, sheet.scope, _field(sheet.id, cls), text)
            db.add(SheetPart(sheet_id=sheet.id, cls=cls, sealed=sealed))
    db.flush()


def _is_readable(cls: str, value: Any) -> bool:
    if cls not in READABLE:
        return False
    if isinstance(value, str):
        return CODE.fullmatch(value) is not None
    if isinstance(value, list | tuple):
        return all(_is_readable(cls, item) for item in value)
    return value is None or isinstance(value, bool | int | float | date)


def _plain(value: Any) -> Any:
    """Dates as ISO text: JSON columns and sealed parts hold the same."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


def scope_of(db: Session, code: str) -> str:
    """The vault scope of the case, contact or transfer with this code."""
    if code.startswith(f"{transfers.PREFIX}-"):
        return transfers.scope_of(code)
    return f"case:{code}" if db.get(Case, code) is not None else f"contact:{code}"


def _case_of(scope: str) -> str | None:
    kind, _, code = scope.partition(":")
    return code if kind == "case" else None


def _field(sheet_id: str, cls: str) -> str:
    return f"sheet.{sheet_id}.{cls}"
