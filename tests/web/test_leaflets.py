"""Texts for the person on their pages: read, printed with and without a name on them, translated, signed by another."""

import re
from io import BytesIO

import pypdf

import core.db
from core import users
from tests.web.browser import PASSWORD, Browser
from tests.web.walk import complaint

TEXT = "# Tes droits\n\nTu peux dire non.\n\n@ Art. 18.\n\n- un\n- deux"


def pdf_text(reply):
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(BytesIO(reply.data)).pages)


def second_mediator(app):
    with core.db.transaction() as db:
        user = users.add(db, "amina", "Amina Bello", "amina@example.org", password=PASSWORD, by="cli")
        users.grant(db, user, "cultural_mediator", "lombardia-1", by="cli")
    return Browser(app, "amina")


def test_everybody_at_work_reads_the_texts_and_sees_that_they_are_drafts(app, carla):
    page = carla.get("/leaflets").text
    assert "I tuoi diritti" in page
    assert page.count("bozza da validare") == 6
    assert "Non ancora tradotta:" in page
    page = carla.get("/leaflets/diritti/it").text

    assert "45 giorni per riposare e pensare" in page
    assert "diritti-it-1 · bozza da validare" in page
    assert "Firma la versione" not in page
    assert carla.get("/leaflets/diritti/xx").status_code == 404
    assert carla.get("/leaflets/altro/it").status_code == 404
    assert carla.get("/leaflets/diritti/it?version=7").status_code == 404
    assert "Non ancora tradotta" in carla.get("/leaflets/diritti/ar").text


def test_the_neutral_sheet_names_nobody_and_nothing(app, carla):
    full, neutral = (carla.get(f"/leaflets/diritti/it{cover}").text for cover in ("", "?cover=neutral"))
    sheets = [page.partition("<article")[2].partition("</article>")[0] for page in (full, neutral)]

    assert "Antitratta" in sheets[0]
    assert not re.search(r"tratta|Lombardia|art\. 18", sheets[1], re.IGNORECASE)
    printed, plain = (pdf_text(carla.get(f"/leaflets/diritti/it.pdf{cover}")) for cover in ("", "?cover=neutral"))
    assert "Antitratta" in printed
    assert "800 290 290" not in plain
    assert not re.search(r"tratta|Lombardia", plain, re.IGNORECASE)
    reply = carla.get("/leaflets/diritti/it.pdf?cover=neutral")
    assert reply.headers["Content-Disposition"] == 'attachment; filename="foglio-1-it.pdf"'


def test_one_translates_and_another_signs(app):
    first, second = Browser(app, "fatou"), second_mediator(app)
    first.get("/leaflets/diritti/fr/write")
    assert "45 giorni per riposare" in first.reply.text  # the Italian text beside it
    assert first.send("/leaflets/diritti/fr/write", text="sans titre").status_code == 422
    assert "sans titre" in first.reply.text
    assert first.send("/leaflets/diritti/fr/write", text=TEXT).status_code == 303
    page = first.follow().text
    assert "lo firma un'altra persona" in page
    assert "Firma la versione" not in page

    assert re.search(r'href="/leaflets">\s*Un testo per la persona aspetta', second.get("/notices").text)
    assert "aspetta la firma" not in first.get("/notices").text
    second.get("/leaflets/diritti/fr")
    refused = second.send("/leaflets/diritti/fr/sign")
    assert refused.status_code == 422
    assert "una lingua che conosci bene" in complaint(refused.text)
    assert second.send("/leaflets/diritti/fr/sign", declared="true").status_code == 303
    assert "firmata da Amina Bello" in second.follow().text
    assert "bozza" not in pdf_text(second.get("/leaflets/diritti/fr.pdf"))


def test_a_new_version_says_what_changes_and_the_signed_one_is_what_is_given(app, lucia):
    mediator = Browser(app, "fatou")
    mediator.get("/leaflets/diritti/it")
    assert mediator.send("/leaflets/diritti/it/sign", declared="true").status_code == 303
    page = lucia.get("/leaflets/diritti/it/write").text
    assert "# I tuoi diritti" in page
    text = "# I tuoi diritti\n\nPuoi dire di no."
    assert lucia.send("/leaflets/diritti/it/write", text=text).status_code == 303

    assert "45 giorni per riposare" in lucia.get("/leaflets/diritti/it").text
    page = lucia.get("/leaflets/diritti/it?version=2").text
    assert "Che cosa cambia rispetto alla versione 1" in page
    assert "Puoi dire di no." in re.findall(r"<ins lang=\"it\">(.*?)</ins>", page)[0]
    assert "c'è una bozza nuova" in lucia.get("/leaflets").text


def test_a_consent_names_a_text_that_exists(placed):
    desk = placed.desk("carla")
    page = desk.get(f"/cases/{placed.case}/consents").text

    assert '<option value="informativa-it-1">' in page
    assert "Informativa privacy e consensi, italiano, 1 (bozza da validare)" in page
    assert "diritti-it-1" not in page


def test_no_text_becomes_markup(app):
    mediator = Browser(app, "fatou")
    mediator.get("/leaflets/diritti/fr/write")
    mediator.send("/leaflets/diritti/fr/write", text="# <script>alert(1)</script>\n\n<img src=x onerror=alert(1)>")
    page = mediator.follow().text

    assert "<script>alert" not in page
    assert "<img" not in page
