"""The vault: personal values are sealed with AES-256-GCM under a data key per scope, never stored as text.

A scope is "case:<code>", "contact:<code>", "outing:<code>", "shelter:<code>" or "user:<id>". Its data key lies in
`vault_key`, wrapped by a key-encryption key that lies in a file outside the database: `shelters.key` for shelters,
`cases.key` for the rest. Destroying a data key makes every value of its scope unreadable for ever, also in backups made
before - as long as the wrapped key is destroyed there too, or the key-encryption key is. SQLite overwrites the old
bytes at once (`secure_delete`), PostgreSQL at its next VACUUM.

Format of a sealed value: one byte 1, twelve bytes nonce, ciphertext with its tag; scope and field are authenticated, so
a value moved to another row or column does not open. Format of the key files: see `core.config`.
"""

import hashlib
import hmac
import json
import os
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Text, event, select
from sqlalchemy.orm import Mapped, Session, SessionTransaction, mapped_column

from core import clock, config, log, signing
from core.db import Base, upsert
from core.errors import BadInput, ConfigError, Destroyed, Unreadable

FORMAT = b"\x01"
COMMITMENT = 40  # hexadecimal digits
NONCE = 12
CACHE = "core.vault"
PREFIXES = {
    "case": "cases",
    "contact": "cases",
    "outing": "cases",
    "transfer": "cases",
    "user": "cases",
    "shelter": "shelters",
}


class VaultKey(Base):
    """The wrapped data key of one scope; `wrapped` is empty once it is destroyed."""

    __tablename__ = "vault_key"
    scope: Mapped[str] = mapped_column(Text, primary_key=True)
    kek: Mapped[str] = mapped_column(Text)
    kek_mark: Mapped[str] = mapped_column(Text)
    wrapped: Mapped[bytes | None]
    destroyed_at: Mapped[datetime | None]


@dataclass(frozen=True, repr=False)
class Keys:
    """The keys of the installation: for each name the current one and, while it is being changed, the old one."""

    wrapping: dict[str, tuple[bytes, ...]]
    index: bytes


_keys: Keys | None = None


def load_keys(folder: Path) -> None:
    """Give this process the keys of the installation."""
    global _keys
    wrapping = {name: _current_and_old(folder, name) for name in ("cases", "shelters")}
    _keys = Keys(wrapping, config.read_key(folder, "index"))
    signing.load_key(folder)


def seal(db: Session, scope: str, field: str, text: str) -> bytes:
    """Encrypt a text for one field of one scope; the scope's data key is made at its first use."""
    return seal_bytes(db, scope, field, text.encode(errors="replace"))


def seal_bytes(db: Session, scope: str, field: str, content: bytes) -> bytes:
    """Encrypt what is no text, such as a file."""
    return _encrypt(_data_key(db, scope), scope, field, content)


def open_(db: Session, scope: str, field: str, blob: bytes) -> str:
    """Decrypt what `seal` made for the same scope and field."""
    return open_bytes(db, scope, field, blob).decode()


def open_bytes(db: Session, scope: str, field: str, blob: bytes) -> bytes:
    """Decrypt what `seal_bytes` made for the same scope and field."""
    key = _known_key(db, scope)
    if key is None:
        raise Unreadable
    return _decrypt(key, scope, field, blob)


def commit_to(db: Session, scope: str, place: str, values: Mapping[str, object]) -> dict[str, str]:
    """What a log line may say of values that stay here: by field the HMAC of the value under a salt of its own.

    Nobody can guess a value from it; whoever is shown value and salt can see that it was this one. The salts come from
    the data key of the scope: once that is destroyed, nothing can be told from them any more, and no proof breaks.
    """
    key = _data_key(db, scope)
    return {
        field: hmac.new(
            hmac.new(key, f"commitment|{place}|{field}".encode(), hashlib.sha256).digest(),
            json.dumps(value, sort_keys=True, ensure_ascii=False, default=str).encode(errors="replace"),
            hashlib.sha256,
        ).hexdigest()[:COMMITMENT]
        for field, value in values.items()
    }


def destroy(db: Session, scope: str, *, by: str) -> VaultKey:
    """Destroy the data key of a scope: its values can never be read again, by anyone."""
    _kek_name(scope)
    row = db.get(VaultKey, scope, with_for_update=True) or _new_row(scope)
    if row.destroyed_at is not None:
        raise Destroyed
    row.wrapped, row.destroyed_at = None, clock.now()
    db.add(row)
    db.info.get(CACHE, {}).pop(scope, None)
    log.append(db, "vault_key.destroyed", scope, by=by)
    return row


def is_destroyed(db: Session, scope: str) -> bool:
    """Were the values of this scope made unreadable for ever?"""
    row = db.get(VaultKey, scope)
    return row is not None and row.destroyed_at is not None


def prefetch(db: Session, scopes: Iterable[str]) -> None:
    """Load many data keys at once, for pages that open many scopes."""
    cache = db.info.setdefault(CACHE, {})
    missing = sorted(set(scopes) - set(cache))
    if not missing:
        return
    for row in db.scalars(select(VaultKey).where(VaultKey.scope.in_(missing), VaultKey.destroyed_at.is_(None))):
        cache[row.scope] = _unwrap(row)


