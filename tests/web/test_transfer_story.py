"""A transfer for safety while the 45 days run: what each desk does, and what it never sees (10 to 20 November 2026)."""

import re
from datetime import date, datetime

import pytest
from sqlalchemy import select

import core.db
from cases import casefile, deadlines, permits, posts, shelters, transfers
from core import clock, log, users
from core.log import Line
from engine.tables import UserTask
from tasks import assignment, pathways, schedule
from tests.web.browser import PASSWORD, Browser
from tests.web.walk import Walk, complaint

FROM, TO, HOUSE = "lombardia-2", "puglia", "casa-fiume"
PEOPLE = (
    ("rosa", "Rosa Villa", "case_manager", FROM),
    ("sara", "Sara Monti", "supervisor", FROM),
    ("nino", "Nino Galli", "case_manager", FROM),
    ("tina", "Tina Corti", "shelter_worker", HOUSE),
    ("paola", "Paola Greco", "supervisor", TO),
    ("gino", "Gino Russo", "case_manager", TO),
    ("noemi", "Noemi Rey", "supervisor", "piemonte-valle-d-aosta"),
)
CONSENT = {
    "consent_by": "person",
    "consent_language": "en",
    "consent_text_version": "informativa-it-1",
    "consent_way": "scritto",
}
ROUTE = "Treno delle sette e dieci, cambio a Ancona"


class Move(Walk):
    """The desks of both projects, the helpline and the house."""

    def __init__(self, app, time) -> None:
        super().__init__(app, time)
        logins = [login for login, *_ in PEOPLE] + ["anna", "ines", "piero", "marco", "giulia"]
        self.desks = {login: Browser(app) for login in logins}
        self.transfer = ""

    def tick(self) -> None:
        """The clock process looks around."""
        assert schedule.fire_timers().failed == 0

    def status(self, login: str, path: str) -> int:
        """What this person gets from a page."""
        return self.desk(login).get(path).status_code

    def start(self, login: str, process: str) -> None:
        """Start a pathway from the page of the case."""
        desk = self.desk(login)
        desk.get(f"/cases/{self.case}")
        reply = desk.send(f"/cases/{self.case}/pathways/{process}")
        assert reply.status_code == 303, complaint(reply.text)

    def fill(self, login: str, path: str, **answers) -> int:
        """Fill the form of a page that is no task."""
        desk = self.desk(login)
        desk.get(path)
        return desk.send(path, **answers).status_code

    def see_danger(self) -> None:
        """Monday 16 November, 17:20: the cousin of the exploiter near the house."""
        self.time.at("2026-11-16 17:20")
        self.start("rosa", "interruption")
        self.do(
            self.desk("rosa"), "Scrivi che cosa è successo", event_kind="contatto_rete", event_at="2026-11-16T17:10",
            house_known="yes", risk_on="2026-11-16", risk_level="imminente", review_on="2026-11-17",
            interruption_considered="no", story="Ha riconosciuto il cugino",
        )  # fmt: skip

    def ask(self) -> None:
        """18:00: another place, not in Piedmont or Emilia."""
        self.time.at("2026-11-16 18:00")
        self.start("rosa", "transfer")
        self.do(
            self.desk("rosa"), "Chiedi un altro posto", person_agrees="yes", transfer_reason="sicurezza",
            urgency="emergenza", gender="femmina", age_band="18-24", language="en", place_kind="pronta",
            excluded=["lombardia-1", "piemonte-valle-d-aosta", "emilia-romagna"],
        )  # fmt: skip
        with core.db.transaction() as db:
            self.transfer = transfers.of_case(db, self.case)[0].code

    def offer(self) -> None:
        """Tuesday 17 November: two offers."""
        self.time.at("2026-11-17 10:00")
        given = {"place_kind": "pronta", "from_on": "2026-11-18", "conditions": "Due persone per stanza"}
        for login in ("paola", "piero"):
            assert self.fill(login, f"/transfers/{self.transfer}/offer", **given) == 303

    def choose(self) -> None:
        """She chooses Puglia."""
        self.time.at("2026-11-17 16:00")
        desk = self.desk("rosa")
        address = desk.task("Scegli con la persona")
        desk.get(address)
        page = desk.send(address, choice_outcome="chosen", _refresh="1").text
        chosen = page.partition(">La Puglia non tratta")[0].rpartition('value="')[2].partition('"')[0]
        self.do(
            desk, "Scegli con la persona", choice_outcome="chosen", offer=chosen, consent_on="2026-11-17", **CONSENT
        )

    def turn_keys(self) -> None:
        """Wednesday 18 November: two keys, two posts."""
        self.do(self.at("2026-11-18 09:00", "sara"), "Conferma la partenza", key_outcome="confirmed")
        self.tick()
        self.do(self.at("2026-11-18 11:00", "paola"), "Conferma l'accoglienza", acceptance="accepted")
        self.tick()

    def plan(self) -> None:
        """The journey, for four people."""
        self.time.at("2026-11-18 15:00")
        with core.db.transaction() as db:
            told = [user.id for login in ("rosa", "sara", "paola", "gino") if (user := users.by_login(db, login))]
        path = f"/transfers/{self.transfer}/plan"
        assert self.fill("rosa", path, day="Giovedì 19", means=ROUTE, readers=told) == 303
        self.do(self.desk("rosa"), "Prepara il viaggio", departure_ready="true", handed_over=["attestato", "documenti"])

    def arrive(self) -> None:
        """Thursday 19 November, 21:05."""
        self.do(
            self.at("2026-11-19 21:05", "gino"), "Conferma l'arrivo", arrival="arrived", arrived_at="2026-11-19T21:05"
        )
        self.tick()

    def whole_way(self) -> None:
        for step in (self.see_danger, self.ask, self.offer, self.choose, self.turn_keys, self.plan, self.arrive):
            step()


