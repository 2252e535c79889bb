"""The browser files that the build made: names from its manifest, addresses with a hash."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from flask import url_for

DIST = Path(__file__).parent / "static" / "dist"


@cache
def _manifest(folder: Path) -> dict[str, Any]:
    """Read once per process; without a build the pages still work, only plain."""
    path = folder / "manifest.json"
    return dict(json.loads(path.read_text())) if path.exists() else {}


def _address(name: str) -> str:
    return url_for("static", filename=f"dist/{name}")


def bundle(name: str) -> dict[str, Any]:
    """The script, style sheet and preloads of a bundle, as addresses."""
    entry = _manifest(DIST).get(name, {})
    return {
        "js": _address(entry["js"]) if entry.get("js") else None,
        "css": _address(entry["css"]) if entry.get("css") else None,
        "preload": [_address(file) for file in entry.get("preload", [])],
    }


def fonts() -> list[str]:
    """The font files that every page shows at once."""
    return [_address(file) for file in _manifest(DIST).get("fonts", [])]


def icons() -> str | None:
    """The file of the drawn icons, or None before the first build."""
    entry = _manifest(DIST).get("icons")
    return _address(entry["svg"]) if entry else None
