"""Ways out at work: copies of what leaves by mail, and a text to a person only as she agreed to it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, select

from cases import consents, persons
from core import clock, log
from core.config import Config
from core.db import transaction
from core.errors import NotYours, WrongOrder
from notifications import choices, notices, outbox, post, push
from notifications.outbox import Message
from tasks import beats, news, schedule, sending, texting
from tasks.engagements import APPOINTMENT
from tests import silence
from tests.listener import Listener
from tests.postbox import Postbox, Server, free_port, make_certificate
from tests.tasks.conftest import Office
from tests.tasks.test_appointments import fix
from tests.tasks.test_schedule import only_the_digest_of, promise

AGREED = {"number": "333 1234567", "cover_text": "Ciao, ci vediamo domani", "sms_from": "15:00", "sms_to": "17:00"}


@pytest.fixture
def postbox() -> Postbox:
    return Postbox()


@pytest.fixture
def listener(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Listener]:
    certificate, key = make_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    found = Listener((str(certificate), str(key)))
    yield found
    found.stop()


@pytest.fixture
def config(postbox: Postbox, listener: Listener, tmp_path: Path, keys: Path) -> Iterator[Config]:
    server = Server(postbox)
    server.start()
    host, port = server.address
    yield Config(
        database_url="", var=tmp_path, keys=keys, base_url="https://agenda.example.org", smtp_host=host, smtp_port=port,
        smtp_tls="none", sender="agenda@example.org", hook_url=f"{listener.url}/hook", hook_secret="x" * 24,
        sms_url=f"{listener.url}/sms", push_hosts=("127.0.0.1",),
    )  # fmt: skip
    server.stop()


def paths(listener: Listener) -> list[str]:
    return sorted(path for path, _, _ in listener.requests)


def wake(office: Office, config: Config, listener: Listener, name: str) -> None:
    with transaction() as db:
        push.add(db, config, office.user_id("dario"), f"{listener.url}/push/{name}", by=office.user_id("dario"))


def test_what_leaves_by_mail_leaves_once_by_each_other_way(office, config, postbox, listener):
    wake(office, config, listener, "a")
    wake(office, config, listener, "b")
    promise(office)
    for _ in range(3):
        schedule.send_mail(config)

    assert len(postbox.raw) == 1
    assert paths(listener) == ["/hook", "/push/a", "/push/b"]


def test_a_mail_server_that_is_down_keeps_no_browser_asleep(office, config, listener):
    wake(office, config, listener, "a")
    promise(office)
    schedule.send_mail(replace(config, smtp_port=free_port()))

    assert paths(listener) == ["/hook", "/push/a"]


def test_a_hook_that_refuses_delays_no_mail_and_is_tried_again(office, config, postbox, listener):
    listener.answers = [503]
    promise(office)
    schedule.send_mail(config)
    assert len(postbox.raw) == 1
    office.time.forward(minutes=2)
    schedule.send_mail(config)

    (_, first, _), (_, second, _) = listener.requests
    assert first["webhook-id"] == second["webhook-id"]


def test_a_device_that_has_gone_is_forgotten(office, config, listener):
    wake(office, config, listener, "a")
    promise(office)
    closed = replace(config, hook_url=None)
    listener.answers = [410]
    schedule.send_mail(closed)

    with transaction() as db:
        assert push.devices(db, office.user_id("dario")) == []
        assert sorted(db.scalars(select(Message.status))) == ["sent", "unneeded"]


def test_what_is_no_longer_true_wakes_nobody(office, config, listener):
    wake(office, config, listener, "a")
    code = office.call()
    office.time.at("2026-08-11 07:30")
    schedule.remind()
    only_the_digest_of(office, "dario")
    office.do("dario", code, "contact_pickup", pickup_at="2026-08-11T02:40", pickup_outcome="contact_only")
    with transaction() as db:
        mine = [(told.seen_at, (told.about or "")[:5]) for told in notices.latest(db, office.user_id("dario"))]
        assert (None, "task:") in mine  # unread, but of what is done: no news
    schedule.send_mail(config)

    assert listener.requests == []


@pytest.fixture
def agreed(office: Office) -> str:
    """A case whose person agreed to be texted between three and five in the afternoon; it is ten in the morning."""
    code = office.sheltered()
    office.time.at("2026-08-11 10:00")
    with transaction() as db:
        persons.record(db, code, ways=AGREED, by="cli")
        consents.record(db, code, "sms", "interno", True, clock.today(), by="cli")
    return code


def text(office: Office, code: str, login: str = "elena") -> None:
    with transaction() as db:
        texting.promise(db, office.actor_in(db, login), code)


def send(config: Config) -> None:
    schedule.send_mail(replace(config, hook_url=None, smtp_port=free_port()))


def told(office: Office, login: str) -> list[str]:
    with transaction() as db:
        return [notice.kind for notice in notices.latest(db, office.user_id(login))]


def test_the_agreed_text_leaves_in_the_agreed_hours_and_once(office, config, listener, agreed):
    text(office, agreed)
    send(config)
    assert listener.requests == []
    office.time.at("2026-08-11 15:01")
    send(config)
    send(config)

    [(path, _, body)] = listener.requests
    assert (path, body) == ("/sms", b'{"to": "+393331234567", "text": "Ciao, ci vediamo domani"}')
    with transaction() as db:
        verbs = [line.verb for line in log.lines(db, case=agreed)]
        assert verbs[:2] == ["sms.sent", "sms.promised"]
        rows = db.scalars(select(Message).where(Message.way == "sms")).all()
        assert [row.facts for row in rows] == [{}]


def test_no_second_text_on_the_same_day(office, config, agreed):
    text(office, agreed)

    with pytest.raises(WrongOrder, match="uno al giorno"):
        text(office, agreed)


def test_a_text_that_waits_can_be_stopped_and_one_that_is_leaving_cannot(office, config, listener, agreed):
    def stop() -> None:
        with transaction() as db:
            texting.stop(db, office.actor_in(db, "elena"), agreed)

    text(office, agreed)
    stop()
    with pytest.raises(WrongOrder, match="non si può più fermare"):
        stop()
    with transaction() as db:
        assert log.lines(db, case=agreed)[0].verb == "sms.stopped"
    office.time.at("2026-08-11 15:01")
    send(config)
    assert listener.requests == []
    text(office, agreed)  # what did not ring does not count
    with transaction() as db:
        assert outbox.claim(db, "sms")
    with pytest.raises(WrongOrder, match="sta partendo"):
        stop()
    with pytest.raises(NotYours), transaction() as db:
        texting.stop(db, office.actor_in(db, "oscar"), agreed)


@pytest.mark.parametrize(
    ("missing", "sentence"),
    [("number", "numero"), ("cover_text", "testo di copertura"), ("sms_from", "ore concordate")],
)
def test_without_what_was_agreed_there_is_no_text(office, agreed, missing, sentence):
    with transaction() as db:
        persons.record(db, agreed, ways={missing: None}, by="cli")

    with pytest.raises(WrongOrder, match=sentence):
        text(office, agreed)


def test_a_consent_taken_back_stops_a_text_that_was_promised(office, config, listener, agreed):
    text(office, agreed)
    with transaction() as db:
        consents.withdraw_all(db, agreed, clock.today(), purpose="sms", by="cli")
    office.time.at("2026-08-11 15:01")
    send(config)

    assert listener.requests == []
    assert "sms_dropped" in told(office, "elena")
    with pytest.raises(WrongOrder, match="consenso"):
        text(office, agreed)


def test_a_gateway_that_refuses_for_a_day_is_told_to_who_asked(office, config, listener, agreed):
    text(office, agreed)
    listener.answers = [500] * 200
    office.time.at("2026-08-11 15:01")
    for _ in range(60):
        send(config)
        office.time.forward(minutes=30)
    assert {clock.now().hour} != {0}
    assert all(path == "/sms" for path in paths(listener))
    office.time.at("2026-08-12 15:10")
    send(config)

    assert "sms_failed" in told(office, "elena")
    assert "sms_failed" not in told(office, "paola")
    with transaction() as db, pytest.raises(WrongOrder, match="chi segue il caso"):  # else two may ring on one day
        outbox.again(db, outbox.failed(db)[0].key, by=office.user_id("paola"))


@pytest.mark.parametrize("answer", [None, 504])
def test_a_text_that_the_gateway_may_have_taken_does_not_ring_again_and_who_asked_is_told(
    office, config, listener, agreed, monkeypatch, answer
):
    text(office, agreed)
    monkeypatch.setattr(post, "TIMEOUT", 0.2)
    if answer is None:
        listener.stalls = 1
    else:
        listener.answers = [answer]
    office.time.at("2026-08-11 15:01")
    for _ in range(3):
        send(config)
        office.time.forward(minutes=30)

    assert paths(listener) == ["/sms"]
    assert "sms_unclear" in told(office, "elena")
    assert "sms_failed" not in told(office, "elena")
    with transaction() as db:
        last = texting.last(db, agreed)
        assert last
        assert texting.is_unclear(last)
    with pytest.raises(WrongOrder, match="uno al giorno"):
        text(office, agreed)


def test_a_text_promised_in_the_evening_is_the_one_of_the_next_day(office, config, listener, agreed):
    office.time.at("2026-08-11 18:00")
    text(office, agreed)
    office.time.at("2026-08-12 15:01")
    send(config)

    with pytest.raises(WrongOrder, match="uno al giorno"):
        text(office, agreed)
    assert paths(listener) == ["/sms"]


def test_a_text_that_may_have_rung_counts_for_its_day_also_when_somebody_sets_it_aside(office, config, listener, agreed):
    text(office, agreed)
    listener.answers = [504]
    office.time.at("2026-08-11 15:01")
    send(config)
    with transaction() as db:
        sending.set_aside(db, outbox.failed(db)[0].key, "Forse è arrivato", by=office.user_id("paola"))

    with pytest.raises(WrongOrder, match="uno al giorno"):
        text(office, agreed)


def test_who_does_not_follow_the_case_cannot_text(office, agreed):
    with pytest.raises(NotYours):
        text(office, agreed, "oscar")


@pytest.mark.parametrize(
    ("first", "last", "now", "leaves"),
    [
        ("15:00", "17:00", "2026-08-11 16:00", "2026-08-11 16:00"),
        ("15:00", "17:00", "2026-08-11 17:00", "2026-08-12 15:00"),
        ("22:00", "01:00", "2026-08-11 00:30", "2026-08-11 00:30"),
        ("22:00", "01:00", "2026-08-11 12:00", "2026-08-11 22:00"),
        ("", "17:00", "2026-08-11 12:00", None),
        ("15:00", "15:00", "2026-08-11 03:00", None),
    ],
)
def test_the_hours_of_a_text(time, first, last, now, leaves):
    start = time.at(now)

    assert texting.within(first, last, start) == (leaves and time.at(leaves))


def nothing_waits() -> None:
    with transaction() as db:
        db.execute(delete(Message))


def test_what_failed_on_friday_and_waits_for_monday_is_not_late_meanwhile(office, config):
    nothing_waits()
    office.time.at("2026-08-21 19:55")
    with transaction() as db:
        for who in ("elena", "giulia"):
            news.tell(db, f"x-{who}", office.user_id(who), "access_review", letter=news.NEWS, by="cli")
    schedule.send_mail(replace(config, smtp_port=free_port()))
    late = []
    for hour in ("2026-08-21 20:01", "2026-08-21 20:10", "2026-08-23 18:00", "2026-08-24 07:31"):
        office.time.at(hour)
        schedule.send_mail(config)
        with transaction() as db:
            late.append(beats.pulse(db).mail)

    assert late == [None] * 4
    with transaction() as db:
        assert set(db.scalars(select(Message.status).where(Message.kind == news.NEWS, Message.way == "mail"))) == {"sent"}


def test_an_appointment_whose_letter_could_not_leave_by_day_waits_for_the_morning(office, config, postbox):
    office.time.at("2026-08-12 19:50")
    nothing_waits()
    about = fix(office, "elena", "2026-08-13T15:00")
    with transaction() as db:
        reader = office.user_id("elena")
        facts = {"on": "2026-08-13", "path": "/agenda"}
        outbox.put(db, f"appointment-{reader}-2026-08-13", reader, APPOINTMENT, facts, about=about, by="clock")
    schedule.send_mail(replace(config, smtp_port=free_port()))
    left = []
    for rome in ("2026-08-13 02:30", "2026-08-13 07:31"):
        office.time.at(rome)
        schedule.send_mail(config)
        left.append(len(postbox.raw))

    assert left == [0, 1]


def test_a_letter_that_was_tried_in_vain_is_tried_again_soon_after_the_server_is_back(office, config, postbox):
    with transaction() as db:
        silence.allow(db)
        choices.choose(db, office.user_id("elena"), choices.NEVER, choices.ALL, None, by="cli")
    fix(office, "elena", "2026-08-13T11:15", by="giulia")
    office.time.at("2026-08-13 07:30")
    schedule.remind()
    schedule.send_mail(replace(config, smtp_port=free_port()))
    with transaction() as db:  # as after many tries
        db.get_one(Message, f"appointment-{office.user_id('elena')}-2026-08-13").not_before += timedelta(hours=2)
    for rome in ("2026-08-13 07:40", "2026-08-13 07:50"):
        office.time.at(rome)
        schedule.remind()
        schedule.send_mail(config)

    assert len([raw for raw in postbox.raw if b"elena" in raw]) == 1
