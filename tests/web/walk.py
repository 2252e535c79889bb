"""The first case of the house, step by step, as its people do it at their desks (21 July to 20 August 2026)."""

import re
from html import unescape
from typing import Any

from tests.conftest import Time
from tests.web.browser import Browser
from web.app import App


def complaint(page: str) -> str:
    """What a refused page says."""
    return page.partition('id="errors"')[2].partition("</div>")[0] or page.partition("<main")[2]


INTERVIEWS = (
    ("2026-08-24", ["luogo_bisogni", "fiducia"], "continue", "2026-09-02"),
    ("2026-09-02", ["famiglia_partenza", "reclutamento"], "suspended", "2026-09-11"),
    ("2026-09-11", ["viaggio", "sfruttamento"], "continue", "2026-09-18"),
    ("2026-09-18", ["uscita_pericolo", "diritti_scelta"], "enough", ""),
)


class Walk:
    """One person's way from a street contact to the attestato; every step is taken through the pages."""

    def __init__(self, app: App, time: Time) -> None:
        self.app, self.time = app, time
        self.desks = {name: Browser(app) for name in ("ugo", "anna", "bruno", "carla", "dario")}
        self.contact = self.call = self.case = self.shelter = ""

    def at(self, rome: str, login: str) -> Browser:
        """It is this hour in Rome and this person sits down, logging in if need be."""
        self.time.at(rome)
        return self.desk(login)

    def desk(self, login: str) -> Browser:
        """This person's browser, logged in."""
        desk = self.desks[login]
        if desk.get("/account").status_code != 200:
            desk.client.delete_cookie("approdo")
            desk.log_in(login)
        return desk

    def page(self, login: str, path: str) -> str:
        """What this person reads on a page now, without the markup."""
        text = self.desk(login).get(path).text
        return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", text)))

    def do(self, desk: Browser, task: str, **answers: Any) -> Browser:
        """Open the first task with this name, fill in its form and complete it."""
        address = desk.task(task)
        desk.get(address)
        for _ in range(3):
            desk.send(address, _refresh="1", **answers)
        desk.send(address, **{**answers, "_refresh": []})
        assert desk.reply.status_code == 303, complaint(desk.reply.text)
        return desk

    def meet(self) -> str:
        """21 July, 23:40: the street unit meets somebody who says nothing."""
        desk = self.at("2026-07-21 23:40", "ugo")
        desk.get("/contacts/new/street")
        self.contact = self._recorded(desk, "/contacts/new/street", province="MI", apparent_age="18-24")
        return self.contact

    def meet_again(self) -> str:
        """4 August: she takes the card and says how she may be reached."""
        desk = self.at("2026-08-04 22:30", "ugo")
        desk.get("/contacts/new/street")
        desk.send("/contacts/new/street", recontact_consent="true", _refresh="1")
        answers = {"recontact_consent": "true", "safe_channel": "WhatsApp, dalle 15 alle 17", "_refresh": []}
        return self._recorded(
            desk, "/contacts/new/street", province="MI", person_code=self.contact, number_given="true", **answers
        )

    def ring(self) -> str:
        """11 August, 02:10: she calls and wants to leave now."""
        desk = self.at("2026-08-11 02:10", "anna")
        desk.get("/contacts/new/call")
        self.call = self._recorded(
            desk, "/contacts/new/call", danger="si", wants_out="si", can_speak="si", minor="no", activator="vittima",
            province="MI", language="pcm", person_code=self.contact, summary="Vuole uscire adesso",
        )  # fmt: skip
        return self.call

    def pick_up(self) -> str:
        """11 August, 04:30: the desk of Milan has her in hand and a case begins."""
        desk = self.at("2026-08-11 04:35", "bruno")
        self.do(desk, "Rispondi e vai incontro", pickup_at="2026-08-11T04:30", pickup_outcome="case")
        page = desk.get(f"/contacts/{self.call}").text
        self.case = page.partition('href="/cases/')[2].partition('"')[0]
        return self.case

    def house(self) -> str:
        """11 August, morning: a bed in the house."""
        desk = self.at("2026-08-11 05:30", "carla")
        task = desk.task("Trova un posto sicuro")
        desk.get(task)
        page = desk.send(task, placement_kind="struttura", _refresh="1").text
        self.shelter = "CS-" + page.partition('<option value="CS-')[2].partition('"')[0]
        self.do(desk, "Trova un posto sicuro", placement_kind="struttura", shelter=self.shelter, placed_on="2026-08-11")
        return self.shelter

    def weigh(self, level: str = "alto") -> None:
        """11 August: the risk is high, the supervisor agrees."""
        desk = self.at("2026-08-11 10:00", "carla")
        self.do(
            desk, "Valuta il rischio", risk_on="2026-08-11", risk_occasion="ingresso", risk_level=level,
            review_on="2026-08-13", safety_plan="Nessuna uscita da sola",
        )  # fmt: skip
        if level in ("alto", "imminente"):
            self.do(self.at("2026-08-11 12:00", "dario"), "Visto della supervisione", approval_on="2026-08-11",
                    approval_outcome="confirmed")  # fmt: skip

    def explain(self) -> None:
        """13 August: her rights, with a mediator, leaflet 3."""
        desk = self.at("2026-08-13 10:00", "carla")
        self.do(
            desk, "Spiega i diritti", information_on="2026-08-13", information_language="en", leaflet_version="diritti-it-1",
            information_mediator="true", information_mediator_code="MED-7Q2K", topic_reflection="true",
            topic_permit="true", topic_protection="true", topic_refusal="true", understood="si",
        )  # fmt: skip

    def tell_the_questore(self) -> None:
        """14 August: indicators, her consent, the communication."""
        desk = self.at("2026-08-14 09:00", "carla")
        self.do(
            desk, "Raccogli gli indicatori", indicators_on="2026-08-14", indicators_outcome="presunta",
            indicators=["debito_viaggio", "viaggio_controllato"],
        )  # fmt: skip
        self.do(
            desk, "Comunica al Questore", communication_basis="consent", consent_by="person", consent_on="2026-08-14",
            consent_language="en", consent_text_version="informativa-it-1", consent_way="scritto", measures_on="2026-08-11",
            communication_on="2026-08-14", communication_channel="pec",
        )  # fmt: skip

    def receive_attestato(self) -> None:
        """20 August: the attestato, 45 days."""
        desk = self.at("2026-08-20 12:00", "carla")
        self.do(
            desk, "Attendi l'attestato", attestato_outcome="issued", attestato_on="2026-08-20", cui="05ABCDE",
            number="MI-2026-0042",
        )  # fmt: skip

    def talk(self) -> None:
        """24 August to 18 September: four interviews with a mediator, then form F05."""
        desk = self.at("2026-08-21 10:00", "carla")
        self.do(desk, "Prepara i colloqui", plan_outcome="interviews", stop_right_told="true", next_interview_on="2026-08-24")
        for day, themes, outcome, again in INTERVIEWS:
            desk = self.at(f"{day} 15:00", "carla")
            self.do(
                desk, "Colloquio", interview_on=day, interview_minutes="60", interview_mediator="true",
                interview_mediator_code="MED-7Q2K", interview_themes=themes, interview_themes_done=themes,
                interview_outcome=outcome, next_interview_on=again, account="Racconta del viaggio",
            )  # fmt: skip
        self.do(
            desk, "Scrivi la valutazione", evaluation_on="2026-09-18", evaluation_opinion="tratta", debt="si",
            debt_amount="25000", exploitation=["sessuale_strada"], will="Restare al sicuro e lavorare",
        )  # fmt: skip

    def decide(self) -> None:
        """Friday 25 September: the team identifies her."""
        desk = self.at("2026-09-25 16:00", "carla")
        self.do(
            desk, "Decidi in équipe", decision_on="2026-09-25", decision_outcome="identificata_tratta",
            decision_by="ente_antitratta", decided_with=["referente", "supervisione", "mediatore"], dissent="true",
            minority_opinion="Avrei aspettato un altro colloquio", forms_of_exploitation=["sessuale"],
        )  # fmt: skip

    def all_the_way(self) -> str:
        """From the street to the attestato; returns the code of the case."""
        for step in (self.meet, self.meet_again, self.ring, self.pick_up, self.house, self.weigh, self.explain,
                     self.tell_the_questore, self.receive_attestato):  # fmt: skip
            step()
        return self.case

    @staticmethod
    def _recorded(desk: Browser, page: str, **answers: Any) -> str:
        reply = desk.send(page, **answers)
        assert reply.status_code == 303, complaint(reply.text)
        return reply.location.partition("?")[0].rpartition("/")[2]
