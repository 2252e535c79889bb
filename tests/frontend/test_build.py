"""What the build leaves in web/static/dist: small, licensed, readable."""

import gzip
import json
import re
from itertools import product
from pathlib import Path
from typing import Any

from tests.frontend.conftest import DIST

FRONTEND = Path(__file__).parents[2] / "frontend"
TOKENS = (FRONTEND / "src" / "css" / "tokens.css").read_text()
PAIRS = {name: pair for name, *pair in re.findall(r"--([a-z-]+): light-dark\((#\w{6}), (#\w{6})\)", TOKENS)}
GROUNDS = ("ground", "paper", "sunk")
STATES = ("ok", "warn", "danger", "info")


def test_the_bundles_of_a_page_without_diagram_leave_room_in_120_kb(manifest: dict[str, Any]):
    files = [manifest["site"]["js"], manifest["site"]["css"], manifest["icons"]["svg"]]

    packed = sum(len(gzip.compress((DIST / file).read_bytes())) for file in files)
    fonts = sum((DIST / file).stat().st_size for file in manifest["fonts"])

    assert packed + fonts < 60_000


def test_caseworkers_load_nothing_of_the_editors(manifest: dict[str, Any]):
    assert manifest["site"]["preload"] == []
    drawn = {file for file in _files(manifest["viewer"]) if file.endswith(".js")}
    assert drawn.isdisjoint(file for name in ("modeler", "dmn-modeler", "form-editor") for file in _files(manifest[name]))
    assert sum(len(gzip.compress((DIST / file).read_bytes())) for file in drawn) < 70_000


def test_an_editor_is_fetched_in_a_second_on_an_office_line(manifest: dict[str, Any]):
    """Ten megabits a second, packed: what a coordinator waits for the first time."""
    for name in ("modeler", "dmn-modeler", "form-editor"):
        files = [file for file in _files(manifest[name]) if file]
        assert sum(len(gzip.compress((DIST / file).read_bytes())) for file in files) < 600_000, name


def test_the_manifest_names_files_that_exist_and_no_file_is_stale(manifest: dict[str, Any]):
    named = {file for entry in manifest.values() if isinstance(entry, dict) for file in _files(entry)}

    top_level = {path.name for path in DIST.iterdir() if path.is_file()}
    reached, left = set[str](), set(named)
    while left:  # what a page loads only when it needs it is named by the file that asks for it
        reached.add(file := left.pop())
        text = (DIST / file).read_text() if file.endswith(".js") else ""
        left |= {each for each in top_level if each in text} - reached
    assert top_level - {"manifest.json", "NOTICES.txt", ".made-from"} == reached
    assert all((DIST / font).exists() for font in manifest["fonts"])


def _files(entry: dict[str, Any]) -> list[str]:
    return [file for value in entry.values() for file in (value if isinstance(value, list) else [value]) if file]


def test_the_notices_carry_the_licence_of_what_pages_load():
    notices = (DIST / "NOTICES.txt").read_text()

    for text in ("bpmn-js 18.31.1", "dmn-js 17.10.2", "@bpmn-io/form-js-editor 1.23.0", "@bpmn-io/semver-compat", "diagram-js ", "bootstrap-italia 2.18.3 (BSD-3-Clause)", "SIL OPEN FONT LICENSE"):
        assert text in notices
    assert "displaying the bpmn.io project watermark" in notices.lower()


def test_the_npm_lock_names_no_registry_and_pins_every_package():
    lock = json.loads((FRONTEND / "package-lock.json").read_text())

    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert not [name for name, entry in packages.items() if "resolved" in entry]
    assert not [name for name, entry in packages.items() if "integrity" not in entry]
    wanted = lock["packages"][""]
    assert not [v for v in {**wanted["dependencies"], **wanted["devDependencies"]}.values() if not v[0].isdigit()]


def test_every_text_reaches_the_contrast_of_wcag_aa_in_light_and_dark():
    texts = [*product(("ink", "soft", "accent", *STATES), GROUNDS), ("on-accent", "accent")]
    texts += [(text, f"{state}-ground") for state in STATES for text in (state, "ink")]

    weak = [
        (text, ground, round(contrast(PAIRS[text][theme], PAIRS[ground][theme]), 2))
        for theme in (0, 1)
        for text, ground in texts
        if contrast(PAIRS[text][theme], PAIRS[ground][theme]) < 4.5
    ]

    assert weak == []


def test_the_border_of_a_control_stands_out_from_its_ground():
    for theme, ground in product((0, 1), GROUNDS):
        assert contrast(PAIRS["edge"][theme], PAIRS[ground][theme]) >= 3


def contrast(one: str, other: str) -> float:
    """The contrast ratio of WCAG 2.2, 1.4.3."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_every_icon_a_page_names_is_in_the_sprite(manifest: dict[str, Any]):
    sprite = (DIST / manifest["icons"]["svg"]).read_text()
    web = FRONTEND.parent / "web"
    pages = "".join(path.read_text() for path in (web / "templates").rglob("*.html"))

    places = re.findall(r'Place\("[^"]+", N_\("[^"]+"\), "([a-z-]+)"', (web / "layout.py").read_text())
    named = {*re.findall(r"icon\('([a-z-]+)'\)", pages), *places}
    assert places
    assert not [name for name in named if f'id="it-{name}"' not in sprite]
