"""kill -9 of the process that completes a task: all of it or nothing, and the second click is told which."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from time import sleep

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cases.access import Actor
from cases.casefile import Case
from cases.contacts import Contact
from cases.sheets import Sheet
from core import log, users
from core.db import transaction
from core.errors import AlreadyDone, Refused
from engine.tables import Instance, Step, Timer, UserTask
from tasks import inbox
from tasks.forms import Paper
from tests.crash.conftest import Clicker
from tests.tasks.conftest import MILAN, Office

ANSWER = {"pickup_at": "2026-08-11T02:40", "pickup_outcome": "case"}


def what_there_is(code: str) -> dict[str, object]:
    """Every trace that answering this contact leaves."""
    with transaction() as db:
        contact = db.get_one(Contact, code)
        mine = select(Instance.id).where(Instance.business_key.in_([code, contact.case_code or ""]))
        verbs = ("task.completed", "sheet.filed", "case.opened", "contact.became_case", "contact.picked_up")
        return {
            "case": contact.case_code is not None,
            "cases": db.scalar(select(func.count()).select_from(Case)),
            "sheets": db.scalar(select(func.count()).select_from(Sheet)),
            "instances": db.scalar(select(func.count()).select_from(mine.subquery())),
            "waiting": sorted(db.scalars(select(UserTask.element))),
            "open steps": sorted(
                db.scalars(select(Step.element).where(Step.kind == "userTask", Step.ended_at.is_(None)))
            ),
            "timers": sorted(db.scalars(select(Timer.element))),
            "lines": sorted(db.scalars(select(log.Line.verb).where(log.Line.verb.in_(verbs)))),
            "broken": log.verify(db),
        }


BEFORE = {
    "case": False, "cases": 0, "sheets": 0, "instances": 1, "waiting": ["contact_pickup"],
    "open steps": ["contact_pickup"], "timers": ["pickup_late"], "lines": [], "broken": [],
}  # fmt: skip
# Two sheets: the answer itself, and what the contact knew, copied for the case.
AFTER = {
    "case": True, "cases": 1, "sheets": 2, "instances": 2, "waiting": ["placement"],
    "open steps": ["placement"], "timers": [], "broken": [],
    "lines": [
        "case.opened", "contact.became_case", "contact.picked_up", "sheet.filed", "sheet.filed", "task.completed",
    ],
}  # fmt: skip


@pytest.mark.parametrize("failpoint", ["engine.after_step", "engine.after_step:2", "before_commit"])
def test_a_click_that_dies_before_its_commit_has_done_nothing_and_can_be_done_again(
    office: Office, clicker: Clicker, failpoint
):
    code = office.call()
    task = office.task(code, "contact_pickup")

    clicker.die("dario", task.id, failpoint, **ANSWER)
    assert what_there_is(code) == BEFORE
    office.do("dario", code, "contact_pickup", **ANSWER)

    assert what_there_is(code) == AFTER


def test_a_click_that_dies_after_its_commit_is_done_and_the_second_click_is_told_who_did_it(
    office: Office, clicker: Clicker
):
    code = office.call()
    task = office.task(code, "contact_pickup")

    clicker.die("dario", task.id, "after_commit", **ANSWER)
    assert what_there_is(code) == AFTER
    with pytest.raises(AlreadyDone) as refusal, transaction() as db:
        inbox.complete(db, office.actor_in(db, "dario"), task.id, Paper(ANSWER))

    assert str(refusal.value) == "Già completata da Dario Prova alle 02:45."
    assert what_there_is(code) == AFTER


class Colleagues:
    """Two people who press a button in the same moment: the second while the first one's transaction is open."""

    def __init__(self, office: Office) -> None:
        self.office, self.first_is_through = office, threading.Event()

    def press(self, button: Callable[[Session, Actor], object], *logins: str) -> list[str]:
        """What each of the two is told: "done", or a sentence."""
        with ThreadPoolExecutor() as both:
            return list(both.map(self._press, [button, button], logins, [True, False]))

    def _press(self, button: Callable[[Session, Actor], object], login: str, is_first: bool) -> str:
        try:
            if not is_first:
                self.first_is_through.wait(10)
            with transaction() as db:
                button(db, self.office.actor_in(db, login))
                if is_first:
                    self.first_is_through.set()
                    sleep(0.5)
        except Refused as refusal:
            return str(refusal)
        return "done"


def test_two_who_complete_in_the_same_moment_do_it_once_and_the_slower_is_told_who_was_faster(office: Office):
    code = office.call()
    task = office.task(code, "contact_pickup").id
    told = Colleagues(office).press(lambda db, actor: inbox.complete(db, actor, task, Paper(ANSWER)), "dario", "dario")

    assert told == ["done", "Già completata da Dario Prova alle 02:45."]
    assert what_there_is(code) == AFTER


def test_two_who_claim_in_the_same_moment_do_not_take_it_from_each_other(office: Office):
    with transaction() as db:
        dina = users.add(db, "dina", "Dina Prova", "dina@example.org", by="cli")
        users.grant(db, dina, "local_desk", MILAN, by="cli")
    task = office.task(office.call(), "contact_pickup").id
    told = Colleagues(office).press(lambda db, actor: inbox.claim(db, actor, task), "dario", "dina")

    assert told == ["done", "È assegnata a Dario Prova: per farla tu, chiedi prima di passartela."]
