"""How the first story ends (story A, 2027 to 2029): plan, course, internship, the new flat, the contract, the exit, the
looks back, and for how long all of it is kept. Over HTTP, as its people do it at their desks; every date is asserted.
"""

from datetime import date

import pytest

import core.db
from cases import casefile, courses, deadlines, exits, htcds, internships, pei, posts, retention, shelters
from core import log, users
from tasks import schedule
from tests.web.browser import PASSWORD, Browser
from tests.web.walk import Walk

FLAT = "casa-faggio"


class Ending(Walk):
    """The same people, half a year later."""

    def open_flat(self) -> str:
        """A second-level flat with a staff of its own."""
        with core.db.transaction() as db:
            posts.record(db, FLAT, {"name": "Casa Faggio", "kind": "shelter"}, by="demo")
            sofia = users.add(db, "sofia", "Sofia Greco", "sofia@example.org", password=PASSWORD, by="demo")
            users.grant(db, sofia, "shelter_worker", FLAT, by="demo")
            self.flat = shelters.open_shelter(db, FLAT, "seconda", 2, by="demo").code
        self.desks |= {"elena": Browser(self.app), "sofia": Browser(self.app)}
        return self.flat

    def wait(self, rome: str, login: str) -> Browser:
        """It is this hour, the clock has struck, and this person sits down."""
        self.time.at(rome)
        schedule.fire_timers()
        return self.desk(login)

    def dates(self) -> dict[str, date]:
        """The open dates of the case by term."""
        with core.db.transaction() as db:
            return {each.term_id: each.due_on for each in deadlines.of_case(db, self.case, only_open=True)}

    def sees(self, login: str) -> int:
        return self.desk(login).get(f"/cases/{self.case}").status_code

    def start(self, desk: Browser, process: str) -> None:
        desk.get(f"/cases/{self.case}")
        desk.send(f"/cases/{self.case}/pathways/{process}")
        assert desk.reply.status_code == 303


@pytest.fixture
def walk(app, time):
    return Ending(app, time)


def identify(walk):
    """25 September: the team decides."""
    desk = walk.at("2026-09-25 16:00", "carla")
    walk.do(desk, "Prepara i colloqui", plan_outcome="already_done")
    walk.do(
        desk, "Decidi in équipe", decision_on="2026-09-25", decision_outcome="identificata_tratta",
        decision_by="ente_antitratta", forms_of_exploitation=["sessuale"],
    )  # fmt: skip


def plan(walk):
    """20 January 2027: the first plan."""
    desk = walk.at("2027-01-20 10:00", "carla")
    walk.start(desk, "integration")
    walk.do(
        desk, "Scrivi il PEI con la persona", pei_on="2027-01-20", autonomy="2", pei_shared="true",
        pei_areas=["italiano", "casa", "lavoro"], goal_italiano="Parlare da sola col medico", goal_casa="Una stanza mia",
        goal_lavoro="Un lavoro vero", strands=["italian", "internship", "housing"],
    )  # fmt: skip
    walk.do(
        desk, "Trova un corso", course_choice="iscritta", course_level="a2", course_provider="cpia",
        course_from="2027-01-25", course_to="2027-06-11",
    )  # fmt: skip


def intern(walk):
    """1 March to 31 August: an inclusion internship, month by month."""
    desk = walk.at("2027-02-22 10:00", "carla")
    walk.do(
        desk, "Prepara tirocinio o lavoro", work_choice="parte", work_kind="tis", work_from="2027-03-01",
        work_to="2027-08-31", weekly_hours="25", allowance="600", allowance_payer="ente", promoter="Agenzia Ponte",
    )  # fmt: skip
    assert walk.dates()["T50"] == date(2029, 3, 1)


def move(walk):
    """1 April: the second-level flat; the old house loses the case at once, the new one sees it."""
    desk = walk.at("2027-03-20 10:00", "carla")
    walk.do(
        desk, "Scegli con lei il prossimo passo", housing_kind="seconda", housing_agreed="si",
        housing_planned_on="2027-04-01",
    )  # fmt: skip
    assert (walk.sees("elena"), walk.sees("sofia")) == (200, 404)
    desk = walk.at("2027-04-01 10:00", "carla")
    walk.do(desk, "Accompagna il trasloco", housing_done="fatto", shelter=walk.flat, moved_on="2027-04-01")
    assert (walk.sees("elena"), walk.sees("sofia")) == (404, 200)


def work(walk):
    """The months of the internship, the course's certificate, the review of July, the contract of 6 September."""
    for day in ("2027-03-31", "2027-04-30", "2027-05-31", "2027-06-30", "2027-07-31", "2027-08-31"):
        if day == "2027-06-30":
            desk = walk.at("2027-06-12 10:00", "carla")
            walk.do(
                desk, "Segui il corso fino alla fine", course_ended="2027-06-11", course_outcome="certificato",
                course_attendance="88", course_next="basta",
            )  # fmt: skip
        desk = walk.wait(f"{day} 18:00", "carla")
        walk.do(desk, "Scrivi le presenze", month_hours="100", internship_goes_on="si")
        if day == "2027-06-30":
            review(walk, "2027-07-19", "avanti")
    walk.do(desk, "Concludi e valuta", internship_ended="2027-08-31", internship_outcome="assunzione")
    desk = walk.at("2027-09-06 10:00", "carla")
    walk.do(desk, "Prepara tirocinio o lavoro", work_choice="parte", work_kind="contratto", work_from="2027-09-06")


