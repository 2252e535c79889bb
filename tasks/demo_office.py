"""The people of the invented office at work: each verb is one that people use, with the clock set back to its day."""

from collections.abc import Callable, Generator, Sequence
from datetime import datetime, time, timedelta
from heapq import heapify, heappop, heappush
from typing import Any

from sqlalchemy.orm import Session

from cases import contacts, leaflets, shelters
from cases.access import Actor
from core import clock, users
from core.clock import ROME
from core.errors import N_
from tasks import assignment, inbox, pathways, reveals
from tasks import leaflets as texts
from tasks.forms import Paper

PASSWORD = "quattro tazze sul tavolo verde"  # noqa: S105 - printed at every start of the demo, which answers loopback only
DESK, MILAN, TUSCANY = "nv-centrale", "lombardia-1", "toscana"
HOUSE_1, HOUSE_2, FLAT = "casa-demo-1", "casa-demo-2", "casa-demo-3"
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
    ("nadia", "Nadia Vela", N_("équipe di altre strutture"), (("shelter_worker", HOUSE_2), ("shelter_worker", FLAT))),
    ("oscar", "Oscar Lido", N_("un altro progetto, anche supervisione"),
     (("local_desk", TUSCANY), ("case_manager", TUSCANY), ("supervisor", TUSCANY))),
    ("paola", "Paola Renzi", N_("coordinamento e modelli"), (("coordinator", None),)),
    ("piera", "Piera Fontana", N_("coordinamento, seconda firma"), (("coordinator", None),)),
    ("stella", "Stella Orsi", N_("gruppo di regia: solo numeri"), (("steering", None),)),
    ("rita", "Rita Galli", N_("controllo (audit)"), (("auditor", None),)),
    ("sandro", "Sandro Mori", N_("amministrazione del sistema"), (("admin", None),)),
)  # fmt: skip
HOUSES = (
    (HOUSE_1, "Struttura dimostrativa 1", "pronta", 6, "Via Inventata 1, Luogo Inesistente"),
    (HOUSE_2, "Struttura dimostrativa 2", "pronta", 4, "Piazza di Fantasia 2, Luogo Inesistente"),
    (FLAT, "Appartamento dimostrativo 3", "semiautonomia", 3, "Corso Immaginario 3, Luogo Inesistente"),
)
STAFF = {HOUSE_1: "marta", HOUSE_2: "nadia", FLAT: "nadia"}
IN_DANGER = {"call_class": "pertinente_qualificata", "province": "MI", "danger": "si", "wants_out": "si", "minor": "no"}


Story = Generator[datetime, None, Any]


class Office:
    """The people at work, on days counted back from today. A story yields the moment of each of its next steps."""

    def __init__(self, db: Session) -> None:
        self.db, self.now = db, clock.now()
        self.actors = {login: self._actor(login) for login, *_ in PEOPLE}

    def live(self, stories: Sequence[Callable[["Office"], Story]]) -> None:
        """Live all stories at once, in the order of time; then the clock is as if nobody had touched it."""
        told = [story(self) for story in stories]
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
        self.do(login, case, "placement", placement_kind="struttura", shelter=self.house(post), placed_on=today())

    def house(self, post: str) -> str:
        """The code of the house of this post."""
        return next(h.code for h in shelters.houses_of(self.db, self.actors[STAFF[post]]) if h.post == post)

    def sign_text(self, login: str, key: str, language: str) -> None:
        """Sign the newest version of a text for the person."""
        version = leaflets.versions(self.db, key, language)[0].version
        leaflets.sign(self.db, self.actors[login], key, language, version, declared=True)

    def write_text(self, login: str, key: str, language: str, text: str) -> None:
        """Write the next version of a text for the person: a draft."""
        texts.write(self.db, self.actors[login], key, language, text)

    def ask_address(self, login: str, case: str, why: str, words: str) -> None:
        """Ask for the address of the house of a case: it waits for a second person."""
        reveals.ask(self.db, self.actors[login], case, why, words)

    def start(self, login: str, case: str, process: str) -> None:
        """Start a pathway on a case, as on its page."""
        pathways.start(self.db, self.actors[login], case, process)

    def assess(self, login: str, case: str, level: str, element: str = "risk_assessment", review_in: int = 30) -> None:
        """Assess the risk today, to be looked at again in so many days."""
        again = (clock.today() + timedelta(days=review_in)).isoformat()
        occasion = "ingresso" if element == "risk_assessment" else "rivalutazione"
        self.do(login, case, element, risk_on=today(), risk_occasion=occasion, risk_level=level, review_on=again)

    def inform(self, login: str, case: str, language: str) -> None:
        """Explain the rights, with a mediator."""
        topics = dict.fromkeys(("topic_reflection", "topic_permit", "topic_protection", "topic_refusal"), True)
        mediator = {"information_mediator": True, "information_mediator_code": "MED-07"}
        given = {"information_on": today(), "information_language": language, "leaflet_version": "diritti-it-1"}
        self.do(login, case, "information_duty", understood="si", **given, **mediator, **topics)

    def collect(self, login: str, case: str) -> None:
        """Collect indicators that make a presumed victim."""
        found = ["debito_viaggio", "viaggio_controllato", "documenti_trattenuti"]
        self.do(login, case, "indicators", indicators_on=today(), indicators=found, indicators_outcome="presunta")

    def tell_questore(self, login: str, case: str, language: str) -> None:
        """Tell the Questore, with the consent given today."""
        consent = {
            "consent_by": "person",
            "consent_on": today(),
            "consent_language": language,
            "consent_way": "scritto",
        }
        sent = {"measures_on": today(), "communication_on": today(), "communication_channel": "pec"}
        basis = {"communication_basis": "consent", "consent_text_version": "informativa-it-1"}
        self.do(login, case, "questore_communication", **basis, **consent, **sent)

    def receive_attestato(self, login: str, case: str, cui: str) -> None:
        """The attestato is issued today."""
        given = {"attestato_outcome": "issued", "attestato_on": today(), "cui": cui, "number": f"DEMO {cui}"}
        self.do(login, case, "attestato", **given)

    def talk(self, login: str, case: str, themes: list[str], *, last: bool = False) -> None:
        """An interview of today, with a mediator; the first is planned, after the last the evaluation is written."""
        if any(found.task.element == "interview_plan" for found in inbox.of_subject(self.db, self.actors[login], case)):
            self.do(login, case, "interview_plan", plan_outcome="interviews", stop_right_told=True)
        told = {"interview_on": today(), "interview_minutes": 50, "interview_themes": themes}
        mediator = {"interview_mediator": True, "interview_mediator_code": "MED-07"}
        outcome = "enough" if last else "continue"
        self.do(login, case, "interview", interview_outcome=outcome, interview_themes_done=themes, **told, **mediator)
        if last:
            self.do(login, case, "evaluation", evaluation_on=today(), evaluation_opinion="tratta")

    def _actor(self, login: str) -> Actor:
        user = users.by_login(self.db, login)
        assert user is not None  # noqa: S101 - hired a moment ago
        return assignment.actor_of(self.db, user)


def today() -> str:
    return clock.today().isoformat()


def day(ahead: int) -> str:
    """A day so many days after today."""
    return (clock.today() + timedelta(days=ahead)).isoformat()
