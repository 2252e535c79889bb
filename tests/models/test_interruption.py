"""Critical events, interruption, the alarm of a house and the way back; walked to every end."""

from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import select

from cases import casefile, consents, critical_events, deadlines, permits, shelters
from cases.shelters import Shelter
from core import clock, db
from core.errors import InvalidForm, ShelterFull
from core.log import Line
from engine import instances, registry
from tasks import pathways
from tests.conftest import Time
from tests.models.conftest import EVERYBODY
from tests.models.walk import Walk, drawn

EVENT = {"event_kind": "minaccia", "house_known": "no", "interruption_considered": "no", "risk_on": "2026-08-11",
         "risk_level": "imminente"}  # fmt: skip
HEARD = {"heard": "yes", "heard_on": "2026-08-11"}
FINAL = {"interruption": "definitiva", "interruption_on": "2026-08-11", "interrupted_by": "equipe",
         "interruption_reason": "Regole violate più volte", "exit_outcome": "dimissione", "leaves_house": "yes"}  # fmt: skip
PAUSE = {"interruption": "sospesa", "interruption_on": "2026-08-11", "interrupted_by": "persona",
         "interruption_reason": "Ha chiesto qualche giorno"}  # fmt: skip
SENT = {
    "interruption_notice": "sent",
    "interruption_notice_channel": "pec",
    "legal_reason_words": "Art. 26 c. 4 lett. e",
}
WELCOME = {"informed_again": "yes", "risk_level": "medio"}


def housed(case: Walk, shelter: str) -> Walk:
    return case.do("placement", placement_kind="struttura", shelter=shelter, placed_on="2026-08-11")


def happened(case: Walk, **given: object) -> Walk:
    with db.transaction() as tx:
        pathways.start(tx, EVERYBODY, case.key, "interruption")
    walk = Walk(EVERYBODY, case.key, "interruption")
    return walk.do("critical_event", event_at=clock.now(), **EVENT | given)


def decided(case: Walk, **decision: object) -> Walk:
    walk = happened(case, interruption_considered="yes").do("interruption_hearing", **HEARD)
    return walk.do("interruption_decision", **decision)


def file_of(case: Walk) -> casefile.Case:
    with db.transaction() as tx:
        found = casefile.get(tx, case.key)
        tx.expunge(found)
        return found


def test_an_event_weighs_the_risk_anew_and_interrupts_nothing(case: Walk) -> None:
    walk = happened(case)

    assert walk.ends() == ["end_event_handled"]
    assert (file_of(case).risk, file_of(case).masked) == ("imminente", True)
    with db.transaction() as tx:
        assert [event.kind for event in critical_events.of_case(tx, case.key)] == ["minaccia"]


def test_a_burnt_house_takes_nobody_and_warns_each_team_without_a_word_of_the_others(
    open_case: Callable[[], Walk], shelter: str
) -> None:
    first, second, elsewhere = housed(open_case(), shelter), housed(open_case(), shelter), open_case()
    happened(first, house_known="yes")

    with db.transaction() as tx:
        assert not tx.get_one(Shelter, shelter).accepting
        with pytest.raises(ShelterFull):
            shelters.place(tx, elsewhere.key, shelter, date(2026, 8, 11), by="u_anna")
    alert = Walk(EVERYBODY, second.key, "house_alert")
    assert alert.waiting()["house_risk"] == 1
    assert "house_risk" not in first.waiting() + elsewhere.waiting()
    with db.transaction() as tx:
        told = list(tx.scalars(select(Line).where(Line.case_code == second.key)))
        assert not [line for line in told if first.key in str(line.facts)]
        started = [line for line in told if line.facts.get("process") == "house_alert"]
        assert [line.actor for line in started] == ["house_alarm"]
    alert.do("house_risk", risk_on="2026-08-11", risk_occasion="evento", risk_level="alto")
    assert drawn("house_alert") - alert.been() == set()


def test_what_is_not_known_of_the_house_closes_nothing(case: Walk, shelter: str) -> None:
    happened(housed(case, shelter), house_known="unknown")

    with db.transaction() as tx:
        assert tx.get_one(Shelter, shelter).accepting


def test_the_notice_of_a_final_interruption_is_due_in_two_working_days(case: Walk, time: Time) -> None:
    walk = decided(case, **FINAL)

    with db.transaction() as tx:
        found = [each for each in deadlines.of_case(tx, case.key, only_open=True) if each.term_id == "T19"]
        assert [each.due_on for each in found] == [date(2026, 8, 13)]
    assert f"{walk.due('interruption_notice')}" == "2026-08-13 18:00:00"
    assert walk.task("interruption_notice").due_source == "law T19"
    walk.do("interruption_notice", interruption_notice_on="2026-08-11", **SENT)
    with db.transaction() as tx:
        assert {told.receiver for told in permits.communications(tx, case.key)} == {"sindaco", "questore"}
    assert (file_of(case).status, file_of(case).outcome) == ("closed", "dimissione")


def test_a_notice_is_not_sent_before_it_was_decided(case: Walk) -> None:
    walk = decided(case, **FINAL)

    with pytest.raises(InvalidForm) as refused:
        walk.do("interruption_notice", interruption_notice_on="2026-08-10", **SENT)
    assert "interruption_notice_on" in refused.value.errors


def test_a_programme_that_was_never_told_needs_no_notice(case: Walk) -> None:
    decided(case, **FINAL).do("interruption_notice", interruption_notice="not_due")

    with db.transaction() as tx:
        assert permits.communications(tx, case.key) == []
    assert file_of(case).status == "closed"


