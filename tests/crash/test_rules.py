"""The drill's own eyes: an office at work breaks no rule, and each planted fault is seen."""

from collections import Counter
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from cases.contacts import Contact
from cases.shelters import Shelter
from core import clock, log
from core.db import transaction
from drills import crash_mail
from drills.crash_desk import DONE, REFUSED, Click, Journal
from drills.crash_ledger import Ledger
from drills.crash_rules import RULES, Seen, users_by_login
from engine.tables import Instance, Step, Subscription, Timer, UserTask
from notifications import mail, outbox
from notifications.outbox import Message
from tests.tasks.conftest import Office

BASE_URL = "http://127.0.0.1:8000"


def look(*clicks: Click, seen: tuple[tuple[str, str], ...] = ()) -> list[str]:
    """What all rules say now, given what desks did and saw."""
    with transaction() as db:
        ledger = Ledger()
        ledger.read(db)
        journal = Journal(list(clicks), set(seen))
        eyes = Seen(db, journal, ledger, users_by_login(db), Counter(), {})
        return [sentence for rule in RULES for sentence in rule(eyes)]


def click(verb: str, subject: str, outcome: str = DONE, login: str = "dario", **more: object) -> Click:
    return Click(1, clock.iso(clock.now()), login, verb, subject, outcome, **more)  # type: ignore[arg-type]


def spoil(change: Callable[[Session], object]) -> None:
    """Change the database behind everybody's back."""
    with transaction() as db:
        change(db)


@pytest.fixture
def case(office: Office) -> str:
    """A case in a house, with risk and rights still open."""
    return office.sheltered()


def test_an_office_at_work_breaks_no_rule(office: Office, case: str):
    office.do("elena", case, "risk_assessment", risk_on="2026-08-11", risk_occasion="ingresso", risk_level="alto",
              review_on="2026-08-12")  # fmt: skip
    office.call()
    task = office.task(case, "information_duty")

    assert look(seen=(("elena", case), ("anna", office.call()))) == []
    assert task.id


@pytest.mark.parametrize("verb", ["complete", "record", "claim", "login"])
def test_an_acknowledged_click_that_left_nothing_is_seen(office: Office, case: str, verb):
    task = office.task(case, "risk_assessment")

    assert {line[:2] for line in look(click(verb, task.id))} == {"I1"}


def test_a_lost_draft_is_seen(office: Office, case: str):
    task = office.task(case, "risk_assessment")
    found = look(click("draft", task.id, values={"safety_plan": "D1"}))

    assert [line[:2] for line in found] == ["I1"]


def test_a_draft_that_was_forgotten_after_a_month_is_no_loss(office: Office, case: str):
    old = click("draft", office.task(case, "risk_assessment").id, values={"safety_plan": "D1"})
    office.time.forward(days=31)

    assert look(old) == []


@pytest.mark.parametrize("table", [UserTask, Timer, Subscription])
def test_a_lost_row_of_what_a_case_waits_for_is_seen(office: Office, case: str, table):
    office.call()
    spoil(lambda db: db.execute(delete(table)))

    assert any(line.startswith("I2 instance") for line in look())


def test_a_case_that_waits_for_nothing_is_seen(office: Office, case: str):
    with transaction() as db:
        for table in (UserTask, Timer, Subscription):
            db.execute(delete(table))

    assert any(line.startswith("I3") and case in line for line in look())


def test_a_step_that_ended_without_its_line_is_seen(office: Office, case: str):
    task = office.task(case, "risk_assessment").id
    spoil(lambda db: db.execute(update(Step).where(Step.id == task).values(outcome="done", ended_at=clock.now())))

    assert any(line.startswith("I2 done by the steps") and task in line for line in look())


def test_half_a_contact_is_seen(office: Office):
    code = office.call()
    spoil(lambda db: db.execute(update(Instance).where(Instance.business_key == code).values(business_key="NV-0000")))

    assert any(line.startswith("I2 contact codes") and code in line for line in look())


def test_a_task_completed_twice_is_seen(office: Office, case: str):
    with transaction() as db:
        done = db.scalars(select(log.Line).where(log.Line.verb == "task.completed")).first()
        assert done is not None
        log.append(db, "task.completed", done.stream, by=done.actor, case=done.case_code, **done.facts)

    assert any(line.startswith("I6 task") for line in look())


