"""Out of the ordinary at the desk: a step skipped or added, a case closed early or reopened; each with a reason."""

from datetime import date

import pytest
from sqlalchemy import select

from cases import codes, deadlines, retention, sheets, shelters
from cases.casefile import Case
from core import clock, log
from core.db import transaction
from core.errors import AlreadyDone, InvalidForm, NotYours, WrongOrder
from core.log import Line
from engine import instances
from engine.tables import Instance, Step, UserTask
from tasks import digest as digests
from tasks import inbox, pathways, steps, timeline
from tasks.forms import Paper
from tests.tasks.conftest import Office

WHY = "Parola-spia: lo ha chiesto lei al telefono"
ADDED = {"what": "accompagna", "group": "case_manager", "due_on": "2026-08-12", "note": "Parola-spia dopo", "reason": WHY}


def act(office: Office, login: str, verb, code: str, **typed):
    with transaction() as db:
        return verb(db, office.actor_in(db, login), code, Paper(typed))


def skip(office: Office, login: str, code: str, element: str, **typed):
    return act(office, login, steps.skip, office.task(code, element).id, **{"reason": WHY} | typed)


def told(office: Office, login: str, code: str) -> list[str]:
    with transaction() as db:
        return [event.what for event in timeline.of(db, office.actor_in(db, login), code, limit=100)]


def lines(code: str, verb: str) -> list[Line]:
    with transaction() as db:
        return [line for line in log.lines(db, case=code, limit=200) if line.verb == verb]


# Skipping


def test_a_skipped_step_leaves_its_facts_unknown_and_the_pathway_goes_on(office):
    code = office.sheltered()
    skip(office, "giulia", code, "risk_assessment")

    with transaction() as db:
        case, running = db.get_one(Case, code), instances.open_instances(db, code)
        assert (case.risk, case.masked) == (None, False)
        assert [instances.process_facts(instance)["risk_level"] for instance, _ in running] == [None]
        assert db.scalars(select(Step.outcome).where(Step.element == "risk_assessment")).all() == ["skipped"]
    assert office.waiting("elena") == ["information_duty"]
    assert "Saltato con motivo: Valuta il rischio" in told(office, "elena", code)


def test_what_was_answered_before_does_not_count_for_a_skipped_step(office):
    code = office.sheltered()
    answered = {"risk_on": "2026-08-11", "risk_occasion": "ingresso", "risk_level": "alto"}
    office.do("elena", code, "risk_assessment", **answered)
    before = len(lines(code, "risk.assessed"))
    skip(office, "giulia", code, "risk_review")

    assert len(lines(code, "risk.assessed")) == before
    with transaction() as db:
        assert db.get_one(Case, code).risk == "alto"


@pytest.mark.parametrize("element", ["risk_assessment", "information_duty"])
def test_every_step_of_the_first_days_can_be_skipped(office, element):
    code = office.sheltered()
    skip(office, "giulia", code, element)

    with transaction() as db:
        assert element not in db.scalars(select(UserTask.element).where(UserTask.business_key == code)).all()


def test_skipping_the_communication_tells_nobody(office):
    code = office.sheltered()
    for element in ("information_duty", "indicators", "questore_communication"):
        skip(office, "giulia", code, element)

    with transaction() as db:
        waiting = db.scalars(select(UserTask.element).where(UserTask.business_key == code)).all()
        assert sorted(waiting) == ["interview_plan", "risk_assessment"]
        assert db.get_one(Case, code).victim_status is None
    assert not {"communication.recorded", "consent.given", "consent.refused", "information.given"} & {
        line.verb for line in lines_of(code)
    }


def lines_of(code: str) -> list[Line]:
    with transaction() as db:
        return log.lines(db, case=code, limit=500)


def test_a_skip_needs_a_reason_and_without_one_nothing_happens(office):
    code = office.sheltered()
    for reason in ("", "   ", "breve"):
        with pytest.raises(InvalidForm) as refusal:
            skip(office, "giulia", code, "risk_assessment", reason=reason)
        assert list(refusal.value.errors) == ["reason"]

    assert office.task(code, "risk_assessment")
    assert lines(code, "task.skipped") == []


@pytest.mark.parametrize("login", ["elena", "dario", "oscar", "paola", "anna"])
def test_only_the_supervision_of_the_post_skips(office, login):
    code = office.sheltered()
    with pytest.raises(NotYours):
        skip(office, login, code, "risk_assessment")


def test_who_skips_second_is_told_by_whom_and_when(office):
    code = office.sheltered()
    task = office.task(code, "risk_assessment").id
    act(office, "giulia", steps.skip, task, reason=WHY)

    with pytest.raises(AlreadyDone, match=r"È stata saltata, con un motivo, da Giulia Prova alle 02:45"):
        act(office, "giulia", steps.skip, task, reason=WHY)
    with pytest.raises(AlreadyDone, match="saltata"), transaction() as db:
        inbox.complete(db, office.actor_in(db, "elena"), task, Paper({}))
    assert len(lines(code, "task.skipped")) == 1


