"""What the judge keeps of an instance: a tree of scopes, works and parts, and what they listen to."""

import re
from collections import Counter
from collections.abc import MutableMapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.engine.sheet import Box, Sheet, Trigger

Facts = MutableMapping[str, Any]


@dataclass(eq=False)
class Alarm:
    """Something that is listened to: by a boundary, by a waiting token or by an event subprocess."""

    box: Box
    trigger: Trigger
    due: datetime | None = None
    base: datetime | None = None
    turn: int = 1
    left: int | None = None  # of a cycle with a number: how often it still fires


@dataclass(eq=False)
class Scope:
    """One performance of a process, of a subprocess or of an event subprocess."""

    sheet: Sheet
    id: str
    facts: Facts
    owner: "Part | Scope | None"
    works: list["Work"] = field(default_factory=list)
    joins: Counter[tuple[str, str]] = field(default_factory=Counter)
    handlers: list["Scope"] = field(default_factory=list)
    alarms: list[Alarm] = field(default_factory=list)
    age: int = 0  # tokens of an earlier age were withdrawn
    dead: bool = False
    deaf: bool = False  # interrupted: its event subprocesses listen no more

    def clear(self) -> None:
        """Everything inside is withdrawn."""
        for inner in (*self.handlers, *(part.inner for work in self.works for part in work.parts if part.inner)):
            inner.kill()
        self.works, self.handlers, self.alarms = [], [], []
        self.joins.clear()
        self.age += 1

    def kill(self) -> None:
        """The scope ends with everything in it."""
        self.clear()
        self.dead = True


@dataclass(eq=False)
class Work:
    """A token at a node that takes time; of an activity that repeats, the wrapper (13.3.6, 13.3.7)."""

    box: Box
    scope: Scope
    alarms: list[Alarm] = field(default_factory=list)
    parts: list["Part"] = field(default_factory=list)
    planned: int = 1
    done: int = 0


@dataclass(eq=False)
class Part:
    """One performance of an activity."""

    work: Work
    facts: Facts
    inner: Scope | None = None
    alarms: list[Alarm] = field(default_factory=list)


Listener = tuple[Alarm, "Work | Part | Scope"]


_UNITS = {"M": "minutes", "H": "hours", "D": "days"}


def moment(text: str, base: datetime, turn: int) -> datetime:
    """When a timer that was set at `base` is due for the `turn`-th time."""
    match = re.fullmatch(r"(?:R\d*/)?PT?(\d+)([MHD])", text)
    if match is None:
        return datetime.fromisoformat(text).astimezone(UTC)
    return base + turn * timedelta(**{_UNITS[match[2]]: int(match[1])})
