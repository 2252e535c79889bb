"""Previews: a file that somebody brought, as pictures to look at. The file itself never enters a page of ours.

It is drawn by `cases/drawing.py` in a process of its own, anew for every look; nothing is kept. What cannot be drawn
within the limits can still be saved.
"""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from threading import BoundedSemaphore

from sqlalchemy.orm import Session

from cases import files
from cases.access import Actor
from cases.casefile import Case
from cases.files import File

WORKER = Path(__file__).with_name("drawing.py")
PATIENCE = 10  # seconds, with the start of the process
AT_ONCE = 2
_free = BoundedSemaphore(AT_ONCE)


@dataclass(frozen=True, slots=True)
class Preview:
    """The first pages as PNG or JPEG, and how many pages there are; no pictures if it could not be drawn."""

    pictures: list[bytes]
    pages: int


def look(db: Session, actor: Actor, case: Case, file_id: str) -> tuple[File, Preview]:
    """A file as pictures, for who may read its class; the look is written down like any reading."""
    file, content = files.read(db, actor, case, file_id, what="file_preview")
    return file, draw(content, file.kind)


def draw(content: bytes, kind: str) -> Preview:
    """The pictures of a file; none if it is broken, locked, too large, or takes too long."""
    with _free:
        return _read(_worker(kind.encode() + b"\n" + content))


def _worker(sent: bytes) -> bytes:
    # isolated, with an empty environment, in the root folder: it finds nothing of ours
    command = [sys.executable, "-I", str(WORKER)]
    try:
        done = subprocess.run(  # noqa: S603 - our own file, nothing of what was sent is part of the command
            command, input=sent, capture_output=True, timeout=PATIENCE, env={}, cwd="/", check=False
        )
    except subprocess.TimeoutExpired:
        return b""
    return done.stdout if done.returncode == 0 else b""


def _read(out: bytes) -> Preview:
    pictures, place = [], 4
    while place + 4 <= len(out):
        size = int.from_bytes(out[place : place + 4], "big")
        pictures.append(out[place + 4 : place + 4 + size])
        place += 4 + size
    return Preview(pictures, int.from_bytes(out[:4], "big"))