def test_a_step_is_not_skipped_when_what_follows_needs_it(office, monkeypatch):
    from engine import services

    def needs(call: services.Call) -> None:
        call.facts["never_there"]

    code = office.sheltered()
    monkeypatch.setitem(services._services, "risk_record", needs)
    with pytest.raises(WrongOrder, match="quello che viene dopo ha bisogno delle sue risposte"):
        skip(office, "giulia", code, "risk_assessment")

    assert office.task(code, "risk_assessment")


def test_the_reason_is_read_by_who_may_and_stands_in_no_log(office, database):
    code = office.sheltered()
    skip(office, "giulia", code, "risk_assessment")
    act(office, "elena", steps.add, code, **ADDED)

    [line] = lines(code, "task.skipped")
    with transaction() as db:
        sheet = next(filed for filed in sheets.list_(db, code) if filed.id == line.reason)
        assert sheets.unseal(db, [sheet], {"P4"})[sheet.id]["P4"]["reason"] == WHY
    with database.connect() as connection:
        for table in ("instance", "step", "user_task", "log_line", "sheet", "message"):
            assert "parola-spia" not in str(connection.exec_driver_sql(f"select * from {table}").fetchall()).lower()


# Adding


def test_an_added_step_waits_in_the_inbox_of_its_group_with_its_words_and_date(office):
    code = office.sheltered()
    task = act(office, "elena", steps.add, code, **ADDED)

    assert (task.name, task.group, task.tenant, task.phase) == ("Accompagna la persona", "case_manager", "lombardia-1", "P4")
    assert str(task.due_at) == "2026-08-12 23:59:00+02:00"
    assert office.waiting("fabio").count("extra_task") == 1
    assert "Passo aggiunto a mano, con motivo: Accompagna la persona" in told(office, "elena", code)


def test_an_added_step_is_counted_among_what_is_due_today(office):
    code = office.sheltered()
    with transaction() as db:
        before = inbox.counts(db, office.actor_in(db, "fabio"))
    act(office, "elena", steps.add, code, **ADDED | {"due_on": "2026-08-11"})

    with transaction() as db:
        fabio = office.user_in(db, "fabio")
        open_, today, late = inbox.counts(db, office.actor_in(db, "fabio"))
        assert (open_, today, late) == (before[0] + 1, before[1] + 1, before[2])
        digest = digests.facts(db, fabio, clock.today())
        assert digest is not None
        assert digest["open"] == open_


def test_an_added_step_is_done_with_or_without_a_note_and_told(office):
    code = office.sheltered()
    for note in ("", "È andata bene."):
        act(office, "elena", steps.add, code, **ADDED)
        office.do("fabio", code, "extra_task", notes=note)

    assert told(office, "elena", code).count("Fatto: Accompagna la persona") == 2
    with transaction() as db:
        ended = select(Instance.status).where(Instance.business_key == code)
        assert sorted(db.scalars(ended)) == ["ended", "ended", "open"]


def test_the_note_is_read_by_who_does_the_step_and_the_reading_is_written_down(office):
    code = office.sheltered()
    task = act(office, "elena", steps.add, code, **ADDED)
    before = len(lines(code, "sheet.viewed"))
    with transaction() as db:
        assert steps.note_of(db, office.actor_in(db, "fabio"), task) == "Parola-spia dopo"

    assert len(lines(code, "sheet.viewed")) == before + 1
    with transaction() as db:
        other = db.scalars(select(UserTask).where(UserTask.element == "risk_assessment")).one()
        assert steps.note_of(db, office.actor_in(db, "elena"), other) == ""


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"what": ""}, "what"),
        ({"what": "Blessing ha telefonato"}, "what"),
        ({"group": "coordinator"}, "group"),
        ({"group": "legal_officer"}, "group"),  # nobody of this group works in the post
        ({"group": "cultural_mediator"}, "group"),
        ({"due_on": "2026-08-10"}, "due_on"),
        ({"due_on": ""}, "due_on"),
        ({"reason": "perché sì"}, "reason"),
    ],
)
def test_a_step_that_nobody_could_do_is_refused_beside_its_field(office, wrong, field):
    code = office.sheltered()
    with pytest.raises(InvalidForm) as refusal:
        act(office, "elena", steps.add, code, **ADDED | wrong)

    assert list(refusal.value.errors) == [field]
    assert lines(code, "task.added") == []


def test_a_step_for_the_house_reaches_the_house_of_the_stay(office):
    code = office.sheltered()
    act(office, "elena", steps.add, code, **ADDED | {"group": "shelter_worker"})
    assert office.waiting("marta") == ["extra_task"]

    homeless = office.case(at="2026-08-11T02:12")
    with pytest.raises(InvalidForm):
        act(office, "elena", steps.add, homeless, **ADDED | {"group": "shelter_worker"})


@pytest.mark.parametrize("login", ["dario", "oscar", "paola", "anna", "marta"])
def test_only_who_has_the_case_in_hand_adds_steps(office, login):
    code = office.sheltered()
    with pytest.raises(NotYours):
        act(office, login, steps.add, code, **ADDED)


# Closing and reopening


CLOSING = {"outcome": "altro_servizio", "leaves_shelter": "true", "reason": WHY}


