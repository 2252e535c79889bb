"""The diagram: drawn under the policy, coloured by what happened, with the mark that bpmn-js's licence asks for."""

import json
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.frontend.conftest import Desk

pytestmark = pytest.mark.browser

MODEL = """<?xml version="1.0"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:di="http://www.omg.org/spec/BPMN/20100524/DI"
  xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" targetNamespace="urn:approdo:test">
  <process id="p"><userTask id="risk" name="Valutazione del rischio"/><userTask id="next" name="Informativa"/></process>
  <di:BPMNDiagram><di:BPMNPlane bpmnElement="p">
    <di:BPMNShape id="s1" bpmnElement="risk"><dc:Bounds x="100" y="80" width="120" height="80"/></di:BPMNShape>
    <di:BPMNShape id="s2" bpmnElement="next"><dc:Bounds x="300" y="80" width="120" height="80"/></di:BPMNShape>
  </di:BPMNPlane></di:BPMNDiagram>
</definitions>"""
DIAGRAM = """<div><div class="diagram-tools"><button data-zoom="in" hidden>Ingrandisci</button></div>
<div class="diagram" data-viewer data-xml-url="/model.bpmn" data-history-url="/history.json"
  data-failed-text="Il diagramma non si può mostrare."></div></div>"""


@pytest.fixture
def diagram(desk: Desk) -> Desk:
    history = {"risk": {"state": "done", "label": "2 volte"}, "of_another_version": {"state": "done"}}
    desk.pages |= {"/": DIAGRAM, "/model.bpmn": ("application/xml", MODEL.encode())}
    desk.pages["/history.json"] = ("application/json", json.dumps(history).encode())
    return desk


def test_the_diagram_shows_what_happened(diagram: Desk, page: Page):
    page.goto("/")

    expect(page.locator("[data-ready]")).to_be_visible()
    expect(page.locator(".diagram-badge")).to_have_text("2 volte")
    expect(page.locator(".state-done")).to_have_attribute("data-element-id", "risk")
    before = page.locator(".viewport").get_attribute("transform")
    page.get_by_role("button", name="Ingrandisci").click()
    assert page.locator(".viewport").get_attribute("transform") != before


BEFORE = MODEL.replace('id="next" name="Informativa"', 'id="gone" name="Nota"').replace('bpmnElement="next"', 'bpmnElement="gone"')


def signs(page: Page) -> list[str]:
    """What stands on the drawing, without whether it moved besides."""
    told = page.locator(".diagram-badge").all_text_contents()
    return sorted(text.removesuffix(" ↔ spostato") for text in told if text != "↔ spostato")


def test_a_draft_shows_what_is_new_and_changed_and_the_version_before_what_goes(diagram: Desk, page: Page):
    diagram.pages["/"] = DIAGRAM.replace(
        'data-history-url="/history.json"', 'data-diff-url="/diff.json" data-before-url="/before.bpmn"'
    ).replace("</div>", '<button data-before="Come diventa" hidden>Com\'era</button></div>', 1)
    diagram.pages["/before.bpmn"] = ("application/xml", BEFORE.encode())
    found = {"added": ["next"], "removed": ["gone"], "changed": ["risk"]}
    diagram.pages["/diff.json"] = ("application/json", json.dumps(found).encode())

    page.goto("/")

    expect(page.locator("[data-ready]")).to_be_visible()
    expect(page.locator(".state-added")).to_have_attribute("data-element-id", "next")
    expect(page.locator(".state-changed")).to_have_attribute("data-element-id", "risk")
    assert signs(page) == ["+ nuovo", "≠ cambiato"]
    page.get_by_role("button", name="Com'era").click()
    expect(page.locator(".state-removed")).to_have_attribute("data-element-id", "gone")
    assert signs(page) == ["− tolto", "≠ cambiato"]
    page.get_by_role("button", name="Come diventa").click()
    expect(page.locator(".state-added")).to_have_attribute("data-element-id", "next")


def test_a_model_that_cannot_be_drawn_says_so(diagram: Desk, page: Page):
    diagram.pages["/model.bpmn"] = ("application/xml", b"<not-bpmn/>")

    page.goto("/")

    expect(page.locator("[data-failed]")).to_have_text("Il diagramma non si può mostrare.")


def test_a_drawing_stays_in_its_frame_when_the_phone_is_turned_unless_a_person_has_moved_it(diagram: Desk, page: Page):
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto("/")
    expect(page.locator("[data-ready]")).to_be_visible()

    page.set_viewport_size({"width": 320, "height": 900})
    expect(page.locator(".djs-shape").first).to_be_in_viewport()
    page.get_by_role("button", name="Ingrandisci").click()
    moved = page.locator(".viewport").get_attribute("transform")
    page.set_viewport_size({"width": 640, "height": 900})
    page.wait_for_timeout(200)
    assert page.locator(".viewport").get_attribute("transform") == moved


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1440])
def test_the_mark_of_bpmn_io_is_whole_and_on_top(diagram: Desk, chromium: Browser, width: int, scheme: Any):
    size: ViewportSize = {"width": width, "height": 900}
    context = chromium.new_context(base_url=diagram.url, viewport=size, color_scheme=scheme)
    page = context.new_page()
    page.goto("/")
    expect(page.locator("[data-ready]")).to_be_visible()

    mark = page.locator(".bjs-powered-by")

    expect(mark).to_be_visible()
    expect(mark).to_have_attribute("href", "http://bpmn.io")
    box = mark.bounding_box()
    assert box is not None
    for x in (box["x"] + 1, box["x"] + box["width"] / 2, box["x"] + box["width"] - 1):
        on_top = "([x, y]) => document.elementFromPoint(x, y).closest('.bjs-powered-by') !== null"
        assert page.evaluate(on_top, [x, box["y"] + box["height"] / 2])
    context.close()
