"""The asylum track: she chooses whether to be met, the report leaves only with her, the Commissione decides."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from cases import asylum, consents, deadlines, permits
from core import db
from core.errors import InvalidForm
from tests.conftest import Time
from tests.models.conftest import EVERYBODY
from tests.models.walk import Walk, drawn

Told = Callable[[Walk], list[tuple[str, dict[str, Any]]]]
YES = {"consent": "si", "consent_by": "person", "consent_on": "2026-12-01", "consent_way": "scritto"}
REPORT = {"report_on": "2026-12-01", "report_version": 2, "report_kind": "minimizzata", "report_channel": "pec"}
ISSUED = {"attestato_outcome": "issued", "cui": "01AB2C3", "number": "77/2026"}
QUESTORE = {
    "communication_basis": "consent",
    "consent_by": "person",
    "consent_on": "2026-09-02",
    "consent_language": "en",
    "consent_text_version": "informativa-it-1",
    "consent_way": "scritto",
    "measures_on": "2026-08-11",
    "communication_on": "2026-09-02",
    "communication_channel": "pec",
}


@pytest.fixture
def track(follow: Callable[..., Walk], time: Time) -> Walk:
    """A case in the asylum track, on 2 September 2026."""
    walk = follow("track_asylum")
    time.at("2026-09-02 12:00")
    return walk


def refer(walk: Walk, agreed: str = "si", **given: object) -> Walk:
    return walk.do("asylum_referral", referred_on="2026-09-01", interviews_agreed=agreed, **given)


def met(walk: Walk, time: Time, outcome: str = "sufficienti") -> Walk:
    refer(walk)
    time.at("2026-12-01 10:00")
    return walk.do("asylum_interviews", interviews=4, assessment_outcome=outcome)


def decide(walk: Walk, decision: str) -> Walk:
    return walk.do("asylum_decision", notified_on="2026-12-01", ct_decision=decision)


def dates(walk: Walk) -> dict[str, date]:
    with db.transaction() as tx:
        return {each.term_id: each.due_on for each in deadlines.of_case(tx, walk.key, only_open=True)}


def sent(walk: Walk) -> list[str]:
    with db.transaction() as tx:
        return [each.receiver for each in permits.communications(tx, walk.key)]


def test_the_referral_counts_the_four_months_and_the_application_its_own_dates(track: Walk) -> None:
    refer(track, formalised_on="2026-08-20", registered_on="2026-08-25")

    found = dates(track)
    assert (found["T39"], found["T40"], found["T41"]) == (date(2027, 1, 1), date(2026, 11, 18), date(2027, 8, 25))
    assert f"{track.due('asylum_interviews')}" == "2027-01-01 18:00:00"
    assert track.facts()["work_after"] == "2026-11-18"


def test_more_time_moves_the_term_and_the_interviews_go_on(track: Walk, time: Time) -> None:
    met(track, time, "in_corso").do("asylum_time", asked_on="2026-12-01", time_channel="pec")

    assert dates(track)["T39"] == date(2027, 4, 1)
    assert track.waiting()["asylum_interviews"] == 1


def test_the_report_leaves_with_her_consent_and_names_its_version(track: Walk, time: Time) -> None:
    met(track, time).do("asylum_report", **YES, **REPORT)

    assert sent(track) == ["commissione_territoriale"]
    with db.transaction() as tx:
        assert asylum.latest(tx, track.key).report_version == 2
        assert consents.allowed(tx, track.key, "relazione_ct", "commissione_territoriale", date(2026, 12, 1))
    assert "T39" not in dates(track)


@pytest.mark.parametrize("answer", ["no", "valid"])
def test_without_a_consent_that_holds_nothing_leaves_and_the_procedure_goes_on(
    track: Walk, time: Time, answer: str
) -> None:
    more = {"consent_by": "person", "consent_on": "2026-12-01"} if answer == "no" else REPORT
    met(track, time).do("asylum_report", consent=answer, **more)

    assert sent(track) == []
    assert track.waiting()["asylum_decision"] == 1


def test_a_report_before_the_referral_is_refused_beside_its_field(track: Walk, time: Time) -> None:
    met(track, time)
    early = {"consent_on": "2026-08-20", "report_on": "2026-08-31"}

    with pytest.raises(InvalidForm) as refusal:
        track.do("asylum_report", **(YES | REPORT | early))
    assert "report_on" in refusal.value.errors


def test_the_45_days_are_had_inside_asylum_too(track: Walk, time: Time) -> None:
    refer(track).do("reflection", **QUESTORE)
    time.at("2026-09-10 12:00")
    track.do("attestato", **ISSUED, attestato_on="2026-09-10")

    assert dates(track)["T01"] == date(2026, 10, 25)
    assert "end_reflection" in track.ends()


@pytest.mark.parametrize("decision", ["asilo", "sussidiaria", "speciale"])
def test_every_protection_settles_the_permit(track: Walk, time: Time, told: Told, decision: str) -> None:
    met(track, time, "rinuncia")
    decide(track, decision)

    assert told(track) == [("permit_settled", {"permit_outcome": "issued"})]


def test_the_file_sent_to_the_questore_goes_on_with_article_18(track: Walk, time: Time) -> None:
    met(track, time, "non_presentata")
    decide(track, "art32_3bis")

    assert Walk(EVERYBODY, track.key, "permit_art18").status == "open"


def test_a_refusal_may_be_appealed_until_the_term_of_the_asylum_law(track: Walk, time: Time, told: Told) -> None:
    met(track, time, "insufficienti").do("asylum_report", consent="no", consent_by="person", consent_on="2026-12-01")
    decide(track, "rigetto")
    assert dates(track)["T39a"] == date(2026, 12, 31)
    assert f"{track.due('asylum_appeal')}" == "2026-12-31 18:00:00"

    track.do("asylum_appeal", appeal="presentato", appealed_on="2026-12-01")
    assert "T39a" not in dates(track)
    track.do("asylum_outcome", judged_on="2026-12-01", judgment="respinto")
    assert told(track) == [("permit_settled", {"permit_outcome": "refused"})]


def test_the_walks_go_through_every_element_and_every_arrow(follow: Callable[..., Walk], time: Time) -> None:
    reported, silent, gone, upheld, had = walks = [follow("track_asylum") for _ in range(5)]
    with db.transaction() as tx:
        permits.record_attestato(tx, had.key, date(2026, 8, 11), by="u_anna")
    time.at("2026-09-02 12:00")
    refer(reported).do("reflection", **QUESTORE)
    refer(silent, "no").do("reflection", communication_basis="none", no_communication_reason="later")
    refer(gone).do("reflection", **QUESTORE)
    refer(upheld)
    refer(had, "no")
    time.at("2026-12-01 10:00")
    reported.do("attestato", **ISSUED, attestato_on="2026-12-01")
    gone.do("attestato", attestato_outcome="not_issued")
    reported.do("asylum_interviews", interviews=3, assessment_outcome="in_corso")
    reported.do("asylum_time", asked_on="2026-12-01", time_channel="pec")
    reported.do("asylum_interviews", interviews=5, assessment_outcome="sufficienti")
    decide(reported.do("asylum_report", **YES, **REPORT), "asilo")
    decide(silent, "art32_3bis")
    decide(gone.do("asylum_interviews", interviews=0, assessment_outcome="rinuncia"), "rigetto")
    gone.do("asylum_appeal", appeal="no")
    decide(upheld.do("asylum_interviews", interviews=0, assessment_outcome="non_presentata"), "rigetto")
    upheld.do("asylum_appeal", appeal="presentato", appealed_on="2026-12-01")
    upheld.do("asylum_outcome", judged_on="2026-12-01", judgment="accolto")
    decide(had, "rigetto").do("asylum_appeal", appeal="presentato", appealed_on="2026-12-01")
    had.do("asylum_outcome", judged_on="2026-12-01", judgment="respinto")

    assert drawn("asylum") - set().union(*(walk.been() for walk in walks)) == set()
