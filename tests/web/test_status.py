"""Is the house alive: the word for machines and the banner for staff (threats R30)."""

from datetime import timedelta

import pytest

import core.db
from core import clock
from tasks import beats
from tasks.beats import Beat
from tasks.tally import Tally


def beat(minutes_ago: float = 0) -> None:
    with core.db.transaction() as db:
        for name in ("timers", "mail", "reminders", "tidy"):
            row = db.get(Beat, name) or Beat(name=name, fired=0, failed=0)
            row.at = clock.now()
            db.add(row)


def test_a_clock_that_never_ticked_is_told_on_every_page_and_to_machines(anna, stranger):
    assert "non sono mai partite" in anna.get("/inbox").text
    assert "non sono mai partite" in anna.get("/contacts").text
    reply = stranger.get("/health")
    assert (reply.status_code, reply.text) == (503, "late clock never\n")


def test_a_ticking_clock_is_not_mentioned(anna, stranger):
    beat()

    assert 'class="banner"' not in anna.get("/inbox").text
    assert (stranger.get("/health").status_code, stranger.reply.text) == (200, "ok\n")


def test_three_minutes_of_silence_are_told(anna, stranger, time):
    beat()
    time.forward(minutes=2, seconds=59)
    assert 'class="banner"' not in anna.get("/inbox").text
    time.forward(minutes=2)

    assert "Da 4 minuti le scadenze automatiche e la posta sono ferme" in anna.get("/inbox").text
    assert stranger.get("/health").status_code == 503


def test_a_stranger_learns_nothing_of_it(stranger):
    assert 'class="banner"' not in stranger.get("/login").text


def test_the_page_for_those_who_run_it_names_the_jobs(lucia):
    beat()
    page = lucia.get("/status").text

    assert "Scadenze dei percorsi" in page
    assert "Nessuna anomalia." in page


def test_a_clock_that_was_moved_is_told_for_a_day_to_who_looks_after_the_system(anna, lucia, stranger, time):
    """Threats R11: with SQLite, and where clock and database share a machine, nothing else sees it."""
    beat()
    said = "L&#39;orologio di questa macchina è stato spostato %s alle %s: guarda se l&#39;ora è giusta."
    with core.db.transaction() as db:
        beats.write(db, beats.JUMP, Tally(fired=75))
    at = f"{clock.now().astimezone(clock.ROME):%H:%M} del 21 lug 2026"
    said_forward = said % ("in avanti di 75 minuti", at)
    assert said_forward in lucia.get("/models").text
    assert said_forward in lucia.get("/status").text.partition("Compito")[0].partition("Orologio</h2>")[2]
    assert ">jump<" not in lucia.reply.text
    assert "spostato" not in anna.get("/inbox").text
    assert (stranger.get("/health").status_code, stranger.reply.text) == (200, "ok\n")
    with core.db.transaction() as db:
        beats.write(db, beats.JUMP, Tally(fired=-60 * 24 * 365))
    assert said % ("indietro di 365 giorni", at) in lucia.get("/models").text
    with core.db.transaction() as db:
        db.get_one(Beat, beats.JUMP).at -= timedelta(days=1)

    assert "spostato" not in lucia.get("/models").text


@pytest.mark.only_on("postgres")
@pytest.mark.parametrize("ahead", [timedelta(minutes=9), timedelta(minutes=-9)])
def test_a_machine_whose_clock_disagrees_with_the_database_says_so_on_every_page(
    anna, lucia, stranger, time, monkeypatch, ahead
):
    """Threats R11: whoever looks must learn why nothing leaves, and not start again a clock that runs."""
    beat()
    said = "L&#39;ora di questa macchina e quella del database differiscono di 9 minuti: finché non concordano"
    machine = clock.machine
    monkeypatch.setattr(clock, "machine", lambda: machine() + ahead * 1.001)
    time.forward(seconds=ahead.total_seconds())
    assert said in anna.get("/inbox").text
    assert "sono ferme" not in anna.reply.text
    assert said in lucia.get("/status").text.partition("Compito")[0].partition("Orologio")[2]
    assert stranger.get("/health").text.endswith(", clocks 9 min apart\n")
    monkeypatch.setattr(clock, "machine", machine)
    beat()

    assert "differiscono" not in anna.get("/inbox").text
    assert stranger.get("/health").text == "ok\n"
