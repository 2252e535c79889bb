"""Preliminary and formal identification, walked to every end: a low threshold to protect, a signed decision to go on."""

from collections.abc import Callable

import pytest

from cases import casefile, sheets, victims
from core import clock, db
from core.errors import InvalidForm
from tasks import pathways
from tests.models.conftest import EVERYBODY
from tests.models.walk import Walk, drawn

Start = Callable[[str], Walk]
TEAM = {"decision_on": "2026-08-11", "decision_by": "ente_antitratta"}
POLICE = {"decision_on": "2026-08-11", "decision_by": "polizia_giudiziaria"}


@pytest.fixture
def start(open_case: Callable[[], Walk]) -> Start:
    """Start one of the two on a new case, from its page."""

    def begin(process: str) -> Walk:
        code = open_case().key
        with db.transaction() as tx:
            pathways.start(tx, EVERYBODY, code, process)
        return Walk(EVERYBODY, code, process)

    return begin


def collect(walk: Walk, outcome: str, **given: object) -> Walk:
    return walk.do("indicators", indicators_on="2026-08-11", indicators_outcome=outcome, **given)


def status_of(walk: Walk) -> tuple[str | None, str | None]:
    with db.transaction() as tx:
        found = casefile.get(tx, walk.key)
        return found.victim_status, found.status_decider


def dimensions(walk: Walk) -> tuple[object, object]:
    """The catalogue used, and the positive dimensions as the sealed sheet has them."""
    with db.transaction() as tx:
        sheet = sheets.latest(tx, walk.key, "indicator_dimensions")
        assert sheet is not None
        assert "dimensions_positive" not in sheet.public
        sealed = sheets.unseal(tx, [sheet], ("P3",))[sheet.id]
        return sheet.public["indicator_catalogue"], sealed["P3"]["dimensions_positive"]


def test_several_indicators_make_a_presumed_person(start: Start) -> None:
    walk = collect(start("preliminary"), "presunta", indicators=["debito_viaggio", "documenti_trattenuti"])

    assert (walk.ends(), status_of(walk)) == (["end_presumed"], ("presunta", "ente_antitratta"))
    assert dimensions(walk) == ("allegato_vi_2026", [])


def test_the_ilo_items_are_weighed_by_the_table_and_stay_sealed(start: Start) -> None:
    walk = collect(
        start("preliminary"),
        "presunta",
        indicator_catalogue="ilo_2009_lavoro_adulti",
        ilo_inganno=["forte_lavoro"],
        ilo_sfruttamento=["forte_orari", "medio_paga"],
        ilo_coercizione_arrivo=["medio_paga", "medio_influenza", "debole_minaccia_rivelare"],
    )

    assert dimensions(walk) == ("ilo_2009_lavoro_adulti", ["sfruttamento", "coercizione_arrivo"])


def test_for_somebody_under_18_the_list_for_children_weighs(start: Start) -> None:
    walk = collect(
        start("preliminary"),
        "presunta",
        indicator_catalogue="ilo_2009_lavoro_minori",
        ilo_minori_inganno=["forte_istruzione", "medio_paga"],
        ilo_minori_vulnerabilita=["medio_credenze", "medio_contesto"],
    )

    assert dimensions(walk) == ("ilo_2009_lavoro_minori", ["inganno"])


@pytest.mark.parametrize("outcome", ["da_approfondire", "non_sufficienti"])
def test_too_little_is_no_refusal(start: Start, outcome: str) -> None:
    walk = collect(start("preliminary"), outcome)

    assert (walk.ends(), status_of(walk)[0]) == (["end_watch"], "in_valutazione")


def test_new_indicators_never_take_back_what_was_recognised(start: Start) -> None:
    walk = collect(start("preliminary"), "presunta")
    with db.transaction() as tx:
        pathways.start(tx, EVERYBODY, walk.key, "preliminary")
    collect(walk, "non_sufficienti")

    assert status_of(walk)[0] == "presunta"


def test_the_police_may_decide_and_their_act_is_named(start: Start) -> None:
    walk = collect(start("identification"), "presunta")
    with pytest.raises(InvalidForm) as refusal:
        walk.do("decision", **POLICE, decision_outcome="identificata_lavoro")
    assert set(refusal.value.errors) == {"act_on", "act_office"}

    act = {"act_on": "2026-08-10", "act_office": "Squadra mobile", "act_number": "12/2026"}
    walk.do("decision", **POLICE, decision_outcome="identificata_lavoro", **act)
    assert "end_formal" in walk.ends()
    assert status_of(walk) == ("identificata", "polizia_giudiziaria")


def test_the_forms_of_exploitation_stay_sealed_and_can_be_counted(start: Start) -> None:
    walk = collect(start("identification"), "presunta")
    forms = ["sessuale", "materiale_sessuale"]
    walk.do("decision", **TEAM, decision_outcome="identificata_tratta", forms_of_exploitation=forms)

    with db.transaction() as tx:
        kept = tx.get_one(victims.Trait, walk.key)
        assert victims.forms_by_print()[kept.form or ""] == "piu"
        sheet = sheets.latest(tx, walk.key, "decision")
        assert sheet is not None
        assert "forms_of_exploitation" not in sheet.public


def test_who_disagrees_says_so_in_words(start: Start) -> None:
    walk = collect(start("identification"), "presunta")

    with pytest.raises(InvalidForm) as refusal:
        walk.do("decision", **TEAM, decision_outcome="identificata_tratta", dissent=True)
    assert set(refusal.value.errors) == {"minority_opinion"}


def test_the_day_of_the_next_decision_comes_after_this_one(start: Start) -> None:
    walk = collect(start("identification"), "presunta")

    with pytest.raises(InvalidForm) as refusal:
        walk.do("decision", **TEAM, decision_outcome="presunta", decision_review_on="2026-08-11")
    assert set(refusal.value.errors) == {"decision_review_on"}


def test_an_act_of_tomorrow_decides_nothing_today(start: Start) -> None:
    walk = collect(start("identification"), "presunta")
    act = {"act_on": "2026-08-11", "act_office": "Procura", "decision_on": "2026-08-10"}

    with pytest.raises(InvalidForm) as refusal:
        walk.do("decision", **(POLICE | act), decision_outcome="identificata_tratta")
    assert set(refusal.value.errors) == {"act_on"}


def test_these_walks_go_through_every_element_and_every_arrow(start: Start) -> None:
    formal, presumed, other = (start("identification") for _ in range(3))
    watched = collect(start("preliminary"), "da_approfondire")
    collect(formal, "presunta").do("decision", **TEAM, decision_outcome="identificata_tratta")
    collect(presumed, "presunta").do("decision", **TEAM, decision_outcome="presunta", decision_review_on="2026-09-11")
    collect(other, "da_approfondire").do("decision", **TEAM, decision_outcome="irreperibile")
    with db.transaction() as tx:
        casefile.set_victim_status(tx, watched.key, "presunta", "ente_antitratta", clock.today(), by="u_anna")
        pathways.start(tx, EVERYBODY, watched.key, "identification")
    known = Walk(EVERYBODY, watched.key, "identification")
    known.do("decision", **TEAM, decision_outcome="identificata_tratta")

    walks = (formal, presumed, other, known, watched)
    assert all(walk.status == "ended" for walk in walks)
    assert (drawn("identification") | drawn("preliminary")) - set().union(*(walk.been() for walk in walks)) == set()
