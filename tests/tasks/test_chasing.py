"""What has a date is told of before it, on its day, and up the ladder until it is done."""

from contextlib import nullcontext
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, select, update
from sqlalchemy.orm import Session

from cases import casefile, consents, deadlines, referrals
from cases.casefile import Case
from core import clock, users
from core.config import Config
from core.db import transaction
from core.errors import InvalidForm
from core.users import User
from engine import handing, registry
from engine.tables import UserTask
from notifications import choices, notices
from notifications.notices import Notice
from notifications.outbox import Message
from notifications.parcel import Parcel
from tasks import (
    assignment,
    chasing,
    inbox,
    mailing,
    moves,
    news,
    outgoing,
    promises,
    reminders,
    rules,
    ruling,
    schedule,
    subjects,
)
from tasks.chasing import Chase
from tests import silence
from tests.tasks.conftest import MILAN, Office

PICKUP = "2026-08-11 02:10"  # the call; its pick-up is due half an hour later


def told(office: Office, login: str, what: str = "task") -> list[str]:
    with transaction() as db:
        found = notices.latest(db, office.user_id(login), 500)
        return [notice.kind for notice in reversed(found) if notice.kind.startswith(f"{what}_")]


def until(office: Office, rome: str, hours: int = 1) -> None:
    """The clock ticks every hour until then."""
    end = rome
    while f"{clock.now().astimezone(clock.ROME):%Y-%m-%d %H:%M}" < end:
        office.time.forward(hours=hours)
        schedule.remind()


def due_on(office: Office, code: str, element: str, rome: str) -> str:
    """The task of this element is due at another moment, as if its model had said so."""
    task = office.task(code, element)
    at = office.time.at(rome)
    with transaction() as db:
        db.execute(update(UserTask).values(due_at=None, assignee=None))
        db.execute(update(UserTask).where(UserTask.id == task.id).values(due_at=at))
    return task.id


@pytest.fixture
def risk(office: Office) -> str:
    """A task of the group of Milan, due on Thursday 20 August at noon."""
    code = office.sheltered()
    task_id = due_on(office, code, "risk_assessment", "2026-08-20 12:00")
    office.time.at("2026-08-11 08:00")
    schedule.remind()
    return task_id


def give(office: Office, task_id: str, login: str) -> None:
    with transaction() as db:
        db.execute(update(UserTask).where(UserTask.id == task_id).values(assignee=office.user_id(login)))


def test_a_task_is_told_two_days_before_on_its_day_and_when_it_is_late(office, risk):
    give(office, risk, "elena")
    until(office, "2026-08-20 12:00")
    assert told(office, "elena") == ["task_soon", "task_today", "task_late"]
    assert told(office, "fabio") == []


def test_the_ladder_climbs_to_the_group_and_to_the_coordination(office, risk):
    give(office, risk, "elena")
    until(office, "2026-08-21 11:00")
    assert told(office, "fabio") == []
    until(office, "2026-08-21 12:00")
    assert told(office, "fabio") == ["task_up"]
    assert told(office, "paola") == []
    until(office, "2026-08-22 12:00")

    assert told(office, "paola") == told(office, "giulia") == ["task_up"]
    # the coordination has no page of tasks: its letter leads to the notices
    pages = {office.login_of(letter.user_id): (facts_of(office, letter) or {}).get("path") for letter in late_letters()}
    assert {login: pages[login] for login in ("giulia", "paola")} == {"giulia": "/inbox", "paola": "/notices"}


def test_it_is_told_again_every_day_until_it_is_done(office, risk):
    give(office, risk, "elena")
    until(office, "2026-08-25 12:00", 6)
    assert told(office, "paola") == ["task_up"] * 4


def test_whoever_stands_in_is_told_four_hours_after_the_date(office, risk):
    give(office, risk, "elena")
    with transaction() as db:
        elena, fabio = office.user_in(db, "elena"), office.user_in(db, "fabio")
        users.add_absence(db, elena, fabio, date(2026, 8, 20), date(2026, 8, 21), by="cli")
    until(office, "2026-08-20 15:00")
    assert "task_late" not in told(office, "fabio")
    until(office, "2026-08-20 16:00")

    assert told(office, "fabio")[-1] == "task_late"


