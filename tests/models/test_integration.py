"""The integration and its strands, walked to every end; a save after every step. The dates are those of story A."""

from collections.abc import Callable
from datetime import date

import pytest

from cases import casefile, courses, internships, pei, posts, shelters
from core import clock, db
from core.errors import InvalidForm, ShelterFull
from engine import instances
from tasks import inbox, pathways
from tests.conftest import Time
from tests.models.conftest import EVERYBODY
from tests.models.test_programme import JOINS
from tests.models.walk import Walk, drawn

Begin = Callable[[str], Walk]
PLAN = {
    "pei_shared": True,
    "pei_areas": ["italiano", "casa"],
    "goal_italiano": "Parlare da sola",
    "goal_casa": "Casa mia",
}
AGREED = {"work_choice": "parte", "promoter": "Agenzia Ponte", "weekly_hours": 25}
TIS = AGREED | {"work_kind": "tis", "work_from": "2027-03-01", "work_to": "2027-04-15"}


@pytest.fixture
def begin(shelter: str, time: Time) -> Begin:
    """Start a pathway on a new case of Milan, on 20 January 2027."""
    time.at("2027-01-20 10:00")

    def started(process: str) -> Walk:
        with db.transaction() as tx:
            case = casefile.open_(tx, "lombardia-1", worker=EVERYBODY.user_id, by=EVERYBODY.user_id)
            facts, stream = pathways.case_facts(case), casefile.scope_of(case.code)
            instances.start(tx, process, case.code, case.post, facts, stream=stream, by=EVERYBODY.user_id)
            return Walk(EVERYBODY, case.code, process)

    return started


@pytest.fixture
def integration(begin: Begin) -> Walk:
    return begin("integration")


def write(walk: Walk, on: str = "2027-01-20", **given: object) -> Walk:
    return walk.do("pei", **(PLAN | {"pei_on": on} | given))


def review(walk: Walk, on: str, following: str = "avanti", **given: object) -> Walk:
    said = {"end_shared": True} if following == "concluso" else {}
    return walk.do("pei_review", pei_reviewed_on=on, integration_next=following, **said, **given)


def to_review(walk: Walk, time: Time, at: str = "2027-07-06 09:00") -> Walk:
    time.at(at)
    return walk.tick()


def plans(walk: Walk) -> list[tuple[int, str]]:
    with db.transaction() as tx:
        return [(each.version, each.status) for each in pei.versions(tx, walk.key)]


def test_the_first_plan_sets_the_date_of_its_review(integration: Walk, time: Time) -> None:
    write(integration, autonomy=2)

    assert integration.facts()["pei_due_on"] == "2027-07-20"
    assert integration.waiting() == {}
    to_review(integration, time)
    assert integration.waiting() == {"pei_review": 1}
    assert f"{integration.due('pei_review'):%Y-%m-%d}" == "2027-07-20"


def test_the_first_plan_puts_the_case_in_its_phase(integration: Walk) -> None:
    phases = []
    for step in (lambda: integration, lambda: write(integration)):
        step()
        with db.transaction() as tx:
            phases.append(casefile.get(tx, integration.key).phase)
    assert phases == ["P2", "P8"]


def test_a_plan_that_the_person_does_not_share_is_not_filed(integration: Walk) -> None:
    with pytest.raises(InvalidForm) as refused:
        write(integration, pei_shared=False)

    assert "pei_shared" in refused.value.errors
    assert plans(integration) == []


def test_a_refusal_of_the_register_stands_beside_the_field(integration: Walk) -> None:
    with pytest.raises(InvalidForm) as refused:
        write(integration, pei_review_on="2027-07-21")

    assert "pei_review_on" in refused.value.errors
    assert integration.waiting() == {"pei": 1}


def test_only_the_strands_that_were_chosen_begin(integration: Walk) -> None:
    write(integration, strands=["italian", "health", "housing"])

    assert integration.waiting() == {"course_enrol_form": 1, "health_path_form": 1, "housing_plan": 1}


