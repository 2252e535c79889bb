"""People and things of the register: three posts, a house, and those who work there."""

import pytest

from cases import casefile, contacts, posts, shelters, terms
from cases.access import Actor
from core import log

TERMS = """
[[term]]
id = "T01"
name = "Periodo di recupero e riflessione (attestato)"
source = "art. 18 c. 3-ter D.lgs. 286/1998"
length = 45
unit = "day"
kind = "VAL"
starts = "data dell'attestato"
who = "Questore"
on_expiry = "finisce la protezione dal rimpatrio"
extendable = false
certainty = "C"
reminders = [{days_before = 14}, {days_before = 7}, "last_working_day"]

[[term]]
id = "T03"
name = "Comunicazione al Questore"
source = "art. 18 c. 3-ter D.lgs. 286/1998"
length = 1
unit = "working_day"
kind = "SLA"
certainty = "A"
reminders = ["last_working_day"]

[[term]]
id = "T05"
name = "Periodo minimo del Consiglio d'Europa"
source = "art. 13 della Convenzione"
kind = "VAL"
certainty = "B"

[[term]]
id = "T09"
name = "Titolo casi speciali, primo rilascio"
source = "art. 18 c. 4, testo previgente"
length = 6
unit = "month"
kind = "VAL"
certainty = "B"
valid_to = 2025-10-03

[[term]]
id = "T09"
name = "Titolo casi speciali, primo rilascio"
source = "art. 18 c. 4, come da D.L. 146/2025"
length = 1
unit = "year"
kind = "VAL"
certainty = "A"
valid_from = 2025-10-04

[[term]]
id = "T11"
name = "Domanda di rinnovo"
source = "art. 5 c. 4 D.lgs. 286/1998"
length = 90
unit = "day"
kind = "BACK"
certainty = "A"
reminders = [{days_before = 30}]
"""


def worker(user_id, *roles):
    return Actor(f"u_{user_id}", user_id.capitalize(), "it", frozenset(roles))


@pytest.fixture
def said(db):
    """What the log will say of a stream when this transaction is committed: the verbs, oldest first."""
    return lambda stream: [line.content["verb"] for line in db.info.get(log.PENDING, []) if line.stream == stream]


@pytest.fixture
def network(db, time):
    """A central desk, two projects and the staff of one house of the first."""
    for code, kind, provinces in (
        ("nazionale", "central", []),
        ("lombardia-2", "project", ["BG", "BS", "CR"]),
        ("puglia", "project", ["BA", "FG"]),
        ("casa-a", "shelter", []),
        ("casa-b", "shelter", []),
    ):
        posts.record(db, code, {"name": code, "kind": kind, "provinces": provinces}, by="cli")


@pytest.fixture
def law(db):
    """The terms as the tests know them."""
    return terms.load(db, TERMS, by="cli")


@pytest.fixture
def olga():
    """Answers the helpline."""
    return worker("olga", ("nv_operator", "nazionale"))


@pytest.fixture
def sara():
    """Walks the streets at night."""
    return worker("sara", ("street_worker", "lombardia-2"))


@pytest.fixture
def luca():
    """On call at the desk of the territory."""
    return worker("luca", ("local_desk", "lombardia-2"))


@pytest.fixture
def anna():
    """Case manager."""
    return worker("anna", ("case_manager", "lombardia-2"))


@pytest.fixture
def carla():
    """A colleague of Anna's."""
    return worker("carla", ("case_manager", "lombardia-2"))


@pytest.fixture
def silvia():
    """Their supervisor."""
    return worker("silvia", ("supervisor", "lombardia-2"))


@pytest.fixture
def leo():
    """Their legal officer."""
    return worker("leo", ("legal_officer", "lombardia-2"))


@pytest.fixture
def bruno():
    """Case manager of another project."""
    return worker("bruno", ("case_manager", "puglia"))


@pytest.fixture
def gina():
    """Works in the house."""
    return worker("gina", ("shelter_worker", "casa-a"))


@pytest.fixture
def mira():
    """Cultural mediator."""
    return worker("mira", ("cultural_mediator", "lombardia-2"))


@pytest.fixture
def dario():
    """The auditor of the office."""
    return worker("dario", ("auditor", None))


@pytest.fixture
def a_case(db, network):
    """A case of Anna's."""
    return casefile.open_(db, "lombardia-2", kind="tratta", worker="u_anna", by="u_luca")


@pytest.fixture
def a_house(db, network):
    """A house with two beds and an address that nobody may learn."""
    return shelters.open_shelter(db, "casa-a", "pronta", 2, address="Via del Roseto 7, Clusone", by="cli")


@pytest.fixture
def a_call(db, network, time):
    """A call at night, still with the helpline."""
    at = time.at("2026-08-11 02:10")
    facts = {"at": at, "danger": "si", "wants_out": "si", "minor": "non_noto", "province": "bg", "language": "pcm"}
    notes = {"summary": "Chiede di andare via subito", "code_word": "girasole", "caller_number": "333 1234567"}
    return contacts.record(db, "call", "nazionale", facts, notes, by="u_olga")
