"""From a call at ten past two to the attestato: scenario A of the domain, with the shipped terms and directory."""

from datetime import date
from pathlib import Path

import pytest

from cases import access, casefile, consents, contacts, deadlines, permits, posts, shelters, terms
from cases.territory import PROVINCES
from core import clock
from tests.cases.conftest import worker

WORKFLOWS = Path(__file__).parents[2] / "workflows"
DATES = [
    ("T06", date(2026, 8, 11), date(2026, 11, 11)),
    ("T06p", date(2026, 8, 11), date(2027, 2, 11)),
    ("T01", date(2026, 8, 20), date(2026, 10, 4)),
    ("T14", date(2026, 10, 2), date(2026, 11, 16)),
    ("T12", date(2026, 10, 2), date(2026, 12, 31)),
    ("T09", date(2026, 12, 15), date(2027, 12, 15)),
    ("T11", date(2027, 12, 15), date(2027, 9, 16)),
]


@pytest.fixture
def shipped(db, time):
    terms.load(db, (WORKFLOWS / "terms.toml").read_text(encoding="utf-8"), by="deploy")
    posts.load(db, (WORKFLOWS / "directory.toml").read_text(encoding="utf-8"), by="deploy")
    posts.record(db, "casa-a", {"name": "Casa A", "kind": "shelter"}, by="cli")


def test_the_shipped_files_load_twice_without_a_change(db, shipped, said):
    terms.load(db, (WORKFLOWS / "terms.toml").read_text(encoding="utf-8"), by="deploy")
    posts.load(db, (WORKFLOWS / "directory.toml").read_text(encoding="utf-8"), by="deploy")

    assert said("term:T01") == ["term.loaded"]
    assert said("post:lombardia-2") == ["post.added"]


def test_every_province_of_italy_has_a_post(db, shipped):
    day = date(2026, 8, 11)
    alone = [code for code, _ in PROVINCES if (post := posts.route(db, code, day)) is None or post.kind == "central"]
    assert alone == []


@pytest.mark.parametrize(("term", "event", "due"), DATES)
def test_the_dates_of_the_story_come_from_the_shipped_terms(db, shipped, term, event, due):
    assert terms.compute(terms.on(db, term, event), event).due == due


def test_from_the_street_to_the_attestato(db, shipped, time):
    time.at("2026-07-21 23:45")
    street = {"at": time.at("2026-07-21 23:40"), "forms_of_exploitation": ["sessuale_strada"]}
    first = contacts.record(db, "street", "lombardia-2", street, {}, by="u_sara")
    again = {"at": time.at("2026-08-04 23:00"), "person_code": first.code, "number_given": True}
    contacts.record(db, "street", "lombardia-2", again, {"safe_channel": "WhatsApp 15-17"}, by="u_sara")
    night = {"at": time.at("2026-08-11 02:10"), "danger": "si", "wants_out": "si", "person_code": first.code}
    notes = {"summary": "Vuole andare via adesso"}
    call = contacts.record(db, "call", "nv-centrale", {**night, "province": "BG"}, notes, by="u_olga")
    assert [contact.kind for contact in contacts.encounters(db, first.code)] == ["street", "street", "call"]
    assert (first.case_code, first.status) == (None, "open")

    territory = posts.route(db, call.province, clock.today())
    assert territory
    contacts.route(db, call.code, territory.code, by="u_olga")
    contacts.pick_up(db, call.code, "case", time.at("2026-08-11 04:30"), by="u_luca")
    case = casefile.open_(db, call.post, contact_code=call.code, worker="u_luca", by="u_luca")
    contacts.attach_case(db, call.code, case.code, by="u_luca")
    house = shelters.open_shelter(db, "casa-a", "pronta", 3, address="Via segreta 1", by="cli")
    shelters.place(db, case.code, house.code, clock.today(), by="u_luca")
    soft = [deadlines.record(db, case.code, t, "placement", clock.today(), by="u_luca") for t in ("T06", "T06p")]
    assert [d.due_on for d in soft] == [date(2026, 11, 11), date(2027, 2, 11)]
    assert all(d.is_unsure for d in soft)

    casefile.record_risk(db, case.code, "alto", clock.today(), date(2026, 8, 13), by="u_luca")
    carla, gina = worker("carla", ("case_manager", "lombardia-2")), worker("gina", ("shelter_worker", "casa-a"))
    assert not access.classes(db, carla, case)
    assert access.classes(db, gina, case)

    sent = time.at("2026-08-14 10:00").date()
    consents.record(db, case.code, "comunicazione_questura", "questore", True, sent, language="en", by="u_luca")
    permits.communicate(db, case.code, "questore", "attestato", sent, "pec", by="u_luca")
    casefile.set_victim_status(db, case.code, "presunta", "ente_antitratta", sent, by="u_luca")
    issued = time.at("2026-08-20 16:00").date()
    made = permits.record_attestato(db, case.code, issued, cui="06ABC12", office="BG", by="u_luca")

    days = [reminder.remind_on for reminder in deadlines.reminders_of(db, made.deadline_id)]
    assert made.expires_on == date(2026, 10, 4)
    assert days == [date(2026, 9, 20), date(2026, 9, 27), date(2026, 10, 2)]
