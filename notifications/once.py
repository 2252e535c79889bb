"""Promising a thing once: the second insert with the same key does nothing, whoever of two clocks comes first."""

from typing import Any

from sqlalchemy import literal
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from core.db import Base


def insert_once(db: Session, table: type[Base], row: dict[str, Any]) -> bool:
    """Insert a row; False, and nothing changed, if its key is there already (also by a transaction still open)."""
    dialect: Any = postgresql if db.get_bind().dialect.name == "postgresql" else sqlite
    insert = dialect.insert(table.__table__).values(row).on_conflict_do_nothing()
    return db.scalar(insert.returning(literal(True))) is not None
