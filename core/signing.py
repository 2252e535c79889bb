"""Signing the heads of the sealed log: Ed25519, with a key that lies in a file outside the database.

`seal.key` holds the 32 bytes of the private key. To change it: rename it to `seal.key.old`, start once with a new
`seal.key` (the old key then vouches for the new one), and take the old file away to a safe place.
"""

from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

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
