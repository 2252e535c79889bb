from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from threading import Barrier, Event, Thread

import pytest
from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy import delete, func, or_, select, update

import core.db
from core import clock, log, users
from core.config import Config
from core.db import transaction
from engine import instances, registry
from engine.tables import Incident, Instance, Timer, UserTask
from notifications import choices, mail, notices, outbox
from notifications.outbox import Message
from notifications.parcel import Parcel
from tasks import beats, schedule, sending
from tasks.tally import Tally
from tests.postbox import Postbox, Server, free_port
from tests.tasks.conftest import Office


@pytest.fixture
def postbox() -> Postbox:
    return Postbox()


@pytest.fixture
def config(postbox: Postbox, tmp_path: Path, keys: Path) -> Iterator[Config]:
    server = Server(postbox)
    server.start()
    host, port = server.address
    yield Config(
        database_url="", var=tmp_path, keys=keys, base_url="https://agenda.example.org", smtp_host=host, smtp_port=port,
        smtp_tls="none", sender="agenda@example.org",
    )  # fmt: skip
    server.stop()


def escalations() -> int:
    with transaction() as db:
        return db.scalar(select(func.count()).where(UserTask.element == "pickup_escalation")) or 0


def fired() -> list[str]:
    """Instances whose timers fired, in order."""
    with transaction() as db:
        lines = db.scalars(select(log.Line).where(log.Line.verb == "timer.fired").order_by(log.Line.id))
        return [str(line.facts["instance"]) for line in lines]


def test_a_timer_fires_when_it_is_due_and_only_once(office):
    office.call()
    assert schedule.fire_timers() == Tally()
    office.time.forward(minutes=31)

    assert schedule.fire_timers() == Tally(fired=1)
    assert schedule.fire_timers() == Tally()
    assert escalations() == 1


def test_after_three_days_of_standstill_late_timers_fire_in_due_order_and_once(office):
    office.time.at("2026-08-11 02:10")
    calls = []
    for minute in range(5):
        office.time.at(f"2026-08-11 02:1{minute}")
        calls.append(office.call(at=f"2026-08-11T02:1{minute}"))
    office.time.forward(days=3)
    schedule.fire_timers()
    schedule.fire_timers()

    with transaction() as db:
        keys = {row.id: row.business_key for row in db.scalars(select(Instance))}
    assert [keys[instance] for instance in fired()] == calls
    assert escalations() == 5


def test_two_clocks_at_once_have_one_effect(office):
    calls = [office.call(at=f"2026-08-11T02:1{number}") for number in range(6)]
    office.time.forward(hours=1)
    start, tallies = Barrier(3), []

    def go() -> None:
        start.wait()
        tallies.append(schedule.fire_timers())

    clocks = [Thread(target=go) for _ in range(3)]
    for each in clocks:
        each.start()
    for each in clocks:
        each.join()
    schedule.fire_timers()

    assert sum(tally.failed for tally in tallies) == 0
    assert len(fired()) == len(set(fired())) == len(calls) == escalations()
    with transaction() as db:
        assert log.verify(db) == []


def damage(code: str) -> None:
    """Flip the stored state of an instance, as a bad disk would."""
    with transaction() as db:
        db.execute(update(Instance).where(Instance.business_key == code).values(state=b"\x00\x01\x02"))


def test_a_poisoned_case_is_parked_after_three_tries_and_delays_nobody(office):
    poisoned = office.call()
    office.time.forward(seconds=1)
    healthy = office.call(at="2026-08-11T02:11")
    damage(poisoned)
    office.time.forward(minutes=40)

    assert schedule.fire_timers() == Tally(fired=1, failed=1)
    for _ in range(5):
        office.time.forward(hours=2)
        schedule.fire_timers()

    with transaction() as db:
        [incident] = db.scalars(select(Incident)).all()
        assert incident.business_key == poisoned
        assert db.scalars(select(Timer.attempts)).all() == [3]
        for told in ("paola", "giulia"):
            kinds = [notice.kind for notice in notices.latest(db, office.user_id(told))]
            assert kinds == ["incident", "nobody_on_call", "nobody_on_call"]
    with transaction() as db:
        assert healthy in db.scalars(select(UserTask.business_key).where(UserTask.element == "pickup_escalation")).all()


