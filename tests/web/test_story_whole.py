"""One case through every join: from a call in the last hour of a year to the look back a year after the exit.

The days are the awkward ones: New Year's night, 29 February, an Easter, terms that end on Sundays and at the year's end.
After every step nobody is left "open with nothing to wait for". Persons, houses and numbers are invented.
"""

from datetime import date, timedelta
from typing import Any

import pytest

import core.db
from cases import casefile, deadlines, permits, shelters
from core import clock, log
from tasks import incidents, schedule
from tests.web.test_story_titles import CONSENT, JOINS, NOTHING, Desk


class Whole(Desk):
    """The people of one office; after each thing they do, the search for forgotten cases finds none."""

    def day(self, rome: str) -> "Whole":
        """It is this hour in Rome and the clock has struck."""
        self.time.at(rome)
        assert schedule.fire_timers().failed == 0
        return self

    def fill(self, login: str, case: str, task: str, **answers: Any) -> None:
        super().fill(login, case, task, **answers)
        assert schedule.fire_timers().failed == 0
        self.nobody_forgotten()

    def nobody_forgotten(self) -> None:
        with core.db.transaction() as db:
            found = incidents.park(db, clock.now() + timedelta(minutes=1))
            assert [(each.business_key, each.element, each.sentence) for each in found] == []

    def dates(self) -> dict[str, date]:
        with core.db.transaction() as db:
            return {each.term_id: each.due_on for each in deadlines.of_case(db, self.case, only_open=True)}

    def ring_at_midnight(self) -> None:
        """31 December 2027, 23:50: a call; twenty minutes into the new year she is safe."""
        desk = self.day("2027-12-31 23:50").desk("anna")
        desk.get("/contacts/new/call")
        call = self._recorded(
            desk, "/contacts/new/call", danger="si", wants_out="si", can_speak="si", minor="no", activator="vittima",
            province="MI", language="pcm", summary="Vuole uscire adesso",
        )  # fmt: skip
        desk = self.day("2028-01-01 00:20").desk("bruno")
        self.do(desk, "Rispondi e vai incontro", pickup_at="2028-01-01T00:20", pickup_outcome="case")
        self.case = desk.get(f"/contacts/{call}").text.partition('href="/cases/')[2].partition('"')[0]
        with core.db.transaction() as db:
            self.shelter = next(free.code for free in shelters.free_beds(db))
        self.fill("carla", self.case, "Trova un posto sicuro", placement_kind="struttura", shelter=self.shelter,
                  placed_on="2028-01-01")  # fmt: skip

    def protect(self) -> None:
        """To the attestato of 15 January: 45 days end on 29 February."""
        self.fill("carla", self.case, "Valuta il rischio", risk_on="2028-01-01", risk_occasion="ingresso",
                  risk_level="medio")  # fmt: skip
        self.day("2028-01-03 10:00").fill(
            "carla", self.case, "Spiega i diritti", information_on="2028-01-03", information_language="en",
            leaflet_version="diritti-it-1", topic_reflection="true", topic_permit="true", topic_protection="true",
            topic_refusal="true", understood="si",
        )  # fmt: skip
        self.fill("carla", self.case, "Raccogli gli indicatori", indicators_on="2028-01-03",
                  indicators_outcome="presunta", indicators=["debito_viaggio", "viaggio_controllato"])  # fmt: skip
        self.day("2028-01-05 09:00").fill(
            "carla", self.case, "Comunica al Questore", **CONSENT, consent_on="2028-01-05", measures_on="2028-01-01",
            communication_on="2028-01-05",
        )  # fmt: skip
        self.day("2028-01-15 12:00").fill("carla", self.case, "Attendi l'attestato", attestato_outcome="issued",
                                          attestato_on="2028-01-15", cui="05PROVA", number="MI-2028-0001")  # fmt: skip
        self.day("2028-02-25 12:00").fill("carla", self.case, "Prepara i colloqui", plan_outcome="already_done")
        self.fill("carla", self.case, "Decidi in équipe", decision_on="2028-02-25", decision_by="ente_antitratta",
                  decision_outcome="identificata_tratta", forms_of_exploitation=["sessuale"])  # fmt: skip

    def join_and_ask(self) -> None:
        """29 February: the programme, the mayor, the proposal, the application, the first plan."""
        case = self.case
        self.day("2028-02-29 10:00")
        self.fill("carla", case, "Proponi il programma", **JOINS, adhesion_on="2028-02-29", accepted_on="2028-02-29",
                  programme_form="residential")  # fmt: skip
        self.fill(
            "carla", case, "Dai notizia al Sindaco", communication_basis="none", no_communication_reason="refuses"
        )
        self.fill("giulia", case, "Valuta il titolo", **(NOTHING | {"trafficking_facts": "si"}),
                  assessed_on="2028-02-29")  # fmt: skip
        self.fill("carla", case, "Controlla i documenti", documents_on="2028-02-29", doc_programme="true",
                  doc_adhesion="true", doc_acceptance="true", identity_document="none")  # fmt: skip
        self.fill("giulia", case, "Proponi al Questore", **CONSENT, proposer="registered_body",
                  consent_on="2028-02-29", communication_on="2028-02-29")  # fmt: skip
        self.fill("giulia", case, "Accompagna la domanda", application_outcome="lodged", lodged_on="2028-02-29")
        self.fill("giulia", case, "Accompagna alle impronte", prints_outcome="none")
        self.plan("2028-02-29")

    def plan(self, day: str) -> None:
        self.fill("carla", self.case, "Scrivi il PEI con la persona", pei_on=day, autonomy="2", pei_shared="true",
                  pei_areas=["casa"], goal_casa="Una stanza mia")  # fmt: skip

    def review(self, day: str, following: str) -> None:
        given = {"outcome_casa": "in_corso"} if following == "avanti" else {"end_shared": "true"}
        self.day(f"{day} 10:00").fill("carla", self.case, "Rivedi il PEI con la persona", pei_reviewed_on=day,
                                      integration_next=following, **given)  # fmt: skip
        if following == "avanti":
            self.plan(day)

    def report(self, day: str) -> None:
        self.day(f"{day} 10:00").fill("carla", self.case, "Scrivi la relazione semestrale", report_on=day)

    def leave(self) -> None:
        """30 August 2029: she leaves, and agrees to be looked for."""
        self.day("2029-08-30 10:00").fill(
            "carla", self.case, "Prepara l'uscita con la persona", exited_on="2029-08-30",
            exit_outcome="conclusione_positiva", leaves_house="si", follow_up_agreed="si", consent_language="en",
            consent_way="scritto",
        )  # fmt: skip

    def look(self, day: str) -> None:
        self.day(f"{day} 10:00").fill("carla", self.case, "Cercala: come sta?", follow_up_on=day,
                                      follow_up_reached="si", reentry="no")  # fmt: skip


