"""Other stories of the same kind, at the desk: what holds when things do not go as in the five that were told first.

Persons, houses and numbers are invented.
"""

from datetime import date

import pytest
from sqlalchemy import func, select

import core.db
from cases import casefile, consents, deadlines, minors, permits, persons, posts, shelters, transfers
from cases.permits import Communication
from core import log
from tasks import schedule
from tests.web.browser import Browser
from tests.web.test_story_titles import JOINS, Desk
from tests.web.test_transfer_story import FROM, move  # noqa: F401 - a fixture
from tests.web.walk import Walk

TALKED = {"consent_language": "en", "consent_text_version": "informativa-it-1", "consent_way": "scritto"}
SENT = {"communication_basis": "consent", "communication_channel": "pec"}
BOTH = {"consent_by": "guardian", "consent_assent": "si"}


@pytest.fixture
def walk(app, time):
    return Walk(app, time)


@pytest.fixture
def desk(app, time):
    return Desk(app, time)


def post(desk, path, **answers):
    """Send a page that is no task, as somebody without JavaScript does."""
    desk.get(path)
    for _ in range(2):
        desk.send(path, _refresh="1", **answers)
    return desk.send(path, **{**answers, "_refresh": []})


def attempt(desk, task, **answers):
    """Complete a task, or be refused."""
    address = desk.task(task)
    desk.get(address)
    for _ in range(3):
        desk.send(address, _refresh="1", **answers)
    return desk.send(address, **{**answers, "_refresh": []})


def dates(code):
    with core.db.transaction() as db:
        return {each.term_id: each.due_on for each in deadlines.of_case(db, code, only_open=True)}


def told(code):
    """Who was told something of a case."""
    with core.db.transaction() as db:
        return [each.receiver for each in permits.communications(db, code)]


# A letter is printed, then the consent is taken back.


@pytest.fixture
def letter(walk):
    """14 August: she says yes to the Questore and the letter is printed; 15 August: she takes her yes back."""
    for step in (walk.meet, walk.ring, walk.pick_up, walk.house, walk.weigh, walk.explain):
        step()
    carla = walk.at("2026-08-14 09:00", "carla")
    walk.do(carla, "Raccogli gli indicatori", indicators_on="2026-08-14", indicators_outcome="presunta",
            indicators=["debito_viaggio", "viaggio_controllato"])  # fmt: skip
    dario = walk.desk("dario")
    said = post(
        dario, f"/cases/{walk.case}/consents", consent_purpose="comunicazione_questura", consent_receiver="questore",
        consent_answer="dato", consent_by="person", consent_on="2026-08-14", **TALKED,
    )  # fmt: skip
    assert said.status_code == 303
    dario.get(f"/cases/{walk.case}/letters/questore_attestato")
    printed = dario.send(f"/cases/{walk.case}/letters/questore_attestato", text="Lettera di prova").headers["Location"]
    assert "non deve partire" not in walk.page("dario", printed)

    walk.at("2026-08-15 10:00", "dario").get(f"/cases/{walk.case}")
    with core.db.transaction() as db:
        [given] = [each.id for each in consents.list_(db, walk.case) if each.purpose == "comunicazione_questura"]
    assert dario.send(f"/cases/{walk.case}/consents/{given}/withdraw").status_code == 303
    return printed


def test_a_letter_printed_before_she_took_her_yes_back_says_that_it_must_not_leave(walk, letter):
    assert "non deve partire" in walk.page("dario", letter)
    assert "non deve partire" in walk.page("dario", f"/cases/{walk.case}/letters/questore_attestato")
    assert "non deve partire" not in walk.page("dario", f"/cases/{walk.case}/letters/interruzione")


def test_her_old_yes_does_not_come_back_by_being_written_anew(walk, letter):
    carla = walk.at("2026-08-16 10:00", "carla")
    answers = SENT | TALKED | {"consent_by": "person", "measures_on": "2026-08-11", "communication_on": "2026-08-16"}

    refused = attempt(carla, "Comunica al Questore", **answers, consent_on="2026-08-14")
    assert refused.status_code == 422
    assert "vale solo un nuovo sì" in refused.text
    assert told(walk.case) == []

    assert attempt(carla, "Comunica al Questore", **answers, consent_on="2026-08-16").status_code == 303
    assert told(walk.case) == ["questore"]


# A minor in the programme.


@pytest.fixture
def ward(desk):
    """28 September 2026: a minor with a guardian joins the programme."""
    case = desk.open("2026-09-28 09:00")
    with core.db.transaction() as db:
        minors.receive(db, case, date(2026, 9, 28), False, by="cli")
        minors.appoint_guardian(db, case, date(2026, 9, 28), by="cli")
    joined = JOINS | {"guardian_signed": "true"}
    desk.fill("carla", case, "Proponi il programma", **joined, adhesion_on="2026-09-28", accepted_on="2026-09-28",
              programme_form="residential")  # fmt: skip
    return case


