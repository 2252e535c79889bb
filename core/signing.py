"""Signing the heads of the sealed log: Ed25519, with a key that lies in a file outside the database.

`seal.key` holds the 32 bytes of the private key. To change it: rename it to `seal.key.old`, start once with a new
`seal.key` (the old key then vouches for the new one), and take the old file away to a safe place.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from core import config
from core.errors import ConfigError
from verify.approdo_verify import fingerprint


@dataclass(frozen=True, repr=False)
class Signer:
    """One key pair; `id` is the fingerprint of its public half."""

    private: Ed25519PrivateKey

    @property
    def public(self) -> bytes:
        """The 32 bytes that everybody may know."""
        return self.private.public_key().public_bytes_raw()

    @property
    def id(self) -> str:
        """By what the key is called."""
        return fingerprint(self.public)

    def sign(self, text: str) -> bytes:
        """The signature of a text."""
        return self.private.sign(text.encode())


_signers: tuple[Signer, ...] = ()


def load_key(folder: Path) -> None:
    """Give this process the key of the seal and, while it is being changed, the old one."""
    global _signers
    suffixes = ("", ".old") if (folder / "seal.key.old").exists() else ("",)
    keys = (config.read_key(folder, "seal", suffix) for suffix in suffixes)
    _signers = tuple(Signer(Ed25519PrivateKey.from_private_bytes(key)) for key in keys)


def current() -> Signer:
    """The key that signs."""
    if not _signers:
        raise ConfigError("La chiave del sigillo non è stata caricata: serve core.vault.load_keys all'avvio.")
    return _signers[0]


def older() -> Signer | None:
    """The key before it, while its file is still there."""
    return _signers[1] if len(_signers) > 1 else None


def is_signed(public: bytes, text: str, signature: bytes) -> bool:
    """Did the owner of this key sign this text?"""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, text.encode())
    except (InvalidSignature, ValueError):
        return False
    return True


def has_push_key(folder: Path) -> bool:
    """Is there a `push.key`, by which push services know the office (`notifications/push.py`)?"""
    return (folder / "push.key").exists()


def push_public(folder: Path) -> str:
    """The public half of `push.key`, as browsers ask for it."""
    point = serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    return _text(_push_key(folder).public_key().public_bytes(*point))


def vapid(folder: Path, claims: Mapping[str, object]) -> tuple[str, str]:
    """A token that says who asks a push service, and the public key that proves it (RFC 8292, JWS with ES256)."""
    parts = ({"typ": "JWT", "alg": "ES256"}, dict(claims))
    signed = ".".join(_text(json.dumps(part, separators=(",", ":")).encode()) for part in parts)
    r, s = decode_dss_signature(_push_key(folder).sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
    return f"{signed}.{_text(r.to_bytes(32) + s.to_bytes(32))}", push_public(folder)


def _push_key(folder: Path) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int.from_bytes(config.read_key(folder, "push")), ec.SECP256R1())


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