def test_the_review_does_not_wait_for_the_strands_and_starts_others(integration: Walk, time: Time) -> None:
    write(integration, strands=["italian"])
    to_review(integration, time)
    review(integration, "2027-07-06", outcome_italiano="in_corso")
    write(integration, "2027-07-06", pei_areas=["lavoro"], goal_lavoro="Un tirocinio", strands=["internship"])

    assert integration.waiting() == {"course_enrol_form": 1, "internship_plan": 1}
    assert plans(integration) == [(2, "current"), (1, "past")]


def test_a_review_asks_only_about_the_areas_that_have_a_goal(integration: Walk, time: Time) -> None:
    write(integration)
    to_review(integration, time)
    task = integration.task("pei_review")
    with db.transaction() as tx:
        form = inbox.open_(tx, EVERYBODY, task.id).form
    assert form
    asked = {part.key for part in form.fields}
    review(integration, "2027-07-06", outcome_casa="raggiunto")

    assert {key for key in asked if key.startswith("outcome_")} == {"outcome_italiano", "outcome_casa"}
    assert {"autonomy_now", "review_words", "integration_next"} <= asked


def test_a_late_review_is_told_to_the_supervision_and_stays_open(integration: Walk, time: Time) -> None:
    write(integration)
    to_review(integration, time)
    to_review(integration, time, "2027-08-03 09:01")

    assert integration.waiting() == {"pei_review": 1, "pei_late": 1}
    assert integration.task("pei_late").group == "supervisor"
    integration.do("pei_late", pei_late_on="2027-08-03", pei_late_outcome="fissata")
    assert integration.ends()[-1] == "end_pei_late"


def test_it_ends_when_the_team_and_the_person_say_so_and_closes_open_strands(integration: Walk, time: Time) -> None:
    write(integration, strands=["orientation"])
    to_review(integration, time)
    with pytest.raises(InvalidForm):
        integration.do("pei_review", pei_reviewed_on="2027-07-06", integration_next="concluso")
    review(integration, "2027-07-06", "concluso")

    assert integration.waiting() == {"exit_form": 1}  # no programme waits: nobody is left to nobody
    assert integration.status == "ended"
    assert plans(integration) == [(1, "ended")]


def test_what_an_earlier_plan_said_ends_no_programme_that_begins_later(integration, time):
    to_review(write(integration), time)
    review(integration, "2027-07-06", "concluso")
    with db.transaction() as tx:
        for instance, _ in instances.open_instances(tx, integration.key):
            instances.cancel(tx, instance.id, "test", by="u_anna")
        case = casefile.get(tx, integration.key)
        pathways.begin(tx, case, "protection_identified", by=EVERYBODY.user_id)
    programme = Walk(EVERYBODY, integration.key, "programme")
    programme.do("adhesion", **(JOINS | {"adhesion_on": "2027-07-06", "accepted_on": "2027-07-06"})).tick()

    assert programme.waiting() == {"mayor_notice": 1, "pei": 1, "track_facts": 1}


def test_the_reviews_go_on_for_years(integration: Walk, time: Time) -> None:
    day = date(2027, 1, 20)
    for _ in range(40):
        write(integration, day.isoformat())
        day = date.fromisoformat(integration.facts()["pei_due_on"])
        to_review(integration, time, f"{day} 09:00")
        review(integration, day.isoformat())

    assert integration.waiting() == {"pei": 1}
    assert plans(integration)[0] == (40, "current")
    assert day == date(2047, 1, 20)


def test_an_internship_is_counted_month_by_month_to_its_end_and_then_a_contract(begin: Begin, time: Time) -> None:
    work = begin("internship").do("internship_plan", **TIS)
    for at, hours in (("2027-03-31 09:00", 100), ("2027-04-15 09:00", 50)):
        assert work.waiting() == {}
        time.at(at)
        work.tick().do("internship_month", month_hours=hours, internship_goes_on="si")
    work.do("internship_end_form", internship_ended="2027-04-15", internship_outcome="assunzione")
    work.do("internship_plan", work_choice="parte", work_kind="contratto", work_from="2027-05-03")

    assert work.ends() == ["end_contract"]
    with db.transaction() as tx:
        first, second = internships.of_case(tx, work.key)
        assert [(m.month.month, m.hours) for m in internships.months(tx, first.id)] == [(3, 100), (4, 50)]
        assert (first.outcome, second.kind, second.ended_on) == ("assunzione", "contratto", None)


