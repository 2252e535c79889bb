"""What a person may take at any time: compensation, a complaint in safety, the way home; and citizens of the Union."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from cases import casefile, compensations, complaints, deadlines, permits, returns
from core import db
from core.errors import InvalidForm, WrongOrder
from core.log import Line
from tests.conftest import Time
from tests.models.walk import Walk, drawn

Told = Callable[[Walk], list[tuple[str, dict[str, Any]]]]
YES = {"consent": "si", "consent_by": "person", "consent_on": "2026-08-11"}
NO = {"consent": "no", "consent_by": "person", "consent_on": "2026-08-11"}
SENT = {"applied_on": "2026-08-11", "application_channel": "pec"}


@pytest.fixture
def claim(begin: Callable[..., Walk]) -> Walk:
    """A case whose compensation has just begun."""
    return begin("compensation")


@pytest.fixture
def report(begin: Callable[..., Walk]) -> Walk:
    """A case in which somebody thinks of going to the authorities."""
    return begin("complaint")


@pytest.fixture
def wish(begin: Callable[..., Walk]) -> Walk:
    """A case in which somebody thinks of going home."""
    return begin("voluntary_return")


def dates(walk: Walk) -> dict[str, date]:
    with db.transaction() as tx:
        return {each.term_id: each.due_on for each in deadlines.of_case(tx, walk.key, only_open=True)}


def sent(walk: Walk) -> list[str]:
    with db.transaction() as tx:
        return [each.receiver for each in permits.communications(tx, walk.key)]


# -- compensation ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ground", "event_on", "term_id", "last_day", "most"),
    [
        ("autore_noto", "2026-07-16", "T25", date(2028, 7, 17), 10000),  # 16 July 2028 is a Sunday
        ("autore_noto", "2026-07-15", "T28", date(2031, 7, 15), 1500),
        ("autore_patrocinio", "2026-07-16", "T26", date(2027, 1, 16), 10000),
        ("autore_patrocinio", "2026-07-15", "T28", date(2031, 7, 15), 1500),
        ("autore_ignoto", "2026-08-01", "T27", date(2027, 2, 1), 10000),
        ("autore_ignoto", "2026-07-15", "T27", date(2027, 7, 15), 1500),
        ("assoluzione", "2026-08-01", "T27", date(2027, 2, 1), 10000),
        ("assoluzione", "2026-07-01", "T27", date(2027, 7, 1), 1500),
    ],
)
def test_the_day_of_the_event_decides_the_regime(
    claim: Walk, ground: str, event_on: str, term_id: str, last_day: date, most: int
) -> None:
    claim.do("compensation_event", ground=ground, event_on=event_on)

    assert dates(claim)[term_id] == last_day
    assert claim.facts()["compensation_term"] == {"term_id": term_id, "most": most}
    with db.transaction() as tx:
        assert compensations.latest(tx, claim.key).last_day == last_day


def test_the_application_goes_to_the_department_with_consent_and_meets_the_term(claim: Walk, time: Time) -> None:
    claim.do("compensation_event", ground="autore_noto", event_on="2026-08-01")
    claim.do("compensation_apply", **YES, **SENT, already_received=300)

    assert sent(claim) == ["dpo"]
    assert "T25" not in dates(claim)
    time.at("2026-12-01 10:00")
    claim.do("compensation_decision", decided_on="2026-12-01", compensation_outcome="accolta", granted=9700)
    assert claim.ends() == ["end_granted"]


def test_more_than_the_law_gives_on_that_day_is_refused(claim: Walk) -> None:
    claim.do("compensation_event", ground="autore_noto", event_on="2026-07-15")
    claim.do("compensation_apply", **YES, **SENT)

    with pytest.raises(InvalidForm) as refusal:
        claim.do("compensation_decision", decided_on="2026-08-11", compensation_outcome="accolta", granted=1501)
    assert "granted" in refusal.value.errors


def test_after_the_last_day_the_right_is_lost(claim: Walk, time: Time) -> None:
    claim.do("compensation_event", ground="autore_ignoto", event_on="2026-08-01")
    time.at("2027-02-01 23:00")
    claim.tick()
    assert claim.waiting()["compensation_apply"] == 1

    time.at("2027-02-02 00:01")
    claim.tick()
    assert claim.ends() == ["end_lapsed"]


def test_an_application_dated_after_the_last_day_is_refused_with_the_rule(claim: Walk, time: Time) -> None:
    claim.do("compensation_event", ground="autore_ignoto", event_on="2026-08-01")
    time.at("2027-02-02 00:01")

    with pytest.raises(InvalidForm) as refusal:
        claim.do("compensation_apply", **YES, applied_on="2027-02-02", application_channel="pec")
    assert "perentorio" in str(refusal.value.errors["applied_on"])


def test_before_a_decision_in_the_trial_the_case_is_looked_at_again(claim: Walk, time: Time) -> None:
    claim.do("compensation_event", ground="non_ancora")
    assert "compensation_event" not in claim.waiting()
    time.forward(days=91)

    assert claim.tick().waiting()["compensation_event"] == 1


def test_the_walks_of_compensation_go_everywhere(begin: Callable[..., Walk], time: Time) -> None:
    granted, refused, unsent, lapsed, unwanted = walks = [begin("compensation") for _ in range(5)]
    unwanted.do("compensation_event", ground="non_vuole")
    for walk in (granted, refused, unsent, lapsed):
        walk.do("compensation_event", ground="autore_noto", event_on="2026-08-01")
    granted.do("compensation_apply", **YES, **SENT)
    refused.do("compensation_apply", **YES, **SENT)
    unsent.do("compensation_apply", **NO)
    granted.do("compensation_decision", decided_on="2026-08-11", compensation_outcome="accolta_in_parte", granted=2000)
    refused.do("compensation_decision", decided_on="2026-08-11", compensation_outcome="respinta")
    late = begin("compensation")
    late.do("compensation_event", ground="non_ancora")
    time.at("2028-08-02 12:00")
    lapsed.tick()

    assert drawn("compensation") - set().union(*(walk.been() for walk in [*walks, late])) == set()


# -- a complaint in safety ---------------------------------------------------------------------------------------------


def informed(walk: Walk, role: str = "persona_offesa") -> Walk:
    walk.do("complaint_information", informed_on="2026-08-11", crime_role=role, explained=["nessun_obbligo", "dopo"])
    return walk.do("complaint_lawyer", lawyer_on="2026-08-11", legal_aid="chiesto", lawyer="Avv. Prova")


@pytest.mark.parametrize("role", ["persona_offesa", "testimone"])
@pytest.mark.parametrize("choice", ["si", "no", "piu_avanti"])
def test_whatever_she_decides_no_authority_is_told(report: Walk, role: str, choice: str) -> None:
    informed(report, role).do("complaint_choice", chosen_on="2026-08-11", complaint_choice=choice)
    if choice == "si":
        report.do("complaint_filed", filed_on="2026-08-11", hearing_asked="no")

    assert sent(report) == []
    with db.transaction() as tx:
        assert complaints.latest(tx, report.key).role == role
        lines = tx.scalars(select(Line).where(Line.case_code == report.key, Line.verb.startswith("complaint.")))
        assert all(set(line.facts) <= {"complaint", "on"} for line in lines)


def test_she_may_think_as_long_as_she_likes(report: Walk, time: Time) -> None:
    informed(report).do("complaint_choice", chosen_on="2026-08-11", complaint_choice="piu_avanti")
    time.forward(days=15)
    report.tick()

    assert report.waiting()["complaint_choice"] == 1


def test_a_complaint_dated_before_her_decision_is_refused(report: Walk, time: Time) -> None:
    time.at("2026-08-20 10:00")
    informed(report).do("complaint_choice", chosen_on="2026-08-20", complaint_choice="si")

    with pytest.raises(InvalidForm) as refusal:
        report.do("complaint_filed", filed_on="2026-08-19", hearing_asked="no")
    assert "filed_on" in refusal.value.errors


def test_only_the_legal_officer_and_the_supervision_read_what_was_said(report: Walk) -> None:
    from cases import access, sheets

    informed(report)
    with db.transaction() as tx:
        sheet = sheets.latest(tx, report.key, "complaint_lawyer")
        assert sheet is not None
        assert "Prova" not in str(sheet.public)
        assert "lawyer" in sheets.unseal(tx, [sheet], ["P5"])[sheet.id]["P5"]
    assert "P5" not in access.READS["case_manager"]


def test_the_walks_of_a_complaint_go_everywhere(begin: Callable[..., Walk], time: Time) -> None:
    heard, filed, never = walks = [informed(begin("complaint")) for _ in range(3)]
    heard.do("complaint_choice", chosen_on="2026-08-11", complaint_choice="piu_avanti")
    time.forward(days=15)
    heard.tick().do("complaint_choice", chosen_on="2026-08-25", complaint_choice="si")
    heard.do("complaint_filed", filed_on="2026-08-25", with_her=["avvocato"], hearing_asked="si")
    heard.do("complaint_hearing", heard_on="2026-08-25", protections=["stanza_protetta"])
    filed.do("complaint_choice", chosen_on="2026-08-25", complaint_choice="si")
    filed.do("complaint_filed", filed_on="2026-08-25", hearing_asked="no")
    never.do("complaint_choice", chosen_on="2026-08-25", complaint_choice="no")

    assert drawn("complaint") - set().union(*(walk.been() for walk in walks)) == set()


# -- the way home ------------------------------------------------------------------------------------------------------


def weighed(walk: Walk, level: str = "basso", free: str = "si") -> Walk:
    walk.do("return_wish", asked_on="2026-08-11", free_choice=free, country="NG")
    return walk.do("return_risk", home_risk=level)


@pytest.mark.parametrize(("level", "free"), [("alto", "si"), ("imminente", "si"), ("basso", "dubbio"), ("medio", "no")])
def test_a_high_risk_or_a_doubt_about_her_freedom_is_talked_over_first(wish: Walk, level: str, free: str) -> None:
    weighed(wish, level, free)

    assert wish.task("return_talk").group == "supervisor"
    assert "return_apply" not in wish.waiting()


def test_the_prefettura_hears_of_it_only_with_her_consent(wish: Walk) -> None:
    weighed(wish).do("return_apply", **NO)

    assert sent(wish) == []
    assert wish.ends() == ["end_not_asked"]


def test_the_country_stays_sealed(wish: Walk) -> None:
    weighed(wish)

    assert "'NG'" not in str(wish.facts())  # a code may have these letters


def test_a_minor_is_not_sent_home_by_us(begin: Callable[..., Walk], open_case: Callable[[], Walk]) -> None:
    child = open_case()
    with db.transaction() as tx:
        casefile.note(tx, child.key, age_doubt=True, by="u_anna")

    with pytest.raises(WrongOrder):
        begin("voluntary_return", child)
    with db.transaction() as tx, pytest.raises(WrongOrder):
        returns.ask(tx, child.key, date(2026, 8, 11), by="u_anna")


def test_the_walks_home_go_everywhere(begin: Callable[..., Walk], time: Time) -> None:
    gone, here, unsent, stays = walks = [begin("voluntary_return") for _ in range(4)]
    for walk in (
        weighed(gone),
        weighed(here, "alto").do("return_talk", talked_on="2026-08-11", return_choice="continua"),
    ):
        walk.do("return_apply", **YES, **SENT, return_body="oim")
    gone.do("return_departure", outcome="partita", left_on="2026-08-11")
    gone.do("return_follow_up", followed_up_on="2026-08-11", follow_up="bene")
    here.do("return_departure", outcome="non_ammessa")
    weighed(unsent).do("return_apply", **NO)
    weighed(stays, "imminente").do("return_talk", talked_on="2026-08-11", return_choice="resta")

    assert drawn("voluntary_return") - set().union(*(walk.been() for walk in walks)) == set()


# -- citizens of the Union ---------------------------------------------------------------------------------------------


def test_a_citizen_of_the_union_has_the_programme_and_no_permit_step(follow: Callable[..., Walk], told: Told) -> None:
    """Branch M4 of scenario B: a Romanian worker in the same conditions."""
    walk = follow("track_eu")
    with db.transaction() as tx:
        assert casefile.get(tx, walk.key).eu_citizen is None
    walk.do("eu_registration", registration="iscritta", registered_on="2026-08-11", health_cover="ssn")

    assert told(walk) == [("permit_settled", {"permit_outcome": "none"})]
    assert walk.ends() == ["end_registered"]
    with db.transaction() as tx:
        assert casefile.get(tx, walk.key).eu_citizen is True
    assert {"T09", "T11", "T12", "T14"} & set(dates(walk)) == set()
    assert sent(walk) == []


@pytest.mark.parametrize("registration", ["non_possibile", "non_vuole"])
def test_the_programme_does_not_depend_on_the_registration(
    follow: Callable[..., Walk], told: Told, registration: str
) -> None:
    first, second = follow("track_eu"), follow("track_eu")
    first.do("eu_registration", registration=registration)
    second.do("eu_registration", registration="iscritta", registered_on="2026-08-11")

    assert told(first) == [("permit_settled", {"permit_outcome": "none"})]
    assert drawn("eu_citizen") - first.been() - second.been() == set()
