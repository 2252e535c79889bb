"""The people of a simulated year: calls that are picked up and become cases, dates, consents, absences; canaries."""

from collections import Counter
from datetime import timedelta
from random import Random

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from cases import consents, deadlines, persons, posts, sheets
from cases.access import Actor
from cases.casefile import Case
from cases.contacts import Contact
from core import calendar, clock, users
from core.db import transaction
from core.errors import Refused
from core.users import User
from engine.tables import Instance, UserTask
from notifications import notices
from tasks import assignment, chasing, comments, forms, inbox, pathways, steps
from tasks.forms import Paper
from web.cli import publish_shipped

CANARY, PHONE = "Zebrina", "3331234567"
DESK, MILAN = "nv-centrale", "lombardia-1"
STAFF = (
    ("anna", "nv_operator", DESK), ("bruno", "nv_supervisor", DESK), ("dario", "local_desk", MILAN),
    ("elena", "case_manager", MILAN), ("fabio", "case_manager", MILAN), ("giulia", "supervisor", MILAN),
    ("paola", "coordinator", None), ("chiara", "coordinator", None),
)  # fmt: skip
PICKED_UP = "contact_pickup"
SHEETS = 5  # of each case, so that thirty cases have filled every form
CLOSES = 0.06  # of the open cases on a day
ONLY_CALLS = 0.25  # calls that stay contacts, to each that becomes a case


def staff() -> None:
    """Everything shipped is published; the people have their accounts."""
    with transaction() as db:
        publish_shipped(db)
        for login, role, post in STAFF:
            user = users.add(db, login, f"{login.title()} {CANARY}", f"{login}@example.org", by="cli")
            users.grant(db, user, role, post, by="cli")
        assert posts.get(db, MILAN)  # noqa: S101 - the shipped posts are there


