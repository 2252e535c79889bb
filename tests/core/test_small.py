"""The clock, the ids, the refusals."""

import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from core import clock, errors, ids
from core.errors import AlreadyDone, InvalidForm, InvalidModel, Refused

ROOT = Path(__file__).parents[2]
REFUSALS = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, Refused)]


# The clock


def test_the_clock_says_the_time_of_the_machine_until_it_is_stopped():
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=5)


def test_a_stopped_clock_moves_by_hand(time):
    assert time.at("2026-08-11 02:10") == datetime(2026, 8, 11, 0, 10, tzinfo=UTC)
    assert time.forward(days=1, hours=2) == datetime(2026, 8, 12, 2, 10, tzinfo=UTC)
    clock.thaw()
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=5)


def test_today_is_the_day_in_rome(time):
    time.at("2026-08-11 00:30")

    assert clock.now().date() == date(2026, 8, 10)
    assert clock.today() == date(2026, 8, 11)


def test_an_instant_without_zone_cannot_stop_the_clock():
    with pytest.raises(ValueError):
        clock.freeze(datetime(2026, 8, 11))


def test_a_drill_may_run_days_ahead():
    command = [sys.executable, "-c", "from core import clock; print(clock.now().isoformat())"]
    said = subprocess.run(
        command, cwd=ROOT, env={"APPRODO_CLOCK_OFFSET": "86400"}, capture_output=True, text=True, check=True
    )

    ahead = datetime.fromisoformat(said.stdout.strip()) - datetime.now(UTC)
    assert timedelta(hours=23, minutes=58) < ahead <= timedelta(days=1)


# Ids and codes


def test_ids_and_codes_do_not_repeat():
    assert len({ids.new_id() for _ in range(1000)}) == 1000
    assert len({ids.new_code("UM", 6) for _ in range(1000)}) > 995


def test_a_code_can_be_read_aloud_and_spells_no_word():
    codes = [ids.new_code("UM") for _ in range(500)]

    assert {len(code) for code in codes} == {7}
    assert not set("".join(code[3:] for code in codes)) & set("01AEIOUL")
    assert len(ids.new_code(length=9)) == 9


# Refusals


@pytest.mark.parametrize("kind", REFUSALS, ids=lambda kind: kind.__name__)
def test_a_refusal_has_a_status_a_sentence_and_a_promise(kind):
    assert 400 <= kind.status <= 503
    assert kind.sentence.endswith((".", "."))
    assert kind.__doc__


def test_a_refusal_says_its_sentence_with_its_places_filled():
    assert str(AlreadyDone(who="Anna Verdi", when="10:32")) == "Già completata da Anna Verdi alle 10:32."
    assert str(Refused("Il 100% non basta.")) == "Il 100% non basta."


def test_a_refused_form_lists_the_sentences_of_each_field():
    refused = InvalidForm({"mail": ("uno", "due")})

    assert refused.errors == {"mail": ["uno", "due"]}
    assert InvalidModel(["riga 3"]).findings == ["riga 3"]
