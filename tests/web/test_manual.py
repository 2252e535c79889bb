"""The manual's pictures, taken where a caseworker would stand. `make manual` keeps them; every run takes them."""

import re

import pytest

import core.db
from core import clock
from tasks import beats
from tasks.beats import Beat
from tests.web.pictures import KEPT, MANUAL, WORKSHOP
from tests.web.screen import Screen

PHONE, DESK = 320, 1280
# Picture, who sits there, which page, how wide the window is.
SHOTS = (
    ("inbox", "carla", "/inbox", DESK),
    ("task-320", "carla", "/inbox/{task_id}", PHONE),
    ("call", "anna", "/contacts/new/call", DESK),
    ("rota", "ines", "/rota?week=2026-08-17", DESK),
    ("outing-320", "ugo", "/outings/{outing}", PHONE),
    ("desk", "carla", "/desk", DESK),
    ("agenda", "carla", "/agenda", DESK),
    ("case", "carla", "/cases/{case}", DESK),
    ("search", "carla", "/search?purpose=apertura", DESK),
)


@pytest.mark.browser
@pytest.mark.parametrize(("name", "login", "path", "width"), SHOTS, ids=[shot[0] for shot in SHOTS])
def test_a_picture_of_the_manual_can_be_taken(screen, prepared, tmp_path, name, login, path, width):
    with core.db.transaction() as db:  # the clock runs, as in an office
        db.add_all(Beat(name=job, at=clock.now(), fired=0, failed=0) for job in beats.CLOCKS)
    desk: Screen = screen(login, viewport={"width": width, "height": 800}, reduced_motion="reduce")
    page = desk.open(path.format(**prepared.places))
    target = (MANUAL / "img" if KEPT else tmp_path) / f"{name}.png"
    page.screenshot(path=target, full_page=False)

    assert page.locator("h1").is_visible()
    assert target.stat().st_size > 5_000


def test_every_picture_in_the_manual_is_there_and_is_taken_by_a_test():
    named = {name for text in MANUAL.glob("*.md") for name in re.findall(r"\(img/([\w-]+)\.png\)", text.read_text())}
    taken = {shot[0] for shot in SHOTS} | set(WORKSHOP)

    assert named == taken
    assert {picture.stem for picture in (MANUAL / "img").glob("*.png")} == taken
