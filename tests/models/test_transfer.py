"""The transfer, on both sides: the case's own pathway and the search that others see; walked to every end."""

from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import literal, select

from cases import access, casefile, consents, shelters, transfers, travel
from cases.access import Actor
from cases.transfers import Transfer
from core import clock, db
from core.errors import InvalidForm, MissingConsent, NotYours, WrongOrder
from tasks import pathways
from tests.conftest import Time
from tests.models.conftest import EVERYBODY
from tests.models.walk import Walk, drawn

PUGLIA = Actor("u_paola", "Paola", "it", frozenset({("supervisor", "puglia"), ("case_manager", "puglia")}))
ASKED = {
    "person_agrees": "yes", "transfer_reason": "sicurezza", "urgency": "emergenza", "gender": "femmina",
    "age_band": "18-24", "language": "en", "excluded": ["piemonte-valle-d-aosta", "emilia-romagna"],
}  # fmt: skip
CONSENT = {"consent_by": "person", "consent_on": "2026-08-11", "consent_language": "en", "consent_text_version": "informativa-it-1",
           "consent_way": "scritto"}  # fmt: skip
PLAN = {"day": "Giovedì mattina", "means": "Treno"}
RISK = {"risk_on": "2026-08-11", "risk_level": "alto"}


@pytest.fixture
def moving(case: Walk, shelter: str) -> Walk:
    """A guest of the house for whom another place is asked for."""
    case.do("placement", placement_kind="struttura", shelter=shelter, placed_on="2026-08-11")
    return begin(case)


def begin(case: Walk) -> Walk:
    with db.transaction() as tx:
        pathways.start(tx, EVERYBODY, case.key, "transfer")
    return Walk(EVERYBODY, case.key, "transfer").do("transfer_request", **ASKED)


def of(walk: Walk) -> Transfer:
    with db.transaction() as tx:
        found = transfers.of_case(tx, walk.key)[0]
        tx.expunge(found)
        return found


def search_of(walk: Walk, actor: Actor = EVERYBODY) -> Walk:
    return Walk(actor, of(walk).code, "transfer_matching")


def offered(walk: Walk, post: str = "puglia") -> str:
    code = of(walk).code
    with db.transaction() as tx:
        return transfers.offer(tx, code, post, "pronta", clock.today(), "Con i figli", by="u_paola").id


def chosen(walk: Walk) -> Walk:
    return walk.do("transfer_choice", choice_outcome="chosen", offer=offered(walk), **CONSENT)


def to_acceptance(walk: Walk) -> Walk:
    return chosen(walk).do("transfer_key", key_outcome="confirmed").tick()


def to_departure(walk: Walk) -> Walk:
    to_acceptance(walk)
    search_of(walk, PUGLIA).do("transfer_acceptance", acceptance="accepted")
    return walk.tick()


def to_journey(walk: Walk) -> Walk:
    to_departure(walk)
    code = of(walk).code
    with db.transaction() as tx:
        travel.write(tx, code, PLAN, ["u_anna", "u_paola"], by="u_anna")
    return walk.do("transfer_departure", departure_ready=True, handed_over=["attestato", "effetti"])


def arrive(walk: Walk, time: Time) -> Walk:
    time.forward(hours=12)
    search_of(walk, PUGLIA).do("transfer_arrival", arrival="arrived", arrived_at=clock.now())
    return walk.tick()


def seen_by(actor: Actor, code: str) -> bool:
    with db.transaction() as tx:
        try:
            access.get_case(tx, actor, code)
        except NotYours:
            return False
        return True


def test_the_case_changes_hands_when_the_arrival_is_confirmed_and_not_before(
    moving: Walk, shelter: str, time: Time
) -> None:
    to_journey(moving)
    assert (moving.tenant, seen_by(PUGLIA, moving.key)) == ("lombardia-1", True)
    arrive(moving, time)

    made = of(moving)
    assert (moving.tenant, made.status, made.outcome) == ("puglia", "arrived", "positivo")
    assert made.handed_over == ["attestato", "effetti"]
    assert {task.tenant for task in [moving.task("transfer_notice"), moving.task("risk_assessment")]} == {"puglia"}
    assert not seen_by(EVERYBODY, moving.key)
    with db.transaction() as tx:
        assert casefile.workers(tx, moving.key) == ["u_paola"]
        assert shelters.current(tx, moving.key) is None
        assert access.get_transfer(tx, EVERYBODY, made.code).code == made.code


def test_the_origin_reads_a_summary_for_thirty_days(moving: Walk, time: Time) -> None:
    arrive(to_journey(moving), time)
    code = of(moving).code

    time.forward(days=30, hours=-1)
    with db.transaction() as tx:
        assert access.get_transfer(tx, EVERYBODY, code).code == code
    time.forward(hours=2)
    with db.transaction() as tx, pytest.raises(NotYours):
        access.get_transfer(tx, EVERYBODY, code)


