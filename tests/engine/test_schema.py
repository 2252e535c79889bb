"""What every other program expects of our files: that they follow the schemas of the OMG."""

from pathlib import Path

import pytest

from engine import schema
from tests.engine.draw import draw, user

WORKFLOWS = Path(__file__).parents[2] / "workflows"
SHIPPED = sorted([*WORKFLOWS.glob("bpmn/*.bpmn"), *WORKFLOWS.glob("dmn/*.dmn")])
EVIL = Path(__file__).parents[1] / "evil"


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_every_shipped_file_follows_its_official_schema(path: Path) -> None:
    assert schema.check(path.read_bytes()) == []


def test_an_element_in_the_wrong_place_is_named_with_its_line_and_forbids_nothing() -> None:
    wrong = draw("s>a>e", user("a", "<flowNodeRef>e</flowNodeRef>"))
    found = schema.check(wrong)

    assert [each.level for each in found] == ["warning"]
    assert found[0].element == "a"
    assert "BPMN 2.0" in found[0].text
    assert "flowNodeRef" in found[0].text
    assert "{http" not in found[0].text


def test_a_table_of_another_shape_is_named_too() -> None:
    table = (WORKFLOWS / "dmn" / "risk.dmn").read_bytes()

    assert schema.check(table.replace(b'hitPolicy="FIRST"', b'hitPolicy="SOMETIMES"'))[0].params["schema"] == "DMN 1.3"


def test_a_version_of_dmn_without_a_schema_at_hand_is_not_judged() -> None:
    table = (WORKFLOWS / "dmn" / "risk.dmn").read_bytes()

    assert schema.check(table.replace(b"spec/DMN/20191111/MODEL", b"spec/DMN/20230324/MODEL")) == []


@pytest.mark.parametrize("name", ["xxe-http", "billion-laughs", "schema-location", "not-xml"])
def test_a_hostile_file_fetches_nothing(name: str) -> None:
    data = (EVIL / f"{name}.bpmn").read_bytes()

    assert schema.check(data) == []
