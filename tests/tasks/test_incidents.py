"""Pathways that stopped: who is told what, and the ways on; nothing is ever stuck in silence."""

import pytest
from sqlalchemy import delete, select, update

from cases import reasons
from core import log
from core.db import transaction
from core.errors import InvalidForm, NotYours, WrongOrder
from core.log import Line
from engine import incidents as parked
from engine import instances, runs, services
from engine.incidents import Settled
from engine.runs import ModelFault
from engine.tables import Incident, Instance, Step, Subscription, Timer, UserTask
from notifications import notices
from tasks import inbox, incidents, schedule, steps, tally, timeline
from tasks.forms import Paper
from tests.tasks.conftest import Office

WHY = "Il servizio è stato riparato"


def fail(office: Office, monkeypatch: pytest.MonkeyPatch, code: str, times: int = 3) -> None:
    """Let the timer of a call fail again and again: what comes behind it breaks."""
    from engine.game import activities

    real = activities.ONCE["userTask"]

    def break_escalation(run, token, node):
        if node.id == "pickup_escalation":
            raise KeyError("Grace Osaro")
        real(run, token, node)

    monkeypatch.setitem(activities.ONCE, "userTask", break_escalation)
    for _ in range(times):
        office.time.forward(hours=3)
        schedule.fire_timers()


def open_ones() -> list[Incident]:
    with transaction() as db:
        return parked.open_incidents(db)


def settle(incident_id: str, way: str, *, reason: str = WHY, by: str = "u_lucia") -> Incident:
    with transaction() as db:
        return incidents.settle(db, incident_id, way, reason, by=by)


def ways(incident_id: str) -> tuple[str, ...]:
    with transaction() as db:
        return incidents.ways(db, db.get_one(Incident, incident_id))


def lines(code: str, verb: str) -> list[Line]:
    with transaction() as db:
        return [line for line in log.lines(db, stream=f"contact:{code}", limit=200) if line.verb == verb]


@pytest.fixture
def stopped(office: Office, monkeypatch: pytest.MonkeyPatch) -> Incident:
    """A timer that was given up after three tries."""
    code = office.call()
    fail(office, monkeypatch, code)
    [incident] = open_ones()
    return incident


def test_a_fault_is_parked_after_three_tries_with_a_sentence_and_nobodys_words(office, monkeypatch):
    code = office.call()
    fail(office, monkeypatch, code, times=2)
    assert open_ones() == []
    fail(office, monkeypatch, code, times=1)

    [incident] = open_ones()
    assert (incident.business_key, incident.attempts, incident.words) == (code, 3, incidents.TECHNICAL)
    with transaction() as db:
        assert db.get_one(Timer, incident.parked).attempts == 3
        assert [told.kind for told in notices.latest(db, office.user_id("paola"))].count("incident") == 1
        assert "Grace" not in str([line.body for line in log.lines(db, stream=f"contact:{code}")])


def test_a_service_that_breaks_is_named_as_the_place(office, monkeypatch):
    code = office.call()
    with transaction() as db:
        timer = db.scalars(select(Timer)).one()
        broke = ValueError("x")
        vars(broke)["element"] = "contact_route"
        for _ in range(3):
            incidents.count_failure(db, timer.id, broke)

    [incident] = open_ones()
    assert (incident.business_key, incident.element) == (code, "contact_route")


def test_the_run_says_at_which_service_it_broke(office, monkeypatch):
    def breaks(_call: services.Call) -> None:
        raise ZeroDivisionError

    code = office.case()
    monkeypatch.setitem(services._services, "placement_record", breaks)
    with pytest.raises(ZeroDivisionError) as problem:
        office.do("elena", code, "placement", placement_kind="sai", placed_on="2026-08-11")

    assert runs.place_of(problem.value) == "placement_record"


def test_retrying_lets_the_clock_try_at_once_and_it_goes_on(office, stopped, monkeypatch):
    monkeypatch.undo()
    assert schedule.fire_timers().fired == 0
    done = settle(stopped.id, "retry")
    assert (done.status, done.resolved_by) == ("retried", "u_lucia")
    assert schedule.fire_timers() == tally.Tally(fired=1)

    assert office.waiting("bruno") == ["pickup_escalation"]
    assert len(lines(stopped.business_key, "incident.retried")) == 1


