"""The law as data: `workflows/terms.toml` is complete, can be counted, and keeps old and new regimes side by side."""

import tomllib
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from cases import terms
from core.calendar import KINDS, UNITS
from core.errors import WrongOrder

TEXT = (Path(__file__).parents[2] / "workflows" / "terms.toml").read_text()
ENTRIES: list[dict[str, Any]] = tomllib.loads(TEXT)["term"]
WITHOUT_A_FIGURE = {"T15", "T20", "T29", "T42", "T43", "T44", "T52", "T53", "T54", "T55", "R06"}


# The law as the office reads it: length, unit, kind, certainty of every version, the oldest first.
TABLE = """
T01 45 day VAL A | T02 45 day VAL A | T03 1 working_day SLA A | T04 5 working_day SLA D | T05 30 day VAL B
T06 3 month SLA C | T06p 6 month SLA C | T07 30 day SLA D | T08 6 month SLA D
T09 6 month VAL B | T09 1 year VAL A | T09h 6 month VAL B | T10 1 year VAL A
T11 90 day BACK A | T11h 60 day BACK C | T12 90 day ACT A | T12h 60 day ACT C | T13 30 day ACT A
T13c 30 day ACT C | T14 45 day VAL A | T15 - - VAL A | T16 1 year VAL A | T17 0 day ACT A | T18 1 year VAL A | T19 2 working_day ACT C | T20 - - ACT A
T21 6 month ACT C | T22 6 month ACT A | T23 10 day ACT C | T24 30 day ACT C | T24e 60 day ACT C
T25 5 year ACT A | T25 2 year ACT A | T26 6 month ACT A | T27 1 year ACT A | T27 6 month ACT A | T28 5 year ACT A
T29 - - VAL A | T29 - - VAL A | T30 10 day ACT A | T31 45 day VAL A | T32 90 day VAL A | T32p 150 day VAL A
T33 5 day ACT A | T34 60 day ACT A | T35 48 hour ACT A | T35a 5 day ACT A | T35b 5 day ACT A | T36 10 day ACT A
T37 1 year VAL A | T37e 18 year VAL A | T38 21 year VAL C | T38e 3 year VAL C | T38p 6 month BACK D
T39 4 month SLA C | T39a 30 day ACT C | T40 90 day VAL B | T41 1 year VAL B | T42 - - VAL B
T43 - - ACT A | T44 - - ACT A | T45 2 year ACT A | T45p 5 year ACT A | T46 16 month VAL B | T47 72 hour ACT C
T48 1 month ACT C | T49 6 month VAL C | T50 24 month VAL B | T51 12 month VAL B | T52 - - ACT A | T53 - - SLA D
T54 - - SLA D | T54p 6 month SLA D | T54f3 3 month SLA D | T54f6 6 month SLA D | T54f12 12 month SLA D | T55 - - VAL C
R01 24 month VAL D | R02 12 month VAL D | R03 10 year VAL D | R03m 28 year VAL D | R04 24 month VAL D | R05 24 month VAL D
R06 - - VAL D | R07 24 month VAL D
"""


def versions(term_id: str) -> list[dict[str, Any]]:
    return [entry for entry in ENTRIES if entry["id"] == term_id]


@pytest.fixture
def law(db: Session) -> Session:
    terms.load(db, TEXT, by="deploy")
    return db


def test_every_term_from_T01_to_T55_is_there() -> None:
    assert [f"T{n:02}" for n in range(1, 56) if not versions(f"T{n:02}")] == []


def test_every_version_has_the_length_kind_and_certainty_of_the_table() -> None:
    wanted = [row.split() for line in TABLE.strip().splitlines() for row in line.split("|")]
    found = [
        [entry["id"], *(str(entry.get(key, "-")) for key in ("length", "unit", "kind", "certainty"))]
        for entry in sorted(ENTRIES, key=lambda entry: (entry["id"], entry.get("valid_from", date.min)))
    ]

    assert found == sorted(wanted, key=lambda row: row[0])


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry["id"])
def test_a_term_says_what_it_is_in_both_languages_where_it_stands_and_how_sure_it_is(entry: dict[str, Any]) -> None:
    assert all(entry[key] for key in ("name", "name_en", "source"))
    assert entry["kind"] in KINDS
    assert entry["certainty"] in {"A", "B", "C", "D"}
    assert entry.get("unit", "day") in UNITS


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry["id"])
def test_a_term_says_from_what_it_counts_and_who_must_act(entry: dict[str, Any]) -> None:
    assert entry["starts"]
    assert entry["who"]


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry["id"])
def test_a_term_says_what_happens_when_it_ends_and_whether_it_can_be_longer(entry: dict[str, Any]) -> None:
    assert entry["on_expiry"]
    assert entry["extendable"]


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry["id"])
def test_a_term_without_a_figure_says_why(entry: dict[str, Any]) -> None:
    assert ("length" in entry) != (entry["id"] in WITHOUT_A_FIGURE)
    assert "length" in entry or entry.get("note")


def test_two_regimes_of_one_term_never_hold_on_the_same_day() -> None:
    for term_id in {entry["id"] for entry in ENTRIES}:
        spans = sorted((e.get("valid_from", date.min), e.get("valid_to", date.max)) for e in versions(term_id))
        assert all(earlier[1] < later[0] for earlier, later in pairwise(spans)), term_id


