"""Drawing what somebody brought: pictures come out, or nothing; and the process that draws can do nothing else."""

import subprocess
import sys
from io import BytesIO

import pypdf
import pytest
from PIL import Image

from cases import previews


def pdf(pages=1, size=(595, 842), password=""):
    """A PDF of empty pages."""
    made, file = pypdf.PdfWriter(), BytesIO()
    for _ in range(pages):
        made.add_blank_page(*size)
    if password:
        made.encrypt(password, algorithm="RC4-128")
    made.write(file)
    return file.getvalue()


def picture(kind, size=(3000, 200), colour="red"):
    file, exif = BytesIO(), Image.Exif()
    exif[0x010E] = "Via del Canarino 7"
    Image.new("RGB", size, colour).save(file, kind, exif=exif)
    return file.getvalue()


def sizes(preview):
    return [Image.open(BytesIO(each)).size for each in preview.pictures]


def test_of_a_long_document_the_first_pages_are_drawn():
    seen = previews.draw(pdf(7), "pdf")

    assert seen.pages == 7
    assert sizes(seen) == [(1100, 1557)] * 3


@pytest.mark.parametrize(("kind", "name"), [("JPEG", "jpg"), ("PNG", "png")])
def test_a_picture_is_drawn_anew_no_wider_than_a_page(kind, name):
    seen = previews.draw(picture(kind), name)

    assert sizes(seen) == [(1100, 73)]
    assert b"Canarino" not in seen.pictures[0]


def test_a_page_as_large_as_a_town_is_drawn_as_small_as_a_page():
    assert sizes(previews.draw(pdf(size=(14_400, 14_400)), "pdf")) == [(1100, 1100)]


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\n%%EOF", "pdf"),
        (pdf(password="segreta"), "pdf"),
        (b"\x89PNG\r\n\x1a\n rovinato", "png"),
        (picture("PNG"), "jpg"),
        (picture("PNG", (20_000, 20_000)), "png"),
        (b"", "pdf"),
        (pdf(), "html"),
    ],
    ids=["broken", "locked", "spoilt", "another_kind", "bomb", "empty", "unknown"],
)
def test_what_cannot_be_drawn_gives_no_picture(content, kind):
    assert previews.draw(content, kind) == previews.Preview([], 0)


def test_what_takes_too_long_is_given_up(monkeypatch):
    monkeypatch.setattr(previews, "PATIENCE", 0.01)

    assert previews.draw(pdf(), "pdf") == previews.Preview([], 0)


@pytest.mark.parametrize(
    "act",
    [
        "open('/etc/hostname')",
        "open('/tmp/x', 'w')",
        "__import__('socket').socket()",
        "__import__('os').pipe()",
        "bytearray(1024 ** 3)",
    ],
)
def test_the_process_that_draws_can_do_nothing_else(act):
    confined = f"import runpy, socket; runpy.run_path({str(previews.WORKER)!r})['confine'](); {act}"
    free = confined.replace("['confine']()", "['SECONDS']")
    ran = [subprocess.run([sys.executable, "-c", code], capture_output=True, text=True) for code in (confined, free)]

    assert ran[0].returncode == 1
    assert ran[0].stderr.splitlines()[-1].startswith(("OSError", "MemoryError"))
    assert ran[1].returncode == 0
