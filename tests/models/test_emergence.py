"""The interviews, walked to every end: one leading worker, no question twice, and the right to stop."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from cases import consents, interviews
from core import clock, db
from core.errors import InvalidForm, WrongOrder
from tasks import pathways
from tests.conftest import Time
from tests.models.conftest import EVERYBODY
from tests.models.walk import Walk, drawn

Start = Callable[[], Walk]
COLLEAGUE = replace(EVERYBODY, user_id="u_rosa", name="Rosa")


@pytest.fixture
def start(open_case: Callable[[], Walk], time: Time) -> Start:
    """Interviews in a case, before a safe place is found."""

    def begin() -> Walk:
        code = open_case().key
        time.at("2026-08-24 11:00")
        with db.transaction() as tx:
            pathways.start(tx, EVERYBODY, code, "emergence")
        return Walk(EVERYBODY, code, "emergence")

    return begin


def agreed(walk: Walk) -> Walk:
    return walk.do("interview_plan", plan_outcome="interviews", stop_right_told=True)


def talk(walk: Walk, *themes: str, outcome: str = "continue", on: str = "2026-08-24", **given: object) -> Walk:
    return walk.do("interview", interview_on=on, interview_themes=list(themes), interview_outcome=outcome, **given)


def refused(walk: Walk, *themes: str, **given: object) -> set[str]:
    with pytest.raises(InvalidForm) as refusal:
        talk(walk, *themes, **given)  # type: ignore[arg-type]
    return set(refusal.value.errors)


def test_interviews_are_numbered_and_kept_with_their_themes(start: Start) -> None:
    walk = talk(agreed(start()), "fiducia", interview_minutes=50, interview_themes_done=["fiducia"])
    talk(walk, "viaggio", outcome="enough")

    with db.transaction() as tx:
        held = interviews.list_(tx, walk.key)
        assert [(each.number, each.minutes, each.themes) for each in held] == [
            (1, 50, ["fiducia"]),
            (2, None, ["viaggio"]),
        ]
        assert {each.operator for each in held} == {EVERYBODY.user_id}
    assert walk.facts()["interviews"] == 2
    assert walk.waiting()["evaluation"] == 1


def test_the_right_to_stop_is_told_before_anything_else(start: Start) -> None:
    with pytest.raises(InvalidForm) as refusal:
        start().do("interview_plan", plan_outcome="interviews")

    assert set(refusal.value.errors) == {"stop_right_told"}


def test_a_suspended_interview_is_taken_up_on_its_day(start: Start) -> None:
    walk = talk(agreed(start()), "fiducia", outcome="suspended", next_interview_on="2026-09-02")

    assert f"{walk.due('interview')}" == "2026-09-02 23:59:00"


def test_what_was_told_in_full_is_not_asked_again_unless_she_comes_back_to_it(start: Start) -> None:
    walk = talk(agreed(start()), "viaggio", interview_themes_done=["viaggio"])

    assert refused(walk, "viaggio") == {"interview_themes"}
    talk(walk, "viaggio", reopened_by_person=True)


def test_another_worker_needs_a_reason(start: Start) -> None:
    walk = talk(agreed(start()), "fiducia")
    walk.actor = COLLEAGUE

    assert refused(walk, "viaggio") == {"operator_change"}
    talk(walk, "viaggio", operator_change="scelta_persona")
    assert walk.waiting()["interview"] == 1


def test_the_order_of_days_is_kept(start: Start, time: Time) -> None:
    walk = talk(agreed(start()), "fiducia")

    assert refused(walk, "viaggio", on="2026-08-20") == {"interview_on"}
    assert refused(walk, "viaggio", next_interview_on="2026-08-01") == {"next_interview_on"}
    assert refused(walk, "viaggio", on="2026-08-25") == {"interview_on"}


def test_whoever_takes_her_consent_back_is_asked_nothing_more(start: Start) -> None:
    walk = agreed(start())
    with db.transaction() as tx:
        consents.record(tx, walk.key, "colloquio", "interno", False, clock.today(), by="u_anna")

    with pytest.raises(WrongOrder):
        talk(walk, "fiducia")


def test_these_walks_go_through_every_element_and_every_arrow(start: Start) -> None:
    none, stopped, heard = start(), start(), start()
    none.do("interview_plan", plan_outcome="not_now")
    talk(agreed(stopped), "fiducia", outcome="stopped")
    talk(talk(agreed(heard), "fiducia"), "viaggio", outcome="enough")
    heard.do("evaluation", evaluation_on="2026-08-24", evaluation_opinion="tratta")

    assert (none.ends(), stopped.ends()) == (["end_no_interviews"], ["end_interviews_stopped"])
    assert heard.ends() == ["end_evaluated"]
    assert drawn("emergence") - set().union(*(walk.been() for walk in (none, stopped, heard))) == set()