@pytest.mark.parametrize("who", [{"consent_by": "person"}, {"consent_by": "guardian", "consent_assent": "no"}])
def test_neither_the_child_alone_nor_the_guardian_alone_lets_the_mayor_be_told(desk, ward, who):
    answers = SENT | TALKED | who | {"consent_on": "2026-09-28", "communication_on": "2026-09-28"}
    refused = attempt(desk.desk("carla"), "Dai notizia al Sindaco", **answers)

    assert refused.status_code == 422
    assert told(ward) == []


def test_guardian_and_child_together_do(desk, ward):
    answers = SENT | TALKED | BOTH | {"consent_on": "2026-09-28", "communication_on": "2026-09-28"}

    assert attempt(desk.desk("carla"), "Dai notizia al Sindaco", **answers).status_code == 303
    assert told(ward) == ["sindaco"]


# A citizen of the Union, minor, who turns eighteen while the 45 days run.


@pytest.fixture
def home(app):
    with core.db.transaction() as db:
        posts.record(db, "comunita-m03", {"name": "Comunità di prova", "kind": "shelter"}, by="demo")
        return shelters.open_shelter(db, "comunita-m03", "comunita_minori", 3, by="demo").code


def shelter_a_child(walk, home):
    """3 to 20 August 2026: a Romanian girl born on 20 September 2008, with her guardian, gets the attestato."""
    bruno = walk.at("2026-08-03 09:00", "bruno")
    bruno.get("/contacts/new/desk")
    call = walk._recorded(bruno, "/contacts/new/desk", province="MI", danger="si", wants_out="si", minor="si", language="ro")
    walk.do(bruno, "Rispondi e vai incontro", pickup_at="2026-08-03T09:00", pickup_outcome="case")
    walk.case = bruno.get(f"/contacts/{call}").text.partition('href="/cases/')[2].partition('"')[0]

    carla = walk.at("2026-08-03 10:00", "carla")
    walk.do(carla, "Registra l'accoglienza", received_on="2026-08-03", age_is="non_in_dubbio", community_kind="comunita",
            born_on="2008-09-20", told=["procura_minorile", "tribunale_minorenni"])  # fmt: skip
    walk.do(carla, "Trova un posto sicuro", placement_kind="struttura", shelter=home, placed_on="2026-08-03")

    carla = walk.at("2026-08-05 10:00", "carla")
    walk.do(carla, "Segui la nomina del tutore", guardian_on="2026-08-05", guardian_kind="volontario",
            guardian_name="Tutrice di prova")  # fmt: skip
    asked = ["colloquio", "comunicazione_questura"]
    walk.do(carla, "Chiedi di nuovo i consensi", purposes_asked=asked, purposes_agreed=asked, consent_on="2026-08-05",
            **BOTH, **TALKED)  # fmt: skip
    walk.do(carla, "Valuta il rischio", risk_on="2026-08-05", risk_occasion="ingresso", risk_level="medio")
    walk.do(
        carla, "Spiega i diritti", information_on="2026-08-05", information_language="ro", leaflet_version="diritti-it-1",
        topic_reflection="true", topic_permit="true", topic_protection="true", topic_refusal="true", understood="si",
    )  # fmt: skip
    walk.do(carla, "Raccogli gli indicatori", indicators_on="2026-08-05", indicators_outcome="presunta",
            indicators=["debito_viaggio", "viaggio_controllato"])  # fmt: skip
    walk.do(carla, "Comunica al Questore", measures_on="2026-08-03", communication_on="2026-08-05", consent_on="2026-08-05",
            **SENT, **BOTH, **TALKED)  # fmt: skip
    walk.do(walk.at("2026-08-20 12:00", "carla"), "Attendi l'attestato", attestato_outcome="issued",
            attestato_on="2026-08-20", cui="05PROVA", number="MI-2026-0090")  # fmt: skip


