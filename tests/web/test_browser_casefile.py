"""The case file at the screen, each part without JavaScript on a phone and looked over by axe on a desk."""

import pytest
from playwright.sync_api import expect

import core.db
from cases import consents, persons
from core import clock
from tests.web.screen import Screen

pytestmark = pytest.mark.browser

PHONE = {"width": 320, "height": 640}


@pytest.fixture
def known(prepared, site):
    """The case of the prepared office, once somebody has said who she is."""
    with core.db.transaction() as db:
        persons.record(db, prepared.places["case"], {"first_name": "Blessing", "last_name": "Osagie"}, by="cli")
    return prepared.places["case"]


def search(desk: Screen) -> None:
    page = desk.open("/search")
    page.get_by_label("Perché cerchi").select_option("apertura")
    page.get_by_label("Nome, cognome, soprannome").fill("osaghie Blesing")
    page.get_by_role("button", name="Cerca").click()
    page.wait_for_selector("#answer")


def test_before_a_case_is_opened_a_search_finds_it_and_tells_a_stranger_whom_to_ask(screen, known):
    phone: Screen = screen("carla", java_script_enabled=False, viewport=PHONE)
    search(phone)
    expect(phone.page.get_by_role("link", name=known)).to_be_visible()
    expect(phone.page.locator("main")).to_contain_text("nome che suona simile")
    assert "saghie" not in phone.page.url

    stranger: Screen = screen("piero", color_scheme="dark", reduced_motion="reduce")
    search(stranger)
    expect(stranger.page.locator("main")).to_contain_text("Esiste: chiedi a")
    expect(stranger.page.locator("main")).not_to_contain_text(known)
    assert stranger.axe() == []
    assert [stranger.overflow(width) for width in (320, 768, 1440)] == [0, 0, 0]


def test_an_emergency_without_javascript_and_who_looked(screen, prepared):
    case = prepared.places["case"]
    phone: Screen = screen("piero", java_script_enabled=False, viewport=PHONE)
    page = phone.open("/emergency")
    page.get_by_label("Codice del caso").fill(case)
    page.get_by_label("Motivo").fill("È in pronto soccorso e ha paura")
    page.get_by_role("button", name="Apri per un'ora").click()
    page.wait_for_url(f"**/cases/{case}")
    expect(page.locator("main")).to_contain_text("Accesso di emergenza fino alle")

    desk: Screen = screen("dario", color_scheme="dark", reduced_motion="reduce")
    page = desk.open(f"/cases/{case}")
    page.get_by_role("link", name="Chi ha guardato").click()
    page.wait_for_url("**/looks")
    expect(page.locator("main")).to_contain_text("È in pronto soccorso e ha paura")
    assert desk.axe() == []
    assert [desk.overflow(width) for width in (320, 768, 1440)] == [0, 0, 0]
    desk.open("/emergency")
    assert desk.axe() == []
    assert [desk.overflow(width) for width in (320, 768, 1440)] == [0, 0, 0]


def test_a_document_is_added_without_javascript_and_saved_again(screen, prepared):
    case = prepared.places["case"]
    phone: Screen = screen("carla", java_script_enabled=False, viewport=PHONE)
    page = phone.open(f"/cases/{case}")
    page.locator("summary", has_text="Documenti e lettere").click()
    page.get_by_role("link", name="Aggiungi un documento").click()
    page.get_by_label("Che cos'è").select_option("identita")
    page.get_by_label("File").set_input_files({"name": "Blessing.pdf", "mimeType": "text/html", "buffer": b"%PDF-1.4"})
    page.get_by_role("button", name="Conserva").click()
    page.wait_for_url("**done=file_added**")
    page.get_by_role("link", name="Documento di identità (PDF").click()
    with page.expect_download() as saved:
        page.get_by_role("link", name="Scarica").click()
    assert saved.value.suggested_filename.startswith("documento-")

    desk: Screen = screen("carla", color_scheme="dark", reduced_motion="reduce")
    for path in (f"/cases/{case}", f"/cases/{case}/files/new"):
        desk.open(path)
        assert desk.axe() == []
        assert [desk.overflow(width) for width in (320, 768, 1440)] == [0, 0, 0]


def test_the_feed_is_made_and_revoked_without_javascript(screen):
    phone: Screen = screen("carla", java_script_enabled=False, viewport=PHONE)
    page = phone.open("/account")
    page.get_by_role("link", name="Scadenze e impegni nel calendario").click()
    page.get_by_role("button", name="Crea l'indirizzo").click()
    assert page.locator("#f-address").input_value().endswith(".ics")

    desk: Screen = screen("carla", color_scheme="dark", reduced_motion="reduce")
    page = desk.open("/calendar")
    assert desk.axe() == []
    page.get_by_role("button", name="Nuovo indirizzo").click()
    page.wait_for_selector("#f-address")
    assert desk.axe() == []
    assert [desk.overflow(width) for width in (320, 768, 1440)] == [0, 0, 0]
    page.get_by_role("button", name="Revoca").click()
    expect(page.get_by_role("button", name="Crea l'indirizzo")).to_be_visible()


@pytest.mark.parametrize("script", [True, False])
def test_a_consent_is_not_taken_back_by_one_slip_of_the_thumb(screen, prepared, script):
    case = prepared.places["case"]
    with core.db.transaction() as db:
        consents.record(db, case, "invio_ente", "ente", True, clock.today(), way="scritto", by="cli")
    phone: Screen = screen("carla", java_script_enabled=script, viewport=PHONE)
    page = phone.open(f"/cases/{case}#consents")
    confirm = page.get_by_role("button", name="Conferma la revoca")
    expect(confirm).to_be_hidden()

    page.locator("summary", has_text="Lo revoca").click()
    assert phone.overflow(320) == 0
    confirm.click()
    page.wait_for_url("**done=withdrawn#consents")
    expect(page.locator("#consents")).to_contain_text("revocato l")
    expect(page.locator("#consents .badge").first).to_be_visible()
