"""An invented office to look around in: posts, people of every role, contacts and cases in different phases.

Everything is done through the same verbs that people use, with the clock set back to when it happened. Persons, places
and numbers are invented; the bodies of the directory are real and public, the cases are not theirs.
"""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from heapq import heapify, heappop, heappush
from typing import Any

from sqlalchemy.orm import Session

from cases import contacts, posts, shelters
from cases.access import Actor
from core import clock, users
from core.clock import ROME
from core.errors import N_
from tasks import assignment, inbox, pathways
from tasks.forms import Paper

PASSWORD = "quattro tazze sul tavolo verde"  # noqa: S105 - printed at every start of the demo, which answers loopback only
DESK, MILAN, TUSCANY, HOUSE_1, HOUSE_2 = "nv-centrale", "lombardia-1", "toscana", "casa-demo-1", "casa-demo-2"
PEOPLE: tuple[tuple[str, str, str, tuple[tuple[str, str | None], ...]], ...] = (
    ("anna", "Anna Riva", N_("risponde al Numero Verde"), (("nv_operator", DESK),)),
    ("bruno", "Bruno Costa", N_("supervisione del Numero Verde"), (("nv_supervisor", DESK),)),
    ("carla", "Carla Ponte", N_("unità mobile"), (("street_worker", MILAN),)),
    ("dario", "Dario Sala", N_("postazione locale"), (("local_desk", MILAN),)),
    ("elena", "Elena Marchi", N_("referente di casi"), (("case_manager", MILAN),)),
    ("fabio", "Fabio Neri", N_("referente di casi"), (("case_manager", MILAN), ("local_desk", MILAN))),
    ("giulia", "Giulia Fonti", N_("supervisione del progetto"), (("supervisor", MILAN),)),
    ("amina", "Amina Bello", N_("mediazione culturale"), (("cultural_mediator", MILAN),)),
    ("luca", "Luca Serra", N_("ufficio legale"), (("legal_officer", MILAN),)),
    ("marta", "Marta Olmi", N_("équipe di una struttura"), (("shelter_worker", HOUSE_1),)),
    ("nadia", "Nadia Vela", N_("équipe di un'altra struttura"), (("shelter_worker", HOUSE_2),)),
    ("oscar", "Oscar Lido", N_("un altro progetto"), (("local_desk", TUSCANY), ("case_manager", TUSCANY))),
    ("paola", "Paola Renzi", N_("coordinamento e modelli"), (("coordinator", None),)),
    ("piera", "Piera Fontana", N_("coordinamento, seconda firma"), (("coordinator", None),)),
    ("rita", "Rita Galli", N_("controllo (audit)"), (("auditor", None),)),
    ("sandro", "Sandro Mori", N_("amministrazione del sistema"), (("admin", None),)),
)  # fmt: skip
HOUSES = (
    (HOUSE_1, "Struttura dimostrativa 1", 6, "Via Inventata 1, Luogo Inesistente"),
    (HOUSE_2, "Struttura dimostrativa 2", 4, "Piazza di Fantasia 2, Luogo Inesistente"),
)
STAFF = {HOUSE_1: "marta", HOUSE_2: "nadia"}
IN_DANGER = {"call_class": "pertinente_qualificata", "province": "MI", "danger": "si", "wants_out": "si", "minor": "no"}


Story = Iterator[datetime]


def fill(db: Session, *, by: str = "demo") -> list[tuple[str, str]]:
    """Prepare the office and return its logins with what each person does; a second time nothing is changed."""
    if users.by_login(db, PEOPLE[0][0]) is None:
        _open_houses(db, by=by)
        _hire(db, by=by)
        Office(db).live()
    return [(login, f"{name}, {what}") for login, name, what, _ in PEOPLE]


def _hire(db: Session, *, by: str) -> None:
    for login, name, _, roles in PEOPLE:
        user = users.add(db, login, name, f"{login}@demo.invalid", password=PASSWORD, by=by)
        for role, post in roles:
            users.grant(db, user, role, post, by=by)


