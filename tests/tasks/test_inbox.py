from threading import Barrier, Thread

import pytest
from sqlalchemy import event, func, select

from benchmarks import models
from cases import casefile, sheets
from cases.casefile import Case
from core import clock, log, users
from core.db import transaction
from core.errors import AlreadyDone, InvalidForm, NotYours, Refused
from engine import instances, registry
from engine.tables import UserTask
from tasks import drafts, inbox, today
from tasks.forms import Paper
from tests.tasks.conftest import MILAN

PICKUP = {"pickup_at": "2026-08-11T02:40", "pickup_outcome": "case"}


def complete(office, login, task_id, **typed):
    actor = office.actor(login)
    with transaction() as db:
        return inbox.complete(db, actor, task_id, Paper(typed))


def refusal_of(office, login, task_id, **typed) -> Refused:
    with pytest.raises(Refused) as refusal:
        complete(office, login, task_id, **typed)
    return refusal.value


def test_a_call_in_danger_waits_at_the_desk_of_the_territory_and_nowhere_else(office):
    office.call()

    assert office.waiting("dario") == ["contact_pickup"]
    for other in ("anna", "elena", "oscar", "marta", "carla"):
        assert office.waiting(other) == []


def test_completing_a_task_files_the_sheet_sealed_and_moves_the_pathway_on(office):
    code = office.sheltered()
    office.do("elena", code, "risk_assessment", risk_on="2026-08-11", risk_occasion="ingresso", risk_level="medio",
              safety_plan="Cambiare numero", health="Ha la febbre")  # fmt: skip

    with transaction() as db:
        [sheet] = sheets.list_(db, code, "risk_assessment")
        assert sheet.public["risk_level"] == "medio"
        assert "Cambiare" not in str(sheet.public)
        opened = sheets.unseal(db, [sheet], {"P3", "P4"})[sheet.id]
        assert opened == {"P4": {"safety_plan": "Cambiare numero"}, "P3": {"health": "Ha la febbre"}}
        assert db.get_one(Case, code).risk == "medio"


def test_wrong_answers_change_nothing(office):
    task = office.task(office.call(), "contact_pickup")

    refusal = refusal_of(office, "dario", task.id, pickup_at="ieri")

    assert isinstance(refusal, InvalidForm)
    assert set(refusal.errors) == {"pickup_at", "pickup_outcome"}
    assert office.waiting("dario") == ["contact_pickup"]


def test_what_the_register_refuses_stands_beside_the_field_in_the_language_of_the_reader(office):
    task, actor = office.task(office.call(), "contact_pickup"), office.actor("dario")

    typed = Paper(PICKUP | {"pickup_at": "2026-08-11T01:00"})
    with pytest.raises(InvalidForm) as refusal, transaction() as db:
        inbox.complete(db, actor, task.id, typed, translate=lambda words: f"en:{words}")

    assert refusal.value.errors == {"pickup_at": ["en:L'ora della presa in carico sta tra il contatto e adesso."]}


def test_a_second_click_learns_who_did_it_and_when(office):
    task = office.task(office.call(), "contact_pickup")
    complete(office, "dario", task.id, **PICKUP)
    office.time.at("2026-08-11 10:00")

    refusal = refusal_of(office, "dario", task.id, **PICKUP)

    assert isinstance(refusal, AlreadyDone)
    assert str(refusal) == "Già completata da Dario Prova alle 02:45."


def test_on_a_later_day_the_date_is_said_too(office):
    task = office.task(office.call(), "contact_pickup")
    complete(office, "dario", task.id, **PICKUP)
    office.time.at("2026-08-13 10:00")

    assert refusal_of(office, "dario", task.id, **PICKUP).params["when"] == "02:45 (11/08/2026)"


@pytest.mark.parametrize("login", ["oscar", "marta", "paola"])
def test_to_a_stranger_a_task_and_a_done_task_and_no_task_are_the_same(office, login):
    task = office.task(office.call(), "contact_pickup")
    open_ = refusal_of(office, login, task.id, **PICKUP)
    complete(office, "dario", task.id, **PICKUP)
    done, never = refusal_of(office, login, task.id, **PICKUP), refusal_of(office, login, "0" * 32, **PICKUP)

    assert [type(found) for found in (open_, done, never)] == [NotYours] * 3
    assert str(open_) == str(done) == str(never)


