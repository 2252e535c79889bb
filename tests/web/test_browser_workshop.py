"""The workshop on a phone, by keys alone and without JavaScript: a step changed, one added, one taken out."""

import re

import pytest
from playwright.sync_api import expect

from tests.web.screen import Screen

pytestmark = pytest.mark.browser
PHONE = {"viewport": {"width": 320, "height": 700}, "java_script_enabled": False}


def test_a_pathway_is_changed_as_a_list_at_320_pixels_by_keys_alone(screen):
    desk: Screen = screen("lucia", **PHONE)
    page = desk.open("/models/protection/draft/steps")
    expect(page.get_by_role("table")).to_have_count(1)
    page.get_by_role("link", name="Modifica Trova un posto sicuro").press("Enter")

    page.get_by_label("Entro quanto").fill("4")
    page.keyboard.press("Enter")
    page.wait_for_url("**done=draft_saved*")
    row = page.get_by_role("row", name=re.compile("^Trova un posto sicuro"))
    expect(row).to_contain_text("4 ore")

    row.get_by_role("link", name=re.compile("^Aggiungi dopo")).press("Enter")
    page.get_by_label("Nome", exact=False).first.fill("Chiama la casa")
    page.get_by_label("Chi lo fa").focus()
    page.keyboard.type("Referente del caso")
    page.get_by_role("button", name="Aggiungi alla bozza").press("Enter")
    page.wait_for_url("**done=step_drawn*")
    expect(page.get_by_role("rowheader", name="Chiama la casa")).to_have_count(1)

    page.get_by_role("link", name="Togli Chiama la casa").press("Enter")
    page.get_by_role("button", name="Togli dalla bozza").press("Enter")
    page.wait_for_url("**done=step_taken_out")
    expect(page.get_by_role("rowheader", name="Chiama la casa")).to_have_count(0)
    page.get_by_role("link", name="Bozza").first.press("Enter")
    page.get_by_label("Che cosa cambia e perché").fill("Il posto si cerca in meno ore")
    page.get_by_role("button", name="Proponi").press("Enter")
    page.wait_for_url("**done=draft_proposed")


def test_what_a_draft_changes_is_seen_on_the_drawing_beside_the_version_in_force(screen):
    desk: Screen = screen("lucia", viewport={"width": 1440, "height": 900})
    page = desk.open("/models/errands/draft/difference")
    expect(page.locator(".djs-overlay").get_by_text("cambiato")).to_have_count(1)
    page.get_by_role("button", name="Mostra la versione in vigore").press("Enter")
    expect(page.get_by_role("button", name="Mostra la bozza")).to_be_visible()
    assert desk.axe() == []