@pytest.fixture
def move(app, time) -> Move:
    """A guest of a house of Lombardia 2 with an attestato of Tuesday 10 November 2026."""
    time.at("2026-11-10 09:00")
    walk = Move(app, time)
    with core.db.transaction() as db:
        posts.record(db, HOUSE, {"name": "Casa Fiume", "kind": "shelter"}, by="demo")
        for login, name, role, post in PEOPLE:
            user = users.add(db, login, name, f"{login}@example.org", password=PASSWORD, by="demo")
            users.grant(db, user, role, post, by="demo")
        walk.shelter = shelters.open_shelter(db, HOUSE, "pronta", 4, address="Via Inventata 1", by="demo").code
        rosa = assignment.actor_of(db, users.holders(db, "case_manager", FROM)[1])
        walk.case = pathways.open_case(db, rosa, FROM).code
        shelters.place(db, walk.case, walk.shelter, date(2026, 11, 10), by=rosa.user_id)
        permits.record_attestato(db, walk.case, date(2026, 11, 10), office="BG", by=rosa.user_id)
    return walk


def test_the_45_days_run_on_while_the_case_changes_hands(move):
    move.whole_way()

    page = move.page("gino", f"/cases/{move.case}")
    assert "protetta fino a venerdì 25 dicembre 2026" in page
    assert "ultimo giorno utile per agire: giovedì 24 dicembre 2026" in page
    with core.db.transaction() as db:
        term = next(each for each in deadlines.of_case(db, move.case) if each.term_id == "T01")
        assert (term.due_on, term.kind, term.status) == (date(2026, 12, 25), "VAL", "open")
        made = transfers.get(db, move.transfer)
        assert made.arrived_at == datetime(2026, 11, 19, 21, 5, tzinfo=clock.ROME)
        moved = db.scalars(select(Line).where(Line.verb == "case.handed_over", Line.case_code == move.case)).one()
        assert (moved.facts["old"], moved.facts["new"], moved.at) == (FROM, TO, made.arrived_at)
        assert {task.tenant for task in db.scalars(select(UserTask).where(UserTask.business_key == move.case))} == {TO}
        assert log.verify(db) == []
    assert "Dai gli avvisi" in move.page("gino", "/inbox")
    for login in ("rosa", "sara", "tina", "nino"):
        assert move.status(login, f"/cases/{move.case}") == 404
        assert move.case not in move.page(login, "/inbox")


