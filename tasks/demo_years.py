"""Stories of the invented office that have gone on for half a year and longer: integration, exit, the look back."""

from collections.abc import Generator
from datetime import datetime

from cases import persons
from tasks.demo_office import FLAT, HOUSE_1, IN_DANGER, Office, Story, day, today

Taken = Generator[datetime, None, str]


def _in_the_house(office: Office, days: int, language: str, login: str = "elena") -> Taken:
    """A call at night so long ago, a bed, the rights; she asks for nothing to be told to the Questore; identified."""
    yield office.at(days, "22:10")
    call = office.meet("anna", "call", **IN_DANGER, language=language)
    yield office.at(days, "22:40")
    case = office.answer("dario", call)
    persons.record(office.db, case, {"gender": "femmina", "citizenships": ["NG"]}, by=office.actors[login].user_id)
    yield office.at(days - 1, "01:15")
    office.shelter(login, case, HOUSE_1)
    office.assess(login, case, "medio")
    yield office.at(days - 3, "11:00")
    office.inform(login, case, language)
    office.collect(login, case)
    office.do(login, case, "questore_communication", communication_basis="none", no_communication_reason="later")
    themes = (["luogo_bisogni", "fiducia"], ["viaggio", "sfruttamento"])
    for after, told in zip((12, 22), themes, strict=True):
        yield office.at(days - after, "11:00")
        office.talk(login, case, told, last=after == 22)
    yield office.at(days - 30, "16:00")
    decided = {"decision_on": today(), "decision_outcome": "identificata_tratta", "decision_by": "ente_antitratta"}
    office.do(login, case, "decision", **decided, forms_of_exploitation=["sessuale"])
    yield office.at(days - 40, "10:00")
    _join(office, login, case, language)
    return case


def _join(office: Office, login: str, case: str, language: str) -> None:
    """She joins the programme, and the Mayor is told."""
    told = dict.fromkeys(("told_interruption", "told_conduct", "told_rules", "told_duties", "person_signed"), True)
    given = {"adhesion_on": today(), "accepted_on": today(), "programme_form": "residential"}
    office.do(login, case, "adhesion", adhesion_outcome="joins", rules_language=language, **told, **given)
    reason = {"legal_reason": "body_duty", "legal_reason_words": "Art. 26 c. 4 DPR 394/1999"}
    sent = {"communication_on": today(), "communication_channel": "pec"}
    office.do(login, case, "mayor_notice", communication_basis="legal_reason", **reason, **sent)


def _title(office: Office, case: str, **known: str) -> None:
    """The legal office writes down what decides on her title."""
    asked = ["minor_answer", "eu_answer", "wants_asylum", "trafficking_facts", "danger_art18", "proceedings"]
    asked += ["labour_exploitation", "domestic_violence"]
    office.do("luca", case, "track_facts", assessed_on=today(), **(dict.fromkeys(asked, "no") | known))


def in_a_flat(office: Office) -> Story:
    """Half a year on the way: a plan, a course, an internship, and since last month a flat."""
    case = yield from _in_the_house(office, 230, "en")
    _title(office, case, trafficking_facts="si")
    yield office.at(180, "11:00")
    papers = dict.fromkeys(("doc_programme", "doc_adhesion", "doc_acceptance"), True)
    office.do("elena", case, "documents", documents_on=today(), identity_document="none", **papers)
    consent = {"consent_by": "person", "consent_on": today(), "consent_language": "en", "consent_way": "scritto"}
    sent = {"communication_basis": "consent", "communication_on": today(), "communication_channel": "pec"}
    consent["consent_text_version"] = "informativa-it-1"
    office.do("luca", case, "proposal", proposer="registered_body", **consent, **sent)
    yield office.at(175, "09:30")
    lodged = {"application_outcome": "lodged", "lodged_on": today(), "prints_on": day(20)}
    office.do("luca", case, "application", **lodged)
    yield office.at(170, "10:00")
    aims = {"pei_areas": ["italiano", "lavoro", "casa"], "goal_italiano": "Parlare da sola col medico"}
    aims |= {"goal_lavoro": "Un lavoro con un contratto", "goal_casa": "Una stanza tutta mia"}
    strands = ["italian", "internship", "housing"]
    office.do("elena", case, "pei", pei_on=today(), autonomy=2, pei_shared=True, strands=strands, **aims)
    yield office.at(155, "12:00")
    office.do("luca", case, "prints", prints_outcome="done")
    yield office.at(150, "10:00")
    course = {"course_level": "a2", "course_provider": "cpia", "course_from": today()}
    office.do("elena", case, "course_enrol_form", course_choice="iscritta", **course)
    yield office.at(90, "12:00")
    issued = {"permit_issued_on": today(), "permit_expires_on": day(365), "neutral_wording": True}
    office.do("luca", case, "answer", questura_answer="issued", permit_number="I-DEMO0001", **issued)
    yield office.at(75, "15:00")
    work = {"work_kind": "tis", "work_from": day(25), "work_to": day(205), "weekly_hours": 25, "allowance": 600}
    office.do("elena", case, "internship_plan", work_choice="parte", promoter="Agenzia Ponte (inventata)", **work)
    yield office.at(40, "12:00")
    step = {"housing_kind": "semiautonomia", "housing_agreed": "si"}
    office.do("elena", case, "housing_plan", **step)
    yield office.at(30, "12:00")
    moved = {"housing_done": "fatto", "shelter": office.house(FLAT), "moved_on": today()}
    office.do("elena", case, "housing_move_form", **moved)


def at_home_with_support(office: Office) -> Story:
    """In a home of her own, accompanied from time to time; no shelter."""
    case = yield from _in_the_house(office, 150, "ro", "fabio")
    _title(office, case, eu_answer="si")
    yield office.at(100, "10:00")
    office.do("fabio", case, "eu_registration", registration="iscritta", registered_on=today(), health_cover="ssn")
    plan = {"pei_areas": ["rete"], "goal_rete": "Conoscere qualcuno nel quartiere"}
    plan |= {"strands": ["home_support", "housing"]}
    office.do("fabio", case, "pei", pei_on=today(), autonomy=4, pei_shared=True, **plan)
    office.do("fabio", case, "housing_plan", housing_kind="domicilio_proprio", housing_agreed="si")
    yield office.at(90, "10:00")
    office.do("fabio", case, "housing_move_form", housing_done="fatto", housing_own=True, moved_on=today())
    office.do("fabio", case, "home_plan", home_choice="si", visit_on=today())


def moved_on(office: Office) -> Story:
    """She has left well, three months ago: it is time to ask how she is."""
    case = yield from _in_the_house(office, 420, "es")
    _title(office, case, eu_answer="si")
    yield office.at(380, "10:00")
    office.do("elena", case, "eu_registration", registration="iscritta", registered_on=today(), health_cover="ssn")
    plan = {"pei_areas": ["autonomia"], "goal_autonomia": "Vivere da sola", "pei_review_on": day(120)}
    office.do("elena", case, "pei", pei_on=today(), autonomy=3, pei_shared=True, **plan)
    yield office.at(95, "10:00")
    office.start("elena", case, "exit")
    left = {"exited_on": today(), "exit_outcome": "conclusione_positiva", "leaves_house": "si", "exit_work": "stabile"}
    agreed = {"follow_up_agreed": "si", "consent_language": "es", "consent_way": "scritto", "papers_on": today()}
    office.do("elena", case, "exit_form", **left, **agreed, exit_housing="domicilio_proprio")


STORIES = (in_a_flat, at_home_with_support, moved_on)
