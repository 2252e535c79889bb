"""Who has looked at a case, and the way in for an emergency: with a reason, for an hour, in everybody's sight."""

import pytest
from sqlalchemy import select

import core.db
from core import log
from notifications.notices import Notice
from tests.web.browser import Browser

WHY = "È in pronto soccorso a Firenze e ha paura"


@pytest.fixture
def piero(placed):
    """A case manager of another territory."""
    desk = Browser(placed.app, "piero")
    desk.get("/emergency")
    return desk


def told():
    with core.db.transaction() as db:
        return {(notice.user_id, notice.case_code) for notice in db.scalars(select(Notice).where(Notice.kind == "glass"))}


def test_an_emergency_opens_the_case_for_an_hour_and_everybody_concerned_knows(placed, piero, time):
    assert piero.get(f"/cases/{placed.case}").status_code == 404
    piero.get("/emergency")
    assert piero.send("/emergency", code=placed.case.lower(), reason=WHY).status_code == 303
    page = piero.follow().text
    assert "Accesso di emergenza fino alle" in page
    assert WHY not in page
    assert {code for _, code in told()} == {placed.case, None}  # the coordinators learn that, not where

    looks = placed.desk("dario").get(f"/cases/{placed.case}/looks").text
    assert WHY in looks
    assert "Piero Leone" in looks
    assert "Ha aperto la scheda" in looks
    assert "Accesso di emergenza" in placed.desk("carla").get("/notices").text

    time.forward(minutes=61)
    assert Browser(placed.app, "piero").get(f"/cases/{placed.case}").status_code == 404
    again = Browser(placed.app, "piero")
    again.get("/emergency")
    assert "già stato usato oggi" in again.send("/emergency", code=placed.case, reason=WHY).text


def test_without_a_reason_or_with_a_wrong_code_nothing_opens_and_what_was_typed_stays(placed, piero):
    reply = piero.send("/emergency", code=placed.case, reason="boh")
    assert reply.status_code == 422
    assert f'value="{placed.case}"' in reply.text
    reply = piero.send("/emergency", code="F-NESSUN", reason=WHY)
    assert reply.status_code == 422
    assert WHY in reply.text

    with core.db.transaction() as db:
        verbs = list(db.scalars(select(log.Line.verb).where(log.Line.verb.in_(["access.refused", "case.glass_broken"]))))
    assert verbs == ["access.refused"]
    assert told() == set()


def test_who_may_see_the_case_needs_no_emergency(placed):
    desk = placed.desk("carla")
    desk.get("/emergency")
    assert desk.send("/emergency", code=placed.case, reason=WHY).location.endswith(f"/cases/{placed.case}")
    assert told() == set()


def test_an_opening_is_told_once_an_hour_and_a_reading_every_time(placed, time):
    desk = placed.desk("carla")
    for _ in range(2):
        desk.get(f"/cases/{placed.case}")
        desk.send(f"/cases/{placed.case}/person")
        desk.get(f"/cases/{placed.case}")
    page = desk.get(f"/cases/{placed.case}/looks").text

    assert page.count("Ha aperto la scheda") == 1
    assert page.count("Ha letto chi è la persona") == 2


def test_who_tries_code_after_code_is_stopped_and_the_coordinators_are_told(placed, piero):
    codes = [piero.send("/emergency", code=f"F-NESSU{last}", reason=WHY).status_code for last in "ABCDEF"]
    assert codes == [422] * 5 + [429]
    piero.get("/emergency")
    assert piero.send("/emergency", code=placed.case, reason=WHY).status_code == 429
    assert "guardato molti casi" in Browser(placed.app, "lucia").get("/notices").text
