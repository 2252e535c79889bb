"""The ways to a title: art. 18, 18-ter, 18-bis, the notice of refusal; each walked to every end."""

from collections.abc import Callable
from datetime import date

import pytest

from cases import applications, casefile, consents, deadlines, permits, tracks
from core import db
from core.errors import WrongOrder
from engine import instances
from tests.conftest import Time
from tests.models.conftest import EVERYBODY
from tests.models.walk import Walk, drawn

PAPERS = {
    "documents_on": "2026-09-30",
    "doc_programme": True,
    "doc_adhesion": True,
    "doc_acceptance": True,
    "identity_document": "none",
}
CONSENT = {
    "communication_basis": "consent",
    "consent_by": "person",
    "consent_on": "2026-09-30",
    "consent_language": "en",
    "consent_text_version": "informativa-it-1",
    "consent_way": "scritto",
    "communication_on": "2026-09-30",
    "communication_channel": "pec",
    "proposer": "registered_body",
}
NO = {"communication_basis": "none", "proposer": "registered_body"}
LODGED = {"application_outcome": "lodged", "lodged_on": "2026-10-02", "receipt": "RIC-0042"}
ISSUED = {
    "questura_answer": "issued",
    "permit_issued_on": "2026-12-15",
    "permit_expires_on": "2027-12-15",
    "permit_number": "I-00998877",
}
REPORT = {"labour_source": "inl", "labour_report_on": "2026-09-15", "useful_contribution": "si"}
COMPLETE = REPORT | {"opinion_on": "2026-09-15"}
PROPOSED = {"judicial_answer": "proposed", "proposed_on": "2026-09-22"}
START = {"permit_art18": "track_chosen", "permit_art18ter": "track_chosen", "permit_art18bis": "track_chosen"}

Begin = Callable[..., Walk]


@pytest.fixture
def begin(shelter: str, time: Time) -> Begin:
    """A case at the beginning of a way to a title, on 2 October 2026."""

    def begun(process: str, track: str = "art18_sociale", at: str = "2026-10-02 12:00") -> Walk:
        time.at(at)
        with db.transaction() as tx:
            made = casefile.open_(tx, "lombardia-1", worker=EVERYBODY.user_id, by="u_anna")
            tracks.choose(tx, made.code, track, date(2026, 9, 28), by="u_anna")
            scope = casefile.scope_of(made.code)
            event = START[process]
            instances.start(tx, process, made.code, made.post, {}, stream=scope, event=event, by=EVERYBODY.user_id)
            return Walk(EVERYBODY, made.code, process)

    return begun


def dates(walk: Walk) -> dict[str, date]:
    with db.transaction() as tx:
        return {each.term_id: each.due_on for each in deadlines.of_case(tx, walk.key, only_open=True)}


def to_answer(walk: Walk) -> Walk:
    return (
        walk.do("documents", **PAPERS)
        .do("proposal", **CONSENT)
        .do("application", **LODGED)
        .do("prints", prints_outcome="done")
    )


def test_the_social_track_as_in_story_a(begin: Begin, time: Time) -> None:
    walk = to_answer(begin("permit_art18"))
    assert dates(walk)["T12"] == date(2026, 12, 31)
    assert dates(walk)["T14"] == date(2026, 11, 16)
    assert dates(walk)["T13c"] == date(2026, 11, 2)  # the 1st is a Sunday and a holiday
    with db.transaction() as tx:
        asked = applications.pending(tx, walk.key)
        assert asked is not None
        assert asked.may_work_from == date(2026, 11, 17)
        assert asked.receipt
        assert b"0042" not in asked.receipt
        sent = permits.communications(tx, walk.key)
        assert [(each.receiver, each.subject, each.basis) for each in sent] == [
            ("questore", "art18_proposal", "consent")
        ]

    time.at("2026-12-15 12:00")
    walk.do("answer", **ISSUED)
    assert dates(walk) == {"T09": date(2027, 12, 15), "T11": date(2027, 9, 16)}
    with db.transaction() as tx:
        permit = permits.latest_permit(tx, walk.key)
        assert permit is not None
        assert (permit.renew_by, permits.permit_number(tx, permit)) == (date(2027, 9, 16), "I-00998877")
        assert casefile.get(tx, walk.key).phase == "P8"

    time.at("2027-08-17 08:00")
    walk.tick()
    assert walk.ends() == ["end_renewal_due"]
    assert walk.waiting() == {"renewal_choice": 1}


