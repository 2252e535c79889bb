"""Communications and the attestato: nothing leaves without consent or a reason, nothing is counted by hand."""

from datetime import date

import pytest

from cases import access, consents, deadlines, permits, reasons
from core.errors import InvalidForm, MissingConsent

SENT = date(2026, 8, 14)
REASON = "Ordine di esibizione della Procura del 13 agosto"


@pytest.fixture(autouse=True)
def the_day_of_the_attestato(time, law, a_case):
    time.at("2026-08-20 18:00")


def communicate(db, case, receiver="questore", on=SENT, **more):
    return permits.communicate(db, case.code, receiver, "attestato", on, "pec", **more, by="u_anna")


def test_without_consent_or_legal_reason_the_questore_is_not_told(db, a_case):
    assert not permits.may_communicate(db, a_case.code, "questore", SENT)
    with pytest.raises(MissingConsent):
        communicate(db, a_case)

    assert permits.communications(db, a_case.code) == []


def test_with_consent_the_communication_names_it_and_meets_its_term(db, a_case):
    yes = consents.record(db, a_case.code, "comunicazione_questura", "questore", True, SENT, by="u_anna")
    waiting = deadlines.record(db, a_case.code, "T03", "indicatori", date(2026, 8, 13), by="u_anna")
    sent = communicate(db, a_case, protocol="Prot. 1234/2026")

    assert (sent.basis, sent.consent_id, sent.reason_id) == ("consent", yes.id, None)
    assert sent.protocol
    assert b"1234" not in sent.protocol
    assert (waiting.status, waiting.settled_on) == ("met", SENT)


def test_consent_for_one_authority_is_none_for_another(db, a_case):
    consents.record(db, a_case.code, "comunicazione_questura", "questore", True, SENT, by="u_anna")

    for receiver in ("procura", "sindaco", "commissione_territoriale"):
        with pytest.raises(MissingConsent):
            communicate(db, a_case, receiver)


def test_a_withdrawn_consent_stops_the_next_communication(db, a_case):
    yes = consents.record(db, a_case.code, "comunicazione_questura", "questore", True, SENT, by="u_anna")
    communicate(db, a_case)
    consents.withdraw(db, yes.id, date(2026, 8, 18), by="u_anna")

    with pytest.raises(MissingConsent):
        communicate(db, a_case, on=date(2026, 8, 19))


def test_a_legal_reason_is_kept_in_words_and_sealed(db, a_case):
    sent = communicate(db, a_case, "procura", legal_reason=REASON)

    assert (sent.basis, sent.consent_id) == ("legal_reason", None)
    assert reasons.words(db, sent.reason_id) == REASON


def test_a_legal_reason_in_two_letters_is_none(db, a_case):
    with pytest.raises(InvalidForm):
        communicate(db, a_case, legal_reason="sì")


@pytest.mark.parametrize("wrong", [{"receiver": "stampa"}, {"receiver": "interno"}, {"on": date(2026, 8, 21)}])
def test_a_communication_to_nobody_or_tomorrow_is_refused(db, a_case, wrong):
    with pytest.raises(InvalidForm):
        communicate(db, a_case, legal_reason=REASON, **wrong)


def test_the_attestato_ends_when_the_term_in_force_says(db, a_case):
    made = permits.record_attestato(db, a_case.code, date(2026, 8, 20), cui="06ABC12", number="BG-77/26", by="u_anna")

    assert made.expires_on == date(2026, 10, 4)
    reminders = deadlines.reminders_of(db, made.deadline_id)
    assert [r.remind_on for r in reminders] == [date(2026, 9, 20), date(2026, 9, 27), date(2026, 10, 2)]
    assert permits.numbers(db, made) == {"cui": "06ABC12", "number": "BG-77/26"}
    assert made.cui
    assert b"06ABC12" not in made.cui


def test_numbers_that_are_not_known_are_not_there(db, a_case):
    made = permits.record_attestato(db, a_case.code, date(2026, 8, 20), cui=" ", by="u_anna")

    assert (made.cui, made.number, permits.numbers(db, made)) == (None, None, {})


def test_the_same_attestato_twice_is_one(db, a_case):
    first, second = (permits.record_attestato(db, a_case.code, date(2026, 8, 20), by="u_anna") for _ in range(2))

    assert first is second is permits.latest_attestato(db, a_case.code)


def test_an_attestato_does_not_come_before_its_request_or_tomorrow(db, a_case):
    communicate(db, a_case, legal_reason=REASON)

    for day in (date(2026, 8, 13), date(2026, 8, 21)):
        with pytest.raises(InvalidForm) as refusal:
            permits.record_attestato(db, a_case.code, day, by="u_anna")
        assert set(refusal.value.errors) == {"issued_on"}


def test_the_numbers_are_of_the_identity_class(db, a_case, mira, anna):
    assert access.may_read(db, anna, a_case, "P2")
    assert not access.may_read(db, mira, a_case, "P2")
