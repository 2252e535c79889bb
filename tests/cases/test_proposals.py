"""Proposals: two coordinators change a term, nothing is overlapped in silence, and the file does not undo them."""

from datetime import date

import pytest

from cases import proposals, terms
from core.errors import InvalidForm, NotYours, Stale, WrongOrder
from tests.cases.conftest import TERMS

WHY = "Lo chiede la circolare del Ministero"


@pytest.fixture
def facts(db, law):
    """The permit of one year (T09), to be changed."""

    def of(term_id="T09", **changed):
        term = terms.in_use(db, term_id)[-1]
        return {name: getattr(term, name) for name in terms.FIELDS} | changed

    return of


@pytest.fixture
def proposed(db, facts):
    """Two years instead of one from 1 January 2027, by Paola."""

    def write(**changed):
        values = facts(**{"length": 2, "valid_from": date(2027, 1, 1), **changed})
        return proposals.propose(db, "T09", values, WHY, confirmed=True, by="u_paola")

    return write


def spans(db, term_id="T09"):
    return [(t.version, t.length, terms.span(t.valid_from, t.valid_to)) for t in terms.in_use(db, term_id)]


def told(db, **values):
    found = proposals.effects(db, {"id": "T09", "valid_from": None, "valid_to": None, **values})
    return [(effect.what, effect.version, terms.span(effect.valid_from, effect.valid_to)) for effect in found]


def test_a_second_coordinator_puts_a_proposal_into_use_and_the_log_names_both(db, proposed, said):
    waiting = proposed()
    assert terms.on(db, "T09", date(2027, 1, 1)).length == 1
    term = proposals.approve(db, waiting.id, 2, by="u_rosa")

    assert (term.version, term.proposed_by, term.approved_by) == (3, "u_paola", "u_rosa")
    assert spans(db) == [(1, 6, "… – 03/10/2025"), (2, 1, "04/10/2025 – 31/12/2026"), (3, 2, "01/01/2027 – …")]
    assert [terms.on(db, "T09", date(year, 1, 1)).length for year in (2025, 2026, 2027)] == [6, 1, 2]
    assert said("term:T09")[-3:] == ["term.proposed", "term.narrowed", "term.approved"]


def test_who_wrote_a_proposal_can_neither_approve_nor_reject_it(db, proposed):
    waiting = proposed()

    with pytest.raises(WrongOrder, match="seconda persona"):
        proposals.approve(db, waiting.id, 2, by="u_paola")
    with pytest.raises(WrongOrder, match="si ritira"):
        proposals.reject(db, waiting.id, "Non è ancora in vigore", by="u_paola")
    with pytest.raises(WrongOrder, match="solo chi l'ha scritta"):
        proposals.withdraw(db, waiting.id, "Non è ancora in vigore", by="u_rosa")


def test_a_proposal_is_rejected_or_withdrawn_with_a_reason_and_changes_nothing(db, proposed):
    before = spans(db)
    first = proposed()
    with pytest.raises(InvalidForm):
        proposals.reject(db, first.id, "no", by="u_rosa")
    proposals.reject(db, first.id, "Non è ancora in vigore", by="u_rosa")
    second = proposed()
    proposals.withdraw(db, second.id, "Mi ero sbagliata di anno", by="u_paola")

    assert [p.status for p in proposals.list_(db, "T09")] == ["withdrawn", "rejected"]
    assert first.decision_reason == "Non è ancora in vigore"
    assert spans(db) == before
    with pytest.raises(proposals.AlreadyDecided):
        proposals.approve(db, second.id, 2, by="u_rosa")


def test_one_proposal_at_a_time(db, proposed):
    waiting = proposed()

    with pytest.raises(proposals.OneAtATime):
        proposed()
    assert proposals.open_of(db, "T09") is waiting


def test_an_approval_of_a_page_that_is_no_longer_true_is_refused(db, proposed):
    with pytest.raises(Stale):
        proposals.approve(db, proposed().id, 1, by="u_rosa")
    with pytest.raises(NotYours):
        proposals.approve(db, "none", 1, by="u_rosa")


@pytest.mark.parametrize(
    ("start", "end", "effects"),
    [
        (date(2027, 1, 1), None, [("closed", 2, "04/10/2025 – 31/12/2026")]),
        (date(2027, 1, 1), date(2027, 6, 30), [("split", 2, "31/12/2026 – 01/07/2027")]),
        (date(2025, 10, 4), None, [("replaced", 2, "04/10/2025 – …")]),
        (date(2025, 10, 4), date(2026, 1, 1), [("moved", 2, "02/01/2026 – …")]),
        (date(2025, 1, 1), None, [("closed", 1, "… – 31/12/2024"), ("replaced", 2, "04/10/2025 – …")]),
        (None, None, [("replaced", 1, "… – 03/10/2025"), ("replaced", 2, "04/10/2025 – …")]),
    ],
)
def test_what_a_version_does_to_the_others_is_told(db, law, start, end, effects):
    assert told(db, valid_from=start, valid_to=end) == effects


