"""Texts for the person: shipped, written, signed by another, kept apart from what was read before; neutral on demand."""

import re
from dataclasses import replace

import pytest

from cases import leaflets
from cases.access import Actor
from core import log
from core.db import transaction
from core.errors import InvalidForm, NotYours, WrongOrder
from tasks import leaflets as texts
from tasks import lists, pdf

AMINA = Actor("u_amina", "Amina", "it", frozenset({("cultural_mediator", "lombardia-1")}))
FATOU = replace(AMINA, user_id="u_fatou")
PAOLA = Actor("u_paola", "Paola", "it", frozenset({("coordinator", None)}))
TEXT = "# Titolo\n\nUna frase. Un'altra frase.\n\n- uno\n- due"
SHIPPED = [(path.parent.name, path.stem, path.read_text()) for path in sorted(texts.FOLDER.glob("*/*.md"))]
BETRAYS = re.compile(r"tratta(?!\w)|antitratta|traffick|vittim|victim|sfrutta|exploit|art\. ?18|286/1998|denuncia|inganno|deceit|polizia|police\b", re.IGNORECASE)


def used(db):
    found = leaflets.in_use(leaflets.versions(db, "diritti", "it"))
    return found and found.version


@pytest.fixture
def db(office):
    with transaction() as tx:
        yield tx


def test_every_text_is_shipped_in_italian_and_english_as_a_draft(db):
    found = leaflets.all_of(db, list(texts.known()))

    assert {(each.key, each.language, each.version) for each in found} == {
        (key, language, 1) for key in texts.known() for language in ("it", "en")
    }
    assert not any(each.signed_by for each in found)
    assert texts.load(db, by="deploy") == []


@pytest.mark.parametrize(("key", "language", "text"), SHIPPED, ids=lambda value: value if len(value) < 20 else "")
def test_a_neutral_sheet_does_not_say_what_it_is_about_and_can_be_printed(key, language, text):
    neutral = " ".join(line for block in texts.blocks(text, neutral=True) for line in block.lines)

    assert not BETRAYS.search(neutral)
    assert not re.search(r"(^|\s)[@#]", " ".join(line for block in texts.blocks(text) for line in block.lines))
    assert pdf.write("Foglio", language, texts.blocks(text)).startswith(b"%PDF")


@pytest.mark.parametrize(("key", "language", "text"), SHIPPED, ids=lambda value: value if len(value) < 20 else "")
def test_the_sentences_are_short(key, language, text):
    for block in texts.blocks(text, neutral=True):
        for sentence in re.split(r"(?<=[.!?:;])\s", " ".join(block.lines) if block.kind == "text" else block.lines[0]):
            assert len(sentence.split()) <= 26, sentence


def test_the_italian_and_the_english_have_the_same_parts():
    for key in texts.known():
        kinds = [[block.kind for block in texts.blocks(text)] for found, _, text in SHIPPED if found == key]
        assert kinds[0] == kinds[1], key


def test_who_wrote_a_text_does_not_sign_it(db):
    leaflets.write(db, AMINA, "diritti", "fr", TEXT)

    with pytest.raises(WrongOrder):
        leaflets.sign(db, AMINA, "diritti", "fr", 1, declared=True)
    with pytest.raises(InvalidForm):
        leaflets.sign(db, FATOU, "diritti", "fr", 1, declared=False)
    signed = leaflets.sign(db, FATOU, "diritti", "fr", 1, declared=True)
    with pytest.raises(WrongOrder):
        leaflets.sign(db, FATOU, "diritti", "fr", 1, declared=True)

    assert signed.signed_by == FATOU.user_id
    verbs = [line.content["verb"] for line in db.info[log.PENDING] if line.stream == "leaflet:diritti-fr"]
    assert verbs == ["leaflet.written", "leaflet.signed"]


def test_only_a_mediator_signs_and_only_mediators_and_coordinators_write(db):
    leaflets.write(db, PAOLA, "diritti", "fr", TEXT)
    nobody = replace(PAOLA, roles=frozenset({("case_manager", "lombardia-1")}))

    with pytest.raises(NotYours):
        leaflets.sign(db, PAOLA, "diritti", "fr", 1, declared=True)
    with pytest.raises(NotYours):
        leaflets.write(db, nobody, "diritti", "fr", TEXT)


def test_the_signed_text_stays_in_use_until_the_newer_one_is_signed_too(db):
    leaflets.sign(db, AMINA, "diritti", "it", 1, declared=True)
    leaflets.write(db, PAOLA, "diritti", "it", TEXT)
    assert used(db) == 1
    with pytest.raises(WrongOrder):
        leaflets.sign(db, AMINA, "diritti", "it", 1, declared=True)
    leaflets.sign(db, AMINA, "diritti", "it", 2, declared=True)

    assert used(db) == 2


def test_a_file_that_says_something_new_is_the_next_version_and_undoes_nothing(db):
    leaflets.write(db, PAOLA, "diritti", "it", TEXT)
    assert texts.load(db, by="deploy") == []
    made = leaflets.bring_in(db, "diritti", "it", TEXT + "\n- tre", by="deploy")

    assert made is not None
    assert [each.version for each in leaflets.versions(db, "diritti", "it")] == [3, 2, 1]


@pytest.mark.parametrize("text", ["", "senza titolo", "# Titolo\n" + "a" * 12_000])
def test_what_is_no_text_is_refused_beside_the_field(db, text):
    with pytest.raises(InvalidForm) as refusal:
        leaflets.write(db, PAOLA, "diritti", "fr", text)
    assert set(refusal.value.errors) == {"text"}


def test_the_same_text_again_is_no_new_version(db):
    leaflets.write(db, PAOLA, "diritti", "fr", TEXT)
    with pytest.raises(InvalidForm):
        leaflets.write(db, PAOLA, "diritti", "fr", TEXT.replace("\n", "\r\n") + "\n")


def test_a_form_offers_the_versions_there_are_and_says_which_are_drafts(db):
    leaflets.sign(db, AMINA, "informativa", "it", 1, declared=True)
    offered = {option.value: option for option in lists.options(db, "consent_texts")}

    assert set(offered) == {"informativa-it-1", "informativa-en-1"}
    assert offered["informativa-it-1"].label == "Informativa privacy e consensi, italiano, 1"
    assert offered["informativa-en-1"].label.endswith("(bozza da validare)")
    assert {option.value for option in lists.options(db, "rights_texts")} == {"diritti-it-1", "diritti-en-1"}


def test_the_difference_is_told_sentence_by_sentence():
    new = TEXT.replace("Un'altra frase", "Una frase diversa").replace("- due", "- due\n- tre")

    assert texts.changes(TEXT, new) == [
        texts.Change("Un'altra frase.", "Una frase diversa."),
        texts.Change("", "tre"),
    ]
    assert texts.changes(TEXT, TEXT) == []
