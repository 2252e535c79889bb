"""What coordinators read of reminders: rules in words, and for one task what was promised, told and sent, to whom."""

import html
import re
from datetime import timedelta

import pytest
from sqlalchemy import select

import core.db
from core import clock
from engine import registry
from engine.tables import Instance, Step, UserTask
from tasks import schedule
from tests.web.browser import Browser
from tests.web.test_browser_pages import speak
from tests.web.test_today import words
from tests.web.walk import Walk
from web import spans


@pytest.mark.parametrize(
    ("hours", "italian", "often", "english"),
    [
        (1, "un'ora", "ogni ora", "one hour"), (4, "4 ore", "ogni 4 ore", "4 hours"),
        (24, "un giorno", "ogni giorno", "one day"), (72, "3 giorni", "ogni 3 giorni", "3 days"),
        (168, "una settimana", "ogni settimana", "one week"), (336, "2 settimane", "ogni 2 settimane", "2 weeks"),
    ],
)  # fmt: skip
def test_hours_are_said_as_people_say_them(app, hours, italian, often, english):
    with app.test_request_context():
        assert (spans.of_hours(hours), spans.every(hours)) == (italian, often)
        assert spans.lead_words(f"PT{hours}H") == f"{italian} prima"
    with app.test_request_context(headers={"Accept-Language": "en"}):
        assert spans.of_hours(hours) == english


def test_no_rule_is_told_in_hours_that_are_days(lucia: Browser):
    page = words(lucia.get("/reminders").text)

    assert "poi ogni settimana" in page
    assert [int(n) for n in re.findall(r"(\d+) ore", page) if int(n) % 24 == 0] == []


def test_the_coordination_reads_of_a_task_what_will_be_said_and_was_to_whom_when_and_by_which_letter(placed: Walk):
    with core.db.transaction() as db:
        late = select(UserTask).where(UserTask.business_key == placed.case, UserTask.due_at.is_not(None))
        task = db.scalars(late.order_by(UserTask.due_at)).first()
        assert task
        assert task.due_at
        due = task.due_at.astimezone(clock.ROME)
        task.follow_up_on = due.date() + timedelta(days=40)
    for days in (0, 2, 3):
        placed.time.at(f"{due.date() + timedelta(days=days)} 23:59")
        schedule.remind()
    page = Browser(placed.app, "lucia").get(f"/reminders/tasks/{task.id}").text

    assert re.search(r'class="due" data-state="late"', page)
    assert re.search(r'class="follow-up">.*?promemoria: <time', page)
    ahead, told = words(page).split("Promemoria che verranno")[1].split("Chi è stato avvisato")
    assert "dopo la scadenza · " in ahead
    for said in (
        "è in ritardo · non ancora letto", "è in ritardo, e sale di un gradino",
        "Attività oltre la data, aspetta di partire", "Lucia",
    ):  # fmt: skip
        assert said in told, told


def test_the_coordination_finds_by_the_code_of_a_case_every_task_also_one_that_is_not_late_or_is_over(placed: Walk):
    lucia = Browser(placed.app, "lucia")
    with core.db.transaction() as db:
        waiting = [task.id for task in db.scalars(select(UserTask).where(UserTask.business_key == placed.case))]
        over = db.scalars(
            select(Step.id).join(Instance).where(
                Instance.business_key == placed.case, Step.kind == "userTask", Step.ended_at.is_not(None)
            )
        ).all()  # fmt: skip
    assert waiting
    assert over
    page = lucia.get(f"/reminders?code=%20{placed.case.lower()}").text.partition('id="tasks"')[2].partition("</section>")[0]
    assert sorted(re.findall(r'href="/reminders/tasks/(\w+)"', page)) == sorted([*waiting, *over])
    assert placed.case not in lucia.get("/reminders").text.partition('id="late"')[0]  # none is shown unasked
    for task_id in (*waiting, *over):
        assert lucia.get(f"/reminders/tasks/{task_id}").status_code == 200

    speak("lucia", "en")
    in_english = lucia.get(f"/reminders?code={placed.case}").text
    for task_id in (*waiting, *over):
        with core.db.transaction() as db:
            name = registry.name_en(db, db.get_one(Step, task_id))
        assert name
        assert f"{task_id}\">{html.escape(name)}</a>" in in_english
        assert f"<dd>{html.escape(name)}, " in lucia.get(f"/reminders/tasks/{task_id}").text
    speak("lucia", "it")
    assert "Nessuna attività con questo codice." in lucia.get("/reminders?code=F-000000").text
