"""The protection pathway, walked to every end; a save after every step. The dates are those of story A."""

from collections.abc import Callable
from datetime import date

import pytest

from cases import casefile, deadlines, permits, shelters
from core import db
from tests.conftest import Time
from tests.models.walk import Walk, drawn

TOPICS = ("topic_reflection", "topic_permit", "topic_protection", "topic_refusal")
CONSENT = {
    "communication_basis": "consent",
    "consent_by": "person",
    "consent_on": "2026-08-14",
    "consent_language": "en",
    "consent_text_version": "informativa-it-1",
    "consent_way": "scritto",
}
SENT = {"measures_on": "2026-08-11", "communication_on": "2026-08-14", "communication_channel": "pec"}
TODAY = {"consent_on": "2026-09-25", "communication_on": "2026-09-25"}
INTERVIEWS = (
    ("2026-08-24", ["luogo_bisogni", "fiducia"], "continue"),
    ("2026-09-02", ["famiglia_partenza", "reclutamento"], "suspended"),
    ("2026-09-11", ["viaggio", "sfruttamento"], "continue"),
    ("2026-09-18", ["uscita_pericolo", "diritti_scelta"], "enough"),
)
ISSUED = {"attestato_outcome": "issued", "attestato_on": "2026-08-20", "cui": "01AB2C3", "number": "77/2026"}


def place(walk: Walk, shelter: str) -> Walk:
    return walk.do("placement", placement_kind="struttura", shelter=shelter, placed_on="2026-08-11")


def at_home(walk: Walk) -> Walk:
    return walk.do("placement", placement_kind="domicilio_proprio", placed_on="2026-08-11")


def assess(walk: Walk, level: str, *, task: str = "risk_assessment", on: str = "2026-08-11", **given: object) -> Walk:
    return walk.do(task, risk_on=on, risk_occasion="ingresso", risk_level=level, **given)


def inform(walk: Walk) -> Walk:
    told = {"information_on": "2026-08-13", "information_language": "en", "leaflet_version": "diritti-it-1", "understood": "si"}
    return walk.do("information_duty", **told, **dict.fromkeys(TOPICS, True))


def indicate(walk: Walk, outcome: str = "presunta") -> Walk:
    found = ["debito_viaggio", "viaggio_controllato", "documenti_trattenuti", "connazionale_tramite"]
    return walk.do("indicators", indicators_on="2026-08-14", indicators=found, indicators_outcome=outcome)


def refuse(walk: Walk) -> Walk:
    return walk.do("questore_communication", communication_basis="none", no_communication_reason="refuses")


def decide(walk: Walk, outcome: str, **given: object) -> Walk:
    """The interviews were held before, or are not for now: the team decides."""
    if walk.waiting()["interview_plan"]:
        walk.do("interview_plan", plan_outcome="already_done")
    said = {"decision_on": "2026-09-25", "decision_outcome": outcome, "decision_by": "ente_antitratta"}
    return walk.do("decision", **said, **given)


def four_interviews(walk: Walk, time: Time) -> Walk:
    """Monday 24 August to Friday 18 September, with the same worker and a mediator; then form F05."""
    walk.do("interview_plan", plan_outcome="interviews", stop_right_told=True, interview_language="en")
    for day, themes, outcome in INTERVIEWS:
        time.at(f"{day} 11:00")
        told = {"interview_themes": themes, "interview_themes_done": themes, "interview_minutes": 60}
        walk.do("interview", interview_on=day, interview_outcome=outcome, **told)
    return walk.do("evaluation", evaluation_on="2026-09-18", evaluation_opinion="tratta")


def to_communication(walk: Walk, time: Time) -> Walk:
    """At home, at low risk, informed, with indicators: the Questore may now be told."""
    assess(at_home(walk), "basso")
    time.at("2026-08-14 12:00")
    return indicate(inform(walk))


def to_decision(walk: Walk, time: Time) -> Walk:
    to_communication(walk, time)
    time.at("2026-09-25 16:00")
    return refuse(walk)


def file_of(walk: Walk) -> casefile.Case:
    with db.transaction() as tx:
        found = casefile.get(tx, walk.key)
        tx.expunge(found)
        return found


def dates(walk: Walk) -> dict[str, date]:
    with db.transaction() as tx:
        return {each.term_id: each.due_on for each in deadlines.of_case(tx, walk.key, only_open=True)}


