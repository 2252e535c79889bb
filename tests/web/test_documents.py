"""A letter as PDF: to be saved under a name that says nothing, each reading on record, and only for who may read it."""

import re
from io import BytesIO

import pypdf
import pytest

import core.db
from cases import documents
from core import log
from tests.web.browser import Browser

WORDS = "Al Questore di Milano\n\nPerché la persona è già qui."


@pytest.fixture
def letter(placed):
    """The address of a letter about the case."""
    with core.db.transaction() as db:
        written = documents.write(db, placed.case, "questore_attestato", 1, "P3", WORDS, by="cli")
    return f"/cases/{placed.case}/documents/{written.id}"


def test_a_letter_is_saved_as_pdf_and_the_reading_is_written_down(placed, letter):
    desk = placed.desk("carla")
    assert f'href="{letter}.pdf"' in desk.get(letter).text
    with core.db.transaction() as db:
        before = len([line for line in log.lines(db, case=placed.case) if line.verb == "case.viewed"])
    reply = desk.get(f"{letter}.pdf")

    assert reply.mimetype == "application/pdf"
    assert re.fullmatch(r'attachment; filename="documento-\w{8}\.pdf"', reply.headers["Content-Disposition"])
    assert reply.headers["Cache-Control"] == "no-store"
    assert "sandbox" in reply.headers["Content-Security-Policy"]
    assert "Perché la persona è già qui." in pypdf.PdfReader(BytesIO(reply.data)).pages[0].extract_text()
    with core.db.transaction() as db:
        assert len([line for line in log.lines(db, case=placed.case) if line.verb == "case.viewed"]) == before + 1


def test_to_others_there_is_no_pdf(placed, letter):
    assert Browser(placed.app, "piero").get(f"{letter}.pdf").status_code == 404
    assert placed.desk("carla").get(f"/cases/{placed.case}/documents/none.pdf").status_code == 404


def test_a_letter_that_cannot_be_set_says_what_to_do(placed):
    with core.db.transaction() as db:
        written = documents.write(db, placed.case, "questore_attestato", 1, "P3", "Si chiama 张", by="cli")
    reply = placed.desk("carla").get(f"/cases/{placed.case}/documents/{written.id}.pdf")

    assert reply.status_code == 422
    assert "stampa del browser" in reply.text
