"""Nothing waits in the inbox of somebody on holiday: who is away, who stands in, who sees the rest."""

from sqlalchemy import select

import core.db
from core import users
from core.log import Line
from tests.web.browser import Browser
from tests.web.test_today import colleague, notices_of, words
from tests.web.walk import Walk


def away(desk: Browser, deputy: str, first: str = "2026-08-11", last: str = "2026-08-20", **more: str) -> str:
    """Write down an absence on the page; returns what the page says then."""
    desk.get("/account/absences")
    desk.send("/account/absences", deputy=deputy, from_on=first, to_on=last, **more)
    return words(desk.follow().text if desk.reply.status_code == 303 else desk.reply.text)


def id_of(login: str) -> str:
    with core.db.transaction() as db:
        user = users.by_login(db, login)
        assert user
        return user.id


def test_the_deputy_does_the_tasks_of_who_is_away_and_both_names_stay_in_the_log(placed: Walk):
    rosa = colleague()
    carla, deputy = placed.desk("carla"), Browser(placed.app, "rosa")
    task = carla.task("Spiega i diritti")
    carla.get(task)
    carla.send(f"{task}/claim")
    page = away(carla, rosa)
    assert "Assenza salvata: chi sostituisce è avvisato." in page
    assert "Carla Moro dall'11 ago 2026 al 20 ago 2026 · sostituisce Rosa Lanza" in page
    assert notices_of("rosa") == ["absence"]

    assert "per conto di Carla Moro" in words(deputy.get("/inbox").text)
    assert "Togli" not in words(deputy.get("/account/absences").text), "only her own, and the supervision's"
    placed.time.at("2026-08-13 10:00")
    deputy.log_in("rosa")
    placed.desks["carla"] = deputy  # the deputy does what Carla does in the walk
    placed.explain()
    assert "Rosa Lanza per conto di Carla Moro" in words(deputy.get(f"/cases/{placed.case}").text)
    carla_id = id_of("carla")
    with core.db.transaction() as db:
        behalf = list(db.scalars(select(Line.behalf).where(Line.verb == "task.completed", Line.actor == rosa)))
    assert behalf == [carla_id]


def test_what_the_deputy_may_not_do_the_supervision_sees_and_passes_on(placed: Walk):
    giulia = id_of("giulia")
    carla, dario = placed.desk("carla"), Browser(placed.app, "dario")
    task = carla.task("Valuta il rischio")
    carla.get(task)
    carla.send(f"{task}/claim")
    assert "Valuta il rischio" not in dario.get("/inbox").text
    away(carla, giulia)

    assert "Carla Moro è assente e chi sostituisce non può farla" in words(dario.get("/inbox").text)
    rosa = colleague()
    dario.get(task)
    dario.send(f"{task}/delegate", to=rosa)
    assert notices_of("carla") == ["task_taken"]
    assert notices_of("rosa") == ["task_given"]
    assert "Valuta il rischio" not in dario.get("/inbox").text


def test_days_that_cannot_be_are_refused_beside_the_field_and_stay_typed(placed: Walk):
    rosa, piero = colleague(), id_of("piero")
    carla = placed.desk("carla")
    for deputy, first, last, sentence in (
        (rosa, "2026-08-20", "2026-08-19", "La fine dell'assenza viene prima dell'inizio."),
        (rosa, "2026-08-01", "2026-08-10", "Scegli un ultimo giorno da oggi in poi"),
        (rosa, "2026-08-12", "", "Scrivi un giorno."),
        (id_of("carla"), "2026-08-12", "2026-08-13", "Nessuno può sostituire sé stesso."),
        (piero, "2026-08-12", "2026-08-13", "Scegli una persona che lavora nella stessa postazione."),
    ):
        form = {"csrf_token": carla.token(), "deputy": deputy, "from_on": first, "to_on": last}
        reply = carla.client.post("/account/absences", data=form)
        assert reply.status_code == 422
        assert sentence in words(reply.text)
        assert f'value="{first}"' in reply.text
    away(carla, rosa)
    assert "In questi giorni c'è già un'assenza" in away(carla, rosa)
    assert "assente anche lei o lui" in away(Browser(placed.app, "giulia"), id_of("carla"))


def test_the_supervision_writes_for_a_colleague_and_who_is_back_has_the_tasks_again(placed: Walk):
    rosa, carla_id = colleague(), id_of("carla")
    carla, dario = placed.desk("carla"), Browser(placed.app, "dario")
    task = carla.task("Valuta il rischio")
    carla.get(task)
    carla.send(f"{task}/claim")
    away(dario, rosa, user=carla_id)
    assert notices_of("carla") == notices_of("rosa") == ["absence"]
    assert "per conto di Carla Moro" in words(Browser(placed.app, "rosa").get("/inbox").text)

    page = carla.get("/account/absences").text
    end = page.partition('action="/account/absences/')[2].partition('"')[0]
    stranger = Browser(placed.app, "piero")
    assert stranger.client.post(
        f"/account/absences/{end}", data={"csrf_token": stranger.token()}
    ).status_code == 404  # fmt: skip
    carla.send(f"/account/absences/{end}")
    assert "Assenza tolta" in words(carla.follow().text)
    assert "Valuta il rischio" not in Browser(placed.app, "rosa").get("/inbox?show=mine").text
    assert carla.client.post("/account/absences", data={
        "csrf_token": carla.token(), "user": id_of("piero"), "deputy": rosa, "from_on": "2026-08-12", "to_on": "2026-08-12",
    }).status_code == 303, "whoever has nobody to watch writes for herself only"  # fmt: skip
    assert "Piero" not in words(carla.get("/account/absences").text)