def test_the_printed_expiry_stands_over_the_computed_one(begin: Begin, time: Time) -> None:
    walk = to_answer(begin("permit_art18"))
    time.at("2026-12-15 12:00")
    walk.do("answer", **(ISSUED | {"permit_expires_on": "2027-12-20"}))

    assert dates(walk) == {"T09": date(2027, 12, 20), "T11": date(2027, 9, 21)}
    with db.transaction() as tx:
        lasts = next(each for each in deadlines.of_case(tx, walk.key) if each.term_id == "T09")
        assert (lasts.computed_on, lasts.override_by) == (date(2027, 12, 15), EVERYBODY.user_id)


def test_without_consent_no_proposal_leaves(begin: Begin) -> None:
    walk = begin("permit_art18").do("documents", **PAPERS)
    walk.do("proposal", **NO, no_communication_reason="later", retry_on="2026-10-09")
    assert f"{walk.due('proposal')}" == "2026-10-09 23:59:00"

    walk.do("proposal", **NO, no_communication_reason="refuses")
    assert walk.ends() == ["end_not_proposed"]
    with db.transaction() as tx:
        assert permits.communications(tx, walk.key) == []
        assert not consents.allowed(tx, walk.key, "comunicazione_questura", "questore", date(2026, 10, 2))


def test_the_notice_of_refusal_stops_work_and_gives_ten_days(begin: Begin, time: Time) -> None:
    walk = to_answer(begin("permit_art18"))
    time.at("2026-11-20 12:00")
    walk.do("answer", questura_answer="notice", noticed_on="2026-11-20")
    assert dates(walk)["T23"] == date(2026, 11, 30)
    with db.transaction() as tx:
        asked = applications.pending(tx, walk.key)
        assert asked is not None
        assert asked.may_work_from is None

    walk.do("observations_write", observations_outcome="sent", observed_on="2026-11-20")
    assert "T23" not in dates(walk)
    assert walk.waiting() == {"answer": 1}


def test_labour_exploitation_as_in_story_b(begin: Begin, time: Time) -> None:
    walk = begin("permit_art18ter", "art18ter", at="2026-09-28 12:00")
    walk.do("labour_report", **REPORT)
    assert walk.waiting() == {"labour_missing": 1}
    walk.do("labour_missing", **COMPLETE).do("judicial_proposal", judicial_answer="awaited")
    walk.do("judicial_proposal", **PROPOSED).do("application", **(LODGED | {"lodged_on": "2026-09-24"}))
    with db.transaction() as tx:
        asked = applications.pending(tx, walk.key)
        assert asked is not None
        assert asked.may_work_from == date(2026, 9, 24)
    assert "T14" not in dates(walk)

    time.at("2026-09-29 12:00")
    walk.do("prints", prints_outcome="none")
    walk.do("answer", **(ISSUED | {"permit_issued_on": "2026-09-29", "permit_expires_on": "2027-09-29"}))
    assert dates(walk) == {"T16": date(2027, 9, 29), "T11": date(2027, 7, 1)}
    walk.do("ministry_notice", mlps_outcome="told", mlps_on="2026-09-29")
    time.at("2027-06-01 08:00")
    assert walk.tick().ends() == ["end_renewal_due"]


def test_no_application_without_the_proposal_of_the_judicial_authority(begin: Begin) -> None:
    walk = begin("permit_art18ter", "art18ter")
    with db.transaction() as tx, pytest.raises(WrongOrder):
        applications.lodge(tx, walk.key, "primo_rilascio", "art18ter", date(2026, 9, 24), by="u_anna")


@pytest.mark.parametrize(
    ("useful", "end"), [("no", "end_no_contribution"), ("si", "end_no_proposal")], ids=["useless", "not proposed"]
)
def test_without_contribution_or_proposal_the_track_is_assessed_again(begin: Begin, useful: str, end: str) -> None:
    walk = begin("permit_art18ter", "art18ter").do("labour_report", **(COMPLETE | {"useful_contribution": useful}))
    if useful == "si":
        walk.do("judicial_proposal", judicial_answer="not_proposed")

    assert walk.ends() == [end]


