"""The drawing tables in Chromium, under the real policy: what is drawn is there again when it is opened."""

import json
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select

import core.db
from core import users
from engine import drafts, registry
from engine.drafts import DECISION, FORM, PROCESS
from engine.editing import Editor
from engine.tables import DraftCopy
from tasks import forms, workshop
from tests.web.browser import PASSWORD
from tests.web.screen import Screen

pytestmark = pytest.mark.browser

DIAGRAM = "/models/health_path/draft/diagram"
EDITORS = (DIAGRAM, "/models/tables/triage/draft/diagram", "/models/forms/health_path/draft/design")
ON_TOP = """([x, y]) => Boolean(document.elementFromPoint(x, y)?.closest('.bjs-powered-by, .fjs-powered-by'))"""
# which shapes of one pathway lie upon each other
UPON = """() => {
  const shapes = document.querySelector('[data-editor]').modeler.get('elementRegistry').filter((one) =>
    !one.waypoints && !one.labelTarget && one.parent && !/Lane|Participant|SubProcess|Boundary/.test(one.type));
  const upon = (one, other) => one.id < other.id && one.parent === other.parent && one.x < other.x + other.width
    && other.x < one.x + one.width && one.y < other.y + other.height && other.y < one.y + one.height;
  return shapes.flatMap((one) => shapes.filter((other) => upon(one, other)).map((other) => [one.id, other.id]));
}"""
# the list of keys and the button of the map lie upon each other, and one sees the list
KEYS_ON_TOP = """() => {
  const [keys, map] = ['#keys dl', '.djs-minimap .toggle'].map((one) => document.querySelector(one).getBoundingClientRect());
  const [left, top] = [Math.max(keys.left, map.left) + 2, Math.max(keys.top, map.top) + 2];
  const both = left < Math.min(keys.right, map.right) && top < Math.min(keys.bottom, map.bottom);
  return both && Boolean(document.elementFromPoint(left, top).closest('#keys'));
}"""
SELECT = """id => {
  const modeler = document.querySelector('[data-editor]').modeler;
  modeler.get('selection').select(modeler.get('elementRegistry').get(id));
}"""


def drawing(desk: Screen, path: str = DIAGRAM) -> Page:
    """Open a drawing table and wait until the draft is drawn and checked, in the letters that it is measured in."""
    desk.page.goto(path)
    desk.page.wait_for_selector("[data-editor][data-ready][data-checked]")
    desk.page.evaluate("document.fonts.ready.then(() => true)")
    return desk.page


def saved(page: Page) -> None:
    page.get_by_role("button", name="Salva", exact=True).click()
    page.wait_for_selector("[data-editor][data-state=saved]")


def reopened(page: Page) -> None:
    """Open what was saved again: the library that draws it has nothing to complain of."""
    page.reload()
    page.wait_for_selector("[data-editor][data-ready][data-checked]")
    assert page.evaluate("document.querySelector('[data-editor]').warnings") == []


def drop_a_task(page: Page, element: str) -> None:
    """Drop a task in the middle of an arrow, or of its words."""
    page.locator('.djs-palette [data-action="create.task"]').click()
    box = page.locator(f'[data-element-id="{element}"]').first.bounding_box()
    assert box
    where = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.move(*where, steps=5)
    page.mouse.click(*where)
    page.keyboard.press("Escape")


def drop_a_step(page: Page, name: str, group: str) -> None:
    """Drop a step on an arrow of the pathway of health, due in ten days, with a reminder three days before."""
    drop_a_task(page, "gw_health_path_next__end_health_path")
    page.locator("#prop-name").fill(name)
    page.locator("#prop-name-en").fill("Call the doctor")
    page.locator("#prop-group").select_option(group)
    page.locator("#prop-form").select_option("health_path")
    page.locator("#prop-phase").select_option("P8")
    page.locator("#prop-due").select_option("span")
    page.locator("#prop-due-n").fill("10")
    page.get_by_role("button", name="Aggiungi un promemoria").click()
    page.locator("#prop-reminders-0").fill("3")