def review(walk, day, following):
    """The plan is looked at again; if it goes on, the next version is written."""
    desk = walk.wait(f"{day} 10:00", "carla")
    given = {"outcome_italiano": "raggiunto"} if following == "avanti" else {"end_shared": "true"}
    walk.do(desk, "Rivedi il PEI con la persona", pei_reviewed_on=day, integration_next=following, **given)
    if following == "avanti":
        walk.do(desk, "Scrivi il PEI con la persona", pei_on=day, autonomy="4", pei_shared="true")


def leave(walk):
    """15 January 2028: the plan is complete, she leaves."""
    review(walk, "2028-01-15", "concluso")
    desk = walk.desk("carla")
    if "Prepara l'uscita" not in desk.get("/inbox").text.replace("&#39;", "'"):
        walk.start(desk, "exit")
    walk.do(
        desk, "Prepara l'uscita con la persona", exited_on="2028-01-15", exit_outcome="conclusione_positiva",
        exit_housing="domicilio_proprio", exit_work="stabile", exit_permit="lavoro_subordinato", leaves_house="si",
        papers_on="2028-01-15", follow_up_agreed="si", consent_language="en", consent_way="scritto",
        way_channel="WhatsApp", way_hours="15-17",
    )  # fmt: skip


def look(walk, day):
    desk = walk.wait(f"{day} 15:30", "carla")
    walk.do(
        desk, "Cercala: come sta?", follow_up_on=day, follow_up_reached="si", follow_up_work="stabile",
        follow_up_safe="si", exploited_again="no", reentry="no",
    )  # fmt: skip


def test_from_the_first_plan_to_the_last_look_back(walk):
    case = walk.all_the_way()
    flat = walk.open_flat()
    identify(walk)
    plan(walk)
    assert walk.dates()["T54p"] == date(2027, 7, 20)
    intern(walk)
    move(walk)
    work(walk)
    assert walk.dates()["T54p"] == date(2028, 1, 19)
    leave(walk)

    follow_ups = {"T54f3": date(2028, 4, 15), "T54f6": date(2028, 7, 15), "T54f12": date(2029, 1, 15)}
    assert {term: day for term, day in walk.dates().items() if term.startswith("T54")} == follow_ups
    assert (walk.sees("sofia"), walk.sees("carla")) == (404, 200)
    with core.db.transaction() as db:
        found = casefile.get(db, case)
        assert (found.status, found.phase) == ("open", "P10")
        assert htcds.case_status(found.status, found.phase, found.outcome) == "FollowUp"

    for day in ("2028-04-15", "2028-07-15", "2029-01-15"):
        look(walk, day)
    page = walk.page("carla", f"/cases/{case}/integration")
    for words in ("sabato 15 gennaio 2028: Conclusione positiva", "sabato 15 aprile 2028",
                  "15 luglio 2028", "lunedì 15 gennaio 2029", "venerdì 15 gennaio 2038", "martedì 15 gennaio 2030"):  # fmt: skip
        assert words in page
    with core.db.transaction() as db:
        found = casefile.get(db, case)
        assert (found.status, found.outcome) == ("closed", "conclusione_positiva")
        assert htcds.case_status(found.status, found.phase, found.outcome) == "Closed"
        assert [(p.version, p.made_on, p.status) for p in pei.versions(db, case)] == [
            (2, date(2027, 7, 19), "ended"),
            (1, date(2027, 1, 20), "past"),
        ]
        assert [(c.level, c.outcome) for c in courses.of_case(db, case)] == [("a2", "certificato")]
        assert [(i.kind, i.from_on, i.to_on, i.outcome) for i in internships.of_case(db, case)] == [
            ("tis", date(2027, 3, 1), date(2027, 8, 31), "assunzione"),
            ("contratto", date(2027, 9, 6), None, None),
        ]
        stays = [(s.shelter, s.from_on, s.to_on) for s in shelters.stays(db, case)]
        assert stays == [
            (walk.shelter, date(2026, 8, 11), date(2027, 4, 1)),
            (flat, date(2027, 4, 1), date(2028, 1, 15)),
        ]
        (left,) = exits.of_case(db, case)
        assert [(f.due_on, f.done_on) for f in exits.follow_ups(db, left.id)] == [
            (day, day) for day in (date(2028, 4, 15), date(2028, 7, 15), date(2029, 1, 15))
        ]
        kept = {row.rule: row.due_on for row in retention.of(db, f"case:{case}") if row.status == "running"}
        assert kept == {"R03": date(2038, 1, 15), "R04": date(2030, 1, 15), "R05": date(2030, 1, 15)}
        assert log.verify(db) == []
    assert walk.dates() == {}
