"""Dates as a colleague would say them, in both languages, on the clocks of Italy."""

from datetime import date, datetime

import pytest
from flask_babel import force_locale

from core import clock
from web import language


def rome(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=clock.ROME)


@pytest.fixture
def speaking(app):
    """A request in which words are said."""
    with app.test_request_context("/"):
        yield


@pytest.mark.parametrize(
    ("due", "italian", "english", "state"),
    [
        ("2026-07-19", "scaduta da 2 giorni", "was due 2 days ago", "late"),
        ("2026-07-20", "scaduta ieri", "was due yesterday", "late"),
        ("2026-07-21", "oggi", "today", "today"),
        ("2026-07-22", "domani", "tomorrow", "soon"),
        ("2026-07-24", "tra 3 giorni", "in 3 days", "soon"),
        ("2026-07-28", "tra 7 giorni", "in 7 days", "soon"),
        ("2026-07-29", "tra 8 giorni", "in 8 days", "later"),
        ("2027-07-21", "tra 365 giorni", "in 365 days", "later"),
    ],
)
def test_a_day_is_told_by_its_distance(speaking, time, due, italian, english, state):
    day = date.fromisoformat(due)

    with force_locale("it"):
        assert language.due_words(day) == italian
    with force_locale("en"):
        assert language.due_words(day) == english
    assert language.due_state(day) == state


@pytest.mark.parametrize(
    ("due", "italian", "state"),
    [
        ("2026-07-21 08:59", "scaduta oggi alle 08:59", "late"),
        ("2026-07-21 15:30", "oggi alle 15:30", "today"),
        ("2026-07-22 00:00", "domani", "soon"),
        ("2026-07-20 23:59", "scaduta ieri", "late"),
    ],
)
def test_an_hour_of_today_is_told_as_an_hour(speaking, time, due, italian, state):
    with force_locale("it"):
        assert language.due_words(rome(due)) == italian
    assert language.due_state(rome(due)) == state


def test_midnight_in_rome_is_where_the_day_changes(speaking, time):
    time.at("2026-07-21 23:59")
    assert language.due_words(rome("2026-07-22 00:01")) == "domani"
    time.at("2026-07-22 00:00")
    assert language.due_words(rome("2026-07-22 00:01")) == "oggi alle 00:01"


@pytest.mark.parametrize("day", ["2026-03-29", "2026-10-25"])
def test_the_days_on_which_clocks_change_have_their_name(speaking, time, day):
    time.at(f"{day} 12:00")

    assert language.due_words(rome(f"{day} 12:30")) == "oggi alle 12:30"
    assert language.due_words(date.fromisoformat(day)) == "oggi"


def test_a_date_is_written_out_with_its_weekday(speaking):
    with force_locale("it"):
        assert language.day(date(2026, 8, 20)) == "giovedì 20 agosto 2026"
        assert language.day("2026-10-04") == "domenica 4 ottobre 2026"
    with force_locale("en"):
        assert language.day(date(2026, 8, 20)) == "Thursday 20 August 2026"
    assert language.day(None) == ""


def test_an_instant_of_today_is_an_hour_and_any_other_has_its_day(speaking, time):
    assert language.moment(rome("2026-07-21 08:05")) == "08:05"
    assert language.moment(rome("2026-07-20 08:05")) == "20 lug 2026, 08:05"
    assert language.iso(rome("2026-07-20 08:05")) == "2026-07-20T08:05+02:00"


def test_nothing_has_no_due_date(speaking):
    assert language.due_words(None) == ""
    assert language.due_state(None) == "none"


def test_a_sentence_takes_its_facts_in_the_readers_words(speaking, time):
    with force_locale("it"):
        assert language.say("Fase: %(new)s", {"new": date(2026, 8, 20)}) == "Fase: giovedì 20 agosto 2026"
    with force_locale("en"):
        assert language.say(
            "Già completata da %(who)s alle %(when)s.", {"who": "Anna", "when": rome("2026-07-21 08:05")}
        ) == ("Already completed by Anna at 08:05.")


def test_a_percent_sign_in_a_fact_is_only_text(speaking):
    assert language.say("Fase: %(new)s", {"new": "100%(x)s"}) == "Fase: 100%(x)s"
    assert language.say("100% sicuro") == "100% sicuro"
