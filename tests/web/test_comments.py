"""Comments: said on a case or a task, read by who may read the case, with colleagues called by name."""

import core.db
from core import log, users
from notifications import notices
from tests.web.browser import Browser
from tests.web.walk import complaint

WORDS = "Ha paura di passare davanti alla stazione"


def test_a_comment_stands_on_the_case_and_the_colleague_who_is_called_is_told(placed):
    carla = placed.desk("carla")
    page = carla.get(f"/cases/{placed.case}").text
    dario = page.partition('name="mentions" value="')[2].partition('"')[0]
    assert carla.send(f"/cases/{placed.case}/comments", comment=WORDS, mentions=[dario]).status_code == 303

    assert WORDS in carla.get(f"/cases/{placed.case}").text
    with core.db.transaction() as db:
        (notice,) = [told for told in notices.latest(db, dario) if told.kind == "mentioned"]
        assert notice.case_code == placed.case
        called = db.get_one(users.User, dario).login
    assert f'href="/cases/{placed.case}#comments"' in Browser(placed.app, called).get("/notices").text
    with core.db.transaction() as db:
        assert WORDS not in "".join(line.body for line in log.lines(db, case=placed.case, limit=500))


def test_a_comment_on_a_task_brings_one_back_to_the_task(placed):
    carla = placed.desk("carla")
    task = carla.task("Valuta il rischio")
    carla.get(task)
    reply = carla.send(f"/cases/{placed.case}/comments", comment=WORDS)

    assert reply.location.startswith(task)
    assert WORDS in carla.follow().text


def test_nobody_is_called_who_may_not_see_the_case_and_nothing_typed_is_lost(placed):
    carla = placed.desk("carla")
    carla.get(f"/cases/{placed.case}")
    reply = carla.send(f"/cases/{placed.case}/comments", comment=WORDS, mentions=["u_nobody"])

    assert reply.status_code == 422
    assert "Puoi chiamare solo colleghi" in complaint(reply.text)
    assert WORDS in reply.text
    carla.get(f"/cases/{placed.case}")
    assert "Scrivi il commento" in complaint(carla.send(f"/cases/{placed.case}/comments", comment=" ").text)


def test_who_sees_the_case_but_not_its_story_sees_no_comment(placed):
    carla = placed.desk("carla")
    carla.get(f"/cases/{placed.case}")
    carla.send(f"/cases/{placed.case}/comments", comment=WORDS)

    elena = Browser(placed.app, "elena")
    assert WORDS in elena.get(f"/cases/{placed.case}").text
    for login in ("piero", "lucia", "marco"):
        assert Browser(placed.app, login).get(f"/cases/{placed.case}").status_code == 404