ENDLESS = b"""<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d" targetNamespace="t">
<process id="endless" name="Senza fine" isExecutable="true"><startEvent id="begun"/>
<intermediateCatchEvent id="past"><timerEventDefinition><timeDate>2020-01-01T00:00:00Z</timeDate></timerEventDefinition>
</intermediateCatchEvent><exclusiveGateway id="again" default="back"/><endEvent id="over"/>
<sequenceFlow id="a" sourceRef="begun" targetRef="past"/><sequenceFlow id="b" sourceRef="past" targetRef="again"/>
<sequenceFlow id="back" sourceRef="again" targetRef="past"/>
<sequenceFlow id="out" sourceRef="again" targetRef="over"><conditionExpression>1 = 2</conditionExpression></sequenceFlow>
</process></definitions>"""


def test_a_pathway_that_never_rests_is_parked_and_the_tick_ends(office, monkeypatch):
    monkeypatch.setattr(schedule, "MOST_MOVES", 20)
    with transaction() as db:
        registry.publish(db, ENDLESS, by="deploy")
        instances.start(db, "endless", "F-222222", "lombardia-1", {}, stream="case:F-222222", by="deploy")

    assert schedule.fire_timers().failed == 1
    assert schedule.fire_timers() == Tally()
    with transaction() as db:
        assert "gira senza fermarsi" in db.scalars(select(Incident)).one().words


def test_every_job_leaves_a_beat_and_a_late_one_is_noticed(office, config):
    with transaction() as db:
        assert beats.pulse(db).clock is not None
    for job in schedule.JOBS:
        schedule.tick(job, config)

    with transaction() as db:
        assert {beat.name for beat in beats.list_(db)} == {job.name for job in schedule.JOBS} | {beats.SENDER}
        assert beats.pulse(db) == beats.Pulse(None, None, None)
    office.time.forward(minutes=4)
    with transaction() as db:
        late = beats.pulse(db).clock
        assert late is not None
        assert late.total_seconds() == 240


def test_a_machine_whose_clock_is_moved_ticks_on_at_once(office):
    """Threats R11: APScheduler waits for an hour on the wall, which comes again an hour later, or next year."""
    ticked = Event()
    scheduler = BackgroundScheduler(timezone="Europe/Rome")
    scheduler.add_job(ticked.set, "interval", days=365)
    scheduler.start()
    office.time.at("2026-08-11 10:00")
    watch = schedule.Watch()
    office.time.forward(seconds=20)
    assert not watch.jump()
    for moved, hours in (("2026-08-11 09:00", -1), ("2026-08-12 09:00", 24), ("2025-08-12 09:00", -365 * 24)):
        office.time.at(moved)
        assert round(watch.jump() / timedelta(hours=1)) == hours
        assert not watch.jump()
    clock.thaw()
    schedule.wake(scheduler)

    assert ticked.wait(10)
    scheduler.shutdown()


def test_a_clock_moved_by_more_than_five_minutes_is_written_down_as_soon_as_the_database_takes_it(office, database):
    def jump() -> tuple[datetime, int] | None:
        with transaction() as db:
            found = beats.pulse(db).jump
            return (found.at, found.fired) if found else None

    scheduler = BackgroundScheduler(timezone="Europe/Rome")
    office.time.at("2026-08-11 10:00")
    watch = schedule.Watch()
    office.time.at("2026-08-11 10:04")
    schedule.look(watch, scheduler)
    assert jump() is None
    office.time.at("2026-08-12 10:04")
    core.db.connect("postgresql://nobody@127.0.0.1:1/nowhere")
    schedule.look(watch, scheduler)
    core.db.dispose()
    core.db.open_session.configure(bind=database)
    assert jump() is None
    for _ in range(2):
        schedule.look(watch, scheduler)
        office.time.forward(seconds=5)
        assert jump() == (office.time.at("2026-08-12 10:04"), 24 * 60)
    office.time.at("2026-08-11 10:04")
    schedule.look(watch, scheduler)
    assert jump() == (clock.now(), -24 * 60)
    with transaction() as db:
        assert beats.list_(db) == []  # it is no job

    office.time.at("2026-08-12 10:04")
    assert jump() is None


