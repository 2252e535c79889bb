"""Models and pathways: the drawing for those who keep it, the same as a list for everybody."""

import pytest


def test_the_coordinator_sees_every_model_as_a_drawing_and_as_a_list(lucia):
    assert "Protezione immediata e 45 giorni" in lucia.get("/models").text
    page = lucia.get("/models/protection").text

    assert 'data-viewer data-xml-url="/models/protection/' in page
    assert "art. 10 c. 2" in page
    assert "Referente del caso" in page


def test_the_file_is_served_as_published_and_not_as_a_page(lucia):
    page = lucia.get("/models/contact").text
    reply = lucia.get(page.partition('data-xml-url="')[2].partition('"')[0])

    assert reply.mimetype == "application/xml"
    assert reply.headers["Content-Disposition"].startswith("attachment")
    assert b"<bpmn:definitions" in reply.data


@pytest.mark.parametrize(
    "path", ["/models/none", "/models/contact/none.bpmn", "/pathways/none", "/pathways/none/history.json"]
)
def test_what_is_not_there_is_not_found(lucia, path):
    assert lucia.get(path).status_code == 404


def test_a_model_of_another_process_is_not_found(lucia):
    page = lucia.get("/models/contact").text
    definition = page.partition("/models/contact/")[2].partition(".bpmn")[0]

    assert lucia.get(f"/models/protection/{definition}.bpmn").status_code == 404


def test_a_pathway_shows_what_happened_in_the_readers_language(picked):
    carla = picked.desk("carla")
    link = carla.get(f"/cases/{picked.case}").text.partition('href="/pathways/')[2].partition('"')[0]

    page = picked.page("carla", f"/pathways/{link}")
    assert "Trova un posto sicuro" in page
    assert "in corso" in page
    marks = carla.get(f"/pathways/{link}/history.json").json
    assert marks
    assert marks["placement"] == {"state": "active", "label": ""}
    assert carla.get(f"/pathways/{link}/model.bpmn").mimetype == "application/xml"
    carla.get("/account")
    carla.send("/account", language="en")
    assert "Find a safe place" in picked.page("carla", f"/pathways/{link}")
