"""The first case at the desk, over HTTP, as its people do it: every date that the law gives is asserted."""

from datetime import date

import pytest
from sqlalchemy import select

import core.db
from cases import casefile, interviews
from cases.deadlines import Deadline, Reminder
from core import log
from tests.web.walk import Walk


@pytest.fixture
def walk(app, time):
    return Walk(app, time)


def test_from_a_street_contact_to_the_attestato(walk):
    assert walk.meet().startswith("UM-")
    walk.meet_again()
    assert walk.ring().startswith("NV-")
    case = walk.pick_up()
    walk.house()
    page = walk.page("carla", f"/cases/{case}")
    assert "mercoledì 11 novembre 2026" in page
    assert "giovedì 11 febbraio 2027" in page

    walk.weigh()
    page = walk.page("carla", f"/cases/{case}")
    assert "rischio: alto" in page
    assert "riservato" in page
    walk.explain()
    walk.tell_the_questore()
    walk.receive_attestato()

    page = walk.page("carla", f"/cases/{case}")
    assert "protetta fino a domenica 4 ottobre 2026; ultimo giorno utile per agire: venerdì 2 ottobre 2026" in page
    assert "tra 45 giorni" in page
    assert "05ABCDE" not in page
    with core.db.transaction() as db:
        told = select(Reminder.remind_on).join(Deadline, Deadline.id == Reminder.deadline_id)
        told = told.where(Deadline.case_code == case, Deadline.term_id == "T01").order_by(Reminder.remind_on)
        assert list(db.scalars(told)) == [date(2026, 9, 20), date(2026, 9, 27), date(2026, 10, 2)]
        assert log.verify(db) == []


def test_four_interviews_and_the_decision_of_the_team(walk):
    case = walk.all_the_way()
    walk.talk()
    page = walk.page("carla", f"/cases/{case}")
    assert "Colloquio n. 4, il 18/09/2026" in page
    assert "Racconta del viaggio" not in page
    walk.decide()

    page = walk.page("carla", f"/cases/{case}")
    assert "Identificata, 25 set 2026" in page
    assert "parere" not in page.lower()
    with core.db.transaction() as db:
        held = interviews.list_(db, case)
        assert [each.on for each in held] == [date(2026, 8, 24), date(2026, 9, 2), date(2026, 9, 11), date(2026, 9, 18)]
        assert {each.mediator for each in held} == {"MED-7Q2K"}
        found = casefile.get(db, case)
        assert (found.victim_status, found.status_decider) == ("identificata", "ente_antitratta")
        assert (found.phase, found.status_on) == ("P6", date(2026, 9, 25))
        assert log.verify(db) == []


def test_the_same_night_in_english(walk):
    case = walk.all_the_way()
    walk.desk("carla").send("/account", language="en")

    page = walk.page("carla", f"/cases/{case}")
    assert "protected until Sunday 4 October 2026; last useful day to act: Friday 2 October 2026" in page
    assert "in 45 days" in page
    assert "risk: high" in page


def test_nothing_is_typed_twice(walk):
    walk.meet()
    walk.meet_again()
    walk.ring()
    case = walk.pick_up()

    assert walk.call in walk.page("bruno", f"/cases/{case}")