def test_an_internship_that_breaks_off_ends_before_its_date(begin: Begin, time: Time) -> None:
    work = begin("internship").do("internship_plan", **TIS)
    time.at("2027-03-31 09:00")
    work.tick().do("internship_month", month_hours=10, internship_goes_on="no")

    work.do("internship_end_form", internship_ended="2027-03-31", internship_outcome="interrotto")

    assert work.ends() == ["end_internship"]


def test_an_internship_longer_than_the_rule_stays_in_the_hand_of_the_worker(begin: Begin) -> None:
    work = begin("internship")
    with pytest.raises(InvalidForm) as refused:
        work.do("internship_plan", **(TIS | {"work_kind": "extracurricolare", "work_to": "2028-03-02"}))

    assert "work_to" in refused.value.errors
    assert work.waiting() == {"internship_plan": 1}


def test_a_course_waits_for_a_place_and_leads_to_the_next_level(begin: Begin, time: Time) -> None:
    course = begin("italian_course")
    course.do("course_enrol_form", course_choice="attesa", course_again_on="2027-02-01")
    time.at("2027-02-01 09:00")
    given = {"course_choice": "iscritta", "course_provider": "cpia"}
    course.tick().do("course_enrol_form", **given, course_level="a1", course_from="2027-02-01", course_to="2027-06-11")
    assert f"{course.due('course_end_form'):%Y-%m-%d}" == "2027-06-11"
    time.at("2027-06-11 18:00")
    done = {"course_ended": "2027-06-11", "course_outcome": "certificato", "course_attendance": 90}
    course.do("course_end_form", **done, course_next="altro_corso")
    course.do("course_enrol_form", **given, course_level="a2", course_from="2027-06-11")
    course.do("course_end_form", **(done | {"course_outcome": "frequenza"}), course_next="basta")

    assert course.ends() == ["end_course"]
    with db.transaction() as tx:
        assert {(c.level, c.outcome) for c in courses.of_case(tx, course.key)} == {
            ("a1", "certificato"),
            ("a2", "frequenza"),
        }


def move(walk: Walk, shelter: str | None, on: str = "2027-04-01") -> Walk:
    walk.do("housing_plan", housing_kind="seconda", housing_agreed="si", housing_planned_on="2027-04-01")
    if shelter is None:
        return walk.do("housing_move_form", housing_done="fatto", housing_own=True, moved_on=on)
    return walk.do("housing_move_form", housing_done="fatto", shelter=shelter, moved_on=on)


def test_a_move_leaves_the_old_house_and_enters_the_new_one(begin: Begin, shelter: str, time: Time) -> None:
    home = begin("housing_step")
    with db.transaction() as tx:
        posts.record(tx, "casa-faggio", {"name": "Casa Faggio", "kind": "shelter"}, by="deploy")
        flat = shelters.open_shelter(tx, "casa-faggio", "seconda", 1, by="deploy").code
        shelters.place(tx, home.key, shelter, clock.today(), by="deploy")
    time.at("2027-04-01 10:00")
    move(home, flat)

    assert home.ends() == ["end_moved"]
    with db.transaction() as tx:
        stays = [(stay.shelter, stay.from_on, stay.to_on) for stay in shelters.stays(tx, home.key)]
    assert stays == [(shelter, date(2027, 1, 20), date(2027, 4, 1)), (flat, date(2027, 4, 1), None)]


def test_a_house_that_has_filled_up_refuses_and_the_task_stays(begin: Begin, shelter: str, time: Time) -> None:
    home, other = begin("housing_step"), begin("housing_step")
    with db.transaction() as tx:
        shelters.place(tx, other.key, shelter, clock.today(), beds=4, by="deploy")
    home.do("housing_plan", housing_kind="seconda", housing_agreed="si")

    with pytest.raises((ShelterFull, InvalidForm)):
        home.do("housing_move_form", housing_done="fatto", shelter=shelter, moved_on="2027-01-20")

    assert home.waiting()["housing_move_form"] == 1


