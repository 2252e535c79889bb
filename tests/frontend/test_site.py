"""What site.js adds to a page, in Chromium, under the policy without inline code."""

import pytest
from playwright.sync_api import Page, expect

from tests.frontend.conftest import Desk

pytestmark = pytest.mark.browser

NOTE = """<form method="post" action="/task" data-draft-url="/draft"><textarea name="note"></textarea>
<p data-draft-status data-saved="Bozza salvata alle {time}" data-failed="Bozza non salvata"></p>
<button>Completa</button></form>"""
LOCK = """<form method="post" action="/lock" data-lock><input type="hidden" name="csrf_token" value="t">
<button>Blocca</button></form>"""
ROWS = "".join(
    f'<li class="row"><a class="row-title" href="/{name}">{name}</a>'
    f'<form method="post" action="/claim/{name}"><button data-key="c">Assegna</button></form></li>'
    for name in ("prima", "seconda", "terza")
)


def test_a_change_is_saved_as_a_draft_and_the_page_says_when(desk: Desk, page: Page):
    desk.pages["/"] = NOTE
    page.goto("/")

    page.locator("textarea").press_sequentially("può parlare")

    expect(page.locator("[data-draft-status]")).to_contain_text("Bozza salvata alle")
    assert desk.sent("/draft")[-1] == {"note": ["può parlare"]}


def test_a_draft_that_could_not_be_saved_is_tried_again(desk: Desk, page: Page):
    desk.pages["/"], desk.refuse = NOTE, {"/draft"}
    page.goto("/")
    page.locator("textarea").fill("ore 22")
    expect(page.locator("[data-draft-status]")).to_have_text("Bozza non salvata")

    desk.refuse = set()

    expect(page.locator("[data-draft-status]")).to_contain_text("Bozza salvata alle")


def test_no_draft_follows_the_form_that_was_sent(desk: Desk, page: Page):
    desk.pages["/"] = NOTE
    page.goto("/")
    page.locator("textarea").fill("fatto")

    page.get_by_role("button", name="Completa").click()
    page.wait_for_url("**/task")

    assert [path for path, _ in desk.posts] == ["/task"]


def test_a_double_click_sends_a_form_once(desk: Desk, page: Page):
    desk.pages["/"] = NOTE
    page.goto("/")

    page.evaluate("for (let i = 0; i < 2; i++) document.querySelector('button').click()")
    page.wait_for_url("**/task")

    assert len(desk.sent("/task")) == 1


def test_an_answer_brings_its_fields_and_leaves_what_is_typed(desk: Desk, page: Page):
    def form(more: str) -> str:
        return f"""<form method="post" action="/task" data-refresh><div data-fields>
        <p data-field="minor"><label><input type="checkbox" name="minor"> Minore</label></p>{more}
        <p data-field="note"><input name="note"></p></div><button data-refresh-button>Aggiorna</button></form>"""

    desk.pages["/"] = form("")
    desk.pages["POST /task"] = form('<p data-field="age"><label>Età <input name="age"></label></p>')
    page.goto("/")
    expect(page.get_by_role("button", name="Aggiorna")).to_be_hidden()
    page.locator("[name=note]").fill("aspetta")

    page.get_by_label("Minore").check()

    expect(page.get_by_label("Età")).to_be_visible()
    expect(page.locator("[name=note]")).to_have_value("aspetta")
    expect(page.get_by_label("Minore")).to_be_checked()
    order = page.locator("[data-field]").evaluate_all("all => all.map(one => one.dataset.field)")
    assert order == ["minor", "age", "note"]
    assert desk.sent("/task")[-1]["_refresh"] == ["1"]

    desk.pages["POST /task"] = form("")
    page.get_by_label("Minore").uncheck()

    expect(page.get_by_label("Età")).to_have_count(0)


def test_a_refresh_that_fails_gives_the_button_back(desk: Desk, page: Page):
    desk.pages["/"] = """<form method="post" action="/task" data-refresh><div data-fields><p data-field="a">
        <label><input type="checkbox"> Minore</label></p></div><button data-refresh-button>Aggiorna</button></form>"""
    page.goto("/")

    page.get_by_label("Minore").check()

    expect(page.get_by_role("button", name="Aggiorna")).to_be_visible()


def test_letters_walk_through_a_list_and_press_the_buttons_of_a_row(desk: Desk, page: Page):
    desk.pages["/"] = f'<ul class="list" data-keys-list>{ROWS}</ul>'
    page.goto("/")

    page.keyboard.type("jjjjk")

    expect(page.get_by_role("link", name="seconda")).to_be_focused()
    page.keyboard.press("c")
    page.wait_for_url("**/claim/seconda")
    page.goto("/")
    page.keyboard.type("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/prima")


def test_letters_rest_while_one_types_and_when_turned_off(desk: Desk, page: Page):
    desk.pages["/"] = f"""<input id="q"><details id="keys"><summary>Tasti</summary>
        <label><input type="checkbox" data-keys-toggle> Usa</label></details><ul class="list" data-keys-list>{ROWS}</ul>"""
    page.goto("/")

    page.locator("#q").press_sequentially("jc?")

    expect(page.locator("#q")).to_have_value("jc?")
    page.locator("#q").blur()
    page.keyboard.press("?")
    page.get_by_label("Usa").uncheck()
    page.reload()
    page.keyboard.press("j")
    expect(page.locator(".row a:focus")).to_have_count(0)
    assert desk.posts == []


def test_the_lock_key_blanks_the_page_and_saves_the_draft_first(desk: Desk, page: Page):
    desk.pages["/"] = NOTE + LOCK
    page.goto("/")
    page.locator("textarea").fill("a metà")

    page.keyboard.press("Control+Alt+l")
    page.wait_for_url("**/lock")

    assert [path for path, _ in desk.posts] == ["/draft", "/lock"]


def test_shift_three_times_leaves_locks_and_shows_nothing(desk: Desk, page: Page):
    desk.pages["/"] = NOTE + LOCK + '<a data-quick-exit href="/meteo">Esci subito</a>'
    page.goto("/before")
    page.goto("/")
    page.locator("textarea").fill("nome")
    page.keyboard.press("A")
    page.keyboard.press("Shift")
    page.keyboard.press("Shift")
    assert not page.evaluate("document.documentElement.classList.contains('blank')")

    page.keyboard.press("Shift")
    page.wait_for_url("**/meteo")

    page.go_back()
    assert page.url.endswith("/before")
    assert len(desk.sent("/lock")) == 1
    assert desk.sent("/lock")[0]["csrf_token"] == ["t"]


def test_a_screen_nobody_touches_locks_itself(desk: Desk, page: Page):
    desk.pages["/"] = ("text/html", desk.page(LOCK).replace('seconds=""', 'seconds="1"').encode())
    page.goto("/")

    page.wait_for_url("**/lock")
