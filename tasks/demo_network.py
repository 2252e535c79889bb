"""The network of the invented office: who is on call, a few bodies, two agreements. Names and numbers are invented."""

from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy.orm import Session

from cases import agreements, bodies, rota
from core import clock, users
from core.clock import ROME
from notifications import notices
from tasks.demo_office import DESK, MILAN, TUSCANY
from tasks.week import monday

PAST_WEEKS = 62
MORNING, EVENING = time(8), time(22)
ALWAYS = (("dario", MILAN), ("oscar", TUSCANY), ("bruno", DESK))
LOCAL: tuple[dict[str, Any], ...] = (
    {
        "kind": "comune", "name": "Comune dimostrativo, servizi sociali", "role": "Residenza, contributi, minori soli",
        "provinces": ["MI"], "phone": "000 000 0001", "mail": "servizi.sociali@comune.invalid",
        "pec": "protocollo@pec.comune.invalid", "availability": "Lunedì, mercoledì e venerdì dalle 9 alle 12",
    },
    {
        "kind": "sanita", "name": "Azienda sanitaria dimostrativa, consultorio", "role": "Visite senza tessera",
        "provinces": ["MI", "MB"], "phone": "000 000 0002",
        "availability": "Tutti i giorni; di notte il pronto soccorso",
    },
    {
        "kind": "interpreti", "name": "Servizio di interpreti dimostrativo", "role": "Mediazione al telefono",
        "phone": "000 000 0003", "availability": "24 ore su 24",
    },
    {
        "kind": "polizia", "name": "Questura dimostrativa, Ufficio Immigrazione", "role": "Attestato e titoli",
        "provinces": ["MI"], "pec": "immigrazione@pec.questura.invalid", "protocol": "Nota 1234 dimostrativa",
    },
)  # fmt: skip


def take_past_turns(db: Session, *, by: str) -> None:
    """Until tomorrow morning somebody was and is always on call: the calls of the stories land with a person."""
    first = monday(clock.today())
    for login, post in ALWAYS:
        for n in range(PAST_WEEKS, 0, -1):
            _turn(db, login, post, (first - timedelta(weeks=n), MORNING), (first - timedelta(weeks=n - 1), MORNING), by)
        for n in range(clock.today().weekday() + 1):
            day = first + timedelta(days=n)
            _turn(db, login, post, (day, MORNING), (day + timedelta(days=1), MORNING), by)


def fill(db: Session, *, by: str) -> None:
    """From tomorrow on the rota of two weeks, with a night that is still free; bodies; agreements. What the stories
    have told people was read long ago."""
    _plan_turns(db, by=by)
    written = {entry["kind"]: _body(db, entry, by=by) for entry in LOCAL}
    bodies.verify(db, written["comune"], "Telefonata all'ufficio", by=_id(db, "paola"))
    _agree(db, "convenzione", "Accoglienza di emergenza, tre posti", [written["comune"]], 320, 45, by=by)
    both = [written["sanita"], written["interpreti"]]
    _agree(db, "protocollo", "Visite e certificati senza attesa", both, 90, 640, by=by)
    for login, _ in ALWAYS:
        notices.mark_seen(db, _id(db, login), by=by)


def _plan_turns(db: Session, *, by: str) -> None:
    first, last = clock.today() + timedelta(days=1), monday(clock.today()) + timedelta(days=13)
    for n in range((last - first).days + 1):
        day = first + timedelta(days=n)
        _turn(db, "dario", MILAN, (day, MORNING), (day, EVENING), by)
        _turn(db, "anna", DESK, (day, MORNING), (day, EVENING), by)
        _turn(db, "bruno", DESK, (day, EVENING), (day + timedelta(days=1), MORNING), by)
        if day.weekday() == 5:
            _turn(db, "elena", MILAN, (day, time(18)), (day, time(23)), by)
        if day.weekday() != 6:  # Sunday night is still free
            _turn(db, "fabio", MILAN, (day, EVENING), (day + timedelta(days=1), MORNING), by)


def _turn(db: Session, login: str, post: str, start: tuple[date, time], stop: tuple[date, time], by: str) -> None:
    from_at, to_at = (datetime.combine(day, at, ROME) for day, at in (start, stop))
    rota.enter(db, post, _id(db, login), from_at, to_at, by=by)


def _body(db: Session, entry: dict[str, Any], *, by: str) -> str:
    began = clock.today() - timedelta(days=400)
    return bodies.write(db, None, {**entry, "source": "Dato inventato", "valid_from": began}, by=by).code


def _agree(db: Session, kind: str, subject: str, parties: list[str], ago: int, ahead: int, *, by: str) -> None:
    today = clock.today()
    facts = {"kind": kind, "post": MILAN, "subject": subject, "bodies": parties, "notice_days": 90}
    days = {"signed_on": today - timedelta(days=ago), "expires_on": today + timedelta(days=ahead)}
    agreements.record(db, facts | days, by=by)


def _id(db: Session, login: str) -> str:
    user = users.by_login(db, login)
    assert user is not None  # noqa: S101 - hired a moment ago
    return user.id
