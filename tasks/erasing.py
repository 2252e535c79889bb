"""What was erased stays erased: a list outside the database, and the same erasure again after an old copy came back.

The list lies beside the keys, not with the data: a restored backup does not bring an older one. A line holds the
subject, the rule and the day it was counted from, so that who has come back since is not touched (threats A74).
"""

import os
from pathlib import Path

from sqlalchemy import select

from cases import erasures
from cases.retention import Retention
from core.config import Config
from core.db import transaction
from core.errors import WrongOrder

LIST = "erased"
Line = tuple[str, str, str]


def work(config: Config) -> int:
    """Write down what was erased, and erase again what the list knows and the database does not; how many again."""
    path = config.keys / LIST
    known = _read(path)
    with transaction() as db:
        rows = db.scalars(select(Retention).where(Retention.status.in_(("done", "running")))).all()
        done = {_line(row) for row in rows if row.status == "done"}
        back = [row.id for row in rows if row.status == "running" and _line(row) in known]
    _write(path, sorted(done - known))
    return sum(_again(id_) for id_ in back)


def _again(retention_id: str) -> int:
    with transaction() as db:
        try:
            erasures.erase(db, db.get_one(Retention, retention_id), by="clock")
        except WrongOrder:  # a hold stands in the copy: people have to look
            return 0
    return 1


def _line(row: Retention) -> Line:
    return row.scope, row.rule, str(row.counted_from)


def _read(path: Path) -> set[Line]:
    if not path.exists():
        return set()
    found = (line.split(" ") for line in path.read_text("ascii").splitlines())
    return {(scope, rule, day) for scope, rule, day in (each for each in found if len(each) == 3)}


def _write(path: Path, lines: list[Line]) -> None:
    if not lines:
        return
    with path.open("a", encoding="ascii") as file:
        file.writelines(" ".join(line) + "\n" for line in lines)
        file.flush()
        os.fsync(file.fileno())
