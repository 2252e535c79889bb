"""A draft on running instances: what would happen, what would get stuck; and nothing of it stays."""

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from core import log
from core.db import Base
from core.errors import InvalidForm, InvalidModel, NotYours
from engine import instances, migration, rehearsal
from engine.rehearsal import ENDED, GOES_ON, MAPPING, REFUSED, STOPPED, WAITS, Rehearsed
from engine.tables import Instance, UserTask
from tests.engine.draw import boundary, draw, receive, service, timer, user
from tests.engine.office import publish, transaction

pytestmark = pytest.mark.usefixtures("database", "time")


def begun(*pieces: str, **facts: Any) -> str:
    with transaction() as db:
        publish(db, *pieces)
        return instances.start(db, "p", "C-1", "torino", facts, by="u_anna").id


def rows(db: Session) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table."""
    return {
        table.name: sorted((tuple(row) for row in db.connection().execute(select(table))), key=repr)
        for table in Base.metadata.sorted_tables
    }


def rehearsed(instance: str, *pieces: str, **answers: Any) -> Rehearsed:
    """What would happen, after a look that everything is as it was."""
    with transaction() as db:
        before = rows(db)
    with transaction() as db:
        db.get(Instance, instance)
        (found,) = rehearsal.rehearse(db, draw(*pieces), [instance], lambda *_: answers)
    with transaction() as db:
        assert rows(db) == before
        assert log.verify(db) == []
    return found


def path(found: Rehearsed) -> list[str]:
    return [each.element for each in found.passed]


def test_a_case_that_comes_to_its_end_says_by_which_steps():
    found = rehearsed(begun("s>a>e"), "s>a>b>e", user("b", name="Nuovo passo"))

    assert (found.end, path(found)) == (ENDED, ["a", "b"])
    assert found.passed[-1].name == "Nuovo passo"


def test_nothing_stays_also_when_services_and_messages_had_their_part():
    found = rehearsed(begun("s>a>e", n=1), "s>a>k>e", service("k", service="test_note"))

    assert found.end == ENDED


def test_a_case_that_stops_says_where_and_why():
    found = rehearsed(begun("s>a>e"), "s>a>k>e", service("k", service="test_break"))

    assert (found.end, path(found)) == (STOPPED, ["a"])


def test_a_condition_that_nobody_answers_is_where_it_stops():
    found = rehearsed(begun("s>a>e"), "s>a>xor>b>e", "xor>c[way = 2]", "c>e1", way=2)

    assert path(found) == ["a", "c"]


def test_a_case_that_cannot_be_moved_is_refused():
    found = rehearsed(begun("s>a>e"), "s>x>e", receive("x", "m"))

    assert (found.end, path(found)) == (REFUSED, [])
    assert "è in corso" in found.sentence


def test_a_renamed_step_is_asked_for_and_with_the_answer_the_case_goes_on_also_from_versions_that_have_the_new_name():
    with transaction() as db:
        publish(db, "s>a>e", user("a", name="Colloquio"))
        old = instances.start(db, "p", "C-1", "torino", {}, by="u_anna").id
        publish(db, "s>a>b>e")
        both = instances.start(db, "p", "C-2", "torino", {}, by="u_anna").id
        before = rows(db)

        def asked(**mapping: str) -> list[Rehearsed]:
            return rehearsal.rehearse(db, draw("s>b>c>e"), [old, both], lambda *_: {}, mapping=mapping)

        for nothing in ({}, {"a": "nowhere"}, {"x": "b"}):
            found = asked(**nothing)
            assert [(each.end, path(each)) for each in found] == [(MAPPING, []), (MAPPING, [])]
            assert found[0].params == {"name": "Colloquio"}
            for each in found:
                (question,) = each.questions
                assert (question.node.id, [node.id for node in question.choices], question.chosen) == ("a", ["b", "c"], "")
        for place, passed in (("b", ["b", "c"]), ("c", ["c"])):
            found = asked(a=place)
            assert [(each.end, path(each)) for each in found] == [(ENDED, passed)] * 2
            assert {question.chosen for each in found for question in each.questions} == {place}
        assert rows(db) == before


def test_a_case_with_a_step_that_nothing_continues_is_refused_also_where_another_could_be_chosen():
    found = rehearsed(
        begun("s>and>a>and1>e", "and>x>and1", user("a", name="Colloquio"), receive("x", "m")),
        "s>and>b>and1>e", "and>c>and1",
    )  # fmt: skip

    assert (found.end, found.params) == (REFUSED, {"name": "x"})


@pytest.mark.parametrize("back", [False, True])
def test_a_case_that_waits_to_be_moved_elsewhere_or_back_is_rehearsed_on_the_draft_and_goes_on_waiting(back):
    case = begun("s>a>e")
    with transaction() as db:
        old, new = db.get_one(Instance, case).definition_id, publish(db, "s>a>c>e").id
        (move,) = migration.ask(db, old, new, {}, [case], by="u_coord")
        if back:
            migration.apply(db, move.id, by="clock")
            migration.ask_back(db, [move.id], by="u_coord")
        waits = move.id
    found = rehearsed(case, "s>a>b>e")

    assert (found.end, path(found), found.in_queue) == (ENDED, ["a", "b"], True)
    with transaction() as db:
        assert migration.waiting(db) == [waits]


def test_a_case_that_waits_for_a_message_says_for_which():
    found = rehearsed(begun("s>a>e"), "s>a>x>e", receive("x", "m"))

    assert (found.end, found.params) == (WAITS, {"name": "m"})


def test_a_timer_comes_after_the_tasks():
    found = rehearsed(
        begun("s>a>e"), "s>a>x>b>e", receive("x", "m"), boundary("t", "x", timer("P30D")), "t>late>e1"
    )

    assert (found.end, path(found)) == (ENDED, ["a", "t", "late"])


def test_a_loop_without_end_is_left():
    assert rehearsed(begun("s>a>e"), "s>xor>a>xor1>e", "xor1>xor[true]").end == GOES_ON


def test_what_comes_again_and_again_is_no_waiting_for_a_message():
    found = rehearsed(begun("s>a>e"), "s>a>and>x>e", "and>xor>b>xor1>e1", "xor1>xor[true]", receive("x", "m"))

    assert (found.end, path(found).count("b")) == (GOES_ON, 5)


def test_a_draft_that_cannot_be_published_cannot_be_rehearsed():
    instance = begun("s>a>e")
    with pytest.raises(InvalidModel), transaction() as db:
        rehearsal.rehearse(db, draw("s>a>xor>b>e", "xor>c[1 +]", "c>e1"), [instance], lambda *_: {})


def test_only_who_runs_on_the_process_can_be_rehearsed():
    begun("s>a>e")
    with transaction() as db:
        publish(db, "s>a>e", process="q")
        other = instances.start(db, "q", "C-2", "torino", {}, by="u_anna").id
    with pytest.raises(NotYours), transaction() as db:
        rehearsal.rehearse(db, draw("s>a>b>e"), [other], lambda *_: {})


def test_the_answers_are_asked_of_whoever_knows_the_form():
    asked: list[str] = []

    def answer(task: UserTask, *_: Any) -> dict[str, Any]:
        asked.append(task.form or "")
        return {}

    instance = begun("s>a>e")
    with transaction() as db:
        rehearsal.rehearse(db, draw("s>a>b>e", user("b", form="sheet")), [instance], answer)

    assert asked == ["", "sheet"]


@pytest.mark.parametrize(("times", "end", "sentence"), [(2, ENDED, ""), (9, STOPPED, "Troppo presto.")])
def test_what_a_service_refuses_is_answered_otherwise_and_said_where_nothing_helps(times, end, sentence):
    told: list[dict[str, list[str]]] = []

    def answer(task: UserTask, _: Any, wrong: Any) -> dict[str, Any]:
        told.append(dict(wrong))
        if len(told) <= times:
            raise InvalidForm({"day": ["Troppo presto."]})
        return {}

    instance = begun("s>a>e")
    with transaction() as db:
        (found,) = rehearsal.rehearse(db, draw("s>a>e"), [instance], answer)

    assert (found.end, found.sentence, path(found)) == (end, sentence, ["a"])
    assert told[:2] == [{}, {"day": ["Troppo presto."]}]