def test_a_home_of_her_own_ends_the_stay(begin: Begin, shelter: str, time: Time) -> None:
    home = begin("housing_step")
    with db.transaction() as tx:
        shelters.place(tx, home.key, shelter, clock.today(), by="deploy")
    time.at("2027-04-01 10:00")
    move(home, None)

    with db.transaction() as tx:
        assert shelters.current(tx, home.key) is None


def test_without_her_yes_nobody_moves(begin: Begin) -> None:
    home = begin("housing_step").do("housing_plan", housing_kind="autonomia", housing_agreed="no")

    assert home.ends() == ["end_stays"]


def test_support_at_home_goes_on_as_long_as_she_wants_it(begin: Begin, time: Time) -> None:
    support = begin("home_support").do("home_plan", home_choice="si", visit_on="2027-02-01")
    time.at("2027-02-01 09:00")
    support.tick().do(
        "home_visit", visited_on="2027-02-01", visit_way="casa", home_goes_on="si", next_visit_on="2027-03-01"
    )
    assert support.waiting() == {}
    time.at("2027-03-01 09:00")
    support.tick().do("home_visit", visited_on="2027-03-01", visit_way="telefono", home_goes_on="no")

    assert support.ends() == ["end_support"]


@pytest.mark.parametrize(("outcome", "end"), [("accordo", "end_agreement"), ("interrotta", "end_no_agreement")])
def test_a_conflict_is_mediated_until_there_is_an_agreement_or_none(
    begin: Begin, time: Time, outcome: str, end: str
) -> None:
    talk = begin("mediation").do(
        "mediation_open", mediation_on="2027-01-20", mediation_kind="vicinato", mediation_wanted="si"
    )
    again = {"mediation_met_on": "2027-01-20", "mediation_outcome": "ancora", "mediation_again_on": "2027-02-03"}
    talk.do("mediation_meeting", **again)
    assert f"{talk.due('mediation_meeting'):%Y-%m-%d}" == "2027-02-03"
    time.at("2027-02-03 12:00")
    talk.do("mediation_meeting", mediation_met_on="2027-02-03", mediation_outcome=outcome)

    assert talk.ends() == [end]


def test_nobody_is_sat_at_a_table_against_their_will(begin: Begin) -> None:
    talk = begin("mediation").do(
        "mediation_open", mediation_on="2027-01-20", mediation_kind="famiglia", mediation_wanted="no"
    )

    assert talk.ends() == ["end_not_mediated"]


TALKS = {
    "errands": {"errands_on": "2027-01-20", "health_card": "fatto", "errands_next_on": "2027-06-01"},
    "health_path": {"health_on": "2027-01-20", "health_next_on": "2027-06-01"},
    "work_orientation": {"orientation_on": "2027-01-20", "orientation_next_on": "2027-06-01"},
}


@pytest.mark.parametrize("process", TALKS)
def test_everyday_papers_health_and_orientation_come_back_on_the_chosen_day(
    begin: Begin, time: Time, process: str
) -> None:
    walk, task = begin(process), f"{process}_form"
    walk.do(task, **TALKS[process])
    assert walk.waiting() == {}
    time.at("2027-06-01 09:00")
    walk.tick()
    assert walk.waiting() == {task: 1}
    day = next(name for name in TALKS[process] if name.endswith("_on") and "next" not in name)
    walk.do(task, **{day: "2027-06-01"})

    assert walk.ends() == [f"end_{process}"]
    assert drawn(process) - walk.been() == set()


