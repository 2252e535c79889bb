"""What passes between colleagues, on a phone: a task given and returned, a step skipped, a colleague called by name."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.web.screen import Screen

pytestmark = pytest.mark.browser

PHONE = {"width": 320, "height": 700}


def task(screen: Screen, prepared) -> Page:
    return screen.open(f"/inbox/{prepared.places['task_id']}")


@pytest.mark.parametrize("script", [True, False])
def test_a_task_is_given_and_comes_back_with_its_reason(screen, prepared, script):
    boss: Screen = screen("dario", viewport=PHONE, java_script_enabled=script)
    page = task(boss, prepared)
    page.locator("summary", has_text="Passa a un collega").click()
    page.get_by_label("A chi").select_option(label="Carla Moro")
    page.get_by_role("button", name="Passa", exact=True).click()
    page.wait_for_url("**/inbox?done=delegated")

    worker: Screen = screen("carla", viewport=PHONE, java_script_enabled=script)
    page = task(worker, prepared)
    page.locator("summary", has_text="Restituisci a Dario Pace").click()
    page.get_by_role("button", name="Restituisci", exact=True).click()
    page.wait_for_selector("#errors")
    page.locator("#f-own-reason").fill("La conosce meglio Fatou")
    page.get_by_role("button", name="Restituisci", exact=True).click()
    page.wait_for_url("**/inbox?done=returned")

    page = task(boss, prepared)
    expect(page.locator("main")).to_contain_text("Restituita da Carla Moro")
    expect(page.locator("main")).to_contain_text("La conosce meglio Fatou")
    if script:
        assert boss.axe() == []
    assert boss.overflow(320) == 0


@pytest.mark.parametrize("script", [True, False])
def test_a_step_is_skipped_with_a_reason_and_the_case_tells_it(screen, prepared, script):
    boss: Screen = screen("dario", viewport=PHONE, java_script_enabled=script)
    page = task(boss, prepared)
    page.get_by_role("link", name="Salta questo passo").click()
    page.wait_for_url("**/skip")
    page.locator("main form .button").first.click()
    page.wait_for_selector("#errors")
    page.locator("[name=reason]").fill("Il rischio lo ha valutato il pronto soccorso")
    page.locator("main form .button").first.click()
    page.wait_for_url(re.compile("done=step_skipped"))

    page = boss.open(f"/cases/{prepared.places['case']}")
    expect(page.get_by_role("link", name="Valuta il rischio")).to_have_count(0)
    expect(page.locator(".timeline").first).to_contain_text("Valuta il rischio")


@pytest.mark.parametrize("script", [True, False])
def test_a_colleague_is_called_into_a_comment_and_finds_it(screen, prepared, script):
    worker: Screen = screen("carla", viewport=PHONE, java_script_enabled=script)
    page = worker.open(f"/cases/{prepared.places['case']}")
    page.locator("summary", has_text="Scrivi un commento").click()
    page.get_by_role("button", name="Commenta").click()
    page.wait_for_selector("#errors")
    page.locator("#f-comment").fill("Puoi sentirla tu domani?")
    page.get_by_label("Dario Pace").check()
    page.get_by_role("button", name="Commenta").click()
    page.wait_for_url("**done=comment#comments")
    expect(page.locator("#comments")).to_be_in_viewport()

    boss: Screen = screen("dario", viewport=PHONE, java_script_enabled=script)
    page = boss.open("/notices")
    expect(page.locator("main")).not_to_contain_text("Puoi sentirla")
    page = boss.open(f"/cases/{prepared.places['case']}")
    expect(page.locator("main")).to_contain_text("Puoi sentirla tu domani?")
    expect(page.locator("main")).to_contain_text("Carla Moro → Dario Pace")
