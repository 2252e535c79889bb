"""The referral: a loop that is closed only by an answer; walked to every end."""

from collections.abc import Callable
from datetime import date

import pytest

from cases import consents, referrals
from cases.referrals import Referral
from core import clock, db
from core.errors import InvalidForm, MissingConsent, WrongOrder
from tasks import pathways
from tests.conftest import Time
from tests.models.conftest import EVERYBODY
from tests.models.walk import Walk, drawn

SEND = {"body_kind": "asl", "send_outcome": "sent", "urgency": "alta", "sent_on": "2026-08-11",
        "answer_by": "2026-08-14", "consent_by": "person", "consent_on": "2026-08-11", "consent_way": "scritto",
        "body": "Ambulatorio di prova"}  # fmt: skip


def begin(case: Walk, **given: object) -> Walk:
    with db.transaction() as tx:
        pathways.start(tx, EVERYBODY, case.key, "referral")
    return Walk(EVERYBODY, case.key, "referral").do("referral_send", **SEND | given)


def of(walk: Walk) -> Referral:
    with db.transaction() as tx:
        found = referrals.of_case(tx, walk.key)[0]
        tx.expunge(found)
        return found


def answer(walk: Walk, outcome: str, **given: object) -> Walk:
    return walk.do("referral_follow", follow_outcome=outcome, follow_on=clock.today().isoformat(), **given)


def test_the_owner_stays_and_the_loop_closes_with_what_she_has_had(case: Walk) -> None:
    walk = begin(case)
    assert f"{walk.due('referral_follow')}" == "2026-08-14 18:00:00"
    answer(walk, "accepted").do("referral_close", done_on="2026-08-11", done_outcome="accolto")

    assert (of(walk).status, of(walk).outcome) == ("done", "accolto")
    assert walk.tenant == "lombardia-1"


def test_what_the_body_is_called_stays_in_the_vault(case: Walk) -> None:
    walk = begin(case)

    with db.transaction() as tx:
        found = referrals.of_case(tx, walk.key)[0]
        assert b"Ambulatorio" not in (found.body or b"")
        assert referrals.body_of(tx, found) == "Ambulatorio di prova"


def test_an_answer_that_does_not_come_is_told_to_the_supervision(case: Walk, time: Time) -> None:
    walk = begin(case)
    time.at("2026-08-14 18:01")
    walk.tick()

    assert of(walk).status == "late"
    assert walk.task("referral_chase").group == "supervisor"
    assert walk.waiting()["referral_follow"] == 1


def test_a_new_day_for_the_answer_is_waited_for(case: Walk, time: Time) -> None:
    walk = answer(begin(case), "seen", answer_by="2026-08-20")
    time.at("2026-08-15 12:00")
    walk.tick()

    assert (of(walk).status, of(walk).answer_by) == ("seen", date(2026, 8, 20))
    assert not of(walk).is_late
    assert f"{walk.due('referral_follow')}" == "2026-08-20 18:00:00"


def test_the_consent_for_one_body_is_for_no_other(case: Walk) -> None:
    begin(case)

    with db.transaction() as tx, pytest.raises(MissingConsent):
        facts = {"urgency": "alta", "sent_on": date(2026, 8, 11), "answer_by": date(2026, 8, 14)}
        referrals.send(tx, case.key, referrals.draw_code(tx), "asl", facts, by="u_anna")


def test_whoever_changes_her_mind_takes_the_consent_back(case: Walk) -> None:
    walk = answer(begin(case), "withdrawn")

    with db.transaction() as tx:
        (given,) = consents.list_(tx, case.key)
        assert given.withdrawn_on == date(2026, 8, 11)
    assert of(walk).outcome == "ritirato"


def test_the_answer_is_not_expected_before_the_sending(case: Walk) -> None:
    with pytest.raises(InvalidForm) as refused:
        begin(case, answer_by="2026-08-10")
    assert "answer_by" in refused.value.errors


def test_what_is_done_does_not_go_back(case: Walk) -> None:
    code = of(answer(begin(case), "declined")).code

    with db.transaction() as tx, pytest.raises(WrongOrder):
        referrals.move(tx, code, "seen", date(2026, 8, 11), by="u_anna")


def test_every_element_and_arrow_was_walked(open_case: Callable[[], Walk], time: Time) -> None:
    whole, refused, declined = begin(open_case()), begin(open_case(), send_outcome="refuses"), begin(open_case())
    time.at("2026-08-14 18:01")
    whole.tick()
    whole.do("referral_chase", chase_outcome="called")
    answer(whole, "seen", answer_by="2026-08-20")
    answer(whole, "accepted").do("referral_close", done_on="2026-08-14", done_outcome="accolto")
    answer(declined, "declined")

    walks = (whole, refused, declined)
    assert drawn("referral") - set().union(*(walk.been() for walk in walks)) == set()