def test_what_was_told_to_the_mayor_is_told_again_when_it_ends(case: Walk) -> None:
    with db.transaction() as tx:
        permits.communicate(
            tx, case.key, "sindaco", "programme_start", date(2026, 8, 11), "pec", legal_reason="Art. 26 DPR 394/1999",
            by="u_anna",
        )  # fmt: skip
    walk = decided(case, **FINAL)

    with pytest.raises(InvalidForm) as refused:
        walk.do("interruption_notice", interruption_notice="not_due")
    assert list(refused.value.errors) == ["interruption_notice"]
    walk.do("interruption_notice", interruption_notice_on="2026-08-11", **SENT)
    assert file_of(case).status == "closed"


def test_whoever_comes_back_keeps_the_history_and_is_asked_for_everything_again(case: Walk) -> None:
    with db.transaction() as tx:
        consents.record(tx, case.key, "foto", "interno", True, date(2026, 8, 11), by="u_anna")
    walk = decided(case, **PAUSE)
    assert file_of(case).status == "suspended"
    walk.do("suspension_follow", suspension_outcome="back").tick()

    back = Walk(EVERYBODY, case.key, "reentry")
    assert (file_of(case).status, back.waiting()["reentry_welcome"]) == ("open", 1)
    with db.transaction() as tx:
        assert not consents.allowed(tx, case.key, "foto", "interno", date(2026, 8, 11))
        assert [consent.purpose for consent in consents.list_(tx, case.key)] == ["foto"]


def test_a_pathway_can_lead_to_an_interruption_by_itself(case: Walk) -> None:
    with db.transaction() as tx:
        found = registry.started_by(tx, "interruption_begins")

    assert found is not None
    assert (found[0].process_id, found[1]) == ("interruption", "interruption_begins")


def test_every_element_and_arrow_was_walked(open_case: Callable[[], Walk], time: Time) -> None:
    handled, breach, final, paused, known = (open_case() for _ in range(5))
    walks = [happened(handled), happened(breach, event_kind="violazione_dati", interruption_considered="yes")]
    walks[1].do("data_breach", breach_outcome="with_rpd", breach_told_on="2026-08-11")
    walks[1].do("interruption_hearing", **HEARD).do("interruption_decision", interruption="no",
                                                    interruption_on="2026-08-11")  # fmt: skip
    walks.append(decided(final, **FINAL).do("interruption_notice", interruption_notice_on="2026-08-11", **SENT))
    walks.append(decided(paused, **PAUSE).do("suspension_follow", suspension_outcome="waiting"))
    walks[-1].do("suspension_follow", suspension_outcome="decide").do("interruption_decision", **PAUSE)
    walks[-1].do("suspension_follow", suspension_outcome="back").tick()
    with db.transaction() as tx:
        event = registry.started_by(tx, "interruption_begins")
        assert event is not None
        case = casefile.get(tx, known.key)
        no = {"declined_on": "2026-08-11"}
        instances.start(tx, "interruption", case.code, case.post, no, stream=casefile.scope_of(case.code),
                                 event=event[1], by="clock")  # fmt: skip
    walks.append(Walk(EVERYBODY, known.key, "interruption"))
    assert known.waiting()["interruption_hearing"] == 1
    with db.transaction() as tx:
        assert [each.kind for each in critical_events.of_case(tx, known.key)] == ["rinuncia"]

    assert drawn("interruption") - set().union(*(walk.been() for walk in walks)) == set()


def running(case: Walk) -> list[str]:
    with db.transaction() as tx:
        return sorted(definition.process_id for _, definition in instances.open_instances(tx, case.key))


def test_every_way_back_was_walked(open_case: Callable[[], Walk], time: Time) -> None:
    ways = []
    for restart, carried in (("protection", "protection"), ("programme", "programme")):
        case = decided(open_case(), **PAUSE).do("suspension_follow", suspension_outcome="back").tick()
        back = Walk(EVERYBODY, case.key, "reentry")
        back.do("reentry_welcome", welcome_on="2026-08-11", risk_on="2026-08-11", restart="none",
                listen_again_on="2026-08-20", **WELCOME)  # fmt: skip
        assert f"{back.due('reentry_welcome')}" == "2026-08-20 23:59:00"
        back.do("reentry_welcome", welcome_on="2026-08-11", risk_on="2026-08-11", restart=restart, **WELCOME).tick()
        assert running(case) == [carried]  # never two of what carries the case, never none
        ways.append(back)
    closed = decided(open_case(), **FINAL).do("interruption_notice", interruption_notice="not_due")
    with db.transaction() as tx:
        case_file = casefile.reopen(tx, closed.key, "È tornata da sola", by="u_anna")
        pathways.start_on(tx, case_file, "reentry", by="u_anna")
    again = Walk(EVERYBODY, closed.key, "reentry")
    again.do("reentry_welcome", welcome_on="2026-08-11", risk_on="2026-08-11", restart="protection", **WELCOME)
    assert running(closed) == ["protection"]
    ways.append(again)

    assert drawn("reentry") - set().union(*(way.been() for way in ways)) == set()


def test_a_programme_that_only_stood_still_goes_on_and_is_not_begun_twice(case: Walk) -> None:
    with db.transaction() as tx:
        [protection] = [instance.id for instance, _ in instances.open_instances(tx, case.key)]
        instances.cancel(tx, protection, "test", by="u_anna")
        made = casefile.get(tx, case.key)
        instances.start(tx, "programme", made.code, made.post, {}, stream=casefile.scope_of(made.code),
                        event="identified", by="u_anna")  # fmt: skip
    decided(case, **PAUSE).do("suspension_follow", suspension_outcome="back").tick()
    case.do("reentry_welcome", welcome_on="2026-08-11", risk_on="2026-08-11", restart="programme", **WELCOME).tick()

    assert running(case) == ["programme"]
    assert case.waiting() == {"adhesion": 1}