def test_the_file_loads_and_loading_it_again_changes_nothing(law: Session) -> None:
    before = [(term.id, term.version) for term in terms.list_(law)]

    terms.load(law, TEXT, by="deploy")

    assert [(term.id, term.version) for term in terms.list_(law)] == before
    assert len(before) == len(ENTRIES)


@pytest.mark.parametrize(
    ("term_id", "event", "due"),
    [
        ("T09", date(2025, 10, 3), date(2026, 4, 3)),  # six months until the decree-law of 4 October 2025
        ("T09", date(2025, 10, 4), date(2026, 10, 4)),  # one year from that day
        ("T09h", date(2025, 10, 3), date(2026, 4, 3)),
        ("T25", date(2026, 7, 15), date(2031, 7, 15)),  # five years for events before 16 July 2026
        ("T25", date(2026, 7, 16), date(2028, 7, 17)),  # two years after; 16 July 2028 is a Sunday
        ("T27", date(2026, 7, 15), date(2027, 7, 15)),
        ("T27", date(2026, 7, 16), date(2027, 1, 16)),  # a Saturday is no holiday
        ("T28", date(2026, 7, 15), date(2031, 7, 15)),
    ],
)
def test_the_day_of_the_event_decides_which_regime_holds(law: Session, term_id: str, event: date, due: date) -> None:
    computed = terms.compute(terms.on(law, term_id, event), event)

    assert computed.due == due


@pytest.mark.parametrize(
    ("term_id", "day"), [("T01", date(2026, 7, 15)), ("T26", date(2026, 7, 15)), ("T28", date(2026, 7, 16))]
)
def test_a_term_whose_law_does_not_hold_on_that_day_is_refused(law: Session, term_id: str, day: date) -> None:
    with pytest.raises(WrongOrder, match=term_id):
        terms.on(law, term_id, day)


@pytest.mark.parametrize(
    ("term_id", "event", "due", "last_working_day"),
    [
        ("T01", date(2026, 8, 20), date(2026, 10, 4), date(2026, 10, 2)),  # a Sunday and San Francesco: never rolls
        ("T01", date(2026, 11, 10), date(2026, 12, 25), date(2026, 12, 24)),
        ("T06", date(2026, 8, 11), date(2026, 11, 11), date(2026, 11, 11)),
        ("T06p", date(2026, 8, 11), date(2027, 2, 11), date(2027, 2, 11)),
        ("T11", date(2027, 12, 15), date(2027, 9, 16), date(2027, 9, 16)),
        ("T11", date(2027, 9, 29), date(2027, 7, 1), date(2027, 7, 1)),
        ("T12", date(2026, 10, 2), date(2026, 12, 31), date(2026, 12, 31)),
        ("T14", date(2026, 10, 2), date(2026, 11, 16), date(2026, 11, 16)),
        ("T30", date(2026, 9, 3), date(2026, 9, 14), date(2026, 9, 14)),
        ("T31", date(2026, 9, 3), date(2026, 10, 18), date(2026, 10, 16)),
        ("T33", date(2026, 9, 8), date(2026, 9, 14), date(2026, 9, 14)),
        ("T34", date(2026, 9, 18), date(2026, 11, 17), date(2026, 11, 17)),
        ("T36", date(2026, 11, 24), date(2026, 12, 4), date(2026, 12, 4)),
        ("T38", date(2010, 5, 12), date(2031, 5, 12), date(2031, 5, 12)),
        ("T54f3", date(2028, 1, 15), date(2028, 4, 15), date(2028, 4, 14)),
        ("T54f6", date(2028, 1, 15), date(2028, 7, 15), date(2028, 7, 14)),
        ("T54f12", date(2028, 1, 15), date(2029, 1, 15), date(2029, 1, 15)),
        ("T09", date(2026, 12, 15), date(2027, 12, 15), date(2027, 12, 15)),
        ("T16", date(2026, 9, 29), date(2027, 9, 29), date(2027, 9, 29)),
        ("T17", date(2026, 9, 15), date(2026, 9, 15), date(2026, 9, 15)),
        ("T01", date(2026, 10, 12), date(2026, 11, 26), date(2026, 11, 26)),
        ("T38p", date(2028, 5, 12), date(2027, 11, 12), date(2027, 11, 12)),
        ("T46", date(2025, 7, 31), date(2026, 11, 30), date(2026, 11, 30)),
        ("T11h", date(2027, 12, 15), date(2027, 10, 16), date(2027, 10, 15)),
    ],
)
def test_the_dates_of_the_stories_come_out_of_the_table(
    law: Session, term_id: str, event: date, due: date, last_working_day: date
) -> None:
    computed = terms.compute(terms.on(law, term_id, event), event)

    assert (computed.due, computed.last_working_day) == (due, last_working_day)


def test_the_45_days_are_recalled_two_weeks_and_one_week_before_and_on_the_last_working_day(law: Session) -> None:
    term = terms.on(law, "T01", date(2026, 8, 20))

    days = [day for day, _ in term.reminder_days(terms.compute(term, date(2026, 8, 20)))]

    assert days == [date(2026, 9, 20), date(2026, 9, 27), date(2026, 10, 2)]


def test_a_custom_or_a_thing_to_verify_is_never_shown_as_sure(law: Session) -> None:
    assert all(term.is_unsure for term in terms.list_(law) if "prassi" in term.source)
    assert terms.on(law, "T24", date(2026, 9, 1)).is_unsure
    assert not terms.on(law, "T01", date(2026, 9, 1)).is_unsure