def test_whoever_is_told_because_the_first_rung_has_nobody_gets_the_letter_too(office, risk):
    give(office, risk, "elena")
    with transaction() as db:
        users.disable(db, office.user_in(db, "elena"), by="cli")
    with transaction() as db:
        promised = promises.of_task(db, office.actor_in(db, "paola"), risk).ahead
    assert [(each.stage, each.who) for each in promised[:3]] == [(stage, ["Fabio Prova"]) for stage in ("soon", "today", "late")]
    until(office, "2026-08-20 12:00")
    assert told(office, "fabio") == ["task_soon", "task_today", "task_late"]
    [letter] = [each for each in late_letters() if each.user_id == office.user_id("fabio")]
    assert facts_of(office, letter) == {"late": 1, "path": "/inbox"}
    with transaction() as db:
        users.enable(db, office.user_in(db, "elena"), by="cli")

    assert facts_of(office, letter) is None  # it is hers again


def test_after_a_standstill_each_person_is_told_once_and_nobody_is_left_out(office, risk):
    give(office, risk, "elena")
    office.time.at("2026-08-24 09:00")
    schedule.remind()
    schedule.remind()

    assert (told(office, "elena"), told(office, "fabio"), told(office, "paola")) == (["task_late"], ["task_up"], ["task_up"])


def test_two_clocks_tell_once(office, risk):
    office.time.at("2026-08-20 12:00")
    with transaction() as db:
        key = f"task:{risk}"
        assert chasing.step(db, key) > 0
    with transaction() as db:
        assert chasing.step(db, key) == 0
        assert chasing.begin(db) == 0


def test_a_task_that_is_done_is_chased_no_more(office, risk):
    give(office, risk, "elena")
    code = office.task_code(risk)
    office.do("elena", code, "risk_assessment", risk_on="2026-08-11", risk_occasion="ingresso", risk_level="basso")
    office.time.at("2026-08-25 09:00")
    schedule.remind()

    assert told(office, "elena") == []
    with transaction() as db:
        assert db.get(Chase, f"task:{risk}") is None


def late_letters() -> list[Message]:
    with transaction() as db:
        return list(db.scalars(select(Message).where(Message.kind == news.LATE).order_by(Message.promised_at)))


def facts_of(office: Office, message: Message) -> dict[str, Any] | None:
    with transaction() as db:
        found = reminders.facts(db, message, db.get_one(User, message.user_id))
        return dict(found) if found else None


def test_the_letter_of_a_late_task_is_not_sent_when_it_is_done_moved_or_put_off_meanwhile(office, risk):
    give(office, risk, "elena")
    until(office, "2026-08-20 12:00")
    [letter] = [each for each in late_letters() if each.user_id == office.user_id("elena")]
    assert facts_of(office, letter) == {"late": 1, "path": "/inbox"}
    give(office, risk, "fabio")
    assert facts_of(office, letter) is None
    give(office, risk, "elena")
    with transaction() as db:
        chasing.snooze(db, office.actor_in(db, "elena"), risk, date(2026, 8, 25), "Aspetta il referto")
    assert facts_of(office, letter) is None
    with transaction() as db:
        db.execute(update(Chase).values(snoozed_until=None))
    assert facts_of(office, letter) is not None
    code = office.task_code(risk)
    office.do("elena", code, "risk_assessment", risk_on="2026-08-11", risk_occasion="ingresso", risk_level="basso")
    assert facts_of(office, letter) is None


def test_put_off_with_a_reason_it_rests_until_that_morning(office, risk):
    give(office, risk, "elena")
    office.time.at("2026-08-20 11:00")
    with transaction() as db:
        actor = office.actor_in(db, "elena")
        for day, words in ((date(2026, 8, 20), "Aspetta il referto"), (date(2026, 8, 25), "breve"), (None, "Aspetta il referto")):
            with pytest.raises(InvalidForm):
                chasing.snooze(db, actor, risk, day, words)
        chasing.snooze(db, actor, risk, date(2026, 8, 25), "Aspetta il referto")
    until(office, "2026-08-25 05:00", 6)
    assert told(office, "paola") == []
    until(office, "2026-08-25 08:00")

    assert told(office, "paola") == ["task_up"]


