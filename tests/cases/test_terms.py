"""Terms: versions side by side, and the day of the event decides."""

from datetime import date

import pytest

from cases import terms
from core.errors import InvalidForm, WrongOrder
from tests.cases.conftest import TERMS


def test_the_day_of_the_event_decides_which_law_holds(db, law):
    before, after = (terms.on(db, "T09", day) for day in (date(2025, 10, 3), date(2025, 10, 4)))

    assert (before.length, before.unit) == (6, "month")
    assert (after.length, after.unit) == (1, "year")
    assert terms.compute(before, date(2025, 10, 3)).due == date(2026, 4, 3)
    assert terms.compute(after, date(2026, 12, 15)).due == date(2027, 12, 15)


def test_a_term_that_does_not_hold_on_that_day_says_so(db):
    terms.load(
        db, TERMS.replace("valid_to = 2025-10-03", "valid_from = 2010-01-01\nvalid_to = 2025-10-03"), by="deploy"
    )

    with pytest.raises(WrongOrder) as refusal:
        terms.on(db, "T09", date(2009, 12, 31))
    assert "T09" in str(refusal.value)
    assert "31/12/2009" in str(refusal.value)


def test_loading_twice_changes_nothing_and_a_changed_entry_is_a_new_version(db, law, said):
    terms.load(db, TERMS, by="deploy")
    assert said("term:T01") == ["term.loaded"]

    terms.load(db, TERMS.replace("length = 45", "length = 60"), by="deploy")
    assert (terms.on(db, "T01", date(2026, 8, 20)).version, terms.on(db, "T01", date(2026, 8, 20)).length) == (2, 60)
    assert (terms.get(db, "T01", 1).length, terms.get(db, "T01", 1).current) == (45, False)


def test_backwards_terms_give_the_working_day_before(db, law):
    computed = terms.compute(terms.on(db, "T11", date(2027, 12, 15)), date(2027, 12, 15))

    assert computed.due == date(2027, 9, 16)


def test_what_is_known_only_from_practice_is_to_be_verified(db, law):
    certain = {term.id: term.is_unsure for term in terms.list_(db)}

    assert certain == {"T01": True, "T03": False, "T05": False, "T09": False, "T11": False}


def test_a_term_without_a_figure_gives_no_date(db, law):
    with pytest.raises(WrongOrder):
        terms.compute(terms.on(db, "T05", date(2026, 8, 20)), date(2026, 8, 20))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('kind = "VAL"', 'kind = "FOREVER"'),
        ('certainty = "C"', 'certainty = "Z"'),
        ('unit = "day"', 'unit = "moon"'),
        ("length = 45", "length = -45"),
        ("length = 45", ""),
        ("days_before = 14", "weeks_before = 2"),
        ('source = "art. 18 c. 3-ter D.lgs. 286/1998"', 'source = ""'),
        ('who = "Questore"', 'whom = "Questore"'),
        ("extendable = false", "valid_from = 2026-01-01\nvalid_to = 2025-01-01"),
    ],
)
def test_an_entry_that_cannot_be_counted_is_refused_when_it_is_loaded(db, time, old, new):
    with pytest.raises(InvalidForm) as refusal:
        terms.load(db, TERMS.replace(old, new, 1), by="deploy")

    assert "T01" in refusal.value.errors
