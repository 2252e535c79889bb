"""Moving cases at the coordinator's desk: the plan, the choice, the queue, the way back; never what is in a case."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

import core.db
from engine import instances, registry
from engine.migration import Move
from engine.tables import Definition
from tasks import moves, schedule
from tests.web.browser import Browser

MODEL = Path(__file__).parents[2] / "workflows" / "bpmn" / "contact.bpmn"


@pytest.fixture
def waiting(picked):
    """A call that waits for the desk; returns the walk."""
    picked.waiting = picked.ring()
    return picked


@pytest.fixture
def lucia(waiting) -> Browser:
    """The coordinator."""
    return Browser(waiting.app, "lucia")


def publish(changed: dict[str, str]) -> Definition:
    """A new version of the model of contacts."""
    text = MODEL.read_text(encoding="utf-8")
    for old, new in changed.items():
        text = text.replace(old, new)
    with core.db.transaction() as db:
        return registry.publish(db, text.encode(), by="u_coord")


def said(text: str) -> Definition:
    return publish({"Rispondi e vai incontro": text})


def send(desk: Browser, path: str, **typed: object):
    desk.get("/models/contact/moves")
    return desk.send(path, **typed)


def ids(desk: Browser, name: str) -> list[str]:
    page = desk.get("/models/contact/moves").text
    return [part.split('"')[0] for part in page.split(f'name="{name}" value="')[1:]]


def test_without_another_version_there_is_nobody_to_move(lucia):
    page = lucia.get("/models/contact/moves").text

    assert "Nessun caso in corso è su un'altra versione." in page
    assert "Finora nessun caso è stato spostato." in page


def test_from_a_version_to_itself_nobody_is_moved_and_it_is_not_said_that_nobody_could_be(lucia, waiting):
    now = said("Rispondi e incontra")
    page = lucia.get(f"/models/contact/moves?from={now.id}&to={now.id}").text
    assert "Scegli due versioni diverse." in page
    assert "Nessun caso in corso è su un" not in page


def test_the_plan_has_a_line_for_each_case_with_its_code_only(lucia, waiting):
    said("Rispondi subito")

    page = lucia.get("/models/contact/moves").text

    assert waiting.waiting in page
    assert "si può spostare: 1" in page
    assert "Vuole uscire adesso" not in page


def test_what_was_ticked_is_moved_by_the_clock_and_the_page_says_how_far_it_is(lucia, waiting):
    said("Rispondi subito")

    reply = send(lucia, "/models/contact/moves", case=ids(lucia, "case"))
    assert reply.location.startswith("/models/contact/moves?done=moves_asked")
    assert "1 caso è ancora in coda." in lucia.get("/models/contact/moves").text
    assert schedule.move_cases().fired == 1

    page = lucia.get("/models/contact/moves").text
    assert "spostato</span>" in page
    assert "ancora in coda" not in page
    assert "Rispondi subito" in Browser(waiting.app, "bruno").get("/inbox").text


def test_a_move_is_undone_by_the_clock(lucia, waiting):
    said("Rispondi subito")
    send(lucia, "/models/contact/moves", case=ids(lucia, "case"))
    schedule.move_cases()

    reply = send(lucia, "/models/contact/moves/undo", move=ids(lucia, "move"))
    assert reply.location.startswith("/models/contact/moves?done=moves_back_asked")
    schedule.move_cases()

    assert "annullato</span>" in lucia.get("/models/contact/moves").text
    assert "Rispondi e vai incontro" in Browser(waiting.app, "bruno").get("/inbox").text


def test_however_many_were_moved_all_are_undone_together_and_what_cannot_be_hides_none(lucia, waiting, monkeypatch):
    monkeypatch.setattr(moves, "MOST_SHOWN", 1)
    waiting.ring()
    waiting.ring()
    said("Rispondi subito")
    send(lucia, "/models/contact/moves", all="1")
    assert "3 casi sono ancora in coda." in lucia.get("/models/contact/moves").text
    assert '<progress max="3" value="0"' in lucia.reply.text
    assert schedule.move_cases().fired == 3
    with core.db.transaction() as db:
        moved = db.scalars(select(Move).order_by(Move.id)).all()
        instances.cancel(db, moved[0].instance_id, reason="finito", by="u_coord")
        moved[0].asked_at += timedelta(minutes=1)
    page = lucia.get("/models/contact/moves").text
    assert len(ids(lucia, "move")) == 1
    assert "Annulla tutti i 2 spostamenti da 1 a 2" in page
    send(lucia, "/models/contact/moves/undo", batch=ids(lucia, "batch")[0])
    assert '<progress max="2" value="0"' in lucia.get("/models/contact/moves").text
    assert schedule.move_cases().fired == 2

    assert ids(lucia, "move") == ids(lucia, "batch") == []
    with core.db.transaction() as db:
        assert sorted(move.status for move in db.scalars(select(Move))) == ["done", "undone", "undone"]


def test_a_move_whose_case_has_ended_is_not_offered_for_undo_and_says_why(lucia, waiting):
    said("Rispondi subito")
    send(lucia, "/models/contact/moves", case=ids(lucia, "case"))
    schedule.move_cases()
    assert len(ids(lucia, "move")) == 1
    with core.db.transaction() as db:
        (row,) = moves.rows(db, "contact")
        instances.cancel(db, row.move.instance_id, reason="finito", by="u_coord")

    assert ids(lucia, "move") == []
    assert "Non si annulla più: il caso è già arrivato alla fine di questo percorso." in lucia.get("/models/contact/moves").text


def test_a_step_that_is_called_otherwise_is_chosen_from_a_list(lucia, waiting):
    places = ('id="{}"', 'Ref="{}"', 'bpmnElement="{}"', ">{}<")
    publish({each.format("contact_pickup"): each.format("meet_her") for each in places})
    page = lucia.get("/models/contact/moves").text
    assert "da abbinare: 1" in page
    assert "Scegli almeno un caso" in send(lucia, "/models/contact/moves").text

    page = lucia.get("/models/contact/moves?place.contact_pickup=meet_her").text
    assert "si può spostare: 1" in page


def test_who_is_not_moved_is_told_why(lucia, waiting):
    said("Rispondi subito")
    chosen = ids(lucia, "case")
    send(lucia, "/models/contact/moves", case=chosen)
    with core.db.transaction() as db:
        (row,) = moves.rows(db, "contact")
        row.move.mapping = {"contact_pickup": "gw_pickup"}
    schedule.move_cases()

    page = lucia.get("/models/contact/moves").text
    assert "non spostato</span>" in page
    assert "è un passo di un altro tipo" in page


def test_a_move_that_breaks_leaves_the_case_and_tells_the_coordinators(lucia, waiting, monkeypatch):
    said("Rispondi subito")
    send(lucia, "/models/contact/moves", case=ids(lucia, "case"))
    monkeypatch.setattr("engine.migration.runs.play", lambda *_: 1 / 0)

    assert schedule.move_cases().failed == 1

    assert "Errore tecnico nello spostamento" in lucia.get("/models/contact/moves").text
    assert "Errore tecnico nello spostamento" in lucia.get("/incidents").text


def test_nobody_but_the_coordinator_moves_cases(waiting):
    for login in ("bruno", "marco"):
        assert Browser(waiting.app, login).get("/models/contact/moves").status_code == 404


