"""What a difference between two versions is made of, and what its kinds, fields and moves are called."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from core.errors import N_
from engine.differ_names import FIELDS, KINDS
from engine.differ_values import VALUES

ADDED, REMOVED, CHANGED, MOVED = "added", "removed", "changed", "moved"

FOREIGN = N_("«%(name)s» di un altro programma (%(space)s)")
UNKNOWN = N_("«%(field)s» nel file")
# A part that says nothing else, and is told by that it is there.
HERE = N_("c'è")
# Parts that are no place of their own: what is inside them is said of what they belong to.
THROUGH = ("EventDefinition", "LoopCharacteristics", "decisionTable", "Expression")
LONGEST_SPACE = 80
ROW = "rule"
NOWHERE = OUTSIDE, FOREMOST = N_("nessun gruppo"), N_("niente: è al primo posto")
MOVES = {
    ROW: N_("La riga %(was)d è ora la riga %(now)d."),
    "input": N_("Era la colonna %(was)d, ora è la %(now)d."),
    "output": N_("Era la colonna %(was)d, ora è la %(now)d."),
    "": N_("Era al posto %(was)d, ora è al posto %(now)d."),
}
# A key of a form that nobody here knows has this before it.
UNNAMED = "."


@dataclass(frozen=True)
class Detail:
    """One field of an element, before and after; "" where it was not or is no longer. Codes, ids and texts. `name` is
    what the words of the field are filled with, such as a choice; `column` is the one that a cell stands in."""

    field: str
    before: str
    after: str
    name: str = ""
    column: str = ""

    @property
    def words(self) -> str:
        """What the field is called, in Italian, to be filled with `params`."""
        return FOREIGN if "{" in self.field else self._known[0]

    @property
    def within(self) -> tuple[str, ...]:
        """What the parts are called that it stands in, where the field alone would seem to be one of the element; to be
        filled with `params` too."""
        parts = self.field.split(" ")
        foreign = next((number for number, part in enumerate(parts) if "{" in part), None)
        parts = parts[: self._known[1]] if foreign is None else parts[:foreign]
        return tuple(KINDS.get(part) or FIELDS.get(part) or part for part in parts if not part.endswith(THROUGH))

    @property
    def params(self) -> dict[str, str]:
        """Which column, choice or datum is meant; of another program its name and its namespace."""
        spaces = (part[1:].partition("}")[0][:LONGEST_SPACE] for part in self.field.split(" ") if part.startswith("{"))
        field, space = self.field.removeprefix(UNNAMED), ", ".join(dict.fromkeys(spaces)) or "-"
        return {"name": self.name, "column": self.column, "field": field, "space": space}

    @property
    def _known(self) -> tuple[str, int]:
        """The longest end of the field that has a name, and how many parts stand before it."""
        parts = self.field.split(" ")
        ends = ((" ".join(parts[start:]), start) for start in range(len(parts)))
        found = ((FIELDS.get(end) or KINDS.get(end), start) for end, start in ends)
        return next(((words, start) for words, start in found if words), (UNKNOWN, 0))


def value_words(field: str, text: str) -> str:
    """What a word of the file format says in this field, in Italian; "" where it is none."""
    last = "" if "{" in field else field.split(" ")[-1]
    return (VALUES.get(field) or VALUES.get(last) or {}).get(text, "")


@dataclass(frozen=True)
class Place:
    """Where something stands among its like, counted from one, before and after; 0: it was not or is no longer there.

    `is_moved`: it changed places itself, and did not only make room.
    """

    was: int
    now: int
    is_moved: bool = False


@dataclass(frozen=True)
class Change:
    """One element that was added, removed, changed or only moved. `shown` is the drawn element that it belongs to,
    `lang` the language of its name."""

    what: str
    element: str
    shown: str
    kind: str
    name: str
    details: tuple[Detail, ...] = ()
    place: Place | None = None
    lang: str = "it"

    @property
    def words(self) -> str:
        """What sort of element it is, in Italian."""
        return KINDS.get(self.kind, self.kind)

    @property
    def title(self) -> str:
        """What to call a row of a table, which has no name: by its number, to be filled with `numbers`; else ""."""
        if self.kind != ROW or self.place is None:
            return ""
        if not self.place.now:
            return N_("Riga %(was)d")
        shifted = self.place.was and self.place.was != self.place.now and not self.place.is_moved
        return N_("Riga %(now)d (prima era la %(was)d)") if shifted else N_("Riga %(now)d")

    @property
    def move(self) -> str:
        """That it changed places, to be filled with `numbers`; "" if it did not."""
        return MOVES.get(self.kind, MOVES[""]) if self.place and self.place.is_moved else ""

    @property
    def numbers(self) -> dict[str, int]:
        """Where it was and is."""
        return {"was": self.place.was, "now": self.place.now} if self.place else {}


@dataclass(frozen=True)
class Difference:
    """Everything that changed. `moved` counts the elements that only stand elsewhere on the drawing; `notes` are
    sentences about it with their facts."""

    changes: tuple[Change, ...]
    moved: int = 0
    notes: tuple[tuple[str, Mapping[str, Any]], ...] = field(default=())

    def marks(self) -> dict[str, list[str]]:
        """The ids for the drawing; an element of which only a part was added or removed is changed."""
        found: dict[str, list[str]] = {ADDED: [], REMOVED: [], CHANGED: []}
        whole = {each.element for each in self.changes if each.what in (ADDED, REMOVED)}
        for each in self.changes:
            what = each.what if each.element == each.shown else CHANGED
            if each.shown and each.shown not in found[what] and (what != CHANGED or each.shown not in whole):
                found[what].append(each.shown)
        return found
