"""Leaflets as people meet them: which texts there are, in which languages, how they look on a page, what has changed.

A text is plain: `# ` its title, `## ` a part, `- ` a line of a list, else paragraphs. A line that begins with `@ `
names laws or the kind of service: it is left out of the neutral print, which a person may be found with.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from cases import leaflets
from cases.access import Actor
from cases.leaflets import Leaflet
from core.errors import NotYours
from core.users import Membership, User
from notifications import notices
from tasks.pdf import Block

FOLDER = Path(__file__).parents[1] / "workflows" / "leaflets"
# Italian and the eleven languages asked for most (docs/coverage.md, S0-26); the others are added by writing them.
LANGUAGES = ("it", "en", "pcm", "fr", "es", "pt", "ro", "sq", "ar", "bn", "ur", "zh")
RIGHT_TO_LEFT = frozenset({"ar", "fa", "ps", "ur"})
KINDS = {"# ": "title", "## ": "part", "- ": "list"}
MARK = re.compile(r"^(?:#+|-) ")
SENTENCE = re.compile(r"(?<=[.!?:])\s+|\n+")


@dataclass(frozen=True, slots=True)
class Kind:
    """A text that exists in several languages: what it is called and which law asks for it."""

    key: str
    name: str
    name_en: str
    source: str
    consent: bool
    rights: bool


@dataclass(frozen=True, slots=True)
class Change:
    """One difference to the version before: what stood there, what stands there now; one of them may be empty."""

    old: str
    new: str


@cache
def known() -> Mapping[str, Kind]:
    """Every text by its key, in the order of their names."""
    found = [_read(path) for path in FOLDER.glob("*/leaflet.toml")]
    return {kind.key: kind for kind in sorted(found, key=lambda kind: kind.name)}


def find(key: str, language: str) -> Kind:
    """The text, if there is one of this key and the language is one of ours."""
    if key not in known() or language not in LANGUAGES:
        raise NotYours
    return known()[key]


def load(db: Session, *, by: str) -> list[Leaflet]:
    """Bring in what the shipped files say newly; twice changes nothing, and what was written here stays."""
    files = ((path.parent.name, path.stem, path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*/*.md")))
    made = [leaflets.bring_in(db, key, language, text, by=by) for key, language, text in files]
    return [leaflet for leaflet in made if leaflet is not None]


def write(db: Session, actor: Actor, key: str, language: str, text: str) -> Leaflet:
    """Write the next version, and tell the mediators that it waits for one of them who knows the language."""
    leaflet = leaflets.write(db, actor, key, language, text)
    may_sign = select(Membership.user_id).where(Membership.role == "cultural_mediator")
    for user in db.scalars(select(User).where(User.active, User.id.in_(may_sign)).order_by(User.id)):
        if user.id != actor.user_id:
            notices.tell(db, f"{leaflet.name}-{user.id}", user.id, "leaflet_written", by=actor.user_id)
    return leaflet


def to_read(db: Session, purpose: str) -> list[Leaflet]:
    """The versions that a form may name as read: of the texts on consent, or of those on rights."""
    keys = [key for key, kind in known().items() if getattr(kind, purpose)]
    return leaflets.all_of(db, keys)


def blocks(text: str, *, neutral: bool = False) -> list[Block]:
    """A text as pieces of a page, without the lines that tell what it is about if it must be neutral."""
    lines = [line for line in text.split("\n") if not (neutral and line.startswith("@ "))]
    found: list[Block] = []
    open_ = False
    for line in (line.removeprefix("@ ") for line in lines):
        kind = next((kind for mark, kind in KINDS.items() if line.startswith(mark)), "text")
        words = line if kind == "text" else line.partition(" ")[2]
        if not words.strip():
            open_ = False
        elif open_ and found[-1].kind == kind and kind in ("list", "text"):
            found[-1] = Block(kind, [*found[-1].lines, words])
        else:
            found.append(Block(kind, [words]))
            open_ = True
    return found


def changes(old: str, new: str) -> list[Change]:
    """What the newer of two versions says otherwise, sentence by sentence."""
    before, after = _sentences(old), _sentences(new)
    steps = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    return [
        Change(_said(before[a:b]), _said(after[c:d])) for step, a, b, c, d in steps if step != "equal"
    ]  # fmt: skip


def by_language(found: Iterable[Leaflet]) -> dict[str, list[Leaflet]]:
    """Versions by language, the newest first, a place for every language of ours."""
    places: dict[str, list[Leaflet]] = {language: [] for language in LANGUAGES}
    for leaflet in found:
        places.setdefault(leaflet.language, []).append(leaflet)
    return places


def _sentences(text: str) -> Sequence[str]:
    return [part for part in SENTENCE.split(text) if part]


def _said(sentences: Sequence[str]) -> str:
    return " ".join(MARK.sub("", sentence) for sentence in sentences)


def _read(path: Path) -> Kind:
    told = tomllib.loads(path.read_text(encoding="utf-8"))
    consent, rights = told.get("consent", False), told.get("rights", False)
    return Kind(path.parent.name, told["name"], told["name_en"], told["source"], consent, rights)