def test_days_left_without_a_rule_are_told(db, law):
    terms.load(db, TERMS.replace("valid_from = 2025-10-04", "valid_from = 2025-10-04\nvalid_to = 2026-12-31"), by="x")

    assert told(db, valid_from=date(2027, 2, 1)) == [("gap", None, "01/01/2027 – 31/01/2027")]


def test_effects_must_be_confirmed(db, facts):
    values = facts(length=2, valid_from=date(2027, 1, 1))

    with pytest.raises(InvalidForm) as refused:
        proposals.propose(db, "T09", values, WHY, by="u_paola")
    assert list(refused.value.errors) == ["confirm"]


def test_a_version_in_the_middle_splits_the_one_around_it(db, proposed):
    proposals.approve(db, proposed(valid_to=date(2027, 12, 31)).id, 2, by="u_rosa")

    assert spans(db)[1:] == [
        (2, 1, "04/10/2025 – 31/12/2026"),
        (4, 2, "01/01/2027 – 31/12/2027"),
        (3, 1, "01/01/2028 – …"),
    ]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"length": 1, "valid_from": date(2025, 10, 4)}, "length"),
        ({"kind": "FOREVER"}, "kind"),
        ({"certainty": "Z"}, "certainty"),
        ({"source": ""}, "source"),
        ({"unit": "working_day"}, "unit"),
        ({"kind": "BACK", "length": None, "unit": None, "note": "x"}, "length"),
        ({"length": None, "unit": None}, "note"),
        ({"length": 1000}, "length"),
        ({"valid_to": date(2020, 1, 1)}, "valid_to"),
        ({"reminders": [{"days_before": -1}]}, "reminders"),
    ],
)
def test_a_version_that_makes_no_sense_is_refused_beside_its_field(db, proposed, changed, field):
    with pytest.raises(InvalidForm) as refused:
        proposed(**changed)

    assert field in refused.value.errors


def test_the_examples_say_what_dates_would_become(db, facts):
    values = {"id": "T09", **facts(length=2, valid_from=date(2027, 1, 1))}
    days = [date(2026, 12, 31), date(2027, 1, 1), date(2028, 2, 29)]

    found = [
        (e.before and e.before.due, e.after and e.after.due, e.applies) for e in proposals.examples(db, values, days)
    ]

    assert found == [
        (date(2027, 12, 31), date(2027, 12, 31), False),
        (date(2028, 1, 1), date(2029, 1, 1), True),
        (date(2029, 2, 28), date(2030, 2, 28), True),
    ]


def test_a_new_edition_of_the_file_never_undoes_what_two_coordinators_decided(db, proposed, said):
    proposals.approve(db, proposed().id, 2, by="u_rosa")
    decided = spans(db)

    terms.load(db, TERMS, by="deploy")
    assert (spans(db), terms.waiting_entries(db)) == (decided, [])
    changed = TERMS.replace('length = 1\nunit = "year"', 'length = 3\nunit = "year"')
    terms.load(db, changed, by="deploy")

    assert spans(db) == decided
    assert [(entry.slot, entry.facts["length"]) for entry in terms.waiting_entries(db, "T09")] == [("2025-10-04", 3)]
    terms.load(db, changed, by="deploy")
    assert said("term:T09").count("term.file_differs") == 1


def test_what_the_file_says_otherwise_waits_until_somebody_decides(db, proposed):
    proposals.approve(db, proposed().id, 2, by="u_rosa")
    terms.load(db, TERMS.replace('length = 1\nunit = "year"', 'length = 3\nunit = "year"'), by="deploy")

    terms.keep_ours(db, "T09", by="u_paola")
    assert terms.waiting_entries(db) == []
    with pytest.raises(WrongOrder):
        terms.keep_ours(db, "T09", by="u_paola")
    terms.load(db, TERMS.replace('length = 1\nunit = "year"', 'length = 4\nunit = "year"'), by="deploy")
    proposals.approve(db, proposed(length=4).id, 3, by="u_rosa")
    assert terms.waiting_entries(db) == []


def test_a_term_nobody_decided_on_still_follows_the_file(db, proposed):
    proposals.approve(db, proposed().id, 2, by="u_rosa")

    terms.load(db, TERMS.replace("length = 45", "length = 60"), by="deploy")

    assert terms.on(db, "T01", date(2026, 8, 20)).length == 60


def test_an_entry_that_the_file_gave_other_days_takes_the_place_of_the_old_one(db, law):
    text = TERMS.replace("valid_from = 2025-10-04", "valid_from = 2025-10-01").replace("2025-10-03", "2025-09-30")
    terms.load(db, text, by="deploy")

    assert [span for _, _, span in spans(db)] == ["… – 30/09/2025", "01/10/2025 – …"]


def test_a_file_with_two_rules_for_one_day_is_refused(db):
    with pytest.raises(InvalidForm):
        terms.load(db, TERMS.replace("valid_from = 2025-10-04", "valid_from = 2025-10-03"), by="deploy")