@pytest.mark.only_on("postgres")
@pytest.mark.parametrize("ahead", [timedelta(hours=1), timedelta(days=-1)])
def test_while_this_machine_and_the_database_disagree_about_the_time_nothing_fires(office, config, monkeypatch, ahead):
    office.call()
    office.time.at("2026-08-11 10:00")
    job = next(job for job in schedule.JOBS if job.name == "timers")
    machine = clock.machine
    monkeypatch.setattr(clock, "machine", lambda: machine() + ahead)
    for _ in range(2):
        assert schedule.tick(job, config) == Tally(failed=1)
    with transaction() as db:
        assert beats.list_(db) == []
    assert fired() == []
    monkeypatch.setattr(clock, "machine", machine)
    schedule.tick(job, config)
    schedule.tick(job, config)

    assert len(fired()) == 1
    with transaction() as db:
        assert [beat.name for beat in beats.list_(db)] == ["timers"]


def test_a_beat_from_the_future_is_no_beat(office, config):
    office.time.at("2026-08-11 10:00")
    schedule.tick(next(job for job in schedule.JOBS if job.name == "timers"), config)
    with transaction() as db:
        db.add_all(beats.Beat(name=name, at=clock.now(), fired=0, failed=0) for name in ("reminders", "mail"))
    with transaction() as db:
        assert beats.pulse(db).clock is None
        office.time.at("2026-08-11 09:00")
        assert beats.pulse(db).clock == timedelta(hours=1)


def test_a_job_that_breaks_says_where_without_saying_what(office, config, caplog):
    def work(_: Config) -> Tally:
        raise ValueError("Grace Osaro, via Segreta 1")

    tally = schedule.tick(schedule.Job("timers", work, 30, 2), config)

    assert tally == Tally(failed=1)
    assert "ValueError tests/tasks/test_schedule.py:" in caplog.text
    assert "Grace" not in caplog.text
    with transaction() as db:
        assert beats.list_(db) == []  # else a clock that never gets anything done would seem to tick


# Mail


def promise(office: Office) -> None:
    """Dario's digest, and nothing else, waits to leave."""
    office.call()
    office.time.at("2026-08-11 07:30")
    schedule.remind()
    only_the_digest_of(office, "dario")


def only_the_digest_of(office: Office, login: str) -> None:
    with transaction() as db:
        db.execute(delete(Message).where(or_(Message.kind != "digest", Message.user_id != office.user_id(login))))


def states() -> list[str]:
    with transaction() as db:
        return list(db.scalars(select(Message.status)))


def test_a_digest_is_sent_once(office, config, postbox):
    promise(office)

    assert schedule.send_mail(config) == Tally(fired=1)
    assert schedule.send_mail(config) == Tally()
    assert [letter["To"] for letter in postbox.letters] == ["dario@example.org"]
    assert states() == ["sent"]


def test_what_is_no_longer_true_is_not_sent(office, config, postbox):
    code = office.call()
    office.time.at("2026-08-11 07:30")
    schedule.remind()
    only_the_digest_of(office, "dario")
    office.do("dario", code, "contact_pickup", pickup_at="2026-08-11T02:40", pickup_outcome="contact_only")

    assert schedule.send_mail(config) == Tally()
    assert postbox.letters == []
    assert states() == ["unneeded"]


def test_a_disabled_account_gets_no_mail(office, config, postbox):
    promise(office)
    with transaction() as db:
        users.disable(db, office.user_in(db, "dario"), by="cli")

    schedule.send_mail(config)
    assert (postbox.letters, states()) == ([], ["unneeded"])


@pytest.mark.parametrize("answers", [["451 greylisted"], ["drop"], ["421 too busy"]])
def test_a_server_that_refuses_gets_the_letter_later_and_once(office, config, postbox, answers):
    promise(office)
    postbox.answers = answers

    assert schedule.send_mail(config) == Tally(failed=1)
    assert schedule.send_mail(config) == Tally()
    office.time.forward(minutes=1)
    assert schedule.send_mail(config) == Tally(fired=1)
    assert len(postbox.letters) == 1