def test_these_walks_go_through_every_element_and_every_arrow(begin: Begin, shelter: str, time: Time) -> None:
    by_hand = begin("integration")
    with db.transaction() as tx:
        case = casefile.open_(tx, "lombardia-1", worker=EVERYBODY.user_id, by=EVERYBODY.user_id)
        stream = casefile.scope_of(case.code)
        instances.start(
            tx, "integration", case.code, case.post, {}, stream=stream, event="integration_begins", by="u_anna"
        )
        by_message = Walk(EVERYBODY, case.code, "integration")
    every = ["italian", "orientation", "internship", "health", "errands", "home_support", "housing"]
    write(by_hand, strands=every)
    by_hand.do("course_enrol_form", course_choice="non_ora").do("internship_plan", work_choice="non_ora")
    by_hand.do("home_plan", home_choice="no").do("housing_plan", housing_kind="resta")
    by_hand.do("health_path_form", health_on="2027-01-20").do("errands_form", errands_on="2027-01-20")
    by_hand.do("work_orientation_form", orientation_on="2027-01-20")
    write(by_message)
    to_review(by_hand, time)
    review(by_message, "2027-07-06")
    to_review(by_hand, time, "2027-08-03 09:01")
    by_hand.do("pei_late", pei_late_on="2027-08-03", pei_late_outcome="riassegnata")
    review(by_hand, "2027-08-03", "concluso")

    assert drawn("integration") - by_hand.been() - by_message.been() == set()


def test_the_strands_are_walked_through_and_through(begin: Begin, shelter: str, time: Time) -> None:
    started = ("italian_course", "internship", "housing_step", "home_support", "mediation")
    walks = {process: [begin(process) for _ in range(3)] for process in started}
    course, work, home, support, talk = walks.values()
    iscritta = {
        "course_choice": "iscritta",
        "course_level": "a2",
        "course_provider": "cpia",
        "course_from": "2027-01-20",
    }
    over = {"course_ended": "2027-01-20", "course_outcome": "frequenza"}
    course[0].do("course_enrol_form", **iscritta).do("course_end_form", **over, course_next="altro_corso")
    course[0].do("course_enrol_form", **iscritta).do("course_end_form", **over, course_next="basta")
    course[1].do("course_enrol_form", course_choice="attesa", course_again_on="2027-01-21")
    course[2].do("course_enrol_form", course_choice="non_ora")
    work[0].do("internship_plan", work_choice="non_ora")
    work[1].do("internship_plan", work_choice="parte", work_kind="apprendistato", work_from="2027-01-20")
    work[2].do("internship_plan", **(TIS | {"work_from": "2027-01-20", "work_to": "2027-02-20"}))
    home[0].do("housing_plan", housing_kind="resta")
    home[1].do("housing_plan", housing_kind="autonomia", housing_agreed="si").do(
        "housing_move_form", housing_done="rinviato"
    )
    home[2].do("housing_plan", housing_kind="seconda", housing_agreed="si")
    home[2].do("housing_move_form", housing_done="fatto", shelter=shelter, moved_on="2027-01-20")
    support[0].do("home_plan", home_choice="no")
    support[1].do("home_plan", home_choice="si", visit_on="2027-01-21")
    asked = {"mediation_on": "2027-01-20", "mediation_kind": "lavoro"}
    talk[0].do("mediation_open", **asked, mediation_wanted="no")
    for walk, outcomes in ((talk[1], ("ancora", "accordo")), (talk[2], ("senza_accordo",))):
        walk.do("mediation_open", **asked, mediation_wanted="si")
        for outcome in outcomes:
            again = {"mediation_again_on": "2027-01-20"} if outcome == "ancora" else {}
            walk.do("mediation_meeting", mediation_met_on="2027-01-20", mediation_outcome=outcome, **again)
    time.at("2027-01-31 09:00")
    course[1].tick()
    visited = {"visited_on": "2027-01-31", "visit_way": "fuori"}
    support[1].do("home_visit", **visited, home_goes_on="si", next_visit_on="2027-01-31").tick()
    support[1].do("home_visit", **visited, home_goes_on="no")
    work[2].do("internship_month", month_hours=40, internship_goes_on="si")
    time.at("2027-02-20 09:00")
    work[2].tick().do("internship_month", month_hours=60, internship_goes_on="si")
    work[2].do("internship_end_form", internship_ended="2027-02-20", internship_outcome="proroga")
    work[2].do("internship_plan", **(TIS | {"work_from": "2027-02-20", "work_to": "2027-02-28"}))
    time.at("2027-02-28 09:00")
    work[2].tick().do("internship_month", month_hours=10, internship_goes_on="si")
    work[2].do("internship_end_form", internship_ended="2027-02-28", internship_outcome="concluso")

    for process in started:
        assert drawn(process) - set().union(*(walk.been() for walk in walks[process])) == set(), process
