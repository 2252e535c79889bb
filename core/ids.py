"""Random names: ids that cannot be guessed, codes that can be read aloud over a bad line."""

import secrets

# Crockford's alphabet has no I, L, O, U; without A and E too, no code spells a word. Without 0 and 1, none is misread.
ALPHABET = "23456789BCDFGHJKMNPQRSTVWXYZ"


def new_id() -> str:
    """128 random bits, 32 hexadecimal digits."""
    return secrets.token_hex(16)


def new_code(prefix: str = "", length: int = 4) -> str:
    """A code such as "UM-7Q2K". It says nothing; whoever stores it makes it unique."""
    drawn = "".join(secrets.choice(ALPHABET) for _ in range(length))
    return f"{prefix}-{drawn}" if prefix else drawn
