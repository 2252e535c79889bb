"""Notices: told to one person, followed under that person's own rights."""

from datetime import timedelta

from markupsafe import escape
from sqlalchemy import delete, update

import core.db
from cases import deadlines
from cases.casefile import Case, CaseWorker
from core import clock, users
from notifications import notices
from tasks import assignment, news, noticeboard
from tests.web.browser import Browser
from tests.web.office import PEOPLE


def tell(login: str, kind: str, case: str | None = None) -> None:
    with core.db.transaction() as db:
        user = users.by_login(db, login)
        assert user
        notices.tell(db, f"{kind}-{login}", user.id, kind, case, by="clock")


def test_a_notice_is_counted_on_every_page_until_it_is_read(carla):
    tell("carla", "deadline")
    assert '<span class="count">1' in carla.get("/inbox").text
    assert "Si avvicina una scadenza del caso" in carla.get("/notices").text
    carla.send("/notices/seen")
    carla.follow()

    assert 'class="count"' not in carla.reply.text
    assert "Si avvicina una scadenza del caso" in carla.reply.text


def test_a_notice_is_for_one_person(carla, dario):
    tell("carla", "deadline", "F-7Q2K9X")

    assert "Nessun avviso." in dario.get("/notices").text


def test_a_notice_opens_no_door(carla):
    tell("carla", "deadline", "F-7Q2K9X")

    assert "Si avvicina una scadenza del caso" in carla.get("/notices").text
    assert "F-7Q2K9X" not in carla.reply.text
    assert carla.get("/cases/F-7Q2K9X").status_code == 404


def test_who_may_know_a_case_no_more_reads_no_code_of_it_among_the_notices(placed):
    task = placed.desk("dario").task("Valuta il rischio").rpartition("/")[2]
    with core.db.transaction() as db:
        carla = users.by_login(db, "carla")
        assert carla
        notices.tell(db, "near", carla.id, "deadline", placed.case, by="clock")
        notices.tell(db, "late", carla.id, "task_late", placed.case, about=f"task:{task}", by="clock")

    def page() -> str:
        text: str = placed.desk("carla").get("/notices").text
        return text.partition("<main")[2]

    assert f'href="/cases/{placed.case}"' in page()
    assert f'href="/inbox/{task}"' in page()
    with core.db.transaction() as db:
        db.execute(update(Case).where(Case.code == placed.case).values(masked=True))
        db.execute(delete(CaseWorker).where(CaseWorker.case_code == placed.case, CaseWorker.user_id == carla.id))
    assert "Si avvicina una scadenza del caso" in page()  # that she was told stays true
    assert placed.case not in page()
    assert task not in page()


def test_every_letter_leads_its_reader_to_a_page_that_opens(app):
    for login, *_ in PEOPLE:
        with core.db.transaction() as db:
            user = users.by_login(db, login)
            assert user
            pages = {news.page_of(assignment.actor_of(db, user), kind) for kind in news.PAGES}
        desk = Browser(app, login)
        assert {page: desk.get(page).status_code for page in pages} == dict.fromkeys(pages, 200)


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


def test_all_that_is_unread_is_reached_page_by_page_and_only_what_was_shown_is_marked(carla, time, monkeypatch):
    monkeypatch.setattr("web.notices.PAGE", 3)
    told: dict[str, str] = {}

    def minute() -> str:
        return clock.now().astimezone(clock.ROME).isoformat(timespec="minutes")

    with core.db.transaction() as db:
        user = users.by_login(db, "carla")
        assert user
        for day in range(8):
            time.forward(minutes=1)
            told[minute()] = f"F-{day}"
            about = {"about": "deadline:same"} if day in (1, 7) else {}
            notices.tell(db, f"told-{day}", user.id, "deadline", by="clock", **about)
        notices.mark_seen(db, user.id, notices.Notice.key == "told-6", by=user.id)

    def codes(path: str) -> list[str]:
        page = carla.get(path).text.partition("<main")[2]
        return [told[part.partition('"')[0]] for part in page.split('<time datetime="')[1:]]

    assert codes("/notices") == ["F-7", "F-5", "F-4"]  # of 7 and 1, that say the same, the last
    assert 'href="/notices?start=3">Seguenti' in carla.reply.text
    time.forward(minutes=1)
    told[minute()] = "F-9"
    tell("carla", "deadline")  # after the page was drawn
    drawn = carla.reply
    for _ in range(2):  # pressed twice
        carla.reply = drawn
        carla.send("/notices/seen", read="page")
    assert codes("/notices") == ["F-9", "F-3", "F-2"]
    assert '<span class="count">4' in carla.reply.text
    assert codes("/notices?start=3") == ["F-0", "F-7", "F-6"]
    assert 'href="/notices?start=0">Precedenti' in carla.reply.text
    assert codes("/notices?start=6") == ["F-5", "F-4"]
    time.forward(minutes=1)
    told[minute()] = "F-8"
    tell("carla", "deadline_up")
    carla.send("/notices/seen", read="all")
    assert codes("/notices?start=99999999999999999999") == []

    assert codes("/notices")[0] == "F-8"
    assert "Ho letto tutto, anche le altre pagine" in carla.reply.text
    carla.send("/notices/seen", read="all", now="ieri")
    assert 'class="count"' not in carla.follow().text


def test_what_is_told_again_stands_once_and_says_of_what_for_who_may_know(placed):
    lucia = Browser(placed.app, "lucia")
    about = placed.desk("dario").task("Valuta il rischio").rpartition("/")[2]
    with core.db.transaction() as db:
        date = deadlines.record(db, placed.case, "T03", "measures.activated", clock.today() - timedelta(days=22), by="cli")
        for login, code in (("carla", placed.case), ("lucia", None)):
            user = users.by_login(db, login)
            assert user
            for row in (f"task:{about}", f"deadline:{date.id}"):
                for day in (1, 2, 3):
                    key, kind = f"{row}|{day}|{login}", f"{row.partition(':')[0]}_up"
                    notices.tell(db, key, user.id, kind, code, about=row, by="clock")

    for desk in (placed.desk("carla"), lucia):
        page = desk.get("/notices").text.partition("<main")[2]
        assert page.count("detto 3 volte") == 2
        assert "Valuta il rischio" in page
        assert str(escape(date.name)) in page
    assert 'href="/reminders">Una scadenza di un caso' in page
    passed = lucia.get("/reminders").text.partition('id="dates"')[2]
    assert str(escape(date.name)) in passed
    assert placed.case in passed
    with core.db.transaction() as db:
        stranger = users.add(db, "fuori", "Fuori Casa", "fuori@example.org", by="cli")
        notices.tell(db, "seen-by-a-stranger", stranger.id, "task_up", None, about=f"task:{about}", by="clock")
        users.grant(db, stranger, "case_manager", "toscana", by="cli")
        assert [shown.task for shown in noticeboard.of(db, assignment.actor_of(db, stranger))] == [None]