def kept() -> bytes:
    with core.db.transaction() as db:
        draft = drafts.find(db, PROCESS, "health_path")
        assert draft
        return drafts.content_of(draft)


def test_a_new_task_with_form_group_due_date_and_reminder_is_there_when_the_draft_is_opened_again(screen):
    desk: Screen = screen("lucia", viewport={"width": 1440, "height": 900})
    page = drawing(desk)
    drop_a_step(page, "Chiama il medico", "supervisor")
    saved(page)

    text = kept().decode()
    assert 'name="Chiama il medico" approdo:group="supervisor" approdo:due="P10D"' in text
    reopened(page)
    page.get_by_role("button", name="Cerca", exact=True).click()
    page.keyboard.type("Chiama il medico")
    page.keyboard.press("Enter")
    expect(page.locator("#prop-name-en")).to_have_value("Call the doctor")
    values = ("prop-group", "supervisor"), ("prop-form", "health_path"), ("prop-due-n", "10"), ("prop-reminders-0", "3")
    for field, value in values:
        expect(page.locator(f"#{field}")).to_have_value(value)
    expect(page.locator("[data-findings]")).to_contain_text("Niente da sistemare.")
    content = kept()
    with core.db.transaction() as db:
        assert workshop.findings(db, PROCESS, "health_path", content) == []
    rename(page, "Il giorno dopo")
    saved(page)
    assert "Il giorno dopo" in kept().decode()


@pytest.mark.parametrize("path", EDITORS)
@pytest.mark.parametrize("width", [1440, 768, 320])
def test_the_mark_of_bpmn_io_is_whole_and_on_top_and_the_page_does_not_scroll(screen, path, width):
    desk: Screen = screen("lucia", viewport={"width": width, "height": 800})
    page = drawing(desk, path)
    the_mark_is_whole(page, width)


def the_mark_is_whole(page: Page, width: int, height: int = 800) -> None:
    """The mark of bpmn.io is seen and on top from edge to edge, and the page is no larger than its window."""
    mark = page.locator(".bjs-powered-by:visible, .fjs-powered-by:visible").first
    mark.scroll_into_view_if_needed()
    box = mark.bounding_box()

    assert box
    assert box["width"] > 15
    assert box["height"] > 10
    for x in (3, box["width"] / 2, box["width"] - 3):
        for y in (3, box["height"] / 2, box["height"] - 3):
            assert page.evaluate(ON_TOP, [box["x"] + x, box["y"] + y]), (x, y, box)
    size = "[document.documentElement.scrollWidth, document.documentElement.scrollHeight]"
    assert page.evaluate(size) == [width, height]


@pytest.mark.parametrize(("width", "height"), [(1440, 800), (768, 800), (320, 568), (320, 500)])
def test_the_mark_stays_whole_while_unsaved_work_is_offered_and_a_save_has_failed(screen, width, height):
    desk: Screen = screen("lucia", viewport={"width": width, "height": height})
    lost = drawing(desk)
    desk.page = desk.context.new_page()
    close_without_saving(lost, "Quasi persa")
    desk.context.set_offline(False)
    page = drawing(desk)
    expect(page.locator("[data-left]")).to_be_visible()
    the_mark_is_whole(page, width, height)
    desk.context.set_offline(True)
    rename(page, "Non salvata")
    page.get_by_role("button", name="Salva", exact=True).click()
    page.wait_for_selector("[data-editor][data-state=failed]")
    expect(page.locator("[data-trouble]")).to_be_visible()
    expect(page.locator("[data-left]")).to_be_visible()
    the_mark_is_whole(page, width, height)
    desk.context.set_offline(False)


@pytest.mark.parametrize(("language", "colours"), [("it", "light"), ("en", "dark")])
@pytest.mark.parametrize("path", EDITORS)
def test_what_is_ours_on_a_drawing_table_is_for_everybody(screen, path, language, colours):
    desk: Screen = screen("lucia", color_scheme=colours, reduced_motion="reduce", viewport={"width": 1440, "height": 900})
    speak(language)
    page = drawing(desk, path)
    if path == DIAGRAM:
        page.evaluate(SELECT, "health_path_form")
        page.wait_for_selector("#prop-due")
    page.evaluate("document.querySelector('[data-canvas]').remove()")  # the canvas is the library's, and its colours

    assert desk.axe() == []
    assert page.get_by_role("button", name="Salva" if language == "it" else "Save", exact=True).is_visible()