def test_the_whole_story_from_the_first_night_to_the_decision(case: Walk, shelter: str, time: Time) -> None:
    place(case, shelter)
    assert case.waiting() == {"risk_assessment": 1, "information_duty": 1}
    assert (dates(case)["T06"], dates(case)["T06p"]) == (date(2026, 11, 11), date(2027, 2, 11))

    time.at("2026-08-11 10:00")
    assess(case, "alto")
    assert file_of(case).masked
    assert f"{case.due('risk_review')}" == "2026-08-13 10:00:00"
    case.do("risk_approval", approval_on="2026-08-11", approval_outcome="confirmed")

    time.at("2026-08-13 09:00")
    assess(inform(case), "medio", task="risk_review", on="2026-08-13")
    assert case.ends() == ["end_risk_approved", "end_risk_low", "end_safe"]

    time.at("2026-08-14 12:00")
    indicate(case).do("questore_communication", **CONSENT, **SENT)
    assert file_of(case).victim_status == "presunta"
    assert f"{case.due('attestato')}" == "2026-08-21 18:00:00"

    time.at("2026-08-20 15:00")
    case.do("attestato", **ISSUED)
    assert dates(case)["T01"] == date(2026, 10, 4)
    four_interviews(case, time)
    assert f"{case.due('decision')}" == "2026-10-04 23:59:00"

    time.at("2026-09-25 16:00")
    decide(case, "identificata_tratta", forms_of_exploitation=["sessuale"])
    assert set(case.ends()[-2:]) == {"end_formal", "end_identified"}
    assert (file_of(case).victim_status, file_of(case).phase) == ("identificata", "P6")
    assert case.status == "ended"


def test_the_rights_are_explained_without_waiting_for_the_risk(case: Walk, time: Time) -> None:
    time.at("2026-08-13 12:00")
    inform(at_home(case))

    assert case.waiting() == {"risk_assessment": 1, "indicators": 1}


@pytest.mark.parametrize("level", ["basso", "medio"])
def test_a_low_risk_is_not_reviewed_by_the_clock(case: Walk, level: str) -> None:
    assess(at_home(case), level)

    assert case.ends() == ["end_risk_low", "end_safe"]
    assert not file_of(case).masked


def test_a_high_risk_is_reviewed_until_it_falls_each_time_with_an_approval(case: Walk, time: Time) -> None:
    assess(at_home(case), "imminente")
    for day in ("2026-08-12", "2026-08-14"):
        time.at(f"{day} 12:00")
        assess(case, "alto", task="risk_review", on=day)

    assert case.waiting() == {"information_duty": 1, "risk_review": 1, "risk_approval": 3}


def test_the_review_does_not_wait_for_the_approval(case: Walk) -> None:
    assess(assess(at_home(case), "alto"), "basso", task="risk_review")

    assert case.waiting() == {"information_duty": 1, "risk_approval": 1}
    assert case.task("risk_approval").group == "supervisor"


def test_the_day_written_in_the_assessment_is_when_the_review_is_due(case: Walk) -> None:
    assess(at_home(case), "alto", review_on="2026-08-12")

    assert f"{case.due('risk_review')}" == "2026-08-12 20:00:00"


def test_a_late_review_is_told_to_the_supervision_and_stays_open(case: Walk, time: Time) -> None:
    assess(at_home(case), "alto")
    time.forward(hours=49)
    case.tick()

    assert case.waiting()["risk_review"] == 1
    assert case.task("risk_late").group == "supervisor"
    case.do("risk_late", late_outcome="reviewing_now")
    assert case.ends() == ["end_risk_late"]


def test_without_consent_nothing_leaves_and_the_pathway_goes_on(case: Walk, time: Time) -> None:
    refuse(to_communication(case, time))

    assert case.waiting() == {"interview_plan": 1}
    with db.transaction() as tx:
        assert not permits.may_communicate(tx, case.key, "questore", date(2026, 8, 14))


def test_a_recorded_legal_reason_opens_the_gate_without_consent(case: Walk, time: Time) -> None:
    reason = {"legal_reason": "judicial_order", "legal_reason_on": "2026-08-13", "legal_reason_words": "Decreto del PM"}
    to_communication(case, time).do("questore_communication", communication_basis="legal_reason", **reason, **SENT)

    assert case.waiting() == {"attestato": 1}


def test_whoever_says_no_to_the_questore_is_asked_again_when_she_changes_her_mind(case: Walk, time: Time) -> None:
    to_decision(case, time)
    time.forward(hours=1)
    decide(case, "comunicare")

    assert case.waiting() == {"questore_communication": 1}
    case.do("questore_communication", **(CONSENT | SENT | TODAY))
    assert case.waiting() == {"attestato": 1}


