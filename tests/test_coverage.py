"""What docs/coverage.md names is there, and every id stands in it once."""

import re
from collections.abc import Iterator
from pathlib import Path

from cases import codes

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "docs" / "coverage.md").read_text()
ASKED = {"S0": 31, "S1": 33, "S2": 20, "S3": 27, "S4": 32}
FILES = {"bpmn": ".bpmn", "dmn": ".dmn", "forms": ".json", "letters": ".md"}


def rows() -> Iterator[list[str]]:
    for line in TEXT.splitlines():
        if re.match(r"\| [SF]\d", line):
            yield [cell.strip() for cell in line.strip("|").split("|")]


def test_every_id_has_one_line_with_an_answer():
    seeds = [f"{seed}-{number:02}" for seed, many in ASKED.items() for number in range(1, many + 1)]
    assert [row[0] for row in rows()] == [*seeds, *(f"F{number:02}" for number in range(1, 23))]
    assert all(re.fullmatch(r"done|(partly|not yet): .+", row[3]) for row in rows())


def test_what_is_named_is_there():
    pages = set(re.findall(r"^(?:GET|POST) (\S+):", (ROOT / "tests" / "access_matrix.yaml").read_text(), re.MULTILINE))
    for name in re.findall(r"`([^`]+)`", " ".join(row[2] for row in rows())):
        kind = name.partition("/")[0]
        if not kind:
            assert name in pages, name
        elif kind in FILES:
            assert (ROOT / "workflows" / f"{name}{FILES[kind]}").is_file(), name


def test_every_test_and_every_code_list_that_is_named_is_there():
    for name in re.findall(r"`(tests/[^`]+)`", TEXT):
        assert (ROOT / name).is_file(), name
    for name in re.findall(r"code lists? `(\w+)`", TEXT):
        assert name in codes.LISTS, name


def test_every_pathway_and_every_table_is_named():
    folders = [ROOT / "workflows" / kind for kind in ("bpmn", "dmn")]
    shipped = {f"{folder.name}/{file.stem}" for folder in folders for file in folder.iterdir()}
    assert shipped - set(re.findall(r"`([^`]+)`", TEXT)) == set()


def test_every_test_that_the_pages_of_the_desk_and_the_workshop_name_is_there():
    there = "".join(file.read_text() for file in (ROOT / "tests").rglob("test_*.py"))
    for page in ("desk", "workshop"):
        named = re.findall(r"`(test_\w+)`", (ROOT / "docs" / f"{page}.md").read_text())

        assert len(named) > 40, page
        assert [name for name in named if f"def {name}(" not in there] == []
