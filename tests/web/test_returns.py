"""She declines, then returns (scenario E): a report kept as a hypothesis, a contact under a code only, a safe word."""

import re
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import func, select

import core.db
from cases import casefile, contacts, permits, persons, reports, retention, sheets
from cases.casefile import Case
from cases.consents import Consent
from cases.permits import Communication
from cases.persons import Person
from cases.shelters import Placement
from core import log, users
from engine.tables import Instance
from tests.web.browser import PASSWORD, Browser
from tests.web.walk import Walk

CITIZEN = "Signora del terzo piano"
WORD = "girasole blu"
VENETO = (("olga", "street_worker"), ("vera", "local_desk"), ("rosa", "case_manager"))


@pytest.fixture
def walk(app, time):
    """The office, with people in Veneto."""
    time.at("2026-11-10 09:00")
    with core.db.transaction() as db:
        for login, role in VENETO:
            user = users.add(db, login, login.title(), f"{login}@example.org", password=PASSWORD, by="demo")
            users.grant(db, user, role, "veneto", by="demo")
    walk = Walk(app, time)
    walk.desks |= {login: Browser(app) for login in ("olga", "vera", "rosa", "piero")}
    return walk


def recorded(desk, kind, **answers):
    desk.get(f"/contacts/new/{kind}")
    for _ in range(2):
        desk.send(f"/contacts/new/{kind}", _refresh="1", **answers)
    return Walk._recorded(desk, f"/contacts/new/{kind}", **answers, _refresh=[])


def report_of_a_citizen(walk):
    """Tuesday 10 November 2026: a citizen calls the helpline about a flat."""
    desk = walk.at("2026-11-10 11:00", "anna")
    return recorded(
        desk, "report", at="2026-11-10T10:50", report_channel="cittadino", report_priority="ordinaria", province="PD",
        report_consent="non_acquisibile", sender_name=CITIZEN, sender_contact="richiamare il 10", danger="no",
        forms_of_exploitation=["sessuale_indoor"], summary="Un appartamento con le tende chiuse",
    )  # fmt: skip


def kept_as_hypothesis(walk, report):
    """The desk of Veneto confirms, evaluates, answers: nothing more is known."""
    desk = walk.at("2026-11-10 12:00", "vera")
    walk.do(desk, "Conferma a chi segnala", receipt_on="2026-11-10", receipt_channel="telefono")
    walk.do(desk, "Valuta la segnalazione", evaluation_on="2026-11-10", report_outcome="hypothesis")
    walk.do(desk, "Rispondi a chi ha segnalato", answer_on="2026-11-10", answer_channel="telefono", answer_what="kept")
    return desk.get(f"/contacts/{report}").text


def met_online(walk):
    """13 November: an outreach nurse meets her online; they will see each other on the 18th."""
    desk = walk.at("2026-11-13 15:00", "olga")
    return recorded(
        desk, "online", at="2026-11-13T14:30", province="PD", language="zh", reported_nationality="CN",
        forms_of_exploitation=["sessuale_indoor"], recontact_consent="true", meet_again_on="2026-11-18",
    )  # fmt: skip


def informed_and_not_interested(walk):
    """18 November: her rights in Chinese; she says no, and chooses a word to come back with."""
    desk = walk.at("2026-11-18 16:00", "olga")
    walk.do(
        desk, "Incontrala di nuovo", met_on="2026-11-18", rights_explained="true", rights_language="zh",
        follow_wants_out="no", follow_up_outcome="not_interested", number_given="true", code_word=WORD,
    )  # fmt: skip


def number_of(db, table):
    return db.scalar(select(func.count()).select_from(table))


def nothing_of_her_is_kept(db, code):
    """Her code and the sealed word: no person, no case, no consent, no message to anybody, no note of class P2."""
    assert [number_of(db, table) for table in (Person, Case, Consent, Communication, Placement)] == [0] * 5
    notes = select(contacts.ContactNote.field).where(contacts.ContactNote.contact_code == code)
    assert {contacts.NOTES[field] for field in db.scalars(notes)} <= {"P4"}


def test_the_report_stays_a_hypothesis_and_the_loop_is_closed_by_people(walk):
    report = report_of_a_citizen(walk)
    assert report.startswith("SG-")
    page = kept_as_hypothesis(walk, report)

    assert "Ipotesi: si conserva senza identità" in page
    assert CITIZEN not in page
    with core.db.transaction() as db:
        found, contact = reports.get(db, report), contacts.get(db, report)
        assert (found.step, found.outcome) == ("answered", "hypothesis")
        assert (found.confirmed_on, found.answered_on) == (date(2026, 11, 10), date(2026, 11, 10))
        assert (contact.outcome, contact.person_code, contact.case_code) == ("ipotesi", None, None)
        assert number_of(db, Communication) == number_of(db, Person) == 0


