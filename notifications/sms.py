"""SMS to a person, through the gateway that the office named: off until APPRODO_SMS_URL says where.

The words are those that the person agreed to (the cover text) and nothing else; who may send them, and when, stands in
`tasks/texting.py`. APPRODO_SMS_BODY is what the gateway wants, JSON or a form, with {to} and {text} in it;
APPRODO_SMS_AUTH its Authorization header.
"""

import hashlib
import json
from urllib.parse import quote_plus

from core.config import Config
from notifications import post
from notifications.parcel import SMS, Parcel

UNCLEAR = "no answer"
BEHIND = (502, 504)  # a gateway before the gateway, which heard no answer (RFC 9110, 15.6)


class Sms:
    """The adapter."""

    name = SMS

    def is_open(self, config: Config) -> bool:
        """Is there a gateway?"""
        return bool(config.sms_url)

    def send(self, config: Config, parcel: Parcel) -> None:
        """One text; a gateway that knows the header takes the same one only once."""
        kind, body = fill(config.sms_body, parcel.to, parcel.words)
        once = hashlib.sha256(f"sms|{parcel.key}".encode()).hexdigest()[:32]
        headers = {"Content-Type": kind, "User-Agent": "agenda", "Idempotency-Key": once}
        if config.sms_auth:
            headers["Authorization"] = config.sms_auth
        post.send(config.sms_url or "", body, headers)

    def is_dead(self, problem: OSError) -> str:
        """What a gateway may have taken is not tried again, and the worker is told: a telephone that rings twice is
        seen."""
        unclear = isinstance(problem, post.Unanswered) or getattr(problem, "smtp_code", 0) in BEHIND
        return UNCLEAR if unclear else ""


def fill(template: str, to: str, words: str) -> tuple[str, bytes]:
    """The media type and the body that the gateway wants; what is put in can never become a part of its grammar."""
    if template.lstrip().startswith(("{", "[")):
        wanted = json.loads(template)
        return "application/json", json.dumps(_put(wanted, to, words), ensure_ascii=False).encode()
    filled = template.replace("{to}", quote_plus(to)).replace("{text}", quote_plus(words))
    return "application/x-www-form-urlencoded", filled.encode()


def _put(part: object, to: str, words: str) -> object:
    if isinstance(part, dict):
        return {name: _put(each, to, words) for name, each in part.items()}
    if isinstance(part, list):
        return [_put(each, to, words) for each in part]
    whole = {"{to}": to, "{text}": words}
    return whole.get(part, part) if isinstance(part, str) else part