def test_a_consent_from_before_her_refusal_opens_nothing(case: Walk, time: Time) -> None:
    decide(to_decision(case, time), "comunicare").do("questore_communication", **(SENT | TODAY | CONSENT))

    assert case.waiting() == {"interview_plan": 1}


def test_an_attestato_that_does_not_come_is_chased_and_still_awaited(case: Walk, time: Time) -> None:
    to_communication(case, time).do("questore_communication", **CONSENT, **SENT)
    time.at("2026-08-21 18:01")
    case.tick()

    case.do("attestato_chase", chase_on="2026-08-21", chase_channel="referente", chase_outcome="waiting")
    assert case.ends()[-1] == "end_attestato_chased"
    assert case.waiting() == {"attestato": 1}


def test_without_an_attestato_the_measures_go_on(case: Walk, time: Time) -> None:
    to_communication(case, time).do("questore_communication", **CONSENT, **SENT)
    case.do("attestato", attestato_outcome="prints_declined")

    assert case.waiting() == {"interview_plan": 1}
    assert file_of(case).status == "open"


def test_a_presumed_victim_is_met_again_until_the_team_decides(case: Walk, time: Time) -> None:
    to_decision(case, time)
    time.at("2026-09-25 18:00")
    decide(case, "presunta", decision_review_on="2026-12-10")

    assert case.waiting() == {"interview_plan": 1}
    case.do("interview_plan", plan_outcome="not_now")
    assert f"{case.due('decision')}" == "2026-12-10 23:59:00"
    assert file_of(case).victim_status == "presunta"


@pytest.mark.parametrize("outcome", ["non_elementi", "irreperibile", "altro_servizio"])
def test_other_outcomes_lead_out_without_telling_anybody(case: Walk, time: Time, outcome: str) -> None:
    to_decision(case, time)
    decide(case, outcome, referred_to="centro antiviolenza")

    assert {"end_other_decision", "end_other_way"} <= set(case.ends())
    assert (file_of(case).phase, file_of(case).status) == ("P9", "open")
    assert case.waiting() == {"exit_form": 1}


def test_a_person_who_does_not_want_to_go_on_finds_the_door_open(case: Walk, time: Time) -> None:
    assess(at_home(case), "alto")
    time.at("2026-08-14 12:00")
    refuse(indicate(inform(case)))
    time.at("2026-09-25 16:00")
    decide(case, "non_interessata")

    assert case.waiting() == {}
    assert "end_open_door" in case.ends()
    assert file_of(case).outcome == "porta_aperta"


@pytest.mark.parametrize("reached", ["nothing", "placement", "risk", "communication", "decision"])
def test_the_person_may_say_no_at_any_moment(case: Walk, shelter: str, time: Time, reached: str) -> None:
    if reached == "placement":
        place(case, shelter)
    elif reached == "risk":
        assess(at_home(case), "imminente")
    elif reached == "communication":
        to_communication(case, time)
    elif reached == "decision":
        to_decision(case, time)

    case.say("person_declined", declined_on="2026-08-11", leaves_shelter=True)

    assert case.waiting() == {}
    assert "end_declined" in case.ends()
    assert (file_of(case).status, file_of(case).outcome) == ("closed", "porta_aperta")
    assert dates(case) == {}
    with db.transaction() as tx:
        assert shelters.current(tx, case.key) is None


def test_these_walks_go_through_every_element_and_every_arrow(
    open_case: Callable[[], Walk], shelter: str, time: Time
) -> None:
    walks = [open_case() for _ in range(4)]
    identified, hesitant, unwilling, gone = walks

    assess(place(identified, shelter), "basso")
    to_communication(hesitant, time)
    indicate(inform(identified)).do("questore_communication", **CONSENT, **SENT)
    time.at("2026-08-21 18:01")
    identified.tick().do("attestato_chase", chase_on="2026-08-21", chase_channel="pec", chase_outcome="appointment")
    identified.do("attestato", **ISSUED)
    gone.say("person_declined", declined_on="2026-08-21")

    time.at("2026-09-25 16:00")
    decide(identified, "identificata_tratta")
    decide(refuse(hesitant), "presunta", decision_review_on="2026-10-10")
    time.forward(hours=1)
    decide(hesitant, "comunicare").do("questore_communication", **(CONSENT | SENT | TODAY))
    decide(hesitant.do("attestato", attestato_outcome="not_issued"), "irreperibile")
    assess(at_home(unwilling), "medio")
    decide(refuse(indicate(inform(unwilling))), "non_interessata")

    assert drawn("protection") - set().union(*(walk.been() for walk in walks)) == set()