def test_each_notice_is_an_act_of_the_new_post_and_has_its_consent(move):
    move.whole_way()
    desk = move.at("2026-11-20 09:30", "gino")
    for who in ("questura_origin", "questura_destination", "lawyer", "asl"):
        move.do(desk, "Dai gli avvisi", notice_outcome="sent", notice_receiver=who, notice_on="2026-11-20",
                notice_channel="pec", notice_basis="consent", consent_on="2026-11-20", **CONSENT)  # fmt: skip
    move.do(desk, "Dai gli avvisi", notice_outcome="none")

    with core.db.transaction() as db:
        told = {sent.subject for sent in permits.communications(db, move.case)}
        assert told == {"transfer_questura_origin", "transfer_questura_destination"}
    assert "Avviso del trasferimento: Avvocata o avvocato" in move.page("gino", f"/cases/{move.case}")


def test_the_helpline_and_the_projects_see_the_profile_and_nothing_else(move):
    move.see_danger()
    move.ask()

    for login in ("anna", "ines", "paola", "piero"):
        page = move.page(login, f"/transfers/{move.transfer}")
        assert "Profilo anonimo" in page
        for hidden in (move.case, move.shelter, "Casa Fiume", "Rosa", "cugino"):
            assert hidden not in page
        assert move.status(login, f"/cases/{move.case}") == 404
    assert "Mettiamo le Ali" not in move.page("paola", f"/transfers/{move.transfer}")
    assert "Cerca un posto tra i progetti" in move.page("anna", "/inbox")
    said = {"projects_called": "3", "notes": "La Puglia risponde domattina"}
    move.do(move.desk("anna"), "Cerca un posto tra i progetti", **said)


def test_an_excluded_project_cannot_tell_that_anybody_is_looked_for(move):
    move.see_danger()
    move.ask()

    pages = [move.desk("noemi").get(path).text for path in (f"/transfers/{move.transfer}", "/transfers/TR-222222")]
    mine, nothing = (re.sub(r'"[^" ]*\.[\w-]{6}\.[\w-]{27}"', "token", page) for page in pages)  # it holds the second
    assert mine == nothing
    assert move.transfer not in move.page("noemi", "/transfers")
    for login in ("tina", "giulia", "marco"):
        assert move.status(login, f"/cases/{move.case}") == (200 if login == "tina" else 404)


def test_a_project_sees_its_own_offer_only_and_after_the_choice_nothing(move):
    for step in (move.see_danger, move.ask, move.offer):
        step()
    assert "La Puglia non tratta" not in move.page("piero", f"/transfers/{move.transfer}")
    assert "La Puglia non tratta" in move.page("rosa", f"/transfers/{move.transfer}")
    move.choose()

    assert move.status("piero", f"/transfers/{move.transfer}") == 404
    assert move.status("paola", f"/transfers/{move.transfer}") == 200
    assert move.status("paola", f"/cases/{move.case}") == 404


def test_identity_comes_with_both_keys_and_the_route_only_to_the_four(move):
    for step in (move.see_danger, move.ask, move.offer, move.choose):
        step()
    move.do(move.at("2026-11-18 09:00", "sara"), "Conferma la partenza", key_outcome="confirmed")
    move.tick()
    assert move.status("paola", f"/cases/{move.case}") == 404
    move.do(move.at("2026-11-18 11:00", "paola"), "Conferma l'accoglienza", acceptance="accepted")
    move.tick()
    assert move.status("paola", f"/cases/{move.case}") == 200
    assert move.status("gino", f"/cases/{move.case}") == 404
    move.plan()

    for login in ("rosa", "sara", "paola", "gino"):
        desk = move.desk(login)
        desk.get(f"/transfers/{move.transfer}")
        assert ROUTE in desk.send(f"/transfers/{move.transfer}/plan/read").text
    for login in ("anna", "ines", "nino", "tina", "noemi", "piero", "marco"):
        desk = move.desk(login)
        refused = desk.client.post(f"/transfers/{move.transfer}/plan/read", data={"csrf_token": desk.token()})
        assert refused.status_code == 404
        assert ROUTE not in move.page(login, f"/transfers/{move.transfer}")
    assert ROUTE not in move.page("rosa", f"/cases/{move.case}")


