"""The access review: every quarter somebody else than oneself says who still needs to come in."""

from pathlib import Path

import pytest
from sqlalchemy import select

from cases import accesses, reasons
from cases.accesses import AccessQuestion, AccessRound
from core import log, users
from core.config import Config
from core.db import transaction
from core.errors import InvalidForm, NotYours
from engine.tables import Instance, UserTask
from notifications.notices import Notice
from tasks import accesses as work
from tasks import inbox, schedule
from tasks.forms import Paper

MILAN = "lombardia-1"
CODE = f"A-2026-Q4-{MILAN}"
CONFIG = Config(database_url="", var=Path(), keys=Path())
JOB = next(job for job in schedule.JOBS if job.name == "accesses")


@pytest.fixture
def autumn(office):
    """The first of October: a quarter begins."""
    office.time.at("2026-10-01 00:05")
    schedule.tick(JOB, CONFIG)
    return office


def asked(office, login, code=CODE):
    with transaction() as db:
        return {(user.login, question.role): question.id for question, user in accesses.questions(db, office.actor_in(db, login), code)}


def reply(office, login, code=CODE, *, seen="team", **said):
    """Answer: name of the person to "kept", or to the reason for taking the access away."""
    typed = {"access_seen": seen}
    for (who, _), question in asked(office, login, code).items():
        if who in said:
            taken = said[who] != "kept"
            typed |= {f"answer-{question}": "taken" if taken else "kept", f"reason-{question}": said[who] if taken else None}
    with transaction() as db:
        return work.answer(db, office.actor_in(db, login), code, Paper(typed))


def waiting(code=CODE):
    with transaction() as db:
        return db.scalar(select(UserTask.element).where(UserTask.business_key == code))


def status(code=CODE):
    with transaction() as db:
        return db.scalars(select(Instance.status).where(Instance.business_key == code)).one()


def told():
    with transaction() as db:
        rows = db.execute(select(users.User.login).join(Notice, Notice.user_id == users.User.id).where(Notice.kind == work.NOTICE))
        return sorted(login for (login,) in rows)


def test_the_clock_asks_every_post_once_a_quarter_and_nobody_who_came_since(office):
    schedule.tick(JOB, CONFIG)  # everybody's account is of this quarter
    assert waiting() is None
    office.time.at("2026-10-01 00:05")
    for _ in range(2):
        schedule.tick(JOB, CONFIG)
    with transaction() as db:
        rounds = db.scalars(select(AccessRound.post).order_by(AccessRound.post)).all()
    assert rounds == ["", "casa-1", MILAN, "nv-centrale", "toscana"]
    office.time.at("2027-01-02 09:00")
    schedule.tick(JOB, CONFIG)
    assert waiting(f"A-2027-Q1-{MILAN}") == "access_unit"


def test_the_supervision_answers_for_its_post_and_the_office_for_the_supervision(autumn):
    assert waiting() == "access_unit"
    assert set(asked(autumn, "giulia")) == {("carla", "street_worker"), ("dario", "local_desk"), ("elena", "case_manager"), ("fabio", "case_manager")}
    assert ("giulia", "supervisor") in asked(autumn, "paola")
    assert "giulia" in told()

    reply(autumn, "giulia", carla="kept", dario="kept", elena="kept")
    assert waiting() == "access_unit"  # one answer is missing
    reply(autumn, "giulia", fabio="kept")
    assert waiting() == "access_office"
    assert told().count("paola") > 0
    reply(autumn, "paola", giulia="kept")
    assert (waiting(), status()) == (None, "ended")


def test_what_is_not_needed_any_more_is_taken_away_at_once_with_a_sealed_reason_and_the_tasks_go_back(autumn):
    autumn.time.at("2026-08-11 02:45")
    code = autumn.case()
    autumn.time.at("2026-10-02 09:00")
    with transaction() as db:
        task = db.scalars(select(UserTask).where(UserTask.business_key == code, UserTask.group == "case_manager")).one()
        inbox.claim(db, autumn.actor_in(db, "elena"), task.id)
    assert reply(autumn, "giulia", elena="Lavora in un'altra sede da luglio") == 1

    with transaction() as db:
        user = autumn.user_in(db, "elena")
        assert users.roles_of(db, user) == frozenset()
        assert db.get_one(UserTask, task.id).assignee is None
        question = db.scalars(select(AccessQuestion).where(AccessQuestion.answer == "taken")).one()
        assert question.reason_id
        assert reasons.words(db, question.reason_id) == "Lavora in un'altra sede da luglio"
        lines = {line.verb: line for line in log.lines(db, stream=users.stream_of(user))}
        assert lines["access.taken"].facts["reason_id"] == question.reason_id
        assert lines["role.revoked"].actor == autumn.ids["giulia"]
        assert "altra sede" not in "".join(line.body for line in lines.values())


