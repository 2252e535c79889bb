"""Nights on which the clock is moved, and days that do not exist: what is typed stays what was meant, or is told."""

import pytest

import core.db
from cases import contacts
from core import clock
from tests.web.walk import Walk


@pytest.fixture
def walk(app, time):
    return Walk(app, time)


def ring(walk, now, **typed):
    """A call is written down at this hour of Rome; returns the reply."""
    desk = walk.at(now, "anna")
    desk.get("/contacts/new/call")
    return desk.send("/contacts/new/call", danger="no", province="MI", **typed)


def kept(reply):
    code = reply.location.partition("?")[0].rpartition("/")[2]
    with core.db.transaction() as db:
        return contacts.get(db, code).at.astimezone(clock.ROME)


def test_an_hour_that_comes_twice_is_kept_as_it_was_typed(walk):
    found = kept(ring(walk, "2026-10-25 04:00", at="2026-10-25T02:30"))

    assert f"{found:%Y-%m-%d %H:%M}" == "2026-10-25 02:30"


def test_an_hour_that_never_was_is_told_beside_its_field(walk):
    reply = ring(walk, "2027-03-28 04:00", at="2027-03-28T02:30")

    assert reply.status_code == 422
    assert "2027-03-28T02:30" in reply.text


def test_a_day_that_does_not_exist_is_told_beside_its_field(walk):
    reply = ring(walk, "2027-03-01 10:00", at="2027-02-29T10:00")

    assert reply.status_code == 422
    assert "2027-02-29T10:00" in reply.text
