"""The pictures of the manual that a story takes on its way: `make manual` keeps them, every run takes them."""

import os
from pathlib import Path

from playwright.sync_api import Page

MANUAL = Path(__file__).parents[2] / "docs" / "manual"
KEPT = os.environ.get("APPRODO_MANUAL") == "1"
# What tests/web/test_browser_workshop_story.py takes.
WORKSHOP = tuple(
    f"workshop-{name}"
    for name in (
        "findings", "drawing", "steps", "try", "rehearsal", "draft", "difference",
        "confirm", "plan", "moves", "people", "undone", "mapping", "table", "form", "import", "stuck",
    )
)  # fmt: skip


class Pictures:
    """Where the pictures of one story go; only names of `WORKSHOP` are taken."""

    def __init__(self, folder: Path) -> None:
        self.folder = MANUAL / "img" if KEPT else folder

    def take(self, page: Page, name: str) -> None:
        """Keep what the window shows now."""
        assert name in WORKSHOP, name
        page.wait_for_load_state("load")
        page.screenshot(path=self.folder / f"{name}.png", full_page=False)