def test_these_walks_go_through_all_of_art_18_and_of_the_notice(begin: Begin, time: Time) -> None:
    judged, contrary, unwilling, stopped, changed, declined, refused = (
        begin("permit_art18", "art18_giudiziario" if number < 2 else "art18_sociale") for number in range(7)
    )
    judged.do("documents", **PAPERS).do("prosecutor", prosecutor="awaited")
    judged.do("prosecutor", prosecutor="proposes", prosecutor_on="2026-10-01")
    contrary.do("documents", **PAPERS).do("prosecutor", prosecutor="contrary", prosecutor_on="2026-10-01")
    unwilling.do("documents", **PAPERS).do("proposal", **NO, no_communication_reason="later")
    unwilling.do("proposal", **NO, no_communication_reason="refuses")
    judged.do("proposal", **CONSENT).do("application", **LODGED)
    judged.do("prints", prints_outcome="moved", prints_on="2026-10-20").do("prints", prints_outcome="done")
    judged.do("answer", questura_answer="notice", noticed_on="2026-10-02")
    judged.do("observations_write", observations_outcome="none")
    declined.do("documents", **PAPERS).do("proposal", **CONSENT).do("application", application_outcome="declined")
    to_answer(stopped).do("answer", questura_answer="withdrawn")
    to_answer(changed).do("answer", questura_answer="requalify")
    to_answer(refused).do("answer", questura_answer="refused")
    assert refused.waiting() == {"refusal_read": 1}
    time.at("2026-12-15 12:00")
    judged.do("answer", **ISSUED)
    time.at("2027-08-17 08:00")
    judged.tick()

    walks = (judged, contrary, unwilling, stopped, changed, declined, refused)
    assert drawn("permit_art18") - set().union(*(walk.been() for walk in walks)) == set()


def test_these_walks_go_through_all_of_art_18_ter(begin: Begin, time: Time) -> None:
    def to_end(walk: Walk) -> Walk:
        walk.do("labour_report", **COMPLETE).do("judicial_proposal", **PROPOSED)
        return walk.do("application", **LODGED).do("prints", prints_outcome="none")

    whole, useless, unproposed, stopped, changed, declined, refused = (
        begin("permit_art18ter", "art18ter") for _ in range(7)
    )
    whole.do("labour_report", **REPORT).do("labour_missing", **COMPLETE)
    whole.do("judicial_proposal", judicial_answer="awaited").do("judicial_proposal", **PROPOSED)
    whole.do("application", **LODGED).do("prints", prints_outcome="moved", prints_on="2026-10-20")
    whole.do("prints", prints_outcome="done").do("answer", questura_answer="notice", noticed_on="2026-10-02")
    whole.do("observations_write", observations_outcome="none")
    useless.do("labour_report", **(COMPLETE | {"useful_contribution": "no"}))
    unproposed.do("labour_report", **COMPLETE).do("judicial_proposal", judicial_answer="requalify")
    declined.do("labour_report", **COMPLETE).do("judicial_proposal", **PROPOSED)
    declined.do("application", application_outcome="declined")
    to_end(stopped).do("answer", questura_answer="withdrawn")
    to_end(changed).do("answer", questura_answer="requalify")
    to_end(refused).do("answer", questura_answer="refused")
    time.at("2026-12-15 12:00")
    whole.do("answer", **ISSUED).do("ministry_notice", mlps_outcome="unknown")
    time.at("2027-08-17 08:00")
    whole.tick()

    walks = (whole, useless, unproposed, stopped, changed, declined, refused)
    assert drawn("permit_art18ter") - set().union(*(walk.been() for walk in walks)) == set()


def test_these_walks_go_through_all_of_art_18_bis(begin: Begin, time: Time) -> None:
    told = {"orientation_on": "2026-10-02", "told_1522": True, "told_permit": True}
    walks = [begin("permit_art18bis", "art18bis") for _ in range(5)]
    for walk in walks[1:]:
        walk.do("domestic_orientation", **told, centre_choice="centre")
    walks[0].do("domestic_orientation", **told, centre_choice="not_now")
    for walk, answer in zip(walks[1:], ("withdrawn", "requalify", "refused"), strict=False):
        walk.do("domestic_outcome", questura_answer=answer)
    time.at("2026-12-15 12:00")
    walks[4].do("domestic_outcome", **ISSUED)
    assert dates(walks[4]) == {"T18": date(2027, 12, 15), "T11": date(2027, 9, 16)}
    time.at("2027-08-17 08:00")
    walks[4].tick()

    assert drawn("permit_art18bis") - set().union(*(walk.been() for walk in walks)) == set()
