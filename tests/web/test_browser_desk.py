"""The desk in the hand: a long case on a phone, pages that arrive slowly, what a page weighs, where one was."""

from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

import core.db
from cases.deadlines import Deadline
from core import clock, log
from tests.web.screen import Screen

pytestmark = pytest.mark.browser

PHONE = {"width": 320, "height": 700}
WATCH = """window.moved = [];
new PerformanceObserver(list => { for (const e of list.getEntries()) if (!e.hadRecentInput)
  window.moved.push([e.value, ...e.sources.map(s => s.node?.parentElement?.outerHTML.slice(0, 80))]) })
  .observe({type: 'layout-shift', buffered: true})"""


def grow_old(code: str) -> None:
    """Three hundred lines of log, and a dozen dates: two of them late, the others far away."""
    with core.db.transaction() as db:
        for _ in range(300):
            log.append(db, "task.assigned", f"case:{code}", by="cli", case=code, element="step", task="t", to="u_anna")
        one = db.scalars(select(Deadline).where(Deadline.case_code == code, Deadline.status == "open")).first()
        assert one
        like = {column.name: getattr(one, column.key) for column in Deadline.__table__.columns}
        for number in range(12):
            days = -3 if number < 2 else 100 + number
            due = clock.today() + timedelta(days=days)
            more = {"id": f"{number:032d}", "due_on": due, "last_working_day": due, "term_id": f"T9{number}"}
            db.add(Deadline(**{**like, **more}))


def slow(screen: Screen, bytes_a_second: int, *, cache: bool = False) -> Any:
    """A bad network; returns the line to the browser."""
    line = screen.context.new_cdp_session(screen.page)
    line.send("Network.enable")
    line.send("Network.setCacheDisabled", {"cacheDisabled": not cache})
    network = {"offline": False, "latency": 50, "downloadThroughput": bytes_a_second, "uploadThroughput": 100_000}
    line.send("Network.emulateNetworkConditions", network)
    return line


def test_the_page_of_an_old_case_is_short_on_a_phone_and_hides_nothing_urgent(screen, prepared):
    grow_old(prepared.places["case"])
    desk: Screen = screen("carla", viewport=PHONE, reduced_motion="reduce")
    desk.warm()
    page = desk.open(f"/cases/{prepared.places['case']}")

    assert page.evaluate("document.documentElement.scrollHeight") < 3_100
    expect(page.locator(".due[data-state=late]", has_text="scaduta da 3 giorni")).to_have_count(2)
    for late in page.locator(".due[data-state=late]").all():
        expect(late).to_be_visible()
    expect(page.get_by_role("link", name="Valuta il rischio").first).to_be_visible()
    expect(page.locator(".timeline li:visible")).to_have_count(3)
    page.get_by_text("Fatti di prima").click()
    expect(page.locator(".timeline li:visible")).to_have_count(20)
    assert desk.axe() == []
    page.evaluate("document.querySelectorAll('main details').forEach(one => one.open = true)")
    assert desk.axe() == []
    assert desk.overflow(320) == 0


def test_a_link_to_what_is_folded_opens_it(screen, prepared):
    page: Page = screen("carla", viewport=PHONE).open(f"/cases/{prepared.places['case']}#documents")

    expect(page.get_by_role("link", name="Aggiungi un documento")).to_be_visible()


@pytest.mark.parametrize("path", ["/inbox", "/cases/{case}", "/inbox/{task_id}", "/search?purpose=apertura", "/agenda"])
def test_nothing_moves_while_a_page_arrives_slowly(screen, prepared, path):
    desk: Screen = screen("carla", viewport=PHONE)
    desk.warm()  # only the page itself comes slowly
    desk.context.add_init_script(WATCH)
    slow(desk, 2_000, cache=True).send("Emulation.setCPUThrottlingRate", {"rate": 4})
    page = desk.open(path.format(**prepared.places))
    page.wait_for_load_state("networkidle")

    assert page.evaluate("window.moved") == []


@pytest.mark.parametrize("path", ["/inbox", "/cases/{case}"])
def test_the_first_page_of_the_day_is_light(screen, prepared, path):
    grow_old(prepared.places["case"])
    desk: Screen = screen("carla", viewport=PHONE)
    weights = list[float]()
    desk.open("/account")
    line = slow(desk, 1_000_000)
    line.on("Network.loadingFinished", lambda event: weights.append(event["encodedDataLength"]))
    desk.open(path.format(**prepared.places)).wait_for_load_state("networkidle")

    assert len(weights) >= 6  # the page, style, script, icons, two fonts
    assert sum(weights) < 60_000  # the aim is 120 kB; without compression it would be 95


def test_on_a_phone_the_bar_is_one_line_and_does_not_say_who_sits_here(screen):
    desk: Screen = screen("carla", viewport=PHONE)
    desk.warm()
    page = desk.open("/inbox")

    assert page.locator("header.bar").bounding_box()["height"] <= 46  # type: ignore[index]
    assert page.locator(".bar-tools .who").bounding_box()["width"] <= 1  # type: ignore[index]
    expect(page.get_by_role("link", name="Chi sono: Carla Moro")).to_be_visible()


@pytest.mark.parametrize("script", [True, False])
def test_claiming_in_the_middle_of_the_list_keeps_one_there(screen, script):
    desk: Screen = screen("dario", viewport=PHONE, java_script_enabled=script)
    page = desk.open("/inbox")
    row = page.locator("li.row", has=page.get_by_role("button", name="Assegna a me")).last
    name = row.locator("a.row-title").inner_text()
    row.get_by_role("button", name="Assegna a me").click()
    page.wait_for_url("**/inbox?done=claimed#t*")

    expect(page.locator("li.row:target a.row-title")).to_have_text(name)
    expect(page.locator("li.row:target")).to_be_in_viewport()
    expect(page.locator("li.row:target").get_by_role("button", name="Rilascia")).to_be_visible()