def test_a_project_sees_the_profile_of_what_it_is_asked_and_never_the_case(moving: Walk) -> None:
    code = of(moving).code
    with db.transaction() as tx:
        assert access.get_transfer(tx, PUGLIA, code).profile == {
            "gender": "femmina", "age_band": "18-24", "language": "en",
        }  # fmt: skip
        excluded = Actor("u_e", "E", "it", frozenset({("supervisor", "emilia-romagna")}))
        with pytest.raises(NotYours):
            access.get_transfer(tx, excluded, code)
    assert not seen_by(PUGLIA, moving.key)
    with db.transaction() as tx:
        assert "lombardia-1" not in transfers.asked(tx, code)


def test_when_one_is_chosen_the_others_see_nothing_any_more(moving: Walk) -> None:
    code = of(moving).code
    calabria = Actor("u_c", "C", "it", frozenset({("supervisor", "calabria")}))
    with db.transaction() as tx:
        assert access.get_transfer(tx, calabria, code)
    chosen(moving)

    with db.transaction() as tx:
        assert access.get_transfer(tx, PUGLIA, code)
        with pytest.raises(NotYours):
            access.get_transfer(tx, calabria, code)


def test_the_receiver_reads_no_story_no_route_and_no_house_before_the_arrival(moving: Walk) -> None:
    to_departure(moving)

    with db.transaction() as tx:
        assert access.classes(tx, PUGLIA, casefile.get(tx, moving.key)) == {"P0", "P1", "P2"}


def test_a_consent_taken_back_ends_the_access_at_the_next_request(moving: Walk) -> None:
    to_departure(moving)
    assert seen_by(PUGLIA, moving.key)
    with db.transaction() as tx:
        consents.withdraw_all(tx, moving.key, clock.today(), purpose="trasferimento", by="u_anna")

    assert not seen_by(PUGLIA, moving.key)
    code = of(moving).code
    with db.transaction() as tx, pytest.raises(NotYours):
        access.get_transfer(tx, PUGLIA, code)
    assert search_of(moving).waiting() == {"transfer_arrival": 1}
    with pytest.raises(NotYours):
        search_of(moving, PUGLIA).do("transfer_arrival", arrival="arrived", arrived_at=clock.now())


def test_the_travel_plan_is_read_by_the_people_named_in_it_until_she_arrives(moving: Walk, time: Time) -> None:
    to_journey(moving)
    code = of(moving).code
    with db.transaction() as tx:
        assert travel.read(tx, code, by="u_paola")["means"] == "Treno"
        with pytest.raises(NotYours):
            travel.read(tx, code, by="u_dario")
        with pytest.raises(InvalidForm):
            travel.write(tx, code, PLAN, ["u_1", "u_2", "u_3", "u_4", "u_5"], by="u_anna")
    arrive(moving, time)

    with db.transaction() as tx, pytest.raises(NotYours):
        travel.read(tx, code, by="u_paola")


def test_nobody_leaves_without_a_plan(moving: Walk) -> None:
    to_departure(moving)

    with pytest.raises(WrongOrder):
        moving.do("transfer_departure", departure_ready=True)


def test_one_person_cannot_turn_both_keys(moving: Walk) -> None:
    both = Actor("u_anna", "Anna", "it", PUGLIA.roles | EVERYBODY.roles)
    to_acceptance(moving)

    with pytest.raises(WrongOrder):
        search_of(moving, both).do("transfer_acceptance", acceptance="accepted")


def test_nobody_searches_for_a_person_who_does_not_want_it(case: Walk) -> None:
    with db.transaction() as tx:
        pathways.start(tx, EVERYBODY, case.key, "transfer")

    with pytest.raises(InvalidForm) as refused:
        Walk(EVERYBODY, case.key, "transfer").do("transfer_request", **ASKED | {"person_agrees": "no"})
    assert "person_agrees" in refused.value.errors


def test_she_withdraws_at_the_station(moving: Walk) -> None:
    to_journey(moving).say("transfer_withdrawn", withdrawn_by="person")

    assert of(moving).outcome == "annullato"
    assert not seen_by(PUGLIA, moving.key)
    assert moving.waiting()["transfer_plan_b"] == 1
    moving.tick().do("transfer_plan_b", plan_b="temporary", **RISK)
    assert moving.ends() == ["end_cancelled"]
    assert search_of(moving).ends() == ["end_search_over"]


def test_whoever_does_not_arrive_is_looked_for_at_once(moving: Walk) -> None:
    to_journey(moving)
    search_of(moving, PUGLIA).do("transfer_arrival", arrival="not_arrived")
    moving.tick()

    assert of(moving).outcome == "annullato"
    assert moving.waiting()["transfer_plan_b"] == 1


def test_without_an_offer_in_a_day_the_helpline_asks_for_a_place_meanwhile(
    moving: Walk, shelter: str, time: Time
) -> None:
    time.forward(hours=25)
    search = search_of(moving).tick()
    assert search.task("transfer_escalation").group == "nv_supervisor"
    search.do("transfer_escalation", escalation_outcome="temporary").tick()
    moving.do("transfer_temporary", temporary_kind="temporanea", temporary_on="2026-08-12")

    with db.transaction() as tx:
        assert shelters.current(tx, moving.key) is None
    assert moving.waiting()["transfer_choice"] == 1


