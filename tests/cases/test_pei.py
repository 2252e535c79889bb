"""The individual plan: versions, goals that go on, words that are sealed, a review that comes in time."""

from datetime import date
from pathlib import Path

import pytest

from cases import deadlines, pei, terms
from cases.pei import Aim
from core import log
from core.errors import InvalidForm, WrongOrder

TEXT = (Path(__file__).parents[2] / "workflows" / "terms.toml").read_text()
FIRST = date(2027, 1, 20)
ITALIAN = Aim("italiano", {"goal": "Parlare da sola col medico", "actions": "CPIA"}, "persona", date(2027, 6, 30))
HOME = Aim("casa", {"goal": "Una stanza mia"}, "struttura", None)


@pytest.fixture
def plan(db, a_case, time):
    terms.load(db, TEXT, by="cli")
    time.at("2027-01-20 12:00")
    return pei.write(db, a_case.code, FIRST, [ITALIAN, HOME], autonomy=2, by="u_anna")


def areas(db, plan):
    return {goal.area: pei.words(db, goal).get("goal") for goal in pei.goals(db, plan.id)}


def test_a_plan_is_reviewed_after_six_months_and_the_date_is_watched(db, a_case, plan):
    assert (plan.version, plan.review_on) == (1, date(2027, 7, 20))
    assert [d.due_on for d in deadlines.of_case(db, a_case.code, only_open=True)] == [date(2027, 7, 20)]


def test_the_team_may_choose_an_earlier_day_and_no_later_one(db, a_case, plan):
    sooner = pei.write(db, a_case.code, FIRST, [], review_on=date(2027, 4, 20), by="u_anna")
    assert sooner.review_on == date(2027, 4, 20)

    for day in (date(2027, 7, 21), FIRST):
        with pytest.raises(InvalidForm) as refused:
            pei.write(db, a_case.code, FIRST, [], review_on=day, by="u_anna")
        assert "pei_review_on" in refused.value.errors


def test_the_words_are_sealed_and_in_no_log(db, a_case, plan):
    goal = pei.goals(db, plan.id)[0]

    assert b"stanza" not in goal.sealed
    assert pei.words(db, goal) == {"goal": "Una stanza mia"}
    assert "stanza" not in str([line.content for line in db.info[log.PENDING]])


def test_what_was_neither_reached_nor_let_go_passes_into_the_next_version(db, a_case, plan, time):
    time.at("2027-07-19 12:00")
    pei.review(db, a_case.code, date(2027, 7, 19), {"italiano": "raggiunto", "casa": "in_parte"}, by="u_anna")
    work = Aim("lavoro", {"goal": "Un tirocinio"})

    second = pei.write(db, a_case.code, date(2027, 7, 19), [work], by="u_anna")

    assert (plan.status, second.version) == ("past", 2)
    assert areas(db, second) == {"casa": "Una stanza mia", "lavoro": "Un tirocinio"}
    assert areas(db, plan) == {"casa": "Una stanza mia", "italiano": "Parlare da sola col medico"}


def test_an_area_that_is_written_anew_has_its_new_words_only(db, a_case, plan):
    second = pei.write(db, a_case.code, FIRST, [Aim("casa", {"goal": "Una casa mia"})], by="u_anna")

    assert areas(db, second)["casa"] == "Una casa mia"


def test_a_review_meets_the_date_and_keeps_outcome_and_autonomy(db, a_case, plan, time):
    time.at("2027-07-19 12:00")
    pei.review(db, a_case.code, date(2027, 7, 19), {"casa": "in_corso"}, autonomy=3, by="u_anna")

    assert (plan.reviewed_on, plan.autonomy) == (date(2027, 7, 19), 3)
    assert [goal.outcome for goal in pei.goals(db, plan.id)] == ["in_corso", None]
    assert deadlines.of_case(db, a_case.code, only_open=True) == []


@pytest.mark.parametrize(
    ("aims", "given", "field"),
    [
        ([Aim("casa", {"goal": " "})], {}, "goal_casa"),
        ([Aim("casa", {"goal": "x"}, by_on=date(2027, 1, 19))], {}, "by_casa"),
        ([Aim("casa", {"goal": "x"}, "zia")], {}, "responsible_casa"),
        ([Aim("luna", {"goal": "x"})], {}, "pei_areas"),
        ([], {"autonomy": 6}, "autonomy"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field(db, a_case, plan, aims, given, field):
    with pytest.raises(InvalidForm) as refused:
        pei.write(db, a_case.code, FIRST, aims, **given, by="u_anna")

    assert field in refused.value.errors


def test_a_plan_is_not_of_tomorrow_nor_before_the_one_that_is_there(db, a_case, plan):
    for day in (date(2027, 1, 21), date(2027, 1, 19)):
        with pytest.raises(InvalidForm) as refused:
            pei.write(db, a_case.code, day, [HOME], by="u_anna")
        assert "pei_on" in refused.value.errors


def test_a_plan_without_any_goal_is_none(db, a_case, time):
    terms.load(db, TEXT, by="cli")
    time.at("2027-01-20 12:00")

    with pytest.raises(InvalidForm):
        pei.write(db, a_case.code, FIRST, [], by="u_anna")


def test_a_goal_that_is_not_in_the_plan_is_not_reviewed(db, a_case, plan):
    with pytest.raises(InvalidForm) as refused:
        pei.review(db, a_case.code, FIRST, {"famiglia": "raggiunto"}, by="u_anna")

    assert "outcome_famiglia" in refused.value.errors


def test_an_ended_plan_is_kept_and_a_new_one_begins_from_nothing(db, a_case, plan):
    pei.end(db, a_case.code, FIRST, by="u_anna")
    with pytest.raises(WrongOrder):
        pei.review(db, a_case.code, FIRST, {}, by="u_anna")

    again = pei.write(db, a_case.code, FIRST, [Aim("salute", {"goal": "Un medico"})], by="u_anna")

    assert (again.version, list(areas(db, again))) == (2, ["salute"])
    assert [each.status for each in pei.versions(db, a_case.code)] == ["current", "ended"]
