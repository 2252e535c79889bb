"""A drawing for a file that has none: every element, nothing upon anything, each in its lane; valid, and nothing else changed."""

from pathlib import Path

import pytest
from lxml import etree

from engine import layout, schema
from engine.editing import Editor
from engine.placing import DI
from tests.engine.test_editing import PROTECTION, SHIPPED, errors
from tests.engine.test_editing_making import sound

FOREIGN = sorted((Path(__file__).parents[1] / "exchange" / "files").glob("*.bpmn"))


def bare(data: bytes) -> bytes:
    root = etree.fromstring(data)
    for diagram in root.findall(f"{DI}BPMNDiagram"):
        root.remove(diagram)
    return etree.tostring(root)


@pytest.mark.parametrize("path", [*SHIPPED, *FOREIGN], ids=lambda path: path.stem)
def test_a_file_without_a_drawing_gets_one_that_can_be_read(path):
    data = bare(path.read_bytes())
    drawn = layout.drawn(data)

    assert len(schema.check(drawn)) <= len(schema.check(data))
    assert etree.tostring(etree.fromstring(bare(drawn)), method="c14n") == etree.tostring(etree.fromstring(data), method="c14n")
    assert layout.drawn(drawn) == drawn
    if errors(data) == []:
        sound(drawn, data)


def test_what_nobody_could_read_is_not_drawn():
    assert layout.drawn(PROTECTION) == PROTECTION
    steps = "".join(f'<userTask id="t{number}"/>' for number in range(1_001))
    deep = "<subProcess>" * 40 + '<userTask id="t"/>' + "</subProcess>" * 40
    for inside in (steps, deep, ""):
        data = f'<definitions xmlns="{Editor(PROTECTION).root.nsmap["bpmn"]}"><process id="p">{inside}</process></definitions>'.encode()
        assert layout.drawn(data) == data
