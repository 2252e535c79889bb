"""An invented office to look around in: posts, people of every role, contacts and cases in different phases.

Everything is done through the same verbs that people use, with the clock set back to when it happened. Persons, places
and numbers are invented; the bodies of the directory are real and public, the cases are not theirs.
"""

from datetime import date, timedelta

from sqlalchemy.orm import Session

from cases import posts, shelters
from core import calendar, clock, users
from tasks import demo_audit, demo_figures, demo_network, demo_street, demo_workshop, demo_years, digest, pathways
from tasks.demo_office import (
    HOUSE_1,
    HOUSE_2,
    HOUSES,
    IN_DANGER,
    PASSWORD,
    PEOPLE,
    Office,
    Story,
    today,
)
from tasks.forms import Paper
from tasks.news import MORNING

__all__ = ["PASSWORD", "PEOPLE", "fill"]


def fill(db: Session, *, by: str = "demo") -> list[tuple[str, str]]:
    """Prepare the office and return its logins with what each person does; a second time nothing is changed."""
    if users.by_login(db, PEOPLE[0][0]) is None:
        _open_houses(db, by=by)
        _hire(db, by=by)
        demo_network.take_past_turns(db, by=by)
        Office(db).live(STORIES)
        demo_network.fill(db, by=by)
        digest.plan(db, _last_morning())
    return [(login, f"{name}, {what}") for login, name, what, _ in PEOPLE]


def _last_morning() -> date:
    """The last working day whose digest was due: whoever looks in at night or on a Sunday finds it in the sink too."""
    now = clock.now().astimezone(clock.ROME)
    return calendar.last_working_day(now.date() if now.time() >= MORNING else now.date() - timedelta(days=1))


def _hire(db: Session, *, by: str) -> None:
    for login, name, _, roles in PEOPLE:
        user = users.add(db, login, name, f"{login}@demo.invalid", password=PASSWORD, by=by)
        for role, post in roles:
            users.grant(db, user, role, post, by=by)


def _open_houses(db: Session, *, by: str) -> None:
    for post, name, kind, beds, address in HOUSES:
        posts.record(db, post, {"name": name, "kind": "shelter"}, by=by)
        shelters.open_shelter(db, post, kind, beds, address=address, by=by)


def identified(office: Office) -> Story:
    """A street contact of two months ago, a call at night, protection, and a decision."""
    yield office.at(66, "23:40")
    met = office.meet("carla", "street", province="MI", language="en", apparent_age="18-24", number_given=True)
    yield office.at(52, "23:10")
    office.meet("carla", "street", province="MI", person_code=met, safe_channel="Messaggi dalle 15 alle 17")
    yield office.at(45, "02:10")
    call = office.meet("anna", "call", person_code=met, **IN_DANGER, summary="Vuole andare via adesso.")
    yield office.at(45, "02:35")
    case = office.answer("dario", call)
    yield office.at(45, "05:15")
    office.shelter("elena", case, HOUSE_1)
    office.assess("elena", case, "medio")
    yield office.at(43, "11:00")
    office.inform("elena", case, "en")
    yield office.at(42, "15:00")
    office.collect("elena", case)
    office.tell_questore("elena", case, "en")
    yield office.at(36, "10:30")
    office.receive_attestato("elena", case, "DEMO0001")
    themes = (["luogo_bisogni", "fiducia"], ["famiglia_partenza", "reclutamento"], ["viaggio", "sfruttamento"])
    for days, told in zip((32, 24, 16), themes, strict=True):
        yield office.at(days, "11:00")
        office.talk("elena", case, told, last=days == 16)
    yield office.at(9, "16:00")
    decided = {"decision_on": today(), "decision_outcome": "identificata_tratta", "decision_by": "ente_antitratta"}
    office.do("elena", case, "decision", **decided)


def running_out(office: Office) -> Story:
    """The 45 days are running; the risk was high and has come down."""
    yield office.at(38, "14:20")
    call = office.meet("anna", "call", **IN_DANGER, language="es")
    yield office.at(38, "14:40")
    case = office.answer("dario", call)
    yield office.at(38, "17:00")
    office.shelter("elena", case, HOUSE_2)
    office.assess("elena", case, "alto", review_in=2)
    office.do("giulia", case, "risk_approval", approval_on=today(), approval_outcome="confirmed")
    yield office.at(36, "12:00")
    office.assess("elena", case, "medio", "risk_review")
    office.inform("elena", case, "es")
    yield office.at(35, "10:00")
    office.collect("elena", case)
    office.tell_questore("elena", case, "es")
    yield office.at(31, "09:30")
    office.receive_attestato("elena", case, "DEMO0002")
    yield office.ago(hours=1)
    office.ask_address("elena", case, "consegna", "Le porto i documenti per la visita di domani")


