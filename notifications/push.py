"""Web push without content (RFC 8030): it wakes a browser, whose own words say that there is something to read.

Off until the office has a `push.key` and a reader turned it on for a device of hers. Nothing is in the message: no
text, no number, no key to open one. The push service learns that this device has something from this office, and when;
the page on which it is turned on says so. The office proves who it is with a signed token (VAPID, RFC 8292).
"""

import re
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from sqlalchemy import Text, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from core import clock, log, signing
from core.config import Config
from core.db import Base
from core.errors import N_, Refused
from core.ids import new_id
from notifications import post
from notifications.parcel import PUSH, Parcel

# The services of Chromium, Firefox, Edge and Safari; an address elsewhere would let a browser send us anywhere.
SERVICES = ("fcm.googleapis.com", "push.services.mozilla.com", "notify.windows.com", "push.apple.com")
STAYS = timedelta(hours=12)  # how long the service keeps it for a device that is switched off
TOKEN_HOLDS = timedelta(hours=12)
MOST_DEVICES = 10
PLAIN = re.compile(r"[!-~]{1,1000}")  # what no request can carry would be tried for three days


class BadDevice(Refused):
    """This address belongs to no push service that is known, or there are too many devices."""

    status = 422
    sentence = N_("Questo dispositivo non si può aggiungere: il suo servizio di avvisi non è tra quelli previsti.")


class Device(Base):
    """One browser that may be woken; `endpoint` is where its push service listens."""

    __tablename__ = "push_device"
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    user_id: Mapped[str] = mapped_column(Text, index=True)
    endpoint: Mapped[str] = mapped_column(Text, unique=True)
    made_at: Mapped[datetime]


class Push:
    """The adapter."""

    name = PUSH

    def is_open(self, config: Config) -> bool:
        """Has the office a key for it?"""
        return signing.has_push_key(config.keys)

    def send(self, config: Config, parcel: Parcel) -> None:
        """Wake one device."""
        there = urlsplit(parcel.to)
        until = int((clock.now() + TOKEN_HOLDS).timestamp())
        claims = {"aud": f"{there.scheme}://{there.netloc}", "exp": until, "sub": f"mailto:{config.sender}"}
        token, public = signing.vapid(config.keys, claims)
        headers = {
            "Authorization": f"vapid t={token}, k={public}", "TTL": str(int(STAYS.total_seconds())),
            "Urgency": "high", "Content-Length": "0",
        }  # fmt: skip
        post.send(parcel.to, b"", headers)

    def is_dead(self, problem: OSError) -> str:
        """404 and 410: this device has gone (RFC 8030, 7.3)."""
        gone = isinstance(problem, post.NotTaken) and problem.smtp_code in (404, 410)
        return str(getattr(problem, "smtp_code", "")) if gone else ""


def add(db: Session, config: Config, user_id: str, endpoint: str, *, by: str) -> Device:
    """Let a device be woken; the same address again is the same device, of whoever turned it on last."""
    if not is_service(config, endpoint):
        raise BadDevice
    db.execute(delete(Device).where(Device.endpoint == endpoint))
    if len(devices(db, user_id)) >= MOST_DEVICES:
        raise BadDevice
    made = Device(id=new_id(), user_id=user_id, endpoint=endpoint, made_at=clock.now())
    db.add(made)
    db.flush()
    log.append(db, "device.added", f"user:{user_id}", by=by, device=made.id)
    return made


def remove(db: Session, user_id: str, device_id: str, *, by: str) -> None:
    """It is woken no more."""
    device = db.get(Device, device_id)
    if device is not None and device.user_id == user_id:
        db.delete(device)
        db.flush()
        log.append(db, "device.removed", f"user:{user_id}", by=by, device=device_id)


def devices(db: Session, user_id: str) -> list[Device]:
    """The devices of one reader, the oldest first."""
    mine = select(Device).where(Device.user_id == user_id)
    return list(db.scalars(mine.order_by(Device.made_at, Device.id)))


def is_service(config: Config, endpoint: str) -> bool:
    """Is this https, at a push service that is known or that the office named?"""
    try:
        there = urlsplit(endpoint if PLAIN.fullmatch(endpoint) else "")
        host, port = there.hostname or "", there.port
    except ValueError:  # no address at all, or a port that there is not
        return False
    named = (*SERVICES, *config.push_hosts)
    known = any(host == each or host.endswith(f".{each}") for each in named)
    return there.scheme == "https" and port != 0 and "@" not in there.netloc and known