def test_fifty_late_tasks_are_one_letter(office):
    for number in range(4):
        office.time.at(f"2026-08-11 10:0{number}")
        office.call(at=f"2026-08-11T10:0{number}")
    office.time.at("2026-08-11 11:00")
    schedule.remind()
    mine = [letter for letter in late_letters() if letter.user_id == office.user_id("dario")]

    assert [facts_of(office, letter) for letter in mine] == [{"late": 4, "path": "/inbox"}]


def test_what_a_letter_costs_hardly_grows_with_what_it_tells_of(office, database):
    said: list[int] = []
    for hour, calls in (("10", 2), ("12", 8)):
        for number in range(calls):
            office.time.at(f"2026-08-11 {hour}:0{number}")
            office.call(at=f"2026-08-11T{hour}:0{number}")
        office.time.at(f"2026-08-11 {hour}:50")
        schedule.remind()
        letter = [each for each in late_letters() if each.user_id == office.user_id("dario")][-1]
        statements: list[str] = []
        event.listen(database, "before_cursor_execute", lambda *call, kept=statements: kept.append(call[2]))
        facts = facts_of(office, letter)
        assert facts is not None
        assert facts["late"] >= calls
        said.append(len(statements))

    assert (said[1] - said[0]) / 6 < 8  # statements for each thing more; who may be told is asked once


def test_who_has_no_say_any_more_when_the_letter_leaves_hears_nothing(office):
    office.time.at("2026-08-11 10:00")
    office.call(at="2026-08-11T10:00")
    office.time.at("2026-08-11 11:00")
    schedule.remind()
    [letter] = [each for each in late_letters() if each.user_id == office.user_id("dario")]
    assert facts_of(office, letter) is not None
    with transaction() as db:
        dario = office.user_in(db, "dario")
        users.revoke(db, dario, "local_desk", MILAN, by="cli")

    assert facts_of(office, letter) is None


def test_at_night_only_what_is_urgent_leaves(office):
    office.call()
    office.time.at("2026-08-11 03:30")
    schedule.remind()
    [letter] = [each for each in late_letters() if each.user_id == office.user_id("dario")]

    assert letter.not_before == news.morning_of(date(2026, 8, 11))
    assert letter.ready_at == letter.not_before


@pytest.mark.parametrize(
    ("now", "leaves"),
    [
        ("2026-08-13 19:59", "2026-08-13 19:59"), ("2026-08-13 20:00", "2026-08-14 07:30"),
        ("2026-08-14 21:00", "2026-08-17 07:30"), ("2026-08-15 10:00", "2026-08-17 07:30"),
        ("2026-08-17 03:00", "2026-08-17 07:30"), ("2026-10-24 23:00", "2026-10-26 07:30"),
        ("2026-03-28 22:00", "2026-03-30 07:30"),
    ],
)  # fmt: skip
def test_quiet_hours_end_in_the_morning_of_the_next_working_day(time, now, leaves):
    found = news.quiet_until(rules.House(), choices.MailChoice(), time.at(now), None)

    assert f"{found.astimezone(clock.ROME):%Y-%m-%d %H:%M}" == leaves


def test_whoever_wants_fewer_letters_hears_of_it_in_the_digest(office, risk):
    give(office, risk, "elena")
    with transaction() as db:
        choices.choose(db, office.user_id("elena"), choices.DAILY, choices.URGENT, None, by="elena")
    until(office, "2026-08-20 12:00")
    assert [each for each in late_letters() if each.user_id == office.user_id("elena")] == []
    with transaction() as db:
        [late] = db.scalars(select(Notice).where(Notice.kind == "task_late")).all()

    assert late.mail == f"digest-{office.user_id('elena')}-2026-08-21"


