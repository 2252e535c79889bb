"""Timers, faults, damaged states and incidents on a real database: once, in order, and one bad case delays no other."""

import zlib

import orjson
import pytest
from sqlalchemy import update

from core import clock
from core.errors import AlreadyDone, NotYours
from engine import history, incidents, instances, runs
from engine.incidents import Settled
from engine.tables import Incident, Instance, Timer
from tests.engine import office
from tests.engine.draw import boundary, catch, service, several, sub, timer
from tests.engine.office import at, begin, begun, do, get, tick, tick_until_quiet, timers, transaction, verbs, waiting

pytestmark = pytest.mark.usefixtures("database", "time")

LATE = ("s>a>e", "t>late>e1", boundary("t", "a", timer("P1D"), interrupting=False))


# -- firing ------------------------------------------------------------------------------------------------------------


def test_a_timer_fires_once_when_it_is_due(time):
    begun(*LATE)
    time.forward(hours=23)
    assert tick() == []

    time.forward(hours=1)
    assert len(tick()) == 1
    assert tick() == []

    with transaction() as db:
        assert waiting(db) == ["a", "late"]
        assert verbs(db) == ["instance.started", "timer.fired"]


def test_a_timer_that_is_not_due_yet_does_not_fire_when_asked(time):
    begun(*LATE)
    with transaction() as db:
        key = timers(db)[0].id
    with transaction() as db, pytest.raises(AlreadyDone):
        instances.fire(db, key)

    time.forward(days=1)
    with transaction() as db:
        instances.fire(db, key)
    with transaction() as db, pytest.raises(AlreadyDone):
        instances.fire(db, key)
    with transaction() as db:
        assert waiting(db) == ["a", "late"]


def test_a_timer_whose_task_is_done_does_not_fire(time):
    begun(*LATE)
    with transaction() as db:
        key = timers(db)[0].id
        do(db, "a")

    time.forward(days=2)

    assert tick() == []
    with transaction() as db, pytest.raises(AlreadyDone):
        instances.fire(db, key)


def test_due_timers_come_oldest_first_and_not_more_than_asked_for(time):
    with transaction() as db:
        for number in (3, 1, 2):
            begin(db, "s>t>a>e", catch("t", timer(f"P{number}D")), key=f"C-{number}")
    time.forward(days=9)

    with transaction() as db:
        keys = instances.due(db, clock.now())
        assert [db.get_one(Timer, key).due_at for key in keys] == sorted(each.due_at for each in timers(db))
        assert instances.due(db, clock.now(), limit=2) == keys[:2]


def test_a_standstill_of_three_days_gives_one_reminder(time):
    begun("s>a>e", "t>nag>e1", boundary("t", "a", timer("R/PT1H"), interrupting=False))

    time.forward(days=3)
    assert tick_until_quiet() == 1
    time.forward(hours=1)
    assert tick_until_quiet() == 1

    with transaction() as db:
        assert waiting(db) == ["a", "nag", "nag"]
        assert [each.due_at for each in timers(db)] == [at("2026-07-24T11:00")]


def test_a_daily_reminder_keeps_its_hour_through_the_autumn_night(time):
    time.at("2026-10-24 07:30")
    begun("s>a>e", "t>nag>e1", boundary("t", "a", timer("R/P1D"), interrupting=False))

    for day in ("25", "26"):
        with transaction() as db:
            assert [each.due_at for each in timers(db)] == [at(f"2026-10-{day}T07:30")]
        time.at(f"2026-10-{day} 07:30")
        assert tick_until_quiet() == 1


def test_after_the_clock_went_back_no_timer_fires_twice(time):
    begun(*LATE)
    time.forward(days=1)
    assert tick_until_quiet() == 1

    time.at("2026-07-20 09:00")
    assert tick_until_quiet() == 0
    time.at("2026-07-23 09:00")
    assert tick_until_quiet() == 0


# -- faults ------------------------------------------------------------------------------------------------------------

POISON = ("s>a>e", "t>k>e1", boundary("t", "a", timer("P1D"), interrupting=False), service("k", service="test_break"))


def clock_pass() -> int:
    """What the clock process does with one pass: a fault costs its own timer a try, and nothing else."""
    with transaction() as db:
        keys = instances.due(db, clock.now())
    fired = 0
    for key in keys:
        try:
            with transaction() as db:
                instances.fire(db, key)
            fired += 1
        except Exception as problem:  # noqa: BLE001 - one of the house's three edges
            with transaction() as db:
                incidents.failed(db, key, str(problem))
    return fired