def speak(language: str) -> None:
    with core.db.transaction() as db:
        user = users.by_login(db, "lucia")
        assert user
        users.set_preferences(db, user, language=language, by="cli")


def test_no_sentence_of_the_libraries_is_left_in_english(screen):
    desk: Screen = screen("lucia", viewport={"width": 1440, "height": 900})
    page = drawing(desk)
    page.locator('[data-element-id="health_path_form"] .djs-hit').first.click()
    page.locator('.djs-context-pad [data-action="replace"]').click()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Prova i passaggi").click()
    page.locator('.djs-overlays[data-container-id="health_path_wanted"] .bts-context-pad').click()
    page.locator(".bts-palette").get_by_title("Mostra o nascondi il diario").click()
    expect(page.locator(".bts-log")).to_contain_text("Diario della prova")
    page.get_by_role("button", name="Torna al disegno").click()
    assert page.evaluate("[...approdoUntranslated]") == []
    for path in EDITORS[1:]:
        drawing(desk, path)
        assert page.evaluate("[...approdoUntranslated]") == []


def test_findings_stand_beside_the_element_and_lead_to_it(screen):
    desk: Screen = screen("lucia", viewport={"width": 1440, "height": 900})
    page = drawing(desk)
    page.evaluate(SELECT, "case_facts")
    page.locator("#prop-service").select_option("")
    badge = page.locator('.djs-overlays[data-container-id="case_facts"] .finding-badge')
    expect(badge).to_be_visible()
    assert "servizio" in (badge.get_attribute("title") or "")

    page.evaluate(SELECT, "health_path_form")
    page.locator("[data-findings] li button").first.click()
    expect(page.locator("#prop-service")).to_be_visible()
    page.get_by_role("button", name="Annulla", exact=True).click()
    expect(badge).to_have_count(0)


def test_an_escalation_is_drawn_with_one_press_and_taken_back_with_one(screen):
    desk: Screen = screen("lucia", viewport={"width": 1440, "height": 900})
    page = drawing(desk)
    page.evaluate(SELECT, "health_path_form")
    page.get_by_role("button", name="Aggiungi un'escalation").click()
    expect(page.locator("#prop-name")).to_have_value("Sollecita: Accompagna nella salute")
    expect(page.locator("[data-findings]")).to_contain_text("Niente da sistemare.")
    saved(page)
    text = kept().decode()
    assert 'attachedToRef="health_path_form"' in text
    assert 'cancelActivity="false"' in text
    assert ">P7D</bpmn:timeDuration>" in text

    page.get_by_role("button", name="Annulla", exact=True).click()
    saved(page)
    assert "attachedToRef" not in kept().decode()


def test_a_consent_gate_is_put_on_an_arrow_with_one_press(screen):
    desk: Screen = screen("lucia", viewport={"width": 1440, "height": 900})
    page = drawing(desk)
    page.evaluate(SELECT, "gw_health_path_next__end_health_path")
    page.get_by_role("button", name="Metti qui un passaggio con consenso").click()
    expect(page.locator("#prop-name")).to_have_value("C'è il consenso?")
    expect(page.locator("[data-findings]")).to_contain_text("Niente da sistemare.")
    page.locator("[data-panel]").get_by_role("button", name="sì → ").click()
    expect(page.locator("#prop-gate")).to_have_value("communication_allowed = true")
    page.locator("#prop-gate").select_option("follow_up_allowed = true")
    saved(page)
    assert ">follow_up_allowed = true</bpmn:conditionExpression>" in kept().decode()

    for _ in range(2):
        page.get_by_role("button", name="Annulla", exact=True).click()
    saved(page)
    assert "follow_up_allowed" not in kept().decode()
    assert 'targetRef="end_health_path"' in kept().decode()