def waiting_for_prints(office: Office) -> Story:
    """At the desk by herself; the Questore has been told, the attestato has not come yet."""
    yield office.at(12, "10:00")
    came = office.meet("dario", "desk", province="MI", wants_out="si", danger="no", language="sq")
    yield office.at(12, "11:15")
    case = office.answer("dario", came)
    yield office.at(11, "12:00")
    office.do("fabio", case, "placement", placement_kind="domicilio_proprio", placed_on=today())
    office.assess("fabio", case, "basso")
    yield office.at(9, "15:30")
    office.inform("fabio", case, "sq")
    yield office.at(5, "16:00")
    office.collect("fabio", case)
    office.tell_questore("fabio", case, "sq")


def in_hiding(office: Office) -> Story:
    """High risk since the day before yesterday: the case is masked and the review is due."""
    yield office.at(2, "22:30")
    call = office.meet("anna", "call", **IN_DANGER, language="ro")
    yield office.at(2, "22:50")
    case = office.answer("dario", call)
    yield office.at(2, "23:50")
    office.shelter("fabio", case, HOUSE_1)
    yield office.at(1, "09:30")
    office.assess("fabio", case, "imminente", review_in=1)


def just_in(office: Office) -> Story:
    """She came in the night; the risk is still to be assessed."""
    yield office.ago(hours=9)
    call = office.meet("anna", "call", **IN_DANGER, language="pcm")
    yield office.ago(hours=8, minutes=40)
    case = office.answer("dario", call)
    yield office.ago(hours=7)
    office.shelter("elena", case, HOUSE_1)


def looking_for_a_bed(office: Office) -> Story:
    """Two hours ago at the desk: the case is open, a safe place is not found yet."""
    yield office.ago(hours=2)
    came = office.meet(
        "fabio", "desk", province="MI", wants_out="si", language="bn", forms_of_exploitation=["lavorativo"]
    )
    yield office.ago(hours=1, minutes=20)
    office.answer("dario", came)


def on_the_way(office: Office) -> Story:
    """A call of a quarter of an hour ago: the desk has to answer now."""
    yield office.ago(minutes=15)
    office.meet("anna", "call", **IN_DANGER, language="en", summary="È in stazione, ha un telefono prestato.")


def said_no(office: Office) -> Story:
    """She was taken in, and said no: the door stays open."""
    yield office.at(20, "18:00")
    call = office.meet("anna", "call", **IN_DANGER, language="zh")
    yield office.at(20, "18:20")
    case = office.answer("dario", call)
    yield office.at(20, "20:00")
    office.shelter("elena", case, HOUSE_2)
    yield office.at(17, "11:00")
    left = {"declined_on": today(), "leaves_shelter": "true"}
    pathways.decline_case(office.db, office.actors["elena"], case, Paper(left))


def elsewhere(office: Office) -> Story:
    """Another project: its contacts and cases are not to be seen from Milan."""
    yield office.at(6, "19:00")
    call = office.meet("bruno", "call", **IN_DANGER | {"province": "FI"}, language="fr")
    yield office.at(6, "19:25")
    case = office.answer("oscar", call)
    yield office.at(6, "21:00")
    office.do("oscar", case, "placement", placement_kind="temporanea", placed_on=today())
    yield office.at(1, "12:00")
    office.meet("anna", "call", call_class="pertinente", province="LU", wants_out="si", danger="no")


def small_talk(office: Office) -> Story:
    """Calls and encounters of which no case is made."""
    yield office.at(8, "23:30")
    met = office.meet("carla", "street", province="MI", apparent_age="25-34", needs=["salute"], material_given=True)
    yield office.at(5, "16:10")
    office.meet("anna", "call", call_class="non_pertinente")
    yield office.at(4, "21:45")
    office.meet("carla", "online", province="MB", language="zh")
    yield office.at(3, "09:20")
    office.meet("anna", "call", call_class="disturbo")
    yield office.at(1, "23:55")
    office.meet("carla", "street", province="MI", person_code=met, number_given=True)


def reading(office: Office) -> Story:
    """The mediator signs two texts for the person; a coordinator has written a shorter version of a third."""
    yield office.now
    for language in ("it", "en"):
        office.sign_text("amina", "diritti", language)
    shorter = "# Un numero da chiamare\n\n800 290 290\n\n- Gratis, giorno e notte.\n- Non devi dire il tuo nome."
    office.write_text("paola", "numero-verde", "it", shorter)


STORIES = (
    identified, running_out, waiting_for_prints, in_hiding, just_in, looking_for_a_bed, on_the_way, said_no, elsewhere,
    small_talk, reading,
    *demo_years.STORIES, *demo_street.STORIES, *demo_figures.STORIES,
    *demo_audit.STORIES, *demo_workshop.STORIES,
)  # fmt: skip
