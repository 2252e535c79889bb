"""The workshop on a phone, by keys alone and without JavaScript: a step changed, one added, one taken out."""

import re
from pathlib import Path

import pytest
from lxml import etree
from playwright.sync_api import expect

import core.db
from engine import drafts, editing, registry, xml
from engine.drafts import DECISION, FORM, PROCESS
from tasks import workshop
from tests.tasks.test_whereabouts import MILAN, TUSCANY, stand
from tests.web.screen import Screen
from tests.web.test_trying import ASKED, form_of, keep, milder
from tests.web.test_trying_parts import WHY

pytestmark = pytest.mark.browser
TESTS = Path(__file__).parents[1]
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


def test_times_repetitions_data_and_order_are_made_by_keys_alone_and_open_on_the_drawing(screen):
    desk: Screen = screen("lucia", **PHONE)
    page = desk.open("/models/protection/draft/steps")

    def opened(*names: str) -> None:
        """Follow links of these names, one after the other; nothing sticks out of the phone."""
        for name in names:
            page.get_by_role("link", name=name).first.press("Enter")
        assert desk.overflow(320) == 0

    def sent(button: str, done: str) -> None:
        page.get_by_role("button", name=button, exact=True).press("Enter")
        page.wait_for_url(f"**done={done}*")

    opened("Modifica Trova un posto sicuro", "Se dura troppo")
    page.get_by_label("Che cosa è successo").fill("nessun posto")
    page.get_by_role("button", name="Aggiungi alla bozza").press("Enter")
    expect(page.get_by_role("alert").get_by_text("Scrivi dopo quanto tempo.")).to_be_visible()
    expect(page.get_by_label("Che cosa è successo")).to_have_value("nessun posto")
    page.get_by_label("Dopo quanto").fill("2")
    page.get_by_role("textbox", name="Che cosa si fa").fill("Chiama il Numero Verde")
    sent("Aggiungi alla bozza", "time_set")
    row = page.get_by_role("row", name=re.compile("^nessun posto"))
    expect(row).to_contain_text("su «Trova un posto sicuro», che continua")
    expect(row).to_contain_text("2 giorni")

    opened("Modifica Chiama il Numero Verde", "Quante volte si fa")
    page.get_by_label("Il passo si fa").press("u")
    page.get_by_label("Quante volte, quale elenco").fill("2")
    sent("Salva nella bozza", "draft_saved")
    expect(page.get_by_role("row", name=re.compile("^Chiama il Numero Verde"))).to_contain_text("Quante volte: 2")

    before = page.get_by_role("rowheader").all_inner_texts()
    opened("Sposta Trova un posto sicuro")
    sent("Un posto dopo", "step_moved")
    after = page.get_by_role("rowheader").all_inner_texts()
    assert before != after
    assert sorted(before) == sorted(after)
    opened("Sposta Trova un posto sicuro")
    page.get_by_label("Mettilo").focus()
    page.keyboard.press("Home")
    sent("Sposta", "step_moved")

    opened("Togli nessun posto")
    expect(page.get_by_role("main")).to_contain_text("Chiama il Numero Verde")
    page.get_by_role("link", name="Lascia stare").press("Enter")
    drawn: Screen = screen("lucia", viewport={"width": 1440, "height": 900})
    drawn.page.goto("/models/protection/draft/diagram")
    drawn.page.wait_for_selector("[data-editor][data-ready][data-checked]")
    assert drawn.page.evaluate("document.querySelector('[data-editor]').warnings") == []
    expect(drawn.page.locator(".djs-element").get_by_text("nessun posto")).to_have_count(1)


def another_errands(data: bytes) -> bytes:
    """One step more and one less, a due date and the day of a wait that are others; what follows the new step stands elsewhere.
    The changed step has the empty label that bpmn-js leaves, and has not moved for that."""

    def change(editor: editing.Editor) -> None:
        editor.remove("case_facts")
        editor.add("gw_errands_next__end_errands", "userTask", {"name": "Chiama la banca"})
        editor.change("errands_form", {"due": "P21D"})

    new, found = re.subn(rb'(bpmnElement="errands_form">\s*<dc:Bounds [^>]*/>)', rb"\1<bpmndi:BPMNLabel/>", editing.edit(data, change))
    assert found == 1
    return new.replace(b"date(errands_next_on)", b"date(errands_last_on)")