def test_a_step_of_a_model_may_say_how_long_before(office, risk):
    give(office, risk, "elena")
    with transaction() as db:
        db.execute(update(UserTask).where(UserTask.id == risk).values(reminders="P5D,PT4H"))
        subject = subjects.get(db, f"task:{risk}")
        assert subject
        moments = chasing.ahead(db, subject, 4)

    days = [f"{moment.at.astimezone(clock.ROME):%d %H:%M} {moment.stage}" for moment in moments]
    assert days == ["15 07:30 soon", "20 07:30 today", "20 08:00 soon", "20 12:00 late"]


def test_a_follow_up_comes_on_its_morning_and_only_for_who_has_it(office, risk):
    give(office, risk, "elena")
    with transaction() as db:
        held = inbox.hold(db, office.actor_in(db, "elena"), risk)
        handing.follow_up(db, held.task, date(2026, 8, 13), by="elena")
    until(office, "2026-08-13 09:00")

    assert told(office, "elena", "followup") == ["followup_late"]
    assert told(office, "fabio", "followup") == []


def test_a_date_of_law_that_passed_climbs_to_the_coordination_and_says_its_case_only_to_who_sees_it(office):
    code = office.sheltered()
    with transaction() as db:
        deadlines.record(db, code, "T03", "measures.activated", date(2026, 8, 11), by="cli")
    until(office, "2026-08-14 09:00", 3)

    assert told(office, "elena", "deadline") == ["deadline_late"]
    with transaction() as db:
        codes = {n.user_id: n.case_code for n in db.scalars(select(Notice).where(Notice.kind == "deadline_up"))}
    assert codes[office.user_id("paola")] is None
    assert codes[office.user_id("giulia")] == code


def test_a_follow_up_of_who_is_away_comes_to_who_stands_in(office, risk):
    give(office, risk, "elena")
    with transaction() as db:
        held = inbox.hold(db, office.actor_in(db, "elena"), risk)
        handing.follow_up(db, held.task, date(2026, 8, 13), by="elena")
        elena, fabio = office.user_in(db, "elena"), office.user_in(db, "fabio")
        users.add_absence(db, elena, fabio, date(2026, 8, 12), date(2026, 8, 31), by="cli")
    until(office, "2026-08-19 12:00", 3)

    assert told(office, "fabio", "followup") == ["followup_late"]


def test_a_consent_is_told_before_it_expires_and_not_after_a_newer_one(office):
    code = office.sheltered()
    with transaction() as db:
        asked: dict[str, Any] = {"purpose": "comunicazione_questura", "receiver": "questore", "given": True, "by": "cli"}
        made = consents.record(db, code, **asked, on=date(2026, 8, 11), expires_on=date(2026, 9, 30))
    until(office, "2026-09-01 09:00", 12)
    assert told(office, "elena", "consent") == ["consent_soon"]
    with transaction() as db:
        key = f"consent:{made.id}:2026-09-30"
        assert subjects.get(db, key) is not None
        office.time.forward(minutes=1)
        consents.record(db, code, **asked, on=date(2026, 9, 1))
        assert subjects.get(db, key) is None


def test_a_referral_without_an_answer_is_told(office):
    code = office.sheltered()
    with transaction() as db:
        made = referrals.Referral(
            code="R-2222", case_code=code, body_kind="health", urgency="normal", status="sent", sent_on=date(2026, 8, 11),
            answer_by=date(2026, 8, 18), sent_by="cli", recorded_at=clock.now(),
        )  # fmt: skip
        db.add(made)
    until(office, "2026-08-19 09:00", 6)

    assert told(office, "elena", "referral") == ["referral_today", "referral_late"]