def test_what_fails_again_after_a_retry_comes_back(office, stopped, monkeypatch):
    settle(stopped.id, "retry")
    for _ in range(3):
        schedule.fire_timers()
        office.time.forward(hours=3)

    [again] = open_ones()
    assert (again.parked, again.id != stopped.id) == (stopped.parked, True)


def test_skipping_goes_on_behind_what_failed(office, stopped):
    with transaction() as db:
        db.get_one(Incident, stopped.id).element = "pickup_escalation"
    settle(stopped.id, "skip")

    with transaction() as db:
        done = dict(db.execute(select(Step.element, Step.outcome)).all())
        assert (done["pickup_late"], done["pickup_escalation"]) == ("fired", "skipped")
        assert db.scalars(select(Timer)).all() == []
        assert db.scalars(select(UserTask.element)).all() == ["contact_pickup"]
    assert open_ones() == []
    assert len(lines(stopped.business_key, "incident.skipped")) == 1


def test_skipping_what_does_not_help_is_refused_in_words_and_changes_nothing(office, stopped):
    with transaction() as db:
        db.get_one(Incident, stopped.id).element = "pickup_late"
    with pytest.raises(WrongOrder, match="quello che viene dopo"):
        settle(stopped.id, "skip")

    assert [one.id for one in open_ones()] == [stopped.id]
    with transaction() as db:
        assert db.scalars(select(Timer.attempts)).all() == [3]


def test_resolving_takes_it_off_and_leaves_the_step_given_up(office, stopped):
    settle(stopped.id, "resolve")

    assert open_ones() == []
    assert schedule.fire_timers().fired == 0
    with transaction() as db:
        line = next(line for line in log.lines(db, limit=50) if line.verb == "incident.resolved")
        assert reasons.words(db, str(line.reason)) == WHY
        assert WHY not in line.body
        assert [told.kind for told in notices.latest(db, office.user_id("paola"))].count("incident") == 1


def test_of_two_who_act_the_second_is_told_who_was_faster(office, stopped):
    office.time.at("2026-08-12 10:32")
    settle(stopped.id, "retry", by=office.user_id("paola"))

    for way in incidents.WAYS:
        with pytest.raises(Settled, match="già stata chiusa da Paola Prova alle 10:32:") as refusal:
            settle(stopped.id, way)
        assert refusal.value.status == 409


def test_a_way_needs_a_reason_and_a_known_name(office, stopped):
    for way, reason, field in (("retry", "", "reason"), ("resolve", "boh", "reason"), ("delete", WHY, "way")):
        with pytest.raises(InvalidForm) as refusal:
            settle(stopped.id, way, reason=reason)
        assert list(refusal.value.errors) == [field]
    with pytest.raises(NotYours):
        settle("0" * 32, "retry")

    assert ways(stopped.id) == incidents.WAYS


def test_a_parked_timer_that_went_away_can_only_be_resolved(office, stopped):
    office.do("dario", stopped.business_key, "contact_pickup", pickup_at="2026-08-11T02:40", pickup_outcome="contact_only")

    assert ways(stopped.id) == ("resolve",)
    with pytest.raises(WrongOrder, match="niente da riprovare"):
        settle(stopped.id, "retry")


def test_what_was_resolved_but_waits_for_nothing_comes_back(office, stopped):
    """An instance whose only wait was given up is stuck, though a row of the timer is still there."""
    settle(stopped.id, "resolve")
    with transaction() as db:
        db.execute(delete(UserTask))
        db.execute(delete(Subscription))
    schedule.tidy()

    [again] = open_ones()
    assert again.words == parked.STUCK
    assert ways(again.id) == ("resolve",)


def test_a_person_who_meets_a_fault_needs_not_report_it(office, monkeypatch):
    code = office.call()
    with transaction() as db:
        instance = db.scalars(select(Instance)).one()
    from engine.game.env import Fault

    fault = ModelFault(instance.id, Fault("contact_pickup", "manca «%(what)s»", what="province"))
    for _ in range(2):
        with transaction() as db:
            incidents.report(db, fault)

    [incident] = open_ones()
    assert (incident.business_key, incident.element, incident.words) == (code, "contact_pickup", "manca «province»")
    with transaction() as db:
        assert [told.kind for told in notices.latest(db, office.user_id("paola"))].count("incident") == 1
        assert incidents.report(db, ModelFault("0" * 32, Fault("x", "y"))) is None


