"""Stories A and B at the desk, over HTTP, from the programme to the title: every date that the law gives is asserted.

Persons, houses and numbers are invented. Both stories are told in one office, whose people do the work of the place.
"""

import re
from datetime import date
from html import unescape
from typing import Any

import pytest
from sqlalchemy import select

import core.db
from cases import casefile, deadlines, programmes, shelters, tracks
from cases.deadlines import Deadline, Reminder
from core import clock, log
from engine import instances
from tests.web.browser import Browser
from tests.web.office import MILAN
from tests.web.walk import Walk, complaint

JOINS = {
    "adhesion_outcome": "joins", "told_interruption": "true", "told_conduct": "true", "told_rules": "true",
    "rules_language": "en", "told_duties": "true", "person_signed": "true",
}  # fmt: skip
NOTHING = dict.fromkeys(
    ("minor_answer", "eu_answer", "wants_asylum", "trafficking_facts", "danger_art18", "proceedings",
     "labour_exploitation", "domestic_violence"), "no",
)  # fmt: skip
CONSENT = {
    "communication_basis": "consent", "consent_by": "person", "consent_language": "en", "consent_text_version": "informativa-it-1",
    "consent_way": "scritto", "communication_channel": "pec",
}  # fmt: skip
LABOUR = NOTHING | {"labour_exploitation": "si"}


class Desk(Walk):
    """The people of one office and the cases they carry; tasks are found on the page of their case."""

    def __init__(self, app: Any, time: Any) -> None:
        super().__init__(app, time)
        self.desks |= {login: Browser(app) for login in ("giulia", "piero")}

    def open(self, rome: str, *, housed: bool = False) -> str:
        """A case whose person has just been identified; the programme is offered."""
        self.time.at(rome)
        with core.db.transaction() as db:
            made = casefile.open_(db, MILAN, by="cli")
            today = clock.today()
            casefile.set_victim_status(db, made.code, "identificata", "ente_antitratta", today, by="cli")
            if housed:
                house = next(free.code for free in shelters.free_beds(db))
                shelters.place(db, made.code, house, date(2026, 8, 11), by="cli")
                for term in programmes.TRANSITIONAL:
                    deadlines.record(db, made.code, term, "placement", date(2026, 8, 11), by="cli")
            scope = casefile.scope_of(made.code)
            instances.start(db, "programme", made.code, MILAN, {}, stream=scope, event="identified", by="cli")
            return made.code

    def fill(self, login: str, case: str, task: str, **answers: Any) -> None:
        """Open this task of this case, fill in its form, complete it."""
        desk = self.desk(login)
        page = desk.get(f"/cases/{case}").text
        found = re.search(rf'href="(/inbox/[^"]+)"[^>]*>\s*{re.escape(task)}\s*<', unescape(page))
        assert found, f"«{task}» does not wait on {case}"
        desk.get(found[1])
        for _ in range(3):
            desk.send(found[1], _refresh="1", **answers)
        desk.send(found[1], **{**answers, "_refresh": []})
        assert desk.reply.status_code == 303, complaint(desk.reply.text)

    def tick(self, rome: str) -> None:
        """The clock process does what is due at this hour."""
        self.time.at(rome)
        with core.db.transaction() as db:
            due = instances.due(db, clock.now())
        for timer in due:
            with core.db.transaction() as db:
                instances.fire(db, timer)

    def link(self, login: str, case: str, **answers: Any) -> None:
        """Link a case to an event with several people."""
        desk = self.desk(login)
        desk.get(f"/cases/{case}/episode")
        desk.send(f"/cases/{case}/episode", _refresh="1", **answers)
        desk.send(f"/cases/{case}/episode", **{**answers, "_refresh": []})
        assert desk.reply.status_code == 303, complaint(desk.reply.text)

    def join(self, case: str, on: str, form: str = "residential") -> None:
        """She joins the programme, informed."""
        self.fill("carla", case, "Proponi il programma", **JOINS, adhesion_on=on, accepted_on=on, programme_form=form)


@pytest.fixture
def desk(app, time):
    return Desk(app, time)


def dates(case: str) -> dict[str, date]:
    with core.db.transaction() as db:
        return {each.term_id: each.due_on for each in deadlines.of_case(db, case, only_open=True)}


def history(case: str) -> list[str]:
    with core.db.transaction() as db:
        return [each.track for each in tracks.history(db, case)]


