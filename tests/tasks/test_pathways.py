"""Scenario A, and what may go otherwise, at the desks of those who work in it."""

import re
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from cases import casefile, consents, contacts, deadlines, permits, shelters
from cases.casefile import Case
from cases.contacts import Contact
from cases.deadlines import Deadline
from core import log
from core.db import transaction
from core.errors import InvalidForm, MissingConsent, NotYours, ShelterFull, WrongOrder
from engine import instances, registry, services
from engine.services import Call
from engine.tables import Instance, UserTask
from tasks import pathways, schedule, timeline
from tasks import services as offered
from tasks.forms import Paper
from tasks.services import protection
from tests.tasks.conftest import Office

INFORMED = {
    "information_language": "en", "information_mediator": "true", "information_mediator_code": "MED-07",
    "leaflet_version": "diritti-it-1", "topic_reflection": "true", "topic_permit": "true", "topic_protection": "true",
    "topic_refusal": "true", "understood": "si",
}  # fmt: skip
CONSENT = {
    "communication_basis": "consent", "consent_by": "person", "consent_language": "en", "consent_text_version": "informativa-it-1",
    "consent_way": "scritto", "communication_channel": "pec", "protocol": "PG 1234/2026",
}  # fmt: skip


def case_of(code: str) -> Case:
    with transaction() as db:
        return db.get_one(Case, code)


def dates_of(code: str, term: str) -> list[date]:
    with transaction() as db:
        return [found.due_on for found in deadlines.of_case(db, code) if found.term_id == term]


def open_tasks(code: str) -> set[str]:
    with transaction() as db:
        return set(db.scalars(select(UserTask.element).where(UserTask.business_key == code)))


@pytest.fixture
def informed(office: Office) -> str:
    """A case whose person has a bed, knows her rights and is presumed a victim."""
    code = office.sheltered()
    office.time.at("2026-08-13 11:00")
    office.do("elena", code, "information_duty", information_on="2026-08-13", **INFORMED)
    office.time.at("2026-08-14 10:00")
    found = {"indicators": ["debito_viaggio", "documenti_trattenuti"], "indicators_outcome": "presunta"}
    office.do("elena", code, "indicators", indicators_on="2026-08-14", **found)
    return code


@pytest.fixture
def told(office: Office, informed: str) -> str:
    """The Questore has been told, with consent."""
    days = dict.fromkeys(("consent_on", "measures_on", "communication_on"), "2026-08-14")
    office.do("elena", informed, "questore_communication", **days, **CONSENT)
    return informed


def test_a_street_contact_without_a_name_stays_a_contact(office):
    office.time.at("2026-07-21 23:50")
    met = office.meet("carla", "street", "2026-07-21T23:40", apparent_age="18-24", safe_channel="WhatsApp 15-17")

    with transaction() as db:
        contact = db.get_one(Contact, met.code)
        assert (contact.status, contact.outcome, contact.case_code, contact.person_code) == (
            "closed",
            "ascolto",
            None,
            met.code,
        )
        assert contact.code.startswith("UM-")
        assert db.scalars(select(Instance)).one().status == "ended"
        assert db.scalars(select(Case)).all() == []


def test_a_call_is_linked_to_whom_the_street_unit_met(office):
    office.time.at("2026-07-21 23:50")
    met = office.meet("carla", "street", "2026-07-21T23:40")
    office.time.at("2026-08-11 02:20")
    call = office.call(person_code=met.code.lower(), safe_channel="Solo messaggi", code_word="girasole")

    with transaction() as db:
        assert db.get_one(Contact, call).person_code == met.code
        assert [found.code for found in contacts.encounters(db, met.code)] == [met.code, call]
        assert [found.code for found in contacts.find(db, "code_word", "Girasole")] == [call]


def test_a_call_with_wrong_fields_is_not_saved_and_each_field_says_why(office):
    with pytest.raises(InvalidForm) as refusal:
        office.meet("anna", "call", "domani", province="ZZ")
    assert set(refusal.value.errors) == {"at", "call_class", "province"}
    with pytest.raises(InvalidForm) as refusal:
        office.meet("anna", "call", "2026-08-11T02:10", call_class="pertinente", person_code="UM-0000")
    assert set(refusal.value.errors) == {"person_code"}

    with transaction() as db:
        assert db.scalars(select(Contact)).all() == []


