"""Minors: presumed so in doubt, never among adults, asked together with a guardian, followed until they are grown up."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from cases import casefile, consents, contacts, deadlines, minors, posts, shelters
from core import clock, db
from core.errors import InvalidForm
from tests.conftest import Time
from tests.models.conftest import EVERYBODY
from tests.models.walk import Walk, drawn

Told = Callable[[Walk], list[tuple[str, dict[str, Any]]]]
BOTH = {"consent_by": "guardian", "consent_assent": "si", "consent_on": "2026-09-15"}
ASKED = ["colloquio", "comunicazione_questura", "contatto_famiglia"]


@pytest.fixture
def home(shelter: str) -> str:
    """A home for minors with two beds."""
    with db.transaction() as tx:
        posts.record(tx, "casa-olmo", {"name": "Casa Olmo", "kind": "shelter"}, by="deploy")
        return shelters.open_shelter(tx, "casa-olmo", "comunita_minori", 2, by="deploy").code


@pytest.fixture
def child(begin: Callable[..., Walk], time: Time) -> Walk:
    """Somebody who may be a minor, on 3 September 2026."""
    time.at("2026-09-03 10:00")
    return begin("minor")


def receive(walk: Walk, age: str = "in_dubbio", **given: object) -> Walk:
    return walk.do("minor_reception", received_on="2026-09-03", age_is=age, **given)


def to_order(walk: Walk, **order: object) -> Walk:
    """Received in doubt, no document, and the prosecutor has answered."""
    receive(walk).do("age_documents", settled_on="2026-09-03", documents="nessuno")
    return walk.do("age_order", **order)


def to_decree(walk: Walk, time: Time, says: str = "minore") -> Walk:
    time.at("2026-09-18 12:00")
    to_order(walk, order="equipe", order_on="2026-09-18")
    time.at("2026-11-24 12:00")
    walk.do("age_assess", assessed_on="2026-11-12", margin=1.5, assessment_informed="si")
    born = {"born_on": "2010-05-12"} if says == "minore" else {}
    return walk.do("age_decree", decree_on="2026-11-24", decree_says=says, **born)


def final(walk: Walk) -> Walk:
    return walk.do("age_complaint", complaint="no", settled_on="2026-11-24")


def settled(walk: Walk, kind: str = "minore_eta", *, on: str = "2026-11-24") -> Walk:
    walk.do("minor_programme", programme_on=on, partners=["comune", "ente"], heard="si")
    issued = {"permit_issued_on": on} if kind in ("minore_eta", "affidamento") else {}
    return walk.do("minor_permit", minor_permit_kind=kind, **issued)


def file_of(walk: Walk) -> casefile.Case:
    with db.transaction() as tx:
        found = casefile.get(tx, walk.key)
        tx.expunge(found)
        return found


def dates(walk: Walk) -> dict[str, date]:
    with db.transaction() as tx:
        return {each.term_id: each.due_on for each in deadlines.of_case(tx, walk.key, only_open=True)}


def known(walk: Walk) -> minors.Minor:
    with db.transaction() as tx:
        found = minors.get(tx, walk.key)
        assert found is not None
        tx.expunge(found)
        return found


def test_in_doubt_she_is_a_minor_from_the_first_moment(child: Walk) -> None:
    receive(child)

    assert (file_of(child).age_doubt, file_of(child).minor, file_of(child).presumed_minor) == (True, None, True)
    assert (dates(child)["T30"], dates(child)["T31"]) == (date(2026, 9, 14), date(2026, 10, 18))
    assert "T32" not in dates(child)


@pytest.mark.parametrize(
    ("kind", "said", "pathway"),
    [
        ("call", {"minor": True}, True),
        ("street", {"apparent_age": "14-17"}, True),
        ("street", {"apparent_age": "14-17", "minor": False}, False),
        ("street", {"apparent_age": "18-24"}, False),
    ],
)
def test_a_case_of_whoever_may_be_a_minor_begins_with_her_own_pathway(
    contact: Callable[..., Walk], kind: str, said: dict[str, Any], pathway: bool
) -> None:
    met = contact(kind, danger=True, wants_out=True, province="MI", **said)
    met.do("contact_pickup", pickup_at=clock.now(), pickup_outcome="case")

    with db.transaction() as tx:
        case = str(contacts.get(tx, met.key).case_code)
    assert ("minor_reception" in Walk(EVERYBODY, case, "minor").waiting()) == pathway


def test_whoever_lives_among_adults_is_moved_at_once(child: Walk, shelter: str, home: str) -> None:
    with db.transaction() as tx:
        shelters.place(tx, child.key, shelter, date(2026, 9, 3), by="u_anna")
    receive(child)
    assert child.waiting()["minor_move"] == 1
    assert "minor_guardian" not in child.waiting()

    with pytest.raises(InvalidForm):
        child.do("minor_move", placement_kind="struttura", shelter=shelter, placed_on="2026-09-03")
    with pytest.raises(InvalidForm) as refusal:
        child.do("minor_move", placement_kind="cas_tratta", placed_on="2026-09-03")
    assert "art. 19" in str(refusal.value.errors["placement_kind"])
    child.do("minor_move", placement_kind="struttura", shelter=home, placed_on="2026-09-03")
    assert child.waiting()["minor_guardian"] == 1


def test_the_protection_offers_her_no_house_of_adults(child: Walk, shelter: str, home: str) -> None:
    receive(child)

    with pytest.raises(InvalidForm) as refusal:
        child.do("placement", placement_kind="struttura", shelter=shelter, placed_on="2026-09-03")
    assert "shelter" in refusal.value.errors
    with pytest.raises(InvalidForm):
        child.do("placement", placement_kind="temporanea", placed_on="2026-09-03")
    child.do("placement", placement_kind="struttura", shelter=home, placed_on="2026-09-03")


def test_consents_are_asked_anew_of_guardian_and_child_together(child: Walk, time: Time) -> None:
    receive(child)
    with db.transaction() as tx, pytest.raises(InvalidForm):
        consents.record(tx, child.key, "colloquio", "interno", True, date(2026, 9, 3), by="u_anna")
    time.at("2026-09-15 12:00")
    child.do("minor_guardian", guardian_on="2026-09-15", guardian_kind="volontario")
    with pytest.raises(InvalidForm) as refusal:
        child.do("minor_consents", purposes_asked=ASKED, purposes_agreed=ASKED, **(BOTH | {"consent_assent": "no"}))
    assert "consent_assent" in refusal.value.errors
    with pytest.raises(InvalidForm) as refusal:
        child.do("minor_consents", purposes_asked=ASKED, purposes_agreed=ASKED, consent_by="person",
                 consent_on="2026-09-15")  # fmt: skip
    assert "consent_by" in refusal.value.errors
    child.do("minor_consents", purposes_asked=ASKED, purposes_agreed=ASKED[:2], **BOTH)

    with db.transaction() as tx:
        day = date(2026, 9, 15)
        assert consents.allowed(tx, child.key, "comunicazione_questura", "questore", day)
        assert not consents.allowed(tx, child.key, "contatto_famiglia", "interno", day)
        assert not consents.allowed(tx, child.key, "relazione_ct", "commissione_territoriale", day)


@pytest.mark.parametrize(
    ("risk", "more", "end"),
    [("si", {}, "end_not_traced"), ("non_noto", {}, "end_not_traced"),
     ("no", {"tracing_consent": "no"}, "end_not_traced"), ("no", {"tracing_consent": "si"}, None)],
)  # fmt: skip
def test_the_family_is_looked_for_only_without_risk_and_with_consent(
    child: Walk, time: Time, risk: str, more: dict[str, str], end: str | None
) -> None:
    receive(child)
    time.at("2026-09-08 12:00")
    child.do("minor_interview", interview_on="2026-09-08", interview_mediator="si", family_risk=risk, **more)

    assert ("T33" in dates(child)) == (end is None)
    assert (end or "") in [*child.ends(), ""]
    if end is None:
        assert dates(child)["T33"] == date(2026, 9, 14)
        child.do("minor_tracing", tracing_on="2026-09-08", tracing_channel="pec")
        assert "T33" not in dates(child)


def test_the_margin_is_kept_and_the_decree_takes_nothing_away_before_it_is_final(child: Walk, time: Time) -> None:
    to_decree(child, time, "adulto")

    assert (known(child).margin, known(child).assessed_on) == (1.5, date(2026, 11, 12))
    assert file_of(child).presumed_minor
    child.do("age_complaint", complaint="si", complaint_on="2026-11-24", complaint_of="minore")
    assert known(child).suspended
    assert dates(child)["T36"] == date(2026, 12, 4)
    child.do("age_complaint_decision", settled_on="2026-11-24", age_says="minore", born_on="2010-05-12")
    assert (file_of(child).minor, known(child).suspended) == (True, False)


def test_an_assessment_that_does_not_come_is_chased_and_she_stays_a_minor(child: Walk, time: Time) -> None:
    time.at("2026-09-18 12:00")
    to_order(child, order="equipe", order_on="2026-09-18")
    assert dates(child)["T34"] == date(2026, 11, 17)
    time.at("2026-11-18 00:01")
    child.tick()

    assert child.task("age_late").group == "supervisor"
    assert file_of(child).presumed_minor


def test_at_the_border_hours_and_days_are_counted(child: Walk) -> None:
    to_order(child, order="frontiera")
    child.do("age_border", border_at="2026-09-02T09:00", border_notified_on="2026-09-03",
             suspension_asked_on="2026-09-03")  # fmt: skip

    found = dates(child)
    assert (found["T35"], found["T35a"], found["T35b"]) == (date(2026, 9, 4), date(2026, 9, 8), date(2026, 9, 8))


def test_without_an_order_nobody_is_examined(child: Walk, told: Told) -> None:
    settled(to_order(child, order="nessuno"), "nessuno", on="2026-09-03")

    assert "T34" not in dates(child)
    assert child.waiting()["minor_birth"] == 1
    assert told(child) == [("permit_settled", {"permit_outcome": "none"})]


def test_an_adult_by_decree_leaves_the_way_of_minors(child: Walk, time: Time, told: Told) -> None:
    final(to_decree(child, time, "adulto"))

    assert (file_of(child).minor, file_of(child).presumed_minor) == (False, False)
    assert "end_adult" in child.ends()
    assert told(child) == [("permit_settled", {"permit_outcome": "none"})]


def test_a_birth_date_that_makes_her_an_adult_already_is_refused(child: Walk) -> None:
    with pytest.raises(InvalidForm) as refusal:
        receive(child, "non_in_dubbio", born_on="2008-09-03")
    assert "born_on" in refusal.value.errors


def test_the_birthday_is_seen_from_afar_and_the_birth_date_stays_sealed(child: Walk, time: Time, told: Told) -> None:
    settled(final(to_decree(child, time)))

    assert told(child) == [("permit_settled", {"permit_outcome": "issued"})]
    assert (known(child).eighteen_on, dates(child)["T38p"]) == (date(2028, 5, 12), date(2027, 11, 12))
    assert "2010-05-12" not in str(child.facts())
    time.at("2027-11-12 09:01")
    child.tick().do("minor_prosieguo", prosieguo="chiesto", asked_on="2027-11-12")
    child.do("minor_court", prosieguo_decree="concesso", prosieguo_decree_on="2027-11-12")
    assert known(child).prosieguo_until == date(2031, 5, 12)

    time.at("2028-05-12 00:01")
    child.tick().do("minor_of_age", passage_on="2028-05-12", permit_at_18="art32", own_consents=True)
    assert dates(child)["T37"] == date(2029, 5, 12)
    assert file_of(child).minor is False
    time.at("2031-05-12 00:01")
    assert child.tick().ends()[-1] == "end_twenty_one"


def test_a_newborn_child_is_waited_for_until_she_is_grown_up(child: Walk, time: Time) -> None:
    receive(child, "non_in_dubbio", born_on="2026-08-20")
    child.do("minor_programme", programme_on="2026-09-03", partners=["comune"], heard="si")
    child.do("minor_permit", minor_permit_kind="nessuno")

    assert known(child).eighteen_on == date(2044, 8, 20)
    assert "minor_prosieguo" not in child.waiting()
    time.at("2044-02-20 09:01")
    assert child.tick().waiting()["minor_prosieguo"] == 1


def test_with_eighteen_years_the_guardian_says_nothing_any_more(child: Walk, time: Time) -> None:
    receive(child, "non_in_dubbio", born_on="2008-10-01")
    time.at("2026-09-15 12:00")
    child.do("minor_guardian", guardian_on="2026-09-15", guardian_kind="pubblico")
    child.do("minor_consents", purposes_asked=ASKED, purposes_agreed=ASKED, **BOTH)
    child.do("minor_programme", programme_on="2026-09-15", partners=["comune"], heard="si")
    child.do("minor_permit", minor_permit_kind="art18")
    child.tick().do("minor_prosieguo", prosieguo="no")
    time.at("2026-10-01 00:01")
    child.tick().do("minor_of_age", passage_on="2026-10-01", permit_at_18="art18", own_consents=True)

    with db.transaction() as tx:
        asked = (tx, child.key, "comunicazione_questura", "questore")
        assert not consents.allowed(*asked, date(2026, 10, 1))
        consents.record(*asked, True, date(2026, 10, 1), by="u_anna")
        assert consents.allowed(*asked, date(2026, 10, 1))


def test_the_prosieguo_is_asked_for_before_the_birthday_or_not_at_all(child: Walk, time: Time) -> None:
    receive(child, "non_in_dubbio", born_on="2008-10-01")
    settled_now = {"programme_on": "2026-09-03", "partners": ["comune"], "heard": "si"}
    child.do("minor_programme", **settled_now).do("minor_permit", minor_permit_kind="nessuno")
    child.tick()
    time.at("2026-10-02 12:00")

    with pytest.raises(InvalidForm) as refusal:
        child.do("minor_prosieguo", prosieguo="chiesto", asked_on="2026-10-01")
    assert "asked_on" in refusal.value.errors


def test_the_walks_go_through_every_element_and_every_arrow(
    follow: Callable[..., Walk], begin: Callable[..., Walk], shelter: str, home: str, time: Time
) -> None:
    time.at("2026-09-03 10:00")
    decreed, contested, papers, grown, border, alone, sure = walks = [
        follow("track_minor"), *(begin("minor") for _ in range(6))
    ]  # fmt: skip
    with db.transaction() as tx:
        shelters.place(tx, decreed.key, shelter, date(2026, 9, 3), by="u_anna")
    receive(sure, "non_in_dubbio")
    receive(papers).do("age_documents", settled_on="2026-09-03", documents="minore", born_on="2008-10-01")
    receive(grown).do("age_documents", settled_on="2026-09-03", documents="adulto")
    to_order(border, order="frontiera").do("age_border", border_at="2026-09-02T09:00", border_notified_on="2026-09-03")
    settled_early = {"programme_on": "2026-09-03", "partners": ["comune"], "heard": "si"}
    to_order(alone, order="nessuno").do("minor_programme", **settled_early).do(
        "minor_permit", minor_permit_kind="asilo"
    )
    alone.do("minor_birth", born_on="2008-10-02", birth_source="dichiarata")
    papers.do("minor_programme", **settled_early).do("minor_permit", minor_permit_kind="nessuno")
    papers.tick().do("minor_prosieguo", prosieguo="no")
    alone.tick().do("minor_prosieguo", prosieguo="chiesto", asked_on="2026-09-03")
    alone.do("minor_court", prosieguo_decree="negato")
    papers.say("track_minor")
    receive(decreed).do("minor_move", placement_kind="struttura", shelter=home, placed_on="2026-09-03")
    for walk, consent in ((papers, "si"), (border, "no")):
        walk.do("minor_interview", interview_on="2026-09-03", interview_mediator="si", family_risk="no",
                tracing_consent=consent)  # fmt: skip
    papers.do("minor_tracing", tracing_on="2026-09-03", tracing_channel="portale")
    papers.do("minor_identified", identified_on="2026-09-03")
    papers.do("minor_second", moved_on="2026-09-03", second_place="sai_minori")
    time.at("2026-09-18 12:00")
    decreed.do("age_documents", settled_on="2026-09-18", documents="nessuno")
    decreed.do("age_order", order="equipe", order_on="2026-09-18")
    decreed.do("minor_guardian", guardian_on="2026-09-15", guardian_kind="volontario")
    decreed.do("minor_consents", purposes_asked=ASKED, purposes_agreed=[], **BOTH)
    to_order(contested, order="equipe", order_on="2026-09-18")
    time.at("2026-11-24 12:00")
    for walk in (papers, contested):
        walk.tick()
    papers.do("minor_of_age", passage_on="2026-11-24", permit_at_18="non_serve", own_consents=True)
    contested.do("age_late", late_step="sollecitata")
    for walk in (decreed, contested):
        walk.do("age_assess", assessed_on="2026-11-12", margin=1.5, assessment_informed="si")
        walk.do("age_decree", decree_on="2026-11-24", decree_says="minore", born_on="2010-05-12")
    settled(final(decreed))
    contested.do("age_complaint", complaint="si", complaint_on="2026-11-24", complaint_of="polizia")
    contested.do("age_complaint_decision", settled_on="2026-11-24", age_says="minore", born_on="2010-05-12")
    time.at("2027-11-12 09:01")
    decreed.tick().do("minor_prosieguo", prosieguo="chiesto", asked_on="2027-11-12")
    decreed.do("minor_court", prosieguo_decree="concesso", prosieguo_decree_on="2027-11-12")
    time.at("2028-05-12 00:01")
    decreed.tick().do("minor_of_age", passage_on="2028-05-12", permit_at_18="art18", own_consents=True)
    time.at("2031-05-12 00:01")
    decreed.tick()

    been = set().union(*(walk.been() for walk in walks))
    assert drawn("minor") - been == set()
    assert drawn("age_assessment") - been == set()
