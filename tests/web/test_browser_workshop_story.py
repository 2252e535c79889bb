"""A pathway is changed, from the drawing to the desk and back: two coordinators, one caseworker, fifty running cases."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import func, select

import core.db
from cases import casefile
from core import clock, users
from engine import drafts, registry, schema
from engine.drafts import DECISION, PROCESS
from engine.editing import Editor, edit
from engine.tables import Definition, Instance, UserTask
from tasks import beats, pathways, schedule, workshop
from tasks.beats import Beat
from tests.web.browser import PASSWORD
from tests.web.office import MILAN
from tests.web.pictures import Pictures
from tests.web.screen import Screen
from tests.web.test_browser_modeller import DIAGRAM, EDITORS, drawing, drop_a_step, reopened, saved, type_in

pytestmark = pytest.mark.browser
DESK = {"viewport": {"width": 1280, "height": 900}, "reduced_motion": "reduce"}
FOREIGN = Path(__file__).parents[1] / "evil" / "foreign-camunda7.bpmn"
MANY = 50
NEW, OLD = "Chiama il medico", "Accompagna nella salute"


@pytest.fixture
def running(site: str) -> list[str]:
    """Fifty cases of Milan on the pathway of health, and a second coordinator; the codes of the cases."""
    with core.db.transaction() as db:
        carla = users.by_login(db, "carla")
        assert carla
        opened = [casefile.open_(db, MILAN, worker=carla.id, by="test") for _ in range(MANY)]
        for case in opened:
            pathways.start_on(db, case, "health_path", by="test")
        olga = users.add(db, "olga", "Olga Vinci", "olga@example.org", password=PASSWORD, by="test")
        users.grant(db, olga, "coordinator", None, by="test")
        db.add_all(Beat(name=job, at=clock.now(), fired=0, failed=0) for job in beats.CLOCKS)
        return [case.code for case in opened]


def on_version(number: int) -> int:
    with core.db.transaction() as db:
        query = select(func.count()).select_from(Instance).join(Definition, Definition.id == Instance.definition_id)
        chosen = Definition.process_id == "health_path", Definition.version == number, Instance.ended_at.is_(None)
        return db.scalar(query.where(*chosen)) or 0


def task_of(code: str, name: str) -> str:
    with core.db.transaction() as db:
        query = select(UserTask.id).join(Instance, Instance.id == UserTask.instance_id)
        return db.scalars(query.where(Instance.business_key == code, UserTask.name == name)).one()


def test_a_step_is_drawn_tried_published_by_two_given_to_fifty_cases_done_and_taken_back(
    screen, running, prepared, tmp_path
):
    pictures = Pictures(tmp_path)
    lucia: Screen = screen("lucia", **DESK)
    draw_a_step(lucia, pictures)
    try_it(lucia.page, running, pictures)
    propose(lucia.page, pictures)
    confirm(screen("", **DESK), pictures)
    move_all(lucia.page, pictures)
    do_the_new_step(screen("carla", **DESK).page, running[0])
    take_back(lucia, pictures)
    map_a_step(lucia, pictures)
    change_a_table(lucia, pictures)
    bring_in(lucia, pictures)
    desk = lucia.open(f"/incidents/{prepared.places['incident_id']}")
    expect(desk.get_by_role("radio").first).to_be_visible()
    pictures.take(desk, "workshop-stuck")


def draw_a_step(desk: Screen, pictures: Pictures) -> None:
    page = drawing(desk, DIAGRAM)
    drop_a_step(page, NEW, "case_manager")
    page.locator("#prop-documentation").fill("Si chiama il medico di base, se la persona vuole.")
    page.keyboard.press("Tab")
    expect(page.locator("[data-findings]")).to_contain_text("Niente da sistemare.")
    pictures.take(page, "workshop-drawing")
    page.locator('[data-element-id="case_facts"] .djs-hit').first.click()
    page.locator("#prop-service").select_option("")
    expect(page.locator("[data-findings] li").first).to_be_visible()
    pictures.take(page, "workshop-findings")
    page.get_by_role("button", name="Annulla", exact=True).click()
    expect(page.locator("[data-findings]")).to_contain_text("Niente da sistemare.")
    saved(page)
    reopened(page)
    with core.db.transaction() as db:
        content = drafts.content_of(drafts.get(db, PROCESS, "health_path"))
        assert workshop.findings(db, PROCESS, "health_path", content) == []
    for written in ('approdo:group="case_manager"', 'approdo:form="health_path"', 'approdo:due="P10D"', "P3D"):
        assert written.encode() in content
    assert schema.check(content) == []
    page.goto("/models/health_path/draft/steps")
    expect(page.get_by_role("rowheader", name=NEW)).to_have_count(1)
    pictures.take(page, "workshop-steps")


def try_it(page: Page, codes: list[str], pictures: Pictures) -> None:
    page.goto("/models/health_path/draft/try")
    page.get_by_role("button", name="Comincia la prova").click()
    expect(page.get_by_role("heading", name=OLD)).to_be_visible()
    pictures.take(page, "workshop-try")
    page.goto("/models/health_path/draft/rehearse")
    for code in codes[:3]:
        page.get_by_label(code).check()
    page.get_by_role("button", name="Prova su questi casi").click()
    row = page.get_by_role("row", name=codes[0])
    expect(row).to_contain_text(NEW)
    pictures.take(page, "workshop-rehearsal")
    assert on_version(1) == MANY


def propose(page: Page, pictures: Pictures) -> None:
    page.goto("/models/health_path/draft")
    page.get_by_label("Che cosa cambia e perché").fill("Il medico si chiama sempre, prima di chiudere.")
    pictures.take(page, "workshop-draft")
    page.get_by_role("button", name="Proponi").click()
    page.wait_for_url("**done=draft_proposed*")
    page.goto("/models/health_path/draft/difference")
    expect(page.get_by_role("button", name="Conferma")).to_have_count(0)


def confirm(desk: Screen, pictures: Pictures) -> None:
    page = desk.open("/login")
    page.locator("[name=login]").fill("olga")
    page.locator("[name=password]").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/login" not in url)
    desk.open("/models/health_path/draft/difference")
    words = page.get_by_role("region", name="In parole")
    for said in (NEW, "Referente del caso", "10 giorni", "3 giorni", "dal percorso", "Integrazione", OLD):
        expect(words.get_by_text(said, exact=True).first).to_be_visible()
    pictures.take(page, "workshop-difference")
    button = page.get_by_role("button", name="Conferma: da ora è in vigore")
    button.scroll_into_view_if_needed()
    pictures.take(page, "workshop-confirm")
    button.click()
    page.wait_for_load_state()
    with core.db.transaction() as db:
        assert registry.current(db, "health_path").version == 2
    assert on_version(1) == MANY


def move_all(page: Page, pictures: Pictures) -> None:
    page.goto("/models/health_path/moves")
    expect(page.get_by_text(f"si può spostare: {MANY}")).to_be_visible()
    pictures.take(page, "workshop-plan")
    page.get_by_role("button", name="Sposta i casi scelti").click()
    page.wait_for_url("**done=moves_asked*")
    expect(page.get_by_text(f"{MANY} casi sono ancora in coda.")).to_be_visible()
    progress = page.get_by_role("progressbar", name="Spostamenti fatti")
    expect(progress).to_have_attribute("value", "0")
    expect(progress).to_have_attribute("max", str(MANY))
    assert schedule.move_cases().fired == MANY
    assert (on_version(1), on_version(2)) == (0, MANY)
    page.get_by_role("link", name="Aggiorna").click()
    expect(page.get_by_text("ancora in coda")).to_have_count(0)
    page.get_by_role("heading", name="Spostamenti fatti").scroll_into_view_if_needed()
    pictures.take(page, "workshop-moves")
    page.goto("/models/health_path/people")
    expect(page.locator(".djs-overlay").get_by_text(str(MANY)).first).to_be_visible()
    pictures.take(page, "workshop-people")


def do_the_new_step(page: Page, code: str) -> None:
    for name in (OLD, NEW):
        page.goto(f"/inbox/{task_of(code, name)}")
        expect(page.get_by_role("heading", name=name, level=1)).to_be_visible()
        day = page.get_by_label("Data", exact=False).first
        day.fill("2026-08-10")
        page.get_by_role("button", name="Completa", exact=True).click()
        page.wait_for_load_state()
    assert on_version(2) == MANY - 1


def take_back(desk: Screen, pictures: Pictures) -> None:
    page = desk.open("/models/health_path/moves")
    assert desk.axe() == []
    assert desk.overflow(320) == 0
    assert desk.axe() == []
    page.set_viewport_size({"width": 1280, "height": 900})
    page.get_by_role("button", name=f"Annulla tutti i {MANY - 1} spostamenti").click()
    page.wait_for_url("**done=moves_back_asked*")
    schedule.move_cases()
    assert (on_version(1), on_version(2)) == (MANY - 1, 0)
    page.goto("/models/health_path/moves#moves")
    expect(page.get_by_text("annullato", exact=True)).to_have_count(MANY - 1)
    expect(page.get_by_text("Non si annulla più: il caso è già arrivato alla fine")).to_have_count(1)
    pictures.take(page, "workshop-undone")


def map_a_step(desk: Screen, pictures: Pictures) -> None:
    with core.db.transaction() as db:
        said = {"name": "Accompagna e chiama il medico", "name_en": "Accompany, and call the doctor"}

        def replace(editor: Editor) -> None:
            step = editor.step("health_path_form")
            editor.remove(step.id)
            editor.add("gw_health_path__health_path_form", "userTask", {**said, "form": "health_path", "phase": "P8"})

        registry.publish(db, edit(registry.current(db, "health_path").xml, replace), by="test")
    page = desk.open("/models/health_path/moves")
    expect(page.get_by_text(f"da abbinare: {MANY - 1}")).to_be_visible()
    page.get_by_label(f"«{OLD}» continua in").select_option(label=said["name"])
    pictures.take(page, "workshop-mapping")
    page.get_by_role("button", name="Guarda che cosa succederebbe").click()
    expect(page.get_by_text(f"si può spostare: {MANY - 1}")).to_be_visible()


def bring_in(desk: Screen, pictures: Pictures) -> None:
    page = desk.open("/models/import")
    page.locator("input[type=file]").set_input_files(FOREIGN)
    page.get_by_role("button", name="Importa", exact=True).click()
    page.wait_for_load_state()
    assert desk.axe() == []
    pictures.take(page, "workshop-import")


def change_a_table(desk: Screen, pictures: Pictures) -> None:
    page = drawing(desk, EDITORS[1])
    cell = page.locator("td.input-cell").nth(2)
    type_in(page, cell, '"si"')
    pictures.take(page, "workshop-table")
    saved(page)
    reopened(page)
    with core.db.transaction() as db:
        content = drafts.content_of(drafts.get(db, DECISION, "triage"))
    assert b'"si"' in content or b"&quot;si&quot;" in content
    assert schema.check(content) == []
    pictures.take(drawing(desk, EDITORS[2]), "workshop-form")
