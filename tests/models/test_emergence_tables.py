"""The tables of emergence: a risk that is only ever raised, dimensions counted as ILO counts, measures that grow."""

import itertools
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from cases import codes
from cases.codes.indicators import CHILD_ITEMS, DIMENSIONS, ITEMS, WEIGHTS
from engine import decisions

WORKFLOWS = Path(__file__).parents[2] / "workflows"
LEVELS = [code for code, _ in codes.RISK_LEVELS]
GRADES = (None, 1, 2, 3, 4, 5)
PROTECTIONS = (None, "nessuna", "parziali", "solide")


@pytest.fixture
def tables(db: Session) -> Session:
    for name in ("risk", "indicator_dimensions", "measures"):
        decisions.publish(db, (WORKFLOWS / "dmn" / f"{name}.dmn").read_bytes(), by="deploy")
    return db


def risk(tables: Session, level: str | None, severity: Any = None, likelihood: Any = None, held: Any = None) -> str:
    facts = {"risk_level": level, "risk_severity": severity, "risk_likelihood": likelihood, "risk_protection": held}
    return str(decisions.decide(tables, "risk", facts))


def test_whatever_is_known_the_level_is_never_lower_than_what_the_worker_said(tables: Session) -> None:
    for said, severity, likelihood, held in itertools.product(LEVELS, GRADES, GRADES, PROTECTIONS):
        found = risk(tables, said, severity, likelihood, held)
        assert LEVELS.index(found) >= LEVELS.index(said), (said, severity, likelihood, held)


def test_more_danger_never_means_a_lower_level(tables: Session) -> None:
    for held, likelihood in itertools.product(PROTECTIONS, GRADES[1:]):
        found = [LEVELS.index(risk(tables, "basso", severity, likelihood, held)) for severity in GRADES[1:]]
        assert found == sorted(found), (held, likelihood)


@pytest.mark.parametrize(
    ("severity", "likelihood", "held", "level"),
    [
        (5, 5, None, "imminente"),
        (5, 5, "solide", "alto"),
        (4, 4, "solide", "alto"),
        (4, 3, "parziali", "alto"),
        (4, 3, "solide", "medio"),
        (3, 3, None, "medio"),
        (1, 1, "solide", "basso"),
        (None, None, None, "basso"),
    ],
)
def test_the_table_of_the_project(tables: Session, severity: Any, likelihood: Any, held: Any, level: str) -> None:
    assert risk(tables, "basso", severity, likelihood, held) == level


def test_a_level_that_nobody_said_does_not_become_low(tables: Session) -> None:
    assert risk(tables, None) == "non noto"


@pytest.mark.parametrize(
    ("strong", "medium", "weak", "positive"),
    [
        (2, 0, 0, True), (1, 1, 0, True), (1, 0, 1, True), (0, 3, 0, True), (0, 2, 1, True),
        (1, 0, 0, False), (0, 2, 0, False), (0, 1, 5, False), (0, 0, 9, False), (0, 0, 0, False), (3, 4, 5, True),
    ],
)  # fmt: skip
def test_a_dimension_is_counted(tables: Session, strong: int, medium: int, weak: int, *, positive: bool) -> None:
    facts = {"strong": strong, "medium": medium, "weak": weak}

    assert decisions.decide(tables, "indicator_dimensions", facts) is positive


def test_the_list_for_adults_and_labour_has_its_67_items_each_with_a_weight() -> None:
    counts = [len(ITEMS[dimension]) for dimension, _ in DIMENSIONS]

    assert counts == [10, 10, 16, 9, 15, 7]
    assert {code.partition("_")[0] for items in ITEMS.values() for code, _ in items} == set(WEIGHTS)


def test_the_list_for_children_has_the_items_of_the_original_and_none_is_weak() -> None:
    assert [len(CHILD_ITEMS[dimension]) for dimension, _ in DIMENSIONS] == [10, 10, 15, 8, 15, 7]
    assert {code.partition("_")[0] for items in CHILD_ITEMS.values() for code, _ in items} == {"forte", "medio"}


def due(tables: Session, status: str | None, minor: bool | None = None) -> set[str]:
    return set(decisions.decide(tables, "measures", {"victim_status": status, "minor": minor}))


def test_measures_grow_with_what_is_recognised_and_are_all_named(tables: Session) -> None:
    unknown, presumed, identified = due(tables, None), due(tables, "presunta"), due(tables, "identificata")

    assert unknown == {"informativa", "ascolto"}
    assert presumed == unknown | {"vitto", "alloggio", "cure", "protezione"}
    assert identified == presumed | {"continuazione", "integrazione"}
    assert due(tables, "presunta", minor=True) == presumed | {"tutore", "comunita_minori"}
    assert due(tables, "identificata", minor=True) <= codes.codes_of(codes.LISTS["misura"])
