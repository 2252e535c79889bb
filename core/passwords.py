"""Passwords: which ones are accepted and how they are kept (argon2id; ASVS 5.0 chapter V6). Pure, knows no table."""

import re
import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from core.errors import N_, InvalidForm

SHORTEST, LONGEST = 14, 128
# The openings of the lists that guessing programs try first, and what stands beside them on the keyboard.
COMMON = (
    "password", "passw0rd", "parola", "segreta", "qwerty", "qwertz", "azerty", "asdfgh", "zxcvbn", "1q2w3e", "letmein",
    "welcome", "benvenut", "iloveyou", "tiamo", "admin", "amministra", "juventus", "andrea", "francesco", "giuseppe",
    "123456", "654321", "987654", "012345", "abcdef", "changeme", "cambiami", "antitratta", "numeroverde",
)  # fmt: skip
OWN_NAME = "approdo"
_memory_kib = 65536


def configure(memory_kib: int) -> None:
    """Set how much memory one check costs (argon2id, three passes; RFC 9106 section 4 asks for 64 MiB)."""
    global _memory_kib
    _memory_kib = memory_kib


def normalise(password: str) -> str:
    """Unicode-equal passwords are the same password (NIST SP 800-63B section 5.1.1.2)."""
    return unicodedata.normalize("NFKC", password.encode(errors="replace").decode())


def check_new(password: str, *about: str) -> str:
    """The password in normal form, or InvalidForm; `about` are names of its owner, which it may not contain."""
    faults = _faults(password, about)
    if faults:
        raise InvalidForm({"password": faults})
    return normalise(password)


def _faults(password: str, about: tuple[str, ...]) -> list[str]:
    if is_too_long(password):
        return [N_("La password può avere al massimo 128 caratteri.")]
    plain = normalise(password).casefold()
    words = [word for text in about for word in re.split(r"[\W_]+", normalise(text).casefold()) if len(word) >= 3]
    faults = []
    if len(normalise(password)) < SHORTEST:
        faults.append(N_("La password deve avere almeno 14 caratteri."))
    if any(word in plain for word in (OWN_NAME, *words)):
        faults.append(N_("La password non può contenere il tuo nome, il nome utente o il nome del sito."))
    if any(word in plain for word in COMMON) or len(set(plain)) < 6:
        faults.append(N_("La password è troppo comune o ripetitiva: scegli per esempio quattro parole a caso."))
    return faults


def is_too_long(password: str) -> bool:
    """Refused before any hashing: a megabyte of password must cost nothing."""
    return len(password) > LONGEST or len(normalise(password)) > LONGEST


def hash_(password: str) -> str:
    """The argon2id hash of a password, with its salt and parameters."""
    return _hasher(_memory_kib).hash(normalise(password))


def matches(kept: str | None, password: str) -> bool:
    """Whether the password is the kept one; takes the same time when none is kept."""
    if is_too_long(password):
        return False
    try:
        _hasher(_memory_kib).verify(kept or _dummy(_memory_kib), normalise(password))
    except (VerificationError, InvalidHashError):
        return False
    return kept is not None


def is_outdated(kept: str) -> bool:
    """Whether the hash was made with other parameters than those of today."""
    return _hasher(_memory_kib).check_needs_rehash(kept)


@cache
def _hasher(memory_kib: int) -> PasswordHasher:
    return PasswordHasher(time_cost=3, memory_cost=memory_kib, parallelism=1)


@cache
def _dummy(memory_kib: int) -> str:
    return _hasher(memory_kib).hash("nobody has this password")