def _open_houses(db: Session, *, by: str) -> None:
    for post, name, beds, address in HOUSES:
        posts.record(db, post, {"name": name, "kind": "shelter"}, by=by)
        shelters.open_shelter(db, post, "pronta", beds, address=address, by=by)


class Office:
    """The people at work, on days counted back from today. A story yields the moment of each of its next steps."""

    def __init__(self, db: Session) -> None:
        self.db, self.now = db, clock.now()
        self.actors = {login: self._actor(login) for login, *_ in PEOPLE}

    def live(self) -> None:
        """Live all stories at once, in the order of time; then the clock is as if nobody had touched it."""
        told = [story(self) for story in STORIES]
        steps = [(next(story), number) for number, story in enumerate(told)]
        heapify(steps)
        moved = timedelta()
        try:
            while steps:
                at, number = heappop(steps)
                moved += (back := at - clock.now())
                clock.move(back)
                if following := next(told[number], None):
                    heappush(steps, (following, number))
        finally:
            clock.move(-moved)

    def at(self, days: int, hour: str) -> datetime:
        """This hour in Rome so many days ago, but never in the future."""
        day = self.now.astimezone(ROME).date() - timedelta(days=days)
        return min(datetime.combine(day, time.fromisoformat(hour), ROME), self.now)

    def ago(self, **span: float) -> datetime:
        """So much time before now."""
        return self.now - timedelta(**span)

    def meet(self, login: str, kind: str, **typed: Any) -> str:
        """Record a contact now; returns its code."""
        form = {"at": f"{clock.now().astimezone(ROME):%Y-%m-%dT%H:%M}", **typed}
        return pathways.receive_contact(self.db, self.actors[login], kind, Paper(form)).code

    def do(self, login: str, code: str, element: str, **typed: Any) -> None:
        """Complete the task of this element that waits on a case or contact."""
        waiting = inbox.of_subject(self.db, self.actors[login], code)
        task = next(found.task for found in waiting if found.task.element == element)
        inbox.complete(self.db, self.actors[login], task.id, Paper(typed))

    def answer(self, login: str, code: str, outcome: str = "case") -> str:
        """Answer a contact; returns the code of the case that opens, if one does."""
        at = f"{clock.now().astimezone(ROME):%Y-%m-%dT%H:%M}"
        self.do(login, code, "contact_pickup", pickup_at=at, pickup_outcome=outcome)
        return contacts.get(self.db, code).case_code or ""

    def shelter(self, login: str, case: str, post: str) -> None:
        """Find a bed in the house of this post."""
        house = next(house for house in shelters.houses_of(self.db, self.actors[STAFF[post]]))
        self.do(login, case, "placement", placement_kind="struttura", shelter=house.code, placed_on=_today())

    def assess(self, login: str, case: str, level: str, element: str = "risk_assessment", review_in: int = 30) -> None:
        """Assess the risk today, to be looked at again in so many days."""
        again = (clock.today() + timedelta(days=review_in)).isoformat()
        occasion = "ingresso" if element == "risk_assessment" else "rivalutazione"
        self.do(login, case, element, risk_on=_today(), risk_occasion=occasion, risk_level=level, review_on=again)

    def inform(self, login: str, case: str, language: str) -> None:
        """Explain the rights, with a mediator."""
        topics = dict.fromkeys(("topic_reflection", "topic_permit", "topic_protection", "topic_refusal"), True)
        mediator = {"information_mediator": True, "information_mediator_code": "MED-07"}
        given = {"information_on": _today(), "information_language": language, "leaflet_version": 3}
        self.do(login, case, "information_duty", understood="si", **given, **mediator, **topics)

    def collect(self, login: str, case: str) -> None:
        """Collect indicators that make a presumed victim."""
        found = ["debito_viaggio", "viaggio_controllato", "documenti_trattenuti"]
        self.do(login, case, "indicators", indicators_on=_today(), indicators=found, indicators_outcome="presunta")

    def tell_questore(self, login: str, case: str, language: str) -> None:
        """Tell the Questore, with the consent given today."""
        consent = {
            "consent_by": "person",
            "consent_on": _today(),
            "consent_language": language,
            "consent_way": "scritto",
        }
        sent = {"measures_on": _today(), "communication_on": _today(), "communication_channel": "pec"}
        basis = {"communication_basis": "consent", "consent_text_version": 2}
        self.do(login, case, "questore_communication", **basis, **consent, **sent)

    def receive_attestato(self, login: str, case: str, cui: str) -> None:
        """The attestato is issued today."""
        given = {"attestato_outcome": "issued", "attestato_on": _today(), "cui": cui, "number": f"DEMO {cui}"}
        self.do(login, case, "attestato", **given)

    def talk(self, login: str, case: str, themes: list[str], *, last: bool = False) -> None:
        """An interview of today, with a mediator; the first is planned, after the last the evaluation is written."""
        if any(found.task.element == "interview_plan" for found in inbox.of_subject(self.db, self.actors[login], case)):
            self.do(login, case, "interview_plan", plan_outcome="interviews", stop_right_told=True)
        told = {"interview_on": _today(), "interview_minutes": 50, "interview_themes": themes}
        mediator = {"interview_mediator": True, "interview_mediator_code": "MED-07"}
        outcome = "enough" if last else "continue"
        self.do(login, case, "interview", interview_outcome=outcome, interview_themes_done=themes, **told, **mediator)
        if last:
            self.do(login, case, "evaluation", evaluation_on=_today(), evaluation_opinion="tratta")

    def _actor(self, login: str) -> Actor:
        user = users.by_login(self.db, login)
        assert user is not None  # noqa: S101 - hired a moment ago
        return assignment.actor_of(self.db, user)


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
    decided = {"decision_on": _today(), "decision_outcome": "identificata_tratta", "decision_by": "ente_antitratta"}
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
    office.do("giulia", case, "risk_approval", approval_on=_today(), approval_outcome="confirmed")
    yield office.at(36, "12:00")
    office.assess("elena", case, "medio", "risk_review")
    office.inform("elena", case, "es")
    yield office.at(35, "10:00")
    office.collect("elena", case)
    office.tell_questore("elena", case, "es")
    yield office.at(31, "09:30")
    office.receive_attestato("elena", case, "DEMO0002")


