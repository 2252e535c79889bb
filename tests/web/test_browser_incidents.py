"""The coordinator clears a parked fault on a small screen without a mouse; a supervisor adds and skips steps there."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.web.screen import Screen
from tests.web.test_browser_pages import speak
from tests.web.test_browser_work import tab_to

pytestmark = pytest.mark.browser

SMALL = {"width": 320, "height": 640}
WHY = "Il servizio è stato riparato ieri"


def tab_to_link(page: Page, href: str) -> None:
    """Press Tab until the link to this address has the focus."""
    for _ in range(80):
        page.keyboard.press("Tab")
        if (page.evaluate("document.activeElement.getAttribute('href')") or "").startswith(href):
            return
    raise AssertionError(f"Tab never reaches {href}")


@pytest.mark.parametrize(
    ("language", "says"),
    [("it", ("1 percorso si è fermato.", "Nessun percorso è fermo.", "Il passo riparte entro un minuto.")),
     ("en", ("1 pathway has stopped.", "No pathway has stopped.", "The step starts again within a minute."))],
)  # fmt: skip
def test_a_parked_fault_is_cleared_by_keyboard_on_a_phone(screen, prepared, language, says):
    desk: Screen = screen("lucia", viewport=SMALL, reduced_motion="reduce")
    speak("lucia", language)
    page = desk.open("/models")
    expect(page.locator(".banner", has_text=says[0])).to_be_visible()
    tab_to_link(page, "/incidents")
    page.keyboard.press("Enter")
    page.wait_for_url("**/incidents")
    assert desk.axe() == []
    assert desk.overflow(320) == 0

    tab_to_link(page, f"/incidents/{prepared.places['incident_id']}")
    page.keyboard.press("Enter")
    page.wait_for_url("**/incidents/*")
    assert desk.axe() == []
    assert desk.overflow(320) == 0
    tab_to(page, "way")
    page.keyboard.press("Space")
    tab_to(page, "reason")
    page.keyboard.type("boh")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#errors")).to_be_focused()
    page.evaluate("scrollTo(0, 0)")  # half a link under the bar on top is no fault of the page
    assert desk.axe() == []
    assert desk.overflow(320) == 0

    tab_to(page, "reason")
    page.keyboard.press("Control+a")
    page.keyboard.type(WHY)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/incidents?done=incident_retried")
    expect(page.locator("main")).to_contain_text(says[1])
    expect(page.locator("main")).to_contain_text(says[2])
    expect(page.locator(".banner", has_text=says[0])).to_have_count(0)


def test_a_step_is_added_and_done_without_javascript(screen, prepared):
    desk: Screen = screen("carla", java_script_enabled=False, viewport=SMALL)
    page = desk.open(f"/cases/{prepared.places['case']}")
    page.locator("summary", has_text="Fai altro").click()
    page.get_by_role("link", name="Aggiungi un passo").click()
    page.locator("[name=what]").select_option("richiama")
    page.locator("[name=group]").select_option("case_manager")
    page.locator("[name=due_on]").fill("2026-08-12")
    page.locator("[name=note]").fill("Solo dalle 15 alle 17")
    page.locator("[name=reason]").fill("Ha chiesto di essere richiamata")
    page.get_by_role("button", name="Aggiungi").click()
    expect(page.locator("main")).to_contain_text("Passo aggiunto")

    page = desk.open("/inbox")
    page.get_by_role("link", name="Richiama la persona").click()
    expect(page.locator("main")).to_contain_text("Solo dalle 15 alle 17")
    page.get_by_role("button", name="Completa").click()
    page.wait_for_url(re.compile("done=completed"))


def test_an_early_end_and_the_way_back_are_for_everybody(screen, prepared):
    desk: Screen = screen("dario", viewport=SMALL, reduced_motion="reduce")
    case = f"/cases/{prepared.places['case']}"
    page = desk.open(f"{case}/close")
    page.locator("[name=outcome]").select_option("altro_servizio")
    page.locator("[name=reason]").fill("Va a vivere da una zia lontano")
    page.get_by_role("button", name="Chiudi il caso").click()
    page.wait_for_url("**done=case_closed")
    assert desk.axe() == []
    page.get_by_role("link", name="Riapri il caso").click()
    assert desk.axe() == []
    assert desk.overflow(320) == 0

    page.locator("[name=go_on][value=by_hand]").check()
    page.locator("[name=reason]").fill("È tornata e vuole ricominciare")
    page.get_by_role("button", name="Riapri").click()
    page.wait_for_url("**done=case_reopened")
    expect(page.locator("main")).to_contain_text("Decidi come riprende il caso")
    assert desk.axe() == []
    assert desk.overflow(320) == 0
