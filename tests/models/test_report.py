"""The report pathway, walked to every end: the loop is closed by people, who reports stays apart from the person."""

from collections.abc import Callable
from typing import Any

import pytest

from cases import contacts, persons, reports, sheets
from core import clock, db
from core.errors import InvalidForm
from tasks import pathways
from tasks.forms import Paper
from tests.conftest import Time
from tests.models.conftest import EVERYBODY
from tests.models.walk import Walk, drawn

Receive = Callable[..., Walk]
F03 = {"report_channel": "cas_sai_hotspot", "report_priority": "ordinaria", "report_consent": "si", "province": "MI"}
SENDER = {"sender_name": "Operatore del centro", "sender_contact": "sala 2"}
CONFIRMED = {"receipt_on": "2026-08-11", "receipt_channel": "telefono"}
ANSWERED = {"answer_on": "2026-08-11", "answer_channel": "telefono", "answer_what": "followed"}


@pytest.fixture
def receive(shelter: str) -> Receive:
    """Write a report down through form F03 and walk its pathway."""

    def received(**given: Any) -> Walk:
        at = f"{clock.now().astimezone(clock.ROME):%Y-%m-%dT%H:%M}"
        with db.transaction() as tx:
            paper = Paper({"at": at, **F03, **SENDER, **given})
            made = pathways.receive_contact(tx, EVERYBODY, "report", paper, post="nv-centrale")
            return Walk(EVERYBODY, made.code, "report")

    return received


def evaluate(walk: Walk, outcome: str) -> Walk:
    return walk.do("report_evaluation", evaluation_on="2026-08-11", report_outcome=outcome)


def confirmed(walk: Walk) -> Walk:
    return walk.do("report_receipt", **CONFIRMED)


def refused(walk: Walk, element: str, **given: object) -> set[str]:
    with pytest.raises(InvalidForm) as refusal:
        walk.do(element, **given)
    return set(refusal.value.errors)


def step(walk: Walk) -> tuple[str, str | None]:
    with db.transaction() as tx:
        found = reports.get(tx, walk.key)
        return found.step, found.outcome


def test_a_report_goes_to_the_desk_of_the_territory_and_is_confirmed_in_a_day(receive: Receive) -> None:
    walk = receive()

    assert walk.tenant == "lombardia-1"
    assert walk.waiting() == {"report_receipt": 1}
    assert f"{walk.due('report_receipt')}" == "2026-08-12 02:10:00"


def test_what_is_urgent_is_confirmed_on_the_telephone_within_the_hour(receive: Receive) -> None:
    walk = receive(report_priority="alta")

    assert f"{walk.due('report_receipt')}" == "2026-08-11 03:10:00"
    assert refused(walk, "report_receipt", receipt_on="2026-08-11", receipt_channel="pec") == {"receipt_channel"}
    assert confirmed(walk).waiting() == {"report_evaluation": 1}


def test_a_report_becomes_a_contact_and_a_case_without_typing_and_without_who_reported(receive: Receive) -> None:
    walk = receive(first_name="Sara", citizenships="NG", vulnerabilities=["gravidanza"], summary="Ha paura")
    evaluate(confirmed(walk), "meet")
    walk.do("contact_pickup", pickup_at=clock.now(), pickup_outcome="case")

    with db.transaction() as tx:
        code = str(contacts.get(tx, walk.key).case_code)
        assert persons.of_case(tx, code) is not None
        filed = sheets.list_(tx, code)
        sealed = str(sheets.unseal(tx, filed, sheets.CLASSES))
        assert {sheet.form for sheet in filed} == {"contact", "contact_report"}
    assert "gravidanza" in sealed
    assert "Sara" in sealed
    assert not {words for words in SENDER.values() if words in sealed}
    assert walk.do("report_answer", **ANSWERED).ends()[-1] in ("end_answered", "end_case_opened")
    assert step(walk) == ("answered", "meet")


def test_news_of_the_person_need_her_consent(receive: Receive) -> None:
    walk = evaluate(confirmed(receive()), "hypothesis")

    assert refused(walk, "report_answer", **(ANSWERED | {"answer_what": "news"})) == {"answer_what"}


def test_her_no_keeps_it_a_hypothesis(receive: Receive) -> None:
    walk = confirmed(receive(report_consent="no", first_name="Sara"))

    assert refused(walk, "report_evaluation", evaluation_on="2026-08-11", report_outcome="meet") == {"report_outcome"}
    evaluate(walk, "hypothesis")
    with db.transaction() as tx:
        kept = contacts.get(tx, walk.key)
        assert (kept.outcome, kept.person_code) == ("ipotesi", None)
        assert "Sara" not in str(sheets.unseal(tx, sheets.list_(tx, walk.key), sheets.CLASSES))


def test_a_minor_who_says_no_is_looked_for_all_the_same(receive: Receive) -> None:
    walk = evaluate(confirmed(receive(report_consent="no", minor="si")), "meet")

    assert walk.waiting() == {"contact_pickup": 1}


def test_in_danger_nobody_waits_for_an_evaluation(receive: Receive) -> None:
    assert receive(danger="si").waiting() == {"contact_pickup": 1}


def test_an_evaluation_before_the_report_is_refused(receive: Receive) -> None:
    walk = confirmed(receive())

    given = {"evaluation_on": "2026-08-10", "report_outcome": "hypothesis"}
    assert refused(walk, "report_evaluation", **given) == {"evaluation_on"}


def test_these_walks_go_through_every_element_and_every_arrow(receive: Receive, time: Time) -> None:
    met, kept, urgent, says_no = receive(), receive(sender_contact=""), receive(danger="si"), receive()
    confirmed(met)
    evaluate(met, "more_info")
    evaluate(kept, "not_pertinent")
    says_no.say("person_declined", declined_on="2026-08-11")
    time.forward(days=3, hours=1)
    met.tick().do("report_late", late_report_outcome="doing_now")
    evaluate(met, "meet").do("contact_pickup", pickup_at=clock.now(), pickup_outcome="contact_only")
    time.forward(days=3, hours=1)
    met.tick().do("report_late", late_report_outcome="doing_now").do("report_answer", **ANSWERED)
    urgent.do("pickup_escalation", escalation_outcome="answered")
    urgent.do("contact_pickup", pickup_at=clock.now(), pickup_outcome="police").do("report_answer", **ANSWERED)

    assert kept.ends() == ["end_nobody"]
    assert says_no.ends() == ["end_report_open_door"]
    assert all(walk.status == "ended" for walk in (met, kept, urgent, says_no))
    assert drawn("report") - set().union(*(walk.been() for walk in (met, kept, urgent, says_no))) == set()
