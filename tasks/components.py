"""What a form is made of: the form-js JSON of `workflows/forms` as plain, immutable parts.

A published subset of form-js schema version 19. What a component says beyond form-js stands in its `properties`:
`label_en`, `description_en`, `text_en`, `option_en.<value>`; `class` (P1 to P5, P3 if silent); `fact` ("true": the
value goes on to the pathway); `list` (the name of a list of options that the system fills in); `not_future` ("true":
no date after today); `start` ("today" or "now": what an open form begins with, for what the writer does herself and has
just done; never for a date that starts a term of law).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine import feel

CLASSES = ("P0", "P1", "P2", "P3", "P4", "P5")
DEFAULT_CLASS = "P3"
CHOICES = frozenset({"select", "radio", "checklist", "taglist"})
SEVERAL = frozenset({"checklist", "taglist"})
WRITTEN = frozenset({"textfield", "textarea"})
INPUTS = CHOICES | WRITTEN | {"number", "datetime", "checkbox"}
FACTUAL = INPUTS - WRITTEN
STATIC = frozenset({"text", "separator", "spacer", "button"})


@dataclass(frozen=True, slots=True)
class Option:
    """One choice: the code that is stored and the words that are shown."""

    value: str
    label: str
    label_en: str = ""

    def label_in(self, language: str) -> str:
        """The words in this language, or the Italian ones."""
        return (self.label_en if language == "en" else "") or self.label


@dataclass(frozen=True, slots=True)
class Component:
    """One field, or one piece of text, of a form."""

    type: str
    key: str
    label: str = ""
    description: str = ""
    text: str = ""
    subtype: str = ""
    group: str = ""
    options: tuple[Option, ...] = ()
    limits: Mapping[str, Any] = field(default_factory=dict)
    rules: Mapping[str, Any] = field(default_factory=dict)
    hides: tuple[feel.Expression, ...] = ()
    properties: Mapping[str, str] = field(default_factory=dict)
    default: Any = None
    decimals: int | None = None
    step: str = ""
    not_past: bool = False
    locked: bool = False

    @property
    def is_input(self) -> bool:
        """Whether a person writes something here."""
        return self.type in INPUTS

    @property
    def required(self) -> bool:
        """Whether it must be filled in (for a tick: ticked)."""
        return bool(self.rules.get("required"))

    @property
    def cls(self) -> str:
        """The protection class of the answer (domain: P1 operational ... P5 judicial)."""
        return self.properties.get("class", DEFAULT_CLASS)

    @property
    def is_fact(self) -> bool:
        """Whether the pathway itself may know the answer."""
        return self.properties.get("fact") == "true"

    @property
    def list_name(self) -> str:
        """The named list that gives the options; empty if the form lists them itself."""
        return self.properties.get("list", "")

    @property
    def asked(self) -> tuple[str, str]:
        """The list of the case, and the value in it, without which this is not asked; two empty texts: it always is."""
        which, _, value = self.properties.get("asked", "").partition(".")
        return which, value

    @property
    def not_future(self) -> bool:
        """Whether a day after today is refused (what has happened, not what is planned)."""
        return self.properties.get("not_future") == "true"

    @property
    def start(self) -> str:
        """What an open form begins with: "today", "now" or nothing."""
        return self.properties.get("start", "")

    @property
    def folds(self) -> bool:
        """Whether its group stays folded while nothing in it is asked for (`properties.fold` of the group)."""
        return self.properties.get("fold") == "true"

    def label_in(self, language: str) -> str:
        """The label in this language, or the Italian one."""
        return self._in(language, "label_en", self.label)

    def description_in(self, language: str) -> str:
        """The help text in this language, or the Italian one."""
        return self._in(language, "description_en", self.description)

    def text_in(self, language: str) -> str:
        """The text of a presentation component in this language, or the Italian one."""
        return self._in(language, "text_en", self.text)

    def group_in(self, language: str) -> str:
        """The heading of the group this component stands in."""
        return self._in(language, "group_en", self.group)

    def _in(self, language: str, name: str, italian: str) -> str:
        return (self.properties.get(name, "") if language == "en" else "") or italian


@dataclass(frozen=True, slots=True)
class Form:
    """A form as published: its components in order, and the version that a filed sheet will name."""

    name: str
    version: str
    components: tuple[Component, ...]

    @property
    def fields(self) -> tuple[Component, ...]:
        """The components that a person fills in."""
        return tuple(part for part in self.components if part.is_input)