@pytest.mark.parametrize(
    ("login", "kind"), [("carla", "call"), ("anna", "street"), ("marta", "desk"), ("paola", "call"), ("anna", "fax")]
)
def test_nobody_records_contacts_of_another_desk(office, login, kind):
    with pytest.raises(NotYours):
        office.meet(login, kind, call_class="pertinente")


def test_the_call_moves_with_its_tasks_to_the_post_of_the_territory(office):
    code = office.call()

    with transaction() as db:
        contact, task = db.get_one(Contact, code), db.scalars(select(UserTask)).one()
        assert (contact.origin, contact.post, task.tenant) == ("nv-centrale", "lombardia-1", "lombardia-1")
        assert (task.element, task.group) == ("contact_pickup", "local_desk")


def test_a_contact_that_stays_one_makes_no_case(office):
    code = office.call()
    office.do("dario", code, "contact_pickup", pickup_at="2026-08-11T02:40", pickup_outcome="contact_only")

    with transaction() as db:
        contact = db.get_one(Contact, code)
        assert (contact.status, contact.outcome, contact.pickup_outcome) == ("closed", "ascolto", "contact_only")
        assert db.scalars(select(Case)).all() == []


def test_a_case_opens_from_the_contact_without_typing_anything_twice(office):
    code = office.case(summary="Vuole andare via adesso.")
    case = case_of(code)

    with transaction() as db:
        contact = db.get_one(Contact, case.contact_code)
        assert (case.post, case.phase, contact.outcome) == ("lombardia-1", "P2", "presa_in_carico")
        assert contact.picked_up_by == office.user_id("dario")
        assert casefile.workers(db, code) == [office.user_id("dario")]
    assert office.waiting("elena") == ["placement"]


def test_a_bed_starts_the_soft_dates_of_three_and_six_months(office):
    code = office.sheltered()

    assert dates_of(code, "T06") == [date(2026, 11, 11)]
    assert dates_of(code, "T06p") == [date(2027, 2, 11)]
    assert case_of(code).phase == "P4"
    with transaction() as db:
        stay = shelters.current(db, code)
        assert stay is not None
        assert (stay.shelter, stay.beds) == (office.house, 1)


def test_a_full_house_is_told_beside_the_field(office):
    with transaction() as db:
        shelters.set_capacity(db, office.house, 1, by="cli")
    office.sheltered()
    code = office.case(at="2026-08-11T02:12")

    with pytest.raises(InvalidForm) as refusal:
        office.do("elena", code, "placement", placement_kind="struttura", shelter=office.house, placed_on="2026-08-11")

    assert list(refusal.value.errors) == ["shelter"]
    assert open_tasks(code) == {"placement"}


def test_high_risk_masks_the_case_and_asks_for_a_look_within_two_days(office):
    code = office.sheltered()
    assessed = {"risk_on": "2026-08-11", "risk_occasion": "ingresso", "risk_level": "alto"}
    with pytest.raises(InvalidForm) as refusal:
        office.do("elena", code, "risk_assessment", review_on="2026-08-14", **assessed)
    assert list(refusal.value.errors) == ["review_on"]

    office.do("elena", code, "risk_assessment", **assessed)

    assert case_of(code).masked
    assert {"risk_approval", "risk_review"} <= open_tasks(code)
    assert str(office.task(code, "risk_review").due_at) == "2026-08-13 00:45:00+00:00"


def test_the_review_comes_again_until_the_risk_is_lower(office):
    code = office.sheltered()
    for element, level in (("risk_assessment", "alto"), ("risk_review", "imminente"), ("risk_review", "medio")):
        office.do("elena", code, element, risk_on="2026-08-11", risk_occasion="evento", risk_level=level)

    assert "risk_review" not in open_tasks(code)
    assert case_of(code).risk == "medio"
    assert case_of(code).masked