@pytest.fixture
def desk(app, time):
    return Whole(app, time)


def test_from_new_years_night_to_the_last_look_back_across_every_join(desk):
    desk.ring_at_midnight()
    case = desk.case
    assert (desk.dates()["T06"], desk.dates()["T06p"]) == (date(2028, 4, 1), date(2028, 7, 1))
    desk.protect()
    assert desk.dates()["T01"] == date(2028, 2, 29)
    assert desk.day("2028-02-26 09:00").desk("piero").get(f"/cases/{case}").status_code == 404

    desk.join_and_ask()
    page = desk.page("carla", f"/cases/{case}")
    assert "Può lavorare dal sabato 15 aprile 2028" in page
    assert "La Questura decide entro lunedì 29 maggio 2028" in page
    assert (desk.dates()["T21"], desk.dates()["T54p"]) == (date(2028, 8, 29), date(2028, 8, 29))

    desk.day("2028-03-31 10:00").fill(
        "giulia", case, "Attendi la Questura", questura_answer="issued", permit_issued_on="2028-03-31",
        permit_expires_on="2029-03-31",
    )  # fmt: skip
    assert desk.dates()["T11"] == date(2028, 12, 30)  # ninety days before is Sunday 31 December
    desk.review("2028-08-29", "avanti")
    desk.report("2028-08-29")
    assert desk.dates()["T54p"] == date(2029, 2, 28)  # six months from 29 August, in a year without the 29th
    assert desk.dates()["T21"] == date(2029, 2, 28)

    desk.day("2028-12-29 10:00").fill("carla", case, "Scegli con la persona", renewal_kind="renewal",
                                      renewal_ground="insertion")  # fmt: skip
    desk.fill("giulia", case, "Accompagna la domanda", application_outcome="lodged", lodged_on="2028-12-29")
    assert desk.dates()["T12"] == date(2029, 3, 29)
    desk.review("2029-02-28", "avanti")
    desk.report("2029-02-28")
    desk.day("2029-03-29 10:00").fill(
        "giulia", case, "Attendi la Questura", questura_answer="issued", permit_issued_on="2029-03-29",
        permit_expires_on="2030-03-31",
    )  # fmt: skip
    assert desk.dates()["T11"] == date(2029, 12, 31)

    desk.report("2029-08-28")
    desk.review("2029-08-28", "concluso")
    desk.leave()
    follow_ups = {"T54f3": date(2029, 11, 30), "T54f6": date(2030, 2, 28), "T54f12": date(2030, 8, 30)}
    assert {term: day for term, day in desk.dates().items() if term.startswith("T54")} == follow_ups
    for day in follow_ups.values():
        desk.look(f"{day}")

    desk.day("2030-09-02 10:00").nobody_forgotten()
    with core.db.transaction() as db:
        found = casefile.get(db, case)
        assert (found.status, found.outcome) == ("closed", "conclusione_positiva")
        assert {told.receiver for told in permits.communications(db, case)} == {"questore"}
        assert shelters.current(db, case) is None
        assert log.verify(db) == []
    assert desk.dates() == {}
    assert desk.desk("piero").get(f"/cases/{case}").status_code == 404
