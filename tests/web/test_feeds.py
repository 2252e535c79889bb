"""The calendar feed: days and nothing else, by a secret that is made, revoked, and ends with the account."""

import re

import core.db
from core import users
from tests.web.browser import Browser


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
        users.disable(db, user, by="cli")
    assert program.get(third).status_code == 404


def test_a_stranger_s_case_is_in_nobody_else_s_feed(placed):
    path = made(Browser(placed.app, "piero"))

    assert "BEGIN:VEVENT" not in Browser(placed.app).client.get(path).text