def test_a_letter_that_was_taken_but_not_acknowledged_comes_again_with_the_same_message_id(office, config, postbox):
    promise(office)
    postbox.answers = ["take and drop"]
    schedule.send_mail(config)
    office.time.forward(minutes=1)
    schedule.send_mail(config)

    assert len(postbox.letters) == 2
    assert len({letter["Message-ID"] for letter in postbox.letters}) == 1
    assert states() == ["sent"]


def test_a_server_that_is_down_for_a_day_gets_one_digest_and_not_the_backlog(office, config, postbox):
    promise(office)
    postbox.refuses = "451 not now"
    for _ in range(4 * 24):
        schedule.send_mail(config)
        office.time.forward(minutes=15)
    postbox.refuses = None
    schedule.remind()
    only_the_digest_of(office, "dario")
    office.time.forward(hours=2)
    schedule.send_mail(config)

    assert len(postbox.letters) == 1
    assert sorted(states()) == ["sent", "unneeded"]


def test_a_slow_server_holds_no_tick_up_and_gets_the_rest_at_the_next(office, config, postbox):
    class Slow(mail.Mail):
        def send(self, config: Config, parcel: Parcel) -> None:
            super().send(config, parcel)
            office.time.forward(seconds=20)

    office.call()
    office.time.at("2026-08-11 07:30")
    schedule.remind()
    promised = len(states())
    assert promised > 3

    assert sending.send_by(config, Slow()).fired == 2
    assert sending.send_by(config, Slow()).fired == 2
    sending.send_by(config, mail.Mail())
    assert len(postbox.letters) == promised


@pytest.mark.parametrize(
    ("answer", "readers", "is_said"),
    [("451 greylisted", 2, True), ("554 relay denied", 2, True), ("452 full", 1, False)],
)
def test_a_server_that_refuses_every_reader_for_himself_does_not_look_well(
    office, config, postbox, answer, readers, is_said
):  # fmt: skip
    """One reader alone may have a full mailbox: the others' letters leave."""
    office.call()
    office.time.at("2026-08-11 07:30")
    schedule.remind()
    with transaction() as db:
        first, *others = db.scalars(select(Message).order_by(Message.user_id)).all()
        keep = {first.user_id, next(each.user_id for each in others if each.user_id != first.user_id)}
        keep = keep if readers == 2 else {first.user_id}
        db.execute(delete(Message).where(Message.user_id.not_in(keep)))
    postbox.refuses = answer
    for _ in range(4):
        schedule.send_mail(config)
        office.time.forward(minutes=10)
    schedule.send_mail(config)
    with transaction() as db:
        assert (beats.pulse(db).mail is not None) == is_said


def test_a_digest_of_yesterday_that_is_tried_again_does_not_take_the_place_of_todays(office, config, postbox):
    promise(office)
    postbox.refuses = "550 5.7.1 policy"
    schedule.send_mail(config)
    with transaction() as db:
        db.execute(update(Message).values(status="failed"))
    office.time.at("2026-08-12 07:30")
    schedule.remind()
    only_the_digest_of(office, "dario")
    office.time.at("2026-08-12 09:40")
    postbox.refuses = None
    with transaction() as db:
        [old] = outbox.failed(db)
        outbox.again(db, old.key, by="u_paola")
    schedule.send_mail(config)

    with transaction() as db:
        found = dict(db.execute(select(Message.key, Message.status)).all())
    assert [(key[-10:], found[key]) for key in sorted(found)] == [("2026-08-11", "unneeded"), ("2026-08-12", "sent")]


def test_a_digest_that_could_not_leave_by_day_wakes_nobody_at_night(office, config, postbox):
    promise(office)
    office.time.at("2026-08-11 23:50")
    schedule.send_mail(config)

    assert (postbox.letters, states()) == ([], ["queued"])