def test_a_step_dropped_on_the_words_of_an_arrow_is_in_the_arrow_and_lies_upon_nobody(screen):
    page = drawing(screen("lucia", viewport={"width": 1440, "height": 900}))
    drop_a_task(page, "gw_health_path_next__end_health_path_label")
    page.locator("#prop-name").fill("Chiama il medico")
    saved(page)

    with core.db.transaction() as db:
        draft = drafts.get(db, PROCESS, "health_path")
        editor = Editor(drafts.content_of(draft))
    made = next(step for step in editor.steps() if step.name == "Chiama il medico")
    assert [way.target_name for way in made.ways] == [editor.step("end_health_path").name]
    assert page.evaluate(UPON) == []
    page.get_by_role("button", name="Annulla", exact=True).click()
    page.get_by_role("button", name="Annulla", exact=True).click()
    expect(page.locator('[data-element-id^="Activity_"]')).to_have_count(0)
    assert page.evaluate(UPON) == []


def test_the_list_of_keys_lies_upon_the_drawing(screen):
    page = drawing(screen("lucia", viewport={"width": 1440, "height": 900}))
    page.get_by_text("Tasti", exact=True).click()
    expect(page.locator("#keys dl")).to_be_visible()
    page.wait_for_function(KEYS_ON_TOP)


def test_what_is_still_being_typed_is_saved_too(screen):
    page = drawing(screen("lucia"))
    page.evaluate(SELECT, "health_path_form")
    page.locator("#prop-documentation").fill("Appena scritto")
    page.keyboard.press("Control+s")
    page.wait_for_selector("[data-editor][data-state=saved]")

    assert "Appena scritto" in kept().decode()


def test_a_copied_task_keeps_what_our_panel_wrote(screen):
    desk: Screen = screen("lucia", viewport={"width": 1440, "height": 900})
    page = drawing(desk)
    page.locator('[data-element-id="health_path_form"] .djs-hit').first.click()
    page.keyboard.press("Control+c")
    page.keyboard.press("Control+v")
    pool = page.locator('[data-element-id="health_path_pool"]').first.bounding_box()
    assert pool
    page.mouse.move(pool["x"] + pool["width"] - 150, pool["y"] + pool["height"] - 60, steps=5)
    page.mouse.click(pool["x"] + pool["width"] - 150, pool["y"] + pool["height"] - 60)
    page.get_by_role("button", name="Salva", exact=True).click()
    page.wait_for_selector("[data-editor][data-state=saved]")

    assert kept().decode().count('approdo:due="P14D" approdo:dueSource="model" approdo:phase="P8" approdo:form="health_path"') == 2


def test_a_form_is_changed_in_both_languages_and_stays_in_the_subset(screen):
    desk: Screen = screen("lucia", viewport={"width": 1440, "height": 900})
    page = drawing(desk, EDITORS[2])
    offered = page.locator(".fjs-palette-field").all_text_contents()
    assert "HTML" not in " ".join(offered)
    assert {"Testo corto", "Numero", "Gruppo"} <= set(offered)

    page.locator(".fjs-form-field-textarea").first.click()
    page.locator("#prop-label").fill("Che cosa serve oggi")
    page.locator("#prop-label_en").fill("What is needed today")
    page.locator("#prop-maxLength").fill("300")
    page.locator("#prop-class").select_option("P4")
    saved(page)
    with core.db.transaction() as db:
        content = drafts.content_of(drafts.get(db, FORM, "health_path"))
        assert workshop.findings(db, FORM, "health_path", content) == []
    field = next(part for part in json.loads(content)["components"] if part["type"] == "textarea")
    assert (field["label"], field["validate"]["maxLength"]) == ("Che cosa serve oggi", 300)
    assert field["properties"] == field["properties"] | {"label_en": "What is needed today", "class": "P4"}

    page.locator("#prop-label_en").fill("")
    page.keyboard.press("Tab")
    expect(page.locator(".finding")).to_contain_text("Manca il testo in inglese")
    page.get_by_role("button", name="Annulla", exact=True).click()
    expect(page.locator(".finding")).to_have_count(0)
    saved(page)