def test_the_birthday_does_not_wait_for_the_pathway(walk, home):
    shelter_a_child(walk, home)
    assert dates(walk.case)["T01"] == date(2026, 10, 4)
    assert "minorenne" in walk.page("carla", f"/cases/{walk.case}")

    walk.time.at("2026-09-19 23:59")
    assert schedule.keep_birthdays().fired == 0
    walk.time.at("2026-09-20 00:01")
    assert schedule.keep_birthdays().fired == 1
    assert schedule.keep_birthdays().fired == 0

    page = walk.page("carla", f"/cases/{walk.case}")
    assert "Con i 18 anni finisce il consenso del tutore: Comunicazione alla Questura" in page
    assert "protetta fino a domenica 4 ottobre 2026" in page
    assert dates(walk.case)["T01"] == date(2026, 10, 4)
    with core.db.transaction() as db:
        assert casefile.get(db, walk.case).presumed_minor is False
        assert consents.allowed(db, walk.case, "comunicazione_questura", "questore", date(2026, 9, 19))
        assert not consents.allowed(db, walk.case, "comunicazione_questura", "questore", date(2026, 9, 20))
        assert log.verify(db) == []


# She leaves before joining, and calls again under another name.


def test_whoever_left_before_joining_and_calls_under_another_name(desk):
    case = desk.open("2026-09-28 09:00", housed=True)
    known = {"first_name": "Joy", "last_name": "Prova", "phone": "+393331234567", "birth_date": "2001-03-02"}
    with core.db.transaction() as db:
        persons.record(db, case, known, by="cli")
    desk.fill("carla", case, "Proponi il programma", adhesion_outcome="declines", leaves_shelter="2026-09-28")
    with core.db.transaction() as db:
        gone = casefile.get(db, case)
        assert (gone.status, gone.outcome) == ("closed", "porta_aperta")
        assert db.scalar(select(func.count()).select_from(Communication)) == 0

    anna = desk.at("2026-11-02 03:00", "anna")
    anna.get("/contacts/new/call")
    call = desk._recorded(anna, "/contacts/new/call", province="MI", danger="si", wants_out="si", can_speak="si", minor="no",
                          activator="vittima", language="pcm", summary="Adesso vuole uscirne")  # fmt: skip
    desk.do(desk.at("2026-11-02 04:00", "bruno"), "Rispondi e vai incontro", pickup_at="2026-11-02T04:00",
            pickup_outcome="case")  # fmt: skip
    again = desk.desk("bruno").get(f"/contacts/{call}").text.partition('href="/cases/')[2].partition('"')[0]
    assert again != case
    with core.db.transaction() as db:
        persons.record(db, again, {"first_name": "Precious", "phone": "+39 333 1234567"}, by="cli")

    carla = desk.desk("carla")
    carla.get("/search")
    page = carla.send("/search", purpose="apertura", phone="333 1234567").text
    assert (f'href="/cases/{case}"' in page, f'href="/cases/{again}"' in page) == (True, True)
    assert "stesso numero" in page
    stranger = Browser(desk.app, "piero")
    stranger.get("/search")
    page = stranger.send("/search", purpose="apertura", phone="333 1234567").text
    assert "Esiste: chiedi a" in page
    assert not {case, again, "Joy", "Precious"} & set(page.replace("<", " ").replace(">", " ").split())
    assert told(case) == told(again) == []


# A permit that ends on a day of rest, and a refusal in the middle of the summer.


def test_dates_of_summer(desk):
    carla = desk.at("2026-09-01 09:00", "carla")

    page = desk.page("carla", "/terms/T11?from=2027-08-15")
    assert "lunedì 17 maggio 2027" in page
    page = desk.page("carla", "/terms/T09?from=2026-08-15")
    assert "domenica 15 agosto 2027" in page
    assert "venerdì 13 agosto 2027" in page
    page = desk.page("carla", "/terms/T24?from=2026-07-20")
    assert "mercoledì 19 agosto 2026" in page
    assert "da verificare" in page
    page = desk.page("carla", "/terms/T24?from=2026-07-20&august=true&saturday=true")
    assert "lunedì 21 settembre 2026" in page
    assert 'name="august"' not in carla.get("/terms/T09?from=2026-08-15").text


# The project that she chose refuses.


def test_a_transfer_that_the_receiver_refuses(move):  # noqa: F811 - the fixture
    for step in (move.see_danger, move.ask, move.offer, move.choose):
        step()
    move.do(move.at("2026-11-18 09:00", "sara"), "Conferma la partenza", key_outcome="confirmed")
    move.tick()
    move.do(move.at("2026-11-18 11:00", "paola"), "Conferma l'accoglienza", acceptance="refused", refusal_reason="full")
    move.tick()

    assert "Scegli con la persona" in move.page("rosa", "/inbox")
    assert move.status("paola", f"/cases/{move.case}") == 404
    assert "Non scelta" in move.page("rosa", f"/transfers/{move.transfer}")
    with core.db.transaction() as db:
        assert casefile.get(db, move.case).post == FROM
        assert transfers.get(db, move.transfer).to_post is None
    assert dates(move.case)["T01"] == date(2026, 12, 25)
