"""The inbox at the screen: walked by keys, by touch on a phone, and without JavaScript."""

import re

import pytest
from playwright.sync_api import expect

from tests.web.screen import Screen

pytestmark = pytest.mark.browser
WIDTHS = (320, 768, 1440)


def whole(desk: Screen) -> None:
    """Nothing to complain about on this page, at any width."""
    assert desk.axe() == []
    assert {width: desk.overflow(width) for width in WIDTHS} == dict.fromkeys(WIDTHS, 0)


def test_the_inbox_is_walked_by_keys_alone(screen):
    desk: Screen = screen("carla")
    page = desk.open("/inbox")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_have_attribute("open", "")
    page.keyboard.press("?")
    page.keyboard.press("/")
    page.keyboard.type("rischio")
    page.keyboard.press("Enter")
    expect(page.locator("[data-keys-list] .row")).to_have_count(1)
    whole(desk)

    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.locator(".row [name=task]")).to_be_checked()
    page.locator("#bulk [value=claim]").press("Enter")
    expect(page.locator(".row")).to_contain_text("verrà assegnata a te")
    whole(desk)
    page.get_by_role("button", name="Conferma").press("Enter")
    expect(page.locator(".notice")).to_contain_text("1 fatta")
    whole(desk)

    page.goto("/inbox?show=others")
    page.goto("/inbox?show=mine")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/inbox/\w+$"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Valuta il rischio")
    whole(desk)


def test_the_inbox_works_by_touch_on_a_phone_and_without_javascript(screen):
    small = {"viewport": {"width": 320, "height": 700}, "has_touch": True, "is_mobile": True}
    desk: Screen = screen("carla", java_script_enabled=False, **small)
    page = desk.open("/inbox")
    for box in page.locator(".tick").all():
        size = box.bounding_box()
        assert size
        assert min(size["width"], size["height"]) >= 44
        box.tap()
    rows = page.locator("[data-keys-list] .row").count()
    page.locator("#bulk [value=claim]").tap()
    expect(page.locator(".row")).to_have_count(rows)
    page.get_by_role("button", name="Conferma").tap()
    expect(page.locator(".notice")).to_contain_text(f"{rows} fatte")

    page.goto("/inbox")
    page.locator("summary", has_text="Filtra").tap()
    page.locator("[name=due]").select_option("late")
    page.get_by_role("button", name="Filtra").tap()
    expect(page.locator(".empty")).to_have_text("Niente con questi filtri.")
    page.get_by_role("button", name="Togli i filtri").tap()
    expect(page.locator("[data-keys-list] .row")).to_have_count(rows)
    page.get_by_role("button", name=re.compile("^Rilascia ?: ")).first.tap()
    expect(page.locator(".notice")).to_contain_text("L'attività è tornata al gruppo.")


def test_an_absence_is_written_without_javascript_on_a_phone(screen):
    desk: Screen = screen("dario", java_script_enabled=False, viewport={"width": 320, "height": 700})
    page = desk.open("/account")
    page.get_by_role("link", name="Assenze e sostituzioni").click()
    page.get_by_label("Chi è assente").select_option("Carla Moro")
    page.get_by_label("Primo giorno").fill("2026-08-11")
    page.get_by_label("Ultimo giorno").fill("2026-08-10")
    page.get_by_label("Chi sostituisce").select_option("Giulia Neri")
    page.get_by_role("button", name="Salva").click()
    expect(page.locator("#errors")).to_contain_text("Ultimo giorno")
    expect(page.get_by_label("Chi è assente").locator("option:checked")).to_have_text("Carla Moro")
    page.get_by_label("Ultimo giorno").fill("2026-08-20")
    page.get_by_role("button", name="Salva").click()
    expect(page.locator(".row")).to_contain_text("sostituisce Giulia Neri")
    page.get_by_role("button", name=re.compile("^Togli")).click()
    expect(page.locator(".empty")).to_have_text("Nessuna assenza.")


def test_whoever_comes_too_late_sees_both_beside_each_other(screen, prepared):
    desk, other = screen("dario"), screen("carla")
    address = f"/inbox/{prepared.places['task_id']}"
    late, first = desk.open(address), other.open(address)
    for page, level in ((first, "Medio"), (late, "Alto")):
        page.locator("[name=risk_on]").fill("2026-08-11")
        page.locator("[name=risk_occasion]").select_option("ingresso")
        page.get_by_label(level, exact=True).check()
    first.get_by_role("button", name="Completa").click()
    first.wait_for_url("**done=completed")
    late.get_by_role("button", name="Completa").click()

    expect(late.get_by_role("heading", level=1)).to_contain_text("Già completata da Carla Moro")
    expect(late.get_by_role("row", name="Livello")).to_contain_text(re.compile("Alto *Medio *diverso"))
    whole(desk)
