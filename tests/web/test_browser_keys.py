"""An afternoon without a mouse: what the other stories do by a click, done with Tab, Enter, Space and letters alone."""

import pytest
from playwright.sync_api import Page, expect

import core.db
from cases import persons, transfers
from tests.web.browser import PASSWORD
from tests.web.seat import Sit
from tests.web.test_browser_street import reach

pytestmark = pytest.mark.browser


def write(page: Page, name: str, text: str) -> None:
    """Go on to this field and type; in a list the letters choose, in a date the day is the month: browsers order them otherwise."""
    reach(page, f"main [name={name}]")
    page.keyboard.type(text)


def press(page: Page, selector: str, key: str = "Enter") -> None:
    reach(page, selector)
    page.keyboard.press(key)


def test_an_afternoon_by_keys_alone(placed, sit: Sit):
    with core.db.transaction() as db:
        persons.record(db, placed.case, {"first_name": "Оксана", "last_name": "Прова"}, by="cli")
        asked = {"reason": "sicurezza", "urgency": "alta", "place_kind": "pronta"}
        code = transfers.request(db, placed.case, asked, by="test").code
    carla, piero = (sit(placed.app, login, viewport={"width": 1440, "height": 900}) for login in ("carla", "piero"))
    page = carla.go("/account")
    page.keyboard.press("Control+Alt+l")
    page.wait_for_url("**/unlock**")
    expect(page.locator("#f-password"), "autofocus comes with the first frame, which may be after the load").to_be_focused()
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: url.endswith("/account") and "/unlock" not in url)

    press(page, "main a[href$='/account/absences']")
    page.wait_for_url("**/absences")
    write(page, "from_on", "09092026")
    write(page, "to_on", "10102026")
    write(page, "deputy", "Giulia")
    press(page, "main form .primary")
    expect(page.locator(".row")).to_contain_text("sostituisce Giulia Neri")

    page.goto("/search")
    write(page, "purpose", "Prima")
    write(page, "name", "Oxana Prova")
    page.keyboard.press("Enter")
    press(page, f"main a[href='/cases/{placed.case}']")
    page.wait_for_url(f"**/cases/{placed.case}")
    press(page, "details:has(> #documents) > summary")
    press(page, "#documents a[href$='/files/new']")
    page.wait_for_url("**/files/new")
    page.go_back()
    press(page, "details:has(> #change) > summary")
    press(page, "#change details > summary")
    press(page, "form[action$='/pathways/referral'] button")
    expect(page.get_by_role("heading", level=1)).to_have_text("Prepara e manda l'invio")

    page.goto("/inbox")
    page.keyboard.press("/")
    page.keyboard.type("rischio")
    page.keyboard.press("Enter")
    expect(page.locator("[data-keys-list] .row")).to_have_count(1)
    page.wait_for_load_state("load")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Valuta il rischio")
    write(page, "risk_occasion", "All")
    press(page, "[name=risk_level][value=basso]", "Space")
    page.keyboard.press("ArrowDown")
    press(page, "#task .primary")
    expect(page.get_by_text("Attività completata")).to_be_visible()

    page = piero.go(f"/transfers/{code}/offer")
    write(page, "place_kind", "Pronta")
    write(page, "from_on", "09092026")
    press(page, "main form .primary")
    expect(page.locator(".notice[role=status]")).to_contain_text("Offerta mandata")
    assert carla.screen.complaints == piero.screen.complaints == []
