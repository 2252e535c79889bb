"""What a job of the clock did, and how a fault is told without what somebody typed."""

from dataclasses import dataclass
from pathlib import Path
from traceback import walk_tb

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class Tally:
    """What one tick did."""

    fired: int = 0
    failed: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(self.fired + other.fired, self.failed + other.failed)


def describe(problem: BaseException) -> str:
    """A fault as its type and the place in our code: its text might quote what somebody typed."""
    places = [(frame.f_code.co_filename, line) for frame, line in walk_tb(problem.__traceback__)]
    ours = [f"{Path(file).relative_to(ROOT)}:{line}" for file, line in places if Path(file).is_relative_to(ROOT)]
    return " ".join([type(problem).__name__, *ours[-1:]])