def test_from_the_adhesion_to_the_conversion(desk):
    case = desk.open("2026-09-25 17:00", housed=True)
    desk.time.at("2026-09-28 10:00")
    desk.join(case, "2026-09-28")
    assert dates(case) == {
        "T06": date(2026, 11, 11), "T06p": date(2027, 2, 11), "T21": date(2027, 3, 30), "T22": date(2027, 3, 30),
    }  # fmt: skip
    desk.fill("giulia", case, "Valuta il titolo", **(NOTHING | {"trafficking_facts": "si"}), assessed_on="2026-09-28")

    desk.time.at("2026-09-29 10:00")
    desk.fill(
        "carla", case, "Dai notizia al Sindaco", communication_basis="legal_reason", legal_reason="body_duty",
        legal_reason_words="Art. 26 c. 4 DPR 394/1999", communication_on="2026-09-29", communication_channel="pec",
    )  # fmt: skip
    desk.time.at("2026-09-30 10:00")
    desk.fill("carla", case, "Controlla i documenti", documents_on="2026-09-30", doc_programme="true",
              doc_adhesion="true", doc_acceptance="true", identity_document="none")  # fmt: skip
    desk.fill("giulia", case, "Proponi al Questore", **CONSENT, proposer="registered_body", consent_on="2026-09-30",
              communication_on="2026-09-30", danger_words="Minacce dalla rete")  # fmt: skip
    desk.time.at("2026-10-02 10:00")
    desk.fill("giulia", case, "Accompagna la domanda", application_outcome="lodged", lodged_on="2026-10-02",
              receipt="RIC-0042", prints_on="2026-10-20")  # fmt: skip

    page = desk.page("carla", f"/cases/{case}")
    assert "Art. 18, percorso sociale" in page
    assert "Può lavorare dal martedì 17 novembre 2026 · art. 18 c. 3-quinquies" in page
    assert "La Questura decide entro giovedì 31 dicembre 2026" in page
    assert "lunedì 2 novembre 2026" in page  # T13c, to be verified: the 1st is a Sunday and a holiday
    assert "RIC-0042" not in page
    assert "Minacce" not in page
    assert desk.desk("piero").get(f"/cases/{case}").status_code == 404

    desk.tick("2026-11-11 08:00")
    assert "T06" not in dates(case)
    with core.db.transaction() as db:
        assert shelters.current(db, case) is not None
    desk.time.at("2026-10-20 15:00")
    desk.fill("giulia", case, "Accompagna alle impronte", prints_outcome="done")
    desk.time.at("2026-12-15 10:00")
    desk.fill("giulia", case, "Attendi la Questura", questura_answer="issued", permit_issued_on="2026-12-15",
              permit_expires_on="2027-12-15", permit_number="I-00998877", neutral_wording="true")  # fmt: skip

    page = desk.page("carla", f"/cases/{case}")
    assert "Scadenza stampata mercoledì 15 dicembre 2027" in page
    assert "Rinnovo o conversione da chiedere entro giovedì 16 settembre 2027 · art. 5 c. 4" in page
    assert "I-00998877" not in page
    with core.db.transaction() as db:
        told = select(Reminder.remind_on).join(Deadline, Deadline.id == Reminder.deadline_id)
        told = told.where(Deadline.case_code == case, Deadline.term_id == "T11").order_by(Reminder.remind_on)
        assert list(db.scalars(told)) == [date(2027, 8, 17), date(2027, 9, 2), date(2027, 9, 16)]

    desk.tick("2027-08-17 08:00")
    desk.time.at("2027-09-10 10:00")
    desk.fill("carla", case, "Scegli con la persona", renewal_kind="employed", contract="open_ended")
    desk.fill("giulia", case, "Accompagna la domanda", application_outcome="lodged", lodged_on="2027-09-10")
    page = desk.page("carla", f"/cases/{case}")
    assert "Domanda in attesa : Lavoro subordinato, conversione" in page.replace("attesa:", "attesa :")
    assert "Può lavorare dal venerdì 10 settembre 2027" in page
    assert "presentata dopo il termine" not in page
    assert (dates(case)["T12"], dates(case)["T13"]) == (date(2027, 12, 9), date(2027, 10, 11))
    assert "T11" not in dates(case)
    with core.db.transaction() as db:
        assert log.verify(db) == []


