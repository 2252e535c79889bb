"""Random models, played by the engine and by an independent token game side by side.

Every action is followed by a save and a load. Prints models, steps, what the models were made of, and each difference
with the seed that replays it.
"""

import argparse
import secrets
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from engine import lint
from tests.engine import fuzz, tangle

SHOWN = 5


@dataclass
class Report:
    """What a drill found."""

    models: int = 0
    steps: int = 0
    features: Counter[str] = field(default_factory=Counter)
    differences: list[fuzz.Played] = field(default_factory=list)

    def add(self, played: fuzz.Played) -> None:
        """Count one model."""
        self.models += 1
        self.steps += played.steps
        self.features.update(played.features)
        if played.difference:
            self.differences.append(played)

    def lines(self) -> Iterator[str]:
        """The report in words."""
        yield f"models {self.models}, steps {self.steps}, differences {len(self.differences)}"
        yield "made of: " + ", ".join(f"{name} {count}" for name, count in self.features.most_common())
        for played in self.differences[:SHOWN]:
            yield played.difference
        if self.differences:
            yield "seeds that differ: " + " ".join(str(played.seed) for played in self.differences)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this drill."""
    parser.add_argument("--models", type=int, default=2000, help="how many models (default 2000)")
    parser.add_argument("--seed", type=int, help="seed of the first model; the next ones follow (default: a fresh one)")
    parser.add_argument("--tangles", action="store_true", help="drawings without any structure, those the lint accepts")
    parser.add_argument("--jobs", type=int, default=1, help="processes (default 1)")
    parser.add_argument("--save", type=Path, metavar="FOLDER", help="write the models that differ there")


def run(options: argparse.Namespace) -> int:
    """Play them all; 1 if there was a difference."""
    first = options.seed if options.seed is not None else secrets.randbelow(10**9)
    began, report = time.monotonic(), Report()
    play = play_tangle if options.tangles else fuzz.play
    for played in _played(play, range(first, first + options.models), options.jobs):
        if played is not None:
            report.add(played)
    print(f"seed {first}, {time.monotonic() - began:.1f} s")
    print("\n".join(report.lines()))
    if options.save:
        save(options.save, report.differences)
    return 1 if report.differences else 0


def play_tangle(seed: int) -> fuzz.Played | None:
    """Play the tangle of this seed; None if the lint does not accept it."""
    if any(each.level == "error" for each in lint.check(tangle.make(seed).xml)):
        return None
    return fuzz.play(seed, draw=tangle.make)


def _played(
    play: Callable[[int], fuzz.Played | None], seeds: range, jobs: int
) -> Iterator[fuzz.Played | None]:
    if jobs <= 1:
        yield from map(play, seeds)
        return
    with ProcessPoolExecutor(jobs) as pool:
        yield from pool.map(play, seeds, chunksize=20)


def save(folder: Path, differences: list[fuzz.Played]) -> None:
    """Keep the drawings that the two games do not agree on."""
    folder.mkdir(parents=True, exist_ok=True)
    for played in differences:
        (folder / f"seed-{played.seed}.bpmn").write_bytes(played.xml)