def test_every_shipped_form_comes_back_from_the_editor_as_it_went_in(screen):
    page = drawing(screen("lucia"), EDITORS[2])
    changed = {}
    for name in sorted(forms.known()):
        content = (forms.FOLDER / f"{name}.json").read_bytes()
        again = page.evaluate(
            """async schema => {
              const editor = document.querySelector('[data-editor]').modeler;
              await editor.importSchema(schema);
              return editor.saveSchema();
            }""",
            json.loads(content),
        )
        if again != json.loads(content):
            changed[name] = again
    assert changed == {}


def test_a_table_is_changed_cell_by_cell_with_findings_in_place(screen):
    desk: Screen = screen("lucia", viewport={"width": 1440, "height": 900})
    page = drawing(desk, EDITORS[1])
    cell = page.locator("td.input-cell").nth(2)
    type_in(page, cell, '"forse"')
    expect(cell).to_have_attribute("data-level", "error")
    expect(page.locator("[data-findings]")).to_contain_text("non è tra i valori ammessi")

    type_in(page, cell, '"si"')
    expect(cell).not_to_have_attribute("data-level", "error")
    saved(page)
    with core.db.transaction() as db:
        content = drafts.content_of(drafts.get(db, DECISION, "triage"))
        assert [each for each in workshop.findings(db, DECISION, "triage", content) if each.level == "error"] == []
    reopened(page)
    expect(cell).to_have_text('"si"')


def type_in(page: Page, cell: Locator, text: str) -> None:
    cell.click()
    page.keyboard.press("Control+a")
    page.keyboard.type(text)
    page.locator(".decision-table-name").first.click()


def rename(page: Page, name: str) -> None:
    page.evaluate(SELECT, "health_path_form")
    page.locator("#prop-name").fill(name)
    page.keyboard.press("Tab")


def test_who_saves_second_sees_who_was_first_and_neither_version_is_lost(screen):
    first, second = (drawing(screen("lucia")) for _ in range(2))
    desk: Screen = screen("lucia")
    rename(first, "La prima")
    saved(first)
    rename(second, "La seconda")
    second.get_by_role("button", name="Salva", exact=True).click()
    second.wait_for_selector("[data-editor][data-state=conflict]")
    trouble = second.locator("[data-trouble]")

    expect(trouble).to_contain_text("Lucia Bassi")
    expect(trouble.get_by_role("button")).to_have_text(["Scarica la mia", "Scarica la loro", "Apri la loro", "Tieni la mia"])
    assert "La prima" in kept().decode()
    with core.db.transaction() as db:
        copies = db.scalars(select(DraftCopy)).all()
        assert [b"La seconda" in copy.content for copy in copies] == [True]
        kept_aside = copies[0].id
    desk.open(f"/models/health_path/draft/copies/{kept_aside}/difference")
    assert desk.axe() == []
    trouble.get_by_role("button", name="Tieni la mia").click()
    second.wait_for_selector("[data-editor][data-state=saved]")
    assert "La seconda" in kept().decode()
    with core.db.transaction() as db:
        copies = db.scalars(select(DraftCopy)).all()
        assert [(b"La prima" in copy.content, copy.why) for copy in copies] == [(True, "replaced")]
    first.on("dialog", lambda dialog: dialog.accept())
    second.on("dialog", lambda dialog: dialog.accept())


def test_without_a_network_or_a_session_the_work_stays_and_is_saved_afterwards(screen):
    desk: Screen = screen("lucia")
    page = drawing(desk)
    rename(page, "Resta qui")
    desk.context.set_offline(True)
    page.get_by_role("button", name="Salva", exact=True).click()
    page.wait_for_selector("[data-editor][data-state=failed]")
    with page.expect_download() as download:
        page.locator("[data-trouble]").get_by_role("button", name="Scarica il file").click()
    assert "Resta qui" in download.value.path().read_text()
    desk.context.set_offline(False)

    other = desk.context.new_page()
    other.goto("/account")
    other.get_by_role("button", name="Blocca ora").click()
    other.wait_for_url("**/unlock**")
    page.locator("[data-trouble]").get_by_role("button", name="Riprova").click()
    page.wait_for_selector("[data-editor][data-state=ended]")
    unlock(other)
    page.locator("[data-trouble]").get_by_role("button", name="Riprova").click()
    page.wait_for_selector("[data-editor][data-state=saved]")
    assert "Resta qui" in kept().decode()


