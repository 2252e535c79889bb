"""What the invented office counts: a year of calls, nights in the street and cases that are over, for its statistics.

Recorded in the register alone, without pathways, as an office brings along what it had before: enough that the tables
say something although small numbers are hidden. Nobody here has a name.
"""

from itertools import cycle

from cases import casefile, contacts, exits, persons, programmes, victims
from core import clock
from tasks.demo_office import DESK, MILAN, TUSCANY, Office, Story

CALLS = (
    ("pertinente", "vittima", "richiesta_aiuto", "inviata_territorio"),
    ("pertinente", "privato_sociale", "consulenza", "informazioni_date"),
    ("pertinente_qualificata", "vittima", "richiesta_aiuto", "inviata_territorio"),
    ("pertinente", "forze_ordine", "segnalazione", "inviata_territorio"),
    ("non_pertinente", "cittadino", "informazioni", "non_pertinente"),
)
PEOPLE = (
    ("femmina", "NG", "sessuale_strada"), ("femmina", "NG", "sessuale_indoor"), ("maschio", "BD", "lavorativo"),
    ("femmina", "RO", "sessuale_indoor"), ("maschio", "PK", "lavorativo"), ("femmina", "NG", "sessuale_strada"),
    ("maschio", "BD", "lavorativo"),
)  # fmt: skip
OLDEST, LAST_WINTER, NEWEST_CASE, NEWEST = 415, 330, 65, 15


def calls(office: Office) -> Story:
    """Every fifth day a call to the national desk."""
    for days, (class_, activator, reason, outcome) in zip(range(OLDEST, NEWEST, -5), cycle(CALLS), strict=False):
        yield office.at(days, "18:30")
        facts = {"at": clock.now(), "call_class": class_, "activator": activator, "reason": reason}
        call = contacts.record(office.db, "call", DESK, facts, {}, by=office.actors["anna"].user_id)
        contacts.close(office.db, call.code, outcome, by=office.actors["anna"].user_id)


def nights(office: Office) -> Story:
    """Every fourth night the unit of Milan in the street: whom it met, how many it saw."""
    met = ""
    for number, days in enumerate(range(OLDEST, NEWEST, -4)):
        yield office.at(days, "23:15")
        facts = {"at": clock.now(), "province": "MB" if number % 3 == 2 else "MI", "people_seen": 9, "people_new": 3}
        again = {"person_code": met} if met and number % 2 else {}
        contact = contacts.record(office.db, "street", MILAN, facts | again, {}, by=office.actors["carla"].user_id)
        contacts.close(office.db, contact.code, "ascolto", by=office.actors["carla"].user_id)
        met = contact.code


def archive_of_milan(office: Office) -> Story:
    """Cases of Milan that are over."""
    yield from _archive(office, MILAN, "giulia", 5)


def archive_of_tuscany(office: Office) -> Story:
    """Cases of Tuscany that are over."""
    yield from _archive(office, TUSCANY, "oscar", 6)


def _archive(office: Office, post: str, login: str, every: int) -> Story:
    by = office.actors[login].user_id
    days_ago = (*range(OLDEST, LAST_WINTER, -every), *range(LAST_WINTER, NEWEST_CASE, -2 * every))
    for days, (sex, country, form) in zip(days_ago, cycle(PEOPLE), strict=False):
        yield office.at(days, "12:00")
        case = casefile.open_(office.db, post, kind="tratta", by=by).code
        casefile.note(office.db, case, minor=False, by=by)
        persons.record(office.db, case, {"gender": sex, "citizenships": [country]}, by=by)
        victims.know_forms(office.db, case, [form])
        casefile.set_victim_status(office.db, case, "identificata", "ente_antitratta", clock.today(), by=by)
        casefile.set_phase(office.db, case, "P6", by=by)
        programmes.adhere(office.db, case, clock.today(), clock.today(), residential=False, by=by)
        yield office.at(days - 60, "12:00")
        casefile.set_phase(office.db, case, "P9", by=by)
        programmes.end(office.db, case, clock.today(), by=by)
        exits.leave(office.db, case, clock.today(), "conclusione_positiva", exits.Situation(), by=by)
        casefile.close(office.db, case, "conclusione_positiva", by=by)


STORIES = (calls, nights, archive_of_milan, archive_of_tuscany)
