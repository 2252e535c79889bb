"""The inbox as a list: its views, filters, many rows at once, and what it costs."""

import re
from collections.abc import Callable
from html import unescape
from typing import Any

from sqlalchemy import event, insert, select
from werkzeug.test import TestResponse

import core.db
from core import users
from core.ids import new_id
from core.users import User
from engine.tables import UserTask
from notifications.notices import Notice
from tests.web.browser import PASSWORD, Browser
from tests.web.walk import Walk, complaint


def colleague(login: str = "rosa", name: str = "Rosa Lanza", role: str = "case_manager", post: str = "lombardia-1"):
    """One more person of the desk; returns the id."""
    with core.db.transaction() as db:
        user = users.add(db, login, name, f"{login}@example.org", password=PASSWORD, by="cli")
        users.grant(db, user, role, post, by="cli")
        return user.id


def more_tasks(case: str, count: int, **columns: object) -> list[str]:
    """So many more tasks like the first that waits on a case, as rows; returns their ids."""
    with core.db.transaction() as db:
        first = db.scalars(select(UserTask).where(UserTask.business_key == case).limit(1)).one()
        known = {column.name: getattr(first, column.name) for column in UserTask.__table__.columns}
        rows = [{**known, **columns, "id": f"t_{new_id()}"} for _ in range(count)]
        db.execute(insert(UserTask), rows)
        return [row["id"] for row in rows]


def words(page: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page)))


def statements(work: Callable[[], TestResponse]) -> tuple[list[str], TestResponse]:
    """What the database is asked while this is done; beginnings are no statements."""
    seen: list[str] = []

    def note(*args: Any) -> None:
        seen.append(args[2])

    engine = core.db.open_session.kw["bind"]
    event.listen(engine, "before_cursor_execute", note)
    reply = work()
    event.remove(engine, "before_cursor_execute", note)
    return [one for one in seen if not one.lstrip().upper().startswith("BEGIN")], reply


def notices_of(login: str) -> list[str]:
    with core.db.transaction() as db:
        told = select(Notice.kind).join(User, User.id == Notice.user_id).where(User.login == login)
        return list(db.scalars(told.order_by(Notice.at)))


def test_each_view_shows_its_own_and_says_how_many(picked: Walk):
    carla = picked.desk("carla")
    task = carla.task("Trova un posto sicuro")
    page = words(carla.get("/inbox").text)
    assert "1 da fare · 1 scade oggi" in page
    assert "Da fare 1 Mie 0 Dei miei gruppi 1 In attesa di altri 0 Da rivedere 0 Fatte di recente 0" in page

    carla.send(f"{task}/claim")
    assert "assegnata a me" in words(carla.get("/inbox?show=mine").text)
    dario = Browser(picked.app, "dario")
    page = words(dario.get("/inbox?show=others").text)
    assert "In attesa di altri 1" in page
    assert "in mano a Carla Moro" in page
    assert "Nessuna attività in attesa." in words(dario.get("/inbox").text)

    picked.house()
    page = words(carla.get("/inbox?show=done").text)
    assert f"Trova un posto sicuro {picked.case} · Carla Moro 05:30" in page
    assert picked.case not in words(Browser(picked.app, "piero").get("/inbox?show=done").text)


def test_filters_stay_until_they_are_taken_off_and_no_address_says_them(placed: Walk):
    carla = placed.desk("carla")
    carla.get("/inbox")
    carla.send("/inbox/filters", words="valuta", show="today")
    assert carla.reply.location == "/inbox?show=today"
    page = carla.follow().text
    assert "Valuta il rischio" in page
    assert "Spiega i diritti" not in page
    assert 'value="valuta"' in Browser(placed.app, "carla").get("/inbox").text, "on every device"

    carla.get("/inbox")
    carla.send("/inbox/filters", words="", due="late")
    assert "Niente con questi filtri." in words(carla.follow().text)
    carla.send("/inbox/filters", _off="1")
    assert "Spiega i diritti" in carla.follow().text
    assert carla.client.post(
        "/inbox/filters", data={"csrf_token": carla.token(), "due": "never"}
    ).status_code == 400  # fmt: skip


