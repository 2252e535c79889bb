"""Notices: told to one person, followed under that person's own rights."""

import core.db
from core import users
from notifications import notices


def tell(login: str, kind: str, case: str | None = None) -> None:
    with core.db.transaction() as db:
        user = users.by_login(db, login)
        assert user
        notices.tell(db, f"{kind}-{login}", user.id, kind, case, by="clock")


def test_a_notice_is_counted_on_every_page_until_it_is_read(carla):
    tell("carla", "deadline", "F-7Q2K9X")
    assert '<span class="count">1' in carla.get("/inbox").text
    page = carla.get("/notices").text
    assert "Si avvicina una scadenza del caso" in page
    assert 'href="/cases/F-7Q2K9X"' in page
    carla.send("/notices/seen")
    carla.follow()

    assert 'class="count"' not in carla.reply.text
    assert "Si avvicina una scadenza del caso" in carla.reply.text


def test_a_notice_is_for_one_person(carla, dario):
    tell("carla", "deadline", "F-7Q2K9X")

    assert "Nessun avviso." in dario.get("/notices").text


def test_a_notice_opens_no_door(carla):
    tell("carla", "deadline", "F-7Q2K9X")

    assert carla.get("/cases/F-7Q2K9X").status_code == 404


def test_who_runs_the_system_is_led_to_its_state_and_to_what_stopped(lucia):
    tell("lucia", "mail_failed")
    tell("lucia", "incident")

    assert 'href="/status">Un messaggio di posta non è partito' in lucia.get("/notices").text
    assert 'href="/incidents">Un percorso si è fermato' in lucia.reply.text


def test_what_was_told_of_a_task_is_neither_new_nor_open_once_it_is_done(placed):
    address = placed.desk("dario").task("Valuta il rischio")
    task = address.rpartition("/")[2]
    with core.db.transaction() as db:
        for login in ("dario", "carla"):
            user = users.by_login(db, login)
            assert user
            notices.tell(db, f"late-{login}", user.id, "task_late", placed.case, about=f"task:{task}", by="clock")
    boss = placed.desk("dario")
    assert f'href="{address}"' in boss.get("/notices").text.partition("<main")[2]
    known = {"risk_on": "2026-08-11", "risk_occasion": "ingresso", "risk_level": "medio", "review_on": "2026-08-25"}
    placed.do(placed.desk("carla"), "Valuta il rischio", **known)

    page = boss.get("/notices").text.partition("<main")[2]
    assert "Di attività che non aspettano più (1)" in page
    assert address not in page
    over = page.partition("<details")[2]
    assert f'href="/cases/{placed.case}"' in over
    assert "nuovo" not in over
    assert '<span class="count">1' in boss.reply.text  # of another task, that waits