def test_a_timer_that_fired_twice_is_seen(office: Office, case: str):
    with transaction() as db:
        for _ in range(2):
            log.append(db, "timer.fired", f"case:{case}", by="clock", element="x", due="2026", instance="i")

    assert any(line.startswith("I6 timer") for line in look())


def test_a_task_taken_out_of_somebodys_hands_is_seen(office: Office, case: str):
    task = office.task(case, "risk_assessment").id
    with transaction() as db:
        for user in ("u_one", "u_two"):
            log.append(db, "task.assigned", f"case:{case}", by=user, case=case, task=task, to=user)

    assert any(line.startswith("I6 task.assigned") for line in look())


def test_an_overfull_house_is_seen(office: Office, case: str):
    spoil(lambda db: db.execute(update(Shelter).values(capacity=0)))

    assert any(line.startswith("I6 shelter") for line in look())


def test_a_broken_log_is_seen(office: Office, case: str):
    spoil(lambda db: db.execute(update(log.Stream).values(head="f" * 64)))

    assert any(line.startswith("I5") for line in look())


def test_a_second_click_that_is_told_nothing_is_seen(office: Office, case: str):
    with transaction() as db:
        done = db.scalars(select(log.Line).where(log.Line.verb == "task.completed", log.Line.stream.like("contact:%")))
        task = done.one().facts["task"]
    office.time.forward(minutes=1)

    assert look(click("again", task, REFUSED, status=409, words="Già completata da Dario Prova alle 02:45.")) == []
    assert [line[:3] for line in look(click("again", task, REFUSED, status=404))] == ["R02"]


@pytest.mark.parametrize("login", ["oscar", "anna", "marta"])
def test_a_case_of_another_post_on_an_inbox_page_is_seen(office: Office, login):
    case = office.case()

    assert [line[:2] for line in look(seen=((login, case),))] == ["I7"]


class Sink:
    """A mail folder, and an outbox with one letter in it that was sent."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with transaction() as db:
            self.user = users_by_login(db)["dario"]
            outbox.put(db, "digest-1", self.user, "digest", {"open": 1}, by="clock")
        with transaction() as db:
            db.execute(update(Message).values(status="sent", attempts=1))

    def receive(self, key: str = "digest-1", to: str = "dario@example.org") -> None:
        letter = EmailMessage()
        letter["Message-ID"], letter["To"] = mail.message_id(key, BASE_URL), to
        (self.folder / f"{len(list(self.folder.iterdir()))}.eml").write_bytes(bytes(letter))

    def check(self) -> list[str]:
        letters = crash_mail.Letters(self.folder)
        letters.read()
        with transaction() as db:
            return list(crash_mail.check(db, letters, BASE_URL))


@pytest.fixture
def sink(office: Office, tmp_path: Path) -> Sink:
    folder = tmp_path / "mail"
    folder.mkdir()
    return Sink(folder)


def test_a_letter_that_was_sent_once_is_right(sink: Sink):
    sink.receive()

    assert sink.check() == []


def test_a_letter_called_sent_that_never_arrived_is_seen(sink: Sink):
    assert sink.check() == ["I4 called sent, but never arrived: digest-1"]


def test_a_letter_doubled_without_a_crash_is_seen(sink: Sink):
    sink.receive()
    sink.receive()

    assert sink.check() == ["I4 2 copies after 1 attempts: digest-1"]


def test_a_letter_that_nobody_promised_or_that_went_astray_is_seen(sink: Sink):
    sink.receive(to="oscar@example.org")
    sink.receive("digest-2")

    assert sorted(line[:20] for line in sink.check()) == ["I4 a letter that nob", "I4 digest-1 went to "]


def test_what_is_due_at_the_end_is_seen(office: Office):
    office.call()
    office.time.forward(hours=1)
    with transaction() as db:
        found = list(crash_mail.left_over(db))

    assert "I4 at the end there are still timers that are due: 1" in found


def test_half_a_case_is_seen(office: Office, case: str):
    spoil(lambda db: db.execute(update(Contact).values(case_code=None)))

    assert any(line.startswith("I2 cases from contacts") for line in look())
