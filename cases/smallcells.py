"""Small cells: which counts of a table may be given out, so that no hidden one can be worked out from the rest.

A count of 1 to 4 is hidden; 0 is said. Parts of a whole are hidden together or not at all: where something is hidden,
at least two parts are, their sum is neither small nor the smallest or largest that it could be, so that the whole
less what is shown pins none of them. Beside that, one post that knows its own numbers must not find a small rest in
those of all posts: a count is hidden too where all but one post together have 1 to 4. Two posts that put their numbers
together are beyond this rule. Certainty C: the threshold is that of the project's proposal (k = 5).
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

THRESHOLD = 5


@dataclass(eq=False)
class Cell:
    """A count with what it is made of: by post, and in parts by one or more dimensions; each makes up the whole.

    Parts in an open dimension (citizenship, province) are only those that occur: hidden ones are given out together,
    without saying which they are; in a closed one every code of the list is a part.
    """

    key: str
    by: Counter[str] = field(default_factory=Counter)
    parts: dict[str, list["Cell"]] = field(default_factory=dict)
    shown: bool = False

    @property
    def total(self) -> int:
        """How many, in all posts."""
        return self.by.total()


def is_safe(by: Counter[str]) -> bool:
    """May this count be given out, as far as it alone is concerned?"""
    total = by.total()
    rests = [total, *(total - own for own in by.values())]
    return not any(0 < rest < THRESHOLD for rest in rests)


def guard(cell: Cell) -> Cell:
    """Decide of a count and of all its parts whether they are shown."""
    cell.shown = is_safe(cell.by)
    if cell.shown:
        for parts in cell.parts.values():
            _guard_parts(parts, cell.total)
    return cell


def _guard_parts(parts: list[Cell], total: int) -> None:
    # As many as there are parts, none of them large: else that all are hidden would say that each of them is one.
    none_large = total == len(parts) > 1 and not any(part.total and is_safe(part.by) for part in parts)
    hidden = [part for part in parts if none_large or not is_safe(part.by)]
    rest = [part for part in parts if part not in hidden]
    while hidden and rest and not _is_enough(hidden):
        hidden += _next(rest)
        rest = [part for part in parts if part not in hidden]
    for part in parts:
        part.shown = part not in hidden
        if part.shown:
            for finer in part.parts.values():
                _guard_parts(finer, part.total)


def _next(rest: Sequence[Cell]) -> list[Cell]:
    """What is hidden next: the smallest but zero, all that are equal, for the choice among them would tell."""
    size = min((part.total for part in rest if part.total), default=0)
    return [part for part in rest if part.total == size]


def _is_enough(hidden: Sequence[Cell]) -> bool:
    """Can the sum of the hidden parts, which anybody can work out, be said without telling one of them?"""
    rest = _sum(hidden)
    if len(hidden) < 2 or not rest.total() or not is_safe(rest):
        return False
    all_small = all(0 < part.total < THRESHOLD for part in hidden)
    return not all_small or len(hidden) < rest.total() < (THRESHOLD - 1) * len(hidden)


def _sum(cells: Iterable[Cell]) -> Counter[str]:
    found: Counter[str] = Counter()
    for cell in cells:
        found.update(cell.by)
    return found
