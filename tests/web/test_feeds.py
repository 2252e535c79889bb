"""The calendar feed: days and nothing else, by a secret that is made, revoked, and ends with the account."""

import re
from datetime import date, datetime, time, timedelta

from sqlalchemy import select

import core.db
from core import clock, users
from engine.tables import UserTask
from notifications import push
from tasks import accounts
from tests.web.browser import Browser

FREE_DAY, DAY, HALF_PAST = date(2027, 4, 17), timedelta(days=1), time(0, 30)  # no date of law falls on these days


def made(desk):
    desk.get("/calendar")
    page = desk.send("/calendar").text
    (path,) = re.findall(r"/feed/[\w-]{43}\.ics", page)
    return path


def test_a_program_reads_the_days_and_not_a_word_more(placed, time):
    path = made(placed.desk("carla"))
    reply = Browser(placed.app).client.get(path)

    assert reply.mimetype == "text/calendar"
    assert reply.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in reply.headers
    lines = reply.text.split("\r\n")
    assert {line for line in lines if line.startswith("SUMMARY")} == {"SUMMARY:Scadenza"}
    days = [line for line in lines if line.startswith("DTSTART")]
    assert days == sorted(set(days))
    fields = {line.partition(":")[0].partition(";")[0] for line in lines if line}
    assert fields == {
        "BEGIN", "VERSION", "PRODID", "METHOD", "UID", "DTSTAMP", "DTSTART", "SUMMARY", "CLASS", "TRANSP", "END"
    }  # fmt: skip
    assert placed.case not in reply.text

    again = Browser(placed.app).client.get(path)
    assert (again.status_code, again.headers["Retry-After"]) == (429, "60")
    time.forward(minutes=2)
    assert Browser(placed.app).client.get(path).text.count("BEGIN:VEVENT") == len(days)


def test_a_secret_ends_with_a_new_one_a_revocation_or_the_account(placed, time):
    desk, program = placed.desk("carla"), Browser(placed.app).client
    first = made(desk)
    second = made(desk)
    assert (program.get(first).status_code, program.get(second).status_code) == (404, 200)
    desk.get("/calendar")
    assert "non si vede più" not in desk.reply.text
    assert second not in desk.reply.text
    desk.send("/calendar/revoke")
    time.forward(minutes=2)
    assert program.get(second).status_code == 404

    third = made(desk)
    with core.db.transaction() as db:
        user = users.by_login(db, "carla")
        assert user
        db.add(push.Device(id="d_1", user_id=user.id, endpoint="https://push.example.org/1", made_at=clock.now()))
        accounts.close(db, user, by="cli")
    assert program.get(third).status_code == 404
    with core.db.transaction() as db:
        user = users.by_login(db, "carla")
        assert user
        users.enable(db, user, by="cli")
        assert push.devices(db, user.id) == []
    assert program.get(third).status_code == 404, "an account that is opened again does not bring it back"


def test_a_stranger_s_case_is_in_nobody_else_s_feed(placed):
    path = made(Browser(placed.app, "piero"))

    assert "BEGIN:VEVENT" not in Browser(placed.app).client.get(path).text


def test_the_day_on_which_a_task_of_hers_is_due_is_in_it_and_that_of_a_colleague_is_not(placed):
    path = made(placed.desk("carla"))
    with core.db.transaction() as db:
        tasks = list(db.scalars(select(UserTask).order_by(UserTask.id).limit(2)))
        for number, (task, login) in enumerate(zip(tasks, ("carla", "dario"), strict=True)):
            user = users.by_login(db, login)
            assert user
            # half past midnight in Rome is still the day before in UTC
            task.assignee, task.due_at = user.id, datetime.combine(FREE_DAY + number * DAY, HALF_PAST, clock.ROME)
    days = re.findall(r"DTSTART;VALUE=DATE:(\d+)", Browser(placed.app).client.get(path).text)

    assert (f"{FREE_DAY:%Y%m%d}" in days, f"{FREE_DAY + DAY:%Y%m%d}" in days) == (True, False)