def test_six_workers_of_one_inspection_each_with_a_way_of_his_own(desk):
    m1, m2, m3, m4, m5, m6 = (desk.open("2026-09-08 12:00") for _ in range(6))
    desk.link("carla", m1, episode_kind="ispezione", happened_on="2026-09-08", episode_persons="6")
    page = desk.page("carla", f"/cases/{m1}")
    event = re.search(r"FE-\w{6}", page)
    assert event
    for other in (m2, m3, m4, m5, m6):
        desk.link("carla", other, episode_code=event[0])
    page = desk.page("carla", f"/cases/{m1}")
    assert "Ispezione sul lavoro, martedì 8 settembre 2026 · 6 persone incontrate" in page
    assert all(other in page for other in (m2, m3, m4, m5, m6))

    desk.time.at("2026-09-15 12:00")
    for case in (m1, m2, m3, m4):
        desk.join(case, "2026-09-15", "non_residential")
    useful = LABOUR | {"contribution": "si"}
    desk.fill("giulia", m1, "Valuta il titolo", **useful, assessed_on="2026-09-15")
    desk.fill("giulia", m2, "Valuta il titolo", **useful, assessed_on="2026-09-15")
    desk.fill("giulia", m3, "Valuta il titolo", **LABOUR, contribution="no", assessed_on="2026-09-15")
    desk.fill("giulia", m4, "Valuta il titolo", **(useful | {"eu_answer": "si"}), assessed_on="2026-09-15")

    # M1: without the opinion nothing goes on; with it, the proposal, the receipt, work at once.
    report = {"labour_source": "inl", "labour_report_on": "2026-09-15", "useful_contribution": "si"}
    desk.fill("giulia", m1, "Raccogli il rapporto", **report, household="1")
    desk.fill("giulia", m1, "Manca il parere o il contributo", **report, opinion_on="2026-09-15", household="1")
    desk.time.at("2026-09-22 12:00")
    desk.fill("giulia", m1, "Attendi la proposta", judicial_answer="proposed", proposed_on="2026-09-22")
    desk.time.at("2026-09-24 12:00")
    desk.fill("giulia", m1, "Accompagna la domanda", application_outcome="lodged", lodged_on="2026-09-24")
    assert "Può lavorare dal giovedì 24 settembre 2026 · art. 18-ter c. 6" in desk.page("carla", f"/cases/{m1}")
    desk.time.at("2026-09-29 12:00")
    desk.fill("giulia", m1, "Accompagna alle impronte", prints_outcome="none")
    desk.fill("giulia", m1, "Attendi la Questura", questura_answer="issued", permit_issued_on="2026-09-29",
              permit_expires_on="2027-09-29")  # fmt: skip
    desk.fill("giulia", m1, "Notizia al Ministero", mlps_outcome="told", mlps_on="2026-09-29")
    page = desk.page("carla", f"/cases/{m1}")
    assert "Scadenza stampata mercoledì 29 settembre 2027" in page
    assert "Rinnovo o conversione da chiedere entro giovedì 1 luglio 2027" in page
    assert "La Questura ha avvisato il Ministero del lavoro il 29/09/2026" in page

    # M2: documents withheld, beaten, locked in: the track changes, the history stays.
    desk.fill("giulia", m2, "Raccogli il rapporto", **report, opinion_on="2026-09-15")
    desk.fill("giulia", m2, "Attendi la proposta", judicial_answer="requalify")
    desk.tick("2026-09-29 12:05")
    judicial = NOTHING | {"trafficking_facts": "si", "danger_art18": "si", "proceedings": "si"}
    desk.fill("giulia", m2, "Valuta il titolo", **judicial, assessed_on="2026-09-29")
    assert history(m2) == ["art18ter", "art18_giudiziario"]
    page = desk.page("carla", f"/cases/{m2}")
    assert "Art. 18-ter, sfruttamento lavorativo, fino al 29" in page
    assert "Art. 18, percorso giudiziario" in page

    # M3: no statement, no danger: no title, but not alone.
    desk.fill("giulia", m3, "Orienta la persona", orientation_on="2026-09-29", orientation_outcome="stays",
              orientation_topics=["asylum", "lawyer"])  # fmt: skip
    assert "Nessun titolo per ora: orientamento" in desk.page("carla", f"/cases/{m3}")

    # M4: a citizen of the Union has the programme and needs no permit.
    page = desk.page("carla", f"/cases/{m4}")
    assert "Cittadinanza dell'Unione europea" in page
    assert "Domanda in attesa" not in page
    assert not {"T12", "T14"} & set(dates(m4))

    # Nobody's file opens by the link: the fifth is in danger and masked; to who does not follow him he is not there.
    with core.db.transaction() as db:
        casefile.mask(db, m5, by="cli")
    page = desk.page("giulia", f"/cases/{m1}")
    assert m5 not in page
    assert m6 in page
    assert "6 persone incontrate" in page
    assert desk.desk("giulia").get(f"/cases/{m5}").status_code == 404
    with core.db.transaction() as db:
        assert log.verify(db) == []
