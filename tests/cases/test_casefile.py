"""The case file: opening, assigning, masking, closing, coming back."""

from datetime import date

import pytest

from cases import casefile, posts, reasons
from core import log
from core.db import transaction
from core.errors import InvalidForm, NotYours, WrongOrder


def test_a_new_case_has_a_code_that_says_nothing_and_its_first_worker(db, a_case, said):
    assert a_case.code.startswith("F-")
    assert "2026" not in a_case.code
    assert (a_case.status, a_case.phase, a_case.masked, a_case.risk) == ("open", "P2", False, None)
    assert casefile.workers(db, a_case.code) == ["u_anna"]
    assert said(f"case:{a_case.code}") == ["case.opened", "case.assigned"]


def test_a_case_needs_a_post_that_works(db, network):
    with pytest.raises(InvalidForm) as refusal:
        casefile.open_(db, "nessuna", by="u_luca")

    assert refusal.value.errors == {"post": ["Questa postazione non esiste o non è più attiva."]}


def test_what_is_not_known_stays_not_known(db, network):
    case = casefile.open_(db, "lombardia-2", by="u_luca")

    assert (case.kind, case.victim_status, case.risk, case.outcome) == (None, None, None, None)


def test_naming_a_worker_twice_is_naming_once(db, a_case, said):
    casefile.assign(db, a_case.code, "u_carla", by="u_silvia")
    casefile.assign(db, a_case.code, "u_carla", by="u_silvia")
    casefile.unassign(db, a_case.code, "u_anna", by="u_silvia")

    assert casefile.workers(db, a_case.code) == ["u_carla"]
    assert said(f"case:{a_case.code}")[2:] == ["case.assigned", "case.unassigned"]


@pytest.mark.parametrize(("level", "masked"), [("basso", False), ("medio", False), ("alto", True), ("imminente", True)])
def test_a_high_risk_masks_the_case(db, a_case, level, masked):
    casefile.record_risk(db, a_case.code, level, date(2026, 7, 20), date(2026, 7, 22), by="u_anna")

    assert (a_case.risk, a_case.masked) == (level, masked)


def test_a_lower_risk_does_not_unmask_only_a_person_with_a_reason_does(db, a_case):
    casefile.record_risk(db, a_case.code, "alto", date(2026, 7, 20), by="u_anna")
    casefile.record_risk(db, a_case.code, "basso", date(2026, 7, 21), by="u_anna")
    assert a_case.masked

    with pytest.raises(InvalidForm):
        casefile.unmask(db, a_case.code, "  ", by="u_silvia")
    casefile.unmask(db, a_case.code, "La rete si è allontanata dalla città", by="u_silvia")

    assert not a_case.masked


def test_a_reason_is_sealed_and_the_log_carries_only_its_id(db, a_case):
    casefile.suspend(db, a_case.code, "Fatima è partita per qualche giorno", by="u_anna")

    line = db.info[log.PENDING][-1].content
    assert "Fatima" not in str(line)
    assert reasons.words(db, line["facts"]["reason_id"]) == "Fatima è partita per qualche giorno"
    assert b"Fatima" not in db.get_one(reasons.Reason, line["facts"]["reason_id"]).sealed


def test_dates_in_the_wrong_order_are_refused_beside_their_field(db, a_case):
    with pytest.raises(InvalidForm) as future:
        casefile.record_risk(db, a_case.code, "medio", date(2026, 7, 22), by="u_anna")
    with pytest.raises(InvalidForm) as before:
        casefile.record_risk(db, a_case.code, "medio", date(2026, 7, 20), date(2026, 7, 19), by="u_anna")

    assert set(future.value.errors) == {"risk_on"}
    assert set(before.value.errors) == {"review_on"}


def test_a_closed_case_takes_no_work_until_it_is_reopened(db, a_case):
    casefile.close(db, a_case.code, "porta_aperta", by="u_anna")
    with pytest.raises(WrongOrder):
        casefile.set_phase(db, a_case.code, "P4", by="u_anna")
    with pytest.raises(WrongOrder):
        casefile.close(db, a_case.code, "altro", by="u_anna")

    casefile.reopen(db, a_case.code, "La persona ha richiamato", by="u_anna")
    casefile.set_phase(db, a_case.code, "P4", by="u_anna")

    assert (a_case.status, a_case.phase, a_case.outcome, a_case.closed_at) == ("open", "P4", None, None)


def test_who_identified_the_person_stands_beside_the_status(db, a_case):
    casefile.set_victim_status(db, a_case.code, "presunta", "ente_antitratta", date(2026, 7, 21), by="u_anna")

    assert (a_case.victim_status, a_case.status_decider) == ("presunta", "ente_antitratta")


@pytest.mark.parametrize("change", [casefile.mask, casefile.get, casefile.lock])
def test_an_unknown_case_is_not_there(db, network, change):
    with pytest.raises(NotYours):
        change(db, "F-222222", **({"by": "u_anna"} if change is casefile.mask else {}))


def test_the_log_of_a_case_can_be_proved(database, time):
    with transaction() as tx:
        posts.record(tx, "lombardia-2", {"name": "Lombardia 2", "kind": "project"}, by="cli")
        code = casefile.open_(tx, "lombardia-2", by="u_luca").code
    with transaction() as tx:
        casefile.set_phase(tx, code, "P3", by="u_anna")
    with transaction() as tx:
        assert [line.verb for line in log.lines(tx, case=code)] == ["case.phase_changed", "case.opened"]
        assert log.verify(tx) == []
