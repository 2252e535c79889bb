"""The risk assessment, startable at any moment: the table may raise a level, the supervision sees every high one."""

from collections.abc import Callable

import pytest

from cases import casefile
from core import db
from core.errors import InvalidForm
from tasks import pathways
from tests.conftest import Time
from tests.models.conftest import EVERYBODY
from tests.models.walk import Walk, drawn

Start = Callable[[], Walk]
CONFIRMED = {"approval_on": "2026-08-11", "approval_outcome": "confirmed"}
MORE = {"approval_on": "2026-08-11", "approval_outcome": "more_measures", "measures": "Cambio di telefono"}
DONE = {"measures_done_on": "2026-08-11", "measure_1": "Telefono cambiato", "measure_1_who": "referente"}


@pytest.fixture
def start(open_case: Callable[[], Walk]) -> Start:
    """Something has happened in a case: its risk is assessed anew, from the page of the case."""

    def begin() -> Walk:
        code = open_case().key
        with db.transaction() as tx:
            pathways.start(tx, EVERYBODY, code, "risk")
        return Walk(EVERYBODY, code, "risk")

    return begin


def assess(walk: Walk, level: str, *, task: str = "risk_assessment", **given: object) -> Walk:
    return walk.do(task, risk_on="2026-08-11", risk_occasion="evento", risk_level=level, **given)


def level_of(walk: Walk) -> tuple[str | None, bool]:
    with db.transaction() as tx:
        found = casefile.get(tx, walk.key)
        return found.risk, found.masked


def test_a_low_risk_ends_the_assessment(start: Start) -> None:
    walk = assess(start(), "medio")

    assert (walk.ends(), walk.status, level_of(walk)) == (["end_risk_low"], "ended", ("medio", False))


def test_the_table_raises_what_the_worker_said_and_the_case_is_masked(start: Start) -> None:
    walk = assess(start(), "basso", risk_severity=5, risk_likelihood=4)

    assert level_of(walk) == ("alto", True)
    assert walk.waiting() == {"placement": 1, "risk_approval": 1, "risk_review": 1}


def test_the_table_never_lowers_what_the_worker_said(start: Start) -> None:
    walk = assess(start(), "imminente", risk_severity=1, risk_likelihood=1, risk_protection="solide")

    assert level_of(walk) == ("imminente", True)


def test_a_raised_level_is_reviewed_within_two_days_and_the_refusal_says_why(start: Start) -> None:
    with pytest.raises(InvalidForm) as refusal:
        assess(start(), "basso", risk_severity=5, risk_likelihood=5, review_on="2026-08-20")

    assert "La tabella del rischio" in refusal.value.errors["review_on"][0]


def test_the_supervision_may_ask_for_more_and_the_team_does_it(start: Start) -> None:
    walk = assess(start(), "alto").do("risk_approval", **MORE)

    assert walk.task("risk_measures").group == "case_manager"
    assert walk.do("risk_measures", **DONE).ends() == ["end_risk_measured"]
    assert walk.waiting()["risk_review"] == 1


def test_the_plan_names_one_measure_after_the_other(start: Start) -> None:
    walk = assess(start(), "alto").do("risk_approval", **MORE)

    with pytest.raises(InvalidForm) as refusal:
        walk.do("risk_measures", measures_done_on="2026-08-11")
    assert set(refusal.value.errors) == {"measure_1"}


def test_these_walks_go_through_every_element_and_every_arrow(start: Start, time: Time) -> None:
    low, high = start(), start()
    assess(low, "basso")
    assess(high, "alto").do("risk_approval", **CONFIRMED)
    time.forward(hours=49)
    high.tick().do("risk_late", late_outcome="reviewing_now")
    assess(high, "alto", task="risk_review").do("risk_approval", **MORE).do("risk_measures", **DONE)
    assess(high, "medio", task="risk_review")

    assert high.status == "ended"
    assert drawn("risk") - low.been() - high.been() == set()
