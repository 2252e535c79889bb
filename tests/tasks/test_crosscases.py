"""Across cases: what is counted is right, and what is small is not told, not even by difference."""

from collections import Counter
from datetime import date, timedelta

import pytest

from core import clock, log
from core.db import transaction
from core.errors import InvalidForm
from tasks import crosscases


def test_the_last_quarter_is_counted_unless_another_that_is_over_is_asked(time):
    time.at("2027-02-03 10:00")

    assert crosscases.quarter("").code == "2026-Q4"
    assert crosscases.quarter("2026-07").since == date(2026, 7, 1)
    for text in ("2027-01", "2026-08", "x", "2026-xx", "2026-12"):
        with pytest.raises(InvalidForm):
            crosscases.quarter(text)


def test_in_january_the_last_quarter_is_of_last_year(time):
    time.at("2027-01-10 10:00")

    assert crosscases.quarter("").since == date(2026, 10, 1)


def test_small_parts_are_hidden_with_another_so_that_nobody_works_them_out():
    parts = {"kept": Counter(a=40, b=40), "late": Counter(a=1, b=1), "missed": Counter(a=9, b=9), "dropped": Counter()}
    row = crosscases._row("T01", "", parts, [timedelta(days=1), timedelta(days=3)])
    shown = {key: (part := row.part(key)) and part.shown for key in parts}

    assert row.cell.shown
    assert row.took == timedelta(days=2)
    assert not shown["late"]
    assert sum(not each for each in shown.values()) >= 2


def test_what_left_the_model_is_counted_and_few_are_hidden(office):
    with transaction() as db:
        for number in range(24):
            log.append(db, "task.skipped", "case:A", by="u_x", case="A", instance=f"i{number}")
        for number in range(2):
            log.append(db, "task.added", "case:A", by="u_x", case="A", instance=f"i{number}")
    office.time.at("2026-10-02 10:00")
    with transaction() as db:
        whole, rows = crosscases.deviations(db, crosscases.quarter("2026-07"))
        nothing, _ = crosscases.deviations(db, crosscases.quarter("2026-04"))
    shown = {row.cell.key: row.cell for row in rows}

    assert (whole.total, nothing.total) == (26, 0)
    assert not shown["task.added"].shown
    assert shown["instance.failed"].shown


def test_no_median_is_told_of_few():
    row = crosscases._timed("P2", "", [("a", timedelta(days=1))] * 3)

    assert not row.cell.shown
    assert row.took is None


def test_what_happened_in_a_quarter_is_counted_in_it_and_in_no_other(office):
    code = office.sheltered()
    office.time.at("2026-10-02 10:00")
    with transaction() as db:
        third, second = crosscases.quarter("2026-07"), crosscases.quarter("2026-04")
        assert crosscases.steps(db, third)
        assert crosscases.steps(db, second) == {}
        assert sum(row.cell.total for row in crosscases.phases(db, third)) >= 1
        assert crosscases.terms(db, second) == []
    assert code
    assert clock.today().month == 10
