"""The programme, walked to every end; the dates of the law are those of story A (28 September 2026 and after)."""

from collections.abc import Callable
from datetime import date

import pytest

from cases import casefile, deadlines, permits, programmes, shelters, tracks
from core import db
from core.errors import InvalidForm, WrongOrder
from engine import instances
from tests.conftest import Time
from tests.models.conftest import EVERYBODY
from tests.models.walk import Walk, drawn

JOINS = {
    "adhesion_outcome": "joins",
    "told_interruption": True,
    "told_conduct": True,
    "told_rules": True,
    "rules_language": "en",
    "told_duties": True,
    "adhesion_on": "2026-09-28",
    "person_signed": True,
    "accepted_on": "2026-09-28",
    "programme_form": "residential",
}
DUTY = {
    "communication_basis": "legal_reason",
    "legal_reason": "body_duty",
    "legal_reason_words": "Art. 26 c. 4 DPR 394/1999: inizio del programma",
    "communication_on": "2026-09-29",
    "communication_channel": "pec",
}
NOBODY = dict.fromkeys(
    ("wants_asylum", "trafficking_facts", "danger_art18", "proceedings", "labour_exploitation", "domestic_violence"),
    "no",
) | {"assessed_on": "2026-09-28", "minor_answer": "no", "eu_answer": "no"}
SOCIAL = NOBODY | {"trafficking_facts": "si"}


@pytest.fixture
def begin(shelter: str, time: Time) -> Callable[..., Walk]:
    """An identified person to whom the programme is offered, on 28 September 2026; in a house since 11 August."""

    def begun(*, housed: bool = False, **known: bool) -> Walk:
        time.at("2026-09-28 10:00")
        with db.transaction() as tx:
            made = casefile.open_(tx, "lombardia-1", worker=EVERYBODY.user_id, by="u_anna")
            casefile.note(tx, made.code, by="u_anna", **known)
            casefile.set_victim_status(tx, made.code, "identificata", "ente_antitratta", date(2026, 9, 25), by="u_anna")
            if housed:
                shelters.place(tx, made.code, shelter, date(2026, 8, 11), by="u_anna")
                for term in programmes.TRANSITIONAL:
                    deadlines.record(tx, made.code, term, "placement", date(2026, 8, 11), by="u_anna")
            scope = casefile.scope_of(made.code)
            instances.start(
                tx, "programme", made.code, made.post, {}, stream=scope, event="identified", by=EVERYBODY.user_id
            )
            return Walk(EVERYBODY, made.code, "programme")

    return begun


def dates(walk: Walk) -> dict[str, date]:
    with db.transaction() as tx:
        return {each.term_id: each.due_on for each in deadlines.of_case(tx, walk.key, only_open=True)}


def history(walk: Walk) -> list[str]:
    with db.transaction() as tx:
        return [each.track for each in tracks.history(tx, walk.key)]


def phase(walk: Walk) -> str:
    with db.transaction() as tx:
        return casefile.get(tx, walk.key).phase


def running(walk: Walk) -> set[str]:
    with db.transaction() as tx:
        return {definition.process_id for _, definition in instances.open_instances(tx, walk.key)}


def settle(walk: Walk, outcome: str) -> Walk:
    """What a permit pathway says at its end."""
    return walk.say("permit_settled", permit_outcome=outcome)


def test_whoever_joins_has_reports_every_six_months_and_leaves_no_house_at_the_soft_date(begin, time):
    walk = begin(housed=True).do("adhesion", **JOINS)
    assert phase(walk) == "P6"
    assert (dates(walk)["T21"], dates(walk)["T22"]) == (date(2027, 3, 30), date(2027, 3, 30))  # the 28th is Easter
    assert (dates(walk)["T06"], dates(walk)["T06p"]) == (date(2026, 11, 11), date(2027, 2, 11))
    assert walk.waiting() == {"mayor_notice": 1, "pei": 1, "track_facts": 1}

    time.at("2026-11-11 08:00")
    walk.tick()
    assert "T06" not in dates(walk)
    with db.transaction() as tx:
        assert shelters.current(tx, walk.key) is not None
        assert casefile.get(tx, walk.key).status == "open"

    time.at("2027-02-11 08:00")
    walk.tick()
    assert walk.ends() == ["end_transition"]
    time.at("2027-02-28 08:00")
    walk.tick()
    assert f"{walk.due('six_month_report')}" == "2027-03-30 23:59:00"
    time.at("2027-03-20 08:00")
    walk.do("six_month_report", report_on="2027-03-20", check_on="2027-03-20")
    assert (dates(walk)["T21"], dates(walk)["T22"]) == (date(2027, 9, 28), date(2027, 9, 28))