def test_consents_and_referrals_of_closed_cases_and_replaced_ones_keep_nothing_new_from_its_turn(office, monkeypatch):
    gone, code = office.sheltered(), office.sheltered()
    asked: dict[str, Any] = {"purpose": "comunicazione_questura", "given": True, "by": "cli"}
    yes: dict[str, Any] = asked | {"on": date(2026, 8, 11), "expires_on": date(2026, 9, 30)}
    with transaction() as db:
        for number in range(4):
            consents.record(db, gone, receiver=f"ente:x{number}", **yes)
            waiting = referrals.Referral(
                code=f"R-222{number}", case_code=gone, body_kind="health", urgency="normal", status="sent",
                sent_on=date(2026, 8, 11), answer_by=date(2026, 8, 18), sent_by="cli", recorded_at=clock.now(),
            )  # fmt: skip
            db.add(waiting)
            consents.record(db, code, receiver="questore", **yes)
            office.time.forward(minutes=1)
        casefile.close(db, gone, "conclusione_positiva", by="cli")
    schedule.remind()
    monkeypatch.setattr(chasing, "MOST", 2)
    with transaction() as db:
        made = consents.record(db, code, receiver="ente:y", **yes)
        sent = referrals.Referral(
            code="R-3333", case_code=code, body_kind="health", urgency="normal", status="sent",
            sent_on=date(2026, 8, 11), answer_by=date(2026, 8, 18), sent_by="cli", recorded_at=clock.now(),
        )  # fmt: skip
        db.add(sent)
    with transaction() as db:
        assert chasing.begin(db) == 2
        assert db.get(Chase, f"consent:{made.id}:2026-09-30") is not None
        assert db.get(Chase, "referral:R-3333:2026-08-18") is not None
        assert chasing.begin(db) == 0


def test_an_absence_is_told_the_day_before_to_both(office):
    with transaction() as db:
        elena, fabio = office.user_in(db, "elena"), office.user_in(db, "fabio")
        users.add_absence(db, elena, fabio, date(2026, 8, 20), date(2026, 8, 21), by="cli")
    until(office, "2026-08-19 09:00", 6)

    assert told(office, "elena", "absence") == told(office, "fabio", "absence") == ["absence_soon"]


def test_one_thing_that_breaks_delays_no_other_and_is_told(office, risk, monkeypatch):
    give(office, risk, "elena")
    code = office.call(at="2026-08-11T08:00")
    other = office.task(code, "contact_pickup").id
    people = subjects.people

    def poisoned(db, subject, rung):
        if subject.about == f"task:{risk}":
            raise ValueError("Grace Osaro")
        return people(db, subject, rung)

    monkeypatch.setattr(subjects, "people", poisoned)
    office.time.at("2026-08-20 12:00")
    assert schedule.remind().failed == 1
    with transaction() as db:
        assert notices.of_subject(db, f"task:{other}")
    for _ in range(4):
        office.time.forward(minutes=11)
        schedule.remind()

    with transaction() as db:
        assert db.get_one(Chase, f"task:{risk}").failures == 3
        kinds = [notice.kind for notice in notices.latest(db, office.user_id("paola"), 500)]
    assert kinds.count("reminder_broken") == 1


def test_a_task_that_passes_to_somebody_is_told_by_mail_and_forgotten_when_it_goes_on(office, risk):
    with transaction() as db:
        giulia = office.actor_in(db, "giulia")
        inbox.delegate(db, giulia, risk, office.user_id("elena"))
    with transaction() as db:
        [given] = db.scalars(select(Message).where(Message.kind == news.GIVEN)).all()
        assert given.user_id == office.user_id("elena")
    assert facts_of(office, given) == {"given": 1, "path": "/inbox"}
    give(office, risk, "fabio")
    assert facts_of(office, given) is None


def test_who_stands_in_and_may_not_know_the_case_hears_nothing_of_its_task(office):
    code = office.sheltered()
    task = office.task(code, "risk_assessment")
    with transaction() as db:
        db.execute(update(Case).where(Case.code == code).values(masked=True))
        elena, fabio = office.user_in(db, "elena"), office.user_in(db, "fabio")
        users.add_absence(db, elena, fabio, date(2026, 8, 11), date(2026, 8, 21), by="cli")
        assignment.tell(db, db.get_one(UserTask, task.id), elena.id, "task_given", by="giulia")
        given = {login: bool(notices.unseen_of(db, id_, "task_given", 9)) for login, id_ in office.ids.items()}

    assert [login for login, told_ in given.items() if told_] == ["elena"]


