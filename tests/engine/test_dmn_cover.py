"""The analysis of gaps and overlaps beside a judge that simply tries every case."""

from decimal import Decimal
from itertools import product
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from engine import dmn, dmn_check
from tests.engine.dmn_files import Column, Table, file

NUMBERS = [Decimal(n) / 2 for n in range(-2, 14)]
GRID: dict[str, list[Any]] = {"number": NUMBERS, "string": ["a", "b", "c", "altro"], "boolean": [True, False]}


def cell(random: Random, kind: str) -> str:
    if random.random() < 0.35:
        return "-"
    if kind == "boolean":
        return random.choice(["true", "false", "not(true)"])
    if kind == "string":
        names = ",".join(f'"{each}"' for each in random.sample("abc", random.randrange(1, 3)))
        return random.choice([names, f"not({names})"])
    low = random.randrange(0, 5)
    high = low + random.randrange(1, 3)
    ends = random.choice("[("), random.choice("])")
    tests = [f"{random.choice(['<', '<=', '>', '>='])} {low}", f"{ends[0]}{low}..{high}{ends[1]}", str(low)]
    one = random.choice(tests)
    return random.choice(
        [one, one, f"not({one})", f"{one}, {random.choice(tests)}", f"? != {low}", f"? > {low} or ? < 1"]
    )


def table(seed: int, policy: str) -> Table:
    random = Random(seed)
    kinds = [random.choice(list(GRID)) for _ in range(random.randrange(1, 4))]
    inputs = [Column(f"x{n}", kind) for n, kind in enumerate(kinds)]
    rows = [" | ".join([*(cell(random, kind) for kind in kinds), "1"]) for _ in range(random.randrange(1, 6))]
    return Table(inputs, [Column("y", "number")], rows, policy)


def hits(made: Table) -> list[list[int]]:
    """Return which rows hold, for every case of a grid fine enough to meet each piece."""
    logic = dmn.read(file(made))[0].decisions["table"].logic
    assert isinstance(logic, dmn.Table)
    found = []
    for case in product(*(GRID[each.type] for each in made.inputs)):
        held = []
        for number, rule in enumerate(logic.rules, 1):
            tests = [each.expression for each in rule.tests]
            if all(
                test is not None and test.evaluate({"?": value}) is True
                for test, value in zip(tests, case, strict=True)
            ):
                held.append(number)
        found.append(held)
    return found


@given(st.integers(0, 2**64))
@settings(max_examples=150)
def test_gaps_and_overlaps_are_those_that_trying_finds(seed: int):
    made = table(seed, "UNIQUE")
    findings = dmn_check.check(file(made))
    held = hits(made)

    assert any("nessuna riga" in each.sentence for each in findings) is any(not each for each in held)
    pairs = {(low, high) for each in held for low in each for high in each if low < high}
    said = {(each.params["low"], each.params["high"]) for each in findings if "low" in each.params}
    assert said <= pairs
    assert bool(said) is bool(pairs)


@given(st.integers(0, 2**64))
@settings(max_examples=150)
def test_hidden_rows_are_those_that_never_come_first(seed: int):
    made = table(seed, "FIRST")
    said = {each.params["row"] for each in dmn_check.check(file(made)) if "row" in each.params}

    first = {each[0] for each in hits(made) if each}

    assert said == set(range(1, len(made.rows) + 1)) - first
