"""A form that waits for a password: sealed in the page that asks for it, and opened for its writer only.

A phone is passed on: who logs in next must not read what a colleague had typed. Nothing is stored; the page carries it.
"""

import base64
import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import timedelta

import orjson
from cryptography.fernet import Fernet, InvalidToken

from core import clock

LIFE = timedelta(hours=12)
# Where nobody can say whose form it was, because its cookie is gone: long enough for who holds the phone now.
LIFE_OF_UNKNOWN = timedelta(minutes=10)


@dataclass(frozen=True)
class Kept:
    """Where a form goes, and what was typed, field by field; of files only the names of their fields."""

    action: str
    fields: list[tuple[str, str]]
    files: list[str] = field(default_factory=list)

    @property
    def texts(self) -> list[str]:
        """What was written in sentences, to be read again."""
        return [value for _name, value in self.fields if len(value.split()) > 1]


def seal(secret: bytes, kept: Kept, writer: str | None) -> str:
    """The form as text that nobody can read or change; `writer` is the id of who typed it, None if unknown."""
    content = orjson.dumps([writer, kept.action, kept.fields, kept.files])
    return _box(secret).encrypt_at_time(content, _now()).decode()


def unseal(secret: bytes, text: str, reader: str) -> Kept | None:
    """The form again, if this reader wrote it or nobody knows who did a few minutes ago; else None."""
    box = _box(secret)
    try:
        content = box.decrypt_at_time(text.encode(), int(LIFE.total_seconds()), _now())
        writer, action, fields, files = orjson.loads(content)
        if writer is None:
            box.decrypt_at_time(text.encode(), int(LIFE_OF_UNKNOWN.total_seconds()), _now())
    except InvalidToken:
        return None
    return Kept(action, [(name, value) for name, value in fields], files) if writer in (None, reader) else None


def _box(secret: bytes) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(hmac.new(secret, b"kept", hashlib.sha256).digest()))


def _now() -> int:
    return int(clock.now().timestamp())