def waiting_for_prints(office: Office) -> Story:
    """At the desk by herself; the Questore has been told, the attestato has not come yet."""
    yield office.at(12, "10:00")
    came = office.meet("dario", "desk", province="MI", wants_out="si", danger="no", language="sq")
    yield office.at(12, "11:15")
    case = office.answer("dario", came)
    yield office.at(11, "12:00")
    office.do("fabio", case, "placement", placement_kind="domicilio_proprio", placed_on=_today())
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
    case = office.answer("fabio", call)
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
    left = {"declined_on": _today(), "leaves_shelter": "true"}
    pathways.decline_case(office.db, office.actors["elena"], case, Paper(left))


def elsewhere(office: Office) -> Story:
    """Another project: its contacts and cases are not to be seen from Milan."""
    yield office.at(6, "19:00")
    call = office.meet("bruno", "call", **IN_DANGER | {"province": "FI"}, language="fr")
    yield office.at(6, "19:25")
    case = office.answer("oscar", call)
    yield office.at(6, "21:00")
    office.do("oscar", case, "placement", placement_kind="temporanea", placed_on=_today())
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


STORIES = (
    identified, running_out, waiting_for_prints, in_hiding, just_in, looking_for_a_bed, on_the_way, said_no, elsewhere,
    small_talk,
)  # fmt: skip


def _today() -> str:
    return clock.today().isoformat()
