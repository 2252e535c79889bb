"""A night in the street at the screen: 320 pixels, keys alone, with and without JavaScript, and without a network."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.web.screen import Screen

pytestmark = pytest.mark.browser
PHONE = {"viewport": {"width": 320, "height": 640}}


def whole(desk: Screen) -> None:
    """Nothing to complain about on this page at 320 pixels."""
    assert desk.overflow(320) == 0


def reach(page: Page, selector: str) -> None:
    """Go on with Tab until this control has the focus, as somebody without a mouse does."""
    wanted = page.locator(selector)
    for _ in range(120):
        page.keyboard.press("Tab")
        if wanted.evaluate("e => e === document.activeElement"):
            return
    raise AssertionError(f"Tab never comes to {selector}")


def one_contact(page: Page, number: int) -> str:
    """A contact in the middle of the night, by keys: who, what is needed, done. Returns the code on the card."""
    reach(page, "a[href$='/contacts/new']")
    page.keyboard.press("Enter")
    page.wait_for_selector("#contact")
    reach(page, "[name=apparent_gender][value=femmina]")
    page.keyboard.press("Space")
    reach(page, "[name=apparent_age][value='0-13']")
    page.keyboard.press("ArrowDown" if number % 2 else "ArrowUp")
    reach(page, "[name=needs][value=salute]")
    page.keyboard.press("Space")
    reach(page, "#f-material_given")
    page.keyboard.press("Space")
    reach(page, "#contact .primary")
    page.keyboard.press("Enter")
    page.wait_for_url("**met=**")
    return page.locator("strong.code").inner_text()


@pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without"])
def test_an_outing_with_eight_contacts_by_keys_at_320_pixels(screen, script):
    desk: Screen = screen("ugo", java_script_enabled=script, **PHONE)
    page = desk.open("/outings")
    page.locator("a.row-title").first.press("Enter")
    cards = [one_contact(page, number) for number in range(7)]
    page.locator("[name=again]").press_sequentially(cards[0].lower())
    page.keyboard.press("Enter")
    page.wait_for_selector("#contact")
    expect(page.locator("main")).to_contain_text("Incontro n. 2")
    expect(page.locator("main")).to_contain_text("Stazione: salute")
    if script:
        page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")  # where no choice is half under the button
        assert desk.axe() == []
        whole(desk)
    reach(page, "#contact .primary")
    page.keyboard.press("Enter")
    page.wait_for_url("**met=**")

    expect(page.locator("main")).to_contain_text("8 contatti nuovi: 7, già incontrati: 1")
    page.locator("summary", has_text="Presenze").press("Enter")
    page.locator("[name=present-1]").press_sequentially("5")
    page.keyboard.press("Enter")
    page.wait_for_url("**done=kept**")
    page.locator("summary", has_text="Chiudi").press("Enter")
    page.locator("[name=material-biglietti]").press_sequentially("8")
    page.keyboard.press("Enter")
    page.wait_for_url("**done=outing_closed**")
    expect(page.get_by_role("row", name=re.compile("Stazione"))).to_contain_text(
        re.compile(r"Stazione\s*5\s*8\s*7\s*1")
    )
    if script:
        assert desk.axe() == []
        whole(desk)


def test_without_a_network_for_a_moment_nothing_is_lost_and_nothing_is_written_twice(screen):
    desk: Screen = screen("ugo", **PHONE)
    page = desk.open("/outings")
    page.locator("a.row-title").first.click()
    page.get_by_role("link", name="Nuovo contatto").click()
    page.locator("#f-recontact_consent").check()
    page.locator("#f-safe_channel").fill("Messaggi dopo le 15")
    desk.context.set_offline(True)
    page.get_by_role("button", name="Registra").click()
    expect(page.locator("[data-draft-status]")).to_contain_text("Manca la rete")
    expect(page.locator("#f-safe_channel")).to_have_value("Messaggi dopo le 15")
    page.get_by_role("button", name="Registra").click()
    desk.context.set_offline(False)
    page.wait_for_url("**met=**")

    expect(page.locator("main")).to_contain_text("1 contatto")


def test_the_buttons_of_the_short_form_are_made_for_a_thumb(screen, prepared):
    desk: Screen = screen("ugo", has_touch=True, is_mobile=True, **PHONE)
    page = desk.open(f"/outings/{prepared.places['outing']}/contacts/new")

    page.evaluate("document.querySelectorAll('details.group').forEach(one => one.open = true)")
    for choice in page.locator(".choice").all():
        size = choice.bounding_box()
        assert size
        assert size["height"] >= 48
    button = page.get_by_role("button", name="Registra").bounding_box()
    assert button
    assert button["height"] >= 56
    assert button["y"] + button["height"] <= 640  # in sight without scrolling


def test_an_appointment_is_fixed_moved_and_called_off_by_keys(screen, prepared):
    desk: Screen = screen("carla", **PHONE)
    page = desk.open(f"/cases/{prepared.places['case']}")
    page.get_by_role("link", name="Fissa un appuntamento").press("Enter")
    page.locator("[name=kind]").select_option("avvocato")
    page.locator("[name=from_at]").fill("2026-08-12T10:00")
    page.locator("[name=minutes]").press("Enter")
    page.wait_for_url("**done=appointment_set")
    assert desk.axe() == []
    whole(desk)
    page.locator("summary", has_text="Sposta").press("Enter")
    page.locator("details [name=from_at]").fill("2026-08-13T10:00")
    page.locator("details [name=reason]").select_option("ufficio")
    page.get_by_role("button", name="Sposta").press("Enter")
    page.wait_for_url("**done=appointment_moved")
    page.locator("#f-reason").select_option("persona")
    page.get_by_role("button", name="Annulla l'appuntamento").press("Enter")
    page.wait_for_url("**done=kept")
    expect(page.locator("main")).to_contain_text("annullato")


def test_the_desk_calls_the_next_one(screen):
    desk: Screen = screen("bruno", java_script_enabled=False, **PHONE)
    page = desk.open("/desk")
    page.get_by_role("button", name=re.compile("^Chiamo io ?: 1")).press("Enter")
    expect(page.locator("main")).to_contain_text("con Bruno Riva")
    page.get_by_role("button", name=re.compile("^Registra il contatto")).press("Enter")
    expect(page.locator("[name=needs][value=casa]")).to_be_checked()