def test_the_whole_night_and_the_45_days(office, told):
    office.time.at("2026-08-20 12:00")
    office.do(
        "elena", told, "attestato", attestato_outcome="issued", attestato_on="2026-08-20", cui="05AB12C", number="N 77"
    )

    assert dates_of(told, "T01") == [date(2026, 10, 4)]
    with transaction() as db:
        attestato = permits.latest_attestato(db, told)
        assert attestato is not None
        assert permits.numbers(db, attestato) == {"cui": "05AB12C", "number": "N 77"}
        [deadline] = [found for found in deadlines.of_case(db, told) if found.term_id == "T01"]
        planned = [(found.remind_on, found.kind) for found in deadlines.reminders_of(db, deadline.id)]
        assert planned == [(date(2026, 9, 20), "14"), (date(2026, 9, 27), "7"), (date(2026, 10, 2), "last_working_day")]
        facts = instances.process_facts(db.scalars(select(Instance).where(Instance.business_key == told)).one())
        assert "05AB12C" not in str(facts)
    assert "interview_plan" in open_tasks(told)


def test_the_answer_of_the_questura_is_expected_within_five_working_days(office, told):
    assert dates_of(told, "T04") == [date(2026, 8, 21)]
    assert case_of(told).victim_status == "presunta"
    with transaction() as db:
        [sent] = permits.communications(db, told)
        assert (sent.receiver, sent.sent_on, sent.basis) == ("questore", date(2026, 8, 14), "consent")
        consent = consents.valid(db, told, "comunicazione_questura", "questore", date(2026, 8, 14))
        assert consent is not None
        assert (consent.language, consent.text_version, consent.way) == ("en", "informativa-it-1", "scritto")


def test_without_her_consent_nothing_goes_to_the_questore(office, informed):
    office.do(
        "elena", informed, "questore_communication", communication_basis="none", no_communication_reason="refuses"
    )

    with transaction() as db:
        assert permits.communications(db, informed) == []
        [answer] = consents.list_(db, informed)
        assert (answer.given, answer.on) == (False, date(2026, 8, 14))
    assert "interview_plan" in open_tasks(informed)


def test_a_legal_reason_needs_words(office, informed):
    typed = {"communication_basis": "legal_reason", "legal_reason": "imminent_danger", "communication_channel": "pec"}
    typed |= dict.fromkeys(("legal_reason_on", "measures_on", "communication_on"), "2026-08-14")
    with pytest.raises(InvalidForm) as refusal:
        office.do("elena", informed, "questore_communication", legal_reason_words="sì", **typed)
    assert list(refusal.value.errors) == ["legal_reason_words"]

    office.do("elena", informed, "questore_communication", legal_reason_words="Pericolo grave e attuale", **typed)

    with transaction() as db:
        assert [sent.basis for sent in permits.communications(db, informed)] == ["legal_reason"]


def test_a_model_that_skips_the_consent_gate_is_stopped_by_the_service(office, informed):
    facts = {"communication_on": "2026-08-14", "communication_channel": "pec", "communication_basis": "consent"}
    for allowed in (None, False, "true"):
        with pytest.raises(MissingConsent), transaction() as db:
            given = facts | {"communication_allowed": allowed}
            protection.communication_record(Call(db, informed, "i", "lombardia-1", "x", given, "u_1"))


def test_an_identified_person_goes_on_to_the_programme(office, told):
    office.time.at("2026-08-20 12:00")
    office.do("elena", told, "attestato", attestato_outcome="not_issued")
    decided = {"decision_outcome": "identificata_tratta", "decision_by": "ente_antitratta"}
    office.do("elena", told, "interview_plan", plan_outcome="already_done")
    office.do("elena", told, "decision", decision_on="2026-08-20", **decided)

    case = case_of(told)
    assert (case.phase, case.victim_status, case.status_on) == ("P6", "identificata", date(2026, 8, 20))


def test_a_person_may_say_no_at_any_time_and_no_authority_is_told(office, told):
    with transaction() as db:
        elena = office.actor_in(db, "elena")
        typed = Paper({"declined_on": "2026-08-14", "leaves_shelter": "true", "code_word": "mimosa"})
        pathways.decline_case(db, elena, told, typed)

    case = case_of(told)
    assert (case.status, case.outcome) == ("closed", "porta_aperta")
    assert open_tasks(told) == set()
    with transaction() as db:
        assert shelters.current(db, told) is None
        assert db.scalars(select(Deadline).where(Deadline.status == "open")).all() == []
        with pytest.raises(WrongOrder):
            pathways.decline_case(db, office.actor_in(db, "elena"), told, typed)


