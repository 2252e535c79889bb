"""Sealing as the clock does it: every minute the lines that wait, once a day a head outside and to the auditors."""

import os
from datetime import date
from pathlib import Path
from typing import Any

from core import audit, clock, failpoint, log, seal, users
from core.clock import ROME
from core.config import Config
from core.db import transaction
from core.errors import BadInput
from notifications import outbox

HEAD = "head"


def work(config: Config) -> int:
    """Seal whatever waits, then let today's head leave the house; how many heads were signed."""
    signed = 0
    while _seal():
        signed += 1
    publish(config, clock.now().astimezone(ROME).date())
    return signed


def _seal() -> bool:
    with transaction() as db:
        return seal.seal(db, by="clock") is not None


def publish(config: Config, day: date) -> bool:
    """Write the day's head to the file outside and promise it to the auditors; False if nothing is sealed yet.

    The file is read first: a clock that died in between writes the line at its next tick, and never twice.
    """
    with transaction() as db:
        head = seal.of_day(db, day)
        if head is None:
            return False
        record = seal.record(db, head)
        for auditor in users.holders(db, "auditor"):
            outbox.put(db, f"head-{auditor.id}-{day}", auditor.id, HEAD, facts(record), by="clock")
    failpoint.reach("seal.published")
    if config.heads_file is not None:
        _keep(config.heads_file, record)
    return True


def facts(record: dict[str, Any]) -> dict[str, Any]:
    """What a mail says of a head: numbers and hashes only."""
    return {"lines": record["size"], "root": record["root"], "signature": record["signature"], "key": record["key"],
            "log": record["log"], "moment": record["at"]}  # fmt: skip


def _keep(path: Path, record: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    line = log.canonical(record)
    try:
        known = {log.canonical(row) for row in audit.read_heads(path)} if path.exists() else set()
        ends = not path.exists() or path.read_bytes()[-1:] in (b"", b"\n")
    except BadInput:  # half a line of a power cut: the whole line goes below it, and `audit verify` names the rest
        known, ends = set(), False
    if line in known:
        return
    with path.open("a", encoding="utf-8") as file:
        file.write(("" if ends else "\n") + line + "\n")
        file.flush()
        os.fsync(file.fileno())