def test_the_coordinator_sees_the_place_in_words_and_no_way_into_the_case(office, stopped):
    with transaction() as db:
        [found] = incidents.list_open(db, office.actor_in(db, "paola"))
        assert (found.model.name, found.open_to_reader) == ("Contatto e filtro", False)
        assert incidents.find(db, office.actor_in(db, "dario"), stopped.id).open_to_reader
        assert incidents.list_settled(db, office.actor_in(db, "paola")) == []
    settle(stopped.id, "resolve")
    with transaction() as db:
        assert [one.incident.id for one in incidents.list_settled(db, office.actor_in(db, "paola"))] == [stopped.id]


# The detector


def at_rest(office: Office) -> str:
    """An open case whose pathways are over."""
    code = office.sheltered()
    with transaction() as db:
        for instance, _ in instances.open_instances(db, code):
            instances.cancel(db, instance.id, "test", by="cli")
    return code


def test_an_open_case_that_nothing_carries_on_is_found_once(office):
    code = at_rest(office)
    schedule.tidy()
    assert open_ones() == []
    office.time.forward(minutes=11)
    schedule.tidy()
    schedule.tidy()

    [incident] = open_ones()
    assert (incident.business_key, incident.words) == (code, incidents.NO_PATHWAY)
    settle(incident.id, "resolve")
    office.time.forward(hours=2)
    schedule.tidy()
    assert open_ones() == []


def test_a_case_with_an_added_step_or_closed_is_not_at_rest(office):
    waiting, closed = at_rest(office), at_rest_too(office)
    typed = {"what": "richiama", "group": "case_manager", "due_on": "2026-08-12", "reason": WHY}
    with transaction() as db:
        elena = office.actor_in(db, "elena")
        steps.add(db, elena, waiting, Paper(typed))
        steps.close(db, elena, closed, Paper({"outcome": "altro_servizio", "reason": WHY}))
    office.time.forward(days=1)
    schedule.tidy()

    assert open_ones() == []


def at_rest_too(office: Office) -> str:
    code = office.case(at="2026-08-11T02:12")
    with transaction() as db:
        for instance, _ in instances.open_instances(db, code):
            instances.cancel(db, instance.id, "test", by="cli")
    return code


def test_when_the_added_step_is_done_the_case_is_found_again(office):
    code = at_rest(office)
    office.time.forward(minutes=11)
    schedule.tidy()
    [incident] = open_ones()
    settle(incident.id, "resolve")
    typed = {"what": "richiama", "group": "case_manager", "due_on": "2026-08-12", "reason": WHY}
    with transaction() as db:
        steps.add(db, office.actor_in(db, "elena"), code, Paper(typed))
    office.do("fabio", code, "extra_task")
    office.time.forward(minutes=11)
    schedule.tidy()

    assert [one.words for one in open_ones()] == [incidents.NO_PATHWAY]


def test_every_way_on_is_told_in_the_timeline(office, stopped, monkeypatch):
    monkeypatch.undo()
    settle(stopped.id, "retry", by=office.user_id("paola"))
    with transaction() as db:
        told = [event.what for event in timeline.of(db, office.actor_in(db, "dario"), stopped.business_key)]

    assert "Il percorso si è fermato: avvisato il coordinamento" in told
    assert "Il coordinamento fa riprovare il percorso, con motivo" in told


def test_a_damaged_state_is_retried_and_parked_again_but_never_executed(office):
    code = office.call()
    with transaction() as db:
        db.execute(update(Instance).where(Instance.business_key == code).values(state=b"\x00"))
    for _ in range(3):
        office.time.forward(hours=3)
        schedule.fire_timers()
    [incident] = open_ones()
    assert "danneggiato" in incident.words
    with transaction() as db:
        assert inbox.counts(db, office.actor_in(db, "dario"))[0] == 1