def test_the_mayor_is_told_by_a_person_and_never_without_consent_or_reason(begin):
    walk = begin().do("adhesion", **JOINS)
    walk.do("mayor_notice", communication_basis="none", no_communication_reason="later", retry_on="2026-10-05")
    assert f"{walk.due('mayor_notice')}" == "2026-10-05 23:59:00"
    with db.transaction() as tx:
        assert permits.communications(tx, walk.key) == []

    walk.do("mayor_notice", **(DUTY | {"communication_on": "2026-09-28"}))
    assert "end_mayor" in walk.ends()
    with db.transaction() as tx:
        told = permits.communications(tx, walk.key)
        assert [(each.receiver, each.subject, each.basis) for each in told] == [
            ("sindaco", "programme_start", "legal_reason")
        ]


def test_whoever_refuses_that_the_mayor_is_told_is_written_down_and_nothing_leaves(begin):
    walk = begin().do("adhesion", **JOINS)
    walk.do("mayor_notice", communication_basis="none", no_communication_reason="refuses")

    assert "end_mayor" in walk.ends()
    with db.transaction() as tx:
        assert permits.communications(tx, walk.key) == []


def test_whoever_thinks_is_asked_again_and_whoever_says_no_finds_the_door_open(begin, time):
    walk = begin().do("adhesion", adhesion_outcome="later", adhesion_review_on="2026-10-02")
    assert f"{walk.due('adhesion')}" == "2026-10-02 23:59:00"

    walk.do("adhesion", adhesion_outcome="declines")
    assert walk.ends() == ["end_not_joined"]
    with db.transaction() as tx:
        assert casefile.get(tx, walk.key).outcome == "porta_aperta"


def test_the_social_track_begins_and_its_permit_ends_the_search(begin):
    walk = begin().do("adhesion", **JOINS).do("track_facts", **SOCIAL)
    assert (history(walk), phase(walk)) == (["art18_sociale"], "P7")
    assert "permit_art18" in running(walk)

    settle(walk, "issued")
    assert set(walk.ends()) == {"end_transition", "end_titled"}


def test_what_is_not_known_is_asked_again_and_never_counts_as_no(begin):
    walk = begin().do("adhesion", **JOINS).do("track_facts", **(SOCIAL | {"trafficking_facts": "non_noto"}))
    assert walk.waiting()["track_facts"] == 1
    assert history(walk) == []

    walk.do("track_facts", **{name: value for name, value in SOCIAL.items() if name != "eu_answer"})
    assert history(walk) == ["art18_sociale"]


@pytest.mark.parametrize(
    ("facts", "track", "process"),
    [
        ({"wants_asylum": "si"}, "asylum", None),
        ({"labour_exploitation": "si", "contribution": "si"}, "art18ter", "permit_art18ter"),
        ({"domestic_violence": "si"}, "art18bis", "permit_art18bis"),
        ({"minor_answer": "si"}, "minor", None),
        ({"eu_answer": "si"}, "eu", None),
        ({"danger_art18": "si", "proceedings": "si"}, "art18_giudiziario", "permit_art18"),
    ],
)
def test_each_track_begins_its_own_pathway(begin, facts, track, process):
    walk = begin().do("adhesion", **JOINS).do("track_facts", **(NOBODY | facts))

    assert history(walk) == [track]
    assert process is None or process in running(walk)


