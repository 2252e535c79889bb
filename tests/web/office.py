"""One office in the middle of a night, prepared once: a call that waits for the desk of Milan, a case of Milan with a
guest in the house, everybody logged in. Tests put their questions to copies of it.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

import core.db
from cases import (
    agreements,
    appointments,
    deadlines,
    documents,
    offices,
    outings,
    proposals,
    receipts,
    reviews,
    rota,
    terms,
    transfers,
    visits,
)
from cases.receipts import Export
from core import clock, seal, users
from core.config import Config
from engine import history, incidents, registry
from engine.incidents import TRIES
from engine.tables import Instance, Timer
from tasks import reveals, workshop
from tasks import reviews as work
from tasks.assignment import actor_of
from tasks.incidents import TECHNICAL
from tests import databases
from tests.conftest import Time
from tests.databases import Template
from tests.web.browser import Browser
from tests.web.walk import Walk
from web.app import App

# Who works here: login, name, role, post (None: the whole office). Piero does Carla's work in another territory.
CENTRAL, MILAN, HOUSE = "nv-centrale", "lombardia-1", "casa-prova"
PEOPLE = (
    ("anna", "Anna Conti", "nv_operator", CENTRAL),
    ("ines", "Ines Ferri", "nv_supervisor", CENTRAL),
    ("ugo", "Ugo Sala", "street_worker", MILAN),
    ("bruno", "Bruno Riva", "local_desk", MILAN),
    ("carla", "Carla Moro", "case_manager", MILAN),
    ("dario", "Dario Pace", "supervisor", MILAN),
    ("giulia", "Giulia Neri", "legal_officer", MILAN),
    ("elena", "Elena Costa", "shelter_worker", HOUSE),
    ("fatou", "Fatou Diop", "cultural_mediator", MILAN),
    ("piero", "Piero Leone", "case_manager", "toscana"),
    ("lucia", "Lucia Bassi", "coordinator", None),
    ("marco", "Marco Villa", "auditor", None),
    ("nadia", "Nadia Greco", "admin", None),
)
ADDRESS = "Vicolo della Prova 7"
NIGHT = "2026-08-11 05:40"


@dataclass(frozen=True)
class Stage:
    """The office at one point of the first case, to be copied and gone on with."""

    url: str
    at: str
    codes: dict[str, str]


@dataclass(frozen=True)
class Prepared:
    """The office, the cookies of its people, and the ids of what is in it."""

    url: str
    cookies: dict[str, str]
    places: dict[str, str]


def config(url: str, folder: Path, keys: Path, **more: Any) -> Config:
    return Config(database_url=url, var=folder, keys=keys, base_url="http://localhost", password_memory_kib=8, **more)


def fresh(template: Template, url: str) -> str:
    """A copy of a database, connected."""
    copy = template.copy(url)
    databases.connect(copy)
    return copy


def discard(template: Template, url: str) -> None:
    """Leave a copy and drop it."""
    core.db.dispose()
    template.drop(url)


def resume(app: App, time: Time, stage: Stage) -> Walk:
    """Go on where a stage stopped."""
    time.at(stage.at)
    walk = Walk(app, time)
    vars(walk).update(stage.codes)
    return walk


def live(walk: Walk) -> dict[str, str]:
    """Let a second call come in after the first case has its bed; returns the ids of what there is."""
    waiting = walk.ring()
    pickup = walk.desk("bruno").task("Rispondi e vai incontro").rpartition("/")[2]
    task = walk.at(NIGHT, "carla").task("Valuta il rischio").rpartition("/")[2]
    with core.db.transaction() as db:
        instance = history.pathways(db, walk.case)[0].id
        definition = registry.current(db, "contact").id
        written = documents.write(db, walk.case, "questore_attestato", 1, "P3", "Al Questore", by="cli").id
        deadline = deadlines.of_case(db, walk.case)[0].id
        closed = offices.days(db, "milano")[0].id
        facts = {name: getattr(terms.in_use(db, "T07")[0], name) for name in terms.FIELDS} | {"length": 45}
        proposal = proposals.propose(db, "T07", facts, "Lo chiede il progetto", confirmed=True, by="demo").id
        incident = park(db, waiting)
        asked = {"reason": "sicurezza", "urgency": "alta", "excluded": ["puglia"]}
        shift, swap = take_turns(db)
        agreement = agree(db)
        transfer = transfers.request(db, walk.case, asked, by="test").code
        carla = users.by_login(db, "carla")
        assert carla
        need = "La accompagno alla visita di stasera"
        reveal = reveals.ask(db, actor_of(db, carla), walk.case, "accompagnare", need).id
        planned = plan(db, walk.case)
        marco = users.by_login(db, "marco")
        assert marco
        seal.seal(db, by="clock")
        review = reviews.keep(db, actor_of(db, marco), "Un primo giro", reviews.Filters()).id
        handout = work.ask(db, actor_of(db, marco), "xes", [walk.case], "Per l'analisi dei tempi").id
        figures = Export(sha256="a" * 64, subject="pathway", format="csv", post=MILAN, first="2026-04", last="2026-06")
        figures.mapping = "2026-11"
        lucia = users.by_login(db, "lucia")
        assert lucia
        drawn = workshop.content(db, "process", "errands").replace(b'due="P', b'due="P1')
        workshop.save(db, "process", "errands", drawn, 0, by=lucia.id)
        export = receipts.keep(db, figures, by="test").id
        keys = {"process": "errands", "decision": "triage", "form": "extra_step"}
        versions = {f"{kind}_version": workshop.in_force(db, kind, key) or "" for kind, key in keys.items()}
    page = walk.desk("carla").get(f"/cases/{walk.case}").text
    return {
        **planned,
        "transfer": transfer,
        "body": "dps",
        "agreement_id": agreement,
        "shift_id": shift,
        "swap_id": swap,
        "export_id": export,
        "task_id": task,
        "pickup_id": pickup,
        "kind": "call",
        "case": walk.case,
        "contact": waiting,
        "process_id": "contact",
        "definition_id": definition,
        **versions,
        "instance_id": instance,
        "incident_id": incident,
        "shelter": walk.shelter,
        "reveal_id": reveal,
        "review_id": review,
        "handout_id": handout,
        "remark_id": "none",
        "key": "diritti",
        "guide": "la-rete",
        "lang": "it",
        "filename": "favicon.svg",
        "document_id": written,
        "post": "nv-centrale",
        "letter": "questore_attestato",
        "deadline_id": deadline,
        "term_id": "T07",
        "proposal_id": proposal,
        "office": "milano",
        "day_id": closed,
        "sheet_id": page.partition(f"/sheets/{walk.case}/")[2].partition('"')[0],
    }


def plan(db: Session, case: str) -> dict[str, str]:
    """An outing under way, somebody waiting at the desk, an appointment of the case this afternoon."""
    ids = {login: user.id for login in ("ugo", "carla") if (user := users.by_login(db, login))}
    facts = {"from_at": clock.now() - timedelta(hours=1), "crew": [ids["ugo"]], "zones": ["Stazione", "Lungofiume"]}
    outing = outings.open_(db, MILAN, facts | {"province": "MI"}, begin=True, by=ids["ugo"])
    visit = visits.arrive(db, MILAN, {"needs": ["casa"], "language": "en"}, "0" * 32, by=ids["carla"])
    at = {"kind": "medico", "from_at": clock.now() + timedelta(hours=9), "minutes": 60, "goes": ids["carla"]}
    where = {"place": "altrove", "exact_place": "Ambulatorio della Prova"}
    fixed = appointments.set_(db, MILAN, at | where, case=case, by=ids["carla"])
    return {"outing": outing.code, "visit_id": visit.id, "appointment_id": fixed.id}


def agree(db: Session) -> str:
    """Milan has an agreement that ends in the winter."""
    facts = {"kind": "convenzione", "post": MILAN, "subject": "Accoglienza di prova", "others": "Ente di prova"}
    days = {"signed_on": date(2026, 1, 1), "expires_on": date(2026, 12, 31), "notice_days": 90}
    return agreements.record(db, facts | days, by="test").id


def take_turns(db: Session) -> tuple[str, str]:
    """Ines and Anna answer for the central desk, one night is free; Anna has asked Ines to take a night of hers.
    Returns the ids of that shift and of the request."""
    anna, ines = (user.id for login in ("anna", "ines") if (user := users.by_login(db, login)))
    morning, turns = datetime.fromisoformat("2026-08-17T06:00+02:00"), {}
    for day in range(7):
        first, evening = (morning + timedelta(days=day, hours=hours) for hours in (0, 16))
        rota.enter(db, CENTRAL, ines, first, evening, by="test")
        if day != 5:
            turns[day] = rota.enter(db, CENTRAL, anna, evening, evening + timedelta(hours=8), by="test").id
    return turns[3], rota.ask_swap(db, turns[3], ines, None, by=anna).id


def park(db: Session, contact: str) -> str:
    """Let the timer of a contact fail until it is given up; returns the id of the incident."""
    timer = select(Timer.id).join(Instance, Instance.id == Timer.instance_id).where(Instance.business_key == contact)
    found = [incidents.failed(db, db.scalars(timer).one(), TECHNICAL, "pickup_escalation") for _ in range(TRIES)][-1]
    assert found is not None
    return found.id


def log_in(app: App, login: str) -> str:
    """The cookie of somebody who has just logged in."""
    cookie = Browser(app, login).client.get_cookie("approdo")
    assert cookie is not None
    return str(cookie.value)
