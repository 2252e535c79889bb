"""The ways out of the house: mail is the first, and every other one offers the same three things.

A message is a row of the outbox whatever its way: claimed with a lease, sent outside any transaction, settled, tried
again with the same id. A way only says whether the office opened it and hands one parcel to the world.
"""

from typing import Protocol

from core.config import Config
from notifications import hook, mail, push, sms
from notifications.parcel import Parcel


class Way(Protocol):
    """One adapter."""

    name: str

    def is_open(self, config: Config) -> bool:
        """Did the office open this way? All but mail are closed until it does."""

    def send(self, config: Config, parcel: Parcel) -> None:
        """Hand it over; raises OSError if it was not taken."""

    def is_dead(self, problem: OSError) -> str:
        """Why no later try would be better, as the code by which this one address was refused, or "" for any other
        fault."""


WAYS: tuple[Way, ...] = (mail.Mail(), push.Push(), hook.Hook(), sms.Sms())


def open_(config: Config) -> list[Way]:
    """The ways that this office uses."""
    return [way for way in WAYS if way.is_open(config)]


def is_open(config: Config, name: str) -> bool:
    """Does this office use this way?"""
    return any(way.name == name for way in open_(config))
