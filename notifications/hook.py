"""The hook for a message queue: each reminder as an event without content, signed, to one address of the office.

Off until APPRODO_HOOK_URL says where. The body is JSON: an id that stays the same at every attempt, the kind of letter
that leaves, the instant, and the counts and dates that the letter itself may carry. It is signed as the convention
"Standard Webhooks" says (webhook-id, webhook-timestamp, webhook-signature), so that ready-made receivers check it:
they want a secret that begins with whsec_, or the base64 of any other. Whoever runs a queue puts it there. Nobody is
named: neither whom it is about nor who reads it.
"""

import base64
import hashlib
import hmac

import orjson

from core import clock
from core.config import Config, secret_bytes
from notifications import outbox, post
from notifications.parcel import HOOK, Parcel


class Hook:
    """The adapter."""

    name = HOOK

    def is_open(self, config: Config) -> bool:
        """Is there an address?"""
        return bool(config.hook_url)

    def send(self, config: Config, parcel: Parcel) -> None:
        """One signed event."""
        outbox.check(parcel.facts)
        now = clock.now()
        body = orjson.dumps(
            {"id": event_id(parcel.key), "kind": parcel.kind, "at": clock.iso(now), "facts": dict(parcel.facts)}
        )
        stamp = str(int(now.timestamp()))
        post.send(
            config.hook_url or "",
            body,
            {
                "Content-Type": "application/json",
                "User-Agent": "agenda",
                "webhook-id": event_id(parcel.key),
                "webhook-timestamp": stamp,
                "webhook-signature": signature(config.hook_secret or "", event_id(parcel.key), stamp, body),
            },
        )

    def is_dead(self, problem: OSError) -> str:
        """The one address is the office's own: it is tried again."""
        return ""


def event_id(key: str) -> str:
    """The id of an event: a digest of its key, which names a user."""
    return hashlib.sha256(f"hook|{key}".encode()).hexdigest()[:32]


def signature(secret: str, event: str, stamp: str, body: bytes) -> str:
    """What the receiver computes too: HMAC-SHA-256 over id, time and body."""
    mac = hmac.new(secret_bytes(secret), f"{event}.{stamp}.".encode() + body, hashlib.sha256)
    return f"v1,{base64.b64encode(mac.digest()).decode()}"