def unlock(page: Page) -> None:
    page.locator("input[type=password]").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/account")


def sit_down(tab: Page, login: str) -> None:
    """In another tab of the same browser: whoever worked here logs out, and somebody logs in."""
    tab.goto("/account")
    tab.locator("main form[action='/logout'] button").click()
    tab.wait_for_url("**/login**")
    tab.locator("[name=login]").fill(login)
    tab.locator("[name=password]").fill(PASSWORD)
    tab.keyboard.press("Enter")
    tab.wait_for_url(lambda url: "/login" not in url)


def test_what_one_person_drew_is_not_saved_under_the_name_of_who_logged_in_after_her(screen):
    with core.db.transaction() as db:
        lucia, carla = users.by_login(db, "lucia"), users.by_login(db, "carla")
        assert lucia
        assert carla
        users.grant(db, carla, "coordinator", None, by="test")
    desk: Screen = screen("lucia")
    page, other = drawing(desk), desk.context.new_page()
    rename(page, "Scritto da Lucia")
    sit_down(other, "carla")
    page.keyboard.press("Control+s")
    page.wait_for_selector("[data-editor][data-state=other]")
    trouble = page.locator("[data-trouble]")
    expect(trouble).to_contain_text("Adesso qui lavora un'altra persona")
    expect(trouble).to_contain_text("Una copia cifrata resta in questo browser")
    expect(trouble.get_by_role("button")).to_have_text(["Riprova", "Scarica il file"])
    with core.db.transaction() as db:
        assert drafts.find(db, PROCESS, "health_path") is None
    rename(page, "Scritto da Lucia, ancora")
    expect(page.get_by_text("Il controllo non risponde")).to_be_visible()
    expect(page.get_by_text("Niente da sistemare")).to_have_count(0)
    page.keyboard.press("Control+s")
    page.wait_for_selector("[data-editor][data-state=other]")

    sit_down(other, "lucia")
    trouble.get_by_role("button", name="Riprova").click()
    page.wait_for_selector("[data-editor][data-state=saved]")
    rename(page, "Riscritto da Lucia")
    sit_down(other, "carla")
    page.get_by_role("button", name="Blocca ora").click()
    page.wait_for_url("**/unlock**")
    with core.db.transaction() as db:
        draft = drafts.find(db, PROCESS, "health_path")
        assert draft
        assert "Scritto da Lucia, ancora" in drafts.content_of(draft).decode()
        assert draft.authors == [lucia.id]
        assert not drafts.may_confirm(draft, lucia.id)
        assert db.scalars(select(DraftCopy)).all() == []

    sit_down(other, "lucia")
    drawing(desk).locator("[data-left]").get_by_role("button", name="Riprendi da qui").click()
    saved(page)
    assert "Riscritto da Lucia" in kept().decode()


def test_a_lock_waits_until_the_drawing_is_saved(screen):
    desk: Screen = screen("lucia")
    page = drawing(desk)
    rename(page, "Salvata dal blocco")
    page.get_by_role("button", name="Blocca ora").click()
    page.wait_for_url("**/unlock**")

    assert "Salvata dal blocco" in kept().decode()


def test_whoever_leaves_with_unsaved_work_is_asked_first(screen):
    desk: Screen = screen("lucia")
    page = drawing(desk)
    asked: list[Any] = []

    def stay(dialog: Any) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    rename(page, "Non ancora salvata")
    page.get_by_role("link", name="Bozza").click()
    page.wait_for_timeout(500)

    assert asked == ["beforeunload"]
    assert page.url.endswith(DIAGRAM)
    saved(page)