def rewrap(db: Session, *, by: str) -> int:
    """Wrap every data key under the current key files; afterwards the `.old` files may be deleted.

    To change a key: rename `cases.key` to `cases.key.old`, write a new `cases.key`, restart, run this.
    """
    changed = 0
    for row in db.scalars(select(VaultKey).where(VaultKey.destroyed_at.is_(None)).with_for_update()):
        current = _loaded().wrapping[row.kek][0]
        if row.kek_mark != _mark(current):
            row.wrapped, row.kek_mark = _wrap(current, row.scope, _unwrap(row)), _mark(current)
            changed += 1
    log.append(db, "vault.rewrapped", "vault", by=by, keys=changed)
    return changed


def blind(kind: str, value: str) -> str:
    """A keyed fingerprint by which an equal value is found again without being stored."""
    return hmac.new(_loaded().index, f"{kind}|{normalise(value)}".encode(), hashlib.sha256).hexdigest()


def device_key(user_id: str, place: str) -> str:
    """The key (64 hexadecimal digits) under which a browser may keep what this user has not saved in this place.

    It is made anew for each page and stored nowhere: without the installation's keys, or the user's login, what the
    browser keeps says nothing.
    """
    return hmac.new(_loaded().index, f"device|{user_id}|{place}".encode(), hashlib.sha256).hexdigest()


def normalise(value: str) -> str:
    """Same letters, same value: without case, accents, punctuation, invisible marks and double spaces."""
    letters = unicodedata.normalize("NFKD", value).casefold()
    kept = (" " if not letter.isalnum() else letter for letter in letters if not _is_mark(letter))
    return " ".join("".join(kept).split())


def _is_mark(letter: str) -> bool:
    return unicodedata.category(letter) in ("Mn", "Me", "Cf")


def _data_key(db: Session, scope: str) -> bytes:
    key = _known_key(db, scope)
    return _make_key(db, scope) if key is None else key


def _known_key(db: Session, scope: str) -> bytes | None:
    _kek_name(scope)
    cache: dict[str, bytes] = db.info.setdefault(CACHE, {})
    if scope not in cache:
        row = db.get(VaultKey, scope)
        if row is None:
            return None
        cache[scope] = _unwrap(row)
    return cache[scope]


def _make_key(db: Session, scope: str) -> bytes:
    """Two transactions may make the key of a new scope at once: the second waits and takes the first one's."""
    kek = _kek_name(scope)
    current = _loaded().wrapping[kek][0]
    wrapped = _wrap(current, scope, AESGCM.generate_key(256))
    values = {"scope": scope, "kek": kek, "kek_mark": _mark(current), "wrapped": wrapped}
    db.execute(upsert(db, VaultKey).values(values).on_conflict_do_nothing())
    key = _known_key(db, scope)
    if key is None:
        raise Unreadable
    return key


def _new_row(scope: str) -> VaultKey:
    kek = _kek_name(scope)
    return VaultKey(scope=scope, kek=kek, kek_mark=_mark(_loaded().wrapping[kek][0]))


def _wrap(kek: bytes, scope: str, key: bytes) -> bytes:
    return _encrypt(kek, scope, "", key)


def _unwrap(row: VaultKey) -> bytes:
    if row.wrapped is None:
        raise Destroyed
    for kek in _loaded().wrapping[row.kek]:
        if _mark(kek) == row.kek_mark:
            return _decrypt(kek, row.scope, "", row.wrapped)
    raise Unreadable


def _kek_name(scope: str) -> str:
    kind, _, name = scope.partition(":")
    if kind not in PREFIXES or not name or "|" in scope:
        raise BadInput
    return PREFIXES[kind]


def _encrypt(key: bytes, scope: str, field: str, content: bytes) -> bytes:
    nonce = os.urandom(NONCE)
    return FORMAT + nonce + AESGCM(key).encrypt(nonce, content, f"{scope}|{field}".encode())


def _decrypt(key: bytes, scope: str, field: str, blob: bytes) -> bytes:
    if blob[:1] != FORMAT:
        raise Unreadable
    try:
        return AESGCM(key).decrypt(blob[1 : 1 + NONCE], blob[1 + NONCE :], f"{scope}|{field}".encode())
    except (InvalidTag, ValueError):
        raise Unreadable from None


def _mark(kek: bytes) -> str:
    """Tells keys apart without telling anything about them."""
    return hmac.new(kek, b"approdo key mark", hashlib.sha256).hexdigest()[:16]


def _loaded() -> Keys:
    if _keys is None:
        raise ConfigError("Le chiavi non sono state caricate: serve core.vault.load_keys all'avvio.")
    return _keys


def _current_and_old(folder: Path, name: str) -> tuple[bytes, ...]:
    old = (config.read_key(folder, name, ".old"),) if (folder / f"{name}.key.old").exists() else ()
    return (config.read_key(folder, name), *old)


@event.listens_for(Session, "after_soft_rollback")
def _forget_keys(db: Session, _undone: SessionTransaction) -> None:
    """A data key made inside an undone savepoint was never stored: sealing with it would lose the value."""
    db.info.pop(CACHE, None)
