"""Work at the screen: a call without a mouse, a form without JavaScript, drafts that keep themselves."""

import re

import pytest
from playwright.sync_api import Dialog, Page, expect

from tests.web.browser import PASSWORD
from tests.web.screen import Screen

pytestmark = pytest.mark.browser


def tab_to(page: Page, name: str) -> None:
    """Press Tab until the control with this name has the focus, as somebody without a mouse does."""
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.name") == name:
            return
    raise AssertionError(f"Tab never reaches {name}")


def test_a_call_is_taken_without_a_mouse(screen):
    desk: Screen = screen("anna")
    page = desk.open("/contacts")
    page.keyboard.press("n")
    page.wait_for_url("**/contacts/new/call")

    told = page.get_by_role("status").filter(has_text="Se registri adesso")
    expect(told).to_contain_text("Priorità: media.")
    tab_to(page, "danger")
    page.keyboard.press("Space")
    expect(told).to_contain_text("Priorità: emergenza.")
    tab_to(page, "wants_out")
    page.keyboard.press("Space")
    tab_to(page, "activator")
    page.keyboard.type("La persona")
    tab_to(page, "province")
    page.keyboard.type("Milano")
    tab_to(page, "language")
    expect(told).to_contain_text(re.compile("Va a .*Risposta entro 30 minuti"))
    page.keyboard.type("pidgin")
    tab_to(page, "safe_channel")
    page.keyboard.type("WhatsApp, dalle 15 alle 17")
    tab_to(page, "summary")
    page.keyboard.type("Vuole uscire adesso, è in stazione")
    tab_to(page, "person_code")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/contacts/NV-\w+\?done=recorded"))

    main = page.locator("main")
    expect(main).to_contain_text("Contatto registrato.")
    expect(main).to_contain_text("Milano")
    expect(main).to_contain_text("pidgin nigeriano")
    expect(main).to_contain_text("Vuole uscire adesso, è in stazione")


def test_the_whole_way_to_a_bed_without_javascript(screen, prepared):
    desk: Screen = screen("bruno", java_script_enabled=False)
    page = desk.open("/inbox")
    page.get_by_role("link", name="Rispondi e vai incontro").click()
    page.locator("[name=pickup_at]").fill("2026-08-11T05:30")
    page.locator("[name=pickup_outcome][value=case]").check()
    page.get_by_role("button", name="Completa").click()
    expect(page.locator("main")).to_contain_text("Attività completata.")

    desk = screen("carla", java_script_enabled=False)
    page = desk.open("/inbox")
    page.get_by_role("link", name="Trova un posto sicuro").click()
    page.locator("[name=placement_kind][value=struttura]").check()
    assert page.locator("[name=shelter]").count() == 0
    page.get_by_role("button", name="Aggiorna i campi").click()
    page.locator("[name=shelter]").select_option(index=1)
    page.locator("[name=placed_on]").fill("2026-08-11")
    page.get_by_role("button", name="Completa").click()
    expect(page.locator("main")).to_contain_text("Attività completata.")


def test_a_field_appears_by_itself_and_what_was_typed_stays(screen, prepared):
    desk: Screen = screen("ugo")
    page = desk.open("/contacts/new/street")
    page.locator("[name=summary]").fill("Ha freddo")
    assert page.locator("[name=safe_channel]").count() == 0
    page.get_by_label("Accetta di essere ricontattata").check()

    expect(page.locator("[name=safe_channel]")).to_be_visible()
    expect(page.locator("[name=summary]")).to_have_value("Ha freddo")
    expect(page.get_by_role("button", name="Aggiorna i campi")).to_be_hidden()


def test_what_is_typed_survives_the_lock_byte_for_byte(screen):
    words = "«Aiuto», dice: <b>è</b> in via 7 & non può parlare 🤫"
    desk: Screen = screen("anna")
    page = desk.open("/contacts/new/call")
    page.locator("[name=summary]").fill(words)
    page.keyboard.press("Control+Alt+l")
    page.wait_for_url("**/unlock**")
    page.locator("#f-password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/contacts/new/call")

    expect(page.locator("[name=summary]")).to_have_value(words)


def test_a_draft_is_saved_by_itself_and_found_on_another_device(screen):
    first: Screen = screen("anna")
    first.open("/contacts/new/call").locator("[name=summary]").press_sequentially("Richiama domani")
    expect(first.page.locator("[data-draft-status]")).to_contain_text("Bozza salvata alle", timeout=8000)

    second: Screen = screen("anna")
    expect(second.open("/contacts/new/call").locator("[name=summary]")).to_have_value("Richiama domani")


def test_a_task_is_claimed_from_the_keyboard(screen):
    desk: Screen = screen("carla")
    page = desk.open("/inbox")
    page.keyboard.press("j")
    page.keyboard.press("c")
    page.wait_for_url("**/inbox?done=claimed#*")

    expect(page.locator("main")).to_contain_text("assegnata a me")


def test_a_hostile_note_stays_text(screen):
    desk: Screen = screen("anna")
    dialogs: list[str] = []

    def refuse(dialog: Dialog) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    desk.page.on("dialog", refuse)
    page = desk.open("/contacts/new/call")
    page.locator("[name=summary]").fill("<img src=x onerror=alert(1)><script>alert(2)</script>")
    page.get_by_role("button", name="Registra").click()
    page.wait_for_url("**done=recorded")

    expect(page.locator("main")).to_contain_text("<script>alert(2)</script>")
    assert dialogs == []


def test_a_call_outlives_its_cookie_and_what_nobody_needs_now_stays_folded(screen):
    desk: Screen = screen("anna", java_script_enabled=False, viewport={"width": 320, "height": 568})
    page = desk.open("/contacts/new/call")
    length = page.evaluate("document.documentElement.scrollHeight")
    folded = page.locator("details.group")
    expect(page.locator("[name=channel]")).to_be_hidden()
    page.locator("[name=danger][value=no]").check()
    page.locator("[name=summary]").fill("Chiama dalla stazione, richiama domani")
    folded.last.locator("summary").press("Enter")
    folded.last.locator("input").first.check()
    desk.context.clear_cookies()
    page.get_by_role("button", name="Registra").click()

    expect(page.get_by_text("Quello che hai scritto non è partito, ma non è perso")).to_be_visible()
    page.get_by_label("Nome utente").fill("anna")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Entra").click()
    expect(page.get_by_role("heading", name="Non è ancora inviato")).to_be_visible()
    assert desk.overflow(320) == 0
    page.get_by_role("button", name="Invia di nuovo").click()
    page.wait_for_url(re.compile(r"/contacts/NV-\w+\?done=recorded"))
    expect(page.locator("main")).to_contain_text("Chiama dalla stazione, richiama domani")

    page.goto("/contacts/new/call")
    folded.first.locator("summary").click()
    page.locator("[name=at]").fill("")
    page.get_by_role("button", name="Registra").click()
    expect(page.locator("[name=at]")).to_be_visible()
    assert length < 2_700