def test_the_coordination_sees_what_was_promised_told_and_sent(office, risk):
    give(office, risk, "elena")
    until(office, "2026-08-20 13:00")
    with transaction() as db:
        account = promises.of_task(db, office.actor_in(db, "paola"), risk)

    assert [one.notice.kind for one in account.told] == ["task_soon", "task_today", "task_late"]
    assert [one.who for one in account.told] == ["Elena Prova"] * 3
    letter = account.told[-1].mail
    assert letter
    assert letter.status == "queued"
    assert [(moment.stage, moment.who) for moment in account.ahead][:2] == [("late", []), ("late", ["Elena Prova", "Fabio Prova"])]


def test_a_rule_is_in_use_when_a_second_coordinator_approved_it(office, risk):
    give(office, risk, "elena")
    facts = {"leads": ["P4D"], "rungs": [["assignee", 2]], "repeat": 0, "singly": False, "urgent": False}
    with transaction() as db:
        made = rules.propose(db, "task", facts, "Troppe lettere in agosto", by="paola")
        assert rules.in_use(db, "task") == rules.SHIPPED["task"]
        rules.approve(db, made.id, by="chiara")
        assert rules.in_use(db, "task") == rules.Rule(("P4D",), (("assignee", 2),))
    until(office, "2026-08-22 12:00", 6)

    assert told(office, "elena") == ["task_soon", "task_today", "task_late"]
    assert told(office, "paola") == []


def test_an_approved_rule_holds_for_what_is_chased_already(office, risk):
    give(office, risk, "elena")
    facts = {"leads": ["P7D"], "rungs": [["assignee", 0]], "repeat": 0, "singly": False, "urgent": False}
    with transaction() as db:
        made = rules.propose(db, "task", facts, "Sette giorni prima", by="paola")
        ruling.approve(db, made.id, by="chiara")
    until(office, "2026-08-13 08:00")

    assert told(office, "elena") == ["task_soon"]


def test_an_approved_rule_tells_what_its_lead_days_would_have_told_before(office, risk):
    """The date is nine days ahead; by the first rule it was looked at, and nothing was said yet."""
    give(office, risk, "elena")
    for leads in (["P3D"], ["P9D"]):
        facts = {"leads": leads, "rungs": [["assignee", 0]], "repeat": 0, "singly": False, "urgent": False}
        with transaction() as db:
            made = rules.propose(db, "task", facts, "Prima di quanto si faceva", by="paola")
            ruling.approve(db, made.id, by="chiara")
        office.time.forward(hours=1)
        schedule.remind()

    assert told(office, "elena") == ["task_soon"]


def test_a_case_that_moves_to_a_version_with_other_reminders_or_back_is_reminded_by_them_from_then_on(office):
    code, other = office.sheltered(), office.sheltered()
    task, bystander = (office.task(each, "risk_assessment") for each in (code, other))  # both due at a quarter to three
    give(office, task.id, "elena")
    model = (Path(__file__).parents[2] / "workflows" / "bpmn" / "risk.bpmn").read_text(encoding="utf-8")
    versions = []
    with transaction() as db:
        versions.append(registry.current(db, "risk").id)
        for reminders_of in ('reminders="PT4H"', 'reminders="PT1H"'):
            changed = model.replace('approdo:due="PT24H"', f'approdo:due="PT24H" approdo:{reminders_of}')
            versions.append(registry.publish(db, changed.encode(), by="u_coord").id)

    def looked_at() -> tuple[str, ...]:
        """When each of the two is looked at next, after a tick."""
        schedule.remind()
        with transaction() as db:
            found = [db.get_one(Chase, f"task:{each.id}").next_at for each in (task, bystander)]
        return tuple(f"{each.astimezone(clock.ROME):%d %H:%M}" for each in found)

    def move(old: str, new: str) -> str:
        with transaction() as db:
            (asked,) = moves.ask(db, old, new, {}, [task.instance_id], by="u_coord")
            ids = asked.id
        assert schedule.move_cases().fired == 1
        return ids

    office.time.at("2026-08-11 08:00")
    assert looked_at() == ("12 02:45", "12 02:45")
    move(versions[0], versions[1])
    assert looked_at() == ("11 22:45", "12 02:45")
    last = move(versions[1], versions[2])
    assert looked_at() == ("12 01:45", "12 02:45")
    with transaction() as db:
        moves.ask_back(db, "risk", [last], by="u_coord")
    assert schedule.move_cases().fired == 1
    until(office, "2026-08-11 23:00")

    with transaction() as db:
        found = {each.id: [told.kind for told in notices.of_subject(db, f"task:{each.id}")] for each in (task, bystander)}
    assert found == {task.id: ["task_soon"], bystander.id: []}