def test_a_change_of_track_keeps_the_history(begin):
    labour = NOBODY | {"labour_exploitation": "si", "contribution": "si"}
    walk = settle(begin().do("adhesion", **JOINS).do("track_facts", **labour), "requalified")
    walk.do("track_facts", **(SOCIAL | {"proceedings": "si"}))

    assert history(walk) == ["art18ter", "art18_giudiziario"]
    with db.transaction() as tx:
        before, now = tracks.history(tx, walk.key)
        assert (before.until_on, now.until_on) == (now.from_on, None)


def test_after_a_no_the_work_stands_still_and_nothing_leaves_until_she_was_heard(begin):
    walk = begin().do("adhesion", **JOINS).do("track_facts", **SOCIAL)
    walk.say("person_declined", declined_on="2026-09-28", leaves_shelter=False)

    assert "end_declined" in walk.ends()
    with db.transaction() as tx:
        assert casefile.get(tx, walk.key).status == "suspended"
    assert walk.waiting()["interruption_hearing"] == 1
    with pytest.raises(WrongOrder, match="Prima ascoltala"):
        walk.do("mayor_notice", **(DUTY | {"communication_on": "2026-09-28"}))
    with db.transaction() as tx:
        assert permits.communications(tx, walk.key) == []

    walk.do("interruption_hearing", heard="yes", heard_on="2026-09-28")
    walk.do("interruption_decision", interruption="no", interruption_on="2026-09-28")
    with db.transaction() as tx:
        assert casefile.get(tx, walk.key).status == "open"
    assert (dates(walk)["T21"], walk.waiting()["pei"]) == (date(2027, 3, 30), 1)
    walk.do("mayor_notice", **(DUTY | {"communication_on": "2026-09-28"}))
    assert "end_mayor" in walk.ends()


def test_a_minor_joins_with_her_guardian_only(begin):
    walk = begin(minor=True)
    with pytest.raises(InvalidForm) as refused:
        walk.do("adhesion", **JOINS)
    assert list(refused.value.errors) == ["guardian_signed"]

    assert walk.do("adhesion", **JOINS, guardian_signed=True).waiting()["track_facts"] == 1


def test_these_walks_go_through_every_element_and_every_arrow(begin, time):
    housed, other, leaving, hesitant = begin(housed=True), begin(), begin(), begin()
    for walk in (housed, other, leaving):
        walk.do("adhesion", **JOINS)
    hesitant.do("adhesion", adhesion_outcome="later").do("adhesion", adhesion_outcome="declines")
    housed.do("mayor_notice", communication_basis="none", no_communication_reason="later")
    housed.do("mayor_notice", communication_basis="none", no_communication_reason="refuses")

    housed.do("track_facts", **(SOCIAL | {"danger_art18": "non_noto", "trafficking_facts": "no"}))
    housed.do("track_facts", **SOCIAL)
    settle(housed, "requalified").do("track_facts", **(NOBODY | {"labour_exploitation": "si", "contribution": "si"}))
    settle(housed, "none").do("track_after", after_choice="again")
    housed.do("track_facts", **(NOBODY | {"domestic_violence": "si"}))
    settle(housed, "withdrawn").do("track_after", after_choice="again")
    housed.do("track_facts", **(NOBODY | {"wants_asylum": "si"}))
    settle(housed, "requalified").do("track_facts", **NOBODY)
    housed.do("orientation", orientation_on="2026-09-28", orientation_outcome="again")
    housed.do("track_facts", **(NOBODY | {"eu_answer": "si"}))
    settle(housed, "refused").do("track_after", after_choice="stop")

    other.do("track_facts", **(NOBODY | {"minor_answer": "si"}))
    settle(other, "issued")
    leaving.do("track_facts", **NOBODY).do("orientation", orientation_on="2026-09-28", orientation_outcome="stays")
    leaving.say("person_declined", declined_on="2026-09-28")

    for day in ("2026-11-11", "2027-02-11", "2027-02-28"):
        time.at(f"{day} 08:00")
        housed.tick()
    housed.do("six_month_report", report_on="2027-02-28")
    housed.say("integration_done").say("exit_done")

    assert housed.status == "ended"
    walks = (housed, other, leaving, hesitant)
    assert drawn("programme") - set().union(*(walk.been() for walk in walks)) == set()