def test_what_a_draft_changes_is_seen_on_the_drawing_beside_the_version_in_force(screen):
    with core.db.transaction() as db:
        draft = drafts.find(db, PROCESS, "errands")
        assert draft
        new = another_errands(registry.get(db, registry.current(db, "errands").id).xml)
        drafts.save(db, PROCESS, "errands", new, draft.revision, base_version=draft.base_version, by="u_lucia")
    desk: Screen = screen("lucia", viewport={"width": 1440, "height": 900})
    desk.page.route("**/difference.json", lambda route: route.fulfill(json={}))  # what our words would add
    page = desk.open("/models/errands/draft/difference")
    marked = {
        "added": ("step_1", "+ nuovo"),
        "changed": ("errands_form", "≠ cambiato"),
        "moved": ("end_errands", "↔ spostato"),
        "removed": ("case_facts", "− tolto"),
    }
    for change, (element, words) in marked.items():
        if change == "removed":
            expect(page.locator('[data-element-id="step_1__next_1"] .djs-visual > path')).to_have_css("stroke", "rgb(0, 87, 58)")
            assert page.locator(".djs-element.state-removed").count() == 0
            page.get_by_role("button", name="Mostra la versione in vigore").press("Enter")
            expect(page.get_by_role("button", name="Mostra la bozza")).to_be_visible()
        expect(page.locator(f'[data-element-id="{element}"].state-{change}')).to_have_count(1)
        expect(page.locator(f'.djs-overlays[data-container-id="{element}"]')).to_have_text(words)
        expect(page.get_by_role("list", name="I segni del disegno")).to_contain_text(words)
    expect(page.locator('.djs-overlays[data-container-id="errands_day"]')).to_have_text("≠ cambiato")
    assert desk.axe() == []


def test_what_was_imported_is_explained_within_the_width_of_a_phone_and_opens_as_a_drawing(screen):
    phone: Screen = screen("lucia", **PHONE)
    page, opened = phone.page, list[str]()
    for name in ("exchange/files/camunda7", "exchange/files/camunda8", "exchange/files/flowable", "evil/foreign-signavio", "evil/foreign-bpmn-io"):
        page.goto("/models/import")
        page.get_by_label("File").set_input_files(TESTS / f"{name}.bpmn")
        page.get_by_role("button", name="Importa", exact=True).press("Enter")
        expect(page.get_by_role("heading", name="Che cosa è arrivato")).to_be_visible()
        assert phone.overflow(320) == 0
        for link in page.get_by_role("link", name="Apri la bozza").all():
            opened.append(str(link.get_attribute("href")))
    drawn = screen("lucia", viewport={"width": 1440, "height": 900}).page
    for address in [each for each in opened if "/forms/" not in each]:
        drawn.goto(f"{address}/diagram")
        drawn.wait_for_selector("[data-editor][data-ready][data-checked]")
        assert drawn.evaluate("document.querySelector('[data-editor]').warnings") == []


def test_a_drawing_without_sense_holds_no_browser_up(screen):
    desk: Screen = screen("lucia", viewport={"width": 1440, "height": 900})
    for number, file in enumerate(sorted((TESTS / "evil").glob("diagram-*.bpmn"))):
        with core.db.transaction() as db:
            drafts.save(db, PROCESS, "pathway", file.read_bytes(), number, base_version=None, by="u_lucia")
        desk.page.goto("/models/pathway/draft/diagram", timeout=5_000)
        desk.page.wait_for_selector("[data-editor][data-ready][data-checked]", timeout=5_000)
        if "waypoint" not in file.name:  # an arrow without a way is left out by the library, and then not judged
            expect(desk.page.locator("[data-editor]")).to_contain_text("nel disegno non è valida")
        desk.page.get_by_role("button", name="Ingrandisci").click(timeout=5_000)


def test_how_many_people_are_at_a_step_stands_at_that_step_and_few_are_hidden_there_too(screen):
    standing = {"attestato": 30, "questore_communication": 20, "information_duty": 20, "decided": 20, "attestato_chase": 1}
    for element, count in standing.items():
        for post in (MILAN, TUSCANY):
            stand(element, count, post)
    for width in (1440, 320):
        desk: Screen = screen("lucia", viewport={"width": width, "height": 900})
        page = desk.open("/models/protection/people")
        said = {}
        for element in standing:
            shape = page.locator(f'[data-element-id="{element}"] .djs-visual > :first-child').bounding_box()
            badge = page.locator(f'.djs-overlays[data-container-id="{element}"] .diagram-badge')
            box = badge.bounding_box()
            assert shape
            assert box
            assert shape["x"] <= box["x"] + box["width"]
            assert box["x"] <= shape["x"] + shape["width"]
            assert shape["y"] <= box["y"] + box["height"]
            assert box["y"] <= shape["y"] + shape["height"]
            said[element] = badge.inner_text()
        shown = [words for words in said.values() if words != "pochi"]
        assert said["attestato_chase"] == "pochi"
        assert said["attestato"].startswith("60 · ")
        assert len(shown) < len(said) - 1  # one hidden alone would be found by subtracting


