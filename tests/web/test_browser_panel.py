"""The panel beside the drawing in human hands: slow presses, open lists, and texts that are not finished."""

import pytest
from playwright.sync_api import expect

from tests.web.screen import Screen
from tests.web.test_browser_modeller import EDITORS, SELECT, drawing

pytestmark = pytest.mark.browser
DUE = """document.querySelector("[data-editor]").modeler.get("selection").get()[0].businessObject.get("approdo:due")"""


@pytest.fixture
def task(screen):
    page = drawing(screen("lucia", viewport={"width": 1440, "height": 900}))
    page.evaluate(SELECT, "health_path_form")
    page.wait_for_selector("#prop-due")
    page.on("dialog", lambda dialog: dialog.accept())
    return page


def test_a_slow_press_on_a_button_after_typing_is_one_press(task):
    task.locator("#prop-due-n").fill("21")
    button = task.get_by_role("button", name="Aggiungi un promemoria")
    button.scroll_into_view_if_needed()
    box = button.bounding_box()
    assert box
    task.mouse.move(box["x"] + 20, box["y"] + 10)
    task.mouse.down()
    task.wait_for_timeout(250)
    task.mouse.up()

    expect(task.locator("#prop-reminders-0")).to_have_value("1")
    expect(task.locator("#prop-due-n")).to_have_value("21")


def test_the_tools_take_no_other_line_as_a_change_begins_however_wide_the_window(task):
    def heights() -> dict[int, float]:
        return {width: height(width) for width in range(1000, 1460, 20)}

    def height(width: int) -> float:
        task.set_viewport_size({"width": width, "height": 900})
        return float(task.locator(".editor-tools").evaluate("tools => tools.offsetHeight"))

    before = heights()
    assert len({*before.values()}) > 1, "the tools never wrap: this proves nothing"
    task.locator("#prop-name").fill("Un altro nome")
    task.locator("#prop-name-en").focus()
    changed = heights()
    expect(task.locator("[data-status]")).to_have_text("Non salvata, copia qui")

    assert (changed, heights()) == (before, before)


def test_a_press_uses_what_was_typed_a_moment_before(task):
    task.get_by_role("button", name="Aggiungi un promemoria").click()
    task.locator("#prop-reminders-0").fill("5")
    task.get_by_role("button", name="Aggiungi un promemoria").click()

    expect(task.locator("#prop-reminders-0")).to_have_value("5")
    expect(task.locator("#prop-reminders-1")).to_have_value("1")


def test_a_list_of_choices_stays_when_a_text_before_it_is_handed_over(task):
    node = task.evaluate_handle("document.querySelector('#prop-form')")
    task.locator("#prop-name").fill("Un altro nome")
    task.locator("#prop-form").focus()
    task.wait_for_timeout(100)

    assert node.evaluate("node => node.isConnected")
    expect(task.locator("#prop-form")).to_be_focused()


def test_tab_goes_from_field_to_field_and_a_choice_can_be_taken_back(task):
    task.locator("#prop-name").fill("Con la tastiera")
    task.keyboard.press("Tab")
    expect(task.locator("#prop-name-en")).to_be_focused()
    task.locator("#prop-group").select_option("supervisor")
    undo = task.get_by_role("button", name="Annulla", exact=True)
    undo.click()
    expect(task.locator("#prop-group")).to_have_value("")
    undo.click()
    expect(task.locator("#prop-name")).to_have_value("Accompagna nella salute")


def test_what_is_being_typed_belongs_to_the_element_it_was_typed_for(task):
    task.locator("#prop-documentation").fill("Per questo passo")
    task.evaluate(SELECT, "case_facts")
    expect(task.locator("#prop-documentation")).not_to_have_value("Per questo passo")
    task.evaluate(SELECT, "health_path_form")
    expect(task.locator("#prop-documentation")).to_have_value("Per questo passo")


def test_ticks_and_choices_of_a_form_follow_undo(screen):
    desk: Screen = screen("lucia", viewport={"width": 1440, "height": 900})
    page = drawing(desk, EDITORS[2])
    page.on("dialog", lambda dialog: dialog.accept())
    page.locator(".fjs-form-field-textarea").first.click()
    required = page.locator("#prop-required")
    before = required.is_checked()
    required.click()
    page.get_by_role("button", name="Annulla", exact=True).click()

    assert required.is_checked() == before


@pytest.mark.parametrize("typed", ["0", "1.5", "99999", ""])
def test_a_number_that_no_due_date_has_is_said_and_the_field_shows_again_what_holds(task, typed):
    task.locator("#prop-due").select_option("span")
    field = task.locator("#prop-due-n")
    field.fill("10")
    task.keyboard.press("Tab")
    field.fill(typed)
    if typed:
        expect(task.locator("#prop-due-n-wrong")).to_have_text("Serve un numero intero, da 1 a 9999: resta 10.")
    task.keyboard.press("Tab")

    expect(field).to_have_value("10")
    expect(task.locator("#prop-due-n-wrong")).to_contain_text("resta 10")
    task.locator("#prop-name").fill("Con un altro nome")
    task.locator("#prop-name-en").focus()
    expect(task.locator(".panel-title")).to_have_text("Con un altro nome")
    expect(task.locator("#prop-due-n-wrong")).to_contain_text("resta 10")  # what is drawn anew keeps it
    field.fill("12")
    expect(task.locator("#prop-due-n-wrong")).to_be_empty()
    task.keyboard.press("Tab")
    assert task.evaluate(DUE) == "P12D"


def test_a_condition_on_the_default_arrow_that_came_with_the_file_is_told_and_can_be_taken_away(task):
    task.evaluate(
        """() => {
          const modeler = document.querySelector('[data-editor]').modeler, gateway = modeler.get('elementRegistry').get('gw_health_path_next');
          const way = gateway.outgoing.find((flow) => flow.businessObject === gateway.businessObject.default);
          way.businessObject.conditionExpression = modeler.get('moddle').create('bpmn:FormalExpression', { body: 'x = 1' });
          modeler.get('modeling').updateProperties(way, { name: 'Altrimenti' });
          modeler.get('selection').select(way);
        }"""
    )
    told = task.get_by_text("la sua condizione non viene mai guardata")
    expect(told).not_to_have_count(0, timeout=15_000)
    condition = task.locator("#prop-condition")
    expect(condition).to_have_value("x = 1")
    condition.fill("")
    task.keyboard.press("Tab")

    expect(told).to_have_count(0, timeout=15_000)
    expect(condition).to_have_count(0)
    expect(task.locator("#prop-default")).to_be_checked()