def test_a_letter_that_could_not_leave_by_day_wakes_nobody_at_night(office, risk):
    give(office, risk, "elena")
    until(office, "2026-08-20 12:00")
    [letter] = [each for each in late_letters() if each.user_id == office.user_id("elena")]
    config = Config(database_url="", var=Path(), keys=Path())
    with transaction() as db:
        assert isinstance(outgoing.parcel(db, config, letter), Parcel)
    office.time.at("2026-08-21 02:00")
    with transaction() as db:
        assert outgoing.parcel(db, config, letter) == news.morning_of(date(2026, 8, 21))


@pytest.mark.parametrize("kind", ["access_review", "call_landed", "nobody_on_call"])
def test_of_news_that_could_not_leave_by_day_only_a_call_wakes_somebody_at_night(office, kind):
    office.time.at("2026-08-11 10:00")
    urgent = kind != "access_review"
    with transaction() as db:
        news.tell(db, kind, office.user_id("elena"), kind, letter=news.NEWS, urgent=urgent, by="cli")
        letter = db.scalars(select(Message).where(Message.user_id == office.user_id("elena"), Message.kind == news.NEWS)).one()
    config = Config(database_url="", var=Path(), keys=Path())
    for rome, leaves in (("2026-08-11 19:59", True), ("2026-08-12 02:00", urgent)):
        office.time.at(rome)
        with transaction() as db:
            assert isinstance(outgoing.parcel(db, config, letter), Parcel) == leaves


def test_a_choice_that_the_office_no_longer_allows_binds_nobody(office, risk):
    give(office, risk, "elena")
    with transaction() as db:
        choices.choose(db, office.user_id("elena"), choices.NEVER, choices.URGENT, None, by="elena")
        silence.allow(db, silence=False)
    until(office, "2026-08-20 12:00")

    assert [each for each in late_letters() if each.user_id == office.user_id("elena")] != []


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"leads": ["3 giorni"]}, "days"), ({"rungs": []}, "assignee"), ({"repeat": -1}, "repeat"),
        ({"rungs": [["assignee", 9], ["group", 3]]}, "assignee"), ({"leads": ["P0D"]}, "days"),
    ],
)  # fmt: skip
def test_a_rule_that_makes_no_sense_is_refused(office, changed, field):
    facts = {"leads": [], "rungs": [["assignee", 0]], "repeat": 0, "singly": False, "urgent": False} | changed
    with transaction() as db, pytest.raises(InvalidForm) as refusal:
        rules.propose(db, "task", facts, "Per vedere se si può", by="paola")
    assert field in refusal.value.errors


@pytest.mark.parametrize(
    ("quiet", "ok"),
    [(("20:00", "08:00"), True), (("18:00", "08:00"), True), (("17:59", "08:00"), False), (("25", "8"), False)],
)
def test_quiet_hours_leave_mail_ten_hours_a_day_whoever_sets_them(office, quiet, ok):
    of_office = {**dict(zip(("quiet_from", "quiet_to"), quiet, strict=True)), "may_thin": True, "may_silence": False}

    def propose(db: Session) -> None:
        rules.propose(db, rules.OFFICE, of_office, "Per vedere se si può", by="paola")

    def choose(db: Session) -> None:
        mailing.choose(db, office.actor_in(db, "elena"), choices.DAILY, choices.ALL, *quiet)

    for said in (propose, choose):
        with nullcontext() if ok else pytest.raises(InvalidForm) as refusal, transaction() as db:
            said(db)
        if refusal:
            assert "quiet_from" in refusal.value.errors