def test_who_reported_is_read_by_those_who_answer_and_the_reading_is_written_down(walk):
    report = report_of_a_citizen(walk)
    desk = walk.at("2026-11-10 12:00", "vera")
    desk.get(f"/contacts/{report}")
    shown = desk.send(f"/contacts/{report}/sender")
    assert CITIZEN in shown.text

    with core.db.transaction() as db:
        lines = db.scalars(select(log.Line).where(log.Line.verb == "contact.viewed")).all()
        assert [line.facts["fields"] for line in lines if line.facts["fields"] == ["sender"]] == [["sender"]]
    for login in ("rosa", "olga", "piero"):
        other = walk.desk(login)
        assert CITIZEN not in other.get(f"/contacts/{report}").text
        token = other.token()
        assert other.client.post(f"/contacts/{report}/sender", data={"csrf_token": token}).status_code == 404


def test_she_declines_and_only_a_code_is_kept_until_the_day_of_retention(walk):
    code = met_online(walk)
    informed_and_not_interested(walk)

    page = walk.page("olga", f"/contacts/{code}")
    assert "Non interessata, per ora: resta il codice" in page
    assert "si conserva fino a giovedì 18 novembre 2027" in page.lower()
    assert WORD not in walk.desk("vera").get("/contacts?status=all").text
    with core.db.transaction() as db:
        nothing_of_her_is_kept(db, code)
        [running] = retention.of(db, contacts.scope_of(code))
        assert (running.rule, running.due_on) == ("R02", date(2027, 11, 18))
        contact = contacts.get(db, code)
        assert (contact.details["rights_language"], contact.person_code) == ("zh", code)
        assert [line.verb for line in db.scalars(select(log.Line)) if line.verb.startswith("communication")] == []
        assert log.verify(db) == []


def test_she_returns_by_her_word_and_is_one_person_again(walk):
    report = report_of_a_citizen(walk)
    kept_as_hypothesis(walk, report)
    first = met_online(walk)
    informed_and_not_interested(walk)
    with core.db.transaction() as db:
        nothing_of_her_is_kept(db, first)

    desk = walk.at("2027-04-12 03:15", "anna")
    call = recorded(
        desk, "call", at="2027-04-12T03:15", activator="vittima", province="PD", language="zh", danger="no",
        wants_out="si", can_speak="si", code_word=WORD.upper(), summary="Adesso vuole uscirne",
    )  # fmt: skip
    page = walk.page("anna", f"/contacts/{call}")
    assert "Forse vi siete già incontrati" in page
    assert first in page
    desk.get(f"/contacts/{call}")
    assert desk.send(f"/contacts/{call}/link", earlier=first).status_code == 303

    vera = walk.at("2027-04-12 03:40", "vera")
    walk.do(vera, "Rispondi e vai incontro", pickup_at="2027-04-12T03:35", pickup_outcome="case")
    [case] = set(re.findall(r'href="/cases/(F-\w+)"', vera.get(f"/contacts/{call}").text))

    with core.db.transaction() as db:
        assert [met.code for met in contacts.encounters(db, first)] == [first, call]
        found = casefile.get(db, case)
        assert (found.phase, found.contact_code, found.post) == ("P2", call, "veneto")
        assert [row.status for row in retention.of(db, contacts.scope_of(first))] == ["dead"]
        assert persons.of_case(db, case) is None
        assert permits.communications(db, case) == []
        assert [sheet.form for sheet in sheets.list_(db, case)] == ["contact"]
        assert CITIZEN not in str(sheets.unseal(db, sheets.list_(db, case), sheets.CLASSES))
        # the citizen's report is no contact with a person: two contacts, one code
        assert contacts.tally(db, datetime(2026, 11, 1, tzinfo=UTC), datetime(2027, 5, 1, tzinfo=UTC)) == (2, 1)
        running = select(Instance.business_key).where(Instance.status == "open")
        assert list(db.scalars(running)) == [case]
        assert log.verify(db) == []


def test_a_word_that_nobody_left_links_to_nobody(walk):
    first = met_online(walk)
    informed_and_not_interested(walk)
    desk = walk.at("2027-04-12 03:15", "anna")
    call = recorded(desk, "call", at="2027-04-12T03:15", activator="vittima", code_word="tulipano", province="PD")

    assert "Forse vi siete già incontrati" not in walk.page("anna", f"/contacts/{call}")
    token = desk.token()
    refused = desk.client.post(f"/contacts/{call}/link", data={"csrf_token": token, "earlier": first})
    assert refused.status_code == 404
    with core.db.transaction() as db:
        assert contacts.get(db, call).person_code == call
