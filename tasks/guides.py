"""Guides: short notes for colleagues, from `workflows/guides`, each with its source, version and the day to look again.

They hold nothing of a person and change with the files; what a person reads herself are leaflets (`tasks/leaflets.py`).
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from core import clock
from core.errors import NotYours

FOLDER = Path(__file__).parents[1] / "workflows" / "guides"
FENCE = "+++\n"


@dataclass(frozen=True, slots=True)
class Guide:
    """One note: what it is called, where it stands in law, how sure it is, when somebody read it last."""

    key: str
    name: str
    name_en: str
    source: str
    certainty: str
    version: int
    reviewed_on: date
    review_by: date
    text: str

    @property
    def is_old(self) -> bool:
        """Should somebody have looked at it again by now?"""
        return self.review_by < clock.today()


@cache
def known() -> Mapping[str, Guide]:
    """Every note by its key, in the order of their names."""
    found = [_read(path) for path in FOLDER.glob("*.md")]
    return {guide.key: guide for guide in sorted(found, key=lambda guide: guide.name)}


def get(key: str) -> Guide:
    """One note; NotYours if there is none of that name."""
    if key not in known():
        raise NotYours
    return known()[key]


def search(words: str) -> list[Guide]:
    """The notes in which every word stands, in name, text or source; all of them without words."""
    wanted = words.casefold().split()
    return [each for each in known().values() if all(word in _all_of(each) for word in wanted)]


def _all_of(guide: Guide) -> str:
    return f"{guide.name} {guide.name_en} {guide.source} {guide.text}".casefold()


def _read(path: Path) -> Guide:
    _, head, text = path.read_text(encoding="utf-8").split(FENCE, 2)
    return Guide(key=path.stem, text=text.strip(), **tomllib.loads(head))
