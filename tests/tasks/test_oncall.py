"""A call at night lands with the colleague on call; when nobody is on call, the desk has it and the coordinator is told."""

from datetime import timedelta

from sqlalchemy import select

from cases import rota
from core import clock, log
from core.db import transaction
from notifications.notices import Notice
from tasks import schedule
from tests.tasks.conftest import DESK, MILAN, TUSCANY, Office


def on_call(office: Office, login: str, post: str = MILAN, hours: int = 8) -> None:
    with transaction() as db:
        rota.enter(db, post, office.user_id(login), clock.now(), clock.now() + timedelta(hours=hours), by="cli")


def told(office: Office, kind: str) -> set[str]:
    with transaction() as db:
        return {office.login_of(user) for user in db.scalars(select(Notice.user_id).where(Notice.kind == kind))}


def verbs(code: str) -> list[str]:
    with transaction() as db:
        return [line.verb for line in log.lines(db, stream=f"contact:{code}")]


def test_a_call_at_ten_to_midnight_is_the_task_of_who_is_on_call(office: Office) -> None:
    office.time.at("2026-08-11 23:50")
    on_call(office, "dario")
    call = office.call(at="2026-08-11T23:45")

    task = office.task(call, "contact_pickup")
    assert (office.login_of(task.assignee or ""), task.tenant, task.given_by) == ("dario", MILAN, None)
    assert "contact_pickup" in office.waiting("dario", "mine")
    assert told(office, "call_landed") == {"dario"}
    assert told(office, "nobody_on_call") == set()
    assert "contact.landed" in verbs(call)


def test_with_nobody_on_call_the_desk_has_it_and_coordination_and_supervision_are_told(office: Office) -> None:
    on_call(office, "oscar", TUSCANY)
    on_call(office, "carla")  # the street unit is on call, but does not answer for the desk
    call = office.call()

    assert office.task(call, "contact_pickup").assignee is None
    assert "contact_pickup" in office.waiting("dario", "group")
    assert told(office, "nobody_on_call") == {"giulia", "paola"}
    assert "contact.unattended" in verbs(call)


def test_in_office_hours_and_without_danger_the_whole_desk_answers_its_telephone(office: Office) -> None:
    office.time.at("2026-08-11 11:00")
    on_call(office, "dario")
    call = office.call(at="2026-08-11T10:50", danger="no")

    assert office.task(call, "contact_pickup").assignee is None
    assert told(office, "call_landed") == told(office, "nobody_on_call") == set()


def test_a_call_that_is_passed_to_another_desk_lands_with_who_is_on_call_there(office: Office) -> None:
    on_call(office, "dario")
    on_call(office, "oscar", TUSCANY)
    call = office.call()
    office.time.forward(minutes=31)
    schedule.fire_timers()
    office.do("bruno", call, "pickup_escalation", escalation_outcome="reroute", escalation_post=TUSCANY)

    task = office.task(call, "contact_pickup")
    assert (office.login_of(task.assignee or ""), task.tenant) == ("oscar", TUSCANY)


def test_a_call_without_a_province_is_the_task_of_the_central_colleague_on_call(office: Office) -> None:
    on_call(office, "bruno", DESK)
    call = office.meet("anna", danger="si", wants_out="si", call_class="pertinente").code

    assert office.login_of(office.task(call, "contact_pickup").assignee or "") == "bruno"