class People:
    """What they do in a day."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.codes: set[str] = set()
        self.only_calls: set[str] = set()
        self.refused: Counter[str] = Counter()
        self.planted = 0
        self.forms = sorted(forms.known())

    def work(self, cases: int) -> None:
        """So many calls come that will become cases, and some that will not; of what waits some is done, passed on, put
        off or closed.
        """
        for _ in range(cases):
            self._do(self._call)
            if self.random.random() < ONLY_CALLS:
                self._do(lambda db: self.only_calls.add(self._call(db)))
        with transaction() as db:
            waiting = db.execute(select(UserTask.id, UserTask.element).order_by(UserTask.created_at)).all()
            open_ = list(db.scalars(select(Case.code).where(Case.status == "open")))
        for task_id, element in waiting:
            dice = self.random.random()
            if dice < 0.3:
                act = self._pick_up if element == PICKED_UP else self._leave_out
                self._do(lambda db, task_id=task_id, act=act: act(db, task_id))
            elif dice < 0.35:
                self._do(lambda db, task_id=task_id: self._pass_on(db, task_id))
            elif dice < 0.37:
                self._do(lambda db, task_id=task_id: self._put_off(db, task_id))
        for code in open_:
            if self.random.random() < CLOSES:
                self._do(lambda db, code=code: self._close(db, code))
        if self.random.random() < 0.03:
            self._do(self._absence)
        for login, _, _ in STAFF:
            if self.random.random() < 0.5:
                self._do(lambda db, login=login: self._read(db, login))

    def _read(self, db: Session, login: str) -> None:
        user = self._actor(db, login).user_id
        notices.mark_seen(db, user, by=user)

    def poison(self) -> bool:
        """Damage the stored state of an instance, as a bad disk would."""
        with transaction() as db:
            found = list(db.scalars(select(Instance.id).where(Instance.status == "open").order_by(Instance.id)))
            if not found:
                return False
            db.execute(update(Instance).where(Instance.id == self.random.choice(found)).values(state=b"\x00\x01"))
        return True

    def _do(self, act) -> None:  # type: ignore[no-untyped-def]
        """One click; a refusal is an answer like any other and counted, a damaged case the business of the clock."""
        try:
            with transaction() as db:
                act(db)
        except Refused as problem:
            self.refused[type(problem).__name__] += 1

    def _actor(self, db: Session, login: str) -> Actor:
        user = users.by_login(db, login)
        assert user is not None  # noqa: S101
        return assignment.actor_of(db, user)

    def _call(self, db: Session) -> str:
        now = clock.now().astimezone(clock.ROME)
        typed = {
            "call_class": "pertinente_qualificata", "danger": self.random.choice(("si", "no")), "wants_out": "si",
            "province": "MI", "minor": "no", "summary": f"{CANARY} racconta", "safe_channel": f"{CANARY} 333 1234567",
            "code_word": f"{CANARY}girasole", "caller_number": PHONE, "at": f"{now:%Y-%m-%dT%H:%M}",
        }  # fmt: skip
        code = pathways.receive_contact(db, self._actor(db, "anna"), "call", Paper(typed)).code
        self.codes.add(code)
        return code

    def _pick_up(self, db: Session, task_id: str) -> None:
        task = db.get(UserTask, task_id)
        if task is None:
            return
        now, code = clock.now().astimezone(clock.ROME), task.business_key
        outcome = "contact_only" if code in self.only_calls else "case"
        inbox.complete(
            db, self._actor(db, "dario"), task_id,
            Paper({"pickup_at": f"{now:%Y-%m-%dT%H:%M}", "pickup_outcome": outcome, "notes": f"{CANARY} chiama"}),
        )  # fmt: skip
        case = db.get_one(Contact, code).case_code
        if case:
            self.codes.add(case)
            self._dates(db, case)
            self._plant(db, case)

    def _leave_out(self, db: Session, task_id: str) -> None:
        """Most tasks end within days. Left undone, for no other way would fit every form."""
        steps.skip(db, self._actor(db, "giulia"), task_id, Paper({"reason": f"{CANARY} lo fa da sé"}))

    def _plant(self, db: Session, case: str) -> None:
        """A canary in every field: who she is, how to reach her, a comment, and the sheets of forms, all in turn."""
        names = {name: f"{CANARY} {name}" for name in persons.IDENTITY - {"birth_date"}}
        persons.record(db, case, names, {name: f"{CANARY} {name}" for name in persons.SAFE_WAYS}, by="cli")
        comments.write(db, self._actor(db, "giulia"), case, f"{CANARY} scrive un commento")
        self.planted += len(names) + len(persons.SAFE_WAYS) + 1
        for _ in range(SHEETS):
            form = forms.read(self.forms[0])
            self.forms.append(self.forms.pop(0))
            typed: dict[str, dict[str, str]] = {}
            for part in form.fields:
                typed.setdefault(part.cls if part.cls in sheets.CLASSES else "P3", {})[part.key] = CANARY
            sheets.file(db, case, form.name, typed, by="cli")
            self.planted += len(form.fields)

    def _dates(self, db: Session, case: str) -> None:
        today = clock.today()
        deadlines.record(db, case, "T03", "measures.activated", today, by="cli")
        ends = calendar.add_months(today, self.random.choice((1, 2, 3)))
        consents.record(db, case, "comunicazione_questura", "questore", True, today, expires_on=ends, by="cli")

    def _pass_on(self, db: Session, task_id: str) -> None:
        to = users.by_login(db, self.random.choice(("elena", "fabio", "dario")))
        assert to is not None  # noqa: S101
        inbox.delegate(db, self._actor(db, "giulia"), task_id, to.id)

    def _put_off(self, db: Session, task_id: str) -> None:
        until = clock.today() + timedelta(days=self.random.randrange(1, 9))
        chasing.snooze(db, self._actor(db, "giulia"), task_id, until, f"{CANARY} aspetta un documento")

    def _close(self, db: Session, code: str) -> None:
        pathways.close_case(db, self._actor(db, "giulia"), code, "abbandono", f"{CANARY} non risponde più")

    def _absence(self, db: Session) -> None:
        found = list(db.scalars(select(User).where(User.login.in_(("elena", "fabio"))).order_by(User.login)))
        first = clock.today() + timedelta(days=self.random.randrange(1, 5))
        away, deputy = self.random.sample(found, 2)
        users.add_absence(db, away, deputy, first, first + timedelta(days=3), by="cli")