STORED = """() => new Promise((done) => {
  const asked = indexedDB.open('approdo-workshop', 1);
  asked.onsuccess = () => {
    const all = asked.result.transaction('unsaved').objectStore('unsaved').getAll();
    all.onsuccess = () => done(all.result.map(row => ({...row, sealed: new TextDecoder('latin1').decode(row.sealed)})));
  };
})"""


def close_without_saving(page: Page, name: str) -> None:
    """Draw, and close the window as a crash does: nobody is asked."""
    page.context.set_offline(True)
    rename(page, name)
    page.get_by_role("button", name="Salva", exact=True).click()
    page.wait_for_selector("[data-editor][data-state=failed]")
    expect(page.locator("[data-status]")).to_have_text("Non salvata, copia qui")
    expect(page.locator("[data-trouble]")).to_contain_text("Una copia cifrata resta in questo browser")
    page.close()


def test_a_browser_closed_before_the_save_offers_the_drawing_again_to_the_same_user_only(screen, prepared):
    with core.db.transaction() as db:
        carla = users.by_login(db, "carla")
        assert carla
        users.grant(db, carla, "coordinator", None, by="test")
    desk: Screen = screen("lucia", viewport={"width": 320, "height": 800})
    lost = drawing(desk)
    desk.page = desk.context.new_page()
    close_without_saving(lost, "Quasi persa")
    desk.context.set_offline(False)
    page = drawing(desk)
    offer = page.locator("[data-left]")
    expect(offer.get_by_role("button")).to_have_text(["Riprendi da qui", "Scarica la copia", "Butta la copia"])
    (row,) = page.evaluate(STORED)
    assert set(row) == {"id", "owner", "at", "iv", "sealed"}
    assert not any(word in str(row) for word in ("Quasi", "persa", "health_path", "bpmn"))
    rival = drawing(screen("lucia"))
    rename(rival, "Nel frattempo")
    saved(rival)

    offer.get_by_role("button", name="Riprendi da qui").click()
    expect(offer).to_be_hidden()
    page.get_by_role("button", name="Salva", exact=True).click()
    page.wait_for_selector("[data-editor][data-state=conflict]")
    assert "Nel frattempo" in kept().decode()
    page.locator("[data-trouble]").get_by_role("button", name="Tieni la mia").click()
    page.wait_for_selector("[data-editor][data-state=saved]")
    assert "Quasi persa" in kept().decode()
    page.wait_for_function(f"({STORED})().then(rows => rows.length === 0)")

    lost, desk.page = page, desk.context.new_page()
    close_without_saving(lost, "Di nuovo")
    desk.context.set_offline(False)
    desk.context.clear_cookies()
    desk.open("/login").locator("[name=login]").fill("carla")
    desk.page.locator("[name=password]").fill(PASSWORD)
    desk.page.keyboard.press("Enter")
    desk.page.wait_for_url(lambda url: "/login" not in url)
    expect(drawing(desk).locator("[data-left]")).to_be_hidden()
    desk.context.add_cookies([{"name": "approdo", "value": prepared.cookies["lucia"], "url": desk.url}])
    page = drawing(desk)
    page.locator("[data-left]").get_by_role("button", name="Butta la copia").click()
    page.wait_for_function(f"({STORED})().then(rows => rows.length === 0)")
    expect(page.locator("[data-left]")).to_be_hidden()


def test_every_shipped_pathway_opens_without_a_warning(screen, prepared):
    desk: Screen = screen("lucia")
    with core.db.transaction() as db:
        models = [model.process_id for model in registry.newest(db)]
    page = drawing(desk)
    told = {}
    for model in models:
        told[model] = page.evaluate(
            """async id => {
              const modeler = document.querySelector('[data-editor]').modeler;
              const xml = await (await fetch(`/models/${id}/draft.bpmn`)).text();
              return (await modeler.importXML(xml)).warnings.map(String);
            }""",
            model,
        )
    assert len(models) > 30
    assert {model: warnings for model, warnings in told.items() if warnings} == {}