def test_what_waits_for_the_hours_of_its_reader_is_not_said_to_be_stuck(office, config, postbox):
    promise(office)
    with transaction() as db:
        reader = db.scalars(select(Message.user_id)).one()
        choices.choose(db, reader, choices.DAILY, choices.ALL, ("20:00", "09:00"), by="cli")
    for rome in ("2026-08-11 07:31", "2026-08-11 08:59"):
        office.time.at(rome)
        schedule.send_mail(config)
        assert (postbox.letters, states()) == ([], ["queued"])
        with transaction() as db:
            assert beats.pulse(db).mail is None
    nine, _ = office.time.at("2026-08-11 09:00"), office.time.at("2026-08-11 09:04")
    with transaction() as db:
        assert outbox.waiting_since(db) == nine  # from then on it is late
    schedule.send_mail(config)

    assert (len(postbox.letters), states()) == (1, ["sent"])


def test_after_three_days_of_refusal_a_coordinator_is_told(office, config, postbox):
    promise(office)
    postbox.refuses = "550 no such mailbox"
    for _ in range(80):
        schedule.send_mail(config)
        office.time.forward(hours=1)

    assert states() == ["failed"]
    with transaction() as db:
        assert [notice.kind for notice in notices.latest(db, office.user_id("paola"))] == ["mail_failed", "nobody_on_call"]
        assert db.scalars(select(Message.error)).one() == "SMTPRecipientsRefused 550"


def test_no_server_at_all_stops_the_tick_early_and_loses_nothing(office, config, postbox):
    office.sheltered()
    office.call(at="2026-08-11T02:11")
    office.time.at("2026-08-11 07:30")
    schedule.remind()
    promised = len(states())
    down = replace(config, smtp_port=free_port())

    assert schedule.send_mail(down).failed == min(promised, sending.FAILURES_IN_A_ROW)
    office.time.forward(minutes=5)
    schedule.send_mail(config)
    assert len(postbox.letters) == promised


def test_no_mail_of_a_whole_pathway_says_whose_life_it_is_about(office, config, postbox):
    spies = {"summary": "Spia Osaro", "safe_channel": "Spia 333 1234567", "code_word": "spiagirasole"}
    code = office.sheltered(**spies)
    assessed = {"risk_on": "2026-08-11", "risk_occasion": "ingresso", "risk_level": "alto", "safety_plan": "Spia"}
    office.do("elena", code, "risk_assessment", **assessed)
    for morning in range(11, 29):
        office.time.at(f"2026-08-{morning} 08:00")
        schedule.fire_timers()
        schedule.remind()
        schedule.send_mail(config)

    assert len(postbox.raw) > 15
    text = b"".join(postbox.raw) + "".join(letter.as_string() for letter in postbox.letters).encode()
    with transaction() as db:
        words = [code, *db.scalars(select(Instance.business_key)), office.house, "lombardia", "Milano", "rischio"]
    for word in ("spia", "osaro", "tratta", "vittim", "Prova", "u_", *words):
        assert word.lower().encode() not in text.lower(), word


def test_the_clock_of_the_tests_is_the_clock_of_the_house(office):
    assert clock.now() == office.time.at("2026-08-11 02:45")


def test_a_mailbox_that_is_gone_is_flagged_at_once_and_told_in_the_application(office, config, postbox):
    promise(office)
    postbox.refuses = "550 5.1.1 no such user"
    schedule.send_mail(config)

    assert states() == ["failed"]
    with transaction() as db:
        assert "mail_bounced" in [notice.kind for notice in notices.latest(db, office.user_id("dario"))]
        assert "mail_bounced_of" in [notice.kind for notice in notices.latest(db, office.user_id("paola"))]


def test_a_sender_that_is_stuck_is_told_and_one_bad_reader_is_not(office, config, postbox):
    promise(office)
    for job in schedule.JOBS:
        if job.name != "mail":
            schedule.tick(job, config)
    only_the_digest_of(office, "dario")
    down = replace(config, smtp_port=free_port())
    schedule.tick(next(job for job in schedule.JOBS if job.name == "mail"), down)
    office.time.forward(minutes=5)
    for job in schedule.JOBS:
        if job.name in beats.CLOCKS:
            schedule.tick(job, down)

    with transaction() as db:
        pulse = beats.pulse(db)
    assert pulse.clock is None
    assert pulse.mail is not None
    assert pulse.mail.total_seconds() >= 300