def test_closing_early_ends_the_added_steps_too(office):
    code = office.sheltered()
    act(office, "elena", steps.add, code, **ADDED)
    act(office, "elena", steps.close, code, **CLOSING)

    with transaction() as db:
        case = db.get_one(Case, code)
        assert (case.status, case.outcome) == ("closed", "altro_servizio")
        assert db.scalars(select(UserTask).where(UserTask.business_key == code)).all() == []
        assert shelters.current(db, code) is None
    assert len(lines(code, "case.closed")) == 1


def test_who_stays_in_the_house_keeps_the_bed_of_a_closed_case(office):
    code = office.sheltered()
    act(office, "elena", steps.close, code, **CLOSING | {"leaves_shelter": ""})

    with transaction() as db:
        assert shelters.current(db, code) is not None


def test_a_closed_case_is_refused_in_words(office):
    code = office.sheltered()
    act(office, "elena", steps.close, code, **CLOSING)

    for verb, typed in ((steps.close, CLOSING), (steps.add, ADDED)):
        with pytest.raises(WrongOrder, match="Il caso è chiuso: per lavorarci va prima riaperto"):
            act(office, "elena", verb, code, **typed)


def test_a_reopened_case_has_its_dates_back_and_somebody_who_decides(office):
    code = office.sheltered()
    act(office, "elena", steps.close, code, **CLOSING)
    office.time.at("2026-08-14 10:00")  # a Friday before the long weekend of mid-August
    act(office, "elena", steps.reopen, code, go_on="by_hand", reason=WHY)

    with transaction() as db:
        case = db.get_one(Case, code)
        assert (case.status, case.outcome, case.closed_at) == ("open", None, None)
        dates = {found.term_id: found for found in deadlines.of_case(db, code, only_open=True)}
        assert dates["T06"].due_on == date(2026, 11, 11)
        assert deadlines.reminders_of(db, dates["T06"].id)
        [task] = db.scalars(select(UserTask).where(UserTask.business_key == code))
        assert (task.name, task.group) == (codes.label("passo_aggiunto", codes.RESUME), "case_manager")
        assert str(task.due_at) == "2026-08-17 21:59:00+00:00"
    assert "Caso riaperto, con motivo" in told(office, "elena", code)


def test_a_reopened_case_is_not_erased_when_the_closed_one_would_have_been(office):
    code = office.sheltered()
    act(office, "elena", steps.close, code, **CLOSING)
    running = retention_of(code)
    act(office, "elena", steps.reopen, code, go_on="by_hand", reason=WHY)

    assert running
    assert retention_of(code) == []


def retention_of(code: str) -> list[str]:
    with transaction() as db:
        return [found.rule for found in retention.due(db, date(2100, 1, 1)) if found.scope == f"case:{code}"]


def test_a_date_that_passed_while_the_case_was_closed_stays_dropped(office):
    code = office.sheltered()
    act(office, "elena", steps.close, code, **CLOSING)
    office.time.at("2026-12-01 10:00")
    act(office, "giulia", steps.reopen, code, go_on="by_hand", reason=WHY)

    with transaction() as db:
        states = {found.term_id: found.status for found in deadlines.of_case(db, code)}
    assert states == {"T06": "dropped", "T06p": "open"}
    assert "extra_task" in office.waiting("giulia")


def test_who_comes_back_may_be_protected_from_the_beginning(office):
    code = office.sheltered()
    act(office, "elena", steps.close, code, **CLOSING)
    act(office, "elena", steps.reopen, code, go_on="protection", reason=WHY)

    assert office.waiting("elena") == ["placement"]
    office.do("elena", code, "placement", placement_kind="struttura", shelter=office.house, placed_on="2026-08-11")
    assert set(office.waiting("elena")) == {"risk_assessment", "information_duty"}


def test_an_open_case_is_not_reopened(office):
    code = office.sheltered()
    with pytest.raises(WrongOrder, match="Il caso è già aperto"):
        act(office, "elena", steps.reopen, code, go_on="by_hand", reason=WHY)


@pytest.mark.parametrize("login", ["dario", "oscar", "paola", "marta"])
def test_only_who_has_the_case_in_hand_closes_or_reopens(office, login):
    code = office.sheltered()
    with pytest.raises(NotYours):
        act(office, login, steps.close, code, **CLOSING)
    act(office, "elena", steps.close, code, **CLOSING)
    with pytest.raises(NotYours):
        act(office, login, steps.reopen, code, go_on="by_hand", reason=WHY)


def test_the_person_may_say_no_when_only_an_added_step_waits(office):
    code = office.sheltered()
    with transaction() as db:
        for instance, _ in instances.open_instances(db, code):
            instances.cancel(db, instance.id, "test", by="cli")
    act(office, "elena", steps.add, code, **ADDED)
    act(office, "elena", pathways.decline_case, code, declined_on="2026-08-11", leaves_shelter="true")

    with transaction() as db:
        assert db.get_one(Case, code).outcome == "porta_aperta"
        assert db.scalars(select(UserTask).where(UserTask.business_key == code)).all() == []
        assert log.verify(db) == []
