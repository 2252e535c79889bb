"""What is handed to a way out (`ways.py`)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

# what the ways out are called, in rows of the outbox too
MAIL, PUSH, HOOK, SMS = "mail", "push", "hook", "sms"


@dataclass(frozen=True, slots=True)
class Parcel:
    """What leaves: `key` is the same at every attempt; `to` an address, `words` a text, as far as the way has them.

    `facts` are counts, dates and the path of a page, nothing else (`outbox.check`).
    """

    key: str
    kind: str
    facts: Mapping[str, Any] = field(repr=False)
    to: str = field(default="", repr=False)
    language: str = "it"
    words: str = field(default="", repr=False)
