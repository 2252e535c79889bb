"""The first case of the house, step by step, as its people do it at their desks (21 July to 20 August 2026)."""

from typing import Any

from tests.conftest import Time
from tests.web.conftest import Browser
from web.app import App


class Walk:
    """One person's way from a street contact to the attestato; every step is taken through the pages."""

    def __init__(self, app: App, time: Time) -> None:
        self.time = time
        self.desks = {name: Browser(app) for name in ("ugo", "anna", "bruno", "carla", "dario")}
        self.contact = self.call = self.case = self.shelter = ""

    def at(self, rome: str, login: str) -> Browser:
        """It is this hour in Rome and this person sits down, logging in if need be."""
        self.time.at(rome)
        desk = self.desks[login]
        if desk.get("/inbox").status_code != 200:
            desk.client.delete_cookie("approdo")
            desk.log_in(login)
        return desk

    def do(self, desk: Browser, task: str, **answers: Any) -> Browser:
        """Open the first task with this name, fill in its form and complete it."""
        address = desk.task(task)
        desk.get(address)
        for _ in range(3):
            desk.send(address, _refresh="1", **answers)
        desk.send(address, **{**answers, "_refresh": []})
        assert desk.reply.status_code == 303, desk.reply.text
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
        self.do(desk, "Rispondi alla persona e valuta", pickup_at="2026-08-11T04:30", pickup_outcome="case")
        page = desk.get(f"/contacts/{self.call}").text
        self.case = page.partition('href="/cases/')[2].partition('"')[0]
        return self.case

    def house(self) -> str:
        """11 August, morning: a bed in the house."""
        desk = self.at("2026-08-11 05:30", "carla")
        page = desk.get(desk.task("Trova un posto sicuro")).text
        self.shelter = page.partition('<option value="CS-')[2].partition('"')[0]
        self.shelter = f"CS-{self.shelter}"
        self.do(desk, "Trova un posto sicuro", placement_kind="struttura", shelter=self.shelter, placed_on="2026-08-11")
        return self.shelter

    @staticmethod
    def _recorded(desk: Browser, page: str, **answers: Any) -> str:
        reply = desk.send(page, **answers)
        assert reply.status_code == 303, reply.text
        return reply.location.partition("?")[0].rpartition("/")[2]
