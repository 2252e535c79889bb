"""Agreements: parties, term, notice, renewal as a new one beside the old."""

from datetime import date

import pytest

from cases import agreements, bodies
from core.errors import InvalidForm, NotYours, WrongOrder


@pytest.fixture
def facts(db, network, time):
    town = bodies.write(db, None, {"kind": "comune", "name": "Comune di prova", "source": "Delibera", "valid_from": date(2026, 1, 1)}, by="u_c")
    return {
        "kind": "convenzione", "post": "lombardia-2", "subject": "Accoglienza di emergenza", "bodies": [town.code],
        "signed_on": date(2026, 1, 10), "expires_on": date(2026, 12, 31), "notice_days": 90, "reference": "Prot. 12",
    }  # fmt: skip


def test_its_renewal_is_thought_of_from_the_days_of_notice_on(db, facts):
    made = agreements.record(db, facts, by="u_c")

    assert made.notice_on == date(2026, 10, 2)
    assert [agreements.due(db, day) == [made] for day in (date(2026, 10, 1), date(2026, 10, 2), date(2027, 3, 1))] == [False, True, True]
    assert agreements.due(db, date(2026, 1, 10)) == []


def test_a_renewal_is_a_new_agreement_that_names_the_old_one(db, facts, said):
    old = agreements.record(db, facts, by="u_c")
    new = agreements.record(db, {**facts, "signed_on": date(2026, 12, 1), "expires_on": date(2028, 12, 31)}, renews=old.id, by="u_c")

    assert new.renews == old.id
    assert agreements.get(db, old.id).expires_on == date(2026, 12, 31), "the old one stays as it was"
    assert (agreements.is_running(db, old), agreements.is_running(db, new)) == (False, True)
    assert agreements.due(db, date(2027, 1, 1)) == []
    with pytest.raises(WrongOrder):
        agreements.record(db, facts, renews=old.id, by="u_c")
    assert said(f"agreement:{new.id}") == ["agreement.recorded"]


def test_one_without_an_end_is_never_due_and_one_that_ended_early_is_waited_for_no_more(db, facts):
    agreements.record(db, {**facts, "expires_on": None}, by="u_c")
    ended = agreements.record(db, facts, by="u_c")
    with pytest.raises(InvalidForm):
        agreements.end(db, ended.id, date(2026, 1, 1), by="u_c")
    agreements.end(db, ended.id, date(2026, 9, 1), by="u_c")

    assert agreements.due(db, date(2030, 1, 1)) == []
    with pytest.raises(WrongOrder):
        agreements.end(db, ended.id, date(2026, 9, 2), by="u_c")
    with pytest.raises(NotYours):
        agreements.end(db, "none", date(2026, 9, 2), by="u_c")


def test_a_slip_is_corrected_and_the_log_names_the_fields(db, facts, said):
    made = agreements.record(db, facts, by="u_c")
    agreements.amend(db, made.id, {**facts, "subject": "Accoglienza"}, by="u_d")
    agreements.amend(db, made.id, {**facts, "subject": "Accoglienza"}, by="u_d")

    assert made.subject == "Accoglienza"
    assert said(f"agreement:{made.id}") == ["agreement.recorded", "agreement.amended"]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"kind": "patto"}, "kind"),
        ({"post": "nowhere"}, "post"),
        ({"subject": ""}, "subject"),
        ({"subject": "x" * 1001}, "subject"),
        ({"bodies": []}, "bodies"),
        ({"bodies": ["nobody"]}, "bodies"),
        ({"signed_on": None}, "signed_on"),
        ({"expires_on": date(2025, 1, 1)}, "expires_on"),
        ({"notice_days": None}, "notice_days"),
        ({"notice_days": 1000}, "notice_days"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field(db, facts, wrong, field):
    with pytest.raises(InvalidForm) as refusal:
        agreements.record(db, {**facts, **wrong}, by="u_c")

    assert set(refusal.value.errors) == {field}
    assert agreements.record(db, {**facts, "bodies": [], "others": "Associazione inventata"}, by="u_c").others