def test_an_offer_in_time_alarms_nobody(moving: Walk, time: Time) -> None:
    offered(moving)
    time.forward(hours=25)
    search = search_of(moving).tick()

    assert search.waiting() == {"transfer_match": 1}
    assert search.ends() == ["end_offers_in"]


def test_a_project_that_cannot_sends_the_search_back(moving: Walk) -> None:
    to_acceptance(moving)
    search_of(moving, PUGLIA).do("transfer_acceptance", acceptance="refused", refusal_reason="full")
    moving.tick()

    assert moving.waiting()["transfer_choice"] == 1
    assert search_of(moving).waiting() == {"transfer_match": 1}
    assert search_of(moving).tenant == "nv-centrale"


def test_the_consent_to_one_project_is_no_consent_to_another(moving: Walk) -> None:
    code = of(chosen(moving)).code
    with db.transaction() as tx:
        transfers.release(tx, code, by="u_anna")
    other = offered(moving, "calabria")

    with db.transaction() as tx, pytest.raises(MissingConsent):
        transfers.choose(tx, code, other, by="u_anna")


def test_a_closed_case_is_no_longer_looked_for(moving: Walk) -> None:
    with db.transaction() as tx:
        pathways.close_case(tx, EVERYBODY, moving.key, "rinuncia", "Va da una zia, lo ha scelto lei")
    search = search_of(moving).tick()

    assert search.ends() == ["end_search_over"]
    with db.transaction() as tx, pytest.raises(NotYours):
        access.get_transfer(tx, PUGLIA, search.key)


def test_the_notices_need_a_consent_or_a_reason(moving: Walk, time: Time) -> None:
    arrive(to_journey(moving), time)
    received = Walk(PUGLIA, moving.key, "transfer")
    told = {"notice_outcome": "sent", "notice_receiver": "lawyer", "notice_on": "2026-08-11", "notice_channel": "pec"}
    received.do("transfer_notice", notice_basis="consent", **told, **CONSENT)

    with pytest.raises(InvalidForm):
        received.do("transfer_notice", notice_basis="legal_reason", legal_reason_words="", **told)
    assert received.waiting()["transfer_notice"] == 1


def test_the_where_clause_of_a_consent_says_what_the_question_says(case: Walk) -> None:
    who = "ente:puglia"

    def answer(given: bool, day: int, expires: date | None = None) -> None:
        with db.transaction() as tx:
            consents.record(
                tx, case.key, "trasferimento", who, given, date(2026, 8, day), expires_on=expires, by="u_anna"
            )

    def told() -> tuple[bool, bool]:
        with db.transaction() as tx:
            clause = consents.holding(casefile.Case.code, "trasferimento", literal(who), clock.today())
            found = tx.scalar(select(casefile.Case.code).where(casefile.Case.code == case.key, clause))
            return consents.allowed(tx, case.key, "trasferimento", who, clock.today()), found is not None

    assert told() == (False, False)
    answer(True, 1)
    assert told() == (True, True)
    answer(False, 2)
    assert told() == (False, False)
    answer(True, 3, date(2026, 8, 10))
    assert told() == (False, False)
    answer(True, 4, date(2026, 8, 11))
    assert told() == (True, True)
    with db.transaction() as tx:
        consents.withdraw_all(tx, case.key, clock.today(), by="u_anna")
    assert told() == (False, False)


def test_every_element_and_arrow_of_both_models_was_walked(
    open_case: Callable[[], Walk], shelter: str, time: Time
) -> None:
    whole, refused, stays, leaves, back = (begin(open_case()) for _ in range(5))
    to_acceptance(refused)
    search_of(refused, PUGLIA).do("transfer_acceptance", acceptance="refused", refusal_reason="needs")
    refused.tick()
    search_of(refused).do("transfer_match", projects_called=4)
    stays.do("transfer_choice", choice_outcome="refused").tick()
    chosen(back).do("transfer_key", key_outcome="back")
    to_journey(leaves)
    search_of(leaves, PUGLIA).do("transfer_arrival", arrival="not_arrived")
    leaves.tick().do("transfer_plan_b", plan_b="same_house", **RISK)
    time.forward(hours=25)
    offered(back)
    for walk in (back, refused, whole):
        search_of(walk).tick()
    search_of(refused).do("transfer_escalation", escalation_outcome="wider")
    search_of(whole).do("transfer_escalation", escalation_outcome="temporary")
    whole.tick().do("transfer_temporary", temporary_kind="struttura", shelter=shelter, temporary_on="2026-08-12")
    arrive(to_journey(whole), time)
    received = Walk(PUGLIA, whole.key, "transfer")
    told = {"notice_outcome": "sent", "notice_on": "2026-08-12", "notice_channel": "pec", "notice_basis": "consent"}
    received.do("transfer_notice", notice_receiver="questura_destination", **told, **CONSENT)
    received.do("transfer_notice", notice_outcome="none")
    assert received.ends()[-1] == "end_transferred"

    walks = [whole, refused, stays, leaves, back]
    assert drawn("transfer") - set().union(*(walk.been() for walk in walks)) == set()
    assert drawn("transfer_matching") - set().union(*(search_of(walk).been() for walk in walks)) == set()