def test_a_contact_may_say_no_too(office):
    code = office.call()
    with transaction() as db:
        pathways.decline_contact(db, office.actor_in(db, "dario"), code)

    with transaction() as db:
        assert db.get_one(Contact, code).outcome == "porta_aperta"
    assert open_tasks(code) == set()


def test_closing_a_case_ends_its_pathways_its_dates_and_its_stay(office):
    code = office.sheltered()
    with transaction() as db:
        pathways.close_case(db, office.actor_in(db, "elena"), code, "altro_servizio", "Va da una zia")

    assert case_of(code).outcome == "altro_servizio"
    assert open_tasks(code) == set()
    with transaction() as db:
        assert shelters.current(db, code) is None
        assert {found.status for found in deadlines.of_case(db, code)} == {"dropped"}


def test_a_case_that_began_without_a_contact_goes_the_same_way(office):
    with transaction() as db:
        case = pathways.open_case(db, office.actor_in(db, "elena"), "lombardia-1")
        with pytest.raises(NotYours):
            pathways.open_case(db, office.actor_in(db, "elena"), "toscana")

    assert open_tasks(case.code) == {"placement"}


def test_the_supervisor_hands_an_unanswered_call_to_another_post(office):
    code = office.call()
    office.time.forward(minutes=31)
    schedule.fire_timers()
    assert office.waiting("bruno") == ["pickup_escalation"]
    office.do("bruno", code, "pickup_escalation", escalation_outcome="reroute", escalation_post="toscana")

    assert office.waiting("oscar") == ["contact_pickup"]
    assert office.waiting("dario") == []


# What models may call, and what the pathway may know


def test_every_service_that_a_shipped_model_names_is_offered():
    models = (Path(__file__).parents[2] / "workflows" / "bpmn").glob("*.bpmn")
    named = {name for model in models for name in re.findall(r'approdo:service="([^"]+)"', model.read_text())}

    assert named
    assert named <= offered.offer()
    assert services.known() == offered.offer()


def test_no_word_that_somebody_typed_reaches_the_state_of_the_pathway_or_the_log(office, database):
    code = office.sheltered(summary="Parola-spia uno", safe_channel="Parola-spia due", code_word="Parola-spia tre")
    typed = {"risk_on": "2026-08-11", "risk_occasion": "ingresso", "risk_level": "basso", "safety_plan": "Parola-spia"}
    office.do("elena", code, "risk_assessment", **typed)

    with database.connect() as connection:
        for table in ("instance", "step", "user_task", "log_line", "message", "sheet", "contact"):
            rows = connection.exec_driver_sql(f"select * from {table}").fetchall()
            assert "parola-spia" not in str(rows).lower()


def test_what_happened_is_told_in_words(office, told):
    with transaction() as db:
        events = timeline.of(db, office.actor_in(db, "elena"), told, limit=100)

    said = [(event.who, event.what) for event in events]
    assert said[-1] == ("Dario Prova", "Caso aperto")
    assert ("Elena Prova", "Fatto: Spiega i diritti") in said
    assert ("Elena Prova", "Comunicazione a: Questore, il 14/08/2026") in said
    assert ("Elena Prova", f"Entrata nella struttura {office.house}") in said
    assert ("Elena Prova", "Nuova scadenza: 11/11/2026 (T06) (da verificare)") in said
    assert [event.id for event in events] == sorted((event.id for event in events), reverse=True)


def test_the_timeline_of_a_stranger_does_not_exist(office):
    code = office.sheltered()
    with transaction() as db:
        for login in ("oscar", "anna", "paola"):
            with pytest.raises(NotYours):
                timeline.of(db, office.actor_in(db, login), code)


