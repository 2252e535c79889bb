"""Retention: counted from the exit or the last contact by rules that are data; a hold stops erasure, not counting."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from cases import casefile, contacts, persons, reasons, retention, sheets, terms, transfers
from cases.findable import SearchKey
from core import log, vault
from core.errors import Destroyed, InvalidForm, NotYours, WrongOrder
from core.vault import VaultKey

TEXT = (Path(__file__).parents[2] / "workflows" / "terms.toml").read_text()
EXIT = date(2028, 1, 15)


@pytest.fixture
def rules(db):
    return terms.load(db, TEXT, by="cli")


@pytest.fixture
def scope(a_case, rules, time):
    """The case of Anna, on the day its person leaves."""
    time.at("2028-01-15 12:00")
    return casefile.scope_of(a_case.code)


def running(db, scope):
    return {row.rule: row.due_on for row in retention.of(db, scope) if row.status == "running"}


def leave(db, case, outcome="conclusione_positiva", on=EXIT):
    casefile.close(db, case.code, outcome, by="u_anna")
    return {row.rule: row.due_on for row in retention.begin_case(db, case.code, on, outcome, by="u_anna")}


def test_a_file_is_kept_ten_years_the_house_and_the_risk_two(db, a_case, scope):
    assert leave(db, a_case) == {"R03": date(2038, 1, 15), "R04": date(2030, 1, 15), "R05": date(2030, 1, 15)}


def test_a_leap_day_ends_on_the_last_of_february(db, a_case, scope, time):
    time.at("2028-02-29 12:00")

    assert leave(db, a_case, on=date(2028, 2, 29))["R03"] == date(2038, 2, 28)


def test_the_file_of_a_minor_is_kept_until_her_28th_birthday(db, a_case, scope):
    persons.record(db, a_case.code, {"birth_date": "2010-05-12"}, by="u_anna")

    assert leave(db, a_case)["R03m"] == date(2038, 5, 12)


def test_who_came_as_a_minor_and_left_grown_up_is_kept_for_the_longer_time(db, a_case, scope):
    casefile.note(db, a_case.code, minor=True, by="u_anna")
    persons.record(db, a_case.code, {"birth_date": "2008-05-12"}, by="u_anna")

    assert leave(db, a_case)["R03"] == date(2038, 1, 15)


def test_a_minor_without_a_day_of_birth_has_no_date_and_is_never_due(db, a_case, scope):
    casefile.note(db, a_case.code, minor=True, by="u_anna")

    assert leave(db, a_case)["R03m"] is None
    assert {row.rule for row in retention.due(db, date(2099, 1, 1))} == {"R04", "R05"}


@pytest.mark.parametrize(("status", "rule"), [(None, "R02"), ("presunta", "R02"), ("identificata", "R03")])
def test_who_says_no_before_she_was_identified_is_kept_one_year(db, a_case, scope, status, rule):
    if status:
        casefile.set_victim_status(db, a_case.code, status, "ente_antitratta", EXIT, by="u_anna")

    assert rule in leave(db, a_case, "porta_aperta")


def test_a_contact_is_counted_anew_from_every_encounter(db, rules, time):
    first = retention.begin_contact(db, "contact:UM-7Q2K", date(2026, 7, 21), by="u_sara")
    again = retention.begin_contact(db, "contact:UM-7Q2K", date(2026, 8, 4), by="u_sara")

    assert (first.status, first.due_on) == ("dead", date(2028, 7, 21))
    assert (again.status, again.due_on) == ("running", date(2028, 8, 4))
    assert retention.begin_contact(db, "contact:UM-7Q2K", date(2026, 8, 4), by="u_sara") is again


def test_nothing_is_due_before_the_date_has_passed(db, a_case, scope):
    leave(db, a_case)

    assert retention.due(db, date(2030, 1, 15)) == []
    assert {row.rule for row in retention.due(db, date(2030, 1, 16))} == {"R04", "R05"}


def test_nothing_of_a_case_at_work_is_due(db, a_case, scope):
    leave(db, a_case)
    casefile.reopen(db, a_case.code, "È tornata a chiedere aiuto", by="u_anna")

    assert retention.due(db, date(2099, 1, 1)) == []


def test_who_comes_back_is_counted_from_her_second_exit(db, a_case, scope, time):
    leave(db, a_case)
    retention.stop(db, scope, by="u_anna")
    assert running(db, scope) == {}
    casefile.reopen(db, a_case.code, "È tornata a chiedere aiuto", by="u_anna")

    time.at("2029-03-01 12:00")

    assert leave(db, a_case, on=date(2029, 3, 1))["R03"] == date(2039, 3, 1)
    assert running(db, scope)["R04"] == date(2031, 3, 1)


def test_a_hold_stops_erasure_and_never_the_counting(db, a_case, scope, time):
    leave(db, a_case)
    held = retention.hold(db, scope, "Processo in corso, chiede l'avvocata", by="u_silvia")
    time.at("2030-02-01 12:00")
    stay = next(row for row in retention.of(db, scope) if row.rule == "R04")

    assert retention.due(db, date(2030, 2, 1)) == []
    with pytest.raises(WrongOrder):
        retention.erased(db, stay.id, by="clock")

    retention.lift(db, scope, held.id, by="u_silvia")
    assert stay in retention.due(db, date(2030, 2, 1))
    assert retention.erased(db, stay.id, by="clock").status == "done"
    assert stay not in retention.due(db, date(2030, 2, 1))


def test_with_a_file_goes_all_that_was_sealed_of_it_also_in_its_contact_and_its_transfer(db, a_call, rules, time):
    case = casefile.open_(db, "lombardia-2", contact_code=a_call.code, worker="u_anna", by="u_luca")
    contacts.attach_case(db, a_call.code, case.code, by="u_luca")
    persons.record(db, case.code, {"last_name": "Osagie"}, by="u_anna")
    moved = transfers.request(db, case.code, {"reason": "sicurezza", "urgency": "alta"}, by="u_anna")
    filed = sheets.file(db, moved.code, "transfer_search", {"P3": {"notes": "Teme il cugino"}}, by="u_olga")
    written = reasons.keep(db, transfers.scope_of(moved.code), "task.returned", "La conosce meglio Olga", by="u_anna")
    transfers.end(db, moved.code, "annullato", by="u_anna")
    time.at("2028-01-15 12:00")
    leave(db, case)
    scope = casefile.scope_of(case.code)
    file = next(row for row in retention.of(db, scope) if row.rule == "R03")
    time.at("2038-01-16 12:00")
    retention.erased(db, file.id, by="clock")

    for unreadable in (
        lambda: sheets.unseal(db, [filed], {"P3"}),
        lambda: reasons.words(db, written),
        lambda: vault.seal(db, contacts.scope_of(a_call.code), "any", "words"),
        lambda: vault.seal(db, scope, "any", "words"),
    ):
        with pytest.raises(Destroyed):
            unreadable()
    assert db.scalars(select(SearchKey.subject)).all() == []
    assert {row.scope for row in db.scalars(select(VaultKey).where(VaultKey.wrapped.is_not(None)))} == set()


def test_a_hold_needs_a_reason_and_is_lifted_once_and_only_where_it_stands(db, scope):
    with pytest.raises(InvalidForm):
        retention.hold(db, scope, "boh", by="u_silvia")
    held = retention.hold(db, scope, "Ricorso pendente al TAR", by="u_silvia")
    with pytest.raises(NotYours):
        retention.lift(db, "case:F-222222", held.id, by="u_silvia")
    retention.lift(db, scope, held.id, by="u_silvia")

    with pytest.raises(WrongOrder):
        retention.lift(db, scope, held.id, by="u_silvia")


def test_a_person_may_ask_for_less_and_nobody_for_more(db, a_case, scope):
    leave(db, a_case, "porta_aperta")
    row = next(row for row in retention.of(db, scope) if row.rule == "R02")

    assert retention.shorten(db, row.id, date(2028, 6, 1), by="u_anna").due_on == date(2028, 6, 1)
    with pytest.raises(InvalidForm):
        retention.shorten(db, row.id, date(2028, 6, 2), by="u_anna")


def test_what_runs_is_not_erased_by_hand_before_its_time(db, a_case, scope):
    leave(db, a_case)

    with pytest.raises(WrongOrder):
        retention.erased(db, retention.of(db, scope)[0].id, by="u_anna")


def test_the_log_does_not_tell_the_birthday(db, a_case, scope):
    persons.record(db, a_case.code, {"birth_date": "2010-05-12"}, by="u_anna")
    leave(db, a_case)

    lines = [line.content for line in db.info[log.PENDING] if line.content["verb"] == "retention.begun"]
    assert len(lines) == 3
    assert not [line for line in lines if "2038" in str(line) or "05-12" in str(line)]