def test_without_a_reason_nothing_is_taken_and_all_that_is_wrong_is_said_at_once(autumn):
    with pytest.raises(InvalidForm) as refusal:
        reply(autumn, "giulia", seen=None, elena="no", dario="kept")
    assert sorted(key.split("-")[0] for key in refusal.value.errors) == ["access_seen", "reason"]
    with pytest.raises(InvalidForm):
        reply(autumn, "giulia")
    with transaction() as db:
        assert db.scalars(select(AccessQuestion).where(AccessQuestion.answer.is_not(None))).all() == []


def test_nobody_decides_about_oneself_nor_about_another_post(autumn):
    with transaction() as db:
        actor = autumn.actor_in(db, "giulia")
        own = db.scalars(select(AccessQuestion).where(AccessQuestion.user_id == actor.user_id)).one()
        with pytest.raises(NotYours):
            accesses.answer(db, actor, own.id, keep=True)
    office = "A-2026-Q4-office"
    assert asked(autumn, "paola", office) == {}  # the only coordinator: somebody else must look
    for login, code in (("giulia", "A-2026-Q4-toscana"), ("elena", CODE), ("giulia", office)):
        with transaction() as db, pytest.raises(NotYours):
            accesses.get(db, autumn.actor_in(db, login), code)


def test_a_supervision_that_does_not_answer_passes_it_to_the_office_after_three_weeks(autumn):
    reply(autumn, "giulia", carla="kept")
    autumn.time.at("2026-10-23 09:00")
    schedule.fire_timers()

    assert waiting() == "access_office"
    assert len(asked(autumn, "paola")) == 4


def test_a_post_without_a_supervision_is_asked_of_the_office_and_what_is_gone_needs_no_answer(autumn):
    code = "A-2026-Q4-toscana"
    assert waiting(code) == "access_office"
    with transaction() as db:
        users.revoke(db, autumn.user_in(db, "oscar"), "local_desk", "toscana", by="cli")
    reply(autumn, "paola", code, oscar="kept")

    assert status(code) == "ended"
    with transaction() as db:
        answers = db.scalars(select(AccessQuestion.answer).where(AccessQuestion.round == code).order_by(AccessQuestion.answer)).all()
    assert set(answers) <= {"gone", "kept"}


def kinds_told(office, login):
    with transaction() as db:
        rows = db.scalars(select(Notice).where(Notice.user_id == office.ids[login], Notice.kind.like("access%")).order_by(Notice.at, Notice.key)).all()
        return [(notice.kind, notice.mail is not None) for notice in rows]


def test_a_round_shows_in_nobodys_inbox_and_whoever_must_answer_is_reminded_until_she_has(autumn):
    assert not any(element.startswith("access_") for element in autumn.waiting("giulia"))
    assert kinds_told(autumn, "giulia") == [("access_review", True)]  # with a mail of its own that says: news
    for moment, kinds in (("2026-10-10 08:00", []), ("2026-10-12 08:00", ["soon"]), ("2026-10-16 09:00", ["soon", "late"])):
        autumn.time.at(moment)
        schedule.remind()
        assert kinds_told(autumn, "giulia")[1:] == [(f"access_{kind}", True) for kind in kinds], moment
    assert [kind for kind, _ in kinds_told(autumn, "elena")] == []

    reply(autumn, "giulia", **dict.fromkeys(("carla", "dario", "elena", "fabio"), "kept"))
    autumn.time.at("2026-10-25 09:00")
    schedule.remind()
    assert len(kinds_told(autumn, "giulia")) == 3  # it is the office's turn
