"""PDF: a text set on pages by Typst (ADR 14), tagged for screen readers (PDF/UA-1), fonts inside, the same bytes.

The text is data to the layout `workflows/paper.typ`: nothing in it is a command, so nothing is fetched and no file is
read. The document carries no author, no date and no name of a machine, and its title says nothing. Nothing is kept:
whoever asks gets it made anew.
"""

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson
import typst

from core.errors import N_, WrongOrder

LAYOUT = Path(__file__).parents[1] / "workflows" / "paper.typ"
LARGEST = 2 * 1024 * 1024
LONGEST = 200_000
TYPE = "application/pdf"
UNKNOWN_SIGN = re.compile(r"the text `\"(.{1,20}?)\"` could not be displayed")
NO_SIGN = N_(
    "Nel testo c'è un segno che il PDF non sa scrivere: «%(sign)s». Usa la stampa del browser, oppure scrivilo in "
    "lettere latine."
)
TOO_LONG = N_("Il testo è troppo lungo per un PDF: usa la stampa del browser.")


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of a page: a title, the title of a part, a list, or lines of plain text."""

    kind: str
    lines: Sequence[str]


def plain(text: str) -> list[Block]:
    """A letter: paragraphs between empty lines, every line where it was written."""
    parts = re.split(r"\n\s*\n", text.replace("\r\n", "\n").strip())
    return [Block("text", [line.strip() for line in part.strip("\n").split("\n")]) for part in parts]


def write(title: str, language: str, blocks: Sequence[Block]) -> bytes:
    """The PDF of some blocks. WrongOrder with a sentence if it cannot be set: too long, or a sign that no font has."""
    told = orjson.dumps({"title": title, "lang": language, "blocks": [asdict(block) for block in blocks]}).decode()
    if len(told) > LONGEST:
        raise WrongOrder(TOO_LONG)
    try:
        made = typst.compile(
            LAYOUT, root=LAYOUT.parent, sys_inputs={"told": told}, ignore_system_fonts=True, pdf_standards="ua-1"
        )
    except typst.TypstError as problem:
        sign = UNKNOWN_SIGN.search(problem.message)
        if sign is None:
            raise
        raise WrongOrder(NO_SIGN, sign=sign[1]) from None
    if len(made) > LARGEST:
        raise WrongOrder(TOO_LONG)
    return bytes(made)
