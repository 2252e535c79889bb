"""Consents: the newest word counts, and every yes can be taken back."""

from datetime import date

import pytest

from cases import consents
from core.errors import InvalidForm, NotYours, WrongOrder

TOLD = "comunicazione_questura", "questore"
DAY = date(2026, 7, 10)


@pytest.fixture
def say(db, a_case):
    def record(given, on, **evidence):
        return consents.record(db, a_case.code, *TOLD, given, on, **evidence, by="u_anna")

    return record


def allowed(db, case, on, purpose=TOLD[0], receiver=TOLD[1]):
    return consents.allowed(db, case.code, purpose, receiver, on)


def test_nothing_is_allowed_before_somebody_has_said_yes(db, a_case, say):
    assert not allowed(db, a_case, DAY)
    say(True, DAY, language="en", mediator="M-04", text_version="v3", way="scritto")

    assert allowed(db, a_case, DAY)
    assert not allowed(db, a_case, date(2026, 7, 9))


def test_a_yes_is_for_one_purpose_and_one_receiver(db, a_case, say):
    say(True, DAY)

    assert not allowed(db, a_case, DAY, purpose="comunicazione_procura")
    assert not allowed(db, a_case, DAY, receiver="procura")


def test_a_later_no_overrules_an_earlier_yes_and_the_other_way_round(db, a_case, say):
    say(True, DAY)
    say(False, date(2026, 7, 12))
    assert allowed(db, a_case, date(2026, 7, 11))
    assert not allowed(db, a_case, date(2026, 7, 12))

    say(True, date(2026, 7, 15))
    assert allowed(db, a_case, date(2026, 7, 15))


def test_of_two_words_on_one_day_the_last_recorded_counts(db, a_case, say, time):
    say(True, DAY)
    time.forward(minutes=1)
    say(False, DAY)

    assert not allowed(db, a_case, DAY)


def test_a_consent_ends_after_its_last_day(db, a_case, say):
    say(True, DAY, expires_on=date(2026, 7, 20))

    assert allowed(db, a_case, date(2026, 7, 20))
    assert not allowed(db, a_case, date(2026, 7, 21))


def test_a_withdrawn_consent_allows_nothing_from_that_day_and_revives_no_older_one(db, a_case, say):
    say(True, date(2026, 7, 1))
    newest = say(True, DAY)
    consents.withdraw(db, newest.id, date(2026, 7, 15), by="u_anna")

    assert allowed(db, a_case, date(2026, 7, 14))
    assert not allowed(db, a_case, date(2026, 7, 15))
    with pytest.raises(WrongOrder):
        consents.withdraw(db, newest.id, date(2026, 7, 16), by="u_anna")


def test_a_no_cannot_be_withdrawn_and_an_unknown_consent_is_not_there(db, say):
    with pytest.raises(WrongOrder):
        consents.withdraw(db, say(False, DAY).id, DAY, by="u_anna")
    with pytest.raises(NotYours):
        consents.withdraw(db, "none", DAY, by="u_anna")


@pytest.mark.parametrize(
    ("evidence", "field"),
    [
        ({"expires_on": date(2026, 7, 9)}, "expires_on"),
        ({"mediator": "Mira Rossi"}, "mediator"),
        ({"language": "inglese"}, "language"),
        ({"way": "audio"}, "way"),
        ({"text_version": "versione tre!"}, "text_version"),
    ],
)
def test_wrong_evidence_is_refused_beside_its_field(say, evidence, field):
    with pytest.raises(InvalidForm) as refusal:
        say(True, DAY, **evidence)

    assert set(refusal.value.errors) == {field}


def test_nobody_consents_tomorrow_or_to_somebody_who_is_not_on_the_list(db, a_case, say):
    with pytest.raises(InvalidForm):
        say(True, date(2026, 7, 22))
    with pytest.raises(InvalidForm):
        consents.record(db, a_case.code, "colloquio", "mario rossi", True, DAY, by="u_anna")
    assert consents.record(db, a_case.code, "invio_ente", "ente:borgorete", True, DAY, by="u_anna").given
