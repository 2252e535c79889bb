"""Where people stand now: counted right, aged right, and nobody is found by subtracting."""

import re
from datetime import timedelta

import pytest

from core import clock
from core.db import transaction
from core.ids import new_id
from engine import history, registry
from engine.tables import Instance, Step
from tasks import histories, whereabouts

MILAN, TUSCANY = "lombardia-1", "toscana"


def stand(element, count, post=MILAN, days=1, due=None, ended=None, process="protection", called=""):
    """Let so many pathways of a post stand at a step, since so many days, due after so many more."""
    now = clock.now()
    with transaction() as db:
        model = registry.current(db, process)
        ran = registry.current(db, called or process)
        for _ in range(count):
            began = now - timedelta(days=days)
            key = new_id()
            db.add(Instance(
                id=key, definition_id=model.id, business_key=key, stream=f"case:{key}", tenant=post, status="open",
                state=b"", check="", started_at=began, ended_at=None,
            ))  # fmt: skip
            db.flush()
            db.add(Step(
                id=new_id(), instance_id=key, definition_id=ran.id, element=element, kind="userTask", name=element,
                via=None, started_at=began, by=None, outcome="done" if ended is not None else None,
                ended_at=began + timedelta(days=ended) if ended is not None else None,
                due_at=began + timedelta(days=due) if due is not None else None,
            ))  # fmt: skip


@pytest.fixture
def standing(office):
    """`stand`, in an office."""
    return stand


def found(process="protection"):
    with transaction() as db:
        seen = whereabouts.of(db, registry.current(db, process))
        return seen, {row.element: row for row in seen.rows}


def test_every_step_says_how_many_wait_since_when_and_how_many_are_late(standing):
    standing("placement", 6, days=4, due=9)
    standing("placement", 6, TUSCANY, days=2, due=1)
    standing("risk_assessment", 30, days=1)
    standing("risk_assessment", 30, TUSCANY, days=1)
    seen, rows = found()

    assert (seen.whole.total, rows["placement"].cell.total, rows["placement"].late.total) == (72, 12, 6)
    assert rows["placement"].waited == timedelta(days=3)
    assert (seen.level(rows["placement"]), seen.level(rows["risk_assessment"])) == (1, 3)
    assert "attestato" not in rows


def test_few_are_hidden_and_so_is_what_would_tell_them(standing):
    standing("placement", 2)
    standing("placement", 1, TUSCANY)
    for element in ("risk_assessment", "information_duty"):
        standing(element, 20)
        standing(element, 20, TUSCANY)
    seen, rows = found()

    assert seen.whole.shown
    assert not rows["placement"].cell.shown
    assert rows["placement"].waited is None
    assert sum(not row.cell.shown for row in seen.rows) >= 2


def test_where_people_wait_longer_than_usual_it_is_said(standing):
    for post in (MILAN, TUSCANY):
        standing("placement", 10, post, days=30, ended=2)
        standing("placement", 10, post, days=9)
        standing("risk_assessment", 10, post, days=30, ended=2)
        standing("risk_assessment", 10, post, days=2)
    _, rows = found()

    assert rows["placement"].usual == timedelta(days=2)
    assert (rows["placement"].slow, rows["risk_assessment"].slow) == (True, False)


def test_what_runs_inside_a_caller_stands_on_its_own_drawing(standing):
    for post in (MILAN, TUSCANY):
        standing("course_end_form", 8, post, process="integration", called="italian_course")

    assert found("integration")[1] == {}
    assert found("italian_course")[1]["course_end_form"].cell.total == 16


def test_a_step_that_the_newest_version_has_not_any_more_is_listed_by_its_name_and_not_drawn(standing):
    with transaction() as db:
        shipped = registry.current(db, "errands")
        was = registry.program(db, shipped.id).nodes["errands_form"].name
        renamed = re.sub(rb'(id="|Ref="|bpmnElement="|Ref>)errands_form\b', rb"\1errands_done", shipped.xml)
        registry.publish(db, renamed, by="cli")
    for element in ("errands_form", "gone_step"):
        standing(element, 8, process="errands")
        standing(element, 8, TUSCANY, process="errands")
    _, rows = found("errands")

    assert {element: (row.drawn, row.name) for element, row in rows.items()} == {
        "errands_form": (False, was), "gone_step": (False, "un passo senza nome"),
    }  # fmt: skip


def test_what_is_beyond_its_date_is_late_while_it_waits_and_after_it_is_done(office):
    code = office.case()
    with transaction() as db:
        instance = next(run.id for run in history.pathways(db, code))
        due = {step.element: step.due_at for step in history.steps(db, instance) if step.due_at}
    assert "placement" in due
    office.time.at("2026-09-20 10:00")
    with transaction() as db:
        run = history.instance(db, instance)
        assert {mark.element: mark.state for mark in history.marks(db, instance, run.definition_id)}["placement"] == "late"
        film = histories.frames(histories.passages(db, run), {}, "it")
        assert [frame["state"] for frame in film if frame["element"] == "placement"] == ["active", "late"]
    office.do("elena", code, "placement", placement_kind="struttura", shelter=office.house, placed_on="2026-09-20")
    with transaction() as db:
        run = history.instance(db, instance)
        film = histories.frames(histories.passages(db, run), {}, "it")
        assert [frame["state"] for frame in film if frame["element"] == "placement"] == ["active", "late", "donelate"]
