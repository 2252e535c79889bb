"""The step added by hand, walked to its only end; a save after every step."""

from collections.abc import Callable
from datetime import datetime

from core import clock, db
from engine import directed, instances
from engine.directed import Wanted
from tests.models.walk import Walk, drawn

WANTED = Wanted("richiama", "Richiama la persona", "local_desk", "P4", datetime(2026, 8, 12, 23, 59, tzinfo=clock.ROME), "colleague")


def add(case: Walk) -> Walk:
    with db.transaction() as tx:
        directed.add(
            tx, "extra_step", case.key, "lombardia-1", WANTED, "0" * 32, {"sheet": "1" * 32},
            stream=f"case:{case.key}", by=case.actor.user_id,
        )  # fmt: skip
    return Walk(case.actor, case.key, "extra_step")


def test_it_waits_for_the_chosen_group_with_the_chosen_words_and_ends(open_case: Callable[[], Walk]) -> None:
    walk = add(open_case())
    task = walk.task("extra_task")

    assert (task.name, task.group, task.phase, task.due_source) == ("Richiama la persona", "local_desk", "P4", "colleague")
    assert walk.due("extra_task") == datetime(2026, 8, 12, 23, 59)
    assert walk.facts() == {"sheet": "1" * 32}
    walk.do("extra_task", notes="Fatto")
    assert (walk.ends(), walk.status) == (["end_step_done"], "ended")
    assert walk.been() == drawn("extra_step")


def test_what_was_chosen_outlives_what_happens_to_the_task(open_case: Callable[[], Walk]) -> None:
    walk = add(open_case())
    waiting = walk.task("extra_task").id
    with db.transaction() as tx:
        instances.assign(tx, waiting, walk.actor.user_id, by="cli")
        instances.hand_over(tx, walk.key, "lombardia-1", by="cli")

    task = walk.task("extra_task")
    assert (task.name, task.group, task.assignee) == ("Richiama la persona", "local_desk", None)
