"""Documents of a case: what may be kept, how it comes back, who may have it, and that nothing betrays it."""

import re
from base64 import b64decode
from io import BytesIO

import pytest
from PIL import Image
from sqlalchemy import text

import core.db
from cases import casefile, files
from core import log, users
from tasks.assignment import actor_of
from tests.web.browser import Browser
from tests.web.screen import Screen

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\n%%EOF CANARINO"
PLACE = "Via del Canarino 7"


def photo(kind="JPEG"):
    """A picture that says where it was made."""
    made, exif, file = Image.new("RGB", (40, 20), "red"), Image.Exif(), BytesIO()
    exif[0x010E] = PLACE
    made.save(file, kind, exif=exif)
    return file.getvalue() + b"<script>alert(1)</script>"


def add(desk, case, content, what="identita", name="Blessing.pdf"):
    """Send the form as a browser does; the body is written out, for Werkzeug's client leaves its large ones open."""
    said = "".join(
        f'--x\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{value}\r\n'
        for field, value in (("csrf_token", desk.token()), ("what", what))
    )
    head = f'{said}--x\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
    body = head.encode() + content + b"\r\n--x--\r\n"
    return desk.client.post(f"/cases/{case}/files/new", data=body, content_type="multipart/form-data; boundary=x")


def link(desk, case):
    return sorted(set(re.findall(rf"/cases/{case}/files/(?!new)\w+", desk.get(f"/cases/{case}").text)))


def test_a_pdf_comes_back_to_be_saved_under_a_name_that_says_nothing(placed):
    desk = placed.desk("carla")
    assert add(desk, placed.case, PDF).status_code == 303
    (path,) = link(desk, placed.case)
    reply = desk.get(path)

    assert reply.data == PDF
    assert re.fullmatch(r'attachment; filename="documento-\w{8}\.pdf"', reply.headers["Content-Disposition"])
    assert reply.headers["Cache-Control"] == "no-store"
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in reply.headers["Content-Security-Policy"]
    with core.db.transaction() as db:
        row = db.execute(text("select * from file")).one()
        verbs = [line.verb for line in log.lines(db, case=placed.case)]
    assert b"CANARINO" not in bytes(row._mapping["sealed"])
    assert "Blessing" not in str(row)
    assert "file.added" in verbs
    assert "case.viewed" in verbs
    assert "Ha scaricato un documento" in placed.desk("dario").get(f"/cases/{placed.case}/looks").text


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_of_a_photograph_only_the_picture_is_kept(placed, kind):
    desk = placed.desk("carla")
    assert PLACE.encode() in photo(kind) or kind == "PNG"
    assert add(desk, placed.case, photo(kind), name="foto").status_code == 303
    kept = desk.get(link(desk, placed.case)[0]).data

    assert PLACE.encode() not in kept
    assert b"script" not in kept
    assert not Image.open(BytesIO(kept)).getexif()


@pytest.mark.parametrize(
    ("content", "what", "says"),
    [
        (b"", "identita", "che non sia vuoto"),
        (b"MZ\x90 programma", "identita", "solo PDF e immagini"),
        (b"<svg onload='alert(1)'/>", "identita", "solo PDF e immagini"),
        (b"\x89PNG\r\n\x1a\n rovinato", "identita", "solo PDF e immagini"),
        (PDF + b"/S /JavaScript /JS (x)", "identita", "programmi o altri file"),
        (PDF + b"/S /J#61vaScript", "identita", "programmi o altri file"),
        (PDF + b"<ScRiPt>", "identita", "programmi o altri file"),
        (PDF + b" " * files.LARGEST, "identita", "al massimo 5 MB"),
        (PDF, "segreto", "Scegli una voce"),
        (PDF, "giustizia", "non può leggere documenti di questo tipo"),
    ],
    ids=["empty", "program", "svg", "broken", "javascript", "spelled", "two_things", "large", "unknown", "judicial"],
)
def test_what_may_not_be_kept_is_refused_beside_its_field(placed, content, what, says):
    desk = placed.desk("carla")
    reply = add(desk, placed.case, content, what, name="../../foto.pdf")

    assert reply.status_code == 422
    assert says in reply.text
    assert link(desk, placed.case) == []


def test_a_body_far_too_long_is_not_even_read(placed):
    reply = add(placed.desk("carla"), placed.case, b"%PDF-" + b" " * 6 * 1024 * 1024)

    assert reply.status_code == 413


def test_to_others_the_file_does_not_exist(placed):
    desk = Browser(placed.app, "giulia")
    assert add(desk, placed.case, PDF, "giustizia").status_code == 303
    (path,) = link(desk, placed.case)

    assert Browser(placed.app, "piero").get(path).status_code == 404
    assert placed.desk("carla").get(path).status_code == 404
    assert link(placed.desk("carla"), placed.case) == []
    assert desk.get(path.replace(placed.case, "F-ALTRO")).status_code == 404


def test_a_document_is_looked_at_as_a_picture_in_the_page_and_the_look_is_told(placed):
    desk = placed.desk("carla")
    assert add(desk, placed.case, photo()).status_code == 303
    (path,) = link(desk, placed.case)
    reply = desk.get(f"{path}/preview")

    assert reply.status_code == 200
    (kind, drawn) = re.findall(r'<img src="data:image/(\w+);base64,([^"]+)"', reply.text)[0]
    assert Image.open(BytesIO(b64decode(drawn))).size == (40, 20)
    assert kind == "jpeg"
    assert reply.headers["Cache-Control"] == "no-store"
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in reply.headers["Content-Security-Policy"]
    assert f'href="{path}" download' in reply.text
    assert "Ha guardato un documento" in placed.desk("dario").get(f"/cases/{placed.case}/looks").text


def test_what_cannot_be_shown_says_so_and_can_be_saved(placed):
    desk = placed.desk("carla")
    assert add(desk, placed.case, PDF).status_code == 303
    (path,) = link(desk, placed.case)
    page = desk.get(f"{path}/preview").text

    assert "non si può mostrare qui" in page
    assert "<img" not in page
    assert "CANARINO" not in page
    assert f'href="{path}" download' in page


def test_to_others_there_is_nothing_to_look_at(placed):
    desk = Browser(placed.app, "giulia")
    assert add(desk, placed.case, PDF, "giustizia").status_code == 303
    (path,) = link(desk, placed.case)

    assert Browser(placed.app, "piero").get(f"{path}/preview").status_code == 404
    assert placed.desk("carla").get(f"{path}/preview").status_code == 404


@pytest.mark.browser
def test_the_picture_shows_under_our_policy_for_everybody(screen, prepared):
    case = prepared.places["case"]
    desk: Screen = screen("carla", color_scheme="dark", reduced_motion="reduce")
    with core.db.transaction() as db:
        carla = users.by_login(db, "carla")
        assert carla
        found = casefile.get(db, case)
        kept = files.add(db, actor_of(db, carla), found, "identita", photo()).id
    page = desk.open(f"/cases/{case}/files/{kept}/preview")

    assert page.locator(".preview img").evaluate("image => image.naturalWidth") == 40
    assert desk.axe() == []
    assert desk.complaints == []
    assert [desk.overflow(width) for width in (320, 768, 1440)] == [0, 0, 0]