def test_of_eight_people_who_complete_the_same_task_at_once_one_wins(office):
    task, actor = office.task(office.call(), "contact_pickup"), office.actor("dario")
    start = Barrier(8)
    results: list[str] = []

    def go():
        start.wait()
        try:
            with transaction() as db:
                inbox.complete(db, actor, task.id, Paper(PICKUP))
            results.append("done")
        except AlreadyDone as refusal:
            results.append(str(refusal.params["who"]))

    threads = [Thread(target=go) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(results) == ["Dario Prova"] * 7 + ["done"]
    with transaction() as db:
        assert db.scalar(select(func.count()).select_from(Case)) == 1
        assert log.verify(db) == []


def test_tasks_are_listed_by_due_date(office):
    first, second = office.sheltered(), office.call()
    office.time.at("2026-08-11 03:00")

    with transaction() as db:
        found = inbox.waiting_for(db, office.actor_in(db, "elena"))
    due = [waiting.task.due_at for waiting in found if waiting.task.due_at]
    assert len(due) == 2
    assert due == sorted(due)
    assert {waiting.task.business_key for waiting in found} == {first}
    assert second not in {waiting.task.business_key for waiting in found}


def test_the_counts_of_the_inbox_tell_late_from_today(office):
    office.sheltered()
    actor = office.actor("elena")
    with transaction() as db:
        assert inbox.counts(db, actor) == (2, 0, 0)
    office.time.at("2026-08-12 01:00")
    with transaction() as db:
        assert inbox.counts(db, actor) == (2, 1, 0)
    office.time.at("2026-08-13 04:00")
    with transaction() as db:
        assert inbox.counts(db, actor) == (2, 0, 1)


def test_the_whole_inbox_is_one_statement(office, database):
    office.sheltered()
    actor, seen = office.actor("elena"), []
    event.listen(database, "before_cursor_execute", lambda *args: seen.append(args[2]))

    with transaction() as db:
        assert len(inbox.waiting_for(db, actor)) == 2

    assert len([statement for statement in seen if statement.lstrip().lower().startswith("select")]) == 1


def test_completing_a_task_is_twelve_statements_and_one_commit(office, database):
    code = office.case()
    seen: list[str] = []
    commits: list[object] = []
    with transaction() as db:
        registry.publish(db, models.loop(timer=False), by="u_coord")
        instances.start(db, "benchmark", code, MILAN, {}, stream=f"case:{code}", by="u_coord")
    typed = {"approval_on": "2026-08-11", "approval_outcome": "confirmed"}
    complete(office, "elena", office.task(code, "step").id, **typed)  # names her in the case
    task, actor = office.task(code, "step"), office.actor("elena")
    event.listen(database, "before_cursor_execute", lambda *args: seen.append(args[2]))
    event.listen(database, "commit", commits.append)

    with transaction() as db:
        inbox.complete(db, actor, task.id, Paper(typed))

    assert len([statement for statement in seen if "begin" not in statement]) <= 12, seen
    assert len(commits) == 1
    with transaction() as db:
        assert [sheet.version for sheet in sheets.list_(db, code, "risk_approval")] == [2, 1]


# Taking and giving


def claim(office, login, task_id):
    actor = office.actor(login)
    with transaction() as db:
        return inbox.claim(db, actor, task_id)


def test_a_claimed_task_is_in_one_persons_hands(office):
    task = office.task(office.sheltered(), "risk_assessment")
    claim(office, "elena", task.id)
    claim(office, "elena", task.id)

    assert "risk_assessment" in office.waiting("elena", "mine")
    assert "risk_assessment" not in office.waiting("fabio", "group")
    with pytest.raises(inbox.Taken) as refusal:
        claim(office, "fabio", task.id)
    assert "Elena Prova" in str(refusal.value)
    assert isinstance(refusal_of(office, "fabio", task.id), inbox.Taken)


def test_a_released_task_is_everybodys_again(office):
    task, actor = office.task(office.sheltered(), "risk_assessment"), office.actor("elena")
    claim(office, "elena", task.id)
    with transaction() as db:
        inbox.release(db, actor, task.id)

    assert "risk_assessment" in office.waiting("fabio", "group")


def test_only_a_supervisor_takes_a_task_out_of_somebodys_hands(office):
    task = office.task(office.sheltered(), "risk_assessment")
    claim(office, "elena", task.id)
    fabio, giulia = office.actor("fabio"), office.actor("giulia")

    with pytest.raises(NotYours), transaction() as db:
        inbox.delegate(db, fabio, task.id, fabio.user_id)
    with transaction() as db:
        inbox.delegate(db, giulia, task.id, fabio.user_id)

    assert "risk_assessment" in office.waiting("fabio", "mine")


def test_a_task_is_given_to_people_of_its_group_only(office):
    task = office.task(office.sheltered(), "risk_assessment")
    giulia = office.actor("giulia")

    for stranger in [office.user(login).id for login in ("oscar", "dario", "marta", "paola")]:
        with pytest.raises(InvalidForm), transaction() as db:
            inbox.delegate(db, giulia, task.id, stranger)


def test_whoever_stands_in_for_an_absent_colleague_sees_and_does_the_colleagues_tasks(office):
    task = office.task(office.sheltered(), "risk_assessment")
    claim(office, "elena", task.id)
    elena, fabio = office.user("elena"), office.user("fabio")
    with transaction() as db:
        day = office.time.at("2026-08-11 09:00").date()
        users.add_absence(db, elena, fabio, day, day, by="cli")

    assert "risk_assessment" in office.waiting("fabio", "mine")
    complete(office, "fabio", task.id, risk_on="2026-08-11", risk_occasion="ingresso", risk_level="basso")
    office.time.forward(days=1)
    assert office.waiting("fabio", "mine") == []


def test_a_masked_case_stays_with_those_who_work_on_it_and_their_supervisor(office):
    code = office.sheltered()
    office.do("elena", code, "risk_assessment", risk_on="2026-08-11", risk_occasion="ingresso", risk_level="alto")

    assert "risk_review" in office.waiting("elena")
    assert "risk_approval" in office.waiting("giulia")
    assert office.waiting("fabio") == []


def test_a_supervisor_lets_one_more_colleague_into_a_masked_case_by_giving_a_task(office):
    code = office.sheltered()
    office.do("elena", code, "risk_assessment", risk_on="2026-08-11", risk_occasion="ingresso", risk_level="alto")
    task, giulia, fabio = office.task(code, "risk_review"), office.actor("giulia"), office.actor("fabio")
    with transaction() as db:
        inbox.delegate(db, giulia, task.id, fabio.user_id)

    assert "risk_review" in office.waiting("fabio", "mine")
    with transaction() as db:
        assert fabio.user_id in casefile.workers(db, code)


def test_a_masked_case_whose_deputy_works_on_other_cases_only_is_left_to_the_supervisor(office):
    masked, other = office.sheltered(), office.sheltered()
    office.do("fabio", other, "risk_assessment", risk_on="2026-08-11", risk_occasion="ingresso", risk_level="basso")
    office.do("elena", masked, "risk_assessment", risk_on="2026-08-11", risk_occasion="ingresso", risk_level="alto")
    task, giulia = office.task(masked, "risk_review"), office.actor("giulia")
    claim(office, "elena", task.id)
    elena, fabio = office.user("elena"), office.user("fabio")
    with transaction() as db:
        users.add_absence(db, elena, fabio, clock.today(), clock.today(), by="cli")

    with transaction() as db:
        seen = {line.task.id: line.why for line in today.listed(db, giulia, "today", today.Filters())}
    assert seen.get(task.id) == "away"


# Drafts


def test_a_draft_is_there_again_byte_for_byte_and_sealed_in_the_database(office, database):
    code = office.sheltered()
    task, actor = office.task(code, "risk_assessment"), office.actor("elena")
    typed = {"safety_plan": "Chiamare la zia Fiorenza", "threats": ["debito"], "risk_level": ""}
    with transaction() as db:
        inbox.save_draft(db, actor, task.id, Paper(typed))
    with transaction() as db:
        opened = inbox.open_(db, actor, task.id)
        kept = db.scalars(select(drafts.FormDraft)).one()

    assert (opened.values["safety_plan"], opened.values["threats"]) == (typed["safety_plan"], typed["threats"])
    assert b"Fiorenza" not in kept.sealed


def test_a_draft_is_its_writers_own_and_goes_when_the_task_is_done(office):
    code = office.sheltered()
    task, elena, fabio = office.task(code, "risk_assessment"), office.actor("elena"), office.actor("fabio")
    with transaction() as db:
        inbox.save_draft(db, elena, task.id, Paper({"safety_plan": "x"}))
    with transaction() as db:
        assert inbox.open_(db, fabio, task.id).values["safety_plan"] == ""

    complete(office, "elena", task.id, risk_on="2026-08-11", risk_occasion="ingresso", risk_level="basso")
    with transaction() as db:
        assert db.scalar(select(func.count()).select_from(drafts.FormDraft)) == 0


def test_a_draft_that_nobody_touches_for_a_month_is_forgotten(office):
    task, elena = office.task(office.sheltered(), "risk_assessment"), office.actor("elena")
    with transaction() as db:
        inbox.save_draft(db, elena, task.id, Paper({"safety_plan": "x"}))
    office.time.forward(days=31)

    with transaction() as db:
        assert drafts.sweep(db) == 1
        assert drafts.load(db, f"task:{task.id}", elena.user_id) is None


def test_completing_a_task_costs_few_statements_and_one_commit(office, database):
    task, elena = office.task(office.sheltered(), "risk_assessment"), office.actor("elena")
    statements, commits = [], []
    event.listen(database, "before_cursor_execute", lambda *args: statements.append(args[2]))
    event.listen(database, "commit", lambda connection: commits.append(1))

    with transaction() as db:
        typed = {"risk_on": "2026-08-11", "risk_occasion": "ingresso", "risk_level": "basso", "safety_plan": "x"}
        inbox.complete(db, elena, task.id, Paper(typed))

    assert len(commits) == 1
    assert len(statements) <= 21, "\n".join(statements)


def test_tasks_of_the_case_are_shown_on_its_page_to_all_who_see_the_case(office):
    code = office.sheltered()
    with transaction() as db:
        found = inbox.of_subject(db, office.actor_in(db, "giulia"), code)
        strange = inbox.of_subject(db, office.actor_in(db, "oscar"), code)

    assert {waiting.task.element for waiting in found} == {"risk_assessment", "information_duty"}
    assert strange == []
    with transaction() as db:
        assert db.scalar(select(func.count()).select_from(UserTask)) == 2
