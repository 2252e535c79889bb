"""In and out through the pages."""

import io
import json
import re
import zipfile
from pathlib import Path

import pytest

from core.db import transaction
from engine import drafts
from tests.engine.dmn_files import Column, Table, file
from tests.engine.draw import draw, user

FILES = Path(__file__).parents[1] / "exchange" / "files"
EVIL = Path(__file__).parents[1] / "evil"


def send(browser, data: bytes, name: str = "segreto.bpmn"):
    form = browser.get("/models/import").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', form)
    assert token
    given = {"csrf_token": token[1], "file": (io.BytesIO(data), name)}
    return browser.client.post("/models/import", data=given, content_type="multipart/form-data")


def test_a_file_of_camunda_becomes_a_draft_and_every_word_is_accounted_for(lucia):
    reply = send(lucia, (FILES / "camunda7.bpmn").read_bytes())

    assert reply.status_code == 200
    assert "bozza salvata" in reply.text
    assert "Camunda 7" in reply.text
    assert "Il gruppo «Referente del caso» è diventato «case_manager»" in reply.text
    assert "Quanto si conserva lo dicono le regole di conservazione, non il modello" in reply.text
    assert "/models/Process_c7/draft" in reply.text
    assert lucia.get("/models/Process_c7/draft").status_code == 200


def test_code_is_refused_and_named(lucia):
    reply = send(lucia, (EVIL / "camunda-task-listener.bpmn").read_bytes())

    assert reply.status_code == 422
    assert "taskListener" in reply.text
    assert lucia.get("/models/pathway/draft").status_code == 404


@pytest.mark.parametrize("name", ["a/b", "a&#10;b", "a b", "import", "x" * 101])
def test_an_id_under_which_no_page_could_be_opened_is_refused_and_nothing_is_kept(lucia, name):
    model = draw("s>a>e", user("a", group="case_manager"), process="one").replace(b'"one"', f'"{name}"'.encode())
    table = file(Table([Column("n", "number")], [Column("r")], ["-|1"]))
    table = table.replace(b'"table"', f'"{name}"'.encode())
    for data in (model, table) if name != "import" else (model,):
        reply = send(lucia, data)
        assert reply.status_code == 422
        assert "non può stare in un indirizzo" in reply.text
    lucia.get("/models/new")
    assert lucia.send("/models/new", name="Import").status_code == 422
    assert send(lucia, b'{"id": "a/b", "components": []}', "a/b.json").status_code == 200
    with transaction() as db:
        assert [each.key for each in drafts.open_drafts(db)] == ["a_b"]


def test_an_empty_form_says_what_is_missing(lucia):
    reply = send(lucia, b"", "")

    assert reply.status_code == 422
    assert "Scegli un file." in reply.text


def test_markup_in_a_file_name_or_a_model_stays_text(lucia):
    model = draw("s>a>e", user("a", group="case_manager"), name="<script>alert(1)</script>", process="x1")
    page = send(lucia, model, "<img src=x>.bpmn").text

    assert "<img src=x>" not in page
    assert "<script>alert" not in page


def test_a_pathway_leaves_as_a_zip_with_a_neutral_name_and_comes_back_unchanged(lucia):
    reply = lucia.get("/models/contact/export.zip")
    archive = zipfile.ZipFile(io.BytesIO(reply.data))

    assert reply.headers["Content-Disposition"] == 'attachment; filename="model.zip"'
    assert json.loads(archive.read("manifest.json"))["files"][0]["path"] == "bpmn/contact.bpmn"
    page = send(lucia, reply.data, "model.zip")
    assert page.status_code == 200
    assert page.text.count("già in vigore così") == len(archive.namelist()) - 1


def test_single_files_and_everything_leave_too(lucia, at_desk):
    marco = at_desk("marco")
    table, form = lucia.get("/models/tables/risk/export.dmn"), marco.get("/models/forms/identity/export.json")

    assert table.headers["Content-Disposition"] == 'attachment; filename="table-1.dmn"'
    assert json.loads(form.data)["id"] == "identity"
    assert len(zipfile.ZipFile(io.BytesIO(lucia.get("/models/export.zip").data)).namelist()) > 150
    assert lucia.get("/models/forms/nowhere/export.json").status_code == 404
    assert lucia.get("/models/tables/nowhere/export.dmn").status_code == 404
    assert lucia.get("/models/nowhere/export.zip").status_code == 404


def test_the_pages_of_models_lead_there(lucia, at_desk):
    marco = at_desk("marco")
    assert "/models/import" in lucia.get("/models").text
    assert "/models/import" not in marco.get("/models").text
    assert "/models/contact/export.zip" in marco.get("/models/contact").text
