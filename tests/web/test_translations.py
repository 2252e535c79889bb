"""English is complete: every marked sentence of the house, every form, every model, with the same places to fill."""

import re
from pathlib import Path

import pytest
from lxml import etree

from tasks import forms, lists
from web import catalogue

ROOT = Path(__file__).parents[2]
PLACES = re.compile(r"%\(\w+\)[sd]|\{\w*[^}]*\}")
MODELS = sorted((ROOT / "workflows" / "bpmn").glob("*.bpmn"))
NAMED = {"userTask", "serviceTask", "businessRuleTask", "lane", "process", "participant", "startEvent", "endEvent"}


@pytest.fixture(scope="module")
def english():
    return catalogue.read()


def texts(message) -> list[str]:
    return list(message.string) if isinstance(message.string, tuple) else [message.string]


def test_every_sentence_has_its_english(english):
    marked = {message.id for message in catalogue.template() if message.id}
    known = {message.id for message in english if message.id and all(texts(message))}

    assert marked - known == set(), "run `python -m web.catalogue` and translate what is new"


def test_no_english_is_a_guess_or_a_leftover(english):
    marked = {message.id for message in catalogue.template() if message.id}

    assert [message.id for message in english if message.fuzzy and message.id] == []
    assert {message.id for message in english if message.id} - marked == set()


def test_every_place_of_a_sentence_is_in_its_english(english):
    for message in english:
        originals = message.id if isinstance(message.id, tuple) else (message.id,)
        for original, text in zip(originals, texts(message), strict=True) if message.id else ():
            assert set(PLACES.findall(text)) == set(PLACES.findall(original)), message.id


def test_no_english_was_left_in_italian(english):
    same = {message.id for message in english if message.id and message.id == message.string}

    assert {text for text in same if re.search(r"\b(il|la|di|non|del|che|un|una)\b", text)} == set()


@pytest.mark.parametrize("form", sorted(forms.known()))
def test_every_form_speaks_english(form):
    findings = forms.check((forms.FOLDER / f"{form}.json").read_bytes(), form, lists.known())

    assert [finding.text for finding in findings] == []


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
def test_every_model_speaks_english(path):
    tree = etree.parse(path)
    silent = [
        element.get("id")
        for element in tree.iter("{*}*")
        if etree.QName(element).localname in NAMED and element.get("name")
        and not element.get("{urn:approdo:bpmn:1}nameEn")
    ]  # fmt: skip

    assert silent == []


def test_pages_mark_what_they_say():
    """Words between tags of a template that no translator would ever see."""
    bare = re.compile(r">[^<{}]*[A-Za-zàèéìòù]{3,}[^<{}]*<")
    allowed = {"Approdo", "Ctrl", "Alt"}
    for path in sorted((ROOT / "web" / "templates").rglob("*.html")):
        text = re.sub(r"\{%.*?%\}|\{#.*?#\}|\{\{.*?\}\}", "{}", path.read_text(), flags=re.DOTALL)
        found = {match.strip("<> \n") for match in bare.findall(text)} - allowed
        assert found == set(), path.name