def test_the_origin_reads_a_summary_for_thirty_days(move):
    move.whole_way()

    page = move.page("sara", f"/transfers/{move.transfer}")
    assert "Arrivo confermato" in page
    assert "La Puglia non tratta" in page
    move.time.at("2026-12-19 21:04")
    assert move.status("sara", f"/transfers/{move.transfer}") == 200
    move.time.at("2026-12-19 21:06")
    assert move.status("sara", f"/transfers/{move.transfer}") == 404
    assert move.status("gino", f"/transfers/{move.transfer}") == 200


def test_without_an_offer_in_a_day_there_is_a_protected_hotel_meanwhile(move):
    move.see_danger()
    move.ask()
    move.time.at("2026-11-17 18:01")
    move.tick()
    move.do(move.desk("ines"), "Nessuna offerta: decidi", escalation_outcome="temporary")
    move.tick()
    move.do(move.at("2026-11-17 19:00", "rosa"), "Luogo sicuro per intanto", temporary_kind="temporanea",
            temporary_on="2026-11-17")  # fmt: skip

    assert move.status("tina", f"/cases/{move.case}") == 404
    assert "Scegli con la persona" in move.page("rosa", "/inbox")


def test_she_says_no_at_the_station(move):
    for step in (move.see_danger, move.ask, move.offer, move.choose, move.turn_keys, move.plan):
        step()
    move.time.at("2026-11-19 07:00")
    assert move.fill("rosa", f"/transfers/{move.transfer}/withdraw", withdrawn_by="person") == 303

    for path in (f"/cases/{move.case}", f"/transfers/{move.transfer}"):
        assert move.status("paola", path) == 404
    assert "Conferma l'arrivo" not in move.page("gino", "/inbox")
    move.tick()
    move.do(move.desk("rosa"), "Prepara il piano B", plan_b="temporary", risk_on="2026-11-19", risk_level="imminente",
            review_on="2026-11-20")  # fmt: skip
    page = move.page("rosa", f"/cases/{move.case}")
    assert "Annullato" in page
    assert "protetta fino a venerdì 25 dicembre 2026" in page
    assert "Consenso revocato: Trasferimento" in page


def test_the_house_that_may_be_known_takes_nobody_and_the_log_tells_nothing(move):
    move.see_danger()

    assert move.shelter not in move.page("rosa", "/shelters")
    move.ask()
    move.offer()
    with core.db.transaction() as db:
        assert not [
            line for line in db.scalars(select(Line)) if "cugino" in str(line.facts) or ROUTE in str(line.facts)
        ]
        assert casefile.get(db, move.case).masked
    assert move.status("nino", f"/cases/{move.case}") == 404


def test_a_closed_case_opens_again_for_whoever_comes_back(move):
    with core.db.transaction() as db:
        pathways.end_case(db, move.case, "dimissione", leaves=True, by="demo")
    path = f"/cases/{move.case}/reentry"
    assert move.fill("sara", path, reentry_on="2026-11-10", reentry_reason="breve") == 422
    assert move.fill("sara", path, reentry_on="2026-11-10", reentry_reason="Vuole ricominciare da qui") == 303

    assert "Accogli e ricomincia insieme" in move.page("rosa", "/inbox")
    assert move.status("sara", path) == 404
    assert move.status("noemi", path) == 404