def test_a_draft_of_nearly_two_megabytes_is_drawn_changed_and_saved(screen):
    with core.db.transaction() as db:
        tree = etree.fromstring(registry.get(db, registry.current(db, "errands").id).xml, etree.XMLParser(remove_blank_text=True))
        explained = tree.find(".//{*}userTask/{*}documentation")
        assert explained is not None
        explained.text = "Prassi. " * ((xml.LIMIT - len(etree.tostring(tree)) - 800) // 8)
        draft = drafts.find(db, PROCESS, "errands")
        assert draft
        drafts.save(db, PROCESS, "errands", etree.tostring(tree), draft.revision, base_version=1, by="u_lucia")
    page = screen("lucia", viewport={"width": 1440, "height": 900}).page
    page.goto("/models/errands/draft/diagram")
    page.wait_for_selector("[data-editor][data-ready][data-checked]")
    page.locator('[data-element-id="case_facts"] .djs-hit').first.click()
    page.locator("#prop-name").fill("Leggi")
    page.keyboard.press("Control+s")
    page.wait_for_selector("[data-editor][data-state=saved]")


@pytest.mark.parametrize("scripts", [True, False])
def test_what_a_draft_answers_is_for_everybody_at_320_pixels_and_without_javascript(screen, scripts):
    """The form and the table of the risk, and the pathway that asks both: what the pages say after they were sent."""
    shipped = TESTS.parent / "workflows" / "dmn" / "risk.dmn"
    keep(FORM, "risk_assessment", form_of(ASKED, WHY, key="risk_assessment"))
    keep(DECISION, "risk", milder(shipped.read_bytes()))
    desk: Screen = screen("lucia", **{**PHONE, "java_script_enabled": scripts}, reduced_motion="reduce")

    def fits() -> None:
        assert desk.overflow(320) == 0
        assert not scripts or desk.axe() == []  # axe is a script itself

    page = desk.page
    page.goto("/models/forms/risk_assessment/draft/try")
    page.get_by_label("Quanto pericolo").select_option("alto")
    if not scripts:
        page.get_by_role("button", name="Aggiorna i campi").click()
    expect(page.get_by_label("Perché?")).to_be_visible()
    page.get_by_role("button", name="Completa").click()
    expect(page.locator("#errors")).to_contain_text("Perché?: Campo obbligatorio")
    fits()
    page.get_by_label("Perché?").fill("Chi la cerca sa dove dorme")
    page.get_by_role("button", name="Guarda in inglese").click()
    expect(page.get_by_label("Why?")).to_have_value("Chi la cerca sa dove dorme")
    page.get_by_role("button", name="Complete").click()
    expect(page.locator("table")).to_contain_text("the pathway is not told")
    fits()
    page.goto("/models/tables/risk/draft/try")
    page.get_by_label("Livello scritto").select_option("alto")
    page.get_by_role("button", name="Prova", exact=True).click()
    expect(page.locator("table")).to_contain_text("Riga 3")
    fits()
    page.goto("/models/risk/draft/try")
    page.get_by_role("button", name="Comincia la prova").click()
    expect(page.locator("main")).to_contain_text("modulo in bozza")
    page.get_by_text("Questa prova usa anche bozze").click()
    fits()


def test_what_the_check_says_stands_above_the_button_that_confirms_at_320_pixels(screen):
    keep(FORM, "risk_assessment", form_of(ASKED, key="risk_assessment"))
    with core.db.transaction() as db:
        revision = drafts.revision_of(db, FORM, "risk_assessment")
        workshop.propose(db, FORM, "risk_assessment", revision, "Bastano meno domande", None, by="u_coord")
    desk: Screen = screen("lucia", viewport=PHONE["viewport"])
    page = desk.open("/models/forms/risk_assessment/draft/difference")
    decide = page.get_by_role("region", name="Proposta")
    expect(decide.get_by_role("heading", name="Che cosa dice il controllo")).to_be_visible()
    said = decide.get_by_role("listitem").filter(has_text="serve il campo «risk_severity», che qui non c'è più")
    expect(said).to_have_count(1)
    above, button = said.bounding_box(), decide.get_by_role("button", name="Conferma: da ora è in vigore").bounding_box()
    assert above
    assert button
    assert above["y"] < button["y"]
    assert desk.overflow(320) == 0
    assert desk.axe() == []
