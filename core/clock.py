"""The only clock. Tests stop and move it; nothing else reads the time of the machine."""

import os
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

ROME = ZoneInfo("Europe/Rome")

# Drills run the whole system some days ahead; production leaves the variable unset.
_offset = timedelta(seconds=float(os.environ.get("APPRODO_CLOCK_OFFSET") or 0))
_frozen: datetime | None = None


def now() -> datetime:
    """This instant, aware, in UTC."""
    return (_frozen or machine()) + _offset


def machine() -> datetime:
    """What the clock of this machine shows, whatever a test or a drill has made of `now`."""
    return datetime.now(UTC)


def today() -> date:
    """The civil date in Rome, on which terms of law are counted."""
    return now().astimezone(ROME).date()


def iso(at: datetime) -> str:
    """An instant as text that sorts like the instants: UTC, microseconds, 27 characters."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def freeze(at: datetime) -> None:
    """Stop the clock at an aware instant."""
    global _frozen, _offset
    if at.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    _frozen, _offset = at.astimezone(UTC), timedelta()


def move(span: timedelta) -> None:
    """Move the clock, stopped or running, by a span."""
    global _offset
    _offset += span


def thaw() -> None:
    """Back to the time of the machine."""
    global _frozen, _offset
    _frozen, _offset = None, timedelta()
