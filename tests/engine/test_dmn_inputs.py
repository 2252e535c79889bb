"""What a decision looks at: a question with its kind for each datum, of every shipped table."""

from pathlib import Path

import pytest

from engine import dmn, dmn_inputs
from engine.dmn_inputs import Input

FOLDER = Path(__file__).parents[2] / "workflows" / "dmn"
SHIPPED = sorted(path.stem for path in FOLDER.glob("*.dmn"))


def read(name: str, old: str = "", new: str = "") -> dmn.Model:
    return dmn.read((FOLDER / f"{name}.dmn").read_text(encoding="utf-8").replace(old, new).encode())[0]


@pytest.mark.parametrize("name", SHIPPED)
def test_every_datum_of_a_shipped_table_is_asked_once_with_its_kind(name):
    found = dmn_inputs.inputs([read(name)], name)

    assert found
    assert len({each.name for each in found}) == len(found)
    assert all(each.kind and each.label != each.name for each in found)


def test_the_kind_and_the_values_come_from_the_columns_or_from_what_an_expression_does_with_a_datum():
    level = ("basso", "medio", "alto", "imminente")
    risk, term = dmn_inputs.inputs([read("risk")], "risk"), dmn_inputs.inputs([read("compensation_term")], "compensation_term")

    assert risk[0] == Input("risk_level", "Livello scritto da chi valuta", "string", level, closed=True)
    assert [each.kind for each in risk] == ["string", "number", "number", "string"]
    assert term[1] == Input("event_on", "Quale testo vale per il giorno del fatto", "date")
    assert dmn_inputs.inputs([read("triage")], "triage")[0] == Input("danger", "C'è pericolo adesso?", "boolean")
    assert dmn_inputs.inputs([read("permit_track")], "permit_track")[2].values == ("si", "no")


def test_two_versions_are_asked_together_and_a_list_by_what_it_is_searched_for():
    added = read("triage", "<text>reason</text>", '<text>if list contains(signs, "fuga") then reason else note</text>')
    found = {each.name: each for each in dmn_inputs.inputs([added, read("triage")], "triage")}

    assert (found["signs"].kind, found["signs"].values) == ("list", ("fuga",))
    assert found["reason"].values == ("consulenza",)
    assert found["note"].label == "Perché chiama (note)"
    assert next(iter(found)) == "danger"
