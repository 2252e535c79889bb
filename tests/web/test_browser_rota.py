"""The rota on a phone: a table for screen readers, a list of days for the eye, filled by keys alone."""

import re

import pytest
from playwright.sync_api import expect

from tests.web.screen import Screen

pytestmark = pytest.mark.browser
PHONE = {"viewport": {"width": 320, "height": 700}}


def test_a_supervisor_fills_and_ends_a_shift_at_320_pixels_by_keys_alone(screen):
    desk: Screen = screen("dario", **PHONE)
    page = desk.open("/rota?week=2026-08-10")
    expect(page.get_by_role("table")).to_have_count(1)
    expect(page.get_by_role("row")).to_have_count(8)
    expect(page.get_by_role("rowheader")).to_have_count(7)
    new = page.get_by_role("link", name="Nuovo turno")
    new.focus()
    page.keyboard.press("Enter")

    page.get_by_label("Chi", exact=False).first.focus()
    page.keyboard.type("Bruno")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Giorno", exact=False)).to_be_focused()
    page.get_by_label("Giorno", exact=False).fill("2026-08-12")
    page.keyboard.press("Enter")
    page.wait_for_url("**done=shift_kept")
    row = page.get_by_role("row", name=re.compile("mercoledì 12 agosto"))
    expect(row).to_contain_text("22:00–06:00 Bruno Riva")
    assert desk.axe() == []
    assert desk.overflow(320) == 0
    boxes = [cell.bounding_box() for cell in (row.get_by_role("rowheader"), row.get_by_role("cell").first)]
    assert boxes[0]
    assert boxes[1]
    assert boxes[0]["y"] + boxes[0]["height"] <= boxes[1]["y"] + 1, "one below the other"
    assert boxes[0]["x"] == boxes[1]["x"]

    row.get_by_role("link", name=re.compile("^Cambia")).press("Enter")
    page.get_by_role("button", name="Togli il turno").press("Enter")
    page.wait_for_url("**done=shift_ended")
    expect(page.get_by_role("row", name=re.compile("mercoledì 12 agosto"))).to_contain_text("nessuno tutto il giorno")


def test_on_a_wide_screen_the_days_are_a_table_of_three_columns(screen):
    desk: Screen = screen("dario", viewport={"width": 1440, "height": 900}, java_script_enabled=False)
    page = desk.open("/rota?week=2026-08-10")
    cells = [cell.bounding_box() for cell in page.get_by_role("row").nth(1).locator("th, td").all()]

    assert [cell["y"] for cell in cells if cell] == [cells[0]["y"]] * 3 if cells[0] else False


def test_a_call_is_offered_and_taken_on_two_phones(screen, prepared):
    anna, bruno = screen("anna", **PHONE), screen("bruno", **PHONE)
    call = f"/contacts/{prepared.places['contact']}"
    page, other = anna.open(call), bruno.open("/inbox")
    page.get_by_role("button", name="Offri a tutto lo sportello").click()
    expect(page.locator("#voice + p, section[aria-labelledby=voice]").first).to_contain_text("in attesa di qualcuno dello sportello")
    assert anna.axe() == []
    assert anna.overflow(320) == 0

    other.reload()
    other.get_by_role("link", name="Guarda").click()
    other.wait_for_url("**/contacts/**")
    assert bruno.axe() == []
    assert bruno.overflow(320) == 0
    other.get_by_role("button", name="La prendo io").press("Enter")
    expect(other.locator(".notice")).to_contain_text("La chiamata è tua")
    page.get_by_role("link", name="Guarda se ha risposto").click()
    expect(page.locator("section[aria-labelledby=voice]")).to_contain_text("Bruno Riva")