def test_a_poisoned_timer_is_parked_after_three_tries_and_delays_no_other(time):
    begun(*POISON)
    with transaction() as db:
        begin(db, *LATE, key="C-2")
    time.forward(days=1)

    assert clock_pass() == 1
    for tries in (2, 3):
        with transaction() as db:
            assert incidents.open_incidents(db) == []
        time.forward(hours=2)
        clock_pass()
        with transaction() as db:
            assert timers(db)[0].attempts == tries
    time.forward(hours=9)
    assert clock_pass() == 0

    with transaction() as db:
        (incident,) = incidents.open_incidents(db)
        assert (incident.business_key, incident.element) == ("C-1", "t")
        (poisoned,) = timers(db)
        assert poisoned.attempts == 3
        assert instances.due(db, clock.now()) == []
        assert verbs(db).count("timer.fired") == 0


def test_each_failed_try_waits_longer_than_the_one_before(time):
    begun(*POISON)
    time.forward(days=1)
    gaps = []
    for _ in range(2):
        clock_pass()
        with transaction() as db:
            gaps.append(timers(db)[0].due_at - clock.now())
        time.forward(hours=3)

    assert gaps[0].total_seconds() > 0
    assert gaps[1] > gaps[0]


def test_a_parked_timer_goes_on_when_the_coordinator_retries_with_a_reason(time):
    begun(*POISON)
    time.forward(days=1)
    for _ in range(3):
        clock_pass()
        time.forward(hours=3)
    with transaction() as db:
        (incident,) = incidents.open_incidents(db)
        db.execute(update(Timer).values(attempts=3))
        incidents.retry(db, incident.id, "il servizio è riparato", by="u_coord")
        assert incidents.open_incidents(db) == []
        with pytest.raises(Settled):
            incidents.resolve(db, incident.id, "again", by="u_coord")
        assert len(instances.due(db, clock.now())) == 1


def test_a_parked_timer_goes_on_without_the_service_that_breaks(time):
    begun(*POISON)
    time.forward(days=1)
    for _ in range(3):
        clock_pass()
        time.forward(hours=3)
    with transaction() as db:
        (incident,) = incidents.open_incidents(db)
        assert incidents.revive(db, incident)
        instance = instances.fire(db, str(incident.parked), omit=frozenset({"k"}))
        assert not incidents.revive(db, incident)

    with transaction() as db:
        ended = {step.element: step.outcome for step in history.steps(db, instance.id)}
        assert (ended["t"], ended["k"], ended["e1"], ended["a"]) == ("fired", "skipped", "done", None)
        assert timers(db) == []
        assert do(db, "a").status == "ended"


def test_a_retry_touches_only_what_its_own_incident_gave_up(time):
    begun(*POISON)
    begun(*POISON)
    time.forward(days=1)
    for _ in range(3):
        clock_pass()
        time.forward(hours=3)
    with transaction() as db:
        first, second = incidents.open_incidents(db)
        incidents.retry(db, first.id, "riparato", by="u_coord")

    with transaction() as db:
        assert {timer.id: timer.attempts for timer in timers(db)} == {first.parked: 0, second.parked: 3}


def test_while_a_timer_is_parked_people_go_on_working(time):
    begun(*POISON)
    time.forward(days=1)
    for _ in range(3):
        clock_pass()
        time.forward(hours=3)

    with transaction() as db:
        assert do(db, "a").status == "ended"
        assert timers(db) == []


def test_one_incident_an_element_is_enough(db):
    instance = begin(db, "s>a>e")

    first = incidents.raise_incident(db, instance, "a", "rotto")
    assert incidents.raise_incident(db, instance, "a", "rotto").id == first.id
    assert incidents.raise_incident(db, instance, "b", "rotto").id != first.id
    incidents.resolve(db, first.id, "sistemato", by="u_coord")
    assert incidents.raise_incident(db, instance, "a", "rotto").id != first.id


def test_incidents_are_seen_by_the_tenants_that_are_asked_for(db):
    for key, tenant in (("C-1", "torino"), ("C-2", "milano")):
        incidents.raise_incident(db, begin(db, "s>a>e", key=key, tenant=tenant), "a", "rotto")

    assert [each.tenant for each in incidents.open_incidents(db, frozenset({"milano"}))] == ["milano"]
    assert len(incidents.open_incidents(db)) == 2


