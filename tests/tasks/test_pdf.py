"""The PDF of a text: the words are there, tagged, in fonts that travel with them, and nothing else is."""

import re
from io import BytesIO

import pypdf
import pytest

from core.errors import WrongOrder
from tasks import letters, pdf
from tests.conftest import Time

WORDS = 'Perché la città è già così più giù: Nguyễn, Ștefan, "Блаженка".\nSeconda riga __________\n\nNuovo paragrafo'


def read(content):
    return pypdf.PdfReader(BytesIO(content))


def text_of(content):
    return "\n".join(page.extract_text() for page in read(content).pages)


def letter(text=WORDS):
    return pdf.write("Documento", "it", pdf.plain(text))


def test_the_words_are_there_with_their_accents_line_by_line():
    found = text_of(letter())

    assert WORDS.partition("\n")[0] in found.replace("“", '"').replace("”", '"')
    assert "\nSeconda riga" in found
    assert "Nuovo paragrafo" in found


def test_it_is_tagged_for_who_listens_and_says_its_language():
    root = read(letter()).trailer["/Root"]

    assert root["/MarkInfo"]["/Marked"]
    assert root["/StructTreeRoot"]
    assert root["/Lang"] == "it"
    assert b"<pdfuaid:part>1</pdfuaid:part>" in root["/Metadata"].get_data()
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]


def test_titles_and_lists_are_what_they_look_like():
    made = pdf.write("Carta", "it", [pdf.Block("title", ["Diritti"]), pdf.Block("list", ["uno", "due"])])
    kinds = re.findall(r"'/S': '/(\w+)'", str([found.get_object() for found in read(made).trailer["/Root"]["/StructTreeRoot"]["/K"][0]["/K"]]))

    assert {"H1", "L"} <= set(kinds)


def test_every_font_travels_with_it():
    fonts = [
        font.get_object()["/DescendantFonts"][0].get_object()["/FontDescriptor"]
        for page in read(letter()).pages
        for font in page["/Resources"]["/Font"].values()
    ]

    assert fonts
    assert all("/FontFile2" in font or "/FontFile3" in font for font in fonts)


def test_nothing_tells_who_when_or_where():
    time = Time()
    time.at("2026-08-11 05:41")
    first = letter()
    time.at("2031-01-01 09:00")
    facts = read(first)

    assert letter() == first
    assert {key: value for key, value in (facts.metadata or {}).items() if key != "/Creator"} == {"/Title": "Documento"}
    assert re.fullmatch(r"Typst [\d.]+", str((facts.metadata or {})["/Creator"]))
    said = facts.trailer["/Root"]["/Metadata"].get_data().decode()
    assert not re.search(r"Date|creator>|Producer|/(home|work|tmp)|20\d\d-", said)


def test_pages_are_numbered():
    made = read(letter("riga\n" * 100))

    assert len(made.pages) > 1
    assert f"1 / {len(made.pages)}" in made.pages[0].extract_text()


@pytest.mark.parametrize(
    "attack",
    [
        '#read("/etc/passwd")',
        '#import "@preview/cetz:0.2.0"',
        '#image("http://127.0.0.1:1/x.png")',
        "$ x^2 $ *b* = titolo \\ <a> @b // c",
        '"]})\n#panic()',
    ],
)
def test_what_looks_like_a_command_is_only_text(attack):
    found = text_of(letter(attack)).replace("“", '"').replace("”", '"')

    assert attack.split("\n")[0].replace("  ", " ").split()[0] in found


@pytest.mark.parametrize("sign", ["张", "ት", "😀", "\x07"])
def test_a_sign_that_no_font_has_is_refused_with_a_sentence_and_not_left_out(sign):
    with pytest.raises(WrongOrder) as refusal:
        letter(f"La persona si chiama {sign}")
    assert "stampa del browser" in str(refusal.value)


def test_a_text_too_long_for_a_sheet_of_paper_is_refused():
    with pytest.raises(WrongOrder):
        letter("\n\n".join(["a"] * 15_000))


@pytest.mark.parametrize("shipped", letters.known().values(), ids=lambda letter: letter.key)
def test_every_letter_that_is_shipped_can_be_set(shipped):
    assert "Firma" in text_of(letter(shipped.text))