def test_many_rows_are_looked_at_first_and_each_says_what_became_of_it(placed: Walk):
    rosa = colleague()
    carla, other = placed.desk("carla"), Browser(placed.app, "rosa")
    mine, taken = carla.task("Valuta il rischio"), carla.task("Spiega i diritti")
    ids = [mine.rpartition("/")[2], taken.rpartition("/")[2]]
    other.get(taken)
    other.send(f"{taken}/claim")

    carla.get("/inbox")
    page = words(carla.send("/inbox/bulk", act="claim", task=ids).text)
    assert "Non è ancora successo niente." in page
    assert "verrà assegnata a te" in page
    assert "È assegnata a Rosa Lanza" in page
    assert "assegnata a me" not in words(Browser(placed.app, "carla").get("/inbox?show=mine").text)

    page = words(carla.send("/inbox/bulk/do").text)
    assert "1 fatta, 1 no." in page
    assert "ora è assegnata a te" in page
    assert "Valuta il rischio" in carla.get("/inbox?show=mine").text

    page = carla.send("/inbox/bulk", act="give", task=ids[:1]).text
    assert "A chi? Si può scegliere" in words(page)
    assert "passerà a Rosa Lanza" in words(carla.send("/inbox/bulk", to=rosa).text)
    assert "è passata a Rosa Lanza" in words(carla.send("/inbox/bulk/do").text)
    assert notices_of("rosa") == ["task_given"]
    assert "assegnata a me · da Carla Moro" in words(other.get("/inbox?show=mine").text)


def test_a_row_that_is_not_mine_learns_nothing_by_being_ticked(placed: Walk):
    carla, piero = placed.desk("carla"), Browser(placed.app, "piero")
    task = carla.task("Valuta il rischio").rpartition("/")[2]
    token = piero.token()
    for act in ("claim", "release", "give"):
        for page in ("/inbox/bulk", "/inbox/bulk/do"):
            form = {"csrf_token": token, "act": act, "task": [task, "t_invented"]}
            text = words(piero.client.post(page, data=form).text)
            assert "Valuta il rischio" not in text
            assert placed.case not in text
            assert text.count("Una riga che non è tra le tue") == 2
    assert "per: Referente del caso" in words(carla.get("/inbox").text)


def test_a_given_task_goes_back_with_its_reason_and_the_giver_is_told(placed: Walk):
    rosa = colleague()
    carla, other = placed.desk("carla"), Browser(placed.app, "rosa")
    task = carla.task("Valuta il rischio")
    carla.get(task)
    carla.send(f"{task}/claim")
    carla.follow()
    carla.send(f"{task}/delegate", to=rosa)

    other.get(task)
    assert other.send(f"{task}/return", reason="").status_code == 422
    assert "motivo" in complaint(other.reply.text).lower()
    assert 'href="#f-own-reason"' in other.reply.text, "a form of the office may have a field of that name too"
    other.send(f"{task}/return", reason="Sono in udienza fino a sera")
    assert other.reply.status_code == 303
    page = words(carla.get(task).text)
    assert "Restituita da Rosa Lanza" in page
    assert "Sono in udienza fino a sera" in page
    assert notices_of("carla") == ["task_returned"]
    assert "restituita a chi l'aveva passata, con motivo" in words(carla.get(f"/cases/{placed.case}").text)


def test_a_reminder_brings_a_task_up_again_and_leaves_its_due_date(placed: Walk):
    carla = placed.desk("carla")
    task = carla.task("Valuta il rischio")
    carla.get(task)
    assert carla.send(f"{task}/follow-up", follow_up_on="2026-08-10").status_code == 422
    assert "Scegli un giorno tra oggi e un anno da oggi." in complaint(carla.reply.text)
    carla.send(f"{task}/follow-up", follow_up_on="2026-08-13")
    assert "Promemoria salvato." in words(carla.follow().text)
    assert "Nessun promemoria per oggi." in words(carla.get("/inbox?show=review").text)

    later = placed.at("2026-08-13 08:00", "carla")
    assert "Valuta il rischio" in later.get("/inbox?show=review").text
    assert "promemoria: 13 ago 2026" in words(later.get("/inbox").text)
    later.get(task)
    later.send(f"{task}/follow-up", _off="1")
    assert "Promemoria tolto." in words(later.follow().text)
    page = words(later.get("/inbox").text)
    assert "promemoria:" not in page
    assert "12 ago 2026" in page, "when it is due has not changed"


def test_the_page_is_eight_statements_at_most_however_many_tasks_wait(placed: Walk):
    carla = placed.desk("carla")
    few, _ = statements(lambda: carla.get("/inbox"))
    more_tasks(placed.case, 150, assignee=None)
    many, reply = statements(lambda: carla.get("/inbox"))

    assert len(few) == len(many) <= 8, many
    assert "100+" in words(reply.text)
    assert "Seguenti" in reply.text
    assert "Precedenti" in carla.get("/inbox?start=100").text
