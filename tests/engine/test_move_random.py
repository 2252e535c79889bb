"""Random models with random edits: after a move the engine goes on exactly as the judge does, who knows the edit.

A failure prints its seed; `APPRODO_FUZZ_SEED=<seed> pytest tests/engine/test_move_random.py` plays it again, and first.
"""

from collections import Counter
from random import Random

import pytest

from engine import lint
from engine.game.move import Mover
from engine.game.run import Run
from engine.game.state import State, dumps, loads
from tests.engine import edits, fuzz, generator
from tests.engine.edits import Edit
from tests.engine.pen import Model
from tests.engine.play import program_of

EACH = 25
FIRST = generator.fresh_seed()


class Play:
    """One model, played for a while, moved, played on, and moved back where that can be."""

    def __init__(self, seed: int) -> None:
        self.dice = Random(seed * 13 + 5)
        self.model: Model = generator.make(seed, depth=3)
        self.game = fuzz.game_of(self.model)
        self.match = fuzz.Match(self.model, self.dice, self.game)
        self.done: list[str] = []
        self.told: Counter[str] = Counter()

    def play(self, most: int) -> str:
        """Play on; returns what differs."""
        for _ in range(most):
            difference = self.match.difference()
            if difference:
                return f"after {self.done}:\n  {difference}"
            what = self.match.act()
            if what is None:
                break
            self.done.append(what)
        return ""

    def move(self, made: Edit, old: str, new: str, before: State | None = None) -> State | None:
        """Move both sides; None where the engine sees an obstacle."""
        self.game.desk.programs[new] = program_of(made.xml)
        run = Run(loads(dumps(self.game.state)), self.game.desk)
        mover = Mover(run, old, new, made.names, before)
        if not mover.scopes:
            return None
        found = mover.obstacles() or mover.move()
        if found:
            self.told["refused"] += 1
            return None
        earlier, self.game.state = self.game.state, run.state
        edits.rebind(self.match.judge, made)
        self.done.append(f"moved to {new}: {made.done}")
        self.told[new] += 1
        return earlier

    def whole(self) -> str:
        """There and, perhaps, back."""
        made = edits.edit(self.model.xml, self.dice)
        if any(each.level == "error" for each in lint.check(made.xml)):
            return ""
        try:
            difference = self.play(self.dice.randint(0, 12))
            if difference or self.game.over:
                return difference
            earlier = self.move(made, "main", "new")
            difference = self.play(self.dice.randint(0, 10))
            if difference or earlier is None or self.game.over:
                return difference
            self.move(edits.back(made, self.model.xml), "new", "main", earlier)
            return self.play(10)
        except fuzz.Stopped:
            return ""


@pytest.mark.parametrize("group", range(4))
def test_what_was_moved_goes_on_as_the_judge_says(group):
    told: Counter[str] = Counter()
    for seed in range(FIRST + group * EACH, FIRST + (group + 1) * EACH):
        play = Play(seed)
        try:
            difference = play.whole()
        except Exception as problem:
            raise AssertionError(f"APPRODO_FUZZ_SEED={seed} after {play.done}") from problem
        assert not difference, f"APPRODO_FUZZ_SEED={seed}\n{difference}"
        told += play.told

    assert told["new"] > 3, told
    assert told["main"] > 0, told