def test_the_timeline_speaks_english_to_who_reads_english(office):
    code = office.sheltered()
    with transaction() as db:
        office.user_in(db, "elena").language = "en"
    with transaction() as db:
        events = timeline.of(db, office.actor_in(db, "elena"), code, translate=lambda words: words)

    assert "Fatto: Find a safe place" in [event.what for event in events]


def test_every_verb_of_a_case_has_its_sentence_or_is_left_to_the_auditor(office, told):
    with transaction() as db:
        of_cases = select(log.Line.verb).where(log.Line.case_code.is_not(None)).distinct()
        assert set(db.scalars(of_cases)) <= set(timeline.SENTENCES) | timeline.UNTOLD


def test_a_refusal_of_a_shelter_is_the_registers_own(office):
    with transaction() as db:
        shelters.set_capacity(db, office.house, 0, by="cli")
    code = office.case()
    with pytest.raises(ShelterFull), transaction() as db:
        facts = {"placed_on": "2026-08-11", "shelter": office.house}
        protection.placement_record(Call(db, code, "i", "lombardia-1", "x", facts, "u_1"))


TRANSFER = b"""<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:approdo="urn:approdo:bpmn:1" id="d"
 targetNamespace="t"><process id="errand" name="Commissione" isExecutable="true" approdo:startable="case">
<documentation>Serve quando qualcuno deve uscire. Poi si torna.</documentation><laneSet id="l">
<lane id="lane" name="Equipe" approdo:group="case_manager"><flowNodeRef>begun</flowNodeRef><flowNodeRef>go</flowNodeRef>
<flowNodeRef>over</flowNodeRef></lane></laneSet><startEvent id="begun"/><userTask id="go" name="Vai"/>
<endEvent id="over"/><sequenceFlow id="a" sourceRef="begun" targetRef="go"/><sequenceFlow id="b" sourceRef="go"
 targetRef="over"/></process></definitions>"""


@pytest.fixture
def errand(office: Office) -> str:
    """A case, in an office with a pathway that a person may start on it."""
    with transaction() as db:
        registry.publish(db, TRANSFER, by="deploy")
        return pathways.open_case(db, office.actor_in(db, "elena"), "lombardia-1").code


def test_a_pathway_that_says_so_is_started_on_a_case_by_hand_and_one_at_a_time(office, errand):
    with transaction() as db:
        elena = office.actor_in(db, "elena")
        assert "errand" in {model.process_id for model, _ in pathways.startable(db, elena, errand)}
        pathways.start(db, elena, errand, "errand")

    assert "go" in open_tasks(errand)
    with transaction() as db:
        assert "errand" not in {model.process_id for model, _ in pathways.startable(db, elena, errand)}
        with pytest.raises(WrongOrder):
            pathways.start(db, elena, errand, "errand")
    with transaction() as db:
        told_of = [event.what for event in timeline.of(db, elena, errand)]
    assert "Percorso avviato: Commissione" in told_of


def test_only_the_group_of_its_first_lane_and_the_supervisor_may_start_a_pathway(office, errand):
    with transaction() as db:
        assert pathways.startable(db, office.actor_in(db, "giulia"), errand)
        with pytest.raises(NotYours):
            pathways.start(db, office.actor_in(db, "oscar"), errand, "errand")
        with pytest.raises(NotYours):
            pathways.start(db, office.actor_in(db, "elena"), errand, "protection")


def test_a_closed_case_starts_nothing(office, errand):
    with transaction() as db:
        pathways.close_case(db, office.actor_in(db, "elena"), errand, "altro_servizio", "Va da una zia")
    with transaction() as db:
        assert pathways.startable(db, office.actor_in(db, "elena"), errand) == []
        with pytest.raises(WrongOrder):
            pathways.start(db, office.actor_in(db, "elena"), errand, "errand")


def test_saying_no_ends_every_pathway_of_the_case(office, errand):
    with transaction() as db:
        pathways.start(db, office.actor_in(db, "elena"), errand, "errand")
    with transaction() as db:
        typed = Paper({"declined_on": "2026-08-11", "leaves_shelter": "true"})
        pathways.decline_case(db, office.actor_in(db, "elena"), errand, typed)

    assert open_tasks(errand) == set()
    assert case_of(errand).outcome == "porta_aperta"