# -- damaged states (threats R27) --------------------------------------------------------------------------------------


def damage(instance_id: str, spoil) -> None:
    with transaction() as db:
        instance = get(db, instance_id)
        values = spoil(bytes(instance.state))
        db.execute(update(Instance).where(Instance.id == instance_id).values(**values))


def flipped(raw: bytes) -> dict[str, object]:
    return {"state": raw[:20] + bytes([raw[20] ^ 1]) + raw[21:]}


def altered(raw: bytes) -> dict[str, object]:
    """Still well formed: only the checksum tells."""
    assert b'"anna"' in raw
    return {"state": raw.replace(b'"anna"', b'"anno"')}


def cut(raw: bytes) -> dict[str, object]:
    return {"state": raw[: len(raw) // 2]}


def resealed(raw: bytes) -> dict[str, object]:
    """Wrong inside, with a checksum that fits."""
    document = orjson.loads(raw)
    document[2][0] = document[2][0][:3]
    spoilt = orjson.dumps(document)
    return {"state": spoilt, "check": f"{zlib.crc32(spoilt):08x}"}


def of_a_later_format(raw: bytes) -> dict[str, object]:
    spoilt = b"[99," + raw.split(b",", 1)[1]
    return {"state": spoilt, "check": f"{zlib.crc32(spoilt):08x}"}


@pytest.mark.parametrize("spoil", [flipped, altered, cut, resealed, of_a_later_format])
def test_a_damaged_state_is_refused_with_a_sentence_and_never_run(spoil):
    name = begun(*LATE, who="anna")
    damage(name, spoil)

    with transaction() as db, pytest.raises(runs.Damaged, match="danneggiato"):
        do(db, "a")
    with transaction() as db:
        assert waiting(db) == ["a"]


@pytest.mark.parametrize("spoil", [flipped, altered, cut, resealed, of_a_later_format])
def test_a_damaged_state_is_parked_by_the_clock_and_delays_no_other(spoil, time):
    name = begun(*LATE, who="anna")
    with transaction() as db:
        begin(db, *LATE, key="C-2")
    damage(name, spoil)
    time.forward(days=1)

    assert clock_pass() == 1
    for _ in range(3):
        time.forward(hours=3)
        clock_pass()

    with transaction() as db:
        (incident,) = incidents.open_incidents(db)
        assert (incident.instance_id, "danneggiato" in incident.words) == (name, True)
        assert waiting(db) == ["a", "a", "late"]


def test_a_state_without_a_token_for_its_task_is_nobodys_task(db):
    instance = begin(db, "s>a>e")
    document = orjson.loads(instance.state)
    document[2] = []
    instance.state = orjson.dumps(document)
    instance.check = f"{zlib.crc32(instance.state):08x}"
    db.flush()

    with pytest.raises(NotYours):
        do(db, "a")


# -- years -------------------------------------------------------------------------------------------------------------


def test_a_case_of_two_hundred_passes_writes_as_little_as_a_young_one(time):
    name = begun("s>xor>a>xor1>xor[again = true]", "xor1>e", "t>nag>e1", boundary("t", "a", timer("R/P30D"), interrupting=False))
    sizes = []
    for _ in range(200):
        with transaction() as db:
            do(db, "a", again=True)
            sizes.append(len(get(db, name).state))

    assert sizes[-1] <= sizes[5] + 12
    with transaction() as db:
        assert (len(timers(db)), waiting(db)) == (1, ["a"])


def test_a_subprocess_for_each_of_many_people_comes_to_its_end(db):
    instance = begin(db, "s>c>z>e", sub("c", "s1>a>e1", inside=several(of="people", each="who")), people=[f"p{n}" for n in range(30)])

    for task in office.tasks(db):
        instances.complete(db, task.id, {}, by="u_anna")

    assert waiting(db, instance.id) == ["z"]


def test_the_sentence_of_an_incident_can_be_said_in_every_language(db):
    incident = incidents.raise_incident(db, begin(db, "s>a>e"), "a", "errore «%(code)s»", {"code": "E1"})

    kept = db.get(Incident, incident.id)
    assert (kept.sentence, kept.params, kept.words) == ("errore «%(code)s»", {"code": "E1"}, "errore «E1»")
