"""The invented office out of doors and by appointment: an outing of last night, a desk this morning, an agenda."""

from datetime import timedelta
from typing import Any

from cases import access, outings
from cases.casefile import Case
from core import calendar, clock
from core.ids import new_id
from tasks import agenda, desk
from tasks import outings as work
from tasks.demo_office import MILAN, Office, Story
from tasks.forms import Paper

ZONES = "Stazione\nLungofiume nord\nZona industriale"
MET: tuple[dict[str, Any], ...] = (
    {"apparent_gender": "femmina", "apparent_age": "18-24", "language": "pcm", "needs": ["salute"]},
    {"apparent_gender": "femmina", "apparent_age": "25-34", "language": "ro", "needs": ["ascolto"], "zone_number": 2},
    {"apparent_gender": "donna_trans", "apparent_age": "25-34", "language": "es", "zone_number": 2,
     "needs": ["salute", "documenti"], "recontact_consent": True, "safe_channel": "Messaggi dopo le 15"},
    {"apparent_gender": "femmina", "apparent_age": "18-24", "language": "sq", "zone_number": 3, "material_given": True},
)  # fmt: skip


def last_night(office: Office) -> Story:
    """The unit goes out, meets four people and one of them again, and puts the outing in order in the morning."""
    carla, local = office.actors["carla"], "%Y-%m-%dT%H:%M"
    yield office.at(1, "21:30")
    begun = f"{clock.now().astimezone(clock.ROME):{local}}"
    plan = {"from_at": begun, "crew": [carla.user_id], "zones": ZONES, "province": "MI", "vehicle": "2"}
    code = work.open_(office.db, carla, MILAN, Paper(plan), begin=True).code
    first = ""
    for number, answers in enumerate(MET):
        yield office.at(1, f"22:{10 + 15 * number // 2}")
        met = _meet(office, code, **answers)
        first = first or met
    yield office.at(1, "23:50")
    _meet(office, code, again=first, needs=["legale"], zone_number=3)
    yield office.at(0, "00:40")
    work.count(office.db, carla, code, Paper({"present-1": 6, "present-2": 9, "present-3": 4}))
    ended = f"{clock.now().astimezone(clock.ROME):{local}}"
    if outings.get(office.db, carla, code).from_at < clock.now():
        given = {"material-preservativi": 40, "material-biglietti": 12, "material-bevande": 15}
        work.close(office.db, carla, code, Paper({"to_at": ended, **given}))


def at_the_desk(office: Office) -> Story:
    """Two people wait, a third has been called."""
    for minutes, needs, language in ((50, ["casa"], "fr"), (30, ["documenti", "legale"], "bn"), (10, ["ascolto"], "")):
        yield office.ago(minutes=minutes)
        slip = {"needs": needs, "language": language, "once": new_id()}
        desk.arrive(office.db, office.actors["dario"], MILAN, Paper(slip))


def agenda_of_elena(office: Office) -> Story:
    """Three appointments: today, tomorrow at the Questura, and next week at the lawyer's."""
    yield office.ago(minutes=5)
    elena = office.actors["elena"]
    cases = access.list_cases(office.db, elena, status="open", limit=2)
    tomorrow = calendar.next_working_day(clock.today())
    soon = (office.now + timedelta(hours=2)).astimezone(clock.ROME)
    _fix(office, cases[0], kind="colloquio", from_at=f"{soon:%Y-%m-%dT%H:%M}", place="sede", mediation="true")
    where = "Ufficio di Fantasia, secondo piano, sportello 3"
    _fix(office, cases[-1], kind="questura", from_at=f"{tomorrow}T09:00", place="altrove", exact_place=where)
    later = calendar.next_working_day(tomorrow + timedelta(days=5))
    _fix(office, cases[0], kind="avvocato", from_at=f"{later}T16:30", place="altrove", goes="luca")


def _meet(office: Office, code: str, **answers: Any) -> str:
    at = f"{clock.now().astimezone(clock.ROME):%Y-%m-%dT%H:%M}"
    form = {"at": at, "once": new_id(), "zone_number": 1, **answers}
    return work.meet(office.db, office.actors["carla"], code, Paper(form))[0].code


def _fix(office: Office, case: Case, *, goes: str = "elena", **answers: Any) -> None:
    actor = office.actors["elena"]
    about = agenda.subject(office.db, actor, case=case.code)
    form = {"minutes": "60", "goes": office.actors[goes].user_id, "anyway": "true", **answers}
    agenda.set_(office.db, actor, about, Paper(form))


STORIES = (last_night, at_the_desk, agenda_of_elena)
